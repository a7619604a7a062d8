//! Key Vault.

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, each, enabled, flag, list, not_told, object};
use crate::source::terraform::values::{known, text};
use crate::source::terraform::view::Block;
use crate::template::text::key;
use crate::template::value::{Context, Kind, Symbol, Value};

const VERSION: &str = "2023-07-01";

impl Lowering<'_, '_> {
    pub(super) fn key_vault(&mut self, at: usize, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let span = own.span();
        match kind {
            "key_vault" => {
                Made::new(self.plan.id_of(at), "Microsoft.KeyVault/vaults", VERSION, self.vault(at, own)).into()
            }
            "key_vault_access_policy" => self.access_policy(own),
            "key_vault_secret" => {
                // The provider makes every secret enabled.
                let attributes = object(span, [("enabled", Some(flag(true)))]);
                let properties =
                    object(span, [("attributes", Some(attributes)), ("contentType", own.get("content_type"))]);
                self.secret(at, own, properties, "Microsoft.KeyVault/vaults/secrets")
            }
            "key_vault_certificate" => {
                let policy = own.block("certificate_policy");
                let secret = policy.and_then(|policy| policy.block("secret_properties"));
                let content = secret.and_then(|secret| secret.get("content_type"));
                let attributes = object(span, [("enabled", Some(flag(true)))]);
                let properties = object(span, [("attributes", Some(attributes)), ("contentType", content)]);
                self.secret(at, own, properties, "Microsoft.KeyVault/vaults/secrets")
            }
            "key_vault_key" => {
                let properties = object(span, [("kty", own.get("key_type"))]);
                self.secret(at, own, properties, "Microsoft.KeyVault/vaults/keys")
            }
            _ => Lowered::NotRead,
        }
    }

    fn secret(&self, at: usize, own: &Block<'_, '_>, properties: Value, kind: &'static str) -> Lowered {
        let body = object(own.span(), [("properties", Some(properties))]);
        Made::new(self.plan.id_of(at), kind, VERSION, body).into()
    }

    /// An access policy that stands beside its vault: an addition to the vault's list.
    fn access_policy(&mut self, own: &Block<'_, '_>) -> Lowered {
        let Some(vault) = own.get_id("key_vault_id") else { return Lowered::NotRead };
        let number = self.policies.entry(key(&vault)).or_default();
        *number += 1;
        let name = if *number == 1 { "/accessPolicies/add".to_owned() } else { format!("/accessPolicies/add{number}") };
        let policies = list(vec![policy(own)], None, own.span());
        let properties = object(own.span(), [("accessPolicies", Some(policies))]);
        let body = object(own.span(), [("properties", Some(properties))]);
        Made::new(text(&[&vault, &known(&name)], own.span()), "Microsoft.KeyVault/vaults/accessPolicies", VERSION, body)
            .into()
    }
}

fn policy(own: &Block<'_, '_>) -> Value {
    let span = own.span();
    let permissions = object(
        span,
        [
            ("secrets", own.list("secret_permissions")),
            ("certificates", own.list("certificate_permissions")),
            ("keys", own.list("key_permissions")),
            ("storage", own.list("storage_permissions")),
        ],
    );
    let application = own.get("application_id").filter(|id| id.as_str() != Some(""));
    object(
        span,
        [
            ("tenantId", own.get("tenant_id")),
            ("objectId", own.get("object_id").or_else(|| Some(not_told(own, "object_id")))),
            ("applicationId", application),
            ("permissions", Some(permissions)),
        ],
    )
}

impl Lowering<'_, '_> {
    fn vault(&self, at: usize, own: &Block<'_, '_>) -> Value {
        let span = own.span();
        let by_roles = own.get("rbac_authorization_enabled").or_else(|| own.get("enable_rbac_authorization"));
        let policies = own.blocks("access_policy");
        let id = key(&self.plan.id_of(at));
        // A vault shows all its policies; those that are resources of their own are added by these.
        let is_there = self.plan.is_there(at);
        let is_own = |policy: &Value| {
            !is_there
                || policy.get("objectId").is_none_or(|principal| !self.apart.contains(&(id.clone(), key(principal))))
        };
        let all: Vec<Value> = policies.items.iter().map(policy).filter(is_own).collect();
        let acls = own.blocks("network_acls");
        let acls = match (acls.items.first(), acls.open) {
            (Some(block), _) => Some(object(
                block.span(),
                [
                    ("bypass", block.get("bypass")),
                    ("defaultAction", block.get("default_action")),
                    ("ipRules", each(block.list("ip_rules"), "value")),
                    ("virtualNetworkRules", each(block.list("virtual_network_subnet_ids"), "id")),
                ],
            )),
            (None, Some(reason)) => Some(Value::new(Kind::Unknown(reason), span)),
            (None, None) => None,
        };
        let tenant = own.get("tenant_id").unwrap_or_else(|| Value::symbol(Symbol::Context(Context::Tenant), span));
        let name = own.plan.name_of(own.at);
        let properties = object(
            span,
            [
                ("tenantId", Some(tenant)),
                (
                    "vaultUri",
                    Some(text(&[&known("https://"), &name, &known(own.plan.cloud.vault_suffix()), &known("/")], span)),
                ),
                ("enableRbacAuthorization", by_roles.or_else(|| Some(flag(false)))),
                ("accessPolicies", Some(list(all, policies.open, span))),
                ("publicNetworkAccess", own.get("public_network_access_enabled").map(|value| enabled(&value))),
                ("networkAcls", acls),
                ("enabledForTemplateDeployment", own.get("enabled_for_template_deployment")),
                ("enablePurgeProtection", own.get("purge_protection_enabled")),
            ],
        );
        object(span, [("location", own.get("location")), ("properties", Some(properties))])
    }
}
