//! What a vault answers: to a caller without a token, and to this machine's identity. No value is ever asked for.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::headers::HeaderName;
use azure_core::http::{ClientOptions, HttpClient, Method, RawResponse, Request, RetryOptions, Transport, Url};
use azure_security_keyvault_secrets::{SecretClient, SecretClientOptions};
use futures::TryStreamExt;
use serde_json::Value;

use crate::knowledge::cloud::Cloud;
use crate::live::error_text;
use crate::live::outlet::Outlet;
use crate::live::probe::answer::{Answered, Challenge, authority_of, one_line, origin_of};
use crate::live::token::Tokens;
use crate::source::format::Exchange;
use crate::source::keep;

/// The version that the question without a token names. Any will do: the vault asks for a token before it looks.
const API_VERSION: &str = "7.6";

/// Asks a vault without a token. It answers with the tenant whose tokens it takes, or that its firewall keeps this
/// machine out.
///
/// Source: <https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses> (read
/// 2026-11-22).
pub(super) async fn challenge(outlet: &Outlet, origin: &str, limit: Duration) -> Challenge {
    let failed = |error: String| Challenge { error: Some(error), ..Challenge::default() };
    let answer = match tokio::time::timeout(limit, unauthenticated(outlet, origin)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return failed(one_line(&error_text(&error))),
        Err(_) => return failed("no answer in time".to_owned()),
    };
    let header = |name: &'static str| answer.headers().get_optional_str(&HeaderName::from_static(name));
    let (authority, tenant) = header("www-authenticate").and_then(bearer).unzip();
    let (code, message) = of_body(answer.body());
    let location = header("location").and_then(origin_of);
    let status = u16::from(answer.status());
    Challenge { status, tenant, authority, code, message, location, ..Challenge::default() }
}

async fn unauthenticated(outlet: &Outlet, origin: &str) -> azure_core::Result<RawResponse> {
    let url = Url::parse(&format!("{origin}/secrets?api-version={API_VERSION}"))?;
    let answer = outlet.execute_request(&Request::new(url, Method::Get)).await?;
    answer.try_into_raw_response().await
}

/// Host and tenant of `Bearer authorization="https://HOST/TENANT", resource="…"`.
fn bearer(text: &str) -> Option<(String, String)> {
    let (_, rest) = text.strip_prefix("Bearer ")?.split_once("authorization=\"")?;
    let (url, _) = rest.split_once('"')?;
    authority_of(url)
}

/// The code that says most, and the message in one line.
fn of_body(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return (None, None) };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let code = text("/error/innererror/code").or_else(|| text("/error/innerError/code"));
    let message = text("/error/message").map(|message| one_line(&message));
    (code.or_else(|| text("/error/code")), message)
}

/// Lists what secrets a vault has, as this machine's identity: one page of names, no value.
pub(super) async fn ask(
    outlet: &Arc<Outlet>,
    origin: &str,
    audience: &str,
    credential: Arc<dyn TokenCredential>,
    limit: Duration,
) -> Answered {
    let asked = tokio::time::timeout(limit, listed(outlet, origin, audience, credential));
    asked.await.unwrap_or_else(|_| Answered::too_late())
}

async fn listed(outlet: &Arc<Outlet>, origin: &str, audience: &str, credential: Arc<dyn TokenCredential>) -> Answered {
    let tokens = Arc::new(Tokens::new(credential));
    let caller = match tokens.sign_in(audience).await {
        Ok(caller) => Some(caller),
        Err(error) => return Answered { no_token: Some(one_line(&error)), ..Answered::default() },
    };
    let client_options = ClientOptions {
        transport: Some(Transport::new(outlet.clone())),
        // What is there now is to be seen, and not what is there a minute later.
        retry: RetryOptions::none(),
        ..ClientOptions::default()
    };
    let options = SecretClientOptions { client_options, ..SecretClientOptions::default() };
    let request = format!("GET {origin}/secrets?api-version={}", options.api_version);
    let page = async {
        let client = SecretClient::new(origin, tokens, Some(options))?;
        client.list_secret_properties(None)?.into_pages().try_next().await
    };
    let (status, body) = match page.await {
        Ok(Some(page)) => (u16::from(page.status()), page.into_body().to_vec()),
        Ok(None) => (200, Vec::new()),
        Err(error) => match error.kind() {
            ErrorKind::HttpResponse { status, raw_response: Some(raw), .. } => {
                (u16::from(*status), raw.body().to_vec())
            }
            _ => return Answered { caller, message: Some(one_line(&error_text(&error))), ..Answered::default() },
        },
    };
    let (code, message) = of_body(&body);
    let body: Option<Value> = serde_json::from_slice(&body).ok();
    let names = body.as_ref().and_then(|body| body.get("value")?.as_array().map(Vec::len));
    let listed = names.filter(|_| status == 200);
    let exchange = Exchange { request, status, send: None, body };
    let exchange = Some(keep::recorded(exchange, &Cloud::default()));
    Answered { caller, status, code, message, listed, exchange, ..Answered::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_the_tenant_and_nothing_odd_is_taken_for_one() {
        let text =
            r#"Bearer authorization="https://login.microsoftonline.com/abc-1", resource="https://vault.azure.net""#;
        assert_eq!(bearer(text), Some(("login.microsoftonline.com".to_owned(), "abc-1".to_owned())));
        assert_eq!(bearer(r#"Bearer authorization="https://login.example/a b""#), None);
        assert_eq!(bearer(r#"Basic realm="x""#), None);
        assert_eq!(bearer(r#"Bearer authorization="http://login.example/abc""#), None);
    }

    #[test]
    fn the_inner_code_says_more() {
        let body =
            br#"{"error": {"code": "Forbidden", "message": "a\r\nb", "innererror": {"code": "ForbiddenByFirewall"}}}"#;
        assert_eq!(of_body(body), (Some("ForbiddenByFirewall".to_owned()), Some("a b".to_owned())));
        assert_eq!(of_body(b"<html>"), (None, None));
    }
}
