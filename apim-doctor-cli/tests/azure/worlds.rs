//! Generated recordings: one instance with every kind of network component, and many instances.

use serde_json::{Value, json};

pub(crate) const SUBSCRIPTION: &str = "/subscriptions/5f0c7e1a-3b52-4b0e-9c6d-2a1f00000001";
const TENANT: &str = "9a1d2c3b-4e5f-4a6b-8c7d-0e1f00000001";
const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

pub(crate) fn provider(kind: &str, name: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-live/providers/{kind}/{name}")
}

fn guid(kind: u32, number: usize) -> String {
    format!("{kind:08x}-1111-4222-8333-{number:012x}")
}

fn get(path: &str, version: &str, body: Value) -> Value {
    json!({ "request": format!("GET {path}?api-version={version}"), "status": 200, "body": body })
}

fn list(path: &str, version: &str, items: &[Value]) -> Value {
    get(path, version, json!({ "value": items }))
}

pub(crate) fn resource(id: &str, kind: &str, properties: Value) -> Value {
    let name = id.rsplit('/').next().unwrap();
    json!({ "id": id, "name": name, "type": kind, "location": "West Europe", "properties": properties })
}

fn recording(exchanges: Vec<Value>) -> Value {
    json!({
        "apimDoctor": "snapshot/v1", "takenAt": "2026-11-21T09:00:00Z", "cloud": "AzurePublic", "tenantId": TENANT,
        "exchanges": exchanges,
    })
}

/// Returns the recorded answer to a read of a path.
pub(crate) fn body<'r>(recording: &'r mut Value, path: &str) -> &'r mut Value {
    let exchanges = recording["exchanges"].as_array_mut().unwrap();
    let is_asked = |e: &&mut Value| e["request"].as_str().unwrap().split('?').next() == Some(&format!("GET {path}"));
    let found = exchanges.iter_mut().find(is_asked).unwrap_or_else(|| panic!("`{path}` is not in the recording"));
    &mut found["body"]
}

/// Adds an answer to a read of a path or a URL.
pub(crate) fn add(recording: &mut Value, path: &str, status: u16, body: Value) {
    let exchange = json!({ "request": format!("GET {path}?api-version=1"), "status": status, "body": body });
    recording["exchanges"].as_array_mut().unwrap().push(exchange);
}

/// Adds a list.
pub(crate) fn add_list(recording: &mut Value, path: &str, items: &[Value]) {
    add(recording, path, 200, json!({ "value": items }));
}

/// Returns empty answers for the lists of a subscription.
fn empty_lists() -> Vec<Value> {
    let of = |kind: &str, version: &str| list(&format!("{SUBSCRIPTION}/providers/{kind}"), version, &[]);
    vec![
        of("Microsoft.KeyVault/deletedVaults", "2026-02-01"),
        of("Microsoft.Network/networkSecurityPerimeters", "2024-07-01"),
        of("Microsoft.Network/dnsResolvers", "2022-07-01"),
        of("Microsoft.Network/dnsForwardingRulesets", "2022-07-01"),
        of("Microsoft.Network/networkManagers", "2024-05-01"),
        of("Microsoft.Authorization/denyAssignments", "2022-04-01"),
    ]
}

/// Returns an assignment of Key Vault Secrets User to a principal at a vault.
fn assignment(number: usize, vault: &str, principal: &str) -> Value {
    let id = format!("{vault}/providers/Microsoft.Authorization/roleAssignments/{}", guid(7, number));
    let role = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}");
    resource(
        &id,
        "Microsoft.Authorization/roleAssignments",
        json!({ "roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal", "scope": vault }),
    )
}

fn secret(vault: &str, name: &str) -> Value {
    let host = format!("https://{}.vault.azure.net", vault.rsplit('/').next().unwrap());
    resource(
        &format!("{vault}/secrets/{name}"),
        "Microsoft.KeyVault/vaults/secrets",
        json!({
            "attributes": { "enabled": true }, "contentType": "application/x-pkcs12",
            "secretUri": format!("{host}/secrets/{name}"), "secretUriWithVersion": format!("{host}/secrets/{name}/{:032x}", 7),
        }),
    )
}

fn reference(vault: &str, object: &str) -> String {
    format!("https://{}.vault.azure.net/secrets/{object}", vault.rsplit('/').next().unwrap())
}

fn named_value(instance: &str, name: &str, secret: &str) -> Value {
    resource(
        &format!("{instance}/namedValues/{name}"),
        "Microsoft.ApiManagement/service/namedValues",
        json!({ "displayName": name, "secret": true, "keyVault": { "secretIdentifier": secret } }),
    )
}

