//! Network security perimeters: their associations and access rules.
//!
//! Source: <https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition>
//! (read 2026-11-21).

use serde::Deserialize;

use crate::model::{SubResource, or_default, sub_resource};

/// A perimeter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Perimeter {}

/// `properties` of a resource association.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ResourceAssociation {
    /// The resource inside.
    #[serde(deserialize_with = "sub_resource")]
    pub private_link_resource: Option<SubResource>,
    /// The profile whose rules count.
    #[serde(deserialize_with = "sub_resource")]
    pub profile: Option<SubResource>,
    /// `Learning` (now called transition), `Enforced` or `Audit`.
    pub access_mode: Option<String>,
    /// `Succeeded` once the association is in force.
    pub provisioning_state: Option<String>,
    /// `yes` while Azure could not apply it.
    pub has_provisioning_issues: Option<String>,
}

/// `properties` of an access rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AccessRule {
    /// `Inbound` or `Outbound`.
    pub direction: Option<String>,
    /// Addresses let in.
    #[serde(deserialize_with = "or_default")]
    pub address_prefixes: Vec<String>,
    /// Subscriptions let in.
    #[serde(deserialize_with = "or_default")]
    pub subscriptions: Vec<SubResource>,
    /// Service tags let in: "currently unavailable for use", but some tools write them.
    #[serde(deserialize_with = "or_default")]
    pub service_tags: Vec<String>,
    /// Other perimeters let in; read-only.
    #[serde(deserialize_with = "or_default")]
    pub network_security_perimeters: Vec<SubResource>,
}
