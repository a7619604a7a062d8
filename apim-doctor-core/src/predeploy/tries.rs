//! All fixes of a report, tried in the files.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::base::{ResourceId, Verdict};
use crate::predeploy::groups::groups;
use crate::predeploy::judge::Judged;
use crate::predeploy::sources::Sources;
use crate::predeploy::trial::{Aim, Job, Trial, Tried, jobs};
use crate::report::v1;
use crate::template::place::Drafts;

/// How many changes are written as diffs. A deployment rarely needs more.
const MOST_DIFFS: usize = 500;

/// How many resources are judged for all diffs together: each diff is a check of its own.
const MOST_RESOURCES: usize = 50_000;

/// A fix as it would be written, and why it is not verified, if it is not.
pub(super) type Written = (String, Option<String>);

/// What came of each fix.
pub(super) type Outcomes = BTreeMap<Aim, Result<Written, String>>;

/// How many changes of these files are tried.
fn most(judged: &Judged<'_>) -> usize {
    (MOST_RESOURCES / judged.work.evaluated.resources.len().max(1)).clamp(5, MOST_DIFFS)
}

/// Tries every fix that changes something.
pub(super) fn try_all(sources: &Sources<'_>, judged: &Judged<'_>) -> Outcomes {
    let mut found = Outcomes::new();
    let all = jobs(judged);
    let parts = match sources.against.is_none() && all.len() > 1 {
        true => groups(&judged.work),
        false => Vec::new(),
    };
    if parts.len() > 1 {
        found = apart(sources, judged, &all, &parts);
    }
    let drafts = Drafts::default();
    let trial = Trial { sources, drafts: &drafts, before: judged };
    let left: Vec<&Job<'_>> = all.iter().filter(|job| job.aims.iter().any(|aim| !found.contains_key(aim))).collect();
    let most = most(judged);
    let outcome = |(number, job): (usize, &&Job<'_>)| match number < most {
        true => written(job, trial.run(job)),
        false => {
            let why = format!("of so many files, only the first {most} fixes are written; check fewer files at once");
            written(job, Err(why))
        }
    };
    let more: Vec<Vec<_>> = left.par_iter().enumerate().map(outcome).collect();
    for (aim, outcome) in more.into_iter().flatten() {
        found.entry(aim).or_insert(outcome);
    }
    found
}

/// What came of the fixes that a change is for.
fn written(job: &Job<'_>, outcome: Result<Tried, String>) -> Vec<(Aim, Result<Written, String>)> {
    let own = job.aims.iter().copied();
    match outcome {
        Ok(tried) => own.zip(tried.unverified).map(|(aim, why)| (aim, Ok((tried.diff.clone(), why)))).collect(),
        Err(why) => own.map(|aim| (aim, Err(why.clone()))).collect(),
    }
}

/// A change that was tried on a group of deployments without the others.
struct Apart {
    /// The fixes in the report on all deployments, with what came of them.
    written: Vec<(Aim, Result<Written, String>)>,
    drafts: Drafts,
    /// What the paths of the group are afterwards.
    after: Vec<Outcome>,
}

/// Tries fixes on each group of deployments without the others, and then on all of them: one change of each group at the
/// same time. What this finds of a group has to be what was found without the others; otherwise the fix is left out
/// here, and tried alone on everything.
fn apart(sources: &Sources<'_>, judged: &Judged<'_>, all: &[Job<'_>], groups: &[Vec<usize>]) -> Outcomes {
    let whole = Whole::of(judged, all);
    let tried: Vec<Vec<Apart>> = groups.par_iter().map(|group| of_group(sources, group, &whole)).collect();
    let rounds = tried.iter().map(Vec::len).max().unwrap_or_default();
    let most = most(judged);
    let is_confirmed = |round: usize| -> Vec<Outcomes> {
        let here: Vec<&Apart> = tried.iter().filter_map(|group| group.get(round)).collect();
        let drafts: Drafts = here.iter().flat_map(|one| one.drafts.clone()).collect();
        let needs = here.iter().any(|one| one.written.iter().any(|(_, outcome)| is_verified(outcome)));
        let after = match needs && round < most {
            true => Some(Judged::of(sources.evaluate(&drafts), sources).report),
            false => None,
        };
        let found = after.as_ref().map(outcomes).unwrap_or_default();
        let is_same = |one: &&Apart| {
            let alone = one.after.iter().all(|own| found.get(&own.key) == Some(own));
            alone || !one.written.iter().any(|(_, outcome)| is_verified(outcome))
        };
        here.into_iter().filter(is_same).map(|one| one.written.iter().cloned().collect()).collect()
    };
    let rounds: Vec<Vec<Outcomes>> = (0..rounds).into_par_iter().map(is_confirmed).collect();
    rounds.into_iter().flatten().flatten().collect()
}

fn is_verified(outcome: &Result<Written, String>) -> bool {
    matches!(outcome, Ok((_, None)))
}

/// Tries the fixes of one group without the other deployments. Nothing if the others matter to it.
fn of_group(sources: &Sources<'_>, group: &[usize], whole: &Whole<'_>) -> Vec<Apart> {
    let part = sources.part(group);
    let judged = Judged::of(part.evaluate(&Drafts::default()), &part);
    if outcomes(&judged.report).iter().any(|(key, own)| whole.paths.get(key) != Some(own)) {
        return Vec::new();
    }
    let drafts = Drafts::default();
    let trial = Trial { sources: &part, drafts: &drafts, before: &judged };
    let most = most(&judged);
    let all = jobs(&judged);
    let keys = Keys::of(&judged.report);
    let apart = |job: &Job<'_>| {
        let aims: Vec<Option<Aim>> = job.aims.iter().map(|aim| whole.find(&judged.report, &keys, *aim)).collect();
        if aims.iter().all(Option::is_none) {
            return None;
        }
        let tried = trial.run(job);
        let (drafts, after) = match &tried {
            Ok(tried) => (tried.drafts.clone(), outcomes(&tried.after).into_values().collect()),
            Err(_) => (Drafts::default(), Vec::new()),
        };
        let known = aims.into_iter().zip(written(job, tried));
        let written = known.filter_map(|(aim, (_, outcome))| Some((aim?, outcome))).collect();
        Some(Apart { written, drafts, after })
    };
    all.par_iter().take(most).filter_map(apart).collect()
}

