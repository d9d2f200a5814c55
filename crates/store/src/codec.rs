//! The desk's values as JSON: the bodies of the current tables. Each type lists its fields once; a field that is added to
//! the desk and not listed does not compile. What the values mean stays in the desk.
//!
//! Empty values (`false`, 0, no text, none, nothing in a list) are left out of an object and read back as empty, so rows
//! are small and a new field needs no migration as long as empty means what it was before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

mod entities;
mod events;
mod specs;
mod words;

pub(crate) use events::fact;

/// Why a body cannot be read back: where, and what.
pub(crate) type Fault = String;

/// A value that is written as JSON and read back equal.
pub(crate) trait Codec: Sized {
    /// The value as JSON.
    fn put(&self) -> Value;
    /// The value that was written; `Null` for one that was left out.
    fn take(value: Value) -> Result<Self, Fault>;
    /// Left out of an object.
    fn is_empty(&self) -> bool {
        false
    }
}

/// A value as JSON text.
pub(crate) fn write<T: Codec>(value: &T) -> String {
    value.put().to_string()
}

/// A value from JSON text.
pub(crate) fn read<T: Codec>(text: &str) -> Result<T, Fault> {
    T::take(serde_json::from_str(text).map_err(|error| error.to_string())?)
}

/// Writes a field of an object unless it is empty.
pub(crate) fn field<T: Codec>(object: &mut Map<String, Value>, name: &str, value: &T) {
    if !value.is_empty() {
        object.insert(name.to_owned(), value.put());
    }
}

/// Takes a field out of an object.
pub(crate) fn take_field<T: Codec>(object: &mut Map<String, Value>, name: &str) -> Result<T, Fault> {
    T::take(object.remove(name).unwrap_or(Value::Null)).map_err(|fault| format!("{name}: {fault}"))
}

/// The object that a value must be.
pub(crate) fn object(value: Value) -> Result<Map<String, Value>, Fault> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(format!("an object is expected, not {other}")),
    }
}

/// A variant's name and its content: `"Name"` or `{"Name": content}`.
pub(crate) fn variant(value: Value) -> Result<(String, Value), Fault> {
    match value {
        Value::String(name) => Ok((name, Value::Null)),
        Value::Object(object) if object.len() == 1 => object.into_iter().next().ok_or_else(String::new),
        other => Err(format!("a variant is expected, not {other}")),
    }
}

/// Lists the fields of a struct.
macro_rules! fields {
    ($($type:ty { $($field:ident),* $(,)? })*) => { $(
        impl Codec for $type {
            fn put(&self) -> serde_json::Value {
                let Self { $($field),* } = self;
                let mut object = serde_json::Map::new();
                $( crate::codec::field(&mut object, stringify!($field), $field); )*
                serde_json::Value::Object(object)
            }
            fn take(value: serde_json::Value) -> Result<Self, crate::codec::Fault> {
                let mut object = crate::codec::object(value)?;
                Ok(Self { $( $field: crate::codec::take_field(&mut object, stringify!($field))? ),* })
            }
        }
    )* };
}

/// Lists the variants of an enum in three sections: plain; with one value; with fields.
macro_rules! variants {
    ($($type:ty {
        $( $plain:ident )* ;
        $( $one:ident(_) )* ;
        $( $many:ident { $($field:ident),* } )*
    })*) => { $(
        impl Codec for $type {
            fn put(&self) -> serde_json::Value {
                match self {
                    $( Self::$plain => serde_json::Value::String(stringify!($plain).to_owned()), )*
                    $( Self::$one(value) => serde_json::json!({ stringify!($one): value.put() }), )*
                    $( Self::$many { $($field),* } => {
                        let mut object = serde_json::Map::new();
                        $( crate::codec::field(&mut object, stringify!($field), $field); )*
                        serde_json::json!({ stringify!($many): object })
                    } )*
                }
            }
            fn take(value: serde_json::Value) -> Result<Self, crate::codec::Fault> {
                let (name, _content) = crate::codec::variant(value)?;
                match name.as_str() {
                    $( stringify!($plain) => Ok(Self::$plain), )*
                    $( stringify!($one) => Ok(Self::$one(Codec::take(_content)?)), )*
                    $( stringify!($many) => {
                        let mut object = crate::codec::object(_content)?;
                        Ok(Self::$many { $( $field: crate::codec::take_field(&mut object, stringify!($field))? ),* })
                    } )*
                    other => Err(format!("there is no variant {other}")),
                }
            }
        }
    )* };
}

/// Newtypes of a value that is written as itself.
macro_rules! newtypes {
    ($($type:ident)*) => { $(
        impl Codec for $type {
            fn put(&self) -> serde_json::Value { self.0.put() }
            fn take(value: serde_json::Value) -> Result<Self, crate::codec::Fault> { Ok(Self(Codec::take(value)?)) }
        }
    )* };
}

