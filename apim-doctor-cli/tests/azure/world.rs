//! The content of a recording, and further answers that can be derived from it.
//!
//! A resource is known if an answer with status 200 contains it, alone or in a list. All comparisons ignore case.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use super::graph::Query;
use super::http::{Answer, Target};

/// Lists of an instance that recordings omit because they are empty.
const EMPTY_OF_INSTANCE: [&str; 15] = [
    "policies",
    "policyfragments",
    "apis",
    "products",
    "backends",
    "apis/operations",
    "apis/resolvers",
    "workspaces/policies",
    "workspaces/policyfragments",
    "workspaces/apis",
    "workspaces/products",
    "workspaces/backends",
    "workspaces/apis/operations",
    "workspaces/namedvalues",
    "workspaces/certificates",
];

/// Query parameters that do not change the selected resources.
const HARMLESS: [&str; 6] = ["api-version", "$expand", "$top", "$select", "format", "expandapiversionset"];

/// An indexed recording.
pub(super) struct World {
    /// The recording's tenant.
    pub tenant: String,
    /// The host name suffix of vaults in the recording's cloud.
    pub vaults: &'static str,
    /// The host name suffix of storage services in the recording's cloud.
    pub storage: &'static str,
    /// Whether the input has only resource bodies.
    bare: bool,
    /// Recorded answers by host, path and query.
    recorded: HashMap<String, Recorded>,
    /// Known resources by id.
    known: BTreeMap<String, Arc<Value>>,
    /// Resources whose own read has another status than 200.
    refused: HashSet<String>,
    /// The scope and type of unfiltered lists that have all their pages.
    complete: HashSet<(String, String)>,
    /// The type, scope and answer key of each recorded list of role or deny assignments.
    assignments: Vec<(String, String, String)>,
}

struct Recorded {
    status: u16,
    body: Arc<Value>,
}

/// The meaning of a path, in lower case.
pub(super) enum Place {
    /// One resource of this type, in the list at this scope.
    One { scope: String, kind: String },
    /// The resources of this type at this scope.
    List { scope: String, kind: String },
    /// Anything else: a subscription, a resource group.
    Other,
}

impl Place {
    pub(super) fn of(path: &str) -> Place {
        let path = path.to_ascii_lowercase();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let Some(provider) = segments.iter().rposition(|s| *s == "providers") else { return Place::Other };
        let types = &segments[provider + 1..];
        if types.len() < 2 {
            return Place::Other;
        }
        let kind = types[1..].iter().step_by(2).fold(types[0].to_owned(), |kind, s| kind + "/" + s);
        let is_list = types.len().is_multiple_of(2);
        let own = if is_list { segments.len() - 1 } else { segments.len() - 2 };
        let end = if types.len() <= 3 { provider } else { own };
        let scope = segments[..end].iter().fold(String::new(), |all, s| all + "/" + s);
        if is_list { Place::List { scope, kind } } else { Place::One { scope, kind } }
    }
}

