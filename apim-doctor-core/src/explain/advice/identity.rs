//! Advice about the identity and its token.

use crate::explain::advice::command::{
    Command, Subject, account, app, app_patch, caller, cloud, container_app, deployment, directory, function, gateway,
    identity, instance, instance_grant, instance_patch, instance_principal, login, pod, recovery, role, sign_ins,
    vault,
};
use crate::explain::advice::entry::{
    APP_IDENTITIES, ASSIGN, Advice, CHALLENGE, Confirm, Fix, Line, REFERENCES, REFRESH_REFERENCES, ROLES, SET_POLICY,
    graph, own, run, under_policies, under_roles, when,
};
use crate::explain::situation::Model;
use crate::finding::Code;

const INSTANCE: Command = instance("show --name INSTANCE --resource-group RESOURCE_GROUP --query identity");
const RECOVERY: Command = recovery("vault identity show --name RECOVERY_VAULT --resource-group RESOURCE_GROUP");
const SERVICE_ACCOUNT: Command = pod("get serviceaccount SERVICE_ACCOUNT --namespace NAMESPACE --output yaml");
const ANY_IDENTITY: Command = caller("--query identity");

/// The identities of the caller, each in the words of its service.
macro_rules! identities {
    ($expect:literal) => {
        [
            own(INSTANCE, $expect),
            own(APP_IDENTITIES, $expect),
            own(gateway("--query identity"), $expect),
            own(container_app("--query identity"), $expect),
            own(RECOVERY, $expect),
            own(SERVICE_ACCOUNT, "no annotation `azure.workload.identity/client-id`, or the id of another identity"),
            own(ANY_IDENTITY, $expect),
        ]
    };
}

const ENABLED: [Confirm; 7] =
    identities!("no value, `None`, or only `UserAssigned` although the system-assigned identity is intended");
const ATTACHED: [Confirm; 7] = identities!("no entry with the client id that the caller uses");

/// Gives access to an identity that was made just now.
const TO_NEW: [Line; 2] = [
    under_roles(role(
        "assignment create --assignee-object-id PRINCIPAL_ID --assignee-principal-type ServicePrincipal --role \"{role}\" \
         --scope {scope}",
    )),
    under_policies(vault("set-policy --name {vault} --object-id PRINCIPAL_ID {permissions}")),
];

const ATTACH_TO_INSTANCE: Line = when(
    "list every identity to keep, and the type without `SystemAssigned` if it has none",
    instance_patch(
        "?api-version=2024-05-01\" --body '{\"identity\":{\"type\":\"SystemAssigned, \
         UserAssigned\",\"userAssignedIdentities\":{\"IDENTITY_ID\":{}}}}'",
    ),
);

