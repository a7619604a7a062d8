//! From Terraform's resources to those of Resource Manager.

mod api_management;
mod app_service;
mod authorization;
mod azapi;
mod endpoint;
mod gateway;
mod key_vault;
mod network;
mod storage;
mod template;

use std::collections::HashMap;
use std::sync::Arc;

use crate::source::terraform::attribute::known;
use crate::source::terraform::ids::parent_of;
use crate::source::terraform::plan::{Map, Plan};
use crate::source::terraform::resolve::unknown;
use crate::source::terraform::view::Block;
use crate::source::terraform::{Coverage, Planned};
use crate::template::deployment::{Deployment, Evaluated, TargetScope};
use crate::template::place::Span;
use crate::template::resource::{Dependency, Resource, Truth};
use crate::template::text::{canonical, key};
use crate::template::value::{Array, Context, Key, Kind, Object, Symbol, Unknown, Value};

/// A resource of Resource Manager that comes of an instance.
struct Made {
    id: Value,
    kind: &'static str,
    version: &'static str,
    body: Value,
    /// The type and version, where they come from the plan.
    written: Option<(Arc<str>, Arc<str>)>,
    /// Whether it stands for what was there before.
    is_before: bool,
}

impl Made {
    fn new(id: Value, kind: &'static str, version: &'static str, body: Value) -> Self {
        Self { id, kind, version, body, written: None, is_before: false }
    }
}

/// What of an instance comes of it.
enum Lowered {
    /// Resources.
    Made(Vec<Made>),
    /// Nothing of its own: it is a part of another.
    Merged,
    /// The type is not read.
    NotRead,
}

impl From<Option<Made>> for Lowered {
    fn from(made: Option<Made>) -> Self {
        made.map_or(Self::NotRead, |made| Self::Made(vec![made]))
    }
}

impl From<Made> for Lowered {
    fn from(made: Made) -> Self {
        Self::Made(vec![made])
    }
}

