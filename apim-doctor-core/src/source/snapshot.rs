//! `snapshot/v1` and the bare forms of Resource Manager, Resource Graph and exports.
//!
//! Bodies are read where they stand in the file: each is parsed once, straight into its type.

use std::sync::Arc;

use crate::base::{Map, ResourceId};
use crate::model::script::ScriptRequest;
use crate::model::{Coverage, Estate, Index, Input, Refusal, SetAside};
use crate::source::InputError;
use crate::source::contradiction::{self, Contradicted};
use crate::source::document::in_order;
use crate::source::keep::{LATER, Later};
use crate::source::merge::{forget_repeated, latest_calls, latest_dns, latest_statuses};
use crate::source::outputs::{Prepared, prepare};
use crate::source::pages::{join_direct, join_pages, one_each};
use crate::source::reader::{Counts, Reader};
use crate::source::script::{self, ScriptRead};

/// What the caller knows of the inputs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The resources that outputs without an id belong to: `az functionapp config appsettings list` prints settings, and
    /// not of which app. Each output goes to the only resource here of a fitting type; without one, to the only such
    /// resource that the inputs name.
    pub owners: Vec<ResourceId>,
}

impl ReadOptions {
    /// Gives outputs without an id to these resources, in addition to those named before.
    #[must_use]
    pub fn with_owners(mut self, owners: impl IntoIterator<Item = ResourceId>) -> Self {
        self.owners.extend(owners);
        self
    }
}

impl Estate {
    /// Reads recordings and bare bodies into one estate.
    ///
    /// Each problem is reported and the rest is still read. A list is complete only if a
    /// recorded answer proves it. Secret values have no place in an estate and are dropped while reading.
    ///
    /// ```
    /// use apim_doctor_core::{Estate, Input};
    /// let vault = r#"[{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv",
    ///                  "properties": {"publicNetworkAccess": "Disabled"}}]"#;
    /// let (_estate, problems) = Estate::read(vec![Input::new("kv.json", vault)]);
    /// assert!(problems.is_empty());
    /// ```
    pub fn read(inputs: Vec<Input>) -> (Estate, Vec<InputError>) {
        Estate::read_with(inputs, &ReadOptions::default())
    }

    /// As [`Estate::read`], with what the caller knows of the inputs.
    pub fn read_with(inputs: Vec<Input>, options: &ReadOptions) -> (Estate, Vec<InputError>) {
        Estate::read_as(inputs, options, &LATER)
    }

    /// Adds the requests for backups that scripts send to the collected data. Each problem is reported and the rest is
    /// still read.
    pub fn add_scripts(&mut self, scripts: Vec<Input>) -> Vec<InputError> {
        let Sorted { scripts, aside, problems, .. } = sorted(scripts);
        script::join(self, scripts);
        let coverage = Arc::make_mut(&mut self.coverage);
        coverage.aside.extend(aside);
        problems.into_iter().map(|(_, problem)| problem).collect()
    }

    /// How much of the inputs was understood.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Reads as if `later` were kept from a later version on than the first.
    pub(crate) fn read_as(
        inputs: Vec<Input>,
        options: &ReadOptions,
        later: &'static [Later],
    ) -> (Estate, Vec<InputError>) {
        let files = inputs.len();
        let Sorted { inputs, positions, scripts, aside: notes, problems } = sorted(inputs);
        let Prepared { inputs, problems: mut said, mut aside, parts } = prepare(inputs, &options.owners);
        let position = |given: usize| positions.get(given).copied().unwrap_or(given);
        said.iter_mut().for_each(|(given, _)| *given = position(*given));
        said.extend(problems);
        aside.extend(notes);
        let inputs = in_order(inputs);
        let (given, inputs): (Vec<(usize, bool)>, Vec<Input>) =
            inputs.into_iter().map(|one| ((position(one.given), one.is_readable), one.input)).unzip();
        let mut reader = Reader { inputs: &inputs, later, ..Reader::default() };
        for (file, (input, (_, is_readable))) in inputs.iter().zip(&given).enumerate() {
            reader.file = u16::try_from(file).unwrap_or(u16::MAX);
            reader.name.clone_from(&input.name);
            reader.bytes = &input.bytes;
            reader.kept = None;
            reader.times.push_bare();
            if *is_readable {
                reader.input();
            }
        }
        let mut contradicted = Contradicted::default();
        reader.compare_answers(&mut contradicted);
        reader.inline_subnets();
        reader.compare_answers(&mut contradicted);
        reader.tell_cloud();
        for (id, gap) in parts {
            reader.refuse(id, Refusal::NotSeen(gap));
        }
        let Reader { mut estate, problems, counts, direct, pages, statuses, times, gone, dns, calls, .. } = reader;
        estate.dns = latest_dns(dns, &times);
        estate.calls = latest_calls(calls, &times);
        forget_repeated(&mut estate.tables, &times);
        estate.observations.extend(latest_statuses(statuses, &times));
        let mut direct = one_each(direct, &times);
        join_direct(&mut direct);
        let (lists, mut index) =
            rayon::join(|| join_pages(pages, &estate.cloud.resource_manager, &times), || Index::of_resources(&estate));
        estate.lists = Arc::new(lists);
        estate.direct = Arc::new(direct);
        index.add_lists(&estate);
        estate.index = Arc::new(index);
        let mut found = contradiction::search(&estate, &times, &gone);
        found.contradicted.extend(contradicted);
        if contradiction::forget(&mut estate, found, &inputs, &times) {
            estate.index = Arc::new(Index::of(&estate));
        }
        estate.inputs = Arc::new(inputs);
        script::join(&mut estate, scripts);
        let position = |file: u16| given.get(usize::from(file)).map_or(usize::MAX, |(given, _)| *given);
        said.extend(problems.into_iter().map(|(file, problem)| (position(file), problem)));
        said.sort_by_key(|(given, _)| *given);
        only_whole_files(&mut said, &given);
        let Counts { modelled, read, other } = counts;
        estate.coverage = Arc::new(Coverage { files, modelled, read, other, aside });
        (estate, said.into_iter().map(|(_, problem)| problem).collect())
    }
}

