//! A tolerant scanner of policy documents.
//!
//! They look like XML and often are not: in format `rawxml` the expressions hold unescaped quotes and angle brackets. The
//! scanner skips `@(…)` and `@{…}` as balanced blocks. It reads each byte once, keeps elements in one flat list, and
//! stops at the first construct that does not end, so hostile input costs no more than its length.
//!
//! Source: <https://learn.microsoft.com/azure/api-management/api-management-policy-expressions> (read 2026-11-29).

/// Elements nested deeper than this are not read.
const DEEPEST: usize = 64;

/// One element.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    /// Its name.
    pub name: String,
    /// Its attributes, unescaped.
    pub attributes: Vec<(String, String)>,
    /// The text directly inside, unescaped.
    pub text: String,
    /// The place in the list after its last descendant.
    pub end: usize,
}

impl Element {
    /// An attribute's value.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim())
    }
}

/// A document: its elements in the order in which they begin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tree {
    elements: Vec<Element>,
    /// The rest could not be read.
    pub is_broken: bool,
}

impl Tree {
    /// One element.
    pub(super) fn get(&self, at: usize) -> Option<&Element> {
        self.elements.get(at)
    }

    /// The number of elements.
    pub(super) fn len(&self) -> usize {
        self.elements.len()
    }

    /// The elements at the top.
    pub(super) fn roots(&self) -> impl Iterator<Item = (usize, &Element)> {
        self.siblings(0, self.elements.len())
    }

    /// The elements directly inside another.
    pub(super) fn children(&self, of: usize) -> impl Iterator<Item = (usize, &Element)> {
        let end = self.elements.get(of).map_or(of, |element| element.end);
        self.siblings(of + 1, end)
    }

    fn siblings(&self, from: usize, end: usize) -> impl Iterator<Item = (usize, &Element)> {
        let mut at = from;
        std::iter::from_fn(move || {
            let element = self.elements.get(at).filter(|_| at < end)?;
            let own = at;
            at = element.end.max(at + 1);
            Some((own, element))
        })
    }

    /// The first child of this name.
    pub(super) fn child(&self, of: usize, name: &str) -> Option<(usize, &Element)> {
        self.children(of).find(|(_, element)| element.name == name)
    }
}

/// Reads a document.
pub(super) fn scan(source: &str) -> Tree {
    let mut scanner = Scanner { rest: source.trim_start_matches('\u{feff}'), tree: Tree::default(), open: Vec::new() };
    scanner.tree.is_broken = scanner.read().is_none();
    let end = scanner.tree.elements.len();
    for at in std::mem::take(&mut scanner.open) {
        scanner.end(at, end);
    }
    scanner.tree
}

struct Scanner<'s> {
    rest: &'s str,
    tree: Tree,
    /// Elements that have not ended yet.
    open: Vec<usize>,
}

