//! Judging arbitrary text as Bicep never panics.
#![no_main]

use apim_doctor_core::testing::{Language, check_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let report = check_text(Language::Bicep, text);
    // The same text gives the same answer.
    assert_eq!(check_text(Language::Bicep, text).verdict, report.verdict);
});
