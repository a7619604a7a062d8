//! Writes the bodies of a file as a list, each on the line where it stood.

use crate::source::outputs::body::{Body, Content, Spot};

/// `{"value": […]}`, where each body starts in the line and, if it stands as it did, in the column of the original.
pub(super) fn list(mut bodies: Vec<Body<'_>>) -> Vec<u8> {
    bodies.sort_by_key(|body| body.at);
    let mut out = String::from("{\"value\":[");
    let mut at = Spot { line: 1, column: out.len() + 1 };
    for (n, body) in bodies.iter().enumerate() {
        if n > 0 {
            out.push(',');
            at.column += 1;
        }
        pad(&mut out, &mut at, body.at);
        match &body.content {
            Content::Own(text) => {
                out.push_str(text);
                let last = text.rsplit('\n').next().unwrap_or_default();
                let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
                at = Spot { line: at.line + lines, column: last.len() + if lines > 0 { 1 } else { at.column } };
            }
            Content::Restored(value) => {
                let text = value.to_string();
                at.column += text.len();
                out.push_str(&text);
            }
        }
    }
    out.push_str("]}");
    out.into_bytes()
}

/// A text with what moves it to its line.
pub(super) fn text(text: &str, to: Spot) -> Vec<u8> {
    let mut out = String::new();
    pad(&mut out, &mut Spot { line: 1, column: 1 }, to);
    out.push_str(text);
    out.into_bytes()
}

fn pad(out: &mut String, at: &mut Spot, to: Spot) {
    while at.line < to.line {
        out.push('\n');
        *at = Spot { line: at.line + 1, column: 1 };
    }
    while at.line == to.line && at.column < to.column {
        out.push(' ');
        at.column += 1;
    }
}
