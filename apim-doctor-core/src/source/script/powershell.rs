//! Lowers PowerShell.

use crate::source::script::lower::{Lower, Progress};
use crate::source::script::syntax::Piece;
use crate::source::script::tree::{Argument, Block, Command, Expr, Form, NOT_PARSED, Parameter, Stage, Statement};

/// Lowers a script.
pub(super) struct PowerShell {
    has_errors: bool,
    pub progress: Progress,
}

/// The name of a variable without its scope, as it is looked up: names are the same in any case.
pub(super) fn variable(text: &str) -> String {
    let name = text.trim_start_matches(['$', '@']).trim_start_matches('{').trim_end_matches('}').to_ascii_lowercase();
    let scopes = ["script:", "global:", "local:", "private:", "using:", "variable:"];
    scopes.iter().find_map(|scope| name.strip_prefix(scope)).map(str::to_owned).unwrap_or(name)
}

impl Lower for PowerShell {
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn statement(&mut self, piece: Piece<'_>, to: &mut Vec<Statement>) {
        match piece.kind() {
            "assignment_expression" => self.assignment(piece, to),
            "pipeline" if piece.child("assignment_expression").is_some() => {
                piece.children().into_iter().for_each(|child| self.statements(child, to));
            }
            "pipeline" | "pipeline_chain" => to.push(Statement::Run(self.expr(piece))),
            "if_statement" => {
                to.extend(piece.field("condition").map(|asked| Statement::Run(self.expr(asked))));
                let blocks = piece.children();
                let mut of: Vec<Vec<Statement>> = Vec::new();
                for block in &blocks {
                    match block.kind() {
                        "statement_block" | "else_clause" => of.push(self.inside(*block)),
                        "elseif_clauses" => {
                            for clause in block.children() {
                                let body = clause.child("statement_block");
                                of.extend(body.map(|body| self.inside(body)));
                            }
                        }
                        _ => {}
                    }
                }
                let is_whole = blocks.iter().any(|block| block.kind() == "else_clause");
                to.push(Statement::Branches { of, is_whole });
            }
            "switch_statement" => {
                let clauses = piece.child("switch_body").and_then(|body| body.child("switch_clauses"));
                let clauses = clauses.map(|all| all.children()).unwrap_or_default();
                let of: Vec<_> = clauses
                    .into_iter()
                    .filter_map(|clause| clause.child("statement_block"))
                    .map(|body| self.inside(body))
                    .collect();
                // Several clauses may run, and none has to.
                to.extend(of.into_iter().map(|body| Statement::Branches { of: vec![body], is_whole: false }));
            }
            "foreach_statement" => {
                let children = piece.children();
                let name = children.iter().find(|child| child.kind() == "variable");
                let body = children.iter().find(|child| child.kind() == "statement_block").copied();
                let list = children.iter().find(|child| !matches!(child.kind(), "variable" | "statement_block"));
                if let (Some(name), Some(list), Some(body)) = (name, list, body) {
                    let (name, list) = (variable(name.text()), self.expr(*list));
                    to.push(Statement::Each { name, list, body: self.inside(body) });
                }
            }
            "for_statement" | "while_statement" | "do_statement" => {
                let mut body = Vec::new();
                for child in piece.children() {
                    match child.kind() {
                        "for_initializer" => self.statements(child, to),
                        _ => self.statements(child, &mut body),
                    }
                }
                to.push(Statement::Loop(body));
            }
            "try_statement" => {
                for child in piece.children() {
                    match child.kind() {
                        "statement_block" | "finally_clause" => to.extend(self.inside(child)),
                        _ => to.push(Statement::Branches { of: vec![self.inside(child)], is_whole: false }),
                    }
                }
            }
            "trap_statement" => to.push(Statement::Branches { of: vec![self.inside(piece)], is_whole: false }),
            "function_statement" => {
                let name = piece.child("function_name").map(|name| name.text().to_ascii_lowercase());
                let own = piece.child("function_parameter_declaration");
                let mut parameters = own.map(|own| self.parameters(own)).unwrap_or_default();
                let mut block = piece.child("script_block").map(|block| self.block(block)).unwrap_or_default();
                parameters.append(&mut block.parameters);
                block.parameters = parameters;
                if let Some(name) = name {
                    let name = name.rsplit(':').next().unwrap_or(&name).to_owned();
                    to.push(Statement::Function { name, block });
                }
            }
            "class_statement" => {
                let methods = piece.children().into_iter().filter(|own| own.kind() == "class_method_definition");
                to.extend(methods.map(|method| self.class_method(method)));
            }
            "param_block" | "function_name" | "enum_statement" | "attribute_list" => {}
            "ERROR" => {
                self.progress.errors.push(piece.at());
                to.push(Statement::Forget(names_in(piece)));
                piece.children().into_iter().for_each(|child| self.statements(child, to));
            }
            "script_block_body"
            | "statement_list"
            | "named_block_list"
            | "named_block"
            | "statement_block"
            | "script_block"
            | "flow_control_statement"
            | "inlinescript_statement"
            | "parallel_statement"
            | "sequence_statement"
            | "data_statement"
            | "while_condition"
            | "for_condition"
            | "for_iterator"
            | "catch_clause"
            | "for_initializer" => {
                piece.children().into_iter().for_each(|child| self.statements(child, to));
            }
            _ if piece.kind().ends_with("_expression") || piece.kind() == "command" => {
                to.push(Statement::Run(self.expr(piece)));
            }
            _ => {}
        }
    }

