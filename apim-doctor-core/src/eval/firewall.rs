//! The firewall of a vault or a storage account: who gets in, by which rule.
//!
//! Sources: <https://learn.microsoft.com/azure/key-vault/general/network-security>,
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations> and
//! <https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition> (read 2026-11-21).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::{ResourceId, is_same_region};
use crate::eval::service_tag::read_range;
use crate::eval::store::Store;
use crate::knowledge::trust::Trust;
use crate::model::perimeter::{Perimeter, ResourceAssociation};
use crate::model::{Estate, Fact, Gap};

/// How a request arrives at the target.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// From API Management's control plane.
    ControlPlane {
        /// The gateway's own addresses, which it does not use.
        gateway: Vec<IpAddr>,
        /// The ranges of service tag `ApiManagement`, where they were read.
        ranges: Option<Vec<IpNet>>,
    },
    /// At the public endpoint, from these addresses.
    Public(Vec<IpAddr>),
    /// At the public endpoint, from addresses that are not known.
    PublicFrom(Gap),
    /// At the public endpoint, from a subnet with a service endpoint.
    ServiceEndpoint(ResourceId),
    /// Through a private endpoint.
    PrivateEndpoint(ResourceId),
}

/// What is known of the perimeter around a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Surround {
    /// None: all perimeters were read, and none holds the target.
    None,
    /// Nobody asked, and the input is no recording: taken as documented for a target in no perimeter, so that a
    /// refusal can be told; never enough to let anybody in.
    NotAsked,
    /// In transition: its rules let in more than the target's own.
    Learning(ResourceId),
    /// In force: only its rules count.
    Enforced(ResourceId),
    /// Not seen.
    Unknown(Gap),
}

/// The rule that let a request in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Private endpoints are not subject to the firewall.
    PrivateEndpoint,
    /// There is no firewall.
    Open,
    /// The trusted-services exception.
    TrustedService {
        /// The day the trust ends, where that is known.
        until: Option<&'static str>,
    },
    /// The entry of `virtualNetworkRules` with this number.
    Subnet(usize),
}

/// Why a request is kept out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Public access is off.
    PublicAccessDisabled,
    /// A perimeter keeps it out, or the target waits for one.
    Perimeter,
    /// No rule names the source.
    SourceNotAllowed,
}

/// The firewall's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Admission {
    /// In, by this rule.
    Admitted(Rule),
    /// Out.
    Refused(Refusal),
    /// Not seen. `by_address`: an address rule might let it in, which nobody documents.
    Unknown {
        /// What was not seen.
        gap: Gap,
        /// Why it would be kept out, were it not for what was not seen.
        likely: Option<Refusal>,
        /// An entry of `ipRules` may be the reason it is let in.
        by_address: bool,
    },
}

/// The target's settings, with documented defaults for what is absent.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'v> {
    /// `publicNetworkAccess` is `Disabled`.
    pub disabled: bool,
    /// `publicNetworkAccess` is `SecuredByPerimeter`.
    pub by_perimeter: bool,
    /// `networkAcls.defaultAction`: `Some(true)` allows, `None` is absent inside the object.
    pub default_allows: Option<bool>,
    /// `networkAcls.bypass` lets trusted services in.
    pub bypass: bool,
    /// A property whose value is none of the documented ones.
    pub odd: Option<&'static str>,
    /// An address rule does nothing for a caller in the account's own region, which arrives with a private address.
    ignores_addresses: bool,
    /// A resource rule names the caller.
    names_caller: bool,
    /// What calls, in words.
    caller: &'static str,
    store: Store<'v>,
}

