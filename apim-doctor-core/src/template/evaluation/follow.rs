//! Properties of resources: as they are written, as they follow from the name, or symbols.

use std::sync::Arc;

use crate::template::evaluation::environment::text_of;
use crate::template::evaluation::ids;
use crate::template::evaluation::state::{Deploys, Evaluator, Slot, reason};
use crate::template::functions::object;
use crate::template::json;
use crate::template::place::Span;
use crate::template::resource::Truth;
use crate::template::text;
use crate::template::value::{Array, Context, Key, Kind, Object, ResourceHandle, Symbol, Value, Why};

impl Evaluator<'_> {
    /// A property of a resource: a value where it is known, else the same resource with a longer path.
    pub(super) fn follow(&mut self, handle: &ResourceHandle, index: &Value, span: Span) -> Value {
        if let Kind::Unknown(unknown) = &index.kind {
            return Value::new(Kind::Unknown(unknown.clone()), span);
        }
        let mut handle = handle.clone();
        handle.path.push(text::canonical(index));
        let path: Vec<String> = handle.path.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let known = match path.as_slice() {
            // What stands inside is asked for next; some of it follows, whatever is written around it.
            ["identity" | "properties" | "outputs"] => return Value::symbol(Symbol::Resource(handle), span),
            [one] => self.of_top(&handle, one, span),
            ["identity" | "properties", ..] | ["outputs", ..] => self.of_inside(&handle, &path, index, span),
            _ => None,
        };
        if let Some(value) = known {
            return value;
        }
        if let Some(value) = self.written(&handle)
            && !matches!(value.kind, Kind::Array(_) | Kind::Object(_) | Kind::Null)
        {
            return value.placed(span);
        }
        Value::symbol(Symbol::Resource(handle), span)
    }

    /// `id`, `name`, `type`, `apiVersion` and what else stands at the top.
    fn of_top(&mut self, handle: &ResourceHandle, name: &str, span: Span) -> Option<Value> {
        if let Some(node) = handle.declared {
            let header = self.header(node, span);
            return match name {
                "id" | "resourceid" => Some(header.id.clone()),
                "name" => Some(header.own_name.clone()),
                "type" => Some(Value::string(header.resource_type.clone(), span)),
                "apiversion" => Some(header.api_version.clone()),
                _ => None,
            };
        }
        match name {
            "id" | "resourceid" => Some(self.id_text(&handle.id, span)),
            "name" => text::split(&self.id_text(&handle.id, span), &["/"])?.pop(),
            _ => None,
        }
    }

    /// The id of a resource that these files do not declare, as it was written.
    fn id_text(&self, id: &Arc<str>, span: Span) -> Value {
        match self.ids.get(id) {
            Some(written) => Value::new(written.kind.clone(), span),
            None => Value::string(id.clone(), span),
        }
    }

    fn of_inside(&mut self, handle: &ResourceHandle, path: &[&str], index: &Value, span: Span) -> Option<Value> {
        let kind = self.type_of(handle);
        let principal = |id: Arc<str>| Some(Value::symbol(Symbol::Principal(id), span));
        match path {
            ["identity", "principalid"] => return principal(handle.id.clone()),
            ["identity", "tenantid"] => return Some(self.tenant_id(span)),
            ["identity", "userassignedidentities", id, what] => {
                let id: Arc<str> = id.strip_suffix('/').unwrap_or(id).into();
                return match *what {
                    "principalid" => principal(id),
                    "clientid" => Some(Value::symbol(Symbol::Client(id), span)),
                    _ => None,
                };
            }
            ["outputs"] | ["properties", "outputs"] => return None,
            ["outputs", _] if self.is_module(handle) => return Some(self.output_of(handle, &index.clone(), span)),
            ["properties", "outputs", _] if self.is_module(handle) => return None,
            ["properties", "outputs", _, "value"] if self.is_module(handle) => {
                let name = handle.path.get(2)?.clone();
                return Some(self.output_of(handle, &Value::string(name, span), span));
            }
            _ => {}
        }
        match (kind.as_str(), path) {
            (graph, ["properties", "id"]) if graph.starts_with("microsoft.graph/") => self.of_top(handle, "id", span),
            ("microsoft.managedidentity/userassignedidentities", ["properties", "principalid"]) => {
                principal(handle.id.clone())
            }
            ("microsoft.managedidentity/userassignedidentities", ["properties", "clientid"]) => {
                Some(Value::symbol(Symbol::Client(handle.id.clone()), span))
            }
            ("microsoft.managedidentity/userassignedidentities", ["properties", "tenantid"]) => {
                Some(self.tenant_id(span))
            }
            _ => self.derived(handle, &kind, path, span),
        }
    }

    /// What follows from the name and the cloud.
    fn derived(&mut self, handle: &ResourceHandle, kind: &str, path: &[&str], span: Span) -> Option<Value> {
        let cloud = self.options.cloud;
        let vault = |name: &Value| text_of(&[name], &["https://", &format!("{}/", cloud.vault_suffix())], span);
        match (kind, path) {
            ("microsoft.keyvault/vaults", ["properties", "vaulturi"]) => Some(vault(&self.name_of(handle, 0)?)),
            (
                "microsoft.keyvault/vaults/secrets" | "microsoft.keyvault/vaults/keys",
                ["properties", what @ ("secreturi" | "keyuri" | "secreturiwithversion" | "keyuriwithversion")],
            ) => {
                let (folder, versioned) =
                    (if what.starts_with("key") { "keys" } else { "secrets" }, what.ends_with("version"));
                let (vault_name, name) = (self.name_of(handle, 0)?, self.name_of(handle, 1)?);
                let head = vault(&vault_name);
                let address = text_of(&[&head, &name], &["", &format!("{folder}/")], span);
                if !versioned {
                    return Some(address);
                }
                let version = Symbol::Property { resource: handle.id.clone(), path: vec!["version".into()] };
                let version = Value::symbol(version, span);
                Some(text_of(&[&address, &version], &["", "/"], span))
            }
            ("microsoft.storage/storageaccounts", ["properties", "primaryendpoints", service]) => {
                let name = self.name_of(handle, 0)?;
                let service = match *service {
                    known @ ("blob" | "file" | "queue" | "table" | "dfs") => known,
                    // The static website has a zone in its address.
                    _ => return None,
                };
                Some(text_of(&[&name], &["https://", &format!(".{service}.{}/", cloud.storage_suffix())], span))
            }
            // A nested list's elements are children whose ids follow.
            (_, ["properties", list, at, "id"]) if kind.starts_with("microsoft.network/") => {
                let parent = ResourceHandle { path: handle.path.iter().take(3).cloned().collect(), ..handle.clone() };
                let name = self.written(&parent)?.get("name")?.clone();
                at.parse::<usize>().ok()?;
                let id = match handle.declared {
                    Some(node) => self.header(node, span).id.clone(),
                    None => self.id_text(&handle.id, span),
                };
                let list = handle.path.get(1).map_or_else(|| (*list).into(), Arc::clone);
                Some(text_of(&[&id, &name], &["", &format!("/{list}/")], span))
            }
            _ => None,
        }
    }

    /// A segment of a resource's name.
    fn name_of(&mut self, handle: &ResourceHandle, at: usize) -> Option<Value> {
        match handle.declared {
            Some(node) => {
                let header = self.header(node, Span::NONE);
                let count = header.resource_type.split('/').count() - 1;
                ids::segments(&header.name, count)?.get(at).cloned()
            }
            None => {
                let id = self.id_text(&handle.id, Span::NONE);
                let pieces = text::split(&id, &["/"])?;
                let last = pieces
                    .iter()
                    .rposition(|piece| piece.as_str().is_some_and(|p| p.eq_ignore_ascii_case("providers")))?;
                pieces.get(last + 3 + at * 2).cloned()
            }
        }
    }

    /// The type of a resource in lower case.
    fn type_of(&mut self, handle: &ResourceHandle) -> String {
        if let Some(node) = handle.declared {
            return self.header(node, Span::NONE).resource_type.to_ascii_lowercase();
        }
        let pieces = text::split(&self.id_text(&handle.id, Span::NONE), &["/"]).unwrap_or_default();
        let last = pieces.iter().rposition(|piece| piece.as_str().is_some_and(|p| p.eq_ignore_ascii_case("providers")));
        let Some(last) = last else { return String::new() };
        let mut own = pieces.iter().skip(last + 1).map(text::key);
        let mut kind = own.next().unwrap_or_default().to_string();
        for segment in own.step_by(2) {
            kind.push('/');
            kind.push_str(&segment);
        }
        kind
    }

    pub(super) fn tenant_id(&self, span: Span) -> Value {
        match &self.options.tenant {
            Some(tenant) => Value::string(tenant.clone(), span),
            None => Value::symbol(Symbol::Context(Context::Tenant), span),
        }
    }

    fn is_module(&self, handle: &ResourceHandle) -> bool {
        handle.declared.and_then(|node| self.node(node)).is_some_and(|node| node.declaration.module.is_some())
    }

    /// The output of a module.
    fn output_of(&mut self, handle: &ResourceHandle, name: &Value, span: Span) -> Value {
        let (Some(node), Some(name)) = (handle.declared, name.as_str()) else {
            return Value::unknown(Why::NotRead(handle.id.clone()), span);
        };
        let truth = self.condition(node);
        if matches!(truth, Truth::No) {
            return self.invalid(span, format!("the output `{name}` is of a module that is not deployed"));
        }
        match self.deploys(node, span) {
            Deploys::Instance(instance) => self.output(instance, name, span),
            Deploys::Nothing(value) => match value.kind {
                Kind::Unknown(unknown) => Value::new(Kind::Unknown(unknown), span),
                _ => Value::unknown(Why::NotRead(handle.id.clone()), span),
            },
            Deploys::Empty | Deploys::Busy => Value::unknown(Why::Invalid, span),
        }
    }

    /// The resource of these files that makes what is referred to: another file or module may make what is `existing`.
    fn maker(&mut self, handle: &ResourceHandle) -> Option<u32> {
        let node = handle.declared?;
        if !self.node(node)?.declaration.existing {
            return Some(node);
        }
        let other = self.find_id(&handle.id)?;
        (!self.node(other)?.declaration.existing).then_some(other)
    }

    /// What is known of a resource that exists already.
    fn known(&mut self, id: &Arc<str>) -> Option<Value> {
        if let Some(known) = self.existing.get(id) {
            return known.clone();
        }
        let known = self.loader.existing(id);
        self.existing.insert(id.clone(), known.clone());
        known
    }

    /// What is written at a path of a resource's body.
    fn written(&mut self, handle: &ResourceHandle) -> Option<Value> {
        let mut value = match self.maker(handle) {
            // What is being evaluated has no value yet.
            Some(node) if matches!(self.node(node)?.body, Slot::Busy) => return None,
            Some(node) => self.body(node),
            None => self.known(&handle.id)?,
        };
        for segment in &handle.path {
            let index = match (&value.kind, segment.parse::<i64>()) {
                (Kind::Array(_), Ok(number)) => Value::new(Kind::Int(number), value.span),
                _ => Value::string(segment.clone(), value.span),
            };
            if let Kind::Symbol(symbol) = &value.kind
                && !matches!(**symbol, Symbol::Resource(_))
            {
                return None;
            }
            if let Kind::Unknown(unknown) = &value.kind {
                return Some(Value::new(Kind::Unknown(unknown.clone()), value.span));
            }
            value = match object::step(&value, &index) {
                Ok(Some(value)) => value,
                Ok(None) => return None,
                Err(crate::template::functions::Fault::Unknown(unknown)) => {
                    Value::new(Kind::Unknown(unknown), value.span)
                }
                Err(_) => return None,
            };
        }
        Some(value)
    }

    /// The id under which the elements of a list of a resource stand, with a slash at its end.
    fn id_of(&mut self, handle: &ResourceHandle, list: &str) -> Option<Value> {
        let node = handle.declared?;
        let id = self.header(node, Span::NONE).id.clone();
        Some(text_of(&[&id], &["", &format!("/{list}/")], Span::NONE))
    }

    /// The id of a whole resource; any other value is itself.
    pub(super) fn id_or_self(&mut self, value: Value) -> Value {
        match value.as_symbol() {
            Some(Symbol::Resource(handle)) if handle.path.is_empty() => {
                let handle = handle.clone();
                self.of_top(&handle, "id", value.span).unwrap_or(value)
            }
            _ => value,
        }
    }

    /// A property of a resource that goes into a function: what is written there, or a symbol of it.
    pub(super) fn settle_top(&mut self, value: Value) -> Value {
        let Some(Symbol::Resource(handle)) = value.as_symbol() else { return value };
        if handle.path.is_empty() {
            return value;
        }
        let handle = handle.clone();
        if let ["outputs"] | ["properties", "outputs"] =
            handle.path.iter().map(|segment| &**segment).collect::<Vec<_>>().as_slice()
            && self.is_module(&handle)
        {
            return Value::unknown(Why::Runtime("all outputs".into()), value.span);
        }
        match self.written(&handle) {
            Some(written) => {
                let kind = self.type_of(&handle);
                let children = match handle.path.as_slice() {
                    [_, list] if kind.starts_with("microsoft.network/") => self.id_of(&handle, list),
                    _ => None,
                };
                opened(&written, &handle.id, children.as_ref(), 0).placed(value.span)
            }
            None => Value::symbol(Symbol::Property { resource: handle.id, path: handle.path }, value.span),
        }
    }

    /// A value in which no property of a resource is left open.
    pub(super) fn settled(&mut self, value: &Value) -> Value {
        self.settle(value, 0).unwrap_or_else(|| value.clone())
    }

    /// The settled value, where it differs.
    fn settle(&mut self, value: &Value, depth: usize) -> Option<Value> {
        if depth > json::DEEPEST || !self.step(1, value.span) {
            return Some(Value::unknown(Why::Limit, value.span));
        }
        match &value.kind {
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::Resource(handle) if !handle.path.is_empty() => {
                    let settled = self.settle_top(value.clone());
                    Some(self.settle(&settled, depth + 1).unwrap_or(settled))
                }
                // The numbers of resources are those of the evaluation.
                Symbol::Resource(handle) if handle.declared.is_some() => {
                    let handle = ResourceHandle { declared: None, ..handle.clone() };
                    Some(Value::symbol(Symbol::Resource(handle), value.span))
                }
                _ => None,
            },
            Kind::Array(array) => {
                let mut items: Option<Vec<Value>> = None;
                for (at, item) in array.items.iter().enumerate() {
                    if let Some(settled) = self.settle(item, depth + 1) {
                        let items = items.get_or_insert_with(|| array.items.clone());
                        if let Some(place) = items.get_mut(at) {
                            *place = settled;
                        }
                    }
                }
                let array = Array::new(items?, array.open.clone());
                Some(Value::new(Kind::Array(Arc::new(array)), value.span))
            }
            Kind::Object(object) => {
                let mut entries = None;
                for (at, (_, item)) in object.entries().iter().enumerate() {
                    if let Some(settled) = self.settle(item, depth + 1) {
                        let entries = entries.get_or_insert_with(|| object.entries().to_vec());
                        if let Some((_, place)) = entries.get_mut(at) {
                            *place = settled;
                        }
                    }
                }
                Some(Value::object(Object::new(entries?).open(object.open.clone()), value.span))
            }
            _ => None,
        }
    }
}

