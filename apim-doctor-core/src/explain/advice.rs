//! How to confirm each cause, and what to do about it.
//!
//! Commands are read-only. `{vault}`, `{account}`, `{host}`, `{tag}`, `{role}`, `{object}`, `{objectId}`, `{clientId}`, `{scope}` and `{action}` stand
//! for what the text names; where it does not, a word in capitals takes their place.

/// What to do about a cause.
#[derive(Debug)]
pub struct Advice {
    /// The code.
    pub code: &'static str,
    /// The bad state in one line.
    pub title: &'static str,
    /// Ways to find out, the quickest first.
    pub confirm: &'static [Probe],
    /// What repairs it, in one line.
    pub fix: &'static str,
    /// Azure CLI, where commands do it.
    pub az: &'static [&'static str],
}

/// One command that tells.
#[derive(Debug)]
pub struct Probe {
    /// Where to run it.
    pub run_from: &'static str,
    /// The command.
    pub command: &'static str,
    /// What it shows where the cause is right.
    pub expect: &'static str,
}

/// What to do about a cause.
pub fn advice(code: &str) -> Option<&'static Advice> {
    ADVICE.iter().find(|advice| advice.code == code)
}

/// All advice, in the order of the gates.
pub fn all() -> impl Iterator<Item = &'static Advice> {
    ADVICE.iter()
}

/// The vault's log, in both tables that a diagnostic setting can write to.
/// Source: <https://learn.microsoft.com/azure/key-vault/general/monitor-key-vault-reference> (read 2026-11-29).
const AUDIT_LOG: &str = "az monitor log-analytics query --workspace WORKSPACE_ID --analytics-query \"union isfuzzy=true \
                         (AzureDiagnostics | where ResourceProvider == 'MICROSOFT.KEYVAULT' and Resource =~ '{vault}' | \
                         project TimeGenerated, OperationName, CallerIp = CallerIPAddress, Result = ResultSignature), \
                         (AZKVAuditLogs | where _ResourceId endswith '/vaults/{vault}' | project TimeGenerated, \
                         OperationName, CallerIp = CallerIpAddress, Result = ResultSignature) | where OperationName == \
                         'SecretGet'\"";

