//! Azure's rules. Each test changes one property of a recording from `fixtures/`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../fixtures/read.rs"]
mod read;

use std::path::Path;

use apim_doctor_core::v1::{Permitted, Report};
use apim_doctor_core::{Asked, Code, CodeName, Estate, Input, Options, ResourceId, Verdict, can, diagnose};
use serde_json::{Map, Value, json};

/// Reads a recording from `fixtures/`.
fn fixture(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name);
    read::read(&file)
}

fn estate(recording: &Value) -> Estate {
    let input = Input::new("recording", serde_json::to_vec(recording).unwrap());
    let (estate, problems) = Estate::read(vec![input]);
    assert!(problems.is_empty(), "{problems:?}");
    estate
}

fn report(recording: &Value) -> Report {
    diagnose(&estate(recording), &Options::default())
}

/// Returns the verdict and root cause of the first path whose label contains `label`.
fn outcome(recording: &Value, label: &str) -> (Verdict, Option<&'static str>) {
    let report = report(recording);
    let path = report.paths.iter().find(|path| path.label.contains(label));
    let path = path.unwrap_or_else(|| {
        panic!("path {label} is missing: {:?}", report.paths.iter().map(|p| &p.label).collect::<Vec<_>>())
    });
    (path.verdict, path.root_cause.as_ref().and_then(CodeName::code).map(Code::text))
}

fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

/// Changes every object in a recording.
fn each(value: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            change(map);
            map.values_mut().for_each(|value| each(value, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        _ => {}
    }
}

/// Changes the `properties` of every resource of a type, in any position.
fn properties_of(recording: &mut Value, kind: &str, change: impl Fn(&mut Map<String, Value>)) {
    each(recording, &mut |object| {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_kind = ResourceId::new(&id).resource_type().eq_ignore_ascii_case(kind);
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut).filter(|_| is_kind) {
            change(properties);
        }
    });
}

fn exchanges(recording: &mut Value) -> &mut Vec<Value> {
    recording["exchanges"].as_array_mut().unwrap()
}

fn add(recording: &mut Value, request: &str, body: Value) {
    exchanges(recording).push(json!({"request": format!("GET {request}"), "status": 200, "body": body}));
}

/// Returns the id of the first resource of a type that has its own exchange.
fn id_of(recording: &Value, kind: &str) -> String {
    let asked = recording["exchanges"].as_array().unwrap().iter().filter_map(|e| e["body"]["id"].as_str());
    let mut found = asked.filter(|id| ResourceId::new(id).resource_type().eq_ignore_ascii_case(kind));
    found.next().unwrap_or_else(|| panic!("{kind} is missing")).to_owned()
}

fn subscription_of(id: &str) -> String {
    format!("/subscriptions/{}", ResourceId::new(id).subscription().unwrap())
}

/// Puts a target into a perimeter. `rules` is the list of its access rules; `None` means that it was not collected.
fn in_perimeter(recording: &mut Value, target: &str, association: Value, rules: Option<Vec<Value>>) {
    let subscription = subscription_of(target);
    let list = format!("{subscription}/providers/Microsoft.Network/networkSecurityPerimeters");
    exchanges(recording).retain(|e| !e["request"].as_str().unwrap().contains("networkSecurityPerimeters"));
    let perimeter =
        format!("{subscription}/resourceGroups/nsp/providers/Microsoft.Network/networkSecurityPerimeters/p");
    let profile = format!("{perimeter}/profiles/own");
    add(recording, &format!("{list}?api-version=2024-07-01"), json!({"value": [{"id": perimeter, "properties": {}}]}));
    let mut properties = json!({"privateLinkResource": {"id": target}, "profile": {"id": profile},
        "provisioningState": "Succeeded", "hasProvisioningIssues": "no"});
    properties.as_object_mut().unwrap().extend(association.as_object().unwrap().clone());
    let id = format!("{perimeter}/resourceAssociations/a");
    let body = json!({"value": [{"id": id, "properties": properties}]});
    add(recording, &format!("{perimeter}/resourceAssociations?api-version=2024-07-01"), body);
    let Some(rules) = rules else { return };
    let rules: Vec<Value> = rules
        .into_iter()
        .enumerate()
        .map(|(at, properties)| json!({"id": format!("{profile}/accessRules/r{at}"), "properties": properties}))
        .collect();
    add(recording, &format!("{profile}/accessRules?api-version=2024-07-01"), json!({"value": rules}));
    // Another profile's rules apply to other resources.
    let other = format!("{perimeter}/profiles/other");
    let open = json!({"direction": "Inbound", "addressPrefixes": ["0.0.0.0/0"]});
    let body = json!({"value": [{"id": format!("{other}/accessRules/open"), "properties": open}]});
    add(recording, &format!("{other}/accessRules?api-version=2024-07-01"), body);
}

