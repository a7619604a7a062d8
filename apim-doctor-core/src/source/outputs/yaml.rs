//! YAML to JSON: every value stays on its line, so that problems and facts name the lines of the file.

use std::collections::HashSet;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::base::Map;
use crate::source::outputs::scan::DEEPEST;

/// The longest YAML text that is read: it is parsed event by event, which takes more time than JSON.
const LONGEST: usize = 64 << 20;
/// How much aliases may add to what stands in the file.
const MOST_COPIED: usize = 8 << 20;

/// Why a text cannot be read as YAML.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotYaml {
    pub line: usize,
    pub message: String,
}

/// Whether a text that is not JSON looks like a document of YAML: a list, or a member of a mapping.
pub(super) fn looks_like(text: &str) -> bool {
    let is_content = |line: &&str| !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with('%');
    let Some(line) = text.lines().find(is_content) else { return false };
    if line.starts_with("ERROR:") || line.starts_with("WARNING:") {
        return false;
    }
    if line.starts_with("- ") || line.trim_end() == "-" || line.trim_end() == "---" {
        return true;
    }
    let Some((key, rest)) = line.split_once(':') else { return false };
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.$/'\"".contains(c);
    key.chars().all(is_key) && !key.is_empty() && (rest.is_empty() || rest.starts_with(' '))
}

/// The documents as JSON.
pub(super) fn to_json(text: &str) -> Result<String, NotYaml> {
    if text.len() > LONGEST {
        let message = format!("the YAML is longer than {} MB", LONGEST >> 20);
        return Err(NotYaml { line: 1, message });
    }
    let mut writer = Writer { line: 1, ..Writer::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| NotYaml {
            line: error.marker().line(),
            message: format!("this is not YAML: {}", error.info()),
        })?;
        let line = span.start.line();
        writer.event(event, line).map_err(|message| NotYaml { line, message })?;
    }
    Ok(writer.out)
}

#[derive(Default)]
struct Writer {
    out: String,
    line: usize,
    /// What is open, outermost first.
    open: Vec<Open>,
    /// Where the value of each anchor stands; 0: the last value without one.
    anchors: Map<usize, Range<usize>>,
    copied: usize,
}

struct Open {
    is_map: bool,
    /// How many values it has; in a mapping, keys and values.
    count: usize,
    anchor: usize,
    start: usize,
    /// The keys of the outermost mapping.
    keys: HashSet<String>,
}

impl Writer {
    fn event(&mut self, event: Event<'_>, line: usize) -> Result<(), String> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                self.before(Some(&value), line)?;
                let start = self.out.len();
                match is_text || self.is_key() {
                    true => self.text(&value),
                    false => self.plain(&value),
                }
                self.anchors.insert(anchor, start..self.out.len());
                self.after();
            }
            Event::SequenceStart(anchor, _) => self.start(false, anchor, line)?,
            Event::MappingStart(anchor, _) => self.start(true, anchor, line)?,
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { is_map, anchor, start, .. }) = self.open.pop() else { return Ok(()) };
                self.out.push(if is_map { '}' } else { ']' });
                self.anchors.insert(anchor, start..self.out.len());
                self.after();
            }
            Event::Alias(anchor) => {
                self.before(None, line)?;
                let copy = self.anchors.get(&anchor).and_then(|range| self.out.get(range.clone()));
                let copy = copy.ok_or("an alias in the YAML names nothing")?.replace('\n', "");
                self.copied += copy.len();
                if self.copied > MOST_COPIED {
                    return Err(format!("the aliases in the YAML add more than {} MB", MOST_COPIED >> 20));
                }
                self.out.push_str(&copy);
                self.after();
            }
            Event::DocumentStart(_) | Event::DocumentEnd => self.out.push(' '),
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
        }
        Ok(())
    }

    fn start(&mut self, is_map: bool, anchor: usize, line: usize) -> Result<(), String> {
        self.before(None, line)?;
        if self.open.len() >= DEEPEST {
            return Err(format!("the YAML is nested too deeply: expected at most {DEEPEST} levels"));
        }
        let start = self.out.len();
        self.open.push(Open { is_map, count: 0, anchor, start, keys: HashSet::new() });
        self.out.push(if is_map { '{' } else { '[' });
        Ok(())
    }

    /// Whether the next scalar is a key.
    fn is_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_map && open.count.is_multiple_of(2))
    }

    /// Writes what stands before a value: a comma or a colon, and the ends of lines.
    fn before(&mut self, scalar: Option<&str>, line: usize) -> Result<(), String> {
        if self.is_key() && scalar.is_none() {
            return Err("a key in the YAML is not a text".to_owned());
        }
        let is_outermost = self.open.len() == 1;
        // What `az … >> file` appends continues the mapping, but its keys start again.
        if let (true, true, Some(key)) = (is_outermost, self.is_key(), scalar)
            && let Some(open) = self.open.last_mut()
            && !open.keys.insert(key.to_owned())
        {
            open.keys = HashSet::from([key.to_owned()]);
            open.count = 0;
            self.out.push_str("} {");
        }
        let count = self.open.last().map_or(0, |open| open.count);
        match self.open.last() {
            Some(open) if open.is_map && !count.is_multiple_of(2) => self.out.push(':'),
            Some(_) if count > 0 => self.out.push(','),
            _ => {}
        }
        while self.line < line {
            self.out.push('\n');
            self.line += 1;
        }
        Ok(())
    }

    fn after(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.count += 1;
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(&serde_json::Value::from(text).to_string());
    }

    /// Writes a scalar without quotes.
    ///
    /// azure-cli writes YAML 1.1 with PyYAML, which quotes a text that YAML 1.1 takes for something else, and no other.
    /// YAML 1.2 takes more for numbers: `12e4`, the end of a name, is one. So a number is only what is a number in both.
    fn plain(&mut self, text: &str) {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => self.out.push_str("null"),
            "true" | "True" | "TRUE" => self.out.push_str("true"),
            "false" | "False" | "FALSE" => self.out.push_str("false"),
            number if is_number(number) => self.out.push_str(number),
            text => self.text(text),
        }
    }
}

