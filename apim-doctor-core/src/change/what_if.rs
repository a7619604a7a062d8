//! Tries a change that is only planned.

use serde_json::Value;

use crate::base::Verdict;
use crate::change::compare::{before, compare};
use crate::change::edit::Step;
use crate::change::error::ChangeError;
use crate::change::prepare::{Found, Search};
use crate::change::recording::Recording;
use crate::change::rule;
use crate::change::step::Planned;
use crate::change::v1::{Change, WhatIf};
use crate::finding::{Edit, Source};
use crate::model::Estate;
use crate::report::{Options, PathKey, diagnose};

/// What planned changes do to the access paths of a recording, and what to do first, so that none breaks.
///
/// Nothing is sent anywhere: the changes are made in memory, and the result is diagnosed.
///
/// ```
/// use apim_doctor_core::{Estate, Input, Options, Planned, what_if};
/// let vault = r#"[{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.KeyVault/vaults/kv-shop",
///                  "properties": {"publicNetworkAccess": "Enabled"}}]"#;
/// let (estate, _) = Estate::read(vec![Input::new("kv.json", vault)]);
/// let close = Planned::Set("kv-shop/properties/publicNetworkAccess=Disabled".to_owned());
/// let found = what_if(&estate, &[close], &Options::default())?;
/// assert_eq!(found.changes.len(), 1);
/// assert_eq!(found.effects.breaks, 0);
/// # Ok::<(), apim_doctor_core::ChangeError>(())
/// ```
///
/// # Errors
/// When a change names no recorded resource or property, or an input cannot be changed.
pub fn what_if(estate: &Estate, planned: &[Planned], options: &Options) -> Result<WhatIf, ChangeError> {
    let mut options = options.clone();
    options.as_of = Some(estate.time(options.as_of));
    let recording = Recording::of(estate).map_err(|error| ChangeError::new(error.to_string(), error.help))?;
    let mut now = recording.clone();
    let (mut steps, mut changes, mut unused): (Vec<Step>, Vec<Change>, Vec<String>) = Default::default();
    for one in planned {
        let bodies = now.bodies();
        let found = one.steps(&bodies)?;
        unused.extend(found.rule.iter().filter(|_| found.about == 0).cloned());
        changes.extend(found.steps.iter().map(|step| described(step, &bodies, found.rule.as_deref())));
        drop(bodies);
        now.make(&found.steps);
        steps.extend(found.steps);
    }
    let was = before(&diagnose(estate, &options));
    let failed = was.values().filter(|(_, verdict)| *verdict == Verdict::Fail).map(|(id, _)| id.as_str());
    let mut silent = recording;
    silent.forget_observed();
    silent.note_failed(failed);
    let mut after = silent.clone();
    after.make(&steps);
    // Without a change, what was observed still counts.
    let estate_after = if steps.is_empty() { estate.clone() } else { after.read() };
    let mut report = diagnose(&estate_after, &options);
    let (effects, gone) = compare(&mut report, &was);
    let breaks = PathKey::of_report(&report).into_iter().zip(&report.paths);
    let breaks: Vec<(PathKey, String)> = breaks
        .filter(|(_, path)| path.change.as_deref() == Some("breaks"))
        .map(|(key, path)| (key, path.id.clone()))
        .collect();
    let Found { preparations, unprepared, after: prepared } = match breaks.is_empty() {
        true => Found::default(),
        false => Search::new(&silent, &estate_after, &steps, &options).run(&breaks),
    };
    let changed = prepared.unwrap_or(after).whole().ok();
    Ok(WhatIf { report, changes, effects, preparations, unprepared, gone, unused, changed })
}

/// A change for the report.
fn described(step: &Step, bodies: &super::place::Bodies<'_>, rule: Option<&str>) -> Change {
    let body = bodies.get(step.resource()).and_then(|own| own.first());
    let recorded =
        |pointer: &str| body.and_then(|body| body.pointer(pointer)).filter(|value| !value.is_null()).cloned();
    let (before, after) = match step {
        Step::Edit(Edit::Set { pointer, value, .. }) => (recorded(pointer), Some(value.clone())),
        Step::Edit(Edit::Append { value, .. }) => (None, Some(value.clone())),
        Step::Edit(Edit::Remove { pointer, .. }) => (recorded(pointer), None),
        Step::Edit(Edit::Create { body, .. }) => (None, Some(body.clone())),
        Step::Delete(_) => (None::<Value>, None),
    };
    Change {
        resource: step.resource().clone(),
        pointer: step.pointer().to_owned(),
        before,
        after,
        rule: rule.map(str::to_owned),
        source: rule.and_then(source),
    }
}

/// The page of a rule, or of the hardening that is named.
fn source(name: &str) -> Option<Source> {
    let (own, _) = rule::find(name)?;
    let rule = own.rules.iter().find(|rule| rule.id == name);
    Some(rule.map_or_else(|| own.source(), |rule| rule.source()))
}
