//! Fixes that several checks propose: commands, template changes, and patches.
//!
//! Commands follow <https://learn.microsoft.com/cli/azure/reference-index> and the sources of azure-cli 2.91 (read
//! 2026-11-21), built by [`Command`]. What only the reader knows is in CAPITALS. Snippets of Terraform and Bicep say in
//! a comment which resource they belong to.

mod app;
mod caller;
mod firewall;
mod grant;
mod network;
mod recovery;
mod refer;

use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Confirmation, Edit, Fix, Line, Patch, Safety, Word};
use crate::knowledge::subservice::Subservice;
use crate::model::Modelled;

pub(super) use crate::check::words::app_in_words;

pub(super) use app::{
    WEB, allow_keys, app, app_identity, bicep_type, delete_settings, fetch_again, of_app, origin_network,
    reference_status, resolves_from_app, route_into_subnet, select_for_package, set_setting, setting, without_key,
};
pub(super) use caller::{
    Selected, back_up_with_identity, correct_client_id, correct_container, correct_script, give_role, list_backups,
    remedies, rename_backup, rename_container, repeat_backup, script_place, set_audience, take_over_key, use_key_in,
    write_host_names_once,
};
pub(super) use firewall::{
    add_service_endpoint, let_subnet_in, open_for_caller, private_endpoint, trust_account, trust_as_well,
    trust_if_covered, trust_services,
};
pub(super) use grant::{
    assign_role, grant, grant_caller, grant_certificate_too, grant_role_at, grants_of_caller, least_role, policy_entry,
    set_policy,
};
pub(super) use network::{let_through, network_checks, unblock};
pub(super) use recovery::{
    BACKUP, back_up_now, recovery_vault, reset_disks, resume_protection, set_policy_of, shows_item, shows_machine,
    stop_protection, undelete,
};
pub(super) use refer::refer;

/// The version of API Management's part of Resource Manager that commands call.
pub(super) const APIM: &str = "2024-05-01";

/// One change as commands, a patch, and the property in a template.
#[derive(Default)]
pub(super) struct Change {
    az: Vec<Line>,
    powershell: Vec<Line>,
    edits: Vec<Edit>,
    bicep: Option<String>,
    terraform: Option<String>,
}

impl Change {
    /// A change that is one command.
    pub(super) fn of(az: Command, edits: impl IntoIterator<Item = Edit>) -> Self {
        Self::lines([az.line()], edits)
    }

    /// A change that is several lines.
    pub(super) fn lines(az: impl IntoIterator<Item = Line>, edits: impl IntoIterator<Item = Edit>) -> Self {
        Self { az: az.into_iter().collect(), edits: edits.into_iter().collect(), ..Self::default() }
    }

    /// A change that is one command of PowerShell.
    pub(super) fn powershell(command: Command, edits: impl IntoIterator<Item = Edit>) -> Self {
        Self { powershell: vec![command.line()], ..Self::edits(edits) }
    }

    /// A change without a command of its own.
    pub(super) fn edits(edits: impl IntoIterator<Item = Edit>) -> Self {
        Self { edits: edits.into_iter().collect(), ..Self::default() }
    }

    /// Whether it changes nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.az.is_empty() && self.powershell.is_empty() && self.edits.is_empty()
    }

    /// How Bicep says it, as whole resources.
    pub(super) fn bicep(mut self, text: impl Into<String>) -> Self {
        self.bicep = Some(text.into());
        self
    }

    /// How Bicep says it, inside of a resource of this type.
    pub(super) fn bicep_in(self, kind: &str, text: impl AsRef<str>) -> Self {
        self.bicep(format!("// in {kind}\n{}", text.as_ref()))
    }

    /// How Terraform says it, as whole resources.
    pub(super) fn terraform(mut self, text: impl Into<String>) -> Self {
        self.terraform = Some(text.into());
        self
    }

    /// How Terraform says it, inside of a resource of this type.
    pub(super) fn terraform_in(self, kind: &str, text: impl AsRef<str>) -> Self {
        self.terraform(format!("# in {kind}\n{}", text.as_ref()))
    }

    /// How both say which identities a resource has.
    pub(super) fn identity(self, bicep_type: &str, terraform_type: &str, kind: &str, attached: &[&str]) -> Self {
        if attached.is_empty() {
            let block = format!("identity {{\n  type = {}\n}}", hcl(kind));
            return self
                .bicep_in(bicep_type, format!("identity: {{ type: {} }}", bicep(kind)))
                .terraform_in(terraform_type, block);
        }
        let map: String = attached.iter().map(|id| format!("    {}: {{}}\n", bicep(id))).collect();
        let list = attached.iter().map(|id| hcl(id)).collect::<Vec<_>>().join(", ");
        self.bicep_in(
            bicep_type,
            format!("identity: {{\n  type: {}\n  userAssignedIdentities: {{\n{map}  }}\n}}", bicep(kind)),
        )
        .terraform_in(
            terraform_type,
            format!("identity {{\n  type         = {}\n  identity_ids = [{list}]\n}}", hcl(kind)),
        )
    }

    /// This change, and then others.
    pub(super) fn and(mut self, other: Option<Change>) -> Self {
        let Some(other) = other else { return self };
        self.az.extend(other.az);
        self.powershell.extend(other.powershell);
        self.edits.extend(other.edits);
        self.bicep = joined(self.bicep, other.bicep);
        self.terraform = joined(self.terraform, other.terraform);
        self
    }

    /// The change as a fix.
    pub(super) fn fix(self, title: impl Into<String>, safety: Safety) -> Fix {
        Fix {
            title: title.into(),
            safety,
            patch: Patch::of(self.edits).filter(|patch| !patch.edits.is_empty()),
            az: self.az,
            powershell: self.powershell,
            bicep: self.bicep,
            terraform: self.terraform,
        }
    }
}

