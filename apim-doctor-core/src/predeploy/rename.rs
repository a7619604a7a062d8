//! Names for people in a report about things that do not exist yet.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;

use crate::model::{Deployed, Estate};
use crate::report::v1;

/// Puts words in the place of the texts that stand for what does not exist yet.
pub(super) fn rename(report: v1::Report, estate: &Estate) -> v1::Report {
    let worlds = std::iter::once(estate).chain(estate.possible.iter().map(AsRef::as_ref));
    let words: BTreeMap<&str, &str> = worlds
        .filter_map(|estate| estate.world.deployed())
        .flat_map(|files| files.words.iter().map(|(text, words)| (text.as_ref(), words.as_str())))
        .collect();
    if words.is_empty() {
        return report;
    }
    let quoted = |words: &&str| serde_json::Value::from(*words).to_string().trim_matches('"').to_owned();
    let (texts, words): (Vec<&str>, Vec<String>) = words.iter().map(|(text, words)| (*text, quoted(words))).unzip();
    let renamed = AhoCorasick::new(&texts).ok().and_then(|search| {
        let json = serde_json::to_string(&report).ok()?;
        serde_json::from_str(&search.replace_all(&json, &words)).ok()
    });
    renamed.unwrap_or(report)
}

/// Puts words in the place of the same texts in one text.
pub(super) fn words_in(text: &str, files: Option<&Deployed>) -> String {
    let words = files.into_iter().flat_map(|files| &files.words);
    words.fold(text.to_owned(), |text, (word, says)| text.replace(&**word, says))
}
