//! `check --diff-base`: the files as they were at a revision of git, so that only what a change makes worse counts.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use apim_doctor_core::v1::Report;
use apim_doctor_core::{Baseline, CheckOptions, check};

use crate::failure::Failure;
use crate::files::TemporaryFolder;
use crate::output::say;

/// How many lines of git's messages are repeated.
const LINES: usize = 5;

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
    let there = |path: &Path| {
        let whole = current.join(path);
        let whole = whole.canonicalize().unwrap_or(whole);
        whole.strip_prefix(&root).ok().map(|below| folder.root.join(below))
    };
    let mut before: Vec<PathBuf> = Vec::new();
    for path in paths {
        let old = there(path).ok_or_else(|| Failure::Usage {
            message: format!("`{}` is outside of the git repository `{}`", path.display(), root.display()),
            help: "--diff-base compares files of one repository".to_owned(),
        })?;
        // What a change adds was not there.
        before.extend(Some(old).filter(|old| old.exists()));
    }
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
    Ok(folder)
}

/// The folders of submodules, whose files a commit does not contain.
fn submodules(root: &Path, base: &str, revision: &str) -> Result<Vec<PathBuf>, Failure> {
    let output = git(root, &[], &["ls-tree", "-r", "-z", base], revision)?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let links = listed.split('\0').filter(|entry| entry.starts_with("160000 "));
    Ok(links.filter_map(|entry| entry.split_once('\t')).map(|(_, path)| PathBuf::from(path)).collect())
}

/// A parameter whose file is read as it was; an error names a file that did not exist.
fn moved(parameter: &str, there: &dyn Fn(&Path) -> Option<PathBuf>) -> Result<String, String> {
    let (before, file) = match parameter.split_once('@') {
        Some((before, file)) if before.is_empty() || before.ends_with('=') => (format!("{before}@"), file),
        _ => (String::new(), parameter),
    };
    if !Path::new(file).is_file() {
        return Ok(parameter.to_owned());
    }
    match there(Path::new(file)).filter(|old| old.is_file()) {
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
    // A repository may name a program that is to be run on each command.
    let safe = ["--no-optional-locks", "-c", "core.fsmonitor=false"];
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