    fn form(&mut self, piece: Piece<'_>) -> Form {
        let text = piece.text();
        match piece.kind() {
            "variable" | "braced_variable" => Form::Variable(variable(text)),
            "verbatim_string_characters" => Form::Text(unquoted(text, '\'').replace("''", "'")),
            "verbatim_here_string_characters" => Form::Text(here(text).to_owned()),
            "expandable_string_literal" => self.expandable(piece, false),
            "expandable_here_string_literal" => self.expandable(piece, true),
            "generic_token" if text.contains(['$', '(']) => Form::Other,
            "generic_token" | "simple_name" | "type_identifier" => Form::Text(text.replace('`', "")),
            "decimal_integer_literal" | "hexadecimal_integer_literal" | "real_literal" => Form::Text(text.to_owned()),
            "string_literal" => piece.children().first().map_or(Form::Other, |one| self.form(*one)),
            "array_literal_expression" => {
                Form::List(piece.children().into_iter().map(|child| self.expr(child)).collect())
            }
            "array_expression" => {
                let body = self.inside(piece);
                let printed = Expr::new(piece.at(), Form::Printed(body));
                Form::List(vec![printed])
            }
            "sub_expression" | "parenthesized_expression" => Form::Printed(self.inside(piece)),
            "if_statement" | "switch_statement" | "foreach_statement" | "statement_list" => {
                let mut body = Vec::new();
                self.statements(piece, &mut body);
                Form::Printed(body)
            }
            "additive_expression" => match (piece.children().as_slice(), piece.parts().get(1)) {
                ([a, b], Some(sign)) if sign.text() == "+" => Form::Sum(self.expr(*a).into(), self.expr(*b).into()),
                _ => self.other(piece),
            },
            "format_expression" => match piece.children().as_slice() {
                [template, operator, values] if operator.kind() == "format_operator" => {
                    Form::Format(self.expr(*template).into(), self.expr(*values).into())
                }
                _ => self.other(piece),
            },
            "cast_expression" => match piece.children().last() {
                Some(last) => self.expr(*last).form,
                None => Form::Other,
            },
            "member_access" => match piece.children().as_slice() {
                [owner, member] if member.kind() == "member_name" => {
                    Form::Member(self.expr(*owner).into(), member.text().to_ascii_lowercase())
                }
                _ => self.other(piece),
            },
            "element_access" => match piece.children().as_slice() {
                [owner, key] => Form::Index(self.expr(*owner).into(), self.expr(*key).into()),
                _ => self.other(piece),
            },
            "invokation_expression" => self.method(piece),
            "hash_literal_expression" => self.table(piece),
            "script_block_expression" => Form::Block(self.block_of(piece)),
            "pipeline" | "pipeline_chain" => {
                if piece.child("assignment_expression").is_some() || piece.kind() == "pipeline" {
                    return Form::Printed(self.inside(piece));
                }
                let stages = piece.children().into_iter().filter(|child| child.kind() != "redirections");
                Form::Pipeline(stages.map(|child| self.stage(child)).collect())
            }
            "command" | "command_name" => Form::Pipeline(vec![self.stage(piece)]),
            "assignment_expression" => {
                let mut body = Vec::new();
                self.assignment(piece, &mut body);
                Form::Printed(body)
            }
            _ => self.other(piece),
        }
    }
}

