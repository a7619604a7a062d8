//! Live runs at the edges: hubs in other subscriptions, other tenants, odd answers, ends that come early, proxies.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use azure::runs::{AS_OF, PROGRAM, codes, gate, json, live, report};
use azure::worlds::{self, SUBSCRIPTION, add, add_list, body, provider, resource};
use azure::{At, Azure, Fault, Kind, Options};
use serde_json::{Value, json};

/// Everything at this path goes wrong in this way.
fn fault(path: &str, kind: Kind) -> Option<Fault> {
    Some(Fault { at: At::Path(path.to_owned()), kind, times: None })
}

fn vault(name: &str) -> String {
    provider("Microsoft.KeyVault/vaults", name)
}

/// Changes a vault wherever it was answered: alone, and in the list of its subscription.
fn change_vault(recording: &mut Value, name: &str, change: impl Fn(&mut Value)) {
    change(&mut body(recording, &vault(name))["properties"]);
    let list = body(recording, &format!("{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"));
    let all = list["value"].as_array_mut().unwrap().iter_mut();
    all.filter(|vault| vault["name"] == name).for_each(|vault| change(&mut vault["properties"]));
}

/// The one instance, whose network sees the private zone through a hub in another subscription only: a forwarding
/// ruleset of the hub sends vaults' names to this address. The hub's resolver listens at 10.1.0.4.
fn behind_a_hub(forwards_to: &str) -> (Value, String) {
    let (mut recording, instance) = worlds::one();
    let spoke = provider("Microsoft.Network/virtualNetworks", "vnet-live");
    let in_hub = |id: String| id.replace(SUBSCRIPTION, "/subscriptions/5f0c7e1a-3b52-4b0e-9c6d-2a1f000000ff");
    let hub = in_hub(provider("Microsoft.Network/virtualNetworks", "vnet-hub"));
    let peering = |with: &str| {
        json!({ "name": "p", "properties": { "peeringState": "Connected", "allowVirtualNetworkAccess": true,
                                             "remoteVirtualNetwork": { "id": with } } })
    };
    body(&mut recording, &spoke)["properties"]["virtualNetworkPeerings"] = json!([peering(&hub)]);
    let properties = json!({ "addressSpace": { "addressPrefixes": ["10.1.0.0/16"] }, "subnets": [],
                             "virtualNetworkPeerings": [peering(&spoke)] });
    add(&mut recording, &hub, 200, resource(&hub, "Microsoft.Network/virtualNetworks", properties));
    let zone = provider("Microsoft.Network/privateDnsZones", "privatelink.vaultcore.azure.net");
    let links = body(&mut recording, &format!("{zone}/virtualNetworkLinks"));
    links["value"][0]["properties"]["virtualNetwork"]["id"] = hub.clone().into();

    let resolver = in_hub(provider("Microsoft.Network/dnsResolvers", "resolver-hub"));
    let ruleset = in_hub(provider("Microsoft.Network/dnsForwardingRulesets", "ruleset-hub"));
    let part = |of: &str, kind: &str, properties: Value| {
        resource(&format!("{of}/{kind}/x"), &format!("Microsoft.Network/{kind}"), properties)
    };
    let body = resource(&resolver, "Microsoft.Network/dnsResolvers", json!({ "virtualNetwork": { "id": hub } }));
    add(&mut recording, &resolver, 200, body.clone());
    add_list(&mut recording, &in_hub(format!("{SUBSCRIPTION}/providers/Microsoft.Network/dnsResolvers")), &[body]);
    let properties = json!({ "ipConfigurations": [{ "privateIpAddress": "10.1.0.4" }] });
    let inbound = part(&resolver, "inboundEndpoints", properties);
    add_list(&mut recording, &format!("{resolver}/inboundEndpoints"), &[inbound]);
    let body = resource(&ruleset, "Microsoft.Network/dnsForwardingRulesets", json!({}));
    let rulesets = in_hub(format!("{SUBSCRIPTION}/providers/Microsoft.Network/dnsForwardingRulesets"));
    add_list(&mut recording, &rulesets, &[body]);
    let link = part(&ruleset, "virtualNetworkLinks", json!({ "virtualNetwork": { "id": spoke } }));
    add_list(&mut recording, &format!("{ruleset}/virtualNetworkLinks"), &[link]);
    let properties = json!({ "domainName": "vault.azure.net.", "forwardingRuleState": "Enabled",
                             "targetDnsServers": [{ "ipAddress": forwards_to, "port": 53 }] });
    add_list(&mut recording, &format!("{ruleset}/forwardingRules"), &[part(&ruleset, "forwardingRules", properties)]);
    for kind in ["privateDnsZones", "networkManagers"] {
        add_list(&mut recording, &in_hub(format!("{SUBSCRIPTION}/providers/Microsoft.Network/{kind}")), &[]);
    }
    (recording, instance)
}

