//! `what-if` and `diff`: what changes do to access paths.

use std::path::PathBuf;

use super::{Common, Outputs};

/// Show what a change would break, and what to do first so that it does not. Nothing is changed: it is tried in memory.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor what-if --snapshot a.json --set kv/properties/publicNetworkAccess=Disabled\n  \
    apim-doctor what-if --snapshot recording.json --apply CKV_AZURE_109\n  \
    apim-doctor what-if --snapshot recording.json --delete snet-old\n  \
    apim-doctor what-if --rules\n\n\
    Exit status: 0 nothing breaks; 1 something does; 2 wrong usage; 3 nothing was examined. With --fail-on unknown, also \
    1 if it is not known whether a path still works.")]
pub(crate) struct WhatIf {
    /// The recording, output of `az`, or a folder or a zip of them. Can be repeated.
    #[arg(long, value_name = "FILE", required_unless_present = "rules")]
    pub snapshot: Vec<PathBuf>,

    /// The resource that outputs without an id belong to. Can be repeated.
    #[arg(long = "for", value_name = "RESOURCE_ID")]
    pub owners: Vec<String>,

    /// Set a property of a resource: RESOURCE is an id or a name, PROPERTY a path in its body, VALUE JSON or a bare text;
    /// `null` removes it, and `-` at the end of the path adds to a list. Can be repeated.
    #[arg(long, value_name = "RESOURCE/PROPERTY=VALUE", help_heading = "The change")]
    pub set: Vec<String>,

    /// Delete a resource, given by its id or its name. Can be repeated.
    #[arg(long, value_name = "RESOURCE", help_heading = "The change")]
    pub delete: Vec<String>,

    /// Apply JSON merge patches: an object with the id or the name of each resource and its patch. Can be repeated.
    #[arg(long, value_name = "FILE", help_heading = "The change")]
    pub patch: Vec<PathBuf>,

    /// Follow a rule of checkov, PSRule, prowler, Defender for Cloud or Azure Policy, or a hardening by its name, for all
    /// resources that it is about or for one. `--rules` lists them. Can be repeated.
    #[arg(long, value_name = "RULE[=RESOURCE]", help_heading = "The change")]
    pub apply: Vec<String>,

    /// List the rules that `--apply` knows, with what each changes and its source.
    #[arg(long, conflicts_with_all = ["snapshot", "set", "delete", "patch", "apply"])]
    pub rules: bool,

    /// Write the recording as it would be after the preparations and then the change, so that it can be diagnosed.
    #[arg(long, value_name = "FILE")]
    pub write_changed: Option<PathBuf>,

    /// Examine only this kind of consumer, e.g. `apim-custom-domain`. Separate several with commas.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub consumer: Vec<String>,

    /// How to print.
    #[command(flatten)]
    pub outputs: Outputs,

    /// When to fail, and how much to print.
    #[command(flatten)]
    pub common: Common,
}

/// Compare two recordings or reports: what broke, what was repaired, and which change did it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    apim-doctor diff monday.json tuesday.json\n  \
    apim-doctor diff report-before.json report-after.json\n\n\
    Exit status: 0 nothing broke; 1 something did; 2 wrong usage; 3 nothing was examined. With --fail-on unknown, also 1 if \
    it is unknown whether a path still works.")]
pub(crate) struct Diff {
    /// The state before: a recording, output of `az`, a folder or a zip of them, or a report (`diagnose -o json`).
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,

    /// The state after.
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,

    /// The resource that outputs without an id belong to. Can be repeated.
    #[arg(long = "for", value_name = "RESOURCE_ID")]
    pub owners: Vec<String>,

    /// Examine only this kind of consumer, e.g. `apim-custom-domain`. Separate several with commas.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub consumer: Vec<String>,

    /// How to print.
    #[command(flatten)]
    pub outputs: Outputs,

    /// When to fail, and how much to print.
    #[command(flatten)]
    pub common: Common,
}
