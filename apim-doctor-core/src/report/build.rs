//! From an estate to a report: find the paths, walk them, group what was found, try the fixes.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use memchr::memchr_iter;
use rayon::prelude::*;
use serde_json::Value;

use crate::base::{Map, ResourceId, Verdict, fnv1a};
use crate::check;
use crate::consumer;
use crate::finding::{Code, Edit, Evidence, Finding, Fix, Gate, Line, Locator, Patch, Severity, Step, command};
use crate::knowledge::caller_kind::CallerKind;
use crate::model::{ClosedBy, Estate, Gap, Place};
use crate::path::exit::Exits;
use crate::path::{AccessPath, Case, Diagnosis, Form, Heard, Other, PrincipalKind, walk};
use crate::report::simulate;
use crate::report::trial::{Before, Tried, Walked, by_touch, explain};
use crate::report::v1;
use crate::source::InputError;
use crate::source::redact;

/// What to diagnose, and from when.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these: instances, or what declares a reference in one. Empty: everything that was recorded.
    pub resources: Vec<ResourceId>,
    /// Only consumers whose kind starts with one of these.
    pub consumers: Vec<String>,
    /// The time to judge from. Absent: when the recording was taken (the latest one's time, if there are several); if no
    /// recording says it, now, by the clock of this machine.
    pub as_of: Option<Timestamp>,
}

/// Explains every access path of an estate.
///
/// Large estates are judged on all cores.
///
/// ```
/// use apim_doctor_core::{Estate, Input, Options, diagnose};
/// let (estate, _) = Estate::read(vec![Input { name: "empty".into(), bytes: b"[]".to_vec() }]);
/// assert!(diagnose(&estate, &Options::default()).paths.is_empty());
/// ```
pub fn diagnose(estate: &Estate, options: &Options) -> v1::Report {
    Build::run(estate, options).report
}

/// The input with all verified combined fixes applied: a recording that anyone can diagnose again.
///
/// # Errors
/// When a part of the input cannot be written again: nothing of it is left out in silence.
pub fn fixed_recording(estate: &Estate, options: &Options) -> Result<Value, InputError> {
    let build = Build::run(estate, options);
    let failing = |estate: &Estate| -> BTreeSet<usize> {
        let paths = consumer::paths(estate, &options.resources, &[]).0;
        let fail = |piece: &[AccessPath]| -> Vec<bool> {
            let exits = Exits::of(estate, piece);
            let case = |path| Case { estate, path, exits: &exits, as_of: build.as_of, is_repaired: false };
            piece.iter().map(|path| walk(&case(path)).verdict() == Verdict::Fail).collect()
        };
        let judged: Vec<bool> = paths.par_chunks(PIECE).flat_map_iter(fail).collect();
        judged.into_iter().enumerate().filter(|(_, fails)| *fails).map(|(at, _)| at).collect()
    };
    let patches: Vec<Patch> = build.combined.into_iter().flatten().collect();
    let failed = failing(estate);
    let written = |patch: &Patch, after: &BTreeSet<usize>| -> Result<Value, InputError> {
        let mut document = simulate::rewrite(estate, patch)?;
        // `failing` counts paths as they are declared, and ids are given in the report's order.
        let declared = consumer::paths(estate, &options.resources, &[]).0;
        let mut numbered: Vec<(usize, AccessPath)> = declared.into_iter().enumerate().collect();
        numbered.sort_by(|(_, a), (_, b)| by_place(a, b));
        let (places, paths): (Vec<usize>, Vec<AccessPath>) = numbered.into_iter().unzip();
        let ids = ids(&paths);
        let opened = |(at, _): &(&usize, &String)| failed.contains(at) && !after.contains(at);
        note_repaired(&mut document, places.iter().zip(&ids).filter(opened).map(|(_, id)| id.as_str()));
        Ok(document)
    };
    let mut before = failed.clone();
    let mut all = Patch::default();
    let mut seen = Edits::default();
    patches.iter().for_each(|patch| all.edits.extend(seen.add(patch)));
    let mut fixed = estate.clone();
    // Together they hardly ever harm each other. Where they do, each has to show that it harms no path.
    if simulate::apply(&mut fixed, &all).is_some() {
        let after = failing(&fixed);
        if after.is_subset(&before) {
            return written(&all, &after);
        }
    }
    let (mut fixed, mut kept, mut seen) = (estate.clone(), Patch::default(), Edits::default());
    for patch in &patches {
        let mut with = seen.clone();
        let new = Patch { edits: with.add(patch) };
        let Some(undo) = simulate::apply(&mut fixed, &new) else { continue };
        let after = failing(&fixed);
        if after.is_subset(&before) {
            (before, seen) = (after, with);
            kept.edits.extend(new.edits);
        } else {
            undo.restore(&mut fixed);
        }
    }
    written(&kept, &before)
}

