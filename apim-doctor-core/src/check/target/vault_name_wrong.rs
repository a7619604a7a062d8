//! `target.vault-name-wrong`: no vault can have this name.

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Finding, Probe, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The host in the identifier is not that of a vault: either its ending belongs to no cloud, or the name before it
    /// is one that no vault can have. A vault's name has 3 to 24 letters, digits and hyphens.
    ///
    /// ## What you will see
    ///
    /// The host name does not resolve: `The remote name could not be resolved`, or `No such host is known`. A Key Vault
    /// reference of an app shows `VaultNotFound`. Look for an
    /// underscore, a placeholder that was never filled in, the name of another resource, or `vaults.azure.net`.
    ///
    /// ## When this check stays quiet
    ///
    /// The name is possible and no vault of this name was seen: the vault may be in another subscription or tenant, so
    /// the gate is unknown and asks for it.
    pub(crate) static CHECK = {
        code: "target.vault-name-wrong",
        summary: "no vault can have this name",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/common-error-codes",
            "https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, name: &str, problem: &str) -> Finding {
    let message = format!("there is no vault `{name}`: {problem}");
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    let list = Command::new("az keyvault list").query("[].properties.vaultUri").and("--output tsv");
    finding.fixes = match super::like(ctx, name) {
        Some((vault, url)) => {
            let title = format!("refer to vault `{vault}`, whose name is nearly the same");
            vec![ctx.remedies().set_identifier(ctx, &url).fix(title, Safety::Review)]
        }
        None => vec![remedy::by_hand("correct the name of the vault; this lists yours", [list.clone()])],
    };
    finding.confirm = Some(Probe {
        run_from: "a shell that may list vaults".to_owned(),
        command: list.line(),
        expect: format!("no vault `{name}`"),
    });
    finding
}
