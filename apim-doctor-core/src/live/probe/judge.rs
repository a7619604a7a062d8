//! What is in the way, of all that was seen: the first thing that stops a program on this machine, and what to do.

use std::net::IpAddr;

use serde::Serialize;

use super::tls::{Flaw, Trust};
use super::vault::{Answered, Challenge};
use super::{Attempt, Connected, Seen, Used};
use crate::knowledge::cloud::Cloud;
use crate::live::dns::{End, Kind, Told, Walk};

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// It is in the way.
    Error,
    /// It is odd, and may be in somebody's way.
    Warning,
    /// It is worth knowing.
    Note,
}

/// Whose way something is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Concerns {
    /// Programs on this machine, on the straight way to the host.
    StraightWay,
    /// Programs on this machine, however they get there.
    Programs,
    /// Whoever uses the given name server.
    GivenServer,
}

/// Something worth saying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// A flaw in one or two words, as a recording keeps it.
pub fn flaw_name(flaw: &Flaw) -> String {
    match flaw {
        Flaw::WrongName => "wrong name".to_owned(),
        Flaw::Expired => "expired".to_owned(),
        Flaw::NotYetValid => "not yet valid".to_owned(),
        Flaw::UnknownIssuer => "unknown issuer".to_owned(),
        Flaw::Untrusted(why) => format!("not trusted: {why}"),
        Flaw::NoHandshake(why) => format!("no handshake: {why}"),
    }
}

/// Where a walk ended, in words.
pub fn end(end: &End) -> String {
    let by = |zone: &Option<String>| match zone {
        Some(zone) => format!("; zone `{zone}` answered"),
        None => "; the answer does not name the zone".to_owned(),
    };
    match end {
        End::Addresses(addresses) => list(addresses),
        End::NoSuchName { name, zone } => format!("NXDOMAIN: `{name}` does not exist{}", by(zone)),
        End::NoRecords { name, zone } => format!("NODATA: `{name}` has no such record{}", by(zone)),
        End::Failed { name, code } => format!("{code} for `{name}`"),
        End::Timeout { name } => format!("timeout: no answer for `{name}`"),
        End::Unreachable { name, error } => format!("no answer for `{name}`: {error}"),
        End::Loop { name } => format!("CNAME loop: the aliases lead back to `{name}`"),
        End::TooLong => "the aliases never end".to_owned(),
    }
}

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// An address that is routed inside networks only.
pub fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

