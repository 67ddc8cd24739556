//! The body of a delivery: its limits, its pace and its deadline.
//!
//! What can be refused without the body is refused before it is read.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt};

use super::budget::{Budget, Reservation, Standing};
use super::problem::Problem;
use super::state::AppState;
use super::webhook::delivery_headers;
use crate::clock::Clock;

/// How much of a request is waited for, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Largest body, in bytes.
    pub bytes: usize,
    /// Memory for all bodies in flight, in bytes; at least one largest body.
    pub inflight_bytes: usize,
    /// Connections open at once.
    pub connections: usize,
    /// From the head of a request to its answer.
    pub deadline: Duration,
    /// Slowest average pace of a body, after [`grace`](Self::grace).
    pub bytes_per_second: u32,
    /// How long a body may keep below that pace at first: a lost packet is sent again within it.
    pub grace: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            // GitLab sends no larger one: 25 MiB.
            bytes: 26_214_400,
            // Ten of the largest, and what ordinary bodies on all connections may take.
            inflight_bytes: 256 << 20,
            connections: 1_024,
            // GitLab hangs up after 10 s.
            deadline: Duration::from_secs(8),
            bytes_per_second: 2_048,
            grace: Duration::from_secs(2),
        }
    }
}

/// A whole body, and until when its delivery must be answered.
#[derive(Debug)]
pub(super) struct DeliveryBody {
    /// The bytes as they came.
    pub(super) bytes: Bytes,
    /// When the head of the request had been read.
    pub(super) started: Instant,
    /// When the answer is due.
    pub(super) deadline: Instant,
}

impl FromRequest for DeliveryBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let Some(state) = request.app_data::<web::Data<AppState>>() else {
                unreachable!("every application is made with its state");
            };
            let read = match Reading::begin(state, &request) {
                Ok(reading) => reading.read(payload).await,
                Err(problem) => Err(problem),
            };
            read.inspect_err(|problem| state.refused(problem))
        })
    }
}

/// A body on its way in.
struct Reading<'a> {
    clock: &'a Arc<dyn Clock>,
    budget: &'a Budget,
    limits: BodyLimits,
    standing: Standing,
    /// As declared; the largest allowed where it is not.
    expected: usize,
    started: Instant,
    deadline: Instant,
    /// Time that the sender spent waiting for us.
    excused: Duration,
}

impl<'a> Reading<'a> {
    /// Refuses what needs no body to be refused.
    fn begin(state: &'a AppState, request: &HttpRequest) -> Result<Self, Problem> {
        let started = state.clock.monotonic();
        let (limits, headers) = (state.body_limits, request.headers());
        // An identity is no encoding; a header that cannot be read as text is none we know.
        let encoded = headers
            .get_all(header::CONTENT_ENCODING)
            .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
        if encoded {
            return Err(Problem::Encoded);
        }
        // The server has checked the framing already; what it could not read it has refused.
        let declared = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.trim().parse::<u64>().ok())
            .map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if declared.is_some_and(|length| length > limits.bytes) {
            return Err(Problem::TooLarge);
        }
        state.receiver.precheck(&delivery_headers(request)).map_err(Problem::Proof)?;
        let standing = if headers.contains_key("webhook-signature") {
            Standing::Claimed
        } else {
            Standing::Proved
        };
        Ok(Self {
            clock: &state.clock,
            budget: &state.budget,
            limits,
            standing,
            expected: declared.unwrap_or(limits.bytes),
            started,
            deadline: started.checked_add(limits.deadline).unwrap_or(started),
            excused: Duration::ZERO,
        })
    }

    async fn read(mut self, mut payload: Payload) -> Result<DeliveryBody, Problem> {
        let mut body = Gathered::Nothing;
        let mut reservation = None;
        while let Some(chunk) = self.next(&mut payload, body.len()).await? {
            let length = body.len().saturating_add(chunk.len());
            if length > self.limits.bytes {
                return Err(Problem::TooLarge);
            }
            if length > self.budget.free_bytes() && reservation.is_none() {
                reservation = Some(self.reserve().await?);
            }
            body.add(chunk);
        }
        let bytes = self.budget.bind(body.finish(), reservation);
        Ok(DeliveryBody { bytes, started: self.started, deadline: self.deadline })
    }

    /// The next part of the body, unless it comes too slowly.
    async fn next(&self, payload: &mut Payload, received: usize) -> Result<Option<Bytes>, Problem> {
        // A usual body has arrived with its head: no timer is needed for what is there.
        let arrived = payload.next().now_or_never();
        let chunk = if let Some(chunk) = arrived {
            chunk
        } else {
            let patience = self.due(received).saturating_duration_since(self.clock.monotonic());
            tokio::select! {
                biased;
                chunk = payload.next() => chunk,
                () = self.clock.sleep(patience) => return Err(Problem::Stalled),
            }
        };
        chunk.transpose().map_err(|_| Problem::Broken)
    }

    /// When the sender of `received` bytes will have been too slow.
    fn due(&self, received: usize) -> Instant {
        let earned = f64::from(u32::try_from(received).unwrap_or(u32::MAX))
            / f64::from(self.limits.bytes_per_second.max(1));
        let allowed = self.limits.grace + self.excused + Duration::from_secs_f64(earned);
        self.started.checked_add(allowed).unwrap_or(self.deadline).min(self.deadline)
    }

    async fn reserve(&mut self) -> Result<Reservation, Problem> {
        let asked_at = self.clock.monotonic();
        let left = self.deadline.saturating_duration_since(asked_at);
        let reservation = tokio::select! {
            biased;
            reservation = self.budget.reserve(self.expected, self.standing) => reservation,
            () = self.clock.sleep(left) => None,
        };
        self.excused += self.clock.monotonic().saturating_duration_since(asked_at);
        reservation.ok_or(Problem::NoRoom)
    }
}

/// What has come of a body. One part is kept as it is; several are copied together.
enum Gathered {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

impl Gathered {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(chunk) => chunk.len(),
            Self::Many(bytes) => bytes.len(),
        }
    }

    fn add(&mut self, chunk: Bytes) {
        *self = match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Self::One(chunk),
            Self::One(first) => {
                let mut bytes = BytesMut::from(first);
                bytes.extend_from_slice(&chunk);
                Self::Many(bytes)
            }
            Self::Many(mut bytes) => {
                bytes.extend_from_slice(&chunk);
                Self::Many(bytes)
            }
        };
    }

    fn finish(self) -> Bytes {
        match self {
            Self::Nothing => Bytes::new(),
            Self::One(chunk) => chunk,
            Self::Many(bytes) => bytes.freeze(),
        }
    }
}
