//! Everything that was read: resources by id, lists by scope, and what was refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::{Map, Memo, ObjectId, ResourceId};
use crate::knowledge::cloud::Cloud;
use crate::model::dns::RecordedAnswer;
use crate::model::grants::{HeldAt, Holders};
use crate::model::{Fact, Gap, Get, Listing, Resource};

/// One file, or standard input, as it was read.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// What to call it in messages.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// How a resource came to be known; what was fetched on its own says most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Inside its parent's body.
    Inline,
    /// As an element of a list, or without any request.
    Listed,
    /// By a request of its own.
    Fetched,
}

/// Where in the input something stands: the file, and the byte where the body starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which input file.
    pub file: u16,
    /// The byte in it.
    pub offset: usize,
    /// How many bytes.
    pub len: usize,
}

/// How a resource was seen, then with which api-version.
pub type Rank = (Seen, Arc<str>);

/// One resource, and how it was seen.
#[derive(Clone, Debug)]
pub struct Row<P> {
    /// The resource.
    pub resource: Resource<P>,
    /// What it weighs beside another answer.
    pub rank: Rank,
    /// Where it stands.
    pub at: Place,
    /// The last of the inputs that hold it.
    pub last: u16,
    /// The other answers that hold it, until they are compared with this one.
    pub also: Vec<Arc<Row<P>>>,
}

/// A request for one resource that was not answered with the resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// 404.
    NotFound,
    /// It was answered, and the answer could not be understood.
    Unreadable(Gap),
    /// Answers about it contradict each other.
    Contradicted(Gap),
    /// Anything else.
    NotSeen(Gap),
}

/// Which part of a list was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// All of it.
    None,
    /// `atScope()`: at the scope and above it.
    AtScope,
    /// `principalId eq '…'`: granted to this principal by name.
    PrincipalId(ObjectId),
    /// `assignedTo('…')`: granted to this principal or a group it is in.
    AssignedTo {
        /// The principal.
        principal: ObjectId,
        /// Together with `atScope()`: nothing below the scope.
        at_scope: bool,
    },
    /// Anything else: proves presence only.
    Other,
}

/// One recorded answer to a request for a list.
#[derive(Clone, Debug)]
pub struct ListAnswer {
    /// What was asked for.
    pub filter: Filter,
    /// What came, in the order of ids.
    pub ids: Vec<ResourceId>,
    /// Why there may be more.
    pub not_seen: Option<Gap>,
    /// 404: the list does not exist.
    pub is_gone: bool,
    /// Where it stands.
    pub at: Place,
}

impl ListAnswer {
    /// Puts the ids in order.
    pub fn sort(&mut self) {
        self.ids.sort();
        self.ids.dedup();
    }
}

/// An answer of the vault itself or of Microsoft Graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectAnswer {
    /// The HTTP status; 0 where none came.
    pub status: u16,
    /// `error.innererror.code`, or else `error.code`.
    pub code: Option<String>,
    /// `attributes.enabled` of a secret.
    pub enabled: Option<bool>,
    /// All `attributes` of a secret.
    pub attributes: Option<kv::Attributes>,
    /// `contentType` of a secret, or the one in a certificate's policy.
    pub content_type: Option<String>,
    /// `policy.key_props.exportable` of a certificate.
    pub exportable: Option<bool>,
    /// Whether Microsoft Graph says that it is a group.
    pub is_group: bool,
    /// `id` of what Microsoft Graph answered.
    pub id: Option<String>,
    /// What a list holds.
    pub items: Vec<DirectItem>,
    /// Whether the list is whole.
    pub complete: bool,
    /// The request for the rest of the list.
    pub next: Option<String>,
}

/// One element of a list that a vault or Microsoft Graph gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectItem {
    /// Its id.
    pub id: String,
    /// `attributes.enabled` of a secret.
    pub enabled: Option<bool>,
    /// All `attributes` of a secret.
    pub attributes: Option<kv::Attributes>,
    /// `contentType` of a secret.
    pub content_type: Option<String>,
}

/// Who signed in for a live run, as far as the token tells.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The kind of credential that gave the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// The tenant that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The object id of the user or service principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
}

