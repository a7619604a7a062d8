//! Extracts details from a text: the vault, the object, the caller, its address and the operation.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

/// Something that a text can show in addition to its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trait {
    /// The identity's type is given as user-assigned.
    UserAssigned,
    /// The identity's type is given as system-assigned.
    SystemAssigned,
    /// The caller's address is public.
    PublicAddress,
    /// The caller's address is private.
    PrivateAddress,
    /// `Assignment: (not found)`.
    NoAssignment,
    /// An assignment was found: `Assignment: /…`.
    Assignment,
    /// A host name with `privatelink` in it.
    PrivateLinkName,
    /// API Management is named.
    ApiManagement,
    /// Application Gateway is named.
    ApplicationGateway,
    /// Container Apps is named.
    ContainerApps,
    /// A Function App or App Service is named, or one of its settings.
    AppService,
    /// A content share's setting (`WEBSITE_CONTENTAZUREFILECONNECTIONSTRING`, `WEBSITE_CONTENTSHARE`).
    ContentShare,
    /// Azure Backup is named.
    Backup,
    /// The client of storage queues, tables or files: another service than blobs.
    OtherStorageService,
    /// A Microsoft service that calls with a principal of its own.
    FirstParty,
    /// Terraform, or a provider's client of it.
    Terraform,
    /// A deployment or a template.
    Deployment,
    /// A key of Key Vault is asked for through Resource Manager.
    KeyThroughResourceManager,
}

/// Values that a message names, by the name under which `explanation/v1` shows them.
pub(super) type Extracted = BTreeMap<&'static str, String>;

/// A pattern, and the name of each of its groups. It ignores the case of ASCII letters.
struct Pattern {
    /// Lower case. Where a text does not contain it, the pattern does not match, and is not compiled.
    mark: &'static str,
    text: &'static str,
    names: &'static [&'static str],
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    const fn new(mark: &'static str, text: &'static str, names: &'static [&'static str]) -> Self {
        Self { mark, text, names, regex: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        // Unicode's case folding would make the patterns several times as large. Each pattern searches a few short
        // texts, so what makes searches faster would cost more than it saves.
        let compile = || {
            let syntax = syntax::Config::new().case_insensitive(true).unicode(false);
            let config = Config::new().auto_prefilter(false).dfa(false).onepass(false);
            Regex::builder().syntax(syntax).configure(config).build(self.text).ok()
        };
        self.regex.get_or_init(compile).as_ref()
    }
}

