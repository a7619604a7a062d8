//! Explains `identity.wrong-tenant`.

use serde_json::Value;

use crate::base::ObjectId;
use crate::check::context::Context;
use crate::check::remedy::{self, Change};
use crate::check::words::object;
use crate::finding::snippet::{bicep, hcl};
use crate::finding::{Command, Confirmation, Edit, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, vault: &ObjectId, identity: &ObjectId) -> Finding {
    let name = ctx.vault_name();
    let message = format!("vault `{name}` trusts tenant `{vault}`; the identity is in tenant `{identity}`");
    let mut finding = ctx.finding(&ctx.vault_or_instance(), message);
    if let Some(found) = ctx.vault() {
        let update = || Command::new("az keyvault update").named(&found.id);
        // Azure rejects the change while there are entries for principals of the old tenant, so remove them first.
        let policies = found.properties.enable_rbac_authorization != Some(true);
        let empty = policies.then(|| {
            let nothing = Edit::set(&found.id, "/properties/accessPolicies", Value::Array(Vec::new()));
            Change::of(update().and("--remove properties.accessPolicies"), [nothing])
        });
        let trust = Change::of(
            update().option("--set", format!("properties.tenantId={identity}")),
            [Edit::set(&found.id, "/properties/tenantId", identity.as_str())],
        )
        .bicep_in("Microsoft.KeyVault/vaults", format!("tenantId: {}", bicep(identity.as_str())))
        .terraform_in("azurerm_key_vault", format!("tenant_id = {}", hcl(identity.as_str())));
        let principal = ctx.diagnosis.principal.as_ref().and_then(|p| p.principal_id.as_ref());
        let grant = principal.filter(|_| policies).map(|id| {
            let kind = ctx.case.path.object_kind(ctx.diagnosis.reference.as_ref());
            let entry = remedy::policy_entry(Some(identity), id, kind, ctx.case.path.permission());
            Change::of(
                remedy::set_policy(&found.id, id, kind, &[ctx.case.path.permission()]),
                [Edit::append(&found.id, "/properties/accessPolicies", entry)],
            )
        });
        let title = format!(
            "if the subscription of vault `{name}` has moved to tenant `{identity}`, make the vault trust that \
             tenant; callers of the old tenant lose access"
        );
        finding.fixes.push(Change::default().and(empty).and(Some(trust)).and(grant).fix(title, Safety::Review));
    }
    finding.fixes.push(remedy::by_hand(
        format!("store `{}` in a vault of tenant `{identity}`, and refer to that vault", object(ctx)),
        [Command::new("az keyvault list").query("[].{name:name, id:id}").and("--output table")],
    ));
    finding.confirm = Some(Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: Command::new("az keyvault show")
            .named(&ctx.vault_or_instance())
            .and("--query properties.tenantId --output tsv")
            .line(),
        expect: format!("`{vault}`, while the identity's tenant is `{identity}`"),
    });
    finding
}
