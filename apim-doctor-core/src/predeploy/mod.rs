//! Files of a deployment, judged before anything is deployed.

mod allow;
mod check;
mod cloud;
mod comment;
mod compiled;
mod coverage;
mod deployed;
mod diff;
mod disk;
mod fix;
mod given;
mod groups;
mod judge;
mod kind;
mod options;
mod problem;
mod rename;
mod repair;
mod search;
mod source;
mod sources;
mod text;
mod trial;
mod tries;
mod work;
mod worlds;

pub use check::{check, check_counting};
pub use deployed::deployed;
pub use fix::{Applied, Fixed, FixedFile, LeftOut, fix};
pub use options::{CheckOptions, Compiler};
pub use text::{Language, check_text};
