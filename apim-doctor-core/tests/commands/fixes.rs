//! Printed commands never do harm.

use apim_doctor_core::explain;

use crate::{all_blocks, blocks, common, fixtures};

/// Returns the part of a line that a shell may run: for a comment, the command in it, which users may copy.
fn run(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some(comment) => comment.find(": az ").map_or("", |at| &comment[at + 2..]),
        None => line,
    }
}

/// Returns the characters outside quotes, and whether every quote is closed.
fn bare(line: &str) -> (String, bool) {
    let (mut bare, mut open, mut escaped) = (String::new(), None, false);
    for c in line.chars() {
        match (open, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '"' | '\'') => open = Some(c),
            (Some(quote), c) if c == quote => open = None,
            (None, c) => bare.push(c),
            (Some(_), _) => {}
        }
    }
    (bare, open.is_none())
}

/// Returns the problem with a command.
fn wrong(line: &str) -> Option<&'static str> {
    let command = run(line);
    let (bare, closed) = bare(command);
    if command.starts_with("az ") && !closed {
        return Some("unclosed quote");
    }
    if bare.contains(['?', '*', '[', '<']) {
        return Some("a shell interprets `?`, `*`, `[` and `<`");
    }
    if ["list-keys", "listValue", "secret show"].iter().any(|shows| command.contains(shows))
        && !command.contains("--query")
    {
        return Some("it prints a secret");
    }
    if command.contains("az apim update") {
        return Some("it sends the whole instance with another api-version");
    }
    if command.contains("--service-endpoints") {
        return Some("it replaces the list with the collected one");
    }
    if ["encodedCertificate", "certificatePassword", "certificateStatus"].iter().any(|leaf| command.contains(leaf)) {
        return Some("it sends a computed property or a secret");
    }
    if line.contains("AzureDiagnostics") != line.contains("AZKVAuditLogs") {
        return Some("it queries only one of the two tables of a vault's log");
    }
    if command.contains("----") || command.contains("--name ''") || command.contains("vault-name ''") {
        return Some("invalid name");
    }
    None
}

#[test]
fn printed_commands_do_no_harm() {
    let mut complaints = Vec::new();
    for block in all_blocks() {
        for line in &block {
            let uses = line.contains("$PRINCIPAL_ID");
            if uses && !block.iter().any(|line| line.starts_with("PRINCIPAL_ID=")) {
                complaints.push(format!("PRINCIPAL_ID is not set: {line}"));
            }
            complaints.extend(wrong(line).map(|why| format!("{why}: {line}")));
        }
    }
    common::assert_none("commands", &complaints);
    for line in [
        "az rest --uri /a?api-version=1",
        "# then: az rest --uri \"/a\" --headers If-Match=*",
        "az apim update --name n --set hostnameConfigurations[1].keyVaultId=u --enable-managed-identity true",
        "az keyvault secret show --name s --vault-name v",
        "az keyvault secret list --vault-name ----",
        "AzureDiagnostics | where OperationName == 'SecretGet'",
        "az rest --uri \"/a",
    ] {
        assert!(wrong(line).is_some(), "{line}");
    }
    assert_eq!(wrong("az rest --uri \"/a?b\" --headers \"If-Match=*\" --body '{\"a\":[1]}'"), None);
}

/// A fixture's instance gets two more host names. The fix has to write all of them in one request.
#[test]
fn host_names_are_written_in_one_complete_list() {
    let mut seen =
        fixtures().into_iter().filter(|(file, _)| file.contains("firewall.user-assigned-not-trusted/broken"));
    let (file, bytes) = seen.next_back().unwrap();
    let mut recording: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let text = recording.to_string();
    assert!(text.contains("hostnameConfigurations"), "{file} has no host names");
    let second = |entry: &serde_json::Value, name: &str| {
        let mut entry = entry.clone();
        entry["hostName"] = name.into();
        entry["type"] = "Proxy".into();
        entry["certificateStatus"] = "Completed".into();
        entry["certificatePassword"] = serde_json::Value::Null;
        entry["negotiateClientCertificate"] = true.into();
        entry
    };
    let mut made = false;
    walk(&mut recording, &mut |value| {
        let Some(list) = value.get_mut("hostnameConfigurations").and_then(serde_json::Value::as_array_mut) else {
            return;
        };
        let Some(first) = list.iter().find(|entry| entry["keyVaultId"].is_string()).cloned() else { return };
        list.push(second(&first, "second.example"));
        list.push(serde_json::json!({"type": "Proxy", "hostName": "third.example", "certificateSource": "KeyVault",
            "keyVaultId": "https://other.vault.azure.net/secrets/third"}));
        made = true;
    });
    assert!(made, "{file} has no host name with a certificate from a vault");
    let report = common::report(&file, recording.to_string().into_bytes());
    let mut whole = 0;
    for block in blocks(&report) {
        let writes: Vec<&String> = block.iter().filter(|line| line.contains("\"hostnameConfigurations\"")).collect();
        if writes.is_empty() {
            continue;
        }
        assert_eq!(writes.len(), 1, "one write would undo the other: {writes:?}");
        let words = shlex::split(writes[0]).unwrap();
        let at = words.iter().position(|word| word == "--body").unwrap();
        let body: serde_json::Value = serde_json::from_str(&words[at + 1]).unwrap();
        let list = body["properties"]["hostnameConfigurations"].as_array().unwrap();
        let second = list.iter().find(|entry| entry["hostName"] == "second.example").unwrap();
        assert_eq!(second["negotiateClientCertificate"], true);
        let third = list.iter().find(|entry| entry["hostName"] == "third.example").unwrap();
        assert_eq!(third["keyVaultId"], "https://other.vault.azure.net/secrets/third");
        whole += usize::from(list.iter().all(|entry| entry.get("identityClientId").is_none()));
        assert!(words.iter().any(|word| word == "patch"));
    }
    assert!(whole > 0, "no fix changes both host names");
}

