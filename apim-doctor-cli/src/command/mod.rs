//! One file a command.

mod can;
mod demo;
mod diagnose;
mod explain;
mod reference;

use apim_doctor_core::{Check, Estate, ResourceId};
use jiff::Timestamp;

use crate::args::{Args, Command};
use crate::exit::Status;
use crate::input::Failure;

/// Does what was asked.
pub fn run(args: Args) -> Result<Status, Failure> {
    match args.command {
        Command::Diagnose(args) => diagnose::run(&args),
        Command::Can(args) => can::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rules { output } => reference::rules(output),
        Command::Schema { name } => reference::schema(&name),
        Command::Completions { shell } => reference::completions(shell),
        Command::Man => reference::man(),
    }
}

/// The time to judge from: what was typed, when the recording was taken, or now.
fn as_of(typed: Option<Timestamp>, estate: &Estate) -> Option<Timestamp> {
    typed.or(estate.taken_at()).or_else(|| Some(Timestamp::now()))
}

/// A resource id as it was typed, checked for its form.
fn resource_id(text: &str) -> Result<ResourceId, Failure> {
    if text.starts_with('/') {
        return Ok(ResourceId::new(text));
    }
    Err(Failure::Usage {
        message: format!("`{text}` is not a resource id"),
        help: "expected something like `/subscriptions/…/resourceGroups/…/providers/Microsoft.…/…/NAME`".to_owned(),
    })
}

/// One section of a check's page, as one line of text.
pub fn docs(check: &Check, heading: &str) -> Option<String> {
    let page = explain::docs(check);
    let section = page.split("## ").find(|part| part.starts_with(heading))?;
    let text = section.lines().skip(1).collect::<Vec<_>>().join(" ");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
