//! `diagnose --watch`: asks again while a repair takes effect, and says what became of each path.

use std::collections::BTreeMap;
use std::time::Duration;

use apim_doctor_core::live::{Collected, Wanted};
use apim_doctor_core::recording::Exchange;
use apim_doctor_core::v1::Report;
use apim_doctor_core::{Estate, Input, Options, ResourceId, Verdict, answers_that_stand, diagnose};
use jiff::Timestamp;

use crate::args::Diagnose;
use crate::command::live::{self, Next};
use crate::command::options::as_of;
use crate::failure::Failure;
use crate::files::LIVE;
use crate::input::Reading;
use crate::output;
use crate::render::failure;

/// What a reading led to.
struct Last {
    reading: Reading,
    exchanges: Vec<Exchange>,
    verdicts: BTreeMap<String, Verdict>,
}

/// Reads until every path passes, the time is over or the user ends it. Returns the last whole reading.
pub(super) fn read(
    args: &Diagnose,
    wanted: Wanted,
    resources: &[ResourceId],
    time: Duration,
) -> Result<(Reading, Vec<Exchange>), Failure> {
    let options = Options::default().with_resources(resources.to_vec()).with_consumers(&args.consumer);
    let end = Timestamp::now() + time;
    let mut last: Option<Last> = None;
    let mut is_whole = true;
    let next = |collected: &Collected, pause: Duration| {
        let exchanges = collected.snapshot.exchanges.clone();
        let bytes = serde_json::to_vec(&collected.snapshot).unwrap_or_default();
        let (estate, problems) = Estate::read(vec![Input::new(LIVE, bytes)]);
        let mut options = options.clone();
        options.as_of = as_of(args.common.as_of, &estate);
        let report = diagnose(&estate, &options);
        let verdicts: BTreeMap<String, Verdict> =
            report.paths.iter().map(|path| (path.id.clone(), path.verdict)).collect();
        match &last {
            Some(last) => transitions(&report, &last.verdicts),
            None => {
                problems.iter().for_each(failure::show);
                first(&verdicts, pause, end);
            }
        }
        let is_done = verdicts.values().all(passes);
        let stand = answers_that_stand(&exchanges, &report);
        let reading = Reading { estate, flawed: collected.cut.is_some() };
        last = Some(Last { reading, exchanges, verdicts });
        // What stood was not asked for again, and may have changed.
        match (is_done, std::mem::replace(&mut is_whole, is_done || stand.is_empty())) {
            (true, true) => Next::Stop,
            (true, false) => Next::Confirm,
            (false, _) => Next::Again(stand),
        }
    };
    live::watch(&args.facts.live, &wanted, (time, args.common.quiet), next)?;
    let nothing = || Failure::Usage {
        message: "nothing was read".to_owned(),
        help: "try again, with a longer `--timeout`".to_owned(),
    };
    last.map(|last| (last.reading, last.exchanges)).ok_or_else(nothing)
}

fn passes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::NotApplicable)
}

/// Says what is waited for.
fn first(verdicts: &BTreeMap<String, Verdict>, pause: Duration, end: Timestamp) {
    let open = verdicts.values().filter(|verdict| !passes(verdict)).count();
    let until = end.strftime("%H:%M:%S UTC");
    let seconds = pause.as_secs();
    match (open, verdicts.len()) {
        (0, _) => {}
        (1, 1) => output::say(&format!("the access path does not pass yet: asking every {seconds} s until {until}")),
        (open, all) => output::say(&format!(
            "{open} of {all} access paths do not pass yet: asking every {seconds} s until {until}"
        )),
    }
}

/// Says which paths changed.
fn transitions(report: &Report, before: &BTreeMap<String, Verdict>) {
    let now = Timestamp::now().strftime("%H:%M:%S");
    for path in &report.paths {
        let was = before.get(&path.id);
        if was == Some(&path.verdict) {
            continue;
        }
        let word = |verdict: &Verdict| match verdict {
            Verdict::Fail => "fails",
            Verdict::Unknown => "is unknown",
            _ => "passes",
        };
        let cause = path.root_cause.as_ref().map(|code| format!(": {code}")).unwrap_or_default();
        let was = was.map_or("is new", word);
        output::say(&format!("{now} {}: {was} -> {}{cause}", path.id, word(&path.verdict)));
    }
    for id in before.keys().filter(|id| !report.paths.iter().any(|path| path.id == **id)) {
        output::say(&format!("{now} {id}: no longer exists"));
    }
}