/// Writes down which paths failed until the fixes were applied: what the recording says of them is older than that.
fn note_repaired<'p>(document: &mut Value, repaired: impl Iterator<Item = &'p str>) {
    let Value::Object(members) = document else { return };
    let list = members.entry("repaired").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.extend(repaired.map(Value::from));
        list.dedup();
    }
    members.retain(|name, value| name != "repaired" || value.as_array().is_some_and(|list| !list.is_empty()));
}

/// Edits that were made already, by what they touch.
#[derive(Clone, Default)]
struct Edits(Map<ResourceId, Vec<Edit>>);

impl Edits {
    /// Those of a patch that are new.
    fn add(&mut self, patch: &Patch) -> Vec<Edit> {
        let mut new = patch.edits.clone();
        new.retain(|edit| {
            let made = self.0.entry(edit.touches().clone()).or_default();
            let is_new = !made.contains(edit);
            made.extend(is_new.then(|| edit.clone()));
            is_new
        });
        new
    }
}

/// Paths that are judged in one go, with what they share judged once. Those of an instance stand together.
const PIECE: usize = 16;

struct Build {
    report: v1::Report,
    combined: Vec<Option<Patch>>,
    as_of: Timestamp,
}

impl Build {
    fn run(estate: &Estate, options: &Options) -> Self {
        let as_of = estate.time(options.as_of);
        let declared = || consumer::paths(estate, &options.resources, &options.consumers);
        let ((mut paths, unseen), files) = rayon::join(declared, || Files::of(estate));
        paths.par_sort_by(by_place);
        let ids = ids(&paths);
        let judge = |(path, id): (&AccessPath, &String), exits: &Exits<'_>| {
            let case = Case { estate, path, exits, as_of, is_repaired: estate.repaired.contains(id) };
            let mut diagnosis = walk(&case);
            let findings = explain(&case, &diagnosis);
            let gaps: Vec<Gap> = diagnosis.gates.iter().flat_map(|gate| gate.gaps.iter().cloned()).collect();
            let outcome = Walked::of(id.clone(), &mut diagnosis, findings);
            (path_report(&case, diagnosis, &outcome, &files), outcome, gaps)
        };
        let judge_all = |(piece, ids): (&[AccessPath], &[String])| -> Vec<_> {
            let exits = Exits::of(estate, piece);
            piece.iter().zip(ids).map(|one| judge(one, &exits)).collect()
        };
        let judged: Vec<_> = paths.par_chunks(PIECE).zip(ids.par_chunks(PIECE)).flat_map_iter(judge_all).collect();
        let (mut reports, mut walked, mut gaps) = (Vec::new(), Vec::new(), Gaps::default());
        unseen.into_iter().for_each(|gap| gaps.add(gap, None));
        for ((report, outcome, unseen), id) in judged.into_iter().zip(&ids) {
            unseen.into_iter().for_each(|gap| gaps.add(gap, Some(id)));
            reports.push(report);
            walked.push(outcome);
        }
        let mut merged = merge(estate, &walked);
        let (unexplained, unknown) = unexplained(estate, options, &paths, &walked);
        unknown.into_iter().for_each(|gap| gaps.add(gap, None));
        merged.extend(unexplained.into_iter().map(|finding| Merged { finding, affects: Vec::new() }));
        merged.sort_by(by_weight);
        let by_touch = by_touch(&reports, &walked);
        let before = Before { estate, paths: &paths, walked: &walked, as_of, by_touch };
        let verified = before.each(&merged, |trial, found| {
            let fixes = found.finding.fixes.iter();
            fixes.map(|fix| trial.verify(&found.finding, fix, &found.affects)).collect::<Vec<_>>()
        });
        let opens = opens(&merged, &verified);
        let at: Vec<usize> = (0..paths.len()).collect();
        let combined = before.each(&at, |trial, at| trial.combined(*at, opens.get(at).map_or(&[], Vec::as_slice)));
        let mut patches = Vec::new();
        for (report, combined) in reports.iter_mut().zip(combined) {
            let (fix, patch) = combined.unzip();
            report.combined_fix = fix;
            patches.push(patch.flatten());
        }
        let findings: Vec<v1::Finding> = merged
            .into_iter()
            .zip(verified)
            .map(|(found, tried)| finding_report(found, tried, (&paths, &walked), &files))
            .collect();
        let gaps = gaps.list();
        let summary = summary(&reports, &findings);
        let verdict = Verdict::all(reports.iter().map(|p| p.verdict));
        let blind = gaps.iter().any(|gap| gap.affects.is_empty());
        let verdict = match verdict {
            // The access may work, and what is fetched be worth nothing: a certificate that has ended.
            Verdict::Pass | Verdict::NotApplicable if summary.findings.error > 0 => Verdict::Fail,
            Verdict::Pass | Verdict::NotApplicable if blind || reports.is_empty() => Verdict::Unknown,
            other => other,
        };
        let collector_saw = collector_saw(estate, &reports);
        let report = v1::Report {
            apim_doctor: "report/v1",
            tool: v1::Tool::default(),
            as_of: as_of.to_string(),
            signed_in: estate.signed_in.clone(),
            verdict,
            paths: reports,
            findings,
            gaps,
            collector_saw,
            summary,
        };
        // Findings are many small pieces: freeing them takes as long as a gate.
        walked.into_par_iter().with_min_len(PIECE).for_each(drop);
        paths.into_par_iter().with_min_len(PIECE).for_each(drop);
        Build { report, combined: patches, as_of }
    }
}

