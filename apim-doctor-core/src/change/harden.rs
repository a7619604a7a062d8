//! What a hardening changes in a resource.

use serde_json::{Value, json};

use crate::base::ResourceId;
use crate::finding::Edit;

/// What a hardening changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    VaultFirewall,
    VaultPublicAccessOff,
    VaultRoles,
    VaultSoftDelete,
    VaultPurgeProtection,
    VaultTrustedServicesOff,
    AccountFirewall,
    AccountPublicAccessOff,
    AccountNetworksOnly,
    AccountKeysOff,
    AccountAnonymousOff,
    AccountSecureTransfer,
    AccountTrustedServicesOn,
    AccountTrustedServicesOff,
    DenyOutbound,
    DenyInbound,
    DenyManagementOutbound,
    NoAnySource,
    /// This port is closed to the internet.
    NoInternet(u16),
}

const VAULT: &str = "Microsoft.KeyVault/vaults";
const ACCOUNT: &str = "Microsoft.Storage/storageAccounts";
const GROUP: &str = "Microsoft.Network/networkSecurityGroups";

impl Change {
    /// The type of the resources that it changes.
    pub(super) fn resource_type(self) -> &'static str {
        match self {
            Change::VaultFirewall
            | Change::VaultPublicAccessOff
            | Change::VaultRoles
            | Change::VaultSoftDelete
            | Change::VaultPurgeProtection
            | Change::VaultTrustedServicesOff => VAULT,
            Change::AccountFirewall
            | Change::AccountPublicAccessOff
            | Change::AccountNetworksOnly
            | Change::AccountKeysOff
            | Change::AccountAnonymousOff
            | Change::AccountSecureTransfer
            | Change::AccountTrustedServicesOn
            | Change::AccountTrustedServicesOff => ACCOUNT,
            Change::DenyOutbound
            | Change::DenyInbound
            | Change::DenyManagementOutbound
            | Change::NoAnySource
            | Change::NoInternet(_) => GROUP,
        }
    }

    /// What it changes in a resource; nothing if that is hardened already.
    pub(super) fn steps(self, id: &ResourceId, body: &Value) -> Vec<Edit> {
        let of = Body { id, body };
        match self {
            Change::VaultFirewall | Change::AccountFirewall => of.deny_by_default(),
            Change::VaultPublicAccessOff | Change::AccountPublicAccessOff => of.close(),
            Change::VaultRoles => of.flag("enableRbacAuthorization", true, false),
            Change::VaultSoftDelete => of.flag("enableSoftDelete", true, true),
            Change::VaultPurgeProtection => {
                let kept = of.flag("enableSoftDelete", true, true);
                kept.into_iter().chain(of.flag("enablePurgeProtection", true, false)).collect()
            }
            Change::VaultTrustedServicesOff | Change::AccountTrustedServicesOff => of.stop_trusting(),
            Change::AccountTrustedServicesOn => of.trust_services(),
            Change::AccountNetworksOnly => {
                let rules = of.at("/properties/networkAcls/ipRules").and_then(Value::as_array);
                let none = Edit::set(id, "/properties/networkAcls/ipRules", json!([]));
                let none = rules.is_some_and(|rules| !rules.is_empty()).then_some(none);
                of.deny_by_default().into_iter().chain(none).collect()
            }
            Change::AccountKeysOff => of.flag("allowSharedKeyAccess", false, true),
            Change::AccountAnonymousOff => of.flag("allowBlobPublicAccess", false, true),
            Change::AccountSecureTransfer => of.flag("supportsHttpsTrafficOnly", true, true),
            Change::DenyOutbound => of.deny("Outbound", &["*"], LAST),
            Change::DenyInbound => of.deny("Inbound", &["*"], LAST),
            Change::DenyManagementOutbound => of.deny("Outbound", &["22", "3389"], FIRST),
            Change::NoAnySource => of.remove_rules(|rule| rule.is_from("*")),
            Change::NoInternet(port) => of.remove_rules(|rule| rule.is_from_internet() && rule.allows_port(port)),
        }
    }
}

/// The first priority that a rule of a security group can have, and the last.
const FIRST: u64 = 100;
const LAST: u64 = 4096;

/// A recorded resource.
struct Body<'b> {
    id: &'b ResourceId,
    body: &'b Value,
}

