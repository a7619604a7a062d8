//! `snapshot/v1` and the bare forms of Resource Manager, Resource Graph and exports.
//!
//! Bodies are read where they stand in the file: each is parsed once, straight into its type.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use memchr::memchr2;
use rayon::prelude::*;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::base::{Map, ObjectId, ResourceId};
use crate::knowledge::cloud::{Cloud, CloudName};
use crate::model::app_service::{Config, KeyVaultReference};
use crate::model::dns::RecordedAnswer;
use crate::model::network::{Subnet, VirtualNetwork};
use crate::model::{
    ClosedBy, DirectAnswer, EachType, Estate, Filter, Gap, Index, Input, ListAnswer, Lists, ManagedIdentity, Modelled,
    Observation, Place, Probe, Rank, Refusal, Resource, Row, Seen, SignedIn, Sku, SystemData, Tables, TypeVisitor,
    or_default, with_type,
};
use crate::source::InputError;
use crate::source::contradiction::{self, Contradicted, Settle, Times};
use crate::source::direct::DirectBody;
use crate::source::format::NOT_ASKED;
use crate::source::gap::{not_asked, refused, unread_element, unread_page};
use crate::source::keep::{LATER, Later, lacks};
use crate::source::request::{Request, Subject};
use crate::source::status;

/// What can stand at the top of an input file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(default, borrow)]
    apim_doctor: Option<Cow<'a, str>>,
    #[serde(default)]
    kept: Option<u32>,
    #[serde(default, deserialize_with = "timestamp")]
    taken_at: Option<jiff::Timestamp>,
    #[serde(default)]
    tenant_id: Option<ObjectId>,
    #[serde(default)]
    cloud: Option<CloudName>,
    #[serde(default)]
    signed_in: Option<SignedIn>,
    #[serde(default)]
    vantage: Option<Vantage>,
    #[serde(default, borrow)]
    exchanges: Option<Vec<Exchange<'a>>>,
    #[serde(default)]
    dns: Vec<RecordedAnswer>,
    #[serde(default)]
    probes: Vec<Probe>,
    #[serde(default)]
    observations: Vec<Observation>,
    #[serde(default)]
    repaired: Vec<String>,
    #[serde(default, borrow)]
    value: Option<&'a RawValue>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
    #[serde(default, borrow, alias = "Id", alias = "ResourceId")]
    id: Option<Cow<'a, str>>,
    #[serde(default, borrow, rename = "$schema")]
    schema: Option<Cow<'a, str>>,
    #[serde(default, borrow, rename = "planned_values")]
    planned_values: Option<&'a RawValue>,
}

/// The inputs with what was recorded last in front, so that the order in which they are given means nothing; and the
/// position that each was given in.
fn in_order(inputs: Vec<Input>) -> (Vec<Input>, Vec<usize>) {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Stamp {
        #[serde(default, deserialize_with = "timestamp")]
        taken_at: Option<jiff::Timestamp>,
    }
    let stamp = |input: &Input| serde_json::from_slice::<Stamp>(&input.bytes).ok().and_then(|stamp| stamp.taken_at);
    let mut all: Vec<_> = match inputs.len() {
        0 | 1 => inputs.into_iter().map(|input| (None, input)).enumerate().collect(),
        _ => inputs.into_iter().map(|input| (stamp(&input), input)).enumerate().collect(),
    };
    all.sort_by(|(_, (one, a)), (_, (other, b))| (other, &a.name, &a.bytes).cmp(&(one, &b.name, &b.bytes)));
    let (given, inputs): (Vec<usize>, Vec<_>) = all.into_iter().unzip();
    (inputs.into_iter().map(|(_, input)| input).collect(), given)
}

/// How deep an input may be nested. Azure's deepest answers are nested some twenty levels deep; many JSON readers stop
/// at 128.
const DEEPEST: usize = 100;

/// Where the nesting becomes too deep.
fn too_deep(json: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                // To the quote that ends the string.
                loop {
                    at += 1 + memchr2(b'"', b'\\', json.get(at + 1..)?)?;
                    match json.get(at) {
                        Some(b'\\') => at += 1,
                        _ => break,
                    }
                }
            }
            _ => {}
        }
        if depth > DEEPEST {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[derive(Deserialize)]
struct Vantage {
    subnet: ResourceId,
}

#[derive(Deserialize)]
struct Exchange<'a> {
    #[serde(borrow)]
    request: Cow<'a, str>,
    status: u16,
    #[serde(default, borrow)]
    body: Option<&'a RawValue>,
}

