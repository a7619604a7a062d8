//! The storage of apps: the host's own, the content share, the package at a URL or of a Flex Consumption plan.
//!
//! Sources: <https://learn.microsoft.com/azure/azure-functions/functions-reference>,
//! <https://learn.microsoft.com/azure/azure-functions/functions-app-settings> and
//! <https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan> (read 2026-11-21);
//! <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> (read 2026-11-29).

use crate::base::{ObjectId, ResourceId, Url, Verdict, is_guid};
use crate::consumer::app::{App, Traffic};
use crate::consumer::{Consumer, Declared};
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::subservice::Subservice;
use crate::model::app_service::{Config, DeploymentStorage};
use crate::model::connection_string::{ConnectionString, url_of_account};
use crate::model::form::{REDACTED, is_account_name, is_identity, is_share_name, is_switch, signature_end};
use crate::model::setting::{
    CONTENT, CONTENT_SHARE, DEFAULT_CLIENT, HOST_KEYS, HOST_STORAGE, PACKAGE_IDENTITY, PACKAGES, SHORT_HOST_KEYS,
    is_reference,
};
use crate::model::{Estate, Gap};
use crate::path::{AccessPath, Credential, DataAccess, Form, Shadow, Wants};

/// The services that a host uses.
const SERVICES: [Subservice; 3] = [Subservice::Blob, Subservice::Queue, Subservice::Table];

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
                declared.gaps.push(app.settings_unread("which storage the host, its content and its package use"));
            }
            return;
        };
        host(&app, settings, declared);
        content(&app, settings, declared);
        package_at_url(&app, settings, declared);
    }
}

/// Whether the app is a Functions app, where it says what it is.
fn is_function(app: &App<'_>) -> Option<bool> {
    app.site.kind.as_deref().map(|kind| kind.to_ascii_lowercase().contains("function"))
}

/// A setting that is set.
fn set<'s>(settings: &'s Config, name: &str) -> Option<&'s str> {
    settings.get(name).map(str::trim).filter(|value| !value.is_empty())
}

/// What hides a setting's value from this program, where something does.
fn hidden(app: &App<'_>, name: &str, value: &str) -> Option<Gap> {
    let what = format!("what `{name}` of `{}` says", app.site.name());
    if is_reference(value) {
        let gap = Gap::not_kept(format!("{what}: it is a Key Vault reference"));
        return Some(gap.advise(format!("look at the path of reference `{name}` and at its secret")));
    }
    (value == REDACTED).then(|| Gap::not_kept(format!("{what}: its value is not kept")).advise("look at the setting"))
}

/// The connection string of a storage account, and the setting that holds it.
struct Account<'s> {
    setting: &'s str,
    text: ConnectionString<'s>,
}

impl<'s> Account<'s> {
    /// A connection string that names an account.
    fn of(app: &App<'_>, setting: &'s str, text: &'s str) -> Result<Self, Gap> {
        if let Some(gap) = hidden(app, setting, text) {
            return Err(gap);
        }
        let text = ConnectionString(text);
        let because = |why: &str, advice: &str| {
            let what = format!("which storage account `{setting}` of `{}` names: {why}", app.site.name());
            Err(Gap::ambiguous(what).advise(advice))
        };
        if text.is_emulator() {
            return because(
                "it stands for the storage emulator, which is on a developer's machine",
                "name a storage account",
            );
        }
        if text.is_plain_http() {
            return because("it uses plain HTTP, which apim-doctor does not evaluate", "use `https`");
        }
        Ok(Self { setting, text })
    }

    /// A key of the account, or something that cannot be judged: what a signature allows is written in it.
    fn credential(&self, app: &App<'_>) -> Credential {
        if self.text.has_key_alone() {
            return Credential::AccountKey;
        }
        let (setting, app) = (self.setting, app.site.name());
        let what = format!("which credential `{setting}` of `{app}` uses: the connection string has no account key");
        Credential::Undetermined(
            Gap::not_kept(what)
                .advise("look at the setting: a signature expires, and a content share is documented with a key only"),
        )
    }
}

