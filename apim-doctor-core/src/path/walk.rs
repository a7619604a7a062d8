//! The walk through the eight gates, in the order a request meets them.

use jiff::{SignedDuration, Timestamp};

use crate::base::{ResourceId, Verdict};
use crate::eval::firewall::{Admission, Settings};
use crate::finding::{Evidence, Gate};
use crate::model::api_management::Service;
use crate::model::app_service::{Config, KeyVaultReference, Site};
use crate::model::key_vault::Secret;
use crate::model::setting::CONTENT;
use crate::model::{ClosedBy, Gap};
use crate::path::exit::Exits;
use crate::path::found::Found;
use crate::path::gate::{self, Address, Record};
use crate::path::observed::Weighed;
use crate::path::outcome::doubt;
use crate::path::posture::{self, Posture};
use crate::path::protection::{Protection, protection};
use crate::path::reason::{Cause, Reason, Renewal};
use crate::path::renewal::Successor;
use crate::path::way::{Way, Ways};
use crate::path::{
    AccessPath, Case, Credential, Diagnosis, Form, GateOutcome, Moment, Origin, Outside, Principal, Reference, Target,
    Wants, checked, observed, order, renewal,
};

/// How long before its end a certificate is worth a word.
const EXPIRY_HORIZON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Walks a path. After a failure the walk goes on with what was meant, so that the next failure is known too.
pub(crate) fn walk<'e>(case: &Case<'e>) -> Diagnosis<'e> {
    if case.path.is_about_resource() {
        return look(case);
    }
    let mut walk = Walk { gates: Vec::with_capacity(8), depends_on: vec![case.path.resource.clone()], doubt: false };
    let reference = walk.through(Gate::Reference, |record| gate::reference(case, record));
    let principal = walk.through(Gate::Identity, |record| gate::identity(case, reference.as_ref(), record));
    let target =
        walk.after(Gate::Target, reference.as_ref(), |record, reference| gate::target(case, reference, record));
    let target = target.flatten();
    let both = reference.as_ref().zip(target.as_ref());
    let ways = target.as_ref().map(|target| (target, Ways::of(case, target, principal.as_ref())));
    let ways = ways.as_ref().map(|(target, ways)| (*target, ways));
    let addresses: Option<Vec<Address>> =
        walk.after(Gate::Dns, reference.as_ref().zip(ways), |record, (reference, (target, ways))| {
            gate::dns(case, reference, target, ways, record)
        });
    let taken: Option<Vec<Way>> =
        walk.after(Gate::Network, ways.zip(addresses.as_ref()), |record, ((target, ways), addresses)| {
            gate::network(case, target, ways, addresses, record)
        });
    walk.after(Gate::Firewall, ways.zip(taken.as_ref()), |record, ((target, ways), taken)| {
        gate::firewall(case, target, principal.as_ref(), (&ways.settings, taken), record);
    });
    if let (Credential::AccountKey, Some(target)) = (&case.path.credential, &target) {
        walk.through(Gate::Authorization, |record| gate::account_key(case, target, record));
    } else {
        walk.after(Gate::Authorization, both.zip(principal.as_ref()), |record, ((reference, target), principal)| {
            gate::authorization(case, reference, target, principal, record);
        });
    }
    walk.after(Gate::Object, both, |record, (reference, target)| gate::object(case, reference, target, record));
    let Walk { mut gates, depends_on, .. } = walk;
    if let Some(gap) = &case.path.doubt {
        doubt(&mut gates, &Gate::ALL, gap);
    }
    if let Some(gap) = ways.and_then(|(_, ways)| outside_unknown(case, ways)) {
        doubt(&mut gates, &[Gate::Dns, Gate::Network, Gate::Firewall], &gap);
    }
    order::used_before_it_exists(case, principal.as_ref(), &mut gates);
    undocumented_package(case, target.as_ref(), &mut gates);
    undocumented_backup(case, ways.map(|(_, ways)| ways), &mut gates);
    if either_way(case) {
        pass_unknown(&mut gates);
    }
    let found = Found { reference: reference.as_ref(), principal: principal.as_ref(), target: target.as_ref() };
    let contradictions = observed::apply_texts(case, found, &mut gates);
    checked::weigh(case, found, &mut gates);
    let successor = renewal::weigh(case, found, &mut gates);
    let Weighed { causes, texts } = observed::weigh(case, found, &mut gates);
    // A key or certificate version in a URL is not renewed for it.
    // Azure Disk Encryption writes the version of its secret itself.
    let is_disk = matches!(case.path.wants, Wants::Objects(_));
    let pinned = reference.as_ref().filter(|r| r.kind == "secrets" && !is_disk).and_then(|r| r.version.clone());
    let mut quirks = quirks(case, pinned, successor.as_ref(), &gates);
    quirks.extend(quirks_of_reference(case, principal.as_ref(), &gates));
    quirks.extend(contradictions);
    quirks.extend(causes);
    quirks.extend(old_version_held(case, reference.as_ref(), target.as_ref(), &mut gates));
    let Posture { causes, open, rows } = posture::posture(case, target.as_ref(), &gates);
    quirks.extend(causes);
    Diagnosis { principal, reference, target, gates, quirks, open, rows, depends_on, texts }
}

