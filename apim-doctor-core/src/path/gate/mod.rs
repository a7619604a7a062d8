//! The eight gates. Each judges one question and hands on what the next one needs.

mod authorization;
mod backup;
mod backup_caller;
mod dns;
mod firewall;
mod host;
mod identity;
mod network;
mod object;
mod record;
mod recovery;
mod reference;
mod target;

pub(crate) use authorization::{account_key, authorization};
pub(crate) use backup::{RESTORABLE_FOR, list_of, listed, made, sources_of};
pub(crate) use backup_caller::unknown_signer;
pub(crate) use dns::{Address, dns, unresolved};
pub(crate) use firewall::firewall;
pub(crate) use identity::identity;
pub(crate) use network::network;
pub(crate) use object::object;
pub(crate) use record::Record;
pub(crate) use reference::reference;
pub(crate) use target::target;
