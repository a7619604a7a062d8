//! Prints a recording with one exchange per line.

use std::io::{Result, Write as _};

use serde_json::Value;

use crate::output::Page;

/// One exchange a line, as recordings are kept.
pub(crate) fn print(snapshot: &Value, page: &mut Page<'_>) -> Result<()> {
    let Value::Object(map) = snapshot else { return page.json(snapshot) };
    let mut out = page.json_text();
    writeln!(out, "{{")?;
    let last = map.len().saturating_sub(1);
    for (at, (key, value)) in map.iter().enumerate() {
        write!(out, "{}: ", Value::from(key.as_str()))?;
        match value {
            Value::Array(items) => {
                writeln!(out, "[")?;
                for (at, item) in items.iter().enumerate() {
                    writeln!(out, "  {item}{}", if at + 1 < items.len() { "," } else { "" })?;
                }
                write!(out, "]")?;
            }
            other => write!(out, "{other}")?,
        }
        writeln!(out, "{}", if at < last { "," } else { "" })?;
    }
    writeln!(out, "}}")
}
