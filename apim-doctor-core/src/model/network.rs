//! Virtual networks: subnets, peerings, security groups, routes, endpoints and interfaces.
//!
//! Source: <https://learn.microsoft.com/azure/templates/microsoft.network/virtualnetworks> (read 2026-11-21).

use serde::Deserialize;

use crate::base::ResourceId;
use crate::model::firewall::ConnectionState;
use crate::model::{Resource, SubResource, or_default, sub_resource};

/// `properties` of a virtual network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct VirtualNetwork {
    /// Its ranges.
    #[serde(deserialize_with = "or_default")]
    pub address_space: AddressSpace,
    /// Its own DNS servers; none: Azure's.
    #[serde(deserialize_with = "or_default")]
    pub dhcp_options: DhcpOptions,
    /// Subnets, inline.
    #[serde(deserialize_with = "or_default")]
    pub subnets: Vec<Resource<Subnet>>,
    /// Peerings, inline.
    #[serde(deserialize_with = "or_default")]
    pub virtual_network_peerings: Vec<Peering>,
}

/// Address ranges.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AddressSpace {
    /// In CIDR form.
    #[serde(deserialize_with = "or_default")]
    pub address_prefixes: Vec<String>,
}

/// What a network tells its machines.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DhcpOptions {
    /// DNS servers; empty: Azure's.
    #[serde(deserialize_with = "or_default")]
    pub dns_servers: Vec<String>,
}

/// One side of a peering.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Peering {
    /// Its state.
    #[serde(deserialize_with = "or_default")]
    pub properties: PeeringProperties,
}

/// The state of one side of a peering.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PeeringProperties {
    /// `Connected`, `Initiated` or `Disconnected`.
    pub peering_state: Option<String>,
    /// Whether traffic may flow.
    pub allow_virtual_network_access: Option<bool>,
    /// Uses the other side's gateway.
    pub use_remote_gateways: Option<bool>,
    /// The other network.
    #[serde(deserialize_with = "sub_resource")]
    pub remote_virtual_network: Option<SubResource>,
    /// Its ranges.
    #[serde(deserialize_with = "or_default")]
    pub remote_address_space: AddressSpace,
    /// `false`: only some subnets are joined.
    pub peer_complete_vnets: Option<bool>,
    /// `FullyInSync`, unless an address space changed and the peering was not synchronized.
    pub peering_sync_level: Option<String>,
    /// `Succeeded` once a change is done.
    pub provisioning_state: Option<String>,
}

/// `properties` of a subnet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Subnet {
    /// Its range.
    pub address_prefix: Option<String>,
    /// Its ranges, where it has several.
    #[serde(deserialize_with = "or_default")]
    pub address_prefixes: Vec<String>,
    /// Service endpoints.
    #[serde(deserialize_with = "or_default")]
    pub service_endpoints: Vec<ServiceEndpoint>,
    /// Its security group.
    #[serde(deserialize_with = "sub_resource")]
    pub network_security_group: Option<SubResource>,
    /// Its route table.
    #[serde(deserialize_with = "sub_resource")]
    pub route_table: Option<SubResource>,
    /// Its NAT gateway.
    #[serde(deserialize_with = "sub_resource")]
    pub nat_gateway: Option<SubResource>,
    /// Whether security groups and routes apply to the private endpoints in it; absent: `Disabled`.
    pub private_endpoint_network_policies: Option<String>,
    /// `false`: no implicit way to the internet.
    pub default_outbound_access: Option<bool>,
    /// What its service endpoints lead to; none: everything.
    #[serde(deserialize_with = "or_default")]
    pub service_endpoint_policies: Vec<SubResource>,
}

impl Subnet {
    /// All ranges of the subnet.
    pub(crate) fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.address_prefix.iter().chain(&self.address_prefixes).map(String::as_str)
    }
}

/// A service endpoint of a subnet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceEndpoint {
    /// `Microsoft.KeyVault`, …
    pub service: Option<String>,
}

/// `properties` of a service endpoint policy: a filter on the traffic over service endpoints of a subnet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ServiceEndpointPolicy {
    /// What it lets through.
    #[serde(deserialize_with = "or_default")]
    pub service_endpoint_policy_definitions: Vec<ServiceEndpointPolicyDefinition>,
}

/// One entry of a service endpoint policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceEndpointPolicyDefinition {
    /// What it lets through.
    #[serde(deserialize_with = "or_default")]
    pub properties: ServiceEndpointPolicyDefinitionProperties,
}

