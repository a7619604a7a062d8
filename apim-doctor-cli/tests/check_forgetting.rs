//! Deployments with less in them: forgetting only makes less sure. The order of what is written and the case of names
//! decide nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use apim_doctor_core::{CheckOptions, check};
use serde_json::{Map, Value, json};

/// How many things are forgotten of one deployment; of more, those are taken that stand at equal distances.
const MOST: usize = 12;

/// A deployment: its files by their paths, as texts.
type Files = BTreeMap<PathBuf, String>;

/// The deployments of this project, and those of `../shared` where they are.
fn deployments() -> Vec<(String, Files)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = folders(&root.join("fixtures/deployments"));
    let shared = root.join("../shared/cases/deployments");
    match shared.is_dir() {
        true => folders.extend(self::folders(&shared)),
        false => println!("not here: ../shared/cases/deployments"),
    }
    let named = |folder: PathBuf| (folder.file_name().unwrap().to_string_lossy().into_owned(), files(&folder));
    folders.into_iter().map(named).collect()
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.is_dir());
    all.sort();
    all
}

fn files(root: &Path) -> Files {
    let mut all = Files::new();
    let mut stack = vec![root.to_path_buf()];
    while let Some(folder) = stack.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => stack.push(path),
                false if path.to_string_lossy().ends_with(".snapshot.json") => {}
                false => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    all.insert(path.strip_prefix(root).unwrap().to_path_buf(), text);
                }
            }
        }
    }
    all
}

/// What is said of each path, by consumer, owner and label.
type Said = BTreeMap<(String, String, String), (String, Option<String>)>;

fn said(files: &Files, standalone: bool) -> Said {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let options = CheckOptions::default().with_standalone(standalone);
    let (report, _) = check(&[folder.path().to_path_buf()], &options);
    let report = serde_json::to_value(report).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
    let said = |path: &Value| {
        let key = (text(&path["consumer"]), text(&path["resource"]), text(&path["label"]));
        (key, (text(&path["verdict"]), path["rootCause"].as_str().map(str::to_owned)))
    };
    report["paths"].as_array().unwrap().iter().map(said).collect()
}

/// What is surer, or something else, than it was. Where a name was forgotten, paths are compared by what is left.
fn surer(full: &Said, less: &Said) -> Vec<String> {
    let by = |same: &dyn Fn(&(String, String, String)) -> bool| -> Vec<&str> {
        full.iter().filter(|(key, _)| same(key)).map(|(_, (verdict, _))| verdict.as_str()).collect()
    };
    let mut wrong = Vec::new();
    for (key, (verdict, _)) in less.iter().filter(|(_, (verdict, _))| verdict != "unknown") {
        let before = match full.get(key) {
            Some((verdict, _)) => vec![verdict.as_str()],
            None => match by(&|own| own.0 == key.0 && own.2 == key.2) {
                found if found.is_empty() => by(&|own| own.0 == key.0),
                found => found,
            },
        };
        if !before.contains(&verdict.as_str()) {
            wrong.push(format!("{} {} was {before:?}, is {verdict}", key.0, key.2));
        }
    }
    wrong
}

/// Forgets one thing after the other and compares what is said then.
fn forget(what: &str, less: impl Fn(&Files) -> Vec<(String, Files)>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, files) in deployments() {
        let all = less(&files);
        let step = all.len().div_ceil(MOST).max(1);
        for standalone in [false, true] {
            let full = said(&files, standalone);
            for (thing, less) in all.iter().step_by(step) {
                count += 1;
                let found = surer(&full, &said(less, standalone));
                wrong.extend(found.into_iter().map(|found| format!("{name} without {thing} ({standalone}): {found}")));
            }
        }
    }
    println!("{what}: {count} times");
    assert!(count > 0, "nothing was forgotten");
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

