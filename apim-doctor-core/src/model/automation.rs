//! Automation accounts: what starts a runbook, and how its jobs ended.
//!
//! Source: <https://learn.microsoft.com/rest/api/automation/job/list-by-automation-account> (read 2026-11-29).

use serde::Deserialize;

use crate::model::or_default;

/// `properties` of an Automation account. Only its identity matters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AutomationAccount {}

/// `properties` of a schedule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Schedule {
    /// Whether it is on.
    pub is_enabled: Option<bool>,
    /// When it ends.
    pub expiry_time: Option<String>,
    /// `OneTime`, `Minute`, `Hour`, `Day`, `Week` or `Month`.
    pub frequency: Option<String>,
    /// How many of those lie between two starts.
    pub interval: Option<f64>,
}

/// `properties` of a link between a runbook and a schedule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JobSchedule {
    /// The runbook.
    #[serde(deserialize_with = "or_default")]
    pub runbook: Named,
    /// The schedule.
    #[serde(deserialize_with = "or_default")]
    pub schedule: Named,
}

/// Something that is named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    /// Its name.
    pub name: Option<String>,
}

/// `properties` of a job.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Job {
    /// The runbook that it ran.
    #[serde(deserialize_with = "or_default")]
    pub runbook: Named,
    /// `Completed`, `Failed`, `Suspended`, …
    pub status: Option<String>,
    /// When it was made.
    pub creation_time: Option<String>,
    /// Why it ended, where its own answer says it.
    pub exception: Option<String>,
}

/// `properties` of a record that a job wrote.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct JobStream {
    /// `Output`, `Warning`, `Error`, …
    pub stream_type: Option<String>,
    /// The first line of what was written.
    pub summary: Option<String>,
}
