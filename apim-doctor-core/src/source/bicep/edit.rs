//! Small changes of a Bicep file: the rest of it stays as it was written.

use std::ops::Range;

use crate::source::bicep::parse::parse;
use crate::source::bicep::span::Span;
use crate::source::bicep::syntax::{Expr, ExprKind, Member, Object, Piece, Statement, StatementKind};
use crate::source::layout::{Change, Layout, Separator};

/// How a Bicep file is laid out.
fn layout(source: &str) -> Layout<'_> {
    Layout::new(source, Separator::CommaOrLine)
}

/// Sets a property of the object that stands at a place, or one further in: objects on the way are made if they are
/// missing. `value` is Bicep; its further lines are indented as they have to be. None: no object is at the place,
/// or something on the way is not an object.
#[must_use]
pub(crate) fn set_property(source: &str, object: Span, path: &[&str], value: &str) -> Option<Change> {
    let program = parse(source);
    let mut at = find_object(&program.statements, object)?;
    let (mut names, layout) = (path, layout(source));
    loop {
        let (name, rest) = names.split_first()?;
        let Some(found) = object_of(at)?.get(name) else {
            return Some(insert(&layout, at, names, value));
        };
        if rest.is_empty() {
            let range = range(found.span);
            let text = layout.indented(value, layout.indent(range.start));
            return Some(Change { range, text });
        }
        object_of(found)?;
        (at, names) = (found, rest);
    }
}

/// Adds a member, which is written out, to the innermost object around a place.
#[must_use]
pub(crate) fn add_member(source: &str, object: Span, member: &str) -> Option<Change> {
    let program = parse(source);
    let at = find_object(&program.statements, object)?;
    let last = object_of(at)?.members.last().map(member_range);
    Some(layout(source).append(&range(at.span), last, member))
}

/// Adds a property to an object, with objects around the value for the names before the last.
fn insert(layout: &Layout<'_>, object: &Expr, names: &[&str], value: &str) -> Change {
    let mut text = value.to_owned();
    for (number, name) in names.iter().enumerate().rev() {
        text = format!("{}: {text}", key(name).unwrap_or_else(|| string(name)));
        if number > 0 {
            text = format!("{{\n  {}\n}}", text.replace('\n', "\n  "));
        }
    }
    let last = object_of(object).and_then(|object| object.members.last()).map(member_range);
    layout.append(&range(object.span), last, &text)
}

/// Removes a property of the object that stands at a place, with its line or its comma.
#[must_use]
pub(crate) fn remove_property(source: &str, object: Span, name: &str) -> Option<Change> {
    let program = parse(source);
    let at = find_object(&program.statements, object)?;
    let members = &object_of(at)?.members;
    let found = members.iter().position(|member| {
        matches!(member, Member::Property { key, .. } if key.as_key().is_some_and(|key| key.eq_ignore_ascii_case(name)))
    })?;
    let next = members.get(found + 1).map(member_range);
    let before = found.checked_sub(1).and_then(|before| members.get(before)).map(member_range);
    Some(layout(source).remove(member_range(members.get(found)?), before, next))
}

/// Adds an element at the end of the array that stands at a place.
#[must_use]
pub(crate) fn add_item(source: &str, array: Span, value: &str) -> Option<Change> {
    let program = parse(source);
    let found = find(&program.statements, array, &|kind| matches!(kind, ExprKind::Array(_)))?;
    let ExprKind::Array(items) = &found.kind else { return None };
    let last = items.last().map(|item| range(item.value.span));
    Some(layout(source).append(&range(found.span), last, value))
}

/// Adds declarations at the end of the file.
#[must_use]
pub(crate) fn add_declarations(source: &str, text: &str) -> Change {
    layout(source).add_at_end(text)
}

/// Adds the declaration of a parameter, beside those that the file has.
#[must_use]
pub(crate) fn add_parameter(source: &str, text: &str) -> Change {
    let (program, layout) = (parse(source), layout(source));
    let place = |wanted: &dyn Fn(&StatementKind) -> bool| {
        program.statements.iter().rev().find(|statement| wanted(&statement.kind)).map(|statement| statement.span)
    };
    let parameter = place(&|kind| matches!(kind, StatementKind::Param { .. }));
    let scope = || place(&|kind| matches!(kind, StatementKind::TargetScope(_)));
    let newline = layout.newline;
    match (parameter, parameter.or_else(scope)) {
        (parameter, Some(span)) => {
            let rest = source.get(span.end as usize..).unwrap_or_default();
            // A comment at the end of the line stays there.
            let at = span.end as usize + rest.find(['\r', '\n']).unwrap_or(rest.len());
            let gap = if parameter.is_some() { newline.to_owned() } else { newline.repeat(2) };
            Change { range: at..at, text: format!("{gap}{text}") }
        }
        (_, None) => {
            let at = source.len() - source.trim_start_matches('\u{feff}').len();
            Change { range: at..at, text: format!("{text}{newline}{newline}") }
        }
    }
}

