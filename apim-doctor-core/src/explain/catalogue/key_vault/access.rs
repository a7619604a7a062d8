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
                "The vault uses access policies, but none is for the object id in the message. Add one.",
            ),
            Cause::medium(
                Code::AuthorizationPolicyModeIgnoresRoles,
                "A role was assigned, but the vault uses access policies and ignores data roles.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "A policy exists for an application id or another object id. Compare it with the oid in the message.",
            ),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "The caller used an identity other than the one with the policy.",
            ),
            Cause::low(
                Code::IdentityReplaced,
                "The resource was recreated and has a new object id, but the access policy names the old one.",
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
                "The vault uses access policies, but none gives this caller the permission that the message names.",
            ),
            Cause::high(
                Code::AuthorizationRoleLacksAction,
                "The caller has an access policy without this permission: secrets, keys and certificates have \
                 separate permissions.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "The policy names an application id or another object id. Compare it with the oid in the message.",
            ),
            Cause::medium(
                Code::AuthorizationPolicyModeIgnoresRoles,
                "A role was assigned, but the vault uses access policies and ignores data roles.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The caller used an identity other than the one with the policy.",
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
                "The vault uses access policies, but none gives this caller the permission.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The caller has an access policy without the permission for this operation.",
            ),
            Cause::medium(
                Code::AuthorizationPolicyModeIgnoresRoles,
                "A role was assigned, but the vault uses access policies.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The caller used an identity other than the one with the policy.",
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
                "The vault uses role assignments and no role of the caller on this vault contains the action in the \
                 message.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "the vault found no matching assignment")]),
            Cause::medium(
                Code::AuthorizationControlPlaneRoleOnly,
                "The caller is Owner, Contributor or Reader: these manage the vault but give no access to its \
                 contents.",
            )
            .seen(&[Sign::up(Trait::NoAssignment, "management roles do not count as assignments here")]),
            Cause::medium(
                Code::AuthorizationRbacModeIgnoresAccessPolicies,
                "The caller has an access policy, which has no effect because the vault uses role assignments.",
            ),
            Cause::medium(
                Code::AuthorizationPropagationDelay,
                "The role was assigned only minutes ago. Try again before changing anything.",
            ),
            Cause::medium(
                Code::AuthorizationRoleLacksAction,
                "The caller has a role for a different kind of object, or one that does not contain this action.",
            ),
            Cause::medium(
                Code::AuthorizationWrongPrincipalGranted,
                "The role was assigned to an object id other than the oid in the message.",
            ),
            Cause::low(
                Code::AuthorizationManagementRoleMissing,
                "The request went through Resource Manager, where reading keys requires a management role.",
            )
            .seen(&[Sign::up(Trait::KeyThroughResourceManager, "a key is requested through Resource Manager")]),
            Cause::low(
                Code::AuthorizationConditionNotMet,
                "The role has a condition that excludes this object or action.",
            )
            .seen(&[Sign::up(Trait::Assignment, "an assignment was found and did not allow the action")]),
            Cause::low(
                Code::AuthorizationDenied,
                "A deny assignment applies: DenyAssignmentId in the message is not null.",
            )
            .seen(&[Sign::up(Trait::Assignment, "an assignment was found and did not allow the action")]),
            Cause::low(
                Code::AuthorizationScopeDoesNotCover,
                "The role is assigned on a different vault or a different secret.",
            ),
            Cause::low(
                Code::AuthorizationGroupGrantNotEffective,
                "The role is assigned to a group, and the token does not contain the membership yet.",
            ),
            Cause::low(
                Code::IdentityUnexpectedIdentity,
                "The caller used an identity other than the one with the role.",
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
            "The vault uses role assignments and does not accept access policies. Assign a role on the vault instead.",
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
            "The tool's text guesses at certificates and groups, but the vault refused the signed-in account.",
        ),
        causes: &[
            Cause::high(Code::AuthorizationNoGrant, "The signed-in user has no access policy or role on the vault."),
            Cause::medium(
                Code::IdentityUnexpectedIdentity,
                "A different account or tenant than intended is signed in.",
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
