//! From what was typed, the environment and the configuration to arguments. What was typed comes first, then variables of
//! the environment (`APIM_DOCTOR_FAIL_ON`), then the configuration, then defaults.

use clap::builder::{ArgAction, BoolishValueParser, OsStr};
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};

use crate::args::Args;
use crate::command::Typed;
use crate::config::{self, Config, variable};
use crate::failure::Failure;

/// What this run is asked to do.
pub(crate) struct Parsed {
    /// The arguments.
    pub args: Args,
    /// Which of them were typed.
    pub typed: Typed,
    /// The configuration.
    pub config: Config,
}

/// Why the arguments cannot be used.
pub(crate) enum Unusable {
    /// The parser says why; or it is help that was asked for.
    Arguments(clap::Error),
    /// The configuration cannot be read.
    Config(Failure),
}

impl From<clap::Error> for Unusable {
    fn from(error: clap::Error) -> Self {
        Unusable::Arguments(error)
    }
}

/// Reads the arguments of this process.
pub(crate) fn parse() -> Result<Parsed, Unusable> {
    let command = with_variables(Args::command());
    if let Some(failure) = misspelt(&command) {
        return Err(Unusable::Config(failure));
    }
    let matches = command.clone().try_get_matches()?;
    let args = Args::from_arg_matches(&matches)?;
    let config = match args.isolated || !reads_config(&matches) {
        true => Config::default(),
        false => config::load(args.config.as_deref()).map_err(Unusable::Config)?,
    };
    if config.options.is_empty() {
        return Ok(Parsed { typed: Typed::of(&matches), args, config });
    }
    let matches = with_defaults(command, &config).try_get_matches()?;
    Ok(Parsed { args: Args::from_arg_matches(&matches)?, typed: Typed::of(&matches), config })
}

/// A variable of the environment that looks like one of an option and sets none.
fn misspelt(command: &Command) -> Option<Failure> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let ours: Vec<String> = names.filter(|name| name.starts_with("APIM_DOCTOR_")).collect();
    if ours.is_empty() {
        return None;
    }
    let commands = command.get_subcommands().chain(std::iter::once(command));
    let options = commands.flat_map(Command::get_arguments).filter_map(Arg::get_long).map(variable);
    let options: Vec<String> = options.collect();
    ours.iter().filter(|name| !options.contains(name)).find_map(|name| {
        let near = options.iter().find(|option| strsim::jaro_winkler(option, name) > 0.96)?;
        Some(Failure::Usage {
            message: format!("variable `{name}` of the environment sets no option"),
            help: format!("did you mean `{near}`?"),
        })
    })
}

/// Commands whose options a configuration sets.
const CONFIGURED: &[&str] = &["can", "check", "collect", "config", "diagnose", "diff", "what-if"];

fn reads_config(matches: &ArgMatches) -> bool {
    matches.subcommand_name().is_some_and(|name| CONFIGURED.contains(&name))
}

/// Each option can be set by a variable.
fn with_variables(command: Command) -> Command {
    let with_variable = |arg: Arg| match arg.get_long() {
        Some("help" | "version") | None => arg,
        Some(option) => {
            let name = OsStr::from(variable(option));
            let is_flag = matches!(arg.get_action(), ArgAction::SetTrue);
            let arg = if is_flag { arg.value_parser(BoolishValueParser::new()) } else { arg };
            arg.env(name).hide_env(true)
        }
    };
    command.mut_args(with_variable).mut_subcommands(with_variables)
}

/// The values of a configuration are defaults of options.
fn with_defaults(command: Command, config: &Config) -> Command {
    let with_default = |arg: Arg| match arg.get_long().and_then(|option| config.options.get(option)) {
        Some(setting) => arg.default_values(setting.values.clone()),
        None => arg,
    };
    let configured = |command: Command| match CONFIGURED.contains(&command.get_name()) {
        true => command.mut_args(with_default),
        false => command,
    };
    command.mut_args(with_default).mut_subcommands(configured)
}
