//! How calls end: side by side, cancelled, and with the session.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::fixture;
use crate::session::{Raw, Session, below, called, endless, error, folder, runs, until};

/// What a person calls at once.
const SOON: Duration = Duration::from_secs(1);
/// Enough for a busy machine.
const LATE: Duration = Duration::from_secs(30);

/// Waits until a call runs, and returns the child's id.
async fn child(server: u32, but: &[u32]) -> u32 {
    let mut found = None;
    let is_there = until(LATE, || {
        found = below(server).into_iter().find(|(id, command)| command.contains(" diagnose ") && !but.contains(id));
        found.is_some()
    });
    assert!(is_there.await, "no child was started");
    found.unwrap().0
}

async fn answers(session: &Session) {
    let result = session.call("explain", json!({"code": "dns.not-forwarded"})).await;
    assert_eq!(result.structured_content.unwrap()["code"], "dns.not-forwarded");
}

#[tokio::test]
async fn calls_run_side_by_side_and_report_progress() {
    let session = Session::start().await;
    let (waits, pipe) = endless("side-by-side");
    let slow = session.begin("diagnose", json!({"files": [waits]})).await;
    let id = child(session.id(), &[]).await;
    // Two calls at once: this one is answered while the other one waits for its file.
    answers(&session).await;
    assert!(runs(id));
    let heard = session.client.service().heard.clone();
    assert!(until(LATE, || !heard.lock().unwrap().is_empty()).await, "nothing was heard of a long call");
    let first = heard.lock().unwrap()[0].clone();
    assert_eq!(first.progress_token, slow.progress_token);
    assert!(first.progress > 0.0 && first.message.unwrap().starts_with("running for "));
    let recording = fs::read(fixture::file("checks/firewall.user-assigned-not-trusted/broken")).unwrap();
    tokio::task::spawn_blocking(move || fs::write(pipe, recording).unwrap());
    let result = called(slow.await_response().await.unwrap());
    assert_eq!(result.structured_content.unwrap()["verdict"], "fail");
}

#[tokio::test]
async fn more_calls_than_places_wait_and_can_be_cancelled() {
    let session = Session::start().await;
    let (waits, _pipe) = endless("places");
    let (mut calls, mut ids) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        calls.push(session.begin("diagnose", json!({"files": [waits]})).await);
        ids.push(child(session.id(), &ids).await);
    }
    let waiting = session.begin("explain", json!({"code": "dns.not-forwarded"})).await;
    let given_up = session.begin("diagnose", json!({"files": [waits]})).await;
    assert_eq!(session.client.list_all_tools().await.unwrap().len(), 5, "the server still answers");
    assert_eq!(below(session.id()).len(), 4, "{:?}", below(session.id()));
    given_up.cancel(None).await.unwrap();
    calls.remove(0).cancel(None).await.unwrap();
    let result = called(waiting.await_response().await.unwrap());
    assert_eq!(result.structured_content.unwrap()["code"], "dns.not-forwarded");
    assert!(until(SOON, || below(session.id()).len() == 3).await, "{:?}", below(session.id()));
}

#[tokio::test]
async fn a_cancelled_call_ends_its_child_at_once() {
    let session = Session::start().await;
    let (waits, _pipe) = endless("cancelled");
    let call = session.begin("diagnose", json!({"files": [waits]})).await;
    let id = child(session.id(), &[]).await;
    let start = Instant::now();
    call.cancel(Some("not needed".to_owned())).await.unwrap();
    assert!(until(SOON, || !runs(id)).await, "the child still runs {:?} after the cancellation", start.elapsed());
    println!("ran: the child was gone {:?} after the cancellation", start.elapsed());
    assert!(below(session.id()).is_empty(), "{:?}", below(session.id()));
    answers(&session).await;
}

