//! Fields that never fail: whatever stands there, reading goes on.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::delivery::{
    BranchName, Cause, CommitIdentity, CommitSha, DeploymentId, EnvironmentName, FilePath, Iid,
    JobId, JobName, LabelName, MilestoneId, PersonHash, PipelineId, ProjectId, ProjectPath,
    RefName, StageName, TagName, Timestamp,
};
use crate::gitlab::{references, timestamp};

/// What a document says of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Said<T> {
    /// Nothing, or something of another type.
    #[default]
    Nothing,
    /// Null: that there is none.
    Null,
    /// A value.
    Value(T),
}

impl<T> Said<T> {
    /// The value, where there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Null => None,
        }
    }

    /// The value by reference.
    #[must_use]
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Null => None,
        }
    }

    /// `None` when nothing was said, `Some(None)` for null.
    #[must_use]
    pub fn nullable(self) -> Option<Option<T>> {
        match self {
            Self::Nothing => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }
}

impl Said<bool> {
    /// Whether it was said to hold.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Value(true))
    }
}

/// A type that a JSON text, number or truth value can stand for.
pub trait Scalar<'de>: Sized {
    /// Reads a text.
    fn from_text(text: Cow<'de, str>) -> Option<Self>;

    /// Reads a whole number that is not negative.
    #[must_use]
    fn from_number(number: u64) -> Option<Self> {
        let _ = number;
        None
    }

    /// Reads a number with a fraction.
    #[must_use]
    fn from_fraction(number: f64) -> Option<Self> {
        let _ = number;
        None
    }

    /// Reads a truth value.
    #[must_use]
    fn from_truth(holds: bool) -> Option<Self> {
        let _ = holds;
        None
    }
}

impl<'de: 'a, 'a> Scalar<'de> for Cow<'a, str> {
    fn from_text(text: Cow<'de, str>) -> Option<Self> {
        Some(text)
    }
}

impl Scalar<'_> for bool {
    fn from_text(_: Cow<'_, str>) -> Option<Self> {
        None
    }

    fn from_truth(holds: bool) -> Option<Self> {
        Some(holds)
    }
}

impl Scalar<'_> for u64 {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        text.parse().ok()
    }

    fn from_number(number: u64) -> Option<Self> {
        Some(number)
    }
}

impl Scalar<'_> for Timestamp {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        timestamp::read(&text)
    }
}

impl Scalar<'_> for CommitSha {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        Self::from_hex(&text).ok()
    }
}

impl Scalar<'_> for Cause {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        references::cause(&text)
    }
}

impl Scalar<'_> for PersonHash {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        sixteen_bytes(&text).map(Self::new)
    }
}

impl Scalar<'_> for CommitIdentity {
    fn from_text(text: Cow<'_, str>) -> Option<Self> {
        sixteen_bytes(&text).map(Self)
    }
}

fn sixteen_bytes(hex: &str) -> Option<[u8; 16]> {
    let fits = hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| u128::from_str_radix(hex, 16).ok()).flatten().map(u128::to_be_bytes)
}

macro_rules! number_scalar {
    ($($id:ty),+) => {$(
        impl Scalar<'_> for $id {
            fn from_text(text: Cow<'_, str>) -> Option<Self> {
                Self::new(text.parse().ok()?).ok()
            }

            fn from_number(number: u64) -> Option<Self> {
                Self::new(number).ok()
            }
        }
    )+};
}

number_scalar!(ProjectId, DeploymentId, Iid, PipelineId, JobId, MilestoneId);

macro_rules! text_scalar {
    ($($id:ty),+) => {$(
        impl Scalar<'_> for $id {
            fn from_text(text: Cow<'_, str>) -> Option<Self> {
                Self::new(&text).ok()
            }
        }
    )+};
}

text_scalar!(ProjectPath, EnvironmentName, BranchName, RefName, LabelName, TagName);
text_scalar!(StageName, JobName, FilePath);

impl<'de, T: Scalar<'de>> Deserialize<'de> for Said<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor(PhantomData))
    }
}

