//! Advice about names and their records.

use crate::explain::advice::command::Command;
use crate::explain::advice::command::{Subject, instance, interface, lookup, network, zone};
use crate::explain::advice::entry::{Advice, CONNECT, CREATE_ZONE_GROUP, Confirm, Fix, LOOKUP, inside, own, run, when};
use crate::finding::Code;

const LINKS: Command = zone(
    "link vnet list --zone-name {zone} --resource-group ZONE_RESOURCE_GROUP --query \"[].{network:virtualNetwork.id, \
     state:virtualNetworkLinkState}\"",
);

const LINK: Command = zone(
    "link vnet create --name LINK --zone-name {zone} --resource-group ZONE_RESOURCE_GROUP --virtual-network VNET_ID \
     --registration-enabled false",
);

const RECORDS: Command = zone(
    "record-set a list --zone-name {zone} --resource-group ZONE_RESOURCE_GROUP --query \"[].{name:name, \
     addresses:aRecords[].ipv4Address}\"",
);

const FORWARD: &[Fix] = &[
    Fix::of(
        Subject::Instance,
        "make the network's DNS servers forward to Azure DNS (168.63.129.16); after a change of servers, apply it to the \
         instance",
        &[
            run(SERVERS),
            when(
                "after the servers are correct",
                instance("apply-network-updates --name INSTANCE --resource-group RESOURCE_GROUP"),
            ),
        ],
    ),
    Fix::any(&[run(SERVERS)]),
];

const SERVERS: Command = network("show --ids VNET_ID --query dhcpOptions.dnsServers");

const BY_AZURE: Confirm = inside(
    lookup("{host} 168.63.129.16"),
    "an address: Azure DNS knows the name, but the network's own server does not",
);

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::DnsZoneNotLinked,
        title: "link the private zone to the network whose DNS is used",
        confirm: &[
            inside(LOOKUP, "a public address, although there is a private endpoint"),
            own(LINKS, "no link to the caller's network, or to the network of its DNS server"),
        ],
        fixes: &[Fix::any(&[run(LINK)])],
    },
    Advice {
        code: Code::DnsWrongZone,
        title: "use the zone name that the documentation lists for the service, link it, and add a DNS zone group to the \
                private endpoint",
        confirm: &[
            inside(LOOKUP, "a public address; the alias in the answer shows the zone name that is actually queried"),
            own(
                zone("zone list --query \"[].{name:name, group:resourceGroup}\" --output table"),
                "no zone with the alias's name, but one with a similar name",
            ),
        ],
        fixes: &[
            Fix::of(
                Subject::Data,
                "use zone `{zone}`, link it, and add a DNS zone group to the private endpoint; forward `{suffix}`",
                &[
                    run(zone("zone create --name {zone} --resource-group ZONE_RESOURCE_GROUP")),
                    run(LINK),
                    run(CREATE_ZONE_GROUP),
                ],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::DnsPrivatelinkNameUsed,
        title: "use the public name, without `privatelink`: inside the network it resolves to the private address \
                automatically",
        confirm: &[inside(CONNECT, "a response: the public name works, and only the name with `privatelink` fails")],
        fixes: &[
            Fix::of(
                Subject::Data,
                "use the public name (`{host}`); inside the network it resolves to the private address automatically",
                &[],
            ),
            Fix::any(&[]),
        ],
    },
    Advice {
        code: Code::DnsNameUnresolved,
        title: "make the network's DNS servers forward to Azure DNS (168.63.129.16); wait if the target is new",
        confirm: &[inside(LOOKUP, "NXDOMAIN, a refusal or a timeout"), BY_AZURE],
        fixes: FORWARD,
    },
    Advice {
        code: Code::DnsRecordMissing,
        title: "add a DNS zone group to the private endpoint, which writes the record; or add the record",
        confirm: &[
            inside(LOOKUP, "NXDOMAIN; elsewhere the same query returns an address"),
            own(RECORDS, "no record with the first part of the name"),
        ],
        fixes: &[Fix::any(&[
            run(CREATE_ZONE_GROUP),
            when(
                "or",
                zone(
                    "record-set a add-record --zone-name {zone} --resource-group ZONE_RESOURCE_GROUP --record-set-name NAME \
                     --ipv4-address ADDRESS",
                ),
            ),
        ])],
    },
    Advice {
        code: Code::DnsRecordStale,
        title: "correct the record, and let the private endpoint's DNS zone group manage it",
        confirm: &[
            own(RECORDS, "an address other than the endpoint's"),
            own(
                interface(
                    "list --resource-group RESOURCE_GROUP --query \"[?privateEndpoint].{endpoint:privateEndpoint.id, \
                     addresses:ipConfigurations[].privateIPAddress}\"",
                ),
                "the endpoint's actual address",
            ),
        ],
        fixes: &[Fix::any(&[
            run(zone(
                "record-set a add-record --zone-name {zone} --resource-group ZONE_RESOURCE_GROUP --record-set-name NAME \
                 --ipv4-address ADDRESS",
            )),
            run(zone(
                "record-set a remove-record --zone-name {zone} --resource-group ZONE_RESOURCE_GROUP --record-set-name NAME \
                 --ipv4-address OLD_ADDRESS",
            )),
        ])],
    },
    Advice {
        code: Code::DnsNotForwarded,
        title: "make the DNS server forward the service's public zone to 168.63.129.16, or from outside Azure to a resolver \
                in a linked network",
        confirm: &[inside(lookup("{host} DNS_SERVER"), "a public address, or NXDOMAIN"), BY_AZURE],
        fixes: FORWARD,
    },
];
