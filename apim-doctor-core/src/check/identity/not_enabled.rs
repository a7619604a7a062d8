//! Explains `identity.not-enabled`.

use serde_json::json;

use crate::check::context::Context;
use crate::check::remedy::{assign_role, by_hand};
use crate::eval::firewall::Settings;
use crate::eval::store::Store;
use crate::finding::{Command, Evidence, Finding};
use crate::path::reason::AutomationJob;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = match ctx.case.path.caller_kind().facts().has_system_assigned {
        true => "the system-assigned identity is selected, but not enabled".to_owned(),
        false => {
            format!("the {} has no user-assigned identity, which it needs to read the vault", ctx.case.path.caller())
        }
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    // An identity that already has access is preferred to a new one.
    let super::Attached { ready, others } = select_attached(ctx);
    finding.fixes = ready.into_iter().chain(ctx.remedies().enable(ctx)).chain(others).collect();
    finding.confirm = Some(ctx.remedies().shows_not_enabled(ctx));
    finding
}

/// Builds the finding for an Automation account whose runbook signs in with an identity.
pub(crate) fn explain_automation(ctx: &Context<'_, '_>, job: &AutomationJob) -> Finding {
    let (account, runbook) = (&job.account, &job.runbook);
    let message = format!(
        "Automation account `{}` has no managed identity, although runbook `{runbook}` signs in with one",
        account.name()
    );
    let mut finding = ctx.beside(account, message, Evidence::new("identity is absent", account, "/identity"));
    let enable =
        Command::rest("patch", account.as_str(), "2024-10-23").body(&json!({"identity": {"type": "SystemAssigned"}}));
    let assign = assign_role(&ctx.case.path.resource, "PRINCIPAL_ID", "API Management Service Operator Role");
    let title = "enable the Automation account's system-assigned identity, and assign it API Management Service Operator Role \
                 on the instance";
    finding.fixes = vec![by_hand(title, [enable, assign])];
    finding
}

/// Fixes that select an attached user-assigned identity; they work only while the vault firewall is off.
fn select_attached(ctx: &Context<'_, '_>) -> super::Attached {
    let open = ctx.vault().is_some_and(|vault| !Settings::of(Store::Vault(vault)).closed());
    if open { super::attached(ctx) } else { super::Attached { ready: Vec::new(), others: Vec::new() } }
}
