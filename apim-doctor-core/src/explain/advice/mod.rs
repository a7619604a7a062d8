//! How to confirm each cause, and what repairs it, for the caller and the target of a text.
//!
//! A command belongs to a subject ([`command`]). Only commands about the caller, the target, or neither are printed.
//! Commands under `confirm` change nothing. `{vault}` and its like stand for what the text names
//! ([`fill`](crate::explain::fill)).

mod authorization;
mod caller;
mod command;
mod dns;
mod entry;
mod firewall;
mod identity;
mod latent;
mod network;
mod object;
mod platform;
mod reference;
mod target;
#[cfg(test)]
mod tests;

use entry::{Advice, Confirm, Fix, Line};

use crate::explain::detail::Extracted;
use crate::explain::fill::Names;
use crate::explain::situation::{Model, Situation, Target};
use crate::explain::v1;
use crate::finding::{Code, Safety};

/// What to do about a cause in a situation.
#[derive(Debug, Default)]
pub(super) struct Advised {
    /// Ways to find out, the quickest first.
    pub confirm: Vec<v1::Confirmation>,
    /// What repairs it.
    pub fixes: Vec<v1::Fix>,
}

/// How many commands confirm one cause.
const CONFIRM: usize = 2;

/// How many lines a fix has.
const LINES: usize = 4;

/// Returns what to do about a cause in a situation, with the names from the text.
pub(super) fn advise(code: Code, situation: &Situation, extracted: &Extracted) -> Advised {
    let Some(advice) = advice(code) else { return Advised::default() };
    let names = Names::of(situation, extracted);
    let fix = advice.fixes.iter().find(|fix| fix.of.is_in(situation));
    let confirm = confirmations(advice, fix, situation).into_iter().map(|confirm| v1::Confirmation {
        run_from: names.fill(confirm.from).into(),
        command: names.fill(&confirm.command.line()),
        expect: names.fill(confirm.expect),
    });
    let title = fix.map(|fix| fix.title).filter(|title| !title.is_empty()).unwrap_or(advice.title);
    let lines = fix.into_iter().flat_map(|fix| fix.lines).filter_map(|line| written(line, situation));
    let fix = v1::Fix {
        title: names.fill(title),
        safety: Safety::Review,
        verified: false,
        az: lines.take(LINES).map(|line| names.fill(&line)).collect(),
    };
    Advised { confirm: confirm.collect(), fixes: vec![fix] }
}

/// Returns what repairs a code, in one line.
pub(super) fn repair(code: Code) -> Option<&'static str> {
    advice(code).map(|advice| advice.title)
}

/// The commands that confirm a cause. If the repair depends on the vault's permission model and the text does not show
/// it, a command that does comes first.
fn confirmations(advice: &'static Advice, fix: Option<&Fix>, situation: &Situation) -> Vec<&'static Confirm> {
    let fits = |confirm: &&Confirm| confirm.command.is_for(situation) && is_under(confirm.model, situation);
    let mut found: Vec<&'static Confirm> = advice.confirm.iter().filter(fits).collect();
    let depends = fix.is_some_and(|fix| fix.lines.iter().any(|line| line.model == Model::Policies));
    if depends && is_open(situation) {
        match found.iter().position(|confirm| confirm.tells_model) {
            Some(at) => found.swap(0, at),
            None => found.insert(0, &entry::MODEL),
        }
    }
    found.truncate(CONFIRM);
    found
}

/// Writes a line of a fix, if it is for the situation.
fn written(line: &Line, situation: &Situation) -> Option<String> {
    if !line.command.is_for(situation) || !is_under(line.model, situation) {
        return None;
    }
    let model = match line.model {
        Model::Roles if is_open(situation) => "if the vault uses role assignments",
        Model::Policies if is_open(situation) => "if the vault uses access policies",
        _ => "",
    };
    let labels: Vec<&str> = [model, line.label].into_iter().filter(|label| !label.is_empty()).collect();
    let command = line.command.line();
    Some(if labels.is_empty() { command } else { format!("# {}: {command}", labels.join(", ")) })
}

/// Whether a vault with either permission model can have been called.
fn is_open(situation: &Situation) -> bool {
    matches!(situation.target, Target::Vault(_)) && situation.model == Model::Unknown
}

fn is_under(model: Model, situation: &Situation) -> bool {
    model == Model::Unknown || situation.model == Model::Unknown || model == situation.model
}

/// Returns what to do about a cause.
fn advice(code: Code) -> Option<&'static Advice> {
    all().find(|advice| advice.code == code)
}

/// All advice, in the order of the gates.
fn all() -> impl Iterator<Item = &'static Advice> {
    let gates = [
        reference::ADVICE,
        identity::ADVICE,
        target::ADVICE,
        dns::ADVICE,
        network::ADVICE,
        firewall::ADVICE,
        authorization::ADVICE,
        object::ADVICE,
        caller::ADVICE,
        platform::ADVICE,
        latent::ADVICE,
    ];
    gates.into_iter().flatten()
}
