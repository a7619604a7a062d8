//! Address rules: whether one of them may hold the address of a request.

use ipnet::IpNet;

use crate::eval::firewall::admission::Arrival;
use crate::eval::firewall::settings::Settings;
use crate::eval::service_tag::{self, read_range};
use crate::eval::store::Store;
use crate::model::network::ServiceTags;
use crate::model::{Estate, Gap};

/// Whether one of several address rules may hold the address that a request arrives with.
pub(super) fn may_hold(settings: &Settings<'_>, arrival: &Arrival, rules: &[&str]) -> bool {
    let possible = |rule: &IpNet| may_be_the_callers(settings, rule);
    rules.iter().any(|text| match (read_range(text), arrival) {
        (None, _) => true,
        (Some(rule), Arrival::ControlPlane { gateway, ranges }) => match ranges {
            _ if gateway.iter().any(|address| rule == IpNet::from(*address)) => false,
            Some(ranges) => ranges.iter().any(|range| range.contains(&rule) || rule.contains(range)),
            None => possible(&rule),
        },
        (Some(rule), Arrival::Public(addresses)) => {
            addresses.iter().any(|address| rule.contains(address)) || settings.by_platform && possible(&rule)
        }
        (Some(rule), _) => possible(&rule),
    })
}

/// Whether a call of Azure's can come from a range: not where no public address is in it, and not where it is published as
/// the range of another service.
fn may_be_the_callers(settings: &Settings<'_>, rule: &IpNet) -> bool {
    let own = if settings.caller == "instance" { "ApiManagement" } else { "AppService" };
    // A list holds every range that Azure publishes, and every path to the target asks.
    let is_of_another = |estate: &Estate| {
        *estate.memo.answer(format!("published for a region other than {own}: {rule}"), || {
            let mut lists = estate.all::<ServiceTags>().into_iter();
            lists.any(|list| service_tag::is_of_another_service(&list.properties.values, own, rule))
        })
    };
    !service_tag::is_never_public(rule) && !settings.estate.is_some_and(is_of_another)
}

/// Why an address rule that may hold the address proves nothing.
pub(super) fn unproved_address(settings: &Settings<'_>, arrival: &Arrival) -> Gap {
    let log = match settings.store {
        Store::Vault(_) => "the vault's audit log (category AuditEvent) shows `callerIpAddress`",
        Store::Account(_) => "the account's resource log (such as StorageBlobLogs) shows `CallerIpAddress`",
    };
    match arrival {
        Arrival::PublicFrom(gap) => gap.clone(),
        Arrival::ControlPlane { .. } if settings.caller != "instance" => {
            Gap::undocumented("whether App Service fetches certificates from an address in `ipRules`")
                .advise("allow trusted Microsoft services instead: the exception covers fetching certificates")
        }
        Arrival::ControlPlane { .. } => {
            Gap::undocumented("whether API Management's control plane calls from an address in `ipRules`")
                .advise("compare `ipRules` with service tag `ApiManagement.<region>`; such a rule is not supported")
        }
        Arrival::Public(_) if settings.by_platform => {
            Gap::undocumented("whether App Service fetches the reference from an address in `ipRules`").advise(log)
        }
        _ => Gap::at_run_time(format!(
            "whether the target sees the {}'s public address: calls within a region can come from other addresses",
            settings.caller
        ))
        .advise(log),
    }
}
