//! Data types of a result: steps with evidence, findings with fixes.

mod code;
mod code_name;
pub(crate) mod command;
mod gap;
mod patch;
mod severity;
pub(crate) mod snippet;
mod source;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::{ResourceId, Verdict};

pub use code::{Code, RETIRED};
pub use code_name::CodeName;
pub(crate) use command::Purpose;
pub(crate) use command::{Command, Line, Word};
pub(crate) use patch::{Concerns, Edit, Patch};
pub use severity::Severity;
pub use source::Source;
pub(crate) use source::WebPage;

/// The eight gates, in the order a request meets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// Is the consumer's own setting well formed, and does this tier support it?
    Reference,
    /// Can the actor get a token for the right tenant?
    Identity,
    /// Does the target exist, in this cloud, under this name?
    Target,
    /// What does its name resolve to, as seen from the origin?
    Dns,
    /// Can packets get there?
    Network,
    /// Does the target's own rule set accept a request that arrives this way?
    Firewall,
    /// May the principal do this?
    Authorization,
    /// Does the object exist, and will the consumer accept it?
    Object,
}

impl Gate {
    /// All gates, in order.
    pub const ALL: [Gate; 8] = [
        Gate::Reference,
        Gate::Identity,
        Gate::Target,
        Gate::Dns,
        Gate::Network,
        Gate::Firewall,
        Gate::Authorization,
        Gate::Object,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Gate::Reference => "reference",
            Gate::Identity => "identity",
            Gate::Target => "target",
            Gate::Dns => "dns",
            Gate::Network => "network",
            Gate::Firewall => "firewall",
            Gate::Authorization => "authorization",
            Gate::Object => "object",
        }
    }
}

/// Where a fact stands: the resource, and the place in its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Locator {
    /// The resource.
    pub resource: Option<ResourceId>,
    /// A JSON pointer into the resource's body; empty: the whole of it.
    pub pointer: Cow<'static, str>,
}

impl Locator {
    /// A place in a resource.
    pub(crate) fn new(resource: &ResourceId, pointer: impl Into<Cow<'static, str>>) -> Self {
        Self { resource: Some(resource.clone()), pointer: pointer.into() }
    }
}

/// A fact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Evidence {
    /// The fact, in words.
    pub says: Cow<'static, str>,
    /// The resource it stands in.
    pub resource: Option<ResourceId>,
    /// A JSON pointer into the resource's body.
    pub pointer: Cow<'static, str>,
    /// The input file.
    pub file: Option<Arc<str>>,
    /// The line at which the resource starts in it; in a script and in the files of a deployment, the line itself.
    pub line: Option<usize>,
    /// The column, counted from 1: in bytes in a script, in characters in the files of a deployment. Nothing else has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

impl Evidence {
    /// A fact and where it stands. The file and the line are filled in for the report.
    pub(crate) fn new(
        says: impl Into<Cow<'static, str>>,
        resource: &ResourceId,
        pointer: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::at(says, Locator::new(resource, pointer))
    }

    /// The same for a place that is known already.
    pub(crate) fn at(says: impl Into<Cow<'static, str>>, at: Locator) -> Self {
        Self { says: says.into(), resource: at.resource, pointer: at.pointer, file: None, line: None, column: None }
    }
}

/// One question of the decision tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// What was asked.
    pub question: &'static str,
    /// The answer.
    pub verdict: Verdict,
    /// Why.
    pub evidence: Vec<Evidence>,
}

/// How much else a fix may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Safety {
    /// Nothing else.
    Safe,
    /// Something else too: read it before you run it.
    Review,
    /// A person has to decide.
    Manual,
}

/// A way to repair a finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fix {
    /// What it does.
    pub title: String,
    /// How much else it may change.
    pub safety: Safety,
    /// What it changes, so that it can be tried in memory.
    pub patch: Option<Patch>,
    /// Azure CLI.
    pub az: Vec<Line>,
    /// Azure PowerShell, where a script in it is corrected.
    pub powershell: Vec<Line>,
    /// Bicep, where a property says it.
    pub bicep: Option<String>,
    /// Terraform (azurerm), where a property says it.
    pub terraform: Option<String>,
}

/// How to confirm a finding by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Confirmation {
    /// Where to run it.
    pub run_from: String,
    /// What to run.
    pub command: Line,
    /// What it shows if the finding is right.
    pub expect: String,
}

/// Something to repair or to know, with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    /// What is bad.
    pub code: Code,
    /// The thing to repair.
    pub subject: ResourceId,
    /// `Fail`; `Unknown`: suspected; `Pass`: works, with something to know.
    pub verdict: Verdict,
    /// What is wrong, in one line.
    pub message: String,
    /// The facts.
    pub evidence: Vec<Evidence>,
    /// Ways to repair it, the smallest first.
    pub fixes: Vec<Fix>,
    /// How to confirm it by hand.
    pub confirm: Option<Confirmation>,
    /// It comes before everything else that is as severe: repairing it is what helps.
    pub leads: bool,
    /// It is about its subject and not about the access of a path, whose verdict it leaves alone.
    pub stands_alone: bool,
}

impl Finding {
    /// A certain finding has its code's severity; a suspected or survivable one is at most a warning.
    pub(crate) fn severity(&self) -> Severity {
        match self.verdict {
            Verdict::Fail => self.code.severity(),
            _ => self.code.severity().min(Severity::Warning),
        }
    }
}
