//! Tells scripts from other inputs, by their content.

use std::sync::LazyLock;

use regex::Regex;

/// Which of the two languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    PowerShell,
    Shell,
}

/// What a script is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScriptKind {
    Plain(Language),
    /// A pipeline whose steps hold scripts.
    Pipeline,
}

static CMDLET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let verbs = "backup|restore|new|get|set|connect|invoke|register|import|select|login|add|install";
    Regex::new(&format!(r"(?im)(?:^|[\s=(|;{{&\\])(?:{verbs})-(?:az|azurerm|azure)[a-z]+\b")).ok()
});

static SHELL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?m)^\s*(?:\w+=["']?\$\(|if |while |exec |time )?az (?:apim|rest|resource|login|account|storage|keyvault|group|vm)\b"#)
        .ok()
});

static STEP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*(?:- )?(?:run|bash|sh|pwsh|powershell|script|inlineScript|Inline|inline)\s*:").ok()
});

static POWERSHELL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)^\s*(?:\$[\w:]+(?:\.\w+|\[[^\]]*\])?\s*\+?=|param\s*\(|\[cmdletbinding|#requires\b|using (?:module|namespace)\b|function\s+[\w-]+\s*[({]?\s*$)")
        .ok()
});

fn has(regex: &LazyLock<Option<Regex>>, text: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// What an input is, if it is a script. `is_given`: the caller says that it is one.
pub(super) fn kind(name: &str, text: &str, is_given: bool) -> Option<ScriptKind> {
    let first = text.trim_start();
    let starts = |words: &[&str]| words.iter().any(|word| first.starts_with(word));
    if !is_given && starts(&["{\"", "{\n", "{ ", "[{", "[\n", "ERROR:", "WARNING:", "az: ", "usage: az", "<"]) {
        return None;
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let line = first.lines().next().unwrap_or_default();
    if line.starts_with("#!") {
        let is_powershell = line.contains("pwsh") || line.contains("powershell");
        return Some(ScriptKind::Plain(if is_powershell { Language::PowerShell } else { Language::Shell }));
    }
    match ending.as_str() {
        "ps1" | "psm1" => return Some(ScriptKind::Plain(Language::PowerShell)),
        "sh" | "bash" | "zsh" | "ksh" => return Some(ScriptKind::Plain(Language::Shell)),
        "yml" | "yaml" if is_given => return Some(ScriptKind::Pipeline),
        _ => {}
    }
    let is_step = has(&STEP, text) && (text.contains("steps:") || text.contains("jobs:") || text.contains("script:"));
    if is_step {
        return Some(ScriptKind::Pipeline);
    }
    if has(&CMDLET, text) && !is_mapping(line) {
        return Some(ScriptKind::Plain(Language::PowerShell));
    }
    if has(&SHELL, text) && !is_mapping(line) {
        return Some(ScriptKind::Plain(language(text)));
    }
    is_given.then(|| ScriptKind::Plain(language(text)))
}

/// Whether a line is a member of a mapping in YAML, as azure-cli prints it.
fn is_mapping(line: &str) -> bool {
    let Some((key, rest)) = line.trim_start_matches("- ").split_once(':') else { return false };
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.'\"".contains(c);
    !key.is_empty() && key.chars().all(is_key) && (rest.is_empty() || rest.starts_with(' '))
}

/// The language of a script that does not say it.
pub(super) fn language(text: &str) -> Language {
    match has(&CMDLET, text) || has(&POWERSHELL, text) {
        true => Language::PowerShell,
        false => Language::Shell,
    }
}
