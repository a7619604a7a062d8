//! How well unseen error texts are understood: each text is explained without everything that was learnt from its source.
//! Documented phrases always count.
//!
//! `cargo test -p apim-doctor-core --test texts -- --nocapture` prints the figures and every miss.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use apim_doctor_core::testing::{explain_with, is_page, learnt};
use serde_json::Value;

use common::{rows, text, with_shared};

fn list<'v>(row: &'v Value, key: &str) -> BTreeSet<&'v str> {
    row[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The figures of `../shared/cases/run_texts.py`.
#[derive(Debug, Default)]
struct Figures {
    texts: usize,
    recognized: usize,
    all_gates: usize,
    beyond: usize,
    confirmed: usize,
    first: usize,
    among_three: usize,
    negatives: usize,
    negatives_recognized: usize,
}

impl Figures {
    fn of(rows: &[Value], may_use: impl Fn(&Value, &str) -> bool) -> Self {
        let mut figures = Figures::default();
        for row in rows {
            let usable = |origins: &[&'static str]| origins.iter().any(|origin| may_use(row, origin));
            let explained = explain_with(text(row, "error_text"), &usable);
            let short: String = text(row, "error_text").chars().take(100).collect();
            let miss = |what: String| println!("  {} {what} | {}", text(row, "id"), short.replace('\n', " "));
            if row["negative"] == true {
                figures.negatives += 1;
                if explained.recognized {
                    figures.negatives_recognized += 1;
                    miss(format!("is a negative, but read as {:?}", explained.first.message));
                }
                continue;
            }
            figures.texts += 1;
            figures.recognized += usize::from(explained.recognized);
            let named: BTreeSet<&str> = explained.first.gates.iter().map(AsRef::as_ref).collect();
            let wanted = list(row, "possible_gates");
            figures.all_gates += usize::from(wanted.is_subset(&named));
            figures.beyond += named.difference(&wanted).count();
            if !wanted.is_subset(&named) {
                miss(format!("{:?} expected {wanted:?}, found {named:?}", explained.first.message));
            }
            let sure =
                ["confirmed_code", "proposed_code"].into_iter().map(|key| text(row, key)).find(|c| !c.is_empty());
            if let Some(sure) = sure {
                let place = explained.first.causes.iter().position(|cause| cause.code.as_str() == sure);
                figures.confirmed += 1;
                figures.first += usize::from(place == Some(0));
                figures.among_three += usize::from(place.is_some_and(|place| place < 3));
            }
        }
        figures
    }

    /// Prints the shares and compares them with the smallest (for additional gates and negatives: largest) ones.
    fn check(&self, what: &str, least: [f64; 4], most: [f64; 2]) {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let names = ["recognized", "all gates", "cause first", "cause among three"];
        let shares = [
            share(self.recognized, self.texts),
            share(self.all_gates, self.texts),
            share(self.first, self.confirmed),
            share(self.among_three, self.confirmed),
        ];
        let beyond = share(self.beyond, self.texts);
        let negatives = share(self.negatives_recognized, self.negatives);
        println!(
            "{what}: {} texts, recognized {:.3}, all gates {:.3} with {beyond:.2} beyond; of {} with a sure cause first \
             {:.3}, among three {:.3}; of {} negatives recognized {negatives:.3}",
            self.texts, shares[0], shares[1], self.confirmed, shares[2], shares[3], self.negatives
        );
        for ((name, share), least) in names.iter().zip(shares).zip(least) {
            assert!(share >= least, "{what}: {name} {share:.3} is less than {least}");
        }
        assert!(beyond <= most[0], "{what}: {beyond:.2} gates beyond");
        assert!(negatives <= most[1], "{what}: {negatives:.3} of the negatives");
    }
}

#[test]
fn texts_are_understood_without_what_was_learnt_from_them() {
    with_shared("unseen error texts", "cases", |folder| {
        let rows = rows(&folder.join("error_texts_2.jsonl"));
        let sources: BTreeMap<&str, &str> = rows.iter().map(|row| (text(row, "id"), text(row, "source_url"))).collect();
        Figures::of(&rows, |_, _| true).check("as shipped", [0.97, 0.92, 0.65, 0.88], [0.8, 0.0]);
        let learnt_elsewhere = |row: &Value, origin: &str| {
            let source = text(row, "source_url");
            is_page(origin) || (origin != source && sources.get(origin) != Some(&source))
        };
        Figures::of(&rows, learnt_elsewhere).check("learnt apart", [0.88, 0.78, 0.50, 0.75], [1.0, 0.05]);
    });
}

#[test]
fn what_was_learnt_stands_in_the_text_that_it_was_learnt_from() {
    with_shared("origins of phrases", "cases", |folder| {
        let rows = rows(&folder.join("error_texts_2.jsonl"));
        let texts: BTreeMap<&str, &Value> = rows.iter().map(|row| (text(row, "id"), row)).collect();
        let mut complaints = Vec::new();
        for (phrase, origin) in learnt().filter(|(_, origin)| !origin.starts_with("https://")) {
            match texts.get(origin) {
                None => complaints.push(format!("`{phrase}` is learnt from {origin}, which does not exist")),
                Some(row) => {
                    let squeezed: String = text(row, "error_text")
                        .chars()
                        .filter(|c| !c.is_whitespace() && !"\"'`\\‘’“”│".contains(*c))
                        .map(|c| c.to_ascii_lowercase())
                        .collect();
                    if !squeezed.contains(phrase) {
                        complaints.push(format!("`{phrase}` does not stand in {origin}"));
                    }
                }
            }
        }
        common::assert_none("origins", &complaints);
    });
}
