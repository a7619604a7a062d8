//! Reads recorded exchanges: the request says what its answer is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::ResourceId;
use crate::model::app_service::{Config, KeyVaultReference};
use crate::model::{ClosedBy, Filter, Gap, ListAnswer, Modelled, Refusal, Resource, Row, Seen, TypeVisitor, with_type};
use crate::source::direct::DirectBody;
use crate::source::format::{self, NOT_ASKED};
use crate::source::gap::{not_asked, refused, unread_element, unread_page};
use crate::source::pages::Page;
use crate::source::reader::{Reader, Statuses};
use crate::source::request::{Request, Subject};
use crate::source::resource::InsertAll;
use crate::source::status;

/// An exchange whose bodies are read where they stand in the file.
pub(super) type Exchange<'a> = format::Exchange<InPlace<'a>, &'a RawValue>;

/// A text where it stands in the file, unless something in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct InPlace<'a>(#[serde(borrow)] Cow<'a, str>);

/// The elements of a list, and where it goes on.
#[derive(Deserialize)]
struct ListBody<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(default, borrow, rename = "nextLink", alias = "@odata.nextLink")]
    next_link: Option<Cow<'a, str>>,
    #[serde(default, borrow, rename = "$skipToken")]
    skip_token: Option<Cow<'a, str>>,
}