impl Body<'_> {
    fn at(&self, pointer: &str) -> Option<&Value> {
        self.body.pointer(pointer).filter(|value| !value.is_null())
    }

    fn text(&self, pointer: &str) -> &str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn deny_by_default(&self) -> Vec<Edit> {
        if self.text("/properties/networkAcls/defaultAction").eq_ignore_ascii_case("Deny") {
            return Vec::new();
        }
        // Without a firewall nothing says whether trusted services bypass it: they do unless it is turned off.
        let bypass = Edit::set(self.id, "/properties/networkAcls/bypass", "AzureServices");
        let bypass = self.at("/properties/networkAcls/bypass").is_none().then_some(bypass);
        let deny = Edit::set(self.id, "/properties/networkAcls/defaultAction", "Deny");
        bypass.into_iter().chain([deny]).collect()
    }

    fn close(&self) -> Vec<Edit> {
        let own = self.text("/properties/publicNetworkAccess");
        // A perimeter closes it further.
        let is_closed = ["Disabled", "SecuredByPerimeter"].iter().any(|closed| closed.eq_ignore_ascii_case(own));
        let close = Edit::set(self.id, "/properties/publicNetworkAccess", "Disabled");
        if is_closed { Vec::new() } else { vec![close] }
    }

    /// Sets a flag, whose default is known.
    fn flag(&self, name: &str, value: bool, default: bool) -> Vec<Edit> {
        let pointer = format!("/properties/{name}");
        match self.at(&pointer).and_then(Value::as_bool).unwrap_or(default) == value {
            true => Vec::new(),
            false => vec![Edit::set(self.id, pointer, value)],
        }
    }

    /// Without a firewall there is nothing to bypass.
    fn stop_trusting(&self) -> Vec<Edit> {
        let has_firewall = self.at("/properties/networkAcls").is_some();
        let is_off = self.text("/properties/networkAcls/bypass").eq_ignore_ascii_case("None");
        match has_firewall && !is_off {
            true => vec![Edit::set(self.id, "/properties/networkAcls/bypass", "None")],
            false => Vec::new(),
        }
    }

    /// What else bypasses the firewall stays. Without a firewall there is nothing to bypass.
    fn trust_services(&self) -> Vec<Edit> {
        let bypass = self.text("/properties/networkAcls/bypass");
        let own = || bypass.split(',').map(str::trim).filter(|one| !one.is_empty());
        let is = |one: &str, name: &str| one.eq_ignore_ascii_case(name);
        if self.at("/properties/networkAcls/bypass").is_none() || own().any(|one| is(one, "AzureServices")) {
            return Vec::new();
        }
        let all: Vec<&str> = own().filter(|one| !is(one, "None")).chain(["AzureServices"]).collect();
        vec![Edit::set(self.id, "/properties/networkAcls/bypass", all.join(", "))]
    }

    fn rules(&self) -> impl DoubleEndedIterator<Item = (usize, Rule<'_>)> + ExactSizeIterator {
        let rules = self.at("/properties/securityRules").and_then(Value::as_array).map(Vec::as_slice);
        rules.unwrap_or_default().iter().map(Rule).enumerate()
    }

    /// Adds a rule that denies, at the free priority that is nearest to one.
    fn deny(&self, direction: &str, ports: &[&str], near: u64) -> Vec<Edit> {
        let is_own = |rule: &Rule<'_>| rule.is("direction", direction);
        let has_it = self.rules().any(|(_, rule)| {
            let all = rule.is("access", "Deny") && rule.is("protocol", "*") && rule.covers_every_address();
            is_own(&rule) && all && ports.iter().all(|port| rule.lists_port(port))
        });
        let taken: Vec<u64> = self.rules().filter(|(_, rule)| is_own(rule)).filter_map(|(_, r)| r.priority()).collect();
        let mut free = (FIRST..=LAST).filter(|priority| !taken.contains(priority));
        let priority = if near == LAST { free.next_back() } else { free.next() };
        let Some(priority) = priority.filter(|_| !has_it) else { return Vec::new() };
        let rule = json!({
            "name": format!("Deny-{direction}-{priority}"),
            "properties": {
                "priority": priority, "direction": direction, "access": "Deny", "protocol": "*",
                "sourceAddressPrefix": "*", "sourcePortRange": "*",
                "destinationAddressPrefix": "*", "destinationPortRanges": ports,
            },
        });
        vec![Edit::append(self.id, "/properties/securityRules", rule)]
    }

    /// Removes rules that allow inbound traffic, from the last to the first: their places do not change so.
    fn remove_rules(&self, which: impl Fn(&Rule<'_>) -> bool) -> Vec<Edit> {
        let allows = |rule: &Rule<'_>| rule.is("direction", "Inbound") && rule.is("access", "Allow");
        let own = self.rules().rev().filter(|(_, rule)| allows(rule) && which(rule));
        own.map(|(at, _)| Edit::remove(self.id, format!("/properties/securityRules/{at}"))).collect()
    }
}

/// A rule of a security group.
struct Rule<'r>(&'r Value);

impl Rule<'_> {
    fn texts(&self, one: &str, several: &str) -> Vec<&str> {
        let properties = self.0.get("properties");
        let one = properties.and_then(|own| own.get(one)?.as_str());
        let several = properties.and_then(|own| own.get(several)?.as_array()).into_iter().flatten();
        one.into_iter().chain(several.filter_map(Value::as_str)).filter(|text| !text.is_empty()).collect()
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.texts(name, "").iter().any(|own| own.eq_ignore_ascii_case(value))
    }

    fn priority(&self) -> Option<u64> {
        self.0.pointer("/properties/priority")?.as_u64()
    }

    fn is_from(&self, source: &str) -> bool {
        self.texts("sourceAddressPrefix", "sourceAddressPrefixes").contains(&source)
    }

    fn is_from_internet(&self) -> bool {
        ["*", "0.0.0.0/0", "0.0.0.0", "Internet", "any"].iter().any(|all| {
            self.texts("sourceAddressPrefix", "sourceAddressPrefixes").iter().any(|own| own.eq_ignore_ascii_case(all))
        })
    }

    fn covers_every_address(&self) -> bool {
        self.is_from("*") && self.texts("destinationAddressPrefix", "destinationAddressPrefixes").contains(&"*")
    }

    fn ports(&self) -> Vec<&str> {
        self.texts("destinationPortRange", "destinationPortRanges")
    }

    fn lists_port(&self, port: &str) -> bool {
        self.ports().iter().any(|own| *own == "*" || *own == port)
    }

    fn allows_port(&self, port: u16) -> bool {
        let holds = |range: &str| match range.split_once('-') {
            _ if range == "*" => true,
            Some((from, to)) => match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
                (Ok(from), Ok(to)) => (from..=to).contains(&port),
                _ => false,
            },
            None => range.trim().parse() == Ok(port),
        };
        self.ports().into_iter().any(holds)
    }
}
