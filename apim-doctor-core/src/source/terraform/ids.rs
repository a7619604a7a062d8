//! Ids of a plan's resources. Of one that does not exist yet the id is made of its subscription, group, type and name.

use std::sync::Arc;

use crate::source::terraform::address::Step;
use crate::source::terraform::attribute::{known, last_segment, text};
use crate::source::terraform::plan::{Map, Plan, member};
use crate::source::terraform::resolve::{Ctx, Want, property};
use crate::source::terraform::view::Block;
use crate::template::place::Span;
use crate::template::text::{key, parts, starts_with};
use crate::template::value::{Context, Kind, Part, Symbol, Value, Why};

/// Types that stand in a resource group.
const IN_GROUP: &[(&str, &str)] = &[
    ("api_management", "Microsoft.ApiManagement/service"),
    ("app_service_certificate", "Microsoft.Web/certificates"),
    ("app_service_plan", "Microsoft.Web/serverfarms"),
    ("application_gateway", "Microsoft.Network/applicationGateways"),
    ("application_security_group", "Microsoft.Network/applicationSecurityGroups"),
    ("automation_account", "Microsoft.Automation/automationAccounts"),
    ("function_app", "Microsoft.Web/sites"),
    ("app_service", "Microsoft.Web/sites"),
    ("function_app_flex_consumption", "Microsoft.Web/sites"),
    ("key_vault", "Microsoft.KeyVault/vaults"),
    ("linux_function_app", "Microsoft.Web/sites"),
    ("linux_web_app", "Microsoft.Web/sites"),
    ("logic_app_standard", "Microsoft.Web/sites"),
    ("logic_app_workflow", "Microsoft.Logic/workflows"),
    ("nat_gateway", "Microsoft.Network/natGateways"),
    ("network_interface", "Microsoft.Network/networkInterfaces"),
    ("network_security_group", "Microsoft.Network/networkSecurityGroups"),
    ("network_security_perimeter", "Microsoft.Network/networkSecurityPerimeters"),
    ("private_dns_resolver", "Microsoft.Network/dnsResolvers"),
    ("private_dns_resolver_dns_forwarding_ruleset", "Microsoft.Network/dnsForwardingRulesets"),
    ("private_dns_zone", "Microsoft.Network/privateDnsZones"),
    ("private_endpoint", "Microsoft.Network/privateEndpoints"),
    ("public_ip", "Microsoft.Network/publicIPAddresses"),
    ("recovery_services_vault", "Microsoft.RecoveryServices/vaults"),
    ("resource_group_template_deployment", "Microsoft.Resources/deployments"),
    ("route_table", "Microsoft.Network/routeTables"),
    ("service_plan", "Microsoft.Web/serverfarms"),
    ("storage_account", "Microsoft.Storage/storageAccounts"),
    ("subnet_service_endpoint_storage_policy", "Microsoft.Network/serviceEndpointPolicies"),
    ("user_assigned_identity", "Microsoft.ManagedIdentity/userAssignedIdentities"),
    ("virtual_network", "Microsoft.Network/virtualNetworks"),
    ("virtual_network_gateway", "Microsoft.Network/virtualNetworkGateways"),
    ("windows_function_app", "Microsoft.Web/sites"),
    ("windows_web_app", "Microsoft.Web/sites"),
];

/// Types that stand in another: their own type, the attribute with the parent's name, the parent's types (any of them),
/// and what comes between the parent's id and the name.
const BY_NAME: &[(&str, &str, &[&str], &str)] = &[
    ("api_management_api", "api_management_name", &["api_management"], "apis"),
    ("api_management_backend", "api_management_name", &["api_management"], "backends"),
    ("api_management_certificate", "api_management_name", &["api_management"], "certificates"),
    ("api_management_named_value", "api_management_name", &["api_management"], "namedValues"),
    ("api_management_product", "api_management_name", &["api_management"], "products"),
    ("network_security_rule", "network_security_group_name", &["network_security_group"], "securityRules"),
    ("private_dns_a_record", "zone_name", &["private_dns_zone"], "A"),
    ("private_dns_cname_record", "zone_name", &["private_dns_zone"], "CNAME"),
    ("private_dns_zone_virtual_network_link", "private_dns_zone_name", &["private_dns_zone"], "virtualNetworkLinks"),
    ("route", "route_table_name", &["route_table"], "routes"),
    ("storage_container", "storage_account_name", &["storage_account"], "blobServices/default/containers"),
    ("storage_share", "storage_account_name", &["storage_account"], "fileServices/default/shares"),
    ("subnet", "virtual_network_name", &["virtual_network"], "subnets"),
    ("virtual_network_peering", "virtual_network_name", &["virtual_network"], "virtualNetworkPeerings"),
];

