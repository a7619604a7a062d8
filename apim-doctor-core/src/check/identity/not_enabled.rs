//! Explains `identity.not-enabled`.

use crate::base::ObjectId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::eval::firewall::Settings;
use crate::eval::store::Store;
use crate::finding::{Command, Finding, Fix, Probe, Safety};
use crate::path::Form;

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let message = "the system-assigned identity is used and is not enabled".to_owned();
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    // One that may read already is preferred to a new one.
    let super::Attached { ready, others } = select_attached(ctx);
    finding.fixes = ready.into_iter().chain(enable(ctx)).chain(others).collect();
    finding.confirm = Some(if remedy::app(ctx).is_some() {
        remedy::app_identity(ctx, "no system-assigned identity")
    } else {
        Probe {
            run_from: "a shell with the Azure CLI".to_owned(),
            command: Command::new("az apim show")
                .named(&ctx.case.path.resource)
                .and("--query identity.type --output tsv")
                .line(),
            expect: "nothing, `None` or `UserAssigned`: no system-assigned identity".to_owned(),
        }
    });
    finding
}

/// Enables the system-assigned identity, lets it read, and lets trusted services in.
fn enable(ctx: &Context<'_, '_>) -> Option<Fix> {
    if let Some(app) = remedy::app(ctx) {
        let principal = ObjectId::of_future_identity(&app.id);
        let change = remedy::enable_for_app(ctx, app).and(remedy::grant(ctx, &principal));
        let then = match ctx.case.path.form {
            Form::Storage => "give it the role",
            _ => "let it read the object",
        };
        let title = format!("enable the system-assigned identity of {}, and {then}", remedy::app_in_words(&app.id));
        return Some(change.fix(title, Safety::Review));
    }
    let instance = ctx.instance()?;
    let principal = ObjectId::of_future_identity(&instance.id);
    let grant = remedy::grant(ctx, &principal);
    let closed = ctx.vault().filter(|vault| Settings::of(Store::Vault(vault)).closed());
    let change = remedy::enable_system_assigned(ctx, instance).and(grant).and(closed.and_then(remedy::trust_services));
    Some(change.fix("enable the system-assigned identity, and let it read the object", Safety::Review))
}

/// Ways to select a user-assigned identity that is attached: they work while the vault's firewall is off.
fn select_attached(ctx: &Context<'_, '_>) -> super::Attached {
    let open = ctx.vault().is_some_and(|vault| !Settings::of(Store::Vault(vault)).closed());
    if open { super::attached(ctx) } else { super::Attached { ready: Vec::new(), others: Vec::new() } }
}
