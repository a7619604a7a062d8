//! The vault or storage account that a path wants to reach, and the identity that it uses.

use crate::base::{ObjectId, ResourceId};
use crate::eval::endpoint::{self, TargetEndpoint};
use crate::eval::firewall::Association;
use crate::eval::store::Store;
use crate::knowledge::subservice::Subservice;
use crate::model::key_vault::Vault;
use crate::model::storage::StorageAccount;
use crate::model::{Estate, Resource};

/// A target that was found.
#[derive(Clone, Debug)]
pub(crate) struct Target<'e> {
    /// The vault or storage account.
    pub store: Store<'e>,
    /// Which service of it.
    pub subservice: Subservice,
    /// Its host name.
    pub host: String,
    /// Its private endpoints.
    pub endpoints: Vec<TargetEndpoint>,
    /// Its association with a network security perimeter.
    pub association: Association,
}

impl<'e> Target<'e> {
    /// Whether a private endpoint leads to it.
    pub(crate) fn has_endpoint(&self, estate: &Estate) -> bool {
        !endpoint::endpoints(estate, self.store, self.subservice).is_empty()
    }

    /// The vault, where it is one.
    pub(crate) fn vault(&self) -> Option<&'e Resource<Vault>> {
        match self.store {
            Store::Vault(vault) => Some(vault),
            Store::Account(_) => None,
        }
    }

    /// The storage account, where it is one.
    pub(crate) fn account(&self) -> Option<&'e Resource<StorageAccount>> {
        match self.store {
            Store::Vault(_) => None,
            Store::Account(account) => Some(account),
        }
    }
}

/// What kind of principal a path uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PrincipalKind {
    /// The identity that lives and dies with the resource.
    SystemAssigned,
    /// An identity of its own.
    UserAssigned,
    /// An application of Microsoft's.
    FirstParty,
}

/// The identity a path uses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Principal {
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
    pub(crate) fn is_system_assigned(&self) -> bool {
        self.kind == PrincipalKind::SystemAssigned
    }
}
