//! Who has permission for what: one principal and one action, everybody for one action, one principal for everything.

mod describe;
mod one;
mod principal;
pub mod v1;
mod what;
mod who;

pub use one::{Asked, can};
pub use what::{AskedWhat, what};
pub use who::{AskedWho, who};
