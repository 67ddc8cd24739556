//! The store: whether it can be read and believed, and on what disk it is.

use super::finding::{Area, Findings};
use super::kept::Kept;
use super::serving::Serving;
use crate::cli::exit::Exit;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Settings;
use crate::store::{Condition, Glance, Ground, StoreError, StoreSettings, Trial};
use crate::words::diagnoses::Told;
use crate::words::diagnoses::here::{
    DISK_HONEST, DISK_SLOW, DISK_TOO_FAST, DISK_UNTRIED, STORE_ABSENT, STORE_AWAY, STORE_DAMAGED,
    STORE_DOUBTFUL_DISK, STORE_DURABLE, STORE_FOREIGN_WRITER, STORE_IN_MEMORY, STORE_LOG,
    STORE_LONG_LOG, STORE_MISPLACED, STORE_MODE, STORE_NO_RESERVE, STORE_NOT_DURABLE,
    STORE_OTHER_VERSION, STORE_READABLE, STORE_ROOM, STORE_SHORT, STORE_SOUND, STORE_UNCHECKED,
    STORE_UNCLEAN,
};

const AREA: Area = Area::Store;
/// A database of this size is looked through in about a second: the exporter's log cannot be copied
/// back meanwhile.
const CHECKED_BYTES: u64 = 256 << 20;
/// The exporter keeps its log below a quarter of it, unless somebody reads for long.
const LONG_LOG_BYTES: u64 = 256 << 20;
/// Enough for a mean, and over within a second on a spinning disk.
const FLUSHES: u32 = 100;
/// Trying ends after so long.
const TRIAL_MICROS: u128 = 2_000_000;
/// No disk is faster: what is, does not flush.
const TOO_FAST_MICROS: u128 = 20;
/// A tenth of a second a commit lets deliveries queue up.
const SLOW_MICROS: u128 = 100_000;

/// Looks into the store; `None` when there is none to look into.
pub(super) fn look(
    settings: &Settings,
    serving: &Serving,
    is_deep: bool,
    findings: &mut Findings,
) -> Option<Kept> {
    let directory = &settings.storage.directory;
    let looked = Glance::open(&StoreSettings::new(directory)).and_then(|store| {
        if findings.want(AREA) {
            let ground = store.ground()?;
            on_ground(&ground, findings);
            let condition = store.condition();
            durable(&condition, serving, findings);
            files(&condition, serving, findings);
            damage(&store, &condition, is_deep, findings)?;
            disk(settings, serving, &condition, findings);
        }
        Kept::read(&store)
    });
    match looked {
        Ok(kept) => {
            let projects = kept.projects.len().to_string();
            findings.ok(AREA, STORE_READABLE.of([&projects]));
            Some(kept)
        }
        Err(error) => {
            findings.fail(Exit::StoreUnavailable, AREA, unusable(&error, directory.is_dir()));
            None
        }
    }
}

fn unusable(error: &StoreError, has_directory: bool) -> Told {
    let causes = std::iter::successors(std::error::Error::source(error), |e| e.source());
    let what = causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"));
    let diagnosis = match error {
        StoreError::Unreadable { path, .. } if !path.exists() || !has_directory => STORE_ABSENT,
        StoreError::Unreadable { .. } => STORE_DAMAGED,
        StoreError::Schema { .. } => STORE_OTHER_VERSION,
        StoreError::Misplaced { .. } | StoreError::Unsafe(_) => STORE_MISPLACED,
        _ => STORE_AWAY,
    };
    diagnosis.of([&what])
}

fn on_ground(ground: &Ground, findings: &mut Findings) {
    let free = mebibytes(ground.free_bytes);
    let of = [free.as_str(), ground.file_system];
    if ground.is_short {
        findings.warn(AREA, STORE_SHORT.of(of));
    } else {
        findings.ok(AREA, STORE_ROOM.of(of));
    }
    if ground.is_memory {
        findings.warn(AREA, STORE_IN_MEMORY.of([]));
    }
    if let Some(caution) = ground.caution {
        findings.warn(AREA, STORE_DOUBTFUL_DISK.of([caution]));
    }
}

