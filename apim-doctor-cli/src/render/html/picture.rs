//! The picture of an access path: a line from the caller to the target, its eight gates, and what it crosses at each.

mod crossing;

use apim_doctor_core::v1::{GateReport, Path};
use apim_doctor_core::{Gate, Verdict};
use maud::{Markup, html};

use super::text::{class, text, word};
use crate::render::words::target;
use crossing::{Crossing, at_gate, start};

/// The most characters of one text: wide pictures have columns.
const COLUMN: usize = 27;
const END: usize = 17;
const LINE: usize = 40;

/// The shape of each verdict, which the page refers to. They differ by their form, not only by their colour.
pub(super) fn shapes() -> Markup {
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
                path d="M12 .8L23.2 12 12 23.2.8 12z" fill="currentColor" {}
                path d="M9.3 9.6a2.7 2.7 0 1 1 4.2 2.3c-1 .7-1.5 1.1-1.5 2.1" fill="none" stroke=(mark)
                    stroke-width="2.1" {}
                circle cx="12" cy="17" r="1.4" fill=(mark) {}
            }
            symbol id="none" viewBox="0 0 24 24" {
                circle cx="12" cy="12" r="5" fill=(mark) stroke="currentColor" stroke-width="2" {}
            }
            symbol id="suppressed" viewBox="0 0 24 24" {
                circle cx="12" cy="12" r="9.5" fill=(mark) stroke="currentColor" stroke-width="2.5"
                    stroke-dasharray="4 3" {}
                path d="M7.5 12h9" fill="none" stroke="currentColor" stroke-width="2.5" {}
            }
        }
    }
}

/// A path, drawn from left to right, and from top to bottom for narrow screens. The style shows one of them.
pub(super) fn picture(path: &Path) -> Markup {
    html! {
        div class="picture" {
            (wide(path))
            (narrow(path))
        }
    }
}

/// What a screen reader says.
fn described(path: &Path) -> Markup {
    html! {
        title { (text(&format!("{} {}, from caller to target: {}", path.consumer_noun, path.label, word(path.verdict)))) }
        desc {
            "From " (text(path.resource.name())) " to " (text(&target(path))) "."
            @for gate in &path.gates {
                " " (name(gate.gate)) ": " (word(gate.verdict))
                @let crossed = at_gate(path, gate);
                @if !crossed.is_empty() {
                    ", at " (text(&crossed.iter().map(Crossing::to_string).collect::<Vec<_>>().join(", ")))
                }
                "."
            }
        }
    }
}