fn addresses(prefixes: &[&str]) -> Value {
    json!({"direction": "Inbound", "addressPrefixes": prefixes, "subscriptions": []})
}

fn subscription(id: &str) -> Value {
    json!({"direction": "Inbound", "addressPrefixes": [], "subscriptions": [{"id": id}]})
}

const ENFORCED: &str = "Enforced";
const ACCOUNT: &str = "Microsoft.Storage/storageAccounts";
const VAULT: &str = "Microsoft.KeyVault/vaults";

/// Returns a function app outside every network. Its account's own rules block every caller.
fn storage(region: &str) -> (Value, String) {
    let mut recording = fixture("scenarios/firewall.source-not-allowed/storage.json");
    each(&mut recording, &mut |object| {
        if object.get("location") == Some(&json!("westeurope")) && object.contains_key("kind") {
            object.insert("location".to_owned(), json!(region));
        }
    });
    let account = id_of(&recording, ACCOUNT);
    (recording, account)
}

const BLOB: &str = "AzureWebJobsStorage/blob";
const BLOCKED: (Verdict, Option<&str>) = (Verdict::Fail, Some("firewall.perimeter-blocks"));

fn storage_in_perimeter(region: &str, rules: Option<Vec<Value>>) -> (Verdict, Option<&'static str>) {
    let (mut recording, account) = storage(region);
    in_perimeter(&mut recording, &account, json!({"accessMode": ENFORCED}), rules);
    outcome(&recording, BLOB)
}

#[test]
fn address_rules_of_a_perimeter_are_compared_with_the_apps_addresses() {
    assert_eq!(storage_in_perimeter("northeurope", Some(vec![addresses(&["81.2.69.0/24"])])), BLOCKED);
    assert_eq!(storage_in_perimeter("northeurope", Some(vec![])), BLOCKED);
    let outbound = json!({"direction": "Outbound", "addressPrefixes": ["20.31.44.0/24"]});
    assert_eq!(storage_in_perimeter("northeurope", Some(vec![outbound])), BLOCKED);
    // A rule with the app's addresses is not proof. In the account's region, calls arrive from other addresses.
    assert_eq!(storage_in_perimeter("northeurope", Some(vec![addresses(&["20.31.44.0/24"])])).0, Verdict::Unknown);
    assert_eq!(storage_in_perimeter("westeurope", Some(vec![addresses(&["81.2.69.0/24"])])).0, Verdict::Unknown);
    assert_eq!(storage_in_perimeter("northeurope", None).0, Verdict::Unknown);
    let tags = json!({"direction": "Inbound", "serviceTags": ["AppService"]});
    assert_eq!(storage_in_perimeter("northeurope", Some(vec![tags])).0, Verdict::Unknown);
}

