//! Prints the figures of docs/performance.md in one run: `cargo bench -p apim-doctor-cli --bench figures`.
//!
//! The arguments are numbers of instances (default: 10, 100, 400 and 2,000).

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

/// Runs a program and prints its largest resident set, in KiB. Only a process's parent can read that value.
const WAIT: &str = "import os, subprocess, sys\n\
                    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n\
                    print(os.wait4(child.pid, 0)[2].ru_maxrss)";

/// The two operations that are compared. Each one runs in its own processes.
///
/// *Cold* is the first run in a new process, which is what a user gets; *warm* is the best of several runs in one
/// process, which already has its memory. The two times differ a lot, so the table has both.
#[derive(Clone, Copy)]
enum Work {
    Parse,
    Report,
}

/// How often a process repeats its work. The first run is the cold one.
const REPEATS: usize = 5;

/// Nanoseconds to read and to diagnose. For [`Work::Parse`], the first one is the time to parse.
type Times = (u128, u128);

/// Does the work, and returns the numbers that the process prints: cold and warm times, paths and findings.
fn work(work: Work, file: &str) -> std::io::Result<[u128; 6]> {
    let bytes = std::fs::read(file)?;
    let mut times: Vec<Times> = Vec::new();
    let (mut paths, mut findings) = (0, 0);
    for _ in 0..REPEATS {
        let inputs = vec![Input::new(file, bytes.clone())];
        let start = Instant::now();
        if let Work::Parse = work {
            let value = serde_json::from_slice::<serde_json::Value>(&bytes)?;
            times.push((start.elapsed().as_nanos(), 0));
            drop(black_box(value));
            continue;
        }
        let (estate, _) = Estate::read(inputs);
        let read = start.elapsed();
        let report = diagnose(&estate, &Options::default());
        times.push((read.as_nanos(), (start.elapsed() - read).as_nanos()));
        (paths, findings) = (report.paths.len() as u128, report.findings.len() as u128);
    }
    let cold = times.first().copied().unwrap_or_default();
    let warm = times.into_iter().min_by_key(|(read, judged)| read + judged).unwrap_or_default();
    Ok([cold.0, cold.1, warm.0, warm.1, paths, findings])
}

fn faster(one: Times, other: Times) -> Times {
    if one.0 + one.1 <= other.0 + other.1 { one } else { other }
}

/// Returns the best numbers of several processes, to reduce the effect of other load.
fn best(work: Work, file: &Path, runs: usize) -> Option<[u128; 6]> {
    let kind = match work {
        Work::Parse => "parse",
        Work::Report => "report",
    };
    let program = std::env::current_exe().ok()?;
    let all = (0..runs).filter_map(|_| {
        let output = Command::new(&program).arg(kind).arg(file).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let numbers: Vec<u128> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        <[u128; 6]>::try_from(numbers).ok()
    });
    all.reduce(|[a, b, c, d, paths, findings], [e, f, g, h, ..]| {
        let (cold, warm) = (faster((a, b), (e, f)), faster((c, d), (g, h)));
        [cold.0, cold.1, warm.0, warm.1, paths, findings]
    })
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
        Some(Ok(numbers)) => println!("{}", numbers.map(|number| number.to_string()).join(" ")),
        Some(Err(error)) => eprintln!("{error}"),
        None => figures(),
    }
}

fn figures() {
    let sizes: Vec<usize> = std::env::args().filter_map(|text| text.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10, 100, 400, 2_000] } else { sizes };
    println!("Times in ms; cold: first run in a new process; warm: best of {REPEATS} runs in one process.");
    println!(
        "| instances | bytes | parse, cold | report, cold | ratio, cold | parse, warm | read + diagnose, warm \
         | ratio, warm | paths | findings | peak memory | to file |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    let folder = std::env::temp_dir().join(format!("apim-doctor-figures-{}", std::process::id()));
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return eprintln!("cannot create `{}`: {error}", folder.display());
    }
    let totals: Vec<Option<u128>> = sizes.iter().map(|instances| row(*instances, &folder)).collect();
    for (pair, times) in sizes.windows(2).zip(totals.windows(2)) {
        if let ([small, large], [Some(before), Some(after)]) = (pair, times) {
            println!("{small} -> {large} instances, warm: {:.2} times the time", ms(*after) / ms(*before));
        }
    }
    for arguments in [&["--version"][..], &["demo"]] {
        let name = arguments.join(" ");
        match (0..50).map(|_| first_byte(arguments)).min().flatten() {
            Some(time) => println!("first byte of `apim-doctor {name}`: {:.2} ms", ms(time.as_nanos())),
            None => println!("first byte of `apim-doctor {name}`: no output"),
        }
    }
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        eprintln!("cannot delete `{}`: {error}", folder.display());
    }
}

/// Prints one line of the table. Returns the warm time from bytes to report.
fn row(instances: usize, folder: &Path) -> Option<u128> {
    let bytes = generator::estate(instances);
    let file = folder.join(format!("{instances}.snapshot.json"));
    std::fs::write(&file, &bytes).ok()?;
    let runs = if instances < 1_000 { 5 } else { 3 };
    let [cold_parse, _, parse, ..] = best(Work::Parse, &file, runs)?;
    let [cold_read, cold_judged, read, judged, paths, findings] = best(Work::Report, &file, runs)?;
    let (cold, warm) = (cold_read + cold_judged, read + judged);
    let peak = peak(&file).map_or("not measured | ".to_owned(), |peak| {
        format!("{:.1} MiB | {:.2}", peak as f64 / 1_048_576.0, peak as f64 / bytes.len() as f64)
    });
    std::fs::remove_file(&file).ok()?;
    println!(
        "| {instances} | {} | {:.1} | {:.1} | {:.2} | {:.1} | {:.1} + {:.1} | {:.2} | {paths} | {findings} | {peak} |",
        bytes.len(),
        ms(cold_parse),
        ms(cold),
        ms(cold) / ms(cold_parse),
        ms(parse),
        ms(read),
        ms(judged),
        ms(warm) / ms(parse),
    );
    Some(warm)
}

/// Returns the program's largest resident set with JSON output, in bytes.
fn peak(file: &Path) -> Option<u64> {
    let mut python = Command::new("python3");
    python.args(["-c", WAIT, PROGRAM, "diagnose", "--snapshot"]).arg(file).args(["-o", "json", "--fail-on", "never"]);
    let output = python.output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Returns the time from the program's start to its first byte of output.
fn first_byte(arguments: &[&str]) -> Option<Duration> {
    let start = Instant::now();
    let mut program = Command::new(PROGRAM);
    let mut child =
        program.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let came = child.stdout.as_mut().is_some_and(|output| output.read_exact(&mut [0]).is_ok());
    let elapsed = start.elapsed();
    // The program may have exited already.
    let _ = child.kill();
    child.wait().ok()?;
    came.then_some(elapsed)
}
