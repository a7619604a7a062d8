//! Advice about the target's firewall.

use crate::explain::advice::entry::{ACCOUNT_SETTINGS, AUDIT_LOG, Advice, Confirmation, LOOKUP, VAULT_SETTINGS};
use crate::finding::Code;

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        code: Code::FirewallUserAssignedNotTrusted,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, secret:keyVaultId, \
                          clientId:identityClientId}\"",
                expect: "a `clientId`: a user-assigned identity reads the secret",
            },
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "`public` is `Disabled`, or `defaultAction` in `network` is `Deny`",
            },
        ],
        fix: "read the secret with the system-assigned identity: enable it, give it read access, remove the client id \
              from the reference",
        az: &[
            "# list every identity to keep: az rest --method patch --uri \
             \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE?api-version=2024-05-01\" \
             --body '{\"identity\":{\"type\":\"SystemAssigned, \
             UserAssigned\",\"userAssignedIdentities\":{\"IDENTITY_ID\":{}}}}'",
            "PRINCIPAL_ID=$(az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
             identity.principalId --output tsv)",
            "az role assignment create --assignee-object-id \"$PRINCIPAL_ID\" --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "az keyvault update --name {vault} --bypass AzureServices",
            "# a named value: az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
             api-version=2024-05-01\" --headers \"If-Match=*\" --body \
             '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\"}}}'",
        ],
    },
    Advice {
        code: Code::FirewallConsumerNotOnTrustedList,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: ACCOUNT_SETTINGS,
                expect: "`bypass` contains `AzureServices`, and `defaultAction` is `Deny`",
            },
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "`bypass` is `AzureServices` and `defaultAction` is `Deny`: the exception is on, but does not \
                         cover this caller",
            },
            Confirmation {
                run_from: "your own shell, with an extension (needs: az extension add --name log-analytics); the vault \
                           has to send its AuditEvent logs to the workspace",
                command: AUDIT_LOG,
                expect: "`Forbidden`, and an address that no rule of the vault allows",
            },
        ],
        fix: "give the caller a route that the rules allow: its subnet with a service endpoint, or a private endpoint",
        az: &[
            "az network vnet subnet update --ids SUBNET_ID --add serviceEndpoints service=Microsoft.KeyVault",
            "az keyvault network-rule add --name {vault} --subnet SUBNET_ID",
            "# or: az network private-endpoint create --name pe-{vault} --resource-group RESOURCE_GROUP \
             --subnet SUBNET_ID --private-connection-resource-id VAULT_ID --group-id vault --connection-name \
             pe-{vault}",
        ],
    },
    Advice {
        code: Code::FirewallTrustedServicesOff,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "`bypass` in `network` is `None`",
            },
            Confirmation {
                run_from: "your own shell",
                command: ACCOUNT_SETTINGS,
                expect: "`bypass` in `network` is `None`",
            },
        ],
        fix: "allow trusted Microsoft services",
        az: &[
            "az keyvault update --name {vault} --bypass AzureServices",
            "az storage account update --name {account} --resource-group RESOURCE_GROUP --bypass AzureServices",
        ],
    },
    Advice {
        code: Code::FirewallSourceNotAllowed,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: ACCOUNT_SETTINGS,
                expect: "neither the address in the message nor the caller's subnet is listed in `network`",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az keyvault network-rule list --name {vault}",
                expect: "neither the address in the message nor the caller's subnet is listed",
            },
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "`public` is not `Disabled`, and `defaultAction` in `network` is `Deny`",
            },
        ],
        fix: "allow the address or the subnet, or call from an allowed network",
        az: &[
            "az storage account network-rule add --account-name {account} --resource-group RESOURCE_GROUP --ip-address ADDRESS",
            "az keyvault network-rule add --name {vault} --ip-address ADDRESS",
            "# for a subnet, which needs service endpoint Microsoft.KeyVault: az keyvault network-rule add \
             --name {vault} --subnet SUBNET_ID",
        ],
    },
    Advice {
        code: Code::FirewallPublicAccessDisabled,
        confirm: &[
            Confirmation { run_from: "your own shell", command: ACCOUNT_SETTINGS, expect: "`public` is `Disabled`" },
            Confirmation { run_from: "your own shell", command: VAULT_SETTINGS, expect: "`public` is `Disabled`" },
            Confirmation {
                run_from: "a machine in the caller's network",
                command: LOOKUP,
                expect: "a public address: the call does not go to a private endpoint",
            },
        ],
        fix: "create a private endpoint that the caller can reach, or enable public access only for selected networks",
        az: &[
            "az network private-endpoint create --name pe-{vault} --resource-group RESOURCE_GROUP --subnet \
             SUBNET_ID --private-connection-resource-id VAULT_ID --group-id vault --connection-name \
             pe-{vault}",
            "az network private-endpoint dns-zone-group create --endpoint-name pe-{vault} --resource-group \
             RESOURCE_GROUP --name default --zone-name vault --private-dns-zone ZONE_ID",
            "# or: az keyvault update --name {vault} --default-action Deny --public-network-access Enabled",
        ],
    },
    Advice {
        code: Code::FirewallPerimeterBlocks,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "`public` is `SecuredByPerimeter`",
            },
            Confirmation {
                run_from: "your own shell, with permission to read the perimeter and an extension (needs: az \
                           extension add --name nsp)",
                command: "az network perimeter association list --perimeter-name PERIMETER --resource-group \
                          RESOURCE_GROUP --query \"[].{target:privateLinkResource.id, mode:accessMode}\"",
                expect: "the vault, in mode `Enforced`",
            },
        ],
        fix: "add an inbound access rule for the caller, or give it a private endpoint, to which the \
              perimeter does not apply",
        az: &[
            "# needs: az extension add --name nsp",
            "az network perimeter profile access-rule create --perimeter-name PERIMETER --resource-group \
             RESOURCE_GROUP --profile-name PROFILE --name allow-caller --direction Inbound --subscriptions \
             '[{\"id\":\"/subscriptions/SUBSCRIPTION\"}]'",
        ],
    },
    Advice {
        code: Code::FirewallGatewayTrustRetired,
        confirm: &[
            Confirmation {
                run_from: "your own shell",
                command: VAULT_SETTINGS,
                expect: "`public` is `Disabled`, or `defaultAction` is `Deny`",
            },
            Confirmation {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"{network:virtualNetworkType, \
                          subnet:virtualNetworkConfiguration.subnetResourceId}\"",
                expect: "network `None`, or a subnet that neither a rule nor a private endpoint allows",
            },
        ],
        fix: "allow the gateway's subnet, or read the secret through a named value, whose fetch is still trusted",
        az: &[
            "az network vnet subnet update --ids SUBNET_ID --add serviceEndpoints service=Microsoft.KeyVault",
            "az keyvault network-rule add --name {vault} --subnet SUBNET_ID",
            "# or: az network private-endpoint create --name pe-{vault} --resource-group RESOURCE_GROUP \
             --subnet SUBNET_ID --private-connection-resource-id VAULT_ID --group-id vault --connection-name \
             pe-{vault}",
        ],
    },
];
