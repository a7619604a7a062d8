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
            "It names the identity of the gateway. A vault that refuses the network of the gateway gives the same \
             text.",
        ),
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault admits chosen networks and the subnet of the gateway is not among them. If the vault \
                 allows all networks, it is not this.",
            ),
            Cause::high(
                Code::AuthorizationNoGrant,
                "The user-assigned identity of the gateway has no right to get secrets.",
            ),
            Cause::medium(
                Code::FirewallTrustedServicesOff,
                "The vault does not let trusted services in, which the gateway relies on while it is configured.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The identity has an access policy and the vault is in RBAC mode.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "The vault is closed to the public and the network of the gateway does not resolve its private \
                 address.",
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
                "The user-assigned identity of the gateway has no right to get secrets.",
            ),
            Cause::medium(
                Code::FirewallSourceNotAllowed,
                "The vault admits chosen networks and the subnet of the gateway is not among them.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was assigned in the same deployment. Running it again then works.",
            )
            .seen(&[Sign::up(Trait::Deployment, "a deployment may assign the role and use it at once")]),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "The vault is closed to the public and the network of the gateway does not resolve its private \
                 address.",
            ),
            Cause::low(Code::ObjectDisabled, "The secret version is disabled."),
            Cause::low(Code::ObjectMissing, "The secret or the version does not exist any more."),
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
                "The identity chosen for the listener has no right to get secrets in this vault.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The identity has an access policy and the vault is in RBAC mode.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "Another identity has the right. Compare the one of the gateway with the grants.",
            ),
            Cause::low(
                Code::FirewallSourceNotAllowed,
                "The vault refuses the network of the gateway or of the portal.",
            ),
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
        misleads: Some("It names the identity. Network rules that refuse the environment give the same text."),
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault admits chosen networks and the subnet of the environment is not among them. If the vault \
                 allows all networks, it is not this.",
            ),
            Cause::high(Code::AuthorizationNoGrant, "The identity has no right to get secrets in this vault."),
            Cause::medium(
                Code::IdentityCreatedInSameDeployment,
                "The app and its system-assigned identity are made at once, so nothing could be granted before.",
            )
            .seen(&[Sign::up(Trait::SystemAssigned, "this identity exists only after the app")]),
            Cause::medium(
                Code::FirewallPublicAccessDisabled,
                "Public access is off and the environment has no private path.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "A private endpoint exists and the network of the environment does not resolve its address.",
            ),
            Cause::low(
                Code::FirewallConsumerNotOnTrustedList,
                "The vault counts on trusted services, of which Container Apps is none.",
            ),
            Cause::low(
                Code::IdentityNotAssignedToHost,
                "The identity in the setting of the secret is not attached to the app.",
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
