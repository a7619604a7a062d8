//! Joins lists with their pages, and keeps one answer to each question that a vault or Microsoft Graph was asked.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::base::{Map, ResourceId};
use crate::model::{DirectAnswer, Filter, Gap, ListAnswer, Lists};
use crate::source::contradiction::{self, Times};
use crate::source::gap::unread_page;
use crate::source::request::Request;

/// An answer to a request for a list, before its pages are joined.
pub(super) struct Page<'a> {
    pub request: Cow<'a, str>,
    pub scope: ResourceId,
    pub kind: &'static str,
    pub is_later: bool,
    pub next: Option<String>,
    pub answer: ListAnswer,
    /// Its body was understood.
    pub is_read: bool,
}

/// One answer to each question. A definite one replaces what was recorded before it; others that differ say nothing.
pub(super) fn one_each(answers: Map<String, Vec<(u16, DirectAnswer)>>, times: &Times) -> Map<String, DirectAnswer> {
    let one = |(key, mut all): (String, Vec<(u16, DirectAnswer)>)| {
        if all.len() > 1 {
            let definite = |answer: &DirectAnswer| matches!(answer.status, 200 | 403 | 404);
            let files: Vec<u16> = all.iter().filter(|(_, answer)| definite(answer)).map(|(file, _)| *file).collect();
            all.retain(|(file, _)| !files.iter().any(|other| times.is_later(*other, *file)));
        }
        let mut answers = all.into_iter().map(|(_, answer)| answer);
        let first = answers.next().unwrap_or_default();
        let same = answers.all(|other| other == first);
        (key, if same { first } else { DirectAnswer::default() })
    };
    answers.into_iter().map(one).collect()
}

/// Joins the lists of vaults and of Microsoft Graph with their pages.
pub(super) fn join_direct(answers: &mut Map<String, DirectAnswer>) {
    let first = |(_, answer): &(&String, &DirectAnswer)| answer.next.is_some();
    let open: Vec<(String, DirectAnswer)> =
        answers.iter().filter(first).map(|(key, answer)| (key.clone(), answer.clone())).collect();
    for (key, mut whole) in open {
        let mut seen = HashSet::new();
        while let Some(next) = whole.next.take().filter(|next| seen.insert(next.clone())) {
            let Some(page) = answers.get(&next).filter(|page| page.status == 200) else { break };
            whole.items.extend(page.items.iter().cloned());
            (whole.complete, whole.next) = (page.complete, page.next.clone());
        }
        answers.insert(key, whole);
    }
}

/// Joins each list with its pages. A page that was not requested leaves the list open.
pub(super) fn join_pages(pages: Vec<Page<'_>>, resource_manager: &str, times: &Times) -> Lists {
    let targets: HashSet<&str> = pages.iter().filter_map(|page| page.next.as_deref()).collect();
    // Most recordings have one page a list, and need no keys.
    let key = |page: &Page| match targets.is_empty() {
        true => String::new(),
        false => Request::parse(&page.request, resource_manager).key(),
    };
    let keys: Vec<String> = pages.iter().map(key).collect();
    let asked = |key: &str| targets.contains(key);
    let read = pages.iter().zip(&keys).filter(|(page, key)| page.is_read && asked(key));
    let by_key: Map<&str, &Page> = read.map(|(page, key)| (key.as_str(), page)).collect();
    let rest = |(page, key): (&Page, &String)| {
        let is_later = page.is_later || asked(key);
        let (mut ids, mut not_seen) = (Vec::new(), page.answer.not_seen.clone());
        let (mut current, mut seen) = (page, HashSet::new());
        // A later page alone is never complete; its list was followed from the start.
        while let Some(next) = current.next.as_deref().filter(|_| !is_later) {
            match by_key.get(next).filter(|_| seen.insert(next)) {
                Some(found) => {
                    ids.extend(found.answer.ids.iter().cloned());
                    not_seen = not_seen.or_else(|| found.answer.not_seen.clone());
                    current = found;
                }
                None => {
                    not_seen = Some(unread_page(&page.scope, page.kind));
                    break;
                }
            }
        }
        (is_later, ids, not_seen)
    };
    let rests: Vec<(bool, Vec<ResourceId>, Option<Gap>)> = pages.iter().zip(&keys).map(rest).collect();
    let mut lists = Lists::default();
    for (Page { scope, kind, mut answer, .. }, (is_later, ids, not_seen)) in pages.into_iter().zip(rests) {
        if is_later {
            answer.filter = Filter::Other;
        }
        if !ids.is_empty() {
            answer.ids.extend(ids);
            answer.sort();
        }
        answer.not_seen = not_seen;
        let kinds = lists.entry(scope).or_default();
        match kinds.iter_mut().find(|(own, _)| *own == kind) {
            Some((_, answers)) => answers.push(answer),
            None => kinds.push((kind, vec![answer])),
        }
    }
    for (_, answers) in lists.values_mut().flatten() {
        contradiction::drop_replaced(answers, times);
        answers.sort_by(|a, b| (&a.not_seen, &a.ids).cmp(&(&b.not_seen, &b.ids)));
    }
    lists
}
