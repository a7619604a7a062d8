//! Words that several formats share.

use apim_doctor_core::v1::{Finding, Fix, Path, Report, Suppressed, SuppressedBy};

/// The finding that leads a report.
pub(super) fn leading(report: &Report) -> Option<&Finding> {
    report.findings.iter().find(|finding| Some(&finding.fingerprint) == report.headline.finding.as_ref())
}

/// The words around a command; `None` if there are none.
pub(super) fn around(ask: &str, run: &str) -> Option<String> {
    let (before, after) = ask.split_once(&format!("`{run}`"))?;
    Some(format!("{}{}", before.trim_end(), after.trim_end()))
}

/// A text as a sentence: with a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

/// Why a finding does not count, as a sentence.
pub(super) fn why_suppressed(suppressed: &Suppressed) -> String {
    let by = match suppressed.by {
        SuppressedBy::Config => "suppressed by the configuration",
        SuppressedBy::Source => "suppressed in the file",
        SuppressedBy::Baseline => "in the baseline",
        SuppressedBy::DiffBase => "not new: the base of the change has it, too",
        _ => "suppressed",
    };
    let until = suppressed.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
    let reason = suppressed.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    sentence(&format!("{by}{until}{reason}"))
}

/// The fix to try first.
pub(super) fn best(finding: &Finding) -> Option<&Fix> {
    finding.fixes.get(finding.best_fix?)
}

/// A text with a capital.
pub(super) fn capital(text: &str) -> String {
    sentence(text).trim_end_matches('.').to_owned()
}

/// What a path wants: `kv-contoso/secrets/gateway-tls`.
pub(super) fn target(path: &Path) -> String {
    let host = path.target.host.as_deref().and_then(|host| host.split('.').next());
    let service = path.label.rsplit('/').next().unwrap_or_default();
    match (host, &path.target.object) {
        (Some(host), Some(object)) => format!("{host}/{object}"),
        (Some(host), None) if path.target.kind != "key-vault" => format!("{host} ({service})"),
        (Some(host), None) => host.to_owned(),
        (None, Some(object)) => object.clone(),
        (None, None) => "a target that is not known".to_owned(),
    }
}
