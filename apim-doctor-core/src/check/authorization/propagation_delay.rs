//! `authorization.propagation-delay`: the role was assigned or changed recently.

use crate::check::{Context, caller, declare_check, remedy};
use crate::eval::rbac::{Held, Wait};
use crate::finding::{Finding, Probe, Severity};
use crate::path::Form;

declare_check! {
    /// ## What it means
    ///
    /// The role that lets the identity read was assigned, or its condition changed, less than ten minutes before the
    /// recording. Azure may not have spread it yet. A deployment that assigns the role and uses it in one go meets this.
    ///
    /// At management-group scope data actions take longer: they "might not be updated for several hours". Microsoft gives
    /// no figure; such an assignment counts here once it is eight hours old. An assignment to a group counts once it is a
    /// day old: the tokens of a managed identity are kept that long.
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
        summary: "the role was assigned or changed recently and may not be effective yet",
        severity: Severity::Warning,
        read_on: "2026-11-29",
        sources: [
            "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
            "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, held: &Held, wait: Wait) -> Finding {
    let time = wait.words();
    let place = match wait {
        Wait::Hours => format!(" at management group `{}`", held.scope.name()),
        Wait::Day => " through a group".to_owned(),
        Wait::Minutes => String::new(),
    };
    let message = format!(
        "`{}` was assigned to {}{place} less than {time} before, and may not be effective yet",
        held.role,
        caller(ctx)
    );
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let title = match ctx.case.path.form {
        Form::Storage => format!("wait {time}, then restart the app"),
        Form::Setting | Form::Identifier => {
            format!("wait {time}, then let {} fetch the secret again", ctx.service())
        }
    };
    finding.fixes.push(remedy::by_hand(title, ctx.remedies().fetch(ctx)));
    finding.confirm = remedy::grants_of_caller(ctx).map(|probe| Probe {
        expect: format!("the role is listed; its `createdOn` or `updatedOn` is less than {time} ago"),
        ..probe
    });
    finding
}
