//! What comes of Bicep files is what the real engine makes of them.

use crate::templates::with_shared;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::bicep::{Project, Using, lower, lower_parameters};
use crate::template::canonical::write_canonical;
use crate::template::declaration::Template;
use crate::template::evaluation::{Given, NoLoader, Options, evaluate, evaluate_expression};
use crate::template::expression::{Expr, ExprKind};
use crate::template::place::Files;
use crate::template::place::Span;
use crate::template::resource::Resource;
use crate::templates::common::{Disk, Memory, shared};
use serde_json::Value;

fn json(value: &crate::template::value::Value) -> Value {
    serde_json::from_str(&write_canonical(value)).unwrap()
}

/// The values of a parameter file.
fn given(path: &Path, project: &dyn Project, options: &Options) -> (Given, Using, Vec<String>) {
    let mut files = Files::default();
    let read = lower_parameters(path, project, &mut files);
    let evaluated = evaluate(read.template, &Given::default(), options, &mut NoLoader);
    let mut given = Given::default();
    for (name, value) in &evaluated.deployments[0].parameters {
        given.insert(name.clone(), value.clone());
    }
    let problems = read.problems.into_iter().chain(evaluated.problems).map(|problem| problem.message).collect();
    (given, read.using, problems)
}

fn value_of(template: &Arc<Template>, given: &Given, options: &Options, kind: &str, name: &str) -> Value {
    let span = Span::NONE;
    let expr = match kind {
        "outputs" => template.outputs.get(name).unwrap().value.clone(),
        "asserts" => Expr::new(ExprKind::Variable(format!("assert#{name}").into()), span),
        _ => Expr::new(ExprKind::Variable(name.into()), span),
    };
    json(&evaluate_expression(template.clone(), given, options, &expr).0)
}

/// With the environment in which the compiler's tests run.
struct WithEnvironment(Disk);

impl Project for WithEnvironment {
    fn root(&self) -> &Path {
        self.0.root()
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.0.read(path)
    }

    fn list(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        self.0.list(folder)
    }

    fn cached(&self, path: &str) -> Option<Vec<u8>> {
        self.0.cached(path)
    }

    fn environment(&self, name: &str) -> Option<String> {
        let known =
            [("stringEnvVariableName", "test"), ("intEnvVariableName", "100"), ("boolEnvironmentVariable", "true")];
        known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }
}

#[test]
fn values_are_those_of_the_engine() {
    with_shared("values_are_those_of_the_engine", "data", |_| {
        let lines = std::fs::read_to_string(shared("data/bicep-evaluation.jsonl")).unwrap();
        let mut wrong = Vec::new();
        let mut count = 0;
        for line in lines.lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            let held = case["files"].as_object().unwrap().iter();
            let held = held.map(|(name, text)| (PathBuf::from(name), text.as_str().unwrap().to_owned())).collect();
            let project = Memory(PathBuf::new(), held);
            let context = |name: &str| case["context"][name].as_str().map(Arc::from);
            let options = Options {
                subscription: context("subscriptionId"),
                resource_group: context("resourceGroup"),
                ..Options::default()
            };
            let given = match case["files"].get("parameters.bicepparam") {
                Some(_) => given(Path::new("parameters.bicepparam"), &project, &options).0,
                None => Given::default(),
            };
            let lowered = lower(Path::new("main.bicep"), &project, &mut Files::default());
            let id = case["id"].as_str().unwrap();
            wrong.extend(lowered.problems.iter().map(|problem| format!("{id}: {}", problem.message)));
            let template = lowered.template.unwrap();
            for (path, expected) in case["expected"].as_object().unwrap() {
                let names: Vec<&str> = path.split(['$', '.', '[', ']', '\'']).filter(|part| !part.is_empty()).collect();
                let [kind, name, rest @ ..] = names.as_slice() else { continue };
                let mut found = value_of(&template, &given, &options, kind, name);
                for step in rest.iter().filter(|step| **step != "value") {
                    found = found[*step].clone();
                }
                count += 1;
                if &found != expected {
                    wrong.push(format!("{id}: {path}\n  expected {expected}\n  found    {found}"));
                }
            }
        }
        println!("{} of {count} differ\n{}", wrong.len(), wrong.join("\n"));
        assert!(wrong.is_empty());
    });
}

