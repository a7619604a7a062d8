//! Measures the simulated tenant of the tests: its start, and the processor time of its thread for each request.
//!
//! `cargo bench -p apim-doctor-cli --bench tenant --profile quick`: Linux only

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a benchmark fails by panicking")]

#[path = "../tests/azure/mod.rs"]
mod azure;

use std::time::{Duration, Instant};

use azure::client::{Client, RM};
use azure::{Azure, Keep, Options, Scope, Tenant};

/// Requests under way at once.
const AT_ONCE: usize = 32;
/// Subscriptions whose instances are read, of 50 instances each.
const SUBSCRIPTIONS: usize = 40;

fn main() {
    // `cargo test --benches` only checks that the benchmark starts.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let tenant = Tenant { instances: 10_000, subscriptions: 200, ..Tenant::default() };
    let start = Instant::now();
    let azure = Azure::serve_tenant(&tenant, Options { keep: Keep::Counts, ..Options::default() });
    println!("start: {:?}, {} MB resident", start.elapsed(), resident());
    let client = Client::of(&azure);
    let token = client.token(RM);
    let callers = tenant.expected(&Scope::Subscriptions((0..SUBSCRIPTIONS).collect()));
    let below =
        ["", "/namedValues", "/certificates", "/networkstatus", "/providers/Microsoft.Authorization/roleAssignments"];
    let instances = callers.iter().filter(|id| id.contains("/service/"));
    let paths: Vec<String> =
        instances.flat_map(|id| below.map(|rest| format!("{RM}{id}{rest}?api-version=1"))).collect();
    let (wall, before) = (Instant::now(), busy());
    client.runtime.block_on(async {
        let part = |number: usize| {
            let paths: Vec<String> = paths.iter().skip(number).step_by(AT_ONCE).cloned().collect();
            let (http, token) = (client.client.clone(), token.clone());
            tokio::spawn(async move {
                for path in paths {
                    let answer = http.get(path).bearer_auth(&token).send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answer.bytes().await.unwrap();
                }
            })
        };
        let parts: Vec<_> = (0..AT_ONCE).map(part).collect();
        for part in parts {
            part.await.unwrap();
        }
    });
    let (spent, count) = (busy() - before, u32::try_from(paths.len()).unwrap());
    println!(
        "{count} requests in {:?}; the server's thread was busy for {:?} of each: {:.0} requests a second on one core",
        wall.elapsed(),
        spent / count,
        f64::from(count) / spent.as_secs_f64()
    );
    println!("{} MB resident (client included)", resident());
}

/// Returns the processor time of the server's threads, in steps of 10 ms.
fn busy() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path().join("stat"));
    let stats = tasks.filter_map(|file| std::fs::read_to_string(file).ok()).filter(|text| text.contains("(azure)"));
    let ticks = stats.map(|text| {
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    });
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096 / 1_000_000
}