/// A connection that the collecting machine tried.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Probe {
    /// The host name.
    pub host: String,
    /// The address.
    pub address: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// `connected`, `refused`, `timeout`, …
    pub outcome: String,
    /// What the certificates are: `trusted`, or what is wrong with them.
    pub tls: Option<String>,
    /// The subnet of the machine that tried it, where the recording says it.
    #[serde(skip)]
    pub vantage: Option<ResourceId>,
}

impl Probe {
    /// Whether the machine reached the host, and it was the host that answered.
    pub fn is_good(&self) -> bool {
        let trusted = self.tls.as_deref().is_none_or(|tls| tls.eq_ignore_ascii_case("trusted"));
        self.outcome.eq_ignore_ascii_case("connected") && trusted
    }

    /// Where the connection went.
    pub fn place(&self) -> String {
        let address = self.address.as_deref().map(|address| format!(" at {address}")).unwrap_or_default();
        let port = self.port.map(|port| format!(", port {port}")).unwrap_or_default();
        format!("`{}`{address}{port}", self.host)
    }

    /// What came of it.
    pub fn result(&self) -> String {
        let tls = self.tls.as_deref().map(|tls| format!(", TLS {tls}")).unwrap_or_default();
        format!("{}{tls}", self.outcome)
    }
}

/// What somebody saw: an error text, where and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(default)]
pub struct Observation {
    /// The text.
    pub error: String,
    /// Which resource it was about.
    pub resource: Option<ResourceId>,
    /// When.
    pub at: Option<String>,
    /// Azure keeps it as a status; nobody saw it yet.
    #[serde(skip)]
    pub is_status: bool,
}

/// Answers to requests for a list, by scope and type (lower case). A scope has few types.
pub type Lists = Map<ResourceId, Vec<(&'static str, Vec<ListAnswer>)>>;

/// Resources of one type, by id. Rows are shared between an estate and its clones.
pub type Table<P> = Map<ResourceId, Arc<Row<P>>>;

/// A resource type that is read.
pub trait Modelled: serde::de::DeserializeOwned + std::fmt::Debug + Clone + Send + Sync + 'static {
    /// Its table.
    fn table(tables: &Tables) -> &Table<Self>;
    /// Its table, to write.
    fn table_mut(tables: &mut Tables) -> &mut Table<Self>;
    /// What people call one of them.
    const NOUN: &'static str;
    /// The type, or types, in lower case.
    const TYPES: &'static [&'static str];
}

/// What to do with a type, by its name.
pub trait TypeVisitor {
    /// What it returns.
    type Output;
    /// The type is modelled.
    fn visit<P: Modelled>(self) -> Self::Output;
}

/// What to do with every type.
pub trait EachType {
    /// One of them.
    fn visit<P: Modelled>(&mut self);
}