/// Looks at a resource itself: no gate applies.
fn look<'e>(case: &Case<'e>) -> Diagnosis<'e> {
    let Protection { causes, open, depends_on } = protection(case);
    Diagnosis {
        principal: None,
        reference: None,
        target: None,
        gates: Vec::new(),
        quirks: causes,
        open,
        rows: Vec::new(),
        depends_on,
        texts: Vec::new(),
    }
}

/// Whether an instance gets through both outside of its subnet and from inside of it, where it is not documented which way
/// a call of its takes. No page says that either works in the v2 tiers with public access off.
fn either_way(case: &Case<'_>) -> bool {
    let path = case.path;
    let is_open = matches!(path.origin, Origin::Undetermined(_)) && path.moment == Moment::Rotation;
    let instance = case.estate.get::<Service>(&path.resource).known().filter(|_| is_open && path.location.is_none());
    let subnet = instance.and_then(|instance| {
        let network = instance.properties.virtual_network_configuration.as_ref()?;
        Some((network.subnet_resource_id.clone()?, instance.location.clone()))
    });
    let Some((id, location)) = subnet else { return false };
    [Origin::PublicEgress(&Outside::INSTANCE), Origin::Subnet { id, location, integration: None }].into_iter().all(
        |origin| {
            let path = AccessPath { origin, ..path.clone() };
            let exits = Exits::of(case.estate, [&path]);
            let walked = walk(&Case { path: &path, exits: &exits, ..*case });
            let enabled = walked.target.as_ref().is_some_and(|target| !Settings::of(target.store).disabled);
            enabled && walked.verdict() == Verdict::Pass
        },
    )
}

/// What was not known of the way does not matter.
fn pass_unknown(gates: &mut [GateOutcome]) {
    const BOTH: &str = "the call succeeds both outside and inside the instance's subnet";
    for gate in gates.iter_mut().filter(|gate| gate.verdict == Verdict::Unknown) {
        gate.verdict = Verdict::Pass;
        gate.gaps.clear();
        gate.reasons.retain(|cause| cause.verdict != Verdict::Unknown);
        for step in gate.steps.iter_mut().filter(|step| step.verdict == Verdict::Unknown) {
            step.verdict = Verdict::Pass;
            step.evidence.push(Evidence::new(BOTH, &ResourceId::new(""), ""));
        }
    }
}

/// The app may get in around its subnet, so what stops it there is not certain to keep it out.
fn outside_unknown(case: &Case<'_>, ways: &Ways<'_>) -> Option<Gap> {
    let Origin::Subnet { integration: Some(integration), .. } = &case.path.origin else { return None };
    match (&ways.public.admission, &integration.undecided) {
        (Admission::Unknown { gap, .. }, _) if integration.public_first => Some(gap.clone()),
        // What stops it in the subnet may be passed around it.
        (Admission::Admitted(_) | Admission::Unknown { .. }, Some(gap)) => Some(gap.clone()),
        _ => None,
    }
}

/// What no page says of packages at a URL makes failures uncertain: from where the platform fetches them; and where the
/// container may be open to everybody, it needs no identity.
///
/// Sources: <https://learn.microsoft.com/azure/azure-functions/run-functions-from-deployment-package> and
/// <https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure> (read 2026-11-29).
fn undocumented_package(case: &Case<'_>, target: Option<&Target<'_>>, gates: &mut [GateOutcome]) {
    if !case.path.is_package() {
        return;
    }
    let name = case.path.resource.name();
    let way = Gap::undocumented(format!("from which addresses `{name}` fetches its package")).advise(
        "allow the app's subnet and its public addresses in the storage account firewall, or deploy the package to \
         the app itself (`WEBSITE_RUN_FROM_PACKAGE` = `1`)",
    );
    doubt(gates, &[Gate::Dns, Gate::Network, Gate::Firewall], &way);
    let account = target.and_then(|target| target.account());
    if account.is_some_and(|account| account.properties.allow_blob_public_access == Some(true)) {
        let what = "whether the container of the package is public: the storage account allows public containers";
        let open = Gap::not_evaluated(what).advise("check the container's `publicAccess`");
        doubt(gates, &[Gate::Identity, Gate::Authorization], &open);
    }
}

