//! Explains `identity.replaced`.

use crate::check::context::Context;
use crate::check::remedy::{self, Change};
use crate::check::words::caller;
use crate::finding::{Command, Confirmation, Edit, Finding, Safety};
use crate::model::authorization::RoleAssignment;
use crate::path::Form;
use crate::path::reason::OtherGrant;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, gone: &OtherGrant) -> Finding {
    let message = format!(
        "access to {} `{}` is granted to `{}`, {}; {} has no access",
        ctx.noun(),
        ctx.vault_name(),
        gone.granted,
        gone.is,
        caller(ctx)
    );
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let principal = ctx.diagnosis.principal.as_ref().and_then(|p| p.principal_id.as_ref());
    if let Some(grant) = principal.and_then(|id| remedy::grant(ctx, id)) {
        let title = match ctx.case.path.form {
            Form::Storage => format!("assign the role to {}, and remove the old grant", caller(ctx)),
            _ => format!("give {} read access to the object, and remove the old grant", caller(ctx)),
        };
        finding.fixes = vec![grant.and(Some(remove(ctx, gone))).fix(title, Safety::Safe)];
    }
    finding.confirm = Some(Confirmation {
        run_from: "a shell with permission to read the directory".to_owned(),
        command: Command::new("az ad sp show")
            .option("--id", &gone.granted)
            .and("--query displayName --output tsv")
            .line(),
        expect: "an error: the resource does not exist".to_owned(),
    });
    finding
}

/// Removes the old grant. The simulation removes an access policy from the list, but ignores a role assignment, which
/// grants nothing.
fn remove(ctx: &Context<'_, '_>, gone: &OtherGrant) -> Change {
    let (resource, pointer) = &gone.at;
    if ctx.case.estate.get::<RoleAssignment>(resource).known().is_some() {
        return Change::of(Command::new("az role assignment delete").option("--ids", resource), []);
    }
    let entry = pointer.trim_end_matches("/objectId");
    Change::of(
        Command::new("az keyvault delete-policy").named(&ctx.vault_or_instance()).option("--object-id", &gone.granted),
        [Edit::remove(resource, entry)],
    )
}
