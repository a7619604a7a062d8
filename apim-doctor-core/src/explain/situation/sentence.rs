//! The request in one sentence.

use crate::explain::detail::Extracted;
use crate::explain::situation::{Caller, Object, Operation, Situation, Target};

impl Situation {
    /// Which request failed, without a full stop; `None` if the text shows neither the caller nor the target.
    pub(in crate::explain) fn sentence(&self, extracted: &Extracted) -> Option<String> {
        let named = |kind: &str, name: &str| match extracted.get(name) {
            Some(value) => format!("{kind} {value}"),
            None => format!("a {kind}"),
        };
        let object = match self.target {
            Target::Vault(Some(Object::Secret)) => "a secret",
            Target::Vault(Some(Object::Certificate)) => "a certificate",
            Target::Vault(Some(Object::Key)) => "a key",
            _ => "an object",
        };
        let target = match self.target {
            Target::Vault(_) => named("key vault", "vault"),
            Target::Storage(_) => named("storage account", "account"),
            Target::RecoveryVault => "a Recovery Services vault".to_owned(),
            Target::ResourceManager => "Azure Resource Manager".to_owned(),
            Target::Entra => "Microsoft Entra".to_owned(),
            Target::Nothing | Target::Unknown => "its target".to_owned(),
        };
        let did = match (&self.operation, self.target) {
            (Operation::Manage(action), _) => format!("do {action}"),
            (Operation::ListKeys, _) => format!("list the keys of {}", named("storage account", "account")),
            (Operation::Token, _) => "get a token".to_owned(),
            (Operation::Read, Target::Vault(_)) => format!("read {object} of {target}"),
            (Operation::UseKey, Target::Vault(_)) => format!("use a key of {target}"),
            (Operation::OnObject(permission), Target::Vault(_)) => format!("{permission} {object} of {target}"),
            (Operation::Data | Operation::HostData, Target::Storage(_)) => format!("use {target}"),
            (_, Target::Nothing | Target::Unknown) if self.caller == Caller::Unknown => return None,
            _ => format!("reach {target}"),
        };
        let caller = match self.caller {
            Caller::Kind(kind) => kind.facts().service,
            Caller::ContainerApp => "Container Apps",
            Caller::Kubernetes => "A Kubernetes cluster",
            Caller::Operator => "A person or a pipeline",
            Caller::Encryption => "A service that encrypts data",
            Caller::OtherService => "An Azure service",
            Caller::Unknown => "The caller",
        };
        Some(format!("{caller} could not {did}"))
    }
}
