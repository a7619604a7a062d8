//! `target.wrong-cloud`: the vault is in another cloud.

use crate::check::{Context, declare_check, reference, remedy};
use crate::finding::{Command, Finding, Probe, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// Azure, Azure Government and Azure operated by 21Vianet are separate clouds: each has vaults, identities and
    /// tokens of its own, and the end of a vault's host name says which cloud it is in. A managed identity of one cloud
    /// gets no token that a vault of another one takes, so this cannot work, whatever is granted.
    ///
    /// ## What you will see
    ///
    /// Often a template was taken over from another cloud and the host name with it. The vault, if it exists, answers
    /// 401 (`AKV10022` or `AKV10032`: wrong audience or issuer).
    ///
    /// ## When this check stays quiet
    ///
    /// The recording does not say which cloud it is from; the public one is then assumed. A custom cloud's own endings
    /// are taken from the recording.
    pub(crate) static CHECK = {
        code: "target.wrong-cloud",
        summary: "the vault is in another cloud",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
            "https://learn.microsoft.com/azure/key-vault/general/authentication",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, host: &str, cloud: &str) -> Finding {
    let own = &ctx.case.estate.cloud;
    let caller = ctx.case.path.caller();
    let message = format!("`{host}` is a vault of {cloud}; the {caller} is in {}", own.name);
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    let name = host.split('.').next().unwrap_or_default();
    if let Some((vault, url)) = super::like(ctx, name) {
        let title = format!("refer to vault `{vault}` of {}", own.name);
        finding.fixes.push(ctx.remedies().set_identifier(ctx, &url).fix(title, Safety::Review));
    }
    let object = ctx.diagnosis.reference.as_ref().map(|r| r.name.clone()).unwrap_or_default();
    finding.fixes.push(remedy::by_hand(
        format!("put `{object}` into a vault of {}, and refer to that one", own.name),
        [Command::new("az keyvault create --name VAULT --resource-group GROUP --location REGION"), reference::put(ctx)],
    ));
    finding.confirm = Some(Probe {
        run_from: format!("a shell with the Azure CLI, signed in to the {caller}'s cloud"),
        command: Command::new("az cloud show").query("{cloud:name, vaults:suffixes.keyvaultDns}").line(),
        expect: format!("`.{}`, which is not how `{host}` ends", own.key_vault_suffix),
    });
    finding
}
