//! Real templates: read without panic; how much of them is understood, and how long that takes.

use crate::templates::with_shared;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::source::arm::{FileKind, Project, kind_of};
use crate::template::evaluation::{Options, evaluate};
use crate::template::value::{Value, Why};
use crate::templates::common::shared;

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) {
            into.push(path);
        }
    }
}

#[derive(Default)]
struct Share {
    files: usize,
    templates: usize,
    unread: usize,
    resources: usize,
    understood: usize,
    certain: usize,
    waiting: usize,
    problems: usize,
    time: Duration,
    slowest: Duration,
}

fn is_known(value: &Value) -> bool {
    !value.is_unknown()
}

fn beside(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_str()?;
    [format!("{stem}.parameters.json"), format!("{stem}.parameters.min.json")]
        .iter()
        .map(|name| path.with_file_name(name))
        .find(|path| path.exists())
}

#[test]
fn real_templates_are_read() {
    with_shared("real_templates_are_read", "data", |_| {
        let root = shared("data");
        let mut all = Vec::new();
        files(&root.join("templates"), &mut all);
        files(&root.join("bicep-pairs"), &mut all);
        files(&shared("cases/deployments"), &mut all);
        let mut shares: BTreeMap<String, Share> = BTreeMap::new();
        let mut told: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for path in all {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let short = path.strip_prefix(shared("")).unwrap();
            let group = short.iter().take(3).map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/");
            let share = shares.entry(group).or_default();
            share.files += 1;
            if kind_of(&text) != FileKind::Template {
                continue;
            }
            share.templates += 1;
            let start = Instant::now();
            let mut project = Project::new(path.parent().unwrap());
            let Ok(template) = project.template(Path::new(path.file_name().unwrap())) else {
                share.unread += 1;
                println!("unread: {} {:?}", short.display(), project.problems);
                continue;
            };
            let given = beside(&path).and_then(|file| project.parameters(&file).ok()).unwrap_or_default();
            let evaluated = evaluate(template, &given, &Options::default(), &mut project);
            let time = start.elapsed();
            share.time += time;
            share.slowest = share.slowest.max(time);
            for resource in &evaluated.resources {
                let rendered = crate::template::rendering::render(resource);
                serde_json::from_str::<serde_json::Value>(&rendered.text).unwrap();
                share.resources += 1;
                let understood = is_known(&resource.id) && !resource.resource_type.is_empty();
                share.understood += usize::from(understood);
                share.certain += usize::from(understood && resource.id.as_str().is_some());
                let is_parameter = |why: &Why| matches!(why, Why::Parameter(_) | Why::Secret(_));
                share.waiting +=
                    usize::from(resource.id.as_unknown().is_some_and(|unknown| is_parameter(&unknown.why)));
            }
            share.problems += project.problems.len() + evaluated.problems.len();
            for problem in project.problems.iter().chain(&evaluated.problems) {
                let at = project.files.position(problem.span).map_or(0, |p| p.line);
                let entry = told.entry(problem.message.split('`').step_by(2).collect()).or_default();
                entry.0 += 1;
                entry.1 = format!("{}:{at} {}", short.display(), problem.message);
            }
        }
        let mut sum = Share::default();
        for (group, share) in &shares {
            println!(
                "{group}: {} files, {} templates, {} unread, {} of {} resources understood ({} to the letter), {} wait for parameters, {} problems, {:?}, slowest {:?}",
                share.files,
                share.templates,
                share.unread,
                share.understood,
                share.resources,
                share.certain,
                share.waiting,
                share.problems,
                share.time,
                share.slowest
            );
            sum.resources += share.resources;
            sum.understood += share.understood;
            sum.templates += share.templates;
            sum.waiting += share.waiting;
            sum.unread += share.unread;
            sum.time += share.time;
        }
        println!(
            "{} templates, {} of {} resources understood, {} more wait for parameters, {:?}",
            sum.templates, sum.understood, sum.resources, sum.waiting, sum.time
        );
        assert_eq!(sum.unread, 0);
        assert!((sum.understood + sum.waiting) * 100 >= sum.resources * 97);
        let avm = shares.get("data/bicep-pairs/avm").map_or(Duration::ZERO, |share| share.time);
        assert!(cfg!(debug_assertions) || avm < Duration::from_millis(500), "{avm:?}");
        assert_eq!(shares.values().map(|share| share.unread).sum::<usize>(), 0);
        // Without values for the parameters, some names are not known.
        assert!(sum.understood * 100 >= sum.resources * 89);
        let mut told: Vec<_> = told.into_iter().collect();
        told.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (message, (count, example)) in told.into_iter().take(60) {
            println!("{count} {message}   e.g. {example}");
        }
    });
}
