//! Terraform plans: all are read, and the share of their resources that is understood does not fall.

use std::collections::BTreeMap;

use crate::knowledge::roles;
use crate::source::terraform::{DocumentKind, Options, kind_of, read_plan};
use crate::template::place::FileId;
use crate::templates::common::{files, shared};
use crate::templates::with_shared;

/// The plans in a file: itself, or the plans that a test of a policy consists of.
fn plans(text: &str) -> Vec<String> {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    match value["mock"].as_object() {
        Some(mocks) => mocks.values().map(ToString::to_string).collect(),
        None => vec![text.to_owned()],
    }
}

/// Resources that are read or became a part of another, and all of Azure's.
#[derive(Default)]
struct Share {
    plans: usize,
    understood: u32,
    all: u32,
}

#[test]
fn all_plans_are_read() {
    with_shared("all_plans_are_read", "data", |_| {
        let role = |name: &str| roles::by_name(name).map(|role| role.id.to_owned());
        let options = Options { subscription: None, cloud: None, role: &role };
        let mut groups: BTreeMap<&str, Share> = BTreeMap::new();
        for group in ["cases/deployments", "data/terraform-plans/real", "data/terraform-plans/policy-mocks"] {
            let share = groups.entry(group).or_default();
            for path in files(&shared(group), &["json"]) {
                let text = std::fs::read_to_string(&path).unwrap();
                if group.starts_with("cases") && !path.ends_with("plan.json") {
                    continue;
                }
                for text in plans(&text) {
                    assert_ne!(kind_of(&text), DocumentKind::Other, "{}", path.display());
                    let read = read_plan(FileId(0), &text, &options);
                    let planned = read.found.unwrap_or_else(|| panic!("{}: {:?}", path.display(), read.problems));
                    let coverage = &planned.coverage;
                    let understood = coverage.read + coverage.merged;
                    share.plans += 1;
                    share.understood += understood;
                    share.all += understood + u32::try_from(coverage.not_read.len()).unwrap();
                }
            }
        }
        for (group, share) in &groups {
            println!("{group}: {} plans, {} of {} resources are understood", share.plans, share.understood, share.all);
            assert!(share.plans > 0, "{group}");
        }
        let least = |group: &str, percent: u32| groups[group].understood * 100 >= groups[group].all * percent;
        assert!(least("cases/deployments", 99));
        assert!(least("data/terraform-plans/real", 65));
        assert!(least("data/terraform-plans/policy-mocks", 85));
    });
}
