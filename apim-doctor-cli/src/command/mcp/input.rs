//! What the tools take: options of the command line that read, and none that writes a file or starts a program. The
//! descriptions are what a client shows and a model reads.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::args::Auth;
use crate::command::explain::is_code;
use crate::command::mcp::line::{Line, Wrong};

/// The input of a tool.
pub(super) trait Input: DeserializeOwned + JsonSchema {
    /// The command line that answers it.
    fn line(&self) -> Result<Line, Wrong>;
}

/// A cloud that is known by its name. A file that describes another one says where tokens are sent, so only the person who
/// starts the server can name it.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(super) enum Cloud {
    #[serde(rename = "AzurePublic")]
    Public,
    #[serde(rename = "AzureUSGovernment")]
    UsGovernment,
    #[serde(rename = "AzureChina")]
    China,
}

impl Cloud {
    /// As an option names it.
    fn name(self) -> String {
        let name = match self {
            Cloud::Public => "AzurePublic",
            Cloud::UsGovernment => "AzureUSGovernment",
            Cloud::China => "AzureChina",
        };
        name.to_owned()
    }
}

/// Input of `diagnose`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Diagnose {
    /// Files to read instead of asking Azure: recordings, output of `az`, folders or zips of them, patterns such as
    /// `*.json`. Relative paths start at the folder in which the server runs.
    #[serde(default)]
    files: Vec<String>,
    /// The text of a recording, or of output of `az`, instead of a file.
    recording: Option<String>,
    /// Ids of the resources to examine (`/subscriptions/…`): instances, apps, named values, certificates.
    #[serde(default)]
    resources: Vec<String>,
    /// The resource group of the instance in `name`.
    resource_group: Option<String>,
    /// The name of the instance to examine.
    name: Option<String>,
    /// An error text that was observed, as printed by Azure or a tool: the diagnosis uses what it proves.
    error: Option<String>,
    /// Scripts (PowerShell, shell, pipelines) whose requests for backups are examined. They are parsed and never run.
    #[serde(default)]
    scripts: Vec<String>,
    /// Ids of the resources that outputs without an id belong to, such as `az functionapp config appsettings list`.
    #[serde(default, rename = "for")]
    owners: Vec<String>,
    /// Examine only these kinds of consumers, e.g. `apim-custom-domain`. This makes the result smaller.
    #[serde(default)]
    consumer: Vec<String>,
    /// A baseline file: the findings in it do not count.
    baseline: Option<String>,
    /// The reference time, e.g. `2026-11-21T09:00:00Z`; by default, the time of the recording.
    as_of: Option<String>,
    /// Without files: the id of the subscription to examine, with all its callers unless a resource is given.
    subscription: Option<String>,
    /// Without files: the cloud.
    cloud: Option<Cloud>,
    /// Without files: how to sign in.
    auth: Option<Auth>,
    /// Without files: seconds after which reading ends, from 1 to 3600, even if data is missing. By default 120.
    #[schemars(range(min = 1, max = 3600))]
    timeout: Option<u64>,
    /// Without files: also query each vault directly. Lists and metadata are read, never a value.
    #[serde(default)]
    ask_vault: bool,
    /// Without files: also list the blobs of the containers that backups are written to. Names and times are read, never
    /// content.
    #[serde(default)]
    ask_storage: bool,
    /// Without files: also list app settings. Names, references, account names and switches are kept, other values are
    /// dropped.
    #[serde(default)]
    read_settings: bool,
}

impl Input for Diagnose {
    fn line(&self) -> Result<Line, Wrong> {
        let mut line = Line::new("diagnose");
        line.files("files", "snapshot", &self.files)?;
        line.option("resourceGroup", "resource-group", &self.resource_group)?;
        line.option("name", "name", &self.name)?;
        line.files("scripts", "script", &self.scripts)?;
        line.option("for", "for", &self.owners)?;
        line.option("consumer", "consumer", &self.consumer)?;
        line.files("baseline", "baseline", &self.baseline)?;
        line.option("asOf", "as-of", &self.as_of)?;
        line.azure(&Azure {
            subscription: self.subscription.as_ref(),
            cloud: self.cloud,
            auth: self.auth,
            timeout: self.timeout,
        })?;
        line.flag("ask-vault", self.ask_vault);
        line.flag("ask-storage", self.ask_storage);
        line.flag("read-settings", self.read_settings);
        line.resources("resources", &self.resources)?;
        line.text("recording", "snapshot", self.recording.as_ref())?;
        match &self.recording {
            None => line.text("error", "error", self.error.as_ref())?,
            // The recording is on standard input.
            Some(_) if self.error.as_deref() == Some("-") => return Err(Wrong::new("error", "expected an error text")),
            Some(_) => line.option("error", "error", &self.error)?,
        }
        Ok(line)
    }
}

/// Input of `explain`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Explain {
    /// An error text, or a log with one, as printed by Azure or a tool.
    error: Option<String>,
    /// A file with an error text or a log, instead of the text.
    error_file: Option<String>,
    /// A code of a finding, e.g. `firewall.user-assigned-not-trusted`, to be told what it means and how it is fixed.
    code: Option<String>,
}

