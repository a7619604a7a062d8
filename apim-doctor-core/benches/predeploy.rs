//! Checks the Azure Verified Modules in `../shared/data`: all files in one call, and each file alone.
//!
//! `cargo bench -p apim-doctor-core --bench predeploy` prints the figures of docs/performance.md. It exits with 1 if a
//! target is missed.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use apim_doctor_core::{CheckOptions, check};

/// How often each measurement is repeated. The best one counts: the machine can only slow the program down.
const REPEATS: usize = 7;

/// The most time that a file alone may take.
const SINGLE: Duration = Duration::from_millis(50);

/// The files of a kind, and the most time that all of them together may take.
struct Group {
    what: &'static str,
    target: Duration,
    files: Vec<PathBuf>,
}

/// Returns the files below a folder that `wanted` selects, in the order of their paths.
fn files(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = open.pop() {
        for path in std::fs::read_dir(next).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            match path.is_dir() {
                true => open.push(path),
                false if wanted(name) => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

/// Returns the best time for one call with these files.
fn best(paths: &[PathBuf]) -> Duration {
    let once = || {
        let start = Instant::now();
        black_box(check(black_box(paths), &CheckOptions::default()));
        start.elapsed()
    };
    (0..REPEATS).map(|_| once()).min().unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// Prints a line of the table, and returns whether the target is met.
fn line(what: &str, target: Duration, measured: Duration, more: &str) -> bool {
    let is_met = measured < target;
    let mark = if is_met { "" } else { " (missed)" };
    println!("| {what} | < {} ms | {}{more}{mark} |", target.as_millis(), milliseconds(measured));
    is_met
}

/// Measures a group of files.
fn measure(group: &Group) -> bool {
    let count = group.files.len();
    let together = best(&group.files);
    let mut alone: Vec<(Duration, &PathBuf)> =
        group.files.iter().map(|file| (best(std::slice::from_ref(file)), file)).collect();
    alone.sort();
    let total = alone.iter().map(|(time, _)| *time).sum();
    let (slowest, file) =
        alone.last().map(|(time, file)| (*time, file.as_path())).unwrap_or((Duration::ZERO, Path::new("")));
    let module = file.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let met = [
        line(&format!("{count} {}, one call", group.what), group.target, together, ""),
        line(&format!("{count} {}, one call each, sum", group.what), group.target, total, ""),
        line(&format!("{count} {}, slowest file", group.what), SINGLE, slowest, &format!(" (`{module}`)")),
    ];
    met.iter().all(|is_met| *is_met)
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/bicep-pairs/avm");
    let groups = [
        Group {
            what: "compiled templates (`main.json`)",
            target: Duration::from_millis(500),
            files: files(&root, &|name| name == "main.json"),
        },
        Group {
            what: "Bicep files (`*.bicep`)",
            target: Duration::from_secs(1),
            files: files(&root, &|name| name.ends_with(".bicep")),
        },
    ];
    if groups.iter().any(|group| group.files.is_empty()) {
        println!("skipped: ../shared is missing");
        return ExitCode::SUCCESS;
    }
    println!("| files | target | best of {REPEATS} |\n|---|--:|--:|");
    let met: Vec<bool> = groups.iter().map(measure).collect();
    match met.iter().all(|is_met| *is_met) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
