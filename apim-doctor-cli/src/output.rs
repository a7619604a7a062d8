//! Where results go: standard output or a file, with or without colour and Unicode.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;

use crate::args::Colour;
use crate::input::Failure;

/// Switches colour on or off for the whole run.
pub fn choose_colour(colour: Colour) {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let on = match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => std::io::stdout().is_terminal() && !no_colour,
    };
    colored::control::set_override(on);
}

/// Whether colour is on.
pub fn coloured() -> bool {
    colored::control::SHOULD_COLORIZE.should_colorize()
}

/// Whether the terminal shows more than ASCII.
pub fn unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let locale = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8") || cfg!(windows)
}

/// How many columns there are.
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or(terminal).unwrap_or(100).clamp(40, 160)
}

/// Writes a result. A reader that went away is not an error.
pub fn write(file: Option<&Path>, print: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let (path, written) = match file {
        Some(path) => {
            let written = File::create(path).and_then(|file| {
                let mut out = BufWriter::new(file);
                print(&mut out)?;
                out.flush()
            });
            (path, written)
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            (Path::new("standard output"), print(&mut out).and_then(|()| out.flush()))
        }
    };
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Output { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Writes a recording, whole or not at all, for its owner only: it names everything that was read. What is no plain
/// file, such as a device, is written as it is.
pub fn write_private(
    file: Option<&Path>,
    print: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = file.filter(|path| path.metadata().map_or(true, |known| known.is_file())) else {
        return write(file, print);
    };
    let failed = |source| Failure::Output { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut out = BufWriter::new(file.as_file_mut());
    print(&mut out).and_then(|()| out.flush()).map_err(failed)?;
    drop(out);
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// A text without control characters and without what turns its direction: names come from files that anybody may
/// have written.
pub fn plain(text: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if odd(c) { '?' } else { c }).collect()
}
