//! Values as JSON.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::source::script::run::KEYS;
use crate::source::script::value::{HOLE, Kind, Value};

/// A value as JSON, why a piece of it is not known, and where it starts.
pub(super) fn json_of(value: &Value) -> Option<(Json, Option<Rc<str>>, usize)> {
    fn walk(value: &Value, why: &mut Option<Rc<str>>, depth: u8) -> Option<Json> {
        if depth > 8 {
            return None;
        }
        if why.is_none() {
            why.clone_from(&value.why);
        }
        Some(match &value.kind {
            Kind::Text(text) => Json::from(&**text),
            Kind::List(items) => match items.as_slice() {
                [one] => walk(one, why, depth + 1)?,
                all => Json::Array(all.iter().map(|one| walk(one, why, depth + 1)).collect::<Option<_>>()?),
            },
            Kind::Table(table, _) => {
                let names = table.get(KEYS).and_then(Value::items).unwrap_or_default();
                let written: Vec<Rc<str>> = names.iter().filter_map(Value::known).collect();
                let mut map = serde_json::Map::new();
                for (key, value) in table.iter().filter(|(key, _)| key.as_str() != KEYS) {
                    let name = written.iter().find(|name| name.eq_ignore_ascii_case(key));
                    let name = name.map_or_else(|| key.clone(), |name| name.to_string());
                    map.insert(name, walk(value, why, depth + 1)?);
                }
                Json::Object(map)
            }
            Kind::Key(_) | Kind::Unknown | Kind::Context(_) => Json::from(HOLE.to_string()),
        })
    }
    let mut why = None;
    let json = walk(value, &mut why, 0)?;
    Some((json, why, value.at))
}
