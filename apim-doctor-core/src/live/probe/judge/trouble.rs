//! Problems that a probe reports.

use std::net::IpAddr;

use crate::live::dns::End;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is in the way.
    Error,
    /// Unusual, and may be a problem for some programs.
    Warning,
    /// It is worth knowing.
    Note,
}

/// Whose way something is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Concerns {
    /// Programs on this machine, on the straight way to the host.
    StraightWay,
    /// Programs on this machine, however they get there.
    Programs,
    /// Programs that use the given name server.
    GivenServer,
}

/// Something worth saying.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trouble {
    /// Whose way it is in.
    pub concerns: Concerns,
    /// How bad it is.
    pub level: Level,
    /// What was seen.
    pub says: String,
    /// What it means, or what to do.
    pub hint: String,
}

/// Where a walk ended, in words.
pub(crate) fn end(end: &End) -> String {
    let by = |zone: &Option<String>| match zone {
        Some(zone) => format!("; zone `{zone}` answered"),
        None => "; the answer does not name its zone".to_owned(),
    };
    match end {
        End::Addresses(addresses) => list(addresses),
        End::NoSuchName { name, zone } => format!("NXDOMAIN: `{name}` does not exist{}", by(zone)),
        End::NoRecords { name, zone } => format!("NODATA: `{name}` has no such record{}", by(zone)),
        End::Failed { name, code } => format!("{code} for `{name}`"),
        End::Timeout { name } => format!("timeout: no answer for `{name}`"),
        End::Unreachable { name, error } => format!("no answer for `{name}`: {error}"),
        End::Loop { name } => format!("CNAME loop: the aliases lead back to `{name}`"),
        End::TooLong => "too many aliases".to_owned(),
    }
}

pub(super) fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// An address that is routed inside networks only.
pub(crate) fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The problems found so far.
pub(super) struct Found(pub Vec<Trouble>);

impl Found {
    pub(super) fn add(&mut self, concerns: Concerns, level: Level, says: String, hint: &str) {
        self.0.push(Trouble { concerns, level, says, hint: hint.to_owned() });
    }

    pub(super) fn on_straight_way(&mut self, level: Level, says: String, hint: &str) {
        self.add(Concerns::StraightWay, level, says, hint);
    }

    pub(super) fn for_programs(&mut self, level: Level, says: String, hint: &str) {
        self.add(Concerns::Programs, level, says, hint);
    }
}
