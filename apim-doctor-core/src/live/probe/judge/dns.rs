//! Evaluates name resolution: the hosts file, the name servers, and the addresses that programs get.

use std::net::IpAddr;

use super::trouble::{Concerns, Found, Level, end, is_private, list};
use crate::knowledge::cloud::Cloud;
use crate::live::dns::{End, Kind, NamedBy, Walk};
use crate::live::probe::{Seen, Subservice};

impl Seen {
    /// The walks that decide what programs get.
    fn own(&self) -> impl Iterator<Item = &Walk> {
        self.walks.iter().filter(|walk| walk.named_by != NamedBy::Given)
    }

    fn has_address(&self) -> bool {
        match &self.programs {
            Some(programs) => !programs.addresses.is_empty(),
            None => self.own().any(|walk| !walk.addresses().is_empty()),
        }
    }

    pub(super) fn names(&self, found: &mut Found) {
        for line in &self.hosts {
            let answered: Vec<&IpAddr> = self.walks.iter().flat_map(Walk::addresses).collect();
            let same = answered.contains(&&line.address);
            let says = format!(
                "`{}` line {} sets the address of `{}` to {}, which bypasses every name server{}",
                line.file,
                line.line,
                self.host,
                line.address,
                if same { "; DNS returns the same address" } else { "" }
            );
            let hint = "only this machine uses it; remove the line, or probe from a machine without it";
            found.on_straight_way(if same { Level::Note } else { Level::Warning }, says, hint);
        }
        self.kind_of_host(found);
        if let Some(error) = &self.no_servers {
            let hint = "give a name server with `--server IP`";
            found.on_straight_way(
                Level::Warning,
                format!("the system's name servers could not be determined: {error}"),
                hint,
            );
        }
        self.own_names(found);
        self.given_names(found);
    }

    /// A host that is neither a vault nor a storage account of the cloud, and what was meant perhaps.
    fn kind_of_host(&self, found: &mut Found) {
        let services = || std::iter::once(Subservice::Vault).chain(Subservice::STORAGE);
        let in_zone = services().find_map(|service| {
            let name = self.host.strip_suffix(&format!(".{}", self.cloud.zone_of(service)))?;
            Some(self.cloud.host_of(service, name.split('.').next().unwrap_or_default()))
        });
        if let Some(proper) = in_zone {
            let says = format!("`{}` is a name in a private zone, for which no certificate is valid", self.host);
            found.on_straight_way(Level::Error, says, &format!("use `{proper}`"));
        } else if self.service.is_none() {
            let noun = |cloud: &Cloud| match (cloud.vault_of(&self.host), cloud.account_of(&self.host)) {
                (Some(_), _) => Some(Subservice::Vault.noun()),
                (None, Some((_, service))) => Some(service.noun()),
                (None, None) => None,
            };
            let other = Cloud::known().into_iter().find_map(|cloud| Some((noun(&cloud)?, cloud.name)));
            let hint = match other {
                Some((noun, cloud)) => format!("it is a {noun} of {cloud}: give `--cloud {cloud}`"),
                None => format!(
                    "vaults of {} are named `NAME.{}`, and storage accounts `NAME.blob.{suffix}`, \
                     `NAME.file.{suffix}`, `NAME.queue.{suffix}` and `NAME.table.{suffix}`",
                    self.cloud.name,
                    self.cloud.key_vault_suffix,
                    suffix = self.cloud.storage_suffix
                ),
            };
            let says = format!(
                "`{}` is neither a vault nor a storage account of {}, so it is not queried",
                self.host, self.cloud.name
            );
            found.on_straight_way(Level::Note, says, &hint);
        }
    }

    /// The private zone of the host's service.
    fn zone(&self) -> String {
        self.cloud.zone_of(self.service.unwrap_or(Subservice::Vault))
    }

    /// Whether a zone is the public one that the host's name stands in.
    fn is_public_zone(&self, zone: &str) -> bool {
        match self.service {
            // A zone may be cut at each label of it.
            Some(service) if service != Subservice::Vault => {
                zone == self.cloud.storage_suffix
                    || zone == format!("{}.{}", service.group_id(), self.cloud.storage_suffix)
            }
            _ => zone == self.cloud.key_vault_suffix,
        }
    }

    /// What the name servers say that programs here use.
    fn own_names(&self, found: &mut Found) {
        let told_elsewhere = self.connect_to.is_some();
        if !self.has_address() {
            let level = if told_elsewhere { Level::Warning } else { Level::Error };
            // Neither IPv4 nor IPv6: the answer for IPv4 is the one that people look for.
            match self.own().find(|walk| walk.kind == Kind::A && walk.addresses().is_empty()) {
                Some(walk) => {
                    let says = said(walk);
                    found.on_straight_way(level, says, &self.advice(walk));
                }
                None => {
                    let error = self.programs.as_ref().and_then(|programs| programs.error.clone());
                    let says = format!("`{}` has no address here: {}", self.host, error.unwrap_or_default());
                    found.on_straight_way(
                        level,
                        says,
                        "programs use the system's resolver, which may use sources other than its name servers",
                    );
                }
            }
        } else {
            for walk in self.own().filter(|walk| walk.kind == Kind::A && walk.addresses().is_empty()) {
                let says = said(walk);
                found.on_straight_way(Level::Warning, says, &self.advice(walk));
            }
        }
        for walk in self.own().filter(|walk| walk.kind == Kind::Aaaa) {
            // A name server that fails for IPv6 makes programs wait, even where IPv4 works.
            if matches!(walk.end, End::Timeout { .. } | End::Failed { .. }) && self.has_address() {
                let says = format!("{} in the IPv6 query", said(walk));
                found.on_straight_way(
                    Level::Warning,
                    says,
                    "programs query IPv4 and IPv6 and may wait for this answer",
                );
            }
        }
        self.alias_to_public(found);
        // One without an answer was named already.
        let answered = self.own().filter(|walk| walk.kind == Kind::A && !walk.addresses().is_empty());
        let mut answers: Vec<Vec<IpAddr>> = answered.map(|walk| sorted(walk.addresses())).collect();
        answers.sort();
        answers.dedup();
        if answers.len() > 1 {
            let says = "the system's name servers answer differently".to_owned();
            found.on_straight_way(
                Level::Warning,
                says,
                "programs get one of the answers; make the name servers consistent",
            );
        }
    }

