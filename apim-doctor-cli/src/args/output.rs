//! Options that say how a report is printed, and what counts in it.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::Named;

/// How a report is printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Outputs {
    /// How to print: FORMAT is terminal, json, ndjson, markdown, html, sarif, junit, github or azure-devops. With `=FILE` it
    /// is written to a file. Can be repeated. [default: terminal]
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = output)]
    pub output: Vec<Output>,

    /// File to write, if there is one output; standard output by default or with `-`.
    #[arg(short = 'f', long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

/// A format, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// The format.
    pub format: ReportFormat,
    /// The file; standard output where none is named.
    pub file: Option<PathBuf>,
}

/// How a report can be printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    #[default]
    Terminal,
    /// `report/v1`.
    Json,
    /// A line for each path, each finding and each suppression that is wrong.
    Ndjson,
    /// For comments and summaries.
    Markdown,
    /// A page for a browser: one file, which loads nothing.
    Html,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Commands of GitHub Actions, and its step summary.
    Github,
    /// Commands of Azure Pipelines, and its summary.
    AzureDevops,
}

impl Outputs {
    /// The outputs that were asked for; the terminal's by default.
    pub(crate) fn all(&self) -> Vec<Output> {
        let terminal = || vec![Output { format: ReportFormat::Terminal, file: None }];
        let mut all = if self.output.is_empty() { terminal() } else { self.output.clone() };
        if let ([one], Some(file)) = (all.as_mut_slice(), &self.output_file) {
            one.file.get_or_insert_with(|| file.clone());
        }
        all
    }

    /// Whether `--output-file` names the file of no single output.
    pub(crate) fn has_spare_file(&self) -> bool {
        let is_one = self.output.is_empty() || matches!(self.output.as_slice(), [Output { file: None, .. }]);
        self.output_file.is_some() && !is_one
    }

    /// Where they are written.
    pub(crate) fn written(&self) -> Vec<Named<'_>> {
        let path = self.output_file.as_deref().unwrap_or(Path::new("-"));
        let open = Named { option: if self.output_file.is_some() { "--output-file" } else { "--output" }, path };
        let files = self.output.iter().map(|output| output.file.as_deref());
        let files = files.map(|file| file.map_or(open, |path| Named { option: "--output", path }));
        let default = self.output.is_empty().then_some(open);
        files.chain(default).collect()
    }
}

/// What counts in a report.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What counts")]
pub(crate) struct Accepts {
    /// Findings that are in this file do not count.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Write the findings of this run to a file for `--baseline`.
    #[arg(long, value_name = "FILE")]
    pub write_baseline: Option<PathBuf>,
}

fn output(text: &str) -> Result<Output, String> {
    let (format, file) = text.split_once('=').map_or((text, None), |(format, file)| (format, Some(file)));
    let format = ReportFormat::from_str(format, true).map_err(|_| {
        let names = ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
        format!("expected one of {}, or FORMAT=FILE", names.join(", "))
    })?;
    match file {
        Some("") => Err("a file is missing after `=`".to_owned()),
        file => Ok(Output { format, file: file.filter(|file| *file != "-").map(PathBuf::from) }),
    }
}
