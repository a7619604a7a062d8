//! Apps, function apps, plans and certificates of App Service.

use std::sync::Arc;

use crate::source::terraform::address::Step;
use crate::source::terraform::lower::form::{Lowered, Lowering, Made, flag, identity, list, object};
use crate::source::terraform::resolve::{Leaf, Want};
use crate::source::terraform::values::{connection_string, known, last_segment, property, text};
use crate::source::terraform::view::Block;
use crate::template::place::Span;
use crate::template::text::key;
use crate::template::value::{Key, Unknown, Value};

const VERSION: &str = "2023-12-01";

/// What kind of app a type makes.
struct AppKind {
    kind: &'static str,
    is_function: bool,
    is_slot: bool,
}

fn app_kind(kind: &str) -> Option<AppKind> {
    let (kind, is_function, is_slot) = match kind {
        "linux_web_app" => ("app,linux", false, false),
        "windows_web_app" | "app_service" => ("app", false, false),
        "linux_web_app_slot" => ("app,linux", false, true),
        "windows_web_app_slot" => ("app", false, true),
        "linux_function_app" => ("functionapp,linux", true, false),
        "windows_function_app" | "function_app" => ("functionapp", true, false),
        "linux_function_app_slot" => ("functionapp,linux", true, true),
        "windows_function_app_slot" | "function_app_slot" => ("functionapp", true, true),
        "function_app_flex_consumption" => ("functionapp,linux", true, false),
        "logic_app_standard" => ("functionapp,workflowapp", true, false),
        _ => return None,
    };
    Some(AppKind { kind, is_function, is_slot })
}

impl Lowering<'_, '_> {
    pub(super) fn app_service(&self, at: usize, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let span = own.span();
        let id = self.plan.id_of(at);
        match kind {
            "service_plan" | "app_service_plan" => {
                let sku = own.get("sku_name").map(|name| object(span, [("name", Some(name))]));
                let properties = object(span, [("reserved", own.get("reserved"))]);
                let body =
                    object(span, [("location", own.get("location")), ("sku", sku), ("properties", Some(properties))]);
                Made::new(id, "Microsoft.Web/serverfarms", VERSION, body).into()
            }
            "app_service_certificate" => {
                let properties = certificate(own);
                let body = object(span, [("location", own.get("location")), ("properties", Some(properties))]);
                Made::new(id, "Microsoft.Web/certificates", VERSION, body).into()
            }
            _ => match app_kind(kind) {
                Some(app) => {
                    let azure = if app.is_slot { "Microsoft.Web/sites/slots" } else { "Microsoft.Web/sites" };
                    Made::new(id, azure, VERSION, self.site(at, own, &app, kind == "function_app_flex_consumption"))
                        .into()
                }
                None => Lowered::NotRead,
            },
        }
    }

    fn site(&self, at: usize, own: &Block<'_, '_>, app: &AppKind, is_flex: bool) -> Value {
        let span = own.span();
        let config = own.block("site_config");
        let route_all = config.as_ref().and_then(|config| config.get("vnet_route_all_enabled"));
        let (settings, open) = self.settings(own, app, is_flex);
        let strings = own.blocks("connection_string");
        let string = |block: &Block<'_, '_>| {
            let value = block.reference("value").or_else(|| block.text("value"));
            object(
                block.span(),
                [("name", block.get("name")), ("connectionString", value), ("type", block.get("type"))],
            )
        };
        let strings = list(strings.items.iter().map(string).collect(), strings.open, span);
        let site_config = object(
            span,
            [
                ("appSettings", Some(list(settings, open, span))),
                ("connectionStrings", Some(strings)),
                ("vnetRouteAllEnabled", route_all.clone()),
            ],
        );
        let apart = self.app_subnets.get(&key(&self.plan.id_of(at))).cloned();
        let subnet = apart.or_else(|| own.get_id("virtual_network_subnet_id"));
        let plan = own.get_id("service_plan_id").or_else(|| own.get_id("app_service_plan_id"));
        let properties = object(
            span,
            [
                ("serverFarmId", plan),
                ("reserved", app.kind.contains("linux").then(|| flag(true))),
                ("enabled", own.get("enabled")),
                ("virtualNetworkSubnetId", subnet),
                ("vnetRouteAllEnabled", route_all),
                ("keyVaultReferenceIdentity", own.get_id("key_vault_reference_identity_id")),
                ("functionAppConfig", is_flex.then(|| flex(own))),
                ("siteConfig", Some(site_config)),
            ],
        );
        object(
            span,
            [
                ("kind", Some(known(app.kind))),
                ("location", own.get("location")),
                ("identity", identity(own)),
                ("properties", Some(properties)),
            ],
        )
    }

