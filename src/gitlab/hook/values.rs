//! A list of single values that never fails.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::said::{Said, Scalar};

/// The elements of a list that can be read; none when something else stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values<T>(pub Vec<T>);

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Scalar<'de>> Deserialize<'de> for Values<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValuesVisitor(PhantomData))
    }
}

struct ValuesVisitor<T>(PhantomData<T>);

impl<'de, T: Scalar<'de>> Visitor<'de> for ValuesVisitor<T> {
    type Value = Values<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(element) = list.next_element::<Said<T>>()? {
            values.extend(element.value());
        }
        Ok(Values(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values<T>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Values::default())
    }

    fn visit_unit<E>(self) -> Result<Values<T>, E> {
        Ok(Values::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Values<T>, E> {
        Ok(Values::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Values<T>, E> {
        Ok(Values::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Values<T>, E> {
        Ok(Values::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Values<T>, E> {
        Ok(Values::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Values<T>, E> {
        Ok(Values::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Iid;

    #[test]
    fn what_is_no_list_of_such_values_gives_those_that_are() {
        let read = |json: &str| serde_json::from_str::<Values<Iid>>(json).unwrap().0;
        let iid = |number| Iid::new(number).unwrap();
        assert_eq!(read(r#"[7, "8", 0, null, {}, [9], 1.5]"#), [iid(7), iid(8)]);
        for json in ["{\"a\": [7]}", "null", "true", "7", "-7", "7.5", "\"7\""] {
            assert_eq!(read(json), [], "{json}");
        }
    }
}
