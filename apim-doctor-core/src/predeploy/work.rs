//! The files of deployments, evaluated.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::is_guid;
use crate::knowledge::cloud::Cloud;
use crate::knowledge::roles;
use crate::predeploy::cloud::{evaluated_in, provider_cloud};
use crate::predeploy::compiled;
use crate::predeploy::disk::Disk;
use crate::predeploy::given::Values;
use crate::predeploy::kind::Kind;
use crate::predeploy::options::CheckOptions;
use crate::predeploy::problem::said;
use crate::predeploy::search::Found;
use crate::predeploy::worlds::{Prepared, join};
use crate::source::deployed::Existing;
use crate::source::{InputError, arm, bicep, terraform, what_if};
use crate::template::deployment::{Evaluated, Problem, Template};
use crate::template::evaluation::{self, Given, NoLoader, evaluate};
use crate::template::place::{Drafts, File, FileId, Files, Span};
use crate::template::resource::{Resource, Truth};
use crate::template::value::{Unknown, Value, Why};

/// What a deployment may create of what decides about access from elsewhere.
const ANYTHING: [&str; 5] = [
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.Network/privateDnsZones/A",
    "Microsoft.Storage/storageAccounts/fileServices/shares",
];

/// What one deployment made of it all.
pub(super) struct Share {
    /// The numbers of its resources.
    pub resources: Range<usize>,
    /// The real paths of the files that it consists of.
    pub files: BTreeSet<PathBuf>,
}

/// What the files of deployments make.
pub(super) struct Work<'o> {
    pub files: Files,
    /// Those of them that a tool wrote, such as plans: fixes do not change them.
    pub outputs: Vec<FileId>,
    pub evaluated: Evaluated,
    /// The part of it that hangs on no parameter.
    pub planned: Evaluated,
    /// The templates, ready to be evaluated once more.
    pub prepared: Vec<Prepared>,
    /// The cloud that a plan's provider is set to.
    pub planned_cloud: Option<Cloud>,
    /// What what-if output says of the time before.
    pub before: Evaluated,
    /// The ids of what is deleted.
    pub deleted: Vec<Value>,
    /// What exists before, as the files say.
    pub exists: Vec<Existing>,
    /// The tenants that descriptions of what exists show.
    tenants: BTreeSet<String>,
    /// Whether some template was evaluated.
    has_template: bool,
    /// Types that the files leave out, and why.
    pub left_out: Vec<(String, String)>,
    /// How many resources of a plan have a type that is not read.
    pub not_read: usize,
    pub problems: Vec<InputError>,
    /// The names of parameters that were given, and that a template has.
    pub used: BTreeSet<String>,
    /// The files that ARM templates consist of, by their real paths.
    read: HashMap<PathBuf, FileId>,
    /// What each deployment made of it all, in the order of the deployments.
    pub shares: Vec<Share>,
    pub options: &'o CheckOptions,
    cloud: evaluation::Cloud,
    /// Whether the files say what waits for what: what-if output does not.
    pub is_ordered: bool,
}

impl<'o> Work<'o> {
    /// Evaluates deployments together. Drafts are read instead of their files.
    pub(super) fn of(found: &[Found], options: &'o CheckOptions, cloud: &Cloud, drafts: &Drafts) -> Self {
        let mut work = Self {
            files: Files::default(),
            outputs: Vec::new(),
            evaluated: Evaluated::default(),
            planned: Evaluated::default(),
            prepared: Vec::new(),
            planned_cloud: None,
            before: Evaluated::default(),
            deleted: Vec::new(),
            exists: Vec::new(),
            tenants: BTreeSet::new(),
            has_template: false,
            left_out: Vec::new(),
            not_read: 0,
            problems: Vec::new(),
            used: BTreeSet::new(),
            read: HashMap::new(),
            shares: Vec::new(),
            options,
            cloud: evaluated_in(cloud),
            is_ordered: found.iter().all(|one| one.kind != Kind::WhatIf),
        };
        for deployment in found {
            work.add(deployment, drafts);
        }
        work.unused_parameters();
        work
    }

    /// The tenant that was given, or that all vaults and identities belong to in what Azure itself has evaluated.
    pub(super) fn tenant(&self) -> Option<&str> {
        let shown = || self.tenants.iter().next().filter(|_| self.tenants.len() == 1).map(String::as_str);
        self.options.tenant.as_deref().or_else(shown)
    }

