//! Queue and writer together, over a commit that is told what to do.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use super::cost::bytes_of;
use super::{BatchLimits, Commit, End, Lane, NotDurable, Queue, QueueLimits, Writer, WriterParts};
use crate::clock::{Clock, FixedClock, SystemClock};
use crate::delivery::{InstanceId, Timestamp};
use crate::instruments::Instruments;
use crate::record::{Channel, Content, DeliveryKey, Entry, Kind, Record};
use crate::store::{Cause, Committed, Outcome, StoreError};

const PATIENCE: Duration = Duration::from_secs(8);

fn entry(key: &str) -> Entry {
    let source = InstanceId::new(1);
    let record = Record {
        instance: source,
        channel: Channel::Webhook,
        kind: Kind::new("deployment"),
        json: b"{}".as_slice().into(),
    };
    Entry {
        source,
        key: DeliveryKey::new(key.as_bytes()),
        received_ms: 0,
        content: Content::Projected { record, facts: Vec::new() },
    }
}

fn is_readable(entry: &Entry) -> bool {
    matches!(entry.content, Content::Projected { .. })
}

/// Polls once.
async fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
}

/// What a scripted store was asked to commit, by key, in order.
#[derive(Debug, Clone, Default)]
struct Ledger(Arc<Mutex<Vec<Vec<String>>>>);

impl Ledger {
    fn write(&self, batch: &[Entry]) {
        let keys = batch.iter().map(|entry| {
            let key = String::from_utf8_lossy(entry.key.as_bytes()).into_owned();
            if is_readable(entry) { key } else { format!("{key} unreadable") }
        });
        self.0.lock().unwrap().push(keys.collect());
    }

    fn batches(&self) -> Vec<Vec<String>> {
        self.0.lock().unwrap().clone()
    }
}

fn all_new(batch: &[Entry]) -> Committed {
    Committed { outcomes: vec![Outcome::New; batch.len()], changed: Vec::new() }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable(Cause::new("away"))
}

struct Bench {
    queue: Queue,
    writer: Writer,
    instruments: Arc<Instruments>,
    clock: Arc<dyn Clock>,
}

impl Bench {
    fn start(queue: Queue, clock: Arc<dyn Clock>, commit: Commit) -> Self {
        let instruments = Arc::new(Instruments::new());
        let writer = Writer::start(WriterParts {
            queue: queue.clone(),
            commit,
            feed: Arc::new(|_| {}),
            clock: Arc::clone(&clock),
            instruments: Arc::clone(&instruments),
            limits: BatchLimits::default(),
        });
        Self { queue, writer: writer.unwrap(), instruments, clock }
    }

    async fn submit(&self, key: &str) -> Result<Outcome, NotDurable> {
        self.queue.submit(entry(key), Lane::Live, self.clock.monotonic() + PATIENCE).await
    }

    /// How many calls to the store failed, by class, those that did.
    fn failures(&self) -> Vec<(String, f64)> {
        let families = self.instruments.gather();
        let name = "gitlab_dora_exporter_store_errors_total";
        let own = families.iter().filter(|family| family.name() == name);
        own.flat_map(prometheus::proto::MetricFamily::get_metric)
            .map(|metric| {
                (metric.get_label()[0].value().to_owned(), metric.get_counter().get_value())
            })
            .filter(|(_, count)| *count > 0.0)
            .collect()
    }

    async fn stop(mut self) -> End {
        self.queue.close(self.clock.monotonic() + Duration::from_millis(50));
        self.writer.ended().await
    }
}

fn queue(limits: QueueLimits, clock: &Arc<dyn Clock>) -> Queue {
    Queue::new(limits, Arc::clone(clock), Arc::new(Instruments::new()))
}

/// Starts a writer whose commit answers by `script`, then always with success.
fn scripted(script: impl IntoIterator<Item = Result<(), StoreError>>) -> (Bench, Ledger) {
    let mut script: VecDeque<_> = script.into_iter().collect();
    let ledger = Ledger::default();
    let written = ledger.clone();
    let commit = Box::new(move |batch: &[Entry]| {
        script.pop_front().unwrap_or(Ok(()))?;
        written.write(batch);
        Ok(all_new(batch))
    });
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    (Bench::start(queue(QueueLimits::default(), &clock), clock, commit), ledger)
}

#[tokio::test]
async fn an_entry_is_acknowledged_after_its_commit() {
    let (bench, ledger) = scripted([]);
    assert_eq!(bench.submit("a").await, Ok(Outcome::New));
    assert_eq!(ledger.batches(), [["a"]]);
    assert!(matches!(bench.stop().await, End::Drained));
}

