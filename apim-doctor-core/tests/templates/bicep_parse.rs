//! Real Bicep files are read, and broken ones are read as far as they go.

use crate::templates::with_shared;
use std::collections::BTreeMap;
use std::path::Path;

use crate::source::bicep::{Lines, parse};
use crate::templates::common::{files, shared};

fn problems(path: &Path) -> Vec<String> {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let (program, lines) = (parse(&text), Lines::of(&text));
    let shown = |problem: &crate::source::bicep::Problem| {
        let (line, column) = lines.position(&text, problem.span.start);
        format!("{line}:{column}: {}", problem.message)
    };
    program.problems.iter().map(shown).collect()
}

#[test]
fn real_files_are_read() {
    with_shared("real_files_are_read", "data", |_| {
        let extensions = &["bicep", "bicepparam"];
        let mut found = files(&shared("data"), extensions);
        found.extend(files(&shared("cases/deployments"), extensions));
        let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for file in &found {
            let inside = file.strip_prefix(shared("")).unwrap();
            let group: Vec<_> = inside.iter().take(3).map(|part| part.to_string_lossy()).collect();
            let group =
                groups.entry(if group[0] == "cases" { "cases".to_owned() } else { group.join("/") }).or_default();
            let problems = problems(file);
            group.0 += usize::from(problems.is_empty());
            group.1 += 1;
            if let Some(first) = problems.first() {
                println!("{}:{first}", inside.display());
            }
        }
        let mut bad = 0;
        for (group, (good, all)) in &groups {
            println!("{group}: {good} of {all}");
            bad += all - good;
        }
        // Those that are wrong on purpose, and two in which the decompiler left a `?` for a type.
        assert!(bad <= 6, "{bad}");
    });
}

/// The shares of the pairs that the compiler could read.
#[test]
fn what_the_compiler_reads_is_read() {
    with_shared("what_the_compiler_reads_is_read", "data", |_| {
        let root = shared("data/bicep-pairs");
        let index = std::fs::read_to_string(root.join("INDEX.jsonl")).unwrap();
        let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for line in index.lines() {
            let pair: serde_json::Value = serde_json::from_str(line).unwrap();
            if pair["kind"] != "compile" {
                continue;
            }
            let source = pair["source"].as_str().unwrap();
            let group = groups.entry(source.split('/').next().unwrap().to_owned()).or_default();
            group.0 += usize::from(problems(&root.join(source)).is_empty());
            group.1 += 1;
        }
        let (mut good, mut all) = (0, 0);
        for (group, (read, count)) in &groups {
            println!("{group}: {read} of {count}");
            good += read;
            all += count;
        }
        println!("all: {good} of {all}");
        assert!(good * 1000 >= all * 995, "{good} of {all}");
    });
}
