//! Advice about the target's firewall.

use crate::explain::advice::command::Command;
use crate::explain::advice::command::{
    Subject, extension, instance, instance_grant, instance_patch, instance_principal, perimeter, recovery, storage,
    vault,
};
use crate::explain::advice::entry::{
    ACCOUNT, ADD_SERVICE_ENDPOINT, Advice, CREATE_ENDPOINT, CREATE_ZONE_GROUP, Confirm, Fix, LOOKUP, Line, inside,
    logged, own, run, settings, when,
};
use crate::finding::Code;

const INSTANCE_NETWORK: Command = instance(
    "show --name INSTANCE --resource-group RESOURCE_GROUP --query \"{network:virtualNetworkType, \
     subnet:virtualNetworkConfiguration.subnetResourceId}\"",
);

/// What allows the caller's network: its subnet, or a private endpoint.
const ALLOW_NETWORK: &[Line] = &[
    run(ADD_SERVICE_ENDPOINT),
    run(vault("network-rule add --name {vault} --subnet SUBNET_ID")),
    run(storage(
        "account network-rule add --account-name {account} --resource-group RESOURCE_GROUP --subnet SUBNET_ID",
    )),
    when("or", CREATE_ENDPOINT),
];

const TRUST: &[Line] = &[
    run(vault("update --name {vault} --bypass AzureServices")),
    run(storage("account update --name {account} --resource-group RESOURCE_GROUP --bypass AzureServices")),
];

const CLOSED: &str = "`public` is `Disabled`, or `defaultAction` in `network` is `Deny`";
const EXCEPTION: &str = "`bypass` contains `AzureServices` and `defaultAction` is `Deny`: the exception is on, but does not \
                         cover this caller";

