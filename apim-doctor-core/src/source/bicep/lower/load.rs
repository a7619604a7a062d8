//! Functions that load files while the compiler runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::arm;
use crate::source::bicep::lower::compiler::Compiler;
use crate::source::bicep::lower::frame::Frame;
use crate::source::bicep::lower::lowering::{Found, Lowering, unknown};
use crate::source::bicep::lower::yaml;
use crate::source::bicep::syntax::{self, ExprKind, Piece, StatementKind};
use crate::source::bicep::unit::Unit;
use crate::template::expression::Expr;
use crate::template::json;
use crate::template::place::Span;
use crate::template::value::{Key, Object, Value, Why};

/// The longest path that is put together.
const LONGEST_PATH: usize = 4096;

impl Lowering<'_, '_> {
    /// Lowers a call of a function that loads a file. What cannot be read is said, and is unknown.
    pub(crate) fn load(&mut self, frame: &Frame, function: &str, args: &[syntax::Expr], span: Span) -> Expr {
        let texts: Option<Vec<String>> = args.iter().map(|arg| self.constant(&frame.unit, arg, 0)).collect();
        let Some(texts) = texts else {
            return self.wrong(span, format!("the arguments of `{function}` must be constant strings"));
        };
        let mut texts = texts.iter().map(String::as_str);
        let wanted = texts.next().unwrap_or_default();
        let rest: Vec<&str> = texts.collect();
        let loaded = self
            .compiler
            .locate(frame.unit.folder(), wanted)
            .and_then(|path| self.compiler.loaded_value(function, &path, frame.unit.folder(), &rest, span));
        match loaded {
            Ok(value) => Expr::literal(value),
            Err(why) => {
                self.problem(span, why.to_string());
                unknown(Why::File(why), span)
            }
        }
    }

    /// Lowers `readEnvironmentVariable`.
    pub(crate) fn environment(
        &mut self,
        frame: &mut Frame,
        wanted: &syntax::Expr,
        default: Option<&syntax::Expr>,
        span: Span,
    ) -> Expr {
        let Some(name) = self.constant(&frame.unit, wanted, 0) else {
            return self.wrong(span, "the name of an environment variable must be a constant string");
        };
        match (self.compiler.project.environment(&name), default) {
            (Some(value), _) => Expr::text(value, span),
            (None, Some(default)) => self.expr(frame, default),
            (None, None) => unknown(Why::Runtime(format!("the environment variable {name}").into()), span),
        }
    }

    /// Returns the text of an expression that is fixed: a text, or a variable that holds one.
    fn constant(&mut self, unit: &Arc<Unit>, expr: &syntax::Expr, depth: usize) -> Option<String> {
        if depth > 16 || !self.compiler.spend() {
            return None;
        }
        match &expr.kind {
            ExprKind::Text(text) => Some(text.to_string()),
            ExprKind::Int(number) => Some(number.to_string()),
            ExprKind::Interpolated(pieces) => {
                let mut joined = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => joined.push_str(text),
                        Piece::Expr(expr) => joined.push_str(&self.constant(unit, expr, depth + 1)?),
                    }
                    if joined.len() > LONGEST_PATH {
                        return None;
                    }
                }
                Some(joined)
            }
            ExprKind::Name(name) => match self.find(unit, false, name) {
                Found::Statement(unit, number, _) => match &unit.clone().statement(number)?.kind {
                    StatementKind::Var { value, .. } => self.constant(&unit, value, depth + 1),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }
}

impl Compiler<'_> {
    fn loaded_value(
        &mut self,
        function: &str,
        path: &Path,
        folder: &Path,
        rest: &[&str],
        span: Span,
    ) -> Result<Value, Arc<str>> {
        let key = (path.to_owned(), format!("{function} {} {}", folder.display(), rest.join(" ")));
        if let Some(known) = self.loaded.get(&key) {
            return Ok(known.clone());
        }
        let value = match function {
            "loadDirectoryFileInfo" => self.directory(path, folder, rest.first().copied(), span)?,
            "loadFileAsBase64" => Value::string(base64(&self.bytes(path)?), span),
            "loadTextContent" => {
                let (text, place) = self.text(path, rest.first().copied(), span)?;
                Value::string(text, place)
            }
            _ => self.structured(function, path, rest, span)?,
        };
        self.loaded.insert(key, value.clone());
        Ok(value)
    }