#[test]
fn a_subscription_rule_applies_to_managed_identities_only() {
    let (mut recording, account) = storage("westeurope");
    let own = subscription(&subscription_of(&account));
    let other = subscription("/subscriptions/60be2d1f-9224-480c-b805-6030f8b12ed0");
    assert_eq!(storage_in_perimeter("westeurope", Some(vec![other])), BLOCKED);
    in_perimeter(&mut recording, &account, json!({"accessMode": ENFORCED}), Some(vec![own.clone()]));
    assert_eq!(outcome(&recording, BLOB).0, Verdict::Unknown);
    let mut unfinished = recording.clone();
    in_perimeter(
        &mut unfinished,
        &account,
        json!({"accessMode": ENFORCED, "provisioningState": "Failed"}),
        Some(vec![own]),
    );
    assert_eq!(outcome(&unfinished, BLOB).0, Verdict::Unknown);
    let name = ResourceId::new(&account).name().to_owned();
    each(&mut recording, &mut |object| {
        if object.remove("AzureWebJobsStorage__accountName").is_some() {
            object.remove("AzureWebJobsStorage__credential");
            object.remove("AzureWebJobsStorage__clientId");
            let text = format!(
                "DefaultEndpointsProtocol=https;AccountName={name};AccountKey=<redacted>;EndpointSuffix=core.windows.net"
            );
            object.insert("AzureWebJobsStorage".to_owned(), json!(text));
        }
    });
    let blocked = report(&recording);
    assert!(codes(&blocked).contains(&"firewall.perimeter-blocks"), "{:?}", codes(&blocked));
    assert_eq!(outcome(&recording, BLOB), BLOCKED);
}

#[test]
fn a_content_share_is_not_mounted_from_a_perimeter() {
    let mut recording = fixture("checks/target.content-share-missing/fixed.json");
    let account = id_of(&recording, ACCOUNT);
    let all = vec![addresses(&["0.0.0.0/0"]), subscription(&subscription_of(&account))];
    in_perimeter(&mut recording, &account, json!({"accessMode": ENFORCED}), Some(all));
    assert_eq!(outcome(&recording, "WEBSITE_CONTENT"), BLOCKED);
}

#[test]
fn a_reference_is_fetched_from_a_vault_in_a_perimeter() {
    let recording = fixture("scenarios/firewall.source-not-allowed/app.json");
    let vault = id_of(&recording, VAULT);
    let judge = |mode: &str, rules: Option<Vec<Value>>| {
        let mut recording = recording.clone();
        in_perimeter(&mut recording, &vault, json!({"accessMode": mode}), rules);
        outcome(&recording, "")
    };
    let other = subscription("/subscriptions/60be2d1f-9224-480c-b805-6030f8b12ed0");
    assert_eq!(judge(ENFORCED, Some(vec![other.clone()])), BLOCKED);
    assert_eq!(judge(ENFORCED, Some(vec![subscription(&subscription_of(&vault))])).0, Verdict::Unknown);
    assert_eq!(judge(ENFORCED, None).0, Verdict::Unknown);
    // App Service does not publish the addresses from which it fetches references.
    assert_eq!(judge(ENFORCED, Some(vec![addresses(&["20.50.1.0/24"])])).0, Verdict::Unknown);
    // In transition mode, the vault's own rules decide if no perimeter rule matches.
    assert_eq!(judge("Learning", Some(vec![other])), (Verdict::Fail, Some("firewall.source-not-allowed")));
    assert_eq!(judge("Learning", None).0, Verdict::Unknown);
}

/// Returns a host name certificate of API Management, which its system-assigned identity fetches.
fn certificate() -> (Value, String) {
    let recording = fixture("checks/authorization.propagation-delay/fixed.json");
    let vault = id_of(&recording, VAULT);
    (recording, vault)
}