/// What is found of other instances first.
struct Lowering<'p, 'o> {
    plan: &'p Plan<'o>,
    /// What is attached to subnets, by the subnet's id.
    subnets: Map<Arc<str>, Vec<(&'static str, Value)>>,
    /// Rules of accounts that stand beside them, by the account's id.
    account_rules: Map<Arc<str>, usize>,
    /// Custom domains, by the instance's id.
    domains: Map<Arc<str>, Vec<usize>>,
    /// Gateways' certificates and the like that stand beside their resource.
    policies: HashMap<Arc<str>, u32>,
}

/// An object of members, without those that are not set.
fn object<const N: usize>(span: Span, members: [(&str, Option<Value>); N]) -> Value {
    let entry = |(name, value): (&str, Option<Value>)| {
        value.map(|value| (Key::new(name, value.span.or(span)), value.placed(span)))
    };
    Value::object(Object::new(members.into_iter().filter_map(entry).collect()), span)
}

/// A list of values, and why there may be more.
fn list(items: Vec<Value>, open: Option<Arc<Unknown>>, span: Span) -> Value {
    Value::new(Kind::Array(Arc::new(Array::new(items, open))), span)
}

fn flag(value: bool) -> Value {
    Value::new(Kind::Bool(value), Span::NONE)
}

/// `Enabled` or `Disabled`.
fn enabled(value: &Value) -> Value {
    match value.as_bool() {
        Some(true) => Value::string("Enabled", value.span),
        Some(false) => Value::string("Disabled", value.span),
        None => value.clone(),
    }
}

fn not(value: &Value) -> Value {
    match value.as_bool() {
        Some(own) => Value::new(Kind::Bool(!own), value.span),
        None => value.clone(),
    }
}

/// Each element of a list as an object with one member.
fn each(value: Option<Value>, name: &str) -> Option<Value> {
    let value = value?;
    let Kind::Array(array) = &value.kind else { return Some(value) };
    let items = array.items.iter().map(|item| object(item.span, [(name, Some(item.clone()))])).collect();
    Some(list(items, array.open.clone(), value.span))
}

/// A reference to a resource: an object with its id.
fn sub_resource(id: Option<Value>) -> Option<Value> {
    id.map(|id| object(id.span, [("id", Some(id))]))
}

/// The identities of a resource.
fn identity(own: &Block<'_, '_>) -> Option<Value> {
    let blocks = own.blocks("identity");
    if let Some(reason) = blocks.open {
        return Some(Value::new(Kind::Unknown(reason), own.span()));
    }
    let block = blocks.items.into_iter().next()?;
    let kind = block.get("type")?;
    let mut members = vec![(Key::new("type", kind.span), kind)];
    if let Some(ids) = block.list("identity_ids")
        && let Kind::Array(array) = &ids.kind
        && (!array.items.is_empty() || array.open.is_some())
    {
        let entry = |id: &Value| {
            let symbol = match &id.kind {
                Kind::Symbol(symbol) => Some(symbol.clone()),
                _ => None,
            };
            (Key { text: canonical(id), span: id.span, symbol }, Value::object(Object::new(Vec::new()), id.span))
        };
        let all = Object::new(array.items.iter().map(entry).collect()).open(array.open.clone());
        members.push((Key::new("userAssignedIdentities", ids.span), Value::object(all, ids.span)));
    }
    Some(Value::object(Object::new(members), block.span()))
}

/// The resources that a plan leaves behind.
pub(super) fn lower(plan: &Plan<'_>) -> Planned {
    let mut lowering = Lowering {
        plan,
        subnets: Map::default(),
        account_rules: Map::default(),
        domains: Map::default(),
        policies: HashMap::new(),
    };
    lowering.look_around();
    let mut evaluated = Evaluated::default();
    let mut coverage = Coverage::default();
    let mut numbers: Vec<Vec<u32>> = vec![Vec::new(); plan.instances.len()];
    let mut templates = Vec::new();
    for (at, instance) in plan.instances.iter().enumerate() {
        let lowered = if instance.data { lowering.data(at) } else { lowering.instance(at) };
        let made = match lowered {
            Lowered::Made(made) => made,
            Lowered::Merged => {
                coverage.merged += 1;
                continue;
            }
            Lowered::NotRead => {
                let is_azure = instance.kind.starts_with("azurerm_") || instance.kind.starts_with("azapi_");
                if is_azure && !instance.data {
                    coverage.not_read.push((instance.address.to_string(), instance.kind.to_string()));
                }
                continue;
            }
        };
        coverage.read += u32::from(!instance.data);
        for one in made {
            let Ok(number) = u32::try_from(evaluated.resources.len()) else { break };
            if let Some(all) = numbers.get_mut(at) {
                all.push(number);
            }
            if one.kind == "Microsoft.Resources/deployments" {
                templates.push((number, at));
            }
            evaluated.resources.push(resource(plan, at, one));
        }
    }
    let dependencies = dependencies(plan, &numbers, &evaluated.resources);
    for (resource, dependencies) in evaluated.resources.iter_mut().zip(dependencies) {
        resource.dependencies = dependencies;
    }
    let scope = Value::symbol(Symbol::Context(Context::Subscription), Span::NONE);
    evaluated.deployments.push(Deployment {
        resource: None,
        target: TargetScope::Subscription,
        scope,
        parameters: Vec::new(),
        outputs: Vec::new(),
    });
    for (number, at) in templates {
        template::add(plan, at, number, &mut evaluated);
    }
    Planned { evaluated, deleted: plan.gone.clone(), coverage }
}

fn resource(plan: &Plan<'_>, at: usize, made: Made) -> Resource {
    let instance = plan.instances.get(at);
    let span = instance.map_or(Span::NONE, |instance| instance.span);
    let (resource_type, version) = made.written.unwrap_or_else(|| (made.kind.into(), made.version.into()));
    let segments = resource_type.split('/').count().saturating_sub(1);
    let mut names = Vec::new();
    let mut up = made.id.clone();
    for _ in 0..segments {
        names.extend(crate::source::terraform::ids::name_in(&up));
        up = parent_of(&up, 2);
    }
    names.reverse();
    let mut parts: Vec<Value> = Vec::new();
    for name in names {
        if !parts.is_empty() {
            parts.push(known("/"));
        }
        parts.push(name);
    }
    let parts: Vec<&Value> = parts.iter().collect();
    let name = crate::source::terraform::attribute::text(&parts, span);
    let parent = (segments > 1).then(|| parent_of(&made.id, 2));
    let scope = match up.is_unknown() {
        true => up,
        // What is left ends with `providers` and the namespace.
        false => parent_of(&up, 2),
    };
    Resource {
        symbol: instance.map(|instance| instance.address.clone()),
        id: made.id,
        resource_type,
        api_version: Value::string(version, Span::NONE),
        name,
        scope,
        parent,
        existing: instance.is_some_and(|instance| instance.data),
        condition: Truth::Yes,
        condition_value: None,
        turn: None,
        dependencies: Vec::new(),
        body: made.body,
        span,
        deployment: 0,
    }
}

/// What each resource waits for.
fn dependencies(plan: &Plan<'_>, numbers: &[Vec<u32>], resources: &[Resource]) -> Vec<Vec<Dependency>> {
    let mut all: Vec<Vec<Dependency>> = vec![Vec::new(); resources.len()];
    let id = |number: u32| resources.get(number as usize).map(|resource| resource.id.clone());
    let waits = plan.waits();
    // What is merged into another or not read has no number: who waits for it waits for what it waits for.
    let through = |at: usize| {
        let mut found: Vec<u32> = Vec::new();
        let mut seen = vec![at];
        let mut stack = waits.get(at).cloned().unwrap_or_default();
        while let Some(other) = stack.pop() {
            if seen.contains(&other) {
                continue;
            }
            seen.push(other);
            match numbers.get(other).map(Vec::as_slice) {
                Some([.., last]) => found.push(*last),
                _ => stack.extend(waits.get(other).into_iter().flatten().copied()),
            }
        }
        found
    };
    for (at, own) in numbers.iter().enumerate() {
        if own.is_empty() {
            continue;
        }
        let found = through(at);
        let mut before: Option<u32> = None;
        for number in own {
            let Some(slot) = all.get_mut(*number as usize) else { continue };
            // The instance of a custom domain comes after the one that it changes.
            let on = found.iter().copied().chain(before).filter(|on| on != number);
            for on in on {
                if slot.iter().all(|own: &Dependency| own.resource != Some(on))
                    && let Some(id) = id(on)
                {
                    slot.push(Dependency { resource: Some(on), on: id, written: false });
                }
            }
            before = Some(*number);
        }
    }
    all
}

impl Lowering<'_, '_> {
    /// Finds what belongs to other resources.
    fn look_around(&mut self) {
        for (at, instance) in self.plan.instances.iter().enumerate() {
            if instance.data {
                continue;
            }
            let own = Block::top(self.plan, at);
            let (attribute, member) = match &*instance.kind {
                "azurerm_subnet_network_security_group_association" => {
                    ("network_security_group_id", "networkSecurityGroup")
                }
                "azurerm_subnet_route_table_association" => ("route_table_id", "routeTable"),
                "azurerm_subnet_nat_gateway_association" => ("nat_gateway_id", "natGateway"),
                "azurerm_storage_account_network_rules" => {
                    if let Some(id) = own.get_id("storage_account_id") {
                        self.account_rules.insert(key(&id), at);
                    }
                    continue;
                }
                "azurerm_api_management_custom_domain" => {
                    if let Some(id) = own.get_id("api_management_id") {
                        self.domains.entry(key(&id)).or_default().push(at);
                    }
                    continue;
                }
                _ => continue,
            };
            if let (Some(subnet), Some(id)) = (own.get_id("subnet_id"), own.get_id(attribute)) {
                self.subnets.entry(key(&subnet)).or_default().push((member, id));
            }
        }
    }

