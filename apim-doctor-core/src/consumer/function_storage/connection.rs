//! Common parts of an app's storage connections: connection strings and callers.

use crate::base::Url;
use crate::consumer::app::path_from;
use crate::eval::app::App;
use crate::eval::app_routing::Traffic;
use crate::finding::Locator;
use crate::knowledge::caller_kind::ConsumerKind;
use crate::knowledge::subservice::Subservice;
use crate::model::Gap;
use crate::model::app_service::Config;
use crate::model::connection_string::ConnectionString;
use crate::model::form::REDACTED;
use crate::model::setting::is_reference;
use crate::path::{AccessPath, Credential, DataAccess, Form, Wants};

/// The value of a setting, if it is set and not empty.
pub(super) fn set<'s>(settings: &'s Config, name: &str) -> Option<&'s str> {
    settings.get(name).map(str::trim).filter(|value| !value.is_empty())
}

/// A gap if the value of a setting is not visible: a Key Vault reference or a redacted value.
pub(super) fn hidden(app: &App<'_>, name: &str, value: &str) -> Option<Gap> {
    let what = format!("the value of `{name}` of `{}`", app.site.name());
    if is_reference(value) {
        let gap = Gap::not_kept(format!("{what}: it is a Key Vault reference"));
        return Some(gap.advise(format!("check the access path of reference `{name}` and its secret")));
    }
    (value == REDACTED).then(|| Gap::not_kept(format!("{what} was not recorded")).advise("check the setting"))
}

/// The connection string of a storage account, and the setting that holds it.
pub(super) struct Account<'s> {
    setting: &'s str,
    /// The connection string.
    pub text: ConnectionString<'s>,
}

impl<'s> Account<'s> {
    /// A connection string that names an account.
    pub(super) fn of(app: &App<'_>, setting: &'s str, text: &'s str) -> Result<Self, Gap> {
        if let Some(gap) = hidden(app, setting, text) {
            return Err(gap);
        }
        let text = ConnectionString(text);
        let because = |why: &str, advice: &str| {
            let what = format!("which storage account `{setting}` of `{}` uses: {why}", app.site.name());
            Err(Gap::ambiguous(what).advise(advice))
        };
        if text.is_emulator() {
            return because(
                "it selects the storage emulator, which runs on a developer's machine",
                "set a storage account",
            );
        }
        if text.is_plain_http() {
            return because("it uses plain HTTP, which apim-doctor does not evaluate", "use `https`");
        }
        Ok(Self { setting, text })
    }

    /// The account key, or an undetermined credential: the rights of a signature are part of the signature, which is
    /// not recorded.
    pub(super) fn credential(&self, app: &App<'_>) -> Credential {
        if self.text.has_key_alone() {
            return Credential::AccountKey;
        }
        let (setting, app) = (self.setting, app.site.name());
        let what = format!("which credential `{setting}` of `{app}` uses: the connection string has no account key");
        Credential::Undetermined(Gap::not_kept(what).advise(
            "check the setting: a signature expires, and a content share is documented only with an \
                         account key",
        ))
    }
}

/// Whether two URLs have the same host.
pub(super) fn is_same_host(one: &str, other: &str) -> bool {
    Url::parse_bare(one).authority() == Url::parse_bare(other).authority()
}

/// Who calls.
pub(super) struct Caller {
    pub credential: Credential,
    /// Where that is selected.
    pub at: Locator,
}

/// A path to one service of an account. The host always uses blobs; whether it uses queues and tables depends on the
/// triggers of its functions, which are not collected.
pub(super) fn service(app: &App<'_>, setting: &str, subservice: Subservice, declared_at: Locator) -> AccessPath {
    let service = subservice.group_id();
    AccessPath {
        form: Form::Storage,
        wants: Wants::Data { service: subservice, access: DataAccess::Write },
        doubt: (subservice != Subservice::Blob).then(|| {
            let what =
                format!("whether the functions of `{}` use the {service} service of `{setting}`", app.site.name());
            Gap::at_run_time(what).advise(
                "check their triggers: blob and queue triggers use queues, Durable Functions and diagnostics use \
                 tables",
            )
        }),
        ..path_from(app, ConsumerKind::Storage, format!("{setting}/{service}"), declared_at, Traffic::Own)
    }
}
