//! Writes a fix into the files in memory, and checks the changed files again.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};

use crate::base::{ResourceId, Verdict};
use crate::finding::{Edit, Patch, Severity};
use crate::predeploy::diff::unified;
use crate::predeploy::judge::Judged;
use crate::predeploy::repair::difference::{Difference, differences, has_circle};
use crate::predeploy::repair::{Candidate, Meant, Repair, expand, text_of};
use crate::predeploy::sources::Sources;
use crate::predeploy::work::Work;
use crate::report::v1;
use crate::source::layout::Change;
use crate::template::place::{Drafts, FileId};
use crate::template::text::key;
use crate::template::value::Kind;

/// How many ways to write one change are tried.
const MOST_WAYS: usize = 16;

/// How many changes one fix may consist of.
const MOST_EDITS: usize = 32;

/// Files that were checked, with fixes to try.
pub(super) struct Trial<'t> {
    pub sources: &'t Sources<'t>,
    /// Texts that are read instead of files: what other fixes changed already.
    pub drafts: &'t Drafts,
    pub before: &'t Judged<'t>,
}

/// A change of the files, and the fixes that consist of it.
pub(super) struct Job<'p> {
    pub patch: &'p Patch,
    pub aims: Vec<Aim>,
}

/// A fix of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aim {
    /// Of a finding, by the numbers of both.
    Fix(usize, usize),
    /// The combined fix of a path, by the path's number.
    Path(usize),
}

/// A change that was written into the files.
pub(super) struct Tried {
    /// The texts of all files that were changed, by this fix and before.
    pub drafts: Drafts,
    /// The files that this fix changes.
    pub files: Vec<PathBuf>,
    /// What it changes in them.
    pub diff: String,
    /// Why each of the fixes is not verified; `None` if it is.
    pub unverified: Vec<Option<String>>,
    /// What the changed files are judged to be.
    pub after: v1::Report,
}

/// The changes that the fixes of a report consist of: each once, with the fixes.
pub(super) fn jobs<'p>(judged: &'p Judged<'_>) -> Vec<Job<'p>> {
    let of_findings = judged.patches.fixes.iter().enumerate().flat_map(|(finding, patches)| {
        let own = patches.iter().enumerate();
        own.filter_map(move |(fix, patch)| Some((Aim::Fix(finding, fix), patch.as_ref()?)))
    });
    let combined = judged.patches.combined.iter().enumerate();
    let of_paths = combined.filter_map(|(path, patch)| Some((Aim::Path(path), patch.as_ref()?)));
    let mut jobs: Vec<Job<'p>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (aim, patch) in of_findings.chain(of_paths.filter(|(_, patch)| !patch.edits.is_empty())) {
        let at = *known.entry(format!("{:?}", patch.edits)).or_insert(jobs.len());
        match jobs.get_mut(at) {
            Some(job) => job.aims.push(aim),
            None => jobs.push(Job { patch, aims: vec![aim] }),
        }
    }
    jobs
}