#[test]
fn in_transition_mode_trust_is_certain_only_with_public_access_on() {
    let judge = |access: &str, mode: &str, rules: Vec<Value>| {
        let (mut recording, vault) = certificate();
        properties_of(&mut recording, VAULT, |properties| {
            properties.insert("publicNetworkAccess".to_owned(), json!(access));
        });
        in_perimeter(&mut recording, &vault, json!({"accessMode": mode}), Some(rules));
        outcome(&recording, "")
    };
    assert_eq!(judge("Enabled", "Learning", vec![]).0, Verdict::Pass);
    assert_eq!(judge("Disabled", "Learning", vec![]).0, Verdict::Unknown);
    assert_eq!(judge("SecuredByPerimeter", "Learning", vec![]), BLOCKED);
    assert_eq!(judge("Enabled", "Audit", vec![]).0, Verdict::Pass);
    assert_eq!(judge("Enabled", ENFORCED, vec![]), BLOCKED);
    let (_, vault) = certificate();
    // It is not documented whether a subscription rule allows API Management.
    assert_eq!(judge("Enabled", ENFORCED, vec![subscription(&subscription_of(&vault))]).0, Verdict::Unknown);
}

#[test]
fn rules_for_unused_addresses_do_not_hide_that_trusted_services_are_off() {
    let with = |rule: &str| {
        let (mut recording, _) = certificate();
        properties_of(&mut recording, VAULT, |properties| {
            let acls = json!({"defaultAction": "Deny", "bypass": "None", "ipRules": [{"value": rule}], "virtualNetworkRules": []});
            properties.insert("networkAcls".to_owned(), acls);
        });
        recording
    };
    let off = (Verdict::Fail, Some("firewall.trusted-services-off"));
    for never in ["192.0.2.0/24", "100.64.0.0/10", "10.20.0.0/16", "224.0.0.5", "240.0.0.0/8", "169.254.1.1"] {
        assert_eq!(outcome(&with(never), ""), off, "{never}");
    }
    let mut open = with("20.1.2.3");
    let unknown = report(&open);
    assert_eq!(unknown.verdict, Verdict::Unknown);
    assert!(codes(&unknown).contains(&"firewall.trusted-services-off"), "{:?}", codes(&unknown));
    let (_, vault) = certificate();
    let tags = json!({"name": "Public", "values": [
        {"name": "Sql.WestEurope", "properties": {"addressPrefixes": ["20.1.2.0/24"]}},
        {"name": "AzureCloud.westeurope", "properties": {"addressPrefixes": ["20.1.0.0/16"]}}]});
    let at = format!("{}/providers/Microsoft.Network/locations/westeurope/serviceTags", subscription_of(&vault));
    add(&mut open, &format!("{at}?api-version=2024-05-01"), tags);
    assert_eq!(outcome(&open, ""), off);
}

#[test]
fn the_identity_kind_leads_only_if_trusted_services_are_on() {
    let judge = |acls: Value, access: &str| {
        let mut recording = fixture("checks/firewall.user-assigned-not-trusted/broken.json");
        properties_of(&mut recording, VAULT, |properties| {
            properties.insert("networkAcls".to_owned(), acls.clone());
            properties.insert("publicNetworkAccess".to_owned(), json!(access));
        });
        report(&recording)
    };
    let on = judge(json!({"defaultAction": "Deny", "bypass": "AzureServices"}), "Disabled");
    assert_eq!(on.paths[0].root_cause.as_ref().map(CodeName::as_str), Some("firewall.user-assigned-not-trusted"));
    let off = judge(json!({"defaultAction": "Deny", "bypass": "None"}), "Disabled");
    assert_eq!(off.paths[0].root_cause.as_ref().map(CodeName::as_str), Some("firewall.trusted-services-off"));
    assert!(codes(&off).contains(&"firewall.user-assigned-not-trusted"));
    assert!(off.paths[0].combined_fix.as_ref().is_some_and(|fix| fix.verified), "{:?}", off.paths[0].combined_fix);
}

