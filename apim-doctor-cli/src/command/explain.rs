//! `explain`: what a code means, and what an error text can mean.

use std::path::Path;

use apim_doctor_core::{CHECKED, Code, Input, RETIRED, repair};
use serde_json::json;

use crate::args::{Explain, Format};
use crate::exit::Status;
use crate::failure::Failure;
use crate::input;
use crate::output::{self, Paint};
use crate::render::explanation;

/// Runs `explain`.
pub(super) fn run(args: &Explain) -> Result<Status, Failure> {
    match (args.words.as_slice(), &args.error, &args.error_file) {
        (_, Some(error), _) => of_text(&error_text(error)?, args),
        (_, _, Some(file)) => of_text(&text(input::load(file)?)?, args),
        ([word], ..) if is_code(word) => of_code(word, args),
        ([file], ..) if file == "-" || Path::new(file).is_file() => {
            of_text(&text(input::load(Path::new(file))?)?, args)
        }
        (words, ..) => of_text(&words.join(" "), args),
    }
}

/// Whether a word is a code, or was meant as one: `firewall.source-not-allowed`.
pub(super) fn is_code(word: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let gate = word.split_once('.').map(|(gate, name)| (gate, is_name(name)));
    gate.is_some_and(|(gate, named)| named && Code::ALL.iter().any(|code| code.text().starts_with(&format!("{gate}."))))
        || Code::of(word).is_some()
        || RETIRED.iter().any(|(retired, _)| retired.eq_ignore_ascii_case(word))
}

/// An error text as it was typed, or from standard input.
pub(super) fn error_text(typed: &str) -> Result<String, Failure> {
    match typed {
        "-" => text(input::load(Path::new("-"))?),
        typed => Ok(typed.to_owned()),
    }
}

/// The text in a file: UTF-8, or UTF-16 as Windows PowerShell writes it.
pub(super) fn text(Input { name, bytes, .. }: Input) -> Result<String, Failure> {
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

/// Prints what an error text can mean. An unknown text is not an error.
fn of_text(text: &str, args: &Explain) -> Result<Status, Failure> {
    let explained = apim_doctor_core::explain(text);
    output::write(None, |page| match args.output {
        Format::Json => page.json(&explained),
        Format::Terminal => explanation::print(&explained, args.verbose, page),
    })?;
    Ok(Status::Clean)
}

/// What a code means, and what it rests on.
fn of_code(text: &str, args: &Explain) -> Result<Status, Failure> {
    let code = Code::of(text).ok_or_else(|| unknown(text))?;
    let judged = CHECKED.contains(&code);
    let fix = repair(code).filter(|_| !judged);
    output::write(None, |page| match args.output {
        Format::Json => page.json(&json!({
            "code": code, "summary": code.title(), "severity": code.severity(), "judged": judged, "fix": fix,
            "docs": code.page().trim(), "sources": code.sources().collect::<Vec<_>>(),
        })),
        Format::Terminal => {
            page.line(&format!("{}: {}", code.bold(), code.title()))?;
            page.line("")?;
            for line in code.page().lines() {
                match line.strip_prefix("## ") {
                    Some(heading) => page.line(&heading.bold())?,
                    None => page.line(line)?,
                }
            }
            page.line("")?;
            if let Some(fix) = fix {
                page.line(&"How to fix it".bold())?;
                page.line("")?;
                page.line(fix)?;
                page.line("")?;
            }
            page.line(&"Sources".bold())?;
            page.line("")?;
            code.sources().try_for_each(|source| page.line(&format!("{} (read {})", source.url, source.read_on)))
        }
    })?;
    Ok(Status::Clean)
}

fn unknown(code: &str) -> Failure {
    if let Some((_, why)) = RETIRED.iter().find(|(retired, _)| retired.eq_ignore_ascii_case(code)) {
        return Failure::Usage { message: format!("`{code}` is retired"), help: (*why).to_owned() };
    }
    let slug = code.rsplit('.').next().unwrap_or(code);
    let known = Code::ALL.iter().map(|known| known.text());
    let close: Vec<&str> = known.filter(|known| known.contains(slug) || slug.contains(known)).collect();
    let help = match close.is_empty() {
        true => "`apim-doctor rules` lists every code".to_owned(),
        false => format!("did you mean {}? `apim-doctor rules` lists every code", close.join(", ")),
    };
    Failure::Usage { message: format!("code `{code}` does not exist"), help }
}
