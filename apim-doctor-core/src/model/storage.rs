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

/// `properties` of an account's Blob service.
///
/// Source: <https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts/blobservices> (read 2026-11-29).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BlobService {
    /// Which web pages of other origins may call it.
    #[serde(deserialize_with = "or_default")]
    pub cors: Cors,
}

/// `cors` of a service.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Cors {
    /// The rules; none: cross-origin requests are off.
    #[serde(deserialize_with = "or_default")]
    pub cors_rules: Vec<CorsRule>,
}

/// A rule for cross-origin requests.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CorsRule {
    /// The HTTP methods that it allows.
    #[serde(deserialize_with = "or_default")]
    pub allowed_methods: Vec<String>,
}

/// `properties` of a blob container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Container {
    /// Whether a retention policy keeps its blobs unchanged for a time.
    pub has_immutability_policy: Option<bool>,
    /// Whether its blobs are kept until a hold is lifted.
    pub has_legal_hold: Option<bool>,
    /// A container that was deleted and can be recovered.
    pub deleted: Option<bool>,
}

/// `properties` of the lifecycle rules of an account.
///
/// Source: <https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts/managementpolicies> (read
/// 2026-11-29).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lifecycle {
    /// The rules.
    #[serde(deserialize_with = "or_default")]
    pub policy: LifecyclePolicy,
}

/// The rules of a lifecycle.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LifecyclePolicy {
    /// The rules.
    #[serde(deserialize_with = "or_default")]
    pub rules: Vec<LifecycleRule>,
}

/// One rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LifecycleRule {
    /// Its name.
    pub name: Option<String>,
    /// Whether it is on; absent: it is.
    pub enabled: Option<bool>,
    /// What it does, and to which blobs.
    #[serde(deserialize_with = "or_default")]
    pub definition: LifecycleDefinition,
}

/// What a rule does, and to which blobs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LifecycleDefinition {
    /// What is done.
    #[serde(deserialize_with = "or_default")]
    pub actions: LifecycleActions,
    /// To which blobs; absent: to all.
    pub filters: Option<LifecycleFilters>,
}

/// What a rule does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LifecycleActions {
    /// To blobs that are not snapshots or old versions.
    #[serde(deserialize_with = "or_default")]
    pub base_blob: BaseBlobActions,
}

/// What a rule does to a blob.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BaseBlobActions {
    /// Deletes it.
    pub delete: Option<After>,
    /// Moves it to the archive tier, from which it cannot be read.
    pub tier_to_archive: Option<After>,
}

/// When a rule acts on a blob, in days.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct After {
    /// After its last change.
    pub days_after_modification_greater_than: Option<f64>,
    /// After it was made.
    pub days_after_creation_greater_than: Option<f64>,
}

/// The blobs that a rule is for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LifecycleFilters {
    /// `blockBlob` or `appendBlob`; none: both.
    #[serde(deserialize_with = "or_default")]
    pub blob_types: Vec<String>,
    /// Starts of `{container}/{blob}`; none: every blob.
    #[serde(deserialize_with = "or_default")]
    pub prefix_match: Vec<String>,
    /// Tags that a blob must have; a rule with some may be for none of the blobs.
    #[serde(deserialize_with = "or_default")]
    pub blob_index_match: Vec<IndexTag>,
}

/// A tag that a blob must have. Only its existence matters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct IndexTag {
    /// The tag.
    pub name: Option<String>,
}
