//! Many callers: finds all in a scope, and parts them for several runs and several machines.

use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::time::Instant;

use futures::{FutureExt, pin_mut, select_biased};
use serde_json::{Map, Value, json};

use crate::base::ResourceId;
use crate::knowledge::caller_kind::CallerKind;
use crate::live::ask::{Ask, Read};
use crate::live::collect::ended;
use crate::live::plan::Wanted;
use crate::live::{Collector, Cut, NoToken};

/// Callers on one page of Resource Graph: the most that it answers.
/// Source: <https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources> (read 2026-12-01).
const PAGE: u16 = 1000;

/// Where callers are looked for. Both lists empty: in all that the credential may read.
///
/// ```
/// use apim_doctor_core::live::Within;
/// let within = Within::default().with_management_groups(["platform".to_owned()]);
/// assert!(within.subscriptions.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Within {
    /// Names of management groups.
    pub management_groups: Vec<String>,
    /// Ids of subscriptions.
    pub subscriptions: Vec<String>,
}

impl Within {
    /// Looks in these management groups.
    #[must_use]
    pub fn with_management_groups(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.management_groups.extend(names);
        self
    }

    /// Looks in these subscriptions.
    #[must_use]
    pub fn with_subscriptions(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.subscriptions.extend(ids);
        self
    }

    /// As Resource Graph wants it.
    fn members(&self) -> Map<String, Value> {
        let named = [("managementGroups", &self.management_groups), ("subscriptions", &self.subscriptions)];
        let named = named.into_iter().filter(|(_, names)| !names.is_empty());
        let mut body: Map<String, Value> = named.map(|(member, names)| (member.to_owned(), json!(names))).collect();
        body.insert("options".to_owned(), json!({ "$top": PAGE }));
        body
    }
}

/// What a search for callers found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Discovered {
    /// The callers, in the order of their ids. The slots of an app come with the app.
    pub callers: Vec<ResourceId>,
    /// Why there may be more of them.
    pub incomplete: Option<String>,
    /// The tenant that the credential belongs to, if its token says it.
    pub tenant: Option<String>,
}

/// Why the callers of a scope are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoverError {
    /// Resource Graph did not answer the query.
    #[error("Resource Graph did not list the callers: {message} (status {status})")]
    Refused {
        /// The HTTP status; 0: no answer came.
        status: u16,
        /// What Resource Graph said.
        message: String,
    },
    /// Sign-in failed, so nothing was asked.
    #[error(transparent)]
    NoToken(#[from] NoToken),
    /// The run ended first.
    #[error("the run ended before the callers were known")]
    Cut(Cut),
}

impl Collector {
    /// Finds every caller in a scope with Resource Graph. `consumers`: kinds, as [`Wanted::consumers`].
    ///
    /// # Errors
    /// Where no token is given, Resource Graph refuses the query, or `stop` is ready first.
    pub async fn discover(
        &self,
        within: &Within,
        consumers: &[String],
        stop: impl Future<Output = ()>,
    ) -> Result<Discovered, DiscoverError> {
        let deadline = self.deadline();
        let (ended, search) = (ended(deadline, stop).fuse(), self.search(within, consumers, deadline).fuse());
        pin_mut!(ended, search);
        select_biased! {
            cut = ended => Err(DiscoverError::Cut(cut)),
            found = search => found,
        }
    }

    /// Whether Azure answers at all, with this credential.
    pub async fn is_answered(&self) -> bool {
        let body = Map::from_iter([("options".to_owned(), json!({ "$top": 1 }))]);
        let query = "resources | where type =~ 'microsoft.keyvault/vaults' | project id, name, type";
        let read = Read::query_within(Ask::FindCallers, query, body);
        self.ask(&read, Instant::now() + self.deadline()).await.status == 200
    }

    async fn search(
        &self,
        within: &Within,
        consumers: &[String],
        deadline: std::time::Duration,
    ) -> Result<Discovered, DiscoverError> {
        let tenant = self.signed_in_to().await?;
        let wanted = Wanted { consumers: consumers.to_vec(), ..Wanted::default() };
        let kinds = CallerKind::ALL.into_iter().filter(|kind| wanted.wants(*kind));
        let types: HashSet<&str> = kinds.flat_map(|kind| kind.resource_types()).copied().collect();
        let mut types: Vec<String> =
            types.into_iter().filter(|name| name.split('/').count() == 2).map(|name| format!("'{name}'")).collect();
        types.sort();
        let query =
            format!("resources | where type in~ ({}) | project id, name, type | order by id asc", types.join(", "));
        let end = Instant::now() + deadline;
        let mut callers: BTreeMap<String, ResourceId> = BTreeMap::new();
        let mut pages: HashSet<String> = HashSet::new();
        let mut next = Some(Read::query_within(Ask::FindCallers, &query, within.members()));
        let mut incomplete = None;
        while let Some(read) = next.take() {
            pages.insert(read.key());
            let answer = self.ask(&read, end).await;
            if answer.status != 200 {
                let said = answer.body.pointer("/error/message").and_then(Value::as_str);
                let message = said.unwrap_or("no reason was given").trim_end_matches('.').to_owned();
                return Err(DiscoverError::Refused { status: answer.status, message });
            }
            let rows = answer.body.get("data").and_then(Value::as_array).into_iter().flatten();
            let ids = rows.filter_map(|row| row.get("id").and_then(Value::as_str)).map(ResourceId::new);
            callers.extend(ids.map(|id| (id.as_str().to_ascii_lowercase(), id)));
            let token = answer.body.get("$skipToken").and_then(Value::as_str).filter(|token| !token.is_empty());
            let page = token.map(|token| read.rest(token)).filter(|page| !pages.contains(&page.key()));
            let total = answer.body.get("totalRecords").and_then(Value::as_u64).unwrap_or_default();
            if page.is_none() && total > callers.len() as u64 {
                let found = callers.len();
                incomplete = Some(format!("Resource Graph counts {total} callers and listed {found} of them"));
            }
            next = page;
        }
        Ok(Discovered { callers: callers.into_values().collect(), incomplete, tenant })
    }
}

/// Callers of one subscription each, in the order of their ids, at most `most` of them together.
///
/// ```
/// use apim_doctor_core::ResourceId;
/// use apim_doctor_core::live::batches;
/// let caller = |s, n| ResourceId::new(&format!("/subscriptions/{s}/resourceGroups/rg/providers/Microsoft.Web/sites/{n}"));
/// let callers = [caller("a", 1), caller("a", 2), caller("a", 3), caller("b", 1)];
/// let sizes: Vec<usize> = batches(&callers, 2).map(<[ResourceId]>::len).collect();
/// assert_eq!(sizes, [2, 1, 1]);
/// ```
pub fn batches(callers: &[ResourceId], most: usize) -> impl Iterator<Item = &[ResourceId]> {
    let of_one = callers.chunk_by(|one, next| one.subscription_scope() == next.subscription_scope());
    of_one.flat_map(move |callers| callers.chunks(most.max(1)))
}
