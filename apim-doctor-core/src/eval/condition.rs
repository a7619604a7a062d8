//! Conditions of role assignments: whether one holds for an action, as far as the attributes are known.
//!
//! Sources: <https://learn.microsoft.com/azure/role-based-access-control/conditions-format>,
//! <https://learn.microsoft.com/azure/role-based-access-control/conditions-faq> (up to 8 KB) and
//! <https://learn.microsoft.com/azure/key-vault/general/rbac-abac> (read 2026-11-21).

use std::iter::Peekable;
use std::ops::Not;
use std::vec::IntoIter;

use crate::base::action_matches;

/// What can be said of a condition, or of a part of it.
///
/// In this order `AND` is the least of its terms and `OR` the greatest, whatever is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use]
pub(crate) enum Truth {
    /// It does not hold.
    False,
    /// It depends on something that is not known.
    Unknown,
    /// It holds.
    True,
}

/// Azure takes no longer condition.
const LONGEST: usize = 8 * 1024;
/// Deeper nesting than anyone writes; keeps the stack small.
const DEEPEST: usize = 64;
/// Azure's own patterns have one `*`; matching slows down with each.
const MOST_STARS: usize = 4;

/// Whether a condition (version 2.0) holds for an action.
///
/// `attribute` is asked for every attribute, in the form `@Resource[Microsoft.KeyVault/vaults/secrets:name]`: the
/// source in Azure's spelling, the name as the condition spells it, no blanks around either. `None` is "not known".
/// Judged are `ActionMatches`, `Exists` and the string operators, across sets too; anything else is `Unknown`, and so
/// is text that does not parse.
pub(crate) fn holds(condition: &str, action: &str, attribute: &dyn Fn(&str) -> Option<String>) -> Truth {
    let judge = |tokens: Vec<_>| Parser { tokens: tokens.into_iter().peekable(), action, attribute }.whole();
    tokens(condition).and_then(judge).unwrap_or(Truth::Unknown)
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Truth::True } else { Truth::False }
    }
}

impl Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Token<'a> {
    /// Punctuation; the words `NOT`, `AND` and `OR` too, as the signs they stand for.
    Sign(&'static str),
    /// Between single quotes.
    Text(&'a str),
    /// `@source[name]`.
    Attribute(&'a str, &'a str),
    /// An operator, or a value without quotes: a number, a guid, `true`.
    Word(&'a str),
}

const SIGNS: [&str; 8] = ["(", ")", "{", "}", ",", "!", "&&", "||"];

fn tokens(condition: &str) -> Option<Vec<Token<'_>>> {
    let mut text = (condition.len() <= LONGEST).then(|| condition.trim_start())?;
    let mut tokens = Vec::new();
    while !text.is_empty() {
        let (token, rest) = token(text)?;
        tokens.push(token);
        text = rest.trim_start();
    }
    Some(tokens)
}

fn token(text: &str) -> Option<(Token<'_>, &str)> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let (value, rest) = quoted.split_once('\'')?;
        return Some((Token::Text(value), rest));
    }
    if let Some(attribute) = text.strip_prefix('@') {
        let (source, rest) = attribute.split_once('[')?;
        let (name, rest) = rest.split_once(']')?;
        let source = source.trim();
        let is_word = source.bytes().all(|b| b.is_ascii_alphabetic());
        return is_word.then_some((Token::Attribute(source, name.trim()), rest));
    }
    let sign = SIGNS.iter().find_map(|sign| Some((Token::Sign(sign), text.strip_prefix(sign)?)));
    if sign.is_some() {
        return sign;
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.:".contains(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    let token = match word.to_ascii_lowercase().as_str() {
        "" => return None,
        "not" => Token::Sign("!"),
        "and" => Token::Sign("&&"),
        "or" => Token::Sign("||"),
        _ => Token::Word(word),
    };
    Some((token, rest))
}

/// Reads and judges in one pass; `None` is "does not parse".
struct Parser<'a> {
    tokens: Peekable<IntoIter<Token<'a>>>,
    action: &'a str,
    attribute: &'a dyn Fn(&str) -> Option<String>,
}

