//! The package of an app: at a URL, or in the container of a Flex Consumption plan.

use crate::base::{ObjectId, ResourceId, Url, is_guid};
use crate::consumer::Declared;
use crate::consumer::app::path_from;
use crate::consumer::function_storage::connection::{Account, Caller, hidden, is_same_host, service, set};
use crate::eval::app::App;
use crate::eval::app_routing::Traffic;
use crate::finding::Locator;
use crate::knowledge::caller_kind::ConsumerKind;
use crate::knowledge::subservice::Subservice;
use crate::model::Gap;
use crate::model::app_service::{Config, DeploymentStorage};
use crate::model::form::{REDACTED, is_identity, is_switch, signature_end};
use crate::model::setting::{PACKAGE_IDENTITY, PACKAGES};
use crate::path::{AccessPath, Credential, DataAccess, Form, Wants};

/// A package at a URL, which the platform fetches whenever the app starts.
///
/// Sources: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> and
/// <https://learn.microsoft.com/azure/app-service/deploy-run-package> (read 2026-11-29).
pub(super) fn package_at_url(app: &App<'_>, settings: &Config, declared: &mut Declared) {
    let first = PACKAGES.iter().find_map(|name| settings.find(name).filter(|(_, value)| !value.trim().is_empty()));
    let Some((name, value)) = first.map(|(name, value)| (name, value.trim())) else { return };
    // `1`: a package on the app's own disk.
    if is_switch(value) {
        return;
    }
    let because = |why: &str, advice: &str| {
        let what = format!("whether `{}` can fetch its package: `{name}` {why}", app.site.name());
        Gap::ambiguous(what).advise(advice)
    };
    if let Some(gap) = hidden(app, name, value) {
        return declared.gaps.push(gap);
    }
    if app.is_flex() == Ok(true) {
        let advice = "remove the setting: `functionAppConfig.deployment.storage` sets the location of the package";
        return declared.gaps.push(because("is not supported on a Flex Consumption plan", advice));
    }
    let (url, query) = value.split_once('?').unwrap_or((value, ""));
    let Some(host) = blob_host(app, url) else {
        return declared.gaps.push(because(
            "is not the HTTPS URL of a blob in a collected storage account of this cloud",
            "open the URL from the app's console; a package in a storage account can be evaluated",
        ));
    };
    let caller = match query.is_empty() {
        true => package_caller(app, settings),
        false => {
            Caller { credential: Credential::Undetermined(signed_until(app, name, query)), at: app.setting_at(name) }
        }
    };
    let container = Url::parse(url).and_then(|url| url.path.split('/').nth(1)).unwrap_or_default();
    let label = name.to_ascii_uppercase();
    let path = path_from(app, ConsumerKind::Storage, format!("{label}/blob"), app.setting_at(name), Traffic::Package);
    declared.paths.push(AccessPath {
        reference: format!("https://{host}/{container}").trim_end_matches('/').to_owned(),
        form: Form::Storage,
        wants: Wants::Data { service: Subservice::Blob, access: DataAccess::Read },
        credential: caller.credential,
        credential_at: caller.at,
        ..path
    });
}

/// The host of a URL, where it is one of a storage account.
fn blob_host(app: &App<'_>, url: &str) -> Option<String> {
    let host = Url::parse(url).filter(Url::is_https)?.authority();
    let is_account = app.estate.cloud.account_of(&host).is_some() || !app.estate.accounts_at(&host).is_empty();
    is_account.then_some(host)
}

/// The rights of a signature are part of the signature, which is not recorded.
fn signed_until(app: &App<'_>, name: &str, query: &str) -> Gap {
    let end = signature_end(query).map(|end| end.replace("%3A", ":"));
    let until = end.map(|end| format!("; it ends at {end}")).unwrap_or_default();
    Gap::not_kept(format!("what the signature in `{name}` of `{}` allows: it was not recorded{until}", app.site.name()))
        .advise(
            "open the URL from the app's console, or remove the signature and assign Storage Blob Data Reader to the \
             app's identity",
        )
}

