//! Everything that a live run can ask: each request with its api-version, the permission it needs, and why.
//!
//! `permissions` and the table of `docs/live.md` are made from this list, and a test compares it with what goes out.
//!
//! Sources (read 2026-11-22): <https://learn.microsoft.com/rest/api/apimanagement/>,
//! <https://learn.microsoft.com/rest/api/keyvault/>, <https://learn.microsoft.com/rest/api/authorization/>,
//! <https://learn.microsoft.com/rest/api/virtualnetwork/>, <https://learn.microsoft.com/rest/api/dns/> and
//! <https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations>.

use std::fmt;

/// What is known of one kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestKind {
    /// The request, with names in braces.
    pub request: &'static str,
    /// The api-version; empty: the service has none.
    pub version: &'static str,
    /// What else stands in the query.
    pub query: &'static str,
    /// The Azure permission it needs; empty: none of Azure's own roles gives it.
    pub action: &'static str,
    /// Its purpose.
    pub why: &'static str,
}

macro_rules! asks {
    ($($name:ident: $request:literal, $version:literal, $query:literal, $action:literal, $why:literal;)+) => {
        /// One kind of request to Resource Manager, Resource Graph or Microsoft Graph.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Ask {
            $(#[doc = $why] $name,)+
        }

        impl Ask {
            /// Every kind.
            pub const ALL: &[Ask] = &[$(Ask::$name),+];

            /// What is known of it.
            pub const fn details(self) -> RequestKind {
                match self {
                    $(Ask::$name => RequestKind {
                        request: $request, version: $version, query: $query, action: $action, why: $why,
                    },)+
                }
            }
        }
    };
}

