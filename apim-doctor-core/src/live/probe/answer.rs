//! What a host answers, in the form that vaults and storage accounts have in common.

use crate::source::format::{Exchange, SignedIn};
use crate::source::redact;

/// As much of a message as is shown.
const MESSAGE: usize = 400;

/// What a host answers to a caller without a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Challenge {
    /// The HTTP status; 0 where none came.
    pub status: u16,
    /// The tenant whose tokens it takes.
    pub tenant: Option<String>,
    /// The host that issues them.
    pub authority: Option<String>,
    /// A vault's `error.innererror.code`, or else `error.code`; a storage account's `x-ms-error-code`.
    pub code: Option<String>,
    /// The message of the answer.
    pub message: Option<String>,
    /// Where a redirection leads; it was not followed.
    pub location: Option<String>,
    /// What calls itself the server.
    pub server: Option<String>,
    /// What a storage account calls the request (`x-ms-request-id`): support asks for it.
    pub request_id: Option<String>,
    /// Why the host gave no answer.
    pub error: Option<String>,
}

/// What a host answers to this machine's identity.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Answered {
    /// Who asked, as far as the token says it.
    pub caller: Option<SignedIn>,
    /// Why the credential gave no token; absent: it did.
    pub no_token: Option<String>,
    /// The HTTP status; 0 where none came.
    pub status: u16,
    /// As in [`Challenge::code`].
    pub code: Option<String>,
    /// The message of the answer, or why there is none.
    pub message: Option<String>,
    /// How many secrets are on a vault's first page.
    pub listed: Option<usize>,
    /// What a storage account calls the request.
    pub request_id: Option<String>,
    /// As a recording keeps it.
    pub exchange: Option<Exchange>,
}

impl Answered {
    /// Whether what was asked for came.
    pub fn is_listed(&self) -> bool {
        self.status == 200 && (self.listed.is_some() || self.request_id.is_some())
    }

    /// Neither a token nor an answer came in time.
    pub(super) fn too_late() -> Self {
        let why = "no token and no answer within the time limit".to_owned();
        Answered { no_token: Some(why), ..Answered::default() }
    }
}

/// Host and tenant of the URL (`https://HOST/TENANT/…`) that a challenge names.
pub(super) fn authority_of(url: &str) -> Option<(String, String)> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let tenant = path.split('/').next()?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c));
    (plain(host) && plain(tenant)).then(|| (host.to_ascii_lowercase(), tenant.to_owned()))
}

/// Where a redirection leads: only its origin, for what follows may hold whatever a sign-in page passes on.
pub(super) fn origin_of(location: &str) -> Option<String> {
    let to = azure_core::http::Url::parse(location).ok()?;
    Some(format!("{}://{}", to.scheme(), to.host_str().unwrap_or_default()))
}

/// A text in one short line, without secrets.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    redact::sentence(&words.join(" ")).chars().take(MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::redact::tests::{SECRETS, shows_secret};

    #[test]
    fn no_secret_is_in_what_a_probe_shows() {
        for secret in SECRETS {
            let text = one_line(secret);
            assert!(!shows_secret(&text), "{secret} → {text}");
        }
    }
}
