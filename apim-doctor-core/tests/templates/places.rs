//! The places that a diagnosis has to show are among the places of the values that deployments make.

use crate::templates::with_shared;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::source::arm::{FileKind, Project, kind_of};
use crate::source::bicep::{lower, lower_parameters};
use crate::template::canonical::write_canonical;
use crate::template::deployment::Evaluated;
use crate::template::evaluation::{Given, NoLoader, Options, evaluate};
use crate::template::place::{Files, Span};
use crate::template::text::key;
use crate::template::value::{Kind, Value};
use crate::templates::common::{Disk, shared};

fn spans(value: &Value, into: &mut Vec<Span>) {
    into.push(value.span);
    match &value.kind {
        Kind::Array(array) => array.items.iter().for_each(|item| spans(item, into)),
        Kind::Object(object) => {
            for (key, value) in object.entries() {
                into.push(key.span);
                spans(value, into);
            }
        }
        Kind::Unknown(unknown) => unknown.possible.iter().for_each(|value| spans(value, into)),
        _ => {}
    }
}

fn arm(folder: &Path) -> (Evaluated, Files) {
    let mut project = Project::new(folder);
    let (mut template, mut given) = (None, Given::default());
    for path in crate::templates::common::files(folder, &["json"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        match kind_of(&text) {
            FileKind::Template => template = Some(project.template(Path::new(path.file_name().unwrap())).unwrap()),
            FileKind::Parameters => given = project.parameters(Path::new(path.file_name().unwrap())).unwrap(),
            FileKind::Other => {}
        }
    }
    let evaluated = evaluate(template.unwrap(), &given, &Options::default(), &mut project);
    (evaluated, project.files)
}

fn bicep(folder: &Path) -> (Evaluated, Files) {
    let disk = Disk(folder.to_path_buf());
    let mut files = Files::default();
    let mut given = Given::default();
    let parameters = folder.join("main.bicepparam");
    if parameters.exists() {
        let read = lower_parameters(&parameters, &disk, &mut files);
        let evaluated = evaluate(read.template, &Given::default(), &Options::default(), &mut NoLoader);
        for (name, value) in &evaluated.deployments[0].parameters {
            given.insert(name.clone(), value.clone());
        }
    }
    let lowered = lower(&folder.join("main.bicep"), &disk, &mut files);
    let evaluated = evaluate(lowered.template.unwrap(), &given, &Options::default(), &mut NoLoader);
    (evaluated, files)
}

#[test]
fn places_are_found() {
    with_shared("places_are_found", "data", |_| {
        let root = shared("cases/deployments");
        let expected = std::fs::read_to_string(root.join("expected.jsonl")).unwrap();
        let mut shares: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for line in expected.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let (kind, id) = (case["kind"].as_str().unwrap(), case["id"].as_str().unwrap());
            let folder = root.join(id);
            let (evaluated, files) = match kind {
                "arm" => arm(&folder),
                "bicep" => bicep(&folder),
                _ => continue,
            };
            let mut found = Vec::new();
            for resource in &evaluated.resources {
                spans(&resource.body, &mut found);
                found.extend(resource.condition_value.as_ref().map(|value| value.span));
                found.push(resource.name.span);
                found.push(resource.scope.span);
                found.push(resource.span);
            }
            let places: BTreeSet<(PathBuf, u64)> = found
                .into_iter()
                .filter_map(|span| {
                    let path = files.path(span)?;
                    let path = path.strip_prefix(&folder).unwrap_or(path).to_path_buf();
                    Some((path, u64::from(files.position(span)?.line)))
                })
                .collect();
            for problem in &evaluated.problems {
                println!("{id}: {:?} {}", files.position(problem.span), problem.message);
            }
            let mut unknown = 0;
            for resource in &evaluated.resources {
                unknown += usize::from(resource.id.is_unknown());
            }
            if unknown > 0 {
                println!("{id}: {unknown} ids are unknown");
            }
            let mut asked = BTreeSet::new();
            for path in case["runs"].as_array().unwrap().iter().flat_map(|run| run["paths"].as_array().unwrap()) {
                for field in ["declaredAt", "decidedAt"] {
                    let choices = match &path[field] {
                        serde_json::Value::Null => continue,
                        serde_json::Value::Array(list) => list.clone(),
                        one => vec![one.clone()],
                    };
                    if !asked.insert((field, format!("{choices:?}"))) {
                        continue;
                    }
                    let share = shares.entry(format!("{kind} {field}")).or_default();
                    share.1 += 1;
                    let is_there = choices.iter().any(|choice| {
                        let file = PathBuf::from(choice["file"].as_str().unwrap_or_default());
                        let from = choice["line"].as_u64().unwrap();
                        (from..=choice["to"].as_u64().unwrap_or(from))
                            .any(|line| places.contains(&(file.clone(), line)))
                    });
                    if is_there {
                        share.0 += 1;
                    } else {
                        println!("{id}: {} {field} {choices:?} is not among the places", path["label"]);
                    }
                }
            }
        }
        for (what, (right, all)) in &shares {
            println!("{what}: {right} of {all}");
        }
        assert!(shares.values().all(|(right, all)| right * 100 >= all * 95));
    });
}

#[test]
fn pairs_make_the_same() {
    with_shared("pairs_make_the_same", "data", |_| {
        let root = shared("cases/deployments");
        let mut compared = 0;
        for entry in std::fs::read_dir(&root).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            let Some(stem) = name.strip_suffix("-bicep") else { continue };
            let other = root.join(format!("{stem}-arm"));
            if !other.exists() {
                continue;
            }
            let seen = |evaluated: &Evaluated| -> BTreeSet<String> {
                let made = evaluated.resources.iter().filter(|resource| !resource.existing);
                let made = made
                    .filter(|resource| !resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments"));
                made.map(|resource| {
                    let text = write_canonical(&resource.body).to_lowercase();
                    let body: serde_json::Value = serde_json::from_str(&text).unwrap();
                    format!("{} {body}", key(&resource.id))
                })
                .collect()
            };
            let (one, two) = (seen(&bicep(&root.join(&name)).0), seen(&arm(&other).0));
            for line in one.symmetric_difference(&two) {
                println!("{stem}: {line}");
            }
            compared += 1;
            println!("{stem}: {} and {}", one.len(), two.len());
        }
        assert!(compared > 0);
    });
}
