//! Explains `target.vault-deleted`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding, Word};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, id: &ResourceId, deleted: &ResourceId, since: Option<&str>) -> Finding {
    let at = since.map(|at| format!(" at {at}")).unwrap_or_default();
    let message = format!("vault `{}` was deleted{at}; it can still be recovered", id.name());
    let mut finding = ctx.finding(id, message);
    let here = |az: Command| {
        let az = az.option("--name", id.name());
        let az = match location(deleted) {
            Some(location) => az.option("--location", location),
            None => az,
        };
        match id.subscription() {
            Some(subscription) => az.option("--subscription", subscription),
            None => az,
        }
    };
    let principal = ctx.diagnosis.principal.as_ref().and_then(|p| p.principal_id.as_ref());
    let principal = principal.map_or(Word::from("OBJECT_ID"), remedy::shown);
    let role = remedy::least_role(ctx).1;
    finding.fixes = vec![remedy::by_hand(
        "recover the vault, then recreate its role assignments, which are not recovered",
        [here(Command::new("az keyvault recover")), remedy::assign_role(id, principal, role)],
    )];
    finding.confirm = Some(Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: here(Command::new("az keyvault show-deleted")).and("--query properties").line(),
        expect: "`deletionDate`, and `scheduledPurgeDate`: the vault can be recovered until then".to_owned(),
    });
    finding
}

/// The region in `…/locations/{region}/deletedVaults/{name}`.
fn location(deleted: &ResourceId) -> Option<&str> {
    let mut segments = deleted.segments();
    segments.find(|segment| segment.eq_ignore_ascii_case("locations"))?;
    segments.next()
}
