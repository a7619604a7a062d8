use std::sync::Arc;

use serde_json::{Value, json};

use super::candidates::{JUDGED, MOST_CONDITIONS};
use super::*;
use crate::model::Input;

const VAULT: &str = "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";
const GET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

fn guid(kind: usize, n: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{n:012x}")
}

fn assignment(n: usize, principal: &str, role: &str, scope: &str, more: Value) -> Value {
    let mut properties = json!({
        "principalId": principal, "scope": scope,
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
    });
    properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let name = guid(1, n);
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"), "name": name,
        "type": "Microsoft.Authorization/roleAssignments", "properties": properties,
    })
}

/// An estate with these complete lists at the vault, and with these roles.
fn estate(assignments: &[Value], denials: &[Value], more: &[Value]) -> Estate {
    let own =
        |scope: &str| -> Vec<&Value> { assignments.iter().filter(|a| a["properties"]["scope"] == scope).collect() };
    let list = |scope: &str, kind: &str, value: Value| {
        let filter = if scope == VAULT { "" } else { "&$filter=atScope()" };
        let request = format!("GET {scope}/providers/Microsoft.Authorization/{kind}?api-version=2022-04-01{filter}");
        json!({"request": request, "status": 200, "body": {"value": value}})
    };
    let mut exchanges = vec![
        list(VAULT, "roleAssignments", json!(own(VAULT))),
        list("/subscriptions/s", "roleAssignments", json!(assignments)),
        list(VAULT, "denyAssignments", json!(denials)),
    ];
    exchanges.extend(more.iter().map(|body| {
        let request = format!("GET {}?api-version=2022-04-01", body["id"].as_str().unwrap());
        json!({"request": request, "status": 200, "body": body})
    }));
    let recording = json!({"apimDoctor": "snapshot/v1", "takenAt": "2026-11-29T09:00:00Z", "exchanges": exchanges});
    let (estate, problems) = Estate::read(vec![Input::new("x", recording.to_string())]);
    assert_eq!(problems, []);
    estate
}

fn ask(estate: &Estate, principal: &str, object: &str) -> Access {
    let (principal, scope) = (ObjectId::new(principal), ResourceId::new(&format!("{VAULT}/secrets/{object}")));
    let as_of = Some("2026-11-29T09:00:00Z".parse().unwrap());
    evaluate(estate, &Request { principal: &principal, action: GET, plane: Plane::Data, scope: &scope, as_of })
}

/// Custom roles with many wildcards, none of which allows anything here.
fn wildcards(count: usize) -> Vec<Value> {
    let role = |n: usize| {
        let name = guid(2, n);
        json!({
            "id": format!("/providers/Microsoft.Authorization/roleDefinitions/{name}"), "name": name,
            "type": "Microsoft.Authorization/roleDefinitions",
            "properties": {"roleName": format!("Role {n}"), "permissions": [{
                "actions": [], "notActions": [], "notDataActions": [],
                "dataActions": [format!("{}b{n}", "*a".repeat(100))],
            }]},
        })
    };
    (0..count).map(role).collect()
}

/// As many assignments as paths, in every way that they can be each other's: the work grows as they do.
#[test]
fn the_work_grows_as_paths_and_assignments_do() {
    let service = || json!({"principalType": "ServicePrincipal"});
    let condition = || json!({"condition": "@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'x'"});
    type Make = Box<dyn Fn(usize, usize) -> Value>;
    let shapes: Vec<(&str, bool, Make)> = vec![
        ("of others", false, Box::new(move |n, _| assignment(n, &guid(9, n), USER, VAULT, service()))),
        ("of each", false, Box::new(move |n, _| assignment(n, &guid(3, n), USER, VAULT, service()))),
        ("of one", true, Box::new(move |n, _| assignment(n, &guid(3, 0), &guid(2, n), VAULT, service()))),
        (
            "of groups",
            false,
            Box::new(|n, _| assignment(n, &guid(9, n), USER, VAULT, json!({"principalType": "Group"}))),
        ),
        ("of groups that cannot", false, Box::new(|n, _| assignment(n, &guid(9, n), READER, VAULT, json!({})))),
        (
            "elsewhere",
            true,
            Box::new(move |n, _| {
                assignment(n, &guid(3, 0), USER, &format!("/subscriptions/s/resourceGroups/g{n}"), service())
            }),
        ),
        ("with conditions", true, Box::new(move |n, _| assignment(n, &guid(3, 0), USER, VAULT, condition()))),
    ];
    for (what, is_one, make) in &shapes {
        let work = |count: usize| {
            let assignments: Vec<Value> = (0..count).map(|n| make(n, count)).collect();
            let estate = estate(&assignments, &[], &wildcards(if *what == "of one" { count } else { 0 }));
            JUDGED.set(0);
            for n in 0..count {
                let principal = guid(3, if *is_one { 0 } else { n });
                let access = ask(&estate, &principal, &format!("s{n}"));
                match &access {
                    Access::Unknown { gaps, groups } => assert!(gaps.len() <= MOST + 4 && groups.len() <= MOST),
                    Access::NotGranted(short) => assert!(short.len() <= 2 * MOST + MOST_CONDITIONS, "{what}"),
                    _ => {}
                }
            }
            JUDGED.get()
        };
        let (once, twice) = (work(100), work(200));
        assert!(twice <= 2 * once + 8, "{what}: {once}, then {twice}");
        assert!(twice <= 4 * 200, "{what}: {twice}");
    }
}

