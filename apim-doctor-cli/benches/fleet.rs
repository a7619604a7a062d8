//! Measures `diagnose --all` on simulated tenants of several sizes: requests, round trips, time and memory.
//!
//! `cargo bench -p apim-doctor-cli --bench fleet`, with sizes as arguments if others than 2,500, 5,000 and 10,000 instances
//! are wanted. Linux only.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a benchmark fails by panicking")]

#[path = "../tests/azure/mod.rs"]
mod azure;

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use azure::{Azure, Keep, Options, Scope, Tenant};

/// Instances of each subscription.
const EACH: usize = 50;

fn main() {
    // `cargo test --benches` only checks that the benchmark starts.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let sizes: Vec<usize> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![2_500, 5_000, 10_000] } else { sizes };
    for instances in sizes {
        let tenant = Tenant { instances, subscriptions: instances.div_ceil(EACH), ..Tenant::default() };
        measure(&tenant, Duration::ZERO);
    }
    // What a run waits for, where each answer takes as long as Azure's.
    let tenant = Tenant { instances: 500, subscriptions: 10, ..Tenant::default() };
    measure(&tenant, Duration::from_millis(50));
}

fn measure(tenant: &Tenant, latency: Duration) {
    let options = Options { keep: Keep::Counts, more_threads: 1, latency, ..Options::default() };
    let azure = Azure::serve_tenant(tenant, options);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fleet.ndjson");
    let mut command = azure.command(env!("CARGO_BIN_EXE_apim-doctor"));
    command
        .args(["diagnose", "--all", "--isolated", "--fail-on", "never", "--quiet", "--cloud"])
        .arg(azure.cloud_file());
    command.arg("-o").arg(format!("ndjson={}", file.display()));
    command.arg("--checkpoint").arg(folder.path().join("checkpoint"));
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let (peak, busy) = watch(&mut child);
    let elapsed = start.elapsed();
    let (counts, callers) = (azure.counts(), tenant.expected(&Scope::All).len());
    let records = std::fs::read_to_string(&file).unwrap();
    let examined = records.lines().filter(|line| line.contains(r#""record":"caller""#)).count();
    assert_eq!(examined, callers, "callers were lost");
    println!(
        "{} instances, {callers} callers, {} subscriptions, {latency:?} for each answer: {elapsed:.1?}, processor {busy:.1?}, \
         peak {peak} MB, {} requests, {} round trips, at most {} at once, {} duplicates, {} MB of records",
        tenant.instances,
        tenant.subscriptions,
        counts.requests,
        counts.round_trips,
        counts.most_at_once,
        counts.duplicates,
        records.len() / 1_000_000,
    );
    let mut kinds: Vec<(&String, &usize)> = counts.kinds.iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (kind, count) in kinds.into_iter().take(25) {
        println!("    {count:>7}  {kind}");
    }
}

/// Waits for the program. Returns its peak memory in MB and its processor time.
fn watch(child: &mut Child) -> (usize, Duration) {
    let (mut peak, mut busy) = (0, Duration::ZERO);
    loop {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", child.id())).unwrap_or_default();
        let status = read("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
        peak = kilobytes.map_or(peak, |kilobytes| kilobytes / 1000);
        let stat = read("stat");
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok());
        // In hundredths of a second: in user code and in the kernel.
        if let (Some(user), Some(kernel)) = (ticks(11), ticks(12)) {
            busy = busy.max(Duration::from_millis(10 * (user + kernel)));
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return (peak, busy);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
