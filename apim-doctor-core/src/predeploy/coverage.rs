//! How much of the files was used.

use crate::model::{Coverage, SetAside};
use crate::report::v1;
use crate::source::InputError;

/// Says how much of the files was used, and what was not evaluated.
pub(super) fn cover(report: &mut v1::Report, not_used: Vec<v1::NotUsed>, problems: &[InputError]) {
    let coverage = &mut report.coverage;
    coverage.not_used.extend(not_used);
    coverage.not_evaluated = problems
        .iter()
        .map(|problem| v1::NotEvaluated {
            file: problem.file.clone(),
            line: problem.line,
            column: problem.column,
            why: problem.message.clone(),
            help: problem.help.clone(),
        })
        .collect();
    let aside = |one: &v1::NotUsed| SetAside {
        file: one.file.clone(),
        line: one.line,
        what: one.what.clone(),
        help: one.help.clone(),
    };
    let all = Coverage {
        files: coverage.files,
        modelled: coverage.resources,
        read: coverage.understood,
        other: coverage.of_other_types,
        aside: coverage.not_used.iter().map(aside).collect(),
    };
    coverage.says = match problems.len() {
        0 => all.to_string(),
        1 => format!("{all}; not evaluated: 1 part"),
        more => format!("{all}; not evaluated: {more} parts"),
    };
}
