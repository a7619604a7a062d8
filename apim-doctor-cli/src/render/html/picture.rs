//! The picture of an access path: a line from the caller to the target, its eight gates, and what it crosses at each.
//!
//! Paths with the same verdicts and as many crossings share one drawing, on which each writes its names. In the report
//! of a tenant, a few drawings serve thousands of paths.

mod crossing;
mod drawing;

use std::collections::HashMap;

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::Path;
use maud::{Markup, html};

use super::text::{name, text, word};
use crate::render::words::target;
use crossing::{Crossing, start};
use drawing::{Layout, at};

/// The most characters of one text: wide pictures have columns.
const COLUMN: usize = 28;
const END: usize = 21;
const LINE: usize = 40;

/// The drawings of a page, by what they show.
#[derive(Default)]
pub(super) struct Drawings {
    numbers: HashMap<String, usize>,
    drawn: Vec<Markup>,
}

impl Drawings {
    /// The drawings for these paths.
    pub(super) fn of<'p>(paths: impl Iterator<Item = &'p Path>) -> Self {
        let mut drawings = Self::default();
        for path in paths {
            let layout = Layout::of(path);
            let next = drawings.drawn.len();
            if *drawings.numbers.entry(layout.key()).or_insert(next) == next {
                drawings.drawn.push(layout.draw(next));
            }
        }
        drawings
    }

    fn number(&self, layout: &Layout<'_>) -> usize {
        self.numbers.get(&layout.key()).copied().unwrap_or_default()
    }

    /// Paths with the same result, each way drawn once.
    pub(super) fn pictures(&self, id: &str, paths: &[&Path]) -> Markup {
        let mut ways: Vec<(Layout<'_>, Vec<&Path>)> = Vec::new();
        for path in paths {
            let layout = Layout::of(path);
            match ways.iter_mut().find(|(known, _)| known.is_same_way(&layout)) {
                Some((_, same)) => same.push(path),
                None => ways.push((layout, vec![path])),
            }
        }
        html! {
            @for (at, (layout, same)) in ways.iter().enumerate() {
                @if ways.len() > 1 { p class="of" { @for path in same { bdi { (text(&path.label)) } " " } } }
                (self.picture(&format!("{id}-{at}"), layout))
            }
        }
    }

    /// A way, drawn from left to right, and from top to bottom for narrow screens. The style shows one of them.
    fn picture(&self, id: &str, layout: &Layout<'_>) -> Markup {
        let path = layout.path;
        let number = self.number(layout);
        let (title, more) = (format!("{id}-title"), format!("{id}-more"));
        html! {
            div class="picture" {
                svg class="wide" viewBox={ "0 0 1000 " (layout.height) } role="img" aria-labelledby=(title)
                    aria-describedby=(more) {
                    (described(layout, &title, &more))
                    use href={ "#w" (number) } {}
                    text y="84" class="strong" { (short(path.resource.name(), END)) }
                    @if let Some(start) = start(path) { text y="102" class="dim" { (short(start, END)) } }
                    @for (gate, line, one) in layout.lines() {
                        text x=(at(gate)) y=(layout.line(gate) + line * 18) class="mid" { (label(one, COLUMN)) }
                    }
                    text x="1000" y="84" class="last strong" { (short(host(path), END)) }
                    @if let Some(object) = &path.target.object {
                        text x="1000" y="102" class="last dim" { (short(last(object), END)) }
                    }
                }
                svg class="narrow" viewBox={ "0 0 320 " (layout.length + 28) } role="img" aria-labelledby=(title)
                    aria-describedby=(more) {
                    use href={ "#n" (number) } {}
                    text x="44" y="25" class="strong" { (short(path.resource.name(), LINE)) }
                    @if let Some(start) = start(path) { text x="44" y="43" class="dim" { (short(start, LINE)) } }
                    @for (gate, line, one) in layout.lines() {
                        text x="44" y=(layout.row(gate) + 23 + line * 18) { (label(one, LINE)) }
                    }
                    text x="44" y=(layout.length + 5) class="strong" { (short(host(path), LINE)) }
                    @if let Some(object) = &path.target.object {
                        text x="44" y=(layout.length + 23) class="dim" { (short(object, LINE)) }
                    }
                }
            }
        }
    }

    /// The gates of a path in a row.
    pub(super) fn strip(&self, path: &Path) -> Markup {
        let number = self.number(&Layout::of(path));
        html! { svg class="strip" viewBox="0 0 208 24" aria-hidden="true" { use href={ "#s" (number) } {} } }
    }
}

