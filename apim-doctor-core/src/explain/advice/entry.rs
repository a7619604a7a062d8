//! The parts of an advice entry.

use crate::finding::Code;

/// What to do about a cause.
#[derive(Debug)]
pub(crate) struct Advice {
    /// The cause.
    pub code: Code,
    /// Ways to find out, the quickest first.
    pub confirm: &'static [Confirmation],
    /// What repairs it, in one line.
    pub fix: &'static str,
    /// Azure CLI, if commands do it.
    pub az: &'static [&'static str],
}

/// One command that confirms a cause.
#[derive(Debug)]
pub(crate) struct Confirmation {
    /// Where to run it.
    pub run_from: &'static str,
    /// The command.
    pub command: &'static str,
    /// What it shows if the cause is right.
    pub expect: &'static str,
}

/// The vault's log, in both tables that a diagnostic setting can write to.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault-reference> (read 2026-11-29).
pub(super) const AUDIT_LOG: &str = "az monitor log-analytics query --workspace WORKSPACE_ID --analytics-query \"union isfuzzy=true \
                         (AzureDiagnostics | where ResourceProvider == 'MICROSOFT.KEYVAULT' and Resource =~ '{vault}' | \
                         project TimeGenerated, OperationName, CallerIp = CallerIPAddress, Result = ResultSignature), \
                         (AZKVAuditLogs | where _ResourceId endswith '/vaults/{vault}' | project TimeGenerated, \
                         OperationName, CallerIp = CallerIpAddress, Result = ResultSignature) | where OperationName == \
                         'SecretGet'\"";

/// The secret of a name, with its state.
pub(super) const SECRET: &str = "az keyvault secret list --vault-name {vault} --query \"[?name=='{object}'].{enabled:attributes.enabled, type:contentType}\"";

/// The address that a host name resolves to.
pub(super) const LOOKUP: &str = "nslookup {host}";

/// Whether a connection to a host succeeds.
pub(super) const CONNECT: &str = "curl --silent --show-error --max-time 10 --head https://{host}";

/// What App Service says about each Key Vault reference of an app.
pub(super) const REFERENCES: &str = "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/appsettings?api-version=2022-03-01\" --query \"value[].{name:name, status:properties.status, details:properties.details}\"";

/// The identities of an app, and the one that reads its references.
pub(super) const APP_IDENTITIES: &str = "az resource show --resource-type Microsoft.Web/sites --name APP --resource-group RESOURCE_GROUP --query \"{type:identity.type, attached:identity.userAssignedIdentities, references:properties.keyVaultReferenceIdentity}\"";

/// The roles of an identity on a target, with those that it inherits.
pub(super) const ROLE_ASSIGNMENTS: &str = "az role assignment list --assignee {objectId} --scope {scope} --include-inherited --query \"[].{role:roleDefinitionName, scope:scope}\"";

/// The vault's permission model and firewall.
pub(super) const VAULT_SETTINGS: &str = "az keyvault show --name {vault} --query \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, network:networkAcls}\"";

/// The storage account's firewall, and whether it accepts keys.
pub(super) const ACCOUNT_SETTINGS: &str = "az storage account show --name {account} --query \"{public:publicNetworkAccess, network:networkRuleSet, keys:allowSharedKeyAccess}\"";
