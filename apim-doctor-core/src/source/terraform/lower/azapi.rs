//! Resources of the azapi provider, whose bodies are those of Resource Manager.

use std::sync::Arc;

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, empty, identity};
use crate::source::terraform::values::{member, unknown};
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
