//! Blocks of a resource: what is known of them, what is unknown, and what the configuration says.

use std::sync::Arc;

use crate::source::terraform::plan::Plan;
use crate::source::terraform::resolve::{Leaf, Want};
use crate::source::terraform::values::{is_true, items, member, unknown, why};
use crate::template::place::Span;
use crate::template::text::{canonical, starts_with};
use crate::template::value::{Array, Key, Kind, Object, Unknown, Value, Why};

/// What the configuration says of a block.
#[derive(Clone, Debug)]
enum Written {
    /// Expressions by attribute.
    Block(Value),
    /// One expression for all blocks of the name.
    Shared(Value),
    /// Nothing: the block was made dynamically, or the configuration is missing.
    Not,
}

/// A block of a resource.
#[derive(Clone)]
pub(super) struct Block<'p, 'o> {
    pub plan: &'p Plan<'o>,
    /// The instance.
    pub at: usize,
    values: Value,
    mask: Value,
    written: Written,
    /// Whether the block is the resource itself.
    is_top: bool,
}

/// The blocks of one name, and why there may be more.
pub(super) struct Blocks<'p, 'o> {
    pub items: Vec<Block<'p, 'o>>,
    pub open: Option<Arc<Unknown>>,
}

impl<'p, 'o> Block<'p, 'o> {
    /// The resource itself.
    pub(super) fn top(plan: &'p Plan<'o>, at: usize) -> Self {
        let null = || Value::null(Span::NONE);
        let instance = plan.instances.get(at);
        let written = match plan.declaration(at).and_then(|declared| declared.get("expressions")) {
            Some(expressions) => Written::Block(expressions.clone()),
            None => Written::Not,
        };
        Self {
            plan,
            at,
            values: instance.map_or_else(null, |instance| instance.values.clone()),
            mask: instance.map_or_else(null, |instance| instance.mask.clone()),
            written,
            is_top: true,
        }
    }

    /// Where it stands.
    pub(super) fn span(&self) -> Span {
        let whole = || self.plan.instances.get(self.at).map_or(Span::NONE, |instance| instance.span);
        if self.is_top || !self.values.span.is_some() { whole() } else { self.values.span }
    }

    fn expression(&self, name: &str) -> Option<Value> {
        match &self.written {
            Written::Block(expressions) => expressions.get(name).cloned(),
            Written::Shared(expression) => Some(expression.clone()),
            Written::Not => None,
        }
    }

