//! From the resources of a deployment to an estate: what would exist once it is deployed.
//!
//! The bodies are written as a recording, so they are read like any other; what only Azure would add is added
//! ([`complete`]). Where a value was written is kept beside it.

mod against;
mod body;
mod complete;
mod edit;
mod made;
mod order;
mod requests;
mod symbols;
mod workflow;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::base::{Map, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::knowledge::first_party::{APP_SERVICE, BACKUP_SERVICE};
use crate::model::backup::Sender;
use crate::model::form::REDACTED;
use crate::model::{
    Deployed, DirectAnswer, EachType, Estate, Filter, Gap, Index, Input, ListAnswer, Lists, Modelled, Origin, Place,
    Refusal, Shape, Tables, TypeVisitor, World, with_type,
};
use crate::source::deployed::body::{Body, Open, Writer};
use crate::source::deployed::complete::Resources;
use crate::source::deployed::made::Made;
use crate::source::deployed::requests::{Request, Requests};
pub(crate) use crate::source::deployed::symbols::Symbols;
use crate::source::deployed::symbols::why;
use crate::source::keep::{LATER, shape_of};
use crate::source::{InputError, ReadOptions};
use crate::template::deployment::Evaluated;
use crate::template::place::{Files, Span};
use crate::template::resource::{Resource, Truth, Turn};
use crate::template::value::{Context, Kind, Symbol, Value, Why};

/// The type of role assignments, in lower case.
const ROLE_ASSIGNMENTS: &str = "microsoft.authorization/roleassignments";

/// What is deployed, and how its files are read.
pub(crate) struct Deployment<'d> {
    /// The files.
    pub files: &'d Files,
    /// What they make.
    pub evaluated: &'d Evaluated,
    /// The ids of what it deletes.
    pub deleted: &'d [Value],
    /// Whether they are all there is.
    pub is_all: bool,
    /// The cloud that it goes to.
    pub cloud: Cloud,
    /// What exists.
    pub against: Option<&'d Estate>,
}

