//! `explain`: what a code means, and what an error text can mean.

use std::path::Path;

use apim_doctor_core::{CATALOGUE, Check, Input, RETIRED, causes_of_messages};
use serde_json::json;

use crate::args::{Explain, Format};
use crate::exit::Status;
use crate::input::{self, Failure};
use crate::output::{self, Paint};
use crate::render::explanation;

/// Runs `explain`.
pub fn run(args: &Explain) -> Result<Status, Failure> {
    match (&args.code, &args.error, &args.error_file) {
        (Some(code), ..) => of_code(code, args),
        (_, Some(error), _) => of_text(&error_text(error)?, args),
        (_, _, Some(file)) => of_text(&text(input::load(file)?)?, args),
        (None, None, None) => Ok(Status::Clean),
    }
}

/// An error text as it was typed, or from standard input.
pub fn error_text(typed: &str) -> Result<String, Failure> {
    match typed {
        "-" => text(input::load(Path::new("-"))?),
        typed => Ok(typed.to_owned()),
    }
}

/// The text in a file: UTF-8, or UTF-16 as Windows PowerShell writes it.
fn text(Input { name, bytes }: Input) -> Result<String, Failure> {
    let wide = |decode: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        let units = pairs.iter().skip(1).map(|pair| decode(*pair));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    let text = match bytes.as_slice() {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        other if other.contains(&0) => {
            return Err(Failure::Usage {
                message: format!("`{name}` is binary"),
                help: "give the text of an error or of a log, in UTF-8 or UTF-16".to_owned(),
            });
        }
        other => String::from_utf8_lossy(other).into_owned(),
    };
    Ok(text)
}

/// What an error text can mean. A text that is not known is no error.
fn of_text(text: &str, args: &Explain) -> Result<Status, Failure> {
    let explained = apim_doctor_core::explain(text);
    output::write(None, |page| match args.output {
        Format::Json => page.json(&explained),
        Format::Terminal => explanation::print(&explained, args.verbose, page),
    })?;
    Ok(Status::Clean)
}

/// Codes that only an error text leads to: no check finds them in collected data yet. Each with its bad state and what
/// repairs it.
pub fn texts_only() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    causes_of_messages().filter(|(code, ..)| CATALOGUE.iter().all(|check| check.code != *code))
}

fn of_code(code: &str, args: &Explain) -> Result<Status, Failure> {
    let Some(check) = CATALOGUE.iter().find(|check| check.code.eq_ignore_ascii_case(code)) else {
        let found = texts_only().find(|(known, ..)| known.eq_ignore_ascii_case(code)).ok_or_else(|| unknown(code))?;
        return of_text_code(found, args);
    };
    output::write(None, |page| match args.output {
        Format::Json => page.json(&json!({
            "code": check.code, "summary": check.app_summary, "severity": check.severity,
            "docs": docs(check), "sources": check.all_sources().collect::<Vec<_>>(),
        })),
        Format::Terminal => {
            page.line(&format!("{}: {}", check.code.bold(), check.app_summary))?;
            page.line("")?;
            for line in docs(check).lines() {
                match line.strip_prefix("## ") {
                    Some(heading) => page.line(&heading.bold())?,
                    None => page.line(line)?,
                }
            }
            page.line("")?;
            page.line(&"Sources".bold())?;
            page.line("")?;
            check.all_sources().try_for_each(|source| page.line(&format!("{} (read {})", source.url, source.read_on)))
        }
    })?;
    Ok(Status::Clean)
}

/// What is known of a code that only an error text leads to.
fn of_text_code((code, title, fix): (&str, &str, &str), args: &Explain) -> Result<Status, Failure> {
    output::write(None, |page| match args.output {
        Format::Json => page.json(&json!({"code": code, "summary": title, "fix": fix, "judged": false})),
        Format::Terminal => {
            page.line(&format!("{}: {title}", code.bold()))?;
            page.line("")?;
            page.line(&format!("fix: {fix}"))?;
            page.line("")?;
            page.line("Only an error text leads to this code: no check finds it in collected data yet.")
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