#[tokio::test]
async fn a_store_that_is_away_for_a_moment_costs_nothing_but_time() {
    let (bench, ledger) = scripted([Err(unavailable()), Err(unavailable())]);
    assert_eq!(bench.submit("a").await, Ok(Outcome::New));
    assert_eq!(ledger.batches(), [["a"]]);
}

#[tokio::test]
async fn a_failing_disk_ends_the_writer_and_acknowledges_nobody() {
    let (mut bench, ledger) = scripted([Err(StoreError::Failing(Cause::new("io")))]);
    assert_eq!(bench.submit("a").await, Err(NotDurable::WriterGone));
    assert!(matches!(bench.writer.ended().await, End::Failing(_)));
    assert_eq!(bench.submit("b").await, Err(NotDurable::Stopping));
    assert!(ledger.batches().is_empty());
}

#[tokio::test]
async fn a_panicking_writer_acknowledges_nobody() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let queue = queue(QueueLimits::default(), &clock);
    let mut bench = Bench::start(queue, clock, Box::new(|_| panic!("a defect")));
    assert_eq!(bench.submit("a").await, Err(NotDurable::WriterGone));
    assert!(matches!(bench.writer.ended().await, End::Panicked));
}

#[tokio::test]
async fn one_entry_that_the_store_will_not_take_does_not_fail_the_others() {
    let ledger = Ledger::default();
    let written = ledger.clone();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let commit = Box::new(move |batch: &[Entry]| {
        let _ = gate.recv();
        let poisoned = |entry: &Entry| entry.key.as_bytes() == b"poison" && is_readable(entry);
        if batch.iter().any(poisoned) {
            return Err(StoreError::Rejected(Cause::new("constraint")));
        }
        written.write(batch);
        Ok(all_new(batch))
    });
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let bench = Bench::start(queue(QueueLimits::default(), &clock), clock, commit);

    let first = bench.submit("first");
    let rest = futures_util::future::join_all(["b", "poison", "c"].map(|key| bench.submit(key)));
    let (first, rest, ()) = tokio::join!(first, rest, async { drop(open) });

    assert_eq!((first, rest), (Ok(Outcome::New), vec![Ok(Outcome::New); 3]));
    let mut keys = ledger.batches().concat();
    keys.sort();
    assert_eq!(keys, ["b", "c", "first", "poison unreadable"]);
    let classes: Vec<_> = bench.failures().into_iter().map(|(class, _)| class).collect();
    assert_eq!(classes, ["rejected"]);
}

#[tokio::test]
async fn entries_that_come_during_a_commit_are_committed_together() {
    let ledger = Ledger::default();
    let written = ledger.clone();
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let commit = Box::new(move |batch: &[Entry]| {
        written.write(batch);
        let _ = gate.recv();
        Ok(all_new(batch))
    });
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let bench = Bench::start(queue(QueueLimits::default(), &clock), clock, commit);

    let first = bench.submit("first");
    let others = async {
        while ledger.batches().is_empty() {
            tokio::task::yield_now().await;
        }
        let keys: Vec<String> = (0..5).map(|number| number.to_string()).collect();
        let submitted = keys.iter().map(|key| bench.submit(key));
        let waiting = futures_util::future::join_all(submitted);
        tokio::join!(waiting, async { drop(open) })
    };
    tokio::join!(first, others).0.unwrap();
    assert_eq!(ledger.batches(), [vec!["first"], vec!["0", "1", "2", "3", "4"]]);
}

/// A queue that nobody reads, on a clock that stands still.
fn unread(limits: QueueLimits) -> (Queue, Arc<FixedClock>) {
    let clock = Arc::new(FixedClock::at(Timestamp::from_second(0)));
    let shared: Arc<dyn Clock> = clock.clone();
    (queue(limits, &shared), clock)
}

#[tokio::test]
async fn who_finds_no_room_waits_until_the_deadline_and_not_longer() {
    let (queue, clock) = unread(QueueLimits { entries: 1, bytes: 1_000 });
    let deadline = clock.monotonic() + PATIENCE;
    let first = tokio::spawn({
        let queue = queue.clone();
        async move { queue.submit(entry("a"), Lane::Live, deadline).await }
    });
    let second = tokio::spawn({
        let queue = queue.clone();
        async move { queue.submit(entry("b"), Lane::Live, deadline).await }
    });
    while clock.sleepers() < 2 {
        tokio::task::yield_now().await;
    }
    clock.advance(PATIENCE);
    assert_eq!(first.await.unwrap(), Err(NotDurable::TooLate));
    assert_eq!(second.await.unwrap(), Err(NotDurable::NoRoom));
}

