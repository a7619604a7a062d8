//! Generates a subscription: its network, its instances, its other callers; and the hub.

use serde_json::{Value, json};

use super::ID;
use super::bodies::{
    CRYPTO_USER, OWNER, READER, SECRETS_USER, Vault, assignment, name_of, network, resource, secret, secret_url, subnet,
};
use super::estate::Estate;
use super::layout::{Instance, Subscription, ZONE, client_of, guid, principal_of};

impl Subscription<'_> {
    pub(super) fn body(&self) -> Value {
        let name = if self.is_hub() { "vanarsdel-hub".to_owned() } else { format!("vanarsdel-{:03}", self.number) };
        json!({
            "id": self.scope, "authorizationSource": "RoleBased", "managedByTenants": [], "subscriptionId": self.id,
            "tenantId": ID, "displayName": name, "state": "Enabled",
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01", "spendingLimit": "Off",
            },
        })
    }

    /// Generates everything in the subscription.
    pub(super) fn generate(&self) -> Estate {
        let mut to = Estate::default();
        to.add(&self.body());
        for group in ["rg-network", "rg-shared", "rg-dns", "rg-apps", "rg-edge", "rg-backup"] {
            let id = format!("{}/resourceGroups/{group}", self.scope);
            let properties = json!({ "provisioningState": "Succeeded" });
            to.add(&json!({
                "id": id, "name": group, "type": "Microsoft.Resources/resourceGroups", "location": "northeurope",
                "properties": properties,
            }));
        }
        to.grant(&assignment(&self.scope, &guid("platform team"), "Group", OWNER));
        to.grant(&assignment(
            "/providers/Microsoft.Management/managementGroups/mg-all",
            &guid("audit"),
            "Group",
            READER,
        ));
        match self.is_hub() {
            true => self.add_hub(&mut to),
            false => self.add_spoke(&mut to),
        }
        to
    }

    fn add_spoke(&self, to: &mut Estate) {
        let hub = Subscription::hub(self.tenant);
        let instances: Vec<Instance> = self.instances().map(|at| Instance::of(self, at)).collect();
        let id = self.network();
        let named = |name: &str| format!("{id}/subnets/{name}");
        let range = |row: usize| format!("10.{}.{row}.0/24", self.number);
        let mut subnets = vec![
            subnet(&named("snet-endpoints"), &format!("10.{}.252.0/22", self.number), None, None),
            subnet(&named("snet-gateways"), &range(251), None, None),
        ];
        subnets.extend(instances.iter().filter(|instance| instance.is_injected()).map(|instance| {
            let (row, column) = (instance.local / 8, instance.local % 8 * 32);
            let range = format!("10.{}.{row}.{column}/27", self.number);
            subnet(&instance.subnet, &range, Some(&instance.group.security_group), None)
        }));
        to.add(&network(&id, &format!("10.{}.0.0/16", self.number), &subnets, &[hub.network()]));
        subnets.iter().for_each(|subnet| to.add(subnet));
        self.groups().for_each(|group| group.generate(&hub, self, to));
        instances.iter().for_each(|instance| instance.generate(&hub, to));
        self.add_shared_vault(to);
        self.sites().enumerate().for_each(|(at, id)| self.add_site(&id, at % 2 == 0, to));
        self.gateways().for_each(|id| self.add_gateway(&id, to));
        self.recovery_vaults().for_each(|id| self.add_recovery_vault(&id, to));
    }

    /// The vault of the apps, gateways and Recovery Services vaults.
    fn add_shared_vault(&self, to: &mut Estate) {
        let id = self.shared_vault();
        to.add(&Vault { default_action: "Allow", ..Vault::default() }.body(&id));
        for (name, content) in
            [("db-password", "text/plain"), ("api-key", "text/plain"), ("edge-tls", "application/x-pkcs12")]
        {
            to.add(&secret(&id, name, content, true));
        }
        let uri = format!("https://{}.vault.azure.net/keys/backup-key", name_of(&id));
        let properties = json!({
            "attributes": { "enabled": true, "created": 1_748_938_462, "updated": 1_748_938_462, "exportable": false },
            "kty": "RSA", "keySize": 3072, "keyUri": uri, "keyUriWithVersion": format!("{uri}/{}", guid(&uri).replace('-', "")),
        });
        to.add(&resource(
            &format!("{id}/keys/backup-key"),
            "Microsoft.KeyVault/vaults/keys",
            "northeurope",
            properties,
        ));
    }

    fn add_site(&self, id: &str, is_granted: bool, to: &mut Estate) {
        let name = name_of(id);
        let host = format!("{name}.azurewebsites.net");
        let mut body = resource(
            id,
            "Microsoft.Web/sites",
            "North Europe",
            json!({
                "name": name, "state": "Running", "hostNames": [host], "repositorySiteName": name, "usageState": "Normal",
                "enabled": true, "adminEnabled": true, "enabledHostNames": [host], "availabilityState": "Normal",
                "serverFarmId": self.resource("rg-apps", "Microsoft.Web/serverfarms", "plan"), "reserved": false,
                "siteConfig": { "numberOfWorkers": 1, "linuxFxVersion": "", "alwaysOn": false, "vnetRouteAllEnabled": false },
                "outboundIpAddresses": "20.31.44.10,20.31.44.11", "possibleOutboundIpAddresses": "20.31.44.10,20.31.44.11",
                "httpsOnly": true, "storageAccountRequired": false, "keyVaultReferenceIdentity": "SystemAssigned",
                "publicNetworkAccess": "Enabled", "virtualNetworkSubnetId": null, "defaultHostName": host,
                "privateEndpointConnections": [],
            }),
        );
        body["kind"] = "app".into();
        body["identity"] = json!({ "type": "SystemAssigned", "principalId": principal_of(id), "tenantId": ID });
        to.add(&body);
        let config = json!({ "numberOfWorkers": 1, "alwaysOn": false, "vnetRouteAllEnabled": false, "http20Enabled": true, "ftpsState": "FtpsOnly" });
        to.answer(&format!("{id}/config/web"), &json!({
            "id": format!("{id}/config/web"), "name": "web", "type": "Microsoft.Web/sites/config", "properties": config,
        }));
        let vault = self.shared_vault();
        let references = [("DbPassword", "db-password"), ("ApiKey", "api-key")].map(|(setting, secret)| {
            json!({
                "id": format!("{id}/config/configreferences/appsettings/{setting}"), "name": setting,
                "type": "Microsoft.Web/sites", "location": "North Europe",
                "properties": {
                    "reference": format!("@Microsoft.KeyVault(SecretUri={})", secret_url(&vault, secret)),
                    "status": if is_granted { "Resolved" } else { "AccessToKeyVaultDenied" }, "vaultName": name_of(&vault),
                    "secretName": secret, "secretVersion": "", "activeVersion": null, "source": "KeyVault",
                    "identityType": { "type": "SystemAssigned" }, "details": "",
                },
            })
        });
        let list = |items: Value| json!({ "value": items, "nextLink": null, "id": null });
        to.answer(&format!("{id}/config/configreferences/appsettings"), &list(references.into_iter().collect()));
        to.answer(&format!("{id}/config/configreferences/connectionstrings"), &list(json!([])));
        if is_granted {
            to.grant(&assignment(&vault, &principal_of(id), "ServicePrincipal", SECRETS_USER));
        }
    }

    fn add_gateway(&self, id: &str, to: &mut Estate) {
        let (identity, vault) = (self.gateway_identity(), self.shared_vault());
        let (principal, client) = (principal_of(&identity), client_of(&identity));
        let properties = json!({ "tenantId": ID, "principalId": principal, "clientId": client });
        let kind = "Microsoft.ManagedIdentity/userAssignedIdentities";
        to.add(&resource(&identity, kind, "northeurope", properties));
        let mut body = resource(
            id,
            "Microsoft.Network/applicationGateways",
            "northeurope",
            json!({
                "provisioningState": "Succeeded", "sku": { "name": "Standard_v2", "tier": "Standard_v2", "capacity": 2 },
                "operationalState": "Running", "trustedRootCertificates": [],
                "gatewayIPConfigurations": [{
                    "name": "subnet", "properties": { "subnet": { "id": format!("{}/subnets/snet-gateways", self.network()) } },
                }],
                "sslCertificates": [{
                    "name": "edge-tls", "id": format!("{id}/sslCertificates/edge-tls"),
                    "properties": { "provisioningState": "Succeeded", "keyVaultSecretId": secret_url(&vault, "edge-tls") },
                }],
            }),
        );
        let attached = json!({ &identity: { "principalId": principal, "clientId": client } });
        body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": attached });
        to.add(&body);
        to.grant(&assignment(&vault, &principal, "ServicePrincipal", SECRETS_USER));
    }

    fn add_recovery_vault(&self, id: &str, to: &mut Estate) {
        let vault = self.shared_vault();
        let key = format!("https://{}.vault.azure.net/keys/backup-key", name_of(&vault));
        let kind = "Microsoft.RecoveryServices/vaults";
        let mut body = resource(
            id,
            kind,
            "northeurope",
            json!({
                "provisioningState": "Succeeded", "publicNetworkAccess": "Enabled", "privateEndpointStateForBackup": "None",
                "privateEndpointConnections": [],
                "encryption": {
                    "keyVaultProperties": { "keyUri": key }, "kekIdentity": { "useSystemAssignedIdentity": true },
                    "infrastructureEncryption": "Disabled",
                },
                "securitySettings": {
                    "softDeleteSettings": { "softDeleteState": "Enabled", "softDeleteRetentionPeriodInDays": 14 },
                    "immutabilitySettings": { "state": "Unlocked" }, "multiUserAuthorization": "Disabled",
                },
                "redundancySettings": { "standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Enabled" },
                "monitoringSettings": { "azureMonitorAlertSettings": { "alertsForAllJobFailures": "Enabled" } },
            }),
        );
        body["sku"] = json!({ "name": "RS0", "tier": "Standard" });
        body["identity"] = json!({ "type": "SystemAssigned", "principalId": principal_of(id), "tenantId": ID });
        to.add(&body);
        for (path, properties) in [
            (
                "backupconfig/vaultconfig",
                json!({ "softDeleteFeatureState": "Enabled", "enhancedSecurityState": "Enabled" }),
            ),
            (
                "backupEncryptionConfigs/backupResourceEncryptionConfig",
                json!({
                    "encryptionAtRestType": "CustomerManaged", "keyUri": key, "lastUpdateStatus": "Succeeded",
                    "useSystemAssignedIdentity": true,
                }),
            ),
        ] {
            let (child, name) = path.split_once('/').unwrap_or_default();
            to.answer(&format!("{id}/{path}"), &json!({
                "id": format!("{id}/{path}"), "name": name, "type": format!("{kind}/{child}"), "properties": properties,
            }));
        }
        to.grant(&assignment(&vault, &principal_of(id), "ServicePrincipal", CRYPTO_USER));
    }

    /// The network that all spokes are peered with, the zone that they are linked to, and the vault that they share.
    fn add_hub(&self, to: &mut Estate) {
        let spokes: Vec<Subscription<'_>> =
            (0..self.tenant.subscriptions).map(|number| Subscription::of(self.tenant, number)).collect();
        let networks: Vec<String> = spokes.iter().map(Subscription::network).collect();
        let id = self.network();
        let own = subnet(&format!("{id}/subnets/snet-shared"), "172.16.1.0/24", None, None);
        to.add(&network(&id, "172.16.0.0/16", std::slice::from_ref(&own), &networks));
        to.add(&own);
        let zone = self.zone();
        let records: Vec<(String, String)> = spokes
            .iter()
            .flat_map(|spoke| {
                spoke
                    .groups()
                    .filter(super::layout::Group::has_endpoint)
                    .map(|group| (name_of(&group.vault).to_owned(), group.address(spoke.number)))
            })
            .collect();
        to.add(&resource(&zone, "Microsoft.Network/privateDnsZones", "global", json!({
            "provisioningState": "Succeeded", "numberOfRecordSets": records.len() + 1, "maxNumberOfRecordSets": 25000,
            "numberOfVirtualNetworkLinks": networks.len(), "maxNumberOfVirtualNetworkLinks": 1000,
        })));
        for network in networks.iter().chain([&id]) {
            let kind = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";
            to.add(&resource(&format!("{zone}/virtualNetworkLinks/link-{}", name_of(network)), kind, "global", json!({
                "provisioningState": "Succeeded", "registrationEnabled": false, "virtualNetworkLinkState": "Completed",
                "virtualNetwork": { "id": network }, "resolutionPolicy": "Default",
            })));
        }
        for (vault, address) in records {
            to.add(&json!({
                "id": format!("{zone}/A/{vault}"), "name": vault, "type": "Microsoft.Network/privateDnsZones/A",
                "etag": guid(&vault),
                "properties": {
                    "fqdn": format!("{vault}.{ZONE}."), "ttl": 10, "isAutoRegistered": false,
                    "aRecords": [{ "ipv4Address": address }],
                },
            }));
        }
        let vault = self.shared_vault();
        to.add(&Vault::default().body(&vault));
        to.add(&secret(&vault, "partner-key", "text/plain", true));
        for spoke in &spokes {
            let callers = spoke.instances().map(|at| Instance::of(spoke, at)).filter(Instance::uses_hub);
            callers.for_each(|instance| {
                to.grant(&assignment(&vault, &instance.principal(), "ServicePrincipal", SECRETS_USER));
            });
        }
    }
}
