//! One file a code: what it means, what you will see, and how to repair it.

mod remedy;

mod authorization;
mod caller;
mod dns;
mod firewall;
mod identity;
mod latent;
mod network;
mod object;
mod platform;
mod reference;
mod target;

use std::collections::BTreeSet;

use self::remedy::Remedies;
use crate::base::{ResourceId, Verdict};
use crate::eval::store::Store;
use crate::finding::{Check, Command, Evidence, Finding, Line, Patch};
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::subservice::Subservice;
use crate::model::api_management::Service;
use crate::model::key_vault::Vault;
use crate::model::{Estate, Resource};
use crate::path::reason::{Cause, Reason};
use crate::path::{AccessPath, Case, Credential, Diagnosis, Form, GateOutcome, Other, Principal, PrincipalKind};

/// The day on which the sources of what checks say of apps were read again.
pub(crate) const APPS_READ_ON: &str = "2026-11-22";

/// Declares a check; its documentation is the doc comment. Whoever reads its sources again moves `read_on`.
macro_rules! declare_check {
    (
        $(#[doc = $line:literal])+
        pub(crate) static $name:ident = {
            code: $code:literal, summary: $summary:literal, $(app_summary: $app_summary:literal,)?
            severity: $severity:expr, read_on: $read_on:literal, sources: [$($url:literal),+ $(,)?],
            $(app_sources: [$($app_url:literal),+ $(,)?],)?
        }
    ) => {
        $(#[doc = $line])+
        pub(crate) static $name: crate::finding::Check = crate::finding::Check {
            code: $code,
            summary: $summary,
            app_summary: [$($app_summary,)? $summary][0],
            severity: $severity,
            docs: concat!($($line, "\n"),+),
            sources: &[$(crate::finding::Source { url: $url, read_on: $read_on }),+],
            app_sources: &[$($(crate::finding::Source { url: $app_url, read_on: crate::check::APPS_READ_ON }),+)?],
        };
    };
}
pub(crate) use declare_check;

/// Whether an app calls, or App Service for one, and not API Management.
pub fn is_of_app(path: &AccessPath) -> bool {
    path.caller_kind() != CallerKind::ApiManagement
}

/// Everything a check may look at when it explains what a gate found.
#[derive(Clone, Copy)]
pub struct Context<'c, 'e> {
    /// The path and the estate.
    pub case: &'c Case<'e>,
    /// The walked path.
    pub diagnosis: &'c Diagnosis<'e>,
    /// The gate that found it; `None` for a quirk.
    pub gate: Option<&'c GateOutcome>,
    /// What it found.
    pub cause: &'c Cause,
}

impl<'c, 'e> Context<'c, 'e> {
    /// A finding with the gate's evidence, still without fixes.
    fn finding(&self, check: &'static Check, subject: &ResourceId, message: String) -> Finding {
        Finding {
            check,
            subject: subject.clone(),
            verdict: self.cause.verdict,
            message,
            evidence: self.evidence(),
            fixes: Vec::new(),
            confirm: None,
            leads: false,
        }
    }

    /// What decided the gate: the evidence of the steps that did not pass; for a quirk, its declaration.
    fn evidence(&self) -> Vec<Evidence> {
        let Some(gate) = self.gate else {
            let says = format!("`{}` is declared here", self.case.path.label);
            return vec![Evidence::at(says, self.case.path.declared_at.clone())];
        };
        self.evidence_of(gate.verdict)
    }

    /// The evidence of the gate's steps with a verdict.
    fn evidence_of(&self, verdict: Verdict) -> Vec<Evidence> {
        let steps = self.gate.into_iter().flat_map(|gate| &gate.steps);
        steps.filter(|step| step.verdict == verdict).flat_map(|step| step.evidence.clone()).collect()
    }

    /// The vault, where it was found.
    fn vault(&self) -> Option<&'c Resource<Vault>> {
        self.diagnosis.target.as_ref().and_then(|target| target.vault())
    }

    /// The vault or storage account, where it was found.
    fn store(&self) -> Option<Store<'e>> {
        self.diagnosis.target.as_ref().map(|target| target.store)
    }

    /// Which service of it is meant.
    fn subservice(&self) -> Subservice {
        let found = self.diagnosis.target.as_ref().map(|target| target.subservice);
        found.or(self.diagnosis.reference.as_ref().map(|r| r.subservice)).unwrap_or(Subservice::Vault)
    }

    /// Who fetches what the path wants, in words.
    fn service(&self) -> &'static str {
        self.case.path.service()
    }

    /// How this kind of caller is looked at and changed.
    fn remedies(&self) -> &'static dyn Remedies {
        remedy::remedies(self.case.path.caller_kind())
    }

    /// What the path reaches for, in words.
    fn noun(&self) -> &'static str {
        if self.case.path.form == Form::Storage { "storage account" } else { "vault" }
    }

    /// The vault's name, as far as it is known.
    fn vault_name(&self) -> String {
        match (self.store(), &self.diagnosis.reference) {
            (Some(store), _) => store.name().to_owned(),
            (None, Some(reference)) => reference.host.split('.').next().unwrap_or_default().to_owned(),
            (None, None) => String::new(),
        }
    }

    /// The vault as the thing to repair; the instance where the vault is not known.
    fn vault_or_instance(&self) -> ResourceId {
        self.store().map_or_else(|| self.case.path.resource.clone(), |store| store.id().clone())
    }

    /// The instance.
    fn instance(&self) -> Option<&'c Resource<Service>> {
        self.case.estate.get::<Service>(&self.case.path.resource).known()
    }

    /// The resource that declares the reference: the instance, a named value, a certificate, a policy.
    fn declared_in(&self) -> ResourceId {
        self.case.path.declared_at.resource.clone().unwrap_or_else(|| self.case.path.resource.clone())
    }
}

