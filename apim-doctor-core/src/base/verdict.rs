//! The four answers a question can have, and the only two ways to combine them.

use serde::{Deserialize, Serialize};

/// What a gate, a path or a report says.
///
/// `NotApplicable` is neutral when verdicts are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[must_use]
pub enum Verdict {
    /// Proved: the request gets through.
    Pass,
    /// Proved: the request is stopped.
    Fail,
    /// A fact that the proof needs was not collected.
    Unknown,
    /// The question does not arise for this path.
    NotApplicable,
}

impl Verdict {
    /// All must hold: one `Fail` decides, then `Unknown` beats `Pass`.
    ///
    /// ```
    /// use apim_doctor_core::Verdict::{self, Fail, NotApplicable, Pass, Unknown};
    /// assert_eq!(Verdict::all([Pass, Unknown, Fail]), Fail);
    /// assert_eq!(Verdict::all([Pass, Unknown]), Unknown);
    /// assert_eq!(Verdict::all([]), NotApplicable);
    /// ```
    pub fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        combine(verdicts, Verdict::Fail)
    }

    /// One is enough: one `Pass` decides, then `Unknown` beats `Fail`.
    ///
    /// ```
    /// use apim_doctor_core::Verdict::{self, Fail, Pass, Unknown};
    /// assert_eq!(Verdict::any([Fail, Unknown, Pass]), Pass);
    /// assert_eq!(Verdict::any([Fail, Unknown]), Unknown);
    /// ```
    pub fn any(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        combine(verdicts, Verdict::Pass)
    }

    /// What holds when any one of these could be the case: they must agree, or nothing is known.
    pub fn agree(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        let mut verdicts = verdicts.into_iter();
        let Some(first) = verdicts.next() else { return Verdict::Unknown };
        if verdicts.all(|v| v == first) { first } else { Verdict::Unknown }
    }
}

fn combine(verdicts: impl IntoIterator<Item = Verdict>, decisive: Verdict) -> Verdict {
    let mut result = Verdict::NotApplicable;
    for verdict in verdicts {
        if verdict == decisive {
            return decisive;
        }
        result = match (result, verdict) {
            (kept, Verdict::NotApplicable) => kept,
            (Verdict::Unknown, _) => Verdict::Unknown,
            (_, new) => new,
        };
    }
    result
}