/// Services that a connection names no URL for.
fn without_url(app: &App<'_>, connection: &str, services: &[Subservice], declared: &mut Declared) {
    if services.is_empty() {
        return;
    }
    let names: Vec<&str> = services.iter().map(|service| service.group_id()).collect();
    let what =
        format!("the {} service of `{connection}` of `{}`: no URL is given", names.join(" and "), app.site.name());
    declared.gaps.push(Gap::ambiguous(what).advise(
        "set the URL of each service that is used: the host uses blobs, blob and queue triggers use queues, Durable \
         Functions and diagnostics use tables",
    ));
}

/// Settings that say where the host's storage is.
#[derive(Clone, Copy)]
enum Source<'s> {
    /// A setting whose value counts as a connection string, the empty one too.
    Text(&'s str, &'s str),
    /// Settings below a key: `{key}__accountName` and the like.
    Group(&'static str),
}

impl<'s> Source<'s> {
    /// All that there are of some keys, the one that wins first. Within a key a value comes before what is below it.
    fn of(keys: &[&'static str], settings: &'s Config) -> Vec<Self> {
        let of_key = |key: &&'static str| {
            let text = settings.find(key).map(|(name, value)| Source::Text(name, value));
            let group = settings.has_below(key).then_some(Source::Group(key));
            text.into_iter().chain(group)
        };
        keys.iter().flat_map(of_key).collect()
    }

    /// All that there are. The short names are for anything, so they count only where a host has nothing else.
    fn all(app: &App<'_>, settings: &'s Config) -> Vec<Self> {
        let own = Self::of(&HOST_KEYS, settings);
        match own.is_empty() && is_function(app) == Some(true) {
            true => Self::of(&SHORT_HOST_KEYS, settings),
            false => own,
        }
    }

    fn is_empty(self) -> bool {
        matches!(self, Source::Text(_, value) if value.trim().is_empty())
    }

    /// Its name.
    fn shown(self) -> String {
        match self {
            Source::Text(name, _) => format!("`{name}`"),
            Source::Group(key) => format!("`{key}__…`"),
        }
    }
}

/// The host's own storage: the first source wins, whatever it holds.
///
/// Sources: "If the configured value is both an exact match for a single setting and a prefix match for other settings,
/// the exact match is used", <https://learn.microsoft.com/azure/azure-functions/functions-reference>; for the order of the
/// keys and for empty values the source code of the host (`IsConnectionStringPresent`, Azure/azure-functions-host, and
/// `ClientFactory`, Azure/azure-sdk-for-net; read 2026-11-29).
fn host(app: &App<'_>, settings: &Config, declared: &mut Declared) {
    let all = Source::all(app, settings);
    let Some((winner, rest)) = all.split_first().filter(|_| all.iter().any(|source| !source.is_empty())) else {
        if is_function(app) == Some(true) {
            declared.gaps.push(host_unsaid(app));
        }
        return;
    };
    let hidden: Vec<String> = rest.iter().filter(|source| !source.is_empty()).map(|source| source.shown()).collect();
    let shadow = |verdict: Verdict, why: &'static str| match winner {
        Source::Text(name, _) => {
            Shadow { setting: (*name).to_owned(), at: app.setting_at(name), hidden: hidden.join(" and "), verdict, why }
        }
        Source::Group(key) => Shadow {
            setting: format!("{key}__accountName"),
            at: app.setting_at(&format!("{key}__accountName")),
            hidden: hidden.join(" and "),
            verdict,
            why,
        },
    };
    let meant = rest.iter().find(|source| !source.is_empty());
    let shadow = match (winner, meant) {
        (_, None) => None,
        (Source::Text(_, value), _) if value.trim().is_empty() => Some(match app.is_linux() {
            Ok(true) => shadow(Verdict::Fail, "it is empty, and an empty value counts as a connection string"),
            // There an empty setting may not reach the process.
            _ => shadow(Verdict::Unknown, "it is empty, and an empty value may count as a connection string"),
        }),
        (Source::Text(name, value), _) => Some(match Account::of(app, name, value) {
            Err(_) => shadow(Verdict::Unknown, "its value does not show which account it names"),
            Ok(account) if account.text.is_keyless() => {
                shadow(Verdict::Fail, "it is a connection string without an account key")
            }
            Ok(_) => shadow(Verdict::Pass, "the first setting that exists is used"),
        }),
        (Source::Group(_), _) => Some(shadow(Verdict::Pass, "the first setting that exists is used")),
    };
    let counts = match (&shadow, meant) {
        (Some(shadow), Some(meant)) if shadow.verdict != Verdict::Pass => meant,
        _ => winner,
    };
    let shadow = in_section(app, counts, shadow);
    let first = declared.paths.len();
    match counts {
        Source::Text(name, value) => host_by_text(app, name, value, declared),
        Source::Group(key) => host_by_identity(app, settings, key, declared),
    }
    for path in declared.paths.iter_mut().skip(first) {
        path.shadow = shadow.clone().map(Box::new);
    }
}

