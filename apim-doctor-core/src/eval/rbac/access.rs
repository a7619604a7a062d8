//! Requests to the role-based access evaluator, and its results.

use jiff::{SignedDuration, Timestamp};

use crate::base::{ObjectId, ResourceId};
use crate::model::authorization::RoleAssignment;
use crate::model::{Gap, Resource};

/// Management actions and data actions never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plane {
    /// `actions` and `notActions`.
    Management,
    /// `dataActions` and `notDataActions`.
    Data,
}

/// Who wants to do what, where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// The object id of the principal.
    pub principal: &'a ObjectId,
    /// The action.
    pub action: &'a str,
    /// Which kind of action it is.
    pub plane: Plane,
    /// The resource, or the object in a vault.
    pub scope: &'a ResourceId,
    /// The time to judge from; absent: every assignment is effective, however new it is.
    pub as_of: Option<Timestamp>,
}

/// A role that the principal holds, or might.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The role assignment.
    pub assignment: ResourceId,
    /// The role's name.
    pub role: String,
    /// Where it is held.
    pub scope: ResourceId,
}

/// Why a held role does not help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shortfall {
    /// It is held somewhere that does not contain the target.
    Elsewhere,
    /// It has management actions only.
    ManagementOnly,
    /// The role does not exist.
    DefinitionMissing,
    /// It does not contain the action.
    LacksAction,
    /// Its condition is not met.
    Condition(String),
}

/// The answer.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// This role allows it, and nothing denies it.
    Allowed(Held),
    /// The only role that allows it was granted or changed recently and may not be effective yet.
    TooYoung {
        /// The role.
        held: Held,
        /// How long it may take.
        wait: Wait,
    },
    /// A deny assignment is in force.
    DeniedBy {
        /// The deny assignment.
        id: ResourceId,
        /// Its name.
        name: String,
    },
    /// No role of the principal allows it, and all were seen.
    NotGranted(Vec<(Held, Shortfall)>),
    /// It depends on a fact that was not collected.
    Unknown {
        /// What.
        gaps: Vec<Gap>,
        /// Roles held by groups that would allow it, if the principal were a member.
        groups: Vec<Held>,
    },
}

/// How long a new or changed role assignment may take to count.
///
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting> (read 2026-11-29): "up to 10
/// minutes"; data actions at management-group scope "might not be updated for several hours", which is said of this scope
/// and of data actions only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Ten minutes.
    Minutes,
    /// Several hours. No page gives a figure; eight hours are chosen here.
    Hours,
    /// Through a group. The tokens of a managed identity, which name its groups, are kept for about a day.
    /// Source: <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations>
    /// (read 2026-11-29).
    Day,
}

impl Wait {
    /// The longest time.
    pub(crate) fn most(self) -> SignedDuration {
        match self {
            Wait::Minutes => SignedDuration::from_mins(10),
            Wait::Hours => SignedDuration::from_hours(8),
            Wait::Day => SignedDuration::from_hours(24),
        }
    }

    /// The same in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Wait::Minutes => "ten minutes",
            Wait::Hours => "eight hours",
            Wait::Day => "a day",
        }
    }

    /// For an assignment to the principal, or to a group of it.
    pub(crate) fn of(assignment: &Resource<RoleAssignment>, held: &Held, request: &Request<'_>) -> Self {
        let at_group = held.scope.resource_type().eq_ignore_ascii_case("Microsoft.Management/managementGroups");
        match request.plane {
            _ if assignment.properties.principal_id.as_ref() != Some(request.principal) => Wait::Day,
            Plane::Data if at_group => Wait::Hours,
            _ => Wait::Minutes,
        }
    }
}
