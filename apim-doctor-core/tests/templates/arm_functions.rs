//! The functions, against what the engine and its documentation say.

use crate::templates::with_shared;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::{arm, bicep};
use crate::template::evaluation::{Options, evaluate_expression};
use crate::template::expression::{Expr, ExprKind};
use crate::template::place::{FileId, Files, Span};
use crate::template::value::{Kind, Value};

fn plain(value: &Value) -> serde_json::Value {
    match &value.kind {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Int(number) => (*number).into(),
        Kind::Number(text) => serde_json::from_str(text).unwrap_or_default(),
        Kind::String(text) => text.as_ref().into(),
        Kind::Array(array) if array.open.is_none() => array.items.iter().map(plain).collect(),
        Kind::Object(object) if object.open.is_none() => object
            .entries()
            .iter()
            .map(|(key, value)| (key.text.to_string(), plain(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => format!("{other:?}").into(),
    }
}

#[test]
fn functions_give_what_the_engine_gives() {
    with_shared("functions_give_what_the_engine_gives", "data", |_| {
        let data = std::fs::read_to_string(crate::templates::common::shared("data/arm-functions.jsonl")).unwrap();
        let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for line in data.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let is_bicep = case["language"] == "bicep";
            let group = format!("{} {}", case["trust"].as_str().unwrap(), if is_bicep { "bicep" } else { "arm" });
            let share = shares.entry(group).or_default();
            share.1 += 1;
            let mut parameters = serde_json::Map::new();
            for (name, value) in case["parameters"].as_object().into_iter().flatten() {
                parameters.insert(name.clone(), serde_json::json!({ "type": "object", "defaultValue": value }));
            }
            let mut variables = case["variables"].as_object().cloned().unwrap_or_default();
            if !is_bicep {
                variables.insert("found".to_owned(), case["expression"].clone());
            }
            let template = serde_json::json!({ "parameters": parameters, "variables": variables, "resources": [] });
            let read = arm::read_template(FileId(0), &template.to_string());
            let template = read.found.unwrap_or_else(|| Arc::new(crate::template::declaration::Template::default()));
            let text = case["expression"].as_str().unwrap();
            let (template, expr) = if is_bicep {
                let source = format!("var found = {text}\n");
                let path = PathBuf::from("/project/main.bicep");
                let project = crate::templates::common::Memory(PathBuf::from("/project"), vec![(path, source)]);
                let lowered = bicep::lower(Path::new("/project/main.bicep"), &project, &mut Files::default());
                (lowered.template.unwrap(), Expr::new(ExprKind::Variable("found".into()), Span::NONE))
            } else {
                (template, Expr::new(ExprKind::Variable("found".into()), Span::NONE))
            };
            let (value, problems) = evaluate_expression(template, &Default::default(), &Options::default(), &expr);
            if plain(&value) == case["expected"] {
                share.0 += 1;
            } else {
                println!(
                    "{}: {text}\n  expected {}\n  found {} {problems:?}",
                    case["id"],
                    case["expected"],
                    plain(&value)
                );
            }
        }
        let (mut right_in_all, mut all_in_all) = (0, 0);
        for (group, (right, all)) in shares {
            println!("{group}: {right} of {all}");
            right_in_all += right;
            all_in_all += all;
        }
        println!("all: {right_in_all} of {all_in_all}");
        assert!(right_in_all * 100 >= all_in_all * 99);
    });
}
