//! Storage accounts: the firewall, whether keys are accepted, and file shares.
//!
//! Source: <https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts> (read 2026-11-21).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::base::Url;
use crate::model::firewall::{NetworkRuleSet, PrivateEndpointConnection};
use crate::model::or_default;

/// `properties` of a storage account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StorageAccount {
    /// `Enabled`, `Disabled` or `SecuredByPerimeter`, in any case; absent: `Enabled`.
    pub public_network_access: Option<String>,
    /// The firewall; absent: none.
    pub network_acls: Option<NetworkRuleSet>,
    /// Whether requests signed with an account key are accepted; absent: they are.
    pub allow_shared_key_access: Option<bool>,
    /// Whether a container can allow anonymous access; absent means no.
    pub allow_blob_public_access: Option<bool>,
    /// Private endpoints that point here.
    #[serde(deserialize_with = "or_default")]
    pub private_endpoint_connections: Vec<PrivateEndpointConnection>,
    /// URLs, by service: `blob`, `file`, …
    #[serde(deserialize_with = "or_default")]
    pub primary_endpoints: BTreeMap<String, Value>,
}

impl StorageAccount {
    /// Services and hosts, as the account itself names them. Microsoft's and the internet's routing have hosts of their
    /// own.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = (&str, String)> {
        let nested = self.primary_endpoints.values().filter_map(Value::as_object).flatten();
        let all = self.primary_endpoints.iter().chain(nested);
        all.filter_map(|(service, url)| Some((service.as_str(), Url::parse(url.as_str()?)?.authority())))
    }
}

/// `properties` of a file share. Only its existence matters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FileShare {
    /// A share that was deleted and can be recovered.
    pub deleted: Option<bool>,
}
