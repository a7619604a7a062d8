//! Generates recordings of any number of API Management instances. The same number always gives the same recording.
//!
//! Each instance has its own vault, network, subnet, security group and identities: about 30 exchanges, 70 kB and
//! 8 paths (3 host names, 5 named values). Every other instance has one of the faults in [`Fault`]. Lists that Azure
//! returns per subscription are recorded once per subscription. All names, ids and addresses are invented.

use std::fmt::Write;

use serde_json::{Value, json};

/// Instances in one subscription.
const PER_SUBSCRIPTION: usize = 500;
/// Objects in a vault: the host names' certificate, and four secrets for five named values.
const OBJECTS: [&str; 5] = ["gateway-tls", "backend-key", "orders-key", "billing-key", "partner-key"];
const NAMED_VALUES: [&str; 5] = ["backend-key", "orders-key", "billing-key", "partner-key", "partner-key-2"];
const TENANT: &str = "0f59375b-e699-4cf5-b2ee-fe0d235e4757";
const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

/// What is wrong with an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    UserAssignedBehindFirewall,
    NoGrant,
    WrongModel,
    DisabledSecret,
    IdKindMismatch,
    VaultNameWrong,
    TokenEndpointBlocked,
    TrustedServicesOff,
    PublicAccessDisabled,
    EgressBlocked,
    ZoneNotLinked,
    SystemIdentityOff,
}

const FAULTS: [Fault; 12] = [
    Fault::UserAssignedBehindFirewall,
    Fault::NoGrant,
    Fault::WrongModel,
    Fault::DisabledSecret,
    Fault::IdKindMismatch,
    Fault::VaultNameWrong,
    Fault::TokenEndpointBlocked,
    Fault::TrustedServicesOff,
    Fault::PublicAccessDisabled,
    Fault::EgressBlocked,
    Fault::ZoneNotLinked,
    Fault::SystemIdentityOff,
];

/// Returns a recording of this many instances.
pub(crate) fn estate(instances: usize) -> Vec<u8> {
    let mut out = String::with_capacity(instances * 80_000 + 10_000);
    let _ = write!(
        out,
        "{{\n\"apimDoctor\": \"snapshot/v1\",\n\"takenAt\": \"2026-11-21T09:00:00Z\",\n\
         \"cloud\": \"AzurePublic\",\n\"tenantId\": \"{TENANT}\",\n\"exchanges\": [\n"
    );
    let mut recording = Recording { out: &mut out, empty: true };
    let all: Vec<Instance> = (0..instances).map(Instance::of).collect();
    for group in all.chunks(PER_SUBSCRIPTION) {
        subscription(&mut recording, group);
        for instance in group {
            instance.record(&mut recording);
        }
    }
    out.push_str("\n]\n}\n");
    out.into_bytes()
}

struct Recording<'o> {
    out: &'o mut String,
    empty: bool,
}

impl Recording<'_> {
    fn get(&mut self, path: &str, query: &str, body: &Value) {
        let comma = if std::mem::take(&mut self.empty) { "" } else { ",\n" };
        let request = json!(format!("GET {path}?api-version={query}"));
        let _ = write!(self.out, "{comma}  {{\"request\": {request}, \"status\": 200, \"body\": {body}}}");
    }

    fn list(&mut self, path: &str, query: &str, items: &[Value]) {
        self.get(path, query, &json!({ "value": items }));
    }
}

