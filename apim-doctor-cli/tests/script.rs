//! `script`: what its scripts record leads to the report of a live run, and they read nothing else.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod azure;

use std::path::{Path, PathBuf};
use std::process::Command;

use azure::estates::{differences, essence, estates, side_by_side, taken_at, with_estates};
use azure::runs::{self, PROGRAM, live};
use azure::{Azure, CLIENT_ID, CLIENT_SECRET, Options, worlds};
use serde_json::{Value, json};

/// Prints a script.
fn script(args: &[&str]) -> String {
    let output = Command::new(PROGRAM).arg("script").args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a script under a shell and returns the recording that it wrote.
fn recorded(azure: &Azure, shell: &str, environment: Vec<(&'static str, String)>, text: &str) -> Value {
    let (file, out) = (azure.folder().join("record.sh"), azure.folder().join("recording.json"));
    std::fs::write(&file, text).unwrap();
    let run = azure.command_with(shell, environment).arg(&file).arg(&out).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{shell}: {said}");
    assert!(!said.contains("not found") && !said.contains("rror:"), "{shell}: {said}");
    let bytes = std::fs::read(&out).unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)))
}

/// Diagnoses the recording that a script wrote.
fn diagnosed(azure: &Azure, instances: &[String], as_of: &str, more: &[&str]) -> Value {
    let output = Command::new(PROGRAM)
        .arg("diagnose")
        .args(instances)
        .args(["-o", "json", "--fail-on", "never", "--as-of", as_of, "--snapshot"])
        .arg(azure.folder().join("recording.json"))
        .args(more)
        .output()
        .unwrap();
    runs::json(&output)
}

