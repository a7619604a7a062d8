//! A request for a backup that a script sends to Resource Manager itself: its URL and its body.

use serde_json::Value as Json;

use crate::source::script::value::{HOLE, Key, Kind, Value};

/// What a request says.
pub(super) struct Sent {
    pub restores: bool,
    pub subscription: Option<Value>,
    pub group: Option<Value>,
    pub instance: Option<Value>,
    pub account: Option<Value>,
    pub container: Option<Value>,
    pub blob: Option<Value>,
    pub access: Option<Value>,
    pub client_id: Option<Value>,
    pub key: Key,
    pub version: Option<Value>,
}

/// Reads a request; `None`: it is not for a backup or a restore of an instance.
pub(super) fn sent(target: &Value, body: Option<&Value>, at: usize) -> Option<Sent> {
    let text = target.piece();
    let (path, query) = text.split_once('?').unwrap_or((&text, ""));
    let path = path.trim_end_matches('/');
    let (id, action) = path.rsplit_once('/')?;
    let restores = match action.to_ascii_lowercase().as_str() {
        "backup" => false,
        "restore" => true,
        _ => return None,
    };
    const SERVICE: &str = "/providers/microsoft.apimanagement/service/";
    let lower = id.to_ascii_lowercase();
    let own = lower.find(SERVICE).and_then(|at| Some((id.get(..at)?, id.get(at + SERVICE.len()..)?)));
    let body = body.map(Body::of);
    let (scope, name) = match own {
        Some((scope, name)) if !name.contains('/') => (scope, Some(name)),
        Some(_) => return None,
        // The id comes from somewhere else: the body says whether this is a backup.
        None if id.ends_with(HOLE) && body.as_ref().is_some_and(|body| body.is_backup()) => ("", None),
        None => return None,
    };
    let why = target.why.clone().unwrap_or_else(|| "the URL is computed".into());
    let part = |text: Option<&str>| match text {
        Some(text) if !text.is_empty() && !text.contains(HOLE) => Value::text(text, target.at),
        _ => Value::unknown(why.clone(), target.at),
    };
    let after = |marker: &str| {
        let lower = scope.to_ascii_lowercase();
        let rest = lower.find(marker).and_then(|at| scope.get(at + marker.len()..));
        rest.map(|rest| rest.split('/').next().unwrap_or_default())
    };
    let version = query.split('&').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.eq_ignore_ascii_case("api-version").then_some(value)
    });
    let get = |name: &str| body.as_ref().and_then(|body| body.get(name, at));
    let key = match get("accessKey").map(|value| value.kind) {
        Some(Kind::Text(text)) if text.is_empty() => Key::Absent,
        Some(_) => Key::Given,
        None if body.as_ref().is_some_and(|body| body.json.is_none()) => Key::Unknown,
        None => Key::Absent,
    };
    Some(Sent {
        restores,
        subscription: after("/subscriptions/").filter(|own| !own.contains(HOLE)).map(|own| part(Some(own))),
        group: Some(part(after("/resourcegroups/"))),
        instance: Some(part(name)),
        account: get("storageAccount"),
        container: get("containerName"),
        blob: get("backupName"),
        access: get("accessType"),
        client_id: get("clientId"),
        key,
        version: version.map(|version| part(Some(version))),
    })
}

/// The body of a request.
struct Body<'v> {
    value: &'v Value,
    json: Option<serde_json::Map<String, Json>>,
}

impl<'v> Body<'v> {
    fn of(value: &'v Value) -> Self {
        let text = value.piece();
        let parse = |text: &str| match serde_json::from_str::<Json>(text) {
            Ok(Json::Object(map)) => Some(map),
            _ => None,
        };
        // Windows PowerShell takes the quotes out of arguments unless they are escaped.
        let json = parse(text.trim()).or_else(|| parse(&text.trim().replace("\\\"", "\"")));
        Self { value, json }
    }

    fn is_backup(&self) -> bool {
        match &self.json {
            Some(map) => map.contains_key("storageAccount"),
            None => false,
        }
    }

    /// A member; of a body that cannot be read, a value that is not known.
    fn get(&self, name: &str, at: usize) -> Option<Value> {
        let Some(map) = &self.json else {
            let why = match self.value.piece().strip_prefix('@') {
                Some(file) if !file.contains(HOLE) => "the body of the request stands in another file".into(),
                _ => self.value.why.clone().unwrap_or_else(|| "the body of the request is not JSON".into()),
            };
            return Some(Value::unknown(why, self.value.at));
        };
        let why = || self.value.why.clone().unwrap_or_else(|| "the body of the request is computed".into());
        Some(match map.get(name)? {
            Json::String(text) if text.contains(HOLE) => {
                Value { why: Some(why()), ..Value::text(text.as_str(), self.value.at) }
            }
            Json::String(text) => Value::text(text.as_str(), self.value.at),
            Json::Null => return None,
            _ => Value::unknown(why(), at),
        })
    }
}
