//! `check --fix`: what is written into files, and that the files are what they were but for that.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use deployment::{copy, folder, report, run, said};
use serde_json::Value;

/// One call of a deployment with a known answer.
struct Case {
    name: String,
    folder: PathBuf,
    args: Vec<String>,
}

/// The runs of the shared deployments in which something fails; none without the data.
fn broken(test: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases/deployments");
    let Ok(expected) = std::fs::read_to_string(root.join("expected.jsonl")) else {
        println!("skipped: ../shared is missing ({test})");
        return Vec::new();
    };
    let mut cases = Vec::new();
    for line in expected.lines() {
        let deployment: Value = serde_json::from_str(line).unwrap();
        let id = deployment["id"].as_str().unwrap();
        for run in deployment["runs"].as_array().unwrap() {
            if !run["verdict"].to_string().contains("\"fail\"") {
                continue;
            }
            let folder = root.join(id);
            let arg = |arg: &Value| {
                let text = arg.as_str().unwrap().to_owned();
                let file = folder.join(&text);
                if file.is_file() { file.display().to_string() } else { text }
            };
            let args: Vec<String> = run["args"].as_array().unwrap().iter().map(arg).collect();
            let short =
                run["args"].as_array().unwrap().iter().filter_map(Value::as_str).find(|arg| arg.starts_with("--"));
            let name = format!("{id} {}", short.unwrap_or_default()).trim().to_owned();
            cases.push(Case { name, folder, args });
        }
    }
    println!("ran: {test}");
    cases
}

/// All texts of a folder by their paths.
fn texts(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.is_dir() {
                true => open.push(entry),
                false => {
                    let text = String::from_utf8(std::fs::read(&entry).unwrap()).unwrap();
                    found.insert(entry.strip_prefix(folder).unwrap().to_owned(), text);
                }
            }
        }
    }
    found
}

fn verdicts(report: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    report["paths"].as_array().unwrap().iter().map(|path| (text(&path["id"]), text(&path["verdict"]))).collect()
}

fn problems(report: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = report["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
    errors.map(|finding| (text(&finding["code"]), text(&finding["subject"]))).collect()
}

/// Whether two programs that apply diffs take one, and give the same text.
fn applies(folder: &Path, diff: &str) -> bool {
    let with = |program: &str, args: &[&str]| {
        let copied = tempfile::tempdir().unwrap();
        copy(folder, copied.path());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), diff).unwrap();
        let output = Command::new(program).args(args).arg(file.path()).current_dir(copied.path()).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{program}: {text}\n{diff}");
        texts(copied.path())
    };
    with("patch", &["-p1", "--batch", "--posix", "-i"]) == with("git", &["apply", "--whitespace=nowarn"])
}

/// Applies each verified diff with git and checks the files: the finding is gone, and nothing as bad is new.
fn every_verified_diff_does_what_it_says(case: &Case, folder: &Path, args: &[&str], before: &Value) {
    let wrong_files = said(&run(folder, &[&["."], args].concat()));
    for finding in before["findings"].as_array().unwrap() {
        let affects = |path: &Value| finding["affects"].as_array().unwrap().contains(path);
        let same = |other: &&Value| {
            let is_here = other["affects"].as_array().unwrap().iter().any(affects);
            other["code"] == finding["code"] && other["subject"] == finding["subject"] && is_here
        };
        for fix in finding["fixes"].as_array().unwrap().iter().filter(|fix| fix["verified"] == true) {
            let copied = tempfile::tempdir().unwrap();
            copy(folder, copied.path());
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), fix["diff"].as_str().unwrap()).unwrap();
            let mut git = Command::new("git");
            git.args(["apply", "--whitespace=nowarn"]).arg(file.path()).current_dir(copied.path());
            assert!(git.status().unwrap().success());
            let after = report(copied.path(), args);
            let is_left = after["findings"].as_array().unwrap().iter().any(|other| same(&other));
            assert!(!is_left, "{}: {}\n{}", case.name, finding["code"], fix["diff"].as_str().unwrap());
            let new: Vec<_> = problems(&after).difference(&problems(before)).cloned().collect();
            assert!(new.is_empty() || finding["severity"] != "error", "{}: {new:?}", case.name);
            let said = said(&run(copied.path(), &[&["."], args].concat()));
            assert_eq!(said.lines().count(), wrong_files.lines().count(), "{}: {said}", case.name);
        }
    }
}

