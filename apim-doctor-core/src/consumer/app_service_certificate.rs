//! Certificates of apps that App Service itself fetches from a vault.
//!
//! Sources: <https://learn.microsoft.com/azure/app-service/configure-ssl-certificate> and
//! <https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html>
//! (read 2026-11-21).

use crate::base::ResourceId;
use crate::consumer::{Consumer, Declared};
use crate::finding::Locator;
use crate::knowledge::caller_kind::{CallerKind, ConsumerKind};
use crate::knowledge::first_party;
use crate::knowledge::trust::TrustRule;
use crate::model::app_service::AppCertificate;
use crate::model::key_vault::Vault;
use crate::model::{Estate, Fact};
use crate::path::{AccessPath, Credential, Form, LastRefresh, Moment, Origin, Wants, time};

/// Certificates that come from a vault.
pub(super) struct AppServiceCertificates;

impl Consumer for AppServiceCertificates {
    fn kinds(&self) -> &'static [ConsumerKind] {
        &[ConsumerKind::AppCertificate]
    }

    fn caller(&self) -> CallerKind {
        CallerKind::AppCertificate
    }

    fn declare(&self, estate: &Estate, owner: &ResourceId, declared: &mut Declared) {
        let certificate = match estate.get::<AppCertificate>(owner) {
            Fact::Known(certificate) => certificate,
            Fact::Unknown(gap) => return declared.gaps.push(gap),
            Fact::Absent(_) => return,
        };
        let properties = &certificate.properties;
        let (Some(vault), Some(secret)) = (&properties.key_vault_id, &properties.key_vault_secret_name) else { return };
        let at = |leaf: &str| Locator::new(owner, format!("/properties/{leaf}"));
        // The vault's own URL, where it was read: a cloud of one's own may name it otherwise.
        let uri = estate.get::<Vault>(vault).known().and_then(|vault| vault.properties.vault_uri.clone());
        let uri = uri.unwrap_or_else(|| format!("https://{}", estate.cloud.vault_host(vault.name())));
        let status = properties.key_vault_secret_status.as_deref().filter(|s| !s.is_empty());
        declared.paths.push(AccessPath {
            consumer: ConsumerKind::AppCertificate,
            resource: owner.clone(),
            label: owner.name().to_owned(),
            declared_at: at("keyVaultSecretName"),
            moment: Moment::Rotation,
            reference: format!("{}/secrets/{secret}", uri.trim_end_matches('/')),
            form: Form::Identifier,
            credential: Credential::FirstParty(&first_party::APP_SERVICE),
            credential_at: at("keyVaultId"),
            audience: None,
            origin: Origin::ControlPlane,
            location: None,
            trust: TrustRule::AnyIdentity { contested: None },
            wants: Wants::CertificateWithKey,
            addresses: Vec::new(),
            expiry: properties.expiration_date.as_deref().and_then(time),
            last: status.filter(|status| !status.eq_ignore_ascii_case("Initialized")).map(|status| LastRefresh {
                succeeded: status.eq_ignore_ascii_case("Succeeded"),
                message: format!("keyVaultSecretStatus is `{status}`"),
                at: None,
                locator: at("keyVaultSecretStatus"),
            }),
            unsupported: None,
            recognized: Ok(()),
            doubt: None,
            shadow: None,
            backup: None,
        });
    }
}
