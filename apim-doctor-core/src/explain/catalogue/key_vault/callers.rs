//! What Application Gateway and Container Apps make of an answer of Key Vault.

use crate::explain::catalogue::key_vault::sources::{NETWORK_SECURITY, POLICY, RBAC};
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const GATEWAY_THREAD: WebPage = WebPage {
    url: "https://github.com/Azure/application-gateway-kubernetes-ingress/issues/872",
    read_on: "2026-11-21",
};
const GATEWAY_VALIDATE_THREAD: WebPage =
    WebPage { url: "https://github.com/mspnp/aks-baseline/issues/262", read_on: "2026-11-21" };
const GATEWAY_IDENTITY_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftDocs/azure-docs/issues/59108", read_on: "2026-11-21" };
const CONTAINER_THREAD: WebPage =
    WebPage { url: "https://github.com/microsoft/azure-container-apps/issues/739", read_on: "2026-11-21" };
const CONTAINER_VALUE_THREAD: WebPage =
    WebPage { url: "https://github.com/microsoft/azure-container-apps/issues/930", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "application-gateway.secret-access-denied",
        forms: &[
            &["Access denied for KeyVault Secret"],
            &["ApplicationGatewayKeyVaultSecretAccessDenied"],
            &["Make sure that Identity assigned to Application Gateway has access to the KeyVault"],
        ],
        generic: false,
        gates: &["firewall", "authorization", "dns", "object"],
        proves: &[],
        misleads: Some(
            "The text names the gateway's identity, but a vault that blocks the gateway's network causes the same \
             text.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault allows only selected networks, and the gateway's subnet is not one of them. If the vault \
                 allows all networks, this is not the cause.",
            ),
            Cause::high(
                Code::AuthorizationNoGrant,
                "The gateway's user-assigned identity does not have permission to get secrets.",
            ),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The vault does not allow trusted services, which the gateway requires while it is being configured.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The identity has an access policy and the vault uses role assignments.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "The vault blocks public access, and the gateway's network does not resolve its private address.",
            ),
            Cause::low(Code::AuthorizationPropagationDelay, "The role was assigned in the same deployment."),
            Cause::low(Code::ObjectDisabled, "The secret version is disabled."),
        ],
        samples: &[
            "Access denied for KeyVault Secret 'https://kv-edge.vault.azure.net/secrets/site' for Application \
             Gateway '/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw'. Make \
             sure that Identity assigned to Application Gateway has access to the KeyVault associated with secret.",
            "Code=\"ApplicationGatewayKeyVaultSecretAccessDenied\" Message=\"Acc\ness denied for KeyVa",
        ],
        sources: &[GATEWAY_THREAD, NETWORK_SECURITY, RBAC],
    },
    Family {
        id: "application-gateway.secret-validation",
        forms: &[&["while accessing and validating KeyVault Secrets"], &["ApplicationGatewayKeyVaultSecretException"]],
        generic: false,
        gates: &["authorization", "firewall", "dns", "object"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The gateway's user-assigned identity does not have permission to get secrets.",
            ),
            Cause::medium(
                Code::FirewallSourceNotAllowed,
                "The vault allows only selected networks, and the gateway's subnet is not one of them.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was assigned in the same deployment. Running it again then works.",
            )
            .seen(&[Sign::up(Trait::Deployment, "a deployment may assign the role and use it at once")]),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "The vault blocks public access, and the gateway's network does not resolve its private address.",
            ),
            Cause::low(Code::ObjectDisabled, "The secret version is disabled."),
            Cause::low(Code::ObjectMissing, "The secret or the version no longer exists."),
        ],
        samples: &[
            "Problem occured while accessing and validating KeyVault Secrets associated with Application Gateway \
             '/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/applicationGateways/agw'. See details \
             below:",
            "ApplicationGatewayKeyVaultSecretException: Problem occur\nred while accessing and val",
        ],
        sources: &[GATEWAY_VALIDATE_THREAD, NETWORK_SECURITY, RBAC],
    },
    Family {
        id: "application-gateway.identity-not-allowed",
        forms: &[&["key vault doesn't allow access to the managed id"]],
        generic: false,
        gates: &["authorization", "firewall"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The identity chosen for the listener does not have permission to get secrets in this vault.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The identity has an access policy and the vault uses role assignments.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "A different identity has access. Compare the gateway's identity with the grants.",
            ),
            Cause::low(Code::FirewallSourceNotAllowed, "The vault blocks the network of the gateway or the portal."),
        ],
        samples: &[
            "The key vault doesn't allow access to the managed identity. Please add the managed identity to the \
             access policies.",
            "Listener https: The key vault doesn't allow\n access to the managed id\nentity",
        ],
        sources: &[GATEWAY_IDENTITY_THREAD, RBAC, POLICY],
    },
    Family {
        id: "container-apps.secret-not-fetched",
        forms: &[
            &["unable to fetch secret", "using Managed identity"],
            &["Unable to get value using Managed identity"],
        ],
        generic: false,
        gates: &["firewall", "authorization", "identity", "dns", "network"],
        proves: &[],
        misleads: Some(
            "The text names the identity, but network rules that block the environment cause the same \
                        text.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault allows only selected networks, and the subnet of the environment is not one of them. If \
                 the vault allows all networks, this is not the cause.",
            ),
            Cause::high(
                Code::AuthorizationNoGrant,
                "The identity does not have permission to get secrets in this vault.",
            ),
            Cause::medium(
                Code::IdentityCreatedInSameDeployment,
                "The app and its system-assigned identity are created together, so the identity could not get access \
                 before.",
            )
            .seen(&[Sign::up(Trait::SystemAssigned, "this identity exists only after the app")]),
            Cause::medium(
                Code::FirewallPublicAccessDisabled,
                "Public access is disabled, and the environment has no private path.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "A private endpoint exists, but the environment's network does not resolve its address.",
            ),
            Cause::low(
                Code::FirewallConsumerNotOnTrustedList,
                "The vault relies on trusted services, but Container Apps is not one of them.",
            ),
            Cause::low(
                Code::IdentityNotAssignedToHost,
                "The identity that the secret's setting selects is not attached to the app.",
            ),
            Cause::low(Code::AuthorizationPropagationDelay, "The role was assigned in the same deployment.")
                .seen(&[Sign::up(Trait::Deployment, "a deployment may assign the role and use it at once")]),
            Cause::low(
                Code::NetworkEgressBlocked,
                "A route or a firewall on the way out of the environment drops the call.",
            ),
        ],
        samples: &[
            "Failed to update secrets: unable to fetch secret 'db' using Managed identity 'system'",
            "Field 'configuration.secrets' is invalid with details: 'Invalid value: \"db\": Unable to get value \
             using\n Managed identity \
             /subscriptions/0/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-web for \
             secret db",
        ],
        sources: &[CONTAINER_THREAD, CONTAINER_VALUE_THREAD, NETWORK_SECURITY],
    },
];
