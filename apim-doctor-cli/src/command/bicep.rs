//! Bicep's own compiler, for `--bicep-cli`.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-cli> (read 2026-11-30).

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

/// The ways to call it, in this order: the compiler alone, and azure-cli, which brings one.
#[cfg(not(windows))]
const WAYS: [(&str, &[&str]); 2] =
    [("bicep", &["build", "--stdout"]), ("az", &["bicep", "build", "--only-show-errors", "--stdout", "--file"])];
#[cfg(windows)]
const WAYS: [(&str, &[&str]); 2] =
    [("bicep", &["build", "--stdout"]), ("az.cmd", &["bicep", "build", "--only-show-errors", "--stdout", "--file"])];

/// How many lines of the compiler's errors are repeated.
const LINES: usize = 3;

/// Compiles a file, or says why that is not possible.
pub(super) fn compile(file: &Path) -> Result<String, String> {
    for (program, arguments) in WAYS {
        let run = Command::new(program).args(arguments).arg(file).stdin(Stdio::null()).output();
        let output = match run {
            Ok(output) => output,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("`{program}` cannot be run: {error}")),
        };
        if output.status.success() {
            return String::from_utf8(output.stdout).map_err(|_| format!("the output of `{program}` is not UTF-8"));
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let errors = said.lines().filter(|line| line.contains("Error") || line.contains("ERROR"));
        let errors: Vec<&str> = errors.take(LINES).map(str::trim).collect();
        return Err(match errors.as_slice() {
            [] => format!("`{program}` failed: {}", said.lines().next().unwrap_or("it says nothing")),
            some => format!("`{program}` failed: {}", some.join("; ")),
        });
    }
    Err("`--bicep-cli` needs `bicep` or `az` on PATH; without the option, the file is read without a compiler"
        .to_owned())
}
