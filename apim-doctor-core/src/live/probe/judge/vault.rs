//! What the vault's own answers say.

use super::trouble::{Found, Level};
use crate::live::probe::Seen;
use crate::live::probe::answer::{Answered, Challenge};

impl Seen {
    pub(super) fn challenged(&self, challenge: &Challenge, found: &mut Found) {
        let code = challenge.code.as_deref().unwrap_or("no code");
        let message = challenge.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        match (challenge.status, &challenge.tenant, &challenge.authority) {
            (401, Some(_), Some(authority)) if *authority == self.cloud.authority => {}
            (401, Some(_), Some(authority)) => found.for_programs(
                Level::Warning,
                format!(
                    "the vault takes tokens of `{authority}`, and {} has `{}`",
                    self.cloud.name, self.cloud.authority
                ),
                "the vault belongs to another cloud, or something else answers",
            ),
            (0, ..) => {
                let error = challenge.error.clone().unwrap_or_default();
                found.for_programs(
                    Level::Error,
                    format!("the vault gives no answer: {error}"),
                    "try again; if it stays so, something lets connections pass and drops what is sent over them",
                );
            }
            (403, ..) => {
                found.for_programs(Level::Error, format!("the vault answers 403 {code}{message}"), &refusal(code))
            }
            (status @ 300..=399, ..) => {
                let to = challenge.location.as_ref().map(|to| format!(" to `{to}`")).unwrap_or_default();
                let says = format!("a vault does not redirect, and this answer does ({status}{to})");
                found.for_programs(Level::Error, says, "a sign-in page or a proxy stands in between");
            }
            (status @ (429 | 500..=599), ..) => {
                found.for_programs(
                    Level::Warning,
                    format!("the vault answers {status} {code}{message}"),
                    "try again later",
                );
            }
            (status, ..) => found.for_programs(
                Level::Error,
                format!("a vault asks for a token (401), and this answer is {status} {code}{message}"),
                "something else than a vault answers",
            ),
        }
    }

    pub(super) fn identified(&self, identity: &Answered, found: &mut Found) {
        let code = identity.code.as_deref().unwrap_or("no code");
        let message = identity.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        match identity.status {
            200 if identity.is_listed() => {}
            200 => found.for_programs(
                Level::Error,
                "the answer to this machine's identity is not a list of secrets".to_owned(),
                "something else than a vault answers",
            ),
            0 => found.for_programs(
                Level::Error,
                format!("the vault gives this machine's identity no answer{message}"),
                "try again; then look at the connection above",
            ),
            status => {
                let says = format!("the vault answers this machine's identity {status} {code}{message}");
                found.for_programs(Level::Error, says, &refusal(code));
            }
        }
    }
}

/// What a refusal of the vault means.
///
/// Source: <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes> (read 2026-11-22).
fn refusal(code: &str) -> String {
    match code {
        "ForbiddenByConnection" => {
            "the vault is closed to public addresses: come through its private endpoint, or open it".to_owned()
        }
        "ForbiddenByFirewall" => {
            "the vault's firewall does not let this machine's address in: add the address or its subnet, or come \
             through a private endpoint"
                .to_owned()
        }
        "ForbiddenByRbac" => {
            "the identity has no role that lists secrets here (`Key Vault Secrets User` has one); it may still be \
             allowed to read a single one"
                .to_owned()
        }
        "ForbiddenByPolicy" | "AccessDenied" => {
            "no access policy of the vault gives the identity `list` for secrets; it may still have `get`".to_owned()
        }
        other => format!("`apim-doctor explain --error \"{other}\"` may know more"),
    }
}
