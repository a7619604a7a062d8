//! Why an answer says nothing, and what to do about it.

use crate::base::ResourceId;
use crate::model::{Gap, Modelled, TypeVisitor, with_type};

/// A page of a list is missing.
pub(crate) fn unread_page(scope: &ResourceId, kind: &str) -> Gap {
    let leaf = leaf(kind);
    Gap::new(
        format!("the list of {leaf} at `{scope}` goes on, and the next page is not in the recording"),
        "record every `nextLink` of the list",
    )
}

/// An element of a list could not be read.
pub(crate) fn unread_element(scope: &ResourceId, kind: &str) -> Gap {
    Gap::new(
        format!("the list of {} at `{scope}` could not be read whole", leaf(kind)),
        "record the list again, unchanged",
    )
}

fn leaf(kind: &str) -> &str {
    kind.rsplit('/').next().unwrap_or(kind)
}

/// Segments that name no resource of their own.
const FIXED: [&str; 5] = ["networkstatus", "default", "identities", "Microsoft.ManagedIdentity", "providers"];

/// What people call one resource of a type.
struct Noun;

impl TypeVisitor for Noun {
    type Output = &'static str;

    fn visit<P: Modelled>(self) -> &'static str {
        P::NOUN
    }
}

/// What a run over many instances leaves out. The same for each of them, so that it is said once.
pub(crate) fn not_asked() -> Gap {
    Gap::new(
        "the policies of the instances, which may call vaults: of many instances they are not asked for",
        "diagnose with `--consumer apim-policy`, or fewer than five instances at once",
    )
}

/// Why an answer says nothing, and what to do: the missing permission, or the retry.
pub(crate) fn refused(status: u16, kind: &str, subject: &ResourceId) -> Gap {
    let noun = with_type(kind, Noun).unwrap_or("resource");
    let own = subject.resource_type().eq_ignore_ascii_case(kind);
    let name = match (own, subject.name()) {
        (true, "") | (false, "") => format!("the {noun}s"),
        (true, "networkstatus" | "default") => {
            format!("the {noun} of `{}`", subject.segments().rev().find(|s| !FIXED.contains(s)).unwrap_or_default())
        }
        (true, name) => format!("{noun} `{name}`"),
        (false, name) => format!("the {noun}s of `{name}`"),
    };
    // Roles are assigned to real resources, not to their parts.
    let at = match subject.as_str().to_ascii_lowercase().ends_with("/networkstatus") {
        true => subject.as_str().rsplit_once('/').map_or(subject.as_str(), |(instance, _)| instance),
        false => subject.as_str(),
    };
    match status {
        401 => Gap::new(
            format!("{name}: the sign-in was not accepted (401); it may be for another tenant"),
            "sign in to the tenant of the subscription (`az login --tenant …`), then record again",
        ),
        403 => Gap::new(
            format!("{name}: reading was refused (403)"),
            format!("assign a role with `{kind}/read` (Reader has it) at `{at}` to whoever records, then record again"),
        ),
        409 => Gap::new(
            format!("{name}: Azure answered 409; the subscription may not have the provider registered"),
            format!("see `az provider show --namespace {}`", kind.split('/').next().unwrap_or_default()),
        ),
        404 => Gap::new(format!("{name}: not found (404)"), "check the id and record again"),
        429 => Gap::new(format!("{name}: Azure was busy (429)"), "wait a minute and record again"),
        0 => Gap::new(format!("{name}: no answer came"), "record again"),
        status => Gap::new(format!("{name}: Azure answered {status}"), "record again"),
    }
}
