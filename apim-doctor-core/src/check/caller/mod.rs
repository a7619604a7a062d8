//! Findings about the caller or its request.

pub(crate) mod backup_access_type_missing;
pub(crate) mod backup_uses_account_key;
pub(crate) mod message_contradicts_configuration;
pub(crate) mod operator_lacks_permission;
