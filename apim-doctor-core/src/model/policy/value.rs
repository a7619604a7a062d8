//! What a text of a policy stands for: literals, named values, context variables, and expressions made of them.
//!
//! Only what can be followed with certainty is a text; everything else is unknown, and remembers whether it names a
//! vault.
//!
//! Source: <https://learn.microsoft.com/azure/api-management/api-management-policy-expressions> (read 2026-11-29).

use super::scan::{expression_len, is_expression};
use crate::model::Gap;

/// More possible values of one text than this are not followed.
const MOST: usize = 8;
/// A block that assigns more often than this is not followed.
const MOST_ASSIGNMENTS: usize = 32;
/// Expressions nested deeper than this are not followed.
const DEEPEST: u8 = 24;
/// A text longer than this is not followed.
const LONGEST: usize = 256 * 1024;
/// Stands in a text for what is not known.
pub(super) const HOLE: char = '\u{1}';

/// A piece of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// A text.
    Text(String),
    /// The token that the identity of this element gave.
    Token(usize),
    /// Not known.
    Unknown,
}

/// One possible value of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Value {
    /// Its pieces, in order.
    pub parts: Vec<Part>,
    /// Whether what is not known of it comes from a text that names a vault.
    pub names_vault: bool,
    /// What keeps it from being known.
    pub missing: Vec<Missing>,
    /// The elements whose values it comes from.
    pub from: Vec<usize>,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// A variable that nothing read sets.
    Variable(String),
    /// Anything else.
    Gap(Gap),
}

impl Value {
    pub(super) fn unknown() -> Self {
        Self { parts: vec![Part::Unknown], ..Self::default() }
    }

    /// The whole text, where all of it is known.
    pub fn known(&self) -> Option<String> {
        let texts = self.parts.iter().map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Token(_) | Part::Unknown => None,
        });
        texts.collect()
    }

    /// What is known from the beginning on.
    pub fn prefix(&self) -> String {
        let known = self.parts.iter().map_while(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Token(_) | Part::Unknown => None,
        });
        known.collect()
    }

    /// The elements whose tokens are in it.
    pub fn tokens(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Token(at) => Some(*at),
            Part::Text(_) | Part::Unknown => None,
        })
    }

    fn append(&mut self, other: &Value) {
        self.parts.extend(other.parts.iter().cloned());
        self.names_vault |= other.names_vault;
        self.missing.extend(other.missing.iter().cloned());
        self.from.extend(&other.from);
    }
}

/// What the values of a policy are looked up in.
pub(super) trait Scope {
    /// The text of a named value; why it is not known, where it is not.
    fn named_value(&self, name: &str) -> Result<String, Missing>;
    /// The possible values of a context variable.
    fn variable(&self, name: &str) -> Vec<Value>;
    /// Whether a text names a vault.
    fn names_vault(&self, text: &str) -> bool;
    /// Whether a text begins with the URL of a vault.
    fn is_vault_url(&self, text: &str) -> bool;
}

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

/// A text without expressions; what is computed or was redacted in it is not known.
fn literal(text: &str) -> Value {
    let end = ["@(", "@{"].iter().filter_map(|mark| text.find(mark)).min();
    let known = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let mut parts = Vec::new();
    let known = known.replace(crate::model::setting::REDACTED, &HOLE.to_string());
    for (at, piece) in known.split(HOLE).enumerate() {
        if at > 0 {
            parts.push(Part::Unknown);
        }
        if !piece.is_empty() {
            parts.push(Part::Text(piece.to_owned()));
        }
    }
    parts.extend(end.map(|_| Part::Unknown));
    Value { parts, ..Value::default() }
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

/// A piece of C#.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A string; holes of an interpolated one are expressions.
    Text(Vec<Hole>),
    /// A name, a keyword or a number.
    Word(String),
    /// Anything else.
    Sign(char),
}

/// A piece of a string.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hole {
    /// A text.
    Text(String),
    /// An expression.
    Code(Vec<Token>),
}

