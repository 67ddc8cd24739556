//! Asks GitLab, at the pace it bears, and never anybody else.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};

use super::answer::{self, Answer, BODY_LIMIT_BYTES, BadBody, Head};
use super::budget::Budget;
use super::error::{Cause, RestError, Unusable};
use super::origin::Origin;
use super::pace::{self, Effect, Hints, Met, Step};
use super::pages::Pages;
use super::settings::RestSettings;
use super::tls;
use crate::clock::Clock;
use crate::delivery::Timestamp;
use crate::gitlab::resource::said;
use crate::instruments::Instruments;

const JSON: &str = "application/json";

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read it.
    Get,
    /// Make one, or start something.
    Post,
    /// Replace it.
    Put,
    /// Take it away.
    Delete,
}

impl Method {
    const fn wire(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Delete => reqwest::Method::DELETE,
        }
    }

    const fn effect(self) -> Effect {
        match self {
            Self::Get | Self::Put | Self::Delete => Effect::Same,
            Self::Post => Effect::Twice,
        }
    }
}

/// A client of one GitLab; a clone shares connections, budget and counts.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    settings: RestSettings,
    budget: Arc<Budget>,
    clock: Arc<dyn Clock>,
    instruments: Arc<Instruments>,
    requests: AtomicU64,
}

/// One thing to ask.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Bytes>,
}

/// What one request came to.
struct Outcome {
    met: Met,
    hints: Hints,
    result: Result<Answer, RestError>,
}

impl Client {
    /// A client with a budget of its own.
    ///
    /// # Errors
    /// [`Cause`] when encryption cannot be set up: no certificates of authorities can be read on
    /// this system, or the proxy is no address.
    pub fn new(
        settings: RestSettings,
        clock: Arc<dyn Clock>,
        instruments: Arc<Instruments>,
    ) -> Result<Self, Cause> {
        let budget = Arc::new(Budget::new(settings.requests_per_minute, Arc::clone(&clock)));
        Self::sharing(budget, settings, clock, instruments)
    }

