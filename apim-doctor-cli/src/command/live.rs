//! A live run: signs in, reads, shows progress, and returns a recording.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

use apim_doctor_core::live::{Collected, Collector, Cut, Limits, NoToken, Progress, Wanted};
use apim_doctor_core::recording::Exchange;
use apim_doctor_core::{Cloud, Estate, Input, ResourceId};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use crate::args::{Auth, Live};
use crate::command::unread;
use crate::credential::Chain;
use crate::failure::Failure;
use crate::files::LIVE;
use crate::input::Reading;
use crate::network::Further;
use crate::render::failure;
use crate::{cloud, network, output};

/// One request may take this long: Azure's slowest lists take some seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// One request may take this part of the whole run, so that one that hangs leaves time to try again and to read on.
const SHARE: u32 = 5;

/// How many pauses a watch has, and how long one may be.
const PAUSES: u32 = 20;
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Asks Azure, and reads what it answered, which is returned too.
pub(super) fn read(live: &Live, wanted: Wanted, quiet: bool) -> Result<(Reading, Vec<Exchange>), Failure> {
    let collected = collect(live, wanted, quiet)?;
    let bytes = serde_json::to_vec(&collected.snapshot).unwrap_or_default();
    let (estate, problems) = Estate::read(vec![Input::new(LIVE, bytes)]);
    problems.iter().for_each(failure::show);
    Ok((Reading { estate, flawed: collected.cut.is_some() }, collected.snapshot.exchanges))
}

/// Records what the wanted instances depend on.
pub(super) fn collect(live: &Live, wanted: Wanted, quiet: bool) -> Result<Collected, Failure> {
    network::run(run(live, wanted, quiet))?
}

async fn run(live: &Live, wanted: Wanted, quiet: bool) -> Result<Collected, Failure> {
    let session = Session::start(live, &wanted)?;
    let deadline = Duration::from_secs(live.timeout);
    session.collect(live, wanted, Vec::new(), (deadline, quiet)).await
}

/// What comes after a reading.
pub(super) enum Next {
    /// Nothing: it was the last.
    Stop,
    /// Another one at once, of everything.
    Confirm,
    /// Another one after a pause. These answers are not asked for again.
    Again(Vec<Exchange>),
}

/// Reads again and again until `next` asks for nothing more, the time is over or the user ends it. `next` gets each whole
/// recording and how long the pause after it is.
///
/// # Errors
/// As [`read`], for the first reading.
pub(super) fn watch(
    live: &Live,
    wanted: &Wanted,
    (time, quiet): (Duration, bool),
    mut next: impl FnMut(&Collected, Duration) -> Next,
) -> Result<(), Failure> {
    network::run(async {
        let end = Instant::now() + time;
        let session = Session::start(live, wanted)?;
        let pause = (time / PAUSES).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        let (mut known, mut is_first) = (Vec::new(), true);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let patience = Duration::from_secs(live.timeout);
            let patience = if is_first { patience } else { patience.min(left) };
            let collected = session.collect(live, wanted.clone(), known, (patience, quiet)).await?;
            // A part of a reading says less than the whole one before it.
            if collected.cut.is_some() && !is_first {
                return Ok(());
            }
            is_first = false;
            match next(&collected, pause) {
                Next::Again(stand) if collected.cut.is_none() => known = stand,
                Next::Confirm if collected.cut.is_none() => {
                    known = Vec::new();
                    continue;
                }
                _ => return Ok(()),
            }
            let left = end.saturating_duration_since(Instant::now());
            if left <= pause {
                return Ok(());
            }
            let waiting = waiting(quiet, pause);
            let stopped = tokio::select! {
                () = tokio::time::sleep(pause) => false,
                () = stop() => true,
            };
            waiting.finish_and_clear();
            if stopped {
                return Ok(());
            }
        }
    })?
}

