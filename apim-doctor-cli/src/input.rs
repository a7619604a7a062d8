//! Files that were named on the command line, a folder, a zip or a pattern among them, made into an estate.

mod project;

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use apim_doctor_core::{Estate, Input, InputError, ReadOptions, ResourceId};

use crate::failure::Failure;
use crate::render::failure;

pub(crate) use project::projects;

/// How many files a folder or a zip may hold.
const FILES: usize = 10_000;

/// How deep folders may be nested.
const DEPTH: usize = 16;

/// How many bytes the files of a zip may hold together.
const UNPACKED: u64 = 4 << 30;

/// What is read in a folder or a zip. Everything else in it is left alone.
const ENDINGS: &[&str] = &["json", "jsonc", "yaml", "yml", "zip"];

/// What one argument names.
#[derive(Debug)]
pub(crate) enum Given {
    /// A resource in Azure.
    Resource(ResourceId),
    /// A file, a folder or standard input.
    File(PathBuf),
}

impl Given {
    /// Tells files from resource ids: a path that exists is a file.
    pub(crate) fn of(text: &str) -> Result<Self, Failure> {
        let path = Path::new(text);
        if text == "-" || path.exists() {
            return Ok(Self::File(path.to_owned()));
        }
        if is_id(text) {
            return Ok(Self::Resource(ResourceId::new(text)));
        }
        if is_pattern(text) {
            return Ok(Self::File(path.to_owned()));
        }
        let is_path = path.extension().is_some() || text.contains(['/', '\\']);
        Err(match is_path {
            true => Failure::Usage {
                message: format!("file `{text}` does not exist"),
                help: "check the path; a resource id starts with `/subscriptions/`".to_owned(),
            },
            false => Failure::Usage {
                message: format!("`{text}` is neither a file nor a resource id"),
                help: format!(
                    "an instance of that name: -g RG -n {text}; a resource id starts with `/subscriptions/`; a file needs \
                     its path"
                ),
            },
        })
    }
}

fn is_id(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.starts_with("/subscriptions/") || text.starts_with("/providers/")
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The inputs, and whether all of them could be read.
pub(crate) struct Reading {
    /// The estate.
    pub estate: Estate,
    /// Whether some input was wrong; each problem was already printed.
    pub flawed: bool,
}

/// The files that names stand for: those in folders, and those that fit a pattern, in the order of their names.
pub(crate) fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        let text = path.display().to_string();
        let before = files.len();
        if path.is_dir() {
            folder(path, DEPTH, &mut files);
        } else if path.exists() || path == Path::new("-") {
            files.push(path.clone());
        } else if is_id(&text) {
            return Err(Failure::Usage {
                message: format!("`{text}` is a resource id, and `--snapshot` takes a file"),
                help: "give the id without `--snapshot`, or name the file that holds the resource".to_owned(),
            });
        } else if is_pattern(&text) {
            let found = glob::glob(&text).map_err(|error| Failure::Usage {
                message: format!("`{text}` is not a pattern: {}", error.msg),
                help: "a pattern is a path with `*`, `?` or `[…]` in it".to_owned(),
            })?;
            for path in found.filter_map(Result::ok).take(FILES) {
                match path.is_dir() {
                    true => folder(&path, DEPTH, &mut files),
                    false => files.push(path),
                }
            }
        } else {
            // It is reported with the others that cannot be read.
            files.push(path.clone());
        }
        if files.len() == before {
            let (what, help) = match path.is_dir() {
                true => ("holds no file that can be read", format!("files in it must end in {}", ENDINGS.join(", "))),
                false => ("fits no file", "check the pattern, and the folder it starts from".to_owned()),
            };
            return Err(Failure::Usage { message: format!("`{text}` {what}"), help });
        }
    }
    Ok(files)
}

fn folder(path: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(path) else {
        files.push(path.to_owned());
        return;
    };
    let mut entries: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    entries.sort();
    for entry in entries {
        let is_hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden || files.len() >= FILES {
            continue;
        }
        match entry.is_dir() {
            true if depth > 0 && !entry.is_symlink() => folder(&entry, depth - 1, files),
            true => {}
            false => files.extend(Some(entry).filter(|entry| is_read(entry))),
        }
    }
}

