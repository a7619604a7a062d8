//! Requests for a backup or a restore that files hold: actions of workflows and pipelines that post them to Resource Manager.

use percent_encoding::percent_decode_str;
use serde_json::{Map as Object, Value as Json};

use crate::base::{Map, ObjectId, ResourceId};
use crate::model::Gap;
use crate::model::backup::Sender;
use crate::model::form::REDACTED;
use crate::source::deployed::open::why;
use crate::source::deployed::symbols::{Symbols, may_be_anything};
use crate::source::deployed::workflow::Expressions;
use crate::source::operation::request_id;
use crate::template::json;
use crate::template::place::Span;
use crate::template::resource::Resource;
use crate::template::value::{self, Kind, Symbol, Value};

/// The most objects of one definition that are looked at, and how deeply they may be nested.
const MOST: usize = 20_000;
const DEEPEST: usize = 64;

/// The most elements of a loop's list that are followed.
const MOST_ITEMS: usize = 100;

/// A request, as a resource inside the instance.
#[derive(Debug)]
pub(super) struct Request {
    pub id: ResourceId,
    pub kind: &'static str,
    pub json: Json,
    pub version: String,
    pub places: Map<String, Span>,
    pub span: Span,
    pub sender: Sender,
}

/// What a definition holds.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// The requests.
    pub found: Vec<Request>,
    /// Requests for a backup of which the files do not say what they are for.
    pub open: Vec<Gap>,
}

/// Whether a resource of a type (lower case) may hold requests.
pub(super) fn may_hold(kind: &str) -> bool {
    matches!(
        kind,
        "microsoft.logic/workflows"
            | "microsoft.logic/workflows/actions"
            | "microsoft.datafactory/factories/pipelines"
            | "microsoft.synapse/workspaces/pipelines"
            | "microsoft.apimanagement/service/backup"
            | "microsoft.apimanagement/service/restore"
    )
}

/// The requests of a resource.
pub(super) fn requests(resource: &Resource, id: &ResourceId, symbols: &mut Symbols) -> Requests {
    let kind = resource.resource_type.to_ascii_lowercase();
    // An action belongs to its workflow, and a pipeline calls as its factory.
    let sends = match kind.as_str() {
        "microsoft.logic/workflows" => Some(id.clone()),
        _ => id.parent(),
    };
    let body = &resource.body;
    let is_system = match kind.as_str() {
        "microsoft.logic/workflows" => {
            let kinds = body.get("identity").and_then(|identity| identity.get("type")).and_then(Value::as_str);
            kinds.is_some_and(|kinds| kinds.to_ascii_lowercase().contains("systemassigned"))
        }
        _ => !kind.starts_with("microsoft.apimanagement/"),
    };
    let mut walk =
        Walk { symbols, scope: Expressions::default(), sends, is_system, all: Requests::default(), left: MOST };
    walk.parameters(body);
    let mut constants = Constants::default();
    constants.collect(body, "", 0);
    for (name, value) in constants.variables.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let value = walk.json(value, 0);
        walk.scope.variables.insert(name, value);
    }
    for (name, value) in constants.outputs {
        let value = walk.json(value, 0);
        walk.scope.outputs.insert(name, value);
    }
    if kind.starts_with("microsoft.apimanagement/") {
        walk.direct(id, body);
    } else {
        walk.value(body, "", 0);
    }
    walk.all
}

/// What the actions of a workflow set once and for all. Names are in lower case.
#[derive(Default)]
struct Constants<'v> {
    /// Variables and their values; without one, they are set again or to nothing.
    variables: Map<String, Option<&'v Value>>,
    /// What actions of type `Compose` write, by their names.
    outputs: Map<String, &'v Value>,
}

