//! What is measured, stage by stage; the two sides of a ratio take turns.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::figures::{Bar, Figure, Rounds, at_per_mille, mebibytes, milliseconds};
use super::load::{self, Outcome};
use super::machine::{self, Shares};
use super::prepared::Hooks;
use super::server::Served;
use super::wire::{self, Connection};
use super::{Bench, BenchError};
use crate::cli::demo::numbers::measured_at;
use crate::cli::progress::Progress;
use crate::delivery::Timestamp;

/// Connections of the ingest stages, as in the bars.
const CONNECTIONS: usize = 64;
/// Connections of the burst.
const BURST_CONNECTIONS: usize = 256;
/// How often the bare handler gets the same requests: it is fast, and has nothing to remember.
const BARE_TIMES: usize = 3;
/// The steady rate.
const PER_SECOND: u32 = 200;
/// Connections of the scrape stages.
const SCRAPERS: usize = 4;
/// A snapshot is made every 15 s; this is long enough to see the next, on a busy machine too.
const SNAPSHOT_PATIENCE: Duration = Duration::from_mins(1);

/// All stages, in an order in which each finds what it needs.
pub(super) async fn all(bench: &mut Bench) -> Result<Vec<Figure>, BenchError> {
    let mut figures = Vec::new();
    figures.extend(memory(bench, "memory, idle", 48.0));
    figures.extend(ingest(bench, Hooks::Deployments, 0.20).await?);
    let all_projects_known = bench.clock.now();
    figures.extend(ingest(bench, Hooks::Pipelines, 0.10).await?);
    figures.extend(latency(bench).await?);
    figures.push(burst(bench).await?);
    figures.extend(scrapes(bench, all_projects_known).await?);
    figures.push(ingest_while_scraped(bench).await?);
    figures.extend(memory(bench, "memory, after all of this", 256.0));
    Ok(figures)
}

fn memory(bench: &Bench, name: &str, most: f64) -> Option<Figure> {
    let pid = bench.product.served.as_ref()?.pid();
    let bytes = machine::resident_bytes(pid).ok()?;
    Some(mebibytes(name, bytes, most, "resident, /proc"))
}

fn clean(outcome: Outcome, stage: &'static str) -> Result<Outcome, BenchError> {
    if outcome.is_clean() {
        return Ok(outcome);
    }
    Err(BenchError::Refused { stage, refused: outcome.refused, broken: outcome.broken })
}

/// Requests per second of the product and of the bare handler, in turn.
async fn ingest(bench: &mut Bench, hooks: Hooks, least: f64) -> Result<Vec<Figure>, BenchError> {
    let stage = hooks.name();
    let failed = || BenchError::io(stage);
    let count = match hooks {
        Hooks::Deployments => bench.plan.deployments,
        Hooks::Pipelines => bench.plan.pipelines,
    };
    let (mut ours, mut theirs, mut ratios) =
        (Rounds::default(), Rounds::default(), Rounds::default());
    let (mut server_cores, mut generator_cores) = (Rounds::default(), Rounds::default());
    let rounds = u64::try_from(bench.plan.rounds).unwrap_or(u64::MAX);
    let mut progress = Progress::begin(stage, rounds, &bench.clock);
    for _ in 0..bench.plan.rounds {
        let requests = bench.press.make(hooks, count);
        let bare = match &bench.bare {
            Some(bare) => {
                let connections =
                    load::connect(bare.address, CONNECTIONS).await.map_err(failed())?;
                let outcome = load::closed(connections, &requests, BARE_TIMES, &bench.clock).await;
                Some(clean(outcome, stage)?.per_second())
            }
            None => None,
        };
        let address = bench.product.address;
        let connections = load::connect(address, CONNECTIONS).await.map_err(failed())?;
        let pid = bench.product.served.as_ref().map(Served::pid);
        let look = || pid.map(|pid| Shares::look(pid, &*bench.clock)).transpose();
        let before = look().map_err(failed())?;
        let outcome = load::closed(connections, &requests, 1, &bench.clock).await;
        let after = look().map_err(failed())?;
        let rate = clean(outcome, stage)?.per_second();
        ours.push(rate);
        if let Some(bare) = bare {
            theirs.push(bare);
            ratios.push(rate / bare);
        }
        if let (Some(before), Some(after)) = (before, after) {
            let (server, generator) = after.since(&before);
            server_cores.push(server);
            generator_cores.push(generator);
        }
        progress.step();
    }
    progress.end();
    let mut cores = String::new();
    if bench.product.served.is_some() {
        let (server, generator) = (server_cores.median(), generator_cores.median());
        cores = format!("{server:.2} cores the server, {generator:.2} the generator");
    }
    let mut figures = vec![rate(format!("{stage}, {CONNECTIONS} connections"), &ours, &cores)];
    if bench.bare.is_some() {
        figures.push(rate(String::from("  bare handler, same requests"), &theirs, ""));
        figures.push(ratio(String::from("  ratio"), &ratios, least));
    }
    Ok(figures)
}

