//! Azure Monitor: alerts on metrics, and where the logs of a resource are sent.
//!
//! Sources: <https://learn.microsoft.com/rest/api/monitor/metricalerts/listbysubscription> and
//! <https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/list> (read 2026-12-01).

use serde::Deserialize;

use crate::base::ResourceId;
use crate::model::or_default;

/// `properties` of an alert on metrics.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MetricAlert {
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// What it watches: resources, or what holds them.
    #[serde(deserialize_with = "or_default")]
    pub scopes: Vec<ResourceId>,
    /// When it fires.
    #[serde(deserialize_with = "or_default")]
    pub criteria: AlertCriteria,
}

/// When an alert fires.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AlertCriteria {
    /// All of these have to be met.
    #[serde(deserialize_with = "or_default")]
    pub all_of: Vec<MetricCriterion>,
}

/// A condition on a metric.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MetricCriterion {
    /// `TotalJob`, …
    pub metric_name: Option<String>,
    /// What is counted of the metric.
    #[serde(deserialize_with = "or_default")]
    pub dimensions: Vec<MetricDimension>,
}

/// A part of a metric.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct MetricDimension {
    /// `Runbook`, `Status`, …
    pub name: Option<String>,
    /// `Include` or `Exclude`.
    pub operator: Option<String>,
    /// The values; `*` stands for all.
    #[serde(deserialize_with = "or_default")]
    pub values: Vec<String>,
}

impl MetricDimension {
    /// Whether it counts a value.
    pub(crate) fn counts(&self, value: &str) -> bool {
        let is_named = self.values.iter().any(|own| own == "*" || own.eq_ignore_ascii_case(value));
        match self.operator.as_deref() {
            Some(operator) if operator.eq_ignore_ascii_case("Include") => is_named,
            Some(operator) if operator.eq_ignore_ascii_case("Exclude") => !is_named,
            _ => false,
        }
    }
}

/// `properties` of a diagnostic setting.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DiagnosticSetting {
    /// The Log Analytics workspace that gets the logs.
    pub workspace_id: Option<String>,
    /// The storage account that gets them.
    pub storage_account_id: Option<String>,
    /// The rule of the event hub that gets them.
    pub event_hub_authorization_rule_id: Option<String>,
    /// Which logs.
    #[serde(deserialize_with = "or_default")]
    pub logs: Vec<LogSetting>,
}

/// A kind of logs, or a group of kinds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LogSetting {
    /// `AddonAzureBackupJobs`, `JobLogs`, …
    pub category: Option<String>,
    /// `allLogs` or `audit`.
    pub category_group: Option<String>,
    /// Whether they are sent.
    pub enabled: Option<bool>,
}

impl DiagnosticSetting {
    /// Whether logs of one of these kinds are sent.
    pub(crate) fn sends(&self, categories: &[&str]) -> bool {
        let is_of = |log: &LogSetting| {
            let all = log.category_group.as_deref().is_some_and(|own| own.eq_ignore_ascii_case("allLogs"));
            let named = log.category.as_deref().unwrap_or_default();
            all || categories.iter().any(|own| own.eq_ignore_ascii_case(named))
        };
        self.logs.iter().any(|log| log.enabled == Some(true) && is_of(log))
    }

    /// Who gets the logs, in words.
    pub(crate) fn receiver(&self) -> Option<String> {
        let name = |id: &Option<String>| {
            let id = id.as_deref().filter(|id| !id.is_empty())?;
            Some(ResourceId::new(id).name().to_owned())
        };
        let workspace = name(&self.workspace_id).map(|name| format!("workspace `{name}`"));
        let account = || name(&self.storage_account_id).map(|name| format!("storage account `{name}`"));
        let hub = || name(&self.event_hub_authorization_rule_id).map(|_| "an event hub".to_owned());
        workspace.or_else(account).or_else(hub)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dimension_counts_what_it_includes_or_does_not_exclude() {
        let counts =
            |json: serde_json::Value| serde_json::from_value::<MetricDimension>(json).unwrap().counts("Failed");
        assert!(counts(json!({"name": "Status", "operator": "Include", "values": ["Completed", "failed"]})));
        assert!(counts(json!({"name": "Status", "operator": "Include", "values": ["*"]})));
        assert!(!counts(json!({"name": "Status", "operator": "Include", "values": ["Completed"]})));
        assert!(counts(json!({"name": "Status", "operator": "Exclude", "values": ["Completed"]})));
        assert!(!counts(json!({"name": "Status", "operator": "Exclude", "values": ["Failed"]})));
        assert!(!counts(json!({"name": "Status", "values": ["Failed"]})));
    }

    #[test]
    fn only_logs_that_are_on_are_sent() {
        let setting = |json: serde_json::Value| serde_json::from_value::<DiagnosticSetting>(json).unwrap();
        let sends = |json| setting(json).sends(&["AddonAzureBackupJobs"]);
        assert!(sends(json!({"logs": [{"category": "AddonAzureBackupJobs", "enabled": true}]})));
        assert!(sends(json!({"logs": [{"categoryGroup": "allLogs", "enabled": true}]})));
        assert!(!sends(json!({"logs": [{"category": "AddonAzureBackupJobs", "enabled": false}]})));
        assert!(!sends(json!({"logs": [{"category": "CoreAzureBackup", "enabled": true}]})));
        assert!(!sends(json!({"logs": null})));
        let to = |json| setting(json).receiver();
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/log1";
        assert_eq!(to(json!({ "workspaceId": id })).unwrap(), "workspace `log1`");
        assert_eq!(to(json!({ "workspaceId": "" })), None);
    }
}
