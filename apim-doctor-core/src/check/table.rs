//! Which check explains which reason, and under which code: the one place that names every check.

use crate::check::context::Context;
use crate::finding::{Code, Finding};
use crate::path::reason::Reason;

/// A block has the code, the module that explains it, and for each of its reasons the function to call.
///
/// A reason without a block does not compile.
macro_rules! checks {
    ($($code:ident by $family:ident::$check:ident {
        $($reason:pat => $explain:ident($($detail:expr),*)),+ $(,)?
    })+) => {
        /// The codes that a check finds in collected data.
        pub static CHECKED: &[Code] = &[$(Code::$code),+];

        /// Asks the check of a reason for its finding. `of` makes the context under a code.
        pub(super) fn explain_reason<'c, 'e: 'c>(reason: &'c Reason, of: impl Fn(Code) -> Context<'c, 'e>) -> Finding {
            match reason {
                $($($reason => crate::check::$family::$check::$explain(&of(Code::$code), $($detail),*),)+)+
            }
        }
    };
}

checks! {
    AuthorizationConditionNotMet by authorization::condition_not_met {
        Reason::ConditionNotMet { held, condition } => explain(held, condition),
    }
    AuthorizationControlPlaneRoleOnly by authorization::control_plane_role_only {
        Reason::ControlPlaneRoleOnly { held } => explain(held),
    }
    AuthorizationDenied by authorization::denied {
        Reason::Denied { id, name } => explain(id, name),
    }
    AuthorizationFirstPartyPrincipalNotGranted by authorization::first_party_principal_not_granted {
        Reason::FirstPartyPrincipalNotGranted { name } => explain(name),
        Reason::CertificateGetMissing => explain_certificate(),
    }
    AuthorizationGroupGrantNotEffective by authorization::group_grant_not_effective {
        Reason::GroupGrantNotEffective { held } => explain(held),
    }
    AuthorizationNoGrant by authorization::no_grant {
        Reason::NoGrant => explain(),
    }
    AuthorizationPolicyModeIgnoresRoles by authorization::policy_mode_ignores_roles {
        Reason::PolicyModeIgnoresRoles { held } => explain(held),
    }
    AuthorizationPropagationDelay by authorization::propagation_delay {
        Reason::PropagationDelay { held, wait } => explain(held, *wait),
        Reason::GrantNotAwaited { held } => not_awaited(held),
    }
    AuthorizationRbacModeIgnoresAccessPolicies by authorization::rbac_mode_ignores_access_policies {
        Reason::RbacModeIgnoresAccessPolicies { entry } => explain(*entry),
    }
    AuthorizationResourceLocked by authorization::resource_locked {
        Reason::ResourceLocked { locked, lock } => explain(locked, lock.as_ref()),
        Reason::RestorePointsLocked { group, lock, level } => explain_group(group, lock, level),
    }
    AuthorizationRoleDefinitionMissing by authorization::role_definition_missing {
        Reason::RoleDefinitionMissing { held } => explain(held),
    }
    AuthorizationRoleLacksAction by authorization::role_lacks_action {
        Reason::RoleLacksAction { held } => explain(held),
        Reason::PolicyLacksGet { entry } => explain_policy(*entry),
        Reason::PolicyLacks { entry, kind, permission } => explain_permission(*entry, *kind, permission),
    }
    AuthorizationScopeDoesNotCover by authorization::scope_does_not_cover {
        Reason::ScopeDoesNotCover { held } => explain(held),
    }
    AuthorizationSharedKeyDisabled by authorization::shared_key_disabled {
        Reason::SharedKeyDisabled => explain(),
    }
    AuthorizationWrongPrincipalGranted by authorization::wrong_principal_granted {
        Reason::WrongPrincipalGranted { grant } => explain(grant),
    }
    CallerBackupAccessTypeMissing by caller::backup_access_type_missing {
        Reason::BackupAccessTypeMissing { why } => explain(why),
    }
    CallerBackupUsesAccountKey by caller::backup_uses_account_key {
        Reason::BackupUsesAccountKey => explain(),
    }
    CallerMessageContradictsConfiguration by caller::message_contradicts_configuration {
        Reason::MessageContradicts { message, at, contradiction } => explain(message, at.as_deref(), contradiction),
    }
    CallerOperatorLacksPermission by caller::operator_lacks_permission {
        Reason::OperatorLacksPermission { lacks } => explain(lacks),
    }
    DnsNameUnresolved by dns::name_unresolved {
        Reason::NameNotResolved { network } => explain_told(network.as_ref()),
        Reason::NameUnresolved { server, rcode, network } => explain(server, rcode, network),
    }
    DnsNotForwarded by dns::not_forwarded {
        Reason::NotForwarded { server, network, endpoint } => explain(server, network, endpoint),
    }
    DnsPrivatelinkNameUsed by dns::privatelink_name_used {
        Reason::PrivatelinkNameUsed { public_name } => explain(public_name),
    }
    DnsRecordMissing by dns::record_missing {
        Reason::RecordMissing { zone, name, endpoint } => explain(zone, name, endpoint.as_deref()),
    }
    DnsRecordStale by dns::record_stale {
        Reason::RecordStale { record, zone, addresses, endpoint } => explain(record, zone, addresses, endpoint),
    }
    DnsWrongZone by dns::wrong_zone {
        Reason::WrongZone { zone, network, endpoint } => explain(zone, network, endpoint),
    }
    DnsZoneNotLinked by dns::zone_not_linked {
        Reason::ZoneNotLinked { zone, network, endpoint } => explain(zone.as_ref(), network, endpoint),
    }
    FirewallConsumerNotOnTrustedList by firewall::consumer_not_on_trusted_list {
        Reason::ConsumerNotOnTrustedList => explain(),
    }
    FirewallGatewayTrustRetired by firewall::gateway_trust_retired {
        Reason::GatewayTrustRetired => explain(),
    }
    FirewallPerimeterBlocks by firewall::perimeter_blocks {
        Reason::PerimeterBlocks { association } => explain(association.as_ref()),
    }
    FirewallPublicAccessDisabled by firewall::public_access_disabled {
        Reason::PublicAccessDisabled => explain(),
        Reason::BackupVaultClosed { needs } => explain_recovery_vault(needs),
    }
    FirewallSourceNotAllowed by firewall::source_not_allowed {
        Reason::SourceNotAllowed => explain(),
    }
    FirewallTrustedServicesOff by firewall::trusted_services_off {
        Reason::TrustedServicesOff => explain(),
    }
    FirewallUserAssignedNotTrusted by firewall::user_assigned_not_trusted {
        Reason::UserAssignedNotTrusted { works_by_line_of_sight } => explain(*works_by_line_of_sight),
    }
    IdentityClientIdNotSpecified by identity::client_id_not_specified {
        Reason::ClientIdNotSpecified { attached } => explain(attached),
    }
    IdentityCreatedInSameDeployment by identity::created_in_same_deployment {
        Reason::CreatedInSameDeployment => explain(),
        Reason::UsedBeforeItExists => too_late(),
    }
    IdentityIdKindMismatch by identity::id_kind_mismatch {
        Reason::IdKindMismatch { given, is, intended } => explain(given, is, intended),
    }
    IdentityNotAssignedToHost by identity::not_assigned_to_host {
        Reason::NotAssignedToHost { given, identity } => explain(given.as_ref(), identity.as_ref()),
    }
    IdentityNotEnabled by identity::not_enabled {
        Reason::NotEnabled => explain(),
        Reason::AutomationWithoutIdentity { job } => explain_automation(job),
    }
    IdentityReferenceIdentityNotSelected by identity::reference_identity_not_selected {
        Reason::ReferenceIdentityNotSelected { attached } => explain(attached),
    }
    IdentityReplaced by identity::replaced {
        Reason::Replaced { gone } => explain(gone),
    }
    IdentityWrongAudience by identity::wrong_audience {
        Reason::WrongAudience { audience } => explain(audience),
    }
    IdentityWrongTenant by identity::wrong_tenant {
        Reason::WrongTenant { vault, identity } => explain(vault, identity),
    }
    LatentBackupAbsent by latent::backup_absent {
        Reason::BackupAbsent { container } => explain(container),
        Reason::ItemBackupAbsent { item } => explain_item(item),
    }
    LatentBackupArchived by latent::backup_archived {
        Reason::BackupArchived { lifecycle, rule } => explain(lifecycle, rule),
    }
    LatentBackupNotScheduled by latent::backup_not_scheduled {
        Reason::BackupNotScheduled { account, runbook, why } => explain(account, runbook, why),
    }
    LatentBackupRetentionTooShort by latent::backup_retention_too_short {
        Reason::BackupRetentionTooShort { lifecycle, rule, days, interval_hours } =>
            explain(lifecycle, rule, *days, *interval_hours),
        Reason::PolicyRetentionTooShort { policy, misses, keeps } => explain_policy(policy, misses, keeps),
    }
    LatentBackupTooOld by latent::backup_too_old {
        Reason::BackupTooOld { container, made, interval_hours } => explain(container, *made, *interval_hours),
        Reason::ItemBackupTooOld { item, made, policy, interval_hours } =>
            explain_item(item, *made, policy, *interval_hours),
    }
    LatentCertificateExpires by latent::certificate_expires {
        Reason::CertificateExpires { at, renewal } => explain(*at, renewal),
    }
    LatentControlPlaneAddressInRules by latent::control_plane_address_in_rules {
        Reason::ControlPlaneAddressInRules => explain(),
    }
    LatentDisksExcluded by latent::disks_excluded {
        Reason::DisksExcluded { item, disks } => explain(item, disks),
    }
    LatentDnsChangeNotApplied by latent::dns_change_not_applied {
        Reason::DnsChangeNotApplied { asks, configured, network } => explain(asks, configured, network),
    }
    LatentGatewayTrustRetires by latent::gateway_trust_retires {
        Reason::GatewayTrustRetires { on } => explain(on),
    }
    LatentInitialBackupPending by latent::initial_backup_pending {
        Reason::InitialBackupPending { item } => explain(item),
    }
    LatentItemSoftDeleted by latent::item_soft_deleted {
        Reason::ItemSoftDeleted { item, until } => explain(item, *until),
    }
    LatentNextFetchFails by latent::next_fetch_fails {
        Reason::NextFetchFails => explain(),
    }
    LatentPolicyInconsistent by latent::policy_inconsistent {
        Reason::PolicyInconsistent { item, policy } => explain(item, policy.as_ref()),
    }
    LatentRefreshFailed by latent::refresh_failed {
        Reason::RefreshFailed { renewed } => explain(*renewed),
        Reason::OldVersionHeld { active, current, since } => explain_version(active, current, *since),
    }
    LatentSoftDeleteOff by latent::soft_delete_off {
        Reason::SoftDeleteOff { at, pointer } => explain(at, pointer),
    }
    LatentVersionPinned by latent::version_pinned {
        Reason::VersionPinned { version, newer } => explain(version, newer.as_deref()),
    }
    NetworkEgressBlocked by network::egress_blocked {
        Reason::EgressBlocked { by } => explain(by),
        Reason::TargetCheckFails { host, way } => explain_check(host, way.as_ref()),
    }
    NetworkEndpointUnreachable by network::endpoint_unreachable {
        Reason::EndpointUnreachable { endpoint, network, why } => explain(endpoint, network, why),
    }
    NetworkMissingSubresourceEndpoint by network::missing_subresource_endpoint {
        Reason::MissingSubresourceEndpoint { others } => explain(others),
    }
    NetworkNotRoutedThroughVnet by network::not_routed_through_vnet {
        Reason::NotRoutedThroughVnet { location, subnet } => explain(location, subnet),
        Reason::NotRoutedByApp { subnet } => explain_app(subnet),
    }
    NetworkPrivateEndpointNotApproved by network::private_endpoint_not_approved {
        Reason::PrivateEndpointNotApproved { endpoint } => explain(endpoint),
        Reason::BackupEndpointNotApproved { connection, endpoint, status, needs } =>
            explain_recovery_vault(*connection, endpoint, status, needs),
    }
    NetworkServiceEndpointMissing by network::service_endpoint_missing {
        Reason::ServiceEndpointMissing { subnet } => explain(subnet),
    }
    NetworkTokenEndpointUnreachable by network::token_endpoint_unreachable {
        Reason::TokenEndpointUnreachable { by } => explain(by),
        Reason::SignInCheckFails { host, way } => explain_check(host, way.as_ref()),
    }
    ObjectBackupExpired by object::backup_expired {
        Reason::BackupExpired { made } => explain(*made),
    }
    ObjectBlobImmutable by object::blob_immutable {
        Reason::BlobImmutable { container, hold } => explain(container, *hold),
    }
    ObjectContainerMissing by object::container_missing {
        Reason::ContainerMissing { container } => explain(container),
    }
    ObjectDisabled by object::disabled {
        Reason::ObjectDisabled { said_by } => explain(said_by),
    }
    ObjectMissing by object::missing {
        Reason::ObjectMissing { said_by } => explain(said_by),
    }
    ObjectWrongFormat by object::wrong_format {
        Reason::WrongFormat { problem } => explain(problem),
    }
    PlatformAgentNotReady by platform::agent_not_ready {
        Reason::AgentNotReady { machine, why, at } => explain(machine, why, at),
    }
    PlatformCmkUpdateFailed by platform::cmk_update_failed {
        Reason::CmkUpdateFailed { config, status } => explain(config, status),
    }
    PlatformContentShareValidation by platform::content_share_validation {
        Reason::ContentShareValidation => explain(),
    }
    PlatformExtensionBlocked by platform::extension_blocked {
        Reason::ExtensionBlocked { machine, property, at } => explain(machine, property, at),
    }
    PlatformExtensionFailed by platform::extension_failed {
        Reason::ExtensionFailed { machine, extension, state } => explain(machine, extension, state),
    }
    PlatformFeatureUnsupported by platform::feature_unsupported {
        Reason::FeatureUnsupported { feature } => explain(feature),
        Reason::BackupUnsupported { tier } => explain_backup(tier.as_deref()),
        Reason::StorageInPerimeter { item, account, association } => explain_perimeter(item, account, association),
    }
    PlatformJobFailed by platform::job_failed {
        Reason::JobFailed { job } => explain(job),
        Reason::ItemJobFailed { job } => explain_item(job),
    }
    PlatformJobIncomplete by platform::job_incomplete {
        Reason::JobIncomplete { job } => explain(job),
        Reason::ItemJobIncomplete { job } => explain_item(job),
    }
    PlatformJobOverdue by platform::job_overdue {
        Reason::JobOverdue { job, hours } => explain(job, *hours),
    }
    PlatformOperationInProgress by platform::operation_in_progress {
        Reason::OperationInProgress { state } => explain(state),
    }
    PlatformProtectionInactive by platform::protection_inactive {
        Reason::ProtectionInactive { item, state } => explain(item, state),
    }
    PlatformProtectionUnhealthy by platform::protection_unhealthy {
        Reason::ProtectionUnhealthy { item, status, details } => explain(item, status, details),
    }
    PlatformRestoreTierMismatch by platform::restore_tier_mismatch {
        Reason::RestoreTierMismatch { from, to } => explain(from, to),
    }
    PlatformServiceSide by platform::service_side {
        Reason::StaleStatus { status, stopped } => explain(status, *stopped),
    }
    ReferenceConnectionShadowed by reference::connection_shadowed {
        Reason::ConnectionShadowed { shadow } => explain(shadow),
    }
    ReferenceSyntax by reference::syntax {
        Reason::Syntax { problem } => explain(problem),
    }
    ReferenceWrongIdentifierType by reference::wrong_identifier_type {
        Reason::WrongIdentifierType { kind, suggestion } => explain(kind, suggestion.as_deref()),
    }
    TargetBlobCorsRules by target::blob_cors_rules {
        Reason::BlobCorsRules { service } => explain(service),
    }
    TargetContentShareMissing by target::content_share_missing {
        Reason::ContentShareMissing { share } => explain(share),
    }
    TargetPurgeProtectionOff by target::purge_protection_off {
        Reason::PurgeProtectionOff { soft_delete } => explain(*soft_delete),
    }
    TargetRegionMismatch by target::region_mismatch {
        Reason::RegionMismatch { home, theirs } => explain(home, theirs),
    }
    TargetSourceMissing by target::source_missing {
        Reason::SourceMissing { item, machine, by_job } => explain(item, machine, *by_job),
    }
    TargetVaultDeleted by target::vault_deleted {
        Reason::VaultDeleted { id, deleted, since } => explain(id, deleted, since.as_deref()),
    }
    TargetVaultNameWrong by target::vault_name_wrong {
        Reason::VaultNameWrong { name, problem } => explain(name, problem),
    }
    TargetWrongCloud by target::wrong_cloud {
        Reason::WrongCloud { host, cloud } => explain(host, cloud),
    }
}
