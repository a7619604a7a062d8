//! What an expression of the configuration stands for: its references followed through variables, outputs and loops.

use std::sync::Arc;

use crate::source::terraform::address::{self, Index, ModulePath, Reference, Step};
use crate::source::terraform::plan::Plan;
use crate::source::terraform::values::{is_true, items, member, step_into, unknown, why};
use crate::template::place::Span;
use crate::template::text::canonical;
use crate::template::value::{Array, Kind, Unknown, Value};

/// What kind of value is looked for: of an expression only the references are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Principal,
    Client,
    Tenant,
    Id,
    Name,
    /// The identifier of a secret, key or certificate.
    Secret,
    Any,
}

impl Want {
    /// What an attribute of this name holds.
    pub(super) fn of(name: &str) -> Self {
        match name {
            "principal_id" | "object_id" => Self::Principal,
            "tenant_id" => Self::Tenant,
            "secret_id" | "key_vault_secret_id" | "key_vault_certificate_id" | "storage_key_vault_secret_id" => {
                Self::Secret
            }
            "scope" => Self::Id,
            "name" => Self::Name,
            _ if name.ends_with("client_id") => Self::Client,
            _ if name.ends_with("_id") || name.ends_with("_ids") => Self::Id,
            _ if name.ends_with("_name") => Self::Name,
            _ => Self::Any,
        }
    }

    /// What a property of Resource Manager of this name holds.
    pub(super) fn of_azure(name: &str) -> Option<Self> {
        match name {
            "principalId" | "objectId" => Some(Self::Principal),
            "tenantId" => Some(Self::Tenant),
            "keyVaultId" | "secretIdentifier" | "keyVaultSecretId" | "keyUri" => Some(Self::Secret),
            "id" | "scope" => Some(Self::Id),
            _ if name.ends_with("lientId") => Some(Self::Client),
            _ if name.ends_with("ResourceId") || name.ends_with("Id") => Some(Self::Id),
            _ => None,
        }
    }

    /// Whether an attribute of this name is another id of the same thing, written where this one belongs.
    fn confuses(self, path: &[Step]) -> bool {
        let last = path.iter().rev().find_map(Step::name).unwrap_or_default();
        match self {
            Self::Principal => matches!(last, "client_id" | "application_id" | "clientId"),
            Self::Client => matches!(last, "principal_id" | "object_id" | "principalId"),
            Self::Tenant | Self::Id | Self::Name | Self::Secret | Self::Any => false,
        }
    }

    /// Whether an attribute of this name can be meant.
    fn fits(self, path: &[Step]) -> bool {
        let last = path.iter().rev().find_map(Step::name);
        let Some(last) = last.filter(|last| *last != "identity") else { return true };
        match self {
            Self::Principal => matches!(last, "principal_id" | "object_id" | "principalId" | "output"),
            Self::Client => last.ends_with("client_id") || matches!(last, "application_id" | "clientId" | "output"),
            Self::Tenant => last == "tenant_id",
            Self::Id => last == "id" || last.ends_with("_id") || last.ends_with("_ids"),
            Self::Name => last == "name" || last.ends_with("_name"),
            Self::Secret => matches!(last, "id" | "secret_id" | "versionless_id" | "versionless_secret_id"),
            Self::Any => true,
        }
    }
}

/// Where an expression stands.
#[derive(Clone, Debug)]
pub(super) struct Ctx {
    pub module: ModulePath,
    /// The key of the resource, or of the call, that the expression stands in.
    pub key: Option<Index>,
    /// What the loop goes over.
    pub for_each: Option<Value>,
}

/// A piece of what an expression is made of.
#[derive(Clone, Debug)]
pub(super) enum Leaf {
    /// An attribute of an instance.
    Attribute(usize, Vec<Step>),
    /// One of several instances of a resource.
    OneOf(Vec<usize>, Vec<Step>),
    /// A known value.
    Constant(Value),
    /// A key of a loop.
    Key(Index),
    /// A named value that the plan does not resolve, or something that is not in it.
    Opaque(Arc<str>),
    /// An attribute of something that is not in the plan.
    Missing(Arc<str>, Vec<Step>),
}

