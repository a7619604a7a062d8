//! Asks a vault itself, through the official clients: lists and metadata, never a value.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::{
    AsyncRawResponse, ClientOptions, ExponentialRetryOptions, HttpClient, Request, RetryOptions, Transport, Url,
};
use azure_core::time::Duration;
use azure_security_keyvault_certificates::{CertificateClient, CertificateClientOptions};
use azure_security_keyvault_secrets::{SecretClient, SecretClientOptions};
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use serde_json::Value;

use crate::knowledge::cloud::Cloud;
use crate::live::outlet::has_user;
use crate::live::plan::Referenced;
use crate::live::response::{PAGES, Response};
use crate::live::token::Tokens;
use crate::live::{Outlet, Refused, error_text};
use crate::source::format::Exchange;
use crate::source::keep;

/// One read of a vault. None of them answers a value.
#[derive(Clone, Debug)]
enum Object {
    Secrets,
    Versions(String),
    Certificate(String),
}

impl Object {
    fn path(&self) -> String {
        match self {
            Object::Secrets => "/secrets".to_owned(),
            Object::Versions(name) => format!("/secrets/{name}/versions"),
            Object::Certificate(name) => format!("/certificates/{name}"),
        }
    }
}

/// What is asked of one vault, and what it has answered so far.
#[derive(Debug)]
pub(crate) struct Asking {
    url: String,
    objects: Vec<Object>,
    recorder: Arc<Recorder>,
}

impl Asking {
    /// Asks for the list of a vault's secrets, and for what the references name in it.
    pub(super) fn new(outlet: &Arc<Outlet>, vault: &Referenced) -> Self {
        let versions = vault.versioned.iter().cloned().map(Object::Versions);
        let certificates = vault.certificates.iter().cloned().map(Object::Certificate);
        Self {
            url: format!("https://{}", vault.host),
            objects: std::iter::once(Object::Secrets).chain(versions).chain(certificates).collect(),
            recorder: Arc::new(Recorder {
                outlet: outlet.clone(),
                host: vault.host.clone(),
                exchanges: Mutex::default(),
            }),
        }
    }

    /// How many reads there are.
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// Asks one after the other, and says what was asked.
    pub(super) fn ask(&self, tokens: &Arc<Tokens>) -> BoxStream<'_, String> {
        // The clients remember the vault's challenge, so that each is challenged once.
        let clients = Clients::new(self, tokens).map_err(|error| error_text(&error));
        stream::unfold((clients, self.objects.iter()), move |(clients, mut objects)| async move {
            let object = objects.next()?;
            let read = match &clients {
                Ok(clients) => clients.read(object).await.map_err(|error| error_text(&error)),
                Err(why) => Err(why.clone()),
            };
            if let Err(why) = read {
                // What was recorded says more than the client's own error, where anything was.
                self.unanswered(object, &why);
            }
            Some((format!("{}{}", self.url, object.path()), (clients, objects)))
        })
        .boxed()
    }

    /// All answers. A read without an answer is recorded with the reason, so it does not look unneeded.
    pub(super) fn answers(&self, why: &str) -> Vec<Exchange> {
        self.objects.iter().for_each(|object| self.unanswered(object, why));
        std::mem::take(&mut *self.recorder.exchanges())
    }

    /// Records a read without an answer, unless one was recorded.
    fn unanswered(&self, object: &Object, why: &str) {
        let request = format!("GET {}{}", self.url, object.path());
        let path = |exchange: &Exchange| {
            let path = exchange.request.split('?').next().unwrap_or_default();
            path.trim_end_matches('/').eq_ignore_ascii_case(&request)
        };
        let mut exchanges = self.recorder.exchanges();
        if !exchanges.iter().any(path) {
            exchanges.push(no_answer(request, why));
        }
    }
}

/// The official clients of a vault.
struct Clients {
    secrets: SecretClient,
    certificates: CertificateClient,
}