const ACCOUNT_CLOSED: Confirm = own(ACCOUNT, CLOSED);

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::FirewallUserAssignedNotTrusted,
        title: "make the call with the system-assigned identity, which the exception covers, and give it access",
        confirm: &[
            own(
                instance(
                    "show --name INSTANCE --resource-group RESOURCE_GROUP --query \"hostnameConfigurations[].{host:hostName, \
                     secret:keyVaultId, clientId:identityClientId}\"",
                ),
                "a `clientId`: a user-assigned identity reads the secret",
            ),
            own(
                recovery(
                    "vault encryption show --name RECOVERY_VAULT --resource-group RESOURCE_GROUP --query \
                     properties.encryption.kekIdentity",
                ),
                "`userAssignedIdentity`: a user-assigned identity uses the key",
            ),
            settings(CLOSED),
            ACCOUNT_CLOSED,
        ],
        fixes: &[
            Fix::of(
                Subject::Instance,
                "use the system-assigned identity: enable it (keep the attached ones), give it access, and remove the \
                 client id from the reference",
                &[
                    when(
                        "list every identity to keep",
                        instance_patch(
                            "?api-version=2024-05-01\" --body '{\"identity\":{\"type\":\"SystemAssigned, \
                             UserAssigned\",\"userAssignedIdentities\":{\"IDENTITY_ID\":{}}}}'",
                        ),
                    ),
                    run(instance_principal("--query identity.principalId --output tsv)")),
                    run(instance_grant("--role \"{role}\" --scope {scope}")),
                    when(
                        "a named value, of which the whole reference is written",
                        instance_patch(
                            "/namedValues/NAME?api-version=2024-05-01\" --headers \"If-Match=*\" --body \
                             '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\"}}}'",
                        )
                        .also(Subject::Vault),
                    ),
                ],
            ),
            Fix::of(
                Subject::RecoveryVault,
                "use the vault's system-assigned identity: enable it, give it access to the key, and select it",
                &[
                    run(recovery("vault identity assign --name RECOVERY_VAULT --resource-group RESOURCE_GROUP --system-assigned")),
                    run(recovery(
                        "vault encryption update --name RECOVERY_VAULT --resource-group RESOURCE_GROUP --encryption-key-id \
                         KEY_ID --mi-system-assigned",
                    )),
                ],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::FirewallConsumerNotOnTrustedList,
        title: "give the caller a route that the rules allow: its subnet with a service endpoint, or a private endpoint",
        confirm: &[
            settings(EXCEPTION),
            own(ACCOUNT, EXCEPTION),
            logged("`Forbidden`, and an address that no rule of the vault allows"),
        ],
        fixes: &[Fix::of(Subject::Data, "", ALLOW_NETWORK), Fix::any(&[])],
    },
    Advice {
        code: Code::FirewallTrustedServicesOff,
        title: "allow trusted Microsoft services",
        confirm: &[
            settings("`bypass` in `network` is `None`"),
            own(ACCOUNT, "`bypass` in `network` does not contain `AzureServices`"),
        ],
        fixes: &[Fix::any(TRUST)],
    },
    Advice {
        code: Code::FirewallSourceNotAllowed,
        title: "allow the address or the subnet, or call from an allowed network",
        confirm: &[
            settings("`public` is not `Disabled`, and `defaultAction` in `network` is `Deny`; no rule lists the caller"),
            own(ACCOUNT, "neither the caller's address nor its subnet is listed in `network`"),
            inside(LOOKUP, "a public address: the call does not go to a private endpoint"),
        ],
        fixes: &[
            Fix::of(
                Subject::Data,
                "",
                &[
                    run(vault("network-rule add --name {vault} --ip-address {address}")),
                    run(storage(
                        "account network-rule add --account-name {account} --resource-group RESOURCE_GROUP --ip-address \
                         {address}",
                    )),
                    when(
                        "for a subnet, which needs service endpoint {endpoint}",
                        vault("network-rule add --name {vault} --subnet SUBNET_ID"),
                    ),
                    when(
                        "for a subnet, which needs service endpoint {endpoint}",
                        storage(
                            "account network-rule add --account-name {account} --resource-group RESOURCE_GROUP --subnet \
                             SUBNET_ID",
                        ),
                    ),
                ],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::FirewallPublicAccessDisabled,
        title: "create a private endpoint that the caller can reach, or enable public access only for selected networks",
        confirm: &[
            settings("`public` is `Disabled`"),
            own(ACCOUNT, "`public` is `Disabled`"),
            inside(LOOKUP, "a public address: the call does not go to a private endpoint"),
        ],
        fixes: &[
            Fix::of(
                Subject::Data,
                "",
                &[
                    run(CREATE_ENDPOINT),
                    run(CREATE_ZONE_GROUP),
                    when("or", vault("update --name {vault} --default-action Deny --public-network-access Enabled")),
                    when(
                        "or",
                        storage(
                            "account update --name {account} --resource-group RESOURCE_GROUP --default-action Deny \
                             --public-network-access Enabled",
                        ),
                    ),
                ],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::FirewallPerimeterBlocks,
        title: "add an inbound access rule for the caller, or give it a private endpoint, to which the perimeter does not \
                apply",
        confirm: &[
            settings("`public` is `SecuredByPerimeter`"),
            own(ACCOUNT, "`public` is `SecuredByPerimeter`"),
            own(
                perimeter(
                    "association list --perimeter-name PERIMETER --resource-group RESOURCE_GROUP --query \
                     \"[].{target:privateLinkResource.id, mode:accessMode}\"",
                ),
                "the {target}, in mode `Enforced`",
            )
            .from(
                "your own shell, with permission to read the perimeter and an extension (needs: az extension add --name \
                 nsp)",
            ),
        ],
        fixes: &[Fix::any(&[
            when("needs", extension("--name nsp")),
            run(perimeter(
                "profile access-rule create --perimeter-name PERIMETER --resource-group RESOURCE_GROUP --profile-name \
                 PROFILE --name allow-caller --direction Inbound --subscriptions \
                 '[{\"id\":\"/subscriptions/SUBSCRIPTION\"}]'",
            )),
        ])],
    },
    Advice {
        code: Code::FirewallGatewayTrustRetired,
        title: "allow the gateway's subnet, or read the secret through a named value, whose fetch is still trusted",
        confirm: &[settings(CLOSED), own(INSTANCE_NETWORK, "network `None`, or a subnet that neither a rule nor a private endpoint allows"), ACCOUNT_CLOSED],
        fixes: &[Fix::of(Subject::Data, "", ALLOW_NETWORK), Fix::any(&[])],
    },
];