    /// Returns the text of a file, and its place in it.
    fn text(&mut self, path: &Path, encoding: Option<&str>, span: Span) -> Result<(Arc<str>, Span), Arc<str>> {
        let bytes = self.bytes(path)?;
        let text: Arc<str> = decode(&bytes, encoding.unwrap_or("utf-8")).into();
        let place = self.files.add(path.to_owned(), text.clone());
        Ok((text.clone(), place.map_or(span, |file| Span::new(file, 0, text.len()))))
    }

    fn structured(&mut self, function: &str, path: &Path, rest: &[&str], span: Span) -> Result<Value, Arc<str>> {
        let (query, encoding) = match rest {
            [query, encoding, ..] => (Some(*query), Some(*encoding)),
            [query] => (Some(*query), None),
            [] => (None, None),
        };
        let (text, place) = self.text(path, encoding, span)?;
        let failed = |at: Span, why: String| -> Arc<str> {
            let line = text.get(..at.start as usize).map_or(1, |before| before.matches('\n').count() + 1);
            format!("`{}`: {why} in line {line}", path.display()).into()
        };
        let whole = match function {
            "loadYamlContent" => yaml::read(place, &text).map_err(|(at, why)| failed(at, why))?,
            _ => json::read_file(place.file, &text).map_err(|(at, why)| failed(at, why))?,
        };
        match query {
            None | Some("") => Ok(whole),
            Some(query) => select(&whole, query, span)
                .ok_or_else(|| Arc::from(format!("`{}`: `{query}` is not found or not understood", path.display()))),
        }
    }

    fn directory(&mut self, path: &Path, folder: &Path, pattern: Option<&str>, span: Span) -> Result<Value, Arc<str>> {
        let failed = |why: String| Arc::from(format!("`{}`: {why}", path.display()));
        let mut files: Vec<PathBuf> = self.project.list(path).map_err(failed)?;
        files.sort_by_key(|file| file.to_string_lossy().to_lowercase());
        let described = |file: &PathBuf| {
            let name = file.file_name()?.to_string_lossy().into_owned();
            if !pattern.is_none_or(|pattern| matches(pattern.as_bytes(), name.as_bytes())) {
                return None;
            }
            let extension = file.extension().map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
            let relative = from_folder(folder, file);
            let entry = |key: &str, text: String| (Key::new(key, span), Value::string(text, span));
            let entries = vec![entry("relativePath", relative), entry("baseName", name), entry("extension", extension)];
            Some(Value::object(Object::new(entries), span))
        };
        Ok(Value::array(files.iter().filter_map(described).collect(), span))
    }

    /// Returns the settings that hold for a folder: the nearest `bicepconfig.json` inside the project.
    pub(crate) fn config(&mut self, folder: &Path) -> Value {
        let mut at = Some(folder);
        while let Some(folder) = at.filter(|folder| folder.starts_with(self.project.root())) {
            let path = folder.join("bicepconfig.json");
            let key = (path.clone(), String::new());
            if let Some(known) = self.loaded.get(&key) {
                return known.clone();
            }
            if let Ok(bytes) = self.project.read(&path) {
                let read = json::read(&arm::decode_or_guess(&bytes), Span::NONE);
                let config = read.unwrap_or_else(|| Value::null(Span::NONE));
                self.loaded.insert(key, config.clone());
                return config;
            }
            at = folder.parent();
        }
        Value::null(Span::NONE)
    }
}

