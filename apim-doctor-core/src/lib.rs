//! Explains why an Azure service cannot reach its Key Vault: the whole access path, gate by gate.
//!
//! An *access path* is: this actor, with this identity, does this operation on that target, from there, now. It is
//! walked through eight gates in the order a real request meets them: reference, identity, target, DNS, network,
//! firewall, authorization, object. Each gate answers pass, fail, unknown or not-applicable, with evidence.
//!
//! The crate reads bytes and returns values. It does no I/O and sends nothing anywhere, but for the module `live`
//! (feature `live`), which asks Azure and DNS and returns a recording. It reads the clock only if neither the caller nor
//! a recording says from when to judge.
//!
//! ```
//! use apim_doctor_core::{Estate, Input, Options, diagnose};
//!
//! # let bytes = b"[]".to_vec();
//! let (estate, problems) = Estate::read(vec![Input::new("snapshot.json", bytes)]);
//! for problem in &problems {
//!     eprintln!("{problem}; {}", problem.help);
//! }
//! let report = diagnose(&estate, &Options::default());
//! for path in &report.paths {
//!     println!("{} {}: {:?} {:?}", path.consumer, path.label, path.verdict, path.root_cause);
//! }
//! ```
//!
//! A program that does not run the diagnosis itself reads a report back, such as the output of
//! `apim-doctor diagnose -o json`:
//!
//! ```
//! use apim_doctor_core::v1::Report;
//! use apim_doctor_core::{CodeName, Severity};
//!
//! # use apim_doctor_core::{Estate, Input, Options, diagnose};
//! # let (estate, _) = Estate::read(vec![Input::new("empty.json", *b"[]")]);
//! # let json = serde_json::to_string(&diagnose(&estate, &Options::default()))?;
//! let report: Report = serde_json::from_str(&json)?;
//! let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
//! let codes: Vec<&CodeName> = errors.map(|finding| &finding.code).collect();
//! println!("{}: {codes:?}", report.as_of);
//! # assert!(codes.is_empty());
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Stability
//!
//! The formats are versioned: members may be added to `report/v1`, `answer/v1`, `explanation/v1` and `snapshot/v1`, and
//! none is renamed or removed. Types that may grow are `#[non_exhaustive]`; they are made by a constructor, or from their
//! default, and their fields can be set. [`Verdict`], [`Severity`], [`Gate`], [`v1::Outcome`] and [`v1::Permitted`] are
//! complete, because the formats fix their values.
//!
//! Reading a report of a newer version passes over members that this version does not know. A code that it does not know
//! is kept as text ([`CodeName`]).
//!
//! The only public type of a dependency before its version 1.0 is [`Timestamp`], of `jiff` 0.2. Use it from this crate:
//! another version of `jiff` counts as a breaking change here.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod base;
mod can;
mod change;
mod check;
mod consumer;
mod eval;
mod explain;
mod finding;
mod knowledge;
#[cfg(feature = "live")]
pub mod live;
mod model;
mod path;
mod predeploy;
mod report;
mod role_check;
mod source;
mod template;
#[cfg(test)]
#[path = "../tests/templates/mod.rs"]
mod templates;

pub use base::{ResourceId, Shard, ShardError, Verdict, is_guid};
pub use can::{Asked, AskedWhat, AskedWho, can, v1 as access, what, who};
pub use change::{
    ChangeError, HARDENINGS, Hardening, HardeningRule, Planned, answers_that_stand, diff, diff_reports, v1 as changes,
    what_if,
};
pub use check::CHECKED;
pub use consumer::kinds as consumers;
pub use explain::{explain, repair, v1 as explanation};
pub use finding::{Code, CodeName, Gate, RETIRED, Safety, Severity, Source};
pub use jiff::Timestamp;
pub use knowledge::caller_kind::CallerKind;
pub use knowledge::cloud::{Cloud, CloudName, CustomCloud};
pub use model::{Coverage, Estate, Input, SetAside};
pub use predeploy::{Applied, CheckOptions, Compiler, Fixed, FixedFile, LeftOut, check, deployed, fix};
pub use report::{
    Baseline, Known, Level, Options, PatternError, Rule, Suppressions, diagnose, fixed_recording, fleet, v1,
};
pub use role_check::{RoleError, check_role, check_roles, is_data_action, smallest_role, v1 as role_definitions};
pub use source::format as recording;
pub use source::{InputError, ReadOptions, masked};

/// What the tests and benchmarks of this workspace use. No part of the API: it changes without notice.
#[doc(hidden)]
pub mod testing {
    pub use crate::explain::{explain_with, is_page, known_messages, learnt};
    pub use crate::predeploy::{Language, check_counting, check_text};
    pub use crate::source::keep::{KeptType, kept, kept_types};
    pub use crate::source::redact::sentence as redacted;

    /// What is wrong with a text as Bicep.
    pub fn bicep_problems(text: &str) -> Vec<String> {
        crate::source::bicep::parse(text).problems.into_iter().map(|problem| problem.message).collect()
    }

    /// The actions that `can --what` lists.
    pub fn tasks() -> Vec<&'static str> {
        crate::knowledge::tasks::TASKS.iter().map(|task| task.action).collect()
    }
}

/// The JSON Schema (draft 2020-12) of a public format: `snapshot`, `report`, `ndjson` (one line), `baseline`,
/// `answer`, `who`, `what`, `roles`, `explanation`, `what-if` or `diff`. `None`: the format does not exist.
///
/// ```
/// let schema = apim_doctor_core::schema("report").expect("the format exists");
/// assert_eq!(schema.get("title").and_then(|title| title.as_str()), Some("Report"));
/// ```
#[cfg(feature = "schema")]
pub fn schema(name: &str) -> Option<schemars::Schema> {
    match name {
        // What is written has every member; what is read may lack some.
        "snapshot" => {
            let written = schemars::generate::SchemaSettings::default().for_serialize();
            Some(written.into_generator().into_root_schema_for::<recording::Snapshot>())
        }
        "report" => Some(schemars::schema_for!(v1::Report)),
        "answer" => Some(schemars::schema_for!(v1::Answer)),
        "who" => Some(schemars::schema_for!(access::Who)),
        "what" => Some(schemars::schema_for!(access::What)),
        "ndjson" => Some(schemars::schema_for!(v1::Record<'_>)),
        "baseline" => Some(schemars::schema_for!(Baseline)),
        "roles" => Some(schemars::schema_for!(role_definitions::Roles)),
        "explanation" => Some(schemars::schema_for!(explanation::Explanation)),
        "what-if" => Some(schemars::schema_for!(changes::WhatIf)),
        "diff" => Some(schemars::schema_for!(changes::Diff)),
        "fleet" => Some(schemars::schema_for!(v1::Fleet)),
        _ => None,
    }
}