fn with(files: &Files, path: &Path, text: String) -> Files {
    let mut files = files.clone();
    files.insert(path.to_path_buf(), text);
    files
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn is_template(value: &Value) -> bool {
    value["$schema"].as_str().is_some_and(|schema| schema.contains("deploymentTemplate.json"))
}

/// Whether a Bicep file declares a parameter without a default: that is what has no value once it is forgotten.
fn needs(files: &Files, parameter: &str) -> bool {
    let declares = |line: &str| {
        let mut words = line.split_whitespace();
        words.next() == Some("param") && words.next() == Some(parameter) && !line.contains('=')
    };
    files.iter().any(|(path, text)| path.extension().is_some_and(|own| own == "bicep") && text.lines().any(declares))
}

#[test]
fn a_parameter_without_its_value() {
    forget("values of parameters", |files| {
        let mut all = Vec::new();
        for (path, text) in files {
            let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            match (extension.as_str(), parsed(text)) {
                ("bicepparam", _) => {
                    let lines: Vec<&str> = text.lines().collect();
                    for (at, line) in lines.iter().enumerate() {
                        let name = line.strip_prefix("param ").and_then(|rest| rest.split_whitespace().next());
                        let is_whole = !line.ends_with(['{', '[', '(']);
                        if let Some(name) = name.filter(|name| is_whole && needs(files, name)) {
                            let rest: Vec<&str> =
                                lines.iter().enumerate().filter(|(own, _)| *own != at).map(|(_, line)| *line).collect();
                            all.push((name.to_owned(), with(files, path, rest.join("\n"))));
                        }
                    }
                }
                // A default of the outermost file.
                ("bicep", _)
                    if path.components().count() == 1 && !files.keys().any(|own| own.ends_with("bicepparam")) =>
                {
                    for line in text.lines().filter(|line| line.starts_with("param ")) {
                        let Some((head, default)) = line.split_once(" = ") else { continue };
                        if !default.ends_with(['{', '[', '(']) {
                            all.push((head.to_owned(), with(files, path, text.replacen(line, head, 1))));
                        }
                    }
                }
                ("json", Some(document)) if is_template(&document) && path.components().count() == 1 => {
                    for name in document["parameters"].as_object().into_iter().flat_map(Map::keys) {
                        let mut less = document.clone();
                        if less["parameters"][name].as_object_mut().unwrap().remove("defaultValue").is_some() {
                            all.push((name.clone(), with(files, path, less.to_string())));
                        }
                    }
                }
                ("json", Some(document))
                    if document["$schema"].as_str().is_some_and(|own| own.contains("deploymentParameters")) =>
                {
                    let defaults = files.values().filter_map(|text| parsed(text)).filter(is_template);
                    let defaults: Vec<Value> = defaults.collect();
                    for name in document["parameters"].as_object().into_iter().flat_map(Map::keys) {
                        if defaults.iter().any(|own| own["parameters"][name].get("defaultValue").is_some()) {
                            continue;
                        }
                        let mut less = document.clone();
                        less["parameters"].as_object_mut().unwrap().remove(name);
                        all.push((name.clone(), with(files, path, less.to_string())));
                    }
                }
                _ => {}
            }
        }
        all
    });
}

/// Files that another one draws in.
fn drawn_in(files: &Files) -> impl Iterator<Item = &PathBuf> {
    files.keys().filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_drawn = |(own, text): (&PathBuf, &String)| own != *path && text.contains(&name);
        let is_main = path.extension().is_some_and(|own| own == "bicepparam");
        !is_main && name != "main.bicep" && name != "bicepconfig.json" && files.iter().any(is_drawn)
    })
}

#[test]
fn a_file_that_is_not_there() {
    forget("files", |files| {
        let less = |path: &PathBuf| {
            let mut less = files.clone();
            less.remove(path);
            (path.display().to_string(), less)
        };
        drawn_in(files).map(less).collect()
    });
}

#[test]
fn a_file_that_cannot_be_read() {
    forget("texts of files", |files| {
        let less = |path: &PathBuf| (path.display().to_string(), with(files, path, "\u{0}{{{ '''".to_owned()));
        drawn_in(files).map(less).collect()
    });
}

/// What has a default, an order or a meaning for the language itself is left alone.
const KEPT: &[&str] = &["apiVersion", "type", "dependsOn", "mode", "name", "copy", "templateLink", "template"];