fn of_expression(text: &str, scope: &dyn Scope) -> Vec<Value> {
    let own = || Missing::Gap(Gap::computed("what an expression computes is not known"));
    let Some(code) = code_of(text) else {
        return vec![Value { missing: vec![own()], names_vault: scope.names_vault(text), ..Value::unknown() }];
    };
    let tokens = tokens(code, DEEPEST);
    let reader = Reader { scope, locals: Vec::new() };
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

/// What stands in the brackets of an expression that is nothing else.
pub(super) fn code_of(text: &str) -> Option<&str> {
    let end = expression_len(text).filter(|end| *end == text.len() && text.len() <= LONGEST)?;
    text.get(2..end - 1)
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

/// Takes C# apart.
pub(super) fn tokens(code: &str, depth: u8) -> Vec<Token> {
    let mut found = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = code.get(at..).unwrap_or_default();
        let quote = ["\"", "$\"", "@\"", "$@\"", "@$\""].into_iter().find(|start| rest.starts_with(start));
        let skip = if let Some(start) = quote {
            let (token, len) = string(rest, start, depth);
            found.push(token);
            len
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c.is_alphanumeric() || c == '_' || c == HOLE {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == HOLE)).unwrap_or(rest.len());
            found.push(Token::Word(rest.get(..end).unwrap_or_default().to_owned()));
            end
        } else {
            if c == '\'' {
                found.push(Token::Sign(c));
                let len = if rest.starts_with("'\\") {
                    rest.get(3..).and_then(|r| r.find('\'')).map(|e| e + 4)
                } else {
                    rest.get(1..).and_then(|r| r.find('\'')).map(|e| e + 2)
                };
                len.filter(|len| *len <= 12).unwrap_or(1)
            } else {
                if !c.is_whitespace() {
                    found.push(Token::Sign(c));
                }
                c.len_utf8()
            }
        };
        while chars.peek().is_some_and(|(next, _)| *next < at + skip) {
            chars.next();
        }
    }
    found
}

/// A string and its length.
fn string(text: &str, start: &str, depth: u8) -> (Token, usize) {
    let (is_verbatim, has_holes) = (start.contains('@'), start.contains('$'));
    let mut holes = Vec::new();
    let mut plain = String::new();
    let mut at = start.len();
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        match (c, next) {
            ('"', Some('"')) if is_verbatim => {
                plain.push('"');
                at += 2;
            }
            ('"', _) => {
                at += 1;
                break;
            }
            ('\\', Some(escaped)) if !is_verbatim => {
                // What a code stands for is not needed: no host holds one.
                plain.push(if ['"', '\\', '\'', '/'].contains(&escaped) { escaped } else { HOLE });
                at += 1 + escaped.len_utf8();
            }
            ('{', Some('{')) | ('}', Some('}')) if has_holes => {
                plain.push(c);
                at += 2;
            }
            ('{', _) if has_holes => {
                // Any bracket does: the scanner has seen that they match.
                let code = ["@", text.get(at..).unwrap_or_default()].concat();
                let len = expression_len(&code).map_or(text.len() - at, |len| len - 1);
                let inner = text.get(at + 1..(at + len).saturating_sub(1)).unwrap_or_default();
                if !plain.is_empty() {
                    holes.push(Hole::Text(std::mem::take(&mut plain)));
                }
                holes.push(Hole::Code(if depth == 0 { Vec::new() } else { tokens(inner, depth - 1) }));
                at += len;
            }
            _ => {
                plain.push(c);
                at += c.len_utf8();
            }
        }
    }
    if !plain.is_empty() || holes.is_empty() {
        holes.push(Hole::Text(plain));
    }
    (Token::Text(holes), at)
}

struct Reader<'s> {
    scope: &'s dyn Scope,
    /// Variables of a block, each set once.
    locals: Vec<(String, Vec<Value>)>,
}

const OPEN: [char; 3] = ['(', '[', '{'];
const CLOSE: [char; 3] = [')', ']', '}'];

/// The places of what `is` outside of all brackets.
fn top<'t>(tokens: &'t [Token], is: impl Fn(&Token) -> bool + 't) -> impl Iterator<Item = usize> + 't {
    let mut depth = 0_usize;
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        match token {
            Token::Sign(c) if OPEN.contains(c) => depth += 1,
            Token::Sign(c) if CLOSE.contains(c) => depth = depth.saturating_sub(1),
            _ if depth == 0 && is(token) => return Some(at),
            _ => {}
        }
        None
    })
}

fn sign(tokens: &[Token], at: usize) -> Option<char> {
    match tokens.get(at) {
        Some(Token::Sign(c)) => Some(*c),
        _ => None,
    }
}

fn word(tokens: &[Token], at: usize) -> Option<&str> {
    match tokens.get(at) {
        Some(Token::Word(word)) => Some(word),
        _ => None,
    }
}