impl World {
    /// Indexes a recording or bare resource bodies.
    pub(super) fn new(snapshot: &Value) -> Self {
        let (vaults, storage) = match snapshot["cloud"].as_str() {
            Some("AzureChina") => ("vault.azure.cn", "core.chinacloudapi.cn"),
            Some("AzureUSGovernment") => ("vault.usgovcloudapi.net", "core.usgovcloudapi.net"),
            _ => ("vault.azure.net", "core.windows.net"),
        };
        let mut world = World {
            tenant: tenant(snapshot).unwrap_or("11111111-1111-4111-8111-111111111111").to_owned(),
            vaults,
            storage,
            bare: snapshot.get("exchanges").is_none(),
            recorded: HashMap::new(),
            known: BTreeMap::new(),
            refused: HashSet::new(),
            complete: HashSet::new(),
            assignments: Vec::new(),
        };
        if world.bare {
            let bodies = snapshot.get("value").or_else(|| snapshot.get("data")).unwrap_or(snapshot);
            elements(bodies).for_each(|body| world.know(body));
            world.know(snapshot);
        }
        let exchanges: Vec<&Value> = snapshot.get("exchanges").map(elements).into_iter().flatten().collect();
        let read = exchanges.into_iter().filter_map(|exchange| {
            let request = exchange["request"].as_str()?;
            // The only recorded POST with a useful answer is the list of app settings.
            let settings = request.strip_prefix("POST ").filter(|url| url.contains("/config/appsettings/list"));
            let url = request.strip_prefix("GET ").or(settings)?;
            let (host, target) = address(url);
            Some((host, target, exchange))
        });
        let read: Vec<(String, Target, &Value)> = read.collect();
        for (host, target, exchange) in &read {
            let status = exchange["status"].as_u64().and_then(|s| u16::try_from(s).ok()).unwrap_or(0);
            let body = Arc::new(exchange.get("body").cloned().unwrap_or_default());
            world.note(host, target, status, &body);
            // A request without an answer becomes a gateway timeout, which saves the client the wait.
            let status = if status == 0 { 504 } else { status };
            world.recorded.insert(key(host, target), Recorded { status, body });
        }
        // A resource's own answer is more complete than its entry in a list.
        for (host, target, exchange) in &read {
            if host.is_empty() && exchange["status"] == 200 && elements(&exchange["body"]["value"]).next().is_none() {
                world.know(&exchange["body"]);
            }
            if let Place::List { scope, kind } = Place::of(&target.path)
                && target.query.iter().all(|(name, _)| HARMLESS.contains(&name.as_str()))
                && world.was_read_to_the_end(&key(host, target), 0)
            {
                world.complete.insert((scope, kind));
            }
        }
        world
    }

    fn note(&mut self, host: &str, target: &Target, status: u16, body: &Value) {
        if !host.is_empty() {
            return;
        }
        if status == 200 {
            elements(&body["value"]).for_each(|body| self.know(body));
        }
        match Place::of(&target.path) {
            Place::List { scope, kind } if is_assignments(&kind) && target.parameter("$skiptoken").is_none() => {
                self.assignments.push((kind, scope, key(host, target)));
            }
            Place::One { .. } if status != 200 => {
                self.refused.insert(target.path.to_ascii_lowercase());
            }
            _ => {}
        }
    }

    fn know(&mut self, body: &Value) {
        if let Some(id) = body["id"].as_str().filter(|id| id.starts_with('/')) {
            self.known.insert(id.trim_end_matches('/').to_ascii_lowercase(), Arc::new(body.clone()));
        }
    }

    /// Returns whether a recorded list has all its pages.
    fn was_read_to_the_end(&self, key_of_page: &str, pages: usize) -> bool {
        let Some(page) = self.recorded.get(key_of_page).filter(|page| page.status == 200) else { return false };
        let Some(next) = page.body["nextLink"].as_str().filter(|next| !next.is_empty()) else {
            return page.body["value"].is_array();
        };
        let (host, target) = address(next);
        pages < 1000 && self.was_read_to_the_end(&key(&host, &target), pages + 1)
    }

    /// Returns the recorded answer to a request with any api-version.
    pub(super) fn recorded(&self, host: &str, target: &Target) -> Option<Answer> {
        self.recorded.get(&key(host, target)).map(Recorded::answer)
    }

    /// Returns the directory object in an access policy: an application, unless the recording has another answer.
    pub(super) fn holder(&self, target: &Target) -> Option<Answer> {
        let id = target.path.strip_prefix("/v1.0/directoryObjects/")?.to_ascii_lowercase();
        let policies = self.known.values().flat_map(|body| elements(&body["properties"]["accessPolicies"]));
        let mut named = policies.filter_map(|policy| policy["objectId"].as_str());
        let kind = "#microsoft.graph.servicePrincipal";
        named
            .any(|own| own.eq_ignore_ascii_case(&id))
            .then(|| Answer::new(200, json!({ "@odata.type": kind, "id": id })))
    }

