//! The access paths: a filter, and groups of paths that have the same result at every gate.

use std::collections::HashSet;
use std::io::Result;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{Group, Path};
use maud::{Markup, PreEscaped, html};

use super::Sheet;
use super::text::{counts_as, sign, text, word};
use crate::render::words::target;

/// What paths count as, in the order of the filter.
const KINDS: [&str; 4] = ["fail", "unknown", "pass", "suppressed"];

/// How many groups of a large page show their picture and gates at once.
const UNFOLDED: usize = 20;

impl Sheet<'_> {
    /// Every path, in its group.
    pub(super) fn paths(&self, put: &mut impl FnMut(Markup) -> Result<()>) -> Result<()> {
        if self.report.paths.is_empty() {
            return Ok(());
        }
        put(PreEscaped("<section id=\"paths\" aria-labelledby=\"paths-title\">".to_owned()))?;
        put(html! { h2 id="paths-title" { "Access paths" } })?;
        if self.report.paths.len() > 1 {
            put(self.filter())?;
        }
        let mut groups: Vec<(usize, &Group)> = self.report.groups.iter().enumerate().collect();
        groups.sort_by_key(|(_, group)| KINDS.iter().position(|kind| *kind == word(group.verdict)));
        for (order, (number, group)) in groups.into_iter().enumerate() {
            put(self.group(number, group, order >= UNFOLDED && self.is_large()))?;
        }
        // A path about a resource as a whole is in no group.
        put(self.alone())?;
        put(html! { p class="note" id="empty" hidden { "No access path matches the filter." } })?;
        put(PreEscaped("</section>".to_owned()))
    }

    /// The filter. It appears where a script can run.
    fn filter(&self) -> Markup {
        let paths = &self.report.paths;
        let count = |kind: &str| paths.iter().filter(|path| counts_as(path) == kind).count();
        let mut callers: Vec<(&str, usize)> = self.callers.iter().map(|(id, number)| (*id, *number)).collect();
        callers.sort_by_key(|(id, _)| (id.rsplit('/').next().unwrap_or_default().to_lowercase(), *id));
        html! {
            form id="filter" hidden role="search" aria-label="Access paths" {
                fieldset {
                    legend { "Show" }
                    @for kind in KINDS {
                        @if count(kind) > 0 || kind != "suppressed" {
                            label class={ "chip " (kind) } {
                                input type="checkbox" name="kind" value=(kind) checked;
                                (sign(kind)) span { (kind) " " b { (count(kind)) } }
                            }
                        }
                    }
                }
                label class="field" {
                    span { "Search" }
                    input type="search" id="search" autocomplete="off" spellcheck="false";
                }
                @if callers.len() > 1 {
                    label class="field" {
                        span { "Resource" }
                        select id="caller" {
                            option value="" { "all " (callers.len()) }
                            @for (id, number) in &callers {
                                option value=(number) { (text(id.rsplit('/').next().unwrap_or_default())) }
                            }
                        }
                    }
                }
                p id="count" role="status" aria-live="polite" {
                    (paths.len()) @if paths.len() == 1 { " access path" } @else { " access paths" }
                }
            }
        }
    }

    fn group(&self, number: usize, group: &Group, folds: bool) -> Markup {
        let paths: Vec<&Path> = group.paths.iter().filter_map(|id| self.by_id.get(id.as_str()).copied()).collect();
        self.together(&format!("g{number}"), group.verdict, &paths, folds)
    }

    /// Paths that no group has: those about a resource as a whole.
    fn alone(&self) -> Markup {
        let grouped: HashSet<&str> =
            self.report.groups.iter().flat_map(|group| &group.paths).map(String::as_str).collect();
        let alone = self.report.paths.iter().filter(|path| !grouped.contains(path.id.as_str()));
        html! {
            @for (number, path) in alone.enumerate() {
                (self.together(&format!("a{number}"), path.verdict, &[path], false))
            }
        }
    }

    /// Paths that have the same result: a line each, and what they share.
    fn together(&self, id: &str, verdict: Verdict, paths: &[&Path], folds: bool) -> Markup {
        let Some(first) = paths.first() else { return html! {} };
        let several = self.callers.len() > 1;
        let caller = self.callers.get(first.resource.as_str()).filter(|_| several);
        html! {
            article class="group" id=(id) data-caller=[caller] {
                @if several { h3 { bdi { (text(first.resource.name())) } } }
                ul class="paths" { @for path in paths { (line(path)) } }
                @match verdict {
                    Verdict::Pass | Verdict::NotApplicable => (self.folded(id, paths)),
                    Verdict::Fail | Verdict::Unknown => (self.open(id, paths, folds)),
                }
            }
        }
    }
}

/// One path in a line.
fn line(path: &Path) -> Markup {
    let kind = counts_as(path);
    html! {
        li class={ "path " (kind) } data-id=(text(&path.id)) {
            (sign(kind)) b class="word" { (kind) } " "
            bdi { (text(&path.label)) } " "
            span {
                (text(&path.consumer_noun))
                @if let Some(place) = &path.location { " in " (text(place)) }
                " → " (text(&target(path)))
            }
            @if let Some(change) = &path.change { " " span class="tag" { (text(change)) } }
            @if path.suppressed { " " span class="tag" { "does not count: " (word(path.verdict)) } }
        }
    }
}