/// An entry of the site's connection strings that may hide the settings: it reaches the process as
/// `CUSTOMCONNSTR_AzureWebJobsStorage` or the like. By its source code the host does not read that; no page says so.
/// Sections that were not collected say nothing: a read-only run cannot list them.
fn in_section(app: &App<'_>, counts: &Source<'_>, shadow: Option<Shadow>) -> Option<Shadow> {
    if shadow.as_ref().is_some_and(|shadow| shadow.verdict == Verdict::Fail) {
        return shadow;
    }
    let config = app.site.id.child("config", "connectionstrings");
    let section = app.estate.get::<Config>(&config).known();
    let entry = section.and_then(|section| section.properties.find(HOST_STORAGE));
    let in_section = entry.map(|(name, _)| Shadow {
        setting: name.to_owned(),
        at: Locator::new(&config, format!("/properties/{name}")),
        hidden: counts.shown(),
        verdict: Verdict::Unknown,
        why: "it is an entry of the connection strings, and no page says whether the host reads it",
    });
    in_section.or(shadow)
}

/// The host's storage by connection string.
fn host_by_text(app: &App<'_>, name: &str, text: &str, declared: &mut Declared) {
    let account = match Account::of(app, name, text) {
        Ok(account) => account,
        Err(gap) => return declared.gaps.push(gap),
    };
    let mut unnamed = Vec::new();
    for subservice in SERVICES {
        let Some(reference) = account.text.url(subservice) else {
            unnamed.push(subservice);
            continue;
        };
        let at = app.setting_at(name);
        let path = AccessPath {
            reference,
            credential: account.credential(app),
            credential_at: at.clone(),
            ..service(app, HOST_STORAGE, subservice, at)
        };
        declared.paths.push(path);
    }
    without_url(app, name, &unnamed, declared);
}

fn host_unsaid(app: &App<'_>) -> Gap {
    let what =
        format!("which storage account the host of `{}` uses: `{HOST_STORAGE}` does not say it", app.site.name());
    Gap::ambiguous(what)
        .advise(format!("set `{HOST_STORAGE}`, `{HOST_STORAGE}__accountName` or a URL for each service"))
}

/// The host's storage by the settings that say which account and which identity.
fn host_by_identity(app: &App<'_>, settings: &Config, key: &'static str, declared: &mut Declared) {
    let full = |end: &str| format!("{key}__{end}");
    let mut gaps = Vec::new();
    let mut value = |end: &str| -> Option<Option<&str>> {
        let (name, value) = (full(end), set(settings, &full(end))?);
        let gap = hidden(app, &name, value);
        let is_hidden = gap.is_some();
        gaps.extend(gap);
        Some((!is_hidden).then_some(value))
    };
    let name = value("accountName");
    let uris = SERVICES.map(|subservice| {
        let end = match subservice {
            Subservice::Queue => "queueServiceUri",
            Subservice::Table => "tableServiceUri",
            _ => "blobServiceUri",
        };
        (subservice, end, value(end))
    });
    let single = value("serviceUri");
    declared.gaps.extend(gaps);
    if name.is_none() && uris.iter().all(|(.., uri)| uri.is_none()) {
        if is_function(app) == Some(true) || single.is_some() {
            declared.gaps.push(host_unsaid(app));
        }
        return;
    }
    let caller = caller(app, settings, key);
    let mut unnamed = Vec::new();
    for (subservice, end, uri) in uris {
        let by_name = name.map(|name| {
            let name = name.filter(|name| is_account_name(name))?;
            Some(url_of_account(name, subservice))
        });
        let (reference, end) = match (uri, by_name) {
            // A gap says it already.
            (Some(None), _) | (None, Some(None)) => continue,
            (Some(Some(uri)), Some(Some(other))) if !is_same_host(uri, &other) => {
                let what = format!("whether `{}` or `{}` counts: they differ", full(end), full("accountName"));
                declared.gaps.push(Gap::ambiguous(what).advise("keep one of them"));
                continue;
            }
            (Some(Some(uri)), _) => (uri.to_owned(), end),
            (None, Some(Some(url))) => (url, "accountName"),
            (None, None) => {
                unnamed.push(subservice);
                continue;
            }
        };
        declared.paths.push(AccessPath {
            reference,
            credential: caller.credential.clone(),
            credential_at: caller.at.clone(),
            ..service(app, HOST_STORAGE, subservice, app.setting_at(&full(end)))
        });
    }
    without_url(app, key, &unnamed, declared);
}

