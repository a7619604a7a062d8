//! Secrets inside of texts are replaced before anything is written.

pub use crate::model::setting::REDACTED;

/// Names before a secret in a text; what follows them up to the next separator is replaced.
const NAMES: &[&str] = &[
    "accountkey",
    "client_secret",
    "clientsecret",
    "password",
    "pwd",
    "sharedaccesskey",
    "sharedaccesssignature",
    "sig",
    "code",
    "subscription-key",
    "x-functions-key",
    "access_token",
    "token",
    "api-key",
    "apikey",
];

/// Replaces keys, signatures, passwords and tokens inside a text.
pub fn text_of(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for (start, len) in secrets(text) {
        // What lies in another secret went with it.
        if start >= at {
            result.push_str(text.get(at..start).unwrap_or_default());
            result.push_str(REDACTED);
            at = start + len;
        }
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

/// Where secrets start in a text, and how long each is, in order.
fn secrets(text: &str) -> Vec<(usize, usize)> {
    let folded = text.to_ascii_lowercase();
    let by_name = NAMES.iter().flat_map(|name| folded.match_indices(name)).filter_map(|(start, name)| {
        let before = folded.get(..start)?.chars().next_back();
        let after = folded.get(start + name.len()..)?;
        let colon = if ["code", "sig", "token"].contains(&name) { '=' } else { ':' };
        let value = after.trim_start_matches(['"', ' ']).strip_prefix(['=', colon])?;
        let value = value.trim_start_matches(['"', '\'', ' ']);
        let whole_word = before.is_none_or(|c| !c.is_ascii_alphanumeric());
        whole_word.then(|| (folded.len() - value.len(), secret_len(value)))
    });
    let by_scheme =
        ["bearer ", "basic "].iter().flat_map(|scheme| folded.match_indices(scheme)).map(|(start, scheme)| {
            let keep = start + scheme.len();
            (keep, secret_len(folded.get(keep..).unwrap_or_default()))
        });
    let by_scheme = by_scheme.filter(|(_, len)| *len >= 16);
    // A token is a secret wherever it stands; the same letters stand in names.
    let tokens = text.match_indices("eyJ").filter_map(|(start, _)| {
        let len = secret_len(text.get(start..)?);
        let token = text.get(start..start + len)?;
        let whole = token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b));
        let before = text.get(..start)?.chars().next_back();
        let apart = before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '/');
        (len > 40 && whole && apart && token.matches('.').count() >= 1).then_some((start, len))
    });
    // `https://user:password@host`
    let by_user = folded.match_indices("://").filter_map(|(start, sign)| {
        let rest = folded.get(start + sign.len()..)?;
        let host = rest.get(..rest.find(['/', ' ', '"', '\n']).unwrap_or(rest.len()))?;
        let (user, _) = host.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        Some((start + sign.len() + name.len() + 1, password.len()))
    });
    let all = by_name.chain(by_scheme).chain(tokens).chain(by_user);
    let mut all: Vec<(usize, usize)> = all
        .filter(|(start, len)| *len > 0 && !text.get(*start..).is_some_and(|value| value.starts_with(REDACTED)))
        .collect();
    all.sort();
    all
}

fn secret_len(value: &str) -> usize {
    value.find([';', '&', ' ', '"', '\'', '\n', ',', ')', '<', '}']).unwrap_or(value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_before_a_host_goes() {
        assert_eq!(text_of("see https://$u:p1:2@h.example/x, u:p@h"), "see https://$u:<redacted>@h.example/x, u:p@h");
    }

    #[test]
    fn a_text_without_secrets_is_unchanged() {
        let text = "Failed to access KeyVault Secret https://kv.vault.azure.net/secrets/x";
        assert_eq!(text_of(text), text);
    }
}
