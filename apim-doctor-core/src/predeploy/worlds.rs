//! Possible worlds: the deployment with each value that a parameter without one can have.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::Estate;
use crate::source::arm;
use crate::source::deployed::{Laid, switched};
use crate::template::deployment::{Evaluated, Template};
use crate::template::evaluation::{Given, Options, evaluate, evaluate_expression};
use crate::template::place::{Files, Span};
use crate::template::value::{Kind, Value};

/// How many worlds are tried at most, and how many resources in all of them. What does not fit stays unknown in each world.
const MOST: usize = 32;
const MOST_RESOURCES: usize = 4000;

/// A template with its parameters.
pub(super) struct Prepared {
    pub template: Arc<Template>,
    pub given: Given,
    pub options: Options,
    /// Its files, without their texts.
    pub templates: arm::Project,
}

/// A parameter without a value, and the few values that it can have.
struct Choice {
    /// Which template it belongs to.
    of: usize,
    name: Arc<str>,
    values: Vec<Value>,
}

/// What is judged in each world.
pub(super) struct Worlds<'w> {
    pub files: &'w mut Files,
    /// What the files make, as far as it is known.
    pub evaluated: &'w Evaluated,
    /// What the plans among them make: it hangs on no parameter.
    pub planned: &'w Evaluated,
    pub prepared: &'w mut [Prepared],
}

impl Worlds<'_> {
    /// The estates of which one comes true, whatever is given for these parameters and whichever conditions hold.
    pub(super) fn estates(
        &mut self,
        unset: &BTreeSet<Span>,
        lay: impl Fn(&Files, &Evaluated) -> Laid,
    ) -> Vec<Arc<Estate>> {
        let most = (MOST_RESOURCES / self.evaluated.resources.len().max(1)).clamp(2, MOST);
        let mut choices = Vec::new();
        let mut count = 1;
        for (of, prepared) in self.prepared.iter().enumerate() {
            for choice in prepared.choices(of, unset) {
                if count * choice.values.len() <= most {
                    count *= choice.values.len();
                    choices.push(choice);
                }
            }
        }
        let mut estates = Vec::new();
        for world in 0..count {
            let evaluated = match count {
                1 => self.evaluated.clone(),
                _ => self.evaluated_with(&choices, world),
            };
            let laid = lay(self.files, &evaluated);
            let more = switched(&evaluated, &laid.switches, most / count);
            match more.is_empty() {
                // Without anything to decide there is one world, which is judged already.
                true if count == 1 => {}
                true => estates.push(laid.estate),
                false => estates.extend(more.iter().map(|evaluated| lay(self.files, evaluated).estate)),
            }
        }
        estates.into_iter().map(Arc::new).collect()
    }

    /// What the templates make in a world: its number says which value each parameter has.
    fn evaluated_with(&mut self, choices: &[Choice], mut world: usize) -> Evaluated {
        let mut given: Vec<Given> = self.prepared.iter().map(|prepared| prepared.given.clone()).collect();
        for choice in choices {
            let count = choice.values.len().max(1);
            let value = choice.values.get(world % count);
            world /= count;
            if let (Some(given), Some(value)) = (given.get_mut(choice.of), value) {
                given.insert(choice.name.clone(), value.clone());
            }
        }
        let mut all = self.planned.clone();
        for (prepared, given) in self.prepared.iter_mut().zip(given) {
            std::mem::swap(&mut prepared.templates.files, self.files);
            let evaluated = evaluate(prepared.template.clone(), &given, &prepared.options, &mut prepared.templates);
            std::mem::swap(&mut prepared.templates.files, self.files);
            join(&mut all, evaluated);
        }
        all
    }
}

impl Prepared {
    /// The parameters among these that can have few values: switches, and those of which the template lists the allowed
    /// values.
    fn choices(&self, of: usize, unset: &BTreeSet<Span>) -> Vec<Choice> {
        const MOST_VALUES: usize = 8;
        let open = self.template.parameters.iter().filter(|(name, parameter)| {
            let is_given = self.given.get(name).is_some_and(|value| value.as_symbol().is_none());
            unset.contains(&parameter.span) && parameter.default.is_none() && !is_given && !parameter.secure
        });
        let choice = open.filter_map(|(name, parameter)| {
            let allowed = parameter
                .allowed
                .as_ref()
                .map(|allowed| evaluate_expression(self.template.clone(), &self.given, &self.options, allowed).0);
            let values = match allowed.as_ref().and_then(Value::as_array) {
                Some(array) if array.open.is_none() => array.items.clone(),
                Some(_) => Vec::new(),
                None if parameter.kind.eq_ignore_ascii_case("bool") => {
                    [true, false].map(|value| Value::new(Kind::Bool(value), parameter.span)).to_vec()
                }
                None => Vec::new(),
            };
            let is_list = parameter.kind.eq_ignore_ascii_case("array");
            let is_few = !is_list && (1..=MOST_VALUES).contains(&values.len());
            is_few.then(|| Choice { of, name: name.clone(), values })
        });
        choice.collect()
    }
}

/// Adds what one deployment makes to the others.
pub(super) fn join(all: &mut Evaluated, evaluated: Evaluated) {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (resources, deployments) = (number(all.resources.len()), number(all.deployments.len()));
    all.resources.extend(evaluated.resources.into_iter().map(|mut resource| {
        resource.deployment += deployments;
        for dependency in &mut resource.dependencies {
            dependency.resource = dependency.resource.map(|at| at + resources);
        }
        resource
    }));
    all.lost.extend(evaluated.lost);
    all.deployments.extend(evaluated.deployments.into_iter().map(|mut deployment| {
        deployment.resource = deployment.resource.map(|at| at + resources);
        deployment
    }));
}
