//! What is kept of an exchange: the request tells what its answer is.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::knowledge::cloud::Cloud;
use crate::model::Modelled;
use crate::model::app_service::{Config, KeyVaultReference};
use crate::model::form::REDACTED;
use crate::source::keep::resource::{bare, resource};
use crate::source::keep::table;
use crate::source::keep::url::{page, text, url};
use crate::source::keep::value::{self, Kept};
use crate::source::request::{ACTIVITY_LOG, Request, Subject};

/// Codes of an error. Its messages are sentences.
const ERROR: &[&str] = &[
    "/error/code",
    "/error/details/*/code",
    "/error/innerError/code",
    "/error/innererror/code",
    "/error/innererror/innererror/code",
];

/// Texts of an answer of a vault or of Microsoft Graph. The value of a secret is not among them.
const DIRECT: &[&str] = &[
    "/@odata.type",
    "/appId",
    "/contentType",
    "/displayName",
    "/id",
    "/policy/secret_props/contentType",
    "/value/*/@odata.type",
    "/value/*/appId",
    "/value/*/contentType",
    "/value/*/displayName",
    "/value/*/id",
];

/// What is sent to start or restore a backup. The account's key is not among them.
/// Source: <https://learn.microsoft.com/rest/api/apimanagement/api-management-service/backup> (read 2026-11-29).
const BACKUP: &[&str] = &["/accessType", "/backupName", "/clientId", "/containerName", "/storageAccount"];

/// What is read of the entries of the Activity Log. Who is a person is named only by an object id.
/// Source: <https://learn.microsoft.com/rest/api/monitor/activity-logs/list> (read 2026-11-29).
const EVENTS: &[&str] = &[
    "/value/*/authorization/action",
    "/value/*/authorization/evidence/principalId",
    "/value/*/authorization/scope",
    "/value/*/eventTimestamp",
    "/value/*/id",
    "/value/*/operationName/value",
    "/value/*/resourceId",
    "/value/*/status/value",
    "/value/*/subStatus/value",
];

/// Elements of the XML that storage accounts answer.
const XML: &[&str] = &[
    "Blob",
    "Blobs",
    "Code",
    "Container",
    "Containers",
    "Content-Length",
    "Content-Type",
    "Creation-Time",
    "EnumerationResults",
    "Error",
    "Last-Modified",
    "LeaseState",
    "LeaseStatus",
    "Message",
    "Name",
    "NextMarker",
    "Properties",
];

/// Drops from an exchange what no diagnosis reads.
pub(crate) fn exchange(exchange: &mut Value, cloud: &Cloud) {
    static CALLER: LazyLock<Kept> = LazyLock::new(|| Kept::texts(&["/appId", "/objectId"]));
    let Value::Object(map) = exchange else { return *exchange = Value::Null };
    only(map, &["body", "caller", "request", "send", "status"]);
    if let Some(caller) = map.get_mut("caller") {
        CALLER.apply(caller, cloud);
    }
    let asked = map.get("request").and_then(Value::as_str).unwrap_or_default().to_owned();
    let status = map.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let request = Request::parse(&asked, &cloud.resource_manager);
    if let Some(body) = map.get_mut("body") {
        answered(&request, status, body, cloud);
    }
    if let Some(send) = map.get_mut("send") {
        sent(&request, send, cloud);
    }
    map.insert("request".to_owned(), line(&asked).into());
}

/// An exchange of a live run without what no diagnosis reads.
#[cfg(feature = "live")]
pub(crate) fn recorded(
    mut exchange: crate::source::format::Exchange,
    cloud: &Cloud,
) -> crate::source::format::Exchange {
    let request = Request::parse(&exchange.request, &cloud.resource_manager);
    if let Some(body) = &mut exchange.body {
        answered(&request, Some(exchange.status), body, cloud);
    }
    if let Some(send) = &mut exchange.send {
        sent(&request, send, cloud);
    }
    exchange.request = line(&exchange.request);
    exchange
}

/// A request without secrets.
fn line(asked: &str) -> String {
    let (method, target) = asked.trim().split_once(' ').unwrap_or(("GET", asked.trim()));
    format!("{} {}", text(method), url(target.trim()))
}

