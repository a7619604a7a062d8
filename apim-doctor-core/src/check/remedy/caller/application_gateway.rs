//! An application gateway: its certificates and its identity.
//!
//! Sources: <https://learn.microsoft.com/cli/azure/resource> and
//! <https://learn.microsoft.com/azure/application-gateway/application-gateway-key-vault-common-errors> (read 2026-11-29).

use serde_json::json;

use super::{Remedies, Selected};
use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::{Change, assign_role, by_hand, grant, least_role, open_for_caller};
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Code, Command, Confirmation, Edit, Fix, Safety};
use crate::model::managed_identity::UserAssignedIdentity;
use crate::path::{AccessPath, Principal};

const BICEP: &str = "Microsoft.Network/applicationGateways";
const TERRAFORM: &str = "azurerm_application_gateway";

/// An application gateway.
pub(super) struct ApplicationGateway;

impl Remedies for ApplicationGateway {
    fn set_identifier(&self, ctx: &Context<'_, '_>, identifier: &str) -> Change {
        let path = ctx.case.path;
        let is_root = path.declared_at.pointer.contains("/trustedRootCertificates/");
        let (list, block) = match is_root {
            false => ("sslCertificates", "ssl_certificate"),
            true => ("trustedRootCertificates", "trusted_root_certificate"),
        };
        // `/properties/sslCertificates/0/properties/keyVaultSecretId`, as a path of azure-cli.
        let mut steps = path.declared_at.pointer.split('/').skip(3);
        let at = steps.next().unwrap_or_default();
        let az = update(&path.resource)
            .option("--set", format!("properties.{list}[{at}].properties.keyVaultSecretId={identifier}"));
        Change::of(az, [Edit::set(&path.resource, path.declared_at.pointer.clone(), identifier)])
            .bicep_in(
                BICEP,
                format!(
                    "{list}: [\n  // and the existing ones\n  {{ name: {}, properties: {{ keyVaultSecretId: {} }} \
                     }}\n]",
                    bicep(&path.label),
                    bicep(identifier)
                ),
            )
            .terraform_in(
                TERRAFORM,
                format!(
                    "{block} {{\n  name                = {}\n  key_vault_secret_id = {}\n}}",
                    hcl(&path.label),
                    hcl(identifier)
                ),
            )
    }

    /// No certificate selects an identity.
    fn select(&self, _ctx: &Context<'_, '_>, _identity: Selected<'_>) -> Option<Change> {
        None
    }

    /// A system-assigned identity is not supported for this: an identity of its own is attached. One that may read the
    /// vault already comes first.
    fn enable(&self, ctx: &Context<'_, '_>) -> Option<Fix> {
        let all = ctx.case.estate.all::<UserAssignedIdentity>();
        let ready = all.into_iter().find_map(|identity| {
            let own = &identity.properties;
            let may = ctx.store().is_some() && grant(ctx, own.principal_id.as_ref()?).is_none();
            let ids = json!({ "principalId": own.principal_id.as_ref()?.as_str(), "clientId": own.client_id.as_ref()?.as_str() });
            may.then_some((&identity.id, ids))
        });
        let gateway = &ctx.case.path.resource;
        if let Some((id, ids)) = ready {
            let entry = json!({ id.as_str(): ids });
            let edits = [
                Edit::set(gateway, "/identity/type", "UserAssigned"),
                Edit::set(gateway, "/identity/userAssignedIdentities", entry),
            ];
            let title = format!("attach identity `{}`, which already has access to the vault", id.name());
            return Some(self.attach(ctx, id, "UserAssigned", &[id.as_str()], edits)?.fix(title, Safety::Review));
        }
        let vault = ctx.vault_or_instance();
        Some(by_hand(
            "create a user-assigned identity, attach it to the gateway, and give it read access to the vault",
            [
                Command::new("az identity create --name IDENTITY --resource-group GROUP"),
                assign(gateway, "IDENTITY_ID"),
                assign_role(&vault, "PRINCIPAL_ID", least_role(ctx).1),
            ],
        ))
    }

    fn use_system_assigned(&self, _ctx: &Context<'_, '_>) -> Option<Fix> {
        None
    }

    fn open_firewall(&self, ctx: &Context<'_, '_>) -> Vec<Fix> {
        open_for_caller(ctx)
    }

    fn attach(
        &self,
        ctx: &Context<'_, '_>,
        identity: &ResourceId,
        kind: &str,
        attached: &[&str],
        edits: [Edit; 2],
    ) -> Option<Change> {
        let az = assign(&ctx.case.path.resource, identity.as_str());
        Some(Change::of(az, edits).identity(BICEP, TERRAFORM, kind, attached))
    }

    fn show_own_principal(&self, caller: &ResourceId) -> Command {
        show(caller)
    }

    fn own_principal_in_templates(&self, _ctx: &Context<'_, '_>) -> (String, String) {
        ("principalId".to_owned(), "var.principal_id".to_owned())
    }

    fn show_attached(&self, ctx: &Context<'_, '_>) -> Command {
        show(&ctx.case.path.resource)
    }

    fn shows_not_enabled(&self, ctx: &Context<'_, '_>) -> Confirmation {
        Confirmation {
            run_from: "a shell with the Azure CLI".to_owned(),
            command: show(&ctx.case.path.resource).line(),
            expect: "no value, or no `userAssignedIdentities`".to_owned(),
        }
    }

    /// Any change of the gateway is documented to fetch again, and an empty one not to.
    fn fetch(&self, _ctx: &Context<'_, '_>) -> Option<Command> {
        None
    }

    fn fetch_after_repair(&self, _ctx: &Context<'_, '_>) -> Option<Command> {
        None
    }

    fn refresh_failed(&self, _ctx: &Context<'_, '_>) -> Option<(Fix, Confirmation)> {
        None
    }

    fn resolves(&self, _ctx: &Context<'_, '_>, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn connects(&self, _ctx: &Context<'_, '_>, _to: &str, _port: u16, _expect: &str) -> Option<Confirmation> {
        None
    }

    fn signs_in(&self, _ctx: &Context<'_, '_>) -> Option<Confirmation> {
        None
    }

    fn ask_azure_dns(&self, _ctx: &Context<'_, '_>, _configured: &[String]) -> Option<Change> {
        Some(Change::default())
    }

    /// The code that the gateway logs every four hours, and shows in Advisor.
    fn symptom(&self, code: Code, _path: &AccessPath, _principal: Option<&Principal>) -> Option<String> {
        let logged = match (code.gate(), code) {
            (_, Code::ObjectDisabled) => "SecretDisabled",
            (_, Code::ObjectMissing) => "SecretDeletedFromKeyVault",
            (_, Code::TargetVaultDeleted) => "KeyVaultSoftDeleted",
            ("authorization", _) => "UserAssignedIdentityDoesNotHaveGetPermissionOnKeyVault",
            ("firewall", _) => "KeyVaultHasRestrictedAccess",
            _ => return None,
        };
        Some(logged.to_owned())
    }
}

/// Reads the gateway, changes it and writes it as a whole: its own PATCH changes tags only.
fn update(gateway: &ResourceId) -> Command {
    Command::new("az resource update").option("--ids", gateway).and("--api-version 2024-05-01")
}

fn assign(gateway: &ResourceId, identity: &str) -> Command {
    let identity = json!({ "type": "UserAssigned", "userAssignedIdentities": { identity: {} } });
    update(gateway).option("--set", format!("identity={identity}"))
}

fn show(gateway: &ResourceId) -> Command {
    Command::new("az resource show").option("--ids", gateway).and("--query identity")
}
