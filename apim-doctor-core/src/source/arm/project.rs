//! The files of a project: read once, and only inside its folder.

use std::collections::{BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::source::arm;
use crate::template::deployment::{Problem, Template};
use crate::template::evaluation::{Given, Loader};
use crate::template::place::{Drafts, FileId, Files};

/// How large a file may be.
const LARGEST: u64 = 32 << 20;

/// The files of a project.
#[derive(Debug, Default)]
pub(crate) struct Project {
    /// Nothing outside this folder is read.
    root: PathBuf,
    /// Texts that are read instead of files.
    drafts: Drafts,
    /// The files that were read, by their real paths.
    pub read: HashMap<PathBuf, FileId>,
    /// The real paths of the files that this project asked for.
    pub asked: BTreeSet<PathBuf>,
    /// The files that were read.
    pub files: Files,
    /// What is wrong in them.
    pub problems: Vec<Problem>,
    templates: HashMap<PathBuf, Result<Arc<Template>, String>>,
}

impl Project {
    /// A project in a folder.
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let root = root.canonicalize().unwrap_or(root);
        Self { root, ..Self::default() }
    }

    /// The same project with texts that are read instead of files.
    pub(crate) fn with_drafts(mut self, drafts: &Drafts) -> Self {
        self.drafts.clone_from(drafts);
        self
    }

    /// The text of a file, and its id.
    ///
    /// # Errors
    /// Why it was not read.
    pub(crate) fn text(&mut self, path: &Path) -> Result<(FileId, Arc<str>), String> {
        let path = self.root.join(path);
        let real = path.canonicalize().map_err(|error| reason(&error))?;
        if !real.starts_with(&self.root) {
            return Err("it is outside the project".to_owned());
        }
        self.asked.insert(real.clone());
        if let Some((id, file)) = self.read.get(&real).and_then(|id| Some((*id, self.files.get(*id)?))) {
            return Ok((id, file.text.clone()));
        }
        let text = match self.drafts.get(&real) {
            Some(draft) => draft.clone(),
            None => on_disk(&real)?,
        };
        let shown = real.strip_prefix(&self.root).unwrap_or(&real);
        // Projects that are checked together may have files of one name.
        let is_taken = self.files.all().any(|file| file.path == shown);
        let shown = if is_taken { real.clone() } else { shown.to_path_buf() };
        let id = self.files.add(shown, text.clone()).ok_or("there are too many files")?;
        self.read.insert(real, id);
        Ok((id, text))
    }

    /// A template.
    ///
    /// # Errors
    /// Why it was not read.
    pub(crate) fn template(&mut self, path: &Path) -> Result<Arc<Template>, String> {
        if let Some(found) = self.templates.get(path) {
            return found.clone();
        }
        let found = self.text(path).and_then(|(file, text)| {
            let read = arm::read_template(file, &text);
            self.problems.extend(read.problems);
            read.found.ok_or_else(|| "the file is not a template".to_owned())
        });
        self.templates.insert(path.to_path_buf(), found.clone());
        found
    }

    /// The values in a parameter file.
    ///
    /// # Errors
    /// Why it was not read.
    pub(crate) fn parameters(&mut self, path: &Path) -> Result<Given, String> {
        let (file, text) = self.text(path)?;
        let read = arm::read_parameters(file, &text);
        self.problems.extend(read.problems);
        read.found.ok_or_else(|| "the file is not a parameter file".to_owned())
    }
}

/// The text of a file on disk.
fn on_disk(path: &Path) -> Result<Arc<str>, String> {
    let size = path.metadata().map_err(|error| reason(&error))?.len();
    if size > LARGEST {
        return Err("it is too large".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| reason(&error))?;
    Ok(decode(bytes).ok_or("the file is neither UTF-8 nor UTF-16")?.into())
}

/// The text of a file: UTF-8, or UTF-16 with its mark, as Windows PowerShell writes files.
pub(crate) fn decode(bytes: Vec<u8>) -> Option<String> {
    let wide = |pair: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).skip(1).filter_map(|two| two.try_into().ok()).map(pair);
        String::from_utf16(&units.collect::<Vec<u16>>()).ok()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// The same; of another encoding, what is ASCII.
pub(crate) fn decode_or_guess(bytes: &[u8]) -> String {
    decode(bytes.to_vec()).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
}

/// Why a file was not read.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "the file does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => "it could not be read".to_owned(),
    }
}

impl Loader for Project {
    fn load(&mut self, path: &str, from: FileId) -> Result<Arc<Template>, String> {
        let folder = self.files.get(from).and_then(|file| file.path.parent()).unwrap_or(Path::new("")).to_path_buf();
        let relative = path.trim_start_matches('/').replace('\\', "/");
        let mut whole = PathBuf::new();
        for part in folder.join(relative).components() {
            match part {
                Component::ParentDir => {
                    if !whole.pop() {
                        return Err("it is outside the project".to_owned());
                    }
                }
                Component::Normal(name) => whole.push(name),
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => return Err("it is outside the project".to_owned()),
            }
        }
        self.template(&whole)
    }
}
