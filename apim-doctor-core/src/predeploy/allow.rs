//! Suppressions that are written in the files: `apim-doctor: allow CODE until DATE: REASON` in a comment of Bicep or
//! Terraform, and `"metadata": {"apimDoctor": […]}` in a template.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use hcl_edit::visit::{Visit, visit_expr};
use jiff::civil::Date;
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

use crate::base::ResourceId;
use crate::finding::Code;
use crate::predeploy::comment::{Comment, Comments, MARK, Scope};
use crate::predeploy::judge::Judged;
use crate::predeploy::search::Found;
use crate::predeploy::source;
use crate::report::{Level, Rule};
use crate::source::InputError;
use crate::source::bicep;
use crate::source::bicep::lexer::Kind as Token;
use crate::source::bicep::syntax::{Expr, ExprKind, Member, Statement, StatementKind};
use crate::template::json;

/// How a comment has to look.
const FORM: &str = "write `apim-doctor: allow CODE until 2027-03-31: REASON`; `until` may be left out";
/// How a member of `metadata` has to look.
const MEMBER: &str =
    "write `{\"allow\": \"CODE\", \"until\": \"2027-03-31\", \"reason\": \"…\"}`; `until` may be left out";

/// What to do about Terraform source that cannot be parsed.
const NOT_TERRAFORM: &str = "correct the file: it is not Terraform";

/// How many suppressions of one file are read. Those that are left out suppress nothing.
const MOST: usize = 1000;

/// A suppression in a file.
struct Allowed {
    code: String,
    until: Option<String>,
    reason: String,
    /// The byte at which it is written.
    at: usize,
    /// The declaration to which it applies.
    scope: Scope,
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

/// The resources that are declared in a file by these declarations: of what one of them makes, that which stands first.
fn all_declared(judged: &Judged<'_>, text: &Text<'_>, scopes: &[Scope]) -> BTreeSet<ResourceId> {
    let Some(deployed) = judged.estate.world.deployed() else { return BTreeSet::new() };
    let places = deployed.origins.iter().filter_map(|(id, origin)| {
        let (file, line, column) = origin.of("")?;
        (**file == *text.name).then_some((id, text.offset(*line, *column)?))
    });
    let places: Vec<(&ResourceId, usize)> = places.collect();
    let mut declared = BTreeSet::new();
    for scope in scopes {
        let own = places.iter().filter(|(_, at)| scope.contains(*at));
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
        let Some(file) = judged.work.file_at(&plan.root.join(&plan.path)) else { return };
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

impl Comment<'_> {
    /// Reads a comment that applies to a declaration; without one, to nothing.
    fn read(&self, scope: Option<Scope>) -> Read {
        let allowed = self.says.strip_prefix("allow ").and_then(|rest| {
            let (what, reason) = rest.split_once(": ")?;
            let (code, until) = match what.split_once(" until ") {
                Some((code, until)) => (code, Some(until.trim().to_owned())),
                None => (what, None),
            };
            let (code, reason) = (code.trim().to_owned(), reason.trim().to_owned());
            // `allow CODE: until 2027-03-31: …` would never end.
            let is_until = reason.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("until"));
            let is_whole = !code.is_empty() && !reason.is_empty() && !is_until;
            let scope = scope.unwrap_or_default();
            is_whole.then_some(Allowed { code, until, reason, at: self.at, scope })
        });
        allowed.ok_or(Malformed { at: self.at, help: FORM })
    }
}

fn in_bicep(text: &str) -> Vec<Read> {
    if !text.contains(MARK) {
        return Vec::new();
    }
    let tokens = bicep::lexer::lex(text).tokens;
    let is_text = |kind| matches!(kind, Token::Text | Token::TextStart | Token::TextMiddle | Token::TextEnd);
    let strings = tokens.iter().filter(|token| is_text(token.kind)).map(|token| bytes(token.span));
    let comments = Comments::of(text, &["//"], &strings.collect::<Vec<_>>());
    let program = bicep::parse(text);
    let mut declared = Vec::new();
    program.statements.iter().for_each(|statement| statements(statement, &mut declared));
    let read = |comment: Comment<'_>| comment.read(comments.declaration(&comment, &declared));
    comments.marked().take(MOST).map(read).collect()
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
    if !text.contains(MARK) {
        return Vec::new();
    }
    let Ok(body) = text.parse::<Body>() else {
        let comments = Comments::of(text, &["#", "//"], &[]);
        let unread = |comment: Comment<'_>| (String::new(), Err(Malformed { at: comment.at, help: NOT_TERRAFORM }));
        return comments.marked().take(MOST).map(unread).collect();
    };
    let mut strings = Strings::default();
    strings.visit_body(&body);
    strings.0.sort_by_key(|string| string.start);
    let comments = Comments::of(text, &["#", "//"], &strings.0);
    let blocks = body.blocks().filter_map(|block| {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        let is_resource = block.ident.as_str() == "resource";
        Some((block.span()?, if is_resource { labels.join(".") } else { String::new() }))
    });
    let blocks: Vec<(Range<usize>, String)> = blocks.collect();
    let declared: Vec<Range<usize>> = blocks.iter().map(|(span, _)| span.clone()).collect();
    let own = comments.marked().take(MOST).map(|comment| {
        let scope = comments.declaration(&comment, &declared);
        let block = blocks.iter().find(|(span, _)| scope.as_ref().is_some_and(|scope| scope.bytes == *span));
        (block.map(|(_, address)| address.clone()).unwrap_or_default(), comment.read(scope))
    });
    own.collect()
}

/// Where the strings of a text are.
#[derive(Default)]
struct Strings(Vec<Range<usize>>);

impl Visit for Strings {
    fn visit_expr(&mut self, expression: &Expression) {
        match expression {
            Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => {
                self.0.extend(expression.span());
            }
            _ => visit_expr(self, expression),
        }
    }
}

/// Where a plan describes the resources of an address.
fn in_plan(text: &str, address: &str) -> Vec<Scope> {
    let mut found = Vec::new();
    let Ok(document) = json::parse(text) else { return found };
    each_object(&document, &mut |object| {
        let Some(ast::Value::StringLit(own)) = object.get("address").map(|property| &property.value) else { return };
        let (own, _) = own.value.split_once('[').unwrap_or((&own.value, ""));
        if own == address {
            found.push(Scope { bytes: object.range.start..object.range.end, inner: Vec::new() });
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
    // Other objects have metadata, too: the template, its parameters and outputs.
    let mut resources = Vec::new();
    each_object(&document, &mut |object| {
        if object.get("type").is_some() && object.get("apiVersion").is_some() {
            resources.push(object);
        }
    });
    let declared: Vec<Range<usize>> = resources.iter().map(|object| object.range.start..object.range.end).collect();
    for (object, bytes) in resources.into_iter().zip(&declared) {
        let metadata = object.get("metadata").and_then(|metadata| metadata.value.as_object());
        let Some(property) = metadata.and_then(|metadata| metadata.get("apimDoctor")) else { continue };
        let Some(list) = property.value.as_array() else {
            found.push(Err(Malformed { at: property.range.start, help: MEMBER }));
            continue;
        };
        let scope = Scope::of(bytes.clone(), &declared);
        for element in &list.elements {
            let at = element.range().start;
            found.push(member(element, at, scope.clone()).ok_or(Malformed { at, help: MEMBER }));
        }
    }
    found.truncate(MOST);
    found
}

/// One member of the list. It has nothing but texts that are known, so that no `until` is lost.
fn member(element: &ast::Value<'_>, at: usize, scope: Scope) -> Option<Allowed> {
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
