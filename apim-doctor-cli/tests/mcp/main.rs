//! `mcp`, through the protocol's own client and through its bare streams.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod bad;
mod ends;
#[path = "../fixture/mod.rs"]
mod fixture;
mod results;
mod session;
mod tools;