/// What one entry of a service endpoint policy lets through.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ServiceEndpointPolicyDefinitionProperties {
    /// `Microsoft.Storage`, or `Global` for aliases of services.
    pub service: Option<String>,
    /// Accounts, resource groups or subscriptions.
    #[serde(deserialize_with = "or_default")]
    pub service_resources: Vec<String>,
}

/// `properties` of a network security group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NetworkSecurityGroup {
    /// The rules people wrote.
    #[serde(deserialize_with = "or_default")]
    pub security_rules: Vec<SecurityRule>,
    /// The rules Azure adds; where absent, the documented ones apply.
    #[serde(deserialize_with = "or_default")]
    pub default_security_rules: Vec<SecurityRule>,
}

/// One rule of a network security group.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SecurityRule {
    /// Its name.
    pub name: Option<String>,
    /// What it says.
    #[serde(deserialize_with = "or_default")]
    pub properties: SecurityRuleProperties,
}

/// What a rule of a network security group says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SecurityRuleProperties {
    /// Lower comes first.
    pub priority: Option<u32>,
    /// `Inbound` or `Outbound`.
    pub direction: Option<String>,
    /// `Allow` or `Deny`.
    pub access: Option<String>,
    /// `Tcp`, `Udp`, `Icmp`, `Esp`, `Ah` or `*`.
    pub protocol: Option<String>,
    /// A range, a service tag or `*`.
    pub source_address_prefix: Option<String>,
    /// Several of them.
    #[serde(deserialize_with = "or_default")]
    pub source_address_prefixes: Vec<String>,
    /// Groups of interfaces.
    #[serde(deserialize_with = "or_default")]
    pub source_application_security_groups: Vec<SubResource>,
    /// A port, a range, a comma list or `*`.
    pub source_port_range: Option<String>,
    /// Several of them.
    #[serde(deserialize_with = "or_default")]
    pub source_port_ranges: Vec<String>,
    /// A range, a service tag or `*`.
    pub destination_address_prefix: Option<String>,
    /// Several of them.
    #[serde(deserialize_with = "or_default")]
    pub destination_address_prefixes: Vec<String>,
    /// Groups of interfaces.
    #[serde(deserialize_with = "or_default")]
    pub destination_application_security_groups: Vec<SubResource>,
    /// A port, a range, a comma list or `*`.
    pub destination_port_range: Option<String>,
    /// Several of them.
    #[serde(deserialize_with = "or_default")]
    pub destination_port_ranges: Vec<String>,
}

/// `properties` of a route table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RouteTable {
    /// The routes people wrote.
    #[serde(deserialize_with = "or_default")]
    pub routes: Vec<Route>,
    /// `true`: routes learned by a gateway do not reach this subnet.
    pub disable_bgp_route_propagation: Option<bool>,
}

/// One route.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Route {
    /// Its name.
    pub name: Option<String>,
    /// What it says.
    #[serde(deserialize_with = "or_default")]
    pub properties: RouteProperties,
}

/// What a route says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RouteProperties {
    /// A range or a service tag.
    pub address_prefix: Option<String>,
    /// `VirtualNetworkGateway`, `VnetLocal`, `Internet`, `VirtualAppliance` or `None`.
    pub next_hop_type: Option<String>,
    /// The appliance.
    pub next_hop_ip_address: Option<String>,
}

/// `properties` of a private endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PrivateEndpoint {
    /// Where its address is.
    #[serde(deserialize_with = "sub_resource")]
    pub subnet: Option<SubResource>,
    /// What it points at.
    #[serde(deserialize_with = "or_default")]
    pub private_link_service_connections: Vec<PrivateLinkServiceConnection>,
    /// What it points at, where the owner has to approve.
    #[serde(deserialize_with = "or_default")]
    pub manual_private_link_service_connections: Vec<PrivateLinkServiceConnection>,
    /// Its interfaces.
    #[serde(deserialize_with = "or_default")]
    pub network_interfaces: Vec<SubResource>,
    /// Names and addresses, often empty once a zone group exists.
    #[serde(deserialize_with = "or_default")]
    pub custom_dns_configs: Vec<CustomDnsConfig>,
    /// Only `Succeeded` carries traffic.
    pub provisioning_state: Option<String>,
}

