//! Writes the input with all verified fixes applied.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use crate::base::Verdict;
use crate::consumer;
use crate::finding::Patch;
use crate::model::Estate;
use crate::path::exit::Exits;
use crate::path::{AccessPath, Case, walk};
use crate::report::build::{Build, PIECE, ids};
use crate::report::judged::by_place;
use crate::report::merge::Edits;
use crate::report::options::Options;
use crate::report::{rewrite, simulate, v1};
use crate::source::InputError;

/// The input with all verified combined fixes applied: a recording that anyone can diagnose again.
///
/// # Errors
/// When a part of the input cannot be written again: nothing of it is left out in silence.
pub fn fixed_recording(estate: &Estate, options: &Options) -> Result<Value, InputError> {
    let build = Build::run(estate, options);
    let as_of = estate.time(options.as_of);
    // Paths are numbered as they are declared; ids are given in the report's order.
    let mut numbered: Vec<(usize, AccessPath)> =
        consumer::paths(estate, &options.resources, &[]).0.into_iter().enumerate().collect();
    numbered.sort_by(|(_, a), (_, b)| by_place(a, b));
    let (places, paths): (Vec<usize>, Vec<AccessPath>) = numbered.into_iter().unzip();
    let ids = ids(&paths);
    let is_verified = |path: &&v1::Path| path.combined_fix.as_ref().is_some_and(|fix| fix.verified);
    let verified: BTreeSet<&str> = build.report.paths.iter().filter(is_verified).map(|path| path.id.as_str()).collect();
    let has_fix = |(_, id): &(&usize, &String)| verified.contains(id.as_str());
    let with_fix: BTreeSet<usize> = places.iter().zip(&ids).filter(has_fix).map(|(at, _)| *at).collect();
    let failing = |estate: &Estate, repaired: &BTreeSet<usize>| -> BTreeSet<usize> {
        let paths = consumer::paths(estate, &options.resources, &[]).0;
        let paths: Vec<(usize, AccessPath)> = paths.into_iter().enumerate().collect();
        let fail = |piece: &[(usize, AccessPath)]| -> Vec<bool> {
            let exits = Exits::of(estate, piece.iter().map(|(_, path)| path));
            let fails = |(at, path): &(usize, AccessPath)| {
                let case = Case { estate, path, exits: &exits, as_of, is_repaired: repaired.contains(at) };
                walk(&case).verdict() == Verdict::Fail
            };
            piece.iter().map(fails).collect()
        };
        let judged: Vec<bool> = paths.par_chunks(PIECE).flat_map_iter(fail).collect();
        judged.into_iter().enumerate().filter(|(_, fails)| *fails).map(|(at, _)| at).collect()
    };
    let own = build.report.paths.iter().zip(build.patches.combined);
    let patches: Vec<Patch> = own.filter(|(path, _)| is_verified(path)).filter_map(|(_, patch)| patch).collect();
    let failed = failing(estate, &BTreeSet::new());
    let written = |patch: &Patch, after: &BTreeSet<usize>| -> Result<Value, InputError> {
        let mut document = rewrite::rewrite(estate, patch)?;
        let opened = |(at, _): &(&usize, &String)| failed.contains(at) && !after.contains(at);
        note_repaired(&mut document, places.iter().zip(&ids).filter(opened).map(|(_, id)| id.as_str()));
        Ok(document)
    };
    let mut before = failed.clone();
    let mut all = Patch::default();
    let mut seen = Edits::default();
    patches.iter().for_each(|patch| all.edits.extend(seen.add(patch)));
    let mut fixed = estate.clone();
    // Together they hardly ever harm each other. Where they do, each has to show that it harms no path.
    if simulate::apply(&mut fixed, &all).is_some() {
        let after = failing(&fixed, &with_fix);
        if after.is_subset(&before) {
            return written(&all, &after);
        }
    }
    let (mut fixed, mut kept, mut seen) = (estate.clone(), Patch::default(), Edits::default());
    for patch in &patches {
        let mut with = seen.clone();
        let new = Patch { edits: with.add(patch) };
        let Some(undo) = simulate::apply(&mut fixed, &new) else { continue };
        let after = failing(&fixed, &with_fix);
        if after.is_subset(&before) {
            (before, seen) = (after, with);
            kept.edits.extend(new.edits);
        } else {
            undo.restore(&mut fixed);
        }
    }
    written(&kept, &before)
}

/// Writes down which paths failed until the fixes were applied: what the recording says of them is older than that.
fn note_repaired<'p>(document: &mut Value, repaired: impl Iterator<Item = &'p str>) {
    let Value::Object(members) = document else { return };
    let list = members.entry("repaired").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.extend(repaired.map(Value::from));
        list.dedup();
    }
    members.retain(|name, value| name != "repaired" || value.as_array().is_some_and(|list| !list.is_empty()));
}
