//! The first screen: the verdict, its cause, and what to do.

use std::collections::BTreeMap;

use apim_doctor_core::v1::{Finding, Fix, Outcome, Path};
use apim_doctor_core::{Safety, Timestamp, Verdict};
use maud::{Markup, html};

use super::text::{commands, prose, sign, text};
use super::{Sheet, picture};
use crate::render::words::{around, best, capital, leading, sentence, why_suppressed};

impl Sheet<'_> {
    /// The verdict as the page's title, the cause, and the fix or the question to settle.
    pub(super) fn answer(&self) -> Markup {
        let report = self.report;
        let class = match report.headline.outcome {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            _ => "unknown",
        };
        html! {
            header class=(class) {
                p class="meta" {
                    (self.about()) " · "
                    time datetime=(report.as_of.to_string()) { (time(report.as_of)) }
                }
                h1 { (sign(class)) span { (text(&capital(&report.headline.says))) } }
                @match leading(report) {
                    Some(finding) => (self.cause(finding)),
                    None => (self.question()),
                }
            }
        }
    }

    /// Which resources the report is about.
    fn about(&self) -> Markup {
        let mut names = self.report.paths.iter().map(|path| path.resource.name()).collect::<Vec<_>>();
        names.sort_unstable();
        names.dedup();
        match names.as_slice() {
            [] => html! { "apim-doctor" },
            [one] => html! { bdi { (text(one)) } },
            [one, other] => html! { bdi { (text(one)) } ", " bdi { (text(other)) } },
            many => html! { (many.len()) " resources" },
        }
    }

    /// The finding that comes first, and its fix.
    fn cause(&self, finding: &Finding) -> Markup {
        let number = self.report.findings.iter().position(|other| std::ptr::eq(other, finding)).unwrap_or_default();
        html! {
            p class="cause" {
                @if finding.verdict == Verdict::Unknown { "Suspected, not proved: " }
                (prose(&sentence(&finding.message)))
            }
            p { a href={ "#f" (number) } { code { (text(finding.code.as_str())) } } }
            @match (&finding.suppressed, best(finding)) {
                (Some(suppressed), _) => p class="note" { (text(&why_suppressed(suppressed))) },
                (None, Some(fix)) => div class="fix" {
                    h2 { "Fix" (trust(fix)) }
                    p class="title" { (prose(&sentence(&fix.title))) }
                    (self.caution(fix))
                    (how(fix))
                    (self.repaired(finding))
                },
                (None, None) => p class="note" { "No fix is known." },
            }
            (self.causes())
        }
    }

    /// Without a finding: what keeps the verdict open, and the command that settles it.
    fn question(&self) -> Markup {
        let (report, headline) = (self.report, &self.report.headline);
        let Some(why) = &headline.why else { return html! {} };
        html! {
            p class="cause" {
                @if report.verdict == Verdict::Unknown && !report.paths.is_empty() {
                    "Nothing that was collected is wrong. Open: "
                }
                (prose(&sentence(why)))
            }
            @match (&headline.ask, &headline.run) {
                (Some(ask), Some(run)) => div class="fix" {
                    h2 { "Settle it" }
                    @if let Some(words) = around(ask, run) { p class="title" { (prose(&words)) ":" } }
                    (commands("command", run))
                },
                (Some(ask), None) => p class="note" { (prose(&sentence(ask))) },
                _ => {},
            }
        }
    }

    /// Whether the first screen is about the path.
    pub(super) fn leads(&self, path: &Path) -> bool {
        leading(self.report).is_some_and(|finding| finding.affects.contains(&path.id))
    }

    /// The gates of a path that the fixes open, before and after.
    fn repaired(&self, finding: &Finding) -> Markup {
        let paths = finding.affects.iter().filter_map(|id| self.by_id.get(id.as_str()));
        match paths.copied().find(|path| is_repaired(path)) {
            Some(path) => self.before_and_after(path),
            None => html! {},
        }
    }

    /// The gates of a path before and after its verified fixes: then it passes.
    pub(super) fn before_and_after(&self, path: &Path) -> Markup {
        let after = path.gates.iter().map(|gate| match gate.verdict {
            Verdict::NotApplicable => Verdict::NotApplicable,
            _ => Verdict::Pass,
        });
        html! {
            dl class="change" {
                div { dt { "Before" } dd { (self.drawings.strip(path)) span { "the path fails" } } }
                div { dt { "After" } dd { (picture::strip(after)) span { "the path passes" } } }
            }
        }
    }

    /// If there are several, what the paths fail for, with how many paths each cause has.
    fn causes(&self) -> Markup {
        let mut causes: BTreeMap<&str, (usize, &Finding)> = BTreeMap::new();
        for path in self.report.paths.iter().filter(|path| path.verdict == Verdict::Fail && !path.suppressed) {
            let own = self.found.get(path.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let root = own.iter().find(|(_, finding)| path.root_cause.as_ref() == Some(&finding.code));
            if let Some((_, finding)) = root {
                causes.entry(finding.code.as_str()).or_insert((0, finding)).0 += 1;
            }
        }
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|(code, (count, _))| (std::cmp::Reverse(*count), *code));
        html! {
            @if causes.len() > 1 {
                section class="causes" aria-labelledby="causes" {
                    h2 id="causes" { "Causes" }
                    table {
                        thead { tr { th scope="col" { "Paths" } th scope="col" { "Why they fail" } } }
                        tbody {
                            @for (code, (count, finding)) in &causes {
                                tr {
                                    td class="count" { (count) }
                                    td {
                                        (text(&capital(&finding.title))) " "
                                        a href="#paths" data-search=(text(code)) { code { (text(code)) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What else a fix changes, and why it is not verified.
    pub(super) fn caution(&self, fix: &Fix) -> Markup {
        html! {
            @if let (false, Some(why)) = (fix.verified, &fix.unverified) {
                p class="note" { "Not verified: " (prose(&sentence(why))) }
            }
            @if let Some(first) = fix.also_touches.first() {
                p class="note" {
                    "It also changes "
                    @if fix.also_touches_count == 1 { "path " }
                    @else { (fix.also_touches_count) " other paths, such as " }
                    code { (text(first)) } "."
                }
            }
        }
    }
}

/// A time for people.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How far a fix can be trusted.
pub(super) fn trust(fix: &Fix) -> Markup {
    html! {
        @if fix.verified { span class="tag pass" { (sign("pass")) "verified" } }
        @else { span class="tag unknown" { (sign("unknown")) "not verified" } }
        @if fix.safety == Safety::Review { span class="tag" { "also changes other things" } }
        @if fix.safety == Safety::Manual { span class="tag" { "by hand" } }
    }
}

/// What to run or to write.
pub(super) fn how(fix: &Fix) -> Markup {
    let az = fix.az.join("\n");
    let powershell = fix.powershell.join("\n");
    html! {
        @if let Some(diff) = &fix.diff { (commands("change", diff)) }
        @if !az.is_empty() { (commands("Azure CLI", &az)) }
        @if !powershell.is_empty() { (commands("PowerShell", &powershell)) }
        @for (name, snippet) in [("Bicep", &fix.bicep), ("Terraform", &fix.terraform)] {
            @if let Some(snippet) = snippet {
                details { summary { (name) } (commands(name, snippet)) }
            }
        }
    }
}

/// Whether verified fixes open the path.
pub(super) fn is_repaired(path: &Path) -> bool {
    path.combined_fix.as_ref().is_some_and(|fix| fix.verified)
}
