//! What connections and certificates say.

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
                    "nothing listens there on this port, or a firewall on the way refuses: see whose address it is",
                ),
                Connected::Timeout if private => (
                    "timeout",
                    "a private address: this machine needs a way into that network (peering, VPN), and no rule on \
                     the way may drop the port",
                ),
                Connected::Timeout => ("timeout", "a firewall on the way drops the packets"),
                Connected::Unreachable(_) => ("unreachable", "this machine has no route to it"),
            };
            let why = match &attempt.tcp {
                Connected::Unreachable(error) => format!(": {error}"),
                _ => String::new(),
            };
            let smb = if attempt.smb { ", so no share can be mounted from here (SMB)" } else { "" };
            let says = format!("{} cannot be connected to: {how}{why}{smb}", attempt.address);
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
                    "the certificate of {} goes back to `{}`, which Azure does not use: a proxy may read what is sent",
                    attempt.address,
                    tls.organisation().unwrap_or_default()
                );
                let hint = format!(
                    "ask who runs the network whether TLS is inspected, and to leave {}s out: programs that bring \
                     their own authorities will refuse it",
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
                "another machine answers at this address: the name leads to the wrong one, or something stands in \
                 between"
                    .to_owned(),
            ),
            Flaw::Expired => (
                format!("a certificate of {at} has expired; its own ended {}", words(leaf.not_after)),
                "Azure renews its own in time: something else answers, or this machine's clock is wrong".to_owned(),
            ),
            Flaw::NotYetValid => (
                format!("a certificate of {at} does not hold yet; its own begins {}", words(leaf.not_before)),
                "check this machine's clock".to_owned(),
            ),
            Flaw::UnknownIssuer => (
                format!("this machine does not know `{}`, who issued the certificate of {at}", leaf.issuer),
                format!(
                    "a proxy that inspects TLS has its own authority: install that authority here, or leave {}s out of \
                     the inspection",
                    self.noun()
                ),
            ),
            Flaw::Untrusted(why) => {
                let says = format!("the certificate of {at}, issued by `{}`, is not trusted: {why}", leaf.issuer);
                (says, "ask who runs the network whether that authority is meant to stand in between".to_owned())
            }
            Flaw::NoHandshake(why) => (
                format!("no TLS with {at}: {why}"),
                format!(
                    "a firewall that looks at the name in the handshake may cut it off: allow the {}'s name there",
                    self.noun()
                ),
            ),
        }
    }
}

fn names(names: &[String]) -> String {
    match names {
        [] => "no name at all".to_owned(),
        some => some.iter().take(5).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}
