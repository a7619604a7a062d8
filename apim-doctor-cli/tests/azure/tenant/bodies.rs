//! Bodies that several kinds of resources need: vaults, secrets, role assignments, subnets, security rules.

use serde_json::{Value, json};

use super::ID;
use super::layout::guid;

pub(super) const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";
pub(super) const CRYPTO_USER: &str = "e147488a-f6f5-4113-8e2d-b22465e65bf6";
pub(super) const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub(super) const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

pub(super) fn name_of(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or_default()
}

/// Returns one of the five parts of a GUID, counted from 0.
pub(super) fn part_of(guid: &str, number: usize) -> &str {
    guid.split('-').nth(number).unwrap_or_default()
}

/// Returns a resource with its name, tags and times.
pub(super) fn resource(id: &str, kind: &str, location: &str, properties: Value) -> Value {
    json!({
        "id": id, "name": name_of(id), "type": kind, "location": location, "properties": properties,
        "tags": {
            "env": "prod", "owner": "integration", "costCenter": format!("cc-{}", part_of(&guid(id), 1)),
            "application": "api-platform", "dataClassification": "confidential", "managedBy": "terraform",
        },
        "systemData": {
            "createdBy": "be0c523a-9fd2-4bc6-9472-a7369fb5c6b7", "createdByType": "Application",
            "createdAt": "2025-06-03T08:14:22.4410913Z", "lastModifiedBy": "ops@vanarsdel.example",
            "lastModifiedByType": "User", "lastModifiedAt": "2026-11-18T15:40:09.1127765Z",
        },
    })
}

/// Returns a role assignment at a scope.
pub(super) fn assignment(scope: &str, principal: &str, kind: &str, role: &str) -> Value {
    let name = guid(&format!("{scope} {principal} {role}"));
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"), "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"), "scope": scope,
            "principalId": principal, "principalType": kind, "condition": null, "conditionVersion": null,
            "createdOn": "2026-03-02T11:20:43.1181219Z", "updatedOn": "2026-03-02T11:20:43.1181219Z",
            "createdBy": "be0c523a-9fd2-4bc6-9472-a7369fb5c6b7", "updatedBy": "be0c523a-9fd2-4bc6-9472-a7369fb5c6b7",
            "delegatedManagedIdentityResourceId": null, "description": null,
        },
    })
}

/// What differs between vaults.
pub(super) struct Vault {
    pub by_roles: bool,
    pub bypass: &'static str,
    pub default_action: &'static str,
    /// Principals with access policies.
    pub policies: Vec<String>,
    /// The private endpoint.
    pub endpoint: Option<String>,
}

impl Default for Vault {
    fn default() -> Self {
        Self { by_roles: true, bypass: "AzureServices", default_action: "Deny", policies: Vec::new(), endpoint: None }
    }
}

impl Vault {
    pub(super) fn body(&self, id: &str) -> Value {
        let policies = self.policies.iter().map(|principal| {
            json!({ "tenantId": ID, "objectId": principal, "permissions": { "secrets": ["get", "list"], "certificates": ["get"] } })
        });
        let connections = self.endpoint.iter().map(|endpoint| {
            json!({
                "id": format!("{id}/privateEndpointConnections/{}", name_of(endpoint)),
                "properties": {
                    "provisioningState": "Succeeded", "privateEndpoint": { "id": endpoint },
                    "privateLinkServiceConnectionState": { "status": "Approved", "description": "", "actionsRequired": "None" },
                },
            })
        });
        let properties = json!({
            "sku": { "family": "A", "name": "standard" }, "tenantId": ID, "accessPolicies": policies.collect::<Value>(),
            "enabledForDeployment": false, "enabledForDiskEncryption": false, "enabledForTemplateDeployment": false,
            "enableSoftDelete": true, "softDeleteRetentionInDays": 90, "enableRbacAuthorization": self.by_roles,
            "enablePurgeProtection": true, "vaultUri": format!("https://{}.vault.azure.net/", name_of(id)),
            "provisioningState": "Succeeded", "publicNetworkAccess": "Enabled",
            "privateEndpointConnections": connections.collect::<Value>(),
            "networkAcls": {
                "bypass": self.bypass, "defaultAction": self.default_action, "ipRules": [], "virtualNetworkRules": [],
            },
        });
        resource(id, "Microsoft.KeyVault/vaults", "northeurope", properties)
    }
}

/// Returns the URL of a secret.
pub(super) fn secret_url(vault: &str, name: &str) -> String {
    format!("https://{}.vault.azure.net/secrets/{name}", name_of(vault))
}

pub(super) fn secret(vault: &str, name: &str, content: &str, enabled: bool) -> Value {
    let uri = secret_url(vault, name);
    let properties = json!({
        "attributes": { "enabled": enabled, "created": 1_748_938_462, "updated": 1_763_654_400 }, "contentType": content,
        "secretUri": uri, "secretUriWithVersion": format!("{uri}/{}", guid(&uri).replace('-', "")),
    });
    resource(&format!("{vault}/secrets/{name}"), "Microsoft.KeyVault/vaults/secrets", "northeurope", properties)
}

