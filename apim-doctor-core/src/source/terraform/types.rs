//! Where the types of the provider stand in Resource Manager.

/// Types that stand in a resource group.
pub(super) const IN_GROUP: &[(&str, &str)] = &[
    ("api_management", "Microsoft.ApiManagement/service"),
    ("app_service_certificate", "Microsoft.Web/certificates"),
    ("app_service_plan", "Microsoft.Web/serverfarms"),
    ("application_gateway", "Microsoft.Network/applicationGateways"),
    ("application_security_group", "Microsoft.Network/applicationSecurityGroups"),
    ("automation_account", "Microsoft.Automation/automationAccounts"),
    ("function_app", "Microsoft.Web/sites"),
    ("app_service", "Microsoft.Web/sites"),
    ("function_app_flex_consumption", "Microsoft.Web/sites"),
    ("key_vault", "Microsoft.KeyVault/vaults"),
    ("linux_function_app", "Microsoft.Web/sites"),
    ("linux_web_app", "Microsoft.Web/sites"),
    ("logic_app_standard", "Microsoft.Web/sites"),
    ("logic_app_workflow", "Microsoft.Logic/workflows"),
    ("nat_gateway", "Microsoft.Network/natGateways"),
    ("network_interface", "Microsoft.Network/networkInterfaces"),
    ("network_security_group", "Microsoft.Network/networkSecurityGroups"),
    ("network_security_perimeter", "Microsoft.Network/networkSecurityPerimeters"),
    ("private_dns_resolver", "Microsoft.Network/dnsResolvers"),
    ("private_dns_resolver_dns_forwarding_ruleset", "Microsoft.Network/dnsForwardingRulesets"),
    ("private_dns_zone", "Microsoft.Network/privateDnsZones"),
    ("private_endpoint", "Microsoft.Network/privateEndpoints"),
    ("public_ip", "Microsoft.Network/publicIPAddresses"),
    ("recovery_services_vault", "Microsoft.RecoveryServices/vaults"),
    ("resource_group_template_deployment", "Microsoft.Resources/deployments"),
    ("route_table", "Microsoft.Network/routeTables"),
    ("service_plan", "Microsoft.Web/serverfarms"),
    ("storage_account", "Microsoft.Storage/storageAccounts"),
    ("subnet_service_endpoint_storage_policy", "Microsoft.Network/serviceEndpointPolicies"),
    ("user_assigned_identity", "Microsoft.ManagedIdentity/userAssignedIdentities"),
    ("virtual_network", "Microsoft.Network/virtualNetworks"),
    ("virtual_network_gateway", "Microsoft.Network/virtualNetworkGateways"),
    ("windows_function_app", "Microsoft.Web/sites"),
    ("windows_web_app", "Microsoft.Web/sites"),
];

/// Types that stand in another: their own type, the attribute with the parent's name, the parent's types (any of them),
/// and what comes between the parent's id and the name.
pub(super) const BY_NAME: &[(&str, &str, &[&str], &str)] = &[
    ("api_management_api", "api_management_name", &["api_management"], "apis"),
    ("api_management_backend", "api_management_name", &["api_management"], "backends"),
    ("api_management_certificate", "api_management_name", &["api_management"], "certificates"),
    ("api_management_named_value", "api_management_name", &["api_management"], "namedValues"),
    ("api_management_product", "api_management_name", &["api_management"], "products"),
    ("network_security_rule", "network_security_group_name", &["network_security_group"], "securityRules"),
    ("private_dns_a_record", "zone_name", &["private_dns_zone"], "A"),
    ("private_dns_cname_record", "zone_name", &["private_dns_zone"], "CNAME"),
    ("private_dns_zone_virtual_network_link", "private_dns_zone_name", &["private_dns_zone"], "virtualNetworkLinks"),
    ("route", "route_table_name", &["route_table"], "routes"),
    ("storage_container", "storage_account_name", &["storage_account"], "blobServices/default/containers"),
    ("storage_share", "storage_account_name", &["storage_account"], "fileServices/default/shares"),
    ("subnet", "virtual_network_name", &["virtual_network"], "subnets"),
    ("virtual_network_peering", "virtual_network_name", &["virtual_network"], "virtualNetworkPeerings"),
];

/// Types that stand in another: their own type, the attributes with the parent's id, and what comes after it.
pub(super) const BY_ID: &[(&str, &[&str], &str)] = &[
    ("api_management_policy_fragment", &["api_management_id"], "policyFragments"),
    ("api_management_workspace", &["api_management_id"], "workspaces"),
    ("function_app_slot", &["function_app_id"], "slots"),
    ("key_vault_certificate", &["key_vault_id"], "secrets"),
    ("key_vault_key", &["key_vault_id"], "keys"),
    ("key_vault_secret", &["key_vault_id"], "secrets"),
    ("linux_function_app_slot", &["function_app_id"], "slots"),
    ("linux_web_app_slot", &["app_service_id"], "slots"),
    ("network_security_perimeter_profile", &["network_security_perimeter_id", "perimeter_id"], "profiles"),
    (
        "network_security_perimeter_association",
        &["network_security_perimeter_profile_id"],
        "../../resourceAssociations",
    ),
    ("private_dns_a_record", &["private_dns_zone_id"], "A"),
    ("private_dns_cname_record", &["private_dns_zone_id"], "CNAME"),
    ("private_dns_resolver_forwarding_rule", &["dns_forwarding_ruleset_id"], "forwardingRules"),
    ("private_dns_resolver_inbound_endpoint", &["private_dns_resolver_id"], "inboundEndpoints"),
    ("private_dns_resolver_virtual_network_link", &["dns_forwarding_ruleset_id"], "virtualNetworkLinks"),
    ("private_dns_zone_virtual_network_link", &["private_dns_zone_id"], "virtualNetworkLinks"),
    ("storage_container", &["storage_account_id"], "blobServices/default/containers"),
    ("storage_share", &["storage_account_id"], "fileServices/default/shares"),
    ("windows_function_app_slot", &["function_app_id"], "slots"),
    ("windows_web_app_slot", &["app_service_id"], "slots"),
];

/// Whether the id of a type is one of Resource Manager.
pub(super) fn is_in_azure(kind: &str) -> bool {
    if kind.starts_with("azapi_") {
        return true;
    }
    let Some(kind) = kind.strip_prefix("azurerm_") else { return false };
    // An object of a vault has a URL for an id.
    if kind.starts_with("key_vault_") {
        return false;
    }
    matches!(kind, "resource_group" | "role_definition" | "role_assignment" | "subscription")
        || IN_GROUP.iter().any(|(own, _)| *own == kind)
        || BY_NAME.iter().any(|(own, ..)| *own == kind)
        || BY_ID.iter().any(|(own, ..)| *own == kind)
}