    /// What a data source names.
    fn data(&self, at: usize) -> Lowered {
        let Some(instance) = self.plan.instances.get(at) else { return Lowered::NotRead };
        let kind = match &*instance.kind {
            "azurerm_api_management" => "Microsoft.ApiManagement/service",
            "azurerm_key_vault" => "Microsoft.KeyVault/vaults",
            "azurerm_storage_account" => "Microsoft.Storage/storageAccounts",
            "azurerm_user_assigned_identity" => "Microsoft.ManagedIdentity/userAssignedIdentities",
            "azurerm_virtual_network" => "Microsoft.Network/virtualNetworks",
            "azurerm_subnet" => "Microsoft.Network/virtualNetworks/subnets",
            "azurerm_network_security_group" => "Microsoft.Network/networkSecurityGroups",
            "azurerm_route_table" => "Microsoft.Network/routeTables",
            "azurerm_private_dns_zone" => "Microsoft.Network/privateDnsZones",
            "azurerm_service_plan" => "Microsoft.Web/serverfarms",
            "azurerm_linux_web_app"
            | "azurerm_windows_web_app"
            | "azurerm_linux_function_app"
            | "azurerm_windows_function_app" => "Microsoft.Web/sites",
            _ => return Lowered::NotRead,
        };
        Made::new(self.plan.id_of(at), kind, "", Value::object(Object::new(Vec::new()), instance.span)).into()
    }

