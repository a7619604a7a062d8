//! Gate 8: does the object exist, is it enabled, and will the consumer take it?

use crate::finding::{Evidence, Gate};
use crate::model::app_service::Site;
use crate::model::key_vault::Secret;
use crate::model::{ClosedBy, DirectItem, Fact, Gap, Resource, setting};
use crate::path::gate::{Record, backup, recovery};
use crate::path::reason::Reason;
use crate::path::{Case, Reference, Target, Wants};

const EXISTS: &str = "does the object exist?";
const ENABLED: &str = "is it enabled?";
const FORMAT: &str = "will the consumer accept it?";

/// Judges the object by what Resource Manager and the vault itself say of it.
///
/// A certificate's secret is not visible through Resource Manager, so its 404 says nothing.
pub(crate) fn object(case: &Case<'_>, parsed: &Reference, target: &Target<'_>, record: &mut Record) {
    debug_assert_eq!(record.gate, Gate::Object);
    let vault = target.store.id();
    if case.path.backup.is_some() {
        return backup::blob(case, target, record);
    }
    if let Wants::Objects(_) = &case.path.wants {
        return recovery::objects(case, target, record);
    }
    if target.account().is_some() {
        let says = match case.path.connection() {
            _ if case.path.is_package() => "not applicable: the package itself is not checked",
            "deployment" => "not applicable: a deployment uploads the package",
            setting::HOST_STORAGE => "not applicable: the app creates its own containers, queues and tables",
            _ => "not applicable: the target gate evaluates the share",
        };
        return record.skip(EXISTS, says, vault);
    }
    if let (true, Wants::Request(Ok(_))) = (parsed.name.is_empty(), &case.path.wants) {
        return record.skip(EXISTS, "the request lists existing objects", vault);
    }
    if matches!(&case.path.wants, Wants::Request(Ok(operation)) if operation.permission == "set") {
        return record.skip(EXISTS, "the request creates the object or a new version", vault);
    }
    if parsed.name.is_empty() {
        let gap = Gap::computed("the object that the policy computes");
        return record.unknown(EXISTS, vec![], gap);
    }
    let id = vault.child(&parsed.kind, &parsed.name);
    let base = [&target.host, "/", &parsed.kind, "/", &parsed.name.to_ascii_lowercase()].concat();
    let key =
        parsed.version.as_ref().map_or(base.clone(), |version| format!("{base}/{}", version.to_ascii_lowercase()));
    let direct = case.estate.direct.get(&key);
    match direct.map(|answer| (answer.status, answer.code.as_deref().unwrap_or_default())) {
        Some((404, code)) if code.ends_with("NotFound") => {
            let says = Evidence::new(format!("the vault itself answered 404 `{code}`"), &id, "");
            return record.fail(EXISTS, vec![says], Reason::ObjectMissing { said_by: "the vault" });
        }
        Some((_, "SecretDisabled")) => {
            let says = Evidence::new("the vault itself answered 403 `SecretDisabled`", &id, "");
            return record.fail(ENABLED, vec![says], Reason::ObjectDisabled { said_by: "the vault" });
        }
        _ => {}
    }
    let answered = direct.filter(|answer| answer.status == 200);
    let answered = answered.map(|answer| (answer.enabled, answer.content_type.clone()));
    let answered = answered.or_else(|| {
        let item = listed(case, target, parsed)?.1?;
        Some((item.enabled, item.content_type.clone()))
    });
    let arm = current(case, case.estate.get::<Secret>(&id), parsed);
    let (enabled, content_type, says) = match (&arm, &answered) {
        (Fact::Known(secret), _) => (
            secret.properties.attributes.as_ref().and_then(|a| a.enabled),
            secret.properties.content_type.clone(),
            "Resource Manager shows it",
        ),
        (_, Some((enabled, kind))) => (*enabled, kind.clone(), "the vault itself shows it"),
        (_, None) if case.estate.world.deployed().is_some() => {
            return record.skip(EXISTS, "not applicable: the files do not make it", vault);
        }
        (fact, None) => return unseen(case, target, parsed, fact, record),
    };
    record.pass(EXISTS, vec![Evidence::new(says, &id, "")]);
    if let Some((own_enabled, own_type)) = &answered
        && (own_enabled.is_some_and(|own| Some(own) != enabled)
            || own_type.as_ref().is_some_and(|own| Some(own) != content_type.as_ref()))
    {
        let what = format!("whether `{}` is usable: the vault and Resource Manager contradict each other", parsed.name);
        return record.unknown(ENABLED, vec![], Gap::contradictory(what).advise("collect again"));
    }
    match enabled {
        Some(false) => {
            let evidence = vec![Evidence::new("attributes.enabled is false", &id, "/properties/attributes/enabled")];
            let said_by = if answered.is_some() { "the vault" } else { "Resource Manager" };
            record.fail(ENABLED, evidence, Reason::ObjectDisabled { said_by });
        }
        Some(true) => {
            let evidence = vec![Evidence::new("attributes.enabled is true", &id, "/properties/attributes/enabled")];
            record.pass(ENABLED, evidence);
        }
        None => {
            let gap = Gap::incomplete(format!("whether `{}` is enabled", parsed.name), &id);
            record.unknown(ENABLED, vec![], gap);
        }
    }
    if case.path.wants == Wants::CertificateWithKey {
        certificate(case, target, parsed, &id, content_type.as_deref(), record);
    }
}

