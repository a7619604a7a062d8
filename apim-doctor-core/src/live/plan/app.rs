//! Apps and slots: their references, their storage, certificates that the platform fetches for them.

use serde::Deserialize;
use serde_json::Value;

use super::body::{folded, found, ids, items, quoted, text};
use super::state::Plan;
use crate::base::ResourceId;
use crate::knowledge::first_party::{self, FirstParty};
use crate::knowledge::subservice::Subservice;
use crate::live::ask::{Ask, Read};
use crate::model::app_service::Config;
use crate::model::connection_string::{ConnectionString, url_of_account};
use crate::model::reference::Reference;
use crate::model::setting;

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
            Ask::AppCertificate if self.wanted.held.is_some() => {}
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

    /// The value of a setting that is a Key Vault reference.
    fn refer_setting(&mut self, value: &str) {
        if let Some(reference) = Reference::closest_to_setting(value, &self.cloud) {
            self.refer(&reference, false);
        }
    }

    /// What the settings name: vaults, the host's account, the content share, the package at a URL.
    fn settings(&mut self, body: &Value) {
        let read = body.pointer("/properties").map(Config::deserialize);
        let Some(Ok(settings)) = read else { return };
        for (_, value) in settings.iter().filter(|(_, value)| setting::is_reference(value)) {
            self.refer_setting(value);
        }
        let below = |key: &str, end: &str| settings.get(&format!("{key}__{end}")).map(str::to_owned);
        let mut urls = Vec::new();
        for key in setting::HOST_KEYS.into_iter().chain(setting::SHORT_HOST_KEYS) {
            urls.extend(settings.get(key).into_iter().flat_map(urls_of));
            urls.extend(below(key, "accountName").map(|name| url_of_account(&name, Subservice::Blob)));
            urls.extend(["blob", "queue", "table"].iter().filter_map(|s| below(key, &format!("{s}ServiceUri"))));
            self.selected.extend(below(key, "clientId").map(|id| folded(&id)));
        }
        urls.extend(setting::PACKAGES.iter().find_map(|name| settings.get(name)).map(str::to_owned));
        self.selected.extend(settings.get(setting::DEFAULT_CLIENT).map(folded));
        // An identity that is selected and not attached may be there all the same.
        let package = settings.get(setting::PACKAGE_IDENTITY);
        if let Some(identity) = package.filter(|id| id.starts_with('/')) {
            self.get(Ask::UserIdentity, identity);
        }
        let share = settings.get(setting::CONTENT_SHARE);
        for url in settings.get(setting::CONTENT).map(urls_of).unwrap_or_default() {
            self.refer_account(&url, share);
        }
        urls.iter().for_each(|url| self.refer_account(url, None));
    }

    /// A URL of a storage account, and the share in it that has to be there.
    fn refer_account(&mut self, url: &str, share: Option<&str>) {
        let Ok(Reference { host, .. }) = Reference::parse_storage(url, &self.cloud, Subservice::Blob) else { return };
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
        self.account_of_backups(id);
        for share in self.accounts.get(&name).cloned().unwrap_or_default() {
            self.get(Ask::Share, &format!("{id}/fileServices/default/shares/{share}"));
        }
    }

    /// A certificate of apps: where it comes from a vault, App Service itself reads it.
    fn app_certificate(&mut self, body: &Value) {
        let (vault, secret) = (text(body, "/properties/keyVaultId"), text(body, "/properties/keyVaultSecretName"));
        let (Some(vault), Some(secret)) = (vault, secret) else { return };
        let host = self.cloud.vault_host(ResourceId::new(vault).name());
        self.refer_url(Some(&format!("https://{host}/secrets/{secret}")), true);
        // It may be in another subscription, which no list of this one shows.
        self.get(Ask::Vault, vault);
        self.first_party(&first_party::APP_SERVICE);
    }

    /// The object id of an application of Microsoft's in the tenant.
    pub(super) fn first_party(&mut self, party: &FirstParty) {
        if let Some(app_id) = party.app_id(&self.cloud.name) {
            self.directory(Ask::FirstParty, &format!("servicePrincipals(appId='{app_id}')"));
        }
    }

    /// The private DNS zones of what is reached for.
    pub(super) fn zone_names(&self) -> Vec<String> {
        let storage = Subservice::STORAGE.into_iter().filter(|_| !self.accounts.is_empty());
        let all = std::iter::once(Subservice::Vault).chain(storage);
        all.map(|subservice| self.cloud.zone_of(subservice)).collect()
    }
}

/// The URLs of the services that a connection string names.
fn urls_of(text: &str) -> Vec<String> {
    Subservice::STORAGE.into_iter().filter_map(|subservice| ConnectionString(text).url(subservice)).collect()
}
