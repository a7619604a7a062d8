//! Small changes of files: what is not meant stays as it is, and the result is Bicep.

use crate::source::bicep::edit::{add_declarations, add_item, remove_property, set_property, string};
use crate::source::bicep::syntax::{ExprKind, Member, StatementKind};
use crate::source::bicep::{Span, lower, parse};
use crate::template::evaluation::{Given, NoLoader, Options, evaluate};
use crate::template::place::Files;
use crate::template::resource::Truth;
use crate::templates::common::{Disk, Memory, files, shared};
use crate::templates::with_shared;

/// The place of what stands between the first `open` behind a mark and the bracket at its end.
fn place(source: &str, text: &str) -> Span {
    let start = source.find(text).unwrap();
    Span { start: start as u32, end: (start + text.len()) as u32 }
}

#[test]
fn a_property_is_set_where_it_belongs() {
    let source = "resource v 'T@1' = {\n  name: 'v' // why\n  properties: {\n    a: { b: 1 }\n    c: {}\n  }\n}\n";
    let body = place(source, source.split_once("= ").unwrap().1.trim_end());
    let cases: &[(&[&str], &str, &str, &str)] = &[
        (&["name"], "'w'", "name: 'v'", "name: 'w'"),
        (&["properties", "a", "b"], "2", "b: 1", "b: 2"),
        (&["properties", "a", "d"], "2", "{ b: 1 }", "{ b: 1, d: 2 }"),
        (&["properties", "c", "d"], "2", "c: {}", "c: {\n      d: 2\n    }"),
        (&["properties", "e"], "2", "    c: {}\n", "    c: {}\n    e: 2\n"),
        (&["properties", "e", "f-g"], "2", "    c: {}\n", "    c: {}\n    e: {\n      'f-g': 2\n    }\n"),
        (&["properties", "e"], "[\n  1\n]", "    c: {}\n", "    c: {}\n    e: [\n      1\n    ]\n"),
        (&["tags"], "{}", "  }\n}\n", "  }\n  tags: {}\n}\n"),
    ];
    for (path, value, before, after) in cases {
        let edit = set_property(source, body, path, value).unwrap();
        assert_eq!(edit.apply(source).unwrap(), source.replacen(before, after, 1), "{path:?}");
    }
    assert_eq!(set_property(source, body, &["name", "x"], "1"), None);
}

#[test]
fn a_property_is_removed_with_its_line_or_comma() {
    let source = "var a = {\n  b: 1 // one\n  c: { d: 1, e: 2, f: 3 }\n}\n";
    let outer = place(source, source.split_once("= ").unwrap().1.trim_end());
    let inner = place(source, "{ d: 1, e: 2, f: 3 }");
    let removed = |object, name| remove_property(source, object, name).unwrap().apply(source).unwrap();
    assert_eq!(removed(outer, "b"), source.replace("  b: 1 // one\n", ""));
    assert_eq!(removed(inner, "d"), source.replace("d: 1, ", ""));
    assert_eq!(removed(inner, "e"), source.replace("e: 2, ", ""));
    assert_eq!(removed(inner, "f"), source.replace(", f: 3", ""));
}

#[test]
fn elements_and_declarations_are_added() {
    let source = "var a = [ 1, 2 ]\r\nvar b = [\r\n  1\r\n]\r\nvar c = []";
    let added = |array: &str| add_item(source, place(source, array), "{\n  d: 1\n}").unwrap().apply(source).unwrap();
    assert_eq!(added("[\r\n  1\r\n]"), source.replace("  1\r\n", "  1\r\n  {\r\n    d: 1\r\n  }\r\n"));
    assert_eq!(added("[]"), source.replace("[]", "[\r\n  {\r\n    d: 1\r\n  }\r\n]"));
    let small = add_item(source, place(source, "[ 1, 2 ]"), "3").unwrap().apply(source).unwrap();
    assert_eq!(small, source.replace("1, 2 ]", "1, 2, 3 ]"));
    let file = add_declarations("var a = 1\n", "var b = 2\n").apply("var a = 1\n").unwrap();
    assert_eq!(file, "var a = 1\n\nvar b = 2\n");
    assert_eq!(string("it's \\ ${x} $y\n"), "'it\\'s \\\\ \\${x} $y\\n'");
}

