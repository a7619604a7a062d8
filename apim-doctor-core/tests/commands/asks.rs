//! What closes each gap: a command that can be run, or the plain words that nothing can be collected.

use crate::{commands_of, common, recorded};

/// Kinds that nothing collects.
const NOTHING: [&str; 6] = ["undocumented", "contradictory", "at-run-time", "not-kept", "ambiguous", "not-evaluated"];

/// How a command starts that reads something.
const READS: [&str; 8] = [
    "az rest --method get --url ",
    "az resource show --ids ",
    "az keyvault show --name ",
    "az storage account show --name ",
    "az storage blob list --account-name ",
    "apim-doctor collect ",
    "apim-doctor diagnose ",
    "apim-doctor probe ",
];

fn complaint(kind: &str, ask: &str) -> Option<&'static str> {
    let nothing = ask.starts_with("nothing to collect: ");
    let commands = commands_of(ask);
    let runs = || commands.iter().any(|line| READS.iter().any(|start| line.starts_with(start)) || is_console(line));
    match (NOTHING.contains(&kind), nothing) {
        (true, false) => Some("does not say that nothing can be collected"),
        (true, true) => None,
        (false, true) if kind == "outside-azure" || kind == "pending" => None,
        (false, true) => Some("says that nothing can be collected"),
        (false, false) if !runs() => Some("has no command that can be run"),
        (false, false) if ask.contains('…') => Some("has a hole"),
        (false, false) => None,
    }
}

/// A look-up in the console of the app.
fn is_console(line: &str) -> bool {
    line.starts_with("nslookup ")
}

#[test]
fn every_ask_can_be_run_or_says_that_nothing_can_be_collected() {
    let (mut seen, mut found) = (0, Vec::new());
    for (file, bytes) in recorded() {
        for gap in common::report(&file, bytes).gaps {
            seen += 1;
            let what = complaint(&gap.kind, &gap.ask);
            found.extend(what.map(|what| format!("{what}: {} [{}]: {}", gap.what, gap.kind, gap.ask)));
        }
    }
    assert!(seen > 200, "only {seen} gaps were seen");
    found.sort();
    found.dedup();
    common::assert_none("asks", &found);
    assert!(complaint("undocumented", "az rest --method get --url /x").is_some());
    assert!(complaint("not-collected", "check the setting").is_some());
    assert!(complaint("not-collected", "nothing to collect: no known request shows it").is_some());
}
