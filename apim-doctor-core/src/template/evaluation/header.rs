//! The header of a resource: its type, name, scope and id.

use std::sync::Arc;

use crate::template::deployment::{Module, TargetScope};
use crate::template::evaluation::environment::{Env, Home, text_of};
use crate::template::evaluation::ids;
use crate::template::evaluation::state::{Evaluator, Header, HeaderSlot};
use crate::template::place::Span;
use crate::template::resource::{Declaration, Truth};
use crate::template::text;
use crate::template::value::{Kind, Symbol, Value, Why};

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
                let value = self.circle(at, "the name of the resource depends on itself".to_owned());
                return Arc::new(Header::unknown(&value));
            }
            HeaderSlot::Empty => node.header = HeaderSlot::Busy,
        }
        let (declaration, env) = (node.declaration.clone(), node.env.clone());
        // What is wrong in a name matters only where the resource is certainly there.
        let doubtful = u32::from(!matches!(self.condition(number), Truth::Yes));
        self.speculative += doubtful;
        let (header, referred) = self.collecting(|this| this.make_header(number, &declaration, &env));
        self.speculative -= doubtful;
        let header = Arc::new(header);
        if self.tainted {
            if let Some(node) = self.node_mut(number) {
                node.header = HeaderSlot::Empty;
            }
            return header;
        }
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
        let (kind_text, version) = kind_text.split_once('@').unwrap_or((kind_text, ""));
        let api_version = match version {
            "" => api_version,
            version => Value::string(version, kind.span),
        };
        let kind_text = kind_text.trim_matches('/').to_owned();
        let stands_alone = declaration.parent.is_none() && self.node(number).is_some_and(|node| node.inside.is_none());
        if stands_alone && is_foreign(&kind_text) {
            return self.foreign(number, &kind_text, api_version, own_name);
        }
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

    /// The header of what an extension makes: it has no id in Azure. What Microsoft Graph calls the id of a service
    /// principal, user or group is that of a principal; it is the one that the body names.
    fn foreign(&mut self, number: u32, kind: &str, api_version: Value, own_name: Value) -> Header {
        let body = self.body(number);
        let named = ["appId", "uniqueName", "userPrincipalName", "mailNickname", "displayName", "name"];
        // Templates have what the extension takes under `properties`.
        let body = body.get("properties").cloned().unwrap_or(body);
        let name = named.iter().find_map(|name| body.get(name)).cloned().unwrap_or_else(|| own_name.clone());
        let mut header = Header::unknown(&name);
        (header.api_version, header.own_name, header.resource_type) = (api_version, own_name, kind.into());
        if name.is_unknown() {
            return header;
        }
        let resource: Arc<str> = format!("extension:{kind}/{}", text::canonical(&name)).to_ascii_lowercase().into();
        let principals = ["servicePrincipals", "users", "groups"];
        let is_principal =
            kind.rsplit('/').next().is_some_and(|last| principals.iter().any(|p| p.eq_ignore_ascii_case(last)));
        header.id = match is_principal {
            true => Value::symbol(Symbol::Principal(resource), name.span),
            false => Value::symbol(Symbol::Property { resource, path: vec!["id".into()] }, name.span),
        };
        header.key = text::key(&header.id);
        header.name = name;
        header
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

/// Whether a type is one of an extension, and not of Azure.
fn is_foreign(kind: &str) -> bool {
    let namespace = kind.split('/').next().unwrap_or_default();
    !namespace.contains('.') && kind.contains('/') || namespace.eq_ignore_ascii_case("Microsoft.Graph")
}

/// The whole type and name of a child.
fn below(parent: &Header, kind: &str, own: &Value, relative: bool) -> (String, Value) {
    let length = parent.resource_type.len();
    let starts = kind.get(..length).is_some_and(|start| start.eq_ignore_ascii_case(&parent.resource_type))
        && kind.get(length..).is_some_and(|rest| rest.starts_with('/'));
    let first_is_namespace = kind.split('/').next().is_some_and(|first| first.contains('.')) && kind.contains('/');
    let kind = match starts || first_is_namespace {
        true => kind.to_owned(),
        false => format!("{}/{kind}", parent.resource_type),
    };
    let (whole, above) = (kind.split('/').count() - 1, parent.resource_type.split('/').count() - 1);
    // Some children are written with their whole name where the last piece of it is due.
    let is_own =
        relative && (ids::segments(own, whole - above.min(whole)).is_some() || ids::segments(own, whole).is_none());
    let name = match is_own {
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