/// The object in a list that the vault itself gave: of its versions, where one is named. The first value tells
/// whether the list is whole.
fn listed<'e>(case: &Case<'e>, target: &Target<'_>, parsed: &Reference) -> Option<(bool, Option<&'e DirectItem>)> {
    let name = parsed.name.to_ascii_lowercase();
    let (list, ending) = match &parsed.version {
        Some(version) => {
            let version = version.to_ascii_lowercase();
            (format!("{}/{name}/versions", parsed.kind), format!("/{}/{name}/{version}", parsed.kind))
        }
        None => (parsed.kind.clone(), ["/", &parsed.kind, "/", &name].concat()),
    };
    let answer = case.estate.direct.get(&[&target.host, "/", &list].concat()).filter(|answer| answer.status == 200)?;
    Some((answer.complete, answer.items.iter().find(|item| item.id.to_ascii_lowercase().ends_with(&ending))))
}

/// Resource Manager shows the current version only; of another version it says nothing.
fn current<'e>(case: &Case<'e>, fact: Fact<&'e Resource<Secret>>, parsed: &Reference) -> Fact<&'e Resource<Secret>> {
    let (Fact::Known(secret), Some(version)) = (&fact, &parsed.version) else { return fact };
    let shown = secret.properties.secret_uri_with_version.as_deref().and_then(|uri| uri.rsplit('/').next());
    if shown.is_some_and(|shown| shown.eq_ignore_ascii_case(version)) {
        return fact;
    }
    let what = format!("version `{version}` of `{}`: Resource Manager shows only the current version", parsed.name);
    Fact::Unknown(Gap::incomplete(what, ClosedBy::Collect(case.path.resource.clone(), "--ask-vault")))
}

/// A certificate with its private key is the secret of a PKCS#12 file.
/// Source: <https://learn.microsoft.com/azure/api-management/configure-custom-domain> (read 2026-11-21).
fn certificate(
    case: &Case<'_>,
    target: &Target<'_>,
    parsed: &Reference,
    id: &crate::base::ResourceId,
    content_type: Option<&str>,
    record: &mut Record,
) {
    let at = "/properties/contentType";
    let content_type = content_type.map(str::trim).filter(|kind| !kind.is_empty());
    let says = match content_type {
        Some(kind) => format!("contentType is `{kind}`"),
        None => "contentType is absent".to_owned(),
    };
    let evidence = vec![Evidence::new(says, id, at)];
    let problem = match content_type {
        Some(kind) if kind.eq_ignore_ascii_case("application/x-pkcs12") => None,
        Some(kind) => Some(format!("its content type is `{kind}`")),
        None => Some("it has no content type, so it is a plain secret".to_owned()),
    };
    match (problem, case.path.caller_kind().facts().certificates.other_type) {
        (None, _) => record.pass(FORMAT, evidence),
        (Some(problem), None) => record.fail(FORMAT, evidence, Reason::WrongFormat { problem }),
        (Some(problem), Some(why)) => {
            let gap = Gap::undocumented(why).advise("import the certificate into the vault as PKCS#12");
            record.unknown(FORMAT, evidence, gap);
            record.suspect(Reason::WrongFormat { problem });
        }
    }
    let key = format!("{}/certificates/{}", target.host, parsed.name.to_ascii_lowercase());
    if case.estate.direct.get(&key).is_some_and(|answer| answer.exportable == Some(false)) {
        let says = "the certificate's policy makes its key non-exportable";
        let problem = "its private key is not exportable, so the secret does not contain it".to_owned();
        record.fail(FORMAT, vec![Evidence::new(says, id, "")], Reason::WrongFormat { problem });
    }
}