impl Deployment<'_> {
    /// The estate after the deployment.
    pub(crate) fn estate(&self) -> (Estate, Vec<InputError>) {
        let (mut symbols, mut found) = (self.symbols(), Found::default());
        for resource in &self.evaluated.resources {
            found.add(resource, &mut symbols);
        }
        found.unsure_scopes(&symbols);
        let Found { made, mut named, perhaps, mut open, questions, senders, .. } = found;
        for (made, unknown) in made.iter().filter_map(|made| Some((made, made.open.as_ref()?))) {
            open.entry(made.kind.to_ascii_lowercase()).or_insert_with(|| gap(&made.id, unknown));
        }
        let (made, recorded) = self.over_recorded(made);
        made.iter().for_each(|made| {
            named.remove(&made.id);
        });
        let mut all = Resources { made, symbols: &mut symbols };
        all.complete();
        let names_somebody = all.names_a_principal();
        let made = all.made.clone();
        if !self.is_all && self.against.is_none() {
            all.link(&self.cloud);
        }
        let linked = all.made;
        let mut order = order::order(self.evaluated, &mut symbols);
        order.existing = recorded;
        let written = made.iter().filter(|made| !made.is_recorded);
        let origins = written.map(|made| (made.id.clone(), self.origin(made))).collect();
        let known = Known {
            tenant: symbols.text(&Symbol::Context(Context::Tenant)),
            // An object id that the files spell out may be anybody's.
            first_parties: if names_somebody { Vec::new() } else { first_parties(&self.cloud, &mut symbols) },
            perhaps,
            deleted: self.deleted.iter().filter_map(|id| named_by(id, &mut symbols)).collect(),
        };
        let words = symbols.into_words();
        let has_more = self.against.is_some();
        let deployed = Deployed { is_all: true, has_more, named, open, questions, senders, origins, words, order };
        let (estate, problems) = self.read(&made, &known);
        if self.is_all {
            return (in_world(estate, deployed), problems);
        }
        let linked = (linked.len() > made.len()).then(|| self.read(&linked, &known).0);
        let alone = Some(Arc::new(in_world(estate.clone(), deployed.clone())));
        let linked = linked.map(|linked| Arc::new(in_world(linked, deployed.clone())));
        let estate = in_world(estate, Deployed { is_all: false, ..deployed });
        (Estate { alone, linked, ..estate }, problems)
    }

    /// The texts that stand for what does not exist yet, as in the estate.
    pub(crate) fn symbols(&self) -> Symbols {
        let mut symbols = Symbols::default();
        if let Some(against) = self.against {
            against::name_identities(against, &mut symbols);
        }
        symbols
    }

    /// Lays what is made over what was recorded; also the ids of what was there.
    fn over_recorded(&self, mut made: Vec<Made>) -> (Vec<Made>, HashSet<ResourceId>) {
        let Some(against) = self.against else { return (made, HashSet::new()) };
        let mut recorded = against::recorded(against);
        let ids = recorded.iter().map(|made| made.id.clone()).collect();
        let mut numbers: Map<ResourceId, usize> = Map::default();
        made.iter().enumerate().for_each(|(at, made)| {
            numbers.insert(made.id.clone(), at);
        });
        recorded.retain(|before| match numbers.get(&before.id).and_then(|at| made.get_mut(*at)) {
            Some(made) => {
                against::over(&before.json, &mut made.json);
                false
            }
            None => true,
        });
        made.extend(recorded);
        (made, ids)
    }

    /// Reads the resources as answers of Resource Manager.
    fn read(&self, made: &[Made], known: &Known) -> (Estate, Vec<InputError>) {
        if let Some(against) = self.against {
            return (laid_over(against, made, known), Vec::new());
        }
        let exchanges: Vec<Json> = made.iter().filter(|made| made.open.is_none()).map(exchange).collect();
        let recording = json!({ "apimDoctor": "snapshot/v1", "tenantId": known.tenant, "cloud": self.cloud.name,
            "exchanges": exchanges });
        let inputs = vec![Input::new("deployment", recording.to_string())];
        let (mut estate, problems) = Estate::read_as(inputs, &ReadOptions::default(), &LATER);
        for (made, open) in made.iter().filter_map(|made| Some((made, made.open.as_ref()?))) {
            estate.refusals.insert(made.id.clone(), Refusal::NotSeen(gap(&made.id, open)));
        }
        for (id, gap) in &known.perhaps {
            estate.refusals.insert(id.clone(), Refusal::NotSeen(gap.clone()));
        }
        // Nothing was sent yet.
        estate.calls.clear();
        Arc::make_mut(&mut estate.direct).extend(known.first_parties.iter().cloned());
        (estate, problems)
    }

    fn origin(&self, made: &Made) -> Origin {
        let place = |span: Span| {
            let position = self.files.position(span)?;
            let file = self.files.path(span)?.display().to_string();
            Some((Arc::from(file), position.line as usize, position.column as usize))
        };
        let places = made.places.iter().filter_map(|(pointer, span)| Some((pointer.clone(), place(*span)?))).collect();
        Origin { at: place(made.span), places }
    }
}

/// What is known of a deployment beside its resources.
struct Known {
    tenant: String,
    /// What Microsoft Graph would answer about applications of Microsoft.
    first_parties: Vec<(String, DirectAnswer)>,
    /// Resources of which it is not known whether they are made.
    perhaps: Vec<(ResourceId, Gap)>,
    /// What the deployment deletes.
    deleted: Vec<ResourceId>,
}

/// The resource that a value names.
fn named_by(id: &Value, symbols: &mut Symbols) -> Option<ResourceId> {
    match &id.kind {
        Kind::String(text) => Some(ResourceId::new(text)),
        Kind::Symbol(symbol) => Some(ResourceId::new(&symbols.text(symbol))),
        _ => None,
    }
}

/// What exists, with what is made.
fn laid_over(against: &Estate, made: &[Made], known: &Known) -> Estate {
    let mut estate = against.clone();
    for id in &known.deleted {
        estate.tables.remove(id);
        estate.refusals.insert(id.clone(), Refusal::NotFound);
    }
    let mut new = Vec::new();
    for made in made.iter().filter(|made| !made.is_recorded) {
        if estate.tables.place(&made.id).is_none() {
            new.push(made.id.clone());
        }
        match &made.open {
            None => against::insert(&mut estate, made),
            Some(open) => {
                estate.tables.remove(&made.id);
                estate.refusals.insert(made.id.clone(), Refusal::NotSeen(gap(&made.id, open)));
            }
        }
    }
    for (id, gap) in &known.perhaps {
        estate.tables.remove(id);
        estate.refusals.insert(id.clone(), Refusal::NotSeen(gap.clone()));
    }
    against::list(&mut estate, &new);
    estate
}

