//! Prints errors with help on standard error.

use std::borrow::Cow;

use apim_doctor_core::InputError;
use miette::{GraphicalReportHandler, GraphicalTheme, MietteDiagnostic, Report};
use textwrap::{WordSeparator, WordSplitter};

use crate::failure::Failure;
use crate::output::{self, plain};

/// Prints a failure to standard error.
pub(crate) fn print(failure: &Failure) {
    match failure {
        Failure::Input(error) => show(error),
        Failure::Usage { message, help } => report(plain(message), help),
        Failure::SignIn { help, .. } => {
            let lines = failure.to_string();
            report(lines.lines().map(plain).collect::<Vec<_>>().join("\n").into(), help);
        }
        Failure::Output { .. } => report(
            plain(&failure.to_string()),
            "check that the folder exists, is writable and has free space; an existing file was not changed",
        ),
    }
}

/// Prints one problem. The line it stands in is not shown: it may hold a secret.
pub(crate) fn show(error: &InputError) {
    report(plain(&error.to_string()), &error.help);
}

/// Prints what is wrong, and what to do, to standard error.
fn report(message: Cow<'_, str>, help: &str) {
    let report = Report::new(MietteDiagnostic::new(message).with_help(plain(help)));
    let theme = match (output::unicode(), output::coloured()) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, _) => GraphicalTheme::none(),
    };
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(output::width())
        .with_links(false)
        .with_break_words(false)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation);
    if handler.render_report(&mut text, report.as_ref()).is_err() {
        text = report.to_string();
    }
    output::say_lines(&output::own_colours(&text));
}
