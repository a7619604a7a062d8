//! Advice about the service itself.

use crate::explain::advice::command::{Subject, app, function, instance, instance_get, machine, site, storage};
use crate::explain::advice::entry::{Advice, Fix, REFERENCES, REFRESH_NAMED_VALUE, REFRESH_REFERENCES, own, run, when};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::PlatformAgentNotReady,
        title: "start, install or update the agent in the machine, and allow it to reach 168.63.129.16 on ports 80 and 32526",
        confirm: &[own(
            machine("get-instance-view --name VM --resource-group RESOURCE_GROUP --query instanceView.vmAgent"),
            "a status other than `Ready`, or no value",
        )],
        fixes: &[Fix::any(&[])],
    },
    Advice {
        code: Code::PlatformContentShareValidation,
        title: "create the share first, and send the setting together with `WEBSITE_SKIP_CONTENTSHARE_VALIDATION=1`",
        confirm: &[
            own(
                REFERENCES,
                "an entry `WEBSITE_CONTENTAZUREFILECONNECTIONSTRING`: the setting is a reference, which is not resolved yet \
                 when the share is validated",
            ),
            own(
                storage(
                    "share-rm list --storage-account {account} --resource-group RESOURCE_GROUP --query \"[].name\"",
                ),
                "the share that `WEBSITE_CONTENTSHARE` names; if it is missing, create it first",
            ),
        ],
        fixes: &[Fix::any(&[
            run(storage("share-rm create --storage-account {account} --resource-group RESOURCE_GROUP --name SHARE")),
            run(function(
                "config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
                 WEBSITE_SKIP_CONTENTSHARE_VALIDATION=1 --output none",
            )),
        ])],
    },
    Advice {
        code: Code::PlatformExtensionFailed,
        title: "remove the extension and back up again: Azure Backup installs it again",
        confirm: &[own(
            machine(
                "extension list --vm-name VM --resource-group RESOURCE_GROUP --query \
                 \"[?publisher=='Microsoft.Azure.RecoveryServices'].{name:name, state:provisioningState}\"",
            ),
            "`Failed` or `Deleting`",
        )],
        fixes: &[Fix::any(&[run(machine(
            "extension delete --vm-name VM --resource-group RESOURCE_GROUP --name EXTENSION",
        ))])],
    },
    Advice {
        code: Code::PlatformFeatureUnsupported,
        title: "use a configuration that the feature's documentation lists",
        confirm: &[
            own(
                instance(
                    "show --name INSTANCE --resource-group RESOURCE_GROUP --query \"{tier:sku.name, \
                     platform:platformVersion}\"",
                ),
                "a tier that the feature's documentation does not list",
            ),
            own(
                instance_get("/workspaces?api-version=2024-05-01\" --query \"value[].name\""),
                "workspaces: backup and Key Vault references in workspaces are not supported",
            ),
            own(
                site("--query \"{kind:kind, plan:properties.serverFarmId}\""),
                "a kind of app or a plan that the feature's documentation does not list",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Instance,
                "use a supported configuration: the instance instead of a workspace, or a different tier",
                &[],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::PlatformServiceSide,
        title: "wait and try again; if the error remains, ask Azure support with the ids and the time in the message",
        confirm: &[
            own(
                REFERENCES,
                "an error for a setting that the running app can read, or an error that remains after a fix",
            ),
            own(
                instance_get("/namedValues/NAME?api-version=2024-05-01\" --query properties.keyVault"),
                "`lastStatus` older than the fix",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::App,
                "fetch the references again, or restart the app; if the value works at run time, the status can be ignored",
                &[
                    run(REFRESH_REFERENCES),
                    when("if the app stays as it was", app("restart --name APP --resource-group RESOURCE_GROUP")),
                ],
            ),
            Fix::of(
                Subject::Instance,
                "fetch again or wait; if the value works at run time, the status can be ignored",
                &[when("a named value", REFRESH_NAMED_VALUE)],
            ),
            Fix::any(&[]),
        ],
    },
];