/// Real resources are changed; the file still has the same declarations, and the property.
#[test]
fn real_files_are_still_bicep_after_a_change() {
    with_shared("real_files_are_still_bicep_after_a_change", "data", |_| {
        let mut count = 0;
        for file in files(&shared("data/bicep-pairs"), &["bicep"]) {
            let source = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            let program = parse(&source);
            if !program.problems.is_empty() {
                continue;
            }
            for statement in &program.statements {
                let StatementKind::Resource(resource) = &statement.kind else { continue };
                let ExprKind::Object(object) = &resource.body.kind else { continue };
                let is_open = object.get("properties").is_none_or(|value| matches!(value.kind, ExprKind::Object(_)));
                if !is_open {
                    continue;
                }
                let edit = set_property(&source, resource.body.span, &["properties", "inner", "zz"], "{\n  y: 1\n}");
                let Some(edit) = edit else { continue };
                let changed = edit.apply(&source).unwrap();
                let after = parse(&changed);
                assert!(after.problems.is_empty(), "{}: {:?}\n{edit:?}", file.display(), after.problems);
                assert_eq!(after.statements.len(), program.statements.len());
                let found = after.statements.iter().any(|other| match &other.kind {
                    StatementKind::Resource(other) if other.name.text == resource.name.text => {
                        let ExprKind::Object(object) = &other.body.kind else { return false };
                        let Some(ExprKind::Object(properties)) = object.get("properties").map(|value| &value.kind)
                        else {
                            return false;
                        };
                        let Some(ExprKind::Object(inner)) = properties.get("inner").map(|value| &value.kind) else {
                            return false;
                        };
                        inner
                            .members
                            .iter()
                            .any(|member| matches!(member, Member::Property { key, .. } if key.as_key() == Some("zz")))
                    }
                    _ => false,
                });
                assert!(found, "{}: {}", file.display(), resource.name.text);
                let kept: Vec<&str> = source.lines().filter(|line| !changed.contains(line)).collect();
                assert!(kept.len() <= 1, "{}: {kept:?}", file.display());
                count += 1;
            }
        }
        println!("{count} changes");
        assert!(count > 300);
    });
}

/// From an evaluated resource to a change of its file, and back to the resource.
#[test]
fn an_evaluated_resource_leads_to_its_file() {
    with_shared("an_evaluated_resource_leads_to_its_file", "data", |_| {
        let mut count = 0;
        for main in files(&shared("cases/deployments"), &["bicep"]).iter().filter(|path| path.ends_with("main.bicep")) {
            let project = Disk(main.parent().unwrap().to_owned());
            let mut read = Files::default();
            let template = lower(main, &project, &mut read).template.unwrap();
            let evaluated = evaluate(template, &Given::default(), &Options::default(), &mut NoLoader);
            for (number, resource) in evaluated.resources.iter().enumerate() {
                let is_off = matches!(resource.condition, Truth::No);
                if is_off
                    || resource.existing
                    || resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments")
                {
                    continue;
                }
                let file = read.get(resource.body.span.file).unwrap();
                let edit = set_property(&file.text, resource.body.span.into(), &["properties", "zz"], "'yes'").unwrap();
                let changed = Memory(project.0.clone(), vec![(file.path.clone(), edit.apply(&file.text).unwrap())]);
                let template = lower(main, &changed, &mut Files::default()).template.unwrap();
                let after = evaluate(template, &Given::default(), &Options::default(), &mut NoLoader);
                let body = &after.resources[number].body;
                let found = body.get("properties").and_then(|properties| properties.get("zz")?.as_str());
                assert_eq!(found, Some("yes"), "{}: {:?}", main.display(), resource.symbol);
                count += 1;
            }
        }
        println!("{count} resources");
        assert!(count > 100);
    });
}
