//! The firewall of a vault or a storage account: who gets in, by which rule.
//!
//! Sources: <https://learn.microsoft.com/azure/key-vault/general/network-security>,
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations> (read 2026-11-21),
//! <https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts>,
//! <https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition> and
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security-perimeter> (read 2026-11-29).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::{ResourceId, is_same_region};
use crate::eval::service_tag::{self, read_range};
use crate::eval::store::Store;
use crate::knowledge::trust::Trust;
use crate::model::network::ServiceTags;
use crate::model::perimeter::{AccessRule, Perimeter, ResourceAssociation};
use crate::model::{ClosedBy, Estate, Fact, Gap, Get};

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
    /// The target is in a perimeter.
    Inside(Box<Inside>),
    /// Not seen.
    Unknown(Gap),
}

/// The association of a target with a perimeter, and the inbound rules of its profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Inside {
    /// The association.
    pub association: ResourceId,
    /// Only the perimeter's rules count. Otherwise it is in transition: the target's own rules count as well.
    pub enforced: bool,
    /// The inbound rules that were read, with what each admits.
    rules: Vec<(ResourceId, Inbound)>,
    /// Why the profile may have more rules.
    unread: Option<Gap>,
}

impl Inside {
    /// How many inbound rules were read.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }
}

/// What an inbound rule of a perimeter admits.
#[derive(Clone, Debug, PartialEq)]
struct Inbound {
    addresses: Vec<String>,
    subscriptions: Vec<ResourceId>,
    /// Of a kind whose effect no page describes.
    undocumented: bool,
}

/// Who makes the call, as far as the rules of a perimeter ask.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// A managed identity of a resource in this subscription.
    Managed(String),
    /// A key of the target itself: no identity.
    Key,
    /// Not known, or nothing is documented for it.
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

/// What a target's firewall has to know of a caller.
#[derive(Clone, Debug)]
pub struct FirewallCaller<'c> {
    /// The resource that calls.
    pub id: &'c ResourceId,
    /// Its noun in sentences.
    pub noun: &'static str,
    /// Its region, where that is known.
    pub region: Option<&'c str>,
    /// With which identity it calls.
    pub identity: Identity,
    /// It mounts a share, which is SMB and not HTTPS.
    pub smb: bool,
    /// The platform makes the call, and not always from the published addresses of the caller.
    pub by_platform: bool,
}

