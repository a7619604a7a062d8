//! Runs this program as a child process: bounded in size and time, and killed with everything that it started.

use std::ffi::OsString;
use std::io::Error;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::command::mcp::line::Line;
use crate::config::{OPTIONS, variable};

/// How many bytes a result may have.
pub(super) const RESULT: u64 = 4 << 20;

/// How many bytes of messages are repeated.
const MESSAGES: u64 = 64 << 10;

/// Lines of messages are broken at this width.
const COLUMNS: &str = "120";

/// Global options, and those that a configuration can set: none of them writes a file or starts a program. What is printed,
/// and how, is not for the environment to say.
fn is_passed(name: &str) -> bool {
    let said = ["color", "output", "quiet", "verbose"];
    let options = OPTIONS.iter().filter(|option| !said.contains(option)).chain(&["as-of", "config", "isolated"]);
    options.map(|option| variable(option)).any(|option| option == name)
}

/// This program.
#[derive(Debug)]
pub(super) struct Program {
    /// Its file.
    pub path: PathBuf,
    /// Options that each call gets.
    pub globals: Vec<OsString>,
}

/// How a child ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// It is done.
    Done {
        /// Its exit status; absent if a signal ended it.
        status: Option<i32>,
        /// What it printed.
        document: Vec<u8>,
        /// What it said on standard error.
        said: String,
    },
    /// It printed too much.
    TooLarge,
    /// It ran too long.
    TooLong,
    /// It could not be run.
    Failed(Error),
}

impl Program {
    /// Runs a command. Dropping the future kills it.
    pub(super) async fn run(&self, line: &Line) -> Ended {
        let mut group = match self.start(line) {
            Ok(child) => Group(child),
            Err(error) => return Ended::Failed(error),
        };
        let finished = tokio::time::timeout(line.limit, group.finish(line.text.as_deref())).await;
        finished.map_or(Ended::TooLong, |ended| ended.unwrap_or_else(|ended| ended))
    }

    fn start(&self, line: &Line) -> std::io::Result<Child> {
        let mut command = Command::new(&self.path);
        command.args(&self.globals).args(line.arguments()).env("COLUMNS", COLUMNS).kill_on_drop(true);
        let ours = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        for name in ours.filter(|name| name.to_ascii_uppercase().starts_with("APIM_DOCTOR_")) {
            if !is_passed(&name.to_ascii_uppercase()) {
                command.env_remove(name);
            }
        }
        let input = if line.text.is_some() { Stdio::piped() } else { Stdio::null() };
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        command.process_group(0);
        // No console window: clients are often programs without one.
        #[cfg(windows)]
        command.creation_flags(0x0800_0000);
        command.spawn()
    }
}

/// A child in its own process group, which is killed with everything in it.
struct Group(Child);

impl Group {
    /// Waits for the end, which is an error if something else has to end it.
    async fn finish(&mut self, text: Option<&str>) -> Result<Ended, Ended> {
        let (input, output, errors) = (self.0.stdin.take(), self.0.stdout.take(), self.0.stderr.take());
        let write = async {
            if let (Some(mut input), Some(text)) = (input, text) {
                // A command that does not read all of it says why itself.
                let _ = input.write_all(text.as_bytes()).await;
            }
            Ok(())
        };
        let document = async {
            let document = read(output, RESULT + 1).await?;
            if document.len() as u64 > RESULT { Err(Ended::TooLarge) } else { Ok(document) }
        };
        let ((), document, said) = tokio::try_join!(write, document, read(errors, MESSAGES))?;
        let status = self.0.wait().await.map_err(Ended::Failed)?.code();
        Ok(Ended::Done { status, document, said: String::from_utf8_lossy(&said).into_owned() })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // What has ended has no id. The group is killed first, because the child's id may be given to another process later.
        #[cfg(unix)]
        if let Some(id) = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
        let _ = self.0.start_kill();
    }
}

/// Reads at most so many bytes.
async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> Result<Vec<u8>, Ended> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(most).read_to_end(&mut bytes).await.map_err(Ended::Failed)?;
    }
    Ok(bytes)
}
