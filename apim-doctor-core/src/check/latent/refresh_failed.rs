//! Explains `latent.refresh-failed`.

use jiff::Timestamp;

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Evidence, Finding};
use crate::path::LastRefresh;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, renewed: Option<Timestamp>) -> Finding {
    let label = &ctx.case.path.label;
    let message = match (&ctx.case.path.last, renewed) {
        (_, Some(since)) => {
            format!("the vault has had a newer certificate for `{label}` since {since}, but it was not fetched")
        }
        (Some(last), None) => refreshed(ctx, last),
        (None, None) => format!("the vault has a newer certificate for `{label}`, but it was not fetched"),
    };
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    if let Some(last) = ctx.case.path.last.as_ref().filter(|last| !last.succeeded) {
        finding.evidence.push(Evidence::at("the last status is recorded here", last.locator.clone()));
    }
    if let Some((fix, probe)) = ctx.remedies().refresh_failed(ctx) {
        finding.fixes.push(fix);
        finding.confirm = Some(probe);
    }
    finding
}

/// Builds the finding for an app reference whose version is not the vault's current one.
pub(crate) fn explain_version(ctx: &Context<'_, '_>, active: &str, current: &str, since: Timestamp) -> Finding {
    let label = &ctx.case.path.label;
    let message = format!(
        "`{label}` still uses version `{active}`, although the vault has had version `{current}` since {since} and \
         App Service refreshes references within 24 hours"
    );
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let stopped = remedy::app(ctx).is_some_and(|app| app.properties.is_stopped());
    finding.fixes = remedy::fetch_again(ctx, stopped);
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read the app".to_owned(),
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
