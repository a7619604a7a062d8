//! What a reader of a probe sees: the conclusion, and each step in the order in which it was taken.

use crate::base::Verdict;
use crate::live::dns::{End, NamedBy, Walk};
use crate::live::probe::answer::{Answered, Challenge};
use crate::live::probe::judge::{Concerns, Level, Trouble, end, is_private};
use crate::live::probe::tls::{Flaw, Tls, Trust, words};
use crate::live::probe::{Attempt, Connected, Seen, Used};

/// The answer in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Programs on this machine reach the host.
    Reachable,
    /// Programs on this machine reach the host; a given name server does not lead there.
    ReachableWithoutServer,
    /// Something stops programs on this machine.
    Blocked,
    /// Something answered, and its answer proves nothing.
    Unknown,
}

/// The answer, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conclusion {
    /// The answer in a word.
    pub reach: Reach,
    /// The answer in a sentence.
    pub says: String,
    /// The trouble that decided it, with what to do.
    pub trouble: Option<Trouble>,
}

/// One step, and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// How it went.
    pub verdict: Verdict,
    /// `dns`, `tcp`, `tls`, …
    pub name: &'static str,
    /// What was seen.
    pub says: String,
    /// What helps only those who look closer.
    pub details: Vec<String>,
    /// Usual, and of interest only to those who look closer.
    pub is_usual: bool,
}

impl Step {
    fn new(verdict: Verdict, name: &'static str, says: String) -> Self {
        Self { verdict, name, says, details: Vec::new(), is_usual: false }
    }
}

impl Seen {
    /// Concludes from everything that is worth saying, as [`Seen::troubles`] returns it.
    pub fn conclusion(&self, troubles: &[Trouble]) -> Conclusion {
        let trouble = troubles.iter().find(|trouble| trouble.level == Level::Error).cloned();
        let (reach, says) = match &trouble {
            Some(Trouble { concerns: Concerns::GivenServer, says, .. }) => {
                (Reach::ReachableWithoutServer, format!("{}, but {says}", self.answers()))
            }
            Some(trouble) => (Reach::Blocked, trouble.says.clone()),
            None if self.challenge.is_some() && self.is_unclear() => {
                (Reach::Unknown, format!("{}, but its answer proves nothing", self.answers()))
            }
            None => (Reach::Reachable, self.answers()),
        };
        Conclusion { reach, says: format!("{}: {says}", self.host), trouble }
    }

    /// How the host answers, in words.
    fn answers(&self) -> String {
        let works = |attempt: &&Attempt| {
            attempt.used == Used::Programs && attempt.tls.as_ref().is_some_and(|tls| tls.flaws.is_empty())
        };
        let at = self.attempts.iter().find(works).map(|attempt| attempt.address.to_string());
        let at = match (at, &self.proxy) {
            (Some(at), _) => format!("answers at {at}"),
            (None, Some(proxy)) => format!("answers through the proxy {proxy}"),
            (None, None) => "answers".to_owned(),
        };
        match (&self.challenge, &self.identity) {
            (_, Some(identity)) if identity.is_listed() => {
                let what = if self.is_account() { "its contents" } else { "secrets" };
                format!("{at}, and allows this machine's identity to list {what}")
            }
            (Some(Challenge { tenant: Some(tenant), .. }), _) => {
                format!("{at}, and requests a token of tenant {tenant}")
            }
            _ if self.is_account() && self.is_reached() => format!("{at}, and requests a credential"),
            _ => at,
        }
    }

