//! What one template has and another one lacks, such as the principal of an identity in a module: outputs and parameters on
//! the way between the two.

use std::collections::VecDeque;

use serde_json::Value as Json;

use crate::base::ResourceId;
use crate::predeploy::repair::context::Repair;
use crate::predeploy::repair::files::Language;
use crate::predeploy::repair::names::{Named, Names, bicep_symbol, unused};
use crate::predeploy::repair::place::text_of;
use crate::predeploy::repair::write::write;
use crate::source::bicep::edit as bicep;
use crate::source::layout::Change;
use crate::template::place::FileId;
use crate::template::text::key;

/// Changes of files.
pub(super) type Changes = Vec<(FileId, Change)>;

/// How many templates a value may pass on its way.
const FURTHEST: usize = 8;

/// A resource that a template does not declare, and can name with `existing`.
pub(super) struct Mentioned {
    pub id: ResourceId,
    pub number: usize,
    pub kind: String,
    pub version: String,
    /// Its name, as an expression.
    pub name: String,
    /// The module in which it is made, by its symbolic name.
    pub module: String,
}

/// A step from a template to one that it calls, or back.
#[derive(Clone)]
struct Step {
    /// The template that has the value before the step.
    from: u32,
    /// The template that has it after the step.
    to: u32,
    /// The symbolic name of the module between the two, with its turn if it is in a loop.
    module: String,
    /// Whether the step leads out of the module.
    is_out: bool,
}

