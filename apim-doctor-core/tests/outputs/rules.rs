//! The rules by which outputs are restored, attributed and combined, each with the smallest file that shows it.

use apim_doctor_core::v1::Report;
use apim_doctor_core::{
    Estate, Input, InputError, Options, ReadOptions, ResourceId, Verdict, diagnose, fixed_recording,
};
use serde_json::{Value, json};

use crate::common::fixtures;

const GROUP: &str = "/subscriptions/5/resourceGroups/rg/providers";

fn id(rest: &str) -> String {
    format!("{GROUP}/{rest}")
}

fn inputs(files: &[(&str, &[u8])]) -> Vec<Input> {
    files.iter().map(|(name, bytes)| Input::new(*name, *bytes)).collect()
}

fn read(files: &[(&str, String)]) -> (Estate, Vec<InputError>) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    Estate::read(inputs(&files))
}

/// Returns what is kept of the bodies in files.
fn bodies(estate: &Estate) -> Vec<Value> {
    let options = Options::default().with_resources([ResourceId::new("/subscriptions/none")]);
    let list = fixed_recording(estate, &options).unwrap();
    list.get("value").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Returns what is kept of the only body in one output.
fn restored(output: &Value) -> Value {
    let (estate, problems) = read(&[("output.json", output.to_string())]);
    assert!(problems.is_empty(), "{problems:?}");
    let mut bodies = bodies(&estate);
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    bodies.remove(0)
}

fn texts(problems: &[InputError]) -> Vec<String> {
    problems.iter().map(|p| format!("{}:{} {}; {}", p.file, p.line.unwrap_or(0), p.message, p.help)).collect()
}

fn report(estate: &Estate) -> Report {
    diagnose(estate, &Options::default())
}

fn gaps(estate: &Estate) -> String {
    report(estate).gaps.into_iter().map(|gap| format!("{}\n", gap.what)).collect()
}

#[test]
fn the_addresses_of_an_instance_get_their_names_back() {
    let location = json!({"location": "North Europe", "publicIpAddresses": ["20.0.0.2"]});
    let body = restored(&json!({
        "id": id("Microsoft.ApiManagement/service/apim"), "resourceGroup": "rg",
        "publicIpAddresses": ["20.0.0.1"], "outboundPublicIpAddresses": ["20.0.0.3"], "privateIpAddresses": null,
        "additionalLocations": [location], "hostnameConfigurations": [], "virtualNetworkType": "None",
        "platformVersion": "stv2"
    }));
    assert_eq!(body["properties"]["publicIPAddresses"], json!(["20.0.0.1"]));
    assert_eq!(body["properties"]["outboundPublicIPAddresses"], json!(["20.0.0.3"]));
    assert_eq!(body["properties"]["additionalLocations"][0]["publicIPAddresses"], json!(["20.0.0.2"]));
}

#[test]
fn a_role_definition_keeps_both_of_its_types() {
    let custom = id("Microsoft.Authorization/roleDefinitions/d");
    let output = json!({
        "id": custom, "type": "Microsoft.Authorization/roleDefinitions", "roleType": "CustomRole",
        "roleName": "Reader of secrets", "assignableScopes": ["/"], "permissions": [{"actions": ["*/read"]}]
    });
    let body = restored(&output);
    assert_eq!(body["type"], "Microsoft.Authorization/roleDefinitions");
    assert_eq!(body["properties"]["roleName"], "Reader of secrets");
    // What no diagnosis reads is not kept, so the file that is read shows it.
    let older = json!({"id": custom, "properties": {"type": "BuiltInRole", "roleName": "Reader of secrets",
        "permissions": [{"actions": ["*/read"]}]}});
    let (estate, problems) = read(&[("a.json", output.to_string()), ("b.json", older.to_string())]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(bodies(&estate).len(), 1, "a type that is not read does not contradict");
}

#[test]
fn the_plan_of_an_app_gets_its_name_back() {
    let plan = id("Microsoft.Web/serverfarms/plan");
    let body = restored(&json!({
        "id": id("Microsoft.Web/sites/app"), "appServicePlanId": plan, "sku": "Dynamic", "resourceGroup": "rg",
        "virtualNetworkSubnetId": null, "keyVaultReferenceIdentity": null, "state": "Running", "hyperV": false
    }));
    assert_eq!(body["properties"]["serverFarmId"], plan);
    assert_eq!(body["properties"].get("virtualNetworkSubnetId"), None, "null is absent");
    assert_eq!(body.get("sku"), None, "a text is not a tier of the resource");
}

#[test]
fn the_group_is_dropped_and_a_part_is_nested() {
    let output = json!({
        "id": id("Microsoft.Network/virtualNetworks/vnet"), "resourceGroup": "rg", "provisioningState": "Succeeded",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "virtualNetworkPeerings": [],
        "subnets": [{"id": id("Microsoft.Network/virtualNetworks/vnet/subnets/s"), "name": "s", "resourceGroup": "rg",
            "addressPrefix": "10.0.0.0/24", "routeTable": {"id": id("Microsoft.Network/routeTables/rt"), "resourceGroup": "rg"},
            "delegations": [{"name": "d", "serviceName": "Microsoft.Web/serverFarms"}]}]
    });
    let subnet = restored(&output)["properties"]["subnets"][0].clone();
    assert_eq!(subnet["properties"]["addressPrefix"], "10.0.0.0/24");
    assert_eq!(subnet["properties"]["routeTable"], json!({"id": id("Microsoft.Network/routeTables/rt")}));
    assert_eq!(subnet.get("resourceGroup"), None);
}

#[test]
fn a_row_without_properties_only_exists() {
    let vault = id("Microsoft.KeyVault/vaults/kv");
    let row = json!([{"id": vault, "name": "kv", "type": "Microsoft.KeyVault/vaults", "location": "westeurope",
        "properties": null, "provisioningState": null, "createdTime": "2026-01-01T00:00:00+00:00", "sku": null}]);
    let short = json!([{"id": vault, "name": "kv", "type": "Microsoft.KeyVault/vaults", "location": "westeurope",
        "resourceGroup": "rg", "tags": {}, "systemData": null}]);
    let full = json!({"id": vault, "properties": {"publicNetworkAccess": "Disabled"}});
    for row in [row, short] {
        let (estate, problems) = read(&[("row.json", row.to_string())]);
        assert!(problems.is_empty(), "{problems:?}");
        assert!(bodies(&estate).iter().all(|body| body.get("properties").is_none()));
        let (estate, _) = read(&[("full.json", full.to_string()), ("row.json", row.to_string())]);
        assert_eq!(gaps(&estate), gaps(&read(&[("full.json", full.to_string())]).0), "nothing contradicts");
    }
}

/// An app with the settings that its storage account is found by.
fn app(name: &str) -> Value {
    json!({"id": id(&format!("Microsoft.Web/sites/{name}")), "kind": "functionapp", "properties": {
        "serverFarmId": id("Microsoft.Web/serverfarms/plan"), "state": "Running", "enabled": true}})
}

const SETTINGS: &str = r#"[{"name": "AzureWebJobsStorage__accountName", "slotSetting": false, "value": "stone"}]"#;

#[test]
fn settings_belong_to_the_only_app_or_to_the_one_that_the_caller_names() {
    let has_settings = |estate: &Estate, app: &str| {
        bodies(estate).iter().any(|body| {
            body["id"] == id(&format!("Microsoft.Web/sites/{app}/config/appsettings")).to_lowercase()
                || body["id"] == id(&format!("Microsoft.Web/sites/{app}/config/appsettings"))
        })
    };
    let (estate, problems) = read(&[("one.json", app("one").to_string()), ("settings.json", SETTINGS.to_owned())]);
    assert!(problems.is_empty() && estate.coverage().aside.is_empty(), "{problems:?}");
    assert!(has_settings(&estate, "one"));

    let two = [app("one").to_string(), app("two").to_string(), SETTINGS.to_owned()];
    let files =
        || inputs(&[("1.json", two[0].as_bytes()), ("2.json", two[1].as_bytes()), ("s.json", two[2].as_bytes())]);
    let (estate, problems) = Estate::read(files());
    assert!(problems.is_empty(), "a note is not a problem: {problems:?}");
    assert!(!has_settings(&estate, "one") && !has_settings(&estate, "two"));
    let aside = &estate.coverage().aside;
    assert_eq!(aside.len(), 1);
    assert_eq!(
        (aside[0].file.as_str(), aside[0].what.as_str()),
        ("s.json", "app settings without the name of their app")
    );
    assert!(aside[0].help.contains("--for"), "{}", aside[0].help);

    let owners = vec![ResourceId::new(&id("Microsoft.Web/sites/two"))];
    let (estate, _) = Estate::read_with(files(), &ReadOptions::default().with_owners(owners));
    assert!(has_settings(&estate, "two") && !has_settings(&estate, "one"));
    assert!(estate.coverage().aside.is_empty());
    // A resource of another type owns no settings.
    let owners = vec![ResourceId::new(&id("Microsoft.KeyVault/vaults/kv"))];
    let (estate, _) = Estate::read_with(files(), &ReadOptions::default().with_owners(owners));
    assert_eq!(estate.coverage().aside.len(), 1);
    // A slot beside its app is a second one.
    let slot = json!([{"id": id("Microsoft.Web/sites/one/slots/staging"), "properties": {}}]);
    let (estate, _) = read(&[
        ("one.json", app("one").to_string()),
        ("slot.json", slot.to_string()),
        ("settings.json", SETTINGS.to_owned()),
    ]);
    assert_eq!(estate.coverage().aside.len(), 1);
}

#[test]
fn settings_without_values_are_a_part() {
    let masked = SETTINGS.replace("\"stone\"", "null");
    let (estate, _) = read(&[("one.json", app("one").to_string()), ("settings.json", masked)]);
    assert!(bodies(&estate).iter().all(|body| !body["id"].as_str().unwrap().contains("appsettings")));
}

#[test]
fn rules_and_identities_without_an_id_complete_their_resource() {
    let vault = json!({"id": id("Microsoft.KeyVault/vaults/kv"), "properties": {"enableRbacAuthorization": true}});
    let rules = json!({"bypass": "None", "defaultAction": "Deny", "ipRules": [{"value": "20.0.0.0/24"}],
        "virtualNetworkRules": []});
    let (estate, problems) = read(&[("kv.json", vault.to_string()), ("rules.json", rules.to_string())]);
    assert!(problems.is_empty(), "{problems:?}");
    let all = bodies(&estate);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["properties"]["networkAcls"]["defaultAction"], "Deny");
    assert_eq!(all[0]["properties"]["enableRbacAuthorization"], true);

    let account = json!({"id": id("Microsoft.Storage/storageAccounts/st"), "properties": {
        "networkAcls": {"bypass": "None", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []}}});
    let rules = json!({"bypass": null, "defaultAction": null, "ipRules": [], "ipv6Rules": null,
        "resourceAccessRules": [], "virtualNetworkRules": []});
    let (estate, _) = read(&[("st.json", account.to_string()), ("rules.json", rules.to_string())]);
    assert_eq!(bodies(&estate)[0]["properties"]["networkAcls"]["defaultAction"], "Deny", "null says nothing");

    let identity = json!({"principalId": "11111111-1111-1111-1111-111111111111", "tenantId": "t",
        "type": "SystemAssigned", "userAssignedIdentities": null});
    let (estate, _) = read(&[("app.json", app("one").to_string()), ("identity.json", identity.to_string())]);
    assert_eq!(bodies(&estate)[0]["identity"]["type"], "SystemAssigned");
}

#[test]
fn a_part_never_stands_for_a_resource() {
    // `--query` cut it: what is not in it may exist.
    let cut = json!({"id": id("Microsoft.KeyVault/vaults/kv"), "enableRbacAuthorization": true});
    let (estate, problems) = read(&[("cut.json", cut.to_string())]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(bodies(&estate), Vec::<Value>::new());
    // An old azure-cli fills in nulls, and does not know `publicNetworkAccess`.
    let old = json!({"id": id("Microsoft.KeyVault/vaults/kv"), "resourceGroup": "rg", "properties": {
        "createMode": null, "networkAcls": null, "enableRbacAuthorization": true, "privateEndpointConnections": null}});
    let (estate, _) = read(&[("old.json", old.to_string())]);
    assert_eq!(bodies(&estate), Vec::<Value>::new());
    // Whole, but from Azure: an absent property has its default.
    let azure = json!({"id": id("Microsoft.KeyVault/vaults/kv"), "properties": {"enableRbacAuthorization": true}});
    let (estate, _) = read(&[("old.json", old.to_string()), ("azure.json", azure.to_string())]);
    assert_eq!(bodies(&estate).len(), 1);
    // A projected row of Resource Graph.
    let row = json!({"data": [{"id": id("Microsoft.KeyVault/vaults/kv"), "properties_networkAcls_bypass": "None"}]});
    let (estate, _) = read(&[("row.json", row.to_string())]);
    assert_eq!(bodies(&estate), Vec::<Value>::new());
    let (estate, _) = read(&[("row.json", row.to_string()), ("azure.json", azure.to_string())]);
    assert_eq!(bodies(&estate)[0]["properties"]["networkAcls"]["bypass"], "None");
}

#[test]
fn the_fuller_answer_counts_and_different_answers_contradict() {
    let vault =
        |properties: Value| json!({"id": id("Microsoft.KeyVault/vaults/kv"), "properties": properties}).to_string();
    let some = vault(json!({"publicNetworkAccess": "Disabled", "enableRbacAuthorization": null}));
    let more = vault(json!({"publicNetworkAccess": "disabled", "enableRbacAuthorization": true}));
    let other = vault(json!({"publicNetworkAccess": "Enabled"}));
    for order in [[("a.json", &some), ("b.json", &more)], [("a.json", &more), ("b.json", &some)]] {
        let (estate, problems) = read(&order.map(|(name, text)| (name, text.clone())));
        assert!(problems.is_empty(), "{problems:?}");
        let all = bodies(&estate);
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(all[0]["properties"]["enableRbacAuthorization"], true);
    }
    // In one file as well.
    let (estate, _) = read(&[("a.json", format!("[{some}, {more}]"))]);
    assert_eq!(bodies(&estate).len(), 1);
    let (estate, _) = read(&[("a.json", more), ("b.json", other)]);
    assert_eq!(bodies(&estate).len(), 2, "both stay, and contradict each other");
    // Lists of other elements, and maps of other identities, are other values.
    let with = |ids: &[&str]| {
        let all: serde_json::Map<String, Value> = ids
            .iter()
            .map(|name| (id(&format!("Microsoft.ManagedIdentity/userAssignedIdentities/{name}")), json!({})))
            .collect();
        let mut app = app("one");
        app["identity"] = json!({"type": "UserAssigned", "userAssignedIdentities": all});
        app.to_string()
    };
    let (estate, _) = read(&[("a.json", with(&["a"])), ("b.json", with(&["a", "b"]))]);
    assert_eq!(bodies(&estate).len(), 2);
    let (estate, _) = read(&[("a.json", with(&["a"])), ("b.json", with(&["a"]))]);
    assert_eq!(bodies(&estate).len(), 1);
}

#[test]
fn a_subnet_is_completed_by_its_network() {
    let subnet = id("Microsoft.Network/virtualNetworks/v/subnets/s");
    let table = json!({"id": id("Microsoft.Network/routeTables/rt")});
    let inline =
        json!({"id": subnet, "name": "s", "properties": {"addressPrefix": "10.0.0.0/24", "routeTable": table}});
    let network = json!({"id": id("Microsoft.Network/virtualNetworks/v"), "location": "westeurope",
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [inline]}});
    let own = json!({"id": subnet, "properties": {"addressPrefix": "10.0.0.0/24"}});
    let (estate, problems) = read(&[("network.json", network.to_string()), ("subnet.json", own.to_string())]);
    assert!(problems.is_empty(), "{problems:?}");
    let all = bodies(&estate);
    let found = all.iter().find(|body| body["id"] == subnet).unwrap();
    assert_eq!(found["properties"]["routeTable"], table);
}

/// Returns a recording whose paths pass, the file's name, and the body of its vault.
fn recording() -> (Vec<u8>, Value) {
    let recording = fixtures(|file| file == "checks/firewall.source-not-allowed/fixed.json").remove(0);
    let mut known = std::collections::BTreeMap::new();
    crate::files::bodies(&recording.document, &mut known);
    let is_vault =
        |body: &&Value| ResourceId::new(body["id"].as_str().unwrap()).resource_type().ends_with("KeyVault/vaults");
    let vault = known.values().find(is_vault).unwrap().clone();
    (recording.bytes, vault)
}

#[test]
fn a_body_completes_no_recording() {
    let (bytes, vault) = recording();
    let verdict = |bodies: &[Value]| {
        let bare = json!(bodies).to_string();
        let (estate, problems) =
            Estate::read(inputs(&[("recording.json", bytes.as_slice()), ("bare.json", bare.as_bytes())]));
        assert!(problems.is_empty(), "{problems:?}");
        diagnose(&estate, &crate::common::options()).verdict
    };
    let with = |change: fn(&mut serde_json::Map<String, Value>)| {
        let mut vault = vault.clone();
        change(vault["properties"].as_object_mut().unwrap());
        verdict(&[vault])
    };
    assert_eq!(verdict(&[]), Verdict::Pass);
    assert_eq!(with(|_| {}), Verdict::Pass);
    let less = with(|properties| drop(properties.remove("networkAcls")));
    assert_eq!(less, Verdict::Pass, "what a body lacks, it does not deny");
    let other = with(|properties| drop(properties.insert("publicNetworkAccess".to_owned(), json!("Disabled"))));
    assert_eq!(other, Verdict::Unknown, "another value contradicts");
    let more = with(|properties| drop(properties.insert("createMode".to_owned(), json!("default"))));
    assert_eq!(more, Verdict::Pass, "what no diagnosis reads contradicts nothing");
}

#[test]
fn the_region_of_a_resource_names_its_cloud() {
    let roots = |location: Value| {
        let instance = json!({"id": id("Microsoft.ApiManagement/service/apim"), "location": location, "sku": {"name": "Developer"},
            "identity": {"type": "SystemAssigned", "principalId": "11111111-1111-1111-1111-111111111111"}, "properties": {}});
        let value = json!({"id": id("Microsoft.ApiManagement/service/apim/namedValues/key"), "properties": {"displayName": "key",
            "secret": true, "keyVault": {"secretIdentifier": "https://kv-one.vault.azure.cn/secrets/key"}}});
        let (estate, problems) = read(&[("bodies.json", json!([instance, value]).to_string())]);
        assert!(problems.is_empty(), "{problems:?}");
        let path = report(&estate).paths.remove(0);
        (path.verdict, path.root_cause.map(|code| code.to_string()))
    };
    assert_eq!(roots(json!("West Europe")), (Verdict::Fail, Some("target.wrong-cloud".to_owned())));
    assert_eq!(roots(json!("China East 2")), (Verdict::Unknown, None));
    assert_eq!(roots(json!(null)).0, Verdict::Unknown, "the files do not name the cloud");
    let vault = |location: &str, name: &str| json!({"id": id(&format!("Microsoft.KeyVault/vaults/{name}")), "location": location, "properties": {}});
    let (_, problems) =
        read(&[("a.json", json!([vault("usgovvirginia", "a"), vault("West Europe", "b")]).to_string())]);
    assert!(problems[0].message.contains("different clouds"), "{problems:?}");
}

#[test]
fn a_time_with_six_digits_is_the_same_time() {
    let instance = |at: &str| {
        json!({"id": id("Microsoft.ApiManagement/service/apim"), "properties": {"createdAtUtc": at}}).to_string()
    };
    let count =
        |one: &str, other: &str| bodies(&read(&[("a.json", instance(one)), ("b.json", instance(other))]).0).len();
    assert_eq!(count("2025-06-03T08:14:22.4410913Z", "2025-06-03T08:14:22.441091+00:00"), 1);
    assert_eq!(count("2025-06-03T08:14:22.4410913Z", "2025-06-03T08:14:22.441092+00:00"), 2);
}

#[test]
fn files_of_every_encoding_and_number_of_documents_are_read() {
    let vault = |name: &str| json!({"id": id(&format!("Microsoft.KeyVault/vaults/{name}")), "properties": {}});
    let (a, b) = (vault("a"), vault("b"));
    let yaml = format!(
        "- id: {}\n  properties:\n    tenantId: t\n- id: {}\n  properties:\n    tenantId: t\n",
        id("Microsoft.KeyVault/vaults/a"),
        id("Microsoft.KeyVault/vaults/b")
    );
    let utf16 = |text: &str| {
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
    };
    let one = |text: String| vec![text.into_bytes()];
    let files: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("an array", one(json!([a, b]).to_string())),
        ("arrays in an array", one(json!([[a], [[b]]]).to_string())),
        ("two documents", one(format!("{a}\n{b}\n"))),
        ("documents and a list", one(format!("{a}{}", json!({"value": [b], "nextLink": null})))),
        ("Resource Graph", one(json!({"data": [a, b], "count": 2}).to_string())),
        (
            "a table",
            one(json!({"data": {"columns": [{"name": "id"}, {"name": "properties"}],
            "rows": [[a["id"], a["properties"]], [b["id"], b["properties"]]]}})
            .to_string()),
        ),
        (
            "PowerShell's answers",
            one(json!([{"StatusCode": 200, "Method": "GET", "Content": a.to_string()},
            {"StatusCode": 200, "Method": "GET", "Content": json!({"value": [b]}).to_string()}])
            .to_string()),
        ),
        (
            "generic resources",
            one(json!([{"ResourceId": a["id"], "Id": a["id"], "Properties": {}},
            {"ResourceId": b["id"], "Properties": {}}])
            .to_string()),
        ),
        ("a byte order mark", one(format!("\u{feff}{}", json!([a, b])))),
        ("UTF-16", vec![utf16(&json!([a, b]).to_string())]),
        ("YAML", one(yaml.clone())),
        ("YAML in UTF-16", vec![utf16(&yaml)]),
        ("two files", vec![a.to_string().into_bytes(), b.to_string().into_bytes()]),
    ];
    for (what, files) in files {
        let inputs = files.into_iter().enumerate().map(|(n, bytes)| Input::new(format!("{n}"), bytes));
        let (estate, problems) = Estate::read(inputs.collect());
        assert!(problems.is_empty(), "{what}: {problems:?}");
        assert_eq!(estate.coverage().read, 2, "{what}");
        assert_eq!(estate.coverage().other, 0, "{what}");
    }
}

