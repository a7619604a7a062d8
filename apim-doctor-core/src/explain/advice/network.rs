//! Advice about the way to the target.

use crate::explain::advice::entry::{AUDIT_LOG, Advice, CONNECT, Confirmation, LOOKUP};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::NetworkEgressBlocked,
        confirm: &[
            Confirmation {
                run_from: "a machine in the caller's subnet",
                command: CONNECT,
                expect: "a timeout; any HTTP status means that the traffic gets through",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network nsg rule list --nsg-name NSG --resource-group RESOURCE_GROUP \
                          --include-default --query \"[?direction=='Outbound'].{priority:priority, \
                          access:access, to:destinationAddressPrefix, ports:destinationPortRange}\"",
                expect: "a `Deny` before any rule that allows `AzureKeyVault` (or `Storage`) on 443",
            },
        ],
        fix: "allow the service tag on port 443, in the network security group and in the firewall that a route leads \
              to",
        az: &[
            "az network nsg rule create --nsg-name NSG --resource-group RESOURCE_GROUP --name \
             Allow-{tag}-Outbound --priority PRIORITY --direction Outbound --access Allow --protocol \
             Tcp --source-address-prefixes VirtualNetwork --destination-address-prefixes {tag} \
             --destination-port-ranges 443",
            "# to bypass a firewall: az network route-table route create --route-table-name ROUTE_TABLE \
             --resource-group RESOURCE_GROUP --name {tag}-direct --address-prefix {tag} --next-hop-type Internet",
        ],
    },
    Advice {
        code: Code::NetworkTokenEndpointUnreachable,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/networkstatus?\
                          api-version=2024-05-01\" --query \
                          \"[].networkStatus.connectivityStatus[].{name:name, type:resourceType, \
                          status:status}\"",
                expect: "`failure` for an entry of type `AzureActiveDirectory`",
            },
            Confirmation {
                run_from: "a machine in the caller's subnet",
                command: "curl --silent --show-error --max-time 10 --head https://login.microsoftonline.com",
                expect: "a timeout; any HTTP status means that the traffic gets through",
            },
        ],
        fix: "allow service tag `AzureActiveDirectory` on port 443",
        az: &["az network nsg rule create --nsg-name NSG --resource-group RESOURCE_GROUP --name \
               Allow-AzureActiveDirectory-Outbound --priority PRIORITY --direction Outbound --access Allow \
               --protocol Tcp --source-address-prefixes VirtualNetwork --destination-address-prefixes \
               AzureActiveDirectory --destination-port-ranges 443"],
    },
    Advice {
        code: Code::NetworkServiceEndpointMissing,
        confirm: &[Confirmation {
            run_from: "your own shell",
            command: "az network vnet subnet show --ids SUBNET_ID --query \"serviceEndpoints[].service\"",
            expect: "no `Microsoft.KeyVault` (for storage `Microsoft.Storage`)",
        }],
        fix: "enable the service endpoint on the subnet",
        az: &["az network vnet subnet update --ids SUBNET_ID --add serviceEndpoints service=Microsoft.KeyVault"],
    },
    Advice {
        code: Code::NetworkNotRoutedThroughVnet,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az resource show --resource-type Microsoft.Web/sites --name APP --resource-group \
                          RESOURCE_GROUP --query \"properties.{subnet:virtualNetworkSubnetId, \
                          routing:outboundVnetRouting, routeAll:vnetRouteAllEnabled}\"",
                expect: "no subnet, or neither `routeAll` nor application traffic or all traffic in `routing`",
            },
            Confirmation {
                run_from: "your own shell, with an extension (needs: az extension add --name log-analytics); the vault \
                           has to send its AuditEvent logs to the workspace",
                command: AUDIT_LOG,
                expect: "a public `CallerIp`, never followed by a private one",
            },
        ],
        fix: "integrate the app with a subnet (the plan has to support it), and route all its traffic into the network",
        az: &[
            "az webapp vnet-integration add --name APP --resource-group RESOURCE_GROUP --vnet VNET --subnet SUBNET",
            "az webapp config set --name APP --resource-group RESOURCE_GROUP --vnet-route-all-enabled true \
             --output none",
        ],
    },
    Advice {
        code: Code::NetworkMissingSubresourceEndpoint,
        confirm: &[
            Confirmation {
                run_from: "a machine in the caller's network",
                command: LOOKUP,
                expect: "a public address, while the blob name resolves to a private one",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network private-endpoint list --query \
                          \"[].privateLinkServiceConnections[].{target:privateLinkServiceId, \
                          service:groupIds[0]}\" --output table",
                expect: "no line with the account and the service (`blob`, `file`, `queue`, `table`) that failed",
            },
        ],
        fix: "create a private endpoint with its own DNS zone for each storage service in use",
        az: &[
            "az network private-endpoint create --name ENDPOINT --resource-group RESOURCE_GROUP --subnet \
             SUBNET_ID --private-connection-resource-id STORAGE_ID --group-id SERVICE --connection-name \
             ENDPOINT",
            "az network private-endpoint dns-zone-group create --endpoint-name ENDPOINT --resource-group \
             RESOURCE_GROUP --name default --zone-name SERVICE --private-dns-zone ZONE_ID",
        ],
    },
    Advice {
        code: Code::NetworkPrivateEndpointNotApproved,
        confirm: &[Confirmation {
            run_from: "your own shell, with permission to read the vault",
            command: "az network private-endpoint-connection list --id VAULT_ID --query \
                      \"[].{name:name, state:properties.privateLinkServiceConnectionState.status}\"",
            expect: "`Pending`, `Rejected` or `Disconnected`",
        }],
        fix: "approve the connection; delete and recreate a rejected or disconnected one",
        az: &["az network private-endpoint-connection approve --id CONNECTION_ID --description approved"],
    },
    Advice {
        code: Code::NetworkEndpointUnreachable,
        confirm: &[
            Confirmation {
                run_from: "a machine in the caller's network",
                command: CONNECT,
                expect: "a timeout, while `nslookup {host}` returns a private address",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network vnet peering list --vnet-name VNET --resource-group RESOURCE_GROUP \
                          --query \"[].{network:remoteVirtualNetwork.id, state:peeringState}\"",
                expect: "the network of the endpoint is missing or not `Connected`",
            },
        ],
        fix: "peer the two networks from both sides, or create a private endpoint in the caller's network",
        az: &[
            "az network vnet peering create --name PEERING --vnet-name VNET --resource-group RESOURCE_GROUP \
             --remote-vnet REMOTE_VNET_ID --allow-vnet-access true",
            "az network vnet peering create --name PEERING --vnet-name REMOTE_VNET --resource-group \
             REMOTE_RESOURCE_GROUP --remote-vnet VNET_ID --allow-vnet-access true",
        ],
    },
];
