//! Explains `identity.wrong-audience`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Confirmation, Finding, Line, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, audience: &str) -> Finding {
    let message = match audience {
        "" => "the policy requests a token without an audience, which vaults do not accept".to_owned(),
        named => format!("the policy requests a token for `{named}`, which vaults do not accept"),
    };
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let right = ctx.case.estate.cloud.key_vault_audience.trim_end_matches('/');
    let title = format!("request a token for `{right}`");
    finding.fixes = vec![remedy::set_audience(ctx, right).fix(title, Safety::Safe)];
    finding.confirm = Some(Confirmation {
        run_from: "the test console of an API that the policy applies to, with tracing on".to_owned(),
        command: Line::says("find the response to the policy's `send-request` in the trace"),
        expect: "status 401 with `AKV10022: Invalid audience`".to_owned(),
    });
    finding
}
