//! A report as SARIF 2.1.0, for code scanning.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html> (read 2026-12-01). Code scanning turns every
//! result into an alert, so a result is a finding, never a gate that passed.

use std::collections::BTreeMap;
use std::io::Result;

use apim_doctor_core::v1::{Evidence, Finding, GateReport, Path, Report, SuppressedBy};
use apim_doctor_core::{CHECKED, Code, ResourceId, Severity, Verdict};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::exit::Status;
use crate::output::Page;

/// Paths of one finding whose gates are shown.
const FLOWS: usize = 5;
/// Paths of one finding that are named.
const RELATED: usize = 20;

/// What a path in a URI cannot contain. `:` would make the first segment a scheme.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Prints a report.
pub(crate) fn print(report: &Report, status: Status, page: &mut Page<'_>) -> Result<()> {
    let rules = rules(report);
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, (code, _))| (*code, at)).collect();
    let paths: BTreeMap<&str, &Path> = report.paths.iter().map(|path| (path.id.as_str(), path)).collect();
    // If one result says whether it is suppressed, all have to.
    let says_suppressed = report.findings.iter().any(|finding| finding.suppressed.is_some());
    let results = report.findings.iter().map(|finding| {
        let mut result = result(finding, &index, &paths);
        if let (Some(result), true) = (result.as_object_mut(), says_suppressed) {
            result.insert("suppressions".to_owned(), suppressed(finding));
        }
        result
    });
    let run = json!({
        "tool": {"driver": {
            "name": report.tool.name,
            "version": report.tool.version,
            "semanticVersion": report.tool.version,
            "rules": rules.iter().map(|(_, rule)| rule).collect::<Vec<_>>(),
        }},
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            "executionSuccessful": status != Status::Usage,
            "exitCode": status.number(),
            "toolExecutionNotifications": not_collected(report),
            "toolConfigurationNotifications": suppressions(report),
        }],
        "results": results.collect::<Vec<_>>(),
        "properties": {"verdict": report.verdict, "summary": report.summary, "asOf": report.as_of.to_string()},
    });
    page.json(&json!({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}))
}

/// All rules that ran, by their code.
fn rules(report: &Report) -> Vec<(&str, Value)> {
    let mut rules: Vec<(&str, Value)> = CHECKED.iter().map(|code| (code.text(), rule(*code))).collect();
    // An error text that was given can name a code that no check has.
    for finding in &report.findings {
        if !rules.iter().any(|(code, _)| *code == finding.code.as_str()) {
            let other = || json!({"id": finding.code, "shortDescription": {"text": finding.title}});
            rules.push((finding.code.as_str(), finding.code.code().map_or_else(other, rule)));
        }
    }
    rules
}

fn rule(code: Code) -> Value {
    let words = code.text().split(['.', '-']);
    let name: String = words
        .map(|word| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default())
        .collect();
    let meaning = code.section("What it means").unwrap_or_else(|| code.title().to_owned());
    let mut rule = json!({
        "id": code,
        "name": name,
        "shortDescription": {"text": code.title()},
        "fullDescription": {"text": meaning},
        "help": {"text": meaning, "markdown": code.page()},
        "defaultConfiguration": {"level": level(code.severity())},
        "properties": {"tags": ["azure", code.gate()]},
    });
    if let (Some(rule), Some(source)) = (rule.as_object_mut(), code.sources().next()) {
        rule.insert("helpUri".to_owned(), json!(source.url));
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(finding: &Finding, index: &BTreeMap<&str, usize>, paths: &BTreeMap<&str, &Path>) -> Value {
    let affected: Vec<&Path> = finding.affects.iter().filter_map(|id| paths.get(id.as_str()).copied()).collect();
    let fix = finding.best_fix.and_then(|best| finding.fixes.get(best));
    let suspected = if finding.verdict == Verdict::Unknown { "Suspected, not proved: " } else { "" };
    let mut text = format!("{suspected}{}", finding.message);
    if let Some(fix) = fix {
        text.push_str(&format!("\nFix: {}", fix.title));
    }
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index.get(finding.code.as_str()),
        "kind": "fail",
        "level": level(finding.severity),
        "message": {"text": message(&text)},
        "locations": [subject(finding)],
        "partialFingerprints": {"apimDoctor/v1": finding.fingerprint},
        "properties": {"verdict": finding.verdict, "affects": finding.affects},
    });
    let Some(members) = result.as_object_mut() else { return result };
    if !affected.is_empty() {
        let related = affected.iter().take(RELATED).map(|path| declared(path));
        members.insert("relatedLocations".to_owned(), related.collect());
        members.insert("codeFlows".to_owned(), affected.iter().take(FLOWS).map(|path| flow(path)).collect());
    }
    result
}

