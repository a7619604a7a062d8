//! `diagnose --all`: every caller of a scope, in batches, with results as they come.

mod checkpoint;
mod sink;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use apim_doctor_core::fleet::Tally;
use apim_doctor_core::live::{Collector, Cut, DiscoverError, Limits, NoToken, Wanted, Within, batches};
use apim_doctor_core::v1::{Record, RunRecord};
use apim_doctor_core::{CallerKind, Estate, Input, Options, ResourceId, Suppressions, diagnose};
use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;
use tokio::task::JoinSet;

use self::checkpoint::Checkpoint;
pub(super) use self::sink::Sink;
use crate::args::{Diagnose, FailOn, Live, Named};
use crate::command::live::{Session, bar, no_token, stop};
use crate::command::options::{Typed, consumers, read_from};
use crate::command::report::{baseline, suppressions, written};
use crate::command::unread::{self, Answered};
use crate::config::Config;
use crate::exit::{Status, levels, of_fleet};
use crate::failure::Failure;
use crate::files::{self, LIVE};
use crate::{network, output};

/// Callers that are read and judged together: enough to share what they have in common, few enough to hold in memory.
const BATCH: usize = 50;

/// Batches under way at once. While one waits for its last answers, the others use the connection.
const BATCHES: usize = 4;

/// The longest run, if `--timeout` does not say another.
const LONGEST: Duration = Duration::from_secs(7 * 86_400);

/// Where no terminal shows the progress, a line does after this time.
const REPORT_AFTER: Duration = Duration::from_secs(60);

/// Runs `diagnose --all`.
pub(super) fn run(args: &Diagnose, typed: &Typed, config: &Config) -> Result<Status, Failure> {
    let Diagnose { fleet, facts, accepts, common, .. } = args;
    consumers(&args.consumer)?;
    let mut outputs: Vec<Named<'_>> = written(&args.outputs)?;
    outputs.extend(fleet.checkpoint.iter().map(|path| Named { option: "--checkpoint", path }));
    let known = accepts.baseline.iter().map(|path| Named { option: "--baseline", path });
    let inputs: Vec<Named<'_>> = read_from(&[], &facts.live, None).into_iter().chain(known).collect();
    files::apart(&inputs, &outputs)?;
    let sink = Sink::new(&args.outputs)?;
    let subscriptions = facts.live.subscription.iter().cloned();
    let within = Within::default()
        .with_management_groups(fleet.management_group.iter().cloned())
        .with_subscriptions(subscriptions);
    let checkpoint = match &fleet.checkpoint {
        Some(path) => Some(Checkpoint::open(path, &described(args), sink.stream())?),
        None => None,
    };
    // Without a time, each batch is judged from the time at which it was read.
    let accepted = suppressions(config, &baseline(accepts, config)?, common.as_of);
    let deadline = if typed.has("timeout") { Duration::from_secs(facts.live.timeout) } else { LONGEST };
    let run = Run {
        args,
        within,
        deadline,
        accepted: Arc::new(accepted),
        sink,
        checkpoint,
        tally: Tally::default(),
        examined: 0,
        incomplete: Vec::new(),
    };
    network::run(run.all())?
}

/// What a run is about. Only the same run may go on from a checkpoint.
fn described(args: &Diagnose) -> serde_json::Value {
    let Live { cloud, subscription, ask_vault, ask_storage, read_settings, .. } = &args.facts.live;
    let fleet = &args.fleet;
    json!({
        "cloud": cloud, "subscriptions": subscription, "managementGroups": fleet.management_group,
        "shard": fleet.shard.map(|shard| shard.to_string()), "consumers": args.consumer, "askVault": ask_vault,
        "askStorage": ask_storage, "readSettings": read_settings, "asOf": args.common.as_of.map(|time| time.to_string()),
        "baseline": args.accepts.baseline, "tool": env!("CARGO_PKG_VERSION"),
    })
}

/// A run, and how far it is.
struct Run<'a> {
    args: &'a Diagnose,
    within: Within,
    deadline: Duration,
    accepted: Arc<Suppressions>,
    sink: Sink,
    checkpoint: Option<Checkpoint>,
    tally: Tally,
    /// How many callers are done, those of an earlier run included.
    examined: usize,
    /// Why there may be more callers.
    incomplete: Vec<String>,
}

/// Which try of a batch it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Try {
    First,
    Last,
}

/// What a batch brought.
enum Brought {
    /// Records, which say what is not known.
    Results(Examined),
    /// Some requests had no answer: it is tried once more when the others are done.
    TooLittle(Wanted),
    /// Azure no longer answers.
    Nothing,
    /// This program failed.
    Defect(String),
}

/// The records of a batch.
struct Examined {
    callers: Vec<ResourceId>,
    lines: Vec<String>,
}

