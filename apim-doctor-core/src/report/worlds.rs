//! The worlds in which the paths of a deployment are judged.

use crate::base::Verdict;
use crate::finding::{Finding, Gate};
use crate::knowledge::caller_kind::CallerKind;
use crate::model::{Estate, Gap};
use crate::path::exit::Exits;
use crate::path::reason::Reason;
use crate::path::{AccessPath, Case, Diagnosis, GateOutcome, Origin, Principal, walk};
use crate::report::trial::explain;

/// The files of a deployment as they are read by default, as all there is, and with every private endpoint's zone; each
/// with the ways out of its networks.
pub(super) struct Worlds<'e> {
    pub own: Exits<'e>,
    alone: Option<(&'e Estate, Exits<'e>)>,
    linked: Option<(&'e Estate, Exits<'e>)>,
}

impl<'e> Worlds<'e> {
    pub(super) fn of(estate: &'e Estate, paths: &'e [AccessPath]) -> Self {
        let with = |estate: Option<&'e Estate>| estate.map(|estate| (estate, Exits::of(estate, paths)));
        let (alone, linked) = (estate.alone.as_deref(), estate.linked.as_deref());
        Self { own: Exits::of(estate, paths), alone: with(alone), linked: with(linked) }
    }

    /// Judges a path and explains what was found. If what the files of a deployment do not hold may exist elsewhere, a path
    /// that they open passes. One that they do not open fails if nothing elsewhere could open it; otherwise it is unknown,
    /// and what would be wrong if they were all there is is suspected.
    pub(super) fn judge(&'e self, case: &Case<'e>) -> (Diagnosis<'e>, Vec<Finding>) {
        let (diagnosis, alone) = self.walk(case);
        if let Some(gap) = partly_known(case) {
            let mut diagnosis = diagnosis;
            diagnosis.open_up(gap);
            return (diagnosis, Vec::new());
        }
        let mut findings = explain(case, &diagnosis);
        if let Some((alone, of_files)) = alone {
            let mut suspected = explain(&alone, &of_files);
            suspected.retain(|finding| findings.iter().all(|known| known.code != finding.code));
            suspected.iter_mut().for_each(|finding| finding.verdict = Verdict::Unknown);
            findings.extend(suspected);
        }
        (diagnosis, findings)
    }

    /// The verdict of a path, without an explanation.
    pub(super) fn verdict(&'e self, case: &Case<'e>) -> Verdict {
        match partly_known(case) {
            Some(_) => Verdict::Unknown,
            None => self.walk(case).0.verdict(),
        }
    }

    /// The verdict of a path, and the gates that fail.
    pub(super) fn gates(&'e self, case: &Case<'e>) -> (Verdict, Vec<Gate>) {
        if partly_known(case).is_some() {
            return (Verdict::Unknown, Vec::new());
        }
        let diagnosis = self.walk(case).0;
        let failing = diagnosis.gates.iter().filter(|gate| gate.verdict == Verdict::Fail).map(|gate| gate.gate);
        (diagnosis.verdict(), failing.collect())
    }

    /// Walks a path, and takes back failures that something in the files may prevent of which too little is known.
    fn walk(&'e self, case: &Case<'e>) -> (Diagnosis<'e>, Option<(Case<'e>, Diagnosis<'e>)>) {
        let (mut diagnosis, alone) = self.in_worlds(case);
        if let Some(files) = case.estate.world.deployed() {
            if let Some(gap) = &files.lost {
                diagnosis.doubt(&[Gate::Dns, Gate::Authorization], gap);
            }
            if let Some(gap) = files.lost.as_ref().or(files.endpoints.as_ref())
                && may_be_in_network(case)
            {
                diagnosis.doubt(&[Gate::Dns, Gate::Network, Gate::Firewall], gap);
            }
        }
        (diagnosis, alone)
    }

