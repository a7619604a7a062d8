//! Explains `latent.backup-retention-too-short`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy::{self, BACKUP};
use crate::finding::{Command, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    lifecycle: &ResourceId,
    rule: &str,
    days: f64,
    interval_hours: i64,
) -> Finding {
    let message = format!(
        "lifecycle rule `{rule}` deletes backups after {days} days, but the next one is made only after {interval_hours} \
         hours"
    );
    let at =
        Evidence::new(format!("rule `{rule}` is on and covers the container"), lifecycle, "/properties/policy/rules");
    let account = ctx.vault_or_instance();
    let mut finding = ctx.beside(&account, message, at);
    let show = Command::new("az storage account management-policy show").named_as("--account-name", &account);
    let title = "keep backups for 30 to 35 days: a backup can be restored for 30 days";
    finding.fixes = vec![remedy::by_hand(title, [show])];
    finding
}

/// Builds the finding for a policy of a Recovery Services vault.
pub(crate) fn explain_policy(ctx: &Context<'_, '_>, policy: &ResourceId, misses: &str, keeps: &str) -> Finding {
    let message = format!("policy `{}` does not keep one backup of {misses}", policy.name());
    let at = Evidence::new(format!("tiers: {keeps}"), policy, "/properties/retentionPolicy");
    let mut finding = ctx.beside(policy, message, at);
    let show = Command::rest("get", policy.as_str(), BACKUP).and("--query properties.retentionPolicy");
    let title = "add the tier or keep its backups for longer, unless your rules ask for less";
    finding.fixes = vec![remedy::by_hand(title, [show])];
    finding
}
