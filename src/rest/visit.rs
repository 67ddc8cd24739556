//! One request to an address that is no GitLab of ours, as a stranger: nothing is followed, nothing
//! is repeated, everything has its bounds.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::header::{ALLOW, AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderName, LOCATION};
use tokio::sync::mpsc;

use super::answer::{self, BadBody};
use super::error::Cause;
use super::settings::Token;
use super::tls::{self, Authorities};

/// Whoever takes longer would lose deliveries: GitLab waits 10 s.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What is asked, and how.
#[derive(Debug)]
pub struct Visit<'a> {
    /// Where.
    pub url: &'a str,
    /// Headers of the request.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent by POST; GET without it.
    pub body: Option<Sent>,
    /// Proves who asks.
    pub token: Option<&'a Token>,
    /// Authorities that may sign the certificate, besides the system's.
    pub authorities: Option<&'a Authorities>,
    /// More of an answer is not read.
    pub limit_bytes: usize,
}

impl<'a> Visit<'a> {
    /// A plain GET, of whose answer little is read.
    #[must_use]
    pub const fn get(url: &'a str) -> Self {
        Self {
            url,
            headers: Vec::new(),
            body: None,
            token: None,
            authorities: None,
            limit_bytes: 64 << 10,
        }
    }
}

/// The body of a POST.
#[derive(Debug)]
pub enum Sent {
    /// All of it at once.
    Whole(Bytes),
    /// Part by part, as it comes.
    Parts(Parts),
}

/// A body of a known length that comes part by part.
#[derive(Debug)]
pub struct Parts {
    /// Its parts.
    pub coming: mpsc::Receiver<Bytes>,
    /// All their bytes.
    pub length: u64,
}

impl Body for Parts {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let part = ready!(self.get_mut().coming.poll_recv(context));
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    /// The status.
    pub status: u16,
    /// What may be done there, by the answer.
    pub allow: Option<String>,
    /// The host that a redirect points to.
    pub moved_to: Option<String>,
    /// How the answer is compressed, if it is.
    pub encoding: Option<String>,
    /// The answer, up to the limit; nothing when it is longer.
    pub body: Bytes,
}

impl Visited {
    /// The answer as text, whatever it is.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Goes there and back.
///
/// # Errors
/// [`Cause`] when no answer comes within 10 s.
pub async fn visit(visit: Visit<'_>) -> Result<Visited, Cause> {
    let is_encrypted = visit.url.starts_with("https://");
    let client = tls::stranger(is_encrypted, visit.authorities, TIMEOUT).map_err(Cause::new)?;
    let mut request = match visit.body {
        None => client.get(visit.url),
        Some(Sent::Whole(body)) => client.post(visit.url).body(body),
        Some(Sent::Parts(parts)) => client.post(visit.url).body(reqwest::Body::wrap(parts)),
    };
    for (name, value) in visit.headers {
        request = request.header(name, value);
    }
    if let Some(token) = visit.token {
        request = request.header(AUTHORIZATION, token.header());
    }
    let answer = request.send().await.map_err(Cause::new)?;
    let text = |name| text(answer.headers(), &name);
    let base = answer.url().clone();
    let mut visited = Visited {
        status: answer.status().as_u16(),
        allow: text(ALLOW),
        encoding: text(CONTENT_ENCODING),
        moved_to: text(LOCATION)
            .and_then(|location| base.join(&location).ok()?.host_str().map(str::to_owned)),
        body: Bytes::new(),
    };
    visited.body = match answer::body(answer, visit.limit_bytes).await {
        Ok(body) => body,
        Err(BadBody::TooLarge) => Bytes::new(),
        Err(BadBody::Cut(error)) => return Err(Cause::new(error)),
    };
    Ok(visited)
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Parameters as they stand behind the `?` of an address.
#[must_use]
pub fn form(parameters: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://localhost/").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(parameters);
    }
    url.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}
