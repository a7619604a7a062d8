//! Advice about the setting that refers to a secret.

use crate::explain::advice::command::{Subject, function, instance_patch, vault};
use crate::explain::advice::entry::{Advice, Fix, REFERENCES, listing, own, run, when};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::ReferenceWrongIdentifierType,
        title: "refer to the secret behind the certificate: it has the same name, and `/secrets/` in its identifier",
        confirm: &[listing(
            vault("certificate show --vault-name {vault} --name {object} --query sid --output tsv"),
            "the identifier of the certificate's secret, with `/secrets/` in it; the reference differs from it",
        )],
        fixes: &[
            Fix::of(
                Subject::Instance,
                "refer to `https://{host}/secrets/{object}`: the secret behind the certificate has the same name",
                &[when(
                    "a named value",
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
        code: Code::ReferenceSyntax,
        title: "write the reference in its documented form, with the identifier as the service itself prints it",
        confirm: &[
            own(REFERENCES, "`InvalidSyntax` for an app setting"),
            listing(
                vault("{kind} list --vault-name {vault} --query \"[].id\""),
                "the identifiers in the vault's own form, including the intended one; the reference differs from it",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::App,
                "use the documented form; a reference to a vault in an app setting has no spaces or quotes",
                &[run(function(
                    "config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
                     \"SETTING=@Microsoft.KeyVault(SecretUri=https://{host}/secrets/{object})\" --output none",
                )
                .also(Subject::Vault))],
            ),
            Fix::any(&[]),
        ],
    },
];
