//! Live runs of the program against a simulated Azure server over real TLS.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;
mod fixture;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use apim_doctor_core::CallerKind;
use apim_doctor_core::live::Ask;
use azure::estates::{differences, essence, estates, instances, one_of_each, side_by_side, taken_at, with_estates};
use azure::runs::{AS_OF, PROGRAM, gates, json, live};
use azure::{At, Azure, Certificate, Fault, Kind, Options, Seen, Tool, worlds};
use serde_json::{Value, json};

/// Diagnoses a file.
fn from_file(file: &Path, instances: &[String], as_of: &str) -> Value {
    let output = Command::new(PROGRAM)
        .arg("diagnose")
        .args(instances)
        .args(["-o", "json", "--fail-on", "never", "--as-of", as_of, "--snapshot"])
        .arg(file)
        .output()
        .unwrap();
    json(&output)
}

/// Whether an exchange is a backup or a restore that somebody asked for. No request shows that later.
fn is_asked_for(exchange: &Value) -> bool {
    let request = exchange["request"].as_str().unwrap_or_default().to_ascii_lowercase();
    let path = request.split('?').next().unwrap_or_default();
    path.starts_with("post ") && (path.ends_with("/backup") || path.ends_with("/restore"))
}

/// Diagnoses a recording without what a live run cannot see: observations, and backups that were asked for.
fn without_texts(name: &str, recording: &Value, instances: &[String], as_of: &str) -> Value {
    let mut seen = recording.clone();
    if let Some(document) = seen.as_object_mut() {
        document.remove("observations");
    }
    if let Some(exchanges) = seen.get_mut("exchanges").and_then(Value::as_array_mut) {
        exchanges.retain(|exchange| !is_asked_for(exchange));
    }
    let file = std::env::temp_dir().join(format!("apim-doctor-texts-{}-{name}", std::process::id()));
    std::fs::write(&file, seen.to_string()).unwrap();
    let report = from_file(&file, instances, as_of);
    std::fs::remove_file(&file).unwrap();
    report
}

