//! A start with a long past: from the process to `ready`, and the memory it takes.
//!
//! The store is filled through its own door with what months of hooks leave behind. The server is
//! started twice: the first start counts all of it into the lifetime totals, which happens once in
//! the life of a store; the second is the start that is measured.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::figures::{Bar, Figure, mebibytes};
use super::server::Served;
use super::wire::{self, Connection};
use super::{Bench, BenchError, machine};
use crate::cli::local;
use crate::cli::progress::Progress;
use crate::clock::Clock;
use crate::delivery::{Fact, InstanceId, ProjectId, ProjectKey, Timestamp};
use crate::demo::Past;
use crate::projection::PROJECTION_VERSION;
use crate::record::{Channel, Content, DeliveryKey, Entry, Kind, Record};
use crate::store::{Store, StoreSettings};

/// Limit of series: the one users have who set none.
const MAX_SERIES: u64 = 50_000;
/// Pasts reach back so far: a little more than the longest window.
const DAYS: u64 = 120;
/// Facts of one delivery; a push or a merge request gives about as many.
const FACTS_PER_DELIVERY: usize = 4;
/// Deliveries of one commit; larger ones are no faster.
const DELIVERIES_PER_COMMIT: usize = 4_096;
/// Bytes of a scrubbed delivery.
const RECORD_BYTES: usize = 700;
/// Longest wait for a first start, which counts everything once.
const PATIENCE: Duration = Duration::from_mins(10);
/// How often the server is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(5);

/// How much past there is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Length {
    pub(super) projects: u64,
    /// Of each project.
    pub(super) deployments: u64,
    /// Whether it is the length for which bars stand.
    pub(super) has_bars: bool,
}

/// The figures of a start; none beside a server that is not ours.
pub(super) async fn figures(bench: &Bench) -> Result<Vec<Figure>, BenchError> {
    if bench.product.served.is_none() {
        return Ok(Vec::new());
    }
    let stage = "a start with a past";
    measured(bench, stage).await.map_err(BenchError::io(stage))
}

async fn measured(bench: &Bench, stage: &'static str) -> io::Result<Vec<Figure>> {
    let (length, clock) = (bench.plan.past, &bench.clock);
    let folder = tempfile::Builder::new().prefix("gitlab-dora-bench-").tempdir()?;
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    local::prepare(folder.path(), anywhere, MAX_SERIES, "").map_err(io::Error::other)?;
    let mut progress = Progress::begin(stage, length.projects + 2, clock);
    let facts = fill(folder.path(), length, &**clock, &mut progress).map_err(io::Error::other)?;
    let (first, served) = started(folder.path(), clock).await?;
    drop(served);
    progress.step();
    let (second, served) = started(folder.path(), clock).await?;
    let resident = machine::resident_bytes(served.pid())?;
    let used = machine::processor_time(served.pid())?;
    progress.step();
    progress.end();
    let bar = |most: f64| if length.has_bars { Bar::AtMost(most) } else { Bar::None };
    let of = format!("{facts} facts of {} projects", length.projects);
    let seconds = |name: &str, time: Duration, bar, note| Figure {
        name: String::from(name),
        value: time.as_secs_f64(),
        decimals: 2,
        unit: "s",
        bar,
        note,
    };
    let cores = format!("{of}; {} s of processor time", used.as_secs_f64());
    let mut memory = mebibytes("  memory then", resident, 256.0, "resident, /proc");
    memory.bar = bar(256.0);
    Ok(vec![
        seconds("start to ready", second, bar(3.0), cores),
        memory,
        seconds("  the first start, which counts it all", first, Bar::None, of),
    ])
}

/// Starts the exporter on `folder` and waits until it is ready.
async fn started(folder: &Path, clock: &Arc<dyn Clock>) -> io::Result<(Duration, Served)> {
    let begun = clock.monotonic();
    let served = Served::start("product", Some(folder))?;
    let mut connection = Connection::open(served.address).await?;
    let request = wire::get("/-/ready", "identity");
    while clock.monotonic().duration_since(begun) < PATIENCE {
        if connection.ask(&request).await?.status == 200 {
            return Ok((clock.monotonic().duration_since(begun), served));
        }
        clock.sleep(ASK_EVERY).await;
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "it did not become ready"))
}

/// Fills the store in `folder`; how many facts it then holds.
fn fill(
    folder: &Path,
    length: Length,
    clock: &dyn Clock,
    progress: &mut Progress,
) -> Result<usize, crate::store::StoreError> {
    let store = Store::open(&StoreSettings::new(folder.join(local::STORE)))?;
    let instance = store.instance(local::GITLAB, None)?;
    let now = clock.now();
    let (mut facts, mut batch) = (0, Vec::new());
    for project in 1..=length.projects {
        let from = now.minus(DAYS * 86_400);
        let past = Past { project, deployments: length.deployments, from, until: now }.facts();
        facts += past.len();
        let Ok(number) = ProjectId::new(project) else { continue };
        let key = ProjectKey { instance, project: number };
        let past: Vec<Fact> = past.into_iter().map(|body| Fact { project: key, body }).collect();
        for (nth, said) in past.chunks(FACTS_PER_DELIVERY).enumerate() {
            batch.push(entry(instance, &format!("{project}-{nth}"), now, said.to_vec()));
        }
        if batch.len() >= DELIVERIES_PER_COMMIT || project == length.projects {
            store.commit(&batch, PROJECTION_VERSION)?;
            batch.clear();
        }
        progress.step();
    }
    store.close()?;
    Ok(facts)
}

fn entry(source: InstanceId, name: &str, at: Timestamp, facts: Vec<Fact>) -> Entry {
    let mut json = vec![b' '; RECORD_BYTES - 2];
    json.splice(0..0, *b"{}");
    let record = Record {
        instance: source,
        channel: Channel::Webhook,
        kind: Kind::new("push"),
        json: json.into(),
    };
    Entry {
        source,
        key: DeliveryKey::new(name.as_bytes()),
        received_ms: at.as_second() * 1_000,
        content: Content::Projected { record, facts },
    }
}
