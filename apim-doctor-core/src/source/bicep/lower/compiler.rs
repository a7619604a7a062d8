//! What is shared while files are lowered: the files that were read, the templates that are ready, the problems.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::arm;
use crate::source::bicep::parse::parse;
use crate::source::bicep::project::{Project, inside};
use crate::source::bicep::unit::Unit;
use crate::template::deployment::{Problem, Template};
use crate::template::place::{Files, Span};
use crate::template::value::Value;

/// The largest file that is read.
const LARGEST: usize = 16 << 20;

/// The largest sum of all files.
const LARGEST_SUM: usize = 256 << 20;

/// How many Bicep files are parsed, and how many bytes of them. A link to a folder above makes files without end, and a parsed
/// file takes much more memory than its text.
const MOST_PARSED: usize = 2_000;
const LARGEST_PARSED: usize = 32 << 20;

/// How deep modules may draw in modules.
const DEEPEST: usize = 40;

/// Lowers files. Each file is read once.
pub(crate) struct Compiler<'p> {
    pub(crate) project: &'p dyn Project,
    pub(crate) files: &'p mut Files,
    pub(crate) problems: Vec<Problem>,
    /// Where files have errors of syntax: what seems to be missing may stand there.
    pub(crate) broken: Vec<Span>,
    units: HashMap<PathBuf, Result<Arc<Unit>, Arc<str>>>,
    pub(crate) templates: HashMap<PathBuf, Result<Arc<Template>, Arc<str>>>,
    /// The files of the project that are used as modules.
    pub(crate) modules: HashSet<PathBuf>,
    /// Values of loaded files, by path and by what was asked of them.
    pub(crate) loaded: HashMap<(PathBuf, String), Value>,
    /// The files that are being lowered, the outermost first.
    pub(crate) under_way: Vec<PathBuf>,
    read: usize,
    /// How many bytes of Bicep were parsed.
    parsed: usize,
    /// What can still be done before the rest is left out: see [`Compiler::spend`].
    fuel: usize,
}

impl<'p> Compiler<'p> {
    pub(crate) fn new(project: &'p dyn Project, files: &'p mut Files) -> Self {
        Self {
            project,
            files,
            problems: Vec::new(),
            broken: Vec::new(),
            units: HashMap::new(),
            templates: HashMap::new(),
            modules: HashSet::new(),
            loaded: HashMap::new(),
            under_way: Vec::new(),
            read: 0,
            parsed: 0,
            fuel: 4_000_000,
        }
    }

    pub(crate) fn problem(&mut self, span: Span, message: impl Into<String>) {
        let problem = Problem { span, message: message.into() };
        if self.problems.len() < 1000 && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Uses up one step. False: the files say more than anyone writes, and the rest is left out.
    pub(crate) fn spend(&mut self) -> bool {
        self.fuel = self.fuel.saturating_sub(1);
        self.fuel > 0
    }

    /// Returns the path of a file that is named in another one.
    ///
    /// # Errors
    /// The path leaves the project.
    pub(crate) fn locate(&self, folder: &Path, wanted: &str) -> Result<PathBuf, Arc<str>> {
        inside(self.project.root(), folder, wanted).ok_or_else(|| format!("`{wanted}` is outside the project").into())
    }

    /// Returns the content of a file.
    pub(crate) fn bytes(&mut self, path: &Path) -> Result<Vec<u8>, Arc<str>> {
        let failed = |why: &str| Arc::from(format!("`{}`: {why}", path.display()));
        let bytes = self.project.read(path).map_err(|why| failed(&why))?;
        self.read = self.read.saturating_add(bytes.len());
        if bytes.len() > LARGEST || self.read > LARGEST_SUM {
            return Err(failed("too large"));
        }
        Ok(bytes)
    }

    /// Returns a Bicep file.
    pub(crate) fn unit(&mut self, path: &Path) -> Result<Arc<Unit>, Arc<str>> {
        if let Some(known) = self.units.get(path) {
            return known.clone();
        }
        let read = self.read_unit(path);
        self.units.insert(path.to_owned(), read.clone());
        read
    }

    fn read_unit(&mut self, path: &Path) -> Result<Arc<Unit>, Arc<str>> {
        let bytes = self.bytes(path)?;
        self.parsed = self.parsed.saturating_add(bytes.len());
        if self.units.len() >= MOST_PARSED || self.parsed > LARGEST_PARSED {
            return Err(format!("`{}`: too many Bicep files; the rest is left out", path.display()).into());
        }
        let text: Arc<str> = arm::decode_or_guess(&bytes).into();
        let program = parse(&text);
        let Some(file) = self.files.add(path.to_owned(), text) else {
            return Err(format!("`{}`: too many files", path.display()).into());
        };
        let unit = Unit::new(path.to_owned(), file, program);
        self.broken.extend(unit.program.problems.first().map(|problem| unit.place(problem.span)));
        for problem in &unit.program.problems {
            self.problem(unit.place(problem.span), problem.message.clone());
        }
        Ok(Arc::new(unit))
    }

    /// Begins with a file; ends with [`Compiler::leave`].
    ///
    /// # Errors
    /// The file is already under way: it uses itself.
    pub(crate) fn enter(&mut self, path: &Path) -> Result<(), Arc<str>> {
        if self.under_way.iter().any(|other| other == path) {
            return Err(format!("`{}` uses itself", path.display()).into());
        }
        if self.under_way.len() >= DEEPEST {
            return Err(format!("`{}`: modules are nested more than {DEEPEST} levels deep", path.display()).into());
        }
        self.under_way.push(path.to_owned());
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.under_way.pop();
    }
}