/// How long an acknowledgement takes at a steady rate, and what one fdatasync of the same disk
/// takes at that rate: in turn.
async fn latency(bench: &mut Bench) -> Result<Vec<Figure>, BenchError> {
    let stage = "steady latency";
    let failed = || BenchError::io(stage);
    let folder = bench.product.folder.as_ref().map(|folder| folder.path().to_owned());
    let rounds = u64::try_from(bench.plan.rounds).unwrap_or(u64::MAX).max(1);
    let per_round = u64::from(bench.plan.steady_seconds * PER_SECOND) / rounds;
    let (mut acknowledged, mut rested, mut pressed) = (Vec::new(), Vec::new(), Vec::new());
    if folder.is_some() {
        // What the stages before left behind is measured and counted: this one is steady.
        snapshot_after(bench.clock.now(), bench).await.map_err(failed())?;
    }
    let mut progress = Progress::begin(stage, rounds, &bench.clock);
    for _ in 0..rounds {
        if let Some(folder) = &folder {
            let pace = Duration::from_secs(1) / PER_SECOND;
            rested.extend(machine::syncs(folder, pace, &*bench.clock).await.map_err(failed())?);
            let none = Duration::ZERO;
            pressed.extend(machine::syncs(folder, none, &*bench.clock).await.map_err(failed())?);
        }
        let requests = bench.press.make(Hooks::Deployments, per_round);
        let outcome = load::open(bench.product.address, &requests, PER_SECOND, &bench.clock).await;
        acknowledged.extend(clean(outcome, stage)?.latencies);
        progress.step();
    }
    progress.end();
    for times in [&mut acknowledged, &mut rested, &mut pressed] {
        times.sort_unstable();
    }
    let [rested, pressed] = [&rested, &pressed].map(|times| at_per_mille(times, 500));
    let milli = |time: Duration| brief(time.as_secs_f64() * 1e3, 2);
    let one_sync =
        format!("one fdatasync {} ms, right after another {} ms", milli(rested), milli(pressed));
    let mut figures = Vec::new();
    for (name, per_mille, times) in [("p50", 500, 3.0), ("p99", 990, 10.0)] {
        let latency = at_per_mille(&acknowledged, per_mille);
        let made_of = format!("{} deliveries at {PER_SECOND}/s", acknowledged.len());
        figures.push(milliseconds(format!("acknowledgement {name}"), latency, Bar::None, made_of));
        if !rested.is_zero() {
            figures.push(Figure {
                name: format!("  ÷ one fdatasync (p50), {name}"),
                value: latency.as_secs_f64() / rested.as_secs_f64(),
                decimals: 1,
                unit: "",
                bar: Bar::AtMost(times),
                note: one_sync.clone(),
            });
        }
    }
    Ok(figures)
}

/// Everything at once: nothing may be refused, and nothing may take longer than GitLab waits.
async fn burst(bench: &mut Bench) -> Result<Figure, BenchError> {
    let stage = "burst";
    let requests = bench.press.make(Hooks::Deployments, bench.plan.burst);
    let mut progress = Progress::begin(stage, 1, &bench.clock);
    let address = bench.product.address;
    let connections = load::connect(address, BURST_CONNECTIONS).await;
    let connections = connections.map_err(BenchError::io(stage))?;
    let outcome = clean(load::closed(connections, &requests, 1, &bench.clock).await, stage)?;
    progress.step();
    progress.end();
    // The last answer comes when the load ends: no delivery of the burst waited longer.
    let name = format!("burst of {} on {BURST_CONNECTIONS} connections", bench.plan.burst);
    let worst = outcome.latencies.iter().max().copied().unwrap_or_default();
    let made_of =
        format!("no refusal; the slowest single answer {} ms", brief(worst.as_secs_f64() * 1e3, 0));
    Ok(milliseconds(name, outcome.elapsed, Bar::AtMost(8_000.0), made_of))
}

