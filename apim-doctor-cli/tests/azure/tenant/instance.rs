//! Generates instances and what a group of instances shares.

use serde_json::{Value, json};

use super::ID;
use super::bodies::{SECRETS_USER, Vault, assignment, name_of, part_of, resource, secret, secret_url, security_group};
use super::estate::Estate;
use super::layout::{Fault, Group, Instance, Subscription, client_of, guid, principal_of};

/// Objects in a vault: the host names' certificate, and four secrets for five named values.
const OBJECTS: [&str; 5] = ["gateway-tls", "backend-key", "orders-key", "billing-key", "partner-key"];
const NAMED_VALUES: [&str; 5] = ["backend-key", "orders-key", "billing-key", "partner-key", "partner-key-2"];
const KIND: &str = "Microsoft.ApiManagement/service";
const PKCS12: &str = "application/x-pkcs12";

impl Group {
    /// Adds what the group shares.
    pub(super) fn generate(&self, hub: &Subscription<'_>, own: &Subscription<'_>, to: &mut Estate) {
        to.add(&json!({
            "id": self.scope, "name": name_of(&self.scope), "type": "Microsoft.Resources/resourceGroups",
            "location": "northeurope", "properties": { "provisioningState": "Succeeded" },
        }));
        let properties = json!({ "tenantId": ID, "principalId": principal_of(&self.identity), "clientId": client_of(&self.identity) });
        let kind = "Microsoft.ManagedIdentity/userAssignedIdentities";
        to.add(&resource(&self.identity, kind, "northeurope", properties));
        to.add(&security_group(&self.security_group));
        let endpoint = self.has_endpoint().then(|| self.endpoint());
        add_vault(to, &self.vault, &Vault { endpoint, ..Vault::default() }, None);
        if self.has_endpoint() {
            self.add_endpoint(hub, own, to);
        }
    }

    /// The address of the private endpoint.
    pub(super) fn address(&self, subscription: usize) -> String {
        format!("10.{subscription}.{}.{}", 252 + self.number / 200, 4 + self.number % 200)
    }

    fn add_endpoint(&self, hub: &Subscription<'_>, own: &Subscription<'_>, to: &mut Estate) {
        let (endpoint, interface) = (self.endpoint(), self.interface());
        let subnet = format!("{}/subnets/snet-endpoints", own.network());
        let properties = json!({
            "provisioningState": "Succeeded", "resourceGuid": guid(&endpoint), "manualPrivateLinkServiceConnections": [],
            "customNetworkInterfaceName": "", "ipConfigurations": [], "customDnsConfigs": [], "subnet": { "id": subnet },
            "networkInterfaces": [{ "id": interface }],
            "privateLinkServiceConnections": [{
                "name": "vault", "id": format!("{endpoint}/privateLinkServiceConnections/vault"),
                "properties": {
                    "provisioningState": "Succeeded", "privateLinkServiceId": self.vault, "groupIds": ["vault"],
                    "privateLinkServiceConnectionState": { "status": "Approved", "description": "", "actionsRequired": "None" },
                },
            }],
        });
        to.add(&resource(&endpoint, "Microsoft.Network/privateEndpoints", "northeurope", properties));
        let fqdn = format!("{}.vault.azure.net", name_of(&self.vault));
        let properties = json!({
            "provisioningState": "Succeeded", "privateEndpoint": { "id": endpoint }, "enableIPForwarding": false,
            "dnsSettings": { "dnsServers": [], "appliedDnsServers": [] },
            "ipConfigurations": [{
                "name": "vault", "id": format!("{interface}/ipConfigurations/vault"),
                "properties": {
                    "provisioningState": "Succeeded", "privateIPAddress": self.address(own.number), "primary": true,
                    "privateIPAllocationMethod": "Dynamic", "subnet": { "id": subnet },
                    "privateLinkConnectionProperties": { "groupId": "vault", "requiredMemberName": "default", "fqdns": [fqdn] },
                },
            }],
        });
        to.add(&resource(&interface, "Microsoft.Network/networkInterfaces", "northeurope", properties));
        let configs = json!([{ "name": "vault", "properties": { "privateDnsZoneId": hub.zone(), "recordSets": [] } }]);
        to.add(&json!({
            "id": format!("{endpoint}/privateDnsZoneGroups/default"), "name": "default", "etag": "W/\"1\"",
            "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "properties": { "provisioningState": "Succeeded", "privateDnsZoneConfigs": configs },
        }));
    }
}

