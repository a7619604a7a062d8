//! `latent.version-pinned`: the reference names a version, so rotation is never picked up.

use serde_json::json;

use crate::check::{Context, declare_check, remedy};
use crate::finding::{Edit, Finding, Fix, Safety, Severity};

declare_check! {
    /// ## What it means
    ///
    /// The identifier names a version of the secret. API Management fetches exactly that one, so a renewed certificate
    /// or a rotated secret is never picked up. Without a version it follows within four hours.
    ///
    /// ## What you will see
    ///
    /// Nothing, until the pinned version ends or stops being accepted. Rotation in the vault seems to have no effect.
    ///
    /// ## When this check stays quiet
    ///
    /// The identifier names no version.
    pub(crate) static CHECK = {
        code: "latent.version-pinned",
        summary: "the reference names a version, so rotation is never picked up",
        severity: Severity::Warning,
        sources: [
            "https://learn.microsoft.com/azure/api-management/api-management-howto-properties",
        ],
    }
}

/// Turns what was found into something a person can act on.
pub(crate) fn explain(ctx: &Context<'_, '_>, version: &str) -> Finding {
    let message =
        format!("`{}` names version `{version}`; a new version is never fetched", ctx.case.path.label);
    let mut finding = ctx.finding(&CHECK, &ctx.declared_in(), message);
    finding.fixes.extend(without_version(ctx));
    finding
}

/// Leaves the version out of the identifier.
fn without_version(ctx: &Context<'_, '_>) -> Option<Fix> {
    const TITLE: &str = "leave the version out of the identifier";
    let reference = ctx.diagnosis.reference.as_ref()?;
    let url = format!("https://{}/{}/{}", reference.host, reference.kind, reference.name);
    let at = &ctx.case.path.declared_at;
    let resource = at.resource.as_ref()?;
    let edit = Edit::set(resource, at.pointer.as_ref(), url.as_str());
    let change = match ctx.case.path.consumer {
        "apim-custom-domain" => {
            let number = at.pointer.split('/').find_map(|part| part.parse::<usize>().ok())?;
            let az = format!(
                "az apim update --ids {resource} --set hostnameConfigurations[{number}].keyVaultId={url}"
            );
            remedy::Change::of(az, [edit]).bicep(format!("keyVaultId: '{url}'")).terraform(
                "key_vault_certificate_id = azurerm_key_vault_certificate.certificate.versionless_secret_id",
            )
        }
        "apim-policy" => {
            let az =
                format!("az rest --method get --uri \"{resource}?api-version=2024-05-01&format=rawxml\"");
            return Some(remedy::by_hand(format!("{TITLE} in the policy: {url}"), vec![az]));
        }
        consumer => {
            let client = ctx.case.path.client_id.as_ref().map(|id| id.as_str());
            let body =
                json!({"properties": {"keyVault": {"secretIdentifier": url, "identityClientId": client}}});
            let az = format!(
                "az rest --method patch --uri {resource}?api-version=2024-05-01 --headers If-Match=* --body '{body}'"
            );
            let terraform = match consumer {
                "apim-certificate" => {
                    "key_vault_secret_id = azurerm_key_vault_certificate.certificate.versionless_secret_id"
                }
                _ => "value_from_key_vault { secret_id = azurerm_key_vault_secret.secret.versionless_id }",
            };
            remedy::Change::of(az, [edit])
                .bicep(format!("keyVault: {{ secretIdentifier: '{url}' }}"))
                .terraform(terraform)
        }
    };
    Some(change.fix(TITLE, Safety::Review))
}
