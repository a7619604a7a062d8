//! Where the files write a property of a resource.

use crate::base::{Map, ResourceId};
use crate::finding::Patch;
use crate::source::deployed::Symbols;
use crate::template::deployment::Evaluated;
use crate::template::place::Span;
use crate::template::resource::Truth;
use crate::template::value::{Kind, Value};

/// One step into a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To a member of an object, or to an element by its number.
    Name(String),
    /// To the element of a list that has this name.
    Called(String),
}

/// A property of a declared resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The number of the resource.
    pub resource: usize,
    /// The way into its body.
    pub steps: Vec<Step>,
}

/// The resources that the files make, by their ids.
pub(super) struct Declared {
    numbers: Map<ResourceId, usize>,
}

/// The parts of a resource that are resources of their own and may stand inside of it: the type of the part, and the
/// list in which it stands.
const INSIDE: [(&str, &str); 4] = [
    ("microsoft.network/virtualnetworks/subnets", "subnets"),
    ("microsoft.network/virtualnetworks/virtualnetworkpeerings", "virtualNetworkPeerings"),
    ("microsoft.network/networksecuritygroups/securityrules", "securityRules"),
    ("microsoft.network/routetables/routes", "routes"),
];

/// The three places of the switch that routes an app's traffic into its network.
const ROUTE_ALL: &str = "/properties/outboundVnetRouting/applicationTraffic";

/// From this version on, an app's routing stands in `outboundVnetRouting`.
const ROUTING: &str = "2024-11-01";

impl Declared {
    pub(super) fn of(evaluated: &Evaluated, symbols: &mut Symbols) -> Self {
        let mut numbers = Map::default();
        for (number, resource) in evaluated.resources.iter().enumerate() {
            let is_made = !resource.existing && !matches!(resource.condition, Truth::No);
            let is_module = resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments");
            if let (true, false, Some(id)) = (is_made, is_module, text_of(&resource.id, symbols)) {
                numbers.insert(ResourceId::new(&id), number);
            }
        }
        Self { numbers }
    }

    /// The number of a resource.
    pub(super) fn number(&self, id: &ResourceId) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// Where the files write the property at a pointer of a resource. `None`: they do not make the resource.
    pub(super) fn place(&self, evaluated: &Evaluated, id: &ResourceId, pointer: &str) -> Option<Place> {
        let kind = id.resource_type().to_ascii_lowercase();
        let steps: Vec<Step> = pointer.split('/').skip(1).map(|step| Step::Name(unescaped(step))).collect();
        if let Some(resource) = self.number(id) {
            let is_site = matches!(kind.as_str(), "microsoft.web/sites" | "microsoft.web/sites/slots");
            let steps = match is_site && pointer.eq_ignore_ascii_case(ROUTE_ALL) {
                true => routing(evaluated, resource),
                false => steps,
            };
            return Some(Place { resource, steps });
        }
        let parent = id.parent()?;
        let resource = self.number(&parent)?;
        let named = |list: &[&str], rest: Vec<Step>| {
            let list = list.iter().map(|name| Step::Name((*name).to_owned()));
            Place { resource, steps: list.chain(rest).collect() }
        };
        if let Some((_, list)) = INSIDE.iter().find(|(inside, _)| *inside == kind) {
            let rest = std::iter::once(Step::Called(id.name().to_owned())).chain(steps).collect();
            return Some(named(&["properties", list], rest));
        }
        if !matches!(kind.as_str(), "microsoft.web/sites/config" | "microsoft.web/sites/slots/config") {
            return None;
        }
        // Settings that stand in their app.
        let mut steps = steps.into_iter().skip(1);
        let list = match id.name().to_ascii_lowercase().as_str() {
            "web" => return Some(named(&["properties", "siteConfig"], steps.collect())),
            "appsettings" => ("appSettings", "value"),
            "connectionstrings" => ("connectionStrings", "connectionString"),
            _ => return None,
        };
        let Some(Step::Name(setting)) = steps.next() else { return None };
        let rest = vec![Step::Called(setting), Step::Name(list.1.to_owned())];
        Some(named(&["properties", "siteConfig", list.0], rest))
    }
}

