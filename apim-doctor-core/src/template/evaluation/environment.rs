//! What an expression sees: its deployment, local names and loops, and where the deployment goes.

use std::sync::Arc;

use crate::template::declaration::TargetScope;
use crate::template::evaluation::options::Options;
use crate::template::place::Span;
use crate::template::text::{self, Builder};
use crate::template::value::{Context, Kind, Symbol, Value, Why};

/// What an expression sees.
#[derive(Clone)]
pub(super) struct Env {
    /// The deployment whose parameters, variables, functions and resources it sees.
    pub instance: u32,
    frames: Option<Arc<Frame>>,
}

struct Frame {
    binding: Binding,
    outer: Option<Arc<Frame>>,
}

enum Binding {
    Local(Arc<str>, Value),
    Copy { name: Arc<str>, index: Value, resource: bool },
}

impl Env {
    /// What stands at the top of a template.
    pub(super) fn new(instance: u32) -> Self {
        Self { instance, frames: None }
    }

    fn with(&self, binding: Binding) -> Self {
        Self { instance: self.instance, frames: Some(Arc::new(Frame { binding, outer: self.frames.clone() })) }
    }

    /// The same with a local name.
    pub(super) fn local(&self, name: &Arc<str>, value: Value) -> Self {
        self.with(Binding::Local(name.clone(), value))
    }

    /// The same inside a loop.
    pub(super) fn copy(&self, name: &Arc<str>, index: Value, resource: bool) -> Self {
        self.with(Binding::Copy { name: name.clone(), index, resource })
    }

    fn bindings(&self) -> impl Iterator<Item = &Binding> {
        std::iter::successors(self.frames.as_deref(), |frame| frame.outer.as_deref()).map(|frame| &frame.binding)
    }

    /// The value of a local name.
    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        self.bindings().find_map(|binding| match binding {
            Binding::Local(known, value) if known.eq_ignore_ascii_case(name) => Some(value),
            _ => None,
        })
    }

    /// The turn of a loop: of one by its name, or of the innermost, resources and outputs first.
    pub(super) fn turn(&self, wanted: Option<&str>) -> Option<&Value> {
        let mut first = None;
        for binding in self.bindings() {
            let Binding::Copy { name, index, resource } = binding else { continue };
            match wanted {
                Some(wanted) if name.eq_ignore_ascii_case(wanted) => return Some(index),
                Some(_) => {}
                None if *resource => return Some(index),
                None => first = first.or(Some(index)),
            }
        }
        first
    }
}

/// Where a deployment goes.
#[derive(Clone)]
pub(super) struct Home {
    /// What kind of scope that is.
    pub kind: TargetScope,
    /// Its id; of the tenant, an empty text.
    pub scope: Value,
    /// The subscription's id alone.
    pub subscription: Value,
    /// The resource group's name.
    pub group: Value,
    /// The management group's name.
    pub management_group: Value,
    /// Whether it is where the outermost deployment goes.
    pub is_given: bool,
}

fn given(value: Option<&Arc<str>>, context: Context) -> Value {
    match value {
        Some(text) => Value::string(text.clone(), Span::NONE),
        None => Value::symbol(Symbol::Context(context), Span::NONE),
    }
}

/// A text of pieces; unknown where one of them is.
pub(super) fn text_of(pieces: &[&Value], between: &[&str], span: Span) -> Value {
    let mut builder = Builder::default();
    for (number, piece) in pieces.iter().enumerate() {
        builder.text(between.get(number).copied().unwrap_or_default());
        if let Err(unknown) = builder.value(piece) {
            return Value::new(Kind::Unknown(unknown), span);
        }
    }
    builder.text(between.get(pieces.len()).copied().unwrap_or_default());
    builder.finish(span)
}

impl Home {
    /// Where the outermost deployment goes.
    pub(super) fn of_options(options: &Options, kind: TargetScope) -> Self {
        let subscription = given(options.subscription.as_ref(), Context::Subscription);
        let group = given(options.resource_group.as_ref(), Context::ResourceGroup);
        let management_group = given(options.management_group.as_ref(), Context::ManagementGroup);
        let mut home =
            Self { kind, scope: Value::null(Span::NONE), subscription, group, management_group, is_given: true };
        home.scope = match kind {
            TargetScope::ResourceGroup => home.group_id(),
            TargetScope::Subscription => home.subscription_id(),
            TargetScope::ManagementGroup => home.management_group_id(),
            TargetScope::Tenant => Value::string("", Span::NONE),
        };
        home
    }

    /// The subscription's id as a scope.
    pub(super) fn subscription_id(&self) -> Value {
        text_of(&[&self.subscription], &["/subscriptions/"], Span::NONE)
    }

    /// The resource group's id.
    pub(super) fn group_id(&self) -> Value {
        text_of(&[&self.subscription, &self.group], &["/subscriptions/", "/resourceGroups/"], Span::NONE)
    }

    /// The management group's id.
    pub(super) fn management_group_id(&self) -> Value {
        text_of(&[&self.management_group], &["/providers/Microsoft.Management/managementGroups/"], Span::NONE)
    }

    /// The scope of an id: of a resource group, subscription, management group, or the tenant (`/`).
    pub(super) fn of_scope(&self, scope: &Value) -> Self {
        let unknown = || match &scope.kind {
            Kind::Unknown(unknown) => Value::new(Kind::Unknown(unknown.clone()), scope.span),
            _ => Value::unknown(Why::Runtime(text::canonical(scope)), scope.span),
        };
        let pieces = text::split(scope, &["/"]).unwrap_or_default();
        let is = |at: usize, name: &str| {
            pieces.get(at).and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(name))
        };
        let (subscription, group) = (is(1, "subscriptions"), is(3, "resourceGroups"));
        let management_group = is(3, "managementGroups");
        let at = |at: usize, here: bool| pieces.get(at).filter(|_| here).cloned().unwrap_or_else(unknown);
        let kind = match pieces.is_empty() {
            true => self.kind,
            false => kind_of(group, subscription, management_group),
        };
        let scope = match kind {
            TargetScope::Tenant => Value::string("", scope.span),
            _ => scope.clone(),
        };
        let is_given = self.is_given && text::key(&scope) == text::key(&self.scope);
        Self {
            kind,
            subscription: at(2, subscription),
            group: at(4, group),
            management_group: if management_group { at(4, true) } else { self.management_group.clone() },
            scope,
            is_given,
        }
    }
}

/// The kind of scope that an id is.
fn kind_of(group: bool, subscription: bool, management_group: bool) -> TargetScope {
    match (group, subscription, management_group) {
        (true, ..) => TargetScope::ResourceGroup,
        (_, true, _) => TargetScope::Subscription,
        (.., true) => TargetScope::ManagementGroup,
        _ => TargetScope::Tenant,
    }
}
