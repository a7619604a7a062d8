//! What Key Vault says of access policies and roles.

use crate::explain::catalogue::key_vault::sources::{POLICY, RBAC, TROUBLE};
use crate::explain::family::{Cause, Family, Sign, Trait};
use crate::finding::{Code, Gate, WebPage};

const ACCESS_DEFAULT: WebPage = WebPage {
    url: "https://learn.microsoft.com/azure/key-vault/general/access-control-default",
    read_on: "2026-11-21",
};
const ABAC: WebPage =
    WebPage { url: "https://learn.microsoft.com/azure/key-vault/general/rbac-abac", read_on: "2026-11-21" };
const POLICY_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-sdk-for-java/issues/8229", read_on: "2026-11-21" };
const PERMISSION_THREAD: WebPage =
    WebPage { url: "https://github.com/Azure/azure-libraries-for-net/issues/1067", read_on: "2026-11-21" };
const RBAC_THREAD: WebPage =
    WebPage { url: "https://github.com/pulumi/pulumi-azure-native/issues/890", read_on: "2026-11-21" };
const SET_POLICY_THREAD: WebPage =
    WebPage { url: "https://github.com/MicrosoftLearning/AI-102-AIEngineer/issues/192", read_on: "2026-11-21" };
const EXPLORER_THREAD: WebPage =
    WebPage { url: "https://github.com/microsoft/AzureKeyVaultExplorer/issues/36", read_on: "2026-11-21" };

