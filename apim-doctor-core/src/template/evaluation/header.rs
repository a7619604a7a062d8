//! The header of a resource: its type, name, scope and id.

use std::sync::Arc;

use crate::template::deployment::{Module, TargetScope};
use crate::template::evaluation::environment::{Env, Home, text_of};
use crate::template::evaluation::expand::HeaderSlot;
use crate::template::evaluation::{Evaluator, ids};
use crate::template::place::Span;
use crate::template::resource::Declaration;
use crate::template::text;
use crate::template::value::{Kind, Symbol, Value, Why};

/// Type, name, scope and id.
pub(super) struct Header {
    pub id: Value,
    /// The id in canonical text and lower case.
    pub key: Arc<str>,
    pub resource_type: Arc<str>,
    pub api_version: Value,
    /// With the parents' names.
    pub name: Value,
    /// As it is written.
    pub own_name: Value,
    pub scope: Value,
    pub parent: Option<Value>,
    /// Where it deploys to, of a module.
    pub home: Option<Home>,
}

impl Evaluator<'_> {
    /// The header of a resource.
    pub(super) fn header(&mut self, number: u32, span: Span) -> Arc<Header> {
        let Some(node) = self.node_mut(number) else {
            return Arc::new(Header::unknown(&Value::unknown(Why::Limit, span)));
        };
        match &node.header {
            HeaderSlot::Done(header) => return header.clone(),
            HeaderSlot::Busy => {
                let at = node.declaration.span;
                let value = self.invalid(at, "the name of the resource depends on itself");
                return Arc::new(Header::unknown(&value));
            }
            HeaderSlot::Empty => node.header = HeaderSlot::Busy,
        }
        let (declaration, env) = (node.declaration.clone(), node.env.clone());
        let (header, referred) = self.collecting(|this| this.make_header(number, &declaration, &env));
        let header = Arc::new(header);
        self.also_referred(number, &referred);
        if let Some(node) = self.node_mut(number) {
            node.header = HeaderSlot::Done(header.clone());
        }
        if !header.id.is_unknown() {
            self.by_id.entry(header.key.clone()).or_default().push(number);
        }
        header
    }

    fn make_header(&mut self, number: u32, declaration: &Declaration, env: &Env) -> Header {
        let api_version = match &declaration.api_version {
            Some(version) => self.argument(version, env),
            None => Value::null(declaration.span),
        };
        let kind = self.argument(&declaration.resource_type, env);
        let own_name = self.argument(&declaration.name, env);
        let Some(kind_text) = kind.as_str() else {
            let mut header = Header::unknown(&kind);
            (header.api_version, header.own_name) = (api_version, own_name);
            return header;
        };
        let kind_text = kind_text.split('@').next().unwrap_or_default().trim_matches('/').to_owned();
        let instance = self.node(number).map_or(0, |node| node.instance);
        let home = self.instance(instance).map(|instance| instance.home.clone());
        let Some(home) = home else { return Header::unknown(&kind) };
        let parent = match (self.node(number).and_then(|node| node.inside), &declaration.parent) {
            (Some(inside), _) => Some(self.header(inside, declaration.span)),
            (None, Some(parent)) => match self.parent_of(parent, env) {
                Ok(parent) => Some(parent),
                Err(value) => {
                    let mut header = Header::unknown(&value);
                    (header.api_version, header.own_name, header.resource_type) =
                        (api_version, own_name, kind_text.into());
                    return header;
                }
            },
            (None, None) => None,
        };
        let (kind_text, name, mut scope) = match &parent {
            Some(parent) => {
                let (kind, name) = below(parent, &kind_text, &own_name, declaration.relative);
                match is_extension(parent, &kind) {
                    true => (kind, own_name.clone(), parent.id.clone()),
                    false => (kind, name, parent.scope.clone()),
                }
            }
            None => (kind_text, own_name.clone(), home.scope.clone()),
        };
        let mut module_home = None;
        if let Some(written) = &declaration.scope {
            let value = self.eval(written, env);
            scope = self.scope_of(&value, &home.scope);
        }
        if let Some(module) = &declaration.module {
            let target = self.module_home(module, declaration, &scope, &home, env);
            scope = target.scope.clone();
            module_home = Some(target);
        } else if declaration.scope.is_none() && parent.is_none() {
            scope = own_scope(&kind_text, &home).unwrap_or(scope);
        }
        let (kind_text, name, scope) = match old_extension(&kind_text, &name, &scope) {
            Some(found) => found,
            None => (kind_text, name, scope),
        };
        let id = match ids::id(&scope, &kind_text, &name, declaration.name.span) {
            Ok(id) => id,
            Err(message) => self.invalid(declaration.name.span, message),
        };
        let parent = parent.filter(|parent| !is_extension(parent, &kind_text)).map(|parent| parent.id.clone());
        let key = text::key(&id);
        let resource_type = kind_text.into();
        Header { id, key, resource_type, api_version, name, own_name, scope, parent, home: module_home }
    }

    /// The header of a parent that an expression gives.
    fn parent_of(&mut self, parent: &crate::template::Expr, env: &Env) -> Result<Arc<Header>, Value> {
        let value = self.eval(parent, env);
        let handle = match &value.kind {
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::Resource(handle) if handle.path.is_empty() => handle.declared,
                _ => None,
            },
            Kind::Unknown(_) => return Err(value),
            _ => None,
        };
        match handle {
            Some(node) => Ok(self.header(node, parent.span)),
            None => Err(self.invalid(parent.span, "a parent is a resource")),
        }
    }

    /// The id of a scope: of a resource, of what `resourceGroup(…)` and its kin return, or a text.
    fn scope_of(&mut self, value: &Value, home: &Value) -> Value {
        let value = self.id_or_self(value.clone());
        match &value.kind {
            Kind::String(_) => ids::scope_id(&value, home),
            Kind::Symbol(_) => ids::scope_id(&value, home),
            Kind::Object(object) => match object.get("id") {
                Some(id) => ids::scope_id(&id.clone(), home),
                None => Value::unknown(Why::Invalid, value.span),
            },
            Kind::Null => home.clone(),
            Kind::Unknown(_) => value,
            _ => self.invalid(value.span, "expected a scope"),
        }
    }

    fn module_home(
        &mut self,
        module: &Module,
        declaration: &Declaration,
        scope: &Value,
        home: &Home,
        env: &Env,
    ) -> Home {
        let group = module.resource_group.as_ref().map(|group| self.argument(group, env));
        let subscription = module.subscription.as_ref().map(|subscription| self.argument(subscription, env));
        let span = declaration.span;
        match (subscription, group) {
            (None, None) if declaration.scope.is_some() => home.of_scope(scope),
            (None, None) => home.clone(),
            (subscription, Some(group)) => {
                let subscription = subscription.unwrap_or_else(|| home.subscription.clone());
                let id = text_of(&[&subscription, &group], &["/subscriptions/", "/resourceGroups/"], span);
                Home { kind: TargetScope::ResourceGroup, subscription, group, ..home.of_scope(&id) }
            }
            (Some(subscription), None) => {
                let id = text_of(&[&subscription], &["/subscriptions/"], span);
                Home { kind: TargetScope::Subscription, subscription, ..home.of_scope(&id) }
            }
        }
    }
}

