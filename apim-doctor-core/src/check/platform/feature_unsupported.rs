//! `platform.feature-unsupported`: the feature is documented not to work here.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Evidence, Finding, Severity};
use crate::knowledge::caller_kind::ConsumerKind;

declare_check! {
    /// ## What it means
    ///
    /// Azure accepts the setting, and its documentation says that it does not work there. Managed identities and named
    /// values from Key Vault are documented as not available in workspaces, although the properties exist.
    ///
    /// ## What you will see
    ///
    /// Nothing certain: the documentation excludes it and nobody says how it fails. Look at `lastStatus` of the
    /// reference.
    ///
    /// ## When this check stays quiet
    ///
    /// The reference belongs to the instance itself and not to a workspace.
    pub(crate) static CHECK = {
        code: "platform.feature-unsupported",
        summary: "the feature is documented not to work here",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, feature: &str) -> Finding {
    let message = format!("{feature} are documented not to work");
    let declared = ctx.declared_in();
    let mut finding = ctx.finding(&CHECK, &declared, message);
    let declared_at = ctx.case.path.declared_at.clone();
    finding.evidence.push(Evidence::at("the reference is declared in a workspace", declared_at));
    finding.fixes.push(remedy::by_hand(
        "move the reference from the workspace to the instance itself",
        [remedy::refer(
            &ctx.case.path.resource,
            ctx.case.path.consumer == ConsumerKind::Certificate,
            declared.name(),
            &ctx.case.path.reference,
            ctx.case.path.client_id(),
        )],
    ));
    finding
}