#[tokio::test]
async fn an_entry_is_the_queues_even_when_its_sender_leaves_while_it_waits_for_room() {
    let (queue, clock) = unread(QueueLimits { entries: 1, bytes: 1_000 });
    let deadline = clock.monotonic() + PATIENCE;
    for key in ["a", "b"] {
        let mut submitted = Box::pin(queue.submit(entry(key), Lane::Live, deadline));
        assert!(poll(&mut submitted).await.is_pending());
        tokio::task::yield_now().await;
    }
    let ledger = Ledger::default();
    let written = ledger.clone();
    let commit = Box::new(move |batch: &[Entry]| {
        written.write(batch);
        Ok(all_new(batch))
    });
    let bench = Bench::start(queue, clock, commit);
    assert_eq!(bench.submit("c").await, Ok(Outcome::New));
    assert_eq!(ledger.batches().concat(), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_large_entry_takes_the_room_of_many_small_ones() {
    let mut large = entry("large");
    let Content::Projected { record, .. } = &mut large.content else { unreachable!() };
    record.json = vec![b' '; 4_000].into();
    let bytes = u32::try_from(bytes_of(&large)).unwrap();

    let (queue, clock) = unread(QueueLimits { entries: 100, bytes: bytes + 100 });
    let deadline = clock.monotonic() + PATIENCE;
    let mut first = Box::pin(queue.submit(large, Lane::Live, deadline));
    assert!(poll(&mut first).await.is_pending());
    let mut second = Box::pin(queue.submit(entry("small"), Lane::Live, deadline));
    assert!(poll(&mut second).await.is_pending());
    while clock.sleepers() < 2 {
        tokio::task::yield_now().await;
    }
    clock.advance(PATIENCE);
    assert_eq!((first.await, second.await), (Err(NotDurable::TooLate), Err(NotDurable::NoRoom)));
}

#[tokio::test]
async fn closing_drains_what_is_queued_and_takes_nothing_more() {
    let (bench, ledger) = scripted([]);
    let deadline = bench.clock.monotonic() + PATIENCE;
    let queue = bench.queue.clone();
    let mut queued = Box::pin(queue.submit(entry("a"), Lane::Live, deadline));
    let _ = poll(&mut queued).await;
    assert!(matches!(bench.stop().await, End::Drained));
    assert_eq!(queued.await, Ok(Outcome::New));
    assert_eq!(queue.submit(entry("b"), Lane::Live, deadline).await, Err(NotDurable::Stopping));
    assert_eq!(ledger.batches().concat(), ["a"]);
}

#[tokio::test]
async fn a_store_that_stays_away_does_not_hold_up_the_end() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let queue = queue(QueueLimits::default(), &clock);
    let bench = Bench::start(queue.clone(), clock, Box::new(|_| Err(unavailable())));
    let deadline = bench.clock.monotonic() + PATIENCE;
    let mut queued = Box::pin(queue.submit(entry("a"), Lane::Live, deadline));
    assert!(poll(&mut queued).await.is_pending());
    assert!(matches!(bench.stop().await, End::GaveUp));
    assert_eq!(queued.await, Err(NotDurable::Stopping));
}

#[tokio::test]
async fn what_was_asked_for_waits_for_what_was_sent_and_takes_none_of_its_room() {
    let (queue, clock) = unread(QueueLimits { entries: 4, bytes: 40_000 });
    let deadline = clock.monotonic() + PATIENCE;
    let mut waiting = Vec::new();
    // More than both lanes together have room for, were there one.
    for number in 0..600 {
        let entry = entry(&format!("asked-{number}"));
        let mut asked = Box::pin(queue.submit(entry, Lane::Backfill, deadline));
        assert!(poll(&mut asked).await.is_pending());
        waiting.push(asked);
    }
    let ledger = Ledger::default();
    let written = ledger.clone();
    let commit = Box::new(move |batch: &[Entry]| {
        written.write(batch);
        Ok(all_new(batch))
    });
    for key in ["a", "b"] {
        let mut sent = Box::pin(queue.submit(entry(key), Lane::Live, deadline));
        assert!(poll(&mut sent).await.is_pending());
    }
    let bench = Bench::start(queue.clone(), clock, commit);
    for asked in waiting {
        assert_eq!(asked.await, Ok(Outcome::New));
    }
    let batches = ledger.batches();
    assert_eq!(batches[0][..3], ["a", "b", "asked-0"]);
    assert!(batches.iter().all(|batch| batch.len() <= 66), "{:?}", batches[0].len());
    assert_eq!(batches.concat().len(), 602);
    drop(bench);
}
