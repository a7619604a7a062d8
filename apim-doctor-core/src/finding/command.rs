//! Commands as data: every line that is printed to be pasted into a shell is built here.
//!
//! Names come from recordings and may hold anything. What a programmer wrote is `&'static str` and is printed as it
//! stands; a name is quoted for a POSIX shell, percent-encoded in a URI, and escaped in JSON and in a query. A name that
//! cannot be passed safely is never printed: the line says so instead.
//!
//! Sources: <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html> (quoting),
//! <https://jmespath.org/specification.html#literal-expressions>,
//! <https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-tips> (`@` loads a file) and
//! <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules> (read 2026-11-29).

use std::borrow::Cow;
use std::fmt::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::base::{ObjectId, ResourceId};
use crate::finding::snippet;
use crate::model::reference::Reference;

/// What a URI holds as it is: everything else of a name is percent-encoded.
const IN_URI: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// How a line starts that cannot be printed.
const REFUSED: &str = "# not printed: ";

/// One line to paste, in which every name is data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    text: String,
    purpose: Purpose,
}

/// What a line is for, where the lines of several fixes become one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It repairs something.
    #[default]
    Repair,
    /// It writes all host names of this instance.
    WriteHostNames(ResourceId),
    /// It makes Azure read the secret again, which helps only after every repair.
    FetchAgain,
}

impl Line {
    /// Words instead of a command.
    pub(crate) fn says(words: &'static str) -> Self {
        Self::repair(words.to_owned())
    }

    /// A query of Log Analytics, with each `{}` replaced by a string literal.
    /// Source: <https://learn.microsoft.com/kusto/query/scalar-data-types/string> (read 2026-11-29).
    pub(crate) fn kql(template: &'static str, names: &[&str]) -> Self {
        Self::repair(filled(template, names, snippet::kql))
    }

    fn repair(text: String) -> Self {
        Self { text, purpose: Purpose::Repair }
    }

    /// The text of the line.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What the line is for.
    pub(crate) fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Whether a name in it cannot be passed, so that the command is left out.
    pub(crate) fn is_refused(&self) -> bool {
        self.text.starts_with(REFUSED)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The lines of one fix as texts. Half of a fix can do harm, so a line that cannot be printed replaces all of them.
pub(crate) fn texts(lines: &[Line]) -> Vec<String> {
    let mut shown: Vec<String> = lines.iter().filter(|line| line.is_refused()).map(Line::to_string).collect();
    shown.dedup();
    if shown.is_empty() { lines.iter().map(Line::to_string).collect() } else { shown }
}

/// A word of a command that is not fixed.
#[derive(Clone, Debug)]
pub(crate) enum Word<'w> {
    /// A name: data.
    Name(Cow<'w, str>),
    /// A variable that an earlier line sets.
    Variable(&'static str),
}

impl<'w> From<&'w str> for Word<'w> {
    fn from(name: &'w str) -> Self {
        Self::Name(Cow::Borrowed(name))
    }
}

impl<'w> From<&'w String> for Word<'w> {
    fn from(name: &'w String) -> Self {
        Self::Name(Cow::Borrowed(name))
    }
}

impl From<String> for Word<'_> {
    fn from(name: String) -> Self {
        Self::Name(Cow::Owned(name))
    }
}

impl<'w> From<&'w ResourceId> for Word<'w> {
    fn from(id: &'w ResourceId) -> Self {
        Self::from(id.as_str())
    }
}

impl<'w> From<&'w ObjectId> for Word<'w> {
    fn from(id: &'w ObjectId) -> Self {
        Self::from(id.as_str())
    }
}

/// Builds a [`Line`].
#[derive(Clone, Debug)]
pub(crate) struct Command {
    text: String,
    refused: bool,
    purpose: Purpose,
}

impl Command {
    /// A command that starts with these fixed words: `az keyvault update`.
    pub(crate) fn new(words: &'static str) -> Self {
        Self { text: words.to_owned(), refused: false, purpose: Purpose::Repair }
    }

    /// A comment. Some shells run comments that are typed, so names in it are quoted too.
    pub(crate) fn comment(words: &'static str) -> Self {
        Self { text: format!("# {words}"), ..Self::new("") }
    }

    /// A request to Resource Manager by `az rest`. The path is that of a resource, or of something below one.
    pub(crate) fn rest(method: &'static str, path: &str, version: &'static str) -> Self {
        Self::new("az rest --method").and(method).option("--uri", uri(path, version))
    }