/// The name of a plain variant, for the columns that people and reports read.
pub(crate) fn word<T: Codec>(value: &T) -> String {
    match value.put() {
        Value::String(name) => name,
        Value::Object(object) => object.into_iter().next().map(|(name, _)| name).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// The value of a word.
pub(crate) fn from_word<T: Codec>(word: &str) -> Result<T, Fault> {
    T::take(Value::String(word.to_owned()))
}

macro_rules! integers {
    ($($type:ident)*) => { $(
        impl Codec for $type {
            fn put(&self) -> Value { Value::from(*self) }
            fn take(value: Value) -> Result<Self, Fault> {
                if value.is_null() {
                    return Ok(0);
                }
                let number = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
                number.and_then(|number| Self::try_from(number).ok()).ok_or_else(|| format!("a number is expected, not {value}"))
            }
            fn is_empty(&self) -> bool { *self == 0 }
        }
    )* };
}
integers!(u8 u16 u32 u64 i8 i16 i32 i64);

impl Codec for bool {
    fn put(&self) -> Value {
        Value::Bool(*self)
    }
    fn take(value: Value) -> Result<Self, Fault> {
        match value {
            Value::Null => Ok(false),
            Value::Bool(value) => Ok(value),
            other => Err(format!("true or false is expected, not {other}")),
        }
    }
    fn is_empty(&self) -> bool {
        !*self
    }
}

impl Codec for String {
    fn put(&self) -> Value {
        Value::String(self.clone())
    }
    fn take(value: Value) -> Result<Self, Fault> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::String(text) => Ok(text),
            other => Err(format!("a text is expected, not {other}")),
        }
    }
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// None is left out; inside lists it is `null`. An empty value that is there is wrapped in a list, to differ from none.
impl<T: Codec> Codec for Option<T> {
    fn put(&self) -> Value {
        match self {
            None => Value::Null,
            Some(value) => Value::Array(vec![value.put()]),
        }
    }
    fn take(value: Value) -> Result<Self, Fault> {
        match value {
            Value::Null => Ok(None),
            Value::Array(mut one) if one.len() == 1 => one.pop().map(T::take).transpose(),
            other => Err(format!("a list of one is expected, not {other}")),
        }
    }
    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T: Codec> Codec for Box<T> {
    fn put(&self) -> Value {
        self.as_ref().put()
    }
    fn take(value: Value) -> Result<Self, Fault> {
        T::take(value).map(Self::new)
    }
    fn is_empty(&self) -> bool {
        self.as_ref().is_empty()
    }
}

fn list(value: Value) -> Result<Vec<Value>, Fault> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => Ok(list),
        other => Err(format!("a list is expected, not {other}")),
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn put(&self) -> Value {
        self.iter().map(Codec::put).collect()
    }
    fn take(value: Value) -> Result<Self, Fault> {
        list(value)?.into_iter().map(T::take).collect()
    }
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Codec> Codec for VecDeque<T> {
    fn put(&self) -> Value {
        self.iter().map(Codec::put).collect()
    }
    fn take(value: Value) -> Result<Self, Fault> {
        list(value)?.into_iter().map(T::take).collect()
    }
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Codec + Ord> Codec for BTreeSet<T> {
    fn put(&self) -> Value {
        self.iter().map(Codec::put).collect()
    }
    fn take(value: Value) -> Result<Self, Fault> {
        list(value)?.into_iter().map(T::take).collect()
    }
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// Maps are lists of pairs: keys are not always texts.
impl<K: Codec + Ord, V: Codec> Codec for BTreeMap<K, V> {
    fn put(&self) -> Value {
        self.iter().map(|(key, value)| Value::Array(vec![key.put(), value.put()])).collect()
    }
    fn take(value: Value) -> Result<Self, Fault> {
        list(value)?.into_iter().map(<(K, V)>::take).collect()
    }
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl<A: Codec, B: Codec> Codec for (A, B) {
    fn put(&self) -> Value {
        Value::Array(vec![self.0.put(), self.1.put()])
    }
    fn take(value: Value) -> Result<Self, Fault> {
        match <[Value; 2]>::try_from(list(value)?) {
            Ok([a, b]) => Ok((A::take(a)?, B::take(b)?)),
            Err(other) => Err(format!("a pair is expected, not a list of {}", other.len())),
        }
    }
}

impl<A: Codec, B: Codec, C: Codec> Codec for (A, B, C) {
    fn put(&self) -> Value {
        Value::Array(vec![self.0.put(), self.1.put(), self.2.put()])
    }
    fn take(value: Value) -> Result<Self, Fault> {
        match <[Value; 3]>::try_from(list(value)?) {
            Ok([a, b, c]) => Ok((A::take(a)?, B::take(b)?, C::take(c)?)),
            Err(other) => Err(format!("three values are expected, not a list of {}", other.len())),
        }
    }
}

pub(crate) use {fields, newtypes, variants};
