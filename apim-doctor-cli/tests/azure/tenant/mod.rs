//! A generated tenant: subscriptions with instances, apps, gateways and Recovery Services vaults, and a hub.
//!
//! The same [`Tenant`] always has the same content. A subscription is generated when the first request reaches it, and
//! only the subscriptions that were used last are kept. An index of all ids answers Resource Graph. All names, ids and
//! addresses are invented.

mod bodies;
mod estate;
mod index;
mod instance;
mod layout;
mod surroundings;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::json;

use super::graph::Query;
use super::http::{Answer, Target};
use super::service::RESOURCE_MANAGER;
use estate::{Estate, Found};
use index::Index;
use layout::Subscription;

/// The tenant's id.
pub(super) const ID: &str = "0f59375b-e699-4cf5-b2ee-fe0d235e4757";
/// Instances that a subscription has room for: one subnet each.
const MOST: usize = 2000;

/// The size of a tenant. The default is small and has every kind of caller.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    /// All instances, the same number in each subscription (fewer in the last).
    pub instances: usize,
    /// Subscriptions, without the hub, which has no callers.
    pub subscriptions: usize,
    /// Apps of each subscription.
    pub apps: usize,
    /// Application gateways of each subscription.
    pub gateways: usize,
    /// Recovery Services vaults of each subscription.
    pub recovery_vaults: usize,
    /// Management groups below the one that holds all: `mg-0`, `mg-1`, … Each has every nth subscription.
    pub management_groups: usize,
    /// Subscriptions that are kept after they were generated, about 1.5 MB each with 50 instances. It has to be more than
    /// the number of subscriptions that a client reads at the same time.
    pub kept: usize,
}

impl Default for Tenant {
    fn default() -> Self {
        Self {
            instances: 24,
            subscriptions: 4,
            apps: 2,
            gateways: 1,
            recovery_vaults: 1,
            management_groups: 2,
            kept: 64,
        }
    }
}

/// The management group that holds all subscriptions and the hub.
pub(crate) const ALL: &str = "mg-all";

/// A part of a tenant.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    /// All of it.
    All,
    /// Subscriptions by number.
    Subscriptions(Vec<usize>),
    /// A management group by name.
    ManagementGroup(String),
}

/// A caller and the intended verdict on it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caller {
    /// Its resource id.
    pub id: String,
    /// What is wrong with it: the code of the finding.
    pub code: Option<&'static str>,
    /// Its access paths, and how many of them fail.
    pub paths: usize,
    pub failing: usize,
}

impl Tenant {
    /// Returns the id of a subscription.
    pub(crate) fn subscription(&self, number: usize) -> String {
        Subscription::of(self, number).id
    }

    /// Returns the numbers of the subscriptions in a management group, without the hub.
    fn inside(&self, group: &str) -> Option<Vec<usize>> {
        if group.eq_ignore_ascii_case(ALL) {
            return Some((0..self.subscriptions).collect());
        }
        let folded = group.to_ascii_lowercase();
        let number: usize = folded.strip_prefix("mg-")?.parse().ok()?;
        let all = (number..self.subscriptions).step_by(self.management_groups.max(1));
        (number < self.management_groups).then(|| all.collect())
    }

    /// Returns the callers in a scope, sorted by id, with the intended verdicts.
    pub(crate) fn callers(&self, scope: &Scope) -> Vec<Caller> {
        let numbers = match scope {
            Scope::All => (0..self.subscriptions).collect(),
            Scope::Subscriptions(numbers) => numbers.clone(),
            Scope::ManagementGroup(name) => self.inside(name).unwrap_or_default(),
        };
        let mut all: Vec<Caller> =
            numbers.into_iter().flat_map(|number| Subscription::of(self, number).callers()).collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    /// Returns the ids of all callers in a scope, sorted.
    pub(crate) fn expected(&self, scope: &Scope) -> Vec<String> {
        self.callers(scope).into_iter().map(|caller| caller.id).collect()
    }

    fn per_subscription(&self) -> usize {
        self.instances.div_ceil(self.subscriptions.max(1))
    }
}

/// A tenant behind a server.
pub(super) struct Simulation {
    tenant: Tenant,
    index: Index,
    /// The number of each subscription by its id; the hub's is the number of subscriptions.
    numbers: HashMap<String, usize>,
    kept: Mutex<Vec<(usize, Arc<OnceLock<Estate>>)>>,
}

impl Simulation {
    pub(super) fn new(tenant: Tenant) -> Self {
        assert!(tenant.per_subscription() <= MOST && tenant.subscriptions <= 250, "too large: {tenant:?}");
        let numbers = (0..=tenant.subscriptions).map(|number| (tenant.subscription(number), number)).collect();
        let index = Index::of(&tenant);
        Self { tenant, index, numbers, kept: Mutex::default() }
    }

