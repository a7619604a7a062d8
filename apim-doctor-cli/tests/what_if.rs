//! `what-if`: what it says of each hardening is what a diagnosis says of a recording that is changed by hand, and after its
//! preparations nothing breaks.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use serde_json::{Map, Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");

/// A vault that an app reads over the internet with the permissions of an access policy.
const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds/function-app.json");

/// An instance with a user-assigned identity.
const INSTANCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds/user-assigned-identity.json");

fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).args(["--isolated"]).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn what_if(file: &str, change: &[&str]) -> (Option<i32>, Value) {
    let output = run(&[&["what-if", "--snapshot", file, "-o", "json"], change].concat());
    (output.status.code(), json_of(&output))
}

/// What is wrong with a change, in one line.
fn refused(file: &str, change: &[&str]) -> String {
    let output = run(&[&["what-if", "--snapshot", file], change].concat());
    assert_eq!(output.status.code(), Some(2), "{change:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap().replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A hardening, made by hand: the type of the resources, and what it does to the properties of one.
type ByHand = (&'static str, &'static str, fn(&mut Map<String, Value>));

const VAULT: &str = "microsoft.keyvault/vaults";
const ACCOUNT: &str = "microsoft.storage/storageaccounts";
const GROUP: &str = "microsoft.network/networksecuritygroups";

fn acls(properties: &mut Map<String, Value>) -> &mut Map<String, Value> {
    let acls = properties.entry("networkAcls").or_insert(Value::Null);
    if !acls.is_object() {
        *acls = json!({"bypass": "AzureServices"});
    }
    acls.as_object_mut().unwrap()
}

fn deny(properties: &mut Map<String, Value>) {
    let acls = acls(properties);
    acls.entry("bypass").or_insert("AzureServices".into());
    acls.insert("defaultAction".to_owned(), "Deny".into());
}

fn close(properties: &mut Map<String, Value>) {
    if properties.get("publicNetworkAccess").and_then(Value::as_str) != Some("SecuredByPerimeter") {
        properties.insert("publicNetworkAccess".to_owned(), "Disabled".into());
    }
}

fn stop_trusting(properties: &mut Map<String, Value>) {
    if properties.get("networkAcls").is_some_and(Value::is_object) {
        acls(properties).insert("bypass".to_owned(), "None".into());
    }
}

fn rules(properties: &mut Map<String, Value>) -> &mut Vec<Value> {
    properties.entry("securityRules").or_insert(json!([])).as_array_mut().unwrap()
}

fn deny_all(properties: &mut Map<String, Value>, direction: &str, ports: &Value, at_end: bool) {
    let rules = rules(properties);
    let is_taken = |priority: &u64| {
        rules.iter().any(|rule| {
            let own = &rule["properties"];
            own["priority"] == *priority && own["direction"].as_str().unwrap().eq_ignore_ascii_case(direction)
        })
    };
    let mut free = (100..=4096).filter(|priority| !is_taken(priority));
    let priority = if at_end { free.next_back() } else { free.next() }.unwrap();
    rules.push(json!({"name": "by-hand", "properties": {
        "priority": priority, "direction": direction, "access": "Deny", "protocol": "*", "sourceAddressPrefix": "*",
        "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRanges": ports,
    }}));
}

fn drop_inbound(properties: &mut Map<String, Value>, port: &str) {
    rules(properties).retain(|rule| {
        let own = &rule["properties"];
        let is = |name: &str, value: &str| own[name].as_str().is_some_and(|text| text.eq_ignore_ascii_case(value));
        let from_all = ["*", "Internet", "0.0.0.0/0"].iter().any(|all| is("sourceAddressPrefix", all));
        let to_port = port.is_empty() || is("destinationPortRange", port) || is("destinationPortRange", "*");
        let from_all = if port.is_empty() { is("sourceAddressPrefix", "*") } else { from_all };
        !(is("direction", "Inbound") && is("access", "Allow") && from_all && to_port)
    });
}

/// Every hardening.
const BY_HAND: &[ByHand] = &[
    ("vault-firewall", VAULT, deny),
    ("vault-public-access-off", VAULT, close),
    ("vault-rbac", VAULT, |own| drop(own.insert("enableRbacAuthorization".into(), true.into()))),
    ("vault-soft-delete", VAULT, |own| drop(own.insert("enableSoftDelete".into(), true.into()))),
    ("vault-purge-protection", VAULT, |own| drop(own.insert("enablePurgeProtection".into(), true.into()))),
    ("vault-trusted-services-off", VAULT, stop_trusting),
    ("storage-firewall", ACCOUNT, deny),
    ("storage-networks-only", ACCOUNT, |own| {
        deny(own);
        acls(own).insert("ipRules".to_owned(), json!([]));
    }),
    ("storage-public-access-off", ACCOUNT, close),
    ("storage-shared-keys-off", ACCOUNT, |own| drop(own.insert("allowSharedKeyAccess".into(), false.into()))),
    ("storage-anonymous-access-off", ACCOUNT, |own| drop(own.insert("allowBlobPublicAccess".into(), false.into()))),
    ("storage-secure-transfer", ACCOUNT, |own| drop(own.insert("supportsHttpsTrafficOnly".into(), true.into()))),
    ("storage-trusted-services-on", ACCOUNT, |own| {
        if own.get("networkAcls").is_some_and(Value::is_object) {
            acls(own).insert("bypass".to_owned(), "AzureServices".into());
        }
    }),
    ("storage-trusted-services-off", ACCOUNT, stop_trusting),
    ("nsg-deny-outbound", GROUP, |own| deny_all(own, "Outbound", &json!(["*"]), true)),
    ("nsg-deny-inbound", GROUP, |own| deny_all(own, "Inbound", &json!(["*"]), true)),
    ("nsg-deny-management-outbound", GROUP, |own| deny_all(own, "Outbound", &json!(["22", "3389"]), false)),
    ("nsg-no-any-source", GROUP, |own| drop_inbound(own, "")),
    ("nsg-no-rdp", GROUP, |own| drop_inbound(own, "3389")),
    ("nsg-no-ssh", GROUP, |own| drop_inbound(own, "22")),
    ("nsg-no-http", GROUP, |own| drop_inbound(own, "80")),
];

/// Changes every resource of a type, wherever it stands; how many there are.
fn harden(value: &mut Value, (_, kind, change): &ByHand) -> usize {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let is_it = id.split_once("/providers/").is_some_and(|(_, rest)| {
        let parts: Vec<&str> = rest.split('/').collect();
        parts.len() == 3 && format!("{}/{}", parts[0], parts[1]) == *kind
    });
    let mut found = 0;
    if let (true, Some(own)) = (is_it, value.get_mut("properties").and_then(Value::as_object_mut)) {
        change(own);
        found += 1;
    }
    match value {
        Value::Object(map) => found += map.values_mut().map(|inner| harden(inner, &("", kind, *change))).sum::<usize>(),
        Value::Array(items) => {
            found += items.iter_mut().map(|inner| harden(inner, &("", kind, *change))).sum::<usize>()
        }
        _ => {}
    }
    found
}

/// The verdict and the first failing gate of each path.
fn verdicts(report: &Value) -> BTreeMap<String, (String, String)> {
    let one = |path: &Value| {
        let gates = path["gates"].as_array().unwrap().iter();
        let failing = gates.clone().find(|gate| gate["verdict"] == "fail").map(|gate| gate["gate"].to_string());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&path["id"]), (text(&path["verdict"]), failing.unwrap_or_default()))
    };
    report["paths"].as_array().unwrap().iter().map(one).collect()
}

