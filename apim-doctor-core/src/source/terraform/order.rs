//! What waits for what: references of the configuration, followed through modules, and `depends_on`.

use std::collections::HashSet;
use std::sync::Arc;

use crate::source::terraform::address::{ModulePath, Reference, reference};
use crate::source::terraform::plan::Plan;
use crate::source::terraform::values::items;
use crate::template::value::{Kind, Value};

/// Kinds that use what others grant: among what is there already, they come last.
const CONSUMERS: &[&str] = &[
    "azurerm_api_management_named_value",
    "azurerm_api_management_certificate",
    "azurerm_api_management_custom_domain",
    "azurerm_api_management_backend",
    "azurerm_api_management_policy",
    "azurerm_api_management_api_policy",
];

/// Whether a kind uses what others grant.
fn is_consumer(kind: &str) -> bool {
    CONSUMERS.contains(&kind)
}

struct Walk<'p, 'o> {
    plan: &'p Plan<'o>,
    found: HashSet<usize>,
    seen: HashSet<(ModulePath, Arc<str>)>,
    fuel: u32,
}

impl Plan<'_> {
    /// The instances that each instance waits for.
    pub(super) fn waits(&self) -> Vec<Vec<usize>> {
        let mut all: Vec<Vec<usize>> = Vec::with_capacity(self.instances.len());
        let mut fuel = 4_000_000;
        for (at, instance) in self.instances.iter().enumerate() {
            let mut walk = Walk { plan: self, found: HashSet::new(), seen: HashSet::new(), fuel };
            if let Some(declared) = self.declaration(at) {
                walk.expressions(declared, &instance.module, 0);
            }
            let around = (0..instance.module.len()).rev();
            for depth in around {
                let (parent, rest) = instance.module.split_at(depth);
                let call = self.module(&parent.to_vec()).zip(rest.first());
                let depends = call.and_then(|(module, (name, _))| module.calls.get(name)?.written.get("depends_on"));
                for text in depends.map(items).unwrap_or_default().iter().filter_map(Value::as_str) {
                    walk.reference(text, &parent.to_vec());
                }
            }
            fuel = walk.fuel;
            walk.found.remove(&at);
            let mut found: Vec<usize> = walk.found.into_iter().collect();
            found.sort_unstable();
            all.push(found);
        }
        self.kept_first(&mut all);
        all
    }

    /// What is there already comes before all that changes, and grants among it before those who use them.
    fn kept_first(&self, all: &mut [Vec<usize>]) {
        let is_kept = |at: &usize| self.instances.get(*at).is_some_and(|instance| instance.is_kept && !instance.data);
        let mut left: Vec<usize> = (0..self.instances.len()).filter(is_kept).collect();
        left.sort_by_key(|at| self.instances.get(*at).is_some_and(|instance| is_consumer(&instance.kind)));
        let kept: HashSet<usize> = left.iter().copied().collect();
        let mut done: HashSet<usize> = HashSet::new();
        let mut order = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let is_free = |at: &usize| {
                let waits = all.get(*at).map(Vec::as_slice).unwrap_or_default();
                waits.iter().all(|on| !kept.contains(on) || done.contains(on))
            };
            let free: Vec<usize> = left.iter().copied().filter(is_free).collect();
            if free.is_empty() {
                break;
            }
            // Consumers wait until nothing else is left.
            let consumer = |at: &usize| self.instances.get(*at).is_some_and(|instance| is_consumer(&instance.kind));
            let others: Vec<usize> = free.iter().copied().filter(|at| !consumer(at)).collect();
            let now = if others.is_empty() { free } else { others };
            for at in now {
                done.insert(at);
                order.push(at);
            }
            left.retain(|at| !done.contains(at));
        }
        let mut before: Option<usize> = None;
        for at in &order {
            if let (Some(before), Some(waits)) = (before, all.get_mut(*at))
                && !waits.contains(&before)
            {
                waits.push(before);
            }
            before = Some(*at);
        }
        let Some(last) = before else { return };
        for (at, waits) in all.iter_mut().enumerate() {
            if !kept.contains(&at) && !waits.contains(&last) {
                waits.push(last);
            }
        }
    }
}

impl Walk<'_, '_> {
    /// All references in a part of the configuration.
    fn expressions(&mut self, value: &Value, module: &ModulePath, depth: u32) {
        if depth > 160 || self.fuel == 0 {
            return;
        }
        self.fuel -= 1;
        match &value.kind {
            Kind::Object(object) => {
                for (key, inner) in object.entries() {
                    match &*key.text {
                        "references" | "depends_on" => {
                            for text in items(inner).iter().filter_map(Value::as_str) {
                                self.reference(text, module);
                            }
                        }
                        "constant_value" | "provisioners" => {}
                        _ => self.expressions(inner, module, depth + 1),
                    }
                }
            }
            Kind::Array(array) => array.items.iter().for_each(|item| self.expressions(item, module, depth + 1)),
            _ => {}
        }
    }

    fn reference(&mut self, text: &str, module: &ModulePath) {
        if self.fuel == 0 || self.seen.len() > 20_000 || !self.seen.insert((module.clone(), text.into())) {
            return;
        }
        self.fuel -= 1;
        match reference(text) {
            Reference::Resource { data, kind, name, .. } => {
                let prefix = if data { "data." } else { "" };
                let address: Arc<str> = format!("{prefix}{kind}.{name}").into();
                let all = self.plan.declared.get(&(module.clone(), address));
                self.found.extend(all.into_iter().flatten().copied());
            }
            Reference::Variable { name, .. } => {
                let Some(((call, _), parent)) = module.split_last() else { return };
                let parent = parent.to_vec();
                let plan = self.plan;
                let call = plan.module(&parent).and_then(|module| module.calls.get(call));
                if let Some(expression) = call.and_then(|call| call.written.get("expressions")?.get(&name)) {
                    self.expressions(expression, &parent, 0);
                }
            }
            Reference::Module { name, output, .. } => self.module(&name, output.as_deref(), text, module),
            _ => {}
        }
    }

    fn module(&mut self, name: &Arc<str>, output: Option<&str>, text: &str, module: &ModulePath) {
        let plan = self.plan;
        let Some(call) = plan.module(module).and_then(|module| module.calls.get(name)) else { return };
        let mut inside: Vec<ModulePath> = Vec::new();
        for (at, instance) in plan.instances.iter().enumerate() {
            let is_inside = instance.module.starts_with(module)
                && instance.module.get(module.len()).is_some_and(|(own, _)| own == name);
            if !is_inside {
                continue;
            }
            // `module.x` follows each of its outputs in the list; only `depends_on` means all of it.
            if output.is_none() && self.seen.iter().all(|(own, other)| own != module || !is_output(other, text)) {
                self.found.insert(at);
            }
            let path: ModulePath = instance.module.iter().take(module.len() + 1).cloned().collect();
            if !inside.contains(&path) {
                inside.push(path);
            }
        }
        let Some(output) = output else { return };
        let Some(expression) = call.module.outputs.get(output) else { return };
        for path in inside {
            self.expressions(expression, &path, 0);
        }
    }
}

/// Whether a reference is to an output of a module.
fn is_output(text: &str, module: &str) -> bool {
    text.strip_prefix(module).is_some_and(|rest| rest.starts_with(['.', '[']))
}