/// What the collecting machine saw of the hosts that paths go to, where it did not stand at a path's origin.
fn collector_saw(estate: &Estate, paths: &[v1::Path]) -> Vec<String> {
    if estate.dns.is_empty() && estate.probes.is_empty() {
        return Vec::new();
    }
    let mut origins: Map<String, Vec<&str>> = Map::default();
    for path in paths {
        if let Some(host) = &path.target.host {
            origins.entry(host.to_ascii_lowercase()).or_default().push(&path.origin);
        }
    }
    // Whether some path goes to this host and does not start where the machine stood.
    let elsewhere = |host: &str, vantage: Option<&ResourceId>| {
        let mut to_host = origins.get(&host.trim_end_matches('.').to_ascii_lowercase()).into_iter().flatten();
        to_host.any(|origin| !vantage.is_some_and(|subnet| origin.eq_ignore_ascii_case(subnet.as_str())))
    };
    let answers = estate.dns.iter().filter(|answer| elsewhere(&answer.name, answer.vantage.as_ref())).map(|answer| {
        let server = answer.server.as_deref().unwrap_or("the machine's server");
        let data: Vec<&str> = answer.answers.iter().map(|record| record.data.as_str()).collect();
        format!("`{}`: {server} answered {} {}", answer.name, answer.rcode, data.join(", ")).trim_end().to_owned()
    });
    let probes = estate.probes.iter().filter(|probe| elsewhere(&probe.host, probe.vantage.as_ref()));
    let probes = probes.map(|probe| format!("{}: {}", probe.place(), probe.result()));
    answers.chain(probes).collect()
}

