//! `check --fix`: writes the safe fixes into the files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use apim_doctor_core::{CheckOptions, fix};

use crate::args::Check;
use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Applies the safe fixes, and says what it changed.
pub(super) fn apply(args: &Check, options: &CheckOptions) -> Result<(), Failure> {
    let named = args.paths.iter().map(PathBuf::as_path).chain(args.parameters.iter().map(Path::new));
    let given: Vec<PathBuf> = named.filter_map(|path| path.canonicalize().ok()).collect();
    let may_change = |path: &Path| {
        let shown = path.file_name().unwrap_or_default().to_string_lossy();
        if !given.iter().any(|given| path.starts_with(given)) {
            return Err(format!("`{shown}` is outside the given paths"));
        }
        match args.allow_dirty {
            true => Ok(()),
            false => is_committed(path),
        }
    };
    let fixed = fix(&args.paths, options, &may_change);
    for file in &fixed.files {
        files::replace(&file.path, &file.before, &file.text)
            .map_err(|source| Failure::Output { path: file.path.clone(), source })?;
    }
    for applied in &fixed.applied {
        let names = applied.files.iter().map(|path| format!("`{}`", shown(path, options)));
        say(&format!("fixed {}: {} [{}]", names.collect::<Vec<_>>().join(", "), applied.title, applied.code));
    }
    for left in &fixed.left {
        say(&format!("not fixed: {}: {}", left.title, left.why));
    }
    if fixed.applied.is_empty() && fixed.left.is_empty() {
        say("nothing to fix: no finding has a safe fix that can be written into the files");
    }
    Ok(())
}

/// A path as a person would type it.
fn shown(path: &Path, options: &CheckOptions) -> String {
    let base = options.base.as_ref().and_then(|base| base.canonicalize().ok());
    base.and_then(|base| path.strip_prefix(base).ok()).unwrap_or(path).display().to_string()
}

/// Whether git can bring a file back as it is now. Outside of a repository, nothing is asked.
fn is_committed(path: &Path) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(folder) = path.parent().filter(|folder| folder.ancestors().any(|above| above.join(".git").exists()))
    else {
        return Ok(());
    };
    // A repository may name a program that is to be run on each status.
    let answer = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "--no-optional-locks",
            "-c",
            "core.fsmonitor=false",
            "status",
            "--porcelain",
            "--untracked-files=all",
            "--",
        ])
        .arg(path)
        .stdin(Stdio::null())
        .output();
    match answer {
        Ok(answer) if answer.status.success() && answer.stdout.is_empty() => Ok(()),
        Ok(answer) if answer.status.success() => {
            Err(format!("`{name}` has uncommitted changes: commit them, or use --allow-dirty"))
        }
        _ => Err(format!("git could not tell whether `{name}` has uncommitted changes: use --allow-dirty")),
    }
}
