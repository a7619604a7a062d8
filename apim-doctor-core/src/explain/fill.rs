//! Puts what a text names into the commands of the advice.

use std::net::Ipv4Addr;

use crate::explain::detail::Extracted;
use crate::explain::situation::{Caller, Object, Situation, Target};
use crate::knowledge::caller_kind::CallerKind;
use crate::knowledge::cloud::Cloud;
use crate::knowledge::first_party;
use crate::knowledge::subservice::Subservice;

/// The values of the names in braces.
pub(super) struct Names(Vec<(&'static str, String)>);

impl Names {
    /// Takes them from what the text names; a word in capitals stands for what it does not name.
    ///
    /// A command gets a value only if it is one that Azure could have given, so it needs no quotes: a line of dashes in a
    /// pasted table is not a name.
    pub(super) fn of(situation: &Situation, extracted: &Extracted) -> Self {
        let named = |name: &str, can_be: fn(&str) -> bool| {
            extracted.get(name).map(String::as_str).filter(|value| can_be(value))
        };
        let or = |value: Option<&str>, placeholder: &str| value.unwrap_or(placeholder).to_owned();
        let vault = or(named("vault", is_name), "VAULT");
        let account = or(named("account", is_name), "STORAGE_ACCOUNT");
        let object = extracted.get("object").map(|object| name_of(object)).filter(|name| is_name(name));
        let cloud = cloud(named("host", is_host));
        let service = situation.target.service();
        let of_service = |value: fn(Subservice) -> &'static str, placeholder: &str| or(service.map(value), placeholder);
        let host = match situation.target {
            Target::Vault(_) => {
                named("host", is_host).map_or_else(|| format!("{vault}.{}", cloud.key_vault_suffix), str::to_owned)
            }
            Target::Storage(_) => {
                format!("{account}.{}.{}", of_service(Subservice::group_id, "SERVICE"), cloud.storage_suffix)
            }
            Target::Entra => cloud.authority.clone(),
            _ => "HOST".to_owned(),
        };
        let kind = situation.target.kind();
        let (first_party, first_party_name) = first_party_of(situation.caller);
        let scope = named("scope", is_scope).map(granted_at).filter(|scope| is_scope_of(scope, situation.target));
        let id = situation.target.id();
        Self(vec![
            ("{vault}", vault),
            ("{account}", account),
            ("{host}", host),
            ("{kind}", kind.to_owned()),
            ("{object}", object.map_or_else(|| kind.to_ascii_uppercase(), str::to_owned)),
            ("{objectId}", or(named("objectId", is_name), "OBJECT_ID")),
            ("{clientId}", or(named("clientId", is_name), "CLIENT_ID")),
            ("{principal}", principal(situation, named("objectId", is_name))),
            ("{operator}", operator(situation, named("objectId", is_name)).to_owned()),
            ("{operatorRole}", or(situation.role.filter(|_| situation.target == Target::ResourceManager), "ROLE")),
            ("{scope}", or(scope, id)),
            ("{id}", id.to_owned()),
            ("{action}", or(named("action", is_action), "ACTION")),
            ("{tenant}", or(named("tenant", is_host), "TENANT")),
            ("{address}", or(named("address", is_public), "ADDRESS")),
            ("{target}", situation.target.noun().to_owned()),
            ("{role}", or(situation.role, "ROLE")),
            ("{permissions}", situation.permissions()),
            ("{firstParty}", first_party.to_owned()),
            ("{firstPartyName}", first_party_name.to_owned()),
            ("{group}", of_service(Subservice::group_id, "SERVICE")),
            ("{tag}", service_or_storage(situation.target).map_or("SERVICE_TAG", Subservice::service_tag).to_owned()),
            (
                "{endpoint}",
                service_or_storage(situation.target).map_or("SERVICE", Subservice::service_endpoint).to_owned(),
            ),
            ("{zone}", service.map_or_else(|| "ZONE".to_owned(), |service| cloud.zone_of(service))),
            ("{suffix}", suffix(situation.target, &cloud)),
        ])
    }

    /// Replaces every name in braces.
    pub(super) fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// Any service of an account has the account's service tag and service endpoint.
fn service_or_storage(target: Target) -> Option<Subservice> {
    match target {
        Target::Storage(service) => Some(service.unwrap_or(Subservice::Blob)),
        _ => target.service(),
    }
}

fn suffix(target: Target, cloud: &Cloud) -> String {
    match (target, target.service()) {
        (Target::Vault(_), _) => cloud.key_vault_suffix.clone(),
        (_, Some(service)) => format!("{}.{}", service.group_id(), cloud.storage_suffix),
        _ => "SUFFIX".to_owned(),
    }
}

/// The cloud that a host of a vault is in; the public one if no host says otherwise.
fn cloud(host: Option<&str>) -> Cloud {
    let is_its = |cloud: &Cloud| host.is_some_and(|host| cloud.vault_of(host).is_some());
    Cloud::known().into_iter().find(is_its).unwrap_or_default()
}

/// The options that name who is given a role. The type spares a look-up in the directory; a person has another one.
fn principal(situation: &Situation, object_id: Option<&str>) -> String {
    let id = object_id.unwrap_or("OBJECT_ID");
    match situation.caller {
        Caller::Operator | Caller::Unknown => format!("--assignee {id}"),
        _ => format!("--assignee-object-id {id} --assignee-principal-type ServicePrincipal"),
    }
}

/// Who makes the change. If a service reports its own failure, the id in the text is that of its identity.
fn operator<'i>(situation: &Situation, object_id: Option<&'i str>) -> &'i str {
    match situation.caller {
        Caller::Operator | Caller::Unknown => object_id.unwrap_or("OBJECT_ID"),
        _ => "OPERATOR_ID",
    }
}

/// The application with which a service calls on its own behalf, and its name.
fn first_party_of(caller: Caller) -> (&'static str, &'static str) {
    let known = match caller {
        Caller::Kind(CallerKind::App | CallerKind::AppCertificate) => &first_party::APP_SERVICE,
        Caller::Kind(CallerKind::RecoveryVault) => &first_party::BACKUP_SERVICE,
        _ => return ("APPLICATION_ID", "the service"),
    };
    (known.app_id, known.name)
}

/// `gateway-tls` of `secrets/gateway-tls`.
pub(super) fn name_of(object: &str) -> &str {
    object.rsplit('/').next().unwrap_or(object)
}

/// Letters, digits and dashes, with a letter or digit at either end: a name, or an id.
fn is_name(value: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    value.starts_with(end) && value.ends_with(end) && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Names with dots between.
fn is_host(value: &str) -> bool {
    value.split('.').all(is_name)
}

/// Names, and what else ids of resources hold that means nothing to a shell, with slashes between.
fn is_scope(value: &str) -> bool {
    let plain = |part: &str| {
        part.chars().any(|c| c.is_ascii_alphanumeric())
            && !part.starts_with('-')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    value.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain))
}

/// Where a role is assigned, if the text names a role assignment or another part of the authorization of a resource.
fn granted_at(scope: &str) -> &str {
    let at = scope.to_ascii_lowercase().find("/providers/microsoft.authorization/");
    at.and_then(|at| scope.get(..at)).filter(|scope| !scope.is_empty()).unwrap_or(scope)
}

/// Whether a scope that the text names is the target's, and not that of another resource in the same text.
fn is_scope_of(scope: &str, target: Target) -> bool {
    let scope = scope.to_ascii_lowercase();
    match target {
        Target::Vault(_) => scope.contains("/microsoft.keyvault/"),
        Target::Storage(_) => scope.contains("/microsoft.storage/"),
        Target::RecoveryVault => scope.contains("/microsoft.recoveryservices/"),
        _ => true,
    }
}

/// `Microsoft.KeyVault/vaults/secrets/getSecret/action`.
fn is_action(value: &str) -> bool {
    value.split('/').all(is_host)
}

/// An address that a firewall rule can have.
fn is_public(value: &str) -> bool {
    value.parse().is_ok_and(|address: Ipv4Addr| !address.is_private())
}

impl Target {
    /// The service that is called, if the text shows which.
    fn service(self) -> Option<Subservice> {
        match self {
            Target::Vault(_) => Some(Subservice::Vault),
            Target::Storage(service) => service,
            _ => None,
        }
    }

    /// What azure-cli calls the kind of object.
    fn kind(self) -> &'static str {
        match self {
            Target::Vault(Some(Object::Key)) => "key",
            Target::Vault(Some(Object::Certificate)) => "certificate",
            _ => "secret",
        }
    }

    /// What a sentence calls it, after "the".
    fn noun(self) -> &'static str {
        match self {
            Target::Vault(_) => "vault",
            Target::Storage(_) => "storage account",
            Target::RecoveryVault => "Recovery Services vault",
            _ => "target",
        }
    }

    /// The placeholder of its resource id.
    fn id(self) -> &'static str {
        match self {
            Target::Vault(_) => "VAULT_ID",
            Target::Storage(_) => "STORAGE_ID",
            Target::RecoveryVault => "RECOVERY_VAULT_ID",
            _ => "SCOPE",
        }
    }
}