/// Ready when the user ends the run.
pub(super) async fn stop() {
    // Without signals it cannot be stopped this way.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A connection to a cloud.
pub(super) struct Session {
    cloud: Cloud,
    /// Reads it.
    pub collector: Collector,
    chain: Arc<Chain>,
}

impl Session {
    /// Connects, and reads nothing yet.
    pub(super) fn start(live: &Live, wanted: &Wanted) -> Result<Self, Failure> {
        let chosen = cloud::choose(live.cloud.as_deref())?;
        let deadline = Duration::from_secs(live.timeout);
        let (settings, blob_lists) = (live.read_settings, live.ask_storage);
        let further = Further { settings, blob_lists, ..Further::default() };
        let outlet = network::outlet(&chosen, PATIENCE.min(deadline / SHARE).max(Duration::from_secs(1)), further)?;
        let named = wanted.resources.iter().chain(wanted.held.as_ref().map(|(_, scope)| scope));
        let subscription =
            named.filter_map(ResourceId::subscription).next().or(live.subscription.first().map(String::as_str));
        let chain = Arc::new(Chain::new(live.auth, &chosen.cloud, outlet.clone(), subscription));
        let cloud = chosen.cloud.clone();
        let collector = Collector::new(chosen.name, chosen.cloud, outlet, chain.clone())
            .with_limits(Limits::default().with_deadline(deadline))
            .ask_vaults(live.ask_vault)
            .ask_storage(live.ask_storage);
        Ok(Self { cloud, collector, chain })
    }

    /// Reads once, within a time. `known`: answers that are not asked for again.
    async fn collect(
        &self,
        live: &Live,
        wanted: Wanted,
        known: Vec<Exchange>,
        (patience, quiet): (Duration, bool),
    ) -> Result<Collected, Failure> {
        let Session { cloud, chain, .. } = self;
        let collector = self.collector.clone().with_limits(Limits::default().with_deadline(patience));
        let bar = bar(quiet);
        let progress = |now: Progress<'_>| {
            bar.set_length(now.asked as u64);
            bar.set_position(now.answered as u64);
            bar.set_message(output::plain(now.read).into_owned());
        };
        let collected = collector.collect_again(wanted, known, Timestamp::now(), stop(), progress).await;
        bar.finish_and_clear();
        let mut collected = collected.map_err(|error| no_token(error, live))?;
        if let Some(signed_in) = &mut collected.snapshot.signed_in {
            signed_in.credential = chain.answered().map(str::to_owned);
        }
        if let Some(cut) = collected.cut {
            let why = match cut {
                Cut::Deadline => format!("time limit of {} s reached", patience.as_secs()),
                _ => "stopped".to_owned(),
            };
            output::say(&format!("{why}: data that was not read by then is unknown"));
        }
        if !quiet {
            let unread = unread::of_vaults(&collected.snapshot.exchanges, cloud);
            unread.iter().for_each(|line| output::say(line));
        }
        Ok(collected)
    }
}

/// Why nothing was read, and what to do.
pub(super) fn no_token(error: NoToken, live: &Live) -> Failure {
    match error {
        NoToken::Refused(why) => {
            Failure::SignIn { ways: why.lines().map(str::to_owned).collect(), help: sign_in(live.auth).to_owned() }
        }
        NoToken::Cut(Cut::Deadline) => Failure::Usage {
            message: format!("sign-in did not finish within {} s", live.timeout),
            help: "try again, with a longer `--timeout` or another `--auth`".to_owned(),
        },
        _ => Failure::Usage { message: "stopped before sign-in".to_owned(), help: "nothing was read".to_owned() },
    }
}

/// What to do if sign-in failed.
fn sign_in(auth: Auth) -> &'static str {
    match auth {
        Auth::Auto => {
            "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; `--auth` selects one way"
        }
        Auth::Env => {
            "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or AZURE_FEDERATED_TOKEN_FILE) for an \
             application with read access"
        }
        Auth::Workload => {
            "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE, and check that the application has \
             a federated credential for the token's issuer and subject"
        }
        Auth::ManagedIdentity => {
            "run it on a machine or app with a managed identity; for a user-assigned identity, set AZURE_CLIENT_ID to \
             its client id"
        }
        Auth::Cli => "run `az login`; for another tenant, `az login --tenant ID`",
        Auth::Azd => "run `azd auth login`",
    }
}

/// Progress bar, shown only on a terminal.
pub(super) fn bar(quiet: bool) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if quiet || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{spinner} reading {pos} of {len}: {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Shows on a terminal that the next reading comes after a pause.
fn waiting(quiet: bool, pause: Duration) -> ProgressBar {
    let bar = bar(quiet);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.set_message(format!("waiting {} s before asking again; Ctrl-C ends it", pause.as_secs()));
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}
