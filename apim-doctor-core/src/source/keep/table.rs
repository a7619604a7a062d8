//! The list itself: what is kept of each resource type.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

use crate::knowledge::cloud::{Cloud, CustomCloud};
use crate::model::api_management::{LocationStatus, NetworkStatusContract};
use crate::model::app_service::KeyVaultReference;
use crate::model::form::{self, REDACTED};
use crate::model::{
    DnsAnswer, EachType, Modelled, Observation, Probe, Resource, Shape, SignedIn, Tables, is_bare, setting,
};
use crate::source::keep::policy;
use crate::source::keep::since::{LATER, Later};
use crate::source::keep::url::text;
use crate::source::keep::value::{Form, Kept, empty, nothing, of_text, sentence};

/// Members that are kept in a form of their own: by the type's noun, and the pointer.
const FORMS: &[(&str, &str, Form)] = &[
    ("API Management instance", "/properties/customProperties/*", switch),
    ("API", "/properties/serviceUrl", policy::url),
    ("backend", "/properties/credentials/authorization", policy::given),
    ("backend", "/properties/credentials/header", policy::given),
    ("backend", "/properties/credentials/query", policy::given),
    ("backend", "/properties/proxy", policy::given),
    ("backend", "/properties/url", policy::url),
    ("app", "/properties/functionAppConfig/deployment/storage/value", service_url),
    ("backup job", "/properties/errorDetails/*/errorString", sentence),
    ("backup job", "/properties/errorDetails/*/errorTitle", sentence),
    ("backup job", "/properties/errorDetails/*/recommendations/*", sentence),
    ("backup job", "/properties/extendedInfo/dynamicErrorMessage", sentence),
    ("backup job", "/properties/extendedInfo/propertyBag/*", sentence),
    ("backup request", "/accessKey", redacted),
    ("certificate", "/properties/keyVault/lastStatus/message", sentence),
    ("configuration", "/properties", settings),
    ("job", "/properties/exception", sentence),
    ("job stream", "/properties/summary", sentence),
    ("Key Vault reference", "/properties/details", sentence),
    ("Key Vault reference", "/properties/reference", reference),
    ("named value", "/properties", policy::named_value),
    ("network status", "", network_status),
    ("policy", "/properties", policy::policy),
    ("protected item", "/properties/healthDetails/*/recommendations/*", sentence),
    ("protected item", "/properties/healthDetails/*/title", sentence),
    ("storage account", "/properties/primaryEndpoints/*", service_url),
    ("virtual machine", "/properties/instanceView/statuses/*/message", sentence),
    ("virtual machine", "/properties/instanceView/vmAgent/statuses/*/message", sentence),
];

/// Members of a resource that name it, in addition to those that the model reads.
const NAMES: &[&str] = &["ResourceId", "ResourceType", "Type", "name", "type"];

/// What is kept of a type that the model does not have, and of a list that is none.
const UNKNOWN: &[&str] = &["Id", "ResourceId", "ResourceType", "Type", "id", "kind", "location", "name", "type"];

/// What is kept of a recording apart from its exchanges, which are [kept one by one](super::exchange).
const RECORDING: &[&str] = &["/apimDoctor", "/repaired/*", "/takenAt", "/tenantId", "/vantage/subnet"];

/// Returns the forms of a type's members, by their pointers.
fn forms_of(noun: &str) -> Vec<(&'static str, Form)> {
    let own = FORMS.iter().filter(|(own, ..)| *own == noun);
    own.map(|(_, pointer, form)| (*pointer, *form)).collect()
}

fn redacted(value: &mut Value, _: &Cloud) {
    *value = REDACTED.into();
}

fn service_url(value: &mut Value, _: &Cloud) {
    of_text(value, form::service_url);
}

fn reference(value: &mut Value, _: &Cloud) {
    of_text(value, |own| setting::reference(own).into_owned());
}

fn switch(value: &mut Value, _: &Cloud) {
    let is_switch = |own: &str| own.is_empty() || ["true", "false"].iter().any(|known| own.eq_ignore_ascii_case(known));
    of_text(value, |own| if is_switch(own) { own.to_owned() } else { REDACTED.to_owned() });
}