/// What durability rests on: by the file itself, and by what the running exporter read back.
fn durable(condition: &Condition, serving: &Serving, findings: &mut Findings) {
    if let Some(version) = &condition.unsafe_writer {
        findings.warn(AREA, STORE_FOREIGN_WRITER.of([version]));
    }
    let label = |name| serving.label("gitlab_dora_exporter_store_info", name);
    let in_force = (label("journal_mode"), label("synchronous"), label("sqlite"));
    match in_force {
        _ if !condition.has_log => {
            let told = STORE_NOT_DURABLE.of(["journal_mode is not wal"]);
            findings.fail(Exit::Failed, AREA, told);
        }
        (Some(mode), Some(synchronous), Some(sqlite)) => {
            let said = format!("journal_mode {mode}, synchronous {synchronous}");
            if (mode.as_str(), synchronous.as_str()) == ("wal", "full") {
                findings.ok(AREA, STORE_DURABLE.of([&sqlite, &said]));
            } else {
                findings.fail(Exit::Failed, AREA, STORE_NOT_DURABLE.of([&said]));
            }
        }
        _ => findings.ok(AREA, STORE_MODE.of([condition.sqlite])),
    }
}

fn files(condition: &Condition, serving: &Serving, findings: &mut Findings) {
    let log = mebibytes(condition.log_bytes);
    if condition.log_bytes > LONG_LOG_BYTES {
        findings.warn(AREA, STORE_LONG_LOG.of([&log]));
    } else {
        findings.ok(AREA, STORE_LOG.of([&log]));
    }
    if !condition.has_reserve {
        findings.note(AREA, STORE_NO_RESERVE.of([]));
    }
    if condition.is_open && !serving.is_running() {
        findings.warn(AREA, STORE_UNCLEAN.of([]));
    }
}

fn damage(
    store: &Glance,
    condition: &Condition,
    is_deep: bool,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    if condition.database_bytes > CHECKED_BYTES && !is_deep {
        findings.note(AREA, STORE_UNCHECKED.of([&mebibytes(condition.database_bytes)]));
        return Ok(());
    }
    store.check()?;
    findings.ok(AREA, STORE_SOUND.of([]));
    Ok(())
}

/// How long a flush takes. A running exporter tells it by its own commits: a hundred more would make
/// deliveries wait.
fn disk(settings: &Settings, serving: &Serving, condition: &Condition, findings: &mut Findings) {
    let (flushes, micros) = if serving.is_running() || condition.is_open {
        let number =
            |part| serving.number(&format!("gitlab_dora_exporter_commit_duration_seconds_{part}"));
        let (Some(sum), Some(count)) = (number("sum"), number("count").filter(|own| *own > 0.0))
        else {
            return;
        };
        let micros = std::time::Duration::try_from_secs_f64(sum / count).unwrap_or_default();
        (count.to_string(), micros.as_micros())
    } else {
        match trial(settings) {
            Ok((flushes, micros)) => (flushes.to_string(), micros),
            Err(error) => return findings.note(AREA, DISK_UNTRIED.of([&error.to_string()])),
        }
    };
    let took = micros.to_string();
    let of = [flushes.as_str(), took.as_str()];
    if micros < TOO_FAST_MICROS {
        findings.warn(AREA, DISK_TOO_FAST.of(of));
    } else if micros > SLOW_MICROS {
        findings.warn(AREA, DISK_SLOW.of(of));
    } else {
        findings.ok(AREA, DISK_HONEST.of(of));
    }
}

/// How many flushes were tried, and what one took, in microseconds.
fn trial(settings: &Settings) -> std::io::Result<(u32, u128)> {
    let mut trial = Trial::begin(&settings.storage.directory)?;
    let started = SystemClock.monotonic();
    let elapsed = || SystemClock.monotonic().saturating_duration_since(started).as_micros();
    let mut flushes = 0;
    while flushes < FLUSHES && elapsed() < TRIAL_MICROS {
        trial.flush()?;
        flushes += 1;
    }
    Ok((flushes, elapsed() / u128::from(flushes.max(1))))
}

fn mebibytes(bytes: u64) -> String {
    (bytes >> 20).to_string()
}
