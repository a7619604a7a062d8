//! Broken Bicep: nothing panics, nothing takes long, and what is whole is read.

use crate::templates::with_shared;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::source::bicep::syntax::{Program, StatementKind};
use crate::source::bicep::{Lines, lower, lower_parameters, parse};
use crate::template::evaluation::{Given, NoLoader, Options, evaluate};
use crate::template::place::Files;
use crate::templates::common::{Memory, files, shared};

fn names(program: &Program) -> Vec<String> {
    program.statements.iter().filter_map(|s| Some(s.name()?.text.to_string())).collect()
}

/// A generator that gives the same numbers each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[test]
fn deep_and_long_files_are_read_in_linear_time() {
    let deep = |open: &str, close: &str| format!("var x = {}1{}\n", open.repeat(20_000), close.repeat(20_000));
    let sources = [
        deep("(", ")"),
        deep("[", "]"),
        deep("{a:", "}"),
        deep("f(", ")"),
        deep("!", ""),
        deep("-", ""),
        deep("'${", "}'"),
        deep("x => ", ""),
        deep("[for x in y: ", "]"),
        deep("true ? 1 : ", ""),
        format!("var x = 1{}\n", " + 1".repeat(40_000)),
        format!("var x = a{}\n", ".b".repeat(40_000)),
        format!("var x = a{}\n", "!".repeat(40_000)),
        format!("var x = a{}\n", "[0]".repeat(40_000)),
        format!("param x {}int\n", "(".repeat(40_000)),
        format!("param x int{}\n", "[]".repeat(40_000)),
        format!("param x {}\n", "{ a: ".repeat(40_000)),
        format!("resource a 'T' = {}\n", "{ resource b 'T' = ".repeat(20_000)),
        format!("var x = {}{}\n", "{a:".repeat(20_000), ")".repeat(20_000)),
        format!("var x = {}{}\n", "[{a:\n".repeat(10_000), ")\n".repeat(10_000)),
        "(a, ".repeat(40_000),
        "'".repeat(40_000),
        "'''".repeat(20_001),
        "'${".repeat(40_000),
        "$".repeat(40_000),
        "@".repeat(40_000),
        "/*".repeat(40_000),
        "param\n".repeat(20_000),
        "param x = {\n".repeat(10_000),
        "\u{1f600}".repeat(20_000),
    ];
    for source in &sources {
        let begun = Instant::now();
        let program = parse(source);
        let took = begun.elapsed();
        let mut read = Files::default();
        let path = PathBuf::from("main.bicep");
        let lowered = lower(&path, &Memory(PathBuf::new(), vec![(path.clone(), source.clone())]), &mut read);
        assert!(lowered.template.is_some());
        let start: String = source.chars().take(24).collect();
        assert!(took < Duration::from_secs(2), "{start}…: {took:?}");
        assert!(!program.problems.is_empty() || source.starts_with("/*"), "{start}…");
        drop(program);
    }
}

#[test]
fn any_change_of_a_real_file_is_survived() {
    with_shared("any_change_of_a_real_file_is_survived", "data", |_| {
        let rounds = 2;
        let mut numbers = Numbers(7);
        for file in files(&shared("data/bicep-pairs"), &["bicep", "bicepparam"]) {
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            for _ in 0..rounds {
                let mut changed: Vec<char> = text.chars().collect();
                for _ in 0..=numbers.below(3) {
                    let at = numbers.below(changed.len());
                    match numbers.below(3) {
                        0 if !changed.is_empty() => {
                            changed.remove(at);
                        }
                        1 => changed.truncate(at),
                        _ => {
                            changed.insert(at, ['{', '}', '\'', '(', '[', ']', '\n', '$', '@', '?'][numbers.below(10)])
                        }
                    }
                }
                let changed: String = changed.into_iter().collect();
                let program = parse(&changed);
                for problem in &program.problems {
                    assert!(changed.get(problem.span.start as usize..problem.span.end as usize).is_some());
                }
                let project = Memory(shared("data/bicep-pairs"), vec![(file.clone(), changed)]);
                let mut read = Files::default();
                if file.extension().is_some_and(|extension| extension == "bicep") {
                    let template = lower(&file, &project, &mut read).template.unwrap();
                    evaluate(template, &Given::default(), &Options::default(), &mut NoLoader);
                } else {
                    lower_parameters(&file, &project, &mut read);
                }
            }
        }
    });
}

