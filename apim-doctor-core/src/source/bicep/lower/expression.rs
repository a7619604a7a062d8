//! Expressions.

use std::collections::HashSet;
use std::sync::Arc;

use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::{Found, Lowering, unknown};
use crate::source::bicep::syntax::{self, For, Name, Object, Piece, StatementKind};
use crate::template::expression::{Element, Expr, ExprKind, Lambda, Loop, LoopOver, Member};
use crate::template::place::Span;
use crate::template::value::{Key, Kind, Value, Why};

impl Lowering<'_, '_> {
    /// Lowers an expression.
    pub(crate) fn expr(&mut self, frame: &mut Frame, expr: &syntax::Expr) -> Expr {
        let span = frame.place(expr.span);
        if !self.compiler.spend() {
            return unknown(Why::Limit, span);
        }
        let literal = |kind| Expr::literal(Value::new(kind, span));
        match &expr.kind {
            syntax::ExprKind::Null => literal(Kind::Null),
            syntax::ExprKind::Bool(value) => literal(Kind::Bool(*value)),
            syntax::ExprKind::Int(number) => literal(Kind::Int(*number)),
            syntax::ExprKind::Text(text) => literal(Kind::String((&**text).into())),
            syntax::ExprKind::Interpolated(pieces) => {
                let pieces = pieces.iter().map(|piece| self.piece(frame, piece, span)).collect();
                Expr::new(ExprKind::Interpolation(pieces), span)
            }
            syntax::ExprKind::Name(name) => self.name(frame, name, span),
            syntax::ExprKind::Array(items) => self.array(frame, items, span),
            syntax::ExprKind::Object(object) => self.object(frame, object, span, |_| false),
            syntax::ExprKind::For(read) => {
                let (head, body) = self
                    .for_loop(frame, read, "", |lowering, frame, filter, body| (filter, lowering.expr(frame, body)));
                Expr::new(ExprKind::For(Box::new(head), Box::new(body)), span)
            }
            // Only resources and modules may have it; elsewhere it is what a loop keeps.
            syntax::ExprKind::If(_, body) => self.expr(frame, body),
            syntax::ExprKind::Call { base, name, args } => self.called(frame, base.as_deref(), name, args, span),
            syntax::ExprKind::Property { base, name, safe } => self.property(frame, base, name, *safe, span),
            syntax::ExprKind::Index { base, index, safe, from_end } => {
                let of = Box::new(self.expr(frame, base));
                self.wait_for_all(frame, &of, index);
                let index = Box::new(self.expr(frame, index));
                Expr::new(ExprKind::Index { of, index, safe: *safe, from_end: *from_end }, span)
            }
            syntax::ExprKind::Child(base, name) => match self.expr(frame, base).kind {
                ExprKind::Resource(parent) => self.child(&parent, name, span),
                _ => self.wrong(span, format!("`::{}` needs a resource before it", name.text)),
            },
            syntax::ExprKind::NonNull(of) => self.expr(frame, of),
            syntax::ExprKind::Unary(operator, operand) => self.unary(frame, operator, operand, span),
            syntax::ExprKind::Binary(operator, left, right) => {
                let arguments = vec![self.expr(frame, left), self.expr(frame, right)];
                binary(operator, arguments, span)
            }
            syntax::ExprKind::Ternary(condition, yes, no) => {
                let arguments = [condition, yes, no].map(|part| self.expr(frame, part));
                Expr::call("if", arguments.into(), span)
            }
            syntax::ExprKind::Lambda(names, body) => {
                let parameters: Vec<_> = names.iter().map(|name| frame.bind(&name.text)).collect();
                let body = self.expr(frame, body);
                frame.release(parameters.len());
                Expr::new(ExprKind::Lambda(Box::new(Lambda { parameters, body })), span)
            }
            syntax::ExprKind::Missing => unknown(Why::Invalid, span),
        }
    }

    fn piece(&mut self, frame: &mut Frame, piece: &Piece, span: Span) -> Expr {
        match piece {
            Piece::Text(text) => Expr::text(&**text, span),
            Piece::Expr(expr) => self.expr(frame, expr),
        }
    }

