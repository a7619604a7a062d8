//! The settings of a target's own firewall, as they apply to one caller.

use crate::base::{ResourceId, is_same_region};
use crate::eval::store::Store;
use crate::model::{ClosedBy, Estate, Gap};

/// Who makes the call, as far as the rules of a perimeter ask.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Identity {
    /// A managed identity of a resource in this subscription.
    Managed(String),
    /// A key of the target itself: no identity.
    Key,
    /// Not known, or nothing is documented for it.
    Unknown(Gap),
}

/// What a target's firewall has to know of a caller.
#[derive(Clone, Debug)]
pub(crate) struct FirewallCaller<'c> {
    /// The resource that calls.
    pub id: &'c ResourceId,
    /// Its noun in sentences.
    pub noun: &'static str,
    /// Its region, where that is known.
    pub region: Option<&'c str>,
    /// With which identity it calls.
    pub identity: Identity,
    /// It mounts a share, which is SMB and not HTTPS.
    pub smb: bool,
    /// The platform makes the call, and not always from the published addresses of the caller.
    pub by_platform: bool,
}

/// The target's settings, with documented defaults for what is absent.
#[derive(Clone, Debug)]
pub(crate) struct Settings<'v> {
    /// `publicNetworkAccess` is `Disabled`.
    pub disabled: bool,
    /// `publicNetworkAccess` is `SecuredByPerimeter`.
    pub by_perimeter: bool,
    /// `networkAcls.defaultAction`: `Some(true)` allows, `None` is absent inside the object.
    pub default_allows: Option<bool>,
    /// `networkAcls.bypass` lets trusted services in.
    pub bypass: bool,
    /// A property whose value is none of the documented ones.
    pub odd: Option<&'static str>,
    /// An address rule does nothing for a caller in the account's own region, which arrives with a private address.
    pub(super) ignores_addresses: bool,
    /// A resource rule names the caller.
    pub(super) names_caller: bool,
    /// What calls, in words.
    pub(super) caller: &'static str,
    /// The resource that calls.
    pub(super) caller_id: Option<ResourceId>,
    pub(super) identity: Identity,
    pub(super) smb: bool,
    pub(super) by_platform: bool,
    /// Where published address ranges of services are looked up.
    pub(super) estate: Option<&'v Estate>,
    pub(super) store: Store<'v>,
}

impl<'v> Settings<'v> {
    /// Reads the settings of a target.
    pub(crate) fn of(store: Store<'v>) -> Self {
        let access = store.public_network_access().map_or("Enabled", str::trim);
        let acls = store.network_acls();
        let action = acls.and_then(|a| a.default_action.as_deref()).map(str::trim);
        let bypass = acls.and_then(|a| a.bypass.as_deref()).map(str::trim);
        // A storage account lists what goes past its firewall.
        let passes = bypass.into_iter().flat_map(|list| list.split(',')).map(str::trim);
        let is = |one: &str, known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(one));
        let passing: &[&str] = match store {
            Store::Vault(_) => &["AzureServices", "None"],
            Store::Account(_) => &["AzureServices", "None", "Logging", "Metrics"],
        };
        let odd = [
            ("publicNetworkAccess", is(access, &["Enabled", "Disabled", "SecuredByPerimeter"])),
            ("defaultAction", action.is_none_or(|action| is(action, &["Allow", "Deny"]))),
            ("bypass", passes.clone().all(|one| is(one, passing))),
        ];
        let odd = odd.into_iter().find(|(_, documented)| !documented);
        Self {
            odd: odd.map(|(name, ..)| name),
            disabled: access.eq_ignore_ascii_case("Disabled"),
            by_perimeter: access.eq_ignore_ascii_case("SecuredByPerimeter"),
            default_allows: match acls {
                None => Some(true),
                Some(_) => match (action, store) {
                    (Some(action), _) => Some(action.eq_ignore_ascii_case("Allow")),
                    (None, Store::Account(_)) => Some(true),
                    (None, Store::Vault(_)) => None,
                },
            },
            bypass: bypass.is_none() || passes.into_iter().any(|one| one.eq_ignore_ascii_case("AzureServices")),
            ignores_addresses: false,
            names_caller: false,
            caller: "instance",
            caller_id: None,
            identity: Identity::Unknown(Gap::ambiguous("which identity calls").advise("fix the identity first")),
            smb: false,
            by_platform: false,
            estate: None,
            store,
        }
    }

    /// The same for one caller: a storage account treats callers of its own region, and resources that it names, in
    /// ways of their own.
    pub(crate) fn for_caller(mut self, estate: &'v Estate, caller: FirewallCaller<'_>) -> Self {
        let FirewallCaller { id, noun, region, identity, smb, by_platform } = caller;
        (self.caller, self.identity, self.smb, self.estate) = (noun, identity, smb, Some(estate));
        self.caller_id = Some(id.clone());
        let Store::Account(account) = self.store else {
            self.by_platform = by_platform;
            return self;
        };
        self.ignores_addresses = region.is_some() && is_same_region(account.location.as_deref(), region);
        let rules = self.store.network_acls().into_iter().flat_map(|acls| &acls.resource_access_rules);
        self.names_caller = rules.filter_map(|rule| rule.resource_id.as_deref()).any(|rule| matches(rule, id));
        self
    }

    /// What says when the caller was created.
    pub(super) fn created_at(&self) -> ClosedBy {
        self.caller_id.as_ref().map_or(ClosedBy::Nothing, ClosedBy::from)
    }

    /// Whether the firewall is on, as far as the target itself says.
    pub(crate) fn closed(&self) -> bool {
        self.disabled || self.by_perimeter || self.default_allows == Some(false)
    }
}

/// Whether a resource rule names a resource; a segment of the rule may be `*`.
fn matches(rule: &str, caller: &ResourceId) -> bool {
    let rule = ResourceId::new(rule);
    let (rule, caller): (Vec<&str>, Vec<&str>) = (rule.segments().collect(), caller.segments().collect());
    let same = |(a, b): (&&str, &&str)| *a == "*" || a.eq_ignore_ascii_case(b);
    rule.len() == caller.len() && rule.iter().zip(&caller).all(same)
}
