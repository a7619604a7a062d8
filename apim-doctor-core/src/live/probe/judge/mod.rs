//! Finds the first problem that blocks a program on this machine, and what to do.

mod dns;
mod reach;
mod storage;
mod trouble;
mod vault;

pub use trouble::{Concerns, Level, Trouble};
pub(crate) use trouble::{end, is_private};

use super::answer::Answered;
use super::{Seen, Subservice};
use trouble::Found;

impl Seen {
    /// What is worth saying, worst first and then in the order of the steps.
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut found = Found(Vec::new());
        self.names(&mut found);
        self.connections(&mut found);
        self.certificates(&mut found);
        if let Some(challenge) = &self.challenge {
            match self.is_account() {
                true => self.account_challenged(challenge, &mut found),
                false => self.challenged(challenge, &mut found),
            }
        }
        if let Some(identity) = &self.identity {
            self.as_identity(identity, &mut found);
        }
        if self.left_out_identity {
            let says = "`--as-identity` does not apply to file shares".to_owned();
            let hint = "listing file shares as an identity requires backup intent, which bypasses the share's \
                        permissions; an app opens its content share with an account key";
            found.for_programs(Level::Note, says, hint);
        }
        // Behind a proxy the direct way may be closed, and it is not needed.
        let behind_proxy = self.through_proxy && self.is_reached();
        let mut all = found.0;
        for trouble in &mut all {
            if behind_proxy && trouble.concerns == Concerns::StraightWay && trouble.level == Level::Error {
                trouble.level = Level::Warning;
            }
        }
        all.sort_by_key(|trouble| (trouble.level, trouble.concerns == Concerns::GivenServer));
        all
    }
}

impl Seen {
    /// What the host is, in words.
    pub fn noun(&self) -> &'static str {
        self.service.map_or("host", Subservice::noun)
    }

    /// The host is a service of a storage account.
    pub fn is_account(&self) -> bool {
        self.service.is_some_and(|service| service != Subservice::Vault)
    }

    /// Whether the host itself answers, and asks for nothing but a credential.
    pub fn is_reached(&self) -> bool {
        self.challenge.as_ref().is_some_and(|challenge| match self.is_account() {
            true => storage::is_reached(challenge),
            false => challenge.status == 401,
        })
    }

    /// Whether the host was not asked, or nothing certain follows from its answer.
    pub fn is_unclear(&self) -> bool {
        match (&self.challenge, &self.identity) {
            (None, _) => true,
            // The answer to a credential says more than the one without.
            (Some(_), Some(identity)) if identity.no_token.is_none() => {
                self.is_account() && storage::is_identity_unclear(identity)
            }
            (Some(challenge), _) => self.is_account() && storage::is_unclear(challenge),
        }
    }

    fn as_identity(&self, identity: &Answered, found: &mut Found) {
        if let Some(error) = &identity.no_token {
            let hint = "the machine has no identity, or its identity endpoint is unreachable; for a user-assigned \
                        identity, set AZURE_CLIENT_ID";
            found.for_programs(Level::Error, format!("this machine's identity could not get a token: {error}"), hint);
            return;
        }
        let theirs = self.challenge.as_ref().and_then(|challenge| challenge.tenant.as_deref());
        let own = identity.caller.as_ref().and_then(|caller| caller.tenant_id.as_deref());
        if let (Some(theirs), Some(own)) = (theirs, own)
            && !theirs.eq_ignore_ascii_case(own)
        {
            let noun = self.noun();
            let says = format!("the identity is in tenant {own}, but the {noun} accepts tokens of tenant {theirs}");
            let hint = format!("an identity can use only {noun}s of its own tenant");
            found.for_programs(Level::Error, says, &hint);
        }
        match self.is_account() {
            true => self.account_identified(identity, found),
            false => self.identified(identity, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use super::*;
    use crate::knowledge::cloud::Cloud;
    use crate::live::dns::{End, HostsLine, Kind, NamedBy, Walk};
    use crate::live::probe::answer::Challenge;
    use crate::live::probe::{Attempt, Connected, Programs, Used};
    use crate::source::format::SignedIn;

    /// A vault whose name leads to a private address that does not answer.
    fn unreachable_vault() -> Seen {
        let address: IpAddr = "10.1.0.5".parse().unwrap();
        let walk = |server: &str, end| Walk {
            name: "kv1.vault.azure.net".into(),
            server: server.parse().unwrap(),
            named_by: NamedBy::System,
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
            service: Some(Subservice::Vault),
            left_out_identity: false,
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
                smb: false,
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
        assert_eq!(first.says, "cannot connect to 10.1.0.5:443: timeout");
        assert!(first.hint.contains("peering"), "{}", first.hint);
    }

    #[test]
    fn the_direct_way_is_not_needed_behind_a_proxy() {
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
    fn a_page_that_is_no_list_is_no_success() {
        let mut seen = unreachable_vault();
        seen.attempts.clear();
        seen.walks.clear();
        let answered = |listed| Answered { status: 200, listed, ..Answered::default() };
        seen.identity = Some(answered(Some(0)));
        assert_eq!(levels(&seen), []);
        seen.identity = Some(answered(None));
        assert_eq!(seen.troubles()[0].says, "the answer to this machine's identity is not a list of secrets");
    }

    #[test]
    fn a_proxy_with_a_page_of_its_own_makes_nothing_of_an_account_certain() {
        let mut seen = unreachable_vault();
        (seen.host, seen.service) = ("st1.blob.core.windows.net".into(), Some(Subservice::Blob));
        let code = Some("AuthorizationPermissionMismatch".to_owned());
        let answered = Answered { status: 403, code, ..Answered::default() };
        seen.challenge = Some(Challenge { status: 200, ..Challenge::default() });
        seen.identity = Some(answered.clone());
        assert!(seen.is_unclear() && !seen.is_reached(), "no mark of the service");
        seen.identity = Some(Answered { request_id: Some("1".into()), ..answered });
        assert!(!seen.is_unclear(), "the service's own answer");
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
        assert_eq!(first.says, "the identity is in tenant b, but the vault accepts tokens of tenant a");
    }
}
