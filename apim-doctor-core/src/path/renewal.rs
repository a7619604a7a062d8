//! Checks whether the vault has a newer certificate than the one in use.
//!
//! A reference without a version is fetched again within hours, one with a version never. A newer certificate in the
//! vault therefore shows which fix helps: renewal, a change of the reference or a repair of the fetch.
//!
//! Sources: <https://learn.microsoft.com/azure/api-management/configure-custom-domain> and
//! <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> (read 2026-11-29).

use jiff::{SignedDuration, Timestamp};

use crate::base::{Url, Verdict};
use crate::finding::Evidence;
use crate::model::key_vault::{Attributes, Secret};
use crate::model::{DirectAnswer, Gap};
use crate::path::found::Found;
use crate::path::observed::interval;
use crate::path::reason::Renewal;
use crate::path::{Case, GateOutcome};

/// Ends that differ by less belong to the same certificate: times are rounded.
const NEWER: SignedDuration = SignedDuration::from_hours(1);

/// The certificate that the vault holds now.
pub(super) struct Successor {
    /// What that means for the one in use.
    pub renewal: Renewal,
    /// Since when it is there.
    pub since: Option<Timestamp>,
    ends: Option<Timestamp>,
    version: Option<String>,
}

impl Successor {
    /// In words.
    pub(super) fn words(&self) -> String {
        let ends = self.ends.map(|at| format!(", which ends at {at}")).unwrap_or_default();
        match &self.version {
            Some(version) => format!("version `{version}`{ends}"),
            None => format!("a newer version{ends}"),
        }
    }
}

/// Compares the certificate in use with the vault's. One that should have been fetched by now keeps the path from
/// passing.
pub(super) fn weigh(case: &Case<'_>, found: Found<'_, '_>, gates: &mut [GateOutcome]) -> Option<Successor> {
    let served = case.path.expiry?;
    let (reference, target) = (found.reference?, found.target?);
    let mut held = held(case, found)?;
    let newer = held.ends.is_some_and(|ends| ends.duration_since(served) > NEWER);
    let other = |pinned: &String| held.version.as_ref().is_some_and(|now| !now.eq_ignore_ascii_case(pinned));
    held.renewal = match &reference.version {
        Some(pinned) if newer || (held.ends.is_none() && other(pinned)) => Renewal::Pinned,
        Some(_) => Renewal::Needed,
        None if !newer => Renewal::Needed,
        None if held.since.is_some_and(|since| case.as_of.duration_since(since) > interval(case)) => {
            Renewal::NotFetched
        }
        None => Renewal::OnItsWay,
    };
    let is_open = gates.iter().all(|gate| matches!(gate.verdict, Verdict::Pass | Verdict::NotApplicable));
    if held.renewal == Renewal::NotFetched && is_open && !case.is_repaired {
        let gate = gates.iter_mut().rev().find(|gate| gate.verdict == Verdict::Pass)?;
        let id = target.store.id().child(&reference.kind, &reference.name);
        let says = format!("the vault has {}, but the certificate in use ends at {served}", held.words());
        let what = format!("why `{}` still uses the old certificate: the vault has a newer one", case.path.label);
        let gap = Gap::at_run_time(what).advise("check the vault's audit log for the last attempts to fetch it");
        let evidence = vec![Evidence::new(says, &id, "/properties/attributes/exp")];
        gate.withdraw("was the newest version fetched?", evidence, gap);
    }
    Some(held)
}

/// What the vault holds now, as Resource Manager or the vault itself shows it.
fn held(case: &Case<'_>, found: Found<'_, '_>) -> Option<Successor> {
    let (reference, target) = (found.reference?, found.target?);
    let name = reference.name.to_ascii_lowercase();
    let id = target.store.id().child("secrets", &reference.name);
    let arm = case.estate.get::<Secret>(&id).known().and_then(|secret| {
        let version = secret.properties.secret_uri_with_version.as_deref().and_then(version_of);
        Some(successor(&secret.properties.attributes?, version))
    });
    let direct = |kind: &str| {
        let answer = case.estate.direct.get(&format!("{}/{kind}/{name}", target.host))?;
        Some(successor(&answer.attributes?, answer.id.as_deref().and_then(version_of)))
    };
    let listed = || newest(case.estate.direct.get(&format!("{}/secrets/{name}/versions", target.host))?);
    let direct = direct("secrets").or_else(|| direct("certificates")).or_else(listed);
    match (arm, direct) {
        // Answers that contradict each other say nothing.
        (Some(arm), Some(direct)) if arm.ends != direct.ends => None,
        (arm, direct) => arm.or(direct),
    }
}

/// The newest enabled version in the vault's own list.
fn newest(versions: &DirectAnswer) -> Option<Successor> {
    let enabled = versions.items.iter().filter(|item| item.enabled != Some(false));
    let newest = enabled.filter_map(|item| Some((item, item.attributes?))).max_by_key(|(_, a)| a.created)?;
    Some(successor(&newest.1, version_of(&newest.0.id)))
}

fn successor(attributes: &Attributes, version: Option<String>) -> Successor {
    let time = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Successor {
        renewal: Renewal::Needed,
        since: time(attributes.created.max(attributes.updated)),
        ends: time(attributes.exp),
        version,
    }
}

/// The version in `https://{vault}/secrets/{name}/{version}`.
fn version_of(identifier: &str) -> Option<String> {
    Url::parse(identifier)?.segments().nth(2).map(str::to_owned)
}