#[test]
fn address_rules_have_no_effect_in_the_accounts_region() {
    let judge = |region: &str| {
        let (mut recording, _) = storage(region);
        properties_of(&mut recording, ACCOUNT, |properties| {
            properties["networkAcls"]["ipRules"] = json!([{"value": "20.31.44.0/24", "action": "Allow"}]);
        });
        outcome(&recording, BLOB)
    };
    assert_eq!(judge("westeurope"), (Verdict::Fail, Some("firewall.source-not-allowed")));
    assert_eq!(judge("northeurope").0, Verdict::Unknown);
}

/// Moves every role assignment to a management group.
fn at_management_group(recording: &mut Value, created: &str, updated: &str) {
    const GROUP: &str = "/providers/Microsoft.Management/managementGroups/mg-platform";
    // The subscription's lists would also contain the assignments above it.
    exchanges(recording).retain(|exchange| {
        let path = exchange["request"].as_str().unwrap().split(['?', ' ']).nth(1).unwrap().to_owned();
        let at = path.strip_suffix("/providers/Microsoft.Authorization/roleAssignments");
        at.is_none_or(|at| at.matches('/').count() > 2)
    });
    each(recording, &mut |object| {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !ResourceId::new(&id).resource_type().eq_ignore_ascii_case("Microsoft.Authorization/roleAssignments") {
            return;
        }
        let name = ResourceId::new(&id).name().to_owned();
        object.insert(
            "id".to_owned(),
            json!(format!("{GROUP}/providers/Microsoft.Authorization/roleAssignments/{name}")),
        );
        object["properties"]["scope"] = json!(GROUP);
        object["properties"]["createdOn"] = json!(created);
        object["properties"]["updatedOn"] = json!(updated);
    });
}

#[test]
fn a_data_role_at_a_management_group_takes_hours() {
    let judge = |recording: &Value, created: &str, updated: &str, label: &str| {
        let mut recording = recording.clone();
        at_management_group(&mut recording, created, updated);
        (outcome(&recording, label).0, codes(&report(&recording)).contains(&"authorization.propagation-delay"))
    };
    let (mut account, _) = storage("westeurope");
    properties_of(&mut account, ACCOUNT, |properties| {
        properties["networkAcls"]["defaultAction"] = json!("Allow");
    });
    const OLD: &str = "2026-03-01T00:00:00Z";
    const AN_HOUR_AGO: &str = "2026-11-21T08:00:00Z";
    for (recording, label) in [(account, BLOB), (certificate().0, "")] {
        assert_eq!(judge(&recording, AN_HOUR_AGO, AN_HOUR_AGO, label), (Verdict::Unknown, true));
        // Only the condition was changed an hour ago.
        assert_eq!(judge(&recording, OLD, AN_HOUR_AGO, label), (Verdict::Unknown, true));
        assert_eq!(judge(&recording, OLD, OLD, label), (Verdict::Pass, false));
        assert_eq!(judge(&recording, OLD, "2026-11-21T00:30:00Z", label), (Verdict::Pass, false));
    }
}

fn ask(recording: &Value, principal: &str, action: &str, scope: &str) -> apim_doctor_core::v1::Answer {
    let asked = Asked::new(principal, action, ResourceId::new(scope));
    can(&estate(recording), &asked)
}

#[test]
fn data_actions_take_longer_than_management_actions() {
    let (mut recording, vault) = certificate();
    let instance = id_of(&recording, "Microsoft.ApiManagement/service");
    at_management_group(&mut recording, "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z");
    let secret = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
    assert_eq!(ask(&recording, &instance, secret, &vault).answer, Permitted::Unknown);
    // The Reader role.
    each(&mut recording, &mut |object| {
        if object.contains_key("roleDefinitionId") {
            let id = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
            object.insert("roleDefinitionId".to_owned(), json!(id));
        }
    });
    assert_eq!(ask(&recording, &instance, "Microsoft.KeyVault/vaults/read", &vault).answer, Permitted::Allowed);
}

