//! Access paths: this actor, with this identity, does this operation on that target, from there, now.

mod checked;
pub mod exit;
pub mod gate;
mod observed;
pub mod reason;
mod renewal;
mod walk;
pub mod way;

use std::net::IpAddr;

use jiff::Timestamp;

use crate::base::{ObjectId, ResourceId, Verdict};
use crate::eval::access_policy::ObjectKind;
use crate::eval::endpoint::TargetEndpoint;
use crate::eval::firewall::{FirewallCaller, Identity, Settings, Surround};
use crate::eval::store::Store;
use crate::finding::{Evidence, Gate, Locator, Step};
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::data_plane;
use crate::knowledge::first_party::FirstParty;
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::{Trust, TrustRule};
use crate::model::key_vault::Vault;
pub use crate::model::reference::{Malformed, Reference};
use crate::model::storage::StorageAccount;
use crate::model::{Caller, Estate, Fact, Gap, Resource, setting};
use crate::path::exit::Exits;
use crate::path::reason::Cause;

pub use observed::{Heard, Other};
pub use walk::walk;

/// When the access happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// While a policy handles a request.
    Runtime,
    /// At every refresh.
    Rotation,
}

impl Moment {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Moment::Runtime => "runtime",
            Moment::Rotation => "rotation",
        }
    }
}

/// Where requests leave from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The platform, outside every customer network.
    ControlPlane,
    /// The caller's own public addresses.
    PublicEgress(&'static Outside),
    /// A subnet of the customer.
    Subnet {
        /// The subnet.
        id: ResourceId,
        /// The region.
        location: Option<String>,
        /// How an app uses it; absent: the caller stands in it with everything it sends.
        integration: Option<Box<Integration>>,
    },
    /// Not documented.
    Undetermined(Gap),
}

impl Origin {
    /// Its name in reports.
    pub fn name(&self) -> &str {
        match self {
            Origin::ControlPlane => "platform",
            Origin::PublicEgress(_) => "public",
            Origin::Subnet { id, .. } => id.as_str(),
            Origin::Undetermined(_) => "undetermined",
        }
    }
}

/// How a caller says that its requests enter no network of the customer.
#[derive(Debug, PartialEq)]
pub struct Outside {
    /// The property that says it.
    pub at: &'static str,
    /// What follows for names.
    pub asks: &'static str,
    /// What follows for packets.
    pub reaches: &'static str,
}

impl Outside {
    /// An API Management instance, or one of its locations.
    pub const INSTANCE: Outside = Outside {
        at: "/properties/virtualNetworkType",
        asks: "the instance is in no network and asks public DNS",
        reaches: "the instance reaches every public endpoint; no subnet is on the way",
    };
    /// An app.
    pub const APP: Outside = Outside {
        at: "/properties/virtualNetworkSubnetId",
        asks: "this traffic of the app enters no network: public DNS is asked",
        reaches: "this traffic of the app leaves from its public addresses; no subnet is on the way",
    };
}

/// How an app that is integrated with a subnet sends its traffic.
///
/// Source: <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> (read 2026-11-21).
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// Whether everything enters the subnet, or only what goes to private addresses and over service endpoints.
    pub routes_all: Result<bool, Gap>,
    /// The public route is tried first, and the subnet only where that is closed.
    pub public_first: bool,
    /// The app runs on Linux: it then has to route everything to reach a private endpoint.
    pub needs_all: Result<bool, Gap>,
    /// What is not known to work from this kind of app over its subnet.
    pub unproved: Result<Option<&'static str>, Gap>,
    /// DNS servers of the app's own.
    pub dns_servers: Result<DnsServers, Gap>,
    /// Whether this traffic enters the subnet at all is not known: both ways are possible, and all that it sends takes
    /// the same one.
    pub undecided: Option<Gap>,
}

/// DNS servers that an app has of its own.
///
/// Source: <https://learn.microsoft.com/azure/app-service/overview-name-resolution> (read 2026-11-22).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DnsServers {
    /// Asked instead of the network's, and where that is set.
    pub own: Option<(Vec<String>, Locator)>,
    /// Asked after those, whichever they are.
    pub alternative: Vec<String>,
}

/// How an identifier is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `https://{vault}/secrets/{name}`.
    Identifier,
    /// `@Microsoft.KeyVault(…)`, the value of an app's setting.
    Setting,
    /// `https://{account}.{service}.{suffix}[/{container or share}]`.
    Storage,
}