impl<'v> Settings<'v> {
    /// Reads the settings of a target.
    pub fn of(store: Store<'v>) -> Self {
        let access = store.public_network_access().map_or("Enabled", str::trim);
        let acls = store.network_acls();
        let action = acls.and_then(|a| a.default_action.as_deref()).map(str::trim);
        let bypass = acls.and_then(|a| a.bypass.as_deref()).map(str::trim);
        // A storage account lists what goes past its firewall.
        let passes = bypass.into_iter().flat_map(|list| list.split(',')).map(str::trim);
        let is = |one: &str, known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(one));
        let passing: &[&str] = match store {
            Store::Vault(_) => &["AzureServices", "None"],
            Store::Account(_) => &["AzureServices", "None", "Logging", "Metrics"],
        };
        let odd = [
            ("publicNetworkAccess", is(access, &["Enabled", "Disabled", "SecuredByPerimeter"])),
            ("defaultAction", action.is_none_or(|action| is(action, &["Allow", "Deny"]))),
            ("bypass", passes.clone().all(|one| is(one, passing))),
        ];
        let odd = odd.into_iter().find(|(_, documented)| !documented);
        Self {
            odd: odd.map(|(name, ..)| name),
            disabled: access.eq_ignore_ascii_case("Disabled"),
            by_perimeter: access.eq_ignore_ascii_case("SecuredByPerimeter"),
            default_allows: match acls {
                None => Some(true),
                Some(_) => match (action, store) {
                    (Some(action), _) => Some(action.eq_ignore_ascii_case("Allow")),
                    (None, Store::Account(_)) => Some(true),
                    (None, Store::Vault(_)) => None,
                },
            },
            bypass: bypass.is_none() || passes.into_iter().any(|one| one.eq_ignore_ascii_case("AzureServices")),
            ignores_addresses: false,
            names_caller: false,
            caller: "instance",
            store,
        }
    }

    /// The same for one caller: a storage account treats callers of its own region, and resources that it names, in
    /// ways of their own.
    pub fn for_caller(mut self, caller: &ResourceId, noun: &'static str, region: Option<&str>) -> Self {
        self.caller = noun;
        let Store::Account(account) = self.store else { return self };
        self.ignores_addresses = region.is_some() && is_same_region(account.location.as_deref(), region);
        let rules = self.store.network_acls().into_iter().flat_map(|acls| &acls.resource_access_rules);
        self.names_caller = rules.filter_map(|rule| rule.resource_id.as_deref()).any(|id| matches(id, caller));
        self
    }

    /// Whether the firewall is on, as far as the target itself says.
    pub fn closed(&self) -> bool {
        self.disabled || self.by_perimeter || self.default_allows == Some(false)
    }
}

/// Whether a resource rule names a resource; a segment of the rule may be `*`.
fn matches(rule: &str, caller: &ResourceId) -> bool {
    let rule = ResourceId::new(rule);
    let (rule, caller): (Vec<&str>, Vec<&str>) = (rule.segments().collect(), caller.segments().collect());
    let same = |(a, b): (&&str, &&str)| *a == "*" || a.eq_ignore_ascii_case(b);
    rule.len() == caller.len() && rule.iter().zip(&caller).all(same)
}

/// Finds the perimeter around a target.
pub fn surround(estate: &Estate, target: &ResourceId) -> Surround {
    let found = estate.index.associations_of.get(target).into_iter().flatten();
    let mut strictest = None;
    for id in found {
        let association = match estate.get::<ResourceAssociation>(id) {
            Fact::Known(association) => association,
            Fact::Unknown(gap) => return Surround::Unknown(gap),
            Fact::Absent(_) => continue,
        };
        let mode = association.properties.access_mode.as_deref().unwrap_or_default().to_ascii_lowercase();
        match mode.as_str() {
            "enforced" => return Surround::Enforced(id.clone()),
            "learning" | "transition" | "audit" => strictest = strictest.or(Some(Surround::Learning(id.clone()))),
            _ => return Surround::Unknown(Gap::new("the access mode of the perimeter", format!("record `GET {id}`"))),
        }
    }
    if let Some(found) = strictest {
        return found;
    }
    const PERIMETERS: &str = "microsoft.network/networksecurityperimeters";
    const ASSOCIATIONS: &str = "microsoft.network/networksecurityperimeters/resourceassociations";
    let Some(subscription) = target.subscription_scope() else { return Surround::NotAsked };
    if !estate.is_recording {
        return Surround::NotAsked;
    }
    if let Some(gap) = estate.open::<Perimeter>(&subscription, PERIMETERS) {
        return Surround::Unknown(gap);
    }
    let perimeters = estate.answers(&subscription, PERIMETERS).iter().flat_map(|answer| &answer.ids);
    let unread = perimeters.filter_map(|id| estate.open::<ResourceAssociation>(id, ASSOCIATIONS)).min();
    unread.map_or(Surround::None, Surround::Unknown)
}