/// The identity that calls, in words.
fn caller(ctx: &Context<'_, '_>) -> String {
    match &ctx.diagnosis.principal {
        Some(p) if p.kind == PrincipalKind::FirstParty => match &ctx.case.path.credential {
            Credential::FirstParty(party) => format!("`{}`", party.name),
            _ => "the platform".to_owned(),
        },
        Some(p) if p.is_system_assigned() => match remedy::is_slot(&p.resource) {
            true => format!("the system-assigned identity of {}", remedy::app_in_words(&p.resource)),
            false => format!("the system-assigned identity of `{}`", p.resource.name()),
        },
        Some(p) => format!("identity `{}`", p.resource.name()),
        None => "the identity".to_owned(),
    }
}

/// The object that is wanted, in words.
fn object(ctx: &Context<'_, '_>) -> String {
    ctx.diagnosis.reference.as_ref().map(|r| r.object()).unwrap_or_default()
}

/// Words an error text that was given and that no path accounts for.
pub fn of_text(subject: &ResourceId, text: &str, others: &BTreeSet<&Other>, is_clear: bool) -> Finding {
    caller::message_contradicts_configuration::of_text(subject, text, others, is_clear)
}

/// Words what a gate found. A reason without an explanation does not compile.
pub fn explain(ctx: &Context<'_, '_>) -> Finding {
    let mut finding = explain_reason(ctx);
    let again = ctx.remedies().fetch_after_repair(ctx).filter(|_| finding.verdict != Verdict::Pass);
    if let Some(again) = again.map(Command::line) {
        for fix in finding.fixes.iter_mut().filter(|fix| !fix.az.is_empty() && !fix.az.contains(&again)) {
            fix.az.push(again.clone());
        }
    }
    finding
}

/// The text that the user most likely sees, if it was not recorded; `None` if it is not known.
pub fn symptom(code: &str, path: &AccessPath, principal: Option<&Principal>) -> Option<String> {
    remedy::remedies(path.caller_kind()).symptom(code, path, principal)
}

