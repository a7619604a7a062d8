//! What a finding makes the service say, where nobody recorded it.

use crate::check::context::is_of_app;
use crate::finding::Code;
use crate::path::{AccessPath, Principal};

/// The text the user most likely sees; `None` where it is not known.
///
/// API Management prints one text for every refusal of the vault, whatever its cause. App Service prints a status,
/// which is recorded; what an app says that cannot use its storage depends on its version.
pub fn symptom(code: Code, path: &AccessPath, principal: Option<&Principal>) -> Option<String> {
    if is_of_app(path) {
        return path.last.as_ref().filter(|last| !last.succeeded).map(|last| last.message.clone());
    }
    if path.consumer == "apim-policy" {
        return None;
    }
    match (code.gate(), code) {
        (_, Code::IdentityIdKindMismatch | Code::IdentityNotAssignedToHost) => Some(format!(
            "Can not find Managed Identity with provided IdentityClientId : {}. For more information please see \
             aka.ms/apimmsi.",
            path.client_id.as_ref().map(ToString::to_string).unwrap_or_default()
        )),
        (_, Code::IdentityNotEnabled) => Some(format!(
            "Managed Service Identity (http://aka.ms/apimmsi) is not enabled on the service, which is required to \
             access KeyVault {}",
            path.reference
        )),
        ("firewall" | "authorization", _) => {
            let kind = if principal?.is_system_assigned() { "SystemAssigned" } else { "UserAssigned" };
            Some(format!(
                "Failed to access KeyVault Secret {} using Managed Service Identity (http://aka.ms/apimmsi) of Api \
                 Management service. Check if Managed Identity of Type: {kind} … has GET permissions on secrets in \
                 the KeyVault Access Policies.",
                path.reference
            ))
        }
        _ => None,
    }
}
