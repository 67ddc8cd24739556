//! Load: a closed loop as fast as answers come, and an open one at a steady rate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::prepared::Requests;
use super::wire::Connection;
use crate::clock::Clock;

/// A connection that was idle for longer may be closed by the server at any moment.
const IDLE: Duration = Duration::from_secs(2);

/// What a load gave.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Answers by class: 2xx, everything else, no answer.
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) broken: u64,
    /// From the first request to the last answer.
    pub(super) elapsed: Duration,
    /// One per answer.
    pub(super) latencies: Vec<Duration>,
}

impl Outcome {
    /// Accepted requests per second.
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
    pub(super) fn per_second(&self) -> f64 {
        self.accepted as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Whether every request was accepted.
    pub(super) const fn is_clean(&self) -> bool {
        self.refused == 0 && self.broken == 0
    }

    fn count(&mut self, answer: &io::Result<u16>, latency: Duration) {
        match answer {
            Ok(200..=299) => self.accepted += 1,
            Ok(_) => self.refused += 1,
            Err(_) => self.broken += 1,
        }
        self.latencies.push(latency);
    }

    fn join(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.broken += other.broken;
        self.latencies.extend(other.latencies);
    }
}

/// Opens `count` connections.
///
/// # Errors
/// When the server does not take them.
pub(super) async fn connect(address: SocketAddr, count: usize) -> io::Result<Vec<Connection>> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        connections.push(Connection::open(address).await?);
    }
    Ok(connections)
}

/// Sends every request `times` times, each connection the next one as soon as it has an answer.
pub(super) async fn closed(
    connections: Vec<Connection>,
    requests: &Requests,
    times: usize,
    clock: &Arc<dyn Clock>,
) -> Outcome {
    let total = requests.len() * times;
    let next = Arc::new(AtomicUsize::new(0));
    let begun = clock.monotonic();
    let mut workers = JoinSet::new();
    for connection in connections {
        let (requests, next, clock) = (Arc::clone(requests), Arc::clone(&next), Arc::clone(clock));
        workers.spawn(async move { work(connection, &requests, (&next, total), &*clock).await });
    }
    let mut outcome = Outcome::default();
    while let Some(done) = workers.join_next().await {
        outcome.join(done.unwrap_or_default());
    }
    outcome.elapsed = clock.monotonic().duration_since(begun);
    outcome
}

async fn work(
    mut connection: Connection,
    requests: &Requests,
    (next, total): (&AtomicUsize, usize),
    clock: &dyn Clock,
) -> Outcome {
    let mut outcome = Outcome::default();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let request = number.checked_rem(requests.len()).and_then(|place| requests.get(place));
        let Some(request) = request.filter(|_| number < total) else { break };
        let asked = clock.monotonic();
        let answer = connection.ask(request).await.map(|answer| answer.status);
        outcome.count(&answer, clock.monotonic().duration_since(asked));
        if answer.is_err() {
            break;
        }
    }
    outcome
}

/// Sends the requests at `per_second`, whether or not the ones before were answered.
///
/// Latency counts from the instant at which a request was handed over, not from when it was due:
/// none waits for another, and the timer behind the pace is coarser than an answer takes.
pub(super) async fn open(
    address: SocketAddr,
    requests: &Requests,
    per_second: u32,
    clock: &Arc<dyn Clock>,
) -> Outcome {
    let pool = Arc::new(Mutex::new(Vec::new()));
    let begun = clock.monotonic();
    let mut asked = JoinSet::new();
    for (number, _) in requests.iter().enumerate() {
        let number32 = u32::try_from(number).unwrap_or(u32::MAX);
        let due = begun + Duration::from_secs(1) * number32 / per_second.max(1);
        let wait = due.saturating_duration_since(clock.monotonic());
        if !wait.is_zero() {
            clock.sleep(wait).await;
        }
        let (requests, pool, clock) = (Arc::clone(requests), Arc::clone(&pool), Arc::clone(clock));
        let handed_over = clock.monotonic();
        asked.spawn(async move {
            let answer = match requests.get(number) {
                Some(request) => ask_from(&pool, address, request, &*clock).await,
                None => Err(io::ErrorKind::NotFound.into()),
            };
            (answer, clock.monotonic().saturating_duration_since(handed_over))
        });
    }
    let mut outcome = Outcome::default();
    while let Some(done) = asked.join_next().await {
        if let Ok((answer, latency)) = done {
            outcome.count(&answer, latency);
        }
    }
    outcome.elapsed = clock.monotonic().duration_since(begun);
    outcome
}

/// Connections that wait for work, the last used on top, each with the instant of its last use.
type Pool = Mutex<Vec<(Connection, Instant)>>;

async fn ask_from(
    pool: &Pool,
    address: SocketAddr,
    request: &[u8],
    clock: &dyn Clock,
) -> io::Result<u16> {
    let idle = pool.lock().await.pop();
    let fresh = idle.filter(|(_, used)| clock.monotonic().duration_since(*used) < IDLE);
    let mut connection = match fresh {
        Some((connection, _)) => connection,
        None => Connection::open(address).await?,
    };
    let answer = connection.ask(request).await?;
    pool.lock().await.push((connection, clock.monotonic()));
    Ok(answer.status)
}

/// Asks for the same thing every `interval` until `stop` comes; how often it was answered 200.
pub(super) async fn every(
    address: SocketAddr,
    request: Vec<u8>,
    interval: Duration,
    clock: Arc<dyn Clock>,
    stop: Arc<tokio::sync::Notify>,
) -> io::Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut answered = 0;
    let mut due: Instant = clock.monotonic();
    loop {
        if connection.ask(&request).await?.status == 200 {
            answered += 1;
        }
        due += interval;
        let wait = due.saturating_duration_since(clock.monotonic());
        tokio::select! {
            () = stop.notified() => return Ok(answered),
            () = clock.sleep(wait) => {}
        }
    }
}
