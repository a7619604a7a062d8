//! Where a deployment goes, its parameters, and the templates that it links to.

use std::sync::Arc;

use crate::template::declaration::Template;
use crate::template::place::FileId;
use crate::template::table::Table;
use crate::template::value::Value;

/// What stands before the path of a template that was found by its address in the files at hand.
pub(crate) const HERE: &str = "template:///";

/// Where a deployment goes, as far as that is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The subscription's id.
    pub subscription: Option<Arc<str>>,
    /// The resource group's name.
    pub resource_group: Option<Arc<str>>,
    /// The region of the resource group, or of a deployment to another scope.
    pub location: Option<Arc<str>>,
    /// The tenant's id.
    pub tenant: Option<Arc<str>>,
    /// The management group's name.
    pub management_group: Option<Arc<str>>,
    /// The deployment's name.
    pub deployment: Option<Arc<str>>,
    /// The cloud.
    pub cloud: Cloud,
}

/// An Azure cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cloud {
    /// The public cloud.
    #[default]
    Public,
    /// Azure Government.
    UsGovernment,
    /// Azure operated by 21Vianet.
    China,
}

impl Cloud {
    pub(super) fn name(self) -> &'static str {
        match self {
            Cloud::Public => "AzureCloud",
            Cloud::UsGovernment => "AzureUSGovernment",
            Cloud::China => "AzureChinaCloud",
        }
    }

    /// What stands after a vault's name in its address.
    pub(crate) fn vault_suffix(self) -> &'static str {
        match self {
            Cloud::Public => ".vault.azure.net",
            Cloud::UsGovernment => ".vault.usgovcloudapi.net",
            Cloud::China => ".vault.azure.cn",
        }
    }

    /// What stands after a storage account's name and service in its address.
    pub(crate) fn storage_suffix(self) -> &'static str {
        match self {
            Cloud::Public => "core.windows.net",
            Cloud::UsGovernment => "core.usgovcloudapi.net",
            Cloud::China => "core.chinacloudapi.cn",
        }
    }

    pub(super) fn sql_suffix(self) -> &'static str {
        match self {
            Cloud::Public => ".database.windows.net",
            Cloud::UsGovernment => ".database.usgovcloudapi.net",
            Cloud::China => ".database.chinacloudapi.cn",
        }
    }

    pub(super) fn resource_manager(self) -> &'static str {
        match self {
            Cloud::Public => "https://management.azure.com/",
            Cloud::UsGovernment => "https://management.usgovcloudapi.net/",
            Cloud::China => "https://management.chinacloudapi.cn/",
        }
    }

    pub(super) fn login(self) -> &'static str {
        match self {
            Cloud::Public => "https://login.microsoftonline.com/",
            Cloud::UsGovernment => "https://login.microsoftonline.us/",
            Cloud::China => "https://login.chinacloudapi.cn/",
        }
    }

    pub(super) fn graph(self) -> &'static str {
        match self {
            Cloud::Public => "https://graph.windows.net/",
            Cloud::UsGovernment => "https://graph.windows.net/",
            Cloud::China => "https://graph.chinacloudapi.cn/",
        }
    }
}

/// Finds templates that others link to.
pub(crate) trait Loader {
    /// The template at a path that is written in another file, relative to that file. Nothing outside the project may
    /// be read.
    ///
    /// # Errors
    /// Why there is none: lower case, no full stop.
    fn load(&mut self, path: &str, from: FileId) -> Result<Arc<Template>, String>;

    /// What is known of a resource that exists already and that these files only name: its body as Azure returns it.
    /// The id is in canonical text and lower case.
    fn existing(&mut self, _id: &str) -> Option<Value> {
        None
    }
}

/// Finds nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NoLoader;

impl Loader for NoLoader {
    fn load(&mut self, _: &str, _: FileId) -> Result<Arc<Template>, String> {
        Err("linked templates are not read here".to_owned())
    }
}

/// The values of parameters that were given for the outermost template.
pub(crate) type Given = Table<Value>;