/// The target's settings, with documented defaults for what is absent.
#[derive(Clone, Debug)]
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
    /// The resource that calls.
    caller_id: Option<ResourceId>,
    identity: Identity,
    smb: bool,
    by_platform: bool,
    /// Where published address ranges of services are looked up.
    estate: Option<&'v Estate>,
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
            caller_id: None,
            identity: Identity::Unknown(Gap::ambiguous("which identity calls").advise("repair the identity first")),
            smb: false,
            by_platform: false,
            estate: None,
            store,
        }
    }

    /// The same for one caller: a storage account treats callers of its own region, and resources that it names, in
    /// ways of their own.
    pub fn for_caller(mut self, estate: &'v Estate, caller: FirewallCaller<'_>) -> Self {
        let FirewallCaller { id, noun, region, identity, smb, by_platform } = caller;
        (self.caller, self.identity, self.smb, self.estate) = (noun, identity, smb, Some(estate));
        self.caller_id = Some(id.clone());
        let Store::Account(account) = self.store else {
            self.by_platform = by_platform;
            return self;
        };
        self.ignores_addresses = region.is_some() && is_same_region(account.location.as_deref(), region);
        let rules = self.store.network_acls().into_iter().flat_map(|acls| &acls.resource_access_rules);
        self.names_caller = rules.filter_map(|rule| rule.resource_id.as_deref()).any(|rule| matches(rule, id));
        self
    }

    /// What says when the caller was created.
    fn created_at(&self) -> ClosedBy {
        self.caller_id.as_ref().map_or(ClosedBy::Nothing, ClosedBy::from)
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

const PERIMETERS: &str = "microsoft.network/networksecurityperimeters";

/// The list that tells which perimeters there are.
fn perimeters(store: Store<'_>) -> Get {
    Get::list(&store.id().subscription_scope().unwrap_or_else(|| store.id().clone()), PERIMETERS)
}

/// Finds the perimeter around a target.
pub fn surround(estate: &Estate, target: &ResourceId) -> Surround {
    let mut inside = None;
    for id in estate.index.associations_of.get(target).into_iter().flatten() {
        let association = match estate.get::<ResourceAssociation>(id) {
            Fact::Known(association) => &association.properties,
            Fact::Unknown(gap) => return Surround::Unknown(gap),
            Fact::Absent(_) => continue,
        };
        let mode = association.access_mode.as_deref().unwrap_or_default().to_ascii_lowercase();
        let enforced = match mode.as_str() {
            "enforced" => true,
            "learning" | "transition" | "audit" => false,
            _ => return Surround::Unknown(Gap::incomplete("the access mode of the perimeter", id)),
        };
        let succeeded = |state: &String| state.eq_ignore_ascii_case("Succeeded");
        let issues =
            association.has_provisioning_issues.as_deref().is_some_and(|said| said.eq_ignore_ascii_case("yes"));
        if issues || !association.provisioning_state.as_ref().is_none_or(succeeded) {
            let what = format!("whether perimeter association `{}` is in force: Azure has not applied it", id.name());
            return Surround::Unknown(Gap::pending(what, id));
        }
        let (rules, unread) = inbound_rules(estate, id, association);
        // A resource is in one perimeter at most.
        if inside.replace(Inside { association: id.clone(), enforced, rules, unread }).is_some() {
            let what = format!("which perimeter holds `{}`: two associations name it", target.name());
            return Surround::Unknown(Gap::contradictory(what).advise("collect the perimeters again"));
        }
    }
    if let Some(inside) = inside {
        return Surround::Inside(Box::new(inside));
    }
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

/// The inbound rules of the profile that an association names, and why there may be more. Only the rules of that profile
/// count.
fn inbound_rules(
    estate: &Estate,
    id: &ResourceId,
    association: &ResourceAssociation,
) -> (Vec<(ResourceId, Inbound)>, Option<Gap>) {
    const RULES: &str = "microsoft.network/networksecurityperimeters/profiles/accessrules";
    let Some(profile) = association.profile.as_ref().map(|profile| &profile.id) else {
        let what = format!("which profile perimeter association `{}` uses", id.name());
        return (Vec::new(), Some(Gap::incomplete(what, id)));
    };
    let listed = estate.list::<AccessRule>(profile, RULES);
    let mut unread = listed.not_seen.map(|gap| match estate.answers(profile, RULES).is_empty() {
        true => Gap::not_collected(
            format!("the list of access rules of perimeter profile `{}`", profile.name()),
            Get::list(profile, RULES),
        ),
        false => gap,
    });
    let mut rules = Vec::new();
    for rule in listed.items {
        let rule = match estate.get::<AccessRule>(&rule.id) {
            Fact::Known(rule) => rule,
            Fact::Unknown(gap) => {
                unread.get_or_insert(gap);
                continue;
            }
            Fact::Absent(_) => continue,
        };
        let AccessRule { direction, address_prefixes, subscriptions, service_tags, network_security_perimeters } =
            &rule.properties;
        let direction = direction.as_deref().unwrap_or_default();
        if direction.eq_ignore_ascii_case("Outbound") {
            continue;
        }
        let inbound = Inbound {
            addresses: address_prefixes.clone(),
            subscriptions: subscriptions.iter().map(|subscription| subscription.id.clone()).collect(),
            undocumented: !direction.eq_ignore_ascii_case("Inbound")
                || !service_tags.is_empty()
                || !network_security_perimeters.is_empty(),
        };
        rules.push((rule.id.clone(), inbound));
    }
    (rules, unread)
}

/// What the rules of a perimeter say to one request.
enum Entry {
    /// None admits it, and all were read.
    Refused,
    /// One may admit it.
    Unknown(Gap),
}

/// Asks the rules of a perimeter; one that matches is enough. A matching rule is not proof: an address may be another one
/// on the way, and no page of Key Vault or Storage says what a subscription rule of theirs admits. The pages of other
/// services say "inbound access authenticated using any managed identity from the subscription".
/// Source: <https://learn.microsoft.com/azure/search/search-security-network-security-perimiter> (read 2026-11-29).
fn enter(inside: &Inside, settings: &Settings<'_>, arrival: &Arrival) -> Entry {
    let name = inside.association.parent().unwrap_or_else(|| inside.association.clone());
    // "Service endpoint traffic is not supported": it can be denied although a rule allows all addresses.
    // Source: <https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts> (read 2026-11-29).
    let over_endpoint = matches!(arrival, Arrival::ServiceEndpoint(_)).then(|| {
        let what =
            format!("whether perimeter `{}` admits traffic over a service endpoint: it is not supported", name.name());
        Gap::undocumented(what).advise("use a private endpoint, which perimeters do not filter")
    });
    let mut doubt = inside.unread.clone();
    for (id, rule) in &inside.rules {
        let open = || {
            let what = format!("whether access rule `{}` of perimeter `{}` admits this call", id.name(), name.name());
            Gap::undocumented(what).advise("the perimeter's access log (NSPAccessLogs) shows it")
        };
        if rule.undocumented {
            doubt.get_or_insert_with(open);
        }
        let addresses: Vec<&str> = rule.addresses.iter().map(String::as_str).collect();
        if !addresses.is_empty() {
            match (&over_endpoint, settings.ignores_addresses) {
                (Some(gap), _) => drop(doubt.get_or_insert_with(|| gap.clone())),
                // It arrives with an address of the platform, which a rule may hold.
                (None, true) => drop(doubt.get_or_insert_with(open)),
                (None, false) if may_hold(settings, arrival, &addresses) => {
                    doubt.get_or_insert_with(|| unproved_address(settings, arrival));
                }
                (None, false) => {}
            }
        }
        if rule.subscriptions.is_empty() {
            continue;
        }
        match &settings.identity {
            Identity::Managed(subscription) => {
                let named = |id: &ResourceId| id.subscription().is_some_and(|s| s.eq_ignore_ascii_case(subscription));
                if rule.subscriptions.iter().any(named) {
                    doubt.get_or_insert_with(|| over_endpoint.clone().unwrap_or_else(open));
                }
            }
            // Account keys were reported as refused. Source: <https://github.com/Azure/Azure-Functions/issues/2631> (read 2026-11-29).
            Identity::Key => {}
            Identity::Unknown(gap) => drop(doubt.get_or_insert_with(|| gap.clone())),
        }
    }
    doubt.map_or(Entry::Refused, Entry::Unknown)
}

/// Decides whether a request gets in. Any one rule is enough.
pub fn admits(settings: &Settings<'_>, surround: &Surround, arrival: &Arrival, trust: Trust) -> Admission {
    if matches!(arrival, Arrival::PrivateEndpoint(_)) {
        return Admission::Admitted(Rule::PrivateEndpoint);
    }
    let noun = settings.store.noun();
    let unknown = |gap: Gap, likely| Admission::Unknown { gap, likely, by_address: false };
    if let Some(name) = settings.odd {
        let what = format!("what the value of `{name}` means: it is not a documented one");
        return unknown(Gap::undocumented(what), None);
    }
    match surround {
        Surround::Inside(inside) => in_perimeter(inside, settings, arrival, trust),
        Surround::Unknown(gap) => unknown(gap.clone(), likely(own(settings, arrival, trust))),
        _ if settings.by_perimeter => match surround {
            Surround::None => Admission::Refused(Refusal::Perimeter),
            _ => unknown(
                Gap::not_collected(format!("the network security perimeter of the {noun}"), perimeters(settings.store)),
                Some(Refusal::Perimeter),
            ),
        },
        Surround::NotAsked => match own(settings, arrival, trust) {
            Admission::Admitted(_) => unknown(
                Gap::not_collected("the list of network security perimeters", perimeters(settings.store))
                    .leaves_open(format!("whether a network security perimeter holds the {noun}")),
                None,
            ),
            other => other,
        },
        Surround::None => own(settings, arrival, trust),
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
                    "whether a perimeter in transition mode keeps the trusted-services exception while public access is \
                     off: Azure's pages contradict each other",
                )
                .advise("add an inbound access rule, or look at the vault's audit log"),
                Some(Refusal::Perimeter),
            ),
            (Admission::Admitted(_), _) if settings.smb => unknown(
                Gap::undocumented(
                    "whether a perimeter in transition mode allows SMB: in a perimeter only HTTPS passes",
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
        let what =
            "whether the resource rule of the storage account allows this caller: it counts for some services only";
        let gap = Gap::undocumented(what)
            .advise("compare the caller with the services that Azure lists for resource instance rules");
        return Admission::Unknown { gap, likely: None, by_address: false };
    }
    let trusted = match trust {
        Trust::Trusted { until } if settings.bypass => Some(Admission::Admitted(Rule::TrustedService { until })),
        Trust::Undated if settings.bypass => Some(Admission::Unknown {
            gap: Gap::incomplete("the day the instance was created", settings.created_at()),
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
                "`defaultAction` of the vault's firewall, which has no documented default",
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
                    format!("whether the subnet rule is in force: its state is `{state}`"),
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

/// Whether one of several address rules may hold the address that a request arrives with.
fn may_hold(settings: &Settings<'_>, arrival: &Arrival, rules: &[&str]) -> bool {
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
        *estate.memo.answer(format!("published for another than {own}: {rule}"), || {
            let mut lists = estate.all::<ServiceTags>().into_iter();
            lists.any(|list| service_tag::is_of_another_service(&list.properties.values, own, rule))
        })
    };
    !service_tag::is_never_public(rule) && !settings.estate.is_some_and(is_of_another)
}

/// Why an address rule that may hold the address proves nothing.
fn unproved_address(settings: &Settings<'_>, arrival: &Arrival) -> Gap {
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
            "whether the request leaves from the {}'s public address: calls within a region can show other addresses",
            settings.caller
        ))
        .advise(log),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_address_that_nobody_on_the_internet_has_is_nobodys_way_in() {
        for never in ["192.0.2.0/24", "100.64.3.0/24", "10.1.2.3", "224.0.0.9", "240.1.0.0/16", "198.18.0.1"] {
            let acls = json!({"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": never}]});
            let admission = ask(json!({"networkAcls": acls}), &platform(), SYSTEM);
            assert_eq!(admission, Admission::Refused(Refusal::SourceNotAllowed), "{never}");
        }
        let wider = json!({"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "203.0.112.0/23"}]});
        assert!(matches!(ask(json!({"networkAcls": wider}), &platform(), SYSTEM), Admission::Unknown { .. }));
    }

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
