//! Which calls a vault's trusted-services exception covers. This depends on caller, identity and date.
//!
//! Sources: <https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints>,
//! <https://learn.microsoft.com/azure/api-management/breaking-changes/trusted-service-connectivity-retirement-march-2026>
//! and <https://learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity>
//! (read 2026-11-21).

use jiff::Timestamp;

/// The switch by which an owner gives up the gateway's trusted connectivity early.
pub(crate) const GATEWAY_SWITCH: &str =
    "Microsoft.WindowsAzure.ApiManagement.Gateway.ManagedIdentity.DisableOverPrivilegedAccess";

/// Which calls of a consumer the exception covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrustRule {
    /// All of them, with whichever identity.
    AnyIdentity {
        /// Why it is not certain that the exception covers them, and that a rule or a private endpoint is enough without
        /// the exception.
        contested: Option<&'static str>,
    },
    /// Those with the system-assigned identity. This is API Management's own rule for what its control plane fetches:
    /// custom-domain certificates, named values and client certificates.
    SystemAssigned,
    /// None.
    Never,
    /// API Management's gateway, at the time of a request: those with the system-assigned identity, until its trusted
    /// connectivity ended.
    Gateway {
        /// When the instance was created.
        created: Option<Timestamp>,
        /// Whether the owner gave up trusted connectivity.
        given_up: bool,
    },
}

/// Whether the exception covers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It does.
    Trusted {
        /// The day it ends, where that is known.
        until: Option<&'static str>,
    },
    /// Never with a user-assigned identity.
    UserAssigned,
    /// No longer trusted: the gateway's trusted connectivity has ended.
    Retired,
    /// Not for this use: the gateway of an instance created since 2025-12-01, an app.
    NeverCovered,
    /// The day the instance was created decides, and is not known.
    Undated,
}

/// The day the gateway's trusted connectivity ended.
pub(crate) const GATEWAY_RETIREMENT: &str = "2026-03-15";
/// The start of that day.
const GATEWAY_RETIRED: Timestamp = Timestamp::constant(1_773_532_800, 0);
/// Instances created from 2025-12-01 on never had it.
const GATEWAY_CLOSED_TO_NEW: Timestamp = Timestamp::constant(1_764_547_200, 0);

impl TrustRule {
    /// Whether the exception covers a call with this kind of identity on that day.
    pub(crate) fn trust(self, system_assigned: bool, as_of: Timestamp) -> Trust {
        let (created, given_up) = match self {
            TrustRule::Gateway { created, given_up } => (created, given_up),
            TrustRule::SystemAssigned if system_assigned => return Trust::Trusted { until: None },
            TrustRule::SystemAssigned => return Trust::UserAssigned,
            TrustRule::Never => return Trust::NeverCovered,
            TrustRule::AnyIdentity { .. } => return Trust::Trusted { until: None },
        };
        let new = created.map(|at| at >= GATEWAY_CLOSED_TO_NEW);
        match (new, as_of >= GATEWAY_RETIRED || given_up) {
            (Some(true), _) => Trust::NeverCovered,
            (_, true) => Trust::Retired,
            (_, false) if !system_assigned => Trust::UserAssigned,
            (Some(false), false) => Trust::Trusted { until: Some(GATEWAY_RETIREMENT) },
            (None, false) => Trust::Undated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn midnight(day: &str) -> Timestamp {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn the_days_are_those_of_the_documentation() {
        assert_eq!(GATEWAY_RETIRED, midnight(GATEWAY_RETIREMENT));
        assert_eq!(GATEWAY_CLOSED_TO_NEW, midnight("2025-12-01"));
    }

    #[test]
    fn the_retirement_ends_the_gateways_trust_and_no_other() {
        let (before, after) = (midnight("2026-03-14"), midnight("2026-03-15"));
        let old = TrustRule::Gateway { created: Some(midnight("2024-01-01")), given_up: false };
        let new = TrustRule::Gateway { created: Some(midnight("2025-12-01")), given_up: false };
        assert_eq!(old.trust(true, before), Trust::Trusted { until: Some(GATEWAY_RETIREMENT) });
        assert_eq!(old.trust(true, after), Trust::Retired);
        assert_eq!(new.trust(true, before), Trust::NeverCovered);
        assert_eq!(old.trust(false, before), Trust::UserAssigned);
        assert_eq!(TrustRule::SystemAssigned.trust(true, after), Trust::Trusted { until: None });
        assert_eq!(TrustRule::SystemAssigned.trust(false, after), Trust::UserAssigned);
    }
}
