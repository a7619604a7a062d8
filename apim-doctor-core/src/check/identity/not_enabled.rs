//! Explains `identity.not-enabled`.

use crate::check::context::Context;
use crate::eval::firewall::Settings;
use crate::eval::store::Store;
use crate::finding::Finding;

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

/// Fixes that select an attached user-assigned identity; they work only while the vault firewall is off.
fn select_attached(ctx: &Context<'_, '_>) -> super::Attached {
    let open = ctx.vault().is_some_and(|vault| !Settings::of(Store::Vault(vault)).closed());
    if open { super::attached(ctx) } else { super::Attached { ready: Vec::new(), others: Vec::new() } }
}
