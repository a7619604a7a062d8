//! Requests that `curl` sends.
//!
//! Source: <https://curl.se/docs/manpage.html> (read 2026-11-30).

use crate::source::script::value::Value;

/// What a call of `curl` sends.
pub(super) struct Curl {
    pub method: Value,
    pub url: Option<Value>,
    pub body: Option<Value>,
}

/// Options that take a value and say nothing of the request's method, address or body.
const OTHERS: &[&str] = &[
    "-H",
    "--header",
    "-o",
    "--output",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "-w",
    "--write-out",
    "-m",
    "--max-time",
    "--retry",
    "--retry-delay",
    "--retry-max-time",
    "--connect-timeout",
    "--cacert",
    "--oauth2-bearer",
    "-b",
    "--cookie",
    "-c",
    "--cookie-jar",
    "-D",
    "--dump-header",
    "-x",
    "--proxy",
    "-e",
    "--referer",
    "--resolve",
    "--max-redirs",
];

const BODIES: &[&str] = &["-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"];

/// Reads the words of a call. `input`: its standard input, which `@-` stands for.
pub(super) fn of(words: &[Value], input: Option<Value>, at: usize) -> Curl {
    let (mut method, mut url, mut body) = (None, None, None);
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let piece = word.piece();
        let (name, attached) = match piece.split_once('=').filter(|_| piece.starts_with("--")) {
            Some((name, value)) => (name.to_owned(), Some(Value::text(value, word.at))),
            None => match piece.get(2..).filter(|rest| {
                !rest.is_empty() && (piece.starts_with("-X") || piece.starts_with("-d") || piece.starts_with("-H"))
            }) {
                // `-XPOST`
                Some(rest) => (piece.chars().take(2).collect(), Some(Value::text(rest, word.at))),
                None => (piece.to_string(), None),
            },
        };
        let mut value = || attached.clone().or_else(|| words.next().cloned());
        match name.as_str() {
            "-X" | "--request" => method = value(),
            "--url" => url = value(),
            name if BODIES.contains(&name) => body = value(),
            name if OTHERS.contains(&name) => drop(value()),
            name if name.starts_with('-') => {}
            _ => {
                url.get_or_insert_with(|| word.clone());
            }
        }
    }
    if body.as_ref().is_some_and(|body| &*body.piece() == "@-") {
        body = input.or(body);
    }
    // With a body, curl posts.
    let default = if body.is_some() { "post" } else { "get" };
    Curl { method: method.unwrap_or_else(|| Value::text(default, at)), url, body }
}
