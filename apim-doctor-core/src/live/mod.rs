//! Reads Azure, DNS and vaults, and changes nothing.
//!
//! A live run first makes a recording; a diagnosis reads the recording. So nothing here judges.

mod ask;
mod collect;
mod connection;
pub mod dns;
mod keep;
mod outlet;
mod plan;
pub mod probe;
mod token;
mod told;
mod vault;

pub use ask::{Ask, RequestKind};
pub use collect::{Collected, Collector, Cut, Limits, NoToken, Progress};
pub use connection::{Connection, ConnectionError};
pub use outlet::{Outlet, Refused};
pub use plan::Wanted;
pub use told::told;
