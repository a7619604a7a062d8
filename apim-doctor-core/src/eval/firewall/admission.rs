//! How a request arrives, and the firewall's decision.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::base::ResourceId;
use crate::model::Gap;

/// How a request arrives at the target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arrival {
    /// From API Management's control plane.
    ControlPlane {
        /// The gateway's own addresses, which it does not use.
        gateway: Vec<IpAddr>,
        /// The ranges of service tag `ApiManagement`, where they were read.
        ranges: Option<Vec<IpNet>>,
    },
    /// At the public endpoint, from these addresses.
    Public(Vec<IpAddr>),
    /// At the public endpoint, from addresses that are not known.
    PublicFrom(Gap),
    /// At the public endpoint, from a subnet with a service endpoint.
    ServiceEndpoint(ResourceId),
    /// Through a private endpoint.
    PrivateEndpoint(ResourceId),
}

/// The rule that let a request in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Private endpoints are not subject to the firewall.
    PrivateEndpoint,
    /// The firewall is off.
    Open,
    /// The trusted-services exception.
    TrustedService {
        /// The day the trust ends, where that is known.
        until: Option<&'static str>,
    },
    /// The entry of `virtualNetworkRules` with this number.
    Subnet(usize),
}

/// Why the firewall refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Public access is off.
    PublicAccessDisabled,
    /// A perimeter keeps it out, or the target waits for one.
    Perimeter,
    /// No rule names the source.
    SourceNotAllowed,
}

/// The firewall's answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Admission {
    /// In, by this rule.
    Admitted(Rule),
    /// Out.
    Refused(Refusal),
    /// Not known. `by_address`: an address rule might allow it, which is not documented.
    Unknown {
        /// The missing fact.
        gap: Gap,
        /// Why the firewall would refuse it if the missing fact does not help.
        likely: Option<Refusal>,
        /// An entry of `ipRules` may be the rule that allows it.
        by_address: bool,
    },
}