impl Header {
    fn unknown(why: &Value) -> Self {
        let value = match why.kind {
            Kind::Unknown(_) => why.clone(),
            _ => Value::unknown(Why::Runtime(text::canonical(why)), why.span),
        };
        Self {
            key: Arc::from(""),
            resource_type: Arc::from(""),
            api_version: Value::null(why.span),
            name: value.clone(),
            own_name: value.clone(),
            scope: value.clone(),
            parent: None,
            home: None,
            id: value,
        }
    }
}

/// The whole type and name of a child.
fn below(parent: &Header, kind: &str, own: &Value, relative: bool) -> (String, Value) {
    let starts = kind.get(..parent.resource_type.len()).is_some_and(|start| {
        start.eq_ignore_ascii_case(&parent.resource_type) && kind[parent.resource_type.len()..].starts_with('/')
    });
    let first_is_namespace = kind.split('/').next().is_some_and(|first| first.contains('.')) && kind.contains('/');
    let kind = match starts || first_is_namespace {
        true => kind.to_owned(),
        false => format!("{}/{kind}", parent.resource_type),
    };
    let name = match relative {
        true => text_of(&[&parent.name, own], &["", "/"], own.span),
        false => own.clone(),
    };
    (kind, name)
}

/// Whether a type is that of an extension of the parent, and not of a child.
fn is_extension(parent: &Header, kind: &str) -> bool {
    let own = kind.split('/').next().unwrap_or_default();
    let above = parent.resource_type.split('/').next().unwrap_or_default();
    !own.eq_ignore_ascii_case(above)
}

/// The scope of types that do not lie in the deployment's own.
fn own_scope(kind: &str, home: &Home) -> Option<Value> {
    let is = |name: &str| kind.eq_ignore_ascii_case(name);
    match () {
        () if is("Microsoft.Management/managementGroups") || is("Microsoft.Resources/subscriptions") => {
            Some(Value::string("", Span::NONE))
        }
        () if is("Microsoft.Subscription/aliases") => Some(Value::string("", Span::NONE)),
        () if is("Microsoft.Resources/resourceGroups") => match home.kind {
            TargetScope::ResourceGroup | TargetScope::Subscription => Some(home.subscription_id()),
            _ => None,
        },
        () => None,
    }
}

/// `A/b/providers/c` named `x/N.S/y` is the extension `N.S/c` named `y` at the resource `A/b` named `x`.
fn old_extension(kind: &str, name: &Value, scope: &Value) -> Option<(String, Value, Value)> {
    let types: Vec<&str> = kind.split('/').collect();
    let at = types.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"))?;
    let names = ids::segments(name, types.len() - 1)?;
    let (above, below) = types.split_at(at);
    // The type's first segment, the namespace, has no name.
    let (names_above, names_below) = names.split_at_checked(at - 1)?;
    let (namespace, names_below) = names_below.split_first()?;
    let kinds = below.get(1..)?;
    let join = |names: &[Value]| {
        let between: Vec<&str> = std::iter::once("").chain(std::iter::repeat_n("/", names.len())).collect();
        text_of(&names.iter().collect::<Vec<_>>(), between.get(..names.len()).unwrap_or_default(), name.span)
    };
    let base = match names_above {
        [] => scope.clone(),
        some => {
            let (kind, name) = (above.join("/"), join(some));
            match old_extension(&kind, &name, scope) {
                Some((kind, name, scope)) => ids::id(&scope, &kind, &name, name.span).ok()?,
                None => ids::id(scope, &kind, &name, name.span).ok()?,
            }
        }
    };
    Some((format!("{}/{}", namespace.as_str()?, kinds.join("/")), join(names_below), base))
}
