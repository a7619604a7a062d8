//! `target.vault-deleted`: the vault is deleted and waits in soft-delete.

use crate::base::ResourceId;
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Finding, Probe, Severity, Word};

declare_check! {
    /// ## What it means
    ///
    /// The vault was deleted. It is kept for the retention period (7 to 90 days, 90 unless somebody chose otherwise)
    /// and can be recovered with everything in it; until then nothing can be read from it, and its name cannot be used
    /// again. Role assignments on the vault are deleted with it and do not come back: make them again after the
    /// recovery.
    ///
    /// ## What you will see
    ///
    /// The next refresh fails; a Key Vault reference of an app shows a bad status, and which one is not documented. The
    /// name still resolves, because the DNS record stays for the whole retention period, so this does not look like a
    /// wrong name. A new vault of the same name is refused with `VaultAlreadyExists`.
    ///
    /// ## When this check stays quiet
    ///
    /// The list of deleted vaults was not read, or the vault was purged: then it is only known that the vault was not
    /// seen, and the gate is unknown.
    pub(crate) static CHECK = {
        code: "target.vault-deleted",
        summary: "the vault is deleted and waits in soft-delete",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
            "https://learn.microsoft.com/azure/key-vault/general/common-error-codes",
            "https://learn.microsoft.com/azure/api-management/configure-custom-domain",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, id: &ResourceId, deleted: &ResourceId, since: Option<&str>) -> Finding {
    let at = since.map(|at| format!(" at {at}")).unwrap_or_default();
    let message = format!("vault `{}` was deleted{at}; it can still be recovered", id.name());
    let mut finding = ctx.finding(&CHECK, id, message);
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
        "recover the vault, then make its role assignments again: they are not recovered",
        [here(Command::new("az keyvault recover")), remedy::assign_role(id, principal, role)],
    )];
    finding.confirm = Some(Probe {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: here(Command::new("az keyvault show-deleted")).and("--query properties").line(),
        expect: "`deletionDate`, and `scheduledPurgeDate` until which the vault can be recovered".to_owned(),
    });
    finding
}

/// The region in `…/locations/{region}/deletedVaults/{name}`.
fn location(deleted: &ResourceId) -> Option<&str> {
    let mut segments = deleted.segments();
    segments.find(|segment| segment.eq_ignore_ascii_case("locations"))?;
    segments.next()
}