    /// Returns Resource Manager's answer to a `GET`.
    pub(super) fn resource_manager(&self, target: &Target) -> Answer {
        if let Some(answer) = self.recorded("", target) {
            return answer;
        }
        let filter = target.parameter("$filter").unwrap_or_default().trim().to_ascii_lowercase();
        let answer = match Place::of(&target.path) {
            Place::One { scope, kind } => self.one(target, &scope, &kind),
            Place::List { scope, kind } if is_assignments(&kind) => self.assignments(&scope, &kind, &filter),
            Place::List { scope, kind } => self.list(&scope, &kind, &filter).map(list_of),
            Place::Other if target.path.eq_ignore_ascii_case("/subscriptions") => {
                let subscriptions = self.below("/subscriptions").filter(|(id, _)| id.split('/').count() == 3);
                Some(list_of(subscriptions.map(|(_, body)| body).collect()))
            }
            Place::Other => self.known.get(&target.path.to_ascii_lowercase()).map(|body| shared(200, body)),
        };
        answer.unwrap_or_else(|| refusal(&target.path))
    }

    fn one(&self, target: &Target, scope: &str, kind: &str) -> Option<Answer> {
        let id = target.path.to_ascii_lowercase();
        if self.refused.contains(&id) {
            return None;
        }
        if let Some(body) = self.known.get(&id) {
            return Some(shared(200, body));
        }
        let absent = self.is_complete(scope, kind) || self.is_empty_of_instance(scope, kind);
        absent.then(|| not_found(&target.path))
    }

    /// Returns the items of a list if the recording determines them.
    fn list(&self, scope: &str, kind: &str, filter: &str) -> Option<Vec<&Arc<Value>>> {
        let is_subscription = scope.split('/').count() == 3;
        if self.bare {
            return (is_subscription && kind == "microsoft.network/networksecurityperimeters").then(Vec::new);
        }
        if kind == "microsoft.authorization/roledefinitions" {
            let custom = self.below("").filter(|(id, body)| is_of(id, kind) && is_custom_role(body));
            return (is_subscription && filter == "type eq 'customrole'").then(|| custom.map(|(_, b)| b).collect());
        }
        let elements = || self.below(scope).filter(|(id, _)| is_of(id, kind));
        if !filter.is_empty() {
            return None;
        }
        if self.is_complete(scope, kind) {
            return Some(elements().map(|(_, body)| body).collect());
        }
        if self.is_empty_of_instance(scope, kind) {
            return Some(Vec::new());
        }
        // Recordings omit the list of an app's slots, but contain all slots.
        if kind == "microsoft.web/sites/slots" && self.known.contains_key(scope) && !self.refused.contains(scope) {
            return Some(elements().map(|(_, body)| body).collect());
        }
        if kind == "microsoft.keyvault/vaults/secrets" {
            let prefix = format!("{scope}/secrets/");
            let own = |path: &str| path.strip_prefix(&prefix).is_some_and(|name| !name.contains('/'));
            let read: Vec<(&String, &Recorded)> = self.recorded.iter().filter(|(path, _)| own(path)).collect();
            let determined = !read.is_empty() && read.iter().all(|(_, r)| r.status == 200 || r.status == 404);
            let answered = |id: &str| self.recorded.get(id).is_some_and(|r| r.status == 200);
            return determined.then(|| elements().filter(|(id, _)| answered(id)).map(|(_, b)| b).collect());
        }
        None
    }