/// Types that stand in another: their own type, the attributes with the parent's id, and what comes after it.
const BY_ID: &[(&str, &[&str], &str)] = &[
    ("api_management_policy_fragment", &["api_management_id"], "policyFragments"),
    ("api_management_workspace", &["api_management_id"], "workspaces"),
    ("function_app_slot", &["function_app_id"], "slots"),
    ("key_vault_certificate", &["key_vault_id"], "secrets"),
    ("key_vault_key", &["key_vault_id"], "keys"),
    ("key_vault_secret", &["key_vault_id"], "secrets"),
    ("linux_function_app_slot", &["function_app_id"], "slots"),
    ("linux_web_app_slot", &["app_service_id"], "slots"),
    ("network_security_perimeter_profile", &["network_security_perimeter_id", "perimeter_id"], "profiles"),
    (
        "network_security_perimeter_association",
        &["network_security_perimeter_profile_id"],
        "../../resourceAssociations",
    ),
    ("private_dns_a_record", &["private_dns_zone_id"], "A"),
    ("private_dns_cname_record", &["private_dns_zone_id"], "CNAME"),
    ("private_dns_resolver_forwarding_rule", &["dns_forwarding_ruleset_id"], "forwardingRules"),
    ("private_dns_resolver_inbound_endpoint", &["private_dns_resolver_id"], "inboundEndpoints"),
    ("private_dns_resolver_virtual_network_link", &["dns_forwarding_ruleset_id"], "virtualNetworkLinks"),
    ("private_dns_zone_virtual_network_link", &["private_dns_zone_id"], "virtualNetworkLinks"),
    ("storage_container", &["storage_account_id"], "blobServices/default/containers"),
    ("storage_share", &["storage_account_id"], "fileServices/default/shares"),
    ("windows_function_app_slot", &["function_app_id"], "slots"),
    ("windows_web_app_slot", &["app_service_id"], "slots"),
];

/// Whether the id of a type is one of Resource Manager.
pub(super) fn is_in_azure(kind: &str) -> bool {
    if kind.starts_with("azapi_") {
        return true;
    }
    let Some(kind) = kind.strip_prefix("azurerm_") else { return false };
    // An object of a vault has a URL for an id.
    if kind.starts_with("key_vault_") {
        return false;
    }
    matches!(kind, "resource_group" | "role_definition" | "role_assignment" | "subscription")
        || IN_GROUP.iter().any(|(own, _)| *own == kind)
        || BY_NAME.iter().any(|(own, ..)| *own == kind)
        || BY_ID.iter().any(|(own, ..)| *own == kind)
}