fn diagnose(file: &Path) -> Value {
    json_of(&run(&["diagnose", "-o", "json", "--fail-on", "never", "--snapshot", file.to_str().unwrap()]))
}

#[derive(Default)]
struct Tally {
    recordings: usize,
    hardened: usize,
    stays: usize,
    unknown: usize,
    breaks: BTreeMap<&'static str, usize>,
    unprepared: BTreeMap<(&'static str, String), usize>,
    wrong: Vec<String>,
}

/// Tries every hardening on one recording.
fn try_all(file: &Path, folder: &Path, tally: &Mutex<Tally>) {
    let name = file.file_name().unwrap().to_str().unwrap().trim_end_matches(".snapshot.json").to_owned();
    let recording: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    if recording.get("exchanges").is_none() {
        return;
    }
    let before = verdicts(&diagnose(file));
    let passing: Vec<&String> =
        before.iter().filter(|(_, (verdict, _))| verdict == "pass").map(|(path, _)| path).collect();
    if passing.is_empty() {
        return;
    }
    tally.lock().unwrap().recordings += 1;
    for one in BY_HAND {
        let mut changed = recording.clone();
        if harden(&mut changed, one) == 0 {
            continue;
        }
        for observed in ["dns", "observations", "probes"] {
            changed.as_object_mut().unwrap().remove(observed);
        }
        let (by_hand, prepared) =
            (folder.join(format!("{name}-{}.json", one.0)), folder.join(format!("{name}-{}-ready.json", one.0)));
        std::fs::write(&by_hand, changed.to_string()).unwrap();
        let (status, found) =
            what_if(file.to_str().unwrap(), &["--apply", one.0, "--write-changed", prepared.to_str().unwrap()]);
        let (said, expected) = (verdicts(&found), verdicts(&diagnose(&by_hand)));
        let mut tally = tally.lock().unwrap();
        tally.hardened += 1;
        let mut breaks = 0;
        for path in &passing {
            if said.get(*path) != expected.get(*path) {
                let wrong =
                    format!("{name} {} {path}: says {:?}, is {:?}", one.0, said.get(*path), expected.get(*path));
                tally.wrong.push(wrong);
            }
            match said.get(*path).map(|(verdict, _)| verdict.as_str()) {
                Some("fail") => breaks += 1,
                Some("unknown") => tally.unknown += 1,
                _ => tally.stays += 1,
            }
        }
        *tally.breaks.entry(one.0).or_default() += breaks;
        let all_breaks = found["effects"]["breaks"].as_u64().unwrap();
        if status != Some(i32::from(all_breaks > 0)) {
            tally.wrong.push(format!("{name} {}: exit status {status:?} with {all_breaks} breaks", one.0));
        }
        let without: BTreeMap<&str, &str> = found["unprepared"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["path"].as_str().unwrap(), one["why"].as_str().unwrap()))
            .collect();
        for (path, why) in without.iter().filter(|(path, _)| passing.iter().any(|own| own == *path)) {
            assert!(!why.is_empty(), "{name} {path}");
            *tally.unprepared.entry((one.0, (*why).to_owned())).or_default() += 1;
        }
        drop(tally);
        if breaks == 0 {
            continue;
        }
        // The change is made in what was written, and with the preparations nothing else is broken by it.
        let ready: Value = serde_json::from_slice(&std::fs::read(&prepared).unwrap()).unwrap();
        let mut again = ready.clone();
        harden(&mut again, one);
        let mut wrong = Vec::new();
        if one.1 != GROUP && again != ready {
            wrong.push(format!("{name} {}: the change is not in the changed recording", one.0));
        }
        let after = verdicts(&diagnose(&prepared));
        for path in passing.iter().filter(|path| !without.contains_key(path.as_str())) {
            let was_unknown = said.get(*path).is_some_and(|(verdict, _)| verdict == "unknown");
            let verdict = after.get(*path).map_or("gone", |(verdict, _)| verdict.as_str());
            if verdict != "pass" && !(was_unknown && verdict == "unknown") {
                wrong.push(format!("{name} {} {path}: {verdict} after the preparations", one.0));
            }
        }
        let preparations = found["preparations"].as_array().unwrap();
        if preparations.iter().any(|one| one["verified"] != true || one["az"].as_array().unwrap().is_empty()) {
            wrong.push(format!("{name} {}: a preparation is not verified or has no command", one.0));
        }
        self::wrong(&wrong);
    }
}

