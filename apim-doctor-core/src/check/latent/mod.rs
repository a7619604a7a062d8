//! Findings about conditions that work now and fail later.

pub(crate) mod backup_absent;
pub(crate) mod backup_archived;
pub(crate) mod backup_not_scheduled;
pub(crate) mod backup_retention_too_short;
pub(crate) mod backup_too_old;
pub(crate) mod certificate_expires;
pub(crate) mod control_plane_address_in_rules;
pub(crate) mod disks_excluded;
pub(crate) mod dns_change_not_applied;
pub(crate) mod gateway_trust_retires;
pub(crate) mod initial_backup_pending;
pub(crate) mod item_soft_deleted;
pub(crate) mod next_fetch_fails;
pub(crate) mod policy_inconsistent;
pub(crate) mod refresh_failed;
pub(crate) mod soft_delete_off;
pub(crate) mod version_pinned;
