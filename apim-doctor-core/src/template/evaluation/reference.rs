//! References to resources: by symbolic name, by id, by name, and the keys that they list.

use std::sync::Arc;

use crate::template::declaration::Declaration;
use crate::template::evaluation::environment::Env;
use crate::template::evaluation::state::{Evaluator, Expansion, HeaderSlot};
use crate::template::expression::{Expr, ExprKind};
use crate::template::place::Span;
use crate::template::resource::{Truth, Turn};
use crate::template::text;
use crate::template::value::{Array, Kind, ResourceHandle, Symbol, Unknown, Value, Why, hash};

impl Evaluator<'_> {
    /// The declaration of a symbolic name.
    fn symbol(&self, instance: u32, name: &str) -> Option<usize> {
        let found = self.instance(instance)?;
        let at = *found.symbols.get(&hash(name))? as usize;
        let symbol = found.template.resources.get(at)?.symbol.as_ref()?;
        symbol.eq_ignore_ascii_case(name).then_some(at)
    }

    /// A whole resource that these files declare.
    pub(super) fn handle(&mut self, node: u32, span: Span) -> Value {
        let header = self.header(node, span);
        self.refer(node);
        if header.id.is_unknown() {
            // Its properties can be asked for all the same; only its id is not known.
            let id = format!("{{{}}}", self.unknown_id(node));
            let handle = ResourceHandle { id: id.into(), declared: Some(node), path: Vec::new() };
            return Value::symbol(Symbol::Resource(handle), span);
        }
        let handle = ResourceHandle { id: header.key.clone(), declared: Some(node), path: Vec::new() };
        Value::symbol(Symbol::Resource(handle), span)
    }

    /// What a resource is called whose id is not known: by its type, which of that type it is, and the
    /// modules around it.
    /// The same deployment in another language gives the same.
    fn unknown_id(&self, node: u32) -> String {
        let mut name = "resource".to_owned();
        let root = self.instance(0).map_or(0, |instance| instance.template.file.0);
        if root != 0 {
            name.push_str(&format!("#{root}"));
        }
        let mut next = Some(node);
        while let Some(node) = next.and_then(|node| self.node(node)) {
            let kind = |declaration: &Declaration| declaration.resource_type.as_literal().map(text::key);
            let resources = self.instance(node.instance).map(|found| found.template.resources.as_slice());
            let before = resources.unwrap_or_default().iter();
            let before = before.take_while(|other| !Arc::ptr_eq(other, &node.declaration));
            let own = kind(&node.declaration);
            let number = before.filter(|other| !other.existing && kind(other) == own).count();
            name.push_str(&format!(":{}.{number}", own.unwrap_or_default().replace('/', ".")));
            if let Some(Turn::At(turn)) = node.turn {
                name.push_str(&format!("[{turn}]"));
            }
            next = node.inside.or_else(|| self.instance(node.instance).and_then(|instance| instance.node));
        }
        name
    }

    /// A resource or module by its symbolic name: of a loop, the list of its instances.
    pub(super) fn resource(&mut self, instance: u32, name: &str, span: Span) -> Value {
        let Some(at) = self.symbol(instance, name) else {
            return self.invalid(span, format!("the resource `{name}` is not declared"));
        };
        if self.is_busy(instance, at) {
            return self.circle(span, format!("`{name}` depends on itself"));
        }
        let is_loop = self
            .instance(instance)
            .and_then(|found| found.template.resources.get(at))
            .is_some_and(|d| d.copy.is_some());
        let nodes = self.expand(instance, at);
        if !is_loop {
            return match nodes.first() {
                Some(node) => self.handle(*node, span),
                None => Value::unknown(Why::Limit, span),
            };
        }
        let any = nodes.first().and_then(|node| self.any_turn(*node));
        let items: Vec<Value> = nodes.iter().map(|node| self.handle(*node, span)).collect();
        match any {
            Some(unknown) => {
                let open = Unknown { possible: items, ..Unknown::new(unknown.why.clone(), unknown.span) };
                Value::new(Kind::Array(Arc::new(Array::new(Vec::new(), Some(Arc::new(open))))), span)
            }
            None => Value::array(items, span),
        }
    }

    fn is_busy(&self, instance: u32, at: usize) -> bool {
        let expansion = self.instance(instance).and_then(|found| found.expansions.get(at));
        matches!(expansion, Some(Expansion::Busy))
    }

    /// Why a resource stands for all turns of a loop, where it does.
    fn any_turn(&self, node: u32) -> Option<Arc<Unknown>> {
        match &self.node(node)?.turn {
            Some(Turn::Any(unknown)) => Some(unknown.clone()),
            _ => None,
        }
    }

    /// One instance of a looped resource; `None` if it is not a loop or the index is not a number.
    pub(super) fn resource_at(&mut self, instance: u32, name: &str, index: &Value, span: Span) -> Option<Value> {
        let at = self.symbol(instance, name)?;
        self.instance(instance)?.template.resources.get(at)?.copy.as_ref()?;
        if self.is_busy(instance, at) {
            return Some(self.circle(span, format!("`{name}` depends on itself")));
        }
        let nodes = self.expand(instance, at);
        // The one that stands for all turns is any of them.
        if let [one] = &*nodes
            && self.any_turn(*one).is_some()
        {
            return Some(self.handle(*one, span));
        }
        let number = match &index.kind {
            Kind::Int(number) => usize::try_from(*number).ok(),
            Kind::Unknown(unknown) => {
                // It is one of them.
                self.refer_all(&nodes);
                return Some(Value::new(Kind::Unknown(unknown.clone()), span));
            }
            _ => return None,
        };
        match number.and_then(|number| nodes.get(number)) {
            Some(node) => Some(self.handle(*node, span)),
            None => {
                Some(self.invalid(span, format!("the index is out of range: `{name}` has {} instances", nodes.len())))
            }
        }
    }

    /// The resource with an id, as a whole: one that is made goes before one that is only named.
    pub(super) fn by_id(&mut self, id: &Value, span: Span) -> Value {
        let key = text::key(id);
        let declared = self.find_id(&key);
        if declared.is_none() {
            self.ids.entry(key.clone()).or_insert_with(|| id.clone());
        }
        if let Some(node) = declared {
            self.refer(node);
        }
        Value::symbol(Symbol::Resource(ResourceHandle { id: key, declared, path: Vec::new() }), span)
    }

    /// The number of the resource with an id in lower case.
    pub(super) fn find_id(&mut self, key: &str) -> Option<u32> {
        if !self.by_id.contains_key(key) && !self.searching && !self.all_headers {
            // It may be declared and not evaluated yet.
            self.searching = true;
            let mut next = 0;
            while self.instance(next).is_some() && !self.by_id.contains_key(key) {
                let ready = self.untainted(|this| this.ready_nodes(next));
                for node in ready {
                    self.untainted(|this| this.header(node, Span::NONE));
                }
                next += 1;
            }
            self.searching = false;
        }
        let found = self.by_id.get(key)?.clone();
        let rank = |this: &mut Self, node: u32| {
            let existing = this.node(node).is_some_and(|node| node.declaration.existing);
            let off = matches!(this.condition(node), Truth::No);
            (off, existing)
        };
        let mut best: Option<((bool, bool), u32)> = None;
        for node in found {
            let rank = rank(self, node);
            if best.is_none_or(|(least, _)| rank < least) {
                best = Some((rank, node));
            }
        }
        best.map(|(_, node)| node)
    }

    /// Part of a search: what is wrong where it came too early is not told.
    fn untainted<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let told = self.problems.len();
        self.referred.push(Vec::new());
        let result = work(self);
        self.referred.pop();
        if std::mem::take(&mut self.tainted) {
            for problem in self.problems.drain(told..) {
                self.told.remove(&(problem.span, problem.message));
            }
        }
        result
    }

    /// The resources of a deployment whose headers are not evaluated and can be.
    fn ready_nodes(&mut self, instance: u32) -> Vec<u32> {
        let busy: Vec<bool> = match self.instance(instance) {
            Some(found) => found.expansions.iter().map(|e| matches!(e, Expansion::Busy)).collect(),
            None => Vec::new(),
        };
        let mut ready = Vec::new();
        for (at, busy) in busy.into_iter().enumerate() {
            if !busy {
                let nodes = self.expand(instance, at);
                let mut stack = nodes.to_vec();
                while let Some(number) = stack.pop() {
                    let Some(node) = self.node(number) else { continue };
                    stack.extend(&node.children);
                    if matches!(node.header, HeaderSlot::Empty) {
                        ready.push(number);
                    }
                }
            }
        }
        ready
    }

    /// The resource that `reference`, a list function or `dependsOn` names: by symbolic name, id, or name.
    pub(super) fn named(&mut self, value: &Value, instance: u32, span: Span) -> Option<Value> {
        if let Some(Symbol::Resource(_)) = value.as_symbol() {
            return Some(value.clone());
        }
        if text::starts_with(value, "/", false) == Some(true) {
            return Some(self.by_id(value, span));
        }
        if let Some(name) = value.as_str() {
            let (symbol, index) = match name.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
                Some((symbol, index)) => (symbol, index.parse::<i64>().ok()),
                None => (name, None),
            };
            if self.symbol(instance, symbol).is_some() {
                return match index {
                    Some(index) => self.resource_at(instance, symbol, &Value::new(Kind::Int(index), span), span),
                    None => Some(self.resource(instance, symbol, span)),
                };
            }
        }
        let node = self.node_by_name(instance, &text::key(value))?;
        Some(self.handle(node, span))
    }

    /// A resource of a deployment by its name, or by type and name.
    pub(super) fn node_by_name(&mut self, instance: u32, name: &str) -> Option<u32> {
        let index = match self.instance(instance)?.by_name.clone() {
            Some(index) => index,
            None => {
                let is_whole = self.instance(instance)?.expansions.iter().all(|e| !matches!(e, Expansion::Busy));
                let mut index = std::collections::HashMap::<Arc<str>, u32, foldhash::fast::FixedState>::default();
                for node in self.ready_or_done(instance) {
                    let header = self.header(node, Span::NONE);
                    let name = text::key(&header.name);
                    let kind = header.resource_type.to_ascii_lowercase();
                    index.entry(format!("{kind}/{name}").into()).or_insert(node);
                    // An id may be written from its provider on.
                    if let Some((_, own)) = header.key.rsplit_once("/providers/") {
                        index.entry(own.into()).or_insert(node);
                    }
                    if let Some((_, last)) = kind.split_once('/') {
                        index.entry(format!("{last}/{name}").into()).or_insert(node);
                    }
                    index.entry(name).or_insert(node);
                    // Children inside their parent are named among themselves by the last piece.
                    if self.node(node).is_some_and(|node| node.inside.is_some()) {
                        let own = text::key(&header.own_name);
                        if let Some((_, last)) = kind.rsplit_once('/') {
                            index.entry(format!("{last}/{own}").into()).or_insert(node);
                        }
                        index.entry(own).or_insert(node);
                    }
                }
                let index = Arc::new(index);
                if is_whole && let Some(found) = self.instances.get_mut(instance as usize) {
                    found.by_name = Some(index.clone());
                }
                index
            }
        };
        index.get(name).copied()
    }

    fn ready_or_done(&mut self, instance: u32) -> Vec<u32> {
        let busy: Vec<bool> = match self.instance(instance) {
            Some(found) => found.expansions.iter().map(|e| matches!(e, Expansion::Busy)).collect(),
            None => Vec::new(),
        };
        let mut all = Vec::new();
        for (at, busy) in busy.into_iter().enumerate() {
            if busy {
                continue;
            }
            let nodes = self.expand(instance, at);
            let mut stack: Vec<u32> = nodes.iter().rev().copied().collect();
            while let Some(number) = stack.pop() {
                let Some(node) = self.node(number) else { continue };
                if !matches!(node.header, HeaderSlot::Busy) {
                    all.push(number);
                }
                stack.extend(node.children.iter().rev());
            }
        }
        all
    }

    /// `reference`, `references` and the list functions.
    pub(super) fn runtime(&mut self, name: &str, arguments: &[Expr], env: &Env, span: Span) -> Option<Value> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let is_list = name.len() > 4 && name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("list"));
        if !(is("reference") || is("references") || is("resourceInfo") || is_list) {
            return None;
        }
        let (first, rest) = match arguments.split_first() {
            Some(split) => split,
            None => return Some(self.invalid(span, format!("`{name}` needs a resource"))),
        };
        let target = self.eval(first, env);
        for argument in rest {
            self.argument(argument, env);
        }
        if let Kind::Unknown(unknown) = &target.kind {
            return Some(Value::new(Kind::Unknown(unknown.clone()), span));
        }
        let target = match target.as_symbol() {
            Some(Symbol::Resource(handle)) if handle.path.is_empty() => target,
            _ => self.settle_top(target),
        };
        let found = self.named(&target, env.instance, span);
        if is_list {
            let resource = match found.as_ref().and_then(Value::as_symbol) {
                Some(Symbol::Resource(handle)) => handle.id.clone(),
                _ => text::key(&target),
            };
            return Some(Value::symbol(Symbol::Listed { function: name.into(), resource, path: Vec::new() }, span));
        }
        let Some(found) = found else {
            return Some(Value::unknown(Why::Runtime(format!("reference({})", text::canonical(&target)).into()), span));
        };
        let full = |argument: &Expr| {
            argument.as_literal().and_then(Value::as_str).is_some_and(|t| t.eq_ignore_ascii_case("full"))
        };
        let is_full = rest.iter().any(full) || is("resourceInfo");
        Some(match (&found.kind, is_full) {
            (Kind::Array(array), false) => {
                let array = array.clone();
                let items = array.items.iter().map(|item| self.properties_of(item, span)).collect();
                Value::array(items, span)
            }
            (_, true) => found,
            (_, false) => self.properties_of(&found, span),
        })
    }

    fn properties_of(&mut self, handle: &Value, span: Span) -> Value {
        self.take(handle, &Value::string("properties", span), false, span)
    }

    /// Functions that see where the deployment goes, its loops, parameters and resources.
    pub(super) fn contextual(&mut self, name: &str, arguments: &[Expr], env: &Env, span: Span) -> Option<Value> {
        if let Some(value) = self.resource_id(name, arguments, env, span) {
            return Some(value);
        }
        if let Some(value) = self.runtime(name, arguments, env, span) {
            return Some(value);
        }
        if let Some(value) = self.surroundings(name, arguments, env, span) {
            return Some(value);
        }
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let computed = |this: &mut Self, what: &str| match arguments {
            [name] => {
                let name = this.argument(name, env);
                match name.as_str() {
                    Some(text) => Ok(text.to_owned()),
                    None => {
                        Err(Value::unknown(Why::Runtime(format!("{what}({})", text::canonical(&name)).into()), span))
                    }
                }
            }
            _ => Err(this.invalid(span, format!("`{what}` takes one name"))),
        };
        if is("parameters") {
            return Some(match computed(self, "parameters") {
                Ok(name) => self.parameter(env.instance, &name, span),
                Err(value) => value,
            });
        }
        if is("variables") {
            return Some(match computed(self, "variables") {
                Ok(name) => self.variable(env.instance, &name, span),
                Err(value) => value,
            });
        }
        if is("lambdaVariables") {
            return Some(match computed(self, "lambdaVariables") {
                Ok(name) => match env.find(&name) {
                    Some(value) => value.clone(),
                    None => self.invalid(span, format!("`{name}` does not exist here")),
                },
                Err(value) => value,
            });
        }
        is("copyIndex").then(|| self.copy_index(arguments, env, span))
    }

    fn copy_index(&mut self, arguments: &[Expr], env: &Env, span: Span) -> Value {
        let mut name = None;
        let mut offset = None;
        for argument in arguments {
            let value = match &argument.kind {
                ExprKind::Literal(value) => value.clone(),
                _ => self.argument(argument, env),
            };
            match &value.kind {
                Kind::String(text) => name = Some(text.clone()),
                Kind::Int(_) => offset = Some(value),
                Kind::Unknown(_) => return value,
                _ => return self.invalid(span, "`copyIndex` takes the name of a loop and a number"),
            }
        }
        let Some(at) = env.turn(name.as_deref()).cloned() else {
            return self.invalid(span, "`copyIndex` stands in no such loop");
        };
        match offset {
            Some(offset) => self.pure("add", &[at, offset], span),
            None => at.placed(span),
        }
    }
}
