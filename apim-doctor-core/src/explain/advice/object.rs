//! Advice about the object and its content.

use crate::explain::advice::command::{Subject, storage, vault};
use crate::explain::advice::entry::{Advice, Fix, OBJECT, listing, own, run, when};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::ObjectContainerMissing,
        title: "correct the name of the container, or create it",
        confirm: &[own(
            storage("container list --account-name {account} --auth-mode login --query \"[].name\""),
            "the container that is asked for is missing",
        )
        .from("your own shell, with permission to list blobs")],
        fixes: &[Fix::any(&[run(storage(
            "container create --account-name {account} --name CONTAINER --auth-mode login",
        ))])],
    },
    Advice {
        code: Code::ObjectMissing,
        title: "correct the name, recover the deleted object, or create it",
        confirm: &[
            listing(OBJECT, "nothing"),
            listing(
                vault(
                    "{kind} list-deleted --vault-name {vault} --query \"[?name=='{object}'].{deleted:deletedDate, \
                     purge:scheduledPurgeDate}\"",
                ),
                "the {kind}, if it was deleted and can be recovered; nothing, if it never existed",
            ),
            own(
                storage("container list --account-name {account} --auth-mode login --query \"[].name\""),
                "the container that is asked for is missing",
            )
            .from("your own shell, with permission to list blobs"),
        ],
        fixes: &[
            Fix::of(
                Subject::Vault,
                "correct the name, recover the deleted {kind}, or create it",
                &[run(vault("{kind} recover --vault-name {vault} --name {object}"))],
            ),
            Fix::of(
                Subject::Storage,
                "correct the name, or create the container",
                &[run(storage("container create --account-name {account} --name CONTAINER --auth-mode login"))],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::ObjectDisabled,
        title: "enable the object; for a certificate, enable the certificate, which also enables its secret",
        confirm: &[
            listing(OBJECT, "`enabled` is `false`"),
            listing(
                vault(
                    "{kind} list-versions --vault-name {vault} --name {object} --query \"[].{version:id, \
                     enabled:attributes.enabled}\"",
                ),
                "`false` for the newest version, or for the version that the reference names",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Vault,
                "enable the {kind}; for the secret of a certificate, enable the certificate",
                &[
                    run(vault(
                        "{kind} set-attributes --vault-name {vault} --name {object} --enabled true --output none",
                    )),
                    when(
                        "the secret of a certificate",
                        vault(
                            "certificate set-attributes --vault-name {vault} --name {object} --enabled true --output none",
                        ).also(Subject::Secret),
                    ),
                ],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::ObjectWrongFormat,
        title: "import a PFX with its private key as a certificate, and refer to its secret identifier",
        confirm: &[
            listing(
                vault("key show --vault-name {vault} --name {object} --query \"key.{type:kty, operations:keyOps}\"")
                    .also(Subject::Key),
                "a type, a size or operations that the service does not support",
            ),
            listing(OBJECT.also(Subject::Secret), "`type` is not `application/x-pkcs12`"),
            listing(
                vault(
                    "certificate show --vault-name {vault} --name {object} --query \
                     \"policy.{type:secretProperties.contentType, exportable:keyProperties.exportable}\"",
                )
                .also(Subject::Secret),
                "`exportable` is `false`, a different type, or an error that the certificate does not exist: it is a \
                 plain secret",
            ),
        ],
        fixes: &[
            Fix::of(Subject::Key, "create a key of a type and size that the service documents, and refer to it", &[]),
            Fix::any(&[run(vault("certificate import --vault-name {vault} --name {object} --file FILE.pfx"))]),
        ],
    },
    Advice {
        code: Code::ObjectBackupExpired,
        title: "restore a newer backup, and create backups at least every 30 days",
        confirm: &[own(
            storage(
                "blob list --account-name {account} --container-name CONTAINER --auth-mode login --query \
                 \"[].{name:name, made:properties.creationTime}\"",
            ),
            "a creation time more than 30 days ago",
        )
        .from("your own shell, with permission to list blobs")],
        fixes: &[Fix::any(&[])],
    },
];