impl Trial<'_> {
    /// Writes a change, and checks the files again.
    ///
    /// # Errors
    /// Why the change cannot be written.
    pub(super) fn run(&self, job: &Job<'_>) -> Result<Tried, String> {
        let (drafts, work) = self.write(job)?;
        let files: Vec<PathBuf> = drafts
            .iter()
            .filter(|(path, text)| self.drafts.get(*path) != Some(*text))
            .map(|(path, _)| path.clone())
            .collect();
        let diff = files.iter().filter_map(|path| self.diff(path, drafts.get(path)?)).collect();
        let after = Judged::of(work, self.sources);
        let (before, after) = (&self.before.report, after.report);
        let why = |aim: &Aim| match aim {
            Aim::Fix(finding, _) => before.findings.get(*finding).and_then(|own| why_not(own, before, &after)),
            Aim::Path(path) => before.paths.get(*path).and_then(|own| why_not_open(own, before, &after)),
        };
        let unverified = job.aims.iter().map(why).collect();
        Ok(Tried { drafts, files, diff, unverified, after })
    }

    /// Makes the changes of a fix one after the other.
    fn write(&self, job: &Job<'_>) -> Result<(Drafts, Work<'_>), String> {
        let mut symbols = self.before.symbols(self.sources);
        let (edits, new) = expand(job.patch, &self.before.work.evaluated, &mut symbols);
        let mut open: VecDeque<Edit> = edits.into();
        let mut state: Option<(Drafts, Work<'_>)> = None;
        let alike = self.alike(&job.aims);
        let mut count = 0;
        while let Some(edit) = open.pop_front() {
            count += 1;
            if count > MOST_EDITS {
                return Err("it changes too many properties".to_owned());
            }
            let (drafts, work) =
                state.as_ref().map_or((self.drafts, &self.before.work), |(drafts, work)| (drafts, work));
            let mut repair = self.repair(work)?;
            let parts = repair.split(edit.clone());
            if parts.as_slice() != [edit.clone()] {
                parts.into_iter().rev().for_each(|part| open.push_front(part));
                continue;
            }
            let ways = repair.candidates(&edit)?;
            let mut why = Vec::new();
            let written = ways.iter().take(MOST_WAYS).find_map(|way| {
                self.try_way(way, &edit, (drafts, work), &alike).map_err(|reason| why.push(reason)).ok()
            });
            match written {
                Some(next) => state = Some(next),
                None => {
                    return Err(why.into_iter().next().unwrap_or_else(|| "the files do not write it out".to_owned()));
                }
            }
        }
        let (drafts, work) = state.ok_or("the files say it already")?;
        match self.has_stand_ins(&drafts, &new) {
            true => Err("it refers to something that the template cannot name".to_owned()),
            false => Ok((drafts, work)),
        }
    }

    /// Whether a text that only stands for something would come into a file.
    fn has_stand_ins(&self, drafts: &Drafts, new: &[String]) -> bool {
        let words = self.before.estate.world.deployed().into_iter().flat_map(|files| files.words.keys());
        let words: Vec<&str> = words.map(|word| &**word).chain(new.iter().map(String::as_str)).collect();
        drafts.iter().any(|(path, text)| {
            let before = self.before.work.text_of(path).unwrap_or_default();
            words.iter().any(|word| text.matches(word).count() > before.matches(word).count())
        })
    }

    /// Makes one change in one way. It has to serve its purpose, and nothing else may change.
    fn try_way<'w>(
        &'w self,
        way: &Candidate,
        edit: &Edit,
        (drafts, work): (&Drafts, &Work<'_>),
        alike: &BTreeSet<(ResourceId, String)>,
    ) -> Result<(Drafts, Work<'w>), String> {
        let mut changed: BTreeMap<PathBuf, (FileId, Vec<&Change>)> = BTreeMap::new();
        for (file, change) in &way.changes {
            let path = self.editable(work, *file, drafts)?;
            changed.entry(path).or_insert((*file, Vec::new())).1.push(change);
        }
        let mut drafts = drafts.clone();
        for (path, (file, changes)) in changed {
            let text = work.files.get(file).and_then(|own| apply_all(&changes, &own.text));
            drafts.insert(path, text.ok_or("the file cannot be changed there")?.into());
        }
        let after = self.sources.evaluate(&drafts);
        let said = |work: &Work<'_>| work.problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>();
        let mut known = said(work);
        for message in said(&after) {
            match known.iter().position(|own| *own == message) {
                Some(at) => drop(known.swap_remove(at)),
                None => return Err(format!("the change does not fit there: {message}")),
            }
        }
        self.does(&way.meant, work, &after, alike)?;
        // The value is the wanted one.
        let is_set = matches!(edit, Edit::Set { .. }) && !self.repair(&after)?.split(edit.clone()).is_empty();
        match is_set {
            true => Err("the value depends on an expression".to_owned()),
            false => Ok((drafts, after)),
        }
    }

    /// Whether a change served its purpose and changed nothing else.
    fn does(
        &self,
        meant: &Meant,
        before: &Work<'_>,
        after: &Work<'_>,
        alike: &BTreeSet<(ResourceId, String)>,
    ) -> Result<(), String> {
        let found = differences(&before.evaluated, &after.evaluated);
        let other = || "the value is used elsewhere, too".to_owned();
        if found.is_empty() {
            return Err("the value is overridden elsewhere".to_owned());
        }
        if has_circle(&after.evaluated) && !has_circle(&before.evaluated) {
            return Err("resources would wait for each other".to_owned());
        }
        let mut symbols = self.before.symbols(self.sources);
        for one in &found {
            match (meant, one) {
                (Meant::Property { resource, path }, Difference::Property { resource: own, path: at }) => {
                    let changed = before.evaluated.resources.get(*own).ok_or_else(other)?;
                    // What else uses the value, such as another turn of a loop, has to need the same change.
                    let is_own = own == resource && at.starts_with(path);
                    let id = text_of(&changed.id, &mut symbols).map(|id| ResourceId::new(&id));
                    let is_alike = || {
                        let pointer = format!("/{}/", at.join("/"));
                        let covers = |place: &str| pointer.starts_with(&format!("{place}/"));
                        alike.iter().any(|(of, place)| Some(of) == id.as_ref() && covers(place))
                    };
                    if !is_own && !is_alike() {
                        return Err(other());
                    }
                    let value = at.iter().try_fold(
                        &after.evaluated.resources.get(*own).ok_or_else(other)?.body,
                        |value, step| match &value.kind {
                            Kind::Array(array) => array.items.get(step.parse::<usize>().ok()?),
                            _ => value.get(step),
                        },
                    );
                    if value.is_some_and(|value| value.is_unknown()) {
                        return Err("the value would not be known".to_owned());
                    }
                }
                (Meant::New { kind, scope, says }, Difference::Added(number)) if found.len() == 1 => {
                    let new = after.evaluated.resources.get(*number).ok_or_else(other)?;
                    if before.evaluated.resources.iter().any(|one| !one.existing && key(&one.id) == key(&new.id)) {
                        return Err("another declaration has its name".to_owned());
                    }
                    let id = text_of(&new.id, &mut symbols).unwrap_or_default().to_ascii_lowercase();
                    let properties = new.body.get("properties");
                    let is_said = says.iter().all(|(name, wanted)| {
                        let value = properties.and_then(|properties| properties.get(name));
                        let value = value.and_then(|value| text_of(value, &mut symbols)).unwrap_or_default();
                        value.to_ascii_lowercase().ends_with(&wanted.to_ascii_lowercase())
                    });
                    let is_there = id.starts_with(&scope.as_str().to_ascii_lowercase());
                    if !(new.resource_type.to_ascii_lowercase().ends_with(&kind.to_ascii_lowercase())
                        && is_there
                        && is_said)
                    {
                        return Err("it cannot be named in the file".to_owned());
                    }
                }
                _ => return Err(other()),
            }
        }
        Ok(())
    }

    /// What fixes of the same kinds of findings change: the resource, and the pointer in lower case.
    fn alike(&self, aims: &[Aim]) -> BTreeSet<(ResourceId, String)> {
        let Judged { report, patches, .. } = self.before;
        let affects = |finding: &v1::Finding, path: usize| {
            report.paths.get(path).is_some_and(|path| finding.affects.contains(&path.id))
        };
        let is_meant = |number: usize, finding: &v1::Finding| {
            aims.iter().any(|aim| match aim {
                Aim::Fix(own, _) => *own == number,
                Aim::Path(path) => affects(finding, *path),
            })
        };
        let own = report.findings.iter().enumerate().filter(|(number, finding)| is_meant(*number, finding));
        let codes: Vec<_> = own.map(|(_, finding)| &finding.code).collect();
        let same = report.findings.iter().zip(&patches.fixes).filter(|(other, _)| codes.contains(&&other.code));
        let edits = same.flat_map(|(_, fixes)| fixes).flatten().flat_map(|patch| &patch.edits);
        edits.filter_map(place).collect()
    }

    fn repair<'w>(&'w self, work: &'w Work<'_>) -> Result<Repair<'w>, String> {
        let words = self.before.estate.world.deployed().ok_or("there are no files")?;
        let symbols = self.before.symbols(self.sources);
        let vaults = self.before.estate.cloud.key_vault_suffix.as_str();
        Ok(Repair::new((&work.evaluated, &work.files, &work.outputs), (words, vaults), symbols))
    }

    /// The real path of a file, if it may be changed.
    fn editable(&self, work: &Work<'_>, file: FileId, drafts: &Drafts) -> Result<PathBuf, String> {
        let named = work.files.get(file).ok_or("it stands in no file")?;
        let shown = named.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = work.real_path(file).ok_or_else(|| format!("`{shown}` is not part of the project"))?;
        if !self.sources.found.iter().any(|one| path.starts_with(&one.root)) {
            return Err(format!("`{shown}` is not part of the project"));
        }
        let is_as_read = || std::fs::read(&path).is_ok_and(|bytes| bytes == named.text.as_bytes());
        match drafts.contains_key(&path) || is_as_read() {
            true => Ok(path),
            false => Err(format!("`{shown}` is not UTF-8")),
        }
    }

    /// What changes in a file.
    fn diff(&self, path: &Path, after: &str) -> Option<String> {
        let before = match self.drafts.get(path) {
            Some(draft) => draft.to_string(),
            None => std::fs::read_to_string(path).ok()?,
        };
        let base = self.sources.options.base.as_ref().and_then(|base| base.canonicalize().ok());
        let roots = base.iter().chain(self.sources.found.iter().map(|one| &one.root));
        let shown = roots.into_iter().find_map(|root| path.strip_prefix(root).ok()).unwrap_or(path);
        Some(unified(shown, &before, after))
    }
}

