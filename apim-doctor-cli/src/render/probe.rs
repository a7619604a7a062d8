//! What this machine saw, for a tired person: the answer first, then one line a step, then what to do.

use std::io::Result;

use apim_doctor_core::Verdict;
use apim_doctor_core::live::dns::{End, NamedBy, Walk};
use apim_doctor_core::live::probe::answer::{Answered, Challenge};
use apim_doctor_core::live::probe::judge::{Concerns, Level, Trouble, end, flaw_name, is_private};
use apim_doctor_core::live::probe::tls::{Tls, Trust};
use apim_doctor_core::live::probe::{Attempt, Connected, Seen, Used};

use crate::args::Probe;
use crate::output::{Page, Paint};

/// Prints what was seen.
pub fn print(seen: &Seen, troubles: &[Trouble], args: &Probe, page: &mut Page<'_>) -> Result<()> {
    page.verdict(seen, troubles)?;
    if args.quiet {
        return Ok(());
    }
    page.line("")?;
    page.steps(seen, args.verbose)?;
    // What the answer said already is not said again.
    let answer = blocking(troubles);
    for (at, trouble) in troubles.iter().filter(|trouble| Some(*trouble) != answer).enumerate() {
        if at == 0 {
            page.line("")?;
        }
        page.trouble(trouble)?;
    }
    Ok(())
}

/// What is in the way of programs on this machine; else what a given name server lacks.
fn blocking(troubles: &[Trouble]) -> Option<&Trouble> {
    troubles.iter().find(|trouble| trouble.level == Level::Error)
}