/// `az`, which the command starts to sign in, ends with it.
#[tokio::test]
async fn what_a_child_started_ends_with_it() {
    let folder = folder("az");
    let az = folder.join("az");
    fs::write(&az, "#!/bin/sh\necho $$ > \"$APIM_TEST_FOLDER/id\"\nexec sleep 600\n").unwrap();
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let variables = [("PATH", path.as_str()), ("APIM_TEST_FOLDER", folder.to_str().unwrap())];
    let session = Session::start_in(&folder, &variables).await;
    let input = json!({"subscription": "00000000-0000-0000-0000-000000000001", "auth": "cli"});
    let call = session.begin("diagnose", input).await;
    let id = || fs::read_to_string(folder.join("id")).ok()?.trim().parse::<u32>().ok();
    assert!(until(LATE, || id().is_some()).await, "az was not started");
    assert!(runs(id().unwrap()));
    call.cancel(None).await.unwrap();
    assert!(until(SOON, || !runs(id().unwrap())).await, "az still runs");
    answers(&session).await;
}

#[tokio::test]
async fn a_child_that_crashes_is_an_error_of_its_call() {
    let session = Session::start().await;
    let (waits, _pipe) = endless("crash");
    let call = session.begin("diagnose", json!({"files": [waits]})).await;
    let id = child(session.id(), &[]).await;
    assert!(std::process::Command::new("kill").args(["-ABRT", &id.to_string()]).status().unwrap().success());
    let text = error(&called(call.await_response().await.unwrap()));
    assert!(text.starts_with("the command failed (a signal ended it)"), "{text}");
    answers(&session).await;
}

/// A session with a call that does not end.
async fn busy(name: &str) -> (Raw, u32) {
    let mut raw = Raw::greeted().await;
    let (waits, _pipe) = endless(name);
    raw.call("slow", "diagnose", json!({"files": [waits]})).await;
    let id = child(raw.server.id().unwrap(), &[]).await;
    (raw, id)
}

#[tokio::test]
async fn the_end_of_standard_input_ends_the_server_and_its_children() {
    let (mut raw, id) = busy("input-ends").await;
    let start = Instant::now();
    drop(raw.input.take());
    assert!(until(SOON, || !runs(id)).await, "the child still runs");
    let answer = raw.answer("slow").await;
    assert_eq!(answer["error"]["message"], "standard input was closed before the call ended");
    let status = tokio::time::timeout(SOON, raw.server.wait()).await.expect("the server ends").unwrap();
    println!("ran: the server was gone {:?} after its input", start.elapsed());
    assert_eq!(status.code(), Some(0));
    assert!(raw.next().await.is_none());
}

#[tokio::test]
async fn a_signal_ends_the_server_and_its_children() {
    for signal in ["-TERM", "-INT"] {
        let (mut raw, id) = busy("signal").await;
        let server = raw.server.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &server]).status().unwrap().success());
        let status = tokio::time::timeout(SOON, raw.server.wait()).await.expect("the server ends").unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(until(SOON, || !runs(id)).await, "{signal}: the child still runs");
    }
}

#[tokio::test]
async fn a_client_that_is_gone_without_a_word_ends_the_server() {
    let mut raw = Raw::start();
    drop(raw.input.take());
    let status = tokio::time::timeout(LATE, raw.server.wait()).await.expect("the server ends").unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(raw.next().await.is_none(), "it says nothing");
}

#[tokio::test]
async fn an_answer_to_a_cancelled_call_is_not_sent() {
    let (mut raw, id) = busy("unsaid").await;
    let cancelled = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "slow"}});
    raw.say(cancelled.to_string().as_bytes()).await;
    assert!(until(SOON, || !runs(id)).await, "the child still runs");
    raw.call("next", "explain", json!({"code": "dns.not-forwarded"})).await;
    raw.answer("next").await;
    drop(raw.input.take());
    while raw.next().await.is_some() {}
    let ids: Vec<&Value> = raw.seen.iter().map(|message| &message["id"]).collect();
    assert_eq!(ids, ["hello", "next"]);
}
