//! Explains `target.wrong-cloud`.

use crate::check::context::Context;
use crate::check::{reference, remedy};
use crate::finding::{Command, Confirmation, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, host: &str, cloud: &str) -> Finding {
    let own = &ctx.case.estate.cloud;
    let caller = ctx.case.path.caller();
    let message = format!("`{host}` is a vault of {cloud}; the {caller} is in {}", own.name);
    let mut finding = ctx.finding(&ctx.declared_in(), message);
    let name = host.split('.').next().unwrap_or_default();
    if let Some((vault, url)) = super::like(ctx, name) {
        let title = format!("refer to vault `{vault}` of {}", own.name);
        finding.fixes.push(ctx.remedies().set_identifier(ctx, &url).fix(title, Safety::Review));
    }
    let object = ctx.diagnosis.reference.as_ref().map(|r| r.name.clone()).unwrap_or_default();
    finding.fixes.push(remedy::by_hand(
        format!("store `{object}` in a vault of {}, and refer to that vault", own.name),
        [Command::new("az keyvault create --name VAULT --resource-group GROUP --location REGION"), reference::put(ctx)],
    ));
    finding.confirm = Some(Confirmation {
        run_from: format!("a shell with the Azure CLI, signed in to the {caller}'s cloud"),
        command: Command::new("az cloud show").query("{cloud:name, vaults:suffixes.keyvaultDns}").line(),
        expect: format!("`.{}`, which is not the suffix of `{host}`", own.key_vault_suffix),
    });
    finding
}
