//! What a storage account's own answers say. What is documented nowhere is called unknown: a program that stands in
//! between can invent any code.

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
                format!("the storage account gives no answer: {error}"),
                "try again; if it stays so, something lets connections pass and drops what is sent over them",
            );
        } else if challenge.request_id.is_none() {
            not_an_accounts(challenge, &answer, found);
        } else {
            match meant(challenge) {
                Some(Meaning::NoKeys) => found.for_programs(
                    Level::Warning,
                    format!("the storage account answers {answer}"),
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
                        format!("the storage account answers {answer}"),
                        &self.hint(meaning),
                    );
                }
                Some(Meaning::NotThere | Meaning::Busy) => {
                    let hint = meant(challenge).map(|meaning| self.hint(meaning)).unwrap_or_default();
                    found.for_programs(Level::Warning, format!("the storage account answers {answer}"), &hint);
                }
                _ => unknown("the storage account answers", &answer, found),
            }
        }
    }

    fn foreign_authority(&self, challenge: &Challenge, found: &mut Found) {
        if let Some(authority) = challenge.authority.as_ref().filter(|authority| **authority != self.cloud.authority) {
            found.for_programs(
                Level::Warning,
                format!(
                    "the storage account takes tokens of `{authority}`, and {} has `{}`",
                    self.cloud.name, self.cloud.authority
                ),
                "the account belongs to another cloud, or something else answers",
            );
        }
    }

    /// That a caller with a credential may be told otherwise.
    fn nothing_of_networks(&self, found: &mut Found) {
        if self.identity.is_none() {
            let says =
                "no credential was shown, so the account's network rules may still refuse who shows one".to_owned();
            found.for_programs(Level::Note, says, "`--as-identity` shows one, but to file shares");
        }
    }

    /// What the account answered to this machine's identity.
    pub(super) fn account_identified(&self, identity: &Answered, found: &mut Found) {
        let answer = answer(identity.status, identity.code.as_ref(), identity.message.as_ref());
        let says = format!("the storage account answers this machine's identity {answer}");
        match meant_for(identity) {
            _ if identity.status == 0 => {
                let message = identity.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
                let says = format!("the storage account gives this machine's identity no answer{message}");
                found.for_programs(Level::Error, says, "try again; then look at the connection above");
            }
            None if identity.is_listed() => {}
            None | Some(Meaning::NoKeys | Meaning::NoAnonymous) => {
                unknown("the storage account answers this machine's identity", &answer, found);
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
                "the account's network rules do not let this machine in: add its address or its subnet, or come \
                 through a private endpoint of this very service. No role changes that"
            }
            Meaning::Perimeter => {
                "the account's network security perimeter does not let this machine in: an inbound rule of the \
                 perimeter has to, or a private endpoint. Rules of the account's own firewall do not count"
            }
            Meaning::Disabled => "the account is switched off, mostly with its subscription: look at that one's state",
            Meaning::NoPermission => {
                let role = match self.service {
                    Some(Subservice::Queue) => "Storage Queue Data Reader",
                    Some(Subservice::Table) => "Storage Table Data Reader",
                    _ => "Storage Blob Data Reader",
                };
                return format!(
                    "network and token are good. The identity has no role on the account that lists here (`{role}` has \
                     one; `Owner` and `Contributor` have none for data), or has it for less than ten minutes; it may \
                     still be allowed something further down"
                );
            }
            Meaning::AsksForCredential | Meaning::BadCredential => {
                "the token was not accepted: it is of another tenant, for another audience, or over"
            }
            Meaning::NotThere => {
                "the storage service answers, but has no such account, or hides it without a credential: check \
                 whether the name resolves to the address of a deleted account"
            }
            Meaning::Busy => "try again later",
            Meaning::NoAnonymous | Meaning::NoKeys => "the account wants another kind of credential",
        };
        hint.to_owned()
    }
}

/// What keeps everybody out who comes as this machine does.
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
            let says = format!("a storage account does not redirect, and this answer does ({}{to})", challenge.status);
            found.for_programs(Level::Error, says, "a sign-in page or a proxy stands in between");
        }
        429 | 500..=599 => {
            let says = format!("the answer is {answer}, and not marked as a storage account's");
            found.for_programs(Level::Warning, says, "try again later; if it stays so, something else answers");
        }
        _ => found.for_programs(
            Level::Error,
            format!("a storage account marks each answer with `x-ms-request-id`, and this one has none: {answer}"),
            "something else than a storage account answers: a proxy with a page of its own, or the name leads to \
             another machine",
        ),
    }
}

/// An answer of which nothing is documented.
fn unknown(who: &str, answer: &str, found: &mut Found) {
    let hint = "an unknown answer: what it means here is documented nowhere, so nothing is concluded from it";
    found.for_programs(Level::Warning, format!("{who} {answer}"), hint);
}

fn answer(status: u16, code: Option<&String>, message: Option<&String>) -> String {
    let code = code.map_or("without a code", String::as_str);
    match message {
        Some(message) => format!("{status} {code}: {message}"),
        None => format!("{status} {code}"),
    }
}
