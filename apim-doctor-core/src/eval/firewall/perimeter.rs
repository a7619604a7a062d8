//! Evaluates the network security perimeter around a target.

use crate::base::ResourceId;
use crate::eval::firewall::address::{may_hold, unproved_address};
use crate::eval::firewall::admission::Arrival;
use crate::eval::firewall::settings::{Identity, Settings};
use crate::eval::store::Store;
use crate::model::perimeter::{AccessRule, Perimeter, ResourceAssociation};
use crate::model::{Estate, Fact, Gap, Get};

/// What is known of the perimeter around a target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Association {
    /// None: all perimeters were read, and none holds the target.
    None,
    /// Not collected, and the input is not a recording: evaluated as if the target were outside every perimeter.
    /// That is enough to report a refusal, and never enough for a pass.
    NotAsked,
    /// The target is in a perimeter.
    Inside(Box<Inside>),
    /// Not seen.
    Unknown(Gap),
}

/// The association of a target with a perimeter, and the inbound rules of its profile.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Inside {
    /// The association.
    pub association: ResourceId,
    /// Only the perimeter's rules count. Otherwise it is in transition: the target's own rules count as well.
    pub enforced: bool,
    /// The collected inbound rules, with what each allows.
    rules: Vec<(ResourceId, Inbound)>,
    /// Why the profile may have more rules.
    unread: Option<Gap>,
}

impl Inside {
    /// How many inbound rules were read.
    pub(crate) fn rules(&self) -> usize {
        self.rules.len()
    }
}

/// What an inbound rule of a perimeter allows.
#[derive(Clone, Debug, PartialEq)]
struct Inbound {
    addresses: Vec<String>,
    subscriptions: Vec<ResourceId>,
    /// Of a kind whose effect no page describes.
    undocumented: bool,
}

const PERIMETERS: &str = "microsoft.network/networksecurityperimeters";

/// The list that tells which perimeters there are.
pub(super) fn perimeters(store: Store<'_>) -> Get {
    Get::list(&store.id().subscription_scope().unwrap_or_else(|| store.id().clone()), PERIMETERS)
}

/// Finds the perimeter around a target.
pub(crate) fn association(estate: &Estate, target: &ResourceId) -> Association {
    let mut inside = None;
    for id in estate.index.associations_of.get(target).into_iter().flatten() {
        let association = match estate.get::<ResourceAssociation>(id) {
            Fact::Known(association) => &association.properties,
            Fact::Unknown(gap) => return Association::Unknown(gap),
            Fact::Absent(_) => continue,
        };
        let mode = association.access_mode.as_deref().unwrap_or_default().to_ascii_lowercase();
        let enforced = match mode.as_str() {
            "enforced" => true,
            "learning" | "transition" | "audit" => false,
            _ => return Association::Unknown(Gap::incomplete("the access mode of the perimeter", id)),
        };
        let succeeded = |state: &String| state.eq_ignore_ascii_case("Succeeded");
        let issues =
            association.has_provisioning_issues.as_deref().is_some_and(|said| said.eq_ignore_ascii_case("yes"));
        if issues || !association.provisioning_state.as_ref().is_none_or(succeeded) {
            let what = format!("whether perimeter association `{}` is active: Azure has not applied it yet", id.name());
            return Association::Unknown(Gap::pending(what, id));
        }
        let (rules, unread) = inbound_rules(estate, id, association);
        // A resource is in one perimeter at most.
        if inside.replace(Inside { association: id.clone(), enforced, rules, unread }).is_some() {
            let what = format!("which perimeter `{}` is in: it has two associations", target.name());
            return Association::Unknown(Gap::contradictory(what).advise("collect the perimeters again"));
        }
    }
    if let Some(inside) = inside {
        return Association::Inside(Box::new(inside));
    }
    const ASSOCIATIONS: &str = "microsoft.network/networksecurityperimeters/resourceassociations";
    let Some(subscription) = target.subscription_scope() else { return Association::NotAsked };
    if !estate.is_recording {
        return Association::NotAsked;
    }
    if let Some(gap) = estate.open::<Perimeter>(&subscription, PERIMETERS) {
        return Association::Unknown(gap);
    }
    let perimeters = estate.answers(&subscription, PERIMETERS).iter().flat_map(|answer| &answer.ids);
    let unread = perimeters.filter_map(|id| estate.open::<ResourceAssociation>(id, ASSOCIATIONS)).min();
    unread.map_or(Association::None, Association::Unknown)
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
pub(super) enum Entry {
    /// No rule allows it, and all rules were collected.
    Refused,
    /// One may admit it.
    Unknown(Gap),
}

/// Asks the rules of a perimeter; one that matches is enough. A matching rule is not proof: an address may be another one
/// on the way, and no page of Key Vault or Storage says what a subscription rule of theirs admits. The pages of other
/// services say "inbound access authenticated using any managed identity from the subscription".
/// Source: <https://learn.microsoft.com/azure/search/search-security-network-security-perimiter> (read 2026-11-29).
pub(super) fn enter(inside: &Inside, settings: &Settings<'_>, arrival: &Arrival) -> Entry {
    let name = inside.association.parent().unwrap_or_else(|| inside.association.clone());
    // "Service endpoint traffic is not supported": it can be denied although a rule allows all addresses.
    // Source: <https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts> (read 2026-11-29).
    let over_endpoint = matches!(arrival, Arrival::ServiceEndpoint(_)).then(|| {
        let what = format!(
            "whether perimeter `{}` allows traffic through a service endpoint: this is not supported",
            name.name()
        );
        Gap::undocumented(what).advise("use a private endpoint, which perimeters do not filter")
    });
    let mut doubt = inside.unread.clone();
    for (id, rule) in &inside.rules {
        let open = || {
            let what = format!("whether access rule `{}` of perimeter `{}` allows this call", id.name(), name.name());
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