    /// Walks a path; also what would be wrong if the files were all there is, where that is suspected.
    fn in_worlds(&'e self, case: &Case<'e>) -> (Diagnosis<'e>, Option<(Case<'e>, Diagnosis<'e>)>) {
        let diagnosis = walk(case);
        let Some((alone, exits)) = &self.alone else { return (diagnosis, None) };
        let alone = Case { estate: alone, exits, ..*case };
        let of_files = walk(&alone);
        match (of_files.verdict(), diagnosis.verdict()) {
            (Verdict::Pass, _) => (of_files, None),
            (Verdict::Fail, Verdict::Unknown) if is_of_files(&alone, &of_files) => (of_files, None),
            (Verdict::Fail, Verdict::Unknown) => {
                if let Some((linked, exits)) = &self.linked {
                    let case = Case { estate: linked, exits, ..*case };
                    let linked = walk(&case);
                    let is_way = |gate: Gate| gate == Gate::Network || gate == Gate::Firewall;
                    if failing(&linked).is_some_and(|gate| is_way(gate.gate)) && !perhaps_private(&case, &linked) {
                        return (linked, None);
                    }
                }
                (diagnosis, Some((alone, of_files)))
            }
            (Verdict::Fail, Verdict::Fail) if perhaps_private(case, &diagnosis) => {
                let mut diagnosis = diagnosis;
                let gap = Gap::not_in_files("whether a private endpoint leads there that the files do not make");
                diagnosis.doubt(&[Gate::Dns, Gate::Network, Gate::Firewall], &gap);
                (diagnosis, None)
            }
            _ => (diagnosis, None),
        }
    }
}

/// What is not known of a consumer in the files of a deployment that is read all the same.
fn partly_known<'e>(case: &Case<'e>) -> Option<&'e Gap> {
    let files = case.estate.world.deployed().filter(|files| !files.partial.is_empty())?;
    let declared = case.path.declared_at.resource.as_ref();
    let settings = case.path.resource.child("config", "appsettings");
    [Some(&case.path.resource), declared, Some(&settings)].into_iter().flatten().find_map(|id| files.partial.get(id))
}

/// The first gate that fails.
fn failing<'d>(diagnosis: &'d Diagnosis<'_>) -> Option<&'d GateOutcome> {
    diagnosis.gates.iter().find(|gate| gate.verdict == Verdict::Fail)
}

/// Whether the files decide the failure: they grant to a principal that they make, in the model that the vault ignores.
fn is_of_files(case: &Case<'_>, diagnosis: &Diagnosis<'_>) -> bool {
    let is_ignored = |gate: &GateOutcome| {
        let ignored = |reason: &Reason| {
            matches!(reason, Reason::RbacModeIgnoresAccessPolicies { .. } | Reason::PolicyModeIgnoresRoles { .. })
        };
        gate.reasons.first().is_some_and(|cause| ignored(&cause.reason))
    };
    let files = case.estate.world.deployed();
    let makes = |principal: &Principal| files.is_some_and(|files| files.order.makes(&principal.resource));
    failing(diagnosis).is_some_and(is_ignored) && diagnosis.principal.as_ref().is_some_and(makes)
}

/// Whether the call may leave from a network.
fn may_be_in_network(case: &Case<'_>) -> bool {
    match &case.path.origin {
        Origin::Subnet { .. } => true,
        Origin::Undetermined(_) => case.path.caller_kind() == CallerKind::App,
        _ => false,
    }
}

/// Whether a caller in a network that the firewall blocks may come in through a private endpoint that the files do
/// not make.
fn perhaps_private(case: &Case<'_>, diagnosis: &Diagnosis<'_>) -> bool {
    let first = failing(diagnosis);
    let lacks_one = |gate: &GateOutcome| {
        gate.reasons.iter().any(|cause| matches!(cause.reason, Reason::MissingSubresourceEndpoint { .. }))
    };
    // A peering may lead to the endpoint's network.
    let is_apart = |gate: &GateOutcome| {
        gate.reasons.first().is_some_and(|cause| matches!(cause.reason, Reason::EndpointUnreachable { .. }))
    };
    if first.is_some_and(is_apart) {
        return true;
    }
    let is_kept_out = first.is_some_and(|gate| gate.gate == Gate::Firewall || lacks_one(gate));
    is_kept_out
        && may_be_in_network(case)
        && diagnosis.target.as_ref().is_some_and(|target| !target.has_endpoint(case.estate))
}
