//! Reads resources into their tables.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::{ResourceId, collect_exact};
use crate::model::app_service::KeyVaultReference;
use crate::model::{
    Gap, ManagedIdentity, Modelled, Place, Rank, Refusal, Resource, Row, Seen, Sku, SystemData, TypeVisitor, is_bare,
    with_type,
};
use crate::source::reader::{Header, Reader};

/// A resource whose properties may have been left out.
#[derive(Deserialize)]
struct Envelope<P> {
    #[serde(default, alias = "Id")]
    id: Option<ResourceId>,
    #[serde(default, alias = "Location")]
    location: Option<String>,
    #[serde(default, alias = "Kind")]
    kind: Option<Box<str>>,
    #[serde(default, alias = "Identity")]
    identity: Option<ManagedIdentity>,
    #[serde(default, alias = "Sku")]
    sku: Option<Sku>,
    #[serde(default, alias = "SystemData", rename = "systemData")]
    system_data: Option<Box<SystemData>>,
    #[serde(default = "none", alias = "Properties")]
    properties: Option<P>,
}

impl<P: Modelled> Envelope<P> {
    /// Whether it becomes a row: it has properties, or its id alone is enough.
    fn is_enough(&self) -> bool {
        let has_id = self.id.as_ref().is_some_and(|id| !id.as_str().is_empty());
        has_id && (self.properties.is_some() || BY_ID.contains(&P::NOUN))
    }
}

fn none<P>() -> Option<P> {
    None
}

/// Types of which only the existence matters.
const BY_ID: [&str; 8] = [
    "App Service plan",
    "private DNS zone",
    "network security perimeter",
    "network manager",
    "DNS forwarding ruleset",
    "Resource Guard link",
    "workspace",
    "virtual network gateway",
];

impl<'a> Reader<'a> {
    /// Reads a body without a request: it is known, and nothing is complete.
    pub(super) fn bare(&mut self, body: &'a RawValue) {
        self.nested(body, 0);
    }

    /// Reads a body and the children that stand in it, a few levels deep.
    fn nested(&mut self, body: &'a RawValue, depth: u8) {
        const DEEPEST: u8 = 8;
        if depth > DEEPEST {
            let offset = self.place(body.get()).offset;
            let message = format!("resources are nested too deeply: expected at most {DEEPEST} levels in `resources`");
            return self.problem(Some(offset), message, "give the deeper resources beside the others", false);
        }
        let header = match serde_json::from_str::<Header>(body.get()) {
            Ok(header) => header,
            Err(error) => return self.misread("a resource", body, &error),
        };
        let Some(id) = header.id.or(header.resource_id) else { return };
        let id = ResourceId::new(&id);
        // The state of an app's reference says of itself that it is an app.
        let mut kind = id.resource_type().to_ascii_lowercase();
        if !KeyVaultReference::TYPES.contains(&kind.as_str()) {
            kind = header.r#type.or(header.resource_type).map_or(kind, Cow::into_owned).to_ascii_lowercase();
        }
        for child in header.resources {
            self.nested(child, depth + 1);
        }
        self.counts.other += usize::from(with_type(&kind, IsModelled).is_none());
        let version = header.read_with.map_or_else(|| Arc::from(""), |version| Arc::from(&*version));
        self.resource(&kind, Some(id), body, (Seen::Listed, version));
    }

    /// Reads one resource into its table; the id if it could be read, or if its type is not read at all.
    pub(super) fn resource(
        &mut self,
        kind: &str,
        id: Option<ResourceId>,
        body: &'a RawValue,
        rank: Rank,
    ) -> Option<ResourceId> {
        let place = self.place(body.get());
        match with_type(kind, Insert { reader: self, id, body, rank, place }) {
            Some(id) => id,
            None => Some(ResourceId::new("")),
        }
    }

