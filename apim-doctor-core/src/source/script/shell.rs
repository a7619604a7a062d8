//! Lowers POSIX shell and bash.

use crate::source::script::lower::{Lower, Progress};
use crate::source::script::syntax::Piece;
use crate::source::script::tree::{Argument, Block, Command, Expr, Form, Stage, Statement};

/// Lowers a script.
pub(super) struct Shell {
    pub progress: Progress,
}

impl Lower for Shell {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn statement(&mut self, piece: Piece<'_>, to: &mut Vec<Statement>) {
        match piece.kind() {
            "variable_assignment" => self.assignment(piece, to),
            "declaration_command" => {
                for child in piece.children() {
                    match child.kind() {
                        "variable_assignment" => self.assignment(child, to),
                        // `local NAME` sets nothing that is known.
                        "variable_name" => to.push(Statement::Forget(vec![child.text().to_owned()])),
                        _ => {}
                    }
                }
            }
            "unset_command" => {
                let names = piece.children().into_iter().map(|child| child.text().to_owned());
                to.push(Statement::Forget(names.collect()));
            }
            "command" | "pipeline" | "redirected_statement" | "subshell" => {
                to.push(Statement::Run(self.pipeline(piece)));
            }
            "list" => {
                let [first, second] = match piece.children().as_slice() {
                    [first, second] => [*first, *second],
                    _ => return piece.children().into_iter().for_each(|child| self.statements(child, to)),
                };
                self.statements(first, to);
                let mut body = Vec::new();
                self.statements(second, &mut body);
                to.push(Statement::Branches { of: vec![body], is_whole: false });
            }
            "if_statement" => self.conditional(piece, to),
            "case_statement" => {
                let items = piece.children().into_iter().filter(|child| child.kind() == "case_item");
                let of: Vec<Vec<Statement>> = items.map(|item| self.inside(item)).collect();
                let last = piece.children().pop();
                let is_whole = last.and_then(|item| item.field("value")).is_some_and(|value| value.text() == "*");
                to.push(Statement::Branches { of, is_whole });
            }
            "for_statement" => {
                let name = piece.field("variable").map(|name| name.text().to_owned()).unwrap_or_default();
                let values: Vec<Expr> = piece.fields("value").into_iter().map(|value| self.value(value)).collect();
                let body = piece.field("body").map(|body| self.inside(body)).unwrap_or_default();
                let list = match values.is_empty() {
                    true => Expr::new(piece.at(), Form::Variable("@".to_owned())),
                    false => Expr::new(piece.at(), Form::List(values)),
                };
                to.push(Statement::Each { name, list, body });
            }
            "while_statement" | "until_statement" | "c_style_for_statement" => {
                to.push(Statement::Loop(self.inside(piece)));
            }
            "function_definition" => {
                let name = piece.field("name").map(|name| name.text().to_owned());
                let body = piece.field("body").map(|body| self.inside(body)).unwrap_or_default();
                let block = Block { parameters: Vec::new(), body };
                to.extend(name.map(|name| Statement::Function { name, block }));
            }
            "compound_statement" | "do_group" | "negated_command" => {
                piece.children().into_iter().for_each(|child| self.statements(child, to));
            }
            "else_clause" | "elif_clause" => to.push(Statement::Sequence(self.inside(piece))),
            "ERROR" => {
                self.progress.errors.push(piece.at());
                let mut names = Vec::new();
                names_in(piece, &mut names);
                to.push(Statement::Forget(names));
                piece.children().into_iter().for_each(|child| self.statements(child, to));
            }
            _ => {}
        }
    }