    /// An attribute; nothing where it is not set.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.get_as(name, Want::of(name))
    }

    /// An attribute that holds an id.
    pub(super) fn get_id(&self, name: &str) -> Option<Value> {
        let id = self.get_as(name, Want::Id)?;
        // Of `"${network.id}/subnets/web"`, the plan shows the reference only.
        let is_other = name.ends_with("subnet_id") && !is_subnet(&id) && self.shown(name).is_none();
        Some(if is_other { self.not_told(name) } else { id })
    }

    /// A text: an expression with references may put them into a longer text, so they are not its value.
    pub(super) fn text(&self, name: &str) -> Option<Value> {
        let value = self.get(name)?;
        let is_whole = self.shown(name).is_some() || matches!(self.leaves(name).as_slice(), [Leaf::Constant(_)]);
        Some(if is_whole { value } else { self.not_told(name) })
    }

    /// A URL. Of one that is put together the plan shows the references only: an address at its start is the host.
    pub(super) fn url(&self, name: &str) -> Option<Value> {
        let value = self.get(name)?;
        let is_whole = self.shown(name).is_some() || starts_with(&value, "https://", false) == Some(true);
        Some(if is_whole { value } else { self.not_told(name) })
    }

    /// An attribute that the plan does not tell.
    fn not_told(&self, name: &str) -> Value {
        unknown(format!("{}.{name}", self.address()).into(), self.span(), Vec::new())
    }

    /// An attribute of a kind.
    pub(super) fn get_as(&self, name: &str, want: Want) -> Option<Value> {
        let mask = member(&self.mask, name);
        match self.values.get(name) {
            // A state shows what is not set as an empty text, too.
            Some(value) if value.as_str() == Some("") && want != Want::Any => None,
            Some(value) if !value.is_null() => Some(self.partly(value, &mask, name, want)),
            _ if is_true(&mask) => self.unknown(name, want),
            // Without a mask, what is known after apply is absent.
            None if self.mask.is_null() && self.expression(name).is_some() => self.unknown(name, want),
            _ => None,
        }
    }

    /// An attribute that is a list.
    pub(super) fn list(&self, name: &str) -> Option<Value> {
        let mask = member(&self.mask, name);
        let want = Want::of(name);
        match self.values.get(name) {
            Some(value) if !value.is_null() => Some(self.partly(value, &mask, name, want)),
            Some(_) if !is_true(&mask) => None,
            None if !is_true(&mask) && !self.mask.is_null() => None,
            _ => match (&self.written, self.expression(name)) {
                (_, Some(expression)) => Some(self.plan.list(&expression, &self.plan.ctx(self.at), want)),
                (Written::Not, None) if !self.is_top && is_true(&mask) => Some(self.open_list(name)),
                _ => None,
            },
        }
    }

    fn open_list(&self, name: &str) -> Value {
        let span = self.span();
        let reason = why(format!("{}.{name}", self.address()).into(), span);
        Value::new(Kind::Array(Arc::new(Array::new(Vec::new(), Some(reason)))), span)
    }

    pub(super) fn address(&self) -> Arc<str> {
        self.plan.instances.get(self.at).map_or_else(|| "".into(), |instance| instance.address.clone())
    }

    /// What is unknown as a whole.
    fn unknown(&self, name: &str, want: Want) -> Option<Value> {
        match (&self.written, self.expression(name)) {
            (Written::Block(_), Some(expression)) => self.plan.scalar(&expression, &self.plan.ctx(self.at), want),
            (Written::Shared(_), Some(expression)) => {
                // All blocks share their references: only one that fits is surely this block's.
                Some(
                    self.plan.scalar(&expression, &self.plan.ctx(self.at), want).unwrap_or_else(|| {
                        unknown(format!("{}.{name}", self.address()).into(), self.span(), Vec::new())
                    }),
                )
            }
            // The provider or Azure fills in what the configuration leaves out.
            (Written::Block(_), None) => None,
            _ if self.is_top => None,
            _ => Some(unknown(format!("{}.{name}", self.address()).into(), self.span(), Vec::new())),
        }
    }

    /// A value of which parts may be unknown.
    fn partly(&self, value: &Value, mask: &Value, name: &str, want: Want) -> Value {
        if !holds_true(mask, 0) {
            return self.plan.mapped(value);
        }
        let Kind::Array(array) = &value.kind else { return self.merged(value, mask, name) };
        let masks = items(mask);
        let missing = masks.iter().filter(|mask| is_true(mask)).count();
        let found = match self.expression(name) {
            Some(expression) => self.plan.list(&expression, &self.plan.ctx(self.at), want),
            None => self.open_list(name),
        };
        let mut fill = items(&found).iter();
        let fits = items(&found).len() == missing;
        let mut all = Vec::new();
        let mut open = None;
        for (number, item) in array.items.iter().enumerate() {
            match masks.get(number) {
                Some(mask) if is_true(mask) => match fill.next().filter(|_| fits) {
                    Some(value) => all.push(value.clone()),
                    None => open = Some(why(format!("{}.{name}", self.address()).into(), value.span)),
                },
                Some(mask) if holds_true(mask, 0) => all.push(self.merged(item, mask, name)),
                _ => all.push(self.plan.mapped(item)),
            }
        }
        Value::new(Kind::Array(Arc::new(Array::new(all, open))), value.span)
    }

    /// An object with unknown members put in as such.
    fn merged(&self, value: &Value, mask: &Value, name: &str) -> Value {
        let expression = self.expression(name);
        let hole = |span: Span, inner: &str| {
            let told = expression.as_ref().filter(|_| !inner.is_empty()).and_then(|expression| {
                let ctx = self.plan.ctx(self.at);
                let found = match Want::of_azure(inner)? {
                    Want::Secret => self.identifier_in(&self.plan.leaves(expression, &ctx), inner),
                    want => self.plan.scalar(expression, &ctx, want)?,
                };
                (!found.is_unknown()).then_some(found)
            });
            told.unwrap_or_else(|| unknown(format!("{}.{name}.{inner}", self.address()).into(), span, Vec::new()))
        };
        merge(&self.plan.mapped(value), mask, "", &hole, 0)
    }

    /// The blocks of a name.
    pub(super) fn blocks(&self, name: &str) -> Blocks<'p, 'o> {
        let mask = member(&self.mask, name);
        let value = self.values.get(name).filter(|value| !value.is_null());
        let expression = match &self.written {
            Written::Block(expressions) => expressions.get(name).cloned(),
            _ => None,
        };
        let mut found = Blocks { items: Vec::new(), open: None };
        let Some(value) = value else {
            let is_unknown = is_true(&mask) || self.mask.is_null();
            if is_unknown && let Some(expression) = expression {
                self.unknown_blocks(&expression, &mut found);
            }
            return found;
        };
        if let Kind::Unknown(reason) = &value.kind {
            found.open = Some(reason.clone());
            return found;
        }
        let single = [value.clone()];
        let all = if value.as_array().is_some() { items(value) } else { &single };
        for (number, block) in all.iter().enumerate() {
            let mask = match &mask.kind {
                Kind::Array(masks) => masks.items.get(number).cloned().unwrap_or_else(|| Value::null(Span::NONE)),
                _ => mask.clone(),
            };
            let written = written(expression.as_ref(), block, number);
            found.items.push(Self {
                plan: self.plan,
                at: self.at,
                values: block.clone(),
                mask,
                written,
                is_top: false,
            });
        }
        found
    }

    /// Blocks of a set that holds something unknown.
    fn unknown_blocks(&self, expression: &Value, found: &mut Blocks<'p, 'o>) {
        let span = expression.span;
        match &expression.kind {
            Kind::Array(array) => {
                for block in &array.items {
                    let values = constants(block);
                    let mask = unknowns(block);
                    let written = Written::Block(block.clone());
                    found.items.push(Self { plan: self.plan, at: self.at, values, mask, written, is_top: false });
                }
            }
            _ => {
                let leaves = self.plan.leaves(expression, &self.plan.ctx(self.at));
                let is_empty = matches!(leaves.as_slice(), [Leaf::Constant(value)] if items(value).is_empty());
                if let [Leaf::Constant(value)] = leaves.as_slice() {
                    for block in items(value) {
                        let null = Value::null(Span::NONE);
                        let written = Written::Shared(expression.clone());
                        found.items.push(Self {
                            plan: self.plan,
                            at: self.at,
                            values: block.clone(),
                            mask: null,
                            written,
                            is_top: false,
                        });
                    }
                } else if !is_empty {
                    found.open = Some(why(self.plan.said(expression), span));
                }
            }
        }
    }

    /// The only block of a name.
    pub(super) fn block(&self, name: &str) -> Option<Self> {
        self.blocks(name).items.into_iter().next()
    }

    /// The settings of a map: names with values, unknown ones among them.
    pub(super) fn map(&self, name: &str) -> (Vec<(Key, Value)>, Option<Arc<Unknown>>) {
        let mask = member(&self.mask, name);
        let Some(value) = self.values.get(name).filter(|value| !value.is_null()) else {
            let open = (is_true(&mask) && self.expression(name).is_some())
                .then(|| why(format!("{}.{name}", self.address()).into(), self.span()));
            return (Vec::new(), open);
        };
        let Kind::Object(object) = &value.kind else {
            return (Vec::new(), Some(why(format!("{}.{name}", self.address()).into(), value.span)));
        };
        let mut entries: Vec<(Key, Value)> =
            object.entries().iter().map(|(key, value)| (key.clone(), self.plan.mapped(value))).collect();
        let hole = |span| unknown(format!("{}.{name}", self.address()).into(), span, Vec::new());
        if let Kind::Object(masks) = &mask.kind {
            for (key, _) in masks.entries().iter().filter(|(_, mask)| is_true(mask)) {
                entries.retain(|(own, _)| own.text != key.text);
                entries.push((Key::new(key.text.clone(), value.span), hole(value.span)));
            }
        }
        (entries, None)
    }

    /// The pieces of an attribute's expression.
    pub(super) fn leaves(&self, name: &str) -> Vec<Leaf> {
        match self.expression(name) {
            Some(expression) => self.plan.leaves(&expression, &self.plan.ctx(self.at)),
            None => Vec::new(),
        }
    }

    /// Whether an attribute is known.
    pub(super) fn shown(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null() && !value.is_unknown())
    }

    /// A flag.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// Whether the configuration, or the known value, has it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !value.is_null()) || self.expression(name).is_some()
    }
}

