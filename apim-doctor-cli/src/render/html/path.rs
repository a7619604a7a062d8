//! What paths with the same result share: the picture, the gates with their questions and evidence, causes and fixes.

use std::collections::HashSet;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{Evidence, Finding, GateReport, Path, Step};
use maud::{Markup, html};

use super::Sheet;
use super::answer::is_repaired;
use super::text::{class, commands, name, place, prose, sign, text, word};
use crate::render::words::{capital, sentence};

impl Sheet<'_> {
    /// The gates in a row, and behind a click the picture and what decided each gate.
    pub(super) fn folded(&self, id: &str, paths: &[&Path]) -> Markup {
        let Some(first) = paths.first() else { return html! {} };
        html! {
            details class="gates" {
                summary { "Gates " (self.drawings.strip(first)) }
                (self.later(html! { (self.drawings.pictures(id, paths)) (self.gates(paths, |part| part)) }))
            }
        }
    }

    /// Paths that fail or are unknown: the picture, why, and what happens with the fix.
    pub(super) fn open(&self, id: &str, paths: &[&Path], folds: bool) -> Markup {
        let Some(first) = paths.first() else { return html! {} };
        html! {
            @if !folds { (self.drawings.pictures(id, paths)) }
            @if let Some(symptom) = &first.first_symptom { p class="symptom" { "You see: " q { (text(symptom)) } } }
            (self.reasons(paths))
            @if is_repaired(first) && !self.leads(first) { (self.before_and_after(first)) }
            (combined(paths))
            @if folds { (self.folded(id, paths)) } @else { (self.gates(paths, |part| self.later(part))) }
        }
    }

    /// The findings behind the result, each with a link to its facts and fixes.
    fn reasons(&self, paths: &[&Path]) -> Markup {
        let mut found: Vec<(usize, &Finding)> =
            paths.iter().filter_map(|path| self.found.get(path.id.as_str())).flatten().copied().collect();
        found.sort_by_key(|(number, finding)| (finding.code.as_str(), *number));
        found.dedup_by_key(|(number, _)| *number);
        html! {
            @if !found.is_empty() {
                ul class="reasons" {
                    @for same in found.chunk_by(|(_, one), (_, other)| one.code == other.code) {
                        @if let Some((_, first)) = same.first() {
                            li {
                                (text(&capital(&first.title))) ". Facts and fixes: "
                                @for (at, (number, finding)) in same.iter().enumerate() {
                                    @if at > 0 { ", " }
                                    a href={ "#f" (number) } {
                                        code { (text(finding.code.as_str())) }
                                        @if same.len() > 1 { " of " bdi { (text(finding.subject.name())) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The eight gates: each in a line, with its questions and evidence behind it.
    fn gates(&self, paths: &[&Path], later: impl Fn(Markup) -> Markup) -> Markup {
        let count = paths.first().map_or(0, |path| path.gates.len());
        html! { ol class="gates" { @for number in 0..count { (self.gate(number, paths, &later)) } } }
    }

    fn gate(&self, number: usize, paths: &[&Path], later: impl Fn(Markup) -> Markup) -> Markup {
        let results: Vec<(&Path, &GateReport)> =
            paths.iter().filter_map(|path| Some((*path, path.gates.get(number)?.as_ref()))).collect();
        let Some((_, gate)) = results.first() else { return html! {} };
        let class = class(gate.verdict);
        let then = gate.assumed && matches!(gate.verdict, Verdict::Pass | Verdict::Fail);
        let says: HashSet<&str> = results.iter().map(|(_, gate)| gate.says.as_str()).collect();
        html! {
            li class=(class) {
                details {
                    summary {
                        (sign(class)) b { (name(gate.gate)) } " "
                        span class="word" { @if then { "then " } (word(gate.verdict)) } " "
                        span class="says" {
                            (prose(&gate.says))
                            @if says.len() > 1 { " (and " (says.len() - 1) " more)" }
                        }
                    }
                    (later(self.asked(&results)))
                }
            }
        }
    }

    /// The questions of a gate, with their answers and facts, and what could not be seen. Paths share what is equal; what
    /// only some of them have stands with their names. A fact that stands at several places is said once.
    fn asked(&self, results: &[(&Path, &GateReport)]) -> Markup {
        let all = results.len();
        let steps = || results.iter().flat_map(|(path, gate)| gate.steps.iter().map(|step| (*path, step)));
        let is_same = |one: &Step, other: &Step| (&one.question, one.verdict) == (&other.question, other.verdict);
        let gaps = results.iter().flat_map(|(path, gate)| gate.gaps.iter().map(|gap| (*path, gap.as_str())));
        html! {
            ul class="steps" {
                @for (step, paths) in shared(steps(), |one, other| is_same(one, other)) {
                    @let same = steps().filter(|(_, other)| is_same(step, other));
                    @let facts = same.flat_map(|(path, step)| step.evidence.iter().map(move |fact| (path, fact)));
                    @let (asked, all) = (all, paths.len());
                    li class=(class(step.verdict)) {
                        (of(&paths, asked)) (prose(&capital(&step.question))) " " b { (word(step.verdict)) }
                        ul { @for (one, paths) in shared(facts.clone(), |one, other| one.says == other.says) {
                            @let same = facts.clone().filter(|(_, other)| one.says == other.says);
                            li {
                                (of(&paths, all)) (prose(&one.says))
                                @for (one, _) in shared(same, is_place) { (place(one, self.only_file)) }
                            }
                        } }
                    }
                }
                @for (gap, paths) in shared(gaps, |one, other| one == other) {
                    li class="unknown" { (of(&paths, all)) "Not known: " (prose(gap)) }
                }
            }
            @if let Some((_, gate)) = results.first() {
                @if !gate.findings.is_empty() {
                    p class="codes" { @for code in &gate.findings { code { (text(code.as_str())) } " " } }
                }
            }
        }
    }
}

/// Where one fix is not enough, the set that opens a path.
fn combined(paths: &[&Path]) -> Markup {
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

fn is_place(one: &&Evidence, other: &&Evidence) -> bool {
    (&one.resource, &one.pointer, &one.file, one.line) == (&other.resource, &other.pointer, &other.file, other.line)
}

/// What paths have in common, in the order in which it was first said.
fn shared<'p, T>(
    all: impl Iterator<Item = (&'p Path, T)>,
    is_same: impl Fn(&T, &T) -> bool,
) -> Vec<(T, Vec<&'p Path>)> {
    let mut shared: Vec<(T, Vec<&Path>)> = Vec::new();
    for (path, one) in all {
        match shared.iter_mut().find(|(known, _)| is_same(known, &one)) {
            Some((_, paths)) if paths.last().is_some_and(|last| std::ptr::eq(*last, path)) => {}
            Some((_, paths)) => paths.push(path),
            None => shared.push((one, vec![path])),
        }
    }
    shared
}

/// The names of paths, unless it is all of them.
fn of(paths: &[&Path], all: usize) -> Markup {
    html! {
        @if paths.len() < all {
            @for path in paths { bdi { (text(&path.label)) } " " }
        }
    }
}