fn answered(request: &Request<'_>, status: Option<u16>, body: &mut Value, cloud: &Cloud) {
    match body {
        Value::String(xml) => *xml = of_xml(xml),
        body if status == Some(200) => answer(request, body, cloud),
        body => error(body, cloud),
    }
}

/// An answer with status 200.
fn answer(request: &Request<'_>, body: &mut Value, cloud: &Cloud) {
    if request.is("POST") && request.path.eq_ignore_ascii_case("/providers/microsoft.resourcegraph/resources") {
        let Value::Object(map) = body else { return *body = Value::Null };
        only(map, &["$skipToken", "count", "data", "resultTruncated", "totalRecords"]);
        rows(map, "data", |row| bare(row, cloud));
        return pages(map);
    }
    let path = request.path.to_ascii_lowercase();
    if request.is("POST") {
        let (id, leaf) = path.rsplit_once('/').unwrap_or_default();
        let id = crate::base::ResourceId::new(id);
        let kind = id.resource_type().to_ascii_lowercase();
        return match leaf == "list" && Config::TYPES.contains(&kind.as_str()) {
            true => resource(&kind, id.name(), body, cloud),
            false => error(body, cloud),
        };
    }
    if !request.is("GET") {
        return error(body, cloud);
    }
    if request.host.is_some() {
        return direct(body, cloud);
    }
    if path.ends_with(ACTIVITY_LOG) {
        static LOG: LazyLock<Kept> = LazyLock::new(|| Kept::texts(EVENTS).with("/nextLink", Kept::Form(link)));
        return LOG.apply(body, cloud);
    }
    match request.subject() {
        Subject::Resource(id, kind) => resource(&kind, id.name(), body, cloud),
        Subject::List(_, kind) => list(&kind, body, cloud),
        Subject::Other => resource("", "", body, cloud),
    }
}

/// The elements of a list, and where it goes on.
fn list(kind: &str, body: &mut Value, cloud: &Cloud) {
    let Value::Object(map) = body else { return table::of_type("").apply(body, cloud) };
    // The references of an app as api-version 2019-08-01 answers them: by name, in one object.
    let by_name = KeyVaultReference::TYPES.contains(&kind) && map.get("properties").is_some_and(Value::is_object);
    only(map, &["$skipToken", "@odata.nextLink", "nextLink", "properties", "value"]);
    if by_name {
        if let Some(Value::Object(properties)) = map.get_mut("properties") {
            only(properties, &["keyToReferenceStatuses"]);
            let each = properties.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
            each.for_each(|one| table::of_reference().apply(one, cloud));
        }
    } else {
        map.remove("properties");
    }
    rows(map, "value", |item| {
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        resource(kind, &name, item, cloud);
    });
    pages(map);
}

/// Changes each element of a list; anything else is redacted.
fn rows(map: &mut Map<String, Value>, name: &str, change: impl Fn(&mut Value)) {
    match map.get_mut(name) {
        Some(Value::Array(rows)) => rows.iter_mut().for_each(change),
        Some(other) => *other = REDACTED.into(),
        None => {}
    }
}

/// Keeps members of these names.
fn only(map: &mut Map<String, Value>, names: &[&str]) {
    map.retain(|name, _| names.contains(&name.as_str()));
}

/// Where a list goes on.
fn pages(map: &mut Map<String, Value>) {
    for name in ["$skipToken", "@odata.nextLink", "nextLink"] {
        match map.get_mut(name) {
            Some(Value::String(next)) if name == "$skipToken" => *next = page(next).into_owned(),
            Some(Value::String(next)) => *next = url(next),
            _ => {}
        }
    }
}

/// An answer of a vault or of Microsoft Graph.
fn direct(body: &mut Value, cloud: &Cloud) {
    static ANSWER: LazyLock<Kept> = LazyLock::new(|| {
        let numbers = Kept::texts(&[]).with("/created", Kept::Number).with("/exp", Kept::Number);
        let numbers = numbers.with("/nbf", Kept::Number).with("/updated", Kept::Number);
        let attributes = numbers.with("/enabled", Kept::Flag);
        Kept::texts(DIRECT)
            .with("/attributes", attributes.clone())
            .with("/error", Kept::Form(of_error))
            .with("/policy/key_props/exportable", Kept::Flag)
            .with("/value/*/attributes", attributes)
            .with("/nextLink", Kept::Form(link))
            .with("/@odata.nextLink", Kept::Form(link))
    });
    ANSWER.apply(body, cloud);
}

