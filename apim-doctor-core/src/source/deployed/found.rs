//! The resources of a deployment as they are found in its files.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::json;

use crate::base::{Map, ResourceId};
use crate::model::authorization::ROLE_ASSIGNMENTS;
use crate::model::backup::Sender;
use crate::model::{Gap, Modelled, Shape, TypeVisitor, with_type};
use crate::source::deployed::body::{Body, Writer};
use crate::source::deployed::edit;
use crate::source::deployed::made::{Made, MadeList};
use crate::source::deployed::open::{Open, why};
use crate::source::deployed::requests::{self, Request, Requests};
use crate::source::deployed::settings::{listed, settings};
use crate::source::deployed::symbols::Symbols;
use crate::source::keep::shape_of;
use crate::template::place::Span;
use crate::template::resource::{Resource, Truth, Turn};
use crate::template::value::{Unknown, Why};

/// Types (lower case) of parts that their resource shows.
const PARTS: &[&str] = &[
    "microsoft.keyvault/vaults/accesspolicies",
    "microsoft.network/networksecuritygroups/securityrules",
    "microsoft.network/routetables/routes",
    "microsoft.network/virtualnetworks/subnets",
    "microsoft.network/virtualnetworks/virtualnetworkpeerings",
    "microsoft.web/sites/config",
    "microsoft.web/sites/networkconfig",
    "microsoft.web/sites/slots/config",
    "microsoft.web/sites/slots/networkconfig",
];

/// Names (lower case) of the configurations of apps that say something of paths.
const CONFIGS: &[&str] = &["appsettings", "connectionstrings", "web"];

/// What the evaluated resources are.
#[derive(Default)]
pub(super) struct Found {
    pub made: MadeList,
    /// Resources that the files only name.
    pub named: HashSet<ResourceId>,
    /// Resources of which it is not known whether they are made.
    pub perhaps: Vec<(ResourceId, Gap)>,
    /// Types (lower case) of which there may be more than is known, and why.
    pub open: Map<String, Gap>,
    /// What is not known of resources that are read all the same.
    pub questions: Vec<(ResourceId, Gap)>,
    /// What is known of requests for backups, by their ids.
    pub senders: Map<ResourceId, Sender>,
    /// The parameters without a value on which something hangs that is read, by where they are declared.
    pub unset: BTreeSet<Span>,
    /// The numbers of resources that are read and whose condition is not known.
    pub switches: Vec<usize>,
    /// Parts of other resources of which it is not known whether they are made: their type, the other resource if it is
    /// known, and why.
    parts: Vec<(&'static str, Option<ResourceId>, Arc<Unknown>)>,
    /// What is read of each type (lower case), found out once.
    shapes: Map<String, Option<Shape>>,
}

impl Found {
    /// Adds a resource that has a number among those that were evaluated.
    pub(super) fn add(&mut self, number: usize, resource: &Resource, symbols: &mut Symbols) {
        let kind = resource.resource_type.to_string();
        if kind.eq_ignore_ascii_case("Microsoft.Resources/deployments") || matches!(resource.condition, Truth::No) {
            return;
        }
        let id = symbols.named_by(&resource.id);
        if resource.existing {
            self.named.extend(id.clone());
            // Of an identity nothing is read but its ids.
            let is_identity = kind.eq_ignore_ascii_case("Microsoft.ManagedIdentity/userAssignedIdentities");
            if let Some(id) = id.filter(|id| is_identity && self.made.get(id).is_none()) {
                self.push(id, resource, Body::default());
            }
            return;
        }
        let lower = kind.to_ascii_lowercase();
        let is_config = matches!(lower.as_str(), "microsoft.web/sites/config" | "microsoft.web/sites/slots/config");
        let may_hold = requests::may_hold(&lower);
        let shape = self.shapes.entry(lower.clone()).or_insert_with(|| shape(&lower));
        if let Some(unknown) = unsure(resource) {
            if is_config || shape.is_some() || lower.ends_with("/providers/roleassignments") {
                self.unset(&unknown);
                self.switches.extend(is_switch(resource).then_some(number));
            }
            // Logs and the like say nothing of paths.
            let is_other =
                is_config && id.as_ref().is_some_and(|id| !CONFIGS.contains(&id.name().to_ascii_lowercase().as_str()));
            if let Some(part) = PARTS.iter().find(|part| **part == lower && !is_other) {
                self.parts.push((part, id.as_ref().and_then(ResourceId::parent), unknown.clone()));
            }
            if may_hold {
                self.perhaps_requests(id.as_ref(), resource, &unknown, symbols);
            }
            return self.unsure(id, &kind, &unknown);
        }
        let Some(id) = id else { return };
        if may_hold {
            return self.requests(&id, requests::requests(resource, &id, symbols));
        }
        let mut body = match shape {
            _ if is_config => settings(resource.body.get("properties"), symbols),
            Some(shape) => Writer::write(&resource.body, shape, symbols),
            None => return,
        };
        if lower == "microsoft.web/sites" || lower == "microsoft.web/sites/slots" {
            self.site_config(&id, resource, symbols);
            // The switch has had three places.
            if let Some(span) = body.places.get("/properties/siteconfig/vnetrouteallenabled").copied() {
                for place in ["/properties/vnetrouteallenabled", "/properties/outboundvnetrouting"] {
                    body.places.entry(place.to_owned()).or_insert(span);
                }
            }
        }
        self.push(id, resource, body);
    }

