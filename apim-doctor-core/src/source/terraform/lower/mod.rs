//! From Terraform's resources to those of Resource Manager.

mod api_management;
mod app_service;
mod authorization;
mod azapi;
mod endpoint;
mod form;
mod gateway;
mod key_vault;
mod network;
mod run;
mod storage;
mod template;

pub(super) use crate::source::terraform::lower::run::lower;