macro_rules! tables {
    ($($field:ident: $properties:ty = $noun:literal, $($name:literal)|+;)*) => {
        /// All resources, one table a type.
        #[derive(Clone, Debug, Default)]
        pub struct Tables { $($field: Table<$properties>,)* }

        $(impl Modelled for $properties {
            fn table(tables: &Tables) -> &Table<Self> { &tables.$field }
            fn table_mut(tables: &mut Tables) -> &mut Table<Self> { &mut tables.$field }
            const NOUN: &'static str = $noun;
            const TYPES: &'static [&'static str] = &[$($name),+];
        })*

        impl Tables {
            /// Where a resource stands in the input.
            pub fn place(&self, id: &ResourceId) -> Option<Place> {
                // The id names its type. A body may have said otherwise; then every table is asked.
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
            pub fn each_type(visitor: &mut impl EachType) {
                $(visitor.visit::<$properties>();)*
            }

            /// Where every resource stands in the input.
            pub fn places(&self) -> impl Iterator<Item = (&ResourceId, Place)> {
                std::iter::empty()$(.chain(self.$field.iter().map(|(id, row)| (id, row.at))))*
            }
        }

        /// Calls `visitor` with the type that has this name (lower case); `None` where it is not modelled.
        pub fn with_type<V: TypeVisitor>(name: &str, visitor: V) -> Option<V::Output> {
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

use crate::model::{api_management as apim, app_service as web, authorization as auth, dns, key_vault as kv};
use crate::model::{managed_identity as msi, network as net, perimeter as nsp, storage};

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
    access_rules: nsp::AccessRule = "perimeter access rule",
        "microsoft.network/networksecurityperimeters/profiles/accessrules";
}

/// What was asked of Azure and what it said, ready to be judged.
///
/// Absence is evidence only where coverage is complete; every question therefore has three answers.
/// A clone shares what was read, so that fixes can be tried on several at once.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    pub(crate) inputs: Arc<Vec<Input>>,
    pub(crate) cloud: Cloud,
    pub(crate) is_recording: bool,
    pub(crate) taken_at: Option<jiff::Timestamp>,
    /// Who recorded it.
    pub(crate) signed_in: Option<SignedIn>,
    /// The tenant that was asked.
    pub(crate) tenant_id: Option<ObjectId>,
    pub(crate) tables: Tables,
    /// Bodies that a patch changed, while it is tried.
    pub(crate) patched: Map<ResourceId, serde_json::Value>,
    pub(crate) refusals: Map<ResourceId, Refusal>,
    pub(crate) lists: Arc<Lists>,
    pub(crate) direct: Arc<Map<String, DirectAnswer>>,
    pub(crate) dns: Vec<RecordedAnswer>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) observations: Vec<Observation>,
    /// Paths that failed until fixes were applied to the recording in memory; what was said before does not count.
    pub(crate) repaired: Vec<String>,
    pub(crate) index: Arc<Index>,
    /// The same for resources that a patch made, while it is tried.
    pub(crate) made: Index,
    /// What was worked out of the index, for all who ask.
    pub(crate) memo: Arc<Memo>,
}

/// What is looked up often, made once after reading.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Vaults, by host name.
    pub vault_hosts: Map<String, Vec<ResourceId>>,
    /// Role assignments, by where they are held.
    pub grants: Map<HeldAt, Holders>,
    /// Role assignments, by principal (lower case).
    pub assignments_of: Map<String, Vec<ResourceId>>,
    /// Deny assignments, by scope.
    pub denials_at: Map<ResourceId, Vec<ResourceId>>,
    /// Assignments held above a subscription, by the subscription (lower case) whose lists returned them, and
    /// by their type.
    pub from_above: Map<(String, &'static str), Vec<ResourceId>>,
    /// Role assignments that a list says are assigned to a principal (lower case), by name or through a group.
    pub assigned_to: Map<String, Vec<ResourceId>>,
    /// The groups (lower case) of a principal (lower case), where Microsoft Graph listed all of them.
    pub groups_of: Map<String, BTreeSet<String>>,
    /// Links of private zones and forwarding rulesets, by network.
    pub links_of: Map<ResourceId, Vec<ResourceId>>,
    /// Private zones, by name (lower case).
    pub zones: Map<String, Vec<ResourceId>>,
    /// Names of private zones of which not every link was seen, and why.
    pub open_zones: Map<String, Gap>,
    /// Role definitions, by the last segment of their id (lower case).
    pub roles: Map<String, ResourceId>,
    /// Named values, certificates, policies, APIs, operations and backends, by the API Management instance they belong to.
    pub children_of: Map<ResourceId, Vec<ResourceId>>,
    /// Network statuses of an API Management instance and of its locations, by the instance.
    pub network_status_of: Map<ResourceId, Vec<ResourceId>>,
    /// Apps and their slots, by the app.
    pub sites_of: Map<ResourceId, Vec<ResourceId>>,
    /// States of Key Vault references, by the app or slot they belong to.
    pub references_of: Map<ResourceId, Vec<ResourceId>>,
    /// Storage accounts, by name (lower case).
    pub accounts: Map<String, Vec<ResourceId>>,
    /// Vaults, by the letters and digits of their name (lower case).
    pub vaults_like: Map<String, Vec<ResourceId>>,
    /// User-assigned identities, by client id (lower case).
    pub identities: Map<String, ResourceId>,
    /// Deleted vaults, by the name they had (lower case).
    pub deleted_vaults: Map<String, ResourceId>,
    /// Perimeter associations, by the resource inside.
    pub associations_of: Map<ResourceId, Vec<ResourceId>>,
}

