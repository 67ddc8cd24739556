//! The past of a large GitLab, read by `backfill`: how many requests and how much memory it takes.
//!
//! A tenth of the projects is read first, into a store of its own: memory that grew with the rows
//! would show in the second reading, of ten times as many.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::BenchError;
use super::figures::{Bar, Figure, mebibytes};
use super::gitlab::{COUNT_PATH, Town};
use super::machine;
use super::server::Served;
use super::wire::{self, Connection};
use crate::cli::local;
use crate::clock::Clock;
use crate::store::{Store, StoreSettings};

/// More than the past that the GitLab has.
const SINCE: &str = "90d";
/// How often the memory of the reader is looked at; its peak is kept by the system.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Requests that are made may be so many times those that must be.
const MOST_REQUESTS: f64 = 1.2;
/// Resident memory of a reader, in MiB, however long the past.
const MOST_MEMORY: f64 = 128.0;

/// What one reading came to.
struct Reading {
    elapsed: Duration,
    requests: u64,
    facts: u64,
    peak_bytes: u64,
    store_bytes: u64,
}

/// The figures of reading `town`, and a tenth of its projects before.
pub(super) async fn figures(town: Town, clock: &Arc<dyn Clock>) -> Result<Vec<Figure>, BenchError> {
    let stage = "a backfill";
    let tenth = Town { projects: (town.projects / 10).max(1), ..town };
    let mut readings = Vec::new();
    for town in [tenth, town] {
        readings.push((town, read(town, clock).await.map_err(BenchError::io(stage))?));
    }
    Ok(readings.iter().flat_map(|(town, reading)| reading.figures(*town)).collect())
}

/// Starts a GitLab of this size, and reads it to its end into a store of its own.
async fn read(town: Town, clock: &Arc<dyn Clock>) -> io::Result<Reading> {
    let folder = tempfile::Builder::new().prefix("gitlab-dora-bench-").tempdir()?;
    let gitlab = Served::gitlab(town)?;
    let config = folder.path().join("config.toml");
    let directory = folder.path().join(local::STORE);
    fs::write(&config, settings(&gitlab, &directory))?;
    let begun = clock.monotonic();
    let mut child = Command::new(std::env::current_exe()?)
        .args(["backfill", "--since", SINCE, "--config"])
        .arg(&config)
        .stdout(Stdio::null())
        .spawn()?;
    let mut peak_bytes = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_bytes = machine::peak_bytes(child.id()).unwrap_or(0).max(peak_bytes);
        clock.sleep(LOOK_EVERY).await;
    };
    let elapsed = clock.monotonic().duration_since(begun);
    if !status.success() {
        return Err(io::Error::other("the backfill failed"));
    }
    let mut connection = Connection::open(gitlab.address).await?;
    let (_, body) = connection.fetch(&wire::get(COUNT_PATH, "identity")).await?;
    let requests = String::from_utf8_lossy(&body).parse().map_err(io::Error::other)?;
    let store_bytes = bytes_in(&directory)?;
    let store = Store::open(&StoreSettings::new(&directory)).map_err(io::Error::other)?;
    let facts = store.digest().map_err(io::Error::other)?.facts;
    store.close().map_err(io::Error::other)?;
    Ok(Reading { elapsed, requests, facts, peak_bytes, store_bytes })
}

fn settings(gitlab: &Served, directory: &Path) -> String {
    format!(
        "[[gitlab]]\nname = \"bench\"\nurl = \"http://{}\"\ntoken = \"bench\"\n\
         secret_tokens = [\"a secret that no delivery of this run has\"]\n\
         requests_per_minute = 60000\nbackfill_since = \"off\"\n\n[store]\ndirectory = '{}'\n",
        gitlab.address,
        directory.display()
    )
}

/// The sizes of the files in a folder.
fn bytes_in(folder: &Path) -> io::Result<u64> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

impl Reading {
    #[expect(clippy::cast_precision_loss, reason = "ratios need no more than 52 bits")]
    fn figures(&self, town: Town) -> [Figure; 6] {
        let Town { projects, deployments, .. } = town;
        let number = |name: &str, value: f64, unit, note: String| Figure {
            name: String::from(name),
            value,
            decimals: 0,
            unit,
            bar: Bar::None,
            note,
        };
        let seconds = self.elapsed.as_secs_f64().max(1e-9);
        let (facts, requests) = (self.facts as f64, self.requests as f64);
        let fewest = town.fewest_requests();
        let of = format!("{deployments} deployments each, {} rows", town.rows());
        let note = format!("{requests} requests, where {fewest} must be");
        let mut ratio = number("  requests ÷ fewest", requests / fewest as f64, "", note);
        (ratio.decimals, ratio.bar) = (3, Bar::AtMost(MOST_REQUESTS));
        let store = mebibytes(
            "  store on disk",
            self.store_bytes,
            0.0,
            "journal, facts, and 64 MiB of ballast",
        );
        [
            number(&format!("backfill of {projects} projects"), seconds, "s", of),
            number("  facts", facts, "", format!("{:.0} requests a second", requests / seconds)),
            number("  facts a second", facts / seconds, "/s", String::from("each batch durable")),
            ratio,
            mebibytes("  memory, peak", self.peak_bytes, MOST_MEMORY, "resident, /proc"),
            Figure { bar: Bar::None, ..store },
        ]
    }
}
