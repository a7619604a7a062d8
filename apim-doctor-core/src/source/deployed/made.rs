//! A resource after a deployment.

use serde_json::Value as Json;

use crate::base::{Map, ResourceId};
use crate::source::deployed::body::Open;
use crate::template::place::Span;

/// A resource that the deployment makes, or that was there before.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub id: ResourceId,
    pub kind: String,
    pub version: String,
    pub json: Json,
    pub places: Map<String, Span>,
    pub open: Option<Open>,
    pub span: Span,
    /// It was there before, and the files leave it alone.
    pub is_recorded: bool,
}
