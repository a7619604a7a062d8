//! Requests for backups are read out of scripts: what they say, where, and what is wrong with it. A script is never run,
//! what is not literal is not known, and no secret of it is shown.

#![cfg(feature = "scripts")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use apim_doctor_core::v1::Report;
use apim_doctor_core::{Estate, Input, Options, Verdict, diagnose};
use common::{assert_none, options, with_shared};
use serde_json::{Value, json};

/// Reads and diagnoses a script alone.
fn alone(name: &str, bytes: Vec<u8>) -> Report {
    with(name, bytes, Vec::new())
}

/// Reads and diagnoses a script, with recordings beside it.
fn with(name: &str, bytes: Vec<u8>, beside: Vec<Input>) -> Report {
    let inputs = beside.into_iter().chain([Input::script(name, bytes)]).collect();
    let (estate, problems) = Estate::read(inputs);
    assert!(problems.is_empty(), "{name}: {problems:?}");
    diagnose(&estate, &options())
}

/// What a report says of each request of a script, in the order of the expected answers.
fn said(report: &Report, file: &str) -> Vec<Value> {
    let of_path = |path: &apim_doctor_core::v1::Path| {
        let script = path.script.as_ref()?;
        let codes: BTreeSet<&str> = report
            .findings
            .iter()
            .filter(|finding| finding.affects.contains(&path.id))
            .map(|finding| finding.code.as_str())
            .collect();
        Some(json!({
            "file": file, "operation": script.operation, "line": script.line, "accessType": script.access_type,
            "account": script.account, "container": script.container, "instance": script.instance, "codes": codes,
        }))
    };
    report.paths.iter().filter_map(of_path).collect()
}

