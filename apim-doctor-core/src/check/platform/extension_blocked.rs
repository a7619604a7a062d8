//! Explains `platform.extension-blocked`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Edit, Evidence, Finding, Safety};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(
    ctx: &Context<'_, '_>,
    machine: &ResourceId,
    property: &'static str,
    at: &'static str,
) -> Finding {
    let message = format!(
        "virtual machine `{}` allows no extension (`{property}` is false), and backups need one",
        machine.name()
    );
    let mut finding = ctx.beside(machine, message, Evidence::new(format!("{property} is false"), machine, at));
    let allow = Command::new("az resource update")
        .option("--ids", machine)
        .and("--set properties.osProfile.allowExtensionOperations=true");
    let title = "allow extension operations on the machine, and install the agent in it";
    finding.fixes = vec![match property {
        "allowExtensionOperations" => remedy::Change::of(allow, [Edit::set(machine, at, true)])
            .bicep_in("Microsoft.Compute/virtualMachines", "osProfile: { allowExtensionOperations: true }")
            .fix("allow extension operations on the machine", Safety::Review),
        _ => remedy::by_hand(title, [allow]),
    }];
    finding.confirm = Some(remedy::shows_machine(machine, "properties.osProfile", "`false`"));
    finding
}