    /// Keeps a resource; its id, if that is enough or it could be read.
    fn keep<P: Modelled>(&mut self, envelope: Envelope<P>, rank: Rank, at: Place) -> Option<ResourceId> {
        let Envelope { id, location, kind, identity, sku, system_data, properties } = envelope;
        let id = id?;
        let Some(properties) = properties else {
            // Some types are evaluated by their id alone; of others an id says nothing.
            return BY_ID.contains(&P::NOUN).then_some(id);
        };
        let resource = Resource { id: id.clone(), location, kind, identity, sku, system_data, properties };
        self.insert(Arc::new(Row { resource, rank, at, last: at.file, also: Vec::new() }));
        Some(id)
    }
}

/// Whether a type is modelled.
struct IsModelled;

impl TypeVisitor for IsModelled {
    type Output = ();

    fn visit<P: Modelled>(self) {}
}

/// Reads a body as the type it was visited with.
struct Insert<'r, 'a> {
    reader: &'r mut Reader<'a>,
    id: Option<ResourceId>,
    body: &'a RawValue,
    rank: Rank,
    place: Place,
}

impl TypeVisitor for Insert<'_, '_> {
    type Output = Option<ResourceId>;

    fn visit<P: Modelled>(self) -> Option<ResourceId> {
        let Insert { reader, id, body, rank, place } = self;
        if reader.is_short::<P>(id.as_ref(), body) {
            return None;
        }
        reader.counts.modelled += 1;
        let mut envelope = match read_body::<P>(body) {
            Ok(envelope) => envelope,
            Err(error) => {
                reader.misread(&format!("the {}", P::NOUN), body, &error);
                if let Some(id) = id {
                    let gap = Gap::unreadable(format!("{} `{}`", P::NOUN, id.name()), &id);
                    reader.refuse(id, Refusal::Unreadable(gap));
                }
                return None;
            }
        };
        reader.counts.read += 1;
        envelope.id = envelope.id.filter(|id| !id.as_str().is_empty()).or(id);
        reader.keep(envelope, rank, place)
    }
}

/// Reads the elements of a list as the type it was visited with, up to the list's end.
pub(super) struct InsertAll<'r, 'a> {
    pub reader: &'r mut Reader<'a>,
    pub elements: &'a str,
    pub rank: Rank,
}

impl TypeVisitor for InsertAll<'_, '_> {
    type Output = Option<Vec<ResourceId>>;

    fn visit<P: Modelled>(self) -> Option<Vec<ResourceId>> {
        let InsertAll { reader, elements, rank } = self;
        let whole = !is_bare::<P>() && !reader.was_kept_before::<P>();
        let envelopes = if whole { envelopes::<P>(elements) } else { None }?;
        reader.counts.modelled += envelopes.len();
        reader.counts.read += envelopes.len();
        let keep = |(text, envelope)| {
            let place = reader.place(text);
            reader.keep::<P>(envelope, rank.clone(), place)
        };
        Some(collect_exact(envelopes.into_iter().filter_map(keep)))
    }
}

/// Each element of `[…]}` and its text; `None` if the text is anything else, or an element is not enough.
fn envelopes<P: Modelled>(list: &str) -> Option<Vec<(&str, Envelope<P>)>> {
    let mut rest = list.trim_ascii_start().strip_prefix('[')?.trim_ascii_start();
    let mut found = Vec::new();
    while !rest.starts_with(']') {
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Envelope<P>>();
        let envelope = stream.next()?.ok().filter(Envelope::is_enough)?;
        let (text, behind) = rest.split_at_checked(stream.byte_offset())?;
        found.push((text, envelope));
        rest = behind.trim_ascii_start();
        rest = rest.strip_prefix(',').map_or(rest, str::trim_ascii_start);
    }
    (rest.strip_prefix(']')?.trim_ascii() == "}").then_some(found)
}

/// Reads a body as its type.
fn read_body<P: Modelled>(body: &RawValue) -> serde_json::Result<Envelope<P>> {
    if is_bare::<P>() {
        let properties = serde_json::from_str::<P>(body.get())?;
        return Ok(Envelope {
            id: None,
            location: None,
            kind: None,
            identity: None,
            sku: None,
            system_data: None,
            properties: Some(properties),
        });
    }
    serde_json::from_str(body.get())
}
