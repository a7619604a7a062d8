//! Private DNS: zones, links, records, resolvers and forwarding rules.
//!
//! Source: <https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links> (read 2026-11-21).

use serde::Deserialize;

use crate::base::ResourceId;
use crate::model::{SubResource, or_default, sub_resource};

/// A private DNS zone; its name is the last segment of its id.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PrivateDnsZone {}

/// `properties` of a link from a zone, or from a forwarding ruleset, to a network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VirtualNetworkLink {
    /// The network that sees the zone.
    #[serde(deserialize_with = "sub_resource")]
    pub virtual_network: Option<SubResource>,
    /// `Default` or `NxDomainRedirect`; answered from api-version 2024-06-01 on.
    pub resolution_policy: Option<String>,
    /// `InProgress`, `Completed` or `Done`.
    pub virtual_network_link_state: Option<String>,
    /// `Succeeded` once it is in force.
    pub provisioning_state: Option<String>,
}

impl VirtualNetworkLink {
    /// The state that says that the link is not in force yet, or may not be.
    /// Source: <https://learn.microsoft.com/rest/api/dns/privatedns/virtual-network-links/get> (read 2026-11-29).
    pub(crate) fn unfinished(&self) -> Option<&str> {
        let is = |text: &str, states: &[&str]| states.iter().any(|state| state.eq_ignore_ascii_case(text));
        let link = self.virtual_network_link_state.as_deref().filter(|state| !is(state, &["Completed", "Done"]));
        link.or(self.provisioning_state.as_deref().filter(|state| !is(state, &["Succeeded"])))
    }
}

/// `properties` of a record set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RecordSet {
    /// Addresses.
    #[serde(deserialize_with = "or_default")]
    pub a_records: Vec<ARecord>,
    /// An alias.
    pub cname_record: Option<CnameRecord>,
}

/// An address record.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ARecord {
    /// The address.
    #[serde(rename = "ipv4Address")]
    pub ipv4_address: Option<String>,
}

/// An alias record.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CnameRecord {
    /// The name it points at.
    pub cname: Option<String>,
}

/// `properties` of a private endpoint's zone group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PrivateDnsZoneGroup {
    /// The zones it writes to.
    #[serde(deserialize_with = "or_default")]
    pub private_dns_zone_configs: Vec<PrivateDnsZoneConfig>,
}

/// One zone of a zone group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PrivateDnsZoneConfig {
    /// The zone.
    #[serde(deserialize_with = "or_default")]
    pub properties: PrivateDnsZoneConfigProperties,
}

/// The zone of a zone group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PrivateDnsZoneConfigProperties {
    /// Its id.
    pub private_dns_zone_id: Option<ResourceId>,
}

/// `properties` of a DNS private resolver.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DnsResolver {
    /// The network it resolves for.
    #[serde(deserialize_with = "sub_resource")]
    pub virtual_network: Option<SubResource>,
}

/// `properties` of an inbound endpoint of a resolver.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InboundEndpoint {
    /// Its addresses.
    #[serde(deserialize_with = "or_default")]
    pub ip_configurations: Vec<InboundIpConfiguration>,
}

/// One address of an inbound endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InboundIpConfiguration {
    /// The address.
    pub private_ip_address: Option<String>,
}

/// A DNS forwarding ruleset.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ForwardingRuleset {}

/// `properties` of a forwarding rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ForwardingRule {
    /// The domain, with a dot at the end.
    pub domain_name: Option<String>,
    /// Where to.
    #[serde(deserialize_with = "or_default")]
    pub target_dns_servers: Vec<TargetDnsServer>,
    /// `Enabled` or `Disabled`.
    pub forwarding_rule_state: Option<String>,
}

/// Where a forwarding rule sends questions.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TargetDnsServer {
    /// The address.
    pub ip_address: Option<String>,
}
