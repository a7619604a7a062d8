//! Files of a deployment, judged before anything is deployed.

mod disk;
mod rename;
mod search;
mod text;
mod worlds;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::Verdict;
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::cloud::Cloud;
use crate::knowledge::roles;
use crate::model::Estate;
use crate::predeploy::disk::Disk;
use crate::predeploy::search::{Found, Kind};
use crate::predeploy::worlds::{Prepared, Worlds};
use crate::report::{Options, diagnose, v1};
use crate::source::deployed::{Deployment, Laid};
use crate::source::{InputError, arm, bicep, terraform};
use crate::template::deployment::{Evaluated, Problem, Template};
use crate::template::evaluation::{self, Given, evaluate, evaluate_expression};
use crate::template::place::{Files, Span};
use crate::template::value::{Unknown, Why};
use crate::template::{Value, json};

pub use text::{Language, check_text};

/// Where a deployment goes, and what is known from outside its files. By default nothing is.
///
/// ```
/// use apim_doctor_core::CheckOptions;
/// let options = CheckOptions::default().with_standalone(true).with_resource_group("rg-gateway");
/// assert!(options.standalone);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CheckOptions {
    /// Whether the files are all there is. Otherwise grants, zones, links, records and shares may exist elsewhere.
    pub standalone: bool,
    /// The subscription's id.
    pub subscription: Option<String>,
    /// The resource group's name.
    pub resource_group: Option<String>,
    /// The region.
    pub location: Option<String>,
    /// The tenant's id.
    pub tenant: Option<String>,
    /// Parameter files, and single values as `NAME=VALUE`.
    pub parameters: Vec<String>,
    /// The cloud.
    pub cloud: Option<Cloud>,
    /// What exists: the deployment is laid over it.
    pub against: Option<Estate>,
    /// Which paths are judged.
    pub diagnosis: Options,
}

impl CheckOptions {
    /// Whether the files are all there is.
    #[must_use]
    pub fn with_standalone(mut self, standalone: bool) -> Self {
        self.standalone = standalone;
        self
    }

    /// The resource group that it goes to.
    #[must_use]
    pub fn with_resource_group(mut self, name: impl Into<String>) -> Self {
        self.resource_group = Some(name.into());
        self
    }
}

/// Judges the access paths that files would make: ARM templates and Bicep, in folders or by name.
///
/// Nothing outside the folder of a file is read, nothing is run, and Azure is not asked.
///
/// # Errors
/// What is wrong in the files comes beside the report: what hangs on it is unknown there.
pub fn check(paths: &[PathBuf], options: &CheckOptions) -> (v1::Report, Vec<InputError>) {
    let mut unreadable = Vec::new();
    let found = search::search(paths, &mut unreadable);
    let mut work = Work::of(&found, options, options.cloud.clone().unwrap_or_default());
    if let (None, Some(cloud)) = (&options.cloud, work.planned_cloud.clone().or_else(|| written_cloud(&work.files)))
        && cloud != work.cloud
    {
        work = Work::of(&found, options, cloud);
    }
    let cloud = work.cloud.clone();
    let Work { mut files, evaluated, planned, mut prepared, deleted, not_read, problems, .. } = work;
    let lay = |files: &Files, evaluated: &Evaluated| {
        let (is_all, against) = (options.standalone, options.against.as_ref());
        Deployment { files, evaluated, deleted: &deleted, is_all, cloud: cloud.clone(), against }.laid()
    };
    let Laid { mut estate, problems: unread, unset, switches } = lay(&files, &evaluated);
    if has_callers(&evaluated) && (!unset.is_empty() || !switches.is_empty()) {
        let mut worlds =
            Worlds { files: &mut files, evaluated: &evaluated, planned: &planned, prepared: &mut prepared };
        estate.possible = worlds.estates(&unset, lay);
    }
    let mut report = diagnose(&estate, &options.diagnosis);
    if let Some(against) = options.against.as_ref() {
        compare(&mut report, &diagnose(against, &options.diagnosis));
    }
    let mut report = rename::rename(report, &estate);
    of_files(&mut report, &found);
    report.coverage.files = files.len();
    report.coverage.of_other_types += not_read;
    (report, unreadable.into_iter().chain(problems).chain(unread).collect())
}

