//! Identifiers of secrets, keys and certificates.

use crate::source::terraform::address::Step;
use crate::source::terraform::resolve::{Leaf, Want};
use crate::source::terraform::values::{known, last_segment, property, text, unknown};
use crate::source::terraform::view::Block;
use crate::template::text::canonical;
use crate::template::value::Value;

impl Block<'_, '_> {
    /// The identifier of a secret. Of a text that is known after apply the references name the vault; the object is not
    /// known.
    pub(in crate::source::terraform) fn identifier(&self, name: &str) -> Option<Value> {
        if self.shown(name).is_some() {
            return self.get_as(name, Want::Secret);
        }
        let leaves = self.leaves(name);
        if leaves.is_empty() || matches!(leaves.as_slice(), [Leaf::Constant(_)]) {
            return self.get_as(name, Want::Secret);
        }
        Some(self.identifier_in(&leaves, name))
    }

    /// The identifier that an expression of these pieces gives.
    pub(in crate::source::terraform) fn identifier_in(&self, leaves: &[Leaf], name: &str) -> Value {
        let mut vaults: Vec<Value> = Vec::new();
        let mut objects: Vec<Value> = Vec::new();
        let add = |own: &mut Vec<Value>, value: Value| {
            if own.iter().all(|other| canonical(other) != canonical(&value)) {
                own.push(value);
            }
        };
        for leaf in leaves {
            match leaf {
                Leaf::Attribute(at, path) => {
                    let last = path.iter().rev().find_map(Step::name);
                    if let Some(vault) = self.vault_of(*at) {
                        add(&mut vaults, vault);
                    }
                    if last.is_none_or(|last| {
                        matches!(last, "id" | "versionless_id" | "secret_id" | "versionless_secret_id")
                    }) && self.is_object(*at)
                    {
                        add(&mut objects, self.plan.attribute(*at, path, Want::Secret, self.span()));
                    }
                }
                Leaf::OneOf(all, _) => {
                    all.iter().filter_map(|at| self.vault_of(*at)).for_each(|vault| add(&mut vaults, vault))
                }
                Leaf::Constant(value) => {
                    let host = value.as_str().and_then(|text| text.strip_prefix("https://")?.split(['.', '/']).next());
                    if let Some(host) = host.filter(|host| !host.is_empty()) {
                        add(&mut vaults, known(host));
                    }
                }
                Leaf::Key(_) | Leaf::Opaque(_) | Leaf::Missing(..) => {}
            }
        }
        if let ([one], [Leaf::Attribute(..)]) = (objects.as_slice(), leaves) {
            return one.clone();
        }
        let said = |vaults: Vec<Value>| unknown(format!("{}.{name}", self.address()).into(), self.span(), vaults);
        match vaults.as_slice() {
            [vault] => {
                let object = property(&self.address().to_ascii_lowercase(), &[Step::Name(name.into())], self.span());
                text(
                    &[&known("https://"), vault, &known(self.plan.cloud.vault_suffix()), &known("/secrets/"), &object],
                    self.span(),
                )
            }
            _ => said(vaults),
        }
    }

    /// The name of the vault that an instance is or lies in.
    pub(in crate::source::terraform) fn vault_of(&self, at: usize) -> Option<Value> {
        let instance = self.plan.instances.get(at)?;
        match &*instance.kind {
            "azurerm_key_vault" => Some(self.plan.name_of(at)),
            "azurerm_key_vault_secret"
            | "azurerm_key_vault_certificate"
            | "azurerm_key_vault_key"
            | "azurerm_key_vault_certificate_data" => last_segment(&Block::top(self.plan, at).get_id("key_vault_id")?),
            "azapi_resource" => {
                let kind = instance.values.get("type")?.as_str()?.to_ascii_lowercase();
                match kind.split('@').next() {
                    Some("microsoft.keyvault/vaults") => Some(self.plan.name_of(at)),
                    Some("microsoft.keyvault/vaults/secrets") => {
                        last_segment(&Block::top(self.plan, at).get_id("parent_id")?)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_object(&self, at: usize) -> bool {
        let kind = self.plan.instances.get(at).map(|instance| instance.kind.clone());
        kind.is_some_and(|kind| {
            matches!(&*kind, "azurerm_key_vault_secret" | "azurerm_key_vault_certificate" | "azurerm_key_vault_key")
        })
    }
}
