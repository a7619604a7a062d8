//! What is read of each kind of caller.

use serde_json::Value;

use super::body::{folded, ids, items, text};
use super::state::Plan;
use crate::base::ResourceId;
use crate::knowledge::caller_kind::CallerKind;
use crate::live::ask::{Ask, Read};

impl Plan {
    /// What follows from an answer about callers of one kind.
    pub(super) fn caller_answered(&mut self, read: &Read, body: &Value) {
        match read.ask {
            Ask::FindInstance
            | Ask::Instance
            | Ask::Instances
            | Ask::Workspaces
            | Ask::SystemIdentity
            | Ask::UserIdentity
            | Ask::FindIdentities => self.instance_answered(read, body),
            Ask::Sites
            | Ask::Site
            | Ask::Slot
            | Ask::Slots
            | Ask::References
            | Ask::SlotReferences
            | Ask::ConnectionReferences
            | Ask::SlotConnectionReferences
            | Ask::Settings
            | Ask::SlotSettings
            | Ask::AppCertificates
            | Ask::AppCertificate
            | Ask::FirstParty
            | Ask::FindAccounts
            | Ask::Account => self.app_answered(read, body),
            Ask::ApplicationGateway if self.wanted.held.is_some() => {}
            Ask::ApplicationGateways => {
                let gateways: Vec<ResourceId> = ids(body).map(ResourceId::new).collect();
                self.look_at_gateways(&gateways);
            }
            Ask::ApplicationGateway => self.gateway(body),
            Ask::RecoveryVaults
            | Ask::RecoveryVault
            | Ask::ProtectedMachines
            | Ask::BackupPolicies
            | Ask::BackupJobs
            | Ask::Machine
            | Ask::Extensions => self.recovery_answered(read, body),
            Ask::FindAutomation | Ask::AutomationJobs => self.backup_answered(read, body),
            // Nothing follows from the others.
            _ => {}
        }
    }

    /// Starts with callers, each with the reads of its kind.
    pub(super) fn look_at_callers(&mut self, callers: Vec<ResourceId>) {
        let of = |wanted: CallerKind| {
            let of_kind = callers.iter().filter(|id| CallerKind::of(id) == Some(wanted));
            of_kind.cloned().collect::<Vec<ResourceId>>()
        };
        for kind in CallerKind::ALL {
            match kind {
                CallerKind::ApiManagement => self.look_at(of(kind)),
                CallerKind::App | CallerKind::AppCertificate => self.look_at_apps(&of(kind)),
                CallerKind::ApplicationGateway => self.look_at_gateways(&of(kind)),
                // An instance is looked at as such.
                CallerKind::Backup => {}
                CallerKind::RecoveryVault => self.look_at_recovery_vaults(&of(kind)),
            }
        }
    }
}

/// Application gateways: their identity, their subnet, and the certificates that come from a vault.
impl Plan {
    fn look_at_gateways(&mut self, gateways: &[ResourceId]) {
        for id in gateways {
            // Most vaults are in the subscription of what reads them.
            for ask in [Ask::Vaults, Ask::Perimeters, Ask::CustomRoles] {
                self.in_subscription(ask, id.as_str());
            }
            self.subscriptions.insert(id.to_string());
            self.get(Ask::ApplicationGateway, id.as_str());
        }
    }

    fn gateway(&mut self, body: &Value) {
        let attached = body.pointer("/identity/userAssignedIdentities").and_then(Value::as_object);
        for (identity, entry) in attached.into_iter().flatten() {
            self.principals.extend(text(entry, "/principalId").map(folded));
            self.clients.extend(text(entry, "/clientId").map(folded));
            self.get(Ask::UserIdentity, identity);
        }
        for configuration in items(body, "/properties/gatewayIPConfigurations") {
            if let Some(subnet) = text(configuration, "/properties/subnet/id") {
                self.subnet(subnet);
                self.resolves_in(subnet.rsplit_once("/subnets/").map_or(subnet, |(network, _)| network));
            }
        }
        let lists = ["/properties/sslCertificates", "/properties/trustedRootCertificates"];
        for certificate in lists.iter().flat_map(|list| items(body, list)) {
            self.refer_url(text(certificate, "/properties/keyVaultSecretId"), true);
        }
    }
}

/// The read that lists all callers of a kind in a subscription.
pub(super) fn list_of(kind: CallerKind) -> Ask {
    match kind {
        CallerKind::ApiManagement | CallerKind::Backup => Ask::Instances,
        CallerKind::App => Ask::Sites,
        CallerKind::AppCertificate => Ask::AppCertificates,
        CallerKind::ApplicationGateway => Ask::ApplicationGateways,
        CallerKind::RecoveryVault => Ask::RecoveryVaults,
    }
}

/// The read of one caller.
pub(super) fn read_of(kind: CallerKind, id: &ResourceId) -> Ask {
    match kind {
        CallerKind::ApiManagement | CallerKind::Backup => Ask::Instance,
        CallerKind::App if id.resource_type().eq_ignore_ascii_case("Microsoft.Web/sites/slots") => Ask::Slot,
        CallerKind::App => Ask::Site,
        CallerKind::AppCertificate => Ask::AppCertificate,
        CallerKind::ApplicationGateway => Ask::ApplicationGateway,
        CallerKind::RecoveryVault => Ask::RecoveryVault,
    }
}
