//! `identity.not-assigned-to-host`: the selected identity is not attached to the resource that calls.

use serde_json::{Map, Value, json};

use crate::base::{ObjectId, ResourceId};
use crate::check::{Context, declare_check, remedy};
use crate::finding::{Command, Edit, Finding, Fix, Probe, Safety, Severity};
use crate::model::ManagedIdentity;
use crate::model::managed_identity::UserAssignedIdentity;

declare_check! {
    /// ## What it means
    ///
    /// The reference selects a user-assigned identity by its client id, and no identity that is attached to the
    /// instance has that id; or `keyVaultReferenceIdentity` of an app names an identity that is not attached to the
    /// app. Tokens can be had only for identities that are attached; a grant for an identity that is not attached helps
    /// nobody. App Service does not clear `keyVaultReferenceIdentity` when the identity is taken away, and a slot has
    /// its own.
    ///
    /// ## What you will see
    ///
    /// `ValidationError`, target `identityClientId`: `Can not find Managed Identity with provided IdentityClientId :
    /// <id>. For more information please see aka.ms/apimmsi.` A Key Vault reference of an app shows `MSINotEnabled`.
    ///
    /// Often the identity was deleted and made again under the same name (its ids are new), or the id is that of
    /// another environment's identity.
    ///
    /// ## When this check stays quiet
    ///
    /// The client id of an attached identity was not read: it may be the one that is selected, so the gate is unknown.
    /// Where the id is a principal id of an attached identity, `identity.id-kind-mismatch` says so.
    pub(crate) static CHECK = {
        code: "identity.not-assigned-to-host",
        summary: "the selected identity is not attached to the instance",
        app_summary: "the selected identity is not attached to the resource that calls",
        severity: Severity::Error,
        read_on: "2026-11-21",
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity",
            "https://github.com/hashicorp/terraform-provider-azurerm/issues/30117",
        ],
        app_sources: [
            "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
            "https://github.com/Azure/azure-rest-api-specs/issues/37553",
        ],
    }
}

/// Turns what was found into something a person can act on.
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
    let mut finding = ctx.finding(&CHECK, &ctx.case.path.resource, message);
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
            format!("find the identity, and attach it to the {caller} or correct the client id"),
            [find, show.clone()],
        )];
    }
    finding.confirm = Some(Probe {
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