/// Removes one bracket at the end or start of a line; the problem is reported near it, and all other declarations are read.
#[test]
fn one_lost_bracket_is_told_near_its_place() {
    with_shared("one_lost_bracket_is_told_near_its_place", "data", |_| {
        let mut numbers = Numbers(11);
        let (mut near, mut whole, mut all) = (0, 0, 0);
        let mut worst = Vec::new();
        for file in files(&shared("data/bicep-pairs/avm"), &["bicep"]) {
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            let before = names(&parse(&text));
            let lines: Vec<&str> = text.lines().collect();
            let closers: Vec<usize> = (0..lines.len()).filter(|at| matches!(lines[*at].trim(), "}" | "]")).collect();
            for _ in 0..4 {
                if closers.is_empty() {
                    continue;
                }
                let removed = closers[numbers.below(closers.len())];
                let kept: Vec<&str> = (0..lines.len()).filter(|at| *at != removed).map(|at| lines[at]).collect();
                let changed = kept.join("\n");
                let program = parse(&changed);
                all += 1;
                whole += usize::from(names(&program) == before);
                let positions = Lines::of(&changed);
                let told: Vec<usize> =
                    program.problems.iter().map(|p| positions.position(&changed, p.span.start).0).collect();
                let is_near = told.first().is_some_and(|line| line.abs_diff(removed + 1) <= 1) && told.len() <= 2;
                near += usize::from(is_near);
                if !is_near {
                    worst.push(format!("{}: line {} lost, told in {told:?}", file.display(), removed + 1));
                }
            }
        }
        println!("{near} of {all} told within a line, {whole} with all declarations");
        println!("{}", worst.join("\n"));
        assert!(near * 100 >= all * 97, "{near} of {all}");
        assert!(whole == all, "{whole} of {all}");
    });
}

#[test]
fn the_seed_without_braces_is_read_to_the_host_name() {
    with_shared("the_seed_without_braces_is_read_to_the_host_name", "data", |_| {
        let text = std::fs::read_to_string(shared("cases/seeds/apim-module-braces-lost.bicep")).unwrap();
        let (program, lines) = (parse(&text), Lines::of(&text));
        let told = |p: &crate::source::bicep::Problem| {
            let (line, column) = lines.position(&text, p.span.start);
            format!("{line}:{column}: {}", p.message)
        };
        let told: Vec<String> = program.problems.iter().map(told).collect();
        println!("{}", told.join("\n"));
        assert_eq!(told[0], "41:18: expected `}` here, to end the object that begins in line 39");
        assert!(told.iter().any(|t| t.starts_with("47:30: expected `{`")));
        let Some(StatementKind::Resource(resource)) = program.statements.last().map(|s| &s.kind) else { panic!() };
        let shown = format!("{:?}", resource.body);
        for word in ["hostnameConfigurations", "keyVaultId", "virtualNetworkType"] {
            assert!(shown.contains(word), "{word}");
        }
        // The host name's certificate is there, with its line.
        let path = PathBuf::from("main.bicep");
        let mut read = Files::default();
        let lowered = lower(&path, &Memory(PathBuf::new(), vec![(path.clone(), text)]), &mut read);
        assert_eq!(lowered.problems.len(), told.len(), "{:?}", lowered.problems);
        let evaluated = evaluate(lowered.template.unwrap(), &Given::default(), &Options::default(), &mut NoLoader);
        let properties = evaluated.resources[0].body.get("properties").unwrap();
        let host = &properties.get("hostnameConfigurations").unwrap().as_array().unwrap().items[0];
        let (key, value) = host.as_object().unwrap().entry("keyVaultId").unwrap();
        assert_eq!(read.position(key.span).unwrap().line, 53);
        assert_eq!(crate::template::canonical::write_canonical(value), "\"{parameters('certificateKeyVaultId')}\"");
    });
}