    /// The real path of a file that was read.
    pub(super) fn real_path(&self, file: FileId) -> Option<PathBuf> {
        let path = &self.files.get(file)?.path;
        match path.is_absolute() {
            true => path.canonicalize().ok(),
            false => self.read.iter().find(|(_, id)| **id == file).map(|(path, _)| path.clone()),
        }
    }

    /// The files whose names are not their paths, with their real paths.
    pub(super) fn real_paths(&self) -> impl Iterator<Item = (&Path, &Path)> {
        self.read.iter().filter_map(|(real, file)| Some((self.files.get(*file)?.path.as_path(), real.as_path())))
    }

    /// A file that was read, by its real path.
    pub(super) fn file_at(&self, real: &Path) -> Option<&File> {
        self.read.get(real).and_then(|file| self.files.get(*file))
    }

    /// The text of a file that was read, by its real path.
    pub(super) fn text_of(&self, path: &Path) -> Option<Arc<str>> {
        let files = (0..self.files.len()).filter_map(|at| u16::try_from(at).ok().map(FileId));
        let own = files.into_iter().find(|file| self.real_path(*file).as_deref() == Some(path))?;
        self.files.get(own).map(|file| file.text.clone())
    }

    fn add(&mut self, found: &Found, drafts: &Drafts) {
        let reads = RefCell::default();
        let disk = Disk { root: found.root.clone(), drafts, reads: &reads };
        let start = self.evaluated.resources.len();
        let mut templates = arm::Project::new(&found.root).with_drafts(drafts);
        self.swap(&mut templates);
        let ready = match found.kind {
            Kind::Plan | Kind::State => {
                self.terraform(found, &mut templates);
                None
            }
            Kind::WhatIf => {
                self.what_if(&found.path, &mut templates);
                None
            }
            Kind::Arm => match templates.template(&found.path) {
                Ok(template) => Some(self.arm(found, template, &disk, &mut templates)),
                Err(why) => {
                    self.fatal(&found.path, &why);
                    None
                }
            },
            Kind::Bicep => self.bicep(found, &disk, &mut templates),
        };
        self.swap(&mut templates);
        let mut files = reads.take();
        files.append(&mut templates.asked);
        self.shares.push(Share { resources: start..self.evaluated.resources.len(), files });
        self.prepared.extend(ready.map(|ready| {
            let Ready { template, given, options } = ready;
            Prepared { template, given, options, templates }
        }));
    }

    /// Lends the files that were read, or takes them back.
    fn swap(&mut self, templates: &mut arm::Project) {
        std::mem::swap(&mut templates.files, &mut self.files);
        std::mem::swap(&mut templates.read, &mut self.read);
    }

    fn arm(&mut self, found: &Found, template: Arc<Template>, disk: &Disk<'_>, templates: &mut arm::Project) -> Ready {
        let export = templates.text(&found.path).ok().and_then(|(_, text)| arm::export(&text));
        let (evaluated, ready) = self.evaluate(found, template, disk, templates);
        if let Some(export) = export {
            self.tenants.extend(tenants(&evaluated));
            self.exists.extend(made(&evaluated).map(|id| Existing { id, is_whole: false }));
            let assignments = ("Microsoft.Authorization/roleAssignments", "an exported template contains none");
            self.left_out.push((assignments.0.to_owned(), assignments.1.to_owned()));
            let failed = "they could not be exported";
            self.left_out.extend(export.left_out.into_iter().map(|kind| (kind, failed.to_owned())));
        }
        self.join(&templates.files, evaluated);
        ready
    }

    /// Evaluates a template with the parameters that are given for it.
    fn evaluate(
        &mut self,
        found: &Found,
        template: Arc<Template>,
        disk: &Disk<'_>,
        templates: &mut arm::Project,
    ) -> (Evaluated, Ready) {
        let mut given = Given::default();
        let mut values = Values { template: &template, disk, templates, given: &mut given, problems: Vec::new() };
        for file in &found.parameters {
            values.file(file);
        }
        for text in &self.options.parameters {
            self.used.extend(values.option(text));
        }
        let said = std::mem::take(&mut values.problems);
        self.problems.extend(said);
        let options = self.evaluation();
        let evaluated = evaluate(template.clone(), &given, &options, templates);
        self.has_template = true;
        let problems = std::mem::take(&mut templates.problems);
        self.said(&templates.files, problems);
        (evaluated, Ready { template, given, options })
    }

