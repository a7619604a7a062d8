//! `identity.replaced`: the grant names an identity that no longer exists.

use crate::check::remedy::{self, Change};
use crate::check::{Context, caller, declare_check};
use crate::finding::{Command, Edit, Finding, Probe, Safety, Severity};
use crate::model::authorization::RoleAssignment;
use crate::path::Form;
use crate::path::reason::OtherGrant;

declare_check! {
    /// ## What it means
    ///
    /// There is a grant that would do, and it names a principal that Microsoft Entra ID does not know any more. A
    /// managed identity that is turned off and on again, or deleted and made again, gets a new principal id. Grants go
    /// by that id and not by the name, so the old ones stay behind and the new identity has none.
    ///
    /// ## What you will see
    ///
    /// `Failed to access KeyVault Secret … Check if Managed Identity of Type: … has GET permissions on secrets in the
    /// KeyVault Access Policies.` A Key Vault reference of an app shows `AccessToKeyVaultDenied`. The portal shows the
    /// old grant as *Identity not found* or *Unknown*.
    ///
    /// ## When this check stays quiet
    ///
    /// The directory was not asked about the principals in the grants, or did not answer: nothing proves that one is
    /// gone. Then the missing grant is `authorization.no-grant`.
    pub(crate) static CHECK = {
        code: "identity.replaced",
        summary: "the grant names an identity that no longer exists",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, gone: &OtherGrant) -> Finding {
    let message = format!(
        "the grant on {} `{}` names `{}`, {}; {} has none",
        ctx.noun(),
        ctx.vault_name(),
        gone.granted,
        gone.is,
        caller(ctx)
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let principal = ctx.diagnosis.principal.as_ref().and_then(|p| p.principal_id.as_ref());
    if let Some(grant) = principal.and_then(|id| remedy::grant(ctx, id)) {
        let title = match ctx.case.path.form {
            Form::Storage => format!("give {} the role, and remove the old grant", caller(ctx)),
            _ => format!("let {} read the object, and remove the old grant", caller(ctx)),
        };
        finding.fixes = vec![grant.and(Some(remove(ctx, gone))).fix(title, Safety::Safe)];
    }
    finding.confirm = Some(Probe {
        run_from: "a shell that may read the directory".to_owned(),
        command: Command::new("az ad sp show")
            .option("--id", &gone.granted)
            .and("--query displayName --output tsv")
            .line(),
        expect: "that the resource does not exist".to_owned(),
    });
    finding
}

/// Takes the old grant away. An access policy is taken out of the list; a role assignment is left out of the
/// simulation, because it lets nobody in.
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
