//! Prints the figures of docs/performance.md in one run: `cargo bench -p apim-doctor-cli --bench figures`.
//!
//! Arguments are numbers of instances; without any, 10, 100, 400 and 2,000.

#![recursion_limit = "256"]

#[path = "../../apim-doctor-core/benches/generator.rs"]
mod generator;

use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use apim_doctor_core::{Estate, Input, Options, diagnose};

const PROGRAM: &str = env!("CARGO_BIN_EXE_apim-doctor");

/// Runs a program and prints its largest resident set, in KiB. Only the parent of a process is told.
const WAIT: &str = "import os, subprocess, sys\n\
                    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n\
                    print(os.wait4(child.pid, 0)[2].ru_maxrss)";

/// The best of several runs: what the machine can do when nothing disturbs it.
fn best<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    let timed = (0..runs).map(|_| {
        let start = Instant::now();
        let value = run();
        let elapsed = start.elapsed();
        drop(black_box(value));
        elapsed
    });
    timed.min().unwrap_or_default()
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|text| text.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10, 100, 400, 2_000] } else { sizes };
    println!(
        "| instances | bytes | parse | read | diagnose | bytes to report | ratio | paths | findings | peak memory | to file |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let folder = std::env::temp_dir().join(format!("apim-doctor-figures-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return eprintln!("`{}` cannot be made: {error}", folder.display());
    }
    let totals: Vec<Duration> = sizes.iter().map(|instances| row(*instances, &folder)).collect();
    for (pair, times) in sizes.windows(2).zip(totals.windows(2)) {
        if let ([small, large], [before, after]) = (pair, times) {
            println!(
                "{small} -> {large} instances: {:.2} times the time",
                after.as_secs_f64() / before.as_secs_f64()
            );
        }
    }
    for arguments in [&["--version"][..], &["demo"]] {
        let name = arguments.join(" ");
        match (0..50).map(|_| first_byte(arguments)).min().flatten() {
            Some(time) => println!("first byte of `apim-doctor {name}`: {:.2} ms", ms(time)),
            None => println!("first byte of `apim-doctor {name}`: none came"),
        }
    }
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        eprintln!("`{}` was left behind: {error}", folder.display());
    }
}

fn row(instances: usize, folder: &Path) -> Duration {
    let bytes = generator::estate(instances);
    let runs = if instances < 1_000 { 7 } else { 3 };
    let parse = best(runs, || serde_json::from_slice::<serde_json::Value>(&bytes));
    let inputs = || vec![Input { name: "estate.json".to_owned(), bytes: bytes.clone() }];
    let (mut read, mut judge, mut total) = (Duration::MAX, Duration::MAX, Duration::MAX);
    let (mut paths, mut findings) = (0, 0);
    for _ in 0..runs {
        let inputs = inputs();
        let start = Instant::now();
        let (mut estate, _) = Estate::read(inputs);
        let was_read = start.elapsed();
        let report = diagnose(&mut estate, &Options::default());
        let done = start.elapsed();
        (paths, findings) = (report.paths.len(), report.findings.len());
        (read, judge, total) = (read.min(was_read), judge.min(done - was_read), total.min(done));
    }
    let peak = peak(&bytes, &folder.join(format!("{instances}.snapshot.json")));
    let memory = match peak {
        Some(peak) => {
            format!("{:.1} MiB | {:.2}", peak as f64 / 1_048_576.0, peak as f64 / bytes.len() as f64)
        }
        None => "not measured | ".to_owned(),
    };
    println!(
        "| {instances} | {} | {:.1} ms | {:.1} ms | {:.1} ms | {:.1} ms | {:.2} | {paths} | {findings} | {memory} |",
        bytes.len(),
        ms(parse),
        ms(read),
        ms(judge),
        ms(total),
        total.as_secs_f64() / parse.as_secs_f64(),
    );
    total
}

/// The largest resident set of the whole program with JSON output, in bytes.
fn peak(bytes: &[u8], file: &Path) -> Option<u64> {
    std::fs::write(file, bytes).ok()?;
    let mut python = Command::new("python3");
    python.args(["-c", WAIT, PROGRAM, "diagnose", "--snapshot"]).arg(file).args([
        "-o",
        "json",
        "--fail-on",
        "never",
    ]);
    let output = python.output().ok()?;
    std::fs::remove_file(file).ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// From the start of the program to its first byte of output.
fn first_byte(arguments: &[&str]) -> Option<Duration> {
    let start = Instant::now();
    let mut program = Command::new(PROGRAM);
    let mut child = program
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let came = child.stdout.as_mut().is_some_and(|output| output.read_exact(&mut [0]).is_ok());
    let elapsed = start.elapsed();
    // It may have ended already.
    let _ = child.kill();
    child.wait().ok()?;
    came.then_some(elapsed)
}