#[test]
fn a_script_leads_to_the_report_of_a_live_run() {
    with_estates("a_script_leads_to_the_report_of_a_live_run", |folder| {
        // All of them take six minutes on two cores.
        let only = std::env::var("APIM_DOCTOR_ESTATES").unwrap_or_default();
        let each = if only.is_empty() { 6 } else { 1 };
        let chosen: Vec<_> = estates(folder)
            .into_iter()
            .filter(|(name, _, instances)| (only == "all" || name.contains(&only)) && instances.len() < 5)
            .enumerate()
            .filter(|(number, _)| number % each == 0)
            .collect();
        let wrong = side_by_side(&chosen, |(number, (name, recording, instances))| {
            let azure = Azure::serve(recording, Options::default());
            let as_of = taken_at(recording);
            let expected = essence(&runs::json(&live(&azure, instances, as_of, &[])));
            let ids: Vec<&str> = instances.iter().map(String::as_str).collect();
            let shell = if (number / each) % 2 == 0 { "dash" } else { "bash" };
            recorded(&azure, shell, azure.az_rest(), &script(&[&ids[..], &["--policies"]].concat()));
            let found = essence(&diagnosed(&azure, instances, as_of, &[]));
            assert_eq!(azure.violations(), Vec::<String>::new(), "{name}");
            differences(name, ("live", &expected), ("script", &found))
        });
        println!("{} estates, {} differ", chosen.len(), wrong.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

/// Returns the folder of the real `az`, if it is installed.
fn bin_of_az() -> Option<PathBuf> {
    let given = std::env::var_os("APIM_DOCTOR_AZ").map(PathBuf::from);
    let bin = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/az/venv")).join("bin");
    bin.join("az").is_file().then_some(bin)
}

#[test]
fn the_real_az_runs_the_script() {
    let Some(bin) = bin_of_az() else {
        println!("not here: az");
        return;
    };
    with_estates("the_real_az_runs_the_script", |folder| {
        let mut chosen = estates(folder);
        chosen.retain(|(name, ..)| name.starts_with("apim-tf-principal-id-as-client-id"));
        let (name, mut recording, instances) = chosen.pop().unwrap();
        let subscription = instances[0].split('/').nth(2).unwrap().to_owned();
        let as_of = taken_at(&recording).to_owned();
        // What sign-in asks for.
        let tenant = Azure::serve(&recording, Options::default()).tenant().to_owned();
        let own = json!({ "id": format!("/subscriptions/{subscription}"), "subscriptionId": subscription,
            "displayName": "tests", "state": "Enabled", "tenantId": tenant });
        let tenants = json!({ "id": format!("/tenants/{tenant}"), "tenantId": tenant });
        for (path, value) in [("/subscriptions", own), ("/tenants", tenants)] {
            let exchange = json!({ "request": format!("GET {path}?api-version=2022-12-01"), "status": 200,
                "body": { "value": [value] } });
            recording["exchanges"].as_array_mut().unwrap().push(exchange);
        }
        let azure = Azure::serve(&recording, Options::default());
        let environment = azure.real_az(&bin);
        let mut sign_in = azure.command_with("az", environment.clone());
        sign_in.args(["login", "--service-principal", "-u", CLIENT_ID, "-p", CLIENT_SECRET, "--tenant", &tenant]);
        let signed_in = sign_in.output().unwrap();
        assert!(signed_in.status.success(), "{}\n{:#?}", String::from_utf8_lossy(&signed_in.stderr), azure.requests());
        let ids: Vec<&str> = instances.iter().map(String::as_str).collect();
        recorded(&azure, "bash", environment, &script(&ids));
        let consumer = "apim-custom-domain,apim-named-value,apim-certificate";
        let expected = essence(&runs::json(&live(&azure, &instances, &as_of, &["--consumer", consumer])));
        let found = essence(&diagnosed(&azure, &instances, &as_of, &["--consumer", consumer]));
        assert_eq!(found, expected, "{name}");
        assert!(expected.contains(&"verdict fail".to_owned()), "{expected:#?}");
        // az looks for a newer version of itself.
        let mut violations = azure.violations();
        violations.retain(|request| !request.contains("azcliprod.blob.core.windows.net"));
        assert_eq!(violations, Vec::<String>::new());
    });
}

/// A text that stands for a secret.
const SECRET: &str = "K7CANARY";

/// An instance with a secret wherever Azure lets people write one, and with more named values than an argument can hold.
fn full_of_secrets() -> (Value, String) {
    let (mut recording, id) = worlds::one();
    let instance = worlds::body(&mut recording, &id);
    instance["tags"] = json!({ "password": SECRET, "note": format!("say \"{SECRET}\"") });
    for host in instance["properties"]["hostnameConfigurations"].as_array_mut().unwrap() {
        (host["certificatePassword"], host["encodedCertificate"]) = (json!(SECRET), json!(SECRET));
    }
    let plain = |n: usize| {
        let name = format!("plain-{n}");
        let value = format!("{SECRET} with \"quotes\" and {n}");
        let properties = json!({ "displayName": name, "secret": false, "tags": [], "value": value });
        worlds::resource(&format!("{id}/namedValues/{name}"), "Microsoft.ApiManagement/service/namedValues", properties)
    };
    let values = worlds::body(&mut recording, &format!("{id}/namedValues"));
    values["value"].as_array_mut().unwrap().extend((0..400).map(plain));
    let backend = json!({ "url": format!("https://backend.example/?code={SECRET}"), "protocol": "http",
        "title": SECRET, "description": SECRET,
        "credentials": { "header": { "x-functions-key": [SECRET] }, "query": { "sv": [SECRET, SECRET] },
            "authorization": { "scheme": "Basic", "parameter": SECRET } },
        "proxy": { "url": "https://proxy.example", "username": SECRET, "password": SECRET } });
    let backend = worlds::resource(&format!("{id}/backends/b"), "Microsoft.ApiManagement/service/backends", backend);
    worlds::add_list(&mut recording, &format!("{id}/backends"), &[backend]);
    (recording, id)
}

#[test]
fn a_script_writes_no_secret_and_reads_every_page() {
    let (recording, id) = full_of_secrets();
    assert!(recording.to_string().matches(SECRET).count() > 410);
    let mut seen = Vec::new();
    for (shell, page_size) in [("dash", None), ("bash", Some(150))] {
        let azure = Azure::serve(&recording, Options { page_size, ..Options::default() });
        let own = recorded(&azure, shell, azure.az_rest(), &script(&[&id, "--policies"]));
        assert_eq!(azure.violations(), Vec::<String>::new());
        let text = own.to_string();
        assert!(text.len() > 128 * 1024, "{} bytes are no test of long answers", text.len());
        let found: Vec<&str> = text.split(SECRET).collect();
        let around =
            |at: usize| found[at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect::<String>();
        assert_eq!(found.len(), 1, "{shell} recorded a secret after `{}`", around(0));
        let lists = own["exchanges"].as_array().unwrap().iter();
        let values = lists.filter(|exchange| exchange["request"].as_str().unwrap().contains("/namedValues?"));
        let read: usize = values.map(|exchange| exchange["body"]["value"].as_array().unwrap().len()).sum();
        assert!(read > 400, "{shell} read {read} named values");
        seen.push(essence(&diagnosed(&azure, std::slice::from_ref(&id), taken_at(&recording), &[])));
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].contains(&"verdict pass".to_owned()), "{:#?}", seen[0]);
}

/// The reads that a script can send, by their names.
fn reads<'t>(text: &'t str, after: &str) -> Vec<&'t str> {
    let name = |line: &'t str| line.split_once(after).map(|(name, _)| name.trim().trim_matches('\''));
    text.lines().filter(|line| line.contains("api-version=")).filter_map(name).collect()
}