/// Generates an instance in a network, with three host names and twenty named values from two vaults with private
/// endpoints. Returns the recording and the instance's id.
pub(crate) fn one() -> (Value, String) {
    let instance = provider("Microsoft.ApiManagement/service", "apim-live");
    let principal = guid(1, 1);
    let network = provider("Microsoft.Network/virtualNetworks", "vnet-live");
    let (own, endpoints) = (format!("{network}/subnets/snet-apim"), format!("{network}/subnets/snet-endpoints"));
    let group = provider("Microsoft.Network/networkSecurityGroups", "nsg-live");
    let table = provider("Microsoft.Network/routeTables", "rt-live");
    let zone = provider("Microsoft.Network/privateDnsZones", "privatelink.vaultcore.azure.net");
    let vaults =
        [provider("Microsoft.KeyVault/vaults", "kv-live-a"), provider("Microsoft.KeyVault/vaults", "kv-live-b")];

    let host_names: Vec<Value> = (0..3)
        .map(|n| {
            json!({ "type": "Proxy", "hostName": format!("api{n}.contoso.example"), "certificateSource": "KeyVault",
                    "keyVaultId": reference(&vaults[n % 2], "gateway") })
        })
        .collect();
    let named_values: Vec<Value> = (0..20)
        .map(|n| named_value(&instance, &format!("value-{n}"), &reference(&vaults[n % 2], &format!("object-{n}"))))
        .collect();
    let mut service = resource(
        &instance,
        "Microsoft.ApiManagement/service",
        json!({
            "provisioningState": "Succeeded", "virtualNetworkType": "External", "platformVersion": "stv2",
            "createdAtUtc": "2024-02-03T10:00:00Z", "hostnameConfigurations": host_names,
            "virtualNetworkConfiguration": { "subnetResourceId": own }, "publicIPAddresses": ["20.1.2.3"],
        }),
    );
    service["sku"] = json!({ "name": "Developer", "capacity": 1 });
    service["identity"] = json!({ "type": "SystemAssigned", "principalId": principal, "tenantId": TENANT });

    let mut exchanges = empty_lists();
    exchanges.push(get(&instance, "2024-05-01", service));
    exchanges.push(list(&format!("{instance}/namedValues"), "2024-05-01", &named_values));
    exchanges.push(list(&format!("{instance}/certificates"), "2024-05-01", &[]));
    let identity = format!("{instance}/providers/Microsoft.ManagedIdentity/identities/default");
    let properties = json!({ "tenantId": TENANT, "principalId": principal, "clientId": guid(2, 1) });
    exchanges.push(get(
        &identity,
        "2018-11-30",
        resource(&identity, "Microsoft.ManagedIdentity/identities", properties),
    ));
    let status = json!([{ "location": "West Europe", "networkStatus": { "dnsServers": ["168.63.129.16"], "connectivityStatus": [] } }]);
    exchanges.push(get(&format!("{instance}/networkstatus"), "2024-05-01", status));

    let subnet = |id: &str, range: &str, more: Value| {
        let mut properties = json!({ "addressPrefix": range, "serviceEndpoints": [] });
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        resource(id, "Microsoft.Network/virtualNetworks/subnets", properties)
    };
    let subnets = json!([
        subnet(&own, "10.0.1.0/24", json!({ "networkSecurityGroup": { "id": group }, "routeTable": { "id": table } })),
        subnet(&endpoints, "10.0.2.0/24", json!({ "privateEndpointNetworkPolicies": "Disabled" })),
    ]);
    let properties = json!({ "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] }, "subnets": subnets,
                             "dhcpOptions": { "dnsServers": [] }, "virtualNetworkPeerings": [] });
    exchanges.push(get(&network, "2024-05-01", resource(&network, "Microsoft.Network/virtualNetworks", properties)));
    let properties = json!({ "securityRules": [], "defaultSecurityRules": [] });
    exchanges.push(get(&group, "2024-05-01", resource(&group, "Microsoft.Network/networkSecurityGroups", properties)));
    let properties = json!({ "routes": [], "disableBgpRoutePropagation": false });
    exchanges.push(get(&table, "2024-05-01", resource(&table, "Microsoft.Network/routeTables", properties)));

    let (mut bodies, mut records, mut assignments) = (Vec::new(), Vec::new(), Vec::new());
    for (at, vault) in vaults.iter().enumerate() {
        let name = vault.rsplit('/').next().unwrap();
        let endpoint = provider("Microsoft.Network/privateEndpoints", &format!("pe-{name}"));
        let interface = provider("Microsoft.Network/networkInterfaces", &format!("nic-{name}"));
        let address = format!("10.0.2.{}", at + 4);
        let connection = json!({ "id": format!("{vault}/privateEndpointConnections/{name}"), "properties": {
            "privateEndpoint": { "id": endpoint }, "privateLinkServiceConnectionState": { "status": "Approved" } } });
        let body = resource(
            vault,
            "Microsoft.KeyVault/vaults",
            json!({
                "tenantId": TENANT, "enableRbacAuthorization": true, "accessPolicies": [], "publicNetworkAccess": "Enabled",
                "networkAcls": { "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": [] },
                "vaultUri": format!("https://{name}.vault.azure.net/"), "privateEndpointConnections": [connection],
            }),
        );
        exchanges.push(get(vault, "2026-02-01", body.clone()));
        bodies.push(body);
        let objects: Vec<Value> = std::iter::once("gateway".to_owned())
            .chain((0..20).filter(|n| n % 2 == at).map(|n| format!("object-{n}")))
            .map(|object| secret(vault, &object))
            .collect();
        exchanges.push(list(&format!("{vault}/secrets"), "2026-02-01", &objects));
        let own = assignment(at, vault, &principal);
        exchanges.push(list(
            &format!("{vault}/providers/Microsoft.Authorization/roleAssignments"),
            "2022-04-01",
            std::slice::from_ref(&own),
        ));
        exchanges.push(list(&format!("{vault}/providers/Microsoft.Authorization/denyAssignments"), "2022-04-01", &[]));
        assignments.push(own);
        let properties = json!({ "subnet": { "id": endpoints }, "networkInterfaces": [{ "id": interface }], "customDnsConfigs": [] });
        exchanges.push(get(
            &endpoint,
            "2024-05-01",
            resource(&endpoint, "Microsoft.Network/privateEndpoints", properties),
        ));
        let groups = resource(
            &format!("{endpoint}/privateDnsZoneGroups/default"),
            "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            json!({ "privateDnsZoneConfigs": [{ "name": "vault", "properties": { "privateDnsZoneId": zone } }] }),
        );
        exchanges.push(list(&format!("{endpoint}/privateDnsZoneGroups"), "2024-05-01", &[groups]));
        let properties =
            json!({ "ipConfigurations": [{ "name": "a", "properties": { "privateIPAddress": address } }] });
        exchanges.push(get(
            &interface,
            "2024-05-01",
            resource(&interface, "Microsoft.Network/networkInterfaces", properties),
        ));
        records.push(resource(
            &format!("{zone}/A/{name}"),
            "Microsoft.Network/privateDnsZones/A",
            json!({ "ttl": 10, "aRecords": [{ "ipv4Address": address }] }),
        ));
    }
    exchanges.push(list(&format!("{SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults"), "2026-02-01", &bodies));
    let zones = [resource(&zone, "Microsoft.Network/privateDnsZones", json!({}))];
    exchanges.push(list(&format!("{SUBSCRIPTION}/providers/Microsoft.Network/privateDnsZones"), "2024-06-01", &zones));
    let link = resource(
        &format!("{zone}/virtualNetworkLinks/link"),
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        json!({ "virtualNetwork": { "id": network }, "registrationEnabled": false, "virtualNetworkLinkState": "Completed" }),
    );
    exchanges.push(list(&format!("{zone}/virtualNetworkLinks"), "2024-06-01", &[link]));
    exchanges.push(list(&format!("{zone}/A"), "2024-06-01", &records));
    (recording(exchanges), instance)
}

