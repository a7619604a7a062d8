//! Key Vault references in the settings and connection strings of apps and slots.
//!
//! Source: <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references> (read 2026-11-21).

use std::collections::BTreeMap;

use crate::base::ResourceId;
use crate::consumer::app::path_from;
use crate::consumer::{Consumer, Declared};
use crate::eval::app::App;
use crate::eval::app_routing::Traffic;
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::model::app_service::{Config, KeyVaultReference, Site};
use crate::model::reference::Written;
use crate::model::{ClosedBy, Estate, Fact, Gap, Get, Modelled, Refusal, Resource};
use crate::path::{AccessPath, Credential, LastRefresh};
use crate::source::redact;

const SLOTS: &str = "microsoft.web/sites/slots";
const APP_SETTINGS: &str = "appsettings";
const CONNECTION_STRINGS: &str = "connectionstrings";

/// References of apps and slots.
pub(super) struct KeyVaultReferences;

impl Consumer for KeyVaultReferences {
    fn kinds(&self) -> &'static [ConsumerKind] {
        &[ConsumerKind::Reference]
    }

    fn caller(&self) -> CallerKind {
        CallerKind::App
    }

    fn unread(&self, estate: &Estate, is_asked: &dyn Fn(&ResourceId) -> bool) -> Vec<Gap> {
        // A slot whose references were read, and not the slot itself.
        let of_others = estate.index.references_of.keys().filter(|id| is_asked(id));
        let unread = of_others.filter(|id| !Site::table(&estate.tables).contains_key(id));
        let unread = unread.filter(|id| !estate.refusals.contains_key(id));
        let mut gaps: Vec<Gap> = unread.map(|id| Gap::not_collected(format!("app `{}`", id.name()), id)).collect();
        // Where slots were listed at all, the list must be whole.
        for app in estate.ids::<Site>().into_iter().filter(|id| is_asked(id)) {
            if !estate.answers(app, SLOTS).is_empty() {
                gaps.extend(estate.open::<Site>(app, SLOTS));
            }
        }
        gaps
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        match App::of(estate, owner) {
            Ok(app) => references(&app, declared),
            Err(gap) => declared.gaps.extend(gap),
        }
    }
}

/// A reference as Azure lists it, as its setting is written, or both.
#[derive(Default)]
struct Found<'e> {
    listed: Option<&'e Resource<KeyVaultReference>>,
    /// The setting's name, its value, and where that stands.
    written: Option<(&'e str, &'e str, Locator)>,
    /// Answers that list it contradict each other.
    contradicted: Option<Gap>,
}

fn references(app: &App<'_>, declared: &mut Declared) {
    for kind in [APP_SETTINGS, CONNECTION_STRINGS] {
        let (estate, site) = (app.estate, &app.site.id);
        let scope = site.child("config", "configreferences");
        let element = format!("{}/config/{kind}", site.resource_type().to_ascii_lowercase());
        let listed = estate.list::<KeyVaultReference>(&scope, &element);
        // An id does not keep the case of the setting's name.
        let mut all: BTreeMap<String, Found<'_>> = BTreeMap::new();
        let of_site = estate.index.references_of.get(site).into_iter().flatten();
        let of_kind = of_site.filter(|id| id.parent().is_some_and(|p| p == scope) && has_leaf(id, kind));
        let unreadable = listed_ids(estate, &scope, &element);
        for id in of_kind.chain(unreadable.iter()) {
            match estate.get::<KeyVaultReference>(id) {
                Fact::Known(reference) if reference.properties.reference.is_some() => {
                    all.entry(id.name().to_ascii_lowercase()).or_default().listed = Some(reference);
                }
                Fact::Unknown(gap) => declared.gaps.push(gap),
                _ => declared.gaps.push(Gap::incomplete(
                    format!(
                        "the text of reference `{}` of `{}`: the list of references does not show it",
                        id.name(),
                        site.name()
                    ),
                    Get::list(&scope, &element),
                )),
            }
        }
        let config = site.child("config", kind);
        let settings = estate.get::<Config>(&config).known();
        for (name, value) in settings.iter().flat_map(|config| config.properties.iter()) {
            if Written::find(value).is_some_and(|written| written.has_sign()) {
                let at = Locator::new(&config, pointer(kind, name));
                let found = all.entry(name.to_ascii_lowercase()).or_default();
                found.written = Some((name, value, at));
                found.contradicted = match estate.refusals.get(&scope.child(kind, name)) {
                    Some(Refusal::Contradicted(gap)) => Some(gap.clone()),
                    _ => None,
                };
            }
        }
        // Somebody who listed the settings has seen every reference.
        let is_deployed = estate.world.deployed().is_some_and(|files| files.deploys(site));
        if let Some(Refusal::NotSeen(gap)) = estate.refusals.get(&config).filter(|_| is_deployed) {
            declared.gaps.push(gap.clone());
        }
        if settings.is_none() && estate.is_recording && !is_deployed {
            declared.gaps.extend(listed.not_seen.clone());
        }
        let unread = listed.not_seen.filter(|_| estate.is_recording);
        declared.paths.extend(all.into_values().filter_map(|found| path(app, &found, unread.as_ref())));
    }
}