    fn evaluation(&self) -> evaluation::Options {
        evaluation::Options {
            subscription: self.options.subscription.as_deref().map(Arc::from),
            resource_group: self.options.resource_group.as_deref().map(Arc::from),
            location: self.options.location.as_deref().map(Arc::from),
            tenant: self.options.tenant.as_deref().map(Arc::from),
            cloud: self.cloud,
            ..evaluation::Options::default()
        }
    }

    fn bicep(&mut self, found: &Found, disk: &Disk<'_>, templates: &mut arm::Project) -> Option<Ready> {
        let file = found.root.join(&found.path);
        let lowered = bicep::lower(&file, disk, &mut templates.files);
        self.lost(&templates.files, &lowered.broken);
        if lowered.template.is_none() {
            let why = lowered.problems.first().map_or("it could not be read", |problem| problem.message.as_str());
            self.fatal(&found.path, why);
            return None;
        }
        let Some(compile) = self.options.compiler else {
            self.said(&templates.files, lowered.problems);
            let (evaluated, ready) = self.evaluate(found, lowered.template?, disk, templates);
            self.join(&templates.files, evaluated);
            return Some(ready);
        };
        let start = lowered.template.as_ref().map_or(Span::NONE, |template| Span::new(template.file, 0, 0));
        let compiled = compile(&file).and_then(|text| {
            let id = templates.files.add(found.path.with_extension("bicep.json"), text.as_str().into());
            arm::read_template(id.ok_or("there are too many files")?, &text)
                .found
                .ok_or_else(|| "the compiler's output is not a template".to_owned())
        });
        match compiled {
            Ok(template) => {
                let (mut evaluated, _) = self.evaluate(found, template, disk, templates);
                // The places are those of the program's own reading of the same file.
                let own = lowered.template.map(|own| {
                    let said = self.problems.len();
                    let (own, _) = self.evaluate(found, own, disk, templates);
                    self.problems.truncate(said);
                    own
                });
                compiled::place(&mut evaluated, own.as_ref(), start);
                self.join_planned(&templates.files, evaluated);
            }
            Err(why) => self.fatal(&found.path, &why),
        }
        None
    }

    fn terraform(&mut self, found: &Found, templates: &mut arm::Project) {
        let (file, text) = match templates.text(&found.path) {
            Ok(read) => read,
            Err(why) => return self.fatal(&found.path, &why),
        };
        self.outputs.push(file);
        let role = |name: &str| roles::by_name(name).map(|role| role.id.to_owned());
        let cloud = Some(self.cloud).filter(|cloud| *cloud != evaluation::Cloud::Public);
        let options = terraform::Options { subscription: self.options.subscription.as_deref(), cloud, role: &role };
        let read = terraform::read_plan(file, &text, &options);
        self.said(&templates.files, read.problems);
        if let Some(planned) = read.found {
            if found.kind == Kind::State {
                // The provider reads whole resources.
                self.exists.extend(made(&planned.evaluated).map(|id| Existing { id, is_whole: true }));
            }
            self.planned_cloud = planned.cloud.and_then(provider_cloud).or_else(|| self.planned_cloud.take());
            self.join_planned(&templates.files, planned.evaluated);
            self.deleted.extend(planned.deleted);
            self.not_read += planned.coverage.not_read.len();
        }
    }

    fn what_if(&mut self, path: &Path, templates: &mut arm::Project) {
        let (file, text) = match templates.text(path) {
            Ok(read) => read,
            Err(why) => return self.fatal(path, &why),
        };
        self.outputs.push(file);
        let read = what_if::read(file, &text);
        self.said(&templates.files, read.problems);
        let Some(predicted) = read.found else { return };
        let evaluate = |template| {
            // What cannot be evaluated here could not be evaluated by what-if either.
            let evaluated = evaluate(template, &Given::default(), &self.evaluation(), &mut NoLoader);
            Evaluated { problems: Vec::new(), ..evaluated }
        };
        let (before, after) = (evaluate(predicted.before), evaluate(predicted.after));
        self.tenants.extend(tenants(&before).chain(tenants(&after)));
        join(&mut self.before, before);
        self.exists.extend(predicted.existing.into_iter().map(|id| Existing { id, is_whole: false }));
        self.deleted.extend(predicted.deleted);
        self.join_planned(&templates.files, after);
    }