#[test]
fn predicted_resources_are_those_of_the_engine() {
    with_shared("predicted_resources_are_those_of_the_engine", "data", |_| {
        for name in ["nested_loops", "outputs"] {
            let folder = shared("data/bicep-pairs/snapshots").join(name);
            let project = Disk(folder.clone());
            let snapshot: Value =
                serde_json::from_str(&std::fs::read_to_string(folder.join("main.snapshot.json")).unwrap()).unwrap();
            let options = Options {
                subscription: Some("00000000-0000-0000-0000-000000000000".into()),
                resource_group: Some("myRg".into()),
                ..Options::default()
            };
            let (given, using, problems) = given(&folder.join("main.bicepparam"), &project, &options);
            assert!(problems.is_empty(), "{problems:?}");
            let Using::File(path, _) = using else { panic!() };
            let lowered = lower(&path, &project, &mut Files::default());
            assert!(lowered.problems.is_empty(), "{:?}", lowered.problems);
            let evaluated = evaluate(lowered.template.unwrap(), &given, &options, &mut NoLoader);
            println!("{:?}", evaluated.problems);
            let is_made = |resource: &&Resource| {
                !resource.existing && !resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments")
            };
            let found = evaluated.resources.iter().filter(is_made).map(|resource| {
                let mut all = json(&resource.body);
                all["id"] = json(&resource.id);
                all["name"] = json(&resource.name);
                all["type"] = (&*resource.resource_type).into();
                all["apiVersion"] = json(&resource.api_version);
                all
            });
            let mut found: Vec<Value> = found.collect();
            // What only the deployment knows stands there as an expression.
            let text = snapshot["predictedResources"].to_string().replace("\"[", "\"{").replace("]\"", "}\"");
            let mut expected: Vec<Value> = serde_json::from_str(&text).unwrap();
            found.sort_by_key(Value::to_string);
            expected.sort_by_key(Value::to_string);
            assert_eq!(found, expected, "{name}");
            for (output, expected) in snapshot["outputs"].as_object().into_iter().flatten() {
                // Of these, the engine knows less: the address of an account follows from its name.
                if expected.as_str().is_some_and(|text| text.starts_with('[')) {
                    continue;
                }
                let outputs = &evaluated.deployments[0].outputs;
                let value = &outputs.iter().find(|(name, _)| **name == **output).unwrap().1;
                assert_eq!(&json(value), expected.get("value").unwrap_or(expected), "{output}");
            }
            println!("{name}: {}", expected.len());
        }
    });
}

/// The parameters of `.bicepparam` files, as the compiler writes them.
#[test]
fn parameter_files_have_the_values_of_the_compiler() {
    with_shared("parameter_files_have_the_values_of_the_compiler", "data", |_| {
        let root = shared("data/bicep-pairs/compiler-baselines-bicepparam");
        let (mut same, mut all) = (0, 0);
        for name in ["Expressions", "Extends", "Imports", "Parameters", "TypedVariables", "Variables"] {
            let folder = root.join(name);
            let project = WithEnvironment(Disk(folder.clone()));
            let (given, _, problems) = given(&folder.join("parameters.bicepparam"), &project, &Options::default());
            assert!(problems.is_empty());
            println!("{name}: {problems:?}");
            let text = std::fs::read_to_string(folder.join("parameters.json")).unwrap();
            let expected: Value = serde_json::from_str(&text).unwrap();
            let Some(parameters) = expected["parameters"].as_object() else { continue };
            for (parameter, expected) in parameters {
                let Some(expected) = expected.get("value") else { continue };
                let found = given.get(parameter).map(json);
                all += 1;
                match found.as_ref() == Some(expected) {
                    true => same += 1,
                    false => println!("{name}: {parameter}\n  expected {expected}\n  found    {found:?}"),
                }
            }
        }
        println!("{same} of {all}");
        assert_eq!(same, all);
    });
}

#[test]
fn deployments_are_evaluated() {
    with_shared("deployments_are_evaluated", "data", |_| {
        let mut entries = crate::templates::common::files(&shared("cases/deployments"), &["bicep"]);
        entries.retain(|path| path.file_name().is_some_and(|name| name == "main.bicep"));
        entries.extend(crate::templates::common::files(&shared("data/bicep-pairs"), &["bicep"]));
        let mut shown = 0;
        for path in entries {
            let root = path.parent().unwrap().to_owned();
            let root = if path.starts_with(shared("data")) { shared("data/bicep-pairs") } else { root };
            let mut files = Files::default();
            let lowered = lower(&path, &Disk(root), &mut files);
            let Some(template) = lowered.template else { continue };
            let begun = std::time::Instant::now();
            let evaluated = evaluate(template, &Given::default(), &Options::default(), &mut NoLoader);
            if begun.elapsed().as_millis() > 300 {
                println!("{}: {:?}, {} resources", path.display(), begun.elapsed(), evaluated.resources.len());
            }
            for problem in &evaluated.problems {
                let at = files.position(problem.span).map_or((0, 0), |at| (at.line, at.column));
                let name = files.path(problem.span).unwrap_or(&path).strip_prefix(shared("")).unwrap().to_owned();
                println!("{}:{}:{}: {}", name.display(), at.0, at.1, problem.message);
                shown += 1;
            }
        }
        println!("{shown} problems");
    });
}
