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

/// The two things that are compared; each is timed in a process of its own, so that neither finds a heap that the
/// other has warmed. Warm, they are timed by `diagnose` in apim-doctor-core.
#[derive(Clone, Copy)]
enum Work {
    Parse,
    Report,
}

/// What a process of its own prints: nanoseconds to parse, or to read and then to diagnose, and what was found.
fn work(work: Work, file: &str) -> std::io::Result<[u128; 4]> {
    let bytes = std::fs::read(file)?;
    let start = Instant::now();
    if let Work::Parse = work {
        let value = serde_json::from_slice::<serde_json::Value>(&bytes)?;
        let elapsed = start.elapsed();
        drop(black_box(value));
        return Ok([elapsed.as_nanos(), 0, 0, 0]);
    }
    let (mut estate, _) = Estate::read(vec![Input { name: file.to_owned(), bytes }]);
    let read = start.elapsed();
    let report = diagnose(&mut estate, &Options::default());
    let judged = start.elapsed() - read;
    let count = |length: usize| length as u128;
    Ok([read.as_nanos(), judged.as_nanos(), count(report.paths.len()), count(report.findings.len())])
}

/// The best of several processes: what the machine can do when nothing disturbs it.
fn best(work: Work, file: &Path, runs: usize) -> Option<[u128; 4]> {
    let kind = match work {
        Work::Parse => "parse",
        Work::Report => "report",
    };
    let program = std::env::current_exe().ok()?;
    let all = (0..runs).filter_map(|_| {
        let output = Command::new(&program).arg(kind).arg(file).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let numbers: Vec<u128> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        <[u128; 4]>::try_from(numbers).ok()
    });
    all.min_by_key(|[first, second, ..]| first + second)
}

fn ms(nanoseconds: u128) -> f64 {
    nanoseconds as f64 / 1e6
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let child = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "parse", file] => Some(work(Work::Parse, file)),
        [_, "report", file] => Some(work(Work::Report, file)),
        _ => None,
    };
    match child {
        Some(Ok([a, b, c, d])) => println!("{a} {b} {c} {d}"),
        Some(Err(error)) => eprintln!("{error}"),
        None => figures(),
    }
}

fn figures() {
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
    let totals: Vec<Option<u128>> = sizes.iter().map(|instances| row(*instances, &folder)).collect();
    for (pair, times) in sizes.windows(2).zip(totals.windows(2)) {
        if let ([small, large], [Some(before), Some(after)]) = (pair, times) {
            println!("{small} -> {large} instances: {:.2} times the time", ms(*after) / ms(*before));
        }
    }
    for arguments in [&["--version"][..], &["demo"]] {
        let name = arguments.join(" ");
        match (0..50).map(|_| first_byte(arguments)).min().flatten() {
            Some(time) => println!("first byte of `apim-doctor {name}`: {:.2} ms", ms(time.as_nanos())),
            None => println!("first byte of `apim-doctor {name}`: none came"),
        }
    }
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        eprintln!("`{}` was left behind: {error}", folder.display());
    }
}

/// Prints one line of the table, and gives the time from bytes to report.
fn row(instances: usize, folder: &Path) -> Option<u128> {
    let bytes = generator::estate(instances);
    let file = folder.join(format!("{instances}.snapshot.json"));
    std::fs::write(&file, &bytes).ok()?;
    let runs = if instances < 1_000 { 9 } else { 5 };
    let [parse, ..] = best(Work::Parse, &file, runs)?;
    let [read, judged, paths, findings] = best(Work::Report, &file, runs)?;
    let total = read + judged;
    let memory = match peak(&file) {
        Some(peak) => format!("{:.1} MiB | {:.2}", peak as f64 / 1_048_576.0, peak as f64 / bytes.len() as f64),
        None => "not measured | ".to_owned(),
    };
    std::fs::remove_file(&file).ok()?;
    println!(
        "| {instances} | {} | {:.1} ms | {:.1} ms | {:.1} ms | {:.1} ms | {:.2} | {paths} | {findings} | {memory} |",
        bytes.len(),
        ms(parse),
        ms(read),
        ms(judged),
        ms(total),
        ms(total) / ms(parse),
    );
    Some(total)
}

/// The largest resident set of the whole program with JSON output, in bytes.
fn peak(file: &Path) -> Option<u64> {
    let mut python = Command::new("python3");
    python.args(["-c", WAIT, PROGRAM, "diagnose", "--snapshot"]).arg(file).args(["-o", "json", "--fail-on", "never"]);
    let output = python.output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// From the start of the program to its first byte of output.
fn first_byte(arguments: &[&str]) -> Option<Duration> {
    let start = Instant::now();
    let mut program = Command::new(PROGRAM);
    let mut child =
        program.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let came = child.stdout.as_mut().is_some_and(|output| output.read_exact(&mut [0]).is_ok());
    let elapsed = start.elapsed();
    // It may have ended already.
    let _ = child.kill();
    child.wait().ok()?;
    came.then_some(elapsed)
}
