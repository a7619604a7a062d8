//! Gate 6: does the vault's own rule set accept a request that arrives this way?

use crate::base::Verdict;
use crate::eval::firewall::{self, Admission, Arrival, Refusal, Rule, Settings};
use crate::eval::store::Store;
use crate::finding::{Evidence, Gate};
use crate::knowledge::trust::{Trust, TrustRule};
use crate::model::Gap;
use crate::path::gate::Record;
use crate::path::reason::{Cause, Reason};
use crate::path::way::Way;
use crate::path::{Case, Credential, Principal, Target};

const ADMITTED: &str = "does the vault firewall allow the request?";
const ADMITTED_BY_ACCOUNT: &str = "does the storage account firewall allow the request?";
const SUPPORTED: &str = "is this kind of identity supported while the firewall is on?";
const COVERED: &str = "does the trusted-services exception cover this caller?";

/// Words what the firewall says to every way that the request may take; they must agree.
pub(crate) fn firewall(
    case: &Case<'_>,
    target: &Target<'_>,
    principal: Option<&Principal>,
    (settings, taken): (&Settings<'_>, &[Way]),
    record: &mut Record,
) {
    debug_assert_eq!(record.gate, Gate::Firewall);
    let question = match target.store {
        Store::Vault(_) => ADMITTED,
        Store::Account(_) => ADMITTED_BY_ACCOUNT,
    };
    let mut admissions =
        taken.iter().flat_map(|way| way.admissions.iter().map(move |(trust, said)| (*trust, way, said)));
    let Some((trust, way, first)) = admissions.next() else {
        // Closing the gap of the gate before closes this one.
        return record.unknown(question, vec![], Gap::earlier());
    };
    let agree = admissions.all(|(.., other)| std::mem::discriminant(other) == std::mem::discriminant(first));
    let evidence = evidence(target, settings);
    match first {
        _ if !agree => {
            let gap = match principal {
                Some(_) => Gap::at_run_time(
                    "which route the request takes: the firewall allows only one of the possible routes",
                )
                .advise("close the gaps of the DNS and network gates"),
                None => Gap::ambiguous("which identity calls: the firewall allows only one kind of identity")
                    .advise("fix the identity first"),
            };
            record.unknown(question, evidence, gap);
        }
        Admission::Admitted(rule) => {
            let evidence = evidence.into_iter().chain([let_in(target, rule)]).collect();
            record.pass(question, evidence);
            admitted(case, principal, settings, rule, record);
            contested(case, settings, way, record);
        }
        Admission::Refused(refusal) => {
            // That the exception would be enough is not certain, so it is not the change to make.
            let is_contested = matches!(case.path.trust, TrustRule::AnyIdentity { contested: Some(_) });
            let trust = if is_contested { Trust::NeverCovered } else { trust };
            let by_key = case.path.credential == Credential::AccountKey && case.path.backup.is_some();
            let mut reasons = match (by_key, refusal) {
                // A key is never covered; an address would be the rule that lets it in.
                (true, Refusal::PublicAccessDisabled) => vec![Reason::PublicAccessDisabled],
                (true, Refusal::SourceNotAllowed) => vec![Reason::SourceNotAllowed],
                _ => reasons(settings, trust, *refusal, target),
            }
            .into_iter();
            if let Some(first) = reasons.next() {
                record.fail(question, evidence, first);
            }
            record.reasons.extend(reasons.map(|reason| Cause { verdict: Verdict::Fail, reason }));
        }
        Admission::Unknown { gap, likely, by_address } => {
            record.unknown(question, evidence, gap.clone());
            let is_listed = case.path.caller_kind().facts().platform_tag.is_some();
            if *by_address && is_listed && matches!(way.arrival, Arrival::ControlPlane { .. }) {
                record.suspect(Reason::ControlPlaneAddressInRules);
            }
            if let Some(refusal) = likely {
                reasons(settings, trust, *refusal, target).into_iter().for_each(|reason| record.suspect(reason));
            }
        }
    }
}

/// The rule that let a request in.
fn let_in(target: &Target<'_>, rule: &Rule) -> Evidence {
    let vault = target.store.id();
    match rule {
        Rule::PrivateEndpoint => Evidence::new(
            "the request comes through an approved private endpoint, which the firewall does not filter",
            vault,
            "/properties/privateEndpointConnections",
        ),
        Rule::Open => Evidence::new("the firewall is off", vault, "/properties/networkAcls"),
        Rule::TrustedService { .. } => Evidence::new(
            "trusted Microsoft services are allowed, which covers this call",
            vault,
            "/properties/networkAcls/bypass",
        ),
        Rule::Subnet(at) => Evidence::new(
            "a firewall rule allows the subnet",
            vault,
            format!("/properties/networkAcls/virtualNetworkRules/{at}"),
        ),
    }
}

/// What is worth knowing of a request that was let in.
fn admitted(case: &Case<'_>, principal: Option<&Principal>, settings: &Settings<'_>, rule: &Rule, record: &mut Record) {
    if let Rule::TrustedService { until: Some(on) } = *rule {
        record.reasons.push(Cause { verdict: Verdict::Pass, reason: Reason::GatewayTrustRetires { on } });
    }
    let by_sight = matches!(rule, Rule::PrivateEndpoint | Rule::Subnet(_));
    let user_assigned = principal.is_some_and(|p| !p.is_system_assigned());
    if by_sight && user_assigned && settings.closed() && case.path.trust == TrustRule::SystemAssigned {
        // Documented not to be supported; with a line of sight it should work, but no page says so.
        let what = "whether a user-assigned identity works with a network line of sight while the firewall is on";
        let gap = Gap::undocumented(what).advise("use the system-assigned identity, or check the last refresh");
        record.unknown(SUPPORTED, vec![], gap);
        record.suspect(Reason::UserAssignedNotTrusted { works_by_line_of_sight: true });
    }
}

/// Doubts a firewall that is passed, if Azure's pages contradict each other about the exception for this caller: the
/// exception alone may not be enough, and a rule or a private endpoint may not be enough without it.
fn contested(case: &Case<'_>, settings: &Settings<'_>, way: &Way, record: &mut Record) {
    let TrustRule::AnyIdentity { contested: Some(why) } = case.path.trust else { return };
    match &way.uncovered {
        Some(Admission::Admitted(Rule::Open)) => {}
        Some(Admission::Admitted(_)) if settings.bypass => {}
        _ => {
            let advice =
                "allow both the caller's subnet and trusted Microsoft services, or check the vault's audit log";
            record.unknown(COVERED, vec![], Gap::undocumented(why).advise(advice));
        }
    }
}

/// The code that names the smallest true change, then what else is in the way.
fn reasons(settings: &Settings<'_>, trust: Trust, refusal: Refusal, target: &Target<'_>) -> Vec<Reason> {
    let user_assigned = Reason::UserAssignedNotTrusted { works_by_line_of_sight: false };
    let reason = match (refusal, trust) {
        (Refusal::Perimeter, _) => Reason::PerimeterBlocks {
            association: match &target.association {
                firewall::Association::Inside(inside) => Some(inside.association.clone()),
                _ => None,
            },
        },
        (_, Trust::Trusted { .. } | Trust::Undated) if !settings.bypass => Reason::TrustedServicesOff,
        // Neither change helps without the other.
        (_, Trust::UserAssigned) if !settings.bypass => return vec![Reason::TrustedServicesOff, user_assigned],
        (_, Trust::UserAssigned) => user_assigned,
        (_, Trust::Retired) if settings.bypass => Reason::GatewayTrustRetired,
        (_, Trust::NeverCovered) if settings.bypass => Reason::ConsumerNotOnTrustedList,
        (Refusal::PublicAccessDisabled, _) => Reason::PublicAccessDisabled,
        _ => Reason::SourceNotAllowed,
    };
    vec![reason]
}

fn evidence(target: &Target<'_>, settings: &Settings<'_>) -> Vec<Evidence> {
    let vault = target.store.id();
    let access = match target.store.public_network_access() {
        Some(value) => stated("publicNetworkAccess", value),
        None => "publicNetworkAccess is absent, which means `Enabled`".to_owned(),
    };
    let mut all = vec![Evidence::new(access, vault, "/properties/publicNetworkAccess")];
    if let firewall::Association::Inside(inside) = &target.association {
        let mode = if inside.enforced { "enforced" } else { "in transition mode" };
        let says = format!("perimeter association `{}` is {mode}", inside.association.name());
        all.push(Evidence::new(says, &inside.association, "/properties/accessMode"));
        let rules = match inside.rules() {
            0 => "its profile has no collected inbound access rule".to_owned(),
            1 => "its profile has 1 collected inbound access rule".to_owned(),
            many => format!("its profile has {many} collected inbound access rules"),
        };
        all.push(Evidence::new(rules, &inside.association, "/properties/profile"));
        // Nothing of the target's own counts.
        if inside.enforced {
            return all;
        }
    }
    let Some(acls) = target.store.network_acls() else {
        all.push(Evidence::new("networkAcls is absent: the firewall is off", vault, "/properties/networkAcls"));
        return all;
    };
    let action = match &acls.default_action {
        Some(action) => stated("defaultAction", action),
        None => "defaultAction is absent".to_owned(),
    };
    all.push(Evidence::new(action, vault, "/properties/networkAcls/defaultAction"));
    let bypass = match (&acls.bypass, settings.bypass) {
        (Some(bypass), _) => stated("bypass", bypass),
        (None, _) => "bypass is absent, which means `AzureServices`".to_owned(),
    };
    all.push(Evidence::new(bypass, vault, "/properties/networkAcls/bypass"));
    all
}

/// Every walk says this; so it is not formatted, which takes longer.
fn stated(property: &str, value: &str) -> String {
    [property, " is `", value, "`"].concat()
}
