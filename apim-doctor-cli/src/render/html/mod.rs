//! A report as a page: one file that needs no network, and no script to be read.
//!
//! The first screen answers. Below it stand the access paths, each drawn as its eight gates, then the findings and the
//! data that was not collected. A script adds a filter, a search and copy buttons. In a large report the questions of
//! gates are inside `noscript` elements: a browser without scripts shows them, and with scripts they are built when they
//! are opened.

mod answer;
mod finding;
mod more;
mod path;
mod paths;
mod picture;
mod text;
mod vault;

use std::collections::HashMap;
use std::io::Result;

use apim_doctor_core::v1::{Finding, Path, Report};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::files::LIVE;
use crate::output::Page;
use crate::render::words::capital;
use picture::Drawings;
use text::text;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// With more access paths than this, details are built when they are opened.
const LARGE: usize = 200;

/// A report, and what the parts of its page look up.
struct Sheet<'r> {
    report: &'r Report,
    by_id: HashMap<&'r str, &'r Path>,
    /// The findings that affect a path, with their places in the report.
    found: HashMap<&'r str, Vec<(usize, &'r Finding)>>,
    /// The number of each caller.
    callers: HashMap<&'r str, usize>,
    drawings: Drawings,
    /// The only file that facts stand in.
    only_file: Option<&'r str>,
}

/// Prints a report. The page is written in parts, because that of a tenant is large.
pub(crate) fn print(report: &Report, page: &mut Page<'_>) -> Result<()> {
    let sheet = Sheet::of(report);
    let mut put = |part: Markup| match part.0.is_empty() {
        true => Ok(()),
        false => page.lines(&part.0),
    };
    put(start(report))?;
    put(picture::shapes(&sheet.drawings))?;
    put(sheet.answer())?;
    put(PreEscaped("<main>".to_owned()))?;
    sheet.paths(&mut put)?;
    sheet.findings(&mut put)?;
    put(sheet.gaps())?;
    put(sheet.vaults())?;
    put(sheet.rest())?;
    put(PreEscaped("</main>".to_owned()))?;
    put(sheet.end())
}

impl<'r> Sheet<'r> {
    fn of(report: &'r Report) -> Self {
        let mut found: HashMap<&str, Vec<(usize, &Finding)>> = HashMap::new();
        for (at, finding) in report.findings.iter().enumerate() {
            for path in &finding.affects {
                found.entry(path).or_default().push((at, finding));
            }
        }
        let mut callers = HashMap::new();
        for path in &report.paths {
            let next = callers.len();
            callers.entry(path.resource.as_str()).or_insert(next);
        }
        let by_id = report.paths.iter().map(|path| (path.id.as_str(), path)).collect();
        let mut files = report.paths.iter().filter_map(|path| path.declared_at.file.as_deref());
        let only_file = files.next().filter(|file| report.coverage.files == 1 && *file != LIVE);
        Self { report, by_id, found, callers, drawings: Drawings::of(report.paths.iter()), only_file }
    }

    /// Everything below the content.
    fn end(&self) -> Markup {
        let report = self.report;
        html! {
            footer {
                p { strong { (text(&report.summary.says)) } }
                p {
                    (text(&report.coverage.says))
                    @if let Some(file) = self.only_file { "; lines are those of " code { (text(file)) } }
                }
                p {
                    (text(&report.tool.name)) " " (text(&report.tool.version))
                    " · nothing in this page is loaded from a network"
                }
            }
            script { (PreEscaped(SCRIPT)) }
            (PreEscaped("</body></html>"))
        }
    }

    fn is_large(&self) -> bool {
        self.report.paths.len() > LARGE
    }

    /// A part that is built when it is opened, if the report is large.
    fn later(&self, part: Markup) -> Markup {
        match self.is_large() {
            true => html! { noscript { (part) } },
            false => part,
        }
    }
}

/// Everything above the content. Only this style and this script are obeyed, and nothing is loaded from anywhere.
fn start(report: &Report) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="referrer" content="no-referrer";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="generator" content={ "apim-doctor " (text(&report.tool.version)) };
            title { (text(&capital(&report.headline.says))) " · apim-doctor" }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        @if !report.paths.is_empty() { a class="skip" href="#paths" { "Skip to the access paths" } }
    }
}

/// What a Content-Security-Policy calls a text.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::plain_but_tabs;

    #[test]
    fn the_style_and_the_script_leave_as_they_are() {
        for text in [STYLE, SCRIPT] {
            for line in text.lines() {
                assert_eq!(plain_but_tabs(line), line);
                assert!(!line.trim_start().starts_with("::") && !line.contains("##"), "{line}");
            }
            assert!(!text.contains("</") && !text.contains('\r'));
        }
    }
}
