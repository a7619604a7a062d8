//! `authorization.propagation-delay`: the role was assigned minutes ago.

use crate::check::{Context, caller, declare_check, remedy};
use crate::eval::rbac::Held;
use crate::finding::{Finding, Probe, Severity};
use crate::path::Form;

declare_check! {
    /// ## What it means
    ///
    /// The role that lets the identity read was assigned less than ten minutes before the recording. Azure may not have
    /// spread it yet. A deployment that assigns the role and uses it in one go meets this.
    ///
    /// ## What you will see
    ///
    /// `Caller is not authorized to perform action on resource. If role assignments, deny assignments or role
    /// definitions were changed recently, please observe propagation time.`, which API Management turns into its text
    /// about GET permissions, and an app into `AccessToKeyVaultDenied`.
    ///
    /// ## When this check stays quiet
    ///
    /// An older role assignment is enough, or the vault uses access policies.
    pub(crate) static CHECK = {
        code: "authorization.propagation-delay",
        summary: "the role was assigned minutes ago",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held) -> Finding {
    let message = format!(
        "`{}` was assigned to {} less than ten minutes before, and may not be effective yet",
        held.role,
        caller(ctx)
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let again = remedy::refresh(ctx);
    let title = match (ctx.case.path.form, ctx.is_app()) {
        (Form::Storage, _) => "wait ten minutes, then restart the app",
        (_, true) => "wait ten minutes, then let App Service fetch the secret again",
        (_, false) => "wait ten minutes, then let API Management fetch the secret again",
    };
    finding.fixes.push(remedy::by_hand(title, again));
    finding.confirm = remedy::grants_of_caller(ctx).map(|probe| Probe {
        expect: "the role is listed; its `createdOn` is less than ten minutes ago".to_owned(),
        ..probe
    });
    finding
}