/// What a change is about: the resource, and the pointer in lower case.
fn place(edit: &Edit) -> Option<(ResourceId, String)> {
    match edit {
        Edit::Set { resource, pointer, .. }
        | Edit::Remove { resource, pointer }
        | Edit::Append { resource, pointer, .. } => Some((resource.clone(), pointer.to_ascii_lowercase())),
        Edit::Create { .. } => None,
    }
}

/// Makes several changes of one text. `None`: they overlap, or do not fit it.
fn apply_all(changes: &[&Change], source: &str) -> Option<String> {
    let mut sorted = changes.to_vec();
    // What is added at the same place comes in the order of the changes.
    sorted.sort_by_key(|change| (change.range.start, change.range.end));
    let (mut text, mut at) = (String::with_capacity(source.len()), 0);
    for change in sorted {
        text.push_str(source.get(at..change.range.start)?);
        text.push_str(&change.text);
        at = change.range.end;
    }
    text.push_str(source.get(at..)?);
    Some(text)
}

/// Why the combined fix of a path is not verified by the report after it.
fn why_not_open(own: &v1::Path, before: &v1::Report, after: &v1::Report) -> Option<String> {
    match after.paths.iter().find(|other| other.id == own.id).map(|now| now.verdict) {
        None => return Some("the access path no longer exists".to_owned()),
        Some(Verdict::Fail) => return Some("the path would still fail".to_owned()),
        Some(Verdict::Unknown) => {
            return Some(
                "with these fixes the verdict still depends on something that the files do not say".to_owned(),
            );
        }
        Some(Verdict::Pass | Verdict::NotApplicable) => {}
    }
    let mut errors = after.findings.iter().filter(|new| new.severity == Severity::Error);
    if let Some(new) = errors.find(|new| is_new(new, before)) {
        return Some(format!("the fix would cause `{}`", new.code));
    }
    before.paths.iter().filter(|path| path.id != own.id).find_map(|path| worse(path, after))
}

