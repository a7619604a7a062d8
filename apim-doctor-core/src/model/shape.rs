//! Which members of a body the model reads, found out from the types themselves.
//!
//! A recording keeps what the model reads and drops everything else. The list of what is kept is therefore not written
//! by hand: [`Shape::of`] deserializes a type from nothing and takes down every member that the type asks for. A
//! property that is added to the model is kept from then on.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

/// What a type reads of a JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Shape {
    /// A value of any kind, which the type itself looks into.
    #[default]
    Anything,
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// An array of such elements.
    List(Box<Shape>),
    /// An object with members of any name.
    Map(Box<Shape>),
    /// An object, of which only these members are read.
    Members(BTreeMap<&'static str, Shape>),
}

impl Shape {
    /// What `T` reads.
    ///
    /// A type that says nothing of itself (an untagged enumeration, a visitor of its own) is [`Shape::Anything`].
    pub(crate) fn of<T: DeserializeOwned>() -> Shape {
        let mut shape = Shape::default();
        // Each try that ends in an error has found a second spelling of a member; there are few of them.
        for _ in 0..64 {
            if T::deserialize(Tracer(&mut shape)).is_ok() {
                break;
            }
        }
        shape.name_alike();
        shape
    }

    /// Pointers to everything that has no members of its own, in order.
    pub(crate) fn leaves(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.add_leaves("", &mut found);
        found
    }

    fn add_leaves(&self, at: &str, found: &mut Vec<String>) {
        match self {
            Shape::Members(members) if !members.is_empty() => {
                members.iter().for_each(|(name, shape)| shape.add_leaves(&format!("{at}/{name}"), found));
            }
            Shape::List(inner) | Shape::Map(inner) => inner.add_leaves(&format!("{at}/*"), found),
            _ => found.push(at.to_owned()),
        }
    }

    /// A second spelling of a member reads what the first one reads.
    fn name_alike(&mut self) {
        match self {
            Shape::List(inner) | Shape::Map(inner) => inner.name_alike(),
            Shape::Members(members) => {
                members.values_mut().for_each(Shape::name_alike);
                let first = members.clone();
                for (name, shape) in members.iter_mut().filter(|(_, shape)| **shape == Shape::Anything) {
                    let twin = first.iter().find(|(own, _)| *own != name && own.eq_ignore_ascii_case(name));
                    if let Some((_, twin)) = twin {
                        shape.clone_from(twin);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Deserializes a type from nothing, and takes down what it asks for.
struct Tracer<'s>(&'s mut Shape);

/// The type did not accept what it was given: most often a member under its second name.
#[derive(Debug)]
struct NotAccepted;

impl fmt::Display for NotAccepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the type cannot be made from nothing")
    }
}

impl std::error::Error for NotAccepted {}

impl serde::de::Error for NotAccepted {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Tracer<'_> {
    type Error = NotAccepted;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        *self.0 = Shape::Flag;
        visitor.visit_bool(false)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        *self.0 = Shape::Number;
        visitor.visit_i64(0)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        *self.0 = Shape::Number;
        visitor.visit_f64(0.0)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        *self.0 = Shape::Number;
        visitor.visit_u64(0)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        *self.0 = Shape::Text;
        visitor.visit_str("")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, NotAccepted> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        if !matches!(self.0, Shape::List(_)) {
            *self.0 = Shape::List(Box::default());
        }
        match self.0 {
            Shape::List(inner) => visitor.visit_seq(Once(Some(inner))),
            _ => Err(NotAccepted),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotAccepted> {
        if !matches!(self.0, Shape::Map(_)) {
            *self.0 = Shape::Map(Box::default());
        }
        match self.0 {
            Shape::Map(inner) => visitor.visit_map(Once(Some(inner))),
            _ => Err(NotAccepted),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotAccepted> {
        if !matches!(self.0, Shape::Members(_)) {
            *self.0 = Shape::Members(BTreeMap::new());
        }
        match self.0 {
            Shape::Members(members) => visitor.visit_map(Each { fields, members, current: None }),
            _ => Err(NotAccepted),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier ignored_any
    }
}

/// One element, or one member of a name that does not matter.
struct Once<'s>(Option<&'s mut Box<Shape>>);

impl<'de> SeqAccess<'de> for Once<'_> {
    type Error = NotAccepted;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, NotAccepted> {
        self.0.take().map(|inner| seed.deserialize(Tracer(inner))).transpose()
    }
}

impl<'de> MapAccess<'de> for Once<'_> {
    type Error = NotAccepted;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotAccepted> {
        let key = serde::de::value::StrDeserializer::<NotAccepted>::new("*");
        self.0.is_some().then(|| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, NotAccepted> {
        let inner = self.0.take().ok_or_else(|| NotAccepted::custom(""))?;
        seed.deserialize(Tracer(inner))
    }
}

/// The members of a structure, each under one of its names.
struct Each<'s> {
    fields: &'static [&'static str],
    members: &'s mut BTreeMap<&'static str, Shape>,
    current: Option<&'static str>,
}

impl<'de> MapAccess<'de> for Each<'_> {
    type Error = NotAccepted;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotAccepted> {
        // A member that a try before this one was not asked for is the second spelling of another: it is not offered
        // again, and reads what that one reads.
        let Some((name, rest)) = self.fields.split_first() else { return Ok(None) };
        self.fields = rest;
        if self.members.get(name) == Some(&Shape::Anything) && !self.is_first(name) {
            return self.next_key_seed(seed);
        }
        self.members.entry(name).or_default();
        self.current = Some(name);
        seed.deserialize(serde::de::value::StrDeserializer::<NotAccepted>::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, NotAccepted> {
        let shape = self.current.take().and_then(|name| self.members.get_mut(name));
        seed.deserialize(Tracer(shape.ok_or_else(|| NotAccepted::custom(""))?))
    }
}

impl Each<'_> {
    /// Whether no other member has the same name in another case.
    fn is_first(&self, name: &str) -> bool {
        !self.members.keys().any(|own| *own != name && own.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Resource;
    use crate::model::key_vault::Vault;

    #[test]
    fn a_type_says_what_it_reads() {
        let leaves = Shape::of::<Resource<Vault>>().leaves();
        for expected in [
            "/id",
            "/Id",
            "/location",
            "/sku/name",
            "/Sku/Name",
            "/identity/userAssignedIdentities/*/clientId",
            "/properties/networkAcls/ipRules/*/value",
            "/Properties/networkAcls/ipRules/*/value",
            "/properties/privateEndpointConnections/*/properties/privateEndpoint/id",
            "/properties/accessPolicies/*/permissions/secrets/*",
            "/properties/enableRbacAuthorization",
        ] {
            assert!(leaves.iter().any(|leaf| leaf == expected), "{expected} of {leaves:#?}");
        }
        assert!(!leaves.iter().any(|leaf| leaf.contains("tags") || leaf.ends_with('?')));
    }
}