fn suppressed(finding: &Finding) -> Value {
    let Some(suppressed) = &finding.suppressed else { return json!([]) };
    let kind = if suppressed.by == SuppressedBy::Source { "inSource" } else { "external" };
    let why = match suppressed.by {
        SuppressedBy::Baseline => "it is in the baseline",
        SuppressedBy::DiffBase => "it was there before the change",
        _ => suppressed.reason.as_deref().unwrap_or("no reason is given"),
    };
    json!([{"kind": kind, "status": "accepted", "justification": why}])
}

/// Where the subject of a finding stands: in Azure, and in a file.
fn subject(finding: &Finding) -> Value {
    let mut location = Map::from_iter([("logicalLocations".to_owned(), json!([logical(&finding.subject)]))]);
    if let Some((file, line, column)) = finding.place() {
        location.insert("physicalLocation".to_owned(), physical(file, Some(line), column));
    }
    location.into()
}

/// Where a path is declared.
fn declared(path: &Path) -> Value {
    let resource = path.declared_at.resource.as_ref().unwrap_or(&path.resource);
    let mut location = json!({
        "message": {"text": message(&format!("{} {}", path.consumer_noun, path.label))},
        "logicalLocations": [logical(resource)],
    });
    if let (Some(location), Some(file)) = (location.as_object_mut(), &path.declared_at.file) {
        let at = physical(file, path.declared_at.line, path.declared_at.column);
        location.insert("physicalLocation".to_owned(), at);
    }
    location
}

/// The gates of a path, in the order in which a request meets them.
fn flow(path: &Path) -> Value {
    let steps = path.gates.iter().map(|gate| step(path, gate));
    json!({
        "message": {"text": message(&format!("{} {}", path.consumer_noun, path.label))},
        "threadFlows": [{"locations": steps.collect::<Vec<_>>()}],
    })
}

fn step(path: &Path, gate: &GateReport) -> Value {
    let mut evidence = gate.steps.iter().flat_map(|step| &step.evidence);
    let at: Option<&Evidence> = evidence.find(|evidence| evidence.resource.is_some());
    let resource = at.and_then(|at| at.resource.as_ref()).unwrap_or(&path.resource);
    let verdict = match gate.verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::NotApplicable => "not applicable",
    };
    let mut location = json!({
        "message": {"text": message(&format!("{}: {verdict}: {}", gate.gate.name(), gate.says))},
        "logicalLocations": [logical(resource)],
    });
    if let (Some(location), Some((file, line, column))) =
        (location.as_object_mut(), at.and_then(|at| Some((at.file.as_ref()?, at.line, at.column))))
    {
        location.insert("physicalLocation".to_owned(), physical(file, line, column));
    }
    let importance = if gate.verdict == Verdict::Fail { "essential" } else { "important" };
    json!({"location": location, "importance": importance, "kinds": ["gate", gate.gate.name()]})
}

fn logical(id: &ResourceId) -> Value {
    let name = if id.name().is_empty() { id.as_str() } else { id.name() };
    json!({"name": name, "fullyQualifiedName": id, "kind": "resource"})
}

fn physical(file: &str, line: Option<usize>, column: Option<usize>) -> Value {
    let mut location = json!({"artifactLocation": artifact(file)});
    if let (Some(location), Some(line)) = (location.as_object_mut(), line) {
        let mut region = json!({"startLine": line});
        if let (Some(region), Some(column)) = (region.as_object_mut(), column) {
            region.insert("startColumn".to_owned(), json!(column));
        }
        location.insert("region".to_owned(), region);
    }
    location
}

/// A file: relative to the root of the sources, or as a URI.
fn artifact(file: &str) -> Value {
    let slashes = if cfg!(windows) { file.replace('\\', "/") } else { file.to_owned() };
    let path = utf8_percent_encode(slashes.trim_start_matches("./"), UNSAFE).to_string();
    match slashes.starts_with('/') {
        true => json!({"uri": format!("file://{path}")}),
        false => json!({"uri": path, "uriBaseId": "%SRCROOT%"}),
    }
}

/// A message. Brackets would make a link.
fn message(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// What was not collected.
fn not_collected(report: &Report) -> Vec<Value> {
    let gaps = report.gaps.iter().map(|gap| format!("not collected: {}; {}", gap.what, gap.ask));
    let told = gaps.map(|text| json!({"level": "note", "message": {"text": message(&text)}}));
    told.collect()
}

/// Suppressions that are wrong.
fn suppressions(report: &Report) -> Vec<Value> {
    let told = report.suppressions.iter().filter_map(|suppression| {
        let mut told = json!({"level": "warning", "message": {"text": message(&suppression.warning()?)}});
        if let (Some(told), Some(file)) = (told.as_object_mut(), &suppression.file) {
            told.insert("locations".to_owned(), json!([{"physicalLocation": physical(file, suppression.line, None)}]));
        }
        Some(told)
    });
    told.collect()
}
