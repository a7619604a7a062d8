//! What the files leave open is decided where every possible world says the same.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod deployment;

use apim_doctor_core::{CheckOptions, check};
use deployment::folder;
use serde_json::{Value, json};

/// The report of some files.
fn report(files: &[(&str, &str)]) -> Value {
    let folder = folder(files);
    let (report, _) = check(&[folder.path().to_path_buf()], &CheckOptions::default());
    serde_json::to_value(report).unwrap()
}

/// The verdict and the root cause of a path.
fn path(report: &Value, label: &str) -> (String, Value) {
    let paths = report["paths"].as_array().unwrap();
    let found: Vec<&Value> = paths.iter().filter(|path| path["label"] == label).collect();
    let [path] = found.as_slice() else { panic!("{label}: {} paths", found.len()) };
    (path["verdict"].as_str().unwrap().to_owned(), path["rootCause"].clone())
}

const ROLE: &str =
    "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')";

/// A vault with these properties.
fn vault(condition: &str, name: &str, properties: &str) -> String {
    format!(
        "resource {} 'Microsoft.KeyVault/vaults@2023-07-01' = {condition} {{
  name: '{name}'
  location: 'westeurope'
  properties: {{
    tenantId: tenant().tenantId
    sku: {{ family: 'A', name: 'standard' }}
    enableRbacAuthorization: true
    {properties}
  }}
}}
",
        name.replace('-', "")
    )
}

/// An app that reads a secret of a vault into a setting of its own name.
fn app(condition: &str, name: &str, vault: &str) -> String {
    format!(
        "resource {name} 'Microsoft.Web/sites@2023-12-01' = {condition} {{
  name: '{name}'
  location: 'westeurope'
  identity: {{ type: 'SystemAssigned' }}
  properties: {{
    siteConfig: {{ appSettings: [ {{ name: '{name}', value: '@Microsoft.KeyVault(VaultName={vault};SecretName=a)' }} ] }}
  }}
}}
"
    )
}

fn grant(condition: &str, vault: &str, app: &str) -> String {
    format!(
        "resource grant{app} 'Microsoft.Authorization/roleAssignments@2022-04-01' = {condition} {{
  scope: {}
  name: guid('{app}')
  properties: {{ principalId: {app}.identity.principalId, roleDefinitionId: {ROLE} }}
}}
",
        vault.replace('-', "")
    )
}

const CLOSED: &str = "networkAcls: { defaultAction: 'Deny', bypass: 'None' }";

#[test]
fn a_switch_that_changes_nothing_leaves_the_verdict() {
    let text = [
        "param on bool\n".to_owned(),
        vault("", "kv-a", CLOSED),
        app("", "reader", "kv-a"),
        grant("if (on)", "kv-a", "reader"),
    ];
    let (verdict, cause) = path(&report(&[("main.bicep", &text.concat())]), "reader");
    assert_eq!((verdict.as_str(), cause), ("fail", json!("firewall.source-not-allowed")));
}

#[test]
fn a_grant_behind_a_switch_leaves_the_path_open() {
    for condition in ["param on bool", "param env string\nvar on = env == 'prod'"] {
        let text = [
            format!("{condition}\n"),
            vault("", "kv-a", ""),
            app("", "reader", "kv-a"),
            grant("if (on)", "kv-a", "reader"),
        ];
        assert_eq!(path(&report(&[("main.bicep", &text.concat())]), "reader").0, "unknown", "{condition}");
    }
}

#[test]
fn a_module_behind_a_switch_is_not_certain() {
    let module = format!(
        "param principal string\nresource kv 'Microsoft.KeyVault/vaults@2023-07-01' existing = {{ name: 'kv-a' }}
resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{
  scope: kv
  name: guid(principal)
  properties: {{ principalId: principal, roleDefinitionId: {ROLE} }}
}}
"
    );
    let text = [
        "param env string\n".to_owned(),
        vault("", "kv-a", ""),
        app("", "reader", "kv-a"),
        "module grant 'grant.bicep' = if (env == 'prod') {\n  name: 'grant'\n  params: { principal: reader.identity.principalId }\n}\n"
            .to_owned(),
    ];
    let report = report(&[("main.bicep", &text.concat()), ("grant.bicep", &module)]);
    assert_eq!(path(&report, "reader").0, "unknown");
}

#[test]
fn two_switches_that_depend_on_each_other_are_one() {
    let text = [
        "param on bool\n".to_owned(),
        vault("", "kv-a", ""),
        app("", "reader", "kv-a"),
        grant("if (on)", "kv-a", "reader"),
        format!(
            "resource other 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!on) {{
  name: guid('other')
  properties: {{ principalId: reader.identity.principalId, roleDefinitionId: {ROLE} }}
}}
"
        ),
    ];
    assert_eq!(path(&report(&[("main.bicep", &text.concat())]), "reader").0, "pass");
}

#[test]
fn a_value_that_a_switch_chooses_is_tried_both_ways() {
    let same = "networkAcls: { defaultAction: 'Deny', bypass: on ? 'None' : 'AzureServices' }";
    let differs = "networkAcls: { defaultAction: on ? 'Deny' : 'Allow', bypass: 'None' }";
    let of = |properties: &str| {
        let parts = [
            "param on bool\n".to_owned(),
            vault("", "kv-a", properties),
            app("", "reader", "kv-a"),
            grant("", "kv-a", "reader"),
        ];
        path(&report(&[("main.bicep", &parts.concat())]), "reader")
    };
    assert_eq!(of(same), ("fail".to_owned(), json!("firewall.source-not-allowed")));
    assert_eq!(of(differs), ("unknown".to_owned(), Value::Null));
}

