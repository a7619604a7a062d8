//! Explains `identity.not-assigned-to-host`.

use serde_json::{Map, Value, json};

use crate::base::{ObjectId, ResourceId};
use crate::check::context::Context;
use crate::check::remedy;
use crate::finding::{Command, Confirmation, Edit, Finding, Fix, Safety};
use crate::model::ManagedIdentity;
use crate::model::managed_identity::UserAssignedIdentity;

/// Builds the finding: message, evidence, fixes and confirmation.
pub(crate) fn explain(ctx: &Context<'_, '_>, given: Option<&ObjectId>, identity: Option<&ResourceId>) -> Finding {
    let caller = ctx.case.path.caller();
    let message = match (identity, given) {
        (Some(id), Some(given)) => {
            format!("identity `{}`, with client id `{given}`, is not attached to the {caller}", id.name())
        }
        (Some(id), None) => format!("identity `{}` is not attached to the {caller}", id.name()),
        (None, given) => {
            format!("no attached identity has client id `{}`", given.map(ObjectId::as_str).unwrap_or_default())
        }
    };
    let mut finding = ctx.finding(&ctx.case.path.resource, message);
    let show = ctx.remedies().show_attached(ctx);
    let meant = identity.and_then(|id| attach(ctx, id));
    let super::Attached { ready, others } = super::attached(ctx);
    finding.fixes = meant.into_iter().chain(ready).chain(others).collect();
    if finding.fixes.is_empty() {
        let find = match (given, identity) {
            (Some(given), _) => {
                Command::new("az identity list").query_for("[?clientId=={}].id", &[given.as_str()]).and("--output tsv")
            }
            (None, Some(id)) => Command::new("az identity show").option("--ids", id),
            (None, None) => Command::new("az identity list --output table"),
        };
        finding.fixes = vec![remedy::by_hand(
            format!("find the identity, then attach it to the {caller} or correct the client id"),
            [find, show.clone()],
        )];
    }
    finding.confirm = Some(Confirmation {
        run_from: "a shell with the Azure CLI".to_owned(),
        command: show.line(),
        expect: match (given, identity) {
            (None, Some(id)) => format!("no entry `{}`", id.name()),
            (given, _) => format!("no entry with `clientId` `{}`", given.map(ObjectId::as_str).unwrap_or_default()),
        },
    });
    finding
}

/// Attaches the identity; those that are attached stay.
fn attach(ctx: &Context<'_, '_>, id: &ResourceId) -> Option<Fix> {
    let caller = ctx.case.caller().known()?;
    let own = &ctx.case.estate.get::<UserAssignedIdentity>(id).known()?.properties;
    let none = ManagedIdentity::default();
    let identity = caller.identity.unwrap_or(&none);
    let kind = if identity.is_system_assigned() { "SystemAssigned, UserAssigned" } else { "UserAssigned" };
    let mut full = Map::new();
    for (id, entry) in &identity.user_assigned_identities {
        let entry = entry.as_ref();
        full.insert(
            id.clone(),
            ids(entry.and_then(|e| e.principal_id.as_ref()), entry.and_then(|e| e.client_id.as_ref())),
        );
    }
    full.insert(id.to_string(), ids(own.principal_id.as_ref(), own.client_id.as_ref()));
    let attached: Vec<String> = full.keys().cloned().collect();
    let attached: Vec<&str> = attached.iter().map(String::as_str).collect();
    let edits = [
        Edit::set(caller.id, "/identity/type", kind),
        Edit::set(caller.id, "/identity/userAssignedIdentities", Value::Object(full)),
    ];
    let change = ctx.remedies().attach(ctx, id, kind, &attached, edits)?;
    Some(change.fix(format!("attach identity `{}` to the {}", id.name(), ctx.case.path.caller()), Safety::Safe))
}

fn ids(principal: Option<&ObjectId>, client: Option<&ObjectId>) -> Value {
    let text = |id: Option<&ObjectId>| id.map(|id| Value::from(id.as_str())).unwrap_or(Value::Null);
    json!({ "principalId": text(principal), "clientId": text(client) })
}
