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
                expect: "a date that is near or past",
            },
            Confirmation {
                run_from: "your own shell, with the right to list certificates and a way through the firewall",
                command: "az keyvault certificate show --vault-name {vault} --name {object} --query \
                          attributes.expires --output tsv",
                expect: "a near date too; or a later one: the vault was renewed, and the fetch does not work",
            },
        ],
        fix: "renew it in the vault; API Management fetches it within four hours if the reference names no version",
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
                expect: "a `secret` with a version behind the name",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
                          api-version=2024-05-01\" --query properties.keyVault",
                expect: "the same in `secretIdentifier` of a named value",
            },
        ],
        fix: "leave the version out: `https://{host}/secrets/{object}`",
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
                expect: "`Failed`, and the date until which the old certificate lasts",
            },
        ],
        fix: "repair what stops the fetch (identity, network, grant, secret), then fetch again",
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
                expect: "the versions there are; those of vaults before 2026-02-01 end on 2027-02-27",
            },
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "the `rbac` that the template has to state: new vaults get `true` from 2026-02-01 \
                         on where it is left out",
            },
        ],
        fix: "move the template to the new version, and set `enableRbacAuthorization` in it to what the \
              vault has now",
        az: &["az deployment group what-if --resource-group RESOURCE_GROUP --template-file main.bicep"],
    },
];
