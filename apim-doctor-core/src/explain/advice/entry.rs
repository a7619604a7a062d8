//! The parts of an advice entry, and those that several entries share.

use crate::explain::advice::command::{
    Command, Subject, app_get, app_post, challenge, connect, endpoint, instance_post, lookup, network, role, site,
    storage, vault, vault_log,
};
use crate::explain::situation::Model;
use crate::finding::Code;

/// What to do about a cause.
#[derive(Debug)]
pub(super) struct Advice {
    /// The cause.
    pub code: Code,
    /// What repairs it, in one line that holds for every caller and target.
    pub title: &'static str,
    /// Ways to find out, the quickest first.
    pub confirm: &'static [Confirm],
    /// What repairs it; the first one that fits is printed.
    pub fixes: &'static [Fix],
}

/// One command that confirms a cause. It changes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confirm {
    /// Where to run it.
    pub from: &'static str,
    /// The command.
    pub command: Command,
    /// What it shows if the cause is right.
    pub expect: &'static str,
    /// The permission model under which it says something; `Unknown`: under both.
    pub model: Model,
    /// Whether it also shows the vault's permission model.
    pub tells_model: bool,
}

/// One way to repair a cause.
#[derive(Debug)]
pub(super) struct Fix {
    /// The caller or target that it is for.
    pub of: Subject,
    /// What to do; empty: the title of the advice.
    pub title: &'static str,
    /// Azure CLI, if commands do it.
    pub lines: &'static [Line],
}

/// One line of a fix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// When to run it; empty: always.
    pub label: &'static str,
    /// The command.
    pub command: Command,
    /// The permission model that it is for; `Unknown`: both.
    pub model: Model,
}

pub(super) const SHELL: &str = "your own shell";
const GRAPH: &str = "your own shell, with permission to read the directory (Microsoft Graph)";
const NETWORK: &str = "a machine in the caller's network";
const LIST: &str = "your own shell, with permission to list {kind}s and an address that the firewall allows";
const LOG: &str = "your own shell, with an extension (needs: az extension add --name log-analytics); the vault has to send \
                   its AuditEvent logs to the workspace";

const fn confirm(from: &'static str, command: Command, expect: &'static str) -> Confirm {
    Confirm { from, command, expect, model: Model::Unknown, tells_model: false }
}

/// From the reader's own shell.
pub(super) const fn own(command: Command, expect: &'static str) -> Confirm {
    confirm(SHELL, command, expect)
}

/// The same, for those who may read the directory.
pub(super) const fn graph(command: Command, expect: &'static str) -> Confirm {
    confirm(GRAPH, command, expect)
}

/// From the caller's network.
pub(super) const fn inside(command: Command, expect: &'static str) -> Confirm {
    confirm(NETWORK, command, expect)
}

/// For those who may list the objects of the vault.
pub(super) const fn listing(command: Command, expect: &'static str) -> Confirm {
    confirm(LIST, command, expect)
}

/// Where a vault writes a log.
pub(super) const fn logged(expect: &'static str) -> Confirm {
    confirm(LOG, AUDIT_LOG, expect)
}

/// The vault's permission model and firewall.
pub(super) const fn settings(expect: &'static str) -> Confirm {
    let command = vault(
        "show --name {vault} --query \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
         network:networkAcls}\"",
    );
    Confirm { tells_model: true, ..own(command, expect) }
}

/// The vault's permission model, which decides between two repairs.
pub(super) const MODEL: Confirm = Confirm {
    tells_model: true,
    ..own(
        vault("show --name {vault} --query properties.enableRbacAuthorization"),
        "`true`: the vault uses role assignments; `false` or no value: access policies",
    )
};

impl Confirm {
    /// From somewhere else.
    pub(super) const fn from(self, from: &'static str) -> Self {
        Self { from, ..self }
    }

    /// It says something only under this permission model.
    pub(super) const fn under(self, model: Model) -> Self {
        Self { model, ..self }
    }
}

impl Fix {
    /// For every caller and target.
    pub(super) const fn any(lines: &'static [Line]) -> Self {
        Self::of(Subject::Anything, "", lines)
    }

    /// For one caller or target.
    pub(super) const fn of(of: Subject, title: &'static str, lines: &'static [Line]) -> Self {
        Self { of, title, lines }
    }
}

impl Line {
    /// It is run in some case.
    pub(super) const fn labelled(self, label: &'static str) -> Self {
        Self { label, ..self }
    }
}

/// A command that is always run.
pub(super) const fn run(command: Command) -> Line {
    Line { label: "", command, model: Model::Unknown }
}

