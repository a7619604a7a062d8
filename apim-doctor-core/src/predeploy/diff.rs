//! Unified diffs of files.

use std::path::Path;

use similar::TextDiff;

/// The changes from one text of a file to another, as `git apply` and `patch -p1` take them.
pub(super) fn unified(path: &Path, before: &str, after: &str) -> String {
    // A name on which a line could end would start another header.
    let name: String =
        path.to_string_lossy().replace('\\', "/").chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    // Without it, `patch` would take a blank for the end of the name.
    let end = if name.contains(' ') { "\t" } else { "" };
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    unified
        .context_radius(3)
        .missing_newline_hint(true)
        .header(&format!("a/{name}{end}"), &format!("b/{name}{end}"))
        .to_string()
}
