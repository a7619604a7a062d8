//! Explains `identity.id-kind-mismatch`.

use crate::base::ObjectId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding, Safety};
use crate::path::Principal;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, given: &ObjectId, is: &str, intended: &Principal) -> Finding {
    if ctx.case.path.is_package() {
        return of_package(ctx, given, is, intended);
    }
    let message = format!("`{given}` is {is}; a client id is expected");
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let name = intended.resource.name();
    let show =
        Command::new("az identity show").option("--ids", &intended.resource).and("--query clientId --output tsv");
    let title = match (intended.is_system_assigned(), &intended.client_id) {
        (true, _) => "remove the client id: the system-assigned identity is the default".to_owned(),
        (false, Some(id)) => format!("use `{id}`, the client id of identity `{name}`"),
        (false, None) => format!("use the client id of identity `{name}`; the command shows it"),
    };
    finding.fixes = match ctx.remedies().select(ctx, remedy::Selected::of(intended)) {
        Some(change) => vec![change.fix(title, Safety::Safe)],
        None => vec![remedy::by_hand(title, [show.clone()])],
    };
    let (command, expect) = match intended.is_system_assigned() {
        true => {
            (ctx.remedies().show_own_principal(&intended.resource), format!("`{given}`, which is set as the client id"))
        }
        false => (show, format!("a client id other than `{given}`")),
    };
    finding.confirm =
        Some(Confirmation { run_from: "a shell with the Azure CLI".to_owned(), command: command.line(), expect });
    finding
}

/// Builds the finding for the package's identity setting, which expects a resource id.
fn of_package(ctx: &Context<'_, '_>, given: &ObjectId, is: &str, intended: &Principal) -> Finding {
    let message = format!("`{given}` is {is}; a resource id is expected");
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let title = format!("use the resource id of identity `{}`", intended.resource.name());
    let change = remedy::select_for_package(ctx, &intended.resource);
    finding.fixes = change.map(|change| change.fix(title, Safety::Safe)).into_iter().collect();
    finding.confirm = Some(remedy::app_identity(ctx, "an identity whose resource id differs from the setting"));
    finding
}
