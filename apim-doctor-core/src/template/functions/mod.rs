//! The pure functions: what each gives for values and symbols.

pub(crate) mod date;
pub(crate) mod encode;
pub(crate) mod format;
mod list;
pub(crate) mod logic;
mod network;
mod number;
pub(crate) mod object;
mod string;
mod unique;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::template::place::Span;
use crate::template::text;
use crate::template::value::{Kind, Unknown, Value, Why, hash};

pub(crate) use crate::template::functions::logic::truth;

/// What comes of a call.
pub(crate) type Outcome = Result<Value, Fault>;

/// Why a call gives no value.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Something that it needs is not known.
    Unknown(Arc<Unknown>),
    /// It needs the text of a symbol: the result is a symbol too.
    Symbolic,
    /// The call is wrong; the engine refuses it.
    Wrong(String),
}

impl From<Arc<Unknown>> for Fault {
    fn from(unknown: Arc<Unknown>) -> Self {
        Fault::Unknown(unknown)
    }
}

/// A pure function.
type Pure = fn(&Call<'_>) -> Outcome;

/// A call with its evaluated arguments.
pub(crate) struct Call<'a> {
    /// The arguments; none of them is unknown as a whole, but where the function says that it looks at them itself.
    pub arguments: &'a [Value],
    /// Where the call stands.
    pub span: Span,
}

/// What is known of a function.
pub(crate) struct Function {
    /// Its name as documented.
    pub name: &'static str,
    least: usize,
    most: usize,
    pure: Pure,
    /// Whether it is called though an argument is not known.
    takes_unknown: bool,
}

const fn function(name: &'static str, least: usize, most: usize, pure: Pure) -> Function {
    Function { name, least, most, pure, takes_unknown: false }
}

const fn lenient(name: &'static str, least: usize, most: usize, pure: Pure) -> Function {
    Function { name, least, most, pure, takes_unknown: true }
}

const MANY: usize = usize::MAX;

static FUNCTIONS: [Function; 77] = [
    function("add", 2, 2, number::add),
    function("any", 1, 1, logic::any),
    function("array", 1, 1, list::array),
    function("base64", 1, 1, encode::base64),
    function("base64ToJson", 1, 1, encode::base64_to_json),
    function("base64ToString", 1, 1, encode::base64_to_string),
    function("bool", 1, 1, logic::bool),
    function("cidrHost", 2, 2, network::cidr_host),
    function("cidrSubnet", 3, 3, network::cidr_subnet),
    function("concat", 0, MANY, list::concat),
    function("contains", 2, 2, list::contains),
    lenient("createArray", 0, MANY, list::create_array),
    lenient("createObject", 0, MANY, object::create_object),
    function("dataUri", 1, 1, encode::data_uri),
    function("dataUriToString", 1, 1, encode::data_uri_to_string),
    function("dateTimeAdd", 2, 3, date::date_time_add),
    function("dateTimeFromEpoch", 1, 1, date::date_time_from_epoch),
    function("dateTimeToEpoch", 1, 1, date::date_time_to_epoch),
    function("div", 2, 2, number::div),
    function("empty", 1, 1, list::empty),
    function("endsWith", 2, 2, string::ends_with),
    lenient("equals", 2, 2, logic::equals),
    lenient("equalsIgnoreCase", 2, 2, logic::equals_ignore_case),
    function("fail", 1, 1, logic::fail),
    function("false", 0, 0, logic::no),
    function("first", 1, 1, list::first),
    function("flatten", 1, 1, list::flatten),
    function("float", 1, 1, number::float),
    function("format", 1, MANY, format::format),
    function("greater", 2, 2, logic::greater),
    function("greaterOrEquals", 2, 2, logic::greater_or_equals),
    function("guid", 1, MANY, unique::guid),
    function("indexFromEnd", 2, 2, list::index_from_end),
    function("indexOf", 2, 2, list::index_of),
    function("int", 1, 1, number::int),
    function("intersection", 1, MANY, list::intersection),
    function("items", 1, 1, object::items),
    function("join", 2, 2, string::join),
    function("json", 1, 1, object::json),
    function("last", 1, 1, list::last),
    function("lastIndexOf", 2, 2, list::last_index_of),
    function("length", 1, 1, list::length),
    function("less", 2, 2, logic::less),
    function("lessOrEquals", 2, 2, logic::less_or_equals),
    function("max", 1, MANY, number::max),
    function("min", 1, MANY, number::min),
    function("mod", 2, 2, number::modulo),
    function("mul", 2, 2, number::mul),
    function("negate", 1, 1, number::negate),
    function("not", 1, 1, logic::not),
    function("null", 0, 0, logic::null),
    function("objectKeys", 1, 1, object::object_keys),
    function("padLeft", 2, 3, string::pad_left),
    function("padRight", 2, 3, string::pad_right),
    function("parseCidr", 1, 1, network::parse_cidr),
    function("range", 2, 2, list::range),
    function("replace", 3, 3, string::replace),
    lenient("shallowMerge", 1, 1, object::shallow_merge),
    function("skip", 2, 2, list::skip),
    function("split", 2, 2, string::split),
    function("startsWith", 2, 2, string::starts_with),
    function("string", 1, 1, string::string),
    function("sub", 2, 2, number::sub),
    function("substring", 2, 3, string::substring),
    function("take", 2, 2, list::take),
    function("toLower", 1, 1, string::to_lower),
    function("toUpper", 1, 1, string::to_upper),
    function("trim", 1, 1, string::trim),
    function("true", 0, 0, logic::yes),
    lenient("tryGet", 2, MANY, object::try_get),
    function("tryIndexFromEnd", 2, 2, list::try_index_from_end),
    lenient("union", 1, MANY, object::union),
    function("uniqueString", 1, MANY, unique::unique_string),
    function("uri", 2, 2, encode::uri),
    function("uriComponent", 1, 1, encode::uri_component),
    function("uriComponentToString", 1, 1, encode::uri_component_to_string),
    function("xor", 2, 2, logic::xor),
];

