//! The library in ten lines: reads a recording, diagnoses it and prints the findings.

use apim_doctor_core::{Estate, Input, Options, diagnose};

fn main() -> std::io::Result<()> {
    let name = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "apim-doctor-cli/src/command/demo/roles-ignore-policies.json".to_owned());
    let bytes = std::fs::read(&name)?;
    let (estate, problems) = Estate::read(vec![Input::new(name, bytes)]);
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    for finding in diagnose(&estate, &Options::default()).findings {
        println!("{}: {}", finding.code, finding.message);
    }
    Ok(())
}