#[test]
fn a_live_run_and_its_recording_give_the_same_report() {
    with_estates("a_live_run_and_its_recording_give_the_same_report", |folder| {
        let estates = estates(folder);
        let wrong = side_by_side(&estates, |(name, recording, instances)| {
            let settings = recording.to_string().contains("/config/appsettings/list");
            // A file that holds as much as the server answers.
            let whole = with_vaults(recording, instances);
            let azure = Azure::serve(&whole, Options { settings, ..Options::default() });
            let more: &[&str] = if settings { &["--read-settings"] } else { &[] };
            let as_of = taken_at(recording);
            let expected = essence(&without_texts(name, &whole, instances, as_of));
            let mut found = essence(&json(&live(&azure, instances, as_of, more)));
            // With bare bodies, a live run can know more than the file.
            if recording.is_array() {
                let failed = |lines: &[String]| -> Vec<String> {
                    lines.iter().filter(|line| line.starts_with("finding")).cloned().collect()
                };
                assert_eq!(failed(&found), failed(&expected), "{name}");
                found.clone_from(&expected);
            }
            assert_eq!(azure.violations(), Vec::<String>::new(), "{name}");
            differences(name, ("file", &expected), ("live", &found))
        });
        println!("{} estates, {} differ", estates.len(), wrong.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// A script that sends the requests for backups that a recording holds, and the instances that they are for.
fn script_of(recording: &Value) -> Option<String> {
    let exchanges = recording["exchanges"].as_array()?.iter().filter(|exchange| is_asked_for(exchange));
    let lines: Vec<String> = exchanges
        .filter(|exchange| exchange["send"]["storageAccount"].is_string())
        .map(|exchange| {
            let path = exchange["request"].as_str().unwrap().split_once(' ').unwrap().1;
            let body = exchange["send"].to_string();
            format!("az rest --method post --url 'https://management.azure.com{path}' --body '{body}'\n")
        })
        .collect();
    (!lines.is_empty()).then(|| lines.concat())
}

#[test]
fn a_live_run_with_a_script_reads_what_its_backups_depend_on() {
    with_estates("a_live_run_with_a_script_reads_what_its_backups_depend_on", |folder| {
        let estates: Vec<_> = estates(folder)
            .into_iter()
            .filter_map(|(name, recording, instances)| Some((script_of(&recording)?, name, recording, instances)))
            // Its script names an identity by the client id alone, which no read finds where it is not attached.
            .filter(|(_, name, ..)| !name.starts_with("apim-backup-user-assigned-not-attached"))
            .collect();
        let wrong = side_by_side(&estates, |(script, name, recording, instances)| {
            let mut seen = recording.clone();
            // A live run asks for no keys.
            let asks_keys = |exchange: &Value| exchange["request"].as_str().unwrap().contains("/listKeys");
            let exchanges = seen["exchanges"].as_array_mut().unwrap();
            exchanges.retain(|exchange| !is_asked_for(exchange) && !asks_keys(exchange));
            seen.as_object_mut().unwrap().remove("observations");
            let azure = Azure::serve(&seen, Options::default());
            let (file, own) = (azure.folder().join("backup.sh"), azure.folder().join("recording.json"));
            std::fs::write(&file, script).unwrap();
            std::fs::write(&own, seen.to_string()).unwrap();
            let file = file.to_str().unwrap();
            let as_of = taken_at(recording);
            let output = Command::new(PROGRAM)
                .arg("diagnose")
                .args(instances)
                .args(["-o", "json", "--fail-on", "never", "--as-of", as_of, "--script", file, "--snapshot"])
                .arg(&own)
                .output()
                .unwrap();
            let expected = essence(&json(&output));
            let found = essence(&json(&live(&azure, instances, as_of, &["--script", file, "--ask-storage"])));
            assert_eq!(azure.violations(), Vec::<String>::new(), "{name}");
            differences(name, ("file", &expected), ("live", &found))
        });
        println!("{} estates with backups, {} differ", estates.len(), wrong.len());
        assert!(estates.len() > 40 && wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn a_fault_while_a_backup_is_read_leaves_its_path_open() {
    with_estates("a_fault_while_a_backup_is_read_leaves_its_path_open", |folder| {
        let passing = estates(folder).into_iter().find_map(|(name, recording, instances)| {
            let script = script_of(&recording).filter(|_| instances.len() == 1)?;
            let azure = Azure::serve(&recording, Options::default());
            let file = azure.folder().join("backup.sh");
            std::fs::write(&file, &script).unwrap();
            let more = ["--script", file.to_str().unwrap(), "--consumer", "apim-backup"];
            let report = json(&live(&azure, &instances, taken_at(&recording), &more));
            let paths = report["paths"].as_array().unwrap();
            let passes = !paths.is_empty() && paths.iter().all(|path| path["verdict"] == "pass");
            passes.then_some((name, recording, instances, script))
        });
        let (name, recording, instances, script) = passing.expect("a backup that passes");
        let account = recording["exchanges"]
            .as_array()
            .unwrap()
            .iter()
            .find_map(|one| {
                one["body"]["id"].as_str().filter(|id| id.contains("/storageAccounts/") && id.split('/').count() == 9)
            })
            .unwrap()
            .to_owned();
        let instance = &instances[0];
        // What is read decides, whichever read it is that Azure does not answer.
        for (path, kind) in [
            (account.clone(), Kind::Status(503, None)),
            (account.clone(), Kind::Status(403, None)),
            (format!("{instance}/workspaces"), Kind::Status(403, None)),
            (format!("{account}/providers/Microsoft.Authorization/roleAssignments"), Kind::Html),
        ] {
            let fault = Fault { at: At::Path(path.clone()), kind, times: None };
            let azure = Azure::serve(&recording, Options { fault: Some(fault), ..Options::default() });
            let file = azure.folder().join("backup.sh");
            std::fs::write(&file, &script).unwrap();
            let more = ["--script", file.to_str().unwrap(), "--consumer", "apim-backup"];
            let report = json(&live(&azure, &instances, taken_at(&recording), &more));
            let paths = report["paths"].as_array().unwrap();
            assert!(paths.iter().all(|path| path["verdict"] == "unknown"), "{name}: {path}");
            assert_eq!(azure.violations(), Vec::<String>::new(), "{name}");
        }
    });
}

/// The recording with an answer to each request about a Recovery Services vault. Older recordings hold the vault alone.
fn with_vaults(recording: &Value, instances: &[String]) -> Value {
    let mut all = recording.clone();
    let is_vault = |id: &&String| id.to_ascii_lowercase().contains("/providers/microsoft.recoveryservices/vaults/");
    let text = recording.to_string().to_ascii_lowercase();
    for vault in instances.iter().filter(is_vault) {
        let state = |leaf: &str, properties: Value| {
            let (_, name) = leaf.split_once('/').unwrap();
            (leaf.to_owned(), json!({"id": format!("{vault}/{leaf}"), "name": name, "properties": properties}))
        };
        let mut answers = vec![
            state("backupconfig/vaultconfig", json!({"softDeleteFeatureState": "Enabled"})),
            state("backupEncryptionConfigs/backupResourceEncryptionConfig", json!({"lastUpdateStatus": "Succeeded"})),
        ];
        let machines = "backupProtectedItems?$filter=backupManagementType eq 'AzureIaasVM'";
        for list in ["backupPolicies", machines, "backupJobs", "backupResourceGuardProxies"] {
            answers.push((list.to_owned(), json!({"value": []})));
        }
        for (leaf, body) in answers {
            let place = format!("{vault}/{}", leaf.split('?').next().unwrap()).to_ascii_lowercase();
            if let (false, Some(exchanges)) = (text.contains(&place), all["exchanges"].as_array_mut()) {
                exchanges.push(json!({"request": format!("GET {vault}/{leaf}"), "status": 200, "body": body}));
            }
        }
    }
    all
}

/// Returns the recordings in a folder whose names start with `policy-`, with their instances.
fn policies(folder: &Path) -> Vec<(PathBuf, Value, Vec<String>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.starts_with("policy-") && name.ends_with(".json")
    });
    files.sort();
    let read = files.into_iter().map(|file| {
        let file = fixture::whole(file);
        let value: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let instances = instances(&value);
        (file, value, instances)
    });
    read.collect()
}

/// Returns the results that policies decide: the verdict, and each path with its gates.
fn of_policies(report: &Value) -> Vec<String> {
    let paths = report["paths"].as_array().unwrap().iter().filter(|path| path["consumer"] == "apim-policy");
    let mut lines: Vec<String> = paths
        .map(|path| {
            let gates = path["gates"].as_array().unwrap().iter();
            let gates: Vec<String> = gates.map(|gate| format!("{} {}", gate["gate"], gate["verdict"])).collect();
            let [label, verdict, cause] = ["label", "verdict", "rootCause"].map(|key| path[key].to_string());
            format!(
                "{label} {verdict} {cause} {} {} {}",
                path["operations"],
                path["target"]["object"],
                gates.join(", ")
            )
        })
        .collect();
    lines.sort();
    lines.push(format!("verdict {}", report["verdict"]));
    lines
}

#[test]
fn a_live_run_and_its_recording_agree_on_every_form_of_policy() {
    let scenarios = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/scenarios"));
    let mut all = policies(&scenarios.join("firewall.gateway-trust-retired"));
    all.extend(policies(&scenarios.join("authorization.role-lacks-action")));
    assert!(all.len() >= 11, "{}", all.len());
    let reports = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/cases/reports"));
    match reports.is_dir() {
        true => {
            all.extend(policies(reports));
            println!("ran: policies of ../shared/cases/reports");
        }
        false => println!("skipped: ../shared does not exist (policies of reports)"),
    }
    let wrong = side_by_side(&all, |(file, recording, instances)| {
        let azure = Azure::serve(recording, Options::default());
        let as_of = taken_at(recording);
        let expected = of_policies(&from_file(file, instances, as_of));
        let found = of_policies(&json(&live(&azure, instances, as_of, &[])));
        assert_eq!(azure.violations(), Vec::<String>::new(), "{}", file.display());
        match found == expected {
            true => Vec::new(),
            false => vec![format!("{}\n  file: {expected:#?}\n  live: {found:#?}", file.display())],
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_in_a_policy_read_never_becomes_a_verdict() {
    let scenarios = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/scenarios"));
    let all = policies(&scenarios.join("firewall.gateway-trust-retired"));
    for (file, recording, instances) in &all {
        let calm = Azure::serve(recording, Options::default());
        let before = json(&live(&calm, instances, AS_OF, &[]));
        assert_eq!(before["verdict"], "fail", "{}", file.display());
        let mut reads: Vec<String> = calm.requests().into_iter().map(|request| request.path).collect();
        reads.retain(|path| {
            let parts = ["/policies/", "/policyFragments", "/backends", "/apis", "/products", "/namedValues"];
            path.contains("/service/") && parts.iter().any(|part| path.contains(part))
        });
        reads.sort();
        reads.dedup();
        let kinds = [Kind::Status(403, None), Kind::Status(404, None), Kind::Status(500, None), Kind::Truncated];
        let faults: Vec<Fault> = reads
            .iter()
            .flat_map(|path| {
                kinds.iter().map(|kind| Fault { at: At::Path(path.clone()), kind: kind.clone(), times: None })
            })
            .collect();
        let wrong = side_by_side(&faults, |fault| {
            // Azure's own 404 for a policy document proves that it does not exist.
            let is_answer = matches!((&fault.kind, &fault.at), (Kind::Status(404, _), At::Path(path)) if path.contains("/policies/"));
            let azure = Azure::serve(recording, Options { fault: Some(fault.clone()), ..Options::default() });
            let report = json(&live(&azure, instances, AS_OF, &["--timeout", "4"]));
            let failed = |report: &Value| -> BTreeSet<String> {
                let paths = report["paths"].as_array().unwrap().iter().filter(|path| path["verdict"] == "fail");
                paths.map(|path| format!("{} {} {}", path["consumer"], path["label"], path["rootCause"])).collect()
            };
            let new: Vec<String> = failed(&report).difference(&failed(&before)).cloned().collect();
            let passes = (report["verdict"] == "pass" && !is_answer).then(|| "the report passes".to_owned());
            let wrong: Vec<String> = new.into_iter().chain(passes).collect();
            if wrong.is_empty() { wrong } else { vec![format!("{} {fault:?}: {wrong:#?}", file.display())] }
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn one_instance_needs_few_requests_and_round_trips() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options { latency: Duration::from_millis(50), ..Options::default() });
    let report = json(&live(&azure, &[instance], AS_OF, &[]));
    let requests = azure.requests();
    println!("one instance: {} requests, {} round trips", requests.len(), azure::round_trips(&requests));
    assert_eq!(report["summary"]["paths"]["pass"], 23, "{}", essence(&report).join("\n"));
    assert!(requests.len() <= 45, "{} requests: {requests:#?}", requests.len());
    // `benches/live.rs` measures the exact number. A busy machine adds some.
    assert!(azure::round_trips(&requests) <= 2 * 7, "{} round trips", azure::round_trips(&requests));
}

#[test]
fn many_instances_share_requests() {
    let (recording, instances) = worlds::many(50);
    let azure = Azure::serve(&recording, Options { latency: Duration::from_millis(50), ..Options::default() });
    let report = json(&live(&azure, &instances, AS_OF, &[]));
    let requests = azure.requests();
    println!("50 instances: {} requests, {} round trips", requests.len(), azure::round_trips(&requests));
    assert_eq!(report["summary"]["paths"]["pass"], 150, "{}", essence(&report).join("\n"));
    assert!(requests.len() <= 160, "{} requests", requests.len());
    assert!(azure::round_trips(&requests) <= 2 * 14, "{} round trips", azure::round_trips(&requests));
}

/// Returns the gates that a fault must not change. A fault may make a verdict unknown; a 404 may also make it fail.
fn complaints(before: &[(String, String)], report: &Value, kind: &Kind) -> Vec<String> {
    let not_found = matches!(kind, Kind::Status(404, _));
    let changed = gates(report).into_iter().filter(|(gate, verdict)| {
        let said = before.iter().find(|(other, _)| other == gate).map(|(_, said)| said.as_str());
        let allowed = ["unknown", "not-applicable"].contains(&verdict.as_str()) || (not_found && verdict == "fail");
        said != Some(verdict) && !allowed
    });
    changed.map(|(gate, verdict)| format!("{gate} became {verdict}")).collect()
}

#[test]
fn a_fault_in_any_read_never_becomes_a_verdict() {
    with_estates("a_fault_in_any_read_never_becomes_a_verdict", |folder| {
        let names = [
            "identity-replaced-fault",
            "network-token-endpoint-unreachable-fault",
            "trap-deny-assignment",
            "func-user-assigned-behind-firewall",
            "rsv-cmk-purge-protection-off",
        ];
        let mut worlds = vec![worlds::one()];
        let all = estates(folder);
        for (_, recording, instances) in all.iter().filter(|(name, ..)| names.iter().any(|n| name.starts_with(n))) {
            worlds.push((recording.clone(), instances[0].clone()));
        }
        let kinds = [
            Kind::Status(401, None),
            Kind::Status(403, None),
            Kind::Status(404, None),
            Kind::Html,
            Kind::NextLinkForeign("https://evil.example/steal".to_owned()),
            Kind::Status(429, None),
            Kind::Status(429, Some("1".to_owned())),
            Kind::Status(429, Some("86400".to_owned())),
            Kind::Status(500, None),
            Kind::Reset,
            Kind::Silence,
            Kind::Truncated,
            Kind::WrongContentType,
            Kind::Empty,
            Kind::NextLinkLoop,
            Kind::NextLinkEndless,
            Kind::HugeBody(100 << 20),
            Kind::Deep(100_000),
            Kind::Redirect("https://evil.example/".to_owned()),
        ];
        for (number, (recording, instance)) in worlds.iter().enumerate() {
            // The first five faults are fast. The others are slow, so only the first world gets them.
            let kinds = if number == 0 { &kinds[..] } else { &kinds[..5] };
            let calm = Azure::serve(recording, Options::default());
            let before = gates(&json(&live(&calm, std::slice::from_ref(instance), AS_OF, &[])));
            let mut reads: Vec<String> =
                calm.requests().into_iter().filter(|r| !r.path.ends_with("/token")).map(|r| r.path).collect();
            reads.sort();
            reads.dedup();
            let mut faults: Vec<Fault> = Vec::new();
            for kind in kinds {
                let of = |at: At, times: Option<usize>| Fault { at, kind: kind.clone(), times };
                // A body of 100 MB for every read would take a minute, and one read is enough.
                let paths: &[String] = if matches!(kind, Kind::HugeBody(_)) { &reads[..1] } else { &reads };
                faults.extend(paths.iter().map(|path| of(At::Path(path.clone()), None)));
                faults.push(of(At::EveryRead, None));
                faults.extend((matches!(kind, Kind::Status(..))).then(|| of(At::EveryRead, Some(1))));
            }
            let wrong = side_by_side(&faults, |fault| {
                let azure = Azure::serve(recording, Options { fault: Some(fault.clone()), ..Options::default() });
                let start = Instant::now();
                let output = live(&azure, std::slice::from_ref(instance), AS_OF, &["--timeout", "4"]);
                let took = start.elapsed();
                let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                let mut wrong = azure.violations();
                if took > Duration::from_secs(12) {
                    wrong.push(format!("took {took:?}"));
                }
                if stderr.contains("panicked") || ![0, 2, 3].contains(&output.status.code().unwrap_or(-1)) {
                    wrong.push(format!("exited with {:?}: {stderr}", output.status));
                }
                match serde_json::from_slice::<Value>(&output.stdout) {
                    Ok(report) => wrong.extend(complaints(&before, &report, &fault.kind)),
                    Err(error) => wrong.push(format!("no report: {error}: {stderr}")),
                }
                for secret in [azure::CLIENT_SECRET, "Bearer ey"] {
                    if stderr.contains(secret) || String::from_utf8_lossy(&output.stdout).contains(secret) {
                        wrong.push("a secret was printed".to_owned());
                    }
                }
                wrong.iter().map(|what| format!("{fault:?}: {what}")).collect()
            });
            println!("{}: {} faults", instance.rsplit('/').next().unwrap(), faults.len());
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    });
}

#[test]
fn a_fault_in_a_read_of_a_recovery_vault_never_becomes_a_finding() {
    with_estates("a_fault_in_a_read_of_a_recovery_vault_never_becomes_a_finding", |folder| {
        let names = ["rsv-ade-policy-keys", "rsv-cmk-update-failed", "rsv-jobs-agent", "rsv-mars-", "rsv-policy-short"];
        let all = estates(folder);
        for (name, recording, vaults) in all.iter().filter(|(name, ..)| names.iter().any(|n| name.starts_with(n))) {
            let as_of = taken_at(recording);
            let calm = Azure::serve(recording, Options::default());
            let before = json(&live(&calm, vaults, as_of, &[]));
            let errors = |report: &Value| -> BTreeSet<String> {
                let all = report["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "error");
                all.map(|one| format!("{} {}", one["code"], one["subject"])).collect()
            };
            let mut reads: Vec<String> = calm.requests().into_iter().map(|request| request.path).collect();
            reads.retain(|path| {
                path.contains("RecoveryServices") || path.contains("Compute") || path.contains("/locks")
            });
            reads.sort();
            reads.dedup();
            assert!(reads.len() >= 6, "{name}: {reads:#?}");
            let kinds = [Kind::Status(401, None), Kind::Status(403, None), Kind::Status(500, None), Kind::Truncated];
            let faults: Vec<Fault> = reads
                .iter()
                .flat_map(|path| kinds.iter().map(|kind| (At::Path(path.clone()), kind.clone())))
                .map(|(at, kind)| Fault { at, kind, times: None })
                .collect();
            let wrong = side_by_side(&faults, |fault| {
                let azure = Azure::serve(recording, Options { fault: Some(fault.clone()), ..Options::default() });
                let report = json(&live(&azure, vaults, as_of, &["--timeout", "4"]));
                let new: Vec<String> = errors(&report).difference(&errors(&before)).cloned().collect();
                let passes = (report["verdict"] == "pass").then(|| "the report passes".to_owned());
                let wrong: Vec<String> = new.into_iter().chain(passes).chain(azure.violations()).collect();
                if wrong.is_empty() { wrong } else { vec![format!("{name} {fault:?}: {wrong:#?}")] }
            });
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    });
}

#[test]
fn a_temporary_fault_changes_nothing() {
    let (recording, instance) = worlds::one();
    let run = |fault: Option<Fault>| {
        let azure = Azure::serve(&recording, Options { fault, ..Options::default() });
        essence(&json(&live(&azure, std::slice::from_ref(&instance), AS_OF, &[])))
    };
    let calm = run(None);
    let once = |at: At, kind: Kind| Some(Fault { at, kind, times: Some(1) });
    for kind in [
        Kind::Status(401, None),
        Kind::Status(429, Some("1".to_owned())),
        Kind::Status(500, None),
        Kind::Reset,
        Kind::Truncated,
    ] {
        for nth in [1, 5, 20] {
            assert_eq!(run(once(At::Nth(nth), kind.clone())), calm, "{kind:?} at {nth}");
        }
    }
    assert_eq!(run(once(At::Token, Kind::Status(500, None))), calm);
}

#[test]
fn all_pages_are_read() {
    let (recording, instance) = worlds::one();
    let whole = Azure::serve(&recording, Options::default());
    let paged = Azure::serve(&recording, Options { page_size: Some(3), ..Options::default() });
    let instances = [instance];
    let [first, second] = [&whole, &paged].map(|azure| essence(&json(&live(azure, &instances, AS_OF, &[]))));
    assert_eq!(first, second);
    assert!(paged.requests().len() > whole.requests().len() + 6);
}

#[test]
fn each_read_is_sent_once() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    live(&azure, &[instance], AS_OF, &[]);
    let mut seen = BTreeSet::new();
    for request in azure.requests().iter().filter(|r| r.method == "GET") {
        assert!(seen.insert((request.path.to_lowercase(), request.query.clone())), "twice: {request:?}");
    }
}

#[test]
fn an_untrusted_server_gets_no_token() {
    let (recording, instance) = worlds::one();
    for certificate in [Certificate::OtherName, Certificate::OtherAuthority, Certificate::Expired] {
        let azure = Azure::serve(&recording, Options { certificate, ..Options::default() });
        let output = live(&azure, std::slice::from_ref(&instance), AS_OF, &["--timeout", "5"]);
        assert_eq!(output.status.code(), Some(2), "{certificate:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("certificate"), "{stderr}");
        assert!(azure.requests().is_empty(), "{certificate:?}");
    }
}

/// Runs `collect` with a sign-in. Returns the status, the recorded `signedIn` and standard error.
fn signed_in(azure: &Azure, environment: Vec<(&'static str, String)>, auth: &str) -> (Option<i32>, Value, String) {
    let (_, instance) = worlds::one();
    let output = azure
        .command_with(PROGRAM, environment)
        .args(["collect", &instance, "--auth", auth, "-f", "-", "--cloud"])
        .arg(azure.cloud_file())
        .output()
        .unwrap();
    let recording: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), recording["signedIn"].clone(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn every_sign_in_method_works_and_is_recorded() {
    let (recording, _) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let tools = |az, azd| azure.sign_in_tools(az, azd);
    for (environment, auth, name) in [
        (azure.sign_in(), "auto", "environment (client secret)"),
        (azure.sign_in(), "env", "environment (client secret)"),
        (azure.sign_in_workload(), "auto", "workload identity (federated token)"),
        (azure.sign_in_workload(), "workload", "workload identity (federated token)"),
        (azure.sign_in_managed_identity(), "auto", "managed identity"),
        (azure.sign_in_managed_identity(), "managed-identity", "managed identity"),
        (tools(Tool::SignedIn, Tool::Absent), "auto", "Azure CLI, account of the subscription"),
        (tools(Tool::SignedIn, Tool::Absent), "cli", "Azure CLI, account of the subscription"),
        (tools(Tool::SignedOut, Tool::SignedIn), "auto", "Azure Developer CLI"),
        (tools(Tool::Absent, Tool::SignedIn), "azd", "Azure Developer CLI"),
    ] {
        let (status, signed_in, stderr) = signed_in(&azure, environment, auth);
        assert_eq!(status, Some(0), "{auth} {name}: {stderr}");
        assert_eq!(signed_in["credential"], name, "{auth}");
        assert_eq!(signed_in["tenantId"], azure.tenant(), "{auth}");
        assert_eq!(signed_in["objectId"], azure::OBJECT_ID, "{auth}");
    }
}

#[test]
fn a_failed_sign_in_lists_each_method_and_its_error() {
    let (recording, _) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let (status, _, stderr) = signed_in(&azure, azure.sign_in_tools(Tool::SignedOut, Tool::Absent), "auto");
    assert_eq!(status, Some(2));
    let flat = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in ["environment", "AZURE_TENANT_ID is not set", "workload", "Azure CLI", "az login", "azd"] {
        assert!(flat.contains(expected), "{expected}: {stderr}");
    }
    let mut wrong = azure.sign_in();
    for (name, value) in &mut wrong {
        if *name == "AZURE_CLIENT_SECRET" {
            *value = "not-the-secret".to_owned();
        }
    }
    let (status, _, stderr) = signed_in(&azure, wrong, "env");
    assert_eq!(status, Some(2));
    assert!(stderr.contains("AADSTS7000215") && !stderr.contains("not-the-secret"), "{stderr}");
    assert!(azure.requests().iter().all(|request| request.path.ends_with("/token")));
}

#[test]
fn permissions_prints_the_role_that_the_reads_need() {
    with_estates("permissions_prints_the_role_that_the_reads_need", |folder| {
        let role: Value = json(&Command::new(PROGRAM).args(["permissions", "--read-settings"]).output().unwrap());
        let allowed: BTreeSet<String> =
            role["Actions"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_ascii_lowercase()).collect();
        let estates = estates(folder);
        let mut needed: BTreeSet<String> = side_by_side(&one_of_each(&estates), |(name, recording, instances)| {
            let azure = Azure::serve(recording, Options { settings: true, ..Options::default() });
            live(&azure, instances, AS_OF, &["--read-settings"]);
            assert_eq!(unlisted(&azure), Vec::<String>::new(), "{name}");
            azure.requests().iter().filter_map(action).collect()
        })
        .into_iter()
        .collect();
        for (recording, instances, more) in [
            (everywhere(), vec![worlds::one().1], vec!["--consumer", "apim"]),
            (worlds::many(6).0, worlds::many(6).1, vec![]),
        ] {
            let azure = Azure::serve(&recording, Options::default());
            live(&azure, &instances, AS_OF, &more);
            assert_eq!(unlisted(&azure), Vec::<String>::new());
            needed.extend(azure.requests().iter().filter_map(action));
        }
        // Apps and their certificates are listed only for a whole subscription.
        let (_, recording, instances) = estates.iter().find(|(name, ..)| name.starts_with("appsvc-cert")).unwrap();
        let azure = Azure::serve(recording, Options::default());
        let subscription = instances[0].split('/').nth(2).unwrap();
        live(&azure, &[], AS_OF, &["--subscription", subscription]);
        assert_eq!(unlisted(&azure), Vec::<String>::new());
        needed.extend(azure.requests().iter().filter_map(action));
        // What backups depend on is read where a script asks for one.
        for (name, recording, instances) in &estates {
            let Some(script) = script_of(recording) else { continue };
            let azure = Azure::serve(recording, Options::default());
            let file = azure.folder().join("backup.sh");
            std::fs::write(&file, script).unwrap();
            live(&azure, instances, AS_OF, &["--script", file.to_str().unwrap()]);
            assert_eq!(unlisted(&azure), Vec::<String>::new(), "{name}");
            needed.extend(azure.requests().iter().filter_map(action));
        }
        let missing: Vec<&String> = needed.difference(&allowed).collect();
        let extra: Vec<&String> = allowed.difference(&needed).collect();
        assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, extra {extra:?}");
    });
}

/// Returns requests that are neither a sign-in nor in `docs/live.md`.
fn unlisted(azure: &Azure) -> Vec<String> {
    let is_sign_in = |seen: &Seen| seen.host == "identity" || seen.path.ends_with("/oauth2/v2.0/token");
    let listed = |seen: &Seen| Ask::ALL.iter().any(|ask| is_asked(ask.details().request, seen));
    let requests = azure.requests().into_iter().filter(|seen| !is_sign_in(seen) && !listed(seen));
    requests.map(|seen| format!("{} https://{}{}", seen.method, seen.host, seen.path)).collect()
}

/// Returns whether a request matches an entry of the page.
fn is_asked(kind: &str, seen: &Seen) -> bool {
    let (method, request) = kind.split_once(' ').unwrap();
    let (host, path) = match request.split_once(": ") {
        Some(("Resource Graph", _)) => ("management.azure.com", "/providers/Microsoft.ResourceGraph/resources"),
        Some(("Microsoft Graph", path)) => ("graph.microsoft.com", path),
        _ => ("management.azure.com", request),
    };
    let path = path.split('?').next().unwrap();
    method == seen.method && host == seen.host && fits(path, &seen.path)
}

/// Returns whether a path matches a pattern from the page, with placeholders in braces.
fn fits(pattern: &str, path: &str) -> bool {
    let kind = |braced: &str| {
        Some(match braced {
            "{instance}" => "Microsoft.ApiManagement/service",
            "{workspace}" => "Microsoft.ApiManagement/service/workspaces",
            "{user-assigned identity}" => "Microsoft.ManagedIdentity/userAssignedIdentities",
            "{vault}" => "Microsoft.KeyVault/vaults",
            "{perimeter}" => "Microsoft.Network/networkSecurityPerimeters",
            "{perimeter profile}" => "Microsoft.Network/networkSecurityPerimeters/profiles",
            "{service endpoint policy}" => "Microsoft.Network/serviceEndpointPolicies",
            "{virtual machine}" => "Microsoft.Compute/virtualMachines",
            "{private endpoint}" => "Microsoft.Network/privateEndpoints",
            "{network interface}" => "Microsoft.Network/networkInterfaces",
            "{virtual network}" => "Microsoft.Network/virtualNetworks",
            "{network security group}" => "Microsoft.Network/networkSecurityGroups",
            "{route table}" => "Microsoft.Network/routeTables",
            "{private DNS zone}" => "Microsoft.Network/privateDnsZones",
            "{DNS resolver}" => "Microsoft.Network/dnsResolvers",
            "{ruleset}" => "Microsoft.Network/dnsForwardingRulesets",
            "{app}" => "Microsoft.Web/sites",
            "{slot}" => "Microsoft.Web/sites/slots",
            "{certificate}" => "Microsoft.Web/certificates",
            "{storage account}" => "Microsoft.Storage/storageAccounts",
            "{Automation account}" => "Microsoft.Automation/automationAccounts",
            other => {
                let is_named = |one: &str| one.split_once(' ').is_some_and(|(_, noun)| format!("{{{noun}}}") == other);
                CallerKind::ALL.iter().map(|kind| kind.facts()).find(|facts| is_named(facts.one))?.types[0]
            }
        })
    };
    let (place, rest) = pattern.split_once('/').unwrap_or((pattern, ""));
    let place = match (place, kind(place)) {
        (_, Some(kind)) => {
            let (namespace, types) = kind.split_once('/').unwrap();
            let types = types.split('/').map(|name| format!("/{name}/*")).collect::<String>();
            format!("subscriptions/*/resourceGroups/*/providers/{namespace}{types}")
        }
        ("{subscription}", _) => "subscriptions/*".to_owned(),
        ("{resource group}", _) => "subscriptions/*/resourceGroups/*".to_owned(),
        // Role assignments are read at any scope.
        ("{scope}", _) => return path.ends_with(&format!("/{rest}")),
        (other, _) => other.to_owned(),
    };
    let whole = if rest.is_empty() { place } else { format!("{place}/{rest}") };
    let (expected, found) = (whole.trim_start_matches('/').split('/'), path.trim_start_matches('/').split('/'));
    expected.clone().count() == found.clone().count()
        && expected.zip(found).all(|(e, f)| match e.split_once('{') {
            Some((start, _)) => f.starts_with(start),
            None => e == "*" || e.eq_ignore_ascii_case(f),
        })
}

/// Returns the action that a Resource Manager request needs: its type and `read`, or `list/action` for app settings.
fn action(request: &Seen) -> Option<String> {
    if request.path.to_ascii_lowercase().ends_with("/config/appsettings/list") {
        let slot = if request.path.contains("/slots/") { "slots/" } else { "" };
        return Some(format!("microsoft.web/sites/{slot}config/list/action"));
    }
    if request.host != "management.azure.com" || request.method != "GET" {
        return None;
    }
    let (_, resource) = request.path.rsplit_once("/providers/")?;
    let segments: Vec<&str> = resource.split('/').collect();
    let kinds: Vec<&str> = segments[1..].iter().step_by(2).copied().collect();
    Some(format!("{}/{}/read", segments[0], kinds.join("/")).to_ascii_lowercase())
}

/// Returns the single instance in a tier with workspaces, with policies, a perimeter, a resolver and a ruleset.
fn everywhere() -> Value {
    let (mut recording, instance) = worlds::one();
    let subscription = instance.split("/resourceGroups/").next().unwrap().to_owned();
    let group = instance.split("/providers/").next().unwrap().to_owned();
    let network = format!("{group}/providers/Microsoft.Network/virtualNetworks/vnet-live");
    let policy = format!("{group}/providers/Microsoft.Network/serviceEndpointPolicies/x");
    worlds::body(&mut recording, &network)["properties"]["subnets"][0]["properties"]["serviceEndpointPolicies"] =
        serde_json::json!([{ "id": policy }]);
    let exchanges = recording["exchanges"].as_array_mut().unwrap();
    for exchange in exchanges.iter_mut() {
        if exchange["body"]["id"] == instance.as_str() {
            exchange["body"]["sku"]["name"] = "Premium".into();
        }
        if exchange["body"]["id"].as_str().is_some_and(|id| id.ends_with("/vaults/kv-live-a")) {
            exchange["body"]["properties"]["networkAcls"]["ipRules"] = serde_json::json!([{ "value": "20.9.9.9/32" }]);
        }
    }
    let mut list = |path: String, version: &str, id: &str, kind: &str, properties: Value| {
        let request = format!("GET {path}?api-version={version}");
        exchanges.retain(|exchange| exchange["request"] != request.as_str());
        let body = serde_json::json!({ "value": [{ "id": id, "type": kind, "name": "x", "properties": properties }] });
        exchanges.push(serde_json::json!({ "request": request, "status": 200, "body": body }));
    };
    let apim = "Microsoft.ApiManagement/service";
    for child in ["apis", "products", "workspaces"] {
        let id = format!("{instance}/{child}/x");
        let properties = match child {
            "apis" => serde_json::json!({ "type": "graphql" }),
            _ => serde_json::json!({}),
        };
        list(format!("{instance}/{child}"), "2024-05-01", &id, &format!("{apim}/{child}"), properties);
    }
    for child in ["apis/x/resolvers", "workspaces/x/apis", "workspaces/x/apis/x/operations", "workspaces/x/products"] {
        let path = format!("{instance}/{child}");
        let kind = child.split('/').step_by(2).fold(apim.to_owned(), |kind, part| format!("{kind}/{part}"));
        list(path.clone(), "2024-05-01", &format!("{path}/x"), &kind, serde_json::json!({}));
    }
    let id = format!("{instance}/apis/x/operations/x");
    list(
        format!("{instance}/apis/x/operations"),
        "2024-05-01",
        &id,
        &format!("{apim}/apis/operations"),
        serde_json::json!({}),
    );
    let network_of = serde_json::json!({ "virtualNetwork": { "id": network } });
    for (kind, version, properties) in [
        ("networkSecurityPerimeters", "2024-07-01", serde_json::json!({})),
        ("dnsResolvers", "2022-07-01", network_of.clone()),
        ("dnsForwardingRulesets", "2022-07-01", serde_json::json!({})),
    ] {
        let id = format!("{group}/providers/Microsoft.Network/{kind}/x");
        let path = format!("{subscription}/providers/Microsoft.Network/{kind}");
        list(path, version, &id, &format!("Microsoft.Network/{kind}"), properties);
    }
    // One vault is in the perimeter.
    let perimeter = format!("{group}/providers/Microsoft.Network/networkSecurityPerimeters/x");
    let association = serde_json::json!({
        "privateLinkResource": { "id": format!("{group}/providers/Microsoft.KeyVault/vaults/kv-live-a") },
        "profile": { "id": format!("{perimeter}/profiles/x") }, "accessMode": "Learning",
    });
    let path = format!("{perimeter}/resourceAssociations");
    let kind = "Microsoft.Network/networkSecurityPerimeters/resourceAssociations";
    list(path.clone(), "2024-07-01", &format!("{path}/x"), kind, association);
    // A missing vault causes a read of the deleted vaults.
    let id = format!("{instance}/certificates/x");
    let reference =
        serde_json::json!({ "keyVault": { "secretIdentifier": "https://kv-lost.vault.azure.net/secrets/x" } });
    list(format!("{instance}/certificates"), "2024-05-01", &id, &format!("{apim}/certificates"), reference);
    recording
}

#[test]
fn a_recording_is_private_and_replaces_the_old_file_completely() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let file = azure.folder().join("out.json");
    std::fs::write(&file, "old").unwrap();
    let collect = |more: &[&str]| {
        let mut command = azure.command(PROGRAM);
        command.args(["collect", &instance, "--cloud"]).arg(azure.cloud_file()).arg("-f").arg(&file).args(more);
        command.output().unwrap()
    };
    let output = collect(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("Bearer") && !text.contains(azure::CLIENT_SECRET));
    let own = essence(&from_file(&file, std::slice::from_ref(&instance), AS_OF));
    assert_eq!(own, essence(&json(&live(&azure, std::slice::from_ref(&instance), AS_OF, &[]))));

    // A masked recording gives the same report with other ids.
    collect(&["--mask"]);
    let masked: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let subscription = instance.split('/').nth(2).unwrap();
    assert!(!masked.to_string().contains(subscription) && !masked.to_string().contains(azure.tenant()));
    let stand_ins = instances(&masked);
    let plain = |lines: Vec<String>| -> Vec<String> {
        lines
            .into_iter()
            .map(|l| l.replace(&stand_ins[0].to_lowercase(), "I").replace(&instance.to_lowercase(), "I"))
            .collect()
    };
    assert_eq!(plain(essence(&from_file(&file, &stand_ins, AS_OF))), plain(own));
    // A failed write does not change the old file.
    let before = std::fs::read(&file).unwrap();
    let nowhere = azure.folder().join("nowhere/out.json");
    let output = azure
        .command(PROGRAM)
        .args(["collect", &instance, "--cloud"])
        .arg(azure.cloud_file())
        .arg("-f")
        .arg(&nowhere)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn masking_does_not_change_a_diagnosis() {
    with_estates("masking_does_not_change_a_diagnosis", |folder| {
        let estates = estates(folder);
        let wrong = side_by_side(&estates, |(name, recording, instances)| {
            if recording.is_array() {
                return Vec::new();
            }
            let masked = apim_doctor_core::masked(recording);
            let file = std::env::temp_dir().join(format!("apim-doctor-masked-{}-{name}", std::process::id()));
            std::fs::write(&file, masked.to_string()).unwrap();
            let as_of = taken_at(recording);
            let own = essence(&from_file(&folder.join(name), instances, as_of));
            let ids: Vec<String> = crate::instances(&masked);
            let other = essence(&from_file(&file, &ids, as_of));
            std::fs::remove_file(&file).unwrap();
            let plain = |lines: &[String]| -> Vec<String> {
                let plain = |line: &String| apim_doctor_core::masked(&Value::from(line.as_str())).to_string();
                let mut lines: Vec<String> = lines.iter().map(plain).collect();
                lines.sort();
                lines
            };
            let kept: Vec<String> = other.iter().map(|line| Value::from(line.as_str()).to_string()).collect();
            let mut kept = kept;
            kept.sort();
            if plain(&own) == kept { Vec::new() } else { vec![format!("{name}: {own:#?} {other:#?}")] }
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn an_instance_is_found_by_its_name() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let by_name = azure
        .command(PROGRAM)
        .args(["diagnose", "-g", "rg-live", "-n", "apim-live", "-o", "json", "--as-of", AS_OF, "--cloud"])
        .arg(azure.cloud_file())
        .output()
        .unwrap();
    assert_eq!(essence(&json(&by_name)), essence(&json(&live(&azure, &[instance], AS_OF, &[]))));
    let absent = azure
        .command(PROGRAM)
        .args(["diagnose", "-n", "absent", "-o", "json", "--cloud"])
        .arg(azure.cloud_file())
        .output()
        .unwrap();
    assert_eq!(absent.status.code(), Some(2), "{}", String::from_utf8_lossy(&absent.stderr));
    let nothing = azure.command(PROGRAM).arg("diagnose").output().unwrap();
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("or a file"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_answers() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options { latency: Duration::from_millis(300), ..Options::default() });
    let file = azure.folder().join("cut.json");
    let mut command = azure.command(PROGRAM);
    command.args(["collect", &instance, "--cloud"]).arg(azure.cloud_file()).arg("-f").arg(&file);
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    while azure.requests().iter().filter(|request| request.end.is_some()).count() < 4 {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("stopped"));
    let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let statuses: Vec<u64> =
        kept["exchanges"].as_array().unwrap().iter().map(|e| e["status"].as_u64().unwrap()).collect();
    assert!(statuses.contains(&200) && statuses.contains(&0), "{statuses:?}");
}

/// Returns the single instance. Resource Manager shows no objects; each vault lists its own.
fn asked_vaults(gateway: Value) -> (Value, String) {
    let (mut recording, instance) = worlds::one();
    let exchanges = recording["exchanges"].as_array_mut().unwrap();
    exchanges.retain(|exchange| !exchange["request"].as_str().unwrap().contains("/secrets?"));
    for (at, vault) in ["kv-live-a", "kv-live-b"].iter().enumerate() {
        let host = format!("https://{vault}.vault.azure.net");
        let object = |name: &str| {
            serde_json::json!({ "id": format!("{host}/secrets/{name}"), "contentType": "application/x-pkcs12",
                                "attributes": { "enabled": true } })
        };
        let mut objects: Vec<Value> = (0..20).filter(|n| n % 2 == at).map(|n| object(&format!("object-{n}"))).collect();
        let mut own = object("gateway");
        own.as_object_mut().unwrap().extend(gateway.as_object().unwrap().clone());
        objects.push(own);
        let body = serde_json::json!({ "value": objects, "nextLink": null });
        let request = format!("GET {host}/secrets?api-version=7.6");
        exchanges.push(serde_json::json!({ "request": request, "status": 200, "body": body }));
    }
    (recording, instance)
}

#[test]
fn a_vault_shows_objects_that_resource_manager_does_not() {
    let run = |gateway: Value, fault: Option<Fault>, more: &[&str]| {
        let (recording, instance) = asked_vaults(gateway);
        let azure = Azure::serve(&recording, Options { fault, ..Options::default() });
        let report = json(&live(&azure, &[instance], AS_OF, more));
        assert_eq!(azure.violations(), Vec::<String>::new());
        let summary = report["summary"]["paths"].clone();
        let codes: BTreeSet<String> =
            report["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect();
        (summary, codes)
    };
    let none = serde_json::json!({});
    let paths =
        |pass: usize, fail: usize, unknown: usize| serde_json::json!({"pass": pass, "fail": fail, "unknown": unknown});
    assert_eq!(run(none.clone(), None, &[]).0, paths(0, 0, 23), "without `--ask-vault`, the objects are unknown");
    assert_eq!(run(none.clone(), None, &["--ask-vault"]).0, paths(23, 0, 0));
    let (summary, codes) = run(serde_json::json!({"attributes": {"enabled": false}}), None, &["--ask-vault"]);
    assert_eq!((summary, codes.contains("object.disabled")), (paths(20, 3, 0), true));
    let (summary, codes) =
        run(serde_json::json!({"id": "https://kv-live-a.vault.azure.net/secrets/other"}), None, &["--ask-vault"]);
    assert_eq!((summary, codes.contains("object.missing")), (paths(20, 3, 0), true));
    for (kind, known) in [
        (Kind::Status(403, None), false),
        (Kind::Html, false),
        (Kind::Truncated, false),
        (Kind::HugeBody(40 << 20), false),
        // The objects on the first page exist, however long the list is.
        (Kind::NextLinkEndless, true),
    ] {
        let fault = Fault { at: At::Path("/secrets".to_owned()), kind: kind.clone(), times: None };
        let (summary, _) = run(none.clone(), Some(fault), &["--ask-vault", "--timeout", "6"]);
        assert_eq!(summary, if known { paths(23, 0, 0) } else { paths(0, 0, 23) }, "{kind:?}");
    }
}

/// `nextLink` is followed, with a token, only to the list's own host.
#[test]
fn a_next_link_to_another_host_is_not_followed_and_leaves_the_list_incomplete() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let of_vault = "kv-live-a.vault.azure.net";
    // The path is allowed, so only the host can cause a refusal.
    let at = |host: &str| format!("{host}/secrets?api-version=7.6&$skiptoken=hostile");
    let links = [
        at("https://evil.example"),
        at(&format!("https://127.0.0.1:{port}")),
        at(&format!("http://127.0.0.1:{port}")),
        at(&format!("https://{of_vault}@127.0.0.1:{port}")),
        at(&format!("https://management.azure.com@127.0.0.1:{port}")),
        at(&format!("https://user:password@{of_vault}")),
        at("https://user@management.azure.com"),
        at(&format!("https://{of_vault}.evil.example")),
        at(&format!("https://{of_vault}:{port}")),
        at(&format!("https://management.azure.com:{port}")),
        at(&format!("http://{of_vault}")),
        at("http://management.azure.com"),
        at("https://attacker.vault.azure.net"),
        at("//attacker.vault.azure.net"),
    ];
    // The reference's object is not on any page.
    let (recording, instance) = asked_vaults(serde_json::json!({"id": format!("https://{of_vault}/secrets/other")}));
    let run = |fault: Option<Fault>| {
        let azure = Azure::serve(&recording, Options { fault, ..Options::default() });
        let report = json(&live(&azure, std::slice::from_ref(&instance), AS_OF, &["--ask-vault", "--timeout", "6"]));
        let strays: Vec<String> = azure
            .requests()
            .into_iter()
            .filter(|seen| format!("{}{}", seen.path, seen.query).contains("hostile") || seen.host.contains("attacker"))
            .map(|seen| format!("{} {} {}", seen.host, seen.path, seen.authorized))
            .collect();
        (report, strays)
    };
    let (calm, _) = run(None);
    assert_eq!(calm["summary"]["paths"]["fail"], 3);
    let before = gates(&calm);
    for link in &links {
        for at in [At::Path("/secrets".to_owned()), At::EveryRead] {
            let kind = Kind::NextLinkForeign(link.clone());
            let (report, strays) = run(Some(Fault { at: at.clone(), kind: kind.clone(), times: None }));
            assert_eq!(strays, Vec::<String>::new(), "{link} {at:?}");
            assert_eq!(complaints(&before, &report, &kind), Vec::<String>::new(), "{link} {at:?}");
            assert_eq!(report["summary"]["paths"]["fail"], 0, "{link} {at:?}: the list is treated as complete");
        }
    }
    for host in [format!("127.0.0.1:{port}"), of_vault.to_owned(), "attacker.vault.azure.net".to_owned()] {
        let url = at(&format!("https://{host}"));
        let (report, strays) = run(Some(Fault { at: At::EveryRead, kind: Kind::Redirect(url), times: None }));
        assert_eq!(strays, Vec::<String>::new(), "a redirect to {host}");
        assert_eq!(report["summary"]["paths"]["pass"], 0);
    }
    assert!(listener.accept().is_err(), "a connection was made");
}

#[test]
fn many_instances_are_read_one_by_one_if_their_lists_are_refused() {
    let (recording, instances) = worlds::many(6);
    let subscription = instances[0].split("/resourceGroups/").next().unwrap().to_owned();
    let run = |refused: &str| {
        let mut recording = recording.clone();
        let exchanges = recording["exchanges"].as_array_mut().unwrap();
        let request = format!("{subscription}/providers/{refused}");
        let taken =
            exchanges.iter().position(|e| e["request"].as_str().unwrap().contains(&format!("{request}?"))).unwrap();
        let list = exchanges.remove(taken);
        for body in list["body"]["value"].as_array().unwrap() {
            let id = body["id"].as_str().unwrap();
            if refused.ends_with("roleAssignments") {
                let vault = body["properties"]["scope"].as_str().unwrap();
                let request = format!("GET {vault}/providers/{refused}?api-version=2022-04-01");
                exchanges.push(serde_json::json!({ "request": request, "status": 200, "body": { "value": [body] } }));
            } else {
                let request = format!("GET {id}?api-version=1");
                exchanges.push(serde_json::json!({ "request": request, "status": 200, "body": body }));
            }
        }
        let azure = Azure::serve(&recording, Options::default());
        let report = json(&live(&azure, &instances, AS_OF, &[]));
        assert_eq!(report["summary"]["paths"]["pass"], 18, "{refused}: {}", essence(&report).join("\n"));
    };
    run("Microsoft.ApiManagement/service");
    // An instance that is missing in its subscription's list is read alone, and its absence is reported.
    let azure = Azure::serve(&recording, Options::default());
    let mistyped = [&instances[..], &[format!("{}x", instances[0])]].concat();
    let report = json(&live(&azure, &mistyped, AS_OF, &[]));
    assert_eq!(report["verdict"], "unknown");
    assert!(report["gaps"].to_string().contains("apim-0x"), "{}", report["gaps"]);
    run("Microsoft.KeyVault/vaults");
    run("Microsoft.Authorization/roleAssignments");
}

#[test]
fn can_reads_a_principals_roles_from_azure() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let vault = instance.replace("Microsoft.ApiManagement/service/apim-live", "Microsoft.KeyVault/vaults/kv-live-a");
    let ask = |principal: &str, action: &str| {
        let output = azure
            .command(PROGRAM)
            .args(["can", principal, action, &vault, "-o", "json", "--fail-on", "never", "--cloud"])
            .arg(azure.cloud_file())
            .output()
            .unwrap();
        json(&output)["answer"].as_str().unwrap().to_owned()
    };
    let get = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
    assert_eq!(ask(&instance, get), "allowed");
    assert_eq!(ask(&instance, "Microsoft.KeyVault/vaults/secrets/setSecret/action"), "denied");
    assert_eq!(ask("00000000-1111-2222-3333-444444444444", get), "denied");
    assert!(azure.requests().iter().any(|r| r.path.starts_with("/v1.0/users/")), "the object id may be of a user");
    assert_eq!(unlisted(&azure), Vec::<String>::new());
    assert_eq!(azure.violations(), Vec::<String>::new());
}

#[test]
fn a_zone_in_a_hub_subscription_is_found() {
    let (recording, instance) = worlds::one();
    let own = instance.split("/resourceGroups/").next().unwrap();
    let hub = "/subscriptions/5f0c7e1a-3b52-4b0e-9c6d-2a1f000000ff";
    let zone = "/resourceGroups/rg-live/providers/Microsoft.Network/privateDnsZones/";
    let text = recording.to_string().replace(&format!("{own}{zone}"), &format!("{hub}{zone}"));
    let mut recording: Value = serde_json::from_str(&text).unwrap();
    for exchange in recording["exchanges"].as_array_mut().unwrap() {
        if exchange["request"]
            .as_str()
            .unwrap()
            .contains(&format!("{own}/providers/Microsoft.Network/privateDnsZones?"))
        {
            exchange["request"] =
                format!("GET {hub}/providers/Microsoft.Network/privateDnsZones?api-version=2024-06-01").into();
        }
    }
    let empty = serde_json::json!({ "request": format!("GET {own}/providers/Microsoft.Network/privateDnsZones?api-version=2024-06-01"),
                                    "status": 200, "body": { "value": [] } });
    recording["exchanges"].as_array_mut().unwrap().push(empty);
    let run = |recording: &Value| {
        let azure = Azure::serve(recording, Options::default());
        json(&live(&azure, std::slice::from_ref(&instance), AS_OF, &[]))
    };
    let report = run(&recording);
    assert_eq!(report["summary"]["paths"]["pass"], 23, "{}", essence(&report).join("\n"));
    // A wrong record in that zone is found too.
    let stale: Value = serde_json::from_str(
        &recording.to_string().replace("\"ipv4Address\":\"10.0.2.4\"", "\"ipv4Address\":\"10.0.2.99\""),
    )
    .unwrap();
    let report = run(&stale);
    assert_ne!(report["summary"]["paths"]["pass"], 23, "{}", essence(&report).join("\n"));
}

#[test]
fn a_refused_list_with_policies_is_reported() {
    let (recording, instance) = worlds::one();
    for child in ["apis", "products", "policyFragments", "policies/policy"] {
        let fault = Fault { at: At::Path(format!("{instance}/{child}")), kind: Kind::Status(403, None), times: None };
        let azure = Azure::serve(&recording, Options { fault: Some(fault), ..Options::default() });
        let report = json(&live(&azure, std::slice::from_ref(&instance), AS_OF, &[]));
        assert_eq!(report["verdict"], "unknown", "{child}");
        assert!(!report["gaps"].as_array().unwrap().is_empty(), "{child}");
    }
}

#[test]
fn an_access_policy_for_a_group_leaves_access_unknown() {
    let (mut recording, instance) = worlds::one();
    let holder = "aaaaaaaa-1111-4222-8333-000000000001";
    for exchange in recording["exchanges"].as_array_mut().unwrap() {
        let mut bodies = vec![&mut exchange["body"]];
        if bodies[0]["value"].is_array() {
            bodies = bodies.remove(0)["value"].as_array_mut().unwrap().iter_mut().collect();
        }
        for body in bodies.into_iter().filter(|b| b["type"] == "Microsoft.KeyVault/vaults") {
            body["properties"]["enableRbacAuthorization"] = false.into();
            body["properties"]["accessPolicies"] = serde_json::json!([{ "tenantId": body["properties"]["tenantId"],
                "objectId": holder, "permissions": { "secrets": ["get", "list"] } }]);
        }
    }
    let run = |status: u16, kind: &str| {
        let mut recording = recording.clone();
        let request = format!("GET https://graph.microsoft.com/v1.0/directoryObjects/{holder}");
        let code = if status == 404 { "Request_ResourceNotFound" } else { "Authorization_RequestDenied" };
        let body = match status {
            200 => serde_json::json!({ "@odata.type": kind, "id": holder }),
            _ => serde_json::json!({ "error": { "code": code, "message": "…" } }),
        };
        let exchange = serde_json::json!({ "request": request, "status": status, "body": body });
        recording["exchanges"].as_array_mut().unwrap().push(exchange);
        let azure = Azure::serve(&recording, Options::default());
        let report = json(&live(&azure, std::slice::from_ref(&instance), AS_OF, &[]));
        let codes = report["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned());
        (report["verdict"].as_str().unwrap().to_owned(), codes.collect::<BTreeSet<String>>())
    };
    assert_eq!(run(200, "#microsoft.graph.group"), ("unknown".to_owned(), BTreeSet::new()));
    assert_eq!(run(403, "").0, "unknown", "a principal that cannot be read may be a group");
    assert_eq!(run(200, "#microsoft.graph.servicePrincipal").0, "fail");
    assert_eq!(run(404, "").0, "fail");
}

/// Reads a recording from `fixtures` and changes it.
fn fixture(file: &str, change: impl Fn(&mut Value)) -> Value {
    let mut recording = fixture::recording(file);
    change(&mut recording);
    recording
}

/// Returns the body of the answer to a request whose path ends with `end`.
fn answer<'r>(recording: &'r mut Value, end: &str) -> &'r mut Value {
    let exchanges = recording["exchanges"].as_array_mut().unwrap();
    let asked = |e: &&mut Value| e["request"].as_str().unwrap().split('?').next().unwrap().ends_with(end);
    &mut exchanges.iter_mut().find(asked).unwrap()["body"]
}

/// A live run follows every form of an app's settings to the vault or account, and agrees with the recording.
#[test]
fn every_form_of_setting_is_followed() {
    const ACCOUNT: &str = "stvanarsdefn0bfc";
    let storage = |settings: Value| {
        fixture("checks/reference.connection-shadowed/fixed", |recording| {
            let own = &mut answer(recording, "/config/appsettings/list")["properties"];
            *own = settings.clone();
            own["FUNCTIONS_EXTENSION_VERSION"] = "~4".into();
        })
    };
    let url = |service: &str| format!("https://{ACCOUNT}.{service}.core.windows.net");
    let by_url = |start: &str| format!("{start}Endpoint={}/;AccountKey=S3KRET", url(&start.to_ascii_lowercase()));
    let key = format!("AccountName={ACCOUNT};AccountKey=S3KRET;EndpointSuffix=core.windows.net");
    let package = format!("{}/azure-webjobs-hosts/app.zip?sv=1&se=2027-01-01T00%3A00%3A00Z&sig=S3KRET", url("blob"));
    let reference = |text: &'static str| {
        fixture("checks/latent.next-fetch-fails/fixed", move |recording| {
            let listed = answer(recording, "/configreferences/appsettings");
            listed["value"][0]["properties"]["reference"] = text.into();
        })
    };
    let worlds = [
        ("a URL of blobs alone", storage(serde_json::json!({"AzureWebJobsStorage": by_url("Blob")}))),
        ("a URL of queues alone", storage(serde_json::json!({"AzureWebJobsStorage": by_url("Queue")}))),
        ("the section", storage(serde_json::json!({"ConnectionStrings__AzureWebJobsStorage": key}))),
        ("the section, with a colon", storage(serde_json::json!({"ConnectionStrings:AzureWebJobsStorage": key}))),
        ("colons", storage(serde_json::json!({"AzureWebJobsStorage:accountName": ACCOUNT}))),
        (
            "a package",
            storage(
                serde_json::json!({"WEBSITE_RUN_FROM_PACKAGE": format!("{}/azure-webjobs-hosts/a.zip", url("blob"))}),
            ),
        ),
        ("a package with a signature", storage(serde_json::json!({"WEBSITE_USE_ZIP": package}))),
        ("commas", reference("@Microsoft.KeyVault(VaultName=kv-bellows-fn-6960,SecretName=db-password)")),
        ("commas and blanks", reference("@Microsoft.KeyVault(VaultName=kv-bellows-fn-6960, SecretName=db-password)")),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (what, recording) in worlds {
        let apps = instances(&recording);
        let file = folder.path().join("recorded.json");
        std::fs::write(&file, recording.to_string()).unwrap();
        let azure = Azure::serve(&recording, Options { settings: true, ..Options::default() });
        let as_of = taken_at(&recording);
        let expected = essence(&from_file(&file, &apps, as_of));
        let report = live(&azure, &apps, as_of, &["--read-settings"]);
        assert_eq!(essence(&json(&report)), expected, "{what}");
        assert!(expected.iter().any(|line| line.starts_with("path ")), "{what}");
        let said = format!("{}{}", String::from_utf8_lossy(&report.stdout), String::from_utf8_lossy(&report.stderr));
        assert!(!said.contains("S3KRET"), "{what}");
    }
}

/// The value of a row of a vault or of a backup.
fn value_of(rows: &Value, name: &str) -> String {
    let all = rows.as_array().into_iter().flatten();
    let mut own = all.filter(|row| row["name"] == name).map(|row| format!("{}: {}", row["standing"], row["value"]));
    own.next().unwrap_or_else(|| panic!("no row `{name}` in {rows}"))
}

#[test]
fn a_live_run_reads_who_watches_a_vault_and_what_it_leaves_out() {
    with_estates("a_live_run_reads_who_watches_a_vault_and_what_it_leaves_out", |folder| {
        let all = estates(folder);
        let (_, recording, vaults) = all.iter().find(|(name, ..)| name.starts_with("rsv-jobs-agent")).unwrap();
        let mut recording = recording.clone();
        let vault = &vaults[0];
        let subscription = vault.split("/resourceGroups/").next().unwrap();
        let of_type = |one: &Value, kind: &str| one["type"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(kind));
        let bodies: Vec<Value> =
            recording["exchanges"].as_array().unwrap().iter().map(|one| one["body"].clone()).collect();
        let region = bodies
            .iter()
            .find(|body| of_type(body, "Microsoft.RecoveryServices/vaults"))
            .map(|body| body["location"].clone())
            .unwrap();
        let mut machines: Vec<Value> =
            bodies.into_iter().filter(|body| of_type(body, "Microsoft.Compute/virtualMachines")).collect();
        let new = format!("{subscription}/resourceGroups/rg-new/providers/Microsoft.Compute/virtualMachines/vm-new");
        machines.push(serde_json::json!({ "id": new, "name": "vm-new", "type": "Microsoft.Compute/virtualMachines",
            "location": region, "properties": {} }));
        let workspace =
            format!("{subscription}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/l1");
        let settings = format!("{vault}/providers/Microsoft.Insights/diagnosticSettings");
        let setting = serde_json::json!({ "id": format!("{settings}/all"), "name": "all",
            "type": "Microsoft.Insights/diagnosticSettings",
            "properties": { "workspaceId": workspace, "logs": [{ "categoryGroup": "allLogs", "enabled": true }] } });
        let exchanges = recording["exchanges"].as_array_mut().unwrap();
        for (path, version, value) in [
            (settings, "2021-05-01-preview", vec![setting]),
            (format!("{subscription}/providers/Microsoft.Compute/virtualMachines"), "2024-07-01", machines),
        ] {
            let request = format!("GET {path}?api-version={version}");
            exchanges.push(serde_json::json!({ "request": request, "status": 200, "body": { "value": value } }));
        }
        let azure = Azure::serve(&recording, Options::default());
        let report = json(&live(&azure, vaults, taken_at(&recording), &[]));
        assert_eq!(azure.violations(), Vec::<String>::new());
        let rows = &report["backupVaults"][0]["posture"];
        assert_eq!(value_of(rows, "logs of jobs"), "\"guards\": \"sent to workspace `l1`\"");
        // Other vaults of the subscription were not asked for.
        let value = value_of(rows, "machines without backup");
        assert!(value.starts_with("\"unknown\"") && value.contains("vm-new"), "{value}");
    });
}

#[test]
fn a_live_run_with_a_script_reads_who_hears_of_failed_jobs() {
    with_estates("a_live_run_with_a_script_reads_who_hears_of_failed_jobs", |folder| {
        let all = estates(folder);
        let (_, recording, instances) =
            all.iter().find(|(name, ..)| name.starts_with("apim-backup-job-failed")).unwrap();
        let mut recording = recording.clone();
        let script = script_of(&recording).unwrap();
        let exchanges = recording["exchanges"].as_array_mut().unwrap();
        let is_account = |one: &Value| {
            let kind = one["body"]["type"].as_str().unwrap_or_default();
            kind.eq_ignore_ascii_case("Microsoft.Automation/automationAccounts")
        };
        let account = exchanges.iter().find(|one| is_account(one)).unwrap()["body"]["id"].as_str().unwrap().to_owned();
        let subscription = account.split("/resourceGroups/").next().unwrap().to_owned();
        let dimension = serde_json::json!({ "name": "Status", "operator": "Include", "values": ["Failed"] });
        let criteria = serde_json::json!({ "allOf": [{ "metricName": "TotalJob", "dimensions": [dimension] }] });
        let alert = serde_json::json!({
            "id": format!("{subscription}/resourceGroups/rg/providers/Microsoft.Insights/metricAlerts/failed"),
            "name": "failed", "type": "Microsoft.Insights/metricAlerts", "location": "global",
            "properties": { "enabled": true, "scopes": [account], "criteria": criteria } });
        let path = format!("{subscription}/providers/Microsoft.Insights/metricAlerts");
        exchanges.push(serde_json::json!({ "request": format!("GET {path}?api-version=2018-03-01"), "status": 200,
            "body": { "value": [alert] } }));
        let azure = Azure::serve(&recording, Options::default());
        let file = azure.folder().join("backup.sh");
        std::fs::write(&file, &script).unwrap();
        let report = json(&live(&azure, instances, taken_at(&recording), &["--script", file.to_str().unwrap()]));
        assert_eq!(azure.violations(), Vec::<String>::new());
        let path = report["paths"].as_array().unwrap().iter().find(|path| path["posture"].is_array()).unwrap();
        assert_eq!(value_of(&path["posture"], "alerts for failed jobs"), "\"guards\": \"metric alert `failed`\"");
        assert!(value_of(&path["posture"], "newest job").starts_with("\"weak\""), "{path}");
    });
}
