//! Tokens, cached while they are valid, and their principals.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use azure_core::base64;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use serde_json::Value;

use crate::live::error_text;
use crate::source::format::SignedIn;

/// A token is renewed this long before its end.
const EARLY: Duration = Duration::from_secs(300);

/// A credential that gave no token is not asked again before this time.
const AGAIN: Duration = Duration::from_secs(30);

/// Asks a credential once for each audience. Some credentials start a program for every token.
#[derive(Debug)]
pub(crate) struct Tokens {
    credential: Arc<dyn TokenCredential>,
    kept: tokio::sync::Mutex<HashMap<String, AccessToken>>,
    /// Scopes for which no token was given, and when: asking again at once would take as long again.
    refused: std::sync::Mutex<HashMap<String, (Instant, String)>>,
}

impl Tokens {
    pub(super) fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self { credential, kept: tokio::sync::Mutex::default(), refused: std::sync::Mutex::default() }
    }

    /// The first token, and for whom it is.
    pub(super) async fn sign_in(&self, audience: &str) -> Result<SignedIn, String> {
        let token = self.get(audience).await?;
        Ok(signed_in(token.secret()))
    }

    /// A token for an audience (`https://management.azure.com`).
    pub(super) async fn get(&self, audience: &str) -> Result<Secret, String> {
        self.token(&scope(audience)).await.map(|token| token.token).map_err(|error| error_text(&error))
    }

    async fn token(&self, scope: &str) -> azure_core::Result<AccessToken> {
        let mut kept = self.kept.lock().await;
        let soon = azure_core::time::OffsetDateTime::now_utc() + EARLY;
        if let Some(token) = kept.get(scope).filter(|token| token.expires_on > soon) {
            return Ok(token.clone());
        }
        let refused = || self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let known = refused().get(scope).filter(|(when, _)| when.elapsed() < AGAIN).cloned();
        let renewed = match known {
            Some((_, why)) => Err(azure_core::Error::with_message(ErrorKind::Credential, why)),
            None => self.credential.get_token(&[scope], None).await,
        };
        match renewed {
            Ok(token) => {
                kept.insert(scope.to_owned(), token.clone());
                Ok(token)
            }
            Err(error) => {
                if refused().get(scope).is_none_or(|(when, _)| when.elapsed() >= AGAIN) {
                    refused().insert(scope.to_owned(), (Instant::now(), error_text(&error)));
                }
                // Until its end, the old token is as good.
                let now = azure_core::time::OffsetDateTime::now_utc();
                kept.get(scope).filter(|token| token.expires_on > now).cloned().ok_or(error)
            }
        }
    }

    /// Forgets a token that was refused, unless a newer one has taken its place.
    pub(super) async fn forget(&self, audience: &str, refused: &Secret) {
        let scope = scope(audience);
        let mut kept = self.kept.lock().await;
        if kept.get(&scope).is_some_and(|token| token.token == *refused) {
            kept.remove(&scope);
        }
    }
}

#[async_trait]
impl TokenCredential for Tokens {
    async fn get_token(&self, scopes: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        self.token(scopes.first().copied().unwrap_or_default()).await
    }
}

/// All that an audience (`https://management.azure.com`) grants.
fn scope(audience: &str) -> String {
    format!("{}/.default", audience.trim_end_matches('/'))
}

/// What a token tells about its bearer; nothing, where it cannot be read.
fn signed_in(token: &str) -> SignedIn {
    let payload = token.split('.').nth(1).and_then(|part| base64::decode_url_safe(part.trim_end_matches('=')).ok());
    let claims: Value = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    SignedIn { credential: None, tenant_id: claim("tid"), object_id: claim("oid") }
}