/// Names and values of settings, each value as far as it may be kept.
fn settings(value: &mut Value, _: &Cloud) {
    let clean = |name: &str, value: &mut Value| match value {
        Value::String(own) => *own = setting::kept(name, own).into_owned(),
        Value::Number(number) => *value = setting::kept(name, &number.to_string()).into_owned().into(),
        Value::Array(_) | Value::Object(_) => *value = REDACTED.into(),
        Value::Null | Value::Bool(_) => {}
    };
    let Value::Object(map) = value else { return empty(value) };
    for (name, value) in map {
        let Value::Object(connection) = value else {
            clean(name, value);
            continue;
        };
        connection.retain(|key, _| ["type", "value"].contains(&key.as_str()));
        for (key, inner) in connection {
            match key.as_str() {
                "value" => clean(name, inner),
                _ if inner.as_str().is_some_and(|kind| kind.bytes().all(|b| b.is_ascii_alphanumeric())) => {}
                _ => *inner = REDACTED.into(),
            }
        }
    }
}

/// One entry a location, or one location alone.
fn network_status(value: &mut Value, cloud: &Cloud) {
    static ONE: LazyLock<Kept> = LazyLock::new(|| {
        let kept = Kept::of(Shape::of::<NetworkStatusContract>());
        let kept = with_texts(kept, &["name", "status", "lastUpdated"], "/connectivityStatus/*");
        kept.with("/connectivityStatus/*/error", Kept::Form(sentence))
    });
    static EACH: LazyLock<Kept> =
        LazyLock::new(|| Kept::of(Shape::of::<LocationStatus>()).with("/networkStatus", ONE.clone()));
    match value {
        Value::Array(locations) => locations.iter_mut().for_each(|location| EACH.apply(location, cloud)),
        one => ONE.apply(one, cloud),
    }
}

/// Adds texts in the elements of a list.
fn with_texts(mut kept: Kept, names: &[&'static str], list: &'static str) -> Kept {
    let steps: Vec<&str> = list.split('/').skip(1).collect();
    for name in names {
        let steps: Vec<&'static str> = steps.iter().copied().chain([*name]).collect();
        kept.add(&steps, Kept::Text);
    }
    kept
}

/// What is kept of every type, by its name in lower case.
static TYPES: LazyLock<BTreeMap<&'static str, Kept>> = LazyLock::new(|| {
    struct Each(BTreeMap<&'static str, Kept>);
    impl EachType for Each {
        fn visit<P: Modelled>(&mut self) {
            let kept = Kept::with_forms(shape_of::<P>(), &forms_of(P::NOUN));
            self.0.extend(P::TYPES.iter().map(|name| (*name, kept.clone())));
        }
    }
    let mut each = Each(BTreeMap::new());
    Tables::each_type(&mut each);
    each.0
});

/// What is read of a resource of a type.
pub(crate) fn shape_of<P: Modelled>() -> Shape {
    // These answers have no envelope.
    if is_bare::<P>() {
        return Shape::of::<P>();
    }
    let mut shape = Shape::of::<Resource<P>>();
    if let Shape::Members(members) = &mut shape {
        members.extend(NAMES.iter().map(|name| (*name, Shape::Text)));
    }
    shape
}

/// What is kept of a resource of a type (lower case).
pub(super) fn of_type(kind: &str) -> &'static Kept {
    static OTHER: LazyLock<Kept> =
        LazyLock::new(|| Kept::Members(UNKNOWN.iter().map(|name| (*name, Kept::Text)).collect()));
    TYPES.get(kind).unwrap_or(&OTHER)
}

/// What is kept of a Key Vault reference that stands under its name.
pub(super) fn of_reference() -> &'static Kept {
    static ONE: LazyLock<Kept> = LazyLock::new(|| {
        Kept::of(Shape::of::<KeyVaultReference>())
            .with("/reference", Kept::Form(reference))
            .with("/details", Kept::Form(sentence))
    });
    &ONE
}

/// What is kept of a recording apart from its exchanges.
pub(super) fn of_recording() -> &'static Kept {
    static ALL: LazyLock<Kept> = LazyLock::new(|| {
        let list = |shape: Shape| Kept::List(Box::new(Kept::of(shape)));
        let dns = list(Shape::of::<DnsAnswer>());
        let mut kept = Kept::Members(BTreeMap::new())
            .with("/cloud", Kept::Form(cloud))
            .with("/dns", dns.with("/*/note", Kept::Form(nothing)).with("/*/answers/*", Kept::Form(dns_record)))
            .with("/exchanges", Kept::Form(|_, _| {}))
            .with("/observations", list(Shape::of::<Observation>()).with("/*/error", Kept::Form(sentence)))
            .with("/probes", list(Shape::of::<Probe>()))
            .with("/signedIn", Kept::of(Shape::of::<SignedIn>()));
        for pointer in RECORDING {
            kept.add(&pointer.split('/').skip(1).collect::<Vec<_>>(), Kept::Text);
        }
        kept
    });
    &ALL
}