/// What Microsoft Graph would answer about the applications of Microsoft that read vaults.
fn first_parties(cloud: &Cloud, symbols: &mut Symbols) -> Vec<(String, DirectAnswer)> {
    let all = [&APP_SERVICE, &BACKUP_SERVICE].into_iter().filter_map(|party| party.app_id(&cloud.name));
    all.map(|app| {
        let principal = Symbol::Principal(format!("extension:microsoft.graph/serviceprincipals/{app}").into());
        let answer = DirectAnswer { status: 200, id: Some(symbols.text(&principal)), ..DirectAnswer::default() };
        (format!("{}/v1.0/serviceprincipals(appid='{app}')", cloud.graph), answer)
    })
    .collect()
}

/// The estate in a world where the files hold what they hold.
fn in_world(mut estate: Estate, deployed: Deployed) -> Estate {
    if !deployed.has_more {
        let mut lists = Lists::default();
        Tables::each_type(&mut ListEach { estate: &estate, deployed: &deployed, lists: &mut lists });
        estate.lists = Arc::new(lists);
    }
    let mut index = Index::of(&estate);
    let (cloud, refused) = (&estate.cloud, estate.refusals.keys());
    let unread = refused.chain(&deployed.named).filter(|id| estate.tables.place(id).is_none());
    unread.for_each(|id| index.add_unread(id, cloud));
    estate.index = Arc::new(index);
    estate.world = World::Deployed(Arc::new(deployed));
    estate.memo = Arc::default();
    estate
}

/// An answer of Resource Manager that has this body.
fn exchange(made: &Made) -> Json {
    if let Some((instance, leaf)) = sent_to(made) {
        let request = format!("POST {instance}/{leaf}?api-version={}", made.version);
        return json!({ "request": request, "status": 202, "send": made.json });
    }
    let mut body = made.json.clone();
    edit::set(&mut body, "id", made.id.as_str());
    edit::set(&mut body, "name", made.id.name());
    edit::set(&mut body, "type", made.kind.as_str());
    edit::properties(&mut body, |_| {});
    json!({ "request": format!("GET {}?api-version={}", made.id, made.version), "status": 200, "body": body })
}

/// The instance and the operation, if it is a request for a backup or a restore.
fn sent_to(made: &Made) -> Option<(ResourceId, &'static str)> {
    let is = |leaf: &&&str| made.kind.eq_ignore_ascii_case(&format!("Microsoft.ApiManagement/service/{leaf}"));
    Some((made.id.parent()?, *["backup", "restore"].iter().find(is)?))
}

/// Something that is read and that the files do not say.
fn gap(id: &ResourceId, open: &Open) -> Gap {
    let what =
        format!("`{}` of `{}`: {}", open.pointer.trim_start_matches('/').replace('/', "."), id.name(), why(&open.why));
    Gap::not_in_files(what)
}

/// What the evaluated resources are.
#[derive(Default)]
struct Found {
    made: Vec<Made>,
    named: HashSet<ResourceId>,
    /// Resources of which it is not known whether they are made.
    perhaps: Vec<(ResourceId, Gap)>,
    /// Types (lower case) of which there may be more than is known, and why.
    open: Map<String, Gap>,
    /// What is not known of resources that are read all the same.
    questions: Vec<(ResourceId, Gap)>,
    /// What is known of requests for backups, by their ids.
    senders: Map<ResourceId, Sender>,
    /// What is read of each type (lower case), found out once.
    shapes: Map<String, Option<Shape>>,
}

