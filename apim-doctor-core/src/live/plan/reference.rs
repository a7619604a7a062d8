//! What refers to vaults: named values and certificates.

use serde_json::Value;

use super::body::{folded, items, quoted, text};
use super::state::{Plan, Referenced};
use crate::base::ResourceId;
use crate::live::ask::{Ask, Read};
use crate::model::reference::Reference;

/// From this number of objects on, the list of a vault's objects is read instead of each; with many instances, from
/// two on.
const MANY_OBJECTS: usize = 5;

impl Plan {
    pub(super) fn reference_answered(&mut self, ask: Ask, body: &Value) {
        let is_certificate = matches!(ask, Ask::Certificates | Ask::WorkspaceCertificates);
        for item in items(body, "/value") {
            self.refer_url(text(item, "/properties/keyVault/secretIdentifier"), is_certificate);
            self.selected.extend(text(item, "/properties/keyVault/identityClientId").map(folded));
            if !is_certificate {
                self.policies.named_value(item);
            }
        }
    }

    /// A URL, which may name a vault.
    pub(super) fn refer_url(&mut self, url: Option<&str>, is_certificate: bool) {
        if let Some(reference) = url.and_then(Reference::closest_to) {
            self.refer(&reference, is_certificate);
        }
    }

    /// A URL, which may name a key.
    pub(super) fn refer_key(&mut self, url: Option<&str>) {
        let parsed = url.and_then(|url| Reference::parse_request(url).ok());
        let Some(key) = parsed.filter(|parsed| parsed.kind == "keys" && !parsed.name.is_empty()) else { return };
        let Some(name) = self.cloud.vault_named_by(&key.host) else { return };
        let host = self.cloud.vault_host(name);
        let referenced = self.references.entry(name.to_owned()).or_default();
        referenced.host = host;
        referenced.keys.insert(key.name);
    }

    /// What a reference names, if its host is a vault's.
    pub(super) fn refer(&mut self, reference: &Reference, is_certificate: bool) {
        let Reference { host, kind, name: object, version, .. } = reference;
        let Some(name) = self.cloud.vault_named_by(host) else { return };
        let host = self.cloud.vault_host(name);
        let referenced = self.references.entry(name.to_owned()).or_default();
        referenced.host = host;
        if ["secrets", "certificates"].contains(&kind.as_str()) && !object.is_empty() {
            referenced.objects.insert(format!("secrets/{object}"));
            referenced.versioned.extend(version.as_ref().map(|_| object.clone()));
            referenced.certificates.extend(is_certificate.then(|| object.clone()));
        }
    }

    /// What references name, vault by vault, where the vault was found.
    pub(crate) fn referenced(&self) -> Vec<Referenced> {
        let named = self
            .references
            .iter()
            .filter(|(name, referenced)| !referenced.objects.is_empty() && self.vaults.contains_key(*name));
        named.map(|(_, referenced)| referenced.clone()).collect()
    }

    /// All that names vaults was read for now: goes on with those that were found, and searches for the others.
    pub(super) fn follow_references(&mut self) {
        let (found, missing): (Vec<String>, Vec<String>) =
            self.references.keys().cloned().partition(|name| self.vaults.contains_key(name));
        for name in found {
            self.objects_of(&name);
            if self.is_first(&name, |referenced| &mut referenced.is_followed) {
                self.follow(&name);
            }
        }
        let first = |name: &String| self.is_first(name, |referenced| &mut referenced.is_searched);
        let new: Vec<String> = missing.into_iter().filter(first).collect();
        if !new.is_empty() {
            let names = new.iter().map(|name| format!("'{}'", quoted(name))).collect::<Vec<_>>().join(", ");
            self.find(Ask::FindVaults, &format!("type =~ 'microsoft.keyvault/vaults' and name in~ ({names})"));
            let ids = self.subscriptions.clone();
            ids.iter().for_each(|id| self.in_subscription(Ask::DeletedVaults, id));
        }
    }

    /// Sets a mark of a name, and says whether it was not set before.
    fn is_first(&mut self, name: &str, mark: impl Fn(&mut Referenced) -> &mut bool) -> bool {
        self.references.get_mut(name).is_some_and(|referenced| !std::mem::replace(mark(referenced), true))
    }

    fn objects_of(&mut self, name: &str) {
        let Some(id) = self.vaults.get(name).map(|vault| vault.id.clone()) else { return };
        let keys = self.references.get(name).map(|referenced| referenced.keys.clone()).unwrap_or_default();
        keys.iter().for_each(|key| self.get(Ask::Key, &format!("{id}/keys/{key}")));
        let objects = self.references.get(name).map(|referenced| referenced.objects.clone()).unwrap_or_default();
        if objects.len() >= if self.is_wide() { 2 } else { MANY_OBJECTS } {
            self.get(Ask::Secrets, &format!("{id}/secrets"));
        } else {
            objects.iter().for_each(|object| self.get(Ask::Secret, &format!("{id}/{object}")));
        }
    }

    /// Where the list of a vault's objects is refused, each is asked for.
    pub(super) fn objects_refused(&mut self, read: &Read) {
        let vault = read.path().trim_end_matches("/secrets");
        let name = ResourceId::new(vault).name().to_ascii_lowercase();
        let objects = self.references.get(&name).map(|referenced| referenced.objects.clone()).unwrap_or_default();
        objects.iter().for_each(|object| self.get(Ask::Secret, &format!("{vault}/{object}")));
    }
}
