//! Small changes of Terraform source: arguments and blocks that a snippet states are merged into a resource.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use crate::source::layout::{Change, Layout, Separator};

/// Blocks of which a resource has one.
const SINGLE: &[&str] = &["identity", "network_acls", "network_rules", "site_config", "value_from_key_vault"];

/// Returns the source with what a snippet states in a resource. `None`: the resource is not declared there, or the snippet
/// refers to something.
#[must_use]
pub(crate) fn merge(source: &str, kind: &str, name: &str, snippet: &str) -> Option<String> {
    let wanted: Body = snippet.parse().ok()?;
    let mut text = source.to_owned();
    merge_body(&mut text, &Target { kind, name }, &[], &wanted, snippet)?;
    // What came of it is Terraform.
    text.parse::<Body>().ok().map(|_| text)
}

/// A resource by its address.
struct Target<'t> {
    kind: &'t str,
    name: &'t str,
}

fn merge_body(text: &mut String, target: &Target<'_>, way: &[&str], wanted: &Body, snippet: &str) -> Option<()> {
    for structure in wanted {
        let body: Body = text.parse().ok()?;
        let block = find(&body, target, way)?;
        match structure {
            Structure::Attribute(attribute) => {
                let value = literal(&attribute.value, snippet)?;
                if let Some(change) = set(text, block, attribute, value)? {
                    *text = change.apply(text)?;
                }
            }
            Structure::Block(inner) => {
                let ident = inner.ident.as_str();
                let is_there = SINGLE.contains(&ident) && block.body.get_blocks(ident).count() == 1;
                if is_there {
                    let way: Vec<&str> = way.iter().copied().chain([ident]).collect();
                    merge_body(text, target, &way, &inner.body, snippet)?;
                } else {
                    is_literal(&inner.body, snippet)?;
                    let written = snippet.get(inner.span()?)?.trim();
                    *text = add(text, block, written)?.apply(text)?;
                }
            }
        }
    }
    Some(())
}

/// The block of a resource, or one inside of it.
fn find<'b>(body: &'b Body, target: &Target<'_>, way: &[&str]) -> Option<&'b Block> {
    let is_it = |block: &&Block| block.has_ident("resource") && block.has_exact_labels(&[target.kind, target.name]);
    let resource = body.blocks().find(is_it)?;
    way.iter().try_fold(resource, |block, ident| block.body.blocks().find(|inner| inner.has_ident(ident)))
}

/// Whether a block states nothing but known values.
fn is_literal(body: &Body, snippet: &str) -> Option<()> {
    body.iter().try_for_each(|structure| match structure {
        Structure::Attribute(attribute) => literal(&attribute.value, snippet).map(|_| ()),
        Structure::Block(block) => is_literal(&block.body, snippet),
    })
}

/// The text of a known value.
fn literal<'s>(value: &Expression, snippet: &'s str) -> Option<&'s str> {
    let is_known = match value {
        Expression::Array(items) => items.iter().all(|item| literal(item, snippet).is_some()),
        Expression::String(_) | Expression::Bool(_) | Expression::Number(_) => true,
        _ => false,
    };
    snippet.get(value.span()?).filter(|_| is_known).map(str::trim)
}

/// Sets an argument. Nothing, if it has the value already.
fn set(text: &str, block: &Block, attribute: &Attribute, value: &str) -> Option<Option<Change>> {
    let key = attribute.key.as_str();
    let Some(found) = block.body.get_attribute(key) else {
        return add(text, block, &format!("{key} = {value}")).map(Some);
    };
    let range = trimmed(text, found.value.span()?)?;
    let is_same = text.get(range.clone()).is_some_and(|old| old == value);
    Some((!is_same).then(|| Change { range, text: value.to_owned() }))
}

/// Adds an argument or a block at the end of a block.
fn add(text: &str, block: &Block, written: &str) -> Option<Change> {
    let whole = trimmed(text, block.span()?)?;
    let labels_end = block.labels.last().and_then(Span::span).or_else(|| block.ident.span())?.end;
    let open = labels_end + text.get(labels_end..whole.end)?.find('{')?;
    let last = block.body.iter().last().and_then(Span::span).and_then(|last| trimmed(text, last));
    Some(Layout::new(text, Separator::Line).append(&(open..whole.end), last, written))
}

/// A range without the blanks at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let inner = text.get(range.clone())?;
    let start = range.start + inner.len() - inner.trim_start().len();
    Some(start..start + inner.trim().len())
}

#[cfg(test)]
mod tests {
    use super::merge;

    const SOURCE: &str = "# the vault\nresource \"azurerm_key_vault\" \"kv\" {\n  name = \"kv\" # short\n\n  network_acls {\n    \
                          bypass         = \"None\"\n    default_action = \"Deny\"\n  }\n}\n";

    #[test]
    fn arguments_are_set_and_the_rest_stays() {
        let merged = |snippet| merge(SOURCE, "azurerm_key_vault", "kv", snippet).unwrap();
        let acls = "network_acls {\n  bypass = \"AzureServices\"\n  default_action = \"Deny\"\n  # and the rules\n}";
        assert_eq!(merged(acls), SOURCE.replace("\"None\"", "\"AzureServices\""));
        let added = merged("rbac_authorization_enabled = true");
        assert_eq!(added, SOURCE.replace("  }\n}", "  }\n  rbac_authorization_enabled = true\n}"));
        let block = merged("contact {\n  email = \"a\"\n}");
        assert_eq!(block, SOURCE.replace("  }\n}", "  }\n  contact {\n    email = \"a\"\n  }\n}"));
        assert_eq!(merge(SOURCE, "azurerm_key_vault", "other", "a = 1"), None);
        assert_eq!(merge(SOURCE, "azurerm_key_vault", "kv", "a = azurerm_subnet.b.id"), None);
    }
}
