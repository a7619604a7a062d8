//! Settings of apps: names with values, in the two forms that templates write.

use serde_json::{Value as Json, json};

use crate::model::Gap;
use crate::model::form::REDACTED;
use crate::source::deployed::body::Body;
use crate::source::deployed::edit;
use crate::source::deployed::open::{Open, why};
use crate::source::deployed::symbols::{Symbols, unnamed};
use crate::template::place::Span;
use crate::template::value::{Kind, Symbol, Value, Why};

/// Settings as an object of names and values.
pub(super) fn settings(value: Option<&Value>, symbols: &mut Symbols) -> Body {
    let mut body = Body { json: json!({ "properties": {} }), ..Body::default() };
    let Some(object) = value.and_then(Value::as_object) else { return body };
    for (name, value) in object.entries() {
        body.set(&name.text, below(value, object.open.is_some()), name.span, symbols);
    }
    if let Some(why) = &object.open {
        body.open = Some(Open { pointer: "/properties".to_owned(), why: why.clone() });
    }
    body
}

/// Settings as a list of objects with name and value.
pub(super) fn listed(value: &Value, symbols: &mut Symbols) -> Body {
    let mut body = Body { json: json!({ "properties": {} }), ..Body::default() };
    let Some(array) = value.as_array() else {
        if let Some(why) = value.as_unknown() {
            body.open = Some(Open { pointer: "/properties".to_owned(), why: why.clone() });
        }
        return body;
    };
    for item in &array.items {
        let name = item.get("name").and_then(Value::as_str);
        let value = item.as_object().and_then(|own| own.entry("value").or_else(|| own.entry("connectionString")));
        match (name, value) {
            (Some(name), Some((key, value))) => {
                body.set(name, below(value, array.open.is_some()), key.span, symbols);
            }
            (Some(_), None) => {}
            (None, _) => {
                let why = item.get("name").and_then(Value::as_unknown).map(|unknown| why(unknown));
                let why = why.unwrap_or_else(|| "its name has no value".to_owned());
                body.hidden.push(Gap::not_in_files(format!("which setting an element of the settings is: {why}")));
            }
        }
    }
    if let Some(why) = &array.open {
        body.open = Some(Open { pointer: "/properties".to_owned(), why: why.clone() });
    }
    body
}

/// Returns what is written of a setting that something unknown may replace. The settings have to be open: then each path
/// that they declare is unknown, and says why.
fn below(value: &Value, is_open: bool) -> &Value {
    let own = value.get("value").unwrap_or(value);
    let written = own.as_unknown().filter(|_| is_open).and_then(|unknown| unknown.written.as_ref());
    written.unwrap_or(value)
}

impl Body {
    fn hide(&mut self, setting: &str, why: &str) {
        self.hidden.push(Gap::not_in_files(format!("whether setting `{setting}` is a reference: {why}")));
    }

    /// Adds a setting. What its value is matters only where it is a reference or a switch.
    fn set(&mut self, name: &str, value: &Value, written: Span, symbols: &mut Symbols) {
        let value = value.get("value").unwrap_or(value);
        let json: Json = match &value.kind {
            Kind::Null => return,
            Kind::Bool(value) => (*value).into(),
            Kind::Int(number) => (*number).into(),
            Kind::String(text) => (**text).into(),
            Kind::Symbol(symbol) => match &**symbol {
                // Of these, only that they are there decides.
                symbol if is_address(name) => symbols.text(symbol).into(),
                Symbol::Parameter { name: parameter, .. } => {
                    self.hide(name, &format!("parameter `{parameter}` has no value"));
                    REDACTED.into()
                }
                symbol => addressed(&symbols.text(symbol), symbols).into(),
            },
            Kind::Unknown(unknown) if unknown.start.as_deref().is_some_and(is_reference) => {
                symbols.text_from(unknown, ")").into()
            }
            Kind::Unknown(unknown) => {
                if !matches!(unknown.why, Why::Secret(_)) {
                    self.hide(name, &why(unknown));
                }
                REDACTED.into()
            }
            _ => REDACTED.into(),
        };
        let pointer = format!("/properties/{}", name.replace('~', "~0").replace('/', "~1"));
        self.places.insert(pointer.to_ascii_lowercase(), written.or(value.span));
        edit::properties(&mut self.json, |own| {
            own.insert(name.to_owned(), json);
        });
    }
}

/// A reference of which the address is not known, in a form that names a vault that equals itself.
fn addressed(text: &str, symbols: &Symbols) -> String {
    const START: &str = "@Microsoft.KeyVault(SecretUri=";
    let head = text.get(..START.len()).filter(|head| head.eq_ignore_ascii_case(START));
    let Some(rest) = head.and_then(|_| text.get(START.len()..)) else { return text.to_owned() };
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
    // The address ends with a slash: a word and what follows it are one word.
    let word = (1..=end).rev().find_map(|end| rest.get(..end).filter(|word| symbols.stands_for_something(word)));
    word.map_or_else(|| text.to_owned(), unnamed)
}

/// Whether a text that starts so is a reference to a vault.
fn is_reference(start: &str) -> bool {
    const START: &str = "@Microsoft.KeyVault(";
    start.get(..START.len()).is_some_and(|head| head.eq_ignore_ascii_case(START))
}

/// Whether a setting names an account or a service of it, in the form of connections that use an identity.
fn is_address(setting: &str) -> bool {
    let setting = setting.to_ascii_lowercase();
    setting.ends_with("__accountname") || setting.contains("__") && setting.ends_with("serviceuri")
}