impl<'v> Constants<'v> {
    fn collect(&mut self, value: &'v Value, name: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match &value.kind {
            Kind::Array(array) => array.items.iter().for_each(|item| self.collect(item, name, depth + 1)),
            Kind::Object(object) => {
                let kind = object.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
                let inputs = object.get("inputs");
                match (kind.as_str(), inputs) {
                    ("compose", Some(inputs)) => drop(self.outputs.insert(name.to_ascii_lowercase(), inputs)),
                    ("initializevariable", Some(inputs)) => {
                        let all = inputs.get("variables").map(|list| &list.kind);
                        let Some(Kind::Array(all)) = all else { return };
                        for own in &all.items {
                            let Some(name) = own.get("name").and_then(Value::as_str) else { continue };
                            // One that another action sets is that already.
                            self.variables.entry(name.to_ascii_lowercase()).or_insert_with(|| own.get("value"));
                        }
                    }
                    (
                        "setvariable"
                        | "appendtostringvariable"
                        | "appendtoarrayvariable"
                        | "incrementvariable"
                        | "decrementvariable",
                        Some(inputs),
                    ) => {
                        let own = inputs.get("name").and_then(Value::as_str).unwrap_or_default();
                        self.variables.insert(own.to_ascii_lowercase(), None);
                    }
                    _ => {}
                }
                let inner = object.entries().iter();
                inner.for_each(|(key, inner)| self.collect(inner, &key.text, depth + 1));
            }
            _ => {}
        }
    }
}

/// Looks for requests in a definition.
struct Walk<'s> {
    symbols: &'s mut Symbols,
    scope: Expressions,
    /// What sends them.
    sends: Option<ResourceId>,
    /// Whether that has an identity of its own.
    is_system: bool,
    all: Requests,
    left: usize,
}

/// The instance, whether it is a restore, and the api-version.
type Target = (ResourceId, bool, String);