/// What a caller shows to be let in.
#[derive(Clone, Debug, PartialEq)]
pub enum Credential {
    /// The system-assigned identity, which is used where nothing selects another.
    SystemAssigned,
    /// The managed identity with this client id.
    ManagedIdentity {
        /// The client id, as it was written.
        client_id: ObjectId,
    },
    /// The managed identity with this resource id.
    UserAssigned(ResourceId),
    /// The platform calls in its own name.
    FirstParty(&'static FirstParty),
    /// The key of the storage account.
    AccountKey,
    /// Not known: something that nobody can judge from here selects it.
    Undetermined(Gap),
}

/// What a consumer does with its target.
#[derive(Clone, Debug, PartialEq)]
pub enum Wants {
    /// Reads any secret of a vault.
    AnySecret,
    /// Reads a certificate with its private key, which a vault keeps as a secret: a PKCS#12 file.
    CertificateWithKey,
    /// Sends a request of its own to a vault: the operation, if it is known.
    Request(Result<data_plane::Operation, Gap>),
    /// Uses what a service of a storage account holds.
    Data {
        /// The service.
        service: Subservice,
        /// What it does there.
        access: DataAccess,
    },
}

/// What a consumer does with the data of a storage account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataAccess {
    /// Reads it.
    Read,
    /// Reads and writes it.
    Write,
}

/// One attempt to reach a vault or a storage account, as a consumer declares it.
#[derive(Clone, Debug)]
pub struct AccessPath {
    /// Which feature.
    pub consumer: ConsumerKind,
    /// The caller.
    pub resource: ResourceId,
    /// What its owner calls it.
    pub label: String,
    /// Where it is declared.
    pub declared_at: Locator,
    /// When it happens.
    pub moment: Moment,
    /// The identifier, as it was written.
    pub reference: String,
    /// How it is written.
    pub form: Form,
    /// What the caller shows.
    pub credential: Credential,
    /// Where that is selected.
    pub credential_at: Locator,
    /// The audience a policy asks a token for, where it names one.
    pub audience: Option<String>,
    /// Where requests leave from.
    pub origin: Origin,
    /// The region, where the instance has several.
    pub location: Option<String>,
    /// Which of its calls the trusted-services exception of a vault covers.
    pub trust: TrustRule,
    /// What it will take.
    pub wants: Wants,
    /// The instance's public addresses.
    pub addresses: Vec<IpAddr>,
    /// When the certificate that is served now ends, where it is one.
    pub expiry: Option<Timestamp>,
    /// How the last refresh went.
    pub last: Option<LastRefresh>,
    /// The tier or the place does not support this.
    pub unsupported: Option<&'static str>,
    /// Whether the service takes what is written for a reference at all.
    pub recognized: Result<(), Gap>,
    /// Why it is not certain that the consumer ever does this.
    pub doubt: Option<Gap>,
    /// Another setting for the same connection, which comes first or may come first.
    pub shadow: Option<Box<Shadow>>,
}

/// A setting that hides the other settings of a connection.
///
/// Sources: <https://learn.microsoft.com/azure/azure-functions/functions-reference> (read 2026-11-29), and for the order
/// the source code of the host (`IConfigurationExtensions.GetWebJobsConnectionSection`, Azure/azure-webjobs-sdk).
#[derive(Clone, Debug, PartialEq)]
pub struct Shadow {
    /// The setting that hides the others.
    pub setting: String,
    /// Where it stands.
    pub at: Locator,
    /// What it hides, as a person would write it.
    pub hidden: String,
    /// What follows from it: `Fail` where the setting cannot work, `Unknown` where it may not count or may not work,
    /// `Pass` where it is used instead.
    pub verdict: Verdict,
    /// Why it does that, as a sentence about it.
    pub why: &'static str,
}

/// How the last refresh went.
#[derive(Clone, Debug)]
pub struct LastRefresh {
    /// Whether it worked.
    pub succeeded: bool,
    /// What was said.
    pub message: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Where that stands.
    pub locator: Locator,
}

impl AccessPath {
    /// Which kind of object the operation reads.
    pub fn object_kind(&self, reference: Option<&Reference>) -> ObjectKind {
        match (&self.wants, reference.map(|r| r.kind.as_str())) {
            (Wants::Request(_), Some("certificates")) => ObjectKind::Certificate,
            (Wants::Request(_), Some("keys")) => ObjectKind::Key,
            _ => ObjectKind::Secret,
        }
    }
}

impl AccessPath {
    /// The name of the setting or property, where several services hang on one.
    pub fn connection(&self) -> &str {
        self.label.rsplit_once('/').map_or(&self.label, |(connection, _)| connection)
    }

    /// Whether it fetches the package at the URL in a setting.
    pub fn is_package(&self) -> bool {
        self.form == Form::Storage && setting::is_package(self.connection())
    }

