//! JSON: values of a parsed text with their places, and texts of values.

use jsonc_parser::ast;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::template::place::{FileId, Span};
use crate::template::value::{Key, Kind, Object, Value, Why};

pub(crate) use crate::template::canonical::{quote, write};

/// How deep lists and objects may be nested.
pub(crate) const DEEPEST: usize = 160;

/// Parses a text as the Azure tools do: comments, commas at the end, texts over several lines.
///
/// # Errors
/// Where and why the text is not JSON.
pub(crate) fn parse(text: &str) -> Result<ast::Value<'_>, (usize, String)> {
    let options = ParseOptions {
        allow_missing_commas: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_extended_string_escapes: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        ..ParseOptions::default()
    };
    match parse_to_ast(text, &CollectOptions::default(), &options) {
        Ok(result) => result.value.ok_or((0, "the file is empty".to_owned())),
        Err(error) => Err((error.range().start, lower_first(&error.kind().to_string()))),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// The value of a parsed text that holds no expressions. What is nested too deeply is unknown.
pub(crate) fn value(node: &ast::Value<'_>, place: &impl Fn(usize, usize) -> Span, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::unknown(Why::Limit, Span::NONE);
    }
    match node {
        ast::Value::StringLit(text) => Value::string(&*text.value, place(text.range.start, text.range.end)),
        ast::Value::NumberLit(number) => {
            Value::new(self::number(number.value), place(number.range.start, number.range.end))
        }
        ast::Value::BooleanLit(value) => Value::new(Kind::Bool(value.value), place(value.range.start, value.range.end)),
        ast::Value::NullKeyword(null) => Value::null(place(null.range.start, null.range.end)),
        ast::Value::Array(array) => {
            let items = array.elements.iter().map(|item| value(item, place, depth + 1)).collect();
            Value::array(items, place(array.range.start, array.range.end))
        }
        ast::Value::Object(object) => {
            let entry = |property: &ast::ObjectProp<'_>| {
                let (name, start, end) = name(&property.name);
                (Key::new(name, place(start, end)), value(&property.value, place, depth + 1))
            };
            let entries = object.properties.iter().map(entry).collect();
            Value::object(Object::new(entries), place(object.range.start, object.range.end))
        }
    }
}

/// A property's name, and its first byte and the byte after its last.
pub(crate) fn name<'n>(name: &'n ast::ObjectPropName<'_>) -> (&'n str, usize, usize) {
    match name {
        ast::ObjectPropName::String(text) => (&text.value, text.range.start, text.range.end),
        ast::ObjectPropName::Word(word) => (word.value, word.range.start, word.range.end),
    }
}

/// A number: a whole one of 64 bits, or any other as it was written where that is valid JSON.
pub(crate) fn number(text: &str) -> Kind {
    if let Ok(number) = text.parse() {
        return Kind::Int(number);
    }
    let Ok(number) = text.parse::<f64>() else { return Kind::Number(text.into()) };
    let is_whole = number.fract() == 0.0 && number.abs() < 9e15;
    if is_whole && text.contains(['e', 'E']) {
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        return Kind::Int(number as i64);
    }
    let digits = |piece: &str| !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let is_plain = unsigned
        .split_once('.')
        .is_some_and(|(whole, part)| digits(whole) && digits(part) && (whole == "0" || !whole.starts_with('0')));
    match is_plain {
        true => Kind::Number(text.into()),
        false if number.is_finite() => Kind::Number(format!("{number:?}").into()),
        false => Kind::Number(if number < 0.0 { "-1e308" } else { "1e308" }.into()),
    }
}

/// The value of a JSON text that an expression parses; everything in it has the place of the expression.
pub(crate) fn read(text: &str, span: Span) -> Option<Value> {
    let parsed = parse(text).ok()?;
    Some(value(&parsed, &|_, _| span, 0))
}

/// The value of a JSON file that is loaded as a whole, each part with its own place.
pub(crate) fn read_file(file: FileId, text: &str) -> Result<Value, (Span, String)> {
    let skip = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let text = text.get(skip..).unwrap_or_default();
    let place = |start: usize, end: usize| Span::new(file, start + skip, end + skip);
    match parse(text) {
        Ok(parsed) => Ok(value(&parsed, &place, 0)),
        Err((at, message)) => Err((place(at, at), message)),
    }
}
