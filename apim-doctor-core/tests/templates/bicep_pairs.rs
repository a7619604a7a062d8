//! What the compiler made of Bicep files has the same declarations as what is lowered here.

use crate::templates::with_shared;
use std::collections::BTreeMap;

use crate::source::bicep::lower;
use crate::template::declaration::{Declaration, ModuleSource, Template};
use crate::template::place::Files;
use crate::templates::common::{Disk, shared};
use serde_json::Value;

const DEPLOYMENT: &str = "microsoft.resources/deployments";

fn text_of(expr: Option<&crate::template::expression::Expr>) -> String {
    let value = expr.and_then(|expr| expr.as_literal());
    value.and_then(|value| value.as_str()).unwrap_or_default().to_owned()
}

/// What is compared of a declaration.
fn ours(declaration: &Declaration, symbolic: bool) -> Option<String> {
    if declaration.existing && !symbolic {
        return None;
    }
    // The compiler chooses the version of its own deployments.
    let ty = text_of(Some(&declaration.resource_type)).to_lowercase();
    let version = if ty == DEPLOYMENT { String::new() } else { text_of(declaration.api_version.as_ref()) };
    let mut shown = format!("{ty}@{version}");
    if symbolic {
        shown = format!("{} {shown}", declaration.symbol.as_deref().unwrap_or("?"));
    }
    let flags = [
        (declaration.existing, "existing"),
        (declaration.condition.is_some(), "if"),
        (declaration.copy.is_some(), "for"),
    ];
    shown.extend(flags.iter().filter(|(on, _)| *on).map(|(_, name)| format!(" {name}")));
    Some(shown)
}

fn theirs(symbol: Option<&str>, json: &Value) -> String {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let (ty, version) = match text("type").split_once('@') {
        Some((ty, version)) => (ty.to_owned(), version.to_owned()),
        None => (text("type"), text("apiVersion")),
    };
    let version = if ty.eq_ignore_ascii_case(DEPLOYMENT) { String::new() } else { version };
    let mut shown = symbol.map(|symbol| format!("{symbol} ")).unwrap_or_default();
    shown += &format!("{}@{version}", ty.to_lowercase());
    let flags = [
        (json["existing"] == true, "existing"),
        (json.get("condition").is_some(), "if"),
        (json.get("copy").is_some(), "for"),
    ];
    shown.extend(flags.iter().filter(|(on, _)| *on).map(|(_, name)| format!(" {name}")));
    shown
}

/// Compares two templates, and adds what differs.
fn compare(template: &Template, json: &Value, at: &str, differences: &mut Vec<String>) {
    let symbolic = json["resources"].is_object();
    let list: Vec<(Option<&str>, &Value)> = match &json["resources"] {
        Value::Array(list) => list.iter().map(|value| (None, value)).collect(),
        Value::Object(object) => object.iter().map(|(name, value)| (Some(name.as_str()), value)).collect(),
        _ => Vec::new(),
    };
    let mut there: Vec<String> = list.iter().map(|(symbol, value)| theirs(*symbol, value)).collect();
    let mut here: Vec<String> = template.resources.iter().filter_map(|d| ours(d, symbolic)).collect();
    there.sort();
    here.sort();
    for missing in there.iter().filter(|one| !here.contains(one)) {
        differences.push(format!("{at}: missing {missing}"));
    }
    for extra in here.iter().filter(|one| !there.contains(one)) {
        differences.push(format!("{at}: extra {extra}"));
    }
    if here.len() != there.len() {
        differences.push(format!("{at}: {} for {}", here.len(), there.len()));
    }
    let names =
        |object: &Value| -> Vec<String> { object.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default() };
    for (kind, names, table) in [
        ("parameter", names(&json["parameters"]), template.parameters.iter().map(|(n, _)| n.to_string()).collect()),
        ("output", names(&json["outputs"]), template.outputs.iter().map(|(n, _)| n.to_string()).collect::<Vec<_>>()),
    ] {
        let (mut names, mut table): (Vec<String>, Vec<String>) = (names, table);
        names.sort();
        table.sort();
        if names != table {
            differences.push(format!("{at}: {kind}s {names:?} here {table:?}"));
        }
    }
    for (name, parameter) in template.parameters.iter() {
        let json = &json["parameters"][&**name];
        let kind = json["type"].as_str().unwrap_or_default();
        // Types that are taken from resources are not known here.
        if json.get("$ref").is_none() && !parameter.kind.is_empty() && !kind.eq_ignore_ascii_case(&parameter.kind) {
            differences.push(format!("{at}: parameter {name} is {kind}, here {}", parameter.kind));
        }
        let nullable = json["nullable"] == true;
        if nullable != parameter.nullable && (json.get("$ref").is_none() || nullable) {
            differences.push(format!("{at}: parameter {name} nullable {nullable}, here {}", parameter.nullable));
        }
    }
    for declaration in &template.resources {
        let Some(ModuleSource::Template(inner)) = declaration.module.as_ref().map(|m| &m.source) else { continue };
        let symbol = declaration.symbol.as_deref().unwrap_or_default();
        let json = match symbolic {
            true => list.iter().find(|(name, _)| *name == Some(symbol)).map(|(_, value)| *value),
            // Without symbols, modules come in the order in which they are written only by chance: the path tells.
            false => None,
        };
        if let Some(json) = json.filter(|json| json["properties"]["template"].is_object()) {
            compare(inner, &json["properties"]["template"], &format!("{at}/{symbol}"), differences);
        }
    }
}

#[test]
fn declarations_are_those_of_the_compiler() {
    with_shared("declarations_are_those_of_the_compiler", "data", |_| {
        let root = shared("data/bicep-pairs");
        let index = std::fs::read_to_string(root.join("INDEX.jsonl")).unwrap();
        let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for line in index.lines() {
            let pair: Value = serde_json::from_str(line).unwrap();
            if pair["kind"] != "compile" {
                continue;
            }
            let source = root.join(pair["source"].as_str().unwrap());
            let expected = std::fs::read_to_string(root.join(pair["expected"].as_str().unwrap())).unwrap();
            let expected: Value = serde_json::from_str(expected.trim_start_matches('\u{feff}')).unwrap();
            let mut files = Files::default();
            let lowered = lower(&source, &Disk(root.clone()), &mut files);
            let mut differences = Vec::new();
            compare(&lowered.template.unwrap(), &expected, "", &mut differences);
            let group = pair["source"].as_str().unwrap().split('/').next().unwrap().to_owned();
            let group = groups.entry(group).or_default();
            group.1 += 1;
            group.0 += usize::from(differences.is_empty());
            for difference in differences.iter().take(4) {
                println!("{} {}: {difference}", pair["expected"].as_str().unwrap(), pair["bicep_version"]);
            }
        }
        let (same, all) = groups.values().fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1));
        for (group, (same, all)) in groups {
            println!("{group}: {same} of {all}");
        }
        assert!(same * 1000 >= all * 995, "{same} of {all}");
    });
}
