//! Answers of a vault itself, or of Microsoft Graph.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::model::key_vault::Attributes;
use crate::model::{DirectAnswer, DirectItem};

/// What matters of an answer of a vault or of Microsoft Graph. `value` of a secret is skipped, never kept.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct DirectBody<'a> {
    #[serde(borrow)]
    error: Option<ErrorBody<'a>>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    attributes: Option<Attributes>,
    #[serde(rename = "contentType")]
    content_type: Option<String>,
    policy: Option<CertificatePolicy>,
    #[serde(rename = "@odata.type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(rename = "nextLink", alias = "@odata.nextLink", borrow)]
    next_link: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody<'a> {
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "innerError")]
    innererror: Option<Box<ErrorBody<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CertificatePolicy {
    key_props: KeyProps,
    secret_props: SecretProps,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyProps {
    exportable: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SecretProps {
    content_type: Option<String>,
}

impl DirectBody<'_> {
    /// Keeps what matters.
    ///
    /// `next` is where a list goes on, as the reader of requests writes it.
    pub(super) fn read(self, next: impl FnOnce(&str) -> String) -> DirectAnswer {
        #[derive(Deserialize)]
        struct Item {
            id: String,
            attributes: Option<Attributes>,
            #[serde(rename = "contentType")]
            content_type: Option<String>,
        }
        let element = |item: Item| DirectItem {
            id: item.id,
            enabled: item.attributes.and_then(|a| a.enabled),
            attributes: item.attributes,
            content_type: item.content_type,
        };
        let list = self.value.filter(|raw| raw.get().starts_with('['));
        let items = list.and_then(from_raw::<Vec<Item>>);
        let code = self.error.map(|error| {
            let inner = error.innererror.and_then(|inner| inner.code);
            inner.or(error.code).map(Cow::into_owned).unwrap_or_default()
        });
        let policy = self.policy.unwrap_or_default();
        let next_link = self.next_link.as_deref().filter(|next| !next.is_empty());
        DirectAnswer {
            status: 0,
            code,
            enabled: self.attributes.and_then(|a| a.enabled),
            attributes: self.attributes,
            content_type: self.content_type.or(policy.secret_props.content_type),
            exportable: policy.key_props.exportable,
            is_group: self.kind.is_some_and(|kind| kind.ends_with(".group")),
            id: self.id.and_then(from_raw),
            complete: items.is_some() && next_link.is_none(),
            items: items.unwrap_or_default().into_iter().map(element).collect(),
            next: next_link.map(next),
        }
    }
}

fn from_raw<T: DeserializeOwned>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}