#[test]
fn an_assignment_whose_id_and_scope_disagree_proves_nothing() {
    let (mut recording, _) = certificate();
    assert_eq!(outcome(&recording, "").0, Verdict::Pass);
    let mut elsewhere = recording.clone();
    let role = "Microsoft.Authorization/roleAssignments";
    // The id names the vault, the scope another subscription.
    properties_of(&mut elsewhere, role, |properties| {
        properties.insert("scope".to_owned(), json!("/subscriptions/deadbeef-0000-4000-8000-000000000002"));
    });
    assert_eq!(outcome(&elsewhere, "").0, Verdict::Unknown);
    // The scope names the vault, the id another subscription.
    each(&mut recording, &mut |object| {
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if ResourceId::new(&id).resource_type().eq_ignore_ascii_case(role) {
            let own = subscription_of(&id);
            object.insert(
                "id".to_owned(),
                json!(id.replace(&own, "/subscriptions/deadbeef-0000-4000-8000-000000000002")),
            );
        }
    });
    assert_eq!(outcome(&recording, "").0, Verdict::Unknown);
}

#[test]
fn users_cannot_deny_data_actions() {
    let mut recording = fixture("checks/authorization.denied/broken.json");
    assert_eq!(outcome(&recording, ""), (Verdict::Fail, Some("authorization.denied")));
    let instance = id_of(&recording, "Microsoft.ApiManagement/service");
    let vault = id_of(&recording, VAULT);
    properties_of(&mut recording, "Microsoft.Authorization/denyAssignments", |properties| {
        properties.insert("isSystemProtected".to_owned(), json!(false));
        properties["permissions"][0]["actions"] = json!(["Microsoft.KeyVault/vaults/write"]);
    });
    assert_eq!(outcome(&recording, "").0, Verdict::Pass);
    // Users can deny management actions. This api-version does not show whether the denial is enforced.
    properties_of(&mut recording, "Microsoft.Authorization/roleAssignments", |properties| {
        let id = "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c";
        properties.insert("roleDefinitionId".to_owned(), json!(id));
    });
    assert_eq!(ask(&recording, &instance, "Microsoft.KeyVault/vaults/write", &vault).answer, Permitted::Unknown);
}

#[test]
fn an_endpoint_that_contradicts_its_target_is_unknown() {
    let recording = fixture("checks/network.private-endpoint-not-approved/fixed.json");
    let endpoint = "Microsoft.Network/privateEndpoints";
    let judge = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut recording = recording.clone();
        properties_of(&mut recording, endpoint, change);
        outcome(&recording, "").0
    };
    assert_eq!(judge(&|_| {}), Verdict::Pass);
    for state in ["Rejected", "Disconnected", "Pending"] {
        let connection = json!({"status": state});
        let change = |properties: &mut Map<String, Value>| {
            properties["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"] =
                connection.clone();
        };
        assert_eq!(judge(&change), Verdict::Unknown, "{state}");
    }
    let failed =
        |properties: &mut Map<String, Value>| drop(properties.insert("provisioningState".into(), json!("Failed")));
    assert_eq!(judge(&failed), Verdict::Unknown);
    let other = |properties: &mut Map<String, Value>| {
        let id = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/another";
        properties["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] = json!(id);
    };
    assert_eq!(judge(&other), Verdict::Unknown);
}

#[test]
fn an_unfinished_link_or_peering_is_unknown() {
    let recording = fixture("checks/network.endpoint-unreachable/fixed.json");
    let judge = |kind: &str, property: &str, value: Value| {
        let mut recording = recording.clone();
        properties_of(&mut recording, kind, |properties| drop(properties.insert(property.to_owned(), value.clone())));
        outcome(&recording, "").0
    };
    let link = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";
    assert_eq!(judge(link, "virtualNetworkLinkState", json!("Done")), Verdict::Pass);
    assert_eq!(judge(link, "virtualNetworkLinkState", json!("InProgress")), Verdict::Unknown);
    assert_eq!(judge(link, "provisioningState", json!("Failed")), Verdict::Unknown);
    let peering = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings";
    assert_eq!(judge(peering, "peeringSyncLevel", json!("FullyInSync")), Verdict::Pass);
    assert_eq!(judge(peering, "peeringSyncLevel", json!("LocalNotInSync")), Verdict::Unknown);
    assert_eq!(judge(peering, "provisioningState", json!("Updating")), Verdict::Unknown);
    assert_eq!(judge(peering, "peeringState", json!(null)), Verdict::Unknown);
    assert_eq!(judge(peering, "peeringState", json!("Initiated")), Verdict::Fail);
}

