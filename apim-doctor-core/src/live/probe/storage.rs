//! What a storage account answers: to a caller without a token, and to this machine's identity. One question is all
//! that it is ever asked, and of the answer only the status and the error are kept.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::headers::HeaderName;
use azure_core::http::{HttpClient, Method, RawResponse, Request, Url};
use serde_json::{Value, json};

use crate::knowledge::subservice::Subservice;
use crate::live::error_text;
use crate::live::outlet::{Outlet, storage_question};
use crate::live::probe::answer::{Answered, Challenge, authority_of, one_line, origin_of};
use crate::live::token::Tokens;
use crate::source::format::Exchange;

/// The version that the question names. From 2019-12-12 on an account answers it with a challenge.
const API_VERSION: &str = "2023-11-03";

/// What a token for a storage account is asked for, in every cloud.
///
/// Source: <https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory> (read
/// 2026-11-22).
const AUDIENCE: &str = "https://storage.azure.com/";

/// Whether the one question can be asked as an identity. A list of shares is none that an identity may ask for at this
/// version, and later ones want an intent declared that goes past the shares' own permissions.
///
/// Source: <https://learn.microsoft.com/azure/storage/files/authorize-oauth-rest> and
/// <https://learn.microsoft.com/rest/api/storageservices/version-2024-11-04> (read 2026-11-22).
pub(super) fn takes_identity(service: Subservice) -> bool {
    matches!(service, Subservice::Blob | Subservice::Queue | Subservice::Table)
}

/// Asks a storage account without a token. It answers that it wants a credential, and of which tenant, or that its
/// network rules block this machine. Lists always require a credential.
///
/// Source: <https://learn.microsoft.com/rest/api/storageservices/get-container-acl> (read 2026-11-22).
pub(super) async fn challenge(outlet: &Outlet, origin: &str, service: Subservice, limit: Duration) -> Challenge {
    let failed = |error: String| Challenge { error: Some(error), ..Challenge::default() };
    let answer = match tokio::time::timeout(limit, send(outlet, origin, service, None)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return failed(one_line(&error_text(&error))),
        Err(_) => return failed("no answer in time".to_owned()),
    };
    let Said { code, message, request_id } = said(&answer);
    let header = |name: &'static str| answer.headers().get_optional_str(&HeaderName::from_static(name));
    let (authority, tenant) = header("www-authenticate").and_then(bearer).unzip();
    Challenge {
        status: u16::from(answer.status()),
        tenant,
        authority,
        code,
        message,
        location: header("location").and_then(origin_of),
        server: header("server").map(one_line),
        request_id,
        error: None,
    }
}

/// Asks a storage account as this machine's identity. What is listed is dropped unread.
pub(super) async fn ask(
    outlet: &Outlet,
    origin: &str,
    service: Subservice,
    credential: Arc<dyn TokenCredential>,
    limit: Duration,
) -> Answered {
    let asked = tokio::time::timeout(limit, answered(outlet, origin, service, credential));
    asked.await.unwrap_or_else(|_| Answered::too_late())
}

async fn answered(
    outlet: &Outlet,
    origin: &str,
    service: Subservice,
    credential: Arc<dyn TokenCredential>,
) -> Answered {
    let tokens = Tokens::new(credential);
    let no_token = |error: String| Answered { no_token: Some(one_line(&error)), ..Answered::default() };
    let caller = match tokens.sign_in(AUDIENCE).await {
        Ok(caller) => Some(caller),
        Err(error) => return no_token(error),
    };
    let token = match tokens.get(AUDIENCE).await {
        Ok(token) => token,
        Err(error) => return no_token(error),
    };
    let answer = match send(outlet, origin, service, Some(&token)).await {
        Ok(answer) => answer,
        Err(error) => return Answered { caller, message: Some(one_line(&error_text(&error))), ..Answered::default() },
    };
    let Said { code, message, request_id } = said(&answer);
    let status = u16::from(answer.status());
    let body = code.as_ref().map(|code| json!({"error": {"code": code, "message": message}}));
    let request = format!("GET {origin}{}", storage_question(service));
    let exchange = Some(Exchange { request, status, send: None, body });
    Answered { caller, status, code, message, request_id, exchange, ..Answered::default() }
}

async fn send(
    outlet: &Outlet,
    origin: &str,
    service: Subservice,
    token: Option<&Secret>,
) -> azure_core::Result<RawResponse> {
    let mut request = Request::new(Url::parse(&format!("{origin}{}", storage_question(service)))?, Method::Get);
    request.insert_header("x-ms-version", API_VERSION);
    if service == Subservice::Table {
        request.insert_header("accept", "application/json;odata=nometadata");
    }
    if let Some(token) = token {
        request.insert_header("authorization", format!("Bearer {}", token.secret()));
    }
    outlet.execute_request(&request).await?.try_into_raw_response().await
}

