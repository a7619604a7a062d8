//! Reads the text of a configuration. Whatever is not understood is an error with its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use apim_doctor_core::{Code, InputError, Level, PatternError, RETIRED, Rule};
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Config, OPTIONS, Setting};

/// Members of a `[[suppress]]` and of a `[[level]]`.
const SUPPRESS: &[&str] = &["code", "path", "reason", "resource", "until"];
const LEVEL: &[&str] = &["code", "level", "path", "reason", "resource"];
/// Tables beside the options.
const TABLES: &[&str] = &["level", "levels", "suppress"];

type Result<T> = std::result::Result<T, InputError>;

/// Reads the text of a file.
pub(super) fn read(text: &str, path: &Path) -> Result<Config> {
    let file = File { text, path };
    let document = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        file.error(&span, error.message().to_owned(), "docs/ci.md shows a configuration")
    })?;
    let mut config = Config { path: Some(path.to_owned()), ..Config::default() };
    for (key, value) in document.get_ref() {
        let name = key.get_ref().as_ref();
        match name {
            table if TABLES.contains(&table) => {}
            option if OPTIONS.contains(&option) => {
                let setting = Setting { values: file.values(option, value)?, line: file.place(&key.span()).0 };
                config.options.insert(option.to_owned(), setting);
            }
            other => return Err(file.unknown(&key.span(), other, OPTIONS.iter().chain(TABLES))),
        }
    }
    // What is said of some findings of a code comes after what is said of all.
    let table = |name: &str| document.get_ref().get(name);
    if let Some(levels) = table("levels") {
        config.rules.extend(file.levels(levels)?);
    }
    if let Some(levels) = table("level") {
        config.rules.extend(file.tables(levels, LEVEL, |table| file.level(table))?);
    }
    if let Some(suppressions) = table("suppress") {
        config.rules.extend(file.tables(suppressions, SUPPRESS, |table| file.suppress(table))?);
    }
    Ok(config)
}

/// The file that is read.
struct File<'t> {
    text: &'t str,
    path: &'t Path,
}

/// A table whose members are known by name.
struct Table<'t> {
    span: Range<usize>,
    members: BTreeMap<&'t str, &'t Spanned<DeValue<'t>>>,
}

