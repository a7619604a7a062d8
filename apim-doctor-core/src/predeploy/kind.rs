//! What a file is, by its content.

use std::path::Path;

use crate::source::arm::{self, FileKind};
use crate::source::terraform::{self, DocumentKind};
use crate::source::what_if;
use crate::template::json;
use crate::template::place::{FileId, Files};
use crate::template::value::Value;

/// What describes a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ARM template.
    Arm,
    /// Bicep.
    Bicep,
    /// A Terraform plan, as `terraform show -json` prints it.
    Plan,
    /// A Terraform state, as `terraform show -json` prints it, or as it is stored.
    State,
    /// What Resource Manager predicts of a deployment.
    WhatIf,
}

impl Kind {
    /// Whether Terraform deploys it.
    pub(super) fn is_terraform(self) -> bool {
        matches!(self, Kind::Plan | Kind::State)
    }
}

/// What a JSON file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Something that deploys.
    Deployment(Kind),
    /// Values of parameters.
    Parameters,
    /// What exists: a recording, or resources as azure-cli prints them.
    Recording,
    /// Something else.
    Other,
}

/// The text of a file.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn text_of(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| arm::reason(&error))?;
    arm::decode(bytes).ok_or_else(|| "the file is neither UTF-8 nor UTF-16".to_owned())
}

/// What a JSON text is; a file that was named may hold resources that no recording surrounds.
///
/// # Errors
/// Where (line, column) and why the text is not JSON, although it is meant to be a template, a plan or a state.
pub(super) fn content_of(text: &str, is_named: bool) -> Result<Content, ((usize, usize), String)> {
    match arm::kind_of(text) {
        FileKind::Template => return Ok(Content::Deployment(Kind::Arm)),
        FileKind::Parameters => return Ok(Content::Parameters),
        FileKind::Other => {}
    }
    match terraform::kind_of(text) {
        DocumentKind::Plan => return Ok(Content::Deployment(Kind::Plan)),
        DocumentKind::State => return Ok(Content::Deployment(Kind::State)),
        DocumentKind::Other => {}
    }
    if what_if::is_what_if(text) {
        return Ok(Content::Deployment(Kind::WhatIf));
    }
    match json::read_file(FileId(0), text) {
        Ok(document) => Ok(match is_recording(&document, is_named) {
            true => Content::Recording,
            false => Content::Other,
        }),
        Err((span, message)) if is_named || is_meant(text) => {
            let mut files = Files::default();
            let file = files.add(std::path::PathBuf::new(), text.into());
            let position = file.and_then(|_| files.position(span));
            let at = position.map_or((1, 1), |at| (at.line as usize, at.column as usize));
            Err((at, message))
        }
        Err(_) => Ok(Content::Other),
    }
}

/// Whether a broken text is meant to be something that deploys.
pub(super) fn is_meant(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("deploymenttemplate.json") || lower.contains("\"terraform_version\"")
}

fn is_recording(document: &Value, is_named: bool) -> bool {
    let is_snapshot = |value: &Value| {
        value.get("apimDoctor").and_then(Value::as_str).is_some_and(|format| format.starts_with("snapshot/"))
    };
    let is_resource = |value: &Value| {
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        id.starts_with("/subscriptions/") || id.starts_with("/providers/")
    };
    let list = ["value", "data"].iter().find_map(|name| document.get(name)?.as_array()).or(document.as_array());
    let has_resources = || list.is_some_and(|list| list.items.iter().any(is_resource)) || is_resource(document);
    is_snapshot(document) || is_named && has_resources()
}
