//! Decides one request for every principal at once: each role assignment is judged once, for all who have it.

use std::collections::BTreeSet;

use crate::base::{Map, ObjectId, ResourceId};
use crate::eval::condition::Truth;
use crate::eval::rbac::access::{Access, Held, Request, Wait};
use crate::eval::rbac::assignment::{Judgement, is_young, judge};
use crate::eval::rbac::candidates::{MOST, folded, places};
use crate::eval::rbac::coverage::{coverage, disagreement};
use crate::eval::rbac::denial::{Denial, Denials, granted};
use crate::eval::rbac::membership::Membership;
use crate::model::authorization::{ROLE_ASSIGNMENTS, RoleAssignment};
use crate::model::grants::may_be_group;
use crate::model::{ClosedBy, Estate, Fact, Filter, Gap, Get, ListAnswer, Resource, scope_of, scopes_of};

/// What one assignment gives to its principals.
struct Share<'e> {
    assignment: &'e Resource<RoleAssignment>,
    held: Held,
    /// Absent: it grants.
    gap: Option<Gap>,
}

/// The assignments at a scope and above it, judged for one action.
pub(crate) struct Everyone<'e> {
    estate: &'e Estate,
    request: Request<'e>,
    /// In the order of ids.
    shares: Vec<Share<'e>>,
    /// Shares by the principal that they name (lower case).
    by_holder: Map<String, Vec<usize>>,
    by_id: Map<&'e ResourceId, usize>,
    /// Shares whose principal may be a group.
    of_groups: Vec<usize>,
    /// Assignments that may be anybody's.
    open: Vec<Gap>,
    denials: Denials<'e>,
    /// Why "no assignment" is not proved, for a principal of which no list was asked for.
    uncovered: Option<Gap>,
    /// Principals (lower case) of which a list of their own was asked for.
    asked_for: BTreeSet<String>,
    disagreement: Option<Gap>,
    scopes: Vec<ResourceId>,
}

impl<'e> Everyone<'e> {
    /// Judges the assignments. The principal of the request is not looked at.
    pub(crate) fn at(estate: &'e Estate, request: Request<'e>) -> Self {
        let scopes: Vec<ResourceId> = request.scope.scopes().collect();
        let mut ids: Vec<&ResourceId> = Vec::new();
        for at in places(&request) {
            for index in [&*estate.index, &estate.made] {
                if let Some(holders) = index.grants.get(&at) {
                    ids.extend(holders.of.values().flatten().chain(&holders.groups).chain(&holders.open));
                }
            }
        }
        ids.sort();
        ids.dedup();
        let (mut shares, mut open) = (Vec::new(), Vec::new());
        for id in ids {
            match estate.get::<RoleAssignment>(id) {
                Fact::Known(assignment) => match judge(estate, &request, assignment) {
                    (held, Judgement::Grants) => shares.push(Share { assignment, held, gap: None }),
                    (held, Judgement::Perhaps(gap)) => shares.push(Share { assignment, held, gap: Some(gap) }),
                    (_, Judgement::Not(_)) => {}
                },
                Fact::Unknown(gap) => open.push(gap),
                Fact::Absent(_) => {}
            }
        }
        let (mut by_holder, mut by_id, mut of_groups) = (Map::<String, Vec<usize>>::default(), Map::default(), vec![]);
        for (at, share) in shares.iter().enumerate() {
            by_id.insert(&share.assignment.id, at);
            let properties = &share.assignment.properties;
            match &properties.principal_id {
                Some(holder) => by_holder.entry(folded(holder)).or_default().push(at),
                None => {
                    let gap = || Gap::incomplete("a role assignment has no principal", &share.assignment.id);
                    open.push(share.gap.clone().unwrap_or_else(gap));
                    continue;
                }
            }
            if may_be_group(properties) {
                of_groups.push(at);
            }
        }
        let answers = scopes.iter().flat_map(|scope| estate.answers(scope, ROLE_ASSIGNMENTS));
        let asked_for = answers.filter_map(|answer| match &answer.filter {
            Filter::AssignedTo { principal, .. } => Some(folded(principal)),
            _ => None,
        });
        Self {
            asked_for: asked_for.collect(),
            uncovered: coverage(estate, ROLE_ASSIGNMENTS, &scopes, &ObjectId::new("")),
            disagreement: disagreement(estate, &scopes),
            denials: Denials::of(estate, &request, &scopes),
            estate,
            request,
            shares,
            by_holder,
            by_id,
            of_groups,
            open,
            scopes,
        }
    }

