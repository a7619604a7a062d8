//! `diagnose --all` and `report merge` against a simulated tenant: nothing is lost, and nothing is there twice, whatever
//! happens on the way.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod azure;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use azure::runs::PROGRAM;
use azure::{At, Azure, Bucket, Fault, Kind, Options, Quota, Scope, Tenant, Throttle, Tokens};
use serde_json::Value;

/// Arguments that every run has.
fn fleet(azure: &Azure, more: &[&str]) -> Vec<String> {
    let cloud = azure.cloud_file().display().to_string();
    let fixed =
        ["diagnose", "--all", "--fail-on", "never", "--isolated", "--as-of", azure::runs::AS_OF, "--cloud", &cloud];
    fixed.iter().chain(more).map(|&text| text.to_owned()).collect()
}

fn run(azure: &Azure, more: &[&str]) -> Output {
    azure.command(PROGRAM).args(fleet(azure, more)).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The records of a run, each line parsed.
fn records(text: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn of_kind<'r>(records: &'r [Value], kind: &str) -> Vec<&'r Value> {
    records.iter().filter(|record| record["record"] == kind).collect()
}

fn text<'r>(record: &'r Value, member: &str) -> &'r str {
    record[member].as_str().unwrap_or_else(|| panic!("no `{member}` in {record}"))
}

/// What a run found, without the order and the time in which it found it. Fails if something is there twice.
fn found(records: &[Value]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut add = |key: String, what: String| {
        assert_eq!(found.insert(key.clone(), what), None, "{key} is there twice");
    };
    for path in of_kind(records, "path") {
        add(format!("path {}", text(path, "id")), format!("{} {}", path["verdict"], path["rootCause"]));
    }
    for caller in of_kind(records, "caller") {
        add(format!("caller {}", text(caller, "resource").to_lowercase()), caller["verdict"].to_string());
    }
    found
}

/// The findings and what each affects, over all batches.
fn affected(records: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in of_kind(records, "finding") {
        let paths = finding["affects"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned());
        all.entry(text(finding, "fingerprint").to_owned()).or_default().extend(paths);
    }
    all
}

/// Compares the callers of a run with those of the tenant, and their verdicts with those that it intends.
fn assert_whole(records: &[Value], tenant: &Tenant, scope: &Scope) {
    let found = found(records);
    let intended = tenant.callers(scope);
    let callers: Vec<&String> = found.keys().filter(|key| key.starts_with("caller ")).collect();
    let expected: BTreeSet<String> = intended.iter().map(|one| format!("caller {}", one.id.to_lowercase())).collect();
    assert_eq!(callers, expected.iter().collect::<Vec<_>>());
    for caller in intended {
        let verdict = &found[&format!("caller {}", caller.id.to_lowercase())];
        let expected = if caller.failing > 0 { "\"fail\"" } else { "\"pass\"" };
        assert_eq!(verdict, expected, "{} ({:?})", caller.id, caller.code);
    }
    let end = records.last().unwrap();
    assert_eq!((&end["record"], &end["complete"]), (&"run".into(), &true.into()), "{end}");
    assert_eq!(end["callers"], expected.len());
}