/// Settles the commands of several fixes that became one: host names of an instance are written once, with all changes,
/// and references are fetched again after everything that it is meant to make effective.
pub fn settle(estate: &Estate, az: &mut Vec<Line>, patch: Option<&Patch>) {
    remedy::write_host_names_once(estate, az, patch.map_or(&[], |patch| &patch.edits));
    // A stopped app is started for it, and stopped again.
    if az.iter().any(|line| line.as_str().starts_with("az webapp stop")) {
        return;
    }
    az.sort_by_key(|line| {
        line.as_str().starts_with("az rest --method post") && line.as_str().contains("/config/configreferences/")
    });
}

fn explain_reason(ctx: &Context<'_, '_>) -> Finding {
    match &ctx.cause.reason {
        Reason::WrongIdentifierType { kind, suggestion } => {
            reference::wrong_identifier_type::explain(ctx, kind, suggestion.as_deref())
        }
        Reason::Syntax { problem } => reference::syntax::explain(ctx, problem),
        Reason::ConnectionShadowed { shadow } => reference::connection_shadowed::explain(ctx, shadow),
        Reason::NotEnabled => identity::not_enabled::explain(ctx),
        Reason::ReferenceIdentityNotSelected { attached } => {
            identity::reference_identity_not_selected::explain(ctx, attached)
        }
        Reason::ClientIdNotSpecified { attached } => identity::client_id_not_specified::explain(ctx, attached),
        Reason::IdKindMismatch { given, is, intended } => identity::id_kind_mismatch::explain(ctx, given, is, intended),
        Reason::NotAssignedToHost { given, identity } => {
            identity::not_assigned_to_host::explain(ctx, given.as_ref(), identity.as_ref())
        }
        Reason::Replaced { gone } => identity::replaced::explain(ctx, gone),
        Reason::WrongTenant { vault, identity } => identity::wrong_tenant::explain(ctx, vault, identity),
        Reason::WrongAudience { audience } => identity::wrong_audience::explain(ctx, audience),
        Reason::VaultNameWrong { name, problem } => target::vault_name_wrong::explain(ctx, name, problem),
        Reason::VaultDeleted { id, deleted, since } => {
            target::vault_deleted::explain(ctx, id, deleted, since.as_deref())
        }
        Reason::ContentShareMissing { share } => target::content_share_missing::explain(ctx, share),
        Reason::WrongCloud { host, cloud } => target::wrong_cloud::explain(ctx, host, cloud),
        Reason::ZoneNotLinked { zone, network, endpoint } => {
            dns::zone_not_linked::explain(ctx, zone.as_ref(), network, endpoint)
        }
        Reason::WrongZone { zone, network, endpoint } => dns::wrong_zone::explain(ctx, zone, network, endpoint),
        Reason::PrivatelinkNameUsed { public_name } => dns::privatelink_name_used::explain(ctx, public_name),
        Reason::NameNotResolved { network } => dns::name_unresolved::explain_told(ctx, network.as_ref()),
        Reason::NameUnresolved { server, rcode, network } => dns::name_unresolved::explain(ctx, server, rcode, network),
        Reason::RecordMissing { zone, name, endpoint } => {
            dns::record_missing::explain(ctx, zone, name, endpoint.as_deref())
        }
        Reason::RecordStale { record, zone, addresses, endpoint } => {
            dns::record_stale::explain(ctx, record, zone, addresses, endpoint)
        }
        Reason::NotForwarded { server, network, endpoint } => {
            dns::not_forwarded::explain(ctx, server, network, endpoint)
        }
        Reason::EgressBlocked { by } => network::egress_blocked::explain(ctx, by),
        Reason::TokenEndpointUnreachable { by } => network::token_endpoint_unreachable::explain(ctx, by),
        Reason::SignInCheckFails { host, way } => {
            network::token_endpoint_unreachable::explain_check(ctx, host, way.as_ref())
        }
        Reason::TargetCheckFails { host, way } => network::egress_blocked::explain_check(ctx, host, way.as_ref()),
        Reason::ServiceEndpointMissing { subnet } => network::service_endpoint_missing::explain(ctx, subnet),
        Reason::NotRoutedThroughVnet { location, subnet } => {
            network::not_routed_through_vnet::explain(ctx, location, subnet)
        }
        Reason::NotRoutedByApp { subnet } => network::not_routed_through_vnet::explain_app(ctx, subnet),
        Reason::MissingSubresourceEndpoint { others } => network::missing_subresource_endpoint::explain(ctx, others),
        Reason::PrivateEndpointNotApproved { endpoint } => {
            network::private_endpoint_not_approved::explain(ctx, endpoint)
        }
        Reason::EndpointUnreachable { endpoint, network, why } => {
            network::endpoint_unreachable::explain(ctx, endpoint, network, why)
        }
        Reason::UserAssignedNotTrusted { works_by_line_of_sight } => {
            firewall::user_assigned_not_trusted::explain(ctx, *works_by_line_of_sight)
        }
        Reason::ConsumerNotOnTrustedList => firewall::consumer_not_on_trusted_list::explain(ctx),
        Reason::TrustedServicesOff => firewall::trusted_services_off::explain(ctx),
        Reason::SourceNotAllowed => firewall::source_not_allowed::explain(ctx),
        Reason::PublicAccessDisabled => firewall::public_access_disabled::explain(ctx),
        Reason::PerimeterBlocks { association } => firewall::perimeter_blocks::explain(ctx, association.as_ref()),
        Reason::GatewayTrustRetired => firewall::gateway_trust_retired::explain(ctx),
        Reason::NoGrant => authorization::no_grant::explain(ctx),
        Reason::FirstPartyPrincipalNotGranted { name } => {
            authorization::first_party_principal_not_granted::explain(ctx, name)
        }
        Reason::SharedKeyDisabled => authorization::shared_key_disabled::explain(ctx),
        Reason::WrongPrincipalGranted { grant } => authorization::wrong_principal_granted::explain(ctx, grant),
        Reason::RbacModeIgnoresAccessPolicies { entry } => {
            authorization::rbac_mode_ignores_access_policies::explain(ctx, *entry)
        }
        Reason::PolicyModeIgnoresRoles { held } => authorization::policy_mode_ignores_roles::explain(ctx, held),
        Reason::ControlPlaneRoleOnly { held } => authorization::control_plane_role_only::explain(ctx, held),
        Reason::RoleLacksAction { held } => authorization::role_lacks_action::explain(ctx, held),
        Reason::CertificateGetMissing => authorization::first_party_principal_not_granted::explain_certificate(ctx),
        Reason::PolicyLacksGet { entry } => authorization::role_lacks_action::explain_policy(ctx, *entry),
        Reason::GroupGrantNotEffective { held } => authorization::group_grant_not_effective::explain(ctx, held),
        Reason::PropagationDelay { held, wait } => authorization::propagation_delay::explain(ctx, held, *wait),
        Reason::Denied { id, name } => authorization::denied::explain(ctx, id, name),
        Reason::ScopeDoesNotCover { held } => authorization::scope_does_not_cover::explain(ctx, held),
        Reason::ConditionNotMet { held, condition } => authorization::condition_not_met::explain(ctx, held, condition),
        Reason::ObjectMissing { said_by } => object::missing::explain(ctx, said_by),
        Reason::ObjectDisabled { said_by } => object::disabled::explain(ctx, said_by),
        Reason::WrongFormat { problem } => object::wrong_format::explain(ctx, problem),
        Reason::FeatureUnsupported { feature } => platform::feature_unsupported::explain(ctx, feature),
        Reason::CreatedInSameDeployment => identity::created_in_same_deployment::explain(ctx),
        Reason::ContentShareValidation => platform::content_share_validation::explain(ctx),
        Reason::StaleStatus { status, stopped } => platform::service_side::explain(ctx, status, *stopped),
        Reason::NextFetchFails => latent::next_fetch_fails::explain(ctx),
        Reason::CertificateExpires { at, renewal } => latent::certificate_expires::explain(ctx, *at, renewal),
        Reason::VersionPinned { version, newer } => latent::version_pinned::explain(ctx, version, newer.as_deref()),
        Reason::RefreshFailed { renewed } => latent::refresh_failed::explain(ctx, *renewed),
        Reason::OldVersionHeld { active, current, since } => {
            latent::refresh_failed::explain_version(ctx, active, current, *since)
        }
        Reason::GatewayTrustRetires { on } => latent::gateway_trust_retires::explain(ctx, on),
        Reason::DnsChangeNotApplied { asks, configured, network } => {
            latent::dns_change_not_applied::explain(ctx, asks, configured, network)
        }
        Reason::ControlPlaneAddressInRules => latent::control_plane_address_in_rules::explain(ctx),
        Reason::MessageContradicts { message, at, contradiction } => {
            caller::message_contradicts_configuration::explain(ctx, message, at.as_deref(), contradiction)
        }
    }
}

