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

use crate::finding::Code;

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