/// The inputs without the scripts among them, and what the scripts say.
#[derive(Default)]
struct Sorted {
    inputs: Vec<Input>,
    /// The positions of the inputs among those given.
    positions: Vec<usize>,
    scripts: Vec<ScriptRequest>,
    aside: Vec<SetAside>,
    problems: Vec<(usize, InputError)>,
}

fn sorted(inputs: Vec<Input>) -> Sorted {
    let mut sorted = Sorted::default();
    let mut scripts: Vec<(String, ScriptRead)> = Vec::new();
    for (given, input) in inputs.into_iter().enumerate() {
        match script::script_of(&input) {
            None => {
                sorted.inputs.push(input);
                sorted.positions.push(given);
            }
            Some(Err(problem)) => sorted.problems.push((given, problem)),
            Some(Ok((kind, text))) => {
                let mut read = script::read(&input, kind, &text);
                sorted.problems.extend(read.problem.take().map(|problem| (given, problem)));
                scripts.push((input.name, read));
            }
        }
    }
    // The order in which files are given means nothing.
    scripts.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (_, read) in scripts {
        sorted.scripts.extend(read.requests);
        sorted.aside.extend(read.aside);
    }
    sorted
}

/// A file of several documents is fatal once, and only if none of them could be used.
fn only_whole_files(problems: &mut [(usize, InputError)], pieces: &[(usize, bool)]) {
    let mut failed: Map<usize, usize> = Map::default();
    for (given, _) in problems.iter().filter(|(_, problem)| problem.fatal) {
        *failed.entry(*given).or_default() += 1;
    }
    for (given, problem) in problems.iter_mut().filter(|(_, problem)| problem.fatal) {
        let of_file = pieces.iter().filter(|(own, _)| own == given).count();
        let failed = failed.entry(*given).or_default();
        problem.fatal = *failed >= of_file.max(1);
        *failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Gap, Place};

    const VAULTS: &str = "/subscriptions/s/providers/Microsoft.KeyVault/vaults";

    /// Where each of two listed vaults stands, as its text, and why the list is not whole.
    fn read(body: &str) -> (Vec<Option<String>>, Vec<Option<Gap>>) {
        let request = format!("GET {VAULTS}?api-version=2023-07-01");
        let text = format!(
            r#"{{"apimDoctor": "snapshot/v1", "exchanges": [{{"request": "{request}", "status": 200, "body": {body}}}]}}"#
        );
        let (estate, problems) = Estate::read(vec![Input::new("x", text.clone())]);
        assert!(problems.is_empty(), "{problems:?}");
        let place = |name: &str| estate.tables.place(&ResourceId::new(&format!("{VAULTS}/{name}")));
        let text = |at: Place| text.get(at.offset..at.offset + at.len).map(str::to_owned);
        let answers = estate.answers(&ResourceId::new("/subscriptions/s"), "microsoft.keyvault/vaults");
        let places = ["a", "b"].map(|name| place(name).and_then(text));
        (places.to_vec(), answers.iter().map(|answer| answer.not_seen.clone()).collect())
    }

    #[test]
    fn a_list_of_elements_alone_is_read_like_any_other() {
        let vault = |name: &str| format!(r#"{{"id": "{VAULTS}/{name}", "properties": {{"vaultUri": "]}},"}} }}"#);
        let (a, b) = (vault("a"), vault("b"));
        let both = (vec![Some(a.clone()), Some(b.clone())], vec![None]);
        for body in [
            format!(r#"{{"value":[{a},{b}]}}"#),
            format!(r#"{{ "value" : [ {a} , {b} ] }}"#),
            format!(r#"{{"value": [{a}, {b}], "nextLink": null}}"#),
            format!(r#"{{"nextLink": null, "value": [{a}, {b}]}}"#),
        ] {
            assert_eq!(read(&body), both, "{body}");
        }
        assert_eq!(read(r#"{"value": [ ]}"#), (vec![None, None], vec![None]));
        let nameless = read(&format!(r#"{{"value": [{a}, {{"properties": {{}}}}]}}"#));
        assert_eq!(nameless.0, [Some(a), None]);
        assert!(nameless.1.iter().all(Option::is_some));
    }
}
