//! Joins the records of several runs: each path, finding and caller once.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::line::{FindingLine, Line, PathLine, RunLine};
use super::tally::Tally;
use crate::base::{ResourceId, Shard};
use crate::knowledge::caller_kind::CallerKind;
use crate::model::Input;
use crate::report::v1::{Record, Report, RunRecord};
use crate::source::InputError;

/// The records of several runs, each once.
#[derive(Debug)]
#[non_exhaustive]
pub struct Joined {
    /// The records, as JSON in one line each. The last one is the end of the run that they make together.
    pub lines: Vec<String>,
    /// What they say, counted.
    pub tally: Tally,
}

/// Joins what `-o ndjson` printed in several runs with `--all`, or reports (`-o json`). Where several runs have the same
/// path, finding or caller, the newest one counts; findings affect what they affect in any of them.
///
/// ```
/// use apim_doctor_core::Input;
/// use apim_doctor_core::fleet::join;
/// let end = r#"{"record":"run","asOf":"2026-12-01T09:00:00Z","managementGroups":[],"subscriptions":[],"shard":"1/2",
///     "complete":true,"incomplete":[]}"#.replace('\n', "");
/// let joined = join(&[Input::new("1.ndjson", end)])?;
/// assert_eq!(joined.tally.fleet().incomplete, ["part 2/2 is missing"]);
/// # Ok::<(), apim_doctor_core::InputError>(())
/// ```
///
/// # Errors
/// Where a file is neither: with the line.
pub fn join(inputs: &[Input]) -> Result<Joined, InputError> {
    let mut joining = Joining::default();
    for input in inputs {
        match report(input)? {
            Some(lines) => lines.into_iter().try_for_each(|line| joining.add(line.into(), 1, input))?,
            None => joining.read(input)?,
        }
    }
    Ok(joining.end())
}

/// A record, with its text.
struct Kept<'i> {
    as_of: Timestamp,
    text: Cow<'i, str>,
    line: Line,
}

/// What one run says of a finding.
struct Said {
    as_of: Timestamp,
    affects: Vec<String>,
    suppressed: bool,
}

impl Said {
    /// The paths that it still affects: what was said before a path was judged again is over.
    fn about(&self, there: &HashMap<String, Timestamp>) -> Vec<String> {
        let counts = |path: &&String| there.get(*path).is_some_and(|judged| self.as_of >= *judged);
        self.affects.iter().filter(counts).cloned().collect()
    }
}

#[derive(Default)]
struct Joining<'i> {
    kept: Vec<Kept<'i>>,
    /// Where a record with this key is.
    places: HashMap<String, usize>,
    /// The findings with each fingerprint.
    findings: HashMap<String, Vec<Said>>,
    runs: Vec<RunLine>,
    incomplete: Vec<String>,
}