/// By what a path is found in another report: ids are numbered.
pub(super) type PathKey = (String, ResourceId, String, usize);

/// What a path is found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    key: PathKey,
    verdict: Verdict,
    gates: Vec<Verdict>,
    /// The codes of its findings, and whether each is certain.
    codes: Vec<(String, Verdict)>,
}

/// The paths of a report.
pub(super) fn outcomes(report: &v1::Report) -> HashMap<PathKey, Outcome> {
    let mut codes: HashMap<&str, Vec<(String, Verdict)>> = HashMap::new();
    for finding in &report.findings {
        for path in &finding.affects {
            codes.entry(path).or_default().push((finding.code.to_string(), finding.verdict));
        }
    }
    codes.values_mut().for_each(|codes| codes.sort());
    let keys = keys(report);
    let outcome = |(path, key): (&v1::Path, PathKey)| {
        let gates = path.gates.iter().map(|gate| gate.verdict).collect();
        let codes = codes.get(path.id.as_str()).cloned().unwrap_or_default();
        (key.clone(), Outcome { key, verdict: path.verdict, gates, codes })
    };
    report.paths.iter().zip(keys).map(outcome).collect()
}

fn keys(report: &v1::Report) -> Vec<PathKey> {
    let mut seen: HashMap<PathKey, usize> = HashMap::new();
    let key = |path: &v1::Path| {
        let key = (path.consumer.to_string(), path.resource.clone(), path.label.to_ascii_lowercase(), 0);
        let count = seen.entry(key.clone()).or_default();
        *count += 1;
        (key.0, key.1, key.2, *count)
    };
    report.paths.iter().map(key).collect()
}

/// By what a finding is found in another report: its code, its subject, and the paths that it affects.
type FindingKey = (String, ResourceId, Vec<PathKey>);

/// The report on all deployments, to find in it what the report on some of them has.
struct Whole<'w> {
    report: &'w v1::Report,
    paths: HashMap<PathKey, Outcome>,
    numbers: HashMap<PathKey, usize>,
    findings: HashMap<FindingKey, usize>,
    /// The fixes that are to be tried.
    wanted: Vec<Aim>,
}

impl<'w> Whole<'w> {
    fn of(judged: &'w Judged<'_>, all: &[Job<'_>]) -> Self {
        let report = &judged.report;
        let Keys { paths, findings } = Keys::of(report);
        let numbers = paths.into_iter().enumerate().map(|(number, key)| (key, number)).collect();
        let findings = findings.into_iter().enumerate().map(|(number, key)| (key, number)).collect();
        let mut wanted: Vec<Aim> = all.iter().flat_map(|job| job.aims.iter().copied()).collect();
        wanted.sort();
        Self { report, paths: outcomes(report), numbers, findings, wanted }
    }

    /// The fix of this report that is the same as one of the report on some deployments.
    fn find(&self, report: &v1::Report, keys: &Keys, aim: Aim) -> Option<Aim> {
        let found = match aim {
            Aim::Fix(finding, fix) => {
                let own = report.findings.get(finding)?;
                let number = *self.findings.get(keys.findings.get(finding)?)?;
                let same = self.report.findings.get(number)?;
                let titles = (own.fixes.get(fix)?.title.as_str(), same.fixes.get(fix)?.title.as_str());
                (titles.0 == titles.1).then_some(Aim::Fix(number, fix))?
            }
            Aim::Path(path) => {
                let number = *self.numbers.get(keys.paths.get(path)?)?;
                let titles = |report: &v1::Report, at: usize| {
                    report.paths.get(at).and_then(|path| path.combined_fix.as_ref()).map(|fix| fix.titles.clone())
                };
                (titles(report, path)? == titles(self.report, number)?).then_some(Aim::Path(number))?
            }
        };
        self.wanted.binary_search(&found).ok().map(|_| found)
    }
}

/// By what the paths and the findings of a report are found in another one, in their order.
struct Keys {
    paths: Vec<PathKey>,
    findings: Vec<FindingKey>,
}

impl Keys {
    fn of(report: &v1::Report) -> Self {
        let paths = keys(report);
        let by_id: HashMap<&str, &PathKey> = report.paths.iter().map(|path| path.id.as_str()).zip(&paths).collect();
        let key = |finding: &v1::Finding| {
            let mut affects: Vec<PathKey> =
                finding.affects.iter().filter_map(|id| by_id.get(id.as_str()).copied().cloned()).collect();
            affects.sort();
            (finding.code.to_string(), finding.subject.clone(), affects)
        };
        let findings = report.findings.iter().map(key).collect();
        Self { paths, findings }
    }
}