/// Adds a vault with its objects.
fn add_vault(to: &mut Estate, id: &str, vault: &Vault, fault: Option<Fault>) {
    to.add(&vault.body(id));
    for name in OBJECTS {
        let content = match (name, fault) {
            ("gateway-tls", Some(Fault::WrongFormat)) => "application/x-pem-file",
            ("gateway-tls", _) => PKCS12,
            _ => "text/plain",
        };
        to.add(&secret(id, name, content, !(name == "orders-key" && fault == Some(Fault::Disabled))));
    }
    to.grant(&assignment(id, &guid("auditor"), "User", super::bodies::READER));
}

impl Instance {
    /// Adds the instance, its own vault, and its roles in this subscription.
    pub(super) fn generate(&self, hub: &Subscription<'_>, to: &mut Estate) {
        to.add(&self.body());
        let properties = json!({ "tenantId": ID, "principalId": self.principal(), "clientId": guid(&format!("client {}", self.id)) });
        let own = format!("{}/providers/Microsoft.ManagedIdentity/identities/default", self.id);
        to.answer(
            &own,
            &json!({
                "id": own, "name": "default", "type": "Microsoft.ManagedIdentity/identities", "location": "northeurope",
                "properties": properties,
            }),
        );
        to.answer(&format!("{}/networkstatus", self.id), &self.network_status());
        self.named_values(hub).iter().for_each(|value| to.add(value));
        if self.fault.is_some() {
            let policies = match self.fault {
                Some(Fault::IgnoresPolicies) => vec![self.principal()],
                _ => Vec::new(),
            };
            let vault = Vault {
                by_roles: self.fault != Some(Fault::IgnoresRoles),
                bypass: if self.fault == Some(Fault::TrustedOff) { "None" } else { "AzureServices" },
                policies,
                ..Vault::default()
            };
            add_vault(to, &self.vault, &vault, self.fault);
        }
        if !matches!(self.fault, Some(Fault::NoGrant | Fault::IgnoresPolicies)) {
            let principal = match self.fault {
                Some(Fault::UserAssigned) => principal_of(&self.group.identity),
                _ => self.principal(),
            };
            to.grant(&assignment(&self.vault, &principal, "ServicePrincipal", SECRETS_USER));
        }
    }

    /// The client id that references name.
    fn client(&self) -> Value {
        match self.fault {
            Some(Fault::UserAssigned) => client_of(&self.group.identity).into(),
            _ => Value::Null,
        }
    }

