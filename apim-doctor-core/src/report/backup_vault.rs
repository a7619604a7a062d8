//! How well Recovery Services vaults guard their backups: their settings, their policies as a table, and the newest backups.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::{ObjectId, ResourceId, form};
use crate::eval::rbac::Access;
use crate::eval::recovery;
use crate::eval::setting::{Setting, Standing};
use crate::eval::vault_posture::{self, Promise};
use crate::finding::Evidence;
use crate::model::Estate;
use crate::model::recovery::{BackupPolicy, RecoveryVault};
use crate::path::AccessPath;
use crate::report::permitted::Permitted;

/// A Recovery Services vault: its settings, its policies, and what it protects. None of it changes a verdict.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BackupVault {
    /// The vault.
    pub resource: ResourceId,
    /// How it guards its backups.
    pub posture: Vec<VaultSetting>,
    /// What its policies promise, in the order of their names.
    pub policies: Vec<VaultPolicy>,
    /// What it protects, with the newest backup of each, the oldest first.
    pub items: Vec<VaultItem>,
    /// What the identity that recorded the data may do; absent: the recording does not name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<VaultOperator>,
}

/// What an identity may do with a vault. A restore to another place needs more there.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VaultOperator {
    /// Its object id.
    pub principal: String,
    /// The tasks.
    pub rights: Vec<VaultRight>,
}

/// A task at a vault.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VaultRight {
    /// In words.
    pub task: Cow<'static, str>,
    /// The action.
    pub action: Cow<'static, str>,
    /// Whether it may. A role that is too new is `unknown`.
    pub answer: Permitted,
}

/// A setting of a vault, or something else that guards backups.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VaultSetting {
    /// The name: `soft delete`, `immutability`, `multi-user authorization`, `redundancy`, …
    pub name: Cow<'static, str>,
    /// Its value, in words.
    pub value: String,
    /// How it is to be taken.
    pub standing: VaultStanding,
    /// Where that stands.
    pub at: Evidence,
}

/// How a setting is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VaultStanding {
    /// It guards the backups.
    Guards,
    /// It could guard them and does not.
    Weak,
    /// A fact without a better or worse.
    Plain,
    /// Not known.
    Unknown,
}

/// What a backup policy promises.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VaultPolicy {
    /// The policy.
    pub resource: ResourceId,
    /// What it backs up, in words.
    pub backs_up: Cow<'static, str>,
    /// How many items have it; `null`: not known.
    pub items: Option<u64>,
    /// When backups start, in words; `null`: not known.
    pub schedule: Option<String>,
    /// The hours between two backups, at most: the largest gap between two times of the schedule.
    pub gap_hours: Option<i64>,
    /// How long the backups of each day are kept; `null`: the policy lacks the tier.
    pub daily: Option<String>,
    /// How long one of each week is kept.
    pub weekly: Option<String>,
    /// How long one of each month is kept.
    pub monthly: Option<String>,
    /// How long one of each year is kept.
    pub yearly: Option<String>,
    /// The targets that it misses, by convention: 7 days, 4 weeks, 12 months.
    pub misses: Vec<Cow<'static, str>>,
}

/// Something that a vault protects.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VaultItem {
    /// The protected item.
    pub resource: ResourceId,
    /// What people call it.
    pub label: String,
    /// The name of its policy; `null`: it has none.
    pub policy: Option<String>,
    /// When its newest backup was made; `null`: not known, or there is none.
    #[serde(with = "form::time::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub newest: Option<Timestamp>,
    /// How many hours old that is.
    pub age_hours: Option<i64>,
    /// The hours between two backups that its policy promises, at most.
    pub gap_hours: Option<i64>,
}

/// The vaults that a diagnosis is about.
pub(super) fn backup_vaults(estate: &Estate, paths: &[AccessPath], as_of: Timestamp) -> Vec<BackupVault> {
    let about = paths.iter().filter(|path| path.is_about_resource()).map(|path| &path.resource);
    let mut ids: Vec<&ResourceId> = about.collect();
    ids.dedup();
    ids.into_iter().filter_map(|id| vault(estate, id, as_of)).collect()
}

fn vault(estate: &Estate, id: &ResourceId, as_of: Timestamp) -> Option<BackupVault> {
    let own = estate.get::<RecoveryVault>(id).known()?;
    let posture = vault_posture::settings(estate, own).into_iter().map(VaultSetting::of).collect();
    let policies = vault_posture::promises(estate, id).into_iter().map(policy).collect();
    let jobs = recovery::jobs(estate, id);
    let items = recovery::items(estate, id).items.into_iter().filter(|item| !recovery::is_given_up(item));
    let mut items: Vec<VaultItem> = items
        .map(|item| {
            let policy = item.properties.policy_id.as_ref().filter(|id| !id.as_str().is_empty());
            let known = policy.and_then(|id| estate.get::<BackupPolicy>(id).known());
            let newest = recovery::newest_backup(item, &jobs.items);
            VaultItem {
                resource: item.id.clone(),
                label: recovery::label_of(item).to_owned(),
                policy: policy.map(|id| id.name().to_owned()),
                newest,
                age_hours: newest.map(|at| as_of.duration_since(at).as_hours()),
                gap_hours: known.and_then(|policy| recovery::largest_gap(policy.properties.rules().0?)),
            }
        })
        .collect();
    items.sort_by(|one, other| (one.newest, &one.label).cmp(&(other.newest, &other.label)));
    let signed_in = estate.signed_in.as_ref().and_then(|own| own.object_id.as_deref());
    let operator = signed_in.map(|id| operator(estate, &own.id, &ObjectId::new(id), as_of));
    Some(BackupVault { resource: own.id.clone(), posture, policies, items, operator })
}

fn operator(estate: &Estate, vault: &ResourceId, principal: &ObjectId, as_of: Timestamp) -> VaultOperator {
    let rights = vault_posture::rights(estate, vault, principal, as_of).into_iter().map(|(task, access)| VaultRight {
        task: task.words.into(),
        action: task.action.into(),
        answer: match access {
            Access::Allowed(_) => Permitted::Allowed,
            Access::DeniedBy { .. } | Access::NotGranted(_) => Permitted::Denied,
            Access::TooYoung { .. } | Access::Unknown { .. } => Permitted::Unknown,
        },
    });
    VaultOperator { principal: principal.to_string(), rights: rights.collect() }
}

impl VaultSetting {
    /// A setting as reports write it.
    pub(super) fn of(setting: Setting) -> Self {
        let Setting { name, value, standing, at } = setting;
        let standing = match standing {
            Standing::Guards => VaultStanding::Guards,
            Standing::Weak => VaultStanding::Weak,
            Standing::Plain => VaultStanding::Plain,
            Standing::Unknown => VaultStanding::Unknown,
        };
        Self { name: name.into(), value, standing, at }
    }
}

fn policy(promise: Promise<'_>) -> VaultPolicy {
    let Promise { policy, backs_up, items, schedule, gap_hours, keeps, misses } = promise;
    let [daily, weekly, monthly, yearly] = keeps;
    let misses = misses.into_iter().map(Cow::from).collect();
    let (resource, backs_up) = (policy.id.clone(), backs_up.into());
    VaultPolicy { resource, backs_up, items, schedule, gap_hours, daily, weekly, monthly, yearly, misses }
}
