//! Recorded results of an access against the collected data: statuses, error texts, network checks, probes, and the
//! vault's current certificate.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../../fixtures/read.rs"]
mod read;

use apim_doctor_core::v1::Report;
use apim_doctor_core::{Estate, Input, Options, Severity, Verdict, diagnose, fixed_recording};
use serde_json::{Value, json};

/// Reads a fixture, to be changed by a test.
fn fixture(name: &str) -> Value {
    let file = format!("{}/../fixtures/checks/{name}.json", env!("CARGO_MANIFEST_DIR"));
    read::read(file.as_ref())
}

fn estate(recording: &Value) -> Estate {
    let bytes = serde_json::to_vec(recording).unwrap();
    let (estate, problems) = Estate::read(vec![Input::new("changed.json", bytes)]);
    assert!(problems.is_empty(), "{problems:?}");
    estate
}

fn report(recording: &Value) -> Report {
    diagnose(&estate(recording), &Options::default())
}

/// Diagnoses a recording together with an error text.
fn report_with(recording: &Value, text: &str) -> Report {
    let mut estate = estate(recording);
    let resource = report(recording).paths[0].resource.clone();
    estate.observe(text, Some(resource.clone()));
    diagnose(&estate, &Options::default().with_resources([resource]))
}

fn body<'v>(recording: &'v mut Value, part: &str) -> &'v mut Value {
    let exchanges = recording["exchanges"].as_array_mut().unwrap();
    let found = exchanges.iter_mut().find(|e| e["request"].as_str().unwrap().contains(part) && e["status"] == 200);
    &mut found.unwrap_or_else(|| panic!("the recording has no exchange for {part}"))["body"]
}

fn verdict(report: &Report, label: &str) -> Verdict {
    let found = report.paths.iter().find(|path| path.label == label);
    found.unwrap_or_else(|| panic!("path {label} is missing")).verdict
}

fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn seconds(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap().as_second()
}

const NAMED_VALUE: &str = "latent.refresh-failed/fixed";
const REFERENCE: &str = "identity.reference-identity-not-selected/fixed";
const STORAGE: &str = "network.missing-subresource-endpoint/fixed";
const APP_CERTIFICATE: &str = "authorization.first-party-principal-not-granted/fixed";
const CONTRADICTION: &str = "caller.message-contradicts-configuration";
const NOW: &str = "2026-11-21T07:00:00Z";

/// Replaces the fixture's named value with a client certificate.
fn client_certificate(status: &Value, ends: &str) -> Value {
    let mut recording = fixture(NAMED_VALUE);
    let values = body(&mut recording, "/namedValues?")["value"].as_array_mut().unwrap();
    let at = values.iter().position(|value| value["properties"].get("keyVault").is_some()).unwrap();
    let text = values.remove(at).to_string().replace("/namedValues", "/certificates");
    let mut certificate: Value = serde_json::from_str(&text).unwrap();
    let mut reference = certificate["properties"]["keyVault"].clone();
    reference["lastStatus"] = status.clone();
    certificate["properties"] = json!({"subject": "CN=client", "expirationDate": ends, "keyVault": reference});
    body(&mut recording, "/certificates?")["value"] = json!([certificate]);
    body(&mut recording, "/secrets/backend-key?")["properties"]["contentType"] = json!("application/x-pkcs12");
    recording
}

fn vault_holds(recording: &mut Value, ends: &str, since: &str) {
    let attributes = &mut body(recording, "/secrets/backend-key?")["properties"]["attributes"];
    attributes["exp"] = json!(seconds(ends));
    attributes["updated"] = json!(seconds(since));
}

fn status(code: &str, message: &str, at: &str) -> Value {
    json!({"code": code, "message": message, "timeStampUtc": at})
}

