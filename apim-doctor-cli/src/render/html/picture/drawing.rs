//! What paths with the same verdicts and as many crossings share: the line, the signs and names of the gates, the
//! stems.

use apim_doctor_core::Verdict;
use apim_doctor_core::v1::{GateReport, Path};
use maud::{Markup, html};

use super::crossing::{Crossing, at_gate};
use crate::render::html::text::{class, name};

/// Where things stand in the two pictures of a path.
pub(super) struct Layout<'p> {
    pub path: &'p Path,
    /// What is crossed at each gate.
    pub crossed: Vec<Vec<Crossing<'p>>>,
    /// The height of the wide picture.
    pub height: usize,
    /// Where the target stands in the narrow picture.
    pub length: usize,
    /// Where the text below each gate starts in the wide picture.
    lines: Vec<usize>,
    /// Where each gate stands in the narrow picture.
    rows: Vec<usize>,
}

/// Where a gate stands in a wide picture.
pub(super) fn at(gate: usize) -> usize {
    170 + gate * 95
}

impl<'p> Layout<'p> {
    pub(super) fn of(path: &'p Path) -> Self {
        let crossed: Vec<Vec<Crossing<'p>>> = path.gates.iter().map(|gate| at_gate(path, gate)).collect();
        // Neighbours stand on two levels, so that each has the room of two columns.
        let order = |gate: usize| crossed.iter().take(gate).filter(|crossed| !crossed.is_empty()).count();
        let is_first_level = |gate: usize| order(gate) % 2 == 0;
        let numbered = || crossed.iter().map(Vec::len).enumerate();
        let first =
            numbered().filter(|(gate, _)| is_first_level(*gate)).map(|(_, count)| count).max().unwrap_or_default();
        let top = |gate: usize| if is_first_level(gate) { 98 } else { 98 + first * 18 + 12 };
        let lines: Vec<usize> = numbered().map(|(gate, _)| top(gate)).collect();
        let bottom = lines.iter().zip(&crossed).filter(|(_, crossed)| !crossed.is_empty());
        let bottom = bottom.map(|(top, crossed)| top + crossed.len() * 18).max().unwrap_or_default();
        let mut length = 66;
        let mut rows = Vec::new();
        for crossed in &crossed {
            rows.push(length);
            length += 34 + crossed.len() * 18;
        }
        Self { path, crossed, height: bottom.max(112) + 4, length, lines, rows }
    }

    /// Whether two paths start at the same place, cross the same, and reach the same host.
    pub(super) fn is_same_way(&self, other: &Layout<'_>) -> bool {
        self.crossed == other.crossed
            && (&self.path.origin, &self.path.target.host) == (&other.path.origin, &other.path.target.host)
    }

    /// What the drawing depends on.
    pub(super) fn key(&self) -> String {
        let gate = |(gate, crossed): (&std::sync::Arc<GateReport>, &Vec<Crossing<'_>>)| {
            format!("{} {} {}, ", class(gate.verdict), gate.assumed, crossed.len())
        };
        self.path.gates.iter().zip(&self.crossed).map(gate).collect()
    }

    /// Every crossing, with its gate and its line there.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, usize, &Crossing<'p>)> {
        self.crossed
            .iter()
            .enumerate()
            .flat_map(|(gate, crossed)| crossed.iter().enumerate().map(move |(line, one)| (gate, line, one)))
    }

    /// Where the text below a gate starts in the wide picture.
    pub(super) fn line(&self, gate: usize) -> usize {
        self.lines.get(gate).copied().unwrap_or_default()
    }

    /// Where a gate stands in the narrow picture.
    pub(super) fn row(&self, gate: usize) -> usize {
        self.rows.get(gate).copied().unwrap_or_default()
    }

    /// Draws it, for all paths with the same key.
    pub(super) fn draw(&self, number: usize) -> Markup {
        let verdicts = self.path.gates.iter().map(|gate| gate.verdict);
        html! {
            g id={ "w" (number) } { (self.wide()) }
            g id={ "n" (number) } { (self.narrow()) }
            g id={ "s" (number) } { (strip(verdicts)) }
        }
    }

    fn wide(&self) -> Markup {
        let open = first_open(self.path).map_or(960, at);
        html! {
            path class="way" d={ "M40 50H" (open) } {}
            @if open < 960 { path class="way open" d={ "M" (open) " 50H960" } {} }
            circle class="end" cx="40" cy="50" r="8" {}
            rect class="end" x="952" y="42" width="16" height="16" rx="3" {}
            text y="22" class="dim" { "caller" }
            text x="1000" y="22" class="last dim" { "target" }
            @for (number, gate) in self.path.gates.iter().enumerate() {
                @if self.crossed.get(number).is_some_and(|crossed| !crossed.is_empty()) {
                    path class="stem" d={ "M" (at(number)) " 66V" (self.line(number) - 14) } {}
                }
                text x=(at(number)) y="22" class={ "mid gate " (tone(gate)) } { (name(gate.gate)) }
                (stop(gate, at(number), 50))
            }
        }
    }

    fn narrow(&self) -> Markup {
        let open = first_open(self.path).map_or(self.length, |first| self.row(first));
        html! {
            path class="way" d={ "M20 20V" (open) } {}
            @if open < self.length { path class="way open" d={ "M20 " (open) "V" (self.length) } {} }
            circle class="end" cx="20" cy="20" r="8" {}
            rect class="end" x="12" y=(self.length - 8) width="16" height="16" rx="3" {}
            @for (gate, row) in self.path.gates.iter().zip(&self.rows) {
                text x="44" y=(row + 5) class={ "gate " (tone(gate)) } { (name(gate.gate)) }
                (stop(gate, 20, *row))
            }
        }
    }
}

/// Gates in a row.
pub(super) fn strip(verdicts: impl Iterator<Item = Verdict> + Clone) -> Markup {
    let open = verdicts.clone().position(|verdict| matches!(verdict, Verdict::Fail | Verdict::Unknown));
    let open = open.map_or(196, |first| 22 + first * 22);
    html! {
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
