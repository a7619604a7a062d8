//! All resources of a plan, and what each waits for.

use std::collections::{HashMap, HashSet};

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, empty, object};
use crate::source::terraform::lower::template;
use crate::source::terraform::options::{Coverage, Planned};
use crate::source::terraform::plan::{Map, Plan};
use crate::source::terraform::values::{is_id, known, name_in, parent_of, text, why};
use crate::source::terraform::view::Block;
use crate::template::deployment::{Deployment, Evaluated, TargetScope};
use crate::template::place::Span;
use crate::template::resource::{Dependency, Resource, Truth, Turn};
use crate::template::text::key;
use crate::template::value::{Context, Object, Symbol, Value};

/// The resources that a plan leaves behind.
pub(in crate::source::terraform) fn lower(plan: &Plan<'_>) -> Planned {
    let mut lowering = Lowering {
        plan,
        subnets: Map::default(),
        account_rules: Map::default(),
        domains: Map::default(),
        apart: HashSet::new(),
        app_subnets: Map::default(),
        name_servers: Map::default(),
        policies: HashMap::new(),
    };
    lowering.look_around();
    let mut evaluated = Evaluated::default();
    let mut coverage = Coverage::default();
    let mut numbers: Vec<Vec<u32>> = vec![Vec::new(); plan.instances.len()];
    let mut before: Vec<u32> = Vec::new();
    let mut templates = Vec::new();
    // A custom domain changes its instance, wherever that stands: it is the later form of it.
    let is_domain = |at: &usize| {
        plan.instances.get(*at).is_some_and(|instance| &*instance.kind == "azurerm_api_management_custom_domain")
    };
    let mut order: Vec<usize> = (0..plan.instances.len()).collect();
    order.sort_by_key(is_domain);
    for at in order {
        let Some(instance) = plan.instances.get(at) else { continue };
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
            if one.is_before && instance.is_kept {
                before.push(number);
            }
            if one.kind == "Microsoft.Resources/deployments" {
                templates.push((number, at));
            }
            evaluated.resources.push(resource(plan, at, one));
        }
    }
    let dependencies = dependencies(plan, &numbers, &before, &evaluated.resources);
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
    let gone = plan.gone.iter().filter_map(|gone| {
        let id = gone.before.get("id").filter(|id| is_id(id))?;
        Some(Value { span: gone.span, ..id.clone() })
    });
    Planned { evaluated, deleted: gone.collect(), cloud: plan.written_cloud(), coverage }
}

fn resource(plan: &Plan<'_>, at: usize, made: Made) -> Resource {
    let instance = plan.instances.get(at);
    let span = instance.map_or(Span::NONE, |instance| instance.span);
    let (resource_type, version) = made.written.unwrap_or_else(|| (made.kind.into(), made.version.into()));
    let segments = resource_type.split('/').count().saturating_sub(1);
    let mut names = Vec::new();
    let mut up = made.id.clone();
    for _ in 0..segments {
        names.extend(name_in(&up));
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
    let name = text(&parts, span);
    let parent = (segments > 1).then(|| parent_of(&made.id, 2));
    let scope = match up.is_unknown() {
        true => up,
        // What is left ends with `providers` and the namespace.
        false => parent_of(&up, 2),
    };
    // How many there will be is not known either.
    let deferred = instance.filter(|instance| instance.is_deferred).map(|instance| why(instance.address.clone(), span));
    Resource {
        symbol: instance.map(|instance| instance.address.clone()),
        id: made.id,
        resource_type,
        api_version: Value::string(version, Span::NONE),
        name,
        scope,
        parent,
        existing: instance.is_some_and(|instance| instance.data),
        condition: deferred.clone().map_or(Truth::Yes, Truth::Unknown),
        condition_value: None,
        turn: deferred.map(Turn::Any),
        dependencies: Vec::new(),
        body: made.body,
        span,
        deployment: 0,
    }
}

/// What each resource waits for.
fn dependencies(plan: &Plan<'_>, numbers: &[Vec<u32>], before: &[u32], resources: &[Resource]) -> Vec<Vec<Dependency>> {
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
                // Of what does not change, the form without host names is there first.
                Some([first, ..]) if before.contains(first) => found.push(*first),
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
        let mut found = through(at);
        let mut previous: Option<u32> = None;
        for number in own {
            let Some(slot) = all.get_mut(*number as usize) else { continue };
            // The instance of a custom domain comes after the one that it changes.
            let on = found.iter().copied().chain(previous).filter(|on| on != number);
            for on in on {
                if slot.iter().all(|own: &Dependency| own.resource != Some(on))
                    && let Some(id) = id(on)
                {
                    slot.push(Dependency { resource: Some(on), on: id, written: false });
                }
            }
            if before.contains(number) {
                let is_kept = |at: &usize| plan.instances.get(*at).is_some_and(|instance| instance.is_kept);
                let kept = numbers.iter().enumerate().filter(|(at, _)| is_kept(at));
                let others = kept.filter(|(other, _)| *other != at).flat_map(|(_, all)| {
                    let count = if all.first().is_some_and(|first| before.contains(first)) { 1 } else { all.len() };
                    all.iter().copied().take(count)
                });
                found = others.collect();
            }
            previous = Some(*number);
        }
    }
    all
}