/// Every check, in the order of codes.
pub static CATALOGUE: &[&Check] = &[
    &authorization::condition_not_met::CHECK,
    &authorization::control_plane_role_only::CHECK,
    &authorization::denied::CHECK,
    &authorization::first_party_principal_not_granted::CHECK,
    &authorization::group_grant_not_effective::CHECK,
    &authorization::no_grant::CHECK,
    &authorization::policy_mode_ignores_roles::CHECK,
    &authorization::propagation_delay::CHECK,
    &authorization::rbac_mode_ignores_access_policies::CHECK,
    &authorization::role_lacks_action::CHECK,
    &authorization::scope_does_not_cover::CHECK,
    &authorization::shared_key_disabled::CHECK,
    &authorization::wrong_principal_granted::CHECK,
    &caller::message_contradicts_configuration::CHECK,
    &dns::name_unresolved::CHECK,
    &dns::not_forwarded::CHECK,
    &dns::privatelink_name_used::CHECK,
    &dns::record_missing::CHECK,
    &dns::record_stale::CHECK,
    &dns::wrong_zone::CHECK,
    &dns::zone_not_linked::CHECK,
    &firewall::consumer_not_on_trusted_list::CHECK,
    &firewall::gateway_trust_retired::CHECK,
    &firewall::perimeter_blocks::CHECK,
    &firewall::public_access_disabled::CHECK,
    &firewall::source_not_allowed::CHECK,
    &firewall::trusted_services_off::CHECK,
    &firewall::user_assigned_not_trusted::CHECK,
    &identity::client_id_not_specified::CHECK,
    &identity::created_in_same_deployment::CHECK,
    &identity::id_kind_mismatch::CHECK,
    &identity::not_assigned_to_host::CHECK,
    &identity::not_enabled::CHECK,
    &identity::reference_identity_not_selected::CHECK,
    &identity::replaced::CHECK,
    &identity::wrong_audience::CHECK,
    &identity::wrong_tenant::CHECK,
    &latent::certificate_expires::CHECK,
    &latent::control_plane_address_in_rules::CHECK,
    &latent::dns_change_not_applied::CHECK,
    &latent::gateway_trust_retires::CHECK,
    &latent::next_fetch_fails::CHECK,
    &latent::refresh_failed::CHECK,
    &latent::version_pinned::CHECK,
    &network::egress_blocked::CHECK,
    &network::endpoint_unreachable::CHECK,
    &network::missing_subresource_endpoint::CHECK,
    &network::not_routed_through_vnet::CHECK,
    &network::private_endpoint_not_approved::CHECK,
    &network::service_endpoint_missing::CHECK,
    &network::token_endpoint_unreachable::CHECK,
    &object::disabled::CHECK,
    &object::missing::CHECK,
    &object::wrong_format::CHECK,
    &platform::content_share_validation::CHECK,
    &platform::feature_unsupported::CHECK,
    &platform::service_side::CHECK,
    &reference::connection_shadowed::CHECK,
    &reference::syntax::CHECK,
    &reference::wrong_identifier_type::CHECK,
    &target::content_share_missing::CHECK,
    &target::vault_deleted::CHECK,
    &target::vault_name_wrong::CHECK,
    &target::wrong_cloud::CHECK,
];

/// Codes that were given up, and why. A code is never used again.
pub static RETIRED: &[(&str, &str)] = &[];