#[test]
fn a_script_sends_every_read_that_it_lists() {
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim1";
    for (shell, after) in [("posix", ") query="), ("powershell", " = ")] {
        let text = script(&[id, "--policies", "--shell", shell]);
        let reads = reads(&text, after);
        assert!(reads.len() > 50, "{shell}: {reads:?}");
        // A read of a live run is sent by the script as well, or it is in `LEFT_OUT` with the reason.
        let is_word = |line: &str, name: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
        let sends =
            |name: &str| text.lines().filter(|line| !line.contains("api-version=") && is_word(line, name)).count();
        let unsent: Vec<&&str> = reads.iter().filter(|name| sends(name) == 0).collect();
        assert!(unsent.is_empty(), "{shell} never sends {unsent:?}");
    }
}

#[test]
fn powershell_parses_its_script() {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim1";
    for args in [&[id][..], &[id, "--policies"], &["-g", "rg", "-n", "apim1"]] {
        let text = script(&[args, &["--shell", "powershell"]].concat());
        let tree = parser.parse(&text, None).unwrap();
        assert!(!tree.root_node().has_error(), "{:?}", first_error(tree.root_node(), &text));
    }
}

/// Returns the line of the first syntax error.
fn first_error(node: tree_sitter::Node, text: &str) -> Option<String> {
    let mut cursor = node.walk();
    let inner = node.children(&mut cursor).find_map(|child| first_error(child, text));
    let line =
        || format!("{}: {}", node.start_position().row + 1, text.lines().nth(node.start_position().row).unwrap());
    inner.or_else(|| (node.is_error() || node.is_missing()).then(line))
}

#[test]
fn the_roles_that_a_script_knows_let_read_secrets() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/knowledge/builtin-roles.json");
    let Ok(bytes) = std::fs::read(&file) else {
        println!("skipped: ../shared does not exist (the_roles_that_a_script_knows_let_read_secrets)");
        return;
    };
    let roles: Value = serde_json::from_slice(&bytes).unwrap();
    let granting: Vec<String> = roles
        .as_array()
        .unwrap()
        .iter()
        .filter(|role| {
            let text = role.to_string().to_ascii_lowercase();
            ["secrets/", "*"].iter().any(|end| text.contains(&format!("\"microsoft.keyvault/vaults/{end}")))
        })
        .map(|role| role["id"].as_str().unwrap().rsplit('/').next().unwrap().to_ascii_lowercase())
        .collect();
    let id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim1";
    let text = script(&[id]);
    let line = text.lines().find(|line| line.contains("00482a5a-")).unwrap();
    let listed: Vec<&str> = line.split('\'').nth(1).unwrap().split('|').collect();
    assert!(listed.len() >= 4, "{listed:?}");
    for guid in listed {
        assert!(granting.contains(&guid.to_owned()), "{guid} is not a role that lets read secrets");
    }
    println!("ran: the_roles_that_a_script_knows_let_read_secrets");
}

/// A Recovery Services vault with what a script has to keep and to drop.
#[test]
fn a_script_records_a_recovery_services_vault_without_what_extensions_hold() {
    with_estates("a_script_records_a_recovery_services_vault_without_what_extensions_hold", |folder| {
        let mut chosen = estates(folder);
        chosen.retain(|(.., instances)| instances.iter().any(|id| id.contains("/Microsoft.RecoveryServices/")));
        let is_extension = |value: &Value| value["type"].as_str().is_some_and(|kind| kind.ends_with("/extensions"));
        let (_, mut recording, instances) = chosen
            .into_iter()
            .find(|(_, recording, _)| {
                let lists = recording["exchanges"].as_array().unwrap().iter();
                lists
                    .into_iter()
                    .any(|one| one["body"]["value"].as_array().is_some_and(|all| all.iter().any(is_extension)))
            })
            .unwrap();
        for exchange in recording["exchanges"].as_array_mut().unwrap() {
            for extension in
                exchange["body"]["value"].as_array_mut().into_iter().flatten().filter(|one| is_extension(one))
            {
                extension["properties"]["settings"]["commandToExecute"] = json!(format!("run --password {SECRET}"));
                extension["properties"]["settings"]["list"] = json!([SECRET]);
                extension["properties"]["instanceView"] =
                    json!({ "name": "e", "statuses": [{ "code": "x", "message": format!("stdout: {SECRET}") }] });
            }
        }
        assert!(recording.to_string().contains(SECRET));
        let as_of = taken_at(&recording).to_owned();
        let ids: Vec<&str> = instances.iter().map(String::as_str).collect();
        for shell in ["dash", "bash"] {
            let azure = Azure::serve(&recording, Options::default());
            let own = recorded(&azure, shell, azure.az_rest(), &script(&ids));
            assert_eq!(azure.violations(), Vec::<String>::new());
            assert!(!own.to_string().contains(SECRET), "{shell}");
            let report = diagnosed(&azure, &instances, &as_of, &[]);
            assert!(report["backupVaults"][0]["posture"].as_array().is_some_and(|all| all.len() > 5), "{report}");
        }
    });
}
