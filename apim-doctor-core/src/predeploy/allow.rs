//! Suppressions that are written in the files: `apim-doctor: allow CODE until DATE: REASON` in a comment of Bicep or
//! Terraform, and `"metadata": {"apimDoctor": […]}` in a template.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::structure::Body;
use jiff::civil::Date;
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

use crate::base::ResourceId;
use crate::finding::Code;
use crate::predeploy::judge::Judged;
use crate::predeploy::search::Found;
use crate::predeploy::source;
use crate::report::{Level, Rule};
use crate::source::InputError;
use crate::source::bicep;
use crate::source::bicep::syntax::{Expr, ExprKind, Member, Statement, StatementKind};
use crate::template::json;

/// What a comment starts with.
const MARK: &str = "apim-doctor:";
/// How a comment has to look.
const FORM: &str = "write `apim-doctor: allow CODE until 2027-03-31: REASON`; `until` may be left out";
/// How a member of `metadata` has to look.
const MEMBER: &str =
    "write `{\"allow\": \"CODE\", \"until\": \"2027-03-31\", \"reason\": \"…\"}`; `until` may be left out";

/// What to do about Terraform source that cannot be parsed.
const NOT_TERRAFORM: &str = "correct the file: it is not Terraform";

/// A suppression in a file.
struct Allowed {
    code: String,
    until: Option<String>,
    reason: String,
    /// The byte at which it is written.
    at: usize,
    /// The bytes of the declaration to which it applies.
    scope: Range<usize>,
}

/// A text in a file that starts like a suppression and is not one.
struct Malformed {
    at: usize,
    help: &'static str,
}

type Read = Result<Allowed, Malformed>;

/// The suppressions in the files, as rules about the resources that are declared there.
pub(super) fn rules(judged: &Judged<'_>, found: &[Found]) -> (Vec<Rule>, Vec<InputError>) {
    let mut all = Rules { judged, rules: Vec::new(), problems: Vec::new() };
    for file in judged.work.files.all() {
        let text = Text::of(&file.path.display().to_string(), &file.text);
        let allowed = match file.path.extension().and_then(|extension| extension.to_str()) {
            Some("bicep") => in_bicep(&file.text),
            _ => in_template(&file.text),
        };
        for one in allowed {
            all.add(&text, one, |one| all_declared(judged, &text, std::slice::from_ref(&one.scope)));
        }
    }
    for plan in found.iter().filter(|one| one.kind.is_terraform()) {
        all.of_plan(plan);
    }
    (all.rules, all.problems)
}

/// The resources that are declared in ranges of a file. A range is one declaration: what it contains is not meant.
fn all_declared(judged: &Judged<'_>, text: &Text<'_>, ranges: &[Range<usize>]) -> BTreeSet<ResourceId> {
    let Some(deployed) = judged.estate.world.deployed() else { return BTreeSet::new() };
    let places = deployed.origins.iter().filter_map(|(id, origin)| {
        let (file, line, column) = origin.of("")?;
        (**file == *text.name).then_some((id, text.offset(*line, *column)?))
    });
    let places: Vec<(&ResourceId, usize)> = places.collect();
    let mut declared = BTreeSet::new();
    for range in ranges {
        let own = places.iter().filter(|(_, at)| range.contains(at));
        let first = own.clone().map(|(_, at)| *at).min();
        let own = own.filter(|(_, at)| Some(*at) == first);
        declared.extend(own.map(|(id, _)| ResourceId::new(&judged.say(id.as_str()))));
    }
    declared
}

struct Rules<'j, 'o> {
    judged: &'j Judged<'o>,
    rules: Vec<Rule>,
    problems: Vec<InputError>,
}

impl Rules<'_, '_> {
    /// The comments in the Terraform source beside a plan, which apply to that plan.
    fn of_plan(&mut self, plan: &Found) {
        let judged = self.judged;
        let path = plan.root.join(&plan.path);
        let file = judged.work.files.all().find(|file| file.path == plan.path || file.path == path);
        let Some(file) = file else { return };
        let plan_text = Text::of(&file.path.display().to_string(), &file.text);
        for (path, source) in source::beside(std::slice::from_ref(plan)) {
            let text = Text::of(&source::shown(std::slice::from_ref(plan), &path), &source);
            for (address, one) in in_terraform(&source) {
                self.add(&text, one, |_| all_declared(judged, &plan_text, &in_plan(&file.text, &address)));
            }
        }
    }

