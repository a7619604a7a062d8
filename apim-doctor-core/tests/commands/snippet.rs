//! Terraform and Bicep snippets: they can be parsed, and they have the arguments that their resources require.
//!
//! The arguments are from `website/docs/r/*.html.markdown` in
//! <https://github.com/hashicorp/terraform-provider-azurerm/tree/v5.2.0> (read 2026-11-29).

use std::collections::BTreeSet;

use apim_doctor_core::testing::bicep_problems;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, Body, Structure};

use crate::{common, recorded};

/// Terraform resources: the type, its required arguments, and the optional arguments that are printed.
const RESOURCES: &[(&str, &[&str], &[&str])] = &[
    (
        "azurerm_api_management",
        &["name", "location", "resource_group_name", "publisher_name", "publisher_email", "sku_name"],
        &["identity"],
    ),
    (
        "azurerm_api_management_custom_domain",
        &["api_management_id"],
        &["gateway", "portal", "developer_portal", "management", "scm"],
    ),
    (
        "azurerm_api_management_named_value",
        &["name", "resource_group_name", "api_management_name", "display_name"],
        &["secret", "value_from_key_vault"],
    ),
    (
        "azurerm_api_management_certificate",
        &["name", "api_management_name", "resource_group_name"],
        &["key_vault_secret_id", "key_vault_identity_client_id"],
    ),
    (
        "azurerm_key_vault",
        &["name", "location", "resource_group_name", "sku_name", "tenant_id", "rbac_authorization_enabled"],
        &["network_acls", "public_network_access_enabled", "purge_protection_enabled", "tenant_id"],
    ),
    (
        "azurerm_key_vault_access_policy",
        &["key_vault_id", "tenant_id", "object_id"],
        &["secret_permissions", "certificate_permissions", "key_permissions"],
    ),
    (
        "azurerm_storage_account",
        &["name", "location", "resource_group_name", "account_tier", "account_replication_type"],
        &["network_rules", "public_network_access_enabled", "shared_access_key_enabled"],
    ),
    (
        "azurerm_recovery_services_vault",
        &["name", "location", "resource_group_name", "sku"],
        &["encryption", "identity", "public_network_access_enabled", "soft_delete_enabled"],
    ),
    ("azurerm_storage_share", &["name", "storage_account_id", "quota"], &[]),
    ("azurerm_role_assignment", &["scope", "principal_id"], &["role_definition_name", "principal_type"]),
    (
        "azurerm_subnet",
        &["name", "resource_group_name", "virtual_network_name", "address_prefixes"],
        &["service_endpoint"],
    ),
    ("azurerm_virtual_network", &["name", "location", "resource_group_name"], &["dns_servers"]),
    (
        "azurerm_virtual_network_peering",
        &["name", "virtual_network_name", "remote_virtual_network_id", "resource_group_name"],
        &["allow_virtual_network_access"],
    ),
    ("azurerm_network_security_group", &["name", "location", "resource_group_name"], &["security_rule"]),
    ("azurerm_route_table", &["name", "location", "resource_group_name"], &["route"]),
    ("azurerm_private_dns_zone", &["name", "resource_group_name"], &[]),
    (
        "azurerm_private_dns_zone_virtual_network_link",
        &["name", "private_dns_zone_id", "virtual_network_id"],
        &["resolution_policy"],
    ),
    ("azurerm_private_dns_a_record", &["name", "private_dns_zone_id", "ttl", "records"], &["records"]),
    (
        "azurerm_private_endpoint",
        &["name", "location", "resource_group_name", "subnet_id", "private_service_connection"],
        &["private_dns_zone_group"],
    ),
    (
        "azurerm_application_gateway",
        &["name", "location", "resource_group_name", "identity"],
        &["ssl_certificate", "trusted_root_certificate", "identity"],
    ),
    ("azurerm_app_service_certificate", &["name", "location", "resource_group_name"], &["key_vault_secret_id"]),
    ("azurerm_linux_web_app", WEB_APP, APP),
    ("azurerm_windows_web_app", WEB_APP, APP),
    ("azurerm_linux_function_app", WEB_APP, APP),
    ("azurerm_windows_function_app", WEB_APP, APP),
    ("azurerm_linux_web_app_slot", SLOT, APP),
    ("azurerm_windows_web_app_slot", SLOT, APP),
    ("azurerm_linux_function_app_slot", &["name", "function_app_id", "site_config"], APP),
    ("azurerm_windows_function_app_slot", &["name", "function_app_id", "site_config"], APP),
    (
        "azurerm_logic_app_standard",
        &[
            "name",
            "location",
            "resource_group_name",
            "app_service_plan_id",
            "storage_account_name",
            "storage_account_access_key",
        ],
        &["identity", "site_config", "app_settings", "connection_string"],
    ),
    (
        "azurerm_function_app_flex_consumption",
        &[
            "name",
            "location",
            "resource_group_name",
            "service_plan_id",
            "site_config",
            "storage_container_type",
            "storage_container_endpoint",
            "storage_authentication_type",
            "runtime_name",
            "runtime_version",
        ],
        &[
            "identity",
            "app_settings",
            "connection_string",
            "site_config",
            "storage_authentication_type",
            "storage_user_assigned_identity_id",
        ],
    ),
];
const WEB_APP: &[&str] = &["name", "location", "resource_group_name", "service_plan_id", "site_config"];
const SLOT: &[&str] = &["name", "app_service_id", "site_config"];
const APP: &[&str] =
    &["identity", "site_config", "app_settings", "connection_string", "key_vault_reference_identity_id"];