asks! {
    FindInstance: "POST Resource Graph: instances of a name", "2022-10-01", "", "",
        "finds the instance that `-g` and `-n` name";
    FindCallers: "POST Resource Graph: every caller in a scope", "2022-10-01", "", "", "finds what `--all` examines";
    Instances: "GET {subscription}/providers/Microsoft.ApiManagement/service", "2024-05-01", "",
        "Microsoft.ApiManagement/service/read", "several instances in one request";
    Instance: "GET {instance}", "2024-05-01", "", "Microsoft.ApiManagement/service/read",
        "host names, identities, network";
    NamedValues: "GET {instance}/namedValues", "2024-05-01", "",
        "Microsoft.ApiManagement/service/namedValues/read", "named values that refer to a vault (the answer contains no value)";
    Certificates: "GET {instance}/certificates", "2024-05-01", "",
        "Microsoft.ApiManagement/service/certificates/read", "certificates that refer to a vault";
    Workspaces: "GET {instance}/workspaces", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/read", "workspaces of a Premium instance";
    WorkspaceNamedValues: "GET {workspace}/namedValues", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/namedValues/read", "named values of a workspace";
    WorkspaceCertificates: "GET {workspace}/certificates", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/certificates/read", "certificates of a workspace";
    NetworkStatus: "GET {instance}/networkstatus", "2024-05-01", "",
        "Microsoft.ApiManagement/service/networkstatus/read", "the DNS servers that the instance actually uses";
    Policy: "GET {instance}/policies/policy", "2024-05-01", "format=rawxml",
        "Microsoft.ApiManagement/service/policies/read", "calls to a vault in the global policy";
    Fragments: "GET {instance}/policyFragments", "2024-05-01", "",
        "Microsoft.ApiManagement/service/policyFragments/read", "calls to a vault in policy fragments";
    Apis: "GET {instance}/apis", "2024-05-01", "", "Microsoft.ApiManagement/service/apis/read",
        "the APIs, which have their own policies";
    ApiPolicy: "GET {instance}/apis/{api}/policies/policy", "2024-05-01", "format=rawxml",
        "Microsoft.ApiManagement/service/apis/policies/read", "calls to a vault in the policy of an API";
    Operations: "GET {instance}/apis/{api}/operations", "2024-05-01", "",
        "Microsoft.ApiManagement/service/apis/operations/read",
        "the operations of an API, which have policies and show what is forwarded";
    OperationPolicy: "GET {instance}/apis/{api}/operations/{operation}/policies/policy", "2024-05-01",
        "format=rawxml", "Microsoft.ApiManagement/service/apis/operations/policies/read",
        "calls to a vault in the policy of an operation";
    ApiResolvers: "GET {instance}/apis/{api}/resolvers", "2024-05-01", "",
        "Microsoft.ApiManagement/service/apis/resolvers/read", "the resolvers of a GraphQL API";
    ResolverPolicy: "GET {instance}/apis/{api}/resolvers/{resolver}/policies/policy", "2024-05-01",
        "format=rawxml", "Microsoft.ApiManagement/service/apis/resolvers/policies/read",
        "calls to a vault in the policy of a resolver";
    Backends: "GET {instance}/backends", "2024-05-01", "", "Microsoft.ApiManagement/service/backends/read",
        "backends that are vaults (only the kinds of their credentials are recorded)";
    Products: "GET {instance}/products", "2024-05-01", "", "Microsoft.ApiManagement/service/products/read",
        "the products, which have their own policies";
    ProductPolicy: "GET {instance}/products/{product}/policies/policy", "2024-05-01", "format=rawxml",
        "Microsoft.ApiManagement/service/products/policies/read", "calls to a vault in the policy of a product";
    WorkspacePolicy: "GET {workspace}/policies/policy", "2024-05-01", "format=rawxml",
        "Microsoft.ApiManagement/service/workspaces/policies/read", "calls to a vault in the policy of a workspace";
    WorkspaceFragments: "GET {workspace}/policyFragments", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/policyFragments/read", "the policy fragments of a workspace";
    WorkspaceBackends: "GET {workspace}/backends", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/backends/read", "the backends of a workspace";
    WorkspaceApis: "GET {workspace}/apis", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/apis/read", "the APIs of a workspace";
    WorkspaceApiPolicy: "GET {workspace}/apis/{api}/policies/policy", "2024-05-01", "format=rawxml",
        "Microsoft.ApiManagement/service/workspaces/apis/policies/read", "the policy of an API of a workspace";
    WorkspaceOperations: "GET {workspace}/apis/{api}/operations", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/apis/operations/read", "the operations of an API of a workspace";
    WorkspaceOperationPolicy: "GET {workspace}/apis/{api}/operations/{operation}/policies/policy", "2024-05-01",
        "format=rawxml", "Microsoft.ApiManagement/service/workspaces/apis/operations/policies/read",
        "the policy of an operation of a workspace";
    WorkspaceProducts: "GET {workspace}/products", "2024-05-01", "",
        "Microsoft.ApiManagement/service/workspaces/products/read", "the products of a workspace";
    WorkspaceProductPolicy: "GET {workspace}/products/{product}/policies/policy", "2024-05-01", "format=rawxml",
        "Microsoft.ApiManagement/service/workspaces/products/policies/read", "the policy of a product of a workspace";
    Sites: "GET {subscription}/providers/Microsoft.Web/sites", "2024-11-01", "", "Microsoft.Web/sites/read",
        "the apps of a subscription (with `--subscription`)";
    Site: "GET {app}", "2024-11-01", "", "Microsoft.Web/sites/read",
        "state, identities, network, which identity resolves references";
    Slots: "GET {app}/slots", "2024-11-01", "", "Microsoft.Web/sites/slots/read", "the slots of an app";
    Slot: "GET {slot}", "2024-11-01", "", "Microsoft.Web/sites/slots/read", "the same for a slot";
    SlotConfig: "GET {slot}/config/web", "2024-11-01", "", "Microsoft.Web/sites/slots/config/read",
        "whether all traffic of a slot enters the subnet (no other setting is recorded)";
    SlotReferences: "GET {slot}/config/configreferences/appsettings", "2022-03-01", "",
        "Microsoft.Web/sites/slots/config/appsettings/read", "Key Vault references of a slot, and their status";
    SlotConnectionReferences: "GET {slot}/config/configreferences/connectionstrings", "2022-03-01", "",
        "Microsoft.Web/sites/slots/config/connectionstrings/read", "the same for a slot's connection strings";
    SlotSettings: "POST {slot}/config/appsettings/list", "2024-11-01", "",
        "Microsoft.Web/sites/slots/config/list/action", "which storage a slot uses (only with `--read-settings`)";
    SiteConfig: "GET {app}/config/web", "2024-11-01", "", "Microsoft.Web/sites/config/read",
        "whether all traffic enters the subnet (no other setting is recorded)";
    References: "GET {app}/config/configreferences/appsettings", "2022-03-01", "",
        "Microsoft.Web/sites/config/appsettings/read", "Key Vault references in app settings, and their status (the answer contains no value)";
    ConnectionReferences: "GET {app}/config/configreferences/connectionstrings", "2022-03-01", "",
        "Microsoft.Web/sites/config/connectionstrings/read", "the same for connection strings";
    Settings: "POST {app}/config/appsettings/list", "2024-11-01", "", "Microsoft.Web/sites/config/list/action",
        "which storage an app uses (only with `--read-settings`; secrets are dropped on arrival)";
    AppCertificates: "GET {subscription}/providers/Microsoft.Web/certificates", "2024-11-01", "",
        "Microsoft.Web/certificates/read", "the certificates of a subscription's apps (with `--subscription`)";
    AppCertificate: "GET {certificate}", "2024-11-01", "", "Microsoft.Web/certificates/read",
        "the vault and the secret that a certificate comes from";
    ApplicationGateways: "GET {subscription}/providers/Microsoft.Network/applicationGateways", "2024-05-01", "",
        "Microsoft.Network/applicationGateways/read",
        "the application gateways of a subscription (with `--subscription`)";
    ApplicationGateway: "GET {application gateway}", "2024-05-01", "", "Microsoft.Network/applicationGateways/read",
        "certificates that come from a vault, the identity, the subnet";
    RecoveryVaults: "GET {subscription}/providers/Microsoft.RecoveryServices/vaults", "2025-02-01", "",
        "Microsoft.RecoveryServices/vaults/read", "the Recovery Services vaults of a subscription (with `--subscription`)";
    RecoveryVault: "GET {Recovery Services vault}", "2025-02-01", "", "Microsoft.RecoveryServices/vaults/read",
        "identity, customer-managed key, network, soft delete";
    BackupConfig: "GET {Recovery Services vault}/backupconfig/vaultconfig", "2025-02-01", "",
        "Microsoft.RecoveryServices/vaults/backupconfig/read", "soft delete, as older vaults show it";
    EncryptionConfig: "GET {Recovery Services vault}/backupEncryptionConfigs/backupResourceEncryptionConfig",
        "2025-02-01", "", "Microsoft.RecoveryServices/vaults/backupEncryptionConfigs/read",
        "whether the vault took over its key";
    BackupPolicies: "GET {Recovery Services vault}/backupPolicies", "2025-02-01", "",
        "Microsoft.RecoveryServices/vaults/backupPolicies/read", "how often backups are made, and how long they are kept";
    ProtectedMachines: "GET {Recovery Services vault}/backupProtectedItems", "2025-02-01",
        "$filter=backupManagementType eq 'AzureIaasVM'", "Microsoft.RecoveryServices/vaults/backupProtectedItems/read",
        "protected machines: their state, their health, their newest recovery point";
    ProtectedServers: "GET {Recovery Services vault}/backupProtectedItems?$filter=backupManagementType eq '{kind}'",
        "2025-02-01", "", "Microsoft.RecoveryServices/vaults/backupProtectedItems/read",
        "protected file shares; protected servers and databases, if public access to the vault is off";
    BackupContainers: "GET {Recovery Services vault}/backupProtectionContainers?$filter=backupManagementType eq '{kind}'",
        "2025-02-01", "", "Microsoft.RecoveryServices/vaults/backupProtectionContainers/read",
        "registered servers, if public access to the vault is off";
    BackupJobs: "GET {Recovery Services vault}/backupJobs?$filter=startTime eq '{from}' and endTime eq '{until}'",
        "2025-02-01", "", "Microsoft.RecoveryServices/vaults/backupJobs/read", "how the jobs of the last 7 days ended";
    BackupJob: "GET {Recovery Services vault}/backupJobs/{job}", "2025-02-01", "",
        "Microsoft.RecoveryServices/vaults/backupJobs/read", "the error code of a failed job";
    GuardProxies: "GET {Recovery Services vault}/backupResourceGuardProxies", "2025-02-01", "",
        "Microsoft.RecoveryServices/vaults/backupResourceGuardProxies/read",
        "whether a Resource Guard protects the vault";
    DiagnosticSettings: "GET {scope}/providers/Microsoft.Insights/diagnosticSettings", "2021-05-01-preview", "",
        "Microsoft.Insights/diagnosticSettings/read",
        "whether the logs of jobs are sent anywhere: of a Recovery Services vault, and of an Automation account (with \
         `--script`)";
    Machines: "GET {subscription}/providers/Microsoft.Compute/virtualMachines", "2024-07-01", "",
        "Microsoft.Compute/virtualMachines/read", "which machines beside a Recovery Services vault have no backup";
    Machine: "GET {virtual machine}", "2024-07-01", "$expand=instanceView", "Microsoft.Compute/virtualMachines/read",
        "a protected machine: its agent, and the keys of its disks";
    Extensions: "GET {virtual machine}/extensions", "2024-07-01", "$expand=instanceView",
        "Microsoft.Compute/virtualMachines/extensions/read", "the extension that takes snapshots";
    Locks: "GET {scope}/providers/Microsoft.Authorization/locks", "2020-05-01", "",
        "Microsoft.Authorization/locks/read",
        "locks on the groups of restore points and of protected machines, and on the instance and the storage account of \
         a backup";
    FindAccounts: "POST Resource Graph: storage accounts of a name", "2022-10-01", "", "",
        "finds the account that an app's settings name";
    Account: "GET {storage account}", "2023-05-01", "", "Microsoft.Storage/storageAccounts/read",
        "firewall, private endpoints, whether account keys are accepted";
    Share: "GET {storage account}/fileServices/default/shares/{share}", "2023-05-01", "",
        "Microsoft.Storage/storageAccounts/fileServices/shares/read", "whether a content share exists";
    BlobService: "GET {storage account}/blobServices/default", "2023-05-01", "",
        "Microsoft.Storage/storageAccounts/blobServices/read", "the CORS rules that a backup meets (with `--script`)";
    Container: "GET {storage account}/blobServices/default/containers/{container}", "2023-05-01", "",
        "Microsoft.Storage/storageAccounts/blobServices/containers/read",
        "whether the container of a backup exists, and whether its blobs can be overwritten (with `--script`)";
    Lifecycle: "GET {storage account}/managementPolicies/default", "2023-05-01", "",
        "Microsoft.Storage/storageAccounts/managementPolicies/read",
        "which rules delete or archive backups (with `--script`)";
    ActivityLog: "GET {subscription}/providers/Microsoft.Insights/eventtypes/management/values?$filter=eventTimestamp ge \
                  '{from}' and resourceUri eq '{instance}'",
        "2015-04-01", "", "Microsoft.Insights/eventtypes/values/read",
        "who started backups in the last 90 days, and how they ended (with `--script`)";
    FindAutomation: "POST Resource Graph: Automation accounts of a subscription", "2022-10-01", "", "",
        "finds what may start backups (with `--script`)";
    AutomationAccount: "GET {Automation account}", "2024-10-23", "", "Microsoft.Automation/automationAccounts/read",
        "the identity of an Automation account";
    Schedules: "GET {Automation account}/schedules", "2024-10-23", "",
        "Microsoft.Automation/automationAccounts/schedules/read", "when its runbooks start";
    JobSchedules: "GET {Automation account}/jobSchedules", "2024-10-23", "",
        "Microsoft.Automation/automationAccounts/jobSchedules/read", "which schedule starts which runbook";
    AutomationJobs: "GET {Automation account}/jobs", "2024-10-23", "",
        "Microsoft.Automation/automationAccounts/jobs/read", "how its jobs ended";
    AutomationJob: "GET {Automation account}/jobs/{job}", "2024-10-23", "",
        "Microsoft.Automation/automationAccounts/jobs/read", "the error of the newest job of a runbook";
    JobStreams: "GET {Automation account}/jobs/{job}/streams", "2024-10-23", "",
        "Microsoft.Automation/automationAccounts/jobs/streams/read",
        "what that job wrote: which instance it backs up, and its errors";
    MetricAlerts: "GET {subscription}/providers/Microsoft.Insights/metricAlerts", "2018-03-01", "",
        "Microsoft.Insights/metricAlerts/read", "who hears of a runbook's failed jobs (with `--script`)";
    SystemIdentity: "GET {instance}/providers/Microsoft.ManagedIdentity/identities/default", "2018-11-30", "",
        "Microsoft.ManagedIdentity/identities/read", "the client id of the system-assigned identity";
    UserIdentity: "GET {user-assigned identity}", "2023-01-31", "",
        "Microsoft.ManagedIdentity/userAssignedIdentities/read", "its client id and principal id";
    FindIdentities: "POST Resource Graph: user-assigned identities of a client id", "2022-10-01", "", "",
        "finds an identity that a reference names but the instance does not have";
    Vaults: "GET {subscription}/providers/Microsoft.KeyVault/vaults", "2026-02-01", "",
        "Microsoft.KeyVault/vaults/read", "which vault has a host name";
    DeletedVaults: "GET {subscription}/providers/Microsoft.KeyVault/deletedVaults", "2026-02-01", "",
        "Microsoft.KeyVault/deletedVaults/read", "whether a missing vault was deleted";
    FindVaults: "POST Resource Graph: vaults of a name", "2022-10-01", "", "",
        "finds vaults in other subscriptions";
    Vault: "GET {vault}", "2026-02-01", "", "Microsoft.KeyVault/vaults/read",
        "firewall, permission model, access policies, private endpoints";
    Secret: "GET {vault}/secrets/{name}", "2026-02-01", "", "Microsoft.KeyVault/vaults/secrets/read",
        "whether the object exists and is enabled (metadata through Resource Manager, never the value)";
    Key: "GET {vault}/keys/{name}", "2026-02-01", "", "Microsoft.KeyVault/vaults/keys/read",
        "whether a key of a backup exists and is enabled (metadata through Resource Manager)";
    Secrets: "GET {vault}/secrets", "2026-02-01", "", "Microsoft.KeyVault/vaults/secrets/read",
        "the same for many objects";
    RoleAssignments: "GET {scope}/providers/Microsoft.Authorization/roleAssignments", "2022-04-01", "",
        "Microsoft.Authorization/roleAssignments/read", "who can read the vault's secrets";
    AssignmentsOf: "GET {subscription}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '{id}'",
        "2022-04-01", "", "Microsoft.Authorization/roleAssignments/read",
        "where else an identity has roles, if it has none on the vault";
    DenyAssignments: "GET {scope}/providers/Microsoft.Authorization/denyAssignments", "2022-04-01", "",
        "Microsoft.Authorization/denyAssignments/read", "who is denied access, regardless of roles";
    CustomRoles: "GET {subscription}/providers/Microsoft.Authorization/roleDefinitions", "2022-04-01",
        "$filter=type eq 'CustomRole'", "Microsoft.Authorization/roleDefinitions/read", "which actions custom roles allow";
    Perimeters: "GET {subscription}/providers/Microsoft.Network/networkSecurityPerimeters", "2024-07-01", "",
        "Microsoft.Network/networkSecurityPerimeters/read", "network security perimeters";
    Associations: "GET {perimeter}/resourceAssociations", "2024-07-01", "",
        "Microsoft.Network/networkSecurityPerimeters/resourceAssociations/read", "which perimeter the vault is in";
    AccessRules: "GET {perimeter profile}/accessRules", "2024-07-01", "",
        "Microsoft.Network/networkSecurityPerimeters/profiles/accessRules/read", "which callers a perimeter allows";
    ServiceTags: "GET {subscription}/providers/Microsoft.Network/locations/{location}/serviceTags", "2024-05-01", "",
        "Microsoft.Network/locations/serviceTags/read",
        "whether an address rule of a vault contains addresses of API Management or another service (only these are \
         recorded)";
    PrivateEndpoint: "GET {private endpoint}", "2024-05-01", "", "Microsoft.Network/privateEndpoints/read",
        "the subnet and the interface of a vault's private endpoint";
    ZoneGroups: "GET {private endpoint}/privateDnsZoneGroups", "2024-05-01", "",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups/read", "the zone that receives its records";
    Interface: "GET {network interface}", "2024-05-01", "", "Microsoft.Network/networkInterfaces/read",
        "the address of a private endpoint";
    Network: "GET {virtual network}", "2024-05-01", "", "Microsoft.Network/virtualNetworks/read",
        "subnets, peerings, DNS servers";
    SecurityGroup: "GET {network security group}", "2024-05-01", "",
        "Microsoft.Network/networkSecurityGroups/read", "which outbound traffic the subnet allows";
    RouteTable: "GET {route table}", "2024-05-01", "", "Microsoft.Network/routeTables/read",
        "where the subnet's traffic goes";
    ServiceEndpointPolicy: "GET {service endpoint policy}", "2024-05-01", "",
        "Microsoft.Network/serviceEndpointPolicies/read", "which storage accounts the subnet's service endpoints allow";
    NetworkManagers: "GET {subscription}/providers/Microsoft.Network/networkManagers", "2024-05-01", "",
        "Microsoft.Network/networkManagers/read", "whether admin rules may take precedence over network security groups";
    Zones: "GET {subscription}/providers/Microsoft.Network/privateDnsZones", "2024-06-01", "",
        "Microsoft.Network/privateDnsZones/read", "private DNS zones";
    FindZones: "POST Resource Graph: private DNS zones of a name", "2022-10-01", "", "",
        "finds zones in other subscriptions";
    ZoneLinks: "GET {private DNS zone}/virtualNetworkLinks", "2024-06-01", "",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read", "which networks use a zone";
    ZoneRecords: "GET {private DNS zone}/A", "2024-06-01", "", "Microsoft.Network/privateDnsZones/A/read",
        "which records a zone has";
    Resolvers: "GET {subscription}/providers/Microsoft.Network/dnsResolvers", "2022-07-01", "",
        "Microsoft.Network/dnsResolvers/read", "DNS resolvers behind a network's custom DNS servers";
    FindResolvers: "POST Resource Graph: DNS resolvers and forwarding rulesets", "2022-10-01", "", "",
        "finds the resolvers and rulesets of a hub in other subscriptions";
    Resolver: "GET {DNS resolver}", "2022-07-01", "", "Microsoft.Network/dnsResolvers/read",
        "the network of a resolver";
    InboundEndpoints: "GET {DNS resolver}/inboundEndpoints", "2022-07-01", "",
        "Microsoft.Network/dnsResolvers/inboundEndpoints/read", "the addresses of a DNS resolver";
    Rulesets: "GET {subscription}/providers/Microsoft.Network/dnsForwardingRulesets", "2022-07-01", "",
        "Microsoft.Network/dnsForwardingRulesets/read", "DNS forwarding rulesets";
    RulesetLinks: "GET {ruleset}/virtualNetworkLinks", "2022-07-01", "",
        "Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks/read", "which networks a ruleset is linked to";
    Rules: "GET {ruleset}/forwardingRules", "2022-07-01", "",
        "Microsoft.Network/dnsForwardingRulesets/forwardingRules/read", "where a ruleset forwards queries";
    DirectoryObject: "GET Microsoft Graph: /v1.0/directoryObjects/{id}", "", "", "",
        "whether the principal of a grant still exists, if no identity of the instance has one";
    FirstParty: "GET Microsoft Graph: /v1.0/servicePrincipals(appId='{id}')", "", "", "",
        "the object id of App Service in the tenant, if it fetches a certificate";
    Groups: "GET Microsoft Graph: /v1.0/servicePrincipals/{id}/transitiveMemberOf", "", "", "",
        "the groups of an identity, if a group has a role; always with `can OBJECT_ID`";
    GroupsOfUser: "GET Microsoft Graph: /v1.0/users/{id}/transitiveMemberOf", "", "", "",
        "the same, if the object id does not belong to a service principal";
    GroupsOfGroup: "GET Microsoft Graph: /v1.0/groups/{id}/transitiveMemberOf", "", "", "",
        "the same, if the object id of `can OBJECT_ID` does not belong to a user either";
}

