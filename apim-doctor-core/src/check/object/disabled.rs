//! Explains `object.disabled`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::object;
use crate::finding::{Command, Confirmation, Edit, Finding, Safety};
use crate::model::key_vault::Secret;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, said_by: &str) -> Finding {
    let message = format!("`{}` in vault `{}` is disabled, according to {said_by}", object(ctx), ctx.vault_name());
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
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
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to list secrets and an address that the firewall allows".to_owned(),
        command: Command::new("az keyvault secret list-versions")
            .option("--vault-name", vault_name)
            .option("--name", remedy::object_word(ctx))
            .query("[].attributes.enabled")
            .line(),
        expect: "`false` for the newest version, or for the version that the reference names".to_owned(),
    });
    finding
}