    /// Returns the known role or deny assignments at and above the scope; without a filter, also those below it.
    fn assignments(&self, scope: &str, kind: &str, filter: &str) -> Option<Answer> {
        let at_scope = filter == "atscope()";
        let principal = filter.strip_prefix("principalid eq '").and_then(|rest| rest.strip_suffix('\''));
        if !at_scope && !filter.is_empty() && principal.is_none() {
            return None;
        }
        if !self.bare {
            let read = || self.assignments.iter().filter(|(of, ..)| of == kind);
            let deepest = read().filter(|(_, at, _)| is_at_or_below(scope, at)).max_by_key(|(_, at, _)| at.len());
            let (_, nearest, _) = deepest?;
            let mut there = read().filter(|(_, at, _)| at == nearest);
            if let Some((.., refused)) = there.find(|(.., key)| !self.was_read_to_the_end(key, 0)) {
                let refused = self.recorded.get(refused).filter(|r| r.status != 200 && nearest == scope);
                return refused.map(Recorded::answer);
            }
            let mut lower = read().filter(|(_, at, _)| at != scope && is_at_or_below(at, scope));
            let is_refused =
                |key: &str| !matches!(self.recorded.get(key), Some(r) if r.status == 200 || r.status == 404);
            if !at_scope && lower.any(|(.., key)| is_refused(key)) {
                return None;
            }
        }
        let holds = |id: &str, body: &Value| {
            let own = body["properties"]["scope"].as_str().unwrap_or_else(|| {
                id.rsplit_once("/providers/microsoft.authorization/").map_or("", |(scope, _)| scope)
            });
            let own = own.trim_end_matches('/').to_ascii_lowercase();
            let is_above = own.contains("/managementgroups/") || is_at_or_below(scope, &own);
            let is_theirs =
                |p: &str| body["properties"]["principalId"].as_str().is_some_and(|o| o.eq_ignore_ascii_case(p));
            (is_above || !at_scope && is_at_or_below(&own, scope)) && principal.is_none_or(is_theirs)
        };
        let all = self.below("").filter(|(id, body)| is_of(id, kind) && holds(id, body));
        Some(list_of(all.map(|(_, body)| body).collect()))
    }

    /// Returns id, name and type of the readable resources that a query finds.
    pub(super) fn rows(&self, query: &Query) -> Vec<Value> {
        let segment =
            |id: &str, after: &str| id.split('/').skip_while(|s| *s != after).nth(1).unwrap_or_default().to_owned();
        let meets = |id: &str, body: &Value, (column, values): &(String, Vec<String>)| {
            let own = match column.as_str() {
                "subscriptionid" => segment(id, "subscriptions"),
                "resourcegroup" => segment(id, "resourcegroups"),
                path => column_of(body, path).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase(),
            };
            values.contains(&own)
        };
        let is_inside =
            |id: &str| query.subscriptions.as_ref().is_none_or(|all| all.contains(&segment(id, "subscriptions")));
        let readable =
            self.below("/subscriptions").filter(|(id, body)| !self.refused.contains(*id) && body["type"].is_string());
        let found = readable
            .filter(|(id, body)| is_inside(id) && query.conditions.iter().all(|condition| meets(id, body, condition)));
        let row = |(_, body): (&String, &Arc<Value>)| {
            let kind = body["type"].as_str().unwrap_or_default().to_ascii_lowercase();
            json!({ "id": body["id"], "name": body["name"], "type": kind })
        };
        found.map(row).collect()
    }

    fn is_complete(&self, scope: &str, kind: &str) -> bool {
        let has = |scope: &str| self.complete.contains(&(scope.to_owned(), kind.to_owned()));
        // A subscription's list includes its resource groups.
        let subscription = scope.split_once("/resourcegroups/").filter(|(_, group)| !group.contains('/'));
        has(scope) || subscription.is_some_and(|(subscription, _)| kind.matches('/').count() == 1 && has(subscription))
    }

    fn is_empty_of_instance(&self, scope: &str, kind: &str) -> bool {
        let collection = kind.strip_prefix("microsoft.apimanagement/service/");
        collection.is_some_and(|name| EMPTY_OF_INSTANCE.contains(&name))
            && !self.bare
            && self.known.contains_key(scope)
            && !self.refused.contains(scope)
    }

    /// Returns the known resources below an id.
    fn below(&self, id: &str) -> impl Iterator<Item = (&String, &Arc<Value>)> {
        let start = format!("{id}/");
        let range = (Bound::Included(start.clone()), Bound::Unbounded);
        self.known.range(range).take_while(move |(id, _)| id.starts_with(&start))
    }
}

impl Recorded {
    fn answer(&self) -> Answer {
        shared(self.status, &self.body)
    }
}

fn shared(status: u16, body: &Arc<Value>) -> Answer {
    Answer::shared(status, Arc::clone(body))
}

