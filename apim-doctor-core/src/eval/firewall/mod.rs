//! Evaluates the firewall of a vault or a storage account: whether a request is allowed, and by which rule.
//!
//! Sources: <https://learn.microsoft.com/azure/key-vault/general/network-security>,
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations> (read 2026-11-21),
//! <https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts>,
//! <https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition> and
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security-perimeter> (read 2026-11-29).

mod address;
mod admission;
mod perimeter;
mod settings;
#[cfg(test)]
mod tests;

use crate::knowledge::trust::Trust;
use crate::model::Gap;

use address::{may_hold, unproved_address};
use perimeter::{Entry, enter, perimeters};

pub(crate) use admission::{Admission, Arrival, Refusal, Rule};
pub(crate) use perimeter::{Association, Inside, association};
pub(crate) use settings::{FirewallCaller, Identity, Settings};

/// Decides whether a request is allowed. One matching rule is sufficient.
pub(crate) fn admits(settings: &Settings<'_>, association: &Association, arrival: &Arrival, trust: Trust) -> Admission {
    if matches!(arrival, Arrival::PrivateEndpoint(_)) {
        return Admission::Admitted(Rule::PrivateEndpoint);
    }
    let noun = settings.store.noun();
    let unknown = |gap: Gap, likely| Admission::Unknown { gap, likely, by_address: false };
    if let Some(name) = settings.odd {
        let what = format!("what the value of `{name}` means: it is not a documented value");
        return unknown(Gap::undocumented(what), None);
    }
    match association {
        Association::Inside(inside) => in_perimeter(inside, settings, arrival, trust),
        Association::Unknown(gap) => unknown(gap.clone(), likely(own(settings, arrival, trust))),
        _ if settings.by_perimeter => match association {
            Association::None => Admission::Refused(Refusal::Perimeter),
            _ => unknown(
                Gap::not_collected(format!("the network security perimeter of the {noun}"), perimeters(settings.store)),
                Some(Refusal::Perimeter),
            ),
        },
        Association::NotAsked => match own(settings, arrival, trust) {
            Admission::Admitted(_) => unknown(
                Gap::not_collected("the list of network security perimeters", perimeters(settings.store))
                    .leaves_open(format!("whether the {noun} is in a network security perimeter")),
                None,
            ),
            other => other,
        },
        Association::None => own(settings, arrival, trust),
    }
}

/// A target inside a perimeter. Enforced, or with `SecuredByPerimeter`, only the perimeter's rules count; in transition
/// the target's own rules count where none of them matches.
fn in_perimeter(inside: &Inside, settings: &Settings<'_>, arrival: &Arrival, trust: Trust) -> Admission {
    let alone = inside.enforced || settings.by_perimeter;
    let unknown = |gap: Gap, likely| Admission::Unknown { gap, likely, by_address: false };
    let entry = match settings.smb {
        // Only HTTPS passes to a storage account in a perimeter.
        true => Entry::Refused,
        false => enter(inside, settings, arrival),
    };
    match (entry, alone) {
        (Entry::Refused, true) => Admission::Refused(Refusal::Perimeter),
        (Entry::Unknown(gap), true) => unknown(gap, Some(Refusal::Perimeter)),
        (entry, false) => match (own(settings, arrival, trust), entry) {
            (Admission::Admitted(Rule::TrustedService { .. }), _) if settings.disabled => unknown(
                Gap::undocumented(
                    "whether a perimeter in transition mode keeps the trusted-services exception while public access \
                     is disabled: Azure's documentation contradicts itself",
                )
                .advise("add an inbound access rule, or check the vault's audit log"),
                Some(Refusal::Perimeter),
            ),
            (Admission::Admitted(_), _) if settings.smb => unknown(
                Gap::undocumented(
                    "whether a perimeter in transition mode allows SMB: an enforced perimeter allows only HTTPS",
                )
                .advise("use a private endpoint for `file`"),
                Some(Refusal::Perimeter),
            ),
            (Admission::Refused(refusal), Entry::Unknown(gap)) => unknown(gap, Some(refusal)),
            (other, _) => other,
        },
    }
}