/// The place after the bracket that ends the one at `at`.
fn after_brackets(tokens: &[Token], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(at) {
        match token {
            Token::Sign(c) if OPEN.contains(c) => depth += 1,
            Token::Sign(c) if CLOSE.contains(c) => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(place + 1);
        }
    }
    None
}

impl Reader<'_> {
    /// Not known; with what stands in it.
    fn opaque(&self, tokens: &[Token]) -> Value {
        let mut value = Value::unknown();
        self.gather(tokens, &mut value, DEEPEST);
        value
    }

    fn gather(&self, tokens: &[Token], value: &mut Value, depth: u8) {
        if depth == 0 {
            return;
        }
        for (at, token) in tokens.iter().enumerate() {
            match token {
                Token::Text(holes) => {
                    for hole in holes {
                        match hole {
                            Hole::Text(text) => value.names_vault |= self.scope.names_vault(text),
                            Hole::Code(code) => self.gather(code, value, depth - 1),
                        }
                    }
                }
                Token::Word(_) => {
                    let (name, _) = variable(tokens, at).unwrap_or_default();
                    let local = word(tokens, at).and_then(|name| self.local(name));
                    let others = if name.is_empty() { Vec::new() } else { self.scope.variable(&name) };
                    for other in others.iter().chain(local.into_iter().flatten()) {
                        let text: String = other
                            .parts
                            .iter()
                            .filter_map(|p| match p {
                                Part::Text(text) => Some(text.as_str()),
                                Part::Token(_) | Part::Unknown => None,
                            })
                            .collect();
                        value.names_vault |= other.names_vault || self.scope.names_vault(&text);
                        value.missing.extend(other.missing.iter().cloned());
                        value.from.extend(&other.from);
                    }
                }
                Token::Sign(_) => {}
            }
        }
    }

    fn local(&self, name: &str) -> Option<&Vec<Value>> {
        self.locals.iter().find(|(own, _)| own == name).map(|(_, values)| values)
    }

    /// The possible values of an expression.
    fn expression(&self, tokens: &[Token], depth: u8) -> Vec<Value> {
        if depth == 0 {
            return vec![self.opaque(tokens)];
        }
        // `condition ? one : other`
        let question = top(tokens, |t| *t == Token::Sign('?')).find(|at| {
            let (before, after) = (at.checked_sub(1).and_then(|b| sign(tokens, b)), sign(tokens, at + 1));
            before != Some('?') && !matches!(after, Some('?' | '.' | '['))
        });
        if let Some(question) = question {
            let rest = tokens.get(question + 1..).unwrap_or_default();
            let nested = top(rest, |t| *t == Token::Sign('?')).next();
            let colon = top(rest, |t| *t == Token::Sign(':')).next().filter(|colon| nested.is_none_or(|n| n > *colon));
            let Some(colon) = colon else { return vec![self.opaque(tokens)] };
            let mut both = self.expression(rest.get(..colon).unwrap_or_default(), depth - 1);
            both.extend(self.expression(rest.get(colon + 1..).unwrap_or_default(), depth - 1));
            return self.few(both, tokens);
        }
        // `one ?? other`
        let either = top(tokens, |t| *t == Token::Sign('?')).find(|at| sign(tokens, at + 1) == Some('?'));
        if let Some(at) = either {
            let mut both = self.expression(tokens.get(..at).unwrap_or_default(), depth - 1);
            both.extend(self.expression(tokens.get(at + 2..).unwrap_or_default(), depth - 1));
            return self.few(both, tokens);
        }
        let other =
            top(tokens, |t| matches!(t, Token::Sign('-' | '*' | '/' | '%' | '=' | '&' | '|' | '^' | ',' | ';')));
        if other.count() > 0 {
            return vec![self.opaque(tokens)];
        }
        let mut found = vec![Value::default()];
        let mut from = 0;
        let ends: Vec<usize> = top(tokens, |t| *t == Token::Sign('+')).chain([tokens.len()]).collect();
        for end in ends {
            let operand = self.operand(tokens.get(from..end).unwrap_or_default(), depth - 1);
            let joined = found.iter().flat_map(|one| {
                operand.iter().map(|other| {
                    let mut one = one.clone();
                    one.append(other);
                    one
                })
            });
            found = joined.take(MOST + 1).collect();
            if found.len() > MOST {
                return vec![self.opaque(tokens)];
            }
            from = end + 1;
        }
        found
    }

    fn few(&self, values: Vec<Value>, tokens: &[Token]) -> Vec<Value> {
        if values.len() > MOST { vec![self.opaque(tokens)] } else { values }
    }

    /// What stands between two `+`.
    fn operand(&self, tokens: &[Token], depth: u8) -> Vec<Value> {
        // `(string)x`
        let cast = ["string", "String", "object", "System"];
        if sign(tokens, 0) == Some('(') && word(tokens, 1).is_some_and(|w| cast.contains(&w)) {
            let end = after_brackets(tokens, 0).unwrap_or(tokens.len());
            if end <= 5 && end < tokens.len() {
                return self.operand(tokens.get(end..).unwrap_or_default(), depth);
            }
        }
        let (values, end) = self.primary(tokens, depth);
        match ends_plainly(tokens.get(end..).unwrap_or_default()) {
            true => values,
            false => vec![self.opaque(tokens)],
        }
    }

    /// The values of what an operand begins with, and where that ends.
    fn primary(&self, tokens: &[Token], depth: u8) -> (Vec<Value>, usize) {
        let unknown = || (vec![self.opaque(tokens)], tokens.len());
        if depth == 0 {
            return unknown();
        }
        match tokens.first() {
            Some(Token::Text(holes)) => (self.interpolated(holes, depth), 1),
            Some(Token::Sign('(')) => match after_brackets(tokens, 0) {
                Some(end) => (self.expression(tokens.get(1..end - 1).unwrap_or_default(), depth - 1), end),
                None => unknown(),
            },
            Some(Token::Word(name)) => {
                if let Some((name, end)) = variable(tokens, 0) {
                    return (self.scope.variable(&name), end);
                }
                let is_string = ["string", "String"].contains(&name.as_str()) && sign(tokens, 1) == Some('.');
                match (is_string, word(tokens, 2), after_brackets(tokens, 3)) {
                    (true, Some(method @ ("Format" | "Concat")), Some(end)) if sign(tokens, 3) == Some('(') => {
                        (self.called(method, tokens.get(4..end - 1).unwrap_or_default(), depth - 1), end)
                    }
                    _ => match self.local(name) {
                        Some(values) => (values.clone(), 1),
                        None => unknown(),
                    },
                }
            }
            _ => unknown(),
        }
    }

    fn interpolated(&self, holes: &[Hole], depth: u8) -> Vec<Value> {
        let mut found = vec![Value::default()];
        for hole in holes {
            let next = match hole {
                Hole::Text(text) => vec![literal(text)],
                Hole::Code(code) if depth > 0 => self.expression(code, depth - 1),
                Hole::Code(code) => vec![self.opaque(code)],
            };
            let next = if next.len() * found.len() > MOST { vec![Value::unknown()] } else { next };
            found = found
                .iter()
                .flat_map(|one| {
                    next.iter().map(|other| {
                        let mut one = one.clone();
                        one.append(other);
                        one
                    })
                })
                .collect();
        }
        found
    }

    /// `string.Format("…{0}…", x)` and `string.Concat(x, y)`.
    fn called(&self, method: &str, arguments: &[Token], depth: u8) -> Vec<Value> {
        let mut parts = Vec::new();
        let mut from = 0;
        let ends: Vec<usize> = top(arguments, |t| *t == Token::Sign(',')).chain([arguments.len()]).collect();
        for end in ends {
            parts.push(self.expression(arguments.get(from..end).unwrap_or_default(), depth));
            from = end + 1;
        }
        // Several possible arguments of one call are not followed.
        let Some(parts) =
            parts.into_iter().map(|mut p| if p.len() == 1 { p.pop() } else { None }).collect::<Option<Vec<_>>>()
        else {
            return vec![self.opaque(arguments)];
        };
        let mut whole = Value::default();
        if method == "Concat" {
            parts.iter().for_each(|part| whole.append(part));
            return vec![whole];
        }
        let Some(format) = parts.first().and_then(Value::known) else { return vec![self.opaque(arguments)] };
        let mut rest = format.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            whole.parts.push(Part::Text(before.to_owned()));
            let Some((number, after)) = after.split_once('}') else { return vec![self.opaque(arguments)] };
            match number.parse::<usize>().ok().and_then(|number| parts.get(number + 1)) {
                Some(part) => whole.append(part),
                None => whole.append(&self.opaque(arguments)),
            }
            rest = after;
        }
        whole.parts.push(Part::Text(rest.to_owned()));
        vec![whole]
    }

    /// The possible values of a block: of each `return` in it.
    fn block(mut self, tokens: &[Token]) -> Vec<Value> {
        const TYPES: [&str; 5] = ["var", "string", "String", "object", "dynamic"];
        let mut found = Vec::new();
        let end_of = |from: usize| {
            let rest = tokens.get(from..).unwrap_or_default();
            top(rest, |t| *t == Token::Sign(';')).next().map(|end| rest.get(..end).unwrap_or_default())
        };
        let (mut at, mut assignments) = (0, 0);
        while at < tokens.len() {
            let assigned = word(tokens, at)
                .filter(|_| sign(tokens, at + 1) == Some('=') && !matches!(sign(tokens, at + 2), Some('=' | '>')));
            // `u += x` changes `u`, too.
            let changed =
                word(tokens, at).filter(|_| sign(tokens, at + 1) == Some('+') && sign(tokens, at + 2) == Some('='));
            if let Some(name) = assigned.or(changed) {
                let is_new = at.checked_sub(1).and_then(|b| word(tokens, b)).is_some_and(|w| TYPES.contains(&w));
                let mut values = match end_of(at + 2) {
                    Some(code) => self.expression(code, DEEPEST),
                    None => vec![self.opaque(tokens)],
                };
                if !is_new || self.local(name).is_some() || changed.is_some() {
                    let unknown = values.iter().chain(self.local(name).into_iter().flatten());
                    let names_vault = unknown.into_iter().any(|v| v.names_vault || self.scope.names_vault(&v.prefix()));
                    values = vec![Value { names_vault, ..Value::unknown() }];
                    self.locals.retain(|(own, _)| own != name);
                }
                self.locals.push((name.to_owned(), values));
                assignments += 1;
                if assignments > MOST_ASSIGNMENTS {
                    return vec![self.opaque(tokens)];
                }
            }
            if word(tokens, at) == Some("return") {
                match end_of(at + 1) {
                    Some(code) if found.len() < MOST => found.extend(self.expression(code, DEEPEST)),
                    _ => return vec![self.opaque(tokens)],
                }
            }
            at += 1;
        }
        if found.is_empty() || found.len() > MOST { vec![self.opaque(tokens)] } else { found }
    }
}