/// Whether an id may be that of a subnet.
fn is_subnet(id: &Value) -> bool {
    id.is_unknown() || !canonical(id).contains("/virtualNetworks/") || canonical(id).contains("/subnets/")
}

/// The expressions of the block that a known one comes from: the one whose constants agree.
fn written(expression: Option<&Value>, block: &Value, number: usize) -> Written {
    let Some(expression) = expression else { return Written::Not };
    match &expression.kind {
        Kind::Array(blocks) => {
            let agrees = |written: &&Value| agrees(written, block);
            let mut fitting = blocks.items.iter().filter(agrees);
            match (fitting.next(), fitting.next()) {
                (Some(one), None) => Written::Block(one.clone()),
                (Some(_), Some(_)) => match blocks.items.get(number).filter(agrees) {
                    Some(one) => Written::Block(one.clone()),
                    None => Written::Not,
                },
                (None, _) => Written::Not,
            }
        }
        Kind::Object(object) if object.get("references").is_some() || object.get("constant_value").is_some() => {
            Written::Shared(expression.clone())
        }
        Kind::Object(_) => Written::Block(expression.clone()),
        _ => Written::Not,
    }
}

fn agrees(written: &Value, block: &Value) -> bool {
    let Some(object) = written.as_object() else { return false };
    object.entries().iter().all(|(key, expression)| {
        let (Some(constant), Some(value)) = (expression.get("constant_value"), block.get(&key.text)) else {
            return true;
        };
        let scalar = |value: &Value| matches!(value.kind, Kind::String(_) | Kind::Bool(_) | Kind::Int(_));
        !scalar(constant)
            || !scalar(value)
            || crate::template::text::canonical(constant) == crate::template::text::canonical(value)
    })
}

