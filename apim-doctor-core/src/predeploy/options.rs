//! Where a deployment goes, and what is known from outside its files.

use std::path::{Path, PathBuf};

use crate::knowledge::cloud::Cloud;
use crate::model::Estate;
use crate::report::{Options, Suppressions};

/// Compiles a Bicep file to a template in JSON, or says why it cannot.
pub type Compiler = fn(&Path) -> Result<String, String>;

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
    /// Values of parameters: a file (`FILE`, `@FILE`), JSON, or a single value (`NAME=VALUE`, `NAME=@FILE`).
    pub parameters: Vec<String>,
    /// The cloud. By default the one that all host names in the files belong to.
    pub cloud: Option<Cloud>,
    /// What exists: the deployment is laid over it.
    pub against: Option<Estate>,
    /// The folder from which the diffs of fixes name files. Files outside of it are named from their project's folder.
    pub base: Option<PathBuf>,
    /// What compiles Bicep files. By default the program reads them itself, and runs nothing.
    pub compiler: Option<Compiler>,
    /// Which paths are judged.
    pub diagnosis: Options,
    /// What does not count, beside what comments in the files say.
    pub suppressions: Suppressions,
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
