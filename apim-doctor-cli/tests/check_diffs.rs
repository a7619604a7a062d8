//! `check`: diffs of combined fixes, fixes across modules, and the work that all diffs together cost.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use apim_doctor_core::CheckOptions;
use apim_doctor_core::testing::check_counting;
use deployment::{folder, report, run, said};
use serde_json::Value;

fn list<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// All fixes of findings.
fn fixes(report: &Value) -> Vec<&Value> {
    list(report, "findings").iter().flat_map(|finding| list(finding, "fixes")).collect()
}

/// The files that a diff changes.
fn changed(diff: &str) -> BTreeSet<&str> {
    diff.lines().filter_map(|line| line.strip_prefix("+++ b/")).collect()
}

/// Applies a diff with git.
fn apply(folder: &Path, diff: &str) {
    let patch = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(patch.path(), diff).unwrap();
    let output = Command::new("git").arg("apply").arg(patch.path()).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}\n{diff}", String::from_utf8_lossy(&output.stderr));
}

/// An instance with a named value that selects its identity by the wrong id. `{n}` is in every name.
const GATEWAY: &str = "resource identity{n} 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-gateway-{n}'
  location: 'westeurope'
}

resource apim 'Microsoft.ApiManagement/service@2023-05-01-preview' = {
  name: 'apim-gateway-{n}'
  location: 'westeurope'
  sku: { name: 'Developer', capacity: 1 }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity{n}.id}': {} }
  }
  properties: { publisherEmail: 'api@contoso.example', publisherName: 'Contoso' }

  resource key 'namedValues' = {
    name: 'orders-key'
    properties: {
      displayName: 'orders-key'
      secret: true
      keyVault: {
        secretIdentifier: 'https://kv-{n}.vault.azure.net/secrets/orders-key'
        identityClientId: identity{n}.properties.principalId
      }
    }
  }
}
";

const VAULT: &str = "resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-{n}'
  location: 'westeurope'
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
  }
}
";

/// Many deployments that share nothing.
fn many(count: usize) -> tempfile::TempDir {
    let texts: Vec<(String, String)> = (0..count)
        .map(|n| {
            let name = format!("n{n:03}");
            (format!("{name}/main.bicep"), format!("{VAULT}\n{GATEWAY}").replace("{n}", &name))
        })
        .collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    folder(&files)
}

#[test]
fn the_work_for_all_diffs_grows_with_the_number_of_deployments() {
    let measure = |count: usize| {
        let temp = many(count);
        let (report, _, work) = check_counting(&[temp.path().to_path_buf()], &CheckOptions::default());
        let report = serde_json::to_value(report).unwrap();
        let verified = fixes(&report).iter().filter(|fix| fix["verified"] == true && fix["diff"].is_string()).count();
        assert!(verified >= count, "{verified} verified fixes of {count} deployments");
        work
    };
    let works = [5, 10, 20, 40].map(measure);
    println!("resources evaluated for 5, 10, 20 and 40 deployments: {works:?}");
    for pair in works.windows(2) {
        assert!(
            pair[1] <= pair[0] * 2 + pair[0] / 10,
            "twice the deployments cost more than twice the work: {works:?}"
        );
    }
}

#[test]
fn deployments_beside_each_other_have_the_fixes_that_each_has_alone() {
    let temp = many(4);
    let all = |report: &Value| -> BTreeSet<(String, String, bool)> {
        let of = |fix: &&Value| {
            let text = |name: &str| fix[name].as_str().unwrap_or_default().to_owned();
            (text("title"), text("diff"), fix["verified"] == true)
        };
        fixes(report).iter().map(of).collect()
    };
    let together = all(&report(temp.path(), &["--standalone"]));
    let mut alone = BTreeSet::new();
    for n in 0..4 {
        let name = format!("n{n:03}");
        let output = run(temp.path(), &[&name, "--standalone", "-o", "json"]);
        alone.extend(all(&serde_json::from_slice(&output.stdout).unwrap()));
    }
    assert_eq!(together, alone);
    assert!(together.iter().any(|(.., verified)| *verified));
}

