//! Resources of the azapi provider, whose bodies are those of Resource Manager.

use std::sync::Arc;

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, empty, identity, object};
use crate::source::terraform::values::{known, member, text, unknown};
use crate::source::terraform::view::Block;
use crate::template::json;
use crate::template::value::{Key, Kind, Object, Value};

impl Lowering<'_, '_> {
    pub(super) fn azapi(&mut self, at: usize, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let written = own.shown("type").and_then(Value::as_str).unwrap_or_default();
        let Some((resource_type, version)) = written.split_once('@') else { return Lowered::NotRead };
        match kind {
            "azapi_resource" | "azapi_data_plane_resource" => {}
            // What an update leaves alone is not in the plan.
            "azapi_update_resource" => {
                let id = own.get("resource_id").unwrap_or_else(|| self.plan.id_of(at));
                let body = unknown(own.address(), own.span(), Vec::new());
                let body = Value::object(Object::new(vec![(Key::new("properties", own.span()), body)]), own.span());
                return azure(id, resource_type, version, body);
            }
            "azapi_resource_action" => return self.action(own, resource_type, version),
            _ => return Lowered::NotRead,
        }
        let body = own.body();
        let mut entries: Vec<(Key, Value)> = Vec::new();
        for (name, value) in [("location", own.get("location")), ("identity", identity(own))] {
            if let Some(value) = value {
                entries.push((Key::new(name, value.span), value));
            }
        }
        match &body.kind {
            Kind::Object(object) => entries.extend(object.entries().iter().cloned()),
            Kind::Unknown(_) => entries.push((Key::new("properties", body.span), body.clone())),
            _ => {}
        }
        let body = Value::object(Object::new(entries), own.span());
        azure(self.plan.id_of(at), resource_type, version, body)
    }
}

impl Lowering<'_, '_> {
    /// An action that the plan asks for: a backup or a restore of an instance.
    fn action(&self, own: &Block<'_, '_>, resource_type: &str, version: &str) -> Lowered {
        let name = own.shown("action").and_then(Value::as_str).unwrap_or_default();
        let action = ["backup", "restore"].into_iter().find(|action| action.eq_ignore_ascii_case(name));
        let (Some(action), Some(id)) = (action, own.get_id("resource_id")) else { return Lowered::NotRead };
        if !resource_type.eq_ignore_ascii_case("Microsoft.ApiManagement/service") {
            return Lowered::NotRead;
        }
        let id = text(&[&id, &known(&format!("/{action}/")), &known("request")], own.span());
        let version = Value::string(version, own.span());
        let body = object(own.span(), [("apiVersion", Some(version)), ("body", Some(own.body()))]);
        azure(id, &format!("{resource_type}/{action}"), "", body)
    }

    /// An action of a workflow, as HTTP or as JSON.
    pub(super) fn workflow_action(&self, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let (Some(workflow), name) = (own.get_id("logic_app_id"), self.plan.name_of(own.at)) else {
            return Lowered::NotRead;
        };
        let body = match kind {
            "logic_app_action_http" => {
                let [uri, method, body] = ["uri", "method", "body"].map(|name| own.get(name));
                object(own.span(), [("uri", uri), ("method", method), ("body", body)])
            }
            _ => own.body(),
        };
        let id = text(&[&workflow, &known("/actions/"), &name], own.span());
        azure(id, "Microsoft.Logic/workflows/actions", "", body)
    }
}

fn azure(id: Value, resource_type: &str, version: &str, body: Value) -> Lowered {
    let mut made = Made::new(id, "", "", body);
    made.written = Some((Arc::from(resource_type), Arc::from(version)));
    made.into()
}

impl Block<'_, '_> {
    /// The body: an object since 2.0, a text of JSON before.
    fn body(&self) -> Value {
        let span = self.span();
        let Some(body) = self.get("body") else { return empty(span) };
        let body = match body.as_str() {
            Some(text) => json::read(text, body.span).unwrap_or_else(|| unknown(self.address(), span, Vec::new())),
            None => body,
        };
        member(&Value::object(Object::new(vec![(Key::new("body", span), body)]), span), "body")
    }
}