pub(super) const FAMILIES: &[Family] = &[
    Family {
        id: "key-vault.not-in-access-policies",
        forms: &[&["Caller was not found on any access policy"], &["was not found on any access policy"]],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The vault uses access policies and none names the object id in the message. Add one for it.",
            ),
            Cause::medium(
                Code::AuthorizationPolicyModeIgnoresRoles,
                "A role was assigned, and the vault uses access policies, where roles on data have no effect.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "A policy exists for an application id or another object id. Compare it with the oid in the message.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The call was made with another identity than the one that has the policy.",
            ),
            Cause::low(
                Code::IdentityReplaced,
                "The resource was made again and has a new object id, and the policy names the old one.",
            ),
        ],
        samples: &[
            "Access denied. Caller was not found on any access policy.\r\nCaller: \
             appid=1;oid=2;numgroups=0;iss=https://sts.windows.net/3/\r\nVault: kv-east;location=uksouth",
            "Access denied. Caller was not fo\nund on any access policy. Caller: appid=4;oi",
        ],
        sources: &[POLICY, TROUBLE, POLICY_THREAD],
    },
    Family {
        id: "key-vault.permission-missing-in-policy",
        forms: &[
            &["does not have", "permission on key vault"],
            &["The user, group or application", "does not have secrets"],
            &["The user, group or application", "does not have certificates"],
            &["The user, group or application", "does not have keys"],
        ],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The vault uses access policies and none gives this caller the permission that the message names.",
            ),
            Cause::high(
                Code::AuthorizationRoleLacksAction,
                "The caller has a policy, and it lacks this permission: reading secrets, keys and certificates are \
                 three lists.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "The policy names an application id or another object id. Compare it with the oid in the message.",
            ),
            Cause::medium(
                Code::AuthorizationPolicyModeIgnoresRoles,
                "A role was assigned, and the vault uses access policies, where roles on data have no effect.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The call was made with another identity than the one that has the policy.",
            ),
        ],
        samples: &[
            "The user, group or application 'appid=1;oid=2;numgroups=3;iss=https://sts.windows.net/4/' does not have \
             secrets get permission on key vault 'kv-hill;location=westus2'. For help resolving this issue, please \
             see https://go.microsoft.com/fwlink/?linkid=2125287",
            "does not have keys\n wrapKey permis\nsion on key vault 'kv-hil",
        ],
        sources: &[POLICY, TROUBLE, PERMISSION_THREAD],
    },
    Family {
        id: "key-vault.forbidden-by-policy",
        forms: &[&["ForbiddenByPolicy"]],
        generic: true,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The vault uses access policies and none gives this caller what it asks for.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The caller has a policy without the permission for this operation.",
            ),
            Cause::medium(
                Code::AuthorizationPolicyModeIgnoresRoles,
                "A role was assigned, and the vault uses access policies.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The call was made with another identity than the one that has the policy.",
            ),
        ],
        samples: &[
            "Inner error: {\"code\": \"ForbiddenByPolicy\"}",
            "StatusCode=403 Code=\"Forbidden\" InnerError={\"code\":\"Forbidden\nByPolicy\"}",
        ],
        sources: &[POLICY, TROUBLE],
    },
    Family {
        id: "key-vault.forbidden-by-rbac",
        forms: &[&["ForbiddenByRbac"], &["Caller is not authorized to perform action on resource"]],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall],
        misleads: None,
        causes: &[
            Cause::high(
                Code::AuthorizationNoGrant,
                "The vault is in RBAC mode and no role of the caller contains the action in the message at this \
                 vault.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "the vault found no assignment that fits")]),
            Cause::medium(
                Code::AuthorizationControlPlaneRoleOnly,
                "The caller is Owner, Contributor or Reader: these manage the vault and do not open what is in it.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "management roles do not count as assignments here")]),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The caller has an access policy, which has no effect in RBAC mode.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was assigned minutes ago. Try again before changing anything.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The caller has a role for another kind of object or for less than this action.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "The role was given to another object id than the oid in the message.",
            ),
            Cause::low(
                Code::AuthorizationManagementRoleMissing,
                "The request went through Resource Manager, where the keys of a vault need a management role.",
            )
            .seen(&[Sign::up(Trait::KeyThroughResourceManager, "a key is asked for through Resource Manager")]),
            Cause::low(
                Code::AuthorizationConditionNotMet,
                "The role has a condition that leaves this object or action out.",
            )
            .seen(&[Sign::up(Trait::Assignment, "an assignment was found and did not allow the action")]),
            Cause::low(
                Code::AuthorizationDenied,
                "A deny assignment applies: DenyAssignmentId in the message is not null.",
            )
            .seen(&[Sign::up(Trait::Assignment, "an assignment was found and did not allow the action")]),
            Cause::low(
                Code::AuthorizationScopeDoesNotCover,
                "The role is held on another vault, or on one secret beside this one.",
            ),
            Cause::low(
                Code::AuthorizationGroupGrantNotEffective,
                "The role is held by a group, and the membership is not in the token yet.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The call was made with another identity than the one that has the role.",
            ),
        ],
        samples: &[
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or \
             role definitions were changed recently, please observe propagation time.\r\nCaller: \
             appid=1;oid=2;iss=https://sts.windows.net/3/\r\nAction: \
             'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: \
             '/subscriptions/0/resourcegroups/r/providers/microsoft.keyvault/vaults/kv-l/secrets/db'\r\nAssignment: \
             (not found)\r\nDenyAssignmentId: null",
            "Inner error: {\"code\": \"ForbiddenByRbac\"}",
            "(Forbidden) Caller is not authorized to\n perform action on reso\nurce. If role assign",
        ],
        sources: &[RBAC, ABAC, ACCESS_DEFAULT, RBAC_THREAD],
    },
    Family {
        id: "key-vault.policy-on-rbac-vault",
        forms: &[&["Cannot set policies to a vault with"]],
        generic: false,
        gates: &["authorization"],
        proves: &[],
        misleads: None,
        causes: &[Cause::high(
            Code::AuthorizationRbacModeIgnoresAccessPolicies,
            "The vault is in RBAC mode and takes no policies. Assign a role on the vault instead.",
        )],
        samples: &[
            "Cannot set policies to a vault with '--enable-rbac-authorization' specified",
            "ERROR: Cannot set policies to a va\nult with '--enable-rbac-auth",
        ],
        sources: &[ACCESS_DEFAULT, RBAC, SET_POLICY_THREAD],
    },
    Family {
        id: "key-vault.explorer-denied",
        forms: &[
            &["not part of the appropriate security group"],
            &["Operation to access", "denied", "missing a certificate in CurrentUser"],
        ],
        generic: false,
        gates: &["authorization", "identity"],
        proves: &[],
        misleads: Some(
            "It guesses at certificates and groups of the tool. The vault refused the account that is signed in.",
        ),
        causes: &[
            Cause::high(Code::AuthorizationNoGrant, "The signed-in user has no policy or role in the vault."),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "Another account or tenant than the intended one is signed in.",
            ),
        ],
        samples: &[
            "Operation to access kv-ops (prod) denied. You are probably missing a certificate in CurrentUser\\My or \
             LocalMachine\\My stores, or you are not part of the appropriate security group.",
            "...stores, or you are not part of the\n appropriate secur\nity group.",
        ],
        sources: &[EXPLORER_THREAD, TROUBLE],
    },
];