/// Azure never returns an uploaded certificate, so its list must not be written back.
#[test]
fn a_list_with_an_uploaded_certificate_is_not_written() {
    let mut seen =
        fixtures().into_iter().filter(|(file, _)| file.contains("firewall.user-assigned-not-trusted/broken"));
    let (file, bytes) = seen.next_back().unwrap();
    let mut recording: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    walk(&mut recording, &mut |value| {
        let list = value.get_mut("hostnameConfigurations").and_then(serde_json::Value::as_array_mut);
        list.into_iter().for_each(|list| {
            list.push(serde_json::json!({"type": "Proxy", "hostName": "own.example", "certificateSource": "Custom"}));
        });
    });
    let lines: Vec<String> = blocks(&common::report(&file, recording.to_string().into_bytes())).concat();
    assert!(lines.iter().any(|line| line.contains("own.example")));
    assert!(!lines.iter().any(|line| line.contains("\"hostnameConfigurations\"")), "{lines:?}");
}

/// The reference needs the system-assigned identity, which is off. An attached identity may already read.
#[test]
fn an_identity_with_access_is_preferred_to_a_new_one() {
    let mut seen =
        fixtures().into_iter().filter(|(file, _)| file.contains("firewall.user-assigned-not-trusted/broken"));
    let (file, bytes) = seen.next_back().unwrap();
    let mut recording: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    walk(&mut recording, &mut |value| {
        let Some(map) = value.as_object_mut() else { return };
        map.remove("identityClientId");
        if let Some(acls) = map.get_mut("networkAcls").filter(|acls| acls.is_object()) {
            acls["defaultAction"] = "Allow".into();
        }
    });
    let report = common::report(&file, recording.to_string().into_bytes());
    let finding = report.findings.iter().find(|finding| finding.code == "identity.not-enabled").unwrap();
    let titles: Vec<&str> = finding.fixes.iter().map(|fix| fix.title.as_str()).collect();
    assert!(titles[0].ends_with("which is attached and already has access"), "{titles:?}");
    assert!(finding.fixes[0].verified, "{:?}", finding.fixes[0].unverified);
    assert!(!finding.fixes[0].az.iter().any(|line| line.contains("role assignment create")));
    assert!(titles.iter().any(|title| title.starts_with("enable the system-assigned identity")), "{titles:?}");
}

#[test]
fn a_fix_lists_the_other_paths_that_it_changes() {
    let mut seen = fixtures().into_iter().filter(|(file, _)| file.contains("authorization.shared-key-disabled/broken"));
    let (file, bytes) = seen.next_back().unwrap();
    let report = common::report(&file, bytes);
    let fixes: Vec<_> = report.findings.iter().flat_map(|f| f.fixes.iter().map(move |fix| (f, fix))).collect();
    let keys = fixes.iter().find(|(_, fix)| fix.title.starts_with("allow account keys")).unwrap();
    assert_eq!(keys.1.also_touches.len(), keys.1.also_touches_count);
    assert!(keys.1.also_touches_count > 0);
    for (finding, fix) in &fixes {
        for id in &fix.also_touches {
            assert!(report.paths.iter().any(|path| path.id == *id), "path {id} is missing");
            assert!(!finding.affects.contains(id), "{id} is affected by the finding itself");
        }
    }
}

/// A line of dashes in a pasted table is not a vault name.
#[test]
fn an_invalid_name_becomes_a_placeholder() {
    for named in ["----", "-", "kv1-", "a$b"] {
        let text = format!(
            "Client address is not authorized and caller is not a trusted service. Vault: {named};location=westeurope"
        );
        let explanation = explain(&text);
        let fixes = explanation.first.causes.iter().flat_map(|cause| &cause.fixes).flat_map(|fix| &fix.az);
        let lines: Vec<&String> = fixes.filter(|line| line.contains("keyvault")).collect();
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|line| line.contains("VAULT")), "{named}: {lines:?}");
    }
}

fn walk(value: &mut serde_json::Value, change: &mut impl FnMut(&mut serde_json::Value)) {
    change(value);
    match value {
        serde_json::Value::Object(map) => map.values_mut().for_each(|inner| walk(inner, change)),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|inner| walk(inner, change)),
        _ => {}
    }
}
