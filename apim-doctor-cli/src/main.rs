//! The command line of apim-doctor: it reads files and arguments, and prints what the library says.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "text leaves through `output` only")]

mod args;
mod cloud;
mod command;
mod config;
mod credential;
mod exit;
mod failure;
mod files;
mod input;
mod network;
mod output;
mod parse;
mod render;

use std::process::ExitCode;

use crate::exit::Status;
use crate::parse::{Parsed, Unusable, parse};

/// Large recordings make many small allocations in several threads. This allocator takes a sixth off the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Parsed { args, typed, config } = match parse() {
        Ok(parsed) => parsed,
        Err(Unusable::Arguments(error)) => return print(&error).into(),
        Err(Unusable::Config(failure)) => return fail(&failure).into(),
    };
    output::choose_colour(args.colour);
    match command::run(args, &typed, &config) {
        Ok(status) => status.into(),
        Err(failure) => fail(&failure).into(),
    }
}

fn fail(failure: &failure::Failure) -> Status {
    render::failure::print(failure);
    Status::Usage
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
        Err(failure) => fail(&failure),
    }
}
