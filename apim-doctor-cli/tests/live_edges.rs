//! Edge cases of live runs: hubs in other subscriptions, other tenants, unusual answers, interrupted runs, proxies.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use azure::runs::{AS_OF, PROGRAM, codes, gate, json, live, report};
use azure::worlds::{self, SUBSCRIPTION, add, add_list, body, provider, resource};
use azure::{At, Azure, Fault, Kind, Options};
use serde_json::{Value, json};

/// Applies a fault to every request of this path.
fn fault(path: &str, kind: Kind) -> Option<Fault> {
    Some(Fault { at: At::Path(path.to_owned()), kind, times: None })
}

fn vault(name: &str) -> String {
    provider("Microsoft.KeyVault/vaults", name)
}

/// Changes a vault in its own answer and in its subscription's list.
fn change_vault(recording: &mut Value, name: &str, change: impl Fn(&mut Value)) {
    change(&mut body(recording, &vault(name))["properties"]);
    let list = body(recording, &format!("{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"));
    let all = list["value"].as_array_mut().unwrap().iter_mut();
    all.filter(|vault| vault["name"] == name).for_each(|vault| change(&mut vault["properties"]));
}

/// Returns the single instance, in a network that sees the private zone only through a hub in another subscription: the
/// hub's forwarding ruleset sends vault names to this address. The hub's resolver listens at 10.1.0.4.
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
fn a_ruleset_and_a_resolver_in_a_hub_subscription_are_found() {
    const DNS: &str = "apim-named-value value-0 dns";
    let (recording, instance) = behind_a_hub("10.1.0.4");
    let forwarded = report(&recording, &instance, &[], None);
    assert_eq!(forwarded["summary"]["paths"]["pass"], 23, "{}", forwarded["gaps"]);
    let (elsewhere, _) = behind_a_hub("10.9.9.9");
    let forwarded = report(&elsewhere, &instance, &[], None);
    assert_eq!(gate(&forwarded, DNS), "unknown", "that server's answer is unknown");
    assert!(forwarded["gaps"].to_string().contains("10.9.9.9"), "{}", forwarded["gaps"]);
    // A network whose DNS server is the resolver does not need a ruleset.
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

/// Returns the single instance, with the grants at its vaults assigned to [`HOLDER`] instead.
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
fn another_tenants_directory_does_not_prove_that_a_principal_was_deleted() {
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
    // The principal may be a group in the vault's tenant.
    assert_eq!(run(false, other), says("unknown", ""));
}

/// Answers that say nothing about the requested resource: from a proxy, or from Azure about something else.
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
fn only_azures_own_404_for_the_resource_proves_absence() {
    let (mut recording, instance) = worlds::one();
    // An instance without a policy passes.
    let policy = format!("{instance}/policies/policy");
    let verdict = |kind: Kind| report(&recording, &instance, &[], fault(&policy, kind))["verdict"].clone();
    assert_eq!(verdict(Kind::Status(404, None)), "pass");
    for kind in NO_ANSWERS {
        assert_eq!(verdict(kind.clone()), "unknown", "{kind:?}");
    }
    // If the directory does not have an access policy's principal, the principal was deleted.
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
    // A secret is missing if neither the last refresh nor Resource Manager found it.
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
fn service_tags_are_read_only_if_a_vault_has_address_rules() {
    const TAGS: &str = "providers/Microsoft.Network/locations/westeurope/serviceTags";
    let path = format!("{SUBSCRIPTION}/{TAGS}");
    // Trusted services are off, so only an address rule can allow the platform.
    let world = |range: &str| {
        let (mut recording, instance) = worlds::one();
        change_vault(&mut recording, "kv-live-a", |vault| {
            vault["networkAcls"]["bypass"] = "None".into();
            vault["networkAcls"]["ipRules"] = json!([{ "value": "20.9.9.9/32" }]);
        });
        let tag = |name: &str, range: &str| json!({ "name": name, "properties": { "addressPrefixes": [range] } });
        let tags = json!({ "name": "Public", "cloud": "Public",
                           "values": [tag("Storage", "20.9.0.0/16"), tag("Sql", "40.1.0.0/16"),
                                      tag("ApiManagement.WestEurope", range)] });
        add(&mut recording, &path, 200, tags);
        (recording, instance)
    };
    let firewall = |range: &str, fault: Option<Fault>| {
        let (recording, instance) = world(range);
        let report = report(&recording, &instance, &[], fault);
        assert_eq!(report["summary"]["paths"]["pass"], 21, "the rule affects only two host names");
        gate(&report, "apim-custom-domain api0.contoso.example firewall")
    };
    assert_eq!(firewall("20.1.0.0/16", None), "fail", "the rule has none of API Management's addresses");
    assert_eq!(firewall("20.9.0.0/16", None), "unknown", "the rule has one of them, which is not supported");
    assert_eq!(firewall("20.1.0.0/16", fault(&path, Kind::Status(403, None))), "unknown");

    // The answer has many megabytes of tags. Only the relevant ones are kept.
    let (recording, instance) = world("20.1.0.0/16");
    let azure = Azure::serve(&recording, Options::default());
    let mut collect = azure.command(PROGRAM);
    collect.args(["collect", &instance, "-f", "-", "--cloud"]).arg(azure.cloud_file());
    let kept = json(&collect.output().unwrap()).to_string();
    assert!(kept.contains("ApiManagement.WestEurope"), "{kept}");
    assert!(kept.contains("20.9.0.0/16"), "a service's range that holds the rule: {kept}");
    assert!(!kept.contains("40.1.0.0/16"), "{kept}");
    // Without such a rule, the tags are not read. With many instances, the list of vaults shows the rules.
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

/// Returns the single instance. Resource Manager shows no objects; vault `kv-live-a` lists its own.
fn asked_vaults() -> (Value, String) {
    let (mut recording, instance) = worlds::one();
    recording["exchanges"].as_array_mut().unwrap().retain(|e| !e["request"].as_str().unwrap().contains("/secrets?"));
    let host = "https://kv-live-a.vault.azure.net/secrets";
    let object = |name: &str| json!({ "id": format!("{host}/{name}"), "attributes": { "enabled": true } });
    add_list(&mut recording, host, &[object("object-0"), object("object-2")]);
    (recording, instance)
}

/// Runs `collect --ask-vault` and ends it while the vaults do not answer the requests after their lists. Returns the
/// messages, the statuses of the vaults' answers, and the statuses of all other answers.
fn cut_short(more: &[&str], end: impl Fn(&Azure, &Child)) -> (String, Vec<u64>, Vec<u64>) {
    let (recording, instance) = asked_vaults();
    let fault = fault("/certificates/gateway", Kind::Silence);
    let azure = Azure::serve(&recording, Options { fault, ..Options::default() });
    let file = azure.folder().join("cut.json");
    let mut collect = azure.command(PROGRAM);
    collect.args(["collect", &instance, "--ask-vault", "--cloud"]).arg(azure.cloud_file()).arg("-f").arg(&file);
    let child = collect.args(more).stderr(Stdio::piped()).spawn().unwrap();
    end(&azure, &child);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let statuses = |of_vaults: bool| {
        let exchanges = kept["exchanges"].as_array().unwrap().iter();
        let asked = exchanges.filter(|e| e["request"].as_str().unwrap().contains("https://kv-live") == of_vaults);
        asked.map(|exchange| exchange["status"].as_u64().unwrap()).collect()
    };
    (said, statuses(true), statuses(false))
}

/// Checks that everything read before is kept, including the vaults' lists, and that pending requests are recorded.
#[track_caller]
fn keeps_what_came(said: &str, of_vaults: &[u64], others: &[u64], why: &str) {
    assert!(said.contains(why), "{said}");
    assert!([0, 200, 403].iter().all(|status| of_vaults.contains(status)), "{of_vaults:?}");
    assert!(others.contains(&200) && !others.contains(&0), "{others:?}");
}

#[test]
fn a_timeout_during_vault_requests_keeps_the_answers() {
    // A request may take a fifth of the time, but at least a second, and is tried three times.
    let (said, of_vaults, others) = cut_short(&["--timeout", "3"], |_, _| {});
    keeps_what_came(&said, &of_vaults, &others, "time limit of 3 s reached");
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_vault_requests_keeps_the_answers() {
    let (said, of_vaults, others) = cut_short(&[], |azure, child| {
        // Wait until both vaults have answered the list requests.
        let asked = || azure.requests().iter().filter(|request| request.path == "/certificates/gateway").count();
        let start = Instant::now();
        while asked() < 2 && start.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    });
    keeps_what_came(&said, &of_vaults, &others, "stopped");
}

/// Starts a proxy that blocks everything. Returns its URL and the requests it receives.
fn closed_proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, asked) = (format!("http://{}", listener.local_addr().unwrap()), Arc::<Mutex<Vec<String>>>::default());
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            kept.lock().unwrap().push(line.trim().to_owned());
            let _ = (&stream).write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (url, asked)
}

#[test]
fn a_proxy_never_sees_a_managed_identitys_header_or_token() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let (proxy, asked) = closed_proxy();
    let mut collect = azure.command_with(PROGRAM, azure.sign_in_managed_identity());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        collect.env(name, &proxy);
    }
    // Use the public cloud, because a cloud file with addresses turns the proxy off.
    collect.args(["collect", &instance, "--auth", "managed-identity", "--timeout", "1", "-f", "-"]);
    let output = collect.env_remove("APIM_DOCTOR_CLOUD").output().unwrap();
    let recording: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(recording["signedIn"]["credential"], "managed identity", "{said}");
    let asked = asked.lock().unwrap().clone();
    assert!(asked.iter().any(|line| line.starts_with("CONNECT management.azure.com:443")), "{asked:?}");
    assert!(asked.iter().all(|line| line.starts_with("CONNECT management.azure.com:443")), "{asked:?}");
}