fn likely(admission: Admission) -> Option<Refusal> {
    match admission {
        Admission::Refused(refusal) => Some(refusal),
        _ => None,
    }
}

/// What the target's own settings say.
fn own(settings: &Settings<'_>, arrival: &Arrival, trust: Trust) -> Admission {
    if settings.names_caller && settings.default_allows != Some(true) {
        let what = "whether the storage account's resource rule allows this caller: resource rules apply only to some \
             services";
        let gap = Gap::undocumented(what)
            .advise("compare the caller with the services that Azure lists for resource instance rules");
        return Admission::Unknown { gap, likely: None, by_address: false };
    }
    let trusted = match trust {
        Trust::Trusted { until } if settings.bypass => Some(Admission::Admitted(Rule::TrustedService { until })),
        Trust::Undated if settings.bypass => Some(Admission::Unknown {
            gap: Gap::incomplete("the creation date of the instance", settings.created_at()),
            likely: None,
            by_address: false,
        }),
        _ => None,
    };
    if settings.disabled {
        return trusted.unwrap_or(Admission::Refused(Refusal::PublicAccessDisabled));
    }
    if settings.default_allows == Some(true) {
        return Admission::Admitted(Rule::Open);
    }
    if let Some(admission) = trusted {
        // A rule of the target's own outlasts a trust that ends, or whose day is not known.
        return match (&admission, by_rules(settings, arrival)) {
            (Admission::Admitted(Rule::TrustedService { until: None }), _) => admission,
            (_, by_rule @ Admission::Admitted(_)) => by_rule,
            _ => admission,
        };
    }
    match by_rules(settings, arrival) {
        refused @ Admission::Refused(_) if settings.default_allows.is_none() => Admission::Unknown {
            gap: Gap::incomplete(
                "`defaultAction` of the vault firewall, which has no documented default",
                settings.store.id(),
            ),
            likely: likely(refused),
            by_address: false,
        },
        other => other,
    }
}

fn by_rules(settings: &Settings<'_>, arrival: &Arrival) -> Admission {
    let Some(acls) = settings.store.network_acls() else {
        return Admission::Refused(Refusal::SourceNotAllowed);
    };
    if let Arrival::ServiceEndpoint(subnet) = arrival {
        let mut rules = acls.virtual_network_rules.iter().enumerate().filter(|(_, rule)| rule.id == *subnet);
        return match rules.next().map(|(at, rule)| (at, rule.state.as_deref().unwrap_or("Succeeded"))) {
            Some((at, state)) if state.eq_ignore_ascii_case("Succeeded") => Admission::Admitted(Rule::Subnet(at)),
            // The rule is for a subnet that was deleted, whatever stands under its name now.
            Some((_, state)) if state.eq_ignore_ascii_case("NetworkSourceDeleted") => {
                Admission::Refused(Refusal::SourceNotAllowed)
            }
            Some((_, state)) => Admission::Unknown {
                gap: Gap::pending(
                    format!("whether the subnet rule is active: its state is `{state}`"),
                    settings.store.id(),
                ),
                likely: Some(Refusal::SourceNotAllowed),
                by_address: false,
            },
            None => Admission::Refused(Refusal::SourceNotAllowed),
        };
    }
    let rules: Vec<&str> = acls.ip_rules.iter().map(|rule| rule.value.as_str()).collect();
    if settings.ignores_addresses || !may_hold(settings, arrival, &rules) {
        return Admission::Refused(Refusal::SourceNotAllowed);
    }
    let gap = unproved_address(settings, arrival);
    Admission::Unknown { gap, likely: Some(Refusal::SourceNotAllowed), by_address: true }
}