    /// Files with errors of syntax may hold what seems to be missing.
    fn lost(&mut self, files: &Files, broken: &[Span]) {
        for span in broken {
            let file = files.path(*span).unwrap_or(Path::new("")).display().to_string();
            let lost = Arc::new(Unknown::new(Why::File(file.into()), *span));
            self.planned.lost.push(lost.clone());
            self.evaluated.lost.push(lost);
        }
    }

    /// Adds what one deployment makes to the others.
    fn join(&mut self, files: &Files, mut evaluated: Evaluated) {
        let problems = std::mem::take(&mut evaluated.problems);
        self.missing_modules(files, &evaluated, &problems);
        self.said(files, problems);
        join(&mut self.evaluated, evaluated);
    }

    /// The same of what hangs on no parameter.
    fn join_planned(&mut self, files: &Files, evaluated: Evaluated) {
        join(&mut self.planned, Evaluated { problems: Vec::new(), ..evaluated.clone() });
        self.join(files, evaluated);
    }

    /// Modules that were not evaluated: what they create is not known.
    fn missing_modules(&mut self, files: &Files, evaluated: &Evaluated, problems: &[Problem]) {
        let is_there = |number: usize| {
            let number = u32::try_from(number).ok();
            evaluated
                .deployments
                .iter()
                .any(|deployment| deployment.resource.is_some() && deployment.resource == number)
        };
        for (number, resource) in evaluated.resources.iter().enumerate() {
            let is_module = resource.resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments");
            if !is_module || resource.existing || matches!(resource.condition, Truth::No) || is_there(number) {
                continue;
            }
            let why = "the module was not evaluated: what it creates is unknown".to_owned();
            let span = resource.span;
            let inside = |other: &Span| other.file == span.file && (span.start..=span.end).contains(&other.start);
            if !problems.iter().any(|problem| inside(&problem.span)) {
                let help = "restore modules with `bicep restore`, and put linked templates into the project";
                self.problems.push(InputError { help: help.to_owned(), ..said(files, span, why.clone()) });
            }
            if self.options.standalone {
                self.left_out.extend(ANYTHING.map(|kind| (kind.to_owned(), why.clone())));
            }
        }
    }

    /// Parameters that were given on the command line, and that no template has.
    fn unused_parameters(&mut self) {
        for text in &self.options.parameters {
            let name = text.split_once('=').map(|(name, _)| name).filter(|_| !is_whole(text));
            let is_fatal = self.problems.iter().any(|problem| problem.fatal) && !self.has_template;
            if let Some(name) = name.filter(|name| !is_fatal && !self.used.contains(&name.to_ascii_lowercase())) {
                self.problems.push(InputError::fatal(text, format!("no template has a parameter `{name}`"), ""));
            }
        }
        let mut seen = BTreeSet::new();
        self.problems.retain(|problem| seen.insert((problem.to_string(), problem.fatal)));
    }

    fn said(&mut self, files: &Files, problems: Vec<Problem>) {
        self.problems.extend(problems.into_iter().map(|problem| said(files, problem.span, problem.message)));
    }

    fn fatal(&mut self, path: &Path, why: &str) {
        self.problems.push(InputError::fatal(path.display().to_string(), why, ""));
    }
}

/// Whether an option of parameters is a file or a whole text, and not one value.
fn is_whole(text: &str) -> bool {
    text.starts_with('@') || text.trim_start().starts_with('{') || PathBuf::from(text).is_file()
}

/// The tenants that vaults and identities belong to.
fn tenants(evaluated: &Evaluated) -> impl Iterator<Item = String> {
    let of = |resource: &Resource| {
        let properties = resource.body.get("properties").and_then(|own| own.get("tenantId"));
        let is_vault = resource.resource_type.eq_ignore_ascii_case("Microsoft.KeyVault/vaults");
        let identity = resource.body.get("identity").and_then(|own| own.get("tenantId"));
        let all = [properties.filter(|_| is_vault), identity].into_iter().flatten().filter_map(Value::as_str);
        all.filter(|id| is_guid(id)).map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    evaluated.resources.iter().flat_map(of).collect::<Vec<_>>().into_iter()
}

/// The ids of what is made.
fn made(evaluated: &Evaluated) -> impl Iterator<Item = Value> {
    evaluated.resources.iter().filter(|resource| !resource.existing).map(|resource: &Resource| resource.id.clone())
}

/// A template that was evaluated, with its parameters.
struct Ready {
    template: Arc<Template>,
    given: Given,
    options: evaluation::Options,
}