/// A line of the table that the test prints.
struct Outcome {
    failing: usize,
    with_diff: usize,
    repairable: usize,
    repaired: usize,
    why: Vec<String>,
}

fn judge(case: &Case) -> Outcome {
    let temp = tempfile::tempdir().unwrap();
    copy(&case.folder, temp.path());
    let args: Vec<&str> = case.args.iter().map(String::as_str).collect();
    let before = report(temp.path(), &args);
    let failing: Vec<String> = verdicts(&before).into_iter().filter(|(_, v)| v == "fail").map(|(id, _)| id).collect();
    let mut outcome = Outcome { failing: failing.len(), with_diff: 0, repairable: 0, repaired: 0, why: Vec::new() };
    for id in &failing {
        let findings = before["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
        let own: Vec<&Value> = findings
            .filter(|finding| finding["affects"].as_array().unwrap().contains(&Value::from(id.as_str())))
            .collect();
        let fixes: Vec<&Value> = own.iter().flat_map(|finding| finding["fixes"].as_array().unwrap()).collect();
        outcome.with_diff += usize::from(fixes.iter().any(|fix| fix["diff"].is_string()));
        let is_safe = |fix: &&&Value| fix["diff"].is_string() && fix["safety"] == "safe" && fix["verified"] == true;
        outcome.repairable += usize::from(fixes.iter().any(|fix| is_safe(&fix)));
        let first = fixes.first().map_or("no fix", |fix| fix["unverified"].as_str().unwrap_or("verified"));
        let code = own.first().map_or("", |finding| finding["code"].as_str().unwrap());
        outcome.why.push(format!("{id}: {code}: {first}"));
    }
    for fix in before["findings"].as_array().unwrap().iter().flat_map(|finding| finding["fixes"].as_array().unwrap()) {
        if let Some(diff) = fix["diff"].as_str() {
            assert!(applies(temp.path(), diff), "{}: the programs differ\n{diff}", case.name);
        } else if fix["verified"] == true {
            panic!("{}: `{}` is verified without a diff", case.name, fix["title"]);
        }
    }
    every_verified_diff_does_what_it_says(case, temp.path(), &args, &before);
    let texts_before = texts(temp.path());
    let fixed = run(temp.path(), &[&[".", "--fix"], &args[..], &["-o", "json"]].concat());
    let after: Value =
        serde_json::from_slice(&fixed.stdout).unwrap_or_else(|e| panic!("{}: {e}: {}", case.name, said(&fixed)));
    let now = verdicts(&after);
    for (id, was) in verdicts(&before) {
        let is = now.get(&id).cloned().unwrap_or_else(|| "gone".to_owned());
        if was == "fail" && is == "pass" {
            outcome.repaired += 1;
        }
        let rank = |verdict: &str| ["pass", "not-applicable", "unknown", "fail"].iter().position(|v| *v == verdict);
        assert!(is == "gone" || rank(&is) <= rank(&was), "{}: {id}: {was} became {is}", case.name);
    }
    let new: Vec<_> = problems(&after).difference(&problems(&before)).cloned().collect();
    assert!(new.is_empty(), "{}: {new:?}", case.name);
    let changed = texts(temp.path()) != texts_before;
    assert_eq!(changed, said(&fixed).contains("fixed "), "{}: {}", case.name, said(&fixed));
    // A second run has nothing left to do.
    let once = texts(temp.path());
    let again = run(temp.path(), &[&[".", "--fix"], &args[..], &["-o", "json"]].concat());
    assert!(once == texts(temp.path()), "{}: {}", case.name, said(&again));
    outcome
}

#[test]
fn every_broken_deployment_is_fixed_as_far_as_it_is_safe() {
    let (mut failing, mut with_diff, mut repairable, mut repaired) = (0, 0, 0, 0);
    let (mut runs, mut runs_with_diff) = (0, 0);
    for case in broken("every_broken_deployment_is_fixed_as_far_as_it_is_safe") {
        let outcome = judge(&case);
        println!(
            "{:55} {} failing, {} with a diff, {} with a safe one, {} repaired",
            case.name, outcome.failing, outcome.with_diff, outcome.repairable, outcome.repaired
        );
        outcome.why.iter().for_each(|why| println!("    {why}"));
        failing += outcome.failing;
        with_diff += outcome.with_diff;
        repairable += outcome.repairable;
        repaired += outcome.repaired;
        runs += 1;
        runs_with_diff += usize::from(outcome.with_diff > 0);
    }
    println!("{failing} failing paths: {with_diff} with a diff, {repairable} with a safe one, {repaired} repaired");
    println!("{runs} runs: {runs_with_diff} with a diff");
}

/// A deployment with a fault that has a safe fix: a security group that denies, in the style of the file that is asked for.
const GATEWAY: &str = "// the gateway
param location string = resourceGroup().location

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-gateway'
  location: location
}

