//! `rules`, `schema`, `completions` and `man`: what there is to look up.

use apim_doctor_core::{CATALOGUE, Severity};
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::args::{Args, Format};
use crate::command::explain::texts_only;
use crate::exit::Status;
use crate::input::Failure;
use crate::output;

/// Lists every code.
pub fn rules(format: Format) -> Result<Status, Failure> {
    output::write(None, |page| match format {
        Format::Json => {
            let all: Vec<_> = CATALOGUE
                .iter()
                .map(|c| {
                    let sources: Vec<_> = c.all_sources().collect();
                    json!({"code": c.code, "summary": c.app_summary, "severity": c.severity, "sources": sources})
                })
                .chain(texts_only().map(|(code, title, _)| json!({"code": code, "summary": title, "judged": false})))
                .collect();
            page.json(&all)
        }
        Format::Terminal => {
            CATALOGUE.iter().try_for_each(|check| {
                let severity = match check.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Info => "info",
                };
                page.line(&format!("{:52} {severity:8} {}", check.code, check.app_summary))
            })?;
            texts_only().try_for_each(|(code, title, _)| page.line(&format!("{code:52} {:8} {title}", "(texts)")))
        }
    })?;
    Ok(Status::Clean)
}

/// Prints a JSON Schema.
pub fn schema(name: &str) -> Result<Status, Failure> {
    let Some(schema) = apim_doctor_core::schema(name) else {
        return Err(Failure::Usage {
            message: format!("there is no format `{name}`"),
            help: "expected snapshot, report, answer or explanation".to_owned(),
        });
    };
    output::write(None, |page| page.pretty_json(&schema))?;
    Ok(Status::Clean)
}

/// Prints completions for a shell.
pub fn completions(shell: Shell) -> Result<Status, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "apim-doctor", &mut text);
    output::write(None, |page| page.lines(&String::from_utf8_lossy(&text)))?;
    Ok(Status::Clean)
}

/// Prints the manual page.
pub fn man() -> Result<Status, Failure> {
    output::write(None, |page| {
        let manual = clap_mangen::Man::new(Args::command());
        let mut text = Vec::new();
        manual.render(&mut text)?;
        page.lines(&String::from_utf8_lossy(&text))
    })?;
    Ok(Status::Clean)
}
