//! Names for people in a report about things that do not exist yet.

use aho_corasick::AhoCorasick;

use crate::model::Deployed;
use crate::report::v1;

/// Puts words in the place of the texts that stand for what does not exist yet.
pub(super) fn rename(report: v1::Report, files: Option<&Deployed>) -> v1::Report {
    let Some(files) = files.filter(|files| !files.words.is_empty()) else { return report };
    let (texts, words): (Vec<_>, Vec<String>) = files
        .words
        .iter()
        .map(|(text, words)| (text.as_ref(), serde_json::Value::from(words.as_str()).to_string()))
        .map(|(text, quoted)| (text, quoted.trim_matches('"').to_owned()))
        .unzip();
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