impl Input for Explain {
    fn line(&self) -> Result<Line, Wrong> {
        let mut line = Line::new("explain");
        match (&self.error, &self.error_file, &self.code) {
            (Some(_), None, None) => line.text("error", "error", self.error.as_ref())?,
            (None, Some(_), None) => line.files("errorFile", "error-file", &self.error_file)?,
            // Anything else would be the name of a file or an error text.
            (None, None, Some(code)) if is_code(code) => line.values("code", [code])?,
            (None, None, Some(_)) => {
                let expected = "expected a code like `firewall.source-not-allowed`; an error text belongs in `error`";
                return Err(Wrong::new("code", expected));
            }
            _ => return Err(Wrong::new("error", "expected exactly one of `error`, `errorFile` and `code`")),
        }
        Ok(line)
    }
}

/// Input of `can`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Can {
    /// Who: an object id, or the id of a resource with a managed identity. Leave it out to be told who has the permission.
    principal: Option<String>,
    /// What, e.g. `Microsoft.KeyVault/vaults/secrets/getSecret/action`. Leave it out to be told what the principal may do.
    action: Option<String>,
    /// Where: the id of a resource, a resource group or a subscription.
    scope: Option<String>,
    /// Files to read instead of asking Azure: recordings, output of `az`, folders or zips of them, patterns such as
    /// `*.json`. Relative paths start at the folder in which the server runs.
    #[serde(default)]
    files: Vec<String>,
    /// The text of a recording, or of output of `az`, instead of a file.
    recording: Option<String>,
    /// Ids of the resources that outputs without an id belong to.
    #[serde(default, rename = "for")]
    owners: Vec<String>,
    /// The reference time, e.g. `2026-11-21T09:00:00Z`; by default, the time of the recording.
    as_of: Option<String>,
    /// Without files: the id of the subscription.
    subscription: Option<String>,
    /// Without files: the cloud.
    cloud: Option<Cloud>,
    /// Without files: how to sign in.
    auth: Option<Auth>,
    /// Without files: seconds after which reading ends, from 1 to 3600, even if data is missing. By default 120.
    #[schemars(range(min = 1, max = 3600))]
    timeout: Option<u64>,
}

impl Input for Can {
    fn line(&self) -> Result<Line, Wrong> {
        let mut line = Line::new("can");
        match (&self.principal, &self.action, &self.scope) {
            (Some(_), Some(_), Some(_)) => {}
            (None, Some(_), Some(_)) => line.flag("who", true),
            (Some(_), None, _) => line.flag("what", true),
            _ => {
                let expected = "expected `principal`, `action` and `scope`; without `principal`: who may do it; without \
                                `action`: what the principal may do";
                return Err(Wrong::new("principal", expected));
            }
        }
        line.files("files", "snapshot", &self.files)?;
        line.option("for", "for", &self.owners)?;
        line.option("asOf", "as-of", &self.as_of)?;
        line.azure(&Azure {
            subscription: self.subscription.as_ref(),
            cloud: self.cloud,
            auth: self.auth,
            timeout: self.timeout,
        })?;
        line.text("recording", "snapshot", self.recording.as_ref())?;
        line.values("principal", &self.principal)?;
        line.values("action", &self.action)?;
        line.values("scope", &self.scope)?;
        Ok(line)
    }
}

/// Input of `check`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Check {
    /// Files, folders and zips: ARM templates, Bicep, Terraform plans and states, what-if output. The content decides which
    /// they are. A recording among them says what exists. Relative paths start at the folder in which the server runs.
    #[serde(default)]
    paths: Vec<String>,
    /// The text of one such file, instead of paths.
    text: Option<String>,
    /// Parameters as azure-cli takes them: the name of a file, JSON, or `NAME=VALUE`.
    #[serde(default)]
    parameters: Vec<String>,
    /// What exists already, under the deployment: recordings, or `live` to read it from Azure.
    #[serde(default)]
    against: Vec<String>,
    /// The files are all there is: what they do not contain does not exist.
    #[serde(default)]
    standalone: bool,
    /// The id of the subscription that it is deployed to.
    subscription: Option<String>,
    /// The resource group that it is deployed to.
    resource_group: Option<String>,
    /// The region that it is deployed to.
    location: Option<String>,
    /// The id of the tenant that it is deployed to.
    tenant: Option<String>,
    /// The cloud that it is deployed to; by default, that of the host names in the files.
    cloud: Option<Cloud>,
    /// Check only consumers whose kind starts with one of these, e.g. `apim-custom-domain`. This makes the result smaller.
    #[serde(default)]
    consumer: Vec<String>,
    /// A baseline file: the findings in it do not count.
    baseline: Option<String>,
    /// The reference time, e.g. `2026-11-21T09:00:00Z`; by default, now.
    as_of: Option<String>,
    /// With `live`: how to sign in.
    auth: Option<Auth>,
    /// With `live`: seconds after which reading ends, from 1 to 3600, even if data is missing. By default 120.
    #[schemars(range(min = 1, max = 3600))]
    timeout: Option<u64>,
    /// With `live`: also list app settings. Names, references, account names and switches are kept, other values are
    /// dropped.
    #[serde(default)]
    read_settings: bool,
}

