//! Answers that contradict each other, in one recording or between several.
//!
//! The later of two answers to the same question counts. Everything else that contradicts is forgotten, with a gap that
//! names both places: forgetting can only turn a verdict into `unknown`, so no rule has to know about contradictions.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use memchr::memchr_iter;
use serde::Deserialize;
use serde_json::Value;

use crate::base::{Map, ObjectId, ResourceId};
use crate::model::authorization::{DenyAssignment, GRANTS, RoleAssignment};
use crate::model::network::{Subnet, VirtualNetwork};
use crate::model::{
    EachType, Estate, Filter, Gap, Input, ListAnswer, Modelled, Place, Refusal, Resource, Row, Seen, Tables, scope_of,
};
use crate::source::combine::{holds, said};

/// When each input was recorded, by its number. A bare file does not say it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    at: Vec<Option<Timestamp>>,
    /// Which inputs are recordings.
    recorded: Vec<bool>,
}

impl Times {
    /// Adds an input that holds bodies without requests.
    pub(super) fn push_bare(&mut self) {
        self.at.push(None);
        self.recorded.push(false);
    }

    /// Makes the last input a recording.
    pub(super) fn record(&mut self, at: Option<Timestamp>) {
        if let (Some(own), Some(recorded)) = (self.at.last_mut(), self.recorded.last_mut()) {
            (*own, *recorded) = (at, true);
        }
    }

    /// Whether a file holds bodies without requests.
    fn is_bare(&self, file: u16) -> bool {
        self.recorded.get(usize::from(file)) == Some(&false)
    }

    pub(super) fn of(&self, file: u16) -> Option<Timestamp> {
        self.at.get(usize::from(file)).copied().flatten()
    }

    /// Whether one file was certainly recorded after another.
    pub(super) fn is_later(&self, one: u16, other: u16) -> bool {
        matches!((self.of(one), self.of(other)), (Some(one), Some(other)) if one > other)
    }

    /// Whether two files count as one recording.
    fn is_same(&self, one: u16, other: u16) -> bool {
        one == other || self.of(one).is_some_and(|at| self.of(other) == Some(at))
    }
}

/// What is not known because answers contradict each other, with the two places.
pub(crate) type Contradicted = Map<ResourceId, (Place, Place)>;

/// Compares the answers that hold the same resource, keeps the best one, and takes out what contradicts.
pub(crate) struct CompareAnswers<'r> {
    pub tables: &'r mut Tables,
    pub inputs: &'r [Input],
    pub times: &'r Times,
    pub contradicted: &'r mut Contradicted,
}

impl EachType for CompareAnswers<'_> {
    fn visit<P: Modelled>(&mut self) {
        let (inputs, times, contradicted) = (self.inputs, self.times, &mut *self.contradicted);
        P::table_mut(self.tables).retain(|id, row| {
            if row.also.is_empty() {
                return true;
            }
            let own = Arc::make_mut(row);
            let mut all = std::mem::take(&mut own.also);
            all.push(Arc::new(own.clone()));
            let last = all.iter().map(|row| row.last).reduce(|a, b| if times.is_later(b, a) { b } else { a });
            let superseded = |row: &Arc<Row<P>>| {
                all.iter().any(|other| times.is_later(other.at.file, row.at.file) && other.rank >= row.rank)
            };
            let mut left: Vec<&Arc<Row<P>>> = all.iter().filter(|row| !superseded(row)).collect();
            // Which one is kept must not depend on which came first.
            left.sort_by_cached_key(|row| (row.rank.clone(), plain(inputs, row.at), std::cmp::Reverse(key(row.at))));
            let Some((best, others)) = left.split_last() else { return true };
            if let Some(other) = others.iter().find(|other| !agree(inputs, times, best, other)) {
                contradicted.insert(id.clone(), (best.at, other.at));
                return false;
            }
            let mut best = Row::clone(best);
            best.last = last.unwrap_or(best.at.file);
            *row = Arc::new(best);
            true
        });
    }
}

fn key(at: Place) -> (u16, usize) {
    (at.file, at.offset)
}

fn text(inputs: &[Input], at: Place) -> Option<&[u8]> {
    inputs.get(usize::from(at.file))?.bytes.get(at.offset..at.offset + at.len)
}