impl Run<'_> {
    /// Examines all callers, and prints the summary.
    async fn all(mut self) -> Result<Status, Failure> {
        self.sink.start(self.checkpoint.as_ref(), &mut self.tally)?;
        if self.checkpoint.as_ref().is_some_and(Checkpoint::is_finished) {
            if !self.args.common.quiet {
                output::say(
                    "the checkpoint says that this run is finished: remove that file to examine everything again",
                );
            }
            return self.end(false);
        }
        let cut = tokio::select! {
            biased;
            () = stop() => Some(Cut::Stopped),
            () = tokio::time::sleep(self.deadline) => Some(Cut::Deadline),
            done = self.examine_all() => done.map(|()| None)?,
        };
        match cut {
            Some(Cut::Deadline) => {
                self.incomplete.push(format!("the time limit of {} s was reached", self.deadline.as_secs()))
            }
            Some(_) => self.incomplete.push("the run was stopped".to_owned()),
            None => {}
        }
        self.end(true)
    }

    async fn examine_all(&mut self) -> Result<(), Failure> {
        let live = &self.args.facts.live;
        let session = Session::start(live, &Wanted::default())?;
        let collector = session.collector.with_limits(Limits::default().patient().with_deadline(LONGEST)).sharing();
        let callers = self.find(&collector).await?;
        let progress = Progress::new(self.args.common.quiet, self.examined, callers.len());
        let mut waiting: VecDeque<(Wanted, Try)> =
            batches(&callers, BATCH).map(|batch| (self.wanted(batch), Try::First)).collect();
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < BATCHES {
                let Some((wanted, attempt)) = waiting.pop_front() else { break };
                under_way.spawn(examine(collector.clone(), wanted, Arc::clone(&self.accepted), attempt));
            }
            let Some(done) = under_way.join_next().await else { break };
            let brought = done.unwrap_or_else(|error| Ok(Brought::Defect(error.to_string())));
            let brought = match brought {
                // The sign-in was good before.
                Err(NoToken::Refused(_)) if self.examined > 0 => Brought::Nothing,
                other => other.map_err(|error| no_token(error, live))?,
            };
            match brought {
                Brought::Results(examined) => self.keep(&examined)?,
                Brought::Defect(why) => {
                    return Err(Failure::Usage {
                        message: format!("a batch of callers could not be evaluated: {why}"),
                        help: "please report this; `diagnose RESOURCE_ID` examines single callers".to_owned(),
                    });
                }
                Brought::TooLittle(wanted) => waiting.push_back((wanted, Try::Last)),
                Brought::Nothing => {
                    self.incomplete.push("the sign-in or the network was lost".to_owned());
                    break;
                }
            }
            progress.advance(self.examined);
        }
        progress.finish();
        Ok(())
    }

    /// The callers that are left to do.
    async fn find(&mut self, collector: &Collector) -> Result<Vec<ResourceId>, Failure> {
        let found = collector.discover(&self.within, &self.args.consumer, std::future::pending()).await;
        let found = found.map_err(|error| match error {
            DiscoverError::NoToken(why) => no_token(why, &self.args.facts.live),
            error => self.not_found(&error),
        })?;
        self.incomplete.extend(found.incomplete);
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.belongs_to(found.tenant)?;
        }
        let shard = self.args.fleet.shard;
        let callers = found.callers.into_iter().filter(|id| shard.is_none_or(|shard| shard.takes(id)));
        let empty = HashSet::new();
        let done = self.checkpoint.as_ref().map_or(&empty, Checkpoint::done);
        let all: Vec<ResourceId> = callers.collect();
        if all.is_empty() && !self.args.common.quiet {
            let part = if shard.is_some() { " in this part" } else { "" };
            output::say(&format!("no caller was found{part}: there is none, or you have no access to it"));
        }
        self.examined = all.iter().filter(|id| done.contains(*id)).count();
        Ok(all.into_iter().filter(|id| !done.contains(id)).collect())
    }

    fn not_found(&self, error: &DiscoverError) -> Failure {
        let Within { management_groups, subscriptions, .. } = &self.within;
        let help = match (management_groups.as_slice(), subscriptions.as_slice()) {
            ([], []) => "check the sign-in; `az graph query -q \"resources | count\"` asks the same service",
            ([], _) => "check the ids of the subscriptions, and your access to them",
            _ => "check the names of the management groups (not their display names), and your access to them",
        };
        Failure::Usage { message: error.to_string(), help: help.to_owned() }
    }

    fn wanted(&self, batch: &[ResourceId]) -> Wanted {
        let mut wanted = Wanted::default().with_resources(batch.iter().cloned()).of_many();
        wanted.consumers.clone_from(&self.args.consumer);
        wanted.read_settings = self.args.facts.live.read_settings;
        wanted
    }

    /// Prints what a batch brought, and only then notes that it is done.
    fn keep(&mut self, examined: &Examined) -> Result<(), Failure> {
        let length = self.sink.add(&examined.lines, &mut self.tally)?;
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.add(&examined.callers, length)?;
        }
        self.examined += examined.callers.len();
        Ok(())
    }

    /// Prints the end of the run and the summary. `is_new`: this run examined something.
    fn end(mut self, is_new: bool) -> Result<Status, Failure> {
        if is_new {
            let Within { management_groups, subscriptions, .. } = &self.within;
            let end = RunRecord::new(Timestamp::now(), (management_groups, subscriptions), self.examined)
                .with_shard(self.args.fleet.shard)
                .with_incomplete(&self.incomplete);
            let line = serde_json::to_string(&Record::Run(end)).unwrap_or_default();
            let length = self.sink.add(&[line], &mut self.tally)?;
            match &mut self.checkpoint {
                Some(checkpoint) if self.incomplete.is_empty() => checkpoint.finish(length)?,
                _ => {}
            }
        }
        let fleet = self.tally.fleet();
        let fail_on: &[FailOn] = levels(&self.args.common.fail_on, &[FailOn::Error]);
        // A part may have no path; the whole may not.
        let is_empty_part = self.args.fleet.shard.is_some() && fleet.callers.unknown == 0;
        let status = match of_fleet(&fleet, &self.tally, fail_on) {
            Status::Nothing if is_empty_part => Status::Clean,
            status => status,
        };
        self.sink.summary(&fleet, status, self.args.common.quiet)?;
        if !fleet.complete && self.checkpoint.is_some() && !self.args.common.quiet {
            output::say("the same command goes on from the checkpoint");
        }
        Ok(status)
    }
}

