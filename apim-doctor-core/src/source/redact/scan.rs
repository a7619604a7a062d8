//! Finds secrets by what stands before them, in time that grows as the text does.

use super::REDACTED;

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

/// Replaces keys, signatures, passwords and tokens inside a text, in time that grows as the text does.
pub(super) fn without_named(text: &str) -> String {
    let mut starts = starts(text);
    starts.sort();
    let mut ends = Ends::of(text);
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    // What starts inside another secret is replaced together with it.
    for (start, kind) in starts {
        let is_marked = || text.get(start..).is_some_and(|value| value.starts_with(REDACTED));
        let end = if start >= at && !is_marked() { ends.of_secret(start, kind) } else { None };
        if let Some(end) = end {
            result.push_str(text.get(at..start).unwrap_or_default());
            result.push_str(REDACTED);
            at = end;
        }
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

/// Why a secret may start somewhere in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The password in `https://user:password@host`, of this many bytes.
    Password(usize),
    /// A name such as `password=` stands before it.
    Named,
    /// `Bearer ` or `Basic ` stands before it.
    Credential,
    /// It begins as a JSON Web Token does.
    Token,
}

/// Places where a secret may start, in no order.
fn starts(text: &str) -> Vec<(usize, Kind)> {
    let folded = text.to_ascii_lowercase();
    let by_name = NAMES.iter().flat_map(|name| folded.match_indices(name)).filter_map(|(start, name)| {
        let before = folded.get(..start)?.chars().next_back();
        let after = folded.get(start + name.len()..)?;
        let colon = if ["code", "sig", "token"].contains(&name) { '=' } else { ':' };
        let value = after.trim_start_matches(['"', ' ']).strip_prefix(['=', colon])?;
        let value = value.trim_start_matches(['"', '\'', ' ']);
        let whole_word = before.is_none_or(|c| !c.is_ascii_alphanumeric());
        whole_word.then(|| (folded.len() - value.len(), Kind::Named))
    });
    let by_scheme = ["bearer ", "basic "].iter().flat_map(|scheme| folded.match_indices(scheme));
    let by_scheme = by_scheme.map(|(start, scheme)| (start + scheme.len(), Kind::Credential));
    // A token is a secret wherever it stands; the same letters stand in names.
    let tokens = text.match_indices("eyJ").filter_map(|(start, _)| {
        let before = text.get(..start)?.chars().next_back();
        before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '/').then_some((start, Kind::Token))
    });
    let by_user = folded.match_indices("://").filter_map(|(start, sign)| {
        let rest = folded.get(start + sign.len()..)?;
        let host = rest.get(..rest.find(['/', ' ', '"', '\n']).unwrap_or(rest.len()))?;
        let (user, _) = host.rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        Some((start + sign.len() + name.len() + 1, Kind::Password(password.len())))
    });
    by_name.chain(by_scheme).chain(tokens).chain(by_user).collect()
}

/// Finds where secrets end. Asked for one place after the other, it looks at each byte of the text once.
struct Ends<'t> {
    separator: Ahead<'t>,
    behind_token: Ahead<'t>,
    dot: Ahead<'t>,
}

impl<'t> Ends<'t> {
    fn of(text: &'t str) -> Self {
        let ahead = |wanted| Ahead { bytes: text.as_bytes(), wanted, found: None };
        Self {
            separator: ahead(|b| b";& \"'\n,)<}".contains(&b)),
            behind_token: ahead(|b| !b.is_ascii_alphanumeric() && !b"-_.=".contains(&b)),
            dot: ahead(|b| b == b'.'),
        }
    }

    /// The end of the secret at `start`; `None` if none starts there.
    fn of_secret(&mut self, start: usize, kind: Kind) -> Option<usize> {
        let end = match kind {
            Kind::Password(length) => start + length,
            _ => self.separator.from(start),
        };
        let is_secret = match kind {
            Kind::Named | Kind::Password(_) => end > start,
            Kind::Credential => end - start >= 16,
            Kind::Token => end - start > 40 && self.behind_token.from(start) >= end && self.dot.from(start) < end,
        };
        is_secret.then_some(end)
    }
}