impl Index {
    /// What the resources and the lists tell.
    pub(crate) fn of(estate: &Estate) -> Self {
        let mut index = Self::of_resources(estate);
        index.add_lists(estate);
        index
    }

    /// What the resources alone tell.
    pub(crate) fn of_resources(estate: &Estate) -> Self {
        let mut index = Index::default();
        for vault in estate.rows::<kv::Vault>() {
            let host = vault.properties.vault_uri.as_deref().and_then(|uri| {
                let host = uri.split_once("://")?.1.split(['/', ':']).next()?;
                Some(host.to_ascii_lowercase())
            });
            let host = host.unwrap_or_else(|| estate.cloud.vault_host(vault.name()));
            index.vault_hosts.entry(host).or_default().push(vault.id.clone());
            index.vaults_like.entry(letters(vault.name())).or_default().push(vault.id.clone());
        }
        for assignment in estate.rows::<auth::RoleAssignment>() {
            index.add_holder(assignment);
        }
        for denial in estate.rows::<auth::DenyAssignment>() {
            for scope in scopes_of(&denial.id, denial.properties.scope.as_ref()) {
                index.denials_at.entry(scope).or_default().push(denial.id.clone());
            }
        }
        for role in estate.rows::<auth::RoleDefinition>() {
            keep_first(&mut index.roles, role.name(), &role.id);
        }
        for identity in estate.rows::<msi::UserAssignedIdentity>() {
            if let Some(client_id) = &identity.properties.client_id {
                keep_first(&mut index.identities, client_id.as_str(), &identity.id);
            }
        }
        for deleted in estate.rows::<kv::DeletedVault>() {
            let vault = deleted.properties.vault_id.as_ref().unwrap_or(&deleted.id);
            keep_first(&mut index.deleted_vaults, vault.name(), &deleted.id);
        }
        for association in estate.rows::<nsp::ResourceAssociation>() {
            if let Some(inside) = &association.properties.private_link_resource {
                index.associations_of.entry(inside.id.clone()).or_default().push(association.id.clone());
            }
        }
        let Tables { named_values, certificates, policies, apis, operations, backends, .. } = &estate.tables;
        let references = named_values.keys().chain(certificates.keys());
        for id in references.chain(policies.keys()).chain(apis.keys()).chain(operations.keys()).chain(backends.keys()) {
            if let Some(instance) = id.within("Microsoft.ApiManagement/service") {
                index.children_of.entry(instance).or_default().push(id.clone());
            }
        }
        for id in estate.tables.network_status.keys() {
            if let Some(instance) = id.within("Microsoft.ApiManagement/service") {
                index.network_status_of.entry(instance).or_default().push(id.clone());
            }
        }
        for id in estate.tables.sites.keys() {
            if let Some(app) = id.within("Microsoft.Web/sites") {
                index.sites_of.entry(app).or_default().push(id.clone());
            }
        }
        for id in estate.tables.references.keys() {
            if let Some(app) = app_of(id) {
                index.references_of.entry(app).or_default().push(id.clone());
            }
        }
        for account in estate.rows::<storage::StorageAccount>() {
            index.accounts.entry(account.name().to_ascii_lowercase()).or_default().push(account.id.clone());
        }
        for link in estate.rows::<dns::VirtualNetworkLink>() {
            if let Some(network) = &link.properties.virtual_network {
                index.links_of.entry(network.id.clone()).or_default().push(link.id.clone());
            }
        }
        index
    }