/// Reads and judges a batch.
async fn examine(
    collector: Collector,
    wanted: Wanted,
    accepted: Arc<Suppressions>,
    attempt: Try,
) -> Result<Brought, NoToken> {
    let (callers, kinds) = (wanted.resources.clone(), wanted.consumers.clone());
    let collected = collector.collect(wanted.clone(), Timestamp::now(), std::future::pending(), |_| ()).await?;
    match unread::answered(&collected.snapshot.exchanges, &callers) {
        Answered::All => {}
        // A subscription may be out of order while the others are not.
        Answered::Nothing if !collector.is_answered().await => return Ok(Brought::Nothing),
        _ if attempt == Try::First => return Ok(Brought::TooLittle(wanted)),
        _ => {}
    }
    let judge = move || {
        let bytes = serde_json::to_vec(&collected.snapshot).unwrap_or_default();
        drop(collected);
        let (estate, _) = Estate::read(vec![Input::new(LIVE, bytes)]);
        let mut options = Options::default().with_resources(callers.iter().cloned()).with_consumers(&kinds);
        options.as_of = accepted.as_of.or(estate.taken_at());
        let mut report = diagnose(&estate, &options);
        accepted.apply(&mut report);
        let read: HashSet<&ResourceId> = CallerKind::ALL.into_iter().flat_map(|kind| estate.callers(kind)).collect();
        let records = report.records_of(&callers, |caller| read.contains(caller));
        let lines = records.filter_map(|record| serde_json::to_string(&record).ok()).collect();
        Examined { callers: callers.clone(), lines }
    };
    // Judging takes the processor: meanwhile, answers of other batches come in.
    let judged = tokio::task::spawn_blocking(judge).await;
    Ok(judged.map_or_else(|error| Brought::Defect(error.to_string()), Brought::Results))
}

/// How far a run is: a bar on a terminal, elsewhere a line now and then.
struct Progress {
    bar: ProgressBar,
    is_said: bool,
    said: std::cell::Cell<Instant>,
}

impl Progress {
    fn new(quiet: bool, done: usize, left: usize) -> Self {
        let bar = bar(quiet);
        bar.set_length((done + left) as u64);
        bar.set_position(done as u64);
        let style = "{spinner} {bar:24} {human_pos} of {human_len} callers, {per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        // What an earlier run did says nothing about the speed of this one.
        bar.reset_eta();
        Self { is_said: bar.is_hidden() && !quiet, bar, said: Instant::now().into() }
    }

    fn advance(&self, done: usize) {
        self.bar.set_position(done as u64);
        if self.is_said && self.said.get().elapsed() >= REPORT_AFTER {
            self.said.set(Instant::now());
            let (all, rate) = (self.bar.length().unwrap_or_default(), self.bar.per_sec());
            let (done, all) = (HumanCount(done as u64), HumanCount(all));
            output::say(&format!(
                "{done} of {all} callers, {rate:.1} per second, {} left",
                HumanDuration(self.bar.eta())
            ));
        }
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
