//! Explains `reference.syntax`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Finding, Probe, Safety};
use crate::knowledge::cloud::Cloud;
use crate::path::{Form, Malformed, Reference};

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, problem: &Malformed) -> Finding {
    let written = &ctx.case.path.reference;
    let problem = match problem {
        // What follows the question mark may be a secret.
        Malformed::Name(name) if name.contains('?') => "a query (`?…`) follows the name".to_owned(),
        other => other.to_string(),
    };
    let message = format!("the reference of `{}` is malformed: {problem}", ctx.case.path.label);
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let meant = match ctx.case.path.form {
        Form::Setting => meant_by_setting(written, &ctx.case.estate.cloud),
        Form::Identifier => meant(written),
        // Nobody can say which account a malformed URL of a service means.
        Form::Storage => None,
    };
    if ctx.case.path.form == Form::Storage {
        let title = "write the service's URL as `https://{account}.{service}.{suffix}`; this lists yours";
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
                    "write the reference as `@Microsoft.KeyVault(SecretUri=https://{vault host}/secrets/{name})`; this \
                     lists what the vault holds"
                }
                _ => "write the identifier as `https://{vault host}/secrets/{name}`; this lists what the vault holds",
            };
            vec![remedy::by_hand(title, [list.clone()])]
        }
    };
    finding.confirm = Some(Probe {
        run_from: "a shell that may list the vault's secrets".to_owned(),
        command: list.line(),
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

/// The identifier that was most likely meant by the parts of `@Microsoft.KeyVault(…)`.
fn meant_by_setting(written: &str, cloud: &Cloud) -> Option<String> {
    let text = written.trim().trim_matches(['"', '\'', ' ']);
    let at = text.to_ascii_lowercase().find("@microsoft.keyvault")?;
    let inner = text.get(at..)?.split_once('(')?.1;
    let inner = inner.split_once(')').map_or(inner, |(inner, _)| inner);
    let (mut vault, mut secret, mut version, mut uri) = (None, None, None, None);
    for part in inner.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or(("SecretUri", part));
        let value = value.trim().trim_matches(['"', '\'']);
        match key.trim().to_ascii_lowercase().as_str() {
            "secreturi" => uri = Some(value),
            "vaulturi" | "keyvaulturi" | "vaultname" | "keyvaultname" | "vault" => vault = Some(value),
            "secretname" | "secret" => secret = Some(value),
            "secretversion" | "version" => version = Some(value).filter(|v| !v.is_empty()),
            _ => return None,
        }
    }
    if let Some(uri) = uri {
        let parsed = Reference::parse(uri).is_ok_and(|parsed| parsed.kind == "secrets");
        return if parsed { Some(uri.to_owned()) } else { meant(uri) };
    }
    let host = vault?.split_once("://").map_or(vault, |(_, rest)| Some(rest))?.trim_end_matches('/');
    let host = if host.contains('.') { host.to_ascii_lowercase() } else { cloud.vault_host(host) };
    let version = version.map(|version| format!("/{version}")).unwrap_or_default();
    let url = format!("https://{host}/secrets/{}{version}", secret?);
    // A host of no vault would only be the next thing that is wrong.
    Reference::parse(&url).ok().filter(|parsed| cloud.vault_of(&parsed.host).is_some()).map(|_| url)
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
        let cloud = Cloud::public();
        for inner in [
            "VaultUri=https://kv1.vault.azure.net/;SecretName=a",
            "VaultName=kv1.vault.azure.net;SecretName=a",
            "KeyVaultName=kv1, SecretName=a",
            "SecretUri=kv1.vault.azure.net/secrets/a",
            "https://kv1.vault.azure.net/secrets/a",
        ] {
            let url = meant_by_setting(&format!("@Microsoft.KeyVault({inner})"), &cloud);
            assert_eq!(url.as_deref(), Some("https://kv1.vault.azure.net/secrets/a"), "{inner}");
        }
        let open = meant_by_setting("x@Microsoft.KeyVault(VaultName=kv1;SecretName=a;SecretVersion=b", &cloud);
        assert_eq!(open.as_deref(), Some("https://kv1.vault.azure.net/secrets/a/b"));
        for inner in ["VaultName=kv1", "SecretName=a", "VaultName=kv1.example.com;SecretName=a", "Name=a"] {
            assert_eq!(meant_by_setting(&format!("@Microsoft.KeyVault({inner})"), &cloud), None, "{inner}");
        }
        assert_eq!(meant("https://kv1.vault.azure.net/secrets/a_b"), None);
    }
}