fn rows(folder: &Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Compares what is said of every file with what is expected. A code comes with a corrected command.
fn as_expected(folder: &Path, rows: &[Value]) {
    let mut complaints = Vec::new();
    let files: BTreeSet<&str> = rows.iter().map(|row| row["file"].as_str().unwrap()).collect();
    for file in files {
        let report = alone(file, std::fs::read(folder.join(file)).unwrap());
        let wanted: Vec<&Value> =
            rows.iter().filter(|row| row["file"] == file && !row["operation"].is_null()).collect();
        let said = said(&report, file);
        let same = |row: &Value, said: &Value| {
            let names = ["operation", "line", "accessType", "account", "container", "codes"];
            let instance = row.get("instance").is_none_or(|instance| *instance == said["instance"]);
            instance && names.iter().all(|name| row[*name] == said[*name])
        };
        let missing = wanted.iter().filter(|row| !said.iter().any(|said| same(row, said)));
        complaints.extend(missing.map(|row| format!("{file}: expected {row}\n  said {said:?}")));
        if said.len() != wanted.len() {
            complaints.push(format!("{file}: {} requests, expected {}", said.len(), wanted.len()));
        }
        for finding in &report.findings {
            let is_correction = |title: &str| title.starts_with("correct ");
            let mut fixes = finding.fixes.iter().filter(|fix| is_correction(&fix.title));
            if !fixes.any(|fix| !fix.az.is_empty() || !fix.powershell.is_empty()) {
                complaints.push(format!("{file}: {} comes without a corrected command", finding.code));
            }
        }
        for path in &report.paths {
            let (at, script) = (&path.declared_at, path.script.as_ref().unwrap());
            if at.file.as_deref() != Some(file) || at.line.is_none() || at.column.is_none() || script.column == 0 {
                complaints.push(format!("{file}: the path is declared at {at:?}"));
            }
        }
    }
    assert_none("scripts are read differently", &complaints);
}

#[test]
fn the_scripts_of_the_documents_are_read_as_expected() {
    with_shared("the_scripts_of_the_documents_are_read_as_expected", "cases/seeds", |folder| {
        let rows = rows(folder, "scripts.jsonl");
        assert!(rows.len() >= 13);
        as_expected(folder, &rows);
    });
}

#[test]
fn scripts_in_other_styles_are_read_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/scripts");
    let rows = rows(&folder, "expected.jsonl");
    let listed: BTreeSet<&str> = rows.iter().map(|row| row["file"].as_str().unwrap()).collect();
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.filter(|file| !file.ends_with(".jsonl")).collect();
    assert_eq!(files.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
    assert!(files.len() >= 12);
    as_expected(&folder, &rows);
}

#[test]
fn what_has_nothing_to_do_with_backups_is_said() {
    with_shared("what_has_nothing_to_do_with_backups_is_said", "cases/seeds", |folder| {
        let report = alone("no-backup.ps1", std::fs::read(folder.join("no-backup.ps1")).unwrap());
        assert!(report.paths.is_empty());
        let notes: Vec<(usize, &str)> =
            report.coverage.not_used.iter().map(|note| (note.line, note.what.as_str())).collect();
        assert!(
            notes.iter().any(|(line, what)| *line == 2 && what.contains("does not take `-ContainerType`")),
            "{notes:?}"
        );
        assert!(notes.iter().any(|(line, what)| *line == 3 && what.contains("Log Analytics agent")), "{notes:?}");
        assert!(notes.iter().any(|(_, what)| what.contains("sends no request")), "{notes:?}");
    });
}

/// A recording whose instance, account and container have the names of the documents' script.
fn renamed(folder: &Path, file: &str) -> Input {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let exchanges = document["exchanges"].as_array().unwrap();
    let sent = exchanges.iter().find(|e| e["request"].as_str().unwrap().contains("/backup?")).unwrap();
    let path: Vec<&str> = sent["request"].as_str().unwrap().split(['/', '?']).collect();
    let at = |name: &str| path[path.iter().position(|part| *part == name).unwrap() + 1];
    let names = [
        (at("subscriptions"), "00000000-1111-2222-3333-444444444444"),
        (at("resourceGroups"), "rg-apim"),
        (at("service"), "apim-contoso"),
        (sent["send"]["storageAccount"].as_str().unwrap(), "stcontosobackup"),
        (sent["send"]["containerName"].as_str().unwrap(), "apim-backups"),
    ];
    let text = names.iter().fold(text.clone(), |text, (from, to)| text.replace(*from, to));
    Input::new(file, text)
}

#[test]
fn the_repaired_script_needs_the_role_of_the_instance() {
    with_shared("the_repaired_script_needs_the_role_of_the_instance", "cases", |folder| {
        let script = || std::fs::read(folder.join("seeds/backup-after.ps1")).unwrap();
        let estates = folder.join("estates");
        let path = |file: &str| {
            let report = with("backup-after.ps1", script(), vec![renamed(&estates, file)]);
            let path = report.paths.iter().find(|path| path.script.is_some()).unwrap().clone();
            let asks = report.gaps.iter().any(|gap| gap.what.contains("may start the backup"));
            assert!(asks, "{file}: who runs the script is not known: {:?}", report.gaps);
            (path.verdict, path.root_cause.clone().map(|code| code.as_str().to_owned()), path)
        };
        let (verdict, cause, _) = path("backup-role-on-caller-only.snapshot.json");
        assert_eq!((verdict, cause.as_deref()), (Verdict::Fail, Some("authorization.no-grant")));
        let (verdict, cause, healthy) = path("backup-identity-healthy.snapshot.json");
        assert_eq!((verdict, cause), (Verdict::Pass, None), "{healthy:#?}");
    });
}

const SUBSCRIPTION: &str = "00000000-1111-2222-3333-444444444444";

fn instance(subscription: &str, group: &str, name: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ApiManagement/service/{name}"),
        "type": "Microsoft.ApiManagement/service", "location": "westeurope", "sku": {"name": "Premium"},
        "identity": {"type": "SystemAssigned", "principalId": "11111111-1111-1111-1111-111111111111"},
        "properties": {"provisioningState": "Succeeded"},
    })
}

fn resources(items: &[Value]) -> Input {
    Input::new("resources.json", Value::from(items.to_vec()).to_string())
}

const SIMPLE: &str = "$context = New-AzStorageContext -StorageAccountName stbackup\n\
    Backup-AzApiManagement -ResourceGroupName rg-apim -Name apim-contoso -StorageContext $context \
    -TargetContainerName apim-backups -AccessType SystemAssignedManagedIdentity\n";