/// A folder that goes with the value.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn records(&self, name: &str) -> Vec<Value> {
        records(&std::fs::read(self.path(name)).unwrap())
    }

    /// `-o ndjson=FILE --checkpoint FILE`.
    fn arguments(&self) -> Vec<String> {
        let path = |name: &str| self.path(name).display().to_string();
        vec!["-o".to_owned(), format!("ndjson={}", path("fleet.ndjson")), "--checkpoint".to_owned(), path("checkpoint")]
    }
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn every_caller_of_a_tenant_is_examined_once() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let output = run(&azure, &["-o", "ndjson"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let records = records(&output.stdout);
    assert_whole(&records, &tenant, &Scope::All);
    assert_eq!(azure.violations(), Vec::<String>::new());
    let counts = azure.counts();
    assert_eq!(counts.duplicates, 0, "{:?}", counts.examples);
    assert!(counts.most_at_once <= 16, "{}", counts.most_at_once);
    // The records are valid, and the summary says what they say.
    let schema = azure.command(PROGRAM).args(["schema", "ndjson"]).output().unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema.stdout).unwrap()).unwrap();
    for record in &records {
        assert!(schema.is_valid(record), "{record}: {:?}", schema.iter_errors(record).next());
    }
    let fails = of_kind(&records, "path").iter().filter(|path| path["verdict"] == "fail").count();
    let summary = run(&azure, &["-o", "json"]);
    let summary: Value = serde_json::from_slice(&summary.stdout).unwrap();
    assert_eq!(summary["paths"]["fail"], fails);
    assert_eq!(summary["subscriptions"], tenant.subscriptions);
    let by_cause: usize =
        summary["causes"].as_array().unwrap().iter().map(|c| c["paths"].as_u64().unwrap() as usize).sum();
    assert_eq!(by_cause, fails, "{summary}");
    for cause in summary["causes"].as_array().unwrap() {
        let of_cause = |path: &&&Value| path["rootCause"] == cause["code"];
        assert_eq!(cause["paths"], of_kind(&records, "path").iter().filter(of_cause).count(), "{cause}");
    }
    assert!(stderr(&output).contains("callers in"), "the summary is for the person who waits: {}", stderr(&output));
}

#[test]
fn a_batch_says_the_same_as_a_run_for_one_caller() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let all = found(&records(&run(&azure, &["-o", "ndjson"]).stdout));
    for caller in tenant.expected(&Scope::All).iter().step_by(3) {
        let cloud = azure.cloud_file().display().to_string();
        let single = [
            "diagnose",
            caller,
            "-o",
            "ndjson",
            "--fail-on",
            "never",
            "--as-of",
            azure::runs::AS_OF,
            "--cloud",
            &cloud,
        ];
        let output = azure.command(PROGRAM).args(single).output().unwrap();
        for (path, verdict) in found(&records(&output.stdout)) {
            // Policies of many instances are left out.
            if let Some(known) = all.get(&path) {
                assert_eq!(known, &verdict, "{path}");
            } else {
                assert!(path.contains("apim-policy"), "{path} is missing");
            }
        }
    }
}

