//! Advice about the setting that refers to a secret.

use crate::explain::advice::entry::{Advice, Confirmation, REFERENCES};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::ReferenceWrongIdentifierType,
        confirm: &[Confirmation {
            run_from: "your own shell, with the right to list certificates and a way through the firewall",
            command: "az keyvault certificate show --vault-name {vault} --name {object} --query sid --output tsv",
            expect: "the identifier of the certificate's secret, with `/secrets/` in it; the reference \
                     has something else",
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
                expect: "`InvalidSyntax` for the setting of an app",
            },
            Confirmation {
                run_from: "your own shell, with the right to list secrets and a way through the firewall",
                command: "az keyvault secret list --vault-name {vault} --query \"[].id\"",
                expect: "how the vault writes its identifiers; the one that is meant is among them, the \
                         reference differs",
            },
        ],
        fix: "write the identifier as the vault does; in an app setting `@Microsoft.KeyVault(SecretUri=…)` \
              without blanks or quotes",
        az: &["az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
               \"SETTING=@Microsoft.KeyVault(SecretUri=https://{host}/secrets/{object})\" --output none"],
    },
];
