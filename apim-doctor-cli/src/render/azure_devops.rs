//! A report as logging commands of Azure Pipelines: an issue for each error and warning that counts.
//!
//! Source: <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands> (read 2026-12-01).

use std::io::Result;
use std::path::Path;

use apim_doctor_core::Severity;
use apim_doctor_core::v1::{Finding, Report};

use crate::exit::Status;
use crate::output::{Page, no_inner_command, plain};
use crate::render::undecided;

/// Prints a report. `summary`: a file with a summary, which the agent shows.
pub(crate) fn print(report: &Report, status: Status, summary: Option<&Path>, page: &mut Page<'_>) -> Result<()> {
    for (path, text) in undecided(report, status) {
        let place = &path.declared_at;
        let place = place.file.as_deref().map(|file| (file, place.line, place.column));
        page.command(&log("warning", place, "undecided", &text))?;
    }
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        if let Some(line) = issue(finding) {
            page.command(&line)?;
        }
    }
    for suppression in &report.suppressions {
        if let Some(text) = suppression.warning() {
            let place = suppression.file.as_deref().map(|file| (file, suppression.line, None));
            page.command(&log("warning", place, "suppression", &text))?;
        }
    }
    match summary {
        Some(file) => page.command(&format!("##vso[task.uploadsummary]{}", data(&file.display().to_string()))),
        None => Ok(()),
    }
}

/// The agent knows errors and warnings only.
fn issue(finding: &Finding) -> Option<String> {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => return None,
    };
    let place = finding.place().map(|(file, line, column)| (&**file, Some(line), column));
    Some(log(kind, place, finding.code.as_str(), &finding.message))
}

fn log(kind: &str, place: Option<(&str, Option<usize>, Option<usize>)>, code: &str, message: &str) -> String {
    let mut properties = vec![format!("type={kind}")];
    if let Some((file, line, column)) = place {
        properties.push(format!("sourcepath={}", property(file)));
        properties.extend(line.map(|line| format!("linenumber={line}")));
        properties.extend(column.map(|column| format!("columnnumber={column}")));
    }
    properties.push(format!("code={}", property(code)));
    format!("##vso[task.logissue {}]{}", properties.join(";"), data(message))
}

/// A message. The runner of another service finds no command in it either.
fn data(text: &str) -> String {
    let text = text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A");
    no_inner_command(&plain(&text))
}

fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
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

    const PARTS: &[&str] = &["##vso[", "##[", "]", ";", "%0A", "%AZP25", "%5D", "=", "\n", "\r", "task.complete", " "];

    /// As the agent does it: `Command.TryParse` and `CommandStringConvertor`.
    fn parsed(line: &str) -> (String, Vec<(String, String)>, String) {
        let start = line.find("##vso[").unwrap();
        let (head, data) = line.get(start + 6..).unwrap().split_once(']').unwrap();
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let value = |text: &str| {
            let text = text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n");
            text.replace("%5D", "]").replace("%AZP25", "%")
        };
        let pairs = properties.split(';').filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(name, text)| (name.to_owned(), value(text))).collect();
        (name.to_owned(), pairs, value(data))
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
        fn no_text_opens_a_command_of_its_own(file in hostile(), code in hostile(), message in hostile()) {
            let line = log("error", Some((&file, Some(3), None)), &code, &message);
            prop_assert!(!line.contains(['\n', '\r']));
            let lower = line.to_ascii_lowercase();
            prop_assert!(!lower.contains("##[") && lower.matches("##vso[").count() == 1);
            let (name, properties, data) = parsed(&line);
            prop_assert_eq!(name, "task.logissue");
            let expected = [("type", "error"), ("sourcepath", &*file), ("linenumber", "3"), ("code", &*code)];
            let arrived = |(name, text): (&str, &str)| (name.to_owned(), without_spaces(&arrives(text)));
            let properties: Vec<(String, String)> =
                properties.into_iter().map(|(name, text)| (name, without_spaces(&text))).collect();
            prop_assert_eq!(properties, expected.map(arrived).to_vec());
            prop_assert_eq!(without_spaces(&data), without_spaces(&arrives(&message)));
        }
    }
}
