//! Texts that Markdown shows as they are.

use crate::output::plain;

/// A text whose parts in back-ticks become code spans; everything else is escaped.
pub(super) fn prose(text: &str) -> String {
    let text = one_line(text);
    let last = text.matches('`').count();
    let parts = text.split('`').enumerate().map(|(at, part)| match at {
        // The last of an odd number of back-ticks marks nothing.
        at if at % 2 == 1 && at == last => escaped(&format!("`{part}")),
        at if at % 2 == 1 => span(part),
        _ => escaped(part),
    });
    parts.collect()
}

/// A code span. Its fence is longer than every run of back-ticks in it.
pub(super) fn span(text: &str) -> String {
    let text = one_line(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let blank = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// The fence around lines of code: longer than every run of back-ticks in them.
pub(super) fn fence(lines: &[&str]) -> String {
    "`".repeat(lines.iter().map(|line| longest_run(line) + 1).max().unwrap_or_default().max(3))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

fn one_line(text: &str) -> String {
    plain(&text.split(['\r', '\n']).collect::<Vec<_>>().join(" ")).into_owned()
}

/// A text in which nothing has a meaning for Markdown. `@` stands in a code span, so that no user is mentioned.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '@' => escaped.push_str("`@`"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '<' | '>' | '&'
            | '~' | ':' | '$' | '^' | '=' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    // `www.` starts a link, and a line may start as a list does.
    let escaped = escaped.replace("www.", "www\\.");
    match escaped.strip_prefix(['-']) {
        Some(rest) => format!("\\-{rest}"),
        None => escaped,
    }
}
