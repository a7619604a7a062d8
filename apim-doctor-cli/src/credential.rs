//! Sign-in: tries the available credentials in a documented order.
//!
//! Sources: <https://learn.microsoft.com/azure/developer/rust/sdk/authentication/overview> and
//! <https://learn.microsoft.com/entra/workload-id/workload-identity-federation> (read 2026-11-22).

use std::env;
use std::sync::{Arc, OnceLock};

use apim_doctor_core::Cloud;
use apim_doctor_core::live::error_text;
use async_trait::async_trait;
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, ExponentialRetryOptions, HttpClient, RetryOptions, Transport, Url};
use azure_core::time::Duration;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use crate::args::Auth;

/// One way to sign in, or why it is none here.
struct Way {
    name: &'static str,
    credential: Result<Arc<dyn TokenCredential>, String>,
}

/// Tries one way after the other, and stays with the first that gives a token.
pub(crate) struct Chain {
    ways: Vec<Way>,
    answered: OnceLock<usize>,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ways.iter().map(|way| way.name)).finish()
    }
}

/// Where App Service, Container Apps and others hand out tokens on this machine.
pub(crate) fn identity_endpoint() -> Option<Url> {
    Url::parse(&env::var("IDENTITY_ENDPOINT").ok()?).ok()
}

impl Chain {
    /// The ways that `auth` names. `subscription` helps the Azure CLI to choose among accounts.
    pub(crate) fn new(auth: Auth, cloud: &Cloud, transport: Arc<dyn HttpClient>, subscription: Option<&str>) -> Self {
        let options = Options { cloud, transport };
        let azure_cli = |subscription: Option<&str>| {
            let options = AzureCliCredentialOptions {
                subscription: subscription.map(str::to_owned),
                ..AzureCliCredentialOptions::default()
            };
            AzureCliCredential::new(Some(options)).map(dynamic).map_err(text)
        };
        let mut ways = Vec::new();
        let mut way = |name, credential| ways.push(Way { name, credential });
        if matches!(auth, Auth::Auto | Auth::Env) {
            way("environment (client secret)", options.secret());
        }
        if matches!(auth, Auth::Auto | Auth::Env | Auth::Workload) {
            way("workload identity (federated token)", options.workload());
        }
        let is_hosted = env::var_os("IDENTITY_ENDPOINT").is_some();
        if auth == Auth::ManagedIdentity || (auth == Auth::Auto && is_hosted) {
            way("managed identity", options.managed_identity());
        }
        if matches!(auth, Auth::Auto | Auth::Cli) {
            if let Some(subscription) = subscription {
                way("Azure CLI, account of the subscription", azure_cli(Some(subscription)));
            }
            way("Azure CLI", azure_cli(None));
        }
        if matches!(auth, Auth::Auto | Auth::Azd) {
            way("Azure Developer CLI", AzureDeveloperCliCredential::new(None).map(dynamic).map_err(text));
        }
        if auth == Auth::Auto && !is_hosted && is_azure_machine() {
            way("managed identity of this virtual machine", options.managed_identity());
        }
        Self { ways, answered: OnceLock::new() }
    }

    /// The way that gave the token.
    pub(crate) fn answered(&self) -> Option<&'static str> {
        self.ways.get(*self.answered.get()?).map(|way| way.name)
    }
}

#[async_trait]
impl TokenCredential for Chain {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let mut failures = Vec::new();
        for (at, way) in self.ways.iter().enumerate() {
            if self.answered.get().is_some_and(|answered| *answered != at) {
                continue;
            }
            let failure = match &way.credential {
                Ok(credential) => match credential.get_token(scopes, options.clone()).await {
                    Ok(token) => {
                        // Another thread can only have found the same one.
                        let _ = self.answered.set(at);
                        return Ok(token);
                    }
                    Err(error) => text(error),
                },
                Err(missing) => missing.clone(),
            };
            failures.push(format!("{}: {failure}", way.name));
        }
        Err(azure_core::Error::with_message(ErrorKind::Credential, failures.join("\n")))
    }
}

struct Options<'c> {
    cloud: &'c Cloud,
    transport: Arc<dyn HttpClient>,
}

impl Options<'_> {
    fn client(&self) -> ClientOptions {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = format!("https://{}", self.cloud.authority);
        ClientOptions {
            cloud: Some(Arc::new(cloud.into())),
            transport: Some(Transport::new(self.transport.clone())),
            retry: RetryOptions::exponential(ExponentialRetryOptions {
                max_retries: 2,
                max_total_elapsed: Duration::seconds(10),
                ..ExponentialRetryOptions::default()
            }),
            ..ClientOptions::default()
        }
    }

    fn secret(&self) -> Result<Arc<dyn TokenCredential>, String> {
        let (tenant, client) = (variable("AZURE_TENANT_ID")?, variable("AZURE_CLIENT_ID")?);
        let secret = Secret::new(variable("AZURE_CLIENT_SECRET")?);
        let options = ClientSecretCredentialOptions { client_options: self.client() };
        ClientSecretCredential::new(&tenant, client, secret, Some(options)).map(dynamic).map_err(text)
    }

    fn workload(&self) -> Result<Arc<dyn TokenCredential>, String> {
        for name in ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"] {
            variable(name)?;
        }
        let options = WorkloadIdentityCredentialOptions {
            credential_options: ClientAssertionCredentialOptions { client_options: self.client() },
            ..WorkloadIdentityCredentialOptions::default()
        };
        WorkloadIdentityCredential::new(Some(options)).map(dynamic).map_err(text)
    }

    fn managed_identity(&self) -> Result<Arc<dyn TokenCredential>, String> {
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: variable("AZURE_CLIENT_ID").ok().map(UserAssignedId::ClientId),
            client_options: self.client(),
        };
        ManagedIdentityCredential::new(Some(options)).map(dynamic).map_err(text)
    }
}

fn dynamic<C: TokenCredential + 'static>(credential: Arc<C>) -> Arc<dyn TokenCredential> {
    credential
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is not set"))
}

/// What went wrong, in one line and without secrets.
fn text(error: azure_core::Error) -> String {
    error_text(&error).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether this machine says that it is a virtual machine of Azure: elsewhere nothing answers at the metadata address,
/// and waiting for it takes more than a minute.
/// Source: <https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service> and cloud-init's Azure data
/// source, for the chassis asset tag (read 2026-11-22).
fn is_azure_machine() -> bool {
    let tag = std::fs::read_to_string("/sys/class/dmi/id/chassis_asset_tag").unwrap_or_default();
    tag.trim() == "7783-7084-3265-9085-8269-3286-77"
}
