//! What paths with the same result share: the picture, the gates with their questions and evidence, causes and fixes.

use std::sync::Arc;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{Finding, GateReport, Path, Step};
use maud::{Markup, html};

use super::answer::{before_and_after, is_repaired};
use super::picture::{name, picture, strip};
use super::text::{class, commands, fact, prose, sign, text, word};
use super::Sheet;
use crate::render::words::{capital, sentence};

impl Sheet<'_> {
    /// Paths that pass: everything is behind a click.
    pub(super) fn passing(&self, paths: &[&Path]) -> Markup {
        let Some(first) = paths.first() else { return html! {} };
        let verdicts = first.gates.iter().map(|gate| gate.verdict);
        html! {
            details class="gates" {
                summary { "Gates " (strip(verdicts, "All gates pass or do not apply")) }
                (self.later(html! { (picture(first)) (self.gates(paths)) }))
            }
        }
    }

    /// Paths that fail or are unknown: the picture, why, and what happens with the fix.
    pub(super) fn open(&self, paths: &[&Path]) -> Markup {
        let Some(first) = paths.first() else { return html! {} };
        html! {
            (picture(first))
            @if let Some(symptom) = &first.first_symptom { p class="symptom" { "You see: " q { (text(symptom)) } } }
            (self.reasons(paths))
            @if is_repaired(first) { (before_and_after(first)) }
            (self.combined(paths))
            (self.gates(paths))
        }
    }

    /// The findings behind the result, each with a link to its facts and fixes.
    fn reasons(&self, paths: &[&Path]) -> Markup {
        let mut found: Vec<(usize, &Finding)> =
            paths.iter().filter_map(|path| self.found.get(path.id.as_str())).flatten().copied().collect();
        found.sort_by_key(|(number, _)| *number);
        found.dedup_by_key(|(number, _)| *number);
        html! {
            @if !found.is_empty() {
                ul class="reasons" {
                    @for (number, finding) in &found {
                        li {
                            (text(&capital(&finding.title))) ". "
                            a href={ "#f" (number) } { "Facts and fixes of " code { (text(finding.code.as_str())) } }
                        }
                    }
                }
            }
        }
    }

    /// Where one fix is not enough, the set that opens a path.
    fn combined(&self, paths: &[&Path]) -> Markup {
        html! {
            @for path in paths {
                @if let Some(set) = path.combined_fix.as_ref().filter(|set| set.titles.len() > 1) {
                    details class="fix" {
                        summary {
                            "All fixes for " bdi { (text(&path.label)) }
                            @if set.verified { span class="tag pass" { (sign("pass")) "verified together" } }
                            @else { span class="tag unknown" { (sign("unknown")) "not sufficient" } }
                        }
                        @if let Some(why) = &set.unverified { p class="note" { (prose(&sentence(why))) } }
                        ol { @for title in &set.titles { li { (prose(title)) } } }
                        @if let Some(diff) = &set.diff { (commands("change", diff)) }
                        @else if !set.az.is_empty() { (commands("Azure CLI", &set.az.join("\n"))) }
                    }
                }
            }
        }
    }

    /// The eight gates: each in a line, with its questions and evidence behind it.
    fn gates(&self, paths: &[&Path]) -> Markup {
        let count = paths.first().map_or(0, |path| path.gates.len());
        html! {
            ol class="gates" { @for number in 0..count { (self.gate(number, paths)) } }
        }
    }

    fn gate(&self, number: usize, paths: &[&Path]) -> Markup {
        let results = results(number, paths);
        let Some((gate, _)) = results.first() else { return html! {} };
        let class = class(gate.verdict);
        let then = gate.assumed && matches!(gate.verdict, Verdict::Pass | Verdict::Fail);
        html! {
            li class=(class) {
                details {
                    summary {
                        (sign(class)) b { (name(gate.gate)) } " "
                        span class="word" { @if then { "then " } (word(gate.verdict)) } " "
                        span class="says" {
                            (prose(&gate.says))
                            @if results.len() > 1 { " (and " (results.len() - 1) " more)" }
                        }
                    }
                    (self.later(html! {
                        @for (gate, paths) in &results {
                            @if results.len() > 1 {
                                p class="of" { bdi { (text(&paths.iter().map(|path| path.label.as_str()).collect::<Vec<_>>().join(", "))) } ": " (prose(&gate.says)) }
                            }
                            (asked(gate))
                        }
                    }))
                }
            }
        }
    }
}

/// The different results of one gate, each with the paths that have it.
fn results<'p>(number: usize, paths: &[&'p Path]) -> Vec<(&'p Arc<GateReport>, Vec<&'p Path>)> {
    let mut results: Vec<(&Arc<GateReport>, Vec<&Path>)> = Vec::new();
    for path in paths {
        let Some(gate) = path.gates.get(number) else { continue };
        match results.iter_mut().find(|(known, _)| Arc::ptr_eq(known, gate)) {
            Some((_, same)) => same.push(path),
            None => results.push((gate, vec![path])),
        }
    }
    results
}

/// The questions of a gate, with their answers and evidence, and what could not be seen.
fn asked(gate: &GateReport) -> Markup {
    html! {
        ul class="steps" {
            @for step in &gate.steps { (question(step)) }
            @for gap in &gate.gaps { li { (sign("unknown")) span { "Not known: " (prose(gap)) } } }
        }
        @if !gate.findings.is_empty() {
            p class="codes" { @for code in &gate.findings { code { (text(code.as_str())) } " " } }
        }
    }
}

fn question(step: &Step) -> Markup {
    html! {
        li {
            (sign(class(step.verdict)))
            span {
                (prose(&capital(&step.question))) " " b { (word(step.verdict)) }
                @if !step.evidence.is_empty() { ul { @for one in &step.evidence { (fact(one)) } } }
            }
        }
    }
}
