//! `latent.version-pinned`: the reference names a version, so rotation is never picked up.

use crate::check::{Context, declare_check};
use crate::finding::{Finding, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The identifier names a version of the secret. Exactly that one is fetched, so a renewed certificate or a rotated
    /// secret is never picked up. Without a version API Management follows within four hours, and an app within 24
    /// hours.
    ///
    /// ## What you will see
    ///
    /// Nothing, until the pinned version ends or stops being accepted. Rotation in the vault seems to have no effect.
    /// Only where the certificate in use has ended and the vault has a newer one is this an error: clients are refused
    /// then.
    ///
    /// ## When this check stays quiet
    ///
    /// The identifier names no version.
    pub(crate) static CHECK = {
        code: "latent.version-pinned",
        summary: "the reference names a version, so rotation is never picked up",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, version: &str, newer: Option<&str>) -> Finding {
    let message = match newer {
        None => format!("`{}` names version `{version}`; a new version is never fetched", ctx.case.path.label),
        Some(newer) => format!("`{}` names version `{version}`, and the vault has {newer}", ctx.case.path.label),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    finding.leads = newer.is_some();
    if let Some(reference) = &ctx.diagnosis.reference {
        let url = format!("https://{}/{}/{}", reference.host, reference.kind, reference.name);
        let change = ctx.remedies().set_identifier(ctx, &url);
        finding.fixes.push(change.fix("leave the version out of the identifier", Safety::Review));
    }
    finding
}
