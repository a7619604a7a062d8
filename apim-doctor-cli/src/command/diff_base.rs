//! `check --diff-base`: the files as they were at a revision of git, so that only what a change makes worse counts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use apim_doctor_core::v1::Report;
use apim_doctor_core::{Baseline, CheckOptions, check};

use crate::failure::Failure;
use crate::files::TemporaryFolder;
use crate::output::say;

/// How many lines of git's messages are repeated.
const LINES: usize = 5;

/// A setting with which git runs no hook.
const NO_HOOKS: &str = if cfg!(windows) { "core.hooksPath=NUL" } else { "core.hooksPath=/dev/null" };

/// The files as they were where a change began, checked.
pub(super) struct Before {
    /// The report.
    pub report: Report,
    /// What does not count because it was there before.
    pub known: Option<Baseline>,
}

/// Checks the files as they were where the change began.
pub(super) fn before(revision: &str, paths: &[PathBuf], options: &CheckOptions) -> Result<Before, Failure> {
    let current = std::env::current_dir().map_err(|source| Failure::Output { path: PathBuf::from("."), source })?;
    let current = current.canonicalize().unwrap_or(current);
    let root = PathBuf::from(text(&current, &["rev-parse", "--show-toplevel"], revision)?);
    let root = root.canonicalize().unwrap_or(root);
    let commit = format!("{revision}^{{commit}}");
    let tip = text(&current, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit], revision)?;
    let head = text(&current, &["rev-parse", "--verify", "--quiet", "HEAD"], revision)?;
    // A branch is compared with where it began. Without a common commit, as in a shallow clone, with the revision itself.
    let base = text(&current, &["merge-base", "HEAD", &tip], revision).unwrap_or_else(|_| tip.clone());
    if base == head && tip != head {
        say(&format!("`{revision}` contains this commit already: only uncommitted changes are compared"));
    }
    let folder = checkout(&root, &base, revision)?;
    let renames = renames(&root, &base, revision)?;
    let below = |path: &Path| {
        let whole = current.join(path);
        let whole = whole.canonicalize().unwrap_or(whole);
        whole.strip_prefix(&root).ok().map(Path::to_path_buf)
    };
    // Where a path was: under the same name, or under those that its files had before they were renamed.
    let there = |path: &Path| -> Option<Vec<PathBuf>> {
        let below = below(path)?;
        let same = folder.root.join(&below);
        if same.exists() {
            return Some(vec![same]);
        }
        let old = former(&below, &renames);
        // What is still there was not renamed as a whole, and what a change adds was not there.
        let is_renamed = old.iter().all(|old| !root.join(old).exists());
        Some(old.into_iter().filter(|_| is_renamed).map(|old| folder.root.join(old)).collect())
    };
    let mut before: BTreeSet<PathBuf> = BTreeSet::new();
    for path in paths {
        before.extend(there(path).ok_or_else(|| Failure::Usage {
            message: format!("`{}` is outside of the git repository `{}`", path.display(), root.display()),
            help: "--diff-base compares files of one repository".to_owned(),
        })?);
    }
    let before: Vec<PathBuf> = before.into_iter().collect();
    let submodules = submodules(&root, &base, revision)?;
    let mut lacks: Vec<String> = submodules
        .iter()
        .filter(|module| before.iter().any(|path| folder.root.join(module).starts_with(path)))
        .map(|module| format!("submodule `{}` is not compared", module.display()))
        .collect();
    let mut options = options.clone();
    for parameter in &mut options.parameters {
        match moved(parameter, &there) {
            Ok(old) => *parameter = old,
            Err(file) => lacks.push(format!("parameter file `{file}` did not exist")),
        }
    }
    let (report, problems) = check(&before, &options);
    lacks.extend(problems.first().map(|problem| {
        let file = problem.file.replace(&format!("{}/", folder.root.display()), "");
        format!("`{file}` could not be read: {}", problem.message)
    }));
    for lack in &lacks {
        say(&format!("--diff-base: in the base, {lack}; every finding counts"));
    }
    let known = lacks.is_empty().then(|| Baseline::of(&report).before_change());
    Ok(Before { report, known })
}

