//! The catalogue of codes: every bad state that a check or an error text can name.

mod sources;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::finding::severity::Severity;
use crate::finding::source::Source;
use crate::knowledge::caller_kind::CallerKind;
use sources::*;

/// What the catalogue says of a code.
struct Entry {
    text: &'static str,
    severity: Severity,
    title: &'static str,
    page: &'static str,
    cites: &'static [Citation],
}

/// Declares the codes: a row has the variant, the text, the severity, the title and the pages that it cites.
///
/// The text is also the name of the page in `pages/`, so a code without a page does not compile.
macro_rules! codes {
    ($($code:ident $text:literal $severity:ident $title:literal [$($cited:ident),+];)+) => {
        /// A bad state. Its text, such as `dns.zone-not-linked`, is never used again for another one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $text, "`: ", $title, ".")] $code),+
        }

        impl Code {
            /// Every code, in the order of the texts.
            pub const ALL: &'static [Code] = &[$(Code::$code),+];

            fn entry(self) -> &'static Entry {
                match self {
                    $(Code::$code => &Entry {
                        text: $text,
                        severity: Severity::$severity,
                        title: $title,
                        page: include_str!(concat!("pages/", $text, ".md")),
                        cites: &[$($cited),+],
                    }),+
                }
            }
        }
    };
}

