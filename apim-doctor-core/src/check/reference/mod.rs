//! Is the consumer's own setting well formed?

pub(crate) mod syntax;
pub(crate) mod wrong_identifier_type;