fn is_same_host(one: &str, other: &str) -> bool {
    Url::parse_bare(one).authority() == Url::parse_bare(other).authority()
}

/// Who calls.
struct Caller {
    credential: Credential,
    /// Where that is selected.
    at: Locator,
}

/// The identity that a connection without a secret selects.
///
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-22).
fn caller(app: &App<'_>, settings: &Config, key: &str) -> Caller {
    let full = |end: &str| format!("{key}__{end}");
    let named = |end: &str| set(settings, &full(end));
    let with = |end: &str, credential: Credential| Caller { credential, at: app.setting_at(&full(end)) };
    let because = |end: &str, why: &str| {
        let what = format!("who calls the storage of `{}`: `{}` {why}", app.site.name(), full(end));
        let advice = "a managed identity needs `__credential` = `managedidentity` and its id only";
        with(end, Credential::Undetermined(Gap::ambiguous(what).advise(advice)))
    };
    if let Some(end) = ["clientSecret", "tenantId"].into_iter().find(|end| named(end).is_some()) {
        return because(end, "is set, which is for a service principal");
    }
    if named("credential").is_some_and(|kind| !kind.eq_ignore_ascii_case("managedidentity")) {
        return because("credential", "is not `managedidentity`");
    }
    match (named("clientId"), named("managedIdentityResourceId")) {
        (Some(_), Some(_)) => {
            because("managedIdentityResourceId", "stands beside a client id, which is documented as invalid")
        }
        // A resource id in the place of a client id tells what was meant.
        (Some(id), None) if is_guid(id) || is_identity(id) => {
            with("clientId", Credential::ManagedIdentity { client_id: ObjectId::new(id) })
        }
        (Some(_), None) => because("clientId", "is neither a client id nor written out"),
        (None, Some(id)) if is_identity(id) => {
            with("managedIdentityResourceId", Credential::UserAssigned(ResourceId::new(id)))
        }
        (None, Some(_)) => because("managedIdentityResourceId", "is not the id of an identity"),
        (None, None) => by_environment(app, settings, named("credential").is_some()),
    }
}

/// The identity of a connection that names none: `AZURE_CLIENT_ID` "would be used as if `__clientId` had been
/// configured", else the system-assigned one. With `__credential` the client library seems not to look at it.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-29).
fn by_environment(app: &App<'_>, settings: &Config, is_explicit: bool) -> Caller {
    let with = |credential: Credential, at: Locator| Caller { credential, at };
    let own = Locator::new(&app.site.id, "/identity");
    let has_own = app.site.identity.as_ref().is_some_and(|identity| identity.is_system_assigned());
    match set(settings, DEFAULT_CLIENT) {
        None => with(Credential::SystemAssigned, own),
        Some(_) if is_explicit && has_own => with(Credential::SystemAssigned, own),
        Some(id) if !is_explicit && is_guid(id) => {
            with(Credential::ManagedIdentity { client_id: ObjectId::new(id) }, app.setting_at(DEFAULT_CLIENT))
        }
        Some(_) => {
            let what = format!(
                "whether the storage of `{}` is called with the identity of `{DEFAULT_CLIENT}`",
                app.site.name()
            );
            let gap = Gap::undocumented(what)
                .advise("name the identity in the connection itself: `__credential` and `__clientId`");
            with(Credential::Undetermined(gap), app.setting_at(DEFAULT_CLIENT))
        }
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
        ..app.path(ConsumerKind::Storage, format!("{CONTENT}/file"), at, Traffic::ContentShare)
    });
}

