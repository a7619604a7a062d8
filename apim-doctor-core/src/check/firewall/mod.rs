//! Findings of the firewall gate: does the vault or storage account firewall allow the request?

pub(crate) mod consumer_not_on_trusted_list;
pub(crate) mod gateway_trust_retired;
pub(crate) mod perimeter_blocks;
pub(crate) mod public_access_disabled;
pub(crate) mod source_not_allowed;
pub(crate) mod trusted_services_off;
pub(crate) mod user_assigned_not_trusted;