struct SaidVisitor<T>(PhantomData<T>);

fn said<T>(value: Option<T>) -> Said<T> {
    value.map_or(Said::Nothing, Said::Value)
}

impl<'de, T: Scalar<'de>> Visitor<'de> for SaidVisitor<T> {
    type Value = Said<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Said<T>, E> {
        Ok(Said::Null)
    }

    fn visit_bool<E>(self, holds: bool) -> Result<Said<T>, E> {
        Ok(said(T::from_truth(holds)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Said<T>, E> {
        Ok(said(T::from_number(number)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Said<T>, E> {
        Ok(said(u64::try_from(number).ok().and_then(T::from_number)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Said<T>, E> {
        Ok(said(T::from_fraction(number)))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Said<T>, E> {
        Ok(said(T::from_text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Said<T>, E> {
        Ok(said(T::from_text(Cow::Owned(text.to_owned()))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Said<T>, A::Error> {
        skip_list(list).map(|()| Said::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Said<T>, A::Error> {
        skip_object(map).map(|()| Said::Nothing)
    }
}

/// An object within a document; `None` when something else stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T>(pub Option<T>);

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// A list of objects or values within a document; `None` when something else stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Option<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> List<T> {
    /// The elements; none when there is no list.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct PartVisitor<T>(PhantomData<T>);
struct ListVisitor<T>(PhantomData<T>);

macro_rules! skip_scalars {
    ($nothing:expr) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($nothing)
        }
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for PartVisitor<T> {
    type Value = Part<T>;

    skip_scalars!(Part(None));

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Part<T>, A::Error> {
        skip_list(list).map(|()| Part(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Part<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|part| Part(Some(part)))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    skip_scalars!(List(None));

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element::<Part<T>>()? {
            elements.extend(element.0);
        }
        Ok(List(Some(elements)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
        skip_object(map).map(|()| List(None))
    }
}

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: for<'de> Scalar<'de>>(json: &str) -> Said<T> {
        Said::deserialize(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    #[test]
    fn a_field_of_another_type_says_nothing_and_null_says_none() {
        for json in ["{}", "[1]", "true", "\"x\"", "-1", "1.0", "0", "1e3", "9223372036854775808"] {
            assert_eq!(read::<Iid>(json), Said::Nothing, "{json}");
        }
        assert_eq!(read::<Iid>("null"), Said::Null);
        assert_eq!(read::<Iid>("17"), Said::Value(Iid::new(17).unwrap()));
        assert_eq!(read::<Iid>("\"17\""), Said::Value(Iid::new(17).unwrap()));
        assert_eq!(read::<bool>("\"true\""), Said::Nothing);
        assert_eq!(read::<BranchName>("\"\""), Said::Nothing);
        assert_eq!(read::<Timestamp>("\"None\""), Said::Nothing);
    }

    #[test]
    fn a_hash_reads_back_from_its_hexadecimal_form() {
        let hash = "000102030405060708090a0b0c0d0e0f";
        let bytes = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let wanted = Said::Value(PersonHash::new(bytes));
        assert_eq!(read::<PersonHash>(&format!("\"{hash}\"")), wanted);
        assert_eq!(read::<PersonHash>("\"+0102030405060708090a0b0c0d0e0f0\""), Said::Nothing);
    }

    #[test]
    fn odd_elements_of_a_list_are_passed_over() {
        #[derive(Debug, serde::Deserialize, PartialEq)]
        struct Element {
            #[serde(default)]
            id: Said<u64>,
        }
        let list: List<Element> = serde_json::from_str(r#"[1, {"id": 2}, [], null, {}]"#).unwrap();
        let ids: Vec<Said<u64>> = list.as_slice().iter().map(|element| element.id).collect();
        assert_eq!(ids, [Said::Value(2), Said::Nothing]);
        assert_eq!(serde_json::from_str::<List<Element>>("{}").unwrap(), List(None));
        assert_eq!(serde_json::from_str::<Part<Element>>("[{}]").unwrap(), Part(None));
    }
}
