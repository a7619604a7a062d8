//! Measures live runs against a server that answers after 50 ms: requests, sequential round trips, and time.
//!
//! `cargo bench -p apim-doctor-cli --bench live`

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a benchmark fails by panicking")]

#[path = "../tests/azure/mod.rs"]
mod azure;

use std::time::{Duration, Instant};

use azure::{Azure, Options, worlds};
use serde_json::Value;

const RUNS: usize = 5;

fn main() {
    // `cargo test --benches` only checks that the benchmark starts.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (one, instance) = worlds::one();
    let (many, instances) = worlds::many(50);
    println!("                          requests  round trips  time, median of {RUNS} (minimum to maximum)");
    measure("1 instance, 2 vaults", &one, &[instance]);
    measure("50 instances, 50 vaults", &many, &instances);
}

fn measure(name: &str, recording: &Value, instances: &[String]) {
    let mut times = Vec::new();
    let (mut requests, mut trips) = (0, Vec::new());
    for _ in 0..RUNS {
        let azure = Azure::serve(recording, Options { latency: Duration::from_millis(50), ..Options::default() });
        let start = Instant::now();
        let output = azure
            .command(env!("CARGO_BIN_EXE_apim-doctor"))
            .arg("diagnose")
            .args(instances)
            .args(["-o", "json", "--cloud"])
            .arg(azure.cloud_file())
            .output()
            .unwrap();
        times.push(start.elapsed());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let seen = azure.requests();
        requests = seen.len();
        trips.push(azure::round_trips(&seen));
    }
    times.sort();
    trips.sort();
    println!(
        "{name:<24}  {requests:>8}  {:>11}  {:?} ({:?} to {:?})",
        trips[RUNS / 2],
        times[RUNS / 2],
        times[0],
        times[RUNS - 1]
    );
}