fn timestamp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<jiff::Timestamp>, D::Error> {
    let text = Option::<Cow<'de, str>>::deserialize(deserializer)?;
    text.map(|text| {
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a time like 2026-11-21T09:00:00Z")))
    })
    .transpose()
}

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

/// Enough of a body to know what it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Header<'a> {
    #[serde(borrow, alias = "Id")]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ResourceId")]
    resource_id: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "Type")]
    r#type: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ResourceType")]
    resource_type: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "or_default")]
    resources: Vec<&'a RawValue>,
}

/// A resource whose properties may have been left out.
#[derive(Deserialize)]
struct Sighting<P> {
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

impl<P: Modelled> Sighting<P> {
    /// Whether a row can be made of it, or of its id alone where no more is needed.
    fn says_enough(&self) -> bool {
        let has_id = self.id.as_ref().is_some_and(|id| !id.as_str().is_empty());
        has_id && (self.properties.is_some() || BY_ID.contains(&P::NOUN))
    }
}

fn none<P>() -> Option<P> {
    None
}

/// An answer to a request for a list, before its pages are joined.
struct Page<'a> {
    request: Cow<'a, str>,
    scope: ResourceId,
    kind: &'static str,
    is_later: bool,
    next: Option<String>,
    answer: ListAnswer,
    /// Its body was understood.
    is_read: bool,
}

/// How many resources of modelled types were met, and how many of them were read in full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Resources whose type is modelled.
    pub modelled: usize,
    /// Of those, the ones whose every modelled property was understood.
    pub read: usize,
}

impl Estate {
    /// Reads recordings and bare bodies into one estate.
    ///
    /// Each problem is reported and the rest is still read. Nothing is said to be complete unless a
    /// recorded answer proves it. Secret values have no place in an estate and are dropped while reading.
    ///
    /// ```
    /// use apim_doctor_core::{Estate, Input};
    /// let vault = r#"[{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv",
    ///                  "properties": {"publicNetworkAccess": "Disabled"}}]"#;
    /// let (_estate, problems) = Estate::read(vec![Input { name: "kv.json".into(), bytes: vault.into() }]);
    /// assert!(problems.is_empty());
    /// ```
    pub fn read(inputs: Vec<Input>) -> (Estate, Vec<InputError>) {
        let (estate, problems, _) = Estate::read_counting(inputs);
        (estate, problems)
    }

    /// As [`Estate::read`], and says how much of what it met it understood.
    pub fn read_counting(inputs: Vec<Input>) -> (Estate, Vec<InputError>, Coverage) {
        Estate::read_as(inputs, &LATER)
    }

    /// Reads as if `later` were kept from a later version on than the first.
    pub(crate) fn read_as(inputs: Vec<Input>, later: &'static [Later]) -> (Estate, Vec<InputError>, Coverage) {
        let (inputs, given) = in_order(inputs);
        let mut reader = Reader { inputs: &inputs, later, ..Reader::default() };
        for (file, input) in inputs.iter().enumerate() {
            reader.file = u16::try_from(file).unwrap_or(u16::MAX);
            reader.name.clone_from(&input.name);
            reader.bytes = &input.bytes;
            reader.kept = None;
            reader.times.0.push(None);
            reader.input();
        }
        let mut contradicted = Contradicted::default();
        reader.settle(&mut contradicted);
        reader.inline_subnets();
        reader.settle(&mut contradicted);
        let Reader { mut estate, problems, coverage, direct, pages, statuses, times, gone, dns, .. } = reader;
        estate.dns = latest_dns(dns, &times);
        estate.observations.extend(latest_statuses(statuses, &times));
        let mut direct = one_each(direct, &times);
        join_direct(&mut direct);
        let (lists, mut index) =
            rayon::join(|| join_pages(pages, &estate.cloud.resource_manager, &times), || Index::of_resources(&estate));
        estate.lists = Arc::new(lists);
        estate.direct = Arc::new(direct);
        index.add_lists(&estate);
        estate.index = Arc::new(index);
        let mut found = contradiction::search(&estate, &times, &gone);
        found.contradicted.extend(contradicted);
        if contradiction::forget(&mut estate, found, &inputs, &times) {
            estate.index = Arc::new(Index::of(&estate));
        }
        estate.inputs = Arc::new(inputs);
        let mut problems = problems;
        problems.sort_by_key(|(file, _)| given.get(usize::from(*file)).copied());
        (estate, problems.into_iter().map(|(_, problem)| problem).collect(), coverage)
    }
}

