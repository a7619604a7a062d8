//! Commands and fixes for what a Recovery Services vault protects.
//!
//! Commands: <https://learn.microsoft.com/cli/azure/backup> (read 2026-11-30).

use crate::base::ResourceId;
use crate::check::context::Context;
use crate::finding::{Command, Confirmation};
use crate::path::reason::Item;

/// The version of Azure Backup's part of Resource Manager that commands call.
pub(in crate::check) const BACKUP: &str = "2025-02-01";

/// The vault that a finding is about.
pub(in crate::check) fn recovery_vault<'c>(ctx: &'c Context<'_, '_>) -> &'c ResourceId {
    &ctx.case.path.resource
}

/// A command about an item: `az backup item show --vault-name V … --container-name C --name I`.
fn of_item(ctx: &Context<'_, '_>, words: &'static str, name: &'static str, item: &Item) -> Command {
    let container = item.id.parent().map(|container| container.name().to_owned()).unwrap_or_default();
    Command::new(words)
        .named_as("--vault-name", recovery_vault(ctx))
        .option("--container-name", container)
        .option(name, item.id.name())
}

/// Starts a backup now.
pub(in crate::check) fn back_up_now(ctx: &Context<'_, '_>, item: &Item) -> Command {
    let start = of_item(ctx, "az backup protection backup-now", "--item-name", item);
    match item.machine {
        Some(_) => start.and("--backup-management-type AzureIaasVM"),
        None => start,
    }
}

/// Stops the protection of an item, and keeps its backups.
pub(in crate::check) fn stop_protection(ctx: &Context<'_, '_>, item: &Item) -> Command {
    of_item(ctx, "az backup protection disable", "--item-name", item)
        .and("--backup-management-type AzureIaasVM --delete-backup-data false --yes")
}

/// Takes up the protection of an item again.
pub(in crate::check) fn resume_protection(ctx: &Context<'_, '_>, item: &Item) -> Command {
    of_item(ctx, "az backup protection resume", "--item-name", item).and("--policy-name POLICY")
}

/// Recovers an item that was deleted.
pub(in crate::check) fn undelete(ctx: &Context<'_, '_>, item: &Item) -> Command {
    of_item(ctx, "az backup protection undelete", "--item-name", item)
        .and("--backup-management-type AzureIaasVM --workload-type VM")
}

/// Applies a policy to an item.
pub(in crate::check) fn set_policy_of(ctx: &Context<'_, '_>, item: &Item, policy: Option<&ResourceId>) -> Command {
    let set = of_item(ctx, "az backup item set-policy", "--name", item);
    match policy {
        Some(policy) => set.option("--policy-name", policy.name()),
        None => set.and("--policy-name POLICY"),
    }
}

/// Includes every disk of an item again.
pub(in crate::check) fn reset_disks(ctx: &Context<'_, '_>, item: &Item) -> Command {
    of_item(ctx, "az backup protection update-for-vm", "--item-name", item)
        .and("--disk-list-setting resetexclusionsettings")
}

/// How to see a property of an item.
pub(in crate::check) fn shows_item(item: &Item, query: &'static str, expect: impl Into<String>) -> Confirmation {
    Confirmation {
        run_from: "your own shell, with role Backup Reader on the vault".to_owned(),
        command: Command::rest("get", item.id.as_str(), BACKUP).query(query).line(),
        expect: expect.into(),
    }
}

/// How to see a property of a machine.
pub(in crate::check) fn shows_machine(
    machine: &ResourceId,
    query: &'static str,
    expect: impl Into<String>,
) -> Confirmation {
    Confirmation {
        run_from: "your own shell, with permission to read the machine".to_owned(),
        command: Command::get(machine.as_str(), "2024-07-01", "$expand=instanceView").query(query).line(),
        expect: expect.into(),
    }
}
