//! From a report to the end of a run: what counts in it, the outputs, and the exit status.

use std::path::{Path, PathBuf};

use apim_doctor_core::v1::{Outcome, Report, Suppression};
use apim_doctor_core::{Baseline, InputError, Suppressions};
use jiff::Timestamp;

use crate::args::{Accepts, Common, FailOn, Named, Output, Outputs, ReportFormat};
use crate::command::located::located;
use crate::config::{Config, Setting};
use crate::exit::{Status, levels, of_report};
use crate::failure::Failure;
use crate::input;
use crate::output::{self, Page};
use crate::render::{azure_devops, github, html, junit, markdown, ndjson, sarif, terminal};

/// How a command prints what it adds to a report.
pub(super) struct Own<'o> {
    /// For programs.
    pub json: &'o dyn Fn(&mut Page<'_>) -> std::io::Result<()>,
    /// For people.
    pub terminal: &'o dyn Fn(&mut Page<'_>) -> std::io::Result<()>,
}

/// Prints a report in every format that was asked for. `roots`: the files and folders that were checked.
pub(super) fn print(
    report: &Report,
    (outputs, roots): (&Outputs, &[PathBuf]),
    common: &Common,
    status: Status,
    own: Option<&Own<'_>>,
) -> Result<(), Failure> {
    let whole = report;
    for Output { format, file } in outputs.all() {
        let in_pipeline = located_for(format, whole, roots);
        let report = in_pipeline.as_ref().unwrap_or(whole);
        let summary = match format {
            ReportFormat::AzureDevops => summarize_for_azure(report)?,
            _ => None,
        };
        output::write(file.as_deref(), |page| match (format, own) {
            (ReportFormat::Terminal, Some(own)) => (own.terminal)(page),
            (ReportFormat::Json, Some(own)) => (own.json)(page),
            (ReportFormat::Terminal, _) => terminal::report(report, common, status, page),
            (ReportFormat::Json, _) => page.json(report),
            (ReportFormat::Ndjson, _) => ndjson::print(report, page),
            (ReportFormat::Markdown, _) => markdown::print(report, page),
            (ReportFormat::Html, _) => html::print(report, page),
            (ReportFormat::Sarif, _) => sarif::print(report, status, page),
            (ReportFormat::Junit, _) => junit::print(report, (status, levels(&common.fail_on, &[FailOn::Error])), page),
            (ReportFormat::Github, _) => github::print(report, status, page),
            (ReportFormat::AzureDevops, _) => azure_devops::print(report, status, summary.as_deref(), page),
        })?;
        if format == ReportFormat::Github {
            summarize_for_github(report)?;
        }
    }
    Ok(())
}

/// A variable of the environment that names a path. An empty one is none.
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The report for a pipeline, where files are named from the checkout.
fn located_for(format: ReportFormat, report: &Report, roots: &[PathBuf]) -> Option<Report> {
    use ReportFormat::{AzureDevops, Github, Junit, Markdown, Sarif};
    let is_for_pipeline = matches!(format, AzureDevops | Github | Junit | Markdown | Sarif);
    is_for_pipeline.then(|| located(report, roots))
}

/// Prints the report, writes the baseline that was asked for, and says how the program ends.
/// `flawed`: part of the input could not be read.
pub(super) fn finish(
    report: &Report,
    known: Option<&Baseline>,
    (outputs, roots): (&Outputs, &[PathBuf]),
    (accepts, common): (&Accepts, &Common),
    flawed: bool,
) -> Result<Status, Failure> {
    let status = of_report(report, levels(&common.fail_on, &[FailOn::Error]));
    let status = if flawed { Status::Usage } else { status };
    print(report, (outputs, roots), common, status, None)?;
    // The terminal's report names them itself.
    let is_shown = outputs.all().iter().any(|one| one.format == ReportFormat::Terminal && one.file.is_none());
    if !is_shown && !common.quiet {
        let warnings = report.suppressions.iter().filter_map(Suppression::placed_warning);
        warnings.for_each(|warning| output::say(&format!("warning: {warning}")));
    }
    let repaired = known.map_or(0, |known| known.repaired(report));
    if repaired > 0 && !common.quiet {
        let findings = if repaired == 1 { "1 finding" } else { &format!("{repaired} findings") };
        output::say(&format!("{findings} of the baseline no longer exist: --write-baseline makes a shorter one"));
    }
    match &accepts.write_baseline {
        Some(_) if flawed => Err(Failure::Usage {
            message: "the baseline was not written, because part of the input could not be read".to_owned(),
            help: "correct or remove the input named above".to_owned(),
        }),
        Some(_) if report.headline.outcome == Outcome::NothingExamined => Err(Failure::Usage {
            message: "the baseline was not written, because nothing was examined".to_owned(),
            help: "check the paths".to_owned(),
        }),
        Some(file) => output::write(Some(file), |page| page.pretty_json(&Baseline::of(report))).map(|()| status),
        None => Ok(status),
    }
}

/// Where outputs are written.
pub(super) fn written(outputs: &Outputs) -> Result<Vec<Named<'_>>, Failure> {
    match outputs.has_spare_file() {
        false => Ok(outputs.written()),
        true => Err(Failure::Usage {
            message: "`--output-file` names the file of one output, and there are others".to_owned(),
            help: "use `-o FORMAT=FILE` for each".to_owned(),
        }),
    }
}

/// What does not count: by the configuration, and in the baselines. `as_of`: the time by which rules end; by default, that
/// of the report.
pub(super) fn suppressions<'b>(
    config: &Config,
    known: impl IntoIterator<Item = &'b Baseline>,
    as_of: Option<Timestamp>,
) -> Suppressions {
    let mut suppressions = Suppressions::default();
    suppressions.rules.clone_from(&config.rules);
    suppressions.baselines.extend(known.into_iter().cloned());
    suppressions.as_of = as_of;
    suppressions
}

/// Reads the baseline that was named, here or in the configuration.
pub(super) fn baseline(accepts: &Accepts, config: &Config) -> Result<Option<Baseline>, Failure> {
    let Some(path) = &accepts.baseline else { return Ok(None) };
    let is_this = |setting: &&Setting| setting.values.iter().any(|value| Path::new(value) == path);
    let setting = config.options.get("baseline").filter(is_this).zip(config.path.as_ref());
    let input = input::load(path).map_err(|error| match setting {
        Some((setting, file)) => {
            let message = format!("`baseline`: {}", error.message);
            let help = "correct the path, which starts at the folder of this configuration";
            InputError::fatal(file.display().to_string(), message, help).at(setting.line, 1)
        }
        None => error,
    })?;
    let wrong = |error| input::malformed(&input, &error, "expected a file that --write-baseline wrote");
    Ok(Some(Baseline::read(&input.bytes).map_err(wrong)?))
}

/// Appends a summary to the file that GitHub shows after a step.
fn summarize_for_github(report: &Report) -> Result<(), Failure> {
    let Some(path) = variable("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    output::append(&path, |page| markdown::print(report, page))
}

/// Writes a summary where the agent looks for it.
fn summarize_for_azure(report: &Report) -> Result<Option<PathBuf>, Failure> {
    let Some(folder) = variable("AGENT_TEMPDIRECTORY") else { return Ok(None) };
    let file = folder.join("apim-doctor.md");
    output::write(Some(&file), |page| markdown::print(report, page))?;
    Ok(Some(file))
}
