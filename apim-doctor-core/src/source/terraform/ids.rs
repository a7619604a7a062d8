//! Ids of a plan's resources. Of one that does not exist yet the id is made of its subscription, group, type and name.

use std::sync::Arc;

use crate::source::terraform::address::Step;
use crate::source::terraform::plan::{Map, Plan};
use crate::source::terraform::resolve::{Ctx, Want};
use crate::source::terraform::types::{BY_ID, BY_NAME, IN_GROUP, is_in_azure};
use crate::source::terraform::values::{is_id, known, member, parent_of, property, text};
use crate::source::terraform::view::Block;
use crate::template::place::Span;
use crate::template::text::key;
use crate::template::value::{Context, Symbol, Value, Why};

impl Plan<'_> {
    /// The name of an instance: a text, or a symbol that equals itself.
    pub(super) fn name_of(&self, at: usize) -> Value {
        let Some(instance) = self.instances.get(at) else { return Value::unknown(Why::Invalid, Span::NONE) };
        match instance.values.get("name") {
            Some(name) if name.as_str().is_some_and(|name| !name.is_empty()) => name.clone(),
            _ => property(&instance.address.to_ascii_lowercase(), &[Step::Name("name".into())], instance.span),
        }
    }

    /// The id of an instance in Resource Manager.
    pub(super) fn id_of(&self, at: usize) -> Value {
        if let Some(Some(id)) = self.ids.borrow().get(at) {
            return id.clone();
        }
        let id = self.deeper(|| self.made_id(at)).unwrap_or_else(|| Value::unknown(Why::Limit, Span::NONE));
        if let Some(slot) = self.ids.borrow_mut().get_mut(at) {
            *slot = Some(id.clone());
        }
        id
    }

    fn made_id(&self, at: usize) -> Value {
        let Some(instance) = self.instances.get(at) else { return Value::unknown(Why::Invalid, Span::NONE) };
        let span = instance.span;
        if let Some(id) =
            instance.values.get("resource_manager_id").or_else(|| instance.values.get("resource_versionless_id"))
            && id.as_str().is_some_and(|id| id.starts_with('/'))
            && &*instance.kind != "azurerm_key_vault_certificate"
        {
            return id.clone();
        }
        if let Some(id) = instance.values.get("id").filter(|id| is_id(id) && is_in_azure(&instance.kind)) {
            // The current revision of an API is the API.
            return match id.as_str().and_then(|text| text.split_once(";rev=")) {
                Some((api, _)) if &*instance.kind == "azurerm_api_management_api" => Value::string(api, id.span),
                _ => id.clone(),
            };
        }
        let own = Block::top(self, at);
        let name = self.name_of(at);
        if instance.kind.starts_with("azapi_") {
            return self.azapi_id(at, &own, &name);
        }
        let kind = instance.kind.strip_prefix("azurerm_").unwrap_or(&instance.kind);
        if kind == "resource_group" {
            return text(&[&known("/subscriptions/"), &self.subscription(at), &known("/resourceGroups/"), &name], span);
        }
        if let Some((_, azure)) = IN_GROUP.iter().find(|(own, _)| *own == kind) {
            let group = self.group_of(at, &own);
            return text(&[&group, &known(&format!("/providers/{azure}/")), &name], span);
        }
        if let Some((_, attributes, between)) = BY_ID.iter().find(|(own, ..)| *own == kind)
            && let Some(parent) = attributes.iter().find_map(|attribute| own.get_id(attribute))
        {
            let (parent, between) = match between.strip_prefix("../../") {
                Some(rest) => (parent_of(&parent, 2), rest),
                None => (parent, *between),
            };
            return text(&[&parent, &known(&format!("/{between}/")), &name], span);
        }
        if let Some((_, attribute, kinds, between)) = BY_NAME.iter().find(|(own, ..)| *own == kind)
            && let Some(parent) = own.get(attribute)
        {
            let parent = self.in_group(at, &own, kinds, &parent);
            return text(&[&parent, &known(&format!("/{between}/")), &name], span);
        }
        match kind {
            "role_assignment" => {
                let scope = own.get("scope").unwrap_or_else(|| Value::unknown(Why::Invalid, span));
                text(&[&scope, &known("/providers/Microsoft.Authorization/roleAssignments/"), &name], span)
            }
            "role_definition" => {
                let name = own.get("role_definition_id").filter(|id| !id.is_unknown()).unwrap_or_else(|| {
                    let path = [Step::Name("role_definition_id".into())];
                    property(&instance.address.to_ascii_lowercase(), &path, span)
                });
                let subscription = self.subscription(at);
                let middle = known("/providers/Microsoft.Authorization/roleDefinitions/");
                text(&[&known("/subscriptions/"), &subscription, &middle, &name], span)
            }
            _ => property(&instance.address.to_ascii_lowercase(), &[Step::Name("id".into())], span),
        }
    }

    fn azapi_id(&self, at: usize, own: &Block<'_, '_>, name: &Value) -> Value {
        let Some(instance) = self.instances.get(at) else { return Value::unknown(Why::Invalid, Span::NONE) };
        let span = instance.span;
        if let Some(id) = own.get("resource_id") {
            return id;
        }
        let kind = instance.values.get("type").and_then(Value::as_str).unwrap_or_default();
        let kind = kind.split('@').next().unwrap_or_default();
        let parent = own.get("parent_id").unwrap_or_else(|| self.group_of(at, own));
        if kind.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
            return text(&[&parent, &known("/resourceGroups/"), name], span);
        }
        let segments: Vec<&str> = kind.split('/').collect();
        // A child's parent is the resource around it; all others stand below `providers`.
        match segments.as_slice() {
            [_, .., last] if segments.len() > 2 => text(&[&parent, &known(&format!("/{last}/")), name], span),
            _ => text(&[&parent, &known(&format!("/providers/{kind}/")), name], span),
        }
    }

    /// The id of the resource group in which an instance stands.
    pub(super) fn group_of(&self, at: usize, own: &Block<'_, '_>) -> Value {
        let span = self.instances.get(at).map_or(Span::NONE, |instance| instance.span);
        let Some(group) = own.get("resource_group_name") else {
            let group = Value::symbol(Symbol::Context(Context::ResourceGroup), span);
            return text(
                &[&known("/subscriptions/"), &self.subscription(at), &known("/resourceGroups/"), &group],
                span,
            );
        };
        if let Some(number) = self.by_name("azurerm_resource_group", &group).into_iter().next() {
            return Value { span, ..self.id_of(number) };
        }
        text(&[&known("/subscriptions/"), &self.subscription(at), &known("/resourceGroups/"), &group], span)
    }

    /// The id of a resource that is named beside its resource group.
    pub(super) fn in_group(&self, at: usize, own: &Block<'_, '_>, kinds: &[&str], name: &Value) -> Value {
        let span = name.span;
        let group = self.group_of(at, own);
        let group_key = key(&group);
        let mut only = Vec::new();
        for kind in kinds {
            for number in self.by_name(&format!("azurerm_{kind}"), name) {
                let id = self.id_of(number);
                if key(&id).starts_with(&*group_key) {
                    return Value { span, ..id };
                }
                only.push(id);
            }
        }
        // Without a group, the only one of the name is meant.
        if own.get("resource_group_name").is_none()
            && only.len() == 1
            && let Some(id) = only.pop()
        {
            return id;
        }
        let azure =
            kinds.iter().find_map(|kind| IN_GROUP.iter().find(|(own, _)| own == kind)).map_or("", |(_, azure)| azure);
        text(&[&group, &known(&format!("/providers/{azure}/")), name], span)
    }

    /// The instances of a type that have a name.
    pub(super) fn by_name(&self, kind: &str, name: &Value) -> Vec<usize> {
        let wanted = (Arc::from(kind), key(name));
        if self.names.borrow().is_none() {
            let mut names: Map<(Arc<str>, Arc<str>), Vec<usize>> = Map::default();
            for (at, instance) in self.instances.iter().enumerate() {
                names.entry((instance.kind.clone(), key(&self.name_of(at)))).or_default().push(at);
            }
            *self.names.borrow_mut() = Some(names);
        }
        self.names.borrow().as_ref().and_then(|names| names.get(&wanted)).cloned().unwrap_or_default()
    }

    /// The subscription that an instance goes to.
    pub(super) fn subscription(&self, at: usize) -> Value {
        let given = self.options.subscription.map(known);
        let provider =
            self.declaration(at).and_then(|declared| declared.get("provider_config_key")?.as_str().map(str::to_owned));
        let provider = provider.unwrap_or_else(|| "azurerm".to_owned());
        let is_alias = provider.rsplit(':').next().is_some_and(|name| name.contains('.'));
        let written = || {
            let provider = self.providers.entry_of(&provider)?;
            let expression = member(&member(&provider, "expressions"), "subscription_id");
            let ctx = Ctx { module: Vec::new(), key: None, for_each: None };
            self.scalar(&expression, &ctx, Want::Any).filter(|value| value.as_str().is_some_and(|id| id.len() == 36))
        };
        let of_client = || {
            let mut all = self.instances.iter().filter(|instance| &*instance.kind == "azurerm_client_config");
            all.find_map(|instance| instance.values.get("subscription_id").filter(|id| id.as_str().is_some()).cloned())
        };
        let found = match is_alias {
            true => written().or(given).or_else(of_client),
            false => given.or_else(written).or_else(of_client),
        };
        found
            .or_else(|| self.only_subscription())
            .unwrap_or_else(|| Value::symbol(Symbol::Context(Context::Subscription), Span::NONE))
    }

    /// The subscription of all resources that exist, where it is one.
    fn only_subscription(&self) -> Option<Value> {
        let mut found: Option<&str> = None;
        for instance in self.instances.iter().filter(|instance| !instance.data) {
            let id = instance.values.get("id").and_then(Value::as_str);
            let Some(own) = id.and_then(|id| id.strip_prefix("/subscriptions/")?.split('/').next()) else { continue };
            match found {
                Some(other) if !other.eq_ignore_ascii_case(own) => return None,
                _ => found = Some(own),
            }
        }
        found.map(known)
    }
}

trait EntryOf {
    fn entry_of(&self, name: &str) -> Option<Value>;
}

impl EntryOf for Value {
    fn entry_of(&self, name: &str) -> Option<Value> {
        // A module's provider is that of the root unless it is given another.
        self.get(name).or_else(|| self.get(name.rsplit(':').next()?)).cloned()
    }
}
