//! Connections with hand-written HTTP/1.1, because answers must also fail in ways that HTTP libraries do not allow.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::log::Ticket;
use super::{Kind, State, service, world};

/// A parsed request.
pub(super) struct Request {
    pub method: String,
    pub host: String,
    pub target: Target,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

/// A path and its query.
#[derive(Clone, Default)]
pub(super) struct Target {
    /// The decoded path, without empty segments.
    pub path: String,
    /// The decoded query, with names in lower case.
    pub query: Vec<(String, String)>,
    /// The path and query as sent.
    pub raw: String,
}

impl Target {
    /// Parses `/path?query`.
    pub(super) fn parse(raw: &str) -> Self {
        let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
        let path =
            path.split('/').filter(|s| !s.is_empty()).fold(String::new(), |all, s| all + "/" + &decode(s, false));
        Self { path, query: pairs(query), raw: raw.to_owned() }
    }

    /// Returns a query parameter. The name is in lower case.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Parses the names and values of a query or a form.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name, true).to_ascii_lowercase(), decode(value, true))
    };
    parts.map(pair).collect()
}

/// Decodes percent-encoding, and `+` as a space if `plus` is set.
fn decode(text: &str, plus: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        let (byte, used) = match (first, hex) {
            (b'%', Some(byte)) => (byte, 2),
            (b'+', _) if plus => (b' ', 0),
            _ => (*first, 0),
        };
        bytes.push(byte);
        rest = &tail[used..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer.
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Arc<Value>,
    /// The body as JSON text, instead of `body`.
    pub text: Option<String>,
}

impl Answer {
    pub(super) fn new(status: u16, body: Value) -> Self {
        Self::shared(status, Arc::new(body))
    }

    pub(super) fn shared(status: u16, body: Arc<Value>) -> Self {
        Self { status, headers: Vec::new(), body, text: None }
    }

    /// Returns an answer with status 200 whose body is this JSON text.
    pub(super) fn of_text(text: String) -> Self {
        Self { text: Some(text), ..Self::new(200, Value::Null) }
    }

    /// Returns an error in the format of Resource Manager and Key Vault.
    pub(super) fn error(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::new(status, json!({ "error": { "code": code, "message": message.into() } }))
    }

    pub(super) fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }
}

/// A connection, with or without TLS.
trait Connection: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Connection for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Connection for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Accepts connections until the server stops. Without TLS, this is a managed identity endpoint.
pub(super) async fn listen(listener: std::net::TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let Ok((tcp, _)) = listener.accept().await else { continue };
        let _ = tcp.set_nodelay(true);
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            match tls {
                None => converse(tcp, &state, Some("identity")).await,
                // The client disconnects if it does not trust the certificate.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(tcp).await {
                        converse(stream, &state, None).await;
                    }
                }
            }
        });
    }
}

async fn converse(mut stream: impl Connection, state: &State, host: Option<&str>) {
    let mut buffer = Vec::new();
    while let Some(mut request) = read(&mut stream, &mut buffer).await {
        if let Some(host) = host {
            request.host = host.to_owned();
        }
        let is_token = request.host == "identity" || request.host == service::LOGIN;
        let fault = state.faults.of(&request, is_token);
        let mut ticket = state.log.arrived(&request, is_token, fault.clone());
        if !state.options.latency.is_zero() {
            tokio::time::sleep(state.options.latency).await;
        }
        let answer = service::answer(state, &request);
        let goes_on = send(&mut stream, answer, fault, &request, state, &mut ticket).await.is_some();
        // A fault may have suppressed the answer.
        state.log.ended(&mut ticket, 0);
        if !goes_on {
            return;
        }
    }
}

/// Reads one request. Returns `None` at the end of the connection.
async fn read(stream: &mut impl Connection, buffer: &mut Vec<u8>) -> Option<Request> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        more(stream, buffer).await?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    buffer.drain(..end);
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), Target::parse(words.next()?));
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |n| n.parse().unwrap_or(0));
    while buffer.len() < length {
        more(stream, buffer).await?;
    }
    let body = buffer.drain(..length).collect();
    let host = headers.get("host").map(|host| host.split(':').next().unwrap_or_default().to_ascii_lowercase());
    Some(Request { method, host: host.unwrap_or_default(), target, headers, body })
}

async fn more(stream: &mut impl Connection, buffer: &mut Vec<u8>) -> Option<()> {
    buffer.reserve(8192);
    match stream.read_buf(buffer).await {
        Ok(1..) => Some(()),
        _ => None,
    }
}

