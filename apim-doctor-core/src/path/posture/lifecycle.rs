//! Rules that delete backups before the next one is made, or that move them where they cannot be read.
//!
//! Source: <https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-overview> (read 2026-11-29).

use super::found::Posture;
use crate::base::{ResourceId, Verdict};
use crate::eval::setting::{NOT_COLLECTED, Setting, Standing};
use crate::finding::Evidence;
use crate::model::Fact;
use crate::model::storage::{Lifecycle, LifecycleRule};
use crate::path::reason::Reason;
use crate::path::{BackupCall, Case};

const DELETION: &str = "deletion of old backups";

/// Looks at the rules of the storage account.
pub(super) fn lifecycle(
    case: &Case<'_>,
    call: &BackupCall,
    account: &ResourceId,
    interval: Option<i64>,
    posture: &mut Posture,
) {
    let id = account.child("managementPolicies", "default");
    let mut row = |value: String, standing: Standing, says: String| {
        posture.rows.push(Setting::new(
            DELETION,
            value,
            standing,
            Evidence::new(says, &id, "/properties/policy/rules"),
        ));
    };
    // After 30 days a backup cannot be restored, and is still paid for.
    let kept = || "nothing deletes them after the 30 days in which they can be restored".to_owned();
    let lifecycle = match case.estate.get::<Lifecycle>(&id) {
        Fact::Known(lifecycle) => lifecycle,
        // Without a request nothing was asked, and 404 means that there are no rules.
        Fact::Unknown(gap) => {
            row(NOT_COLLECTED.to_owned(), Standing::Unknown, "the lifecycle rules were not collected".to_owned());
            if case.estate.refusals.contains_key(&id) {
                posture.open.push(gap);
            }
            return;
        }
        Fact::Absent(_) => return row(kept(), Standing::Weak, "the account has no lifecycle rules".to_owned()),
    };
    let rules = &lifecycle.properties.policy.rules;
    let named = |rule: &LifecycleRule| rule.name.clone().unwrap_or_default();
    let covering: Vec<&LifecycleRule> = rules.iter().filter(|rule| covers(rule, call)).collect();
    let archiving = covering.iter().find(|rule| rule.definition.actions.base_blob.tier_to_archive.is_some());
    let deleting = covering.iter().filter_map(|rule| Some((named(rule), days(rule)?)));
    let first = deleting.min_by(|(_, one), (_, other)| one.total_cmp(other));
    let is_early = |days: f64| interval.is_some_and(|hours| is_shorter(days, hours));
    match (archiving, &first) {
        (Some(rule), _) => {
            let name = named(rule);
            let value = format!("rule `{name}` moves them to the archive tier, where a restore cannot read them");
            row(value, Standing::Weak, format!("rule `{name}` has `tierToArchive`"));
        }
        (None, Some((name, days))) => {
            let standing = match (is_early(*days), interval) {
                (true, _) => Standing::Weak,
                (false, Some(_)) => Standing::Guards,
                (false, None) => Standing::Plain,
            };
            row(format!("rule `{name}` after {days} days"), standing, format!("rule `{name}` deletes the blobs"));
        }
        (None, None) if rules.iter().any(|rule| may_delete(rule, call)) => {
            let value = "a rule may delete them: it depends on tags or on the blobs' names";
            row(value.to_owned(), Standing::Unknown, "a rule is for some of the account's blobs".to_owned());
        }
        (None, None) => row(kept(), Standing::Weak, "no lifecycle rule is for the backups".to_owned()),
    }
    for rule in covering {
        let name = named(rule);
        if rule.definition.actions.base_blob.tier_to_archive.is_some() {
            let reason = Reason::BackupArchived { lifecycle: id.clone(), rule: name.clone() };
            posture.note(Verdict::Unknown, reason);
        }
        if let (Some(days), Some(hours)) = (days(rule), interval.filter(|_| days(rule).is_some_and(is_early))) {
            let reason =
                Reason::BackupRetentionTooShort { lifecycle: id.clone(), rule: name, days, interval_hours: hours };
            posture.note(Verdict::Unknown, reason);
        }
    }
}

/// After how many days a rule deletes a blob.
fn days(rule: &LifecycleRule) -> Option<f64> {
    let delete = rule.definition.actions.base_blob.delete.as_ref()?;
    delete.days_after_creation_greater_than.or(delete.days_after_modification_greater_than)
}

/// Whether backups are deleted before the next one is made.
fn is_shorter(days: f64, interval_hours: i64) -> bool {
    days * 24.0 < f64::from(i32::try_from(interval_hours).unwrap_or(i32::MAX))
}

/// Whether a rule is on and certainly for the blobs of a backup.
fn covers(rule: &LifecycleRule, call: &BackupCall) -> bool {
    let Some(filters) = &rule.definition.filters else { return rule.enabled != Some(false) };
    let blob = format!("{}/{}", call.container, call.blob);
    let starts = filters.prefix_match.is_empty() || filters.prefix_match.iter().any(|start| blob.starts_with(start));
    rule.enabled != Some(false) && is_for_blocks(&filters.blob_types) && starts && filters.blob_index_match.is_empty()
}

/// Whether a rule is on and may delete some of the backups.
fn may_delete(rule: &LifecycleRule, call: &BackupCall) -> bool {
    if rule.enabled == Some(false) || rule.definition.actions.base_blob.delete.is_none() {
        return false;
    }
    let Some(filters) = &rule.definition.filters else { return true };
    let folder = format!("{}/", call.container);
    let meets = |start: &String| start.starts_with(&folder) || folder.starts_with(start.as_str());
    let prefixes = &filters.prefix_match;
    is_for_blocks(&filters.blob_types) && (prefixes.is_empty() || prefixes.iter().any(meets))
}

/// A backup is a block blob.
fn is_for_blocks(kinds: &[String]) -> bool {
    kinds.is_empty() || kinds.iter().any(|kind| kind.eq_ignore_ascii_case("blockBlob"))
}