    /// A GET request to Resource Manager, with what else its query holds.
    pub(crate) fn get(path: &str, version: &'static str, query: &'static str) -> Self {
        let and = if query.is_empty() { "" } else { "&" };
        Self::new("az rest --method get").option("--url", format!("{}{and}{query}", uri(path, version)))
    }

    /// Makes what `name` stands for the value that the command prints, for later lines: `NAME=$(…)`.
    pub(crate) fn into_variable(self, name: &'static str) -> Self {
        Self { text: format!("{name}=$({})", self.text), ..self }
    }

    /// More fixed words.
    pub(crate) fn and(mut self, words: &'static str) -> Self {
        self.push(words);
        self
    }

    /// A name as a word of its own.
    pub(crate) fn word(mut self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        self.refused |= name.starts_with('-');
        self.name(name);
        self
    }

    /// A name as a word of PowerShell.
    pub(crate) fn powershell(mut self, name: &str) -> Self {
        self.refused |= name.chars().any(snippet::is_hidden);
        self.push(&powershell(name));
        self
    }

    /// A variable of PowerShell that the reader's script sets.
    pub(crate) fn script_variable(mut self, name: &str) -> Self {
        self.refused |= !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':') || name.is_empty();
        self.push(&format!("${name}"));
        self
    }

    /// What a command of PowerShell returns, as an argument.
    pub(crate) fn in_parentheses(mut self, command: Command) -> Self {
        self.refused |= command.refused;
        self.push(&format!("({})", command.text));
        self
    }

    /// A host name or an address.
    pub(crate) fn host(self, host: &str) -> Self {
        self.url("", host, "")
    }

    /// A URL of a host. The consoles that these are typed in quote in ways of their own, so a host that is not plain is
    /// refused.
    pub(crate) fn url(mut self, scheme: &'static str, host: &str, after: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        self.refused |= host.is_empty() || host.starts_with('-') || !host.chars().all(plain);
        self.push(&format!("{scheme}{host}{after}"));
        self
    }

    /// `--name VALUE`. A value that starts with `-` is attached, else it would be read as an option.
    pub(crate) fn option<'w>(mut self, option: &'static str, value: impl Into<Word<'w>>) -> Self {
        match value.into() {
            Word::Variable(name) => {
                self.push(option);
                let _ = write!(self.text, " \"${name}\"");
            }
            Word::Name(name) if name.starts_with('-') => {
                self.refused |= !option.starts_with("--") || !is_passable(&name);
                self.push(option);
                let _ = write!(self.text, "={}", quoted(&name));
            }
            Word::Name(name) => {
                self.push(option);
                self.name(&name);
            }
        }
        self
    }

    /// `--option A B C`.
    pub(crate) fn options<S: AsRef<str>>(self, option: &'static str, values: impl IntoIterator<Item = S>) -> Self {
        values.into_iter().fold(self.and(option), Command::word)
    }

    /// `--name N --resource-group G --subscription S`. Commands of API Management and Key Vault take no `--ids`.
    pub(crate) fn named(self, id: &ResourceId) -> Self {
        self.named_as("--name", id)
    }

    /// The same with the name behind another option.
    pub(crate) fn named_as(self, option: &'static str, id: &ResourceId) -> Self {
        self.option(option, id.name()).in_group(id)
    }

    /// `--resource-group G --subscription S`, as far as the id has them.
    pub(crate) fn in_group(self, id: &ResourceId) -> Self {
        let group = match id.resource_group() {
            Some(group) => self.option("--resource-group", group),
            None => self,
        };
        match id.subscription() {
            Some(subscription) => group.option("--subscription", subscription),
            None => group,
        }
    }

    /// `--body '…'`.
    pub(crate) fn body(self, body: &Value) -> Self {
        self.json("--body", body)
    }

    /// `--option '…'`, a value written as JSON.
    pub(crate) fn json(self, option: &'static str, value: &Value) -> Self {
        self.option(option, snippet::ascii_json(&value.to_string()))
    }

    /// `--query '…'`, a fixed one.
    pub(crate) fn query(self, query: &'static str) -> Self {
        self.query_for(query, &[])
    }

    /// The same with each `{}` replaced by a name as a literal.
    pub(crate) fn query_for(mut self, template: &'static str, names: &[&str]) -> Self {
        self.push("--query");
        self.push(&quoted(&filled(template, names, jmespath)));
        self
    }

    /// What a comment tells to run: `# …: az …`.
    pub(crate) fn then(mut self, command: Command) -> Self {
        self.refused |= command.refused;
        let _ = write!(self.text, ": {}", command.text);
        self
    }

    /// Another command after this one: `a; b`.
    pub(crate) fn followed_by(mut self, command: Command) -> Self {
        self.refused |= command.refused;
        let _ = write!(self.text, "; {}", command.text);
        self
    }

    /// Marks what the command is for.
    pub(crate) fn purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// The line.
    pub(crate) fn line(self) -> Line {
        let text = match self.refused {
            true => format!("{REFUSED}a name in this command cannot be passed to a shell safely"),
            false => self.text,
        };
        Line { text, purpose: self.purpose }
    }

    fn name(&mut self, name: &str) {
        self.refused |= !is_passable(name);
        let quoted = quoted(name);
        self.push(&quoted);
    }

    fn push(&mut self, words: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(words);
    }
}

