//! `object.disabled`: the object is disabled.

use crate::check::{Context, declare_check, object, remedy};
use crate::finding::{Command, Edit, Finding, Probe, Safety, Severity};
use crate::model::key_vault::Secret;

declare_check! {
    /// ## What it means
    ///
    /// The secret exists and is disabled. A disabled secret cannot be read, whoever asks. Its end date is another
    /// matter: an expired secret can still be read.
    ///
    /// ## What you will see
    ///
    /// The vault answers `403` with `Operation get is not allowed on a disabled secret.` (`SecretDisabled`). API
    /// Management turns it into its text about missing GET permissions. Which status a reference of an app shows then
    /// is not documented.
    ///
    /// ## When this check stays quiet
    ///
    /// The secret is not visible through Resource Manager, as that of a certificate, and nobody asked the vault itself.
    pub(crate) static CHECK = {
        code: "object.disabled",
        summary: "the object is disabled",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, said_by: &str) -> Finding {
    let message = format!("`{}` in vault `{}` is disabled, says {said_by}", object(ctx), ctx.vault_name());
    let mut finding = ctx.finding(&CHECK, &ctx.vault_or_instance(), message);
    let (Some(vault), Some(reference)) = (ctx.vault(), &ctx.diagnosis.reference) else { return finding };
    let (name, vault_name) = (&reference.name, vault.name());
    let az = Command::new("az keyvault secret set-attributes")
        .option("--vault-name", vault_name)
        .option("--name", remedy::object_word(ctx));
    let az = match &reference.version {
        Some(version) => az.option("--version", version),
        None => az,
    };
    let az = az.and("--enabled true");
    let title = format!("enable `{}` in vault `{vault_name}`", object(ctx));
    let id = vault.id.child(&reference.kind, name);
    finding.fixes.push(match remedy::was_read::<Secret>(ctx, &id) {
        true => remedy::Change::of(az, [Edit::set(&id, "/properties/attributes/enabled", true)])
            .bicep_in("Microsoft.KeyVault/vaults/secrets", "attributes: { enabled: true }")
            .fix(title, Safety::Safe),
        false => remedy::by_hand(title, [az]),
    });
    finding.confirm = Some(Probe {
        run_from: "your own shell, with the right to list secrets and a way through the firewall".to_owned(),
        command: Command::new("az keyvault secret list-versions")
            .option("--vault-name", vault_name)
            .option("--name", remedy::object_word(ctx))
            .query("[].attributes.enabled")
            .line(),
        expect: "`false` for the newest version, or for the one that the reference names".to_owned(),
    });
    finding
}