impl Walk<'_> {
    /// The values of the parameters of a workflow or a pipeline.
    fn parameters(&mut self, body: &Value) {
        let properties = body.get("properties");
        let of = |value: Option<&Value>| value.and_then(|value| value.get("parameters")).cloned();
        let definition = of(properties.and_then(|own| own.get("definition"))).or_else(|| of(properties));
        let given = of(properties);
        let named = |own: Option<Value>| -> Vec<(String, Value)> {
            let entries = own.as_ref().and_then(Value::as_object).map(value::Object::entries).unwrap_or_default();
            entries.iter().map(|(key, value)| (key.text.to_ascii_lowercase(), value.clone())).collect()
        };
        for (name, parameter) in named(definition).into_iter().chain(named(given)) {
            if let Some(value) = parameter.get("value").or_else(|| parameter.get("defaultValue")) {
                let value = self.json(value, 0);
                self.scope.parameters.insert(name, value);
            }
        }
    }

    /// A value with texts for symbols; what is not known is `null`.
    fn json(&mut self, value: &Value, depth: usize) -> Json {
        match &value.kind {
            _ if depth > DEEPEST => Json::Null,
            Kind::Bool(own) => (*own).into(),
            Kind::Int(own) => (*own).into(),
            Kind::Array(array) if array.open.is_none() => {
                array.items.iter().map(|item| self.json(item, depth + 1)).collect::<Vec<Json>>().into()
            }
            Kind::Object(object) => {
                let members = object.entries().iter();
                let members = members.map(|(key, value)| (key.text.to_string(), self.json(value, depth + 1)));
                Json::Object(members.collect::<Object<String, Json>>())
            }
            _ => self.written(value).map_or(Json::Null, Json::from),
        }
    }

    /// A text as the deployment sends it.
    fn written(&mut self, value: &Value) -> Result<String, String> {
        match &value.kind {
            Kind::String(text) | Kind::Number(text) => Ok(text.to_string()),
            Kind::Bool(own) => Ok(own.to_string()),
            Kind::Int(own) => Ok(own.to_string()),
            Kind::Symbol(symbol) => Ok(self.symbols.text(symbol)),
            Kind::Unknown(unknown) => Err(why(unknown)),
            // How Data Factory writes expressions.
            Kind::Object(object) => match object.get("value").filter(|inner| !matches!(inner.kind, Kind::Object(_))) {
                Some(inner) => self.written(inner),
                None => Err("it is not a text".to_owned()),
            },
            Kind::Null | Kind::Array(_) => Err("it is not a text".to_owned()),
        }
    }

    /// A text as the workflow sees it when it runs.
    fn text(&mut self, value: &Value) -> Result<String, String> {
        let written = self.written(value)?;
        self.scope.text_of(&written).ok_or_else(|| "it is known only when the workflow runs".to_owned())
    }

    fn value(&mut self, value: &Value, name: &str, depth: usize) {
        if depth > DEEPEST || self.left == 0 {
            return;
        }
        self.left -= 1;
        match &value.kind {
            Kind::Array(array) => array.items.iter().for_each(|item| self.value(item, name, depth + 1)),
            Kind::Object(object) => {
                self.request(object, value.span);
                let inside = |this: &mut Self| {
                    object.entries().iter().for_each(|(key, inner)| this.value(inner, &key.text, depth + 1));
                };
                match looped(object) {
                    Some(list) => self.each(list, name, inside),
                    None => inside(self),
                }
            }
            _ => {}
        }
    }

    /// Looks into a loop once for each of its elements.
    fn each(&mut self, list: &Value, name: &str, inside: impl Fn(&mut Self)) {
        let items = match &list.kind {
            Kind::Array(_) => self.json(list, 0),
            _ => {
                let written = self.written(list).ok();
                written.and_then(|written| self.scope.value(&written)).unwrap_or_default()
            }
        };
        let items = match items {
            Json::Array(items) if items.len() <= MOST_ITEMS => items,
            _ => vec![Json::Null],
        };
        for item in items {
            self.scope.items.push((name.to_ascii_lowercase(), item));
            inside(self);
            self.scope.items.pop();
        }
    }

    /// An object that posts to Resource Manager.
    fn request(&mut self, object: &value::Object, span: Span) {
        let url = ["uri", "url", "path"].iter().find_map(|name| object.entry(name));
        let Some(((key, url), body)) = url.zip(object.get("body")) else { return };
        let method = object.get("method").and_then(Value::as_str);
        if method.is_some_and(|method| !method.eq_ignore_ascii_case("POST")) {
            return;
        }
        let place = key.span.or(url.span).or(span);
        let body = self.body(body);
        let is_backup = || body.as_ref().is_some_and(|body| body.get("storageAccount").is_some());
        let target = match self.text(url) {
            Ok(text) => match target(&text) {
                Some(target) => Ok(target),
                // It may be any resource that is asked for something else.
                None if !is_backup() => return,
                None => Err("its address does not name it".to_owned()),
            },
            Err(_) if !is_backup() => return,
            Err(why) => Err(why),
        };
        match (target, body) {
            (Ok(target), Some(body)) => self.add(target, object, &body, place),
            (Ok((instance, ..)), None) => {
                let what = format!("which storage account a backup of `{}` goes to", instance.name());
                self.all.open.push(Gap::not_in_files(format!("{what}: its body is not known")));
            }
            (Err(why), _) => {
                let sends = self.sends.as_ref().map(|id| id.name().to_owned()).unwrap_or_default();
                self.all.open.push(Gap::not_in_files(format!("which instance `{sends}` backs up: {why}")));
            }
        }
    }

    /// The body of a request: an object, or a text of one.
    fn body(&mut self, body: &Value) -> Option<Value> {
        if matches!(body.kind, Kind::Object(_)) && body.get("storageAccount").is_some() {
            return Some(body.clone());
        }
        let written = self.written(body).ok();
        match written {
            Some(written) => {
                let object =
                    |text: &str| json::read(text, body.span).filter(|body| matches!(body.kind, Kind::Object(_)));
                // Each member of a text may have expressions of its own.
                if let Some(found) = object(&written) {
                    return Some(found);
                }
                match self.scope.value(&written)? {
                    Json::String(text) => object(&text),
                    value => object(&value.to_string()),
                }
            }
            None => matches!(body.kind, Kind::Object(_)).then(|| body.clone()),
        }
    }

    /// A resource that is such a request, as a plan has it.
    fn direct(&mut self, id: &ResourceId, body: &Value) {
        let (Some(instance), Some(object)) = (id.parent(), body.as_object()) else { return };
        let restores = id.resource_type().to_ascii_lowercase().ends_with("/restore");
        let version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
        let body = object.get("body").map(|body| self.body(body));
        match body {
            Some(Some(body)) => self.add((instance, restores, version), object, &body, body.span),
            _ => {
                let what = format!("which storage account a backup of `{}` goes to", instance.name());
                self.all.open.push(Gap::not_in_files(what));
            }
        }
    }

    fn add(&mut self, (instance, restores, version): Target, object: &value::Object, body: &Value, span: Span) {
        let principal = self.principal(object.get("authentication"));
        let resource = self.sends.clone();
        let mut sender = Sender { instance: instance.clone(), resource, principal, key_of: None, open: Vec::new() };
        let (mut json, mut places) = (Object::new(), Map::default());
        for (name, pointer) in MEMBERS {
            let Some((key, value)) = body.as_object().and_then(|body| body.entry(name)) else { continue };
            if value.is_null() {
                continue;
            }
            places.insert(pointer.to_ascii_lowercase(), key.span.or(value.span).or(span));
            if name == "accessKey" {
                json.insert(name.to_owned(), REDACTED.into());
                sender.key_of = listed(value);
                continue;
            }
            // A name may stand for itself; what is compared with fixed words may not.
            let is_open =
                !name.ends_with("Name") && name != "storageAccount" && value.as_symbol().is_some_and(may_be_anything);
            match self.text(value) {
                Ok(_) if is_open => sender.open.push((pointer, "a parameter has no value".to_owned())),
                Ok(text) => drop(json.insert(name.to_owned(), text.into())),
                Err(why) => sender.open.push((pointer, why)),
            }
        }
        let account = json.get("storageAccount").and_then(Json::as_str).map(|own| self.symbols.key_of(own));
        sender.key_of = sender.key_of.filter(|own| Some(own.as_str()) == account.as_deref());
        let (leaf, kind) = match restores {
            true => ("restore", "Microsoft.ApiManagement/service/restore"),
            false => ("backup", "Microsoft.ApiManagement/service/backup"),
        };
        let json = Json::Object(json);
        let Some(id) = request_id(&instance, leaf, &json) else { return };
        if self.all.found.iter().all(|known| known.id != id) {
            self.all.found.push(Request { id, kind, json, version, places, span, sender });
        }
    }

    /// The identity that a request is signed in with.
    fn principal(&mut self, authentication: Option<&Value>) -> Option<ObjectId> {
        let authentication = authentication?;
        let kind = authentication.get("type").and_then(Value::as_str)?.to_ascii_lowercase();
        if !matches!(kind.as_str(), "managedserviceidentity" | "msi") {
            return None;
        }
        let user = match authentication.get("identity") {
            Some(identity) => Some(self.text(identity).ok()?).filter(|id| id.starts_with('/')),
            None => None,
        };
        let id = match user {
            Some(id) => ResourceId::new(&id),
            None => self.sends.clone().filter(|_| self.is_system)?,
        };
        let key = self.symbols.key_of(id.as_str());
        Some(ObjectId::new(&self.symbols.text(&Symbol::Principal(key))))
    }
}

