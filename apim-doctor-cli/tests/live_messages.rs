//! Messages of live runs: which data is missing, why, and what to do.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use std::process::Output;

use azure::runs::PROGRAM;
use azure::{At, Azure, Fault, Kind, Options, Tool, worlds};
use serde_json::Value;

fn fault(path: &str, kind: Kind) -> Options {
    Options { fault: Some(Fault { at: At::Path(path.to_owned()), kind, times: None }), ..Options::default() }
}

/// Runs a command with the cloud file.
fn run(azure: &Azure, environment: Vec<(&'static str, String)>, arguments: &[&str]) -> Output {
    let mut command = azure.command_with(PROGRAM, environment);
    command.args(arguments).arg("--cloud").arg(azure.cloud_file()).output().unwrap()
}

/// Returns standard error as one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).replace(['│', '|'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn has(output: &Output, expected: &[&str]) {
    let said = said(output);
    for text in expected {
        assert!(said.contains(text), "`{text}` is not in: {said}");
    }
}

/// Returns the recorded status and body of a request to vault `kv-live-a`.
fn of_vault(output: &Output, path: &str) -> (u64, String) {
    let recording: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)));
    let asked = format!("GET https://kv-live-a.vault.azure.net{path}");
    let exchanges = recording["exchanges"].as_array().unwrap().iter();
    let request = |e: &&Value| {
        let path = e["request"].as_str().unwrap().split('?').next().unwrap();
        path.trim_end_matches('/') == asked
    };
    let found = exchanges.clone().find(request);
    let found = found.unwrap_or_else(|| panic!("`{asked}` is not in {:#?}", exchanges.collect::<Vec<_>>()));
    (found["status"].as_u64().unwrap(), found["body"].to_string())
}

const FROM_VAULTS: [&str; 4] = ["--ask-vault", "-f", "-", "collect"];