    /// The settings that are written, and those that the provider adds.
    fn settings(&self, own: &Block<'_, '_>, app: &AppKind, is_flex: bool) -> (Vec<Value>, Option<Arc<Unknown>>) {
        let span = own.span();
        let (entries, open) = own.map("app_settings");
        let mut all: Vec<(Key, Value)> = own.references_in(entries);
        let mut add = |name: &str, value: Option<Value>| {
            let Some(value) = value else { return };
            if all.iter().all(|(key, _)| !key.text.eq_ignore_ascii_case(name)) {
                all.push((Key::new(name, value.span.or(span)), value));
            }
        };
        let container = own.container("storage_container_endpoint");
        if is_flex && let Some((account, _)) = &container {
            // The provider writes it whatever the way to sign in is; without a key it is empty.
            let is_key = own
                .get("storage_authentication_type")
                .is_none_or(|kind| kind.as_str() == Some("StorageAccountConnectionString"));
            let path = [Step::Name("storage_access_key".into())];
            let hidden = match is_key || own.has("storage_access_key") {
                true => property(&own.address().to_ascii_lowercase(), &path, span),
                false => known(""),
            };
            let whole = connection_string(account, &hidden, self.plan.cloud, span);
            if is_key {
                add("DEPLOYMENT_STORAGE_CONNECTION_STRING", Some(whole.clone()));
            }
            add("AzureWebJobsStorage", Some(whole));
        }
        if app.is_function && !is_flex {
            add("FUNCTIONS_EXTENSION_VERSION", own.get("functions_extension_version").or_else(|| own.get("version")));
            let account = own.get("storage_account_name");
            if own.has("storage_key_vault_secret_id")
                && let Some(identifier) = own.identifier("storage_key_vault_secret_id")
            {
                let reference =
                    text(&[&known("@Microsoft.KeyVault(SecretUri="), &identifier, &known(")")], identifier.span);
                add("AzureWebJobsStorage", Some(reference));
            } else if own.flag("storage_uses_managed_identity") == Some(true) {
                add("AzureWebJobsStorage__accountName", account);
            } else if let Some(account) = account {
                // The key is not needed, and never read.
                let hidden = property(
                    &own.address().to_ascii_lowercase(),
                    &[Step::Name("storage_account_access_key".into())],
                    span,
                );
                add("AzureWebJobsStorage", Some(connection_string(&account, &hidden, self.plan.cloud, account.span)));
            }
        }
        let item = |(key, value): (Key, Value)| {
            object(key.span, [("name", Some(Value::string(key.text, key.span))), ("value", Some(value))])
        };
        (all.into_iter().map(item).collect(), open)
    }
}

