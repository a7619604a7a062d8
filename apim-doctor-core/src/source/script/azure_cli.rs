//! Commands of azure-cli.
//!
//! `az apim backup` takes account keys only; `az resource invoke-action` and `az rest` send any request. Source:
//! <https://github.com/Azure/azure-cli/issues/28503> (read 2026-11-21).

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::is_guid;
use crate::model::script::{Means, Signer};
use crate::source::script::found::Found;
use crate::source::script::run::Run;
use crate::source::script::value::{HOLE, Key, Kind, Value, joined};

impl Run<'_> {
    /// A command of azure-cli.
    pub(super) fn az(&mut self, words: &[Value], at: usize) -> Value {
        let mut group: Vec<Rc<str>> = Vec::new();
        let mut options: BTreeMap<String, Value> = BTreeMap::new();
        let mut open: Option<(String, usize)> = None;
        for word in words {
            let piece = word.piece();
            match (piece.strip_prefix('-').filter(|rest| !rest.is_empty()), &mut open) {
                (Some(_), _) => {
                    if let Some((before, at)) = open.take() {
                        options.insert(before, Value::text("", at));
                    }
                    match piece.split_once('=').filter(|_| piece.starts_with("--")) {
                        Some((name, value)) => {
                            let value = Value { kind: Kind::Text(value.into()), ..word.clone() };
                            options.insert(name.to_owned(), value);
                        }
                        None => open = Some((piece.to_string(), word.at)),
                    }
                }
                (None, Some(_)) => {
                    let name = open.take().map(|(name, _)| name).unwrap_or_default();
                    options.entry(name).or_insert_with(|| word.clone());
                }
                (None, None) if options.is_empty() => group.push(piece),
                (None, None) => {}
            }
        }
        if let Some((name, at)) = open {
            options.insert(name, Value::text("", at));
        }
        let get = |names: &[&str]| names.iter().find_map(|name| options.get(*name)).cloned();
        let words: Vec<&str> = group.iter().map(|word| &**word).collect();
        let subscription = get(&["--subscription"]).or_else(|| self.signed.subscription.clone());
        match words.as_slice() {
            ["apim", operation @ ("backup" | "restore"), ..] => {
                let account = get(&["--storage-account-name"]);
                let key = get(&["--storage-account-key"]);
                self.send(Found {
                    at,
                    means: Means::AzApim,
                    restores: *operation == "restore",
                    subscription,
                    group: get(&["--resource-group", "-g"]),
                    instance: get(&["--name", "-n"]),
                    account,
                    container: get(&["--storage-account-container"]),
                    blob: get(&["--backup-name"]),
                    access: None,
                    client_id: None,
                    key: match key.as_ref().map(|key| &key.kind) {
                        Some(Kind::Key(key)) => *key,
                        Some(_) => Key::Given,
                        None => Key::Absent,
                    },
                    context: None,
                    version: None,
                });
                Value::unknown("the output of `az`", at)
            }
            ["rest", ..] => {
                self.rest(get(&["--method", "-m"]), get(&["--uri", "--url", "-u"]), get(&["--body", "-b"]), false, at)
            }
            ["resource", "invoke-action", ..] => {
                let action = get(&["--action"]);
                let id = get(&["--ids"]).or_else(|| {
                    let kind = get(&["--resource-type"])?.known()?.to_ascii_lowercase();
                    let is_service = kind == "microsoft.apimanagement/service"
                        || kind == "service" && get(&["--namespace"]).is_some();
                    let (group, name) = (get(&["--resource-group", "-g"])?, get(&["--name", "-n"])?);
                    is_service.then(|| self.instance_id(&group, &name, at))
                });
                let (Some(action), Some(id)) = (action, id) else { return Value::unknown("the output of `az`", at) };
                let target = target(&id, &action, get(&["--api-version"]), at);
                self.rest(Some(Value::text("post", at)), Some(target), get(&["--request-body"]), false, at)
            }
            ["storage", "account", "keys", "list", ..] | ["storage", "account", "show-connection-string", ..] => {
                Value::new(Kind::Key(Key::Fetched), at)
            }
            ["keyvault", "secret", "show", ..] => Value::new(Kind::Key(Key::Given), at),
            ["account", "set", ..] => {
                self.signed.subscription = get(&["--subscription", "--name", "-s", "-n"]);
                Value::text("", at)
            }
            ["login", ..] => {
                let id = get(&["--client-id", "--username", "-u"]);
                let guid = id.as_ref().and_then(Value::known).filter(|id| is_guid(id)).map(|id| id.to_string());
                let is_identity = get(&["--identity", "-i"]).is_some();
                self.signed.signer = Some(match (is_identity, guid, id) {
                    (true, Some(id), _) => Signer::UserAssigned(id),
                    (true, None, None) => Signer::SystemAssigned,
                    (false, Some(id), _) => Signer::Application(id),
                    _ => Signer::Unknown,
                });
                Value::text("", at)
            }
            ["apim", "show", ..] => {
                let names = (get(&["--resource-group", "-g"]), get(&["--name", "-n"]));
                match (get(&["--query"]).and_then(|query| query.known()).as_deref(), names) {
                    (Some("id"), (Some(group), Some(name))) => self.instance_id(&group, &name, at),
                    (Some("name"), (_, Some(name))) => name,
                    _ => Value::unknown("the output of `az apim show`", at),
                }
            }
            _ => {
                let shown: Vec<&str> = words.iter().filter(|word| !word.contains(HOLE)).take(3).copied().collect();
                Value::unknown(format!("the output of `az {}`", shown.join(" ")), at)
            }
        }
    }
}

/// The URL of an operation of a resource.
pub(super) fn target(id: &Value, action: &Value, version: Option<Value>, at: usize) -> Value {
    let mut parts = vec![id.clone(), Value::text("/", at), action.clone()];
    if let Some(version) = version {
        parts.extend([Value::text("?api-version=", at), version]);
    }
    joined(&parts, at)
}