fn link(value: &mut Value, _: &Cloud) {
    if let Value::String(next) = value {
        *next = url(next);
    }
}

/// An answer of which only an error matters.
fn error(body: &mut Value, cloud: &Cloud) {
    match body {
        Value::Object(map) => {
            only(map, &["error"]);
            map.values_mut().for_each(|error| of_error(error, cloud));
        }
        Value::Null => {}
        other => *other = Value::Null,
    }
}

/// Codes and messages of an error.
fn of_error(value: &mut Value, cloud: &Cloud) {
    static ALL: LazyLock<Kept> = LazyLock::new(|| {
        let sentence = || Kept::Form(value::sentence);
        Kept::texts(ERROR)
            .with("/error/details/*/message", sentence())
            .with("/error/innererror/message", sentence())
            .with("/error/message", sentence())
    });
    match value {
        Value::String(code) => *code = text(code),
        other => {
            let mut whole = serde_json::json!({ "error": other.take() });
            ALL.apply(&mut whole, cloud);
            *other = whole.get_mut("error").map(Value::take).unwrap_or_default();
        }
    }
}

/// What was sent: a query of Resource Graph, or a backup that was asked for.
fn sent(request: &Request<'_>, send: &mut Value, cloud: &Cloud) {
    static QUERY: LazyLock<Kept> =
        LazyLock::new(|| Kept::texts(&["/managementGroups/*", "/options/$skipToken", "/query", "/subscriptions/*"]));
    static NAMES: LazyLock<Kept> =
        LazyLock::new(|| Kept::texts(BACKUP).with("/accessKey", Kept::Form(|value, _| *value = REDACTED.into())));
    let leaf = request.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    match leaf.as_str() {
        "resources" => QUERY.apply(send, cloud),
        "backup" | "restore" => NAMES.apply(send, cloud),
        _ => *send = Value::Null,
    }
}

/// An answer of a storage account: names and times. Text of any other form says nothing.
fn of_xml(xml: &str) -> String {
    if !xml.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return REDACTED.to_owned();
    }
    let mut kept = String::new();
    // Inside of elements that are dropped, nothing stays.
    let mut dropped = 0_usize;
    for part in xml.split('<').skip(1) {
        let (tag, behind) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.trim_matches('/').split([' ', '\t', '\r', '\n']).next().unwrap_or_default();
        let (is_end, is_alone) = (tag.starts_with('/'), tag.ends_with('/') || tag.starts_with(['?', '!']));
        if !XML.contains(&name) {
            match (is_alone, is_end) {
                (true, _) => {}
                (_, false) => dropped += 1,
                (_, true) => dropped = dropped.saturating_sub(1),
            }
        } else if dropped == 0 {
            kept.push_str(&format!("<{}{name}{}>", if is_end { "/" } else { "" }, if is_alone { "/" } else { "" }));
        }
        if dropped == 0 && XML.contains(&name) && !is_end && !is_alone {
            kept.push_str(&text(behind.trim()));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_list_of_blobs_names_and_times_stay() {
        let xml = "\u{feff}<?xml version=\"1.0\"?><EnumerationResults ServiceEndpoint=\"https://s/?sig=K\"><Blobs><Blob>\
                   <Name>a.bak</Name><Metadata><secret>K</secret><Name>K</Name></Metadata><Properties><Etag>K</Etag>\
                   <Last-Modified>Tue</Last-Modified></Properties></Blob></Blobs><NextMarker /></EnumerationResults>K";
        let kept = "<EnumerationResults><Blobs><Blob><Name>a.bak</Name><Properties><Last-Modified>Tue</Last-Modified>\
                    </Properties></Blob></Blobs><NextMarker/></EnumerationResults>";
        assert_eq!(of_xml(xml), kept);
        assert_eq!(of_xml(kept), kept);
        assert_eq!(of_xml("hunter2"), REDACTED);
    }
}