impl PowerShell {
    pub(super) fn new(has_errors: bool) -> Self {
        Self { has_errors, progress: Progress::default() }
    }

    /// A whole script.
    pub(super) fn script(&mut self, root: Piece<'_>) -> Block {
        self.block(root)
    }

    /// What stands in a script, a function or a script block.
    fn block(&mut self, piece: Piece<'_>) -> Block {
        let mut block = Block::default();
        for child in piece.children() {
            match child.kind() {
                "param_block" => block.parameters.extend(self.parameters(child)),
                _ => self.statements(child, &mut block.body),
            }
        }
        block
    }

    fn parameters(&mut self, piece: Piece<'_>) -> Vec<Parameter> {
        let mut found = Vec::new();
        let Some(list) = piece.child("parameter_list") else { return found };
        for own in list.children().into_iter().filter(|own| own.kind() == "script_parameter") {
            let Some(name) = own.child("variable") else { continue };
            let types = own.child("attribute_list").map(|list| list.text().to_ascii_lowercase()).unwrap_or_default();
            let default = own.child("script_parameter_default");
            let default = default.and_then(|default| default.children().first().copied());
            found.push(Parameter {
                name: variable(name.text()),
                is_switch: types.contains("[switch]"),
                default: default.map(|default| self.expr(default)),
            });
        }
        found
    }

    /// A method as a function that nothing calls: what its object holds is not followed.
    fn class_method(&mut self, piece: Piece<'_>) -> Statement {
        let mut block = piece.child("script_block").map(|block| self.block(block)).unwrap_or_default();
        let own = piece.child("class_method_parameter_list").map(|list| list.children()).unwrap_or_default();
        block.parameters = own
            .into_iter()
            .filter_map(|own| own.child("variable"))
            .map(|own| Parameter { name: variable(own.text()), is_switch: false, default: None })
            .collect();
        Statement::Function { name: format!("::{:09}", piece.at()), block }
    }

    fn assignment(&mut self, piece: Piece<'_>, to: &mut Vec<Statement>) {
        let (Some(left), Some(right)) = (piece.child("left_assignment_expression"), piece.field("value")) else {
            return;
        };
        let sign = piece.child("assignement_operator").map(|sign| sign.text()).unwrap_or("=");
        let value = self.expr(right);
        let left = left.innermost();
        let left = match left.kind() {
            "cast_expression" => left.children().last().map_or(left, |last| last.innermost()),
            _ => left,
        };
        match left.kind() {
            "variable" | "braced_variable" => match sign {
                "=" | "+=" => to.push(Statement::Assign { name: variable(left.text()), adds: sign == "+=", value }),
                _ => {
                    to.push(Statement::Run(value));
                    to.push(Statement::Forget(vec![variable(left.text())]));
                }
            },
            "member_access" | "element_access" if sign == "=" => {
                let [owner, key] = left.children().try_into().unwrap_or([left, left]);
                let owner = owner.innermost();
                let key = match left.kind() {
                    "member_access" => Expr::text(key.at(), key.text()),
                    _ => self.expr(key),
                };
                match owner.kind() {
                    "variable" | "braced_variable" => {
                        to.push(Statement::Put { name: variable(owner.text()), key, value });
                    }
                    _ => to.push(Statement::Forget(names_in(left))),
                }
            }
            _ => {
                to.push(Statement::Run(value));
                to.push(Statement::Forget(names_in(left)));
            }
        }
    }

