//! The storage of apps: the host's own, the content share, the package of a Flex Consumption plan.
//!
//! Sources: <https://learn.microsoft.com/azure/azure-functions/functions-reference>,
//! <https://learn.microsoft.com/azure/azure-functions/functions-app-settings> and
//! <https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan> (read 2026-11-21).

use crate::base::{ObjectId, ResourceId, is_guid};
use crate::consumer::app::{App, Traffic};
use crate::consumer::{Consumer, Declared};
use crate::finding::Locator;
use crate::knowledge::subservice::Subservice;
use crate::model::app_service::{Config, Site};
use crate::model::{Estate, Gap, Modelled};
use crate::path::{AccessPath, Credential, Form, Wants};

/// What the host keeps its state in.
const HOST: &str = "AzureWebJobsStorage";
/// What a content share is mounted with.
const CONTENT: &str = "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING";
/// The name of the content share.
const SHARE: &str = "WEBSITE_CONTENTSHARE";

/// The storage of apps and slots.
pub(super) struct FunctionStorage;

impl Consumer for FunctionStorage {
    fn kinds(&self) -> &'static [&'static str] {
        &["function-storage"]
    }

    fn types(&self) -> &'static [&'static str] {
        Site::TYPES
    }

    fn noun(&self) -> &'static str {
        "app"
    }

    fn owners<'e>(&self, estate: &'e Estate) -> Vec<&'e ResourceId> {
        estate.ids::<Site>()
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        // What keeps the app itself from being seen is said once, where its references are.
        let Ok(app) = App::of(estate, owner) else { return };
        package(&app, &mut declared.paths);
        let Some(settings) = app.listed().map(|config| &config.properties) else {
            let is_function =
                app.site.kind.as_deref().is_none_or(|kind| kind.to_ascii_lowercase().contains("function"));
            if estate.is_recording && is_function {
                declared.gaps.push(app.settings_unread("which storage the host and its content use"));
            }
            return;
        };
        host(&app, settings, &mut declared.paths);
        content(&app, settings, &mut declared.paths);
    }
}

/// The account and suffix that a connection string names.
struct Account<'s> {
    name: &'s str,
    suffix: &'s str,
    /// It holds a key, and not a signature.
    by_key: bool,
}

impl<'s> Account<'s> {
    fn of(connection_string: &'s str, suffix: &'s str) -> Option<Self> {
        let part = |name: &str| {
            let mut parts = connection_string.split(';').filter_map(|part| part.split_once('='));
            parts.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        let name = part("AccountName").filter(|name| !name.is_empty())?;
        let suffix = part("EndpointSuffix").filter(|suffix| !suffix.is_empty()).unwrap_or(suffix);
        Some(Self { name, suffix, by_key: part("AccountKey").is_some() })
    }

    fn url(&self, subservice: Subservice) -> String {
        format!("https://{}.{}.{}", self.name, subservice.group_id(), self.suffix)
    }
}

/// The host's own storage: by connection string, which wins where both are given, or by identity.
fn host(app: &App<'_>, settings: &Config, paths: &mut Vec<AccessPath>) {
    let suffix = app.estate.cloud.storage_suffix.as_str();
    if let Some(text) = settings.get(HOST).filter(|text| !text.is_empty()) {
        let Some(account) = Account::of(text, suffix).filter(|account| account.by_key) else { return };
        for subservice in [Subservice::Blob, Subservice::Queue, Subservice::Table] {
            let path = AccessPath {
                credential: Credential::AccountKey,
                ..service(app, HOST, subservice, app.setting_at(HOST))
            };
            paths.push(AccessPath { reference: account.url(subservice), ..path });
        }
        return;
    }
    let named = |end: &str| settings.get(&format!("{HOST}__{end}")).filter(|value| !value.is_empty());
    let (client_id, client_id_at) = match named("clientId") {
        Some(id) => (Some(ObjectId::new(id)), app.setting_at(&format!("{HOST}__clientId"))),
        None => (None, Locator::new(&app.site.id, "/identity")),
    };
    // A resource id in its place is not accepted, and tells what was meant.
    let credential = match named("clientId").filter(|id| !is_guid(id) && id.starts_with('/')) {
        Some(id) => Credential::UserAssigned(ResourceId::new(id)),
        None => Credential::ManagedIdentity,
    };
    for (subservice, uri) in [
        (Subservice::Blob, "blobServiceUri"),
        (Subservice::Queue, "queueServiceUri"),
        (Subservice::Table, "tableServiceUri"),
    ] {
        let by_name = || {
            let account = Account { name: named("accountName")?, suffix, by_key: false };
            Some((account.url(subservice), "accountName"))
        };
        let Some((url, written)) = named(uri).map(|url| (url.to_owned(), uri)).or_else(by_name) else { continue };
        let at = app.setting_at(&format!("{HOST}__{written}"));
        paths.push(AccessPath {
            reference: url,
            credential: credential.clone(),
            client_id: client_id.clone(),
            client_id_at: client_id_at.clone(),
            ..service(app, HOST, subservice, at)
        });
    }
}

/// The content share of a Consumption or Elastic Premium plan.
fn content(app: &App<'_>, settings: &Config, paths: &mut Vec<AccessPath>) {
    let suffix = app.estate.cloud.storage_suffix.as_str();
    // A reference is a path of its own, and hides the account.
    let Some(account) = settings.get(CONTENT).and_then(|text| Account::of(text, suffix)) else { return };
    let share = settings.get(SHARE).unwrap_or_default();
    let url = format!("{}/{share}", account.url(Subservice::File));
    paths.push(AccessPath {
        reference: url.trim_end_matches('/').to_owned(),
        form: Form::Storage,
        wants: Wants::Data,
        credential: Credential::AccountKey,
        ..app.path("function-storage", format!("{CONTENT}/file"), app.setting_at(CONTENT), Traffic::ContentShare)
    });
}

/// The container that holds the package of an app on a Flex Consumption plan.
fn package(app: &App<'_>, paths: &mut Vec<AccessPath>) {
    let Some(config) = &app.site.properties.function_app_config else { return };
    let storage = &config.deployment.storage;
    let Some(url) = storage.value.as_deref().filter(|url| !url.is_empty()) else { return };
    let at =
        |leaf: &str| Locator::new(&app.site.id, format!("/properties/functionAppConfig/deployment/storage/{leaf}"));
    let authentication = &storage.authentication;
    let credential = match authentication.r#type.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
        "storageaccountconnectionstring" => Credential::AccountKey,
        "userassignedidentity" => match &authentication.user_assigned_identity_resource_id {
            Some(id) => Credential::UserAssigned(id.clone()),
            None => return,
        },
        _ => Credential::ManagedIdentity,
    };
    paths.push(AccessPath {
        reference: url.to_owned(),
        credential,
        client_id_at: at("authentication"),
        ..service(app, "deployment", Subservice::Blob, at("value"))
    });
}

/// A path to one service of an account. The host always uses blobs; whether it uses queues and tables depends on the
/// triggers of its functions, which nobody reads.
fn service(app: &App<'_>, setting: &str, subservice: Subservice, declared_at: Locator) -> AccessPath {
    let service = subservice.group_id();
    AccessPath {
        form: Form::Storage,
        wants: Wants::Data,
        doubt: (subservice != Subservice::Blob).then(|| {
            Gap::new(
                format!("whether the functions of `{}` use the {service} service of `{setting}`", app.site.name()),
                "look at their triggers: blob and queue triggers use queues; Durable Functions and diagnostics use tables",
            )
        }),
        ..app.path("function-storage", format!("{setting}/{service}"), declared_at, Traffic::Own)
    }
}