    fn add(&mut self, text: &Text<'_>, found: Read, declared: impl FnOnce(&Allowed) -> BTreeSet<ResourceId>) {
        let problem = |at: usize, message: String, help: &str| {
            let mut error = InputError::fatal(text.name.clone(), message, help).at(text.line(at), 1);
            error.fatal = false;
            error
        };
        let allowed = match found {
            Ok(allowed) => allowed,
            Err(Malformed { at, help }) => {
                self.problems.push(problem(at, "this suppression cannot be read".to_owned(), help));
                return;
            }
        };
        if Code::of(&allowed.code).is_none() {
            let message = format!("code `{}` does not exist", allowed.code);
            self.problems.push(problem(allowed.at, message, "`apim-doctor rules` lists all codes"));
            return;
        }
        let until = allowed.until.as_deref().map(str::parse::<Date>).transpose();
        let (Ok(until), Ok(mut rule)) = (until, Rule::new(&allowed.code, Level::Off)) else {
            self.problems.push(problem(allowed.at, "the day cannot be read".to_owned(), "write it as 2027-03-31"));
            return;
        };
        (rule.until, rule.reason) = (until, Some(allowed.reason.clone()));
        (rule.file, rule.line) = (Some(text.name.clone()), Some(text.line(allowed.at)));
        self.rules.push(rule.with_declared(declared(&allowed)));
    }
}

/// A text with its name, and where its lines start.
struct Text<'t> {
    name: String,
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Text<'t> {
    fn of(name: &str, text: &'t str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        Self { name: name.to_owned(), text, starts: std::iter::once(0).chain(ends.map(|end| end + 1)).collect() }
    }

    /// The line of a byte, counted from 1.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The byte at a line and a column, both counted from 1; the column counts characters.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let rest = self.text.get(start..)?;
        Some(start + rest.char_indices().nth(column.checked_sub(1)?)?.0)
    }
}

/// A comment that starts like a suppression.
#[derive(Clone, Copy)]
struct Comment<'t> {
    /// The byte at which the mark starts.
    at: usize,
    /// What follows the mark.
    says: &'t str,
    /// The byte at which its line starts.
    line: usize,
    /// The byte at which its line ends.
    end: usize,
    /// Whether code stands before it in its line.
    is_trailing: bool,
}

/// Comments that start like a suppression.
fn comments<'t>(text: &'t str, starts: &'static [&'static str]) -> impl Iterator<Item = Comment<'t>> {
    text.match_indices(MARK).filter_map(move |(at, _)| {
        let before = text.get(..at)?;
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        let own = text.get(line..at)?.trim_end();
        let code = starts.iter().find_map(|start| own.strip_suffix(start))?;
        let rest = text.get(at + MARK.len()..)?;
        let says = rest.lines().next()?;
        let end = at + MARK.len() + says.len();
        Some(Comment { at, says: says.trim(), line, end, is_trailing: !code.trim().is_empty() })
    })
}

impl Comment<'_> {
    /// Reads a comment that applies to a range of bytes; without one, to nothing.
    fn read(self, scope: Option<Range<usize>>) -> Read {
        let allowed = self.says.strip_prefix("allow ").and_then(|rest| {
            let (what, reason) = rest.split_once(": ")?;
            let (code, until) = match what.split_once(" until ") {
                Some((code, until)) => (code, Some(until.trim().to_owned())),
                None => (what, None),
            };
            let (code, reason) = (code.trim().to_owned(), reason.trim().to_owned());
            // `allow CODE: until 2027-03-31: …` would never end.
            let is_whole = !code.is_empty() && !reason.is_empty() && !reason.starts_with("until ");
            let scope = scope.unwrap_or(self.at..self.at);
            is_whole.then_some(Allowed { code, until, reason, at: self.at, scope })
        });
        allowed.ok_or(Malformed { at: self.at, help: FORM })
    }

    /// The declaration that the comment belongs to: the one that ends or goes on in its line, if code stands there; the
    /// next one, if nothing stands between them; otherwise the innermost one around it.
    fn declaration(self, text: &str, spans: &[Range<usize>]) -> Option<Range<usize>> {
        let innermost = |spans: &mut dyn Iterator<Item = &Range<usize>>| spans.max_by_key(|span| span.start).cloned();
        if self.is_trailing {
            return innermost(&mut spans.iter().filter(|span| span.start < self.at && span.end > self.line));
        }
        let next = spans.iter().filter(|span| span.start > self.at).min_by_key(|span| span.start);
        let is_beside = |span: &&Range<usize>| {
            let between = text.get(self.end..span.start).unwrap_or("?");
            between
                .lines()
                .map(str::trim)
                .all(|line| line.is_empty() || line.starts_with(['@', '#']) || line.starts_with("//"))
        };
        let around = || innermost(&mut spans.iter().filter(|span| span.contains(&self.at)));
        next.filter(is_beside).cloned().or_else(around)
    }
}

fn in_bicep(text: &str) -> Vec<Read> {
    let mut comments = comments(text, &["//"]).peekable();
    if comments.peek().is_none() {
        return Vec::new();
    }
    let tokens = bicep::lexer::lex(text).tokens;
    let program = bicep::parse(text);
    let mut spans = Vec::new();
    program.statements.iter().for_each(|statement| statements(statement, &mut spans));
    let is_text = |at: usize| tokens.iter().any(|token| bytes(token.span).contains(&at));
    let own = comments.filter(|comment| !is_text(comment.at));
    own.map(|comment| comment.read(comment.declaration(text, &spans))).collect()
}

