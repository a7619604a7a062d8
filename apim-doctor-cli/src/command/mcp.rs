//! `mcp`: serves the read-only commands as tools over the Model Context Protocol.
//!
//! A call of a tool runs this program again, as a child process with `-o json`. So a tool has the rights of the command
//! line and no others, cannot write into the protocol, and is gone when its call is cancelled.

mod answer;
mod child;
mod input;
mod line;
mod server;
mod tools;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;

use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio_util::io::InspectReader;
use tokio_util::sync::CancellationToken;

use crate::command::live::stop;
use crate::command::mcp::child::Program;
use crate::command::mcp::server::Server;
use crate::exit::Status;
use crate::failure::Failure;
use crate::output::Messages;
use crate::{network, output};

/// How many bytes one message of the client may have. The library drops a longer one without an answer.
const MESSAGE: usize = 64 << 20;

/// Serves until the client closes standard input, or a signal ends the program.
pub(super) fn run(config: Option<&Path>, isolated: bool) -> Result<Status, Failure> {
    let path = std::env::current_exe().map_err(|error| Failure::Usage {
        message: format!("the program does not find its own file: {error}"),
        help: "start it with its full path".to_owned(),
    })?;
    if std::io::stdin().is_terminal() {
        output::say(
            "waiting for a client of the Model Context Protocol on standard input; docs/mcp.md shows how one starts this",
        );
    }
    let config = config.map(|file| {
        let mut option = OsString::from("--config=");
        option.push(file);
        option
    });
    let isolated = isolated.then(|| OsString::from("--isolated"));
    network::run(serve(Program { path, globals: config.into_iter().chain(isolated).collect() }))?
}

async fn serve(program: Program) -> Result<Status, Failure> {
    let closed = CancellationToken::new();
    let at_end = closed.clone();
    // The library waits some seconds for calls that are running when the input ends: they end at once.
    let input = InspectReader::new(tokio::io::stdin(), move |bytes| {
        if bytes.is_empty() {
            at_end.cancel();
        }
    });
    let transport = AsyncRwTransport::new_server(input, Messages::new()).with_max_line_length(MESSAGE);
    let served = async {
        match rmcp::serve_server(Server::new(program, closed), transport).await {
            Ok(running) => {
                // How it ended says nothing about a call.
                let _ = running.waiting().await;
                Ok(Status::Clean)
            }
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(Status::Clean),
            Err(error) => Err(Failure::Usage {
                message: format!("the client does not follow the protocol: {error}"),
                help: "start it from a client of the Model Context Protocol: docs/mcp.md".to_owned(),
            }),
        }
    };
    // Calls that are running end with this function, and their children with them.
    tokio::select! {
        served = served => served,
        () = ended() => Ok(Status::Clean),
    }
}

/// Ready when a signal asks the program to end.
async fn ended() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminated.recv() => {}
                () = stop() => {}
            }
            return;
        }
    }
    stop().await;
}