/// One side of a comparison; `None` where its values are not known.
type Operand = Option<Vec<String>>;

impl<'a> Parser<'a> {
    fn whole(mut self) -> Option<Truth> {
        let truth = self.expression(DEEPEST)?;
        self.tokens.next().is_none().then_some(truth)
    }

    /// Terms with `AND` or `OR` between them. Azure calls the order ambiguous where both stand without parentheses:
    /// then the terms must agree.
    fn expression(&mut self, depth: usize) -> Option<Truth> {
        let first = self.term(depth)?;
        let (mut least, mut greatest, mut and, mut or) = (first, first, false, false);
        while let Some(joint) = self.tokens.next_if(|token| matches!(token, Token::Sign("&&" | "||"))) {
            (and, or) = (and || joint == Token::Sign("&&"), or || joint == Token::Sign("||"));
            let term = self.term(depth)?;
            (least, greatest) = (least.min(term), greatest.max(term));
        }
        Some(match (and, or) {
            (true, true) if least != greatest => Truth::Unknown,
            (true, _) => least,
            (false, _) => greatest,
        })
    }

    fn term(&mut self, depth: usize) -> Option<Truth> {
        let depth = depth.checked_sub(1)?;
        if self.accept("!") {
            return Some(!self.term(depth)?);
        }
        if self.accept("(") {
            let truth = self.expression(depth)?;
            return self.accept(")").then_some(truth);
        }
        match self.word() {
            Some(function) => self.function(function),
            None => self.comparison(),
        }
    }

    /// `ActionMatches{'…'}`, `Exists @Resource[…]` and what looks like them.
    fn function(&mut self, name: &str) -> Option<Truth> {
        let argument = *self.tokens.peek()?;
        let known = self.operand()?;
        let few_stars = |pattern: &str| pattern.matches('*').count() <= MOST_STARS;
        Some(match (argument, name.to_ascii_lowercase().as_str(), known.as_deref()) {
            (Token::Sign(_), "actionmatches", Some([pattern])) if few_stars(pattern) => {
                action_matches(pattern, self.action).into()
            }
            (Token::Attribute(..), "exists", Some(_)) => Truth::True,
            (Token::Attribute(..), "notexists", Some(_)) => Truth::False,
            (Token::Sign(_) | Token::Attribute(..), ..) => Truth::Unknown,
            _ => return None,
        })
    }

    fn comparison(&mut self) -> Option<Truth> {
        let (left, operator, right) = (self.operand()?, self.word()?, self.operand()?);
        let judged = left.zip(right).and_then(|(left, right)| compare(&left, operator, &right));
        Some(judged.map_or(Truth::Unknown, Truth::from))
    }

    fn operand(&mut self) -> Option<Operand> {
        match self.tokens.next()? {
            Token::Text(value) => Some(Some(vec![value.to_owned()])),
            Token::Word(_) => Some(None),
            Token::Attribute(source, name) => {
                let azure = ["Resource", "Request", "Principal", "Environment"];
                let source = azure.into_iter().find(|it| it.eq_ignore_ascii_case(source)).unwrap_or(source);
                Some((self.attribute)(&format!("@{source}[{name}]")).map(|value| vec![value]))
            }
            Token::Sign("{") => self.set(),
            _ => None,
        }
    }

    /// The rest of `{'a', 'b'}`.
    fn set(&mut self) -> Option<Operand> {
        let mut values = Some(Vec::new());
        loop {
            match (self.tokens.next()?, &mut values) {
                (Token::Text(value), Some(values)) => values.push(value.to_owned()),
                (Token::Text(_), None) => {}
                (Token::Word(_), _) => values = None,
                _ => return None,
            }
            if !self.accept(",") {
                return self.accept("}").then_some(values);
            }
        }
    }

    fn accept(&mut self, sign: &'static str) -> bool {
        self.tokens.next_if_eq(&Token::Sign(sign)).is_some()
    }