impl Page<'_> {
    fn verdict(&mut self, seen: &Seen, troubles: &[Trouble]) -> Result<()> {
        let (word, says, hint) = match blocking(troubles) {
            Some(Trouble { concerns: Concerns::GivenServer, says, hint, .. }) => {
                let says = format!("{}, but {says}", reachable(seen));
                ("REACHABLE".as_doubt(), says, Some(hint))
            }
            Some(Trouble { says, hint, .. }) => ("BLOCKED".as_failure(), says.clone(), Some(hint)),
            // Something answered, and what it said proves nothing.
            None if seen.challenge.is_some() && seen.is_unclear() => {
                let says = format!("{}, and nothing certain follows from what it says", reachable(seen));
                ("UNKNOWN".as_doubt(), says, None)
            }
            None => ("REACHABLE".as_success(), reachable(seen), None),
        };
        self.hanging(&format!("{word}  "), "  ", &format!("{}: {says}", seen.host))?;
        hint.map_or(Ok(()), |hint| self.hanging("  what to do: ", "  ", hint))
    }

    fn steps(&mut self, seen: &Seen, verbose: bool) -> Result<()> {
        if let Some(proxy) = &seen.proxy {
            let how = if seen.through_proxy {
                format!(
                    "programs go through it, and so does the question to the {}; the other steps go straight",
                    seen.noun()
                )
            } else {
                "it is not used, as the cloud file says where to connect".to_owned()
            };
            self.step_of(Verdict::NotApplicable, "proxy", &format!("{proxy}: {how}"))?;
        }
        for line in &seen.hosts {
            let says = format!("{} line {} gives {}", line.file, line.line, line.address);
            self.step_of(Verdict::Unknown, "hosts", &says)?;
        }
        for walk in &seen.walks {
            // Most names have no IPv6 address, and nobody misses it.
            let usual = matches!(walk.end, End::NoRecords { .. }) || agrees(seen, walk);
            let is_ipv6 = walk.kind.name() == "AAAA";
            if verbose || !is_ipv6 || !usual {
                self.step_of(
                    if walk.addresses().is_empty() { negative(walk) } else { Verdict::Pass },
                    "dns",
                    &walked(walk),
                )?;
            }
        }
        match &seen.programs {
            Some(programs) if programs.addresses.is_empty() => {
                let error = programs.error.clone().unwrap_or_default();
                self.step_of(Verdict::Fail, "programs", &format!("get no address: {error}"))?;
            }
            Some(programs) => {
                let list: Vec<String> = programs.addresses.iter().map(ToString::to_string).collect();
                self.step_of(Verdict::Pass, "programs", &format!("get {}", list.join(", ")))?;
            }
            None => {}
        }
        if let Some(address) = seen.connect_to {
            let says = format!("the cloud file connects to {address}, whatever DNS says");
            self.step_of(Verdict::NotApplicable, "address", &says)?;
        }
        for attempt in &seen.attempts {
            self.attempt(attempt, verbose)?;
        }
        if let Some(challenge) = &seen.challenge {
            let (verdict, step) = match (seen.is_reached(), seen.is_account() && seen.is_unclear()) {
                (true, _) => (Verdict::Pass, challenged(challenge)),
                (false, true) if challenge.request_id.is_some() => (Verdict::Unknown, challenged(challenge)),
                (false, _) => (Verdict::Fail, challenged(challenge)),
            };
            // Whoever asks for help with an answer is asked who gave it, and for its id.
            let marks = [("server", &challenge.server), ("request", &challenge.request_id)];
            let marks = marks.into_iter().filter_map(|(name, mark)| Some(format!("; {name} {}", mark.as_ref()?)));
            let marks: String = marks.filter(|_| verbose || verdict != Verdict::Pass).collect();
            self.step_of(verdict, if seen.is_account() { "account" } else { "vault" }, &format!("{step}{marks}"))?;
        }
        if let Some(identity) = &seen.identity {
            let verdict = if identity.is_listed() { Verdict::Pass } else { Verdict::Fail };
            self.step_of(verdict, "identity", &identified(identity))?;
        }
        Ok(())
    }

    fn attempt(&mut self, attempt: &Attempt, verbose: bool) -> Result<()> {
        let whose = if attempt.used == Used::GivenServer { " (programs here do not use it)" } else { "" };
        let kind = if is_private(&attempt.address.ip()) { "private" } else { "public" };
        let (verdict, how) = match &attempt.tcp {
            Connected::Yes { millis } => (Verdict::Pass, format!("connected in {millis} ms")),
            Connected::Refused => (Verdict::Fail, "refused".to_owned()),
            Connected::Timeout => (Verdict::Fail, "timeout".to_owned()),
            Connected::Unreachable(error) => (Verdict::Fail, format!("unreachable: {error}")),
        };
        let smb = if attempt.smb { " for SMB" } else { "" };
        self.step_of(verdict, "tcp", &format!("{} ({kind}) {how}{smb}{whose}", attempt.address))?;
        let Some(tls) = &attempt.tls else { return Ok(()) };
        let verdict = if tls.flaws.is_empty() { Verdict::Pass } else { Verdict::Fail };
        self.step_of(verdict, "tls", &shaken(tls))?;
        if verbose {
            for certificate in &tls.chain {
                let names = match certificate.names.as_slice() {
                    [] => String::new(),
                    names => format!("; for {}", names.join(", ")),
                };
                let says = format!(
                    "{} issued by {}; {} to {}{names}",
                    certificate.subject, certificate.issuer, certificate.not_before, certificate.not_after
                );
                self.hanging("                       - ", "                         ", &says)?;
            }
        }
        Ok(())
    }

    fn step_of(&mut self, verdict: Verdict, name: &str, says: &str) -> Result<()> {
        let first = format!("  {} {name:9}  ", self.mark(verdict));
        self.hanging(&first, "                       ", says)
    }

    fn trouble(&mut self, trouble: &Trouble) -> Result<()> {
        let word = match trouble.level {
            Level::Error => "error".as_failure(),
            Level::Warning => "warning".as_doubt(),
            Level::Note => "note".dimmed(),
        };
        self.hanging(&format!("{word}  "), "  ", &trouble.says)?;
        self.hanging("  ", "  ", &trouble.hint)
    }
}

