//! Advice about names and their records.

use crate::explain::advice::entry::{Advice, CONNECT, Confirmation, LOOKUP};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::DnsZoneNotLinked,
        confirm: &[
            Confirmation {
                run_from: "a machine in the caller's network",
                command: LOOKUP,
                expect: "a public address, although there is a private endpoint",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network private-dns link vnet list --zone-name privatelink.vaultcore.azure.net \
                          --resource-group ZONE_RESOURCE_GROUP --query \"[].{network:virtualNetwork.id, \
                          state:virtualNetworkLinkState}\"",
                expect: "no link to the caller's network, or to the network of its DNS server",
            },
        ],
        fix: "link the zone to the network whose DNS is used",
        az: &["az network private-dns link vnet create --name LINK --zone-name \
               privatelink.vaultcore.azure.net --resource-group ZONE_RESOURCE_GROUP --virtual-network VNET_ID \
               --registration-enabled false"],
    },
    Advice {
        code: Code::DnsWrongZone,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az network private-dns zone list --query \"[].{name:name, group:resourceGroup}\" \
                          --output table",
                expect: "`privatelink.vault.azure.net` or `vaultcore.azure.net`, but not \
                         `privatelink.vaultcore.azure.net`",
            },
            Confirmation {
                run_from: "a machine in the caller's network",
                command: LOOKUP,
                expect: "a public address; the alias in the answer shows the zone name that is actually queried",
            },
        ],
        fix: "use zone `privatelink.vaultcore.azure.net`, link it, and add a DNS zone group to the private endpoint; \
              forward `vault.azure.net`",
        az: &[
            "az network private-dns zone create --name privatelink.vaultcore.azure.net --resource-group \
             ZONE_RESOURCE_GROUP",
            "az network private-dns link vnet create --name LINK --zone-name \
             privatelink.vaultcore.azure.net --resource-group ZONE_RESOURCE_GROUP --virtual-network VNET_ID \
             --registration-enabled false",
            "az network private-endpoint dns-zone-group create --endpoint-name ENDPOINT --resource-group \
             RESOURCE_GROUP --name default --zone-name vault --private-dns-zone ZONE_ID",
        ],
    },
    Advice {
        code: Code::DnsPrivatelinkNameUsed,
        confirm: &[Confirmation {
            run_from: "a machine that reaches the vault",
            command: CONNECT,
            expect: "a TLS error: the server's certificate does not match the name",
        }],
        fix: "use the public name (`{vault}.vault.azure.net`); inside the network it resolves to the private \
              address automatically",
        az: &[],
    },
    Advice {
        code: Code::DnsNameUnresolved,
        confirm: &[
            Confirmation {
                run_from: "a machine in the caller's network",
                command: LOOKUP,
                expect: "NXDOMAIN, a refusal or a timeout",
            },
            Confirmation {
                run_from: "a machine in the caller's network",
                command: "nslookup {host} 168.63.129.16",
                expect: "an address: Azure DNS knows the name, but the network's own server does not",
            },
        ],
        fix: "make the network's DNS servers forward to Azure DNS; after a change of servers, apply it to the \
              instance; wait if the vault is new",
        az: &[
            "az network vnet show --ids VNET_ID --query dhcpOptions.dnsServers",
            "# after the servers are correct: az apim apply-network-updates --name INSTANCE --resource-group \
             RESOURCE_GROUP",
        ],
    },
    Advice {
        code: Code::DnsRecordMissing,
        confirm: &[
            Confirmation {
                run_from: "a machine in the caller's network",
                command: LOOKUP,
                expect: "NXDOMAIN; elsewhere the same query returns an address",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network private-dns record-set a list --zone-name \
                          privatelink.vaultcore.azure.net --resource-group ZONE_RESOURCE_GROUP --query \
                          \"[].{name:name, addresses:aRecords[].ipv4Address}\"",
                expect: "no record `{vault}`",
            },
        ],
        fix: "add a DNS zone group to the private endpoint, which writes the record; or add the record",
        az: &[
            "az network private-endpoint dns-zone-group create --endpoint-name ENDPOINT --resource-group \
             RESOURCE_GROUP --name default --zone-name vault --private-dns-zone ZONE_ID",
            "# or: az network private-dns record-set a add-record --zone-name \
             privatelink.vaultcore.azure.net --resource-group ZONE_RESOURCE_GROUP --record-set-name {vault} \
             --ipv4-address ADDRESS",
        ],
    },
    Advice {
        code: Code::DnsRecordStale,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az network private-dns record-set a list --zone-name \
                          privatelink.vaultcore.azure.net --resource-group ZONE_RESOURCE_GROUP --query \
                          \"[].{name:name, addresses:aRecords[].ipv4Address}\"",
                expect: "for `{vault}`, an address other than the endpoint's",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network nic list --resource-group RESOURCE_GROUP --query \
                          \"[?privateEndpoint].{endpoint:privateEndpoint.id, \
                          addresses:ipConfigurations[].privateIPAddress}\"",
                expect: "the endpoint's actual address",
            },
        ],
        fix: "correct the record, and let the private endpoint's DNS zone group manage it",
        az: &[
            "az network private-dns record-set a add-record --zone-name privatelink.vaultcore.azure.net \
             --resource-group ZONE_RESOURCE_GROUP --record-set-name {vault} --ipv4-address ADDRESS",
            "az network private-dns record-set a remove-record --zone-name privatelink.vaultcore.azure.net \
             --resource-group ZONE_RESOURCE_GROUP --record-set-name {vault} --ipv4-address OLD_ADDRESS",
        ],
    },
    Advice {
        code: Code::DnsNotForwarded,
        confirm: &[
            Confirmation {
                run_from: "a machine in the caller's network",
                command: "nslookup {host} DNS_SERVER",
                expect: "a public address, or NXDOMAIN",
            },
            Confirmation {
                run_from: "a machine in a network that the private zone is linked to",
                command: "nslookup {host} 168.63.129.16",
                expect: "the private address",
            },
        ],
        fix: "make the DNS server forward `vault.azure.net` to 168.63.129.16, or from outside Azure to a resolver in \
              a linked network",
        az: &[
            "az network vnet show --ids VNET_ID --query dhcpOptions.dnsServers",
            "# after setting different servers: az apim apply-network-updates --name INSTANCE --resource-group \
             RESOURCE_GROUP",
        ],
    },
];