#[test]
fn what_is_not_looked_at_is_unknown() {
    let condition = || json!({"condition": "@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'x'"});
    let many = |count: usize, last: Value| -> Vec<Value> {
        let own =
            |n: usize| assignment(n, &guid(3, 0), USER, VAULT, if n + 1 < count { condition() } else { last.clone() });
        (0..count).map(own).collect()
    };
    let access = |all: &[Value]| ask(&estate(all, &[], &[]), &guid(3, 0), "other");
    assert!(matches!(access(&many(MOST_CONDITIONS, condition())), Access::NotGranted(_)));
    assert!(matches!(access(&many(MOST_CONDITIONS + 1, condition())), Access::Unknown { .. }));
    // The last of many grants all the same.
    assert!(matches!(access(&many(500, json!({}))), Access::Unknown { .. } | Access::Allowed(_)));
    let denial = |n: usize| {
        json!({
            "id": format!("{VAULT}/providers/Microsoft.Authorization/denyAssignments/{}", guid(4, n)),
            "type": "Microsoft.Authorization/denyAssignments",
            "properties": {
                "scope": VAULT, "principals": [{"id": guid(3, 0), "type": "ServicePrincipal"}],
                "excludePrincipals": [], "isSystemProtected": true, "doNotApplyToChildScopes": true,
                "permissions": [{"dataActions": ["*"], "notDataActions": [], "actions": [], "notActions": []}],
            },
        })
    };
    let granted = [assignment(0, &guid(3, 0), USER, VAULT, json!({}))];
    let denials: Vec<Value> = (0..MOST_CONDITIONS + 9).map(denial).collect();
    assert!(matches!(ask(&estate(&granted, &denials, &[]), &guid(3, 0), "x"), Access::Unknown { .. }));
    assert!(matches!(ask(&estate(&granted, &[], &[]), &guid(3, 0), "x"), Access::Allowed(_)));
}

#[test]
fn the_groups_of_a_principal_count_among_many() {
    let groups = || json!({"principalType": "Group"});
    let all: Vec<Value> = (0..100).map(|n| assignment(n, &guid(9, n), USER, VAULT, groups())).collect();
    let mut estate = estate(&all, &[], &[]);
    assert!(matches!(ask(&estate, &guid(3, 0), "x"), Access::Unknown { .. }));
    let own = |n: usize| (guid(3, n), BTreeSet::from([guid(9, 99 + n)]));
    Arc::make_mut(&mut estate.index).groups_of.extend([own(0), own(1)]);
    estate.memo = Arc::default();
    assert!(matches!(ask(&estate, &guid(3, 0), "x"), Access::Allowed(_)));
    assert!(matches!(ask(&estate, &guid(3, 1), "x"), Access::NotGranted(_)));
    assert!(matches!(ask(&estate, &guid(3, 2), "x"), Access::Unknown { .. }));
}

/// A live run asks for the role assignments of each principal with a request of its own.
#[test]
fn of_the_lists_of_many_principals_only_the_own_ones_are_looked_at() {
    // What a list of a principal holds may be assigned to a group.
    let list = |n: usize, count: usize, version: &str| {
        let group = json!({"principalType": "Group"});
        let own: Vec<Value> =
            (0..count).map(|at| assignment(10 * n + at, &guid(4, n), USER, VAULT, group.clone())).collect();
        let path = "/subscriptions/s/providers/Microsoft.Authorization/roleAssignments";
        let request = format!("GET {path}?api-version={version}&$filter=assignedTo('{}')", guid(3, n));
        json!({"request": request, "status": 200, "body": {"value": own}})
    };
    let read = |lists: Vec<Value>| {
        let recording = json!({"apimDoctor": "snapshot/v1", "takenAt": "2026-11-29T09:00:00Z", "exchanges": lists});
        Estate::read(vec![Input::new("x", recording.to_string())]).0
    };
    let agreeing = read((0..200).map(|n| list(n, n % 2, "2022-04-01")).collect());
    let scope = ResourceId::new("/subscriptions/s");
    let scopes = [ResourceId::new(VAULT), scope.clone()];
    for (n, answers) in [(0, 1), (1, 1), (199, 1), (200, 0)] {
        let principal = ObjectId::new(&guid(3, n).to_ascii_uppercase());
        assert_eq!(agreeing.answers_about(&scope, ROLE_ASSIGNMENTS, &principal).len(), answers, "{n}");
        assert_eq!(coverage(&agreeing, ROLE_ASSIGNMENTS, &scopes, &principal).is_none(), answers == 1, "{n}");
    }
    let disagreeing = [list(7, 2, "2022-04-01"), list(8, 1, "2022-04-01"), list(7, 1, "2020-04-01-preview")];
    for (lists, differ) in [(&disagreeing[..2], false), (&disagreeing[..], true)] {
        let said = disagreement(&read(lists.to_vec()), &scopes);
        assert_eq!(said.is_some(), differ, "{said:?}");
    }
}
