//! What a piece of advice holds.

use crate::finding::Code;

/// What to do about a cause.
#[derive(Debug)]
pub struct Advice {
    /// The cause.
    pub code: Code,
    /// Ways to find out, the quickest first.
    pub confirm: &'static [Probe],
    /// What repairs it, in one line.
    pub fix: &'static str,
    /// Azure CLI, if commands do it.
    pub az: &'static [&'static str],
}

/// One command that confirms a cause.
#[derive(Debug)]
pub struct Probe {
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
