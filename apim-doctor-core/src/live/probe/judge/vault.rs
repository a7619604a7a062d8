//! Interprets the answers of a vault.

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
                    "the vault accepts tokens of `{authority}`, but cloud {} uses `{}`",
                    self.cloud.name, self.cloud.authority
                ),
                "the vault belongs to another cloud, or a different server answers",
            ),
            (0, ..) => {
                let error = challenge.error.clone().unwrap_or_default();
                found.for_programs(
                    Level::Error,
                    format!("the vault did not answer: {error}"),
                    "try again; if the problem remains, a device on the way accepts connections but drops their data",
                );
            }
            (403, ..) => {
                found.for_programs(Level::Error, format!("the vault answers with 403 {code}{message}"), &refusal(code))
            }
            (status @ 300..=399, ..) => {
                let to = challenge.location.as_ref().map(|to| format!(" to `{to}`")).unwrap_or_default();
                let says = format!("the answer is a redirect ({status}{to}), which a vault never sends");
                found.for_programs(Level::Error, says, "a sign-in page or a proxy intercepts the request");
            }
            (status @ (429 | 500..=599), ..) => {
                found.for_programs(
                    Level::Warning,
                    format!("the vault answers with {status} {code}{message}"),
                    "try again later",
                );
            }
            (status, ..) => found.for_programs(
                Level::Error,
                format!("the answer is {status} {code}{message}, but a vault requests a token (401)"),
                "a different server answers",
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
                "a different server answers",
            ),
            0 => found.for_programs(
                Level::Error,
                format!("the vault did not answer this machine's identity{message}"),
                "try again; then check the connection above",
            ),
            status => {
                let says = format!("the vault answers this machine's identity with {status} {code}{message}");
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
            "the vault does not accept public addresses: use its private endpoint, or enable public access".to_owned()
        }
        "ForbiddenByFirewall" => {
            "the vault firewall blocks this machine's address: allow the address or its subnet, or use a private \
             endpoint"
                .to_owned()
        }
        "ForbiddenByRbac" => {
            "the identity has no role that can list secrets (`Key Vault Secrets User` can); it may still have access \
             to a single secret"
                .to_owned()
        }
        "ForbiddenByPolicy" | "AccessDenied" => {
            "no access policy of the vault gives the identity `list` for secrets; it may still have `get`".to_owned()
        }
        other => format!("see `apim-doctor explain --error \"{other}\"`"),
    }
}
