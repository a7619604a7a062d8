//! What else a report says: suppressions, what was not used or evaluated, and who collected the data.

use maud::{Markup, html};

use super::Sheet;
use super::text::{prose, text};
use crate::render::words::sentence;

impl Sheet<'_> {
    /// The rest, each part where there is something to say.
    pub(super) fn rest(&self) -> Markup {
        html! {
            (self.suppressions())
            (self.coverage())
            (self.collected())
        }
    }

    fn suppressions(&self) -> Markup {
        let all = &self.report.suppressions;
        html! {
            @if !all.is_empty() {
                section aria-labelledby="suppressions" {
                    h2 id="suppressions" { "Suppressions" }
                    ul {
                        @for one in all {
                            li {
                                code { (text(&one.code)) } " "
                                @match one.warning() {
                                    Some(warning) => (prose(&sentence(&warning))),
                                    None => {
                                        "applies to " (one.findings)
                                        @if one.findings == 1 { " finding." } @else { " findings." }
                                    },
                                }
                                @if let Some(reason) = &one.reason { " " (prose(&sentence(reason))) }
                                @if let Some(file) = &one.file { " " (at(file, one.line)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn coverage(&self) -> Markup {
        let coverage = &self.report.coverage;
        html! {
            @if !coverage.not_used.is_empty() || !coverage.not_evaluated.is_empty() {
                section aria-labelledby="not-used" {
                    h2 id="not-used" { "Not used" }
                    ul {
                        @for one in &coverage.not_used {
                            li {
                                (prose(&sentence(&one.what))) " " (prose(&sentence(&one.help))) " "
                                (at(&one.file, Some(one.line)))
                            }
                        }
                        @for one in &coverage.not_evaluated {
                            li {
                                (prose(&sentence(&one.why))) " "
                                @if !one.help.is_empty() { (prose(&sentence(&one.help))) " " }
                                (at(&one.file, one.line))
                            }
                        }
                    }
                }
            }
        }
    }

    fn collected(&self) -> Markup {
        let report = self.report;
        html! {
            @if !report.collector_saw.is_empty() {
                section aria-labelledby="collector" {
                    h2 id="collector" { "Seen by the collecting machine" }
                    p class="note" { "The machine is not in the subnet of a path, so no path uses this." }
                    ul { @for seen in &report.collector_saw { li { (prose(seen)) } } }
                }
            }
            @if let Some(who) = &report.signed_in {
                p class="meta collected" {
                    "Collected"
                    @if let Some(credential) = &who.credential { " with " (text(credential)) }
                    @if let Some(object) = &who.object_id { " as object " code { (text(object)) } }
                    @if let Some(tenant) = &who.tenant_id { " of tenant " code { (text(tenant)) } }
                }
            }
        }
    }
}

/// A place in a file.
fn at(file: &str, line: Option<usize>) -> Markup {
    html! { span class="at" { (text(file)) @if let Some(line) = line { ":" (line) } } }
}