    /// Requests for backups, as resources inside the instances that they are for.
    fn requests(&mut self, holder: &ResourceId, requests: Requests) {
        self.questions.extend(requests.open.into_iter().map(|gap| (holder.clone(), gap)));
        for request in requests.found {
            let Request { id, kind, json, version, places, span, sender } = request;
            if self.senders.insert(id.clone(), sender).is_none() {
                let (kind, is_recorded, is_part) = (kind.to_owned(), false, false);
                self.made.put(Made { id, kind, version, json, places, open: None, span, is_recorded, is_part });
            }
        }
    }

    /// Requests in a resource of which it is not known whether it is made.
    fn perhaps_requests(
        &mut self,
        id: Option<&ResourceId>,
        resource: &Resource,
        unknown: &Unknown,
        symbols: &mut Symbols,
    ) {
        let holder = id.cloned().unwrap_or_else(|| ResourceId::new(&resource.resource_type));
        let Requests { found, open } = requests::requests(resource, &holder, symbols);
        if !found.is_empty() || !open.is_empty() {
            let gap = Gap::not_in_files(format!("whether `{}` is deployed: {}", holder.name(), why(unknown)));
            self.questions.push((holder, gap));
        }
    }

    /// Adds a resource that is perhaps made, or of which the name is not known.
    fn unsure(&mut self, id: Option<ResourceId>, kind: &str, unknown: &Unknown) {
        let name = id.as_ref().map_or_else(|| kind.to_owned(), |id| id.name().to_owned());
        if kind.to_ascii_lowercase().ends_with("/providers/roleassignments") {
            let gap = Gap::not_in_files(format!("which role is assigned by `{name}`: {}", why(unknown)));
            self.open.entry(ROLE_ASSIGNMENTS.to_owned()).or_insert(gap);
        }
        let gap = Gap::not_in_files(format!("whether `{name}` is deployed: {}", why(unknown)));
        self.open.entry(kind.to_ascii_lowercase()).or_insert_with(|| gap.clone());
        if let Some(id) = id {
            self.perhaps.push((id, gap));
        }
    }

    fn unset(&mut self, unknown: &Unknown) {
        if matches!(unknown.why, Why::Parameter(_)) {
            self.unset.insert(unknown.span);
        }
    }

    /// A role that is assigned at a scope of which the files do not say which it is may be assigned at any.
    pub(super) fn unsure_scopes(&mut self, symbols: &Symbols) {
        let scopes: HashSet<ResourceId> =
            self.made.iter().map(|made| made.id.clone()).chain(self.named.clone()).collect();
        let mut unsure = Vec::new();
        self.made.retain(|made| {
            let text = made.id.as_str().to_ascii_lowercase();
            let end = text.rfind("/providers/microsoft.authorization/roleassignments");
            let scope = end.and_then(|end| made.id.as_str().get(..end)).filter(|scope| symbols.may_be_anything(scope));
            let scope = scope.map(ResourceId::new).filter(|scope| !scopes.contains(scope));
            let is_sure = scope.is_none();
            unsure.extend(scope.map(|_| made.id.clone()));
            is_sure
        });
        for id in unsure {
            let gap = Gap::not_in_files(format!("at which scope role assignment `{}` is made", id.name()));
            self.open.entry(ROLE_ASSIGNMENTS.to_owned()).or_insert_with(|| gap.clone());
            self.perhaps.push((id, gap));
        }
    }

