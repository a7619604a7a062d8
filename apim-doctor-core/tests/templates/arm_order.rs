//! Neither the order of properties nor the case of names changes what a template makes.

use crate::templates::with_shared;
use std::collections::BTreeMap;

use crate::source::arm::{self, FileKind, kind_of};
use crate::template::canonical::write_canonical;
use crate::template::deployment::Evaluated;
use crate::template::evaluation::{Given, NoLoader, Options, evaluate};
use crate::template::json::read_file;
use crate::template::text::{canonical, key};
use crate::template::value::{Kind, Object, Value};
use crate::templates::common::{files, shared};

fn backwards(value: &Value) -> Value {
    match &value.kind {
        Kind::Array(array) => Value::array(array.items.iter().map(backwards).collect(), value.span),
        Kind::Object(object) => {
            let entries = object.entries().iter().rev().map(|(key, value)| (key.clone(), backwards(value))).collect();
            Value::object(Object::new(entries), value.span)
        }
        _ => value.clone(),
    }
}

/// Properties by name, so that their order does not matter.
fn sorted(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn made(text: &str) -> Option<Evaluated> {
    let read = arm::read_template(Default::default(), text);
    Some(evaluate(read.found?, &Given::default(), &Options::default(), &mut NoLoader))
}

fn summary(evaluated: &Evaluated) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in &evaluated.resources {
        let text = format!(
            "{} {} {:?} {}",
            resource.resource_type.to_lowercase(),
            key(&resource.scope),
            std::mem::discriminant(&resource.condition),
            sorted(&write_canonical(&resource.body).to_lowercase())
        );
        all.entry(key(&resource.id).to_string()).or_default().push(text);
    }
    all.values_mut().for_each(|list| list.sort());
    all
}

#[test]
fn order_and_case_change_nothing() {
    with_shared("order_and_case_change_nothing", "data", |_| {
        let (mut tried, mut wrong) = (0, 0);
        for folder in ["cases/deployments", "data/templates", "data/bicep-pairs"] {
            for path in files(&shared(folder), &["json"]) {
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                if kind_of(&text) != FileKind::Template {
                    continue;
                }
                let Ok(value) = read_file(Default::default(), &text) else { continue };
                let plain = write_canonical(&value);
                let Some(first) = made(&plain) else { continue };
                let turned = made(&write_canonical(&backwards(&value))).unwrap();
                let mut other = plain.clone();
                for (from, to) in [
                    ("[parameters('", "[PARAMETERS('"),
                    ("(parameters('", "(Parameters('"),
                    ("variables(", "VARIABLES("),
                    ("resourceId(", "resourceID("),
                    ("reference(", "Reference("),
                    ("concat(", "CONCAT("),
                    ("copyIndex(", "copyindex("),
                    ("\"dependsOn\"", "\"dependson\""),
                    ("\"defaultValue\"", "\"DEFAULTVALUE\""),
                    ("\"condition\"", "\"Condition\""),
                    ("\"type\"", "\"Type\""),
                ] {
                    other = other.replace(from, to);
                }
                let other = made(&other).unwrap();
                let first = summary(&first);
                // `newGuid` and its like have the place in their text.
                let is_placed = |text: &String| text.contains("newguid(") || text.contains("{resource:");
                for (what, second) in [("order", summary(&turned)), ("case", summary(&other))] {
                    tried += 1;
                    let differs = first.iter().find(|(id, bodies)| second.get(*id) != Some(bodies));
                    if let Some((id, bodies)) = differs
                        && !is_placed(id)
                        && !bodies.iter().any(is_placed)
                    {
                        wrong += 1;
                        println!("{} {what}: {id}\n  {bodies:?}\n  {:?}", path.display(), second.get(id));
                    }
                }
            }
        }
        println!("{tried} tried, {wrong} wrong {}", canonical(&Value::null(Default::default())));
        assert_eq!(wrong, 0);
    });
}
