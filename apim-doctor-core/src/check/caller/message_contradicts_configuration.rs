//! Explains `caller.message-contradicts-configuration`.

use std::collections::BTreeSet;

use crate::base::{ResourceId, Verdict};
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Code, Evidence, Finding, Gate};
use crate::path::TextSubject;
use crate::path::reason::Contradiction;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    message: &str,
    at: Option<&str>,
    contradiction: &Contradiction,
) -> Finding {
    let when = at.map(|at| format!(" of {at}")).unwrap_or_default();
    let says = match contradiction {
        Contradiction::Gates(gates) => {
            let gates = words(gates);
            format!(
                "message {message}{when} shows that the request passed {}, but the collected \
                     configuration blocks it there",
                gates
            )
        }
        Contradiction::Caller(caller) => {
            format!("message {message}{when} names caller {caller}, but the path uses a different identity")
        }
        Contradiction::Open(gates) => {
            let gates = words(gates);
            format!(
                "message {message}{when} says that this access failed, but the collected configuration allows it at \
                 the {} gate",
                gates
            )
        }
        Contradiction::Vault(vault) => {
            format!("message {message}{when} names vault `{vault}`, but the path refers to a different vault")
        }
    };
    let mut finding = ctx.finding(&ctx.declared_in(), says);
    if let Some(last) = ctx.case.path.last.as_ref().filter(|last| !last.succeeded) {
        finding.evidence.push(Evidence::at("the last status is recorded here", last.locator.clone()));
    }
    finding.fixes.push(remedy::by_hand(
        "find out what has changed since the error occurred: reproduce the error, then collect again",
        ctx.remedies().fetch(ctx),
    ));
    finding
}

/// Builds the finding for a given error text that no access path explains.
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
            "the given error text does not match any known message, so it does not show a cause".to_owned(),
            "paste the whole message with its code and inner code; for a deployment, paste the innermost message"
                .to_owned(),
        ),
        (Some(known), Some(with)) => (
            format!("message {known} is about a caller that uses {with}, but none of the access paths found does"),
            format!(
                "find the program that uses {with}, for example a deployment command, and make it sign in with an \
                 identity (`--auth-mode login`)"
            ),
        ),
        (Some(known), None) if is_clear => (
            format!("message {known} names {}, which is not part of any access path found", named.join(", ")),
            "if it should be, collect the resource that refers to it; if not, the text is about a different request"
                .to_owned(),
        ),
        (Some(known), None) => {
            let of = if named.is_empty() { String::new() } else { format!(" (it names {})", named.join(", ")) };
            (
                format!("none of the access paths found explains message {known}{of}"),
                "give the whole text, including the vault, account and caller that it names, and the id of the \
                 resource that it is about"
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
        stands_alone: false,
        leads: !is_clear,
    }
}

/// Gates as part of a sentence.
fn words(gates: &[Gate]) -> String {
    let names: Vec<String> = gates.iter().map(|gate| format!("`{}`", gate.name())).collect();
    match names.as_slice() {
        [one] => format!("the {one} gate"),
        more => format!("the gates {}", more.join(", ")),
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