codes! {
    AuthorizationConditionNotMet "authorization.condition-not-met" Error
        "the role assignment's condition excludes this object or action"
        [VAULT_ROLE_CONDITIONS];
    AuthorizationControlPlaneRoleOnly "authorization.control-plane-role-only" Error
        "the caller has only management roles, which give no access to data"
        [VAULT_ROLES, FUNCTIONS_REFERENCE];
    AuthorizationDenied "authorization.denied" Error
        "a deny assignment blocks the caller"
        [DENY_ASSIGNMENTS];
    AuthorizationFirstPartyPrincipalNotGranted "authorization.first-party-principal-not-granted" Error
        "the Microsoft service that makes the call has no access"
        [APP_CERTIFICATE_BLOG, APP_CERTIFICATES, BACKUP_ENCRYPTED];
    AuthorizationGroupGrantNotEffective "authorization.group-grant-not-effective" Warning
        "only a group has access, and the membership may not be effective yet"
        [VAULT_ACCESS_TROUBLES, FUNCTIONS_1947];
    AuthorizationManagementRoleMissing "authorization.management-role-missing" Error
        "the caller has no management role for the operation"
        [ROLE_TROUBLES, PULUMI_890];
    AuthorizationNoGrant "authorization.no-grant" Error
        "the caller has no role assignment or access policy that gives access"
        [VAULT_ROLES, VAULT_REST_ERRORS, APP_REFERENCES, FUNCTIONS_REFERENCE, APIM_BACKUP];
    AuthorizationOrphanedAssignment "authorization.orphaned-assignment" Error
        "a role assignment of a deleted principal is in the way"
        [ROLE_TROUBLES, CANADA_181];
    AuthorizationPolicyModeIgnoresRoles "authorization.policy-mode-ignores-roles" Error
        "the vault uses access policies and ignores role assignments"
        [VAULT_ACCESS_DEFAULT, VAULT_ROLES];
    AuthorizationPropagationDelay "authorization.propagation-delay" Warning
        "the principal or its grant is new and may not be effective yet"
        [ROLE_TROUBLES, VAULT_ROLES];
    AuthorizationRbacModeIgnoresAccessPolicies "authorization.rbac-mode-ignores-access-policies" Error
        "the vault uses role assignments and ignores access policies"
        [VAULT_ACCESS_DEFAULT, VAULT_ROLES];
    AuthorizationResourceLocked "authorization.resource-locked" Error
        "a management lock refuses the operation"
        [STORAGE_LOCK, APIM_BACKUP, BACKUP_AGENT];
    AuthorizationRoleDefinitionMissing "authorization.role-definition-missing" Error
        "the role assignment names a role definition that does not exist"
        [VAULT_ROLES, FUNCTIONS_REFERENCE];
    AuthorizationRoleLacksAction "authorization.role-lacks-action" Error
        "the caller's role or access policy does not allow the operation"
        [VAULT_ROLES, VAULT_ACCESS_POLICY, FUNCTIONS_REFERENCE, APIM_BACKUP, BACKUP_ENCRYPTED, BACKUP_CMK];
    AuthorizationScopeDoesNotCover "authorization.scope-does-not-cover" Error
        "the role is assigned at a scope that does not contain the target"
        [ROLES, APIM_BACKUP];
    AuthorizationScopeMissingParentRead "authorization.scope-missing-parent-read" Error
        "the role is assigned at a child scope, and the tool also reads its parent"
        [DOCS_106892];
    AuthorizationSharedKeyDisabled "authorization.shared-key-disabled" Error
        "the storage account does not accept account keys"
        [STORAGE_SHARED_KEY, FUNCTIONS_REFERENCE];
    AuthorizationTemplateDeploymentDisabled "authorization.template-deployment-disabled" Error
        "the vault does not allow template deployments to read its secrets"
        [BICEP_6859, VAULT_NETWORK];
    AuthorizationWrongPrincipalGranted "authorization.wrong-principal-granted" Error
        "access is granted to a principal other than the caller"
        [VAULT_ACCESS_TROUBLES, APP_IDENTITY, APP_SLOTS, APIM_BACKUP];
    CallerAnonymousAccessOff "caller.anonymous-access-off" Error
        "the request has no credential, and the storage account allows no anonymous access"
        [STORAGE_ERROR_CODES];
    CallerBackupAccessTypeMissing "caller.backup-access-type-missing" Error
        "the request names no access type and carries no account key"
        [APIM_BACKUP, POWERSHELL_27092];
    CallerBackupUsesAccountKey "caller.backup-uses-account-key" Error
        "the backup uses an account key, which the storage account has to allow"
        [APIM_BACKUP, POWERSHELL_23411];
    CallerMessageContradictsConfiguration "caller.message-contradicts-configuration" Warning
        "the collected data does not explain the error text"
        [VAULT_NETWORK, VAULT_AUTHENTICATION];
    CallerOperatorLacksPermission "caller.operator-lacks-permission" Error
        "the user or pipeline that makes the change lacks a permission"
        [DEPLOYMENT_ERRORS, ROLE_TROUBLES, APIM_BACKUP];
    DnsNameUnresolved "dns.name-unresolved" Error
        "the target's name does not resolve"
        [PRIVATE_ENDPOINT_DNS_INTEGRATION, APIM_INJECTION, APP_NAME_RESOLUTION];
    DnsNotForwarded "dns.not-forwarded" Error
        "the DNS server does not forward the target's name to Azure DNS"
        [PRIVATE_ENDPOINT_DNS_INTEGRATION, APIM_INJECTION, VAULT_PRIVATE_LINK, APP_NAME_RESOLUTION];
    DnsPrivatelinkNameUsed "dns.privatelink-name-used" Error
        "the `privatelink` name is used instead of the public name"
        [VAULT_PRIVATE_LINK_DIAGNOSTICS, PRIVATE_ENDPOINT_DNS_INTEGRATION];
    DnsRecordMissing "dns.record-missing" Error
        "the private DNS zone has no record for the target"
        [VAULT_PRIVATE_LINK_DIAGNOSTICS, PRIVATE_ENDPOINT_DNS_INTEGRATION, DNS_FALLBACK];
    DnsRecordStale "dns.record-stale" Error
        "the private DNS record has an address that no private endpoint of the target has"
        [VAULT_PRIVATE_LINK_DIAGNOSTICS, PRIVATE_ENDPOINTS];
    DnsWrongZone "dns.wrong-zone" Error
        "the target's record is in a private DNS zone with the wrong name"
        [VAULT_PRIVATE_LINK_DIAGNOSTICS, PRIVATE_ENDPOINT_DNS];
    DnsZoneNotLinked "dns.zone-not-linked" Error
        "the private DNS zone is not linked to the network that resolves the name"
        [PRIVATE_ENDPOINT_DNS_INTEGRATION, DNS_LINKS];
    FirewallConsumerNotOnTrustedList "firewall.consumer-not-on-trusted-list" Error
        "the trusted-services exception does not cover this call"
        [APIM_TRUST_RETIREMENT, VAULT_SERVICE_ENDPOINTS, STORAGE_NETWORK];
    FirewallGatewayTrustRetired "firewall.gateway-trust-retired" Error
        "the trusted access of API Management gateways ended on 2026-03-15"
        [APIM_TRUST_RETIREMENT];
    FirewallPerimeterBlocks "firewall.perimeter-blocks" Error
        "a network security perimeter blocks the call"
        [PERIMETER, PERIMETER_TRANSITION, VAULT_NETWORK];
    FirewallPublicAccessDisabled "firewall.public-access-disabled" Error
        "public access is disabled, and the call does not use a private endpoint"
        [VAULT_NETWORK, STORAGE_NETWORK, APIM_BACKUP, BACKUP_NETWORK];
    FirewallSourceNotAllowed "firewall.source-not-allowed" Error
        "no firewall rule of the target allows the caller's address or subnet"
        [VAULT_NETWORK, STORAGE_NETWORK, APP_REFERENCES, FUNCTIONS_NETWORKING, APIM_BACKUP];
    FirewallTrustedServicesOff "firewall.trusted-services-off" Error
        "the trusted-services exception is turned off"
        [VAULT_NETWORK, APIM_TRUST_RETIREMENT, VAULT_SERVICE_ENDPOINTS, APIM_BACKUP];
    FirewallUserAssignedNotTrusted "firewall.user-assigned-not-trusted" Error
        "the trusted-services exception does not cover a user-assigned identity"
        [APIM_IDENTITY, VAULT_SERVICE_ENDPOINTS, STACK_OVERFLOW_70924786, APIM_BACKUP];
    IdentityClientIdNotSpecified "identity.client-id-not-specified" Error
        "no client id says which user-assigned identity to use"
        [FUNCTIONS_REFERENCE, FUNCTIONS_FLEX];
    IdentityConditionalAccess "identity.conditional-access" Error
        "a Conditional Access policy of the tenant refuses the sign-in"
        [CONDITIONAL_ACCESS, ENTRA_ERRORS];
    IdentityCreatedInSameDeployment "identity.created-in-same-deployment" Error
        "the identity is created together with the resource that needs it"
        [APP_REFERENCES, HOST_7094, AZURERM_7434];
    IdentityCredentialInvalid "identity.credential-invalid" Error
        "the client secret, certificate or assertion is wrong or expired"
        [SDK_SERVICE_PRINCIPALS, SERVICE_CONNECTIONS, ENTRA_ERRORS];
    IdentityFederationMismatch "identity.federation-mismatch" Error
        "no federated credential has the token's issuer, subject and audience"
        [FEDERATION, ENTRA_CHANGES, SERVICE_CONNECTIONS];
    IdentityIdKindMismatch "identity.id-kind-mismatch" Error
        "a different kind of id is set instead of a client id"
        [APIM_IDENTITY, APIM_NAMED_VALUE_TEMPLATE, APIOPS_257, FUNCTIONS_REFERENCE, APIM_BACKUP];
    IdentityNotAssignedToHost "identity.not-assigned-to-host" Error
        "the selected identity is not assigned to the resource that uses it"
        [APIM_IDENTITY, AZURERM_30117, APP_REFERENCES, REST_SPECS_37553, APIM_BACKUP];
    IdentityNotEnabled "identity.not-enabled" Error
        "the required managed identity is not enabled"
        [APIM_IDENTITY, AZURERM_7909, APP_REFERENCES, APIM_BACKUP];
    IdentityNotSignedIn "identity.not-signed-in" Error
        "no account is signed in where the command runs"
        [SDK_DEVELOPMENT, SDK_GO];
    IdentityReferenceIdentityNotSelected "identity.reference-identity-not-selected" Error
        "references use the system-assigned identity, which the app does not have"
        [APP_REFERENCES, REST_SPECS_37553, BICEP_MODULES_6054];
    IdentityReplaced "identity.replaced" Error
        "the grant names an identity that no longer exists"
        [ROLE_TROUBLES, APIM_IDENTITY];
    IdentityUnexpectedIdentity "identity.unexpected-identity" Error
        "the call uses an identity other than the one with access"
        [VAULT_AUTHENTICATION, SDK_46709];
    IdentityWrongAudience "identity.wrong-audience" Error
        "the token is requested for another service"
        [APIM_IDENTITY_POLICY, VAULT_AUTHENTICATION];
    IdentityWrongTenant "identity.wrong-tenant" Error
        "the identity belongs to a tenant that the target does not trust"
        [VAULT_AUTHENTICATION, VAULT_MOVE, APIM_IDENTITY];
    LatentApiVersionRetires "latent.api-version-retires" Warning
        "the template uses an API version that will be retired"
        [VAULT_ACCESS_DEFAULT];
    LatentBackupAbsent "latent.backup-absent" Error
        "no backup exists"
        [APIM_BACKUP, BACKUP_MACHINES];
    LatentBackupArchived "latent.backup-archived" Warning
        "a lifecycle rule moves backups to the archive tier"
        [LIFECYCLE, APIM_BACKUP];
    LatentBackupNotScheduled "latent.backup-not-scheduled" Error
        "nothing starts the next backup"
        [AUTOMATION_RUNBOOKS];
    LatentBackupRetentionTooShort "latent.backup-retention-too-short" Warning
        "backups are deleted too early"
        [LIFECYCLE, APIM_BACKUP, BACKUP_POLICIES];
    LatentBackupTooOld "latent.backup-too-old" Error
        "the newest backup is too old"
        [APIM_BACKUP, BACKUP_SUPPORT];
    LatentCertificateExpires "latent.certificate-expires" Error
        "the certificate in use expires soon or has expired"
        [APIM_CUSTOM_DOMAIN, APP_CERTIFICATES];
    LatentControlPlaneAddressInRules "latent.control-plane-address-in-rules" Warning
        "access may depend on a firewall rule for the control plane's address"
        [DOCS_113840, APIM_NETWORK];
    LatentDisksExcluded "latent.disks-excluded" Warning
        "disks of the machine are left out of the backup"
        [BACKUP_MACHINES];
    LatentDnsChangeNotApplied "latent.dns-change-not-applied" Warning
        "the caller still uses the previous DNS servers of its network"
        [APIM_INJECTION];
    LatentGatewayTrustRetires "latent.gateway-trust-retires" Warning
        "the trusted access of API Management gateways is being retired"
        [APIM_TRUST_RETIREMENT];
    LatentInitialBackupPending "latent.initial-backup-pending" Warning
        "the item is protected and has no backup yet"
        [BACKUP_MACHINES];
    LatentItemSoftDeleted "latent.item-soft-deleted" Warning
        "the item was deleted and is kept until a date"
        [BACKUP_SOFT_DELETE];
    LatentNextFetchFails "latent.next-fetch-fails" Warning
        "the cached value still works, but the next fetch will fail"
        [APP_REFERENCES];
    LatentPolicyInconsistent "latent.policy-inconsistent" Warning
        "the item does not follow its policy as it is now"
        [BACKUP_MACHINES];
    LatentRefreshFailed "latent.refresh-failed" Warning
        "the last refresh failed or is overdue"
        [APIM_NAMED_VALUES, APP_CERTIFICATES, APP_REFERENCES];
    LatentSoftDeleteOff "latent.soft-delete-off" Error
        "soft delete of the Recovery Services vault is off"
        [BACKUP_SOFT_DELETE];
    LatentVersionPinned "latent.version-pinned" Error
        "the reference names a version, so rotation has no effect"
        [APIM_NAMED_VALUES, APP_REFERENCES];
    NetworkEgressBlocked "network.egress-blocked" Error
        "a rule or route blocks traffic to the target"
        [SECURITY_GROUPS, ROUTES, SERVICE_ENDPOINT_POLICIES, APP_INTEGRATION, APP_ROUTING];
    NetworkEndpointUnreachable "network.endpoint-unreachable" Error
        "the caller's network cannot reach the private endpoint"
        [PEERING];
    NetworkMissingSubresourceEndpoint "network.missing-subresource-endpoint" Error
        "this service of the storage account has no private endpoint"
        [STORAGE_PRIVATE_ENDPOINTS, FUNCTIONS_SECURED_STORAGE];
    NetworkNotRoutedThroughVnet "network.not-routed-through-vnet" Error
        "the traffic does not go through the network that the target allows"
        [APIM_INJECTION, APP_ROUTING, APP_REFERENCES];
    NetworkPrivateEndpointNotApproved "network.private-endpoint-not-approved" Error
        "the private endpoint connection is not approved"
        [PRIVATE_ENDPOINTS, VAULT_PRIVATE_LINK_DIAGNOSTICS, BACKUP_NETWORK];
    NetworkServiceEndpointMissing "network.service-endpoint-missing" Error
        "the target's rules allow the subnet, but the subnet has no service endpoint"
        [SERVICE_ENDPOINTS, VAULT_NETWORK];
    NetworkTokenEndpointUnreachable "network.token-endpoint-unreachable" Error
        "the sign-in endpoint cannot be reached"
        [APIM_NETWORK];
    ObjectBackupExpired "object.backup-expired" Error
        "the backup is older than 30 days and cannot be restored"
        [APIM_BACKUP];
    ObjectBlobImmutable "object.blob-immutable" Error
        "the blob exists and cannot be overwritten"
        [BLOB_ERRORS];
    ObjectContainerMissing "object.container-missing" Warning
        "the container does not exist"
        [APIM_BACKUP];
    ObjectDisabled "object.disabled" Error
        "the object is disabled"
        [VAULT_SECRETS];
    ObjectMissing "object.missing" Error
        "the object does not exist"
        [VAULT_REST_ERRORS, APP_REFERENCE_STATUS];
    ObjectWrongFormat "object.wrong-format" Error
        "the object is not a certificate with an exportable private key"
        [APIM_CUSTOM_DOMAIN, VAULT_CERTIFICATES, APP_CERTIFICATE_BLOG];
    PlatformAgentNotReady "platform.agent-not-ready" Error
        "the virtual machine agent is missing or not ready"
        [BACKUP_AGENT, BACKUP_MACHINES];
    PlatformCmkUpdateFailed "platform.cmk-update-failed" Error
        "the vault could not take over its customer-managed key"
        [BACKUP_CMK];
    PlatformContentShareValidation "platform.content-share-validation" Warning
        "the content share is validated before its connection string can be resolved"
        [APP_REFERENCES, REST_SPECS_9947, HOST_8992];
    PlatformExtensionBlocked "platform.extension-blocked" Error
        "the machine allows no extensions"
        [BACKUP_MACHINES];
    PlatformExtensionFailed "platform.extension-failed" Error
        "the backup extension of the machine is in a bad state"
        [BACKUP_MACHINES, BACKUP_AGENT];
    PlatformFeatureUnsupported "platform.feature-unsupported" Error
        "the feature is not supported in this configuration"
        [APIM_IDENTITY, APIM_BACKUP];
    PlatformJobFailed "platform.job-failed" Error
        "the newest job failed"
        [AUTOMATION_RUNBOOKS, BACKUP_JOBS, BACKUP_MACHINES];
    PlatformJobIncomplete "platform.job-incomplete" Warning
        "the newest job ended without failing and wrote errors"
        [AUTOMATION_RUNBOOKS, BACKUP_JOBS];
    PlatformJobOverdue "platform.job-overdue" Warning
        "a backup job has been running for more than 12 hours"
        [BACKUP_MACHINES, BACKUP_JOBS];
    PlatformOperationInProgress "platform.operation-in-progress" Warning
        "another long operation is running"
        [APIM_BACKUP];
    PlatformProtectionInactive "platform.protection-inactive" Error
        "the item is not being backed up"
        [BACKUP_MACHINES];
    PlatformProtectionUnhealthy "platform.protection-unhealthy" Error
        "the protected item needs an action"
        [BACKUP_MACHINES];
    PlatformRestoreTierMismatch "platform.restore-tier-mismatch" Error
        "the backup was made in another tier"
        [APIM_BACKUP, POWERSHELL_25072];
    PlatformServiceSide "platform.service-side" Warning
        "the service reports an error that the configuration does not explain"
        [APP_REFERENCES, HOST_10899, HOST_11188, FUNCTIONS_1855];
    ReferenceConnectionShadowed "reference.connection-shadowed" Error
        "another setting overrides the host's storage settings"
        [FUNCTIONS_REFERENCE, WEBJOBS_2677, RESOURCE_MODULES_1195, HOST_11796];
    ReferenceSyntax "reference.syntax" Error
        "the reference is malformed"
        [APIM_IDENTITY, APIM_NAMED_VALUES, VAULT_OBJECTS, APP_REFERENCES, APIM_BACKUP];
    ReferenceWrongIdentifierType "reference.wrong-identifier-type" Error
        "the identifier does not name a secret"
        [APIM_IDENTITY, VAULT_CERTIFICATES, APP_REFERENCES];
    TargetBlobCorsRules "target.blob-cors-rules" Error
        "the Blob service has CORS rules, which backups do not support"
        [APIM_BACKUP, POWERSHELL_23411];
    TargetContentShareMissing "target.content-share-missing" Error
        "the content share does not exist"
        [FUNCTIONS_SETTINGS, APP_REFERENCES];
    TargetPurgeProtectionOff "target.purge-protection-off" Error
        "the Key Vault of a customer-managed key has no purge protection"
        [BACKUP_CMK];
    TargetRegionMismatch "target.region-mismatch" Error
        "the Key Vault is in another region than the Recovery Services vault"
        [BACKUP_CMK];
    TargetSourceMissing "target.source-missing" Error
        "the protected machine no longer exists"
        [BACKUP_MACHINES];
    TargetVaultDeleted "target.vault-deleted" Error
        "the vault is soft-deleted"
        [VAULT_SOFT_DELETE, VAULT_ERROR_CODES, APIM_CUSTOM_DOMAIN];
    TargetVaultNameWrong "target.vault-name-wrong" Error
        "the target does not exist under this name"
        [VAULT_ERROR_CODES, VAULT_OBJECTS];
    TargetWrongCloud "target.wrong-cloud" Error
        "the target is in another cloud"
        [VAULT_BEHIND_FIREWALL, VAULT_AUTHENTICATION];
}