#[test]
fn a_ruleset_and_a_resolver_in_a_hub_subscription_are_found_and_count() {
    const DNS: &str = "apim-named-value value-0 dns";
    let (recording, instance) = behind_a_hub("10.1.0.4");
    let forwarded = report(&recording, &instance, &[], None);
    assert_eq!(forwarded["summary"]["paths"]["pass"], 23, "{}", forwarded["gaps"]);
    let (elsewhere, _) = behind_a_hub("10.9.9.9");
    let forwarded = report(&elsewhere, &instance, &[], None);
    assert_eq!(gate(&forwarded, DNS), "unknown", "nobody knows what that server answers");
    assert!(forwarded["gaps"].to_string().contains("10.9.9.9"), "{}", forwarded["gaps"]);
    // A network that asks the resolver itself needs no ruleset.
    let asks = |server: &str| {
        let (mut recording, _) = behind_a_hub("10.9.9.9");
        let network = provider("Microsoft.Network/virtualNetworks", "vnet-live");
        body(&mut recording, &network)["properties"]["dhcpOptions"]["dnsServers"] = json!([server]);
        let status = body(&mut recording, &format!("{instance}/networkstatus"));
        status[0]["networkStatus"]["dnsServers"] = json!([server]);
        gate(&report(&recording, &instance, &[], None), DNS)
    };
    assert_eq!((asks("10.1.0.4"), asks("10.1.0.5")), ("pass".to_owned(), "unknown".to_owned()));
}

const HOLDER: &str = "aaaaaaaa-1111-4222-8333-000000000001";

/// The one instance, with the grants at its vaults in somebody else's hands: [`HOLDER`]'s.
fn granted_to_another(by_roles: bool) -> (Value, String) {
    let (mut recording, instance) = worlds::one();
    for name in ["kv-live-a", "kv-live-b"] {
        let assignments = format!("{}/providers/Microsoft.Authorization/roleAssignments", vault(name));
        body(&mut recording, &assignments)["value"][0]["properties"]["principalId"] = HOLDER.into();
        change_vault(&mut recording, name, |vault| {
            let entry = json!({ "objectId": HOLDER, "permissions": { "secrets": ["get"] } });
            vault["enableRbacAuthorization"] = by_roles.into();
            vault["accessPolicies"] = if by_roles { json!([]) } else { json!([entry]) };
        });
    }
    (recording, instance)
}

#[test]
fn the_directory_of_another_tenant_does_not_tell_who_is_gone() {
    let run = |by_roles: bool, tenant: Option<&str>| {
        let (mut recording, instance) = granted_to_another(by_roles);
        let gone = json!({ "error": { "code": "Request_ResourceNotFound", "message": "…" } });
        add(&mut recording, &format!("https://graph.microsoft.com/v1.0/directoryObjects/{HOLDER}"), 404, gone);
        if let Some(tenant) = tenant {
            recording["tenantId"] = tenant.into();
        }
        let report = report(&recording, &instance, &[], None);
        let found = Vec::from_iter(codes(&report)).join(" ");
        (gate(&report, "apim-named-value value-0 authorization"), found)
    };
    let says = |verdict: &str, code: &str| (verdict.to_owned(), code.to_owned());
    let other = Some("99999999-4e5f-4a6b-8c7d-0e1f00000009");
    assert_eq!(run(true, None), says("fail", "identity.replaced"));
    assert_eq!(run(true, other), says("fail", "authorization.no-grant"));
    assert_eq!(run(false, None), says("fail", "identity.replaced"));
    // Who is not in that directory may be a group of the vault's tenant.
    assert_eq!(run(false, other), says("unknown", ""));
}

