//! Calls to a vault inside a policy document.
//!
//! Policies look like XML and are not: expressions hold unescaped quotes and angle brackets. So the document is
//! searched for the few elements that matter, and nothing else is understood.
//! Source: <https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy>
//! (read 2026-11-21).

use crate::base::ObjectId;
use crate::knowledge::cloud::Cloud;

/// One call to a vault with a managed identity.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VaultCall {
    /// The URL, as far as it is constant.
    pub url: String,
    /// The identity; absent: the system-assigned one.
    pub client_id: Option<ObjectId>,
    /// What the token is asked for, without a query.
    pub audience: String,
    /// Whether it only reads.
    pub reads: bool,
}

/// The calls to vaults in a policy document.
pub(crate) fn vault_calls(xml: &str, cloud: &Cloud) -> Vec<VaultCall> {
    let xml = without_comments(xml);
    let mut calls = Vec::new();
    let mut rest = xml.clone();
    for element in ["send-request", "send-one-way-request"] {
        for block in blocks(&xml, element) {
            rest = rest.replace(&block, "");
            if let Some(set_url) = blocks(&block, "set-url").into_iter().next() {
                calls.extend(call(&set_url, &block, cloud));
            }
        }
    }
    // Outside of those, the identity is for the backend.
    for tag in tags(&rest, "set-backend-service") {
        calls.extend(call(&tag, &rest, cloud));
    }
    calls
}

fn call(url_in: &str, authentication_in: &str, cloud: &Cloud) -> Option<VaultCall> {
    let url = vault_url(&url_in.replace("&amp;", "&"), cloud)?;
    let tag = tags(authentication_in, "authentication-managed-identity").into_iter().next()?;
    let client_id = attribute(&tag, "client-id").filter(|id| !id.is_empty());
    Some(VaultCall {
        url,
        client_id: client_id.map(|id| ObjectId::new(&id)),
        audience: attribute(&tag, "resource").unwrap_or_default().split('?').next().unwrap_or_default().to_owned(),
        reads: blocks(authentication_in, "set-method").iter().all(|m| m.to_ascii_uppercase().contains(">GET<")),
    })
}

/// The first URL of a vault in a text, up to where an expression or a quote begins.
fn vault_url(text: &str, cloud: &Cloud) -> Option<String> {
    let folded = text.to_ascii_lowercase();
    let at = folded.find(&format!(".{}", cloud.key_vault_suffix))?;
    let start = folded.get(..at)?.rfind("https://")?;
    let tail = text.get(start..)?;
    let end = tail.find(['"', '\'', '<', '?', ' ', ')', '\n', '\r']).unwrap_or(tail.len());
    tail.get(..end).map(str::to_owned)
}

fn without_comments(xml: &str) -> String {
    let mut kept = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// Elements of this name with their contents.
fn blocks(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find(&open) {
        let tail = rest.get(start..).unwrap_or_default();
        let is_name = tail.get(open.len()..).is_some_and(|t| t.starts_with(['>', ' ', '\t', '\n', '\r', '/']));
        // What is never closed is closed nowhere later either.
        let Some(end) = tail.find(&close) else { break };
        if is_name {
            found.push(tail.get(..end + close.len()).unwrap_or_default().to_owned());
            rest = tail.get(end + close.len()..).unwrap_or_default();
        } else {
            rest = tail.get(open.len()..).unwrap_or_default();
        }
    }
    found
}

/// Opening tags of this name.
fn tags(xml: &str, name: &str) -> Vec<String> {
    let open = format!("<{name}");
    let parts = xml.split(&open).skip(1);
    parts
        .filter(|part| part.starts_with([' ', '\t', '\n', '\r']))
        .map(|part| part.split('>').next().unwrap_or("").to_owned())
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    tag.match_indices(name).find_map(|(at, _)| {
        let before = tag.get(..at)?.chars().next_back()?;
        let rest = tag.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|c| before.is_whitespace() && ['"', '\''].contains(c))?;
        rest.get(1..)?.split(quote).next().map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_with_an_identity_are_found_and_comments_are_not() {
        let xml = r#"<policies><inbound>
          <!-- <send-request><set-url>https://old.vault.azure.net/secrets/x</set-url></send-request> -->
          <send-request mode="new" response-variable-name="s">
            <set-url>https://kv1.vault.azure.net/secrets/key?api-version=7.4</set-url>
            <authentication-managed-identity resource="https://vault.azure.net" client-id="abc" />
          </send-request>
          <send-request mode="new"><set-url>@("https://kv2.vault.azure.net/secrets/" + context.Api.Id)</set-url>
            <authentication-managed-identity resource="https://vault.azure.net"/></send-request>
          <send-request><set-url>https://kv3.vault.azure.net/secrets/no-identity</set-url></send-request>
        </inbound></policies>"#;
        let calls = vault_calls(xml, &Cloud::public());
        assert_eq!(calls.len(), 2);
        assert_eq!(calls[0].url, "https://kv1.vault.azure.net/secrets/key");
        assert_eq!(calls[0].client_id, Some(ObjectId::new("abc")));
        assert_eq!(calls[1].url, "https://kv2.vault.azure.net/secrets/");
        assert_eq!(calls[1].client_id, None);
    }
}
