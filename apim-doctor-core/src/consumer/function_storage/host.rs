//! The storage of a Functions host: by a connection string, or by settings that name the account and the identity.

use crate::base::{ObjectId, ResourceId, Verdict, is_guid};
use crate::consumer::Declared;
use crate::consumer::function_storage::connection::{Account, Caller, hidden, is_same_host, service, set};
use crate::eval::app::App;
use crate::finding::Locator;
use crate::knowledge::subservice::Subservice;
use crate::model::Gap;
use crate::model::app_service::Config;
use crate::model::connection_string::url_of_account;
use crate::model::form::{is_account_name, is_identity};
use crate::model::setting::{DEFAULT_CLIENT, HOST_KEYS, HOST_STORAGE, SHORT_HOST_KEYS};
use crate::path::{AccessPath, Credential, Shadow};

/// The services that a host uses.
const SERVICES: [Subservice; 3] = [Subservice::Blob, Subservice::Queue, Subservice::Table];

/// Whether the app is a Functions app, if its `kind` says so.
pub(super) fn is_function(app: &App<'_>) -> Option<bool> {
    app.site.kind.as_deref().map(|kind| kind.to_ascii_lowercase().contains("function"))
}

/// Services that a connection names no URL for.
pub(super) fn without_url(app: &App<'_>, connection: &str, services: &[Subservice], declared: &mut Declared) {
    if services.is_empty() {
        return;
    }
    let names: Vec<&str> = services.iter().map(|service| service.group_id()).collect();
    let what =
        format!("the {} endpoint of `{connection}` of `{}`: no URL is set", names.join(" and "), app.site.name());
    declared.gaps.push(Gap::ambiguous(what).advise(
        "set the URL of each service in use: the host uses blobs, blob and queue triggers use queues, Durable \
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
pub(super) fn host(app: &App<'_>, settings: &Config, declared: &mut Declared) {
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
            Ok(true) => shadow(Verdict::Fail, "its empty value counts as a connection string"),
            // There an empty setting may not reach the process.
            _ => shadow(Verdict::Unknown, "its empty value may count as a connection string"),
        }),
        (Source::Text(name, value), _) => Some(match Account::of(app, name, value) {
            Err(_) => shadow(Verdict::Unknown, "its value does not show its storage account"),
            Ok(account) if account.text.is_keyless() => {
                shadow(Verdict::Fail, "it is a connection string without an account key")
            }
            Ok(_) => shadow(Verdict::Pass, "the host uses the first setting that exists"),
        }),
        (Source::Group(_), _) => Some(shadow(Verdict::Pass, "the host uses the first setting that exists")),
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
        why: "it is in the connection strings, and Azure's documentation does not say whether the host reads it",
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
        format!("which storage account the host of `{}` uses: `{HOST_STORAGE}` does not specify one", app.site.name());
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
                let what = format!("whether `{}` or `{}` takes effect: they differ", full(end), full("accountName"));
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

/// The identity that a connection without a secret selects.
///
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-22).
fn caller(app: &App<'_>, settings: &Config, key: &str) -> Caller {
    let full = |end: &str| format!("{key}__{end}");
    let named = |end: &str| set(settings, &full(end));
    let with = |end: &str, credential: Credential| Caller { credential, at: app.setting_at(&full(end)) };
    let because = |end: &str, why: &str| {
        let what = format!("which identity calls the storage of `{}`: `{}` {why}", app.site.name(), full(end));
        let advice = "for a managed identity, set only `__credential` = `managedidentity` and the identity's id";
        with(end, Credential::Undetermined(Gap::ambiguous(what).advise(advice)))
    };
    if let Some(end) = ["clientSecret", "tenantId"].into_iter().find(|end| named(end).is_some()) {
        return because(end, "is set, which selects a service principal");
    }
    if named("credential").is_some_and(|kind| !kind.eq_ignore_ascii_case("managedidentity")) {
        return because("credential", "is not `managedidentity`");
    }
    match (named("clientId"), named("managedIdentityResourceId")) {
        (Some(_), Some(_)) => {
            because("managedIdentityResourceId", "is set together with a client id, which is documented as invalid")
        }
        // A resource id in the place of a client id tells what was meant.
        (Some(id), None) if is_guid(id) || is_identity(id) => {
            with("clientId", Credential::ManagedIdentity { client_id: ObjectId::new(id) })
        }
        (Some(_), None) => because("clientId", "is not a client id (or its value was redacted)"),
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
                .advise("select the identity in the connection itself with `__credential` and `__clientId`");
            with(Credential::Undetermined(gap), app.setting_at(DEFAULT_CLIENT))
        }
    }
}
