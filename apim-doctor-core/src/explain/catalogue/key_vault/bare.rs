//! What is left of an answer of Key Vault when a client shows the status only.

use crate::explain::catalogue::key_vault::sources::{REST_ERRORS, TROUBLE};
use crate::explain::family::{Cause, Family};
use crate::finding::{Code, WebPage};

const BARE_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-sdk-for-net/issues/5121", read_on: "2026-11-21" };
const BARE_GO_THREAD: WebPage = WebPage {
    url: "https://github.com/SparebankenVest/azure-key-vault-to-kubernetes/issues/203",
    read_on: "2026-11-21",
};
const BARE_STATUS_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/AppConfiguration/issues/421", read_on: "2026-11-21" };
const NOT_FOUND_THREAD: WebPage =
    WebPage { url: "https://github.com/microsoft/Partner-Center-DotNet-Samples/issues/8", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "key-vault.bare-forbidden",
        forms: &[&["invalid status code 'Forbidden'"]],
        generic: true,
        gates: &["authorization", "firewall", "identity", "object"],
        proves: &[],
        misleads: Some(
            "The client left out the inner code of the answer, so network rules and permissions cannot be \
             distinguished.",
        ),
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The caller has no access policy or role for this operation. The inner code of the answer, if the \
                 client can print it, distinguishes this cause from the others.",
            ),
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault's network rules block the caller. See whether the vault allows all networks: if it does, \
                 this is not the cause.",
            ),
            Cause::medium(
                Code::AuthorizationControlPlaneRoleOnly,
                "The caller is Owner or Contributor, which manage the vault but give no access to its contents.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The caller uses an identity other than the one with access.",
            ),
            Cause::low(
                Code::FirewallConsumerNotOnTrustedList,
                "The trusted-services exception does not cover the calling service.",
            ),
            Cause::low(Code::ObjectDisabled, "The object is disabled, which is a 403 too."),
        ],
        samples: &[
            "Microsoft.Azure.KeyVault.Models.KeyVaultErrorException: Operation returned an invalid status code \
             'Forbidden' at Microsoft.Azure.KeyVault.KeyVaultClient",
            "Get-AzKeyVaultSecret : Operation returned an\n invalid status code 'Forb\nidden'",
        ],
        sources: &[REST_ERRORS, TROUBLE, BARE_THREAD],
    },
    Family {
        id: "key-vault.bare-forbidden-go",
        forms: &[
            &["keyvault.BaseClient#", "StatusCode=403"],
            &["Failure responding to request: StatusCode=403", "vault.azure.net"],
        ],
        generic: true,
        gates: &["authorization", "firewall", "identity", "object"],
        proves: &[],
        misleads: Some("Without the text after it, the network rules and the permissions look the same."),
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The caller has no access policy or role for this operation. The inner code of the answer \
                 distinguishes this cause from the others.",
            ),
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The vault's network rules block the caller, often a build agent or a laptop.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The caller uses an identity other than the one with access, for example that of a node.",
            ),
            Cause::medium(
                Code::FirewallPublicAccessDisabled,
                "Public access is disabled and the caller has no private path.",
            ),
            Cause::low(Code::ObjectDisabled, "The object is disabled, which is a 403 too."),
        ],
        samples: &[
            "keyvault.BaseClient#GetSecret: Failure responding to request: StatusCode=403 -- Original Error: \
             autorest/azure: error response cannot be parsed",
            "failed to get key: keyvault.BaseClient\n#GetKey: Failure respond\ning to request: StatusCode=403",
        ],
        sources: &[REST_ERRORS, TROUBLE, BARE_GO_THREAD],
    },
    Family {
        id: "key-vault.bare-status-403",
        forms: &[&["Service request failed", "Status: 403"]],
        generic: true,
        gates: &["authorization", "firewall", "identity", "object"],
        proves: &[],
        misleads: Some(
            "The client left out the content of the answer, so network rules and permissions cannot be distinguished.",
        ),
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The caller has no access policy or role for this operation. Print the content of the answer to see \
                 its inner code.",
            ),
            Cause::high(
                Code::FirewallSourceNotAllowed,
                "The network rules block the caller. Check whether the target allows all networks: if it does, this \
                 is not the cause.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The caller uses an identity other than the one with access, for example by a second client in the \
                 same process.",
            ),
            Cause::medium(
                Code::FirewallPublicAccessDisabled,
                "Public access is disabled and the caller has no private path.",
            ),
            Cause::low(Code::ObjectDisabled, "The object is disabled, which is a 403 too."),
        ],
        samples: &[
            "Azure.RequestFailedException: Service request failed. Status: 403 (Forbidden) Content: Headers: \
             x-ms-keyvault-region: westeurope",
            "Service request fai\nled.\r\nStatus: 403 (Forb\nidden)",
        ],
        sources: &[REST_ERRORS, TROUBLE, BARE_STATUS_THREAD],
    },
    Family {
        id: "key-vault.bare-not-found",
        forms: &[
            &["KeyVaultErrorException", "invalid status code 'NotFound'"],
            &["AzKeyVault", "invalid status code 'NotFound'"],
        ],
        generic: true,
        gates: &["object", "target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(Code::ObjectMissing, "The vault has no object or version with this name."),
            Cause::medium(
                Code::TargetVaultNameWrong,
                "The URL names a different vault, or has a path that does not exist.",
            ),
        ],
        samples: &[
            "KeyVaultErrorException: Operation returned an invalid status code 'NotFound' at \
             GetSecretWithHttpMessagesAsync",
            "Get-AzKeyVaultCertificate : Operation returned an invalid status\n code 'NotFo\nund'",
        ],
        sources: &[REST_ERRORS, NOT_FOUND_THREAD],
    },
];
