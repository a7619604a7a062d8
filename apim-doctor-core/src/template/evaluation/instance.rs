//! Deployments while they are evaluated: their parameters, variables and outputs.

use std::sync::Arc;

use crate::template::deployment::Parameter;
use crate::template::equality::equal;
use crate::template::evaluation::environment::Env;
use crate::template::evaluation::options::HERE;
use crate::template::evaluation::state::{Evaluator, Instance, Slot, Supplied};
use crate::template::expression::{Expr, ExprKind, Member};
use crate::template::functions;
use crate::template::place::Span;
use crate::template::resource::Declaration;
use crate::template::value::{Kind, Symbol, Unknown, Value, Why};

/// The parameter by which templates find others that they link to.
const ARTIFACTS: &str = "_artifactsLocation";

/// Which of an instance's slots.
#[derive(Clone, Copy)]
enum Which {
    Parameter,
    Variable,
    Output,
}

impl Evaluator<'_> {
    /// Adds a deployment; its number.
    pub(super) fn add_instance(&mut self, instance: Instance) -> u32 {
        let number = u32::try_from(self.instances.len()).unwrap_or(u32::MAX);
        self.instances.push(instance);
        number
    }

    pub(super) fn instance(&self, number: u32) -> Option<&Instance> {
        self.instances.get(number as usize)
    }

    /// What the expressions of a deployment see.
    pub(super) fn env_of(&self, instance: u32) -> Env {
        self.instance(instance).and_then(|found| found.outer.clone()).unwrap_or_else(|| Env::new(instance))
    }

    fn slot(&mut self, instance: u32, which: Which, at: usize) -> Option<&mut Slot> {
        let instance = self.instances.get_mut(instance as usize)?;
        match which {
            Which::Parameter => instance.parameters.get_mut(at),
            Which::Variable => instance.variables.get_mut(at),
            Which::Output => instance.outputs.get_mut(at),
        }
    }

    /// Evaluates what is asked for the first time, and keeps it.
    fn once(
        &mut self,
        (instance, which, at): (u32, Which, usize),
        (span, name): (Span, &str),
        work: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let Some(slot) = self.slot(instance, which, at) else { return Value::unknown(Why::Limit, span) };
        match slot {
            Slot::Done(value, referred) => {
                let (value, referred) = (value.clone(), referred.clone());
                self.refer_all(&referred);
                return value;
            }
            Slot::Busy => return self.circle(span, format!("`{name}` depends on itself")),
            Slot::Empty => *slot = Slot::Busy,
        }
        let (value, referred) = self.collecting(work);
        // What was given up is not kept where there is still something to find out: depth depends on who asks.
        let is_given_up =
            matches!(&value.kind, Kind::Unknown(unknown) if unknown.why == Why::Limit) && self.fuel > 0 || self.tainted;
        if let Some(slot) = self.slot(instance, which, at) {
            *slot = if is_given_up { Slot::Empty } else { Slot::Done(value.clone(), referred) };
        }
        value
    }

    /// The value of a variable.
    pub(super) fn variable(&mut self, instance: u32, name: &str, span: Span) -> Value {
        let Some(template) = self.instance(instance).map(|found| found.template.clone()) else {
            return Value::unknown(Why::Limit, span);
        };
        let found = template.variables.find(name).and_then(|at| Some((at, template.variables.at(at)?)));
        let Some((at, (_, variable))) = found else {
            return self.invalid(span, format!("the variable `{name}` is not declared"));
        };
        let work = |this: &mut Self| this.eval(&variable.value, &Env::new(instance));
        self.once((instance, Which::Variable, at), (span, name), work).placed(span)
    }

    /// The value of an output.
    pub(super) fn output(&mut self, instance: u32, name: &str, span: Span) -> Value {
        let Some(template) = self.instance(instance).map(|found| found.template.clone()) else {
            return Value::unknown(Why::Limit, span);
        };
        let found = template.outputs.find(name).and_then(|at| Some((at, template.outputs.at(at)?)));
        let Some((at, (_, output))) = found else {
            return self.invalid(span, format!("the module has no output `{name}`"));
        };
        let work = |this: &mut Self| {
            let env = this.env_of(instance);
            if let Some(condition) = &output.condition {
                let there = this.argument(condition, &env);
                match functions::truth(&there) {
                    Ok(true) => {}
                    Ok(false) => return Value::null(output.span),
                    Err(functions::Fault::Unknown(unknown)) => return Value::new(Kind::Unknown(unknown), output.span),
                    Err(fault) => return this.outcome(Err(fault), condition.span),
                }
            }
            this.eval(&output.value, &env)
        };
        self.once((instance, Which::Output, at), (span, name), work)
    }

    /// The value of a parameter.
    pub(super) fn parameter(&mut self, instance: u32, name: &str, span: Span) -> Value {
        let Some(template) = self.instance(instance).map(|found| found.template.clone()) else {
            return Value::unknown(Why::Limit, span);
        };
        let found = template.parameters.find(name).and_then(|at| Some((at, template.parameters.at(at)?)));
        let Some((at, (name, parameter))) = found else {
            return self.invalid(span, format!("the parameter `{name}` is not declared"));
        };
        let work = |this: &mut Self| this.parameter_value(instance, name, parameter);
        self.once((instance, Which::Parameter, at), (span, name), work).placed(span)
    }

    fn parameter_value(&mut self, instance: u32, name: &Arc<str>, parameter: &Parameter) -> Value {
        if instance == 0 && name.eq_ignore_ascii_case(ARTIFACTS) && parameter.default.is_some() {
            return Value::string(HERE, parameter.span);
        }
        let supplied = match self.supplied(instance, name) {
            // `null` is the same as no value, where there is another.
            Some(value) if value.is_null() && parameter.default.is_some() => None,
            other => other,
        };
        if let Some(value) = supplied {
            self.check_allowed(instance, name, parameter, &value);
            // What stands for a value in a parameter file is the parameter without one.
            return match value.as_symbol() {
                Some(Symbol::Parameter { span, .. }) if instance == 0 && *span == value.span => {
                    let missing = self.missing(instance, name, parameter);
                    Value::new(missing.kind, value.span)
                }
                _ => value,
            };
        }
        if let Some(default) = &parameter.default {
            return self.eval(default, &Env::new(instance));
        }
        if parameter.nullable {
            return Value::null(parameter.span);
        }
        self.missing(instance, name, parameter)
    }

    /// Says that a value is none of those that are allowed.
    fn check_allowed(&mut self, instance: u32, name: &str, parameter: &Parameter, value: &Value) {
        let Some(allowed) = &parameter.allowed else { return };
        let allowed = self.eval(allowed, &Env::new(instance));
        let Some(array) = allowed.as_array().filter(|array| array.open.is_none() && !array.items.is_empty()) else {
            return;
        };
        // Of a list, each element is one of the allowed values.
        let values = match (value.as_array(), array.items.iter().any(|item| item.as_array().is_some())) {
            (Some(list), false) => list.items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        let is_none = |value: &Value| array.items.iter().all(|item| equal(item, value) == Ok(false));
        if !parameter.secure && values.iter().any(is_none) {
            self.problem(value.span, format!("the value of `{name}` is none of those that are allowed"));
        }
    }

    /// A parameter without a value.
    fn missing(&mut self, instance: u32, name: &Arc<str>, parameter: &Parameter) -> Value {
        let span = parameter.span;
        // Linked templates are looked for beside the file that links to them, wherever they will be put.
        if name.eq_ignore_ascii_case(ARTIFACTS) {
            return Value::string(HERE, span);
        }
        if name.eq_ignore_ascii_case("_artifactsLocationSasToken") {
            return Value::string("", span);
        }
        if let Some(Supplied::Module(declaration, _)) = self.instance(instance).map(|found| &found.supplied) {
            let at = declaration.span;
            return self.invalid(at, format!("the module's parameter `{name}` has no value"));
        }
        if parameter.secure {
            return Value::unknown(Why::Secret(name.clone()), span);
        }
        let allowed = parameter.allowed.as_ref().map(|allowed| self.eval(allowed, &Env::new(instance)));
        let possible = match allowed.as_ref().and_then(Value::as_array) {
            Some(array) if array.open.is_none() && array.items.len() <= functions::MOST_POSSIBLE => array.items.clone(),
            _ => Vec::new(),
        };
        if possible.is_empty() && parameter.kind.eq_ignore_ascii_case("string") {
            return Value::symbol(Symbol::Parameter { name: name.clone(), span }, span);
        }
        let why = Why::Parameter(name.clone());
        Value::new(Kind::Unknown(Arc::new(Unknown { possible, ..Unknown::new(why, span) })), span)
    }

    /// The value that was given for a parameter.
    fn supplied(&mut self, instance: u32, name: &str) -> Option<Value> {
        let (declaration, env) = match &self.instance(instance)?.supplied {
            Supplied::Given(given) => return given.get(name).cloned(),
            Supplied::Module(declaration, env) => (declaration.clone(), env.clone()),
        };
        let module = declaration.module.as_ref()?;
        let parameters = module.parameters.as_ref()?;
        if let ExprKind::Object(members) = &parameters.kind
            && members.iter().all(|member| matches!(member, Member::Property(..)))
        {
            let found = members.iter().rev().find_map(|member| match member {
                Member::Property(key, value) if key.text.eq_ignore_ascii_case(name) => Some(value),
                _ => None,
            })?;
            let value = self.eval(found, &env);
            return self.unwrapped(value, module.wrapped, name, found);
        }
        let whole = match self.instance(instance)?.all_supplied.clone() {
            Some(whole) => whole,
            None => {
                let whole = self.argument(parameters, &env);
                if let Some(found) = self.instances.get_mut(instance as usize) {
                    found.all_supplied = Some(whole.clone());
                }
                whole
            }
        };
        match &whole.kind {
            Kind::Object(object) => match (object.get(name), &object.open) {
                (Some(value), _) => self.unwrapped(value.clone(), module.wrapped, name, parameters),
                (None, Some(unknown)) => Some(Value::new(Kind::Unknown(unknown.clone()), parameters.span)),
                (None, None) => None,
            },
            Kind::Unknown(unknown) => Some(Value::new(Kind::Unknown(unknown.clone()), parameters.span)),
            _ => None,
        }
    }

    /// The value in `{ "value": … }`.
    fn unwrapped(&mut self, value: Value, is_wrapped: bool, name: &str, at: &Expr) -> Option<Value> {
        if !is_wrapped {
            return Some(value);
        }
        if value.get("reference").is_some() && value.get("value").is_none() {
            return Some(Value::unknown(Why::Secret(name.into()), value.span.or(at.span)));
        }
        let index = Value::string("value", at.span);
        Some(self.take(&value, &index, true, at.span))
    }

    /// The names that a module's declaration gives values to, with their places; none where they are computed.
    pub(super) fn supplied_names(declaration: &Declaration) -> Vec<(Arc<str>, Span)> {
        let Some(parameters) = declaration.module.as_ref().and_then(|module| module.parameters.as_ref()) else {
            return Vec::new();
        };
        match &parameters.kind {
            ExprKind::Object(members) => {
                let name = |member: &Member| match member {
                    Member::Property(key, _) => Some((key.text.clone(), key.span)),
                    _ => None,
                };
                members.iter().filter_map(name).collect()
            }
            ExprKind::Literal(Value { kind: Kind::Object(object), .. }) => {
                object.entries().iter().map(|(key, _)| (key.text.clone(), key.span)).collect()
            }
            _ => Vec::new(),
        }
    }
}
