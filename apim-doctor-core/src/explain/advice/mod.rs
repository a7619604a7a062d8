//! How to confirm each cause, and what to do about it.
//!
//! Commands are read-only. `{vault}`, `{account}`, `{host}`, `{tag}`, `{role}`, `{object}`, `{objectId}`, `{clientId}`,
//! `{scope}` and `{action}` stand for what the text names; a word in capitals takes their place if it does not.

mod authorization;
mod caller;
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

use entry::Advice;

use crate::explain::detail::Extracted;
use crate::explain::fill::fill;
use crate::explain::situation::Situation;
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

/// Returns what to do about a cause in a situation, with the names from the text.
pub(super) fn advise(code: Code, situation: &Situation, extracted: &Extracted) -> Advised {
    let Some(advice) = advice(code) else { return Advised::default() };
    let fill = |text: &str| fill(text, situation, extracted);
    let confirm = advice.confirm.iter().map(|probe| v1::Confirmation {
        run_from: probe.run_from.into(),
        command: fill(probe.command),
        expect: fill(probe.expect),
    });
    let fix = v1::Fix {
        title: fill(advice.fix),
        safety: Safety::Review,
        verified: false,
        az: advice.az.iter().map(|line| fill(line)).collect(),
    };
    Advised { confirm: confirm.collect(), fixes: vec![fix] }
}

/// Returns what repairs a code, in one line.
pub(super) fn repair(code: Code) -> Option<&'static str> {
    advice(code).map(|advice| advice.fix)
}

/// What to do about a cause.
pub(super) fn advice(code: Code) -> Option<&'static Advice> {
    all().find(|advice| advice.code == code)
}

/// All advice, in the order of the gates.
pub(super) fn all() -> impl Iterator<Item = &'static Advice> {
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
