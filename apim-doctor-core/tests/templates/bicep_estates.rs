//! The estates of Bicep files are those of the JSON that the compiler makes of them.

use crate::templates::with_shared;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::source::bicep::lower;
use crate::template::canonical::write_canonical;
use crate::template::declaration::Template;
use crate::template::deployment::Evaluated;
use crate::template::evaluation::{Given, NoLoader, Options, evaluate, evaluate_expression};
use crate::template::expression::{Expr, ExprKind};
use crate::template::place::Files;
use crate::template::place::Span;
use crate::template::resource::{Truth, Turn};
use crate::template::value::{Key, Kind, Object, Value};
use crate::templates::common::{Disk, shared};

/// One resource, for comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    kind: String,
    name: String,
    scope: String,
    condition: String,
    turn: String,
    depends_on: BTreeSet<String>,
    /// Something that it waits for could not be found.
    unresolved: bool,
    body: String,
}

const UNKNOWN: &str = "{unknown}";

/// Whether one resource is another, where what the other does not tell may be anything.
fn agrees(here: &Seen, there: &Seen) -> bool {
    // Of types of extensions, compiled templates are read without their names and versions.
    let is_foreign = there.kind.starts_with("microsoft.graph/");
    let kind = |kind: &str| if is_foreign { kind.split('@').next().unwrap().to_owned() } else { kind.to_owned() };
    let same = |here: &str, there: &str| here == there || there.contains(UNKNOWN) || is_foreign;
    let waits = here.depends_on == there.depends_on
        || (there.unresolved
            && there.depends_on.iter().filter(|id| !id.contains(UNKNOWN)).all(|id| here.depends_on.contains(id)));
    let body = |text: &str| serde_json::from_str(text).unwrap_or_default();
    kind(&here.kind) == kind(&there.kind)
        && same(&here.name, &there.name)
        && same(&here.scope, &there.scope)
        && here.condition == there.condition
        && here.turn == there.turn
        && (waits || is_foreign)
        && (is_foreign || covers(&body(&here.body), &body(&there.body)))
}

/// Whether a value is another, where what is not known there may be anything.
fn covers(here: &serde_json::Value, there: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Object, String};
    match (here, there) {
        (_, String(there)) if there.contains(UNKNOWN) => true,
        (Array(here), Array(there)) => here.len() == there.len() && here.iter().zip(there).all(|(x, y)| covers(x, y)),
        (Object(here), Object(there)) => {
            here.len() == there.len()
                && there.iter().all(|(key, there)| here.get(key).is_some_and(|here| covers(here, there)))
        }
        _ => here == there,
    }
}

fn all_agree(here: &[Seen], there: &[Seen]) -> bool {
    let mut left: Vec<&Seen> = here.iter().collect();
    // What is the same in every respect is not taken for something that is less well known.
    let (same, other): (Vec<_>, Vec<_>) = there.iter().partition(|there| here.contains(there));
    here.len() == there.len()
        && same.into_iter().chain(other).all(|there| {
            let exact = left.iter().position(|here| *here == there);
            let found = exact.or_else(|| left.iter().position(|here| agrees(here, there)));
            found.map(|at| left.remove(at)).is_some()
        })
}

fn text(value: &Value) -> String {
    comparable(write_canonical(value).trim_matches('"'))
}

/// A text without what differs between two files that say the same: places, and how lines end.
fn comparable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = ["{newGuid(", "{newguid(", "{resource:"].iter().filter_map(|mark| rest.find(mark)).min() {
        let (before, after) = rest.split_at(at);
        let (mark, after) = after.split_at(after.find([':', '(']).unwrap() + 1);
        out += before;
        out += mark;
        rest = after.trim_start_matches(|char: char| char.is_ascii_digit() || char == ':');
    }
    out += rest;
    out.replace("\\r\\n", "\\n")
}

