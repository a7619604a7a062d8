//! The tables of an estate: one for each resource type that is read.

use std::sync::Arc;

use crate::base::{Map, ResourceId};
use crate::model::{Resource, api_management as apim, app_service as web, authorization as auth, dns, key_vault as kv};
use crate::model::{automation as auto, backup, compute, recovery as rsv};
use crate::model::{managed_identity as msi, monitor, network as net, perimeter as nsp, storage};

/// How a resource was seen, least to most authoritative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    /// Inside its parent's body.
    Inline,
    /// As an element of a list, or without any request.
    Listed,
    /// By a request of its own.
    Fetched,
}

/// Where in the input something stands: the file, and the byte where the body starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which input file.
    pub file: u16,
    /// The byte in it.
    pub offset: usize,
    /// How many bytes.
    pub len: usize,
}

/// How a resource was seen, then with which api-version.
pub(crate) type Rank = (Seen, Arc<str>);

/// One resource, and how it was seen.
#[derive(Clone, Debug)]
pub(crate) struct Row<P> {
    /// The resource.
    pub resource: Resource<P>,
    /// How authoritative it is.
    pub rank: Rank,
    /// Where it stands.
    pub at: Place,
    /// The last of the inputs that hold it.
    pub last: u16,
    /// The other answers that hold it, until they are compared with this one.
    pub also: Vec<Arc<Row<P>>>,
}

/// Resources of one type, by id. Rows are shared between an estate and its clones.
pub(super) type Table<P> = Map<ResourceId, Arc<Row<P>>>;

/// A resource type that is read.
pub(crate) trait Modelled:
    serde::de::DeserializeOwned + std::fmt::Debug + Clone + Send + Sync + 'static
{
    /// Its table.
    fn table(tables: &Tables) -> &Table<Self>;
    /// Its table, to write.
    fn table_mut(tables: &mut Tables) -> &mut Table<Self>;
    /// What people call one of them.
    const NOUN: &'static str;
    /// The type, or types, in lower case.
    const TYPES: &'static [&'static str];
}

/// Whether a body of the type has no envelope: it is the properties.
pub(crate) fn is_bare<P: Modelled>() -> bool {
    const ENDS: [&str; 4] = ["/networkstatus", "/servicetags", "/service/backup", "/service/restore"];
    P::TYPES.iter().any(|name| ENDS.iter().any(|end| name.ends_with(end)))
}

/// What to do with a type, by its name.
pub(crate) trait TypeVisitor {
    /// What it returns.
    type Output;
    /// The type is modelled.
    fn visit<P: Modelled>(self) -> Self::Output;
}

/// What to do with every type.
pub(crate) trait EachType {
    /// One of them.
    fn visit<P: Modelled>(&mut self);
}

macro_rules! tables {
    ($($field:ident: $properties:ty = $noun:literal, $($name:literal)|+;)*) => {
        /// All resources, one table a type.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Tables { $(pub(super) $field: Table<$properties>,)* }

        $(impl Modelled for $properties {
            fn table(tables: &Tables) -> &Table<Self> { &tables.$field }
            fn table_mut(tables: &mut Tables) -> &mut Table<Self> { &mut tables.$field }
            const NOUN: &'static str = $noun;
            const TYPES: &'static [&'static str] = &[$($name),+];
        })*

        impl Tables {
            /// Where a resource stands in the input.
            pub(crate) fn place(&self, id: &ResourceId) -> Option<Place> {
                // Look in the table of the id's type first; a body may have declared another type, so fall back to all.
                let mut kind = id.resource_type();
                kind.make_ascii_lowercase();
                let own = with_type(&kind, PlaceIn { tables: self, id }).flatten();
                own$(.or_else(|| self.$field.get(id).map(|row| row.at)))*
            }
        }

        impl Tables {
            /// Forgets a resource, whatever type its body said it has.
            pub(crate) fn remove(&mut self, id: &ResourceId) {
                $(self.$field.remove(id);)*
            }

            /// Calls `visitor` with every type.
            pub(crate) fn each_type(visitor: &mut impl EachType) {
                $(visitor.visit::<$properties>();)*
            }

            /// Where every resource stands in the input.
            pub(crate) fn places(&self) -> impl Iterator<Item = (&ResourceId, Place)> {
                let all: Vec<Box<dyn Iterator<Item = (&ResourceId, Place)>>> =
                    vec![$(Box::new(self.$field.iter().map(|(id, row)| (id, row.at)))),*];
                all.into_iter().flatten()
            }
        }

        /// Calls `visitor` with the type that has this name (lower case); `None` if it is not modelled.
        pub(crate) fn with_type<V: TypeVisitor>(name: &str, visitor: V) -> Option<V::Output> {
            match name {
                $($($name)|+ => Some(visitor.visit::<$properties>()),)*
                _ => None,
            }
        }
    };
}

