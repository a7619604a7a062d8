//! A plan as it is written: resources with what is known and unknown of them, and the configuration they come from.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::source::terraform::address::{Index, ModulePath, module_path};
use crate::source::terraform::options::Options;
use crate::source::terraform::values::{NOTHING, is_true, items, member};
use crate::template::evaluation::Cloud;
use crate::template::place::Span;
use crate::template::text::key;
use crate::template::value::{Context, Key, Kind, Object, Symbol, Value, Why};

pub(super) type Map<K, V> = HashMap<K, V, FixedState>;

/// Instances by type and name.
pub(super) type ByName = Map<(Arc<str>, Arc<str>), Vec<usize>>;

/// A resource or a data source of a plan.
#[derive(Debug)]
pub(super) struct Instance {
    pub address: Arc<str>,
    pub module: ModulePath,
    pub data: bool,
    pub kind: Arc<str>,
    pub name: Arc<str>,
    pub key: Option<Index>,
    /// What is known of it; sensitive values are taken out.
    pub values: Value,
    /// `true` at what is known after apply, in the shape of the values; null where the file does not tell.
    pub mask: Value,
    /// What it was before, without what is sensitive; null where it is new.
    pub before: Value,
    /// Whether nothing of it changes.
    pub is_kept: bool,
    /// Whether a later run decides on it, because something is known only then.
    pub is_deferred: bool,
    pub span: Span,
}

/// A resource that is deleted.
#[derive(Debug)]
pub(super) struct Gone {
    pub kind: Arc<str>,
    /// What it was.
    pub before: Value,
    pub span: Span,
}

/// A module of the configuration.
#[derive(Debug)]
pub(super) struct Module {
    /// By address in the module, without key.
    pub resources: Map<Arc<str>, Value>,
    pub calls: Map<Arc<str>, Call>,
    pub outputs: Value,
    pub variables: Value,
}

/// A call of a module.
#[derive(Debug)]
pub(super) struct Call {
    pub written: Value,
    pub module: Module,
}

/// A plan.
pub(super) struct Plan<'o> {
    pub options: &'o Options<'o>,
    pub instances: Vec<Instance>,
    /// What is deleted.
    pub gone: Vec<Gone>,
    pub root: Module,
    pub providers: Value,
    pub variables: Value,
    pub cloud: Cloud,
    /// The instances of a resource of the configuration: module, address in it.
    pub declared: Map<(ModulePath, Arc<str>), Vec<usize>>,
    /// What known GUIDs stand for: principals, client ids, the tenant.
    pub known: Map<Arc<str>, Arc<Symbol>>,
    pub ids: RefCell<Vec<Option<Value>>>,
    pub names: RefCell<Option<ByName>>,
    pub depth: Cell<u32>,
    pub fuel: Cell<u32>,
}

impl<'o> Plan<'o> {
    /// What a document says.
    pub(super) fn new(document: &Value, options: &'o Options<'o>) -> Self {
        let configuration = member(document, "configuration");
        let mut plan = Self {
            options,
            instances: Vec::new(),
            gone: Vec::new(),
            root: module(&member(&configuration, "root_module")),
            providers: member(&configuration, "provider_config"),
            variables: member(document, "variables"),
            cloud: Cloud::Public,
            declared: Map::default(),
            known: Map::default(),
            ids: RefCell::default(),
            names: RefCell::default(),
            depth: Cell::new(0),
            fuel: Cell::new(2_000_000),
        };
        plan.cloud = options.cloud.or_else(|| plan.written_cloud()).unwrap_or_default();
        let mut seen: Map<Arc<str>, usize> = Map::default();
        for change in items(&member(document, "resource_changes")) {
            plan.change(change, &mut seen);
        }
        for deferred in items(&member(document, "deferred_changes")) {
            let at = plan.instances.len();
            plan.change(&member(deferred, "resource_change"), &mut seen);
            plan.instances.iter_mut().skip(at).for_each(|instance| instance.is_deferred = true);
        }
        plan.module_values(&member(&member(document, "planned_values"), "root_module"), &mut seen, false);
        plan.module_values(&member(&member(document, "values"), "root_module"), &mut seen, false);
        if is_raw_state(document) {
            plan.raw_state(document, &mut seen);
        }
        if is_raw_state(document) || document.get("values").is_some() {
            // What a state holds is there, and nothing of it changes.
            for instance in &mut plan.instances {
                (instance.is_kept, instance.before) = (true, instance.values.clone());
            }
        }
        let prior = member(&member(document, "prior_state"), "values");
        plan.module_values(&member(&prior, "root_module"), &mut seen, true);
        plan.index();
        plan
    }

