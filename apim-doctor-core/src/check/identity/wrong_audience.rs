//! `identity.wrong-audience`: the token is asked for another service.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Finding, Line, Probe, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// A token holds the service it is for, its audience. The policy asks `authentication-managed-identity` for a token for
    /// another service and sends it to a vault. A vault takes tokens for Key Vault of its own cloud only: in the public
    /// cloud the attribute `resource` has to be `https://vault.azure.net`. The name of the one vault is not an audience.
    ///
    /// ## What you will see
    ///
    /// The vault answers 401: `AKV10022: Invalid audience. Expected https://vault.azure.net, found: <aud>.`
    /// The policy itself succeeds unless it looks at the answer; the request trace shows the 401.
    ///
    /// ## When this check stays quiet
    ///
    /// The audience holds an expression or a named value: the gate is then unknown. Named values, certificates and host
    /// names name no audience, API Management asks for the right one.
    pub(crate) static CHECK = {
        code: "identity.wrong-audience",
        summary: "the token is asked for another service",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy",
            "https://learn.microsoft.com/azure/key-vault/general/authentication",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, audience: &str) -> Finding {
    let message = match audience {
        "" => "the policy does not say which service its token is for; no vault takes that".to_owned(),
        named => format!("the policy asks for a token for `{named}`, which no vault takes"),
    };
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    let right = ctx.case.estate.cloud.key_vault_audience.trim_end_matches('/');
    let title = format!("ask for a token for `{right}`");
    finding.fixes = vec![remedy::set_audience(ctx, right).fix(title, Safety::Safe)];
    finding.confirm = Some(Probe {
        run_from: "the test console of an API that the policy applies to, with tracing on".to_owned(),
        command: Line::says("look at the answer to the policy's `send-request` in the trace"),
        expect: "status 401 with `AKV10022: Invalid audience`".to_owned(),
    });
    finding
}