/// A request that is ready to go.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Its kind.
    pub ask: Ask,
    /// The path, or the URL on another host than Resource Manager, with its query.
    pub target: String,
    /// What is sent: a query of Resource Graph.
    pub send: Option<serde_json::Value>,
    /// Which page of a list it is, from 0.
    pub number: u16,
}

impl Read {
    /// A read of Resource Manager.
    pub(super) fn of(ask: Ask, path: &str) -> Self {
        let RequestKind { version, query, .. } = ask.details();
        let and = if query.is_empty() { "" } else { "&" };
        let target = format!("{}?api-version={version}{and}{query}", path.trim_end_matches('/'));
        Self::at(ask, target)
    }

    /// A read of a path or URL with its query.
    pub(super) fn at(ask: Ask, target: String) -> Self {
        Self { ask, target, send: None, number: 0 }
    }

    /// A query of Resource Graph, over all that the token may read.
    pub(super) fn query(ask: Ask, query: String) -> Self {
        let target = format!("{}?api-version={}", crate::live::outlet::RESOURCE_GRAPH, ask.details().version);
        Self { send: Some(serde_json::json!({ "query": query })), ..Self::at(ask, target) }
    }

    /// A query of Resource Graph within a scope: members of the body that name it, next to the query.
    pub(super) fn query_within(ask: Ask, query: &str, mut body: serde_json::Map<String, serde_json::Value>) -> Self {
        body.insert("query".to_owned(), query.into());
        Self { send: Some(body.into()), ..Self::query(ask, String::new()) }
    }