/// FNV-1a with mixed bits: replaces Azure's random values.
fn number(text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

fn guid(text: &str) -> String {
    let (a, b) = (number(text), number(&format!("{text}/2")));
    format!(
        "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}",
        a >> 32,
        a & 0xffff,
        (a >> 16) & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

fn system_data() -> Value {
    json!({
        "createdBy": "be0c523a-9fd2-4bc6-9472-a7369fb5c6b7", "createdByType": "Application",
        "createdAt": "2025-06-03T08:14:22.4410913Z", "lastModifiedBy": "ops@vanarsdel.example",
        "lastModifiedByType": "User", "lastModifiedAt": "2026-11-18T15:40:09.1127765Z",
    })
}

/// Records the lists that Azure returns once per subscription.
fn subscription(recording: &mut Recording<'_>, group: &[Instance]) {
    let Some(first) = group.first() else { return };
    let scope = format!("/subscriptions/{}", first.subscription);
    let body = json!({
        "id": scope, "authorizationSource": "RoleBased", "managedByTenants": [], "subscriptionId": first.subscription,
        "tenantId": TENANT, "displayName": "vanarsdel-prod", "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off",
        },
    });
    recording.get(&scope, "2022-12-01", &body);
    let vaults: Vec<Value> = group.iter().map(Instance::vault_body).collect();
    recording.list(&format!("{scope}/providers/Microsoft.KeyVault/vaults"), "2026-02-01", &vaults);
    let deleted: Vec<Value> = (0..10)
        .map(|at| {
            let name = format!("kv-gone-{at:02}");
            json!({
                "id": format!("{scope}/providers/Microsoft.KeyVault/locations/northeurope/deletedVaults/{name}"),
                "name": name, "type": "Microsoft.KeyVault/deletedVaults",
                "properties": {
                    "vaultId": format!("{scope}/resourceGroups/rg-old/providers/Microsoft.KeyVault/vaults/{name}"),
                    "location": "northeurope", "tags": {}, "deletionDate": "2026-11-01T10:00:00Z",
                    "scheduledPurgeDate": "2027-01-30T10:00:00Z", "purgeProtectionEnabled": true,
                },
            })
        })
        .collect();
    recording.list(&format!("{scope}/providers/Microsoft.KeyVault/deletedVaults"), "2026-02-01", &deleted);
    let authorization = format!("{scope}/providers/Microsoft.Authorization");
    let held =
        first.assignment(&scope, "Owner", &guid("platform-team"), "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Group");
    recording.list(&format!("{authorization}/roleAssignments"), "2022-04-01&$filter=atScope()", &[held]);
    recording.list(&format!("{authorization}/denyAssignments"), "2022-04-01&$filter=atScope()", &[]);
    let role = format!("{authorization}/roleDefinitions/{SECRETS_USER}");
    let body = json!({
        "id": role, "name": SECRETS_USER, "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": "Key Vault Secrets User", "type": "BuiltInRole", "description": "Read secret contents.",
            "assignableScopes": ["/"],
            "permissions": [{
                "actions": [], "notActions": [], "notDataActions": [],
                "dataActions": [
                    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
                    "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
                ],
            }],
        },
    });
    recording.get(&role, "2022-04-01", &body);
    let network = format!("{scope}/providers/Microsoft.Network");
    let zone = zone_id(&first.subscription);
    let body = json!({
        "id": zone, "name": "privatelink.vaultcore.azure.net", "type": "Microsoft.Network/privateDnsZones",
        "etag": "cfc1cd53-01c9-4a47-8bd1-5cbb4e6a7a2f", "location": "global", "tags": {},
        "properties": { "provisioningState": "Succeeded", "numberOfRecordSets": group.len(), "maxNumberOfRecordSets": 25000 },
    });
    recording.list(&format!("{network}/privateDnsZones"), "2024-06-01", &[body]);
    let linked = group.iter().filter(|i| i.fault != Fault::ZoneNotLinked);
    let links: Vec<Value> = linked.map(|i| i.link_body(&zone)).collect();
    recording.list(&format!("{zone}/virtualNetworkLinks"), "2024-06-01", &links);
    let records: Vec<Value> = group.iter().filter(|i| i.has_endpoint()).map(|i| i.record_body(&zone)).collect();
    recording.list(&format!("{zone}/A"), "2024-06-01", &records);
    for (kind, version) in [
        ("dnsResolvers", "2022-07-01"),
        ("dnsForwardingRulesets", "2022-07-01"),
        ("networkManagers", "2024-05-01"),
        ("networkSecurityPerimeters", "2024-07-01"),
    ] {
        recording.list(&format!("{network}/{kind}"), version, &[]);
    }
}

fn zone_id(subscription: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/\
         privatelink.vaultcore.azure.net"
    )
}

struct Instance {
    at: usize,
    fault: Fault,
    tag: String,
    subscription: String,
    group: String,
    id: String,
    vault_name: String,
    vault: String,
    network: String,
    subnet: String,
    security_group: String,
    identity: String,
    system_principal: String,
    user_principal: String,
    user_client: String,
}