    fn word(&mut self) -> Option<&'a str> {
        match self.tokens.next_if(|token| matches!(token, Token::Word(_)))? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// What a string operator says; `None` for every other operator.
fn compare(left: &[String], operator: &str, right: &[String]) -> Option<bool> {
    // Built-in roles write `boolequals` where the page has `BoolEquals`: case does not count.
    let operator = operator.to_ascii_lowercase();
    let (quantifier, test) = operator.split_once(':').map_or((None, operator.as_str()), |(q, test)| (Some(q), test));
    let test = test.strip_prefix("string")?;
    let (negated, test) = test.strip_prefix("not").map_or((false, test), |rest| (true, rest));
    let (ignore_case, test) = test.strip_suffix("ignorecase").map_or((false, test), |rest| (true, rest));
    let test: fn(&str, &str) -> bool = match test {
        "equals" => |value, wanted| value == wanted,
        "startswith" => |value, wanted| value.starts_with(wanted),
        "like" => like,
        _ => return None,
    };
    let fold = |text: &String| if ignore_case { text.to_lowercase() } else { text.clone() };
    let (left, right): (Vec<_>, Vec<_>) = (left.iter().map(fold).collect(), right.iter().map(fold).collect());
    let any = |value: &String| right.iter().any(|wanted| test(value, wanted) != negated);
    let all = |value: &String| right.iter().all(|wanted| test(value, wanted) != negated);
    match quantifier {
        None if left.len() == 1 && right.len() == 1 => Some(left.iter().all(all)),
        Some("foranyofanyvalues") => Some(left.iter().any(any)),
        Some("forallofanyvalues") => Some(left.iter().all(any)),
        Some("foranyofallvalues") => Some(left.iter().any(all)),
        Some("forallofallvalues") => Some(left.iter().all(all)),
        _ => None,
    }
}

/// `*` is any run of characters and `?` one; a backslash takes the meaning away from either.
fn like(value: &str, pattern: &str) -> bool {
    // Where the last `*` ends, and how far its run reaches so far.
    let mut run = None;
    let (mut pattern, mut value) = (pattern.chars(), value.chars());
    loop {
        let (here, rest) = (pattern.clone(), value.clone());
        let fits = match (pattern.next(), value.next()) {
            (Some('*'), _) => {
                value = rest;
                run = Some((pattern.clone(), value.clone()));
                true
            }
            (None, None) => return true,
            (Some('?'), Some(_)) => true,
            (Some('\\'), Some(c)) if here.as_str().starts_with("\\*") || here.as_str().starts_with("\\?") => {
                pattern.next() == Some(c)
            }
            (wanted, found) => wanted == found,
        };
        if !fits {
            let Some((after_star, mut longer)) = run.take() else { return false };
            if longer.next().is_none() {
                return false;
            }
            (pattern, value) = (after_star.clone(), longer.clone());
            run = Some((after_star, longer));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Truth::{False, True, Unknown};
    use super::*;

    const GET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
    const LIST: &str = "Microsoft.KeyVault/vaults/secrets/readMetadata/action";

    /// For reading the secret `test-app` of a vault whose name is not known.
    fn test_app(condition: &str) -> Truth {
        let secret = "@Resource[Microsoft.KeyVault/vaults/secrets:name]";
        let condition =
            condition.replace("@secret", secret).replace("@vault", "@Resource[Microsoft.KeyVault/vaults:name]");
        holds(&condition, GET, &|attribute| (attribute == secret).then(|| "test-app".to_owned()))
    }

    fn each_is(truth: Truth, conditions: &str) {
        for condition in conditions.lines() {
            assert_eq!(test_app(condition), truth, "{condition}");
        }
    }

    #[test]
    fn an_action_that_no_part_names_is_not_affected() {
        let condition = "(\n (\n  !(ActionMatches{'Microsoft.KeyVault/vaults/secrets/getSecret/action'})\n )\n OR\n (\n  \
                         @Resource[Microsoft.KeyVault/vaults/secrets:name] StringStartsWith 'test-app'\n )\n)";
        let named = |name: &'static str| move |_: &str| Some(name.to_owned());
        assert_eq!(holds(condition, GET, &named("test-app-secret1")), True);
        assert_eq!(holds(condition, GET, &named("test-db-password")), False);
        assert_eq!(holds(condition, GET, &named("Test-App-Secret1")), False);
        assert_eq!(holds(condition, GET, &|_| None), Unknown);
        assert_eq!(holds(condition, LIST, &|_| None), True);
        assert_eq!(holds(condition, &GET.to_uppercase(), &|_| None), Unknown);
        let two =
            format!("{condition} AND (!(ActionMatches{{'Microsoft.KeyVault/*'}}) || @Request[x] BoolEquals true)");
        assert_eq!(holds(&two, GET, &named("test-db-password")), False);
        assert_eq!(holds(&two, GET, &named("test-app")), Unknown);
        assert_eq!(holds(&two, "Microsoft.Storage/storageAccounts/read", &|_| None), True);
    }

    #[test]
    fn operators_say_what_the_reference_says() {
        let holding = r"@secret StringEquals 'test-app'
            @ resource [ Microsoft.KeyVault/vaults/secrets:name ] StringEquals 'test-app'
            @secret stringequalsignorecase 'TEST-app'
            @secret StringNotEquals 'Test-app'
            @secret StringStartsWithIgnoreCase 'Test'
            @secret StringNotStartsWith 'Test'
            @secret StringLike 'test?a*'
            @secret StringLikeIgnoreCase 'TEST*P'
            @secret StringNotLike 'test*q'
            @secret ForAnyOfAnyValues:StringEquals {'a', 'test-app'}
            @secret ForAnyOfAllValues:StringNotEquals {'a', 'b'}
            {'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}
            {'red', 'blue'} ForAllOfAnyValues:StringEquals {'orange', 'red', 'blue'}
            {'red', 'blue'} ForAllOfAllValues:StringLike {'*', '*e*'}
            @secret StringEquals @secret AND NOT @secret StringEquals 'other'
            @vault StringEquals 'kv' OR !!(Exists @secret)
            ActionMatches{'microsoft.keyvault/vaults/*/GETSECRET/action'}
            !(ActionMatches{'Microsoft.KeyVault/vaults/delete'} AND NOT SubOperationMatches{'Blob.List'})
            ActionMatches{'*'} AND Exists @secret OR @secret StringLike '*'";
        each_is(True, holding);
        let failing = r"@secret StringEquals 'Test-App'
            @secret StringEquals ''
            @secret StringLike 'TEST*'
            NotExists @secret && @vault StringEquals 'kv'
            {'red', 'blue'} ForAnyOfAnyValues:StringEquals {'orange', 'green'}
            {'red', 'blue'} ForAllOfAnyValues:StringEquals {'red', 'green'}
            @secret ForAllOfAllValues:StringNotEquals {'a', 'test-app'}";
        each_is(False, failing);
        each_is(False, &holding.lines().map(|line| format!("NOT ({line})\n")).collect::<String>());
        each_is(True, &failing.lines().map(|line| format!("!({line})\n")).collect::<String>());
    }

    #[test]
    fn what_is_not_known_or_not_judged_stays_open() {
        let open = r"@vault StringEquals 'kv'
            NOT Exists @vault AND Exists @secret
            @secret StringEquals @vault OR @secret StringEquals 'other'
            @secret StringEndsWith 'app'
            @secret ForAnyOfAnyValues:GuidEquals{4633458b-17de-408a-b874-0445c86b69e6, 0}
            @secret ForSomeOfAnyValues:StringEquals {'test-app'}
            @secret StringEquals {'test-app', 'b'}
            @secret StringEquals 7
            SubOperationMatches{'Blob.List'}
            ActionMatches{'*', 'b'}
            ActionMatches{'*****'}
            ActionMatches{'*'} OR ActionMatches{'*'} AND ActionMatches{'a'}";
        each_is(Unknown, open);
        each_is(Unknown, &open.lines().map(|line| format!("NOT ({line})\n")).collect::<String>());
        each_is(True, &open.lines().map(|line| format!("({line}) OR Exists @secret\n")).collect::<String>());
    }

    #[test]
    fn what_does_not_parse_is_unknown() {
        let broken = r"()
            (@secret StringEquals 'test-app'
            @secret StringEquals 'test-app')
            @secret StringEquals 'test-app
            @secret StringEquals 'it''s'
            @secret StringEquals {}
            @secret StringEquals
            @secret = 'test-app'
            ActionMatches('*')
            ActionMatches 'a'
            ActionMatches{'*'} ActionMatches{'*'}
            ActionMatches{'*'} OR";
        assert_eq!(test_app(""), Unknown);
        each_is(Unknown, broken);
        each_is(Unknown, &broken.lines().map(|line| format!("Exists @secret OR {line}\n")).collect::<String>());
    }

    #[test]
    fn neither_depth_nor_length_is_too_much() {
        for depth in [40, 100, 8_000, 1_000_000] {
            let expected = if depth < DEEPEST { True } else { Unknown };
            let nested = format!("{}ActionMatches{{'*'}}{}", "(".repeat(depth), ")".repeat(depth));
            assert_eq!(test_app(&nested), expected);
            assert_eq!(test_app(&format!("{}ActionMatches{{'*'}}", "!".repeat(depth))), expected);
        }
        let stars = format!("'{}' StringLike '{}b'", "a".repeat(4_000), "*a".repeat(2_000));
        assert_eq!(test_app(&stars), False);
    }

    #[test]
    fn wildcards_can_be_escaped() {
        for (pattern, yes, no) in [
            ("a*c?", &["abcd", "acd", "accd"][..], &["abc", "abcde"][..]),
            (r"a\*c", &["a*c"], &["abc", r"a\*c"]),
            (r"\?", &["?"], &["a", r"\?"]),
            (r"a\b\", &[r"a\b\"], &["ab"]),
            ("*", &["", "ü/x"], &[]),
            ("?", &["ü"], &["", "ab"]),
            ("", &[""], &["a"]),
            ("*ab*ab", &["abab", "aabxaab"], &["ab", "ababa"]),
        ] {
            assert!(yes.iter().all(|value| like(value, pattern)), "{pattern}");
            assert!(!no.iter().any(|value| like(value, pattern)), "{pattern}");
        }
    }

    fn condition() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "(NOT )?(Not)?Exists @Resource\\[[ab]\\]",
            "ActionMatches\\{'(read|\\*|write)'\\}",
            "@Resource\\[[ab]\\] (For(Any|All|One)Of(Any|All)Values:)?String(Not)?(Equals|StartsWith|Like)(IgnoreCase)? \
             ('[xX]{0,2}\\*?'|@Resource\\[[ab]\\]|\\{'x', 'xx\\?'\\})",
        ];
        leaf.prop_recursive(4, 24, 2, |inner| {
            (inner.clone(), " (AND|OR) (!|NOT )?", inner).prop_map(|(a, joint, b)| format!("{a}{joint}({b})"))
        })
    }

    proptest! {
        #[test]
        fn any_text_is_judged(
            text in any::<String>(),
            pieces in "([()!{},' *]|@Request\\[|\\]|ActionMatches|AND|StringLike)*",
        ) {
            let _ = (test_app(&text), test_app(&pieces));
        }

        #[test]
        fn forgetting_an_attribute_only_makes_less_sure(
            condition in condition(), a in "[xX]{0,3}", b in "[xX]{0,3}", forgotten in "[ab]{1,2}",
        ) {
            let told = |attribute: &str| Some(if attribute == "@Resource[a]" { a.clone() } else { b.clone() });
            let is_left = |attribute: &str| !forgotten.chars().any(|name| attribute.contains(&format!("[{name}]")));
            let left = |attribute: &str| told(attribute).filter(|_| is_left(attribute));
            let (before, after) = (holds(&condition, "read", &told), holds(&condition, "read", &left));
            prop_assert!(after == before || after == Unknown, "{condition} was {before:?}, is {after:?}");
        }
    }
}
