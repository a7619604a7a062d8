//! What was said of an access: by Azure as a status, by an error text that somebody saw, by the instance's own network
//! checks. A text proves gates that let its request through; a failure that nothing explains keeps an open path from
//! passing.
//!
//! An error text never makes a path pass: something failed when it was written.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::base::{ObjectId, ResourceId, Verdict};
use crate::explain::{self, Reading, SignsWith};
use crate::finding::{Evidence, Gate, Locator, Step};
use crate::knowledge::subservice::Subservice;
use crate::model::app_service::Site;
use crate::model::key_vault::Secret;
use crate::model::{ClosedBy, Gap};
use crate::path::found::Found;
use crate::path::gate::{self, Record};
use crate::path::reason::{Cause, Contradiction, Reason};
use crate::path::text_match::{TextMatch, TextSubject};
use crate::path::{Case, Credential, Form, GateOutcome, LastRefresh, Principal, PrincipalKind, checked, time};

/// The question for a gate that passes although an error says that the last access failed.
const AGREES: &str = "does the latest status or error text agree?";

/// A text that somebody or the service itself wrote down.
struct Observed<'c> {
    text: Cow<'c, str>,
    /// When, as far as it is known.
    at: Option<String>,
    /// Where it stands.
    locator: Locator,
    /// It is about what declares this path, and not about another one of the instance.
    is_own: bool,
}

/// Marks gates that an error text proves as passed, and reports contradictions with the collected data.
pub(super) fn apply_texts(case: &Case<'_>, found: Found<'_, '_>, gates: &mut [GateOutcome]) -> Vec<Cause> {
    let mut causes = Vec::new();
    let texts = observed(case, found);
    let mut proved: Vec<(usize, Step)> = Vec::new();
    let read = |o| readings(case, o).to_vec().into_iter();
    for (observed, reading) in texts.iter().flat_map(|o| read(&o.text).map(move |reading| (o, reading))) {
        let note = |contradiction| {
            let (message, at) = (reading.message, observed.at.clone());
            Cause { verdict: Verdict::Unknown, reason: Reason::MessageContradicts { message, at, contradiction } }
        };
        let aim = aim(case, found, &reading, observed.is_own);
        match (aim, observed.is_own) {
            (Aim::This, _) => {}
            (Aim::Elsewhere(TextSubject::Vault(named)), true) => {
                causes.push(note(Contradiction::Vault(named)));
                continue;
            }
            (Aim::Elsewhere(TextSubject::Caller(named)), true) => {
                causes.push(note(Contradiction::Caller(named)));
                continue;
            }
            _ => continue,
        }
        let passed = |gate: &GateOutcome| reading.proves.contains(&gate.gate);
        let failing: Vec<Gate> =
            gates.iter().filter(|g| passed(g) && g.verdict == Verdict::Fail).map(|gate| gate.gate).collect();
        if !failing.is_empty() {
            causes.push(note(Contradiction::Gates(failing)));
        }
        let unseen = gates.iter().enumerate().filter(|(_, g)| passed(g) && g.verdict == Verdict::Unknown);
        proved.extend(unseen.map(|(at, _)| (at, proof(observed, &reading))));
    }
    let opens = |at: usize| proved.iter().any(|(proved, _)| *proved == at);
    let passes = gates.iter().enumerate().all(|(at, gate)| gate.verdict == Verdict::Pass || opens(at));
    if !passes {
        for (at, step) in proved {
            if let Some(gate) = gates.get_mut(at) {
                // Its gaps stay: a later gate may need the missing fact.
                gate.verdict = Verdict::Pass;
                gate.steps.push(step);
            }
        }
    }
    causes
}

/// The messages in a text, read once: it may be long, and about many paths.
fn readings(case: &Case<'_>, text: &str) -> Arc<Vec<Reading>> {
    case.estate.memo.answer(format!("readings {text}"), || explain::readings(text))
}

fn proof(observed: &Observed<'_>, reading: &Reading) -> Step {
    let when = observed.at.as_ref().map_or_else(|| "an unknown time".to_owned(), Clone::clone);
    let says = format!("message {} of {when} shows that the request passed this gate", reading.message);
    let evidence = vec![Evidence::at(says, observed.locator.clone())];
    Step { question: "does an error text prove that the request passed?", verdict: Verdict::Pass, evidence }
}

/// The error texts that can be about a path.
fn observed<'c>(case: &'c Case<'_>, found: Found<'_, '_>) -> Vec<Observed<'c>> {
    let path = case.path;
    let pasted = case.estate.observations.iter().filter_map(|observation| {
        let about = observation.resource.as_ref();
        fits(case, found, about).then(|| Observed {
            text: observation.error.as_str().into(),
            at: observation.at.clone(),
            locator: Locator { resource: about.cloned(), pointer: "".into() },
            is_own: about.is_some_and(|id| is_own(case, id)),
        })
    });
    let status = path.last.as_ref().filter(|last| !last.succeeded).map(|last| Observed {
        text: status_text(found, last).into(),
        at: last.at.map(|at| at.to_string()),
        locator: last.locator.clone(),
        is_own: true,
    });
    pasted.chain(status).collect()
}