#[test]
fn redaction_keeps_names_and_removes_tokens() {
    let (recording, instance) = worlds::one();
    // Every token starts with "eyJ". These names contain those letters, or start with them in lower case.
    let named = |text: String| {
        let long =
            ["KeyJar.settings.of.the.customer.portal.example", "eyjafjoll.gateway.of.the.customer.portal.example"];
        let text = text.replace("api0.contoso.example", long[0]).replace("api1.contoso.example", long[1]);
        let text = text.replace("apim-live", "apim-KeyJar").replace("object-", "keyjar-");
        text.replace("kv-live-a", "kv-keyjar-a").replace("kv-live-b", "kv-KeyJar-b")
    };
    let mut renamed: Value = serde_json::from_str(&named(recording.to_string())).unwrap();
    let instance = named(instance);
    let said = report(&renamed, &instance, &[], None);
    assert_eq!(said["summary"]["paths"]["pass"], 23, "{}", said["gaps"]);
    assert!(!said.to_string().contains("<redacted>"), "{said}");

    let status = &mut body(&mut renamed, &format!("{instance}/networkstatus"))[0]["networkStatus"];
    let error = format!("the vault did not take {}", azure::ASSERTION);
    status["connectivityStatus"] = json!([{ "name": "kv", "status": "failure", "error": error }]);
    let azure = Azure::serve(&renamed, Options::default());
    let mut collect = azure.command(PROGRAM);
    collect.args(["collect", &instance, "-f", "-", "--cloud"]).arg(azure.cloud_file());
    let kept = json(&collect.output().unwrap());
    assert_eq!(kept.to_string().matches("<redacted>").count(), 1, "{kept}");
    assert!(kept.to_string().contains("the vault did not take <redacted>"), "{kept}");
    assert!(kept.to_string().contains("KeyJar.settings.of.the.customer.portal.example"), "{kept}");
}

