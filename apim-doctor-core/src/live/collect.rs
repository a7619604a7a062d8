//! Asks what the plan names, and records what came.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use azure_core::credentials::TokenCredential;
use azure_core::http::{HttpClient, Method, Request, Url};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, pin_mut, select_biased};
use serde_json::{Value, json};

use crate::knowledge::cloud::{Cloud, CloudName};
use crate::live::ask::Read;
use crate::live::keep::keep;
use crate::live::plan::{Plan, Wanted};
use crate::live::token::Tokens;
use crate::live::{Outlet, told, vault};
use crate::source::format::{Exchange, NOT_ASKED, SignedIn, Snapshot};

/// How a live run behaves.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests under way at once.
    pub parallel: usize,
    /// When the run ends, whatever is missing then.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parallel: 16, deadline: Duration::from_secs(120) }
    }
}

/// How far a live run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// What was read last.
    pub read: &'a str,
    /// Answers so far.
    pub answered: usize,
    /// Requests that are known to be needed.
    pub asked: usize,
}

/// What a live run found.
#[derive(Debug)]
pub struct Collected {
    /// The recording.
    pub snapshot: Snapshot,
    /// Why the run did not end by itself.
    pub cut: Option<Cut>,
}

/// Why a live run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The time was up.
    Deadline,
    /// Somebody stopped it.
    Stopped,
}

/// Nobody could sign in, so nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum NoToken {
    /// No credential gave a token.
    #[error("{0}")]
    Refused(String),
    /// The run ended first.
    #[error("no token came before the run ended")]
    Cut(Cut),
}

/// Reads Azure for a diagnosis, with any credential.
///
/// ```no_run
/// use std::{sync::Arc, time::Duration};
/// use apim_doctor_core::live::{Collector, Connection, Outlet, Wanted};
/// use apim_doctor_core::{Cloud, CloudName, Estate, Input, Options, ResourceId, diagnose};
/// # use azure_core::credentials::TokenCredential;
/// # async fn run(credential: Arc<dyn TokenCredential>, instance: ResourceId) -> Result<(), Box<dyn std::error::Error>> {
///
/// let cloud = Cloud::public();
/// let outlet = Arc::new(Outlet::new(cloud.clone(), &Connection::default(), Duration::from_secs(30))?);
/// let collector = Collector::new(CloudName::Known(cloud.name.clone()), cloud, outlet, credential);
/// let wanted = Wanted { resources: vec![instance], ..Wanted::default() };
/// let never = std::future::pending();
/// let collected = collector.collect(wanted, "2026-11-22T09:00:00Z".to_owned(), never, |_| ()).await?;
///
/// let bytes = serde_json::to_vec(&collected.snapshot)?;
/// let (estate, _) = Estate::read(vec![Input { name: "Azure".into(), bytes }]);
/// let report = diagnose(&estate, &Options::default());
/// # let _ = report; Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Collector {
    cloud: Cloud,
    name: CloudName,
    outlet: Arc<Outlet>,
    tokens: Arc<Tokens>,
    limits: Limits,
    ask_vault: bool,
}

/// No answer is recorded with this status.
const NO_ANSWER: u16 = 0;

/// Tries before the last one.
const RETRIES: u32 = 3;

/// The pause before the second try; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(400);

/// A server that asks for a longer pause is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Pages of one list. A list that is longer stays incomplete.
pub(crate) const PAGES: u16 = 500;

/// What came for a read.
struct Answer {
    status: u16,
    body: Value,
}

/// Whether another try may bring more.
#[derive(Clone, Copy)]
enum Retry {
    /// It would bring the same.
    Never,
    /// With a new token.
    SignedInAgain,
    /// After a pause: this one, where the server named it.
    After(Option<Duration>),
}

impl Collector {
    /// A collector for a cloud. `name` is what the recording calls it.
    pub fn new(name: CloudName, cloud: Cloud, outlet: Arc<Outlet>, credential: Arc<dyn TokenCredential>) -> Self {
        let tokens = Arc::new(Tokens::new(credential));
        Self { cloud, name, outlet, tokens, limits: Limits::default(), ask_vault: false }
    }

    /// Other limits than the usual ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Asks each vault itself as well: lists and metadata, never a value.
    #[must_use]
    pub fn ask_vaults(mut self, ask: bool) -> Self {
        self.ask_vault = ask;
        self
    }

