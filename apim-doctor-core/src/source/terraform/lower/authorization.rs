//! Roles.

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, list, not_told, object};
use crate::source::terraform::resolve::Leaf;
use crate::source::terraform::values::{known, text, unknown};
use crate::source::terraform::view::Block;
use crate::template::text::key;
use crate::template::value::{Symbol, Value};

const VERSION: &str = "2022-04-01";

impl Lowering<'_, '_> {
    pub(super) fn role_assignment(&self, at: usize, own: &Block<'_, '_>) -> Lowered {
        let span = own.span();
        let scope = own.get("scope").unwrap_or_else(|| not_told(own, "scope"));
        let principal = own.get("principal_id").unwrap_or_else(|| not_told(own, "principal_id"));
        let is_identity = matches!(principal.as_symbol(), Some(Symbol::Principal(_)));
        let is_group = own.leaves("principal_id").iter().any(|leaf| match leaf {
            Leaf::Attribute(at, _) => self.plan.instances.get(*at).is_some_and(|one| &*one.kind == "azuread_group"),
            _ => false,
        });
        let kind = own.get("principal_type").filter(|kind| kind.as_str().is_some_and(|kind| !kind.is_empty()));
        let kind = kind
            .or_else(|| is_identity.then(|| known("ServicePrincipal")))
            .or_else(|| is_group.then(|| known("Group")));
        let condition = own.get("condition").filter(|condition| condition.as_str() != Some(""));
        let properties = object(
            span,
            [
                ("roleDefinitionId", Some(self.role(at, own))),
                ("principalId", Some(principal)),
                ("principalType", kind),
                ("scope", Some(scope)),
                ("condition", condition),
            ],
        );
        let body = object(span, [("properties", Some(properties))]);
        Made::new(self.plan.id_of(at), "Microsoft.Authorization/roleAssignments", VERSION, body).into()
    }

    /// The id of the role, which may be given by name.
    fn role(&self, at: usize, own: &Block<'_, '_>) -> Value {
        let span = own.span();
        let by_id = own.shown("role_definition_id").is_some() || !own.leaves("role_definition_id").is_empty();
        if by_id && let Some(id) = own.get_id("role_definition_id").filter(|id| id.as_str() != Some("")) {
            return id;
        }
        let Some(name) = own.get("role_definition_name") else { return not_told(own, "role_definition_id") };
        let subscription = self.plan.subscription(at);
        let middle = known("/providers/Microsoft.Authorization/roleDefinitions/");
        if let Some(guid) = name.as_str().and_then(|name| (self.plan.options.role)(name)) {
            return text(&[&known("/subscriptions/"), &subscription, &middle, &known(&guid)], name.span);
        }
        if let [own] = self.plan.by_name("azurerm_role_definition", &name).as_slice() {
            let id = self.plan.id_of(*own);
            return Value { span: name.span, ..id };
        }
        unknown(key(&name), span, Vec::new())
    }

    pub(super) fn role_definition(&self, at: usize, own: &Block<'_, '_>) -> Lowered {
        let span = own.span();
        let blocks = own.blocks("permissions");
        let permission = |block: &Block<'_, '_>| {
            object(
                block.span(),
                [
                    ("actions", block.list("actions")),
                    ("notActions", block.list("not_actions")),
                    ("dataActions", block.list("data_actions")),
                    ("notDataActions", block.list("not_data_actions")),
                ],
            )
        };
        let permissions = list(blocks.items.iter().map(permission).collect(), blocks.open, span);
        let properties = object(
            span,
            [
                ("roleName", own.get("name")),
                ("type", Some(known("CustomRole"))),
                ("permissions", Some(permissions)),
                ("assignableScopes", own.list("assignable_scopes")),
            ],
        );
        let body = object(span, [("properties", Some(properties))]);
        Made::new(self.plan.id_of(at), "Microsoft.Authorization/roleDefinitions", VERSION, body).into()
    }
}
