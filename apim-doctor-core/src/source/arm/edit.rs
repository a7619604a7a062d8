//! Small changes of a JSON file: the rest of it stays as it was written, with its comments.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;

use crate::source::layout::{Change, Layout, Separator};
use crate::template::json;

/// Sets a property of the innermost object around a place, or one further in: objects on the way are made if they are
/// missing. `value` is JSON; its further lines are indented as they have to be. None: no object is at the place, or
/// something on the way is not an object.
#[must_use]
pub(crate) fn set_property(source: &str, place: &Range<usize>, path: &[&str], value: &str) -> Option<Change> {
    let file = File::parse(source)?;
    let mut at = file.object_around(place)?;
    let mut names = path;
    loop {
        let (name, rest) = names.split_first()?;
        let Some(found) = get(at, name) else { return Some(file.insert(at, names, value)) };
        if rest.is_empty() {
            let range = file.range(&found.value);
            let text = file.layout.indented(value, file.layout.indent(range.start));
            return Some(Change { range, text });
        }
        (at, names) = (found.value.as_object()?, rest);
    }
}

/// Adds a member, which is written out, to the innermost object around a place.
#[must_use]
pub(crate) fn add_member(source: &str, place: &Range<usize>, member: &str) -> Option<Change> {
    let file = File::parse(source)?;
    let at = file.object_around(place)?;
    let last = at.properties.last().map(|member| file.range(member));
    Some(file.layout.append(&file.range(at), last, member))
}

/// Removes a property of the innermost object around a place, with its line and its comma.
#[must_use]
pub(crate) fn remove_property(source: &str, place: &Range<usize>, name: &str) -> Option<Change> {
    let file = File::parse(source)?;
    let members = &file.object_around(place)?.properties;
    let found = members.iter().position(|member| member.name.as_str().eq_ignore_ascii_case(name))?;
    let range = |at: usize| members.get(at).map(|member| file.range(member));
    Some(file.layout.remove(range(found)?, found.checked_sub(1).and_then(range), range(found + 1)))
}

/// Adds an element at the end of the innermost list around a place.
#[must_use]
pub(crate) fn add_item(source: &str, place: &Range<usize>, value: &str) -> Option<Change> {
    let file = File::parse(source)?;
    let found = file.around(place, &|node| node.as_array().is_some())?;
    let last = found.as_array()?.elements.last().map(|item| file.range(item));
    Some(file.layout.append(&file.range(found), last, value))
}

/// Adds a resource to those among which the object at a place stands. `symbol`: its name, where resources have names.
#[must_use]
pub(crate) fn add_resource(source: &str, object: &Range<usize>, symbol: &str, value: &str) -> Option<Change> {
    let file = File::parse(source)?;
    // The object itself is not what it stands in.
    let outside = object.start.checked_sub(1)?..object.end + 1;
    let found = file.around(&outside, &|_| true)?;
    match found {
        ast::Value::Array(_) => add_item(source, &outside, value),
        _ => set_property(source, &outside, &[symbol], value),
    }
}

/// Where a part of a template stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Among the parameters, where a resource cannot be asked for its properties, or among the variables.
    Values,
    /// Elsewhere.
    Rest,
}

/// Where a place of a template stands.
#[must_use]
pub(crate) fn section(source: &str, place: &Range<usize>) -> Section {
    let Some(file) = File::parse(source) else { return Section::Rest };
    let (mut at, mut found) = (file.root.as_object(), Section::Rest);
    while let Some(object) = at {
        let is_template = get(object, "resources").is_some();
        let inside = object.properties.iter().find(|member| {
            let range = file.range(&member.value);
            range.start <= place.start && range.end >= place.end
        });
        let Some(member) = inside else { break };
        let name = member.name.as_str();
        if is_template {
            let is_values = ["parameters", "variables"].iter().any(|own| own.eq_ignore_ascii_case(name));
            found = if is_values { Section::Values } else { Section::Rest };
        }
        at = match &member.value {
            ast::Value::Array(array) => array.elements.iter().find_map(|item| {
                let range = file.range(item);
                (range.start <= place.start && range.end >= place.end).then(|| item.as_object()).flatten()
            }),
            other => other.as_object(),
        };
    }
    found
}

/// A resource as a template declares it.
pub(crate) struct Declared {
    /// Where its object stands.
    pub range: Range<usize>,
    /// Its type, as it is written.
    pub kind: String,
    /// Its name, as it is written.
    pub name: String,
}

/// Returns the objects of a template that declare resources.
pub(crate) fn declarations(source: &str) -> Vec<Declared> {
    let Some(file) = File::parse(source) else { return Vec::new() };
    let (mut open, mut found) = (vec![&file.root], Vec::new());
    while let Some(node) = open.pop() {
        match node {
            ast::Value::Array(array) => open.extend(&array.elements),
            ast::Value::Object(object) => {
                let text = |name: &str| get(object, name)?.value.as_string_lit().map(|text| text.value.to_string());
                if let (Some(kind), Some(name), Some(_)) = (text("type"), text("name"), text("apiVersion")) {
                    found.push(Declared { range: file.range(object), kind, name });
                }
                open.extend(object.properties.iter().map(|member| &member.value));
            }
            _ => {}
        }
    }
    found
}

/// A JSON file that was parsed.
struct File<'s> {
    root: ast::Value<'s>,
    /// How many bytes stand before the parsed text.
    skipped: usize,
    layout: Layout<'s>,
}

impl<'s> File<'s> {
    fn parse(source: &'s str) -> Option<Self> {
        let skipped = source.len() - source.trim_start_matches('\u{feff}').len();
        let root = json::parse(source.get(skipped..)?).ok()?;
        Some(Self { root, skipped, layout: Layout::new(source, Separator::Comma) })
    }

    fn range(&self, node: &impl Ranged) -> Range<usize> {
        node.start() + self.skipped..node.end() + self.skipped
    }

    fn object_around(&self, place: &Range<usize>) -> Option<&ast::Object<'s>> {
        self.around(place, &|node| node.as_object().is_some())?.as_object()
    }

    /// The innermost value of a kind around a place.
    fn around(&self, place: &Range<usize>, wanted: &dyn Fn(&ast::Value<'_>) -> bool) -> Option<&ast::Value<'s>> {
        let encloses = |node: &ast::Value<'_>| {
            let range = self.range(node);
            range.start <= place.start && range.end >= place.end
        };
        let (mut at, mut found) = (Some(&self.root).filter(|root| encloses(root)), None);
        while let Some(node) = at {
            if wanted(node) {
                found = Some(node);
            }
            at = match node {
                ast::Value::Array(array) => array.elements.iter().find(|item| encloses(item)),
                ast::Value::Object(object) => {
                    object.properties.iter().map(|member| &member.value).find(|value| encloses(value))
                }
                _ => None,
            };
        }
        found
    }

    /// Adds a property to an object, with objects around the value for the names before the last.
    fn insert(&self, object: &ast::Object<'_>, names: &[&str], value: &str) -> Change {
        let mut text = value.to_owned();
        for (number, name) in names.iter().enumerate().rev() {
            text = format!("{}: {text}", quoted(name));
            if number > 0 {
                text = format!("{{\n  {}\n}}", text.replace('\n', "\n  "));
            }
        }
        let last = object.properties.last().map(|member| self.range(member));
        self.layout.append(&self.range(object), last, &text)
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn get<'a, 's>(object: &'a ast::Object<'s>, name: &str) -> Option<&'a ast::ObjectProp<'s>> {
    object.properties.iter().rev().find(|member| member.name.as_str().eq_ignore_ascii_case(name))
}
