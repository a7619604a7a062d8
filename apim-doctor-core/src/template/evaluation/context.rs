//! Functions that tell where the deployment goes.

use crate::template::deployment::TargetScope;
use crate::template::evaluation::environment::{Env, Home, text_of};
use crate::template::evaluation::options::HERE;
use crate::template::evaluation::state::{Evaluator, reason};
use crate::template::expression::Expr;
use crate::template::functions;
use crate::template::place::Span;
use crate::template::text;
use crate::template::value::{Context, Key, Kind, Object, Symbol, Value, Why};

/// The names of the functions, as keys of what is kept.
const GROUP: &str = "resourceGroup";
const SUBSCRIPTION: &str = "subscription";
const TENANT: &str = "tenant";
const MANAGEMENT_GROUP: &str = "managementGroup";
const DEPLOYMENT: &str = "deployment";
const ENVIRONMENT: &str = "environment";
const DEPLOYER: &str = "deployer";

fn object(entries: Vec<(&str, Value)>, span: Span) -> Object {
    Object::new(entries.into_iter().map(|(name, value)| (Key::new(name, span), value)).collect())
}

fn known(text: &str) -> Value {
    Value::string(text, Span::NONE)
}

impl Evaluator<'_> {
    /// The functions themselves; `None` of any other name.
    pub(super) fn surroundings(&mut self, name: &str, arguments: &[Expr], env: &Env, span: Span) -> Option<Value> {
        let all = [GROUP, SUBSCRIPTION, TENANT, MANAGEMENT_GROUP, DEPLOYMENT, ENVIRONMENT, DEPLOYER];
        let Some(function) = all.into_iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            return self.moments(name, arguments, env, span);
        };
        if !arguments.is_empty() {
            let values: Vec<Value> = arguments.iter().map(|argument| self.argument(argument, env)).collect();
            return Some(self.elsewhere(function, &values, env, span));
        }
        if let Some(value) = self.instance(env.instance).and_then(|found| found.contexts.get(function)) {
            return Some(value.clone().placed(span));
        }
        let home = self.instance(env.instance)?.home.clone();
        let value = match function {
            GROUP => self.group(&home),
            SUBSCRIPTION => self.subscription(&home),
            TENANT => self.tenant(),
            MANAGEMENT_GROUP => self.management_group(&home),
            DEPLOYMENT => self.deployment(env.instance, &home),
            ENVIRONMENT => self.environment(),
            _ => self.deployer(),
        };
        if let Some(found) = self.instances.get_mut(env.instance as usize) {
            found.contexts.insert(function, value.clone());
        }
        Some(value.placed(span))
    }

    /// `utcNow` and `newGuid`: different at each deployment, and the same within one.
    fn moments(&mut self, name: &str, arguments: &[Expr], env: &Env, span: Span) -> Option<Value> {
        let function = ["utcNow", "newGuid"].into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let mut values: Vec<Value> = arguments.iter().map(|argument| self.argument(argument, env)).collect();
        if function == "newGuid" {
            values = vec![Value::string(format!("{}:{}", span.file.0, span.start), span)];
        }
        Some(text::computed(function, &values, span))
    }

    fn location(&mut self, home: &Home) -> Value {
        match (&self.options.location, home.is_given) {
            (Some(location), true) => Value::string(location.clone(), Span::NONE),
            (None, true) => Value::symbol(Symbol::Context(Context::Location), Span::NONE),
            // Another group: the files may make it.
            (_, false) => {
                let id = home.group_id();
                if id.is_unknown() {
                    return id;
                }
                let group = self.by_id(&id, Span::NONE);
                let location = self.take(&group, &known("location"), true, Span::NONE);
                self.settle_top(location)
            }
        }
    }

    fn group(&mut self, home: &Home) -> Value {
        if home.kind != TargetScope::ResourceGroup {
            return Value::unknown(Why::Runtime(GROUP.into()), Span::NONE);
        }
        let location = self.location(home);
        let why = reason(Why::Runtime(GROUP.into()), Span::NONE);
        let entries = vec![
            ("id", home.group_id()),
            ("name", home.group.clone()),
            ("type", known("Microsoft.Resources/resourceGroups")),
            ("location", location),
        ];
        Value::object(object(entries, Span::NONE).open(Some(why)), Span::NONE)
    }

    fn subscription(&mut self, home: &Home) -> Value {
        let why = reason(Why::Runtime(SUBSCRIPTION.into()), Span::NONE);
        let name = Value::symbol(Symbol::Context(Context::SubscriptionName), Span::NONE);
        let entries = vec![
            ("id", home.subscription_id()),
            ("subscriptionId", home.subscription.clone()),
            ("tenantId", self.tenant_id(Span::NONE)),
            ("displayName", name),
        ];
        Value::object(object(entries, Span::NONE).open(Some(why)), Span::NONE)
    }

    fn tenant(&mut self) -> Value {
        let why = reason(Why::Runtime(TENANT.into()), Span::NONE);
        let entries = vec![("id", known("/")), ("tenantId", self.tenant_id(Span::NONE))];
        Value::object(object(entries, Span::NONE).open(Some(why)), Span::NONE)
    }

    fn management_group(&mut self, home: &Home) -> Value {
        let why = reason(Why::Runtime(MANAGEMENT_GROUP.into()), Span::NONE);
        let entries = vec![
            ("id", home.management_group_id()),
            ("name", home.management_group.clone()),
            ("type", known("Microsoft.Management/managementGroups")),
        ];
        Value::object(object(entries, Span::NONE).open(Some(why)), Span::NONE)
    }

    fn deployment(&mut self, instance: u32, home: &Home) -> Value {
        let why = reason(Why::Runtime(DEPLOYMENT.into()), Span::NONE);
        let node = self.instance(instance).and_then(|found| found.node);
        let (name, id) = match node {
            Some(node) => {
                let header = self.header(node, Span::NONE);
                (header.name.clone(), header.id.clone())
            }
            None => {
                let name = match &self.options.deployment {
                    Some(name) => Value::string(name.clone(), Span::NONE),
                    None => Value::symbol(Symbol::Context(Context::DeploymentName), Span::NONE),
                };
                let between = ["", "/providers/Microsoft.Resources/deployments/"];
                let id = text_of(&[&home.scope, &name], &between, Span::NONE);
                (name, id)
            }
        };
        let link = object(vec![("uri", known(&format!("{HERE}main.json")))], Span::NONE).open(Some(why.clone()));
        let properties =
            object(vec![("templateLink", Value::object(link, Span::NONE))], Span::NONE).open(Some(why.clone()));
        let mut entries = vec![("name", name), ("id", id), ("properties", Value::object(properties, Span::NONE))];
        if home.kind != TargetScope::ResourceGroup {
            let location = match &self.options.location {
                Some(location) => Value::string(location.clone(), Span::NONE),
                None => Value::symbol(Symbol::Context(Context::DeploymentLocation), Span::NONE),
            };
            entries.push(("location", location));
        }
        Value::object(object(entries, Span::NONE).open(Some(why)), Span::NONE)
    }

    fn environment(&mut self) -> Value {
        let cloud = self.options.cloud;
        let why = reason(Why::Runtime(ENVIRONMENT.into()), Span::NONE);
        let suffixes = vec![
            ("storage", known(cloud.storage_suffix())),
            ("keyvaultDns", known(cloud.vault_suffix())),
            ("sqlServerHostname", known(cloud.sql_suffix())),
        ];
        let audiences =
            [cloud.resource_manager(), &cloud.resource_manager().replace("management.", "management.core.")];
        let audiences = audiences.iter().map(|audience| known(audience)).collect();
        let authentication = vec![
            ("loginEndpoint", known(cloud.login())),
            ("audiences", Value::array(audiences, Span::NONE)),
            ("tenant", known("common")),
            ("identityProvider", known("AAD")),
        ];
        let inner = |entries, open| Value::object(object(entries, Span::NONE).open(open), Span::NONE);
        let entries = vec![
            ("name", known(cloud.name())),
            ("resourceManager", known(cloud.resource_manager())),
            ("graph", known(cloud.graph())),
            ("suffixes", inner(suffixes, Some(why.clone()))),
            ("authentication", inner(authentication, None)),
        ];
        inner(entries, Some(why))
    }

    fn deployer(&mut self) -> Value {
        let why = reason(Why::Runtime(DEPLOYER.into()), Span::NONE);
        let symbol = |context| Value::symbol(Symbol::Context(context), Span::NONE);
        let entries = vec![
            ("objectId", symbol(Context::Deployer)),
            ("tenantId", self.tenant_id(Span::NONE)),
            ("clientId", symbol(Context::DeployerClient)),
        ];
        Value::object(object(entries, Span::NONE).open(Some(why)), Span::NONE)
    }

    /// Another scope, as Bicep names it: `resourceGroup('x')`, `subscription('…')`.
    fn elsewhere(&mut self, function: &str, values: &[Value], env: &Env, span: Span) -> Value {
        if let Some(unknown) = values.iter().find_map(Value::as_unknown) {
            return Value::new(Kind::Unknown(unknown.clone()), span);
        }
        let Some(home) = self.instance(env.instance).map(|found| found.home.clone()) else {
            return Value::unknown(Why::Limit, span);
        };
        let mut other = Home { is_given: false, ..home };
        match (function, values) {
            (GROUP, [group]) => other.group = group.clone(),
            (GROUP, [subscription, group]) => {
                (other.subscription, other.group) = (subscription.clone(), group.clone());
            }
            (SUBSCRIPTION, [subscription]) => other.subscription = subscription.clone(),
            (MANAGEMENT_GROUP, [group]) => other.management_group = group.clone(),
            _ => {
                let given = values.len();
                let outcome = Err(functions::Fault::Wrong(format!("`{function}` does not take {given} arguments")));
                return self.outcome(outcome, span);
            }
        }
        other.kind = match function {
            GROUP => TargetScope::ResourceGroup,
            SUBSCRIPTION => TargetScope::Subscription,
            _ => TargetScope::ManagementGroup,
        };
        match function {
            GROUP => self.group(&other),
            SUBSCRIPTION => self.subscription(&other),
            _ => self.management_group(&other),
        }
        .placed(span)
    }
}