/// The order of paths in a report.
fn by_place(a: &AccessPath, b: &AccessPath) -> std::cmp::Ordering {
    let (one, other) = (a.origin.name(), b.origin.name());
    (&a.resource, a.consumer.name(), &a.label, one).cmp(&(&b.resource, b.consumer.name(), &b.label, other))
}

/// Stable ids: what the path is called, made unique.
fn ids(paths: &[AccessPath]) -> Vec<String> {
    let mut seen: Map<String, usize> = Map::default();
    let ids = paths.iter().map(|path| {
        let name = path.resource.name().to_ascii_lowercase();
        let base = format!("{}/{name}/{}", path.consumer.name(), path.label.to_ascii_lowercase());
        let count = seen.entry(base.clone()).or_default();
        *count += 1;
        if *count == 1 { base } else { format!("{base}#{count}") }
    });
    ids.collect()
}

/// Where the inputs' lines start.
struct Files<'e> {
    places: Map<&'e ResourceId, Place>,
    names: Vec<Arc<str>>,
    lines: Vec<Vec<usize>>,
}

impl<'e> Files<'e> {
    fn of(estate: &'e Estate) -> Self {
        let mut places = Map::default();
        for (id, place) in estate.tables.places() {
            places.entry(id).or_insert(place);
        }
        Self {
            places,
            names: estate.inputs.iter().map(|input| input.name.as_str().into()).collect(),
            lines: estate.inputs.iter().map(|input| memchr_iter(b'\n', &input.bytes).collect()).collect(),
        }
    }

    fn find(&self, resource: Option<&ResourceId>) -> (Option<Arc<str>>, Option<usize>) {
        let place = resource.and_then(|id| self.places.get(id));
        let Some((at, place)) = place.map(|p| (usize::from(p.file), p)) else { return (None, None) };
        let line = self.lines.get(at).map(|lines| lines.partition_point(|start| *start < place.offset) + 1);
        (self.names.get(at).cloned(), line)
    }

    fn place(&self, at: &Locator) -> v1::Place {
        let (file, line) = self.find(at.resource.as_ref());
        v1::Place { file, line, resource: at.resource.clone(), pointer: at.pointer.clone() }
    }

    /// Adds where facts stand in the input.
    fn locate(&self, facts: &mut [Evidence]) {
        for fact in facts {
            fact.resource.take_if(|id| id.as_str().is_empty());
            (fact.file, fact.line) = self.find(fact.resource.as_ref());
        }
    }

    fn locate_steps(&self, steps: &mut [Step]) {
        for step in steps {
            self.locate(&mut step.evidence);
            self.locate_steps(&mut step.under);
        }
    }
}

fn path_report(case: &Case<'_>, diagnosis: Diagnosis<'_>, outcome: &Walked, files: &Files<'_>) -> v1::Path {
    let path = case.path;
    let root_cause = root_cause(&diagnosis, &outcome.findings);
    let first_symptom = first_symptom(case, &diagnosis, root_cause);
    let mut found = outcome.findings.iter();
    let gates: Vec<v1::GateReport> = diagnosis
        .gates
        .into_iter()
        .map(|mut gate| {
            files.locate_steps(&mut gate.steps);
            v1::GateReport {
                gate: gate.gate,
                verdict: gate.verdict,
                assumed: gate.assumed,
                findings: found.by_ref().take(gate.reasons.len()).map(|f| f.code.text()).collect(),
                gaps: gate.gaps.iter().filter(|gap| !gap.is_earlier()).map(Gap::what).collect(),
                steps: gate.steps,
            }
        })
        .collect();
    v1::Path {
        id: outcome.id.clone(),
        consumer: path.consumer.name(),
        consumer_noun: path.consumer.noun(),
        resource: path.resource.clone(),
        label: path.label.clone(),
        declared_at: files.place(&path.declared_at),
        principal: diagnosis.principal.as_ref().map(|p| v1::Principal {
            kind: match p.kind {
                PrincipalKind::SystemAssigned => "system-assigned",
                PrincipalKind::UserAssigned => "user-assigned",
                PrincipalKind::FirstParty => "first-party",
            },
            principal_id: p.principal_id.as_ref().map(ToString::to_string),
            client_id: p.client_id.as_ref().map(ToString::to_string),
            resource: p.resource.clone(),
        }),
        operations: path.actions(diagnosis.reference.as_ref()),
        target: v1::Target {
            kind: match path.form {
                Form::Storage => "storage",
                Form::Identifier | Form::Setting => "key-vault",
            },
            host: diagnosis.reference.as_ref().map(|r| r.host.clone()),
            resource: diagnosis.target.as_ref().map(|t| t.store.id().clone()),
            object: diagnosis.reference.as_ref().map(|r| r.object()).filter(|object| !object.is_empty()),
        },
        origin: path.origin.name().into_owned().into(),
        location: path.location.clone(),
        moment: path.moment.name(),
        verdict: outcome.verdict,
        root_cause: root_cause.map(Code::text),
        first_symptom,
        gates,
        combined_fix: None,
    }
}

