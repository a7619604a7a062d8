//! Files that are made to take time or memory end with a message.

use std::time::{Duration, Instant};

use apim_doctor_core::{Estate, Input};
use serde_json::{Value, json};

/// Reads a file, and returns its problems. Fails if that takes long; a debug build takes a fraction of this.
fn problems(what: &str, files: Vec<Vec<u8>>) -> Vec<String> {
    let start = Instant::now();
    let inputs = files.into_iter().enumerate().map(|(n, bytes)| Input::new(format!("{n}.json"), bytes)).collect();
    let (_, problems) = Estate::read(inputs);
    assert!(start.elapsed() < Duration::from_secs(30), "{what}: {:?}", start.elapsed());
    problems.into_iter().map(|problem| problem.message).collect()
}

fn id(name: &str) -> String {
    format!("/subscriptions/5/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/{name}")
}

#[test]
fn hostile_files_are_bounded() {
    let deep = |open: &str, close: &str| [open.repeat(100_000), close.repeat(100_000)].concat().into_bytes();
    let bomb = {
        let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for n in 1..12 {
            text.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", ")));
        }
        text.into_bytes()
    };
    for (what, file, message) in [
        ("arrays", deep("[", "]"), "nested"),
        ("objects", deep("{\"a\":", "}"), "nested"),
        ("lists in YAML", deep("- ", "x"), "nested"),
        ("flow lists in YAML", format!("a: {}", "[".repeat(100_000)).into_bytes(), ""),
        ("aliases", bomb, "aliases"),
        ("an alias of nothing", b"a: *x\n".to_vec(), ""),
        ("an alias of itself", b"a: &x [*x]\n".to_vec(), ""),
        ("a key that is a list", b"- [a]: b\n- id: c\n".to_vec(), ""),
    ] {
        let found = problems(what, vec![file]);
        assert!(found.iter().any(|text| text.contains(message)), "{what}: {found:?}");
        assert!(found.len() < 10, "{what}: {}", found.len());
    }
    // Many of everything.
    let many = |text: &str| text.repeat(50_000).into_bytes();
    for (what, file) in [
        ("documents", many("{}\n")),
        ("lists", many("[]")),
        ("recordings", many("{\"apimDoctor\": \"snapshot/v1\", \"exchanges\": []}\n")),
        ("scalars", format!("[{}1]", "1,".repeat(50_000)).into_bytes()),
        ("unknown objects", format!("[{}{{}}]", "{\"a\": 1},".repeat(50_000)).into_bytes()),
        ("documents of YAML", many("---\na: b\n")),
    ] {
        let found = problems(what, vec![file]);
        assert!(found.len() < 200, "{what}: {}", found.len());
    }
    // One resource in many versions, and settings of many apps.
    let versions =
        |n: usize| json!({"id": id("kv"), "properties": {"tenantId": format!("t{n}"), "vaultUri": n.to_string()}});
    problems(
        "versions in one file",
        vec![json!((0..5_000).map(versions).collect::<Vec<_>>()).to_string().into_bytes()],
    );
    problems("versions in many files", (0..1_000).map(|n| versions(n).to_string().into_bytes()).collect());
    let same = |n: usize| json!({"id": id("kv"), "properties": {"tenantId": "t"}, "tags": {"n": n}});
    problems("the same in one file", vec![json!((0..5_000).map(same).collect::<Vec<_>>()).to_string().into_bytes()]);
    let settings: Vec<Value> =
        (0..10_000).map(|n| json!({"name": format!("n{n}"), "slotSetting": false, "value": "x"})).collect();
    let apps = (0..10_000)
        .map(|n| json!({"id": format!("/subscriptions/5/resourceGroups/rg/providers/Microsoft.Web/sites/s{n}")}));
    problems(
        "settings",
        vec![json!(settings).to_string().into_bytes(), json!(apps.collect::<Vec<_>>()).to_string().into_bytes()],
    );
    let setting = json!([{"name": "n", "slotSetting": false, "value": "x"}]).to_string().into_bytes();
    let site = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Web/sites/a";
    for marker in ["/providers/Microsoft.Web/sites/", site] {
        let ids = json!({"id": id("kv"), "properties": {"vaultUri": marker.repeat(10_000)}}).to_string().into_bytes();
        problems("ids in ids", vec![ids, setting.clone()]);
    }
    problems(
        "one long line",
        vec![format!("[{}{{\"id\": \"{}\", \"tags\": null}}]", " ".repeat(5_000_000), id("kv")).into_bytes()],
    );
}

#[test]
fn any_bytes_end_with_a_message_or_a_report() {
    use proptest::prelude::*;
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"id\"",
        "\"/subscriptions/s/resourceGroups/r/providers/Microsoft.Web/sites/a\"",
        "\"properties\"",
        "\"value\"",
        "\"data\"",
        "null",
        "\n",
        "- ",
        "id: ",
        "  ",
        "---",
        "&a ",
        "*a",
        "'",
        "|",
        ">",
        "!!str ",
        "\u{feff}",
        "ü",
        "\"siteConfig\"",
        "\"Content\"",
        "\"StatusCode\"",
        "200",
        "\"kept\"",
        "\"apimDoctor\"",
        "\"exchanges\"",
        "? ",
        "\"columns\"",
        "\"rows\"",
        "#",
        "%",
        "@",
        "\t",
        "\r\n",
        "<<: ",
    ]);
    let file = prop::collection::vec(words, 0..60).prop_map(|words| words.concat());
    proptest!(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() }, |(text in file)| {
        let (_, problems) = Estate::read(vec![Input::new("file", text)]);
        prop_assert!(problems.iter().filter(|problem| problem.fatal).count() <= 1);
    });
}