impl Instance {
    fn of(at: usize) -> Self {
        let tag = format!("{at:05}");
        let subscription = guid(&format!("subscription {}", at / PER_SUBSCRIPTION));
        let group = format!("/subscriptions/{subscription}/resourceGroups/rg-vanarsdel-{tag}");
        let vault_name = format!("kv-vanarsdel-gw-{tag}");
        let network = format!("{group}/providers/Microsoft.Network/virtualNetworks/vnet-vanarsdel-{tag}");
        // Every other instance is broken; the faults alternate.
        let fault = if at.is_multiple_of(2) {
            Fault::None
        } else {
            FAULTS.get(at / 2 % FAULTS.len()).copied().unwrap_or(Fault::None)
        };
        Self {
            at,
            fault,
            id: format!("{group}/providers/Microsoft.ApiManagement/service/apim-vanarsdel-{tag}"),
            vault: format!("{group}/providers/Microsoft.KeyVault/vaults/{vault_name}"),
            subnet: format!("{network}/subnets/snet-apim"),
            security_group: format!(
                "{group}/providers/Microsoft.Network/networkSecurityGroups/nsg-vanarsdel-apim-{tag}"
            ),
            identity: format!(
                "{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-vanarsdel-gw-{tag}"
            ),
            system_principal: guid(&format!("system {at}")),
            user_principal: guid(&format!("user {at}")),
            user_client: guid(&format!("client {at}")),
            tag,
            subscription,
            group,
            vault_name,
            network,
        }
    }

    /// Three of four instances are injected into their network.
    fn is_injected(&self) -> bool {
        let needed = matches!(self.fault, Fault::TokenEndpointBlocked | Fault::EgressBlocked | Fault::ZoneNotLinked);
        needed || self.at % 4 != 2
    }

    fn has_endpoint(&self) -> bool {
        self.fault == Fault::ZoneNotLinked || self.at % 8 == 4
    }

    /// A user-assigned identity needs an open firewall.
    fn is_user_assigned(&self) -> bool {
        match self.fault {
            Fault::UserAssignedBehindFirewall
            | Fault::IdKindMismatch
            | Fault::PublicAccessDisabled
            | Fault::ZoneNotLinked => true,
            Fault::None => self.at % 8 == 6,
            _ => false,
        }
    }

    fn client_id(&self) -> Value {
        match (self.is_user_assigned(), self.fault) {
            (false, _) => Value::Null,
            (true, Fault::IdKindMismatch) => json!(self.user_principal),
            (true, _) => json!(self.user_client),
        }
    }

    fn secret_url(&self, name: &str) -> String {
        let vault = match self.fault {
            Fault::VaultNameWrong => format!("kv-vanarsdel-gateway-prod-{}", self.tag),
            _ => self.vault_name.clone(),
        };
        format!("https://{vault}.vault.azure.net/secrets/{name}")
    }

    fn tags(&self) -> Value {
        json!({
            "env": "prod", "owner": "integration", "costCenter": format!("cc-{:04x}", number(&self.tag) & 0xffff),
            "application": "api-platform", "dataClassification": "confidential", "managedBy": "terraform",
        })
    }