impl<'t> File<'t> {
    /// Line and column, counted from 1.
    fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let tail = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, tail.chars().count() + 1)
    }

    fn error(&self, span: &Range<usize>, message: String, help: &str) -> InputError {
        let (line, column) = self.place(span);
        InputError::fatal(self.path.display().to_string(), message, help).at(line, column)
    }

    /// A key that does not exist, with the one that is most like it.
    fn unknown<'k>(&self, span: &Range<usize>, key: &str, known: impl Iterator<Item = &'k &'k str>) -> InputError {
        let known: Vec<&str> = known.copied().collect();
        let help = match nearest(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected one of {}", known.join(", ")),
        };
        self.error(span, format!("key `{key}` does not exist"), &help)
    }

    /// The value of an option as it would be typed.
    fn values(&self, option: &str, value: &Spanned<DeValue<'t>>) -> Result<Vec<String>> {
        let single = |value: &Spanned<DeValue<'t>>| match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) => Ok(number.as_str().to_owned()),
            DeValue::Boolean(flag) => Ok(flag.to_string()),
            _ => Err(self.error(&value.span(), format!("`{option}` has a value of the wrong type"), EXPECTED)),
        };
        let values = match value.get_ref() {
            DeValue::Array(values) => values.iter().map(single).collect::<Result<Vec<_>>>()?,
            _ => vec![single(value)?],
        };
        values.into_iter().map(|one| self.harmless(option, value, one)).collect()
    }

    /// Refuses values that would write a file or send tokens elsewhere; finds a baseline from the file's folder.
    fn harmless(&self, option: &str, at: &Spanned<DeValue<'t>>, value: String) -> Result<String> {
        match option {
            "output" if value.contains('=') => Err(self.error(
                &at.span(),
                "a configuration cannot name files to write".to_owned(),
                "leave out `=FILE`, and give it on the command line",
            )),
            "cloud" if Path::new(&value).extension().is_some() => Err(self.error(
                &at.span(),
                "a configuration cannot name the file of a cloud, which says where tokens are sent".to_owned(),
                "use --cloud or APIM_DOCTOR_CLOUD",
            )),
            "baseline" => Ok(self.folder().join(value).display().to_string()),
            _ => Ok(value),
        }
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().map(Path::to_owned).unwrap_or_default()
    }

    fn tables(
        &self,
        value: &Spanned<DeValue<'t>>,
        known: &[&str],
        read: impl Fn(&Table<'_>) -> Result<Rule>,
    ) -> Result<Vec<Rule>> {
        let wrong = || self.error(&value.span(), "a list of tables was expected".to_owned(), "write `[[suppress]]`");
        let DeValue::Array(tables) = value.get_ref() else { return Err(wrong()) };
        let one = |table: &Spanned<DeValue<'t>>| {
            let DeValue::Table(members) = table.get_ref() else { return Err(wrong()) };
            let mut found = Table { span: table.span(), members: BTreeMap::new() };
            for (key, value) in members {
                if !known.contains(&key.get_ref().as_ref()) {
                    return Err(self.unknown(&key.span(), key.get_ref(), known.iter()));
                }
                found.members.insert(key.get_ref(), value);
            }
            read(&found)
        };
        tables.iter().map(one).collect()
    }

    /// `[levels]`: a code or a glob, and what it counts as.
    fn levels(&self, value: &Spanned<DeValue<'t>>) -> Result<Vec<Rule>> {
        let DeValue::Table(levels) = value.get_ref() else {
            return Err(self.error(&value.span(), "a table was expected".to_owned(), "write `[levels]`"));
        };
        let rule = |(code, level): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
            let mut rule = self.named(&code.span(), code.get_ref(), self.parsed_level(level)?)?;
            self.locate(&mut rule, &code.span());
            Ok(rule)
        };
        // A code says more than a glob, wherever it stands. Of several globs that fit, the last one counts.
        let mut levels: Vec<_> = levels.iter().collect();
        levels.sort_by_key(|(code, _)| (!is_glob(code.get_ref()), code.span().start));
        levels.into_iter().map(rule).collect()
    }

    fn level(&self, table: &Table<'_>) -> Result<Rule> {
        let level = table.members.get("level").ok_or_else(|| self.missing(table, "level"))?;
        self.rule(table, self.parsed_level(level)?)
    }

    fn suppress(&self, table: &Table<'_>) -> Result<Rule> {
        let mut rule = self.rule(table, Level::Off)?;
        if rule.reason.is_none() {
            return Err(self.missing(table, "reason"));
        }
        if let Some(until) = table.members.get("until") {
            let text = match until.get_ref() {
                DeValue::Datetime(date) => date.to_string(),
                DeValue::String(text) => text.to_string(),
                _ => String::new(),
            };
            let wrong = |_| self.error(&until.span(), "a day was expected".to_owned(), "write `until = 2027-03-31`");
            rule.until = Some(text.parse::<Date>().map_err(wrong)?);
        }
        Ok(rule)
    }

    fn rule(&self, table: &Table<'_>, level: Level) -> Result<Rule> {
        let text = |name: &str| -> Result<Option<(&str, Range<usize>)>> {
            let Some(value) = table.members.get(name) else { return Ok(None) };
            match value.get_ref() {
                DeValue::String(text) => Ok(Some((text.as_ref(), value.span()))),
                _ => Err(self.error(&value.span(), format!("`{name}` has to be a text"), EXPECTED)),
            }
        };
        let (code, span) = text("code")?.ok_or_else(|| self.missing(table, "code"))?;
        let mut rule = self.named(&span, code, level)?;
        if let Some((resource, span)) = text("resource")? {
            rule = rule.with_resource(resource).map_err(|error| self.pattern(&span, &error))?;
        }
        if let Some((path, span)) = text("path")? {
            let current = std::env::current_dir().unwrap_or_default();
            let folder = current.join(self.folder());
            let folder = folder.canonicalize().unwrap_or(folder);
            rule = rule.with_path(path, folder, current).map_err(|error| self.pattern(&span, &error))?;
        }
        rule.reason = text("reason")?.map(|(reason, _)| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        self.locate(&mut rule, &table.span);
        Ok(rule)
    }

    fn locate(&self, rule: &mut Rule, span: &Range<usize>) {
        rule.file = Some(self.path.display().to_string());
        rule.line = Some(self.place(span).0);
    }

    /// A rule for a code, which has to exist, or for a glob, which has to describe one.
    fn named(&self, span: &Range<usize>, code: &str, level: Level) -> Result<Rule> {
        if let Some((_, why)) = RETIRED.iter().find(|(retired, _)| *retired == code) {
            return Err(self.error(span, format!("code `{code}` was given up: {why}"), "remove it"));
        }
        if !is_glob(code) && Code::of(code).is_none() {
            return Err(self.error(span, format!("code `{code}` does not exist"), &like(code)));
        }
        let rule = Rule::new(code, level).map_err(|error| self.pattern(span, &error))?;
        if !Code::ALL.iter().any(|code| rule.is_about(*code)) {
            return Err(self.error(span, format!("no code matches `{code}`"), "`apim-doctor rules` lists all codes"));
        }
        Ok(rule)
    }

    fn parsed_level(&self, value: &Spanned<DeValue<'_>>) -> Result<Level> {
        match value.get_ref() {
            DeValue::String(text) if text == "error" => Ok(Level::Error),
            DeValue::String(text) if text == "warning" => Ok(Level::Warning),
            DeValue::String(text) if text == "info" => Ok(Level::Info),
            DeValue::String(text) if text == "off" => Ok(Level::Off),
            _ => {
                let message = "a level was expected".to_owned();
                Err(self.error(&value.span(), message, "use \"error\", \"warning\", \"info\" or \"off\""))
            }
        }
    }

    fn pattern(&self, span: &Range<usize>, error: &PatternError) -> InputError {
        self.error(span, error.to_string(), "`*` stands for any text, and `**` also for folders")
    }

    fn missing(&self, table: &Table<'_>, key: &str) -> InputError {
        self.error(&table.span, format!("`{key}` is missing"), "docs/ci.md shows a configuration")
    }
}

/// Whether a text may describe several codes.
fn is_glob(code: &str) -> bool {
    code.contains(['*', '?', '[', '{'])
}

const EXPECTED: &str = "docs/ci.md shows the options of a configuration";

/// What to type in place of a code that does not exist.
pub(super) fn like(code: &str) -> String {
    match nearest(code, Code::ALL.iter().map(|code| code.text())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`apim-doctor rules` lists all codes".to_owned(),
    }
}

/// The name that is most like a text, if one is.
fn nearest<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let scored = names.map(|name| (strsim::jaro_winkler(text, name), name));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(score, _)| *score > 0.8).map(|(_, name)| name)
}