/// JSON with sorted names.
fn sorted(value: &Value) -> String {
    let json: serde_json::Value = serde_json::from_str(&write_canonical(value)).unwrap();
    // Names of types in ids have no case, and the compiler writes them as it knows them.
    comparable(&json.to_string()).to_lowercase()
}

/// What a resource waits for: others of these files that are made, directly or through others. Who waits for a module
/// waits for all that is in it; what is in a module waits for what the module waits for.
fn waits_for(evaluated: &Evaluated, number: usize) -> (BTreeSet<String>, bool) {
    let mut unresolved = false;
    let (mut found, mut known, mut open) = (BTreeSet::new(), BTreeSet::from([number]), vec![number]);
    while let Some(next) = open.pop() {
        let resource = &evaluated.resources[next];
        let module_of = |deployment: u32| evaluated.deployments[deployment as usize].resource;
        let modules = std::iter::successors(module_of(resource.deployment), |at| {
            module_of(evaluated.resources[*at as usize].deployment)
        });
        let of_module = modules.flat_map(|at| &evaluated.resources[at as usize].dependencies);
        let waited: Vec<_> = resource.dependencies.iter().chain(of_module).collect();
        unresolved |= waited.iter().any(|dependency| dependency.resource.is_none());
        let waited = waited.into_iter().filter_map(|dependency| dependency.resource);
        for at in waited.map(|at| at as usize) {
            if !known.insert(at) {
                continue;
            }
            open.push(at);
            let inside = evaluated.deployments.iter().zip(0_u32..).filter(|(d, _)| d.resource == Some(at as u32));
            for (_, deployment) in inside {
                for (number, other) in evaluated.resources.iter().enumerate() {
                    if other.deployment == deployment && known.insert(number) {
                        open.push(number);
                    }
                }
            }
        }
    }
    for at in known.into_iter().filter(|at| *at != number) {
        let other = &evaluated.resources[at];
        if !other.existing && !matches!(other.condition, Truth::No) {
            found.insert(text(&other.id).to_lowercase());
        }
    }
    (found, unresolved)
}

fn seen(evaluated: &Evaluated) -> Vec<Seen> {
    let mut all = Vec::new();
    for (number, resource) in evaluated.resources.iter().enumerate().filter(|(_, resource)| !resource.existing) {
        let is_off = matches!(resource.condition, Truth::No);
        let is_module = resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments");
        let kind = format!("{}@{}", resource.resource_type, text(&resource.api_version)).to_lowercase();
        let kind = if is_module { "module".to_owned() } else { kind };
        let condition = match resource.condition {
            Truth::Yes => "yes",
            Truth::No => "no",
            Truth::Unknown(_) => "unknown",
        };
        let turn = match &resource.turn {
            None => String::new(),
            Some(Turn::At(at)) => at.to_string(),
            Some(Turn::Any(_)) => "any".to_owned(),
        };
        all.push(Seen {
            kind,
            name: if is_off { String::new() } else { text(&resource.name).to_lowercase() },
            scope: if is_off { String::new() } else { text(&resource.scope).to_lowercase() },
            condition: condition.to_owned(),
            turn,
            depends_on: if is_off { BTreeSet::new() } else { waits_for(evaluated, number).0 },
            unresolved: !is_off && waits_for(evaluated, number).1,
            body: if is_off || is_module { String::new() } else { sorted(&resource.body) },
        });
    }
    all.sort();
    all
}

/// Values for the parameters, made from what the compiler says of them.
fn made_up(template: &Template) -> Given {
    let mut given = Given::default();
    for (name, parameter) in template.parameters.iter() {
        let first =
            parameter.allowed.as_ref().and_then(|allowed| allowed.as_literal()?.as_array()?.items.first().cloned());
        let kind = match &*parameter.kind.to_ascii_lowercase() {
            _ if parameter.default.is_some() || parameter.nullable => continue,
            "string" | "securestring" => Kind::String(format!("p-{name}").into()),
            "int" => Kind::Int(3),
            "bool" => Kind::Bool(true),
            "array" => {
                let object = Object::new(vec![(Key::new("name", Span::NONE), Value::string("one", Span::NONE))]);
                Value::array(vec![Value::object(object, Span::NONE)], Span::NONE).kind
            }
            "object" | "secureobject" => Value::object(Object::new(Vec::new()), Span::NONE).kind,
            _ => continue,
        };
        given.insert(name.clone(), first.unwrap_or(Value::new(kind, Span::NONE)));
    }
    given
}