impl Found {
    fn add(&mut self, resource: &Resource, symbols: &mut Symbols) {
        let kind = resource.resource_type.to_string();
        if kind.eq_ignore_ascii_case("Microsoft.Resources/deployments") || matches!(resource.condition, Truth::No) {
            return;
        }
        let id = named_by(&resource.id, symbols);
        let unsure = match (&resource.condition, &resource.turn, resource.id.as_unknown()) {
            (Truth::Unknown(why), ..) | (_, Some(Turn::Any(why)), _) => Some(why.clone()),
            (.., unknown) => unknown.cloned(),
        };
        if resource.existing {
            self.named.extend(id.clone());
            // Of an identity nothing is read but its ids.
            if let (Some(id), true) =
                (id, kind.eq_ignore_ascii_case("Microsoft.ManagedIdentity/userAssignedIdentities"))
            {
                self.push(id, resource, Body::default());
            }
            return;
        }
        if let Some(why) = unsure {
            let name = id.as_ref().map_or_else(|| kind.clone(), |id| id.name().to_owned());
            if kind.to_ascii_lowercase().ends_with("/providers/roleassignments") {
                let gap = Gap::not_in_files(format!("which role is assigned by `{name}`: {}", symbols::why(&why)));
                self.open.entry(ROLE_ASSIGNMENTS.to_owned()).or_insert(gap);
            }
            let gap = Gap::not_in_files(format!("whether `{name}` is deployed: {}", symbols::why(&why)));
            self.open.entry(kind.to_ascii_lowercase()).or_insert_with(|| gap.clone());
            if requests::may_hold(&kind.to_ascii_lowercase()) {
                let holder = id.clone().unwrap_or_else(|| ResourceId::new(&kind));
                let Requests { found, open } = requests::requests(resource, &holder, symbols);
                if !found.is_empty() || !open.is_empty() {
                    self.questions.push((holder, gap.clone()));
                }
            }
            if let Some(id) = id {
                self.perhaps.push((id, gap));
            }
            return;
        }
        let Some(id) = id else { return };
        let lower = kind.to_ascii_lowercase();
        if requests::may_hold(&lower) {
            return self.requests(&id, requests::requests(resource, &id, symbols));
        }
        let mut body = match lower.as_str() {
            "microsoft.web/sites/config" | "microsoft.web/sites/slots/config" => {
                settings(resource.body.get("properties"), symbols)
            }
            _ => match self.shapes.entry(lower.clone()).or_insert_with(|| shape(&lower)) {
                Some(shape) => Writer::write(&resource.body, shape, symbols),
                None => return,
            },
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
                let kind = kind.to_owned();
                self.made.push(Made { id, kind, version, json, places, open: None, span, is_recorded: false });
            }
        }
    }

    /// A role that is assigned at a scope of which the files do not say which it is may be assigned at any.
    fn unsure_scopes(&mut self, symbols: &Symbols) {
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

    fn push(&mut self, id: ResourceId, resource: &Resource, body: Body) {
        let Body { json, mut places, open, hidden } = body;
        self.questions.extend(hidden.into_iter().map(|gap| (id.clone(), gap)));
        let json = if json.is_object() { json } else { json!({}) };
        if resource.name.span.is_some() {
            places.insert("/name".to_owned(), resource.name.span);
        }
        let version = resource.api_version.as_str().unwrap_or_default().to_owned();
        let kind = resource.resource_type.to_string();
        self.made.retain(|made| made.id != id);
        self.made.push(Made { id, kind, version, json, places, open, span: resource.span, is_recorded: false });
    }

    /// The settings that stand in an app.
    fn site_config(&mut self, id: &ResourceId, resource: &Resource, symbols: &mut Symbols) {
        let Some(config) = resource.body.get("properties").and_then(|properties| properties.get("siteConfig")) else {
            return;
        };
        for (member, name) in [("appSettings", "appsettings"), ("connectionStrings", "connectionstrings")] {
            let Some(list) = config.get(member) else { continue };
            let body = listed(list, symbols);
            self.config(id.child("config", name), resource, body);
        }
        let mut web = settings(Some(config), symbols);
        // Here it selects no identity.
        edit::properties(&mut web.json, |web| {
            web.retain(|name, _| !name.eq_ignore_ascii_case("keyVaultReferenceIdentity"));
        });
        self.config(id.child("config", "web"), resource, web);
    }

    fn config(&mut self, id: ResourceId, resource: &Resource, body: Body) {
        let Body { json, places, open, hidden } = body;
        self.questions.extend(hidden.into_iter().map(|gap| (id.clone(), gap)));
        let version = resource.api_version.as_str().unwrap_or_default().to_owned();
        self.made.push(Made {
            kind: id.resource_type(),
            id,
            version,
            json,
            places,
            open,
            span: resource.span,
            is_recorded: false,
        });
    }
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

/// Settings as an object of names and values.
fn settings(value: Option<&Value>, symbols: &mut Symbols) -> Body {
    let mut body = Body { json: json!({ "properties": {} }), ..Body::default() };
    let Some(object) = value.and_then(Value::as_object) else { return body };
    for (name, value) in object.entries() {
        body.set(&name.text, value, name.span, symbols);
    }
    if let Some(why) = &object.open {
        body.open = Some(Open { pointer: "/properties".to_owned(), why: why.clone() });
    }
    body
}

/// Settings as a list of objects with name and value.
fn listed(value: &Value, symbols: &mut Symbols) -> Body {
    let mut body = Body { json: json!({ "properties": {} }), ..Body::default() };
    let Some(array) = value.as_array() else {
        if let Some(why) = value.as_unknown() {
            body.open = Some(Open { pointer: "/properties".to_owned(), why: why.clone() });
        }
        return body;
    };
    for item in &array.items {
        let name = item.get("name").and_then(Value::as_str);
        let value = item.as_object().and_then(|own| own.entry("value").or_else(|| own.entry("connectionString")));
        match (name, value) {
            (Some(name), Some((key, value))) => body.set(name, value, key.span, symbols),
            (Some(_), None) => {}
            (None, _) => {
                let why = item.get("name").and_then(Value::as_unknown).map(|unknown| why(unknown));
                let why = why.unwrap_or_else(|| "its name has no value".to_owned());
                body.hidden.push(Gap::not_in_files(format!("which setting an element of the settings is: {why}")));
            }
        }
    }
    if let Some(why) = &array.open {
        body.open = Some(Open { pointer: "/properties".to_owned(), why: why.clone() });
    }
    body
}

impl Body {
    fn hide(&mut self, setting: &str, why: &str) {
        self.hidden.push(Gap::not_in_files(format!("whether setting `{setting}` is a reference: {why}")));
    }

    /// Adds a setting. What its value is matters only where it is a reference or a switch.
    fn set(&mut self, name: &str, value: &Value, written: Span, symbols: &mut Symbols) {
        let value = value.get("value").unwrap_or(value);
        let json: Json = match &value.kind {
            Kind::Null => return,
            Kind::Bool(value) => (*value).into(),
            Kind::Int(number) => (*number).into(),
            Kind::String(text) => (**text).into(),
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::Parameter { name: parameter, .. } => {
                    self.hide(name, &format!("parameter `{parameter}` has no value"));
                    REDACTED.into()
                }
                symbol => symbols.text(symbol).into(),
            },
            Kind::Unknown(unknown) => {
                if !matches!(unknown.why, Why::Secret(_)) {
                    self.hide(name, &why(unknown));
                }
                REDACTED.into()
            }
            _ => REDACTED.into(),
        };
        let pointer = format!("/properties/{}", name.replace('~', "~0").replace('/', "~1"));
        self.places.insert(pointer.to_ascii_lowercase(), written.or(value.span));
        edit::properties(&mut self.json, |own| {
            own.insert(name.to_owned(), json);
        });
    }
}

