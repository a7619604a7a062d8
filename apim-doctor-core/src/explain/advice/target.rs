//! Advice about the target itself.

use crate::explain::advice::command::{Subject, cloud, recovery, resource, storage, vault};
use crate::explain::advice::entry::{Advice, Fix, LOOKUP, inside, own, run};
use crate::finding::Code;

const SHARES: &str = "share-rm list --storage-account {account} --resource-group RESOURCE_GROUP --query \"[].name\"";

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::TargetVaultNameWrong,
        title: "correct the name: no quotes or spaces, and the name of a resource that exists",
        confirm: &[
            own(
                vault("list --query \"[?name=='{vault}'].id\""),
                "no vault, in any subscription (repeat with `--subscription SUBSCRIPTION` for each)",
            ),
            own(
                storage("account check-name --name {account} --query nameAvailable"),
                "`true`: no storage account has this name",
            ),
            own(
                recovery("vault list --query \"[].name\""),
                "the Recovery Services vault that the text names is missing",
            ),
            inside(LOOKUP, "NXDOMAIN"),
            own(
                resource("list --name NAME --query \"[].{type:type, id:id}\""),
                "nothing with the name in the text, or a resource in another group or subscription",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Vault,
                "correct the name in the reference: no quotes or spaces, and the name of an existing vault",
                &[run(vault("list --query \"[].{name:name, id:id}\" --output table"))],
            ),
            Fix::of(
                Subject::Storage,
                "correct the name: no quotes or spaces, and the name of an existing storage account",
                &[run(storage("account list --query \"[].{name:name, id:id}\" --output table"))],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::TargetContentShareMissing,
        title: "create the share before the app, and deploy the app's content again",
        confirm: &[
            own(storage(SHARES), "the share that `WEBSITE_CONTENTSHARE` names is missing"),
            own(
                storage(
                    "share-rm show --storage-account {account} --resource-group RESOURCE_GROUP --name SHARE --expand stats \
                     --query shareUsageBytes",
                ),
                "an error that the share does not exist, or 0 (the share is empty)",
            ),
        ],
        fixes: &[Fix::any(&[run(storage(
            "share-rm create --storage-account {account} --resource-group RESOURCE_GROUP --name SHARE",
        ))])],
    },
    Advice {
        code: Code::TargetPurgeProtectionOff,
        title: "enable purge protection; it cannot be disabled again",
        confirm: &[own(
            vault("show --name {vault} --query \"properties.{soft:enableSoftDelete, purge:enablePurgeProtection}\""),
            "`purge` is not `true`",
        )],
        fixes: &[Fix::any(&[run(vault("update --name {vault} --enable-purge-protection true"))])],
    },
    Advice {
        code: Code::TargetSourceMissing,
        title: "stop the protection and keep the data as long as you need it, or protect the machine at its new place",
        confirm: &[own(
            recovery(
                "item list --vault-name VAULT --resource-group RESOURCE_GROUP --query \"[].{item:name, \
                 source:properties.sourceResourceId, state:properties.protectionState}\"",
            ),
            "an item whose source is not there: `az resource show --ids SOURCE` says ResourceNotFound",
        )],
        fixes: &[Fix::any(&[])],
    },
    Advice {
        code: Code::TargetVaultDeleted,
        title: "recover the vault; check its grants, rules and private endpoints afterwards",
        confirm: &[own(
            vault(
                "list-deleted --resource-type vault --query \"[?name=='{vault}'].properties.{location:location, \
                 deleted:deletionDate, purge:scheduledPurgeDate}\"",
            ),
            "the vault, and the date until which it can be recovered",
        )],
        fixes: &[Fix::any(&[run(vault("recover --name {vault}"))])],
    },
    Advice {
        code: Code::TargetWrongCloud,
        title: "refer to a target in the caller's own cloud; identities and trust do not work across clouds",
        confirm: &[own(
            cloud(
                "show --query \"{cloud:name, signIn:endpoints.activeDirectory, vaults:suffixes.keyvaultDns, \
                 storage:suffixes.storageEndpoint}\"",
            ),
            "a cloud other than the one in the text",
        )
        .from("your own shell, signed in to the caller's cloud")],
        fixes: &[Fix::any(&[])],
    },
];
