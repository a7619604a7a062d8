//! Where callers stand in the estate, and where each kind keeps its identities.

use crate::base::ResourceId;
use crate::knowledge::caller_kind::CallerKind;
use crate::model::api_management::Service;
use crate::model::app_service::{AppCertificate, Site};
use crate::model::network::ApplicationGateway;
use crate::model::recovery::RecoveryVault;
use crate::model::{Estate, Fact, ManagedIdentity, Modelled, Resource};

/// The resource that calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'e> {
    /// Its id.
    pub id: &'e ResourceId,
    /// The managed identities attached to it.
    pub identity: Option<&'e ManagedIdentity>,
    /// Its region.
    pub location: Option<&'e str>,
}

impl<'e> Caller<'e> {
    fn new<P>(resource: &'e Resource<P>) -> Self {
        Self { id: &resource.id, identity: resource.identity.as_ref(), location: resource.location.as_deref() }
    }

    fn find<P: Modelled>(estate: &'e Estate, id: &ResourceId) -> Fact<Self> {
        match estate.get::<P>(id) {
            Fact::Known(found) => Fact::Known(Self::new(found)),
            Fact::Absent(id) => Fact::Absent(id),
            Fact::Unknown(gap) => Fact::Unknown(gap),
        }
    }
}

impl Estate {
    /// The callers of a kind that were read, in the order of ids.
    pub fn callers(&self, kind: CallerKind) -> Vec<&ResourceId> {
        match kind {
            CallerKind::ApiManagement => self.ids::<Service>(),
            CallerKind::App => self.ids::<Site>(),
            CallerKind::AppCertificate => self.ids::<AppCertificate>(),
            CallerKind::ApplicationGateway => self.ids::<ApplicationGateway>(),
            CallerKind::Backup => self.instances_with_backups(),
            CallerKind::RecoveryVault => self.ids::<RecoveryVault>(),
        }
    }

    /// The instances, and those that a script or a file names and that were not collected.
    fn instances_with_backups(&self) -> Vec<&ResourceId> {
        let mut all = self.ids::<Service>();
        let sent = self.world.deployed().into_iter().flat_map(|files| files.senders.values());
        let named = self.scripts.values().map(|script| &script.instance_id).chain(sent.map(|sender| &sender.instance));
        let collected = all.len();
        all.extend(named);
        if all.len() > collected {
            all.sort();
            all.dedup();
        }
        all
    }

    /// One caller, as far as it was read.
    pub(crate) fn caller(&self, kind: CallerKind, id: &ResourceId) -> Fact<Caller<'_>> {
        match kind {
            CallerKind::ApiManagement => Caller::find::<Service>(self, id),
            CallerKind::App => Caller::find::<Site>(self, id),
            CallerKind::AppCertificate => Caller::find::<AppCertificate>(self, id),
            CallerKind::ApplicationGateway => Caller::find::<ApplicationGateway>(self, id),
            CallerKind::Backup => Caller::find::<Service>(self, id),
            CallerKind::RecoveryVault => Caller::find::<RecoveryVault>(self, id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_types_of_its_table() {
        let types = |kind| match kind {
            CallerKind::ApiManagement => Service::TYPES,
            CallerKind::App => Site::TYPES,
            CallerKind::AppCertificate => AppCertificate::TYPES,
            CallerKind::ApplicationGateway => ApplicationGateway::TYPES,
            CallerKind::Backup => Service::TYPES,
            CallerKind::RecoveryVault => RecoveryVault::TYPES,
        };
        for kind in CallerKind::ALL {
            assert_eq!(kind.facts().types, types(kind));
        }
    }
}
