//! What Key Vault says of the object, of its own name and of its limits.

use crate::explain::catalogue::key_vault::sources::{COMMON_ERRORS, REST_ERRORS};
use crate::explain::family::{Cause, Family};
use crate::finding::{Code, Gate, WebPage};

const SOFT_DELETE: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview", read_on: "2026-11-21" };
const DISABLED_THREAD: WebPage =
    WebPage { url: "https://github.com/ansible-collections/azure/issues/1989", read_on: "2026-11-21" };
const PURGE_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-rest-api-specs/issues/9222", read_on: "2026-11-21" };
const PRIVATE_KEY_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/terraform-provider-azapi/issues/380", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "key-vault.object-disabled",
        forms: &[
            &["SecretDisabled"],
            &["is not allowed on a disabled secret"],
            &["is not allowed on a disabled key"],
            &["is not allowed on a disabled certificate"],
        ],
        generic: false,
        gates: &["object"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall, Gate::Identity, Gate::Authorization],
        misleads: Some("The 403 looks like a missing permission, but the caller had the permission."),
        causes: &[Cause::high(
            Code::ObjectDisabled,
            "The requested version is disabled. Enable it, or refer to an enabled version. The call passed all \
             earlier gates.",
        )],
        samples: &[
            "(Forbidden) Operation get is not allowed on a disabled secret. Code: Forbidden Inner error: {\"code\": \
             \"SecretDisabled\"}",
            "Operation wrapKey is not al\nlowed on a disabled key.",
        ],
        sources: &[REST_ERRORS, DISABLED_THREAD],
    },
    Family {
        id: "key-vault.object-not-found",
        forms: &[
            &["was not found in this key vault"],
            &["SecretNotFound"],
            &["A secret with (name/id)"],
            &["A certificate with (name/id)"],
            &["A key with (name/id)"],
            &["code: CertificateNotFound"],
            &["(CertificateNotFound)"],
            &["code: KeyNotFound"],
            &["(KeyNotFound)"],
        ],
        generic: false,
        gates: &["object"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall, Gate::Identity, Gate::Authorization],
        misleads: None,
        causes: &[Cause::high(
            Code::ObjectMissing,
            "The vault has no such object or version: it is misspelled, was never created, is in another vault, or \
             was deleted. Also check the vault's deleted objects.",
        )],
        samples: &[
            "(SecretNotFound) A secret with (name/id) db-pass/0123456789abcdef was not found in this key vault. If \
             you recently deleted this secret you may be able to recover it using the correct recovery command.",
            "Code: CertificateNotFound",
            "A key with (name/id) disk-key was not fo\nund in this key vault. If you rec",
        ],
        sources: &[REST_ERRORS, COMMON_ERRORS, SOFT_DELETE],
    },
    Family {
        id: "key-vault.object-soft-deleted",
        forms: &[
            &["is currently in a deleted but recoverable state"],
            &["ObjectIsDeletedButRecoverable"],
            &["ObjectIsBeingDeleted"],
            &["is currently being deleted", "its name cannot be re"],
        ],
        generic: false,
        gates: &["object"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall, Gate::Identity, Gate::Authorization],
        misleads: None,
        causes: &[Cause::high(
            Code::ObjectMissing,
            "An object of this name was deleted and is kept until its retention ends. Recover it, purge it, or \
                 take another name.",
        )],
        samples: &[
            "(Conflict) Secret api-token is currently in a deleted but recoverable state, and its name cannot be \
             reused; in this state, the secret can only be recovered or purged.",
            "Certificate edge is currently in a del\neted but recoverable sta\nte, and its name",
            "Inner error: {\"code\": \"ObjectIsDeletedButRecoverable\"}",
        ],
        sources: &[SOFT_DELETE, PURGE_THREAD],
    },
    Family {
        id: "key-vault.throttled",
        forms: &[&["code: Throttled"], &["(Throttled)"], &["VaultRequestTypeLimitReached"]],
        generic: false,
        gates: &["platform"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network],
        misleads: None,
        causes: &[Cause::medium(
            Code::PlatformServiceSide,
            "The vault got more requests than it allows in ten seconds. Cache the values, and retry with increasing \
             delays.",
        )],
        samples: &[
            "(Throttled) Request was not processed because too many requests were received. Reason: \
             VaultRequestTypeLimitReached",
            "429 {\"error\":{\"code\":\"Throt\ntled\",\"message\":\"Req",
        ],
        sources: &[REST_ERRORS],
    },
    Family {
        id: "key-vault.name-taken",
        forms: &[
            &["VaultAlreadyExists"],
            &["The vault name", "is already in use"],
            &["vault with the same name already exists in deleted state"],
        ],
        generic: false,
        gates: &["target"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::TargetVaultDeleted,
                "A deleted vault keeps its name until its retention ends. List the deleted vaults and recover or \
                 purge it.",
            ),
            Cause::medium(
                Code::TargetVaultNameWrong,
                "The name is taken by a vault elsewhere: names of vaults are unique in a whole cloud.",
            ),
        ],
        samples: &[
            "(VaultAlreadyExists) The vault name 'kv-park' is already in use. Vault names are globally unique so it \
             is possible that the name is already taken.",
            "ConflictError: A vault with the same name\n already exists in deleted st\nate. You need to",
        ],
        sources: &[COMMON_ERRORS, SOFT_DELETE],
    },
    Family {
        id: "key-vault.purge-not-allowed",
        forms: &[
            &["Operation is not allowed", "Operation: \"purge\""],
            &["Operation \"purge\" is not allowed"],
            &["is not allowed because purge protection is enabled"],
        ],
        generic: false,
        gates: &["object", "authorization", "caller"],
        proves: &[],
        misleads: None,
        causes: &[
            Cause::high(
                Code::ObjectMissing,
                "The object is deleted and purge protection or its recovery level keeps it until the retention ends. \
                 Recover it instead.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The caller has an access policy or a role without purge, which is a separate permission.",
            ),
            Cause::low(
                Code::CallerOperatorLacksPermission,
                "The operator does not have permission to purge deleted objects.",
            ),
        ],
        samples: &[
            "Operation is not allowed. Operation: \"purge\" VaultName: \"kv-park\" ObjectName: \"cert1\"",
            "Operation \"purge\" is not allo\nwed because purge protection is ena\nbled for this vault.",
        ],
        sources: &[SOFT_DELETE, PURGE_THREAD],
    },
    Family {
        id: "key-vault.certificate-without-private-key",
        forms: &[&["must contain one private key"]],
        generic: false,
        gates: &["object"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::ObjectWrongFormat,
            "The file or the secret contains a certificate without a private key, or with several. Import a PFX with \
             the chain and one exportable key.",
        )],
        samples: &[
            "(CertificateMustContainOnePrivateKey) Certificate must contain one private key",
            "InvalidCertificate: Certificate must con\ntain one private k\ney.",
        ],
        sources: &[PRIVATE_KEY_THREAD],
    },
];
