//! The command line accepts what the program itself tells people to type.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::{Path, PathBuf};

use apim_doctor_core::{Estate, Input, Options, diagnose};

use super::*;

fn fixtures(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match path.is_dir() {
            true => fixtures(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn every_command_of_this_program_that_a_gap_asks_for_is_accepted() {
    let mut files = Vec::new();
    fixtures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures"), &mut files);
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    let mut seen = 0;
    for file in files {
        let bytes = fixture::written(&fixture::read(&file));
        let input = Input::new(file.display().to_string(), bytes);
        let (estate, _) = Estate::read(vec![input]);
        for gap in diagnose(&estate, &Options::default()).gaps {
            let parts = std::iter::once(gap.ask.as_str()).chain(gap.ask.split('`').skip(1).step_by(2));
            for line in parts.filter(|part| part.starts_with("apim-doctor ")) {
                seen += 1;
                let words = shlex::split(line).unwrap();
                if let Err(error) = Args::try_parse_from(words) {
                    panic!("{line}: {error}");
                }
            }
        }
    }
    assert!(seen > 10, "only {seen} commands were seen");
}
