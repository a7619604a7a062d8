//! What machines at the path's origin found: the network checks of an API Management instance, and connections that a
//! collecting machine tried from the same subnet.
//!
//! A check that fails keeps an open path from passing; one that succeeds proves nothing that the gates do not see.
//!
//! Source: <https://learn.microsoft.com/rest/api/apimanagement/network-status/list-by-service> (read 2026-11-29).

use crate::base::{ResourceId, Url, Verdict, is_same_region};
use crate::explain;
use crate::finding::{Evidence, Gate};
use crate::model::api_management::{Connectivity, LocationStatus, NetworkStatus};
use crate::model::{ClosedBy, Gap, Modelled, Probe};
use crate::path::found::Found;
use crate::path::gate;
use crate::path::reason::{Cause, Reason};
use crate::path::{Case, GateOutcome, Origin};

const CHECKED: &str = "do the checks from the origin confirm it?";

/// Holds the checks that were run at the origin of a path against its gates.
pub(super) fn weigh(case: &Case<'_>, found: Found<'_, '_>, gates: &mut [GateOutcome]) {
    let Origin::Subnet { id: subnet, location, integration } = &case.path.origin else { return };
    if case.is_repaired {
        return;
    }
    // The checks are those of an instance in a subnet; an app has none.
    if integration.is_none() {
        for (check, at) in failing(case, location.as_deref()) {
            failed(case, found, subnet, (&check, &at), gates);
        }
    }
    probed(case, found, subnet, gates);
}

/// The checks of a location that fail, each with the resource that tells it.
fn failing(case: &Case<'_>, location: Option<&str>) -> Vec<(Connectivity, ResourceId)> {
    let instance = &case.path.resource;
    let of_instance = ResourceId::new(&format!("{instance}/networkstatus"));
    let whole = case.estate.get::<NetworkStatus>(&of_instance).known();
    let locations = whole.map(|status| status.properties.locations.as_slice()).unwrap_or_default();
    let own = |status: &&LocationStatus| {
        is_same_region(status.location.as_deref(), location) || (locations.len() == 1 && case.path.location.is_none())
    };
    let told = locations.iter().filter(own).map(|status| (status, &of_instance));
    // A location may have been asked alone.
    let table = NetworkStatus::table(&case.estate.tables);
    let ids = case.estate.index.network_status_of.get(instance).into_iter().flatten();
    let alone = ids.filter_map(|id| Some(&table.get(id)?.resource)).filter(|status| {
        let place = status.id.as_str().to_ascii_lowercase();
        let place = place.rsplit_once("/locations/").and_then(|(_, rest)| rest.split('/').next());
        let place = place.map(|place| place.replace("%20", " "));
        place.is_some() && is_same_region(place.as_deref(), location)
    });
    let alone = alone.flat_map(|status| status.properties.locations.iter().map(move |one| (one, &status.id)));
    let checks = told.chain(alone).flat_map(|(status, at)| {
        status.network_status.connectivity_status.iter().map(move |check| (check.clone(), at.clone()))
    });
    let fails = |check: &Connectivity| check.status.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("failure"));
    checks.filter(|(check, _)| fails(check)).collect()
}

/// The host that a check names: bare, or in a URL.
fn host_of(check: &Connectivity) -> String {
    Url::parse_bare(check.name.as_deref().unwrap_or_default()).host.to_ascii_lowercase()
}