fn arm(path: &Path, files: &mut Files) -> Arc<Template> {
    let text: Arc<str> = std::fs::read_to_string(path).unwrap().into();
    let file = files.add(path.to_owned(), text.clone()).unwrap();
    crate::source::arm::read_template(file, &text).found.unwrap()
}

#[derive(Default)]
struct Score {
    all: usize,
    bare: usize,
    given: usize,
    exact: usize,
    outputs: usize,
    variables: usize,
    without_modules: usize,
}

/// The names of the variables whose values differ.
fn different_variables(here: &Arc<Template>, there: &Arc<Template>, given: &Given, options: &Options) -> Vec<String> {
    let value = |template: &Arc<Template>, name: &Arc<str>| {
        let expr = Expr::new(ExprKind::Variable(name.clone()), Span::NONE);
        sorted(&evaluate_expression(template.clone(), given, options, &expr).0)
    };
    let both = there.variables.iter().filter(|(name, _)| here.variables.get(name).is_some());
    both.filter_map(|(name, _)| {
        let (x, y) = (value(here, name), value(there, name));
        let agree = x == y || covers(&serde_json::from_str(&x).unwrap(), &serde_json::from_str(&y).unwrap());
        (!agree).then(|| format!("{name}\n    here  {x:.300}\n    there {y:.300}"))
    })
    .collect()
}

#[test]
fn estates_are_those_of_the_compiler() {
    with_shared("estates_are_those_of_the_compiler", "data", |_| {
        compare("compile");
    });
}

/// What the decompiler writes makes the same estate as the template that it was made from.
#[test]
fn estates_are_those_that_the_decompiler_read() {
    with_shared("estates_are_those_that_the_decompiler_read", "data", |_| {
        compare("decompile");
    });
}

