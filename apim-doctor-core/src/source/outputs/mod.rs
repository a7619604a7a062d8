//! From the files that people have to the form that is read: recordings, and lists of bodies as Resource Manager answers
//! them.
//!
//! A file may be JSON or YAML, in UTF-8 or UTF-16, and hold one document or several. A resource in it may stand in
//! the form of Resource Manager, of azure-cli, of Azure PowerShell or of Resource Graph. What stands in another form is
//! restored; what is only a part completes what another file holds. Every body stays on its line.

mod body;
mod graph;
mod kinds;
mod merge;
mod owner;
mod powershell;
mod scan;
mod text;
mod walk;
mod write;
mod yaml;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::base::ResourceId;
use crate::model::{Gap, Input, SetAside};
use crate::source::InputError;
use crate::source::input_error::position;

use body::{Body, Content, Pieces, Spot};
use merge::merge;
use owner::Candidates;
use scan::DEEPEST;
use walk::Walk;

/// The inputs in the form that is read.
#[derive(Default)]
pub(super) struct Prepared {
    pub inputs: Vec<Prepare>,
    /// Problems, each with the position of its input among those given.
    pub problems: Vec<(usize, InputError)>,
    pub aside: Vec<SetAside>,
    /// Resources of which the files show only a part.
    pub parts: Vec<(ResourceId, Gap)>,
}

/// One input in the form that is read.
pub(super) struct Prepare {
    pub input: Input,
    /// The position of its file among the inputs given.
    pub given: usize,
    /// Whether it can be read at all; if not, a problem says why.
    pub is_readable: bool,
}

/// How many recordings one file may hold.
const MOST: usize = 64;

const FORMATS: &str = "give a `snapshot/v1` recording, a JSON array of Azure resources, `{\"value\": […]}`, \
                        `{\"data\": […]}` or one resource";

/// The text of a file, and where its documents stand in it.
struct Text<'i> {
    text: Cow<'i, str>,
    documents: Vec<Range<usize>>,
}

/// What the files hold.
struct File<'t> {
    given: usize,
    pieces: Pieces<'t>,
    /// How many bodies it holds.
    count: usize,
    /// It holds one document of a form that is read, and stays as it is if nothing in it is restored.
    is_plain: bool,
}

/// Brings inputs into the form that is read. `owners` are the resources that outputs without an id belong to.
pub(super) fn prepare(inputs: Vec<Input>, owners: &[ResourceId]) -> Prepared {
    let mut prepared = Prepared::default();
    let mut forms = forms(&inputs, owners, &mut prepared);
    for (given, input) in inputs.into_iter().enumerate() {
        let make = |input, is_readable| Prepare { input, given, is_readable };
        match forms.remove(&given) {
            None => prepared.inputs.push(make(input, false)),
            Some(None) => prepared.inputs.push(make(input, true)),
            Some(Some(written)) => {
                let own = |bytes| make(Input::new(input.name.clone(), bytes), true);
                prepared.inputs.extend(written.into_iter().map(own));
            }
        }
    }
    prepared
}

/// The bytes that are read of each readable input; `None`: its own.
type Forms = BTreeMap<usize, Option<Vec<Vec<u8>>>>;

fn forms(inputs: &[Input], owners: &[ResourceId], prepared: &mut Prepared) -> Forms {
    let mut texts: Vec<(usize, Text<'_>)> = Vec::new();
    for (given, input) in inputs.iter().enumerate() {
        match readable(input) {
            Ok(text) => texts.push((given, text)),
            Err(problem) => prepared.problems.push((given, problem)),
        }
    }
    let of = |given: usize| inputs.get(given);
    // What is combined must not depend on the order of the inputs.
    texts.sort_by(|(a, _), (b, _)| {
        let key = |given| of(given).map(|input: &Input| (&input.name, &input.bytes));
        key(*a).cmp(&key(*b))
    });
    let mut files: Vec<File<'_>> = {
        let length = |given| of(given).map_or(0, |input| input.bytes.len());
        texts.iter().map(|(given, text)| pieces(*given, length(*given), text)).collect()
    };
    let name = |given: usize| of(given).map(|input| input.name.clone()).unwrap_or_default();
    attribute(&mut files, texts.iter().map(|(_, text)| &*text.text), owners);
    for File { given, pieces, count, .. } in &files {
        prepared.report(*given, &name(*given), pieces, *count);
    }
    let mut bodies: Vec<Vec<Body<'_>>> = files.iter_mut().map(|file| std::mem::take(&mut file.pieces.bodies)).collect();
    for (id, gap) in merge(&mut bodies) {
        prepared.parts.push((id, gap));
    }
    let written = files.into_iter().zip(bodies).map(|(file, bodies)| {
        let File { given, pieces, count, is_plain } = file;
        let is_own = |body: &Body<'_>| matches!(body.content, Content::Own(_));
        let is_same = bodies.len() == count && bodies.iter().all(is_own);
        let is_silent = pieces.problems.is_empty() && pieces.aside.is_empty();
        // Several lists are written alike, so that one list can be written with the fixes.
        if is_plain && is_silent && is_same && (inputs.len() == 1 || count == 0) {
            return (given, None);
        }
        // An input without usable content was reported and is not used as an input.
        if count == 0 && pieces.whole.is_empty() && !is_silent {
            return (given, Some(Vec::new()));
        }
        let mut all: Vec<Vec<u8>> = pieces.whole.iter().take(MOST).map(|(at, text)| write::text(text, *at)).collect();
        if !bodies.is_empty() || all.is_empty() {
            all.push(write::list(bodies));
        }
        (given, Some(all))
    });
    written.collect()
}