    /// A private endpoint is there, and this machine is led to the public address all the same.
    fn alias_to_public(&self, found: &mut Found) {
        let zone = format!(".{}", self.zone());
        let led = self.own().find(|walk| {
            let public = walk.addresses().iter().any(|address| !is_private(address));
            public && walk.hops.iter().any(|hop| hop.kind == "CNAME" && hop.data.ends_with(&zone))
        });
        if let Some(walk) = led {
            let says = format!(
                "the {} has a private endpoint, but this machine resolves its public address {}",
                self.noun(),
                list(walk.addresses())
            );
            let hint = format!(
                "if it should be private, link zone `{}` to the network whose DNS this machine uses, or forward the \
                 name to a resolver in that network",
                self.zone()
            );
            found.on_straight_way(Level::Note, says, &hint);
        }
    }

    /// What the given name servers say.
    fn given_names(&self, found: &mut Found) {
        let own: Vec<IpAddr> = match &self.programs {
            Some(programs) => sorted(&programs.addresses),
            None => sorted(&self.own().flat_map(Walk::addresses).copied().collect::<Vec<_>>()),
        };
        for walk in self.walks.iter().filter(|walk| walk.named_by == NamedBy::Given && walk.kind == Kind::A) {
            if walk.addresses().is_empty() {
                let says = said(walk);
                found.add(Concerns::GivenServer, Level::Error, says, &self.advice(walk));
            } else if !own.is_empty() && walk.addresses().iter().all(|address| !own.contains(address)) {
                let says = format!(
                    "name server {} answers {}, but programs on this machine get {}",
                    walk.server,
                    list(walk.addresses()),
                    list(&own)
                );
                let hint = "only one of them uses the private zone";
                found.add(Concerns::GivenServer, Level::Warning, says, hint);
            }
        }
    }

    /// What a negative answer means.
    fn advice(&self, walk: &Walk) -> String {
        let zone_of = |zone: &Option<String>| zone.clone().unwrap_or_default();
        match &walk.end {
            End::Addresses(_) => String::new(),
            End::NoSuchName { zone, .. } | End::NoRecords { zone, .. } if zone_of(zone) == self.zone() => {
                format!(
                    "this machine uses private zone `{}`, which has no address for the {}: add the record, or add a \
                     DNS zone group to the private endpoint, which creates it",
                    self.zone(),
                    self.noun()
                )
            }
            End::NoSuchName { zone, .. } if self.is_public_zone(&zone_of(zone)) => {
                format!("no {} has this name: it was deleted, or the name is misspelled", self.noun())
            }
            End::NoSuchName { zone: Some(zone), .. } | End::NoRecords { zone: Some(zone), .. } => {
                format!("check zone `{zone}` at its provider: it is responsible for the name but does not contain it")
            }
            End::NoSuchName { zone: None, .. } | End::NoRecords { zone: None, .. } => {
                "find out from the server's owner which zone answers, or query another server with `--server IP`"
                    .to_owned()
            }
            End::Failed { code, .. } if code == "SERVFAIL" => {
                "the server could not resolve the name: the server that it forwards to does not answer; 168.63.129.16 \
                 answers only inside Azure networks"
                    .to_owned()
            }
            End::Failed { code, .. } if code == "REFUSED" => {
                "the server refuses queries from this machine: allow its address on the server, or use the name \
                 server intended for this network"
                    .to_owned()
            }
            End::Failed { .. } => "check the server's log".to_owned(),
            End::Timeout { .. } => {
                "the server is down, its address is wrong, or a firewall drops UDP and TCP port 53".to_owned()
            }
            End::Unreachable { .. } => "check the server's address and port, and the route to it".to_owned(),
            End::Loop { .. } | End::TooLong => {
                "correct the CNAME records: one of them must lead to a name with an address".to_owned()
            }
        }
    }
}

/// What a name server said, or that it said nothing.
fn said(walk: &Walk) -> String {
    let server = walk.server;
    match &walk.end {
        End::Timeout { name } => format!("name server {server} did not answer for `{name}` in time"),
        End::Unreachable { name, error } => format!("name server {server} did not answer for `{name}`: {error}"),
        End::Loop { .. } | End::TooLong => {
            format!("name server {server} returns aliases without an address: {}", end(&walk.end))
        }
        answer => format!("name server {server} returned {}", end(answer)),
    }
}

fn sorted(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut sorted = addresses.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted
}
