//! What an error text has to do with an access path.

/// What an error text that somebody gave has to do with one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TextMatch {
    /// A gate of the path that does not pass accounts for it.
    Explains,
    /// It is about this path, and every gate that it can stand for passes.
    Contradicts,
    /// It is older than the change that repaired the path.
    Outdated,
    /// It is about another vault, account, object or caller.
    Elsewhere(TextSubject),
    /// Nothing connects it with the path, or nothing in it is known.
    Silent,
}

impl TextMatch {
    /// The one that says more.
    pub(super) fn or(self, other: TextMatch) -> TextMatch {
        let weight = |found: &TextMatch| match found {
            TextMatch::Explains => 4,
            TextMatch::Contradicts => 3,
            TextMatch::Outdated => 2,
            TextMatch::Elsewhere(_) => 1,
            TextMatch::Silent => 0,
        };
        if weight(&other) > weight(&self) { other } else { self }
    }
}

/// What a text names that is not the path's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TextSubject {
    /// The vault of this name.
    Vault(String),
    /// The storage account of this name.
    Account(String),
    /// The caller with this id or name.
    Caller(String),
    /// The object or service of this name, in the same vault or account.
    Part(String),
    /// A caller that signs otherwise: with this.
    Credential(&'static str),
}
