//! Where a rule comes from.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A page that a rule rests on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Source {
    /// The URL of the page.
    pub url: Cow<'static, str>,
    /// The day on which the page was last read: `YYYY-MM-DD`.
    pub read_on: Cow<'static, str>,
}

/// A page that the catalogues name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebPage {
    /// The URL of the page.
    pub url: &'static str,
    /// The day on which the page was last read.
    pub read_on: &'static str,
}

impl From<WebPage> for Source {
    fn from(page: WebPage) -> Self {
        Self { url: page.url.into(), read_on: page.read_on.into() }
    }
}