    pub(super) fn has_subscription(&self, id: &str) -> bool {
        self.numbers.contains_key(&id.to_ascii_lowercase())
    }

    /// Returns the ids of the subscriptions below a management group.
    pub(super) fn management_group(&self, name: &str) -> Option<Vec<String>> {
        let mut inside = self.tenant.inside(name)?;
        inside.extend(name.eq_ignore_ascii_case(ALL).then_some(self.tenant.subscriptions));
        Some(inside.into_iter().map(|number| self.tenant.subscription(number)).collect())
    }

    pub(super) fn rows(&self, query: &Query, skip: usize, size: usize) -> (usize, Vec<serde_json::Value>) {
        self.index.rows(query, skip, size)
    }

    /// Returns the directory's answer: every principal is a service principal, and none is in a group.
    pub(super) fn directory(target: &Target) -> Option<Answer> {
        let segments: Vec<&str> = target.path.split('/').skip(1).collect();
        match segments[..] {
            ["v1.0", "directoryObjects", id] => {
                Some(Answer::new(200, json!({ "@odata.type": "#microsoft.graph.servicePrincipal", "id": id })))
            }
            ["v1.0", "servicePrincipals", _, "transitiveMemberOf"] => Some(Answer::new(200, json!({ "value": [] }))),
            _ => None,
        }
    }

    /// Returns Resource Manager's answer to a `GET`.
    pub(super) fn resource_manager(&self, target: &Target, page_size: Option<usize>) -> Answer {
        let folded = target.path.to_ascii_lowercase();
        let segments: Vec<&str> = folded.split('/').skip(1).collect();
        let found = match segments[..] {
            ["subscriptions"] => {
                let all = (0..=self.tenant.subscriptions).map(|number| Subscription::of(&self.tenant, number));
                Found::List(all.map(|subscription| subscription.body().to_string().into()).collect())
            }
            ["subscriptions", id, ..] => {
                let Some(number) = self.numbers.get(id) else {
                    let message = format!("The subscription '{id}' could not be found.");
                    return Answer::error(404, "SubscriptionNotFound", message);
                };
                let slot = self.slot(*number);
                let generate = || Subscription::of(&self.tenant, *number).generate();
                slot.get_or_init(generate).find(&folded, target)
            }
            _ => Found::Answer(super::world::refusal(&target.path)),
        };
        match found {
            Found::Answer(answer) => answer,
            Found::One(text) => Answer::of_text(text.to_string()),
            Found::List(items) => page(target, &items, page_size),
        }
    }

    /// Returns the place of a subscription's content, which is generated there once.
    fn slot(&self, number: usize) -> Arc<OnceLock<Estate>> {
        let mut kept = self.kept.lock().unwrap();
        let slot = match kept.iter().position(|(of, _)| *of == number) {
            Some(at) => kept.remove(at).1,
            None => Arc::default(),
        };
        kept.push((number, Arc::clone(&slot)));
        if kept.len() > self.tenant.kept.max(1) {
            // The hub is used by all.
            let oldest = kept.iter().position(|(of, _)| *of != self.tenant.subscriptions).unwrap_or(0);
            kept.remove(oldest);
        }
        slot
    }
}

/// Returns one page of a list.
fn page(target: &Target, items: &[Arc<str>], size: Option<usize>) -> Answer {
    let skip = target.parameter("$skiptoken").and_then(|token| token.parse().ok()).unwrap_or(0).min(items.len());
    let end = size.map_or(items.len(), |size| items.len().min(skip + size));
    let mut text = String::from(r#"{"value":["#) + &items[skip..end].join(",") + "]";
    if end < items.len() {
        let url = target.raw.split_once("&$skiptoken=").map_or(target.raw.as_str(), |(url, _)| url);
        text += &format!(r#","nextLink":{}"#, json!(format!("https://{RESOURCE_MANAGER}{url}&$skiptoken={end}")));
    }
    Answer::of_text(text + "}")
}
