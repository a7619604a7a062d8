//! Follows the expressions of policies: literals, interpolation, `+`, `?:`, `??`, `string.Format`, variables and blocks.

use super::csharp::{DEEPEST, Hole, Token};
use super::value::{Part, Scope, Value, literal};

/// More possible values of one text than this are not followed.
pub(super) const MOST: usize = 8;

/// A block that assigns more often than this is not followed.
const MOST_ASSIGNMENTS: usize = 32;

/// Follows the code of one expression.
pub(super) struct Reader<'s> {
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

impl<'s> Reader<'s> {
    /// A reader of an expression.
    pub(super) fn new(scope: &'s dyn Scope) -> Self {
        Self { scope, locals: Vec::new() }
    }

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
                        value.names_vault |= other.names_vault || self.scope.names_vault(&other.text());
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
    pub(super) fn expression(&self, tokens: &[Token], depth: u8) -> Vec<Value> {
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
    pub(super) fn block(mut self, tokens: &[Token]) -> Vec<Value> {
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
