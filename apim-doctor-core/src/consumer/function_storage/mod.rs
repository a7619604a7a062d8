//! The storage of apps: the host's own, the content share, the package at a URL or of a Flex Consumption plan.
//!
//! Sources: <https://learn.microsoft.com/azure/azure-functions/functions-reference>,
//! <https://learn.microsoft.com/azure/azure-functions/functions-app-settings> and
//! <https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan> (read 2026-11-21);
//! <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read 2026-11-29).

mod connection;
mod host;
mod package;

use crate::base::ResourceId;
use crate::consumer::app::path_from;
use crate::consumer::{Consumer, Declared};
use crate::eval::app::App;
use crate::eval::app_routing::Traffic;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::subservice::Subservice;
use crate::model::Estate;
use crate::model::app_service::Config;
use crate::model::form::is_share_name;
use crate::model::setting::{CONTENT, CONTENT_SHARE, is_reference};
use crate::path::{AccessPath, DataAccess, Form, Wants};

use connection::{Account, set};
use host::{host, is_function, without_url};
use package::{package, package_at_url};

/// The storage of apps and slots.
pub(super) struct FunctionStorage;

impl Consumer for FunctionStorage {
    fn kinds(&self) -> &'static [ConsumerKind] {
        &[ConsumerKind::Storage]
    }

    fn caller(&self) -> CallerKind {
        CallerKind::App
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        // What keeps the app itself from being seen is said once, where its references are.
        let Ok(app) = App::of(estate, owner) else { return };
        package(&app, declared);
        let Some(settings) = app.listed().map(|config| &config.properties) else {
            if estate.is_recording && is_function(&app).unwrap_or(true) {
                declared
                    .gaps
                    .push(app.settings_unread("which storage accounts the host, the content and the package use"));
            }
            return;
        };
        host(&app, settings, declared);
        content(&app, settings, declared);
        package_at_url(&app, settings, declared);
    }
}

/// The content share of a Consumption or Elastic Premium plan.
fn content(app: &App<'_>, settings: &Config, declared: &mut Declared) {
    // A reference is a path of its own, and hides the account.
    let Some(text) = set(settings, CONTENT).filter(|text| !is_reference(text)) else { return };
    let account = match Account::of(app, CONTENT, text) {
        Ok(account) => account,
        Err(gap) => return declared.gaps.push(gap),
    };
    let Some(url) = account.text.url(Subservice::File) else {
        return without_url(app, CONTENT, &[Subservice::File], declared);
    };
    let share = set(settings, CONTENT_SHARE).filter(|share| is_share_name(share)).unwrap_or_default();
    let at = app.setting_at(CONTENT);
    declared.paths.push(AccessPath {
        reference: format!("{url}/{share}").trim_end_matches('/').to_owned(),
        form: Form::Storage,
        wants: Wants::Data { service: Subservice::File, access: DataAccess::Write },
        credential: account.credential(app),
        credential_at: at.clone(),
        ..path_from(app, ConsumerKind::Storage, format!("{CONTENT}/file"), at, Traffic::ContentShare)
    });
}
