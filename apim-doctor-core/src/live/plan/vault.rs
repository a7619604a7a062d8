//! Vaults: what is around one that was found.

use ipnet::IpNet;
use serde_json::Value;

use super::body::{folded, ids, items, text};
use super::state::{Plan, Vault};
use crate::base::{ResourceId, read_range};
use crate::live::ask::Ask;

impl Plan {
    pub(super) fn vault_answered(&mut self, ask: Ask, body: &Value) {
        match ask {
            Ask::Vaults => items(body, "/value").for_each(|item| self.vault(item, false)),
            Ask::FindVaults => items(body, "/data").for_each(|row| self.vault(row, false)),
            Ask::Perimeters => {
                ids(body).for_each(|id| self.get(Ask::Associations, &format!("{id}/resourceAssociations")));
            }
            Ask::Associations => self.associations(body),
            _ => self.vault(body, true),
        }
    }

    /// The access rules of the profiles that vaults and storage accounts are associated with.
    fn associations(&mut self, body: &Value) {
        for association in items(body, "/value") {
            let inside = text(association, "/properties/privateLinkResource/id").unwrap_or_default();
            let kind = ResourceId::new(inside).resource_type().to_ascii_lowercase();
            let is_target = ["microsoft.keyvault/vaults", "microsoft.storage/storageaccounts"].contains(&kind.as_str());
            if let Some(profile) = text(association, "/properties/profile/id").filter(|_| is_target) {
                self.get(Ask::AccessRules, &format!("{profile}/accessRules"));
            }
        }
    }

    /// A vault, whole or by its id alone. `is_whole`: it was read on its own.
    fn vault(&mut self, body: &Value, is_whole: bool) {
        let Some(id) = text(body, "/id") else { return };
        let connections = items(body, "/properties/privateEndpointConnections");
        let endpoints = connections.filter_map(|c| text(c, "/properties/privateEndpoint/id")).map(str::to_owned);
        let holders = items(body, "/properties/accessPolicies").filter_map(|p| text(p, "/objectId")).map(folded);
        let closed = text(body, "/properties/networkAcls/defaultAction")
            .is_some_and(|a| a.eq_ignore_ascii_case("Deny"))
            || text(body, "/properties/publicNetworkAccess").is_some_and(|a| !a.eq_ignore_ascii_case("Enabled"));
        let told = body.pointer("/properties/privateEndpointConnections").is_some();
        let name = ResourceId::new(id).name().to_ascii_lowercase();
        let known = self.vaults.entry(name.clone()).or_default();
        if let Some(by_roles) = body.pointer("/properties/enableRbacAuthorization").and_then(Value::as_bool) {
            known.by_roles = by_roles;
        }
        let network_acls = body.pointer("/properties/networkAcls").is_some();
        known.tells_endpoints = network_acls && (told || !closed);
        let rules = items(body, "/properties/networkAcls/ipRules").filter_map(|rule| text(rule, "/value"));
        let rules: Vec<String> = rules.map(str::to_owned).collect();
        if let (false, Some(location)) = (rules.is_empty(), text(body, "/location")) {
            known.location = location.replace(' ', "").to_ascii_lowercase();
            known.address_rules = rules;
        }
        id.clone_into(&mut known.id);
        known.endpoints.extend(endpoints);
        known.holders.extend(holders);
        if is_whole {
            self.endpoints_of(&name);
            self.service_tags(&name);
        }
    }

    /// The addresses that firewalls of referenced vaults admit.
    pub(crate) fn address_rules(&self) -> Vec<IpNet> {
        let referenced = self.vaults.iter().filter(|(name, _)| self.references.contains_key(*name));
        referenced.flat_map(|(_, vault)| &vault.address_rules).filter_map(|rule| read_range(rule)).collect()
    }

    fn service_tags(&mut self, vault: &str) {
        let Some(Vault { id, location, address_rules, .. }) = self.vaults.get(vault).cloned() else { return };
        if address_rules.is_empty() {
            return;
        }
        let subscription = ResourceId::new(&id).subscription().unwrap_or_default().to_owned();
        let path =
            format!("/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}/serviceTags");
        self.get(Ask::ServiceTags, &path);
    }

    fn endpoints_of(&mut self, vault: &str) {
        for endpoint in self.vaults.get(vault).map(|vault| vault.endpoints.clone()).unwrap_or_default() {
            self.get(Ask::PrivateEndpoint, &endpoint);
            self.get(Ask::ZoneGroups, &format!("{endpoint}/privateDnsZoneGroups"));
        }
    }

    pub(super) fn follow(&mut self, name: &str) {
        let Some(Vault { id, tells_endpoints, .. }) = self.vaults.get(name).cloned() else { return };
        // The list answers whole vaults; few are asked for themselves as well.
        let is_searched = self.references.get(name).is_some_and(|referenced| referenced.is_searched);
        if !self.is_wide() || is_searched || !tells_endpoints {
            self.get(Ask::Vault, &id);
        }
        self.endpoints_of(name);
        self.service_tags(name);
        self.in_subscription(Ask::Perimeters, &id);
        self.in_subscription(Ask::CustomRoles, &id);
        match self.is_wide() {
            true => {
                self.in_subscription(Ask::RoleAssignments, &id);
                self.in_subscription(Ask::DenyAssignments, &id);
            }
            false => self.assignments_at(&id),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::knowledge::cloud::Cloud;
    use crate::live::ask::Read;
    use crate::live::plan::Wanted;

    fn asked_after(ask: Ask, path: &str, body: &Value) -> Vec<String> {
        let mut plan = Plan::new(Cloud::public(), Wanted::default());
        plan.learn(&Read::of(ask, path), 200, body, true);
        plan.take().iter().map(|read| read.path().to_owned()).collect()
    }

    #[test]
    fn the_access_rules_of_a_target_in_a_perimeter_are_read() {
        let perimeter = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkSecurityPerimeters/p";
        let association = |target: &str, profile: &str| {
            let profile = json!({"id": format!("{perimeter}/profiles/{profile}")});
            json!({"properties": {"privateLinkResource": {"id": target}, "profile": profile}})
        };
        let account = "/subscriptions/s/resourceGroups/r/providers/microsoft.storage/storageaccounts/st";
        let database = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Sql/servers/sql";
        let body = json!({"value": [association(account, "data"), association(database, "other")]});
        let asked = asked_after(Ask::Associations, &format!("{perimeter}/resourceAssociations"), &body);
        assert_eq!(asked, [format!("{perimeter}/profiles/data/accessRules")]);
    }
}
