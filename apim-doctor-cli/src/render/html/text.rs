//! Texts of a page. Names in a report come from anywhere: every text is escaped, and shows each character that cannot
//! be seen, or that turns the direction of what follows, as a question mark.

use std::fmt::Write;

use apim_doctor_core::v1::{Evidence, Path};
use apim_doctor_core::{Gate, Verdict};
use maud::{Escaper, Markup, PreEscaped, html};

use crate::files::LIVE;
use crate::output::{plain, plain_but_tabs};

/// A text in one line, for an element or an attribute.
pub(super) fn text(text: &str) -> Markup {
    escaped(&plain(text))
}

/// Lines of code, with their breaks and tabs.
pub(super) fn code(lines: &str) -> Markup {
    let lines: Vec<String> = lines.split('\n').map(plain_but_tabs).collect();
    escaped(&lines.join("\n"))
}

/// A text whose parts in back-ticks are code.
pub(super) fn prose(text: &str) -> Markup {
    let last = text.matches('`').count();
    html! {
        @for (at, part) in text.split('`').enumerate() {
            // The last of an odd number of back-ticks marks nothing.
            @if at % 2 == 1 && at == last { (self::text(&format!("`{part}"))) }
            @else if at % 2 == 1 { code { (self::text(part)) } }
            @else { (self::text(part)) }
        }
    }
}

/// Escapes a text. A page may be printed to the log of a pipeline, whose runner obeys lines with `##` or `::`.
fn escaped(text: &str) -> Markup {
    let mut escaped = String::with_capacity(text.len() + 8);
    // Writing to a text cannot fail.
    let _ = write!(Escaper::new(&mut escaped), "{text}");
    if escaped.contains("##") || escaped.contains("::") {
        escaped = escaped.replace("##", "&#35;&#35;").replace("::", "&#58;&#58;");
    }
    PreEscaped(escaped)
}

/// A verdict in a word. A path that does not count is `suppressed`.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::NotApplicable => "not applicable",
    }
}

/// A gate's name on the page.
pub(super) fn name(gate: Gate) -> &'static str {
    match gate {
        Gate::Dns => "DNS",
        Gate::Authorization => "grant",
        other => other.name(),
    }
}

/// The class of a verdict.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotApplicable => "none",
        other => word(other),
    }
}

/// What a path counts as.
pub(super) fn counts_as(path: &Path) -> &'static str {
    match (path.suppressed, path.verdict) {
        (true, _) => "suppressed",
        (false, Verdict::NotApplicable) => "pass",
        (false, verdict) => word(verdict),
    }
}

/// The shape of a verdict, drawn once in the page. The word beside it says the same.
pub(super) fn sign(class: &str) -> Markup {
    html! { svg class={ "sign " (class) } aria-hidden="true" { use href={ "#" (class) } {} } }
}

/// Lines to copy and run. The button appears where a script can run.
pub(super) fn commands(what: &str, lines: &str) -> Markup {
    html! {
        pre tabindex="0" role="group" aria-label=(what) { code { (code(lines)) } }
        button type="button" class="copy" hidden { "Copy " (what) }
    }
}

/// Where a fact stands: the property of the resource, and the file with the line. The only file is not named.
pub(super) fn place(fact: &Evidence, only_file: Option<&str>) -> Markup {
    let id = fact.resource.as_ref().filter(|id| !id.name().is_empty());
    let property = id.map(|id| format!("{}{}", id.name(), fact.pointer));
    let file = fact.file.as_deref().filter(|file| *file != LIVE).map(|file| match fact.line {
        Some(line) if Some(file) == only_file => format!("line {line}"),
        Some(line) => format!("{}:{line}", file.rsplit(['/', '\\']).next().unwrap_or_default()),
        None => file.to_owned(),
    });
    let place = property.into_iter().chain(file).collect::<Vec<_>>().join(" · ");
    html! { @if !place.is_empty() { " " i { (text(&place)) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_text() {
        let hostile = "<img src=x onerror=alert(1)>\"' `</noscript><script>` &amp; \u{202e}\u{7}";
        let shown = prose(hostile).into_string();
        assert_eq!(
            shown,
            "&lt;img src=x onerror=alert(1)&gt;&quot;' <code>&lt;/noscript&gt;&lt;script&gt;</code> &amp;amp; ??"
        );
        assert_eq!(text("##vso[x] ::y").into_string(), "&#35;&#35;vso[x] &#58;&#58;y");
        assert_eq!(code("a\tb\r\nc\u{1b}").into_string(), "a\tb\nc?");
        assert_eq!(prose("a `b").into_string(), "a `b");
    }
}