/// Answers that tell nothing of what was asked for: a proxy's, and Azure's about something else.
const NO_ANSWERS: [Kind; 8] = [
    Kind::Answer(204, "application/json", ""),
    Kind::Answer(404, "application/json", ""),
    Kind::Answer(404, "application/json", r#"{"statusCode": 404, "message": "no such route"}"#),
    Kind::Answer(404, "application/json", r#"{"error": {"message": "no such route"}}"#),
    Kind::Answer(404, "text/html", "<!DOCTYPE html><title>404 Not Found</title>"),
    Kind::Answer(404, "application/json", r#"{"error": {"code": "SubscriptionNotFound", "message": "…"}}"#),
    Kind::Answer(404, "application/json", r#"{"error": {"code": "ResourceProviderNotFound", "message": "…"}}"#),
    Kind::Answer(404, "application/json", r#"{"error": {"code": "InvalidResourceType", "message": "…"}}"#),
];

#[test]
fn only_azures_own_404_for_the_resource_is_an_absence() {
    let (mut recording, instance) = worlds::one();
    // An instance without a policy has none to judge.
    let policy = format!("{instance}/policies/policy");
    let verdict = |kind: Kind| report(&recording, &instance, &[], fault(&policy, kind))["verdict"].clone();
    assert_eq!(verdict(Kind::Status(404, None)), "pass");
    for kind in NO_ANSWERS {
        assert_eq!(verdict(kind.clone()), "unknown", "{kind:?}");
    }
    // The holder of an access policy that the directory does not know is gone.
    let (granted, _) = granted_to_another(false);
    let holder = format!("/v1.0/directoryObjects/{HOLDER}");
    let authorization = |kind: Kind| {
        gate(&report(&granted, &instance, &[], fault(&holder, kind)), "apim-named-value value-0 authorization")
    };
    let gone = r#"{"error": {"code": "Request_ResourceNotFound", "message": "…"}}"#;
    assert_eq!(authorization(Kind::Answer(404, "application/json", gone)), "fail");
    for kind in NO_ANSWERS {
        assert_eq!(authorization(kind.clone()), "unknown", "{kind:?}");
    }
    // A secret that the last refresh did not find is missing, if Resource Manager does not find it either.
    let secrets = format!("{}/secrets", vault("kv-live-a"));
    recording["exchanges"].as_array_mut().unwrap().retain(|e| !e["request"].as_str().unwrap().contains(&secrets));
    let values = body(&mut recording, &format!("{instance}/namedValues"));
    values["value"][0]["properties"]["keyVault"]["lastStatus"] =
        json!({ "code": "Failed", "message": "A secret with (name/id) object-0 was not found in this key vault." });
    let secret = format!("{secrets}/object-0");
    let object =
        |kind: Kind| gate(&report(&recording, &instance, &[], fault(&secret, kind)), "apim-named-value value-0 object");
    assert_eq!(object(Kind::Status(404, None)), "fail");
    for kind in NO_ANSWERS {
        assert_eq!(object(kind.clone()), "unknown", "{kind:?}");
    }
}

#[test]
fn addresses_of_api_management_are_read_where_a_vault_has_address_rules() {
    const TAGS: &str = "providers/Microsoft.Network/locations/westeurope/serviceTags";
    let path = format!("{SUBSCRIPTION}/{TAGS}");
    // Trusted services are not let in, so that only an address rule could let the platform in.
    let world = |range: &str| {
        let (mut recording, instance) = worlds::one();
        change_vault(&mut recording, "kv-live-a", |vault| {
            vault["networkAcls"]["bypass"] = "None".into();
            vault["networkAcls"]["ipRules"] = json!([{ "value": "20.9.9.9/32" }]);
        });
        let tag = |name: &str, range: &str| json!({ "name": name, "properties": { "addressPrefixes": [range] } });
        let tags = json!({ "name": "Public", "cloud": "Public",
                           "values": [tag("Storage", "20.9.0.0/16"), tag("ApiManagement.WestEurope", range)] });
        add(&mut recording, &path, 200, tags);
        (recording, instance)
    };
    let firewall = |range: &str, fault: Option<Fault>| {
        let (recording, instance) = world(range);
        let report = report(&recording, &instance, &[], fault);
        assert_eq!(report["summary"]["paths"]["pass"], 21, "the rule concerns two host names only");
        gate(&report, "apim-custom-domain api0.contoso.example firewall")
    };
    assert_eq!(firewall("20.1.0.0/16", None), "fail", "the rule names none of API Management's addresses");
    assert_eq!(firewall("20.9.0.0/16", None), "unknown", "it names one, which is not supported");
    assert_eq!(firewall("20.1.0.0/16", fault(&path, Kind::Status(403, None))), "unknown");

    // Of the many megabytes of tags, only the ones that matter are kept.
    let (recording, instance) = world("20.1.0.0/16");
    let azure = Azure::serve(&recording, Options::default());
    let mut collect = azure.command(PROGRAM);
    collect.args(["collect", &instance, "-f", "-", "--cloud"]).arg(azure.cloud_file());
    let kept = json(&collect.output().unwrap()).to_string();
    assert!(kept.contains("ApiManagement.WestEurope") && !kept.contains("Storage"), "{kept}");
    // Nobody needs them without such a rule; where there are many instances, a rule is seen in the list of vaults.
    let asked = |recording: &Value, instances: &[String]| {
        let azure = Azure::serve(recording, Options::default());
        live(&azure, instances, AS_OF, &[]);
        azure.requests().iter().any(|request| request.path.eq_ignore_ascii_case(&path))
    };
    let (recording, instance) = worlds::one();
    assert!(!asked(&recording, &[instance]));
    let (mut recording, instances) = worlds::many(6);
    assert!(!asked(&recording, &instances));
    let vaults = body(&mut recording, &format!("{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"));
    vaults["value"][0]["properties"]["networkAcls"]["ipRules"] = json!([{ "value": "20.9.9.9" }]);
    assert!(asked(&recording, &instances));
}
