//! What a tenant holds and what is wrong with it: names and ids alone.

use std::ops::Range;

use super::{Caller, Tenant};

/// Instances in a resource group.
pub(super) const IN_GROUP: usize = 5;
/// The zone of vaults' private endpoints.
pub(super) const ZONE: &str = "privatelink.vaultcore.azure.net";

/// FNV-1a with mixed bits: replaces Azure's random values.
fn number(text: &str) -> u64 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    let mixed = (hash ^ (hash >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

/// Returns a GUID that depends on a text.
pub(super) fn guid(text: &str) -> String {
    let a = number(text);
    let b = a.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ (a >> 32);
    let (high, low) = (a >> 32, a & 0xffff);
    format!("{high:08x}-{low:04x}-4{:03x}-9{:03x}-{:012x}", (a >> 16) & 0xfff, b >> 52, b & 0xffff_ffff_ffff)
}

/// Returns the client id of a user-assigned identity.
pub(super) fn client_of(identity: &str) -> String {
    guid(&format!("client {identity}"))
}

/// Returns the principal id of an identity: a user-assigned one, or the system-assigned one of a resource.
pub(super) fn principal_of(id: &str) -> String {
    guid(&format!("principal {id}"))
}

/// What is wrong with an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    UserAssigned,
    NoGrant,
    IgnoresPolicies,
    TrustedOff,
    WrongFormat,
    Disabled,
    IgnoresRoles,
}

/// The faults, each with its code and with the paths that fail.
const FAULTS: [(Fault, &str, usize); 7] = [
    (Fault::UserAssigned, "firewall.user-assigned-not-trusted", 8),
    (Fault::NoGrant, "authorization.no-grant", 8),
    (Fault::IgnoresPolicies, "authorization.rbac-mode-ignores-access-policies", 8),
    (Fault::TrustedOff, "firewall.trusted-services-off", 8),
    (Fault::WrongFormat, "object.wrong-format", 3),
    (Fault::Disabled, "object.disabled", 1),
    (Fault::IgnoresRoles, "authorization.policy-mode-ignores-roles", 8),
];

/// A subscription.
pub(super) struct Subscription<'t> {
    pub tenant: &'t Tenant,
    pub number: usize,
    pub id: String,
    pub scope: String,
}

impl<'t> Subscription<'t> {
    /// Returns a subscription; the one after the last is the hub.
    pub(super) fn of(tenant: &'t Tenant, number: usize) -> Self {
        let id = if number == tenant.subscriptions { guid("hub") } else { guid(&format!("subscription {number}")) };
        Self { tenant, number, scope: format!("/subscriptions/{id}"), id }
    }

    pub(super) fn hub(tenant: &'t Tenant) -> Self {
        Self::of(tenant, tenant.subscriptions)
    }

    pub(super) fn is_hub(&self) -> bool {
        self.number == self.tenant.subscriptions
    }

    pub(super) fn resource(&self, group: &str, kind: &str, name: &str) -> String {
        format!("{}/resourceGroups/{group}/providers/{kind}/{name}", self.scope)
    }

    /// The network: a spoke, or the hub's.
    pub(super) fn network(&self) -> String {
        let name = if self.is_hub() { "vnet-hub".to_owned() } else { format!("vnet-{:03}", self.number) };
        self.resource("rg-network", "Microsoft.Network/virtualNetworks", &name)
    }

    /// The hub's zone for vaults.
    pub(super) fn zone(&self) -> String {
        self.resource("rg-dns", "Microsoft.Network/privateDnsZones", ZONE)
    }

    /// The vault that callers share: all of the hub's, or the apps, gateways and Recovery Services vaults.
    pub(super) fn shared_vault(&self) -> String {
        let name = if self.is_hub() { "kv-hub-shared".to_owned() } else { format!("kv-{:03}-shared", self.number) };
        self.resource("rg-shared", "Microsoft.KeyVault/vaults", &name)
    }

    /// The numbers of the instances.
    pub(super) fn instances(&self) -> Range<usize> {
        let per = self.tenant.per_subscription();
        let end = if self.is_hub() { 0 } else { (self.number + 1) * per };
        (self.number * per).min(self.tenant.instances).min(end)..end.min(self.tenant.instances)
    }

    /// The groups of instances.
    pub(super) fn groups(&self) -> impl Iterator<Item = Group> {
        (0..self.instances().len().div_ceil(IN_GROUP)).map(|number| Group::of(self, number))
    }

    pub(super) fn sites(&self) -> impl Iterator<Item = String> {
        let name = |at| format!("app-{:03}-{at}", self.number);
        self.up_to(self.tenant.apps).map(move |at| self.resource("rg-apps", "Microsoft.Web/sites", &name(at)))
    }

    pub(super) fn gateways(&self) -> impl Iterator<Item = String> {
        let name = |at| format!("agw-{:03}-{at}", self.number);
        let all = self.up_to(self.tenant.gateways);
        all.map(move |at| self.resource("rg-edge", "Microsoft.Network/applicationGateways", &name(at)))
    }

    pub(super) fn gateway_identity(&self) -> String {
        self.resource(
            "rg-edge",
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            &format!("id-{:03}-agw", self.number),
        )
    }

