//! Small changes of a Bicep file: the rest of it stays as it was written.

use crate::source::bicep::parse::parse;
use crate::source::bicep::span::{Lines, Span};
use crate::source::bicep::syntax::{Expr, ExprKind, Member, Object, Piece, Statement, StatementKind};

/// A range of a file and the text that takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The range; empty where text is added.
    pub span: Span,
    /// The text.
    pub text: String,
}

impl Edit {
    /// Returns the file with the change; none if the range is not in the file.
    #[must_use]
    pub(crate) fn apply(&self, source: &str) -> Option<String> {
        let (start, end) = (self.span.start as usize, self.span.end as usize);
        Some(format!("{}{}{}", source.get(..start)?, self.text, source.get(end..)?))
    }
}

/// Sets a property of the object that stands at a place, or one further in: objects on the way are made if they are
/// missing. `value` is Bicep; its further lines are indented as they have to be. None: no object is at the place,
/// or something on the way is not an object.
#[must_use]
pub(crate) fn set_property(source: &str, object: Span, path: &[&str], value: &str) -> Option<Edit> {
    let program = parse(source);
    let mut at = find_object(&program.statements, object)?;
    let (mut names, layout) = (path, Layout::new(source));
    loop {
        let (name, rest) = names.split_first()?;
        let Some(found) = object_of(at)?.get(name) else {
            return Some(layout.insert(at, names, value));
        };
        if rest.is_empty() {
            let text = layout.indented(value, layout.indent(found.span.start));
            return Some(Edit { span: found.span, text });
        }
        object_of(found)?;
        (at, names) = (found, rest);
    }
}

/// Removes a property of the object that stands at a place, with its line or its comma.
#[must_use]
pub(crate) fn remove_property(source: &str, object: Span, name: &str) -> Option<Edit> {
    let program = parse(source);
    let at = find_object(&program.statements, object)?;
    let members = &object_of(at)?.members;
    let found = members.iter().position(|member| {
        matches!(member, Member::Property { key, .. } if key.as_key().is_some_and(|key| key.eq_ignore_ascii_case(name)))
    })?;
    let span = member_span(members.get(found)?);
    let layout = Layout::new(source);
    let next = members.get(found + 1).map(member_span);
    let before = found.checked_sub(1).and_then(|before| members.get(before)).map(member_span);
    let span = match (before, next) {
        _ if layout.is_alone(span) => layout.whole_lines(span),
        (_, Some(next)) if layout.line(next.start) == layout.line(span.start) => Span { end: next.start, ..span },
        (Some(before), _) => Span { start: before.end, ..span },
        _ => span,
    };
    Some(Edit { span, text: String::new() })
}

/// Adds an element at the end of the array that stands at a place.
#[must_use]
pub(crate) fn add_item(source: &str, array: Span, value: &str) -> Option<Edit> {
    let program = parse(source);
    let found = find(&program.statements, array, &|kind| matches!(kind, ExprKind::Array(_)))?;
    let ExprKind::Array(items) = &found.kind else { return None };
    let last = items.last().map(|item| item.value.span);
    Some(Layout::new(source).append(found.span, last, value))
}

/// Adds declarations at the end of the file.
#[must_use]
pub(crate) fn add_declarations(source: &str, text: &str) -> Edit {
    let end = Span::new(source.len(), source.len());
    let newline = Layout::new(source).newline;
    let gap = match source.trim_end_matches(['\n', '\r', ' ', '\t']).len() {
        0 => "",
        _ if source.ends_with('\n') => newline,
        _ => "\n\n",
    };
    let text = text.trim_end().replace("\r\n", "\n").replace('\n', newline);
    Edit { span: end, text: format!("{gap}{text}{newline}") }
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

/// How a file is laid out.
struct Layout<'s> {
    source: &'s str,
    lines: Lines,
    newline: &'static str,
}

impl<'s> Layout<'s> {
    fn new(source: &'s str) -> Self {
        let newline = if source.contains("\r\n") { "\r\n" } else { "\n" };
        Self { source, lines: Lines::of(source), newline }
    }

    fn line(&self, offset: u32) -> usize {
        self.lines.index(offset)
    }

