//! `identity.id-kind-mismatch`: an id of another kind stands where a client id is expected.

use crate::base::ObjectId;
use crate::path::Principal;
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
        code: "identity.id-kind-mismatch",
        summary: "an id of another kind stands where a client id is expected",
        severity: Severity::Error,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, given: &ObjectId, is: &str, intended: &Principal) -> Finding {
    let _ = intended;
    let message = format!("`{given}` is {is}; a client id is expected");
    ctx.finding(&CHECK, &ctx.declared_in(), message)
}
