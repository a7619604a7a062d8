//! Puts what the evaluator says into words, with the whole chain from the principal to the role.

use jiff::Timestamp;

use crate::base::{ObjectId, Verdict};
use crate::can::principal::place;
use crate::eval::rbac::{Access, Held, Plane, Shortfall, Wait};
use crate::knowledge::roles;
use crate::model::authorization::{DenyAssignment, RoleAssignment};
use crate::model::{ClosedBy, Estate, Gap, scope_of};
use crate::report::v1::{Answer, AnswerGap, Denial, Evidence, Grant, Permitted, Step};

/// Who asks, in which estate, and when.
pub(super) struct Asker<'a> {
    pub estate: &'a Estate,
    pub principal: &'a ObjectId,
    pub as_of: Option<Timestamp>,
}

/// The kinds of actions that this one can be. All roles are searched for it, so that is done once.
pub(super) fn planes(estate: &Estate, action: &str) -> &'static [Plane] {
    match *estate.memo.answer(format!("plane\n{action}"), || roles::is_data_action(action)) {
        Some(true) => &[Plane::Data],
        Some(false) => &[Plane::Management],
        None => &[Plane::Management, Plane::Data],
    }
}

/// The answer in a word.
pub(super) fn permitted(access: &Access) -> Permitted {
    match access {
        Access::Allowed(_) => Permitted::Allowed,
        Access::DeniedBy { .. } | Access::NotGranted(_) => Permitted::Denied,
        Access::TooYoung { .. } | Access::Unknown { .. } => Permitted::Unknown,
    }
}

/// The answer that all of these give; `None` if they differ, or there are none.
pub(super) fn agreed<'a>(all: impl IntoIterator<Item = &'a Access>) -> Option<Permitted> {
    let mut all = all.into_iter().map(permitted);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// The answer to a list: whether anything in it is allowed, and whether anything is unknown.
pub(super) fn overall(allowed: bool, unknown: bool) -> Permitted {
    match (allowed, unknown) {
        (true, _) => Permitted::Allowed,
        (false, true) => Permitted::Unknown,
        (false, false) => Permitted::Denied,
    }
}

/// An answer without a chain.
pub(super) fn answer(answer: Permitted, trace: Vec<Step>, gaps: Vec<Gap>) -> Answer {
    let gaps = gaps.iter().map(AnswerGap::of).collect();
    Answer { apim_doctor: "answer/v1".into(), answer, by: None, grant: None, denied_by: None, trace, gaps }
}

/// What decides an answer: the grant, the deny assignment, and what keeps it open.
pub(super) fn chain(asker: &Asker<'_>, access: &Access) -> (Option<Grant>, Option<Denial>, Vec<Gap>) {
    match access {
        Access::Allowed(held) => (Some(asker.grant(held, None)), None, Vec::new()),
        Access::TooYoung { held, wait } => (Some(asker.grant(held, Some(*wait))), None, vec![too_young(held, *wait)]),
        Access::DeniedBy { id, name } => {
            let own = asker.estate.get::<DenyAssignment>(id).known().and_then(|denial| denial.properties.scope.clone());
            let place = place(&own.unwrap_or_else(|| scope_of(id)));
            (None, Some(Denial { id: id.clone(), name: name.clone(), place }), Vec::new())
        }
        Access::NotGranted(_) => (None, None, Vec::new()),
        Access::Unknown { gaps, .. } => (None, None, gaps.clone()),
    }
}

fn too_young(held: &Held, wait: Wait) -> Gap {
    let what = format!("whether role `{}`, assigned less than {} ago, is effective yet", held.role, wait.words());
    Gap::pending(what, ClosedBy::Nothing).advise(format!("wait {} and ask again", wait.words()))
}

/// The whole answer.
pub(super) fn describe(asker: &Asker<'_>, access: Access, plane: Plane) -> Answer {
    let question = match plane {
        Plane::Management => "does a role of the principal allow the management action at this scope?",
        Plane::Data => "does a role of the principal allow the data action at this scope?",
    };
    let (grant, denied_by, gaps) = chain(asker, &access);
    let (verdict, evidence) = match &access {
        Access::Allowed(held) => (Verdict::Pass, vec![evidence(held, "allows it")]),
        Access::TooYoung { held, .. } => (Verdict::Unknown, vec![evidence(held, "is too new")]),
        Access::DeniedBy { id, name } => {
            (Verdict::Fail, vec![Evidence::new(format!("deny assignment `{name}` applies"), id, "")])
        }
        Access::NotGranted(short) => {
            (Verdict::Fail, short.iter().map(|(held, why)| evidence(held, words(why))).collect())
        }
        Access::Unknown { groups, .. } => {
            (Verdict::Unknown, groups.iter().map(|held| evidence(held, "is assigned to a group")).collect())
        }
    };
    let by = match &access {
        Access::Allowed(held) => Some(format!("{} at {}", held.role, held.scope)),
        _ => None,
    };
    let step = Step { question: question.into(), verdict, evidence, under: [] };
    Answer { by, grant, denied_by, ..answer(permitted(&access), vec![step], gaps) }
}

fn words(why: &Shortfall) -> &'static str {
    match why {
        Shortfall::Elsewhere => "is assigned at a different scope",
        Shortfall::ManagementOnly => "contains only management actions",
        Shortfall::DefinitionMissing => "does not exist",
        Shortfall::LacksAction => "does not contain the action",
        Shortfall::Condition(_) => "has a condition that is not met",
    }
}

fn evidence(held: &Held, says: &str) -> Evidence {
    let says = format!("role `{}` at `{}` {says}", held.role, held.scope);
    Evidence::new(says, &held.assignment, "/properties/roleDefinitionId")
}

impl Asker<'_> {
    fn grant(&self, held: &Held, wait: Option<Wait>) -> Grant {
        let own = self.estate.get::<RoleAssignment>(&held.assignment).known().map(|found| &found.properties);
        let holder = own.and_then(|own| own.principal_id.as_ref());
        let changed = own.and_then(|own| own.updated_on.clone().max(own.created_on.clone()));
        Grant {
            assignment: held.assignment.clone(),
            role: held.role.clone(),
            scope: held.scope.clone(),
            place: place(&held.scope),
            assigned_to: holder.map(ToString::to_string),
            through_group: holder.is_some_and(|holder| holder != self.principal),
            condition: own.and_then(|own| own.condition.clone()).filter(|text| !text.trim().is_empty()),
            pending: wait.map(|wait| self.pending(changed.as_deref(), wait)),
            changed_on: changed,
        }
    }

    /// How old an assignment is, and how long it can take to be effective.
    fn pending(&self, changed: Option<&str>, wait: Wait) -> String {
        let at = changed.and_then(|text| text.parse::<Timestamp>().ok());
        let minutes = self.as_of.zip(at).map(|(now, at)| now.duration_since(at).as_mins()).filter(|age| *age >= 0);
        let age = match minutes {
            Some(1) => "assigned or changed 1 minute ago".to_owned(),
            Some(minutes) if minutes < 120 => format!("assigned or changed {minutes} minutes ago"),
            Some(minutes) => format!("assigned or changed {} hours ago", minutes / 60),
            None => "assigned or changed recently".to_owned(),
        };
        format!("{age}; it can take {}", wait.words())
    }
}