/// The first certain finding of the first failing gate. The findings of the gates come first, in their order.
fn root_cause(diagnosis: &Diagnosis<'_>, findings: &[Finding]) -> Option<Code> {
    let mut rest = findings.iter();
    for gate in &diagnosis.gates {
        let mut own = rest.by_ref().take(gate.reasons.len());
        if gate.verdict == Verdict::Fail {
            return own.find(|f| f.verdict == Verdict::Fail).map(|f| f.code);
        }
        own.for_each(drop);
    }
    None
}

/// What the user sees first: what somebody saw, or what the first failing gate makes the service say.
fn first_symptom(case: &Case<'_>, diagnosis: &Diagnosis<'_>, root_cause: Option<Code>) -> Option<String> {
    let mut gates = diagnosis.gates.iter();
    let first = gates.find(|g| !matches!(g.verdict, Verdict::Pass | Verdict::NotApplicable))?;
    if first.verdict != Verdict::Fail {
        return None;
    }
    let seen =
        case.estate.observations.iter().find(|o| !o.is_status && o.resource.as_ref() == Some(&case.path.resource));
    match seen {
        Some(seen) => Some(redact::sentence(&seen.error)),
        None => check::symptom(root_cause?, case.path, diagnosis.principal.as_ref()),
    }
}

/// One finding for all paths that share it.
struct Merged {
    finding: Finding,
    affects: Vec<usize>,
}

fn merge(estate: &Estate, walked: &[Walked]) -> Vec<Merged> {
    /// What each path says of a finding, and which paths do.
    type Views<'f> = (Vec<&'f Finding>, Vec<usize>);
    let mut shared: BTreeMap<(Code, &ResourceId, &str), Views<'_>> = BTreeMap::new();
    for (at, path) in walked.iter().enumerate() {
        for finding in &path.findings {
            let key = (finding.code, &finding.subject, finding.message.as_str());
            let (views, affects) = shared.entry(key).or_default();
            views.push(finding);
            if affects.last() != Some(&at) {
                affects.push(at);
            }
        }
    }
    let one = |(views, affects): (Vec<&Finding>, Vec<usize>)| Some(Merged { finding: join(estate, &views)?, affects });
    shared.into_values().filter_map(one).collect()
}

/// The most severe first; then what leads, then paths in their order, then codes in the order of the gates.
fn by_weight(a: &Merged, b: &Merged) -> std::cmp::Ordering {
    let key = |m: &Merged| (std::cmp::Reverse(m.finding.severity()), !m.finding.leads, m.affects.first().copied());
    key(a).cmp(&key(b)).then_with(|| order(a.finding.code).cmp(&order(b.finding.code)))
}

