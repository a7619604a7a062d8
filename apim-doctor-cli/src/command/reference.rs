//! `rules`, `schema` and `completions`: reference output.

use apim_doctor_core::{CHECKED, Code, Severity};
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::args::{Args, Format};
use crate::config;
use crate::exit::Status;
use crate::failure::Failure;
use crate::output;

/// Lists every code.
pub(super) fn rules(format: Format) -> Result<Status, Failure> {
    output::write(None, |page| match format {
        Format::Json => {
            let rule = |code: &Code| {
                json!({
                    "code": code, "summary": code.title(), "severity": code.severity(),
                    "judged": CHECKED.contains(code), "sources": code.sources().collect::<Vec<_>>(),
                })
            };
            page.json(&Code::ALL.iter().map(rule).collect::<Vec<_>>())
        }
        Format::Terminal => Code::ALL.iter().try_for_each(|code| {
            let severity = match code.severity() {
                _ if !CHECKED.contains(code) => "(texts)",
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            };
            page.line(&format!("{code:52} {severity:8} {}", code.title()))
        }),
    })?;
    Ok(Status::Clean)
}

/// Prints a JSON Schema.
pub(super) fn schema(name: &str) -> Result<Status, Failure> {
    if name == "config" {
        output::write(None, |page| page.pretty_json(&config::schema(&Args::command())))?;
        return Ok(Status::Clean);
    }
    let Some(schema) = apim_doctor_core::schema(name) else {
        return Err(Failure::Usage {
            message: format!("format `{name}` does not exist"),
            help:
                "expected snapshot, report, ndjson, baseline, config, answer, who, what, roles, explanation, what-if, \
                   diff or fleet"
                    .to_owned(),
        });
    };
    output::write(None, |page| page.pretty_json(&schema))?;
    Ok(Status::Clean)
}

/// Prints completions for a shell.
pub(super) fn completions(shell: Shell) -> Result<Status, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "apim-doctor", &mut text);
    output::write(None, |page| page.lines(&String::from_utf8_lossy(&text)))?;
    Ok(Status::Clean)
}
