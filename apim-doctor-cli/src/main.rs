//! The command line of apim-doctor: it reads files and arguments, and prints what the library says.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "text leaves through `output` only")]

mod args;
mod cloud;
mod command;
mod credential;
mod exit;
mod failure;
mod files;
mod input;
mod network;
mod output;
mod render;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::command::Typed;
use crate::exit::Status;

/// Large recordings make many small allocations in several threads. This allocator takes a sixth off the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let parsed = args::Args::command().try_get_matches().and_then(|matches| {
        let args = args::Args::from_arg_matches(&matches)?;
        Ok((args, Typed::of(&matches)))
    });
    let (args, typed) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return print(&error).into(),
    };
    output::choose_colour(args.colour);
    match command::run(args, &typed) {
        Ok(status) => status.into(),
        Err(failure) => {
            render::failure::print(&failure);
            Status::Usage.into()
        }
    }
}

/// Prints what the command line's parser says: help, which contains no external text, or what is wrong with an
/// argument, which repeats it.
fn print(error: &clap::Error) -> Status {
    output::choose_colour(args::Colour::Auto);
    let text = error.render();
    if error.use_stderr() {
        output::say_lines(&text.to_string());
        return Status::Usage;
    }
    let text = if output::coloured() { output::own_colours(&text.ansi().to_string()) } else { text.to_string() };
    match output::write(None, |page| page.lines(&text)) {
        Ok(()) => Status::Clean,
        Err(failure) => {
            render::failure::print(&failure);
            Status::Usage
        }
    }
}
