//! Which files are deployments, and which belong to another one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::predeploy::kind::{Content, Kind, content_of, is_meant, text_of};
use crate::report::v1;
use crate::source::InputError;
use crate::source::bicep;
use crate::source::bicep::syntax::{ExprKind, Program, StatementKind};

/// How Terraform source becomes a plan.
const MAKE_A_PLAN: &str =
    "run `terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json`, then check `plan.json`";

/// One deployment.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The folder that it may read.
    pub root: PathBuf,
    /// The file, from there.
    pub path: PathBuf,
    /// What kind of input it holds.
    pub kind: Kind,
    /// Its parameter files, from there. The last one counts.
    pub parameters: Vec<PathBuf>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The deployments.
    pub found: Vec<Found>,
    /// Recordings that were named.
    pub recordings: Vec<PathBuf>,
    /// What is in folders and is not used.
    pub not_used: Vec<v1::NotUsed>,
    /// What is wrong.
    pub problems: Vec<InputError>,
}

/// Finds the deployments.
pub(super) fn search(paths: &[PathBuf]) -> Search {
    let mut search = Search::default();
    for path in paths {
        let shown = path.display().to_string();
        match path.canonicalize() {
            Ok(real) if real.is_dir() => search.folder(&real, &shown),
            Ok(real) => search.file(&real, &shown),
            Err(error) => search.problem(&shown, error.to_string(), "give a file or a folder that can be read"),
        }
    }
    search
}

impl Search {
    fn problem(&mut self, file: &str, message: impl Into<String>, help: &str) {
        self.problems.push(InputError::fatal(file, message, help));
    }

    fn folder(&mut self, root: &Path, shown: &str) {
        let mut all = Folder::default();
        // What is checked does not depend on the machine: of the files that say what to leave out, only `.gitignore` counts.
        let mut walk = WalkBuilder::new(root);
        walk.require_git(false).ignore(false).git_global(false).git_exclude(false).sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            let path = match entry {
                Ok(entry) => entry.into_path(),
                Err(error) => {
                    self.problem(shown, error.to_string(), "make sure that everything in the folder can be read");
                    continue;
                }
            };
            if path.is_file() {
                all.add(&path);
            } else if path.is_symlink() && path.is_dir() {
                self.leave(root, &path, "a link to a folder", "name the folder to check it");
            }
        }
        let is_deployed = |kind: &Kind| matches!(kind, Kind::Arm | Kind::Bicep | Kind::Plan);
        // What-if output in the folder of its template would deploy everything twice.
        let has_templates = all.templates.values().any(is_deployed);
        let pairs: Vec<(PathBuf, Kind)> = all.templates.iter().map(|(path, kind)| (path.clone(), *kind)).collect();
        for (path, kind) in pairs {
            let is_used = match kind {
                Kind::Arm | Kind::Bicep | Kind::Plan => !all.used.contains(&path) && !all.is_compiled(&path, kind),
                Kind::WhatIf => !has_templates,
                Kind::State => false,
            };
            match kind {
                _ if is_used => self.found.push(all.found(root, &path, kind)),
                Kind::WhatIf => self.leave(root, &path, "output of what-if", "name the file to check it"),
                Kind::State => self.leave(root, &path, "a Terraform state", "name the file to check it"),
                _ => {}
            }
        }
        for path in &all.recordings {
            self.leave(root, path, "a recording", "name the file, or use it with `--against`");
        }
        self.problems.append(&mut all.problems);
        if all.has_terraform_source && !all.templates.values().any(|kind| *kind == Kind::Plan) {
            self.problems.push(source(shown, false));
        }
    }

    /// Something in a folder that is not used.
    fn leave(&mut self, root: &Path, path: &Path, what: &str, help: &str) {
        let file = path.strip_prefix(root).unwrap_or(path).display().to_string();
        self.not_used.push(v1::NotUsed { file, line: 1, what: what.to_owned(), help: help.to_owned() });
    }

    /// A file that was named. Its folder is the project.
    fn file(&mut self, path: &Path, shown: &str) {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if extension.eq_ignore_ascii_case("tf") || path.to_string_lossy().ends_with(".tf.json") {
            self.problems.push(source(shown, true));
            return;
        }
        let Some(parent) = path.parent() else { return };
        let mut all = Folder::default();
        for entry in std::fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok) {
            let own = entry.path();
            if own.is_file() && own != path && is_parameters(&own) {
                all.add(&own);
            }
        }
        all.problems.clear();
        all.recordings.clear();
        all.add_named(path);
        self.problems.append(&mut all.problems);
        if let Some(template) = all.using.get(path).cloned() {
            all.add(&template);
            all.using.retain(|own, _| own == path);
            match all.templates.get(&template).copied() {
                Some(kind) => self.found.push(all.found(&project(parent), &template, kind)),
                None => self.problem(shown, "the template that it names cannot be read", "check `using`"),
            }
            return;
        }
        if all.recordings.contains(path) {
            self.recordings.push(path.to_path_buf());
        } else if let Some(kind) = all.templates.get(path).copied() {
            self.found.push(all.found(&project(parent), path, kind));
        } else if all.parameters.contains(path) {
            self.problem(
                shown,
                "this is a parameter file",
                "check the template, and give the file with `--parameters`",
            );
        } else if self.problems.iter().all(|problem| problem.file != path.display().to_string()) {
            let help = "expected an ARM template, Bicep, a Terraform plan or state (`terraform show -json`), what-if \
                        output (`az deployment group what-if --no-pretty-print`), or a recording";
            self.problem(shown, "this is not a file that can be checked", help);
        }
    }
}