/// A scrape of the product ÷ the same bytes from a static buffer, plain and compressed.
async fn scrapes(bench: &Bench, known_at: Timestamp) -> Result<Vec<Figure>, BenchError> {
    let Some(folder) = &bench.product.folder else { return Ok(Vec::new()) };
    let stage = "scrapes";
    snapshot_after(known_at, bench).await.map_err(BenchError::io(stage))?;
    let mut figures = Vec::new();
    // A compressed scrape is some twenty times smaller: as many more make rounds of equal length.
    for (encoding, name, times) in [("identity", "plain", 1), ("gzip", "compressed", 20)] {
        let request = wire::get("/metrics", encoding);
        let failed = || BenchError::io(stage);
        let mut first = Connection::open(bench.product.address).await.map_err(failed())?;
        let (answer, body) = first.fetch(&request).await.map_err(failed())?;
        let file = folder.path().join(format!("scrape-{name}"));
        std::fs::write(&file, &body).map_err(failed())?;
        let yardstick = Served::start("static", Some(&file)).map_err(failed())?;
        if encoding == "identity" {
            figures.push(series(&body));
        }
        let (mut ours, mut ratios) = (Rounds::default(), Rounds::default());
        let rounds = u64::try_from(bench.plan.rounds).unwrap_or(u64::MAX);
        let mut progress = Progress::begin(stage, rounds, &bench.clock);
        for _ in 0..bench.plan.rounds {
            let requests = Arc::from([request.clone()]);
            let mut rates = Vec::new();
            for address in [yardstick.address, bench.product.address] {
                let connections = load::connect(address, SCRAPERS).await.map_err(failed())?;
                let count = bench.plan.scrapes * times;
                let outcome = load::closed(connections, &requests, count, &bench.clock).await;
                rates.push(clean(outcome, stage)?.per_second());
            }
            if let [theirs, own] = rates.as_slice() {
                ours.push(*own);
                ratios.push(own / theirs);
            }
            progress.step();
        }
        progress.end();
        let mebibytes =
            brief(f64::from(u32::try_from(answer.body_bytes).unwrap_or(u32::MAX)) / 1_048_576.0, 2);
        figures.push(rate(format!("scrapes, {name}"), &ours, &format!("{mebibytes} MiB each")));
        figures.push(ratio(String::from("  ÷ static buffer"), &ratios, 0.8));
    }
    Ok(figures)
}

/// Waits for a snapshot of what was delivered before `known_at`.
async fn snapshot_after(known_at: Timestamp, bench: &Bench) -> io::Result<()> {
    let mut connection = Connection::open(bench.product.address).await?;
    let request = wire::get("/metrics", "identity");
    let give_up = bench.clock.monotonic() + SNAPSHOT_PATIENCE;
    while bench.clock.monotonic() < give_up {
        let (_, body) = connection.fetch(&request).await?;
        if measured_at(&String::from_utf8_lossy(&body)).is_some_and(|at| at > known_at) {
            return Ok(());
        }
        bench.clock.sleep(Duration::from_millis(500)).await;
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "no new snapshot came"))
}

fn series(body: &[u8]) -> Figure {
    let lines = body.split(|byte| *byte == b'\n');
    let series = lines.filter(|line| line.first().is_some_and(|first| *first != b'#')).count();
    Figure {
        name: String::from("series in a scrape"),
        value: f64::from(u32::try_from(series).unwrap_or(u32::MAX)),
        decimals: 0,
        unit: "",
        bar: Bar::None,
        note: String::from("the bars want 100 000; --projects sets it"),
    }
}

/// The rate of ingest while somebody scrapes every second ÷ the rate without.
async fn ingest_while_scraped(bench: &mut Bench) -> Result<Figure, BenchError> {
    let stage = "ingest while scraped";
    let failed = || BenchError::io(stage);
    let address = bench.product.address;
    let mut ratios = Rounds::default();
    let mut answered_scrapes = 0;
    let rounds = u64::try_from(bench.plan.rounds).unwrap_or(u64::MAX);
    let mut progress = Progress::begin(stage, rounds, &bench.clock);
    for _ in 0..bench.plan.rounds {
        let mut rates = Vec::new();
        for with_scrapes in [false, true] {
            let requests = bench.press.make(Hooks::Deployments, bench.plan.deployments);
            let connections = load::connect(address, CONNECTIONS).await.map_err(failed())?;
            let stop = Arc::new(Notify::new());
            let scraper = with_scrapes.then(|| {
                let (clock, stop) = (Arc::clone(&bench.clock), Arc::clone(&stop));
                let request = wire::get("/metrics", "gzip");
                tokio::spawn(load::every(address, request, Duration::from_secs(1), clock, stop))
            });
            let outcome = load::closed(connections, &requests, 1, &bench.clock).await;
            rates.push(clean(outcome, stage)?.per_second());
            if let Some(scraper) = scraper {
                stop.notify_one();
                let answered = scraper.await.map_err(io::Error::other).map_err(failed())?;
                answered_scrapes += answered.map_err(failed())?;
            }
        }
        if let [without, with] = rates.as_slice() {
            ratios.push(with / without);
        }
        progress.step();
    }
    progress.end();
    let mut figure = ratio(String::from("ingest while scraped ÷ without"), &ratios, 0.9);
    figure.note = format!("{}; {answered_scrapes} scrapes, one a second", figure.note);
    Ok(figure)
}

fn rate(name: String, rounds: &Rounds, note: &str) -> Figure {
    let (low, high) = rounds.spread();
    let note = format!("{}…{} {note}", brief(low, 0), brief(high, 0)).trim().to_owned();
    Figure { name, value: rounds.median(), decimals: 0, unit: "/s", bar: Bar::None, note }
}

fn ratio(name: String, rounds: &Rounds, least: f64) -> Figure {
    let (low, high) = rounds.spread();
    let note = format!("{}…{}", brief(low, 2), brief(high, 2));
    let (value, bar) = (rounds.median(), Bar::AtLeast(least));
    Figure { name, value, decimals: 2, unit: "", bar, note }
}

fn brief(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}
