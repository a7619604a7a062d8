//! Changes to the document of a policy, which is one text.
//!
//! Source: <https://learn.microsoft.com/rest/api/apimanagement/policy/create-or-update> (read 2026-11-21).

use std::ops::Range;

use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy::{APIM, Change};
use crate::finding::{Command, Edit};
use crate::model::api_management::Policy;

/// Names another secret in the call of this path.
pub(super) fn set_identifier(ctx: &Context<'_, '_>, policy: &ResourceId, identifier: &str) -> Change {
    let path = ctx.case.path;
    let change = |xml: &str| xml.contains(&path.reference).then(|| xml.replace(&path.reference, identifier));
    let what = Command::comment("in policy.json write").word(identifier).and("instead of").word(&path.reference);
    in_policy(ctx, policy, what, change)
}

/// Selects an identity by its client id in the call of this path; without one the system-assigned identity.
pub(super) fn set_client_id(ctx: &Context<'_, '_>, policy: &ResourceId, client_id: Option<&ObjectId>) -> Change {
    let path = ctx.case.path;
    let id = client_id.map(ObjectId::as_str);
    let what = match id {
        Some(id) => Command::comment("in policy.json, set client-id to").word(id),
        None => Command::comment("in policy.json, remove client-id"),
    };
    let what = what.and("in the call to").word(&path.reference);
    in_policy(ctx, policy, what, |xml| with_attribute(xml, &path.reference, "client-id", id))
}

/// Asks for a token for another audience. Only policies name one.
pub(in crate::check) fn set_audience(ctx: &Context<'_, '_>, audience: &str) -> Change {
    let path = ctx.case.path;
    let Some(resource) = path.declared_at.resource.clone() else { return Change::default() };
    let what = Command::comment("in policy.json, set resource to").word(audience);
    let what = what.and("in the call to").word(&path.reference);
    in_policy(ctx, &resource, what, |xml| with_attribute(xml, &path.reference, "resource", Some(audience)))
}

/// Changes the document of a policy. The document is too long for a command: it is fetched, edited and sent back.
///
/// Pasted as a whole, this changes nothing: what sends the document back is a comment.
fn in_policy(
    ctx: &Context<'_, '_>,
    policy: &ResourceId,
    what: Command,
    change: impl FnOnce(&str) -> Option<String>,
) -> Change {
    let read = ctx.case.estate.get::<Policy>(policy).known();
    let new = read.and_then(|policy| policy.properties.value.as_deref()).and_then(change);
    let edit = new.map(|xml| Edit::set(policy, "/properties/value", xml));
    let fetch = Command::rest("get", policy.as_str(), RAW_POLICY).and("--output-file policy.json");
    let put = Command::rest("put", policy.as_str(), APIM).and("--headers \"If-Match=*\" --body @policy.json");
    let send = what.and("and keep \"format\": \"rawxml\"; then").then(put);
    Change::lines([fetch.line(), send.line()], edit)
}

/// The version of API Management, and the form in which a policy is one text.
const RAW_POLICY: &str = "2024-05-01&format=rawxml";

/// The document with one attribute of the `authentication-managed-identity` that belongs to this URL set or left out.
fn with_attribute(xml: &str, url: &str, name: &str, value: Option<&str>) -> Option<String> {
    const TAG: &str = "<authentication-managed-identity";
    let within = call(xml, url)?;
    let start = within.start + xml.get(within.clone())?.find(TAG)? + TAG.len();
    let end = start + xml.get(start..within.end)?.find('>')?;
    let tag = xml.get(start..end)?;
    let value = value.map(escaped);
    let new = match attribute(tag, name) {
        Some(at) => {
            let before = tag.get(..at.start)?;
            let written = value.as_ref().map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default();
            format!("{before}{written}{}", tag.get(at.end..)?)
        }
        None => value.map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default() + tag,
    };
    Some(format!("{}{new}{}", xml.get(..start)?, xml.get(end..)?))
}

/// A text as the value of an attribute of XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The call that holds a URL: its `send-request`, or else the whole document.
fn call(xml: &str, url: &str) -> Option<Range<usize>> {
    let at = xml.find(url)?;
    for name in ["send-request", "send-one-way-request"] {
        let close = format!("</{name}>");
        let Some(start) = xml.get(..at)?.rfind(&format!("<{name}")) else { continue };
        if !xml.get(start..at)?.contains(&close) {
            let end = at + xml.get(at..)?.find(&close)?;
            return Some(start..end);
        }
    }
    Some(0..xml.len())
}

/// Where ` name="…"` stands in a tag.
fn attribute(tag: &str, name: &str) -> Option<Range<usize>> {
    let key = format!(" {name}=");
    let start = tag.find(&key)?;
    let rest = tag.get(start + key.len()..)?;
    let quote = rest.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let len = rest.get(1..)?.find(quote)?;
    Some(start..start + key.len() + len + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_call_with_the_url_is_changed() {
        let xml = "<inbound><send-request><set-url>https://a/</set-url>\
                   <authentication-managed-identity resource='x'/></send-request>\
                   <send-request><set-url>https://kv/</set-url>\
                   <authentication-managed-identity resource=\"x\" client-id=\"c\"/></send-request></inbound>";
        let new = with_attribute(xml, "https://kv/", "resource", Some("y")).unwrap();
        assert_eq!(new, xml.replace("resource=\"x\"", "resource=\"y\""));
        let new = with_attribute(xml, "https://kv/", "client-id", None).unwrap();
        assert_eq!(new, xml.replace(" client-id=\"c\"", ""));
        let new = with_attribute(xml, "https://a/", "client-id", Some("d")).unwrap();
        assert_eq!(new, xml.replacen(" resource='x'", " client-id=\"d\" resource='x'", 1));
    }
}