/// Whether an IPv6 walk ended as the IPv4 walk of the same server did, which says it already.
fn agrees(seen: &Seen, walk: &Walk) -> bool {
    let twin = seen.walks.iter().find(|other| other.server == walk.server && other.kind != walk.kind);
    twin.is_some_and(|twin| twin.end == walk.end)
}

fn reachable(seen: &Seen) -> String {
    let works =
        |attempt: &&Attempt| attempt.used == Used::Programs && attempt.tls.as_ref().is_some_and(|t| t.flaws.is_empty());
    let at = seen.attempts.iter().find(works).map(|attempt| attempt.address.to_string());
    let at = match (at, &seen.proxy) {
        (Some(at), _) => format!("answers at {at}"),
        (None, Some(proxy)) => format!("answers through the proxy {proxy}"),
        (None, None) => "answers".to_owned(),
    };
    match (&seen.challenge, &seen.identity) {
        (_, Some(identity)) if identity.is_listed() => {
            let what = if seen.is_account() { "what it has" } else { "secrets" };
            format!("{at}, and lets this machine's identity list {what}")
        }
        (Some(Challenge { tenant: Some(tenant), .. }), _) => format!("{at}, and asks for a token of tenant {tenant}"),
        _ if seen.is_account() && seen.is_reached() => format!("{at}, and asks for a credential"),
        _ => at,
    }
}

/// A negative answer: bad for IPv4, usual for IPv6.
fn negative(walk: &Walk) -> Verdict {
    match (walk.kind.name(), &walk.end) {
        ("AAAA", End::NoRecords { .. }) => Verdict::NotApplicable,
        _ => Verdict::Fail,
    }
}

fn walked(walk: &Walk) -> String {
    let named_by = match walk.named_by {
        NamedBy::System => "system",
        NamedBy::CloudFile => "cloud file",
        NamedBy::Given => "given",
    };
    let mut chain = vec![walk.name.clone()];
    chain.extend(walk.hops.iter().filter(|hop| hop.kind == "CNAME").map(|hop| hop.data.clone()));
    let ended = end(&walk.end);
    let truncated = if walk.truncated { "; truncated over UDP, whole over TCP" } else { "" };
    format!("{} ({named_by}) {}: {} → {ended}{truncated}", walk.server, walk.kind.name(), chain.join(" → "))
}

fn shaken(tls: &Tls) -> String {
    let own = tls.chain.first();
    let shown = own.map(|leaf| format!("; {} issued by {}, until {}", leaf.subject, leaf.issuer, leaf.not_after));
    let shown = shown.unwrap_or_default();
    let by = match tls.trust {
        Trust::System => "the system's authorities",
        Trust::CloudFile => "the cloud file's `ca_file`",
        Trust::Nobody => "nobody",
    };
    match tls.flaws.as_slice() {
        [] => format!("trusted by {by}{shown}"),
        flaws => {
            let flaws: Vec<String> = flaws.iter().map(flaw_name).collect();
            format!("{}{shown}", flaws.join(", "))
        }
    }
}

fn challenged(challenge: &Challenge) -> String {
    if let Some(error) = &challenge.error {
        return format!("no answer: {error}");
    }
    match (&challenge.tenant, &challenge.code) {
        (Some(tenant), _) => format!("asks for a token ({}) of tenant {tenant}", challenge.status),
        (None, Some(code)) => format!("answers {} {code}", challenge.status),
        (None, None) => format!("answers {} without naming a tenant", challenge.status),
    }
}

fn identified(identity: &Answered) -> String {
    if let Some(error) = &identity.no_token {
        return format!("no token: {error}");
    }
    let who = identity.caller.as_ref().and_then(|caller| caller.object_id.as_ref());
    let who = who.map(|who| format!("object id {who}: ")).unwrap_or_default();
    match (identity.listed, &identity.code) {
        (Some(count), _) => format!("{who}may list secrets ({count} on the first page)"),
        (None, _) if identity.is_listed() => format!("{who}may list (what was listed was dropped unread)"),
        (None, Some(code)) => format!("{who}{} {code}", identity.status),
        (None, None) => format!("{who}{}", identity.status),
    }
}
