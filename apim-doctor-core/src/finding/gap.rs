//! Texts of a gap: what is not known, and how to close it.

use std::fmt;

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
    pub(crate) fn closing(&self) -> Closing {
        let closing = |before: String, run: Line, after: String| Closing { before, run: Some(run), after };
        let run = match &self.details().closed_by {
            ClosedBy::Get(get) => line(get),
            ClosedBy::Role { action, at, then } => {
                let reader = if action.ends_with("/read") { "Reader does" } else { "Reader does not" };
                let before = format!("assign a role that includes `{action}` ({reader}) at `{at}`, then run");
                return closing(before, line(then), String::new());
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
                return closing("run".to_owned(), line, format!("on a machine{at}"));
            }
            ClosedBy::Blobs { account, container } => Command::new("az storage blob list")
                .option("--account-name", account)
                .option("--container-name", container)
                .and("--auth-mode login --query \"[].{name:name, made:properties.creationTime}\"")
                .line(),
            ClosedBy::AppConsole(host) => {
                let line = Command::new("nslookup").host(host).line();
                return closing("run".to_owned(), line, "from the app's console".to_owned());
            }
            ClosedBy::Nothing => {
                let why = self.kind().why_nothing();
                let before = match self.details().advice.as_str() {
                    "" => format!("nothing to collect: {why}"),
                    advice => format!("nothing to collect: {why}; {advice}"),
                };
                return Closing { before, run: None, after: String::new() };
            }
        };
        let before = match (self.details().advice.as_str(), self.kind()) {
            ("", GapKind::Refused(401)) => "sign in to the subscription's tenant, then run",
            ("", GapKind::Refused(404)) => "check the id, then run",
            ("", GapKind::Refused(429)) => "wait a minute, then run",
            ("", GapKind::Pending) => "wait until Azure has finished, then run",
            ("", _) => "",
            (advice, _) => return closing(format!("{advice}, then run"), run, String::new()),
        };
        closing(before.to_owned(), run, String::new())
    }
}

/// What closes a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    /// What comes before the command, or why nothing can be collected.
    pub before: String,
    /// The command.
    pub run: Option<Line>,
    /// Where to run it, when that is not the reader's own shell.
    pub after: String,
}

impl fmt::Display for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, run, after } = self;
        match run {
            None => f.write_str(before),
            Some(run) if before.is_empty() && after.is_empty() => write!(f, "{run}"),
            Some(run) if after.is_empty() => write!(f, "{before} `{run}`"),
            Some(run) => write!(f, "{before} `{run}` {after}"),
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
            Self::NotInFiles => "the files do not say it",
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
