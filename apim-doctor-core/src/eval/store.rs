//! The target of a path: a vault or a storage account, which Azure protects in the same way.

use crate::base::ResourceId;
use crate::model::Resource;
use crate::model::firewall::{NetworkRuleSet, PrivateEndpointConnection};
use crate::model::key_vault::Vault;
use crate::model::storage::StorageAccount;

/// A vault or a storage account.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Store<'e> {
    /// A vault.
    Vault(&'e Resource<Vault>),
    /// A storage account.
    Account(&'e Resource<StorageAccount>),
}

impl<'e> Store<'e> {
    /// Its id.
    pub(crate) fn id(self) -> &'e ResourceId {
        match self {
            Store::Vault(vault) => &vault.id,
            Store::Account(account) => &account.id,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'e str {
        self.id().name()
    }

    /// Its noun in sentences.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Store::Vault(_) => "vault",
            Store::Account(_) => "storage account",
        }
    }

    /// Its region.
    pub(crate) fn location(self) -> Option<&'e str> {
        match self {
            Store::Vault(vault) => vault.location.as_deref(),
            Store::Account(account) => account.location.as_deref(),
        }
    }

    /// When it was changed last.
    pub(crate) fn last_modified(self) -> Option<&'e str> {
        let data = match self {
            Store::Vault(vault) => vault.system_data.as_deref(),
            Store::Account(account) => account.system_data.as_deref(),
        };
        data.and_then(|data| data.last_modified_at.as_deref())
    }

    /// `publicNetworkAccess`.
    pub(crate) fn public_network_access(self) -> Option<&'e str> {
        match self {
            Store::Vault(vault) => vault.properties.public_network_access.as_deref(),
            Store::Account(account) => account.properties.public_network_access.as_deref(),
        }
    }

    /// Its firewall.
    pub(crate) fn network_acls(self) -> Option<&'e NetworkRuleSet> {
        match self {
            Store::Vault(vault) => vault.properties.network_acls.as_ref(),
            Store::Account(account) => account.properties.network_acls.as_ref(),
        }
    }

    /// Private endpoints that point here.
    pub(crate) fn connections(self) -> &'e [PrivateEndpointConnection] {
        match self {
            Store::Vault(vault) => &vault.properties.private_endpoint_connections,
            Store::Account(account) => &account.properties.private_endpoint_connections,
        }
    }
}