/// The pointers of all values in the resources of a template.
fn values(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, inner) in members.iter().filter(|(key, _)| !KEPT.contains(&key.as_str())) {
                values(inner, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                values(inner, &format!("{at}/{number}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

#[test]
fn a_value_that_is_a_parameter_without_one() {
    forget("values in templates", |files| {
        let mut all = Vec::new();
        for (path, text) in files {
            let Some(document) = parsed(text).filter(|own| is_template(own) && path.components().count() == 1) else {
                continue;
            };
            let mut pointers = Vec::new();
            for (number, resource) in document["resources"].as_array().into_iter().flatten().enumerate() {
                for member in ["properties", "identity", "condition", "scope"] {
                    if let Some(value) = resource.get(member) {
                        values(value, &format!("/resources/{number}/{member}"), &mut pointers);
                    }
                }
            }
            for pointer in pointers {
                let is_flag = document.pointer(&pointer).unwrap().is_boolean();
                for kind in if is_flag { ["bool", "object"] } else { ["string", "object"] } {
                    let mut less = document.clone();
                    if !less["parameters"].is_object() {
                        less["parameters"] = json!({});
                    }
                    less["parameters"]["forgotten"] = json!({ "type": kind });
                    *less.pointer_mut(&pointer).unwrap() = json!("[parameters('forgotten')]");
                    all.push((format!("{pointer} ({kind})"), with(files, path, less.to_string())));
                }
            }
        }
        all
    });
}

#[test]
fn a_value_in_bicep_that_is_a_parameter_without_one() {
    forget("values in Bicep", |files| {
        let mut all = Vec::new();
        for (path, text) in files.iter().filter(|(path, _)| path.extension().is_some_and(|own| own == "bicep")) {
            let lines: Vec<&str> = text.lines().collect();
            for (number, line) in lines.iter().enumerate() {
                let Some((key, value)) = line.split_once(": ") else { continue };
                let name = key.trim();
                let is_text = value.starts_with('\'') && value.ends_with('\'') && value.matches('\'').count() == 2;
                let is_plain = is_text || value == "true" || value == "false";
                if !is_plain
                    || !key.starts_with(' ')
                    || !name.chars().all(char::is_alphanumeric)
                    || KEPT.contains(&name)
                {
                    continue;
                }
                let mut less: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
                less[number] = format!("{key}: forgotten");
                less.push("param forgotten object".to_owned());
                all.push((format!("{} {}: {name}", path.display(), number + 1), with(files, path, less.join("\n"))));
            }
        }
        all
    });
}

/// What stands for an attribute whose value only a later run shows.
fn later(document: &mut Value, at: usize, attribute: &str) {
    let change = &mut document["resource_changes"][at];
    let (address, module) = (change["address"].as_str().unwrap().to_owned(), change["module_address"].clone());
    let own = (change["type"].as_str().unwrap().to_owned(), change["name"].as_str().unwrap().to_owned());
    change["change"]["after"].as_object_mut().unwrap().remove(attribute);
    if !change["change"]["after_unknown"].is_object() {
        change["change"]["after_unknown"] = json!({});
    }
    change["change"]["after_unknown"][attribute] = json!(true);
    forget_planned(&mut document["planned_values"]["root_module"], &address, attribute);
    if module.is_null() {
        for resource in document["configuration"]["root_module"]["resources"].as_array_mut().into_iter().flatten() {
            if resource["type"] == own.0.as_str() && resource["name"] == own.1.as_str() {
                resource["expressions"][attribute] = json!({ "references": ["local.forgotten"] });
            }
        }
    }
}

fn forget_planned(module: &mut Value, address: &str, attribute: &str) {
    for resource in module["resources"].as_array_mut().into_iter().flatten() {
        if resource["address"] == address {
            resource["values"].as_object_mut().unwrap().remove(attribute);
        }
    }
    for child in module.get_mut("child_modules").and_then(Value::as_array_mut).into_iter().flatten() {
        forget_planned(child, address, attribute);
    }
}

#[test]
fn an_attribute_that_is_known_after_apply() {
    forget("attributes of plans", |files| {
        let mut all = Vec::new();
        for (path, text) in files {
            let Some(document) = parsed(text).filter(|own| own.get("resource_changes").is_some()) else { continue };
            for (at, change) in document["resource_changes"].as_array().unwrap().iter().enumerate() {
                let is_module = change.get("module_address").is_some();
                let attributes = change["change"]["after"].as_object().into_iter().flat_map(Map::iter);
                // A name is always known.
                for (attribute, _) in
                    attributes.filter(|(name, value)| !value.is_null() && *name != "name" && !is_module)
                {
                    let mut less = document.clone();
                    later(&mut less, at, attribute);
                    let thing = format!("{}.{attribute}", change["address"].as_str().unwrap());
                    all.push((thing, with(files, path, less.to_string())));
                }
            }
        }
        all
    });
}

/// Compares what is said of files that mean the same.
fn same(what: &str, other: impl Fn(&Path, &str) -> Option<String>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, files) in deployments() {
        let mut changed = files.clone();
        for (path, text) in &files {
            if let Some(other) = other(path, text) {
                changed.insert(path.clone(), other);
            }
        }
        if changed == files {
            continue;
        }
        count += 1;
        for standalone in [false, true] {
            let (before, after) = (said(&files, standalone), said(&changed, standalone));
            if before != after {
                wrong.push(format!("{name} ({standalone}): {before:#?}\n{after:#?}"));
            }
        }
    }
    println!("{what}: {count} deployments");
    assert!(count > 0, "nothing was changed");
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

/// Turns the order of the members of all objects around.
fn turned(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            text.push('{');
            for (number, (key, inner)) in members.iter().rev().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                turned(inner, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (number, inner) in items.iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                turned(inner, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

#[test]
fn the_order_of_properties() {
    same("order of properties", |_, text| {
        let document = parsed(text)?;
        let mut turned_text = String::new();
        turned(&document, &mut turned_text);
        Some(turned_text)
    });
}

/// The top-level statements of a Bicep file: pieces between blank lines outside of brackets.
fn statements(text: &str) -> Vec<String> {
    let (mut all, mut depth) = (vec![String::new()], 0i32);
    for line in text.lines() {
        depth += i32::try_from(line.matches(['{', '[', '(']).count()).unwrap();
        depth -= i32::try_from(line.matches(['}', ']', ')']).count()).unwrap();
        if line.trim().is_empty() && depth == 0 {
            all.push(String::new());
        } else {
            let last = all.last_mut().unwrap();
            last.push_str(line);
            last.push('\n');
        }
    }
    all.retain(|statement| !statement.is_empty());
    all
}

#[test]
fn the_order_of_statements_and_resources() {
    same("order of resources", |path, text| {
        if path.extension().is_some_and(|own| own == "bicep") && !text.contains("'''") {
            let mut all = statements(text);
            all.reverse();
            return Some(all.join("\n"));
        }
        let mut document = parsed(text)?;
        if is_template(&document) {
            document["resources"].as_array_mut()?.reverse();
            return Some(document.to_string());
        }
        document.get_mut("resource_changes")?.as_array_mut()?.reverse();
        Some(document.to_string())
    });
}

/// Spells names of resources' properties in capitals, but for names that belong to the user.
fn loud(value: &mut Value, is_free: bool) {
    match value {
        Value::Object(members) => {
            let old = std::mem::take(members);
            for (key, mut inner) in old {
                let frees = matches!(
                    key.as_str(),
                    "parameters" | "userAssignedIdentities" | "tags" | "template" | "copy" | "definition"
                );
                loud(&mut inner, frees);
                let is_plain = key.bytes().all(|byte| byte.is_ascii_alphabetic());
                let key = if is_free || !is_plain || frees { key } else { key.to_uppercase() };
                members.insert(key, inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| loud(item, is_free)),
        _ => {}
    }
}

#[test]
fn the_case_of_names() {
    same("case", |_, text| {
        let mut document = parsed(text).filter(is_template)?;
        for resource in document["resources"].as_array_mut()? {
            let kind = resource["type"].as_str()?.to_owned();
            let is_settings = kind.to_lowercase().ends_with("/config");
            if kind.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
                continue;
            }
            resource["type"] = kind.to_lowercase().into();
            if let Some(properties) = resource.get_mut("properties").filter(|_| !is_settings) {
                loud(properties, false);
            }
        }
        Some(document.to_string())
    });
}
