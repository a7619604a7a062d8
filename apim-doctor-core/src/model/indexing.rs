//! Builds the index of an estate from its resources and lists.

use crate::base::{Map, ResourceId, Url};
use crate::model::grants::{HeldAt, Holders};
use crate::model::index::{Index, keys_of, letters, scopes_of};
use crate::model::{
    DirectAnswer, Estate, Fact, Filter, ListAnswer, Tables, ZONE_LINKS, authorization as auth, dns, key_vault as kv,
    managed_identity as msi, perimeter as nsp, storage,
};

impl Index {
    /// What the resources and the lists tell.
    pub(crate) fn of(estate: &Estate) -> Self {
        let mut index = Self::of_resources(estate);
        index.add_lists(estate);
        index
    }

    /// What the resources alone tell.
    pub(crate) fn of_resources(estate: &Estate) -> Self {
        let mut index = Index::default();
        for vault in estate.rows::<kv::Vault>() {
            let uri = vault.properties.vault_uri.as_deref().and_then(Url::parse);
            let host = uri.map_or_else(|| estate.cloud.vault_host(vault.name()), |uri| uri.host.to_ascii_lowercase());
            index.vault_hosts.entry(host).or_default().push(vault.id.clone());
            index.vaults_like.entry(letters(vault.name())).or_default().push(vault.id.clone());
        }
        for assignment in estate.rows::<auth::RoleAssignment>() {
            index.add_holder(assignment);
        }
        for denial in estate.rows::<auth::DenyAssignment>() {
            for scope in scopes_of(&denial.id, denial.properties.scope.as_ref()) {
                index.denials_at.entry(scope).or_default().push(denial.id.clone());
            }
        }
        for role in estate.rows::<auth::RoleDefinition>() {
            keep_first(&mut index.roles, role.name(), &role.id);
        }
        for identity in estate.rows::<msi::UserAssignedIdentity>() {
            if let Some(client_id) = &identity.properties.client_id {
                keep_first(&mut index.identities, client_id.as_str(), &identity.id);
            }
        }
        for deleted in estate.rows::<kv::DeletedVault>() {
            let vault = deleted.properties.vault_id.as_ref().unwrap_or(&deleted.id);
            keep_first(&mut index.deleted_vaults, vault.name(), &deleted.id);
        }
        for association in estate.rows::<nsp::ResourceAssociation>() {
            if let Some(inside) = &association.properties.private_link_resource {
                index.associations_of.entry(inside.id.clone()).or_default().push(association.id.clone());
            }
        }
        let Tables { named_values, certificates, policies, apis, operations, backends, .. } = &estate.tables;
        let references = named_values.keys().chain(certificates.keys());
        for id in references.chain(policies.keys()).chain(apis.keys()).chain(operations.keys()).chain(backends.keys()) {
            if let Some(instance) = id.within("Microsoft.ApiManagement/service") {
                index.children_of.entry(instance).or_default().push(id.clone());
            }
        }
        for id in estate.tables.network_status.keys() {
            if let Some(instance) = id.within("Microsoft.ApiManagement/service") {
                index.network_status_of.entry(instance).or_default().push(id.clone());
            }
        }
        for id in estate.tables.sites.keys() {
            if let Some(app) = id.within("Microsoft.Web/sites") {
                index.sites_of.entry(app).or_default().push(id.clone());
            }
        }
        for id in estate.tables.references.keys() {
            if let Some(app) = app_of(id) {
                index.references_of.entry(app).or_default().push(id.clone());
            }
        }
        for account in estate.rows::<storage::StorageAccount>() {
            index.accounts.entry(account.name().to_ascii_lowercase()).or_default().push(account.id.clone());
            for (_, host) in account.properties.endpoints() {
                index.account_hosts.entry(host).or_default().push(account.id.clone());
            }
        }
        for link in estate.rows::<dns::VirtualNetworkLink>() {
            if let Some(network) = &link.properties.virtual_network {
                index.links_of.entry(network.id.clone()).or_default().push(link.id.clone());
            }
        }
        index
    }

    /// Adds what the lists tell, and puts everything in order.
    pub(crate) fn add_lists(&mut self, estate: &Estate) {
        for zone in estate.all::<dns::PrivateDnsZone>() {
            let name = zone.name().to_ascii_lowercase();
            if let Some(gap) = estate.open::<dns::VirtualNetworkLink>(&zone.id, ZONE_LINKS) {
                self.open_zones.entry(name.clone()).or_insert(gap);
            }
            self.zones.entry(name).or_default().push(zone.id.clone());
        }
        // A zone in another subscription is often known by its links alone.
        for (zone, _) in estate.lists.iter().filter(|(_, kinds)| kinds.iter().any(|(kind, _)| *kind == ZONE_LINKS)) {
            let ids = self.zones.entry(zone.name().to_ascii_lowercase()).or_default();
            if !ids.contains(zone) {
                ids.push(zone.clone());
                if let Some(gap) = estate.open::<dns::VirtualNetworkLink>(zone, ZONE_LINKS) {
                    self.open_zones.entry(zone.name().to_ascii_lowercase()).or_insert(gap);
                }
            }
        }
        let lists =
            estate.lists.iter().flat_map(|(scope, kinds)| kinds.iter().map(move |(kind, all)| (scope, *kind, all)));
        for (scope, kind, answers) in lists {
            if !auth::GRANTS.contains(&kind) {
                continue;
            }
            self.add_answers(scope, kind, answers);
            if let Some(subscription) = scope.subscription() {
                let above = answers.iter().flat_map(|a| &a.ids).filter(|id| id.subscription().is_none());
                let key = (subscription.to_ascii_lowercase(), kind);
                self.from_above.entry(key).or_default().extend(above.cloned());
            }
        }
        self.add_groups(&estate.direct);
        self.add_grants(estate);
        self.sort();
    }