impl Seen {
    /// What is worth saying, worst first and then in the order of the steps.
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut found = Found(Vec::new());
        self.names(&mut found);
        self.connections(&mut found);
        self.certificates(&mut found);
        if let Some(challenge) = &self.challenge {
            self.challenged(challenge, &mut found);
        }
        if let Some(identity) = &self.identity {
            self.identified(identity, &mut found);
        }
        // Behind a proxy the straight way may well be closed, and nobody needs it.
        let behind_proxy = self.through_proxy && self.challenge.as_ref().is_some_and(|c| c.status == 401);
        let mut all = found.0;
        for trouble in &mut all {
            if behind_proxy && trouble.concerns == Concerns::StraightWay && trouble.level == Level::Error {
                trouble.level = Level::Warning;
            }
        }
        all.sort_by_key(|trouble| (trouble.level, trouble.concerns == Concerns::GivenServer));
        all
    }

    /// The walks that decide what programs get.
    fn own(&self) -> impl Iterator<Item = &Walk> {
        self.walks.iter().filter(|walk| walk.told != Told::Given)
    }

    fn has_address(&self) -> bool {
        match &self.programs {
            Some(programs) => !programs.addresses.is_empty(),
            None => self.own().any(|walk| !walk.addresses().is_empty()),
        }
    }

    fn names(&self, found: &mut Found) {
        for line in &self.hosts {
            let answered: Vec<&IpAddr> = self.walks.iter().flat_map(Walk::addresses).collect();
            let same = answered.contains(&&line.address);
            let says = format!(
                "`{}` line {} gives `{}` the address {}, past every name server{}",
                line.file,
                line.line,
                self.host,
                line.address,
                if same { ", and DNS says the same" } else { "" }
            );
            let hint = "only this machine sees it; remove the line, or look from a machine without it";
            found.direct(if same { Level::Note } else { Level::Warning }, says, hint);
        }
        if self.host.ends_with(&format!(".{}", self.cloud.vault_zone)) {
            let vault = self.host.split('.').next().unwrap_or_default();
            let says = format!("`{}` is the name of a private zone, for which no certificate holds", self.host);
            found.direct(Level::Error, says, &format!("use `{}`", self.cloud.vault_host(vault)));
        } else if !self.is_vault {
            let other = Cloud::known().into_iter().find(|cloud| cloud.vault_of(&self.host).is_some());
            let hint = match other {
                Some(cloud) => format!("it is a vault of {0}: give `--cloud {0}`", cloud.name),
                None => format!("vaults of {} are called `NAME.{}`", self.cloud.name, self.cloud.key_vault_suffix),
            };
            let says =
                format!("`{}` is no vault of {}, so it is not asked what a vault is asked", self.host, self.cloud.name);
            found.direct(Level::Note, says, &hint);
        }
        if let Some(error) = &self.no_servers {
            let hint = "give a name server with `--server IP`";
            found.direct(Level::Warning, format!("the system's name servers are not known: {error}"), hint);
        }
        self.own_names(found);
        self.given_names(found);
    }

    /// What the name servers say that programs here use.
    fn own_names(&self, found: &mut Found) {
        let told_elsewhere = self.connect_to.is_some();
        if !self.has_address() {
            let level = if told_elsewhere { Level::Warning } else { Level::Error };
            // Neither IPv4 nor IPv6: the answer for IPv4 is the one that people look for.
            match self.own().find(|walk| walk.kind == Kind::A && walk.addresses().is_empty()) {
                Some(walk) => {
                    let says = format!("name server {} says {}", walk.server, end(&walk.end));
                    found.direct(level, says, &self.advice(walk));
                }
                None => {
                    let error = self.programs.as_ref().and_then(|programs| programs.error.clone());
                    let says = format!("`{}` has no address here: {}", self.host, error.unwrap_or_default());
                    found.direct(level, says, "programs ask the system, which may ask others than its name servers");
                }
            }
        } else {
            for walk in self.own().filter(|walk| walk.kind == Kind::A && walk.addresses().is_empty()) {
                let says = format!("name server {} says {}", walk.server, end(&walk.end));
                found.direct(Level::Warning, says, &self.advice(walk));
            }
        }
        for walk in self.own().filter(|walk| walk.kind == Kind::Aaaa) {
            // A name server that fails for IPv6 makes programs wait, even where IPv4 works.
            if matches!(walk.end, End::Timeout { .. } | End::Failed { .. }) && self.has_address() {
                let says = format!("name server {} says {} when asked for IPv6", walk.server, end(&walk.end));
                found.direct(Level::Warning, says, "programs ask for both and may wait for it");
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
            found.direct(Level::Warning, says, "programs get the one or the other; make them answer the same");
        }
    }

    /// A private endpoint is there, and this machine is led to the public address all the same.
    fn alias_to_public(&self, found: &mut Found) {
        let zone = format!(".{}", self.cloud.vault_zone);
        let led = self.own().find(|walk| {
            let public = walk.addresses().iter().any(|address| !is_private(address));
            public && walk.hops.iter().any(|hop| hop.kind == "CNAME" && hop.data.ends_with(&zone))
        });
        if let Some(walk) = led {
            let says = format!(
                "the vault has a private endpoint, and this machine gets its public address {}",
                list(walk.addresses())
            );
            let hint = format!(
                "where it should be private: link zone `{}` to the network whose DNS is asked here, or forward the \
                 name to a resolver in that network",
                self.cloud.vault_zone
            );
            found.direct(Level::Note, says, &hint);
        }
    }

    /// What the given name servers say.
    fn given_names(&self, found: &mut Found) {
        let own: Vec<IpAddr> = match &self.programs {
            Some(programs) => sorted(&programs.addresses),
            None => sorted(&self.own().flat_map(Walk::addresses).copied().collect::<Vec<_>>()),
        };
        for walk in self.walks.iter().filter(|walk| walk.told == Told::Given && walk.kind == Kind::A) {
            if walk.addresses().is_empty() {
                let says = format!("name server {} says {}", walk.server, end(&walk.end));
                found.add(Concerns::GivenServer, Level::Error, says, &self.advice(walk));
            } else if !own.is_empty() && walk.addresses().iter().all(|address| !own.contains(address)) {
                let says = format!(
                    "name server {} answers {}, and programs here get {}",
                    walk.server,
                    list(walk.addresses()),
                    list(&own)
                );
                let hint = "one of them sees a private zone that the other does not see";
                found.add(Concerns::GivenServer, Level::Warning, says, hint);
            }
        }
    }

    /// What a negative answer means.
    fn advice(&self, walk: &Walk) -> String {
        let zone_of = |zone: &Option<String>| zone.clone().unwrap_or_default();
        match &walk.end {
            End::Addresses(_) => String::new(),
            End::NoSuchName { zone, .. } | End::NoRecords { zone, .. } if zone_of(zone) == self.cloud.vault_zone => {
                format!(
                    "the private zone `{}` is seen from here and has no address for the vault: add the record, or a \
                     zone group to the private endpoint, which adds it",
                    self.cloud.vault_zone
                )
            }
            End::NoSuchName { zone, .. } if zone_of(zone) == self.cloud.key_vault_suffix => {
                "no vault has this name: it was deleted, renamed, or the name is misspelt".to_owned()
            }
            End::NoSuchName { zone: Some(zone), .. } | End::NoRecords { zone: Some(zone), .. } => {
                format!("look at zone `{zone}` where it is kept: it answers for the name, and should have it")
            }
            End::NoSuchName { zone: None, .. } | End::NoRecords { zone: None, .. } => {
                "ask the server's owner which zone answers; another server can be asked with `--server IP`".to_owned()
            }
            End::Failed { code, .. } if code == "SERVFAIL" => {
                "the server could not find out: what it forwards to does not answer it. 168.63.129.16 answers only \
                 inside Azure networks"
                    .to_owned()
            }
            End::Failed { code, .. } if code == "REFUSED" => {
                "the server does not answer this machine: allow its address there, or ask the server that this \
                 network is meant to use"
                    .to_owned()
            }
            End::Failed { .. } => "look at the server's log".to_owned(),
            End::Timeout { .. } => {
                "the server is down, its address is wrong, or a firewall drops UDP and TCP port 53 on the way"
                    .to_owned()
            }
            End::Unreachable { .. } => "check the server's address and port, and the route to it".to_owned(),
            End::Loop { .. } | End::TooLong => {
                "correct the CNAME records: one of them must lead to a name with an address".to_owned()
            }
        }
    }

    fn connections(&self, found: &mut Found) {
        let own = || self.attempts.iter().filter(|attempt| attempt.used == Used::Programs);
        let works = own().any(|attempt| matches!(attempt.tcp, Connected::Yes { .. }));
        for attempt in &self.attempts {
            let level = match (attempt.used, works) {
                (Used::Programs, false) => Level::Error,
                (Used::Programs, true) | (Used::GivenServer, _) => Level::Warning,
            };
            let private = is_private(&attempt.address.ip());
            let (how, hint) = match &attempt.tcp {
                Connected::Yes { .. } => continue,
                Connected::Refused => {
                    ("refused", "somebody is there and nothing listens: the address is another machine's")
                }
                Connected::Timeout if private => (
                    "timeout",
                    "a private address: this machine needs a way into that network (peering, VPN), and no rule on \
                     the way may drop port 443",
                ),
                Connected::Timeout => ("timeout", "a firewall on the way drops the packets"),
                Connected::Unreachable(_) => ("unreachable", "there is no route from this machine"),
            };
            let why = match &attempt.tcp {
                Connected::Unreachable(error) => format!(": {error}"),
                _ => String::new(),
            };
            found.direct(level, format!("{} cannot be connected to: {how}{why}", attempt.address), hint);
        }
    }

    fn certificates(&self, found: &mut Found) {
        for attempt in &self.attempts {
            let Some(tls) = &attempt.tls else { continue };
            let level = if attempt.used == Used::Programs { Level::Error } else { Level::Warning };
            for flaw in &tls.flaws {
                let (says, hint) = self.flawed(attempt, flaw);
                found.direct(level, says, &hint);
            }
            // The list is of Azure's own clouds; another cloud brings its own authority.
            let of_azure = Cloud::known().iter().any(|cloud| cloud.vault_of(&self.host).is_some());
            if of_azure && tls.trust != Trust::CloudFile && tls.is_azures() == Some(false) {
                let says = format!(
                    "the certificate of {} goes back to `{}`, which Azure does not use: a proxy may read what is sent",
                    attempt.address,
                    tls.organisation().unwrap_or_default()
                );
                let hint = "ask who runs the network whether TLS is inspected, and to leave vaults out: programs that \
                            bring their own authorities will refuse it";
                found.direct(Level::Warning, says, hint);
            }
        }
    }

    fn flawed(&self, attempt: &Attempt, flaw: &Flaw) -> (String, String) {
        let at = attempt.address;
        let leaf = attempt.tls.as_ref().and_then(|tls| tls.chain.first()).cloned().unwrap_or_default();
        match flaw {
            Flaw::WrongName => (
                format!("the certificate of {at} is for {}, not for `{}`", names(&leaf.names), self.host),
                "another machine answers at this address: the name leads to the wrong one, or something stands in \
                 between"
                    .to_owned(),
            ),
            Flaw::Expired => (
                format!("a certificate of {at} has expired; its own ended {}", leaf.not_after),
                "Azure renews its own in time: something else answers, or this machine's clock is wrong".to_owned(),
            ),
            Flaw::NotYetValid => (
                format!("a certificate of {at} does not hold yet; its own begins {}", leaf.not_before),
                "check this machine's clock".to_owned(),
            ),
            Flaw::UnknownIssuer => (
                format!("this machine does not know `{}`, who issued the certificate of {at}", leaf.issuer),
                "a proxy that inspects TLS has its own authority: install that authority here, or leave vaults out \
                 of the inspection"
                    .to_owned(),
            ),
            Flaw::Untrusted(why) => {
                (format!("the certificate of {at} is not trusted: {why}"), "see who issued it, with -v".to_owned())
            }
            Flaw::NoHandshake(why) => (
                format!("no TLS with {at}: {why}"),
                "a firewall that looks at the name in the handshake may cut it off: allow the vault's name there"
                    .to_owned(),
            ),
        }
    }

    fn challenged(&self, challenge: &Challenge, found: &mut Found) {
        let code = challenge.code.as_deref().unwrap_or("no code");
        let message = challenge.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        match (challenge.status, &challenge.tenant, &challenge.authority) {
            (401, Some(_), Some(authority)) if *authority == self.cloud.authority => {}
            (401, Some(_), Some(authority)) => found.apart(
                Level::Warning,
                format!(
                    "the vault takes tokens of `{authority}`, and {} has `{}`",
                    self.cloud.name, self.cloud.authority
                ),
                "the vault belongs to another cloud, or something else answers",
            ),
            (0, ..) => {
                let error = challenge.error.clone().unwrap_or_default();
                found.apart(Level::Error, format!("the vault gives no answer: {error}"), "try again; then see -v");
            }
            (403, ..) => found.apart(Level::Error, format!("the vault answers 403 {code}{message}"), &refusal(code)),
            (status @ 300..=399, ..) => {
                let to = challenge.location.as_ref().map(|to| format!(" to `{to}`")).unwrap_or_default();
                let says = format!("a vault does not redirect, and this answer does ({status}{to})");
                found.apart(Level::Error, says, "a sign-in page or a proxy stands in between");
            }
            (status @ (429 | 500..=599), ..) => {
                found.apart(Level::Warning, format!("the vault answers {status} {code}{message}"), "try again later");
            }
            (status, ..) => found.apart(
                Level::Error,
                format!("a vault asks for a token (401), and this answer is {status} {code}{message}"),
                "something else than a vault answers",
            ),
        }
    }

    fn identified(&self, identity: &Answered, found: &mut Found) {
        if let Some(error) = &identity.no_token {
            let hint = "the machine has no identity, or its identity endpoint is not reached; a user-assigned one is \
                        chosen with AZURE_CLIENT_ID";
            found.apart(Level::Error, format!("this machine's identity gets no token: {error}"), hint);
            return;
        }
        let vaults = self.challenge.as_ref().and_then(|challenge| challenge.tenant.as_deref());
        let own = identity.caller.as_ref().and_then(|caller| caller.tenant_id.as_deref());
        if let (Some(vaults), Some(own)) = (vaults, own)
            && !vaults.eq_ignore_ascii_case(own)
        {
            let says = format!("the identity is of tenant {own}, and the vault takes tokens of tenant {vaults}");
            found.apart(Level::Error, says, "an identity reaches vaults of its own tenant only");
        }
        let code = identity.code.as_deref().unwrap_or("no code");
        let message = identity.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        match identity.status {
            200 => {}
            0 => found.apart(
                Level::Error,
                format!("the vault gives this machine's identity no answer{message}"),
                "try again; then look at the connection above",
            ),
            status => {
                let says = format!("the vault answers this machine's identity {status} {code}{message}");
                found.apart(Level::Error, says, &refusal(code));
            }
        }
    }
}