/// What is written in a resource as it is read back: Azure adds properties. Elements of some lists get their ids.
fn opened(value: &Value, id: &Arc<str>, children: Option<&Value>, depth: usize) -> Value {
    const DEEPEST: usize = 8;
    if depth > DEEPEST {
        return value.clone();
    }
    match &value.kind {
        Kind::Array(array) => {
            let items = array.items.iter().map(|item| {
                let item = opened(item, id, None, depth + 1);
                match (children, item.as_object(), item.get("name")) {
                    (Some(above), Some(object), Some(name)) if object.get("id").is_none() => {
                        let child = text_of(&[above, name], &["", ""], name.span);
                        let mut entries = object.entries().to_vec();
                        entries.push((Key::new("id", name.span), child));
                        Value::object(Object::new(entries).open(object.open.clone()), item.span)
                    }
                    _ => item,
                }
            });
            Value::new(Kind::Array(Arc::new(Array::new(items.collect(), array.open.clone()))), value.span)
        }
        Kind::Object(object) => {
            let entry = |(key, value): &(Key, Value)| (key.clone(), opened(value, id, None, depth + 1));
            let entries = object.entries().iter().map(entry).collect();
            let open = object.open.clone().unwrap_or_else(|| reason(Why::NotRead(id.clone()), value.span));
            Value::object(Object::new(entries).open(Some(open)), value.span)
        }
        _ => value.clone(),
    }
}
