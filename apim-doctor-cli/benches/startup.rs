//! Measures the time to the program's first byte of output.

use std::io::Read;
use std::process::{Command, Stdio};

use criterion::Criterion;

fn first_byte(arguments: &[&str]) -> std::io::Result<()> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    let mut child =
        program.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    if let Some(output) = child.stdout.as_mut() {
        output.read_exact(&mut [0])?;
    }
    child.kill()?;
    child.wait().map(drop)
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for arguments in [&["--version"][..], &["demo"]] {
        if let Err(error) = first_byte(arguments) {
            eprintln!("`{}` printed nothing: {error}", arguments.join(" "));
            continue;
        }
        criterion.bench_function(&format!("first-byte/{}", arguments.join(" ")), |bencher| {
            bencher.iter(|| first_byte(arguments));
        });
    }
    criterion.final_summary();
}
