//! What a target allows: `networkAcls` and private endpoint connections, alike for vaults and storage accounts.
//!
//! Sources: <https://learn.microsoft.com/azure/templates/microsoft.keyvault/vaults> and
//! <https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts> (read 2026-11-21).

use serde::Deserialize;

use crate::base::{ObjectId, ResourceId};
use crate::model::{SubResource, or_default, sub_resource};

/// `networkAcls`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NetworkRuleSet {
    /// `AzureServices` or `None`, of a storage account also a list with commas; absent: `AzureServices`.
    pub bypass: Option<String>,
    /// `Allow` or `Deny`. Absent inside the object: a storage account's is `Allow`, a vault's is not documented.
    pub default_action: Option<String>,
    /// Public addresses let in.
    #[serde(deserialize_with = "or_default")]
    pub ip_rules: Vec<IpRule>,
    /// Subnets let in.
    #[serde(deserialize_with = "or_default")]
    pub virtual_network_rules: Vec<VirtualNetworkRule>,
    /// Resources let in, wherever they are; storage accounts only.
    #[serde(deserialize_with = "or_default")]
    pub resource_access_rules: Vec<ResourceAccessRule>,
}

/// One address rule.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct IpRule {
    /// An address or a range.
    pub value: String,
}

/// One subnet rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VirtualNetworkRule {
    /// The subnet.
    pub id: ResourceId,
    /// `Succeeded`, or why the rule does nothing; storage accounts only.
    #[serde(default)]
    pub state: Option<String>,
}

/// One resource rule of a storage account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ResourceAccessRule {
    /// The tenant of the resource.
    pub tenant_id: Option<ObjectId>,
    /// The resource; a segment may be `*`.
    pub resource_id: Option<String>,
}

/// A private endpoint's connection as the vault shows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PrivateEndpointConnection {
    /// The connection, which is what gets approved.
    pub id: Option<ResourceId>,
    /// The state and the endpoint.
    #[serde(deserialize_with = "or_default")]
    pub properties: PrivateEndpointConnectionProperties,
}

/// The state of a private endpoint's connection.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PrivateEndpointConnectionProperties {
    /// The endpoint.
    #[serde(deserialize_with = "sub_resource")]
    pub private_endpoint: Option<SubResource>,
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub private_link_service_connection_state: Option<ConnectionState>,
    /// Only `Succeeded` carries traffic.
    pub provisioning_state: Option<String>,
}

/// Whether the owner let a private endpoint in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ConnectionState {
    /// `Approved`, `Pending`, `Rejected` or `Disconnected`.
    pub status: Option<String>,
}

impl PrivateEndpointConnection {
    /// The state's name; empty where none is given.
    pub(crate) fn status(&self) -> &str {
        let state = self.properties.private_link_service_connection_state.as_ref();
        state.and_then(|s| s.status.as_deref()).unwrap_or_default()
    }

    /// Whether traffic may come through: approved, and provisioned.
    pub(crate) fn is_approved(&self) -> bool {
        let provisioned = self.properties.provisioning_state.as_deref();
        self.status().eq_ignore_ascii_case("Approved")
            && provisioned.is_none_or(|state| state.eq_ignore_ascii_case("Succeeded"))
    }

    /// The endpoint's id.
    pub(crate) fn endpoint(&self) -> Option<&ResourceId> {
        self.properties.private_endpoint.as_ref().map(|e| &e.id)
    }
}
