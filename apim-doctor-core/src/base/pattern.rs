//! Patterns of Azure actions, as roles and deny assignments write them.

/// Whether the pattern of a role covers an action, without regard to case.
///
/// `*` stands for any run of characters, slashes included, and `/*/` also stands for a single `/`: *Managed
/// Identity Operator* holds `…/userAssignedIdentities/*/assign/action` and satisfies
/// `…/userAssignedIdentities/assign/action`.
/// Source: <https://learn.microsoft.com/azure/role-based-access-control/role-definitions> (read 2026-11-21).
pub(crate) fn action_matches(pattern: &str, action: &str) -> bool {
    matches(pattern.trim().as_bytes(), action.as_bytes())
}

fn matches(pattern: &[u8], action: &[u8]) -> bool {
    let mut stars = pattern.iter().enumerate().filter(|(_, b)| **b == b'*').map(|(at, _)| at);
    let Some(star) = stars.next() else { return pattern.eq_ignore_ascii_case(action) };
    if stars.next().is_some() {
        return matches_many(pattern, action);
    }
    // Every built-in role has at most one star a pattern.
    let (head, rest) = pattern.split_at(star);
    let tail = rest.get(1..).unwrap_or_default();
    let starts = action.get(..head.len()).is_some_and(|a| a.eq_ignore_ascii_case(head));
    let left = action.get(head.len()..).unwrap_or_default();
    let ends = |tail: &[u8]| {
        left.len().checked_sub(tail.len()).and_then(|at| left.get(at..)).is_some_and(|a| a.eq_ignore_ascii_case(tail))
    };
    let zero_segments = head.last() == Some(&b'/')
        && tail.first() == Some(&b'/')
        && tail.get(1..).is_some_and(|tail| left.eq_ignore_ascii_case(tail));
    starts && (ends(tail) || zero_segments)
}

/// Several stars: all places in the pattern that the action can have reached are kept at once, so that no pattern
/// takes longer than its length times the action's.
fn matches_many(pattern: &[u8], action: &[u8]) -> bool {
    let mut reached = vec![false; pattern.len() + 1];
    let close = |reached: &mut [bool], just_slash: bool| {
        for at in 0..pattern.len() {
            let here = reached.get(at).copied().unwrap_or_default();
            if here && pattern.get(at) == Some(&b'*') {
                mark(reached, at + 1);
                // The slash before the star may be the one after it.
                let before = at.checked_sub(1).and_then(|b| pattern.get(b));
                if before == Some(&b'/') && pattern.get(at + 1) == Some(&b'/') && just_slash {
                    mark(reached, at + 2);
                }
            }
        }
    };
    mark(&mut reached, 0);
    close(&mut reached, false);
    for byte in action {
        let mut next = vec![false; pattern.len() + 1];
        for (at, wanted) in pattern.iter().enumerate() {
            if !reached.get(at).copied().unwrap_or_default() {
                continue;
            }
            let to = if *wanted == b'*' { at } else { at + 1 };
            if *wanted == b'*' || wanted.eq_ignore_ascii_case(byte) {
                mark(&mut next, to);
            }
        }
        close(&mut next, *byte == b'/');
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

fn mark(reached: &mut [bool], at: usize) {
    if let Some(place) = reached.get_mut(at) {
        *place = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_fact_base() {
        for (pattern, yes, no) in [
            ("a/*/read", &["a/read", "a/b/read", "a/b/c/read", "A/B/READ"][..], &["ab/read", "a/reader"][..]),
            ("a/b/*", &["a/b/c", "a/b/c/d"], &["a/b"]),
            ("*/read", &["X/y/read"], &["X/y/readMetadata/action"]),
            ("*", &["anything/at/all"], &[]),
            ("a/*/b/*", &["a/b/c", "a/x/b/c", "a/b/"], &["a/b", "a/xb/c"]),
            ("*/*/*/read", &["a/read", "a/b/read", "a/b/c/d/read"], &["read", "aread"]),
            ("a/read ", &["a/read"], &["a/write"]),
        ] {
            for action in yes {
                assert!(action_matches(pattern, action), "{pattern} should cover {action}");
            }
            for action in no {
                assert!(!action_matches(pattern, action), "{pattern} should not cover {action}");
            }
        }
    }

    #[test]
    fn many_stars_are_not_slow() {
        let pattern = "*a".repeat(2_000) + "b";
        assert!(!action_matches(&pattern, &"a".repeat(3_000)));
    }
}
