//! A part of many callers.

use std::str::FromStr;

use super::{ResourceId, fnv1a};

/// One of several parts of the callers, for one of several machines: `K/N`.
///
/// Which part a caller belongs to depends on its resource group alone, so that parts agree about it without knowing each
/// other, even if callers come and go meanwhile, and so that callers that use the same things stay together. `K` may run
/// from 1 to `N` or from 0 to `N - 1`: `N` and 0 are the same part.
///
/// ```
/// use apim_doctor_core::{ResourceId, Shard};
/// let id = ResourceId::new("/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/apim");
/// let parts = (1..=3).filter(|k| format!("{k}/3").parse::<Shard>().is_ok_and(|shard| shard.takes(&id)));
/// assert_eq!(parts.count(), 1);
/// assert!("4/3".parse::<Shard>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    index: u32,
    parts: u32,
}

/// A text that names no part.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected K/N, such as 2/8, with K from 1 to N (or from 0 to N - 1) and N at most 10000")]
pub struct ShardError;

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let (index, parts) = text.split_once('/').ok_or(ShardError)?;
        let (index, parts) = number(index).zip(number(parts)).ok_or(ShardError)?;
        let is_known = (1..=10_000).contains(&parts) && index <= parts;
        is_known.then_some(Self { index: index % parts.max(1), parts }).ok_or(ShardError)
    }
}

impl std::fmt::Display for Shard {
    /// Counted from 1: the part that is also 0 is `N/N`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let index = if self.index == 0 { self.parts } else { self.index };
        write!(f, "{index}/{}", self.parts)
    }
}

impl Shard {
    /// Which part it is, from 0.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// How many parts there are.
    #[must_use]
    pub fn parts(&self) -> u32 {
        self.parts
    }

    /// Whether a caller belongs to this part.
    #[must_use]
    pub fn takes(&self, caller: &ResourceId) -> bool {
        let (subscription, group) = (caller.subscription().unwrap_or_default(), caller.resource_group());
        let hash = fnv1a(&format!("{subscription}/{}", group.unwrap_or_default()));
        // The low bits of this hash alone are uneven.
        (hash ^ hash >> 32) % u64::from(self.parts) == u64::from(self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_caller_is_in_one_part_whatever_the_parts_are_called() {
        let callers: Vec<ResourceId> = (0..500)
            .map(|n| format!("/subscriptions/S{}/resourceGroups/RG{}/providers/Microsoft.Web/sites/a{n}", n % 7, n / 3))
            .map(|id| ResourceId::new(&id))
            .collect();
        for parts in [1, 2, 3, 8, 50] {
            for range in [0..parts, 1..parts + 1] {
                let shards: Vec<Shard> = range.map(|k| format!("{k}/{parts}").parse().unwrap()).collect();
                for caller in &callers {
                    assert_eq!(shards.iter().filter(|shard| shard.takes(caller)).count(), 1, "{caller} in {parts}");
                    let folded = ResourceId::new(&caller.as_str().to_ascii_lowercase());
                    assert!(shards.iter().all(|shard| shard.takes(caller) == shard.takes(&folded)));
                }
                let sizes = shards.iter().map(|shard| callers.iter().filter(|id| shard.takes(id)).count());
                assert!(
                    parts > 8 || sizes.clone().all(|size| size * 3 > 500 / parts),
                    "{:?}",
                    sizes.collect::<Vec<_>>()
                );
            }
        }
    }

    #[test]
    fn other_texts_are_no_part() {
        for text in ["", "1", "/", "1/", "/1", "1/0", "0/0", "2/1", "-1/2", "+1/2", "1/ 2", "1/2/3", "1/10001", "a/b"] {
            assert_eq!(text.parse::<Shard>(), Err(ShardError), "{text}");
        }
        assert_eq!("0/8".parse::<Shard>(), "8/8".parse());
        assert_eq!("0/8".parse::<Shard>().unwrap().to_string(), "8/8");
    }
}