    /// What a resource shows of its parts is not known if one of them is perhaps made.
    pub(super) fn unsure_parts(&mut self) {
        for (kind, parent, why) in std::mem::take(&mut self.parts) {
            let parent_kind = kind.rsplit_once('/').map_or(kind, |(parent, _)| parent);
            for made in self.made.iter_mut() {
                let is_parent = match &parent {
                    Some(parent) => made.id == *parent,
                    None => made.kind.eq_ignore_ascii_case(parent_kind),
                };
                if is_parent && made.open.is_none() {
                    made.open = Some(Open { pointer: "/properties".to_owned(), why: why.clone() });
                }
            }
        }
    }

    fn push(&mut self, id: ResourceId, resource: &Resource, mut body: Body) {
        if !body.json.is_object() {
            body.json = json!({});
        }
        if resource.name.span.is_some() {
            body.places.insert("/name".to_owned(), resource.name.span);
        }
        self.put(id, resource, body, false);
    }

    /// The settings that stand in an app.
    fn site_config(&mut self, id: &ResourceId, resource: &Resource, symbols: &mut Symbols) {
        let Some(config) = resource.body.get("properties").and_then(|properties| properties.get("siteConfig")) else {
            return;
        };
        for (member, name) in [("appSettings", "appsettings"), ("connectionStrings", "connectionstrings")] {
            let Some(list) = config.get(member) else { continue };
            let body = listed(list, symbols);
            self.put(id.child("config", name), resource, body, true);
        }
        let mut web = settings(Some(config), symbols);
        // Here it selects no identity.
        edit::properties(&mut web.json, |web| {
            web.retain(|name, _| !name.eq_ignore_ascii_case("keyVaultReferenceIdentity"));
        });
        self.put(id.child("config", "web"), resource, web, true);
    }

    fn put(&mut self, id: ResourceId, resource: &Resource, body: Body, is_part: bool) {
        let Body { json, places, open, hidden } = body;
        self.questions.extend(hidden.into_iter().map(|gap| (id.clone(), gap)));
        if let Some(open) = &open {
            self.unset(&open.why);
        }
        let version = resource.api_version.as_str().unwrap_or_default().to_owned();
        let kind = if is_part { id.resource_type() } else { resource.resource_type.to_string() };
        let span = resource.span;
        self.made.put(Made { id, kind, version, json, places, open, span, is_recorded: false, is_part });
    }
}

/// Why it is not known whether a resource is made, or which one.
fn unsure(resource: &Resource) -> Option<Arc<Unknown>> {
    match (&resource.condition, &resource.turn, resource.id.as_unknown()) {
        (Truth::Unknown(why), ..) | (_, Some(Turn::Any(why)), _) => Some(why.clone()),
        (.., unknown) => unknown.cloned(),
    }
}

/// Whether it is known which resource is made, and only not whether it is.
fn is_switch(resource: &Resource) -> bool {
    let is_one = !matches!(resource.turn, Some(Turn::Any(_))) && !resource.id.is_unknown();
    is_one && matches!(resource.condition, Truth::Unknown(_))
}

/// What is read of a type, and of what its parent shows as well.
fn shape(kind: &str) -> Option<Shape> {
    let (read, path): (&str, &[&str]) = match kind {
        "microsoft.keyvault/vaults/accesspolicies" => ("microsoft.keyvault/vaults", &[]),
        "microsoft.network/virtualnetworks/virtualnetworkpeerings" => {
            ("microsoft.network/virtualnetworks", &["properties", "virtualNetworkPeerings"])
        }
        "microsoft.network/networksecuritygroups/securityrules" => {
            ("microsoft.network/networksecuritygroups", &["properties", "securityRules"])
        }
        "microsoft.network/routetables/routes" => ("microsoft.network/routetables", &["properties", "routes"]),
        other => (other, &[]),
    };
    let mut shape = with_type(read, ShapeOf)?;
    for step in path {
        shape = match shape {
            Shape::Members(mut members) => members.remove(step)?,
            _ => return None,
        };
    }
    match shape {
        Shape::List(inner) => Some(*inner),
        other => Some(other),
    }
}

struct ShapeOf;

impl TypeVisitor for ShapeOf {
    type Output = Shape;

    fn visit<P: Modelled>(self) -> Shape {
        shape_of::<P>()
    }
}
