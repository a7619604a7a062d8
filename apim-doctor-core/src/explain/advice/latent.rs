//! Advice about what will break later.

use crate::explain::advice::command::{
    Command, Subject, deployment, instance, instance_get, instance_patch, provider, vault,
};
use crate::explain::advice::entry::{
    Advice, Fix, REFRESH_NAMED_VALUE, REFRESH_REFERENCES, listing, own, run, settings, when,
};
use crate::finding::Code;

const HOST_NAMES: Command = instance(
    "show --name INSTANCE --resource-group RESOURCE_GROUP --query \"hostnameConfigurations[].{host:hostName, \
     secret:keyVaultId, ends:certificate.expiry}\"",
);

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::LatentCertificateExpires,
        title: "renew the certificate in the vault; the service fetches it again if the reference names no version",
        confirm: &[
            own(HOST_NAMES, "a date in the near future or in the past"),
            listing(
                vault("certificate show --vault-name {vault} --name {object} --query attributes.expires --output tsv"),
                "the same date; or a later one: the certificate was renewed in the vault, but the fetch fails",
            ),
        ],
        fixes: &[Fix::any(&[run(vault("certificate import --vault-name {vault} --name {object} --file FILE.pfx"))])],
    },
    Advice {
        code: Code::LatentVersionPinned,
        title: "remove the version from the identifier",
        confirm: &[
            own(HOST_NAMES, "a `secret` with a version after the name"),
            own(
                instance_get("/namedValues/NAME?api-version=2024-05-01\" --query properties.keyVault"),
                "the same in `secretIdentifier` of a named value",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Instance,
                "remove the version from the identifier, so that it ends with the name of the secret",
                &[when(
                    "a named value of the system-assigned identity",
                    instance_patch(
                        "/namedValues/NAME?api-version=2024-05-01\" --headers \"If-Match=*\" --body \
                         '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\"}}}'",
                    )
                    .also(Subject::Vault),
                )],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::LatentRefreshFailed,
        title: "fix the cause of the failed fetch (identity, network, access, secret), then fetch again",
        confirm: &[
            own(
                instance_get("/namedValues/NAME?api-version=2024-05-01\" --query properties.keyVault.lastStatus"),
                "a `code` other than `Success`, or an old `timeStampUtc`",
            ),
            own(HOST_NAMES, "the end date of the old certificate"),
        ],
        fixes: &[Fix::any(&[when("a named value", REFRESH_NAMED_VALUE), when("an app", REFRESH_REFERENCES)])],
    },
    Advice {
        code: Code::LatentApiVersionRetires,
        title: "update the template to the new version, and set `enableRbacAuthorization` to the vault's current value",
        confirm: &[
            own(
                provider("show --namespace NAMESPACE --query \"resourceTypes[?resourceType=='TYPE'].apiVersions[]\""),
                "the available versions",
            ),
            settings("the `rbac` value that the template has to set: from 2026-02-01 on, new vaults default to `true`"),
        ],
        fixes: &[Fix::any(&[run(deployment(
            "group what-if --resource-group RESOURCE_GROUP --template-file main.bicep",
        ))])],
    },
];