    /// The cloud that the provider is set to.
    pub(super) fn written_cloud(&self) -> Option<Cloud> {
        let providers = self.providers.as_object()?.entries().iter();
        let mut all = providers.filter(|(name, _)| name.text.rsplit(':').next() == Some("azurerm"));
        all.find_map(|(_, provider)| {
            let environment = provider.get("expressions")?.get("environment")?.get("constant_value")?;
            match environment.as_str()? {
                "usgovernment" => Some(Cloud::UsGovernment),
                "china" => Some(Cloud::China),
                _ => None,
            }
        })
    }

    fn change(&mut self, change: &Value, seen: &mut Map<Arc<str>, usize>) {
        let inner = member(change, "change");
        let actions = member(&inner, "actions");
        let is =
            |action: &str| items(&actions).len() == 1 && items(&actions).iter().any(|own| own.as_str() == Some(action));
        // An object that was deposed goes away when its successor is there.
        let is_deposed = change.get("deposed").and_then(Value::as_str).is_some();
        let address = change.get("address").and_then(Value::as_str).unwrap_or_default();
        if is_deposed || address.is_empty() {
            return;
        }
        if is("delete") {
            seen.insert(address.into(), usize::MAX);
            if change.get("mode").and_then(Value::as_str) == Some("managed") {
                let kind = change.get("type").and_then(Value::as_str).unwrap_or_default().into();
                let before = scrub(&member(&inner, "before"), &member(&inner, "before_sensitive"), 0);
                self.gone.push(Gone { kind, before, span: change.span });
            }
            return;
        }
        let (side, sensitive) =
            if is("forget") { ("before", "before_sensitive") } else { ("after", "after_sensitive") };
        let values = scrub(&member(&inner, side), &member(&inner, sensitive), 0);
        let at = self.instances.len();
        self.add(change, values, member(&inner, "after_unknown"), seen);
        if let Some(instance) = self.instances.get_mut(at) {
            instance.is_kept = is("no-op") || is("forget");
            let is_replaced = items(&actions).len() > 1;
            if !is_replaced {
                instance.before = scrub(&member(&inner, "before"), &member(&inner, "before_sensitive"), 0);
            }
        }
    }

    fn module_values(&mut self, module: &Value, seen: &mut Map<Arc<str>, usize>, only_data: bool) {
        for resource in items(&member(module, "resources")) {
            let is_data = resource.get("mode").and_then(Value::as_str) == Some("data");
            let address = resource.get("address").and_then(Value::as_str).unwrap_or_default();
            if seen.contains_key(address) || only_data && !is_data {
                continue;
            }
            let values = scrub(&member(resource, "values"), &member(resource, "sensitive_values"), 0);
            let at = self.instances.len();
            self.add(resource, values, NOTHING, seen);
            let path = module_path(module.get("address").and_then(Value::as_str).unwrap_or_default());
            if let Some(instance) = self.instances.get_mut(at) {
                instance.module = path;
            }
        }
        for child in items(&member(module, "child_modules")) {
            self.module_values(child, seen, only_data);
        }
    }

    /// The resources of a state as it is stored.
    fn raw_state(&mut self, document: &Value, seen: &mut Map<Arc<str>, usize>) {
        for resource in items(&member(document, "resources")) {
            let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (module, kind, name) = (text("module"), text("type"), text("name"));
            for instance in items(&member(resource, "instances")) {
                if instance.get("deposed").is_some_and(|deposed| !deposed.is_null()) {
                    continue;
                }
                let key = member(instance, "index_key");
                let shown = match &key.kind {
                    Kind::Int(number) => format!("[{number}]"),
                    Kind::String(text) => format!("[{text:?}]"),
                    _ => String::new(),
                };
                let mode = text("mode");
                let around = if module.is_empty() { String::new() } else { format!("{module}.") };
                let data = if mode == "data" { "data." } else { "" };
                let string = |text: String| Value::string(text, instance.span);
                let entries = vec![
                    (Key::new("address", instance.span), string(format!("{around}{data}{kind}.{name}{shown}"))),
                    (Key::new("module_address", instance.span), string(module.clone())),
                    (Key::new("mode", instance.span), string(mode)),
                    (Key::new("type", instance.span), string(kind.clone())),
                    (Key::new("name", instance.span), string(name.clone())),
                    (Key::new("index", instance.span), key),
                ];
                let mut values = member(instance, "attributes");
                for path in items(&member(instance, "sensitive_attributes")) {
                    values = without(&values, items(path));
                }
                let written = Value::object(Object::new(entries), instance.span);
                self.add(&written, values, NOTHING, seen);
            }
        }
    }

