//! Who may read a vault's secrets: assignments, groups, and who else holds a grant.

use std::collections::BTreeSet;

use serde_json::Value;

use super::assignment::Assignment;
use super::body::{items, quoted, scope_of};
use super::caller::read_of;
use super::state::Plan;
use crate::base::ResourceId;
use crate::knowledge::caller_kind::CallerKind;
use crate::live::ask::{Ask, Read};

/// Holders of grants that are looked up in the directory, at most, for each vault.
const HOLDERS: usize = 20;

impl Plan {
    pub(super) fn grants_answered(&mut self, body: &Value) {
        self.assignments.extend(items(body, "/value").filter_map(Assignment::of));
    }

    /// Where the list of a subscription is refused, that of each vault is asked for.
    pub(super) fn grants_refused(&mut self, read: &Read) {
        let scope = scope_of(read);
        if scope.as_str().contains("/providers/") {
            return;
        }
        let is_followed = |name: &String| self.references.get(name).is_some_and(|referenced| referenced.is_followed);
        let followed = self.vaults.iter().filter(|(name, _)| is_followed(name)).map(|(_, vault)| vault.id.clone());
        let below: Vec<String> = followed.filter(|id| ResourceId::new(id).is_within(&scope)).collect();
        below.iter().for_each(|id| self.assignments_at(id));
    }

    /// Whether an object id is a user's is not visible on it.
    pub(super) fn groups_refused(&mut self, read: &Read) {
        let user = read.target.replace("/servicePrincipals/", "/users/");
        self.add(Read::at(Ask::GroupsOfUser, user));
    }

    /// Whether it is a group's is not visible either. Only `can` is asked about groups.
    pub(super) fn groups_of_user_refused(&mut self, read: &Read) {
        if self.wanted.held.is_some() {
            let group = read.target.replace("/users/", "/groups/");
            self.add(Read::at(Ask::GroupsOfGroup, group));
        }
    }

    /// What tells whether a principal may do something at a scope; with an empty principal: who may.
    pub(super) fn held(&mut self, principal: &str, scope: &ResourceId) {
        self.assignments_at(scope.as_str());
        self.in_subscription(Ask::CustomRoles, scope.as_str());
        let resource = ResourceId::new(principal);
        if principal.is_empty() {
            return;
        }
        match CallerKind::of(&resource) {
            Some(kind) => self.get(read_of(kind, &resource), principal),
            None if principal.starts_with('/') => self.get(Ask::UserIdentity, principal),
            None => self.directory(Ask::Groups, &format!("servicePrincipals/{principal}/transitiveMemberOf")),
        }
    }

    pub(super) fn assignments_at(&mut self, vault: &str) {
        self.get(Ask::RoleAssignments, &format!("{vault}/providers/Microsoft.Authorization/roleAssignments"));
        self.get(Ask::DenyAssignments, &format!("{vault}/providers/Microsoft.Authorization/denyAssignments"));
    }

    /// Where no identity of the instances holds a grant at a vault: who does, and where else they hold one.
    pub(super) fn who_else(&mut self, vault: &str) {
        let Some(vault) = self.vaults.get(vault).cloned() else { return };
        let id = ResourceId::new(&vault.id);
        let all: Vec<&Assignment> = self.assignments.iter().filter(|a| a.concerns(&id)).collect();
        let is_own = |principal: &String| self.principals.contains(principal);
        let granted = match vault.by_roles {
            true => all.iter().any(|a| is_own(&a.principal)),
            false => vault.holders.iter().any(is_own),
        };
        if granted {
            return;
        }
        let groups = all.iter().any(|a| a.is_group);
        let here = all.iter().filter(|a| a.scope.is_within(&id) && !a.is_group);
        let mut holders: BTreeSet<String> = here.map(|a| a.principal.clone()).collect();
        holders.extend(vault.holders);
        for holder in holders.into_iter().take(HOLDERS) {
            self.directory(Ask::DirectoryObject, &format!("directoryObjects/{holder}"));
        }
        let subscription = ResourceId::new(&vault.id).subscription().unwrap_or_default().to_owned();
        for principal in self.principals.clone() {
            let target = format!(
                "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignments\
                 ?api-version={}&$filter=principalId eq '{}'",
                Ask::AssignmentsOf.details().version,
                quoted(&principal)
            );
            self.add(Read::at(Ask::AssignmentsOf, target));
            if groups {
                self.directory(Ask::Groups, &format!("servicePrincipals/{principal}/transitiveMemberOf"));
            }
        }
    }
}