/// Blocks inside resources: the type, its required arguments, and the optional arguments that are printed.
const BLOCKS: &[(&str, &[&str], &[&str])] = &[
    ("identity", &["type"], &["identity_ids"]),
    ("encryption", &[], &["key_id", "use_system_assigned_identity", "user_assigned_identity_id"]),
    ("network_acls", &["bypass", "default_action"], &["virtual_network_subnet_ids", "ip_rules"]),
    ("network_rules", &["default_action"], &["bypass", "virtual_network_subnet_ids", "ip_rules"]),
    ("value_from_key_vault", &["secret_id"], &["identity_client_id"]),
    ("gateway", &["host_name"], HOST),
    ("portal", &["host_name"], HOST),
    ("developer_portal", &["host_name"], HOST),
    ("management", &["host_name"], HOST),
    ("scm", &["host_name"], HOST),
    ("service_endpoint", &["service"], &[]),
    ("ssl_certificate", &["name"], &["key_vault_secret_id"]),
    ("trusted_root_certificate", &["name"], &["key_vault_secret_id"]),
    (
        "security_rule",
        &["name", "priority", "direction", "access", "protocol"],
        &["source_address_prefix", "source_port_range", "destination_address_prefix", "destination_port_range"],
    ),
    ("route", &["name", "address_prefix", "next_hop_type"], &[]),
    ("private_dns_zone_group", &["name", "private_dns_zone_ids"], &[]),
    ("site_config", &[], &["vnet_route_all_enabled"]),
    ("connection_string", &["name", "type", "value"], &[]),
];
const HOST: &[&str] = &["key_vault_certificate_id", "ssl_keyvault_identity_client_id"];

fn names(body: &Body) -> Vec<String> {
    let name = |structure: &Structure| match structure {
        Structure::Attribute(attribute) => attribute.key.to_string(),
        Structure::Block(block) => block.ident.to_string(),
    };
    body.iter().map(|structure| name(structure).trim().to_owned()).collect()
}

/// Checks a complete block: its required arguments, its other arguments, and its inner blocks.
fn of_block(block: &Block, demands: &[&str], takes: &[&str], found: &mut Vec<String>) {
    let kind = block.ident.to_string();
    let own = names(&block.body);
    let missing = demands.iter().filter(|name| !own.iter().any(|one| one == *name));
    found.extend(missing.map(|name| format!("`{kind}` has no `{name}`")));
    let odd = own.iter().filter(|name| !demands.contains(&name.as_str()) && !takes.contains(&name.as_str()));
    found.extend(odd.map(|name| format!("`{kind}` does not have `{name}`")));
    block.body.blocks().for_each(|inner| inside(inner, found));
}

fn inside(block: &Block, found: &mut Vec<String>) {
    let kind = block.ident.to_string();
    match BLOCKS.iter().find(|(name, ..)| *name == kind.trim()) {
        Some((_, demands, takes)) => of_block(block, demands, takes, found),
        None => found.push(format!("unknown block `{kind}`")),
    }
}

fn complaints(snippet: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Err(error) = parse_body(snippet) {
        return vec![format!("not valid HCL: {error}")];
    }
    // A part that belongs inside a resource starts with a comment that names the resource.
    let mut parts: Vec<(Option<&str>, String)> = vec![(None, String::new())];
    for line in snippet.lines() {
        match line.strip_prefix("# in ") {
            Some(kind) => parts.push((Some(kind), String::new())),
            None => parts.last_mut().unwrap().1 += &format!("{line}\n"),
        }
    }
    for (kind, part) in parts {
        let body = match parse_body(&part) {
            Ok(body) => body,
            Err(error) => {
                found.push(format!("not valid HCL: {error}"));
                continue;
            }
        };
        let known = kind.map(|kind| (kind, RESOURCES.iter().find(|(name, ..)| *name == kind)));
        if let Some((kind, None)) = known {
            found.push(format!("unknown resource `{kind}`"));
        }
        for structure in body.iter() {
            let (name, block) = match structure {
                Structure::Attribute(attribute) => (attribute.key.to_string(), None),
                Structure::Block(block) => (block.ident.to_string(), Some(block)),
            };
            let name = name.trim();
            if let Some(resource) = block.filter(|_| name == "resource") {
                let kind = resource.labels.first().map(|label| label.as_str().to_owned()).unwrap_or_default();
                match RESOURCES.iter().find(|(name, ..)| *name == kind) {
                    Some((_, demands, takes)) => of_block(resource, demands, takes, &mut found),
                    None => found.push(format!("unknown resource `{kind}`")),
                }
                continue;
            }
            match known {
                Some((_, Some((kind, demands, takes)))) => {
                    if !demands.contains(&name) && !takes.contains(&name) {
                        found.push(format!("`{kind}` does not have `{name}`"));
                    }
                }
                Some((_, None)) => {}
                None => found.push(format!("`{name}` does not name its resource")),
            }
            block.into_iter().for_each(|block| inside(block, &mut found));
        }
    }
    found
}

