//! A report as commands of GitHub Actions: an annotation for each finding that counts.
//!
//! Source: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands> and the runner's
//! `ActionCommand.cs` (<https://github.com/actions/runner>; both read 2026-12-01).

use std::io::Result;

use apim_doctor_core::Severity;
use apim_doctor_core::v1::{Finding, Report};

use crate::exit::Status;
use crate::output::{Page, no_inner_command, plain};
use crate::render::undecided;

/// Prints a report.
pub(crate) fn print(report: &Report, status: Status, page: &mut Page<'_>) -> Result<()> {
    for (path, text) in undecided(report, status) {
        let place = &path.declared_at;
        let place = place.file.as_deref().map(|file| (file, place.line, place.column));
        page.command(&annotation("warning", place, "undecided", &text))?;
    }
    report
        .findings
        .iter()
        .filter(|finding| finding.suppressed.is_none())
        .try_for_each(|finding| page.command(&command(finding)))?;
    let wrong = report.suppressions.iter().filter_map(|suppression| Some((suppression, suppression.warning()?)));
    wrong.into_iter().try_for_each(|(suppression, text)| {
        let place = suppression.file.as_deref().map(|file| (file, suppression.line, None));
        page.command(&annotation("warning", place, "suppression", &text))
    })
}

fn command(finding: &Finding) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let place = finding.place().map(|(file, line, column)| (&**file, Some(line), column));
    let fix = finding.best_fix.and_then(|best| finding.fixes.get(best));
    let fix = fix.map(|fix| format!("\nFix: {}", fix.title)).unwrap_or_default();
    annotation(name, place, finding.code.as_str(), &format!("{}{fix}", finding.message))
}

fn annotation(name: &str, place: Option<(&str, Option<usize>, Option<usize>)>, title: &str, message: &str) -> String {
    let mut properties = Vec::new();
    if let Some((file, line, column)) = place {
        properties.push(format!("file={}", property(file)));
        properties.extend(line.map(|line| format!("line={line}")));
        properties.extend(column.map(|column| format!("col={column}")));
    }
    properties.push(format!("title={}", property(title)));
    format!("::{name} {}::{}", properties.join(","), data(message))
}

/// A message. Line breaks are the only control characters that survive, in their escaped form. The runner of another
/// service finds no command in it either.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    no_inner_command(&plain(&text))
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts with what a runner of a pipeline looks for.
    fn hostile() -> impl Strategy<Value = String> {
        let part =
            prop_oneof![any::<char>().prop_map(String::from), prop::sample::select(PARTS).prop_map(str::to_owned),];
        prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    const PARTS: &[&str] =
        &["::", "::error::", "%0A", "%25", "%3A", ",", "=", ":", "\n", "\r", "##[add-mask]", "##vso[", "file=", " "];

    /// As the runner does it: `ActionCommand.TryParseV2` and `UnescapeData`.
    fn parsed(line: &str) -> (String, Vec<(String, String)>, String) {
        let (head, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let plain = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
        let pairs = properties.split(',').filter_map(|pair| pair.split_once('='));
        let value = |text: &str| plain(text).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
        let pairs = pairs.map(|(name, text)| (name.to_owned(), value(text))).collect();
        (name.to_owned(), pairs, plain(data).replace("%25", "%"))
    }

    /// A text as it arrives: without invisible characters, but with its line breaks.
    fn arrives(text: &str) -> String {
        let one = |c: char| match c {
            '\r' | '\n' => c.to_string(),
            c => plain(&c.to_string()).into_owned(),
        };
        text.chars().map(one).collect()
    }

    /// A space parts what would be a command.
    fn without_spaces(text: &str) -> String {
        text.replace(' ', "")
    }

    proptest! {
        #[test]
        fn no_text_opens_a_command_of_its_own(file in hostile(), title in hostile(), message in hostile()) {
            let line = annotation("error", Some((&file, Some(3), Some(4))), &title, &message);
            prop_assert!(!line.contains(['\n', '\r']));
            let lower = line.to_ascii_lowercase();
            prop_assert!(!lower.contains("##[") && !lower.contains("##vso["));
            let (name, properties, data) = parsed(&line);
            prop_assert_eq!(name, "error");
            let expected = [("file", &*file), ("line", "3"), ("col", "4"), ("title", &*title)];
            let arrived = |(name, text): (&str, &str)| (name.to_owned(), without_spaces(&arrives(text)));
            let properties: Vec<(String, String)> =
                properties.into_iter().map(|(name, text)| (name, without_spaces(&text))).collect();
            prop_assert_eq!(properties, expected.map(arrived).to_vec());
            prop_assert_eq!(without_spaces(&data), without_spaces(&arrives(&message)));
        }
    }
}