/// The first match of a name counts. Hosts are those of the public cloud, of the government's and of China's.
static PATTERNS: [Pattern; 17] = [
    Pattern::new(".vault.", r"([a-z0-9-]{3,24}[.]vault[.](?:azure[.]net|usgovcloudapi[.]net|azure[.]cn))", &["host"]),
    Pattern::new(
        ".vault.",
        r"([a-z0-9-]{3,24})\.vault\.(?:azure\.net|usgovcloudapi\.net|azure\.cn)(?::443)?/(secrets|certificates|keys)/([0-9a-z_-]+)(?:/([0-9a-f]{32}))?",
        &["vault", "kind", "name", "version"],
    ),
    Pattern::new(
        "vault",
        r"([a-z0-9-]{3,24})\.(?:privatelink\.)?vault(?:core)?\.(?:azure\.net|usgovcloudapi\.net|azure\.cn)",
        &["vault"],
    ),
    Pattern::new(
        ".core.",
        r"([a-z0-9]{3,24})\.(?:privatelink\.)?(blob|queue|table|file|dfs)\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)",
        &["account", "service"],
    ),
    Pattern::new(
        "microsoft.storage/storageaccounts/",
        r"providers/microsoft\.storage/storageaccounts/([a-z0-9]{3,24})",
        &["account"],
    ),
    Pattern::new("userassignedidentities/", r"userassignedidentities/([0-9a-z_-]{3,128})", &["identity"]),
    Pattern::new("microsoft.keyvault/vaults/", r"providers/microsoft\.keyvault/vaults/([0-9a-z_-]{3,24})", &["vault"]),
    Pattern::new(";location=", r"(?:key vault|vault:?)[ \t\r\n]+'*([a-z0-9-]{3,24});location=", &["vault"]),
    Pattern::new(
        "secret with (name/id)",
        r"secret with \(name/id\) ([0-9a-z_-]+)(?:/([0-9a-f]{32}))? was not found",
        &["name", "version"],
    ),
    Pattern::new("type:", r"type:[ \t\r\n]*(UserAssigned|SystemAssigned)", &["identityType"]),
    Pattern::new("client", r"client_?id(?u:[^0-9a-z]{1,5})([0-9a-f]{8}-[0-9a-f-]{27})", &["clientId"]),
    Pattern::new("id", r"(?:object[_ ]?id(?u:[^0-9a-z]{1,5})|oid=)([0-9a-f]{8}-[0-9a-f-]{27})", &["objectId"]),
    Pattern::new("appid=", r"appid=([0-9a-f]{8}-[0-9a-f-]{27})", &["clientId"]),
    Pattern::new("client address", r"client address(?u:[^0-9a-z]{1,3})([0-9a-f.:]{7,39})", &["address"]),
    Pattern::new(
        "microsoft.",
        r"(?:action|perform action)(?u:[^0-9a-z]{1,4})(Microsoft\.[0-9a-z_.]+/[0-9a-z_./*-]+)",
        &["action"],
    ),
    Pattern::new(
        "/subscriptions/",
        r"(?:over scope|linked scope\(s\)|resource|scope)(?u:[^0-9a-z]{1,4})(/subscriptions/(?u:[^ \t\r\n'\x22,;<>]+))",
        &["scope"],
    ),
    Pattern::new(
        "https://sts.windows.net/",
        r"found:? https://sts\.windows\.net/([0-9a-f]{8}-[0-9a-f-]{27})",
        &["tenant"],
    ),
];

/// Codes of Key Vault's inner errors, the most telling first.
const INNER: [&str; 8] = [
    "ForbiddenByFirewall",
    "ForbiddenByConnection",
    "ForbiddenByRbac",
    "ForbiddenByPolicy",
    "ForbiddenByNsp",
    "SecretDisabled",
    "AccessDenied",
    "ObjectIsDeletedButRecoverable",
];

/// What the readable text around a message names.
pub(super) fn extract(text: &str) -> Extracted {
    let mut found = Extracted::new();
    let lower = text.to_ascii_lowercase();
    for pattern in PATTERNS.iter().filter(|pattern| lower.contains(pattern.mark)) {
        let Some(regex) = pattern.regex() else { continue };
        let mut captures = regex.create_captures();
        regex.captures(text, &mut captures);
        for (name, span) in pattern.names.iter().zip(captures.iter().skip(1)) {
            if let Some(value) = span.and_then(|span| text.get(span.range())) {
                found.entry(name).or_insert_with(|| value.trim_end_matches('.').to_owned());
            }
        }
    }
    let kind = found.remove("kind").map(|kind| kind.to_ascii_lowercase() + "/").unwrap_or_default();
    if let Some(name) = found.remove("name") {
        found.insert("object", kind + &name);
    }
    if let Some(code) = INNER.iter().find(|code| text.contains(**code)) {
        found.insert("innerCode", (*code).to_owned());
    }
    found
}