/// Writes an answer with the fault applied. Returns `None` if this ends the connection.
async fn send(
    stream: &mut impl Connection,
    mut answer: Answer,
    fault: Option<Kind>,
    request: &Request,
    state: &State,
    ticket: &mut Ticket,
) -> Option<()> {
    let number = ticket.number;
    if fault.is_some()
        && let Some(text) = answer.text.take()
    {
        answer.body = Arc::new(serde_json::from_str(&text).unwrap());
    }
    let mut content_type = "application/json; charset=utf-8";
    let (mut text, mut length) = (answer.text.take(), 0);
    // Answers that are not JSON were recorded as text.
    if let Value::String(xml) = &*answer.body {
        (content_type, text) = ("application/xml", Some(xml.clone()));
    }
    match &fault {
        Some(Kind::Reset) => {
            stream.tcp().set_zero_linger().ok()?;
            return None;
        }
        Some(Kind::Silence) => {
            let mut ignored = Vec::new();
            while more(stream, &mut ignored).await.is_some() {}
            return None;
        }
        Some(Kind::Status(status, retry_after)) => {
            answer = Answer::error(*status, code(*status), format!("The server answered with status {status}."));
            answer.headers.extend(retry_after.iter().map(|after| ("Retry-After", after.clone())));
        }
        Some(Kind::Refused) => answer = world::refusal(&request.target.path),
        Some(Kind::Answer(status, kind, body)) => {
            (answer.status, content_type) = (*status, kind);
            text = Some((*body).to_owned());
        }
        Some(Kind::Redirect(url)) => answer = Answer::new(307, json!({})).with("Location", url),
        Some(Kind::Html) => {
            answer.status = 200;
            content_type = "text/html";
            text = Some("<!DOCTYPE html><html><title>Sign in to the network</title></html>".to_owned());
        }
        Some(Kind::WrongContentType) => content_type = "text/plain",
        Some(Kind::Empty) => text = Some(String::new()),
        Some(Kind::Deep(depth)) => text = Some("[".repeat(*depth) + &"]".repeat(*depth)),
        Some(Kind::HugeBody(bytes)) => length = *bytes,
        Some(Kind::NextLinkLoop) => next_link(&mut answer, &format!("https://{}{}", request.host, request.target.raw)),
        Some(Kind::NextLinkForeign(url)) => next_link(&mut answer, url),
        Some(Kind::NextLinkEndless) => {
            let url = format!("https://{}{}&$skiptoken=endless{number}", request.host, request.target.raw);
            next_link(&mut answer, &url);
        }
        Some(Kind::Truncated | Kind::Mixed) | None => {}
    }
    // As `az` prints it.
    let indent = answer.status == 200 && request.headers.contains_key("x-indent");
    let json = if indent { serde_json::to_vec_pretty } else { serde_json::to_vec };
    let body = text.map_or_else(|| json(&answer.body).unwrap(), String::into_bytes);
    length = length.max(body.len());
    let mut head = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n",
        answer.status,
        phrase(answer.status)
    );
    write!(head, "x-ms-request-id: 00000000-0000-4000-8000-{number:012}\r\n").unwrap();
    for (name, value) in &answer.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    let mut bytes = (head + "\r\n").into_bytes();
    let cut = fault == Some(Kind::Truncated);
    // A client that has the answer must find it in the log.
    state.log.ended(ticket, answer.status);
    bytes.extend(if cut { &body[..body.len() / 2] } else { &body });
    stream.write_all(&bytes).await.ok()?;
    let mut missing = length - body.len();
    while missing > 0 {
        let blanks = [b' '; 16 * 1024];
        let part = missing.min(blanks.len());
        stream.write_all(&blanks[..part]).await.ok()?;
        missing -= part;
    }
    stream.flush().await.ok()?;
    (!cut).then_some(())
}

fn next_link(answer: &mut Answer, url: &str) {
    if answer.body.get("value").is_some_and(Value::is_array) {
        Arc::make_mut(&mut answer.body)["nextLink"] = url.into();
    }
}

/// Returns the phrase after a status, which `az` prints.
fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// Returns Azure's error code for a status.
fn code(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        401 => "AuthenticationFailed",
        403 => "AuthorizationFailed",
        404 => "ResourceNotFound",
        408 => "RequestTimeout",
        409 => "Conflict",
        429 => "TooManyRequests",
        502 => "BadGateway",
        503 => "ServerUnavailable",
        504 => "GatewayTimeout",
        _ => "InternalServerError",
    }
}
