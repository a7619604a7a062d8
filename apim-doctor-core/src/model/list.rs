//! Answers to requests for lists, and what makes a list complete.

use crate::base::{Map, ObjectId, ResourceId};
use crate::model::table::Place;
use crate::model::{Gap, Get};

/// Which part of a list was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Filter {
    /// All of it.
    None,
    /// `atScope()`: at the scope and above it.
    AtScope,
    /// `principalId eq '…'`: granted to this principal by name.
    PrincipalId(ObjectId),
    /// `assignedTo('…')`: granted to this principal or a group it is in.
    AssignedTo {
        /// The principal.
        principal: ObjectId,
        /// Together with `atScope()`: nothing below the scope.
        at_scope: bool,
    },
    /// `backupManagementType eq '…'`: what is backed up in this way, in lower case.
    Backups(String),
    /// `startTime eq '…' and endTime eq '…'`: jobs that started in this time.
    Started {
        /// From when.
        from: String,
        /// Until when.
        until: String,
    },
    /// Anything else: proves presence only.
    Other,
}

/// One recorded answer to a request for a list.
#[derive(Clone, Debug)]
pub(crate) struct ListAnswer {
    /// What was asked for.
    pub filter: Filter,
    /// What came, in the order of ids.
    pub ids: Vec<ResourceId>,
    /// Why there may be more.
    pub not_seen: Option<Gap>,
    /// 404: the list does not exist.
    pub is_gone: bool,
    /// Where it stands.
    pub at: Place,
}

impl ListAnswer {
    /// Puts the ids in order.
    pub(crate) fn sort(&mut self) {
        self.ids.sort();
        self.ids.dedup();
    }
}

/// Answers to requests for a list, by scope and type (lower case). A scope has few types.
pub(crate) type Lists = Map<ResourceId, Vec<(&'static str, Vec<ListAnswer>)>>;

/// The scope whose list of its type holds a resource directly: its parent, the resource that it extends, or its
/// subscription.
pub(crate) fn list_scope(id: &ResourceId) -> Option<ResourceId> {
    match id.resource_type().matches('/').count() > 1 || is_extension(id) {
        true => id.scopes().nth(1),
        false => id.subscription_scope(),
    }
}

/// Whether a resource extends another resource.
pub(crate) fn is_extension(id: &ResourceId) -> bool {
    id.as_str().to_ascii_lowercase().matches("/providers/").count() > 1
}

/// Links of a private zone.
pub(crate) const ZONE_LINKS: &str = "microsoft.network/privatednszones/virtualnetworklinks";

/// Why a list is not complete: the best of the answers decides.
pub(super) fn not_seen(answers: &[ListAnswer], noun: &str, scope: &ResourceId, kind: &str) -> Option<Gap> {
    let mut whole = answers.iter().filter(|a| a.filter == Filter::None && a.not_seen.is_none());
    if let Some(first) = whole.next() {
        return whole.any(|other| other.ids != first.ids).then(|| {
            Gap::contradictory(format!("two answers to the list of {noun}s at `{scope}` differ"))
                .advise("diagnose the latest recording alone, or collect again")
        });
    }
    answers.iter().find_map(|a| a.not_seen.clone()).or_else(|| {
        Some(Gap::not_collected(format!("the complete list of {noun}s at `{scope}`"), Get::list(scope, kind)))
    })
}
