//! From the end of a child to the result of a tool.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

use crate::command::mcp::child::{Ended, RESULT};
use crate::command::mcp::line::Line;
use crate::command::mcp::tools::Served;
use crate::exit::Status;
use crate::output::plain_but_tabs;

/// The result of a call. What the command found is a result; why it could not do its job is an error of the tool.
pub(super) fn of(tool: &Served, line: &Line, ended: Ended) -> CallToolResult {
    let (status, document, said) = match ended {
        Ended::Done { status, document, said } => (status, document, said),
        Ended::TooLarge => {
            return failed(format!("the result is larger than {} MiB: {}", RESULT >> 20, tool.narrow));
        }
        Ended::TooLong => {
            let seconds = line.limit.as_secs();
            return failed(format!("the command ran for {seconds} s and was stopped: {}", tool.narrow));
        }
        Ended::Failed(error) => return failed(format!("the command could not be run: {error}")),
    };
    let said = said.lines().map(plain_but_tabs).collect::<Vec<_>>().join("\n").trim().to_owned();
    let text = String::from_utf8(document).unwrap_or_default();
    let value = serde_json::from_str::<Value>(&text).ok();
    let has_result =
        [Status::Clean, Status::Found, Status::Nothing].iter().any(|one| status == Some(one.number().into()));
    let mut result = match (has_result, &value) {
        (true, Some(_)) => CallToolResult::success(Vec::new()),
        (true, None) => failed(format!("the command printed no JSON\n{said}")),
        (false, _) if status == Some(Status::Usage.number().into()) && !said.is_empty() => failed(said.clone()),
        (false, _) => {
            let how = status.map_or("a signal ended it".to_owned(), |status| format!("exit status {status}"));
            failed(format!("the command failed ({how})\n{said}"))
        }
    };
    let is_error = result.is_error == Some(true);
    if value.is_some() {
        result.content.push(ContentBlock::text(text.trim_end()));
        // Until the version 2026-07-28 of the protocol, it has to be an object.
        result.structured_content = value.filter(Value::is_object);
    }
    // Warnings, such as a time limit that was reached.
    if !is_error && !said.is_empty() {
        result.content.push(ContentBlock::text(said));
    }
    result
}

/// An error of a tool.
pub(super) fn failed(why: impl Into<String>) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(why.into())])
}