impl Repair<'_> {
    /// Writes a value. What has no name in the template is passed to it from another one.
    pub(super) fn written(&mut self, value: &Json, mut names: Names) -> Option<(String, Changes)> {
        let changes = self.supply(&mut names, value, None)?;
        write(value, &names, self.words).map(|text| (text, changes))
    }

    /// Adds to the names of a template what a value and the name of its property need and other templates can give.
    pub(super) fn supply(&mut self, names: &mut Names, value: &Json, property: Option<&str>) -> Option<Changes> {
        let mut texts: Vec<String> = property.map(str::to_owned).into_iter().collect();
        collect(value, &mut texts);
        let is_lacking = |text: &String| self.words.stands_in(text) && names.string(text, self.words).is_none();
        texts.retain(is_lacking);
        texts.dedup();
        let mut changes = Changes::new();
        for text in texts {
            let (named, more) = self.import(names, &text)?;
            names.add(text, named);
            changes.extend(more);
        }
        Some(changes)
    }

    /// The expression that gives a text once the templates on the way pass it on, and the changes of those.
    pub(super) fn import(&mut self, names: &Names, text: &str) -> Option<(Named, Changes)> {
        let (file, deployment) = names.template.filter(|_| names.language == Language::Bicep)?;
        let (steps, source, named) = self.way(deployment, text)?;
        let files: Vec<FileId> =
            steps.iter().flat_map(|step| [self.file_of(step.from), self.file_of(step.to)]).collect::<Option<_>>()?;
        let sources = files.iter().chain([&file]).map(|file| Some(self.file(*file)?.0)).collect::<Option<Vec<_>>>()?;
        let used: Vec<String> = sources.iter().flat_map(|source| bicep::names(source)).collect();
        let name = unused(&plain(&named.expression), &used);
        let (mut expression, mut seed, mut changes) = (named.expression.clone(), named.seed.clone(), Changes::new());
        let mut at = source;
        for step in &steps {
            let (from, to) = (self.file_of(at)?, self.file_of(step.to)?);
            let ((before, _), (after, _)) = (self.file(from)?, self.file(to)?);
            if step.is_out {
                changes
                    .push((from, bicep::add_declarations(&before, &format!("output {name} string = {expression}\n"))));
                expression = format!("{}.outputs.{name}", step.module);
                seed = format!("'{}'", step.module.replace('\'', ""));
            } else {
                let module = step.module.split('[').next().unwrap_or_default();
                changes.push((from, bicep::give_parameter(&before, module, &name, &expression)?));
                changes.push((to, bicep::add_parameter(&after, &format!("param {name} string"))));
                (expression, seed) = (name.clone(), name.clone());
            }
            at = step.to;
        }
        Some((Named { seed, ..Named::alone(&expression) }, changes))
    }

    /// The nearest template that can name a text, the steps from there, and the text's name there.
    fn way(&mut self, deployment: u32, text: &str) -> Option<(Vec<Step>, u32, Named)> {
        let mut open = VecDeque::from([(deployment, Vec::new())]);
        let mut seen = vec![deployment];
        while let Some((at, steps)) = open.pop_front() {
            let Some(file) = self.file_of(at) else { continue };
            if at != deployment
                && let Some((_, Language::Bicep)) = self.file(file)
            {
                let names = Names::of(
                    (self.evaluated, self.files),
                    (file, Language::Bicep),
                    (at, self.vaults),
                    &mut self.symbols,
                );
                if let Some(named) = names.find(text) {
                    return Some((steps, at, named.clone()));
                }
            }
            if steps.len() >= FURTHEST {
                continue;
            }
            for (next, module, is_out) in self.neighbours(at) {
                if !seen.contains(&next) {
                    seen.push(next);
                    let step = Step { from: next, to: at, module, is_out };
                    open.push_back((next, [vec![step], steps.clone()].concat()));
                }
            }
        }
        None
    }

    /// The templates from which a value can be passed to one: those that it calls, out of their modules, and the one that
    /// calls it, into its module. A module under a condition may not be there.
    fn neighbours(&self, deployment: u32) -> Vec<(u32, String, bool)> {
        let deployments = &self.evaluated.deployments;
        let module = |number: u32| {
            let resource = self.evaluated.resources.get(number as usize)?;
            let symbol = bicep_symbol(resource).filter(|_| resource.condition_value.is_none())?;
            Some((resource.deployment, symbol))
        };
        let mut all = Vec::new();
        for (number, inner) in (0u32..).zip(deployments) {
            let Some((outer, symbol)) = inner.resource.and_then(module) else { continue };
            if outer == deployment {
                all.push((number, symbol));
            } else if number == deployment {
                all.push((outer, symbol));
            }
        }
        all.into_iter()
            .map(|(other, symbol)| {
                let is_out = deployments.get(other as usize).and_then(|inner| inner.resource).and_then(module);
                (other, symbol, is_out.is_some_and(|(outer, _)| outer == deployment))
            })
            .collect()
    }

    /// The file of a deployment's template.
    fn file_of(&self, deployment: u32) -> Option<FileId> {
        let own = self.evaluated.resources.iter().find(|resource| resource.deployment == deployment)?;
        Some(own.span.file)
    }

    /// A resource that a module makes, as the template that calls the module can name it: in the same scope, by a name that
    /// is known before anything is deployed.
    pub(super) fn mentioned(&mut self, names: &Names, id: &ResourceId) -> Option<Mentioned> {
        let (_, deployment) = names.template.filter(|_| names.language == Language::Bicep)?;
        let number = self.declared.number(id)?;
        let resource = self.evaluated.resources.get(number)?;
        let deployments = &self.evaluated.deployments;
        let here = deployments.get(deployment as usize).map(|own| key(&own.scope));
        let is_top = resource.resource_type.matches('/').count() == 1 && resource.parent.is_none();
        if !is_top || here != Some(key(&resource.scope)) || resource.condition_value.is_some() {
            return None;
        }
        let mut inner = resource.deployment;
        let module = loop {
            let own = deployments.get(inner as usize)?.resource?;
            let module = self.evaluated.resources.get(own as usize)?;
            if module.condition_value.is_some() {
                return None;
            }
            if module.deployment == deployment {
                break bicep_symbol(module)?;
            }
            inner = module.deployment;
        };
        let text = text_of(&resource.name, &mut self.symbols)?;
        let is_early = |named: &&Named| named.of.is_empty() && !named.expression.contains(".outputs.");
        let name = match names.find(&text).filter(is_early) {
            Some(named) => named.expression.clone(),
            None if !self.words.stands_in(&text) => bicep::string(&text),
            None => return None,
        };
        let version = resource.api_version.as_str()?.to_owned();
        Some(Mentioned { id: id.clone(), number, kind: resource.resource_type.to_string(), version, name, module })
    }
}

/// All texts in a value, names of members among them.
fn collect(value: &Json, into: &mut Vec<String>) {
    match value {
        Json::String(text) => into.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Json::Object(members) => {
            for (name, inner) in members {
                into.push(name.clone());
                collect(inner, into);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A name for the value of an expression: of `app.identity.principalId`, `appPrincipalId`.
fn plain(expression: &str) -> String {
    let mut parts = expression.split('.').filter(|part| !["properties", "identity", "outputs"].contains(part));
    let first: String =
        parts.next().unwrap_or_default().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let rest = parts.map(|part| {
        let mut letters = part.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_');
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    format!("{first}{}", rest.collect::<String>())
}
