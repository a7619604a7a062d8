//! `--open`: the page of a report, in the browser.

use std::io::IsTerminal;

use apim_doctor_core::v1::Report;

use crate::failure::Failure;
use crate::output;
use crate::render::html;

/// Writes the page to a temporary file and opens it. Without a terminal or a display, only the path is printed.
pub(super) fn open(report: &Report, quiet: bool) -> Result<(), Failure> {
    let path = output::keep_page(|page| html::print(report, page))?;
    let is_opened = has_screen() && open::that_detached(&path).is_ok();
    if !is_opened || !quiet {
        output::say(&format!("page: {}", path.display()));
    }
    Ok(())
}

/// Whether a person sits at a terminal of a machine with a display.
fn has_screen() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_display = cfg!(any(windows, target_os = "macos"))
        || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(is_set);
    std::io::stderr().is_terminal() && has_display
}