impl<'i> Joining<'i> {
    /// Reads the lines of a file.
    fn read(&mut self, input: &'i Input) -> Result<(), InputError> {
        let name = &input.name;
        let text = match std::str::from_utf8(&input.bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = input.bytes.get(..error.valid_up_to()).unwrap_or_default();
                // A file that was cut within a character is good for what is before.
                match (error.error_len(), std::str::from_utf8(valid)) {
                    (None, Ok(text)) => text,
                    _ => return Err(unreadable(input, bytecount(valid) + 1, "it is not UTF-8")),
                }
            }
        };
        let runs = self.runs.len();
        let mut lines = text.split_inclusive('\n').zip(1..).peekable();
        while let Some((text, number)) = lines.next() {
            let is_cut = lines.peek().is_none() && !text.ends_with('\n');
            match self.add(Cow::Borrowed(text.trim()), number, input) {
                Err(_) if is_cut => {
                    self.incomplete.push(format!("`{name}` ends within a line: its run was interrupted"))
                }
                other => other?,
            }
        }
        if self.runs.len() == runs {
            self.incomplete.push(format!("`{name}` lacks the record of its end: its run was interrupted"));
        }
        Ok(())
    }

    fn add(&mut self, text: Cow<'i, str>, number: usize, input: &Input) -> Result<(), InputError> {
        if text.is_empty() {
            return Ok(());
        }
        let line = Line::read(&text, number).map_err(|error| unreadable(input, error.line, &error.why))?;
        let as_of = line.as_of();
        match &line {
            Line::Run(run) => {
                self.runs.push(run.clone());
                return Ok(());
            }
            Line::Finding(FindingLine { fingerprint, affects, suppressed, .. }) => {
                let said = Said { as_of, affects: affects.clone(), suppressed: *suppressed };
                self.findings.entry(fingerprint.clone()).or_default().push(said);
            }
            _ => {}
        }
        let kept = Kept { as_of, text, line };
        let place = match kept.line.key() {
            key if key.is_empty() => None,
            key => Some(*self.places.entry(key).or_insert(self.kept.len())),
        };
        match place.and_then(|place| self.kept.get_mut(place)) {
            Some(known) if known.as_of < kept.as_of => *known = kept,
            Some(_) => {}
            None => self.kept.push(kept),
        }
        Ok(())
    }

    fn end(mut self) -> Joined {
        self.missing_parts();
        let mut tally = Tally::default();
        let mut lines = Vec::with_capacity(self.kept.len() + 1);
        let mut callers = 0;
        let there = self.paths();
        for Kept { text, mut line, .. } in self.kept {
            let mut text = text.into_owned();
            match &mut line {
                Line::Path(path) if !there.contains_key(&path.id) => continue,
                Line::Finding(finding) => {
                    let all = self.findings.get(&finding.fingerprint).map(Vec::as_slice).unwrap_or_default();
                    let affects: BTreeSet<String> = all.iter().flat_map(|said| said.about(&there)).collect();
                    if affects.is_empty() && all.iter().any(|said| !said.affects.is_empty()) {
                        continue;
                    }
                    finding.suppressed = all.iter().all(|said| said.suppressed);
                    text = with(&text, &affects, finding.suppressed).unwrap_or(text);
                }
                _ => {}
            }
            callers += usize::from(matches!(line, Line::Caller(_)));
            tally.count(&line);
            lines.push(text);
        }
        self.incomplete.iter().for_each(|why| tally.incomplete(why));
        let as_of = self.runs.iter().map(|run| run.as_of).max();
        let first = self.runs.first();
        let scope = first.map_or(([].as_slice(), [].as_slice()), |run| (&run.management_groups, &run.subscriptions));
        let end = RunRecord::new(as_of.unwrap_or(Timestamp::UNIX_EPOCH), scope, callers);
        let end = Record::Run(end.with_incomplete(&self.incomplete));
        lines.extend(as_of.and_then(|_| serde_json::to_string(&end).ok()));
        Joined { lines, tally }
    }

    /// The paths, and when each was judged. One that its caller no longer had when it was examined again is gone.
    fn paths(&self) -> HashMap<String, Timestamp> {
        let examined: HashMap<&ResourceId, Timestamp> = self
            .kept
            .iter()
            .filter_map(|kept| match &kept.line {
                Line::Caller(caller) => Some((&caller.resource, caller.as_of)),
                _ => None,
            })
            .collect();
        let is_there = |path: &&PathLine| {
            let caller = path.resource.scopes().find_map(|scope| examined.get(&scope).copied());
            caller.is_none_or(|examined| path.as_of >= examined)
        };
        let paths = self.kept.iter().filter_map(|kept| kept.line.path()).filter(is_there);
        paths.map(|path| (path.id.clone(), path.as_of)).collect()
    }

    /// Says which parts are missing, and whether the runs belong together.
    fn missing_parts(&mut self) {
        self.incomplete.extend(self.runs.iter().flat_map(|run| run.incomplete.iter().cloned()));
        if self.runs.iter().any(|run| !run.complete && run.incomplete.is_empty()) {
            self.incomplete.push("a run says that it is not complete".to_owned());
        }
        let is_odd = |run: &RunLine| run.shard.as_deref().is_some_and(|shard| shard.parse::<Shard>().is_err());
        if self.runs.iter().any(is_odd) {
            self.incomplete.push("a run does not say which part it is: `shard` is not K/N".to_owned());
        }
        let is_same = |one: &RunLine, other: &RunLine| {
            one.management_groups == other.management_groups && one.subscriptions == other.subscriptions
        };
        let Some((first, others)) = self.runs.split_first() else { return };
        if !others.iter().all(|run| is_same(run, first)) {
            self.incomplete
                .push("the runs searched different scopes: see `managementGroups` and `subscriptions`".to_owned());
        }
        let shards: Vec<Shard> = self.runs.iter().filter_map(|run| run.shard.as_deref()?.parse().ok()).collect();
        let Some(parts) = shards.first().map(Shard::parts) else { return };
        if shards.iter().any(|shard| shard.parts() != parts) {
            self.incomplete.push("the runs divided the callers into different numbers of parts".to_owned());
            return;
        }
        // A run without parts has all callers.
        if shards.len() < self.runs.len() {
            return;
        }
        let there: BTreeSet<u32> = shards.iter().map(Shard::index).collect();
        let missing = (1..=parts).filter(|k| !there.contains(&(k % parts))).map(|k| format!("{k}/{parts}"));
        match missing.collect::<Vec<_>>().as_slice() {
            [] => {}
            [one] => self.incomplete.push(format!("part {one} is missing")),
            several => self.incomplete.push(format!("parts {} are missing", several.join(", "))),
        }
    }
}

