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

use clap::{CommandFactory, FromArgMatches};

use crate::command::Typed;

fn main() -> ExitCode {
    let parsed = args::Args::command().try_get_matches().and_then(|matches| {
        let args = args::Args::from_arg_matches(&matches)?;
        Ok((args, Typed::of(&matches)))
    });
    let (args, typed) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let status = if error.use_stderr() { exit::Status::Usage } else { exit::Status::Clean };
            // Nothing can be done where even this cannot be written.
            let _ = error.print();
            return status.into();
        }
    };
    output::choose_colour(args.colour);
    match command::run(args, &typed) {
        Ok(status) => status.into(),
        Err(failure) => {
            failure.print();
            exit::Status::Usage.into()
        }
    }
}