resource apim 'Microsoft.ApiManagement/service@2023-05-01-preview' = {
  name: 'apim-gateway'
  location: location
  sku: { name: 'Developer', capacity: 1 }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {} // attached
    }
  }
  properties: {
    publisherEmail: 'api@contoso.example'
    publisherName: 'Contoso'
  }

  resource key 'namedValues' = {
    name: 'orders-key'
    properties: {
      displayName: 'orders-key'
      secret: true
      keyVault: {
        secretIdentifier: 'https://kv-gateway.vault.azure.net/secrets/orders-key'
        // Which identity reads the secret.
        identityClientId: identity.properties.principalId // here
      }
    }
  }
}
";

/// What the fix makes of it.
fn repaired(source: &str) -> String {
    source.replace("identity.properties.principalId", "identity.properties.clientId")
}

fn read(folder: &tempfile::TempDir, name: &str) -> String {
    String::from_utf8(std::fs::read(folder.path().join(name)).unwrap()).unwrap()
}

fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"];
    let output = Command::new("git").args(identity).args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_layout_of_a_file_stays_as_it_is() {
    let tabs = GATEWAY.replace("  ", "\t");
    let styles = [
        GATEWAY.to_owned(),
        GATEWAY.replace('\n', "\r\n"),
        tabs.clone(),
        tabs.replace('\n', "\r\n"),
        GATEWAY.trim_end().to_owned(),
        format!("\u{feff}{GATEWAY}"),
    ];
    for source in &styles {
        let temp = folder(&[("main.bicep", source)]);
        let before = report(temp.path(), &[]);
        let diff = before["findings"][0]["fixes"][0]["diff"].as_str().unwrap_or_else(|| panic!("{before:#}"));
        assert!(applies(temp.path(), diff), "{diff}");
        let output = run(temp.path(), &[".", "--fix"]);
        assert_eq!(read(&temp, "main.bicep"), repaired(source), "{}", said(&output));
        assert!(said(&output).contains("fixed `main.bicep`: "), "{}", said(&output));
    }
}

#[test]
fn who_may_read_a_file_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let temp = folder(&[("main.bicep", GATEWAY)]);
    let file = temp.path().join("main.bicep");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    run(temp.path(), &[".", "--fix"]);
    assert_eq!(read(&temp, "main.bicep"), repaired(GATEWAY));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1, "a temporary file is left");
}

#[test]
fn uncommitted_changes_are_not_overwritten() {
    let temp = folder(&[("infra/main.bicep", GATEWAY)]);
    git(temp.path(), &["init", "--quiet"]);
    let refused = || {
        let output = run(temp.path(), &["infra", "--fix"]);
        assert!(
            said(&output).contains("has uncommitted changes: commit them, or use --allow-dirty"),
            "{}",
            said(&output)
        );
        assert_eq!(output.status.code(), Some(1));
    };
    // A file that git does not know yet.
    refused();
    git(temp.path(), &["add", "."]);
    git(temp.path(), &["commit", "--quiet", "-m", "first"]);
    let changed = format!("{GATEWAY}// more\n");
    std::fs::write(temp.path().join("infra/main.bicep"), &changed).unwrap();
    refused();
    assert_eq!(read(&temp, "infra/main.bicep"), changed);
    run(temp.path(), &["infra", "--fix", "--allow-dirty"]);
    assert_eq!(read(&temp, "infra/main.bicep"), repaired(&changed));
    git(temp.path(), &["commit", "--quiet", "-am", "second"]);
    std::fs::write(temp.path().join("infra/main.bicep"), GATEWAY).unwrap();
    git(temp.path(), &["commit", "--quiet", "-am", "third"]);
    let output = run(temp.path(), &["infra", "--fix"]);
    assert_eq!(read(&temp, "infra/main.bicep"), repaired(GATEWAY), "{}", said(&output));
}

