//! Decides whether a principal has permission for an action at a scope, and through which role assignment.

use jiff::Timestamp;

use crate::base::ResourceId;
use crate::can::describe::{Asker, agreed, answer, describe, planes};
use crate::can::principal::principal;
use crate::eval::rbac::{self, Access, Plane, Request};
use crate::knowledge::roles;
use crate::model::{Estate, Gap};
use crate::report::v1::{Answer, AnswerGap, Permitted, Step};

/// A question for [`can`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asked {
    /// The object id of a user, a group or a service principal, or the id of a resource with a managed identity.
    pub principal: String,
    /// The action, management or data.
    pub action: String,
    /// The scope.
    pub scope: ResourceId,
    /// The time to judge from. Absent: when the recording was taken; if no recording says it, now, by the clock of this
    /// machine.
    pub as_of: Option<Timestamp>,
}

impl Asked {
    /// Asks whether a principal may do this at this scope.
    pub fn new(principal: impl Into<String>, action: impl Into<String>, scope: ResourceId) -> Self {
        Self { principal: principal.into(), action: action.into(), scope, as_of: None }
    }

    /// Judges from this time.
    #[must_use]
    pub fn with_as_of(mut self, time: Timestamp) -> Self {
        self.as_of = Some(time);
        self
    }
}

/// Says whether a principal may do something somewhere, and by which role assignment.
///
/// ```
/// use apim_doctor_core::v1::Permitted;
/// use apim_doctor_core::{Asked, Estate, Input, ResourceId, can};
/// let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
/// let vault = ResourceId::new("/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1");
/// let action = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
/// let answer = can(&estate, &Asked::new("11111111-2222-3333-4444-555555555555", action, vault));
/// assert_eq!(answer.answer, Permitted::Unknown);
/// assert!(answer.gaps[0].ask.starts_with("az "));
/// ```
pub fn can(estate: &Estate, asked: &Asked) -> Answer {
    let as_of = Some(estate.time(asked.as_of));
    let principal = match principal(estate, &asked.principal) {
        Ok(principal) => principal,
        Err(gap) => return answer(Permitted::Unknown, Vec::new(), vec![gap]),
    };
    let asker = Asker { estate, principal: &principal, as_of };
    let access = |action, plane| {
        rbac::evaluate(estate, &Request { principal: &principal, action, plane, scope: &asked.scope, as_of })
    };
    let of = |action, plane| describe(&asker, access(action, plane), plane);
    let answers: Vec<(Access, Plane)> =
        planes(estate, &asked.action).iter().map(|plane| (access(asked.action.as_str(), *plane), *plane)).collect();
    let first = agreed(answers.iter().map(|(access, _)| access)).and_then(|_| answers.into_iter().next());
    let Some((first, plane)) = first else {
        return answer(Permitted::Unknown, Vec::new(), vec![unclear(&asked.action)]);
    };
    let first = describe(&asker, first, plane);
    match roles::waits_with(&asked.action) {
        Some(read) if first.answer == Permitted::Allowed => and_wait(first, read, of(read, Plane::Management)),
        _ => first,
    }
}

/// The action is on both planes or on none that is known.
pub(super) fn unclear(action: &str) -> Gap {
    Gap::undocumented(format!("whether `{action}` is a management action or a data action"))
        .advise("check the spelling against the provider's operations")
}

/// Adds whether the principal may also wait for the end of what it may start.
fn and_wait(mut start: Answer, read: &str, wait: Answer) -> Answer {
    const WAIT: &str = "can the principal also wait for the result?";
    start.trace.extend(wait.trace.into_iter().map(|step| Step { question: WAIT.into(), ..step }));
    if wait.answer == Permitted::Denied {
        let what = format!(
            "how the operation ends: the principal can start it but lacks `{read}`, so Azure refuses to report its \
             progress"
        );
        let advice = format!("assign a role that includes `{read}`, or do not wait for the result");
        start.gaps.push(AnswerGap::of(&Gap::at_run_time(what).advise(advice)));
    }
    start.gaps.extend(wait.gaps);
    start
}
