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
//! let (estate, problems) = Estate::read(vec![Input { name: "snapshot.json".into(), bytes }]);
//! for problem in &problems {
//!     eprintln!("{}: {problem}; {}", problem.file, problem.help);
//! }
//! let report = diagnose(&estate, &Options::default());
//! for path in &report.paths {
//!     println!("{} {}: {:?} {:?}", path.consumer, path.label, path.verdict, path.root_cause);
//! }
//! ```

mod base;
mod can;
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
mod report;
mod source;

pub use base::{ObjectId, ResourceId, Verdict, is_guid};
pub use can::{Asked, can};
pub use check::CHECKED;
pub use consumer::kinds as consumers;
pub use explain::{explain, known_messages, repair, v1 as explanation};
pub use finding::{Code, Confirmation, Gate, Line, RETIRED, Safety, Severity, Source};
pub use knowledge::caller_kind::CallerKind;
pub use knowledge::cloud::{Cloud, CloudName, CustomCloud};
pub use model::{Coverage, Estate, Gap, Input, SetAside};
pub use report::{Options, diagnose, fixed_recording, v1};
pub use source::format as recording;
pub use source::keep::{KeptType, VERSION as KEPT, kept, kept_types};
pub use source::redact::sentence as redacted;
pub use source::{InputError, ReadOptions, masked};

/// The JSON Schema (draft 2020-12) of a public format: `snapshot`, `report` or `answer`.
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
        "explanation" => Some(schemars::schema_for!(explanation::Explanation)),
        _ => None,
    }
}
