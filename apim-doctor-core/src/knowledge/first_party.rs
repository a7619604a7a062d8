//! Microsoft applications that call a customer's vault with their own identity.
//!
//! Source: <https://azure.github.io/AppService/2016/05/24/Deploying-Azure-Web-App-Certificate-through-Key-Vault.html>
//! (read 2026-11-21).

/// An application of Microsoft's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FirstParty {
    /// Its display name in the directory.
    pub name: &'static str,
    /// Its application id in the public cloud.
    pub app_id: &'static str,
    /// Its application id in Azure Government, if that is known.
    pub app_id_us_government: Option<&'static str>,
    /// Its application id in China, if that is known.
    pub app_id_china: Option<&'static str>,
}

impl FirstParty {
    /// Its application id in a cloud, if that is known.
    pub(crate) fn app_id(&self, cloud: &str) -> Option<&'static str> {
        match cloud {
            "AzureUSGovernment" => self.app_id_us_government,
            "AzureChina" => self.app_id_china,
            _ => Some(self.app_id),
        }
    }
}

/// Deploys certificates from a vault to apps.
pub(crate) static APP_SERVICE: FirstParty = FirstParty {
    name: "Microsoft Azure App Service",
    app_id: "abfa0a7c-a6b6-4736-8310-5855508787cd",
    app_id_us_government: Some("6a02c803-dafd-4136-b4c3-5a6f318b4714"),
    app_id_china: Some("abfa0a7c-a6b6-4736-8310-5855508787cd"),
};

/// Reads the keys and secrets of encrypted machines for their backups. Its application id differs in other clouds.
/// Source: <https://learn.microsoft.com/azure/backup/backup-azure-vms-automation> (read 2026-11-21).
pub(crate) static BACKUP_SERVICE: FirstParty = FirstParty {
    name: "Backup Management Service",
    app_id: "262044b1-e2ce-469f-a196-69ab7ada62d3",
    app_id_us_government: None,
    app_id_china: None,
};
