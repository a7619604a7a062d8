//! `reference.syntax`: the identifier is malformed.

use crate::check::{Context, declare_check, declared, remedy};
use crate::finding::{Finding, Probe, Safety, Severity};
use crate::path::{Malformed, Reference};

declare_check! {
    /// ## What it means
    ///
    /// API Management takes the identifier of a secret in one form only: `https://{vault host}/secrets/{name}`, with a
    /// version after it or without. What is written here is not of that form, so API Management cannot tell which vault
    /// and which secret are meant. Nothing after this gate can be judged.
    ///
    /// ## What you will see
    ///
    /// Which text API Management prints for it is not documented. Look for the typical slips: `https://` left out,
    /// `http://` instead, only the vault's URL, the resource id of the vault, a query after the name, quotes around it, an
    /// underscore in the secret's name.
    ///
    /// ## When this check stays quiet
    ///
    /// The identifier is well formed but names a certificate or a key (`reference.wrong-identifier-type`) or a vault that
    /// cannot exist (`target.vault-name-wrong`). The URL in a policy may end in an expression: then the gate is unknown.
    pub(crate) static CHECK = {
        code: "reference.syntax",
        summary: "the identifier is malformed",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
            "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
            "https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, problem: &Malformed) -> Finding {
    let written = &ctx.case.path.reference;
    let problem = match problem {
        // What follows the question mark may be a secret.
        Malformed::Name(name) if name.contains('?') => "a query (`?…`) follows the name".to_owned(),
        other => other.to_string(),
    };
    let message = format!("the reference of `{}` is malformed: {problem}", ctx.case.path.label);
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    let meant = meant(written);
    let vault = meant.as_deref().and_then(|url| Reference::parse(url).ok());
    let vault = vault.as_ref().and_then(|r| r.host.split('.').next()).unwrap_or("VAULT").to_owned();
    let vault = remedy::word(&vault);
    let list = format!("az keyvault secret list --vault-name {vault} --query \"[].id\" --output tsv");
    finding.fixes = match meant {
        Some(url) => {
            vec![declared::set_identifier(ctx, &url).fix(format!("write the identifier as `{url}`"), Safety::Safe)]
        }
        None => vec![remedy::by_hand(
            "write the identifier as `https://{vault host}/secrets/{name}`; this lists what the vault holds",
            vec![list.clone()],
        )],
    };
    finding.confirm = Some(Probe {
        run_from: "a shell that may list the vault's secrets".to_owned(),
        command: list,
        expect: "the identifiers as the vault writes them; the one that is meant is among them".to_owned(),
    });
    finding
}

/// The identifier that was most likely meant.
fn meant(written: &str) -> Option<String> {
    let bare = written.trim().trim_matches(['"', '\'', ' ']).split(['?', '#']).next()?;
    let rest = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let url = format!("https://{}", rest.split('/').take(4).collect::<Vec<_>>().join("/"));
    let parsed = Reference::parse(&url).ok()?;
    (parsed.kind == "secrets" && url != written).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identifier_that_was_meant_is_found() {
        for written in [
            "kv1.vault.azure.net/secrets/a",
            "http://kv1.vault.azure.net/secrets/a",
            "\"https://kv1.vault.azure.net/secrets/a?x=1\"",
        ] {
            assert_eq!(meant(written).as_deref(), Some("https://kv1.vault.azure.net/secrets/a"), "{written}");
        }
        assert_eq!(meant("https://kv1.vault.azure.net/"), None);
        assert_eq!(meant("https://kv1.vault.azure.net/secrets/a_b"), None);
    }
}