fn is_read(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Reads files into one estate. A bad one is reported and the rest is still read; it is a failure where nothing is
/// left.
///
/// `owners`: the resources that outputs without an id belong to.
pub(crate) fn read(files: &[PathBuf], owners: Vec<ResourceId>) -> Result<Reading, Failure> {
    read_with(files, &[], owners)
}

/// The same with scripts that send requests for backups.
pub(crate) fn read_with(files: &[PathBuf], scripts: &[PathBuf], owners: Vec<ResourceId>) -> Result<Reading, Failure> {
    let (mut inputs, mut flawed) = self::scripts(scripts);
    for file in files {
        match load(file).and_then(unpacked) {
            Ok(read) => inputs.extend(read),
            Err(error) => {
                failure::show(&error);
                flawed = true;
            }
        }
    }
    let mut usable = inputs.len();
    let (estate, problems) = Estate::read_with(inputs, &ReadOptions::default().with_owners(owners));
    for problem in &problems {
        failure::show(problem);
        flawed = true;
        usable -= usize::from(problem.fatal);
    }
    if usable == 0 {
        let help = "give a recording (`snapshot/v1`) or a file of Azure resources".to_owned();
        return Err(Failure::Usage { message: "none of the inputs could be used".to_owned(), help });
    }
    Ok(Reading { estate, flawed })
}

/// Adds the requests of scripts to the collected data.
pub(crate) fn add_scripts(reading: Reading, (inputs, unread): (Vec<Input>, bool)) -> Reading {
    let Reading { mut estate, flawed } = reading;
    let problems = estate.add_scripts(inputs);
    problems.iter().for_each(failure::show);
    Reading { estate, flawed: flawed || unread || !problems.is_empty() }
}

/// The contents of scripts, and whether one of them cannot be read.
pub(crate) fn scripts(files: &[PathBuf]) -> (Vec<Input>, bool) {
    let (mut inputs, mut flawed) = (Vec::new(), false);
    for file in files {
        match load(file) {
            Ok(Input { name, bytes, .. }) => inputs.push(Input::script(name, bytes)),
            Err(error) => {
                failure::show(&error);
                flawed = true;
            }
        }
    }
    (inputs, flawed)
}

/// Reads a file, or standard input (`-`).
pub(crate) fn load(file: &Path) -> Result<Input, InputError> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| {
            unreadable(&name, format!("standard input cannot be read: {error}"), "pipe a recording into it")
        })?;
        return Ok(Input::new(name, bytes));
    }
    if file.is_dir() {
        let help = "check its permissions, or give a file";
        return Err(unreadable(&name, format!("folder `{name}` cannot be read as a file"), help));
    }
    match std::fs::read(file) {
        Ok(bytes) => Ok(Input::new(name, bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(unreadable(&name, format!("file `{name}` does not exist"), "check the path"))
        }
        Err(error) => Err(unreadable(&name, format!("`{name}` cannot be read: {error}"), "check its permissions")),
    }
}

/// What is wrong with a file that should be JSON of a kind, and where.
pub(crate) fn malformed(input: &Input, error: &serde_json::Error, help: &'static str) -> InputError {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    InputError::fatal(input.name.clone(), what, help).at(error.line(), error.column().max(1))
}

/// The files in a zip; any other file is itself.
fn unpacked(input: Input) -> Result<Vec<Input>, InputError> {
    if !is_zip(&input.bytes) {
        return Ok(vec![input]);
    }
    let is_wanted = |path: &Path| {
        let is_hidden = path.iter().any(|part| part.to_string_lossy().starts_with(['.', '_']));
        !is_hidden && is_read(path) && path.extension().is_some_and(|ending| ending != "zip")
    };
    let entries = entries(&input.name, &input.bytes, &is_wanted)?;
    let inputs: Vec<Input> = entries
        .into_iter()
        .map(|(path, bytes)| Input::new(format!("{}/{}", input.name, path.display()), bytes))
        .collect();
    match inputs.is_empty() {
        true => Err(broken_zip(&input.name, &format!("no file in it ends in {}", ENDINGS.join(", ")))),
        false => Ok(inputs),
    }
}

/// Whether some bytes are a zip.
fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The wanted files in a zip, with their paths in it. Paths that lead out of the zip, and links, are left out.
fn entries(name: &str, bytes: &[u8], is_wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<(PathBuf, Vec<u8>)>, InputError> {
    let failed = |why: String| broken_zip(name, &why);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| failed(error.to_string()))?;
    let (mut found, mut left) = (Vec::new(), UNPACKED);
    for at in 0..archive.len().min(FILES) {
        let mut entry = archive.by_index(at).map_err(|error| failed(error.to_string()))?;
        let path = entry.enclosed_name().filter(|path| is_wanted(path));
        let Some(path) = path.filter(|_| !entry.is_dir() && !entry.is_symlink()) else { continue };
        let mut bytes = Vec::new();
        let read = entry.by_ref().take(left + 1).read_to_end(&mut bytes);
        let read = read.map_err(|error| failed(error.to_string()))? as u64;
        left = left.checked_sub(read).ok_or_else(|| failed("its files hold more than 4 GiB".to_owned()))?;
        found.push((path, bytes));
    }
    Ok(found)
}

fn broken_zip(name: &str, why: &str) -> InputError {
    unreadable(name, format!("zip `{name}` cannot be unpacked: {why}"), "give the files in it")
}

fn unreadable(name: &str, message: String, help: &str) -> InputError {
    InputError::fatal(name, message, help)
}