#[derive(Default)]
struct Reader<'a> {
    estate: Estate,
    /// With the input that each is about.
    problems: Vec<(u16, InputError)>,
    coverage: Coverage,
    pages: Vec<Page<'a>>,
    /// What vaults and Microsoft Graph answered, with the input that says so.
    direct: Map<String, Vec<(u16, DirectAnswer)>>,
    statuses: Vec<Statuses>,
    dns: Vec<(u16, RecordedAnswer)>,
    /// Where 404 was answered.
    gone: Map<ResourceId, Vec<Place>>,
    times: Times,
    clouds: Vec<Cloud>,
    inputs: &'a [Input],
    file: u16,
    name: String,
    bytes: &'a [u8],
    /// By which version of the list the input was kept.
    kept: Option<u32>,
    /// What is kept from a later version on than the first.
    later: &'static [Later],
}

const FORMATS: &str = "expected a `snapshot/v1` recording, a JSON array of Azure resources, `{\"value\": […]}`, \
                       `{\"data\": […]}` or one resource";

impl<'a> Reader<'a> {
    fn problem(&mut self, offset: Option<usize>, message: String, help: &str, fatal: bool) {
        let (line, column) = offset.map(|at| position(self.bytes, at)).unzip();
        let (file, help) = (self.name.clone(), help.to_owned());
        self.problems.push((self.file, InputError { file, line, column, message, help, fatal }));
    }

