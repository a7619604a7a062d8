//! The files of deployments, evaluated.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::knowledge::roles;
use crate::predeploy::disk::Disk;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::search::{Found, Kind};
use crate::source::{InputError, arm, bicep, terraform};
use crate::template::deployment::{Evaluated, Problem, Template};
use crate::template::evaluation::{self, Given, evaluate, evaluate_expression};
use crate::template::place::{Drafts, FileId, Files, Span};
use crate::template::{Value, json};

/// What the files of deployments make.
pub(super) struct Work<'o> {
    pub files: Files,
    /// Those of them that are Terraform plans.
    pub plans: Vec<FileId>,
    pub evaluated: Evaluated,
    /// The ids of what a plan deletes.
    pub deleted: Vec<Value>,
    /// How many resources of a plan have a type that is not read.
    pub not_read: usize,
    pub problems: Vec<InputError>,
    /// The files that ARM templates consist of, by their real paths.
    read: HashMap<PathBuf, FileId>,
    options: &'o CheckOptions,
}

impl<'o> Work<'o> {
    /// Evaluates deployments together. Drafts are read instead of their files.
    pub(super) fn of(found: &[Found], options: &'o CheckOptions, drafts: &Drafts) -> Self {
        let mut work = Self {
            files: Files::default(),
            plans: Vec::new(),
            evaluated: Evaluated::default(),
            deleted: Vec::new(),
            not_read: 0,
            problems: Vec::new(),
            read: HashMap::new(),
            options,
        };
        for deployment in found {
            work.add(deployment, drafts);
        }
        work
    }

    /// The real path of a file that was read.
    pub(super) fn real_path(&self, file: FileId) -> Option<PathBuf> {
        let path = &self.files.get(file)?.path;
        match path.is_absolute() {
            true => path.canonicalize().ok(),
            false => self.read.iter().find(|(_, id)| **id == file).map(|(path, _)| path.clone()),
        }
    }

    /// The text of a file that was read, by its real path.
    pub(super) fn text_of(&self, path: &Path) -> Option<Arc<str>> {
        let files = (0..self.files.len()).filter_map(|at| u16::try_from(at).ok().map(FileId));
        let own = files.into_iter().find(|file| self.real_path(*file).as_deref() == Some(path))?;
        self.files.get(own).map(|file| file.text.clone())
    }

    fn add(&mut self, found: &Found, drafts: &Drafts) {
        let disk = Disk { root: found.root.clone(), drafts };
        let mut templates = arm::Project::new(&found.root).with_drafts(drafts);
        self.swap(&mut templates);
        let template = match found.kind {
            Kind::Terraform => {
                self.plan(&found.path, &mut templates);
                None
            }
            Kind::Arm => templates.template(&found.path).map_err(|why| self.fatal(&found.path, &why)).ok(),
            Kind::Bicep => {
                let lowered = bicep::lower(&found.root.join(&found.path), &disk, &mut templates.files);
                self.said(&templates.files, lowered.problems);
                lowered.template
            }
        };
        if let Some(template) = template {
            let mut given = Given::default();
            for file in &found.parameters {
                self.parameters(file, &disk, &mut templates, &mut given);
            }
            for text in &self.options.parameters {
                self.given(text, &template, &disk, &mut templates, &mut given);
            }
            let options = evaluation::Options {
                subscription: self.options.subscription.as_deref().map(Arc::from),
                resource_group: self.options.resource_group.as_deref().map(Arc::from),
                location: self.options.location.as_deref().map(Arc::from),
                tenant: self.options.tenant.as_deref().map(Arc::from),
                ..evaluation::Options::default()
            };
            let evaluated = evaluate(template, &given, &options, &mut templates);
            let problems = std::mem::take(&mut templates.problems);
            self.said(&templates.files, problems);
            self.join(&templates.files, evaluated);
        }
        self.swap(&mut templates);
    }

    /// Lends the files that were read, or takes them back.
    fn swap(&mut self, templates: &mut arm::Project) {
        std::mem::swap(&mut templates.files, &mut self.files);
        std::mem::swap(&mut templates.read, &mut self.read);
    }

    fn plan(&mut self, path: &Path, templates: &mut arm::Project) {
        let (file, text) = match templates.text(path) {
            Ok(found) => found,
            Err(why) => return self.fatal(path, &why),
        };
        self.plans.push(file);
        let role = |name: &str| roles::by_name(name).map(|role| role.id.to_owned());
        let options =
            terraform::Options { subscription: self.options.subscription.as_deref(), cloud: None, role: &role };
        let read = terraform::read_plan(file, &text, &options);
        self.said(&templates.files, read.problems);
        if let Some(planned) = read.found {
            self.join(&templates.files, planned.evaluated);
            self.deleted.extend(planned.deleted);
            self.not_read += planned.coverage.not_read.len();
        }
    }