    /// Adds what the lists tell, and puts everything in order.
    pub(crate) fn add_lists(&mut self, estate: &Estate) {
        for zone in estate.all::<dns::PrivateDnsZone>() {
            let name = zone.name().to_ascii_lowercase();
            if let Some(gap) = estate.open::<dns::VirtualNetworkLink>(&zone.id, ZONE_LINKS) {
                self.open_zones.entry(name.clone()).or_insert(gap);
            }
            self.zones.entry(name).or_default().push(zone.id.clone());
        }
        // A zone in another subscription is often known by its links alone.
        for (zone, _) in estate.lists.iter().filter(|(_, kinds)| kinds.iter().any(|(kind, _)| *kind == ZONE_LINKS)) {
            let ids = self.zones.entry(zone.name().to_ascii_lowercase()).or_default();
            if !ids.contains(zone) {
                ids.push(zone.clone());
                if let Some(gap) = estate.open::<dns::VirtualNetworkLink>(zone, ZONE_LINKS) {
                    self.open_zones.entry(zone.name().to_ascii_lowercase()).or_insert(gap);
                }
            }
        }
        let lists =
            estate.lists.iter().flat_map(|(scope, kinds)| kinds.iter().map(move |(kind, all)| (scope, *kind, all)));
        for (scope, kind, answers) in lists {
            if !["microsoft.authorization/roleassignments", "microsoft.authorization/denyassignments"].contains(&kind) {
                continue;
            }
            for answer in answers {
                if let Filter::AssignedTo { principal, .. } = &answer.filter {
                    let key = principal.as_str().to_ascii_lowercase();
                    self.assigned_to.entry(key).or_default().extend(answer.ids.iter().cloned());
                }
            }
            if let Some(subscription) = scope.subscription() {
                let above = answers.iter().flat_map(|a| &a.ids).filter(|id| id.subscription().is_none());
                let key = (subscription.to_ascii_lowercase(), kind);
                self.from_above.entry(key).or_default().extend(above.cloned());
            }
        }
        self.add_groups(&estate.direct);
        self.add_grants(estate);
        self.sort();
    }

    /// Adds the role assignments, wherever they are held.
    fn add_grants(&mut self, estate: &Estate) {
        let mut listed: Map<&ResourceId, Vec<String>> = Map::default();
        for (principal, ids) in &self.assigned_to {
            ids.iter().for_each(|id| listed.entry(id).or_default().push(principal.clone()));
        }
        let mut grants: Map<HeldAt, Holders> = Map::default();
        let mut add = |at: HeldAt, id: &ResourceId| match estate.get::<auth::RoleAssignment>(id) {
            Fact::Known(assignment) => {
                grants.entry(at).or_default().add(assignment, listed.get(id).map(Vec::as_slice).unwrap_or_default());
            }
            Fact::Unknown(_) => grants.entry(at).or_default().open.push(id.clone()),
            Fact::Absent(_) => {}
        };
        for assignment in estate.rows::<auth::RoleAssignment>() {
            keys_of(assignment).0.into_iter().for_each(|scope| add(HeldAt::Scope(scope), &assignment.id));
        }
        for ((subscription, kind), ids) in &self.from_above {
            let ids = ids.iter().filter(|_| *kind == "microsoft.authorization/roleassignments");
            ids.for_each(|id| add(HeldAt::Above(subscription.clone()), id));
        }
        grants.values_mut().for_each(Holders::sort);
        self.grants = grants;
    }

