//! Calls: of functions with lambdas, of those that look at their arguments one by one, and of pure ones.

use std::sync::Arc;

use crate::template::evaluation::environment::Env;
use crate::template::evaluation::state::{Evaluator, LARGEST, reason};
use crate::template::expression::{Expr, ExprKind, Lambda};
use crate::template::functions::{self, Fault, object};
use crate::template::place::Span;
use crate::template::value::{Array, Key, Kind, Object, Unknown, Value, Why};

impl Evaluator<'_> {
    /// Calls a built-in function.
    pub(super) fn call(&mut self, name: &str, arguments: &[Expr], env: &Env, span: Span) -> Value {
        if let Some(value) = self.lazy(name, arguments, env, span) {
            return value;
        }
        if let Some(function) = functions::find(name) {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                values.push(self.argument(argument, env));
            }
            return self.apply(function, &values, span);
        }
        if let Some(value) = self.contextual(name, arguments, env, span) {
            return value;
        }
        for argument in arguments {
            self.argument(argument, env);
        }
        match RUNTIME.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            true => Value::unknown(Why::Runtime(name.into()), span),
            false => {
                self.problem(span, format!("the function `{name}` is not known"));
                Value::unknown(Why::Function(name.into()), span)
            }
        }
    }

    /// Calls a pure function by its name.
    pub(super) fn pure(&mut self, name: &str, values: &[Value], span: Span) -> Value {
        match functions::find(name) {
            Some(function) => self.apply(function, values, span),
            None => Value::unknown(Why::Function(name.into()), span),
        }
    }

    fn apply(&mut self, function: &functions::Function, values: &[Value], span: Span) -> Value {
        let sizes = values.iter().map(|value| match &value.kind {
            Kind::Array(array) => array.items.len() as u64,
            Kind::Object(object) => object.len() as u64,
            Kind::String(text) => text.len() as u64 / 16,
            _ => 1,
        });
        let cost = match function.name {
            "union" | "intersection" => sizes.fold(1u64, |all, size| all.saturating_mul(size.max(1))) / 4,
            "string" | "uniqueString" | "guid" | "format" | "join" | "concat" | "equals" => {
                values.iter().map(|value| u64::from(value.weight().size)).sum()
            }
            _ => sizes.sum(),
        };
        if !self.step(cost, span) {
            return Value::unknown(Why::Limit, span);
        }
        let outcome = function.call(values, span);
        if let Ok(value) = &outcome {
            let size = match &value.kind {
                Kind::String(text) => text.len() as u64 / 32,
                _ => u64::from(value.weight().size) / 8,
            };
            self.step(size, span);
        }
        self.outcome(outcome, span)
    }

    /// Functions that do not evaluate all of their arguments, or that take lambdas.
    fn lazy(&mut self, name: &str, arguments: &[Expr], env: &Env, span: Span) -> Option<Value> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let value = match (name.len(), arguments) {
            (2, [condition, yes, no]) if is("if") => self.choose(condition, yes, no, env, span),
            (3, arguments) if is("and") => self.all_of(arguments, true, env, span),
            (2, arguments) if is("or") => self.all_of(arguments, false, env, span),
            (8, arguments) if is("coalesce") => self.coalesce(arguments, env, span),
            (3, [list, lambda]) if is("map") => self.map(list, lambda, env, span),
            (6, [list, lambda]) if is("filter") => self.filter(list, lambda, env, span),
            (6, [list, start, lambda]) if is("reduce") => self.reduce(list, start, lambda, env, span),
            (4, [list, lambda]) if is("sort") => self.sort(list, lambda, env, span),
            (8, [list, name]) if is("toObject") => self.object_of(list, name, None, env, span),
            (8, [list, name, value]) if is("toObject") => self.object_of(list, name, Some(value), env, span),
            (7, [list, name]) if is("groupBy") => self.group_by(list, name, None, env, span),
            (7, [list, name, value]) if is("groupBy") => self.group_by(list, name, Some(value), env, span),
            (9, [of, lambda]) if is("mapValues") => self.map_values(of, lambda, env, span),
            (6, [of, rest @ ..]) if is("tryGet") => self.try_get(of, rest, env, span),
            _ => return None,
        };
        Some(value)
    }

    fn choose(&mut self, condition: &Expr, yes: &Expr, no: &Expr, env: &Env, span: Span) -> Value {
        let chosen = self.argument(condition, env);
        match functions::truth(&chosen) {
            Ok(true) => self.eval(yes, env),
            Ok(false) => self.eval(no, env),
            Err(Fault::Unknown(unknown)) => {
                self.speculative += 1;
                let both = vec![self.argument(yes, env), self.argument(no, env)];
                self.speculative -= 1;
                let outcome = functions::one_of(&unknown, both, span);
                self.outcome(outcome, span)
            }
            Err(fault) => self.outcome(Err(fault), condition.span),
        }
    }

    /// `and`, `or`: one value decides, whatever is not known.
    fn all_of(&mut self, arguments: &[Expr], wanted: bool, env: &Env, span: Span) -> Value {
        let mut unknown: Option<Arc<Unknown>> = None;
        for argument in arguments {
            self.speculative += u32::from(unknown.is_some());
            let value = self.argument(argument, env);
            self.speculative -= u32::from(unknown.is_some());
            match functions::truth(&value) {
                Ok(value) if value == wanted => {}
                Ok(value) => return Value::new(Kind::Bool(value), span),
                Err(Fault::Unknown(why)) => unknown = unknown.or(Some(why)),
                Err(fault) => return self.outcome(Err(fault), argument.span),
            }
        }
        match unknown {
            Some(why) => Value::new(Kind::Unknown(reason(why.why.clone(), why.span)), span),
            None => Value::new(Kind::Bool(wanted), span),
        }
    }

    fn coalesce(&mut self, arguments: &[Expr], env: &Env, span: Span) -> Value {
        let mut unknown: Option<Arc<Unknown>> = None;
        let mut possible = Vec::new();
        for argument in arguments {
            self.speculative += u32::from(unknown.is_some());
            let value = self.eval(argument, env);
            self.speculative -= u32::from(unknown.is_some());
            match &value.kind {
                Kind::Null => {}
                Kind::Unknown(why) => {
                    let known = why.possible.iter().filter(|value| !value.is_null()).cloned();
                    match why.possible.is_empty() {
                        true => possible.push(value.clone()),
                        false => possible.extend(known),
                    }
                    unknown = unknown.or_else(|| Some(why.clone()));
                    // Where it cannot be null, nothing after it is asked.
                    if !why.possible.is_empty() && why.possible.iter().all(|value| !value.is_null()) {
                        break;
                    }
                }
                _ if unknown.is_none() => return value,
                _ => {
                    possible.push(value);
                    break;
                }
            }
        }
        match unknown {
            Some(why) if possible.is_empty() => Value::new(Kind::Unknown(why), span),
            Some(why) => {
                let outcome = functions::one_of(&why, possible, span);
                self.outcome(outcome, span)
            }
            None => Value::null(span),
        }
    }

    fn try_get(&mut self, of: &Expr, rest: &[Expr], env: &Env, span: Span) -> Value {
        let mut value = self.eval(of, env);
        for index in rest {
            if value.is_null() {
                return Value::null(span);
            }
            let index = self.argument(index, env);
            value = match (index.get("value"), index.get("fromEnd").and_then(Value::as_bool)) {
                (Some(at), Some(true)) => {
                    let value = self.settle_top(value);
                    self.pure("tryIndexFromEnd", &[value, at.clone()], span)
                }
                (Some(at), _) => self.take(&value, at, true, span),
                (None, _) => self.take(&value, &index, true, span),
            };
        }
        value
    }

    /// The elements of a list for a lambda, and whether there may be more.
    fn elements(&mut self, list: &Expr, env: &Env) -> Result<(Value, Option<Arc<Unknown>>), Value> {
        let value = self.argument(list, env);
        match &value.kind {
            Kind::Array(array) => {
                let open = array.open.clone();
                Ok((value, open))
            }
            Kind::Unknown(unknown) => Err(Value::new(Kind::Unknown(unknown.clone()), list.span)),
            Kind::Symbol(_) => Err(Value::unknown(Why::Runtime(crate::template::text::canonical(&value)), list.span)),
            _ => {
                let found = functions::kind_name(&value);
                Err(self.invalid(list.span, format!("expected an array, found {found}")))
            }
        }
    }

    fn lambda<'e>(&mut self, expr: &'e Expr) -> Result<&'e Lambda, Value> {
        match &expr.kind {
            ExprKind::Lambda(lambda) => Ok(lambda),
            _ => Err(self.invalid(expr.span, "expected a lambda")),
        }
    }

    fn run(&mut self, lambda: &Lambda, arguments: &[&Value], env: &Env) -> Value {
        let mut inner = env.clone();
        for (name, value) in lambda.parameters.iter().zip(arguments) {
            inner = inner.local(name, (*value).clone());
        }
        self.eval(&lambda.body, &inner)
    }

    fn map(&mut self, list: &Expr, lambda: &Expr, env: &Env, span: Span) -> Value {
        let (value, open) = match self.elements(list, env) {
            Ok(found) => found,
            Err(value) => return self.open_list(value, span),
        };
        let lambda = match self.lambda(lambda) {
            Ok(lambda) => lambda,
            Err(value) => return value,
        };
        let mut items = Vec::new();
        let mut size = 0;
        for (number, item) in numbered(&value) {
            let at = number_value(number, span);
            items.push(self.run(lambda, &[item, &at], env));
            if self.is_too_much(&items, &mut size) {
                break;
            }
        }
        self.list(items, open, span)
    }

    /// Adds the size of the last of some values; whether they are too much already.
    pub(super) fn is_too_much(&self, values: &[Value], size: &mut u32) -> bool {
        *size = size.saturating_add(values.last().map_or(0, |value| value.weight().size));
        *size > LARGEST || self.fuel == 0
    }

    /// A list of which nothing is known stays a list.
    fn open_list(&mut self, value: Value, span: Span) -> Value {
        match value.kind {
            Kind::Unknown(unknown) if unknown.why != Why::Invalid => self.list(Vec::new(), Some(unknown), span),
            kind => Value::new(kind, span),
        }
    }

    fn list(&mut self, items: Vec<Value>, open: Option<Arc<Unknown>>, span: Span) -> Value {
        self.limited(Value::new(Kind::Array(Arc::new(Array::new(items, open))), span))
    }

    fn filter(&mut self, list: &Expr, lambda: &Expr, env: &Env, span: Span) -> Value {
        let (value, mut open) = match self.elements(list, env) {
            Ok(found) => found,
            Err(value) => return self.open_list(value, span),
        };
        let lambda = match self.lambda(lambda) {
            Ok(lambda) => lambda,
            Err(value) => return value,
        };
        let mut items = Vec::new();
        for (number, item) in numbered(&value) {
            let at = number_value(number, span);
            let kept = self.run(lambda, &[item, &at], env);
            let kept = self.settle_top(kept);
            match functions::truth(&kept) {
                Ok(true) => items.push(item.clone()),
                Ok(false) => {}
                Err(Fault::Unknown(unknown)) => open = Some(unknown),
                Err(fault) => {
                    self.outcome(Err(fault), lambda.body.span);
                }
            }
        }
        self.list(items, open, span)
    }

    fn reduce(&mut self, list: &Expr, start: &Expr, lambda: &Expr, env: &Env, span: Span) -> Value {
        let (value, open) = match self.elements(list, env) {
            Ok(found) => found,
            Err(value) => return value,
        };
        if let Some(unknown) = open {
            return Value::new(Kind::Unknown(unknown), span);
        }
        let lambda = match self.lambda(lambda) {
            Ok(lambda) => lambda,
            Err(value) => return value,
        };
        let mut sum = self.eval(start, env);
        for (number, item) in numbered(&value) {
            let at = number_value(number, span);
            sum = self.run(lambda, &[&sum, item, &at], env);
        }
        sum
    }

    fn sort(&mut self, list: &Expr, lambda: &Expr, env: &Env, span: Span) -> Value {
        let (value, open) = match self.elements(list, env) {
            Ok(found) => found,
            Err(value) => return self.open_list(value, span),
        };
        let lambda = match self.lambda(lambda) {
            Ok(lambda) => lambda,
            Err(value) => return value,
        };
        // Merged from runs: the comparison is somebody's own and need not be an order.
        let mut runs: Vec<Vec<Value>> = numbered(&value).map(|(_, item)| vec![item.clone()]).collect();
        while runs.len() > 1 {
            let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
            let mut rest = runs.into_iter();
            while let Some(left) = rest.next() {
                let Some(right) = rest.next() else {
                    merged.push(left);
                    break;
                };
                match self.merge_runs(left, right, lambda, env) {
                    Ok(run) => merged.push(run),
                    // Without an order the list is the same, and its order is not known.
                    Err(unknown) => {
                        return Value::new(Kind::Unknown(unknown), span);
                    }
                }
            }
            runs = merged;
        }
        let items = runs.pop().unwrap_or_default();
        self.list(items, open, span)
    }

    fn merge_runs(
        &mut self,
        left: Vec<Value>,
        right: Vec<Value>,
        lambda: &Lambda,
        env: &Env,
    ) -> Result<Vec<Value>, Arc<Unknown>> {
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            // The right one goes first only if it is less: equal elements keep their order.
            let value = self.run(lambda, &[b, a], env);
            let value = self.settle_top(value);
            let less = match functions::truth(&value) {
                Ok(less) => less,
                Err(Fault::Unknown(unknown)) => return Err(unknown),
                Err(fault) => {
                    self.outcome(Err(fault), lambda.body.span);
                    return Err(reason(Why::Invalid, lambda.body.span));
                }
            };
            merged.extend(if less { right.next() } else { left.next() });
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }

    fn object_of(&mut self, list: &Expr, name: &Expr, value: Option<&Expr>, env: &Env, span: Span) -> Value {
        self.keyed(list, name, value, env, span, false)
    }

    fn group_by(&mut self, list: &Expr, name: &Expr, value: Option<&Expr>, env: &Env, span: Span) -> Value {
        self.keyed(list, name, value, env, span, true)
    }

    /// An object of a list's elements by a name that a lambda gives: one each, or all of the same name in a list.
    fn keyed(&mut self, list: &Expr, name: &Expr, value: Option<&Expr>, env: &Env, span: Span, group: bool) -> Value {
        let (found, mut open) = match self.elements(list, env) {
            Ok(found) => found,
            Err(value) => match value.kind {
                Kind::Unknown(unknown) if unknown.why != Why::Invalid => {
                    return Value::object(Object::default().open(Some(unknown)), span);
                }
                kind => return Value::new(kind, span),
            },
        };
        let (name, value) = match (self.lambda(name), value.map(|value| self.lambda(value)).transpose()) {
            (Ok(name), Ok(value)) => (name, value),
            (Err(wrong), _) | (_, Err(wrong)) => return wrong,
        };
        let mut entries: Vec<(Key, Vec<Value>)> = Vec::new();
        let mut size = 0;
        let mut seen = std::collections::HashMap::<Arc<str>, usize, foldhash::fast::FixedState>::default();
        for (_, item) in numbered(&found) {
            let key = self.run(name, &[item], env);
            let key = self.settle_top(key);
            let kept = match value {
                Some(value) => self.run(value, &[item], env),
                None => item.clone(),
            };
            if self.is_too_much(std::slice::from_ref(&kept), &mut size) {
                break;
            }
            match object::computed_key(&key) {
                Ok(key) => {
                    let next = entries.len();
                    let at = *seen.entry(key.text.clone()).or_insert(next);
                    match entries.get_mut(at) {
                        Some((_, values)) if group => values.push(kept),
                        Some((_, values)) => *values = vec![kept],
                        None => entries.push((key, vec![kept])),
                    }
                }
                Err(Fault::Unknown(unknown)) => open = Some(unknown),
                Err(fault) => {
                    self.outcome(Err(fault), name.body.span);
                }
            }
        }
        let entries = entries.into_iter().map(|(key, mut values)| {
            let span = key.span;
            let value = match group {
                true => Value::array(values, span),
                false => values.pop().unwrap_or_else(|| Value::null(span)),
            };
            (key, value)
        });
        let object = Object::new(entries.collect()).open(open);
        self.limited(Value::object(object, span))
    }

    fn map_values(&mut self, of: &Expr, lambda: &Expr, env: &Env, span: Span) -> Value {
        let value = self.argument(of, env);
        let lambda = match self.lambda(lambda) {
            Ok(lambda) => lambda,
            Err(value) => return value,
        };
        let object = match &value.kind {
            Kind::Object(object) => object.clone(),
            Kind::Unknown(unknown) => return Value::new(Kind::Unknown(unknown.clone()), span),
            _ => return self.invalid(of.span, "expected an object"),
        };
        let mut entries = Vec::with_capacity(object.len());
        let mut size = 0;
        for (key, value) in object.entries() {
            let value = self.run(lambda, &[value], env);
            if self.is_too_much(std::slice::from_ref(&value), &mut size) {
                break;
            }
            entries.push((key.clone(), value));
        }
        self.limited(Value::object(Object::new(entries).open(object.open.clone()), span))
    }
}

/// Functions whose answer only Azure, or the person who deploys, has.
const RUNTIME: [&str; 11] = [
    "externalInput",
    "externalInputs",
    "getSecret",
    "pickZones",
    "providers",
    "parseUri",
    "buildUri",
    "toLogicalZone",
    "toLogicalZones",
    "toPhysicalZone",
    "toPhysicalZones",
];

fn numbered(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().map(|array| array.items.as_slice()).unwrap_or_default().iter().enumerate()
}

fn number_value(number: usize, span: Span) -> Value {
    Value::new(Kind::Int(i64::try_from(number).unwrap_or(i64::MAX)), span)
}
