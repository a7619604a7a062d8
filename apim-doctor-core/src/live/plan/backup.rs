//! Backups of API Management that scripts ask for: the storage account, who may start them, and what starts them.
//!
//! Azure keeps no list of backups, so a live run knows of them only what a script says.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::body::{found, items, quoted, text};
use super::state::Plan;
use crate::base::{ResourceId, time};
use crate::knowledge::caller_kind::CallerKind;
use crate::live::ask::{Ask, Read};

/// How far back the Activity Log goes.
/// Source: <https://learn.microsoft.com/azure/azure-monitor/platform/activity-log> (read 2026-11-30).
const LOG_OF: SignedDuration = SignedDuration::from_hours(90 * 24 - 1);

/// Automation accounts of a subscription that are looked at, at most.
const MOST_ACCOUNTS: usize = 10;

/// Runbooks of an Automation account whose newest job is looked at, at most.
const MOST_RUNBOOKS: usize = 20;

impl Plan {
    fn wants_backups(&self) -> bool {
        !self.wanted.backups.is_empty() && self.wants(CallerKind::Backup) && self.wanted.held.is_none()
    }

    /// Starts with the storage accounts that scripts name.
    pub(super) fn look_at_backups(&mut self) {
        if !self.wants_backups() {
            return;
        }
        for (account, container) in self.wanted.backups.clone() {
            let containers: &mut BTreeSet<String> = self.backups.entry(account.to_ascii_lowercase()).or_default();
            containers.extend(Some(container).filter(|name| !name.is_empty()));
            let kind = "type =~ 'microsoft.storage/storageaccounts'";
            self.find(Ask::FindAccounts, &format!("{kind} and name =~ '{}'", quoted(&account)));
        }
    }

    /// What decides about a backup of an instance: who may start it, who did, what locks refuse, and what starts the next.
    pub(super) fn backups_of(&mut self, instance: &ResourceId) {
        if !self.wants_backups() {
            return;
        }
        self.get(Ask::Workspaces, &format!("{instance}/workspaces"));
        self.assignments_at(instance.as_str());
        self.locks_of(instance.as_str());
        let Some(subscription) = instance.subscription().map(str::to_owned) else { return };
        let until = self.wanted.taken_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let from = until.checked_sub(LOG_OF).unwrap_or(until).strftime("%Y-%m-%dT%H:%M:%SZ");
        let filter = format!("eventTimestamp ge '{from}' and resourceUri eq '{instance}'");
        let log = "providers/Microsoft.Insights/eventtypes/management/values";
        let version = Ask::ActivityLog.details().version;
        let target = format!("/subscriptions/{subscription}/{log}?api-version={version}&$filter={filter}");
        self.add(Read::at(Ask::ActivityLog, target));
        let kind = "type =~ 'microsoft.automation/automationaccounts'";
        self.find(Ask::FindAutomation, &format!("{kind} and subscriptionId =~ '{}'", quoted(&subscription)));
    }

    fn locks_of(&mut self, scope: &str) {
        self.get(Ask::Locks, &format!("{scope}/providers/Microsoft.Authorization/locks"));
    }

    /// What decides about the backups in a storage account.
    pub(super) fn account_of_backups(&mut self, id: &str) {
        let name = ResourceId::new(id).name().to_ascii_lowercase();
        let Some(containers) = self.backups.get(&name).cloned() else { return };
        self.get(Ask::BlobService, &format!("{id}/blobServices/default"));
        self.get(Ask::Lifecycle, &format!("{id}/managementPolicies/default"));
        self.locks_of(id);
        for container in containers {
            self.get(Ask::Container, &format!("{id}/blobServices/default/containers/{container}"));
        }
    }

    /// What follows from an answer about what starts backups.
    pub(super) fn backup_answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::FindAutomation => {
                for id in found(body).take(MOST_ACCOUNTS).map(str::to_owned).collect::<Vec<_>>() {
                    self.get(Ask::AutomationAccount, &id);
                    self.get(Ask::Schedules, &format!("{id}/schedules"));
                    self.get(Ask::JobSchedules, &format!("{id}/jobSchedules"));
                    self.get(Ask::AutomationJobs, &format!("{id}/jobs"));
                    self.get(Ask::DiagnosticSettings, &format!("{id}/providers/Microsoft.Insights/diagnosticSettings"));
                    self.in_subscription(Ask::MetricAlerts, &id);
                }
            }
            Ask::AutomationJobs => {
                for job in newest(body) {
                    self.get(Ask::AutomationJob, &job);
                    self.get(Ask::JobStreams, &format!("{job}/streams"));
                }
            }
            _ => {}
        }
    }

    /// The containers of backups, each with the host of its Blob service.
    pub(crate) fn containers(&self) -> Vec<(String, String)> {
        let all =
            self.backups.iter().flat_map(|(account, all)| all.iter().map(move |one| (account.clone(), one.clone())));
        all.collect()
    }
}

/// The newest job of each runbook.
fn newest(body: &Value) -> Vec<String> {
    let mut jobs: Vec<(Option<Timestamp>, &str, &str)> = items(body, "/value")
        .filter_map(|job| {
            let at = text(job, "/properties/creationTime").and_then(time);
            Some((at, text(job, "/properties/runbook/name")?, text(job, "/id")?))
        })
        .collect();
    jobs.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut seen = BTreeSet::new();
    jobs.retain(|(_, runbook, _)| seen.insert(runbook.to_ascii_lowercase()));
    jobs.into_iter().take(MOST_RUNBOOKS).map(|(.., id)| id.to_owned()).collect()
}
