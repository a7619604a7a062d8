//! Explains `platform.extension-failed`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, machine: &ResourceId, extension: &ResourceId, state: &str) -> Finding {
    let message = format!("backup extension `{}` of `{}` is `{state}`", extension.name(), machine.name());
    let at = Evidence::new(format!("provisioningState is `{state}`"), extension, "/properties/provisioningState");
    let mut finding = ctx.beside(machine, message, at);
    let delete = Command::new("az vm extension delete").option("--ids", extension);
    let title = "remove the extension, then back up again: Azure Backup installs it at the next backup";
    finding.fixes = vec![remedy::by_hand(title, [delete])];
    finding.confirm = Some(Confirmation {
        run_from: "your own shell, with permission to read the machine".to_owned(),
        command: Command::new("az vm extension show")
            .option("--ids", extension)
            .and("--query provisioningState")
            .line(),
        expect: format!("`{state}`"),
    });
    finding
}