struct ShapeOf;

impl TypeVisitor for ShapeOf {
    type Output = Shape;

    fn visit<P: Modelled>(self) -> Shape {
        shape_of::<P>()
    }
}

/// Lists that hold what the files make.
struct ListEach<'l> {
    estate: &'l Estate,
    deployed: &'l Deployed,
    lists: &'l mut Lists,
}

impl EachType for ListEach<'_> {
    fn visit<P: Modelled>(&mut self) {
        for resource in self.estate.all::<P>() {
            let kind = resource.id.resource_type().to_ascii_lowercase();
            let Some(kind) = P::TYPES.iter().find(|own| **own == kind).copied() else { continue };
            let nested = kind.matches('/').count() > 1
                || resource.id.as_str().to_ascii_lowercase().matches("/providers/").count() > 1;
            let scope = if nested { resource.id.parent() } else { resource.id.subscription_scope() };
            let Some(scope) = scope else { continue };
            let kinds = self.lists.entry(scope).or_default();
            let at = Place { file: u16::MAX, offset: 0, len: 0 };
            match kinds.iter_mut().find(|(own, _)| *own == kind) {
                Some((_, answers)) => answers.iter_mut().for_each(|answer| answer.ids.push(resource.id.clone())),
                None => {
                    let not_seen = self.deployed.open(kind);
                    let ids = vec![resource.id.clone()];
                    kinds.push((kind, vec![ListAnswer { filter: Filter::None, ids, not_seen, is_gone: false, at }]));
                }
            }
        }
    }
}