fn bytes(span: bicep::Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// A declaration, and the child resources in it.
fn statements(statement: &Statement, spans: &mut Vec<Range<usize>>) {
    spans.push(bytes(statement.span));
    if let StatementKind::Resource(resource) = &statement.kind {
        children(&resource.body, spans);
    }
}

/// The child resources in a body. The parser bounds how deep they are.
fn children(body: &Expr, spans: &mut Vec<Range<usize>>) {
    match &body.kind {
        ExprKind::Object(object) => object.members.iter().for_each(|member| match member {
            Member::Resource(child) => statements(child, spans),
            Member::Property { .. } | Member::Spread(_) => {}
        }),
        ExprKind::For(walk) => children(&walk.body, spans),
        ExprKind::If(_, body) => children(body, spans),
        _ => {}
    }
}

/// The same in Terraform, each with the address of the resource.
fn in_terraform(text: &str) -> Vec<(String, Read)> {
    let mut comments = comments(text, &["#", "//"]).peekable();
    if comments.peek().is_none() {
        return Vec::new();
    }
    let Ok(body) = text.parse::<Body>() else {
        let unread = |comment: Comment<'_>| (String::new(), Err(Malformed { at: comment.at, help: NOT_TERRAFORM }));
        return comments.map(unread).collect();
    };
    let blocks = body.blocks().filter_map(|block| {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        let is_resource = block.ident.as_str() == "resource";
        Some((block.span()?, if is_resource { labels.join(".") } else { String::new() }))
    });
    let blocks: Vec<(Range<usize>, String)> = blocks.collect();
    let spans: Vec<Range<usize>> = blocks.iter().map(|(span, _)| span.clone()).collect();
    let own = comments.map(|comment| {
        let scope = comment.declaration(text, &spans);
        let block = blocks.iter().find(|(span, _)| Some(span) == scope.as_ref());
        (block.map(|(_, address)| address.clone()).unwrap_or_default(), comment.read(scope))
    });
    own.collect()
}

/// Where a plan describes the resources of an address.
fn in_plan(text: &str, address: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let Ok(document) = json::parse(text) else { return found };
    each_object(&document, &mut |object| {
        let Some(ast::Value::StringLit(own)) = object.get("address").map(|property| &property.value) else { return };
        let (own, _) = own.value.split_once('[').unwrap_or((&own.value, ""));
        if own == address {
            found.push(object.range.start..object.range.end);
        }
    });
    found
}

/// The members `apimDoctor` of `metadata`, which apply to the object around it.
fn in_template(text: &str) -> Vec<Read> {
    let mut found = Vec::new();
    if !text.contains("\"apimDoctor\"") {
        return found;
    }
    let Ok(document) = json::parse(text) else { return found };
    each_object(&document, &mut |object| {
        // Other objects have metadata, too: the template, its parameters and outputs.
        let is_resource = object.get("type").is_some() && object.get("apiVersion").is_some();
        let metadata = object.get("metadata").filter(|_| is_resource).and_then(|metadata| metadata.value.as_object());
        let Some(property) = metadata.and_then(|metadata| metadata.get("apimDoctor")) else { return };
        let Some(list) = property.value.as_array() else {
            found.push(Err(Malformed { at: property.range.start, help: MEMBER }));
            return;
        };
        for element in &list.elements {
            let at = element.range().start;
            let scope = object.range.start..object.range.end;
            found.push(member(element, at, scope).ok_or(Malformed { at, help: MEMBER }));
        }
    });
    found
}

/// One member of the list. It has nothing but texts that are known, so that no `until` is lost.
fn member(element: &ast::Value<'_>, at: usize, scope: Range<usize>) -> Option<Allowed> {
    let (mut code, mut until, mut reason) = (None, None, None);
    for property in &element.as_object()?.properties {
        let value = property.value.as_string_lit()?.value.trim().to_owned();
        let value = Some(value).filter(|value| !value.is_empty());
        match property.name.as_str() {
            "allow" => code = Some(value?),
            "until" => until = Some(value?),
            "reason" => reason = Some(value?),
            _ => return None,
        }
    }
    Some(Allowed { code: code?, until, reason: reason?, at, scope })
}

/// Calls a function with every object of a document. The parser bounds how deep they are.
fn each_object<'a>(node: &'a ast::Value<'a>, see: &mut dyn FnMut(&'a ast::Object<'a>)) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node {
            ast::Value::Object(object) => {
                see(object);
                open.extend(object.properties.iter().map(|property| &property.value));
            }
            ast::Value::Array(array) => open.extend(array.elements.iter()),
            _ => {}
        }
    }
}
