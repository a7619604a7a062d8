//! Which answers of a live run need not be asked for again while a repair takes effect.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::base::{ResourceId, Verdict};
use crate::finding::Gate;
use crate::report::v1::{Path, Report};
use crate::source::format::Exchange;
use crate::source::request::Request;

/// Statuses of answers that say something. Any other may be answered the next time.
const DEFINITE: [u16; 2] = [200, 404];

/// The answers that no path depends on that does not pass: while a repair takes effect, only the others can change what
/// the report says of those paths. Before a run says that all is well, everything has to be asked for again.
///
/// What an open path depends on are its caller, its target, the resources that its evidence names, and everything of the
/// kinds that the gates that do not pass are about: grants, networks and zones, vaults and accounts, identities.
pub fn answers_that_stand(exchanges: &[Exchange], report: &Report) -> Vec<Exchange> {
    let open = report.paths.iter().filter(|path| is_open(path.verdict));
    let scopes: Vec<Scope> = open.map(|path| Scope::of(path, report)).collect();
    let stands =
        |exchange: &&Exchange| DEFINITE.contains(&exchange.status) && !scopes.iter().any(|scope| scope.needs(exchange));
    exchanges.iter().filter(stands).cloned().collect()
}

fn is_open(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Unknown)
}

const AUTHORIZATION: &str = "microsoft.authorization/";

/// What an open path depends on.
struct Scope {
    /// Resources with everything below them.
    whole: BTreeSet<ResourceId>,
    /// Resources without what is below them.
    alone: BTreeSet<ResourceId>,
    /// The vault or storage account that is called.
    target: Option<ResourceId>,
    /// The gates that do not pass.
    gates: BTreeSet<Gate>,
}

impl Scope {
    fn of(path: &Path, report: &Report) -> Self {
        let open = path.gates.iter().filter(|gate| is_open(gate.verdict));
        let gates: BTreeSet<Gate> = open.clone().map(|gate| gate.gate).collect();
        let evidence = open.flat_map(|gate| &gate.steps).flat_map(|step| &step.evidence);
        let findings = report.findings.iter().filter(|finding| finding.affects.contains(&path.id));
        let mut alone: BTreeSet<ResourceId> = evidence.filter_map(|evidence| evidence.resource.clone()).collect();
        alone.extend(findings.map(|finding| finding.subject.clone()));
        let mut whole: BTreeSet<ResourceId> = path.declared_at.resource.iter().cloned().collect();
        whole.extend(path.principal.as_ref().map(|principal| principal.resource.clone()));
        // An instance has thousands of parts that other paths are declared in; an app has few.
        let is_instance = path.resource.within("Microsoft.ApiManagement/service").is_some();
        whole.retain(|id| !is_instance || *id != path.resource);
        if is_instance { &mut alone } else { &mut whole }.insert(path.resource.clone());
        // A scope above resources would hold everything.
        alone.retain(|id| !id.resource_type().is_empty());
        whole.retain(|id| !id.resource_type().is_empty());
        Self { whole, alone, target: path.target.resource.clone(), gates }
    }

    /// Whether the answer to a request may say something new of the path.
    fn needs(&self, exchange: &Exchange) -> bool {
        let request = Request::parse(&exchange.request, "management.azure.com");
        // Other hosts answer about principals, and vaults about their objects.
        if request.host.is_some() {
            return self.is_open(&[Gate::Identity, Gate::Authorization, Gate::Object]);
        }
        let id = ResourceId::new(&request.path);
        self.is_of_open_kind(&id) || self.is_about(&id) || exchange.body.as_ref().is_some_and(|body| self.is_in(body))
    }

    fn is_open(&self, gates: &[Gate]) -> bool {
        gates.iter().any(|gate| self.gates.contains(gate))
    }

    /// Whether a resource is of a kind that an open gate is about.
    fn is_of_open_kind(&self, id: &ResourceId) -> bool {
        let kind = id.resource_type().to_ascii_lowercase();
        let is = |prefix: &str| kind.starts_with(prefix);
        is(AUTHORIZATION) && self.is_open(&[Gate::Authorization])
            || is("microsoft.network/") && self.is_open(&[Gate::Dns, Gate::Network, Gate::Firewall])
            || is("microsoft.managedidentity/") && self.is_open(&[Gate::Identity])
            || (is("microsoft.keyvault/") || is("microsoft.storage/")) && self.is_open(&[Gate::Target, Gate::Object])
    }

    /// Whether a resource is one of those that the path depends on.
    fn is_about(&self, id: &ResourceId) -> bool {
        let of_grants = id.resource_type().to_ascii_lowercase().starts_with(AUTHORIZATION);
        let is_target = self.target.as_ref().is_some_and(|target| target == id);
        !of_grants && (is_target || self.alone.contains(id) || self.whole.iter().any(|own| id.is_within(own)))
    }

    /// Whether an answer holds such a resource: an older list would contradict a newer answer about it.
    fn is_in(&self, value: &Value) -> bool {
        let id = value.get("id").and_then(Value::as_str).map(ResourceId::new);
        let is_body = value.get("properties").is_some() || value.get("type").is_some();
        if id.is_some_and(|id| is_body && self.is_about(&id)) {
            return true;
        }
        match value {
            Value::Object(map) => map.values().any(|inner| self.is_in(inner)),
            Value::Array(items) => items.iter().any(|inner| self.is_in(inner)),
            _ => false,
        }
    }
}
