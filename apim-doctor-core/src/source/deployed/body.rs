//! A resource's body as a deployment would send it, with the place where each value was written.

use std::sync::Arc;

use serde_json::{Map as Object, Value as Json};

use crate::base::Map;
use crate::model::{Gap, Shape};
use crate::source::deployed::open::Open;
use crate::source::deployed::symbols::{Symbols, may_be_anything};
use crate::template::place::Span;
use crate::template::value::{Kind, Symbol, Unknown, Value, Why};

/// What is read of a body.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// It.
    pub json: Json,
    /// Where its values were written, by their pointers (lower case).
    pub places: Map<String, Span>,
    /// Why it is not known as a whole.
    pub open: Option<Open>,
    /// What is not known of a part that nothing else depends on.
    pub hidden: Vec<Gap>,
}

/// Names of texts that mean nothing but themselves: any text is as good as another to every check.
const PLAIN: &[&str] = &[
    "blobname",
    "containername",
    "displayname",
    "hostname",
    "ipv4address",
    "keyuri",
    "keyvaultid",
    "keyvaultsecretid",
    "keyvaultsecretname",
    "keyurl",
    "location",
    "name",
    "rolename",
    "secretidentifier",
    "secreturl",
    "servicename",
    "serviceurl",
    "storageaccount",
    "url",
    "urltemplate",
    "value",
    "vaulturi",
];

/// Names of texts that name an object in a vault.
const REFERENCES: &[&str] = &["keyuri", "keyvaultsecretid", "keyvaultsecretname", "secretidentifier"];

/// Names of texts that are compared with others: what stands for something that may be anything is not enough there.
const COMPARED: &[&str] = &[
    "applicationid",
    "clientid",
    "id",
    "identityclientid",
    "keyvaultreferenceidentity",
    "keyvaultresourceid",
    "objectid",
    "policyid",
    "principalid",
    "privatednszoneid",
    "privatelinkserviceid",
    "resourceid",
    "roledefinitionid",
    "scope",
    "serverfarmid",
    "sourceresourceid",
    "subnetresourceid",
    "tenantid",
    "userassignedidentity",
    "userassignedidentityresourceid",
    "vaultid",
    "virtualnetworksubnetid",
];

/// Converts values to JSON, as far as a shape reads them.
pub(super) struct Writer<'s> {
    symbols: &'s mut Symbols,
    pointer: String,
    body: Body,
}

impl<'s> Writer<'s> {
    /// The body of a value, of which the shape is read.
    pub(super) fn write(value: &Value, shape: &Shape, symbols: &'s mut Symbols) -> Body {
        let mut writer = Self { symbols, pointer: String::new(), body: Body::default() };
        writer.body.json = writer.value(value, shape).unwrap_or_default();
        writer.body
    }

    fn value(&mut self, value: &Value, shape: &Shape) -> Option<Json> {
        if value.span.is_some() {
            self.body.places.insert(self.pointer.to_ascii_lowercase(), value.span);
        }
        match &value.kind {
            Kind::Null => None,
            Kind::Bool(value) => Some((*value).into()),
            Kind::Int(number) => Some((*number).into()),
            Kind::Number(text) => serde_json::from_str(text).ok(),
            Kind::String(text) => Some(match shape {
                // Azure reads a flag that is written as a text.
                Shape::Flag if text.eq_ignore_ascii_case("true") => true.into(),
                Shape::Flag if text.eq_ignore_ascii_case("false") => false.into(),
                _ => (**text).into(),
            }),
            Kind::Symbol(symbol) => self.symbol(symbol, value.span),
            // What names an object in a vault may be any; the path is there all the same.
            Kind::Unknown(why) if REFERENCES.contains(&self.name().as_str()) => {
                Some(self.symbols.text_from(why, "").into())
            }
            Kind::Unknown(why) => {
                self.open(why);
                None
            }
            Kind::Array(array) => {
                if let Some(why) = &array.open {
                    self.open(why);
                }
                let Some(inner) = element(shape) else { return Some(Json::Array(Vec::new())) };
                let items = array.items.iter().enumerate();
                let items = items.map(|(n, item)| self.at(&n.to_string(), |own| own.value(item, inner)));
                Some(Json::Array(items.map(Option::unwrap_or_default).collect()))
            }
            Kind::Object(object) => {
                if let Some(why) = &object.open {
                    self.open(why);
                }
                let mut all = Object::new();
                for (key, inner) in object.entries() {
                    let Some((name, shape)) = member(shape, &key.text) else { continue };
                    let name = match &key.symbol {
                        Some(symbol) => self.symbols.text(symbol),
                        None => name.to_owned(),
                    };
                    let json = self.at(&name, |own| {
                        let json = own.value(inner, shape);
                        // A property stands where its name is written, wherever its value comes from.
                        if key.span.is_some() {
                            own.body.places.insert(own.pointer.to_ascii_lowercase(), key.span);
                        }
                        json
                    });
                    all.extend(json.map(|json| (name, json)));
                }
                Some(Json::Object(all))
            }
        }
    }

    fn at<T>(&mut self, step: &str, run: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        let result = run(self);
        self.pointer.truncate(length);
        result
    }

    /// The last name in the pointer, in lower case.
    fn name(&self) -> String {
        let steps = self.pointer.rsplit('/');
        let mut named = steps.filter(|step| !step.bytes().all(|b| b.is_ascii_digit()));
        named.next().unwrap_or_default().to_ascii_lowercase()
    }

    fn symbol(&mut self, symbol: &Symbol, span: Span) -> Option<Json> {
        let name = self.name();
        let text = self.symbols.text(symbol);
        let is_same = || !may_be_anything(symbol) || self.symbols.is_resource(&text);
        if PLAIN.contains(&name.as_str()) || COMPARED.contains(&name.as_str()) && is_same() {
            return Some(text.into());
        }
        let why = match symbol {
            Symbol::Parameter { name, span } => Unknown::new(Why::Parameter(name.clone()), *span),
            _ => Unknown::new(Why::Invalid, span),
        };
        self.open(&Arc::new(why));
        None
    }

    fn open(&mut self, why: &Arc<Unknown>) {
        let open = || Open { pointer: self.pointer.clone(), why: why.clone() };
        self.body.open = self.body.open.take().or_else(|| Some(open()));
    }
}

fn element(shape: &Shape) -> Option<&Shape> {
    match shape {
        Shape::List(inner) => Some(inner),
        Shape::Anything => Some(shape),
        _ => None,
    }
}

/// The member of a shape that has this name, as Azure spells it.
fn member<'v>(shape: &'v Shape, name: &'v str) -> Option<(&'v str, &'v Shape)> {
    match shape {
        Shape::Members(members) => {
            let exact = members.get_key_value(name);
            let found = exact.or_else(|| members.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)));
            let own_name = || (name.eq_ignore_ascii_case("name")).then_some(("name", &Shape::Text));
            found.map(|(own, shape)| (*own, shape)).or_else(own_name)
        }
        Shape::Map(inner) => Some((name, inner)),
        Shape::Anything => Some((name, shape)),
        _ => None,
    }
}
