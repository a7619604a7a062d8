//! The command line of apim-doctor: it reads files and arguments, and prints what the library says.

mod args;
mod cloud;
mod command;
mod credential;
mod exit;
mod input;
mod network;
mod output;
mod render;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let status = if error.use_stderr() { exit::Status::Usage } else { exit::Status::Clean };
            // Nothing can be done where even this cannot be written.
            let _ = error.print();
            return status.into();
        }
    };
    output::choose_colour(args.colour);
    match command::run(args) {
        Ok(status) => status.into(),
        Err(failure) => {
            failure.print();
            exit::Status::Usage.into()
        }
    }
}
