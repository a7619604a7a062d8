//! What identifies a finding. Texts, lines, file names and times may change; the fingerprint stays.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::fnv1a;
use crate::finding::Gate;
use crate::path::{AccessPath, Credential};
use crate::report::merge::Merged;
use crate::report::trial::Walked;

/// The fingerprints of a report's findings, in their order: the code, the subject, and what its gate looks at. No two are
/// equal.
pub(super) fn fingerprints(findings: &[Merged], paths: &[AccessPath], walked: &[Walked]) -> Vec<String> {
    let identities = findings.iter().map(|found| identity(found, paths, walked));
    let identities: Vec<String> = identities.collect();
    let mut equal: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, identity) in identities.iter().enumerate() {
        equal.entry(identity).or_default().push(at);
    }
    let mut prints = vec![String::new(); findings.len()];
    for (identity, mut same) in equal {
        // Findings that nothing else tells apart are told apart by their paths, and at last by their number.
        same.sort_by_cached_key(|at| affected(findings.get(*at), walked));
        for (number, at) in same.into_iter().enumerate() {
            if let Some(print) = prints.get_mut(at) {
                *print = match number {
                    0 => format!("{:016x}", fnv1a(identity)),
                    _ => format!("{:016x}", fnv1a(&format!("{identity}\n#{number}"))),
                };
            }
        }
    }
    prints
}

fn affected<'w>(found: Option<&Merged>, walked: &'w [Walked]) -> Vec<&'w str> {
    let affects = found.into_iter().flat_map(|found| &found.affects);
    affects.filter_map(|at| walked.get(*at)).map(|path| path.id.as_str()).collect()
}

fn identity(Merged { finding, affects }: &Merged, paths: &[AccessPath], walked: &[Walked]) -> String {
    let affected = affects.iter().filter_map(|at| Some((paths.get(*at)?, walked.get(*at)?)));
    let aspects: BTreeSet<String> = affected.map(|(path, walked)| aspect(finding.code.gate(), path, walked)).collect();
    let aspects: Vec<String> = aspects.into_iter().collect();
    format!("{}\n{}\n{}", finding.code, finding.subject, aspects.join("\n"))
}

/// What a gate looks at beside the subject. Paths that agree in it share a finding, so that one more of them does not
/// change its fingerprint.
fn aspect(gate: &str, path: &AccessPath, walked: &Walked) -> String {
    match Gate::ALL.into_iter().find(|own| own.name() == gate) {
        Some(Gate::Identity | Gate::Authorization) => credential(path),
        Some(Gate::Dns | Gate::Network | Gate::Firewall) => {
            format!("{} {}", path.origin.name(), walked.host.as_deref().unwrap_or_default())
        }
        Some(Gate::Reference) => format!("{} {}", path.resource, path.label),
        Some(Gate::Object) => path.reference.clone(),
        Some(Gate::Target) | None => String::new(),
    }
}

fn credential(path: &AccessPath) -> String {
    match &path.credential {
        Credential::SystemAssigned => path.resource.to_string(),
        Credential::ManagedIdentity { client_id } => client_id.to_string(),
        Credential::UserAssigned(id) => id.to_string(),
        Credential::FirstParty(_) => "first-party".to_owned(),
        Credential::AccountKey => "key".to_owned(),
        Credential::Undetermined(_) => String::new(),
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::base::{ResourceId, Verdict};
    use crate::finding::{Code, Finding};

    fn found(code: Code, subject: &str, message: &str) -> Merged {
        let finding = Finding {
            code,
            subject: ResourceId::new(subject),
            verdict: Verdict::Fail,
            message: message.to_owned(),
            evidence: Vec::new(),
            fixes: Vec::new(),
            confirm: None,
            leads: false,
            stands_alone: false,
        };
        Merged { finding, affects: Vec::new() }
    }

    #[test]
    fn the_text_and_the_case_of_names_change_nothing_and_all_else_does() {
        let print = |code, subject, message| fingerprints(&[found(code, subject, message)], &[], &[]).remove(0);
        let one = print(Code::DnsZoneNotLinked, "/subscriptions/s/zones/a", "zone `a` is not linked, 3 days left");
        assert_eq!(one, print(Code::DnsZoneNotLinked, "/subscriptions/s/zones/A", "another text"));
        assert_ne!(
            one,
            print(Code::DnsZoneNotLinked, "/subscriptions/s/zones/b", "zone `a` is not linked, 3 days left")
        );
        assert_ne!(
            one,
            print(Code::DnsRecordMissing, "/subscriptions/s/zones/a", "zone `a` is not linked, 3 days left")
        );
    }

    #[test]
    fn findings_that_nothing_tells_apart_share_no_fingerprint() {
        let same = |message| found(Code::ReferenceSyntax, "/subscriptions/s/settings/a", message);
        let prints = fingerprints(&[same("one"), same("two"), same("three")], &[], &[]);
        assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), 3);
        // The first keeps its fingerprint if the others are repaired.
        assert_eq!(prints[0], fingerprints(&[same("one")], &[], &[])[0]);
    }
}
