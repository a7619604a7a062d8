//! What the reader of inputs has understood so far.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::{Map, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::model::backup::Call;
use crate::model::{
    DirectAnswer, DnsAnswer, EachType, Estate, Gap, Input, Modelled, Observation, Place, Refusal, Row, Tables,
    or_default,
};
use crate::source::InputError;
use crate::source::contradiction::{CompareAnswers, Contradicted, Times};
use crate::source::input_error::position;
use crate::source::keep::{Later, lacks, lacks_optional};
use crate::source::pages::Page;
use crate::source::redact;

/// How many resources the inputs hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Those whose type is modelled.
    pub modelled: usize,
    /// Of those, the ones whose every modelled property was understood.
    pub read: usize,
    /// Those without a request whose type is not modelled.
    pub other: usize,
}

/// The reader of inputs, and what it has read so far.
#[derive(Default)]
pub(super) struct Reader<'a> {
    pub estate: Estate,
    /// Problems, each with the number of its input.
    pub problems: Vec<(u16, InputError)>,
    pub counts: Counts,
    pub pages: Vec<Page<'a>>,
    /// Answers of vaults and Microsoft Graph, each with the number of its input.
    pub direct: Map<String, Vec<(u16, DirectAnswer)>>,
    pub statuses: Vec<Statuses>,
    /// Operations that somebody asked for, each with the number of its input.
    pub calls: Vec<(u16, Call)>,
    pub dns: Vec<(u16, DnsAnswer)>,
    /// Where 404 was answered.
    pub gone: Map<ResourceId, Vec<Place>>,
    pub times: Times,
    pub clouds: Vec<Cloud>,
    pub inputs: &'a [Input],
    pub file: u16,
    pub name: String,
    pub bytes: &'a [u8],
    /// The version of the list by which the input was kept.
    pub kept: Option<u32>,
    /// What only later versions of the list than the first keep.
    pub later: &'static [Later],
}

/// The error texts of one answer that keeps some as statuses.
pub(super) struct Statuses {
    pub path: String,
    pub file: u16,
    pub texts: Vec<Observation>,
}

impl<'a> Reader<'a> {
    /// Reports a problem at a byte.
    pub(super) fn problem(&mut self, offset: Option<usize>, message: String, help: &str, fatal: bool) {
        self.problem_at(offset.map(|at| position(self.bytes, at)), &message, help, fatal);
    }

    /// Reports a problem at a line and column. A value that the message quotes may be a secret.
    pub(super) fn problem_at(&mut self, at: Option<(usize, usize)>, message: &str, help: &str, fatal: bool) {
        let ((line, column), message) = (at.unzip(), redact::sentence(message));
        let (file, help) = (self.name.clone(), help.to_owned());
        self.problems.push((self.file, InputError { file, line, column, message, help, fatal }));
    }

    /// Reports a body that could not be read.
    pub(super) fn misread(&mut self, what: &str, body: &RawValue, error: &serde_json::Error) {
        let text = error.to_string();
        let message = without_values(text.split(" at line ").next().unwrap_or(&text));
        let lines_before = error.line().saturating_sub(1);
        let line_start = match lines_before {
            0 => 0,
            n => body.get().match_indices('\n').nth(n - 1).map_or(0, |(at, _)| at + 1),
        };
        let offset = self.place(body.get()).offset + line_start + error.column().saturating_sub(1);
        let help = "the rest was read; results that depend on this part are unknown";
        self.problem(Some(offset), format!("{what} could not be read: {message}"), help, false);
    }

    /// Where a text stands that is part of the input.
    pub(super) fn place(&self, text: &str) -> Place {
        let offset = (text.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize);
        Place { file: self.file, offset, len: text.len() }
    }

    /// Whether the input was kept by a version of the list that kept less of this type.
    pub(super) fn was_kept_before<P: Modelled>(&self) -> bool {
        let Some(kept) = self.kept else { return false };
        self.later.iter().any(|later| later.since > kept && P::TYPES.contains(&later.kind))
    }