    pub(super) fn recovery_vaults(&self) -> impl Iterator<Item = String> {
        let name = |at| format!("rsv-{:03}-{at}", self.number);
        let all = self.up_to(self.tenant.recovery_vaults);
        all.map(move |at| self.resource("rg-backup", "Microsoft.RecoveryServices/vaults", &name(at)))
    }

    fn up_to(&self, count: usize) -> Range<usize> {
        0..if self.is_hub() { 0 } else { count }
    }

    /// The ids of all resources that Resource Graph has.
    pub(super) fn resources(&self) -> Vec<String> {
        let mut all = vec![self.network(), self.shared_vault()];
        if self.is_hub() {
            all.push(self.zone());
            return all;
        }
        for group in self.groups() {
            all.extend([group.identity.clone(), group.security_group.clone(), group.vault.clone()]);
            if group.has_endpoint() {
                all.extend([group.endpoint(), group.interface()]);
            }
        }
        for at in self.instances() {
            let instance = Instance::of(self, at);
            all.extend(instance.fault.is_some().then(|| instance.vault.clone()));
            all.push(instance.id);
        }
        all.extend(self.sites().chain(self.gateways()).chain(self.recovery_vaults()));
        all.extend((self.tenant.gateways > 0).then(|| self.gateway_identity()));
        all
    }

    /// The callers, with the intended verdicts.
    pub(super) fn callers(&self) -> Vec<Caller> {
        let instances = self.instances().map(|at| {
            let instance = Instance::of(self, at);
            let (code, failing) = instance.cause.map_or((None, 0), |(code, failing)| (Some(code), failing));
            Caller { id: instance.id, code, paths: 8, failing }
        });
        // Every other app has no role.
        let sites = self.sites().enumerate().map(|(at, id)| match at % 2 {
            0 => Caller { id, code: None, paths: 2, failing: 0 },
            _ => Caller { id, code: Some("authorization.no-grant"), paths: 2, failing: 2 },
        });
        let others = self.gateways().chain(self.recovery_vaults());
        let others = others.map(|id| Caller { id, code: None, paths: 1, failing: 0 });
        instances.chain(sites).chain(others).collect()
    }
}

/// Instances that share a resource group, an identity, a security group and, where nothing is wrong, a vault.
pub(super) struct Group {
    pub number: usize,
    pub scope: String,
    pub identity: String,
    pub security_group: String,
    pub vault: String,
    tag: String,
}

impl Group {
    fn of(subscription: &Subscription<'_>, number: usize) -> Self {
        let tag = format!("{:03}-{number:03}", subscription.number);
        let name = format!("rg-apim-{tag}");
        let of = |kind: &str, prefix: &str| subscription.resource(&name, kind, &format!("{prefix}-{tag}"));
        Self {
            number,
            scope: format!("{}/resourceGroups/{name}", subscription.scope),
            identity: of("Microsoft.ManagedIdentity/userAssignedIdentities", "id"),
            security_group: of("Microsoft.Network/networkSecurityGroups", "nsg"),
            vault: of("Microsoft.KeyVault/vaults", "kv"),
            tag,
        }
    }

    /// Whether the group's vault has a private endpoint.
    pub(super) fn has_endpoint(&self) -> bool {
        self.number % 4 == 1
    }

    pub(super) fn endpoint(&self) -> String {
        format!("{}/providers/Microsoft.Network/privateEndpoints/pe-kv-{}", self.scope, self.tag)
    }

    pub(super) fn interface(&self) -> String {
        format!("{}/providers/Microsoft.Network/networkInterfaces/nic-kv-{}", self.scope, self.tag)
    }
}

/// An instance.
pub(super) struct Instance {
    /// Its number in its subscription.
    pub local: usize,
    pub tag: String,
    pub fault: Option<Fault>,
    cause: Option<(&'static str, usize)>,
    pub id: String,
    pub group: Group,
    /// Its own vault if something is wrong, or its group's.
    pub vault: String,
    pub subnet: String,
}

impl Instance {
    pub(super) fn of(subscription: &Subscription<'_>, at: usize) -> Self {
        let local = at - subscription.instances().start;
        let group = Group::of(subscription, local / IN_GROUP);
        let tag = format!("{at:05}");
        // Every other instance is broken; the faults alternate.
        let found = (at % 2 == 1).then(|| FAULTS[at / 2 % FAULTS.len()]);
        let own = format!("{}/providers/Microsoft.KeyVault/vaults/kv-apim-{tag}", group.scope);
        Self {
            local,
            fault: found.map(|(fault, ..)| fault),
            cause: found.map(|(_, code, failing)| (code, failing)),
            id: format!("{}/providers/Microsoft.ApiManagement/service/apim-{tag}", group.scope),
            vault: if found.is_some() { own } else { group.vault.clone() },
            subnet: format!("{}/subnets/snet-apim-{tag}", subscription.network()),
            group,
            tag,
        }
    }

    /// Three of four instances are in a network.
    pub(super) fn is_injected(&self) -> bool {
        self.local % 4 != 2
    }

    /// Whether one named value comes from the hub's vault.
    pub(super) fn uses_hub(&self) -> bool {
        self.fault.is_none() && self.local % 10 == 4
    }

    pub(super) fn principal(&self) -> String {
        principal_of(&self.id)
    }
}
