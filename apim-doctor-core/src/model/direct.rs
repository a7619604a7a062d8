//! Answers of a vault itself, or of Microsoft Graph.

use crate::model::key_vault as kv;

/// An answer of the vault itself or of Microsoft Graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DirectAnswer {
    /// The HTTP status; 0 where none came.
    pub status: u16,
    /// `error.innererror.code`, or else `error.code`.
    pub code: Option<String>,
    /// `attributes.enabled` of a secret.
    pub enabled: Option<bool>,
    /// All `attributes` of a secret.
    pub attributes: Option<kv::Attributes>,
    /// `contentType` of a secret, or the one in a certificate's policy.
    pub content_type: Option<String>,
    /// `policy.key_props.exportable` of a certificate.
    pub exportable: Option<bool>,
    /// Whether Microsoft Graph says that it is a group.
    pub is_group: bool,
    /// `id` of what Microsoft Graph answered.
    pub id: Option<String>,
    /// What a list holds.
    pub items: Vec<DirectItem>,
    /// Whether the list is whole.
    pub complete: bool,
    /// The request for the rest of the list.
    pub next: Option<String>,
}

/// One element of a list that a vault or Microsoft Graph gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct DirectItem {
    /// Its id.
    pub id: String,
    /// `attributes.enabled` of a secret.
    pub enabled: Option<bool>,
    /// All `attributes` of a secret.
    pub attributes: Option<kv::Attributes>,
    /// `contentType` of a secret.
    pub content_type: Option<String>,
}