    fn expr(&mut self, piece: Piece<'_>) -> Expr {
        self.value(piece.innermost())
    }

    /// A script block, with its parameters inside or beside the body.
    fn block_of(&mut self, piece: Piece<'_>) -> Block {
        let mut block = Block::default();
        for child in piece.children() {
            match child.kind() {
                "param_block" => block.parameters.extend(self.parameters(child)),
                "script_block" => {
                    let inner = self.block(child);
                    block.parameters.extend(inner.parameters);
                    block.body.extend(inner.body);
                }
                _ => self.statements(child, &mut block.body),
            }
        }
        block
    }

    /// What is not followed may hold commands that are.
    fn other(&mut self, piece: Piece<'_>) -> Form {
        let found: Vec<Expr> = piece.children().into_iter().map(|child| self.expr(child)).collect();
        let mut body: Vec<Statement> = found.into_iter().filter(does_something).map(Statement::Run).collect();
        match body.is_empty() {
            true => Form::Other,
            false => {
                body.push(Statement::Run(Expr::new(piece.at(), Form::Other)));
                Form::Printed(body)
            }
        }
    }

    fn method(&mut self, piece: Piece<'_>) -> Form {
        let children = piece.children();
        let arguments = children.iter().find(|child| child.kind() == "argument_list");
        let listed = arguments.and_then(|list| list.child("argument_expression_list"));
        let values = listed.or(arguments.copied()).map(|list| list.children()).unwrap_or_default();
        let values: Vec<Expr> = values.into_iter().map(|value| self.expr(value)).collect();
        match children.as_slice() {
            [owner, member, ..] if member.kind() == "member_name" => {
                Form::Method(self.expr(*owner).into(), member.text().to_ascii_lowercase(), values)
            }
            _ => Form::Other,
        }
    }

    fn table(&mut self, piece: Piece<'_>) -> Form {
        let Some(body) = piece.child("hash_literal_body") else { return Form::Table(Vec::new()) };
        let mut entries = Vec::new();
        for entry in body.children() {
            if let [key, value] = entry.children().as_slice() {
                let name = key.text().trim().trim_matches(['"', '\'']).to_owned();
                entries.push((name, self.expr(*value)));
            }
        }
        Form::Table(entries)
    }

    fn stage(&mut self, piece: Piece<'_>) -> Stage {
        let inner = piece.innermost();
        match inner.kind() {
            "command" => Stage::Command(self.command(inner)),
            "command_name" => Stage::Command(Command {
                at: inner.at(),
                name: Expr::text(inner.at(), inner.text()),
                arguments: Vec::new(),
                input: None,
            }),
            _ => Stage::Value(self.expr(piece)),
        }
    }