/// The files of a commit. Attributes such as `export-ignore` leave none of them out.
fn checkout(root: &Path, base: &str, revision: &str) -> Result<TemporaryFolder, Failure> {
    let failed = |source| Failure::Output { path: std::env::temp_dir(), source };
    let folder = TemporaryFolder::new().map_err(failed)?;
    let index = TemporaryFolder::new().map_err(failed)?;
    let index = [("GIT_INDEX_FILE", index.root.join("index"))];
    git(root, &index, &["read-tree", base], revision)?;
    let prefix = format!("--prefix={}/", folder.root.display());
    git(root, &index, &["checkout-index", "--all", "--quiet", &prefix], revision)?;
    // As in the repository, its files may draw in each other.
    std::fs::create_dir(folder.root.join(".git")).map_err(failed)?;
    Ok(folder)
}

/// The files that were renamed since a commit, with their names then and now, as git recognizes them.
fn renames(root: &Path, base: &str, revision: &str) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let arguments = ["diff-index", "--find-renames", "--diff-filter=R", "--name-status", "-z", base, "--"];
    let output = git(root, &[], &arguments, revision)?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut names = listed.split('\0').filter(|name| !name.is_empty());
    let mut renames = Vec::new();
    while let (Some(_), Some(old), Some(new)) = (names.next(), names.next(), names.next()) {
        renames.push((PathBuf::from(old), PathBuf::from(new)));
    }
    Ok(renames)
}

/// What a file or a folder was called before it was renamed: several names if it was put together from several.
fn former(path: &Path, renames: &[(PathBuf, PathBuf)]) -> BTreeSet<PathBuf> {
    let former = renames.iter().filter_map(|(old, new)| {
        // A file in a folder may have another name, too.
        let depth = new.strip_prefix(path).ok()?.components().count();
        old.ancestors().nth(depth).map(Path::to_path_buf)
    });
    former.collect()
}

/// The folders of submodules, whose files a commit does not contain.
fn submodules(root: &Path, base: &str, revision: &str) -> Result<Vec<PathBuf>, Failure> {
    let output = git(root, &[], &["ls-tree", "-r", "-z", base], revision)?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let links = listed.split('\0').filter(|entry| entry.starts_with("160000 "));
    Ok(links.filter_map(|entry| entry.split_once('\t')).map(|(_, path)| PathBuf::from(path)).collect())
}

/// A parameter whose file is read as it was; an error names a file that did not exist.
fn moved(parameter: &str, there: &dyn Fn(&Path) -> Option<Vec<PathBuf>>) -> Result<String, String> {
    let (before, file) = match parameter.split_once('@') {
        Some((before, file)) if before.is_empty() || before.ends_with('=') => (format!("{before}@"), file),
        _ => (String::new(), parameter),
    };
    if !Path::new(file).is_file() {
        return Ok(parameter.to_owned());
    }
    match there(Path::new(file)).unwrap_or_default().into_iter().find(|old| old.is_file()) {
        Some(old) => Ok(format!("{before}{}", old.display())),
        None => Err(file.to_owned()),
    }
}

fn text(folder: &Path, arguments: &[&str], revision: &str) -> Result<String, Failure> {
    let output = git(folder, &[], arguments, revision)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches(['\r', '\n']).to_owned())
}

fn git(folder: &Path, variables: &[(&str, PathBuf)], arguments: &[&str], revision: &str) -> Result<Output, Failure> {
    let failed = |why: String| Failure::Usage {
        message: format!("`--diff-base {revision}` cannot be read: {why}"),
        help: "give a branch, a tag or a commit of the repository in this folder; in a pipeline, fetch it first (in \
               GitHub Actions: `fetch-depth: 0`)"
            .to_owned(),
    };
    // A repository may name programs that are to be run on some commands: its hooks may even be files of the branch.
    let safe = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", NO_HOOKS];
    let mut command = Command::new("git");
    command.args(safe).arg("-C").arg(folder).args(arguments).stdin(Stdio::null());
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().map_err(|error| failed(format!("git cannot be run: {error}")))?;
    match output.status.success() {
        true => Ok(output),
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES).collect();
            let said = if said.is_empty() { "git does not know this revision".to_owned() } else { said.join(" ") };
            Err(failed(said))
        }
    }
}