    /// The settings of an app or a slot, which Azure answers to a POST alone.
    pub(super) fn settings(ask: Ask, app: &str) -> Self {
        let read = Self::of(ask, &format!("{app}/config/appsettings/list"));
        Self { send: Some(serde_json::Value::Null), ..read }
    }

    /// A later page of the same list.
    pub(super) fn page(&self, next: String) -> Self {
        Self { number: self.number.saturating_add(1), ..Self::at(self.ask, next) }
    }

    /// The path without its query.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The rest of what a query found.
    pub(super) fn rest(&self, skip_token: &str) -> Self {
        let mut send = self.send.clone().unwrap_or_default();
        if let Some(send) = send.as_object_mut() {
            let options = send.entry("options").or_insert_with(|| serde_json::json!({}));
            options.as_object_mut().map(|options| options.insert("$skipToken".to_owned(), skip_token.into()));
        }
        Self { send: Some(send), number: self.number.saturating_add(1), ..self.clone() }
    }

    /// What tells this read from every other.
    pub(super) fn key(&self) -> String {
        let send = self.send.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} {send}", self.target.trim_end_matches('/').to_ascii_lowercase())
    }

    /// As a recording writes it.
    pub(super) fn request(&self) -> String {
        let method = if self.send.is_some() { "POST" } else { "GET" };
        format!("{method} {}", self.target)
    }
}

impl fmt::Display for Read {
    /// What is being read, for a person: the last names of the path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.send.as_ref().is_some_and(|send| !send.is_null()) {
            return f.write_str("Resource Graph");
        }
        let segments: Vec<&str> = self.path().split('/').filter(|s| !s.is_empty()).collect();
        let from = segments.len().saturating_sub(2);
        f.write_str(&segments.get(from..).unwrap_or_default().join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::api_version;

    #[test]
    fn a_gap_asks_with_the_api_version_of_a_live_run() {
        for ask in Ask::ALL {
            let RequestKind { request, version, action, .. } = ask.details();
            let kind = action.strip_suffix("/read").filter(|_| request.starts_with("GET {"));
            if let Some(kind) = kind {
                assert_eq!(api_version(kind), version, "{request}");
            }
        }
    }
}