#[test]
fn objects_of_azure_powershell_are_restored_where_that_is_certain() {
    let vault = json!({"VaultName": "kv", "ResourceId": id("Microsoft.KeyVault/vaults/kv"), "Sku": 0, "Tags": null,
        "NetworkAcls": {"DefaultAction": 1, "Bypass": 0, "IpAddressRanges": ["20.0.0.0/24"]}, "NetworkAclsText": "x",
        "OriginalVault": {"Id": id("Microsoft.KeyVault/vaults/kv"), "Name": "kv", "Location": "westeurope", "Properties": {
            "EnableRbacAuthorization": true, "PublicNetworkAccess": "Enabled", "CreateMode": null,
            "NetworkAcls": {"Bypass": "None", "DefaultAction": "Deny", "IPRules": [{"Value": "20.0.0.0/24"}],
                "VirtualNetworkRules": [{"Id": id("Microsoft.Network/virtualNetworks/v/subnets/s")}]},
            "PrivateEndpointConnections": [{"Id": "x", "PrivateEndpoint": {"Id": id("Microsoft.Network/privateEndpoints/pe")},
                "PrivateLinkServiceConnectionState": {"Status": "Approved"}, "ProvisioningState": "Succeeded"}]}}});
    let body = restored(&json!([vault]));
    assert_eq!(body["properties"]["networkAcls"]["ipRules"], json!([{"value": "20.0.0.0/24"}]));
    assert_eq!(body["properties"]["networkAcls"]["defaultAction"], "Deny");
    let connection = &body["properties"]["privateEndpointConnections"][0]["properties"];
    assert_eq!(connection["privateLinkServiceConnectionState"]["status"], "Approved");

    let scope = id("Microsoft.KeyVault/vaults/kv");
    let role = "4633458b-17de-408a-b874-0445c86b69e6";
    let assignment = json!({"RoleAssignmentId": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/a"),
        "Scope": scope, "RoleDefinitionId": role, "RoleDefinitionName": "Key Vault Secrets User", "ObjectType": "ServicePrincipal",
        "ObjectId": "11111111-1111-1111-1111-111111111111", "Condition": "x", "ConditionVersion": "2.0"});
    let body = restored(&assignment);
    let definition = format!("/subscriptions/5/providers/Microsoft.Authorization/roleDefinitions/{role}");
    assert_eq!(body["properties"]["roleDefinitionId"], definition);
    assert_eq!(body["properties"]["condition"], "x");
    // An object without the member may hide a condition.
    let mut old = assignment;
    old.as_object_mut().unwrap().remove("Condition");
    assert_eq!(bodies(&read(&[("old.json", old.to_string())]).0), Vec::<Value>::new());

    let rule = json!({"Name": "r", "Id": "r", "Protocol": "Tcp", "SourcePortRange": ["*"], "DestinationPortRange": ["80", "443"],
        "SourceAddressPrefix": ["*"], "DestinationAddressPrefix": ["AzureKeyVault"], "Access": "Deny", "Priority": 100,
        "Direction": "Outbound"});
    let body = restored(
        &json!({"Name": "nsg", "Id": id("Microsoft.Network/networkSecurityGroups/nsg"), "SecurityRules": [rule],
        "DefaultSecurityRules": [], "Subnets": [{"Id": "s", "AddressPrefix": null}], "SecurityRulesText": "[]"}),
    );
    let rule = &body["properties"]["securityRules"][0]["properties"];
    assert_eq!(rule["destinationPortRanges"], json!(["80", "443"]));
    assert_eq!(rule["sourcePortRange"], "*");
    assert_eq!(rule["access"], "Deny");

    let subnet = json!({"Name": "s", "Id": id("Microsoft.Network/virtualNetworks/v/subnets/s"), "AddressPrefix": ["10.0.0.0/24"],
        "NetworkSecurityGroup": {"Id": id("Microsoft.Network/networkSecurityGroups/nsg"), "SecurityRules": null},
        "RouteTable": null, "NatGateway": null, "Delegations": [], "ProvisioningState": "Succeeded", "ServiceEndpoints": [],
        "PrivateEndpointNetworkPolicies": "Disabled", "DefaultOutboundAccess": false});
    let body = restored(&subnet);
    assert_eq!(body["properties"]["addressPrefix"], "10.0.0.0/24");
    assert_eq!(
        body["properties"]["networkSecurityGroup"],
        json!({"id": id("Microsoft.Network/networkSecurityGroups/nsg")})
    );
    assert_eq!(body["properties"]["defaultOutboundAccess"], false);

    // What is not certain is said by kind, with the next step.
    let mut older = subnet;
    older.as_object_mut().unwrap().remove("DefaultOutboundAccess");
    let network =
        json!({"Name": "v", "Id": id("Microsoft.Network/virtualNetworks/v"), "Subnets": [], "AddressSpace": {}});
    let instance =
        json!({"Name": "apim", "Id": id("Microsoft.ApiManagement/service/apim"), "PublicIPAddresses": ["20.0.0.1"]});
    for object in [older, network, instance] {
        let (estate, problems) = read(&[("object.json", object.to_string())]);
        assert!(bodies(&estate).is_empty());
        assert!(problems[0].message.contains("in the form of Azure PowerShell"), "{problems:?}");
        assert!(problems[0].help.contains("Invoke-AzRestMethod"), "{problems:?}");
    }
    // `ConvertTo-Json` without `-Depth` writes the names of types.
    let cut = json!({"ResourceId": id("Microsoft.KeyVault/vaults/kv"), "AccessPolicies": "System.Object[]",
        "OriginalVault": {"Properties": "Microsoft.Azure.Management.KeyVault.Models.VaultProperties"}});
    let (_, problems) = read(&[("cut.json", cut.to_string())]);
    assert!(problems[0].help.contains("-Depth 20"), "{problems:?}");
}