fn wrong(lines: &[String]) {
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// How many rules ask for each hardening; one, where none does.
fn rules_of_each() -> BTreeMap<String, usize> {
    let all = json_of(&run(&["what-if", "--rules", "-o", "json"]));
    let count = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["rules"].as_array().unwrap().len().max(1));
    all.as_array().unwrap().iter().map(count).collect()
}

#[test]
fn what_a_hardening_breaks_is_what_breaks_and_preparations_prevent_it() {
    let estates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/estates"));
    let Ok(entries) = std::fs::read_dir(estates) else {
        println!("skipped: ../shared does not exist");
        return;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.to_str().unwrap().ends_with(".snapshot.json"));
    files.sort();
    let rules = rules_of_each();
    let names: Vec<&str> = BY_HAND.iter().map(|one| one.0).collect();
    assert_eq!(
        rules.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
        names.iter().copied().collect()
    );
    let folder = tempfile::tempdir().unwrap();
    let tally: Mutex<Tally> = Mutex::default();
    std::thread::scope(|scope| {
        let halves: Vec<Vec<&PathBuf>> = (0..2)
            .map(|half| files.iter().enumerate().filter(|(at, _)| at % 2 == half).map(|(_, f)| f).collect())
            .collect();
        let (tally, folder) = (&tally, folder.path());
        let threads: Vec<_> = halves
            .into_iter()
            .map(|half| scope.spawn(move || half.into_iter().for_each(|file| try_all(file, folder, tally))))
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let tally = tally.into_inner().unwrap();
    println!("{} recordings with passing paths, {} hardened", tally.recordings, tally.hardened);
    println!("{} paths stay, {} become unknown", tally.stays, tally.unknown);
    let weight = |name: &str| rules[name];
    let all: usize = tally.breaks.values().sum();
    let open: usize = tally.unprepared.values().sum();
    let by_rule: usize = tally.breaks.iter().map(|(name, count)| count * weight(name)).sum();
    let open_by_rule: usize = tally.unprepared.iter().map(|((name, _), count)| count * weight(name)).sum();
    for (name, count) in tally.breaks.iter().filter(|(_, count)| **count > 0) {
        let open: usize = tally.unprepared.iter().filter(|((own, _), _)| own == name).map(|(_, count)| count).sum();
        println!("  {name}: {count} paths break, {} with preparations", count - open);
    }
    for ((name, why), count) in &tally.unprepared {
        println!("  none for {count} of {name}: {why}");
    }
    let share = |open: usize, all: usize| 1.0 - open as f64 / all as f64;
    println!("{all} breaks by hardening, {:.2} with preparations", share(open, all));
    println!("{by_rule} breaks by rule, {:.2} with preparations", share(open_by_rule, by_rule));
    assert!(tally.recordings > 80 && all > 100, "{} recordings, {all} breaks", tally.recordings);
    assert!(share(open_by_rule, by_rule) >= 0.8);
    wrong(&tally.wrong);
}

/// The values that a change sets, by its property.
fn changes(found: &Value) -> Vec<(String, String, Value)> {
    let one = |change: &Value| {
        let text = |name: &str| change[name].as_str().unwrap().to_owned();
        (text("resource").rsplit('/').next().unwrap().to_owned(), text("pointer"), change["after"].clone())
    };
    found["changes"].as_array().unwrap().iter().map(one).collect()
}

/// The name of the vault in a recording.
fn vault(file: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let (_, rest) = text.split_once("/providers/Microsoft.KeyVault/vaults/").unwrap();
    rest.split(['/', '"', '?']).next().unwrap().to_owned()
}

#[test]
fn every_rule_does_what_its_hardening_does() {
    let all = json_of(&run(&["what-if", "--rules", "-o", "json"]));
    let mut ids = Vec::new();
    for hardening in all.as_array().unwrap() {
        let name = hardening["name"].as_str().unwrap();
        assert!(hardening["source"]["url"].as_str().unwrap().starts_with("https://"), "{name}");
        let (_, expected) = what_if(APP, &["--apply", name]);
        for rule in hardening["rules"].as_array().unwrap() {
            let id = rule["id"].as_str().unwrap();
            let source = &rule["source"];
            assert!(source["url"].as_str().unwrap().starts_with("https://"), "{id}");
            assert_eq!(source["readOn"].as_str().unwrap().len(), "2026-12-01".len(), "{id}");
            let (_, found) = what_if(APP, &["--apply", &id.to_ascii_lowercase()]);
            assert_eq!(changes(&found), changes(&expected), "{id}");
            assert!(found["changes"].as_array().unwrap().iter().all(|change| change["rule"] == id), "{id}");
            ids.push(id.to_owned());
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id is listed twice");
    assert!(count > 40, "{count}");
}

#[test]
fn a_change_can_be_stated_in_each_way() {
    let kv = vault(APP);
    let expected = vec![(kv.clone(), "/properties/publicNetworkAccess".to_owned(), json!("Disabled"))];
    let id = {
        let text = std::fs::read_to_string(APP).unwrap();
        let start = text.find(&format!("/providers/Microsoft.KeyVault/vaults/{kv}")).unwrap();
        let start = text[..start].rfind("/subscriptions/").unwrap();
        text[start..].split(['?', '"']).next().unwrap().to_owned()
    };
    let id = &id[..id.find(&kv).unwrap() + kv.len()];
    let folder = tempfile::tempdir().unwrap();
    let patch = folder.path().join("patch.json");
    std::fs::write(&patch, json!({&kv: {"properties": {"publicNetworkAccess": "Disabled"}}}).to_string()).unwrap();
    for change in [
        vec!["--set".to_owned(), format!("{kv}/properties/publicNetworkAccess=Disabled")],
        vec!["--set".to_owned(), format!("{kv}/properties/publicNetworkAccess=\"Disabled\"")],
        vec!["--set".to_owned(), format!("{}/PROPERTIES/publicnetworkaccess=Disabled", id.to_uppercase())],
        vec!["--patch".to_owned(), patch.to_str().unwrap().to_owned()],
        vec!["--apply".to_owned(), "CKV_AZURE_189".to_owned()],
        vec!["--apply".to_owned(), format!("ckv_azure_189={kv}")],
    ] {
        let change: Vec<&str> = change.iter().map(String::as_str).collect();
        let (status, found) = what_if(APP, &change);
        let same: Vec<_> =
            changes(&found).into_iter().map(|(name, pointer, v)| (name.to_lowercase(), pointer, v)).collect();
        assert_eq!(same, expected, "{change:?}");
        assert_eq!((status, &found["effects"]["breaks"]), (Some(1), &json!(1)), "{change:?}");
        assert_eq!(found["apimDoctor"], "report/v1");
    }
    // Deleting the vault breaks everything that reads from it.
    let (status, found) = what_if(APP, &["--delete", &kv]);
    assert_eq!(status, Some(1));
    let broken = found["paths"].as_array().unwrap().iter().find(|path| path["change"] == "breaks").unwrap();
    assert_eq!(broken["gates"][2]["verdict"], "fail", "{}", broken["gates"][2]["says"]);
    assert_eq!(found["changes"][0]["pointer"], "");
    // A flag, and a value that is removed.
    let (_, found) = what_if(APP, &["--set", &format!("{kv}/properties/enableRbacAuthorization=TRUE")]);
    assert_eq!(found["changes"][0]["after"], true);
    let (status, found) = what_if(APP, &["--set", &format!("{kv}/properties/publicNetworkAccess=null")]);
    assert_eq!((status, &found["changes"][0]["after"]), (Some(0), &Value::Null));
}

#[test]
fn a_change_that_cannot_be_tried_says_what_to_do() {
    let kv = vault(APP);
    let of = |change: &str| refused(APP, &["--set", change]);
    let near = &kv[..kv.len() - 1];
    let unknown = of(&format!("{near}/properties/publicNetworkAccess=Disabled"));
    assert!(unknown.contains("contains no resource") && unknown.contains(&format!("did you mean `{kv}`")), "{unknown}");
    let misspelt = of(&format!("{kv}/properties/publicNetworkAcces=Disabled"));
    assert!(misspelt.contains("did you mean `properties/publicNetworkAccess`?"), "{misspelt}");
    let nowhere = of(&format!("{kv}/publicNetworkAccess=Disabled"));
    assert!(nowhere.contains("`properties/publicNetworkAccess`?"), "{nowhere}");
    let flag = of(&format!("{kv}/properties/enableRbacAuthorization=perhaps"));
    assert!(flag.contains("expected `true` or `false`"), "{flag}");
    assert!(of(&kv).contains("expected RESOURCE/PROPERTY=VALUE"));
    assert!(of(&format!("{kv}=1")).contains("which property"));
    let rule = refused(APP, &["--apply", "CKV_AZURE_18"]);
    assert!(rule.contains("is not known") && rule.contains("did you mean `CKV_AZURE_189`"), "{rule}");
    assert!(refused(APP, &["--delete", "kv-of-another"]).contains("contains no resource"));
    let other = refused(APP, &["--apply", &format!("storage-firewall={kv}")]);
    assert!(other.contains("is not about") && other.contains("Microsoft.Storage/storageAccounts"), "{other}");
    assert!(refused(APP, &[]).contains("no change was given"));
    let folder = tempfile::tempdir().unwrap();
    let patch = folder.path().join("patch.json");
    std::fs::write(&patch, "{\n  nonsense").unwrap();
    assert!(refused(APP, &["--patch", patch.to_str().unwrap()]).contains("patch.json:2:"));
    // Two resources have the name.
    let twin = folder.path().join("twin.json");
    let body = |group: &str| {
        json!({"id": format!("/subscriptions/s/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/kv"),
        "properties": {"publicNetworkAccess": "Enabled"}})
    };
    std::fs::write(&twin, json!([body("a"), body("b")]).to_string()).unwrap();
    let both = refused(twin.to_str().unwrap(), &["--set", "kv/properties/publicNetworkAccess=Disabled"]);
    assert!(both.contains("2 resources named `kv`") && both.contains("resourceGroups/a"), "{both}");
    // No access path, and no resource that the rule is about: nothing was examined.
    let (status, _) = what_if(twin.to_str().unwrap(), &["--apply", "vault-firewall"]);
    assert_eq!(status, Some(3));
    let (status, found) = what_if(APP, &["--apply", "nsg-deny-outbound"]);
    assert_eq!((status, &found["unused"]), (Some(3), &json!(["nsg-deny-outbound"])));
}

#[test]
fn what_becomes_unknown_is_not_said_to_stay() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds/application-gateway.json");
    let (status, found) = what_if(file, &["--apply", "vault-firewall"]);
    assert_eq!((status, &found["effects"]["becomesUnknown"]), (Some(0), &json!(1)));
    assert_eq!(found["paths"][0]["change"], "becomes-unknown");
    let strict = run(&["what-if", "--snapshot", file, "--apply", "vault-firewall", "--fail-on", "unknown"]);
    assert_eq!(strict.status.code(), Some(1));
    let text = String::from_utf8(strict.stdout).unwrap();
    assert!(text.contains("not known whether 1 access path still works"), "{text}");
}

#[test]
fn preparations_come_before_the_change_and_the_screen_says_so() {
    let output = run(&["what-if", "--snapshot", INSTANCE, "--apply", "CKV_AZURE_109"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(place("This change breaks") < place("Breaks\n"));
    assert!(place("Breaks\n") < place("Do this first, in this order"));
    assert!(place("1. use the system-assigned identity") < place("2. Then make the change."));
    let validator = {
        let schema = json_of(&run(&["schema", "what-if"]));
        jsonschema::validator_for(&schema).unwrap()
    };
    let (_, found) = what_if(INSTANCE, &["--apply", "CKV_AZURE_109"]);
    let errors: Vec<String> = validator.iter_errors(&found).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!found["preparations"][0]["paths"].as_array().unwrap().is_empty());
}