const FIND_BY_CLIENT_ID: Line = run(identity("list --query \"[?clientId=='{clientId}'].id\" --output tsv"));

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::IdentityNotEnabled,
        title: "enable a managed identity of the caller, then give it access",
        confirm: &ENABLED,
        fixes: &[
            Fix::of(
                Subject::Instance,
                "enable the identity, then give it access",
                &[
                    when(
                        "without any identity so far",
                        instance_patch(
                            "?api-version=2024-05-01\" --body '{\"identity\":{\"type\":\"SystemAssigned\"}}'",
                        ),
                    ),
                    TO_NEW[0],
                    TO_NEW[1],
                ],
            ),
            Fix::of(
                Subject::App,
                "enable the identity (a slot has its own: `--slot SLOT`), then give it access",
                &[run(app("identity assign --name APP --resource-group RESOURCE_GROUP")), TO_NEW[0], TO_NEW[1]],
            ),
            Fix::of(
                Subject::RecoveryVault,
                "enable the vault's identity, then give it access",
                &[
                    run(recovery(
                        "vault identity assign --name RECOVERY_VAULT --resource-group RESOURCE_GROUP --system-assigned",
                    )),
                    TO_NEW[0],
                    TO_NEW[1],
                ],
            ),
            Fix::any(&TO_NEW),
        ],
    },
    Advice {
        code: Code::IdentityReferenceIdentityNotSelected,
        title: "set `keyVaultReferenceIdentity` of the site (not an app setting), and of each slot, to the resource id of the \
                identity",
        confirm: &[
            own(APP_IDENTITIES, "type `UserAssigned`, and `references` empty or `SystemAssigned`"),
            own(REFERENCES, "`MSINotEnabled`"),
        ],
        fixes: &[Fix::any(&[
            run(app_patch(
                "?api-version=2024-11-01\" --body '{\"properties\":{\"keyVaultReferenceIdentity\":\"IDENTITY_ID\"}}'",
            )),
            run(REFRESH_REFERENCES),
        ])],
    },
    Advice {
        code: Code::IdentityClientIdNotSpecified,
        title: "select the identity by its client id: `AZURE_CLIENT_ID`, or the client id option of the library or driver",
        confirm: &[
            own(APP_IDENTITIES, "one or more entries in `attached`, and no system-assigned identity to use instead"),
            own(ANY_IDENTITY, "several identities, or no system-assigned identity to use instead"),
        ],
        fixes: &[Fix::any(&[run(function(
            "config appsettings set --name APP --resource-group RESOURCE_GROUP --settings AZURE_CLIENT_ID={clientId} \
             --output none",
        ))])],
    },
    Advice {
        code: Code::IdentityIdKindMismatch,
        title: "set the client id of the user-assigned identity; for the system-assigned identity, remove the property",
        confirm: &[
            own(
                identity(
                    "list --query \"[?clientId=='{clientId}' || principalId=='{clientId}'].{name:name, clientId:clientId, \
                     principalId:principalId}\"",
                ),
                "an entry with the given id as `principalId`, not as `clientId`",
            ),
            own(
                instance(
                    "show --name INSTANCE --resource-group RESOURCE_GROUP --query identity.principalId --output tsv",
                ),
                "the given id: it is the object id of the system-assigned identity",
            ),
        ],
        fixes: &[Fix::any(&[
            run(identity("show --ids IDENTITY_ID --query clientId --output tsv")),
            when(
                "a named value, with that client id",
                instance_patch(
                    "/namedValues/NAME?api-version=2024-05-01\" --headers \"If-Match=*\" --body \
                     '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\",\
                     \"identityClientId\":\"CLIENT_ID\"}}}'",
                )
                .also(Subject::Vault),
            ),
        ])],
    },
    Advice {
        code: Code::IdentityNotAssignedToHost,
        title: "attach the identity to the resource that uses it, or correct the client id",
        confirm: &ATTACHED,
        fixes: &[
            Fix::of(
                Subject::Instance,
                "attach the identity to the instance, or correct the client id",
                &[FIND_BY_CLIENT_ID, ATTACH_TO_INSTANCE],
            ),
            Fix::of(
                Subject::App,
                "attach the identity to the app, or correct the client id",
                &[
                    FIND_BY_CLIENT_ID,
                    run(app("identity assign --name APP --resource-group RESOURCE_GROUP --identities IDENTITY_ID")),
                ],
            ),
            Fix::of(
                Subject::RecoveryVault,
                "attach the identity to the vault, or correct the reference to it",
                &[
                    FIND_BY_CLIENT_ID,
                    run(recovery(
                        "vault identity assign --name RECOVERY_VAULT --resource-group RESOURCE_GROUP --user-assigned \
                     IDENTITY_ID",
                    )),
                ],
            ),
            Fix::any(&[FIND_BY_CLIENT_ID]),
        ],
    },
    Advice {
        code: Code::IdentityCreatedInSameDeployment,
        title: "deploy twice (resource and identity, then grant, then reference), or use an existing identity, if the resource \
                supports it",
        confirm: &[
            own(
                deployment(
                    "operation group list --name DEPLOYMENT --resource-group RESOURCE_GROUP --query \
                     \"[?properties.provisioningState=='Failed'].properties.{target:targetResource.id, \
                     message:statusMessage}\"",
                ),
                "the resource with the reference fails, and the grant for its identity was not created before it",
            ),
            own(INSTANCE, "no value yet, or an identity newer than the failed request"),
        ],
        fixes: &[
            Fix::of(
                Subject::Instance,
                "",
                &[
                    when(
                        "first, without the reference",
                        instance(
                            "create --name INSTANCE --resource-group RESOURCE_GROUP --publisher-name NAME --publisher-email \
                         EMAIL --enable-managed-identity true",
                        ),
                    ),
                    run(instance_principal("--query identity.principalId --output tsv)")),
                    run(instance_grant("--role \"{role}\" --scope {scope}")),
                ],
            ),
            Fix::any(&TO_NEW),
        ],
    },
    Advice {
        code: Code::IdentityReplaced,
        title: "give access to the current identity, and remove the old grant",
        confirm: &[
            graph(
                role(
                    "assignment list --scope {scope} --query \"[?principalName==''].{principal:principalId, \
                     role:roleDefinitionName}\"",
                ),
                "a grant to a principal that no longer exists",
            )
            .under(Model::Roles),
            own(
                vault("show --name {vault} --query \"properties.accessPolicies[].objectId\""),
                "object ids that are not the current `principalId` of the identity",
            )
            .under(Model::Policies),
        ],
        fixes: &[Fix::any(&[
            under_roles(ASSIGN),
            under_policies(SET_POLICY),
            under_roles(role("assignment delete --ids ASSIGNMENT_ID")).labelled("remove the old one"),
            under_policies(vault("delete-policy --name {vault} --object-id OLD_OBJECT_ID"))
                .labelled("remove the old one"),
        ])],
    },
    Advice {
        code: Code::IdentityUnexpectedIdentity,
        title: "find out which identity called; make the call use the intended one (set its client id), or give access to the \
                calling one",
        confirm: &[
            graph(
                directory(
                    "sp show --id {objectId} --query \"{name:displayName, clientId:appId, type:servicePrincipalType}\"",
                ),
                "a different name: the other slot, a build agent, a second client in the process",
            ),
            own(ROLES, "no entry for the principal in the message, although the intended one is listed"),
        ],
        fixes: &[
            Fix::of(
                Subject::App,
                "",
                &[
                    run(function(
                        "config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
                     AZURE_CLIENT_ID={clientId} --output none",
                    )),
                    when("to allow the one that called", ASSIGN),
                ],
            ),
            Fix::any(&[under_roles(ASSIGN), under_policies(SET_POLICY)]),
        ],
    },
    Advice {
        code: Code::IdentityWrongTenant,
        title: "request the token in the target's tenant",
        confirm: &[
            own(
                vault("show --name {vault} --query properties.tenantId --output tsv"),
                "a tenant other than the issuer in the message",
            ),
            own(CHALLENGE, "status 401; `WWW-Authenticate` names the tenant that the vault trusts")
                .from("any machine that can reach the vault"),
            own(
                account("list --query \"[].{subscription:name, tenant:tenantId}\" --output table"),
                "the target's subscription has a tenant other than the one in the message",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Vault,
                "request the token in the vault's tenant; if the vault kept its tenant when the subscription moved, correct \
                 it",
                &[
                    when("if the Azure CLI is the caller", login("--tenant VAULT_TENANT")),
                    when(
                        "only after a move, which invalidates grants of the old tenant",
                        vault("update --name {vault} --set properties.tenantId=TENANT_OF_THE_IDENTITY"),
                    ),
                ],
            ),
            Fix::any(&[when("if the Azure CLI is the caller", login("--tenant TENANT"))]),
        ],
    },
    Advice {
        code: Code::IdentityWrongAudience,
        title: "request the token for the service that is called, in the form that it documents, without a name of a resource \
                or a slash at the end",
        confirm: &[
            own(CHALLENGE, "status 401; `resource` in `WWW-Authenticate` is the audience that the vault expects")
                .from("any machine that can reach the vault"),
            own(
                cloud(
                    "show --query \"{cloud:name, management:endpoints.activeDirectoryResourceId, vaults:suffixes.keyvaultDns}\"",
                ),
                "an audience other than the one that was requested",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Vault,
                "request `https://vault.azure.net` (scope `https://vault.azure.net/.default`), without a vault name or a \
                 slash at the end; other clouds have their own",
                &[],
            ),
            Fix::of(
                Subject::Storage,
                "request `https://storage.azure.com` (scope `https://storage.azure.com/.default`)",
                &[],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::IdentityFederationMismatch,
        title: "make issuer, subject and audience of a federated credential equal to the ones in the message; upper and lower \
                case count",
        confirm: &[
            own(
                identity(
                    "federated-credential list --identity-name IDENTITY --resource-group RESOURCE_GROUP --query \
                     \"[].{issuer:issuer, subject:subject, audiences:audiences}\"",
                ),
                "no entry with exactly the issuer, subject and audience of the message",
            ),
            graph(
                directory(
                    "app federated-credential list --id CLIENT_ID --query \"[].{issuer:issuer, subject:subject, \
                     audiences:audiences}\"",
                ),
                "the same for an app registration",
            ),
        ],
        fixes: &[Fix::any(&[
            run(identity(
                "federated-credential create --name NAME --identity-name IDENTITY --resource-group RESOURCE_GROUP --issuer \
                 ISSUER --subject SUBJECT --audiences api://AzureADTokenExchange",
            )),
            when(
                "an app registration",
                directory("app federated-credential create --id CLIENT_ID --parameters CREDENTIAL.json"),
            ),
        ])],
    },
    Advice {
        code: Code::IdentityCredentialInvalid,
        title: "create a new client secret or certificate, and store its value (not its id) where the caller reads it",
        confirm: &[
            graph(
                directory(
                    "app credential list --id {clientId} --query \"[].{id:keyId, name:displayName, ends:endDateTime}\"",
                ),
                "no secret, or only secrets that have ended",
            ),
            graph(
                directory(
                    "app credential list --id {clientId} --cert --query \"[].{thumbprint:customKeyIdentifier, \
                     ends:endDateTime}\"",
                ),
                "no certificate with the caller's thumbprint, or one that has ended",
            ),
        ],
        fixes: &[Fix::any(&[when(
            "prints the new secret once",
            directory("app credential reset --id {clientId} --append"),
        )])],
    },
    Advice {
        code: Code::IdentityNotSignedIn,
        title: "sign in where the command runs, as the user that runs it; in a pipeline, sign in in the same job",
        confirm: &[own(
            account("show --query \"{user:user.name, type:user.type, tenant:tenantId, subscription:name}\""),
            "an error that asks to run `az login`, or an account of another tenant",
        )
        .from("the machine and the user that run the command")],
        fixes: &[
            Fix::of(
                Subject::Operator,
                "",
                &[run(login("--tenant TENANT")), when("a machine with a managed identity", login("--identity"))],
            ),
            Fix::of(
                Subject::App,
                "give the app a managed identity: the sign-in of a developer does not exist where the app runs",
                &[run(app("identity assign --name APP --resource-group RESOURCE_GROUP"))],
            ),
            Fix::any(&[when("on a developer's machine or in a pipeline", login("--tenant TENANT"))]),
        ],
    },
    Advice {
        code: Code::IdentityConditionalAccess,
        title: "sign in as the policy demands (place, device, second factor), or have the policy's owner exclude the workload",
        confirm: &[graph(
            sign_ins(
                "?%24filter=correlationId%20eq%20'CORRELATION_ID'\" --query \"value[].{at:createdDateTime, \
                 code:status.errorCode, policies:appliedConditionalAccessPolicies[?result=='failure'].displayName}\"",
            ),
            "the policy that refused the sign-in with the correlation id in the message",
        )
        .from("your own shell, with permission to read sign-in logs (Microsoft Graph)")],
        fixes: &[Fix::any(&[when("for a user", login("--tenant TENANT"))])],
    },
];
