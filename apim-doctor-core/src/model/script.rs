//! Requests for a backup that a script sends: what is literal in it, and where that stands.

use std::sync::Arc;

use serde_json::Value;

use crate::base::ResourceId;
use crate::model::backup::IDENTITY_SINCE;

/// A line and a column of a script, both counted from 1; the column in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// How a script sends the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// A cmdlet of Az.ApiManagement.
    Cmdlet,
    /// `az apim`.
    AzApim,
    /// A request to Resource Manager, by whatever command.
    Rest,
}

/// How a script signs in to the storage account, where it names no identity of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The script fetches an account key.
    Fetched,
    /// A key comes from somewhere else.
    Given,
    /// Neither a key nor anything else is named.
    Absent,
    /// The identity that is signed in.
    Connected,
    /// A shared access signature.
    Sas,
    /// Anonymously.
    Anonymous,
    /// Not known.
    Unknown,
}

/// What a script signs in to Azure with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    /// The system-assigned identity of whatever runs it.
    SystemAssigned,
    /// The user-assigned identity with this client id.
    UserAssigned(String),
    /// The application with this id.
    Application(String),
    /// The service connection of a pipeline.
    Connection(String),
    /// Not known.
    Unknown,
}

/// A value as the command has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// A literal.
    Literal(String),
    /// A variable, as its name.
    Variable(String),
    /// Anything else.
    Other,
}

/// A request for a backup or a restore that a script sends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScriptRequest {
    /// The file.
    pub file: Arc<str>,
    /// Where the command starts.
    pub at: Spot,
    /// Where what the body says stands, by pointers into the body.
    pub places: Vec<(&'static str, Spot)>,
    /// How it is sent.
    pub means: Means,
    /// Whether it is a restore.
    pub restores: bool,
    /// The subscription of the instance, if the script says it.
    pub subscription: Option<String>,
    /// The resource group of the instance, if the script says it.
    pub group: Option<String>,
    /// The name of the instance, if the script says it.
    pub instance: Option<String>,
    /// The key that it uses if it uses no identity.
    pub key: Key,
    /// The api-version of a request to Resource Manager.
    pub version: Option<String>,
    /// The version of the module Az.ApiManagement that the script asks for.
    pub module: Option<String>,
    /// What it signs in with.
    pub signer: Option<Signer>,
    /// What is not literal, by pointers into the body, and why. `/instance`, `/resourceGroup` and `/subscription` stand
    /// for the parts of the instance's id.
    pub open: Vec<(&'static str, String)>,
    /// The arguments as they were written, by the same pointers.
    pub written: Vec<(&'static str, Written)>,
    /// What is known of the body, without a key.
    pub body: Value,
    /// The instance. What the script does not say of it stands as `SUBSCRIPTION`, `RG` or `NAME`.
    pub instance_id: ResourceId,
}

impl ScriptRequest {
    /// The file's own name.
    pub(crate) fn name(&self) -> &str {
        self.file.rsplit(['/', '\\']).next().unwrap_or(&self.file)
    }

    /// Where something of the body stands; what is not written stands where the command does.
    pub(crate) fn spot(&self, pointer: &str) -> Spot {
        self.places.iter().find(|(own, _)| *own == pointer).map_or(self.at, |(_, spot)| *spot)
    }

    /// Why something is not known.
    pub(crate) fn why(&self, pointer: &str) -> Option<&str> {
        self.open.iter().find(|(own, _)| *own == pointer).map(|(_, why)| why.as_str())
    }

    /// An argument as it was written.
    pub(crate) fn written(&self, pointer: &str) -> Option<&Written> {
        self.written.iter().find(|(own, _)| *own == pointer).map(|(_, written)| written)
    }

    /// A property of the body.
    pub(crate) fn says(&self, property: &str) -> Option<&str> {
        self.body.get(property).and_then(Value::as_str)
    }

    /// The access type, as the command has it.
    pub(crate) fn access(&self) -> Option<&str> {
        self.says("accessType")
    }

    /// Whether the api-version of the request is older than the first with access by identity.
    pub(crate) fn has_old_version(&self) -> bool {
        let Some(version) = self.version.as_deref().filter(|version| version.len() >= 10) else { return false };
        version.get(..10).is_some_and(|day| day < IDENTITY_SINCE)
    }

    /// Whether the script asks for a version of Az.ApiManagement whose cmdlet has no `-AccessType`.
    ///
    /// Source: <https://github.com/Azure/azure-powershell> (older `ApiManagementClient.cs`, read 2026-11-21).
    pub(crate) fn has_old_module(&self) -> bool {
        let Some(version) = self.module.as_deref().filter(|_| self.means == Means::Cmdlet) else { return false };
        let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
        let first = parts.next().flatten();
        let second = parts.next().flatten().unwrap_or_default();
        first.is_some_and(|first| (first, second) < (2, 3))
    }
}
