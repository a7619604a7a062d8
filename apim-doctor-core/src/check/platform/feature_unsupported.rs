//! Explains `platform.feature-unsupported`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Evidence, Finding};
use crate::knowledge::caller_kind::ConsumerKind;
use crate::path::reason::Item;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, feature: &str) -> Finding {
    let message = format!("{feature} are documented as not supported");
    let declared = ctx.declared_in();
    let mut finding = ctx.finding(&declared, message);
    let declared_at = ctx.case.path.declared_at.clone();
    finding.evidence.push(Evidence::at("the reference is declared in a workspace", declared_at));
    finding.fixes.push(remedy::by_hand(
        "move the reference from the workspace to the instance itself",
        [remedy::refer(
            &ctx.case.path.resource,
            ctx.case.path.consumer == ConsumerKind::Certificate,
            declared.name(),
            &ctx.case.path.reference,
            ctx.case.path.client_id(),
        )],
    ));
    finding
}

/// Builds the finding for a backup or a restore of an instance that has none.
pub(crate) fn explain_backup(ctx: &Context<'_, '_>, tier: Option<&str>) -> Finding {
    let name = ctx.case.path.resource.name();
    let message = match tier {
        Some(tier) => format!("backup and restore are not supported in tier `{tier}` of instance `{name}`"),
        None => format!("backup and restore are not supported for instance `{name}`, because it has workspaces"),
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let title = "keep the configuration in source control instead and deploy it again from there (APIOps, Bicep or \
                 Terraform); the command exports it";
    let export = Command::new("az rest --method get")
        .option("--uri", format!("{}/apis?api-version={}", ctx.case.path.resource, remedy::APIM));
    finding.fixes.push(remedy::by_hand(title, [export]));
    finding
}

/// Builds the finding for Azure Backup of a storage account in a network security perimeter.
pub(crate) fn explain_perimeter(
    ctx: &Context<'_, '_>,
    item: &Item,
    account: &ResourceId,
    association: &ResourceId,
) -> Finding {
    let name = account.name();
    let message = format!(
        "Azure Backup does not support storage accounts in a network security perimeter, and `{name}` of `{}` is in one",
        item.label
    );
    let says = format!("perimeter association `{}` contains the storage account", association.name());
    let mut finding =
        ctx.beside(&item.id, message, Evidence::new(says, association, "/properties/privateLinkResource"));
    let title = format!("remove `{name}` from the perimeter and protect it with its own firewall");
    let remove = Command::rest("delete", association.as_str(), "2024-07-01");
    finding.fixes.push(remedy::by_hand(title, [remove]));
    finding
}