/// A body without what means nothing: case, and the order of members.
fn plain(inputs: &[Input], at: Place) -> Option<String> {
    let text = std::str::from_utf8(text(inputs, at)?).ok()?.to_ascii_lowercase();
    serde_json::from_str::<Value>(&text).ok().map(|value| value.to_string())
}

/// Whether the best answer and another one say the same of everything that is read.
fn agree<P: Modelled>(inputs: &[Input], times: &Times, best: &Row<P>, other: &Row<P>) -> bool {
    let said = said(&best.resource);
    if text(inputs, best.at) == text(inputs, other.at) || said == self::said(&other.resource) {
        return true;
    }
    // A body without a request may leave out what another answer says. That it says something else, or more, is a
    // contradiction.
    if times.is_bare(other.at.file) {
        let body = |row: &Row<P>| serde_json::from_slice::<Value>(text(inputs, row.at)?).ok();
        let bodies = body(best).zip(body(other));
        return bodies.is_some_and(|(own, their)| holds::<P>(&best.resource.id, &own, &their));
    }
    // A list or an older api-version may leave properties out. In the same recording that is not a contradiction; in
    // another one the property may be gone.
    best.rank != other.rank
        && times.is_same(best.at.file, other.at.file)
        && overlaid(inputs, best, other).is_some_and(|overlaid| self::said(&overlaid) == said)
}

/// The best answer with the other one's values where both have one; `None` where that cannot be told.
fn overlaid<P: Modelled>(inputs: &[Input], best: &Row<P>, other: &Row<P>) -> Option<Resource<P>> {
    let body = |at: Place| serde_json::from_slice::<Value>(text(inputs, at)?).ok();
    let (mut value, other) = (body(best.at)?, body(other.at)?);
    overlay(&mut value, &other);
    Resource::deserialize(&value).ok()
}

fn overlay(value: &mut Value, other: &Value) {
    match (value, other) {
        (_, Value::Null) | (Value::Null, _) => {}
        (Value::Object(own), Value::Object(other)) => {
            for (key, value) in own.iter_mut() {
                let same =
                    other.get(key).or_else(|| other.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v));
                if let Some(other) = same {
                    overlay(value, other);
                }
            }
        }
        (Value::Array(own), Value::Array(other)) if own.len() == other.len() => {
            own.iter_mut().zip(other).for_each(|(own, other)| overlay(own, other));
        }
        (value, other) => other.clone_into(value),
    }
}

/// Drops complete lists that a later complete answer to the same question replaces. A 404 that is not older leaves none
/// of them complete.
pub(crate) fn drop_replaced(answers: &mut Vec<ListAnswer>, times: &Times) {
    if answers.len() < 2 {
        return;
    }
    let mut newest: Map<Filter, u16> = Map::default();
    let mut gone: Map<Filter, (u16, Option<Gap>)> = Map::default();
    for answer in answers.iter().filter(|answer| answer.filter != Filter::Other) {
        let file = answer.at.file;
        if answer.is_gone {
            let kept = gone.entry(answer.filter.clone()).or_insert_with(|| (file, answer.not_seen.clone()));
            kept.0 = if times.is_later(file, kept.0) { file } else { kept.0 };
        } else if answer.not_seen.is_none() {
            let kept = newest.entry(answer.filter.clone()).or_insert(file);
            *kept = if times.is_later(file, *kept) { file } else { *kept };
        }
    }
    answers.retain_mut(|answer| {
        if answer.not_seen.is_some() {
            return true;
        }
        match gone.get(&answer.filter) {
            Some((file, gap)) if !times.is_later(answer.at.file, *file) => answer.not_seen.clone_from(gap),
            _ => {}
        }
        !newest.get(&answer.filter).is_some_and(|newest| times.is_later(*newest, answer.at.file))
    });
}

/// What stops being known once every answer was read.
#[derive(Default)]
pub(crate) struct Found {
    /// What is held in one place and is missing in another.
    pub contradicted: Contradicted,
    /// Complete lists that lack something, by where they stand, with what they lack and where that is held.
    pub open: Map<(u16, usize), (ResourceId, Place)>,
}

impl Found {
    fn open(&mut self, list: Place, id: &ResourceId, held: Place) {
        let new = || (id.clone(), held);
        let kept = self.open.entry(key(list)).or_insert_with(new);
        if (id, key(held)) < (&kept.0, key(kept.1)) {
            *kept = new();
        }
    }