#[test]
fn a_failed_status_keeps_an_open_path_from_passing() {
    let good = client_certificate(&status("Success", "", NOW), "2027-05-01T00:00:00Z");
    assert_eq!(report(&good).verdict, Verdict::Pass);
    let failed = report(&client_certificate(&status("Failed", "", NOW), "2027-05-01T00:00:00Z"));
    assert_eq!(verdict(&failed, "backend-key"), Verdict::Unknown);
    assert_eq!(codes(&failed), ["latent.refresh-failed"]);
    // The text shows which gate is uncertain.
    let refused = "Caller is not authorized to perform action on resource. (ForbiddenByRbac)";
    let refused = report(&client_certificate(&status("Failed", refused, NOW), "2027-05-01T00:00:00Z"));
    let gate = refused.paths[0].gates.iter().find(|gate| gate.verdict == Verdict::Unknown).unwrap();
    assert_eq!(gate.gate.name(), "authorization");
    // The failure is older than the grant.
    let old = client_certificate(&status("Failed", "", "2026-01-05T00:00:00Z"), "2027-05-01T00:00:00Z");
    assert_eq!(verdict(&report(&old), "backend-key"), Verdict::Pass);
    // The status of an app's certificate, then of an app's reference.
    let mut certificate = fixture(APP_CERTIFICATE);
    assert_eq!(report(&certificate).verdict, Verdict::Pass);
    body(&mut certificate, "Microsoft.Web/certificates")["properties"]["keyVaultSecretStatus"] =
        json!("OperationNotPermittedOnKeyVault");
    assert_eq!(report(&certificate).verdict, Verdict::Unknown);
    let mut reference = fixture(REFERENCE);
    for item in body(&mut reference, "configreferences")["value"].as_array_mut().unwrap() {
        item["properties"]["status"] = json!("AccessToKeyVaultDenied");
    }
    let denied = report(&reference);
    assert_eq!((denied.verdict, codes(&denied)), (Verdict::Unknown, vec!["platform.service-side"]));
}

#[test]
fn a_status_from_before_a_fix_does_not_count_against_it() {
    let mut recording = fixture("network.egress-blocked/broken");
    for value in body(&mut recording, "/namedValues?")["value"].as_array_mut().unwrap() {
        if let Some(reference) = value["properties"].get_mut("keyVault") {
            reference["lastStatus"] = status("Failed", "The operation has timed out", NOW);
        }
    }
    let before = report(&recording);
    assert_eq!(before.verdict, Verdict::Fail);
    assert!(before.paths[0].combined_fix.as_ref().unwrap().verified);
    let fixed = fixed_recording(&estate(&recording), &Options::default()).unwrap();
    assert_eq!(verdict(&report(&fixed), "backend-key"), Verdict::Pass);
}

#[test]
fn an_expired_certificate_never_passes() {
    let success = status("Success", "", NOW);
    let mut ended = client_certificate(&success, "2026-11-20T00:00:00Z");
    vault_holds(&mut ended, "2026-11-20T00:00:00Z", "2025-11-20T00:00:00Z");
    let ended = report(&ended);
    let [finding] = ended.findings.as_slice() else { panic!("{:?}", codes(&ended)) };
    assert_eq!((finding.code.as_str(), finding.severity), ("latent.certificate-expires", Severity::Error));
    assert_eq!(ended.verdict, Verdict::Fail);
    assert!(finding.fixes[0].title.starts_with("renew"));
    let mut app = fixture(APP_CERTIFICATE);
    body(&mut app, "Microsoft.Web/certificates")["properties"]["expirationDate"] = json!("2026-11-20T00:00:00+00:00");
    assert_eq!(report(&app).verdict, Verdict::Fail);
}

