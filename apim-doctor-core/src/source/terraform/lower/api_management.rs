//! API Management.

use std::sync::Arc;

use crate::source::terraform::lower::form::{
    Lowered, Lowering, Made, each, empty, enabled, identity, list, not_told, object,
};
use crate::source::terraform::resolve::Want;
use crate::source::terraform::values::{known, text, unknown};
use crate::source::terraform::view::Block;
use crate::template::text::{canonical, key};
use crate::template::value::{Key, Kind, Object, Unknown, Value};

const SERVICE: &str = "Microsoft.ApiManagement/service";
const VERSION: &str = "2022-08-01";

/// Blocks of host names, and Resource Manager's types of them.
const HOSTNAMES: &[(&str, &str)] = &[
    ("proxy", "Proxy"),
    ("gateway", "Proxy"),
    ("management", "Management"),
    ("portal", "Portal"),
    ("developer_portal", "DeveloperPortal"),
    ("scm", "Scm"),
];

impl Lowering<'_, '_> {
    pub(super) fn api_management(&mut self, at: usize, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let id = || self.plan.id_of(at);
        let span = own.span();
        let child = |suffix: &'static str, properties: Value| -> Lowered {
            let body = object(span, [("properties", Some(properties))]);
            Made::new(id(), suffix, VERSION, body).into()
        };
        match kind {
            "api_management" => self.service(at, own),
            "api_management_custom_domain" => self.custom_domain(own),
            "api_management_named_value" => child("Microsoft.ApiManagement/service/namedValues", named_value(own)),
            "api_management_certificate" => {
                let vault = own.identifier("key_vault_secret_id").map(|identifier| {
                    let client = own.get("key_vault_identity_client_id");
                    object(span, [("secretIdentifier", Some(identifier)), ("identityClientId", client)])
                });
                child("Microsoft.ApiManagement/service/certificates", object(span, [("keyVault", vault)]))
            }
            "api_management_backend" => child("Microsoft.ApiManagement/service/backends", backend(own)),
            "api_management_api" => {
                let properties =
                    object(span, [("serviceUrl", own.url("service_url")), ("displayName", own.get("display_name"))]);
                child("Microsoft.ApiManagement/service/apis", properties)
            }
            "api_management_api_operation" => {
                let properties =
                    object(span, [("method", own.get("method")), ("urlTemplate", own.get("url_template"))]);
                let id = self.below(at, own, "apis", "api_name");
                let id = text(
                    &[
                        &id,
                        &known("/operations/"),
                        &own.get_as("operation_id", Want::Name).unwrap_or_else(|| not_told(own, "operation_id")),
                    ],
                    span,
                );
                let body = object(span, [("properties", Some(properties))]);
                Made::new(id, "Microsoft.ApiManagement/service/apis/operations", VERSION, body).into()
            }
            "api_management_product" => child("Microsoft.ApiManagement/service/products", empty(span)),
            "api_management_policy" => self.policy(at, own, "Microsoft.ApiManagement/service/policies"),
            "api_management_api_policy" => self.policy(at, own, "Microsoft.ApiManagement/service/apis/policies"),
            "api_management_api_operation_policy" => {
                self.policy(at, own, "Microsoft.ApiManagement/service/apis/operations/policies")
            }
            "api_management_product_policy" => {
                self.policy(at, own, "Microsoft.ApiManagement/service/products/policies")
            }
            "api_management_policy_fragment" => {
                let properties = object(span, [("value", own.text("value")), ("format", own.get("format"))]);
                child("Microsoft.ApiManagement/service/policyFragments", properties)
            }
            "api_management_workspace" => child("Microsoft.ApiManagement/service/workspaces", empty(span)),
            _ => Lowered::NotRead,
        }
    }

    /// The id of the instance that is named beside a resource group, and of what is named in it.
    fn below(&self, at: usize, own: &Block<'_, '_>, collection: &str, attribute: &str) -> Value {
        let service = own.get("api_management_name").unwrap_or_else(|| not_told(own, "api_management_name"));
        let service = self.plan.in_group(at, own, &["api_management"], &service);
        let name = own.get_as(attribute, Want::Name).unwrap_or_else(|| not_told(own, attribute));
        text(&[&service, &known(&format!("/{collection}/")), &name], own.span())
    }

    fn policy(&self, at: usize, own: &Block<'_, '_>, kind: &'static str) -> Lowered {
        let span = own.span();
        let parent = match kind {
            "Microsoft.ApiManagement/service/policies" => own.get_id("api_management_id"),
            "Microsoft.ApiManagement/service/apis/policies" => Some(self.below(at, own, "apis", "api_name")),
            "Microsoft.ApiManagement/service/products/policies" => Some(self.below(at, own, "products", "product_id")),
            _ => {
                let operation = own.get_as("operation_id", Want::Name).unwrap_or_else(|| not_told(own, "operation_id"));
                Some(text(&[&self.below(at, own, "apis", "api_name"), &known("/operations/"), &operation], span))
            }
        };
        let Some(parent) = parent else { return Lowered::NotRead };
        let linked = own.get("xml_link");
        let value =
            own.text("xml_content").or_else(|| linked.as_ref().map(|link| unknown(canonical(link), span, Vec::new())));
        let properties = object(span, [("value", value), ("format", Some(known("rawxml")))]);
        let body = object(span, [("properties", Some(properties))]);
        Made::new(text(&[&parent, &known("/policies/policy")], span), kind, VERSION, body).into()
    }

    fn service(&mut self, at: usize, own: &Block<'_, '_>) -> Lowered {
        let id = self.plan.id_of(at);
        let (hostnames, open) = match self.apart.contains(&(key(&id), "hostnames".into())) {
            true => (Vec::new(), None),
            false => hostnames(own, "hostname_configuration"),
        };
        let make = |all: Vec<Value>, open: Option<Arc<Unknown>>| {
            let body = service(own, all, open);
            Made::new(id.clone(), SERVICE, VERSION, body)
        };
        // An identity that exists already is not new: the host names are added to what exists.
        if self.plan.is_there(at) && !hostnames.is_empty() && own.shown("identity").is_some() {
            let mut before = make(Vec::new(), None);
            before.is_before = true;
            return Lowered::Made(vec![before, make(hostnames, open)]);
        }
        make(hostnames, open).into()
    }

    /// The instance once more, with its host names.
    fn custom_domain(&self, own: &Block<'_, '_>) -> Lowered {
        let Some(id) = own.get_id("api_management_id") else { return Lowered::NotRead };
        let (mut all, mut open) = (Vec::new(), None);
        let wanted = key(&id);
        for at in self.domains.get(&wanted).into_iter().flatten() {
            let (own, why) = hostnames(&Block::top(self.plan, *at), "");
            all.extend(own);
            open = open.or(why);
        }
        let is_service = |at: &usize| {
            self.plan
                .instances
                .get(*at)
                .is_some_and(|instance| !instance.data && &*instance.kind == "azurerm_api_management")
                && key(&self.plan.id_of(*at)) == wanted
        };
        let at = (0..self.plan.instances.len()).find(is_service);
        let body = match at {
            Some(at) => service(&Block::top(self.plan, at), all, open),
            None => {
                let properties = object(own.span(), [("hostnameConfigurations", Some(list(all, open, own.span())))]);
                let identity = unknown(canonical(&id), own.span(), Vec::new());
                object(own.span(), [("identity", Some(identity)), ("properties", Some(properties))])
            }
        };
        Made::new(id, SERVICE, VERSION, body).into()
    }
}

