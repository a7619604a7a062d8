//! Asks a vault itself, through the official clients: lists and metadata, never a value.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use azure_core::http::{
    AsyncRawResponse, ClientOptions, ExponentialRetryOptions, HttpClient, Request, RetryOptions, Transport, Url,
};
use azure_core::time::Duration;
use azure_security_keyvault_certificates::{CertificateClient, CertificateClientOptions};
use azure_security_keyvault_secrets::{SecretClient, SecretClientOptions};
use futures::{StreamExt, TryStreamExt};
use serde_json::Value;

use crate::live::Outlet;
use crate::live::collect::PAGES;
use crate::live::plan::Referenced;
use crate::live::token::Tokens;
use crate::source::format::Exchange;
use crate::source::redact;

/// Asks for the list of a vault's secrets, and for what the references name in it. What is answered is in `heard`.
pub(crate) async fn ask(heard: &Arc<Heard>, tokens: &Arc<Tokens>, vault: &Referenced) {
    let options = || ClientOptions {
        transport: Some(Transport::new(heard.clone())),
        retry: RetryOptions::exponential(ExponentialRetryOptions {
            max_retries: 2,
            max_total_elapsed: Duration::seconds(10),
            ..ExponentialRetryOptions::default()
        }),
        ..ClientOptions::default()
    };
    let url = format!("https://{}", vault.host);
    let secrets = SecretClientOptions { client_options: options(), ..SecretClientOptions::default() };
    let certificates = CertificateClientOptions { client_options: options(), ..CertificateClientOptions::default() };
    // What goes wrong is in the answers that were heard; the clients' own errors say less.
    let most = usize::from(PAGES);
    if let Ok(client) = SecretClient::new(&url, tokens.clone(), Some(secrets)) {
        if let Ok(pages) = client.list_secret_properties(None) {
            let _ = pages.into_pages().take(most).try_for_each(|_| async { Ok(()) }).await;
        }
        for name in &vault.versioned {
            if let Ok(pages) = client.list_secret_properties_versions(name, None) {
                let _ = pages.into_pages().take(most).try_for_each(|_| async { Ok(()) }).await;
            }
        }
    }
    if let Ok(client) = CertificateClient::new(&url, tokens.clone(), Some(certificates)) {
        for name in &vault.certificates {
            let _ = client.get_certificate(name, None).await;
        }
    }
}

/// Hands requests to the outlet, and keeps what was answered to those that bore a token.
///
/// It outlives the clients: what was heard stays, whenever the run ends.
#[derive(Debug)]
pub(crate) struct Heard {
    outlet: Arc<Outlet>,
    exchanges: Mutex<BTreeMap<String, Exchange>>,
}

impl Heard {
    pub fn new(outlet: Arc<Outlet>) -> Arc<Self> {
        Arc::new(Self { outlet, exchanges: Mutex::default() })
    }

    /// What was heard so far, by request.
    pub fn take(&self) -> BTreeMap<String, Exchange> {
        std::mem::take(&mut *self.exchanges.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps an answer; of several to one request, the last.
    fn keep(&self, url: &Url, status: u16, mut body: Value) {
        if let Some(body) = body.as_object_mut() {
            body.remove("cer");
        }
        redact::document(&mut body);
        let request = format!("GET {url}");
        // An answer that is no JSON is none.
        let (status, body) = if body.is_object() { (status, Some(body)) } else { (0, None) };
        let exchange = Exchange { request: request.clone(), status, send: None, body };
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).insert(request, exchange);
    }
}

#[async_trait]
impl HttpClient for Heard {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let is_authorized = request.headers().iter().any(|(name, _)| name.as_str() == "authorization");
        // It counts as not answered until it is: the run may end first.
        self.keep(request.url(), 0, Value::Null);
        let (status, headers, body) = self.outlet.execute_request(request).await?.deconstruct();
        let bytes = body.collect().await?;
        if is_authorized {
            let body = serde_json::from_slice(&bytes).unwrap_or_default();
            self.keep(request.url(), u16::from(status), body);
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, bytes))
    }
}