const ADVICE: &[Advice] = &[
    Advice {
        code: "reference.wrong-identifier-type",
        title: "the reference names a certificate, a key or a thumbprint where a secret identifier is wanted",
        confirm: &[Probe {
            run_from: "your own shell, with the right to list certificates and a way through the firewall",
            command: "az keyvault certificate show --vault-name {vault} --name {object} --query sid --output tsv",
            expect: "the identifier of the certificate's secret, with `/secrets/` in it; the reference \
                     has something else",
        }],
        fix: "refer to `https://{host}/secrets/{object}`: the secret behind the certificate has the same name",
        az: &["# a named value: az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
               RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
               api-version=2024-05-01\" --headers \"If-Match=*\" --body \
               '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\"}}}'"],
    },
    Advice {
        code: "reference.syntax",
        title: "the text of the reference is not one that the service can read",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/\
                          appsettings?api-version=2022-03-01\" --query \"value[].{name:name, \
                          status:properties.status, details:properties.details}\"",
                expect: "`InvalidSyntax` for the setting of an app",
            },
            Probe {
                run_from: "your own shell, with the right to list secrets and a way through the firewall",
                command: "az keyvault secret list --vault-name {vault} --query \"[].id\"",
                expect: "how the vault writes its identifiers; the one that is meant is among them, the \
                         reference differs",
            },
        ],
        fix: "write the identifier as the vault does; in an app setting `@Microsoft.KeyVault(SecretUri=…)` \
              without blanks or quotes",
        az: &["az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
               \"SETTING=@Microsoft.KeyVault(SecretUri=https://{host}/secrets/{object})\" --output none"],
    },
    Advice {
        code: "identity.not-enabled",
        title: "the resource, or this slot of it, has no managed identity",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query identity",
                expect: "nothing, `None`, or only `UserAssigned` where the system-assigned identity is meant",
            },
            Probe {
                run_from: "your own shell",
                command: "az webapp identity show --name APP --resource-group RESOURCE_GROUP",
                expect: "nothing; a slot has an identity of its own (`--slot SLOT`)",
            },
        ],
        fix: "enable the identity, then let it read the secret",
        az: &[
            "# API Management without any identity: az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/\
             resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE?\
             api-version=2024-05-01\" --body '{\"identity\":{\"type\":\"SystemAssigned\"}}'",
            "# an app: az webapp identity assign --name APP --resource-group RESOURCE_GROUP",
            "az role assignment create --assignee-object-id PRINCIPAL_ID --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
        ],
    },
    Advice {
        code: "identity.reference-identity-not-selected",
        title: "the app has a user-assigned identity, but its references still ask for the system-assigned one",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az resource show --resource-type Microsoft.Web/sites --name APP --resource-group \
                          RESOURCE_GROUP --query \"{type:identity.type, \
                          attached:identity.userAssignedIdentities, \
                          references:properties.keyVaultReferenceIdentity}\"",
                expect: "type `UserAssigned`, and `references` empty or `SystemAssigned`",
            },
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/\
                          appsettings?api-version=2022-03-01\" --query \"value[].{name:name, \
                          status:properties.status, details:properties.details}\"",
                expect: "`MSINotEnabled`",
            },
        ],
        fix: "set `keyVaultReferenceIdentity` of the site (not an app setting), and of each slot, to the \
              resource id of the identity",
        az: &[
            "az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.Web/sites/APP?api-version=2024-11-01\" --body \
             '{\"properties\":{\"keyVaultReferenceIdentity\":\"IDENTITY_ID\"}}'",
            "az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
        ],
    },
    Advice {
        code: "identity.client-id-not-specified",
        title: "nothing says which user-assigned identity the token is for",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az resource show --resource-type Microsoft.Web/sites --name APP --resource-group \
                          RESOURCE_GROUP --query \"{type:identity.type, \
                          attached:identity.userAssignedIdentities, \
                          references:properties.keyVaultReferenceIdentity}\"",
                expect: "one or more entries in `attached`, and no system-assigned identity that could be \
                         taken instead",
            },
            Probe {
                run_from: "your own shell",
                command: "az vm identity show --name VM --resource-group RESOURCE_GROUP",
                expect: "the same for a machine; `az vmss identity show` for a scale set",
            },
        ],
        fix: "name the identity by its client id: `AZURE_CLIENT_ID`, or the client id option of the library \
              or driver",
        az: &["az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
               AZURE_CLIENT_ID={clientId} --output none"],
    },
    Advice {
        code: "identity.id-kind-mismatch",
        title: "an object id stands where a client id is wanted, or the other way round",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az identity list --query \"[?clientId=='{clientId}' || \
                          principalId=='{clientId}'].{name:name, clientId:clientId, \
                          principalId:principalId}\"",
                expect: "an entry with the given id as `principalId`, not as `clientId`",
            },
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          identity.principalId --output tsv",
                expect: "the given id: it is the object id of the system-assigned identity",
            },
        ],
        fix: "give the client id of the user-assigned identity; leave the property out for the system-assigned one",
        az: &[
            "az identity show --ids IDENTITY_ID --query clientId --output tsv",
            "# a named value, with that client id: az rest --method patch --uri \"/subscriptions/\
             SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/\
             namedValues/NAME?api-version=2024-05-01\" --headers \"If-Match=*\" --body \
             '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\",\
             \"identityClientId\":\"CLIENT_ID\"}}}'",
        ],
    },
    Advice {
        code: "identity.not-assigned-to-host",
        title: "the identity that is asked for is not attached to the resource",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          identity.userAssignedIdentities",
                expect: "no entry with `clientId` `{clientId}`",
            },
            Probe {
                run_from: "your own shell",
                command: "az resource show --resource-type Microsoft.Web/sites --name APP --resource-group \
                          RESOURCE_GROUP --query \"{type:identity.type, \
                          attached:identity.userAssignedIdentities, \
                          references:properties.keyVaultReferenceIdentity}\"",
                expect: "the same for an app: not among `attached`",
            },
        ],
        fix: "attach the identity, or correct the client id",
        az: &[
            "az identity list --query \"[?clientId=='{clientId}'].id\" --output tsv",
            "# an app: az webapp identity assign --name APP --resource-group RESOURCE_GROUP --identities IDENTITY_ID",
            "# API Management; name every identity that is to stay, and the type without `SystemAssigned` \
             where it has none: az rest --method patch --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE?api-version=2024-05-01\" \
             --body '{\"identity\":{\"type\":\"SystemAssigned, UserAssigned\",\
             \"userAssignedIdentities\":{\"IDENTITY_ID\":{}}}}'",
        ],
    },
    Advice {
        code: "identity.created-in-same-deployment",
        title: "the request that creates the resource already needs the identity that comes with it",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az deployment operation group list --name DEPLOYMENT --resource-group \
                          RESOURCE_GROUP --query \"[?\
                          properties.provisioningState=='Failed'].properties.{target:targetResource.id, \
                          message:statusMessage}\"",
                expect: "the resource with the Key Vault reference fails, and the grant for its identity \
                         was not made before it",
            },
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query identity",
                expect: "nothing yet, or an identity younger than the failed request",
            },
        ],
        fix: "deploy twice (resource and identity, then grant, then reference), or use an identity made \
              before where one is allowed",
        az: &[
            "# first, API Management without the reference: az apim create --name INSTANCE --resource-group \
             RESOURCE_GROUP --publisher-name NAME --publisher-email EMAIL --enable-managed-identity true",
            "PRINCIPAL_ID=$(az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
             identity.principalId --output tsv)",
            "az role assignment create --assignee-object-id \"$PRINCIPAL_ID\" --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# then deploy the same resource again, with the reference",
        ],
    },
    Advice {
        code: "identity.replaced",
        title: "the identity was made anew, and the grants still name the old one",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to read the directory (Microsoft Graph)",
                command: "az role assignment list --scope {scope} --query \
                          \"[?principalName==''].{principal:principalId, role:roleDefinitionName}\"",
                expect: "a grant to a principal that is gone",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, granted:accessPolicies[].objectId}\"",
                expect: "object ids that are not the `principalId` of the identity today",
            },
        ],
        fix: "grant the identity that is there today, and take the old grant away; after a move to another \
              tenant correct the vault's too",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "az role assignment delete --ids ASSIGNMENT_ID",
            "# where the vault uses access policies: az keyvault set-policy --name {vault} --object-id \
             {objectId} --secret-permissions get",
            "# where the vault uses access policies: az keyvault delete-policy --name {vault} --object-id \
             OLD_OBJECT_ID",
        ],
    },
    Advice {
        code: "identity.unexpected-identity",
        title: "the call was made with another identity than the one that was granted",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to read the directory (Microsoft Graph)",
                command: "az ad sp show --id {objectId} --query \"{name:displayName, clientId:appId, \
                          type:servicePrincipalType}\"",
                expect: "the name of something else: the other slot, a build agent, a second client in the process",
            },
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --query \"[].{role:roleDefinitionName, scope:scope}\"",
                expect: "nothing for the principal of the message, where the intended one is listed",
            },
        ],
        fix: "find out who called; make the call use the intended identity (name its client id), or grant \
              the one that called",
        az: &[
            "az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
             AZURE_CLIENT_ID={clientId} --output none",
            "# if it is to be allowed: az role assignment create --assignee-object-id {objectId} \
             --assignee-principal-type ServicePrincipal --role \"{role}\" --scope {scope}",
        ],
    },
    Advice {
        code: "identity.wrong-tenant",
        title: "the token comes from a tenant that the vault does not trust",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query properties.tenantId --output tsv",
                expect: "another tenant than the issuer in the message (`{tenant}`)",
            },
            Probe {
                run_from: "anywhere that reaches the vault",
                command: "curl --silent --show-error --max-time 10 --include \
                          \"https://{host}/secrets?api-version=7.4\"",
                expect: "status 401; `WWW-Authenticate` names the tenant that the vault trusts",
            },
        ],
        fix: "ask for the token in the vault's tenant; if the vault stayed behind when the subscription \
              moved, correct its tenant",
        az: &[
            "# where the Azure CLI is the caller: az login --tenant VAULT_TENANT",
            "# only after a move; grants of the old tenant are void then: az keyvault update --name {vault} \
             --set properties.tenantId=TENANT_OF_THE_IDENTITY",
        ],
    },
    Advice {
        code: "identity.wrong-audience",
        title: "the token was made for another service than Key Vault",
        confirm: &[
            Probe {
                run_from: "anywhere that reaches the vault",
                command: "curl --silent --show-error --max-time 10 --include \
                          \"https://{host}/secrets?api-version=7.4\"",
                expect: "status 401; `resource` in `WWW-Authenticate` is the audience that the vault wants",
            },
            Probe {
                run_from: "your own shell",
                command: "az cloud show --query \"{cloud:name, vaults:suffixes.keyvaultDns}\"",
                expect: "the cloud; its vaults want `https://` and this suffix without the leading dot",
            },
        ],
        fix: "ask for `https://vault.azure.net` (scope `https://vault.azure.net/.default`): no vault name, \
              no slash at the end; other clouds have their own",
        az: &[],
    },
    Advice {
        code: "target.vault-name-wrong",
        title: "there is no vault or account of that name",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az keyvault list --query \"[?name=='{vault}'].id\"",
                expect: "nothing, in no subscription (`--subscription SUBSCRIPTION` for each)",
            },
            Probe { run_from: "anywhere", command: "nslookup {host}", expect: "no such name (NXDOMAIN)" },
        ],
        fix: "correct the name in the reference: no quotes or blanks, and the vault that really exists",
        az: &["az keyvault list --query \"[].{name:name, id:id}\" --output table"],
    },
    Advice {
        code: "target.content-share-missing",
        title: "the content share of the app is not in the storage account",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az storage share-rm list --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --query \"[].name\"",
                expect: "the share that `WEBSITE_CONTENTSHARE` names is not there",
            },
            Probe {
                run_from: "your own shell",
                command: "az storage share-rm show --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --name SHARE --expand stats --query shareUsageBytes",
                expect: "an error that there is no such share, or 0: it is empty",
            },
        ],
        fix: "create the share before the app, and deploy the app's content again",
        az: &["az storage share-rm create --storage-account STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
               --name SHARE"],
    },
    Advice {
        code: "target.vault-deleted",
        title: "the vault was deleted and waits to be purged",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az keyvault list-deleted --resource-type vault --query \
                      \"[?name=='{vault}'].properties.{location:location, deleted:deletionDate, \
                      purge:scheduledPurgeDate}\"",
            expect: "the vault, and until when it can be recovered",
        }],
        fix: "recover the vault; check its grants, rules and private endpoints afterwards",
        az: &["az keyvault recover --name {vault}"],
    },
    Advice {
        code: "target.wrong-cloud",
        title: "the host belongs to another cloud than the caller",
        confirm: &[Probe {
            run_from: "your own shell, signed in to the caller's cloud",
            command: "az cloud show --query \"{cloud:name, vaults:suffixes.keyvaultDns, \
                      storage:suffixes.storageEndpoint}\"",
            expect: "another suffix than the one that `{host}` ends with",
        }],
        fix: "refer to a vault of the caller's own cloud; identities and trust do not reach across clouds",
        az: &[],
    },
    Advice {
        code: "dns.zone-not-linked",
        title: "the caller's network does not ask the private zone, so it gets the public address",
        confirm: &[
            Probe {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host}",
                expect: "a public address, although there is a private endpoint",
            },
            Probe {
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
        code: "dns.wrong-zone",
        title: "the private zone, or the forwarder, has a name that nobody asks for",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az network private-dns zone list --query \"[].{name:name, group:resourceGroup}\" \
                          --output table",
                expect: "`privatelink.vault.azure.net` or `vaultcore.azure.net`, and no \
                         `privatelink.vaultcore.azure.net`",
            },
            Probe {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host}",
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
        code: "dns.privatelink-name-used",
        title: "the caller is given the `privatelink` name, for which the server has no certificate",
        confirm: &[Probe {
            run_from: "a machine that reaches the vault",
            command: "curl --silent --show-error --max-time 10 --head https://{host}",
            expect: "an error that the server's certificate does not match the name",
        }],
        fix: "use the public name (`{vault}.vault.azure.net`); inside the network it leads to the private \
              address by itself",
        az: &[],
    },
    Advice {
        code: "dns.name-unresolved",
        title: "the caller's DNS does not know the name at all",
        confirm: &[
            Probe {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host}",
                expect: "no such name (NXDOMAIN), a refusal or a timeout",
            },
            Probe {
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
        code: "dns.record-missing",
        title: "the private zone is asked, and has no record for the target",
        confirm: &[
            Probe {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host}",
                expect: "no such name (NXDOMAIN); elsewhere the same question gets an address",
            },
            Probe {
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
        code: "dns.record-stale",
        title: "the record leads to an address that no endpoint of the target has",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az network private-dns record-set a list --zone-name \
                          privatelink.vaultcore.azure.net --resource-group ZONE_RESOURCE_GROUP --query \
                          \"[].{name:name, addresses:aRecords[].ipv4Address}\"",
                expect: "for `{vault}` another address than the endpoint has",
            },
            Probe {
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
        code: "dns.not-forwarded",
        title: "the network's own DNS server answers by itself and never asks the private zone",
        confirm: &[
            Probe {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host} DNS_SERVER",
                expect: "a public address, or no such name",
            },
            Probe {
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
    Advice {
        code: "network.egress-blocked",
        title: "a rule, a route or a firewall stops packets on their way to the target",
        confirm: &[
            Probe {
                run_from: "a machine in the caller's subnet",
                command: "curl --silent --show-error --max-time 10 --head https://{host}",
                expect: "a timeout; any HTTP status means that packets get through",
            },
            Probe {
                run_from: "your own shell",
                command: "az network nsg rule list --nsg-name NSG --resource-group RESOURCE_GROUP \
                          --include-default --query \"[?direction=='Outbound'].{priority:priority, \
                          access:access, to:destinationAddressPrefix, ports:destinationPortRange}\"",
                expect: "a `Deny` before any rule that allows `AzureKeyVault` (or `Storage`) on 443",
            },
        ],
        fix: "allow the service tag on port 443, in the security group and in the firewall that a route leads to",
        az: &[
            "az network nsg rule create --nsg-name NSG --resource-group RESOURCE_GROUP --name \
             Allow-{tag}-Outbound --priority PRIORITY --direction Outbound --access Allow --protocol \
             Tcp --source-address-prefixes VirtualNetwork --destination-address-prefixes {tag} \
             --destination-port-ranges 443",
            "# past a firewall: az network route-table route create --route-table-name ROUTE_TABLE \
             --resource-group RESOURCE_GROUP --name {tag}-direct --address-prefix {tag} \
             --next-hop-type Internet",
        ],
    },
    Advice {
        code: "network.token-endpoint-unreachable",
        title: "the sign-in endpoint cannot be reached, so there is no token",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/networkstatus?\
                          api-version=2024-05-01\" --query \
                          \"[].networkStatus.connectivityStatus[].{name:name, type:resourceType, \
                          status:status}\"",
                expect: "`failure` for an entry of type `AzureActiveDirectory`",
            },
            Probe {
                run_from: "a machine in the caller's subnet",
                command: "curl --silent --show-error --max-time 10 --head https://login.microsoftonline.com",
                expect: "a timeout; any HTTP status means that packets get through",
            },
        ],
        fix: "allow service tag `AzureActiveDirectory` on port 443",
        az: &["az network nsg rule create --nsg-name NSG --resource-group RESOURCE_GROUP --name \
               Allow-AzureActiveDirectory-Outbound --priority PRIORITY --direction Outbound --access Allow \
               --protocol Tcp --source-address-prefixes VirtualNetwork --destination-address-prefixes \
               AzureActiveDirectory --destination-port-ranges 443"],
    },
    Advice {
        code: "network.service-endpoint-missing",
        title: "the target's rules name the subnet, and the subnet has no service endpoint for it",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az network vnet subnet show --ids SUBNET_ID --query \"serviceEndpoints[].service\"",
            expect: "no `Microsoft.KeyVault` (for storage `Microsoft.Storage`)",
        }],
        fix: "enable the service endpoint on the subnet",
        az: &["az network vnet subnet update --ids SUBNET_ID --add serviceEndpoints service=Microsoft.KeyVault"],
    },
    Advice {
        code: "network.not-routed-through-vnet",
        title: "the app has no way into the virtual network, or sends this traffic past it",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az resource show --resource-type Microsoft.Web/sites --name APP --resource-group \
                          RESOURCE_GROUP --query \"properties.{subnet:virtualNetworkSubnetId, \
                          routing:outboundVnetRouting, routeAll:vnetRouteAllEnabled}\"",
                expect: "no subnet, or neither `routeAll` nor application traffic or all traffic in `routing`",
            },
            Probe {
                run_from: "your own shell, with an extension (needs: az extension add --name log-analytics); the vault \
                           has to send its AuditEvent logs to the workspace",
                command: AUDIT_LOG,
                expect: "a public `CallerIp`, never followed by a private one",
            },
        ],
        fix: "integrate the app with a subnet (in a plan that can) and route all its traffic into the network",
        az: &[
            "az webapp vnet-integration add --name APP --resource-group RESOURCE_GROUP --vnet VNET --subnet SUBNET",
            "az webapp config set --name APP --resource-group RESOURCE_GROUP --vnet-route-all-enabled true \
             --output none",
        ],
    },
    Advice {
        code: "network.missing-subresource-endpoint",
        title: "one storage service has a private endpoint, the one that is called has none",
        confirm: &[
            Probe {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host}",
                expect: "a public address; the same for the blob name gives a private one",
            },
            Probe {
                run_from: "your own shell",
                command: "az network private-endpoint list --query \
                          \"[].privateLinkServiceConnections[].{target:privateLinkServiceId, \
                          service:groupIds[0]}\" --output table",
                expect: "no line with the account and the service (`blob`, `file`, `queue`, `table`) that failed",
            },
        ],
        fix: "make a private endpoint, with a zone of its own, for each storage service in use",
        az: &[
            "az network private-endpoint create --name ENDPOINT --resource-group RESOURCE_GROUP --subnet \
             SUBNET_ID --private-connection-resource-id STORAGE_ID --group-id SERVICE --connection-name \
             ENDPOINT",
            "az network private-endpoint dns-zone-group create --endpoint-name ENDPOINT --resource-group \
             RESOURCE_GROUP --name default --zone-name SERVICE --private-dns-zone ZONE_ID",
        ],
    },
    Advice {
        code: "network.private-endpoint-not-approved",
        title: "the private endpoint waits for approval, or was rejected or cut off",
        confirm: &[Probe {
            run_from: "your own shell, with the right to read the vault",
            command: "az network private-endpoint-connection list --id VAULT_ID --query \
                      \"[].{name:name, state:properties.privateLinkServiceConnectionState.status}\"",
            expect: "`Pending`, `Rejected` or `Disconnected`",
        }],
        fix: "approve the connection; a rejected or disconnected one has to be deleted and made anew",
        az: &["az network private-endpoint-connection approve --id CONNECTION_ID --description approved"],
    },
    Advice {
        code: "network.endpoint-unreachable",
        title: "the name leads to a private address that the caller's network has no way to",
        confirm: &[
            Probe {
                run_from: "a machine in the network of the caller",
                command: "curl --silent --show-error --max-time 10 --head https://{host}",
                expect: "a timeout, while `nslookup {host}` gives a private address",
            },
            Probe {
                run_from: "your own shell",
                command: "az network vnet peering list --vnet-name VNET --resource-group RESOURCE_GROUP \
                          --query \"[].{network:remoteVirtualNetwork.id, state:peeringState}\"",
                expect: "the network of the endpoint is missing or not `Connected`",
            },
        ],
        fix: "peer the two networks from both sides, or make an endpoint in the caller's network",
        az: &[
            "az network vnet peering create --name PEERING --vnet-name VNET --resource-group RESOURCE_GROUP \
             --remote-vnet REMOTE_VNET_ID --allow-vnet-access true",
            "az network vnet peering create --name PEERING --vnet-name REMOTE_VNET --resource-group \
             REMOTE_RESOURCE_GROUP --remote-vnet VNET_ID --allow-vnet-access true",
        ],
    },
    Advice {
        code: "firewall.user-assigned-not-trusted",
        title: "API Management comes with a user-assigned identity, which the trusted-services exception \
                does not cover",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, secret:keyVaultId, \
                          clientId:identityClientId}\"",
                expect: "a `clientId`: a user-assigned identity reads the secret",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`public` is `Disabled`, or `defaultAction` in `network` is `Deny`",
            },
        ],
        fix: "read the secret with the system-assigned identity: enable it, let it read, leave the client \
              id out of the reference",
        az: &[
            "# name every identity that is to stay: az rest --method patch --uri \"/subscriptions/\
             SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE?\
             api-version=2024-05-01\" --body '{\"identity\":{\"type\":\"SystemAssigned, UserAssigned\",\
             \"userAssignedIdentities\":{\"IDENTITY_ID\":{}}}}'",
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
        code: "firewall.consumer-not-on-trusted-list",
        title: "the caller is not among the services (or uses) that the firewall trusts",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az storage account show --name {account} --query \"{public:publicNetworkAccess, \
                          network:networkRuleSet, keys:allowSharedKeyAccess}\"",
                expect: "`bypass` holds `AzureServices`, and `defaultAction` is `Deny`",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`bypass` is `AzureServices` and `defaultAction` is `Deny`: the exception is on, \
                         and does not help this caller",
            },
            Probe {
                run_from: "your own shell, with an extension (needs: az extension add --name log-analytics); the vault \
                           has to send its AuditEvent logs to the workspace",
                command: AUDIT_LOG,
                expect: "`Forbidden`, and an address that no rule of the vault lists",
            },
        ],
        fix: "give the caller a way that the rules allow: its subnet with a service endpoint, or a private endpoint",
        az: &[
            "az network vnet subnet update --ids SUBNET_ID --add serviceEndpoints service=Microsoft.KeyVault",
            "az keyvault network-rule add --name {vault} --subnet SUBNET_ID",
            "# or: az network private-endpoint create --name pe-{vault} --resource-group RESOURCE_GROUP \
             --subnet SUBNET_ID --private-connection-resource-id VAULT_ID --group-id vault --connection-name \
             pe-{vault}",
        ],
    },
    Advice {
        code: "firewall.trusted-services-off",
        title: "the firewall would trust this caller, but that exception is switched off",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`bypass` in `network` is `None`",
            },
            Probe {
                run_from: "your own shell",
                command: "az storage account show --name {account} --query \"{public:publicNetworkAccess, \
                          network:networkRuleSet, keys:allowSharedKeyAccess}\"",
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
        code: "firewall.source-not-allowed",
        title: "the address or subnet that the call comes from is not in the rules",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az storage account show --name {account} --query \"{public:publicNetworkAccess, \
                          network:networkRuleSet, keys:allowSharedKeyAccess}\"",
                expect: "neither the address in the message nor the caller's subnet is listed in `network`",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault network-rule list --name {vault}",
                expect: "neither the address in the message nor the caller's subnet is listed",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`public` is not `Disabled`, and `defaultAction` in `network` is `Deny`",
            },
        ],
        fix: "add the address or the subnet, or call from a place that is allowed",
        az: &[
            "az storage account network-rule add --account-name {account} --resource-group RESOURCE_GROUP --ip-address ADDRESS",
            "az keyvault network-rule add --name {vault} --ip-address ADDRESS",
            "# for a subnet, which needs service endpoint Microsoft.KeyVault: az keyvault network-rule add \
             --name {vault} --subnet SUBNET_ID",
        ],
    },
    Advice {
        code: "firewall.public-access-disabled",
        title: "public access is off, so address and subnet rules count for nothing and the caller has no \
                private way",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az storage account show --name {account} --query \"{public:publicNetworkAccess, \
                          network:networkRuleSet, keys:allowSharedKeyAccess}\"",
                expect: "`public` is `Disabled`",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`public` is `Disabled`",
            },
            Probe {
                run_from: "a machine in the network of the caller",
                command: "nslookup {host}",
                expect: "a public address: the call does not go to a private endpoint",
            },
        ],
        fix: "make a private endpoint that the caller reaches, or turn public access on for selected networks only",
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
        code: "firewall.perimeter-blocks",
        title: "a network security perimeter decides who gets in, and has no rule for this caller",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`public` is `SecuredByPerimeter`",
            },
            Probe {
                run_from: "your own shell, with the right to read the perimeter and an extension (needs: az extension \
                           add --name nsp)",
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
        code: "firewall.gateway-trust-retired",
        title: "a policy calls the vault and counts on the trust in the gateway, which ended on 2026-03-15",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`public` is `Disabled`, or `defaultAction` is `Deny`",
            },
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"{network:virtualNetworkType, \
                          subnet:virtualNetworkConfiguration.subnetResourceId}\"",
                expect: "network `None`, or a subnet that neither a rule nor a private endpoint lets in",
            },
        ],
        fix: "give the gateway a way through its subnet, or read the secret by a named value, whose fetch \
              is still trusted",
        az: &[
            "az network vnet subnet update --ids SUBNET_ID --add serviceEndpoints service=Microsoft.KeyVault",
            "az keyvault network-rule add --name {vault} --subnet SUBNET_ID",
            "# or: az network private-endpoint create --name pe-{vault} --resource-group RESOURCE_GROUP \
             --subnet SUBNET_ID --private-connection-resource-id VAULT_ID --group-id vault --connection-name \
             pe-{vault}",
        ],
    },
    Advice {
        code: "authorization.no-grant",
        title: "the caller has no role and no access policy there",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --query \"[].{role:roleDefinitionName, scope:scope}\"",
                expect: "nothing that reaches the data",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \"properties.accessPolicies[?\
                          objectId=='{objectId}'].permissions\"",
                expect: "nothing (it counts where the vault uses access policies)",
            },
        ],
        fix: "let the principal read, in the way that the vault uses",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# where the vault uses access policies: az keyvault set-policy --name {vault} --object-id \
             {objectId} --secret-permissions get",
        ],
    },
    Advice {
        code: "authorization.wrong-principal-granted",
        title: "the grant names another principal than the one that calls",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to read the directory (Microsoft Graph)",
                command: "az ad sp show --id {clientId} --query \"{objectId:id, clientId:appId, name:displayName}\"",
                expect: "the object id of the caller; the grant has its client id, or somebody else's object id",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, granted:accessPolicies[].objectId}\"",
                expect: "the client id, or an id that is not the caller's object id, in `granted`",
            },
        ],
        fix: "grant the object id of the caller's service principal, and take the wrong grant away",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# where the vault uses access policies: az keyvault set-policy --name {vault} --object-id \
             {objectId} --secret-permissions get",
            "# the wrong one: az keyvault delete-policy --name {vault} --object-id WRONG_OBJECT_ID",
        ],
    },
    Advice {
        code: "authorization.first-party-principal-not-granted",
        title: "a service of Azure makes the call as itself, and has no grant",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee abfa0a7c-a6b6-4736-8310-5855508787cd --scope \
                          {scope} --include-inherited --query \"[].roleDefinitionName\"",
                expect: "nothing for App Service (for Azure Backup: 262044b1-e2ce-469f-a196-69ab7ada62d3)",
            },
            Probe {
                run_from: "your own shell, with the right to read the directory (Microsoft Graph)",
                command: "az ad sp show --id abfa0a7c-a6b6-4736-8310-5855508787cd --query \"{objectId:id, \
                          name:displayName}\"",
                expect: "its object id in this tenant, which is not among the access policies",
            },
        ],
        fix: "grant the service's principal, found by its application id; other clouds have other ids",
        az: &[
            "az role assignment create --assignee abfa0a7c-a6b6-4736-8310-5855508787cd --role \"Key Vault \
             Certificate User\" --scope {scope}",
            "# App Service, with access policies: az keyvault set-policy --name {vault} --spn \
             abfa0a7c-a6b6-4736-8310-5855508787cd --secret-permissions get --certificate-permissions get",
            "# Azure Backup, with access policies: az keyvault set-policy --name {vault} --spn \
             262044b1-e2ce-469f-a196-69ab7ada62d3 --secret-permissions get list backup --key-permissions get \
             list backup",
        ],
    },
    Advice {
        code: "authorization.rbac-mode-ignores-access-policies",
        title: "the vault goes by roles, and the grant is an access policy, which counts for nothing",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`rbac` is `true`",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \"properties.accessPolicies[?\
                          objectId=='{objectId}'].permissions\"",
                expect: "the permissions that have no effect",
            },
        ],
        fix: "assign a data-plane role",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"{role}\" --scope {scope}"],
    },
    Advice {
        code: "authorization.policy-mode-ignores-roles",
        title: "the vault goes by access policies, and the grant is a role, which counts for nothing",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "`rbac` is `false` or nothing",
            },
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --query \"[].{role:roleDefinitionName, scope:scope}\"",
                expect: "the data-plane role that has no effect",
            },
        ],
        fix: "add an access policy; or switch the vault to roles once everybody who needs it has one",
        az: &[
            "az keyvault set-policy --name {vault} --object-id {objectId} --secret-permissions get",
            "# or, which ends all access policies at once: az keyvault update --name {vault} \
             --enable-rbac-authorization true",
        ],
    },
    Advice {
        code: "authorization.control-plane-role-only",
        title: "the caller holds roles that manage the resource, and none that reads its data",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                      --query \"[].{role:roleDefinitionName, scope:scope}\"",
            expect: "only roles such as Owner, Contributor, Reader or Key Vault Contributor",
        }],
        fix: "assign a data-plane role; Owner does not contain one",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}"],
    },
    Advice {
        code: "authorization.role-lacks-action",
        title: "the caller holds a role or policy, but not for this operation or kind of object",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --query \"[].{role:roleDefinitionName, scope:scope}\"",
                expect: "the roles that are held",
            },
            Probe {
                run_from: "your own shell",
                command: "az role definition list --name \"ROLE\" --query \
                          \"[].permissions[].{data:dataActions, notData:notDataActions}\"",
                expect: "`{action}` is not in `data`, or is in `notData`",
            },
        ],
        fix: "assign a role that contains the action; with access policies add the permission for this kind \
              of object",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"ROLE\" --scope {scope}",
            "# names all permissions of this kind, as they are replaced: az keyvault set-policy --name \
             {vault} --object-id {objectId} --secret-permissions get",
        ],
    },
    Advice {
        code: "authorization.management-role-missing",
        title: "the operation goes through Resource Manager, and the caller has no management role for it",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --query \"[].{role:roleDefinitionName, scope:scope}\"",
                expect: "only data-plane roles, or nothing",
            },
            Probe {
                run_from: "your own shell",
                command: "az role definition list --name \"ROLE\" --query \"[].permissions[].{does:actions, \
                          not:notActions}\"",
                expect: "`{action}` is not in `does`; `dataActions` do not count here",
            },
        ],
        fix: "assign a management role that contains the action, or use the vault's own (data-plane) interface",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"ROLE\" --scope {scope}"],
    },
    Advice {
        code: "authorization.scope-missing-parent-read",
        title: "the grant is on a child only, and the tool or portal also reads what is above it",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --all --query \
                      \"[].{role:roleDefinitionName, scope:scope}\"",
            expect: "only scopes below the service itself",
        }],
        fix: "add a reader role on the service (for API Management: API Management Service Reader Role)",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"API Management Service Reader Role\" --scope INSTANCE_ID"],
    },
    Advice {
        code: "authorization.group-grant-not-effective",
        title: "the grant goes through a group, and the caller is not (or not yet) taken for a member",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to read the directory (Microsoft Graph)",
                command: "az ad group member check --group GROUP --member-id {objectId}",
                expect: "`true` where the token is older than the membership, `false` where it is no member",
            },
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --include-groups --query \"[].{type:principalType, role:roleDefinitionName}\"",
                expect: "the role with type `Group` only",
            },
        ],
        fix: "assign to the managed identity itself; membership can take many hours to show in its token",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# where the vault uses access policies: az keyvault set-policy --name {vault} --object-id \
             {objectId} --secret-permissions get",
        ],
    },
    Advice {
        code: "authorization.propagation-delay",
        title: "the principal or its grant is too new to have taken effect",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                      --query \"[].{role:roleDefinitionName, scope:scope, since:createdOn}\"",
            expect: "the right role, created minutes ago",
        }],
        fix: "wait about ten minutes and try again; in templates set `principalType`, and grant before the \
              resource that needs it",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "# API Management, once it is effective: az rest --method post --uri \"/subscriptions/\
             SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/\
             namedValues/NAME/refreshSecret?api-version=2024-05-01\"",
            "# an app: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
        ],
    },
    Advice {
        code: "authorization.orphaned-assignment",
        title: "a left-over assignment of a deleted principal is in the way",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to read the directory (Microsoft Graph)",
                command: "az role assignment list --scope {scope} --query \"[?principalName==''].{id:id, \
                          principal:principalId, role:roleDefinitionName}\"",
                expect: "an assignment whose principal has no name any more (without Graph all names are empty)",
            },
            Probe {
                run_from: "your own shell, with the right to read the directory (Microsoft Graph)",
                command: "az ad sp show --id PRINCIPAL_ID --query displayName",
                expect: "that it does not exist",
            },
        ],
        fix: "delete the left-over, and make names of assignments from the principal id too (`guid(scope, \
              principalId, role)`)",
        az: &["az role assignment delete --ids ASSIGNMENT_ID"],
    },
    Advice {
        code: "authorization.template-deployment-disabled",
        title: "the vault does not let Resource Manager read secrets for deployments",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az keyvault show --name {vault} --query properties.enabledForTemplateDeployment",
            expect: "`false` or nothing",
        }],
        fix: "enable the vault for template deployment",
        az: &["az keyvault update --name {vault} --enabled-for-template-deployment true"],
    },
    Advice {
        code: "authorization.shared-key-disabled",
        title: "the caller signs with an account key, and the account takes no keys",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az storage account show --name STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
                      --query allowSharedKeyAccess",
            expect: "`false`",
        }],
        fix: "let the caller use an identity with a data role; or allow keys, where it can use nothing else \
              (a content share)",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"Storage Blob Data Contributor\" --scope STORAGE_ID",
            "# or: az storage account update --name STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
             --allow-shared-key-access true",
        ],
    },
    Advice {
        code: "authorization.denied",
        title: "a deny assignment overrules every grant",
        confirm: &[Probe {
            run_from: "your own shell, with the right to read deny assignments",
            command: "az rest --method get --uri \"{scope}/providers/Microsoft.Authorization/\
                      denyAssignments?api-version=2022-04-01\" --query \
                      \"value[].properties.{name:denyAssignmentName, system:isSystemProtected, \
                      denied:permissions, to:principals}\"",
            expect: "an entry that covers `{action}` and the principal (or everybody), without it among \
                     the exceptions",
        }],
        fix: "change it where it comes from (deployment stack, managed application, blueprint); it cannot \
              be deleted by itself",
        az: &["az stack group list --resource-group RESOURCE_GROUP"],
    },
    Advice {
        code: "authorization.scope-does-not-cover",
        title: "the role is right, and assigned at a place that does not contain the target",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --all --query \
                      \"[].{role:roleDefinitionName, scope:scope}\"",
            expect: "the role, at a scope that is not the beginning of `{scope}`: another vault, group or secret",
        }],
        fix: "assign the role at the target or above it",
        az: &[
            "az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
             ServicePrincipal --role \"{role}\" --scope {scope}",
            "az role assignment delete --ids ASSIGNMENT_ID",
        ],
    },
    Advice {
        code: "authorization.condition-not-met",
        title: "the assignment has a condition, which leaves out this object or action",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                      --query \"[?condition].{role:roleDefinitionName, scope:scope, \
                      condition:condition}\"",
            expect: "a condition that is false for `{object}` or `{action}`; case counts in names",
        }],
        fix: "change the condition, or assign the role without one",
        az: &["az role assignment create --assignee-object-id {objectId} --assignee-principal-type \
               ServicePrincipal --role \"{role}\" --scope {scope}"],
    },
    Advice {
        code: "object.missing",
        title: "the secret or certificate is not in the vault",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to list secrets and a way through the firewall",
                command: "az keyvault secret list --vault-name {vault} --query \
                          \"[?name=='{object}'].{enabled:attributes.enabled, type:contentType}\"",
                expect: "nothing",
            },
            Probe {
                run_from: "your own shell, with the right to list secrets and a way through the firewall",
                command: "az keyvault secret list-deleted --vault-name {vault} --query \
                          \"[?name=='{object}'].{deleted:deletedDate, purge:scheduledPurgeDate}\"",
                expect: "the secret, if it was deleted and can be recovered; nothing, if it never was there",
            },
        ],
        fix: "correct the name, recover what was deleted, or create it",
        az: &[
            "az keyvault secret recover --vault-name {vault} --name {object}",
            "# or create it: az keyvault secret set --vault-name {vault} --name {object} --file FILE --output none",
        ],
    },
    Advice {
        code: "object.disabled",
        title: "the secret or this version of it is disabled",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to list secrets and a way through the firewall",
                command: "az keyvault secret list --vault-name {vault} --query \
                          \"[?name=='{object}'].{enabled:attributes.enabled, type:contentType}\"",
                expect: "`enabled` is `false`",
            },
            Probe {
                run_from: "your own shell, with the right to list secrets and a way through the firewall",
                command: "az keyvault secret list-versions --vault-name {vault} --name {object} --query \
                          \"[].{version:id, enabled:attributes.enabled}\"",
                expect: "`false` for the newest version, or for the one that the reference names",
            },
        ],
        fix: "enable it; for a certificate enable the certificate, which enables its secret",
        az: &[
            "az keyvault secret set-attributes --vault-name {vault} --name {object} --enabled true --output none",
            "# a certificate: az keyvault certificate set-attributes --vault-name {vault} --name {object} \
             --enabled true --output none",
        ],
    },
    Advice {
        code: "object.wrong-format",
        title: "the content is not a PFX with a private key that may be exported",
        confirm: &[
            Probe {
                run_from: "your own shell, with the right to list secrets and a way through the firewall",
                command: "az keyvault secret list --vault-name {vault} --query \
                          \"[?name=='{object}'].{enabled:attributes.enabled, type:contentType}\"",
                expect: "`type` is not `application/x-pkcs12`",
            },
            Probe {
                run_from: "your own shell, with the right to list certificates and a way through the firewall",
                command: "az keyvault certificate show --vault-name {vault} --name {object} --query \
                          \"policy.{type:secretProperties.contentType, exportable:keyProperties.exportable}\"",
                expect: "`exportable` is `false`, another type, or that there is no such certificate: it is \
                         a plain secret",
            },
        ],
        fix: "import a PFX with its key as a certificate, and refer to its secret identifier",
        az: &["az keyvault certificate import --vault-name {vault} --name {object} --file FILE.pfx"],
    },
    Advice {
        code: "object.backup-expired",
        title: "the backup is older than 30 days, which is as long as it can be restored",
        confirm: &[Probe {
            run_from: "your own shell, with the right to list blobs",
            command: "az storage blob list --account-name {account} --container-name CONTAINER --auth-mode login \
                      --query \"[].{name:name, made:properties.creationTime}\"",
            expect: "a creation time that is more than 30 days ago",
        }],
        fix: "restore a younger backup; from now on back up at least every 30 days",
        az: &[],
    },
    Advice {
        code: "caller.anonymous-access-off",
        title: "the request carries no credential, and the account allows no anonymous access",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az storage account show --name {account} --query allowBlobPublicAccess",
            expect: "`false`",
        }],
        fix: "sign in and use a data role (`--auth-mode login`), or send a shared access signature",
        az: &[],
    },
    Advice {
        code: "platform.agent-not-ready",
        title: "the agent of the machine does not report, or is missing",
        confirm: &[Probe {
            run_from: "your own shell",
            command: "az vm get-instance-view --name VM --resource-group RESOURCE_GROUP --query \
                      instanceView.vmAgent",
            expect: "a status other than `Ready`, or nothing",
        }],
        fix: "start, install or update the agent in the machine, and let it reach 168.63.129.16 on ports 80 and 32526",
        az: &[],
    },
    Advice {
        code: "caller.operator-lacks-permission",
        title: "the person or pipeline that does this lacks a right, not the managed identity",
        confirm: &[
            Probe {
                run_from: "your own shell, signed in as who failed",
                command: "az account show --query \"{user:user.name, type:user.type, tenant:tenantId}\"",
                expect: "the principal that the message names",
            },
            Probe {
                run_from: "your own shell",
                command: "az role assignment list --assignee {objectId} --scope {scope} --include-inherited \
                          --include-groups --query \"[].{role:roleDefinitionName, scope:scope}\"",
                expect: "no role with `{action}`",
            },
        ],
        fix: "give the operator the right it lacks, let somebody do it who has it, or type the identifier \
              instead of picking it",
        az: &[
            "az role assignment create --assignee {objectId} --role \"ROLE\" --scope {scope}",
            "# to list secrets where the vault uses access policies: az keyvault set-policy --name {vault} \
             --object-id {objectId} --secret-permissions list",
        ],
    },
    Advice {
        code: "caller.backup-uses-account-key",
        title: "the backup is asked for with an account key, which this storage account does not let work",
        confirm: &[
            Probe {
                run_from: "your own shell; how the script calls is in the script (`accessType` left out \
                           means `AccessKey`)",
                command: "az storage account show --name STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
                          --query \"{keys:allowSharedKeyAccess, public:publicNetworkAccess, \
                          network:networkRuleSet}\"",
                expect: "keys `false`, or `defaultAction` `Deny`",
            },
            Probe {
                run_from: "your own shell",
                command: "az storage account blob-service-properties show --account-name STORAGE_ACCOUNT \
                          --resource-group RESOURCE_GROUP --query cors",
                expect: "rules: with any CORS rule the key-based backup is known to fail",
            },
        ],
        fix: "ask for the backup with the managed identity of the instance, which has Storage Blob Data \
              Contributor on the account",
        az: &[
            "PRINCIPAL_ID=$(az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
             identity.principalId --output tsv)",
            "az role assignment create --assignee-object-id \"$PRINCIPAL_ID\" --assignee-principal-type \
             ServicePrincipal --role \"Storage Blob Data Contributor\" --scope STORAGE_ID",
            "az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.ApiManagement/service/INSTANCE/backup?api-version=2024-05-01\" --body \
             '{\"storageAccount\":\"STORAGE_ACCOUNT\",\"containerName\":\"CONTAINER\",\
             \"backupName\":\"BACKUP\",\"accessType\":\"SystemAssignedManagedIdentity\"}'",
        ],
    },
    Advice {
        code: "platform.content-share-validation",
        title: "the request checks the content share before the reference to its connection string can be read",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/\
                          appsettings?api-version=2022-03-01\" --query \"value[?\
                          name=='WEBSITE_CONTENTAZUREFILECONNECTIONSTRING'].{name:name, \
                          status:properties.status, details:properties.details}\"",
                expect: "an entry: the setting is a reference",
            },
            Probe {
                run_from: "your own shell",
                command: "az storage share-rm list --storage-account STORAGE_ACCOUNT --resource-group \
                          RESOURCE_GROUP --query \"[].name\"",
                expect: "the share that `WEBSITE_CONTENTSHARE` names is there, or has to be made first",
            },
        ],
        fix: "create the share first, and send the setting together with `WEBSITE_SKIP_CONTENTSHARE_VALIDATION=1`",
        az: &[
            "az storage share-rm create --storage-account STORAGE_ACCOUNT --resource-group RESOURCE_GROUP \
             --name SHARE",
            "az functionapp config appsettings set --name APP --resource-group RESOURCE_GROUP --settings \
             WEBSITE_SKIP_CONTENTSHARE_VALIDATION=1 --output none",
        ],
    },
    Advice {
        code: "platform.feature-unsupported",
        title: "the feature does not work with this tier, plan, workspace or permission model",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"{tier:sku.name, platform:platformVersion}\"",
                expect: "a tier that the documentation of the feature does not name",
            },
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/workspaces?\
                          api-version=2024-05-01\" --query \"value[].name\"",
                expect: "workspaces: backup, and references to Key Vault inside them, are not supported",
            },
        ],
        fix: "use the supported way: the instance instead of a workspace, another tier or plan, or the \
              permission model it needs",
        az: &[],
    },
    Advice {
        code: "platform.service-side",
        title: "the configuration is right; the service shows an old state, or has a defect",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/\
                          appsettings?api-version=2022-03-01\" --query \"value[].{name:name, \
                          status:properties.status, details:properties.details}\"",
                expect: "an error for a setting that the running app reads well, or that stays after a repair",
            },
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
                          api-version=2024-05-01\" --query properties.keyVault",
                expect: "`lastStatus` older than the repair",
            },
        ],
        fix: "fetch again, restart or wait; if the value works at run time, the status can be ignored",
        az: &[
            "# an app: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
            "# a named value: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME/\
             refreshSecret?api-version=2024-05-01\"",
            "# an app that stays as it was: az webapp restart --name APP --resource-group RESOURCE_GROUP",
        ],
    },
    Advice {
        code: "latent.certificate-expires",
        title: "the certificate that is served, or the one in the vault, ends soon",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, ends:certificate.expiry}\"",
                expect: "a date that is near or past",
            },
            Probe {
                run_from: "your own shell, with the right to list certificates and a way through the firewall",
                command: "az keyvault certificate show --vault-name {vault} --name {object} --query \
                          attributes.expires --output tsv",
                expect: "a near date too; or a later one: the vault was renewed, and the fetch does not work",
            },
        ],
        fix: "renew it in the vault; API Management fetches it within four hours if the reference names no version",
        az: &["az keyvault certificate import --vault-name {vault} --name {object} --file FILE.pfx"],
    },
    Advice {
        code: "latent.version-pinned",
        title: "the reference names one version, so a renewed secret will never be fetched",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, secret:keyVaultId, \
                          clientId:identityClientId}\"",
                expect: "a `secret` with a version behind the name",
            },
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
                          api-version=2024-05-01\" --query properties.keyVault",
                expect: "the same in `secretIdentifier` of a named value",
            },
        ],
        fix: "leave the version out: `https://{host}/secrets/{object}`",
        az: &["# a named value of the system-assigned identity: az rest --method patch --uri \"/subscriptions/\
               SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/\
               namedValues/NAME?api-version=2024-05-01\" --headers \"If-Match=*\" --body \
               '{\"properties\":{\"keyVault\":{\"secretIdentifier\":\"https://{host}/secrets/{object}\"}}}'"],
    },
    Advice {
        code: "latent.refresh-failed",
        title: "the last fetch failed, and an earlier copy is still in use",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az rest --method get --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
                          RESOURCE_GROUP/providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME?\
                          api-version=2024-05-01\" --query properties.keyVault.lastStatus",
                expect: "a `code` other than `Success`, or an old `timeStampUtc`",
            },
            Probe {
                run_from: "your own shell",
                command: "az apim show --name INSTANCE --resource-group RESOURCE_GROUP --query \
                          \"hostnameConfigurations[].{host:hostName, status:certificateStatus, \
                          ends:certificate.expiry}\"",
                expect: "`Failed`, and the date until which the old certificate lasts",
            },
        ],
        fix: "repair what stops the fetch (identity, network, grant, secret), then fetch again",
        az: &[
            "az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/RESOURCE_GROUP/\
             providers/Microsoft.ApiManagement/service/INSTANCE/namedValues/NAME/refreshSecret?\
             api-version=2024-05-01\"",
            "# an app: az rest --method post --uri \"/subscriptions/SUBSCRIPTION/resourceGroups/\
             RESOURCE_GROUP/providers/Microsoft.Web/sites/APP/config/configreferences/appsettings/refresh?\
             api-version=2022-03-01\"",
        ],
    },
    Advice {
        code: "latent.api-version-retires",
        title: "a template uses an API version that goes away, or whose defaults change",
        confirm: &[
            Probe {
                run_from: "your own shell",
                command: "az provider show --namespace Microsoft.KeyVault --query \
                          \"resourceTypes[?resourceType=='vaults'].apiVersions[]\"",
                expect: "the versions there are; those of vaults before 2026-02-01 end on 2027-02-27",
            },
            Probe {
                run_from: "your own shell",
                command: "az keyvault show --name {vault} --query \
                          \"properties.{rbac:enableRbacAuthorization, public:publicNetworkAccess, \
                          network:networkAcls}\"",
                expect: "the `rbac` that the template has to state: new vaults get `true` from 2026-02-01 \
                         on where it is left out",
            },
        ],
        fix: "move the template to the new version, and set `enableRbacAuthorization` in it to what the \
              vault has now",
        az: &["az deployment group what-if --resource-group RESOURCE_GROUP --template-file main.bicep"],
    },
];