/// Whether a report does not have a finding yet.
fn is_new(finding: &v1::Finding, before: &v1::Report) -> bool {
    !before.findings.iter().any(|old| old.code == finding.code && old.subject == finding.subject)
}

/// Why a path may not be changed like this: it is gone, or worse than before.
fn worse(path: &v1::Path, after: &v1::Report) -> Option<String> {
    match after.paths.iter().find(|other| other.id == path.id) {
        None => Some(format!("path `{}` would no longer exist", path.id)),
        Some(now) if rank(now.verdict) > rank(path.verdict) => Some(format!("the fix would break path `{}`", path.id)),
        Some(_) => None,
    }
}

/// Why a fix of a finding is not verified by the report after it.
fn why_not(finding: &v1::Finding, before: &v1::Report, after: &v1::Report) -> Option<String> {
    let same = |other: &&v1::Finding| other.code == finding.code && other.subject == finding.subject;
    let affects = |other: &v1::Finding| {
        finding.affects.is_empty() || other.affects.iter().any(|path| finding.affects.contains(path))
    };
    if after.findings.iter().filter(same).any(affects) {
        return Some("the fix would not resolve the finding".to_owned());
    }
    if let Some(new) =
        after.findings.iter().filter(|new| new.severity >= finding.severity).find(|new| is_new(new, before))
    {
        return Some(format!("the fix would cause `{}`", new.code));
    }
    for path in &before.paths {
        let asked = finding.affects.contains(&path.id);
        let now = after.paths.iter().find(|other| other.id == path.id);
        // A path that the fix is for may be gone with what was wrong in it.
        match worse(path, after) {
            Some(why) if now.is_some() || !asked => return Some(why),
            _ => {}
        }
        let Some(now) = now else { continue };
        let own = now.gates.iter().find(|gate| gate.gate.name() == finding.gate);
        let is_open = own.is_some_and(|gate| gate.verdict == Verdict::Unknown) && finding.verdict == Verdict::Fail;
        if asked && is_open {
            return Some(format!("the `{}` gate could not be evaluated", finding.gate));
        }
    }
    None
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::NotApplicable => 0,
        Verdict::Unknown => 1,
        Verdict::Fail => 2,
    }
}