fn service(own: &Block<'_, '_>, hostnames: Vec<Value>, open: Option<Arc<Unknown>>) -> Value {
    let span = own.span();
    let network = |block: &Block<'_, '_>| {
        block
            .block("virtual_network_configuration")
            .map(|inner| object(inner.span(), [("subnetResourceId", inner.get("subnet_id"))]))
    };
    let locations = own.blocks("additional_location");
    let location = |block: &Block<'_, '_>| {
        object(block.span(), [("location", block.get("location")), ("virtualNetworkConfiguration", network(block))])
    };
    let all: Vec<Value> = locations.items.iter().map(location).collect();
    let locations = (!all.is_empty() || locations.open.is_some()).then(|| list(all, locations.open, span));
    let hostnames = (!hostnames.is_empty() || open.is_some()).then(|| list(hostnames, open, span));
    let properties = object(
        span,
        [
            ("publisherEmail", own.get("publisher_email")),
            ("publisherName", own.get("publisher_name")),
            ("virtualNetworkType", own.get("virtual_network_type").or_else(|| Some(known("None")))),
            ("virtualNetworkConfiguration", network(own)),
            ("additionalLocations", locations),
            ("publicNetworkAccess", own.get("public_network_access_enabled").map(|value| enabled(&value))),
            ("hostnameConfigurations", hostnames),
        ],
    );
    object(
        span,
        [
            ("location", own.get("location")),
            ("sku", own.get("sku_name").map(|name| sku(&name))),
            ("identity", identity(own)),
            ("properties", Some(properties)),
        ],
    )
}