#[test]
fn references_in_one_body_are_read() {
    let references = json!({"id": id("Microsoft.Web/sites/one/config/configreferences/appsettings"), "properties": {
        "keyToReferenceStatuses": {"Db": {"reference": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/db)",
            "status": "SecretNotFound"}}}});
    let (estate, problems) = read(&[("one.json", app("one").to_string()), ("references.json", references.to_string())]);
    assert!(problems.is_empty(), "{problems:?}");
    let report = report(&estate);
    assert!(
        report.paths.iter().any(|path| path.label.contains("Db")),
        "{:?}",
        report.paths.iter().map(|p| &p.label).collect::<Vec<_>>()
    );
}

#[test]
fn one_bad_file_stops_no_other() {
    let vault = json!({"id": id("Microsoft.KeyVault/vaults/kv"), "properties": {}}).to_string();
    let bad: [(&str, String, &str); 9] = [
        ("cut.json", vault[..40].to_owned(), "ends too early"),
        (
            "template.json",
            json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0", "resources": []})
            .to_string(),
            "ARM template",
        ),
        (
            "state.tfstate",
            json!({"version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": "x", "resources": []})
                .to_string(),
            "Terraform state",
        ),
        ("plan.json", json!({"format_version": "1.2", "planned_values": {}}).to_string(), "Terraform plan"),
        ("main.bicep", "param location string\n".to_owned(), "code that deploys"),
        (
            "error.txt",
            "ERROR: (AuthorizationFailed) The client does not have authorization\n".to_owned(),
            "error of azure-cli",
        ),
        ("policy.xml", "<policies></policies>".to_owned(), "XML"),
        ("other.json", json!({"some": "thing"}).to_string(), "no known Azure resource"),
        (
            "powershell.json",
            json!({"VaultName": "kv", "ResourceId": id("Microsoft.KeyVault/vaults/kv"), "VaultUri": "x"}).to_string(),
            "Azure PowerShell",
        ),
    ];
    let mut files = vec![("kv.json", vault.clone())];
    files.extend(bad.iter().map(|(name, text, _)| (*name, text.clone())));
    let (estate, problems) = read(&files);
    assert_eq!(estate.coverage().read, 1);
    let said = texts(&problems);
    assert_eq!(said.len(), bad.len(), "{said:#?}");
    for (name, _, what) in &bad {
        let own: Vec<&String> = said.iter().filter(|text| text.starts_with(&format!("{name}:"))).collect();
        assert!(own.len() == 1 && own[0].contains(what), "{name}: {own:?}");
        assert!(problems.iter().all(|problem| problem.fatal && !problem.help.is_empty()), "{problems:?}");
    }
    // The good document of a file counts, and what is wrong with the bad one is said on its line.
    let (estate, problems) = read(&[("both.json", format!("{vault}\n\n{{\"id\": 1,}}\n"))]);
    assert_eq!(estate.coverage().read, 1);
    assert_eq!((problems.len(), problems[0].line), (1, Some(3)), "{problems:?}");
}

#[test]
fn facts_and_problems_name_the_lines_of_the_file() {
    // The second vault starts in line 3 of the file, in either form.
    let flat = format!(
        "[{},\n\n{}]",
        json!({"id": id("Microsoft.KeyVault/vaults/a"), "properties": {"createMode": null,
        "publicNetworkAccess": null, "networkAcls": null, "enableRbacAuthorization": null, "privateEndpointConnections": []}}),
        json!({"id": id("Microsoft.KeyVault/vaults/b"), "properties": {"tenantId": 7, "publicNetworkAccess": null,
        "networkAcls": null, "enableRbacAuthorization": null, "privateEndpointConnections": []}})
    );
    let (_, problems) = read(&[("vaults.json", flat)]);
    assert_eq!((problems.len(), problems[0].line), (1, Some(3)), "{problems:?}");
    let yaml = format!(
        "- id: {}\n  properties: {{}}\n- id: {}\n  properties:\n    tenantId: 7\n",
        id("Microsoft.KeyVault/vaults/a"),
        id("Microsoft.KeyVault/vaults/b")
    );
    let (_, problems) = read(&[("vaults.yaml", yaml)]);
    assert_eq!((problems.len(), problems[0].line), (1, Some(5)), "{problems:?}");
}
