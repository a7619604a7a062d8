//! The machine of a protected item: whether it is there, its agent, and the extension that takes snapshots.

use super::found::{Protection, named};
use crate::base::ResourceId;
use crate::eval::recovery;
use crate::model::compute::{Extension, InstanceStatus, InstanceView, Machine};
use crate::model::recovery::ProtectedItem;
use crate::model::{ClosedBy, Fact, Gap, Get, Resource};
use crate::path::Case;
use crate::path::reason::Reason;

const EXTENSIONS: &str = "microsoft.compute/virtualmachines/extensions";

/// Looks at the machine of an item that is to be backed up.
pub(super) fn machine(case: &Case<'_>, item: &Resource<ProtectedItem>, found: &mut Protection) {
    let Some(id) =
        recovery::machine_of(item).filter(|_| item.properties.is_scheduled_for_deferred_delete != Some(true))
    else {
        return;
    };
    let fact = case.estate.get::<Machine>(id);
    found.depends_on.push(id.clone());
    if is_absent(&fact) {
        return found.fail(Reason::SourceMissing { item: named(item), machine: id.clone(), by_job: false });
    }
    let machine = match fact {
        Fact::Known(machine) => machine,
        Fact::Unknown(gap) => return found.open.push(gap),
        Fact::Absent(_) => return,
    };
    if recovery::is_given_up(item) {
        return;
    }
    blocked(machine, found);
    agent(machine, found);
    extension(case, id, found);
}

/// Whether the machine admits extensions.
fn blocked(machine: &Resource<Machine>, found: &mut Protection) {
    let os = &machine.properties.os_profile;
    let has_agent = |configuration: &Option<crate::model::compute::AgentConfiguration>| {
        configuration.as_ref().is_none_or(|own| own.provision_vm_agent != Some(false))
    };
    let block =
        match (os.allow_extension_operations, has_agent(&os.windows_configuration), has_agent(&os.linux_configuration))
        {
            (Some(false), ..) => Some(("allowExtensionOperations", "/properties/osProfile/allowExtensionOperations")),
            (_, false, _) => Some(("provisionVMAgent", "/properties/osProfile/windowsConfiguration/provisionVMAgent")),
            (.., false) => Some(("provisionVMAgent", "/properties/osProfile/linuxConfiguration/provisionVMAgent")),
            _ => None,
        };
    if let Some((property, at)) = block {
        found.fail(Reason::ExtensionBlocked { machine: machine.id.clone(), property, at });
    }
}

/// The agent of a running machine reports that it is ready.
/// Source: <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-azure-guest-agent> (read
/// 2026-11-21).
fn agent(machine: &Resource<Machine>, found: &mut Protection) {
    let id = &machine.id;
    let Some(view) = &machine.properties.instance_view else {
        let get = Get::resource(id).with("$expand=instanceView");
        return found.open.push(Gap::not_collected(format!("the instance view of `{}`", id.name()), get));
    };
    if !machine.properties.has_state("PowerState/running") {
        let what = format!("whether the agent of `{}` reports: the machine is not running", id.name());
        let gap = Gap::outside_azure(what, ClosedBy::Nothing).advise("start the machine, then collect again");
        return found.open.push(gap);
    }
    if let Some((why, at)) = not_ready(view) {
        found.fail(Reason::AgentNotReady { machine: id.clone(), why, at });
    }
}

/// What the agent of a running machine says instead of being ready.
fn not_ready(view: &InstanceView) -> Option<(String, &'static str)> {
    let Some(agent) = &view.vm_agent else {
        return Some(("the machine is running and has no agent".to_owned(), "/properties/instanceView"));
    };
    let is = |own: &Option<String>, wanted: &str| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(wanted));
    let is_bad = |status: &&InstanceStatus| {
        is(&status.display_status, "Not Ready") || is(&status.code, "ProvisioningState/Unavailable")
    };
    let bad = agent.statuses.iter().find(is_bad)?;
    let message = bad.message.as_deref().filter(|message| !message.is_empty());
    let says = message.map(|message| format!(": {}", message.trim_end_matches('.'))).unwrap_or_default();
    Some((format!("the agent is `Not Ready`{says}"), "/properties/instanceView/vmAgent/statuses"))
}

/// The extension that takes snapshots. Before the first backup it need not be there; a monitoring agent is another thing.
fn extension(case: &Case<'_>, machine: &ResourceId, found: &mut Protection) {
    let all = case.estate.list::<Extension>(machine, EXTENSIONS);
    for extension in all.items.iter().filter(|extension| extension.properties.takes_snapshots()) {
        found.depends_on.push(extension.id.clone());
        let state = extension.properties.provisioning_state.clone().unwrap_or_default();
        if ["Failed", "Deleting"].iter().any(|bad| state.eq_ignore_ascii_case(bad)) {
            let (machine, extension) = (machine.clone(), extension.id.clone());
            found.fail(Reason::ExtensionFailed { machine, extension, state });
        }
    }
    found.open.extend(all.not_seen);
}

/// Whether a fact is that something is not there.
fn is_absent<T>(fact: &Fact<T>) -> bool {
    matches!(fact, Fact::Absent(_))
}