/// Properties in Bicep snippets.
/// Source: <https://learn.microsoft.com/azure/templates/> (read 2026-11-29).
const PROPERTIES: &[&str] = &[
    "aRecords",
    "accessPolicies",
    "access",
    "action",
    "addressPrefix",
    "allowSharedKeyAccess",
    "allowVirtualNetworkAccess",
    "appSettings",
    "applicationTraffic",
    "attributes",
    "authentication",
    "bypass",
    "certificates",
    "connectionString",
    "connectionStrings",
    "contentShareTraffic",
    "defaultAction",
    "destinationAddressPrefix",
    "destinationPortRange",
    "dhcpOptions",
    "direction",
    "dnsConfiguration",
    "dnsServers",
    "enabled",
    "hostName",
    "hostnameConfigurations",
    "id",
    "identity",
    "identityClientId",
    "ipv4Address",
    "keyVault",
    "keyVaultId",
    "keyVaultReferenceIdentity",
    "keyVaultSecretId",
    "keyVaultSecretName",
    "keys",
    "location",
    "name",
    "networkAcls",
    "nextHopType",
    "objectId",
    "outboundVnetRouting",
    "parent",
    "permissions",
    "principalId",
    "principalType",
    "priority",
    "privateDnsZoneConfigs",
    "privateDnsZoneId",
    "properties",
    "protocol",
    "publicNetworkAccess",
    "registrationEnabled",
    "remoteVirtualNetwork",
    "resolutionPolicy",
    "roleDefinitionId",
    "routes",
    "scope",
    "secret",
    "secretIdentifier",
    "secrets",
    "securityRules",
    "service",
    "serviceEndpoints",
    "sourceAddressPrefix",
    "sourcePortRange",
    "sslCertificates",
    "tenantId",
    "trustedRootCertificates",
    "type",
    "userAssignedIdentities",
    "userAssignedIdentityResourceId",
    "value",
    "virtualNetwork",
    "virtualNetworkRules",
    "allowExtensionOperations",
    "enablePurgeProtection",
    "enableSoftDelete",
    "encryption",
    "kekIdentity",
    "keyUri",
    "keyVaultProperties",
    "osProfile",
    "securitySettings",
    "softDeleteRetentionPeriodInDays",
    "softDeleteSettings",
    "softDeleteState",
    "userAssignedIdentity",
    "useSystemAssignedIdentity",
];

/// The resource types that snippets belong to.
const TYPES: &[&str] = &[
    "Microsoft.ApiManagement/service",
    "Microsoft.ApiManagement/service/certificates",
    "Microsoft.ApiManagement/service/namedValues",
    "Microsoft.Compute/virtualMachines",
    "Microsoft.KeyVault/vaults",
    "Microsoft.KeyVault/vaults/secrets",
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/networkSecurityGroups",
    "Microsoft.Network/privateDnsZones/A",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    "Microsoft.Network/routeTables",
    "Microsoft.RecoveryServices/vaults",
    "Microsoft.Network/virtualNetworks",
    "Microsoft.Network/virtualNetworks/subnets",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.Web/certificates",
    "Microsoft.Web/sites",
    "Microsoft.Web/sites/slots",
];

