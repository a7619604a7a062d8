//! Deployments: a template not evaluated yet, its modules, and what came of evaluation.

use std::sync::Arc;

use crate::template::expression::Expr;
use crate::template::place::{FileId, Span};
use crate::template::resource::{Declaration, Resource};
use crate::template::value::{Value, hash};

/// What a deployment is deployed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum TargetScope {
    /// A resource group.
    #[default]
    ResourceGroup,
    /// A subscription.
    Subscription,
    /// A management group.
    ManagementGroup,
    /// The tenant.
    Tenant,
}

/// A template, not evaluated yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    /// The file.
    pub file: FileId,
    /// Where it stands in the file.
    pub span: Span,
    /// What it is deployed to.
    pub target: TargetScope,
    /// Its parameters.
    pub parameters: Table<Parameter>,
    /// Its variables. Bicep's imported ones under names that no other has.
    pub variables: Table<Variable>,
    /// Its functions: ARM's as `namespace.name`.
    pub functions: Table<UserFunction>,
    /// Its resources and modules, in the order in which they were written.
    pub resources: Vec<Arc<Declaration>>,
    /// Its outputs.
    pub outputs: Table<Output>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Where its declaration stands.
    pub span: Span,
    /// The type as written: `string`, `securestring`, `int`, …
    pub kind: Arc<str>,
    /// The default.
    pub default: Option<Expr>,
    /// The values that are allowed, where they are few.
    pub allowed: Option<Expr>,
    /// Whether its value is a secret.
    pub secure: bool,
    /// Whether it may be `null`, and is where it has no value.
    pub nullable: bool,
}

/// A variable.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Where its declaration stands.
    pub span: Span,
    /// Its value; of a loop a `For`.
    pub value: Expr,
}

/// A user-defined function. It sees its parameters and, in Bicep, variables and functions; never resources.
#[derive(Clone, Debug)]
pub(crate) struct UserFunction {
    /// Where its declaration stands.
    pub span: Span,
    /// The names of its parameters, which are `Local` in the body.
    pub parameters: Vec<Arc<str>>,
    /// What it gives.
    pub body: Expr,
}

/// An output.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// Where its declaration stands.
    pub span: Span,
    /// Its value; of a loop a `For`.
    pub value: Expr,
    /// Whether it is there.
    pub condition: Option<Expr>,
    /// Whether its value is a secret.
    pub secure: bool,
}

/// A module or nested deployment.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    /// What is deployed.
    pub source: ModuleSource,
    /// Where its expressions are evaluated.
    pub evaluation: ModuleScope,
    /// The values of its parameters, as written: an object of values.
    pub parameters: Option<Expr>,
    /// Whether each value stands in an object of its own, as `value` or `reference`. Only ARM.
    pub wrapped: bool,
    /// The resource group it goes to, where it is another one (ARM's `resourceGroup`). Bicep uses the declaration's
    /// `scope` instead.
    pub resource_group: Option<Expr>,
    /// The subscription it goes to, where it is another one (ARM's `subscriptionId`).
    pub subscription: Option<Expr>,
}

/// What a module deploys.
#[derive(Clone, Debug)]
pub(crate) enum ModuleSource {
    /// A template that is here.
    Template(Arc<Template>),
    /// A link that has to be evaluated and loaded: ARM's `templateLink`, an object with `uri` or `relativePath`.
    Link(Expr),
    /// One that could not be read; the value is unknown and says why. Its inputs are kept.
    Missing(Value),
}

/// Where the expressions of a nested template are evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ModuleScope {
    /// In the nested template: it sees its own parameters and variables.
    #[default]
    Inner,
    /// In the template around it.
    Outer,
}

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

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// What came of evaluation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evaluated {
    /// The deployments, the first one the outermost.
    pub deployments: Vec<Deployment>,
    /// All resources of all deployments, modules among them.
    pub resources: Vec<Resource>,
    /// What is wrong in the files.
    pub problems: Vec<Problem>,
}

/// One deployment: the outermost, or one per instance of a module.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    /// The number of the resource that deploys it; none of the outermost.
    pub resource: Option<u32>,
    /// What it is deployed to.
    pub target: TargetScope,
    /// The id of the scope.
    pub scope: Value,
    /// The values of its parameters.
    pub parameters: Vec<(Arc<str>, Value)>,
    /// The values of its outputs.
    pub outputs: Vec<(Arc<str>, Value)>,
}

/// Something wrong in a file: the file could not be deployed like this, or a part could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where.
    pub span: Span,
    /// What: lower case, no full stop, one line, the user's values in back-ticks.
    pub message: String,
}