/// A command that is run in some case.
pub(super) const fn when(label: &'static str, command: Command) -> Line {
    run(command).labelled(label)
}

/// A command for vaults with role assignments, and for every other target.
pub(super) const fn under_roles(command: Command) -> Line {
    Line { label: "", command, model: Model::Roles }
}

/// A command for vaults with access policies.
pub(super) const fn under_policies(command: Command) -> Line {
    Line { label: "", command, model: Model::Policies }
}

/// Assigns the caller the role that the operation needs.
pub(super) const ASSIGN: Command = role("assignment create {principal} --role \"{role}\" --scope {scope}");

/// Gives the caller the access policy that the operation needs.
pub(super) const SET_POLICY: Command = vault("set-policy --name {vault} --object-id {objectId} {permissions}");

/// Gives the caller access, in the way that the vault uses.
pub(super) const GRANT: &[Line] = &[under_roles(ASSIGN), under_policies(SET_POLICY)];

/// The roles of the caller on the target, with those that it inherits.
pub(super) const ROLES: Command = role(
    "assignment list --assignee {objectId} --scope {scope} --include-inherited --query \"[].{role:roleDefinitionName, \
     scope:scope}\"",
);

/// The caller's permissions in the vault's access policies.
pub(super) const POLICIES: Command =
    vault("show --name {vault} --query \"properties.accessPolicies[?objectId=='{objectId}'].permissions\"");

/// The vault's log, in both tables that a diagnostic setting can write to.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault-reference> (read 2026-11-29).
const AUDIT_LOG: Command = vault_log(
    "--analytics-query \"union isfuzzy=true (AzureDiagnostics | where ResourceProvider == 'MICROSOFT.KEYVAULT' and \
     Resource =~ '{vault}' | project TimeGenerated, OperationName, CallerIp = CallerIPAddress, Result = ResultSignature), \
     (AZKVAuditLogs | where _ResourceId endswith '/vaults/{vault}' | project TimeGenerated, OperationName, CallerIp = \
     CallerIpAddress, Result = ResultSignature) | where TimeGenerated > ago(1d)\"",
);

/// The object of a name, with its state.
pub(super) const OBJECT: Command = vault(
    "{kind} list --vault-name {vault} --query \"[?name=='{object}'].{enabled:attributes.enabled, type:contentType}\"",
);

/// The address that the target's name resolves to.
pub(super) const LOOKUP: Command = lookup("{host}");

/// Whether a connection to the target succeeds.
pub(super) const CONNECT: Command = connect("");

/// The tenant and the audience that the vault expects.
pub(super) const CHALLENGE: Command = challenge("");

/// What App Service says about each Key Vault reference of an app.
pub(super) const REFERENCES: Command = app_get(
    "/config/configreferences/appsettings?api-version=2022-03-01\" --query \"value[].{name:name, \
     status:properties.status, details:properties.details}\"",
);

/// Has App Service fetch the references of an app again.
pub(super) const REFRESH_REFERENCES: Command =
    app_post("/config/configreferences/appsettings/refresh?api-version=2022-03-01\"");

/// Has API Management fetch the secret of a named value again.
pub(super) const REFRESH_NAMED_VALUE: Command =
    instance_post("/namedValues/NAME/refreshSecret?api-version=2024-05-01\"");

/// The identities of an app, and the one that reads its references.
pub(super) const APP_IDENTITIES: Command = site(
    "--query \"{type:identity.type, attached:identity.userAssignedIdentities, \
     references:properties.keyVaultReferenceIdentity}\"",
);

/// The storage account's firewall, and whether it accepts keys.
pub(super) const ACCOUNT: Command = storage(
    "account show --name {account} --query \"{public:publicNetworkAccess, network:networkRuleSet, \
     keys:allowSharedKeyAccess}\"",
);

/// Creates a private endpoint for the target.
pub(super) const CREATE_ENDPOINT: Command = endpoint(
    "create --name ENDPOINT --resource-group RESOURCE_GROUP --subnet SUBNET_ID --private-connection-resource-id {id} \
     --group-id {group} --connection-name ENDPOINT",
);

/// Has the endpoint write its record into the private zone.
pub(super) const CREATE_ZONE_GROUP: Command = endpoint(
    "dns-zone-group create --endpoint-name ENDPOINT --resource-group RESOURCE_GROUP --name default --zone-name {group} \
     --private-dns-zone ZONE_ID",
);

/// Turns the target's service endpoint on.
pub(super) const ADD_SERVICE_ENDPOINT: Command =
    network("subnet update --ids SUBNET_ID --add serviceEndpoints service={endpoint}");
