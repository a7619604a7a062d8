//! Explains `reference.syntax`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Finding, Safety};
use crate::model::reference::{Malformed, Reference};
use crate::path::Form;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, problem: &Malformed) -> Finding {
    let written = &ctx.case.path.reference;
    let in_words = match problem {
        // What follows the question mark may be a secret.
        Malformed::Name(name) if name.contains('?') => "a query (`?…`) follows the name".to_owned(),
        other => other.to_string(),
    };
    let message = format!("the reference of `{}` is malformed: {in_words}", ctx.case.path.label);
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let meant = match ctx.case.path.form {
        Form::Setting => Reference::meant_by_setting(written, &ctx.case.estate.cloud),
        Form::Identifier => Reference::meant_by(written),
        // A malformed URL of a service does not say which account it means.
        Form::Storage => None,
    };
    if let Malformed::Container(name) = problem {
        let lower = name.to_ascii_lowercase();
        let title =
            format!("name an existing container in `containerName`; the command lists the containers (`{lower}`?)");
        let list = Command::new("az storage container list")
            .option("--account-name", ctx.vault_name())
            .and("--auth-mode login --query \"[].name\"");
        finding.subject = ctx.case.path.resource.clone();
        let renamed = remedy::rename_container(ctx, &lower).into_iter().chain(remedy::correct_container(ctx, &lower));
        finding.fixes = renamed.chain([remedy::by_hand(title, [list])]).collect();
        return finding;
    }
    if ctx.case.path.form == Form::Storage {
        let title = "write the service's URL as `https://{account}.{service}.{suffix}`; the command lists your \
                     accounts";
        let list = Command::new("az storage account list").query("[].primaryEndpoints");
        finding.fixes = vec![remedy::by_hand(title, [list])];
        return finding;
    }
    let vault = meant.as_deref().and_then(|url| Reference::parse(url).ok());
    let vault = vault.as_ref().and_then(|r| r.host.split('.').next()).unwrap_or_default();
    let list = Command::new("az keyvault secret list")
        .option("--vault-name", remedy::vault_name_or_placeholder(vault))
        .query("[].id")
        .and("--output tsv");
    finding.fixes = match meant {
        Some(url) => {
            let title = match ctx.case.path.form {
                Form::Setting => format!("write the reference as `@Microsoft.KeyVault(SecretUri={url})`"),
                _ => format!("write the identifier as `{url}`"),
            };
            vec![ctx.remedies().set_identifier(ctx, &url).fix(title, Safety::Safe)]
        }
        None => {
            let title = match ctx.case.path.form {
                Form::Setting => {
                    "write the reference as `@Microsoft.KeyVault(SecretUri=https://{vault host}/secrets/{name})`; the \
                     command lists the vault's secrets"
                }
                _ => {
                    "write the identifier as `https://{vault host}/secrets/{name}`; the command lists the vault's \
                      secrets"
                }
            };
            vec![remedy::by_hand(title, [list.clone()])]
        }
    };
    finding.confirm = Some(Confirmation {
        run_from: "a shell with permission to list the vault's secrets".to_owned(),
        command: list.line(),
        expect: "the identifiers in the vault's own form, including the intended one".to_owned(),
    });
    finding
}
