//! Decides whether a principal has permission for an action at a scope, and through which role assignment.

use jiff::Timestamp;

use crate::base::{ObjectId, ResourceId, Verdict, is_guid};
use crate::eval::rbac::{self, Access, Held, Plane, Request, Shortfall};
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::roles;
use crate::model::managed_identity::UserAssignedIdentity;
use crate::model::{ClosedBy, Estate, Gap};
use crate::report::v1::{Answer, AnswerGap, Evidence, Permitted, Step};

/// A question for [`can`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asked {
    /// An object id, or the id of a resource with a system-assigned identity, or of a user-assigned identity.
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
    let Some(principal) = principal(estate, &asked.principal) else {
        let gap = not_a_principal(&asked.principal);
        return answer(Permitted::Unknown, None, Vec::new(), vec![gap]);
    };
    let planes: &[Plane] = match roles::is_data_action(&asked.action) {
        Some(true) => &[Plane::Data],
        Some(false) => &[Plane::Management],
        None => &[Plane::Management, Plane::Data],
    };
    let of = |action, plane| {
        let request = Request { principal: &principal, action, plane, scope: &asked.scope, as_of };
        describe(rbac::evaluate(estate, &request), plane)
    };
    let mut answers = planes.iter().map(|plane| of(asked.action.as_str(), *plane));
    match (answers.next(), answers.next()) {
        (Some(first), None) => match roles::waits_with(&asked.action) {
            Some(read) if first.answer == Permitted::Allowed => and_wait(first, read, of(read, Plane::Management)),
            _ => first,
        },
        (Some(first), Some(second)) if first.answer == second.answer => first,
        _ => {
            let gap = Gap::undocumented(format!("whether `{}` is a management action or a data action", asked.action))
                .advise("check the spelling against the provider's operations");
            answer(Permitted::Unknown, None, Vec::new(), vec![gap])
        }
    }
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

/// What was given is neither an object id nor a resource whose identity was collected.
fn not_a_principal(text: &str) -> Gap {
    match text.starts_with("/subscriptions/") {
        true => Gap::not_collected(format!("the identity of `{text}`"), &ResourceId::new(text)),
        false => Gap::ambiguous(format!("which principal `{text}` is")).advise("give an object id or a resource id"),
    }
}

fn principal(estate: &Estate, text: &str) -> Option<ObjectId> {
    if !text.contains('/') {
        return is_guid(text).then(|| ObjectId::new(text));
    }
    let id = ResourceId::new(text);
    let own = estate.get::<UserAssignedIdentity>(&id).known().and_then(|i| i.properties.principal_id.clone());
    own.or_else(|| estate.caller(CallerKind::of(&id)?, &id).known()?.identity?.principal_id.clone())
}

fn answer(answer: Permitted, by: Option<String>, trace: Vec<Step>, gaps: Vec<Gap>) -> Answer {
    Answer { apim_doctor: "answer/v1".into(), answer, by, trace, gaps: gaps.iter().map(AnswerGap::of).collect() }
}

fn describe(access: Access, plane: Plane) -> Answer {
    let question = match plane {
        Plane::Management => "does a role of the principal allow the management action at this scope?",
        Plane::Data => "does a role of the principal allow the data action at this scope?",
    };
    let step =
        |verdict, evidence: Vec<Evidence>| vec![Step { question: question.into(), verdict, evidence, under: [] }];
    let name = |held: &Held| format!("{} at {}", held.role, held.scope);
    match access {
        Access::Allowed(held) => {
            let says = vec![evidence(&held, "allows it")];
            answer(Permitted::Allowed, Some(name(&held)), step(Verdict::Pass, says), vec![])
        }
        Access::TooYoung { held, wait } => {
            let gap = Gap::pending(
                format!("whether role `{}`, assigned less than {} ago, is effective yet", held.role, wait.words()),
                ClosedBy::Nothing,
            )
            .advise(format!("wait {} and ask again", wait.words()));
            answer(Permitted::Unknown, None, step(Verdict::Unknown, vec![evidence(&held, "is too new")]), vec![gap])
        }
        Access::DeniedBy { id, name } => {
            let says = format!("deny assignment `{name}` applies");
            let at = Evidence::new(says, &id, "");
            answer(Permitted::Denied, None, step(Verdict::Fail, vec![at]), vec![])
        }
        Access::NotGranted(short) => {
            let says = short.iter().map(|(held, why)| {
                evidence(
                    held,
                    match why {
                        Shortfall::Elsewhere => "is assigned at a different scope",
                        Shortfall::ManagementOnly => "contains only management actions",
                        Shortfall::LacksAction => "does not contain the action",
                        Shortfall::Condition(_) => "has a condition that is not met",
                    },
                )
            });
            answer(Permitted::Denied, None, step(Verdict::Fail, says.collect()), vec![])
        }
        Access::Unknown { gaps, groups } => {
            let says = groups.iter().map(|held| evidence(held, "is assigned to a group"));
            answer(Permitted::Unknown, None, step(Verdict::Unknown, says.collect()), gaps)
        }
    }
}

fn evidence(held: &Held, says: &str) -> Evidence {
    let says = format!("role `{}` at `{}` {says}", held.role, held.scope);
    Evidence::new(says, &held.assignment, "/properties/roleDefinitionId")
}
