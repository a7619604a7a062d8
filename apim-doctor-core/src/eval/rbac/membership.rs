//! Which groups a principal is in, as far as it was collected.

use std::collections::BTreeSet;

use crate::base::{ObjectId, ResourceId};
use crate::eval::condition::Truth;
use crate::eval::rbac::access::Held;
use crate::model::authorization::RoleAssignment;
use crate::model::grants::may_be_group;
use crate::model::{Estate, Gap, Get, Resource};

/// Which groups the principal is in, as far as it was seen.
pub(super) struct Membership<'e> {
    /// The principal.
    pub principal: &'e ObjectId,
    /// The host of Microsoft Graph.
    pub graph: &'e str,
    /// Its groups, where all of them were collected.
    pub groups: Option<&'e BTreeSet<String>>,
    /// The assignments that a list shows as assigned to it.
    pub assigned: &'e [ResourceId],
    /// Where Microsoft Graph keeps it: `servicePrincipals`, `users` or `groups`.
    pub collection: &'static str,
}

impl<'e> Membership<'e> {
    pub(super) fn of(estate: &'e Estate, principal: &'e ObjectId) -> Self {
        let id = principal.as_str().to_ascii_lowercase();
        Self {
            principal,
            graph: &estate.cloud.graph,
            groups: estate.index.groups_of.get(&id),
            assigned: estate.index.assigned_to.get(&id).map(Vec::as_slice).unwrap_or_default(),
            collection: match kind_of(estate, principal) {
                Some(kind) if kind.eq_ignore_ascii_case("User") => "users",
                Some(kind) if kind.to_ascii_lowercase().contains("group") => "groups",
                _ => "servicePrincipals",
            },
        }
    }

    pub(super) fn contains(&self, group: &ObjectId) -> Truth {
        match self.groups {
            Some(groups) if groups.contains(&group.as_str().to_ascii_lowercase()) => Truth::True,
            Some(_) => Truth::False,
            None => Truth::Unknown,
        }
    }

    /// Whether an assignment is the principal's: by name, or through a group.
    pub(super) fn holds(&self, assignment: &Resource<RoleAssignment>) -> Truth {
        let properties = &assignment.properties;
        let Some(holder) = &properties.principal_id else { return Truth::Unknown };
        if holder == self.principal {
            return Truth::True;
        }
        if !may_be_group(properties) {
            return Truth::False;
        }
        match self.assigned.binary_search(&assignment.id).is_ok() {
            true => Truth::True,
            false => self.contains(holder),
        }
    }

    pub(super) fn gap(&self, held: &Held, assignment: &Resource<RoleAssignment>) -> Gap {
        let group = assignment.properties.principal_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let principal = self.principal;
        Gap::not_collected(
            format!("the list of groups of principal `{principal}`"),
            Get::graph(self.graph, &format!("{}/{principal}/transitiveMemberOf", self.collection)),
        )
        .leaves_open(format!("whether the principal is a member of group `{group}`, which has role `{}`", held.role))
    }
}

/// What a principal is, as a role assignment that names it says: `User`, `Group`, `ServicePrincipal`.
pub(crate) fn kind_of<'e>(estate: &'e Estate, principal: &ObjectId) -> Option<&'e str> {
    let own = estate.index.assignments_of.get(&principal.as_str().to_ascii_lowercase());
    own.into_iter()
        .flatten()
        .find_map(|id| estate.get::<RoleAssignment>(id).known()?.properties.principal_type.as_deref())
}