/// The identity that fetches a package: the system-assigned one, or the one that a setting names by its resource id.
fn package_caller(app: &App<'_>, settings: &Config) -> Caller {
    let at = app.setting_at(PACKAGE_IDENTITY);
    let with = |credential: Credential| Caller { credential, at: at.clone() };
    match set(settings, PACKAGE_IDENTITY).filter(|id| !id.eq_ignore_ascii_case("SystemAssigned")) {
        None => with(Credential::SystemAssigned),
        Some(id) if is_identity(id) => {
            with(Credential::UserAssigned(ResourceId::new(&format!("/{}", id.trim_start_matches('/')))))
        }
        Some(id) if is_guid(id) => with(Credential::ManagedIdentity { client_id: ObjectId::new(id) }),
        Some(_) => {
            let what = format!(
                "which identity fetches the package of `{}`: `{PACKAGE_IDENTITY}` is neither a resource id nor \
                 `SystemAssigned`",
                app.site.name()
            );
            let gap = Gap::ambiguous(what).advise("set it to the identity's resource id");
            with(Credential::Undetermined(gap))
        }
    }
}

/// The container that holds the package of an app on a Flex Consumption plan.
pub(super) fn package(app: &App<'_>, declared: &mut Declared) {
    let Some(config) = &app.site.properties.function_app_config else { return };
    let storage = &config.deployment.storage;
    let at =
        |leaf: &str| Locator::new(&app.site.id, format!("/properties/functionAppConfig/deployment/storage/{leaf}"));
    // What follows a question mark may be a signature.
    let url = storage.value.as_deref().and_then(|url| url.split('?').next()).map(str::trim);
    let Some(url) = url.filter(|url| !url.is_empty() && *url != REDACTED) else {
        let what = format!("which container holds the package of `{}`", app.site.name());
        return declared.gaps.push(Gap::incomplete(what, &app.site.id));
    };
    declared.paths.push(AccessPath {
        reference: url.to_owned(),
        credential: deployed_by(app, storage, url),
        credential_at: at("authentication"),
        wants: Wants::Data { service: Subservice::Blob, access: DataAccess::Read },
        ..service(app, "deployment", Subservice::Blob, at("value"))
    });
}

/// What a package is read with.
fn deployed_by(app: &App<'_>, storage: &DeploymentStorage, url: &str) -> Credential {
    let authentication = &storage.authentication;
    let because = |why: String| {
        let what = format!("which credential reads the package of `{}`: {why}", app.site.name());
        let advice = format!("check `functionAppConfig.deployment.storage.authentication` of `{}`", app.site.id);
        Credential::Undetermined(Gap::ambiguous(what).advise(advice))
    };
    let kind = authentication.r#type.as_deref().unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "systemassignedidentity" => return Credential::SystemAssigned,
        "userassignedidentity" => {
            return match &authentication.user_assigned_identity_resource_id {
                Some(id) => Credential::UserAssigned(id.clone()),
                None => because("no user-assigned identity is set".to_owned()),
            };
        }
        "storageaccountconnectionstring" => {}
        "" => return because("`authentication` has no `type`".to_owned()),
        _ => return because(format!("`authentication` type `{kind}` is not documented")),
    }
    let name = authentication.storage_account_connection_string_name.as_deref().unwrap_or_default();
    let Some(settings) = app.listed().map(|config| &config.properties) else {
        return Credential::Undetermined(
            app.settings_unread("which storage account the package's connection string uses"),
        );
    };
    let Some(text) = set(settings, name) else { return because(format!("setting `{name}` is not set")) };
    let account = match Account::of(app, name, text) {
        Ok(account) => account,
        Err(gap) => return Credential::Undetermined(gap),
    };
    match account.text.url(Subservice::Blob) {
        Some(own) if is_same_host(&own, url) => account.credential(app),
        _ => because(format!("setting `{name}` does not name the account of `{url}`")),
    }
}
