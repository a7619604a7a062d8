//! The one place where text leaves the program.
//!
//! Names, ids and messages come from untrusted files and servers. A [`Page`] and [`say`] replace every character in
//! them that a terminal acts on or does not show; only the colours that [`Paint`] adds get through. A command is never
//! given anything else to write to.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Display;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufWriter, ErrorKind, IsTerminal, Result, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, ready};

use colored::{ColoredString, Colorize, control};
use regex::Regex;
use serde::Serialize;
use textwrap::core::display_width;
use tokio::io::AsyncWrite;

use crate::args::Colour;
use crate::failure::Failure;
use crate::files;

/// Characters that a terminal acts on, or that cannot be seen: controls, direction marks, zero-width characters, tags,
/// separators of lines and paragraphs, and all others that Unicode calls ignorable by default.
/// Source: <https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point> (read 2026-11-29).
static UNSAFE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]").ok());

/// What stands in place of such a character.
const REPLACEMENT: &str = "?";

/// Starts a colour of our own: a colour sequence with a random number in it, which no file and no server can know.
static MARK: LazyLock<String> = LazyLock::new(|| format!("\u{1b}[{};", RandomState::new().build_hasher().finish()));

/// Switches colour on or off for the whole run.
pub(crate) fn choose_colour(colour: Colour) {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let on = match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => std::io::stdout().is_terminal() && !no_colour,
    };
    control::set_override(on);
}

/// Whether colour is on.
pub(crate) fn coloured() -> bool {
    control::SHOULD_COLORIZE.should_colorize()
}

/// Whether the terminal shows more than ASCII.
pub(crate) fn unicode() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    let locale = set.into_iter().find(|value| !value.is_empty()).unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8") || cfg!(windows)
}

/// How many columns are used. Longer lines are hard to read.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    columns.or(terminal).unwrap_or(80).clamp(40, 120)
}

/// Colours, where they are on.
pub(crate) trait Paint: Display {
    /// The text in a style. Only the sequences around it become our own, so that none in the text gets through.
    fn painted(&self, style: impl FnOnce(ColoredString) -> ColoredString) -> String {
        let frame = own_colours(&style("|".into()).to_string());
        let (start, end) = frame.split_once('|').unwrap_or_default();
        format!("{start}{self}{end}")
    }

    /// Red and bold: it fails.
    fn as_failure(&self) -> String {
        self.painted(|text| text.red().bold())
    }

    /// Yellow and bold: it is unknown or may fail.
    fn as_doubt(&self) -> String {
        self.painted(|text| text.yellow().bold())
    }

    /// Green and bold: it works.
    fn as_success(&self) -> String {
        self.painted(|text| text.green().bold())
    }

    /// Green.
    fn green(&self) -> String {
        self.painted(|text| text.green())
    }

    /// Red.
    fn red(&self) -> String {
        self.painted(|text| text.red())
    }

    /// Yellow.
    fn yellow(&self) -> String {
        self.painted(|text| text.yellow())
    }

    /// Cyan.
    fn cyan(&self) -> String {
        self.painted(|text| text.cyan())
    }

    /// Bold.
    fn bold(&self) -> String {
        self.painted(|text| text.bold())
    }

    /// Dimmed.
    fn dimmed(&self) -> String {
        self.painted(|text| text.dimmed())
    }
}

impl<T: Display + ?Sized> Paint for T {}

/// Makes the colours of a text our own. Nothing in it may come from a file, a server or an argument, unless it went
/// through [`plain`].
pub(crate) fn own_colours(text: &str) -> String {
    text.replace("\u{1b}[", &MARK)
}

/// A text without characters that a terminal acts on or does not show; our own colours stay.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.into();
    }
    let parts = text.split(MARK.as_str()).map(|part| match &*UNSAFE {
        Some(class) => class.replace_all(part, REPLACEMENT),
        // The pattern is a constant, and tested.
        None => part.escape_default().to_string().into(),
    });
    parts.collect::<Vec<_>>().join(&MARK).into()
}

/// The same of a line of a file: its tabs stay.
pub(crate) fn plain_but_tabs(line: &str) -> String {
    line.trim_end_matches('\r').split('\t').map(plain).collect::<Vec<_>>().join("\t")
}

/// One line as a terminal gets it.
fn shown(line: &str) -> String {
    let line = plain(line);
    let line = if line.contains("##") || line.contains("::") { no_command(&line) } else { line.into_owned() };
    line.replace(MARK.as_str(), "\u{1b}[")
}

/// A line that no runner of a pipeline takes for a command: they obey lines that start with `::`, and `##[` and `##vso[`
/// anywhere in a line, and names in it come from elsewhere.
///
/// Sources: `ActionCommand.cs` of <https://github.com/actions/runner> and `Command.cs` of
/// <https://github.com/microsoft/azure-pipelines-agent> (both read 2026-12-01).
fn no_command(line: &str) -> String {
    parted(line, true)
}

