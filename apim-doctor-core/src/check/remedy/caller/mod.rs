//! Fixes and confirmations for each caller kind, one file per kind.

mod api_management;
mod app;
mod app_certificate;
mod application_gateway;
mod backup;
mod policy_document;
mod recovery_vault;
mod remedies;

use crate::check::context::Context;
use crate::knowledge::caller_kind::CallerKind;

pub(in crate::check) use api_management::write_host_names_once;
pub(in crate::check) use backup::{
    back_up_with_identity, correct_client_id, correct_container, correct_script, give_role, list_backups,
    rename_backup, rename_container, repeat_backup, script_place,
};
pub(in crate::check) use policy_document::set_audience;
pub(in crate::check) use recovery_vault::{take_over_key, use_key_in};
pub(in crate::check) use remedies::{Remedies, Selected};

impl Context<'_, '_> {
    /// How this kind of caller is looked at and changed.
    pub(crate) fn remedies(&self) -> &'static dyn Remedies {
        remedies(self.case.path.caller_kind())
    }
}

/// What checks have to know of a kind of caller.
pub(in crate::check) fn remedies(kind: CallerKind) -> &'static dyn Remedies {
    match kind {
        CallerKind::ApiManagement => &api_management::ApiManagement,
        CallerKind::App => &app::App,
        CallerKind::AppCertificate => &app_certificate::AppCertificate,
        CallerKind::ApplicationGateway => &application_gateway::ApplicationGateway,
        CallerKind::Backup => &backup::Backup,
        CallerKind::RecoveryVault => &recovery_vault::RecoveryVault,
    }
}
