//! What a path crosses at each gate: networks, endpoints, zones and firewalls, as the evidence of the gate names them.

use apim_doctor_core::v1::{GateReport, Path};
use apim_doctor_core::{Gate, ResourceId, Verdict};

/// How many are drawn at one gate.
const MOST: usize = 3;

/// Something that a path crosses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Crossing<'p> {
    /// What people call one of its kind.
    pub noun: &'static str,
    /// Its name.
    pub name: &'p str,
}

/// What is crossed at a gate.
pub(super) fn at_gate<'p>(path: &'p Path, gate: &'p GateReport) -> Vec<Crossing<'p>> {
    let mut crossed = Vec::new();
    let mut add = |one: Crossing<'p>| {
        if crossed.len() < MOST && !crossed.contains(&one) {
            crossed.push(one);
        }
    };
    match gate.gate {
        Gate::Identity => {
            if let Some(principal) = &path.principal {
                let is_own = principal.kind != "user-assigned";
                let name = if is_own { &*principal.kind } else { principal.resource.name() };
                add(Crossing { noun: "identity", name });
            }
        }
        Gate::Network if path.origin.starts_with('/') => {
            add(Crossing { noun: "subnet", name: path.origin.rsplit('/').next().unwrap_or_default() });
        }
        Gate::Firewall if gate.verdict != Verdict::NotApplicable => {
            if let Some(target) = &path.target.resource {
                add(Crossing { noun: "firewall", name: target.name() });
            }
        }
        _ => {}
    }
    let facts = gate.steps.iter().flat_map(|step| &step.evidence).filter_map(|fact| fact.resource.as_ref());
    for id in facts {
        if let Some(noun) = noun(id) {
            add(Crossing { noun, name: id.name() });
        }
    }
    crossed
}

/// Where the requests of a path start.
pub(super) fn start(path: &Path) -> Option<&str> {
    match &*path.origin {
        "platform" => Some("on the platform"),
        "public" => Some("on the internet"),
        _ => None,
    }
}

/// The kind of a resource that traffic or a name passes; `None` for everything else.
fn noun(id: &ResourceId) -> Option<&'static str> {
    let kind = id.resource_type().to_ascii_lowercase();
    let noun = match kind.strip_prefix("microsoft.network/")? {
        "virtualnetworks" => "network",
        "virtualnetworks/subnets" => "subnet",
        "virtualnetworks/virtualnetworkpeerings" => "peering",
        "networksecuritygroups" | "networksecuritygroups/securityrules" => "security group",
        "routetables" | "routetables/routes" => "route table",
        "privateendpoints" => "private endpoint",
        "privatednszones" => "zone",
        "privatednszones/virtualnetworklinks" => "zone link",
        "privatednszones/a" | "privatednszones/cname" => "record",
        "dnsresolvers" | "dnsresolvers/inboundendpoints" | "dnsresolvers/outboundendpoints" => "resolver",
        "dnsforwardingrulesets" | "dnsforwardingrulesets/forwardingrules" => "ruleset",
        "networksecurityperimeters" => "perimeter",
        "serviceendpointpolicies" => "endpoint policy",
        "azurefirewalls" | "firewallpolicies" => "Azure Firewall",
        "natgateways" => "NAT gateway",
        "networkmanagers" => "network manager",
        _ => return None,
    };
    Some(noun)
}
