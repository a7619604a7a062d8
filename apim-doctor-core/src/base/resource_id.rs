//! Azure Resource Manager ids: compared without regard to case, shown as they were written.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr_iter};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base::FromText;

/// The id of a resource, a scope, or a child of a resource.
///
/// ```
/// use apim_doctor_core::ResourceId;
/// let vault = ResourceId::new("/subscriptions/S/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1/");
/// assert_eq!(vault, ResourceId::new("/SUBSCRIPTIONS/s/resourcegroups/RG/providers/microsoft.keyvault/vaults/KV1"));
/// assert_eq!(vault.name(), "kv1");
/// assert!(vault.child("secrets", "tls").is_within(&vault));
/// ```
#[derive(Clone)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transparent))]
pub struct ResourceId {
    text: Arc<str>,
    /// Of the text in lower case. An id is looked up many times and hashed once.
    #[cfg_attr(feature = "schema", schemars(skip))]
    hash: u64,
}

impl ResourceId {
    /// Takes an id as it was written; a slash at the end is dropped.
    pub fn new(text: &str) -> Self {
        let mut text = text.trim();
        while let Some(rest) = text.strip_suffix('/') {
            text = rest;
        }
        Self { text: text.into(), hash: hash(text) }
    }

    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// The segments, without the empty one before the first slash.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text.split('/').filter(|s| !s.is_empty())
    }

    /// The value that follows `key`, as in `subscriptions/{value}`.
    fn after(&self, key: &str) -> Option<&str> {
        let mut segments = self.segments();
        segments.find(|s| s.eq_ignore_ascii_case(key))?;
        segments.next()
    }

    /// The subscription's id, where the resource is in one.
    pub fn subscription(&self) -> Option<&str> {
        // Nearly every id starts with its subscription.
        let rest = self.text.strip_prefix("/subscriptions/").unwrap_or_default();
        let name = memchr(b'/', rest.as_bytes()).map_or(Some(rest), |end| rest.get(..end));
        name.filter(|name| !name.is_empty()).or_else(|| self.after("subscriptions"))
    }

    /// The subscription as a scope.
    pub fn subscription_scope(&self) -> Option<ResourceId> {
        let name = self.subscription()?;
        // Nearly every id starts with its subscription.
        let head = self.text.get(.."/subscriptions/".len() + name.len());
        match head.filter(|head| head.strip_prefix("/subscriptions/") == Some(name)) {
            Some(head) => Some(ResourceId::new(head)),
            None => Some(ResourceId::new(&format!("/subscriptions/{name}"))),
        }
    }

    /// The resource group's name, where the resource is in one.
    pub fn resource_group(&self) -> Option<&str> {
        self.after("resourceGroups")
    }

    /// The full type, as in `Microsoft.KeyVault/vaults/secrets`; empty for a scope that is not a resource.
    pub fn resource_type(&self) -> String {
        let text = self.text.as_bytes();
        let ends = [text.len()].into_iter().chain(memrchr_iter(b'/', text));
        let is_marker = |end: &usize| {
            let head = text.get(..*end).and_then(|head| head.split_last_chunk::<9>());
            let begins = |before: &[u8]| before.last().is_none_or(|byte| *byte == b'/');
            head.is_some_and(|(before, last)| last.eq_ignore_ascii_case(b"providers") && begins(before))
        };
        let rest = ends.into_iter().find(is_marker).and_then(|end| self.text.get(end + 1..)).unwrap_or_default();
        let mut segments = rest.split('/').filter(|s| !s.is_empty());
        let mut kind = String::with_capacity(rest.len());
        kind.push_str(segments.next().unwrap_or_default());
        for segment in segments.step_by(2) {
            kind.push('/');
            kind.push_str(segment);
        }
        kind
    }

    /// The id two segments up: the vault of a secret, the network of a subnet.
    pub fn parent(&self) -> Option<ResourceId> {
        let (rest, _) = self.text.rsplit_once('/')?;
        let (rest, _) = rest.rsplit_once('/')?;
        (!rest.is_empty()).then(|| ResourceId::new(rest))
    }

    /// This id and every scope above it that an id shows: resource, resource group, subscription.
    ///
    /// ```
    /// use apim_doctor_core::ResourceId;
    /// let secret = ResourceId::new("/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv/secrets/x");
    /// let names: Vec<String> = secret.scopes().map(|scope| scope.name().to_owned()).collect();
    /// assert_eq!(names, ["x", "kv", "r", "s"]);
    /// ```
    pub fn scopes(&self) -> impl Iterator<Item = ResourceId> {
        let above = |id: &ResourceId| {
            let parent = id.parent()?;
            // `…/providers/Microsoft.KeyVault` is not a scope.
            let namespace = parent.segments().rev().nth(1).is_some_and(|s| s.eq_ignore_ascii_case("providers"));
            if namespace { parent.parent() } else { Some(parent) }
        };
        std::iter::successors(Some(self.clone()), above)
    }

    /// The resource of a type (`Microsoft.KeyVault/vaults`) that this is, or is a part of.
    ///
    /// ```
    /// use apim_doctor_core::ResourceId;
    /// let vault = ResourceId::new("/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv");
    /// assert_eq!(vault.child("secrets", "x").within("Microsoft.KeyVault/vaults"), Some(vault));
    /// ```
    pub fn within(&self, kind: &str) -> Option<ResourceId> {
        let (text, marker) = (self.text.as_bytes(), ["/providers/", kind, "/"].concat());
        let marks = |part: &[u8]| part.eq_ignore_ascii_case(marker.as_bytes());
        let found = memchr_iter(b'/', text).find(|at| text.get(*at..at + marker.len()).is_some_and(marks))?;
        let start = found + marker.len();
        let end = memchr(b'/', text.get(start..)?).map_or(text.len(), |at| start + at);
        self.text.get(..end).filter(|_| end > start).map(ResourceId::new)
    }

    /// The id of a child of this resource.
    pub fn child(&self, kind: &str, name: &str) -> ResourceId {
        ResourceId::new(&[self.as_str(), "/", kind, "/", name].concat())
    }

    /// Whether this id equals `scope` or lies below it. The empty scope (`/`) holds everything.
    pub fn is_within(&self, scope: &ResourceId) -> bool {
        let (id, scope) = (self.text.as_bytes(), scope.text.as_bytes());
        match id.split_at_checked(scope.len()) {
            Some((head, tail)) => head.eq_ignore_ascii_case(scope) && (tail.is_empty() || tail.first() == Some(&b'/')),
            None => false,
        }
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        let same = || Arc::ptr_eq(&self.text, &other.text) || self.text.eq_ignore_ascii_case(&other.text);
        self.hash == other.hash && same()
    }
}

