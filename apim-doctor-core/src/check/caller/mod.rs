//! Is it who asks, or what was asked?

pub(crate) mod message_contradicts_configuration;