    fn command(&mut self, piece: Piece<'_>) -> Command {
        let name = piece.field("command_name");
        let sign = piece.child("command_invokation_operator").map(|sign| sign.text()).unwrap_or_default();
        let called = match name {
            Some(name) if name.kind() == "command_name" => Expr::text(name.at(), name.text()),
            Some(name) => match name.children().as_slice() {
                [one] if one.kind() == "command_name" => Expr::text(one.at(), one.text().trim_matches(['"', '\''])),
                [one] => self.expr(*one),
                _ => Expr::new(name.at(), Form::Other),
            },
            None => Expr::new(piece.at(), Form::Other),
        };
        let mut arguments = Vec::new();
        // `. file` runs a file in this scope.
        if sign == "." {
            arguments.push(Argument::Value(called));
            let name = Expr::text(piece.at(), ".");
            return Command { at: piece.at(), name, arguments, input: None };
        }
        let elements = piece.field("command_elements").map(|all| all.children()).unwrap_or_default();
        let mut is_attached = false;
        for element in elements {
            match element.kind() {
                "command_argument_sep" => is_attached = element.text().starts_with(':'),
                "command_parameter" => {
                    is_attached = false;
                    let text = element.text();
                    let (name, value) = match text.split_once('=') {
                        Some((name, value)) => (name, Some(Expr::text(element.at(), value))),
                        None => (text, None),
                    };
                    arguments.push(Argument::Named { name: name.to_owned(), at: element.at(), value });
                }
                "redirection" | "redirections" | "stop_parsing" => {}
                _ => {
                    let inner = element.innermost();
                    if inner.kind() == "variable" && inner.text().starts_with('@') {
                        arguments.push(Argument::Splat(variable(inner.text())));
                        continue;
                    }
                    let value = self.expr(element);
                    match arguments.last_mut() {
                        Some(Argument::Named { value: own @ None, .. }) if is_attached => *own = Some(value),
                        _ => arguments.push(Argument::Value(value)),
                    }
                    is_attached = false;
                }
            }
        }
        if self.has_errors && piece.may_lack_arguments() {
            arguments.push(Argument::Splat(NOT_PARSED.to_owned()));
        }
        Command { at: piece.at(), name: called, arguments, input: None }
    }

    /// A string with variables in it: what stands between them is literal.
    fn expandable(&mut self, piece: Piece<'_>, is_here: bool) -> Form {
        let text = piece.text();
        let body = if is_here { here(text) } else { unquoted(text, '"') };
        let start = piece.at() + (body.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let end = start + body.len();
        let mut parts = Vec::new();
        let mut at = start;
        let literal = |from: usize, to: usize| {
            let raw = piece.source.get(from..to).unwrap_or_default();
            Expr::text(from, unescaped(raw, is_here))
        };
        for child in piece.children() {
            if child.at() < at || child.node.end_byte() > end {
                continue;
            }
            if child.at() > at {
                parts.push(literal(at, child.at()));
            }
            at = child.node.end_byte();
            parts.push(self.expr(child));
        }
        if at < end {
            parts.push(literal(at, end));
        }
        match <[Expr; 1]>::try_from(parts) {
            Ok([Expr { form: Form::Text(text), .. }]) => Form::Text(text),
            Ok([one]) => Form::Parts(vec![one]),
            Err(parts) if parts.is_empty() => Form::Text(String::new()),
            Err(parts) => Form::Parts(parts),
        }
    }
}

/// Whether evaluating it can reach a command.
fn does_something(expr: &Expr) -> bool {
    matches!(expr.form, Form::Pipeline(_) | Form::Printed(_) | Form::Block(_) | Form::Method(..) | Form::Parts(_))
}

/// The variables that a piece names.
fn names_in(piece: Piece<'_>) -> Vec<String> {
    let mut cursor = piece.node.walk();
    let mut names = Vec::new();
    let root = piece.node.id();
    loop {
        let node = cursor.node();
        if matches!(node.kind(), "variable" | "braced_variable") {
            names.push(variable(Piece { node, source: piece.source }.text()));
        }
        if cursor.goto_first_child() {
            continue;
        }
        loop {
            if cursor.node().id() == root {
                return names;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return names;
            }
        }
    }
}

fn unquoted(text: &str, quote: char) -> &str {
    let text = text.strip_prefix(quote).unwrap_or(text);
    text.strip_suffix(quote).unwrap_or(text)
}

/// What stands between the lines of a here-string.
fn here(text: &str) -> &str {
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    let body = body.rsplit_once('\n').map_or("", |(body, _)| body);
    body.strip_suffix('\r').unwrap_or(body)
}

/// A text without its escapes.
fn unescaped(text: &str, is_here: bool) -> String {
    let text = if is_here { text.to_owned() } else { text.replace("\"\"", "\"") };
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '`' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('0') | None => {}
                Some(other) => out.push(other),
            },
            other => out.push(other),
        }
    }
    out
}