/// Whether what follows a value leaves it as it is.
fn ends_plainly(mut rest: &[Token]) -> bool {
    loop {
        let next = match rest {
            [] => return true,
            [Token::Sign('?' | '!'), rest @ ..] => rest,
            [Token::Sign('.'), Token::Word(name), Token::Sign('('), Token::Sign(')'), rest @ ..]
                if ["ToString", "Trim"].contains(&name.as_str()) =>
            {
                rest
            }
            [Token::Word(as_), Token::Word(string), rest @ ..]
                if as_ == "as" && ["string", "String"].contains(&string.as_str()) =>
            {
                rest
            }
            _ => return false,
        };
        rest = next;
    }
}

/// The name of the context variable that is read at a place, and where that ends.
fn variable(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let tokens_from = tokens.get(at..)?;
    let [Token::Word(context), Token::Sign('.'), Token::Word(variables), rest @ ..] = tokens_from else { return None };
    if context != "context" || variables != "Variables" {
        return None;
    }
    let mut after = at + 3;
    let arguments = match rest {
        [Token::Sign('['), ..] => after + 1,
        [Token::Sign('.'), Token::Word(get), ..] if get.starts_with("GetValueOrDefault") => {
            after += 2;
            if sign(tokens, after) == Some('<') {
                after = (after..tokens.len().min(after + 8)).find(|at| sign(tokens, *at) == Some('>'))? + 1;
            }
            if sign(tokens, after) != Some('(') {
                return None;
            }
            after + 1
        }
        _ => return None,
    };
    let Some(Token::Text(name)) = tokens.get(arguments) else { return None };
    let [Hole::Text(name)] = name.as_slice() else { return None };
    // A default may be used in place of the variable: that is not followed.
    let end = after_brackets(tokens, after)?;
    let is_plain = match tokens.get(arguments + 1..end - 1)? {
        [] => true,
        [Token::Sign(','), rest @ ..] => match rest {
            [Token::Text(text)] => text.iter().all(|hole| matches!(hole, Hole::Text(text) if text.is_empty())),
            [Token::Word(word)] => word == "null",
            [Token::Word(_), Token::Sign('.'), Token::Word(empty)] => empty == "Empty",
            _ => false,
        },
        _ => false,
    };
    is_plain.then(|| (name.clone(), end))
}
