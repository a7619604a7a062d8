//! Advice about what will break later.

use crate::explain::advice::entry::{Advice, Confirmation, VAULT_SETTINGS};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::LatentCertificateExpires,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, ends:certificate.expiry}\"",
                expect: "a date in the near future or in the past",
            },
            Confirmation {
                run_from: "your own shell, with permission to list certificates and an address that the firewall \
                           allows",
                command: "az keyvault certificate show --vault-name {vault} --name {object} --query \
                          attributes.expires --output tsv",
                expect: "the same date; or a later one: the certificate was renewed in the vault, but the fetch fails",
            },
        ],
        fix: "renew the certificate in the vault; API Management fetches it within four hours if the reference names \
              no version",
        az: &["az keyvault certificate import --vault-name {vault} --name {object} --file FILE.pfx"],
    },
    Advice {
        code: Code::LatentVersionPinned,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, secret:keyVaultId, \
                          clientId:identityClientId}\"",
                expect: "a `secret` with a version after the name",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
                          api-version=2024-05-01\" --query properties.keyVault",
                expect: "the same in `secretIdentifier` of a named value",
            },
        ],
        fix: "remove the version: `https://{host}/secrets/{object}`",
        az: &["# a named value of the system-assigned identity: az rest --method patch --uri \"/subscriptions/\
               SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/\
               namedValues/NAME?api-version=2024-05-01\" --headers \"If-Match=*\" --body \
               '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\"}}}'"],
    },
    Advice {
        code: Code::LatentRefreshFailed,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
                          api-version=2024-05-01\" --query properties.keyVault.lastStatus",
                expect: "a `code` other than `Success`, or an old `timeStampUtc`",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, status:certificateStatus, \
                          ends:certificate.expiry}\"",
                expect: "`Failed`, and the end date of the old certificate",
            },
        ],
        fix: "fix the cause of the failed fetch (identity, network, access, secret), then fetch again",
        az: &[
            "az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME/refreshSecret?\
             api-version=2024-05-01\"",
            "# an app: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
        ],
    },
    Advice {
        code: Code::LatentApiVersionRetires,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az provider show --namespace Microsoft.KeyVault --query \
                          \"resourceTypes[?resourceType=='vaults'].apiVersions[]\"",
                expect: "the available versions; vault versions before 2026-02-01 end on 2027-02-27",
            },
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "the `rbac` value that the template has to set: from 2026-02-01 on, new vaults default to \
                         `true`",
            },
        ],
        fix: "update the template to the new version, and set `enableRbacAuthorization` to the vault's current value",
        az: &["az deployment group what-if --resource-group RESOURCE_GROUP --template-file main.bicep"],
    },
];
