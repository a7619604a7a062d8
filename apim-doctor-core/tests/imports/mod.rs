//! Which file of a crate imports from which, and the circles among them.
//!
//! A name is followed through re-exports to the file that defines it, so a `mod.rs` that re-exports its children does
//! not stand between them and the files that use them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// The path of a module in its crate: empty for the crate itself.
type Module = Vec<String>;

/// The most lines that a file of `src` may have.
const MOST_LINES: usize = 600;

/// The files of a crate by their modules.
pub(crate) struct Sources(BTreeMap<Module, File>);

struct File {
    /// As it is shown: `path/gate/dns.rs`.
    name: String,
    lines: usize,
    /// Its code, without comments, texts and test modules.
    tokens: Vec<String>,
    /// What it imports or re-exports, by name: its children reach both through it.
    exports: BTreeMap<String, Vec<String>>,
}

impl Sources {
    /// Reads the files below a folder `src`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut paths = Vec::new();
        collect(root, &mut paths);
        let file = |path: PathBuf| {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            (name, std::fs::read_to_string(&path).unwrap())
        };
        Self::of(paths.into_iter().map(file))
    }

    /// Takes files by their names below `src`.
    pub(crate) fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let files = files.into_iter().map(|(name, text)| {
            let mut module: Module = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
                module.pop();
            }
            (module, File { name, lines: text.lines().count(), tokens: tokens(&text), exports: BTreeMap::new() })
        });
        let mut sources = Self(files.collect());
        let modules: Vec<Module> = sources.0.keys().cloned().collect();
        for module in modules {
            let exports = uses(&sources.0[&module].tokens)
                .filter_map(|import| Some((import.name, sources.absolute(&module, &import.path)?)))
                .collect();
            sources.0.get_mut(&module).unwrap().exports = exports;
        }
        sources
    }

    /// Asserts that no file is too long to be read in one go.
    pub(crate) fn assert_short(&self) {
        let long = self.long();
        assert!(
            long.is_empty(),
            "a file of `src` has at most {MOST_LINES} lines; split these by what they are about, each part into a file \
             of its own:\n{}",
            long.join("\n")
        );
    }

    /// The files with more lines than a person reads in one go.
    pub(crate) fn long(&self) -> Vec<String> {
        let long = self.0.values().filter(|file| file.lines > MOST_LINES);
        long.map(|file| format!("src/{}: {} lines", file.name, file.lines)).collect()
    }

    /// Asserts that no files import each other in a circle. One import can close many circles, so the shortest are shown.
    pub(crate) fn assert_no_circles(&self) {
        let mut circles: Vec<Vec<String>> = self.circles().into_iter().collect();
        circles.sort_by_key(Vec::len);
        let closed = |circle: &Vec<String>| format!("src/{} → {}", circle.join(" → "), circle[0]);
        let shown: Vec<String> = circles.iter().take(5).map(closed).collect();
        assert!(
            circles.is_empty(),
            "files import each other in a circle; move what they share into a file that imports none of them. Circles: \
             {}, the shortest:\n{}",
            circles.len(),
            shown.join("\n")
        );
    }

    /// The imports that do not lead to a lower floor, and the modules without a floor. `excepted`: a module may import
    /// from another one all the same.
    pub(crate) fn upwards(&self, floors: &[(&str, usize)], excepted: impl Fn(&str, &str) -> bool) -> BTreeSet<String> {
        let floor = |module: &str| floors.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor);
        let homeless = self.0.values().map(|file| module(&file.name)).filter(|module| floor(module).is_none());
        let mut found: BTreeSet<String> = homeless.map(no_floor).collect();
        for (from, to) in self.imported().into_iter().chain(self.named()) {
            let (Some(own), Some(other)) = (floor(module(&from)), floor(module(&to))) else { continue };
            if module(&from) != module(&to) && own <= other && !excepted(module(&from), module(&to)) {
                found.insert(format!("src/{from} (floor {own}) imports from src/{to} (floor {other})"));
            }
        }
        found
    }

    /// The circles, each as the names of its files, starting with the first in alphabetical order.
    pub(crate) fn circles(&self) -> BTreeSet<Vec<String>> {
        let edges: BTreeMap<&Module, BTreeSet<Module>> = self.0.keys().map(|from| (from, self.imports(from))).collect();
        let shortest = |from: &Module| {
            let mut before: BTreeMap<Module, Module> = BTreeMap::new();
            let mut queue = VecDeque::from([from.clone()]);
            while let Some(at) = queue.pop_front() {
                for next in &edges[&at] {
                    if next == from {
                        let mut circle = vec![at.clone()];
                        while let Some(earlier) = before.get(circle.last().unwrap()) {
                            circle.push(earlier.clone());
                        }
                        circle.reverse();
                        return Some(circle);
                    }
                    if !before.contains_key(next) {
                        before.insert(next.clone(), at.clone());
                        queue.push_back(next.clone());
                    }
                }
            }
            None
        };
        let circles = self.0.keys().filter_map(shortest).map(|circle| {
            let mut names: Vec<String> = circle.iter().map(|module| self.0[module].name.clone()).collect();
            let first = names.iter().enumerate().min_by_key(|(_, name)| *name).map_or(0, |(at, _)| at);
            names.rotate_left(first);
            names
        });
        circles.collect()
    }

    /// The modules of the crate's first level.
    pub(crate) fn modules(&self) -> BTreeSet<&str> {
        self.0.values().map(|file| module(&file.name)).collect()
    }

    /// Which file imports from which, by their names.
    fn imported(&self) -> Vec<(String, String)> {
        let names = |from: &Module, to: Module| (self.0[from].name.clone(), self.0[&to].name.clone());
        self.0.keys().flat_map(|from| self.imports(from).into_iter().map(move |to| names(from, to))).collect()
    }

    /// Which file names a module of which other file in a `use`, whatever it does with it.
    fn named(&self) -> Vec<(String, String)> {
        let named = self.0.iter().flat_map(|(from, file)| {
            let paths = uses(&file.tokens).filter_map(|import| self.absolute(from, &import.path));
            paths.filter_map(|path| Some((file.name.clone(), self.0[&self.definition(&path)?].name.clone())))
        });
        named.collect()
    }

    /// The files that a file imports from.
    fn imports(&self, module: &Module) -> BTreeSet<Module> {
        let file = &self.0[module];
        let mut found = BTreeSet::new();
        // Names of modules that paths in the code may start with.
        let mut names: BTreeMap<String, Vec<String>> = self
            .0
            .keys()
            .filter(|child| child.len() == module.len() + 1 && child.starts_with(module))
            .map(|child| (child.last().unwrap().clone(), child.clone()))
            .collect();
        for import in uses(&file.tokens) {
            let Some(path) = self.absolute(module, &import.path) else { continue };
            if import.is_glob && self.0.contains_key(&path) {
                self.reach(&path, file, &mut names, &mut found);
            }
            match self.0.contains_key(&path) && !import.is_glob {
                true => drop(names.insert(import.name, path)),
                // A module that re-exports what its children define does not depend on them for it.
                false if import.is_public && path.starts_with(module) => {}
                false => found.extend(self.definition(&path)),
            }
        }
        for path in paths(&file.tokens) {
            let absolute = match names.get(&path[0]) {
                Some(named) => Some(named.iter().chain(&path[1..]).cloned().collect()),
                None => self.absolute(module, &path),
            };
            found.extend(absolute.and_then(|path: Vec<String>| self.definition(&path)));
        }
        found.remove(module);
        found
    }

    /// Follows `use path::*`: it brings the children of a module and what the module imports, under their own names.
    fn reach(
        &self,
        path: &[String],
        file: &File,
        names: &mut BTreeMap<String, Vec<String>>,
        found: &mut BTreeSet<Module>,
    ) {
        for child in self.0.keys().filter(|child| child.len() == path.len() + 1 && child.starts_with(path)) {
            names.entry(child.last().unwrap().clone()).or_insert_with(|| child.clone());
        }
        for (name, exported) in self.0[path].exports.iter().filter(|(name, _)| file.tokens.contains(name)) {
            match self.0.contains_key(exported) {
                true => drop(names.entry(name.clone()).or_insert_with(|| exported.clone())),
                false => found.extend(self.definition(exported)),
            }
        }
    }

    /// A path from the crate, of one that a file of `module` names; `None` if it leads out of the crate.
    fn absolute(&self, module: &Module, path: &[String]) -> Option<Vec<String>> {
        let (start, mut rest) = path.split_first()?;
        let mut base: Module = match start.as_str() {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            child => {
                let child: Module = module.iter().cloned().chain([child.to_owned()]).collect();
                self.0.contains_key(&child).then_some(child)?
            }
        };
        while rest.first().is_some_and(|part| part == "super") {
            base.pop()?;
            rest = &rest[1..];
        }
        Some(base.into_iter().chain(rest.iter().cloned()).collect())
    }

    /// The module whose file defines what a path names.
    fn definition(&self, path: &[String]) -> Option<Module> {
        let mut path = path.to_vec();
        // Re-exports of re-exports end: nothing re-exports itself.
        for _ in 0..16 {
            let known = (0..=path.len()).rev().find(|len| self.0.contains_key(&path[..*len]))?;
            let Some(exported) = path.get(known).and_then(|name| self.0[&path[..known]].exports.get(name)) else {
                return Some(path[..known].to_vec());
            };
            path = exported.iter().cloned().chain(path[known + 1..].iter().cloned()).collect();
        }
        None
    }
}

