//! `identity.not-assigned-to-host`: the selected identity is not attached to the instance.

use crate::base::ObjectId;
use crate::base::ResourceId;
use crate::check::{Context, declare_check};
use crate::finding::{Finding, Severity};

declare_check! {
    /// ## What it means
    ///
    /// TODO
    ///
    /// ## What you will see
    ///
    /// TODO
    ///
    /// ## When this check stays quiet
    ///
    /// TODO
    pub(crate) static CHECK = {
        code: "identity.not-assigned-to-host",
        summary: "the selected identity is not attached to the instance",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, given: &ObjectId, identity: Option<&ResourceId>) -> Finding {
    let message = format!("no attached identity has client id `{given}`");
    ctx.finding(&CHECK, &ctx.case.path.resource, message)
}
