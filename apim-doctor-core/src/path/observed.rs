//! What error texts prove: an answer of the vault itself came from behind the gates that let the request through.
//!
//! An error text never makes a path pass: something failed when it was written.

use std::borrow::Cow;

use crate::base::{ObjectId, ResourceId, Verdict};
use crate::explain::{self, Proof};
use crate::finding::{Evidence, Gate, Locator, Step};
use crate::path::reason::{Cause, Contradiction, Reason};
use crate::path::{Case, GateOutcome, Principal, Reference};

/// A text that somebody or the service itself wrote down.
struct Observed<'c> {
    text: Cow<'c, str>,
    /// When, as far as it is known.
    at: Option<String>,
    /// Where it stands.
    locator: Locator,
    /// It is about what declares this path, and not about another one of the instance.
    is_own: bool,
}

/// Lets proved gates pass that were not seen, and says where a text and what was read contradict each other.
pub(super) fn heed(
    case: &Case<'_>,
    reference: Option<&Reference>,
    principal: Option<&Principal>,
    gates: &mut [GateOutcome],
) -> Vec<Cause> {
    let mut causes = Vec::new();
    let texts = observed(case);
    let mut proved: Vec<(usize, Step)> = Vec::new();
    // A text may be long, and about many paths.
    let proofs = |text: &str| case.estate.memo.answer(format!("proofs {text}"), || explain::proofs(text));
    let proofs = texts.iter().flat_map(|o| proofs(&o.text).to_vec().into_iter().map(move |proof| (o, proof)));
    for (observed, proof) in proofs {
        let note = |contradiction| {
            let (message, at) = (proof.message, observed.at.clone());
            Cause { verdict: Verdict::Unknown, reason: Reason::MessageContradicts { message, at, contradiction } }
        };
        match about(&proof, observed.is_own, reference, principal) {
            About::Other => continue,
            About::Contradicts(contradiction) => {
                causes.push(note(contradiction));
                continue;
            }
            About::This => {}
        }
        let passed = |gate: &GateOutcome| proof.gates.contains(&gate.gate);
        let failing: Vec<Gate> =
            gates.iter().filter(|g| passed(g) && g.verdict == Verdict::Fail).map(|gate| gate.gate).collect();
        if !failing.is_empty() {
            causes.push(note(Contradiction::Gates(failing)));
        }
        let unseen = gates.iter().enumerate().filter(|(_, g)| passed(g) && g.verdict == Verdict::Unknown);
        proved.extend(unseen.map(|(at, _)| (at, step(observed, &proof))));
    }
    let opens = |at: usize| proved.iter().any(|(proved, _)| *proved == at);
    let passes = gates.iter().enumerate().all(|(at, gate)| gate.verdict == Verdict::Pass || opens(at));
    if !passes {
        for (at, step) in proved {
            if let Some(gate) = gates.get_mut(at) {
                // Its gaps stay: a later gate may need what was not seen.
                gate.verdict = Verdict::Pass;
                gate.steps.push(step);
            }
        }
    }
    causes
}

fn step(observed: &Observed<'_>, proof: &Proof) -> Step {
    let when = observed.at.as_ref().map_or_else(|| "an unknown time".to_owned(), Clone::clone);
    let says = format!("message {} of {when} came from behind this gate", proof.message);
    let evidence = vec![Evidence::at(says, observed.locator.clone())];
    Step { question: "what does the error text prove?", verdict: Verdict::Pass, evidence, under: Vec::new() }
}

/// The error texts that can be about a path.
fn observed<'c>(case: &'c Case<'_>) -> Vec<Observed<'c>> {
    let path = case.path;
    let declared = path.declared_at.resource.as_ref();
    let own = |id: &ResourceId| Some(id) == declared && *id != path.resource;
    let pasted = case.estate.observations.iter().filter_map(|observation| {
        let about = observation.resource.as_ref();
        let fits = about.is_none_or(|id| *id == path.resource || own(id));
        fits.then(|| Observed {
            text: observation.error.as_str().into(),
            at: observation.at.clone(),
            locator: Locator { resource: about.cloned(), pointer: "".into() },
            is_own: about.is_some_and(own),
        })
    });
    let status = path.last.as_ref().filter(|last| !last.succeeded).map(|last| Observed {
        text: last.message.as_str().into(),
        at: last.at.map(|at| at.to_string()),
        locator: last.locator.clone(),
        is_own: true,
    });
    pasted.chain(status).collect()
}

enum About {
    This,
    Other,
    Contradicts(Contradiction),
}

/// Whether a message is about this access. One that is, and names another vault or caller, contradicts what was read.
fn about(proof: &Proof, is_own: bool, reference: Option<&Reference>, principal: Option<&Principal>) -> About {
    let vault = reference.map(|r| r.host.split('.').next().unwrap_or_default());
    let object = reference.map(|r| r.name.as_str());
    let differs = |named: &Option<String>, own: Option<&str>| {
        named.as_deref().zip(own).is_some_and(|(named, own)| !named.eq_ignore_ascii_case(own))
    };
    if differs(&proof.vault, vault) {
        let Some(named) = proof.vault.clone().filter(|_| is_own) else { return About::Other };
        return About::Contradicts(Contradiction::Vault(named));
    }
    let caller = principal.and_then(|p| p.principal_id.as_ref()).map(ObjectId::as_str);
    if differs(&proof.caller, caller) {
        let Some(named) = proof.caller.clone().filter(|_| is_own) else { return About::Other };
        return About::Contradicts(Contradiction::Caller(named));
    }
    let named = proof.vault.is_some() || is_own;
    if named && !differs(&proof.object, object) { About::This } else { About::Other }
}