/// Error texts that were given and that no path accounts for, and what is not known for that.
///
/// A text that clearly names another vault, account or caller leaves the paths as they are.
fn unexplained(
    estate: &Estate,
    options: &Options,
    paths: &[AccessPath],
    walked: &[Walked],
) -> (Vec<Finding>, Vec<Gap>) {
    let (mut findings, mut gaps) = (Vec::new(), Vec::new());
    let Some(first) = paths.first() else { return (findings, gaps) };
    let mut heard_of: Map<usize, Vec<&Heard>> = Map::default();
    for (at, heard) in walked.iter().flat_map(|path| &path.heard) {
        heard_of.entry(*at).or_default().push(heard);
    }
    for (at, observation) in estate.observations.iter().enumerate().filter(|(_, o)| !o.is_status) {
        let about = observation.resource.as_ref();
        let is_asked =
            |id: &ResourceId| options.resources.is_empty() || options.resources.iter().any(|o| id.is_within(o));
        let heard = heard_of.remove(&at).unwrap_or_default();
        // A text about a resource that has no path here is about something else.
        if heard.is_empty() && about.is_some_and(|id| !is_asked(id)) {
            continue;
        }
        if heard.iter().any(|heard| matches!(heard, Heard::Explains | Heard::Contradicts | Heard::Outdated)) {
            continue;
        }
        let others: BTreeSet<&Other> = heard
            .iter()
            .filter_map(|heard| match heard {
                Heard::Elsewhere(other) => Some(other),
                _ => None,
            })
            .collect();
        let silent = heard.iter().any(|heard| **heard == Heard::Silent);
        let clear = |other: &&Other| matches!(other, Other::Vault(_) | Other::Account(_) | Other::Caller(_));
        let is_clear = !silent && !others.is_empty() && others.iter().all(clear);
        let subject = about.filter(|id| is_asked(id)).or(options.resources.first()).unwrap_or(&first.resource);
        findings.push(check::of_text(subject, &observation.error, &others, is_clear));
        if !is_clear {
            let what = "which request the given error text comes from: no path that was found accounts for it";
            gaps.push(Gap::incomplete(what, ClosedBy::Diagnose("--error -")).advise(
                "collect the resource that the text is about, or give the whole text with its code and inner code",
            ));
        }
    }
    (findings, gaps)
}

/// Codes in the order of the gates, those of no gate last.
fn order(code: Code) -> (usize, Code) {
    (Gate::ALL.iter().position(|gate| gate.name() == code.gate()).unwrap_or(Gate::ALL.len()), code)
}

/// One finding of what each path's view of it brings, in time that grows as they do.
fn join(estate: &Estate, views: &[&Finding]) -> Option<Finding> {
    let (first, others) = views.split_first()?;
    let mut joined = (*first).clone();
    if others.iter().any(|other| other.verdict == Verdict::Fail) {
        joined.verdict = Verdict::Fail;
    }
    // For each fix, by its title: where it is, and the lines and edits that it has.
    let mut known: Map<String, (usize, HashSet<&str>, Edits)> = Map::default();
    for fix in views.iter().flat_map(|view| &view.fixes) {
        let Some((at, lines, edits)) = known.get_mut(&fix.title) else {
            let at = joined.fixes.iter().position(|own| own.title == fix.title).unwrap_or(joined.fixes.len());
            if at == joined.fixes.len() {
                joined.fixes.push(fix.clone());
            }
            let mut edits = Edits::default();
            fix.patch.iter().for_each(|patch| drop(edits.add(patch)));
            known.insert(fix.title.clone(), (at, fix.az.iter().map(Line::as_str).collect(), edits));
            continue;
        };
        let Some(own) = joined.fixes.get_mut(*at) else { continue };
        own.az.extend(fix.az.iter().filter(|line| lines.insert(line.as_str())).cloned());
        if let (Some(own), Some(more)) = (&mut own.patch, &fix.patch) {
            own.edits.extend(edits.add(more));
        }
    }
    if !others.is_empty() {
        joined.fixes.iter_mut().for_each(|fix| check::settle(estate, &mut fix.az, fix.patch.as_ref()));
    }
    Some(joined)
}

/// How many further paths a fix names; it says how many there are.
const ALSO: usize = 20;

