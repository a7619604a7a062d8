//! Asks who may do something, and what a principal may do, among up to 20,000 role assignments. The time has to be linear.

use std::hint::black_box;

use apim_doctor_core::{AskedWhat, AskedWho, Estate, Input, ResourceId, what, who};
use criterion::{BatchSize, BenchmarkId, Criterion};
use serde_json::{Value, json};

const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-4333-8444-555555555555";
const VAULT: &str =
    "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-0/providers/Microsoft.KeyVault/vaults/kv";
const ROLES: [&str; 5] = [
    "4633458b-17de-408a-b874-0445c86b69e6",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "5e467623-bb1f-42f4-a55d-6e525e11384b",
];

fn guid(kind: usize, n: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{n:012x}")
}

/// A subscription in which every tenth assignment is a group's, and half of all apply to the vault.
fn estate(count: usize) -> Estate {
    let assignment = |n: usize| -> Value {
        let scope = match n % 4 {
            0 => SUBSCRIPTION.to_owned(),
            1 => VAULT.to_owned(),
            _ => format!("{SUBSCRIPTION}/resourceGroups/rg-{}", n % 1_000),
        };
        let name = guid(1, n);
        let kind = if n.is_multiple_of(10) { "Group" } else { "ServicePrincipal" };
        let role = ROLES.get(n % ROLES.len()).copied().unwrap_or_default();
        json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"), "name": name,
            "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "principalId": guid(2, n / 3), "principalType": kind, "scope": scope,
                "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
                "createdOn": "2026-01-01T00:00:00Z",
            },
        })
    };
    let all: Vec<Value> = (0..count).map(assignment).collect();
    let list = |kind: &str, value: Vec<Value>| {
        let request = format!("GET {SUBSCRIPTION}/providers/Microsoft.Authorization/{kind}?api-version=2022-04-01");
        json!({"request": request, "status": 200, "body": {"value": value}})
    };
    let recording = json!({
        "apimDoctor": "snapshot/v1", "takenAt": "2026-11-29T09:00:00Z",
        "exchanges": [list("roleAssignments", all), list("denyAssignments", vec![])],
    });
    Estate::read(vec![Input::new("estate.json", recording.to_string())]).0
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("access");
    group.sample_size(10);
    for count in [1_250, 2_500, 5_000, 10_000, 20_000] {
        let asked = AskedWho::new("Microsoft.KeyVault/vaults/secrets/getSecret/action", ResourceId::new(VAULT));
        // Answers are kept in the estate, so each run has its own. To make and to drop it is not measured.
        group.bench_function(BenchmarkId::new("who", count), |bencher| {
            bencher.iter_batched_ref(
                || estate(count),
                |estate| who(estate, black_box(&asked)),
                BatchSize::PerIteration,
            );
        });
        let asked = AskedWhat::new(guid(2, 7));
        group.bench_function(BenchmarkId::new("what", count), |bencher| {
            bencher.iter_batched_ref(
                || estate(count),
                |estate| what(estate, black_box(&asked)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    criterion.final_summary();
}