/// Returns the path of a file as it is seen from a folder.
fn from_folder(folder: &Path, file: &Path) -> String {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = file.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Reads the bytes of a text.
fn decode(bytes: &[u8], encoding: &str) -> String {
    let wide = |order: fn([u8; 2]) -> u16| {
        let units = bytes
            .chunks_exact(2)
            .map(|pair| order([pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)]));
        char::decode_utf16(units).map(|char| char.unwrap_or('\u{fffd}')).collect::<String>()
    };
    let text = match encoding.to_ascii_lowercase().as_str() {
        "utf-16" => wide(u16::from_le_bytes),
        "utf-16be" => wide(u16::from_be_bytes),
        "iso-8859-1" => bytes.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

/// Writes bytes in base64.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len() / 3 * 4 + 4);
    for chunk in bytes.chunks(3) {
        let at = |number: usize| chunk.get(number).copied().map_or(0, u32::from);
        let joined = (at(0) << 16) | (at(1) << 8) | at(2);
        for place in 0..4 {
            let letter = LETTERS.get((joined >> (18 - 6 * place)) as usize & 63).copied().unwrap_or(b'=');
            out.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// Tells whether a name fits a pattern with `*` and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // Where the last `*` stood, and how much of the name it took.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(byte) if *byte == b'?' || Some(byte) == name.get(n) => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|byte| *byte == b'*')
}

/// Follows a path of names, numbers and filters that compare a property with a number or a text: `$.a[0]['b']`,
/// `.a[?(@.b > 3)].c`. More than one hit is a list.
fn select(whole: &Value, query: &str, span: Span) -> Option<Value> {
    let mut rest = query.trim().trim_start_matches('$');
    let mut hits = vec![whole.clone()];
    let mut many = false;
    while !rest.is_empty() {
        let step;
        (step, rest) = next_step(rest)?;
        hits = match step {
            Step::Name(name) => hits.iter().filter_map(|hit| hit.get(name).cloned()).collect(),
            Step::Number(number) => hits.iter().filter_map(|hit| hit.as_array()?.items.get(number).cloned()).collect(),
            Step::All => {
                many = true;
                hits.iter().flat_map(parts).collect()
            }
            Step::Where(name, operator, wanted) => {
                many = true;
                let fits = |part: &Value| part.get(name).is_some_and(|value| compares(value, operator, wanted));
                hits.iter().flat_map(parts).filter(fits).collect()
            }
        };
    }
    if many { Some(Value::array(hits, span)) } else { hits.into_iter().next() }
}

enum Step<'q> {
    Name(&'q str),
    Number(usize),
    All,
    Where(&'q str, &'q str, &'q str),
}

fn next_step(rest: &str) -> Option<(Step<'_>, &str)> {
    if let Some(inside) = rest.strip_prefix("[?(@.") {
        let (filter, rest) = inside.split_once(")]")?;
        let at = filter.find(['=', '!', '<', '>'])?;
        let (name, compared) = filter.split_at_checked(at)?;
        let length = compared.bytes().take_while(|byte| matches!(byte, b'=' | b'!' | b'<' | b'>')).count();
        let (operator, wanted) = compared.split_at_checked(length)?;
        return Some((Step::Where(name.trim(), operator, wanted.trim().trim_matches(['\'', '"'])), rest));
    }
    if let Some(inside) = rest.strip_prefix('[') {
        let (inside, rest) = inside.split_once(']')?;
        let step = match inside.trim() {
            "*" => Step::All,
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => Step::Number(number.parse().ok()?),
            name => Step::Name(name.trim_matches(['\'', '"'])),
        };
        return Some((step, rest));
    }
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end)?;
    match name {
        "" => None,
        "*" => Some((Step::All, rest)),
        name => Some((Step::Name(name), rest)),
    }
}

fn parts(value: &Value) -> Vec<Value> {
    match (value.as_array(), value.as_object()) {
        (Some(array), _) => array.items.clone(),
        (_, Some(object)) => object.entries().iter().map(|(_, value)| value.clone()).collect(),
        _ => Vec::new(),
    }
}

fn compares(value: &Value, operator: &str, wanted: &str) -> bool {
    let text = json::write(value).unwrap_or_default();
    let text = text.trim_matches('"');
    let order = match (text.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(value), Ok(wanted)) => value.partial_cmp(&wanted),
        _ => Some(text.cmp(wanted)),
    };
    let Some(order) = order else { return false };
    match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => false,
    }
}