fn list_of(elements: Vec<&Arc<Value>>) -> Answer {
    Answer::new(200, json!({ "value": elements.into_iter().map(|body| &**body).collect::<Vec<_>>() }))
}

/// Returns the host and target of a recorded request. Resource Manager's host is the empty string.
fn address(url: &str) -> (String, Target) {
    let Some((_, rest)) = url.split_once("://") else { return (String::new(), Target::parse(url)) };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.strip_suffix(":443").unwrap_or(host).to_ascii_lowercase();
    (if host.starts_with("management.") { String::new() } else { host }, Target::parse(path))
}

/// Returns a key that is equal for equivalent requests.
fn key(host: &str, target: &Target) -> String {
    // A live run asks for the jobs and events of the days before it, and the recording for those before its own time.
    let path = target.path.to_ascii_lowercase();
    let (is_jobs, is_log) = (path.ends_with("/backupjobs"), path.ends_with("/eventtypes/management/values"));
    let is_harmless = |name: &str| HARMLESS.contains(&name) || is_jobs && name == "$filter";
    let meaning = target.query.iter().filter(|(name, _)| !is_harmless(name));
    let after = |value: &str| match value.split_once(" and ") {
        Some((_, rest)) if is_log => rest.trim().to_owned(),
        _ => value.trim().to_owned(),
    };
    let mut query: Vec<String> = meaning.map(|(name, value)| format!("&{name}={}", after(value))).collect();
    query.sort();
    format!("{host}{}{}", target.path, query.concat()).to_ascii_lowercase()
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn tenant(value: &Value) -> Option<&str> {
    match value {
        Value::Object(map) => {
            let own = map.get("tenantId").and_then(Value::as_str);
            own.or_else(|| map.values().find_map(tenant))
        }
        Value::Array(items) => items.iter().find_map(tenant),
        _ => None,
    }
}

/// Returns the value at a path like `properties.clientId`. The case is ignored.
fn column_of<'v>(body: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(body, |at, name| {
        at.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn is_assignments(kind: &str) -> bool {
    matches!(kind, "microsoft.authorization/roleassignments" | "microsoft.authorization/denyassignments")
}

fn is_of(id: &str, kind: &str) -> bool {
    matches!(Place::of(id), Place::One { kind: own, .. } if own == kind)
}

fn is_at_or_below(scope: &str, above: &str) -> bool {
    scope.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_custom_role(body: &Value) -> bool {
    let properties = &body["properties"];
    [&properties["type"], &properties["roleType"]].iter().any(|kind| **kind == "CustomRole")
}

/// Returns Resource Manager's error for a missing permission.
pub(super) fn refusal(path: &str) -> Answer {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let (action, scope) = match segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers")) {
        Some(provider) if segments.len() > provider + 2 => {
            let types: Vec<&str> = segments[provider + 2..].iter().step_by(2).copied().collect();
            let scope = match Place::of(path) {
                Place::List { scope, .. } => path.get(..scope.len()).unwrap_or_default(),
                _ => path,
            };
            (format!("{}/{}/read", segments[provider + 1], types.join("/")), scope)
        }
        _ if segments.len() > 2 => ("Microsoft.Resources/subscriptions/resourceGroups/read".to_owned(), path),
        _ => ("Microsoft.Resources/subscriptions/read".to_owned(), path),
    };
    let message = format!(
        "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over scope \
         '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
        super::CLIENT_ID,
        super::OBJECT_ID
    );
    Answer::error(403, "AuthorizationFailed", message)
}

pub(super) fn not_found(path: &str) -> Answer {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let resource = segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers")).map_or(0, |at| at + 1);
    let group = segments.iter().position(|s| s.eq_ignore_ascii_case("resourceGroups"));
    let group = group.and_then(|at| segments.get(at + 1)).unwrap_or(&"");
    let message = format!(
        "The Resource '{}' under resource group '{group}' was not found. For more details please go to \
         https://aka.ms/ARMResourceNotFoundFix",
        segments[resource..].join("/")
    );
    Answer::error(404, "ResourceNotFound", message)
}
