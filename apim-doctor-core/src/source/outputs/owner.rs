//! Outputs that contain no id: whose they are.

use std::collections::BTreeSet;

use memchr::memmem::Finder;
use serde_json::{Map, Value, json};

use crate::base::ResourceId;
use crate::source::az;
use crate::source::outputs::body::{Body, Content, Unnamed, UnnamedKind};

impl UnnamedKind {
    /// The output, and the kind of resource that it belongs to.
    pub(super) fn what(self) -> (&'static str, &'static str) {
        match self {
            Self::Settings => ("app settings without the name of their app", "app"),
            Self::ConnectionStrings => ("connection strings without the name of their app", "app"),
            Self::Identity => ("a managed identity without the name of its app", "app"),
            Self::VaultRules => ("firewall rules without the name of their vault", "vault"),
            Self::AccountRules => ("firewall rules without the name of their storage account", "storage account"),
        }
    }

    /// The types that it can belong to, in lower case.
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Settings | Self::ConnectionStrings | Self::Identity => {
                &["microsoft.web/sites", "microsoft.web/sites/slots"]
            }
            Self::VaultRules => &["microsoft.keyvault/vaults"],
            Self::AccountRules => &["microsoft.storage/storageaccounts"],
        }
    }
}

/// The resources that the inputs name, of the types that outputs without an id can belong to.
///
/// A resource counts wherever its id stands, and a slot beside its app: where two could be meant, neither is.
#[derive(Default)]
pub(super) struct Candidates(BTreeSet<String>);

impl Candidates {
    /// Adds the resources that a text names.
    pub(super) fn add(&mut self, text: &str) {
        /// No id is longer, so what surrounds a marker is looked at no further.
        const LONGEST: usize = 1024;
        let folded = text.to_ascii_lowercase();
        let bytes = folded.as_bytes();
        for kind in ["microsoft.web/sites", "microsoft.keyvault/vaults", "microsoft.storage/storageaccounts"] {
            for at in Finder::new(&format!("/providers/{kind}/")).find_iter(bytes) {
                // The id starts behind the quote or blank before it.
                let before = bytes.get(at.saturating_sub(LONGEST)..at).unwrap_or_default();
                let start = at - before.iter().rev().take_while(|byte| is_of_id(**byte)).count();
                let behind = bytes.get(start..bytes.len().min(at + LONGEST)).unwrap_or_default();
                let end = start + behind.iter().take_while(|byte| is_of_id(**byte)).count();
                if let Some(id) = folded.get(start..end) {
                    self.add_id(id);
                }
            }
        }
    }

    fn add_id(&mut self, id: &str) {
        let Some(start) = id.find("/subscriptions/") else { return };
        let segments: Vec<&str> = id.get(start..).unwrap_or_default().split('/').collect();
        // "", subscriptions, {}, resourcegroups, {}, providers, {}, {}, {}
        let (Some(own), Some("resourcegroups")) = (segments.get(..9), segments.get(3).copied()) else { return };
        self.0.insert(own.join("/"));
        if let (Some(&"slots"), Some(slot)) = (segments.get(9), segments.get(10)) {
            self.0.insert(format!("{}/slots/{slot}", own.join("/")));
        }
    }

    /// Whose an output is: of those that the caller named, or the only one.
    fn owner(&self, kind: UnnamedKind, named: &[ResourceId]) -> Option<ResourceId> {
        let fits = |id: &ResourceId| kind.types().contains(&id.resource_type().to_ascii_lowercase().as_str());
        let only = |mut ids: Vec<ResourceId>| ids.pop().filter(|_| ids.is_empty());
        let named: Vec<ResourceId> = named.iter().filter(|id| fits(id)).cloned().collect();
        match named.is_empty() {
            true => only(self.0.iter().map(|id| ResourceId::new(id)).filter(fits).collect()),
            false => only(named),
        }
    }
}

fn is_of_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-_.()".contains(&byte) || !byte.is_ascii()
}

/// The body that an output without an id is a part of; `None` where two resources, or none, could be meant.
pub(super) fn attribute<'t>(unnamed: &Unnamed, candidates: &Candidates, named: &[ResourceId]) -> Option<Body<'t>> {
    let Unnamed { at, kind, value } = unnamed;
    let owner = candidates.owner(*kind, named)?;
    let settings = |name: &str| {
        let id = owner.child("config", name);
        let entry = |setting: &Value| {
            let key = setting.get("name")?.as_str()?.to_owned();
            let value = setting.get("value").cloned().unwrap_or_default();
            Some((key, value))
        };
        let all: Map<String, Value> = value.as_array()?.iter().filter_map(entry).collect();
        // Commands that change settings print them without values.
        let lacks = all.values().any(Value::is_null).then_some("properties");
        Some((id.clone(), json!({"id": id, "name": name, "properties": all}), lacks))
    };
    let (id, mut value, lacks) = match kind {
        UnnamedKind::Settings => settings("appsettings")?,
        UnnamedKind::ConnectionStrings => settings("connectionstrings")?,
        UnnamedKind::Identity => {
            (owner.clone(), json!({"id": owner, "identity": value, "properties": {}}), Some("properties"))
        }
        UnnamedKind::VaultRules | UnnamedKind::AccountRules => {
            let rules = if *kind == UnnamedKind::VaultRules { "networkAcls" } else { "networkRuleSet" };
            let output = json!({"id": owner, rules: value});
            let restored = az::restore(&owner, output.as_object()?.clone()).into_iter().next()?;
            (owner, restored.body, Some("properties"))
        }
    };
    az::drop_nulls(&mut value);
    Some(Body { at: *at, id, content: Content::Restored(value), lacks })
}