fn joined(a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(format!("{a}\n{b}")),
        (a, b) => a.or(b),
    }
}

/// A fix that a person has to work out: words, no patch.
pub(super) fn by_hand(title: impl Into<String>, az: impl IntoIterator<Item = Command>) -> Fix {
    let az = az.into_iter().map(Command::line).collect();
    Fix {
        title: title.into(),
        safety: Safety::Manual,
        patch: None,
        az,
        powershell: Vec::new(),
        bicep: None,
        terraform: None,
    }
}

/// The object id of the caller's system-assigned identity, for the commands that follow and use it.
pub(super) fn principal_id_of(ctx: &Context<'_, '_>) -> Command {
    ctx.remedies().show_own_principal(&ctx.case.path.resource).into_variable(PRINCIPAL_ID)
}

/// The variable that [`principal_id_of`] sets.
const PRINCIPAL_ID: &str = "PRINCIPAL_ID";

/// An id to type; that of an identity that is not there yet comes from the line before.
pub(super) fn shown(principal: &ObjectId) -> Word<'_> {
    match principal.is_symbol() {
        true => Word::Variable(PRINCIPAL_ID),
        false => Word::from(principal),
    }
}

/// How to see in the target's log who called, from where, and what it answered.
/// Sources: <https://learn.microsoft.com/azure/key-vault/general/logging> (read 2026-11-21) and
/// <https://learn.microsoft.com/azure/azure-monitor/reference/tables/storagebloblogs> (read 2026-11-22).
pub(super) fn audit_log(ctx: &Context<'_, '_>, expect: impl Into<String>) -> Confirmation {
    let vault = ctx.vault_name();
    /// The query of a storage account's log.
    macro_rules! of_account {
        ($table:literal) => {
            concat!(
                $table,
                " | where AccountName =~ {} | project TimeGenerated, CallerIpAddress, StatusCode, StatusText"
            )
        };
    }
    let of_account = match ctx.subservice() {
        Subservice::Vault => None,
        Subservice::Blob => Some(of_account!("StorageBlobLogs")),
        Subservice::File => Some(of_account!("StorageFileLogs")),
        Subservice::Queue => Some(of_account!("StorageQueueLogs")),
        Subservice::Table => Some(of_account!("StorageTableLogs")),
    };
    let Some(of_account) = of_account else {
        // A diagnostic setting writes to one of two tables, and an empty answer from the other proves nothing.
        let both = Line::kql(
            "union isfuzzy=true (AzureDiagnostics | where ResourceProvider == 'MICROSOFT.KEYVAULT' and Resource =~ {} \
             | project TimeGenerated, OperationName, CallerIp = CallerIPAddress, Result = ResultSignature), \
             (AZKVAuditLogs | where _ResourceId endswith {} | project TimeGenerated, OperationName, CallerIp = \
             CallerIpAddress, Result = ResultSignature) | where OperationName == 'SecretGet'",
            &[&vault, &format!("/vaults/{}", vault.to_ascii_lowercase())],
        );
        return Confirmation {
            run_from: "Log Analytics, where the vault sends its AuditEvent logs".to_owned(),
            command: both,
            expect: expect.into(),
        };
    };
    Confirmation {
        run_from: "Log Analytics, where the storage account sends its resource logs".to_owned(),
        command: Line::kql(of_account, &[&vault]),
        expect: expect.into().replace("`Forbidden`", "status 403"),
    }
}

/// Whether a resource of this type was read, so that a patch can change it.
pub(super) fn was_read<P: Modelled>(ctx: &Context<'_, '_>, id: &ResourceId) -> bool {
    ctx.case.estate.get::<P>(id).known().is_some()
}

/// The vault's name for a command; a placeholder where the text that should name it names no vault.
pub(super) fn vault_word(ctx: &Context<'_, '_>) -> String {
    match ctx.store() {
        Some(store) => store.name().to_owned(),
        None => vault_name_or_placeholder(&ctx.vault_name()),
    }
}

/// A name that a vault can have, or `VAULT`.
pub(super) fn vault_name_or_placeholder(name: &str) -> String {
    let can = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if can { name.to_owned() } else { "VAULT".to_owned() }
}

/// The object's name for a command; a placeholder where it is not known or no name of an object.
pub(super) fn object_word(ctx: &Context<'_, '_>) -> String {
    let name = ctx.diagnosis.reference.as_ref().map_or("", |reference| reference.name.as_str());
    if name.chars().any(char::is_alphanumeric) { name.to_owned() } else { "NAME".to_owned() }
}