    fn instance(&mut self, at: usize) -> Lowered {
        let Some(instance) = self.plan.instances.get(at) else { return Lowered::NotRead };
        let own = Block::top(self.plan, at);
        if instance.kind.starts_with("azapi_") {
            return self.azapi(at, &own, &instance.kind);
        }
        let Some(kind) = instance.kind.strip_prefix("azurerm_") else { return Lowered::NotRead };
        if kind.starts_with("api_management") {
            return self.api_management(at, &own, kind);
        }
        if kind.starts_with("key_vault") {
            return self.key_vault(at, &own, kind);
        }
        if kind.starts_with("storage_") {
            return self.storage(at, &own, kind);
        }
        match kind {
            "user_assigned_identity" => {
                let body =
                    object(own.span(), [("location", own.get("location")), ("properties", Some(empty(own.span())))]);
                Made::new(self.plan.id_of(at), "Microsoft.ManagedIdentity/userAssignedIdentities", "2023-01-31", body)
                    .into()
            }
            "role_assignment" => self.role_assignment(at, &own),
            "role_definition" => self.role_definition(at, &own),
            "application_gateway" => self.application_gateway(at, &own),
            "recovery_services_vault" => self.recovery_vault(at, &own),
            "resource_group_template_deployment" => self.template(at, &own),
            "private_endpoint"
            | "private_dns_zone"
            | "private_dns_zone_virtual_network_link"
            | "private_dns_a_record"
            | "private_dns_cname_record" => self.endpoint(at, &own, kind),
            "virtual_network"
            | "subnet"
            | "network_security_group"
            | "network_security_rule"
            | "route_table"
            | "route"
            | "virtual_network_peering"
            | "virtual_network_gateway" => self.network(at, &own, kind),
            "resource_group"
            | "subnet_network_security_group_association"
            | "subnet_route_table_association"
            | "subnet_nat_gateway_association" => Lowered::Merged,
            _ => self.app_service(at, &own, kind),
        }
    }
}

fn empty(span: Span) -> Value {
    Value::object(Object::new(Vec::new()), span)
}

/// A value of which nothing is known.
fn not_told(own: &Block<'_, '_>, name: &str) -> Value {
    unknown(format!("{}.{name}", own.address()).into(), own.span(), Vec::new())
}