/// Generates instances that each have their own vault. Returns the recording and the instances' ids.
pub(crate) fn many(count: usize) -> (Value, Vec<String>) {
    let mut exchanges = empty_lists();
    let (mut ids, mut services, mut vaults, mut assignments) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for number in 0..count {
        let instance = provider("Microsoft.ApiManagement/service", &format!("apim-{number}"));
        let vault = provider("Microsoft.KeyVault/vaults", &format!("kv-many-{number}"));
        let name = vault.rsplit('/').next().unwrap().to_owned();
        let principal = guid(1, number);
        let host = json!({ "type": "Proxy", "hostName": format!("api{number}.contoso.example"),
                           "certificateSource": "KeyVault", "keyVaultId": reference(&vault, "gateway") });
        let mut service = resource(
            &instance,
            "Microsoft.ApiManagement/service",
            json!({ "provisioningState": "Succeeded", "virtualNetworkType": "None", "hostnameConfigurations": [host] }),
        );
        service["sku"] = json!({ "name": "Standard", "capacity": 1 });
        service["identity"] = json!({ "type": "SystemAssigned", "principalId": principal, "tenantId": TENANT });
        services.push(service);
        let values = ["a", "b"].map(|n| named_value(&instance, n, &reference(&vault, n)));
        exchanges.push(list(&format!("{instance}/namedValues"), "2024-05-01", &values));
        exchanges.push(list(&format!("{instance}/certificates"), "2024-05-01", &[]));
        vaults.push(resource(
            &vault,
            "Microsoft.KeyVault/vaults",
            json!({
                "tenantId": TENANT, "enableRbacAuthorization": true, "accessPolicies": [], "publicNetworkAccess": "Enabled",
                "networkAcls": { "bypass": "AzureServices", "defaultAction": "Allow" },
                "vaultUri": format!("https://{name}.vault.azure.net/"), "privateEndpointConnections": [],
            }),
        ));
        let objects = ["gateway", "a", "b"].map(|object| secret(&vault, object));
        exchanges.push(list(&format!("{vault}/secrets"), "2026-02-01", &objects));
        assignments.push(assignment(number, &vault, &principal));
        ids.push(instance);
    }
    let of =
        |kind: &str, version: &str, items: &[Value]| list(&format!("{SUBSCRIPTION}/providers/{kind}"), version, items);
    exchanges.push(of("Microsoft.ApiManagement/service", "2024-05-01", &services));
    exchanges.push(of("Microsoft.KeyVault/vaults", "2026-02-01", &vaults));
    exchanges.push(of("Microsoft.Authorization/roleAssignments", "2022-04-01", &assignments));
    (recording(exchanges), ids)
}