impl<'s> Scanner<'s> {
    fn end(&mut self, at: usize, end: usize) {
        if let Some(element) = self.tree.elements.get_mut(at) {
            element.end = end;
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Skips to after the next `end`, and returns what stands before it.
    fn until(&mut self, end: &str) -> Option<&'s str> {
        let (before, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(before)
    }

    fn say(&mut self, text: &str) {
        if let Some(element) = self.open.last().and_then(|at| self.tree.elements.get_mut(*at)) {
            element.text.push_str(text);
        }
    }

    /// Reads everything; `None` where something does not end.
    fn read(&mut self) -> Option<()> {
        while !self.rest.is_empty() {
            let named = self.rest.as_bytes().get(1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
            if self.rest.starts_with("<!--") {
                self.until("-->")?;
            } else if self.rest.starts_with("<![CDATA[") {
                self.skip("<![CDATA[".len());
                let text = self.until("]]>")?;
                self.say(text);
            } else if self.rest.starts_with("<?") || self.rest.starts_with("<!") {
                self.until(">")?;
            } else if self.rest.starts_with("</") {
                let name = self.until(">")?.trim_start_matches("</").trim();
                self.close(name);
            } else if self.rest.starts_with('<') && named {
                self.tag()?;
            } else {
                self.text()?;
            }
        }
        Some(())
    }

    fn close(&mut self, name: &str) {
        let is_named = |at: &usize| self.tree.elements.get(*at).is_some_and(|element| element.name == name);
        let Some(level) = self.open.iter().rposition(is_named) else { return };
        let end = self.tree.elements.len();
        for at in self.open.split_off(level) {
            self.end(at, end);
        }
    }

    fn text(&mut self) -> Option<()> {
        let blank = self.rest.len() - self.rest.trim_start().len();
        let body = self.rest.trim_start();
        let len = match is_expression(body) {
            true => blank + expression_len(body)?,
            // What looks like the beginning of a tag and is none is text.
            false => self.rest.get(1..).and_then(|rest| rest.find('<')).map_or(self.rest.len(), |at| at + 1),
        };
        let (text, rest) = self.rest.split_at_checked(len.max(1)).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.say(&unescape(text));
        Some(())
    }

    fn tag(&mut self) -> Option<()> {
        self.skip(1);
        let name = self.rest.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next().unwrap_or_default();
        self.skip(name.len());
        let mut element = Element { name: name.to_owned(), ..Element::default() };
        let is_empty = loop {
            self.rest = self.rest.trim_start();
            if self.rest.starts_with("/>") {
                self.skip(2);
                break true;
            }
            if self.rest.starts_with('>') {
                self.skip(1);
                break false;
            }
            if self.rest.starts_with('/') {
                self.skip(1);
                continue;
            }
            let end = self.rest.find(|c: char| c.is_whitespace() || "=/>".contains(c))?;
            let key = self.rest.get(..end).unwrap_or_default().to_owned();
            self.skip(end);
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('=') {
                continue;
            }
            self.rest = self.rest.get(1..).unwrap_or_default().trim_start();
            let value = self.value()?;
            element.attributes.push((key, unescape(value)));
        };
        let at = self.tree.elements.len();
        element.end = at + 1;
        self.tree.elements.push(element);
        if !is_empty {
            self.open.push(at);
        }
        (self.open.len() <= DEEPEST).then_some(())
    }

    fn value(&mut self) -> Option<&'s str> {
        let quote = self.rest.chars().next().filter(|c| ['"', '\''].contains(c));
        let Some(quote) = quote else {
            let end = self.rest.find(|c: char| c.is_whitespace() || c == '>')?;
            let value = self.rest.get(..end)?;
            self.skip(end);
            return Some(value);
        };
        self.skip(1);
        let blank = self.rest.len() - self.rest.trim_start().len();
        let body = self.rest.trim_start();
        let from = if is_expression(body) { blank + expression_len(body)? } else { 0 };
        let end = from + self.rest.get(from..)?.find(quote)?;
        let value = self.rest.get(..end)?;
        self.skip(end + 1);
        Some(value)
    }
}

/// Whether a text begins with an expression.
pub(super) fn is_expression(text: &str) -> bool {
    text.starts_with("@(") || text.starts_with("@{")
}

/// What the scanner of an expression is inside of.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    /// Brackets that end with this.
    Brackets(u8),
    /// A string.
    Text { is_verbatim: bool, has_holes: bool, is_escaped: bool },
}

/// The length of the expression that a text begins with; `None` where its brackets do not match.
///
/// Quotes may be written as `&quot;`, as format `xml` has them.
pub(super) fn expression_len(text: &str) -> Option<usize> {
    const ENTITY: &[u8] = b"&quot;";
    let bytes = text.as_bytes();
    let rest = |at: usize| bytes.get(at..).unwrap_or_default();
    let mut inside: Vec<Inside> = Vec::new();
    // What was looked for once and is not there is not looked for again.
    let (mut no_line, mut no_end) = (false, false);
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        let quote = match byte {
            b'"' => Some((1, false)),
            b'&' if rest(at).starts_with(ENTITY) => Some((ENTITY.len(), true)),
            _ => None,
        };
        match (inside.last().copied(), quote) {
            (Some(Inside::Text { is_verbatim, is_escaped, .. }), Some((len, entity))) if entity == is_escaped => {
                let doubled = match entity {
                    true => rest(at + len).starts_with(ENTITY),
                    false => bytes.get(at + 1) == Some(&b'"'),
                };
                if is_verbatim && doubled {
                    at += len;
                } else {
                    inside.pop();
                }
                at += len;
            }
            (Some(Inside::Text { is_verbatim, has_holes, .. }), _) => match byte {
                b'\\' if !is_verbatim => at += 2,
                b'{' if has_holes && bytes.get(at + 1) == Some(&b'{') => at += 2,
                b'{' if has_holes => {
                    inside.push(Inside::Brackets(b'}'));
                    at += 1;
                }
                _ => at += 1,
            },
            (_, Some((len, is_escaped))) => {
                let mark = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at)).copied();
                let has_holes = mark(1) == Some(b'$') || (mark(1) == Some(b'@') && mark(2) == Some(b'$'));
                let is_verbatim = mark(1) == Some(b'@') || (mark(1) == Some(b'$') && mark(2) == Some(b'@'));
                inside.push(Inside::Text { is_verbatim, has_holes, is_escaped });
                at += len;
            }
            (top, None) => {
                let next = bytes.get(at + 1).copied();
                match byte {
                    b'(' => inside.push(Inside::Brackets(b')')),
                    b'[' => inside.push(Inside::Brackets(b']')),
                    b'{' => inside.push(Inside::Brackets(b'}')),
                    b')' | b']' | b'}' => {
                        if top != Some(Inside::Brackets(byte)) {
                            return None;
                        }
                        inside.pop();
                        if inside.is_empty() {
                            return Some(at + 1);
                        }
                    }
                    b'/' if next == Some(b'/') && !no_line => match rest(at).iter().position(|b| *b == b'\n') {
                        Some(end) => at += end,
                        None => no_line = true,
                    },
                    b'/' if next == Some(b'*') && !no_end => match rest(at).windows(2).position(|w| w == b"*/") {
                        Some(end) => at += end + 1,
                        None => no_end = true,
                    },
                    // A character: `'"'`, `'\''`.
                    b'\'' if next == Some(b'\\') => {
                        let end = rest(at + 3).iter().take(8).position(|b| *b == b'\'');
                        at += end.map_or(0, |end| end + 3);
                    }
                    b'\'' if bytes.get(at + 2) == Some(&b'\'') => at += 2,
                    _ => {}
                }
                at += 1;
            }
        }
        if inside.len() > DEEPEST || inside.is_empty() {
            return None;
        }
    }
    None
}