#[test]
fn files_outside_of_the_given_paths_are_left_alone() {
    let module = GATEWAY.replace("param location string = resourceGroup().location", "param location string");
    let main =
        "module gateway '../modules/gateway.bicep' = {\n  name: 'gateway'\n  params: { location: 'westeurope' }\n}\n";
    let temp = folder(&[("app/main.bicep", main), ("modules/gateway.bicep", &module)]);
    git(temp.path(), &["init", "--quiet"]);
    git(temp.path(), &["add", "."]);
    git(temp.path(), &["commit", "--quiet", "-m", "first"]);
    let output = run(temp.path(), &["app/main.bicep", "--fix"]);
    assert!(said(&output).contains("`gateway.bicep` is outside the given paths"), "{}", said(&output));
    assert_eq!(read(&temp, "modules/gateway.bicep"), module);
    // A link that leads outside does not lead around that.
    #[cfg(unix)]
    {
        std::fs::create_dir(temp.path().join("linked")).unwrap();
        std::os::unix::fs::symlink("../modules/gateway.bicep", temp.path().join("linked/gateway.bicep")).unwrap();
        std::fs::write(temp.path().join("linked/main.bicep"), main.replace("../modules/", "./")).unwrap();
        git(temp.path(), &["add", "."]);
        git(temp.path(), &["commit", "--quiet", "-m", "second"]);
        run(temp.path(), &["linked/main.bicep", "--fix"]);
        assert_eq!(read(&temp, "modules/gateway.bicep"), module);
    }
    let output = run(temp.path(), &["app/main.bicep", "modules", "--fix"]);
    assert_eq!(read(&temp, "modules/gateway.bicep"), repaired(&module), "{}", said(&output));
}

#[test]
fn what_others_use_is_overridden_at_the_resource() {
    // The id is right for the tag, so only the named value gets another one.
    let shared = GATEWAY
        .replace("// the gateway\n", "// the gateway\nvar who = identity.properties.principalId\n")
        .replace("identityClientId: identity.properties.principalId", "identityClientId: who")
        .replace("  sku: { name: 'Developer'", "  tags: { who: who }\n  sku: { name: 'Developer'");
    let temp = folder(&[("main.bicep", &shared)]);
    let output = run(temp.path(), &[".", "--fix"]);
    let expected = shared.replace("identityClientId: who", "identityClientId: identity.properties.clientId");
    assert_eq!(read(&temp, "main.bicep"), expected, "{}", said(&output));
    // Where nothing else uses it, it is changed where it is written.
    let alone = shared.replace("  tags: { who: who }\n", "");
    let temp = folder(&[("main.bicep", &alone)]);
    run(temp.path(), &[".", "--fix"]);
    assert_eq!(read(&temp, "main.bicep"), repaired(&alone));
}

#[test]
fn the_report_after_the_fixes_decides_the_exit_status() {
    let temp = folder(&[("main.bicep", GATEWAY)]);
    assert_eq!(run(temp.path(), &["."]).status.code(), Some(1));
    let output = run(temp.path(), &[".", "--fix"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", said(&output), String::from_utf8_lossy(&output.stdout));
}

#[test]
fn hostile_names_stay_texts() {
    let hostile = [("'${'kv'}'", "id-'${x}"), ("'it\\'s'", "it's")];
    for (_, name) in hostile {
        let escaped = name.replace('\\', "\\\\").replace('\'', "\\'").replace("${", "\\${");
        let source = GATEWAY.replace("'orders-key'", &format!("'{escaped}'"));
        let temp = folder(&[("main.bicep", &source)]);
        let output = run(temp.path(), &[".", "--fix"]);
        assert_eq!(read(&temp, "main.bicep"), repaired(&source), "{}", said(&output));
    }
}

/// The same in JSON, with comments.
const TEMPLATE: &str = r#"{
  // the gateway
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
      "apiVersion": "2023-01-31",
      "name": "id-gateway",
      "location": "westeurope"
    },
    {
      "type": "Microsoft.ApiManagement/service",
      "apiVersion": "2023-05-01-preview",
      "name": "apim-gateway",
      "location": "westeurope",
      "sku": { "name": "Developer", "capacity": 1 },
      "identity": {
        "type": "UserAssigned",
        "userAssignedIdentities": {
          "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id-gateway')]": {} /* attached */
        }
      },
      "properties": { "publisherEmail": "api@contoso.example", "publisherName": "Contoso" }
    },
    {
      "type": "Microsoft.ApiManagement/service/namedValues",
      "apiVersion": "2023-05-01-preview",
      "name": "apim-gateway/orders-key",
      "dependsOn": [ "apim-gateway" ],
      "properties": {
        "displayName": "orders-key",
        "secret": true,
        "keyVault": {
          "secretIdentifier": "https://kv-gateway.vault.azure.net/secrets/orders-key",
          "identityClientId": "[reference('id-gateway', '2023-01-31').principalId]" // here
        }
      }
    }
  ]
}"#;

