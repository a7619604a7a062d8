//! What is recorded of policies, named values and backends: enough to follow them, and no text that may be a secret.
//!
//! A kept document says the same to [`super::follow`] as the whole one, or less; what was dropped is `<redacted>`, which
//! is read as not known.

use super::csharp::{DEEPEST, HOLE, Hole, Token, code_of, tokens};
use super::scan::{Element, Tree, escape, is_expression, scan};
use super::{Vaults, host_of};
use crate::base::is_guid;
use crate::model::form::{REDACTED, service_url};

/// Stand for the braces around the name of a named value.
const NAME: [char; 2] = ['\u{2}', '\u{3}'];

/// Elements that are followed, with the attributes of theirs that are names.
const FOLLOWED: [(&str, &[&str]); 27] = [
    ("policies", &[]),
    ("fragment", &[]),
    ("inbound", &[]),
    ("backend", &[]),
    ("outbound", &[]),
    ("on-error", &[]),
    ("base", &[]),
    ("choose", &[]),
    ("when", &[]),
    ("otherwise", &[]),
    ("retry", &[]),
    ("set-variable", &["name"]),
    ("authentication-managed-identity", &["output-token-variable-name", "ignore-error"]),
    ("send-request", &["mode", "response-variable-name"]),
    ("send-one-way-request", &["mode"]),
    ("http-data-source", &[]),
    ("http-request", &[]),
    ("set-backend-service", &["backend-id"]),
    ("rewrite-uri", &["copy-unmatched-params"]),
    ("set-method", &[]),
    ("set-url", &[]),
    ("set-header", &["name", "exists-action"]),
    ("proxy", &[]),
    ("forward-request", &[]),
    ("return-response", &[]),
    ("mock-response", &[]),
    ("include-fragment", &["fragment-id"]),
];

/// Attributes whose values are followed.
const VALUES: [&str; 6] = ["value", "resource", "client-id", "base-url", "template", "backend-id"];

/// A policy document without what may be secret in it.
pub(crate) fn kept_document(text: &str, vaults: &Vaults) -> String {
    let tree = scan(text);
    let mut kept = String::new();
    for (root, _) in tree.roots() {
        write(&tree, root, vaults, &mut kept);
    }
    if tree.is_broken {
        // The reader has to see that it is not whole.
        kept.push_str("<!-- ");
        kept.push_str(if vaults.concern(text) { ".vault.azure.net" } else { "" });
    }
    kept
}

/// A URL, or the value of a plain named value, without what may be secret in it: an address, an audience or a client id
/// stays.
pub(crate) fn kept_address(text: &str, vaults: &Vaults) -> String {
    kept_text(text, vaults)
}

fn write(tree: &Tree, at: usize, vaults: &Vaults, kept: &mut String) {
    let Some(element) = tree.get(at) else { return };
    let name = element.name.as_str();
    let known = FOLLOWED.iter().find(|(own, _)| *own == name);
    let is_other_header =
        name == "set-header" && !element.attribute("name").is_some_and(|n| n.eq_ignore_ascii_case("authorization"));
    let mut inner = String::new();
    match name {
        "set-url" | "set-method" => inner = escape(&kept_text(&element.text, vaults)),
        "set-header" if !is_other_header => {
            for (_, value) in tree.children(at).filter(|(_, child)| child.name == "value") {
                inner.push_str(&format!("<value>{}</value>", escape(&kept_text(&value.text, vaults))));
            }
        }
        "proxy" | "return-response" | "mock-response" => {}
        _ => tree.children(at).for_each(|(child, _)| write(tree, child, vaults, &mut inner)),
    }
    let mut attributes = String::new();
    for (key, value) in &element.attributes {
        let is_name = known.is_some_and(|(_, names)| names.contains(&key.as_str())) || key.ends_with("variable-name");
        let is_value = known.is_some() && VALUES.contains(&key.as_str());
        let value = match (is_name && !is_expression(value.trim()), is_value) {
            (true, _) if value.len() <= 256 => value.clone(),
            // An audience that is wrong decides as well; the address of a host is not a secret.
            (_, true) if key == "resource" && service_url(value) == *value => value.clone(),
            (_, true) => kept_text(value, vaults),
            _ => continue,
        };
        attributes.push_str(&format!(" {key}=\"{}\"", escape(&value)));
    }
    if let Some(named) = named(element, known.is_none() || is_other_header, vaults) {
        attributes.push_str(&format!(" names=\"{}\"", escape(&named)));
    }
    if (known.is_some() && !is_other_header) || !inner.is_empty() || !attributes.is_empty() {
        kept.push_str(&format!("<{name}{attributes}>{inner}</{name}>"));
    }
}

/// A mark for a vault that is named where nothing is followed.
fn named(element: &Element, all: bool, vaults: &Vaults) -> Option<String> {
    let dropped = element.attributes.iter().filter(|(key, _)| all || !VALUES.contains(&key.as_str()));
    let mut texts = dropped.map(|(_, value)| value.as_str()).chain(all.then_some(element.text.as_str()));
    texts.any(|text| vaults.are_named_in(text)).then(|| ".vault.azure.net".to_owned())
}

