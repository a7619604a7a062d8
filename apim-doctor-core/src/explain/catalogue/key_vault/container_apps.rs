//! What Container Apps makes of an answer of Key Vault.

use crate::explain::catalogue::key_vault::sources::NETWORK_SECURITY;
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, WebPage};

const CONTAINER_THREAD: WebPage =
    WebPage { url: "https://github.com/microsoft/azure-container-apps/issues/739", read_on: "2026-11-21" };
const CONTAINER_VALUE_THREAD: WebPage =
    WebPage { url: "https://github.com/microsoft/azure-container-apps/issues/930", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[Family {
    id: "container-apps.secret-not-fetched",
    forms: &[&["unable to fetch secret", "using Managed identity"], &["Unable to get value using Managed identity"]],
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
        Cause::high(Code::AuthorizationNoGrant, "The identity does not have permission to get secrets in this vault."),
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
}];
