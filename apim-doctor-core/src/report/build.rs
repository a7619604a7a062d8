//! From an estate to a report: find the paths, walk them, group what was found, try the fixes.

use rayon::prelude::*;

use crate::base::{Map, ResourceId, Verdict};
use crate::consumer;
use crate::finding::{Patch, Severity};
use crate::model::Estate;
use crate::path::{AccessPath, Case};
use crate::report::backup_vault::backup_vaults;
use crate::report::files::Files;
use crate::report::finding::finding_report;
use crate::report::fingerprint::fingerprints;
use crate::report::gaps::Gaps;
use crate::report::gate::Gates;
use crate::report::headline::{groups, headline, sums_up};
use crate::report::judged::{Judged, by_place};
use crate::report::merge::{Merged, by_weight, merge, opens};
use crate::report::options::Options;
use crate::report::possible::Possible;
use crate::report::trial::{Before, Walked, by_dependency};
use crate::report::unexplained::unexplained;
use crate::report::v1;
use crate::report::worlds::Worlds;

/// Explains every access path of an estate.
///
/// Large estates are judged on all cores.
///
/// ```
/// use apim_doctor_core::{Estate, Input, Options, diagnose};
/// let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
/// assert!(diagnose(&estate, &Options::default()).paths.is_empty());
/// ```
pub fn diagnose(estate: &Estate, options: &Options) -> v1::Report {
    Build::run(estate, options).report
}

/// What the fixes of a report change.
#[derive(Default)]
pub(crate) struct Patches {
    /// What each fix of each finding changes, in the order of the report.
    pub fixes: Vec<Vec<Option<Patch>>>,
    /// What the combined fix of each path changes.
    pub combined: Vec<Option<Patch>>,
}

/// The same, and what each fix changes.
pub(crate) fn diagnose_with_patches(estate: &Estate, options: &Options) -> (v1::Report, Patches) {
    let build = Build::run(estate, options);
    (build.report, build.patches)
}

/// Chunk size. Paths of one instance are adjacent, so a chunk shares the evaluation of its subnets.
pub(super) const PIECE: usize = 16;

/// What a diagnosis found.
pub(super) struct Build {
    pub report: v1::Report,
    /// What its fixes change.
    pub patches: Patches,
}

