//! Puts what a text names into the commands of the advice.

use crate::explain::detail::Extracted;
use crate::explain::situation::{Situation, Target};
use crate::knowledge::subservice::Subservice;

/// Replaces `{vault}` and its like by what the text names; a word in capitals stands for what it does not name.
///
/// A command gets a value only if it is one that Azure could have given, so it needs no quotes: a line of dashes in a
/// pasted table is not a name.
pub(super) fn fill(text: &str, situation: &Situation, extracted: &Extracted) -> String {
    let named =
        |name: &str, can_be: fn(&str) -> bool| extracted.get(name).map(String::as_str).filter(|value| can_be(value));
    let vault = named("vault", is_name).unwrap_or("VAULT");
    let account = named("account", is_name).unwrap_or("STORAGE_ACCOUNT");
    let host = match (named("host", is_host), situation.target) {
        (_, Target::Storage(service)) => {
            let service = service.unwrap_or(Subservice::Blob).group_id();
            format!("{account}.{service}.core.windows.net")
        }
        (Some(host), _) => host.to_owned(),
        (None, _) => format!("{vault}.vault.azure.net"),
    };
    let object = extracted.get("object").map(|object| name_of(object)).filter(|name| is_name(name));
    let values = [
        ("{vault}", vault),
        ("{account}", account),
        ("{host}", host.as_str()),
        ("{object}", object.unwrap_or("SECRET")),
        ("{objectId}", named("objectId", is_name).unwrap_or("OBJECT_ID")),
        ("{clientId}", named("clientId", is_name).unwrap_or("CLIENT_ID")),
        ("{scope}", named("scope", is_scope).unwrap_or("SCOPE")),
        ("{action}", named("action", is_action).unwrap_or("ACTION")),
        ("{tenant}", named("tenant", is_host).unwrap_or("TENANT")),
    ];
    values.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// `gateway-tls` of `secrets/gateway-tls`.
pub(super) fn name_of(object: &str) -> &str {
    object.rsplit('/').next().unwrap_or(object)
}

/// Letters, digits and dashes, with a letter or digit at either end: a name, or an id.
fn is_name(value: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    value.starts_with(end) && value.ends_with(end) && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Names with dots between.
fn is_host(value: &str) -> bool {
    value.split('.').all(is_name)
}

/// Names, and what else ids of resources hold that means nothing to a shell, with slashes between.
fn is_scope(value: &str) -> bool {
    let plain = |part: &str| {
        part.chars().any(|c| c.is_ascii_alphanumeric())
            && !part.starts_with('-')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    value.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain))
}

/// `Microsoft.KeyVault/vaults/secrets/getSecret/action`.
fn is_action(value: &str) -> bool {
    value.split('/').all(is_host)
}
