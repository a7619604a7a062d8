//! The eight gates. Each judges one question and hands on what the next one needs.

mod authorization;
mod dns;
mod firewall;
mod host;
mod identity;
mod network;
mod object;
mod record;
mod reference;
mod target;

pub use authorization::{account_key, authorization};
pub use dns::{Address, dns, unresolved};
pub use firewall::firewall;
pub use identity::identity;
pub use network::network;
pub use object::object;
pub use record::Record;
pub use reference::reference;
pub use target::target;
