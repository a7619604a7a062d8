//! `authorization.shared-key-disabled`: the storage account refuses its own keys.

use crate::check::reference::connection_shadowed;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Finding, Probe, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The connection string signs requests with a key of the storage account, and the account has `allowSharedKeyAccess` off:
    /// it takes tokens of Microsoft Entra only. The host's own storage (`AzureWebJobsStorage`) can use an identity instead. The
    /// content share cannot: Azure Files takes no managed identity there, so a Consumption or Elastic Premium plan needs keys.
    ///
    /// ## What you will see
    ///
    /// `KeyBasedAuthenticationNotPermitted`: `Key based authentication is not permitted on this storage account.` A deployment
    /// answers `403`, the app `500` or `503`.
    ///
    /// ## When this check stays quiet
    ///
    /// The connection uses an identity, or the setting was not read.
    pub(crate) static CHECK = {
        code: "authorization.shared-key-disabled",
        summary: "the storage account refuses its own keys",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent",
            "https://learn.microsoft.com/azure/azure-functions/functions-reference",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (account, label) = (ctx.vault_name(), ctx.case.path.connection());
    let message = format!("`{label}` signs with a key, and storage account `{account}` accepts none");
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    // A leftover that hides the settings of an identity is removed, not repaired.
    let leftover = ctx.case.path.shadow.as_deref().and_then(|shadow| connection_shadowed::remove(ctx, shadow));
    let without_key = remedy::without_key(ctx).filter(|_| leftover.is_none());
    finding.fixes = leftover.into_iter().chain(without_key).chain(remedy::allow_keys(ctx)).collect();
    finding.confirm = ctx.store().map(|store| Probe {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az storage account show").named(store.id()).and("--query allowSharedKeyAccess").line(),
        expect: "`false`".to_owned(),
    });
    finding
}
