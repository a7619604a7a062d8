//! What a text names: the vault and the object, who called, from where, and what was asked for.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;

use crate::explain::family::Trait;

/// Values that a message names, by the name under which `explanation/v1` shows them.
pub(super) type Extracted = BTreeMap<&'static str, String>;

/// A pattern, and the name of each of its groups.
struct Pattern {
    regex: Option<Regex>,
    names: &'static [&'static str],
}

/// The first match of a name counts. Hosts are those of the public cloud, of the government's and of China's.
static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let patterns: [(&str, &'static [&'static str]); 13] = [
        (
            r"(?i)([a-z0-9-]{3,24})\.vault\.(?:azure\.net|usgovcloudapi\.net|azure\.cn)(?::443)?/(secrets|certificates|keys)/([\w-]+)(?:/([0-9a-f]{32}))?",
            &["vault", "kind", "name", "version"],
        ),
        (
            r"(?i)([a-z0-9-]{3,24})\.(?:privatelink\.)?vault(?:core)?\.(?:azure\.net|usgovcloudapi\.net|azure\.cn)",
            &["vault"],
        ),
        (r"(?i)providers/microsoft\.keyvault/vaults/([\w-]{3,24})", &["vault"]),
        (r"(?i)(?:key vault|vault:?)\s+'*([a-z0-9-]{3,24});location=", &["vault"]),
        (r"(?i)secret with \(name/id\) ([\w-]+)(?:/([0-9a-f]{32}))? was not found", &["name", "version"]),
        (r"(?i)type:\s*(UserAssigned|SystemAssigned)", &["identityType"]),
        (r"(?i)client_?id\W{1,5}([0-9a-f]{8}-[0-9a-f-]{27})", &["clientId"]),
        (r"(?i)(?:object_?id\W{1,5}|oid=)([0-9a-f]{8}-[0-9a-f-]{27})", &["objectId"]),
        (r"(?i)appid=([0-9a-f]{8}-[0-9a-f-]{27})", &["clientId"]),
        (r"(?i)client address\W{1,3}([0-9a-f.:]{7,39})", &["address"]),
        (r"(?i)(?:action|perform action)\W{1,4}(Microsoft\.[\w.]+/[\w./*-]+)", &["action"]),
        (r"(?i)(?:over scope|resource|scope)\W{1,4}(/subscriptions/[^\s'\x22,;<>]+)", &["scope"]),
        (r"(?i)found:? https://sts\.windows\.net/([0-9a-f]{8}-[0-9a-f-]{27})", &["tenant"]),
    ];
    patterns.into_iter().map(|(text, names)| Pattern { regex: Regex::new(text).ok(), names }).collect()
});

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
    for Pattern { regex, names } in PATTERNS.iter() {
        let Some(captures) = regex.as_ref().and_then(|regex| regex.captures(text)) else { continue };
        for (name, value) in names.iter().zip(captures.iter().skip(1)) {
            if let Some(value) = value {
                found.entry(name).or_insert_with(|| value.as_str().trim_end_matches('.').to_owned());
            }
        }
    }
    if let (Some(kind), Some(name)) = (found.remove("kind"), found.get("name").cloned()) {
        found.insert("object", format!("{}/{name}", kind.to_ascii_lowercase()));
    }
    if let Some(code) = INNER.iter().find(|code| text.contains(**code)) {
        found.insert("innerCode", (*code).to_owned());
    }
    found
}

/// What the squeezed text around a message shows besides it.
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
