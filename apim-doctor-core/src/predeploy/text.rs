//! One file, judged from its text without any other file.

use std::path::{Path, PathBuf};

use crate::knowledge::cloud::Cloud;
use crate::report::{Options, diagnose, v1};
use crate::source::bicep::Project;
use crate::source::deployed::Deployment;
use crate::source::{arm, bicep, terraform};
use crate::template::deployment::Evaluated;
use crate::template::evaluation::{self, Given, NoLoader, evaluate};
use crate::template::place::Files;

/// The language of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// An ARM template in JSON.
    Arm,
    /// Bicep.
    Bicep,
    /// A Terraform plan in JSON.
    Terraform,
}

/// Judges the access paths that one file would make. Modules and linked templates are missing.
pub fn check_text(language: Language, text: &str) -> v1::Report {
    let mut files = Files::default();
    let evaluated = evaluated(language, text, &mut files).unwrap_or_default();
    let deployment = Deployment {
        files: &files,
        evaluated: &evaluated,
        deleted: &[],
        exists: &[],
        left_out: &[],
        is_ordered: true,
        tenant: None,
        is_all: false,
        cloud: Cloud::default(),
        is_cloud_known: true,
        against: None,
    };
    diagnose(&deployment.laid().estate, &Options::default())
}

fn evaluated(language: Language, text: &str, files: &mut Files) -> Option<Evaluated> {
    let template = match language {
        Language::Arm => arm::read_template(files.add(PathBuf::from("main.json"), text.into())?, text).found?,
        Language::Bicep => bicep::lower(Path::new("/main.bicep"), &Alone(text), files).template?,
        Language::Terraform => {
            let file = files.add(PathBuf::from("plan.json"), text.into())?;
            let options = terraform::Options { subscription: None, cloud: None, role: &|_| None };
            return terraform::read_plan(file, text, &options).found.map(|planned| planned.evaluated);
        }
    };
    Some(evaluate(template, &Given::default(), &evaluation::Options::default(), &mut NoLoader))
}

/// A project of one file.
struct Alone<'t>(&'t str);

impl Project for Alone<'_> {
    fn root(&self) -> &Path {
        Path::new("/")
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        (path == Path::new("/main.bicep"))
            .then(|| self.0.as_bytes().to_vec())
            .ok_or_else(|| "the file does not exist".to_owned())
    }

    fn list(&self, _folder: &Path) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }

    fn cached(&self, _path: &str) -> Option<Vec<u8>> {
        None
    }
}