    /// The principals (lower case) whose answer can differ from that of a principal about which nothing was collected.
    pub(crate) fn principals(&self) -> BTreeSet<String> {
        let index = &self.estate.index;
        let listed = index.groups_of.keys().chain(index.assigned_to.keys()).chain(&self.asked_for);
        listed.chain(self.by_holder.keys()).cloned().chain(self.denials.principals()).collect()
    }

    /// Decides the request for a principal that no collected answer names.
    pub(crate) fn of_others(&self) -> Access {
        let graph = &self.estate.cloud.graph;
        let access = self.of(&ObjectId::new(""));
        let Access::Unknown { groups, .. } = access else { return access };
        let mut gaps: Vec<Gap> = self
            .of_groups
            .iter()
            .filter_map(|at| self.shares.get(*at))
            .take(MOST)
            .map(|share| {
                let group =
                    share.assignment.properties.principal_id.as_ref().map(ToString::to_string).unwrap_or_default();
                let what =
                    format!("which principals are members of group `{group}`, which has role `{}`", share.held.role);
                Gap::not_collected(what, Get::graph(graph, &format!("groups/{group}/transitiveMembers")))
            })
            .collect();
        gaps.extend(self.open.iter().take(MOST).cloned());
        gaps.extend(self.uncovered.clone());
        gaps.extend(self.disagreement.clone());
        Access::Unknown { gaps, groups }
    }

    /// Decides the request for one principal.
    pub(crate) fn of(&self, principal: &ObjectId) -> Access {
        let membership = Membership::of(self.estate, principal);
        let denial = self.denials.of_principal(&membership);
        if let Denial::By { id, name } = denial {
            return Access::DeniedBy { id, name };
        }
        let (mut gaps, mut groups, mut young): (Vec<Gap>, Vec<Held>, Option<(Held, Wait)>) = (Vec::new(), vec![], None);
        let mut allowed: Option<&Held> = None;
        for share in self.mine(&membership).into_iter().filter_map(|at| self.shares.get(at)) {
            let request = Request { principal, ..self.request };
            match &share.gap {
                Some(gap) => gaps.push(gap.clone()),
                None if is_young(share.assignment, &share.held, &request) => {
                    young = Some((share.held.clone(), Wait::of(share.assignment, &share.held, &request)));
                }
                None => allowed = allowed.or(Some(&share.held)),
            }
        }
        if let Some(held) = allowed {
            return granted(held.clone(), self.disagreement.clone(), denial);
        }
        if let Some((held, wait)) = young {
            return Access::TooYoung { held, wait };
        }
        for share in self.others(&membership).filter_map(|at| self.shares.get(at)).take(MOST) {
            match &share.gap {
                Some(gap) => gaps.push(gap.clone()),
                None => {
                    gaps.push(membership.gap(&share.held, share.assignment));
                    groups.push(share.held.clone());
                }
            }
        }
        gaps.extend(self.open.iter().take(MOST).cloned());
        gaps.extend(match self.asked_for.contains(&folded(principal)) {
            true => coverage(self.estate, ROLE_ASSIGNMENTS, &self.scopes, principal),
            false => self.uncovered.clone(),
        });
        gaps.extend(self.disagreement.clone());
        match gaps.is_empty() {
            true => Access::NotGranted(Vec::new()),
            false => Access::Unknown { gaps, groups },
        }
    }

