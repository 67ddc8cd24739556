//! What GitLab's own DORA API answers.

use serde::Deserialize;

/// One value of `GET …/dora/metrics`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ApiDoraPoint {
    /// The day, as `2026-03-01`; `None` for the whole range.
    #[serde(default)]
    pub date: Option<String>,
    /// `None` where GitLab has no data.
    #[serde(default)]
    pub value: Option<f64>,
}

/// Reads the answer: a list, or the bare value that older versions give for the whole range.
///
/// # Errors
/// When it is neither.
pub fn dora_points(body: &[u8]) -> Result<Vec<ApiDoraPoint>, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Answer {
        List(Vec<ApiDoraPoint>),
        Bare(Option<f64>),
    }
    Ok(match serde_json::from_slice(body)? {
        Answer::List(points) => points,
        Answer::Bare(value) => vec![ApiDoraPoint { date: None, value }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_bare_values_are_read_and_nothing_else_is() {
        let point = |date: Option<&str>, value| ApiDoraPoint { date: date.map(Into::into), value };
        let list = br#"[{"date":"2026-03-01","value":3},{"date":null,"value":null}]"#;
        let expected = vec![point(Some("2026-03-01"), Some(3.0)), point(None, None)];
        assert_eq!(dora_points(list).unwrap(), expected);
        assert_eq!(dora_points(b"0.25").unwrap(), [point(None, Some(0.25))]);
        assert_eq!(dora_points(b"null").unwrap(), [point(None, None)]);
        assert!(dora_points(br#"{"message":"no"}"#).is_err());
    }
}