/// The name of a cloud, or its endpoints.
fn cloud(value: &mut Value, cloud: &Cloud) {
    static CUSTOM: LazyLock<Kept> = LazyLock::new(|| Kept::of(Shape::of::<CustomCloud>()));
    match value {
        Value::String(name) => *name = text(name),
        other => CUSTOM.apply(other, cloud),
    }
}

/// Of a record, addresses and aliases; texts are anybody's.
fn dns_record(value: &mut Value, cloud: &Cloud) {
    static RECORD: LazyLock<Kept> =
        LazyLock::new(|| Kept::texts(&["/data", "/name", "/type"]).with("/ttl", Kept::Number));
    RECORD.apply(value, cloud);
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
    if !["A", "AAAA", "CNAME", "NS", "PTR", "SOA"].contains(&&*kind)
        && let Some(data) = value.get_mut("data")
    {
        *data = REDACTED.into();
    }
}

/// What is kept of one resource type, for the documentation.
#[derive(Clone, Debug)]
pub struct KeptType {
    /// What people call one of them.
    pub noun: &'static str,
    /// Its names, in lower case.
    pub types: &'static [&'static str],
    /// Pointers to what is kept of it, in order; `*` stands for every element.
    pub pointers: Vec<String>,
    /// What is kept from a later version of the list on than the first, and from which.
    pub later: Vec<(&'static str, u32)>,
}

/// What is kept of every resource type, in the order of names.
#[must_use]
pub fn kept_types() -> Vec<KeptType> {
    struct Each(Vec<KeptType>);
    impl EachType for Each {
        fn visit<P: Modelled>(&mut self) {
            // A second spelling says nothing new.
            let is_first = |pointer: &String| {
                !pointer.split('/').any(|step| step.starts_with(|sign: char| sign.is_ascii_uppercase()))
            };
            let all: BTreeSet<String> = shape_of::<P>().leaves().into_iter().filter(is_first).collect();
            let own = |later: &&Later| P::TYPES.contains(&later.kind);
            let later: BTreeSet<(&str, u32)> = LATER.iter().filter(own).map(|one| (one.pointer, one.since)).collect();
            self.0.push(KeptType {
                noun: P::NOUN,
                types: P::TYPES,
                pointers: all.into_iter().collect(),
                later: later.into_iter().collect(),
            });
        }
    }
    let mut each = Each(Vec::new());
    Tables::each_type(&mut each);
    each.0.sort_by_key(|kept| kept.types);
    each.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value that a type looks into itself has a form, and every form belongs to something that is read.
    #[test]
    fn what_a_type_looks_into_itself_has_a_form() {
        struct Each(Vec<String>);
        fn look(kept: &Kept, at: &str, found: &mut Vec<String>) {
            match kept {
                Kept::Form(form) if std::ptr::fn_addr_eq(*form, nothing as Form) => found.push(at.to_owned()),
                Kept::List(inner) | Kept::Map(inner) => look(inner, &format!("{at}/*"), found),
                Kept::Members(members) => members.iter().for_each(|(n, k)| look(k, &format!("{at}/{n}"), found)),
                _ => {}
            }
        }
        impl EachType for Each {
            fn visit<P: Modelled>(&mut self) {
                look(&Kept::with_forms(shape_of::<P>(), &forms_of(P::NOUN)), P::NOUN, &mut self.0);
            }
        }
        let mut each = Each(Vec::new());
        Tables::each_type(&mut each);
        assert_eq!(each.0, Vec::<String>::new(), "add a line to FORMS");
        let nouns: Vec<&str> = kept_types().iter().map(|kept| kept.noun).collect();
        let odd: Vec<_> = FORMS.iter().filter(|(noun, ..)| !nouns.contains(noun)).map(|(noun, ..)| noun).collect();
        assert!(odd.is_empty(), "{odd:?}");
    }
}