    /// The shares that the principal has, by name or through a group, in the order of ids.
    fn mine(&self, membership: &Membership<'_>) -> Vec<usize> {
        let is_group_share = |at: &usize| self.of_groups.binary_search(at).is_ok();
        let of = |holder: &String| self.by_holder.get(holder).into_iter().flatten().copied();
        let groups = membership.groups.into_iter().flatten().flat_map(of).filter(is_group_share);
        let listed = membership.assigned.iter().filter_map(|id| self.by_id.get(id).copied()).filter(is_group_share);
        let mut mine: Vec<usize> = of(&folded(membership.principal)).chain(groups).chain(listed).collect();
        mine.sort_unstable();
        mine.dedup();
        mine
    }

    /// The shares of groups of which it is not known whether the principal is in them.
    fn others<'s>(&'s self, membership: &'s Membership<'_>) -> impl Iterator<Item = usize> + 's {
        let of_groups = if membership.groups.is_none() { self.of_groups.as_slice() } else { &[] };
        let is_other =
            |at: &usize| self.shares.get(*at).is_some_and(|share| membership.holds(share.assignment) == Truth::Unknown);
        of_groups.iter().copied().filter(is_other)
    }
}

/// The scopes at which a principal has roles.
pub(crate) struct HeldScopes {
    /// The scopes of assignments that name the principal or a group of it.
    pub scopes: BTreeSet<ResourceId>,
    /// Assignments that may be the principal's through a group; and lists of role assignments that were not collected.
    pub gaps: Vec<Gap>,
}

/// Collects where a principal has roles, in one pass over its role assignments and those of groups.
pub(crate) fn held_by(estate: &Estate, principal: &ObjectId) -> HeldScopes {
    let membership = Membership::of(estate, principal);
    let (mut scopes, mut groups) = (BTreeSet::new(), 0_usize);
    let mut first: Option<Gap> = None;
    for assignment in estate.all::<RoleAssignment>() {
        match membership.holds(assignment) {
            Truth::True => {
                scopes.extend(scopes_of(&assignment.id, assignment.properties.scope.as_ref()));
            }
            Truth::Unknown => {
                groups += 1;
                let held = || {
                    let role = assignment.properties.role_definition_id.as_ref().map(ResourceId::name);
                    Held {
                        assignment: assignment.id.clone(),
                        role: role.unwrap_or_default().to_owned(),
                        scope: scope_of(&assignment.id),
                    }
                };
                first.get_or_insert_with(|| membership.gap(&held(), assignment));
            }
            Truth::False => {}
        }
    }
    let mut gaps: Vec<Gap> = Vec::new();
    if let Some(gap) = first {
        let open = match groups {
            1 => "whether a role assignment of a group is also the principal's".to_owned(),
            _ => format!("which of {groups} role assignments of groups are also the principal's"),
        };
        gaps.push(gap.leaves_open(open));
    }
    let reaches = |answer: &ListAnswer| match &answer.filter {
        Filter::None => true,
        Filter::AssignedTo { principal: own, at_scope } => own == principal && !at_scope,
        Filter::AtScope | Filter::PrincipalId(_) | Filter::Backups(_) | Filter::Started { .. } | Filter::Other => false,
    };
    let is_whole = |answer: &ListAnswer| answer.not_seen.is_none() && reaches(answer);
    let mut subscriptions: BTreeSet<ResourceId> = BTreeSet::new();
    let lists = estate.lists.keys().chain(&scopes);
    subscriptions.extend(lists.filter_map(ResourceId::subscription_scope));
    for subscription in subscriptions {
        if !estate.answers(&subscription, ROLE_ASSIGNMENTS).iter().any(is_whole) {
            let what = format!("the list of all role assignments in `{subscription}`");
            gaps.push(Gap::not_collected(what, Get::list(&subscription, ROLE_ASSIGNMENTS)));
        }
    }
    if estate.lists.is_empty() && scopes.is_empty() {
        gaps.push(Gap::incomplete("the role assignments", ClosedBy::Nothing).advise("collect them"));
    }
    HeldScopes { scopes, gaps }
}