/// What no page says of backups: whether a user-assigned identity gets through the account's firewall, and whether the
/// exception for trusted services holds for a backup where public access is off.
///
/// Sources: <https://learn.microsoft.com/azure/api-management/api-management-howto-disaster-recovery-backup-restore> and
/// <https://learn.microsoft.com/azure/storage/common/storage-network-security-limitations> (read 2026-11-21).
fn undocumented_backup(case: &Case<'_>, ways: Option<&Ways<'_>>, gates: &mut [GateOutcome]) {
    if case.path.backup.is_none() {
        return;
    }
    let Some(gate) = gates.iter_mut().find(|gate| gate.gate == Gate::Firewall) else { return };
    let by_user = |cause: &Cause| matches!(cause.reason, Reason::UserAssignedNotTrusted { .. });
    let trusts = ways.is_some_and(|ways| ways.settings.bypass);
    if gate.verdict == Verdict::Fail && trusts && gate.reasons.iter().any(by_user) {
        let what = "whether a backup with a user-assigned identity gets through the storage account firewall: the \
                    documentation promises it only for the system-assigned identity";
        let gap = Gap::undocumented(what).advise("use the system-assigned identity for the backup");
        return doubt(gates, &[Gate::Firewall], &gap);
    }
    if gate.verdict == Verdict::Pass && ways.is_some_and(|ways| ways.settings.disabled) {
        let what = "whether the trusted-services exception covers a backup while public access is disabled: the \
                    documentation of backups does not show this combination";
        let gap = Gap::undocumented(what).advise("enable public access for selected networks only, or make one backup");
        gate.withdraw("is the exception documented for a backup while public access is disabled?", Vec::new(), gap);
        gate.reasons.push(Cause { verdict: Verdict::Unknown, reason: Reason::PublicAccessDisabled });
    }
}

struct Walk {
    gates: Vec<GateOutcome>,
    depends_on: Vec<ResourceId>,
    doubt: bool,
}

impl Walk {
    fn through<T>(&mut self, gate: Gate, judge: impl FnOnce(&mut Record) -> T) -> T {
        let mut record = Record::of(gate);
        let value = judge(&mut record);
        let (outcome, depends_on) = record.close(self.doubt);
        self.doubt |= !matches!(outcome.verdict, Verdict::Pass | Verdict::NotApplicable);
        self.depends_on.extend(depends_on);
        self.gates.push(outcome);
        value
    }

    /// A gate that needs what an earlier one found; without it nothing can be said.
    fn after<I, T>(&mut self, gate: Gate, needed: Option<I>, judge: impl FnOnce(&mut Record, I) -> T) -> Option<T> {
        match needed {
            Some(input) => Some(self.through(gate, |record| judge(record, input))),
            None => {
                let failed = self.gates.iter().any(|g| g.verdict == Verdict::Fail);
                self.through(gate, |record| {
                    let question = "what is the result of this gate?";
                    let says = match failed {
                        true => "not evaluated: an earlier gate failed",
                        false => "not evaluated: an earlier gate could not be evaluated",
                    };
                    match failed {
                        true => record.skip(question, says, &ResourceId::new("")),
                        false => record.unknown(
                            question,
                            vec![Evidence::new(says, &ResourceId::new(""), "")],
                            Gap::earlier(),
                        ),
                    }
                });
                None
            }
        }
    }
}

/// Conditions that no gate evaluates.
fn quirks(
    case: &Case<'_>,
    version: Option<String>,
    successor: Option<&Successor>,
    gates: &[GateOutcome],
) -> Vec<Cause> {
    let mut quirks = Vec::new();
    let mut note = |verdict, reason| quirks.push(Cause { verdict, reason });
    let ended = case.path.expiry.is_some_and(|at| at <= case.as_of);
    let renewal = successor.map_or(Renewal::Needed, |successor| successor.renewal.clone());
    if let Some(version) = version {
        let newer = successor.filter(|s| s.renewal == Renewal::Pinned).map(Successor::words);
        let verdict = if ended && newer.is_some() { Verdict::Fail } else { Verdict::Pass };
        note(verdict, Reason::VersionPinned { version, newer });
    }
    if let Some(at) = case.path.expiry.filter(|at| at.duration_since(case.as_of) <= EXPIRY_HORIZON) {
        let verdict = if ended { Verdict::Fail } else { Verdict::Pass };
        note(verdict, Reason::CertificateExpires { at, renewal: renewal.clone() });
    }
    let fetched = case.path.form == Form::Identifier;
    let renewed = successor.filter(|_| renewal == Renewal::NotFetched).map(|s| s.since);
    let last = case.path.last.as_ref();
    if renewed.is_some() || last.is_some_and(|last| fetched && is_stale_or_failed(last, case.as_of, case)) {
        let doubted = renewed.is_some() || last.is_some_and(|last| observed::is_unexplained(last, gates));
        let verdict = if doubted { Verdict::Unknown } else { Verdict::Pass };
        note(verdict, Reason::RefreshFailed { renewed: renewed.flatten() });
    }
    quirks
}

