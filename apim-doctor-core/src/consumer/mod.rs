//! The access paths that each Azure feature declares. Consumers do not evaluate them.

mod api_management;
mod app;
mod app_service_certificate;
mod application_gateway;
mod azure_backup;
mod backup;
mod declared;
mod function_storage;
mod key_vault_reference;

use std::collections::HashSet;

use rayon::prelude::*;

use crate::base::ResourceId;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::model::{Estate, Gap, Refusal};
use crate::path::AccessPath;

use declared::{Consumer, Declared};

/// One line a consumer.
static CONSUMERS: &[&dyn Consumer] = &[
    &api_management::ApiManagement,
    &key_vault_reference::KeyVaultReferences,
    &function_storage::FunctionStorage,
    &app_service_certificate::AppServiceCertificates,
    &application_gateway::ApplicationGateways,
    &backup::Backups,
    &azure_backup::AzureBackup,
];

/// The kinds of all consumers, as `--consumer` names them.
pub fn kinds() -> Vec<&'static str> {
    ConsumerKind::ALL.iter().map(|kind| kind.name()).collect()
}

/// All declared paths of the estate, and the gaps that hide others.
///
/// `wanted` keeps some owners with what belongs to them, or what declares a reference in one; `of` keeps the kinds that
/// start with one of these; empty: all.
pub(crate) fn paths(estate: &Estate, wanted: &[ResourceId], of: &[String]) -> (Vec<AccessPath>, Vec<Gap>) {
    let (mut paths, mut gaps) = (Vec::new(), Vec::new());
    // An app is asked about with its slots, and a named value with its instance.
    let is_asked =
        |owner: &ResourceId| wanted.is_empty() || wanted.iter().any(|id| id.is_within(owner) || owner.is_within(id));
    let is_of = |kind: ConsumerKind| of.is_empty() || of.iter().any(|start| kind.name().starts_with(start.as_str()));
    for consumer in CONSUMERS.iter().filter(|consumer| consumer.kinds().iter().any(|kind| is_of(*kind))) {
        let mut owners = estate.callers(consumer.caller());
        owners.retain(|owner| is_asked(owner));
        let declare = |owner: &ResourceId| {
            let mut declared = Declared::default();
            consumer.declare(estate, owner, &mut declared);
            declared
        };
        let declared: Vec<Declared> = owners.into_par_iter().with_min_len(8).map(declare).collect();
        paths.reserve_exact(declared.iter().map(|one| one.paths.len()).sum());
        for one in declared {
            paths.extend(one.paths);
            gaps.extend(one.gaps);
        }
        gaps.extend(unanswered(estate, *consumer, wanted, &is_asked));
        let mut unread = consumer.unread(estate, &is_asked);
        unread.sort();
        gaps.extend(unread);
    }
    let named = |path: &AccessPath| {
        wanted.iter().any(|id| path.resource.is_within(id) || path.declared_at.resource.as_ref() == Some(id))
    };
    paths.retain(|path| (wanted.is_empty() || named(path)) && is_of(path.consumer));
    if let Some(files) = estate.world.deployed() {
        let questions = files.questions.iter().filter(|(id, _)| id.scopes().any(|id| is_asked(&id)));
        gaps.extend(questions.map(|(_, gap)| gap.clone()));
    }
    gaps.dedup();
    (paths, gaps)
}

/// The paths that one resource declares.
pub(crate) fn paths_of(estate: &Estate, owner: &ResourceId) -> Vec<AccessPath> {
    declared_by(estate, owner).0
}

/// The paths that one resource declares, and what hides others.
pub(crate) fn declared_by(estate: &Estate, owner: &ResourceId) -> (Vec<AccessPath>, Vec<Gap>) {
    let mut declared = Declared::default();
    for consumer in of_type(owner) {
        consumer.declare(estate, owner, &mut declared);
    }
    (declared.paths, declared.gaps)
}

/// The consumers that a resource of this type may be.
fn of_type(owner: &ResourceId) -> impl Iterator<Item = &'static dyn Consumer> {
    CONSUMERS.iter().copied().filter(|consumer| is_caller(consumer.caller(), owner))
}

/// Whether a resource has a type of this kind of caller.
fn is_caller(kind: CallerKind, id: &ResourceId) -> bool {
    let own = id.resource_type();
    kind.resource_types().iter().any(|name| name.eq_ignore_ascii_case(&own))
}

/// Owners that were asked for and not answered.
fn unanswered(
    estate: &Estate,
    consumer: &dyn Consumer,
    wanted: &[ResourceId],
    is_asked: &dyn Fn(&ResourceId) -> bool,
) -> Vec<Gap> {
    let noun = consumer.caller().facts().noun;
    let is_owner = |id: &ResourceId| is_caller(consumer.caller(), id);
    let read: HashSet<&ResourceId> = estate.callers(consumer.caller()).into_iter().collect();
    let refused = estate.refusals.iter().filter(|(id, _)| is_owner(id) && !read.contains(*id) && is_asked(id));
    let mut gaps: Vec<Gap> = refused
        .map(|(id, refusal)| match refusal {
            Refusal::NotSeen(gap) | Refusal::Unreadable(gap) | Refusal::Contradicted(gap) => gap.clone(),
            Refusal::NotFound => Gap::refused(format!("{noun} `{}`", id.name()), 404, id),
        })
        .collect();
    // A part of an owner may declare a path, whatever its type.
    let parts = estate.refusals.iter().filter_map(|(id, refusal)| match refusal {
        Refusal::Contradicted(gap) => id.scopes().skip(1).any(|id| is_owner(&id) && is_asked(&id)).then(|| gap.clone()),
        _ => None,
    });
    gaps.extend(parts);
    let unknown = wanted.iter().flat_map(|id| id.scopes().find(is_owner));
    let unknown = unknown.filter(|id| !read.contains(id) && !estate.refusals.contains_key(id));
    gaps.extend(unknown.map(|id| Gap::not_collected(format!("{noun} `{}`", id.name()), &id)));
    gaps.sort();
    gaps
}
