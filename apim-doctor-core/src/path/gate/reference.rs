//! Gate 1: is the consumer's own setting well formed, and does this tier support it?

use crate::base::Verdict;
use crate::finding::Evidence;
use crate::knowledge::data_plane::Operation;
use crate::knowledge::subservice::Subservice;
use crate::model::Gap;
use crate::path::gate::host::account_at;
use crate::path::gate::{Record, backup, recovery};
use crate::path::reason::{Cause, Reason};
use crate::path::{AccessPath, Case, Form, Malformed, Reference, Wants};

const WELL_FORMED: &str = "is the identifier well formed?";
/// What to do about a reference that may not be understood.
const AS_DOCUMENTED: &str = "use the documented form: `@Microsoft.KeyVault(SecretUri=https://…/secrets/…)`";
const COUNTS: &str = "which setting does the connection use?";

/// Takes the identifier apart. Later gates go on with what was meant.
pub(crate) fn reference(case: &Case<'_>, record: &mut Record) -> Option<Reference> {
    let path = case.path;
    if let Some(feature) = path.unsupported {
        let gap = Gap::undocumented(format!(
            "whether {feature} work: they are documented as not supported, but Azure accepts the setting"
        ))
        .advise("move the reference to the instance itself");
        let declared = Evidence::at("the reference is declared in a workspace", path.declared_at.clone());
        record.unknown("is the feature supported here?", vec![declared], gap);
        record.suspect(Reason::FeatureUnsupported { feature });
    }
    let written =
        vec![Evidence::at(["the reference is `", shown(&path.reference), "`"].concat(), path.declared_at.clone())];
    let cloud = &case.estate.cloud;
    let resolved = path.last.as_ref().is_some_and(|last| last.succeeded);
    let parsed = match path.form {
        Form::Identifier => Reference::parse(&path.reference),
        Form::Setting => Reference::parse_setting(&path.reference, cloud).map(|(parsed, odd)| {
            if let Some(odd) = odd.filter(|_| !resolved) {
                let gap = Gap::undocumented(format!("whether App Service accepts the reference: {odd}"))
                    .advise(AS_DOCUMENTED);
                record.unknown(WELL_FORMED, written.clone(), gap);
            }
            parsed
        }),
        Form::Storage => {
            if !backup::request(case, record) {
                return None;
            }
            shadow(path, record);
            return storage(case, written, record);
        }
    };
    if let Wants::Request(operation) = &path.wants {
        return request(case, operation, written, record);
    }
    if let Wants::Objects(_) = &path.wants {
        return recovery::reference(case, written, record);
    }
    if let Err(gap) = &path.recognized {
        record.unknown(WELL_FORMED, written.clone(), gap.clone());
        record.suspect(Reason::Syntax { problem: Malformed::NotRecognized });
    }
    let parsed = match parsed {
        Ok(parsed) => parsed,
        // Whatever it looks like, the service has understood it.
        Err(problem) if path.form == Form::Setting && resolved => {
            let gap =
                Gap::undocumented(format!("which secret the reference names: {problem}, but its status is `Resolved`"))
                    .advise(AS_DOCUMENTED);
            record.unknown(WELL_FORMED, written, gap);
            record.suspect(Reason::Syntax { problem });
            return None;
        }
        Err(_) if case.estate.world.deployed().is_some_and(|files| files.stands_in(&path.reference)) => {
            let gap = Gap::not_in_files(format!("which secret `{}` names: the files do not say it", path.label));
            record.unknown(WELL_FORMED, written, gap);
            return None;
        }
        Err(problem) => {
            record.fail(WELL_FORMED, written, Reason::Syntax { problem });
            return None;
        }
    };
    let managed_hsm = parsed.host.contains(".managedhsm.");
    if parsed.kind == "secrets" && !managed_hsm {
        record.pass(WELL_FORMED, written);
        return Some(parsed);
    }
    if managed_hsm || parsed.kind == "certificates" || parsed.kind == "keys" {
        let kind = if managed_hsm { "managed HSM".to_owned() } else { parsed.kind.clone() };
        let is_certificate = parsed.kind == "certificates" && !managed_hsm;
        let suggestion = is_certificate.then(|| format!("https://{}/secrets/{}", parsed.host, parsed.name));
        let reason = Reason::WrongIdentifierType { kind, suggestion };
        let undocumented = path.caller_kind().facts().certificates.identifier;
        match undocumented.filter(|_| is_certificate) {
            Some(why) => {
                let advice = "use the identifier of the certificate's secret: `https://…/secrets/…`";
                let gap = Gap::undocumented(why).advise(advice);
                record.unknown(WELL_FORMED, written, gap);
                record.suspect(reason);
            }
            None => record.fail(WELL_FORMED, written, reason),
        }
        return Some(Reference { kind: "secrets".to_owned(), version: None, ..parsed });
    }
    record.fail(WELL_FORMED, written, Reason::Syntax { problem: Malformed::NoObject });
    None
}

