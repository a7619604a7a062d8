//! Sends the planned requests and records the answers.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use azure_core::credentials::TokenCredential;
use azure_core::http::{HttpClient, Method, Request, Url};
use futures::future::{FusedFuture, OptionFuture};
use futures::stream::{self, BoxStream, FuturesUnordered};
use futures::{FutureExt, StreamExt, pin_mut, select_biased};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::knowledge::cloud::{Cloud, CloudName};
use crate::live::ask::{Ask, Read};
use crate::live::blobs::BlobList;
use crate::live::limits::{LONGEST_PAUSE, Limits, RETRIES};
use crate::live::outlet::has_user;
use crate::live::pace::Pace;
use crate::live::plan::{Plan, Wanted};
use crate::live::response::{NO_ANSWER, PAGES, Response, error};
use crate::live::shared::SharedReads;
use crate::live::token::Tokens;
use crate::live::vault::Asking;
use crate::live::{Outlet, error_text, service_tags};
use crate::source::format::{Exchange, NOT_ASKED, SignedIn, Snapshot};
use crate::source::keep;

/// How far a live run is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The last read.
    pub read: &'a str,
    /// Answers so far.
    pub answered: usize,
    /// Requests that are known to be needed.
    pub asked: usize,
}

/// What a live run found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Collected {
    /// The recording.
    pub snapshot: Snapshot,
    /// Why the run ended early.
    pub cut: Option<Cut>,
}

/// Why a live run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// The time was up.
    Deadline,
    /// The user stopped the run.
    Stopped,
}

/// Sign-in failed, so nothing was read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoToken {
    /// No credential gave a token.
    #[error("{0}")]
    Refused(String),
    /// The run ended first.
    #[error("sign-in did not finish before the run ended")]
    Cut(Cut),
}

/// Reads Azure for a diagnosis, with any credential. The [module](crate::live) shows how.
#[derive(Clone, Debug)]
pub struct Collector {
    cloud: Cloud,
    name: CloudName,
    outlet: Arc<Outlet>,
    tokens: Arc<Tokens>,
    limits: Limits,
    ask_vault: bool,
    ask_storage: bool,
    pace: Arc<Pace>,
    shared: Option<Arc<Shared>>,
}

/// What the runs of one collector have in common.
#[derive(Debug)]
struct Shared {
    reads: SharedReads,
    /// Requests of all runs that may be under way at once.
    permits: Semaphore,
}

/// The pause before the second try; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(400);

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

/// How far a run is, and what it has.
struct Run<'c, P> {
    cloud: &'c Cloud,
    plan: Plan,
    waiting: VecDeque<Read>,
    /// What was sent and not answered yet.
    open: BTreeMap<String, Read>,
    exchanges: BTreeMap<String, Exchange>,
    /// Answers of an earlier run that still count, by their requests.
    known: BTreeMap<String, Exchange>,
    progress: P,
    end: Instant,
}