impl Input for Check {
    fn line(&self) -> Result<Line, Wrong> {
        let mut line = Line::new("check");
        if self.paths.is_empty() == self.text.is_none() {
            return Err(Wrong::new("paths", "expected exactly one of `paths` and `text`"));
        }
        line.option("parameters", "parameters", &self.parameters)?;
        line.files("against", "against", &self.against)?;
        line.flag("standalone", self.standalone);
        line.option("resourceGroup", "resource-group", &self.resource_group)?;
        line.option("location", "location", &self.location)?;
        line.option("tenant", "tenant", &self.tenant)?;
        line.option("consumer", "consumer", &self.consumer)?;
        line.files("baseline", "baseline", &self.baseline)?;
        line.option("asOf", "as-of", &self.as_of)?;
        line.azure(&Azure {
            subscription: self.subscription.as_ref(),
            cloud: self.cloud,
            auth: self.auth,
            timeout: self.timeout,
        })?;
        line.flag("read-settings", self.read_settings);
        line.paths("paths", &self.paths)?;
        line.text_as_value("text", self.text.as_ref())?;
        Ok(line)
    }
}

/// Input of `what-if`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct WhatIf {
    /// Recordings, output of `az`, folders or zips of them, patterns such as `*.json`. Relative paths start at the folder
    /// in which the server runs.
    #[serde(default)]
    files: Vec<String>,
    /// The text of a recording, or of output of `az`, instead of a file.
    recording: Option<String>,
    /// Ids of the resources that outputs without an id belong to.
    #[serde(default, rename = "for")]
    owners: Vec<String>,
    /// Properties to set, as `RESOURCE/PROPERTY=VALUE`, e.g. `kv-shop/properties/publicNetworkAccess=Disabled`. RESOURCE is
    /// an id or a name; VALUE is JSON or a bare text; `null` removes the property, and `-` at the end of the path adds to a
    /// list.
    #[serde(default)]
    set: Vec<String>,
    /// Resources to delete, by id or name.
    #[serde(default)]
    delete: Vec<String>,
    /// JSON merge patches: the id or the name of each resource, with its patch.
    patch: Option<Map<String, Value>>,
    /// Rules of checkov, PSRule, prowler, Defender for Cloud or Azure Policy to follow, or hardenings by name: `RULE` for all
    /// resources that it is about, or `RULE=RESOURCE`. `rules` lists them.
    #[serde(default)]
    apply: Vec<String>,
    /// List the rules that `apply` knows, instead of trying a change.
    #[serde(default)]
    rules: bool,
    /// Examine only these kinds of consumers, e.g. `apim-custom-domain`. This makes the result smaller.
    #[serde(default)]
    consumer: Vec<String>,
    /// The reference time, e.g. `2026-11-21T09:00:00Z`; by default, the time of the recording.
    as_of: Option<String>,
}

impl Input for WhatIf {
    fn line(&self) -> Result<Line, Wrong> {
        let mut line = Line::new("what-if");
        if self.rules {
            line.flag("rules", true);
        } else if self.files.is_empty() && self.recording.is_none() {
            return Err(Wrong::new("files", "expected `files` or `recording`"));
        }
        line.files("files", "snapshot", &self.files)?;
        line.option("for", "for", &self.owners)?;
        line.option("set", "set", &self.set)?;
        line.option("delete", "delete", &self.delete)?;
        line.option("apply", "apply", &self.apply)?;
        line.option("consumer", "consumer", &self.consumer)?;
        line.option("asOf", "as-of", &self.as_of)?;
        line.text("recording", "snapshot", self.recording.as_ref())?;
        if let Some(patch) = &self.patch {
            if self.recording.is_some() {
                return Err(Wrong::new("patch", "expected `files` with it: only one text can be passed on"));
            }
            line.text("patch", "patch", Some(&Value::Object(patch.clone()).to_string()))?;
        }
        Ok(line)
    }
}

/// How Azure is asked.
struct Azure<'i> {
    subscription: Option<&'i String>,
    cloud: Option<Cloud>,
    auth: Option<Auth>,
    timeout: Option<u64>,
}

impl Line {
    fn azure(&mut self, azure: &Azure<'_>) -> Result<(), Wrong> {
        self.option("subscription", "subscription", azure.subscription)?;
        self.option("cloud", "cloud", &azure.cloud.map(Cloud::name))?;
        let auth = azure.auth.and_then(|auth| clap::ValueEnum::to_possible_value(&auth));
        self.option("auth", "auth", &auth.map(|auth| auth.get_name().to_owned()))?;
        self.timeout(azure.timeout);
        Ok(())
    }

    /// Resource ids as arguments. What does not look like one would be the name of a file.
    fn resources(&mut self, field: &str, ids: &[String]) -> Result<(), Wrong> {
        match ids.iter().find(|id| !id.starts_with('/')) {
            Some(odd) => Err(Wrong::new(field, format!("expected ids like `/subscriptions/…`, and one is `{odd}`"))),
            None => self.values(field, ids),
        }
    }
}
