//! Apps: the outbound route of a call, the permissions of App Service itself, and the secret version in an app.
//!
//! Each test changes a recording from `fixtures`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use apim_doctor_core::{Code, CodeName, Verdict, diagnose, v1};
use serde_json::{Value, json};

/// A recording from `fixtures`.
struct Recording(Value);

impl Recording {
    fn of(file: &str) -> Self {
        let path = format!("{}/../fixtures/{file}.json", env!("CARGO_MANIFEST_DIR"));
        Self(common::fixture::read(path.as_ref()))
    }

    fn exchanges(&mut self) -> &mut Vec<Value> {
        self.0["exchanges"].as_array_mut().unwrap()
    }

    /// Returns the body of the resource with this type, or of the request whose path ends with `end`.
    fn body(&mut self, end: &str) -> &mut Value {
        let of_type = |e: &Value| e["body"]["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case(end));
        let asked = |e: &Value| e["request"].as_str().unwrap().split('?').next().unwrap().ends_with(end);
        let exchanges = self.exchanges();
        let at = exchanges.iter().position(of_type).or_else(|| exchanges.iter().position(asked));
        &mut exchanges[at.unwrap_or_else(|| panic!("{end} is missing"))]["body"]
    }

    fn site(&mut self) -> &mut Value {
        &mut self.body("Microsoft.Web/sites")["properties"]
    }

    /// Changes the vault in its own answer and in the list.
    fn vault(&mut self, change: impl Fn(&mut Value)) {
        for exchange in self.exchanges() {
            let path = exchange["request"].as_str().unwrap().split('?').next().unwrap().to_owned();
            if path.ends_with("/Microsoft.KeyVault/vaults") {
                exchange["body"]["value"].as_array_mut().unwrap().iter_mut().for_each(|v| change(&mut v["properties"]));
            } else if exchange["body"]["type"] == "Microsoft.KeyVault/vaults" {
                change(&mut exchange["body"]["properties"]);
            }
        }
    }

    /// Sets every reference's status to `Resolved`.
    fn resolved(&mut self) {
        let references = self.body("/config/configreferences/appsettings")["value"].as_array_mut().unwrap();
        references.iter_mut().for_each(|reference| reference["properties"]["status"] = "Resolved".into());
    }

    fn account(&mut self) -> &mut Value {
        &mut self.body("Microsoft.Storage/storageAccounts")["properties"]
    }

    /// Removes everything that shows which traffic the app routes through its subnet.
    fn forget_routing(&mut self) {
        self.site().as_object_mut().unwrap().remove("outboundVnetRouting");
        self.site().as_object_mut().unwrap().remove("siteConfig");
        self.exchanges().retain(|e| !e["request"].as_str().unwrap().contains("/config/web?"));
    }

    /// Gives every subnet these service endpoints.
    fn service_endpoints(&mut self, services: &[&str]) {
        fn set(value: &mut Value, services: &Value) {
            match value {
                Value::Object(map) => {
                    if map.contains_key("addressPrefix") && map.contains_key("serviceEndpoints") {
                        map.insert("serviceEndpoints".to_owned(), services.clone());
                    }
                    map.values_mut().for_each(|inner| set(inner, services));
                }
                Value::Array(items) => items.iter_mut().for_each(|inner| set(inner, services)),
                _ => {}
            }
        }
        let services = services.iter().map(|service| json!({"service": service, "locations": ["*"]})).collect();
        set(&mut self.0, &services);
    }

    /// Puts the app on a Flex Consumption plan.
    fn on_flex(&mut self) {
        let storage = json!({"type": "blobContainer", "authentication": {"type": "SystemAssignedIdentity"}});
        self.site()["functionAppConfig"] = json!({"deployment": {"storage": storage}});
    }

    fn report(&self) -> v1::Report {
        diagnose(&common::read("ways.json", self.0.to_string().into_bytes()), &common::options())
    }

    /// Returns a path's verdict, root cause and codes.
    fn path(&self, label: &str) -> (Verdict, Option<&'static str>, Vec<&'static str>) {
        let report = self.report();
        let path = report.paths.iter().find(|path| path.label == label);
        let path = path.unwrap_or_else(|| panic!("path {label} is missing"));
        let of_path = report.findings.iter().filter(|finding| finding.affects.contains(&path.id));
        (
            path.verdict,
            path.root_cause.as_ref().and_then(CodeName::code).map(Code::text),
            of_path.filter_map(|finding| finding.code.code()).map(Code::text).collect(),
        )
    }
}

const BLOB: &str = "AzureWebJobsStorage/blob";
const CONTENT: &str = "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING/file";
const BEHIND_SUBNET: &str = "scenarios/network.service-endpoint-missing/storage";
const NOT_ROUTED: &str = "network.not-routed-through-vnet";

#[test]
fn a_path_passes_if_both_routes_are_allowed() {
    for is_flex in [true, false] {
        let mut open = Recording::of(BEHIND_SUBNET);
        open.forget_routing();
        if is_flex {
            open.on_flex();
        }
        open.account()["networkAcls"]["defaultAction"] = "Allow".into();
        assert_eq!(open.path(BLOB).0, Verdict::Pass, "{is_flex}");
        // The firewall allows only one of the two routes.
        let mut closed = Recording::of(BEHIND_SUBNET);
        closed.forget_routing();
        assert_ne!(closed.path(BLOB).0, Verdict::Pass, "{is_flex}");
        // The subnet blocks outbound traffic.
        let mut blocked = Recording::of("scenarios/network.egress-blocked/storage");
        assert_eq!(blocked.path(BLOB).0, Verdict::Fail);
        blocked.forget_routing();
        blocked.service_endpoints(&[]);
        blocked.account()["networkAcls"]["defaultAction"] = "Allow".into();
        assert_eq!(blocked.path(BLOB).0, Verdict::Unknown, "{is_flex}");
    }
}

/// Returns an app in a network, with a content share in the same account.
fn with_share() -> Recording {
    let mut recording = Recording::of(BEHIND_SUBNET);
    let account = recording.body("Microsoft.Storage/storageAccounts")["id"].as_str().unwrap().to_owned();
    let name = account.rsplit('/').next().unwrap();
    let settings = &mut recording.body("/config/appsettings/list")["properties"];
    settings["WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"] = format!("AccountName={name};AccountKey=<redacted>").into();
    settings["WEBSITE_CONTENTSHARE"] = "content-01".into();
    let share = format!("{account}/fileServices/default/shares/content-01");
    let request = format!("GET {share}?api-version=2023-05-01");
    recording.exchanges().push(json!({"request": request, "status": 200, "body": {"id": share, "properties": {}}}));
    recording
}

#[test]
fn the_route_to_a_content_share_matters_only_if_one_is_blocked() {
    let mut open = with_share();
    open.forget_routing();
    open.account()["networkAcls"]["defaultAction"] = "Allow".into();
    assert_eq!(open.path(CONTENT).0, Verdict::Pass);
    // The account allows only the subnet.
    let mut closed = with_share();
    closed.forget_routing();
    closed.service_endpoints(&["Microsoft.Storage"]);
    assert_eq!(closed.path(CONTENT).0, Verdict::Unknown);
    // Without a service endpoint, both routes are blocked.
    closed.service_endpoints(&[]);
    assert_eq!(closed.path(CONTENT).0, Verdict::Fail);
}

#[test]
fn an_unrouted_share_only_needs_the_route() {
    // The account has a rule for the subnet and no private endpoint.
    let (verdict, cause, codes) = with_share().path(CONTENT);
    assert_eq!((verdict, cause), (Verdict::Fail, Some(NOT_ROUTED)));
    assert_eq!(codes, [NOT_ROUTED]);
}

#[test]
fn flex_consumption_routes_references_automatically() {
    const LINUX: &str = "scenarios/network.not-routed-through-vnet/linux-app";
    let label = Recording::of(LINUX).report().paths[0].label.clone();
    assert_eq!(Recording::of(LINUX).path(&label).1, Some(NOT_ROUTED));
    let mut flex = Recording::of(LINUX);
    flex.resolved();
    flex.on_flex();
    let (verdict, cause, codes) = flex.path(&label);
    assert_eq!((verdict, cause), (Verdict::Pass, None));
    assert!(!codes.contains(&NOT_ROUTED), "{codes:?}");
    // Before api-version 2023-12-01, only the plan shows it. Without the plan, it is unknown.
    let mut by_plan = Recording::of(LINUX);
    by_plan.body("Microsoft.Web/serverfarms")["sku"] = json!({"name": "FC1", "tier": "FlexConsumption"});
    assert_eq!(by_plan.path(&label).1, Some(NOT_ROUTED));
    by_plan.resolved();
    let text = by_plan.0.to_string().replace("2024-11-01", "2022-03-01");
    by_plan.0 = serde_json::from_str(&text).unwrap();
    assert_eq!(by_plan.path(&label).0, Verdict::Pass);
    by_plan.exchanges().retain(|e| !e["request"].as_str().unwrap().contains("/serverfarms/"));
    assert_eq!(by_plan.path(&label).0, Verdict::Unknown);
}

#[test]
fn app_service_needs_the_certificate_and_its_secret() {
    const GRANTED: &str = "authorization.first-party-principal-not-granted";
    let with = |permissions: Value| {
        let mut recording = Recording::of("scenarios/authorization.first-party-principal-not-granted/secrets-alone");
        recording.vault(|vault| vault["accessPolicies"][0]["permissions"] = permissions.clone());
        recording
    };
    let of = |recording: &Recording| {
        let report = recording.report();
        let label = report.paths.iter().find(|p| p.consumer == "app-service-certificate").unwrap().label.clone();
        (recording.path(&label), report)
    };
    let ((verdict, cause, codes), report) = of(&with(json!({"secrets": ["get"], "certificates": ["list"]})));
    assert_eq!((verdict, cause, codes), (Verdict::Pass, None, vec![GRANTED]));
    let fix = &report.findings[0].fixes[0];
    assert!(fix.verified && fix.az[0].ends_with("--certificate-permissions list get"), "{:?}", fix.az);
    let ((verdict, cause, _), report) = of(&with(json!({"certificates": ["get"]})));
    assert_eq!((verdict, cause), (Verdict::Fail, Some("authorization.role-lacks-action")));
    assert!(report.findings[0].fixes[0].verified);
    // Both permissions are missing: the fix has both.
    let ((verdict, ..), report) = of(&with(json!({"keys": ["get"]})));
    assert_eq!(verdict, Verdict::Fail);
    let az = &report.findings[0].fixes[0].az[0];
    assert!(az.contains("--secret-permissions get --certificate-permissions get"), "{az}");
    let ((verdict, _, codes), _) = of(&with(json!({"secrets": ["Get"], "certificates": ["all"]})));
    assert_eq!((verdict, codes), (Verdict::Pass, vec![]));
}

#[test]
fn with_roles_app_service_needs_the_certificate_too() {
    let mut recording = Recording::of("checks/authorization.first-party-principal-not-granted/fixed");
    assert_eq!(recording.report().findings.len(), 0);
    // Key Vault Secrets User instead of Key Vault Certificate User.
    let text = recording.0.to_string();
    let text = text.replace("db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "4633458b-17de-408a-b874-0445c86b69e6");
    recording.0 = serde_json::from_str(&text).unwrap();
    recording.exchanges().retain(|e| !e["request"].as_str().unwrap().contains("/roleDefinitions/"));
    let report = recording.report();
    assert_eq!(report.findings.len(), 1, "{:?}", report.gaps);
    assert!(report.findings[0].message.contains("not the certificate"), "{}", report.findings[0].message);
}

#[test]
fn a_reference_with_an_old_version_does_not_pass() {
    const OLD: &str = "scenarios/latent.refresh-failed/reference";
    let (verdict, _, codes) = Recording::of(OLD).path("DbPassword");
    assert_eq!((verdict, codes), (Verdict::Unknown, vec!["latent.refresh-failed"]));
    let with = |change: fn(&mut Recording)| {
        let mut recording = Recording::of(OLD);
        change(&mut recording);
        recording.path("DbPassword")
    };
    fn reference(recording: &mut Recording) -> &mut Value {
        &mut recording.body("/configreferences/appsettings")["value"][0]["properties"]
    }
    fn secret(recording: &mut Recording) -> &mut Value {
        &mut recording.body("/secrets/db-password")["properties"]
    }
    let fresh = (Verdict::Pass, None, vec![]);
    // The secret changed 23 hours ago. For 24 hours, an older version is documented behaviour.
    assert_eq!(with(|r| secret(r)["attributes"]["updated"] = 1_795_167_000.into()), fresh);
    // The reference's version is unknown, or it is the current one.
    assert_eq!(with(|r| reference(r)["activeVersion"] = "".into()), fresh);
    assert_eq!(with(|r| reference(r)["activeVersion"] = Value::Null), fresh);
    assert_eq!(with(|r| reference(r)["activeVersion"] = "39F92FFDAA2BAB443F7A425E923E079E".into()), fresh);
    // The secret did not change after its creation.
    let made = |r: &mut Recording| {
        secret(r)["attributes"].as_object_mut().unwrap().remove("updated");
    };
    assert_eq!(with(made).0, Verdict::Unknown);
    // A pinned version never changes.
    let pinned = |r: &mut Recording| {
        let version = "0f5b1d3c9e7a48d2b6c4a1e8f3d7c905";
        let uri =
            reference(r)["reference"].as_str().unwrap().replace("db-password)", &format!("db-password/{version})"));
        reference(r)["reference"] = uri.into();
        reference(r)["secretVersion"] = version.into();
    };
    assert!(!with(pinned).2.contains(&"latent.refresh-failed"));
}
