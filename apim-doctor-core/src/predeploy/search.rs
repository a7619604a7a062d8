//! Which files are deployments, and which belong to another one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::source::InputError;
use crate::source::arm::{self, FileKind};
use crate::source::bicep;
use crate::source::bicep::syntax::{ExprKind, Program, StatementKind};
use crate::source::terraform::{self, DocumentKind};

/// The language of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ARM template.
    Arm,
    /// Bicep.
    Bicep,
    /// A Terraform plan, as `terraform show -json` prints it.
    Terraform,
}

/// One deployment.
#[derive(Debug)]
pub(super) struct Found {
    /// The folder that it may read.
    pub root: PathBuf,
    /// The file, from there.
    pub path: PathBuf,
    /// Its language.
    pub kind: Kind,
    /// Its parameter files, from there. The last one counts.
    pub parameters: Vec<PathBuf>,
}

/// Finds the deployments.
pub(super) fn search(paths: &[PathBuf], problems: &mut Vec<InputError>) -> Vec<Found> {
    let mut found = Vec::new();
    for path in paths {
        let problem = |message: String| {
            InputError::fatal(path.display().to_string(), message, "give a file or a folder that can be read")
        };
        match path.canonicalize() {
            Ok(real) if real.is_dir() => found.extend(folder(&real)),
            Ok(real) => match file(&real) {
                Some(one) => found.push(one),
                None => problems.push(problem("neither an ARM template nor Bicep".to_owned())),
            },
            Err(error) => problems.push(problem(error.to_string())),
        }
    }
    found
}

/// What is in a folder.
#[derive(Default)]
struct Folder {
    templates: BTreeMap<PathBuf, Kind>,
    parameters: BTreeSet<PathBuf>,
    /// Files that another one draws in.
    used: BTreeSet<PathBuf>,
    /// Parameter files by what they name.
    using: BTreeMap<PathBuf, PathBuf>,
}

fn folder(root: &Path) -> Vec<Found> {
    let mut all = Folder::default();
    for entry in WalkBuilder::new(root).require_git(false).follow_links(false).sort_by_file_path(Path::cmp).build() {
        let Some(path) = entry.ok().map(ignore::DirEntry::into_path).filter(|path| path.is_file()) else { continue };
        all.add(&path);
    }
    let pairs: Vec<(PathBuf, Kind)> = all.templates.iter().map(|(path, kind)| (path.clone(), *kind)).collect();
    let roots = pairs.into_iter().filter(|(path, kind)| !all.used.contains(path) && !all.is_compiled(path, *kind));
    roots.map(|(path, kind)| all.found(root, &path, kind)).collect()
}

/// A file that was named. Its folder is the project.
fn file(path: &Path) -> Option<Found> {
    let parent = path.parent()?;
    let mut all = Folder::default();
    for entry in std::fs::read_dir(parent).ok()?.filter_map(Result::ok) {
        let own = entry.path();
        if own.is_file() && (own == path || own.parent() == Some(parent) && is_parameters(&own)) {
            all.add(&own);
        }
    }
    if let Some(template) = all.using.get(path).cloned() {
        all.add(&template);
        all.using.retain(|own, _| own == path);
        let kind = all.templates.get(&template).copied()?;
        return Some(all.found(parent, &template, kind));
    }
    let kind = all.templates.get(path).copied()?;
    Some(all.found(&project(parent), path, kind))
}

/// The folder that a file's modules may be in: the one with `.git`, or its own.
fn project(folder: &Path) -> PathBuf {
    let above = folder.ancestors().find(|folder| folder.join(".git").exists());
    above.unwrap_or(folder).to_path_buf()
}

fn is_parameters(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
    name.ends_with(".bicepparam") || name.contains("param") && name.ends_with(".json")
}

impl Folder {
    fn add(&mut self, path: &Path) {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let text = || std::fs::read_to_string(path).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "bicep" => {
                self.templates.insert(path.to_path_buf(), Kind::Bicep);
                self.draws_in(path, &bicep::parse(&text()));
            }
            "bicepparam" => {
                let program = bicep::parse(&text());
                let using = program.statements.iter().find_map(|statement| match &statement.kind {
                    StatementKind::Using { path: Some(used), .. } => used.as_text(),
                    _ => None,
                });
                if let Some(template) = using.and_then(|used| beside(path, used)) {
                    self.using.insert(path.to_path_buf(), template);
                }
            }
            "json" | "jsonc" => match arm::kind_of(&text()) {
                FileKind::Template => {
                    self.templates.insert(path.to_path_buf(), Kind::Arm);
                    self.links(path, &text());
                }
                FileKind::Parameters => {
                    self.parameters.insert(path.to_path_buf());
                }
                FileKind::Other => {
                    if terraform::kind_of(&text()) == DocumentKind::Plan {
                        self.templates.insert(path.to_path_buf(), Kind::Terraform);
                    }
                }
            },
            _ => {}
        }
    }

    /// Modules are not judged on their own.
    fn draws_in(&mut self, path: &Path, program: &Program) {
        for statement in &program.statements {
            let used = match &statement.kind {
                StatementKind::Module(module) => Some(&module.path),
                StatementKind::Import { from, .. } => Some(from),
                _ => None,
            };
            let used = used.and_then(|used| match &used.kind {
                ExprKind::Text(text) => beside(path, text),
                _ => None,
            });
            self.used.extend(used);
        }
    }

    /// Templates that another one links to are not judged on their own.
    fn links(&mut self, path: &Path, text: &str) {
        if !text.to_ascii_lowercase().contains("templatelink") {
            return;
        }
        for piece in text.split(['"', '\'']).filter(|piece| piece.to_ascii_lowercase().ends_with(".json")) {
            let linked =
                beside(path, piece.trim_start_matches('/')).filter(|linked| linked.is_file() && linked != path);
            self.used.extend(linked);
        }
    }

    /// Whether a template is what the compiler made of the Bicep file beside it.
    fn is_compiled(&self, path: &Path, kind: Kind) -> bool {
        kind == Kind::Arm && self.templates.contains_key(&path.with_extension("bicep"))
    }

    fn found(&self, root: &Path, path: &Path, kind: Kind) -> Found {
        let from_root = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_path_buf();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let names = [
            format!("{stem}.parameters.json"),
            format!("{stem}.params.json"),
            "azuredeploy.parameters.json".to_owned(),
        ];
        let beside = names.iter().map(|name| path.with_file_name(name)).find(|own| self.parameters.contains(own));
        let mut using = self.using.iter().filter(|(_, template)| *template == path).map(|(own, _)| own.clone());
        let parameters = using.next_back().or(beside).into_iter().map(|own| from_root(&own)).collect();
        Found { root: root.to_path_buf(), path: from_root(path), kind, parameters }
    }
}

/// The file that is named in another one, where it is there.
fn beside(path: &Path, named: &str) -> Option<PathBuf> {
    path.parent()?.join(named.replace('\\', "/")).canonicalize().ok()
}
