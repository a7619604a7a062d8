//! Storage accounts.

use crate::source::terraform::lower::form::{Lowered, Lowering, Made, each, empty, enabled, identity, list, object};
use crate::source::terraform::values::{known, text};
use crate::source::terraform::view::{Block, Blocks};
use crate::template::text::key;
use crate::template::value::{Context, Kind, Symbol, Value};

const VERSION: &str = "2023-01-01";

impl Lowering<'_, '_> {
    pub(super) fn storage(&mut self, at: usize, own: &Block<'_, '_>, kind: &str) -> Lowered {
        let id = self.plan.id_of(at);
        let span = own.span();
        let plain = |azure: &'static str| -> Lowered {
            Made::new(id.clone(), azure, VERSION, object(span, [("properties", Some(empty(span)))])).into()
        };
        match kind {
            "storage_account" => {
                let body = self.account(&id, own);
                Made::new(id, "Microsoft.Storage/storageAccounts", VERSION, body).into()
            }
            "storage_account_network_rules" => Lowered::Merged,
            "storage_container" => plain("Microsoft.Storage/storageAccounts/blobServices/containers"),
            "storage_share" => plain("Microsoft.Storage/storageAccounts/fileServices/shares"),
            "storage_management_policy" => self.lifecycle(own),
            _ => Lowered::NotRead,
        }
    }

    fn account(&self, id: &Value, own: &Block<'_, '_>) -> Value {
        let span = own.span();
        let beside = self.account_rules.get(&key(id)).map(|at| Block::top(self.plan, *at));
        let blocks = own.blocks("network_rules");
        let is_deleted = self.apart.contains(&(key(id), "rules".into()));
        let blocks = if is_deleted { Blocks { items: Vec::new(), open: None } } else { blocks };
        let acls = match (beside.or_else(|| blocks.items.into_iter().next()), blocks.open) {
            (Some(block), _) => Some(rules(&block)),
            (None, Some(reason)) => Some(Value::new(Kind::Unknown(reason), span)),
            (None, None) => None,
        };
        let public = own.get("allow_nested_items_to_be_public").or_else(|| own.get("allow_blob_public_access"));
        let properties = object(
            span,
            [
                ("publicNetworkAccess", own.get("public_network_access_enabled").map(|on| enabled(&on))),
                ("networkAcls", acls),
                ("allowSharedKeyAccess", own.get("shared_access_key_enabled")),
                ("allowBlobPublicAccess", public),
                ("isHnsEnabled", own.get("is_hns_enabled")),
            ],
        );
        let sku = match (own.get("account_tier"), own.get("account_replication_type")) {
            (Some(tier), Some(replication)) => {
                Some(object(span, [("name", Some(text(&[&tier, &known("_"), &replication], span)))]))
            }
            _ => None,
        };
        object(
            span,
            [
                ("location", own.get("location")),
                ("kind", own.get("account_kind").or_else(|| Some(known("StorageV2")))),
                ("sku", sku),
                ("identity", identity(own)),
                ("properties", Some(properties)),
            ],
        )
    }

    fn lifecycle(&self, own: &Block<'_, '_>) -> Lowered {
        let span = own.span();
        let Some(account) = own.get_id("storage_account_id") else { return Lowered::NotRead };
        let rules = own.blocks("rule");
        let rule = |block: &Block<'_, '_>| {
            let base = block.block("actions").and_then(|actions| actions.block("base_blob"));
            let after = |name: &str, created: &str| {
                let base = base.as_ref()?;
                let set = |name: &str| base.get(name).filter(|days| days.as_int().is_none_or(|days| days >= 0));
                let (modified, created) = (set(name), set(created));
                (modified.is_some() || created.is_some()).then(|| {
                    object(
                        block.span(),
                        [("daysAfterModificationGreaterThan", modified), ("daysAfterCreationGreaterThan", created)],
                    )
                })
            };
            let delete = after(
                "delete_after_days_since_modification_greater_than",
                "delete_after_days_since_creation_greater_than",
            );
            let archive = after(
                "tier_to_archive_after_days_since_modification_greater_than",
                "tier_to_archive_after_days_since_creation_greater_than",
            );
            let base = object(block.span(), [("delete", delete), ("tierToArchive", archive)]);
            let filters = block.block("filters").map(|filters| {
                object(
                    filters.span(),
                    [("blobTypes", filters.list("blob_types")), ("prefixMatch", filters.list("prefix_match"))],
                )
            });
            let definition = object(
                block.span(),
                [("actions", Some(object(block.span(), [("baseBlob", Some(base))]))), ("filters", filters)],
            );
            object(
                block.span(),
                [("name", block.get("name")), ("enabled", block.get("enabled")), ("definition", Some(definition))],
            )
        };
        let policy = object(span, [("rules", Some(list(rules.items.iter().map(rule).collect(), rules.open, span)))]);
        let body = object(span, [("properties", Some(object(span, [("policy", Some(policy))])))]);
        let id = text(&[&account, &known("/managementPolicies/default")], span);
        Made::new(id, "Microsoft.Storage/storageAccounts/managementPolicies", VERSION, body).into()
    }
}

fn rules(own: &Block<'_, '_>) -> Value {
    let span = own.span();
    let bypass = own.list("bypass").map(|bypass| match &bypass.kind {
        Kind::Array(array) if array.open.is_none() => {
            let all: Vec<&str> = array.items.iter().filter_map(Value::as_str).collect();
            Value::string(all.join(", "), bypass.span)
        }
        Kind::Array(array) => match &array.open {
            Some(reason) => Value::new(Kind::Unknown(reason.clone()), bypass.span),
            None => bypass.clone(),
        },
        _ => bypass.clone(),
    });
    let access = own.blocks("private_link_access");
    let resource = |block: &Block<'_, '_>| {
        let tenant =
            block.get("endpoint_tenant_id").unwrap_or_else(|| Value::symbol(Symbol::Context(Context::Tenant), span));
        object(block.span(), [("resourceId", block.get_id("endpoint_resource_id")), ("tenantId", Some(tenant))])
    };
    object(
        span,
        [
            ("defaultAction", own.get("default_action")),
            ("bypass", bypass.filter(|bypass| bypass.as_str() != Some(""))),
            ("ipRules", each(own.list("ip_rules"), "value")),
            ("virtualNetworkRules", each(own.list("virtual_network_subnet_ids"), "id")),
            ("resourceAccessRules", Some(list(access.items.iter().map(resource).collect(), access.open, span))),
        ],
    )
}