#[test]
fn a_fix_is_checked_on_the_deployments_that_share_something_with_its_own() {
    let app = |n: &str| {
        format!(
            "resource app 'Microsoft.Web/sites@2023-12-01' = {{
  name: 'app-{n}'
  location: 'westeurope'
  identity: {{ type: 'SystemAssigned' }}
  properties: {{
    siteConfig: {{
      appSettings: [ {{ name: '{n}', value: '@Microsoft.KeyVault(SecretUri=https://kv-shared.vault.azure.net/secrets/key)' }} ]
    }}
  }}
}}
"
        )
    };
    // Vault and access policy here, a role for the same vault there: what repairs the one breaks the other.
    let policy = "enableRbacAuthorization: true\n    accessPolicies: [\n      { tenantId: tenant().tenantId, objectId: app.identity.principalId, permissions: { secrets: [ 'get' ] } }\n    ]";
    let one =
        format!("{}\n{}", VAULT.replace("{n}", "shared").replace("enableRbacAuthorization: true", policy), app("one"));
    let role = "resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: 'kv-shared' }
resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid('grant')
  properties: {
    principalId: app.identity.principalId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
  }
}
";
    let two = format!("{role}\n{}", app("two"));
    let texts = [("one/main.bicep", one.as_str()), ("two/main.bicep", two.as_str())];
    let together = report(folder(&texts).path(), &["--standalone"]);
    let verdict = |label: &str| {
        let own = list(&together, "paths").iter().find(|path| path["label"] == label).unwrap();
        own["verdict"].as_str().unwrap()
    };
    assert_eq!((verdict("one"), verdict("two")), ("fail", "pass"));
    for fix in fixes(&together) {
        let diff = fix["diff"].as_str().unwrap_or_default();
        let breaks = diff.contains("+    enableRbacAuthorization: false");
        assert!(!breaks || fix["verified"] == false, "{fix:#}");
    }
    // Alone, the same change breaks nothing that is known.
    let alone = report(folder(&texts[..1]).path(), &["--standalone"]);
    let both = fixes(&alone).iter().filter(|fix| fix["diff"].is_string()).count();
    assert!(both > 0, "{alone:#}");
}

#[test]
fn a_combined_fix_is_one_diff_that_opens_the_path() {
    let source = format!("{VAULT}\n{GATEWAY}").replace("{n}", "one");
    let temp = folder(&[("main.bicep", &source)]);
    let before = report(temp.path(), &["--standalone"]);
    let path = &list(&before, "paths")[0];
    assert_eq!(path["verdict"], "fail");
    let combined = &path["combinedFix"];
    assert!(list(combined, "titles").len() > 1, "{combined:#}");
    assert_eq!((&combined["verified"], &combined["unverified"]), (&Value::from(true), &Value::Null), "{combined:#}");
    let diff = combined["diff"].as_str().unwrap();
    assert!(diff.contains("clientId") && diff.contains("roleAssignments"), "{diff}");
    assert!(before["summary"]["says"].as_str().unwrap().contains("repair"), "{}", before["summary"]);
    apply(temp.path(), diff);
    assert_eq!(list(&report(temp.path(), &["--standalone"]), "paths")[0]["verdict"], "pass");
    // A part that cannot be written leaves the whole without a diff, and says so.
    let elsewhere = source.replace(
        "'Microsoft.KeyVault/vaults@2023-07-01' = {",
        "'Microsoft.KeyVault/vaults@2023-07-01' = if (deployVault) {",
    );
    let temp = folder(&[("main.bicep", &format!("param deployVault bool = true\n{elsewhere}"))]);
    let report = report(temp.path(), &["--standalone"]);
    let combined = &list(&report, "paths")[0]["combinedFix"];
    assert!(combined["diff"].is_null() && combined["verified"] == false, "{combined:#}");
    assert!(combined["unverified"].as_str().unwrap().starts_with("no automatic edit: "), "{combined:#}");
}

/// An app that reads a secret of a vault, in a module.
const APP: &str = "param vaultUri string = 'https://kv-orders.vault.azure.net/'

resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: 'app-orders'
  location: 'westeurope'
  identity: { type: 'SystemAssigned' }
  properties: {
    siteConfig: {
      appSettings: [
        { name: 'Key', value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/key)' }
      ]
    }
  }
}
";

/// A module's use.
fn module(name: &str, params: &str) -> String {
    format!("module {name} 'modules/{name}.bicep' = {{\n  name: '{name}'\n{params}}}\n")
}

/// What a layout is called, its files, and those of them that the fix changes.
type Layout = (&'static str, Vec<(&'static str, String)>, Vec<&'static str>);