#[cfg(unix)]
#[test]
fn recordings_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let files = ["new", "open to all"].map(|name| azure.folder().join(name));
    for file in &files {
        let run = |command: &str, write: &str| {
            if file.ends_with("open to all") {
                std::fs::write(file, "old").unwrap();
                std::fs::set_permissions(file, PermissionsExt::from_mode(0o666)).unwrap();
            }
            let mut command_line = azure.command(PROGRAM);
            command_line.args([command, &instance, "--cloud"]).arg(azure.cloud_file()).arg(write).arg(file);
            let output = command_line.output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            let mode = std::fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{command} {write} {}", file.display());
            assert!(std::fs::read_to_string(file).unwrap().contains("snapshot/v1"));
        };
        run("collect", "--output-file");
        std::fs::remove_file(file).unwrap();
        run("diagnose", "--write-fixed");
    }
}

#[test]
fn policies_that_are_skipped_for_many_instances_are_reported_once() {
    let (recording, instances) = worlds::many(6);
    let azure = Azure::serve(&recording, Options::default());
    let said = |report: &Value| {
        let gaps = report["gaps"].as_array().unwrap().iter();
        (report["verdict"].clone(), gaps.filter(|gap| gap["what"].as_str().unwrap().contains("policies")).count())
    };
    assert_eq!(said(&json(&live(&azure, &instances, AS_OF, &[]))), ("unknown".into(), 1));
    // Policies of few instances are read. With another `--consumer`, they are not needed.
    assert_eq!(said(&json(&live(&azure, &instances[..4], AS_OF, &[]))), ("pass".into(), 0));
    let others = ["--consumer", "apim-named-value"];
    assert_eq!(said(&json(&live(&azure, &instances, AS_OF, &others))), ("pass".into(), 0));
    assert_eq!(said(&json(&live(&azure, &instances, AS_OF, &["--consumer", "apim"]))), ("pass".into(), 0));
    // A recording shows it too.
    let file = azure.folder().join("many.json");
    let mut collect = azure.command(PROGRAM);
    collect.arg("collect").args(&instances).arg("--cloud").arg(azure.cloud_file()).arg("-f").arg(&file);
    assert_eq!(collect.output().unwrap().status.code(), Some(0));
    let mut diagnose = azure.command(PROGRAM);
    diagnose.args(["diagnose", "-o", "json", "--snapshot"]).arg(&file);
    assert_eq!(said(&json(&diagnose.output().unwrap())), ("unknown".into(), 1));
}