    /// The client id that selects an identity.
    pub fn client_id(&self) -> Option<&ObjectId> {
        match &self.credential {
            Credential::ManagedIdentity { client_id } => Some(client_id),
            Credential::SystemAssigned
            | Credential::UserAssigned(_)
            | Credential::FirstParty(_)
            | Credential::AccountKey
            | Credential::Undetermined(_) => None,
        }
    }

    /// What kind of resource calls.
    pub fn caller_kind(&self) -> CallerKind {
        self.consumer.caller()
    }

    /// What calls, in words.
    pub fn caller(&self) -> &'static str {
        self.caller_kind().facts().noun
    }

    /// The Azure service that fetches, in words.
    pub fn service(&self) -> &'static str {
        self.caller_kind().facts().service
    }

    /// The action that has to be allowed.
    pub fn action(&self, reference: Option<&Reference>) -> &'static str {
        match &self.wants {
            Wants::Data { service, access } => data_action(*service, *access),
            Wants::Request(Ok(operation)) => operation.action,
            Wants::Request(Err(_)) | Wants::AnySecret | Wants::CertificateWithKey => {
                action(self.object_kind(reference))
            }
        }
    }

    /// The actions that are known to be needed.
    pub fn actions(&self, reference: Option<&Reference>) -> Vec<&'static str> {
        match self.wants {
            Wants::Request(Err(_)) => Vec::new(),
            Wants::Request(Ok(_)) | Wants::AnySecret | Wants::CertificateWithKey | Wants::Data { .. } => {
                vec![self.action(reference)]
            }
        }
    }

    /// The permission that an access policy has to hold.
    pub fn permission(&self) -> &'static str {
        match &self.wants {
            Wants::Request(Ok(operation)) => operation.permission,
            Wants::Request(Err(_)) | Wants::AnySecret | Wants::CertificateWithKey | Wants::Data { .. } => "get",
        }
    }
}

/// The data action that a Functions host needs of a service, or that reads a package.
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/permissions/storage> (read 2026-11-22).
fn data_action(service: Subservice, access: DataAccess) -> &'static str {
    match service {
        Subservice::Blob if access == DataAccess::Read => {
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
        }
        Subservice::Queue => "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write",
        Subservice::Table => "Microsoft.Storage/storageAccounts/tableServices/tables/entities/write",
        Subservice::File => "Microsoft.Storage/storageAccounts/fileServices/fileshares/files/write",
        Subservice::Blob | Subservice::Vault => "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    }
}

/// The data action that reading needs.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/rbac-guide> (read 2026-11-21).
pub fn action(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Secret => "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        ObjectKind::Certificate => "Microsoft.KeyVault/vaults/certificates/read",
        ObjectKind::Key => "Microsoft.KeyVault/vaults/keys/read",
    }
}

/// What kind of principal a path uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// The identity that lives and dies with the resource.
    SystemAssigned,
    /// An identity of its own.
    UserAssigned,
    /// An application of Microsoft's.
    FirstParty,
}

/// The identity a path uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// What kind it is.
    pub kind: PrincipalKind,
    /// Its object id.
    pub principal_id: Option<ObjectId>,
    /// Its client id.
    pub client_id: Option<ObjectId>,
    /// Its tenant.
    pub tenant_id: Option<ObjectId>,
    /// The identity resource, or the resource that has the system-assigned one.
    pub resource: ResourceId,
}

impl Principal {
    /// Whether it is the system-assigned one.
    pub fn is_system_assigned(&self) -> bool {
        self.kind == PrincipalKind::SystemAssigned
    }
}

/// Everything a gate may look at.
#[derive(Clone, Copy, Debug)]
pub struct Case<'e> {
    /// What was read.
    pub estate: &'e Estate,
    /// The path.
    pub path: &'e AccessPath,
    /// The subnets that paths leave from.
    pub exits: &'e Exits<'e>,
    /// The time to judge from.
    pub as_of: Timestamp,
    /// The path failed until a fix was applied in memory: that explains what was said of it before.
    pub is_repaired: bool,
}

/// A target that was found.
#[derive(Clone, Debug)]
pub struct Target<'e> {
    /// The vault or storage account.
    pub store: Store<'e>,
    /// Which service of it.
    pub subservice: Subservice,
    /// Its host name.
    pub host: String,
    /// Its private endpoints.
    pub endpoints: Vec<TargetEndpoint>,
    /// The perimeter around it.
    pub surround: Surround,
}

impl<'e> Target<'e> {
    /// The vault, where it is one.
    pub fn vault(&self) -> Option<&'e Resource<Vault>> {
        match self.store {
            Store::Vault(vault) => Some(vault),
            Store::Account(_) => None,
        }
    }

    /// The storage account, where it is one.
    pub fn account(&self) -> Option<&'e Resource<StorageAccount>> {
        match self.store {
            Store::Vault(_) => None,
            Store::Account(account) => Some(account),
        }
    }
}