impl Lowering<'_, '_> {
    /// Finds what belongs to other resources.
    fn look_around(&mut self) {
        self.look_at_parts();
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
                "azurerm_app_service_virtual_network_swift_connection" => {
                    if let (Some(app), Some(subnet)) = (own.get_id("app_service_id"), own.get_id("subnet_id")) {
                        self.app_subnets.insert(key(&app), subnet);
                    }
                    continue;
                }
                "azurerm_app_service_slot_virtual_network_swift_connection" => {
                    let app = own.get_id("app_service_id").zip(own.get("slot_name"));
                    if let (Some((app, slot)), Some(subnet)) = (app, own.get_id("subnet_id")) {
                        let id = text(&[&app, &known("/slots/"), &slot], own.span());
                        self.app_subnets.insert(key(&id), subnet);
                    }
                    continue;
                }
                "azurerm_virtual_network_dns_servers" => {
                    if let (Some(network), Some(servers)) = (own.get_id("virtual_network_id"), own.list("dns_servers"))
                    {
                        self.name_servers.insert(key(&network), servers);
                    }
                    continue;
                }
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

    /// Parts of resources that the plan holds beside them, or deletes: what their resource shows of them is old.
    fn look_at_parts(&mut self) {
        for (at, instance) in self.plan.instances.iter().enumerate() {
            if instance.data {
                continue;
            }
            match &*instance.kind {
                "azurerm_key_vault_access_policy" => {
                    let own = Block::top(self.plan, at);
                    if let (Some(vault), Some(principal)) = (own.get_id("key_vault_id"), own.get("object_id")) {
                        self.apart.insert((key(&vault), key(&principal)));
                    }
                }
                "azurerm_network_security_rule" | "azurerm_route" | "azurerm_subnet" => {
                    let id = self.plan.id_of(at);
                    self.apart.insert((key(&parent_of(&id, 2)), key(&self.plan.name_of(at))));
                }
                _ => {}
            }
        }
        for gone in &self.plan.gone {
            let of = |name: &str| gone.before.get(name).map(|value| key(&self.plan.mapped(value)));
            match &*gone.kind {
                "azurerm_key_vault_access_policy" => self.apart.extend(of("key_vault_id").zip(of("object_id"))),
                "azurerm_network_security_rule" | "azurerm_route" | "azurerm_subnet" => {
                    let parent = gone.before.get("id").filter(|id| is_id(id)).map(|id| key(&parent_of(id, 2)));
                    self.apart.extend(parent.zip(of("name")));
                }
                "azurerm_api_management_custom_domain" => {
                    let service = gone.before.get("api_management_id").map(key);
                    self.apart.extend(service.map(|service| (service, "hostnames".into())));
                }
                "azurerm_storage_account_network_rules" => {
                    let account = gone.before.get("storage_account_id").map(key);
                    self.apart.extend(account.map(|account| (account, "rules".into())));
                }
                _ => {}
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
            "logic_app_action_http" | "logic_app_action_custom" => self.workflow_action(&own, kind),
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
            | "subnet_nat_gateway_association"
            | "app_service_virtual_network_swift_connection"
            | "app_service_slot_virtual_network_swift_connection"
            | "virtual_network_dns_servers" => Lowered::Merged,
            _ => self.app_service(at, &own, kind),
        }
    }
}