#[test]
fn templates_in_json_keep_their_comments_and_layout() {
    let tabs = TEMPLATE.replace("  ", "\t");
    for source in [TEMPLATE.to_owned(), TEMPLATE.replace('\n', "\r\n"), tabs, format!("\u{feff}{TEMPLATE}\n")] {
        let temp = folder(&[("main.jsonc", &source)]);
        let diff = report(temp.path(), &[])["findings"][0]["fixes"][0]["diff"].as_str().unwrap().to_owned();
        assert!(applies(temp.path(), &diff), "{diff}");
        let output = run(temp.path(), &[".", "--fix"]);
        assert_eq!(read(&temp, "main.jsonc"), source.replace(").principalId]", ").clientId]"), "{}", said(&output));
    }
}

#[test]
fn a_module_is_changed_if_that_is_right_for_all_who_use_it() {
    let module = GATEWAY
        .replace("param location string = resourceGroup().location", "param location string\nparam name string")
        .replace("'apim-gateway'", "name")
        .replace("'id-gateway'", "'id-${name}'");
    let uses = |name: &str| {
        format!(
            "module {name} 'gateway.bicep' = {{\n  name: '{name}'\n  params: {{ location: 'westeurope', name: 'apim-{name}' }}\n}}\n"
        )
    };
    let main = format!("{}{}", uses("one"), uses("two"));
    let temp = folder(&[("main.bicep", &main), ("gateway.bicep", &module)]);
    let output = run(temp.path(), &[".", "--fix"]);
    assert_eq!(read(&temp, "gateway.bicep"), repaired(&module), "{}", said(&output));
    assert_eq!(read(&temp, "main.bicep"), main);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_loop_of_which_one_turn_is_wrong_is_changed_only_where_that_turn_alone_changes() {
    let looped = GATEWAY.replace(
        "  resource key 'namedValues' = {\n    name: 'orders-key'",
        "  resource key 'namedValues' = [for one in keys: {\n    name: one.name",
    );
    let looped = looped.replace("displayName: 'orders-key'", "displayName: one.name");
    let looped = looped.replace("identityClientId: identity.properties.principalId", "identityClientId: one.id");
    let looped = looped.replace("    }\n  }\n}\n", "    }\n  }]\n}\n");
    let keys = "var keys = [\n  { name: 'a', id: identity.properties.clientId }\n  { name: 'b', id: identity.properties.principalId }\n]\n";
    let source = format!("{looped}{keys}");
    let temp = folder(&[("main.bicep", &source)]);
    let output = run(temp.path(), &[".", "--fix"]);
    assert_eq!(read(&temp, "main.bicep"), repaired(&source), "{}", said(&output));
}

#[test]
fn the_source_beside_a_plan_is_changed_in_a_diff_that_only_terraform_can_verify() {
    let Some(case) =
        broken("the_source_beside_a_plan").into_iter().find(|case| case.name == "tf-hostname-not-helped-by-endpoint")
    else {
        return;
    };
    let temp = tempfile::tempdir().unwrap();
    copy(&case.folder, temp.path());
    let plan = read(&temp, "plan.json");
    let address = plan.split("\"azurerm_key_vault.").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let source = format!(
        "resource \"azurerm_key_vault\" \"{address}\" {{\n  name = \"kv\" # a name\n\n  network_acls {{\n    bypass         = \"None\"\n    \
         default_action = \"Deny\"\n  }}\n}}\n"
    );
    std::fs::write(temp.path().join("vault.tf"), &source).unwrap();
    let before = report(temp.path(), &[]);
    let fixes = before["findings"].as_array().unwrap().iter().flat_map(|finding| finding["fixes"].as_array().unwrap());
    let fix =
        fixes.clone().find(|fix| fix["diff"].is_string()).unwrap_or_else(|| panic!("{:#?}", fixes.collect::<Vec<_>>()));
    assert_eq!(
        (fix["verified"].as_bool(), fix["unverified"].as_str()),
        (Some(false), Some("make the plan again and check it"))
    );
    let diff = fix["diff"].as_str().unwrap();
    assert!(diff.contains("-    bypass         = \"None\"\n+    bypass         = \"AzureServices\"\n"), "{diff}");
    assert!(applies(temp.path(), diff));
    run(temp.path(), &[".", "--fix"]);
    assert_eq!(read(&temp, "vault.tf"), source, "what is not verified is not written");
}

#[test]
fn a_name_with_a_blank_is_applied() {
    let temp = folder(&[("my infra/main file.bicep", GATEWAY)]);
    let before = report(temp.path(), &[]);
    let diff = before["findings"][0]["fixes"][0]["diff"].as_str().unwrap();
    assert!(applies(temp.path(), diff), "{diff}");
}

/// An app that may not read a vault, which is declared as asked for.
fn app_and_vault(vault: &str) -> String {
    format!(
        "{vault}

resource app 'Microsoft.Web/sites@2023-12-01' = {{
  name: 'app-orders'
  location: 'westeurope'
  identity: {{ type: 'SystemAssigned' }}
  properties: {{
    siteConfig: {{
      appSettings: [
        {{ name: 'Key', value: '@Microsoft.KeyVault(SecretUri=https://kv-orders.vault.azure.net/secrets/key)' }}
      ]
    }}
  }}
}}
"
    )
}

const VAULT: &str = "resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-orders'
  location: 'westeurope'
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
  }
}";