#[test]
fn the_fix_depends_on_the_certificate_in_the_vault() {
    let success = status("Success", "", NOW);
    let said = |recording: &Value| -> (Verdict, Vec<String>, String) {
        let report = report(recording);
        let expires = report.findings.iter().find(|f| f.code == "latent.certificate-expires").unwrap();
        let title = expires.fixes[0].title.clone();
        (report.verdict, codes(&report).into_iter().map(str::to_owned).collect(), title)
    };
    // Pinned: the version is the leading finding, whether or not the certificate in use has expired.
    for ends in ["2026-11-20T00:00:00Z", "2026-11-30T00:00:00Z"] {
        let mut pinned = client_certificate(&success, ends);
        vault_holds(&mut pinned, "2027-11-20T00:00:00Z", "2026-11-01T00:00:00Z");
        let list = body(&mut pinned, "/certificates?");
        let id = &mut list["value"][0]["properties"]["keyVault"]["secretIdentifier"];
        *id = json!(format!("{}/0123456789abcdef0123456789abcdef", id.as_str().unwrap()));
        let (verdict, codes, title) = said(&pinned);
        assert_ne!(verdict, Verdict::Pass);
        assert_eq!(codes.first().map(String::as_str), Some("latent.version-pinned"), "{ends}");
        assert!(!title.contains("renew"), "{title}");
    }
    // Renewed an hour ago: API Management fetches it within four hours.
    let mut young = client_certificate(&success, "2026-11-30T00:00:00Z");
    vault_holds(&mut young, "2027-11-20T00:00:00Z", "2026-11-21T08:00:00Z");
    let (verdict, codes, title) = said(&young);
    assert_eq!((verdict, codes.len()), (Verdict::Pass, 1), "{codes:?}");
    assert!(!title.contains("renew"), "{title}");
    // Renewed days ago, but the old certificate is still in use.
    let mut late = client_certificate(&success, "2026-11-30T00:00:00Z");
    vault_holds(&mut late, "2027-11-20T00:00:00Z", "2026-11-15T00:00:00Z");
    let (verdict, codes, title) = said(&late);
    assert_eq!(verdict, Verdict::Unknown);
    assert!(codes.iter().any(|code| code == "latent.refresh-failed"), "{codes:?}");
    assert!(!title.contains("renew"), "{title}");
}

#[test]
fn a_text_about_an_open_path_contradicts_it() {
    let recording = fixture(STORAGE);
    let account = report(&recording).paths[0].target.host.clone().unwrap();
    let account = account.split('.').next().unwrap();
    for (text, label) in [
        (format!("AuthorizationPermissionMismatch https://{account}.queue.core.windows.net/q"), "queue"),
        (format!("AuthorizationFailure https://{account}.table.core.windows.net/t"), "table"),
        (format!("No such host is known. ({account}.blob.core.windows.net:443)"), "blob"),
    ] {
        let report = report_with(&recording, &text);
        assert!(codes(&report).contains(&CONTRADICTION), "{text}");
        for path in &report.paths {
            let wanted = if path.label.ends_with(label) { Verdict::Unknown } else { Verdict::Pass };
            assert_eq!(path.verdict, wanted, "{text}: {}", path.label);
        }
    }
    // The client id alone names the caller.
    let mut named = fixture(NAMED_VALUE);
    let client = body(&mut named, "identities/default")["properties"]["clientId"].as_str().unwrap().to_owned();
    let text =
        format!("Caller is not authorized to perform action on resource. Caller: appid={client}; ForbiddenByRbac");
    assert_eq!(report_with(&named, &text).paths[0].verdict, Verdict::Unknown);
    let own = report(&named).paths[0].declared_at.resource.clone().unwrap();
    named["observations"] = json!([{"error": text, "resource": own, "at": "2026-01-05T00:00:00Z"}]);
    assert_eq!(report(&named).verdict, Verdict::Pass, "older than the grant");
    named["observations"][0]["at"] = json!(NOW);
    assert_eq!(report(&named).verdict, Verdict::Pass, "a later fetch succeeded");
    named["observations"][0]["at"] = json!("2026-11-21T08:00:00Z");
    assert_eq!(report(&named).verdict, Verdict::Unknown, "younger than everything");
}

