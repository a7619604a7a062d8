//! Why a gate said no, or not quite yes: one variant a reason, with what its check needs to explain it.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::base::{ObjectId, ResourceId, Verdict};
use crate::eval::access_policy::ObjectKind;
use crate::eval::endpoint::TargetEndpoint;
use crate::eval::rbac::{Held, Wait};
use crate::finding::Gate;
use crate::path::{Malformed, NoAccess, Principal, Shadow};

/// A reason, and how certain it is.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    /// `Fail`: certain; `Unknown`: suspected; `Pass`: works, with something to know.
    pub verdict: Verdict,
    /// The reason.
    pub reason: Reason,
}

/// What stops packets.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The security group or route table.
    pub resource: ResourceId,
    /// The JSON pointer of the rule or route in it.
    pub pointer: String,
    /// The rule's or route's name.
    pub rule: String,
    /// Its kind: `rule`, `route` or `service endpoint policy`.
    pub kind: &'static str,
    /// A priority before the rule, for a rule that allows; `None` where a route is in the way.
    pub before: Option<u32>,
    /// Where the packets were going, as a rule would name it: a service tag or an address.
    pub destination: String,
    /// The port they were going to.
    pub port: u16,
}

/// A grant that is not for the caller.
#[derive(Clone, Debug)]
pub(crate) struct OtherGrant {
    /// Whom it names.
    pub granted: ObjectId,
    /// What that is to the caller, in words.
    pub is: String,
    /// The resource and place where it stands.
    pub at: (ResourceId, String),
}

