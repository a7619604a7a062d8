//! The result of each gate, with the locations of its facts.

use std::sync::Arc;

use crate::base::{ResourceId, Verdict, collect_exact};
use crate::finding::{Code, Evidence, Gate, Step};
use crate::model::Gap;
use crate::path::GateOutcome;
use crate::report::files::Files;
use crate::report::v1;

/// The results of gates on neighbouring paths. Most paths of a resource differ in few gates only; equal results are kept
/// once, because the traces of all paths are the largest part of a report.
pub(super) struct Gates<'f> {
    files: &'f Files<'f>,
    known: Vec<Arc<v1::GateReport>>,
}

impl<'f> Gates<'f> {
    pub(super) fn new(files: &'f Files<'f>) -> Self {
        Self { files, known: Vec::new() }
    }

    /// The report of a gate at which these codes were found.
    pub(super) fn report(&mut self, outcome: GateOutcome, codes: Vec<Code>) -> Arc<v1::GateReport> {
        let gaps: Vec<String> = outcome.gaps.iter().filter(|gap| !gap.is_earlier()).map(Gap::what).collect();
        if let Some(same) = self.known.iter().find(|known| is_same(known, &outcome, &codes, &gaps)) {
            return same.clone();
        }
        let GateOutcome { gate, verdict, assumed, steps, .. } = outcome;
        let says = sentence(gate, verdict, &codes, &gaps, &steps);
        let step = |Step { question, verdict, mut evidence }: Step| {
            self.files.locate(&mut evidence);
            v1::Step { question: question.into(), verdict, evidence, under: [] }
        };
        let steps = collect_exact(steps.into_iter().map(step));
        let report = Arc::new(v1::GateReport {
            gate,
            verdict,
            assumed,
            says,
            findings: codes.into_iter().map(Into::into).collect(),
            gaps,
            steps,
        });
        self.known.push(report.clone());
        report
    }
}

/// Whether the report of an outcome would be one that is known.
fn is_same(known: &v1::GateReport, outcome: &GateOutcome, codes: &[Code], gaps: &[String]) -> bool {
    let is_fact = |known: &Evidence, fact: &Evidence| {
        // Ids are compared as they were written, because that is how they are shown.
        let resource = fact.resource.as_ref().map(ResourceId::as_str).filter(|id| !id.is_empty());
        (&known.says, &known.pointer) == (&fact.says, &fact.pointer)
            && known.resource.as_ref().map(ResourceId::as_str) == resource
    };
    let is_step = |known: &v1::Step, step: &Step| {
        (known.question.as_ref(), known.verdict, known.evidence.len())
            == (step.question, step.verdict, step.evidence.len())
            && known.evidence.iter().zip(&step.evidence).all(|(known, fact)| is_fact(known, fact))
    };
    (known.gate, known.verdict, known.assumed) == (outcome.gate, outcome.verdict, outcome.assumed)
        && known.findings == codes
        && known.steps.len() == outcome.steps.len()
        && known.gaps == gaps
        && known.steps.iter().zip(&outcome.steps).all(|(known, step)| is_step(known, step))
}

/// What decided a gate, in one line.
pub(super) fn sentence(gate: Gate, verdict: Verdict, codes: &[Code], gaps: &[String], steps: &[Step]) -> String {
    match verdict {
        Verdict::NotApplicable => {
            let says = steps.iter().rev().find_map(|step| step.evidence.last());
            says.map_or("not applicable".to_owned(), |evidence| brief(&evidence.says))
        }
        Verdict::Unknown => gaps.first().map_or("depends on earlier gates".to_owned(), |gap| brief(gap)),
        Verdict::Pass | Verdict::Fail => {
            let mut deciding = steps.iter().filter(|step| step.verdict == verdict && !step.evidence.is_empty());
            let step = if gate == Gate::Identity { deciding.next() } else { deciding.next_back() };
            let facts = step.map(|step| step.evidence.as_slice()).unwrap_or_default();
            match codes.first().filter(|_| verdict == Verdict::Fail) {
                Some(code) => {
                    let all: Vec<String> = facts.iter().map(|fact| brief(&fact.says)).collect();
                    format!("{code}: {}", all.join("; "))
                }
                None => facts.last().map_or(String::new(), |fact| brief(&fact.says)),
            }
        }
    }
}

/// A text with resource ids cut down to their names.
fn brief(text: &str) -> String {
    let words = text.split('`').map(|part| match part.starts_with("/subscriptions/") {
        true => part.rsplit('/').next().unwrap_or(part),
        false => part,
    });
    words.collect::<Vec<_>>().join("`")
}