/// What is constant in a block's expressions.
fn constants(block: &Value) -> Value {
    let entries = block.as_object().map(Object::entries).unwrap_or_default().iter();
    let entries =
        entries.filter_map(|(key, expression)| Some((key.clone(), expression.get("constant_value")?.clone())));
    Value::object(Object::new(entries.collect()), block.span)
}

/// What is not constant in a block's expressions.
fn unknowns(block: &Value) -> Value {
    let entries = block.as_object().map(Object::entries).unwrap_or_default().iter();
    let entries = entries.filter(|(_, expression)| expression.get("constant_value").is_none());
    let yes = |(key, _): &(Key, Value)| (key.clone(), Value::new(Kind::Bool(true), Span::NONE));
    Value::object(Object::new(entries.map(yes).collect()), block.span)
}

fn holds_true(mask: &Value, depth: usize) -> bool {
    depth < 200
        && match &mask.kind {
            Kind::Bool(value) => *value,
            Kind::Array(array) => array.items.iter().any(|item| holds_true(item, depth + 1)),
            Kind::Object(object) => object.entries().iter().any(|(_, inner)| holds_true(inner, depth + 1)),
            _ => false,
        }
}

/// A value with holes where the mask is true.
fn merge(value: &Value, mask: &Value, name: &str, hole: &impl Fn(Span, &str) -> Value, depth: usize) -> Value {
    match (&value.kind, &mask.kind) {
        _ if depth > 200 => Value::unknown(Why::Limit, value.span),
        (_, Kind::Bool(true)) => hole(value.span, name),
        (Kind::Object(object), Kind::Object(masks)) => {
            let mut entries = Vec::new();
            for (key, inner) in object.entries() {
                let mask = masks.get(&key.text).cloned().unwrap_or_else(|| Value::null(Span::NONE));
                entries.push((key.clone(), merge(inner, &mask, &key.text, hole, depth + 1)));
            }
            for (key, mask) in masks.entries() {
                if object.get(&key.text).is_none() && holds_true(mask, 0) {
                    // The name is that of what is unknown, however deep.
                    entries.push((Key::new(key.text.clone(), value.span), hole(value.span, &key.text)));
                }
            }
            Value::object(Object::new(entries), value.span)
        }
        (Kind::Array(array), Kind::Array(masks)) => {
            let item = |(number, item): (usize, &Value)| match masks.items.get(number) {
                Some(mask) => merge(item, mask, name, hole, depth + 1),
                None => item.clone(),
            };
            let items = array.items.iter().enumerate().map(item).collect();
            Value::array(items, value.span)
        }
        _ => value.clone(),
    }
}
