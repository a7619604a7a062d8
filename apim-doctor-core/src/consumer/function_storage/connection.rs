//! What the connections of an app to its storage have in common: connection strings, and who calls.

use crate::consumer::app::{App, Traffic};
use crate::finding::Locator;
use crate::knowledge::caller_kind::ConsumerKind;
use crate::knowledge::cloud::Cloud;
use crate::knowledge::subservice::Subservice;
use crate::model::Gap;
use crate::model::app_service::Config;
use crate::model::setting::{REDACTED, is_account_name, is_reference};
use crate::path::{AccessPath, Credential, DataAccess, Form, Wants};

/// A setting that is set.
pub fn set<'s>(settings: &'s Config, name: &str) -> Option<&'s str> {
    settings.get(name).map(str::trim).filter(|value| !value.is_empty())
}

/// What hides a setting's value from this program, where something does.
pub fn hidden(app: &App<'_>, name: &str, value: &str) -> Option<Gap> {
    let what = format!("what `{name}` of `{}` says", app.site.name());
    if is_reference(value) {
        let gap = Gap::not_kept(format!("{what}: it is a Key Vault reference"));
        return Some(gap.advise(format!("look at the path of reference `{name}` and at its secret")));
    }
    (value == REDACTED).then(|| Gap::not_kept(format!("{what}: its value is not kept")).advise("look at the setting"))
}

/// The account that a connection string names, and how.
///
/// Source: <https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string> (read 2026-11-22).
pub struct Account<'s> {
    setting: &'s str,
    text: &'s str,
}

impl<'s> Account<'s> {
    /// A connection string from which a URL can be told.
    pub fn of(app: &App<'_>, setting: &'s str, text: &'s str) -> Result<Self, Gap> {
        if let Some(gap) = hidden(app, setting, text) {
            return Err(gap);
        }
        let account = Self { setting, text };
        let because = |why: &str, advice: &str| {
            let what = format!("which storage account `{setting}` of `{}` names: {why}", app.site.name());
            Err(Gap::ambiguous(what).advise(advice))
        };
        if account.part("UseDevelopmentStorage").is_some() {
            return because(
                "it stands for the storage emulator, which is on a developer's machine",
                "name a storage account",
            );
        }
        let is_plain = |name: &str| {
            account.part(name).is_some_and(|value| {
                let value = value.to_ascii_lowercase();
                value == "http" || value.starts_with("http://")
            })
        };
        if ["DefaultEndpointsProtocol", "BlobEndpoint", "QueueEndpoint", "TableEndpoint", "FileEndpoint"]
            .into_iter()
            .any(is_plain)
        {
            return because("it uses plain HTTP, which apim-doctor does not evaluate", "use `https`");
        }
        Ok(account)
    }

    /// A part that is not empty.
    pub fn part(&self, name: &str) -> Option<&'s str> {
        let mut parts = self.text.split(';').filter_map(|part| part.split_once('='));
        let found = parts.find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The account's name.
    pub fn name(&self) -> Option<&'s str> {
        self.part("AccountName").filter(|name| is_account_name(name))
    }

    /// The URL of a service: the one that is written, or the one that the name makes. Without an ending that of the
    /// public cloud counts, wherever the app is.
    pub fn url(&self, subservice: Subservice) -> Option<String> {
        let endpoint = match subservice {
            Subservice::Blob => "BlobEndpoint",
            Subservice::File => "FileEndpoint",
            Subservice::Queue => "QueueEndpoint",
            Subservice::Table => "TableEndpoint",
            Subservice::Vault => return None,
        };
        if let Some(url) = self.part(endpoint) {
            return (!url.contains(REDACTED)).then(|| url.trim_end_matches('/').to_owned());
        }
        let public = Cloud::public().storage_suffix;
        let suffix = self.part("EndpointSuffix").unwrap_or(&public);
        (suffix != REDACTED).then_some(())?;
        Some(format!("https://{}.{}.{suffix}", self.name()?, subservice.group_id()))
    }

    /// Whether it shows nothing to be let in with: no key and no signature, and nothing in it was dropped.
    pub fn is_keyless(&self) -> bool {
        let is_whole = self.text.split(';').all(|part| part.trim().is_empty() || part.contains('='));
        is_whole && self.part("AccountKey").is_none() && self.part("SharedAccessSignature").is_none()
    }

    /// A key of the account, or something that cannot be judged: what a signature allows is written in it.
    pub fn credential(&self, app: &App<'_>) -> Credential {
        if self.part("AccountKey").is_some() && self.part("SharedAccessSignature").is_none() {
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

pub fn is_same_host(one: &str, other: &str) -> bool {
    let host = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        host.strip_suffix(":443").unwrap_or(host).to_ascii_lowercase()
    };
    host(one) == host(other)
}

/// Who calls.
pub struct Caller {
    pub credential: Credential,
    /// Where that is selected.
    pub at: Locator,
}

/// A path to one service of an account. The host always uses blobs; whether it uses queues and tables depends on the
/// triggers of its functions, which nobody reads.
pub fn service(app: &App<'_>, setting: &str, subservice: Subservice, declared_at: Locator) -> AccessPath {
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