impl<'c, P: Fn(Progress<'_>)> Run<'c, P> {
    fn new(collector: &'c Collector, wanted: Wanted, known: Vec<Exchange>, progress: P) -> Self {
        Self {
            cloud: &collector.cloud,
            plan: Plan::new(collector.cloud.clone(), wanted),
            waiting: VecDeque::new(),
            open: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            known: known.into_iter().map(|one| (known_as(&one.request, one.send.as_ref()), one)).collect(),
            progress,
            end: Instant::now() + collector.limits.deadline,
        }
    }

    /// Records an answer, and sees what follows from it. `is_idle`: nothing else is under way.
    fn learn(&mut self, read: &Read, mut response: Response, next: Option<Read>, is_idle: bool) {
        if read.ask == Ask::ServiceTags {
            service_tags::keep(&mut response.body, &self.plan.address_rules());
        }
        self.open.remove(&read.key());
        self.plan.learn(read, response.status, &response.body, next.is_none());
        self.waiting.extend(next);
        self.waiting.extend(self.plan.take());
        self.exchanges.insert(read.key(), recorded(read, self.cloud, response));
        if self.waiting.is_empty() && is_idle {
            self.plan.follow_up();
            self.waiting.extend(self.plan.take());
        }
        let (answered, left) = (self.exchanges.len(), self.waiting.len() + self.open.len());
        (self.progress)(Progress { read: &read.to_string(), answered, asked: answered + left });
    }

    /// Records the reads without an answer, so they do not look unneeded.
    fn record_unread(&mut self, cut: Option<Cut>) {
        for read in std::mem::take(&mut self.open).into_values().chain(self.waiting.drain(..)) {
            let unread = || recorded(&read, self.cloud, Response::none(why_unread(cut)));
            self.exchanges.entry(read.key()).or_insert_with(unread);
        }
        for read in self.plan.left_out() {
            let body = error(NOT_ASKED, "policies of many instances are read only with `--consumer apim-policy`");
            self.exchanges.insert(read.key(), recorded(&read, self.cloud, Response { status: NO_ANSWER, body }));
        }
    }
}

/// Why the reads that were open at the end of a run have no answer.
fn why_unread(cut: Option<Cut>) -> &'static str {
    match cut {
        Some(Cut::Deadline) => "the time limit was reached",
        Some(Cut::Stopped) => "stopped",
        None => "Azure did not answer",
    }
}

/// Ready when a run has to end, whatever is missing then.
pub(super) async fn ended(deadline: Duration, stop: impl Future<Output = ()>) -> Cut {
    let (deadline, stop) = (tokio::time::sleep(deadline).fuse(), stop.fuse());
    pin_mut!(deadline, stop);
    select_biased! {
        () = deadline => Cut::Deadline,
        () = stop => Cut::Stopped,
    }
}

impl Collector {
    /// A collector for a cloud. `name` is what the recording calls it.
    pub fn new(name: CloudName, cloud: Cloud, outlet: Arc<Outlet>, credential: Arc<dyn TokenCredential>) -> Self {
        let tokens = Arc::new(Tokens::new(credential));
        let (limits, pace) = (Limits::default(), Arc::default());
        Self { cloud, name, outlet, tokens, limits, ask_vault: false, ask_storage: false, pace, shared: None }
    }

