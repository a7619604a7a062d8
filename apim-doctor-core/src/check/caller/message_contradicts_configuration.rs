//! `caller.message-contradicts-configuration`: an error text and what was read do not fit together.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Evidence, Finding, Gate, Severity};
use crate::path::reason::Contradiction;

declare_check! {
    /// ## What it means
    ///
    /// Somebody saw an error text, or the service wrote one down, that cannot come from what was read: it proves that
    /// a request passed a gate which fails now, or it names another vault or another caller. So the configuration was
    /// changed in between, or the text is about another request.
    ///
    /// ## What you will see
    ///
    /// A text of the vault about roles or policies, for instance, while its firewall refuses the caller now: the vault
    /// looks at its firewall first.
    ///
    /// ## When this check stays quiet
    ///
    /// No error text was given, or what it proves fits what was read. A text that names neither the vault nor what
    /// declares the reference proves nothing about a path.
    pub(crate) static CHECK = {
        code: "caller.message-contradicts-configuration",
        summary: "an error text and what was read do not fit together",
        severity: Severity::Warning,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/network-security",
            "https://learn.microsoft.com/azure/key-vault/general/authentication",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    message: &str,
    at: Option<&str>,
    contradiction: &Contradiction,
) -> Finding {
    let when = at.map(|at| format!(" of {at}")).unwrap_or_default();
    let says = match contradiction {
        Contradiction::Gates(gates) => {
            let gates: Vec<&str> = gates.iter().copied().map(Gate::name).collect();
            format!("message {message}{when} came from behind gate {}, which fails by what was read", gates.join(", "))
        }
        Contradiction::Caller(caller) => {
            format!("message {message}{when} names the caller {caller}, and the path uses another identity")
        }
        Contradiction::Vault(vault) => {
            format!("message {message}{when} names vault `{vault}`, and the path refers to another one")
        }
    };
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), says);
    if let Some(last) = ctx.case.path.last.as_ref().filter(|last| !last.succeeded) {
        finding.evidence.push(Evidence::at("the last status is recorded here", last.locator.clone()));
    }
    finding.fixes.push(remedy::by_hand(
        "find out what was changed since the text was written: let it fail once more and record again",
        remedy::refresh(ctx),
    ));
    finding
}
