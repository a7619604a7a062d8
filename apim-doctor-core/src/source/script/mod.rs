//! Reads scripts: the requests for backups and restores that they send. A script is parsed and followed where its values
//! are literal; nothing of it is ever run.

#[cfg(feature = "scripts")]
mod arguments;
#[cfg(feature = "scripts")]
mod azure_cli;
#[cfg(feature = "scripts")]
mod command;
#[cfg(feature = "scripts")]
mod curl;
#[cfg(feature = "scripts")]
mod found;
mod join;
#[cfg(feature = "scripts")]
mod json;
mod kind;
#[cfg(feature = "scripts")]
mod lower;
#[cfg(feature = "scripts")]
mod pipeline;
#[cfg(feature = "scripts")]
mod place;
#[cfg(feature = "scripts")]
mod powershell;
#[cfg(feature = "scripts")]
mod read;
#[cfg(feature = "scripts")]
mod run;
mod said;
#[cfg(feature = "scripts")]
mod sent;
#[cfg(feature = "scripts")]
mod shell;
#[cfg(feature = "scripts")]
mod syntax;
#[cfg(feature = "scripts")]
mod tree;
#[cfg(feature = "scripts")]
mod value;

use crate::model::Input;
use crate::model::script::ScriptRequest;
use crate::source::InputError;

pub(super) use join::join;
pub(crate) use kind::ScriptKind;
use kind::kind;
pub(super) use said::ScriptRead;

/// The longest script that is read.
const LONGEST: usize = 1 << 20;

/// What an input is, if it is a script.
pub(super) fn script_of(input: &Input) -> Option<Result<(ScriptKind, String), InputError>> {
    if !input.is_script && is_json(&input.bytes) {
        return None;
    }
    let text = match crate::source::outputs::text_of(&input.bytes) {
        Some(text) if !text.contains('\0') => text,
        _ if input.is_script => {
            let message = format!("`{}` is not a text: expected a script", input.name);
            return Some(Err(InputError::fatal(&input.name, message, "give a script in UTF-8 or UTF-16")));
        }
        _ => return None,
    };
    let start: String = text.chars().take(LONGEST / 4).collect();
    let kind = kind(&input.name, &start, input.is_script)?;
    if text.len() > LONGEST {
        let message = format!("the script is longer than {} MB", LONGEST >> 20);
        let help = "give the part that sends the request for the backup";
        return Some(Err(InputError::fatal(&input.name, message, help)));
    }
    Some(Ok((kind, text.into_owned())))
}

/// Whether it starts as JSON does. Most inputs are recordings, which may be large. `[CmdletBinding()]` is not JSON.
fn is_json(bytes: &[u8]) -> bool {
    let mut signs = bytes.iter().filter(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
    match (signs.next(), signs.next()) {
        (Some(b'{'), _) => true,
        (Some(b'['), second) => second.is_none_or(|second| b"{[]\"".contains(second)),
        _ => false,
    }
}

/// The storage accounts and containers that a script backs up to or restores from. What is not literal is empty.
#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "only live runs ask for them"))]
pub(crate) fn backups_in(script: &Input) -> Vec<(String, String)> {
    let script = Input { is_script: true, ..script.clone() };
    let Some(Ok((kind, text))) = script_of(&script) else { return Vec::new() };
    let said = |request: &ScriptRequest, what: &str| request.says(what).unwrap_or_default().to_owned();
    let requests = read(&script, kind, &text).requests.into_iter();
    requests.map(|one| (said(&one, "storageAccount"), said(&one, "containerName"))).collect()
}

/// Reads a script.
pub(super) fn read(input: &Input, kind: ScriptKind, text: &str) -> ScriptRead {
    #[cfg(feature = "scripts")]
    return read::read(input, kind, text);
    #[cfg(not(feature = "scripts"))]
    {
        let _ = (kind, text);
        let message = "this build does not read scripts".to_owned();
        let help = "build apim-doctor-core with the feature `scripts`";
        ScriptRead { problem: Some(InputError::fatal(&input.name, message, help)), ..ScriptRead::default() }
    }
}
