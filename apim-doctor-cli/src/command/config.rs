//! `config show`: what applies here, and where it comes from.

use std::io::Result as Written;

use apim_doctor_core::{Level, Rule};
use clap::CommandFactory;
use serde_json::{Value, json};

use crate::args::{Args, Format};
use crate::config::{Config, OPTIONS, variable};
use crate::exit::Status;
use crate::failure::Failure;
use crate::output::{self, Page, Paint};

/// An option with its value.
struct Shown {
    option: &'static str,
    value: Vec<String>,
    from: String,
}

/// Prints every option with its value and where that comes from, then levels and suppressions.
pub(super) fn show(config: &Config, format: Format) -> Result<Status, Failure> {
    let options: Vec<Shown> = OPTIONS.iter().map(|option| shown(option, config)).collect();
    output::write(None, |page| match format {
        Format::Terminal => print(config, &options, page),
        Format::Json => page.json(&document(config, &options)),
    })?;
    Ok(Status::Clean)
}

/// The value of an option as `diagnose` and `check` take it.
fn shown(option: &'static str, config: &Config) -> Shown {
    if let Some(value) = std::env::var_os(variable(option)) {
        return Shown { option, value: vec![value.to_string_lossy().into_owned()], from: variable(option) };
    }
    if let (Some(setting), Some(path)) = (config.options.get(option), &config.path) {
        return Shown { option, value: setting.values.clone(), from: format!("{}:{}", path.display(), setting.line) };
    }
    let command = Args::command();
    let commands = command.get_subcommands().chain(std::iter::once(&command));
    let mut options = commands.flat_map(clap::Command::get_arguments);
    let own = options.find(|arg| arg.get_long() == Some(option) && !arg.get_default_values().is_empty());
    let values = own.map(|arg| arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()));
    Shown { option, value: values.map(Iterator::collect).unwrap_or_default(), from: "default".to_owned() }
}

fn print(config: &Config, options: &[Shown], page: &mut Page<'_>) -> Written<()> {
    match &config.path {
        Some(path) => page.line(&format!("configuration: {}", path.display()))?,
        None => page.line("configuration: none was found")?,
    }
    page.blank()?;
    for Shown { option, value, from } in options {
        let value = if value.is_empty() { "-".to_owned() } else { value.join(", ") };
        page.line(&format!("{option:16}{value:32}{}", from.dimmed()))?;
    }
    for (title, is_own) in [("Levels", false), ("Suppressions", true)] {
        let rules: Vec<&Rule> = config.rules.iter().filter(|rule| (rule.level == Level::Off) == is_own).collect();
        if !rules.is_empty() {
            page.blank()?;
            page.line(&title.bold())?;
        }
        for rule in rules {
            let until = rule.until.map(|until| format!(" until {until}")).unwrap_or_default();
            let reason = rule.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let level = if is_own { String::new() } else { format!(" = {}", level(rule.level)) };
            page.line(&format!("{}{level}{until}{reason}  {}", rule.code(), place(rule).dimmed()))?;
        }
    }
    Ok(())
}

fn document(config: &Config, options: &[Shown]) -> Value {
    let options =
        options.iter().map(|Shown { option, value, from }| (option.to_string(), json!({"value": value, "from": from})));
    let rules = config.rules.iter().map(|rule| {
        json!({
            "code": rule.code(), "level": level(rule.level), "reason": rule.reason,
            "until": rule.until.map(|until| until.to_string()), "from": place(rule),
        })
    });
    json!({
        "config": config.path.as_ref().map(|path| path.display().to_string()),
        "options": options.collect::<serde_json::Map<_, _>>(),
        "rules": rules.collect::<Vec<_>>(),
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
        Level::Off => "off",
    }
}

fn place(rule: &Rule) -> String {
    match (&rule.file, rule.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ => String::new(),
    }
}
