//! Texts that stand for what does not exist yet, such as the principal of a new identity.

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::base::Map;
use crate::template::canonical::write_symbol;
use crate::template::value::{Context, Part, Symbol, Unknown, Why};

/// Texts that stand for symbols: equal symbols have equal texts, and different ones have different texts.
///
/// A text is a word of letters and digits, so that it can be a part of a host name or an id, or a GUID where Azure would
/// have one.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    words: Map<Arc<str>, String>,
    /// The canonical texts of symbols, by the texts that stand for them (lower case).
    canonical: Map<String, Arc<str>>,
    /// The texts of symbols that may be equal to any other text.
    anything: Vec<String>,
    /// The texts of symbols that exist already, by their canonical texts in lower case.
    known: Map<String, String>,
}

impl Symbols {
    /// The text of a symbol.
    pub(crate) fn text(&mut self, symbol: &Symbol) -> String {
        let mut canonical = String::new();
        write_symbol(symbol, &mut canonical);
        let folded = canonical.to_ascii_lowercase();
        if let Symbol::Text(parts) = symbol {
            let text: String = parts.iter().map(|part| self.part(part)).collect();
            self.canonical.insert(text.to_ascii_lowercase(), folded.into());
            return text;
        }
        if let Some(known) = self.known.get(&folded) {
            return known.clone();
        }
        let digest = Sha256::digest(folded);
        let hex = digest.iter().take(16).fold(String::new(), |mut text, byte| {
            // Writing to a text does not fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        });
        let piece = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        let text = match is_guid_in_azure(symbol) {
            true => format!("{}-{}-8{}-8{}-{}", piece(0, 8), piece(8, 12), piece(12, 15), piece(15, 18), piece(18, 30)),
            false => format!("x{}", piece(0, 11)),
        };
        if may_be_anything(symbol) && !self.words.contains_key(text.as_str()) {
            self.anything.push(text.clone());
        }
        self.words.entry(text.as_str().into()).or_insert_with(|| said(symbol, &canonical));
        text
    }

    /// Gives a symbol the text that it has in Azure.
    pub(super) fn name(&mut self, symbol: &Symbol, text: &str) {
        let mut canonical = String::new();
        write_symbol(symbol, &mut canonical);
        self.known.insert(canonical.to_ascii_lowercase(), text.to_owned());
    }

    fn part(&mut self, part: &Part) -> String {
        match part {
            Part::Known(text) => text.to_string(),
            Part::Symbol(symbol) => self.text(symbol),
        }
    }

    /// The canonical text of an id, by which symbols name its resource.
    pub(crate) fn key_of(&self, id: &str) -> Arc<str> {
        let folded = id.to_ascii_lowercase();
        self.canonical.get(&folded).cloned().unwrap_or_else(|| folded.into())
    }

    /// Whether a text may be any other one.
    pub(super) fn may_be_anything(&self, text: &str) -> bool {
        self.anything.iter().any(|word| text.contains(word))
    }

    /// Whether a text stands for something that does not exist yet.
    pub(super) fn stands_for_something(&self, text: &str) -> bool {
        self.words.contains_key(text)
    }

    /// The texts with what they stand for, in words.
    pub(super) fn into_words(self) -> Map<Arc<str>, String> {
        self.words
    }
}

/// Whether Azure would have a GUID here.
fn is_guid_in_azure(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Principal(_) | Symbol::Client(_) => true,
        Symbol::Context(context) => {
            matches!(context, Context::Tenant | Context::Subscription | Context::Deployer | Context::DeployerClient)
        }
        Symbol::Computed { function, .. } => &**function == "guid",
        _ => false,
    }
}

/// What stands for a symbol in a report: a word that a shell takes as it is, or the expression.
fn said(symbol: &Symbol, canonical: &str) -> String {
    let name = |id: &str| id.rsplit('/').next().unwrap_or(id).to_owned();
    match symbol {
        Symbol::Principal(id) => format!("PRINCIPAL_OF_{}", name(id)),
        Symbol::Client(id) => format!("CLIENT_ID_OF_{}", name(id)),
        Symbol::Context(Context::Tenant) => "TENANT_ID".to_owned(),
        Symbol::Context(Context::Subscription) => "SUBSCRIPTION_ID".to_owned(),
        Symbol::Context(Context::ResourceGroup) => "RESOURCE_GROUP".to_owned(),
        _ => canonical.to_owned(),
    }
}

/// Whether a symbol may be equal to another one that has a different text: a parameter without a value may be anything.
pub(super) fn may_be_anything(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Parameter { .. } => true,
        Symbol::Text(parts) => parts.iter().any(|part| matches!(part, Part::Symbol(inner) if may_be_anything(inner))),
        Symbol::Computed { arguments, .. } => arguments.iter().any(|argument| argument.contains("{parameters(")),
        Symbol::Property { .. }
        | Symbol::Context(_)
        | Symbol::Principal(_)
        | Symbol::Client(_)
        | Symbol::Listed { .. }
        | Symbol::Resource(_) => false,
    }
}

/// Why a value is not known.
pub(super) fn why(unknown: &Unknown) -> String {
    match &unknown.why {
        Why::Parameter(name) => format!("parameter `{name}` has no value"),
        Why::Secret(name) => format!("parameter `{name}` is a secret"),
        Why::Runtime(function) => format!("only Azure can answer `{function}`"),
        Why::NotRead(id) => format!("`{id}` was not read"),
        Why::Function(function) => format!("function `{function}` is not known"),
        Why::File(file) => format!("`{file}` could not be read"),
        Why::Invalid => "the expression has no value".to_owned(),
        Why::Limit => "the expression is too large to evaluate".to_owned(),
    }
}
