//! Operations that somebody asked Resource Manager for: backups, restores, account keys, and the Activity Log of them.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::base::{ObjectId, ResourceId, is_guid};
use crate::model::backup::{BACKUP_ACTION, BackupRequest, Call, LIST_KEYS, Outcome, RESTORE_ACTION, refused};
use crate::model::{Modelled, Seen};
use crate::source::exchange::Exchange;
use crate::source::reader::Reader;
use crate::source::request::Request;

/// What is read of the Activity Log.
#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event<'a> {
    #[serde(borrow)]
    operation_name: Worded<'a>,
    #[serde(borrow)]
    status: Worded<'a>,
    #[serde(borrow)]
    sub_status: Worded<'a>,
    #[serde(borrow)]
    resource_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event_timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    caller: Option<Cow<'a, str>>,
    authorization: Authorization,
}

/// A value that has another text for people.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Worded<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Authorization {
    evidence: AuthorizationEvidence,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AuthorizationEvidence {
    principal_id: Option<ObjectId>,
}

impl<'a> Reader<'a> {
    /// Reads a request for a backup, a restore or account keys; whether it was one.
    pub(super) fn operation(&mut self, request: &Request<'_>, exchange: &Exchange<'a>) -> bool {
        let (id, leaf) = request.path.rsplit_once('/').unwrap_or_default();
        let id = ResourceId::new(id);
        let kind = id.resource_type().to_ascii_lowercase();
        let action = match (kind.as_str(), leaf.to_ascii_lowercase().as_str()) {
            _ if request.host.is_some() => return false,
            ("microsoft.apimanagement/service", "backup") => BACKUP_ACTION,
            ("microsoft.apimanagement/service", "restore") => RESTORE_ACTION,
            ("microsoft.storage/storageaccounts", "listkeys") => LIST_KEYS,
            _ => return false,
        };
        if let (Some(send), false) = (exchange.send, action == LIST_KEYS) {
            self.backup_request(&id, action, send, request.api_version());
        }
        let (code, message) = error_of(exchange.body);
        let outcome = match (exchange.status, code.as_str()) {
            (200..300, _) => Outcome::Taken,
            (401 | 403, _) => Outcome::Refused,
            (409, "ScopeLocked") => Outcome::Locked,
            _ => Outcome::Failed,
        };
        let (principal, named) = refused(&message);
        // A refusal of something else says nothing of this.
        let is_other = named.is_some_and(|named| !named.eq_ignore_ascii_case(action));
        let principal = principal.filter(|_| !is_other);
        self.calls.push((self.file, Call { action, resource: id, at: None, principal, outcome }));
        true
    }

    /// A request that was sent, as a resource inside the instance: its body says what was asked for.
    fn backup_request(&mut self, instance: &ResourceId, action: &str, send: &'a RawValue, version: &str) {
        let leaf = if action == BACKUP_ACTION { "backup" } else { "restore" };
        let Some(id) = serde_json::from_str(send.get()).ok().and_then(|body| request_id(instance, leaf, &body)) else {
            return;
        };
        let kind = BackupRequest::TYPES.iter().find(|name| name.ends_with(leaf)).copied().unwrap_or_default();
        self.resource(kind, Some(id), send, (Seen::Fetched, Arc::from(version)));
    }

    /// Reads the entries of the Activity Log about backups.
    ///
    /// Source: <https://learn.microsoft.com/dotnet/api/azure.resourcemanager.monitor.models.eventdatainfo.substatus> (read
    /// 2026-11-30).
    pub(super) fn activity_log(&mut self, body: &'a RawValue) {
        let Ok(log) = serde_json::from_str::<Log>(body.get()) else { return };
        for event in log.value.into_iter().filter_map(|raw| serde_json::from_str::<Event>(raw.get()).ok()) {
            let named = &event.operation_name.value;
            let own = [BACKUP_ACTION, RESTORE_ACTION].into_iter().find(|action| action.eq_ignore_ascii_case(named));
            let (Some(action), Some(resource)) = (own, &event.resource_id) else { continue };
            let caller = event.caller.as_deref().filter(|caller| is_guid(caller)).map(ObjectId::new);
            let failed = event.status.value.eq_ignore_ascii_case("Failed");
            // The HTTP status of the call.
            let refused = ["Forbidden", "Unauthorized"].iter().any(|s| event.sub_status.value.eq_ignore_ascii_case(s));
            let call = Call {
                action,
                resource: ResourceId::new(resource),
                at: event.event_timestamp.map(Cow::into_owned),
                principal: event.authorization.evidence.principal_id.or(caller),
                outcome: match (failed, refused) {
                    (true, true) => Outcome::Refused,
                    (true, false) => Outcome::Failed,
                    (false, _) => Outcome::Taken,
                },
            };
            self.calls.push((self.file, call));
        }
    }
}

/// The id that a request for a backup or a restore has in an estate: by what it names and how it signs in.
pub(super) fn request_id(instance: &ResourceId, leaf: &str, body: &Value) -> Option<ResourceId> {
    let body = body.as_object()?;
    let word = |name: &str| {
        let text = body.get(name).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        text.replace(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.', "_")
    };
    let parts = ["storageAccount", "containerName", "backupName", "accessType", "clientId"].map(word);
    Some(instance.child(leaf, parts.join("!").trim_end_matches('!')))
}

/// The id of the request that an exchange sent, if it is for a backup or a restore.
pub(crate) fn sent_id(exchange: &Value, resource_manager: &str) -> Option<ResourceId> {
    let request = Request::parse(exchange.get("request")?.as_str()?, resource_manager);
    let (instance, leaf) = request.path.rsplit_once('/')?;
    let leaf = ["backup", "restore"].into_iter().find(|own| leaf.eq_ignore_ascii_case(own))?;
    request_id(&ResourceId::new(instance), leaf, exchange.get("send")?).filter(|_| request.is("POST"))
}

/// The code and the message of an error.
fn error_of(body: Option<&RawValue>) -> (String, String) {
    let body = body.and_then(|body| serde_json::from_str::<Value>(body.get()).ok()).unwrap_or_default();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("/error/code"), text("/error/message"))
}