/// The cloud of which the files write suffixes, where they write those of one cloud only. A single one decides nothing
/// beside addresses that follow from the cloud: it may be the one that is wrong.
fn written_cloud(files: &Files) -> Option<Cloud> {
    let count = |cloud: &Cloud| -> usize {
        let suffixes =
            [format!(".{}", cloud.key_vault_suffix), format!(".{}", cloud.storage_suffix), cloud.vault_zone.clone()];
        files
            .texts()
            .map(|text| suffixes.iter().map(|suffix| text.matches(suffix.as_str()).count()).sum::<usize>())
            .sum()
    };
    let mut written = Cloud::known().into_iter().map(|cloud| (count(&cloud), cloud)).filter(|(count, _)| *count > 0);
    let (count, cloud) = written.next().filter(|_| written.next().is_none())?;
    let follows = |text: &str| text.contains("vaultUri") || text.contains("environment()");
    (count > 1 || !files.texts().any(follows)).then_some(cloud)
}

/// Whether paths may start at one of the resources.
fn has_callers(evaluated: &Evaluated) -> bool {
    let callers: Vec<&str> = CallerKind::ALL.iter().flat_map(|kind| kind.resource_types()).copied().collect();
    let is_caller = |kind: &str| callers.iter().any(|caller| kind.starts_with(caller));
    evaluated.resources.iter().any(|resource| is_caller(&resource.resource_type.to_ascii_lowercase()))
}

/// What does not exist yet is repaired in its file: commands would come too early.
fn of_files(report: &mut v1::Report, found: &[Found]) {
    let (plans, others): (Vec<&Found>, Vec<&Found>) = found.iter().partition(|one| one.kind == Kind::Terraform);
    for finding in &mut report.findings {
        finding.confirm.clear();
        for fix in &mut finding.fixes {
            fix.az.clear();
            fix.bicep.take_if(|_| others.is_empty());
            fix.terraform.take_if(|_| plans.is_empty());
        }
    }
    for combined in report.paths.iter_mut().filter_map(|path| path.combined_fix.as_mut()) {
        combined.az.clear();
    }
}

/// Says of each path what the deployment does to it.
fn compare(report: &mut v1::Report, before: &v1::Report) {
    let key = |path: &v1::Path| (path.consumer.clone(), path.resource.clone(), path.label.to_ascii_lowercase());
    // Of paths that share a key, the first counts.
    let failed: HashMap<_, _> =
        before.paths.iter().rev().map(|path| (key(path), path.verdict == Verdict::Fail)).collect();
    for path in &mut report.paths {
        let change = match (failed.get(&key(path)), path.verdict == Verdict::Fail) {
            (None, _) => "new",
            (Some(false), true) => "breaks",
            (Some(true), false) => "repairs",
            (Some(true), true) => "still-broken",
            (Some(false), false) => "unchanged",
        };
        path.change = Some(change.into());
    }
}

struct Work<'o> {
    files: Files,
    evaluated: Evaluated,
    /// What the plans among the files make.
    planned: Evaluated,
    /// The templates, ready to be evaluated once more.
    prepared: Vec<Prepared>,
    /// The ids of what a plan deletes.
    deleted: Vec<Value>,
    /// How many resources of a plan have a type that is not read.
    not_read: usize,
    problems: Vec<InputError>,
    options: &'o CheckOptions,
    cloud: Cloud,
    /// The cloud that a plan's provider is set to.
    planned_cloud: Option<Cloud>,
}

impl<'o> Work<'o> {
    /// The work on some deployments to a cloud.
    fn of(found: &[Found], options: &'o CheckOptions, cloud: Cloud) -> Self {
        let mut work = Self {
            files: Files::default(),
            evaluated: Evaluated::default(),
            planned: Evaluated::default(),
            prepared: Vec::new(),
            deleted: Vec::new(),
            not_read: 0,
            problems: Vec::new(),
            options,
            cloud,
            planned_cloud: None,
        };
        found.iter().for_each(|deployment| work.add(deployment));
        work
    }