    /// Every step, in the order in which it was taken.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(proxy) = &self.proxy {
            let how = match self.through_proxy {
                true => {
                    format!("programs and the request to the {} use it; the other steps connect directly", self.noun())
                }
                false => "not used, because the cloud file sets the address".to_owned(),
            };
            steps.push(Step::new(Verdict::NotApplicable, "proxy", format!("{proxy}: {how}")));
        }
        for line in &self.hosts {
            let says = format!("{} line {} sets {}", line.file, line.line, line.address);
            steps.push(Step::new(Verdict::Unknown, "hosts", says));
        }
        steps.extend(self.walks.iter().map(|walk| self.walked(walk)));
        if let Some(programs) = &self.programs {
            let addresses: Vec<String> = programs.addresses.iter().map(ToString::to_string).collect();
            let (verdict, says) = match addresses.as_slice() {
                [] => (Verdict::Fail, format!("get no address: {}", programs.error.as_deref().unwrap_or_default())),
                some => (Verdict::Pass, format!("get {}", some.join(", "))),
            };
            steps.push(Step::new(verdict, "programs", says));
        }
        if let Some(address) = self.connect_to {
            let says = format!("the cloud file sets {address}, regardless of DNS");
            steps.push(Step::new(Verdict::NotApplicable, "address", says));
        }
        for attempt in &self.attempts {
            steps.push(connected(attempt));
            steps.extend(attempt.tls.as_ref().map(shaken));
        }
        if let Some(challenge) = &self.challenge {
            let is_unclear = self.is_account() && self.is_unclear() && challenge.request_id.is_some();
            let verdict = match (self.is_reached(), is_unclear) {
                (true, _) => Verdict::Pass,
                (false, true) => Verdict::Unknown,
                (false, false) => Verdict::Fail,
            };
            let name = if self.is_account() { "account" } else { "vault" };
            // Support asks which server answered, and for the id of the request.
            let marks = [("server", &challenge.server), ("request", &challenge.request_id)];
            let marks =
                marks.into_iter().filter_map(|(name, mark)| Some(format!("{name} {}", mark.as_ref()?))).collect();
            let mut step = Step::new(verdict, name, challenged(challenge));
            match verdict {
                Verdict::Pass => step.details = marks,
                _ => step.says = [vec![step.says], marks].concat().join("; "),
            }
            steps.push(step);
        }
        if let Some(identity) = &self.identity {
            let verdict = if identity.is_listed() { Verdict::Pass } else { Verdict::Fail };
            steps.push(Step::new(verdict, "identity", identified(identity)));
        }
        steps
    }

    fn walked(&self, walk: &Walk) -> Step {
        let is_ipv6 = walk.kind.name() == "AAAA";
        let has_no_records = matches!(walk.end, End::NoRecords { .. });
        let verdict = match walk.addresses() {
            [] if is_ipv6 && has_no_records => Verdict::NotApplicable,
            [] => Verdict::Fail,
            _ => Verdict::Pass,
        };
        let named_by = match walk.named_by {
            NamedBy::System => "system",
            NamedBy::CloudFile => "cloud file",
            NamedBy::Given => "given",
        };
        let mut chain = vec![walk.name.clone()];
        chain.extend(walk.hops.iter().filter(|hop| hop.kind == "CNAME").map(|hop| hop.data.clone()));
        let truncated = if walk.truncated { "; truncated over UDP, complete over TCP" } else { "" };
        let (chain, end) = (chain.join(" → "), end(&walk.end));
        let says = format!("{} ({named_by}) {}: {chain} → {end}{truncated}", walk.server, walk.kind.name());
        // The IPv4 walk of the same server ended in the same way, and says it already.
        let twin = self.walks.iter().find(|other| other.server == walk.server && other.kind != walk.kind);
        // Most names have no IPv6 address.
        let is_usual = is_ipv6 && (has_no_records || twin.is_some_and(|twin| twin.end == walk.end));
        Step { is_usual, ..Step::new(verdict, "dns", says) }
    }
}

fn connected(attempt: &Attempt) -> Step {
    let whose = if attempt.used == Used::GivenServer { " (programs on this machine do not use it)" } else { "" };
    let kind = if is_private(&attempt.address.ip()) { "private" } else { "public" };
    let (verdict, how) = match &attempt.tcp {
        Connected::Yes { millis } => (Verdict::Pass, format!("connected in {millis} ms")),
        Connected::Refused => (Verdict::Fail, "refused".to_owned()),
        Connected::Timeout => (Verdict::Fail, "timeout".to_owned()),
        Connected::Unreachable(error) => (Verdict::Fail, format!("unreachable: {error}")),
    };
    let smb = if attempt.smb { " for SMB" } else { "" };
    Step::new(verdict, "tcp", format!("{} ({kind}) {how}{smb}{whose}", attempt.address))
}

fn shaken(tls: &Tls) -> Step {
    let leaf = tls.chain.first();
    let shown =
        leaf.map(|leaf| format!("; {} issued by {}, until {}", leaf.subject, leaf.issuer, words(leaf.not_after)));
    let shown = shown.unwrap_or_default();
    let by = match tls.trust {
        Trust::System => "the system's authorities",
        Trust::CloudFile => "the cloud file's `ca_file`",
        Trust::None => "no authority",
    };
    let (verdict, says) = match tls.flaws.as_slice() {
        [] => (Verdict::Pass, format!("trusted by {by}{shown}")),
        flaws => {
            let flaws: Vec<String> = flaws.iter().map(Flaw::name).collect();
            (Verdict::Fail, format!("{}{shown}", flaws.join(", ")))
        }
    };
    let details = tls.chain.iter().map(|certificate| {
        let names = match certificate.names.as_slice() {
            [] => String::new(),
            names => format!("; for {}", names.join(", ")),
        };
        format!(
            "{} issued by {}; {} to {}{names}",
            certificate.subject,
            certificate.issuer,
            words(certificate.not_before),
            words(certificate.not_after)
        )
    });
    Step { details: details.collect(), ..Step::new(verdict, "tls", says) }
}

fn challenged(challenge: &Challenge) -> String {
    if let Some(error) = &challenge.error {
        return format!("no answer: {error}");
    }
    match (&challenge.tenant, &challenge.code) {
        (Some(tenant), _) => format!("requests a token ({}) of tenant {tenant}", challenge.status),
        (None, Some(code)) => format!("answers with {} {code}", challenge.status),
        (None, None) => format!("answers with {} and names no tenant", challenge.status),
    }
}

fn identified(identity: &Answered) -> String {
    if let Some(error) = &identity.no_token {
        return format!("no token: {error}");
    }
    let who = identity.caller.as_ref().and_then(|caller| caller.object_id.as_ref());
    let who = who.map(|who| format!("object id {who}: ")).unwrap_or_default();
    match (identity.listed, &identity.code) {
        (Some(count), _) => format!("{who}can list secrets ({count} on the first page)"),
        (None, _) if identity.is_listed() => format!("{who}can list (the list was discarded unread)"),
        (None, Some(code)) => format!("{who}{} {code}", identity.status),
        (None, None) => format!("{who}{}", identity.status),
    }
}