    fn contradict(&mut self, id: &ResourceId, held: Place, missing: Place) {
        let kept = self.contradicted.entry(id.clone()).or_insert((held, missing));
        if key(missing) < key(kept.1) {
            *kept = (held, missing);
        }
    }
}

/// Finds what one answer holds and a complete list, or a 404, does not.
pub(crate) fn search(estate: &Estate, times: &Times, gone: &Map<ResourceId, Vec<Place>>) -> Found {
    let mut search = Search { estate, times, gone, found: Found::default(), above: Map::default() };
    Tables::each_type(&mut search);
    for (scope, kinds) in estate.lists.iter().filter(|(scope, _)| !scope.resource_type().is_empty()) {
        let kinds = kinds.iter().filter(|(kind, _)| !GRANTS.contains(kind));
        for answer in kinds.flat_map(|(_, answers)| answers).filter(|answer| answer.not_seen.is_none()) {
            if search.look(scope, answer.at.file, answer.at).is_some() {
                search.found.open(answer.at, scope, answer.at);
            }
        }
    }
    search.subnets();
    search.grants::<RoleAssignment>();
    search.grants::<DenyAssignment>();
    search.found
}

struct Search<'e> {
    estate: &'e Estate,
    times: &'e Times,
    /// Where 404 was answered.
    gone: &'e Map<ResourceId, Vec<Place>>,
    found: Found,
    /// Where something that contains others is missing, by the last recording that holds one of those.
    above: Map<(ResourceId, u16), Option<Place>>,
}

impl EachType for Search<'_> {
    fn visit<P: Modelled>(&mut self) {
        for (id, row) in P::table(&self.estate.tables) {
            if let Some(missing) = self.look(id, row.last, row.at) {
                self.found.contradict(id, row.at, missing);
            }
        }
    }
}

impl<'e> Search<'e> {
    /// Where a resource, or one that contains it, is missing; `last` is the last recording that holds it.
    fn look(&mut self, id: &ResourceId, last: u16, held: Place) -> Option<Place> {
        let kind = id.resource_type().to_ascii_lowercase();
        if GRANTS.contains(&kind.as_str()) {
            return None;
        }
        let own = self.missing(id, &kind, last, held);
        let parent = id.scopes().nth(1).filter(|parent| !parent.resource_type().is_empty());
        let Some(parent) = parent else { return own };
        let key = (parent, last);
        let above = match self.above.get(&key) {
            Some(known) => {
                let known = *known;
                if let Some(list) = known {
                    self.found.open(list, &key.0, held);
                }
                known
            }
            None => {
                let above = self.look(&key.0, last, held);
                self.above.insert(key, above);
                above
            }
        };
        own.or(above)
    }

    /// The first place where a resource is missing, unless it was made after that was recorded.
    fn missing(&mut self, id: &ResourceId, kind: &str, last: u16, held: Place) -> Option<Place> {
        let records =
            kind.starts_with("microsoft.network/privatednszones/").then_some("microsoft.network/privatednszones/all");
        let is_nested = kind.matches('/').count() > 1;
        let scopes = id.scopes().skip(1).take(if is_nested { 1 } else { usize::MAX });
        let gone = self.gone.get(id).into_iter().flatten().copied();
        let mut missing: Vec<Place> = gone.filter(|at| !self.times.is_later(last, at.file)).collect();
        for scope in scopes {
            let of = |kind: &str| self.estate.answers(&scope, kind);
            for answer in of(kind).iter().chain(records.map(of).into_iter().flatten()) {
                let is_whole = answer.filter == Filter::None && answer.not_seen.is_none();
                if is_whole && answer.ids.binary_search(id).is_err() {
                    self.found.open(answer.at, id, held);
                    missing.extend((!self.times.is_later(last, answer.at.file)).then_some(answer.at));
                }
            }
        }
        missing.into_iter().min_by_key(|at| key(*at))
    }

    /// A network's body holds all of its subnets.
    fn subnets(&mut self) {
        let mut networks: Map<ResourceId, HashSet<&ResourceId>> = Map::default();
        let subnets = Subnet::table(&self.estate.tables).iter().filter(|(_, row)| row.rank.0 > Seen::Inline);
        for (id, row) in subnets {
            let Some(network) = id.parent() else { continue };
            // A bare body is not said to be whole.
            let network = VirtualNetwork::table(&self.estate.tables).get(&network).filter(|row| !row.rank.1.is_empty());
            let Some(network) = network.filter(|network| !self.times.is_later(row.last, network.last)) else {
                continue;
            };
            let all = || network.resource.properties.subnets.iter().map(|subnet| &subnet.id).collect();
            if !networks.entry(network.resource.id.clone()).or_insert_with(all).contains(id) {
                self.found.contradict(id, row.at, network.at);
            }
        }
    }

