//! `latent.refresh-failed`: the last refresh failed, or none came for a day.

use jiff::Timestamp;

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Evidence, Finding, Probe, Severity};
use crate::path::LastRefresh;

declare_check! {
    /// ## What it means
    ///
    /// API Management fetches a secret again every four hours, App Service a certificate of an app within 24 hours. The
    /// last time it failed, or none came for a day, so what is in use may be out of date. A failed fetch is taken to
    /// leave the last good copy in use. The same is said where the vault holds a newer certificate for longer than that
    /// and the old one is still in use. Where every gate passes, what is behind it was not collected, and the path is
    /// unknown unless the grant or the object is younger than the failure. A reference of an app is fetched again within
    /// 24 hours too: an app that still holds another version than the vault's current one after that has not fetched,
    /// although its status may be `Resolved`. A bad status of a reference has findings of its own
    /// (`latent.next-fetch-fails`,
    /// `platform.service-side`).
    ///
    /// ## What you will see
    ///
    /// Calls go on working with the old value. `lastStatus` of a named value or certificate, or `certificateStatus` of
    /// a host name, or `keyVaultSecretStatus` of an app's certificate, is not a success. `activeVersion` of a reference
    /// is not the vault's current version.
    ///
    /// ## When this check stays quiet
    ///
    /// The last refresh succeeded within a day, or the reference names a version, which is never fetched again.
    pub(crate) static CHECK = {
        code: "latent.refresh-failed",
        summary: "the last refresh failed, or none came for a day",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/configure-ssl-certificate",
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, renewed: Option<Timestamp>) -> Finding {
    let label = &ctx.case.path.label;
    let message = match (&ctx.case.path.last, renewed) {
        (_, Some(since)) => {
            format!("the vault has a newer certificate for `{label}` since {since}, which was not fetched")
        }
        (Some(last), None) => refreshed(ctx, last),
        (None, None) => format!("the newer certificate of `{label}` in the vault was not fetched"),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    if let Some(last) = ctx.case.path.last.as_ref().filter(|last| !last.succeeded) {
        finding.evidence.push(Evidence::at("the last status is recorded here", last.locator.clone()));
    }
    if let Some((fix, probe)) = ctx.remedies().refresh_failed(ctx) {
        finding.fixes.push(fix);
        finding.confirm = Some(probe);
    }
    finding
}

/// The same for a reference of an app that holds another version than the vault's current one.
pub(crate) fn explain_version(ctx: &Context<'_, '_>, active: &str, current: &str, since: Timestamp) -> Finding {
    let label = &ctx.case.path.label;
    let message = format!(
        "`{label}` still holds version `{active}`; the vault's current version is `{current}` since {since}, and a \
         reference is fetched again within 24 hours"
    );
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    let stopped = remedy::app(ctx).is_some_and(|app| app.properties.is_stopped());
    finding.fixes = remedy::fetch_again(ctx, stopped);
    finding.confirm = Some(Probe {
        run_from: "your own shell, with the right to read the app".to_owned(),
        command: Command::rest("get", ctx.declared_in().as_str(), remedy::WEB)
            .and("--query properties.activeVersion")
            .line(),
        expect: format!("`{active}`"),
    });
    finding
}

fn refreshed(ctx: &Context<'_, '_>, last: &LastRefresh) -> String {
    let label = &ctx.case.path.label;
    let at = last.at.map(|at| format!(" at {at}")).unwrap_or_default();
    match last.succeeded {
        true => {
            let every = ctx.case.path.caller_kind().facts().fetches_every.words;
            format!("`{label}` was last fetched{at}; a refresh is due every {every}")
        }
        false => format!("the last refresh of `{label}` failed{at}"),
    }
}
