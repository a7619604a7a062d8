//! Turns what is known of error texts, which is written in TOML, into tables of Rust.
//!
//! What the tables name (a code, a gate, a class of words) is checked here or by the compiler, so nothing is read and
//! nothing can be missing when the program runs.

#[path = "build/known.rs"]
mod known;
#[path = "src/explain/squeeze.rs"]
mod squeeze;
#[path = "build/write.rs"]
mod write;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use known::{Messages, Pages, Signals, Words};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("src/explain/known");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder.join("messages"))?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    files.sort();
    let mut messages = Vec::new();
    for file in files {
        messages.extend(read::<Messages>(&file)?.message);
    }
    let pages: Pages = read(&folder.join("pages.toml"))?;
    let words: Words = read(&folder.join("words.toml"))?;
    let signals: Signals = read(&folder.join("signals.toml"))?;
    let text = write::tables(&pages, &words, &signals, &messages)?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("known.rs"), text)?;
    Ok(())
}

/// Reads a file; what is wrong with it is said with its name and line.
fn read<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T, Box<dyn Error>> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()).into())
}