/// Finds the next byte of a kind, from places that only move forward.
struct Ahead<'t> {
    bytes: &'t [u8],
    wanted: fn(u8) -> bool,
    found: Option<usize>,
}

impl Ahead<'_> {
    /// Where the first such byte from here on stands; the length of the text where there is none.
    fn from(&mut self, at: usize) -> usize {
        if let Some(found) = self.found.filter(|found| *found >= at) {
            return found;
        }
        let rest = self.bytes.get(at..).unwrap_or_default();
        let length = rest.iter().position(|byte| (self.wanted)(*byte)).unwrap_or(rest.len());
        #[cfg(test)]
        tests::LOOKED_AT.set(tests::LOOKED_AT.get() + length + 1);
        self.found = Some(at + length);
        at + length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_before_a_host_goes() {
        assert_eq!(
            without_named("see https://$u:p1:2@h.example/x, u:p@h"),
            "see https://$u:<redacted>@h.example/x, u:p@h"
        );
    }

    #[test]
    fn a_text_without_secrets_is_unchanged() {
        let text = "Failed to access KeyVault Secret https://kv.vault.azure.net/secrets/x";
        assert_eq!(without_named(text), text);
    }

    thread_local! {
        /// Bytes that were looked at in the search for the ends of secrets.
        pub(super) static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// Beginnings of secrets, over and over, with nothing that ends one: the work grows as the text does.
    #[test]
    fn each_byte_is_looked_at_a_few_times_however_many_secrets_may_start() {
        for piece in [
            "eyJ",
            "-eyJ",
            "eyJ.",
            ".eyJ=",
            "sig=",
            "-sig=",
            "AccountKey=",
            "AccountKey=sig=eyJ",
            "basic eyJ",
            "bearer basic ",
            "://",
            "://a:",
            "://a:b@",
            "pwd=\"\"",
            "token \"",
            "code=<redacted",
            "-----BEGIN ",
            "{\"password\":",
            "\\\"sig\\\":\\\"",
            "\u{e9}eyJ",
            "a",
            "=",
            "\"",
        ] {
            let work = |times: usize| {
                let text = piece.repeat(times);
                LOOKED_AT.set(0);
                without_named(&text);
                (LOOKED_AT.get(), text.len())
            };
            let (once, _) = work(1_000);
            let (twice, length) = work(2_000);
            assert!(twice <= 2 * once + 64, "`{piece}`: {once}, then {twice}");
            assert!(twice <= 4 * length, "`{piece}`: {twice} of {length}");
        }
    }

    /// The same as the search for one secret after the other, which is slow and simple.
    #[test]
    fn the_same_secrets_are_found_as_by_looking_at_each_place_alone() {
        let pieces = [
            "eyJ",
            "sig=",
            "a",
            ".",
            "-",
            " ",
            ";",
            "pwd=",
            "Bearer ",
            "://",
            "u:p@",
            "\"",
            REDACTED,
            "0123456789abcdef",
        ];
        let mut seed = 7_u64;
        for _ in 0..4_000 {
            let mut text = String::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            assert_eq!(without_named(&text), slowly(&text), "{text}");
        }
    }

    fn slowly(text: &str) -> String {
        let mut starts = starts(text);
        starts.sort();
        let mut secrets: Vec<(usize, usize)> = starts
            .into_iter()
            .filter(|(start, _)| !text.get(*start..).unwrap().starts_with(REDACTED))
            .filter_map(|(start, kind)| Some((start, Ends::of(text).of_secret(start, kind)?)))
            .collect();
        secrets.sort();
        let (mut result, mut at) = (String::new(), 0);
        for (start, end) in secrets {
            if start >= at {
                result += text.get(at..start).unwrap();
                result += REDACTED;
                at = end;
            }
        }
        result + text.get(at..).unwrap()
    }
}