    fn body(&self) -> Value {
        let name = name_of(&self.id);
        let own = json!({
            "type": "Proxy", "hostName": format!("{name}.azure-api.net"), "encodedCertificate": null, "keyVaultId": null,
            "certificatePassword": null, "negotiateClientCertificate": false, "certificate": null,
            "defaultSslBinding": false, "identityClientId": null, "certificateSource": "BuiltIn", "certificateStatus": null,
        });
        let custom = [("Proxy", "api"), ("DeveloperPortal", "portal"), ("Management", "management")].map(|(kind, prefix)| {
            let host = format!("{prefix}-{}.vanarsdel.example", self.tag);
            json!({
                "type": kind, "hostName": host, "encodedCertificate": null, "keyVaultId": secret_url(&self.vault, "gateway-tls"),
                "certificatePassword": null, "negotiateClientCertificate": false,
                "certificate": {
                    "expiry": "2027-05-30T23:59:59+00:00", "thumbprint": guid(&host).replace('-', "").to_uppercase(),
                    "subject": format!("CN={host}"),
                },
                "defaultSslBinding": kind == "Proxy", "identityClientId": self.client(), "certificateSource": "KeyVault",
                "certificateStatus": null,
            })
        });
        let hosts: Vec<Value> = std::iter::once(own).chain(custom).collect();
        let (tier, kind, network) = match self.is_injected() {
            true => ("Premium", "Internal", json!({ "subnetResourceId": self.subnet, "subnetname": null })),
            false => ("Standard", "None", Value::Null),
        };
        let gateway = "Microsoft.WindowsAzure.ApiManagement.Gateway";
        let switches = ["Protocols.Tls10", "Protocols.Tls11", "Protocols.Ssl30", "Ciphers.TripleDes168"]
            .map(|name| (format!("{gateway}.Security.{name}"), Value::from("False")));
        let address = format!("20.{}.{}.{}", self.local / 200, self.local % 200, self.group.number % 200);
        let mut body = resource(
            &self.id,
            KIND,
            "North Europe",
            json!({
                "publisherEmail": "api@vanarsdel.example", "publisherName": "Vanarsdel", "provisioningState": "Succeeded",
                "notificationSenderEmail": "apimgmt-noreply@mail.windowsazure.com", "targetProvisioningState": "",
                "createdAtUtc": "2025-06-03T08:15:01.2257346Z", "gatewayUrl": format!("https://{name}.azure-api.net"),
                "gatewayRegionalUrl": format!("https://{name}-northeurope-01.regional.azure-api.net"), "portalUrl": null,
                "developerPortalUrl": format!("https://{name}.developer.azure-api.net"),
                "managementApiUrl": format!("https://{name}.management.azure-api.net"),
                "scmUrl": format!("https://{name}.scm.azure-api.net"), "hostnameConfigurations": hosts,
                "publicIPAddresses": [address], "privateIPAddresses": [], "additionalLocations": null,
                "virtualNetworkConfiguration": network, "virtualNetworkType": kind, "certificates": null,
                "customProperties": switches.into_iter().collect::<serde_json::Map<_, _>>(), "disableGateway": false,
                "natGatewayState": "Unsupported", "outboundPublicIPAddresses": [address], "publicIpAddressId": null,
                "apiVersionConstraint": { "minApiVersion": "2021-08-01" }, "publicNetworkAccess": "Enabled",
                "privateEndpointConnections": [], "platformVersion": "stv2.1", "legacyPortalStatus": "Disabled",
                "developerPortalStatus": "Enabled", "releaseChannel": "Default",
            }),
        );
        body["etag"] = format!("AAAAAAE{}=", self.tag).into();
        body["sku"] = json!({ "name": tier, "capacity": 2 });
        let identity = &self.group.identity;
        body["identity"] = json!({
            "type": "SystemAssigned, UserAssigned", "principalId": self.principal(), "tenantId": ID,
            "userAssignedIdentities": { identity: { "principalId": principal_of(identity), "clientId": client_of(identity) } },
        });
        body
    }

    fn named_values(&self, hub: &Subscription<'_>) -> Vec<Value> {
        let value = |name: &str, properties: Value| json!({ "id": format!("{}/namedValues/{name}", self.id), "type": format!("{KIND}/namedValues"), "name": name, "properties": properties });
        let secrets = NAMED_VALUES.iter().map(|name| {
            let url = match self.uses_hub() && *name == "partner-key-2" {
                true => secret_url(&hub.shared_vault(), "partner-key"),
                false => secret_url(&self.vault, name.trim_end_matches("-2")),
            };
            let properties = json!({
                "displayName": name, "tags": ["key-vault"], "secret": true, "provisioningState": "Succeeded",
                "keyVault": {
                    "secretIdentifier": url, "identityClientId": self.client(),
                    "lastStatus": { "code": "Success", "timeStampUtc": "2026-11-21T06:40:12.1187Z" },
                },
            });
            value(name, properties)
        });
        let settings = (0..8).map(|at| {
            let name = format!("setting-{at}");
            let properties = json!({ "displayName": name, "value": "plain", "tags": [], "secret": false, "provisioningState": "Succeeded" });
            value(&name, properties)
        });
        secrets.chain(settings).collect()
    }

    fn network_status(&self) -> Value {
        let hosts = [
            "blob.core",
            "table.core",
            "queue.core",
            "file.core",
            "servicebus",
            "database",
            "prod.warm.ingest.monitor.core",
        ];
        let status = hosts.map(|service| {
            json!({
                "name": format!("apimgmtst{}.{service}.windows.net", part_of(&guid(&self.id), 0)), "status": "success", "error": "",
                "lastUpdated": "2026-11-21T08:51:07Z", "lastStatusChange": "2026-11-02T03:12:44Z",
                "resourceType": "BlobStorage", "isOptional": false,
            })
        });
        json!([{ "location": "North Europe", "networkStatus": { "dnsServers": ["168.63.129.16"], "connectivityStatus": status } }])
    }
}
