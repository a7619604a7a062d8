//! Diagnoses hostile inputs of growing size. The time has to be linear in the size.

use std::hint::black_box;
use std::time::Duration;

use apim_doctor_core::testing::redacted;
use apim_doctor_core::{Estate, Input, Options, diagnose};
use criterion::{BenchmarkId, Criterion, Throughput};
use serde_json::{Value, json};

const CUSTOM_DOMAIN: &str = include_str!("../../fixtures/worlds/custom-domain.json");
const USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

/// An instance whose named values all come from one vault, and the instance's identity.
struct World {
    recording: Value,
    vault: String,
    principal: String,
}

impl World {
    fn of(paths: usize) -> Self {
        let mut recording: Value = serde_json::from_str(CUSTOM_DOMAIN).unwrap_or_default();
        let exchanges = recording.get_mut("exchanges").and_then(Value::as_array_mut).into_iter().flatten();
        let (mut vault, mut principal) = (String::new(), String::new());
        for exchange in exchanges {
            let request = exchange.get("request").and_then(Value::as_str).unwrap_or_default().to_owned();
            let id = exchange.pointer("/body/id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if id.contains("/vaults/") && !id.contains("/secrets/") {
                vault.clone_from(&id);
            }
            if request.contains("/service/") && request.matches('/').count() == 8 {
                let own = exchange.pointer("/body/identity/principalId").and_then(Value::as_str);
                let assigned = exchange.pointer("/body/identity/userAssignedIdentities").and_then(Value::as_object);
                let assigned = assigned.and_then(|all| all.values().next()?.get("principalId")?.as_str());
                principal = own.or(assigned).unwrap_or_default().to_owned();
            }
            if request.contains("/namedValues?")
                && let Some(Value::Array(values)) = exchange.pointer_mut("/body/value")
            {
                let base = request.split("?").next().unwrap_or_default().trim_start_matches("GET ").to_owned();
                values.extend((0..paths).map(|n| named_value(&base, n)));
            }
        }
        Self { recording, vault, principal }
    }

    /// Adds these role assignments to the vault's lists, and these exchanges to the recording.
    fn with(mut self, assignments: &[Value], more: Vec<Value>) -> Vec<u8> {
        let exchanges = self.recording.get_mut("exchanges").and_then(Value::as_array_mut);
        for exchange in exchanges.into_iter().flatten() {
            let request = exchange.get("request").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
            if request.contains("/roleassignments?")
                && request.contains("/vaults/")
                && let Some(list) = exchange.pointer_mut("/body/value")
            {
                *list = assignments.into();
            }
        }
        if let Some(Value::Array(exchanges)) = self.recording.get_mut("exchanges") {
            exchanges.extend(more);
        }
        self.recording.to_string().into_bytes()
    }
}

fn named_value(base: &str, n: usize) -> Value {
    json!({
        "id": format!("{base}/nv-{n}"), "type": "Microsoft.ApiManagement/service/namedValues", "name": format!("nv-{n}"),
        "properties": {"displayName": format!("nv-{n}"), "secret": true, "keyVault": {
            "secretIdentifier": "https://kv-contoso-gw-881b.vault.azure.net/secrets/gateway-tls", "identityClientId": null,
        }},
    })
}

fn guid(kind: usize, n: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{n:012x}")
}

fn assignment(n: usize, vault: &str, principal: &str, role: &str, kind: &str) -> Value {
    let name = guid(1, n);
    json!({
        "id": format!("{vault}/providers/Microsoft.Authorization/roleAssignments/{name}"), "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "principalId": principal, "principalType": kind, "scope": vault,
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        },
    })
}

/// A custom role whose pattern has this many wildcards.
fn role(n: usize, stars: usize) -> Value {
    let id = format!("/providers/Microsoft.Authorization/roleDefinitions/{}", guid(2, n));
    json!({"request": format!("GET {id}?api-version=2022-04-01"), "status": 200, "body": {
        "id": id, "name": guid(2, n), "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {"roleName": format!("Role {n}"), "permissions": [{
            "actions": [], "notActions": [], "dataActions": [format!("{}b{n}", "*a".repeat(stars))], "notDataActions": [],
        }]},
    }})
}

/// Returns a recording with role assignments of other principals, of groups, or of the caller with custom roles.
fn paths_by_assignments(what: &str, count: usize) -> Vec<u8> {
    let world = World::of(count);
    let (vault, own) = (world.vault.clone(), world.principal.clone());
    let of = |n: usize| match what {
        "of-others" => assignment(n, &vault, &guid(9, n), USER, "ServicePrincipal"),
        "of-groups" => assignment(n, &vault, &guid(9, n), USER, "Group"),
        _ => assignment(n, &vault, &own, &guid(2, n), "ServicePrincipal"),
    };
    let assignments: Vec<Value> = (0..count).map(of).collect();
    let roles = if what == "of-the-caller" { (0..count).map(|n| role(n, 2)).collect() } else { Vec::new() };
    world.with(&assignments, roles)
}

fn wildcard_roles(count: usize) -> Vec<u8> {
    let world = World::of(count);
    let assignments: Vec<Value> =
        (0..count).map(|n| assignment(n, &world.vault, &world.principal, &guid(2, n), "ServicePrincipal")).collect();
    world.with(&assignments, (0..count).map(|n| role(n, 100)).collect())
}

fn run(bytes: &[u8]) {
    let (estate, _) = Estate::read(vec![Input::new("hostile.json", bytes.to_vec())]);
    black_box(diagnose(&estate, &Options::default()));
}

fn main() {
    let mut criterion =
        Criterion::default().configure_from_args().sample_size(10).measurement_time(Duration::from_secs(5));
    let mut group = criterion.benchmark_group("redact");
    for piece in ["eyJ", "sig=", "AccountKey=", "bearer basic ", "://a:b@", "-----BEGIN ", "\\\"password\\\":\\\""] {
        for bytes in [100_000, 400_000] {
            let text = piece.repeat(bytes / piece.len());
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(BenchmarkId::new(piece, bytes), |b| b.iter(|| redacted(black_box(&text))));
        }
    }
    group.finish();
    let mut group = criterion.benchmark_group("paths-by-role-assignments");
    for what in ["of-others", "of-groups", "of-the-caller"] {
        for count in [1_000, 4_000] {
            let bytes = paths_by_assignments(what, count);
            group.bench_function(BenchmarkId::new(what, count), |b| b.iter(|| run(&bytes)));
        }
    }
    for count in [250, 1_000] {
        let bytes = wildcard_roles(count);
        group.bench_function(BenchmarkId::new("wildcard-roles", count), |b| b.iter(|| run(&bytes)));
    }
    group.finish();
    criterion.final_summary();
}
