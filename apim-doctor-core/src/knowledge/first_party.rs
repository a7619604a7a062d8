//! Microsoft applications that call a customer's vault with their own identity.
//!
//! Source: <https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html>
//! (read 2026-11-21).

/// An application of Microsoft's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FirstParty {
    /// Its display name in the directory.
    pub name: &'static str,
    /// Its application id in the public cloud and in China.
    pub app_id: &'static str,
    /// Its application id in Azure Government.
    pub app_id_us_government: &'static str,
}

impl FirstParty {
    /// Its application id in a cloud.
    pub(crate) fn app_id(&self, cloud: &str) -> &'static str {
        if cloud == "AzureUSGovernment" { self.app_id_us_government } else { self.app_id }
    }
}

/// Deploys certificates from a vault to apps.
pub(crate) static APP_SERVICE: FirstParty = FirstParty {
    name: "Microsoft Azure App Service",
    app_id: "abfa0a7c-a6b6-4736-8310-5855508787cd",
    app_id_us_government: "6a02c803-dafd-4136-b4c3-5a6f318b4714",
};
