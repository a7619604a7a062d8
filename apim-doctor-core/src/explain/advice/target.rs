//! Advice about the vault or account.

use crate::explain::advice::entry::{Advice, Confirmation, LOOKUP};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::TargetVaultNameWrong,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az keyvault list --query \"[?name=='{vault}'].id\"",
                expect: "no vault, in any subscription (repeat with `--subscription SUBSCRIPTION` for each)",
            },
            Confirmation { run_from: "anywhere", command: LOOKUP, expect: "NXDOMAIN" },
        ],
        fix: "correct the name in the reference: no quotes or spaces, and the name of an existing vault",
        az: &["az keyvault list --query \"[].{name:name, id:id}\" --output table"],
    },
    Advice {
        code: Code::TargetContentShareMissing,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az storage share-rm list --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --query \"[].name\"",
                expect: "the share that `WEBSITE_CONTENTSHARE` names is missing",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az storage share-rm show --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --name SHARE --expand stats --query shareUsageBytes",
                expect: "an error that the share does not exist, or 0 (the share is empty)",
            },
        ],
        fix: "create the share before the app, and deploy the app's content again",
        az: &["az storage share-rm create --storage-account STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
               --name SHARE"],
    },
    Advice {
        code: Code::TargetSourceMissing,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az backup item list --vault-name VAULT --resource-group RESOURCE_GROUP --query \
                      \"[].{item:name, source:properties.sourceResourceId, state:properties.protectionState}\"",
            expect: "an item whose source is not there: `az resource show --ids SOURCE` says ResourceNotFound",
        }],
        fix: "stop the protection and keep the data as long as you need it, or protect the machine at its new place",
        az: &[],
    },
    Advice {
        code: Code::TargetVaultDeleted,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az keyvault list-deleted --resource-type vault --query \
                      \"[?name=='{vault}'].properties.{location:location, deleted:deletionDate, \
                      purge:scheduledPurgeDate}\"",
            expect: "the vault, and the date until which it can be recovered",
        }],
        fix: "recover the vault; check its grants, rules and private endpoints afterwards",
        az: &["az keyvault recover --name {vault}"],
    },
    Advice {
        code: Code::TargetWrongCloud,
        confirm: &[Confirmation {
            run_from: "your own shell, signed in to the caller's cloud",
            command: "az cloud show --query \"{cloud:name, vaults:suffixes.keyvaultDns, \
                      storage:suffixes.storageEndpoint}\"",
            expect: "a suffix other than that of `{host}`",
        }],
        fix: "refer to a vault in the caller's own cloud; identities and trust do not work across clouds",
        az: &[],
    },
];