fn collect_from_vaults(azure: &Azure, environment: Vec<(&'static str, String)>, more: &[&str]) -> Output {
    let (_, instance) = worlds::one();
    let [ask, f, stdout, collect] = FROM_VAULTS;
    run(azure, environment, &[&[collect, &instance, ask, f, stdout], more].concat())
}

#[test]
fn a_vault_that_refuses_without_a_challenge_is_recorded_and_reported() {
    let body = r#"{"error": {"code": "Forbidden", "innererror": {"code": "ForbiddenByConnection"}}}"#;
    let closed = Kind::Answer(403, "application/json", body);
    let azure = Azure::serve(&worlds::one().0, fault("/secrets", closed));
    let output = collect_from_vaults(&azure, azure.sign_in(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let (status, body) = of_vault(&output, "/secrets");
    assert!(status == 403 && body.contains("ForbiddenByConnection"), "{status} {body}");
    has(
        &output,
        &["could not read `/secrets` of vault `kv-live-a.vault.azure.net`: refused (403 ForbiddenByConnection)"],
    );
}

#[cfg(unix)]
#[test]
fn a_failed_token_for_a_vault_is_recorded_and_reported() {
    let azure = Azure::serve(&worlds::one().0, Options::default());
    let environment = azure.sign_in_tools(Tool::SignedIn, Tool::Absent);
    let (_, folder) = environment.iter().find(|(name, _)| *name == "PATH").unwrap();
    let az = std::path::Path::new(folder).join("az");
    let script = std::fs::read_to_string(&az).unwrap();
    let refuse = "case \"$*\" in *//vault.*) echo 'ERROR: AADSTS500011: no such resource' >&2; exit 1;; esac";
    // Insert it after the line that logs the call.
    let (before, after) = script.split_once("tool-calls'\n").unwrap();
    std::fs::write(&az, format!("{before}tool-calls'\n{refuse}\n{after}")).unwrap();
    let output = collect_from_vaults(&azure, environment, &[]);
    for path in ["/secrets", "/certificates/gateway"] {
        let (status, body) = of_vault(&output, path);
        assert!(status == 0 && body.contains("AADSTS500011"), "{path}: {status} {body}");
    }
    has(&output, &["could not read `/secrets` of vault `kv-live-a.vault.azure.net`: not answered (", "AADSTS500011"]);
    let calls = azure.tool_calls();
    let for_vaults = calls.iter().filter(|call| call.contains("//vault.")).count();
    assert_eq!(for_vaults, 1, "a refused token is not requested again: {calls:#?}");
}

#[test]
fn vault_requests_cut_off_by_the_timeout_are_recorded_as_unanswered() {
    let azure = Azure::serve(&worlds::one().0, fault("/secrets", Kind::Silence));
    let output = collect_from_vaults(&azure, azure.sign_in(), &["--timeout", "2"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    has(&output, &["time limit of 2 s reached"]);
    for path in ["/secrets", "/certificates/gateway"] {
        assert_eq!(of_vault(&output, path).0, 0, "{path}");
    }
}

#[test]
fn a_failed_search_does_not_report_a_missing_instance() {
    let search = "/providers/Microsoft.ResourceGraph/resources";
    for (kind, expected) in [
        (Kind::Status(403, None), "the request was refused (403 AuthorizationFailed)"),
        (Kind::Html, "the request was not answered (the answer is not from Azure"),
        (Kind::Silence, "the request was not answered ("),
    ] {
        let azure = Azure::serve(&worlds::one().0, fault(search, kind.clone()));
        for command in [&["diagnose"][..], &["collect", "-f", "-"][..]] {
            let output = run(&azure, azure.sign_in(), &[command, &["-n", "apim-live", "--timeout", "2"]].concat());
            assert_ne!(output.status.code(), Some(0), "{kind:?}");
            has(&output, &["`apim-live`: the request was", expected]);
            has(&output, &["give its resource id"]);
        }
    }
}

#[test]
fn an_empty_recording_says_why() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let collect = |azure: &Azure, more: &[&str]| run(azure, azure.sign_in(), &[&["collect", "-f", "-"], more].concat());
    let absent = collect(&azure, &["-n", "absent"]);
    assert_eq!(absent.status.code(), Some(3), "{}", said(&absent));
    has(&absent, &["`absent` was found among the resources that you can read", "az login --tenant"]);
    let whole = collect(&azure, &[&instance]);
    let count = |output: &Output| {
        let recording: Value = serde_json::from_slice(&output.stdout).unwrap();
        recording["exchanges"].as_array().unwrap().len()
    };
    let all = count(&whole);
    has(&whole, &[&format!(" of {all} requests were answered; the recording is in standard output")]);
    let refused = Azure::serve(&recording, fault(&instance, Kind::Status(403, None)));
    let refused = collect(&refused, &[&instance]);
    assert_eq!(refused.status.code(), Some(0), "the resources below the instance were read: {}", said(&refused));
    let nothing = Fault { at: At::EveryRead, kind: Kind::Status(403, None), times: None };
    let nothing = Azure::serve(&recording, Options { fault: Some(nothing), ..Options::default() });
    let nothing = collect(&nothing, &[&instance]);
    assert_eq!(nothing.status.code(), Some(3), "{}", said(&nothing));
    has(&nothing, &["was read: the request was refused (403", "apim-doctor permissions"]);
    has(&nothing, &[&format!("0 of {} requests", count(&nothing))]);
}

#[test]
fn one_role_is_suggested_for_all_refused_reads() {
    let (recording, instance) = worlds::one();
    let run = |recording: &Value| {
        let azure = Azure::serve(recording, Options::default());
        let output = run(&azure, azure.sign_in(), &["diagnose", &instance]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut blind = recording;
    let exchanges = blind["exchanges"].as_array_mut().unwrap();
    exchanges.retain(|exchange| !exchange["request"].as_str().unwrap().contains("/privateEndpoints/"));
    let text = run(&blind);
    assert!(text.contains("One role reads all that was refused: `apim-doctor permissions` prints it."), "{text}");
}

#[test]
fn a_failed_sign_in_explains_the_selected_method() {
    let (recording, instance) = worlds::one();
    let azure = Azure::serve(&recording, Options::default());
    let nowhere = azure.sign_in_tools(Tool::SignedOut, Tool::SignedOut);
    for (auth, expected, other) in [
        ("workload", "federated credential", "az login"),
        ("cli", "run `az login`", "AZURE_CLIENT_SECRET"),
        ("azd", "run `azd auth login`", "AZURE_CLIENT_SECRET"),
        ("env", "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET", "az login"),
    ] {
        let output = run(&azure, nowhere.clone(), &["diagnose", &instance, "--auth", auth]);
        assert_eq!(output.status.code(), Some(2));
        has(&output, &["sign-in failed", expected]);
        assert!(!said(&output).contains(other), "{auth}: {}", said(&output));
    }
}

#[test]
fn permissions_need_a_valid_scope() {
    let permissions =
        |more: &[&str]| std::process::Command::new(PROGRAM).arg("permissions").args(more).output().unwrap();
    has(&permissions(&[]), &["placeholder", "--scope /subscriptions/ID"]);
    let odd = permissions(&["--scope", "subscriptions/x"]);
    assert_eq!(odd.status.code(), Some(2));
    has(&odd, &["`subscriptions/x` is not a scope"]);
    let good = permissions(&["--scope", "/subscriptions/x"]);
    assert_eq!((good.status.code(), said(&good)), (Some(0), String::new()));
}

/// Runs the program without a server.
fn offline(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = std::process::Command::new(PROGRAM);
    command.env_remove("APIM_DOCTOR_CLOUD").args(arguments);
    variables.iter().for_each(|(name, value)| {
        command.env(name, value);
    });
    command.output().unwrap()
}

#[test]
fn live_options_conflict_with_a_recording_unless_they_come_from_the_environment() {
    let azure = Azure::serve(&worlds::one().0, Options::default());
    let (recording, instance) = worlds::one();
    let file = azure.folder().join("recording.json");
    std::fs::write(&file, recording.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let diagnose = ["diagnose", "--fail-on", "never", "--snapshot", file];
    let can = ["can", &instance, "Microsoft.KeyVault/vaults/secrets/getSecret/action", &instance];
    let can = [&can[..], &["--fail-on", "never", "--snapshot", file]].concat();
    for command in [&diagnose[..], &can[..]] {
        for cloud in ["AzureChina", "nowhere.toml"] {
            let output = offline(&[("APIM_DOCTOR_CLOUD", cloud)], command);
            // `can` does not know it, whatever `--fail-on` says.
            let expected = if command[0] == "can" { 3 } else { 0 };
            assert_eq!(output.status.code(), Some(expected), "{}", said(&output));
        }
        let guid = "00000000-1111-2222-3333-444444444444";
        for (option, value) in
            [("--cloud", "AzurePublic"), ("--auth", "cli"), ("--timeout", "120"), ("--subscription", guid)]
        {
            let output = offline(&[], &[command, &[option, value]].concat());
            assert_eq!(output.status.code(), Some(2), "{option}: {}", said(&output));
            has(&output, &[&format!("`{option}` only applies to live runs and cannot be used with files")]);
        }
    }
    let output = offline(&[], &[&diagnose[..], &["--ask-vault"]].concat());
    has(&output, &["`--ask-vault` only applies to live runs and cannot be used with files"]);
}

#[test]
fn invalid_subscriptions_subnets_and_consumers_are_rejected_first() {
    let odd = |arguments: &[&str], expected: &[&str]| {
        let output = offline(&[], arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        has(&output, expected);
        output
    };
    odd(
        &["diagnose", "--subscription", "My Sub"],
        &["`My Sub` is not a subscription id; `az account show --query id`"],
    );
    for subnet in ["/foo", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"] {
        odd(&["probe", "kv1.vault.azure.net", "--vantage", subnet], &["/virtualNetworks/…/subnets/…"]);
    }
    odd(&["collect", "-n", "x", "-f", "-", "--consumer", "other"], &["`other` is not a kind of consumer"]);
    let usage = odd(&["collect", "-f", "-"], &["no resource was given", "--subscription ID"]);
    assert!(!said(&usage).contains("--snapshot"), "collect does not have this option: {}", said(&usage));
}

#[test]
fn collect_records_operation_policies_unless_another_consumer_is_selected() {
    let (mut recording, instance) = worlds::one();
    let list = |kind: &str| {
        let id = format!("{instance}/{kind}/x");
        serde_json::json!([worlds::resource(&id, "Microsoft.ApiManagement/service/apis", serde_json::json!({}))])
    };
    for kind in ["apis", "apis/x/operations"] {
        worlds::add_list(&mut recording, &format!("{instance}/{kind}"), list(kind).as_array().unwrap());
    }
    let asked = |more: &[&str]| {
        let azure = Azure::serve(&recording, Options::default());
        run(&azure, azure.sign_in(), &[&["collect", &instance, "-f", "-"], more].concat());
        azure.requests().iter().any(|r| r.path.ends_with("/apis/x/operations/x/policies/policy"))
    };
    assert!(asked(&["--consumer", "apim-policy"]) && asked(&[]));
    assert!(!asked(&["--consumer", "apim-named-value"]));
}

#[test]
fn a_probe_accepts_a_url_and_explains_vantage() {
    let subnet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/x";
    let url = "http://absent.invalid/secrets/x";
    let output = offline(&[], &["probe", url, "--timeout", "0.2", "--vantage", subnet]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    has(&output, &["`--vantage` only applies to a recording: add `-o json`"]);
    let recorded = offline(&[], &["probe", url, "--timeout", "0.2", "--vantage", subnet, "-o", "json"]);
    assert_eq!(said(&recorded), "");
    assert_eq!(serde_json::from_slice::<Value>(&recorded.stdout).unwrap()["vantage"]["subnet"], subnet);
}