    fn form(&mut self, piece: Piece<'_>) -> Form {
        let text = piece.text();
        match piece.kind() {
            "word" | "number" | "extglob_pattern" | "test_operator" => match text.contains(['*', '?', '~']) {
                true if !text.contains("://") && !text.starts_with('/') => Form::Other,
                _ => Form::Text(without_backslashes(text)),
            },
            "raw_string" => Form::Text(text.trim_start_matches('\'').trim_end_matches('\'').to_owned()),
            "ansi_c_string" if !text.contains('\\') => {
                Form::Text(text.trim_start_matches("$'").trim_end_matches('\'').to_owned())
            }
            "string" => {
                let end = piece.node.end_byte();
                let inner = if text.ends_with('"') { end.saturating_sub(1) } else { end };
                self.between(piece, piece.at() + 1, inner).form
            }
            "concatenation" => Form::Parts(piece.children().into_iter().map(|child| self.value(child)).collect()),
            "simple_expansion" => Form::Variable(text.trim_start_matches('$').to_owned()),
            "expansion" => self.expansion(piece),
            "command_substitution" => Form::Printed(self.inside(piece)),
            "array" => Form::List(piece.children().into_iter().map(|child| self.value(child)).collect()),
            "command_name" => piece.children().first().map_or(Form::Other, |word| self.form(*word)),
            _ => Form::Other,
        }
    }
}

impl Shell {
    pub(super) fn new() -> Self {
        Self { progress: Progress::default() }
    }

    /// A whole script.
    pub(super) fn script(&mut self, root: Piece<'_>) -> Block {
        Block { parameters: Vec::new(), body: self.inside(root) }
    }

    /// `if`, with what stands under `elif` and `else`. What the conditions do is done first.
    fn conditional(&mut self, piece: Piece<'_>, to: &mut Vec<Statement>) {
        let conditions: Vec<usize> = piece.fields("condition").into_iter().map(|one| one.at()).collect();
        let (mut own, mut of, mut is_whole) = (Vec::new(), Vec::new(), false);
        for child in piece.children() {
            match child.kind() {
                _ if conditions.contains(&child.at()) => self.statements(child, to),
                "elif_clause" => of.push(self.inside(child)),
                "else_clause" => {
                    is_whole = true;
                    of.push(self.inside(child));
                }
                _ => self.statements(child, &mut own),
            }
        }
        of.push(own);
        to.push(Statement::Branches { of, is_whole });
    }

    fn assignment(&mut self, piece: Piece<'_>, to: &mut Vec<Statement>) {
        let (Some(name), value) = (piece.field("name"), piece.field("value")) else { return };
        let adds = piece.parts().get(1).is_some_and(|sign| sign.text() == "+=");
        if name.kind() == "subscript" {
            let owner = name.field("name").map(|owner| owner.text().to_owned()).unwrap_or_default();
            return to.push(Statement::Forget(vec![owner]));
        }
        let value = match value {
            Some(value) => self.value(value),
            None => Expr::text(name.at(), ""),
        };
        to.push(Statement::Assign { name: name.text().to_owned(), adds, value });
    }

    /// Commands and what stands around them.
    fn pipeline(&mut self, piece: Piece<'_>) -> Expr {
        let form = match piece.kind() {
            "command" => Form::Pipeline(vec![Stage::Command(self.command(piece))]),
            "pipeline" => {
                let stages = piece.children().into_iter().map(|child| match child.kind() {
                    "command" => Stage::Command(self.command(child)),
                    _ => Stage::Value(self.pipeline(child)),
                });
                Form::Pipeline(stages.collect())
            }
            "redirected_statement" => {
                let Some(body) = piece.field("body") else { return Expr::new(piece.at(), Form::Other) };
                let input = piece.fields("redirect").into_iter().find_map(|redirect| match redirect.kind() {
                    "heredoc_redirect" => Some(self.heredoc(redirect)),
                    "herestring_redirect" => redirect.children().first().map(|word| self.value(*word)),
                    _ => None,
                });
                let mut form = self.pipeline(body).form;
                if let (Form::Pipeline(stages), Some(input)) = (&mut form, input)
                    && let Some(Stage::Command(command)) = stages.first_mut()
                {
                    command.input = Some(input);
                }
                form
            }
            _ => {
                let mut body = Vec::new();
                match piece.kind() {
                    "subshell" => body = self.inside(piece),
                    _ => self.statements(piece, &mut body),
                }
                Form::Printed(body)
            }
        };
        Expr::new(piece.at(), form)
    }

    fn heredoc(&mut self, piece: Piece<'_>) -> Expr {
        let is_raw = piece.child("heredoc_start").is_some_and(|start| start.text().contains(['\'', '"', '\\']));
        let Some(body) = piece.child("heredoc_body") else { return Expr::text(piece.at(), "") };
        match is_raw {
            true => Expr::text(body.at(), body.text()),
            false => self.between(body, body.at(), body.node.end_byte()),
        }
    }

