//! Writes a fix into the files in memory, and checks the changed files again.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use crate::base::{ResourceId, Verdict};
use crate::finding::{Edit, Patch};
use crate::predeploy::diff::unified;
use crate::predeploy::judge::Judged;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::repair::difference::{Difference, differences, has_circle};
use crate::predeploy::repair::{Candidate, Meant, Repair, expand, text_of};
use crate::predeploy::search::Found;
use crate::predeploy::work::Work;
use crate::report::v1;
use crate::template::place::{Drafts, FileId};
use crate::template::value::Kind;

/// How many ways to write one change are tried.
const MOST_WAYS: usize = 16;

/// How many changes one fix may consist of.
const MOST_EDITS: usize = 32;

/// Files that were checked, with fixes to try.
pub(super) struct Trial<'t> {
    pub found: &'t [Found],
    pub options: &'t CheckOptions,
    /// Texts that are read instead of files: what other fixes changed already.
    pub drafts: &'t Drafts,
    pub before: &'t Judged<'t>,
}

/// A fix that was written into the files.
pub(super) struct Tried {
    /// The texts of all files that were changed, by this fix and before.
    pub drafts: Drafts,
    /// The files that this fix changes.
    pub files: Vec<PathBuf>,
    /// What it changes in them.
    pub diff: String,
    /// Why it is not verified; `None` if it is.
    pub unverified: Option<String>,
}

impl Trial<'_> {
    /// Writes a fix of a finding, and checks the files again.
    ///
    /// # Errors
    /// Why the fix cannot be written.
    pub(super) fn fix(&self, finding: &v1::Finding, patch: &Patch) -> Result<Tried, String> {
        let (drafts, work) = self.write(finding, patch)?;
        let files: Vec<PathBuf> = drafts
            .iter()
            .filter(|(path, text)| self.drafts.get(*path) != Some(*text))
            .map(|(path, _)| path.clone())
            .collect();
        let diff = files.iter().filter_map(|path| self.diff(path, drafts.get(path)?)).collect();
        let after = Judged::of(work, self.options);
        let unverified = why_not(finding, &self.before.report, &after.report);
        Ok(Tried { drafts, files, diff, unverified })
    }

    /// Makes the changes of a fix one after the other.
    fn write(&self, finding: &v1::Finding, patch: &Patch) -> Result<(Drafts, Work<'_>), String> {
        let mut open: VecDeque<Edit> = expand(patch, &mut self.before.symbols(self.options)).into();
        let mut state: Option<(Drafts, Work<'_>)> = None;
        let alike = self.alike(finding);
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
        state.ok_or_else(|| "the files say it already".to_owned())
    }

    /// Makes one change in one way. It has to do what it is meant to do, and nothing else.
    fn try_way<'w>(
        &'w self,
        way: &Candidate,
        edit: &Edit,
        (drafts, work): (&Drafts, &Work<'_>),
        alike: &BTreeSet<(ResourceId, String)>,
    ) -> Result<(Drafts, Work<'w>), String> {
        let path = self.editable(work, way.file, drafts)?;
        let text = work.files.get(way.file).and_then(|file| way.change.apply(&file.text));
        let text = text.ok_or("the file cannot be changed there")?;
        let mut drafts = drafts.clone();
        drafts.insert(path, text.into());
        let after = Work::of(self.found, self.options, &drafts);
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

    /// Whether a change did what it is meant to do.
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
        let mut symbols = self.before.symbols(self.options);
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

    /// What fixes of the same kind of finding change: the resource, and the pointer in lower case.
    fn alike(&self, finding: &v1::Finding) -> BTreeSet<(ResourceId, String)> {
        let Judged { report, patches, .. } = self.before;
        let same = report.findings.iter().zip(patches).filter(|(other, _)| other.code == finding.code);
        let edits = same.flat_map(|(_, fixes)| fixes).flatten().flat_map(|patch| &patch.edits);
        edits.filter_map(place).collect()
    }

    fn repair<'w>(&'w self, work: &'w Work<'_>) -> Result<Repair<'w>, String> {
        let words = self.before.estate.world.deployed().ok_or("there are no files")?;
        let symbols = self.before.symbols(self.options);
        let vaults = self.before.estate.cloud.key_vault_suffix.as_str();
        Ok(Repair::new((&work.evaluated, &work.files, &work.plans), (words, vaults), symbols))
    }

    /// The real path of a file, if it may be changed.
    fn editable(&self, work: &Work<'_>, file: FileId, drafts: &Drafts) -> Result<PathBuf, String> {
        let named = work.files.get(file).ok_or("it stands in no file")?;
        let shown = named.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = work.real_path(file).ok_or_else(|| format!("`{shown}` is not part of the project"))?;
        if !self.found.iter().any(|one| path.starts_with(&one.root)) {
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
        let base = self.options.base.as_ref().and_then(|base| base.canonicalize().ok());
        let roots = base.iter().chain(self.found.iter().map(|one| &one.root));
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

/// Why a fix of a finding is not verified by the report after it.
fn why_not(finding: &v1::Finding, before: &v1::Report, after: &v1::Report) -> Option<String> {
    let same = |other: &&v1::Finding| other.code == finding.code && other.subject == finding.subject;
    let affects = |other: &v1::Finding| {
        finding.affects.is_empty() || other.affects.iter().any(|path| finding.affects.contains(path))
    };
    if after.findings.iter().filter(same).any(affects) {
        return Some("the fix would not resolve the finding".to_owned());
    }
    let is_new =
        |new: &&v1::Finding| !before.findings.iter().any(|old| old.code == new.code && old.subject == new.subject);
    if let Some(new) = after.findings.iter().filter(|new| new.severity >= finding.severity).find(is_new) {
        return Some(format!("the fix would cause `{}`", new.code));
    }
    for path in &before.paths {
        let asked = finding.affects.contains(&path.id);
        let Some(now) = after.paths.iter().find(|other| other.id == path.id) else {
            if !asked {
                return Some(format!("path `{}` would not exist any more", path.id));
            }
            continue;
        };
        let is_worse = rank(now.verdict) > rank(path.verdict);
        if is_worse {
            return Some(format!("the fix would break path `{}`", path.id));
        }
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
