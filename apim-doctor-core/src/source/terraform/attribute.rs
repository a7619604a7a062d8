//! Attributes of a plan's resources: known, following from names, or symbols.

use crate::source::terraform::address::{Index, Step};
use crate::source::terraform::plan::Plan;
use crate::source::terraform::resolve::Want;
use crate::source::terraform::types::is_in_azure;
use crate::source::terraform::values::{connection_string, known, last_segment, property, step_into, text, unknown};
use crate::source::terraform::view::Block;
use crate::template::place::Span;
use crate::template::text::key;
use crate::template::value::{Context, Symbol, Value, Why};

fn named(name: &str) -> Step {
    Step::Name(name.into())
}

impl Plan<'_> {
    /// An attribute of an instance as an expression sees it.
    pub(super) fn attribute(&self, at: usize, path: &[Step], want: Want, span: Span) -> Value {
        let found = self.deeper(|| self.attribute_of(at, path, want, span));
        found.unwrap_or_else(|| Value::unknown(Why::Limit, span))
    }

    fn attribute_of(&self, at: usize, path: &[Step], want: Want, span: Span) -> Value {
        let Some(instance) = self.instances.get(at) else { return Value::unknown(Why::Invalid, span) };
        let path = match path {
            [] => self.lost(at, want),
            [first] if first.name() == Some("identity") && want == Want::Principal => self.lost(at, want),
            path => Some(path.to_vec()),
        };
        let Some(path) = path else { return unknown(instance.address.clone(), span, Vec::new()) };
        let names: Vec<&str> = path.iter().filter_map(Step::name).collect();
        if names.as_slice() == ["id"] && is_in_azure(&instance.kind) {
            return Value { span, ..self.id_of(at) };
        }
        if names.as_slice() == ["name"] {
            return Value { span, ..self.name_of(at) };
        }
        let shown = path.iter().try_fold(instance.values.clone(), |value, step| step_into(&value, step));
        if let Some(value) = shown.filter(|value| !value.is_null()) {
            return Value { span, ..self.mapped(&value) };
        }
        if let Some(value) = self.derived(at, &names, want, span) {
            return value;
        }
        if instance.data {
            return unknown(instance.address.clone(), span, Vec::new());
        }
        // What the configuration gives it.
        if let [Step::Name(first), rest @ ..] = path.as_slice()
            && let Some(value) = Block::top(self, at).get(first)
        {
            let value = rest.iter().try_fold(value, |value, step| step_into(&value, step));
            if let Some(value) = value {
                return value;
            }
        }
        property(&instance.address.to_ascii_lowercase(), &path, span)
    }

    /// The attribute that is meant where the reference names the resource alone.
    fn lost(&self, at: usize, want: Want) -> Option<Vec<Step>> {
        let instance = self.instances.get(at)?;
        let is_identity = &*instance.kind == "azurerm_user_assigned_identity";
        let path: &[&str] = match want {
            Want::Principal if is_identity => &["principal_id"],
            Want::Principal if instance.kind.starts_with("azuread_") => &["object_id"],
            Want::Principal => {
                let first = [named("identity"), Step::Index(Index::Number(0)), named("principal_id")];
                return Some(first.to_vec());
            }
            Want::Client if is_identity => &["client_id"],
            Want::Id => &["id"],
            Want::Name => &["name"],
            Want::Secret => match &*instance.kind {
                "azurerm_key_vault_certificate" => &["versionless_secret_id"],
                _ => &["versionless_id"],
            },
            Want::Client | Want::Tenant | Want::Any => return None,
        };
        Some(path.iter().map(|name| named(name)).collect())
    }

    /// What follows from an instance's name, and what symbols stand for.
    fn derived(&self, at: usize, names: &[&str], want: Want, span: Span) -> Option<Value> {
        let instance = self.instances.get(at)?;
        let id = || key(&self.id_of(at));
        let symbol = |symbol: Symbol| Some(Value::symbol(symbol, span));
        if let ["identity", "principal_id"] = names {
            return symbol(Symbol::Principal(id()));
        }
        if let ["identity", "tenant_id"] = names {
            return symbol(Symbol::Context(Context::Tenant));
        }
        if instance.kind.starts_with("azapi_") {
            return match (names, want) {
                ([.., "principalId"], _) | (["output"], Want::Principal) => symbol(Symbol::Principal(id())),
                ([.., "clientId"], _) | (["output"], Want::Client) => symbol(Symbol::Client(id())),
                _ => None,
            };
        }
        let url = |parts: &[&Value]| Some(text(parts, span));
        let name = || self.name_of(at);
        let kind = instance.kind.strip_prefix("azurerm_")?;
        match (kind, names) {
            ("user_assigned_identity", ["principal_id"]) => symbol(Symbol::Principal(id())),
            ("user_assigned_identity", ["client_id"]) => symbol(Symbol::Client(id())),
            ("user_assigned_identity", ["tenant_id"]) => symbol(Symbol::Context(Context::Tenant)),
            ("client_config", ["tenant_id"]) => symbol(Symbol::Context(Context::Tenant)),
            ("client_config", ["object_id"]) => symbol(Symbol::Context(Context::Deployer)),
            ("client_config", ["client_id"]) => symbol(Symbol::Context(Context::DeployerClient)),
            ("client_config" | "subscription", ["subscription_id"]) => Some(Value { span, ..self.subscription(at) }),
            ("key_vault", ["vault_uri"]) => {
                url(&[&known("https://"), &name(), &known(self.cloud.vault_suffix()), &known("/")])
            }
            ("key_vault_secret" | "key_vault_key" | "key_vault_certificate", [attribute]) => {
                self.object_attribute(at, kind, attribute, span)
            }
            ("storage_account", [attribute]) => self.account_attribute(at, attribute, span),
            ("role_definition", ["role_definition_resource_id"]) => Some(Value { span, ..self.id_of(at) }),
            ("api_management", ["gateway_url"]) => url(&[&known("https://"), &name(), &known(".azure-api.net")]),
            ("private_endpoint", ["private_service_connection", "private_ip_address"]) => {
                Some(property(&id(), &[named("private_ip_address")], span))
            }
            ("network_interface", _) => None,
            (_, ["default_hostname"]) => url(&[&name(), &known(".azurewebsites.net")]),
            _ => None,
        }
    }

    /// Identifiers of an object in a vault.
    fn object_attribute(&self, at: usize, kind: &str, attribute: &str, span: Span) -> Option<Value> {
        let (own, name) = (Block::top(self, at), self.name_of(at));
        let vault = own.get("key_vault_id").unwrap_or_else(|| Value::unknown(Why::Invalid, span));
        let collection = match (kind, attribute) {
            ("key_vault_secret", _) | (_, "secret_id" | "versionless_secret_id") => "secrets",
            ("key_vault_key", _) => "keys",
            _ => "certificates",
        };
        let with_version = matches!(attribute, "id" | "secret_id");
        match attribute {
            "id" | "versionless_id" | "secret_id" | "versionless_secret_id" => {
                let vault = last_segment(&vault)?;
                let path = known(&format!("{}/{collection}/", self.cloud.vault_suffix()));
                let address = self.instances.get(at)?.address.to_ascii_lowercase();
                let version = property(&address, &[named("version")], span);
                let (slash, nothing) = (known("/"), known(""));
                let (slash, version) = if with_version { (&slash, &version) } else { (&nothing, &nothing) };
                Some(text(&[&known("https://"), &vault, &path, &name, slash, version], span))
            }
            "resource_id" | "resource_versionless_id" => {
                Some(text(&[&vault, &known(&format!("/{collection}/")), &name], span))
            }
            _ => None,
        }
    }

    fn account_attribute(&self, at: usize, attribute: &str, span: Span) -> Option<Value> {
        let name = self.name_of(at);
        let key_of = |which: &str| {
            let resource = key(&self.id_of(at));
            let path = vec!["keys".into(), which.into(), "value".into()];
            Value::symbol(Symbol::Listed { function: "listKeys".into(), resource, path }, span)
        };
        let which = if attribute.starts_with("secondary") { "1" } else { "0" };
        if let Some(service) = attribute.strip_prefix("primary_") {
            if let Some(service) = service.strip_suffix("_endpoint") {
                let end = known(&format!(".{service}.{}/", self.cloud.storage_suffix()));
                return Some(text(&[&known("https://"), &name, &end], span));
            }
            if let Some(service) = service.strip_suffix("_host") {
                return Some(text(&[&name, &known(&format!(".{service}.{}", self.cloud.storage_suffix()))], span));
            }
        }
        match attribute {
            "primary_access_key" | "secondary_access_key" => Some(key_of(which)),
            "primary_connection_string"
            | "secondary_connection_string"
            | "primary_blob_connection_string"
            | "secondary_blob_connection_string" => Some(connection_string(&name, &key_of(which), self.cloud, span)),
            _ => None,
        }
    }
}
