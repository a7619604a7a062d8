//! Evaluates connections and certificates.

use super::trouble::{Found, Level, is_private};
use crate::knowledge::cloud::Cloud;
use crate::live::probe::tls::{Flaw, Trust, words};
use crate::live::probe::{Attempt, Connected, Seen, Used};

impl Seen {
    pub(super) fn connections(&self, found: &mut Found) {
        let own = || self.attempts.iter().filter(|attempt| attempt.used == Used::Programs && !attempt.smb);
        let works = own().any(|attempt| matches!(attempt.tcp, Connected::Yes { .. }));
        for attempt in &self.attempts {
            let level = match (attempt.used, works || attempt.smb) {
                (Used::Programs, false) => Level::Error,
                (Used::Programs, true) | (Used::GivenServer, _) => Level::Warning,
            };
            let private = is_private(&attempt.address.ip());
            let (how, hint) = match &attempt.tcp {
                Connected::Yes { .. } => continue,
                Connected::Refused => (
                    "refused",
                    "nothing listens on this port, or a firewall rejects the connection: check whose address it is",
                ),
                Connected::Timeout if private => (
                    "timeout",
                    "this is a private address: check that this machine has a route into that network (peering, VPN) \
                     and that no rule drops the port",
                ),
                Connected::Timeout => ("timeout", "a firewall drops the packets"),
                Connected::Unreachable(_) => ("unreachable", "this machine has no route to it"),
            };
            let why = match &attempt.tcp {
                Connected::Unreachable(error) => format!(": {error}"),
                _ => String::new(),
            };
            let smb = if attempt.smb { ", so this machine cannot mount a share (SMB)" } else { "" };
            let says = format!("cannot connect to {}: {how}{why}{smb}", attempt.address);
            found.on_straight_way(level, says, hint);
        }
    }

    pub(super) fn certificates(&self, found: &mut Found) {
        for attempt in &self.attempts {
            let Some(tls) = &attempt.tls else { continue };
            let level = if attempt.used == Used::Programs { Level::Error } else { Level::Warning };
            for flaw in &tls.flaws {
                let (says, hint) = self.flawed(attempt, flaw);
                found.on_straight_way(level, says, &hint);
            }
            // The list is of Azure's own clouds; another cloud brings its own authority.
            let is_of = |cloud: &Cloud| cloud.vault_of(&self.host).is_some() || cloud.account_of(&self.host).is_some();
            let of_azure = Cloud::known().iter().any(is_of);
            if of_azure && tls.trust != Trust::CloudFile && tls.is_azures() == Some(false) {
                let says = format!(
                    "the certificate of {} was issued under `{}`, which Azure does not use: a proxy may read the \
                     traffic",
                    attempt.address,
                    tls.organisation().unwrap_or_default()
                );
                let hint = format!(
                    "ask the network's operator whether TLS is inspected, and to exclude {}s: programs with their own \
                     trusted authorities will reject the certificate",
                    self.noun()
                );
                found.on_straight_way(Level::Warning, says, &hint);
            }
        }
    }

    fn flawed(&self, attempt: &Attempt, flaw: &Flaw) -> (String, String) {
        let at = attempt.address;
        let leaf = attempt.tls.as_ref().and_then(|tls| tls.chain.first()).cloned().unwrap_or_default();
        match flaw {
            Flaw::WrongName => (
                format!("the certificate of {at} is for {}, not for `{}`", names(&leaf.names), self.host),
                "a different machine answers at this address: the name resolves to the wrong address, or a proxy \
                 intercepts the connection"
                    .to_owned(),
            ),
            Flaw::Expired => (
                format!(
                    "a certificate of {at} has expired; the server's own certificate ended {}",
                    words(leaf.not_after)
                ),
                "Azure renews its certificates in time: a different server answers, or this machine's clock is wrong"
                    .to_owned(),
            ),
            Flaw::NotYetValid => (
                format!(
                    "a certificate of {at} is not valid yet; the server's own certificate begins {}",
                    words(leaf.not_before)
                ),
                "check this machine's clock".to_owned(),
            ),
            Flaw::UnknownIssuer => (
                format!("this machine does not trust `{}`, which issued the certificate of {at}", leaf.issuer),
                format!(
                    "a proxy that inspects TLS has its own authority: install that authority on this machine, or \
                     exclude {}s from the inspection",
                    self.noun()
                ),
            ),
            Flaw::Untrusted(why) => {
                let says = format!("the certificate of {at}, issued by `{}`, is not trusted: {why}", leaf.issuer);
                (says, "ask the network's operator whether that authority is a TLS inspection proxy".to_owned())
            }
            Flaw::NoHandshake(why) => (
                format!("the TLS handshake with {at} failed: {why}"),
                format!(
                    "a firewall that filters by the name in the handshake may close the connection: allow the {}'s \
                     name in that firewall",
                    self.noun()
                ),
            ),
        }
    }
}

fn names(names: &[String]) -> String {
    match names {
        [] => "no name".to_owned(),
        some => some.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}
