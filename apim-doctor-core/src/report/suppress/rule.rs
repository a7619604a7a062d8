//! A rule about findings: what one counts as, and where the rule applies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path as FilePath, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::base::ResourceId;
use crate::finding::{Code, CodeName, Severity};
use crate::report::v1::{Finding, Path, Suppressed, SuppressedBy, Suppression, SuppressionState};

/// What a finding counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Broken.
    Error,
    /// May break, or not proved.
    Warning,
    /// Worth knowing.
    Info,
    /// It does not count.
    Off,
}

impl Level {
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            Level::Error => Some(Severity::Error),
            Level::Warning => Some(Severity::Warning),
            Level::Info => Some(Severity::Info),
            Level::Off => None,
        }
    }
}

/// A pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{pattern}` is not a pattern: {why}")]
#[non_exhaustive]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

/// What findings count as, by code, resource and file.
///
/// Patterns are globs: `*` stands for any text, in the pattern of a file for any text without `/`, and `**` for any text.
///
/// ```
/// use apim_doctor_core::{Level, Rule};
/// let rule = Rule::new("latent.*", Level::Info)?.with_resource("kv-legacy")?;
/// # Ok::<(), apim_doctor_core::PatternError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// What a finding counts as.
    pub level: Level,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which the rule counts, in UTC.
    pub until: Option<Date>,
    /// Where the rule is written.
    pub file: Option<String>,
    /// The line in that file, counted from 1.
    pub line: Option<usize>,
    written: String,
    code: GlobMatcher,
    resource: Option<GlobMatcher>,
    path: Option<(GlobMatcher, Root)>,
    declared: Option<BTreeSet<ResourceId>>,
}

/// Where the paths of files start.
#[derive(Clone, Debug, Default)]
struct Root {
    current: PathBuf,
    config: PathBuf,
}

impl Rule {
    /// A rule for a code, or for all codes that a glob such as `latent.*` describes.
    ///
    /// # Errors
    /// The text is not a glob.
    pub fn new(code: &str, level: Level) -> Result<Self, PatternError> {
        Ok(Self {
            level,
            reason: None,
            until: None,
            file: None,
            line: None,
            written: code.to_owned(),
            code: glob(code, false)?,
            resource: None,
            path: None,
            declared: None,
        })
    }

    /// Only for findings about these resources, or for paths of these callers: a glob over resource ids, or a name.
    ///
    /// # Errors
    /// The text is not a glob.
    pub fn with_resource(mut self, pattern: &str) -> Result<Self, PatternError> {
        if pattern.is_empty() {
            return Err(PatternError { pattern: String::new(), why: "it is empty".to_owned() });
        }
        let whole = if pattern.contains('/') { pattern.to_owned() } else { format!("**/{pattern}") };
        self.resource = Some(glob(&whole, false)?);
        Ok(self)
    }

    /// Only for what is declared in these files: a glob over paths below the folder `config`. Reports name files as seen
    /// from the folder `current`.
    ///
    /// # Errors
    /// The text is not a glob.
    pub fn with_path(mut self, pattern: &str, config: PathBuf, current: PathBuf) -> Result<Self, PatternError> {
        let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
        self.path = Some((glob(pattern, true)?, Root { current, config }));
        Ok(self)
    }

    /// Only for these resources, beside whose declaration the rule is written.
    #[must_use]
    pub(crate) fn with_declared(mut self, resources: BTreeSet<ResourceId>) -> Self {
        self.declared = Some(resources);
        self
    }

    /// The code or the glob, as it was written.
    pub fn code(&self) -> &str {
        &self.written
    }

    /// Whether the rule is about findings with a code.
    pub fn is_about(&self, code: Code) -> bool {
        self.code.is_match(code.text())
    }

    pub(super) fn names(&self, code: &CodeName) -> bool {
        self.code.is_match(code.as_str())
    }

    pub(super) fn is_expired(&self, as_of: Timestamp) -> bool {
        self.until.is_some_and(|until| as_of.to_zoned(TimeZone::UTC).date() > until)
    }

    /// Whether the rule applies to a finding, or to what the finding means for a path. `real`: the real paths of files
    /// that are named in another way than from the current folder.
    pub(super) fn covers(&self, finding: &Finding, path: Option<&Path>, real: &BTreeMap<String, PathBuf>) -> bool {
        let caller = path.map(|path| &path.resource);
        let place = path.and_then(|path| path.declared_at.resource.as_ref());
        let is_resource = |pattern: &GlobMatcher| {
            let mut ids = std::iter::once(&finding.subject).chain(caller).chain(place);
            ids.any(|id| pattern.is_match(id.as_str()))
        };
        let own = finding.evidence.iter().filter(|evidence| evidence.resource.as_ref() == Some(&finding.subject));
        let own = own.filter_map(|evidence| evidence.file.as_deref());
        let mut files = own.chain(path.and_then(|path| path.declared_at.file.as_deref()));
        let is_declared = |declared: &BTreeSet<ResourceId>| {
            std::iter::once(&finding.subject).chain(place).any(|id| declared.contains(id))
        };
        self.resource.as_ref().is_none_or(is_resource)
            && self.path.as_ref().is_none_or(|path| files.any(|file| is_below(path, file, real)))
            && self.declared.as_ref().is_none_or(is_declared)
    }

    pub(super) fn suppressed(&self) -> Suppressed {
        let by = if self.declared.is_some() { SuppressedBy::Source } else { SuppressedBy::Config };
        Suppressed { by, reason: self.reason.clone(), until: self.until.map(|day| day.to_string()) }
    }

    /// What became of it. Only suppressions are told: a level need not match.
    pub(super) fn told(&self, uses: usize, as_of: Timestamp) -> Option<Suppression> {
        if self.level != Level::Off {
            return None;
        }
        let Suppressed { by, reason, until } = self.suppressed();
        let state = match uses {
            _ if self.is_expired(as_of) => SuppressionState::Expired,
            0 => SuppressionState::Unmatched,
            _ => SuppressionState::Used,
        };
        let (file, line) = (self.file.clone(), self.line);
        Some(Suppression { code: self.written.clone(), by, state, findings: uses, reason, until, file, line })
    }
}

fn glob(pattern: &str, are_paths: bool) -> Result<GlobMatcher, PatternError> {
    let mut builder = GlobBuilder::new(pattern);
    builder.literal_separator(are_paths).case_insensitive(!are_paths).backslash_escape(true);
    match builder.build() {
        Ok(glob) => Ok(glob.compile_matcher()),
        Err(error) => Err(PatternError { pattern: pattern.to_owned(), why: error.kind().to_string() }),
    }
}

/// Whether a file matches a pattern, as seen from the folder in which the pattern is written.
fn is_below((pattern, root): &(GlobMatcher, Root), file: &str, real: &BTreeMap<String, PathBuf>) -> bool {
    let whole = real.get(file).cloned().unwrap_or_else(|| plain(&root.current.join(file)));
    whole.strip_prefix(&root.config).is_ok_and(|below| pattern.is_match(below))
}

/// A path without `.` and `..`.
fn plain(path: &FilePath) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}
