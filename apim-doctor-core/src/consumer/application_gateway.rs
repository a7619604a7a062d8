//! Certificates that an application gateway reads from a vault with its user-assigned identity.
//!
//! Source: <https://learn.microsoft.com/azure/application-gateway/key-vault-certs> (read 2026-11-29).

use crate::base::ResourceId;
use crate::consumer::{Consumer, Declared};
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::trust::TrustRule;
use crate::model::network::{ApplicationGateway, GatewayCertificate};
use crate::model::{Estate, Fact, Gap, Resource};
use crate::path::{AccessPath, Credential, Form, Moment, Origin, Wants};

/// Certificates of listeners, and of the roots that a gateway trusts.
pub(super) struct ApplicationGateways;

impl Consumer for ApplicationGateways {
    fn caller(&self) -> CallerKind {
        CallerKind::ApplicationGateway
    }

    fn kinds(&self) -> &'static [ConsumerKind] {
        &[ConsumerKind::GatewayCertificate]
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        let gateway = match estate.get::<ApplicationGateway>(owner) {
            Fact::Known(gateway) => gateway,
            Fact::Unknown(gap) => return declared.gaps.push(gap),
            Fact::Absent(_) => return,
        };
        let properties = &gateway.properties;
        for (list, certificates) in [
            ("sslCertificates", &properties.ssl_certificates),
            ("trustedRootCertificates", &properties.trusted_root_certificates),
        ] {
            let paths = certificates.iter().enumerate().filter_map(|(at, one)| {
                let at = format!("/properties/{list}/{at}/properties/keyVaultSecretId");
                path(gateway, one, Locator::new(owner, at))
            });
            declared.paths.extend(paths);
        }
    }
}

/// The path of a certificate; `None` if it was uploaded.
fn path(
    gateway: &Resource<ApplicationGateway>,
    certificate: &GatewayCertificate,
    declared_at: Locator,
) -> Option<AccessPath> {
    let reference = certificate.properties.key_vault_secret_id.as_deref().filter(|id| !id.trim().is_empty())?;
    Some(AccessPath {
        consumer: ConsumerKind::GatewayCertificate,
        resource: gateway.id.clone(),
        label: certificate.name.clone().unwrap_or_default(),
        declared_at,
        moment: Moment::Rotation,
        reference: reference.to_owned(),
        form: Form::Identifier,
        credential: credential(gateway),
        credential_at: Locator::new(&gateway.id, "/identity/userAssignedIdentities"),
        audience: None,
        origin: origin(gateway),
        location: None,
        trust: TrustRule::AnyIdentity { contested: Some(CONTESTED) },
        wants: Wants::CertificateWithKey,
        addresses: Vec::new(),
        expiry: None,
        last: None,
        unsupported: None,
        recognized: Ok(()),
        doubt: None,
        shadow: None,
        backup: None,
    })
}

/// Key Vault lists the service as trusted, and its own troubleshooting page denies it; the service's page asks for a rule
/// of the subnet and the exception, and the other one for the rule alone.
/// Sources: <https://learn.microsoft.com/azure/key-vault/general/overview-vnet-service-endpoints> and
/// <https://learn.microsoft.com/azure/application-gateway/key-vault-certs> (read 2026-11-29).
const CONTESTED: &str = "whether the vault firewall allows an application gateway that has only a rule or only the \
                         trusted-services exception: Microsoft's documentation contradicts itself";

/// No certificate selects an identity. A gateway without a user-assigned one cannot read the vault.
fn credential(gateway: &Resource<ApplicationGateway>) -> Credential {
    let attached = gateway.identity.iter().filter(|identity| identity.is_user_assigned());
    let attached: Vec<&String> = attached.flat_map(|identity| identity.user_assigned_identities.keys()).collect();
    match attached.as_slice() {
        [] => Credential::SystemAssigned,
        [only] => Credential::UserAssigned(ResourceId::new(only)),
        several => {
            let (count, name) = (several.len(), gateway.name());
            let what = format!("which of its {count} attached identities gateway `{name}` uses to read the vault");
            Credential::Undetermined(
                Gap::undocumented(what).advise("attach only one identity: a certificate does not select an identity"),
            )
        }
    }
}

/// The subnet of the gateway's instances.
fn origin(gateway: &Resource<ApplicationGateway>) -> Origin {
    let mut subnets = gateway.properties.gateway_ip_configurations.iter();
    match subnets.find_map(|configuration| configuration.properties.subnet.as_ref()) {
        Some(subnet) => Origin::Subnet { id: subnet.id.clone(), location: gateway.location.clone(), integration: None },
        None => {
            let what = format!("the subnet of gateway `{}`", gateway.name());
            Origin::Undetermined(Gap::not_collected(what, &gateway.id))
        }
    }
}
