//! Where a deployment goes, and how its files are judged.

use std::path::PathBuf;

use crate::knowledge::cloud::Cloud;
use crate::model::Estate;
use crate::report::Options;

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
    /// The folder from which the diffs of fixes name files. Files outside of it are named from their project's folder.
    pub base: Option<PathBuf>,
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