/// Whether a text is a number in JSON, in YAML 1.1 and in YAML 1.2.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(fraction) && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Vec<serde_json::Value>, NotYaml> {
        let json = to_json(text)?;
        Ok(serde_json::Deserializer::from_str(&json).into_iter().collect::<Result<_, _>>().expect(&json))
    }

    #[test]
    fn values_stay_on_their_lines() {
        let text = "- id: /a\n  properties:\n    on: true\n    n: 12\n- id: '/b'\n  list: []\n";
        let json = to_json(text).unwrap();
        assert_eq!(
            json.trim().lines().collect::<Vec<_>>(),
            [
                r#"[{"id":"/a","#,
                r#""properties":"#,
                r#"{"on":true,"#,
                r#""n":12}},"#,
                r#"{"id":"/b","#,
                r#""list":[]}]"#
            ]
        );
    }

    #[test]
    fn a_text_stays_a_text() {
        let text =
            "a: 66e1\nb: 0x1F\nc: 007\nd: '12'\ne: 1.5\nf: yes\ng: 2025-06-03\nh:\ni: ~\nj: !!str 12\nk: -3\nl: .5\n";
        let want = serde_json::json!([{"a": "66e1", "b": "0x1F", "c": "007", "d": "12", "e": 1.5, "f": "yes",
            "g": "2025-06-03", "h": null, "i": null, "j": "12", "k": -3, "l": ".5"}]);
        assert_eq!(serde_json::Value::from(json(text).unwrap()), want);
    }

    #[test]
    fn documents_are_split_where_keys_start_again() {
        let want = serde_json::json!([{"id": "/a", "name": "a"}, {"id": "/b"}]);
        for text in ["id: /a\nname: a\nid: /b\n", "id: /a\nname: a\n---\nid: /b\n"] {
            assert_eq!(serde_json::Value::from(json(text).unwrap()), want, "{text}");
        }
    }

    #[test]
    fn aliases_are_copied_up_to_a_limit() {
        assert_eq!(json("a: &x [1]\nb: *x\n").unwrap()[0]["b"], serde_json::json!([1]));
        let mut bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for n in 1..30 {
            let all = vec![format!("*a{}", n - 1); 9].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{all}]\n"));
        }
        assert!(json(&bomb).unwrap_err().message.contains("aliases"));
        // Whether this limit or the parser's own is reached first, the text is refused.
        for deep in ["[", "- ", "a: {"] {
            assert!(json(&deep.repeat(50_000)).is_err(), "{deep}");
        }
        assert!(json(&format!("{}x", "- ".repeat(101))).unwrap_err().message.contains("nested too deeply"));
    }

    #[test]
    fn only_lists_and_mappings_look_like_yaml() {
        for text in ["- id: x", "id: /subscriptions", "---\nid: x", "# made by az\nid:\n  x", "-\n  id: x", "'id': x"] {
            assert!(looks_like(text), "{text}");
        }
        for text in ["ERROR: (AuthorizationFailed) no", "<policies>", "not json", "param x string", "", "https://x"] {
            assert!(!looks_like(text), "{text}");
        }
    }
}
