//! What a gate may look at while it judges one path.

use jiff::Timestamp;

use crate::base::ResourceId;
use crate::eval::firewall::{FirewallCaller, Identity, Settings};
use crate::knowledge::caller_kind::ConsumerKind;
use crate::knowledge::subservice::Subservice;
use crate::knowledge::trust::Trust;
use crate::model::{Caller, Estate, Fact, Gap};
use crate::path::access_path::{AccessPath, Credential, Origin};
use crate::path::exit::Exits;
use crate::path::target::{Principal, Target};

/// Everything a gate may look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'e> {
    /// The collected data.
    pub estate: &'e Estate,
    /// The path.
    pub path: &'e AccessPath,
    /// The subnets that paths leave from.
    pub exits: &'e Exits<'e>,
    /// The time to judge from.
    pub as_of: Timestamp,
    /// The path failed until a fix was applied in memory: that explains what was said of it before.
    pub is_repaired: bool,
}

impl<'e> Case<'e> {
    /// Whether the trusted-services exception would cover the path with this identity. Without one, `None` unless every
    /// identity gets the same answer.
    pub(crate) fn trust(&self, principal: Option<&Principal>) -> Option<Trust> {
        let trust = |system_assigned| self.path.trust.trust(system_assigned, self.as_of);
        match principal {
            Some(principal) => Some(trust(principal.is_system_assigned())),
            None => Some(trust(true)).filter(|either| *either == trust(false)),
        }
    }

    /// The settings of the target's firewall, as this caller meets them.
    pub(crate) fn settings(&self, target: &Target<'e>) -> Settings<'e> {
        let caller = FirewallCaller {
            id: &self.path.resource,
            noun: self.path.caller(),
            region: self.region(),
            identity: self.identity(),
            smb: target.subservice == Subservice::File,
            by_platform: self.path.consumer == ConsumerKind::Reference,
        };
        Settings::of(target.store).for_caller(self.estate, caller)
    }

    /// The region that calls leave from.
    fn region(&self) -> Option<&'e str> {
        let of_origin = match &self.path.origin {
            Origin::Subnet { location, .. } => location.as_deref(),
            _ => None,
        };
        of_origin.or(self.path.location.as_deref()).or_else(|| self.caller().known()?.location)
    }

    /// The identity of the call, as far as the rules of a perimeter ask for it.
    fn identity(&self) -> Identity {
        let path = self.path;
        let unknown = |what: &str| {
            Identity::Unknown(Gap::undocumented(what).advise("the perimeter's access log (NSPAccessLogs) shows it"))
        };
        let subscription = path.resource.subscription().unwrap_or_default();
        let of = |identity: &ResourceId| {
            // Which of the two subscriptions counts is not documented.
            let is_same = identity.subscription().is_some_and(|own| own.eq_ignore_ascii_case(subscription));
            match is_same {
                true => Identity::Managed(subscription.to_owned()),
                false => unknown("whether a perimeter checks the identity's subscription or the caller's"),
            }
        };
        match &path.credential {
            Credential::AccountKey => Identity::Key,
            Credential::UserAssigned(id) => of(id),
            Credential::SystemAssigned => of(&path.resource),
            Credential::ManagedIdentity { client_id } => match self.estate.identity_of_client(client_id) {
                Some(identity) => of(&identity.id),
                None => unknown("the subscription of the calling identity"),
            },
            Credential::FirstParty(_) => {
                unknown("whether a perimeter's subscription rule allows a Microsoft application")
            }
            Credential::Undetermined(gap) => Identity::Unknown(gap.clone()),
        }
    }

    /// The resource that calls.
    pub(crate) fn caller(&self) -> Fact<Caller<'e>> {
        self.estate.caller(self.path.caller_kind(), &self.path.resource)
    }
}
