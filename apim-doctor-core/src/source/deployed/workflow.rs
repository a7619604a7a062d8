//! Expressions in the definitions of Logic Apps workflows and of Data Factory pipelines, as far as the files decide them.
//!
//! `@concat('a', parameters('b'))` is a whole value, `a@{parameters('b')}` has expressions in it, and `@@` is a literal `@`.
//! A workflow evaluates them when it runs; what depends on a trigger, on an action or on the time is not known before.
//!
//! Sources: <https://learn.microsoft.com/azure/logic-apps/expression-functions-reference> and
//! <https://learn.microsoft.com/azure/data-factory/control-flow-expression-language-functions> (read 2026-11-30).

use std::cell::Cell;

use serde_json::Value as Json;

use crate::base::Map;

/// The deepest nesting of calls.
const DEEPEST: usize = 32;

/// The longest chain of constants that refer to each other.
const CHAIN: usize = 8;

/// What expressions can refer to. Names are in lower case; `null` stands for a value that is not known.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    /// The parameters of the workflow or the pipeline.
    pub parameters: Map<String, Json>,
    /// The current elements of the loops around an action, by the names of the loops, the innermost last.
    pub items: Vec<(String, Json)>,
    /// Variables that are set once, to what the files say, and what actions of type `Compose` write. Their expressions are
    /// not evaluated yet.
    pub variables: Map<String, Json>,
    pub outputs: Map<String, Json>,
    /// How many of them are being looked into.
    chain: Cell<usize>,
}

impl Expressions {
    /// The value of a text; `None` if it is known only when the workflow runs.
    pub(super) fn value(&self, written: &str) -> Option<Json> {
        if let Some(literal) = written.strip_prefix("@@") {
            return Some(format!("@{literal}").into());
        }
        match written.strip_prefix('@').filter(|rest| !rest.starts_with('{')) {
            Some(expression) => self.whole(expression),
            None => self.text(written).map(Json::from),
        }
    }

    /// The text of a value.
    pub(super) fn text_of(&self, written: &str) -> Option<String> {
        text(&self.value(written)?)
    }

    /// A text with expressions in braces.
    fn text(&self, written: &str) -> Option<String> {
        let (mut found, mut rest) = (String::new(), written);
        while let Some((before, after)) = rest.split_once("@{") {
            // `@@{` is a literal `@{`.
            if let Some(before) = before.strip_suffix('@') {
                found.push_str(before);
                found.push_str("@{");
                rest = after;
                continue;
            }
            found.push_str(before);
            let mut parser = Parser { scope: self, rest: after, depth: 0 };
            found.push_str(&text(&parser.expression()?)?);
            rest = parser.skip().strip_prefix('}')?;
        }
        found.push_str(rest);
        Some(found)
    }

    /// What a constant is. A member that is known only when the workflow runs stays an expression.
    fn constant(&self, written: &Json) -> Option<Json> {
        let Json::String(text) = written else { return Some(self.members(written, 0)) };
        let deeper = self.chain.get() + 1;
        self.chain.set(deeper);
        let value = if deeper > CHAIN { None } else { self.value(text) };
        self.chain.set(deeper - 1);
        value
    }

    fn members(&self, written: &Json, depth: usize) -> Json {
        match written {
            // It would stand for a member that is not there.
            Json::Null => "@null()".into(),
            Json::String(_) => self.constant(written).unwrap_or_else(|| written.clone()),
            Json::Array(all) if depth < DEEPEST => all.iter().map(|one| self.members(one, depth + 1)).collect(),
            Json::Object(all) if depth < DEEPEST => {
                Json::Object(all.iter().map(|(name, one)| (name.clone(), self.members(one, depth + 1))).collect())
            }
            _ => written.clone(),
        }
    }

    fn whole(&self, expression: &str) -> Option<Json> {
        let mut parser = Parser { scope: self, rest: expression, depth: 0 };
        let value = parser.expression()?;
        parser.skip().is_empty().then_some(value)
    }

    /// Calls a function.
    fn call(&self, name: &str, arguments: &[Json]) -> Option<Json> {
        let all = || arguments.iter().map(text).collect::<Option<Vec<String>>>();
        let first = || arguments.first().and_then(text);
        let named = |at: usize| arguments.get(at).and_then(Json::as_str).map(str::to_ascii_lowercase);
        let found = match name.to_ascii_lowercase().as_str() {
            "concat" => all()?.concat().into(),
            "string" => first()?.into(),
            "tolower" => first()?.to_lowercase().into(),
            "toupper" => first()?.to_uppercase().into(),
            "trim" => first()?.trim().into(),
            // Only URLs are read, and these are decoded again.
            "encodeuricomponent" | "uricomponent" => first()?.into(),
            "replace" => match all()?.as_slice() {
                [text, old, new] if !old.is_empty() => text.replace(old.as_str(), new).into(),
                _ => return None,
            },
            "parameters" => self.parameters.get(&named(0)?)?.clone(),
            "variables" => self.constant(self.variables.get(&named(0)?)?)?,
            "outputs" | "body" => self.constant(self.outputs.get(&named(0)?)?)?,
            "item" if arguments.is_empty() => self.items.last()?.1.clone(),
            "items" => {
                let name = named(0)?;
                self.items.iter().rev().find(|(own, _)| *own == name)?.1.clone()
            }
            "pipeline" => {
                let all = self.parameters.iter().map(|(name, value)| (name.clone(), value.clone()));
                serde_json::json!({ "parameters": all.collect::<serde_json::Map<_, _>>() })
            }
            "coalesce" => match arguments.first()? {
                Json::Null => return None,
                value => value.clone(),
            },
            "createarray" => arguments.to_vec().into(),
            "json" => serde_json::from_str(&first()?).ok()?,
            _ => return None,
        };
        Some(found).filter(|found| !found.is_null())
    }
}