/// A status is about the host that the reference names, which its text may leave out.
fn status_text(found: Found<'_, '_>, last: &LastRefresh) -> String {
    match found.reference {
        Some(reference) => format!("{} ({})", last.message, reference.host),
        None => last.message.clone(),
    }
}

/// Whether a text about a resource can be about the path: the resource is the path's, declares it or is its target, or
/// none is named.
fn fits(case: &Case<'_>, found: Found<'_, '_>, about: Option<&ResourceId>) -> bool {
    let is_target = |id: &ResourceId| found.target.is_some_and(|target| target.store.id() == id);
    about.is_none_or(|id| *id == case.path.resource || is_own(case, id) || is_target(id))
}

/// Whether a resource declares this path and no other: a named value, a certificate, a policy.
fn is_own(case: &Case<'_>, id: &ResourceId) -> bool {
    Some(id) == case.path.declared_at.resource.as_ref() && *id != case.path.resource
}

/// What a message is about.
enum Aim {
    /// This access.
    This,
    /// Another one.
    Elsewhere(TextSubject),
    /// It does not say.
    Silent,
}

/// Whether a message is about this access: by the target, the object and the caller that it names.
fn aim(case: &Case<'_>, found: Found<'_, '_>, reading: &Reading, is_own: bool) -> Aim {
    let is = |named: &str, own: &str| named.eq_ignore_ascii_case(own);
    let host = found.reference.map(|r| r.host.as_str()).unwrap_or_default();
    let name = host.split('.').next().unwrap_or_default();
    let is_storage = case.path.form == Form::Storage;
    if let Some(vault) = reading.vault.as_ref().filter(|vault| is_storage || !is(vault, name)) {
        return Aim::Elsewhere(TextSubject::Vault(vault.clone()));
    }
    let of_vault = reading.vault.is_some();
    if let Some(account) = reading.account.as_ref().filter(|account| !of_vault && (!is_storage || !is(account, name))) {
        return Aim::Elsewhere(TextSubject::Account(account.clone()));
    }
    let by_key = case.path.credential == Credential::AccountKey;
    // A key may do everything: only a token or a shared access signature lacks a permission.
    // Source: <https://learn.microsoft.com/rest/api/storageservices/sas-error-codes> (read 2026-11-21).
    if by_key && reading.message == "storage.authorization-permission-mismatch" {
        return Aim::Elsewhere(TextSubject::Credential("a token or a shared access signature"));
    }
    if let Some(other) = reading.signs_with.filter(|with| !(by_key && *with == SignsWith::AccountKey)) {
        return Aim::Elsewhere(TextSubject::Credential(other.words()));
    }
    let names_caller = match caller(found.principal, reading, by_key) {
        Ok(names) => names,
        Err(other) => return Aim::Elsewhere(TextSubject::Caller(other)),
    };
    let object = found.reference.map(|r| r.name.as_str()).filter(|_| !is_storage);
    if let Some(named) = reading.object.as_ref().filter(|named| object.is_some_and(|own| !is(named, own))) {
        return Aim::Elsewhere(TextSubject::Part(format!("`{named}`")));
    }
    let service = found.reference.map(|r| r.subservice).filter(|s| *s != Subservice::Vault);
    if let (Some(named), Some(own)) = (&reading.service, service)
        && !of_vault
        && !is(named, own.group_id())
    {
        return Aim::Elsewhere(TextSubject::Part(format!("the {named} service")));
    }
    match of_vault || reading.account.is_some() || names_caller || is_own {
        true => Aim::This,
        false => Aim::Silent,
    }
}

/// Whether a message names the path's caller; `Err`: whom it names instead.
fn caller(principal: Option<&Principal>, reading: &Reading, by_key: bool) -> Result<bool, String> {
    let (object, client) = (reading.caller.as_deref(), reading.client.as_deref());
    if let (true, Some(named)) = (by_key, object.or(client)) {
        return Err(named.to_owned());
    }
    let Some(principal) = principal else { return Ok(false) };
    let named = |named: Option<&str>, own: Option<&ObjectId>| -> Result<bool, String> {
        match named.zip(own) {
            None => Ok(false),
            Some((named, own)) if named.eq_ignore_ascii_case(own.as_str()) => Ok(true),
            Some((named, _)) => Err(named.to_owned()),
        }
    };
    // The object id says who it is; the client id counts where the object id is not given.
    if named(object, principal.principal_id.as_ref())? || named(client, principal.client_id.as_ref())? {
        return Ok(true);
    }
    match &reading.identity {
        None => Ok(false),
        Some(identity) if principal.kind != PrincipalKind::UserAssigned => Err(identity.clone()),
        Some(identity) if identity.eq_ignore_ascii_case(principal.resource.name()) => Ok(true),
        Some(identity) => Err(identity.clone()),
    }
}