    /// Adds what Microsoft Graph says about groups. Where it was asked in several ways, the first of them counts.
    fn add_groups(&mut self, answers: &Map<String, DirectAnswer>) {
        const HOSTS: [&str; 3] = ["graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"];
        const KINDS: [&str; 2] = ["serviceprincipals", "users"];
        let asked = |key: &'_ str| {
            let (host, of) = key.strip_suffix("/transitivememberof")?.split_once("/v1.0/")?;
            let (kind, principal) = of.split_once('/')?;
            let host = HOSTS.iter().position(|known| *known == host)?;
            Some((host, KINDS.iter().position(|known| *known == kind)?, principal.to_owned()))
        };
        let whole = answers.iter().filter(|(_, answer)| answer.complete);
        let mut whole: Vec<_> = whole.filter_map(|(key, answer)| Some((asked(key)?, answer))).collect();
        whole.sort_by(|(one, _), (other, _)| one.cmp(other));
        for ((.., principal), answer) in whole {
            let groups = || answer.items.iter().map(|item| item.id.to_ascii_lowercase()).collect();
            self.groups_of.entry(principal).or_insert_with(groups);
        }
    }

    /// Puts the ids under each key in order, whatever order they were read in.
    fn sort(&mut self) {
        fn tidy<'i, K: 'i>(maps: impl IntoIterator<Item = &'i mut Map<K, Vec<ResourceId>>>) {
            for ids in maps.into_iter().flat_map(Map::values_mut) {
                ids.sort();
                ids.dedup();
            }
        }
        let by_text = [
            &mut self.vault_hosts,
            &mut self.vaults_like,
            &mut self.accounts,
            &mut self.assignments_of,
            &mut self.assigned_to,
        ];
        let by_scope = [&mut self.denials_at];
        let by_resource = [
            &mut self.children_of,
            &mut self.network_status_of,
            &mut self.sites_of,
            &mut self.references_of,
            &mut self.links_of,
            &mut self.associations_of,
        ];
        tidy([&mut self.from_above]);
        rayon::join(|| tidy(by_text), || tidy(by_scope.into_iter().chain(by_resource)));
    }

    /// Adds a role assignment that a patch made.
    pub(crate) fn add_assignment(&mut self, assignment: &Resource<auth::RoleAssignment>) {
        for scope in keys_of(assignment).0 {
            self.grants.entry(HeldAt::Scope(scope)).or_default().add(assignment, &[]);
        }
        self.add_holder(assignment);
    }

    fn add_holder(&mut self, assignment: &Resource<auth::RoleAssignment>) {
        if let Some(principal) = keys_of(assignment).1 {
            self.assignments_of.entry(principal).or_default().push(assignment.id.clone());
        }
    }

    pub(crate) fn remove_assignment(&mut self, assignment: &Resource<auth::RoleAssignment>) {
        let (scopes, principal) = keys_of(assignment);
        for scope in scopes {
            if let Some(holders) = self.grants.get_mut(&HeldAt::Scope(scope)) {
                holders.remove(&assignment.id);
            }
        }
        if let Some(ids) = principal.and_then(|key| self.assignments_of.get_mut(&key)) {
            ids.retain(|id| *id != assignment.id);
        }
    }
}

/// The app or slot that something below its `config` belongs to.
fn app_of(id: &ResourceId) -> Option<ResourceId> {
    let end = id.as_str().to_ascii_lowercase().find("/config/")?;
    id.as_str().get(..end).map(ResourceId::new)
}

/// Keeps the first id, in the order of ids, under a key.
fn keep_first(map: &mut Map<String, ResourceId>, key: &str, id: &ResourceId) {
    let kept = map.entry(key.to_ascii_lowercase()).or_insert_with(|| id.clone());
    if id < kept {
        kept.clone_from(id);
    }
}

/// The letters and digits of a name, in lower case.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Where and for whom a role assignment is held, as keys of the index.
fn keys_of(assignment: &Resource<auth::RoleAssignment>) -> (Vec<ResourceId>, Option<String>) {
    let scopes = scopes_of(&assignment.id, assignment.properties.scope.as_ref());
    let principal = assignment.properties.principal_id.as_ref().map(|p| p.as_str().to_ascii_lowercase());
    (scopes, principal)
}

/// Where an assignment is held; both scopes where its id and its `scope` contradict each other.
fn scopes_of(id: &ResourceId, scope: Option<&ResourceId>) -> Vec<ResourceId> {
    match scope {
        Some(scope) if is_scope_of(id, scope) => vec![scope.clone()],
        Some(scope) => vec![scope.clone(), scope_of(id)],
        None => vec![scope_of(id)],
    }
}

/// Whether an assignment's id can name this scope. Resource Graph writes the id of one that is held at a management
/// group without the group.
pub(crate) fn is_scope_of(id: &ResourceId, scope: &ResourceId) -> bool {
    let begins = |text: &str, start: &str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    let text = id.as_str();
    // Nearly every id says so.
    if begins(text, scope.as_str()) && text.get(scope.as_str().len()..).is_some_and(|rest| begins(rest, AUTHORIZATION))
    {
        return true;
    }
    let names_one = text.to_ascii_lowercase().contains(AUTHORIZATION);
    !names_one || scope.subscription().is_none() && scope_of(id).as_str().is_empty()
}