/// Checks a Bicep snippet without a parser: strings are closed, brackets match, properties are known.
fn bicep_complaints(snippet: &str) -> Vec<String> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for line in snippet.lines() {
        if let Some(kind) = line.strip_prefix("// in ") {
            found.extend((!TYPES.contains(&kind)).then(|| format!("unknown type `{kind}`")));
            continue;
        }
        let mut word = String::new();
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '/' if rest.peek() == Some(&'/') => break,
                '\'' => {
                    let mut ends = false;
                    while let Some(c) = rest.next() {
                        match c {
                            '\'' => {
                                ends = true;
                                break;
                            }
                            '\\' => match rest.next() {
                                Some('\'' | '\\' | 'n' | 'r' | 't' | '$' | 'u') => {}
                                other => found.push(format!("invalid escape: {other:?}")),
                            },
                            '$' if rest.peek() == Some(&'{') => found.push("an expression in a string".to_owned()),
                            _ => {}
                        }
                    }
                    if !ends {
                        found.push("an unclosed string".to_owned());
                    }
                    word.clear();
                }
                '{' | '[' | '(' => open.push(c),
                '}' | ']' | ')' => {
                    let fits = matches!((open.pop(), c), (Some('{'), '}') | (Some('['), ']') | (Some('('), ')'));
                    found.extend((!fits).then(|| format!("unmatched `{c}`")));
                }
                ':' if !word.is_empty() => {
                    found.extend((!PROPERTIES.contains(&word.as_str())).then(|| format!("unknown property `{word}`")));
                    word.clear();
                }
                c if c.is_ascii_alphanumeric() => word.push(c),
                _ => word.clear(),
            }
        }
    }
    found.extend((!open.is_empty()).then(|| "an unclosed bracket".to_owned()));
    found
}

/// Parses a Bicep snippet with the parser of `check`: whole declarations as a file, properties as an object in one.
fn syntax_errors(snippet: &str) -> Vec<String> {
    let mut parts: Vec<(bool, String)> = Vec::new();
    for line in snippet.lines() {
        let starts =
            line.starts_with("// in ").then_some(true).or_else(|| line.starts_with("resource ").then_some(false));
        match (starts, parts.last_mut()) {
            (Some(is_inside), _) => parts.push((is_inside, format!("{line}\n"))),
            (None, Some((_, text))) => text.extend([line, "\n"]),
            (None, None) => parts.push((true, format!("{line}\n"))),
        }
    }
    let problems = parts.into_iter().flat_map(|(is_inside, text)| match is_inside {
        true => bicep_problems(&format!("var snippet = {{\n{text}}}\n")),
        false => bicep_problems(&text),
    });
    problems.collect()
}

#[test]
fn bicep_snippets_go_through_the_parser() {
    let mut bicep = BTreeSet::new();
    for (file, bytes) in recorded() {
        let report = common::report(&file, bytes);
        bicep.extend(report.findings.into_iter().flat_map(|finding| finding.fixes).filter_map(|fix| fix.bicep));
    }
    assert!(bicep.len() > 40, "{}", bicep.len());
    let wrong = |snippet: &String| syntax_errors(snippet).into_iter().map(|why| format!("{why}:\n{snippet}")).collect();
    let found: Vec<String> = bicep.iter().flat_map(|snippet| -> Vec<String> { wrong(snippet) }).collect();
    common::assert_none("snippets", &found);
    for broken in ["// in a\nname: 'a", "// in a\na: {", "resource a 'b' = {", "// in a\nname: 'it's'"] {
        assert!(!syntax_errors(broken).is_empty(), "{broken}");
    }
    println!("{} snippets are Bicep", bicep.len());
}

#[test]
fn snippets_can_be_parsed() {
    let (mut terraform, mut bicep, mut found) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (file, bytes) in recorded() {
        for fix in common::report(&file, bytes).findings.iter().flat_map(|f| &f.fixes) {
            terraform.extend(fix.terraform.clone());
            bicep.extend(fix.bicep.clone());
        }
    }
    assert!(terraform.len() > 40 && bicep.len() > 40, "{} and {}", terraform.len(), bicep.len());
    for snippet in &terraform {
        found.extend(complaints(snippet).into_iter().map(|why| format!("{why}:\n{snippet}")));
    }
    for snippet in &bicep {
        found.extend(bicep_complaints(snippet).into_iter().map(|why| format!("{why}:\n{snippet}")));
    }
    common::assert_none("snippets", &found);
    for (wrong, why) in [
        ("network_acls { bypass = \"None\", default_action = \"Deny\" }", "not valid HCL"),
        ("# in azurerm_key_vault\nnetwork_acls {\n  bypass = \"None\"\n}\n", "no `default_action`"),
        ("# in azurerm_linux_web_app\nnetwork_acls {\n  bypass = \"a\"\n  default_action = \"b\"\n}", "does not have"),
        ("key_vault_secret_id = \"a\"", "does not name its resource"),
        ("resource \"azurerm_private_dns_zone\" \"z\" {\n  name = \"a\"\n}", "no `resource_group_name`"),
    ] {
        let found = complaints(wrong).join(", ");
        assert!(found.contains(why), "{wrong}: {found}");
    }
    for (wrong, why) in [
        ("name: 'a", "unclosed string"),
        ("a: {", "unclosed bracket"),
        ("nmae: 'a'", "unknown property"),
        ("name: '${x}'", "expression"),
    ] {
        assert!(bicep_complaints(wrong).join(", ").contains(why), "{wrong}");
    }
}