impl<'a> Reader<'a> {
    /// Reads the exchanges of a recording, chunks of them in parallel; results do not depend on order.
    pub(super) fn exchanges(&mut self, exchanges: &[Exchange<'a>]) {
        const PIECE: usize = 64;
        if exchanges.len() <= PIECE {
            return exchanges.iter().for_each(|exchange| self.exchange(exchange));
        }
        let empty = || self.piece();
        let read = |mut piece: Reader<'a>, exchange| {
            piece.exchange(exchange);
            piece
        };
        let join = |mut one: Reader<'a>, other| {
            one.absorb(other);
            one
        };
        let all = exchanges.par_iter().with_min_len(PIECE).fold(empty, read).reduce(empty, join);
        self.absorb(all);
    }

    fn exchange(&mut self, exchange: &Exchange<'a>) {
        let request = Request::parse(&exchange.request.0, &self.estate.cloud.resource_manager);
        let graph = "/providers/microsoft.resourcegraph/resources";
        if request.is("POST") && request.path.eq_ignore_ascii_case(graph) {
            if let (200, Some(body)) = (exchange.status, exchange.body) {
                self.resource_graph(body);
            }
            return;
        }
        if request.is("POST") {
            return self.settings(&request, exchange);
        }
        if !request.is("GET") {
            return;
        }
        if request.host.is_some() {
            return self.direct(&request, exchange);
        }
        if let (200, Some(body)) = (exchange.status, exchange.body)
            && let Some(texts) = status::texts(&request.path, body)
        {
            self.statuses.push(Statuses { path: request.path.to_ascii_lowercase(), file: self.file, texts });
        }
        match request.subject() {
            Subject::Resource(id, kind) => match (exchange.status, exchange.body) {
                (200, Some(body)) => {
                    let rank = (Seen::Fetched, request.api_version().into());
                    self.resource(&kind, Some(id), body, rank);
                }
                (0, body) if code_of(body).as_deref() == Some(NOT_ASKED) => {
                    self.refuse(id, Refusal::NotSeen(not_asked()));
                }
                (404, body) if says_nothing(body) => {
                    let what = format!("`{}`", id.name());
                    let gap = Gap::refused(what, 404, &id).advise("sign in to its tenant with the Reader role");
                    self.refuse(id, Refusal::NotSeen(gap));
                }
                (404, _) => {
                    let at = self.place(exchange.body.map_or(&exchange.request.0, |body| body.get()));
                    self.gone.entry(id.clone()).or_default().push(at);
                    self.refuse(id, Refusal::NotFound);
                }
                (status, _) => {
                    let gap = refused(status, &kind, &id);
                    self.refuse(id, Refusal::NotSeen(gap));
                }
            },
            Subject::List(scope, kind) => {
                if let Some(kind) = with_type(&kind, NameOf(&kind)).flatten() {
                    self.list(&request, scope, kind, exchange);
                } else if exchange.status != 200 {
                    // Nothing of it is kept, but that it was refused.
                    let gap = refused(exchange.status, &kind, &scope);
                    self.refuse(ResourceId::new(&request.path), Refusal::NotSeen(gap));
                }
            }
            Subject::Other => {}
        }
    }

    /// `POST …/config/appsettings/list` and its like answer the settings themselves.
    fn settings(&mut self, request: &Request<'_>, exchange: &Exchange<'a>) {
        let id = ResourceId::new(request.path.rsplit_once('/').map_or("", |(id, _)| id));
        let is_list = request.path.rsplit('/').next().is_some_and(|leaf| leaf.eq_ignore_ascii_case("list"));
        let kind = id.resource_type().to_ascii_lowercase();
        if !is_list || request.host.is_some() || !Config::TYPES.contains(&kind.as_str()) {
            return;
        }
        match (exchange.status, exchange.body) {
            (200, Some(body)) => {
                self.resource(&kind, Some(id), body, (Seen::Fetched, request.api_version().into()));
            }
            (403, _) => {
                let app = id.within("Microsoft.Web/sites").unwrap_or_else(|| id.clone());
                let action = "Microsoft.Web/sites/config/list/action";
                let what = format!("the settings of `{}`", app.name());
                let gap = Gap::refused(what, 403, ClosedBy::Collect(app.clone(), "--read-settings"))
                    .advise(format!("assign a role that includes `{action}` (Reader does not) at `{app}`"));
                self.refuse(id, Refusal::NotSeen(gap));
            }
            (status, body) => {
                if status == 404 && !says_nothing(body) {
                    let at = self.place(body.map_or(&exchange.request.0, |body| body.get()));
                    self.gone.entry(id.clone()).or_default().push(at);
                }
                self.refuse(id.clone(), Refusal::NotSeen(refused(status, &kind, &id)));
            }
        }
    }

    /// The references of an app as api-version 2019-08-01 answers them: by name, in one object.
    fn references(&mut self, scope: &ResourceId, kind: &str, body: &'a RawValue) -> Option<Vec<ResourceId>> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow)]
            properties: Statuses<'a>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Statuses<'a> {
            #[serde(borrow)]
            key_to_reference_statuses: BTreeMap<String, &'a RawValue>,
        }
        let leaf = kind.rsplit('/').next().filter(|_| KeyVaultReference::TYPES.contains(&kind))?;
        let statuses = serde_json::from_str::<Body>(body.get()).ok()?.properties.key_to_reference_statuses;
        let read = statuses.into_iter().map(|(name, body)| {
            let id = scope.child(leaf, &name);
            if self.was_kept_before::<KeyVaultReference>() {
                let gap = Gap::incomplete(
                    format!(
                        "reference `{name}` was not collected: an older version of apim-doctor wrote the recording"
                    ),
                    &id,
                );
                self.refuse(id.clone(), Refusal::NotSeen(gap));
                return id;
            }
            let properties = match serde_json::from_str::<KeyVaultReference>(body.get()) {
                Ok(properties) => properties,
                Err(error) => {
                    self.misread("the Key Vault reference", body, &error);
                    let gap = Gap::unreadable(format!("reference `{name}`"), &id);
                    self.refuse(id.clone(), Refusal::Unreadable(gap));
                    return id;
                }
            };
            let resource = Resource {
                id: id.clone(),
                location: None,
                kind: None,
                identity: None,
                sku: None,
                system_data: None,
                properties,
            };
            let (rank, at) = ((Seen::Listed, "".into()), self.place(body.get()));
            self.insert(Arc::new(Row { resource, rank, at, last: at.file, also: Vec::new() }));
            id
        });
        Some(read.collect())
    }

    fn resource_graph(&mut self, body: &'a RawValue) {
        #[derive(Deserialize)]
        struct Rows<'a> {
            #[serde(borrow)]
            data: Vec<&'a RawValue>,
        }
        if let Ok(rows) = serde_json::from_str::<Rows>(body.get()) {
            rows.data.into_iter().for_each(|row| self.bare(row));
        }
    }

    fn list(&mut self, request: &Request<'_>, scope: ResourceId, kind: &'static str, exchange: &Exchange<'a>) {
        let at = self.place(exchange.body.map_or(&exchange.request.0, |body| body.get()));
        let mut answer = ListAnswer { filter: request.filter(), ids: Vec::new(), not_seen: None, is_gone: false, at };
        answer.is_gone = exchange.status == 404 && !says_nothing(exchange.body);
        let (mut next, mut is_read) = (None, false);
        let body = exchange.body.filter(|_| exchange.status == 200);
        let whole = body.and_then(|body| self.whole(kind, body, request));
        let whole = whole.or_else(|| self.references(&scope, kind, body?));
        match (whole, body) {
            (Some(ids), _) => (answer.ids, is_read) = (ids, true),
            (None, Some(body)) => match serde_json::from_str::<ListBody>(body.get()) {
                Ok(list) => {
                    is_read = true;
                    next = list
                        .next_link
                        .filter(|next| !next.is_empty())
                        .map(|next| Request::parse(&format!("GET {next}"), &self.estate.cloud.resource_manager).key());
                    if list.skip_token.is_some() {
                        answer.not_seen = Some(unread_page(&scope, kind));
                    }
                    let rank = (Seen::Listed, Arc::from(request.api_version()));
                    answer.ids.reserve(list.value.len());
                    for element in list.value {
                        match self.resource(kind, None, element, rank.clone()) {
                            Some(id) => answer.ids.push(id),
                            None => {
                                answer.not_seen.get_or_insert_with(|| unread_element(&scope, kind));
                            }
                        }
                    }
                }
                Err(error) => {
                    self.misread("a list", body, &error);
                    answer.not_seen = Some(unread_element(&scope, kind));
                }
            },
            (None, None) => answer.not_seen = Some(refused(exchange.status, kind, &scope)),
        }
        answer.sort();
        let (request, is_later) = (exchange.request.0.clone(), request.is_page());
        self.pages.push(Page { request, scope, kind, is_later, next, answer, is_read });
    }

    /// Reads a list that is nothing but elements, and all of them understood; of any other, nothing is read.
    ///
    /// Most lists are, and this way nothing has to look for the end of an element before it is read.
    fn whole(&mut self, kind: &str, body: &'a RawValue, request: &Request<'_>) -> Option<Vec<ResourceId>> {
        let begin = |rest: &'a str, next: &&str| rest.trim_ascii_start().strip_prefix(*next);
        let elements = ["{", "\"value\"", ":"].iter().try_fold(body.get(), begin)?;
        let rank = (Seen::Listed, Arc::from(request.api_version()));
        with_type(kind, InsertAll { reader: self, elements, rank }).flatten()
    }

    fn direct(&mut self, request: &Request<'_>, exchange: &Exchange<'a>) {
        let host = request.host.as_deref().unwrap_or_default();
        let body = exchange.body.map(|body| body.get()).unwrap_or("null");
        let resource_manager = &self.estate.cloud.resource_manager;
        let next = |link: &str| Request::parse(&format!("GET {link}"), resource_manager).key();
        let mut answer = serde_json::from_str::<DirectBody>(body).map(|body| body.read(next)).unwrap_or_default();
        answer.status = exchange.status;
        let key = match request.is_page() {
            true => request.key(),
            false => {
                answer.complete &= request.filter() == Filter::None;
                format!("{host}{}", request.path).to_ascii_lowercase()
            }
        };
        answer.complete &= exchange.status == 200;
        self.answered(&key, (self.file, answer));
    }
}

/// Whether a 404 is about something else than the resource: a subscription that the token may not see is answered as
/// one that does not exist, and so is a type or an api-version that the cloud does not have.
/// Source: <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found> and
/// <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes/subscriptionnotfound-error> (read
/// 2026-11-22). A role definition has a code of its own: <https://github.com/JulianHayward/AzAPICall/pull/23> (read
/// 2026-11-30).
fn says_nothing(body: Option<&RawValue>) -> bool {
    let elsewhere = ["SubscriptionNotFound", "ResourceProviderNotFound"];
    let names_it = |code: &str| code.ends_with("NotFound") || code == "RoleDefinitionDoesNotExist";
    code_of(body).is_some_and(|code| !names_it(&code) || elsewhere.contains(&code.as_str()))
}

/// The code of an error.
fn code_of(body: Option<&RawValue>) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body?.get()).ok()?;
    Some(body.pointer("/error/code")?.as_str()?.to_owned())
}

/// The name of a type, where it is read at all.
struct NameOf<'n>(&'n str);

impl TypeVisitor for NameOf<'_> {
    type Output = Option<&'static str>;

    fn visit<P: Modelled>(self) -> Option<&'static str> {
        P::TYPES.iter().find(|name| **name == self.0).copied()
    }
}
