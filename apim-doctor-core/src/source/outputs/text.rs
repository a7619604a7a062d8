//! Bytes to text: byte order marks, and the encoding of Windows PowerShell.

use std::borrow::Cow;

/// The text without what azure-cli writes around its output: colours (`-o jsonc`), and warnings in front of it, which
/// stand in the file if standard error was redirected, too. Every line stays where it is.
pub(super) fn plain(mut text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\u{1b}') {
        let mut rest = &*text;
        let mut kept = String::with_capacity(rest.len());
        while let Some((before, behind)) = rest.split_once("\u{1b}[") {
            kept.push_str(before);
            rest = behind.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
            rest = rest.strip_prefix('m').unwrap_or(rest);
        }
        kept.push_str(rest);
        text = Cow::Owned(kept);
    }
    let is_warning = |line: &str| line.starts_with("WARNING: ") || line.trim().is_empty();
    let warnings: usize = text.split_inclusive('\n').take_while(|line| is_warning(line)).map(str::len).sum();
    match text.split_at_checked(warnings) {
        Some((head, rest)) if head.starts_with("WARNING: ") && !rest.trim().is_empty() => {
            let lines = head.matches('\n').count();
            Cow::Owned(format!("{}{rest}", "\n".repeat(lines)))
        }
        _ => text,
    }
}

/// The text of a file; `None` where it is neither UTF-8 nor UTF-16 with a byte order mark.
///
/// Windows PowerShell 5.1 writes UTF-16 with a byte order mark where output is redirected with `>`.
/// Source: <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding>
/// (read 2026-11-30).
pub(super) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, odd) = rest.as_chunks::<2>();
        let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
        text.ok().filter(|_| odd.is_empty()).map(Cow::Owned)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_warnings_are_dropped() {
        let plain = |text: &str| plain(Cow::Borrowed(text)).into_owned();
        assert_eq!(plain("{\u{1b}[94m\"id\"\u{1b}[39;49;00m: 1}"), "{\"id\": 1}");
        assert_eq!(plain("WARNING: preview\n\nWARNING: old\n{}"), "\n\n\n{}");
        for text in ["WARNING: alone\n", "\n{}", "{\"a\": \"WARNING: \"}"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn byte_order_marks_name_the_encoding() {
        let little: Vec<u8> = [0xFF, 0xFE].into_iter().chain("ü{}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain("ü{}".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [&little[..], &big[..], "\u{feff}ü{}".as_bytes(), "ü{}".as_bytes()] {
            assert_eq!(text(bytes).as_deref(), Some("ü{}"), "{bytes:?}");
        }
        assert_eq!(text(&little[..5]), None, "half a character");
        assert_eq!(text(&[0xFF, 0xFE, 0x00, 0xD8]), None, "half a pair");
        assert_eq!(text(b"\xC3("), None);
    }
}
