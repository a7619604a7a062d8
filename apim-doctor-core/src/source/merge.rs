//! Merges several inputs: the last answer to each request applies.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::Map;
use crate::model::network::{Subnet, VirtualNetwork};
use crate::model::{DnsAnswer, Modelled, Observation, Place, Rank, Resource, Row, Seen};
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

/// The texts of the last answer to each question.
pub(super) fn latest_statuses(statuses: Vec<Statuses>, times: &Times) -> Vec<Observation> {
    let mut last: Map<String, u16> = Map::default();
    for Statuses { path, file, .. } in &statuses {
        let kept = last.entry(path.clone()).or_insert(*file);
        if times.is_later(*file, *kept) {
            *kept = *file;
        }
    }
    let is_last = |one: &Statuses| last.get(&one.path).is_none_or(|last| !times.is_later(*last, one.file));
    let mut texts: Vec<Observation> = statuses.into_iter().filter(is_last).flat_map(|one| one.texts).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// The last answers to each question that was asked of a DNS server from one place.
pub(super) fn latest_dns(answers: Vec<(u16, DnsAnswer)>, times: &Times) -> Vec<DnsAnswer> {
    let question = |answer: &DnsAnswer| {
        let DnsAnswer { name, r#type, server, vantage, .. } = answer;
        (vantage.clone(), server.clone(), name.to_ascii_lowercase(), r#type.to_ascii_lowercase())
    };
    let mut last: BTreeMap<_, u16> = BTreeMap::new();
    for (file, answer) in &answers {
        let kept = last.entry(question(answer)).or_insert(*file);
        if times.is_later(*file, *kept) {
            *kept = *file;
        }
    }
    let is_last = |(file, answer): &(u16, DnsAnswer)| {
        last.get(&question(answer)).is_none_or(|last| !times.is_later(*last, *file))
    };
    answers.into_iter().filter(is_last).map(|(_, answer)| answer).collect()
}