    fn add(&mut self, written: &Value, values: Value, mask: Value, seen: &mut Map<Arc<str>, usize>) {
        let text = |name: &str| -> Arc<str> { written.get(name).and_then(Value::as_str).unwrap_or_default().into() };
        let (address, kind) = (text("address"), text("type"));
        if address.is_empty() || kind.is_empty() {
            return;
        }
        let key = match written.get("index").map(|index| &index.kind) {
            Some(Kind::Int(number)) => Some(Index::Number(*number)),
            Some(Kind::String(text)) => Some(Index::Text(text.clone())),
            _ => None,
        };
        seen.insert(address.clone(), self.instances.len());
        self.instances.push(Instance {
            module: module_path(&text("module_address")),
            data: &*text("mode") == "data",
            name: text("name"),
            span: written.span,
            address,
            kind,
            key,
            values,
            mask,
            before: NOTHING,
            is_kept: false,
            is_deferred: false,
        });
    }

    fn index(&mut self) {
        for (at, instance) in self.instances.iter().enumerate() {
            let address = declared_address(instance);
            self.declared.entry((instance.module.clone(), address)).or_default().push(at);
        }
        *self.ids.borrow_mut() = vec![None; self.instances.len()];
        self.known_tenant();
        for at in 0..self.instances.len() {
            self.known_identities(at);
        }
    }

    /// The tenant's id, where the plan shows it: it is the tenant of every identity that is made.
    fn known_tenant(&mut self) {
        let of = |kind: &str, name: &str| {
            let mut all = self.instances.iter().filter(|instance| &*instance.kind == kind);
            all.find_map(|instance| Some(instance.values.get(name)?.as_str()?.to_owned()))
        };
        let of_provider = || {
            let providers = self.providers.as_object()?;
            let mut all = providers.entries().iter().filter_map(|(_, provider)| {
                Some(provider.get("expressions")?.get("tenant_id")?.get("constant_value")?.as_str()?.to_owned())
            });
            all.next()
        };
        let of_identity = || {
            let mut all = self.instances.iter().flat_map(|instance| items_of(&instance.values, "identity"));
            all.find_map(|identity| Some(identity.get("tenant_id")?.as_str()?.to_owned()))
        };
        let tenant = of("azurerm_client_config", "tenant_id")
            .or_else(of_provider)
            .or_else(|| of("azurerm_user_assigned_identity", "tenant_id"))
            .or_else(of_identity)
            .or_else(|| of("azurerm_key_vault", "tenant_id"));
        if let Some(tenant) = tenant {
            self.know(&tenant, Symbol::Context(Context::Tenant));
        }
    }

    /// Principals and client ids that the plan shows.
    fn known_identities(&mut self, at: usize) {
        let Some(instance) = self.instances.get(at) else { return };
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        if &*instance.kind == "azurerm_user_assigned_identity" {
            let (principal, client) = (text(&instance.values, "principal_id"), text(&instance.values, "client_id"));
            let id = key(&self.id_of(at));
            principal.inspect(|guid| self.know(guid, Symbol::Principal(id.clone())));
            client.inspect(|guid| self.know(guid, Symbol::Client(id.clone())));
            return;
        }
        let principals: Vec<String> = items_of(&instance.values, "identity")
            .iter()
            .filter_map(|identity| text(identity, "principal_id"))
            .collect();
        for principal in principals.iter().filter(|guid| !guid.is_empty()) {
            let id = key(&self.id_of(at));
            self.know(principal, Symbol::Principal(id));
        }
    }

    fn know(&mut self, guid: &str, symbol: Symbol) {
        if guid.len() == 36 {
            self.known.entry(guid.to_ascii_lowercase().into()).or_insert_with(|| Arc::new(symbol));
        }
    }

    /// A value in which known GUIDs are what they stand for.
    pub(super) fn mapped(&self, value: &Value) -> Value {
        match &value.kind {
            Kind::String(text) if text.len() == 36 => match self.known.get(&*text.to_ascii_lowercase()) {
                Some(symbol) => Value::new(Kind::Symbol(symbol.clone()), value.span),
                None => value.clone(),
            },
            Kind::Array(array) => {
                let items = array.items.iter().map(|item| self.mapped(item)).collect();
                Value::array(items, value.span)
            }
            Kind::Object(object) => {
                let entry = |(name, inner): &(Key, Value)| (name.clone(), self.mapped(inner));
                Value::object(Object::new(object.entries().iter().map(entry).collect()), value.span)
            }
            _ => value.clone(),
        }
    }

