//! A deployment laid over what exists.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::base::{Map, ResourceId};
use crate::model::{
    Estate, Filter, Modelled, Place, Refusal, Resource, Row, Seen, TypeVisitor, is_bare, list_scope, with_type,
};
use crate::source::deployed::edit::{properties, text};
use crate::source::deployed::made::{Made, MadeList};
use crate::source::deployed::symbols::Symbols;
use crate::template::place::Span;
use crate::template::value::{Context, Symbol};

/// What Azure says of a resource and no deployment sends: it stays when the resource is deployed again.
const KEPT: &[&str] = &[
    "createdAtUtc",
    "defaultHostName",
    "outboundPublicIPAddresses",
    "platformVersion",
    "possibleOutboundIpAddresses",
    "primaryEndpoints",
    "privateEndpointConnections",
    "provisioningState",
    "publicIPAddresses",
    "state",
    "vaultUri",
];

/// Lists of children that a deployment of their parent leaves alone where it does not send them.
const CHILDREN: &[&str] = &["subnets", "virtualNetworkPeerings"];

/// The resources of a recording.
pub(super) fn recorded(estate: &Estate) -> Vec<Made> {
    let mut found: Vec<Made> = Vec::new();
    let mut seen = HashSet::new();
    for (id, place) in estate.tables.places() {
        let Some(json) = body(estate, id, place).filter(|_| seen.insert(id.clone())) else { continue };
        let kind = id.resource_type();
        found.push(Made {
            id: id.clone(),
            kind,
            version: String::new(),
            json,
            places: Map::default(),
            open: None,
            span: Span::NONE,
            is_recorded: true,
            is_part: false,
        });
    }
    found
}

fn body(estate: &Estate, id: &ResourceId, place: Place) -> Option<Json> {
    let bytes = estate.inputs.get(usize::from(place.file))?.bytes.get(place.offset..place.offset + place.len)?;
    let body: Json = serde_json::from_slice(bytes).ok()?;
    let own = body.get("id").and_then(Json::as_str).map(ResourceId::new);
    // A part of a body, such as a subnet in its network, is read with the whole.
    (own.is_none() || own.as_ref() == Some(id)).then_some(body)
}

/// The ids of identities that exist.
pub(super) fn name_identities(estate: &Estate, symbols: &mut Symbols) {
    if let Some(tenant) = estate.tenant_id.as_ref().map(ToString::to_string).or_else(|| tenant_of(estate)) {
        symbols.name(&Symbol::Context(Context::Tenant), &tenant);
    }
    let mut name = |id: &ResourceId, principal: Option<&str>, client: Option<&str>| {
        let key: Arc<str> = id.as_str().to_ascii_lowercase().into();
        if let Some(principal) = principal {
            symbols.name(&Symbol::Principal(key.clone()), principal);
        }
        if let Some(client) = client {
            symbols.name(&Symbol::Client(key), client);
        }
    };
    for (id, place) in estate.tables.places() {
        let Some(body) = body(estate, id, place) else { continue };
        let kind = id.resource_type().to_ascii_lowercase();
        let (principal, client) = (text(&body, "/properties/principalId"), text(&body, "/properties/clientId"));
        match kind.as_str() {
            "microsoft.managedidentity/userassignedidentities" => name(id, principal, client),
            "microsoft.managedidentity/identities" => {
                let end = id.as_str().to_ascii_lowercase().rfind("/providers/microsoft.managedidentity/");
                let owner = end.and_then(|end| id.as_str().get(..end)).map(ResourceId::new);
                if let Some(owner) = owner {
                    name(&owner, principal, client);
                }
            }
            _ => name(id, text(&body, "/identity/principalId"), None),
        }
    }
}