#[test]
fn a_script_is_joined_to_the_only_instance_that_it_can_mean() {
    let own = |items: &[Value], script: &str| {
        let report = with("backup.ps1", script.into(), vec![resources(items)]);
        let [path] = report.paths.as_slice() else { panic!("{:?}", report.paths) };
        path.resource.as_str().to_owned()
    };
    let one = instance(SUBSCRIPTION, "rg-apim", "apim-contoso");
    let id = one["id"].as_str().unwrap().to_owned();
    assert_eq!(own(std::slice::from_ref(&one), SIMPLE), id);
    // The group decides between two; without it neither is guessed.
    let other = instance(SUBSCRIPTION, "rg-other", "apim-contoso");
    assert_eq!(own(&[one.clone(), other.clone()], SIMPLE), id);
    let groupless = SIMPLE.replace("-ResourceGroupName rg-apim", "-ResourceGroupName $group");
    assert_eq!(own(std::slice::from_ref(&one), &groupless), id);
    assert!(own(&[one.clone(), other], &groupless).contains("/SUBSCRIPTION/"));
    // Another subscription than the script's is not meant.
    let elsewhere = format!("Set-AzContext -Subscription 99999999-0000-0000-0000-000000000000\n{SIMPLE}");
    assert!(own(std::slice::from_ref(&one), &elsewhere).contains("99999999-0000-0000-0000-000000000000"));
    // A name that is not literal is not guessed, although only one instance is there.
    let nameless = SIMPLE.replace("apim-contoso", "$env:APIM");
    let report = with("backup.ps1", nameless.into_bytes(), vec![resources(&[one])]);
    assert_eq!(report.paths[0].verdict, Verdict::Unknown);
    let asks = report.gaps.iter().any(|gap| gap.what.contains("environment variable `apim`"));
    assert!(asks, "{:?}", report.gaps);
}

#[test]
fn facts_name_the_line_and_the_column() {
    let text = SIMPLE.replace("apim-backups", "ApimBackups");
    let report = alone("backup.ps1", text.clone().into_bytes());
    let finding = report.findings.iter().find(|finding| finding.code.as_str() == "reference.syntax").unwrap();
    let fact = finding.evidence.iter().find(|fact| fact.column.is_some()).unwrap();
    let line = text.lines().nth(1).unwrap();
    assert_eq!((fact.line, fact.column), (Some(2), Some(line.find("ApimBackups").unwrap() + 1)));
    assert_eq!(fact.file.as_deref(), Some("backup.ps1"));
    // Behind a variable, the literal is what has to be changed.
    let text = format!("$container = 'ApimBackups'\n{}", SIMPLE.replace("apim-backups", "$container"));
    let report = alone("backup.ps1", text.into_bytes());
    let finding = &report.findings[0];
    assert!(finding.evidence.iter().any(|fact| (fact.line, fact.column) == (Some(1), Some(14))), "{finding:?}");
    let command = &finding.fixes[0].powershell[0];
    assert!(command.contains("-TargetContainerName 'apimbackups'"), "{command}");
}