/// The addresses of the resources that a fix changes, as the plan names them.
pub(in crate::predeploy) fn declared(evaluated: &Evaluated, patch: &Patch, symbols: &mut Symbols) -> Vec<String> {
    let all = Declared::of(evaluated, symbols);
    let numbers = patch.edits.iter().filter_map(|edit| {
        let id = edit.resource();
        all.number(id).or_else(|| all.number(&id.parent()?))
    });
    numbers.filter_map(|number| Some(evaluated.resources.get(number)?.symbol.as_ref()?.to_string())).collect()
}

/// Where an app says that its traffic goes through its network: where it says so already, else where its version has it.
fn routing(evaluated: &Evaluated, resource: usize) -> Vec<Step> {
    let steps = |names: &[&str]| names.iter().map(|name| Step::Name((*name).to_owned())).collect::<Vec<_>>();
    let known = [
        steps(&["properties", "outboundVnetRouting", "applicationTraffic"]),
        steps(&["properties", "vnetRouteAllEnabled"]),
        steps(&["properties", "siteConfig", "vnetRouteAllEnabled"]),
    ];
    let Some(resource) = evaluated.resources.get(resource) else { return Vec::new() };
    let is_written = |steps: &&Vec<Step>| {
        let last = steps.iter().try_fold(&resource.body, |value, step| match step {
            Step::Name(name) | Step::Called(name) => value.get(name),
        });
        last.is_some()
    };
    let version = resource.api_version.as_str().unwrap_or_default();
    let [new, old, _] = &known;
    let by_version = if version >= ROUTING { new } else { old };
    known.iter().find(is_written).unwrap_or(by_version).clone()
}

/// What of a place is there.
pub(super) struct Walk<'v, 's> {
    /// The values on the way, from the body to the last one that is there.
    pub found: Vec<&'v Value>,
    /// Where the name of each of them but the body is written; of an element nowhere.
    pub keys: Vec<Span>,
    /// The steps to what is not there.
    pub missing: &'s [Step],
}

/// Goes into a body as far as it goes.
pub(super) fn walk<'v, 's>(body: &'v Value, steps: &'s [Step], symbols: &mut Symbols) -> Walk<'v, 's> {
    let mut walk = Walk { found: vec![body], keys: Vec::new(), missing: steps };
    let mut at = body;
    while let Some((step, rest)) = walk.missing.split_first() {
        let next = match (&at.kind, step) {
            (Kind::Object(object), Step::Name(name)) => {
                let is_symbol = |symbol: &_, symbols: &mut Symbols| symbols.text(symbol).eq_ignore_ascii_case(name);
                let by_symbol = object
                    .entries()
                    .iter()
                    .find(|(key, _)| key.symbol.as_ref().is_some_and(|symbol| is_symbol(symbol, symbols)));
                object.entry(name).or(by_symbol).map(|(key, value)| (key.span, value))
            }
            (Kind::Array(array), Step::Name(number)) => {
                let number = number.parse::<usize>().ok();
                number.and_then(|at| array.items.get(at)).map(|value| (Span::NONE, value))
            }
            (Kind::Array(array), Step::Called(name)) => {
                let is_called = |item: &&Value| {
                    item.get("name").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(name))
                };
                array.items.iter().find(is_called).map(|value| (Span::NONE, value))
            }
            _ => None,
        };
        let Some((key, value)) = next else { break };
        walk.found.push(value);
        walk.keys.push(key);
        (at, walk.missing) = (value, rest);
    }
    walk
}

/// The text of a value that is one, or that stands for one.
pub(in crate::predeploy) fn text_of(value: &Value, symbols: &mut Symbols) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.to_string()),
        Kind::Symbol(symbol) => Some(symbols.text(symbol)),
        _ => None,
    }
}

/// A step of a JSON pointer as the name that it stands for.
fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
