//! Expressions.

use std::sync::Arc;

use crate::template::evaluation::environment::Env;
use crate::template::evaluation::state::{DEEPEST, Evaluator, FUEL, MOST_TURNS, Turns, reason};
use crate::template::expression::{Element, Expr, ExprKind, Loop, LoopOver, Member};
use crate::template::functions::object;
use crate::template::functions::{self, Fault, format};
use crate::template::place::Span;
use crate::template::value::{Array, Key, Kind, Object, Symbol, Unknown, Value, Why};

impl Evaluator<'_> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, expr: &Expr, env: &Env) -> Value {
        if let ExprKind::Literal(value) = &expr.kind {
            return value.clone();
        }
        if !self.step(1, expr.span) {
            return Value::unknown(Why::Limit, expr.span);
        }
        if self.depth >= DEEPEST {
            self.problem(expr.span, "the evaluation was given up here: it is nested too deeply");
            // A later request from less deep gets further, but not often.
            self.step(FUEL / 1000, expr.span);
            return Value::unknown(Why::Limit, expr.span);
        }
        self.depth += 1;
        let value = self.eval_kind(expr, env);
        self.depth -= 1;
        value
    }

    fn eval_kind(&mut self, expr: &Expr, env: &Env) -> Value {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(value) | ExprKind::Unknown(value) => value.clone(),
            ExprKind::Array(elements) => self.array(elements, env, span),
            ExprKind::Object(members) => self.object(members, env, span),
            ExprKind::Interpolation(pieces) => {
                let values: Vec<Value> = pieces.iter().map(|piece| self.argument(piece, env)).collect();
                let outcome = format::interpolate(&values, span);
                self.outcome(outcome, span)
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments, env, span),
            ExprKind::CallUser(name, arguments) => self.call_user(name, arguments, env, span),
            ExprKind::Lambda(_) => self.invalid(span, "a lambda can only be an argument"),
            ExprKind::Local(name) => match env.find(name) {
                Some(value) => value.clone().placed(span),
                None => self.invalid(span, format!("`{name}` does not exist here")),
            },
            ExprKind::Parameter(name) => self.parameter(env.instance, name, span),
            ExprKind::Variable(name) => self.variable(env.instance, name, span),
            ExprKind::Resource(name) => self.resource(env.instance, name, span),
            ExprKind::Property { of, name, name_span, safe } => {
                let value = self.eval(of, env);
                if value.is_null() && is_safe(of) {
                    return value;
                }
                let index = Value::string(name.clone(), *name_span);
                self.take(&value, &index, *safe, span)
            }
            ExprKind::Index { of, index, safe, from_end } => self.index(of, index, (*safe, *from_end), env, span),
            ExprKind::For(each, body) => self.for_each(each, body, env, span),
        }
    }

    /// The value of an argument: a property of a resource as far as it is known.
    pub(super) fn argument(&mut self, expr: &Expr, env: &Env) -> Value {
        let value = self.eval(expr, env);
        self.settle_top(value)
    }

    /// What came of a call: a fault is said and unknown.
    pub(super) fn outcome(&mut self, outcome: functions::Outcome, span: Span) -> Value {
        match outcome {
            Ok(value) => self.limited(value),
            Err(Fault::Unknown(unknown)) => Value::new(Kind::Unknown(unknown), span),
            Err(Fault::Symbolic) => Value::unknown(Why::Runtime("a text that is not known yet".into()), span),
            Err(Fault::Wrong(message)) => self.invalid(span, message),
        }
    }

    fn array(&mut self, elements: &[Element], env: &Env, span: Span) -> Value {
        let mut items = Vec::with_capacity(elements.len());
        let mut open: Option<Arc<Unknown>> = None;
        for element in elements {
            let value = self.eval(&element.value, env);
            if !element.spread {
                items.push(value);
                continue;
            }
            let value = self.settle_top(value);
            match &value.kind {
                Kind::Array(array) => {
                    items.extend(array.items.iter().cloned());
                    open = open.or_else(|| array.open.clone());
                }
                Kind::Null => {}
                Kind::Unknown(unknown) => open = open.or_else(|| Some(unknown.clone())),
                Kind::Symbol(_) => open = open.or_else(|| Some(reason(Why::Runtime("a list".into()), span))),
                _ => self.problem(element.value.span, "only an array can be spread in an array"),
            }
        }
        self.limited(Value::new(Kind::Array(Arc::new(Array::new(items, open))), span))
    }

    fn object(&mut self, members: &[Member], env: &Env, span: Span) -> Value {
        let mut entries: Vec<(Key, Value)> = Vec::with_capacity(members.len());
        let mut open: Option<Arc<Unknown>> = None;
        for member in members {
            match member {
                Member::Property(key, value) => entries.push((key.clone(), self.eval(value, env))),
                Member::Computed(name, value) => {
                    let name = self.argument(name, env);
                    let value = self.eval(value, env);
                    match object::computed_key(&name) {
                        Ok(key) => entries.push((key, value)),
                        Err(Fault::Wrong(message)) => self.problem(name.span, message),
                        Err(Fault::Unknown(unknown)) => open = open.or(Some(unknown)),
                        Err(Fault::Symbolic) => {}
                    }
                }
                Member::Copy(key, each, value) => {
                    let list = self.for_each(each, value, env, each.span);
                    entries.push((key.clone(), list));
                }
                Member::Spread(value) => {
                    let above = self.argument(value, env);
                    let below = Object::new(std::mem::take(&mut entries)).open(open.take());
                    let below = Value::object(below, span);
                    let merged = match above.kind {
                        Kind::Null => Ok(below),
                        _ => object::merge(&below, &above, false, span, 0),
                    };
                    match merged.map(|merged| merged.kind) {
                        Ok(Kind::Object(object)) => {
                            entries = object.entries().to_vec();
                            open = object.open.clone();
                        }
                        Err(Fault::Wrong(_)) => self.problem(value.span, "only an object can be spread in an object"),
                        _ => open = open.or_else(|| Some(reason(Why::Runtime("an object".into()), span))),
                    }
                }
            }
        }
        self.limited(Value::object(Object::new(entries).open(open), span))
    }

    fn index(&mut self, of: &Expr, index: &Expr, (safe, from_end): (bool, bool), env: &Env, span: Span) -> Value {
        let at = self.argument(index, env);
        if let (ExprKind::Resource(name), false) = (&of.kind, from_end)
            && let Some(value) = self.resource_at(env.instance, name, &at, span)
        {
            return value;
        }
        let value = self.eval(of, env);
        if value.is_null() && is_safe(of) {
            return value;
        }
        if !from_end {
            return self.take(&value, &at, safe, span);
        }
        let name = if safe { "tryIndexFromEnd" } else { "indexFromEnd" };
        let value = self.settle_top(value);
        self.pure(name, &[value, at], span)
    }

    /// A property or element of a value.
    pub(super) fn take(&mut self, value: &Value, index: &Value, safe: bool, span: Span) -> Value {
        if let Kind::Symbol(symbol) = &value.kind {
            return self.take_of_symbol(value, symbol, index, span);
        }
        if let Kind::Unknown(unknown) = &value.kind
            && !unknown.possible.is_empty()
        {
            let unknown = unknown.clone();
            self.speculative += 1;
            let taken = unknown.possible.iter().map(|value| self.take(value, index, true, span)).collect();
            self.speculative -= 1;
            let outcome = functions::one_of(&unknown, taken, span);
            return self.outcome(outcome, span);
        }
        match object::step(value, index) {
            Ok(Some(value)) => value.placed(span),
            Ok(None) if safe => Value::null(span),
            Ok(None) => {
                let name = crate::template::text::canonical(index);
                let message = match &value.kind {
                    Kind::Array(array) => {
                        format!("the index {name} is out of range: the array has {}", array.items.len())
                    }
                    Kind::Object(_) => format!("the object has no property `{name}`"),
                    _ => format!("`{name}` is taken of what is {}", functions::kind_name(value)),
                };
                self.invalid(span, message)
            }
            Err(fault) => self.outcome(Err(fault), span),
        }
    }

    fn take_of_symbol(&mut self, value: &Value, symbol: &Arc<Symbol>, index: &Value, span: Span) -> Value {
        const LONGEST_PATH: usize = 40;
        let segment = crate::template::text::canonical(index);
        let longer = |path: &[Arc<str>]| path.iter().cloned().chain([segment.clone()]).collect::<Vec<_>>();
        match &**symbol {
            Symbol::Resource(handle) if handle.path.len() < LONGEST_PATH => {
                let handle = handle.clone();
                self.follow(&handle, index, span)
            }
            Symbol::Property { resource, path } if path.len() < LONGEST_PATH => {
                Value::symbol(Symbol::Property { resource: resource.clone(), path: longer(path) }, span)
            }
            Symbol::Listed { function, resource, path } if path.len() < LONGEST_PATH => {
                let (function, resource) = (function.clone(), resource.clone());
                Value::symbol(Symbol::Listed { function, resource, path: longer(path) }, span)
            }
            // A piece of a text that is not known yet is the same piece wherever it is taken.
            Symbol::Computed { .. } if index.as_int().is_some() => {
                crate::template::text::computed("item", &[value.clone(), index.clone()], span)
            }
            Symbol::Resource(_) | Symbol::Property { .. } | Symbol::Listed { .. } => Value::unknown(Why::Limit, span),
            _ => {
                let text = crate::template::text::canonical(value);
                Value::unknown(Why::Runtime(text), value.span.or(span))
            }
        }
    }

    /// The turns of a loop.
    pub(super) fn turns(&mut self, each: &Loop, env: &Env) -> Turns {
        let (over, is_count) = match &each.over {
            LoopOver::Count(count) => (self.argument(count, env), true),
            LoopOver::Each(list) => (self.argument(list, env), false),
        };
        let not_known = |value: &Value| Turns::Unknown(reason(Why::Runtime("a loop".into()), value.span));
        match (&over.kind, is_count) {
            (Kind::Unknown(unknown), _) => Turns::Unknown(unknown.clone()),
            (Kind::Symbol(_), _) => not_known(&over),
            (Kind::Int(count), true) if (0..=MOST_TURNS).contains(count) => Turns::Known(Vec::new(), *count),
            (Kind::Array(array), false) => match &array.open {
                Some(unknown) => Turns::Unknown(unknown.clone()),
                None => {
                    let count = i64::try_from(array.items.len()).unwrap_or(i64::MAX);
                    Turns::Known(array.items.iter().cloned().map(Some).collect(), count)
                }
            },
            (Kind::Null, false) => Turns::Known(Vec::new(), 0),
            (_, true) => {
                let value = self.invalid(over.span, format!("a loop has from 0 to {MOST_TURNS} turns"));
                not_known(&value)
            }
            _ => {
                let found = functions::kind_name(&over);
                let value = self.invalid(over.span, format!("a loop goes over an array, found {found}"));
                not_known(&value)
            }
        }
    }

    /// What an expression in a loop sees at one turn.
    pub(super) fn in_turn(&self, each: &Loop, at: &Value, item: Option<&Value>, env: &Env, resource: bool) -> Env {
        let mut inner = env.copy(&each.name, at.clone(), resource);
        if let Some(name) = &each.index {
            inner = inner.local(name, at.clone());
        }
        if let Some(name) = &each.item {
            inner = inner.local(name, item.cloned().unwrap_or_else(|| at.clone()));
        }
        inner
    }

    fn for_each(&mut self, each: &Loop, body: &Expr, env: &Env, span: Span) -> Value {
        let (found, count) = match self.turns(each, env) {
            Turns::Known(items, count) => (items, count),
            Turns::Unknown(unknown) => {
                // Evaluated once for what it refers to.
                let nowhere = Value::new(Kind::Unknown(unknown.clone()), each.span);
                let inner = self.in_turn(each, &nowhere, Some(&nowhere), env, each.name.is_empty());
                self.speculative += 1;
                self.eval(body, &inner);
                self.speculative -= 1;
                return Value::new(Kind::Array(Arc::new(Array::new(Vec::new(), Some(unknown)))), span);
            }
        };
        let mut items = Vec::with_capacity(usize::try_from(count).unwrap_or(0).min(1000));
        let (mut open, mut size) = (None, 0);
        for number in 0..count {
            let at = Value::new(Kind::Int(number), each.span);
            let item = usize::try_from(number).ok().and_then(|at| found.get(at)).and_then(Option::as_ref);
            let inner = self.in_turn(each, &at, item, env, each.name.is_empty());
            if let Some(filter) = &each.filter {
                let kept = self.argument(filter, &inner);
                match functions::truth(&kept) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(Fault::Unknown(unknown)) => {
                        open = Some(unknown);
                        continue;
                    }
                    Err(fault) => {
                        self.outcome(Err(fault), filter.span);
                        continue;
                    }
                }
            }
            items.push(self.eval(body, &inner));
            if self.is_too_much(&items, &mut size) {
                break;
            }
        }
        self.limited(Value::new(Kind::Array(Arc::new(Array::new(items, open))), span))
    }

    /// Calls a user-defined function.
    fn call_user(&mut self, name: &str, arguments: &[Expr], env: &Env, span: Span) -> Value {
        let Some(template) = self.instances.get(env.instance as usize).map(|instance| instance.template.clone()) else {
            return Value::unknown(Why::Limit, span);
        };
        let Some(function) = template.functions.get(name) else {
            return self.invalid(span, format!("the function `{name}` is not declared"));
        };
        if function.parameters.len() != arguments.len() {
            let (takes, given) = (function.parameters.len(), arguments.len());
            return self.invalid(span, format!("`{name}` takes {takes} arguments, not {given}"));
        }
        let mut inner = Env::new(env.instance);
        for (parameter, argument) in function.parameters.iter().zip(arguments) {
            let value = self.eval(argument, env);
            inner = inner.local(parameter, value);
        }
        self.eval(&function.body, &inner)
    }
}

/// Whether something further in has asked for a property that may be absent.
fn is_safe(mut expr: &Expr) -> bool {
    loop {
        expr = match &expr.kind {
            ExprKind::Property { safe: true, .. } | ExprKind::Index { safe: true, .. } => return true,
            ExprKind::Property { of, .. } | ExprKind::Index { of, .. } => of,
            _ => return false,
        };
    }
}
