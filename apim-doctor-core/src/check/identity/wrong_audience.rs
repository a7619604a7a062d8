//! Explains `identity.wrong-audience`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Confirmation, Finding, Line, Safety};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, audience: &str) -> Finding {
    let message = match audience {
        "" => "the policy does not say which service its token is for; no vault takes that".to_owned(),
        named => format!("the policy asks for a token for `{named}`, which no vault takes"),
    };
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let right = ctx.case.estate.cloud.key_vault_audience.trim_end_matches('/');
    let title = format!("ask for a token for `{right}`");
    finding.fixes = vec![remedy::set_audience(ctx, right).fix(title, Safety::Safe)];
    finding.confirm = Some(Confirmation {
        run_from: "the test console of an API that the policy applies to, with tracing on".to_owned(),
        command: Line::says("look at the answer to the policy's `send-request` in the trace"),
        expect: "status 401 with `AKV10022: Invalid audience`".to_owned(),
    });
    finding
}
