//! Names of files as a pipeline knows them: from the folder of its checkout. A report names them from their project.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use apim_doctor_core::v1::{Evidence, Report};

/// The same report with such names. `roots`: the files and folders that were checked.
pub(super) fn located(report: &Report, roots: &[PathBuf]) -> Report {
    let mut names = Names { roots, base: base(), known: HashMap::new() };
    let mut report = report.clone();
    for path in &mut report.paths {
        names.rename(&mut path.declared_at.file);
        for gate in &mut path.gates {
            let gate = Arc::make_mut(gate);
            gate.steps.iter_mut().for_each(|step| names.rename_all(&mut step.evidence));
        }
    }
    for suppression in &mut report.suppressions {
        let mut file = suppression.file.take().map(Arc::from);
        names.rename(&mut file);
        suppression.file = file.map(|file| file.to_string());
    }
    report.findings.iter_mut().for_each(|finding| names.rename_all(&mut finding.evidence));
    report
}

/// The folder of the checkout: GitHub says it, and other pipelines start there.
fn base() -> Option<PathBuf> {
    let workspace = std::env::var_os("GITHUB_WORKSPACE").filter(|path| !path.is_empty()).map(PathBuf::from);
    workspace.or_else(|| std::env::current_dir().ok())?.canonicalize().ok()
}

struct Names<'r> {
    roots: &'r [PathBuf],
    base: Option<PathBuf>,
    known: HashMap<Arc<str>, Arc<str>>,
}

impl Names<'_> {
    fn rename_all(&mut self, evidence: &mut [Evidence]) {
        evidence.iter_mut().for_each(|evidence| self.rename(&mut evidence.file));
    }

    fn rename(&mut self, file: &mut Option<Arc<str>>) {
        let Some(name) = file else { return };
        if let Some(known) = self.known.get(name) {
            *name = known.clone();
            return;
        }
        let found = self.find(Path::new(&**name)).unwrap_or_else(|| name.clone());
        self.known.insert(name.clone(), found.clone());
        *name = found;
    }

    fn find(&self, file: &Path) -> Option<Arc<str>> {
        // From a folder that was checked, the current folder, or the folder of the project around a file that was checked.
        let above = self.roots.iter().flat_map(|root| root.ancestors().skip(1));
        let here = std::iter::once(Path::new(""));
        let mut places =
            self.roots.iter().map(PathBuf::as_path).chain(here).chain(above).map(|folder| folder.join(file));
        let real = places.find(|place| place.is_file())?.canonicalize().ok()?;
        let below = self.base.as_ref().and_then(|base| real.strip_prefix(base).ok());
        Some(below.unwrap_or(&real).to_string_lossy().into())
    }
}
