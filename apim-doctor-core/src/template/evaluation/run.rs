//! Evaluations from their start to their end.

use std::sync::Arc;

use crate::template::declaration::Template;
use crate::template::deployment::{Evaluated, Problem};
use crate::template::evaluation::environment::Env;
use crate::template::evaluation::options::{Given, Loader, NoLoader, Options};
use crate::template::evaluation::state::Evaluator;
use crate::template::value::Value;

/// Evaluates a template with its parameters.
pub(crate) fn evaluate(
    template: Arc<Template>,
    given: &Given,
    options: &Options,
    loader: &mut dyn Loader,
) -> Evaluated {
    let mut evaluator = Evaluator::new(options, loader);
    evaluator.root(template, given);
    evaluator.all();
    evaluator.finish()
}

/// Evaluates one expression that sees the parameters and variables of a template; for tests and for parameter files.
pub(crate) fn evaluate_expression(
    template: Arc<Template>,
    given: &Given,
    options: &Options,
    expression: &crate::template::Expr,
) -> (Value, Vec<Problem>) {
    let mut loader = NoLoader;
    let mut evaluator = Evaluator::new(options, &mut loader);
    evaluator.root(template, given);
    let env = Env::new(0);
    let value = evaluator.eval(expression, &env);
    let value = evaluator.settled(&value);
    (value, evaluator.problems)
}