    /// A client that shares `budget` with others of the same installation.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn sharing(
        budget: Arc<Budget>,
        settings: RestSettings,
        clock: Arc<dyn Clock>,
        instruments: Arc<Instruments>,
    ) -> Result<Self, Cause> {
        let http = tls::client(&settings).map_err(Cause::new)?;
        let requests = AtomicU64::new(0);
        Ok(Self(Arc::new(Inner { http, settings, budget, clock, instruments, requests })))
    }

    /// The operator's name for this GitLab.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.settings.name
    }

    /// Where it is.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.0.settings.origin
    }

    /// What it may be asked per minute.
    #[must_use]
    pub fn budget(&self) -> Arc<Budget> {
        Arc::clone(&self.0.budget)
    }

    /// Requests sent so far, repeated ones included.
    #[must_use]
    pub fn requests_made(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// Reads one resource: `path` as parts below `/api/v4`, encoded here
    /// (`["projects", "group/app"]`), and parameters.
    ///
    /// # Errors
    /// [`RestError`]; what may pass has been tried again, within [`pace::ATTEMPTS`].
    pub async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Answer, RestError> {
        self.ask(Ask { method: Method::Get, path, query, body: None }).await
    }

    /// Reads a list, page by page.
    #[must_use]
    pub fn pages(&self, path: &[&str], query: &[(&str, &str)]) -> Pages {
        Pages::new(self.clone(), path, query)
    }

    /// Changes something; `body` is JSON. What creates is never sent again when its outcome is
    /// unknown.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Bytes>,
    ) -> Result<Answer, RestError> {
        self.ask(Ask { method, path, query: &[], body }).await
    }

    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Answer, RestError> {
        let mut attempt = 1;
        loop {
            let turn = self.0.budget.take().await;
            let Outcome { met, hints, result } = self.once(ask).await;
            drop(turn);
            if let Some(rest) = hints.rest() {
                self.0.budget.pause(rest);
            }
            match pace::step(met, &hints, attempt, ask.method.effect(), luck()) {
                Step::Take => return result,
                Step::Again(wait) => self.wait(met, wait, attempt).await,
                Step::Later(wait) => {
                    self.0.budget.pause(wait.min(pace::LONGEST_WAIT));
                    let until = self.0.clock.now().plus(wait.as_secs());
                    return Err(RestError::Limited { until });
                }
            }
            attempt += 1;
        }
    }

    /// Waits before asking again; after 429 everybody waits.
    async fn wait(&self, met: Met, wait: Duration, attempt: u32) {
        let gitlab = self.name();
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(gitlab, ?met, attempt, wait_ms, "asking GitLab again later");
        if met == Met::Status(429) {
            self.0.budget.pause(wait);
        } else {
            self.0.clock.sleep(wait).await;
        }
    }

    async fn once(&self, ask: Ask<'_>) -> Outcome {
        let Some(url) = self.origin().url(ask.path, ask.query) else {
            let result = Err(RestError::NotFound);
            return Outcome { met: Met::Status(404), hints: Hints::default(), result };
        };
        let request = self
            .0
            .http
            .request(ask.method.wire(), url)
            .header(AUTHORIZATION, self.0.settings.token.header())
            .header(ACCEPT, JSON);
        let request = match ask.body {
            Some(body) => request.header(CONTENT_TYPE, JSON).body(body.clone()),
            None => request,
        };
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let outcome = match request.send().await {
            Ok(response) => self.read(response).await,
            Err(error) => failed(error, Hints::default()),
        };
        let status = match outcome.met {
            Met::Status(status) => Some(status),
            Met::NoConnection | Met::NoAnswer => None,
        };
        self.0.instruments.gitlab_asked(ask.path, status);
        self.0.instruments.gitlab_budget(self.name(), self.0.budget.fullness());
        outcome
    }

    async fn read(&self, response: reqwest::Response) -> Outcome {
        let head = Head::of(&response, self.now());
        let body = match answer::body(response, BODY_LIMIT_BYTES).await {
            Ok(body) => body,
            Err(BadBody::Cut(error)) => return failed(error, head.hints),
            Err(BadBody::TooLarge) => {
                let result = Err(RestError::Unusable(Unusable::TooLarge));
                return Outcome { met: Met::Status(head.status), hints: head.hints, result };
            }
        };
        let (met, hints) = (Met::Status(head.status), head.hints);
        Outcome { met, hints, result: self.judged(head, body) }
    }

    /// An answer, or the refusal that it is.
    fn judged(&self, head: Head, body: Bytes) -> Result<Answer, RestError> {
        let Head { status, hints, next, location, is_json } = head;
        let said = || said::refusal(&body).map(|text| self.0.settings.token.taken_out_of(&text));
        match status {
            200..=299 if is_json || body.is_empty() => Ok(Answer { status, body, hints, next }),
            200..=299 => Err(RestError::Unusable(Unusable::NotJson)),
            300..=399 => {
                let host = location.and_then(|location| self.origin().host_of(&location));
                let host = host.unwrap_or_else(|| "another place".to_owned());
                Err(RestError::Moved { status, host })
            }
            401 => Err(RestError::Unauthorized),
            403 => Err(RestError::Forbidden { said: said() }),
            404 => Err(RestError::NotFound),
            status => Err(RestError::GitLab { status, said: said() }),
        }
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

fn failed(error: reqwest::Error, hints: Hints) -> Outcome {
    let met = if error.is_connect() { Met::NoConnection } else { Met::NoAnswer };
    Outcome { met, hints, result: Err(RestError::Transport(Cause::new(error))) }
}

/// A number from 0 to 1000 that nobody else draws at the same time.
fn luck() -> u32 {
    u32::try_from(RandomState::new().build_hasher().finish() % 1_001).unwrap_or(0)
}