/// A value within a command that no runner takes for another command. `::` counts only at the start of a line, so a file
/// keeps its name.
pub(crate) fn no_inner_command(value: &str) -> String {
    parted(value, false)
}

/// A text with a space after each mark of a command; at the start of a line, `::` is one, too.
fn parted(line: &str, starts_line: bool) -> String {
    let mut safe = String::with_capacity(line.len() + 1);
    for (at, c) in line.char_indices() {
        let rest = line.get(at..).unwrap_or_default();
        let is_start = starts_line && line.get(..at).is_some_and(|before| before.trim().is_empty());
        let is_mark = |mark: &str| rest.get(..mark.len()).is_some_and(|own| own.eq_ignore_ascii_case(mark));
        safe.push(c);
        if is_mark("##[") || is_mark("##vso[") || is_start && is_mark("::") {
            safe.push(' ');
        }
    }
    safe
}

/// Prints a line to standard error. Nothing can be done where even that fails.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", shown(line));
}

/// The same of several lines, laid out by this program.
pub(crate) fn say_lines(text: &str) {
    text.lines().for_each(say);
}

/// Prints a page to standard error.
pub(crate) fn say_page(print: impl FnOnce(&mut Page<'_>) -> Result<()>) {
    let mut out = std::io::stderr().lock();
    let _ = print(&mut Page::new(&mut out));
}

/// Writes a result to a file, or to standard output where none is named (or `-`). A reader that went away is not an
/// error.
pub(crate) fn write(
    file: Option<&Path>,
    print: impl FnOnce(&mut Page<'_>) -> Result<()>,
) -> std::result::Result<(), Failure> {
    let written = match file.filter(|file| *file != Path::new("-")) {
        Some(path) => files::write(path, |out| print(&mut Page::new(out))),
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            print(&mut Page::new(&mut out)).and_then(|()| out.flush())
        }
    };
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Output { path: file.unwrap_or(Path::new("-")).to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Writes reference material to a file that everybody may read.
pub(crate) fn write_public(
    file: &Path,
    print: impl FnOnce(&mut Page<'_>) -> Result<()>,
) -> std::result::Result<(), Failure> {
    let written = files::write_public(file, |out| print(&mut Page::new(out)));
    written.map_err(|source| Failure::Output { path: file.to_owned(), source })
}

/// Writes a page to a temporary file that stays, and returns its path.
pub(crate) fn keep_page(print: impl FnOnce(&mut Page<'_>) -> Result<()>) -> std::result::Result<PathBuf, Failure> {
    let kept = files::keep_page(|out| print(&mut Page::new(out)));
    kept.map_err(|source| Failure::Output { path: std::env::temp_dir(), source })
}

/// Appends a result to a file that a pipeline keeps for its steps.
pub(crate) fn append(path: &Path, print: impl FnOnce(&mut Page<'_>) -> Result<()>) -> std::result::Result<(), Failure> {
    let appended = files::append(path, |out| print(&mut Page::new(out)));
    appended.map_err(|source| Failure::Output { path: path.to_owned(), source })
}

/// Lines of the terminal's width.
pub(crate) struct Page<'o> {
    out: &'o mut dyn Write,
    pub width: usize,
    pub unicode: bool,
    /// Whether a word that is wider than a line is shortened in its middle.
    pub shortens: bool,
    is_apart: bool,
}

impl<'o> Page<'o> {
    fn new(out: &'o mut dyn Write) -> Self {
        Self { out, width: width(), unicode: unicode(), shortens: false, is_apart: true }
    }

    /// A command for the runner of a pipeline, whose parts are escaped.
    pub(crate) fn command(&mut self, text: &str) -> Result<()> {
        writeln!(self.out, "{}", plain(text))
    }

    /// One line as it is: a command has to be copied whole.
    pub(crate) fn line(&mut self, text: &str) -> Result<()> {
        self.is_apart = false;
        writeln!(self.out, "{}", shown(text))
    }

    /// An empty line, where the line before is not one.
    pub(crate) fn blank(&mut self) -> Result<()> {
        if !self.is_apart {
            self.line("")?;
            self.is_apart = true;
        }
        Ok(())
    }

    /// One line of a file: its tabs stay.
    pub(crate) fn line_of_file(&mut self, text: &str) -> Result<()> {
        self.is_apart = false;
        let parts: Vec<String> = text.split('\t').map(shown).collect();
        writeln!(self.out, "{}", parts.join("\t"))
    }

    /// Lines that this program made itself, such as a manual page or a script.
    pub(crate) fn lines(&mut self, text: &str) -> Result<()> {
        text.split_terminator('\n').try_for_each(|line| {
            let parts: Vec<String> = line.split('\t').map(shown).collect();
            writeln!(self.out, "{}", parts.join("\t"))
        })
    }

    /// Text in lines of the terminal's width.
    pub(crate) fn wrapped(&mut self, indent: &str, text: &str) -> Result<()> {
        self.hanging(indent, indent, text)
    }

    /// The same, with another first indent.
    pub(crate) fn hanging(&mut self, first: &str, rest: &str, text: &str) -> Result<()> {
        let lines = self.broken(first, rest, text);
        lines.iter().try_for_each(|line| self.line(line))
    }

    /// The same, and what belongs at the right end of its last line.
    pub(crate) fn ending(&mut self, indent: &str, text: &str, end: &str) -> Result<()> {
        let lines = self.broken(indent, indent, text);
        let Some((last, others)) = lines.split_last() else { return Ok(()) };
        others.iter().try_for_each(|line| self.line(line))?;
        self.apart(last, end)
    }

    /// One text at the left, another at the right: in one line if both fit.
    pub(crate) fn apart(&mut self, left: &str, right: &str) -> Result<()> {
        let right = self.spelled(right).into_owned();
        let room = |used: usize| self.width.checked_sub(used + display_width(&right));
        match (right.is_empty(), room(display_width(left) + 2)) {
            (true, _) => self.line(left),
            (false, Some(room)) => self.line(&format!("{left}{:1$}{right}", "", room + 2)),
            (false, None) => {
                let room = room(0).unwrap_or_default();
                self.line(left)?;
                self.line(&format!("{:room$}{right}", ""))
            }
        }
    }

    /// Whether a line fits.
    pub(crate) fn fits(&self, line: &str) -> bool {
        display_width(line) <= self.width
    }

    fn broken(&self, first: &str, rest: &str, text: &str) -> Vec<String> {
        let options = whole_words(self.width).initial_indent(first).subsequent_indent(rest);
        let room = self.width.saturating_sub(display_width(rest).max(display_width(first)));
        let text = self.spelled(text);
        let shorter: Vec<Cow<'_, str>> = text.split(' ').map(|word| self.shortened(word, room)).collect();
        textwrap::wrap(&shorter.join(" "), options).into_iter().map(Cow::into_owned).collect()
    }

    /// A word without its middle, where it is wider than a line.
    fn shortened<'w>(&self, word: &'w str, room: usize) -> Cow<'w, str> {
        if !self.shortens || display_width(word) <= room || word.contains(MARK.as_str()) {
            return word.into();
        }
        // A resource id is known by its name.
        if let Some((before, id)) = word.split_once("/subscriptions/") {
            let name = id.rsplit('/').next().unwrap_or_default();
            return format!("{before}{name}").into();
        }
        let dots = if self.unicode { "…" } else { "..." };
        let half = room.saturating_sub(dots.len().min(3)) / 2;
        let chars: Vec<char> = word.chars().collect();
        let start: String = chars.iter().take(half).collect();
        let end: String = chars.iter().skip(chars.len().saturating_sub(half)).collect();
        format!("{start}{dots}{end}").into()
    }

    /// A text as this terminal can show it.
    pub(crate) fn spelled<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let text = plain(text);
        match self.unicode || text.is_ascii() {
            true => text,
            false => ascii(&text).into(),
        }
    }

    /// A document, in one line.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> Result<()> {
        // A document is written in small pieces; they are looked at together.
        let mut out = BufWriter::with_capacity(1 << 16, JsonText(self.out));
        serde_json::to_writer(&mut out, document)?;
        writeln!(out)?;
        out.flush()
    }

    /// A document, indented.
    pub(crate) fn pretty_json(&mut self, document: &impl Serialize) -> Result<()> {
        serde_json::to_writer_pretty(JsonText(self.out), document)?;
        writeln!(self.out)
    }

    /// Where the text of a JSON document is written.
    pub(crate) fn json_text(&mut self) -> impl Write {
        JsonText(self.out)
    }
}

/// The text of a JSON document: inside of its strings, what cannot be seen and what a runner of a pipeline would take for a
/// command is escaped, which changes nothing in what they say.
struct JsonText<'o>(&'o mut dyn Write);