/// A package at a URL, which the platform fetches whenever the app starts.
///
/// Sources: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> and
/// <https://learn.microsoft.com/azure/app-service/deploy-run-package> (read 2026-11-29).
fn package_at_url(app: &App<'_>, settings: &Config, declared: &mut Declared) {
    let first = PACKAGES.iter().find_map(|name| settings.find(name).filter(|(_, value)| !value.trim().is_empty()));
    let Some((name, value)) = first.map(|(name, value)| (name, value.trim())) else { return };
    // `1`: a package on the app's own disk.
    if is_switch(value) {
        return;
    }
    let because = |why: &str, advice: &str| {
        let what = format!("whether the package of `{}` can be fetched: `{name}` {why}", app.site.name());
        Gap::ambiguous(what).advise(advice)
    };
    if let Some(gap) = hidden(app, name, value) {
        return declared.gaps.push(gap);
    }
    if app.is_flex() == Ok(true) {
        let advice = "remove the setting: `functionAppConfig.deployment.storage` says where the package is";
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
    let path = app.path(ConsumerKind::Storage, format!("{label}/blob"), app.setting_at(name), Traffic::Package);
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

/// What a signature allows is written in it, and it is not kept.
fn signed_until(app: &App<'_>, name: &str, query: &str) -> Gap {
    let end = signature_end(query).map(|end| end.replace("%3A", ":"));
    let until = end.map(|end| format!("; it ends at {end}")).unwrap_or_default();
    Gap::not_kept(format!("what the signature in `{name}` of `{}` allows: it is not kept{until}", app.site.name()))
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
            let gap = Gap::ambiguous(what).advise("set it to the resource id of the identity");
            with(Credential::Undetermined(gap))
        }
    }
}

/// The container that holds the package of an app on a Flex Consumption plan.
fn package(app: &App<'_>, declared: &mut Declared) {
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
        let what = format!("what the package of `{}` is read with: {why}", app.site.name());
        let advice = format!("check `functionAppConfig.deployment.storage.authentication` of `{}`", app.site.id);
        Credential::Undetermined(Gap::ambiguous(what).advise(advice))
    };
    let kind = authentication.r#type.as_deref().unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "systemassignedidentity" => return Credential::SystemAssigned,
        "userassignedidentity" => {
            return match &authentication.user_assigned_identity_resource_id {
                Some(id) => Credential::UserAssigned(id.clone()),
                None => because("no user-assigned identity is named".to_owned()),
            };
        }
        "storageaccountconnectionstring" => {}
        "" => return because("`authentication` does not say it".to_owned()),
        _ => return because(format!("`{kind}` is not documented")),
    }
    let name = authentication.storage_account_connection_string_name.as_deref().unwrap_or_default();
    let Some(settings) = app.listed().map(|config| &config.properties) else {
        return Credential::Undetermined(app.settings_unread("which account the package's connection string names"));
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

/// A path to one service of an account. The host always uses blobs; whether it uses queues and tables depends on the
/// triggers of its functions, which nobody reads.
fn service(app: &App<'_>, setting: &str, subservice: Subservice, declared_at: Locator) -> AccessPath {
    let service = subservice.group_id();
    AccessPath {
        form: Form::Storage,
        wants: Wants::Data { service: subservice, access: DataAccess::Write },
        doubt: (subservice != Subservice::Blob).then(|| {
            let what =
                format!("whether the functions of `{}` use the {service} service of `{setting}`", app.site.name());
            Gap::at_run_time(what).advise(
                "their triggers tell: blob and queue triggers use queues, Durable Functions and diagnostics use tables",
            )
        }),
        ..app.path(ConsumerKind::Storage, format!("{setting}/{service}"), declared_at, Traffic::Own)
    }
}