#[test]
fn a_service_endpoint_policy_can_exclude_the_account() {
    let mut recording = fixture("scenarios/network.service-endpoint-missing/storage.json");
    let account = id_of(&recording, ACCOUNT);
    let subnet = "Microsoft.Network/virtualNetworks/subnets";
    properties_of(&mut recording, subnet, |properties| {
        properties.insert("serviceEndpoints".to_owned(), json!([{"service": "Microsoft.Storage"}]));
    });
    assert_eq!(outcome(&recording, BLOB).0, Verdict::Pass);
    let subscription = subscription_of(&account);
    let policy =
        format!("{subscription}/resourceGroups/net/providers/Microsoft.Network/serviceEndpointPolicies/only-ours");
    properties_of(&mut recording, subnet, |properties| {
        properties.insert("serviceEndpointPolicies".to_owned(), json!([{"id": policy}]));
    });
    assert_eq!(outcome(&recording, BLOB).0, Verdict::Unknown, "the policy was not collected");
    let with = |service: &str, resources: &[&str]| {
        let mut recording = recording.clone();
        let definition = json!({"name": "d", "properties": {"service": service, "serviceResources": resources}});
        let body = json!({"id": policy, "properties": {"serviceEndpointPolicyDefinitions": [definition]}});
        add(&mut recording, &format!("{policy}?api-version=2024-05-01"), body);
        recording
    };
    assert_eq!(outcome(&with("Microsoft.Storage", &[&account.to_uppercase()]), BLOB).0, Verdict::Pass);
    assert_eq!(outcome(&with("Microsoft.Storage", &[&subscription]), BLOB).0, Verdict::Pass);
    // Some of Microsoft's examples omit the leading slash.
    assert_eq!(outcome(&with("Microsoft.Storage", &[&account[1..]]), BLOB).0, Verdict::Pass);
    assert_ne!(outcome(&with("Microsoft.Storage", &["/"]), BLOB).0, Verdict::Pass);
    assert_eq!(outcome(&with("Global", &["/services/Azure"]), BLOB).0, Verdict::Unknown);
    let excluded = with("Microsoft.Storage", &[&format!("{account}2")]);
    assert_eq!(outcome(&excluded, BLOB), (Verdict::Fail, Some("network.egress-blocked")));
    let fixed = report(&excluded).paths.iter().any(|p| p.combined_fix.as_ref().is_some_and(|fix| fix.verified));
    assert!(fixed, "the fix adds the account to the policy");
}

#[test]
fn gaps_do_not_depend_on_the_subscription_id() {
    let gaps = |subscription: &str| {
        let recording = fixture("scenarios/firewall.source-not-allowed/app.json");
        let own = subscription_of(&id_of(&recording, VAULT));
        let text = recording.to_string().replace(own.trim_start_matches("/subscriptions/"), subscription);
        let mut recording: Value = serde_json::from_str(&text).unwrap();
        exchanges(&mut recording).retain(|e| !e["request"].as_str().unwrap().to_lowercase().contains("/vaults"));
        let report = report(&recording);
        let all = report.gaps.iter().map(|gap| format!("{} / {}", gap.what, gap.ask).replace(subscription, "S"));
        all.collect::<Vec<_>>()
    };
    assert_eq!(gaps("6c89c562-b638-4c79-b632-f06b0a92d7dc"), gaps("6c89c540-b403-4c79-b632-f06b0a92d404"));
}

