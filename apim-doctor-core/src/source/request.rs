//! What a recorded request asked for: one resource, a list, or another service.

use std::borrow::Cow;

use crate::base::{ObjectId, ResourceId};
use crate::model::Filter;

/// How the path of a request for the Activity Log ends, in lower case.
pub(crate) const ACTIVITY_LOG: &str = "/providers/microsoft.insights/eventtypes/management/values";

/// A recorded request, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request<'r> {
    /// `GET`, `POST`, …, as written.
    method: &'r str,
    /// Another host than Resource Manager, in lower case.
    pub host: Option<String>,
    /// The path, as written, without doubled slashes.
    pub path: Cow<'r, str>,
    /// The query, decoded; names in lower case.
    query: Vec<(Cow<'r, str>, Cow<'r, str>)>,
}

/// What a path stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subject {
    /// One resource of this type (lower case).
    Resource(ResourceId, String),
    /// The resources of this type (lower case) at this scope.
    List(ResourceId, String),
    /// Neither: a subscription, a resource group.
    Other,
}

impl<'r> Request<'r> {
    /// Takes a request apart; `resource_manager` is the host that is left away.
    pub(crate) fn parse(text: &'r str, resource_manager: &str) -> Self {
        let (method, url) = text.trim().split_once(' ').unwrap_or(("GET", text.trim()));
        let (rest, query) = url.trim().split_once('?').unwrap_or((url.trim(), ""));
        let after_scheme = rest.split_once("://").map(|(_, after)| after);
        let (host, path) = match after_scheme.map(|after| after.split_once('/').unwrap_or((after, ""))) {
            Some((host, path)) => {
                let host = host.to_ascii_lowercase();
                (Some(host.strip_suffix(":443").map(str::to_owned).unwrap_or(host)), path)
            }
            None => (None, rest),
        };
        Self {
            method,
            host: host.filter(|host| host != resource_manager),
            path: clean(path),
            query: query.split('&').filter(|part| !part.is_empty()).map(pair).collect(),
        }
    }

    /// Whether the method is this one.
    pub(crate) fn is(&self, method: &str) -> bool {
        self.method.eq_ignore_ascii_case(method)
    }

    /// A parameter of the query, by its name in lower case.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// The api-version, empty where none was given.
    pub(crate) fn api_version(&self) -> &str {
        self.parameter("api-version").unwrap_or_default()
    }

    /// Whether this is a later page of a list.
    pub(crate) fn is_page(&self) -> bool {
        self.query.iter().any(|(key, _)| key == "$skiptoken" || key == "$skip" || key == "marker")
    }

    /// A form in which equal requests are equal, whichever program wrote them.
    pub(crate) fn key(&self) -> String {
        let mut query = self.query.clone();
        query.sort();
        let mut key = format!("{}{}", self.host.as_deref().unwrap_or_default(), self.path);
        for (name, value) in query {
            key.push('&');
            key.push_str(&name);
            key.push('=');
            key.push_str(&value);
        }
        key.make_ascii_lowercase();
        key
    }

    /// Which part of a list was asked for.
    pub(crate) fn filter(&self) -> Filter {
        let mut filter = Filter::None;
        for (key, value) in &self.query {
            filter = match &**key {
                "api-version" | "$expand" | "format" | "expandapiversionset" | "restype" | "comp" => filter,
                "$filter" => match filter_of(value) {
                    Some(found) => found,
                    None => return Filter::Other,
                },
                _ => return Filter::Other,
            };
        }
        filter
    }

    /// What the path stands for.
    pub(crate) fn subject(&self) -> Subject {
        // Few ids have more segments.
        let mut segments: Vec<&str> = Vec::with_capacity(16);
        segments.extend(self.path.split('/').filter(|s| !s.is_empty()));
        let Some(provider) = segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers")) else {
            return Subject::Other;
        };
        let rest = segments.get(provider + 1..).unwrap_or_default();
        let Some((namespace, rest)) = rest.split_first() else { return Subject::Other };
        let mut kind = String::with_capacity(self.path.len());
        kind.push_str(namespace);
        for segment in rest.iter().step_by(2) {
            kind.push('/');
            kind.push_str(segment);
        }
        kind.make_ascii_lowercase();
        // These answer one document although their path ends in a type.
        let is_document = kind.ends_with("/networkstatus") || kind.ends_with("/locations/servicetags");
        match rest.len() {
            0 => Subject::Other,
            n if n % 2 == 0 || is_document => Subject::Resource(ResourceId::new(&self.path), kind),
            1 => Subject::List(self.before(&segments, provider), kind),
            _ => Subject::List(self.before(&segments, segments.len() - 1), kind),
        }
    }

    /// The path up to its segment `end`.
    fn before(&self, segments: &[&str], end: usize) -> ResourceId {
        let len = segments.iter().take(end).map(|segment| segment.len() + 1).sum();
        ResourceId::new(self.path.get(..len).unwrap_or_default())
    }
}

