//! Advice about names and their records.

use crate::explain::advice::entry::{Advice, CONNECT, Confirmation, LOOKUP};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::DnsZoneNotLinked,
        confirm: &[
            Confirmation {
                run_from: "a machine in the network of the caller",
                command: LOOKUP,
                expect: "a public address, although there is a private endpoint",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network private-dns link vnet list --zone-name privatelink.vaultcore.azure.net \
                          --resource-group ZONE_RESOURCE_GROUP --query \"[].{network:virtualNetwork.id, \
                          state:virtualNetworkLinkState}\"",
                expect: "no link to the network that the caller resolves from (or to the one that its DNS \
                         server is in)",
            },
        ],
        fix: "link the zone to the network whose DNS is asked",
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
                expect: "`privatelink.vault.azure.net` or `vaultcore.azure.net`, and no \
                         `privatelink.vaultcore.azure.net`",
            },
            Confirmation {
                run_from: "a machine in the network of the caller",
                command: LOOKUP,
                expect: "a public address; the alias in the answer shows the zone name that is really asked for",
            },
        ],
        fix: "use zone `privatelink.vaultcore.azure.net`, link it and let the endpoint write its record; \
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
            expect: "an error that the server's certificate does not match the name",
        }],
        fix: "use the public name (`{vault}.vault.azure.net`); inside the network it resolves to the private \
              address automatically",
        az: &[],
    },
    Advice {
        code: Code::DnsNameUnresolved,
        confirm: &[
            Confirmation {
                run_from: "a machine in the network of the caller",
                command: LOOKUP,
                expect: "no such name (NXDOMAIN), a refusal or a timeout",
            },
            Confirmation {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host} 168.63.129.16",
                expect: "an address: Azure DNS knows the name, the network's own server does not",
            },
        ],
        fix: "let the network's DNS servers forward to Azure DNS; after a change of servers tell the \
              instance; wait if the vault is new",
        az: &[
            "az network vnet show --ids VNET_ID --query dhcpOptions.dnsServers",
            "# once the servers are right: az apim apply-network-updates --name INSTANCE --resource-group \
             RESOURCE_GROUP",
        ],
    },
    Advice {
        code: Code::DnsRecordMissing,
        confirm: &[
            Confirmation {
                run_from: "a machine in the network of the caller",
                command: LOOKUP,
                expect: "no such name (NXDOMAIN); elsewhere the same question gets an address",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network private-dns record-set a list --zone-name \
                          privatelink.vaultcore.azure.net --resource-group ZONE_RESOURCE_GROUP --query \
                          \"[].{name:name, addresses:aRecords[].ipv4Address}\"",
                expect: "no record `{vault}`",
            },
        ],
        fix: "give the private endpoint a zone group, which writes the record; or add the record",
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
                expect: "for `{vault}` another address than the endpoint has",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az network nic list --resource-group RESOURCE_GROUP --query \
                          \"[?privateEndpoint].{endpoint:privateEndpoint.id, \
                          addresses:ipConfigurations[].privateIPAddress}\"",
                expect: "the address that the endpoint really has",
            },
        ],
        fix: "correct the record, and let the endpoint's zone group own it",
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
                run_from: "a machine in the network of the caller",
                command: "nslookup {host} DNS_SERVER",
                expect: "a public address, or no such name",
            },
            Confirmation {
                run_from: "a machine in a network that the private zone is linked to",
                command: "nslookup {host} 168.63.129.16",
                expect: "the private address",
            },
        ],
        fix: "on the DNS server forward `vault.azure.net` to 168.63.129.16, or from outside Azure to a \
              resolver in a linked network",
        az: &[
            "az network vnet show --ids VNET_ID --query dhcpOptions.dnsServers",
            "# after other servers were set: az apim apply-network-updates --name INSTANCE --resource-group \
             RESOURCE_GROUP",
        ],
    },
];