    /// Whether a body lacks what the version of the list that kept it did not keep yet. The resource is then not
    /// known: what is missing was not collected, and is not absent.
    pub(super) fn is_short<P: Modelled>(&mut self, id: Option<&ResourceId>, body: &RawValue) -> bool {
        let Some(kept) = self.kept.filter(|_| self.was_kept_before::<P>()) else { return false };
        let named = || {
            let header = serde_json::from_str::<Header>(body.get()).unwrap_or_default();
            let own = header.id.or(header.resource_id).filter(|id| !id.is_empty()).map(|id| ResourceId::new(&id));
            own.or_else(|| id.cloned())
        };
        let Some(later) = P::TYPES.iter().find_map(|kind| lacks(self.later, kept, kind, body.get())) else {
            if lacks_optional(self.later, kept, P::TYPES) {
                self.estate.partial.extend(named());
            }
            return false;
        };
        if let Some(id) = named() {
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

    /// Keeps why a resource is not known. Precedence, regardless of order: unreadable, then 404, then refused.
    pub(super) fn refuse(&mut self, id: ResourceId, refusal: Refusal) {
        let kept = self.estate.refusals.entry(id).or_insert_with(|| refusal.clone());
        match (&*kept, &refusal) {
            (Refusal::Unreadable(_), _) => {}
            (_, Refusal::Unreadable(_)) | (Refusal::NotSeen(_), Refusal::NotFound) => *kept = refusal,
            (Refusal::NotSeen(old), Refusal::NotSeen(new)) if new < old => *kept = refusal,
            _ => {}
        }
    }

    /// Keeps what says most of a resource in front, and the other answers beside it until all are compared.
    pub(super) fn insert<P: Modelled>(&mut self, row: Arc<Row<P>>) {
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

    /// Keeps an answer of a vault or Microsoft Graph.
    pub(super) fn answered(&mut self, key: &str, answer: (u16, DirectAnswer)) {
        let kept = self.direct.entry(key.to_owned()).or_default();
        if !kept.contains(&answer) {
            kept.push(answer);
        }
    }

    /// Compares the answers about each resource.
    pub(super) fn compare_answers(&mut self, contradicted: &mut Contradicted) {
        let (tables, times) = (&mut self.estate.tables, &self.times);
        Tables::each_type(&mut CompareAnswers { tables, inputs: self.inputs, times, contradicted });
    }

    /// A reader of the same input that has read nothing yet.
    pub(super) fn piece(&self) -> Reader<'a> {
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
    pub(super) fn absorb(&mut self, piece: Reader<'a>) {
        let Reader { estate, problems, counts, pages, direct, statuses, calls, gone, .. } = piece;
        self.calls.extend(calls);
        self.statuses.extend(statuses);
        gone.into_iter().for_each(|(id, places)| self.gone.entry(id).or_default().extend(places));
        self.problems.extend(problems);
        self.counts.modelled += counts.modelled;
        self.counts.read += counts.read;
        self.counts.other += counts.other;
        self.pages.extend(pages);
        estate.refusals.into_iter().for_each(|(id, refusal)| self.refuse(id, refusal));
        direct.into_iter().for_each(|(key, answers)| answers.into_iter().for_each(|one| self.answered(&key, one)));
        Tables::each_type(&mut Absorb { reader: self, tables: estate.tables });
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

/// Enough of a body to know its type.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Header<'a> {
    #[serde(borrow, alias = "Id")]
    pub id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ResourceId")]
    pub resource_id: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "Type")]
    pub r#type: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "ResourceType")]
    pub resource_type: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "readWith")]
    pub read_with: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "or_default")]
    pub resources: Vec<&'a RawValue>,
}

/// A message without the string it complains about, which may be a secret.
pub(super) fn without_values(message: &str) -> String {
    match (message.find("string \""), message.rfind('"')) {
        (Some(start), Some(end)) if end > start + 7 => {
            let (head, tail) = (message.get(..start + 6), message.get(end + 1..));
            format!("{}{}", head.unwrap_or_default(), tail.unwrap_or_default())
        }
        _ => message.to_owned(),
    }
}
