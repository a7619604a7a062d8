//! What one file holds, piece by piece, before it is read as resources.

use serde_json::Value;

use crate::base::ResourceId;

/// Line and column, counted from 1, where something starts in the file that a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub line: usize,
    pub column: usize,
}

/// The body of one resource.
#[derive(Debug)]
pub(crate) struct Body<'t> {
    pub at: Spot,
    pub id: ResourceId,
    pub content: Content<'t>,
    /// The property that is missing where the file shows only a part of the resource.
    pub lacks: Option<&'static str>,
}

#[derive(Debug)]
pub(crate) enum Content<'t> {
    /// As it stands in the file.
    Own(&'t str),
    /// Restored from another form.
    Restored(Value),
}

impl Content<'_> {
    /// The body as a value.
    pub(super) fn value(&self) -> Option<Value> {
        match self {
            Self::Own(text) => serde_json::from_str(text).ok(),
            Self::Restored(value) => Some(value.clone()),
        }
    }
}

/// Something that says nothing about whose it is.
#[derive(Debug)]
pub(crate) struct Unnamed {
    pub at: Spot,
    pub kind: UnnamedKind,
    pub value: Value,
}

/// The outputs of azure-cli that contain no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnnamedKind {
    /// `az functionapp config appsettings list`.
    Settings,
    /// `az webapp config connection-string list`.
    ConnectionStrings,
    /// `az functionapp identity show`.
    Identity,
    /// `az keyvault network-rule list`.
    VaultRules,
    /// `az storage account network-rule list`.
    AccountRules,
}

/// Everything that one file holds.
#[derive(Debug, Default)]
pub(crate) struct Pieces<'t> {
    pub bodies: Vec<Body<'t>>,
    /// Recordings, and lists that say by which version they were kept: they are read as they stand.
    pub whole: Vec<(Spot, &'t str)>,
    /// Lists stand in lists, or in another form that is not read as it stands.
    pub is_nested: bool,
    pub unnamed: Vec<Unnamed>,
    pub aside: Vec<(Spot, String, String)>,
    /// What could not be understood: where, what, and what to do.
    pub problems: Vec<(Spot, String, String)>,
}

/// Whether a text is the id of a resource.
pub(crate) fn is_id(text: &str) -> bool {
    let starts = |start: &str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    starts("/subscriptions/") || starts("/providers/")
}
