//! Application gateways and Recovery Services vaults.

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, enabled, identity, list, object, sub_resource};
use crate::source::terraform::resolve::Want;
use crate::source::terraform::view::Block;
use crate::template::value::{Kind, Value};

impl Lowering<'_, '_> {
    pub(super) fn application_gateway(&self, at: usize, own: &Block<'_, '_>) -> Lowered {
        let span = own.span();
        let addresses = own.blocks("gateway_ip_configuration");
        let address = |block: &Block<'_, '_>| {
            let properties = object(block.span(), [("subnet", sub_resource(block.get_id("subnet_id")))]);
            object(block.span(), [("name", block.get("name")), ("properties", Some(properties))])
        };
        let certificates = |name: &str| {
            let blocks = own.blocks(name);
            let certificate = |block: &Block<'_, '_>| {
                let identifier = block.identifier("key_vault_secret_id").filter(|id| id.as_str() != Some(""));
                let properties = object(block.span(), [("keyVaultSecretId", identifier)]);
                object(block.span(), [("name", block.get("name")), ("properties", Some(properties))])
            };
            Some(list(blocks.items.iter().map(certificate).collect(), blocks.open, span))
        };
        let properties = object(
            span,
            [
                (
                    "gatewayIPConfigurations",
                    Some(list(addresses.items.iter().map(address).collect(), addresses.open, span)),
                ),
                ("sslCertificates", certificates("ssl_certificate")),
                ("trustedRootCertificates", certificates("trusted_root_certificate")),
            ],
        );
        let body = object(
            span,
            [("location", own.get("location")), ("identity", identity(own)), ("properties", Some(properties))],
        );
        Made::new(self.plan.id_of(at), "Microsoft.Network/applicationGateways", "2023-11-01", body).into()
    }

    pub(super) fn recovery_vault(&self, at: usize, own: &Block<'_, '_>) -> Lowered {
        let span = own.span();
        let blocks = own.blocks("encryption");
        let encryption = blocks.items.first().map(|block| {
            let span = block.span();
            let key = block.get_as("key_id", Want::Secret).map(|uri| object(span, [("keyUri", Some(uri))]));
            let user = block.get_id("user_assigned_identity_id");
            let identity = object(
                span,
                [
                    ("useSystemAssignedIdentity", block.get("use_system_assigned_identity")),
                    ("userAssignedIdentity", user),
                ],
            );
            object(span, [("keyVaultProperties", key), ("kekIdentity", Some(identity))])
        });
        let encryption = encryption.or_else(|| Some(Value::new(Kind::Unknown(blocks.open?), span)));
        // The provider sets what is not written: soft delete is on, and immutability is off.
        let member = |name: &str, value: Option<Value>| value.map(|value| object(span, [(name, Some(value))]));
        let soft_delete = own.get("soft_delete_enabled").map(|on| enabled(&on));
        let security = object(
            span,
            [
                ("softDeleteSettings", member("softDeleteState", soft_delete)),
                ("immutabilitySettings", member("state", own.get("immutability"))),
            ],
        );
        let redundancy = object(
            span,
            [
                ("standardTierStorageRedundancy", own.get("storage_mode_type")),
                ("crossRegionRestore", own.get("cross_region_restore_enabled").map(|on| enabled(&on))),
            ],
        );
        let alerts = own.block("monitoring").and_then(|block| block.get("alerts_for_all_job_failures_enabled"));
        let alerts = member("alertsForAllJobFailures", alerts.map(|on| enabled(&on)));
        let alerts = member("azureMonitorAlertSettings", alerts);
        let properties = object(
            span,
            [
                ("encryption", encryption),
                ("publicNetworkAccess", own.get("public_network_access_enabled").map(|on| enabled(&on))),
                ("securitySettings", Some(security)),
                ("redundancySettings", Some(redundancy)),
                ("monitoringSettings", alerts),
            ],
        );
        let body = object(
            span,
            [
                ("location", own.get("location")),
                ("sku", own.get("sku").map(|name| object(span, [("name", Some(name))]))),
                ("identity", identity(own)),
                ("properties", Some(properties)),
            ],
        );
        Made::new(self.plan.id_of(at), "Microsoft.RecoveryServices/vaults", "2024-04-01", body).into()
    }
}