impl Prepared {
    /// Takes over what is to be said about a file.
    fn report(&mut self, given: usize, name: &str, pieces: &Pieces<'_>, bodies: usize) {
        let problem = |at: Option<Spot>, message: &str, help: &str, fatal| InputError {
            file: name.to_owned(),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            message: message.to_owned(),
            help: help.to_owned(),
            fatal,
        };
        // Nothing of the file is used if the only problem is all that it holds.
        let is_all = bodies == 0 && pieces.whole.is_empty() && pieces.aside.is_empty() && pieces.problems.len() == 1;
        for (at, message, help) in &pieces.problems {
            self.problems.push((given, problem(Some(*at), message, help, is_all)));
        }
        if pieces.whole.len() > MOST {
            let message = format!("the file holds more than {MOST} recordings; the rest was not read");
            self.problems.push((given, problem(None, &message, "give each recording a file of its own", false)));
        }
        let aside = |(at, what, help): &(Spot, String, String)| SetAside {
            file: name.to_owned(),
            line: at.line,
            what: what.clone(),
            help: help.clone(),
        };
        self.aside.extend(pieces.aside.iter().map(aside));
    }
}

/// The text of a file in UTF-8 or UTF-16.
pub(super) fn text_of(bytes: &[u8]) -> Option<Cow<'_, str>> {
    text::text(bytes)
}

/// The text of an input, as JSON.
fn readable(input: &Input) -> Result<Text<'_>, InputError> {
    let problem = |at: Option<(usize, usize)>, message: String, help: &str| InputError {
        file: input.name.clone(),
        line: at.map(|(line, _)| line),
        column: at.map(|(_, column)| column),
        message,
        help: help.to_owned(),
        fatal: true,
    };
    let Some(mut text) = text::text(&input.bytes) else {
        let valid = std::str::from_utf8(&input.bytes).map_or_else(|error| error.valid_up_to(), |_| 0);
        let at = Some(position(&input.bytes, valid));
        return Err(problem(at, "the file is not valid UTF-8: expected JSON in UTF-8".to_owned(), "save it as UTF-8"));
    };
    text = text::plain(text);
    if text.trim().is_empty() {
        return Err(problem(None, "the file is empty: expected a recording or Azure resources".to_owned(), FORMATS));
    }
    if let Some((message, help)) = kinds::text(&text) {
        return Err(problem(Some((1, 1)), message.to_owned(), help));
    }
    if yaml::looks_like(&text) {
        let json = yaml::to_json(&text).map_err(|yaml::NotYaml { line, message }| {
            problem(Some((line, 1)), message, "print it with `--output json`, or correct the file")
        })?;
        text = Cow::Owned(json);
    }
    match scan::documents(text.as_bytes()) {
        Ok(documents) => Ok(Text { text, documents }),
        Err(offset) => {
            let message = format!("the JSON is nested too deeply: expected at most {DEEPEST} levels");
            let help = "Azure's answers are never that deep: collect it again, or remove this exchange";
            Err(problem(Some(position(text.as_bytes(), offset)), message, help))
        }
    }
}

/// What a file of this length holds.
fn pieces<'t>(given: usize, length: usize, text: &'t Text<'_>) -> File<'t> {
    let mut pieces = Pieces::default();
    let is_one = text.documents.len() == 1;
    // A recording says so first: nothing in it has to be looked for.
    let begins = |rest: &'t str, next: &&str| rest.trim_start().strip_prefix(*next);
    if is_one && ["{", "\"apimDoctor\""].iter().try_fold(&*text.text, begins).is_some() {
        pieces.whole.push((Spot { line: 1, column: 1 }, &text.text));
    } else {
        let mut walk = Walk::new(&text.text, &mut pieces);
        text.documents.iter().filter_map(|range| text.text.get(range.clone())).for_each(|own| walk.document(own));
    }
    let is_as_given = matches!(text.text, Cow::Borrowed(_)) && text.text.len() == length;
    let is_plain = is_one && is_as_given && !pieces.is_nested;
    File { given, count: pieces.bodies.len(), pieces, is_plain }
}

/// Finds out whose the outputs are that contain no id.
fn attribute<'t>(files: &mut [File<'t>], texts: impl Iterator<Item = &'t str>, owners: &[ResourceId]) {
    if files.iter().all(|file| file.pieces.unnamed.is_empty()) {
        return;
    }
    let mut candidates = Candidates::default();
    texts.for_each(|text| candidates.add(text));
    for file in files {
        for unnamed in std::mem::take(&mut file.pieces.unnamed) {
            match owner::attribute(&unnamed, &candidates, owners) {
                Some(body) => {
                    file.pieces.bodies.push(body);
                    file.count += 1;
                    file.is_plain = false;
                }
                None => {
                    let (what, of) = unnamed.kind.what();
                    let help = format!("name the {of} with `--for RESOURCE`");
                    file.pieces.aside.push((unnamed.at, what.to_owned(), help));
                }
            }
        }
    }
}
