//! The commands, one file each.

mod bicep;
mod can;
mod check;
mod collect;
mod config;
mod demo;
mod diagnose;
mod diff;
mod diff_base;
mod explain;
mod fix;
mod fleet;
mod live;
mod located;
mod manual;
mod mcp;
mod merge;
mod open;
mod options;
mod permissions;
mod probe;
mod reference;
mod report;
mod roles;
mod script;
mod unread;
mod watch;
mod what_if;

pub(crate) use options::Typed;

use crate::args::{Args, Command, ReportCommand};
use crate::config::Config;
use crate::exit::Status;
use crate::failure::Failure;

/// Does what was asked.
pub(crate) fn run(args: Args, typed: &Typed, config: &Config) -> Result<Status, Failure> {
    match args.command {
        Command::Diagnose(args) => diagnose::run(&args, typed, config),
        Command::Check(args) => check::run(&args, config),
        Command::WhatIf(args) => what_if::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Report(ReportCommand::Merge(args)) => merge::run(&args),
        Command::Collect(args) => collect::run(&args),
        Command::Script(args) => script::run(&args),
        Command::Permissions(args) => permissions::run(&args),
        Command::Can(args) => can::run(&args, typed),
        Command::Roles(args) => roles::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Mcp => mcp::run(args.config.as_deref(), args.isolated),
        Command::Explain(args) => explain::run(&args),
        Command::Rules { output } => reference::rules(output),
        Command::Schema { name } => reference::schema(&name),
        Command::Completions { shell } => reference::completions(shell),
        Command::Config(crate::args::ConfigCommand::Show { output }) => config::show(config, output),
        Command::Man(args) => manual::run(&args),
    }
}
