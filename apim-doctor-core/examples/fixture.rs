//! Prints the recording that a fixture stands for: `cargo run -p apim-doctor-core --example fixture -- FILE`.

#[path = "../../fixtures/read.rs"]
mod form;

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let Some(file) = std::env::args_os().nth(1) else { return Err(std::io::Error::other("expected a fixture's file")) };
    std::io::stdout().write_all(&form::written(&form::read(file.as_ref())))
}
