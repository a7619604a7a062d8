//! `who` and `what` give the answers that `can` gives, for every principal, action and scope of the recorded estates.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;

use apim_doctor_core::v1::Permitted;
use apim_doctor_core::{Asked, AskedWhat, AskedWho, Estate, Input, ResourceId, can, is_guid, testing, what, who};
use common::Recording;
use serde_json::Value;

/// Actions on both planes, on one that is not known, and of a provider that does not exist.
const ACTIONS: &[&str] = &[
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/keys/read",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.ApiManagement/service/backup/action",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
    "Microsoft.Authorization/roleAssignments/write",
    "Contoso.Unheard/of/read",
];

/// Whether a resource is one that roles are usually assigned for.
fn is_target(id: &str) -> bool {
    let kind = ResourceId::new(id).resource_type().to_ascii_lowercase();
    ["keyvault/vaults", "apimanagement/service", "storage/storageaccounts", "recoveryservices/vaults"]
        .iter()
        .any(|target| kind.strip_prefix("microsoft.") == Some(target))
}

/// The principals and the scopes that a recording names.
fn named(document: &Value, principals: &mut BTreeSet<String>, scopes: &mut BTreeSet<String>) {
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(text) if ["principalId", "id", "objectId"].contains(&name.as_str()) && is_guid(text) => {
                        principals.insert(text.to_ascii_lowercase());
                    }
                    Some(text) if text.starts_with('/') && (name == "scope" || name == "id" && is_target(text)) => {
                        scopes.insert(text.to_ascii_lowercase());
                    }
                    _ => named(value, principals, scopes),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, principals, scopes)),
        _ => {}
    }
}

struct Questions {
    estate: Estate,
    principals: BTreeSet<String>,
    scopes: BTreeSet<String>,
    actions: BTreeSet<String>,
}

fn questions(recording: &Recording) -> Questions {
    let (estate, _) = Estate::read(vec![Input::new(recording.file.clone(), recording.bytes.clone())]);
    let (mut principals, mut scopes) = (BTreeSet::new(), BTreeSet::new());
    named(&recording.document, &mut principals, &mut scopes);
    principals.insert("99999999-9999-4999-8999-999999999999".to_owned());
    let mut actions: BTreeSet<String> = ACTIONS.iter().map(|action| (*action).to_owned()).collect();
    for asked in &recording.questions {
        principals.insert(asked.principal.to_ascii_lowercase());
        scopes.insert(asked.scope.as_str().to_ascii_lowercase());
        actions.insert(asked.action.clone());
    }
    Questions { estate, principals, scopes, actions }
}

/// The text of a grant, which is also compared.
fn by(grant: Option<&apim_doctor_core::v1::Grant>) -> Option<String> {
    grant.map(|grant| grant.assignment.as_str().to_ascii_lowercase())
}

#[test]
fn who_agrees_with_can_about_every_principal() {
    let (mut asked, mut allowed) = (0, 0);
    for recording in common::corpus("who_agrees_with_can_about_every_principal") {
        let Questions { estate, principals, scopes, actions } = questions(&recording);
        for scope in &scopes {
            for action in &actions {
                let scope = ResourceId::new(scope);
                let all = who(&estate, &AskedWho::new(action, scope.clone()));
                for principal in &principals {
                    let one = can(&estate, &Asked::new(principal, action, scope.clone()));
                    let listed = all.principals.iter().find(|listed| listed.principal == *principal);
                    let what = format!("{}: {principal} {action} {scope}", recording.file);
                    assert_eq!(listed.map_or(all.others, |listed| listed.answer), one.answer, "{what}");
                    if let Some(listed) = listed {
                        assert_eq!(by(listed.grant.as_ref()), by(one.grant.as_ref()), "{what}");
                        assert_eq!(listed.denied_by.is_some(), one.denied_by.is_some(), "{what}");
                        assert!(listed.answer != Permitted::Unknown || !listed.gaps.is_empty(), "{what}");
                    }
                    asked += 1;
                    allowed += usize::from(one.answer == Permitted::Allowed);
                }
            }
        }
    }
    println!("compared {asked} answers, {allowed} of them allowed");
    assert!(asked > 100 && allowed > 10);
}

#[test]
fn what_agrees_with_can_about_every_task() {
    let (mut asked, mut allowed) = (0, 0);
    for recording in common::corpus("what_agrees_with_can_about_every_task") {
        let Questions { estate, principals, scopes, .. } = questions(&recording);
        for principal in &principals {
            let everywhere = what(&estate, &AskedWhat::new(principal));
            for scope in &scopes {
                let id = ResourceId::new(scope);
                let here = what(&estate, &AskedWhat::new(principal).with_scope(id.clone()));
                let rights = &here.scopes[0].rights;
                // The list without a scope says the same where it has the scope.
                if let Some(own) = everywhere.scopes.iter().find(|at| at.scope == id) {
                    let short = |rights: &[apim_doctor_core::access::Right]| -> Vec<(String, Permitted)> {
                        rights.iter().map(|right| (right.action.to_string(), right.answer)).collect()
                    };
                    assert_eq!(short(&own.rights), short(rights), "{}: {principal} {scope}", recording.file);
                }
                let kind = id.resource_type().to_ascii_lowercase();
                let root = |text: &str| text.split('/').take(2).collect::<Vec<_>>().join("/").to_ascii_lowercase();
                for action in testing::tasks() {
                    if !kind.is_empty() && !kind.starts_with("microsoft.management/") && root(action) != root(&kind) {
                        continue;
                    }
                    let one = can(&estate, &Asked::new(principal, action, id.clone()));
                    let right = rights.iter().find(|right| right.action == action);
                    let what = format!("{}: {principal} {action} {scope}", recording.file);
                    assert_eq!(right.map_or(Permitted::Denied, |right| right.answer), one.answer, "{what}");
                    asked += 1;
                    allowed += usize::from(one.answer == Permitted::Allowed);
                }
            }
        }
    }
    println!("compared {asked} answers, {allowed} of them allowed");
    assert!(asked > 100 && allowed > 10);
}
