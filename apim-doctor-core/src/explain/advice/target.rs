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
                expect: "nothing, in no subscription (`--subscription SUBSCRIPTION` for each)",
            },
            Confirmation { run_from: "anywhere", command: LOOKUP, expect: "no such name (NXDOMAIN)" },
        ],
        fix: "correct the name in the reference: no quotes or blanks, and the vault that really exists",
        az: &["az keyvault list --query \"[].{name:name, id:id}\" --output table"],
    },
    Advice {
        code: Code::TargetContentShareMissing,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az storage share-rm list --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --query \"[].name\"",
                expect: "the share that `WEBSITE_CONTENTSHARE` names is not there",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az storage share-rm show --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --name SHARE --expand stats --query shareUsageBytes",
                expect: "an error that the share does not exist, or 0: it is empty",
            },
        ],
        fix: "create the share before the app, and deploy the app's content again",
        az: &["az storage share-rm create --storage-account STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
               --name SHARE"],
    },
    Advice {
        code: Code::TargetVaultDeleted,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az keyvault list-deleted --resource-type vault --query \
                      \"[?name=='{vault}'].properties.{location:location, deleted:deletionDate, \
                      purge:scheduledPurgeDate}\"",
            expect: "the vault, and until when it can be recovered",
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
            expect: "another suffix than the one that `{host}` ends with",
        }],
        fix: "refer to a vault of the caller's own cloud; identities and trust do not reach across clouds",
        az: &[],
    },
];
