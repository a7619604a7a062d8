//! What a storage account's own answers mean: only what Microsoft documents, with the text where the code alone is
//! ambiguous.
//!
//! Sources (read 2026-11-22): <https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes>,
//! <https://learn.microsoft.com/rest/api/storageservices/sas-error-codes>,
//! <https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory> (the challenge),
//! <https://learn.microsoft.com/troubleshoot/azure/azure-storage/blobs/authentication/storage-troubleshoot-403-errors>
//! (keys, roles, network rules), post 3521288 of <https://techcommunity.microsoft.com/t5/azure-paas-blog>
//! ("Public access is not permitted on this storage account") and
//! <https://github.com/microsoft/AzureStorageExplorer/issues/8979> (the text under a perimeter).

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A credential is asked for.
    AsksForCredential,
    /// The credential is not accepted, or is not there.
    BadCredential,
    /// The account refuses every request without a credential.
    NoAnonymous,
    /// Account keys, and signatures made with them, are refused.
    NoKeys,
    /// The account's network rules refuse the caller.
    NetworkRules,
    /// A network security perimeter refuses the caller.
    Perimeter,
    /// The caller is known, and has no permission for this.
    NoPermission,
    /// The account is switched off.
    Disabled,
    /// The service does not have what was asked for.
    NotThere,
    /// The service cannot answer now.
    Busy,
}

/// The text of a refusal by network rules. The code alone says little: it stands for all "other authorization errors".
const BY_NETWORK_RULES: &str = "This request is not authorized to perform this operation.";

/// The text of a refusal by a perimeter, which has the same code.
const BY_PERIMETER: &str = "This request is not authorized by network security perimeter to perform this operation.";

/// What an answer means, where that is documented for its status, code and text.
pub(crate) fn meaning(status: u16, code: &str, message: &str) -> Option<Meaning> {
    match (status, code) {
        (401, "NoAuthenticationInformation") => Some(Meaning::AsksForCredential),
        (400 | 401, "InvalidAuthenticationInfo") | (403, "AuthenticationFailed") => Some(Meaning::BadCredential),
        (409, "PublicAccessNotPermitted") => Some(Meaning::NoAnonymous),
        (403, "KeyBasedAuthenticationNotPermitted") => Some(Meaning::NoKeys),
        (403, "AuthorizationFailure") if message.starts_with(BY_NETWORK_RULES) => Some(Meaning::NetworkRules),
        (403, "AuthorizationFailure") if message.starts_with(BY_PERIMETER) => Some(Meaning::Perimeter),
        (403, "AuthorizationPermissionMismatch") => Some(Meaning::NoPermission),
        (403, "AccountIsDisabled") => Some(Meaning::Disabled),
        (404, "ResourceNotFound") | (400, "InvalidUri") => Some(Meaning::NotThere),
        (500, "InternalError" | "OperationTimedOut") | (503, "ServerBusy") => Some(Meaning::Busy),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_code_stands_for_several_things() {
        let told = |message: &str| meaning(403, "AuthorizationFailure", message);
        assert_eq!(told(BY_NETWORK_RULES), Some(Meaning::NetworkRules));
        assert_eq!(told(BY_PERIMETER), Some(Meaning::Perimeter));
        // What the emulator says to a caller without a credential: nothing of networks.
        assert_eq!(told("Server failed to authenticate the request. Make sure the value of"), None);
        assert_eq!(told(""), None);
    }

    #[test]
    fn a_code_with_another_status_is_not_the_documented_one() {
        assert_eq!(meaning(401, "NoAuthenticationInformation", ""), Some(Meaning::AsksForCredential));
        assert_eq!(meaning(200, "NoAuthenticationInformation", ""), None);
        assert_eq!(meaning(404, "AccountIsDisabled", ""), None);
        assert_eq!(meaning(403, "SomethingNew", ""), None);
    }
}