impl Write for JsonText<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let marked = memchr::memchr(b'#', bytes).map(|_| no_mark(bytes));
        let safe = marked.as_deref().unwrap_or(bytes);
        // All of JSON is written in whole characters.
        match (std::str::from_utf8(safe), &*UNSAFE) {
            (Ok(text), Some(class)) if !text.is_ascii() || text.contains('\u{7f}') => {
                let escape = |found: &regex::Captures<'_>| {
                    let one = found.get(0).map_or("", |found| found.as_str());
                    match one {
                        // Between the parts of an indented document.
                        "\n" => one.to_owned(),
                        one => one.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
                    }
                };
                self.0.write_all(class.replace_all(text, escape).as_bytes())?;
            }
            _ => self.0.write_all(safe)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        self.0.flush()
    }
}

/// Standard output for the messages of a protocol, which are lines of JSON: what cannot be seen in them is escaped.
pub(crate) struct Messages {
    out: tokio::io::Stdout,
    safe: VecDeque<u8>,
}

impl Messages {
    /// Nothing else may be printed in this run.
    pub(crate) fn new() -> Self {
        Self { out: tokio::io::stdout(), safe: VecDeque::new() }
    }

    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.safe.is_empty() {
            let (part, _) = self.safe.as_slices();
            let written = ready!(Pin::new(&mut self.out).poll_write(cx, part))?;
            self.safe.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Messages {
    /// Takes whole messages.
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, messages: &[u8]) -> Poll<Result<usize>> {
        ready!(self.poll_written(cx))?;
        JsonText(&mut self.safe).write_all(messages)?;
        Poll::Ready(Ok(messages.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_written(cx))?;
        Pin::new(&mut self.out).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.poll_written(cx))?;
        Pin::new(&mut self.out).poll_shutdown(cx)
    }
}

/// Escapes each `#` that another one or the end follows: nothing contains `##` then, in however many pieces it is written.
fn no_mark(bytes: &[u8]) -> Vec<u8> {
    let mut safe = Vec::with_capacity(bytes.len() + 8);
    for (at, byte) in bytes.iter().enumerate() {
        match (byte, bytes.get(at + 1)) {
            (b'#', None | Some(b'#')) => safe.extend_from_slice(b"\\u0023"),
            _ => safe.push(*byte),
        }
    }
    safe
}

/// Lines are broken at blanks only: what was broken elsewhere could not be copied.
pub(crate) fn whole_words<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// The same text for a terminal without Unicode.
fn ascii(text: &str) -> String {
    text.replace('…', "...")
        .replace('→', "->")
        .replace('’', "'")
        .replace('·', "-")
        .chars()
        .map(|c| if c.is_ascii() { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written down apart from the pattern.
    const HOSTILE: &[(u32, u32)] = &[
        (0x00, 0x1f),
        (0x7f, 0x9f),
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x180b, 0x180f),
        (0x200b, 0x200f),
        (0x2028, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xfff9, 0xfffb),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe007f),
        (0xe0100, 0xe01ef),
    ];

    #[test]
    fn what_a_terminal_acts_on_or_does_not_show_is_replaced_and_nothing_else() {
        let hostile = |code: u32| HOSTILE.iter().any(|(first, last)| (*first..=*last).contains(&code));
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            if hostile(c.into()) {
                assert_eq!(plain(&text), "a?b", "U+{:04X}", u32::from(c));
                assert_eq!(shown(&text), "a?b", "U+{:04X}", u32::from(c));
            }
        }
        for text in ["kv-shop", "Größe 中文 한글 العربية ✓ → … ’ ·", "e\u{301}", "👍", "\u{a0}"]
        {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn only_our_own_colours_get_through() {
        control::set_override(true);
        assert_eq!(
            shown(&format!("{} \u{1b}[32mPASS\u{1b}[1;32m", "x\u{7}".as_failure())),
            "\u{1b}[1;31mx?\u{1b}[0m ?[32mPASS?[1;32m"
        );
        control::set_override(false);
        assert_eq!("x".as_failure(), "x");
    }

    #[test]
    fn no_line_is_a_command_for_a_runner() {
        for (text, expected) in [
            ("##[error]x", "# #[error]x"),
            ("a ##VSO[task.complete]", "a # #VSO[task.complete]"),
            ("###[error]", "## #[error]"),
            ("  ::error::x", "  : :error::x"),
            ("## heading, a::b", "## heading, a::b"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn json_says_the_same_and_hides_nothing() {
        let text = "##[add-mask]\u{1b}\u{7f}\u{9b}\u{202e}\u{200b}\u{e0041}\u{2028}é✓\n\t\"###";
        for pretty in [false, true] {
            let mut bytes = Vec::new();
            let mut page = Page::new(&mut bytes);
            let document = serde_json::json!({text: [text]});
            if pretty { page.pretty_json(&document) } else { page.json(&document) }.unwrap();
            let written = String::from_utf8(bytes).unwrap();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), document);
            let seen = written.replace('\n', "");
            assert_eq!(plain(&seen), seen, "{written}");
            assert!(written.contains("é✓") && written.contains("\\udb40\\udc41"));
            assert!(!written.contains("##"));
        }
    }
}
