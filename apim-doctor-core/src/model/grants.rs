//! Role assignments by where they are held and by whom, so that a path looks at its own alone.

use std::fmt;

use crate::base::{Map, ResourceId};
use crate::model::Resource;
use crate::model::authorization::RoleAssignment;

/// Where role assignments are held.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum HeldAt {
    /// At this scope.
    Scope(ResourceId),
    /// Above a subscription (lower case), as its own lists say.
    Above(String),
}

impl fmt::Display for HeldAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeldAt::Scope(scope) => write!(f, "at {}", scope.as_str().to_ascii_lowercase()),
            HeldAt::Above(subscription) => write!(f, "above {subscription}"),
        }
    }
}

/// Who holds role assignments somewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holders {
    /// Assignments that name a principal (lower case), or that a list says are assigned to it.
    pub of: Map<String, Vec<ResourceId>>,
    /// Assignments whose principal may be a group.
    pub groups: Vec<ResourceId>,
    /// Assignments that name no principal, and those about which answers contradict each other.
    pub open: Vec<ResourceId>,
}

impl Holders {
    /// Adds an assignment that was read. `listed`: principals (lower case) that it is assigned to, as lists say.
    pub(crate) fn add(&mut self, assignment: &Resource<RoleAssignment>, listed: &[String]) {
        let Some(principal) = &assignment.properties.principal_id else {
            self.open.push(assignment.id.clone());
            return;
        };
        let own = principal.as_str().to_ascii_lowercase();
        if may_be_group(&assignment.properties) {
            self.groups.push(assignment.id.clone());
            for other in listed.iter().filter(|other| **other != own) {
                self.of.entry(other.clone()).or_default().push(assignment.id.clone());
            }
        }
        self.of.entry(own).or_default().push(assignment.id.clone());
    }

    /// Removes an assignment.
    pub(crate) fn remove(&mut self, id: &ResourceId) {
        for ids in self.of.values_mut().chain([&mut self.groups, &mut self.open]) {
            ids.retain(|own| own != id);
        }
    }

    /// Puts everything in the order of ids.
    pub(crate) fn sort(&mut self) {
        for ids in self.of.values_mut().chain([&mut self.groups, &mut self.open]) {
            ids.sort();
            ids.dedup();
        }
    }
}

/// Whether the principal of an assignment may be a group: whether it is one is not said, or said to be so.
pub(crate) fn may_be_group(assignment: &RoleAssignment) -> bool {
    let kind = assignment.principal_type.as_deref().unwrap_or_default();
    !["ServicePrincipal", "User", "Device"].iter().any(|single| kind.eq_ignore_ascii_case(single))
}
