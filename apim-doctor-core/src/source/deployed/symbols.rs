//! Texts that stand for what does not exist yet, such as the principal of a new identity.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::base::{Map, ResourceId};
use crate::source::deployed::open::why;
use crate::template::canonical::write_symbol;
use crate::template::value::{Context, Kind, Part, Symbol, Unknown, Value};

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
    /// The texts of principals and client ids of identities.
    identities: HashSet<String>,
    /// How many values are unknown and have a text.
    unknown: usize,
    /// The resources of which a text stands for a property, by the text.
    owners: Map<String, Arc<str>>,
    /// The ids of the resources that the files make or name.
    resources: HashSet<ResourceId>,
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
        if let Symbol::Principal(id) | Symbol::Client(id) = symbol
            && !id.contains("microsoft.graph/groups")
        {
            self.identities.insert(text.clone());
        }
        if let Symbol::Property { resource, .. } = symbol {
            self.owners.insert(text.clone(), resource.to_ascii_lowercase().into());
        }
        if may_be_anything(symbol) && !self.words.contains_key(text.as_str()) {
            self.anything.push(text.clone());
        }
        self.words.entry(text.as_str().into()).or_insert_with(|| said(symbol, &canonical));
        text
    }

    /// The resource that a value names.
    pub(super) fn named_by(&mut self, id: &Value) -> Option<ResourceId> {
        match &id.kind {
            Kind::String(text) => Some(ResourceId::new(text)),
            Kind::Symbol(symbol) => Some(ResourceId::new(&self.text(symbol))),
            _ => None,
        }
    }

    /// A text in the place of an identifier or reference that is not known, with its known start. It equals no other.
    pub(super) fn text_from(&mut self, unknown: &Unknown, end: &str) -> String {
        self.unknown += 1;
        let arguments = vec![format!("{}#{}", why(unknown), self.unknown).into()];
        let word = self.text(&Symbol::Computed { function: "unknown".into(), arguments });
        let start = unknown.start.as_deref().unwrap_or_default();
        let lower = start.to_ascii_lowercase();
        let address = lower.rfind("secreturi=").map_or(lower.as_str(), |at| lower.get(at + 10..).unwrap_or_default());
        match address.strip_prefix("https://") {
            // The vault is known.
            Some(rest) if rest.contains('/') => format!("{start}{word}{end}"),
            Some(_) if end.is_empty() => format!("{start}{word}/secrets/{word}"),
            Some(host) => unnamed(&format!("{host}{word}")),
            None if lower.ends_with("secreturi=") => unnamed(&word),
            None if lower.contains("vaultname=") && !lower.contains("secretname=") => {
                format!("{start}{word};SecretName={word}{end}")
            }
            None => format!("{start}{word}{end}"),
        }
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

    /// Adds a resource that the files make or name.
    pub(super) fn add_resource(&mut self, id: ResourceId) {
        self.resources.insert(id);
    }

    /// Whether a text is the id of a resource that the files make or name, or of a part of one with a name that is known:
    /// whatever hangs on a parameter in it, both mean the same.
    pub(super) fn is_resource(&self, text: &str) -> bool {
        let id = ResourceId::new(text);
        let around = id.scopes().find(|scope| self.resources.contains(scope));
        let rest = around.and_then(|around| id.as_str().get(around.as_str().len()..));
        rest.is_some_and(|rest| !self.may_be_anything(rest))
    }

    /// Whether a text is the principal or the client id of an identity, and so not that of a group or a person.
    pub(super) fn is_identity(&self, text: &str) -> bool {
        self.identities.contains(text)
    }

    /// The resource of which a text stands for a property: its id in canonical text and lower case.
    pub(super) fn owner_of(&self, text: &str) -> Option<&str> {
        self.owners.get(text).map(|owner| &**owner)
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

/// A reference to a secret of which only something of the vault is known.
pub(super) fn unnamed(vault: &str) -> String {
    format!("@Microsoft.KeyVault(VaultName={vault};SecretName={vault})")
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
        Symbol::Computed { function, .. } if &**function == "unknown" => "UNKNOWN".to_owned(),
        _ => canonical.to_owned(),
    }
}

/// Whether a symbol may be equal to another one that has a different text: a parameter without a value may be anything.
pub(super) fn may_be_anything(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Parameter { .. } => true,
        Symbol::Text(parts) => parts.iter().any(|part| matches!(part, Part::Symbol(inner) if may_be_anything(inner))),
        Symbol::Computed { function, arguments } => {
            &**function == "unknown" || arguments.iter().any(|argument| argument.contains("{parameters("))
        }
        Symbol::Property { .. }
        | Symbol::Context(_)
        | Symbol::Principal(_)
        | Symbol::Client(_)
        | Symbol::Listed { .. }
        | Symbol::Resource(_) => false,
    }
}