#[test]
fn a_scope_restricts_the_search() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let group = records(&run(&azure, &["--management-group", "mg-1", "-o", "ndjson"]).stdout);
    assert_whole(&group, &tenant, &Scope::ManagementGroup("mg-1".to_owned()));
    let ids = [tenant.subscription(0), tenant.subscription(3)];
    let two = ["--subscription", &ids[0], "--subscription", &ids[1], "-o", "ndjson"];
    assert_whole(&records(&run(&azure, &two).stdout), &tenant, &Scope::Subscriptions(vec![0, 3]));
    let unknown = run(&azure, &["--management-group", "nowhere", "-o", "ndjson"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", stderr(&unknown));
    assert!(stderr(&unknown).contains("management groups"), "{}", stderr(&unknown));
    let kinds = records(&run(&azure, &["--consumer", "apim-named-value", "-o", "ndjson"]).stdout);
    assert!(of_kind(&kinds, "path").iter().all(|path| path["consumer"] == "apim-named-value"));
    assert!(of_kind(&kinds, "caller").iter().all(|one| text(one, "resource").contains("ApiManagement")));
}

#[test]
fn parts_make_the_whole() {
    let tenant = Tenant { instances: 40, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let whole = records(&run(&azure, &["-o", "ndjson"]).stdout);
    let folder = Folder::new();
    let mut files = Vec::new();
    // As Kubernetes counts.
    for part in 0..3 {
        let file = folder.path(&format!("{part}.ndjson")).display().to_string();
        let output = run(&azure, &["--shard", &format!("{part}/3"), "-o", &format!("ndjson={file}")]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        files.push(file);
    }
    let merge = |files: &[String], more: &[&str]| {
        let arguments = ["report", "merge", "--fail-on", "never"].into_iter().map(str::to_owned);
        let arguments = arguments.chain(files.iter().cloned()).chain(more.iter().map(|&text| text.to_owned()));
        azure.command(PROGRAM).args(arguments).output().unwrap()
    };
    let joined = merge(&files, &["-o", "ndjson"]);
    assert_eq!(joined.status.code(), Some(0), "{}", stderr(&joined));
    let joined = records(&joined.stdout);
    assert_eq!(found(&joined), found(&whole));
    assert_eq!(affected(&joined), affected(&whole));
    let findings: Vec<&str> = of_kind(&joined, "finding").iter().map(|one| text(one, "fingerprint")).collect();
    assert_eq!(findings.len(), findings.iter().collect::<BTreeSet<_>>().len(), "a finding is there twice");
    let parts: BTreeSet<usize> =
        files.iter().map(|file| of_kind(&records(&std::fs::read(file).unwrap()), "caller").len()).collect();
    assert!(!parts.contains(&0), "a part is empty: {parts:?}");
    // The same file twice changes nothing.
    let twice: Vec<String> = files.iter().chain(&files[..1]).cloned().collect();
    assert_eq!(found(&records(&merge(&twice, &["-o", "ndjson"]).stdout)), found(&whole));
    // A missing part, a part that was cut off, a file that is none.
    let missing = merge(&files[1..], &[]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stdout).contains("part 3/3 is missing"), "{missing:?}");
    let part = std::fs::read(&files[0]).unwrap();
    for length in [part.len() - 1, part.len() / 2, 1, 0] {
        std::fs::write(&files[0], &part[..length]).unwrap();
        let cut = merge(&files, &[]);
        let (status, says) = (cut.status.code(), String::from_utf8_lossy(&cut.stdout).into_owned());
        // Of the longest, only the last line break is missing.
        let expected = if length + 1 == part.len() { (Some(0), false) } else { (Some(2), true) };
        assert_eq!((status, says.contains("interrupted")), expected, "{length}: {says}");
    }
    std::fs::write(&files[0], "{}\n").unwrap();
    let odd = merge(&files, &[]);
    assert_eq!(odd.status.code(), Some(2));
    assert!(stderr(&odd).contains("0.ndjson:1:1"), "{}", stderr(&odd));
}

#[test]
fn reports_of_single_runs_are_joined_too() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let folder = Folder::new();
    let callers = tenant.expected(&Scope::All);
    let mut files = Vec::new();
    for (caller, number) in callers.iter().zip(0..2) {
        let file = folder.path(&format!("{number}.json"));
        let cloud = azure.cloud_file().display().to_string();
        let arguments = ["diagnose", caller, "-o", "json", "--fail-on", "never", "--cloud", &cloud, "-f"];
        azure.command(PROGRAM).args(arguments).arg(&file).output().unwrap();
        files.push(file);
    }
    let joined = azure.command(PROGRAM).args(["report", "merge", "-o", "ndjson"]).args(&files).output().unwrap();
    let joined = records(&joined.stdout);
    let of: BTreeSet<String> =
        of_kind(&joined, "caller").iter().map(|one| text(one, "resource").to_lowercase()).collect();
    assert_eq!(of, callers[..2].iter().map(|id| id.to_lowercase()).collect());
}

/// Starts a run and kills it when the server has seen so many requests. Returns whether it was still running.
fn kill_after(azure: &Azure, arguments: &[String], requests: usize) -> bool {
    let before = azure.counts().requests;
    let mut command = azure.command(PROGRAM);
    command.args(fleet(azure, &borrowed(arguments))).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    while azure.counts().requests < before + requests && start.elapsed() < Duration::from_secs(60) {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().unwrap().code().is_none()
}

#[test]
fn an_interrupted_run_goes_on_wherever_it_was() {
    let tenant = Tenant { instances: 60, subscriptions: 6, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options { latency: Duration::from_millis(2), ..Options::default() });
    let whole = records(&run(&azure, &["-o", "ndjson"]).stdout);
    assert_whole(&whole, &tenant, &Scope::All);
    let all = azure.counts().requests;
    let mut killed = 0;
    for requests in [2, 5, 17, all / 4, all / 2, all * 3 / 4, all - 3] {
        let folder = Folder::new();
        let arguments = folder.arguments();
        // The second time, what the first one finished is not asked again.
        for requests in [requests, requests / 2 + 2] {
            killed += usize::from(kill_after(&azure, &arguments, requests));
        }
        let output = run(&azure, &borrowed(&arguments));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let records = folder.records("fleet.ndjson");
        assert_whole(&records, &tenant, &Scope::All);
        assert_eq!(found(&records), found(&whole), "killed after {requests} requests");
        assert_eq!(affected(&records), affected(&whole));
        // The same command again has nothing to do, and says the same.
        let before = azure.counts().requests;
        let again = run(&azure, &borrowed(&arguments));
        assert_eq!((again.status.code(), azure.counts().requests), (Some(0), before), "{}", stderr(&again));
        assert!(stderr(&again).contains("finished"), "{}", stderr(&again));
    }
    assert!(killed >= 7, "{killed}");
}

/// A file that is cut at any byte, as after a power failure, gives the same result; the records may be longer than noted.
#[test]
fn a_checkpoint_that_was_cut_off_is_good_for_what_it_has() {
    let tenant =
        Tenant { instances: 12, subscriptions: 3, apps: 1, gateways: 0, recovery_vaults: 0, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let folder = Folder::new();
    let arguments = folder.arguments();
    run(&azure, &borrowed(&arguments));
    let whole = folder.records("fleet.ndjson");
    assert_whole(&whole, &tenant, &Scope::All);
    let (checkpoint, ndjson) = (folder.path("checkpoint"), folder.path("fleet.ndjson"));
    let (notes, lines) = (std::fs::read(&checkpoint).unwrap(), std::fs::read(&ndjson).unwrap());
    for cut in (0..notes.len()).step_by(notes.len() / 25).chain([notes.len() - 1]) {
        std::fs::write(&checkpoint, &notes[..cut]).unwrap();
        std::fs::write(&ndjson, [&lines[..], b"{\"record\":\"pa"].concat()).unwrap();
        let output = run(&azure, &borrowed(&arguments));
        assert_eq!(output.status.code(), Some(0), "{cut}: {}", stderr(&output));
        assert_eq!(found(&folder.records("fleet.ndjson")), found(&whole), "{cut}");
    }
    // What was noted and is gone is not made up.
    std::fs::write(&checkpoint, &notes).unwrap();
    std::fs::write(&ndjson, &lines[..lines.len() / 2]).unwrap();
    let short = run(&azure, &borrowed(&arguments));
    assert_eq!(short.status.code(), Some(2));
    assert!(stderr(&short).contains("shorter than the checkpoint says"), "{}", stderr(&short));
}

#[test]
fn a_checkpoint_belongs_to_one_run() {
    let tenant =
        Tenant { instances: 4, subscriptions: 2, apps: 0, gateways: 0, recovery_vaults: 0, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let folder = Folder::new();
    let arguments = folder.arguments();
    run(&azure, &borrowed(&arguments));
    let with =
        |more: &[&str]| run(&azure, &borrowed(&arguments).into_iter().chain(more.iter().copied()).collect::<Vec<_>>());
    for more in [["--shard", "1/2"], ["--management-group", "mg-0"], ["--consumer", "apim"]] {
        let other = with(&more);
        assert_eq!(other.status.code(), Some(2), "{more:?}");
        assert!(stderr(&other).contains("the checkpoint of another run"), "{}", stderr(&other));
    }
    std::fs::write(folder.path("checkpoint"), "{\"a\":1}\n").unwrap();
    let odd = with(&[]);
    assert_eq!(odd.status.code(), Some(2));
    assert!(stderr(&odd).contains("not a checkpoint"), "{}", stderr(&odd));
    let without = run(&azure, &["--checkpoint", &folder.path("other").display().to_string()]);
    assert_eq!(without.status.code(), Some(2));
    assert!(stderr(&without).contains("-o ndjson=FILE"), "{}", stderr(&without));
    assert!(!Path::new(&folder.path("other")).exists());
}

/// Runs against limits. Returns the answers by status.
fn throttled(subscription: Bucket) -> BTreeMap<u16, usize> {
    let tenant = Tenant { instances: 24, subscriptions: 2, ..Tenant::default() };
    let graph = Quota { requests: 2, window: Duration::from_secs(1) };
    let throttle = Throttle { subscription, tenant: Bucket { size: 250, per_second: 25 }, graph };
    let azure = Azure::serve_tenant(&tenant, Options { throttle: Some(throttle), ..Options::default() });
    let output = run(&azure, &["-o", "ndjson"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_whole(&records(&output.stdout), &tenant, &Scope::All);
    azure.counts().statuses
}

#[test]
fn limits_that_refill_as_documented_are_never_met() {
    let statuses = throttled(Bucket { size: 60, per_second: 25 });
    assert_eq!(statuses.get(&429), None, "{statuses:?}");
}

#[test]
fn throttling_costs_time_and_nothing_else() {
    let statuses = throttled(Bucket { size: 20, per_second: 8 });
    let refused = statuses.get(&429).copied().unwrap_or_default();
    assert!(refused > 0, "the limits were never met: {statuses:?}");
    assert!(refused * 2 < statuses[&200], "{statuses:?}");
}

#[test]
fn reads_that_fail_once_are_read_again() {
    let tenant = Tenant::default();
    let whole = {
        let azure = Azure::serve_tenant(&tenant, Options::default());
        found(&records(&run(&azure, &["-o", "ndjson"]).stdout))
    };
    for seed in 0..3 {
        let fault = Fault { at: At::Share { per_mille: 100, seed }, kind: Kind::Mixed, times: None };
        let azure = Azure::serve_tenant(&tenant, Options { faults: vec![fault], ..Options::default() });
        let output = run(&azure, &["-o", "ndjson"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(found(&records(&output.stdout)), whole, "seed {seed}");
        assert!(azure.counts().statuses.keys().any(|status| *status != 200), "no fault");
    }
}

#[test]
fn a_token_that_ends_is_renewed() {
    let tenant = Tenant::default();
    // Tokens are renewed five minutes before their end.
    let tokens = Tokens { promised: Duration::from_secs(301), accepted: Duration::from_secs(301) };
    let options = Options { tokens, latency: Duration::from_millis(100), ..Options::default() };
    let azure = Azure::serve_tenant(&tenant, options);
    let output = run(&azure, &["-o", "ndjson"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_whole(&records(&output.stdout), &tenant, &Scope::All);
    assert!(azure.counts().of("login.") > 3, "{:?}", azure.counts().kinds);
}

#[test]
fn a_sign_in_that_is_lost_stops_the_run_and_spoils_nothing() {
    let tenant = Tenant { instances: 40, subscriptions: 8, ..Tenant::default() };
    // Revoked: refused long before the end that the token names.
    let tokens = Tokens { promised: Duration::from_secs(3600), accepted: Duration::from_secs(3) };
    let options = Options { tokens, latency: Duration::from_millis(100), ..Options::default() };
    let azure = Azure::serve_tenant(&tenant, options);
    let folder = Folder::new();
    let arguments = folder.arguments();
    let mut runs = 0;
    loop {
        let output = run(&azure, &borrowed(&arguments));
        runs += 1;
        if output.status.code() == Some(0) {
            break;
        }
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("the sign-in or the network was lost"), "{}", stderr(&output));
        assert!(runs < 20);
    }
    assert!(runs > 1, "the token was never refused");
    assert_whole(&folder.records("fleet.ndjson"), &tenant, &Scope::All);
}

#[test]
fn a_subscription_that_refuses_is_unknown_and_the_others_are_not() {
    let tenant = Tenant::default();
    let closed = tenant.subscription(2);
    let fault = Fault { at: At::Subscription(closed.clone()), kind: Kind::Refused, times: None };
    let azure = Azure::serve_tenant(&tenant, Options { faults: vec![fault], ..Options::default() });
    let output = run(&azure, &["-o", "ndjson"]);
    let records = records(&output.stdout);
    let callers = of_kind(&records, "caller");
    assert_eq!(callers.len(), tenant.expected(&Scope::All).len());
    let intended: BTreeMap<String, bool> =
        tenant.callers(&Scope::All).into_iter().map(|one| (one.id.to_lowercase(), one.failing > 0)).collect();
    for caller in callers {
        let id = text(caller, "resource").to_lowercase();
        let expected = match (id.contains(&closed.to_lowercase()), intended[&id]) {
            (true, _) => "unknown",
            (false, true) => "fail",
            (false, false) => "pass",
        };
        assert_eq!(caller["verdict"], expected, "{id}");
    }
    let unknown = run(&azure, &["-o", "json", "--fail-on", "unknown"]);
    assert_eq!(unknown.status.code(), Some(1));
}

/// A read that fails for longer than it is tried is tried again at the end.
#[test]
fn a_fault_that_lasts_is_tried_again_when_the_rest_is_done() {
    let tenant = Tenant::default();
    let path = format!("/subscriptions/{}/providers/Microsoft.KeyVault/vaults", tenant.subscription(1));
    let fault = |times| Fault { at: At::Path(path.clone()), kind: Kind::Status(503, None), times };
    let azure = Azure::serve_tenant(&tenant, Options { faults: vec![fault(Some(5))], ..Options::default() });
    let output = run(&azure, &["-o", "ndjson"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_whole(&records(&output.stdout), &tenant, &Scope::All);
}

/// One subscription that is out of order does not stop the others.
#[test]
fn a_subscription_that_answers_nothing_is_unknown() {
    let tenant = Tenant::default();
    let silent = tenant.subscription(1);
    let fault = Fault { at: At::Subscription(silent.clone()), kind: Kind::Html, times: None };
    let azure = Azure::serve_tenant(&tenant, Options { faults: vec![fault], ..Options::default() });
    let output = run(&azure, &["-o", "ndjson"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let records = records(&output.stdout);
    let callers = of_kind(&records, "caller");
    assert_eq!(callers.len(), tenant.expected(&Scope::All).len());
    for caller in callers {
        let is_silent = text(caller, "resource").contains(&silent);
        assert_eq!(caller["verdict"] == "unknown", is_silent, "{caller}");
    }
}

#[test]
fn a_run_without_a_sign_in_says_how_to_sign_in() {
    let azure = Azure::serve_tenant(&Tenant::default(), Options::default());
    let environment = azure.sign_in_tools(azure::Tool::SignedOut, azure::Tool::Absent);
    let output = azure.command_with(PROGRAM, environment).args(fleet(&azure, &[])).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("az login"), "{}", stderr(&output));
}

/// Where another service does not answer, Resource Manager is not read again.
#[test]
fn a_directory_that_does_not_answer_costs_nothing() {
    let tenant = Tenant::default();
    let azure = Azure::serve_tenant(&tenant, Options::default());
    let whole = found(&records(&run(&azure, &["-o", "ndjson"]).stdout));
    let asked = azure.requests().into_iter().filter(|seen| seen.host.starts_with("graph.")).map(|seen| seen.path);
    let paths: BTreeSet<String> = asked.collect();
    let fault = |path: &String| Fault { at: At::Path(path.clone()), kind: Kind::Html, times: None };
    let faults: Vec<Fault> = paths.iter().map(fault).collect();
    assert!(!faults.is_empty());
    let azure = Azure::serve_tenant(&tenant, Options { faults, ..Options::default() });
    let output = run(&azure, &["-o", "ndjson"]);
    assert_eq!(found(&records(&output.stdout)).len(), whole.len());
    assert_eq!(azure.counts().duplicates, 0, "{:?}", azure.counts().examples);
}

/// A caller of which a part could not be read may have paths that fail.
#[test]
fn a_caller_that_was_read_in_part_does_not_pass() {
    let tenant = Tenant::default();
    let callers = tenant.callers(&Scope::All);
    let good = callers.iter().find(|one| one.failing == 0 && one.id.contains("ApiManagement")).unwrap();
    for part in ["namedValues", "certificates", "workspaces"] {
        let at = At::Path(format!("{}/{part}", good.id));
        for kind in [Kind::Status(503, None), Kind::Refused, Kind::Html] {
            let fault = Fault { at: at.clone(), kind, times: None };
            let azure = Azure::serve_tenant(&tenant, Options { faults: vec![fault.clone()], ..Options::default() });
            let records = records(&run(&azure, &["-o", "ndjson"]).stdout);
            let verdicts = of_kind(&records, "caller").into_iter().map(|one| (text(one, "resource"), &one["verdict"]));
            let verdicts: BTreeMap<&str, &Value> = verdicts.collect();
            assert_eq!(verdicts[good.id.as_str()], "unknown", "{part}: {fault:?}");
            assert_eq!(verdicts.values().filter(|verdict| **verdict == "unknown").count(), 1, "{part}: {fault:?}");
        }
    }
}

#[test]
fn the_end_of_time_is_no_end_of_the_results() {
    let tenant = Tenant { instances: 60, subscriptions: 6, ..Tenant::default() };
    let azure = Azure::serve_tenant(&tenant, Options { latency: Duration::from_millis(150), ..Options::default() });
    let folder = Folder::new();
    let arguments = folder.arguments();
    let short = run(&azure, &borrowed(&arguments).into_iter().chain(["--timeout", "2"]).collect::<Vec<_>>());
    assert_eq!(short.status.code(), Some(2), "{}", stderr(&short));
    assert!(stderr(&short).contains("time limit of 2 s"), "{}", stderr(&short));
    let end = folder.records("fleet.ndjson").pop().unwrap();
    assert_eq!((&end["record"], &end["complete"]), (&"run".into(), &false.into()));
    let output = run(&azure, &borrowed(&arguments));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_whole(&folder.records("fleet.ndjson"), &tenant, &Scope::All);
}

#[test]
fn options_that_make_no_sense_together_are_refused() {
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/a";
    let command = |arguments: &[&str]| std::process::Command::new(PROGRAM).args(arguments).output().unwrap();
    for arguments in [
        &["diagnose", "--all", id][..],
        &["diagnose", "--all", "--watch", "5m"],
        &["diagnose", "--all", "-o", "html"],
        &["diagnose", "--all", "--shard", "9/8"],
        &["diagnose", "--all", "-o", "ndjson", "-o", "ndjson=x"],
        &["diagnose", "--shard", "1/2", id],
        &["diagnose", "--all", "--management-group", "m", "--subscription", "0c540d35-9c00-4cbc-8321-7e434725cd90"],
        &[
            "diagnose",
            "--subscription",
            "0c540d35-9c00-4cbc-8321-7e434725cd90",
            "--subscription",
            "0c540d35-9c00-4cbc-8321-7e434725cd91",
        ],
        &["report", "merge"],
        &["report", "merge", "no-such-file"],
    ] {
        let output = command(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && stderr(&output).len() > 20, "{arguments:?}");
    }
}
