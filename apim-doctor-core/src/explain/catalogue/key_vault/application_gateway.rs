//! What Application Gateway makes of an answer of Key Vault.

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
const GATEWAY_ERRORS: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/application-gateway/application-gateway-key-vault-common-errors",
    read_on: "2026-11-29",
};

const GATEWAY_CERTIFICATES: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/application-gateway/key-vault-certs", read_on: "2026-11-29" };

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
        forms: &[
            &["while accessing and validating KeyVault Secrets"],
            &["ApplicationGatewayKeyVaultSecretException"],
            &["Unable to retrieve certificate", "from Key Vault"],
        ],
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
        id: "application-gateway.get-permission-missing",
        forms: &[&["UserAssignedIdentityDoesNotHaveGetPermissionOnKeyVault"]],
        generic: false,
        gates: &["authorization"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The gateway's user-assigned identity does not have permission to get secrets.",
            ),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The identity has an access policy and the vault uses role assignments.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The identity may read certificates or metadata only. The gateway reads the certificate as a secret.",
            ),
            Cause::low(
                Code::AuthorizationWrongPrincipalGranted,
                "A different identity has access. Compare the gateway's identity with the grants.",
            ),
        ],
        samples: &[
            "Advisor: UserAssignedIdentityDoesNotHaveGetPermissionOnKeyVault for listener https-shop",
            "code: userassignedidentitydoesnothave\ngetpermissiononkeyvault",
        ],
        sources: &[GATEWAY_ERRORS, RBAC, POLICY],
    },
    Family {
        id: "application-gateway.vault-restricted",
        forms: &[
            &["KeyVaultHasRestrictedAccess"],
            &["make sure that the Key Vault is accessible from the Application Gateway subnet"],
        ],
        generic: false,
        gates: &["firewall", "network", "dns"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault allows only selected networks, and the gateway's subnet is not one of them.",
            ),
            Cause::medium(
                Code::FirewallPublicAccessDisabled,
                "The vault blocks public access, and the gateway does not use a private endpoint.",
            ),
            Cause::medium(
                Code::DnsZoneNotLinked,
                "The vault has a private endpoint, and the gateway's network does not resolve its private address.",
            ),
            Cause::low(
                Code::FirewallTrustedServicesOff,
                "The vault does not allow trusted services, which the gateway requires while it is being configured.",
            ),
            Cause::low(
                Code::NetworkServiceEndpointMissing,
                "The gateway's subnet has a rule in the vault and no service endpoint for Key Vault.",
            ),
        ],
        samples: &[
            "KeyVaultHasRestrictedAccess: the listener site-tls was disabled",
            "Key Vault 'kv-edge' is not accessible. Please make sure that the Key Vault is accessible\nfrom the \
             Application Gateway subnet",
        ],
        sources: &[GATEWAY_ERRORS, NETWORK_SECURITY],
    },
    Family {
        id: "application-gateway.identity-not-found",
        forms: &[&["UserAssignedManagedIdentityNotFound"]],
        generic: false,
        gates: &["identity"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::IdentityReplaced,
                "The identity was deleted. If it was created again under the same name, it has a new object id, and \
                 the old grants do not apply to it.",
            ),
            Cause::medium(
                Code::IdentityNotAssignedToHost,
                "The gateway has no identity that exists. Assign one that may read the vault.",
            ),
        ],
        samples: &[
            "UserAssignedManagedIdentityNotFound for Application Gateway agw-edge",
            "error code userassignedmanaged\nidentitynotfound",
        ],
        sources: &[GATEWAY_ERRORS],
    },
    Family {
        id: "application-gateway.vault-deleted",
        forms: &[&["KeyVaultSoftDeleted"]],
        generic: false,
        gates: &["target"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::TargetVaultDeleted,
            "The vault was deleted. While soft delete keeps it, it can be recovered with its objects.",
        )],
        samples: &["KeyVaultSoftDeleted: listener edge-443", "reason=keyvault\nsoftdeleted"],
        sources: &[GATEWAY_ERRORS],
    },
    Family {
        id: "application-gateway.secret-deleted",
        forms: &[&["SecretDeletedFromKeyVault"]],
        generic: false,
        gates: &["object"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::ObjectMissing,
            "The certificate or its version was deleted. While soft delete keeps it, it can be recovered.",
        )],
        samples: &["SecretDeletedFromKeyVault, certificate edge-2026", "status: secretdeleted\nfromkeyvault"],
        sources: &[GATEWAY_ERRORS],
    },
    Family {
        id: "application-gateway.secret-format",
        forms: &[
            &["Secret is not in expected format", "content type must be either"],
            &["in Key Vault", "is not a valid PFX or PEM certificate"],
        ],
        generic: false,
        gates: &["object"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::ObjectWrongFormat,
            "The secret is not a certificate with its private key. Import the certificate into the vault as a \
             certificate, and refer to its secret.",
        )],
        samples: &[
            "Secret is not in expected format. Its content type must be either 'application/x-pkcs12' or \
             'application/x-pem-file'",
            "Certificate 'edge' in Key Vault 'kv-edge' is not a valid PFX\nor PEM certificate",
        ],
        sources: &[GATEWAY_CERTIFICATES],
    },
];
