//! Access paths: this actor, with this identity, does this operation on that target, from there, now.

pub mod gate;
mod observed;
pub mod reason;
mod reference;
mod walk;

use std::borrow::Cow;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::base::{ObjectId, ResourceId, Verdict};
use crate::eval::access_policy::ObjectKind;
use crate::eval::endpoint::VaultEndpoint;
use crate::eval::firewall::Surround;
use crate::finding::{Gate, Locator, Step};
use crate::knowledge::trust::{Scenario, Trust, trust};
use crate::model::key_vault::Vault;
use crate::model::{Estate, Gap, Resource};
use crate::path::gate::Exits;
use crate::path::reason::Cause;

pub use reference::{Malformed, Reference};
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
    /// API Management's control plane, outside every customer network.
    ControlPlane,
    /// The instance's own public addresses.
    PublicEgress,
    /// A subnet of the customer.
    Subnet {
        /// The subnet.
        id: ResourceId,
        /// The region.
        location: Option<String>,
    },
    /// Not documented.
    Undetermined(Gap),
}

impl Origin {
    /// Its name in reports.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Origin::ControlPlane => "platform".into(),
            Origin::PublicEgress => "public".into(),
            Origin::Subnet { id, .. } => id.as_str().to_owned().into(),
            Origin::Undetermined(_) => "undetermined".into(),
        }
    }
}

/// What the consumer will take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Any secret.
    AnySecret,
    /// A PKCS#12 file with its private key.
    CertificateWithKey,
    /// Whatever the URL names.
    Anything,
}

/// One attempt to reach a vault, as a consumer declares it.
#[derive(Clone, Debug)]
pub struct AccessPath {
    /// Which feature: `apim-custom-domain`, …
    pub consumer: &'static str,
    /// The instance.
    pub resource: ResourceId,
    /// What its owner calls it.
    pub label: String,
    /// Where it is declared.
    pub declared_at: Locator,
    /// When it happens.
    pub moment: Moment,
    /// The identifier, as it was written.
    pub reference: String,
    /// The client id that selects an identity; absent: the system-assigned one.
    pub client_id: Option<ObjectId>,
    /// Where that selection stands.
    pub client_id_at: Locator,
    /// The audience a policy asks a token for, where it names one.
    pub audience: Option<String>,
    /// Where requests leave from.
    pub origin: Origin,
    /// The region, where the instance has several.
    pub location: Option<String>,
    /// Which part of the service calls.
    pub scenario: Scenario,
    /// What it will take.
    pub wants: Wants,
    /// The instance's public addresses.
    pub addresses: Vec<IpAddr>,
    /// When the certificate that is served now ends, where it is one.
    pub expiry: Option<Timestamp>,
    /// How the last refresh went.
    pub last: Option<LastRefresh>,
    /// Whether it only reads; a policy may also write.
    pub reads: bool,
    /// The tier or the place does not support this.
    pub unsupported: Option<&'static str>,
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
        match (self.wants, reference.map(|r| r.kind.as_str())) {
            (Wants::Anything, Some("certificates")) => ObjectKind::Certificate,
            (Wants::Anything, Some("keys")) => ObjectKind::Key,
            _ => ObjectKind::Secret,
        }
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

/// The identity a path uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// Whether it is the system-assigned one.
    pub system_assigned: bool,
    /// Its object id.
    pub principal_id: Option<ObjectId>,
    /// Its client id.
    pub client_id: Option<ObjectId>,
    /// Its tenant.
    pub tenant_id: Option<ObjectId>,
    /// The identity resource, or the instance for the system-assigned one.
    pub resource: ResourceId,
}

/// Everything a gate may look at.
#[derive(Debug)]
pub struct Case<'e> {
    /// What was read.
    pub estate: &'e Estate,
    /// The path.
    pub path: &'e AccessPath,
    /// The subnets that paths leave from.
    pub exits: &'e Exits<'e>,
    /// The time to judge from.
    pub as_of: Timestamp,
}

/// A target that was found.
#[derive(Clone, Debug)]
pub struct Target<'e> {
    /// The vault.
    pub vault: &'e Resource<Vault>,
    /// Its host name.
    pub host: String,
    /// Its private endpoints.
    pub endpoints: Vec<VaultEndpoint>,
    /// The perimeter around it.
    pub surround: Surround,
}

impl Case<'_> {
    /// Whether the trusted-services exception would cover the path with this identity.
    pub fn trust(&self, principal: Option<&Principal>) -> Option<Trust> {
        principal.map(|p| trust(self.path.scenario, p.system_assigned, self.as_of))
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