/// The module of the first level that a file belongs to.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// What is to be done for a module that has no floor.
pub(crate) fn no_floor(module: &str) -> String {
    format!("module `{module}` has no floor: add it to `FLOORS` in tests/layers.rs and to the table in CONTRIBUTING.md")
}

/// Asserts that the table of `CONTRIBUTING.md` below the name of a crate's folder has the modules with their floors.
pub(crate) fn assert_documented(folder: &str, floors: &[(&str, usize)]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../CONTRIBUTING.md");
    let text = std::fs::read_to_string(file).unwrap();
    let after = text.split_once(&format!("\n`{folder}`")).unwrap_or_else(|| panic!("no line starts with `{folder}`")).1;
    let rows = after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let mut documented = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let Ok(floor) = cells[1].parse::<usize>() else { continue };
        documented.extend(cells[2].split('`').skip(1).step_by(2).map(|name| (name, floor)));
    }
    let floors: BTreeSet<(&str, usize)> = floors.iter().copied().collect();
    let missing: Vec<_> = floors.difference(&documented).collect();
    let wrong: Vec<_> = documented.difference(&floors).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "the table of `{folder}` in CONTRIBUTING.md and `FLOORS` differ: add {missing:?} to the table, remove {wrong:?}"
    );
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, found),
            false => found.extend(Some(path).filter(|path| path.extension().is_some_and(|kind| kind == "rs"))),
        }
    }
}