    fn array(&mut self, frame: &mut Frame, items: &[syntax::Item], span: Span) -> Expr {
        let lowered: Vec<_> =
            items.iter().map(|item| Element { value: self.expr(frame, &item.value), spread: item.spread }).collect();
        if lowered.iter().all(|element| !element.spread && element.value.as_literal().is_some()) {
            let items = lowered.iter().filter_map(|element| element.value.as_literal().cloned()).collect();
            return Expr::literal(Value::array(items, span));
        }
        Expr::new(ExprKind::Array(lowered), span)
    }

    /// Lowers an object without its child resources and without the properties that `leaves_out` names.
    pub(crate) fn object(
        &mut self,
        frame: &mut Frame,
        object: &Object,
        span: Span,
        leaves_out: impl Fn(&str) -> bool,
    ) -> Expr {
        let mut lowered = Vec::with_capacity(object.members.len());
        let mut seen = HashSet::new();
        for member in &object.members {
            match member {
                syntax::Member::Property { key, value } => match key.as_key() {
                    Some(name) if !seen.insert(name) && !frame.unit.is_broken => {
                        self.problem(frame.place(key.span), format!("the property `{name}` is set twice"));
                    }
                    Some(name) if leaves_out(name) => {}
                    Some(name) => {
                        let key = Key::new(name, frame.place(key.span));
                        lowered.push(Member::Property(key, self.expr(frame, value)));
                    }
                    None => {
                        let key = self.expr(frame, key);
                        lowered.push(Member::Computed(key, self.expr(frame, value)));
                    }
                },
                syntax::Member::Spread(value) => lowered.push(Member::Spread(self.expr(frame, value))),
                syntax::Member::Resource(_) => {}
            }
        }
        let fixed: Option<Vec<_>> = lowered
            .iter()
            .map(|member| match member {
                Member::Property(key, value) => Some((key.clone(), value.as_literal()?.clone())),
                _ => None,
            })
            .collect();
        match fixed {
            Some(entries) => Expr::literal(Value::object(crate::template::value::Object::new(entries), span)),
            None => Expr::new(ExprKind::Object(lowered), span),
        }
    }

    /// Lowers a loop; `body` lowers what it makes, with the loop's names and its `if`.
    pub(crate) fn for_loop<T>(
        &mut self,
        frame: &mut Frame,
        read: &For,
        name: &str,
        body: impl FnOnce(&mut Self, &mut Frame, Option<Expr>, &syntax::Expr) -> (Option<Expr>, T),
    ) -> (Loop, T) {
        let over = LoopOver::Each(self.expr(frame, &read.over));
        let item = frame.bind(&read.item.text);
        let index = read.index.as_ref().map(|index| frame.bind(&index.text));
        let (condition, inner) = match &read.body.kind {
            syntax::ExprKind::If(condition, inner) => (Some(self.expr(frame, condition)), &**inner),
            _ => (None, &read.body),
        };
        let (filter, made) = body(self, frame, condition, inner);
        frame.release(1 + usize::from(index.is_some()));
        let span = frame.place(read.item.span.to(read.over.span));
        (Loop { name: name.into(), item: Some(item), index, over, filter, span }, made)
    }

    fn name(&mut self, frame: &Frame, name: &str, span: Span) -> Expr {
        if let Some(local) = frame.local(name) {
            return Expr::new(ExprKind::Local(local), span);
        }
        if let Some(symbol) = frame.child(name) {
            return Expr::new(ExprKind::Resource(symbol), span);
        }
        match self.find(&frame.unit, frame.imported, name) {
            Found::Nothing => match frame.unit.other_case(name) {
                Some(other) => {
                    let (other, unit) = (other.to_owned(), frame.unit.clone());
                    self.problem(span, format!("`{name}` is not declared, but `{other}` is"));
                    let found = self.find(&unit, frame.imported, &other);
                    self.value_of(found, name, span)
                }
                None => self.wrong(span, format!("`{name}` is not declared")),
            },
            found => self.value_of(found, name, span),
        }
    }

