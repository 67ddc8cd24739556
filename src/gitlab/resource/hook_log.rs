//! The log of a hook (17.3): the deliveries of the last seven days with their bodies, newest first.
//!
//! Nothing is logged while a hook is disabled or its calls are limited: what is missing here may
//! still have happened.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::elements;
use crate::proof::DeliveryHeaders;
use crate::record::DeliveryKey;

/// How a delivery was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answered {
    /// As it should be.
    Accepted,
    /// By a redirect, which GitLab takes for success.
    Redirected,
    /// By a refusal.
    Refused,
    /// Not at all, or not in time.
    Nothing,
}

/// One delivery of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged<'a> {
    /// Its number, which ascends over all of a GitLab.
    pub id: u64,
    /// The name under which it counts once; `None` where GitLab did not name it (before 17.4).
    pub key: Option<DeliveryKey>,
    /// How it was answered.
    pub answered: Answered,
    /// The body, in which GitLab has replaced e-mail addresses; `None` where it was too large to be
    /// kept.
    pub body: Option<&'a str>,
}

#[derive(Deserialize)]
struct Row<'a> {
    id: u64,
    #[serde(default)]
    request_headers: BTreeMap<String, Value>,
    #[serde(borrow)]
    request_data: Option<&'a RawValue>,
    response_status: Option<Value>,
}

#[derive(Deserialize)]
struct Oversize {
    oversize: bool,
}

/// The deliveries of one page, in its order; rows that are none are left out. `None` when it is no
/// list.
#[must_use]
pub fn logged(page: &str) -> Option<Vec<Logged<'_>>> {
    let rows = elements(page)?;
    Some(rows.into_iter().filter_map(|row| serde_json::from_str(row).ok().map(delivery)).collect())
}

fn delivery(row: Row<'_>) -> Logged<'_> {
    let headers: Vec<(String, &str)> = row
        .request_headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value.as_str()?)))
        .collect();
    let headers = DeliveryHeaders::read(|name| {
        headers.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_bytes())
    });
    let body = row.request_data.map(RawValue::get).filter(|body| {
        // GitLab writes this in place of what it does not keep.
        let told: Option<Oversize> = serde_json::from_str(body).ok();
        !told.is_some_and(|told| told.oversize)
    });
    Logged { id: row.id, key: headers.given_key(), answered: answered(row.response_status), body }
}

/// GitLab writes the status as a text, and words where there was none.
fn answered(status: Option<Value>) -> Answered {
    let code = match status {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    match code {
        Some(200..=299) => Answered::Accepted,
        Some(300..=399) => Answered::Redirected,
        Some(_) => Answered::Refused,
        None => Answered::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_read_with_the_key_that_it_arrived_under_or_would_have() {
        let page = r#"[
          {"id":9,"url":"https://a/","trigger":"push_hooks",
           "request_headers":{"Idempotency-Key":"k1","webhook-id":"w1","X-Gitlab-Token":"[REDACTED]"},
           "request_data":{"object_kind":"push","n": 1},"response_status":"200"},
          {"id":8,"request_headers":{"Idempotency-Key":"k2"},
           "request_data":{"oversize":true},"response_status":"internal error"},
          {"id":7,"request_headers":{},"request_data":{"oversize":"no"},"response_status":"302"},
          {"id":6,"request_data":null,"response_status":503},
          {"no":"row"}
        ]"#;
        let rows = logged(page).unwrap();
        let key = |text: &str| Some(DeliveryKey::new(text.as_bytes()));
        let expected = [
            (9, key("w1"), Answered::Accepted, Some(r#"{"object_kind":"push","n": 1}"#)),
            (8, key("k2"), Answered::Nothing, None),
            (7, None, Answered::Redirected, Some(r#"{"oversize":"no"}"#)),
            (6, None, Answered::Refused, None),
        ];
        let expected: Vec<Logged<'_>> = expected
            .into_iter()
            .map(|(id, key, answered, body)| Logged { id, key, answered, body })
            .collect();
        assert_eq!(rows, expected);
        assert!(logged("{}").is_none());
    }
}