    /// Adds what `--parameters` gives: a file, or a value of the type that the template declares.
    fn given(
        &mut self,
        text: &str,
        template: &Template,
        disk: &Disk<'_>,
        templates: &mut arm::Project,
        given: &mut Given,
    ) {
        let path = Path::new(text);
        if path.is_file() {
            return match (path.canonicalize(), std::fs::read_to_string(path)) {
                (Ok(real), _) if real.starts_with(&disk.root) => {
                    self.parameters(real.strip_prefix(&disk.root).unwrap_or(&real), disk, templates, given);
                }
                (_, Ok(content)) => match templates.files.add(path.to_path_buf(), content.as_str().into()) {
                    Some(file) => {
                        let read = arm::read_parameters(file, &content);
                        self.said(&templates.files, read.problems);
                        for (name, value) in read.found.iter().flat_map(|values| values.iter()) {
                            given.insert(name.clone(), value.clone());
                        }
                    }
                    None => self.fatal(path, "there are too many files"),
                },
                (_, Err(error)) => self.fatal(path, &error.to_string()),
            };
        }
        let Some((name, value)) = text.split_once('=') else {
            return self.fatal(path, "neither a parameter file nor `NAME=VALUE`");
        };
        let Some((_, parameter)) = template.parameters.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)) else {
            return self.fatal(path, &format!("the template has no parameter `{name}`"));
        };
        let is_text = ["string", "securestring"].iter().any(|kind| parameter.kind.eq_ignore_ascii_case(kind));
        let value = match json::read(value, Span::NONE).filter(|_| !is_text) {
            Some(value) => value,
            None => Value::string(value, Span::NONE),
        };
        given.insert(name.into(), value);
    }

    fn parameters(&mut self, path: &Path, disk: &Disk<'_>, templates: &mut arm::Project, given: &mut Given) {
        if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("bicepparam")) {
            match templates.parameters(path) {
                Ok(values) => values.iter().for_each(|(name, value)| {
                    given.insert(name.clone(), value.clone());
                }),
                Err(why) => self.fatal(path, &why),
            }
            return;
        }
        let file = bicep::lower_parameters(&disk.root.join(path), disk, &mut templates.files);
        self.said(&templates.files, file.problems);
        for (name, value) in values_of(&file.template) {
            given.insert(name, value);
        }
    }

    /// Adds what one deployment makes to the others.
    fn join(&mut self, files: &Files, evaluated: Evaluated) {
        self.said(files, evaluated.problems);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (resources, deployments) =
            (number(self.evaluated.resources.len()), number(self.evaluated.deployments.len()));
        self.evaluated.resources.extend(evaluated.resources.into_iter().map(|mut resource| {
            resource.deployment += deployments;
            for dependency in &mut resource.dependencies {
                dependency.resource = dependency.resource.map(|at| at + resources);
            }
            resource
        }));
        self.evaluated.deployments.extend(evaluated.deployments.into_iter().map(|mut deployment| {
            deployment.resource = deployment.resource.map(|at| at + resources);
            deployment
        }));
    }

    fn said(&mut self, files: &Files, problems: Vec<Problem>) {
        self.problems.extend(problems.into_iter().map(|problem| said(files, problem.span, problem.message)));
    }

    fn fatal(&mut self, path: &Path, why: &str) {
        self.problems.push(InputError::fatal(path.display().to_string(), why, ""));
    }
}

fn said(files: &Files, span: Span, message: String) -> InputError {
    let position = files.position(span);
    InputError {
        file: files.path(span).unwrap_or(Path::new("")).display().to_string(),
        line: position.map(|at| at.line as usize),
        column: position.map(|at| at.column as usize),
        message,
        help: "what depends on it is unknown".to_owned(),
        fatal: false,
    }
}

/// The values of a parameter file in Bicep.
fn values_of(template: &Arc<Template>) -> Vec<(Arc<str>, Value)> {
    let (options, given) = (evaluation::Options::default(), Given::default());
    let values = template.parameters.iter().filter_map(|(name, parameter)| {
        let value = parameter.default.as_ref()?;
        Some((name.clone(), evaluate_expression(template.clone(), &given, &options, value).0))
    });
    values.collect()
}
