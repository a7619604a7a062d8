//! A whole file: first as it should be; if that fails, declaration by declaration.

use crate::source::bicep::lexer::{Kind, Token, lex};
use crate::source::bicep::parse::cursor::Cursor;
use crate::source::bicep::parse::statement::KEYWORDS;
use crate::source::bicep::span::{Lines, Problem};
use crate::source::bicep::syntax::{Program, Statement};

/// Reads a `.bicep` or `.bicepparam` file. What cannot be read becomes a problem; the rest is read all the same.
#[must_use]
pub(crate) fn parse(source: &str) -> Program {
    if source.len() > u32::MAX as usize / 2 {
        let message = "the file is too large".to_owned();
        return Program { statements: Vec::new(), problems: vec![Problem { span: Default::default(), message }] };
    }
    let lines = Lines::of(source);
    let lexed = lex(source);
    let mut cursor = Cursor::new(source, &lines, &lexed.tokens);
    if lexed.problems.is_empty() {
        let statements = statements(&mut cursor, true);
        if cursor.problems.is_empty() {
            return Program { statements, problems: Vec::new() };
        }
    }
    let mut program = Program { statements: Vec::new(), problems: lexed.problems };
    for part in parts(source, &lines, &lexed.tokens) {
        let read = |by_indent| {
            let mut cursor = Cursor::new(source, &lines, &lexed.tokens);
            cursor.within(part.from, part.to);
            if by_indent {
                cursor.go_by_indent();
            }
            (statements(&mut cursor, false), cursor.problems)
        };
        let mut best = read(!part.balanced);
        if part.balanced && !best.1.is_empty() {
            let other = read(true);
            best = if other.1.len() < best.1.len() { other } else { best };
        }
        program.statements.extend(best.0);
        program.problems.extend(best.1);
    }
    program.problems.sort_by_key(|problem| problem.span.start);
    // What the lexer said of a place is not said again by the parser.
    program
        .problems
        .dedup_by(|later, earlier| later.span.start <= earlier.span.end && later.span.end > later.span.start);
    program
}

/// Reads declarations up to the end. With `strict` the first problem ends it.
fn statements(cursor: &mut Cursor<'_>, strict: bool) -> Vec<Statement> {
    let mut read = Vec::new();
    while !cursor.is_end() {
        let before = cursor.at();
        read.extend(cursor.statement());
        if !cursor.is_end() && !cursor.peek().newline {
            cursor.expected("a new line");
        }
        if cursor.problems.is_empty() {
            continue;
        }
        if strict {
            break;
        }
        cursor.step(before);
        // What was not understood ends where the next declaration begins.
        while !(cursor.is_end() || cursor.peek().newline && begins(cursor)) {
            cursor.next();
        }
    }
    read
}

fn begins(cursor: &Cursor<'_>) -> bool {
    let [first, second] = [cursor.peek(), cursor.ahead(1)];
    begins_with(cursor.text(first), first, second)
}

fn begins_with(word: &str, first: Token, second: Token) -> bool {
    match first.kind {
        Kind::Symbol("@") => second.kind == Kind::Name,
        Kind::Name if word == "targetScope" => second.kind == Kind::Symbol("="),
        Kind::Name if KEYWORDS.contains(&word) => {
            matches!(second.kind, Kind::Name | Kind::Text | Kind::Symbol("{" | "*")) && !second.newline
        }
        _ => false,
    }
}

/// The tokens of a declaration at the start of a line, or of several that cannot be told apart.
struct Part {
    from: usize,
    to: usize,
    /// All brackets are closed.
    balanced: bool,
}

fn parts(source: &str, lines: &Lines, tokens: &[Token]) -> Vec<Part> {
    let mut starts = vec![0];
    let mut decorated = false;
    for (at, pair) in tokens.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let column = first.span.start - lines.start(lines.index(first.span.start));
        if !first.newline || column > 0 || !begins_with(first.span.of(source), *first, *second) {
            continue;
        }
        // Decorators belong to what they stand before.
        if at > 0 && !decorated {
            starts.push(at);
        }
        decorated = first.kind == Kind::Symbol("@");
    }
    let ends = starts.iter().skip(1).copied().chain([tokens.len().saturating_sub(1)]);
    let part =
        |(from, to): (usize, usize)| Part { from, to, balanced: balanced(tokens.get(from..to).unwrap_or_default()) };
    starts.iter().copied().zip(ends).map(part).collect()
}

fn balanced(tokens: &[Token]) -> bool {
    let mut open = Vec::new();
    for token in tokens {
        let closed = match token.kind {
            Kind::Symbol("{") => {
                open.push("}");
                continue;
            }
            Kind::Symbol("[") => {
                open.push("]");
                continue;
            }
            Kind::Symbol("(") => {
                open.push(")");
                continue;
            }
            Kind::Symbol(symbol @ ("}" | "]" | ")")) => symbol,
            _ => continue,
        };
        if open.pop() != Some(closed) {
            return false;
        }
    }
    open.is_empty()
}