impl Plan<'_> {
    /// The name of an instance: a text, or a symbol that equals itself.
    pub(super) fn name_of(&self, at: usize) -> Value {
        let Some(instance) = self.instances.get(at) else { return Value::unknown(Why::Invalid, Span::NONE) };
        match instance.values.get("name") {
            Some(name) if name.as_str().is_some_and(|name| !name.is_empty()) => name.clone(),
            _ => property(&instance.address.to_ascii_lowercase(), &[Step::Name("name".into())], instance.span),
        }
    }

    /// The id of an instance in Resource Manager.
    pub(super) fn id_of(&self, at: usize) -> Value {
        if let Some(Some(id)) = self.ids.borrow().get(at) {
            return id.clone();
        }
        let id = self.deeper(|| self.made_id(at)).unwrap_or_else(|| Value::unknown(Why::Limit, Span::NONE));
        if let Some(slot) = self.ids.borrow_mut().get_mut(at) {
            *slot = Some(id.clone());
        }
        id
    }

    fn made_id(&self, at: usize) -> Value {
        let Some(instance) = self.instances.get(at) else { return Value::unknown(Why::Invalid, Span::NONE) };
        let span = instance.span;
        if let Some(id) =
            instance.values.get("resource_manager_id").or_else(|| instance.values.get("resource_versionless_id"))
            && id.as_str().is_some_and(|id| id.starts_with('/'))
            && &*instance.kind != "azurerm_key_vault_certificate"
        {
            return id.clone();
        }
        if let Some(id) = instance.values.get("id").filter(|id| is_id(id) && is_in_azure(&instance.kind)) {
            return id.clone();
        }
        let own = Block::top(self, at);
        let name = self.name_of(at);
        if instance.kind.starts_with("azapi_") {
            return self.azapi_id(at, &own, &name);
        }
        let kind = instance.kind.strip_prefix("azurerm_").unwrap_or(&instance.kind);
        if kind == "resource_group" {
            return text(&[&known("/subscriptions/"), &self.subscription(at), &known("/resourceGroups/"), &name], span);
        }
        if let Some((_, azure)) = IN_GROUP.iter().find(|(own, _)| *own == kind) {
            let group = self.group_of(at, &own);
            return text(&[&group, &known(&format!("/providers/{azure}/")), &name], span);
        }
        if let Some((_, attributes, between)) = BY_ID.iter().find(|(own, ..)| *own == kind)
            && let Some(parent) = attributes.iter().find_map(|attribute| own.get_id(attribute))
        {
            let (parent, between) = match between.strip_prefix("../../") {
                Some(rest) => (parent_of(&parent, 2), rest),
                None => (parent, *between),
            };
            return text(&[&parent, &known(&format!("/{between}/")), &name], span);
        }
        if let Some((_, attribute, kinds, between)) = BY_NAME.iter().find(|(own, ..)| *own == kind)
            && let Some(parent) = own.get(attribute)
        {
            let parent = self.in_group(at, &own, kinds, &parent);
            return text(&[&parent, &known(&format!("/{between}/")), &name], span);
        }
        match kind {
            "role_assignment" => {
                let scope = own.get("scope").unwrap_or_else(|| Value::unknown(Why::Invalid, span));
                text(&[&scope, &known("/providers/Microsoft.Authorization/roleAssignments/"), &name], span)
            }
            "role_definition" => {
                let name = own.get("role_definition_id").filter(|id| !id.is_unknown()).unwrap_or_else(|| {
                    let path = [Step::Name("role_definition_id".into())];
                    property(&instance.address.to_ascii_lowercase(), &path, span)
                });
                let subscription = self.subscription(at);
                let middle = known("/providers/Microsoft.Authorization/roleDefinitions/");
                text(&[&known("/subscriptions/"), &subscription, &middle, &name], span)
            }
            _ => property(&instance.address.to_ascii_lowercase(), &[Step::Name("id".into())], span),
        }
    }

    fn azapi_id(&self, at: usize, own: &Block<'_, '_>, name: &Value) -> Value {
        let Some(instance) = self.instances.get(at) else { return Value::unknown(Why::Invalid, Span::NONE) };
        let span = instance.span;
        if let Some(id) = own.get("resource_id") {
            return id;
        }
        let kind = instance.values.get("type").and_then(Value::as_str).unwrap_or_default();
        let kind = kind.split('@').next().unwrap_or_default();
        let parent = own.get("parent_id").unwrap_or_else(|| self.group_of(at, own));
        if kind.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
            return text(&[&parent, &known("/resourceGroups/"), name], span);
        }
        let segments: Vec<&str> = kind.split('/').collect();
        // A child's parent is the resource around it; all others stand below `providers`.
        match segments.as_slice() {
            [_, .., last] if segments.len() > 2 => text(&[&parent, &known(&format!("/{last}/")), name], span),
            _ => text(&[&parent, &known(&format!("/providers/{kind}/")), name], span),
        }
    }

    /// The id of the resource group in which an instance stands.
    pub(super) fn group_of(&self, at: usize, own: &Block<'_, '_>) -> Value {
        let span = self.instances.get(at).map_or(Span::NONE, |instance| instance.span);
        let Some(group) = own.get("resource_group_name") else {
            let group = Value::symbol(Symbol::Context(Context::ResourceGroup), span);
            return text(
                &[&known("/subscriptions/"), &self.subscription(at), &known("/resourceGroups/"), &group],
                span,
            );
        };
        for number in self.by_name("azurerm_resource_group", &group) {
            return Value { span, ..self.id_of(number) };
        }
        text(&[&known("/subscriptions/"), &self.subscription(at), &known("/resourceGroups/"), &group], span)
    }

    /// The id of a resource that is named beside its resource group.
    pub(super) fn in_group(&self, at: usize, own: &Block<'_, '_>, kinds: &[&str], name: &Value) -> Value {
        let span = name.span;
        let group = self.group_of(at, own);
        let group_key = key(&group);
        let mut only = Vec::new();
        for kind in kinds {
            for number in self.by_name(&format!("azurerm_{kind}"), name) {
                let id = self.id_of(number);
                if key(&id).starts_with(&*group_key) {
                    return Value { span, ..id };
                }
                only.push(id);
            }
        }
        // Without a group, the only one of the name is meant.
        if own.get("resource_group_name").is_none()
            && only.len() == 1
            && let Some(id) = only.pop()
        {
            return id;
        }
        let azure =
            kinds.iter().find_map(|kind| IN_GROUP.iter().find(|(own, _)| own == kind)).map_or("", |(_, azure)| azure);
        text(&[&group, &known(&format!("/providers/{azure}/")), name], span)
    }

    /// The instances of a type that have a name.
    pub(super) fn by_name(&self, kind: &str, name: &Value) -> Vec<usize> {
        let wanted = (Arc::from(kind), key(name));
        if self.names.borrow().is_none() {
            let mut names: Map<(Arc<str>, Arc<str>), Vec<usize>> = Map::default();
            for (at, instance) in self.instances.iter().enumerate() {
                names.entry((instance.kind.clone(), key(&self.name_of(at)))).or_default().push(at);
            }
            *self.names.borrow_mut() = Some(names);
        }
        self.names.borrow().as_ref().and_then(|names| names.get(&wanted)).cloned().unwrap_or_default()
    }

    /// The subscription that an instance goes to.
    pub(super) fn subscription(&self, at: usize) -> Value {
        let given = self.options.subscription.map(known);
        let provider =
            self.declaration(at).and_then(|declared| declared.get("provider_config_key")?.as_str().map(str::to_owned));
        let provider = provider.unwrap_or_else(|| "azurerm".to_owned());
        let is_alias = provider.rsplit(':').next().is_some_and(|name| name.contains('.'));
        let written = || {
            let provider = self.providers.entry_of(&provider)?;
            let expression = member(&member(&provider, "expressions"), "subscription_id");
            let ctx = Ctx { module: Vec::new(), key: None, for_each: None };
            self.scalar(&expression, &ctx, Want::Any).filter(|value| value.as_str().is_some_and(|id| id.len() == 36))
        };
        let of_client = || {
            let mut all = self.instances.iter().filter(|instance| &*instance.kind == "azurerm_client_config");
            all.find_map(|instance| instance.values.get("subscription_id").filter(|id| id.as_str().is_some()).cloned())
        };
        let found = match is_alias {
            true => written().or(given).or_else(of_client),
            false => given.or_else(written).or_else(of_client),
        };
        found
            .or_else(|| self.only_subscription())
            .unwrap_or_else(|| Value::symbol(Symbol::Context(Context::Subscription), Span::NONE))
    }

    /// The subscription of all resources that exist, where it is one.
    fn only_subscription(&self) -> Option<Value> {
        let mut found: Option<&str> = None;
        for instance in self.instances.iter().filter(|instance| !instance.data) {
            let id = instance.values.get("id").and_then(Value::as_str);
            let Some(own) = id.and_then(|id| id.strip_prefix("/subscriptions/")?.split('/').next()) else { continue };
            match found {
                Some(other) if !other.eq_ignore_ascii_case(own) => return None,
                _ => found = Some(own),
            }
        }
        found.map(known)
    }
}