    /// Whether an instance is there already.
    pub(super) fn is_there(&self, at: usize) -> bool {
        self.instances.get(at).is_some_and(|instance| instance.before.as_object().is_some())
    }

    /// What the configuration says of an instance.
    pub(super) fn declaration(&self, at: usize) -> Option<&Value> {
        let instance = self.instances.get(at)?;
        self.module(&instance.module)?.resources.get(&declared_address(instance))
    }

    /// A module of the configuration.
    pub(super) fn module(&self, path: &ModulePath) -> Option<&Module> {
        path.iter().try_fold(&self.root, |module, (name, _)| Some(&module.calls.get(name)?.module))
    }
}

fn items_of<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).map(items).unwrap_or_default()
}

/// The address in its module, without key.
fn declared_address(instance: &Instance) -> Arc<str> {
    let prefix = if instance.data { "data." } else { "" };
    format!("{prefix}{}.{}", instance.kind, instance.name).into()
}

fn module(written: &Value) -> Module {
    let mut found = Module {
        outputs: member(written, "outputs"),
        variables: member(written, "variables"),
        resources: Map::default(),
        calls: Map::default(),
    };
    for resource in items(&member(written, "resources")) {
        if let Some(address) = resource.get("address").and_then(Value::as_str) {
            found.resources.insert(address.into(), resource.clone());
        }
    }
    if let Some(calls) = written.get("module_calls").and_then(Value::as_object) {
        for (name, call) in calls.entries() {
            let call = Call { module: module(&member(call, "module")), written: call.clone() };
            found.calls.insert(name.text.clone(), call);
        }
    }
    found
}

/// Whether a document is a state as it is stored.
pub(super) fn is_raw_state(document: &Value) -> bool {
    let version = document.get("version").and_then(Value::as_int);
    version == Some(4) && document.get("terraform_version").is_some() && document.get("lineage").is_some()
}

/// A value without what a path leads to.
fn without(value: &Value, path: &[Value]) -> Value {
    let Some((step, rest)) = path.split_first() else {
        return Value::unknown(Why::Secret("sensitive".into()), value.span);
    };
    let step = member(step, "value");
    match &value.kind {
        Kind::Object(object) => {
            let entry = |(key, inner): &(Key, Value)| {
                let is_it = step.as_str() == Some(&*key.text);
                (key.clone(), if is_it { without(inner, rest) } else { inner.clone() })
            };
            Value::object(Object::new(object.entries().iter().map(entry).collect()), value.span)
        }
        Kind::Array(array) => {
            let wanted = member(&step, "value").as_int().or_else(|| step.as_int());
            let item = |(number, inner): (usize, &Value)| match wanted {
                // An element of a set has no number: all are taken for it.
                Some(wanted) if i64::try_from(number) != Ok(wanted) => inner.clone(),
                _ => without(inner, rest),
            };
            Value::array(array.items.iter().enumerate().map(item).collect(), value.span)
        }
        _ => value.clone(),
    }
}

/// A value without what is sensitive.
fn scrub(value: &Value, mask: &Value, depth: usize) -> Value {
    if is_true(mask) && !value.is_null() {
        return Value::unknown(Why::Secret("sensitive".into()), value.span);
    }
    match (&value.kind, &mask.kind) {
        _ if depth > 200 => value.clone(),
        (Kind::Object(object), Kind::Object(masks)) if !masks.is_empty() => {
            let entry = |(name, inner): &(Key, Value)| {
                // A mask's names are in the same case.
                let mask = masks.entry(&name.text).map(|(_, mask)| mask.clone()).unwrap_or(NOTHING);
                let mut inner = scrub(inner, &mask, depth + 1);
                if is_true(&mask)
                    && let Kind::Unknown(_) = inner.kind
                {
                    inner = Value::unknown(Why::Secret(name.text.clone()), inner.span);
                }
                (name.clone(), inner)
            };
            Value::object(Object::new(object.entries().iter().map(entry).collect()), value.span)
        }
        (Kind::Array(array), Kind::Array(masks)) if !masks.items.is_empty() => {
            let masks = masks.items.iter().chain(std::iter::repeat(&NOTHING));
            let items = array.items.iter().zip(masks).map(|(item, mask)| scrub(item, mask, depth + 1)).collect();
            Value::array(items, value.span)
        }
        _ => value.clone(),
    }
}