/// A path that starts with a slash and has no empty segments.
fn clean(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') && !path.ends_with('/') && !path.contains("//") {
        return path.into();
    }
    let mut clean = String::with_capacity(path.len() + 1);
    for segment in path.split('/').filter(|s| !s.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    clean.into()
}

fn pair(part: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    let (key, value) = part.split_once('=').unwrap_or((part, ""));
    let mut key = decode(key);
    if key.bytes().any(|b| b.is_ascii_uppercase()) {
        key.to_mut().make_ascii_lowercase();
    }
    (key, decode(value))
}

/// Undoes percent-encoding, and `+` for a blank.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let ahead = rest.clone();
                let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
                match (hex(rest.next()), hex(rest.next())) {
                    (Some(high), Some(low)) => bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'%')),
                    _ => {
                        bytes.push(b'%');
                        rest = ahead;
                    }
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// The filters whose reach is documented; `None` for any other.
///
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest>
/// (read 2026-11-21).
fn filter_of(text: &str) -> Option<Filter> {
    let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let folded = squeezed.to_ascii_lowercase();
    let (at_scope, one) = match folded.strip_prefix("atscope()") {
        Some("") => return Some(Filter::AtScope),
        Some(rest) => (true, rest.strip_prefix(" and ")?),
        None => (false, folded.as_str()),
    };
    if let Some(rest) = one.strip_prefix("assignedto('") {
        let principal = ObjectId::new(rest.strip_suffix("')")?);
        return Some(Filter::AssignedTo { principal, at_scope });
    }
    let value = |text: &str| Some(text.strip_suffix('\'')?.to_owned()).filter(|own| !own.contains('\''));
    // Source: <https://learn.microsoft.com/rest/api/backup/backup-protected-items/list> (read 2026-11-30).
    if let Some(rest) = one.strip_prefix("backupmanagementtype eq '") {
        return value(rest).map(Filter::Backups);
    }
    // Source: <https://learn.microsoft.com/azure/backup/backup-azure-arm-userestapi-managejobs> (read 2026-11-21).
    if let Some(rest) = one.strip_prefix("starttime eq '") {
        let (from, until) = rest.split_once(" and endtime eq ")?;
        return Some(Filter::Started { from: value(from)?, until: value(until.strip_prefix('\'')?)? });
    }
    let rest = one.strip_prefix("principalid eq '")?;
    Some(Filter::PrincipalId(ObjectId::new(rest.strip_suffix('\'')?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Request<'_> {
        Request::parse(text, "management.azure.com")
    }

    #[test]
    fn a_path_is_a_resource_or_a_list() {
        let subject = |path: &str| parse(&format!("GET {path}?api-version=1")).subject();
        let kv = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv";
        assert_eq!(subject(kv), Subject::Resource(ResourceId::new(kv), "microsoft.keyvault/vaults".into()));
        assert_eq!(
            subject("/subscriptions/s/providers/Microsoft.KeyVault/vaults"),
            Subject::List(ResourceId::new("/subscriptions/s"), "microsoft.keyvault/vaults".into())
        );
        assert_eq!(
            subject(&format!("{kv}/secrets")),
            Subject::List(ResourceId::new(kv), "microsoft.keyvault/vaults/secrets".into())
        );
        assert_eq!(
            subject(&format!("{kv}/providers/Microsoft.Authorization/roleAssignments")),
            Subject::List(ResourceId::new(kv), "microsoft.authorization/roleassignments".into())
        );
        assert_eq!(subject("/subscriptions/s"), Subject::Other);
    }

    #[test]
    fn filters_mean_what_they_mean() {
        let filter = |f: &str| parse(&format!("GET /x?api-version=1&$filter={f}")).filter();
        assert_eq!(filter("atScope()"), Filter::AtScope);
        assert_eq!(filter("principalId%20eq%20'AB'"), Filter::PrincipalId(ObjectId::new("ab")));
        assert_eq!(
            filter("atScope()+and+assignedTo('AB')"),
            Filter::AssignedTo { principal: ObjectId::new("ab"), at_scope: true }
        );
        assert_eq!(filter("backupManagementType eq 'AzureIaasVM'"), Filter::Backups("azureiaasvm".into()));
        let (from, until) = ("2026-11-14 09:00:00 am".to_owned(), "2026-11-21 09:00:00 am".to_owned());
        let window = "startTime eq '2026-11-14 09:00:00 AM' and endTime eq '2026-11-21 09:00:00 AM'";
        assert_eq!(filter(window), Filter::Started { from, until });
        assert_eq!(filter("type eq 'x'"), Filter::Other);
        assert_eq!(parse("GET /x?$top=5").filter(), Filter::Other);
        assert_eq!(parse("GET /x?api-version=1").filter(), Filter::None);
    }

    #[test]
    fn the_host_of_resource_manager_is_left_away_and_another_is_kept() {
        assert_eq!(parse("GET https://Management.Azure.com//a/b").key(), parse("GET /A/b").key());
        assert_eq!(parse("GET https://kv.vault.azure.net/secrets/x").host.as_deref(), Some("kv.vault.azure.net"));
    }
}
