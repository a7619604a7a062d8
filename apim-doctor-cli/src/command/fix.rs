//! `check --fix`: writes the safe fixes into the files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use apim_doctor_core::{CheckOptions, fix};

use crate::failure::Failure;
use crate::files;
use crate::output::say;

/// Applies the safe fixes, and says what it changed.
pub(super) fn apply(paths: &[PathBuf], allow_dirty: bool, options: &CheckOptions) -> Result<(), Failure> {
    let file = |text: &'_ String| PathBuf::from(text.trim_start_matches('@'));
    let named = paths.iter().cloned().chain(options.parameters.iter().map(file));
    let given: Vec<PathBuf> = named.filter_map(|path| path.canonicalize().ok()).collect();
    let may_change = |path: &Path| {
        let shown = path.file_name().unwrap_or_default().to_string_lossy();
        if !given.iter().any(|given| path.starts_with(given)) {
            return Err(format!("`{shown}` is outside the given paths"));
        }
        match allow_dirty {
            true => Ok(()),
            false => is_committed(path),
        }
    };
    let fixed = fix(paths, options, &may_change);
    let texts = fixed.files.iter().map(|file| (file.path.as_path(), &*file.before, &*file.text));
    write(&texts.collect::<Vec<_>>())?;
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

/// Writes all files, each with its text before and after, or none: what was written before a file that cannot be written
/// is written back.
fn write(files: &[(&Path, &str, &str)]) -> Result<(), Failure> {
    for (number, (path, before, after)) in files.iter().enumerate() {
        let Err(source) = files::replace(path, before, after) else { continue };
        for (path, before, after) in files.iter().take(number) {
            if let Err(error) = files::replace(path, after, before) {
                say(&format!("`{}` keeps its fixes, because it cannot be written back: {error}", path.display()));
            }
        }
        return Err(Failure::Output { path: path.to_path_buf(), source });
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::path::{Path, PathBuf};

    use crate::command::fix::write;

    #[test]
    fn either_all_files_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b", "c"].map(|name| folder.path().join(name));
        paths.iter().for_each(|path| std::fs::write(path, "before").unwrap());
        let all = |path: &'_ PathBuf| std::fs::read_to_string(path).unwrap();
        let files: Vec<(&Path, &str, &str)> = paths.iter().map(|path| (path.as_path(), "before", "after")).collect();
        // Somebody changes the last file in the meantime.
        std::fs::write(folder.path().join("c"), "changed").unwrap();
        assert!(write(&files).is_err());
        assert_eq!(paths.iter().map(all).collect::<Vec<_>>(), ["before", "before", "changed"]);
        std::fs::write(folder.path().join("c"), "before").unwrap();
        assert!(write(&files).is_ok());
        assert_eq!(paths.iter().map(all).collect::<Vec<_>>(), ["after", "after", "after"]);
    }
}
