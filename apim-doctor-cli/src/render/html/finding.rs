//! Findings: what is wrong, the facts, and the fixes.

use std::io::Result;

use apim_doctor_core::v1::Finding;
use apim_doctor_core::{Severity, Verdict};
use maud::{Markup, html};

use super::Sheet;
use super::answer::{how, trust};
use super::text::{commands, place, prose, sign, text};
use crate::render::words::{around, leading, sentence, why_suppressed};

/// How many findings show their best fix at once. That of the leading one stands at the top.
const OPEN: usize = 4;

/// How many affected paths are named.
const AFFECTED: usize = 12;

impl Sheet<'_> {
    /// Every finding.
    pub(super) fn findings(&self, put: &mut impl FnMut(Markup) -> Result<()>) -> Result<()> {
        let findings = &self.report.findings;
        if findings.is_empty() {
            return Ok(());
        }
        put(maud::PreEscaped("<section aria-labelledby=\"findings\">".to_owned()))?;
        put(html! { h2 id="findings" { "Findings" } })?;
        for (number, finding) in findings.iter().enumerate() {
            put(self.finding(number, finding))?;
        }
        put(maud::PreEscaped("</section>".to_owned()))
    }

    fn finding(&self, number: usize, finding: &Finding) -> Markup {
        let (class, severity) = match (&finding.suppressed, finding.severity, finding.verdict) {
            (Some(_), _, _) => ("suppressed", "suppressed"),
            (None, Severity::Error, Verdict::Fail) => ("fail", "error"),
            (None, Severity::Error, _) => ("unknown", "error, suspected"),
            (None, Severity::Warning, _) => ("unknown", "warning"),
            (None, Severity::Info, _) => ("none", "note"),
        };
        let is_new =
            finding.suppressed.is_none() && !leading(self.report).is_some_and(|own| std::ptr::eq(own, finding));
        let opens = |at: usize| is_new && number < OPEN && finding.best_fix == Some(at);
        html! {
            article class={ "finding " (class) } id={ "f" (number) } data-fingerprint=(text(&finding.fingerprint)) {
                h3 {
                    (sign(class))
                    span { (prose(&sentence(&finding.message))) }
                }
                p class="meta" {
                    (severity) " · " code { (text(finding.code.as_str())) } " · "
                    @match finding.affects.len() {
                        0 => "no access path",
                        1 => "1 access path",
                        many => { (many) " access paths" },
                    }
                }
                @if let Some(suppressed) = &finding.suppressed {
                    p class="note" { (text(&why_suppressed(suppressed))) }
                }
                @if !finding.evidence.is_empty() {
                    ul class="facts" {
                        @for one in &finding.evidence { li { (prose(&one.says)) (place(one, self.only_file)) } }
                    }
                }
                @for (at, fix) in finding.fixes.iter().enumerate() {
                    details class="fix" open[opens(at)] {
                        summary { span class="title" { "Fix: " (prose(&sentence(&fix.title))) } (trust(fix)) }
                        (self.caution(fix))
                        (how(fix))
                    }
                }
                (self.later_details("More about it", html! {
                    @if let Some(meaning) = &finding.meaning { p { (prose(meaning)) } }
                    @for way in &finding.confirm {
                        p { "Confirm it from " (prose(&way.run_from)) ":" }
                        (commands("command", &way.command))
                        p { "Expected: " (prose(&sentence(&way.expect))) }
                    }
                    @if !finding.affects.is_empty() { p { "Affected: " (affected(finding)) } }
                    @for source in &finding.sources {
                        p class="meta" { "Source: " (text(&source.url)) " (read " (text(&source.read_on)) ")" }
                    }
                }))
            }
        }
    }

    /// Details that a large page builds when they are opened.
    pub(super) fn later_details(&self, summary: &str, body: Markup) -> Markup {
        html! { details class="more" { summary { (summary) } (self.later(body)) } }
    }

    /// What was not collected, with what closes each gap.
    pub(super) fn gaps(&self) -> Markup {
        let gaps = &self.report.gaps;
        let (open, closed): (Vec<_>, Vec<_>) = gaps.iter().partition(|gap| gap.run.is_some());
        let refused = gaps.iter().filter(|gap| gap.status == Some(403)).count();
        html! {
            @if !gaps.is_empty() {
                section aria-labelledby="gaps" {
                    h2 id="gaps" { "Not collected" }
                    @if refused > 1 {
                        p class="note" {
                            "One role reads all that was refused: " code { "apim-doctor permissions" } " prints it."
                        }
                    }
                    @for gap in open.into_iter().chain(closed) {
                        article class="gap" {
                            h3 {
                                (sign(if gap.suppressed { "suppressed" } else { "unknown" }))
                                span { (prose(&sentence(&gap.what))) }
                            }
                            @match &gap.run {
                                Some(run) => {
                                    @if let Some(words) = around(&gap.ask, run) {
                                        p { (prose(&words)) ":" }
                                    }
                                    (commands("command", run))
                                },
                                None => p { (prose(&sentence(&gap.ask))) },
                            }
                            p class="meta" {
                                (text(&gap.kind))
                                @if let Some(status) = gap.status { " (" (status) ")" }
                                " · "
                                @match gap.affects.len() {
                                    0 => "may hide whole access paths",
                                    1 => "1 access path depends on it",
                                    many => { (many) " access paths depend on it" },
                                }
                                @if gap.suppressed { " · suppressed: it was known" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn affected(finding: &Finding) -> Markup {
    let rest = finding.affects.len().saturating_sub(AFFECTED);
    html! {
        @for (at, path) in finding.affects.iter().take(AFFECTED).enumerate() {
            @if at > 0 { ", " }
            code { (text(path)) }
        }
        @if rest > 0 { " and " (rest) " more" }
    }
}
