//! The called service: a vault, or one service of a storage account, each with its own host names and ports.
//!
//! Sources: <https://learn.microsoft.com/azure/private-link/private-endpoint-dns>,
//! <https://learn.microsoft.com/azure/virtual-network/service-tags-overview> and
//! <https://learn.microsoft.com/azure/app-service/configure-vnet-integration-routing> (read 2026-11-21).

#![cfg_attr(not(feature = "live"), expect(unreachable_pub, reason = "only `live` makes it public"))]

/// What of a target is called. A private endpoint is for one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Subservice {
    /// A vault.
    Vault,
    /// Blobs.
    Blob,
    /// File shares.
    File,
    /// Queues.
    Queue,
    /// Tables.
    Table,
}

impl Subservice {
    /// The services of a storage account.
    pub const STORAGE: [Subservice; 4] = [Subservice::Blob, Subservice::File, Subservice::Queue, Subservice::Table];

    /// Its name in a private endpoint's `groupIds`, and in host names of a storage account.
    pub fn group_id(self) -> &'static str {
        match self {
            Subservice::Vault => "vault",
            Subservice::Blob => "blob",
            Subservice::File => "file",
            Subservice::Queue => "queue",
            Subservice::Table => "table",
        }
    }

    /// The service tag that holds its public addresses.
    pub(crate) fn service_tag(self) -> &'static str {
        match self {
            Subservice::Vault => "AzureKeyVault",
            _ => "Storage",
        }
    }

    /// The service endpoint of a subnet that leads to it.
    pub(crate) fn service_endpoint(self) -> &'static str {
        match self {
            Subservice::Vault => "Microsoft.KeyVault",
            _ => "Microsoft.Storage",
        }
    }

    /// The ports that must be open. A share is mounted over SMB and managed over HTTPS.
    pub(crate) fn ports(self) -> &'static [u16] {
        match self {
            Subservice::File => &[443, 445],
            _ => &[443],
        }
    }

    /// What holds it, in words.
    #[cfg(feature = "live")]
    pub fn noun(self) -> &'static str {
        match self {
            Subservice::Vault => "vault",
            _ => "storage account",
        }
    }
}
