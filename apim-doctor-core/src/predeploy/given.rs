//! Values of parameters: files, and the option `--parameters` as azure-cli takes it.
//!
//! Source: <https://learn.microsoft.com/cli/azure/deployment/group#az-deployment-group-create> (read 2026-11-30).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::predeploy::disk::Disk;
use crate::predeploy::kind::text_of;
use crate::predeploy::problem::said;
use crate::predeploy::search::project;
use crate::source::{InputError, arm, bicep};
use crate::template::deployment::{Problem, Template};
use crate::template::evaluation::{self, Given, evaluate_expression};
use crate::template::place::{FileId, Files, Span};
use crate::template::{Value, json};

/// The values that are given for a template.
pub(super) struct Values<'v> {
    pub template: &'v Arc<Template>,
    pub disk: &'v Disk<'v>,
    pub templates: &'v mut arm::Project,
    pub given: &'v mut Given,
    pub problems: Vec<InputError>,
}

impl Values<'_> {
    /// Adds what `--parameters` gives: `FILE`, `@FILE`, JSON, `NAME=VALUE` or `NAME=@FILE`. The name of the parameter, if
    /// it gives one that the template has.
    pub(super) fn option(&mut self, text: &str) -> Option<String> {
        let (path, is_marked) = match text.strip_prefix('@') {
            Some(rest) => (Path::new(rest), true),
            None => (Path::new(text), false),
        };
        if path.is_file() {
            self.any_file(path);
            return None;
        }
        if is_marked {
            self.fatal(text, "the parameter file does not exist");
            return None;
        }
        if text.trim_start().starts_with('{') {
            self.inline(text);
            return None;
        }
        if ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme)) {
            self.fatal(text, "a parameter file behind a URL is not read: download it, and give the file");
            return None;
        }
        let Some((name, value)) = text.split_once('=') else {
            self.fatal(text, "this is neither a parameter file nor JSON nor `NAME=VALUE`");
            return None;
        };
        let (_, parameter) = self.template.parameters.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        let is_text = ["string", "securestring"].iter().any(|kind| parameter.kind.eq_ignore_ascii_case(kind));
        let value = match value.strip_prefix('@').filter(|file| Path::new(file).is_file()) {
            Some(file) => self.value_in(Path::new(file), is_text)?,
            None => match json::read(value, Span::NONE).filter(|_| !is_text) {
                Some(value) => value,
                None => Value::string(value, Span::NONE),
            },
        };
        self.given.insert(name.into(), value);
        Some(name.to_ascii_lowercase())
    }

    /// The value in a file: of a text, the file's text.
    fn value_in(&mut self, path: &Path, is_text: bool) -> Option<Value> {
        let text = match text_of(path) {
            Ok(text) => text,
            Err(why) => {
                self.fatal(&path.display().to_string(), &why);
                return None;
            }
        };
        let file = self.templates.files.add(path.to_path_buf(), text.as_str().into())?;
        match json::read_file(file, &text) {
            Ok(value) if !is_text || value.as_str().is_some() => Some(value),
            _ if is_text => Some(Value::string(text.as_str(), Span::new(file, 0, text.len()))),
            Ok(_) => None,
            Err((span, message)) => {
                self.said(vec![Problem { span, message }]);
                None
            }
        }
    }

    /// Values as JSON on the command line: as in a parameter file, or each by its name.
    fn inline(&mut self, text: &str) {
        if let Some(file) = self.templates.files.add(PathBuf::from("--parameters"), text.into()) {
            self.read(file, text);
        }
    }

    /// Reads the text of a parameter file.
    fn read(&mut self, file: FileId, text: &str) {
        let read = arm::read_parameters(file, text);
        self.said(read.problems);
        read.found.iter().for_each(|values| self.insert(values));
    }

    fn insert(&mut self, values: &Given) {
        for (name, value) in values.iter() {
            self.given.insert(name.clone(), value.clone());
        }
    }

    /// A parameter file, inside the project or elsewhere.
    fn any_file(&mut self, path: &Path) {
        let Ok(real) = path.canonicalize() else { return self.fatal(&path.display().to_string(), "it cannot be read") };
        if let Ok(inside) = real.strip_prefix(&self.disk.root) {
            return self.file(inside);
        }
        if is_bicep(path) {
            let disk = Disk { root: real.parent().map(project).unwrap_or_default(), ..*self.disk };
            return self.bicep(&real, &disk);
        }
        match text_of(path) {
            Ok(text) => match self.templates.files.add(path.to_path_buf(), text.as_str().into()) {
                Some(file) => self.read(file, &text),
                None => self.fatal(&path.display().to_string(), "there are too many files"),
            },
            Err(why) => self.fatal(&path.display().to_string(), &why),
        }
    }

    /// A parameter file of the project, by its path there.
    pub(super) fn file(&mut self, path: &Path) {
        if is_bicep(path) {
            return self.bicep(&self.disk.root.join(path), self.disk);
        }
        match self.templates.parameters(path) {
            Ok(values) => self.insert(&values),
            Err(why) => self.fatal(&path.display().to_string(), &why),
        }
    }

    fn bicep(&mut self, path: &Path, disk: &Disk<'_>) {
        let file = bicep::lower_parameters(path, disk, &mut self.templates.files);
        self.said(file.problems);
        let (options, none) = (evaluation::Options::default(), Given::default());
        for (name, parameter) in file.template.parameters.iter() {
            let Some(value) = parameter.default.as_ref() else { continue };
            let value = evaluate_expression(file.template.clone(), &none, &options, value).0;
            self.given.insert(name.clone(), value);
        }
    }

    fn said(&mut self, problems: Vec<Problem>) {
        let files: &Files = &self.templates.files;
        self.problems.extend(problems.into_iter().map(|problem| said(files, problem.span, problem.message)));
    }

    fn fatal(&mut self, file: &str, why: &str) {
        self.problems.push(InputError::fatal(file, why, ""));
    }
}

fn is_bicep(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("bicepparam"))
}