/// What a body says, and the pointers to it.
const MEMBERS: [(&str, &str); 6] = [
    ("storageAccount", "/storageAccount"),
    ("containerName", "/containerName"),
    ("backupName", "/backupName"),
    ("accessType", "/accessType"),
    ("clientId", "/clientId"),
    ("accessKey", "/accessKey"),
];

/// The list of a loop: of a workflow, or of a pipeline.
fn looped(object: &value::Object) -> Option<&Value> {
    if let (Some(list), Some(_)) = (object.get("foreach"), object.get("actions")) {
        return Some(list);
    }
    let properties = object.get("typeProperties")?;
    properties.get("activities").and(properties.get("items"))
}

/// The name of the storage account (in canonical text) of which a value is a key.
fn listed(value: &Value) -> Option<String> {
    match value.as_symbol()? {
        Symbol::Listed { function, resource, .. } if function.eq_ignore_ascii_case("listKeys") => {
            resource.rsplit('/').next().map(str::to_owned)
        }
        _ => None,
    }
}

/// The instance that a URL asks for a backup or a restore of.
fn target(url: &str) -> Option<Target> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let path = path.trim_end_matches('/');
    let at = path.to_ascii_lowercase().find("/subscriptions/")?;
    let (id, leaf) = path.get(at..)?.rsplit_once('/')?;
    let restores = match leaf.to_ascii_lowercase().as_str() {
        "backup" => false,
        "restore" => true,
        _ => return None,
    };
    let id = ResourceId::new(id);
    let version = query.split('&').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.eq_ignore_ascii_case("api-version").then(|| value.to_owned())
    });
    let is_instance = id.resource_type().eq_ignore_ascii_case("Microsoft.ApiManagement/service");
    is_instance.then_some((id, restores, version.unwrap_or_default()))
}
