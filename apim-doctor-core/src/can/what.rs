//! Decides what a principal may do on API Management, Key Vault, storage and backup.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::base::ResourceId;
use crate::can::describe::{Asker, chain, overall, permitted, planes};
use crate::can::principal::{place, principal};
use crate::can::v1::{AtScope, Right, What};
use crate::eval::rbac::{self, Access, Plane, Request, held_by};
use crate::knowledge::tasks::{TASKS, Task};
use crate::model::{Estate, Gap};
use crate::report::v1::{AnswerGap, Permitted};

/// A question for [`what`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AskedWhat {
    /// The principal, named as in [`Asked`](crate::Asked).
    pub principal: String,
    /// The scope. Absent: each scope at which the principal has a role.
    pub scope: Option<ResourceId>,
    /// The time to judge from; absent: as in [`Asked`](crate::Asked).
    pub as_of: Option<Timestamp>,
}

impl AskedWhat {
    /// Asks what a principal may do, at each scope at which it has a role.
    pub fn new(principal: impl Into<String>) -> Self {
        Self { principal: principal.into(), scope: None, as_of: None }
    }

    /// Asks about this scope only.
    #[must_use]
    pub fn with_scope(mut self, scope: ResourceId) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Judges from this time.
    #[must_use]
    pub fn with_as_of(mut self, time: Timestamp) -> Self {
        self.as_of = Some(time);
        self
    }
}

/// Lists what a principal may do, by scope and role. The answer for each action is the one that [`can`](crate::can)
/// gives.
///
/// ```
/// use apim_doctor_core::v1::Permitted;
/// use apim_doctor_core::{AskedWhat, Estate, Input, what};
/// let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
/// let answer = what(&estate, &AskedWhat::new("11111111-2222-3333-4444-555555555555"));
/// assert_eq!(answer.answer, Permitted::Unknown);
/// ```
pub fn what(estate: &Estate, asked: &AskedWhat) -> What {
    let as_of = Some(estate.time(asked.as_of));
    let mut said = What {
        apim_doctor: "what/v1".into(),
        principal: asked.principal.clone(),
        answer: Permitted::Unknown,
        scopes: Vec::new(),
        gaps: Vec::new(),
    };
    let principal = match principal(estate, &asked.principal) {
        Ok(principal) => principal,
        Err(gap) => return What { gaps: vec![AnswerGap::of(&gap)], ..said },
    };
    let asker = Asker { estate, principal: &principal, as_of };
    let held = held_by(estate, &principal);
    let scopes = match &asked.scope {
        Some(scope) => BTreeSet::from([scope.clone()]),
        None => held.scopes,
    };
    let mut gaps: Vec<Gap> = held.gaps;
    if asked.scope.is_some() {
        gaps.clear();
    }
    said.scopes = scopes
        .into_iter()
        .map(|scope| {
            let rights = TASKS.iter().filter_map(|task| right(&asker, task, &scope)).collect();
            AtScope { place: place(&scope), scope, rights }
        })
        .filter(|at| asked.scope.is_some() || !at.rights.is_empty())
        .collect();
    let is = |wanted| said.scopes.iter().flat_map(|at| &at.rights).any(|right| right.answer == wanted);
    said.answer = overall(is(Permitted::Allowed), is(Permitted::Unknown) || !gaps.is_empty());
    said.gaps = gaps.iter().map(AnswerGap::of).collect();
    said
}

/// One action at a scope; `None`: it is denied, or the scope has nothing of the kind.
fn right(asker: &Asker<'_>, task: &Task, scope: &ResourceId) -> Option<Right> {
    if !task.is_about(scope) {
        return None;
    }
    let ask = |plane: &Plane| {
        let Asker { estate, principal, as_of } = *asker;
        rbac::evaluate(estate, &Request { principal, action: task.action, plane: *plane, scope, as_of })
    };
    let mut all = planes(asker.estate, task.action).iter().map(ask);
    let access: Access = all.next()?;
    let answer = permitted(&access);
    if answer == Permitted::Denied {
        return None;
    }
    let (grant, _, gaps) = chain(asker, &access);
    Some(Right {
        area: task.area.into(),
        task: task.words.into(),
        action: task.action.into(),
        answer,
        grant,
        gaps: gaps.iter().map(AnswerGap::of).collect(),
    })
}