/// A pure function by its name, without regard to case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    static INDEX: OnceLock<HashMap<u64, &'static Function, foldhash::fast::FixedState>> = OnceLock::new();
    let index = INDEX.get_or_init(|| FUNCTIONS.iter().map(|function| (hash(function.name), function)).collect());
    index.get(&hash(name)).copied().filter(|function| function.name.eq_ignore_ascii_case(name))
}

/// From how many possible values on they are not followed.
pub(crate) const MOST_POSSIBLE: usize = 8;

impl Function {
    /// Calls the function. Where one argument has a few possible values, so has the result.
    pub(crate) fn call(&self, arguments: &[Value], span: Span) -> Outcome {
        if arguments.len() < self.least || arguments.len() > self.most {
            let given = arguments.len();
            return Err(Fault::Wrong(format!("`{}` does not take {given} arguments", self.name)));
        }
        let call = Call { arguments, span };
        if self.takes_unknown {
            return self.finish((self.pure)(&call), &call);
        }
        let mut unknown = arguments.iter().enumerate().filter_map(|(at, value)| Some((at, value.as_unknown()?)));
        let Some((at, first)) = unknown.next() else { return self.finish((self.pure)(&call), &call) };
        let first = first.clone();
        if first.possible.is_empty() || first.possible.len() > MOST_POSSIBLE || unknown.next().is_some() {
            return Err(Fault::Unknown(first));
        }
        let mut tried = arguments.to_vec();
        let mut possible = Vec::with_capacity(first.possible.len());
        for value in &first.possible {
            if let Some(place) = tried.get_mut(at) {
                *place = value.clone();
            }
            match self.call(&tried, span) {
                Ok(value) => possible.push(value),
                Err(_) => return Err(Fault::Unknown(Arc::new(Unknown { possible: Vec::new(), ..(*first).clone() }))),
            }
        }
        one_of(&first, possible, span)
    }

    fn finish(&self, outcome: Outcome, call: &Call<'_>) -> Outcome {
        match outcome {
            Err(Fault::Symbolic) => Ok(text::computed(self.name, call.arguments, call.span)),
            other => other,
        }
    }
}

/// One of a few values: the value itself where all are equal.
pub(crate) fn one_of(why: &Arc<Unknown>, possible: Vec<Value>, span: Span) -> Outcome {
    use crate::template::equality::equal;
    let Some((first, rest)) = possible.split_first() else { return Err(Fault::Unknown(why.clone())) };
    if !first.is_unknown() && rest.iter().all(|other| equal(first, other) == Ok(true)) {
        return Ok(first.clone().placed(span));
    }
    let mut flat: Vec<Value> = Vec::new();
    for value in possible {
        match value.as_unknown() {
            None => flat.push(value),
            Some(unknown) if unknown.possible.is_empty() => {
                return Err(Fault::Unknown(Arc::new(Unknown { possible: Vec::new(), ..(**why).clone() })));
            }
            Some(unknown) => flat.extend(unknown.possible.iter().cloned()),
        }
    }
    if flat.len() > MOST_POSSIBLE {
        flat.clear();
    }
    Err(Fault::Unknown(Arc::new(Unknown { why: why.why.clone(), span: why.span, possible: flat })))
}

impl<'a> Call<'a> {
    /// An argument.
    fn at(&self, number: usize) -> Result<&'a Value, Fault> {
        self.arguments.get(number).ok_or_else(|| Fault::Wrong("an argument is missing".to_owned()))
    }

    /// An argument that has to be a known text.
    fn text(&self, number: usize) -> Result<&'a str, Fault> {
        let value = self.at(number)?;
        match &value.kind {
            Kind::String(text) | Kind::Number(text) => Ok(text),
            Kind::Symbol(_) => Err(Fault::Symbolic),
            Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
            _ => Err(wrong("a text", value)),
        }
    }

    /// An argument that has to be a whole number.
    fn int(&self, number: usize) -> Result<i64, Fault> {
        int_of(self.at(number)?)
    }
}

/// A whole number.
fn int_of(value: &Value) -> Result<i64, Fault> {
    match &value.kind {
        Kind::Int(number) => Ok(*number),
        #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
        Kind::Number(text) => match text.parse::<f64>() {
            Ok(number) if number.abs() < 9e15 => Ok(number.trunc() as i64),
            _ => Err(wrong("a whole number", value)),
        },
        Kind::Symbol(_) => Err(Fault::Symbolic),
        Kind::Unknown(unknown) => Err(Fault::Unknown(unknown.clone())),
        _ => Err(wrong("a whole number", value)),
    }
}

/// What a value is called in a problem.
pub(crate) fn kind_name(value: &Value) -> &'static str {
    match value.kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Int(_) => "a whole number",
        Kind::Number(_) => "a number",
        Kind::String(_) | Kind::Symbol(_) => "a text",
        Kind::Array(_) => "an array",
        Kind::Object(_) => "an object",
        Kind::Unknown(_) => "not known",
    }
}

/// An argument of the wrong kind.
fn wrong(expected: &str, value: &Value) -> Fault {
    Fault::Wrong(format!("expected {expected}, found {}", kind_name(value)))
}

/// Not known, for a reason that stands at the value.
fn unknown_symbol(value: &Value) -> Fault {
    let why = Why::Runtime(text::canonical(value));
    Fault::Unknown(Arc::new(Unknown { why, span: value.span, possible: Vec::new() }))
}
