//! A running server, with the client of the library that serves, or with nothing but its streams.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rmcp::model::{
    CallToolRequest, CallToolRequestParams, CallToolResult, ClientRequest, ProgressNotificationParam, ServerResult,
};
use rmcp::service::{NotificationContext, PeerRequestOptions, RequestHandle, RunningService};
use rmcp::{ClientHandler, RoleClient, ServiceError};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The program, in a folder, with variables of the environment.
pub(crate) fn program(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-doctor"));
    command.arg("mcp").current_dir(folder).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
    command
}

/// A client that keeps what it hears of progress.
#[derive(Clone, Default)]
pub(crate) struct Client {
    pub heard: Arc<Mutex<Vec<ProgressNotificationParam>>>,
}

impl ClientHandler for Client {
    async fn on_progress(&self, progress: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.heard.lock().unwrap().push(progress);
    }
}

/// A session of the library's own client.
pub(crate) struct Session {
    pub client: RunningService<RoleClient, Client>,
    pub server: Child,
}

impl Session {
    pub(crate) async fn start() -> Self {
        Self::start_in(Path::new(env!("CARGO_MANIFEST_DIR")), &[]).await
    }

    pub(crate) async fn start_in(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut server = program(folder, variables).spawn().unwrap();
        let streams = (server.stdout.take().unwrap(), server.stdin.take().unwrap());
        let client = rmcp::serve_client(Client::default(), streams).await.unwrap();
        Self { client, server }
    }

    /// The server's process id.
    pub(crate) fn id(&self) -> u32 {
        self.server.id().unwrap()
    }

    pub(crate) async fn call(&self, tool: &str, input: Value) -> CallToolResult {
        self.try_call(tool, input).await.unwrap()
    }

    pub(crate) async fn try_call(&self, tool: &str, input: Value) -> Result<CallToolResult, ServiceError> {
        self.client.call_tool(request(tool, input)).await
    }

    /// Starts a call, which can be cancelled.
    pub(crate) async fn begin(&self, tool: &str, input: Value) -> RequestHandle<RoleClient> {
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(request(tool, input)));
        self.client.send_cancellable_request(request, PeerRequestOptions::no_options()).await.unwrap()
    }
}

/// A server that is killed leaves its children to themselves, which wait for a file here.
fn end_children(server: &Child) {
    for id in server.id().map(below).unwrap_or_default().into_keys() {
        let _ = std::process::Command::new("kill").arg(id.to_string()).status();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        end_children(&self.server);
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        end_children(&self.server);
    }
}

fn request(tool: &str, input: Value) -> CallToolRequestParams {
    let Value::Object(input) = input else { panic!("an input is an object") };
    CallToolRequestParams::new(tool.to_owned()).with_arguments(input)
}

/// What a call that was started returned.
pub(crate) fn called(result: ServerResult) -> CallToolResult {
    let ServerResult::CallToolResult(result) = result else { panic!("not the result of a call") };
    result
}

/// The texts of a result.
pub(crate) fn texts(result: &CallToolResult) -> Vec<&str> {
    result.content.iter().map(|block| block.as_text().unwrap().text.as_str()).collect()
}

/// The text of an error of a tool.
pub(crate) fn error(result: &CallToolResult) -> String {
    assert_eq!(result.is_error, Some(true), "{result:?}");
    texts(result).join("\n")
}

/// Characters that cannot be seen, or that a terminal acts on.
pub(crate) const HIDDEN: [char; 5] = ['\u{7f}', '\u{9b}', '\u{200b}', '\u{202e}', '\u{e0041}'];

/// A server without a client: lines in, lines out.
pub(crate) struct Raw {
    pub server: Child,
    pub input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    /// Every line that it wrote.
    pub seen: Vec<Value>,
}

impl Raw {
    pub(crate) fn start() -> Self {
        let mut server = program(Path::new(env!("CARGO_MANIFEST_DIR")), &[]).spawn().unwrap();
        let output = BufReader::new(server.stdout.take().unwrap()).lines();
        Self { input: server.stdin.take(), output, server, seen: Vec::new() }
    }

    /// Starts it, and greets it.
    pub(crate) async fn greeted() -> Self {
        let mut raw = Self::start();
        raw.greet().await;
        raw
    }

    pub(crate) async fn greet(&mut self) {
        self.say(br#"{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#).await;
        self.answer("hello").await;
        self.say(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#).await;
    }

    pub(crate) async fn say(&mut self, line: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line).await.unwrap();
        input.write_all(b"\n").await.unwrap();
        input.flush().await.unwrap();
    }

    pub(crate) async fn call(&mut self, id: &str, tool: &str, input: Value) {
        let params = serde_json::json!({"name": tool, "arguments": input});
        let call = serde_json::json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        self.say(call.to_string().as_bytes()).await;
    }

    /// The next line; absent at the end. It has to be a message of the protocol.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        let line = self.output.next_line().await.unwrap()?;
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a message: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        assert!(!line.contains(HIDDEN), "{line:?}");
        self.seen.push(message.clone());
        Some(message)
    }

    /// The answer to a request.
    pub(crate) async fn answer(&mut self, id: &str) -> Value {
        loop {
            let message = self.next().await.expect("the server answers before it ends");
            if message["id"] == id {
                return message;
            }
        }
    }
}

/// Processes that a process started, and those that they started, with their ids and command lines.
pub(crate) fn below(parent: u32) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    let mut parents = vec![parent];
    while let Some(parent) = parents.pop() {
        for (id, command) in children(parent) {
            parents.push(id);
            found.insert(id, command);
        }
    }
    found
}

fn children(parent: u32) -> Vec<(u32, String)> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let ids = processes.filter_map(|name| name.parse::<u32>().ok());
    let of = ids.filter_map(|id| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // After the name, which may contain anything: state and parent.
        let mut rest = stat.rsplit(')').next()?.split_whitespace();
        let (state, own) = (rest.next()?, rest.next()?);
        let command = std::fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?.replace('\0', " ");
        (own == parent.to_string() && state != "Z").then_some((id, command))
    });
    of.collect()
}

/// Whether a process runs.
pub(crate) fn runs(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

/// Waits until something is true, for at most so long. Returns whether it became true.
pub(crate) async fn until(limit: Duration, mut is_true: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !is_true() {
        if Instant::now() > end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}

/// A folder for one test, which is empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A folder with a pipe in place of a recording: who reads it waits until it is written.
pub(crate) fn endless(name: &str) -> (PathBuf, PathBuf) {
    let folder = folder(name);
    let pipe = folder.join("recording.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    (folder, pipe)
}