/// References that are listed and could not be read.
fn listed_ids(estate: &Estate, scope: &ResourceId, kind: &str) -> Vec<ResourceId> {
    let table = KeyVaultReference::table(&estate.tables);
    let answers = estate.answers(scope, kind).iter().flat_map(|answer| &answer.ids);
    answers.filter(|id| !table.contains_key(*id)).cloned().collect()
}

/// Whether an id ends in `…/{kind}/{name}`.
fn has_leaf(id: &ResourceId, kind: &str) -> bool {
    id.segments().rev().nth(1).is_some_and(|leaf| leaf.eq_ignore_ascii_case(kind))
}

fn pointer(kind: &str, name: &str) -> String {
    match kind {
        CONNECTION_STRINGS => format!("/properties/{name}/value"),
        _ => format!("/properties/{name}"),
    }
}

fn path(app: &App<'_>, found: &Found<'_>, unread: Option<&Gap>) -> Option<AccessPath> {
    let name = found.written.as_ref().map(|(name, ..)| *name).or_else(|| found.listed.map(|r| r.id.name()))?;
    let of_status = |leaf: &str| found.listed.map(|r| Locator::new(&r.id, format!("/properties/{leaf}")));
    let written = found.written.as_ref().map(|(_, value, _)| *value);
    let reference = found.listed.and_then(|r| r.properties.reference.as_deref()).or(written)?;
    let declared_at = of_status("reference").or_else(|| found.written.as_ref().map(|(.., at)| at.clone()))?;
    let site = &app.site.properties;
    let selected = site.key_vault_reference_identity.as_deref().map(str::trim).unwrap_or_default();
    let selected = if selected.starts_with("subscriptions/") { format!("/{selected}") } else { selected.to_owned() };
    let status = found.listed.and_then(|r| r.properties.status.as_deref().zip(of_status("status")));
    let last = status.clone().filter(|(status, _)| is_verdict(status)).map(|(status, locator)| LastRefresh {
        succeeded: status.eq_ignore_ascii_case("Resolved"),
        message: match found.listed.and_then(|r| r.properties.details.as_deref()).filter(|d| !d.is_empty()) {
            Some(details) => format!("{status}: {}", redact::sentence(details)),
            None => status.to_owned(),
        },
        at: None,
        locator,
    });
    // Azure lists every setting that it takes for a reference, and says there how its last fetch went.
    let unlisted = found.listed.is_none();
    Some(AccessPath {
        reference: reference.to_owned(),
        credential: match selected.is_empty() || selected.eq_ignore_ascii_case("SystemAssigned") {
            true => Credential::SystemAssigned,
            false => Credential::UserAssigned(ResourceId::new(&selected)),
        },
        credential_at: Locator::new(&app.site.id, "/properties/keyVaultReferenceIdentity"),
        last,
        recognized: match (unlisted, found.listed.zip(written)) {
            _ if found.contradicted.is_some() => found.contradicted.clone().map_or(Ok(()), Err),
            // What App Service recognizes is seen once the app is there.
            (true, _) if app.estate.world.deployed().is_some() => Ok(()),
            (true, _) if unread.is_some() => unread.cloned().map_or(Ok(()), Err),
            (true, _) => Err(Gap::incomplete(
                format!(
                    "whether App Service recognizes `{name}` as a reference: the list of references does not \
                         contain it"
                ),
                ClosedBy::Collect(app.site.id.clone(), ""),
            )),
            (_, Some((listed, written))) if listed.properties.reference.as_deref() != Some(written) => Err(
                Gap::contradictory(format!("the reference in `{name}`: the setting and the list of references differ"))
                    .advise("collect the app again"),
            ),
            _ if status.as_ref().is_some_and(|(status, _)| status.eq_ignore_ascii_case("InvalidSyntax")) => {
                Err(Gap::ambiguous(format!(
                    "whether App Service recognizes `{name}` as a reference: its status is `InvalidSyntax`"
                ))
                .advise("use the documented form: `@Microsoft.KeyVault(SecretUri=https://…/secrets/…)`"))
            }
            _ => Ok(()),
        },
        ..path_from(app, ConsumerKind::Reference, name.to_owned(), declared_at, Traffic::References)
    })
}

/// The statuses that say how a fetch went. `Initialized` was not fetched yet; other values are not documented.
/// Source: <https://learn.microsoft.com/dotnet/api/azure.resourcemanager.appservice.models.resolvestatus>
/// (read 2026-11-21).
fn is_verdict(status: &str) -> bool {
    const KNOWN: [&str; 10] = [
        "Resolved",
        "InvalidSyntax",
        "MSINotEnabled",
        "VaultNotFound",
        "SecretNotFound",
        "SecretVersionNotFound",
        "AccessToKeyVaultDenied",
        "OtherReasons",
        "FetchTimedOut",
        "UnauthorizedClient",
    ];
    KNOWN.iter().any(|known| status.eq_ignore_ascii_case(known))
}
