//! Broken templates: read and evaluated without panic and without end, however they are broken.

use crate::templates::with_shared;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::source::arm;
use crate::template::canonical::write_canonical;
use crate::template::evaluation::{NoLoader, Options, evaluate};
use crate::templates::common::{files, shared};

struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count.max(1)).unwrap()).unwrap()
    }
}

const PIECES: [&str; 48] = [
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "'",
    "\"",
    ",",
    ":",
    "[[",
    "''",
    "\\",
    "\n",
    "null",
    "true",
    "1",
    "-9223372036854775808",
    "9223372036854775807",
    "copyIndex()",
    "parameters('x')",
    "variables('x')",
    "reference('x')",
    "range(0, 10000)",
    "concat(",
    "split(",
    "lambda('i', ",
    "map(",
    "lambdaVariables('i')",
    "substring('a', 1, 9)",
    "format('{0}{', 1)",
    "format('{0,99999:D99}', 1)",
    "union(",
    "json('[[]]')",
    "cidrSubnet('::/0', 128, 5)",
    "cidrHost('::/128', 1)",
    "dateTimeAdd('2020', 'P9999Y')",
    "take('é', 1)",
    "uri('a', '../../b')",
    "padLeft('x', 99999999, 'yy')",
    "resourceId('A.B/c', 'd')",
    "\"copy\": [{\"name\": \"a\", \"count\": 3, \"input\": 1}],",
    "\"existing\": true,",
    "if(",
    "\u{feff}",
    "é",
    "mod(-9223372036854775808, -1)",
    "indexOf('É', 'é')",
];

fn broken(text: &str, other: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    let at = |text: &str, dice: &mut Dice| {
        let mut at = dice.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let keeps_json = dice.below(2) == 0;
    for _ in 0..=dice.below(6) {
        let (one, two) = (at(&text, dice), at(&text, dice));
        let (one, two) = (one.min(two), one.max(two));
        match if keeps_json { 4 + dice.below(2) } else { dice.below(6) } {
            0 => text.insert_str(one, PIECES[dice.below(PIECES.len())]),
            1 => {
                let end = (one + dice.below(40)).min(text.len());
                if text.is_char_boundary(end) {
                    text.replace_range(one..end, "");
                }
            }
            2 => {
                let piece: String = text[one..two].chars().take(3000).collect();
                if text.len() < 200_000 {
                    text.insert_str(two, &piece);
                }
            }
            3 => {
                let (from, to) = (at(other, dice), at(other, dice));
                let piece = &other[from.min(to)..from.max(to)];
                if piece.len() < 5000 {
                    text.insert_str(one, piece);
                }
            }
            4 => {
                // Between quotes, to stay JSON.
                if let Some(quote) = text[one..].find("\"[").map(|found| one + found + 2) {
                    text.insert_str(quote, PIECES[dice.below(PIECES.len())]);
                }
            }
            _ => {
                if let Some(name) = text[one..].find("('").map(|found| one + found) {
                    text.insert_str(name, ["", "s", "concat", "x"][dice.below(4)]);
                }
            }
        }
    }
    text
}

#[test]
fn broken_templates_are_survived() {
    with_shared("broken_templates_are_survived", "data", |_| {
        let seconds = 2;
        let seed = 0x9e37_79b9_7f4a_7c15;
        let mut paths: Vec<PathBuf> = files(&shared("data/templates"), &["json"]);
        paths.extend(files(&shared("data/bicep-pairs/compiler-baselines"), &["json"]));
        paths.extend(files(&shared("data/bicep-pairs/psrule"), &["json"]));
        paths.extend(files(&shared("cases/deployments"), &["json"]));
        let texts: Vec<String> =
            paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).filter(|t| t.len() < 60_000).collect();
        let mut dice = Dice(seed);
        let start = Instant::now();
        let (mut tried, mut read, mut slowest) = (0, 0, Duration::ZERO);
        while start.elapsed() < Duration::from_secs(seconds) {
            let text = broken(&texts[dice.below(texts.len())], &texts[dice.below(texts.len())], &mut dice);
            let one = Instant::now();
            tried += 1;
            let found = arm::read_template(Default::default(), &text);
            let _values = arm::read_parameters(Default::default(), &text);
            if let Some(template) = found.found {
                read += 1;
                let evaluated = evaluate(template, &Default::default(), &Options::default(), &mut NoLoader);
                for resource in &evaluated.resources {
                    write_canonical(&resource.body);
                    let rendered = crate::template::rendering::render(resource);
                    serde_json::from_str::<serde_json::Value>(&rendered.text).unwrap();
                    rendered.place(rendered.text.len() / 2);
                }
            }
            let took = one.elapsed();
            if took > slowest {
                slowest = took;
            }
        }
        println!("{tried} tried, {read} read, slowest {slowest:?}");
        assert!(slowest < Duration::from_secs(5));
    });
}
