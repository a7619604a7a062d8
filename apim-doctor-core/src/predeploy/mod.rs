//! Files of a deployment, judged before anything is deployed.

mod check;
mod diff;
mod disk;
mod fix;
mod judge;
mod options;
mod rename;
mod repair;
mod search;
mod source;
mod text;
mod trial;
mod work;

pub use check::check;
pub use fix::{Applied, Fixed, FixedFile, LeftOut, fix};
pub use options::CheckOptions;
pub use text::{Language, check_text};
