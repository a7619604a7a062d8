//! The functions by name.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::template::functions::call::{Call, Fault, MOST_POSSIBLE, Outcome, one_of, start_of, whole};
use crate::template::functions::{date, encode, format, list, logic, network, number, object, string, unique};
use crate::template::place::Span;
use crate::template::text;
use crate::template::value::{Value, hash};

/// A pure function.
type Pure = fn(&Call<'_>) -> Outcome;

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

impl Function {
    /// Calls the function. Where one argument has a few possible values, so has the result.
    pub(crate) fn call(&self, arguments: &[Value], span: Span) -> Outcome {
        if arguments.len() < self.least || arguments.len() > self.most {
            let given = arguments.len();
            return Err(Fault::Wrong(format!("`{}` does not take {given} arguments", self.name)));
        }
        let call = Call { arguments, span };
        let is_list = || arguments.iter().any(|value| value.as_array().is_some());
        if self.takes_unknown || self.name == "concat" && is_list() {
            return self.finish((self.pure)(&call), &call);
        }
        let mut unknown = arguments.iter().enumerate().filter_map(|(at, value)| Some((at, value.as_unknown()?)));
        let Some((at, first)) = unknown.next() else { return self.finish((self.pure)(&call), &call) };
        let first = first.clone();
        if first.possible.is_empty() || first.possible.len() > MOST_POSSIBLE || unknown.next().is_some() {
            let start = match self.name {
                "concat" => start_of(arguments),
                "format" => format::start_of_format(arguments),
                _ => None,
            };
            return Err(whole(&first, start));
        }
        let mut tried = arguments.to_vec();
        let mut possible = Vec::with_capacity(first.possible.len());
        for value in &first.possible {
            if let Some(place) = tried.get_mut(at) {
                *place = value.clone();
            }
            match self.call(&tried, span) {
                Ok(value) => possible.push(value),
                Err(_) => return Err(whole(&first, None)),
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
