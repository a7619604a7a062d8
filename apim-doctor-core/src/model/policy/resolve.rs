//! Resolves a text of a policy: named values, context variables, and expressions made of them.
//!
//! Source: <https://learn.microsoft.com/azure/api-management/api-management-policy-expressions> (read 2026-11-29).

use super::csharp::{DEEPEST, HOLE, Hole, LONGEST, Token, code_of, tokens};
use super::expression::{MOST, Reader};
use super::scan::is_expression;
use super::value::{Missing, Part, Scope, Value, literal};
use crate::model::Gap;

/// The possible values of a text; never none.
pub(super) fn values(text: &str, scope: &dyn Scope) -> Vec<Value> {
    let mut missing = Vec::new();
    let text = with_named_values(text, scope, &mut missing);
    let text = text.trim();
    let mut found = match is_expression(text) {
        true => of_expression(text, scope),
        false => vec![literal(text)],
    };
    for value in &mut found {
        value.missing.extend(missing.iter().cloned());
        if value.parts.contains(&Part::Unknown) {
            value.names_vault |= scope.names_vault(text);
        }
    }
    found
}

/// Replaces `{{name}}`. A named value is not replaced inside another.
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-properties> (read 2026-11-29).
fn with_named_values(text: &str, scope: &dyn Scope, missing: &mut Vec<Missing>) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        whole.push_str(before);
        // The name is short, so an end that is far away is the end of something else.
        let near = after.char_indices().nth(300).and_then(|(end, _)| after.get(..end)).unwrap_or(after);
        let name = near.split_once("}}").map(|(name, _)| name.trim());
        let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_. ".contains(c));
        match name.filter(is_name) {
            Some(name) => {
                match scope.named_value(name) {
                    Ok(value) if whole.len() + value.len() <= LONGEST => whole.push_str(&value),
                    Ok(_) => whole.push(HOLE),
                    Err(why) => {
                        missing.push(why);
                        whole.push(HOLE);
                    }
                }
                rest = after.split_once("}}").map_or("", |(_, rest)| rest);
            }
            None => {
                whole.push_str("{{");
                rest = after;
            }
        }
    }
    whole.push_str(rest);
    whole
}

fn of_expression(text: &str, scope: &dyn Scope) -> Vec<Value> {
    let own = || Missing::Gap(Gap::computed("the value of an expression is not known"));
    let Some(code) = code_of(text) else {
        return vec![Value { missing: vec![own()], names_vault: scope.names_vault(text), ..Value::unknown() }];
    };
    let tokens = tokens(code, DEEPEST);
    let reader = Reader::new(scope);
    let mut found = match text.starts_with("@(") {
        true => reader.expression(&tokens, DEEPEST),
        false => reader.block(&tokens),
    };
    // A host that stands whole in a string is decided, whatever is done around it.
    let decided = |value: &Value| scope.is_vault_url(&value.prefix());
    if !found.iter().any(decided) {
        let mut texts = Vec::new();
        every_text(&tokens, &mut texts);
        texts.retain(|text| scope.is_vault_url(text));
        texts.sort();
        texts.dedup();
        if !texts.is_empty() && texts.len() <= MOST {
            let whole = |text: String| {
                let end = text.find(HOLE).unwrap_or(text.len());
                let known = text.get(..end).unwrap_or_default().to_owned();
                Value { parts: vec![Part::Text(known), Part::Unknown], missing: vec![own()], ..Value::default() }
            };
            found = texts.into_iter().map(whole).collect();
        }
    }
    for value in found.iter_mut().filter(|value| value.parts.contains(&Part::Unknown) && value.missing.is_empty()) {
        value.missing.push(own());
    }
    found
}

/// The strings of an expression, each up to its first hole.
fn every_text(tokens: &[Token], texts: &mut Vec<String>) {
    for token in tokens {
        let Token::Text(holes) = token else { continue };
        if let Some(Hole::Text(text)) = holes.first() {
            texts.push(text.clone());
        }
        for hole in holes {
            if let Hole::Code(tokens) = hole {
                every_text(tokens, texts);
            }
        }
    }
}
