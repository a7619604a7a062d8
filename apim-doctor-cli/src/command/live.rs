//! A live run: signs in, reads, shows how far it is, and gives a recording.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use apim_doctor_core::live::{Collected, Collector, Cut, Limits, NoToken, Outlet, Progress, Wanted};
use apim_doctor_core::{Estate, Input, ResourceId};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use crate::args::Live;
use crate::cloud;
use crate::credential::{self, Chain};
use crate::input::{self, Failure, Reading};

/// Requests under way at once.
const PARALLEL: usize = 16;

/// One request may take this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks Azure, and reads what it answered.
pub fn read(live: &Live, wanted: Wanted, quiet: bool) -> Result<Reading, Failure> {
    let collected = collect(live, wanted, quiet)?;
    let bytes = serde_json::to_vec(&collected.snapshot).unwrap_or_default();
    let (estate, problems) = Estate::read(vec![Input { name: "Azure".to_owned(), bytes }]);
    problems.iter().for_each(input::show);
    Ok(Reading { estate, flawed: collected.cut.is_some() })
}

/// Records what the wanted instances depend on.
pub fn collect(live: &Live, wanted: Wanted, quiet: bool) -> Result<Collected, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Usage {
        message: format!("the network cannot be used: {error}"),
        help: "check the limits of this machine (open files, threads)".to_owned(),
    })?;
    let collected = runtime.block_on(run(live, wanted, quiet));
    // A name that is still being looked up must not hold the program.
    runtime.shutdown_background();
    collected
}

async fn run(live: &Live, wanted: Wanted, quiet: bool) -> Result<Collected, Failure> {
    let chosen = cloud::choose(live.cloud.as_deref())?;
    let deadline = Duration::from_secs(live.timeout);
    let outlet =
        Outlet::new(chosen.cloud.clone(), &chosen.connection, PATIENCE.min(deadline / 5).max(Duration::from_secs(1)))
            .map_err(|error| Failure::Usage { message: error.to_string(), help: "check the cloud file".to_owned() })?
            .with_identity_endpoint(credential::identity_endpoint());
    let outlet = Arc::new(outlet);
    let named = wanted.resources.iter().chain(wanted.held.as_ref().map(|(_, scope)| scope));
    let subscription = named.filter_map(ResourceId::subscription).next().or(live.subscription.as_deref());
    let chain = Arc::new(Chain::new(live.auth, &chosen.cloud, outlet.clone(), subscription));
    let collector = Collector::new(chosen.name, chosen.cloud, outlet, chain.clone())
        .with_limits(Limits { parallel: PARALLEL, deadline })
        .ask_vaults(live.ask_vault);
    let bar = bar(quiet);
    let progress = |now: Progress<'_>| {
        bar.set_length(now.asked as u64);
        bar.set_position(now.answered as u64);
        bar.set_message(now.read.to_owned());
    };
    let stop = async {
        // Where signals cannot be heard, nobody can stop it this way.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let taken_at = Timestamp::now().to_string();
    let collected = collector.collect(wanted, taken_at, stop, progress).await;
    bar.finish_and_clear();
    let mut collected = collected.map_err(|error| match error {
        NoToken::Refused(why) => Failure::Usage {
            message: format!("nobody could sign in\n{why}"),
            help:
                "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; `--auth` picks one \
                   way"
                .to_owned(),
        },
        NoToken::Cut(Cut::Deadline) => Failure::Usage {
            message: format!("no token came within {} s", live.timeout),
            help: "try again, with a longer `--timeout` or another `--auth`".to_owned(),
        },
        NoToken::Cut(Cut::Stopped) => {
            Failure::Usage { message: "stopped before the sign-in".to_owned(), help: "nothing was read".to_owned() }
        }
    })?;
    if let Some(signed_in) = &mut collected.snapshot.signed_in {
        signed_in.credential = chain.answered().map(str::to_owned);
    }
    if let Some(cut) = collected.cut {
        let why = match cut {
            Cut::Deadline => format!("the time was up after {} s", live.timeout),
            Cut::Stopped => "stopped".to_owned(),
        };
        eprintln!("{why}: what was not read by then is unknown");
    }
    Ok(collected)
}

/// How far it is, on a terminal.
fn bar(quiet: bool) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if quiet || !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{spinner} reading {pos} of {len}: {msg}") {
        bar.set_style(style);
    }
    bar
}
