//! Merges several inputs: the last answer to each request applies.

use std::hash::Hash;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::Map;
use crate::model::backup::{BackupRequest, Call};
use crate::model::network::{Subnet, VirtualNetwork};
use crate::model::{DnsAnswer, Modelled, Observation, Place, Rank, Resource, Row, Seen, Tables};
use crate::source::contradiction::Times;
use crate::source::reader::{Reader, Statuses};

impl Reader<'_> {
    /// Adds the subnets that stand inline in their network; those fetched alone say the same.
    pub(super) fn inline_subnets(&mut self) {
        let subnets = Subnet::table(&self.estate.tables);
        let networks = VirtualNetwork::table(&self.estate.tables).values();
        let inline = networks.flat_map(|row| {
            let Row { resource: network, rank, at, last, .. } = &**row;
            let rank = (Seen::Inline, format!("{}/{}", u8::from(rank.0 == Seen::Fetched), rank.1).into());
            let own = &network.properties.subnets;
            // Where one stands matters only beside another answer.
            let compared = own.iter().any(|subnet| subnets.contains_key(&subnet.id));
            let places = if compared { self.subnet_places(*at) } else { Vec::new() };
            let named = own.iter().enumerate().filter(|(_, subnet)| !subnet.id.as_str().is_empty());
            named.map(move |(n, subnet)| {
                let resource = Resource { location: network.location.clone(), ..subnet.clone() };
                let (rank, at) = (Rank::clone(&rank), places.get(n).copied().unwrap_or(*at));
                Arc::new(Row { resource, rank, at, last: *last, also: Vec::new() })
            })
        });
        let inline: Vec<Arc<Row<Subnet>>> = inline.collect();
        inline.into_iter().for_each(|row| self.insert(row));
    }

    /// Where the subnets stand in the body of their network.
    fn subnet_places(&self, network: Place) -> Vec<Place> {
        #[derive(Deserialize)]
        struct Body<'a> {
            #[serde(borrow, alias = "Properties")]
            properties: Properties<'a>,
        }
        #[derive(Deserialize)]
        struct Properties<'a> {
            #[serde(borrow)]
            subnets: Vec<&'a RawValue>,
        }
        let bytes = self.inputs.get(usize::from(network.file)).map(|input| input.bytes.as_slice()).unwrap_or_default();
        let text = bytes.get(network.offset..network.offset + network.len).unwrap_or_default();
        let subnets = serde_json::from_slice::<Body>(text).map(|body| body.properties.subnets).unwrap_or_default();
        let offset = |subnet: &RawValue| (subnet.get().as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize);
        let place = |subnet: &RawValue| Place { file: network.file, offset: offset(subnet), len: subnet.get().len() };
        subnets.into_iter().map(place).collect()
    }
}

/// The last of all that answer the same question. What has no time is never replaced.
fn latest<T, Q: Eq + Hash>(
    all: Vec<T>,
    times: &Times,
    file: impl Fn(&T) -> u16,
    question: impl Fn(&T) -> Q,
) -> impl Iterator<Item = T> {
    let mut last: Map<Q, u16> = Map::default();
    for one in all.iter().filter(|one| times.of(file(one)).is_some()) {
        let kept = last.entry(question(one)).or_insert(file(one));
        if times.is_later(file(one), *kept) {
            *kept = file(one);
        }
    }
    let is_last = move |one: &T| last.get(&question(one)).is_none_or(|last| !times.is_later(*last, file(one)));
    all.into_iter().filter(is_last)
}

/// The texts of the last answer to each question.
pub(super) fn latest_statuses(statuses: Vec<Statuses>, times: &Times) -> Vec<Observation> {
    let last = latest(statuses, times, |one| one.file, |one| one.path.clone());
    let mut texts: Vec<Observation> = last.flat_map(|one| one.texts).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// The last answers to each question that was asked of a DNS server from one place.
pub(super) fn latest_dns(answers: Vec<(u16, DnsAnswer)>, times: &Times) -> Vec<DnsAnswer> {
    let question = |(_, answer): &(u16, DnsAnswer)| {
        let DnsAnswer { name, r#type, server, vantage, .. } = answer;
        (vantage.clone(), server.clone(), name.to_ascii_lowercase(), r#type.to_ascii_lowercase())
    };
    latest(answers, times, |(file, _)| *file, question).map(|(_, answer)| answer).collect()
}

/// How each operation ended the last time. All entries of the Activity Log count.
pub(super) fn latest_calls(calls: Vec<(u16, Call)>, times: &Times) -> Vec<Call> {
    let question = |(_, call): &(u16, Call)| (call.action, call.resource.clone(), call.at.clone());
    let last = latest(calls, times, |(file, _)| *file, question);
    let mut calls: Vec<Call> = last.map(|(_, call)| call).collect();
    calls.sort_by_cached_key(|call| format!("{call:?}"));
    calls.dedup();
    calls
}

/// Forgets a request for a backup or a restore that a later recording repeats with another body.
pub(super) fn forget_repeated(tables: &mut Tables, times: &Times) {
    let requests = BackupRequest::table_mut(tables);
    let question = |row: &Arc<Row<BackupRequest>>| {
        let Resource { id, properties: body, .. } = &row.resource;
        let word = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_ascii_lowercase());
        (id.parent(), id.resource_type().to_ascii_lowercase(), word(&body.storage_account), word(&body.container_name))
    };
    let all = requests.drain().map(|(_, row)| row).collect();
    requests.extend(latest(all, times, |row| row.last, question).map(|row| (row.resource.id.clone(), row)));
}