#[test]
fn files_that_draw_each_other_in_are_told() {
    let files = [
        ("a.bicep", "import { x } from 'b.bicep'\nmodule b 'b.bicep' = { name: 'b' }\n@export()\nvar y = x\n"),
        ("b.bicep", "import { y } from 'a.bicep'\nmodule a './a.bicep' = { name: 'a' }\n@export()\nvar x = y\n"),
        ("p.bicepparam", "using 'a.bicep'\nextends 'q.bicepparam'\nparam a = base.a\n"),
        ("q.bicepparam", "using none\nextends 'p.bicepparam'\nparam a = 1\n"),
        ("out.bicep", "module m '../x.bicep' = {}\nmodule n '/etc/x.bicep' = {}\nvar t = loadTextContent('../../x')\n"),
    ];
    let held = files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect();
    let project = Memory(PathBuf::new(), held);
    let told = |name: &str| -> Vec<String> {
        let (mut read, path) = (Files::default(), PathBuf::from(name));
        let problems = match name.ends_with("param") {
            true => lower_parameters(&path, &project, &mut read).problems,
            false => lower(&path, &project, &mut read).problems,
        };
        problems.into_iter().map(|problem| problem.message).collect()
    };
    assert_eq!(told("a.bicep"), ["`a.bicep` uses itself"]);
    assert_eq!(told("p.bicepparam"), ["`p.bicepparam` extends itself"]);
    let outside = ["../x.bicep", "/etc/x.bicep", "../../x"].map(|path| format!("`{path}` is outside the project"));
    assert_eq!(told("out.bicep"), outside);
}

#[test]
fn common_mistakes_are_told_once_and_where_they_are() {
    let cases: &[(&str, &[&str], usize)] = &[
        (
            "param a string = 'x\nparam b int = 1\n",
            &["1:18: expected `'` to end the string, found the end of the line"],
            2,
        ),
        ("var a = foo(1, 2\nvar c = 1\n", &["1:17: expected `,` or `)`, found the end of the line"], 2),
        ("var a = [\n  1\n  2\nvar c = 1\n", &["3:4: expected `]` here, to end the array that begins in line 1"], 2),
        (
            "resource r 'T@1' = {\n  name 'x'\n  b: 2\n}\n",
            &["2:8: expected `:` after the name of a property, found a string"],
            1,
        ),
        ("resource r 'T@1' {\n  name: 'x'\n}\nvar c = 1\n", &["1:18: expected `=`, found `{`"], 2),
        ("resource 'T@1' = {}\n", &["1:10: expected the symbolic name of the resource, found a string"], 1),
        (
            "parm a string\nvar c = 1\n",
            &["1:1: expected a declaration, such as `param`, `var`, `resource` or `module`, found `parm`"],
            1,
        ),
        ("var a = 1 +\nvar c = 1\n", &["1:12: expected a value, found the end of the line"], 2),
        ("var a = b ? c\nvar c = 1\n", &["1:14: expected `:`, found the end of the line"], 2),
        ("var a = {\n  y: \n  z: 3\n}\n", &["2:5: expected a value, found the end of the line"], 1),
        ("var a = {\n  x: \"q r\"\n}\n", &["2:6: unexpected `\"`: strings stand in single quotes"], 1),
        ("param a\nparam b string\n", &["1:8: expected the type of the parameter, found the end of the line"], 2),
        ("var a = 'x' var b = 2\nvar c = 3\n", &["1:13: expected a new line, found `var`"], 2),
        ("resource r 'T@1' = if (x {\n  name: 'x'\n}\n", &["1:26: expected `)`, found `{`"], 1),
        ("resource r 'T@1' = [for x in y {\n  name: 'x'\n}]\n", &["1:32: expected `:`, found `{`"], 1),
        (
            "module m 'x.bicep' = {\n  params: {\n    a: 1\n}\noutput o string = m.outputs.x\n",
            &["3:9: expected `}` here, to end the object that begins in line 2"],
            2,
        ),
        ("var t = '''\nabc\n", &["1:9: expected `'''` to end the string, found the end of the file"], 1),
        (
            "var t = 'a\\q'\n",
            &["1:11: `\\q` is not a known escape: expected `\\\\`, `\\'`, `\\n`, `\\r`, `\\t`, `\\$` or `\\u{…}`"],
            1,
        ),
        ("var t = 99999999999999999999\n", &["1:9: `99999999999999999999` does not fit in 64 bits"], 1),
        ("// a\n/* b\nvar c = 1\n", &["2:1: expected `*/` to end the comment, found the end of the file"], 0),
    ];
    for (source, expected, count) in cases {
        let (program, lines) = (parse(source), Lines::of(source));
        let told = program.problems.iter().map(|problem| {
            let (line, column) = lines.position(source, problem.span.start);
            format!("{line}:{column}: {}", problem.message)
        });
        assert_eq!(told.collect::<Vec<_>>(), *expected, "{source}");
        assert_eq!(program.statements.len(), *count, "{source}");
    }
}