/// Gives a module a value for a parameter. `None`: the file has no such module, or its parameters are not written out.
#[must_use]
pub(crate) fn give_parameter(source: &str, module: &str, name: &str, value: &str) -> Option<Change> {
    let program = parse(source);
    let body = program.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Module(declared) if *declared.name.text == *module => Some(&declared.body),
        _ => None,
    })?;
    let mut at = body;
    while let ExprKind::If(_, inner) = &at.kind {
        at = inner;
    }
    if let ExprKind::For(read) = &at.kind {
        at = &read.body;
    }
    let layout = layout(source);
    match object_of(at)?.get("params") {
        None => Some(insert(&layout, at, &["params", name], value)),
        Some(params) if object_of(params)?.get(name).is_none() => Some(insert(&layout, params, &[name], value)),
        Some(_) => None,
    }
}

/// The names that the file declares.
pub(crate) fn names(source: &str) -> Vec<String> {
    let program = parse(source);
    program.statements.iter().filter_map(|statement| Some(statement.name()?.text.to_string())).collect()
}

/// Whether a place stands in the default of a parameter, which cannot refer to resources.
#[must_use]
pub(crate) fn is_in_parameter(source: &str, place: Span) -> bool {
    parse(source).statements.iter().any(|statement| {
        matches!(statement.kind, StatementKind::Param { .. })
            && statement.span.start <= place.start
            && statement.span.end >= place.end
    })
}

/// Writes a text as a Bicep string.
#[must_use]
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if chars.peek() == Some(&'{') => out.push_str("\\$"),
            control if control.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('\'');
    out
}

/// A name that stands as it is; `None`: it has to be a string.
#[must_use]
pub(crate) fn key(name: &str) -> Option<String> {
    let first = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let is_plain = first && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    is_plain.then(|| name.to_owned())
}

fn object_of(expr: &Expr) -> Option<&Object> {
    match &expr.kind {
        ExprKind::Object(object) => Some(object),
        _ => None,
    }
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

fn member_range(member: &Member) -> Range<usize> {
    range(match member {
        Member::Property { key, value } => key.span.to(value.span),
        Member::Spread(value) => Span { start: value.span.start.saturating_sub(3), end: value.span.end },
        Member::Resource(statement) => {
            let start = statement.decorators.first().map_or(statement.span.start, |first| first.span.start - 1);
            Span { start, end: statement.span.end }
        }
    })
}

fn find_object(statements: &[Statement], place: Span) -> Option<&Expr> {
    find(statements, place, &|kind| matches!(kind, ExprKind::Object(_)))
}

/// Finds the innermost expression of a kind that encloses a place.
fn find<'p>(statements: &'p [Statement], place: Span, wanted: &dyn Fn(&ExprKind) -> bool) -> Option<&'p Expr> {
    let mut open: Vec<&'p Expr> = statements.iter().flat_map(expressions).collect();
    let mut found: Option<&'p Expr> = None;
    while let Some(expr) = open.pop() {
        let encloses = expr.span.start <= place.start && expr.span.end >= place.end;
        if !encloses {
            continue;
        }
        let is_inner = found.is_none_or(|found| found.span.end - found.span.start >= expr.span.end - expr.span.start);
        if wanted(&expr.kind) && is_inner {
            found = Some(expr);
        }
        parts(expr, &mut open);
    }
    found
}

fn expressions(statement: &Statement) -> Vec<&Expr> {
    let mut found: Vec<&Expr> = statement.decorators.iter().collect();
    match &statement.kind {
        StatementKind::TargetScope(value)
        | StatementKind::Metadata(_, value)
        | StatementKind::Assert(_, value)
        | StatementKind::Extends(value)
        | StatementKind::Var { value, .. }
        | StatementKind::Output { value, .. }
        | StatementKind::Func { body: value, .. }
        | StatementKind::Test(.., value) => found.push(value),
        StatementKind::Param { value, .. } | StatementKind::ExtensionConfig(_, value) => found.extend(value),
        StatementKind::Resource(resource) => found.push(&resource.body),
        StatementKind::Module(module) => found.push(&module.body),
        StatementKind::Extension { with, .. } | StatementKind::Using { with, .. } => found.extend(with),
        StatementKind::Type(..) | StatementKind::Import { .. } => {}
    }
    found
}

fn parts<'p>(expr: &'p Expr, into: &mut Vec<&'p Expr>) {
    match &expr.kind {
        ExprKind::Interpolated(pieces) => into.extend(pieces.iter().filter_map(|piece| match piece {
            Piece::Expr(expr) => Some(expr),
            Piece::Text(_) => None,
        })),
        ExprKind::Array(items) => into.extend(items.iter().map(|item| &item.value)),
        ExprKind::Object(object) => {
            for member in &object.members {
                match member {
                    Member::Property { value, .. } | Member::Spread(value) => into.push(value),
                    Member::Resource(statement) => into.extend(expressions(statement)),
                }
            }
        }
        ExprKind::For(read) => into.extend([&read.over, &read.body]),
        ExprKind::Call { base, args, .. } => {
            into.extend(base.as_deref());
            into.extend(args);
        }
        ExprKind::Property { base, .. } | ExprKind::Child(base, _) | ExprKind::NonNull(base) => into.push(base),
        ExprKind::Index { base, index, .. } => into.extend([&**base, &**index]),
        ExprKind::If(left, right) | ExprKind::Binary(_, left, right) => into.extend([&**left, &**right]),
        ExprKind::Unary(_, inner) | ExprKind::Lambda(_, inner) => into.push(inner),
        ExprKind::Ternary(condition, yes, no) => into.extend([&**condition, &**yes, &**no]),
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Text(_)
        | ExprKind::Name(_)
        | ExprKind::Missing => {}
    }
}