fn compare(kind: &str) {
    let root = shared("data/bicep-pairs");
    let index = std::fs::read_to_string(root.join("INDEX.jsonl")).unwrap();
    let mut groups: BTreeMap<String, Score> = BTreeMap::new();
    for line in index.lines() {
        let pair: serde_json::Value = serde_json::from_str(line).unwrap();
        let (source, expected) = (pair["source"].as_str().unwrap(), pair["expected"].as_str().unwrap());
        if pair["kind"] != kind {
            continue;
        }
        let (bicep, json) = if kind == "compile" { (source, expected) } else { (expected, source) };
        let mut files = Files::default();
        let lowered = lower(&root.join(bicep), &Disk(root.clone()), &mut files);
        let ours = lowered.template.unwrap();
        let theirs = arm(&root.join(json), &mut Files::default());
        // Modules from registries are not there; their names are still compared.
        let needs = pair["registry_modules"].as_array().into_iter().flatten();
        let missing = needs.into_iter().any(|module| !module.as_str().unwrap().contains("avm-common-types"));
        let score = groups.entry(source.split('/').next().unwrap().to_owned()).or_default();
        score.without_modules += usize::from(missing);
        if missing {
            continue;
        }
        score.all += 1;
        for with_values in [false, true] {
            let given = if with_values { made_up(&theirs) } else { Given::default() };
            let options = Options {
                subscription: Some("00000000-0000-0000-0000-000000000001".into()),
                resource_group: Some("rg".into()),
                ..Options::default()
            };
            let options = if with_values { options } else { Options::default() };
            let here = evaluate(ours.clone(), &given, &options, &mut NoLoader);
            let there = evaluate(theirs.clone(), &given, &options, &mut NoLoader);
            let (a, b) = (seen(&here), seen(&there));
            let same = all_agree(&a, &b);
            let strict = |seen: &[Seen]| -> Vec<Seen> {
                seen.iter().map(|one| Seen { unresolved: false, ..one.clone() }).collect()
            };
            score.exact += usize::from(with_values && strict(&a) == strict(&b));
            match with_values {
                true => score.given += usize::from(same),
                false => score.bare += usize::from(same),
            }
            if !same {
                println!("== {expected} {}", if with_values { "with values" } else { "bare" });
                differences(&a, &b);
            }
            if with_values {
                let outputs = |evaluated: &Evaluated| -> Vec<(String, String)> {
                    let outputs = evaluated.deployments[0].outputs.iter();
                    let mut all: Vec<_> = outputs.map(|(name, value)| (name.to_string(), sorted(value))).collect();
                    all.sort();
                    all
                };
                let (a, b) = (outputs(&here), outputs(&there));
                score.outputs += usize::from(a == b);
                let different = different_variables(&ours, &theirs, &given, &options);
                score.variables += usize::from(different.is_empty());
                for variable in &different {
                    println!("== {expected} variable {variable}");
                }
                if a != b {
                    println!("== {expected} outputs");
                    for (x, y) in a.iter().zip(&b).filter(|(x, y)| x != y).take(3) {
                        println!("  here  {} {:.300}\n  there {} {:.300}", x.0, x.1, y.0, y.1);
                    }
                }
            }
        }
    }
    let mut sum = Score::default();
    for (group, score) in &groups {
        println!(
            "{group}: of {}: {} without values, {} with values ({} to the letter), {} outputs, {} variables; {} need absent modules",
            score.all, score.bare, score.given, score.exact, score.outputs, score.variables, score.without_modules
        );
        sum.all += score.all;
        sum.bare += score.bare;
        sum.given += score.given;
        sum.exact += score.exact;
    }
    println!("all: {} and {} of {}, {} to the letter", sum.bare, sum.given, sum.all, sum.exact);
    assert!(sum.given * 100 >= sum.all * 98 && sum.bare * 100 >= sum.all * 96 && sum.exact * 100 >= sum.all * 96);
}

fn differences(a: &[Seen], b: &[Seen]) {
    let only_a: Vec<_> = a.iter().filter(|x| !b.iter().any(|y| agrees(x, y))).collect();
    let only_b: Vec<_> = b.iter().filter(|y| !a.iter().any(|x| agrees(x, y))).collect();
    let cut = |text: &str| text.chars().take(300).collect::<String>();
    for x in only_a.iter().take(3) {
        let other = only_b.iter().find(|y| y.kind == x.kind && y.name == x.name && y.turn == x.turn);
        let Some(y) = other else {
            println!("  only here: {} {} {} turn {}", x.kind, x.name, x.condition, x.turn);
            continue;
        };
        println!("  {} {}", x.kind, x.name);
        for (field, x, y) in [("scope", &x.scope, &y.scope), ("condition", &x.condition, &y.condition)] {
            if x != y {
                println!("    {field}: here {x} there {y}");
            }
        }
        if x.depends_on != y.depends_on {
            let here: Vec<_> = x.depends_on.difference(&y.depends_on).collect();
            let there: Vec<_> = y.depends_on.difference(&x.depends_on).collect();
            println!("    waits for, only here {here:?}, only there {there:?}");
        }
        if x.body != y.body {
            let at = x.body.bytes().zip(y.body.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(60);
            let from = |text: &str| cut(&String::from_utf8_lossy(&text.as_bytes()[at.min(text.len())..]));
            println!("    here  {}\n    there {}", from(&x.body), from(&y.body));
        }
    }
    for y in only_b.iter().take(3) {
        if !only_a.iter().any(|x| y.kind == x.kind && y.name == x.name && y.turn == x.turn) {
            println!("  only there: {} {} {} turn {}", y.kind, y.name, y.condition, y.turn);
        }
    }
}