impl<'e> Case<'e> {
    /// Whether the trusted-services exception would cover the path with this identity. Without one, `None` unless every
    /// identity gets the same answer.
    pub fn trust(&self, principal: Option<&Principal>) -> Option<Trust> {
        let trust = |system_assigned| self.path.trust.trust(system_assigned, self.as_of);
        match principal {
            Some(principal) => Some(trust(principal.is_system_assigned())),
            None => Some(trust(true)).filter(|either| *either == trust(false)),
        }
    }

    /// The settings of the target's firewall, as this caller meets them.
    pub fn settings(&self, target: &Target<'e>) -> Settings<'e> {
        let caller = FirewallCaller {
            id: &self.path.resource,
            noun: self.path.caller(),
            region: self.region(),
            identity: self.identity(),
            smb: target.subservice == Subservice::File,
            by_platform: self.path.consumer == ConsumerKind::Reference,
        };
        Settings::of(target.store).for_caller(self.estate, caller)
    }

    /// The region that calls leave from.
    fn region(&self) -> Option<&'e str> {
        let of_origin = match &self.path.origin {
            Origin::Subnet { location, .. } => location.as_deref(),
            _ => None,
        };
        of_origin.or(self.path.location.as_deref()).or_else(|| self.caller().known()?.location)
    }

    /// The identity of the call, as far as the rules of a perimeter ask for it.
    fn identity(&self) -> Identity {
        let path = self.path;
        let unknown = |what: &str| {
            Identity::Unknown(Gap::undocumented(what).advise("the perimeter's access log (NSPAccessLogs) shows it"))
        };
        let subscription = path.resource.subscription().unwrap_or_default();
        let of = |identity: &ResourceId| {
            // Which of the two subscriptions counts is not documented.
            let is_same = identity.subscription().is_some_and(|own| own.eq_ignore_ascii_case(subscription));
            match is_same {
                true => Identity::Managed(subscription.to_owned()),
                false => unknown("whether a perimeter counts the subscription of the identity or that of the caller"),
            }
        };
        match &path.credential {
            Credential::AccountKey => Identity::Key,
            Credential::UserAssigned(id) => of(id),
            Credential::SystemAssigned => of(&path.resource),
            Credential::ManagedIdentity { client_id } => match self.estate.identity_of_client(client_id) {
                Some(identity) => of(&identity.id),
                None => unknown("in which subscription the identity of the call is"),
            },
            Credential::FirstParty(_) => {
                unknown("whether a subscription rule of a perimeter admits an application of Microsoft's")
            }
            Credential::Undetermined(gap) => Identity::Unknown(gap.clone()),
        }
    }

    /// The resource that calls.
    pub fn caller(&self) -> Fact<Caller<'e>> {
        self.estate.caller(self.path.caller_kind(), &self.path.resource)
    }
}

/// What one gate said.
#[derive(Clone, Debug)]
pub struct GateOutcome {
    /// Which gate.
    pub gate: Gate,
    /// Its verdict.
    pub verdict: Verdict,
    /// Judged on what was meant, because an earlier gate failed or was not seen.
    pub assumed: bool,
    /// How it got there.
    pub steps: Vec<Step>,
    /// What it found; the first leads.
    pub reasons: Vec<Cause>,
    /// What it could not see.
    pub gaps: Vec<Gap>,
}

impl GateOutcome {
    /// Takes back that the gate passes: something else that is known contradicts it.
    fn withdraw(&mut self, question: &'static str, evidence: Vec<Evidence>, gap: Gap) {
        self.verdict = Verdict::Unknown;
        self.steps.push(Step { question, verdict: Verdict::Unknown, evidence });
        self.gaps.push(gap);
    }
}

/// A path that was walked.
#[derive(Clone, Debug)]
pub struct Diagnosis<'e> {
    /// The identity it uses, as far as it is known.
    pub principal: Option<Principal>,
    /// The identifier, taken apart.
    pub reference: Option<Reference>,
    /// The vault, where it was found.
    pub target: Option<Target<'e>>,
    /// The gates, in order.
    pub gates: Vec<GateOutcome>,
    /// What else is worth knowing: quirks and latent faults.
    pub quirks: Vec<Cause>,
    /// Resources whose change could change the outcome, besides those that the steps of the gates name.
    pub touches: Vec<ResourceId>,
    /// What each error text that somebody gave has to do with the path, by its place among the observations.
    pub heard: Vec<(usize, Heard)>,
}

impl Diagnosis<'_> {
    /// All gates together.
    pub fn verdict(&self) -> Verdict {
        Verdict::all(self.gates.iter().map(|gate| gate.verdict))
    }
}

/// Reads a time as Azure writes it; with or without an offset.
pub fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}