    fn add(&mut self, found: &Found) {
        let disk = Disk { root: found.root.clone() };
        let mut templates = arm::Project::new(&found.root);
        std::mem::swap(&mut templates.files, &mut self.files);
        let template = match found.kind {
            Kind::Terraform => {
                self.plan(&found.path, &mut templates);
                None
            }
            Kind::Arm => templates.template(&found.path).map_err(|why| self.fatal(&found.path, &why)).ok(),
            Kind::Bicep => {
                let lowered = bicep::lower(&found.root.join(&found.path), &disk, &mut templates.files);
                self.said(&templates.files, lowered.problems);
                self.lost(&templates.files, &lowered.broken);
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
                cloud: evaluated_in(&self.cloud),
                ..evaluation::Options::default()
            };
            let evaluated = evaluate(template.clone(), &given, &options, &mut templates);
            let problems = std::mem::take(&mut templates.problems);
            self.said(&templates.files, problems);
            self.join(&templates.files, evaluated);
            std::mem::swap(&mut templates.files, &mut self.files);
            self.prepared.push(Prepared { template, given, options, templates });
            return;
        }
        std::mem::swap(&mut templates.files, &mut self.files);
    }

    /// Files with errors of syntax may hold what seems to be missing.
    fn lost(&mut self, files: &Files, broken: &[Span]) {
        for span in broken {
            let file = files.path(*span).unwrap_or(Path::new("")).display().to_string();
            let lost =
                Arc::new(Unknown { why: Why::File(file.into()), span: *span, possible: Vec::new(), start: None });
            self.planned.lost.push(lost.clone());
            self.evaluated.lost.push(lost);
        }
    }

    fn plan(&mut self, path: &Path, templates: &mut arm::Project) {
        let (file, text) = match templates.text(path) {
            Ok(found) => found,
            Err(why) => return self.fatal(path, &why),
        };
        let role = |name: &str| roles::by_name(name).map(|role| role.id.to_owned());
        let cloud = Some(evaluated_in(&self.cloud)).filter(|cloud| *cloud != evaluation::Cloud::Public);
        let options = terraform::Options { subscription: self.options.subscription.as_deref(), cloud, role: &role };
        let read = terraform::read_plan(file, &text, &options);
        self.said(&templates.files, read.problems);
        if let Some(planned) = read.found {
            worlds::join(&mut self.planned, planned.evaluated.clone());
            self.join(&templates.files, planned.evaluated);
            self.deleted.extend(planned.deleted);
            self.planned_cloud = match planned.cloud {
                Some(evaluation::Cloud::UsGovernment) => Some(Cloud::us_government()),
                Some(evaluation::Cloud::China) => Some(Cloud::china()),
                Some(evaluation::Cloud::Public) | None => self.planned_cloud.take(),
            };
            self.not_read += planned.coverage.not_read.len();
        }
    }

    /// Adds what `--parameters` gives: a file, or a value of the type that the template declares.
    fn given(&mut self, text: &str, template: &Template, disk: &Disk, templates: &mut arm::Project, given: &mut Given) {
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

    fn parameters(&mut self, path: &Path, disk: &Disk, templates: &mut arm::Project, given: &mut Given) {
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
    fn join(&mut self, files: &Files, mut evaluated: Evaluated) {
        self.said(files, std::mem::take(&mut evaluated.problems));
        worlds::join(&mut self.evaluated, evaluated);
    }

    fn said(&mut self, files: &Files, problems: Vec<Problem>) {
        self.problems.extend(problems.into_iter().map(|problem| said(files, problem.span, problem.message)));
    }

    fn fatal(&mut self, path: &Path, why: &str) {
        self.problems.push(InputError::fatal(path.display().to_string(), why, ""));
    }
}

/// A cloud as expressions see it.
fn evaluated_in(cloud: &Cloud) -> evaluation::Cloud {
    match cloud.name.as_str() {
        "AzureUSGovernment" => evaluation::Cloud::UsGovernment,
        "AzureChina" => evaluation::Cloud::China,
        _ => evaluation::Cloud::Public,
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
