//! Asks a vault itself, through the official clients: lists and metadata, never a value.

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

/// Asks for the list of a vault's secrets, and for what the references name in it.
pub(crate) async fn ask(outlet: &Arc<Outlet>, tokens: &Arc<Tokens>, vault: &Referenced) -> Vec<Exchange> {
    let heard = Arc::new(Heard { outlet: outlet.clone(), exchanges: Mutex::default() });
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
    let mut exchanges = heard.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *exchanges)
}

/// Hands requests to the outlet, and keeps what was answered to those that bore a token.
#[derive(Debug)]
struct Heard {
    outlet: Arc<Outlet>,
    exchanges: Mutex<Vec<Exchange>>,
}

#[async_trait]
impl HttpClient for Heard {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let is_authorized = request.headers().iter().any(|(name, _)| name.as_str() == "authorization");
        let answer = self.outlet.execute_request(request).await;
        let (status, headers, bytes) = match answer {
            Ok(answer) => {
                let (status, headers, body) = answer.deconstruct();
                (status, headers, body.collect().await?)
            }
            Err(error) => {
                self.keep(request.url(), 0, Value::Null);
                return Err(error);
            }
        };
        if is_authorized {
            let body = serde_json::from_slice(&bytes).unwrap_or_default();
            self.keep(request.url(), u16::from(status), body);
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, bytes))
    }
}

impl Heard {
    /// Keeps an answer; of several to one request, the last.
    fn keep(&self, url: &Url, status: u16, mut body: Value) {
        if let Some(body) = body.as_object_mut() {
            body.remove("cer");
        }
        redact::document(&mut body);
        let request = format!("GET {url}");
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.retain(|exchange| exchange.request != request);
        // An answer that is no JSON is none.
        let (status, body) = if body.is_object() { (status, Some(body)) } else { (0, None) };
        exchanges.push(Exchange { request, status, send: None, body });
    }
}