    fn record(&self, to: &mut Recording<'_>) {
        let (id, group, vault) = (&self.id, &self.group, &self.vault);
        to.get(id, "2024-05-01", &self.service_body());
        to.list(&format!("{id}/namedValues"), "2024-05-01", &self.named_values());
        to.list(&format!("{id}/certificates"), "2024-05-01", &[]);
        to.list(&format!("{id}/workspaces"), "2024-05-01", &[]);
        to.get(&format!("{id}/networkstatus"), "2024-05-01", &self.network_status());
        if self.fault != Fault::SystemIdentityOff {
            let own = format!("{id}/providers/Microsoft.ManagedIdentity/identities/default");
            let body = json!({
                "id": own, "name": "default", "type": "Microsoft.ManagedIdentity/identities", "location": "northeurope",
                "properties": {
                    "tenantId": TENANT, "principalId": self.system_principal, "clientId": guid(&format!("system client {}", self.at)),
                },
            });
            to.get(&own, "2018-11-30", &body);
        }
        let body = json!({
            "id": self.identity, "name": format!("id-vanarsdel-gw-{}", self.tag), "tags": self.tags(),
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "location": "northeurope",
            "properties": { "tenantId": TENANT, "principalId": self.user_principal, "clientId": self.user_client },
        });
        to.get(&self.identity, "2023-01-31", &body);
        to.get(vault, "2026-02-01", &self.vault_body());
        let held = self.assignments();
        let scopes = OBJECTS.iter().map(|name| format!("{vault}/secrets/{name}"));
        for scope in std::iter::once(vault.clone()).chain(scopes) {
            if scope != *vault {
                to.get(&scope, "2026-02-01", &self.secret_body(&scope));
            }
            let authorization = format!("{scope}/providers/Microsoft.Authorization");
            to.list(&format!("{authorization}/roleAssignments"), "2022-04-01&$filter=atScope()", &held);
            to.list(&format!("{authorization}/denyAssignments"), "2022-04-01&$filter=atScope()", &[]);
        }
        to.get(&self.network, "2024-05-01", &self.network_body());
        to.get(&self.subnet, "2024-05-01", &self.subnet_body());
        to.get(&self.security_group, "2024-05-01", &self.security_group_body());
        if self.has_endpoint() {
            let network = format!("{group}/providers/Microsoft.Network");
            let (endpoint, interface) = self.endpoint();
            to.get(&endpoint, "2024-05-01", &self.endpoint_body());
            to.get(&interface, "2024-05-01", &self.interface_body());
            let zone = format!("{network}/privateEndpoints/pe-{}/privateDnsZoneGroups", self.vault_name);
            let body = json!({
                "id": format!("{zone}/default"), "name": "default", "etag": "W/\"1\"",
                "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateDnsZoneConfigs": [{
                        "name": "vault", "properties": { "privateDnsZoneId": zone_id(&self.subscription), "recordSets": [] },
                    }],
                },
            });
            to.list(&zone, "2024-05-01", &[body]);
        }
    }

    fn service_body(&self) -> Value {
        let name = format!("apim-vanarsdel-{}", self.tag);
        let own = json!({
            "type": "Proxy", "hostName": format!("{name}.azure-api.net"), "encodedCertificate": null, "keyVaultId": null,
            "certificatePassword": null, "negotiateClientCertificate": false, "certificate": null,
            "defaultSslBinding": false, "identityClientId": null, "certificateSource": "BuiltIn", "certificateStatus": null,
        });
        let custom = ["Proxy:api", "DeveloperPortal:portal", "Management:management"].into_iter().filter_map(|kind| {
            let (kind, prefix) = kind.split_once(':')?;
            let host = format!("{prefix}-{}.vanarsdel.example", self.tag);
            Some(json!({
                "type": kind, "hostName": host, "encodedCertificate": null, "keyVaultId": self.secret_url("gateway-tls"),
                "certificatePassword": null, "negotiateClientCertificate": false,
                "certificate": {
                    "expiry": "2027-05-30T23:59:59+00:00", "thumbprint": format!("{:016X}{:024X}", number(&host), number(&self.tag)),
                    "subject": format!("CN={host}"),
                },
                "defaultSslBinding": kind == "Proxy", "identityClientId": self.client_id(),
                "certificateSource": "KeyVault", "certificateStatus": null,
            }))
        });
        let hosts: Vec<Value> = std::iter::once(own).chain(custom).collect();
        let (kind, network) = match self.is_injected() {
            true => (
                "Internal",
                json!({"subnetResourceId": self.subnet, "vnetid": "00000000-0000-0000-0000-000000000000", "subnetname": null}),
            ),
            false => ("None", Value::Null),
        };
        let mut attached = serde_json::Map::new();
        attached
            .insert(self.identity.clone(), json!({"principalId": self.user_principal, "clientId": self.user_client}));
        let identity = match self.fault {
            Fault::SystemIdentityOff => json!({"type": "UserAssigned", "userAssignedIdentities": attached}),
            _ => json!({
                "type": "SystemAssigned, UserAssigned", "principalId": self.system_principal, "tenantId": TENANT,
                "userAssignedIdentities": attached,
            }),
        };
        let gateway = "Microsoft.WindowsAzure.ApiManagement.Gateway";
        let switches: serde_json::Map<String, Value> = [
            "Security.Protocols.Tls10",
            "Security.Protocols.Tls11",
            "Security.Protocols.Ssl30",
            "Security.Backend.Protocols.Tls10",
            "Security.Backend.Protocols.Tls11",
            "Security.Backend.Protocols.Ssl30",
            "Security.Ciphers.TripleDes168",
            "Security.Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA",
            "Protocols.Server.Http2",
        ]
        .into_iter()
        .map(|name| (format!("{gateway}.{name}"), json!(if name.ends_with("Http2") { "True" } else { "False" })))
        .collect();
        json!({
            "id": self.id, "name": name, "type": "Microsoft.ApiManagement/service", "tags": self.tags(),
            "location": "North Europe", "etag": format!("AAAAAAE{}=", self.tag), "zones": null, "systemData": system_data(),
            "sku": {"name": "Premium", "capacity": 2}, "identity": identity,
            "properties": {
                "publisherEmail": "api@vanarsdel.example", "publisherName": "Vanarsdel",
                "notificationSenderEmail": "apimgmt-noreply@mail.windowsazure.com", "provisioningState": "Succeeded",
                "targetProvisioningState": "", "createdAtUtc": "2025-06-03T08:15:01.2257346Z",
                "gatewayUrl": format!("https://{name}.azure-api.net"),
                "gatewayRegionalUrl": format!("https://{name}-northeurope-01.regional.azure-api.net"), "portalUrl": null,
                "developerPortalUrl": format!("https://{name}.developer.azure-api.net"),
                "managementApiUrl": format!("https://{name}.management.azure-api.net"),
                "scmUrl": format!("https://{name}.scm.azure-api.net"),
                "hostnameConfigurations": hosts, "publicIPAddresses": ["20.103.218.77"], "privateIPAddresses": ["10.20.1.5"],
                "additionalLocations": null, "virtualNetworkConfiguration": network, "customProperties": switches,
                "virtualNetworkType": kind, "certificates": null, "disableGateway": false, "natGatewayState": "Unsupported",
                "outboundPublicIPAddresses": ["20.103.218.77"], "apiVersionConstraint": {"minApiVersion": "2021-08-01"},
                "publicIpAddressId": null, "publicNetworkAccess": "Enabled", "privateEndpointConnections": [],
                "platformVersion": "stv2.1", "legacyPortalStatus": "Disabled", "developerPortalStatus": "Enabled",
                "releaseChannel": "Default",
            },
        })
    }

    fn named_values(&self) -> Vec<Value> {
        let id = |name: &str| format!("{}/namedValues/{name}", self.id);
        let mut all: Vec<Value> = NAMED_VALUES
            .iter()
            .map(|name| {
                json!({
                    "id": id(name), "type": "Microsoft.ApiManagement/service/namedValues", "name": name,
                    "properties": {
                        "displayName": name, "tags": ["key-vault"], "secret": true, "provisioningState": "Succeeded",
                        "keyVault": {
                            "secretIdentifier": self.secret_url(name.trim_end_matches("-2")), "identityClientId": self.client_id(),
                            "lastStatus": {"code": "Success", "timeStampUtc": "2026-11-21T06:40:12.1187Z"},
                        },
                    },
                })
            })
            .collect();
        all.extend((0..8).map(|at| {
            let name = format!("setting-{at}");
            json!({
                "id": id(&name), "type": "Microsoft.ApiManagement/service/namedValues", "name": name,
                "properties": {
                    "displayName": name, "value": "<redacted>", "tags": [], "secret": false, "provisioningState": "Succeeded",
                },
            })
        }));
        all
    }

    fn network_status(&self) -> Value {
        let status: Vec<Value> = [
            "blob.core",
            "table.core",
            "queue.core",
            "file.core",
            "servicebus",
            "database",
            "prod.warm.ingest.monitor.core",
        ]
        .iter()
        .map(|service| {
            json!({
                "name": format!("apimgmtst{:014x}.{service}.windows.net", number(service) & 0x00ff_ffff_ffff_ffff),
                "status": "success", "error": "", "lastUpdated": "2026-11-21T08:51:07Z",
                "lastStatusChange": "2026-11-02T03:12:44Z", "resourceType": "BlobStorage", "isOptional": false,
            })
        })
        .collect();
        let servers = if self.is_injected() { json!(["168.63.129.16"]) } else { json!([]) };
        json!([{"location": "North Europe", "networkStatus": {"dnsServers": servers, "connectivityStatus": status}}])
    }

    fn vault_body(&self) -> Value {
        let closed = !(self.fault == Fault::None && self.is_user_assigned()) && self.fault != Fault::IdKindMismatch;
        let rules = match self.fault {
            Fault::UserAssignedBehindFirewall => json!([]),
            _ => json!([{"id": self.subnet.to_ascii_lowercase(), "ignoreMissingVnetServiceEndpoint": false}]),
        };
        let off = matches!(self.fault, Fault::PublicAccessDisabled | Fault::ZoneNotLinked);
        let connections = match self.has_endpoint() {
            true => json!([{
                "id": format!("{}/privateEndpointConnections/pe-{}", self.vault, self.vault_name),
                "properties": {
                    "provisioningState": "Succeeded", "privateEndpoint": {"id": self.endpoint().0},
                    "privateLinkServiceConnectionState": {"status": "Approved", "description": "", "actionsRequired": "None"},
                },
            }]),
            false => json!([]),
        };
        let bypass = if self.fault == Fault::TrustedServicesOff { "None" } else { "AzureServices" };
        json!({
            "id": self.vault, "name": self.vault_name, "type": "Microsoft.KeyVault/vaults", "location": "northeurope",
            "tags": self.tags(), "systemData": system_data(),
            "properties": {
                "sku": {"family": "A", "name": "standard"}, "tenantId": TENANT, "accessPolicies": [],
                "enabledForDeployment": false, "enabledForDiskEncryption": false, "enabledForTemplateDeployment": false,
                "enableSoftDelete": true, "softDeleteRetentionInDays": 90,
                "enableRbacAuthorization": self.fault != Fault::WrongModel, "enablePurgeProtection": true,
                "vaultUri": format!("https://{}.vault.azure.net/", self.vault_name), "provisioningState": "Succeeded",
                "publicNetworkAccess": if off { "Disabled" } else { "Enabled" },
                "privateEndpointConnections": connections,
                "networkAcls": {
                    "bypass": bypass, "defaultAction": if closed { "Deny" } else { "Allow" }, "ipRules": [],
                    "virtualNetworkRules": rules,
                },
            },
        })
    }

    fn secret_body(&self, id: &str) -> Value {
        let name = id.rsplit('/').next().unwrap_or_default();
        let uri = format!("https://{}.vault.azure.net/secrets/{name}", self.vault_name);
        let certificate = name == "gateway-tls";
        let enabled = !(self.fault == Fault::DisabledSecret && (certificate || name == "orders-key"));
        json!({
            "id": id, "name": name, "type": "Microsoft.KeyVault/vaults/secrets", "location": "northeurope", "tags": self.tags(),
            "properties": {
                "attributes": {"enabled": enabled, "created": 1_748_938_462, "updated": 1_763_654_400},
                "contentType": if certificate { "application/x-pkcs12" } else { "text/plain" },
                "secretUri": uri, "secretUriWithVersion": format!("{uri}/{:016x}{:016x}", number(&uri), number(name)),
            },
        })
    }

    fn assignment(&self, scope: &str, role: &str, principal: &str, definition: &str, kind: &str) -> Value {
        let name = guid(&format!("{scope}{role}{principal}"));
        json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"), "name": name,
            "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "roleDefinitionId":
                    format!("/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{definition}", self.subscription),
                "principalId": principal, "principalType": kind, "scope": scope, "condition": null, "conditionVersion": null,
                "createdOn": "2026-03-02T11:20:43.1181219Z", "updatedOn": "2026-03-02T11:20:43.1181219Z",
                "createdBy": "be0c523a-9fd2-4bc6-9472-a7369fb5c6b7", "updatedBy": "be0c523a-9fd2-4bc6-9472-a7369fb5c6b7",
                "delegatedManagedIdentityResourceId": null, "description": null,
            },
        })
    }

    /// The role assignments that a list at the vault or at one of its objects returns: those at the vault and above it.
    fn assignments(&self) -> Vec<Value> {
        let scope = &self.vault;
        let subscription = format!("/subscriptions/{}", self.subscription);
        let owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
        let mut held = vec![
            self.assignment(&subscription, "Owner", &guid("platform-team"), owner, "Group"),
            self.assignment(scope, "Reader", &guid("auditor"), "acdd72a7-3385-48ef-bd42-f606fba81ae7", "User"),
            self.assignment(
                scope,
                "Officer",
                &guid("rotation"),
                "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
                "ServicePrincipal",
            ),
        ];
        if self.fault != Fault::NoGrant {
            held.push(self.assignment(scope, "User", &self.system_principal, SECRETS_USER, "ServicePrincipal"));
            held.push(self.assignment(scope, "User", &self.user_principal, SECRETS_USER, "ServicePrincipal"));
        }
        held
    }

    fn subnet_body(&self) -> Value {
        let services = ["KeyVault", "Storage", "Sql", "EventHub", "ServiceBus"].map(|name| {
            json!({"provisioningState": "Succeeded", "service": format!("Microsoft.{name}"), "locations": ["northeurope"]})
        });
        json!({
            "name": "snet-apim", "id": self.subnet, "type": "Microsoft.Network/virtualNetworks/subnets",
            "etag": format!("W/\"{}\"", guid(&self.subnet)),
            "properties": {
                "provisioningState": "Succeeded", "addressPrefix": "10.20.1.0/24", "serviceEndpoints": services, "delegations": [],
                "privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled",
                "networkSecurityGroup": {"id": self.security_group},
            },
        })
    }

    fn network_body(&self) -> Value {
        let other = json!({
            "name": "snet-endpoints", "id": format!("{}/subnets/snet-endpoints", self.network),
            "type": "Microsoft.Network/virtualNetworks/subnets", "etag": format!("W/\"{}\"", guid(&self.network)),
            "properties": {
                "provisioningState": "Succeeded", "addressPrefix": "10.20.2.0/24", "serviceEndpoints": [], "delegations": [],
                "privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled",
            },
        });
        json!({
            "name": format!("vnet-vanarsdel-{}", self.tag), "id": self.network, "type": "Microsoft.Network/virtualNetworks",
            "etag": format!("W/\"{}\"", guid(&self.network)), "location": "northeurope", "tags": self.tags(),
            "properties": {
                "provisioningState": "Succeeded", "resourceGuid": guid(&self.network),
                "addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}, "privateEndpointVNetPolicies": "Disabled",
                "subnets": [self.subnet_body(), other], "virtualNetworkPeerings": [], "enableDdosProtection": false,
            },
        })
    }

    #[expect(clippy::too_many_arguments, reason = "one argument per column of the rule table")]
    fn rule(
        &self,
        name: &str,
        direction: &str,
        priority: usize,
        access: &str,
        ports: &str,
        from: &str,
        to: &str,
    ) -> Value {
        let kind = if name.ends_with("OutBound") || name.ends_with("InBound") {
            "defaultSecurityRules"
        } else {
            "securityRules"
        };
        json!({
            "id": format!("{}/{kind}/{name}", self.security_group), "name": name,
            "etag": format!("W/\"{}\"", guid(&self.security_group)),
            "type": format!("Microsoft.Network/networkSecurityGroups/{kind}"),
            "properties": {
                "provisioningState": "Succeeded", "protocol": if ports == "*" { "*" } else { "Tcp" }, "sourcePortRange": "*",
                "sourcePortRanges": [], "destinationPortRange": ports, "destinationPortRanges": [], "sourceAddressPrefix": from,
                "sourceAddressPrefixes": [], "destinationAddressPrefix": to, "destinationAddressPrefixes": [], "access": access,
                "priority": priority, "direction": direction,
            },
        })
    }

    fn security_group_body(&self) -> Value {
        const IN: &str = "Inbound";
        const OUT: &str = "Outbound";
        const NET: &str = "VirtualNetwork";
        let mut rules = vec![
            self.rule("in-clients", IN, 100, "Allow", "443", "Internet", NET),
            self.rule("in-management", IN, 110, "Allow", "3443", "ApiManagement", NET),
            self.rule("in-load-balancer", IN, 120, "Allow", "6390", "AzureLoadBalancer", NET),
            self.rule("in-cache", IN, 130, "Allow", "6380", NET, NET),
            self.rule("out-storage", OUT, 100, "Allow", "443", NET, "Storage"),
            self.rule("out-sql", OUT, 110, "Allow", "1433", NET, "Sql"),
            self.rule("out-event-hub", OUT, 130, "Allow", "443", NET, "EventHub"),
            self.rule("out-monitor", OUT, 140, "Allow", "443", NET, "AzureMonitor"),
            self.rule("out-smtp", OUT, 150, "Allow", "587", NET, "Internet"),
            self.rule("out-deny-internet", OUT, 4000, "Deny", "*", "*", "Internet"),
        ];
        if self.fault != Fault::EgressBlocked {
            rules.push(self.rule("out-key-vault", OUT, 120, "Allow", "443", NET, "AzureKeyVault"));
        }
        if self.fault != Fault::TokenEndpointBlocked {
            rules.push(self.rule("out-sign-in", OUT, 160, "Allow", "443", NET, "AzureActiveDirectory"));
        }
        let defaults = [
            self.rule("AllowVnetInBound", IN, 65000, "Allow", "*", NET, NET),
            self.rule("AllowAzureLoadBalancerInBound", IN, 65001, "Allow", "*", "AzureLoadBalancer", "*"),
            self.rule("DenyAllInBound", IN, 65500, "Deny", "*", "*", "*"),
            self.rule("AllowVnetOutBound", OUT, 65000, "Allow", "*", NET, NET),
            self.rule("AllowInternetOutBound", OUT, 65001, "Allow", "*", "*", "Internet"),
            self.rule("DenyAllOutBound", OUT, 65500, "Deny", "*", "*", "*"),
        ];
        json!({
            "name": format!("nsg-vanarsdel-apim-{}", self.tag), "id": self.security_group,
            "type": "Microsoft.Network/networkSecurityGroups", "etag": format!("W/\"{}\"", guid(&self.security_group)),
            "location": "northeurope", "tags": self.tags(),
            "properties": {
                "provisioningState": "Succeeded", "resourceGuid": guid(&self.security_group), "securityRules": rules,
                "defaultSecurityRules": defaults, "subnets": [{"id": self.subnet}],
            },
        })
    }

    fn endpoint(&self) -> (String, String) {
        let network = format!("{}/providers/Microsoft.Network", self.group);
        (
            format!("{network}/privateEndpoints/pe-{}", self.vault_name),
            format!("{network}/networkInterfaces/pe-{}.nic.{}", self.vault_name, guid(&self.vault_name)),
        )
    }

    fn endpoint_body(&self) -> Value {
        let (id, interface) = self.endpoint();
        json!({
            "name": format!("pe-{}", self.vault_name), "id": id, "type": "Microsoft.Network/privateEndpoints",
            "etag": format!("W/\"{}\"", guid(&id)), "location": "northeurope", "tags": self.tags(),
            "properties": {
                "provisioningState": "Succeeded", "resourceGuid": guid(&id), "manualPrivateLinkServiceConnections": [],
                "customNetworkInterfaceName": "", "ipConfigurations": [], "customDnsConfigs": [],
                "subnet": {"id": format!("{}/subnets/snet-endpoints", self.network)},
                "networkInterfaces": [{"id": interface}],
                "privateLinkServiceConnections": [{
                    "name": "vault", "id": format!("{id}/privateLinkServiceConnections/vault"),
                    "properties": {
                        "provisioningState": "Succeeded", "privateLinkServiceId": self.vault, "groupIds": ["vault"],
                        "privateLinkServiceConnectionState": {"status": "Approved", "description": "", "actionsRequired": "None"},
                    },
                }],
            },
        })
    }

    fn interface_body(&self) -> Value {
        let (endpoint, id) = self.endpoint();
        json!({
            "name": id.rsplit('/').next(), "id": id, "type": "Microsoft.Network/networkInterfaces", "location": "northeurope",
            "etag": format!("W/\"{}\"", guid(&id)), "tags": {}, "kind": "Regular",
            "properties": {
                "provisioningState": "Succeeded", "privateEndpoint": {"id": endpoint}, "enableIPForwarding": false,
                "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
                "ipConfigurations": [{
                    "name": "vault", "id": format!("{id}/ipConfigurations/vault"),
                    "properties": {
                        "provisioningState": "Succeeded", "privateIPAddress": "10.20.2.4", "privateIPAllocationMethod": "Dynamic",
                        "subnet": {"id": format!("{}/subnets/snet-endpoints", self.network)}, "primary": true,
                        "privateLinkConnectionProperties": {
                            "groupId": "vault", "requiredMemberName": "default",
                            "fqdns": [format!("{}.vault.azure.net", self.vault_name)],
                        },
                    },
                }],
            },
        })
    }

    fn link_body(&self, zone: &str) -> Value {
        json!({
            "id": format!("{zone}/virtualNetworkLinks/link-{}", self.tag), "name": format!("link-{}", self.tag),
            "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "location": "global", "etag": "\"1\"",
            "properties": {
                "provisioningState": "Succeeded", "registrationEnabled": false, "virtualNetworkLinkState": "Completed",
                "virtualNetwork": {"id": self.network},
                "resolutionPolicy": if self.has_endpoint() { "Default" } else { "NxDomainRedirect" },
            },
        })
    }

    fn record_body(&self, zone: &str) -> Value {
        json!({
            "id": format!("{zone}/A/{}", self.vault_name), "name": self.vault_name, "type": "Microsoft.Network/privateDnsZones/A",
            "etag": guid(zone),
            "properties": {
                "fqdn": format!("{}.privatelink.vaultcore.azure.net.", self.vault_name), "ttl": 10, "isAutoRegistered": false,
                "aRecords": [{"ipv4Address": "10.20.2.4"}],
            },
        })
    }
}
