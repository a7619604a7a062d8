//! Fixes of Terraform source that lies beside its plan. Only Terraform can evaluate it, so they are not verified here.

use std::path::{Path, PathBuf};

use crate::finding::Patch;
use crate::predeploy::diff::unified;
use crate::predeploy::judge::Judged;
use crate::predeploy::repair::declared;
use crate::predeploy::search::Found;
use crate::predeploy::sources::Sources;
use crate::source::terraform::edit::merge;

/// How many files of a folder are read.
const MOST_FILES: usize = 200;

/// The change of the source that snippets state, one after the other, as a diff. Each snippet comes with what its fix
/// changes.
///
/// # Errors
/// Why there is none.
pub(super) fn change(
    sources: &Sources<'_>,
    judged: &Judged<'_>,
    steps: &[(&Patch, Option<&str>)],
) -> Result<String, String> {
    let folder = folder(&sources.found).ok_or("the plan comes from Terraform source, which is not beside it")?;
    let files = files(&folder);
    if files.is_empty() {
        return Err("the plan comes from Terraform source, and no `.tf` file is beside it".to_owned());
    }
    let mut texts = files.clone();
    for (patch, snippet) in steps {
        edit(sources, judged, (patch, *snippet), &mut texts)?;
    }
    let base = sources.options.base.as_ref().and_then(|base| base.canonicalize().ok());
    let shown = |path: &Path| {
        let base = base.as_deref().unwrap_or(&folder);
        path.strip_prefix(base).or_else(|_| path.strip_prefix(&folder)).unwrap_or(path).to_path_buf()
    };
    let changed = files.iter().zip(&texts).filter(|((_, before), (_, after))| before != after);
    let diff: String = changed.map(|((path, before), (_, after))| unified(&shown(path), before, after)).collect();
    match diff.is_empty() {
        true => Err("the source says it already: make the plan again".to_owned()),
        false => Ok(diff),
    }
}

/// Makes the change that one snippet states.
fn edit(
    sources: &Sources<'_>,
    judged: &Judged<'_>,
    (patch, snippet): (&Patch, Option<&str>),
    texts: &mut [(PathBuf, String)],
) -> Result<(), String> {
    let snippet = snippet.ok_or("the plan comes from Terraform source, where no argument says it")?;
    let words = judged.estate.world.deployed();
    if words.is_some_and(|words| words.stands_in(snippet)) {
        return Err("it refers to what does not exist yet: write the reference in the `.tf` file".to_owned());
    }
    let addresses = declared(&judged.work.evaluated, patch, &mut judged.symbols(sources));
    for (kind, text) in sections(snippet)? {
        let address = addresses.iter().find(|address| {
            address.trim_start_matches("module.").rsplit('.').nth(1) == Some(kind)
                || address.starts_with(&format!("{kind}."))
        });
        let address = address.ok_or_else(|| format!("`{kind}` is not what the plan changes"))?;
        if address.starts_with("module.") || address.contains('[') {
            return Err(format!("`{address}` shares its source with others"));
        }
        let name = address.rsplit('.').next().unwrap_or_default();
        let merged = texts.iter_mut().find_map(|(_, source)| Some((merge(source, kind, name, text)?, source)));
        match merged {
            Some((merged, source)) => *source = merged,
            None => return Err(format!("`{address}` is not written out beside the plan")),
        }
    }
    Ok(())
}

/// The Terraform files beside a plan, with their texts.
pub(super) fn beside(found: &[Found]) -> Vec<(PathBuf, String)> {
    folder(found).map(|folder| files(&folder)).unwrap_or_default()
}

/// A file as a report names it: from the folder of its plan.
pub(super) fn shown(found: &[Found], path: &Path) -> String {
    let root = found.iter().find(|one| path.starts_with(&one.root)).map(|one| one.root.as_path());
    root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path).display().to_string()
}

/// The folder of the plan.
fn folder(found: &[Found]) -> Option<PathBuf> {
    let plan = found.iter().find(|one| one.kind.is_terraform())?;
    plan.root.join(&plan.path).parent().map(Path::to_path_buf)
}

/// The Terraform files of a folder, in the order of their names.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_source(path)).collect();
    paths.sort();
    paths.truncate(MOST_FILES);
    paths.into_iter().filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text))).collect()
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tf")
        && path.symlink_metadata().is_ok_and(|about| about.is_file())
}

/// The parts of a snippet, each with the type of the resource that it belongs to.
fn sections(snippet: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut all = Vec::new();
    for part in snippet.split("# in ").skip(1) {
        let (kind, text) = part.split_once('\n').unwrap_or((part, ""));
        all.push((kind.trim(), text));
    }
    let is_whole = !snippet.starts_with("# in ") || all.iter().any(|(_, text)| text.contains("resource \""));
    let by_version = snippet.contains("# up to provider");
    match is_whole || by_version {
        true => Err("it is a resource of its own, or depends on the provider's version: see the snippet".to_owned()),
        false => Ok(all),
    }
}