/// Looks a place up in the table of one type.
struct PlaceIn<'t> {
    tables: &'t Tables,
    id: &'t ResourceId,
}

impl TypeVisitor for PlaceIn<'_> {
    type Output = Option<Place>;

    fn visit<P: Modelled>(self) -> Option<Place> {
        P::table(self.tables).get(self.id).map(|row| row.at)
    }
}

tables! {
    services: apim::Service = "API Management instance", "microsoft.apimanagement/service";
    named_values: apim::NamedValue = "named value",
        "microsoft.apimanagement/service/namedvalues" | "microsoft.apimanagement/service/workspaces/namedvalues";
    certificates: apim::Certificate = "certificate",
        "microsoft.apimanagement/service/certificates" | "microsoft.apimanagement/service/workspaces/certificates";
    workspaces: apim::Workspace = "workspace", "microsoft.apimanagement/service/workspaces";
    apis: apim::Api = "API",
        "microsoft.apimanagement/service/apis" | "microsoft.apimanagement/service/workspaces/apis";
    operations: apim::Operation = "operation",
        "microsoft.apimanagement/service/apis/operations"
        | "microsoft.apimanagement/service/workspaces/apis/operations";
    api_resolvers: apim::Resolver = "resolver", "microsoft.apimanagement/service/apis/resolvers";
    products: apim::Product = "product",
        "microsoft.apimanagement/service/products" | "microsoft.apimanagement/service/workspaces/products";
    backends: apim::Backend = "backend",
        "microsoft.apimanagement/service/backends" | "microsoft.apimanagement/service/workspaces/backends";
    policies: apim::Policy = "policy",
        "microsoft.apimanagement/service/policies" | "microsoft.apimanagement/service/apis/policies"
        | "microsoft.apimanagement/service/apis/operations/policies"
        | "microsoft.apimanagement/service/products/policies"
        | "microsoft.apimanagement/service/policyfragments"
        | "microsoft.apimanagement/service/apis/resolvers/policies"
        | "microsoft.apimanagement/service/workspaces/policies"
        | "microsoft.apimanagement/service/workspaces/apis/policies"
        | "microsoft.apimanagement/service/workspaces/apis/operations/policies"
        | "microsoft.apimanagement/service/workspaces/products/policies"
        | "microsoft.apimanagement/service/workspaces/policyfragments";
    network_status: apim::NetworkStatus = "network status",
        "microsoft.apimanagement/service/networkstatus"
        | "microsoft.apimanagement/service/locations/networkstatus";
    vaults: kv::Vault = "vault", "microsoft.keyvault/vaults";
    deleted_vaults: kv::DeletedVault = "deleted vault",
        "microsoft.keyvault/deletedvaults" | "microsoft.keyvault/locations/deletedvaults";
    secrets: kv::Secret = "secret", "microsoft.keyvault/vaults/secrets";
    identities: msi::UserAssignedIdentity = "user-assigned identity",
        "microsoft.managedidentity/userassignedidentities";
    system_identities: msi::SystemAssignedIdentity = "system-assigned identity",
        "microsoft.managedidentity/identities";
    role_assignments: auth::RoleAssignment = "role assignment", "microsoft.authorization/roleassignments";
    role_definitions: auth::RoleDefinition = "role definition", "microsoft.authorization/roledefinitions";
    deny_assignments: auth::DenyAssignment = "deny assignment", "microsoft.authorization/denyassignments";
    application_gateways: net::ApplicationGateway = "application gateway", "microsoft.network/applicationgateways";
    networks: net::VirtualNetwork = "virtual network", "microsoft.network/virtualnetworks";
    subnets: net::Subnet = "subnet", "microsoft.network/virtualnetworks/subnets";
    security_groups: net::NetworkSecurityGroup = "network security group",
        "microsoft.network/networksecuritygroups";
    route_tables: net::RouteTable = "route table", "microsoft.network/routetables";
    endpoint_policies: net::ServiceEndpointPolicy = "service endpoint policy",
        "microsoft.network/serviceendpointpolicies";
    private_endpoints: net::PrivateEndpoint = "private endpoint", "microsoft.network/privateendpoints";
    zone_groups: dns::PrivateDnsZoneGroup = "DNS zone group",
        "microsoft.network/privateendpoints/privatednszonegroups";
    interfaces: net::NetworkInterface = "network interface", "microsoft.network/networkinterfaces";
    network_managers: net::NetworkManager = "network manager", "microsoft.network/networkmanagers";
    gateways: net::VirtualNetworkGateway = "virtual network gateway",
        "microsoft.network/virtualnetworkgateways";
    service_tags: net::ServiceTags = "service tags", "microsoft.network/locations/servicetags";
    zones: dns::PrivateDnsZone = "private DNS zone", "microsoft.network/privatednszones";
    links: dns::VirtualNetworkLink = "virtual network link",
        "microsoft.network/privatednszones/virtualnetworklinks"
        | "microsoft.network/dnsforwardingrulesets/virtualnetworklinks";
    records: dns::RecordSet = "record set",
        "microsoft.network/privatednszones/a" | "microsoft.network/privatednszones/cname"
        | "microsoft.network/privatednszones/all";
    resolvers: dns::DnsResolver = "DNS resolver", "microsoft.network/dnsresolvers";
    inbound_endpoints: dns::InboundEndpoint = "inbound endpoint",
        "microsoft.network/dnsresolvers/inboundendpoints";
    rulesets: dns::ForwardingRuleset = "DNS forwarding ruleset", "microsoft.network/dnsforwardingrulesets";
    forwarding_rules: dns::ForwardingRule = "forwarding rule",
        "microsoft.network/dnsforwardingrulesets/forwardingrules";
    perimeters: nsp::Perimeter = "network security perimeter",
        "microsoft.network/networksecurityperimeters";
    associations: nsp::ResourceAssociation = "perimeter association",
        "microsoft.network/networksecurityperimeters/resourceassociations";
    sites: web::Site = "app", "microsoft.web/sites" | "microsoft.web/sites/slots";
    plans: web::Plan = "App Service plan", "microsoft.web/serverfarms";
    configs: web::Config = "configuration", "microsoft.web/sites/config" | "microsoft.web/sites/slots/config";
    references: web::KeyVaultReference = "Key Vault reference",
        "microsoft.web/sites/config/appsettings" | "microsoft.web/sites/config/connectionstrings"
        | "microsoft.web/sites/slots/config/appsettings" | "microsoft.web/sites/slots/config/connectionstrings";
    network_configs: web::NetworkConfig = "network configuration",
        "microsoft.web/sites/networkconfig" | "microsoft.web/sites/slots/networkconfig";
    app_certificates: web::AppCertificate = "certificate", "microsoft.web/certificates";
    accounts: storage::StorageAccount = "storage account", "microsoft.storage/storageaccounts";
    shares: storage::FileShare = "file share", "microsoft.storage/storageaccounts/fileservices/shares";
    blob_services: storage::BlobService = "Blob service", "microsoft.storage/storageaccounts/blobservices";
    containers: storage::Container = "container", "microsoft.storage/storageaccounts/blobservices/containers";
    lifecycles: storage::Lifecycle = "lifecycle policy", "microsoft.storage/storageaccounts/managementpolicies";
    locks: auth::Lock = "management lock", "microsoft.authorization/locks";
    backup_requests: backup::BackupRequest = "backup request",
        "microsoft.apimanagement/service/backup" | "microsoft.apimanagement/service/restore";
    automation_accounts: auto::AutomationAccount = "Automation account", "microsoft.automation/automationaccounts";
    schedules: auto::Schedule = "schedule", "microsoft.automation/automationaccounts/schedules";
    job_schedules: auto::JobSchedule = "job schedule", "microsoft.automation/automationaccounts/jobschedules";
    jobs: auto::Job = "job", "microsoft.automation/automationaccounts/jobs";
    job_streams: auto::JobStream = "job stream", "microsoft.automation/automationaccounts/jobs/streams";
    recovery_vaults: rsv::RecoveryVault = "Recovery Services vault", "microsoft.recoveryservices/vaults";
    vault_configs: rsv::VaultConfig = "backup configuration", "microsoft.recoveryservices/vaults/backupconfig";
    encryption_configs: rsv::EncryptionConfig = "encryption configuration",
        "microsoft.recoveryservices/vaults/backupencryptionconfigs";
    backup_policies: rsv::BackupPolicy = "backup policy", "microsoft.recoveryservices/vaults/backuppolicies";
    protected_items: rsv::ProtectedItem = "protected item",
        "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"
        | "microsoft.recoveryservices/vaults/backupprotecteditems";
    backup_containers: rsv::BackupContainer = "backup container",
        "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers"
        | "microsoft.recoveryservices/vaults/backupprotectioncontainers";
    backup_jobs: rsv::BackupJob = "backup job", "microsoft.recoveryservices/vaults/backupjobs";
    guard_proxies: rsv::GuardProxy = "Resource Guard link",
        "microsoft.recoveryservices/vaults/backupresourceguardproxies";
    machines: compute::Machine = "virtual machine", "microsoft.compute/virtualmachines";
    extensions: compute::Extension = "machine extension", "microsoft.compute/virtualmachines/extensions";
    keys: kv::Key = "key", "microsoft.keyvault/vaults/keys";
    metric_alerts: monitor::MetricAlert = "metric alert", "microsoft.insights/metricalerts";
    diagnostic_settings: monitor::DiagnosticSetting = "diagnostic setting", "microsoft.insights/diagnosticsettings";
    access_rules: nsp::AccessRule = "perimeter access rule",
        "microsoft.network/networksecurityperimeters/profiles/accessrules";
}
