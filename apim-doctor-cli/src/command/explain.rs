//! `explain`: what a code means.

use apim_doctor_core::{CATALOGUE, Check, RETIRED};
use colored::Colorize;
use serde_json::json;

use crate::args::{Explain, Format};
use crate::exit::Status;
use crate::input::Failure;
use crate::output;

/// Runs `explain`.
pub fn run(args: &Explain) -> Result<Status, Failure> {
    let Some(check) = CATALOGUE.iter().find(|check| check.code.eq_ignore_ascii_case(&args.code)) else {
        return Err(unknown(&args.code));
    };
    output::write(None, |out| match args.output {
        Format::Json => writeln!(
            out,
            "{}",
            json!({
                "code": check.code, "summary": check.summary, "severity": check.severity,
                "docs": docs(check), "sources": check.sources,
            })
        ),
        Format::Terminal => {
            writeln!(out, "{}: {}\n", check.code.bold(), check.summary)?;
            for line in docs(check).lines() {
                match line.strip_prefix("## ") {
                    Some(heading) => writeln!(out, "{}", heading.bold())?,
                    None => writeln!(out, "{line}")?,
                }
            }
            writeln!(out, "\n{}\n", "Sources".bold())?;
            check.sources.iter().try_for_each(|source| writeln!(out, "{} (read {})", source.url, source.read_on))
        }
    })?;
    Ok(Status::Clean)
}

/// The page of a check without the blanks that doc comments start with.
pub fn docs(check: &Check) -> String {
    let lines = check.docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn unknown(code: &str) -> Failure {
    if let Some((_, why)) = RETIRED.iter().find(|(retired, _)| *retired == code) {
        return Failure::Usage { message: format!("`{code}` is not used any more"), help: (*why).to_owned() };
    }
    let slug = code.rsplit('.').next().unwrap_or(code);
    let close: Vec<&str> = CATALOGUE.iter().map(|c| c.code).filter(|c| c.contains(slug) || slug.contains(c)).collect();
    let help = match close.is_empty() {
        true => "`apim-doctor rules` lists every code".to_owned(),
        false => format!("did you mean {}? `apim-doctor rules` lists every code", close.join(", ")),
    };
    Failure::Usage { message: format!("there is no code `{code}`"), help }
}