    /// Lets several runs share reads that are not about their callers, and the number of requests under way at once.
    #[must_use]
    pub fn sharing(mut self) -> Self {
        let permits = Semaphore::new(self.limits.parallel);
        self.shared = Some(Arc::new(Shared { reads: SharedReads::default(), permits }));
        self
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

    /// Also lists the blobs of the containers that backups are written to. The outlet has to let that out.
    #[must_use]
    pub fn ask_storage(mut self, ask: bool) -> Self {
        self.ask_storage = ask;
        self
    }

    /// Signs in and reads what the wanted instances depend on, until all is read, the time is up or `stop` is ready.
    ///
    /// `taken_at` is the time of the recording.
    ///
    /// # Errors
    /// When no token for Resource Manager was given. Every later problem is a part of the recording.
    pub async fn collect(
        &self,
        wanted: Wanted,
        taken_at: Timestamp,
        stop: impl Future<Output = ()>,
        progress: impl Fn(Progress<'_>),
    ) -> Result<Collected, NoToken> {
        self.collect_again(wanted, Vec::new(), taken_at, stop, progress).await
    }

    /// The same, with answers of an earlier run that still count: what they answer is not asked again.
    ///
    /// # Errors
    /// As [`Collector::collect`].
    pub async fn collect_again(
        &self,
        wanted: Wanted,
        known: Vec<Exchange>,
        taken_at: Timestamp,
        stop: impl Future<Output = ()>,
        progress: impl Fn(Progress<'_>),
    ) -> Result<Collected, NoToken> {
        let wanted = Wanted { taken_at: Some(taken_at), ..wanted };
        let mut run = Run::new(self, wanted, known, progress);
        let ended = ended(self.limits.deadline, stop).fuse();
        pin_mut!(ended);
        let signed_in = self.sign_in(&mut ended).await?;
        let mut cut = self.read_all(&mut run, &mut ended).await;
        run.record_unread(cut);
        if self.ask_vault {
            cut = self.ask_each_vault(&mut run, &mut ended, cut).await;
        }
        if self.ask_storage {
            cut = self.list_blobs(&mut run, &mut ended, cut).await;
        }
        let snapshot = Snapshot {
            apim_doctor: "snapshot/v1".to_owned(),
            kept: Some(keep::VERSION),
            taken_at: Some(taken_at),
            cloud: Some(self.name.clone()),
            tenant_id: signed_in.tenant_id.clone(),
            signed_in: Some(signed_in),
            vantage: None,
            exchanges: run.exchanges.into_values().collect(),
            dns: Vec::new(),
            probes: Vec::new(),
            observations: Vec::new(),
            repaired: Vec::new(),
        };
        Ok(Collected { snapshot, cut })
    }

    async fn sign_in(&self, mut ended: impl FusedFuture<Output = Cut> + Unpin) -> Result<SignedIn, NoToken> {
        let sign_in = self.tokens.sign_in(&self.cloud.audience).fuse();
        pin_mut!(sign_in);
        select_biased! {
            cut = ended => Err(NoToken::Cut(cut)),
            signed_in = sign_in => signed_in.map_err(NoToken::Refused),
        }
    }

    /// Asks what the plan names, until it names nothing more.
    async fn read_all<P: Fn(Progress<'_>)>(
        &self,
        run: &mut Run<'_, P>,
        mut ended: impl FusedFuture<Output = Cut> + Unpin,
    ) -> Option<Cut> {
        let mut under_way = FuturesUnordered::new();
        let mut pages: HashSet<String> = HashSet::new();
        run.waiting.extend(run.plan.take());
        loop {
            while under_way.len() < self.limits.parallel {
                let Some(read) = run.waiting.pop_front() else { break };
                if let Some(answer) = run.known.remove(&known_as(&read.request(), read.send.as_ref())) {
                    let answer = Response { status: answer.status, body: answer.body.unwrap_or_default() };
                    let next =
                        if answer.status == 200 { self.next_page(&read, &answer.body, &mut pages) } else { None };
                    run.learn(&read, answer, next, under_way.is_empty());
                    continue;
                }
                run.open.insert(read.key(), read.clone());
                let is_own = run.plan.is_own(&read);
                under_way.push(self.read(read, is_own, run.end));
            }
            if under_way.is_empty() {
                return None;
            }
            // The end comes first: on a busy machine the next answer is always there.
            let (read, answer) = select_biased! {
                cut = ended => return Some(cut),
                done = under_way.select_next_some() => done,
            };
            let next = if answer.status == 200 { self.next_page(&read, &answer.body, &mut pages) } else { None };
            run.learn(&read, answer, next, under_way.is_empty());
        }
    }

    /// Asks each vault that a reference names and that was found; `cut`: the run has ended already.
    async fn ask_each_vault<P: Fn(Progress<'_>)>(
        &self,
        run: &mut Run<'_, P>,
        mut ended: impl FusedFuture<Output = Cut> + Unpin,
        mut cut: Option<Cut>,
    ) -> Option<Cut> {
        let vaults: Vec<Asking> = run.plan.referenced().iter().map(|vault| Asking::new(&self.outlet, vault)).collect();
        if cut.is_none() {
            let before = run.exchanges.len();
            let asked = before + vaults.iter().map(Asking::len).sum::<usize>();
            let reads: Vec<BoxStream<'_, String>> = vaults.iter().map(|vault| vault.ask(&self.tokens)).collect();
            let mut reads = stream::iter(reads).flatten_unordered(self.limits.parallel).zip(stream::iter(1..)).fuse();
            cut = loop {
                select_biased! {
                    cut = ended => break Some(cut),
                    done = reads.next() => match done {
                        Some((read, count)) => {
                            (run.progress)(Progress { read: &read, answered: before + count, asked });
                        }
                        None => break None,
                    },
                }
            };
        }
        for answer in vaults.iter().flat_map(|vault| vault.answers(why_unread(cut))) {
            run.exchanges.insert(answer.request.clone(), answer);
        }
        cut
    }

    /// Lists the blobs of each container of a backup; `cut`: the run has ended already.
    async fn list_blobs<P: Fn(Progress<'_>)>(
        &self,
        run: &mut Run<'_, P>,
        mut ended: impl FusedFuture<Output = Cut> + Unpin,
        mut cut: Option<Cut>,
    ) -> Option<Cut> {
        for (account, container) in run.plan.containers() {
            let list = BlobList::of(&self.cloud, &account, &container);
            let answer = match cut {
                Some(_) => list.unanswered(why_unread(cut)),
                None => {
                    let asked = list.ask(&self.outlet, &self.tokens, &self.cloud).fuse();
                    pin_mut!(asked);
                    select_biased! {
                        end = ended => {
                            cut = Some(end);
                            list.unanswered(why_unread(cut))
                        }
                        answer = asked => answer,
                    }
                }
            };
            run.exchanges.insert(answer.request.clone(), answer);
        }
        cut
    }

    /// Where a list goes on, if that is at the same host and was not read yet.
    fn next_page(&self, read: &Read, body: &Value, pages: &mut HashSet<String>) -> Option<Read> {
        let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let page = if read.send.is_some() {
            read.rest(text("$skipToken")?)
        } else {
            let link = text("nextLink").or_else(|| text("@odata.nextLink"))?;
            let (here, there) = (self.url(&read.target)?, Url::parse(link).ok()?);
            let is_here = here.origin() == there.origin() && !has_user(&there);
            // As the first page, so that both are of one subscription.
            let link = match read.target.starts_with('/') {
                true => there.as_str().split_at_checked(there.origin().ascii_serialization().len())?.1,
                false => link,
            };
            is_here.then(|| read.page(link.to_owned()))?
        };
        (page.number < PAGES && pages.insert(page.key())).then_some(page)
    }

    fn url(&self, target: &str) -> Option<Url> {
        match target.starts_with("https://") {
            true => Url::parse(target).ok(),
            false => Url::parse(&format!("https://{}{target}", self.cloud.resource_manager)).ok(),
        }
    }

    /// Signs in, if that was not done yet. Returns the tenant.
    pub(super) async fn signed_in_to(&self) -> Result<Option<String>, NoToken> {
        let signed_in = self.tokens.sign_in(&self.cloud.audience).await.map_err(NoToken::Refused)?;
        Ok(signed_in.tenant_id)
    }

    /// How long a run may take.
    pub(super) fn deadline(&self) -> Duration {
        self.limits.deadline
    }

    /// The answer to a read. `is_own`: no other run needs it.
    async fn read(&self, read: Read, is_own: bool, end: Instant) -> (Read, Response) {
        let answer = match self.shared.as_deref().filter(|_| !is_own) {
            Some(shared) => shared.reads.read(&read.key(), self.ask(&read, end)).await,
            None => self.ask(&read, end).await,
        };
        (read, answer)
    }

    /// Asks until there is an answer that another try would not change.
    pub(super) async fn ask(&self, read: &Read, end: Instant) -> Response {
        let (mut pause, mut renewed) = (FIRST_PAUSE, false);
        let (mut tries, mut throttled) = (0, 0);
        let Limits { longest_pause, throttled: most, .. } = self.limits;
        loop {
            let permits = self.shared.as_deref().map(|shared| &shared.permits);
            let permit = loop {
                self.pace.wait(read, longest_pause).await;
                let permit = OptionFuture::from(permits.map(Semaphore::acquire)).await;
                // Azure may have asked for a pause meanwhile.
                if !self.pace.is_closed(read, longest_pause) {
                    break permit;
                }
            };
            let (answer, retry) = self.once(read).await;
            drop(permit);
            let (count, most) = if answer.status == 429 { (&mut throttled, most) } else { (&mut tries, RETRIES) };
            *count += 1;
            let wait = match retry {
                Retry::SignedInAgain if !renewed => Duration::ZERO,
                Retry::After(said) => said.map_or(pause, |said| said.max(pause)),
                _ => return answer,
            };
            renewed |= matches!(retry, Retry::SignedInAgain);
            let left = end.saturating_duration_since(Instant::now());
            if *count > most || wait > longest_pause || wait >= left {
                return answer;
            }
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One request.
    async fn once(&self, read: &Read) -> (Response, Retry) {
        let Some(url) = self.url(&read.target) else {
            return (Response::none("the address is not a URL"), Retry::Never);
        };
        let is_graph = read.target.starts_with(&format!("https://{}/", self.cloud.graph));
        let audience = if is_graph { format!("https://{}", self.cloud.graph) } else { self.cloud.audience.clone() };
        let token = match self.tokens.get(&audience).await {
            Ok(token) => token,
            Err(why) => return (Response::none(&why), Retry::Never),
        };
        let method = if read.send.is_some() { Method::Post } else { Method::Get };
        let mut request = Request::new(url, method);
        request.insert_header("authorization", format!("Bearer {}", token.secret()));
        request.insert_header("accept", "application/json");
        if let Some(send) = read.send.as_ref().filter(|send| !send.is_null()) {
            request.insert_header("content-type", "application/json");
            request.set_body(send.to_string());
        }
        let answer = match self.outlet.execute_request(&request).await {
            Ok(answer) => answer,
            Err(error) => {
                let retry = if Outlet::is_final(&error) { Retry::Never } else { Retry::After(None) };
                return (Response::none(&error_text(&error)), retry);
            }
        };
        let (status, headers, body) = answer.deconstruct();
        let status = u16::from(status);
        let throttled = self.pace.heed(read, status, &headers);
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
            429 => Retry::After(throttled),
            // Only transient errors are worth another try.
            408 | 500 | 502 | 503 | 504 => {
                let said = header("retry-after").and_then(|text| text.trim().parse().ok());
                Retry::After(said.map(Duration::from_secs))
            }
            _ => Retry::Never,
        };
        let answer = match (status, body) {
            // Only Azure says so with a code of its own; a gateway on the way says it too.
            (404, Some(body)) if body.pointer("/error/code").and_then(Value::as_str).is_none() => {
                Response::none("404 without an Azure error code")
            }
            (status, Some(body)) => Response { status, body },
            // Azure's edge answers these without JSON.
            (401 | 403 | 429 | 500..=599, None) => {
                Response { status, body: error("EmptyBody", "the answer has no JSON body") }
            }
            _ => Response::none("the answer is not from Azure: it is not JSON (a proxy?)"),
        };
        (answer, retry)
    }
}

/// By what an answer of an earlier run is found.
fn known_as(request: &str, send: Option<&Value>) -> String {
    let send = send.filter(|send| !send.is_null()).map(ToString::to_string).unwrap_or_default();
    format!("{} {send}", request.to_ascii_lowercase())
}

/// A secret never reaches a recording.
fn recorded(read: &Read, cloud: &Cloud, response: Response) -> Exchange {
    let Response { status, body } = response;
    let send = read.send.clone().filter(|send| !send.is_null());
    keep::recorded(Exchange { request: read.request(), status, send, body: Some(body) }, cloud)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compiles only where a run may move to another thread, as `tokio::spawn` wants it.
    #[allow(dead_code, reason = "it is checked by the compiler")]
    fn a_run_can_be_spawned(collector: &Collector) -> impl Send {
        collector.collect(Wanted::default(), Timestamp::UNIX_EPOCH, std::future::pending(), |_| ())
    }
}