const AUTHORIZATION: &str = "/providers/microsoft.authorization/";

/// The scope in an assignment's own id: what stands before its last `/providers/`; the one above all where there is
/// none.
pub(crate) fn scope_of(id: &ResourceId) -> ResourceId {
    let folded = id.as_str().to_ascii_lowercase();
    let end = folded.rfind(AUTHORIZATION).unwrap_or_default();
    ResourceId::new(id.as_str().get(..end).unwrap_or_default())
}

impl Estate {
    /// The ids of all resources of a type that were read, in order.
    pub(crate) fn ids<P: Modelled>(&self) -> Vec<&ResourceId> {
        self.all::<P>().into_iter().map(|resource| &resource.id).collect()
    }

    /// Adds an error text that somebody saw, and what it was about. What it proves counts as a fact.
    pub fn observe(&mut self, error: &str, resource: Option<ResourceId>) {
        self.observations.push(Observation { error: error.to_owned(), resource, at: None, is_status: false });
    }

    /// When the recording was taken; the latest where there are several.
    pub fn taken_at(&self) -> Option<jiff::Timestamp> {
        self.taken_at
    }

    /// The time to judge from: the one asked for, or when the recording was taken, or now.
    pub(crate) fn time(&self, asked: Option<jiff::Timestamp>) -> jiff::Timestamp {
        asked.or(self.taken_at).unwrap_or_else(jiff::Timestamp::now)
    }

    /// One resource.
    pub(crate) fn get<P: Modelled>(&self, id: &ResourceId) -> Fact<&Resource<P>> {
        match (P::table(&self.tables).get(id), self.refusals.get(id)) {
            // What contradicts another answer is in no table any more.
            (Some(row), _) => Fact::Known(&row.resource),
            (None, Some(Refusal::NotFound)) => Fact::Absent(id.clone()),
            (None, Some(Refusal::NotSeen(gap) | Refusal::Unreadable(gap) | Refusal::Contradicted(gap))) => {
                Fact::Unknown(gap.clone())
            }
            (None, None) => match self.listed_without(P::TYPES, id) {
                true => Fact::Absent(id.clone()),
                false => Fact::Unknown(Gap::not_collected(format!("{} `{}`", P::NOUN, id.name()), id)),
            },
        }
    }

    /// Whether a complete list of the parent or the subscription lacks the id.
    fn listed_without(&self, types: &[&str], id: &ResourceId) -> bool {
        let kind = id.resource_type().to_ascii_lowercase();
        let nested = kind.matches('/').count() > 1;
        let scope = if nested { id.parent() } else { id.subscription_scope() };
        let Some(scope) = scope.filter(|_| types.contains(&kind.as_str())) else { return false };
        self.answers(&scope, &kind).iter().any(|a| a.filter == Filter::None && a.not_seen.is_none())
    }

    /// Whether a resource was read with an api-version before this one, which may not answer newer properties.
    pub(crate) fn is_older<P: Modelled>(&self, id: &ResourceId, version: &str) -> bool {
        let row = P::table(&self.tables).get(id);
        row.is_some_and(|row| !row.rank.1.is_empty() && *row.rank.1 < *version)
    }

    /// All resources of a type that were seen anywhere, in no order.
    fn rows<P: Modelled>(&self) -> impl Iterator<Item = &Resource<P>> {
        P::table(&self.tables).values().map(|row| &row.resource)
    }

