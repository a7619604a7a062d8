//! How much of the inputs was understood.

use std::fmt;

/// How much of the inputs was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// Files that were given.
    pub files: usize,
    /// Resources whose type is evaluated.
    pub modelled: usize,
    /// Of those, the ones whose every evaluated property was understood.
    pub read: usize,
    /// Resources without a request whose type is not evaluated.
    pub other: usize,
    /// What was recognized and is not used.
    pub aside: Vec<SetAside>,
}

/// A piece of a file that was recognized and is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetAside {
    /// The file, as the caller named it.
    pub file: String,
    /// The line where it starts, counted from 1.
    pub line: usize,
    /// A noun phrase: `app settings without the name of their app`.
    pub what: String,
    /// What to do to have it used; empty where nothing is missing without it.
    pub help: String,
}

impl fmt::Display for Coverage {
    /// One line: `read 31 of 32 resources in 12 files; not used: 4 resources of other types, 1 output`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, modelled, read, other, aside } = self;
        let resources = if read == modelled {
            count(*read, "resource")
        } else {
            format!("{read} of {}", count(*modelled, "resource"))
        };
        write!(f, "read {resources} in {}", count(*files, "file"))?;
        let wanted = aside.iter().filter(|one| !one.help.is_empty()).count();
        let of_other_types = (*other > 0).then(|| format!("{} of other types", count(*other, "resource")));
        let outputs = (wanted > 0).then(|| count(wanted, "output"));
        let unused: Vec<String> = of_other_types.into_iter().chain(outputs).collect();
        if !unused.is_empty() {
            write!(f, "; not used: {}", unused.join(", "))?;
        }
        Ok(())
    }
}

fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_is_one_line() {
        let all = Coverage { files: 1, modelled: 1, read: 1, ..Coverage::default() };
        assert_eq!(all.to_string(), "read 1 resource in 1 file");
        let aside = |help: &str| SetAside { file: "f".into(), line: 1, what: "w".into(), help: help.into() };
        let some =
            Coverage { files: 12, modelled: 32, read: 31, other: 4, aside: vec![aside("do"), aside(""), aside("do")] };
        let line = "read 31 of 32 resources in 12 files; not used: 4 resources of other types, 2 outputs";
        assert_eq!(some.to_string(), line);
    }
}