/// Terraform source is not evaluated.
fn source(shown: &str, fatal: bool) -> InputError {
    InputError { fatal, ..InputError::fatal(shown, "Terraform source is not evaluated without a plan", MAKE_A_PLAN) }
}

/// What is in a folder.
#[derive(Default)]
struct Folder {
    templates: BTreeMap<PathBuf, Kind>,
    parameters: BTreeSet<PathBuf>,
    recordings: BTreeSet<PathBuf>,
    /// Templates that say which compiler wrote them.
    generated: BTreeSet<PathBuf>,
    /// Files that another one draws in.
    used: BTreeSet<PathBuf>,
    /// Parameter files by what they name.
    using: BTreeMap<PathBuf, PathBuf>,
    has_terraform_source: bool,
    problems: Vec<InputError>,
}

/// The folder that a file's modules may be in: the one with `.git`, or its own.
pub(super) fn project(folder: &Path) -> PathBuf {
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
        let text = || text_of(path).unwrap_or_default();
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
            "json" | "jsonc" | "tfstate" => self.json(path, false),
            "tf" => self.has_terraform_source = true,
            _ => {}
        }
    }

    /// Adds a file that was named: whatever its name is, its content decides.
    fn add_named(&mut self, path: &Path) {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "bicep" | "bicepparam" => self.add(path),
            _ => self.json(path, true),
        }
    }

    fn json(&mut self, path: &Path, is_named: bool) {
        let shown = path.display().to_string();
        let text = match text_of(path) {
            Ok(text) => text,
            Err(why) if is_named => {
                return self.problems.push(InputError::fatal(shown, why, "give a file that can be read"));
            }
            Err(why) => {
                // A file that cannot be read may be a template. In another encoding, its schema can still be read.
                let bytes = std::fs::read(path);
                if bytes.as_ref().map_or(true, |bytes| is_meant(&String::from_utf8_lossy(bytes))) {
                    self.problems.push(InputError::fatal(shown, why, "make it a file that can be read, in UTF-8"));
                }
                return;
            }
        };
        match content_of(&text, is_named) {
            Ok(Content::Deployment(kind)) => {
                self.templates.insert(path.to_path_buf(), kind);
                if kind == Kind::Arm {
                    self.links(path, &text);
                    self.generated.extend(text.contains("\"_generator\"").then(|| path.to_path_buf()));
                }
            }
            Ok(Content::Parameters) => {
                self.parameters.insert(path.to_path_buf());
            }
            Ok(Content::Recording) => {
                self.recordings.insert(path.to_path_buf());
            }
            Ok(Content::Other) => {}
            Err(((line, column), message)) => {
                let error = InputError::fatal(shown, message, "correct the file; the others are checked");
                self.problems.push(error.at(line, column));
            }
        }
    }

    /// Modules are not judged on their own. What a file only imports from is not deployed by that.
    fn draws_in(&mut self, path: &Path, program: &Program) {
        for statement in &program.statements {
            let StatementKind::Module(module) = &statement.kind else { continue };
            if let ExprKind::Text(text) = &module.path.kind {
                self.used.extend(beside(path, text));
            }
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
        kind == Kind::Arm && self.generated.contains(path) && self.templates.contains_key(&path.with_extension("bicep"))
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