fn wide(path: &Path) -> Markup {
    let at = |gate: usize| 170 + gate * 95;
    let crossed: Vec<(usize, Vec<Crossing<'_>>)> = path
        .gates
        .iter()
        .enumerate()
        .map(|(number, gate)| (number, at_gate(path, gate)))
        .filter(|(_, crossed)| !crossed.is_empty())
        .collect();
    // Neighbours stand on two levels, so that each has the room of two columns.
    let lines = crossed.iter().step_by(2).map(|(_, crossed)| crossed.len()).max().unwrap_or_default();
    let top = |order: usize| 98 + if order % 2 == 1 { lines * 18 + 12 } else { 0 };
    let bottom = crossed.iter().enumerate().map(|(order, (_, crossed))| top(order) + crossed.len() * 18).max();
    let height = bottom.unwrap_or_default().max(112) + 4;
    let open = first_open(path).map_or(940, at);
    html! {
        svg class="wide" viewBox={ "0 0 1000 " (height) } role="img" {
            (described(path))
            path class="way" d={ "M60 50H" (open) } {}
            @if open < 940 { path class="way open" d={ "M" (open) " 50H940" } {} }
            (end(60, path.resource.name(), "caller", start(path)))
            @for (order, (number, crossed)) in crossed.iter().enumerate() {
                path class="stem" d={ "M" (at(*number)) " 66V" (top(order) - 14) } {}
                @for (line, one) in crossed.iter().enumerate() {
                    text x=(at(*number)) y=(top(order) + line * 18) class="mid" { (label(one, COLUMN)) }
                }
            }
            @for (number, gate) in path.gates.iter().enumerate() {
                text x=(at(number)) y="22" class={ "mid gate " (tone(gate)) } { (name(gate.gate)) }
                (stop(gate, at(number), 50))
            }
            (end(940, path.target.host.as_deref().and_then(|host| host.split('.').next()).unwrap_or("not known"),
                "target", path.target.object.as_deref().map(|object| object.rsplit('/').next().unwrap_or_default())))
        }
    }
}

/// The caller or the target of a wide picture.
fn end(x: usize, name: &str, what: &str, more: Option<&str>) -> Markup {
    html! {
        text x=(x) y="22" class="mid dim" { (what) }
        @if what == "caller" { circle class="end" cx=(x) cy="50" r="8" {} }
        @else { rect class="end" x=(x - 8) y="42" width="16" height="16" rx="3" {} }
        text x=(x) y="82" class="mid strong" { (text(&short(name, END))) }
        @if let Some(more) = more { text x=(x) y="100" class="mid dim" { (text(&short(more, END))) } }
    }
}

fn narrow(path: &Path) -> Markup {
    let rows: Vec<(&GateReport, Vec<Crossing<'_>>)> =
        path.gates.iter().map(|gate| (gate.as_ref(), at_gate(path, gate))).collect();
    let mut y = 66;
    let mut tops = Vec::new();
    for (_, crossed) in &rows {
        tops.push(y);
        y += 32 + crossed.len() * 18;
    }
    let open = first_open(path).and_then(|first| tops.get(first).copied()).unwrap_or(y);
    let host = path.target.host.as_deref().and_then(|host| host.split('.').next()).unwrap_or("not known");
    html! {
        svg class="narrow" viewBox={ "0 0 320 " (y + 28) } role="img" {
            (described(path))
            path class="way" d={ "M20 20V" (open) } {}
            @if open < y { path class="way open" d={ "M20 " (open) "V" (y) } {} }
            circle class="end" cx="20" cy="20" r="8" {}
            text x="44" y="25" class="strong" { (text(&short(path.resource.name(), LINE))) }
            @if let Some(start) = start(path) { text x="44" y="43" class="dim" { (text(&short(start, LINE))) } }
            @for ((gate, crossed), top) in rows.iter().zip(&tops) {
                text x="44" y=(top + 5) class={ "gate " (tone(gate)) } { (name(gate.gate)) }
                @for (line, one) in crossed.iter().enumerate() {
                    text x="44" y=(top + 23 + line * 18) { (label(one, LINE)) }
                }
                (stop(gate, 20, *top))
            }
            rect class="end" x="12" y=(y - 8) width="16" height="16" rx="3" {}
            text x="44" y=(y + 5) class="strong" { (text(&short(host, LINE))) }
            @if let Some(object) = &path.target.object {
                text x="44" y=(y + 23) class="dim" { (text(&short(object, LINE))) }
            }
        }
    }
}

/// Gates in a row: what they are now, and what they are once a verified fix is applied.
pub(super) fn strip(verdicts: impl Iterator<Item = Verdict> + Clone, says: &str) -> Markup {
    let open = verdicts.clone().position(|verdict| matches!(verdict, Verdict::Fail | Verdict::Unknown));
    let open = open.map_or(196, |first| 22 + first * 22);
    html! {
        svg class="strip" viewBox="0 0 208 24" role="img" {
            title { (says) }
            path class="way" d={ "M4 12H" (open) } {}
            @if open < 196 { path class="way open" d={ "M" (open) " 12H196" } {} }
            circle class="end" cx="5" cy="12" r="4" {}
            rect class="end" x="196" y="7" width="10" height="10" rx="2" {}
            @for (number, verdict) in verdicts.enumerate() {
                use class=(class(verdict)) href={ "#" (class(verdict)) } x=(14 + number * 22) y="4" width="16"
                    height="16" {}
            }
        }
    }
}

/// The first gate that the path is not known to pass.
fn first_open(path: &Path) -> Option<usize> {
    path.gates.iter().position(|gate| matches!(gate.verdict, Verdict::Fail | Verdict::Unknown))
}

/// The sign of a gate on the line. One that is judged as if the failures before it were fixed has a dashed ring.
fn stop(gate: &GateReport, x: usize, y: usize) -> Markup {
    let half = match gate.verdict {
        Verdict::Fail | Verdict::Unknown => 14,
        _ => 11,
    };
    html! {
        @if gate.assumed { circle class="assumed" cx=(x) cy=(y) r="16" {} }
        use class=(class(gate.verdict)) href={ "#" (class(gate.verdict)) } x=(x - half) y=(y - half) width=(half * 2)
            height=(half * 2) {}
    }
}

/// How the name of a gate is written.
fn tone(gate: &GateReport) -> &'static str {
    match gate.verdict {
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::NotApplicable => "dim",
        Verdict::Pass => "",
    }
}

/// A gate's name on the page.
pub(super) fn name(gate: Gate) -> &'static str {
    match gate {
        Gate::Dns => "DNS",
        Gate::Authorization => "grant",
        other => other.name(),
    }
}

/// What is crossed: the kind, then the name.
fn label(crossed: &Crossing<'_>, most: usize) -> Markup {
    let name = short(crossed.name, most.saturating_sub(crossed.noun.len() + 1));
    html! { tspan class="dim" { (crossed.noun) " " } (text(&name)) }
}

/// A text without its middle, if it is too long.
fn short(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= most {
        return text.to_owned();
    }
    let half = most.saturating_sub(1) / 2;
    let start: String = chars.iter().take(half).collect();
    let end: String = chars.iter().skip(chars.len().saturating_sub(half)).collect();
    format!("{start}…{end}")
}
