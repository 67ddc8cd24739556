//! One look at an address as a stranger: without any token, and without following where it points.

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ALLOW, LOCATION};

use super::error::Cause;
use super::tls;

/// Whoever takes longer would lose deliveries: GitLab waits 10 s.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What is at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The status of the answer.
    pub status: u16,
    /// What may be done there, by the answer.
    pub allow: Option<String>,
    /// The host that a redirect points to.
    pub moved_to: Option<String>,
}

/// Asks for `url` by GET.
///
/// # Errors
/// [`Cause`] when no answer comes within 10 s.
pub async fn probe(url: &str) -> Result<Probed, Cause> {
    let client = tls::stranger(url.starts_with("https://"), TIMEOUT).map_err(Cause::new)?;
    let answer = client.get(url).send().await.map_err(Cause::new)?;
    let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let base = answer.url().clone();
    let host = |location: &str| {
        let there: Url = base.join(location).ok()?;
        there.host_str().map(str::to_owned)
    };
    Ok(Probed {
        status: answer.status().as_u16(),
        allow: text(ALLOW).map(str::to_owned),
        moved_to: text(LOCATION).and_then(host),
    })
}