/// Host and tenant of `Bearer authorization_uri=https://HOST/TENANT/oauth2/authorize resource_id=…`.
fn bearer(text: &str) -> Option<(String, String)> {
    let (_, rest) = text.strip_prefix("Bearer ")?.split_once("authorization_uri=")?;
    let url = rest.trim_start_matches('"').split([' ', ',', '"']).next()?;
    authority_of(url)
}

/// What an answer says of itself. Nothing else of it is kept.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

fn said(answer: &RawResponse) -> Said {
    let header = |name: &'static str| answer.headers().get_optional_str(&HeaderName::from_static(name));
    // The body of a success is data.
    let (code, message) = match u16::from(answer.status()) {
        200..=299 => (None, None),
        _ => of_body(answer.body()),
    };
    Said {
        code: header("x-ms-error-code").and_then(plain).or(code),
        message,
        request_id: header("x-ms-request-id").and_then(plain),
    }
}

/// A code or an id, which cannot contain a secret.
fn plain(text: &str) -> Option<String> {
    let is_plain = (1..=80).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_plain.then(|| text.to_owned())
}

/// Code and message of an error, in the forms that the services have: XML, with capitals or without, and JSON.
///
/// Source: <https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2> (read 2026-11-22).
fn of_body(body: &[u8]) -> (Option<String>, Option<String>) {
    let text = String::from_utf8_lossy(body);
    let (code, message, detail) = match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
        Ok(body) => {
            let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            let code = at("/odata.error/code").or_else(|| at("/error/code"));
            (code, at("/odata.error/message/value").or_else(|| at("/error/message")), None)
        }
        Err(_) => {
            let code = element(&text, "Code").or_else(|| element(&text, "code"));
            let message = element(&text, "Message").or_else(|| element(&text, "message"));
            (code, message, element(&text, "AuthenticationErrorDetail"))
        }
    };
    let code = code.as_deref().map(str::trim).and_then(plain);
    // The id and the time of the request end every message.
    let message = message.map(|message| one_line(message.split("RequestId:").next().unwrap_or_default()));
    let message = match (message, detail) {
        (Some(message), Some(detail)) => Some(format!("{message} ({})", one_line(&detail))),
        (message, _) => message,
    };
    // A page of somebody else may have a message too.
    (code.clone(), message.filter(|_| code.is_some()))
}

/// What stands in the first element of a name.
fn element(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("<{name}"))?;
    let (attributes, rest) = rest.split_once('>')?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    (attributes.is_empty() || attributes.starts_with(' ')).then(|| text.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_the_tenant_and_nothing_odd_is_taken_for_one() {
        let text = "Bearer authorization_uri=https://login.microsoftonline.com/abc-1/oauth2/authorize \
                    resource_id=https://storage.azure.com";
        let found = Some(("login.microsoftonline.com".to_owned(), "abc-1".to_owned()));
        assert_eq!(bearer(text), found);
        assert_eq!(bearer("Bearer authorization_uri=\"https://login.microsoftonline.com/abc-1/oauth2\", x=1"), found);
        assert_eq!(bearer("Bearer authorization_uri=http://login.example/abc/oauth2"), None);
        assert_eq!(bearer("Bearer authorization_uri=https://login.example"), None);
        assert_eq!(bearer("SharedKey realm=x"), None);
    }

    #[test]
    fn every_form_of_an_error_is_read() {
        let read = |body: &str| of_body(body.as_bytes());
        let both = |code: &str, message: &str| (Some(code.to_owned()), Some(message.to_owned()));
        let xml = "\u{feff}<?xml version=\"1.0\"?><Error><Code>AccountIsDisabled</Code><Message>The specified account \
                   is disabled.\nRequestId:1-2\nTime:2026</Message></Error>";
        assert_eq!(read(xml), both("AccountIsDisabled", "The specified account is disabled."));
        let table = "<error xmlns=\"x\"><code>AuthenticationFailed</code><message xml:lang=\"en-US\">no &amp; \
                     no</message></error>";
        assert_eq!(read(table), both("AuthenticationFailed", "no & no"));
        let odata =
            r#"{"odata.error": {"code": "ResourceNotFound", "message": {"lang": "en", "value": "a\nRequestId:1"}}}"#;
        assert_eq!(read(odata), both("ResourceNotFound", "a"));
        let gen2 = r#"{"error": {"code": "AuthorizationFailure", "message": "b"}}"#;
        assert_eq!(read(gen2), both("AuthorizationFailure", "b"));
        let detail = "<Error><Code>C</Code><Message>m</Message><AuthenticationErrorDetail>why \
                      sig=abc</AuthenticationErrorDetail></Error>";
        assert_eq!(read(detail).1.as_deref(), Some("m (why sig=<redacted>)"));
    }

    #[test]
    fn a_page_of_somebody_else_is_no_error_of_an_account() {
        assert_eq!(of_body(b"<html><head><title>Blocked</title></head><message>no</message></html>"), (None, None));
        assert_eq!(of_body(b"<Error><Code>a b <script></Code></Error>"), (None, None));
        assert_eq!(of_body(b"\xff\xfe"), (None, None));
    }
}