/// Words and signs of a file's code. Comments, texts and test modules are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut all = words_and_signs(text);
    const TEST: [&str; 8] = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    while let Some(start) = all.windows(TEST.len()).position(|window| window == TEST) {
        let mut depth = 0;
        let end = all[start + TEST.len()..].iter().position(|token| {
            depth += i32::from(token == "{") - i32::from(token == "}");
            depth == 0 && matches!(token.as_str(), "}" | ";")
        });
        all.drain(start..end.map_or(all.len(), |end| start + TEST.len() + end + 1));
    }
    all
}

fn words_and_signs(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |place: usize| chars.get(place).copied().unwrap_or('\n');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut found, mut place) = (Vec::new(), 0);
    while place < chars.len() {
        let start = place;
        match at(place) {
            '/' if at(place + 1) == '/' => {
                while place < chars.len() && at(place) != '\n' {
                    place += 1;
                }
            }
            '"' => {
                let hashes = (1..=start).take_while(|back| at(start - back) == '#').count();
                let is_raw = start > hashes && at(start - hashes - 1) == 'r';
                let ends = |place: usize| at(place) == '"' && (0..hashes).all(|n| at(place + 1 + n) == '#');
                place += 1;
                while place < chars.len() && !ends(place) {
                    place += if at(place) == '\\' && !is_raw { 2 } else { 1 };
                }
                place += 1;
            }
            // A character; a lifetime has no quote after it.
            '\'' if at(place + 1) == '\\' || at(place + 2) == '\'' => {
                place += if at(place + 1) == '\\' { 3 } else { 2 };
                while place < chars.len() && at(place) != '\'' {
                    place += 1;
                }
                place += 1;
            }
            ':' if at(place + 1) == ':' => {
                found.push("::".to_owned());
                place += 2;
            }
            c if is_word(c) => {
                while is_word(at(place)) {
                    place += 1;
                }
                found.push(chars[start..place].iter().collect());
            }
            c => {
                found.extend((!c.is_whitespace()).then(|| c.to_string()));
                place += 1;
            }
        }
    }
    found
}