#[test]
fn a_grant_is_written_across_modules() {
    let vault = VAULT.replace("{n}", "orders");
    let named = vault.replace("'kv-orders'", "'kv-${uniqueString(resourceGroup().id)}'");
    let named = format!("param location string // where\n\n{}", named.replace("'westeurope'", "location"));
    let uri = format!("{vault}\noutput vaultUri string = vault.properties.vaultUri\n");
    let app = APP
        .replace("param vaultUri string = 'https://kv-orders.vault.azure.net/'\n\n", "")
        .replace("${vaultUri}", "https://kv-orders.vault.azure.net/");
    let asks = APP.replace(" = 'https://kv-orders.vault.azure.net/'", "");
    let layouts: Vec<Layout> = vec![
        (
            "the vault in the main file, the app in a module",
            vec![("main.bicep", format!("{vault}\n{}", module("app", ""))), ("modules/app.bicep", app.clone())],
            vec!["main.bicep", "modules/app.bicep"],
        ),
        (
            "the app in the main file, the vault in a module",
            vec![("main.bicep", format!("{}\n{app}", module("vault", ""))), ("modules/vault.bicep", vault.clone())],
            vec!["main.bicep"],
        ),
        (
            "both in modules",
            vec![
                ("main.bicep", format!("{}\n{}", module("vault", ""), module("app", ""))),
                ("modules/vault.bicep", vault.clone()),
                ("modules/app.bicep", app.clone()),
            ],
            vec!["main.bicep", "modules/app.bicep"],
        ),
        (
            // Only the module of the vault can name it.
            "both in modules, and a name that is computed",
            vec![
                (
                    "main.bicep",
                    format!(
                        "targetScope = 'resourceGroup'\n\n{}\n{}",
                        module("vault", "  params: {\n    location: 'westeurope'\n  }\n"),
                        module("app", "")
                    ),
                ),
                ("modules/vault.bicep", named.clone()),
                ("modules/app.bicep", app.replace("kv-orders", "kv-${uniqueString(resourceGroup().id)}")),
            ],
            vec!["main.bicep", "modules/app.bicep", "modules/vault.bicep"],
        ),
        (
            // The vault's module cannot wait for the app, which waits for it.
            "the app waits for the vault",
            vec![
                (
                    "main.bicep",
                    format!(
                        "{}\n{}",
                        module("vault", ""),
                        module("app", "  params: {\n    vaultUri: vault.outputs.vaultUri\n  }\n")
                    ),
                ),
                ("modules/vault.bicep", uri.clone()),
                ("modules/app.bicep", asks.clone()),
            ],
            vec!["main.bicep", "modules/app.bicep"],
        ),
        (
            "a module in a module",
            vec![
                ("main.bicep", format!("{vault}\n{}", module("outer", ""))),
                ("modules/outer.bicep", module("app", "").replace("modules/", "")),
                ("modules/app.bicep", app.clone()),
            ],
            vec!["main.bicep", "modules/app.bicep", "modules/outer.bicep"],
        ),
    ];
    for (name, files, expected) in &layouts {
        let texts: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let temp = folder(&texts);
        let before = report(temp.path(), &["--standalone"]);
        assert_eq!(list(&before, "paths")[0]["rootCause"], "authorization.no-grant", "{name}");
        let fixes = fixes(&before);
        let fix = fixes.iter().find(|fix| fix["verified"] == true).unwrap_or_else(|| panic!("{name}: {fixes:#?}"));
        let diff = fix["diff"].as_str().unwrap();
        assert_eq!(changed(diff), expected.iter().copied().collect(), "{name}\n{diff}");
        println!("{name}\n{diff}");
        apply(temp.path(), diff);
        let after = report(temp.path(), &["--standalone"]);
        assert_eq!(list(&after, "paths")[0]["verdict"], "pass", "{name}\n{diff}");
        assert_eq!(
            list(&after["coverage"], "notEvaluated"),
            list(&before["coverage"], "notEvaluated"),
            "{name}\n{diff}"
        );
    }
}

