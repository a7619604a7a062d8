//! Apps and slots: their references, their storage, certificates that the platform fetches for them.

use serde_json::Value;

use super::{Plan, folded, found, ids, items, quoted, text};
use crate::base::ResourceId;
use crate::knowledge::first_party;
use crate::knowledge::subservice::Subservice;
use crate::live::ask::{Ask, Read};

/// A part of `a=b;c=d`, by its name without regard to case.
fn part<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut parts = text.split(';').filter_map(|part| part.split_once('='));
    let found = parts.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
    found.filter(|value| !value.is_empty())
}

impl Plan {
    pub(super) fn app_answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::Sites => {
                let apps: Vec<ResourceId> = ids(body).map(ResourceId::new).collect();
                self.look_at_apps(&apps);
            }
            Ask::Slots => ids(body).for_each(|id| self.app(id)),
            Ask::Site | Ask::Slot if self.wanted.held.is_some() => {}
            Ask::Site | Ask::Slot => self.site(body),
            Ask::References | Ask::ConnectionReferences | Ask::SlotReferences | Ask::SlotConnectionReferences => {
                for item in items(body, "/value") {
                    self.refer_setting(text(item, "/properties/reference").unwrap_or_default());
                }
                // As api-version 2019-08-01 answers them, which some places still do.
                let by_name = body.pointer("/properties/keyToReferenceStatuses").and_then(Value::as_object);
                for item in by_name.into_iter().flat_map(|all| all.values()) {
                    self.refer_setting(text(item, "/reference").unwrap_or_default());
                }
            }
            Ask::Settings | Ask::SlotSettings => self.settings(body),
            Ask::AppCertificates => items(body, "/value").for_each(|item| self.app_certificate(item)),
            Ask::AppCertificate => self.app_certificate(body),
            Ask::FirstParty => self.principals.extend(text(body, "/id").map(folded)),
            Ask::FindAccounts => found(body).for_each(|id| self.get(Ask::Account, id)),
            Ask::Account => self.account(body),
            _ => {}
        }
    }

    /// Starts with apps, slots and certificates.
    pub(super) fn look_at_apps(&mut self, apps: &[ResourceId]) {
        for id in apps {
            // Most vaults are in the subscription of what reads them.
            for ask in [Ask::Vaults, Ask::Perimeters, Ask::CustomRoles] {
                self.in_subscription(ask, id.as_str());
            }
            self.subscriptions.insert(id.to_string());
            match id.resource_type().to_ascii_lowercase().as_str() {
                "microsoft.web/certificates" => self.get(Ask::AppCertificate, id.as_str()),
                "microsoft.web/sites" => {
                    self.app(id.as_str());
                    self.get(Ask::Slots, &format!("{id}/slots"));
                }
                _ => self.app(id.as_str()),
            }
        }
    }

    fn app(&mut self, id: &str) {
        let is_slot = ResourceId::new(id).resource_type().eq_ignore_ascii_case("Microsoft.Web/sites/slots");
        let [site, config, references, connections, settings] = match is_slot {
            false => [Ask::Site, Ask::SiteConfig, Ask::References, Ask::ConnectionReferences, Ask::Settings],
            true => [Ask::Slot, Ask::SlotConfig, Ask::SlotReferences, Ask::SlotConnectionReferences, Ask::SlotSettings],
        };
        self.get(site, id);
        self.get(config, &format!("{id}/config/web"));
        self.get(references, &format!("{id}/config/configreferences/appsettings"));
        self.get(connections, &format!("{id}/config/configreferences/connectionstrings"));
        if self.wanted.read_settings {
            self.add(Read::settings(settings, id));
        }
    }

    fn site(&mut self, body: &Value) {
        self.principals.extend(text(body, "/identity/principalId").map(folded));
        let attached = body.pointer("/identity/userAssignedIdentities").and_then(Value::as_object);
        for (identity, entry) in attached.into_iter().flatten() {
            self.principals.extend(text(entry, "/principalId").map(folded));
            self.clients.extend(text(entry, "/clientId").map(folded));
            self.get(Ask::UserIdentity, identity);
        }
        // An identity that is selected and not attached may be there all the same.
        if let Some(selected) = text(body, "/properties/keyVaultReferenceIdentity").filter(|id| id.starts_with('/')) {
            self.get(Ask::UserIdentity, selected);
        }
        if let Some(subnet) = text(body, "/properties/virtualNetworkSubnetId") {
            self.subnet(subnet);
            self.resolves_in(subnet.rsplit_once("/subnets/").map_or(subnet, |(network, _)| network));
        }
        if let Some(url) = text(body, "/properties/functionAppConfig/deployment/storage/value") {
            self.refer_account(url, None);
        }
    }

    /// The value of a setting, where it is a reference.
    fn refer_setting(&mut self, value: &str) {
        let Some((_, inner)) = value.split_once('(') else { return };
        let inner = inner.trim_end_matches(')');
        if let Some(url) = part(inner, "SecretUri") {
            return self.refer(Some(url), false);
        }
        if let (Some(vault), Some(secret)) = (part(inner, "VaultName"), part(inner, "SecretName")) {
            let version = part(inner, "SecretVersion").map(|version| format!("/{version}")).unwrap_or_default();
            let url = format!("https://{}/secrets/{secret}{version}", self.cloud.vault_host(vault));
            self.refer(Some(&url), false);
        }
    }

    /// What the settings name: vaults, the host's account, the content share.
    fn settings(&mut self, body: &Value) {
        let setting = |name: &str| {
            let all = body.pointer("/properties").and_then(Value::as_object)?;
            all.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
        };
        let all = body.pointer("/properties").and_then(Value::as_object);
        for value in all.into_iter().flat_map(|all| all.values()).filter_map(Value::as_str) {
            if value.to_ascii_lowercase().starts_with("@microsoft.keyvault(") {
                self.refer_setting(value);
            }
        }
        let suffix = self.cloud.storage_suffix.clone();
        let url = |name: &str| format!("https://{name}.blob.{suffix}");
        let of_string = |text: &str| part(text, "AccountName").map(url);
        let share = setting("WEBSITE_CONTENTSHARE");
        let content = setting("WEBSITE_CONTENTAZUREFILECONNECTIONSTRING").and_then(of_string);
        let host = setting("AzureWebJobsStorage").and_then(of_string);
        let named = setting("AzureWebJobsStorage__accountName").map(url);
        let uris =
            ["blob", "queue", "table"].map(|service| setting(&format!("AzureWebJobsStorage__{service}ServiceUri")));
        if let Some(url) = content {
            self.refer_account(&url, share);
        }
        for url in [host, named].into_iter().flatten().chain(uris.into_iter().flatten().map(str::to_owned)) {
            self.refer_account(&url, None);
        }
        self.selected.extend(setting("AzureWebJobsStorage__clientId").map(folded));
    }

    /// A URL of a storage account, and the share in it that has to be there.
    fn refer_account(&mut self, url: &str, share: Option<&str>) {
        let host = url.trim().strip_prefix("https://").unwrap_or_default();
        let host = host.split(['/', '?']).next().unwrap_or_default().to_ascii_lowercase();
        let Some((name, _)) = self.cloud.account_of(&host) else { return };
        let is_new = !self.accounts.contains_key(name);
        let shares = self.accounts.entry(name.to_owned()).or_default();
        shares.extend(share.filter(|share| !share.is_empty()).map(str::to_owned));
        if is_new {
            let kind = "type =~ 'microsoft.storage/storageaccounts'";
            self.find(Ask::FindAccounts, &format!("{kind} and name =~ '{}'", quoted(name)));
            // Zones of a storage account's services matter from now on.
            if self.resolves {
                self.find_zones();
            }
            std::mem::take(&mut self.zones_seen).iter().for_each(|id| self.zone(Some(id)));
        }
    }

    fn account(&mut self, body: &Value) {
        let Some(id) = text(body, "/id") else { return };
        for endpoint in items(body, "/properties/privateEndpointConnections") {
            if let Some(endpoint) = text(endpoint, "/properties/privateEndpoint/id") {
                self.get(Ask::PrivateEndpoint, endpoint);
                self.get(Ask::ZoneGroups, &format!("{endpoint}/privateDnsZoneGroups"));
            }
        }
        self.in_subscription(Ask::Perimeters, id);
        self.in_subscription(Ask::CustomRoles, id);
        self.assignments_at(id);
        let name = ResourceId::new(id).name().to_ascii_lowercase();
        for share in self.accounts.get(&name).cloned().unwrap_or_default() {
            self.get(Ask::Share, &format!("{id}/fileServices/default/shares/{share}"));
        }
    }

    /// A certificate of apps: where it comes from a vault, App Service itself reads it.
    fn app_certificate(&mut self, body: &Value) {
        let (vault, secret) = (text(body, "/properties/keyVaultId"), text(body, "/properties/keyVaultSecretName"));
        let (Some(vault), Some(secret)) = (vault, secret) else { return };
        let host = self.cloud.vault_host(ResourceId::new(vault).name());
        self.refer(Some(&format!("https://{host}/secrets/{secret}")), true);
        // It may be in another subscription, which no list of this one shows.
        self.get(Ask::Vault, vault);
        let app_id = first_party::APP_SERVICE.app_id(&self.cloud.name);
        self.directory(Ask::FirstParty, &format!("servicePrincipals(appId='{app_id}')"));
    }

    /// The private DNS zones of what is reached for.
    pub(super) fn zone_names(&self) -> Vec<String> {
        let storage = Subservice::STORAGE.into_iter().filter(|_| !self.accounts.is_empty());
        let all = std::iter::once(Subservice::Vault).chain(storage);
        all.map(|subservice| self.cloud.zone_of(subservice)).collect()
    }
}