fn finding_report(
    found: Merged,
    tried: Vec<Tried>,
    (paths, walked): (&[AccessPath], &[Walked]),
    files: &Files<'_>,
) -> v1::Finding {
    let Merged { mut finding, affects } = found;
    files.locate(&mut finding.evidence);
    let (severity, fingerprint) = (finding.severity(), fingerprint(&finding));
    let id_of = |at: &usize| walked.get(*at).map(|path| path.id.clone());
    let report = |(fix, Tried { unverified, also, .. }): (Fix, Tried)| v1::Fix {
        title: fix.title,
        safety: fix.safety,
        verified: unverified.is_none(),
        unverified,
        az: command::texts(&fix.az),
        powershell: Vec::new(),
        also_touches: also.iter().take(ALSO).filter_map(id_of).collect(),
        also_touches_count: also.len(),
        bicep: fix.bicep,
        terraform: fix.terraform,
    };
    let code = finding.code;
    let callers = affects.iter().filter_map(|at| paths.get(*at)).map(|path| path.caller_kind());
    let callers: Vec<CallerKind> = callers.collect();
    v1::Finding {
        code: code.text(),
        gate: code.gate(),
        severity,
        verdict: finding.verdict,
        fingerprint,
        title: code.title(),
        affects: affects.iter().filter_map(|at| walked.get(*at)).map(|w| w.id.clone()).collect(),
        evidence: finding.evidence,
        fixes: finding.fixes.into_iter().zip(tried).map(report).collect(),
        confirm: finding.confirm.into_iter().collect(),
        sources: code.sources_of(&callers),
        subject: finding.subject,
        message: finding.message,
    }
}

/// The fixes that open a path alone, by the path.
fn opens<'m>(merged: &'m [Merged], tried: &[Vec<Tried>]) -> Map<usize, Vec<&'m Fix>> {
    let mut opens: Map<usize, Vec<&Fix>> = Map::default();
    for (found, tried) in merged.iter().zip(tried) {
        for (fix, tried) in found.finding.fixes.iter().zip(tried) {
            tried.opened.iter().for_each(|at| opens.entry(*at).or_default().push(fix));
        }
    }
    opens
}

/// What identifies a finding: the same over runs, platforms and versions.
fn fingerprint(finding: &Finding) -> String {
    format!("{:016x}", fnv1a(&format!("{}\n{}\n{}", finding.code, finding.subject, finding.message)))
}

/// What could not be seen, with the paths it affects.
#[derive(Default)]
struct Gaps(BTreeMap<Gap, BTreeSet<String>>);

impl Gaps {
    fn add(&mut self, gap: Gap, path: Option<&String>) {
        if !gap.is_earlier() {
            self.0.entry(gap).or_default().extend(path.cloned());
        }
    }

    fn list(self) -> Vec<v1::GapEntry> {
        let entry = |(gap, affects): (Gap, BTreeSet<String>)| v1::GapEntry {
            what: gap.what(),
            ask: gap.ask(),
            kind: gap.kind().name(),
            status: gap.kind().status(),
            affects: affects.into_iter().collect(),
        };
        let mut entries: Vec<v1::GapEntry> = self.0.into_iter().map(entry).collect();
        entries.sort_by(|a, b| (&a.what, &a.ask).cmp(&(&b.what, &b.ask)));
        entries
    }
}

fn summary(paths: &[v1::Path], findings: &[v1::Finding]) -> v1::Summary {
    let mut summary = v1::Summary::default();
    for path in paths {
        match path.verdict {
            Verdict::Pass | Verdict::NotApplicable => summary.paths.pass += 1,
            Verdict::Fail => summary.paths.fail += 1,
            Verdict::Unknown => summary.paths.unknown += 1,
        }
    }
    for finding in findings {
        match finding.severity {
            Severity::Error => summary.findings.error += 1,
            Severity::Warning => summary.findings.warning += 1,
            Severity::Info => summary.findings.info += 1,
        }
    }
    summary
}
