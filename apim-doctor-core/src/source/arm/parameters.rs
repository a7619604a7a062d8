//! Parameter files.

use jsonc_parser::ast;

use crate::source::arm::lower::{Lowering, get};
use crate::template::declaration::Template;
use crate::template::evaluation::Given;
use crate::template::json;
use crate::template::place::Span;
use crate::template::value::{Symbol, Value, Why};

impl Lowering<'_> {
    /// The values in a parameter file: under `parameters`, or at its top.
    pub(super) fn given(&mut self, object: &ast::Object<'_>) -> Given {
        let is_whole = get(object, "$schema").is_some() || get(object, "contentVersion").is_some();
        let inner = get(object, "parameters").and_then(|property| property.value.as_object());
        let values = match inner {
            Some(inner) if is_whole || object.properties.len() == 1 => inner,
            _ => object,
        };
        let mut given = Given::default();
        for property in &values.properties {
            let name = property.name.as_str();
            if name.starts_with('$') {
                continue;
            }
            let key = self.key(&property.name);
            let value = match &property.value {
                ast::Value::Object(wrapper) => match (get(wrapper, "value"), get(wrapper, "reference")) {
                    (Some(value), _) => self.value(&value.value),
                    (None, Some(_)) => Value::unknown(Why::Secret(name.into()), key.span),
                    (None, None) if get(wrapper, "expression").is_some() => {
                        Value::unknown(Why::Runtime("externalInput".into()), key.span)
                    }
                    (None, None) => {
                        self.problem(key.span, format!("the parameter `{name}` has neither `value` nor `reference`"));
                        Value::unknown(Why::Invalid, key.span)
                    }
                },
                other => self.value(other),
            };
            let value = match value.as_str() {
                Some(text) if is_placeholder(text) => {
                    Value::symbol(Symbol::Parameter { name: name.into(), span: value.span }, value.span)
                }
                _ => value,
            };
            if given.insert(name.into(), value).is_some() {
                self.problem(key.span, format!("the parameter `{name}` is given twice"));
            }
        }
        given
    }
}

/// The value of a parameter that is given in a command line, `name=text`: a text for a parameter that is one,
/// else JSON.
#[cfg_attr(not(test), expect(dead_code, reason = "`check --parameters NAME=VALUE` will use it"))]
pub(crate) fn inline_parameter(template: &Template, name: &str, text: &str) -> Value {
    let kind = template.parameters.get(name).map_or("", |parameter| &parameter.kind);
    let is_text = ["string", "securestring"].iter().any(|known| known.eq_ignore_ascii_case(kind));
    let parsed = if is_text { None } else { json::read(text, Span::NONE) };
    parsed.unwrap_or_else(|| Value::string(text, Span::NONE))
}

/// Whether a text stands for a value that is put in before deploying.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let between =
        |start: &str, end: &str| text.len() > start.len() + end.len() && text.starts_with(start) && text.ends_with(end);
    let pairs =
        [("#{", "}#"), ("#{", "}"), ("__", "__"), ("<", ">"), ("${", "}"), ("{{", "}}"), ("$(", ")"), ("%", "%")];
    let in_pair = pairs.iter().any(|(start, end)| between(start, end)) && !text.contains(char::is_whitespace)
        || between("<", ">");
    in_pair || text.starts_with("GEN-") || text.starts_with("GET-")
}