impl Block<'_, '_> {
    /// Settings in which those that are known after apply are references to a vault, where the expressions name nothing
    /// else that is unknown.
    fn references_in(&self, mut entries: Vec<(Key, Value)>) -> Vec<(Key, Value)> {
        let missing = entries.iter().filter(|(_, value)| value.as_unknown().is_some()).count();
        if missing == 0 {
            return entries;
        }
        let mut vaults: Vec<Value> = Vec::new();
        let mut others = Vec::new();
        for leaf in self.leaves("app_settings") {
            let (all, path) = match leaf {
                Leaf::Attribute(at, path) => (vec![at], path),
                Leaf::OneOf(all, path) => (all, path),
                Leaf::Key(_) | Leaf::Constant(_) => continue,
                Leaf::Opaque(_) | Leaf::Missing(..) => return entries,
            };
            let last = path.iter().rev().find_map(Step::name).unwrap_or_default();
            for at in all {
                let Some(instance) = self.plan.instances.get(at) else { return entries };
                let is_shown = instance.values.get(last).is_some_and(|value| !value.is_null());
                match self.vault_in(at, last) {
                    _ if is_shown => {}
                    Some(vault) if vaults.iter().all(|own| key(own) != key(&vault)) => vaults.push(vault),
                    None if !others.contains(&(at, path.clone())) => others.push((at, path.clone())),
                    Some(_) | None => {}
                }
            }
        }
        // Other attributes belong to settings with names that Azure documents for them.
        let mut taken = vec![false; others.len()];
        for (name, value) in entries.iter_mut().filter(|(_, value)| value.as_unknown().is_some()) {
            let fits: Vec<usize> = (0..others.len()).filter(|at| self.is_for(&name.text, others.get(*at))).collect();
            fits.iter().filter_map(|at| taken.get_mut(*at).map(|taken| *taken = true)).for_each(drop);
            if let [only] = fits.as_slice()
                && let Some((at, path)) = others.get(*only)
            {
                *value = self.plan.attribute(*at, path, Want::Any, value.span);
            } else if !fits.is_empty() {
                return entries;
            }
        }
        if taken.contains(&false) {
            return entries;
        }
        // What is left is unknown because of a vault; of several vaults, it is not known which.
        let address = self.address().to_ascii_lowercase();
        for (name, value) in entries.iter_mut().filter(|(_, value)| value.as_unknown().is_some()) {
            let path = [Step::Name("app_settings".into()), Step::Name(name.text.clone())];
            let vault = match vaults.as_slice() {
                [] => continue,
                [one] => one.clone(),
                _ => property(&address, &[&path[..], &[Step::Name("vault".into())]].concat(), value.span),
            };
            *value = self.reference_to(&vault, &path, value.span);
        }
        entries
    }

    /// A reference to a secret of a vault that an expression names and a plan does not show.
    fn reference_to(&self, vault: &Value, path: &[Step], span: Span) -> Value {
        let object = property(&self.address().to_ascii_lowercase(), path, span);
        let start = known("@Microsoft.KeyVault(SecretUri=https://");
        let suffix = known(self.plan.cloud.vault_suffix());
        text(&[&start, vault, &suffix, &known("/secrets/"), &object, &known(")")], span)
    }

    /// An attribute of which the expression names one vault, or a secret in it, and nothing else: a reference.
    fn reference(&self, name: &str) -> Option<Value> {
        let leaves = if self.shown(name).is_none() { self.leaves(name) } else { Vec::new() };
        let [Leaf::Attribute(at, path)] = leaves.as_slice() else { return None };
        let vault = self.vault_in(*at, path.iter().rev().find_map(Step::name)?)?;
        Some(self.reference_to(&vault, &[Step::Name(name.into())], self.span()))
    }

    /// Whether a setting has a name that Azure documents for an attribute.
    fn is_for(&self, setting: &str, attribute: Option<&(usize, Vec<Step>)>) -> bool {
        let Some((at, path)) = attribute else { return false };
        let last = path.iter().rev().find_map(Step::name).unwrap_or_default();
        let Some(instance) = self.plan.instances.get(*at) else { return false };
        let setting = setting.to_ascii_lowercase();
        match (&*instance.kind, last) {
            ("azurerm_application_insights", "connection_string") => setting == "applicationinsights_connection_string",
            ("azurerm_application_insights", "instrumentation_key") => setting == "appinsights_instrumentationkey",
            ("azurerm_user_assigned_identity", "client_id") => {
                setting == "azure_client_id" || setting.ends_with("__clientid")
            }
            _ => false,
        }
    }

    /// The vault that an attribute leads to: its address, or the identifier of a secret in it.
    fn vault_in(&self, at: usize, attribute: &str) -> Option<Value> {
        let is_identifier = matches!(attribute, "id" | "versionless_id" | "secret_id" | "versionless_secret_id");
        match &*self.plan.instances.get(at)?.kind {
            "azurerm_key_vault_secret" | "azurerm_key_vault_certificate" if is_identifier => self.vault_of(at),
            "azurerm_key_vault" if attribute == "vault_uri" => self.vault_of(at),
            _ => None,
        }
    }
}