impl PrivateEndpoint {
    /// What it points at, approved automatically or by hand.
    pub(crate) fn connections(&self) -> impl Iterator<Item = &PrivateLinkServiceConnectionProperties> {
        let connections = self.private_link_service_connections.iter();
        connections.chain(&self.manual_private_link_service_connections).map(|connection| &connection.properties)
    }

    /// The sub-resources it is for: `vault`, `blob`, …
    pub(crate) fn group_ids(&self) -> impl Iterator<Item = &str> {
        self.connections().flat_map(|connection| connection.group_ids.iter().map(String::as_str))
    }
}

/// What a private endpoint points at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PrivateLinkServiceConnection {
    /// The target.
    #[serde(deserialize_with = "or_default")]
    pub properties: PrivateLinkServiceConnectionProperties,
}

/// The target of a private endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct PrivateLinkServiceConnectionProperties {
    /// The resource.
    pub private_link_service_id: Option<ResourceId>,
    /// The sub-resource: `vault`, `blob`, …
    #[serde(deserialize_with = "or_default")]
    pub group_ids: Vec<String>,
    /// Whether the owner let it in, as the endpoint shows it.
    pub private_link_service_connection_state: Option<ConnectionState>,
}

/// A name of a private endpoint and its addresses.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct CustomDnsConfig {
    /// The name.
    pub fqdn: Option<String>,
    /// Its addresses.
    #[serde(deserialize_with = "or_default")]
    pub ip_addresses: Vec<String>,
}

/// `properties` of a network interface.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NetworkInterface {
    /// Its addresses.
    #[serde(deserialize_with = "or_default")]
    pub ip_configurations: Vec<IpConfiguration>,
}

/// One address of an interface.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct IpConfiguration {
    /// The address.
    #[serde(deserialize_with = "or_default")]
    pub properties: IpConfigurationProperties,
}

/// One address of an interface.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IpConfigurationProperties {
    /// The address.
    #[serde(rename = "privateIPAddress")]
    pub private_ip_address: Option<String>,
    /// Application security groups it belongs to.
    #[serde(deserialize_with = "or_default")]
    pub application_security_groups: Vec<SubResource>,
}

/// A network manager: its security admin rules come before every security group, and are not visible on it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NetworkManager {}

/// A virtual network gateway. Only its existence matters: it can announce routes that no table shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct VirtualNetworkGateway {}

/// `GET …/locations/{location}/serviceTags`: the addresses behind each tag.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceTags {
    /// The tags.
    #[serde(deserialize_with = "or_default")]
    pub values: Vec<ServiceTag>,
}

/// One service tag.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceTag {
    /// `AzureKeyVault.WestEurope`, …
    pub name: Option<String>,
    /// Its addresses.
    #[serde(deserialize_with = "or_default")]
    pub properties: ServiceTagProperties,
}

/// The addresses of one service tag.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ServiceTagProperties {
    /// In CIDR form.
    #[serde(deserialize_with = "or_default")]
    pub address_prefixes: Vec<String>,
}

/// `properties` of an application gateway.
///
/// Source: <https://learn.microsoft.com/azure/templates/microsoft.network/applicationgateways> (read 2026-11-29).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ApplicationGateway {
    /// The subnet that its instances are in.
    #[serde(rename = "gatewayIPConfigurations", deserialize_with = "or_default")]
    pub gateway_ip_configurations: Vec<GatewayIpConfiguration>,
    /// Certificates of listeners.
    #[serde(deserialize_with = "or_default")]
    pub ssl_certificates: Vec<GatewayCertificate>,
    /// Roots of the certificates of backends.
    #[serde(deserialize_with = "or_default")]
    pub trusted_root_certificates: Vec<GatewayCertificate>,
}

/// How a gateway is connected to a subnet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayIpConfiguration {
    /// The subnet.
    #[serde(deserialize_with = "or_default")]
    pub properties: GatewaySubnet,
}

/// The subnet of a gateway.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewaySubnet {
    /// Its id.
    #[serde(deserialize_with = "sub_resource")]
    pub subnet: Option<SubResource>,
}

/// A certificate of a gateway.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GatewayCertificate {
    /// Its name.
    pub name: Option<String>,
    /// Where it comes from.
    #[serde(deserialize_with = "or_default")]
    pub properties: GatewayCertificateSource,
}

/// Where a certificate of a gateway comes from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct GatewayCertificateSource {
    /// The identifier of a secret; absent: it was uploaded.
    pub key_vault_secret_id: Option<String>,
}
