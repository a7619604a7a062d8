//! Bicep files become templates.

use crate::templates::with_shared;
use std::time::Instant;

use crate::source::bicep::{lower, lower_parameters};
use crate::template::place::Files;
use crate::templates::common::{Disk, files, shared};

#[test]
fn real_files_are_lowered() {
    with_shared("real_files_are_lowered", "data", |_| {
        for group in ["data/bicep-pairs", "data/templates", "cases/deployments"] {
            let root = shared(group);
            let (begun, mut count) = (Instant::now(), 0);
            for file in files(&root, &["bicep", "bicepparam"]) {
                let mut read = Files::default();
                let problems = match file.extension().is_some_and(|e| e == "bicep") {
                    true => lower(&file, &Disk(root.clone()), &mut read).problems,
                    false => lower_parameters(&file, &Disk(root.clone()), &mut read).problems,
                };
                count += problems.len();
            }
            println!("{group}: {:?}, {count} problems", begun.elapsed());
        }
    });
}

#[test]
fn loaded_files_are_what_the_compiler_loads() {
    with_shared("loaded_files_are_what_the_compiler_loads", "data", |_| {
        let folder = shared("data/bicep-pairs/compiler-baselines/LoadFunctions_CRLF");
        let mut read = Files::default();
        let lowered = lower(&folder.join("main.bicep"), &Disk(folder.clone()), &mut read);
        assert!(lowered.problems.is_empty(), "{:?}", lowered.problems);
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join("main.json")).unwrap()).unwrap();
        let mut compared = 0;
        for (name, variable) in lowered.template.unwrap().variables.iter() {
            let written = &json["variables"][&**name];
            let text = written.as_str().unwrap_or_default();
            let loaded = text.strip_prefix("[variables('$fxv#").and_then(|rest| rest.strip_suffix("')]"));
            let expected = match loaded {
                Some(number) => &json["variables"][format!("$fxv#{number}")],
                None if text.starts_with('[') || !written.is_string() => continue,
                None => written,
            };
            let Some(value) = variable.value.as_literal() else { panic!("{name}") };
            let text = crate::template::canonical::write_canonical(value);
            let found: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(&found, expected, "{name}");
            compared += 1;
        }
        assert!(compared >= 20, "{compared}");
    });
}