    /// Signs in and reads what the wanted instances depend on, until all is read, the time is up or `stop` is ready.
    ///
    /// `taken_at` is the time that the recording bears (RFC 3339).
    ///
    /// # Errors
    /// When no token for Resource Manager was given. Every later problem is a part of the recording.
    pub async fn collect(
        &self,
        wanted: Wanted,
        taken_at: String,
        stop: impl Future<Output = ()>,
        progress: impl Fn(Progress<'_>),
    ) -> Result<Collected, NoToken> {
        let end = Instant::now() + self.limits.deadline;
        let deadline = tokio::time::sleep(self.limits.deadline).fuse();
        let stop = stop.fuse();
        pin_mut!(deadline, stop);
        let signed_in = {
            let sign_in = self.tokens.sign_in(&self.cloud.audience).fuse();
            pin_mut!(sign_in);
            select_biased! {
                () = deadline => return Err(NoToken::Cut(Cut::Deadline)),
                () = stop => return Err(NoToken::Cut(Cut::Stopped)),
                signed_in = sign_in => signed_in.map_err(NoToken::Refused)?,
            }
        };
        let mut plan = Plan::new(self.cloud.clone(), wanted);
        let mut exchanges: BTreeMap<String, Exchange> = BTreeMap::new();
        let mut waiting: VecDeque<Read> = plan.take().into();
        let mut under_way = FuturesUnordered::new();
        let mut open: BTreeMap<String, Read> = BTreeMap::new();
        let mut pages: HashSet<String> = HashSet::new();
        let mut cut = None;
        loop {
            while under_way.len() < self.limits.parallel {
                let Some(read) = waiting.pop_front() else { break };
                open.insert(read.key(), read.clone());
                under_way.push(self.read(read, end));
            }
            if under_way.is_empty() {
                break;
            }
            // The end comes first: on a busy machine the next answer is always there.
            let (read, answer) = select_biased! {
                () = deadline => { cut = Some(Cut::Deadline); break }
                () = stop => { cut = Some(Cut::Stopped); break }
                done = under_way.select_next_some() => done,
            };
            open.remove(&read.key());
            let next = if answer.status == 200 { self.next_page(&read, &answer.body, &mut pages) } else { None };
            plan.learn(&read, answer.status, &answer.body, next.is_none());
            waiting.extend(next);
            waiting.extend(plan.take());
            exchanges.insert(read.key(), recorded(&read, &self.cloud, answer));
            if waiting.is_empty() && under_way.is_empty() {
                plan.settle();
                waiting.extend(plan.take());
            }
            let (answered, left) = (exchanges.len(), waiting.len() + under_way.len());
            progress(Progress { read: &read.to_string(), answered, asked: answered + left });
        }
        drop(under_way);
        // What was asked and not answered is said, so that nobody takes it for "not needed".
        let why = match cut {
            Some(Cut::Deadline) => "the time was up",
            _ => "stopped",
        };
        for read in open.into_values().chain(waiting) {
            exchanges.entry(read.key()).or_insert_with(|| recorded(&read, &self.cloud, no_answer(why)));
        }
        for read in plan.left_out() {
            let body = error(NOT_ASKED, "policies of many instances are read with `--consumer apim-policy` only");
            exchanges.insert(read.key(), recorded(&read, &self.cloud, Answer { status: NO_ANSWER, body }));
        }
        if self.ask_vault && cut.is_none() {
            let (vaults, heard) = (plan.referenced(), vault::Heard::new(self.outlet.clone()));
            let asked = vaults.iter().map(|vault| vault::ask(&heard, &self.tokens, vault));
            let asked = futures::stream::iter(asked).buffer_unordered(self.limits.parallel).collect::<()>().fuse();
            pin_mut!(asked);
            select_biased! {
                () = deadline => cut = Some(Cut::Deadline),
                () = stop => cut = Some(Cut::Stopped),
                () = asked => {}
            }
            exchanges.extend(heard.take());
        }
        let SignedIn { tenant_id, .. } = &signed_in;
        let snapshot = Snapshot {
            apim_doctor: "snapshot/v1".to_owned(),
            taken_at: Some(taken_at),
            cloud: Some(self.name.clone()),
            tenant_id: tenant_id.clone(),
            signed_in: Some(signed_in),
            vantage: None,
            exchanges: exchanges.into_values().collect(),
            dns: Vec::new(),
            probes: Vec::new(),
            observations: Vec::new(),
        };
        Ok(Collected { snapshot, cut })
    }

    /// Where a list goes on, if that is at the same host and was not read yet.
    fn next_page(&self, read: &Read, body: &Value, pages: &mut HashSet<String>) -> Option<Read> {
        let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let page = if read.send.is_some() {
            read.rest(text("$skipToken")?)
        } else {
            let link = text("nextLink").or_else(|| text("@odata.nextLink"))?;
            let (here, there) = (self.url(&read.target)?, Url::parse(link).ok()?);
            (here.origin() == there.origin()).then(|| read.page(link.to_owned()))?
        };
        (page.number < PAGES && pages.insert(page.key())).then_some(page)
    }

    fn url(&self, target: &str) -> Option<Url> {
        match target.starts_with("https://") {
            true => Url::parse(target).ok(),
            false => Url::parse(&format!("https://{}{target}", self.cloud.resource_manager)).ok(),
        }
    }

    /// Asks until there is an answer that another try would not change.
    async fn read(&self, read: Read, end: Instant) -> (Read, Answer) {
        let (mut pause, mut renewed) = (FIRST_PAUSE, false);
        for _ in 0..RETRIES {
            let (answer, retry) = self.once(&read).await;
            let wait = match retry {
                Retry::SignedInAgain if !renewed => Duration::ZERO,
                Retry::After(said) => said.map_or(pause, |said| said.max(pause)),
                _ => return (read, answer),
            };
            renewed |= matches!(retry, Retry::SignedInAgain);
            if wait > LONGEST_PAUSE || wait >= end.saturating_duration_since(Instant::now()) {
                return (read, answer);
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
        }
        let (answer, _) = self.once(&read).await;
        (read, answer)
    }

    /// One request.
    async fn once(&self, read: &Read) -> (Answer, Retry) {
        let Some(url) = self.url(&read.target) else { return (no_answer("the address is no URL"), Retry::Never) };
        let is_graph = read.target.starts_with(&format!("https://{}/", self.cloud.graph));
        let audience = if is_graph { format!("https://{}", self.cloud.graph) } else { self.cloud.audience.clone() };
        let token = match self.tokens.get(&audience).await {
            Ok(token) => token,
            Err(why) => return (no_answer(&why), Retry::Never),
        };
        let method = if read.send.is_some() { Method::Post } else { Method::Get };
        let mut request = Request::new(url, method);
        request.insert_header("authorization", format!("Bearer {}", token.secret()));
        request.insert_header("accept", "application/json");
        if let Some(send) = &read.send {
            request.insert_header("content-type", "application/json");
            request.set_body(send.to_string());
        }
        let answer = match self.outlet.execute_request(&request).await {
            Ok(answer) => answer,
            Err(error) => {
                let retry = if Outlet::is_final(&error) { Retry::Never } else { Retry::After(None) };
                return (no_answer(&told(&error)), retry);
            }
        };
        let (status, headers, body) = answer.deconstruct();
        let status = u16::from(status);
        if status == 401 {
            self.tokens.forget(&audience, &token).await;
        }
        let header = |name: &'static str| headers.get_optional_string(&name.into());
        let is_json = header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
        let body = body.collect().await.unwrap_or_default();
        let parsed = is_json.then(|| serde_json::from_slice::<Value>(&body).ok()).flatten();
        let body = parsed.filter(|body| body.is_object() || body.is_array());
        let retry = match status {
            401 => Retry::SignedInAgain,
            // Only what passes by itself is worth another try.
            408 | 429 | 500 | 502 | 503 | 504 => {
                let said = header("retry-after").and_then(|text| text.trim().parse().ok());
                Retry::After(said.map(Duration::from_secs))
            }
            _ => Retry::Never,
        };
        let answer = match (status, body) {
            // Only Azure says so with a code of its own; a gateway on the way says it too.
            (404, Some(body)) if body.pointer("/error/code").and_then(Value::as_str).is_none() => {
                no_answer("404 without a code of Azure's")
            }
            (status, Some(body)) => Answer { status, body },
            // Azure's edge answers these without JSON.
            (401 | 403 | 429 | 500..=599, None) => Answer { status, body: error("NoBody", "no JSON came with it") },
            _ => no_answer("what answered is not Azure: the answer is no JSON (a proxy?)"),
        };
        (answer, retry)
    }
}

fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

fn no_answer(why: &str) -> Answer {
    Answer { status: NO_ANSWER, body: error("NoAnswer", why) }
}

/// A secret never reaches a recording.
fn recorded(read: &Read, cloud: &Cloud, answer: Answer) -> Exchange {
    let Answer { status, mut body } = answer;
    keep(read.ask, cloud, &mut body);
    Exchange { request: read.request(), status, send: read.send.clone(), body: Some(body) }
}
