//! Zips and standard input for `check`: unpacked into a folder that exists as long as they are checked.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use apim_doctor_core::InputError;
use apim_doctor_core::v1::Report;

use crate::failure::Failure;
use crate::files::TemporaryFolder;
use crate::input::{entries, is_zip, load};

/// What `-` names.
const STANDARD_INPUT: &str = "standard input";

/// How many bytes the files that are unpacked may hold together.
const UNPACKED: usize = 512 << 20;

/// Files and folders to check.
#[derive(Default)]
pub(crate) struct Projects {
    /// Their paths. A zip is the folder with its files.
    pub paths: Vec<PathBuf>,
    unpacked: Vec<Unpacked>,
}

/// A folder that stands for a zip or for standard input.
struct Unpacked {
    folder: TemporaryFolder,
    /// What it stands for.
    name: String,
    /// What its files are shown below: a zip; a file from standard input is shown by its name alone.
    shown: String,
}

/// Unpacks the zips among the paths, and reads standard input for `-`.
pub(crate) fn projects(paths: Vec<PathBuf>) -> Result<Projects, Failure> {
    let mut projects = Projects::default();
    for path in paths {
        let is_input = path == Path::new("-");
        if is_input && projects.unpacked.iter().any(|one| one.name == STANDARD_INPUT) {
            let help = "give `-` once, and the other files by their names".to_owned();
            return Err(Failure::Usage { message: "standard input was given twice".to_owned(), help });
        }
        match is_input || starts_as_zip(&path) {
            true => projects.unpack(&path)?,
            false => projects.paths.push(path),
        }
    }
    Ok(projects)
}

/// Whether a file is a zip, whatever its name is.
fn starts_as_zip(path: &Path) -> bool {
    let mut start = [0; 4];
    let mut read = || File::open(path).and_then(|mut file| file.read_exact(&mut start));
    path.is_file() && read().is_ok() && is_zip(&start)
}

/// Unpacks a zip into a folder.
fn unpack(name: &str, bytes: &[u8], folder: &TemporaryFolder) -> Result<(), Failure> {
    let files = entries(name, bytes, &is_wanted)?;
    if files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > UNPACKED {
        let message = format!("zip `{name}` holds more than 512 MiB");
        return Err(InputError::fatal(name, message, "check the folder that it was made of").into());
    }
    let written = files.iter().try_for_each(|(path, bytes)| folder.write(path, bytes));
    written.map_err(|source| Failure::Output { path: std::env::temp_dir(), source })
}

impl Projects {
    fn unpack(&mut self, path: &Path) -> Result<(), Failure> {
        let input = load(path)?;
        let failed = |source| Failure::Output { path: std::env::temp_dir(), source };
        let folder = TemporaryFolder::new().map_err(failed)?;
        if is_zip(&input.bytes) {
            unpack(&input.name, &input.bytes, &folder)?;
            self.paths.push(folder.root.clone());
        } else {
            if input.bytes.iter().all(u8::is_ascii_whitespace) {
                let help = "pipe a template, a plan, what-if output or Bicep into it";
                return Err(InputError::fatal(STANDARD_INPUT, "standard input is empty", help).into());
            }
            let name = if is_json(&input.bytes) { "stdin.json" } else { "stdin.bicep" };
            folder.write(Path::new(name), &input.bytes).map_err(failed)?;
            // The folder is the whole project: nothing around it is read.
            std::fs::create_dir(folder.root.join(".git")).map_err(failed)?;
            self.paths.push(folder.root.join(name));
        }
        let shown = if is_zip(&input.bytes) { format!("{}/", input.name) } else { String::new() };
        self.unpacked.push(Unpacked { folder, name: input.name, shown });
        Ok(())
    }

    /// Refuses an option for files that are not in a folder of the user.
    pub(crate) fn refuse(&self, option: &str, verb: &str) -> Result<(), Failure> {
        let Some(unpacked) = self.unpacked.first() else { return Ok(()) };
        let (message, help) = match unpacked.name == STANDARD_INPUT {
            true => (format!("`{option}` cannot {verb} standard input"), "save it as a file, and check that"),
            false => (
                format!("`{option}` cannot {verb} the files in zip `{}`", unpacked.name),
                "unpack it, and check the folder",
            ),
        };
        Err(Failure::Usage { message, help: help.to_owned() })
    }

    /// Names files as they were given, not as they were unpacked.
    pub(crate) fn rename(&self, report: Report, problems: &mut [InputError]) -> Report {
        let mut report = report;
        for unpacked in &self.unpacked {
            let root = format!("{}/", unpacked.folder.root.display());
            let named = |text: &str| text.replace(&root, &unpacked.shown);
            for problem in problems.iter_mut() {
                problem.file = named(&problem.file);
                problem.message = named(&problem.message);
            }
            let renamed = serde_json::to_string(&report).ok().and_then(|json| {
                let (root, shown) = (quoted(&root), quoted(&unpacked.shown));
                serde_json::from_str(&json.replace(&root, &shown)).ok()
            });
            report = renamed.unwrap_or(report);
        }
        report
    }
}

/// A text as it stands inside of a string of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().trim_matches('"').to_owned()
}

/// Whether a file of a zip may be a part of a deployment: folders of tools are not.
fn is_wanted(path: &Path) -> bool {
    path.iter().all(|part| {
        let part = part.to_string_lossy();
        !part.starts_with('.') && part != "__MACOSX"
    })
}

/// Whether a text is JSON, perhaps with comments, and not Bicep.
fn is_json(bytes: &[u8]) -> bool {
    // Windows PowerShell 5.1 writes the output of tools, which is JSON, as UTF-16.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let text = String::from_utf8_lossy(bytes);
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let after = match rest.get(..2) {
            Some("//") => rest.split_once('\n').map(|(_, after)| after),
            Some("/*") => rest.split_once("*/").map(|(_, after)| after),
            _ => return rest.starts_with(['{', '[']),
        };
        match after {
            Some(after) => rest = after.trim_start(),
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::input::project::is_json;

    #[test]
    fn json_is_told_from_bicep_by_its_first_sign() {
        let json = ["{}", " \n[1]", "// a\n/* b */ {\"a\": 1}", "\u{feff}{}"];
        assert!(json.iter().all(|text| is_json(text.as_bytes())));
        let bicep = ["param a string", "// {\nparam a string", "/* { */ resource a 'b@c' = {}", "// {", ""];
        assert!(!bicep.iter().any(|text| is_json(text.as_bytes())));
        assert!(is_json(&[0xff, 0xfe, b'{', 0]));
    }
}
