//! Advice about the setting that refers to a secret.

use crate::explain::advice::entry::{Advice, Confirmation, REFERENCES};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::ReferenceWrongIdentifierType,
        confirm: &[Confirmation {
            run_from: "your own shell, with permission to list certificates and an address that the firewall allows",
            command: "az keyvault certificate show --vault-name {vault} --name {object} --query sid --output tsv",
            expect: "the identifier of the certificate's secret, with `/secrets/` in it; the reference differs from \
                     it",
        }],
        fix: "refer to `https://{host}/secrets/{object}`: the secret behind the certificate has the same name",
        az: &["# a named value: az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
               RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
               api-version=2024-05-01\" --headers \"If-Match=*\" --body \
               '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\"}}}'"],
    },
    Advice {
        code: Code::ReferenceSyntax,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: REFERENCES,
                expect: "`InvalidSyntax` for an app setting",
            },
            Confirmation {
                run_from: "your own shell, with permission to list secrets and an address that the firewall allows",
                command: "az keyvault secret list --vault-name {vault} --query \"[].id\"",
                expect: "the identifiers in the vault's own form, including the intended one; the reference differs \
                         from it",
            },
        ],
        fix: "use the vault's own form of the identifier; in an app setting, `@Microsoft.KeyVault(SecretUri=…)` \
              without spaces or quotes",
        az: &["az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
               \"SETTING=@Microsoft.KeyVault(SecretUri=https://{host}/secrets/{object})\" --output none"],
    },
];
