//! Advice about the object and its content.

use crate::explain::advice::entry::{Advice, Confirmation, SECRET};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::ObjectMissing,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to list secrets and an address that the firewall allows",
                command: SECRET,
                expect: "nothing",
            },
            Confirmation {
                run_from: "your own shell, with permission to list secrets and an address that the firewall allows",
                command: "az keyvault secret list-deleted --vault-name {vault} --query \
                          \"[?name=='{object}'].{deleted:deletedDate, purge:scheduledPurgeDate}\"",
                expect: "the secret, if it was deleted and can be recovered; nothing, if it never existed",
            },
        ],
        fix: "correct the name, recover the deleted secret, or create it",
        az: &[
            "az keyvault secret recover --vault-name {vault} --name {object}",
            "# or create it: az keyvault secret set --vault-name {vault} --name {object} --file FILE --output none",
        ],
    },
    Advice {
        code: Code::ObjectDisabled,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to list secrets and an address that the firewall allows",
                command: SECRET,
                expect: "`enabled` is `false`",
            },
            Confirmation {
                run_from: "your own shell, with permission to list secrets and an address that the firewall allows",
                command: "az keyvault secret list-versions --vault-name {vault} --name {object} --query \
                          \"[].{version:id, enabled:attributes.enabled}\"",
                expect: "`false` for the newest version, or for the version that the reference names",
            },
        ],
        fix: "enable the secret; for a certificate, enable the certificate, which also enables its secret",
        az: &[
            "az keyvault secret set-attributes --vault-name {vault} --name {object} --enabled true --output none",
            "# a certificate: az keyvault certificate set-attributes --vault-name {vault} --name {object} \
             --enabled true --output none",
        ],
    },
    Advice {
        code: Code::ObjectWrongFormat,
        confirm: &[
            Confirmation {
                run_from: "your own shell, with permission to list secrets and an address that the firewall allows",
                command: SECRET,
                expect: "`type` is not `application/x-pkcs12`",
            },
            Confirmation {
                run_from: "your own shell, with permission to list certificates and an address that the firewall \
                           allows",
                command: "az keyvault certificate show --vault-name {vault} --name {object} --query \
                          \"policy.{type:secretProperties.contentType, exportable:keyProperties.exportable}\"",
                expect: "`exportable` is `false`, a different type, or an error that the certificate does not exist: \
                         it is a plain secret",
            },
        ],
        fix: "import a PFX with its key as a certificate, and refer to its secret identifier",
        az: &["az keyvault certificate import --vault-name {vault} --name {object} --file FILE.pfx"],
    },
    Advice {
        code: Code::ObjectBackupExpired,
        confirm: &[Confirmation {
            run_from: "your own shell, with permission to list blobs",
            command: "az storage blob list --account-name {account} --container-name CONTAINER --auth-mode login \
                      --query \"[].{name:name, made:properties.creationTime}\"",
            expect: "a creation time more than 30 days ago",
        }],
        fix: "restore a newer backup, and create backups at least every 30 days",
        az: &[],
    },
];