impl Build {
    pub(super) fn run(estate: &Estate, options: &Options) -> Self {
        let as_of = estate.time(options.as_of);
        let declared = || consumer::paths(estate, &options.resources, &options.consumers);
        let ((mut paths, unseen), files) = rayon::join(declared, || Files::of(estate));
        let mut possible = Possible::of(estate, options);
        let unseen = possible.unseen(unseen);
        paths.par_sort_by(by_place);
        possible.align(&mut paths, &files);
        let ids = ids(&paths);
        let judge = |(path, id): (&AccessPath, &String), worlds: &Worlds<'_>, gates: &mut Gates<'_>| {
            let case = Case { estate, path, exits: &worlds.own, as_of, is_repaired: estate.repaired.contains(id) };
            let (diagnosis, findings) = worlds.judge(&case);
            Judged::of(&case, id, (diagnosis, findings), &files, gates)
        };
        let judge_all = |(piece, ids): (&[AccessPath], &[String])| -> Vec<_> {
            let (exits, mut gates) = (Worlds::of(estate, piece), Gates::new(&files));
            piece.iter().zip(ids).map(|one| judge(one, &exits, &mut gates)).collect()
        };
        let mut judged: Vec<_> = paths.par_chunks(PIECE).zip(ids.par_chunks(PIECE)).flat_map_iter(judge_all).collect();
        possible.settle(&mut judged, &ids, as_of, &files);
        let (mut reports, mut walked) = (Vec::with_capacity(judged.len()), Vec::with_capacity(judged.len()));
        let mut gaps = Gaps::default();
        unseen.into_iter().for_each(|gap| gaps.add(gap, None));
        // What is about a resource itself has findings. It is not an access path.
        let accesses: Vec<usize> = (0..paths.len()).filter(|at| is_access(&paths, *at)).collect();
        for (at, (Judged { report, walked: outcome, unseen, open }, id)) in judged.into_iter().zip(&ids).enumerate() {
            open.into_iter().for_each(|gap| gaps.add(gap, None));
            unseen.into_iter().for_each(|gap| gaps.add(gap, Some(id)));
            reports.extend(is_access(&paths, at).then_some(report));
            walked.push(outcome);
        }
        let mut merged = merge(estate, &walked);
        let (unexplained, unknown) = unexplained(estate, options, &paths, &walked);
        unknown.into_iter().for_each(|gap| gaps.add(gap, None));
        merged.extend(unexplained.into_iter().map(|finding| Merged { finding, affects: Vec::new() }));
        merged.sort_by(by_weight);
        let before = Before { estate, paths: &paths, walked: &walked, as_of, by_dependency: by_dependency(&walked) };
        let verified = before.each(&merged, |trial, found| {
            let fixes = found.finding.fixes.iter();
            fixes.map(|fix| trial.verify(&found.finding, fix, &found.affects)).collect::<Vec<_>>()
        });
        let opens = opens(&merged, &verified);
        let combined =
            before.each(&accesses, |trial, at| trial.combined(*at, opens.get(at).map_or(&[], Vec::as_slice)));
        let mut patches = Patches::default();
        for (report, combined) in reports.iter_mut().zip(combined) {
            let (fix, patch) = combined.unzip();
            report.combined_fix = fix;
            patches.combined.push(patch);
        }
        let take = |found: &mut Merged| found.finding.fixes.iter_mut().map(|fix| fix.patch.take()).collect();
        patches.fixes = merged.iter_mut().map(take).collect();
        let prints = fingerprints(&merged, &paths, &walked);
        let findings: Vec<v1::Finding> = merged
            .into_iter()
            .zip(verified)
            .zip(prints)
            .map(|((found, tried), print)| finding_report(found, print, tried, (&paths, &walked), &files))
            .collect();
        let gaps = gaps.list();
        let mut summary = summary(accesses.iter().filter_map(|at| walked.get(*at)), &findings);
        let looked_at = accesses.len() < paths.len();
        summary.says = sums_up(&summary.paths, looked_at, &findings, &gaps, &reports);
        let blind = gaps.iter().any(|gap| gap.affects.is_empty());
        let verdict = match Verdict::all(walked.iter().map(|path| path.verdict)) {
            // The access may work, and what is fetched be worth nothing: a certificate that has ended.
            Verdict::Pass | Verdict::NotApplicable if summary.findings.error > 0 => Verdict::Fail,
            Verdict::Pass | Verdict::NotApplicable if blind || walked.is_empty() => Verdict::Unknown,
            other => other,
        };
        let first_cause = walked.iter().find_map(|path| path.root_cause);
        let report = v1::Report {
            apim_doctor: "report/v1".into(),
            tool: v1::Tool::default(),
            as_of,
            signed_in: estate.signed_in.clone(),
            verdict,
            headline: headline(verdict, (&summary.paths, looked_at), first_cause, &findings, &gaps),
            groups: groups(&paths, &walked),
            collector_saw: collector_saw(estate, &paths, &walked),
            backup_vaults: backup_vaults(estate, &paths, as_of),
            paths: reports,
            findings,
            gaps,
            suppressions: Vec::new(),
            coverage: v1::Coverage::of(estate.coverage()),
            summary,
        };
        // Findings are many small pieces: freeing them takes as long as a gate.
        walked.into_par_iter().with_min_len(PIECE).for_each(drop);
        paths.into_par_iter().with_min_len(PIECE).for_each(drop);
        Build { report, patches }
    }
}

/// What the collecting machine saw of the hosts that paths go to, where it did not stand at a path's origin.
fn collector_saw(estate: &Estate, paths: &[AccessPath], walked: &[Walked]) -> Vec<String> {
    if estate.dns.is_empty() && estate.probes.is_empty() {
        return Vec::new();
    }
    let mut origins: Map<String, Vec<&str>> = Map::default();
    for (path, walked) in paths.iter().zip(walked) {
        if let Some(host) = &walked.host {
            origins.entry(host.to_ascii_lowercase()).or_default().push(path.origin.name());
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

/// Stable ids: what the path is called, made unique.
pub(super) fn ids(paths: &[AccessPath]) -> Vec<String> {
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

/// Whether one of the paths is an access, and not about a resource itself.
fn is_access(paths: &[AccessPath], at: usize) -> bool {
    paths.get(at).is_some_and(|path| !path.is_about_resource())
}

fn summary<'w>(paths: impl Iterator<Item = &'w Walked>, findings: &[v1::Finding]) -> v1::Summary {
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