    fn input(&mut self) {
        let text = match std::str::from_utf8(self.bytes) {
            Ok(text) => text,
            Err(error) => {
                let message = "the file is not valid UTF-8".to_owned();
                return self.problem(Some(error.valid_up_to()), message, "save it as UTF-8 JSON", true);
            }
        };
        if let Some(offset) = too_deep(self.bytes) {
            let message = format!("the JSON is nested more than {DEEPEST} levels deep");
            let help = "no answer of Azure is that deep: collect it again, or remove this exchange";
            return self.problem(Some(offset), message, help, true);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().is_empty() {
            return self.problem(None, "the file is empty".to_owned(), FORMATS, true);
        }
        if text.trim_start().starts_with('[') {
            match serde_json::from_str::<Vec<&RawValue>>(text) {
                Ok(bodies) => bodies.into_iter().for_each(|body| self.bare(body)),
                Err(error) => self.syntax(&error),
            }
            return;
        }
        match serde_json::from_str::<Document>(text) {
            Ok(document) => self.document(document, text),
            Err(error) => self.syntax(&error),
        }
    }

    fn syntax(&mut self, error: &serde_json::Error) {
        let text = error.to_string();
        let message = without_values(text.split(" at line ").next().unwrap_or(&text));
        let (message, help) = match error.classify() {
            serde_json::error::Category::Eof => {
                (format!("the JSON ends too early: {message}"), "the file looks cut off; copy or record it again")
            }
            serde_json::error::Category::Data => (message, FORMATS),
            _ => (format!("this is not JSON: {message}"), FORMATS),
        };
        let (file, help) = (self.name.clone(), help.to_owned());
        let (line, column) = (Some(error.line()), Some(error.column().max(1)));
        self.problems.push((self.file, InputError { file, line, column, message, help, fatal: true }));
    }

    fn document(&mut self, document: Document<'a>, text: &'a str) {
        self.kept = document.kept;
        match (document.apim_doctor.as_deref(), document.exchanges) {
            (Some("snapshot/v1"), Some(exchanges)) => {
                let cloud = match document.cloud.map(CloudName::resolve).transpose() {
                    Ok(cloud) => cloud.unwrap_or_default(),
                    Err(name) => {
                        let help = "expected `AzurePublic`, `AzureUSGovernment`, `AzureChina` or an object \
                                    with the endpoints of a custom cloud";
                        return self.problem(None, format!("`{name}` is not a known cloud"), help, true);
                    }
                };
                if self.clouds.first().is_some_and(|first| *first != cloud) {
                    let help = "diagnose the recordings of each cloud in a run of their own";
                    return self.problem(None, "the recordings are of different clouds".to_owned(), help, true);
                }
                self.estate.is_recording = true;
                self.estate.cloud = cloud.clone();
                self.clouds.push(cloud);
                self.estate.taken_at = self.estate.taken_at.max(document.taken_at);
                if let Some(own) = self.times.0.last_mut() {
                    *own = document.taken_at;
                }
                self.estate.tenant_id = self.estate.tenant_id.take().or(document.tenant_id);
                self.estate.signed_in = self.estate.signed_in.take().or(document.signed_in);
                // An answer counts where the machine stood that recorded it.
                let vantage = document.vantage.map(|vantage| vantage.subnet);
                let file = self.file;
                let here = |answer| (file, RecordedAnswer { vantage: vantage.clone(), ..answer });
                self.dns.extend(document.dns.into_iter().map(here));
                let probes = document.probes.into_iter();
                self.estate.probes.extend(probes.map(|probe| Probe { vantage: vantage.clone(), ..probe }));
                self.estate.observations.extend(document.observations);
                self.estate.repaired.extend(document.repaired);
                self.exchanges(&exchanges);
            }
            (Some("snapshot/v1"), None) => {
                let help = "a recording holds what was asked and answered under `exchanges`";
                self.problem(None, "the recording has no `exchanges`".to_owned(), help, true);
            }
            (Some(other), _) => {
                let message = format!("the format `{other}` cannot be read here");
                self.problem(None, message, "expected `snapshot/v1`; record again with this version", true);
            }
            (None, Some(_)) => {
                let help = "add `\"apimDoctor\": \"snapshot/v1\"` if this is a recording";
                self.problem(None, "`exchanges` without a format".to_owned(), help, true);
            }
            (None, None) => match (document.value, document.data, document.id) {
                (Some(list), ..) | (None, Some(list), _) if list.get().starts_with('[') => {
                    let bodies = serde_json::from_str::<Vec<&RawValue>>(list.get()).unwrap_or_default();
                    bodies.into_iter().for_each(|body| self.bare(body));
                }
                (_, _, Some(_)) => match serde_json::from_str::<&RawValue>(text) {
                    Ok(body) => self.bare(body),
                    Err(error) => self.syntax(&error),
                },
                _ if document.planned_values.is_some() => {
                    self.problem(None, "this is a Terraform plan".to_owned(), FORMATS, true);
                }
                _ if document.schema.is_some_and(|s| s.to_ascii_lowercase().contains("deploymenttemplate")) => {
                    self.problem(None, "this is an ARM template".to_owned(), FORMATS, true);
                }
                _ => self.problem(None, "the JSON holds nothing that is known here".to_owned(), FORMATS, true),
            },
        }
    }

    /// One body without a request: it is known, and nothing is complete.
    fn bare(&mut self, body: &'a RawValue) {
        self.nested(body, 0);
    }

    /// The same for children that stand inside their parent, which go few levels deep.
    fn nested(&mut self, body: &'a RawValue, depth: u8) {
        const DEEPEST: u8 = 8;
        if depth > DEEPEST {
            let offset = self.place(body.get()).offset;
            let message = "resources are nested too deeply".to_owned();
            return self.problem(Some(offset), message, "expected children in `resources` a few levels deep", false);
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
        self.resource(&kind, Some(id), body, (Seen::Listed, Arc::from("")));
    }

    fn place(&self, text: &str) -> Place {
        let offset = (text.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize);
        Place { file: self.file, offset, len: text.len() }
    }

    /// Whether the input was kept by a version of the list that kept less of this type.
    fn was_kept_before<P: Modelled>(&self) -> bool {
        let Some(kept) = self.kept else { return false };
        self.later.iter().any(|later| later.since > kept && P::TYPES.contains(&later.kind))
    }

    /// Whether a body lacks what the version of the list that kept it did not keep yet. The resource is then not
    /// known: what is missing was not collected, and is not absent.
    fn is_short<P: Modelled>(&mut self, id: Option<&ResourceId>, body: &RawValue) -> bool {
        let Some(kept) = self.kept.filter(|_| self.was_kept_before::<P>()) else { return false };
        let Some(later) = P::TYPES.iter().find_map(|kind| lacks(self.later, kept, kind, body.get())) else {
            return false;
        };
        let header = serde_json::from_str::<Header>(body.get()).unwrap_or_default();
        let own = header.id.or(header.resource_id).filter(|id| !id.is_empty()).map(|id| ResourceId::new(&id));
        if let Some(id) = own.or_else(|| id.cloned()) {
            let what = match later.pointer {
                "" => format!("{} `{}`", P::NOUN, id.name()),
                pointer => format!("`{pointer}` of {} `{}`", P::NOUN, id.name()),
            };
            let what = format!("{what} was not collected: an older version of apim-doctor wrote the recording");
            let gap = Gap::incomplete(what, &id);
            self.refuse(id, Refusal::NotSeen(gap));
        }
        true
    }

    fn misread(&mut self, what: &str, body: &RawValue, error: &serde_json::Error) {
        let text = error.to_string();
        let message = without_values(text.split(" at line ").next().unwrap_or(&text));
        let lines_before = error.line().saturating_sub(1);
        let line_start = match lines_before {
            0 => 0,
            n => body.get().match_indices('\n').nth(n - 1).map_or(0, |(at, _)| at + 1),
        };
        let offset = self.place(body.get()).offset + line_start + error.column().saturating_sub(1);
        let help = "the rest was still read; what depends on this is unknown";
        self.problem(Some(offset), format!("{what} could not be read: {message}"), help, false);
    }

    /// Reads pieces side by side; what each says does not depend on what came before it.
    fn exchanges(&mut self, exchanges: &[Exchange<'a>]) {
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

    /// A reader of the same input that has read nothing yet.
    fn piece(&self) -> Reader<'a> {
        let estate = Estate { cloud: self.estate.cloud.clone(), ..Estate::default() };
        Reader {
            estate,
            inputs: self.inputs,
            times: self.times.clone(),
            file: self.file,
            name: self.name.clone(),
            bytes: self.bytes,
            kept: self.kept,
            later: self.later,
            ..Reader::default()
        }
    }

    /// Takes over what another reader of the same input has read.
    fn absorb(&mut self, piece: Reader<'a>) {
        let Reader { estate, problems, coverage, pages, direct, statuses, gone, .. } = piece;
        self.statuses.extend(statuses);
        gone.into_iter().for_each(|(id, places)| self.gone.entry(id).or_default().extend(places));
        self.problems.extend(problems);
        self.coverage.modelled += coverage.modelled;
        self.coverage.read += coverage.read;
        self.pages.extend(pages);
        estate.refusals.into_iter().for_each(|(id, refusal)| self.refuse(id, refusal));
        direct.into_iter().for_each(|(key, answers)| answers.into_iter().for_each(|one| self.answered(&key, one)));
        Tables::each_type(&mut Absorb { reader: self, tables: estate.tables });
    }

    fn exchange(&mut self, exchange: &Exchange<'a>) {
        let request = Request::parse(&exchange.request, &self.estate.cloud.resource_manager);
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
                    let gap = Gap::refused(what, 404, &id).advise("sign in to its tenant with Reader there");
                    self.refuse(id, Refusal::NotSeen(gap));
                }
                (404, _) => {
                    let at = self.place(exchange.body.map_or(&exchange.request, |body| body.get()));
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

    /// What could not be understood outweighs a definite answer, and that a refusal, whichever came first.
    fn refuse(&mut self, id: ResourceId, refusal: Refusal) {
        let kept = self.estate.refusals.entry(id).or_insert_with(|| refusal.clone());
        match (&*kept, &refusal) {
            (Refusal::Unreadable(_), _) => {}
            (_, Refusal::Unreadable(_)) | (Refusal::NotSeen(_), Refusal::NotFound) => *kept = refusal,
            (Refusal::NotSeen(old), Refusal::NotSeen(new)) if new < old => *kept = refusal,
            _ => {}
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
                    let at = self.place(body.map_or(&exchange.request, |body| body.get()));
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
        let at = self.place(exchange.body.map_or(&exchange.request, |body| body.get()));
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
        let (request, is_later) = (exchange.request.clone(), request.is_page());
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

    /// Reads one resource into its table; the id where it was understood, or where its type does not matter.
    fn resource(&mut self, kind: &str, id: Option<ResourceId>, body: &'a RawValue, rank: Rank) -> Option<ResourceId> {
        let place = self.place(body.get());
        match with_type(kind, Insert { reader: self, id, body, rank, place }) {
            Some(id) => id,
            None => Some(ResourceId::new("")),
        }
    }

    /// Keeps a resource that was met; its id, where that says anything.
    fn keep<P: Modelled>(&mut self, sighting: Sighting<P>, rank: Rank, at: Place) -> Option<ResourceId> {
        let Sighting { id, location, kind, identity, sku, system_data, properties } = sighting;
        let id = id?;
        let Some(properties) = properties else {
            // What is judged by its id alone needs no properties; of anything else this says nothing.
            return BY_ID.contains(&P::NOUN).then_some(id);
        };
        let resource = Resource { id: id.clone(), location, kind, identity, sku, system_data, properties };
        self.insert(Arc::new(Row { resource, rank, at, last: at.file, also: Vec::new() }));
        Some(id)
    }

    /// Keeps what says most of a resource in front, and the other answers beside it until all are compared.
    fn insert<P: Modelled>(&mut self, row: Arc<Row<P>>) {
        let inputs = self.inputs;
        let text = |at: Place| {
            let input = inputs.get(usize::from(at.file))?;
            input.bytes.get(at.offset..at.offset + at.len)
        };
        let table = P::table_mut(&mut self.estate.tables);
        let Some(kept) = table.get_mut(&row.resource.id) else {
            table.insert(row.resource.id.clone(), row);
            return;
        };
        let order = |row: &Row<P>| (row.rank.clone(), row.resource.id.as_str().to_owned(), Reverse(row.at.offset));
        let is_same = row.also.is_empty() && row.at.file == kept.at.file && text(row.at) == text(kept.at);
        let (best, mut other) = if order(&row) > order(kept) { (row, kept.clone()) } else { (kept.clone(), row) };
        *kept = best;
        if is_same && kept.also.is_empty() {
            return;
        }
        let own = Arc::make_mut(kept);
        own.also.append(&mut Arc::make_mut(&mut other).also);
        if !is_same {
            own.also.push(other);
        }
    }

    /// Compares the answers about each resource.
    fn settle(&mut self, contradicted: &mut Contradicted) {
        let (tables, times) = (&mut self.estate.tables, &self.times);
        Tables::each_type(&mut Settle { tables, inputs: self.inputs, times, contradicted });
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

    fn answered(&mut self, key: &str, answer: (u16, DirectAnswer)) {
        let kept = self.direct.entry(key.to_owned()).or_default();
        if !kept.contains(&answer) {
            kept.push(answer);
        }
    }

    /// Subnets stand inline in their network; those fetched alone say the same.
    fn inline_subnets(&mut self) {
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

/// The error texts of one answer that keeps some as statuses.
struct Statuses {
    path: String,
    file: u16,
    texts: Vec<Observation>,
}

/// The texts of the last answer to each question.
fn latest_statuses(statuses: Vec<Statuses>, times: &Times) -> Vec<Observation> {
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
fn latest_dns(answers: Vec<(u16, RecordedAnswer)>, times: &Times) -> Vec<RecordedAnswer> {
    let question = |answer: &RecordedAnswer| {
        let RecordedAnswer { name, r#type, server, vantage, .. } = answer;
        (vantage.clone(), server.clone(), name.to_ascii_lowercase(), r#type.to_ascii_lowercase())
    };
    let mut last: BTreeMap<_, u16> = BTreeMap::new();
    for (file, answer) in &answers {
        let kept = last.entry(question(answer)).or_insert(*file);
        if times.is_later(*file, *kept) {
            *kept = *file;
        }
    }
    let is_last = |(file, answer): &(u16, RecordedAnswer)| {
        last.get(&question(answer)).is_none_or(|last| !times.is_later(*last, *file))
    };
    answers.into_iter().filter(is_last).map(|(_, answer)| answer).collect()
}

/// One answer to each question. A definite one replaces what was recorded before it; others that differ say nothing.
fn one_each(answers: Map<String, Vec<(u16, DirectAnswer)>>, times: &Times) -> Map<String, DirectAnswer> {
    let one = |(key, mut all): (String, Vec<(u16, DirectAnswer)>)| {
        if all.len() > 1 {
            let definite = |answer: &DirectAnswer| matches!(answer.status, 200 | 403 | 404);
            let files: Vec<u16> = all.iter().filter(|(_, answer)| definite(answer)).map(|(file, _)| *file).collect();
            all.retain(|(file, _)| !files.iter().any(|other| times.is_later(*other, *file)));
        }
        let mut answers = all.into_iter().map(|(_, answer)| answer);
        let first = answers.next().unwrap_or_default();
        let same = answers.all(|other| other == first);
        (key, if same { first } else { DirectAnswer::default() })
    };
    answers.into_iter().map(one).collect()
}

/// Joins the lists of vaults and of Microsoft Graph with their pages.
fn join_direct(answers: &mut Map<String, DirectAnswer>) {
    let first = |(_, answer): &(&String, &DirectAnswer)| answer.next.is_some();
    let open: Vec<(String, DirectAnswer)> =
        answers.iter().filter(first).map(|(key, answer)| (key.clone(), answer.clone())).collect();
    for (key, mut whole) in open {
        let mut seen = HashSet::new();
        while let Some(next) = whole.next.take().filter(|next| seen.insert(next.clone())) {
            let Some(page) = answers.get(&next).filter(|page| page.status == 200) else { break };
            whole.items.extend(page.items.iter().cloned());
            (whole.complete, whole.next) = (page.complete, page.next.clone());
        }
        answers.insert(key, whole);
    }
}

/// Joins each list with its pages. A page that nobody asked for leaves the list open.
fn join_pages(pages: Vec<Page<'_>>, resource_manager: &str, times: &Times) -> Lists {
    let targets: HashSet<&str> = pages.iter().filter_map(|page| page.next.as_deref()).collect();
    // Most recordings have one page a list, and need no keys.
    let key = |page: &Page| match targets.is_empty() {
        true => String::new(),
        false => Request::parse(&page.request, resource_manager).key(),
    };
    let keys: Vec<String> = pages.iter().map(key).collect();
    let asked = |key: &str| targets.contains(key);
    let read = pages.iter().zip(&keys).filter(|(page, key)| page.is_read && asked(key));
    let by_key: Map<&str, &Page> = read.map(|(page, key)| (key.as_str(), page)).collect();
    let rest = |(page, key): (&Page, &String)| {
        let is_later = page.is_later || asked(key);
        let (mut ids, mut not_seen) = (Vec::new(), page.answer.not_seen.clone());
        let (mut current, mut seen) = (page, HashSet::new());
        // A later page alone is never complete; its list was followed from the start.
        while let Some(next) = current.next.as_deref().filter(|_| !is_later) {
            match by_key.get(next).filter(|_| seen.insert(next)) {
                Some(found) => {
                    ids.extend(found.answer.ids.iter().cloned());
                    not_seen = not_seen.or_else(|| found.answer.not_seen.clone());
                    current = found;
                }
                None => {
                    not_seen = Some(unread_page(&page.scope, page.kind));
                    break;
                }
            }
        }
        (is_later, ids, not_seen)
    };
    let rests: Vec<(bool, Vec<ResourceId>, Option<Gap>)> = pages.iter().zip(&keys).map(rest).collect();
    let mut lists = Lists::default();
    for (Page { scope, kind, mut answer, .. }, (is_later, ids, not_seen)) in pages.into_iter().zip(rests) {
        if is_later {
            answer.filter = Filter::Other;
        }
        if !ids.is_empty() {
            answer.ids.extend(ids);
            answer.sort();
        }
        answer.not_seen = not_seen;
        let kinds = lists.entry(scope).or_default();
        match kinds.iter_mut().find(|(own, _)| *own == kind) {
            Some((_, answers)) => answers.push(answer),
            None => kinds.push((kind, vec![answer])),
        }
    }
    for (_, answers) in lists.values_mut().flatten() {
        contradiction::drop_replaced(answers, times);
        answers.sort_by(|a, b| (&a.not_seen, &a.ids).cmp(&(&b.not_seen, &b.ids)));
    }
    lists
}

/// Types of which only the existence matters.
const BY_ID: [&str; 7] = [
    "App Service plan",
    "private DNS zone",
    "network security perimeter",
    "network manager",
    "DNS forwarding ruleset",
    "workspace",
    "virtual network gateway",
];

/// Whether a 404 is about something else than the resource: a subscription that the token may not see is answered as
/// one that does not exist, and so is a type or an api-version that the cloud does not have.
/// Source: <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found> and
/// <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes/subscriptionnotfound-error> (read
/// 2026-11-22).
fn says_nothing(body: Option<&RawValue>) -> bool {
    let elsewhere = ["SubscriptionNotFound", "ResourceProviderNotFound"];
    code_of(body).is_some_and(|code| !code.ends_with("NotFound") || elsewhere.contains(&code.as_str()))
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

/// Moves the rows of another reader, type by type.
struct Absorb<'r, 'a> {
    reader: &'r mut Reader<'a>,
    tables: Tables,
}

impl EachType for Absorb<'_, '_> {
    fn visit<P: Modelled>(&mut self) {
        let rows = std::mem::take(P::table_mut(&mut self.tables));
        let own = P::table_mut(&mut self.reader.estate.tables);
        if own.is_empty() {
            *own = rows;
        } else {
            own.reserve(rows.len());
            rows.into_values().for_each(|row| self.reader.insert(row));
        }
    }
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
        reader.coverage.modelled += 1;
        let mut sighting = match read_body::<P>(body) {
            Ok(sighting) => sighting,
            Err(error) => {
                reader.misread(&format!("the {}", P::NOUN), body, &error);
                if let Some(id) = id {
                    let gap = Gap::unreadable(format!("{} `{}`", P::NOUN, id.name()), &id);
                    reader.refuse(id, Refusal::Unreadable(gap));
                }
                return None;
            }
        };
        reader.coverage.read += 1;
        sighting.id = sighting.id.filter(|id| !id.as_str().is_empty()).or(id);
        reader.keep(sighting, rank, place)
    }
}

/// Reads the elements of a list as the type it was visited with, up to the list's end.
struct InsertAll<'r, 'a> {
    reader: &'r mut Reader<'a>,
    elements: &'a str,
    rank: Rank,
}

impl TypeVisitor for InsertAll<'_, '_> {
    type Output = Option<Vec<ResourceId>>;

    fn visit<P: Modelled>(self) -> Option<Vec<ResourceId>> {
        let InsertAll { reader, elements, rank } = self;
        let whole = !is_bare::<P>() && !reader.was_kept_before::<P>();
        let sightings = if whole { sightings::<P>(elements) } else { None }?;
        reader.coverage.modelled += sightings.len();
        reader.coverage.read += sightings.len();
        let keep = |(text, sighting)| {
            let place = reader.place(text);
            reader.keep::<P>(sighting, rank.clone(), place)
        };
        Some(sightings.into_iter().filter_map(keep).collect())
    }
}

/// Each element of `[…]}` and its text; `None` where it is not just that, or one of them does not say enough.
fn sightings<P: Modelled>(list: &str) -> Option<Vec<(&str, Sighting<P>)>> {
    let mut rest = list.trim_ascii_start().strip_prefix('[')?.trim_ascii_start();
    let mut found = Vec::new();
    while !rest.starts_with(']') {
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Sighting<P>>();
        let sighting = stream.next()?.ok().filter(Sighting::says_enough)?;
        let (text, behind) = rest.split_at_checked(stream.byte_offset())?;
        found.push((text, sighting));
        rest = behind.trim_ascii_start();
        rest = rest.strip_prefix(',').map_or(rest, str::trim_ascii_start);
    }
    (rest.strip_prefix(']')?.trim_ascii() == "}").then_some(found)
}

/// A network status has no envelope: the body is the whole of it.
fn is_bare<P: Modelled>() -> bool {
    P::TYPES.iter().any(|name| name.ends_with("/networkstatus") || name.ends_with("/servicetags"))
}

/// Reads a body as its type.
fn read_body<P: Modelled>(body: &RawValue) -> serde_json::Result<Sighting<P>> {
    if is_bare::<P>() {
        let properties = serde_json::from_str::<P>(body.get())?;
        return Ok(Sighting {
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

/// A message without the string it complains about, which may be a secret.
fn without_values(message: &str) -> String {
    match (message.find("string \""), message.rfind('"')) {
        (Some(start), Some(end)) if end > start + 7 => {
            let (head, tail) = (message.get(..start + 6), message.get(end + 1..));
            format!("{}{}", head.unwrap_or_default(), tail.unwrap_or_default())
        }
        _ => message.to_owned(),
    }
}

/// Line and column, counted from 1, of a byte.
pub(crate) fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset.min(bytes.len())).unwrap_or_default();
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULTS: &str = "/subscriptions/s/providers/Microsoft.KeyVault/vaults";

    /// Where each of two listed vaults stands, as its text, and why the list is not whole.
    fn read(body: &str) -> (Vec<Option<String>>, Vec<Option<Gap>>) {
        let request = format!("GET {VAULTS}?api-version=2023-07-01");
        let text = format!(
            r#"{{"apimDoctor": "snapshot/v1", "exchanges": [{{"request": "{request}", "status": 200, "body": {body}}}]}}"#
        );
        let (estate, problems) = Estate::read(vec![Input { name: "x".into(), bytes: text.clone().into() }]);
        assert!(problems.is_empty(), "{problems:?}");
        let place = |name: &str| estate.tables.place(&ResourceId::new(&format!("{VAULTS}/{name}")));
        let text = |at: Place| text.get(at.offset..at.offset + at.len).map(str::to_owned);
        let answers = estate.answers(&ResourceId::new("/subscriptions/s"), "microsoft.keyvault/vaults");
        let places = ["a", "b"].map(|name| place(name).and_then(text));
        (places.to_vec(), answers.iter().map(|answer| answer.not_seen.clone()).collect())
    }

    #[test]
    fn a_list_of_elements_alone_is_read_like_any_other() {
        let vault = |name: &str| format!(r#"{{"id": "{VAULTS}/{name}", "properties": {{"vaultUri": "]}},"}} }}"#);
        let (a, b) = (vault("a"), vault("b"));
        let both = (vec![Some(a.clone()), Some(b.clone())], vec![None]);
        for body in [
            format!(r#"{{"value":[{a},{b}]}}"#),
            format!(r#"{{ "value" : [ {a} , {b} ] }}"#),
            format!(r#"{{"value": [{a}, {b}], "nextLink": null}}"#),
            format!(r#"{{"nextLink": null, "value": [{a}, {b}]}}"#),
        ] {
            assert_eq!(read(&body), both, "{body}");
        }
        assert_eq!(read(r#"{"value": [ ]}"#), (vec![None, None], vec![None]));
        let nameless = read(&format!(r#"{{"value": [{a}, {{"properties": {{}}}}]}}"#));
        assert_eq!(nameless.0, [Some(a), None]);
        assert!(nameless.1.iter().all(Option::is_some));
    }
}