/// What the squeezed text around a message also shows.
pub(super) fn traits(squeezed: &str) -> Vec<Trait> {
    const MARKS: &[(Trait, &[&str])] = &[
        (Trait::UserAssigned, &["type:userassigned", "userassignedidentities/"]),
        (Trait::SystemAssigned, &["type:systemassigned"]),
        (Trait::NoAssignment, &["assignment:(notfound)"]),
        (Trait::Assignment, &["assignment:/"]),
        (Trait::PrivateLinkName, &["privatelink."]),
        (Trait::ApiManagement, &["apimanagement", "azure-api.net", "aka.ms/apim"]),
        (Trait::ApplicationGateway, &["applicationgateway"]),
        (Trait::ContainerApps, &["containerapp", "microsoft.app/"]),
        (
            Trait::AppService,
            &[
                "@microsoft.keyvault",
                "azurewebsites.net",
                "microsoft.web/",
                "functionapp",
                "azurewebjobs",
                "website_",
                "websites_",
            ],
        ),
        (Trait::ContentShare, &["website_contentazurefileconnectionstring", "website_contentshare"]),
        (Trait::Backup, &["azurebackup", "recoveryservices", "backupvault", "backupstoragelocation"]),
        (
            Trait::OtherStorageService,
            &[".queue.core.", ".table.core.", ".file.core.", "queueclient", "tableclient", "shareclient"],
        ),
        (
            Trait::FirstParty,
            &["firstparty", "azurecdn", "frontdoor", "name=arm", "name=keyvault", "microsoft.azure.websites"],
        ),
        (Trait::Terraform, &["terraform", "azurerm", "autorest/azure"]),
        (Trait::Deployment, &["deploymentfailed", "microsoft.resources/deployments", "invalidtemplate"]),
        (Trait::KeyThroughResourceManager, &["vaults/keys/write", "vaults/keys/read", "resources/"]),
    ];
    let has = |marks: &[&str]| marks.iter().any(|mark| squeezed.contains(mark));
    let mut seen: Vec<Trait> = MARKS.iter().filter(|(_, marks)| has(marks)).map(|(seen, _)| *seen).collect();
    if let Some(address) = client_address(squeezed) {
        seen.push(if is_private(address) { Trait::PrivateAddress } else { Trait::PublicAddress });
    }
    seen
}

/// `Client address: 203.0.113.7`, wherever the text was cut into lines.
fn client_address(squeezed: &str) -> Option<IpAddr> {
    let (_, behind) = squeezed.split_once("clientaddress:").or_else(|| squeezed.split_once("clientaddress("))?;
    let end = behind.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(behind.len());
    behind.get(..end)?.trim_end_matches('.').parse().ok()
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_private() || (v4.octets().first() == Some(&100) && matches!(v4.octets().get(1), Some(64..=127)))
        }
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(PATTERNS.iter().all(|pattern| pattern.regex().is_some()));
    }

    #[test]
    fn names_are_found_in_what_azure_prints() {
        let found = extract(
            "Caller is not authorized to perform action on resource.\r\nCaller: appid=11111111-2222-3333-4444-555555555555;\
             oid=66666666-7777-8888-9999-aaaaaaaaaaaa;iss=https://sts.windows.net/t/\r\n\
             Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\n\
             Resource: '/subscriptions/s/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-shop/secrets/tls'\r\n\
             Assignment: (not found)\r\nVault: kv-shop;location=westeurope",
        );
        assert_eq!(found["vault"], "kv-shop");
        assert_eq!(found["objectId"], "66666666-7777-8888-9999-aaaaaaaaaaaa");
        assert_eq!(found["clientId"], "11111111-2222-3333-4444-555555555555");
        assert_eq!(found["action"], "Microsoft.KeyVault/vaults/secrets/getSecret/action");
        let scope = "/subscriptions/s/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-shop/secrets/tls";
        assert_eq!(found["scope"], scope);
        let url = extract("GET https://kv-a.vault.azure.cn/secrets/gateway-tls/0123456789abcdef0123456789abcdef?x");
        assert_eq!(url["host"], "kv-a.vault.azure.cn");
        assert_eq!((url["vault"].as_str(), url["object"].as_str()), ("kv-a", "secrets/gateway-tls"));
        assert_eq!(url["version"], "0123456789abcdef0123456789abcdef");
        let blocked = "Client address: 203.0.113.7\nCaller: appid=x";
        assert_eq!(extract(blocked)["address"], "203.0.113.7");
        assert_eq!(traits("clientaddress:203.0.113.7caller:"), [Trait::PublicAddress]);
        assert_eq!(traits("clientaddress:10.1.2.3caller:"), [Trait::PrivateAddress]);
    }
}