    /// Lists of assignments also hold what is inherited, and may be of one principal.
    ///
    /// Source: <https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest> (read
    /// 2026-11-29).
    fn grants<P: Grant>(&mut self) {
        let Some(kind) = P::TYPES.first() else { return };
        let estate = self.estate;
        let mut lists: Vec<(&ResourceId, Option<String>, &ListAnswer)> = Vec::new();
        for (at, kinds) in estate.lists.iter() {
            let own = kinds.iter().filter(|(own, _)| own == kind).flat_map(|(_, answers)| answers);
            let whole = own.filter(|answer| answer.not_seen.is_none() && answer.filter != Filter::Other);
            lists.extend(whole.map(|answer| (at, of(&answer.filter), answer)));
        }
        if lists.is_empty() {
            return;
        }
        // Lists and grants meet at a scope, and at a principal where the list is of one.
        let mut listed: Map<At, Vec<&ListAnswer>> = Map::default();
        for (at, principal, answer) in &lists {
            listed.entry(((*at).clone(), principal.clone())).or_default().push(answer);
        }
        let mut held: Map<At, Vec<&Row<P>>> = Map::default();
        for (id, row) in P::table(&estate.tables) {
            let own = row.resource.properties.scope().cloned().unwrap_or_else(|| scope_of(id));
            let principals = principals(&row.resource.properties);
            for principal in &principals {
                held.entry((own.clone(), principal.clone())).or_default().push(row);
            }
            // What a list at its scope, or above it, has to hold.
            for (at, principal) in own.scopes().flat_map(|at| principals.iter().map(move |p| (at.clone(), p.clone()))) {
                let at_own = at == own;
                for answer in listed.get(&(at, principal)).into_iter().flatten() {
                    if (at_own || !is_at_scope(&answer.filter)) && answer.ids.binary_search(id).is_err() {
                        self.lacks(answer, row);
                    }
                }
            }
        }
        for ((subscription, _), ids) in estate.index.from_above.iter().filter(|((_, own), _)| own == kind) {
            for row in ids.iter().filter_map(|id| P::table(&estate.tables).get(id)) {
                for principal in principals(&row.resource.properties) {
                    held.entry((above(subscription), principal)).or_default().push(row);
                }
            }
        }
        // What a list below its scope has to hold.
        let scopes = |at: &ResourceId| {
            let beyond = at.subscription().map(|subscription| above(&subscription.to_ascii_lowercase()));
            at.scopes().skip(1).chain(beyond).collect::<Vec<_>>()
        };
        let mut lost: Map<At, (ResourceId, Place)> = Map::default();
        for (at, principal, answer) in &lists {
            for at in scopes(at).into_iter().map(|scope| (scope, principal.clone())) {
                let Some(rows) = held.get_mut(&at) else { continue };
                // Facts that are no longer known need no second check.
                rows.retain(|row| {
                    let id = &row.resource.id;
                    if row.resource.properties.stays_there() || answer.ids.binary_search(id).is_ok() {
                        return true;
                    }
                    self.lacks(answer, row);
                    if self.times.is_later(row.last, answer.at.file) {
                        return true;
                    }
                    let kept = lost.entry(at.clone()).or_insert_with(|| (id.clone(), row.at));
                    if *id < kept.0 {
                        *kept = (id.clone(), row.at);
                    }
                    false
                });
            }
        }
        for (at, principal, answer) in lists.iter().filter(|_| !lost.is_empty()) {
            for (id, held) in scopes(at).into_iter().filter_map(|scope| lost.get(&(scope, principal.clone()))) {
                self.found.open(answer.at, id, *held);
            }
        }
    }

    fn lacks<P>(&mut self, answer: &ListAnswer, row: &Row<P>) {
        self.found.open(answer.at, &row.resource.id, row.at);
        if !self.times.is_later(row.last, answer.at.file) {
            self.found.contradict(&row.resource.id, row.at, answer.at);
        }
    }
}

/// A scope, and the principal that a list is of.
type At = (ResourceId, Option<String>);

