//! Templates that a plan deploys.

use crate::source::arm;
use crate::source::terraform::lower::form::{Lowered, Lowering, Made, empty};
use crate::source::terraform::plan::Plan;
use crate::source::terraform::values::last_segment;
use crate::source::terraform::view::Block;
use crate::template::deployment::{Evaluated, Problem};
use crate::template::evaluation::{Given, NoLoader, Options, evaluate};
use crate::template::place::Span;
use crate::template::resource::{Dependency, Resource};
use crate::template::value::{Array, Key, Kind, Object, Value};

impl Lowering<'_, '_> {
    /// The deployment itself; what it deploys is added later.
    pub(super) fn template(&self, at: usize, own: &Block<'_, '_>) -> Lowered {
        let body = empty(own.span());
        Made::new(self.plan.id_of(at), "Microsoft.Resources/deployments", "2022-09-01", body).into()
    }
}

/// Adds the resources of the template that an instance deploys.
pub(super) fn add(plan: &Plan<'_>, at: usize, number: u32, evaluated: &mut Evaluated) {
    let own = Block::top(plan, at);
    let span = own.span();
    let mut problem = |message: String| evaluated.problems.push(Problem { span, message });
    let Some(text) = own.shown("template_content").and_then(Value::as_str).map(str::to_owned) else {
        return problem(format!("the template of `{}` is known after apply", own.address()));
    };
    let read = arm::read_template(span.file, &text);
    let Some(template) = read.found else {
        return problem(format!("the template of `{}` is not JSON", own.address()));
    };
    let parameters = own.get("parameters_content");
    let given = match parameters.as_ref().map(|value| (value.as_str(), value.is_unknown())) {
        Some((Some(text), _)) if !text.is_empty() => arm::read_parameters(span.file, text).found.unwrap_or_default(),
        // Whatever parameters have no value are unknown then.
        _ => Given::default(),
    };
    let group = plan.group_of(at, &own);
    let name = last_segment(&group);
    let subscription = plan.subscription(at);
    let options = Options {
        subscription: subscription.as_str().map(Into::into),
        resource_group: name.as_ref().and_then(Value::as_str).map(Into::into),
        cloud: plan.cloud,
        ..Options::default()
    };
    let inner = evaluate(template, &given, &options, &mut NoLoader);
    let deployments = u32::try_from(evaluated.deployments.len()).unwrap_or(u32::MAX);
    let resources = u32::try_from(evaluated.resources.len()).unwrap_or(u32::MAX);
    for (index, mut deployment) in inner.deployments.into_iter().enumerate() {
        deployment.resource = match index {
            0 => Some(number),
            _ => deployment.resource.map(|number| number.saturating_add(resources)),
        };
        deployment.scope = placed(&deployment.scope, span, 0);
        evaluated.deployments.push(deployment);
    }
    for resource in inner.resources {
        evaluated.resources.push(moved(resource, span, resources, deployments));
    }
    evaluated.problems.extend(inner.problems.into_iter().map(|problem| Problem { span, ..problem }));
}

/// A resource of a template in a text: everything in it stands where the text stands.
fn moved(resource: Resource, span: Span, resources: u32, deployments: u32) -> Resource {
    let place = |value: &Value| placed(value, span, 0);
    let dependency = |one: Dependency| Dependency {
        resource: one.resource.map(|number| number.saturating_add(resources)),
        on: place(&one.on),
        written: one.written,
    };
    Resource {
        id: place(&resource.id),
        api_version: place(&resource.api_version),
        name: place(&resource.name),
        scope: place(&resource.scope),
        parent: resource.parent.as_ref().map(place),
        condition_value: resource.condition_value.as_ref().map(place),
        dependencies: resource.dependencies.into_iter().map(dependency).collect(),
        body: place(&resource.body),
        span,
        deployment: resource.deployment.saturating_add(deployments),
        ..resource
    }
}

fn placed(value: &Value, span: Span, depth: u32) -> Value {
    if depth > 200 {
        return Value::new(value.kind.clone(), span);
    }
    let kind = match &value.kind {
        Kind::Array(array) => {
            let items = array.items.iter().map(|item| placed(item, span, depth + 1)).collect();
            Kind::Array(Array::new(items, array.open.clone()).into())
        }
        Kind::Object(object) => {
            let entry = |(key, inner): &(Key, Value)| (Key { span, ..key.clone() }, placed(inner, span, depth + 1));
            Kind::Object(Object::new(object.entries().iter().map(entry).collect()).open(object.open.clone()).into())
        }
        other => other.clone(),
    };
    Value::new(kind, span)
}
