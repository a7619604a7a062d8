//! Explains `platform.agent-not-ready`.

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Evidence, Finding};

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, machine: &ResourceId, why: &str, at: &'static str) -> Finding {
    let message = format!("backups of `{}` need the virtual machine agent: {why}", machine.name());
    let mut finding = ctx.beside(machine, message, Evidence::new(why.to_owned(), machine, at));
    let title = "start, install or update the agent in the machine, and allow it 168.63.129.16 on ports 80 and 32526";
    let show = Command::new("az vm get-instance-view").option("--ids", machine).and("--query instanceView.vmAgent");
    finding.fixes = vec![remedy::by_hand(title, [show])];
    finding.confirm = Some(remedy::shows_machine(machine, "properties.instanceView.vmAgent.statuses", "not `Ready`"));
    finding
}
