//! The list of the blobs of a container, as the Blob service answers it: XML, kept as a text.
//!
//! Source: <https://learn.microsoft.com/rest/api/storageservices/list-blobs> (read 2026-11-29).

use jiff::fmt::rfc2822;

use crate::model::key_vault::Attributes;
use crate::model::{DirectAnswer, DirectItem};

/// The blobs with the times when they were made, and whether the list is whole; anything else is nothing.
pub(super) fn read(xml: &str) -> DirectAnswer {
    let Some((_, list)) = xml.split_once("<EnumerationResults") else { return DirectAnswer::default() };
    let (blobs, after) = list.split_once("</Blobs>").unwrap_or((list, ""));
    let next = inside(after, "NextMarker").unwrap_or_default();
    let is_closed = after.contains("</EnumerationResults>");
    // A list without blobs has an empty element in their place.
    let is_empty = !list.contains("</Blobs>") && list.contains("<Blobs") && list.contains("</EnumerationResults>");
    let items = blobs.split("<Blob>").skip(1).filter_map(|blob| {
        let made = inside(blob, "Creation-Time").and_then(|text| rfc2822::parse(text).ok());
        let made = made.map(|at| at.timestamp().as_second());
        Some(DirectItem {
            id: unescaped(inside(blob, "Name")?),
            attributes: Some(Attributes { created: made, ..Attributes::default() }),
            ..DirectItem::default()
        })
    });
    DirectAnswer {
        items: items.collect(),
        complete: (is_closed && next.is_empty()) || is_empty,
        ..DirectAnswer::default()
    }
}

/// The text of the first element of a name.
fn inside<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_when_its_blobs_were_made_and_whether_it_goes_on() {
        let blob = "<Blob><Name>a&amp;b</Name><Properties><Creation-Time>Mon, 02 Nov 2026 02:00:00 GMT\
                    </Creation-Time></Properties></Blob>";
        let list = |end: &str| format!("<EnumerationResults><Blobs>{blob}</Blobs>{end}</EnumerationResults>");
        let read_list = read(&list("<NextMarker/>"));
        let made = read_list.items[0].attributes.unwrap().created.unwrap();
        assert_eq!(jiff::Timestamp::from_second(made).unwrap().to_string(), "2026-11-02T02:00:00Z");
        assert_eq!((read_list.items[0].id.as_str(), read_list.complete), ("a&b", true));
        assert!(!read(&list("<NextMarker>2!x</NextMarker>")).complete);
        assert!(read("<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>").complete);
        assert!(!read("<Error><Code>AuthorizationFailure</Code></Error>").complete);
    }
}