/// The diffs of all fixes.
fn diffs(folder: &Path, args: &[&str]) -> Vec<String> {
    let report = report(folder, args);
    let fixes = report["findings"].as_array().unwrap().iter().flat_map(|finding| finding["fixes"].as_array().unwrap());
    fixes.filter_map(|fix| fix["diff"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_grant_is_declared_only_where_it_can_be_deployed() {
    let temp = folder(&[("main.bicep", &app_and_vault(VAULT))]);
    let found = diffs(temp.path(), &["--standalone"]);
    assert!(found.iter().any(|diff| diff.contains("+  scope: vault\n")), "{found:?}");
    // A vault that is only there under a condition, and one in another resource group.
    let conditional =
        format!("param hasVault bool = true\n{}", VAULT.replace("= {\n  name", "= if (hasVault) {\n  name"));
    let elsewhere = "resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {\n  name: 'kv-orders'\n  scope: \
                     resourceGroup('rg-shared')\n}";
    for vault in [conditional.as_str(), elsewhere] {
        let temp = folder(&[("main.bicep", &app_and_vault(vault))]);
        assert_eq!(diffs(temp.path(), &["--standalone"]), Vec::<String>::new(), "{vault}");
    }
}

#[test]
fn a_change_that_makes_resources_wait_for_each_other_is_written_in_another_way() {
    // The vault waits for the app's identity if the policy stands in it, and the app waits for the vault's address.
    let vault =
        VAULT.replace("enableRbacAuthorization: true", "enableRbacAuthorization: false\n    accessPolicies: []");
    let source = app_and_vault(&vault).replace("https://kv-orders.vault.azure.net/", "${vault.properties.vaultUri}");
    let temp = folder(&[("main.bicep", &source)]);
    let found = diffs(temp.path(), &["--standalone"]);
    assert!(
        found.iter().any(|diff| diff.contains("+resource ") && diff.contains("vaults/accessPolicies@")),
        "{found:?}"
    );
    let apart = app_and_vault(&vault);
    let temp = folder(&[("main.bicep", &apart)]);
    let found = diffs(temp.path(), &["--standalone"]);
    assert!(
        found.iter().any(|diff| !diff.contains("+resource ") && diff.contains("objectId: app.identity.principalId")),
        "{found:?}"
    );
}