/// A check of the instance fails. It counts where it is about the sign-in endpoint or the target.
fn failed(
    case: &Case<'_>,
    found: Found<'_, '_>,
    subnet: &ResourceId,
    (check, at): (&Connectivity, &ResourceId),
    gates: &mut [GateOutcome],
) {
    let host = host_of(check);
    let kind = check.resource_type.as_deref().unwrap_or_default();
    let is_sign_in = kind.eq_ignore_ascii_case("AzureActiveDirectory") || host == case.estate.cloud.authority;
    // A name may be a label instead of a host.
    let is_label = kind.eq_ignore_ascii_case("KeyVault") && !host.contains('.');
    let is_target = found
        .target
        .is_some_and(|target| target.host.eq_ignore_ascii_case(&host) || (is_label && target.vault().is_some()));
    if !is_sign_in && !is_target {
        return;
    }
    let error = check.error.as_deref().filter(|error| !error.is_empty()).unwrap_or("no reason given");
    // The host that was checked is a part of what the error says.
    let said = format!("{error} ({host})");
    let means: Vec<Gate> = explain::readings(&said).into_iter().flat_map(|reading| reading.means).collect();
    if is_target && !is_sign_in {
        suspect_dns(case, found, &means, gates);
    }
    let stage = if is_target && is_unresolved(&means) { Gate::Dns } else { Gate::Network };
    let Some(gate) = gates.iter_mut().find(|gate| gate.gate == stage) else { return };
    if gate.verdict == Verdict::Fail {
        return;
    }
    let since = check.last_status_change.as_deref().map(|at| format!(" since {at}")).unwrap_or_default();
    let way = case.exits.at(subnet).ok().and_then(|exit| exit.way_out(found.target.filter(|_| !is_sign_in)));
    let says = format!("the instance's network status shows `{host}` as failing{since}: {error}");
    let evidence: Vec<Evidence> = [Evidence::new(says, at, "")].into_iter().chain(way.clone()).collect();
    let what = format!("why the instance cannot reach `{host}`: its network status shows a failure{since}");
    let gap = Gap::outside_azure(what, ClosedBy::Nothing).advise(
        "check the path of the subnet's traffic: the appliance that a route names, the DNS servers, the gateway",
    );
    gate.withdraw(CHECKED, evidence, gap);
    if stage == Gate::Network {
        let way = way.and_then(|way| way.resource);
        gate.reasons.push(Cause {
            verdict: Verdict::Unknown,
            reason: match is_sign_in {
                true => Reason::SignInCheckFails { host, way },
                false => Reason::TargetCheckFails { host, way },
            },
        });
    }
}

/// Connections that a machine in the origin's subnet tried to the target. One that fails contradicts an open way.
fn probed(case: &Case<'_>, found: Found<'_, '_>, subnet: &ResourceId, gates: &mut [GateOutcome]) {
    let Some(target) = found.target else { return };
    let here = case.estate.probes.iter().filter(|probe| probe.vantage.as_ref() == Some(subnet));
    let of_target = here.filter(|probe| probe.host.eq_ignore_ascii_case(&target.host));
    let failed: Vec<&Probe> = of_target.filter(|probe| !probe.is_good()).collect();
    let Some(gate) = gates.iter_mut().find(|gate| gate.gate == Gate::Network) else { return };
    if failed.is_empty() || gate.verdict != Verdict::Pass {
        return;
    }
    let says = |probe: &&Probe| {
        let says = format!("a machine in subnet `{}` tried {}: {}", subnet.name(), probe.place(), probe.result());
        Evidence::new(says, subnet, "")
    };
    let gap = Gap::outside_azure(
        format!("why a machine in subnet `{}` cannot reach `{}`", subnet.name(), target.host),
        ClosedBy::Probe { host: target.host.clone(), server: None, subnet: Some(subnet.clone()) },
    );
    gate.withdraw(CHECKED, failed.iter().map(says).collect(), gap);
}

/// Whether a message says that a name did not resolve, and nothing else.
pub(super) fn is_unresolved(means: &[Gate]) -> bool {
    means.contains(&Gate::Dns) && means.iter().all(|gate| matches!(gate, Gate::Dns | Gate::Target))
}

/// Names the DNS fault that a message speaks of, where the gate does not know it itself.
pub(super) fn suspect_dns(case: &Case<'_>, found: Found<'_, '_>, means: &[Gate], gates: &mut [GateOutcome]) {
    let (Some(target), true) = (found.target, is_unresolved(means)) else { return };
    let Some(at) = gates.iter().position(|gate| gate.gate == Gate::Dns) else { return };
    let fails = gates.iter().take(at + 1).any(|gate| gate.verdict == Verdict::Fail);
    if let Some(gate) = gates.get_mut(at).filter(|gate| !fails && gate.reasons.is_empty()) {
        gate.reasons.push(Cause { verdict: Verdict::Unknown, reason: gate::unresolved(case, target, found.principal) });
    }
}