#[test]
fn a_script_among_the_files_is_recognized() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/scripts");
    for (file, name) in [
        ("function-and-loop.ps1", "script.txt"),
        ("rest-here-string.ps1", "downloaded"),
        ("variables.sh", "backup"),
        ("loop.sh", "notes.txt"),
        ("azure-pipelines.yml", "pipeline.txt"),
        ("workflow.yml", "workflow.yaml"),
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let (estate, problems) = Estate::read(vec![Input::new(name, bytes)]);
        assert!(problems.is_empty(), "{file}: {problems:?}");
        let paths = diagnose(&estate, &Options::default()).paths;
        assert!(!paths.is_empty() && paths.iter().all(|path| path.script.is_some()), "{file}");
    }
    // Windows PowerShell writes UTF-16.
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(SIMPLE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let (estate, problems) = Estate::read(vec![Input::new("backup.ps1", utf16)]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(diagnose(&estate, &Options::default()).paths.len(), 1);
}

#[test]
fn no_data_is_taken_for_a_script() {
    for text in [
        "ERROR: Please run 'az login' to setup account.",
        "- name: kv\n  id: /subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv\n",
        "id: /subscriptions/s/x\nnote: Connect-AzAccount\n",
        "{\"note\": \"az apim backup\"}",
        "resource apim 'Microsoft.ApiManagement/service@2024-05-01' = {\n}\n",
    ] {
        let (estate, _) = Estate::read(vec![Input::new("file.txt", text)]);
        assert!(!estate.coverage().aside.iter().any(|note| note.what.contains("script")), "{text}");
    }
}

#[test]
fn hostile_scripts_end_soon() {
    let deep = |open: &str, close: &str, n: usize| format!("$x = {}1{}\n{SIMPLE}", open.repeat(n), close.repeat(n));
    let call =
        "az apim backup -n a -g g --storage-account-name s --storage-account-container c --storage-account-key k\n";
    let mut texts: Vec<(&str, Vec<u8>)> = vec![
        ("deep.ps1", deep("(", ")", 20_000).into_bytes()),
        ("deep-blocks.ps1", deep("@{a=", "}", 5_000).into_bytes()),
        ("deep-open.ps1", "$(".repeat(20_000).into_bytes()),
        ("deep-if.sh", format!("{}{call}{}", "if true; then\n".repeat(3_000), "fi\n".repeat(3_000)).into_bytes()),
        ("deep.sh", format!("x={}{}\n{call}", "$(echo ".repeat(5_000), ")".repeat(5_000)).into_bytes()),
        ("quotes.sh", "\"'`".repeat(50_000).into_bytes()),
        ("quotes.ps1", "\"'`@".repeat(50_000).into_bytes()),
        ("large.ps1", SIMPLE.repeat(5 << 20 >> 8).into_bytes()),
        ("large.sh", "a=1\n".repeat(5 << 18).into_bytes()),
        ("binary.ps1", (0..200_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("zeros.sh", vec![0; 100_000]),
        ("empty.ps1", Vec::new()),
        ("many.sh", call.repeat(5_000).into_bytes()),
        ("deep.yml", format!("steps:\n- script: x\n  a: {}", "[".repeat(100_000)).into_bytes()),
        (
            "aliases.yml",
            b"steps:\n- &a [script: x]\n- &b [*a,*a,*a,*a]\n- &c [*b,*b,*b]\n- bash: az apim backup\n".to_vec(),
        ),
    ];
    // Functions that call each other, texts that double, and loops in loops.
    let doubling: String = (0..60).map(|_| "$a = \"$a$a\"\n").collect();
    texts.push(("doubling.ps1", format!("$a = 'x'\n{doubling}{SIMPLE}").into_bytes()));
    let calls: String = (0..40).map(|n| format!("function f{n} {{ f{}; f{} }}\n", n + 1, n + 1)).collect();
    texts.push(("calls.ps1", format!("{calls}f0\n{SIMPLE}").into_bytes()));
    let loops: String = (0..30).map(|n| format!("foreach ($i{n} in 1,2,3,4) {{\n")).collect();
    texts.push(("loops.ps1", format!("{loops}{SIMPLE}{}", "}\n".repeat(30)).into_bytes()));
    let lists: String = (0..40).map(|_| "$l = $l + $l\n").collect();
    texts.push(("lists.ps1", format!("$l = @('a','b')\n{lists}foreach ($n in $l) {{ {SIMPLE} }}").into_bytes()));
    let branches: String = (0..2_000).map(|n| format!("if ($x) {{ $v{n} = 1 }}\n")).collect();
    texts.push(("branches.ps1", format!("{branches}{SIMPLE}").into_bytes()));
    for (name, bytes) in texts {
        let started = Instant::now();
        let (estate, problems) = Estate::read(vec![Input::script(name, bytes)]);
        let report = diagnose(&estate, &options());
        let took = started.elapsed();
        // A thread that is shared with other tests may wait.
        println!("{name}: {took:?}");
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
        let said = !problems.is_empty() || !report.paths.is_empty() || !report.coverage.not_used.is_empty();
        assert!(said, "{name}: nothing was said");
    }
}

#[test]
fn no_secret_of_a_script_is_shown() {
    const SECRET: &str = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zg==";
    const PASSWORD: &str = "hunter2-hunter2";
    let cmdlet = "Backup-AzApiManagement -ResourceGroupName rg-apim -Name apim-contoso -StorageContext $context";
    let url =
        "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/a/backup?api-version=2024-05-01";
    let scripts = [
        (
            "key.ps1",
            format!(
                "$context = New-AzStorageContext -StorageAccountName st -StorageAccountKey '{SECRET}'\n{cmdlet} -TargetContainerName c\n"
            ),
        ),
        (
            "connection.ps1",
            format!(
                "$context = New-AzStorageContext -ConnectionString 'DefaultEndpointsProtocol=https;AccountName=st;AccountKey={SECRET}'\n{cmdlet} -TargetContainerName c\n"
            ),
        ),
        (
            "sas.ps1",
            format!(
                "$context = New-AzStorageContext -StorageAccountName st -SasToken '?sv=2022&sig={SECRET}'\n{cmdlet} -TargetContainerName c\n"
            ),
        ),
        (
            "mixed.ps1",
            format!(
                "$key = '{SECRET}'\n$context = New-AzStorageContext -StorageAccountName $key -StorageAccountKey $key\n{cmdlet} -TargetContainerName $key -TargetBlobName 'password={PASSWORD}' -AccessType $key\n"
            ),
        ),
        (
            "login.sh",
            format!(
                "az login --service-principal -u 5d0c7f0e-6a53-4a8f-9a4c-2c5d0b1f7e11 -p {PASSWORD} --tenant t\naz apim backup -n a -g g --storage-account-name st --storage-account-key {SECRET} --storage-account-container c --backup-name b\n"
            ),
        ),
        (
            "body.sh",
            format!(
                "az rest --method post --url {url} --body '{{\"storageAccount\":\"st\",\"containerName\":\"c\",\"backupName\":\"b\",\"accessKey\":\"{SECRET}\"}}'\n"
            ),
        ),
        ("odd.sh", format!("az rest --method post --url '{url}&sig={SECRET}' --body 'AccountKey={SECRET}'\n")),
        (
            "pipeline.yml",
            format!(
                "variables:\n  key: {SECRET}\nsteps:\n- bash: |\n    az apim backup -n a -g g --storage-account-name st --storage-account-container c --storage-account-key $(key) --backup-name {SECRET}\n"
            ),
        ),
    ];
    for (name, text) in scripts {
        let (estate, problems) = Estate::read(vec![Input::script(name, text)]);
        let report = diagnose(&estate, &options());
        assert!(!report.paths.is_empty(), "{name}");
        // A script alone is not written as a recording.
        let fixed = apim_doctor_core::fixed_recording(&estate, &options()).unwrap_err();
        let said = format!("{}\n{problems:?}\n{fixed:?}", serde_json::to_string(&report).unwrap());
        for secret in [SECRET, PASSWORD] {
            assert!(!said.contains(secret), "{name}: {said}");
        }
    }
}

#[test]
fn what_is_not_literal_is_not_guessed() {
    for (what, script) in [
        ("access type", SIMPLE.replace("-AccessType SystemAssignedManagedIdentity", "-AccessType $env:TYPE")),
        ("storage account", SIMPLE.replace("stbackup", "(Get-Content account.txt)")),
        ("container", SIMPLE.replace("apim-backups", "$(Get-Date -Format yyyy)-backups")),
    ] {
        let one = instance(SUBSCRIPTION, "rg-apim", "apim-contoso");
        let report = with("backup.ps1", script.into_bytes(), vec![resources(&[one])]);
        assert_eq!(report.paths[0].verdict, Verdict::Unknown, "{what}");
        assert!(report.gaps.iter().any(|gap| gap.what.contains(what)), "{what}: {:?}", report.gaps);
        assert!(report.findings.is_empty(), "{what}: {:?}", report.findings);
    }
    // What is set again, or only sometimes, is not what it was.
    for change in [
        "if ($env:X) { $account = 'other' }",
        "while ($true) { $account = 'other' }",
        ". ./settings.ps1",
        "Invoke-Expression $code",
        "switch ($env:X) {\n  'a' { $account = 'other' }\n}",
        "try { Get-Item x } catch { $account = 'other' }",
        "$account = Get-Content account.txt",
        "$account = $account.Substring(2)",
    ] {
        let script = format!("$account = 'stbackup'\n{change}\n{}", SIMPLE.replace("stbackup", "$account"));
        let report = alone("backup.ps1", script.into_bytes());
        assert_eq!(report.paths[0].script.as_ref().unwrap().account, None, "{change}");
    }
    // An argument that is not there may stand where the grammar fails, or come from a default.
    for before in ["$PSDefaultParameterValues['*-AzApiManagement:AccessType'] = 'SystemAssignedManagedIdentity'", ""] {
        let after = if before.is_empty() { "-Odd <<< -AccessType SystemAssignedManagedIdentity" } else { "" };
        let call = SIMPLE.replace("-AccessType SystemAssignedManagedIdentity", after);
        let report = alone("backup.ps1", format!("{before}\n{call}").into_bytes());
        assert!(report.paths.iter().all(|path| path.verdict == Verdict::Unknown), "{before}: {report:#?}");
    }
    let unchanged =
        format!("$account = 'stbackup'\nif ($env:X) {{ $other = 1 }}\n{}", SIMPLE.replace("stbackup", "$account"));
    let report = alone("backup.ps1", unchanged.into_bytes());
    assert_eq!(report.paths[0].script.as_ref().unwrap().account.as_deref(), Some("stbackup"));
}

/// A recorded backup whose Activity Log says this of it.
fn logged(events: &[Value]) -> (Verdict, Vec<String>, Vec<String>) {
    let id = instance(SUBSCRIPTION, "rg-apim", "apim-contoso")["id"].as_str().unwrap().to_owned();
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            let mut event = event.clone();
            event["resourceId"] = json!(id);
            event["operationName"] = json!({"value": "Microsoft.ApiManagement/service/backup/action"});
            event
        })
        .collect();
    let send = json!({"storageAccount": "st", "containerName": "backups", "backupName": "b",
                      "accessType": "SystemAssignedManagedIdentity"});
    let log = format!(
        "GET /subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01"
    );
    let snapshot = json!({"apimDoctor": "snapshot/v1", "exchanges": [
        {"request": format!("GET {id}?api-version=2024-05-01"), "status": 200,
         "body": instance(SUBSCRIPTION, "rg-apim", "apim-contoso")},
        {"request": format!("POST {id}/backup?api-version=2024-05-01"), "status": 202, "send": send},
        {"request": log, "status": 200, "body": {"value": events}},
    ]});
    let report = common::report("log.json", snapshot.to_string().into_bytes());
    let gate = report.paths[0].gates[0].clone();
    let codes = gate.findings.iter().map(|code| code.as_str().to_owned()).collect();
    (gate.verdict, codes, gate.gaps.clone())
}

#[test]
fn a_refusal_in_the_activity_log_without_a_principal_leaves_the_caller_open() {
    let event = |status: &str, sub: &str, hour: u8| {
        json!({"status": {"value": status}, "subStatus": {"value": sub}, "caller": "somebody@contoso.com",
               "eventTimestamp": format!("2026-11-21T{hour:02}:00:00Z")})
    };
    let start = |gaps: &[String]| gaps.iter().any(|gap| gap.contains("who"));
    let (verdict, codes, gaps) = logged(&[event("Failed", "Forbidden", 1)]);
    assert!(verdict == Verdict::Unknown && codes.is_empty() && start(&gaps), "{verdict:?} {codes:?} {gaps:?}");
    let (verdict, _, gaps) = logged(&[event("Failed", "Conflict", 1)]);
    assert!(verdict == Verdict::Unknown && start(&gaps), "{verdict:?} {gaps:?}");
    // After a later success nothing is open.
    let (_, codes, gaps) = logged(&[event("Failed", "Forbidden", 1), event("Succeeded", "", 2)]);
    assert!(codes.is_empty() && !start(&gaps), "{codes:?} {gaps:?}");
    let mut named = event("Failed", "Forbidden", 3);
    named["authorization"] = json!({"evidence": {"principalId": "22222222-2222-2222-2222-222222222222"}});
    let (verdict, codes, _) = logged(&[named]);
    assert_eq!((verdict, codes), (Verdict::Fail, vec!["caller.operator-lacks-permission".to_owned()]));
}
