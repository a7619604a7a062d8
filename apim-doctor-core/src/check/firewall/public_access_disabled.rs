//! Explains `firewall.public-access-disabled`.

use crate::check::context::Context;
use crate::check::remedy::{self, BACKUP};
use crate::finding::{Command, Confirmation, Edit, Evidence, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>) -> Finding {
    let (vault, noun) = (ctx.vault_name(), ctx.noun());
    let message = format!("public access to {noun} `{vault}` is disabled, and the call uses its public endpoint");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    finding.fixes = ctx.remedies().open_firewall(ctx);
    finding.confirm = Some(remedy::audit_log(ctx, "`Forbidden` from a public address"));
    finding
}

/// Builds the finding for a Recovery Services vault that servers or databases cannot reach.
pub(crate) fn explain_recovery_vault(ctx: &Context<'_, '_>, needs: &str) -> Finding {
    let vault = remedy::recovery_vault(ctx);
    let name = vault.name();
    let message = format!(
        "public access to `{name}` is disabled and it has no private endpoint for `AzureBackup`, so nothing reaches the vault \
         from {needs}"
    );
    let at = "/properties/publicNetworkAccess";
    let mut finding = ctx.beside(vault, message, Evidence::new("publicNetworkAccess is `Disabled`", vault, at));
    let create = Command::new(
        "az network private-endpoint create --name ENDPOINT --connection-name ENDPOINT --subnet SUBNET_ID",
    )
    .in_group(vault)
    .option("--private-connection-resource-id", vault)
    .and("--group-id AzureBackup");
    let open = Command::new("az backup vault update").named(vault).and("--public-network-access Enable");
    finding.fixes = vec![
        remedy::by_hand("create a private endpoint for `AzureBackup` in the network of the servers", [create]),
        remedy::Change::of(open, [Edit::set(vault, at, "Enabled")])
            .bicep_in("Microsoft.RecoveryServices/vaults", "publicNetworkAccess: 'Enabled'")
            .terraform_in("azurerm_recovery_services_vault", "public_network_access_enabled = true")
            .fix(format!("enable public access to `{name}`"), Safety::Review),
    ];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with role Reader on the vault".to_owned(),
        command: Command::rest("get", vault.as_str(), BACKUP).and("--query properties.publicNetworkAccess").line(),
        expect: "`Disabled`".to_owned(),
    });
    finding
}
