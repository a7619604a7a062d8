//! Advice about the way to the target.

use crate::explain::advice::command::{
    Subject, app, connect_sign_in, container_app, endpoint, endpoint_connection, gateway, instance, instance_get,
    network, route_table, security_group, site,
};
use crate::explain::advice::entry::{
    ADD_SERVICE_ENDPOINT, Advice, CONNECT, CREATE_ENDPOINT, CREATE_ZONE_GROUP, Fix, LOOKUP, inside, logged, own, run,
    when,
};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::NetworkEgressBlocked,
        title: "allow the target's service tag on port 443, in the network security group and in the firewall that a route \
                leads to",
        confirm: &[
            own(
                instance_get(
                    "/networkstatus?api-version=2024-05-01\" --query \
                     \"[].networkStatus.connectivityStatus[].{name:name, type:resourceType, status:status}\"",
                ),
                "`failure` for an endpoint that the instance needs",
            ),
            inside(CONNECT, "a timeout; any HTTP status means that the traffic gets through")
                .from("a machine in the caller's subnet"),
            own(
                security_group(
                    "rule list --nsg-name NSG --resource-group RESOURCE_GROUP --include-default --query \
                     \"[?direction=='Outbound'].{priority:priority, access:access, to:destinationAddressPrefix, \
                     ports:destinationPortRange}\"",
                ),
                "a `Deny` before any rule that allows the target on 443",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Data,
                "allow service tag `{tag}` on port 443, in the network security group and in the firewall that a route \
                 leads to",
                &[
                    run(security_group(
                        "rule create --nsg-name NSG --resource-group RESOURCE_GROUP --name Allow-{tag}-Outbound --priority \
                         PRIORITY --direction Outbound --access Allow --protocol Tcp --source-address-prefixes \
                         VirtualNetwork --destination-address-prefixes {tag} --destination-port-ranges 443",
                    )),
                    when(
                        "to bypass a firewall",
                        route_table(
                            "route create --route-table-name ROUTE_TABLE --resource-group RESOURCE_GROUP --name \
                             {tag}-direct --address-prefix {tag} --next-hop-type Internet",
                        ),
                    ),
                ],
            ),
            Fix::of(
                Subject::Instance,
                "allow what an instance in a network needs: inbound from service tag `ApiManagement` on port 3443, and the \
                 outbound tags that its documentation lists",
                &[run(security_group(
                    "rule create --nsg-name NSG --resource-group RESOURCE_GROUP --name Allow-ApiManagement-Inbound \
                     --priority PRIORITY --direction Inbound --access Allow --protocol Tcp --source-address-prefixes \
                     ApiManagement --destination-address-prefixes VirtualNetwork --destination-port-ranges 3443",
                ))],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::NetworkTokenEndpointUnreachable,
        title: "allow service tag `AzureActiveDirectory` on port 443; a managed identity also needs 169.254.169.254, which no \
                proxy may catch",
        confirm: &[
            own(
                instance_get(
                    "/networkstatus?api-version=2024-05-01\" --query \
                     \"[].networkStatus.connectivityStatus[].{name:name, type:resourceType, status:status}\"",
                ),
                "`failure` for an entry of type `AzureActiveDirectory`",
            ),
            inside(connect_sign_in(""), "a timeout; any HTTP status means that the traffic gets through")
                .from("a machine in the caller's subnet"),
        ],
        fixes: &[Fix::any(&[run(security_group(
            "rule create --nsg-name NSG --resource-group RESOURCE_GROUP --name Allow-AzureActiveDirectory-Outbound \
             --priority PRIORITY --direction Outbound --access Allow --protocol Tcp --source-address-prefixes \
             VirtualNetwork --destination-address-prefixes AzureActiveDirectory --destination-port-ranges 443",
        ))])],
    },
    Advice {
        code: Code::NetworkServiceEndpointMissing,
        title: "enable the target's service endpoint on the subnet",
        confirm: &[own(
            network("subnet show --ids SUBNET_ID --query \"serviceEndpoints[].service\""),
            "no `{endpoint}`",
        )],
        fixes: &[Fix::any(&[run(ADD_SERVICE_ENDPOINT)])],
    },
    Advice {
        code: Code::NetworkNotRoutedThroughVnet,
        title: "route the caller's traffic through the network that the target allows",
        confirm: &[
            own(
                site(
                    "--query \"properties.{subnet:virtualNetworkSubnetId, routing:outboundVnetRouting, \
                     routeAll:vnetRouteAllEnabled}\"",
                ),
                "no subnet, or neither `routeAll` nor application traffic or all traffic in `routing`",
            ),
            own(
                instance(
                    "show --name INSTANCE --resource-group RESOURCE_GROUP --query \"{network:virtualNetworkType, \
                     subnet:virtualNetworkConfiguration.subnetResourceId}\"",
                ),
                "network `None`, or a subnet that the target does not allow",
            ),
            own(
                container_app("--query properties.environmentId"),
                "the environment; it has no subnet, or one that the target does not allow",
            ),
            own(
                gateway("--query \"properties.gatewayIPConfigurations[].properties.subnet.id\""),
                "a subnet that the target does not allow",
            ),
            logged("a public `CallerIp`, never followed by a private one"),
        ],
        fixes: &[
            Fix::of(
                Subject::App,
                "integrate the app with a subnet (the plan has to support it), and route all its traffic into the network",
                &[
                    run(app(
                        "vnet-integration add --name APP --resource-group RESOURCE_GROUP --vnet VNET --subnet SUBNET",
                    )),
                    run(app(
                        "config set --name APP --resource-group RESOURCE_GROUP --vnet-route-all-enabled true --output none",
                    )),
                ],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::NetworkMissingSubresourceEndpoint,
        title: "create a private endpoint with its own DNS zone for each storage service in use",
        confirm: &[
            inside(
                LOOKUP,
                "a public address, while the name of another service of the account resolves to a private one",
            ),
            own(
                endpoint(
                    "list --query \"[].privateLinkServiceConnections[].{target:privateLinkServiceId, service:groupIds[0]}\" \
                     --output table",
                ),
                "no line with the account and the service that failed (`blob`, `file`, `queue` or `table`)",
            ),
        ],
        fixes: &[Fix::any(&[run(CREATE_ENDPOINT), run(CREATE_ZONE_GROUP)])],
    },
    Advice {
        code: Code::NetworkPrivateEndpointNotApproved,
        title: "approve the connection; delete and recreate a rejected or disconnected one",
        confirm: &[own(
            endpoint_connection(
                "list --id {id} --query \"[].{name:name, state:properties.privateLinkServiceConnectionState.status}\"",
            ),
            "`Pending`, `Rejected` or `Disconnected`",
        )
        .from("your own shell, with permission to read the {target}")],
        fixes: &[Fix::any(&[run(endpoint_connection("approve --id CONNECTION_ID --description approved"))])],
    },
    Advice {
        code: Code::NetworkEndpointUnreachable,
        title: "peer the two networks from both sides, or create a private endpoint in the caller's network",
        confirm: &[
            inside(CONNECT, "a timeout, while the name resolves to a private address"),
            own(
                network(
                    "peering list --vnet-name VNET --resource-group RESOURCE_GROUP --query \
                     \"[].{network:remoteVirtualNetwork.id, state:peeringState}\"",
                ),
                "the network of the endpoint is missing or not `Connected`",
            ),
        ],
        fixes: &[Fix::any(&[
            run(network(
                "peering create --name PEERING --vnet-name VNET --resource-group RESOURCE_GROUP --remote-vnet \
                 REMOTE_VNET_ID --allow-vnet-access true",
            )),
            run(network(
                "peering create --name PEERING --vnet-name REMOTE_VNET --resource-group REMOTE_RESOURCE_GROUP \
                 --remote-vnet VNET_ID --allow-vnet-access true",
            )),
        ])],
    },
];