/// What was said of the access, weighed against the gates.
#[derive(Default)]
pub(super) struct Weighed {
    /// Contradictions that were found.
    pub causes: Vec<Cause>,
    /// What each error text that somebody gave has to do with the path, by its place among the observations.
    pub texts: Vec<(usize, TextMatch)>,
}

/// Something that says that the access failed.
#[derive(Clone)]
struct Complaint {
    /// What was said, in words.
    says: String,
    /// Where it stands.
    locator: Locator,
    /// When; what is not known is the latest time that it can be of.
    at: Timestamp,
    /// The gates that it can stand for; none: it does not say.
    means: Vec<Gate>,
}

/// Keeps a path from passing where the last that was said of it is a failure that nothing explains.
///
/// A gate that fails explains it, and so does a gate that it can stand for and that is unknown, and so does a change
/// that is younger than what was said.
pub(super) fn weigh(case: &Case<'_>, found: Found<'_, '_>, gates: &mut [GateOutcome]) -> Weighed {
    let mut weighed = Weighed::default();
    for (at, observation) in case.estate.observations.iter().enumerate().filter(|(_, o)| !o.is_status) {
        if !fits(case, found, observation.resource.as_ref()) {
            continue;
        }
        let is_target = |id: &ResourceId| found.target.is_some_and(|target| target.store.id() == id);
        let own = observation.resource.as_ref().is_some_and(|id| is_own(case, id) || is_target(id));
        let written = observation.at.as_deref().and_then(time);
        let mut found_match = TextMatch::Silent;
        for reading in readings(case, &observation.error).to_vec() {
            let outcome = match aim(case, found, &reading, own) {
                Aim::This => {
                    let complaint = Complaint {
                        says: format!("message {} says that this access failed", reading.message),
                        locator: Locator { resource: observation.resource.clone(), pointer: "".into() },
                        at: written.unwrap_or(case.as_of),
                        means: reading.means.clone(),
                    };
                    against(case, found, &complaint, gates)
                }
                Aim::Elsewhere(other) => TextMatch::Elsewhere(other),
                Aim::Silent if accounts_for(gates, &reading.means) => TextMatch::Explains,
                Aim::Silent => TextMatch::Silent,
            };
            if outcome == TextMatch::Contradicts {
                let (message, at) = (reading.message, observation.at.clone());
                let contradiction = Contradiction::Open(reading.means.clone());
                let reason = Reason::MessageContradicts { message, at, contradiction };
                weighed.causes.push(Cause { verdict: Verdict::Unknown, reason });
            }
            found_match = found_match.or(outcome);
        }
        weighed.texts.push((at, found_match));
    }
    if let Some(last) = case.path.last.as_ref().filter(|last| !last.succeeded && !is_stopped(case)) {
        let readings = readings(case, &status_text(found, last)).to_vec().into_iter();
        let means = readings.flat_map(|reading| reading.means).collect();
        let complaint = Complaint {
            says: format!("the last status that Azure reports: {}", first_line(&last.message)),
            locator: last.locator.clone(),
            at: last.at.unwrap_or_else(|| earliest(case)),
            means,
        };
        against(case, found, &complaint, gates);
    }
    weighed
}

/// Whether a gate that a message can stand for does not pass.
fn accounts_for(gates: &[GateOutcome], means: &[Gate]) -> bool {
    let open = |gate: &GateOutcome| matches!(gate.verdict, Verdict::Pass | Verdict::NotApplicable);
    gates.iter().any(|gate| !open(gate) && means.contains(&gate.gate))
}

/// Holds what was said against the gates. Where nothing explains it, the gate that it speaks of is not certain.
fn against(case: &Case<'_>, found: Found<'_, '_>, complaint: &Complaint, gates: &mut [GateOutcome]) -> TextMatch {
    if case.is_repaired {
        return TextMatch::Explains;
    }
    if checked::is_unresolved(&complaint.means) && found.target.is_some() {
        checked::suspect_dns(case, found, &complaint.means, gates);
        // The target was found, so its name is right.
        let complaint = Complaint { means: vec![Gate::Dns], ..complaint.clone() };
        return against_possible(case, found, &complaint, gates);
    }
    against_possible(case, found, complaint, gates)
}