/// Why a gate said no, or not quite yes. The block in `check/table.rs` says which check explains it.
#[derive(Clone, Debug)]
pub(crate) enum Reason {
    WrongIdentifierType { kind: String, suggestion: Option<String> },
    Syntax { problem: Malformed },
    ConnectionShadowed { shadow: Shadow },
    NotEnabled,
    ReferenceIdentityNotSelected { attached: Vec<ResourceId> },
    ClientIdNotSpecified { attached: Vec<Principal> },
    IdKindMismatch { given: ObjectId, is: String, intended: Principal },
    NotAssignedToHost { given: Option<ObjectId>, identity: Option<ResourceId> },
    WrongTenant { vault: ObjectId, identity: ObjectId },
    WrongAudience { audience: String },
    Replaced { gone: OtherGrant },
    VaultNameWrong { name: String, problem: &'static str },
    VaultDeleted { id: ResourceId, deleted: ResourceId, since: Option<String> },
    ContentShareMissing { share: ResourceId },
    WrongCloud { host: String, cloud: String },
    ZoneNotLinked { zone: Option<ResourceId>, network: ResourceId, endpoint: Box<TargetEndpoint> },
    WrongZone { zone: ResourceId, network: ResourceId, endpoint: Box<TargetEndpoint> },
    PrivatelinkNameUsed { public_name: String },
    NameNotResolved { network: Option<ResourceId> },
    NameUnresolved { server: String, rcode: String, network: ResourceId },
    RecordMissing { zone: ResourceId, name: String, endpoint: Option<Box<TargetEndpoint>> },
    RecordStale { record: ResourceId, zone: ResourceId, addresses: Vec<IpAddr>, endpoint: Box<TargetEndpoint> },
    NotForwarded { server: String, network: ResourceId, endpoint: Box<TargetEndpoint> },
    EgressBlocked { by: Block },
    TokenEndpointUnreachable { by: Block },
    SignInCheckFails { host: String, way: Option<ResourceId> },
    TargetCheckFails { host: String, way: Option<ResourceId> },
    ServiceEndpointMissing { subnet: ResourceId },
    NotRoutedThroughVnet { location: String, subnet: ResourceId },
    NotRoutedByApp { subnet: ResourceId },
    MissingSubresourceEndpoint { others: Vec<ResourceId> },
    PrivateEndpointNotApproved { endpoint: Box<TargetEndpoint> },
    EndpointUnreachable { endpoint: Box<TargetEndpoint>, network: ResourceId, why: String },
    UserAssignedNotTrusted { works_by_line_of_sight: bool },
    ConsumerNotOnTrustedList,
    TrustedServicesOff,
    SourceNotAllowed,
    PublicAccessDisabled,
    PerimeterBlocks { association: Option<ResourceId> },
    GatewayTrustRetired,
    NoGrant,
    FirstPartyPrincipalNotGranted { name: &'static str },
    SharedKeyDisabled,
    WrongPrincipalGranted { grant: OtherGrant },
    RbacModeIgnoresAccessPolicies { entry: usize },
    PolicyModeIgnoresRoles { held: Held },
    ControlPlaneRoleOnly { held: Held },
    RoleDefinitionMissing { held: Held },
    RoleLacksAction { held: Held },
    PolicyLacksGet { entry: usize },
    PolicyLacks { entry: usize, kind: ObjectKind, permission: &'static str },
    CertificateGetMissing,
    GroupGrantNotEffective { held: Held },
    PropagationDelay { held: Held, wait: Wait },
    GrantNotAwaited { held: Held },
    Denied { id: ResourceId, name: String },
    ScopeDoesNotCover { held: Held },
    ConditionNotMet { held: Held, condition: String },
    ObjectMissing { said_by: &'static str },
    ObjectDisabled { said_by: &'static str },
    WrongFormat { problem: String },
    FeatureUnsupported { feature: &'static str },
    CreatedInSameDeployment,
    UsedBeforeItExists,
    ContentShareValidation,
    StaleStatus { status: String, stopped: bool },
    CertificateExpires { at: Timestamp, renewal: Renewal },
    VersionPinned { version: String, newer: Option<String> },
    RefreshFailed { renewed: Option<Timestamp> },
    NextFetchFails,
    OldVersionHeld { active: String, current: String, since: Timestamp },
    GatewayTrustRetires { on: &'static str },
    DnsChangeNotApplied { asks: Vec<String>, configured: Vec<String>, network: ResourceId },
    ControlPlaneAddressInRules,
    BackupUnsupported { tier: Option<String> },
    BackupAccessTypeMissing { why: NoAccess },
    BackupUsesAccountKey,
    OperatorLacksPermission { lacks: Lacking },
    ResourceLocked { locked: ResourceId, lock: Option<ResourceId> },
    OperationInProgress { state: String },
    BlobCorsRules { service: ResourceId },
    ContainerMissing { container: ResourceId },
    BlobImmutable { container: ResourceId, hold: bool },
    BackupExpired { made: Timestamp },
    RestoreTierMismatch { from: String, to: String },
    JobFailed { job: AutomationJob },
    JobIncomplete { job: AutomationJob },
    AutomationWithoutIdentity { job: AutomationJob },
    BackupNotScheduled { account: ResourceId, runbook: String, why: String },
    BackupAbsent { container: ResourceId },
    BackupTooOld { container: ResourceId, made: Timestamp, interval_hours: Option<i64> },
    BackupRetentionTooShort { lifecycle: ResourceId, rule: String, days: f64, interval_hours: i64 },
    BackupArchived { lifecycle: ResourceId, rule: String },
    PurgeProtectionOff { soft_delete: bool },
    RegionMismatch { home: String, theirs: String },
    CmkUpdateFailed { config: ResourceId, status: String },
    SourceMissing { item: Item, machine: ResourceId, by_job: bool },
    ItemJobFailed { job: ItemJob },
    ItemJobIncomplete { job: ItemJob },
    JobOverdue { job: ItemJob, hours: i64 },
    AgentNotReady { machine: ResourceId, why: String, at: &'static str },
    ExtensionFailed { machine: ResourceId, extension: ResourceId, state: String },
    ExtensionBlocked { machine: ResourceId, property: &'static str, at: &'static str },
    ProtectionInactive { item: Item, state: String },
    ProtectionUnhealthy { item: Item, status: String, details: String },
    InitialBackupPending { item: Item },
    ItemBackupAbsent { item: Item },
    ItemBackupTooOld { item: Item, made: Timestamp, policy: ResourceId, interval_hours: i64 },
    PolicyRetentionTooShort { policy: ResourceId, misses: String, keeps: String },
    SoftDeleteOff { at: ResourceId, pointer: &'static str },
    ItemSoftDeleted { item: Item, until: Option<Timestamp> },
    DisksExcluded { item: Item, disks: String },
    PolicyInconsistent { item: Item, policy: Option<ResourceId> },
    RestorePointsLocked { group: ResourceId, lock: ResourceId, level: String },
    BackupEndpointNotApproved { connection: usize, endpoint: ResourceId, status: String, needs: String },
    BackupVaultClosed { needs: String },
    StorageInPerimeter { item: Item, account: ResourceId, association: ResourceId },
    MessageContradicts { message: &'static str, at: Option<String>, contradiction: Contradiction },
}

/// A protected item.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its id.
    pub id: ResourceId,
    /// What people call it.
    pub label: String,
    /// The machine that it protects.
    pub machine: Option<ResourceId>,
}

/// A job that backed an item up.
#[derive(Clone, Debug)]
pub(crate) struct ItemJob {
    /// The item.
    pub item: Item,
    /// The job.
    pub id: ResourceId,
    /// The code of its error, if it is known.
    pub code: Option<String>,
    /// What it ended with.
    pub text: String,
    /// What Azure recommends.
    pub advice: String,
    /// The step that failed after others had not.
    pub step: Option<String>,
}

/// What the caller of an operation lacks.
#[derive(Clone, Debug)]
pub(crate) struct Lacking {
    /// Who calls.
    pub principal: ObjectId,
    /// The action that is not allowed.
    pub action: &'static str,
    /// Where.
    pub scope: ResourceId,
}

/// A job of an Automation account.
#[derive(Clone, Debug)]
pub(crate) struct AutomationJob {
    /// The Automation account.
    pub account: ResourceId,
    /// The job.
    pub id: ResourceId,
    /// The runbook that it ran.
    pub runbook: String,
    /// How it ended.
    pub status: String,
    /// What it wrote or ended with.
    pub text: String,
}

/// How an error text contradicts the collected data.
#[derive(Clone, Debug)]
pub(crate) enum Contradiction {
    /// The text proves that gates were passed which fail in the collected data.
    Gates(Vec<Gate>),
    /// Another principal called.
    Caller(String),
    /// Another vault answered.
    Vault(String),
    /// It says that the access failed, and all of these gates pass.
    Open(Vec<Gate>),
}

/// Where the successor of a certificate is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// The vault holds none, or it is not known whether it does.
    Needed,
    /// The vault holds it, and the reference names the old version.
    Pinned,
    /// The vault holds it since less than the time in which it is fetched.
    OnItsWay,
    /// The vault holds it for longer than that.
    NotFetched,
}