    fn value_of(&mut self, found: Found, name: &str, span: Span) -> Expr {
        match found {
            Found::Statement(unit, number, imported) => {
                let Some(statement) = unit.statement(number) else { return unknown(Why::Invalid, span) };
                match &statement.kind {
                    StatementKind::Param { name, .. } if !imported || self.reads_parameters => {
                        Expr::new(ExprKind::Parameter((&*name.text).into()), span)
                    }
                    StatementKind::Var { .. } => {
                        Expr::new(ExprKind::Variable(self.want(&unit, number, imported)), span)
                    }
                    StatementKind::Resource(resource) if !imported => {
                        Expr::new(ExprKind::Resource((&*resource.name.text).into()), span)
                    }
                    StatementKind::Module(module) if !imported => {
                        Expr::new(ExprKind::Resource((&*module.name.text).into()), span)
                    }
                    _ => self.wrong(span, format!("`{name}` is not a value")),
                }
            }
            Found::InTemplate(template, name) => self.value_in(&template, &name, span),
            Found::Missing(why) => unknown(Why::File(why), span),
            Found::Nothing => self.wrong(span, format!("`{name}` is not declared")),
            Found::Namespace(..) | Found::Extension => self.wrong(span, format!("`{name}` is not a value")),
        }
    }

    fn child(&mut self, parent: &str, name: &Name, span: Span) -> Expr {
        let symbol: Arc<str> = format!("{parent}::{}", name.text).into();
        if self.types.contains_key(&symbol) {
            return Expr::new(ExprKind::Resource(symbol), span);
        }
        self.wrong(span, format!("`{parent}` has no child `{}`", name.text))
    }

    fn property(&mut self, frame: &mut Frame, base: &syntax::Expr, name: &Name, safe: bool, span: Span) -> Expr {
        if let syntax::ExprKind::Name(namespace) = &base.kind
            && frame.local(namespace).is_none()
            && let Found::Namespace(unit, import) = self.find(&frame.unit, frame.imported, namespace)
        {
            let found = self.member(&unit, import, &name.text);
            return self.value_of(found, &name.text, span);
        }
        if self.reads_parameters
            && matches!(&base.kind, syntax::ExprKind::Name(base) if &**base == "base")
            && let Some(value) = self.of_base(&name.text, span)
        {
            return value;
        }
        let of = self.expr(frame, base);
        if let Some((ty, version)) = declared(&of).and_then(|symbol| self.types.get(symbol)) {
            let fixed = match &*name.text {
                "type" => Some(ty.clone()),
                "apiVersion" => version.clone(),
                _ => None,
            };
            if let Some(text) = fixed {
                return Expr::text(text, span);
            }
        }
        let (name_span, name) = (frame.place(name.span), (&*name.text).into());
        Expr::new(ExprKind::Property { of: Box::new(of), name, name_span, safe }, span)
    }

    fn unary(&mut self, frame: &mut Frame, operator: &str, operand: &syntax::Expr, span: Span) -> Expr {
        let operand = self.expr(frame, operand);
        let number = operand.as_literal().and_then(Value::as_int);
        match (operator, number) {
            ("!", _) => Expr::call("not", vec![operand], span),
            ("-", Some(number)) => Expr::literal(Value::new(Kind::Int(number.wrapping_neg()), span)),
            ("-", None) => {
                let zero = Expr::literal(Value::new(Kind::Int(0), span));
                Expr::call("sub", vec![zero, operand], span)
            }
            _ => operand,
        }
    }

    fn called(
        &mut self,
        frame: &mut Frame,
        base: Option<&syntax::Expr>,
        name: &Name,
        args: &[syntax::Expr],
        span: Span,
    ) -> Expr {
        let Some(base) = base else {
            let found = self.find(&frame.unit, frame.imported, &name.text);
            return self.function(frame, found, name, args, span);
        };
        if let syntax::ExprKind::Name(namespace) = &base.kind
            && frame.local(namespace).is_none()
        {
            match self.find(&frame.unit, frame.imported, namespace) {
                Found::Namespace(unit, import) => {
                    let found = self.member(&unit, import, &name.text);
                    return self.function(frame, found, name, args, span);
                }
                Found::Extension => return self.function(frame, Found::Nothing, name, args, span),
                Found::Nothing if matches!(&**namespace, "sys" | "az") => {
                    return self.function(frame, Found::Nothing, name, args, span);
                }
                // What is there already, only Azure can say.
                Found::Nothing if &**namespace == "this" => {
                    return unknown(Why::Runtime(format!("this.{}", name.text).into()), span);
                }
                _ => {}
            }
        }
        let of = self.expr(frame, base);
        self.method(frame, of, name, args, span)
    }

