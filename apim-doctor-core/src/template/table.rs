//! Things by name.

use std::sync::Arc;

use crate::template::value::hash;

/// Things by name, in the order in which they were written, found without regard to case.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    entries: Vec<(Arc<str>, T)>,
    index: std::collections::HashMap<u64, Vec<u32>, foldhash::fast::FixedState>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), index: std::collections::HashMap::default() }
    }
}

impl<T> Table<T> {
    /// Adds a thing; one of the same name gives way and is returned.
    pub(crate) fn insert(&mut self, name: Arc<str>, thing: T) -> Option<T> {
        if let Some(at) = self.find(&name) {
            let entry = self.entries.get_mut(at)?;
            return Some(std::mem::replace(entry, (name, thing)).1);
        }
        let at = u32::try_from(self.entries.len()).ok()?;
        self.index.entry(hash(&name)).or_default().push(at);
        self.entries.push((name, thing));
        None
    }

    /// The number of a name, without regard to case.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let numbers = self.index.get(&hash(name))?;
        let same = |at: &&u32| self.entries.get(**at as usize).is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
        numbers.iter().find(same).map(|at| *at as usize)
    }

    /// A thing by its name, without regard to case.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.entries.get(self.find(name)?).map(|(_, thing)| thing)
    }

    /// A name and its thing by number.
    pub(crate) fn at(&self, number: usize) -> Option<&(Arc<str>, T)> {
        self.entries.get(number)
    }

    /// Names and things in the order in which they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &T)> {
        self.entries.iter().map(|(name, thing)| (name, thing))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
