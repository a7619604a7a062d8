//! `man`: a page of the manual, or all of them as files.

use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args;
use crate::exit::Status;
use crate::failure::Failure;
use crate::output;

/// Prints the page of a command, or writes the pages of all commands.
pub(super) fn run(args: &args::Man) -> Result<Status, Failure> {
    let mut program = args::Args::command().disable_help_subcommand(true);
    // Gives each command its full name, such as `apim-doctor-roles-check`.
    program.build();
    match &args.all_to {
        Some(folder) => write_all(&program, folder)?,
        None => {
            let page = page(find(&program, &args.command)?);
            output::write(None, |out| out.lines(&text(&page)?))?;
        }
    }
    Ok(Status::Clean)
}

fn find<'c>(program: &'c Command, path: &[String]) -> Result<&'c Command, Failure> {
    path.iter().try_fold(program, |command, name| {
        command.find_subcommand(name).ok_or_else(|| {
            let names: Vec<&str> = visible(command).map(Command::get_name).collect();
            let help = match names.as_slice() {
                [] => "it has no commands of its own".to_owned(),
                names => format!("expected one of {}", names.join(", ")),
            };
            Failure::Usage { message: format!("`{}` has no command `{name}`", command.get_name()), help }
        })
    })
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set())
}

fn write_all(command: &Command, folder: &Path) -> Result<(), Failure> {
    let page = page(command);
    output::write_public(&folder.join(page.get_filename()), |out| out.lines(&text(&page)?))?;
    visible(command).try_for_each(|command| write_all(command, folder))
}

fn page(command: &Command) -> Man {
    let source = concat!("apim-doctor ", env!("CARGO_PKG_VERSION"));
    Man::new(command.clone()).source(source).manual("apim-doctor")
}

fn text(page: &Man) -> std::io::Result<String> {
    let mut text = Vec::new();
    page.render(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