    fn function(&mut self, frame: &mut Frame, found: Found, name: &Name, args: &[syntax::Expr], span: Span) -> Expr {
        let user = match found {
            Found::Statement(unit, number, imported) => {
                let is_function = unit.statement(number).is_some_and(|s| matches!(s.kind, StatementKind::Func { .. }));
                is_function.then(|| self.want(&unit, number, imported))
            }
            Found::InTemplate(template, name) => self.function_in(&template, &name),
            Found::Missing(why) => return unknown(Why::File(why), span),
            Found::Namespace(..) | Found::Extension | Found::Nothing => None,
        };
        if user.is_none()
            && let Some(known) = self.at_compile_time(frame, &name.text, args, span)
        {
            return known;
        }
        let arguments: Vec<_> = args.iter().map(|arg| self.expr(frame, arg)).collect();
        match user {
            Some(user) => Expr::new(ExprKind::CallUser(user, arguments), span),
            None => Expr::new(ExprKind::Call((&*name.text).into(), arguments), span),
        }
    }

    /// Lowers what the compiler itself answers.
    fn at_compile_time(&mut self, frame: &mut Frame, name: &str, args: &[syntax::Expr], span: Span) -> Option<Expr> {
        match (name, args) {
            ("any", [arg]) => Some(self.expr(frame, arg)),
            ("nameof", [arg]) => {
                self.wait_for_named(frame, arg);
                match &arg.kind {
                    syntax::ExprKind::Name(text) => Some(Expr::text(&**text, span)),
                    syntax::ExprKind::Property { name, .. } | syntax::ExprKind::Child(_, name) => {
                        Some(Expr::text(&*name.text, span))
                    }
                    _ => None,
                }
            }
            ("readEnvironmentVariable", [wanted, default @ ..]) if self.reads_parameters => {
                Some(self.environment(frame, wanted, default.first(), span))
            }
            (
                "loadTextContent"
                | "loadJsonContent"
                | "loadYamlContent"
                | "loadFileAsBase64"
                | "loadDirectoryFileInfo",
                [_, ..],
            ) => Some(self.load(frame, name, args, span)),
            _ => None,
        }
    }

    /// Lowers `x.listKeys()`, `x.getSecret('…')` and their kin.
    fn method(&mut self, frame: &mut Frame, of: Expr, name: &Name, args: &[syntax::Expr], span: Span) -> Expr {
        let is_list = name.text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("list"));
        if !is_list && &*name.text != "getSecret" {
            return self.wrong(frame.place(name.span), format!("a resource has no function `{}`", name.text));
        }
        let version = declared(&of).and_then(|symbol| self.types.get(symbol)).and_then(|(_, version)| version.clone());
        let (place, name_span) = (of.span, frame.place(name.span));
        let id = ExprKind::Property { of: Box::new(of), name: "id".into(), name_span, safe: false };
        let mut arguments = vec![Expr::new(id, place)];
        if is_list && args.is_empty() {
            arguments.extend(version.map(|version| Expr::text(version, span)));
        }
        arguments.extend(args.iter().map(|arg| self.expr(frame, arg)));
        Expr::new(ExprKind::Call((&*name.text).into(), arguments), span)
    }
}

/// Returns the symbolic name, if an expression is a resource or one of a loop.
pub(crate) fn declared(expr: &Expr) -> Option<&Arc<str>> {
    match &expr.kind {
        ExprKind::Resource(symbol) => Some(symbol),
        ExprKind::Index { of, .. } => match &of.kind {
            ExprKind::Resource(symbol) => Some(symbol),
            _ => None,
        },
        _ => None,
    }
}

fn binary(operator: &str, arguments: Vec<Expr>, span: Span) -> Expr {
    let lower = |arguments: Vec<Expr>| -> Vec<Expr> {
        arguments.into_iter().map(|argument| Expr::call("toLower", vec![argument], span)).collect()
    };
    let not = |inner| Expr::call("not", vec![inner], span);
    let name = match operator {
        "??" => "coalesce",
        "||" => "or",
        "&&" => "and",
        "==" => "equals",
        "!=" => return not(Expr::call("equals", arguments, span)),
        "=~" => return Expr::call("equals", lower(arguments), span),
        "!~" => return not(Expr::call("equals", lower(arguments), span)),
        "<" => "less",
        "<=" => "lessOrEquals",
        ">" => "greater",
        ">=" => "greaterOrEquals",
        "+" => "add",
        "-" => "sub",
        "*" => "mul",
        "/" => "div",
        _ => "mod",
    };
    Expr::call(name, arguments, span)
}