#[test]
fn allowed_values_are_tried_even_if_names_hang_on_them() {
    let text = [
        "@allowed([ 'dev', 'prod' ])\nparam env string\n".to_owned(),
        vault("", "kv-a", CLOSED).replace("'kv-a'", "'kv-${env}'"),
        app("", "reader", "kv-${env}").replace("name: 'reader'\n", "name: 'reader-${env}'\n"),
        grant("", "kv-a", "reader"),
    ];
    let report = report(&[("main.bicep", &text.concat())]);
    assert_eq!(path(&report, "reader"), ("fail".to_owned(), json!("firewall.source-not-allowed")));
    let finding = &report["findings"][0];
    assert!(finding["evidence"].as_array().unwrap().iter().any(|fact| fact["line"].is_u64()), "{finding:#}");
}

#[test]
fn a_consumer_that_is_perhaps_deployed_is_shown_and_unknown() {
    for (properties, code) in [(CLOSED, Some("firewall.source-not-allowed")), ("", None)] {
        let text = [
            "param on bool\n".to_owned(),
            vault("", "kv-a", properties),
            app("if (on)", "reader", "kv-a"),
            grant("if (on)", "kv-a", "reader"),
        ];
        let report = report(&[("main.bicep", &text.concat())]);
        assert_eq!(path(&report, "reader"), ("unknown".to_owned(), Value::Null));
        let codes: Vec<&Value> = report["findings"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert_eq!(codes.iter().any(|own| **own == "firewall.source-not-allowed"), code.is_some());
        assert_ne!(report["verdict"], "fail");
    }
}

#[test]
fn conditions_without_a_common_parameter_are_tried_apart() {
    // Only one of the two grants suffices; that both are off is possible.
    let text = [
        "param a string\nparam b string\n".to_owned(),
        vault("", "kv-a", ""),
        app("", "reader", "kv-a"),
        grant("if (a == 'x')", "kv-a", "reader"),
        grant("if (b == 'y')", "kv-a", "reader")
            .replace("grantreader", "second")
            .replace("guid('reader')", "guid('2')"),
    ];
    assert_eq!(path(&report(&[("main.bicep", &text.concat())]), "reader").0, "unknown");
}

/// An app whose settings a parameter may replace, as a resource of their own.
fn replaceable(settings: &str) -> String {
    format!(
        "param extra object
param name string = 'reader'
resource reader 'Microsoft.Web/sites@2023-12-01' = {{
  name: name
  location: 'westeurope'
  identity: {{ type: 'SystemAssigned' }}
}}
resource settings 'Microsoft.Web/sites/config@2023-12-01' = {{
  parent: reader
  name: 'appsettings'
  properties: {settings}
}}
"
    )
}

#[test]
fn settings_that_an_unknown_object_may_replace_declare_their_paths() {
    let reference = "'@Microsoft.KeyVault(VaultName=kv-a;SecretName=a)'";
    let known = format!("{{ first: {reference}, Second: {reference}, plain: 'x' }}");
    // Whether the rest would pass or fail: each path is there, and unknown with the reason.
    for properties in ["", CLOSED] {
        for settings in [
            format!("union({known}, extra)"),
            format!("union({known}, {{ other: 'y' }}, extra)"),
            format!("union(union({known}, extra), {{ other: 'y' }})"),
            format!("{{ ...{known}, ...extra }}"),
        ] {
            let text = [replaceable(&settings), vault("", "kv-a", properties), grant("", "kv-a", "reader")].concat();
            let report = report(&[("main.bicep", &text)]);
            for label in ["first", "Second"] {
                assert_eq!(path(&report, label), ("unknown".to_owned(), Value::Null), "{settings}");
            }
            assert_eq!(report["paths"].as_array().unwrap().iter().filter(|one| one["label"] == "plain").count(), 0);
            let gaps = report["gaps"].to_string();
            assert!(gaps.contains("parameter `extra` has no value"), "{gaps}");
            assert_eq!(
                report["findings"].as_array().unwrap().iter().filter(|one| one["severity"] == "error").count(),
                0
            );
        }
    }
    // What comes last is certain.
    let last = replaceable(&format!("union(extra, {known})"));
    let text = [last, vault("", "kv-a", CLOSED), grant("", "kv-a", "reader")].concat();
    assert_eq!(path(&report(&[("main.bicep", &text)]), "first").0, "unknown", "another setting may decide");
    // With a value, everything is.
    let given = replaceable(&format!("union({known}, extra)")).replace("param extra object", "param extra object = {}");
    let text = [given, vault("", "kv-a", CLOSED), grant("", "kv-a", "reader")].concat();
    assert_eq!(path(&report(&[("main.bicep", &text)]), "first").0, "fail");
}

#[test]
fn settings_in_a_list_that_an_unknown_object_may_replace_declare_their_paths() {
    let reference = "'@Microsoft.KeyVault(VaultName=kv-a;SecretName=a)'";
    let text = [
        "param extra object\n".to_owned(),
        vault("", "kv-a", CLOSED),
        app("", "reader", "kv-a").replace(
            "[ { name: 'reader', value: '@Microsoft.KeyVault(VaultName=kv-a;SecretName=a)' } ]",
            &format!(
                "map(items(union({{ first: {reference} }}, extra)), one => {{ name: one.key, value: one.value }})"
            ),
        ),
    ];
    assert_eq!(path(&report(&[("main.bicep", &text.concat())]), "first"), ("unknown".to_owned(), Value::Null));
}
