use super::*;
use crate::base::ResourceId;
use crate::eval::store::Store;
use serde_json::json;

#[test]
fn a_private_address_admits_no_caller_from_the_internet() {
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
    admits(&Settings::of(Store::Vault(&vault)), &Association::None, arrival, trust)
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
    let subnet =
        ResourceId::new("/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v/subnets/a");
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
    let vault = json!({"networkAcls": {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "20.1.2.3"}]}});
    assert!(matches!(ask(vault, &platform(), SYSTEM), Admission::Unknown { by_address: true, .. }));
    let own = json!({"networkAcls": {"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": "20.9.9.9"}]}});
    assert_eq!(ask(own, &platform(), SYSTEM), Admission::Refused(Refusal::SourceNotAllowed));
}

#[test]
fn a_vault_set_to_a_perimeter_it_is_not_in_is_locked() {
    let vault = json!({"publicNetworkAccess": "SecuredByPerimeter"});
    assert_eq!(ask(vault, &platform(), SYSTEM), Admission::Refused(Refusal::Perimeter));
}