/// Decides whether a request gets in. Any one rule is enough.
pub fn admits(settings: &Settings<'_>, surround: &Surround, arrival: &Arrival, trust: Trust) -> Admission {
    if matches!(arrival, Arrival::PrivateEndpoint(_)) {
        return Admission::Admitted(Rule::PrivateEndpoint);
    }
    let noun = settings.store.noun();
    let unknown = |gap: Gap, likely| Admission::Unknown { gap, likely, by_address: false };
    if let Some(name) = settings.odd {
        let what = format!("what the value of `{name}` means: it is none of the documented ones");
        return unknown(Gap::new(what, "record it again, with the newest api-version"), None);
    }
    let rules = |id: &ResourceId| {
        Gap::new(
            format!("which sources perimeter `{}` lets in", id.parent().unwrap_or_else(|| id.clone()).name()),
            "read the access rules of the perimeter's profile",
        )
    };
    match surround {
        Surround::Enforced(id) => unknown(rules(id), Some(Refusal::Perimeter)),
        Surround::Learning(id) if settings.by_perimeter => unknown(rules(id), Some(Refusal::Perimeter)),
        Surround::Unknown(gap) => unknown(gap.clone(), likely(own(settings, arrival, trust))),
        _ if settings.by_perimeter => match surround {
            Surround::None => Admission::Refused(Refusal::Perimeter),
            _ => unknown(
                Gap::new(
                    format!("the perimeter that the {noun} is set to obey"),
                    "record the network security perimeters",
                ),
                Some(Refusal::Perimeter),
            ),
        },
        Surround::Learning(id) => match own(settings, arrival, trust) {
            Admission::Refused(refusal) => unknown(rules(id), Some(refusal)),
            other => other,
        },
        Surround::NotAsked => match own(settings, arrival, trust) {
            Admission::Admitted(_) => unknown(
                Gap::new(
                    format!("whether a network security perimeter holds the {noun}"),
                    "record the network security perimeters",
                ),
                None,
            ),
            other => other,
        },
        Surround::None => own(settings, arrival, trust),
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
        let what =
            "whether the resource rule of the storage account lets this caller in: it counts for some services only";
        let gap = Gap::new(what, "compare it with the services that Azure lists for resource instance rules");
        return Admission::Unknown { gap, likely: None, by_address: false };
    }
    let trusted = match trust {
        Trust::Trusted { until } if settings.bypass => Some(Admission::Admitted(Rule::TrustedService { until })),
        Trust::Undated if settings.bypass => Some(Admission::Unknown {
            gap: Gap::new("the day the instance was created", "record the instance with `createdAtUtc`"),
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
            gap: Gap::new(
                "`defaultAction` of the vault's firewall, which has no documented default",
                "record the vault again",
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
                gap: Gap::new(
                    format!("whether the subnet rule is in force: its state is `{state}`"),
                    "record it again",
                ),
                likely: Some(Refusal::SourceNotAllowed),
                by_address: false,
            },
            None => Admission::Refused(Refusal::SourceNotAllowed),
        };
    }
    if settings.ignores_addresses {
        return Admission::Refused(Refusal::SourceNotAllowed);
    }
    let refused = Admission::Refused(Refusal::SourceNotAllowed);
    let rules: Vec<&str> = acls.ip_rules.iter().map(|rule| rule.value.as_str()).collect();
    let may_match = match arrival {
        Arrival::ControlPlane { gateway, ranges } => rules.iter().any(|rule| match (read_range(rule), ranges) {
            (None, _) => true,
            (Some(rule), _) if gateway.iter().any(|address| rule == IpNet::from(*address)) => false,
            (Some(rule), Some(ranges)) => ranges.iter().any(|r| r.contains(&rule) || rule.contains(r)),
            (Some(_), None) => true,
        }),
        Arrival::Public(addresses) => rules.iter().any(|rule| match read_range(rule) {
            Some(range) => addresses.iter().any(|address| range.contains(address)),
            None => true,
        }),
        _ => !rules.is_empty(),
    };
    if !may_match {
        return refused;
    }
    let gap = match arrival {
        Arrival::PublicFrom(gap) => gap.clone(),
        Arrival::ControlPlane { .. } if settings.caller != "instance" => Gap::new(
            "whether an address in `ipRules` is one that App Service fetches certificates from",
            "let trusted Microsoft services in instead: fetching certificates is covered",
        ),
        Arrival::ControlPlane { .. } => Gap::new(
            "whether an address in `ipRules` is one that API Management's control plane calls from",
            "compare `ipRules` with service tag `ApiManagement.<region>`; such a rule is not supported",
        ),
        _ => Gap::new(
            format!(
                "whether the request really leaves from the {}'s public address: calls within a region can show other addresses",
                settings.caller
            ),
            match settings.store {
                Store::Vault(_) => "look at `callerIpAddress` in the vault's audit log (category AuditEvent)",
                Store::Account(_) => "look at `CallerIpAddress` in the account's log (StorageBlobLogs and its like)",
            },
        ),
    };
    Admission::Unknown { gap, likely: Some(Refusal::SourceNotAllowed), by_address: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ask(vault: serde_json::Value, arrival: &Arrival, trust: Trust) -> Admission {
        let vault = serde_json::from_value(json!({"id": "/v", "properties": vault})).unwrap();
        admits(&Settings::of(Store::Vault(&vault)), &Surround::None, arrival, trust)
    }

    fn platform() -> Arrival {
        Arrival::ControlPlane { gateway: vec!["20.9.9.9".parse().unwrap()], ranges: None }
    }

    const SYSTEM: Trust = Trust::Trusted { until: None };

    #[test]
    fn disabled_beats_allow_but_not_trust() {
        let vault = || json!({"publicNetworkAccess": "disabled", "networkAcls": {"defaultAction": "Allow"}});
        assert_eq!(ask(vault(), &platform(), SYSTEM), Admission::Admitted(Rule::TrustedService { until: None }));
        assert_eq!(ask(vault(), &platform(), Trust::UserAssigned), Admission::Refused(Refusal::PublicAccessDisabled));
    }

    #[test]
    fn a_rule_outlasts_a_trust_that_ends() {
        let subnet = ResourceId::new(
            "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/a",
        );
        let vault = json!({"networkAcls": {"defaultAction": "Deny", "virtualNetworkRules": [{"id": subnet.as_str()}]}});
        let ends = Trust::Trusted { until: Some("2026-03-15") };
        let arrival = Arrival::ServiceEndpoint(subnet);
        assert_eq!(ask(vault.clone(), &arrival, ends), Admission::Admitted(Rule::Subnet(0)));
        assert_eq!(ask(vault, &arrival, Trust::Undated), Admission::Admitted(Rule::Subnet(0)));
    }

    #[test]
    fn absent_acls_are_open_and_absent_bypass_trusts() {
        assert_eq!(ask(json!({}), &platform(), Trust::UserAssigned), Admission::Admitted(Rule::Open));
        let deny = json!({"networkAcls": {"defaultAction": "Deny"}});
        assert_eq!(ask(deny, &platform(), SYSTEM), Admission::Admitted(Rule::TrustedService { until: None }));
    }

    #[test]
    fn an_address_rule_is_never_proof_for_the_control_plane() {
        let vault =
            json!({"networkAcls": {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "20.1.2.3"}]}});
        assert!(matches!(ask(vault, &platform(), SYSTEM), Admission::Unknown { by_address: true, .. }));
        let own =
            json!({"networkAcls": {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "20.9.9.9"}]}});
        assert_eq!(ask(own, &platform(), SYSTEM), Admission::Refused(Refusal::SourceNotAllowed));
    }

    #[test]
    fn a_vault_set_to_a_perimeter_it_is_not_in_is_locked() {
        let vault = json!({"publicNetworkAccess": "SecuredByPerimeter"});
        assert_eq!(ask(vault, &platform(), SYSTEM), Admission::Refused(Refusal::Perimeter));
    }
}
