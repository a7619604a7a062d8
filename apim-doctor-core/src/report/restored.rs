//! What a restore brings with it: the Key Vault references of the instance that was backed up. Identities are not part of a
//! backup, so the target's own identity has to be able to read what they name.
//!
//! Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> (read
//! 2026-11-21). That a reference fails until then is inferred, so it changes no verdict.

use std::collections::BTreeMap;

use crate::base::{ResourceId, Verdict};
use crate::consumer;
use crate::eval::setting::{NOT_COLLECTED, Setting, Standing};
use crate::finding::{Evidence, Gate};
use crate::knowledge::caller_kind::ConsumerKind;
use crate::model::Fact;
use crate::model::api_management::Service;
use crate::path::exit::Exits;
use crate::path::gate::sources_of;
use crate::path::{AccessPath, Case, Diagnosis, walk};

const NAME: &str = "Key Vault grants";

/// Host names and their certificates are not part of a backup.
const BROUGHT: [ConsumerKind; 3] = [ConsumerKind::NamedValue, ConsumerKind::Certificate, ConsumerKind::Policy];

/// References to one vault, as the target's identity would use them.
#[derive(Default)]
struct Tally {
    count: usize,
    failing: usize,
    unknown: usize,
    why: Option<String>,
}

/// Whether the target of a restore may read what the restored references name, a row for each vault.
pub(super) fn restored(case: &Case<'_>) -> Vec<Setting> {
    let Some(call) = case.path.backup.as_deref().filter(|call| call.restores) else { return Vec::new() };
    if case.estate.world.deployed().is_some() {
        return Vec::new();
    }
    let target = &case.path.resource;
    let open = |what: String| {
        let at = Evidence::new("a restore brings the references of the source", target, "");
        vec![Setting::new(NAME, what, Standing::Unknown, at)]
    };
    let sources = sources_of(case.estate, call);
    let [source] = sources.as_slice() else {
        return open("not known: no single collected request made this backup".to_owned());
    };
    // Restored where it came from, the references are those that the instance has now.
    if source == target {
        return Vec::new();
    }
    let own = match (case.estate.get::<Service>(source), case.estate.get::<Service>(target)) {
        (Fact::Known(source), Fact::Known(_)) => source,
        _ => return open(format!("{NOT_COLLECTED}: instance `{}` or `{}`", source.name(), target.name())),
    };
    let (declared, gaps) = consumer::declared_by(case.estate, &own.id);
    let brought = declared.into_iter().filter(|path| BROUGHT.contains(&path.consumer));
    let brought: Vec<AccessPath> = brought.map(|path| AccessPath { resource: target.clone(), ..path }).collect();
    let exits = Exits::of(case.estate, &brought);
    let mut vaults: BTreeMap<String, Tally> = BTreeMap::new();
    for path in &brought {
        let walked = walk(&Case { path, exits: &exits, is_repaired: false, ..*case });
        let host = walked.reference.as_ref().map(|reference| reference.host.to_ascii_lowercase());
        let tally = vaults.entry(host.unwrap_or_else(|| "an unknown vault".to_owned())).or_default();
        tally.add(&walked);
    }
    let mut rows: Vec<Setting> = vaults.iter().map(|(host, tally)| tally.row(host, source, target)).collect();
    if !gaps.is_empty() {
        rows.extend(open(format!("not all references of `{}` were collected", source.name())));
    } else if rows.is_empty() {
        let at = Evidence::new("no named value, certificate or policy refers to a vault", source, "");
        let value = format!("none needed: `{}` refers to no vault", source.name());
        rows.push(Setting::new(NAME, value, Standing::Plain, at));
    }
    rows
}

impl Tally {
    /// Counts a reference: the target needs the identity that it selects, with a grant.
    fn add(&mut self, walked: &Diagnosis<'_>) {
        self.count += 1;
        let gates = || walked.gates.iter().filter(|gate| [Gate::Identity, Gate::Authorization].contains(&gate.gate));
        if let Some(failing) = gates().find(|gate| gate.verdict == Verdict::Fail) {
            self.failing += 1;
            let step = failing.steps.iter().find(|step| step.verdict == Verdict::Fail);
            let says = step.and_then(|step| step.evidence.last()).map(|evidence| evidence.says.to_string());
            self.why = self.why.take().or(says);
        } else if !gates().all(|gate| gate.verdict == Verdict::Pass) {
            self.unknown += 1;
        }
    }

    fn row(&self, host: &str, source: &ResourceId, target: &ResourceId) -> Setting {
        let Self { count, failing, unknown, why } = self;
        let noun = if *count == 1 { "reference" } else { "references" };
        let of = format!("{host}: {count} {noun} of `{}`", source.name());
        let name = target.name();
        let (value, standing) = match (failing, unknown) {
            (0, 0) => (format!("{of}, which `{name}` may read"), Standing::Guards),
            (0, _) => (format!("{of}; not known whether `{name}` may read them"), Standing::Unknown),
            (failing, _) => {
                let why = why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
                let which = if failing == count { "which".to_owned() } else { format!("{failing} of which") };
                (format!("{of}, {which} `{name}` may not read yet{why}"), Standing::Weak)
            }
        };
        Setting::new(NAME, value, standing, Evidence::new("a restore brings the references of the source", source, ""))
    }
}