/// As [`against`], with the gates that remain possible.
fn against_possible(
    case: &Case<'_>,
    found: Found<'_, '_>,
    complaint: &Complaint,
    gates: &mut [GateOutcome],
) -> TextMatch {
    let fails = gates.iter().any(|gate| gate.verdict == Verdict::Fail);
    if fails || accounts_for(gates, &complaint.means) {
        return TextMatch::Explains;
    }
    if is_outdated(case, found, complaint) {
        return TextMatch::Outdated;
    }
    let passes = |gate: &GateOutcome| gate.verdict == Verdict::Pass;
    let named = |meant: &Gate| gates.iter().position(|gate| gate.gate == *meant && passes(gate));
    let at = match complaint.means.iter().find_map(named) {
        Some(at) => Some(at),
        // It does not say which gate: one that is unknown may be it.
        None if gates.iter().any(|gate| gate.verdict == Verdict::Unknown) => return TextMatch::Explains,
        None => gates.iter().rposition(passes),
    };
    if let Some(gate) = at.and_then(|at| gates.get_mut(at)) {
        let what =
            format!("why the last access of `{}` failed: the collected data does not explain it", case.path.label);
        let gap = Gap::incomplete(what, ClosedBy::Collect(case.path.resource.clone(), ""))
            .advise("trigger another fetch and check the target's audit log");
        gate.withdraw(AGREES, vec![Evidence::at(complaint.says.clone(), complaint.locator.clone())], gap);
    }
    TextMatch::Contradicts
}

/// The first line of a text, not too long.
fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let cut: String = line.chars().take(160).collect();
    if cut.len() < line.len() { format!("`{cut}…`") } else { format!("`{cut}`") }
}

/// How often a consumer fetches again.
pub(super) fn interval(case: &Case<'_>) -> SignedDuration {
    SignedDuration::from_hours(case.path.caller_kind().facts().fetches_every.hours)
}

/// When a status without a time may have been set: a whole interval ago.
fn earliest(case: &Case<'_>) -> Timestamp {
    case.as_of.checked_sub(interval(case)).unwrap_or(case.as_of)
}

/// The status of a stopped app is old, whatever it says.
fn is_stopped(case: &Case<'_>) -> bool {
    let site = case.estate.get::<Site>(&case.path.resource).known();
    site.is_some_and(|site| site.properties.is_stopped())
}

/// Whether the access may have been closed when this was said: the target, the grant or the object was changed since.
fn is_outdated(case: &Case<'_>, found: Found<'_, '_>, complaint: &Complaint) -> bool {
    if case.path.last.as_ref().is_some_and(|last| last.succeeded && last.at.is_some_and(|at| at > complaint.at)) {
        return true;
    }
    let modified = found.target.and_then(|target| target.store.last_modified()).and_then(time);
    let by_target = [Gate::Target, Gate::Dns, Gate::Network, Gate::Firewall, Gate::Authorization];
    let of_target = complaint.means.is_empty() || complaint.means.iter().any(|gate| by_target.contains(gate));
    if of_target && modified.is_some_and(|at| at > complaint.at) {
        return true;
    }
    let may_mean = |gate: Gate| complaint.means.is_empty() || complaint.means.contains(&gate);
    let was_granted = || {
        let (Some(reference), Some(target), Some(principal)) = (found.reference, found.target, found.principal) else {
            return true;
        };
        let then = Case { as_of: complaint.at, ..*case };
        let mut record = Record::of(Gate::Authorization);
        gate::authorization(&then, reference, target, principal, &mut record);
        record.verdict() == Verdict::Pass
    };
    if may_mean(Gate::Authorization) && case.path.credential != Credential::AccountKey && !was_granted() {
        return true;
    }
    let attributes = found.target.zip(found.reference).and_then(|(target, reference)| {
        let id = target.store.id().child(&reference.kind, &reference.name);
        case.estate.get::<Secret>(&id).known()?.properties.attributes
    });
    let younger = |seconds: Option<i64>| {
        let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        at.is_some_and(|at| at > complaint.at)
    };
    // A change of the object explains that it was not found or disabled; a new object explains anything.
    attributes.is_some_and(|a| {
        (may_mean(Gate::Object) && younger(a.created))
            || (complaint.means.contains(&Gate::Object) && younger(a.updated))
    })
}

/// Whether the last refresh failed and nothing explains it, so that a gate was doubted for it.
pub(super) fn is_unexplained(last: &LastRefresh, gates: &[GateOutcome]) -> bool {
    let here =
        |evidence: &Evidence| evidence.resource == last.locator.resource && evidence.pointer == last.locator.pointer;
    let doubted = |step: &Step| step.question == AGREES && step.evidence.iter().any(here);
    !last.succeeded && gates.iter().any(|gate| gate.steps.iter().any(doubted))
}
