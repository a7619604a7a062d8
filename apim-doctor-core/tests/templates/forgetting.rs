//! Forgetting the value of a parameter only makes less sure.

use crate::templates::with_shared;
use std::collections::BTreeMap;
use std::path::Path;

use crate::source::arm::{FileKind, Project, kind_of};
use crate::template::deployment::Evaluated;
use crate::template::evaluation::{Given, Options, evaluate};
use crate::template::place::Span;
use crate::template::resource::Resource;
use crate::template::resource::{Truth, Turn};
use crate::template::text::canonical;
use crate::template::value::{Kind, Value, Why};
use crate::templates::common::{files, shared};

/// Where something is surer, or something else, than it was.
fn surer(full: &Value, less: &Value, at: &str) -> Option<String> {
    let differ = || Some(format!("{at}: {} became {}", canonical(full), canonical(less)));
    match (&full.kind, &less.kind) {
        (_, Kind::Unknown(_)) => None,
        (Kind::Symbol(_) | Kind::String(_), Kind::Symbol(_)) => None,
        (Kind::Unknown(_), _) => differ(),
        (Kind::Array(full), Kind::Array(less)) => {
            if full.open.is_none() && less.open.is_none() && full.items.len() != less.items.len() {
                return differ();
            }
            match &less.open {
                Some(_) => None,
                None => full
                    .items
                    .iter()
                    .zip(&less.items)
                    .enumerate()
                    .find_map(|(n, (a, b))| surer(a, b, &format!("{at}/{n}"))),
            }
        }
        (Kind::Object(full), Kind::Object(less)) => {
            let lost = full.entries().iter().find_map(|(key, value)| match less.get(&key.text) {
                Some(other) => surer(value, other, &format!("{at}/{}", key.text)),
                None if less.open.is_some() => None,
                None => Some(format!("{at}/{} is gone", key.text)),
            });
            lost.or_else(|| {
                let new = less.entries().iter().find(|(key, value)| {
                    full.get(&key.text).is_none()
                        && full.open.is_none()
                        && !value.is_unknown()
                        && !value.is_null()
                        && key.symbol.is_none()
                });
                new.map(|(key, _)| format!("{at}/{} is new", key.text))
            })
        }
        _ if canonical(full) == canonical(less) => None,
        _ => differ(),
    }
}

fn key(resource: &Resource) -> (Span, Option<i64>, u32) {
    let turn = match &resource.turn {
        Some(Turn::At(at)) => Some(*at),
        _ => None,
    };
    (resource.span, turn, 0)
}

fn compare(full: &Evaluated, less: &Evaluated) -> Option<String> {
    let mut by_key: BTreeMap<_, Vec<&Resource>> = BTreeMap::new();
    for resource in &less.resources {
        by_key.entry(key(resource)).or_default().push(resource);
    }
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    for resource in &full.resources {
        let at = seen.entry(key(resource)).or_default();
        // Inside modules that are made many times, the order is the same or nothing is.
        let other = by_key.get(&key(resource)).and_then(|found| found.get(*at));
        *at += 1;
        let Some(other) = other else { continue };
        let truth = match (&resource.condition, &other.condition) {
            (_, Truth::Unknown(_)) | (Truth::Yes, Truth::Yes) | (Truth::No, Truth::No) => None,
            (a, b) => Some(format!("condition {a:?} became {b:?}")),
        };
        let body = match matches!((&resource.condition, &other.condition), (Truth::No, _) | (_, Truth::No)) {
            true => None,
            false => surer(&resource.body, &other.body, &canonical(&resource.id)),
        };
        if let Some(wrong) = truth.or(body).or_else(|| surer(&resource.id, &other.id, "id")) {
            return Some(wrong);
        }
    }
    None
}

#[test]
fn forgetting_a_value_makes_less_sure() {
    with_shared("forgetting_a_value_makes_less_sure", "data", |_| {
        let options = Options {
            subscription: Some("s".into()),
            resource_group: Some("g".into()),
            location: Some("l".into()),
            ..Options::default()
        };
        let (mut tried, mut wrong) = (0, 0);
        for folder in ["cases/deployments", "data/templates", "data/bicep-pairs"] {
            for path in files(&shared(folder), &["json"]) {
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                if kind_of(&text) != FileKind::Template {
                    continue;
                }
                let mut project = Project::new(path.parent().unwrap());
                let template = project.template(Path::new(path.file_name().unwrap())).unwrap();
                let mut given = Given::default();
                for (name, parameter) in template.parameters.iter() {
                    if parameter.default.is_none() && parameter.kind.to_ascii_lowercase().ends_with("string") {
                        given.insert(name.clone(), Value::string("value", Span::NONE));
                    }
                }
                let full = evaluate(template.clone(), &given, &options, &mut project);
                for (name, _) in template.parameters.iter().take(15) {
                    let mut less = given.clone();
                    less.insert(name.clone(), Value::unknown(Why::Parameter(name.clone()), Span::NONE));
                    let less = evaluate(template.clone(), &less, &options, &mut project);
                    tried += 1;
                    if let Some(message) = compare(&full, &less) {
                        wrong += 1;
                        println!("{} without {name}: {message}", path.display());
                    }
                }
            }
        }
        println!("{tried} tried, {wrong} wrong");
        assert_eq!(wrong, 0);
    });
}