/// What a refusal of the vault means.
///
/// Source: <https://learn.microsoft.com/azure/key-vault/general/rest-error-codes> (read 2026-11-22).
fn refusal(code: &str) -> String {
    match code {
        "ForbiddenByConnection" => {
            "the vault is closed to public addresses: come through its private endpoint, or open it".to_owned()
        }
        "ForbiddenByFirewall" => {
            "the vault's firewall does not let this machine's address in: add the address or its subnet, or come \
             through a private endpoint"
                .to_owned()
        }
        "ForbiddenByRbac" => {
            "the identity has no role that lists secrets here (`Key Vault Secrets User` has one); it may still be \
             allowed to read a single one"
                .to_owned()
        }
        "ForbiddenByPolicy" | "AccessDenied" => {
            "no access policy of the vault gives the identity `list` for secrets; it may still have `get`".to_owned()
        }
        other => format!("`apim-doctor explain --error \"{other}\"` may know more"),
    }
}

fn names(names: &[String]) -> String {
    match names {
        [] => "no name at all".to_owned(),
        some => some.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

fn sorted(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut sorted = addresses.to_vec();
    sorted.sort();
    sorted.dedup();
    sorted
}

struct Found(Vec<Trouble>);

impl Found {
    fn add(&mut self, concerns: Concerns, level: Level, says: String, hint: &str) {
        self.0.push(Trouble { concerns, level, says, hint: hint.to_owned() });
    }

    fn direct(&mut self, level: Level, says: String, hint: &str) {
        self.add(Concerns::StraightWay, level, says, hint);
    }

    fn apart(&mut self, level: Level, says: String, hint: &str) {
        self.add(Concerns::Programs, level, says, hint);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::live::dns::HostsLine;
    use crate::live::probe::Programs;
    use crate::source::format::SignedIn;

    /// A vault whose name leads to a private address that does not answer.
    fn unreachable_vault() -> Seen {
        let address: IpAddr = "10.1.0.5".parse().unwrap();
        let walk = |server: &str, end| Walk {
            name: "kv1.vault.azure.net".into(),
            server: server.parse().unwrap(),
            told: Told::System,
            kind: Kind::A,
            hops: Vec::new(),
            end,
            truncated: false,
        };
        let silent = End::Timeout { name: "kv1.vault.azure.net".into() };
        Seen {
            host: "kv1.vault.azure.net".into(),
            port: 443,
            cloud: Cloud::public(),
            is_vault: true,
            proxy: None,
            through_proxy: false,
            hosts: Vec::new(),
            no_servers: None,
            walks: vec![walk("10.0.0.4:53", silent), walk("10.0.0.5:53", End::Addresses(vec![address]))],
            programs: Some(Programs { addresses: vec![address], error: None }),
            connect_to: None,
            attempts: vec![Attempt {
                address: SocketAddr::new(address, 443),
                used: Used::Programs,
                tcp: Connected::Timeout,
                tls: None,
            }],
            challenge: None,
            identity: None,
        }
    }

    fn levels(seen: &Seen) -> Vec<Level> {
        seen.troubles().iter().map(|trouble| trouble.level).collect()
    }

    #[test]
    fn what_blocks_comes_first_and_a_silent_second_server_does_not_block() {
        let seen = unreachable_vault();
        assert_eq!(levels(&seen), [Level::Error, Level::Warning]);
        let first = &seen.troubles()[0];
        assert_eq!(first.says, "10.1.0.5:443 cannot be connected to: timeout");
        assert!(first.hint.contains("peering"), "{}", first.hint);
    }

    #[test]
    fn behind_a_proxy_nobody_needs_the_straight_way() {
        let mut seen = unreachable_vault();
        seen.through_proxy = true;
        let challenge = Challenge {
            status: 401,
            tenant: Some("t".into()),
            authority: Some("login.microsoftonline.com".into()),
            ..Challenge::default()
        };
        seen.challenge = Some(challenge);
        assert_eq!(levels(&seen), [Level::Warning, Level::Warning]);
        seen.challenge = Some(Challenge { error: Some("no".into()), ..Challenge::default() });
        assert_eq!(levels(&seen)[0], Level::Error, "the proxy does not let it through either");
    }

    #[test]
    fn a_line_of_the_hosts_file_is_in_the_way_only_where_dns_says_otherwise() {
        let mut seen = unreachable_vault();
        seen.attempts.clear();
        let line = |address: &str| HostsLine { file: "/etc/hosts".into(), line: 3, address: address.parse().unwrap() };
        seen.hosts = vec![line("10.1.0.5"), line("10.9.9.9")];
        let troubles = seen.troubles();
        let of = |address: &str| troubles.iter().find(|trouble| trouble.says.contains(address)).unwrap().level;
        assert_eq!((of("10.1.0.5"), of("10.9.9.9")), (Level::Note, Level::Warning));
    }

    #[test]
    fn an_identity_of_another_tenant_is_named() {
        let mut seen = unreachable_vault();
        seen.attempts.clear();
        let tenant = |tenant: &str| Some(tenant.to_owned());
        let authority = tenant("login.microsoftonline.com");
        seen.challenge = Some(Challenge { status: 401, tenant: tenant("a"), authority, ..Challenge::default() });
        let caller = SignedIn { credential: None, tenant_id: tenant("b"), object_id: None };
        seen.identity = Some(Answered { caller: Some(caller), status: 401, ..Answered::default() });
        let first = &seen.troubles()[0];
        assert_eq!(first.says, "the identity is of tenant b, and the vault takes tokens of tenant a");
    }
}
