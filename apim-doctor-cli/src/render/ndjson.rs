//! A report as one JSON document in each line: access paths, then findings.

use std::io::Result;

use apim_doctor_core::v1::Report;

use crate::output::Page;

/// Prints a report.
pub(crate) fn print(report: &Report, page: &mut Page<'_>) -> Result<()> {
    report.records().try_for_each(|record| page.json(&record))
}