struct Import {
    path: Vec<String>,
    /// Its name here.
    name: String,
    is_glob: bool,
    is_public: bool,
}

/// Everything that is imported by `use`.
fn uses(tokens: &[String]) -> impl Iterator<Item = Import> {
    let mut found = Vec::new();
    for at in (0..tokens.len()).filter(|at| tokens[*at] == "use") {
        let before = at.checked_sub(1).map_or("", |before| tokens[before].as_str());
        // `pub use`, `pub(crate) use`. `impl Trait + use<'a>` is another thing.
        let is_public = matches!(before, "pub" | ")");
        if tokens.get(at + 1).is_some_and(|next| next != "<") {
            tree(&tokens[at + 1..], &[], is_public, &mut found);
        }
    }
    found.into_iter()
}

/// Reads one tree of a `use`; returns how many tokens it has.
fn tree(tokens: &[String], before: &[String], is_public: bool, found: &mut Vec<Import>) -> usize {
    let (mut path, mut at) = (before.to_vec(), 0);
    let mut import = |path: Vec<String>, name: String, is_glob| found.push(Import { path, name, is_glob, is_public });
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("::") => at += 1,
            Some("*") => {
                import(path, String::new(), true);
                return at + 1;
            }
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at += tree(&tokens[at..], &path, is_public, found);
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            Some("as") => {
                import(path, tokens.get(at + 1).cloned().unwrap_or_default(), false);
                return at + 2;
            }
            Some(word) if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                // `module::{self}` names the module.
                if word != "self" || path.is_empty() {
                    path.push(word.to_owned());
                }
                at += 1;
            }
            _ => {
                let name = path.last().cloned().unwrap_or_default();
                import(path, name, false);
                return at;
            }
        }
    }
}

/// Every path with more than one part in the code, without those of `use`.
fn paths(tokens: &[String]) -> Vec<Vec<String>> {
    let is_word = |token: &str| token.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let (mut found, mut at, mut in_use) = (Vec::new(), 0, false);
    while at < tokens.len() {
        in_use = match tokens[at].as_str() {
            "use" => tokens.get(at + 1).is_some_and(|next| next != "<"),
            ";" => false,
            _ => in_use,
        };
        let starts = is_word(&tokens[at]) && tokens.get(at + 1).is_some_and(|next| next == "::");
        let continues = at.checked_sub(1).is_some_and(|before| tokens[before] == "::");
        if !starts || continues || in_use {
            at += 1;
            continue;
        }
        let mut path = vec![tokens[at].clone()];
        at += 1;
        while tokens.get(at).is_some_and(|token| token == "::") && tokens.get(at + 1).is_some_and(|next| is_word(next))
        {
            path.push(tokens[at + 1].clone());
            at += 2;
        }
        // `pub(in path)` names who may import; the rest of `path::$name` is known where the macro is used.
        let is_visibility = tokens[..at].iter().rev().nth(2 * path.len() - 1).is_some_and(|token| token == "in");
        let is_macro = tokens.get(at + 1).is_some_and(|next| next == "$");
        found.extend(Some(path).filter(|_| !is_visibility && !is_macro));
        at += usize::from(tokens.get(at).is_some_and(|token| token == "::"));
    }
    found
}