    /// Returns the blanks at the start of the line of an offset.
    fn indent(&self, offset: u32) -> &'s str {
        let line = self.source.get(self.lines.start(self.line(offset)) as usize..).unwrap_or_default();
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
    }

    /// Returns a text whose further lines are indented.
    fn indented(&self, text: &str, indent: &str) -> String {
        text.replace("\r\n", "\n").replace('\n', &format!("{}{indent}", self.newline))
    }

    /// Adds a property to an object, with objects around the value for the names before the last.
    fn insert(&self, object: &Expr, names: &[&str], value: &str) -> Edit {
        let mut text = value.to_owned();
        for (number, name) in names.iter().enumerate().rev() {
            text = format!("{}: {text}", key(name));
            if number > 0 {
                text = format!("{{\n  {}\n}}", text.replace('\n', "\n  "));
            }
        }
        let last = object_of(object).and_then(|object| object.members.last()).map(member_span);
        self.append(object.span, last, &text)
    }

    /// Adds a member behind the last one, or the first one, between two brackets.
    fn append(&self, brackets: Span, last: Option<Span>, text: &str) -> Edit {
        let close = brackets.end.saturating_sub(1);
        let in_one_line = self.line(brackets.start) == self.line(close);
        match last {
            Some(last) if in_one_line && !text.contains('\n') => {
                Edit { span: Span { start: last.end, end: last.end }, text: format!(", {text}") }
            }
            Some(last) if self.is_alone(last) || !in_one_line => {
                let indent = self.indent(last.start);
                let text = format!("{}{indent}{}", self.newline, self.indented(text, indent));
                // Behind a comment at the end of the line.
                let end = self.end_of_line(last.end, close);
                Edit { span: Span { start: end, end }, text }
            }
            _ => {
                // `{ a: b }` or `{}` becomes several lines.
                let outer = self.indent(brackets.start);
                let indent = format!("{outer}  ");
                let inside = Span { start: brackets.start + 1, end: close };
                let kept = match inside.of(self.source).trim() {
                    "" => String::new(),
                    kept => format!("{}{indent}{kept}", self.newline),
                };
                let text = self.indented(text, &indent);
                Edit { span: inside, text: format!("{kept}{0}{indent}{text}{0}{outer}", self.newline) }
            }
        }
    }

    /// Returns the end of the line of an offset, or the bracket, if that stands on it.
    fn end_of_line(&self, offset: u32, close: u32) -> u32 {
        let rest = self.source.get(offset as usize..close as usize).unwrap_or_default();
        let length = rest.find(['\r', '\n']).unwrap_or(0);
        offset + u32::try_from(length).unwrap_or(0)
    }

    /// Tells whether nothing but blanks and a comment stands on the lines of a range beside it.
    fn is_alone(&self, span: Span) -> bool {
        let before = self.source.get(self.lines.start(self.line(span.start)) as usize..span.start as usize);
        let after = self.source.get(span.end as usize..).unwrap_or_default().lines().next().unwrap_or_default().trim();
        before.is_some_and(|before| before.trim().is_empty()) && (after.is_empty() || after.starts_with("//"))
    }

    /// Returns the lines of a range.
    fn whole_lines(&self, span: Span) -> Span {
        let end = self.lines.start(self.line(span.end) + 1);
        Span { start: self.lines.start(self.line(span.start)), end: end.min(Span::new(0, self.source.len()).end) }
    }
}

fn key(name: &str) -> String {
    let first = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    match first && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') {
        true => name.to_owned(),
        false => string(name),
    }
}

fn object_of(expr: &Expr) -> Option<&Object> {
    match &expr.kind {
        ExprKind::Object(object) => Some(object),
        _ => None,
    }
}

fn member_span(member: &Member) -> Span {
    match member {
        Member::Property { key, value } => key.span.to(value.span),
        Member::Spread(value) => Span { start: value.span.start.saturating_sub(3), end: value.span.end },
        Member::Resource(statement) => {
            let start = statement.decorators.first().map_or(statement.span.start, |first| first.span.start - 1);
            Span { start, end: statement.span.end }
        }
    }
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
