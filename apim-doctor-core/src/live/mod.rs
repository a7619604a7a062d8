//! Reads Azure, DNS and vaults, and changes nothing.
//!
//! A live run first makes a recording; a diagnosis reads the recording. So nothing here judges.

mod connection;

pub use connection::{Connection, ConnectionError};