#[test]
fn can_reports_the_action_that_a_long_operation_needs_for_its_result() {
    let service = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim";
    let role = "/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.Authorization/roleDefinitions/0f0f0f0f-0000-4000-8000-000000000001";
    let principal = "0f0f0f0f-0000-4000-8000-000000000002";
    let with = |actions: &[&str]| {
        let assignment = json!({"id": format!("{service}/providers/Microsoft.Authorization/roleAssignments/a"),
            "properties": {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal",
                "scope": service, "createdOn": "2026-01-01T00:00:00Z"}});
        let definition = json!({"id": role, "properties": {"roleName": "Backup runner",
            "permissions": [{"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}]}});
        let mut recording = json!({"apimDoctor": "snapshot/v1", "takenAt": "2026-11-21T09:00:00Z", "exchanges": []});
        let list = |what: &str| {
            format!("{service}/providers/Microsoft.Authorization/{what}?api-version=2022-04-01&$filter=atScope()")
        };
        add(&mut recording, &list("roleAssignments"), json!({"value": [assignment]}));
        add(&mut recording, &list("denyAssignments"), json!({"value": []}));
        add(&mut recording, &format!("{role}?api-version=2022-04-01"), definition);
        ask(&recording, principal, "Microsoft.ApiManagement/service/restore/action", service)
    };
    let waits = with(&[
        "Microsoft.ApiManagement/service/restore/action",
        "Microsoft.ApiManagement/service/operationresults/read",
    ]);
    assert_eq!((waits.answer, waits.gaps.len()), (Permitted::Allowed, 0));
    let alone = with(&["Microsoft.ApiManagement/service/restore/action"]);
    assert_eq!(alone.answer, Permitted::Allowed);
    assert!(alone.gaps[0].what.contains("operationresults/read"), "{:?}", alone.gaps);
}

/// Evaluates a named value of a StandardV2 instance in a network. It is not documented whether it uses the subnet.
fn named_value_of_tier_v2(acls: &Value, access: &str, subnet_closed: bool) -> (Verdict, Option<&'static str>) {
    let mut recording = fixture("checks/network.private-endpoint-not-approved/fixed.json");
    each(&mut recording, &mut |object| {
        if object.contains_key("sku") && object.contains_key("identity") {
            object.insert("sku".to_owned(), json!({"name": "StandardV2", "capacity": 1}));
        }
    });
    properties_of(&mut recording, VAULT, |properties| {
        properties.insert("networkAcls".to_owned(), acls.clone());
        properties.insert("publicNetworkAccess".to_owned(), json!(access));
        properties.insert("privateEndpointConnections".to_owned(), json!([]));
    });
    if subnet_closed {
        properties_of(&mut recording, "Microsoft.Network/networkSecurityGroups", |properties| {
            let deny = json!({"priority": 100, "direction": "Outbound", "access": "Deny", "protocol": "*",
                "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
                "destinationPortRange": "*"});
            properties["securityRules"] = json!([{"name": "nothing-out", "properties": deny}]);
        });
    }
    outcome(&recording, "")
}

#[test]
fn the_route_does_not_matter_if_both_are_allowed() {
    let trusted = json!({"defaultAction": "Deny", "bypass": "AzureServices"});
    let open = json!({"defaultAction": "Allow", "bypass": "None"});
    assert_eq!(named_value_of_tier_v2(&trusted, "Enabled", false).0, Verdict::Pass);
    assert_eq!(named_value_of_tier_v2(&open, "Enabled", false).0, Verdict::Pass);
    assert_eq!(named_value_of_tier_v2(&trusted, "Enabled", true).0, Verdict::Unknown);
    // It is not documented whether trust applies to these tiers if public access is off.
    assert_eq!(named_value_of_tier_v2(&trusted, "Disabled", false).0, Verdict::Unknown);
}