/// Where a Flex Consumption app has its package.
fn flex(own: &Block<'_, '_>) -> Value {
    let span = own.span();
    let kind = own.get("storage_authentication_type").map(|kind| match kind.as_str() {
        Some("StorageAccountConnectionString" | "SystemAssignedIdentity" | "UserAssignedIdentity") | None => {
            kind.clone()
        }
        Some(_) => kind.clone(),
    });
    let user = own.get_id("storage_user_assigned_identity_id");
    let is_key = kind.as_ref().and_then(Value::as_str) == Some("StorageAccountConnectionString");
    let authentication = object(
        span,
        [
            ("type", kind),
            ("userAssignedIdentityResourceId", user),
            ("storageAccountConnectionStringName", is_key.then(|| known("DEPLOYMENT_STORAGE_CONNECTION_STRING"))),
        ],
    );
    let storage = object(
        span,
        [
            ("type", Some(known("blobContainer"))),
            ("value", own.container("storage_container_endpoint").map(|(_, url)| url)),
            ("authentication", Some(authentication)),
        ],
    );
    object(span, [("deployment", Some(object(span, [("storage", Some(storage))])))])
}

impl Block<'_, '_> {
    /// The account of a container's URL, and the URL. Of a text that is known after apply the references name the account;
    /// the container is known where one is named.
    fn container(&self, name: &str) -> Option<(Value, Value)> {
        let span = self.span();
        if let Some(url) = self.shown(name) {
            let account = url.as_str()?.strip_prefix("https://")?.split('.').next()?;
            return Some((known(account), url.clone()));
        }
        let (mut accounts, mut containers): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        let add = |own: &mut Vec<Value>, value: Value| {
            if own.iter().all(|other| key(other) != key(&value)) {
                own.push(value);
            }
        };
        for leaf in self.leaves(name) {
            let Leaf::Attribute(at, _) = leaf else { continue };
            match self.plan.instances.get(at).map(|instance| &*instance.kind) {
                Some("azurerm_storage_account") => add(&mut accounts, self.plan.name_of(at)),
                Some("azurerm_storage_container") => {
                    let own = Block::top(self.plan, at);
                    let account = own.get("storage_account_name");
                    let account = account.or_else(|| last_segment(&own.get_id("storage_account_id")?));
                    account.into_iter().for_each(|account| add(&mut accounts, account));
                    add(&mut containers, self.plan.name_of(at));
                }
                _ => {}
            }
        }
        let [account] = accounts.as_slice() else { return None };
        let container = match containers.as_slice() {
            [one] => one.clone(),
            _ => property(&self.address().to_ascii_lowercase(), &[Step::Name(name.into())], span),
        };
        let host = known(&format!(".blob.{}/", self.plan.cloud.storage_suffix()));
        Some((account.clone(), text(&[&known("https://"), account, &host, &container], span)))
    }
}

/// A certificate that App Service takes from a vault.
fn certificate(own: &Block<'_, '_>) -> Value {
    let span = own.span();
    let vault = own.get_id("key_vault_id");
    let identifier = own.identifier("key_vault_secret_id");
    let name = identifier.as_ref().and_then(secret_name);
    let vault = vault.or_else(|| own.vault_id("key_vault_secret_id"));
    object(
        span,
        [("keyVaultId", vault), ("keyVaultSecretName", name), ("serverFarmId", own.get_id("app_service_plan_id"))],
    )
}

/// The name in an identifier.
fn secret_name(identifier: &Value) -> Option<Value> {
    let all = crate::template::text::split(identifier, &["/secrets/", "/certificates/"]);
    match all {
        Some(pieces) => {
            let last = pieces.into_iter().nth(1)?;
            match crate::template::text::split(&last, &["/"]) {
                Some(pieces) => pieces.into_iter().next(),
                None => Some(last),
            }
        }
        None => last_segment(identifier),
    }
}

impl Block<'_, '_> {
    /// The id of the vault that an identifier lies in.
    fn vault_id(&self, name: &str) -> Option<Value> {
        for leaf in self.leaves(name) {
            if let Leaf::Attribute(at, _) = leaf {
                let instance = self.plan.instances.get(at)?;
                match &*instance.kind {
                    "azurerm_key_vault" => return Some(self.plan.id_of(at)),
                    "azurerm_key_vault_secret" | "azurerm_key_vault_certificate" => {
                        return Block::top(self.plan, at).get_id("key_vault_id");
                    }
                    _ => {}
                }
            }
        }
        let host = self.shown(name)?.as_str()?.strip_prefix("https://")?.split('.').next()?.to_owned();
        match self.plan.by_name("azurerm_key_vault", &known(&host)).as_slice() {
            [one] => Some(self.plan.id_of(*one)),
            _ => None,
        }
    }
}