/// `/subscriptions/…?api-version=…`, each part of the path percent-encoded.
fn uri(path: &str, version: &'static str) -> String {
    format!("{}?api-version={version}", utf8_percent_encode(path, IN_URI))
}

/// A text with each `{}` replaced by a name, written as `literal` does.
fn filled(template: &'static str, names: &[&str], literal: fn(&str) -> String) -> String {
    let mut parts = template.split("{}");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (part, name) in parts.zip(names) {
        text.push_str(&literal(name));
        text.push_str(part);
    }
    text
}

/// A string literal of JMESPath: `'…'`, or JSON between back-ticks where `'…'` cannot hold it.
fn jmespath(name: &str) -> String {
    match name.contains(['\'', '\\', '`']) || name.chars().any(snippet::is_hidden) {
        true => format!("`{}`", snippet::ascii_json(&Value::from(name).to_string()).replace('`', "\\u0060")),
        false => format!("'{name}'"),
    }
}

/// Whether a shell and azure-cli take a name as it is. azure-cli loads a file where a value, or what follows its first
/// `=`, starts with `@`; a Key Vault reference is the one text that may, as no file has such a name.
fn is_passable(name: &str) -> bool {
    let value = name.split_once('=').map_or(name, |(_, value)| value);
    let is_file = |text: &str| text.starts_with('@') && !Reference::starts_setting(text);
    !name.chars().any(snippet::is_hidden) && !is_file(name) && !is_file(value)
}

/// One word to a POSIX shell. What holds NUL cannot be one; it is refused before.
fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| "''".to_owned(), Cow::into_owned)
}

/// One word to PowerShell, which takes typographic quotes for quotes.
fn powershell(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        let doubled = matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
        quoted.extend(doubled.then_some(c).into_iter().chain([c]));
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: Command) -> String {
        command.line().to_string()
    }

    #[test]
    fn a_name_is_one_word() {
        let az = || Command::new("az keyvault show");
        assert_eq!(line(az().option("--name", "kv1")), "az keyvault show --name kv1");
        assert_eq!(line(az().option("--name", "rg(1)")), "az keyvault show --name 'rg(1)'");
        assert_eq!(line(az().option("--name", "-x")), "az keyvault show --name=-x");
        assert_eq!(line(az().option("--name", Word::Variable("ID"))), "az keyvault show --name \"$ID\"");
        let words = shlex::split(&line(az().word("a'b\"$(c)`d`"))).unwrap();
        assert_eq!(words.last().unwrap(), "a'b\"$(c)`d`");
    }

    #[test]
    fn what_cannot_be_passed_is_refused() {
        for name in ["a\nb", "a\u{1b}b", "a\0b", "\u{202e}a", "@/etc/passwd", "a=@/etc/passwd"] {
            assert!(Command::new("az").option("--name", name).line().is_refused(), "{name:?}");
        }
        assert!(Command::new("az").word("-x").line().is_refused());
        assert!(Command::new("nslookup").host("a;b").line().is_refused());
        assert!(!Command::new("az").word("A=@Microsoft.KeyVault(SecretUri=https://v/secrets/s)").line().is_refused());
        let lines = [Command::new("az").and("a").line(), Command::new("az").word("-").line()];
        assert_eq!(texts(&lines).len(), 1);
    }

    #[test]
    fn each_language_has_its_own_escapes() {
        let rest = line(Command::rest("get", "/subscriptions/s/rg?x=1#$(y)", "2024-05-01"));
        assert_eq!(
            rest,
            "az rest --method get --uri '/subscriptions/s/rg%3Fx%3D1%23%24%28y%29?api-version=2024-05-01'"
        );
        assert_eq!(jmespath("a"), "'a'");
        assert_eq!(jmespath("a'b`\\"), "`\"a'b\\u0060\\\\\"`");
        assert_eq!(powershell("a'b"), "'a''b'");
        assert_eq!(Line::kql("T | where N =~ {}", &["a'b"]).as_str(), "T | where N =~ 'a\\'b'");
    }
}