#[test]
fn a_grant_across_modules_is_left_out_where_it_is_not_certain() {
    let vault = VAULT.replace("{n}", "orders");
    let app = APP
        .replace("param vaultUri string = 'https://kv-orders.vault.azure.net/'\n\n", "")
        .replace("${vaultUri}", "https://kv-orders.vault.azure.net/");
    // A module under a condition, one that is used twice, and one in another resource group.
    let conditional = module("app", "").replace("= {", "= if (hasApp) {");
    let looped = "module app 'modules/app.bicep' = [for name in names: {\n  name: name\n}]\n";
    let elsewhere = module("vault", "  scope: resourceGroup('rg-shared')\n");
    for (name, main, own) in [
        ("under a condition", format!("param hasApp bool = true\n{vault}\n{conditional}"), "modules/app.bicep"),
        ("in a loop", format!("param names array = [ 'a', 'b' ]\n{vault}\n{looped}"), "modules/app.bicep"),
    ] {
        let temp = folder(&[("main.bicep", &main), (own, &app)]);
        let report = report(temp.path(), &["--standalone"]);
        let verified = fixes(&report).into_iter().filter(|fix| fix["verified"] == true).collect::<Vec<_>>();
        for fix in verified {
            // In a loop that makes one app twice, the first turn stands for it.
            assert_eq!(name, "in a loop", "{fix:#}");
            apply(temp.path(), fix["diff"].as_str().unwrap());
        }
    }
    let temp = folder(&[("main.bicep", &format!("{elsewhere}\n{app}")), ("modules/vault.bicep", &vault)]);
    let before = report(temp.path(), &["--standalone"]);
    for fix in fixes(&before).iter().filter(|fix| fix["diff"].is_string()) {
        let diff = fix["diff"].as_str().unwrap();
        assert!(!diff.contains("existing = {"), "the vault is not in the main file's resource group\n{diff}");
    }
}

/// An identity, and an instance that selects it by a value that is passed from one module to the other.
fn identity_and_gateway() -> Vec<(&'static str, String)> {
    let (identity, gateway) = GATEWAY.split_once("\n\n").unwrap();
    let identity = format!(
        "{identity}\n\noutput id string = identity{{n}}.id\noutput principalId string = identity{{n}}.properties.principalId\n"
    );
    let gateway =
        gateway.replace("${identity{n}.id}", "${identityId}").replace("identity{n}.properties.principalId", "reader");
    let grant = "param principalId string\n
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: 'kv-{n}' }
resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid('grant')
  properties: {
    principalId: principalId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
  }
}
";
    let main = [
        module("identity", ""),
        module(
            "gateway",
            "  params: {\n    identityId: identity.outputs.id\n    reader: identity.outputs.principalId\n  }\n",
        ),
        module("grant", "  params: {\n    principalId: identity.outputs.principalId\n  }\n"),
    ]
    .join("\n");
    vec![
        ("main.bicep", main),
        ("modules/identity.bicep", identity.replace("{n}", "one")),
        (
            "modules/gateway.bicep",
            format!("param identityId string\nparam reader string\n\n{}", gateway.replace("{n}", "one")),
        ),
        ("modules/grant.bicep", grant.replace("{n}", "one")),
    ]
}

#[test]
fn a_value_of_another_module_is_passed_on() {
    let files = identity_and_gateway();
    let texts: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let temp = folder(&texts);
    let before = report(temp.path(), &[]);
    let all = fixes(&before);
    let fix = all.iter().find(|fix| fix["verified"] == true).unwrap_or_else(|| panic!("{before:#}"));
    let diff = fix["diff"].as_str().unwrap();
    // The output is used for the grant, too, so a second one is needed.
    assert_eq!(changed(diff).len(), 3, "{diff}");
    println!("{diff}");
    assert_eq!(fix["safety"], "safe");
    // Where one of the files must not be changed, none is.
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"];
        assert!(Command::new("git").args(identity).args(args).current_dir(temp.path()).status().unwrap().success());
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "first"]);
    let dirty = temp.path().join("modules/identity.bicep");
    let text = std::fs::read_to_string(&dirty).unwrap();
    std::fs::write(&dirty, format!("// changed\n{text}")).unwrap();
    let output = run(temp.path(), &[".", "--fix"]);
    assert!(said(&output).contains("`identity.bicep` has uncommitted changes"), "{}", said(&output));
    for (path, before) in files.iter().filter(|(path, _)| *path != "modules/identity.bicep") {
        assert_eq!(&std::fs::read_to_string(temp.path().join(path)).unwrap(), before, "{path}");
    }
    std::fs::write(&dirty, &text).unwrap();
    let output = run(temp.path(), &[".", "--fix"]);
    assert!(
        said(&output).contains("fixed `main.bicep`, `modules/gateway.bicep`, `modules/identity.bicep`: "),
        "{}",
        said(&output)
    );
    let failing = |report: &Value| list(report, "paths").iter().filter(|path| path["verdict"] == "fail").count();
    assert_eq!((failing(&before), failing(&report(temp.path(), &[]))), (1, 0));
}
