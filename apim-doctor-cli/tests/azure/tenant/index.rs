//! The index of a tenant: id, name and type of every resource, for Resource Graph.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::Tenant;
use super::layout::{Subscription, client_of};
use crate::azure::graph::Query;
use crate::azure::world::Place;

const IDENTITIES: &str = "microsoft.managedidentity/userassignedidentities";

/// Every resource, sorted by id.
pub(super) struct Index {
    rows: Vec<Row>,
    by_kind: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

struct Row {
    id: String,
    kind: String,
}

impl Row {
    fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    fn segment(&self, number: usize) -> String {
        self.id.split('/').nth(number).unwrap_or_default().to_ascii_lowercase()
    }

    /// Returns a column in lower case.
    fn column(&self, column: &str) -> String {
        match column {
            "id" => self.id.to_ascii_lowercase(),
            "name" => self.name().to_ascii_lowercase(),
            "type" => self.kind.clone(),
            "subscriptionid" => self.segment(2),
            "resourcegroup" => self.segment(4),
            "properties.clientid" if self.kind == IDENTITIES => client_of(&self.id),
            _ => String::new(),
        }
    }
}

impl Index {
    pub(super) fn of(tenant: &Tenant) -> Self {
        let mut ids: Vec<String> =
            (0..=tenant.subscriptions).flat_map(|number| Subscription::of(tenant, number).resources()).collect();
        ids.sort();
        let (mut by_kind, mut by_name) = (HashMap::<String, Vec<usize>>::new(), HashMap::<String, Vec<usize>>::new());
        let row = |(at, id): (usize, String)| {
            let kind = match Place::of(&id) {
                Place::One { kind, .. } => kind,
                _ => panic!("not a resource: `{id}`"),
            };
            let row = Row { id, kind };
            by_kind.entry(row.kind.clone()).or_default().push(at);
            by_name.entry(row.name().to_ascii_lowercase()).or_default().push(at);
            row
        };
        let rows = ids.into_iter().enumerate().map(row).collect();
        Self { rows, by_kind, by_name }
    }

    /// Returns how many resources a query finds, and the rows of one page.
    pub(super) fn rows(&self, query: &Query, skip: usize, size: usize) -> (usize, Vec<Value>) {
        let values = |column: &str| query.conditions.iter().find(|(own, _)| own == column).map(|(_, values)| values);
        let of = |index: &HashMap<String, Vec<usize>>, values: &Vec<String>| -> BTreeSet<usize> {
            values.iter().filter_map(|value| index.get(value)).flatten().copied().collect()
        };
        let candidates = match (values("name"), values("type")) {
            (Some(names), _) => of(&self.by_name, names),
            (None, Some(kinds)) => of(&self.by_kind, kinds),
            (None, None) => (0..self.rows.len()).collect(),
        };
        let fits = |row: &&Row| {
            let is_inside = query.subscriptions.as_ref().is_none_or(|all| all.contains(&row.segment(2)));
            is_inside && query.conditions.iter().all(|(column, values)| values.contains(&row.column(column)))
        };
        let found: Vec<&Row> = candidates.into_iter().filter_map(|at| self.rows.get(at)).filter(fits).collect();
        let page = found.iter().skip(skip).take(size);
        (found.len(), page.map(|row| json!({ "id": row.id, "name": row.name(), "type": row.kind })).collect())
    }
}
