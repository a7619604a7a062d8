//! Interprets the answers of a storage account. Undocumented answers are unknown, because a proxy can invent any code.

use super::trouble::{Found, Level};
use crate::knowledge::storage_answer::{Meaning, meaning};
use crate::live::probe::answer::{Answered, Challenge};
use crate::live::probe::{Seen, Subservice};

/// Whether an answer without a token is the account's own, and refuses the missing credential only. In which order an
/// account looks at credentials and at networks is documented nowhere, so it says nothing of network rules.
pub(super) fn is_reached(challenge: &Challenge) -> bool {
    matches!(
        meant(challenge),
        Some(Meaning::AsksForCredential | Meaning::BadCredential | Meaning::NoAnonymous | Meaning::NoKeys)
    )
}

/// Whether nothing certain follows from an answer without a token.
pub(super) fn is_unclear(challenge: &Challenge) -> bool {
    is_open(meant(challenge))
}

/// Whether nothing certain follows from an answer to an identity.
pub(super) fn is_identity_unclear(identity: &Answered) -> bool {
    let meaning = meant_for(identity);
    !identity.is_listed() && meaning != Some(Meaning::NoPermission) && is_open(meaning)
}

/// Whether a meaning leaves open what the account thinks of a caller.
fn is_open(meaning: Option<Meaning>) -> bool {
    matches!(meaning, None | Some(Meaning::NoPermission | Meaning::NotThere | Meaning::Busy))
}

/// What an answer without a token means, where it is a storage account's.
fn meant(challenge: &Challenge) -> Option<Meaning> {
    challenge.request_id.as_ref()?;
    meaning_of(challenge.status, challenge.code.as_ref(), challenge.message.as_ref())
}

/// What an answer to an identity means, where it is a storage account's.
fn meant_for(identity: &Answered) -> Option<Meaning> {
    identity.request_id.as_ref()?;
    meaning_of(identity.status, identity.code.as_ref(), identity.message.as_ref())
}

fn meaning_of(status: u16, code: Option<&String>, message: Option<&String>) -> Option<Meaning> {
    meaning(status, code?, message.map(String::as_str).unwrap_or_default())
}

impl Seen {
    pub(super) fn account_challenged(&self, challenge: &Challenge, found: &mut Found) {
        let answer = answer(challenge.status, challenge.code.as_ref(), challenge.message.as_ref());
        if let Some(error) = &challenge.error {
            found.for_programs(
                Level::Error,
                format!("the storage account did not answer: {error}"),
                "try again; if the problem remains, a device on the way accepts connections but drops their data",
            );
        } else if challenge.request_id.is_none() {
            not_an_accounts(challenge, &answer, found);
        } else {
            match meant(challenge) {
                Some(Meaning::NoKeys) => found.for_programs(
                    Level::Warning,
                    format!("the storage account answers with {answer}"),
                    "the account refuses account keys and signatures made with them; it accepts identities with a \
                     data role",
                ),
                Some(_) if is_reached(challenge) => {
                    self.foreign_authority(challenge, found);
                    self.nothing_of_networks(found);
                }
                Some(meaning) if is_refusal(meaning) => {
                    found.for_programs(
                        Level::Error,
                        format!("the storage account answers with {answer}"),
                        &self.hint(meaning),
                    );
                }
                Some(Meaning::NotThere | Meaning::Busy) => {
                    let hint = meant(challenge).map(|meaning| self.hint(meaning)).unwrap_or_default();
                    found.for_programs(Level::Warning, format!("the storage account answers with {answer}"), &hint);
                }
                _ => unknown("the storage account answers with", &answer, found),
            }
        }
    }

    fn foreign_authority(&self, challenge: &Challenge, found: &mut Found) {
        if let Some(authority) = challenge.authority.as_ref().filter(|authority| **authority != self.cloud.authority) {
            found.for_programs(
                Level::Warning,
                format!(
                    "the storage account accepts tokens of `{authority}`, but cloud {} uses `{}`",
                    self.cloud.name, self.cloud.authority
                ),
                "the account belongs to another cloud, or a different server answers",
            );
        }
    }

    /// That a caller with a credential may be told otherwise.
    fn nothing_of_networks(&self, found: &mut Found) {
        if self.identity.is_none() {
            let says = "the request had no credential, so the account's network rules may still block requests with a \
                 credential"
                .to_owned();
            found.for_programs(Level::Note, says, "`--as-identity` sends one, except to file shares");
        }
    }

