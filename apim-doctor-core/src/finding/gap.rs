//! Texts of a gap: what is not known, and how to close it.

use crate::finding::{Command, Line};
use crate::model::{ClosedBy, Gap, GapKind, Get};

impl Gap {
    /// Describes in one line what is not known, and why.
    pub(crate) fn what(&self) -> String {
        match self.details().question.as_str() {
            "" => self.reason(),
            question => format!("{question}: {}", self.reason()),
        }
    }

    fn reason(&self) -> String {
        let subject = &self.details().subject;
        match self.kind() {
            GapKind::NotCollected => format!("{subject} was not collected"),
            GapKind::Unreadable => format!("{subject} could not be read"),
            GapKind::Refused(0) => format!("{subject}: Azure did not answer"),
            GapKind::Refused(401) => {
                format!("{subject}: the sign-in was rejected (401); it may be for a different tenant")
            }
            GapKind::Refused(403) => format!("{subject}: access was refused (403)"),
            GapKind::Refused(404) => format!("{subject}: not found (404)"),
            GapKind::Refused(409) => {
                format!("{subject}: Azure answered 409; the subscription may not have the provider registered")
            }
            GapKind::Refused(429) => format!("{subject}: Azure was busy (429)"),
            GapKind::Refused(status) => format!("{subject}: Azure answered {status}"),
            _ => subject.clone(),
        }
    }

    /// How to close the gap: a command, or the reason why nothing can be collected.
    pub(crate) fn ask(&self) -> String {
        let run = match &self.details().closed_by {
            ClosedBy::Get(get) => line(get),
            ClosedBy::Role { action, at, then } => {
                let reader = if action.ends_with("/read") { "Reader does" } else { "Reader does not" };
                return format!(
                    "assign a role that includes `{action}` ({reader}) at `{at}`, then run `{}`",
                    line(then)
                );
            }
            ClosedBy::Show(command, name) => Command::new(command).option("--name", name).line(),
            ClosedBy::Collect(id, option) => {
                let collect = Command::new("apim-doctor collect").word(id.as_str());
                let collect = if option.is_empty() { collect } else { collect.and(option) };
                collect.and("--output-file recording.json").line()
            }
            ClosedBy::Diagnose(options) => Command::new("apim-doctor diagnose").and(options).line(),
            ClosedBy::Probe { host, server, subnet } => {
                let probe = Command::new("apim-doctor probe").host(host);
                let probe = server.iter().fold(probe, |probe, server| probe.option("--server", server));
                let probe = subnet.iter().fold(probe, |probe, subnet| probe.option("--vantage", subnet));
                let line = probe.and("--output json").line();
                let at = subnet.as_ref().map(|subnet| format!(" in subnet `{}`", subnet.name())).unwrap_or_default();
                return format!("run `{line}` on a machine{at}");
            }
            ClosedBy::AppConsole(host) => {
                return format!("run `{}` from the app's console", Command::new("nslookup").host(host).line());
            }
            ClosedBy::Nothing => {
                let why = self.kind().why_nothing();
                return match self.details().advice.as_str() {
                    "" => format!("nothing to collect: {why}"),
                    advice => format!("nothing to collect: {why}; {advice}"),
                };
            }
        };
        match (self.details().advice.as_str(), self.kind()) {
            ("", GapKind::Refused(401)) => format!("sign in to the subscription's tenant, then run `{run}`"),
            ("", GapKind::Refused(404)) => format!("check the id, then run `{run}`"),
            ("", GapKind::Refused(429)) => format!("wait a minute, then run `{run}`"),
            ("", GapKind::Pending) => format!("wait until Azure has finished, then run `{run}`"),
            ("", _) => run.to_string(),
            (advice, _) => format!("{advice}, then run `{run}`"),
        }
    }
}

impl GapKind {
    /// Why nothing can be collected.
    const fn why_nothing(self) -> &'static str {
        match self {
            Self::Undocumented => "Azure's documentation does not say",
            Self::Contradictory => "the collected answers contradict each other",
            Self::AtRunTime => "it depends on each request",
            Self::OutsideAzure => "Azure does not show it",
            Self::NotKept => "the value may be a secret and is not recorded",
            Self::Pending => "Azure has not finished",
            Self::Ambiguous => "the configuration does not determine it",
            Self::NotEvaluated => "apim-doctor does not evaluate it",
            Self::NotCollected | Self::Refused(_) | Self::Incomplete | Self::Unreadable | Self::EarlierGate => {
                "no known request shows it"
            }
        }
    }
}

/// The request as a command of azure-cli.
fn line(get: &Get) -> Line {
    if get.path.starts_with("https://") {
        return Command::new("az rest --method get").option("--url", &get.path).line();
    }
    match get.version {
        "" => Command::new("az resource show").option("--ids", &get.path).line(),
        version => Command::get(&get.path, version, get.query).line(),
    }
}
