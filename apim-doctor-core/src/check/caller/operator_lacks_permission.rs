//! Explains `caller.operator-lacks-permission`.

use crate::base::Verdict;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding, Safety};
use crate::model::backup::LIST_KEYS;
use crate::path::reason::Lacking;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, lacks: &Lacking) -> Finding {
    let Lacking { principal, action, scope } = lacks;
    let name = scope.name();
    let files = ctx.case.estate.world.deployed();
    let sender = files.and_then(|files| files.senders.values().find(|own| own.principal.as_ref() == Some(principal)));
    let caller = match sender.and_then(|own| own.resource.as_ref()) {
        Some(own) => format!("the identity with which `{}` calls", own.name()),
        None => format!("the caller `{principal}`"),
    };
    let message = match ctx.cause.verdict {
        Verdict::Pass => format!(
            "{caller} can start the operation on `{name}`, but has no role with `{action}`: the command ends \
             in `Forbidden`, and the blob is written"
        ),
        _ => format!(
            "{caller} has no role with `{action}` on `{name}`; a role of the instance's identity does not \
             help the caller"
        ),
    };
    let mut finding = ctx.finding(scope, message);
    let (guid, role) = match *action {
        LIST_KEYS => ("81a9662b-bebf-436f-a333-f67b29880f12", "Storage Account Key Operator Service Role"),
        _ => ("e022efe7-f5ba-4159-bbe4-b44f577e9b61", "API Management Service Operator Role"),
    };
    let by_identity = (*action == LIST_KEYS).then(|| remedy::back_up_with_identity(ctx)).flatten();
    let assign = remedy::give_role(scope, principal, guid, role);
    let title = format!("assign role `{role}` to {caller} on `{name}`");
    finding.fixes = by_identity.into_iter().chain([assign.fix(title, Safety::Review)]).collect();
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read role assignments".to_owned(),
        command: Command::new("az role assignment list")
            .option("--scope", scope)
            .and("--include-inherited --include-groups")
            .option("--assignee", principal)
            .line(),
        expect: format!("no role with `{action}`"),
    });
    finding
}