/// The tenant of all identities that were recorded, which is that of their subscriptions.
fn tenant_of(estate: &Estate) -> Option<String> {
    let bodies = estate.tables.places().filter_map(|(id, place)| body(estate, id, place));
    let tenants = bodies.filter_map(|body| text(&body, "/identity/tenantId").map(str::to_ascii_lowercase));
    let all: HashSet<String> = tenants.collect();
    all.iter().next().filter(|_| all.len() == 1).cloned()
}

/// A body that is deployed again.
pub(super) fn over(recorded: &Json, deployed: &mut Json) {
    let Some(before) = recorded.get("properties").and_then(Json::as_object) else { return };
    properties(deployed, |own| {
        for (name, value) in before {
            let stays = KEPT.iter().chain(CHILDREN).any(|kept| kept.eq_ignore_ascii_case(name));
            if stays && !own.keys().any(|own| own.eq_ignore_ascii_case(name)) {
                own.insert(name.clone(), value.clone());
            }
        }
    });
}

/// Forgets what was answered about children of resources that did not exist: only the files say what is below them.
pub(super) fn forget_below(estate: &mut Estate, made: &MadeList) {
    let is_new = |made: &&Made| {
        let refused = estate.refusals.get(&made.id);
        !made.is_recorded
            && estate.tables.place(&made.id).is_none()
            && refused.is_none_or(|refusal| matches!(refusal, Refusal::NotFound))
    };
    let new: HashSet<ResourceId> = made.iter().filter(is_new).map(|made| made.id.clone()).collect();
    let is_below = |id: &ResourceId| id.scopes().any(|scope| new.contains(&scope));
    Arc::make_mut(&mut estate.lists).retain(|scope, _| !is_below(scope));
    estate.refusals.retain(|id, _| new.contains(id) || !is_below(id));
}

/// Puts a resource into an estate.
pub(super) fn insert(estate: &mut Estate, made: &Made) {
    let mut body = made.json.clone();
    if let Some(object) = body.as_object_mut() {
        object.insert("id".to_owned(), made.id.as_str().into());
        object.entry("properties").or_insert_with(|| serde_json::json!({}));
    }
    estate.refusals.remove(&made.id);
    with_type(&made.kind.to_ascii_lowercase(), Insert { estate, made, body: &body });
}

struct Insert<'e> {
    estate: &'e mut Estate,
    made: &'e Made,
    body: &'e Json,
}

impl TypeVisitor for Insert<'_> {
    type Output = ();

    fn visit<P: Modelled>(self) {
        let Insert { estate, made, body } = self;
        let read = match is_bare::<P>() && made.json.get("properties").is_none() {
            true => Resource::<P>::deserialize(&serde_json::json!({ "properties": made.json })),
            false => Resource::<P>::deserialize(body),
        };
        let Ok(resource) = read else { return };
        let resource = Resource { id: made.id.clone(), ..resource };
        let at = Place { file: u16::MAX, offset: 0, len: 0 };
        let rank = (Seen::Fetched, made.version.as_str().into());
        let row = Row { resource, rank, at, last: at.file, also: Vec::new() };
        P::table_mut(&mut estate.tables).insert(made.id.clone(), Arc::new(row));
    }
}

/// Adds new resources to the lists that were recorded.
pub(super) fn list(estate: &mut Estate, new: &[ResourceId]) {
    let lists = Arc::make_mut(&mut estate.lists);
    for id in new {
        let kind = id.resource_type().to_ascii_lowercase();
        // A list of assignments without a filter holds those below its scope as well.
        let scopes: Vec<ResourceId> = match kind.starts_with("microsoft.authorization/") {
            true => id.scopes().skip(1).collect(),
            false => list_scope(id).into_iter().collect(),
        };
        for scope in scopes {
            let kinds = lists.get_mut(&scope).into_iter().flatten().filter(|(own, _)| *own == kind);
            for answer in kinds.flat_map(|(_, answers)| answers) {
                if matches!(answer.filter, Filter::None | Filter::AtScope) {
                    answer.ids.push(id.clone());
                    answer.sort();
                }
            }
        }
    }
}
