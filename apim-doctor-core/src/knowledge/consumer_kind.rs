//! What callers do with a vault or a storage account: one kind for each feature of Azure.

use crate::knowledge::caller_kind::CallerKind;

/// Declares the kinds with what reports and `--consumer` call them, what people call them, and which caller has them.
macro_rules! consumer_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal, $noun:literal, $caller:ident;)+) => {
        /// What a caller does with a vault or a storage account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ConsumerKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ConsumerKind {
            /// Every kind.
            pub const ALL: &[ConsumerKind] = &[$(ConsumerKind::$kind),+];

            /// Its name in reports and for `--consumer`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ConsumerKind::$kind => $name,)+
                }
            }

            /// What people call one.
            pub const fn noun(self) -> &'static str {
                match self {
                    $(ConsumerKind::$kind => $noun,)+
                }
            }

            /// The kind of resource that makes the call.
            pub const fn caller(self) -> CallerKind {
                match self {
                    $(ConsumerKind::$kind => CallerKind::$caller,)+
                }
            }
        }
    };
}

consumer_kinds! {
    /// The certificate of a host name of an instance.
    CustomDomain = "apim-custom-domain", "custom domain", ApiManagement;
    /// A named value.
    NamedValue = "apim-named-value", "named value", ApiManagement;
    /// A client certificate.
    Certificate = "apim-certificate", "client certificate", ApiManagement;
    /// A request that a policy sends to a vault.
    Policy = "apim-policy", "policy", ApiManagement;
    /// A Key Vault reference in a setting or a connection string of an app.
    Reference = "function-kv-reference", "Key Vault reference", App;
    /// The storage that an app uses for itself.
    Storage = "function-storage", "storage", App;
    /// A certificate that App Service imports for apps.
    AppCertificate = "app-service-certificate", "certificate", AppCertificate;
}
