//! Explains `caller.message-contradicts-configuration`.

use std::collections::BTreeSet;

use crate::base::{ResourceId, Verdict};
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Code, Evidence, Finding, Gate};
use crate::path::TextSubject;
use crate::path::reason::Contradiction;

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
        Contradiction::Open(gates) => {
            let gates: Vec<&str> = gates.iter().copied().map(Gate::name).collect();
            format!(
                "message {message}{when} says that this access failed, and by the collected data nothing stops it at {}",
                gates.join(", ")
            )
        }
        Contradiction::Vault(vault) => {
            format!("message {message}{when} names vault `{vault}`, and the path refers to another one")
        }
    };
    let mut finding = ctx.finding(&ctx.declared_in(), says);
    if let Some(last) = ctx.case.path.last.as_ref().filter(|last| !last.succeeded) {
        finding.evidence.push(Evidence::at("the last status is recorded here", last.locator.clone()));
    }
    finding.fixes.push(remedy::by_hand(
        "find out what was changed since the text was written: let it fail once more and record again",
        ctx.remedies().fetch(ctx),
    ));
    finding
}

/// An error text that was given and that no path accounts for.
pub(crate) fn of_text(subject: &ResourceId, text: &str, others: &BTreeSet<&TextSubject>, is_clear: bool) -> Finding {
    let explanation = crate::explain::explain(text);
    let known = explanation.first.message;
    let by_other_means = others.iter().find_map(|other| match other {
        TextSubject::Credential(with) => Some(*with),
        _ => None,
    });
    let named: Vec<String> = others.iter().filter_map(|other| in_words(other)).collect();
    let (message, fix) = match (known, by_other_means) {
        (None, _) => (
            "the given error text is not known, so nothing can be concluded from it".to_owned(),
            "paste the whole message with its code and inner code; of a deployment, the innermost message".to_owned(),
        ),
        (Some(known), Some(with)) => (
            format!("message {known} is about a caller that uses {with}; no path that was found does"),
            format!(
                "look for the program that uses {with}, for instance a deployment command, and let it sign in with an \
                 identity instead (`--auth-mode login`)"
            ),
        ),
        (Some(known), None) if is_clear => (
            format!("message {known} names {}, which is not part of any path that was found", named.join(", ")),
            "if it is meant to be, collect the resource that refers to it; else the text is of another request"
                .to_owned(),
        ),
        (Some(known), None) => {
            let of = if named.is_empty() { String::new() } else { format!(" (it names {})", named.join(", ")) };
            (
                format!("message {known}{of} is explained by none of the paths that were found"),
                "give the whole text, with the vault, account and caller that it names, and say with the resource id \
                 which resource it is about"
                    .to_owned(),
            )
        }
    };
    Finding {
        code: Code::CallerMessageContradictsConfiguration,
        subject: subject.clone(),
        verdict: if is_clear { Verdict::Pass } else { Verdict::Unknown },
        message,
        evidence: vec![Evidence::new("the error text was given for this resource", subject, "")],
        fixes: vec![remedy::by_hand(fix, Vec::new())],
        confirm: None,
        leads: !is_clear,
    }
}

fn in_words(other: &TextSubject) -> Option<String> {
    match other {
        TextSubject::Vault(name) => Some(format!("vault `{name}`")),
        TextSubject::Account(name) => Some(format!("storage account `{name}`")),
        TextSubject::Caller(id) => Some(format!("caller {id}")),
        TextSubject::Part(part) => Some(part.clone()),
        TextSubject::Credential(_) => None,
    }
}
