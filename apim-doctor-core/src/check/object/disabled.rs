//! Explains `object.disabled`.

use crate::check::context::Context;
use crate::check::remedy;
use crate::check::words::object;
use crate::eval::access_policy::ObjectKind;
use crate::finding::{Command, Confirmation, Edit, Finding, Safety};
use crate::model::key_vault::{Key, Secret};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, said_by: &str) -> Finding {
    if !ctx.case.path.needs().is_empty() {
        return of_backup(ctx);
    }
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

/// The keys and secrets of a backup that are disabled.
fn of_backup(ctx: &Context<'_, '_>) -> Finding {
    let estate = ctx.case.estate;
    let vault_name = ctx.vault_name();
    let mut named: Vec<(&str, &str)> = Vec::new();
    let (mut lines, mut edits) = (Vec::new(), Vec::new());
    for need in ctx.case.path.needs() {
        let Some(vault) = ctx.vault() else { continue };
        let id = vault.id.child(need.kind.plural(), &need.name);
        let attributes = match need.kind {
            ObjectKind::Key => estate.get::<Key>(&id).known().and_then(|key| key.properties.attributes),
            _ => estate.get::<Secret>(&id).known().and_then(|secret| secret.properties.attributes),
        };
        let is_new = !named.contains(&(need.kind.plural(), need.name.as_str()));
        if is_new && attributes.is_some_and(|own| own.enabled == Some(false)) {
            named.push((need.kind.plural(), &need.name));
            let command = match need.kind {
                ObjectKind::Key => "az keyvault key set-attributes",
                _ => "az keyvault secret set-attributes",
            };
            let az = Command::new(command).option("--vault-name", vault.name()).option("--name", &need.name);
            lines.push(az.and("--enabled true").line());
            edits.push(Edit::set(&id, "/properties/attributes/enabled", true));
        }
    }
    let names: Vec<String> = named.iter().map(|(kind, name)| format!("`{kind}/{name}`")).collect();
    let message = format!("{} in vault `{vault_name}` is disabled, so Azure Backup cannot use it", names.join(" and "));
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    let title = format!("enable {} in vault `{vault_name}`", names.join(" and "));
    finding.fixes = vec![remedy::Change::lines(lines, edits).fix(title, Safety::Safe)];
    finding
}