pub(super) fn subnet(id: &str, range: &str, security_group: Option<&str>, delegation: Option<&str>) -> Value {
    let delegations = delegation.map(|service| {
        json!([{ "name": "delegation", "id": format!("{id}/delegations/delegation"), "properties": { "serviceName": service } }])
    });
    json!({
        "name": name_of(id), "id": id, "type": "Microsoft.Network/virtualNetworks/subnets",
        "etag": format!("W/\"{}\"", guid(id)),
        "properties": {
            "provisioningState": "Succeeded", "addressPrefix": range, "serviceEndpoints": [],
            "delegations": delegations.unwrap_or_else(|| json!([])), "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            "networkSecurityGroup": security_group.map(|id| json!({ "id": id })),
        },
    })
}

pub(super) fn network(id: &str, range: &str, subnets: &[Value], peers: &[String]) -> Value {
    let peerings = peers.iter().map(|peer| {
        let own = format!("{id}/virtualNetworkPeerings/to-{}", name_of(peer));
        json!({
            "id": own, "name": name_of(&own), "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
            "properties": {
                "provisioningState": "Succeeded", "peeringState": "Connected", "peeringSyncLevel": "FullyInSync",
                "remoteVirtualNetwork": { "id": peer }, "allowVirtualNetworkAccess": true, "allowForwardedTraffic": true,
                "allowGatewayTransit": false, "useRemoteGateways": false,
            },
        })
    });
    let properties = json!({
        "provisioningState": "Succeeded", "resourceGuid": guid(id), "addressSpace": { "addressPrefixes": [range] },
        "privateEndpointVNetPolicies": "Disabled", "subnets": subnets, "enableDdosProtection": false,
        "virtualNetworkPeerings": peerings.collect::<Value>(), "dhcpOptions": { "dnsServers": [] },
    });
    resource(id, "Microsoft.Network/virtualNetworks", "northeurope", properties)
}

/// Returns the security group that API Management needs.
pub(super) fn security_group(id: &str) -> Value {
    const NET: &str = "VirtualNetwork";
    let rule =
        |list: &str,
         (name, direction, priority, access, ports, from, to): (&str, &str, u32, &str, &str, &str, &str)| {
            json!({
                "id": format!("{id}/{list}/{name}"), "name": name, "type": format!("Microsoft.Network/networkSecurityGroups/{list}"),
                "etag": format!("W/\"{}\"", guid(id)),
                "properties": {
                    "provisioningState": "Succeeded", "protocol": if ports == "*" { "*" } else { "Tcp" }, "sourcePortRange": "*",
                    "sourcePortRanges": [], "destinationPortRange": ports, "destinationPortRanges": [],
                    "sourceAddressPrefix": from, "sourceAddressPrefixes": [], "destinationAddressPrefix": to,
                    "destinationAddressPrefixes": [], "access": access, "priority": priority, "direction": direction,
                },
            })
        };
    let own = [
        ("in-clients", "Inbound", 100, "Allow", "443", "Internet", NET),
        ("in-management", "Inbound", 110, "Allow", "3443", "ApiManagement", NET),
        ("in-load-balancer", "Inbound", 120, "Allow", "6390", "AzureLoadBalancer", NET),
        ("out-storage", "Outbound", 100, "Allow", "443", NET, "Storage"),
        ("out-sql", "Outbound", 110, "Allow", "1433", NET, "Sql"),
        ("out-key-vault", "Outbound", 120, "Allow", "443", NET, "AzureKeyVault"),
        ("out-event-hub", "Outbound", 130, "Allow", "443", NET, "EventHub"),
        ("out-monitor", "Outbound", 140, "Allow", "443", NET, "AzureMonitor"),
        ("out-sign-in", "Outbound", 160, "Allow", "443", NET, "AzureActiveDirectory"),
        ("out-deny-internet", "Outbound", 4000, "Deny", "*", "*", "Internet"),
    ];
    let defaults = [
        ("AllowVnetInBound", "Inbound", 65000, "Allow", "*", NET, NET),
        ("AllowAzureLoadBalancerInBound", "Inbound", 65001, "Allow", "*", "AzureLoadBalancer", "*"),
        ("DenyAllInBound", "Inbound", 65500, "Deny", "*", "*", "*"),
        ("AllowVnetOutBound", "Outbound", 65000, "Allow", "*", NET, NET),
        ("AllowInternetOutBound", "Outbound", 65001, "Allow", "*", "*", "Internet"),
        ("DenyAllOutBound", "Outbound", 65500, "Deny", "*", "*", "*"),
    ];
    let properties = json!({
        "provisioningState": "Succeeded", "resourceGuid": guid(id),
        "securityRules": own.map(|row| rule("securityRules", row)),
        "defaultSecurityRules": defaults.map(|row| rule("defaultSecurityRules", row)),
    });
    resource(id, "Microsoft.Network/networkSecurityGroups", "northeurope", properties)
}
