//! Kinds of Azure resources that call a vault or a storage account.

/// What kind of resource makes the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallerKind {
    /// An API Management instance.
    ApiManagement,
    /// A function app, a web app or one of their slots.
    App,
    /// A certificate of App Service (`Microsoft.Web/certificates`), which App Service itself imports from a vault.
    AppCertificate,
}