    /// Adds the answers to requests for the role or deny assignments at a scope.
    fn add_answers(&mut self, scope: &ResourceId, kind: &'static str, answers: &[ListAnswer]) {
        let about = self.answers_about.entry((scope.clone(), kind)).or_default();
        let mut whole: Map<&Filter, &[ResourceId]> = Map::default();
        for (at, ListAnswer { filter, ids, not_seen, .. }) in answers.iter().enumerate() {
            match filter {
                Filter::None | Filter::AtScope => about.entry(None).or_default().push(at),
                Filter::AssignedTo { principal, .. } => {
                    about.entry(Some(principal.clone())).or_default().push(at);
                    let key = principal.as_str().to_ascii_lowercase();
                    self.assigned_to.entry(key).or_default().extend(ids.iter().cloned());
                }
                Filter::PrincipalId(_) | Filter::Backups(_) | Filter::Started { .. } | Filter::Other => {}
            }
            let is_known = not_seen.is_none() && *filter != Filter::Other && kind == auth::ROLE_ASSIGNMENTS;
            if is_known && *whole.entry(filter).or_insert(ids) != ids.as_slice() {
                self.disagreeing.insert(scope.clone());
            }
        }
    }

    /// Adds the role assignments, wherever they are held.
    fn add_grants(&mut self, estate: &Estate) {
        let mut listed: Map<&ResourceId, Vec<String>> = Map::default();
        for (principal, ids) in &self.assigned_to {
            ids.iter().for_each(|id| listed.entry(id).or_default().push(principal.clone()));
        }
        let mut grants: Map<HeldAt, Holders> = Map::default();
        let mut add = |at: HeldAt, id: &ResourceId| match estate.get::<auth::RoleAssignment>(id) {
            Fact::Known(assignment) => {
                grants.entry(at).or_default().add(assignment, listed.get(id).map(Vec::as_slice).unwrap_or_default());
            }
            Fact::Unknown(_) => grants.entry(at).or_default().open.push(id.clone()),
            Fact::Absent(_) => {}
        };
        for assignment in estate.rows::<auth::RoleAssignment>() {
            keys_of(assignment).0.into_iter().for_each(|scope| add(HeldAt::Scope(scope), &assignment.id));
        }
        for ((subscription, kind), ids) in &self.from_above {
            let ids = ids.iter().filter(|_| *kind == auth::ROLE_ASSIGNMENTS);
            ids.for_each(|id| add(HeldAt::Above(subscription.clone()), id));
        }
        grants.values_mut().for_each(Holders::sort);
        self.grants = grants;
    }

    /// Adds what Microsoft Graph says about groups. Where it was asked in several ways, the first of them counts.
    fn add_groups(&mut self, answers: &Map<String, DirectAnswer>) {
        const HOSTS: [&str; 3] = ["graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"];
        const KINDS: [&str; 3] = ["serviceprincipals", "users", "groups"];
        let asked = |key: &'_ str| {
            let (host, of) = key.strip_suffix("/transitivememberof")?.split_once("/v1.0/")?;
            let (kind, principal) = of.split_once('/')?;
            let host = HOSTS.iter().position(|known| *known == host)?;
            Some((host, KINDS.iter().position(|known| *known == kind)?, principal.to_owned()))
        };
        let whole = answers.iter().filter(|(_, answer)| answer.complete);
        let mut whole: Vec<_> = whole.filter_map(|(key, answer)| Some((asked(key)?, answer))).collect();
        whole.sort_by(|(one, _), (other, _)| one.cmp(other));
        for ((.., principal), answer) in whole {
            let groups = || answer.items.iter().map(|item| item.id.to_ascii_lowercase()).collect();
            self.groups_of.entry(principal).or_insert_with(groups);
        }
    }
}

/// The app or slot that something below its `config` belongs to.
fn app_of(id: &ResourceId) -> Option<ResourceId> {
    let end = id.as_str().to_ascii_lowercase().find("/config/")?;
    id.as_str().get(..end).map(ResourceId::new)
}

/// Keeps the first id, in the order of ids, under a key.
fn keep_first(map: &mut Map<String, ResourceId>, key: &str, id: &ResourceId) {
    let kept = map.entry(key.to_ascii_lowercase()).or_insert_with(|| id.clone());
    if id < kept {
        kept.clone_from(id);
    }
}