/// Resolves the entities of XML.
pub(super) fn unescape(text: &str) -> String {
    const NAMED: [(&str, char); 5] = [("quot;", '"'), ("apos;", '\''), ("lt;", '<'), ("gt;", '>'), ("amp;", '&')];
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.strip_prefix('#').and_then(|rest| {
            let (digits, _) = rest.get(..rest.len().min(9)).unwrap_or(rest).split_once(';')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            Some((char::from_u32(code.ok()?)?, digits.len() + 2))
        });
        let named = NAMED.iter().find(|(name, _)| part.starts_with(name)).map(|(name, c)| (*c, name.len()));
        match named.or(number) {
            Some((c, len)) => {
                plain.push(c);
                plain.push_str(part.get(len..).unwrap_or_default());
            }
            None => {
                plain.push('&');
                plain.push_str(part);
            }
        }
    }
    plain
}

/// Escapes a text as an attribute or a text of XML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        scan(text).elements.into_iter().map(|e| e.name).collect()
    }

    #[test]
    fn expressions_are_read_in_both_formats() {
        for text in [
            r#"<a x="@(context.Variables["u"])" y='2'><b>@{ if (1 < 2) { return "<c>"; } // don't
              return $"{context.Variables["v"]}\"/"; }</b></a>"#,
            r#"<a x="@(context.Variables[&quot;u&quot;])" y="2"><b>@{ if (1 &lt; 2) { return &quot;&lt;c&gt;&quot;; } // don't
              return $&quot;{context.Variables[&quot;v&quot;]}\&quot;/&quot;; }</b></a>"#,
        ] {
            let tree = scan(text);
            assert!(!tree.is_broken, "{text}");
            assert_eq!(tree.len(), 2);
            assert_eq!(tree.get(0).unwrap().attribute("x"), Some(r#"@(context.Variables["u"])"#));
            assert_eq!(tree.get(0).unwrap().attribute("y"), Some("2"));
            assert!(tree.get(1).unwrap().text.ends_with(r#"return $"{context.Variables["v"]}\"/"; }"#));
        }
    }

    #[test]
    fn comments_are_nothing_and_what_does_not_end_is_said() {
        assert_eq!(names("<a><!-- <b/> --><c/><![CDATA[<d/>]]></a>"), ["a", "c"]);
        for broken in ["<a><!-- ", "<a x=\"", "<a x=\"@(", "<a>@{ return", "<a", "<a x"] {
            assert!(scan(broken).is_broken, "{broken}");
        }
        assert!(scan(&"<a>".repeat(100_000)).is_broken);
        assert_eq!(names("<a>1 < 2 <b/></c></a><d/>"), ["a", "b", "d"]);
    }

    #[test]
    fn siblings_and_children_are_told_apart() {
        let tree = scan("<a><b><c/></b><d/></a><e/>");
        let of = |at| tree.children(at).map(|(_, e)| e.name.as_str()).collect::<Vec<_>>();
        assert_eq!(of(0), ["b", "d"]);
        assert_eq!(of(1), ["c"]);
        assert_eq!(tree.roots().count(), 2);
    }
}