/// Codes that were given up, and why. A code is never used again.
pub static RETIRED: &[(&str, &str)] = &[];

impl Code {
    /// The code with this text.
    pub fn of(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.text().eq_ignore_ascii_case(text))
    }

    /// `gate.bad-state`.
    pub fn text(self) -> &'static str {
        self.entry().text
    }

    /// The part of the text before the dot: the name of a gate, or `caller`, `platform` or `latent`.
    pub fn gate(self) -> &'static str {
        self.text().split_once('.').map_or("", |(gate, _)| gate)
    }

    /// How bad it is when it is certain.
    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// The bad state in one line; true for every caller and every target.
    pub fn title(self) -> &'static str {
        self.entry().title
    }

    /// The page, in Markdown: *What it means*, *What you will see*, *When this check stays quiet*.
    pub fn page(self) -> &'static str {
        self.entry().page
    }

    /// One section of the page, as one line of text.
    pub fn section(self, heading: &str) -> Option<String> {
        let section = self.page().split("## ").find_map(|part| part.strip_prefix(heading))?;
        Some(section.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Every page of others that it rests on.
    pub fn sources(self) -> impl Iterator<Item = Source> {
        self.entry().cites.iter().map(|cited| cited.source.into())
    }

    /// Those that speak of one of these callers, or hold for every caller; if there are none, the callers' own pages.
    pub(crate) fn sources_of(self, callers: &[CallerKind]) -> Vec<Source> {
        let speaks = |cited: &&Citation| cited.callers.is_empty() || cited.callers.iter().any(|c| callers.contains(c));
        let found: Vec<Source> = self.entry().cites.iter().filter(speaks).map(|cited| cited.source.into()).collect();
        if !found.is_empty() {
            return found;
        }
        let facts = CallerKind::ALL.into_iter().filter(|kind| callers.contains(kind)).map(CallerKind::facts);
        facts.map(|facts| Source { url: facts.page.into(), read_on: facts.page_read_on.into() }).collect()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}