    /// What the account answered to this machine's identity.
    pub(super) fn account_identified(&self, identity: &Answered, found: &mut Found) {
        let answer = answer(identity.status, identity.code.as_ref(), identity.message.as_ref());
        let says = format!("the storage account answers this machine's identity with {answer}");
        match meant_for(identity) {
            _ if identity.status == 0 => {
                let message = identity.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
                let says = format!("the storage account did not answer this machine's identity{message}");
                found.for_programs(Level::Error, says, "try again; then check the connection above");
            }
            None if identity.is_listed() => {}
            None | Some(Meaning::NoKeys | Meaning::NoAnonymous) => {
                unknown("the storage account answers this machine's identity with", &answer, found);
            }
            Some(meaning @ (Meaning::NotThere | Meaning::Busy)) => {
                found.for_programs(Level::Warning, says, &self.hint(meaning));
            }
            Some(meaning) => found.for_programs(Level::Error, says, &self.hint(meaning)),
        }
    }

    /// What to do about an answer.
    fn hint(&self, meaning: Meaning) -> String {
        let hint = match meaning {
            Meaning::NetworkRules => {
                "the account's network rules block this machine: allow its address or subnet, or use a private \
                 endpoint for this service; roles have no influence on this"
            }
            Meaning::Perimeter => {
                "the account's network security perimeter blocks this machine: add an inbound access rule to the \
                 perimeter, or use a private endpoint; the account's own firewall rules have no effect"
            }
            Meaning::Disabled => {
                "the account is disabled, usually because its subscription is disabled: check the \
                                  state of the subscription"
            }
            Meaning::NoPermission => {
                let role = match self.service {
                    Some(Subservice::Queue) => "Storage Queue Data Reader",
                    Some(Subservice::Table) => "Storage Table Data Reader",
                    _ => "Storage Blob Data Reader",
                };
                return format!(
                    "the network and the token are valid; the identity has no role with list permission on the \
                     account (`{role}` has it; `Owner` and `Contributor` give no access to data), or the role was \
                     assigned less than ten minutes ago; it may still have access at a lower scope"
                );
            }
            Meaning::AsksForCredential | Meaning::BadCredential => {
                "the token was rejected: it has a different tenant or audience, or has expired"
            }
            Meaning::NotThere => {
                "the storage service answers, but the account does not exist or is hidden from requests without a \
                 credential: check whether the name resolves to the address of a deleted account"
            }
            Meaning::Busy => "try again later",
            Meaning::NoAnonymous | Meaning::NoKeys => "the account requires a different kind of credential",
        };
        hint.to_owned()
    }
}

/// Whether an answer blocks every caller on this machine's network path.
fn is_refusal(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::NetworkRules | Meaning::Perimeter | Meaning::Disabled)
}

/// An answer without the mark that every answer of the service has.
///
/// Source: <https://learn.microsoft.com/rest/api/storageservices/troubleshooting-api-operations> (read 2026-11-22).
fn not_an_accounts(challenge: &Challenge, answer: &str, found: &mut Found) {
    match challenge.status {
        300..=399 => {
            let to = challenge.location.as_ref().map(|to| format!(" to `{to}`")).unwrap_or_default();
            let says =
                format!("the answer is a redirect ({}{to}), which a storage account never sends", challenge.status);
            found.for_programs(Level::Error, says, "a sign-in page or a proxy intercepts the request");
        }
        429 | 500..=599 => {
            let says = format!("the answer is {answer}, without the header of a storage account");
            found.for_programs(
                Level::Warning,
                says,
                "try again later; if the problem remains, a different server answers",
            );
        }
        _ => found.for_programs(
            Level::Error,
            format!("the answer has no `x-ms-request-id`, which a storage account always sends: {answer}"),
            "a different server answers: a proxy with its own page, or the name resolves to another machine",
        ),
    }
}

/// An answer of which nothing is documented.
fn unknown(who: &str, answer: &str, found: &mut Found) {
    let hint = "the meaning of this answer is not documented, so it proves nothing";
    found.for_programs(Level::Warning, format!("{who} {answer}"), hint);
}

fn answer(status: u16, code: Option<&String>, message: Option<&String>) -> String {
    let code = code.map_or("without a code", String::as_str);
    match message {
        Some(message) => format!("{status} {code}: {message}"),
        None => format!("{status} {code}"),
    }
}