/// A text of a policy without what may be secret in it.
fn kept_text(text: &str, vaults: &Vaults) -> String {
    let marked = text.replace("{{", &NAME[0].to_string()).replace("}}", &NAME[1].to_string());
    // Two braces in a row may also end two blocks.
    let is_name = marked.matches(NAME[0]).count() == marked.matches(NAME[1]).count();
    let marked = if is_name { marked } else { text.to_owned() };
    let trimmed = marked.trim();
    let kept = match is_expression(trimmed) {
        true => match code_of(trimmed) {
            Some(code) => {
                let (open, close) = if trimmed.starts_with("@(") { ("@(", ")") } else { ("@{", "}") };
                format!("{open}{}{close}", kept_code(&tokens(code, DEEPEST), vaults))
            }
            None => REDACTED.to_owned(),
        },
        false => kept_literal(trimmed, vaults),
    };
    kept.replace(NAME[0], "{{").replace(NAME[1], "}}")
}

fn kept_literal(text: &str, vaults: &Vaults) -> String {
    const PATHS: [&str; 3] = ["/secrets", "/keys", "/certificates"];
    const WORDS: [&str; 9] = ["bearer", "bearer ", "get", "post", "put", "patch", "delete", "head", "options"];
    let is_path = |text: &str| PATHS.iter().any(|path| text.to_ascii_lowercase().starts_with(path));
    let without_query = |text: &str| match text.find(['?', '#']) {
        Some(end) => format!("{}?", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    if text.is_empty()
        || vaults.are_audience(text)
        || is_guid(text)
        || WORDS.contains(&text.to_ascii_lowercase().as_str())
    {
        return text.to_owned();
    }
    if let Some(rest) = text.strip_prefix(NAME[0])
        && let Some((name, rest)) = rest.split_once(NAME[1])
    {
        return format!("{}{name}{}{}", NAME[0], NAME[1], kept_literal(rest, vaults));
    }
    // `{0}` of a format.
    let number = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    if let Some((number, rest)) = number.filter(|(number, _)| number.len() == 1 && number.parse::<u8>().is_ok()) {
        return format!("{{{number}}}{}", kept_literal(rest, vaults));
    }
    if let Some(host) = host_of(text) {
        let scheme = text.split("://").next().unwrap_or_default();
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find(['/', '?', '#']).and_then(|at| rest.get(at..)).unwrap_or_default();
        let path = match vaults.begin(text) || (host.contains(NAME[0]) && is_path(path)) {
            true => without_query(path),
            false if path.is_empty() => String::new(),
            false => format!("/{REDACTED}"),
        };
        return format!("{scheme}://{host}{path}");
    }
    let is_end_of_host = text.starts_with('.') && vaults.are_named_in(text);
    if is_path(text) || is_end_of_host {
        return without_query(text);
    }
    if vaults.are_named_in(text) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./".contains(&b)) {
        return text.to_owned();
    }
    if text == "/" {
        text.to_owned()
    } else if vaults.are_named_in(text) {
        format!("{REDACTED}.vault.azure.net")
    } else {
        REDACTED.to_owned()
    }
}

/// An expression with its strings cleaned. The names of context variables stay.
fn kept_code(code: &[Token], vaults: &Vaults) -> String {
    let mut kept = String::new();
    for (at, token) in code.iter().enumerate() {
        match token {
            Token::Word(word) => {
                if at.checked_sub(1).is_some_and(|before| matches!(code.get(before), Some(Token::Word(_)))) {
                    kept.push(' ');
                }
                // A long word of digits and letters is not a name of the language.
                kept.push_str(if word.len() <= 64 { word } else { "redacted" });
            }
            Token::Sign('\'') => {}
            Token::Sign(sign) => kept.push(*sign),
            Token::Text(holes) => {
                let is_name = names_variable(code, at);
                let has_code = holes.iter().any(|hole| matches!(hole, Hole::Code(_)));
                kept.push_str(if has_code { "$\"" } else { "\"" });
                for hole in holes {
                    match hole {
                        Hole::Text(text) if is_name => kept.push_str(&quoted(text, has_code)),
                        Hole::Text(text) => kept.push_str(&quoted(&kept_literal(text, vaults), has_code)),
                        Hole::Code(code) => kept.push_str(&format!("{{{}}}", kept_code(code, vaults))),
                    }
                }
                kept.push('"');
            }
        }
    }
    kept
}

/// Whether a string is the name in `Variables["…"]` or `GetValueOrDefault<…>("…"…)`.
fn names_variable(code: &[Token], at: usize) -> bool {
    let before = code.get(at.saturating_sub(8)..at).unwrap_or_default();
    let is_word = |token: &Token, name: &str| matches!(token, Token::Word(word) if word.starts_with(name));
    match before {
        [.., variables, Token::Sign('[')] => is_word(variables, "Variables"),
        [rest @ .., Token::Sign('(')] => rest.iter().rev().take(4).any(|token| is_word(token, "GetValueOrDefault")),
        _ => false,
    }
}

fn quoted(text: &str, has_code: bool) -> String {
    let text = text.replace(HOLE, REDACTED).replace('\\', "\\\\").replace('"', "\\\"");
    if has_code { text.replace('{', "{{").replace('}', "}}") } else { text }
}