/// Another setting of the same connection hides the ones that were meant, or may hide them.
fn shadow(path: &AccessPath, record: &mut Record) {
    let Some(shadow) = path.shadow.as_deref() else { return };
    let says = format!("`{}` overrides {}: {}", shadow.setting, shadow.hidden, shadow.why);
    let evidence = vec![Evidence::at(says, shadow.at.clone())];
    let reason = Reason::ConnectionShadowed { shadow: shadow.clone() };
    match shadow.verdict {
        Verdict::Fail => record.fail(COUNTS, evidence, reason),
        Verdict::Unknown => {
            let what = format!("whether `{}` overrides {}: {}", shadow.setting, shadow.hidden, shadow.why);
            record.unknown(COUNTS, evidence, Gap::undocumented(what).advise(format!("remove `{}`", shadow.setting)));
            record.suspect(reason);
        }
        Verdict::Pass | Verdict::NotApplicable => {
            record.pass(COUNTS, evidence);
            record.reasons.push(Cause { verdict: Verdict::Pass, reason });
        }
    }
}

/// The URL of a request that a policy sends to a vault. Its path names an object, an operation, or what the policy
/// computes.
fn request(
    case: &Case<'_>,
    operation: &Result<Operation, Gap>,
    written: Vec<Evidence>,
    record: &mut Record,
) -> Option<Reference> {
    let parsed = match Reference::parse_request(&case.path.reference) {
        Ok(parsed) => parsed,
        Err(problem) => {
            record.fail(WELL_FORMED, written, Reason::Syntax { problem });
            return None;
        }
    };
    match operation {
        Err(gap) if parsed.name.is_empty() => record.unknown(WELL_FORMED, written, gap.clone()),
        _ => record.pass(WELL_FORMED, written),
    }
    Some(parsed)
}

/// The URL of a service of a storage account: every setting takes that of one service.
/// Source: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-21).
fn storage(case: &Case<'_>, written: Vec<Evidence>, record: &mut Record) -> Option<Reference> {
    let (path, cloud) = (case.path, &case.estate.cloud);
    let wanted = match path.wants {
        Wants::Data { service, .. } => service,
        _ => Subservice::Blob,
    };
    let parsed = match Reference::parse_storage(&path.reference, cloud, wanted) {
        Ok(parsed) => parsed,
        Err(problem) => {
            record.fail(WELL_FORMED, written, Reason::Syntax { problem });
            return None;
        }
    };
    // A host that this cloud's names do not explain may be an account's own.
    let own = account_at(case.estate, &parsed.host).and_then(|(account, service)| Some((account.name(), service?)));
    let (account, is) = match (cloud.account_of(&parsed.host), own) {
        (Some(found), _) | (None, Some(found)) => found,
        // Which account that is, is the next question.
        (None, None) => {
            record.pass(WELL_FORMED, written);
            return Some(parsed);
        }
    };
    if is == wanted {
        record.pass(WELL_FORMED, written);
        return Some(parsed);
    }
    record.fail(WELL_FORMED, written, Reason::Syntax { problem: Malformed::OtherService { is, wanted } });
    let kind = if wanted == Subservice::File { "shares" } else { "containers" };
    Some(Reference { host: cloud.host_of(wanted, account), subservice: wanted, kind: kind.to_owned(), ..parsed })
}

/// An identifier without what might be a secret in its query.
fn shown(text: &str) -> &str {
    text.split('?').next().unwrap_or(text)
}