/// The shape of each verdict and the drawings, which the page refers to. Shapes differ by their form, not only by their
/// colour.
pub(super) fn shapes(drawings: &Drawings) -> Markup {
    let mark = "var(--paper)";
    html! {
        svg class="shapes" width="0" height="0" aria-hidden="true" {
            symbol id="pass" viewBox="0 0 24 24" {
                circle cx="12" cy="12" r="9.5" fill=(mark) stroke="currentColor" stroke-width="2.5" {}
                path d="M7.5 12.5l3 3 6-6.5" fill="none" stroke="currentColor" stroke-width="2.5" {}
            }
            symbol id="fail" viewBox="0 0 24 24" {
                path d="M7.6 1.5h8.8l6.1 6.1v8.8l-6.1 6.1H7.6l-6.1-6.1V7.6z" fill="currentColor" {}
                path d="M8 8l8 8m0-8l-8 8" fill="none" stroke=(mark) stroke-width="2.6" {}
            }
            symbol id="unknown" viewBox="0 0 24 24" {
                rect x="2" y="2" width="20" height="20" rx="5" fill="currentColor" {}
                path d="M8.8 9.4a3.2 3.2 0 1 1 4.9 2.7c-1.2.8-1.7 1.3-1.7 2.5" fill="none" stroke=(mark)
                    stroke-width="2.3" {}
                circle cx="12" cy="17.7" r="1.5" fill=(mark) {}
            }
            symbol id="none" viewBox="0 0 24 24" {
                circle cx="12" cy="12" r="5" fill=(mark) stroke="currentColor" stroke-width="2" {}
            }
            symbol id="suppressed" viewBox="0 0 24 24" {
                circle cx="12" cy="12" r="9.5" fill=(mark) stroke="currentColor" stroke-width="2.5"
                    stroke-dasharray="4 3" {}
                path d="M7.5 12h9" fill="none" stroke="currentColor" stroke-width="2.5" {}
            }
            defs { @for drawing in &drawings.drawn { (drawing) } }
        }
    }
}

/// What a screen reader says.
fn described(layout: &Layout<'_>, title: &str, more: &str) -> Markup {
    let path = layout.path;
    html! {
        title id=(title) { (text(&format!("{} {}: {}", path.consumer_noun, path.label, word(path.verdict)))) }
        desc id=(more) {
            "From " (text(path.resource.name())) " to " (text(&target(path))) "."
            @for (gate, crossed) in path.gates.iter().zip(&layout.crossed) {
                @if gate.verdict != Verdict::Pass || !crossed.is_empty() {
                    " " (name(gate.gate)) ": " (word(gate.verdict))
                    @for one in crossed { ", " (one.noun) " " (text(one.name)) }
                    "."
                }
            }
        }
    }
}

/// Gates in a row, for verdicts that no path has: those after a fix.
pub(super) fn strip(verdicts: impl Iterator<Item = Verdict> + Clone) -> Markup {
    html! { svg class="strip" viewBox="0 0 208 24" aria-hidden="true" { (drawing::strip(verdicts)) } }
}

/// The target's name, as its host name says it.
fn host(path: &Path) -> &str {
    path.target.host.as_deref().and_then(|host| host.split('.').next()).unwrap_or("not known")
}

/// The last part of a name.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// What is crossed: the kind, then the name.
fn label(crossed: &Crossing<'_>, most: usize) -> Markup {
    let name = short(crossed.name, most.saturating_sub(crossed.noun.len() + 1));
    html! { tspan class="dim" { (crossed.noun) " " } (name) }
}

/// A text without its middle, if it is too long.
fn short(name: &str, most: usize) -> Markup {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= most {
        return text(name);
    }
    let half = most.saturating_sub(1) / 2;
    let start: String = chars.iter().take(half).collect();
    let end: String = chars.iter().skip(chars.len().saturating_sub(half)).collect();
    text(&format!("{start}…{end}"))
}
