//! Findings about the caller or its request.

pub(crate) mod message_contradicts_configuration;