/// `Developer_1` is the tier and the number of units.
fn sku(name: &Value) -> Value {
    let Some((tier, units)) = name.as_str().and_then(|text| text.rsplit_once('_')) else { return name.clone() };
    let capacity = units.parse().ok().map(|units| Value::new(Kind::Int(units), name.span));
    object(name.span, [("name", Some(Value::string(tier, name.span))), ("capacity", capacity)])
}

/// The host names in a block, or in the resource itself.
fn hostnames(own: &Block<'_, '_>, around: &str) -> (Vec<Value>, Option<Arc<Unknown>>) {
    let mut all = Vec::new();
    let mut open = None;
    let outer = match around {
        "" => vec![own.clone()],
        around => {
            let blocks = own.blocks(around);
            open = blocks.open;
            blocks.items
        }
    };
    for block in outer {
        for (name, kind) in HOSTNAMES {
            let blocks = block.blocks(name);
            open = open.or(blocks.open);
            for inner in blocks.items {
                let identifier =
                    inner.identifier("key_vault_certificate_id").or_else(|| inner.identifier("key_vault_id"));
                all.push(object(
                    inner.span(),
                    [
                        ("type", Some(known(kind))),
                        ("hostName", inner.get("host_name")),
                        ("keyVaultId", identifier),
                        ("identityClientId", inner.get("ssl_keyvault_identity_client_id")),
                        ("defaultSslBinding", inner.get("default_ssl_binding")),
                        ("negotiateClientCertificate", inner.get("negotiate_client_certificate")),
                    ],
                ));
            }
        }
    }
    (all, open)
}

fn named_value(own: &Block<'_, '_>) -> Value {
    let span = own.span();
    let blocks = own.blocks("value_from_key_vault");
    let vault = match (blocks.items.into_iter().next(), blocks.open) {
        (Some(block), _) => {
            let client = block.get("identity_client_id");
            Some(object(
                block.span(),
                [("secretIdentifier", block.identifier("secret_id")), ("identityClientId", client)],
            ))
        }
        (None, Some(reason)) => Some(Value::new(Kind::Unknown(reason), span)),
        (None, None) => None,
    };
    object(span, [("displayName", own.get("display_name")), ("secret", own.get("secret")), ("keyVault", vault)])
}

fn backend(own: &Block<'_, '_>) -> Value {
    let span = own.span();
    let credentials = own.block("credentials").map(|block| {
        let span = block.span();
        let map = |name: &str| {
            let (entries, open) = block.map(name);
            let given = !entries.is_empty() || open.is_some();
            // Whether one exists is read, never its value.
            let hidden = entries.into_iter().map(|(key, _)| (Key::new(key.text, key.span), known("")));
            given.then(|| Value::object(Object::new(hidden.collect()).open(open), span))
        };
        let authorization = block
            .block("authorization")
            .map(|inner| object(inner.span(), [("scheme", inner.get("scheme").filter(|scheme| !scheme.is_unknown()))]));
        object(
            span,
            [
                ("authorization", authorization),
                ("header", map("header")),
                ("query", map("query")),
                ("certificate", each(None, "")),
            ],
        )
    });
    let proxy = own.block("proxy").map(|block| object(block.span(), [("url", block.get("url"))]));
    object(
        span,
        [("url", own.url("url")), ("protocol", own.get("protocol")), ("credentials", credentials), ("proxy", proxy)],
    )
}
