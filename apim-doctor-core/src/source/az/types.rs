//! What azure-cli changes in the resources of each type: the names of properties, and which of the parts are flat.
//!
//! Measured with azure-cli 2.91.0, and with the models that azure-cli had in 2023 and 2024; the names were compared with
//! the attribute maps of the Python packages `azure-mgmt-apimanagement` 4.0.0, `-keyvault`, `-storage`, `-web` and
//! `-authorization` (read 2026-11-29).

/// What azure-cli changes in the resources of one type.
#[derive(Debug)]
pub(super) struct Type {
    /// The type, in lower case.
    pub kind: &'static str,
    /// Properties that have another name in the output: where they stand in it (`*`: every element), and their own name.
    /// Inner ones come first.
    pub renames: &'static [(&'static str, &'static str)],
    /// Lists of parts that are flat in the output, too.
    pub parts: &'static [&'static str],
    /// Properties that every output contains, if only as `null`. An output that lacks one was cut by `--query`, or was
    /// printed by a version of azure-cli that does not know the property. `a|b`: one of the two.
    pub printed: &'static [&'static str],
    /// A property that only newer versions of azure-cli print, and the api-version with which those before them read.
    pub newer: Option<(&'static str, &'static str)>,
}

/// A type whose outputs need nothing but the rules for every type.
const fn plain(kind: &'static str, printed: &'static [&'static str]) -> Type {
    Type { kind, renames: &[], parts: &[], printed, newer: None }
}

/// A type that has flat parts.
const fn with_parts(kind: &'static str, parts: &'static [&'static str], printed: &'static [&'static str]) -> Type {
    Type { kind, renames: &[], parts, printed, newer: None }
}

/// A type that has other names in outputs.
const fn with_renames(
    kind: &'static str,
    renames: &'static [(&'static str, &'static str)],
    printed: &'static [&'static str],
) -> Type {
    Type { kind, renames, parts: &[], printed, newer: None }
}

/// Apps and slots. Until 2024, azure-cli printed the plan under another name.
const APP_NAMES: &[(&str, &str)] = &[
    ("appServicePlanId", "serverFarmId"),
    ("functionAppConfig/scaleAndConcurrency/instanceMemoryMb", "instanceMemoryMB"),
];
const APP_PRINTED: &[&str] =
    &["serverFarmId", "virtualNetworkSubnetId", "keyVaultReferenceIdentity", "state", "hyperV"];

/// An app or a slot. Azure shows since api-version 2023-12-01 whether it is on a Flex Consumption plan.
const fn app(kind: &'static str) -> Type {
    Type {
        kind,
        renames: APP_NAMES,
        parts: &[],
        printed: APP_PRINTED,
        newer: Some(("functionAppConfig", "2022-03-01")),
    }
}

const WEB_PRINTED: &[&str] = &["vnetRouteAllEnabled", "keyVaultReferenceIdentity"];

/// Every type that is read and that azure-cli changes.
pub(super) const TYPES: &[Type] = &[
    with_renames(
        "microsoft.apimanagement/service",
        &[
            ("additionalLocations/*/publicIpAddresses", "publicIPAddresses"),
            ("additionalLocations/*/privateIpAddresses", "privateIPAddresses"),
            ("additionalLocations/*/outboundPublicIpAddresses", "outboundPublicIPAddresses"),
            ("publicIpAddresses", "publicIPAddresses"),
            ("privateIpAddresses", "privateIPAddresses"),
            ("outboundPublicIpAddresses", "outboundPublicIPAddresses"),
        ],
        &[
            "hostnameConfigurations",
            "virtualNetworkType",
            "publicIPAddresses",
            "additionalLocations",
            "platformVersion",
        ],
    ),
    plain("microsoft.apimanagement/service/namedvalues", &["keyVault", "secret", "displayName"]),
    plain("microsoft.apimanagement/service/apis", &["serviceUrl", "path"]),
    plain("microsoft.apimanagement/service/apis/operations", &["method", "urlTemplate"]),
    // The only type whose `properties` stay while azure-cli fills in what Azure did not send.
    with_parts(
        "microsoft.keyvault/vaults",
        &["privateEndpointConnections"],
        &["publicNetworkAccess", "networkAcls", "enableRbacAuthorization", "privateEndpointConnections"],
    ),
    with_parts(
        "microsoft.recoveryservices/vaults",
        &["privateEndpointConnections"],
        &["privateEndpointConnections", "publicNetworkAccess", "securitySettings"],
    ),
    plain("microsoft.compute/virtualmachines", &["osProfile", "provisioningState", "storageProfile"]),
    plain("microsoft.managedidentity/userassignedidentities", &["clientId", "principalId", "tenantId"]),
    // New versions print a condition only where there is one, and print when an assignment was changed. Old versions print
    // the condition even if it is `null`.
    plain(
        "microsoft.authorization/roleassignments",
        &["principalId", "principalType", "roleDefinitionId", "scope", "condition|updatedOn"],
    ),
    with_renames(
        "microsoft.authorization/roledefinitions",
        &[("roleType", "type")],
        &["assignableScopes", "permissions", "roleName", "type"],
    ),
    plain(
        "microsoft.authorization/denyassignments",
        &["permissions", "principals", "excludePrincipals", "scope", "doNotApplyToChildScopes"],
    ),
    with_parts(
        "microsoft.network/virtualnetworks",
        &["subnets", "subnets/*/delegations", "virtualNetworkPeerings"],
        &["addressSpace", "subnets", "virtualNetworkPeerings", "provisioningState"],
    ),
    with_parts("microsoft.network/virtualnetworks/subnets", &["delegations"], &["delegations", "provisioningState"]),
    with_parts(
        "microsoft.network/networksecuritygroups",
        &["securityRules", "defaultSecurityRules"],
        &["securityRules", "defaultSecurityRules"],
    ),
    with_parts("microsoft.network/routetables", &["routes"], &["routes", "disableBgpRoutePropagation"]),
    with_parts(
        "microsoft.network/serviceendpointpolicies",
        &["serviceEndpointPolicyDefinitions"],
        &["serviceEndpointPolicyDefinitions"],
    ),
    with_parts(
        "microsoft.network/privateendpoints",
        &["privateLinkServiceConnections", "manualPrivateLinkServiceConnections", "ipConfigurations"],
        &["privateLinkServiceConnections", "manualPrivateLinkServiceConnections", "subnet", "provisioningState"],
    ),
    with_parts(
        "microsoft.network/privateendpoints/privatednszonegroups",
        &["privateDnsZoneConfigs"],
        &["privateDnsZoneConfigs"],
    ),
    with_parts("microsoft.network/networkinterfaces", &["ipConfigurations"], &["ipConfigurations"]),
    Type {
        kind: "microsoft.network/applicationgateways",
        renames: &[("gatewayIpConfigurations", "gatewayIPConfigurations")],
        parts: &["gatewayIPConfigurations", "sslCertificates", "trustedRootCertificates"],
        printed: &["gatewayIPConfigurations", "sslCertificates", "provisioningState"],
        newer: None,
    },
    plain("microsoft.network/privatednszones", &["provisioningState"]),
    Type {
        newer: Some(("resolutionPolicy", "2020-06-01")),
        ..plain("microsoft.network/privatednszones/virtualnetworklinks", &["virtualNetwork", "virtualNetworkLinkState"])
    },
    plain("microsoft.network/privatednszones/a", &["aRecords"]),
    plain("microsoft.network/privatednszones/cname", &["cnameRecord"]),
    app("microsoft.web/sites"),
    app("microsoft.web/sites/slots"),
    plain("microsoft.web/sites/config", WEB_PRINTED),
    plain("microsoft.web/sites/slots/config", WEB_PRINTED),
    plain("microsoft.web/serverfarms", &["reserved"]),
    plain(
        "microsoft.web/certificates",
        &["keyVaultId", "keyVaultSecretName", "keyVaultSecretStatus", "expirationDate"],
    ),
    Type {
        kind: "microsoft.storage/storageaccounts",
        renames: &[
            ("networkRuleSet/virtualNetworkRules/*/virtualNetworkResourceId", "id"),
            ("networkRuleSet/ipRules/*/ipAddressOrRange", "value"),
            ("networkRuleSet", "networkAcls"),
            ("enableHttpsTrafficOnly", "supportsHttpsTrafficOnly"),
            ("enableNfsV3", "isNfsV3Enabled"),
            ("encryption/keyVaultProperties/keyName", "keyname"),
            ("encryption/keyVaultProperties/keyVaultUri", "keyvaulturi"),
            ("encryption/keyVaultProperties/keyVersion", "keyversion"),
            ("encryption/keyVaultProperties", "keyvaultproperties"),
            ("encryption/encryptionIdentity/encryptionUserAssignedIdentity", "userAssignedIdentity"),
            ("encryption/encryptionIdentity/encryptionFederatedIdentityClientId", "federatedIdentityClientId"),
            ("encryption/encryptionIdentity", "identity"),
        ],
        parts: &["privateEndpointConnections"],
        printed: &["networkAcls", "publicNetworkAccess", "allowSharedKeyAccess", "privateEndpointConnections"],
        newer: None,
    },
    plain("microsoft.storage/storageaccounts/fileservices/shares", &["shareQuota"]),
    // `blob-service-properties show` and `container-rm show` print the properties of the body on top.
    plain("microsoft.storage/storageaccounts/blobservices", &["cors"]),
    plain("microsoft.storage/storageaccounts/blobservices/containers", &["publicAccess"]),
    plain("microsoft.authorization/locks", &["level"]),
    // `monitor metrics alert list` and `monitor diagnostic-settings list`.
    plain("microsoft.insights/metricalerts", &["criteria", "enabled", "scopes"]),
    plain("microsoft.insights/diagnosticsettings", &["logs"]),
];

/// The types of which no output was measured: the rules for every type, and what Azure says of every resource.
const ANY: Type = plain("", &["provisioningState"]);

/// What azure-cli changes in a type (lower case).
pub(super) fn of(kind: &str) -> &'static Type {
    TYPES.iter().find(|own| own.kind == kind).unwrap_or(&ANY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EachType, Modelled, Resource, Shape, Tables};

    #[test]
    fn every_part_that_is_read_can_be_nested_again() {
        struct Parts(Vec<String>);

        impl EachType for Parts {
            fn visit<P: Modelled>(&mut self) {
                for leaf in Shape::of::<Resource<P>>().leaves() {
                    let Some((list, _)) = leaf.strip_prefix("/properties/").and_then(|l| l.split_once("/*/properties"))
                    else {
                        continue;
                    };
                    // The service tags are not flat: `az network list-service-tags` prints them as Azure does.
                    let is_missing = |kind: &&&str| !kind.ends_with("/servicetags") && !of(kind).parts.contains(&list);
                    self.0.extend(P::TYPES.iter().filter(is_missing).map(|kind| format!("{kind}: {list}")));
                }
            }
        }

        let mut missing = Parts(Vec::new());
        Tables::each_type(&mut missing);
        assert!(missing.0.is_empty(), "add the parts to `TYPES`: {:#?}", missing.0);
    }

    #[test]
    fn every_row_is_of_a_type_that_is_read() {
        struct Names(Vec<&'static str>);

        impl EachType for Names {
            fn visit<P: Modelled>(&mut self) {
                self.0.extend(P::TYPES);
            }
        }

        let mut names = Names(Vec::new());
        Tables::each_type(&mut names);
        for row in TYPES {
            assert!(names.0.contains(&row.kind), "{}", row.kind);
            // An inner name is changed before the name that leads to it.
            for (n, (path, _)) in row.renames.iter().enumerate() {
                let later = row.renames.iter().skip(n + 1).any(|(other, _)| other.starts_with(&format!("{path}/")));
                assert!(!later, "{}: {path}", row.kind);
            }
        }
    }
}
