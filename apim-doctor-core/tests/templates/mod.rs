//! What ARM templates, Bicep and Terraform plans become, against what Azure, the compilers and their documentation say.
//!
//! These are unit tests: they compare the forms inside the library, which have no public interface.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests"
)]

mod arm_corpus;
mod arm_functions;
mod arm_hostile;
mod arm_order;
mod arm_templates;
mod bicep_broken;
mod bicep_edits;
mod bicep_estates;
mod bicep_evaluation;
mod bicep_language;
mod bicep_lower;
mod bicep_pairs;
mod bicep_parse;
mod common;
mod forgetting;
mod places;
#[path = "../common/shared.rs"]
mod shared;
mod terraform_plans;

use shared::with_shared;