#[test]
fn a_text_that_no_path_explains_is_reported() {
    let recording = fixture(STORAGE);
    let account = report(&recording).paths[0].target.host.clone().unwrap();
    let account = account.split('.').next().unwrap();
    let key = format!("KeyBasedAuthenticationNotPermitted ({account}.blob.core.windows.net)");
    let anonymous = format!("PublicAccessNotPermitted https://{account}.blob.core.windows.net/c/b");
    for text in [key.as_str(), anonymous.as_str(), "the printer is on fire", "AccessToKeyVaultDenied"] {
        let report = report_with(&recording, text);
        assert_eq!(report.verdict, Verdict::Unknown, "{text}");
        assert_eq!(codes(&report), [CONTRADICTION], "{text}");
        assert!(report.paths.iter().all(|path| path.verdict == Verdict::Pass), "{text}");
    }
    // A text that clearly names another account or caller is reported and changes nothing else.
    for text in [
        "AuthorizationPermissionMismatch https://otheraccount.blob.core.windows.net/c".to_owned(),
        format!(
            "AuthorizationPermissionMismatch https://{account}.blob.core.windows.net oid=00000000-0000-0000-0000-000000000002"
        ),
    ] {
        let report = report_with(&recording, &text);
        assert_eq!((report.verdict, codes(&report)), (Verdict::Pass, vec![CONTRADICTION]), "{text}");
    }
}

fn checked(name: &str, kind: &str, error: &str) -> Value {
    let mut recording = fixture("network.egress-blocked/fixed");
    let check = json!({"name": name, "status": "failure", "error": error, "resourceType": kind, "isOptional": false,
                       "lastUpdated": "2026-11-21T08:50:00Z", "lastStatusChange": "2026-11-19T01:00:00Z"});
    let locations = body(&mut recording, "/networkstatus");
    locations[0]["networkStatus"]["connectivityStatus"].as_array_mut().unwrap().push(check);
    recording
}

#[test]
fn network_checks_count_only_for_the_hosts_that_the_access_needs() {
    let host = report(&fixture("network.egress-blocked/fixed")).paths[0].target.host.clone().unwrap();
    for (name, kind, error, code) in [
        (format!("https://{host}:443/"), "Other", "timeout", "network.egress-blocked"),
        (
            "login.microsoftonline.com".to_owned(),
            "AzureActiveDirectory",
            "timeout",
            "network.token-endpoint-unreachable",
        ),
        (host.clone(), "Other", "No such host is known", "dns.name-unresolved"),
    ] {
        let report = report(&checked(&name, kind, error));
        assert_eq!((report.verdict, codes(&report)), (Verdict::Unknown, vec![code]), "{name}");
    }
    for name in ["smtp.example", "other-vault.vault.azure.net", "Scm"] {
        let report = report(&checked(name, "Email", "timeout"));
        assert_eq!((report.verdict, report.findings.len()), (Verdict::Pass, 0), "{name}");
    }
}

#[test]
fn a_probe_counts_only_from_the_origin_subnet() {
    let mut recording = fixture("network.egress-blocked/fixed");
    let before = report(&recording);
    let (host, origin) = (before.paths[0].target.host.clone().unwrap(), before.paths[0].origin.to_string());
    recording["probes"] = json!([{"host": host, "address": "20.1.2.3", "port": 443, "outcome": "timeout"}]);
    let elsewhere = report(&recording);
    assert_eq!((elsewhere.verdict, elsewhere.collector_saw.len()), (Verdict::Pass, 1));
    recording["vantage"] = json!({"subnet": origin});
    let there = report(&recording);
    assert_eq!((there.verdict, there.collector_saw.len()), (Verdict::Unknown, 0));
    // A successful connection does not prove the gates.
    let mut blocked = fixture("network.egress-blocked/broken");
    blocked["probes"] = json!([{"host": host, "outcome": "connected"}]);
    blocked["vantage"] = json!({"subnet": origin});
    assert_eq!(report(&blocked).verdict, Verdict::Fail);
}
