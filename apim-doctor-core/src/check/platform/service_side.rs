//! `platform.service-side`: the status is bad although nothing is wrong in what was read.

use crate::base::Verdict;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The path is open as far as it was read, and the reference's status says otherwise. A status is what the last
    /// fetch found, and fetches are rare: once in 24 hours, or when a setting changes. After a repair it stays as it
    /// was until then; a restart alone does not reliably fetch again.
    ///
    /// A stopped app loses its status after some days. Why is not documented. Two explanations are told: that what it
    /// was given ages while it is stopped, or that a stopped app has no worker and so no way through its network, which
    /// leaves the public route that the vault refuses. The second fits the documented order of attempts; the vault's
    /// log tells: it shows a public address and no second attempt. While the status is bad, a deployment that reads or
    /// changes the settings may fail, although the configuration is right.
    ///
    /// ## What you will see
    ///
    /// `AccessToKeyVaultDenied`: `Key Vault reference was not able to be resolved because site was denied access to Key
    /// Vault reference's vault.` A deployment of a stopped app: `GET …/config/logs` answers `500` with
    /// `"Code":"InternalServerError"`.
    ///
    /// ## When this check stays quiet
    ///
    /// A gate fails: then that is the cause, and the status agrees with it.
    pub(crate) static CHECK = {
        code: "platform.service-side",
        summary: "the status is bad although nothing is wrong in what was read",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
            "https://github.com/Azure/azure-functions-host/issues/10899",
            "https://github.com/Azure/azure-functions-host/issues/11188",
            "https://github.com/Azure/Azure-Functions/issues/1855",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, status: &str, stopped: bool) -> Finding {
    let label = &ctx.case.path.label;
    let message = match (stopped, ctx.cause.verdict) {
        (true, Verdict::Unknown) => {
            format!("the app is stopped, so the status `{status}` of `{label}` may be no evidence of a fault")
        }
        (true, _) => format!("the app is stopped, and the status `{status}` of `{label}` is no evidence of a fault"),
        (false, Verdict::Unknown) => {
            format!("nothing that was seen explains the status `{status}` of `{label}`: it may be an old one")
        }
        (false, _) => format!("the status `{status}` of `{label}` is older than what was read: fetch it again"),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
    finding.fixes = remedy::fetch_again(ctx, stopped);
    finding.confirm = Some(match stopped {
        true => remedy::audit_log(ctx, "`Forbidden` from a public address, and no success from a private one"),
        false => remedy::audit_log(ctx, "no attempt of the app since the last repair"),
    });
    finding
}