/// Nothing shows the object. That is a failure only where a second fact agrees.
fn unseen(
    case: &Case<'_>,
    target: &Target<'_>,
    parsed: &Reference,
    fact: &Fact<&crate::model::Resource<Secret>>,
    record: &mut Record,
) {
    let any_version = Reference { version: None, ..parsed.clone() };
    let lists = [listed(case, target, parsed), listed(case, target, &any_version)];
    let whole = lists.iter().flatten().filter(|(complete, _)| *complete);
    let listed = whole.map(|(_, item)| item.is_some()).min();
    let id = target.store.id().child(&parsed.kind, &parsed.name);
    let vault_says = "the vault's own list";
    match (fact, listed) {
        (_, Some(false)) => {
            let evidence = vec![Evidence::new("the vault's own list does not contain it", &id, "")];
            return record.fail(EXISTS, evidence, Reason::ObjectMissing { said_by: vault_says });
        }
        (Fact::Absent(_), None) if case.path.last.as_ref().is_some_and(says_not_found) && !is_stopped(case) => {
            let evidence = vec![
                Evidence::new("Resource Manager does not find it", &id, ""),
                Evidence::at("the last refresh did not find it either", last_locator(case)),
            ];
            return record.fail(
                EXISTS,
                evidence,
                Reason::ObjectMissing { said_by: "Resource Manager and the last refresh" },
            );
        }
        _ => {}
    }
    let mut evidence = Vec::new();
    if let Some(last) = case.path.last.as_ref().filter(|last| last.succeeded) {
        let when = last.at.map(|at| at.to_string()).unwrap_or_else(|| "an unknown time".to_owned());
        let says = format!("the last refresh succeeded at {when}, so the object existed then");
        evidence.push(Evidence::at(says, last.locator.clone()));
    }
    let refused = case.estate.direct.get(&format!("{}/{}", target.host, parsed.kind)).filter(|a| a.status != 200);
    let by_vault = ClosedBy::Collect(case.path.resource.clone(), "--ask-vault");
    let gap = match (fact, refused) {
        (_, Some(answer)) => Gap::incomplete(
            format!(
                "whether `{}` exists: the vault itself refused the list of its secrets ({} {})",
                parsed.object(),
                answer.status,
                answer.code.as_deref().unwrap_or_default()
            ),
            by_vault,
        )
        .advise("use an address that the vault firewall allows and an identity with permission to list secrets"),
        // Resource Manager has no certificates.
        (Fact::Unknown(gap), _) if parsed.kind != "certificates" => gap.clone(),
        _ => Gap::incomplete(
            format!(
                "whether `{}` exists: {} not visible through Resource Manager",
                parsed.object(),
                if parsed.kind == "secrets" { "the secret of a certificate is" } else { "it is" }
            ),
            by_vault,
        ),
    };
    record.unknown(EXISTS, evidence, gap);
}

/// The status of a stopped app is old, whatever it says.
fn is_stopped(case: &Case<'_>) -> bool {
    let site = case.estate.get::<Site>(&case.path.resource).known();
    site.is_some_and(|site| site.properties.is_stopped())
}

fn says_not_found(last: &crate::path::LastRefresh) -> bool {
    let message = last.message.to_ascii_lowercase();
    let said = ["was not found in this key vault", "secretnotfound"];
    !last.succeeded && said.iter().any(|text| message.contains(text))
}

fn last_locator(case: &Case<'_>) -> crate::finding::Locator {
    case.path.last.as_ref().map(|last| last.locator.clone()).unwrap_or_default()
}