/// A value as a text.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Reads one expression.
struct Parser<'s> {
    scope: &'s Expressions,
    rest: &'s str,
    depth: usize,
}

impl<'s> Parser<'s> {
    fn skip(&mut self) -> &'s str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.skip().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A name, up to what cannot be in one.
    fn name(&mut self) -> &'s str {
        let rest = self.skip();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, rest) = rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        name
    }

    fn expression(&mut self) -> Option<Json> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut value = self.first()?;
        loop {
            let rest = self.skip();
            let is_optional = rest.starts_with("?[") || rest.starts_with("?.");
            if is_optional {
                self.rest = rest.get(1..)?;
            }
            if self.take("[") {
                let index = self.expression()?;
                if !self.take("]") {
                    return None;
                }
                value = step(&value, &index)?;
            } else if self.take(".") {
                let name = Json::from(self.name());
                value = step(&value, &name)?;
            } else {
                break;
            }
        }
        self.depth -= 1;
        Some(value)
    }

    fn first(&mut self) -> Option<Json> {
        if self.take("'") {
            return self.literal();
        }
        let name = self.name();
        if let Ok(number) = name.parse::<i64>() {
            return Some(number.into());
        }
        if name.is_empty() || !self.take("(") {
            return None;
        }
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() && !self.take(",") {
                return None;
            }
            arguments.push(self.expression()?);
        }
        self.scope.call(name, &arguments)
    }

    /// A text in quotes; two quotes are one.
    fn literal(&mut self) -> Option<Json> {
        let mut found = String::new();
        loop {
            let (before, after) = self.rest.split_once('\'')?;
            found.push_str(before);
            match after.strip_prefix('\'') {
                Some(rest) => {
                    found.push('\'');
                    self.rest = rest;
                }
                None => {
                    self.rest = after;
                    return Some(found.into());
                }
            }
        }
    }
}

/// A member of a value, or an element; names without regard to case.
fn step(value: &Json, index: &Json) -> Option<Json> {
    let found = match (value, index) {
        (Json::Object(members), Json::String(name)) => {
            members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        }
        (Json::Array(items), Json::Number(at)) => items.get(usize::try_from(at.as_u64()?).ok()?),
        _ => None,
    };
    found.filter(|value| !value.is_null()).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Expressions {
        let parameters =
            [("apimid", json!("/subscriptions/s/x")), ("list", json!([{"Id": "a"}, "b"])), ("open", Json::Null)];
        Expressions {
            parameters: parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            items: vec![("outer".into(), json!("o")), ("inner".into(), json!({"name": "n"}))],
            variables: [("url", json!("@{parameters('apimId')}/backup")), ("round", json!("@variables('round')"))]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            outputs: [(
                "body",
                json!({"a": "@variables('url')", "b": "@{utcNow()}", "c": null, "d": ["@items('outer')"]}),
            )]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
            ..Expressions::default()
        }
    }

    #[test]
    fn what_the_files_decide_has_a_value() {
        let known = [
            ("plain", "plain"),
            ("@@plain", "@plain"),
            ("a@@{b}", "a@{b}"),
            ("https://h@{parameters('apimId')}/backup", "https://h/subscriptions/s/x/backup"),
            ("@concat('https://h', parameters('ApimId'), '/backup')", "https://h/subscriptions/s/x/backup"),
            ("@{concat('it''s ', toLower('A'))}", "it's a"),
            ("@{parameters('list')[0]?['id']}@{parameters('list')[1]}", "ab"),
            ("@{items('Outer')}-@{item()?.name}", "o-n"),
            ("@{ replace( 'a-b' , '-' , '' ) }", "ab"),
            ("@pipeline().parameters.apimId", "/subscriptions/s/x"),
            ("@{encodeURIComponent('service/a')}", "service/a"),
            ("@{variables('url')}?a", "/subscriptions/s/x/backup?a"),
            ("@outputs('Body')?['a']", "/subscriptions/s/x/backup"),
            ("@outputs('body').d[0]", "o"),
        ];
        for (written, value) in known {
            assert_eq!(scope().text_of(written).as_deref(), Some(value), "{written}");
        }
    }

    #[test]
    fn what_is_decided_later_has_none() {
        let open = [
            "@{utcNow('yyyyMMdd')}.apimbackup",
            "@triggerBody()?['id']",
            "@{parameters('open')}",
            "@{parameters('other')}",
            "@concat('a', outputs('b'))",
            "@{concat('a'",
            "@concat('a') b",
            "@variables('round')",
            "@variables('other')",
            "@",
            "@{}",
        ];
        for written in open {
            assert_eq!(scope().text_of(written), None, "{written}");
        }
        let body = json!({"a": "/subscriptions/s/x/backup", "b": "@{utcNow()}", "c": "@null()", "d": ["o"]});
        assert_eq!(scope().value("@outputs('body')"), Some(body));
        let deep = format!("@{}'a'{}", "concat(".repeat(200), ")".repeat(200));
        assert_eq!(scope().text_of(&deep), None);
    }
}