impl Clients {
    fn new(asking: &Asking, tokens: &Arc<Tokens>) -> azure_core::Result<Self> {
        let client_options = || ClientOptions {
            transport: Some(Transport::new(asking.recorder.clone())),
            retry: RetryOptions::exponential(ExponentialRetryOptions {
                max_retries: 2,
                max_total_elapsed: Duration::seconds(10),
                ..ExponentialRetryOptions::default()
            }),
            ..ClientOptions::default()
        };
        let secrets = SecretClientOptions { client_options: client_options(), ..SecretClientOptions::default() };
        let certificates =
            CertificateClientOptions { client_options: client_options(), ..CertificateClientOptions::default() };
        Ok(Self {
            secrets: SecretClient::new(&asking.url, tokens.clone(), Some(secrets))?,
            certificates: CertificateClient::new(&asking.url, tokens.clone(), Some(certificates))?,
        })
    }

    async fn read(&self, object: &Object) -> azure_core::Result<()> {
        let pages = match object {
            Object::Secrets => self.secrets.list_secret_properties(None)?,
            Object::Versions(name) => self.secrets.list_secret_properties_versions(name, None)?,
            Object::Certificate(name) => return self.certificates.get_certificate(name, None).await.map(|_| ()),
        };
        pages.into_pages().take(usize::from(PAGES)).try_for_each(|_| async { Ok(()) }).await
    }
}

fn no_answer(request: String, why: &str) -> Exchange {
    let Response { status, body } = Response::none(why);
    Exchange { request, status, send: None, body: Some(body) }
}

/// Hands requests to the outlet, and keeps what was answered, but for the challenge that every first request gets.
#[derive(Debug)]
struct Recorder {
    outlet: Arc<Outlet>,
    /// The vault's host: a list may name another for its next page, and the client would send its token there.
    host: String,
    exchanges: Mutex<Vec<Exchange>>,
}

#[async_trait]
impl HttpClient for Recorder {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.own(request.url())?;
        let is_authorized = request.headers().iter().any(|(name, _)| name.as_str() == "authorization");
        let asked = format!("GET {}", request.url());
        // It counts as not answered until it is: the run may end first.
        self.keep_first(no_answer(asked.clone(), "the run ended before an answer came"));
        let answer = self.outlet.execute_request(request).await;
        let (status, headers, bytes) = match answer {
            Ok(answer) => {
                let (status, headers, body) = answer.deconstruct();
                (status, headers, body.collect().await?)
            }
            Err(error) => {
                self.keep(no_answer(asked, &error_text(&error)));
                return Err(error);
            }
        };
        match u16::from(status) {
            401 if !is_authorized => self.exchanges().retain(|kept| kept.request != asked),
            status => self.keep(recorded(asked, status, &bytes)),
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, bytes))
    }
}

impl Recorder {
    /// Refuses every URL that is not the vault's own: another host, port or scheme, or one with a name in it.
    fn own(&self, url: &Url) -> azure_core::Result<()> {
        let is_host = url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(&self.host));
        let is_plain = url.scheme() == "https" && url.port().is_none() && !has_user(url);
        match is_host && is_plain {
            true => Ok(()),
            false => Err(azure_core::Error::new(ErrorKind::Other, Refused::Elsewhere(self.host.clone()))),
        }
    }

    fn exchanges(&self) -> MutexGuard<'_, Vec<Exchange>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an answer; of several to one request, the last.
    fn keep(&self, exchange: Exchange) {
        let mut exchanges = self.exchanges();
        exchanges.retain(|kept| kept.request != exchange.request);
        exchanges.push(exchange);
    }

    /// Keeps an answer, where there is none to its request.
    fn keep_first(&self, exchange: Exchange) {
        let mut exchanges = self.exchanges();
        if !exchanges.iter().any(|kept| kept.request == exchange.request) {
            exchanges.push(exchange);
        }
    }
}

/// Records the kept part of an answer. A body that is not JSON counts as no answer.
fn recorded(request: String, status: u16, bytes: &[u8]) -> Exchange {
    match serde_json::from_slice(bytes) {
        Ok(body @ Value::Object(_)) => {
            keep::recorded(Exchange { request, status, send: None, body: Some(body) }, &Cloud::default())
        }
        _ => no_answer(request, "the answer is not from a vault: it is not JSON (a proxy?)"),
    }
}
