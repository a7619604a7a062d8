//! One access path of a report.

use crate::base::{Verdict, collect_exact};
use crate::check;
use crate::finding::Code;
use crate::path::{Case, Diagnosis, Form, GateOutcome, PrincipalKind};
use crate::report::files::Files;
use crate::report::gate::Gates;
use crate::report::restored::restored;
use crate::report::trial::Walked;
use crate::report::v1::{self, VaultSetting};
use crate::source::redact;

pub(super) fn path_report(
    case: &Case<'_>,
    diagnosis: Diagnosis<'_>,
    walked: &Walked,
    files: &Files<'_>,
    reports: &mut Gates<'_>,
) -> v1::Path {
    let path = case.path;
    let first_symptom = first_symptom(case, &diagnosis, walked.root_cause);
    let mut codes = walked.codes.iter().map(|(code, _)| *code);
    let report = |gate: GateOutcome| {
        let codes = codes.by_ref().take(gate.reasons.len()).collect();
        reports.report(gate, codes)
    };
    let gates = collect_exact(diagnosis.gates.into_iter().map(report));
    v1::Path {
        id: walked.id.clone(),
        consumer: path.consumer.name().into(),
        consumer_noun: path.consumer.noun().into(),
        resource: path.resource.clone(),
        label: path.label.clone(),
        declared_at: files.place(&path.declared_at),
        principal: diagnosis.principal.as_ref().map(|p| v1::Principal {
            kind: match p.kind {
                PrincipalKind::SystemAssigned => "system-assigned",
                PrincipalKind::UserAssigned => "user-assigned",
                PrincipalKind::FirstParty => "first-party",
            }
            .into(),
            principal_id: p.principal_id.as_ref().map(ToString::to_string),
            client_id: p.client_id.as_ref().map(ToString::to_string),
            resource: p.resource.clone(),
        }),
        operations: path.actions(diagnosis.reference.as_ref()).into_iter().map(Into::into).collect(),
        target: v1::Target {
            kind: match path.form {
                Form::Storage => "storage",
                Form::Identifier | Form::Setting => "key-vault",
            }
            .into(),
            host: diagnosis.reference.as_ref().map(|r| r.host.clone()),
            resource: diagnosis.target.as_ref().map(|t| t.store.id().clone()),
            object: diagnosis.reference.as_ref().map(|r| r.object()).filter(|object| !object.is_empty()),
        },
        origin: path.origin.name().to_owned().into(),
        location: path.location.clone(),
        moment: path.moment.name().into(),
        verdict: walked.verdict,
        suppressed: false,
        root_cause: walked.root_cause.map(Into::into),
        first_symptom,
        gates,
        change: None,
        caused_by: Vec::new(),
        combined_fix: None,
        script: script(case),
        posture: diagnosis.rows.into_iter().chain(restored(case)).map(VaultSetting::of).collect(),
    }
}

/// What a script says that sends the request.
fn script(case: &Case<'_>) -> Option<v1::Script> {
    let script = case.estate.scripts.get(&case.path.backup.as_deref()?.request)?;
    let known = |pointer: &str, said: Option<&str>| match script.why(pointer) {
        Some(_) => None,
        None => said.map(str::to_owned),
    };
    let access = match script.access() {
        Some(_) if script.has_old_version() => Some("AccessKey"),
        said => said.or(Some("AccessKey")),
    };
    Some(v1::Script {
        file: script.file.clone(),
        line: script.at.line,
        column: script.at.column,
        operation: if script.restores { "restore" } else { "backup" }.into(),
        access_type: known("/accessType", access),
        account: known("/storageAccount", script.says("storageAccount")),
        container: known("/containerName", script.says("containerName")),
        blob: known("/backupName", script.says("backupName")),
        client_id: known("/clientId", script.says("clientId")),
        instance: script.instance.clone(),
    })
}

/// What the user sees first: what somebody saw, or what the first failing gate makes the service say.
fn first_symptom(case: &Case<'_>, diagnosis: &Diagnosis<'_>, root_cause: Option<Code>) -> Option<String> {
    let mut gates = diagnosis.gates.iter();
    let first = gates.find(|g| !matches!(g.verdict, Verdict::Pass | Verdict::NotApplicable))?;
    if first.verdict != Verdict::Fail {
        return None;
    }
    let seen =
        case.estate.observations.iter().find(|o| !o.is_status && o.resource.as_ref() == Some(&case.path.resource));
    match seen {
        Some(seen) => Some(redact::sentence(&seen.error)),
        None => check::symptom(root_cause?, case.path, diagnosis.principal.as_ref()),
    }
}