/// How far references are followed.
const DEEPEST: u32 = 48;

impl Plan<'_> {
    /// The context of an instance's expressions.
    pub(super) fn ctx(&self, at: usize) -> Ctx {
        let Some(instance) = self.instances.get(at) else {
            return Ctx { module: ModulePath::new(), key: None, for_each: None };
        };
        let for_each = self.declaration(at).and_then(|declared| declared.get("for_each_expression")).cloned();
        Ctx { module: instance.module.clone(), key: instance.key.clone(), for_each }
    }

    /// Runs something one level deeper, unless it is too deep or too long.
    pub(super) fn deeper<T>(&self, run: impl FnOnce() -> T) -> Option<T> {
        let (depth, fuel) = (self.depth.get(), self.fuel.get());
        if depth >= DEEPEST || fuel == 0 {
            return None;
        }
        self.fuel.set(fuel - 1);
        self.depth.set(depth + 1);
        let result = run();
        self.depth.set(depth);
        Some(result)
    }

    /// The pieces of an expression.
    pub(super) fn leaves(&self, expression: &Value, ctx: &Ctx) -> Vec<Leaf> {
        let mut found = Vec::new();
        let done = self.deeper(|| self.gather(expression, ctx, &mut found));
        if done.is_none() {
            found.push(Leaf::Opaque("…".into()));
        }
        found
    }

    fn gather(&self, expression: &Value, ctx: &Ctx, found: &mut Vec<Leaf>) {
        if let Some(constant) = expression.get("constant_value") {
            return found.push(Leaf::Constant(constant.clone()));
        }
        let references = member(expression, "references");
        let references: Vec<Reference> = address::whole(items(&references).iter().filter_map(Value::as_str))
            .into_iter()
            .map(address::reference)
            .collect();
        let mut keys: Vec<Leaf> = Vec::new();
        for reference in &references {
            match reference {
                Reference::EachKey | Reference::Count => keys.extend(ctx.key.clone().map(Leaf::Key)),
                Reference::EachValue(path) => self.each_value(path, ctx, &mut keys),
                Reference::Variable { name, path } => self.variable(name, path, ctx, &mut keys),
                _ => {}
            }
        }
        for reference in &references {
            match reference {
                Reference::Resource { data, kind, name, key, path } => {
                    let prefix = if *data { "data." } else { "" };
                    let address: Arc<str> = format!("{prefix}{kind}.{name}").into();
                    self.resource(&address, key.as_ref(), path, &keys, ctx, found);
                }
                Reference::Module { name, key, output, path } => {
                    self.output(name, key.as_ref(), output.as_deref(), path, &keys, ctx, found);
                }
                Reference::Local(name) => found.push(Leaf::Opaque(format!("local.{name}").into())),
                _ => {}
            }
        }
        found.extend(keys);
    }

    fn each_value(&self, path: &[Step], ctx: &Ctx, found: &mut Vec<Leaf>) {
        let (Some(over), Some(key)) = (&ctx.for_each, &ctx.key) else { return };
        let outer = Ctx { module: ctx.module.clone(), key: None, for_each: None };
        let leaves = self.leaves(over, &outer);
        if let [Leaf::Constant(value)] = leaves.as_slice() {
            let element = match &value.kind {
                // Of a set, the value is the key.
                Kind::Array(_) => Some(index_value(key)),
                _ => step_into(value, &Step::Index(key.clone())),
            };
            let element =
                element.and_then(|element| path.iter().try_fold(element, |value, step| step_into(&value, step)));
            return match element {
                Some(value) => found.push(Leaf::Constant(value)),
                None => found.push(Leaf::Opaque("each.value".into())),
            };
        }
        let mut any = false;
        for leaf in leaves {
            match leaf {
                Leaf::OneOf(all, own) => {
                    let own_key = |at: &usize| self.instances.get(*at).is_some_and(|one| one.key.as_ref() == Some(key));
                    let path = own.iter().chain(path).cloned().collect();
                    match all.iter().copied().find(own_key) {
                        Some(at) => found.push(Leaf::Attribute(at, path)),
                        None => found.push(Leaf::OneOf(all, path)),
                    }
                    any = true;
                }
                Leaf::Attribute(at, own) => {
                    let path = if own.is_empty() { path.to_vec() } else { own };
                    found.push(Leaf::Attribute(at, path));
                    any = true;
                }
                Leaf::Constant(_) | Leaf::Key(_) => {}
                opaque @ (Leaf::Opaque(_) | Leaf::Missing(..)) => {
                    found.push(opaque);
                    any = true;
                }
            }
        }
        if !any {
            found.push(Leaf::Opaque("each.value".into()));
        }
    }

    fn variable(&self, name: &str, path: &[Step], ctx: &Ctx, found: &mut Vec<Leaf>) {
        let Some(module) = self.module(&ctx.module) else { return };
        let declared = member(&module.variables, name);
        let default = |found: &mut Vec<Leaf>| match declared.get("default") {
            Some(value) => found.push(Leaf::Constant(value.clone())),
            None => found.push(Leaf::Opaque(format!("var.{name}").into())),
        };
        if is_true(&member(&declared, "sensitive")) {
            return found.push(Leaf::Opaque(format!("var.{name}").into()));
        }
        let mut own = Vec::new();
        match ctx.module.split_last() {
            None => match self.variables.get(name).and_then(|variable| variable.get("value")) {
                Some(value) => own.push(Leaf::Constant(value.clone())),
                None => default(&mut own),
            },
            Some(((call, key), parent)) => {
                let parent = parent.to_vec();
                let call = self.module(&parent).and_then(|module| module.calls.get(call));
                let expression = call.and_then(|call| call.written.get("expressions")?.get(name));
                let for_each = call.and_then(|call| call.written.get("for_each_expression")).cloned();
                match expression {
                    Some(expression) => {
                        own = self.leaves(expression, &Ctx { module: parent, key: key.clone(), for_each });
                    }
                    None => default(&mut own),
                }
            }
        }
        for leaf in own {
            found.push(match leaf {
                Leaf::Constant(value) => match path.iter().try_fold(value, |value, step| step_into(&value, step)) {
                    Some(value) => Leaf::Constant(value),
                    None => continue,
                },
                Leaf::Attribute(at, own) => Leaf::Attribute(at, further(own, path)),
                other => other,
            });
        }
    }

    fn resource(
        &self,
        address: &Arc<str>,
        key: Option<&Index>,
        path: &[Step],
        keys: &[Leaf],
        ctx: &Ctx,
        found: &mut Vec<Leaf>,
    ) {
        let all = self.declared.get(&(ctx.module.clone(), address.clone())).map(Vec::as_slice).unwrap_or_default();
        let with = |wanted: &Index| {
            all.iter().copied().find(|at| self.instances.get(*at).is_some_and(|one| one.key.as_ref() == Some(wanted)))
        };
        let hinted = || {
            let mut keys = keys.iter().filter_map(|leaf| match leaf {
                Leaf::Key(key) => Some(key.clone()),
                Leaf::Constant(value) => match &value.kind {
                    Kind::String(text) => Some(Index::Text(text.clone())),
                    Kind::Int(number) => Some(Index::Number(*number)),
                    _ => None,
                },
                _ => None,
            });
            keys.find_map(|key| with(&key))
        };
        match (key, all) {
            (Some(key), _) if with(key).is_some() => {
                found.extend(with(key).map(|at| Leaf::Attribute(at, path.to_vec())))
            }
            (None, [one]) => found.push(Leaf::Attribute(*one, path.to_vec())),
            (None, [_, ..]) => match hinted() {
                Some(at) => found.push(Leaf::Attribute(at, path.to_vec())),
                None => found.push(Leaf::OneOf(all.to_vec(), path.to_vec())),
            },
            // With `count = 0` there is none, and nothing comes of it.
            (_, []) if !address.starts_with("data.") && self.is_declared(address, ctx) => {}
            _ => found.push(Leaf::Missing(address.clone(), path.to_vec())),
        }
    }

    /// Whether the configuration has a resource.
    fn is_declared(&self, address: &Arc<str>, ctx: &Ctx) -> bool {
        self.module(&ctx.module).is_some_and(|module| module.resources.contains_key(address))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a reference, and where it stands")]
    fn output(
        &self,
        name: &Arc<str>,
        key: Option<&Index>,
        output: Option<&str>,
        path: &[Step],
        keys: &[Leaf],
        ctx: &Ctx,
        found: &mut Vec<Leaf>,
    ) {
        let call = self.module(&ctx.module).and_then(|module| module.calls.get(name));
        let mut instances: Vec<Option<Index>> = Vec::new();
        for instance in &self.instances {
            if instance.module.len() > ctx.module.len()
                && instance.module.starts_with(&ctx.module)
                && let Some((own, key)) = instance.module.get(ctx.module.len())
                && own == name
                && !instances.contains(key)
            {
                instances.push(key.clone());
            }
        }
        let hint = |key: &Option<Index>| {
            keys.iter().any(|leaf| matches!((leaf, key), (Leaf::Key(own), Some(key)) if own == key))
        };
        let wanted: Vec<Option<Index>> = match key {
            Some(key) => vec![Some(key.clone())],
            None => match instances.iter().find(|key| hint(key)) {
                Some(key) => vec![key.clone()],
                None => instances,
            },
        };
        let (Some(call), Some(output)) = (call, output) else {
            return found.push(Leaf::Opaque(format!("module.{name}").into()));
        };
        let expression = call.module.outputs.get(output).and_then(|output| output.get("expression"));
        let Some(expression) = expression else {
            return found.push(Leaf::Opaque(format!("module.{name}.{output}").into()));
        };
        for key in wanted {
            let mut module = ctx.module.clone();
            module.push((name.clone(), key));
            for leaf in self.leaves(expression, &Ctx { module, key: None, for_each: None }) {
                found.push(match leaf {
                    Leaf::Attribute(at, own) => Leaf::Attribute(at, further(own, path)),
                    Leaf::OneOf(all, own) => Leaf::OneOf(all, further(own, path)),
                    other => other,
                });
            }
        }
    }

    /// The value of an expression; nothing where it is null.
    pub(super) fn scalar(&self, expression: &Value, ctx: &Ctx, want: Want) -> Option<Value> {
        let span = expression.span;
        let leaves = self.leaves(expression, ctx);
        if let [Leaf::Constant(value)] = leaves.as_slice() {
            return (!value.is_null()).then(|| self.mapped(value));
        }
        if let [Leaf::Attribute(at, path)] = leaves.as_slice()
            && want.confuses(path)
        {
            return Some(self.attribute(*at, path, Want::Any, span).placed_at(span));
        }
        let count = leaves.len();
        let mut values: Vec<Value> = Vec::new();
        let mut opaque: Option<Arc<str>> = None;
        for leaf in leaves {
            match leaf {
                Leaf::Attribute(at, path) if want.fits(&path) => {
                    push(&mut values, self.attribute(at, &path, want, span))
                }
                Leaf::OneOf(all, path) if want.fits(&path) => {
                    for at in all {
                        push(&mut values, self.attribute(at, &path, want, span));
                    }
                }
                Leaf::Constant(value) if fits_constant(&value, want) => push(&mut values, self.mapped(&value)),
                Leaf::Opaque(name) => opaque = opaque.or(Some(name)),
                Leaf::Missing(name, path) if want.fits(&path) => opaque = opaque.or(Some(name)),
                Leaf::Constant(_) | Leaf::Key(_) | Leaf::OneOf(..) | Leaf::Attribute(..) | Leaf::Missing(..) => {}
            }
        }
        match (values.as_slice(), &opaque) {
            // A text of several pieces shows its references only.
            ([one], None) if want != Want::Any || count == 1 => Some(one.clone().placed_at(span)),
            _ => Some(unknown(opaque.unwrap_or_else(|| self.said(expression)), span, values)),
        }
    }

    /// The values of an expression that is a list.
    pub(super) fn list(&self, expression: &Value, ctx: &Ctx, want: Want) -> Value {
        let span = expression.span;
        let mut values: Vec<Value> = Vec::new();
        let mut open: Option<Arc<Unknown>> = None;
        for leaf in self.leaves(expression, ctx) {
            match leaf {
                Leaf::Attribute(at, path) if want.fits(&path) => {
                    let value = self.attribute(at, &path, want, span);
                    spread(&mut values, &mut open, value);
                }
                Leaf::OneOf(all, path) if want.fits(&path) => {
                    for at in all {
                        let value = self.attribute(at, &path, want, span);
                        spread(&mut values, &mut open, value);
                    }
                }
                Leaf::Constant(value) if value.as_array().is_some() || fits_constant(&value, want) => {
                    spread(&mut values, &mut open, self.mapped(&value));
                }
                Leaf::Opaque(name) => open = open.or(Some(why(name, span))),
                Leaf::Missing(name, path) if want.fits(&path) => open = open.or(Some(why(name, span))),
                Leaf::Constant(_) | Leaf::Key(_) | Leaf::OneOf(..) | Leaf::Attribute(..) | Leaf::Missing(..) => {}
            }
        }
        Value::new(Kind::Array(Arc::new(Array::new(values, open))), span)
    }

    /// The references of an expression, to name it.
    pub(super) fn said(&self, expression: &Value) -> Arc<str> {
        let references = member(expression, "references");
        let first = items(&references).iter().find_map(Value::as_str);
        first.unwrap_or("known after apply").into()
    }
}