impl Eq for ResourceId {}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.text, &other.text) {
            return Ordering::Equal;
        }
        // Ids share long beginnings: those are compared sixteen bytes at a time.
        let (own, own_rest) = self.text.as_bytes().as_chunks::<16>();
        let (theirs, their_rest) = other.text.as_bytes().as_chunks::<16>();
        let fold = |chunk: &[u8; 16]| chunk.map(|c| c.to_ascii_lowercase());
        let same = own.iter().zip(theirs).take_while(|(a, b)| a == b || fold(a) == fold(b)).count();
        if let (Some(a), Some(b)) = (own.get(same), theirs.get(same)) {
            return fold(a).cmp(&fold(b));
        }
        let tail = |chunks: &[[u8; 16]], rest: &[u8]| -> ([u8; 16], usize, usize) {
            let mut next = [0; 16];
            let from = chunks.get(same).map_or(rest, |chunk| chunk);
            next.iter_mut().zip(from).for_each(|(to, from)| *to = from.to_ascii_lowercase());
            (next, from.len(), chunks.len() * 16 + rest.len())
        };
        // One of the two ends here or differs here; a shorter one that is the beginning of the other comes first.
        let ((a, a_len, a_all), (b, b_len, b_all)) = (tail(own, own_rest), tail(theirs, their_rest));
        let both = a_len.min(b_len);
        a.iter().take(both).cmp(b.iter().take(both)).then(a_all.cmp(&b_all))
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    for chunk in text.as_bytes().chunks(64) {
        let mut folded = [0u8; 64];
        for (to, from) in folded.iter_mut().zip(chunk) {
            *to = from.to_ascii_lowercase();
        }
        hasher.write(folded.split_at(chunk.len()).0);
    }
    hasher.finish()
}

impl Serialize for ResourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText(ResourceId::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KV: &str = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1";

    #[test]
    fn a_scope_holds_itself_and_what_is_below_but_no_longer_name() {
        let kv = ResourceId::new(KV);
        assert!(kv.is_within(&ResourceId::new("/subscriptions/s")));
        assert!(kv.is_within(&ResourceId::new("/")));
        assert!(!ResourceId::new(&format!("{KV}2")).is_within(&kv));
        assert!(!ResourceId::new("/subscriptions/s").is_within(&kv));
    }

    #[test]
    fn types_and_parents_are_read_from_the_path() {
        let secret = ResourceId::new(KV).child("secrets", "tls");
        assert_eq!(secret.resource_type(), "Microsoft.KeyVault/vaults/secrets");
        assert_eq!(secret.parent(), Some(ResourceId::new(KV)));
        assert_eq!(secret.resource_group(), Some("rg"));
        assert_eq!(ResourceId::new("/subscriptions/s").resource_type(), "");
    }
}
