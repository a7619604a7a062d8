//! Advice about the service itself.

use crate::explain::advice::entry::{Advice, Confirmation, REFERENCES};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::PlatformAgentNotReady,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az vm get-instance-view --name VM --resource-group RESOURCE_GROUP --query \
                      instanceView.vmAgent",
            expect: "a status other than `Ready`, or no value",
        }],
        fix: "start, install or update the agent in the machine, and allow it to reach 168.63.129.16 on ports 80 and \
              32526",
        az: &[],
    },
    Advice {
        code: Code::PlatformContentShareValidation,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/\
                          appsettings?api-version=2022-03-01\" --query \"value[?\
                          name=='WEBSITE_CONTENTAZUREFILECONNECTIONSTRING'].{name:name, \
                          status:properties.status, details:properties.details}\"",
                expect: "an entry: the setting is a reference",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az storage share-rm list --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --query \"[].name\"",
                expect: "the share that `WEBSITE_CONTENTSHARE` names; if it is missing, create it first",
            },
        ],
        fix: "create the share first, and send the setting together with `WEBSITE_SKIP_CONTENTSHARE_VALIDATION=1`",
        az: &[
            "az storage share-rm create --storage-account STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
             --name SHARE",
            "az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
             WEBSITE_SKIP_CONTENTSHARE_VALIDATION=1 --output none",
        ],
    },
    Advice {
        code: Code::PlatformExtensionFailed,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az vm extension list --vm-name VM --resource-group RESOURCE_GROUP --query \
                      \"[?publisher=='Microsoft.Azure.RecoveryServices'].{name:name, state:provisioningState}\"",
            expect: "`Failed` or `Deleting`",
        }],
        fix: "remove the extension and back up again: Azure Backup installs it again",
        az: &["az vm extension delete --vm-name VM --resource-group RESOURCE_GROUP --name EXTENSION"],
    },
    Advice {
        code: Code::PlatformFeatureUnsupported,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"{tier:sku.name, platform:platformVersion}\"",
                expect: "a tier that the feature's documentation does not list",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/workspaces?\
                          api-version=2024-05-01\" --query \"value[].name\"",
                expect: "workspaces: backup and Key Vault references in workspaces are not supported",
            },
        ],
        fix: "use a supported configuration: the instance instead of a workspace, a different tier or plan, or the \
              required permission model",
        az: &[],
    },
    Advice {
        code: Code::PlatformServiceSide,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: REFERENCES,
                expect: "an error for a setting that the running app can read, or an error that remains after a fix",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
                          api-version=2024-05-01\" --query properties.keyVault",
                expect: "`lastStatus` older than the fix",
            },
        ],
        fix: "fetch again, restart or wait; if the value works at run time, the status can be ignored",
        az: &[
            "# an app: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
            "# a named value: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME/\
             refreshSecret?api-version=2024-05-01\"",
            "# an app that stays as it was: az webapp restart --name APP --resource-group RESOURCE_GROUP",
        ],
    },
];