trait PlacedAt {
    fn placed_at(self, span: Span) -> Self;
}

impl PlacedAt for Value {
    fn placed_at(self, span: Span) -> Self {
        Value { span: span.or(self.span), ..self }
    }
}

/// The path into a value that was named by a path itself. What is a text already has nothing in it: the rest of the
/// path was into an object around it.
fn further(mut own: Vec<Step>, path: &[Step]) -> Vec<Step> {
    let is_whole = match own.last() {
        None => true,
        Some(Step::Index(_)) => true,
        Some(Step::Name(name)) => matches!(&**name, "identity" | "output" | "body" | "properties" | "subnet"),
    };
    if is_whole {
        own.extend(path.iter().cloned());
    }
    own
}

fn fits_constant(value: &Value, want: Want) -> bool {
    let Some(text) = value.as_str() else { return false };
    match want {
        Want::Id => text.starts_with('/'),
        Want::Principal | Want::Client | Want::Tenant => {
            text.len() == 36 && text.bytes().filter(|b| *b == b'-').count() == 4
        }
        Want::Secret => text.starts_with("https://"),
        Want::Name => false,
        Want::Any => false,
    }
}

fn push(values: &mut Vec<Value>, value: Value) {
    let is_new = |own: &Value| canonical(own) != canonical(&value) || own.is_unknown();
    if values.iter().all(is_new) {
        values.push(value);
    }
}

fn spread(values: &mut Vec<Value>, open: &mut Option<Arc<Unknown>>, value: Value) {
    match &value.kind {
        Kind::Array(array) => {
            array.items.iter().for_each(|item| push(values, item.clone()));
            *open = open.take().or_else(|| array.open.clone());
        }
        Kind::Unknown(unknown) => *open = open.take().or_else(|| Some(unknown.clone())),
        _ => push(values, value),
    }
}

fn index_value(index: &Index) -> Value {
    match index {
        Index::Number(number) => Value::new(Kind::Int(*number), Span::NONE),
        Index::Text(text) => Value::string(text.clone(), Span::NONE),
    }
}
