//! Decides who has permission for an action at a scope, in one pass over the role assignments.

use jiff::Timestamp;

use crate::base::{Map, ObjectId, ResourceId};
use crate::can::describe::{Asker, agreed, chain, overall, planes};
use crate::can::one::unclear;
use crate::can::principal::resources;
use crate::can::v1::{Principal, Who};
use crate::eval::rbac::{Access, Everyone, Request, kind_of};
use crate::model::{Estate, Gap};
use crate::report::v1::{AnswerGap, Permitted};

/// A question for [`who`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AskedWho {
    /// The action, management or data.
    pub action: String,
    /// The scope.
    pub scope: ResourceId,
    /// The time to judge from; absent: as in [`Asked`](crate::Asked).
    pub as_of: Option<Timestamp>,
}

impl AskedWho {
    /// Asks who may do this at this scope.
    pub fn new(action: impl Into<String>, scope: ResourceId) -> Self {
        Self { action: action.into(), scope, as_of: None }
    }

    /// Judges from this time.
    #[must_use]
    pub fn with_as_of(mut self, time: Timestamp) -> Self {
        self.as_of = Some(time);
        self
    }
}

/// Lists the principals that may do something somewhere, and those of which it is not known.
///
/// Each role assignment is judged once for all principals. The answer for each principal is the one that [`can`](crate::can)
/// gives.
///
/// ```
/// use apim_doctor_core::v1::Permitted;
/// use apim_doctor_core::{AskedWho, Estate, Input, ResourceId, who};
/// let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
/// let vault = ResourceId::new("/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1");
/// let answer = who(&estate, &AskedWho::new("Microsoft.KeyVault/vaults/read", vault));
/// assert_eq!(answer.others, Permitted::Unknown);
/// ```
pub fn who(estate: &Estate, asked: &AskedWho) -> Who {
    let as_of = Some(estate.time(asked.as_of));
    let stranger = ObjectId::new("");
    let judged = planes(estate, &asked.action).iter().map(|plane| {
        let request =
            Request { principal: &stranger, action: &asked.action, plane: *plane, scope: &asked.scope, as_of };
        Everyone::at(estate, request)
    });
    let judged: Vec<Everyone<'_>> = judged.collect();
    let resources = resources(estate);
    let one = |access: Vec<Access>| -> (Permitted, Option<Access>) {
        match agreed(&access) {
            Some(answer) => (answer, access.into_iter().next()),
            None => (Permitted::Unknown, None),
        }
    };
    let (others, access) = one(judged.iter().map(Everyone::of_others).collect());
    let gaps = gaps(asked, access);
    let mut known: Vec<String> =
        judged.iter().flat_map(Everyone::principals).chain(resources.keys().cloned()).collect();
    known.sort();
    known.dedup();
    let principals = known.iter().filter_map(|id| {
        let principal = ObjectId::new(id);
        let (answer, access) = one(judged.iter().map(|everyone| everyone.of(&principal)).collect());
        let is_special = answer == Permitted::Allowed
            || answer != others
            || matches!(access, Some(Access::TooYoung { .. }))
            || answer == Permitted::Unknown && resources.contains_key(id);
        is_special.then(|| listed(&Asker { estate, principal: &principal, as_of }, asked, &resources, answer, access))
    });
    let principals: Vec<Principal> = principals.collect();
    let is = |wanted| others == wanted || principals.iter().any(|principal| principal.answer == wanted);
    let answer = overall(is(Permitted::Allowed), is(Permitted::Unknown));
    Who {
        apim_doctor: "who/v1".into(),
        action: asked.action.clone(),
        scope: asked.scope.clone(),
        answer,
        principals,
        others,
        gaps,
    }
}

fn gaps(asked: &AskedWho, access: Option<Access>) -> Vec<AnswerGap> {
    let gaps: Vec<Gap> = match access {
        Some(Access::Unknown { gaps, .. }) => gaps,
        Some(_) => Vec::new(),
        None => vec![unclear(&asked.action)],
    };
    gaps.iter().map(AnswerGap::of).collect()
}

fn listed(
    asker: &Asker<'_>,
    asked: &AskedWho,
    resources: &Map<String, ResourceId>,
    answer: Permitted,
    access: Option<Access>,
) -> Principal {
    let (grant, denied_by, gaps) =
        access.as_ref().map_or_else(|| (None, None, vec![unclear(&asked.action)]), |access| chain(asker, access));
    let id = asker.principal.as_str();
    Principal {
        principal: id.to_owned(),
        kind: kind_of(asker.estate, asker.principal).map(str::to_owned),
        resource: resources.get(id).cloned(),
        answer,
        grant,
        denied_by,
        gaps: gaps.iter().map(AnswerGap::of).collect(),
    }
}