    fn command(&mut self, piece: Piece<'_>) -> Command {
        let mut arguments = Vec::new();
        let name = piece.field("name").map(|name| name.innermost());
        let called = match name {
            Some(name) if name.kind() == "command_name" => match name.children().first() {
                Some(word) => self.value(*word),
                None => Expr::text(name.at(), name.text()),
            },
            Some(name) => self.value(name),
            None => Expr::new(piece.at(), Form::Other),
        };
        for argument in piece.fields("argument") {
            arguments.push(Argument::Value(self.value(argument)));
        }
        let input = piece.fields("redirect").into_iter().find_map(|redirect| match redirect.kind() {
            "herestring_redirect" => redirect.children().first().map(|word| self.value(*word)),
            "heredoc_redirect" => Some(self.heredoc(redirect)),
            _ => None,
        });
        Command { at: called.at, name: called, arguments, input }
    }

    /// `${NAME}`, `${NAME:-value}` and `${NAMES[@]}`; other forms are not followed.
    fn expansion(&mut self, piece: Piece<'_>) -> Form {
        let inner = piece.text().trim_start_matches("${").trim_end_matches('}');
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name: String = inner.chars().take_while(|c| is_name(*c)).collect();
        let rest = inner.get(name.len()..).unwrap_or_default();
        if rest.is_empty() || matches!(rest, "[@]" | "[*]") {
            return Form::Variable(name);
        }
        let operator = [":-", ":=", "-", "="].into_iter().find(|sign| rest.starts_with(*sign));
        let Some(default) = operator.and_then(|sign| rest.strip_prefix(sign)) else { return Form::Other };
        let from = piece.node.end_byte().saturating_sub(default.len() + 1);
        let plain = default.trim_matches(['"', '\'']);
        let form = match plain.contains(['$', '`', '\\']) {
            // The grammar splits what stands behind the operator in unexpected places.
            true => match plain.strip_prefix('$').map(|own| own.trim_matches(['{', '}'])) {
                Some(own) if !own.is_empty() && own.chars().all(is_name) => Form::Variable(own.to_owned()),
                _ => Form::Other,
            },
            false => Form::Text(plain.to_owned()),
        };
        Form::Or(name, Box::new(Expr::new(from, form)))
    }

    /// What stands between two bytes: literal text, and expansions in it.
    fn between(&mut self, piece: Piece<'_>, start: usize, end: usize) -> Expr {
        let mut parts = Vec::new();
        let mut at = start;
        let literal =
            |from: usize, to: usize| Expr::text(from, without_escapes(piece.source.get(from..to).unwrap_or_default()));
        let expands = ["simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"];
        for child in piece.children().into_iter().filter(|child| expands.contains(&child.kind())) {
            if child.at() < at || child.node.end_byte() > end {
                continue;
            }
            if child.at() > at {
                parts.push(literal(at, child.at()));
            }
            at = child.node.end_byte();
            parts.push(self.value(child));
        }
        if at < end {
            parts.push(literal(at, end));
        }
        let form = match <[Expr; 1]>::try_from(parts) {
            Ok([Expr { form: Form::Text(text), .. }]) => Form::Text(text),
            Ok([one]) if matches!(one.form, Form::Variable(_)) => one.form,
            Ok([one]) => Form::Parts(vec![one]),
            Err(parts) if parts.is_empty() => Form::Text(String::new()),
            Err(parts) => Form::Parts(parts),
        };
        Expr::new(start, form)
    }
}

/// A word without the backslashes that quote.
fn without_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next().filter(|next| *next != '\n')),
            other => out.push(other),
        }
    }
    out
}

/// A text in double quotes, or in a here-document, without its escapes.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('"' | '\\' | '$' | '`')) => out.extend(chars.next()),
            ('\\', Some('\n')) => {
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

fn names_in(piece: Piece<'_>, names: &mut Vec<String>) {
    let mut cursor = piece.node.walk();
    let root = piece.node.id();
    loop {
        let node = cursor.node();
        if node.kind() == "variable_name" {
            names.push(Piece { node, source: piece.source }.text().to_owned());
        }
        if cursor.goto_first_child() {
            continue;
        }
        loop {
            if cursor.node().id() == root {
                return;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}
