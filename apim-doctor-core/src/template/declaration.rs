//! Templates, not evaluated yet: parameters, variables, functions, resources, modules, outputs.

use std::sync::Arc;

use crate::template::expression::{Expr, Loop};
use crate::template::place::{FileId, Span};
use crate::template::table::Table;
use crate::template::value::Value;

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
    /// The scope that it is deployed to.
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

/// A resource or a module as a template declares it, not evaluated yet.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    /// The symbolic name, where the language has one. Nested children in Bicep: `parent::child`.
    pub symbol: Option<Arc<str>>,
    /// Where the whole declaration stands.
    pub span: Span,
    /// `Microsoft.KeyVault/vaults`, without the version. Of a child (with `parent`, or among `children`) the
    /// whole type.
    pub resource_type: Expr,
    /// The api-version.
    pub api_version: Option<Expr>,
    /// The name. Of a child with `parent`, or among `children`, the last segment; else all segments, with slashes.
    pub name: Expr,
    /// Whether `name` is the last segment only, the parent's names coming before it.
    pub relative: bool,
    /// `scope`: a text (relative or absolute), a resource, or what `resourceGroup(…)` and its kin return.
    pub scope: Option<Expr>,
    /// The parent as an expression that gives a resource (Bicep's `parent:`); of `children` it is clear without.
    pub parent: Option<Expr>,
    /// Whether it is only named, not made.
    pub existing: bool,
    /// Whether it is there.
    pub condition: Option<Expr>,
    /// How many of it.
    pub copy: Option<Loop>,
    /// What is waited for: each a text (name or id), a resource, or a list of these.
    pub depends_on: Vec<Expr>,
    /// The body: an object with `location`, `identity`, `sku`, `properties`, …, without type, version, name, scope,
    /// condition, loop and dependencies.
    pub body: Expr,
    /// What it deploys, where it is a module or a nested deployment.
    pub module: Option<Box<Module>>,
    /// Resources that stand inside this one, once per instance of it. They have no symbolic names: a front end whose
    /// language gives them some puts them beside the others, with `parent` and `relative`.
    pub children: Vec<Arc<Declaration>>,
}