/// An assignment, which lists at other scopes than its own hold too.
trait Grant: Modelled {
    fn scope(&self) -> Option<&ResourceId>;
    fn principal(&self) -> Option<&ObjectId>;
    /// It does not apply below its scope.
    fn stays_there(&self) -> bool;
}

impl Grant for RoleAssignment {
    fn scope(&self) -> Option<&ResourceId> {
        self.scope.as_ref()
    }

    fn principal(&self) -> Option<&ObjectId> {
        self.principal_id.as_ref()
    }

    fn stays_there(&self) -> bool {
        false
    }
}

impl Grant for DenyAssignment {
    fn scope(&self) -> Option<&ResourceId> {
        self.scope.as_ref()
    }

    fn principal(&self) -> Option<&ObjectId> {
        None
    }

    fn stays_there(&self) -> bool {
        self.do_not_apply_to_child_scopes == Some(true)
    }
}

/// Lists of everybody hold an assignment, and those of its principal.
fn principals<P: Grant>(grant: &P) -> Vec<Option<String>> {
    let own = grant.principal().map(|principal| Some(principal.as_str().to_ascii_lowercase()));
    [None].into_iter().chain(own).collect()
}

/// The principal that a list is of.
fn of(filter: &Filter) -> Option<String> {
    match filter {
        Filter::PrincipalId(principal) | Filter::AssignedTo { principal, .. } => {
            Some(principal.as_str().to_ascii_lowercase())
        }
        Filter::None | Filter::AtScope | Filter::Backups(_) | Filter::Started { .. } | Filter::Other => None,
    }
}

/// Whether a list holds nothing from below its scope.
fn is_at_scope(filter: &Filter) -> bool {
    matches!(filter, Filter::AtScope | Filter::AssignedTo { at_scope: true, .. })
}

/// Stands for the scopes above a subscription, which no id shows.
fn above(subscription: &str) -> ResourceId {
    ResourceId::new(&format!("/above/{subscription}"))
}

/// Takes out what contradicts, and opens the lists that hold or lack it.
pub(crate) fn forget(estate: &mut Estate, found: Found, inputs: &[Input], times: &Times) -> bool {
    let Found { contradicted, open } = found;
    if contradicted.is_empty() && open.is_empty() {
        return false;
    }
    let places =
        Places { inputs, times, lines: inputs.iter().map(|i| memchr_iter(b'\n', &i.bytes).collect()).collect() };
    let gap = |id: &ResourceId, one: Place, other: Place| {
        let what = match one.file == other.file {
            true => format!(
                "{} contradicts itself about `{id}` (lines {} and {})",
                places.name(one.file),
                places.line(one),
                places.line(other)
            ),
            false => format!(
                "{} (line {}) and {} (line {}) contradict each other about `{id}`",
                places.name(one.file),
                places.line(one),
                places.name(other.file),
                places.line(other)
            ),
        };
        Gap::contradictory(what).advise("diagnose the latest recording alone, or collect again")
    };
    let gaps: Map<ResourceId, Gap> =
        contradicted.into_iter().map(|(id, (one, other))| (id.clone(), gap(&id, one, other))).collect();
    for answer in Arc::make_mut(&mut estate.lists).values_mut().flatten().flat_map(|(_, answers)| answers) {
        let lacks = open.get(&key(answer.at)).map(|(id, held)| gap(id, *held, answer.at));
        let holds = || answer.ids.iter().find_map(|id| gaps.get(id).cloned());
        if answer.not_seen.is_none() {
            answer.not_seen = lacks.or_else(holds);
        }
    }
    for (id, gap) in gaps {
        estate.tables.remove(&id);
        estate.refusals.insert(id, Refusal::Contradicted(gap));
    }
    true
}

/// Names places in the inputs.
struct Places<'i> {
    inputs: &'i [Input],
    times: &'i Times,
    lines: Vec<Vec<usize>>,
}

impl Places<'_> {
    /// The file, and when it was recorded.
    fn name(&self, file: u16) -> String {
        let name = self.inputs.get(usize::from(file)).map(|input| input.name.as_str()).unwrap_or_default();
        self.times.of(file).map_or_else(|| format!("`{name}`"), |time| format!("`{name}` of {time}"))
    }

    fn line(&self, at: Place) -> usize {
        let lines = self.lines.get(usize::from(at.file));
        lines.map_or(0, |lines| lines.partition_point(|end| *end < at.offset)) + 1
    }
}