    /// All resources of a type that were seen anywhere, in the order of ids.
    pub(crate) fn all<P: Modelled>(&self) -> Vec<&Resource<P>> {
        let mut all: Vec<_> = self.rows::<P>().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// The answers to requests for a list, by scope and type (lower case).
    pub(crate) fn answers(&self, scope: &ResourceId, kind: &str) -> &[ListAnswer] {
        let kinds = self.lists.get(scope).map(Vec::as_slice).unwrap_or_default();
        kinds.iter().find(|(own, _)| *own == kind).map(|(_, answers)| answers.as_slice()).unwrap_or_default()
    }

    /// Resources of a type directly below a scope: the links of a zone, the vaults of a subscription.
    pub(crate) fn list<P: Modelled>(&self, scope: &ResourceId, kind: &str) -> Listing<&Resource<P>> {
        let answers = self.answers(scope, kind);
        let table = P::table(&self.tables);
        let mut ids: Vec<&ResourceId> = answers.iter().flat_map(|a| &a.ids).collect();
        ids.sort();
        ids.dedup();
        let items = ids.into_iter().filter_map(|id| table.get(id)).map(|row| &row.resource).collect();
        Listing { items, not_seen: not_seen(answers, P::NOUN, scope, kind) }
    }

    /// Links of private zones and forwarding rulesets to a network.
    pub(crate) fn links_of<'e>(&'e self, network: &ResourceId) -> impl Iterator<Item = &'e ResourceId> + use<'e> {
        both(self.index.links_of.get(network), self.made.links_of.get(network))
    }

    /// Private zones of a name (lower case).
    pub(crate) fn zones_named<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e ResourceId> + use<'e> {
        both(self.index.zones.get(name), self.made.zones.get(name))
    }

    /// The vault that answers to a host name, where one is known.
    pub(crate) fn vaults_at(&self, host: &str) -> &[ResourceId] {
        self.index.vault_hosts.get(host).map(Vec::as_slice).unwrap_or_default()
    }

    /// Storage accounts of a name.
    pub(crate) fn accounts_named(&self, name: &str) -> &[ResourceId] {
        self.index.accounts.get(&name.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Vaults whose names differ from this one only in signs and case.
    pub(crate) fn vaults_like(&self, name: &str) -> &[ResourceId] {
        let wanted = Some(letters(name)).filter(|letters| !letters.is_empty());
        wanted.and_then(|letters| self.index.vaults_like.get(&letters)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The user-assigned identity with this client id, wherever it was seen.
    pub(crate) fn identity_of_client(&self, client_id: &ObjectId) -> Option<&Resource<msi::UserAssignedIdentity>> {
        let id = self.index.identities.get(&client_id.as_str().to_ascii_lowercase())?;
        self.tables.identities.get(id).map(|row| &row.resource)
    }

    /// The deleted vault that had this name.
    pub(crate) fn deleted_vault(&self, name: &str) -> Option<&Resource<kv::DeletedVault>> {
        let id = self.index.deleted_vaults.get(&name.to_ascii_lowercase())?;
        self.tables.deleted_vaults.get(id).map(|row| &row.resource)
    }

    /// Why the list of a type at a scope is not known to be complete; `None` where it is.
    pub(crate) fn open<P: Modelled>(&self, scope: &ResourceId, kind: &str) -> Option<Gap> {
        not_seen(self.answers(scope, kind), P::NOUN, scope, kind)
    }
}

/// What was read, then what a patch made.
fn both<'e>(
    read: Option<&'e Vec<ResourceId>>,
    made: Option<&'e Vec<ResourceId>>,
) -> impl Iterator<Item = &'e ResourceId> {
    read.into_iter().chain(made).flatten()
}

/// Links of a private zone.
pub const ZONE_LINKS: &str = "microsoft.network/privatednszones/virtualnetworklinks";

/// Why a list is not complete: the best of the answers decides.
fn not_seen(answers: &[ListAnswer], noun: &str, scope: &ResourceId, kind: &str) -> Option<Gap> {
    let mut whole = answers.iter().filter(|a| a.filter == Filter::None && a.not_seen.is_none());
    if let Some(first) = whole.next() {
        return whole.any(|other| other.ids != first.ids).then(|| {
            Gap::contradictory(format!("two answers to the list of {noun}s at `{scope}` differ"))
                .advise("diagnose the latest recording alone, or collect again")
        });
    }
    answers.iter().find_map(|a| a.not_seen.clone()).or_else(|| {
        Some(Gap::not_collected(format!("the complete list of {noun}s at `{scope}`"), Get::list(scope, kind)))
    })
}