/// The records of a report; nothing, where the file holds no report.
fn report(input: &Input) -> Result<Option<Vec<String>>, InputError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Named<'a> {
        #[serde(borrow)]
        apim_doctor: Cow<'a, str>,
    }
    let is_report =
        serde_json::from_slice::<Named<'_>>(&input.bytes).is_ok_and(|named| named.apim_doctor == "report/v1");
    if !is_report {
        return Ok(None);
    }
    let report: Report = serde_json::from_slice(&input.bytes)
        .map_err(|error| unreadable(input, error.line(), &format!("the report cannot be read: {error}")))?;
    let callers = report.paths.iter().map(|path| CallerKind::caller_of(&path.resource));
    let callers: BTreeSet<ResourceId> = callers.flatten().collect();
    let callers: Vec<ResourceId> = callers.into_iter().collect();
    let lines =
        report.records_of(&callers, |_| true).filter_map(|record| serde_json::to_string(&record).ok()).collect();
    Ok(Some(lines))
}

/// The text of a finding that affects these paths.
fn with(text: &str, affects: &BTreeSet<String>, suppressed: bool) -> Option<String> {
    #[derive(Deserialize)]
    struct Parts<'a> {
        #[serde(borrow)]
        affects: &'a RawValue,
        #[serde(borrow)]
        suppressed: &'a RawValue,
    }
    let parts: Parts<'_> = serde_json::from_str(text).ok()?;
    let place = |part: &RawValue| -> Option<Range<usize>> {
        let start = (part.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        Some(start..start + part.get().len())
    };
    let mut edits = [
        (place(parts.affects)?, serde_json::to_string(affects).ok()?),
        (place(parts.suppressed)?, suppressed.to_string()),
    ];
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, new) in edits {
        text.replace_range(range, &new);
    }
    Some(text)
}

fn bytecount(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

fn unreadable(input: &Input, line: usize, why: &str) -> InputError {
    let help = "expected a file that `apim-doctor diagnose --all -o ndjson=FILE` wrote, or a report (`-o json`)";
    InputError::fatal(input.name.clone(), format!("this is neither a record nor a report: {why}"), help).at(line, 1)
}