/// What is worth knowing of an app's reference: its status against its gates, and what the next change of the settings
/// does.
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).
fn quirks_of_reference(case: &Case<'_>, principal: Option<&Principal>, gates: &[GateOutcome]) -> Vec<Cause> {
    let path = case.path;
    if path.form != Form::Setting {
        return Vec::new();
    }
    let mut quirks = Vec::new();
    let mut note = |verdict, reason| quirks.push(Cause { verdict, reason });
    let fails = gates.iter().any(|gate| gate.verdict == Verdict::Fail);
    let site = case.estate.get::<Site>(&path.resource).known();
    let stopped = site.is_some_and(|site| site.properties.is_stopped());
    match &path.last {
        Some(last) if last.succeeded && fails => note(Verdict::Pass, Reason::NextFetchFails),
        Some(last) if !last.succeeded && !fails => {
            let status = last.message.split(':').next().unwrap_or_default().to_owned();
            let open = gates.iter().all(|gate| gate.verdict != Verdict::Unknown);
            // While something was not collected, the status may well be right.
            if open || stopped || observed::is_unexplained(last, gates) {
                note(if open { Verdict::Pass } else { Verdict::Unknown }, Reason::StaleStatus { status, stopped });
            }
        }
        _ => {}
    }
    if path.label.eq_ignore_ascii_case(CONTENT) {
        if principal.is_some_and(Principal::is_system_assigned) {
            note(Verdict::Pass, Reason::CreatedInSameDeployment);
        }
        let settings = case.estate.get::<Config>(&path.resource.child("config", "appsettings"));
        match settings.known().map(|settings| settings.properties.is_on("WEBSITE_SKIP_CONTENTSHARE_VALIDATION")) {
            Some(true) => {}
            Some(false) => note(Verdict::Pass, Reason::ContentShareValidation),
            None => note(Verdict::Unknown, Reason::ContentShareValidation),
        }
    }
    quirks
}

/// A reference without a version is fetched again within 24 hours. Where the app still holds another version than the
/// vault's current one after that, the fetches fail in spite of a good status, or none came.
/// Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-29).
fn old_version_held(
    case: &Case<'_>,
    reference: Option<&Reference>,
    target: Option<&Target<'_>>,
    gates: &mut [GateOutcome],
) -> Option<Cause> {
    let reference = reference.filter(|r| case.path.form == Form::Setting && r.version.is_none())?;
    let listed = case.path.declared_at.resource.as_ref()?;
    let listed = case.estate.get::<KeyVaultReference>(listed).known()?;
    let active = listed.properties.active_version.as_deref().filter(|version| !version.is_empty())?;
    let id = target?.store.id().child(&reference.kind, &reference.name);
    let secret = &case.estate.get::<Secret>(&id).known()?.properties;
    let current = secret.secret_uri_with_version.as_deref()?.trim_end_matches('/').rsplit('/').next()?;
    let attributes = secret.attributes.as_ref()?;
    let since = Timestamp::from_second(attributes.updated.max(attributes.created)?).ok()?;
    if active.eq_ignore_ascii_case(current) || case.as_of.duration_since(since) <= observed::interval(case) {
        return None;
    }
    let what = format!("why `{}` still has an old version: its fetches fail, or it was not fetched", case.path.label);
    let gap = Gap::incomplete(what, ClosedBy::Collect(case.path.resource.clone(), "")).advise("refresh the references");
    if let Some(gate) = gates.iter_mut().find(|g| g.gate == Gate::Object && g.verdict == Verdict::Pass) {
        let says = format!("the app has version `{active}`, but the vault's current version is `{current}`");
        let evidence = vec![Evidence::new(says, &listed.id, "/properties/activeVersion")];
        gate.withdraw("does the app have the current version?", evidence, gap);
    }
    let (active, current) = (active.to_owned(), current.to_owned());
    Some(Cause { verdict: Verdict::Unknown, reason: Reason::OldVersionHeld { active, current, since } })
}

/// A refresh is due every four hours; after a day without one something keeps it from happening.
/// Source: <https://learn.microsoft.com/azure/api-management/api-management-howto-properties> (read 2026-11-21).
fn is_stale_or_failed(last: &crate::path::LastRefresh, as_of: Timestamp, case: &Case<'_>) -> bool {
    const OVERDUE: SignedDuration = SignedDuration::from_hours(24);
    // A pinned version is never fetched again, so its age says nothing.
    let pinned = || crate::path::Reference::parse(&case.path.reference).is_ok_and(|r| r.version.is_some());
    !last.succeeded || (last.at.is_some_and(|at| as_of.duration_since(at) > OVERDUE) && !pinned())
}