trait EntryOf {
    fn entry_of(&self, name: &str) -> Option<Value>;
}

impl EntryOf for Value {
    fn entry_of(&self, name: &str) -> Option<Value> {
        // A module's provider is that of the root unless it is given another.
        self.get(name).or_else(|| self.get(name.rsplit(':').next()?)).cloned()
    }
}

/// Whether a value is an id of Resource Manager.
pub(super) fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let lower = text.get(..16).unwrap_or(text).to_ascii_lowercase();
        (lower.starts_with("/subscriptions/") || lower.starts_with("/providers/")) && !text.contains('|')
    })
}

/// The id without its last pairs of segments.
pub(super) fn parent_of(id: &Value, segments: usize) -> Value {
    let mut id = id.clone();
    for _ in 0..segments {
        let Some(all) = parts(&id) else { return id };
        let mut all: Vec<Part> = all;
        while let Some(part) = all.pop() {
            if let Part::Known(text) = &part
                && let Some((before, _)) = text.rsplit_once('/')
            {
                all.push(Part::Known(before.into()));
                break;
            }
        }
        let mut builder = crate::template::text::Builder::default();
        all.iter().for_each(|part| builder.part(part));
        id = builder.finish(id.span);
    }
    id
}

/// The name in an id, and whether the id may be one.
pub(super) fn name_in(id: &Value) -> Option<Value> {
    match id.kind {
        Kind::String(_) => last_segment(id),
        Kind::Symbol(_) if starts_with(id, "/", false) == Some(true) => last_segment(id),
        _ => None,
    }
}
