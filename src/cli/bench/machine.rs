//! What the machine says: processor time and memory of a process, the time one fdatasync takes.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// Linux counts processor time in ticks of this many per second, whatever its timer does.
const TICKS_PER_SECOND: u64 = 100;
/// Syncs that are timed; the median of fewer moves about.
const SYNCS: usize = 200;

/// Processor time that a process has used so far, from `/proc/<pid>/stat`.
///
/// # Errors
/// When the process is gone, or this is not Linux.
pub(super) fn processor_time(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name before the last parenthesis may hold anything; utime and stime are the 14th and
    // 15th field, the 12th and 13th after it.
    let after = stat.rsplit_once(')').map(|(_, after)| after).unwrap_or_default();
    let ticks = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()
        .map_err(io::Error::other)?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// Memory of a process that is in RAM, in bytes, from `/proc/<pid>/status`.
///
/// # Errors
/// When the process is gone, or this is not Linux.
pub(super) fn resident_bytes(pid: u32) -> io::Result<u64> {
    status_bytes(pid, "VmRSS:")
}

/// The most memory of a process that was ever in RAM, in bytes, from `/proc/<pid>/status`.
///
/// # Errors
/// As [`resident_bytes`].
pub(super) fn peak_bytes(pid: u32) -> io::Result<u64> {
    status_bytes(pid, "VmHWM:")
}

fn status_bytes(pid: u32, key: &str) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|number| number.parse::<u64>().ok());
    kib.map(|kib| kib * 1_024).ok_or_else(|| io::Error::other(format!("no {key} in /proc")))
}

/// Processor time used by both sides between two looks, and the wall time between them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    at: Instant,
    server: Duration,
    generator: Duration,
}

impl Shares {
    /// Looks at the server `pid` and at this process.
    ///
    /// # Errors
    /// As [`processor_time`].
    pub(super) fn look(pid: u32, clock: &dyn Clock) -> io::Result<Self> {
        Ok(Self {
            at: clock.monotonic(),
            server: processor_time(pid)?,
            generator: processor_time(std::process::id())?,
        })
    }

    /// Cores used since `earlier`, by the server and by this process.
    pub(super) fn since(&self, earlier: &Self) -> (f64, f64) {
        let wall = self.at.duration_since(earlier.at).as_secs_f64().max(1e-9);
        let cores = |now: Duration, then: Duration| now.saturating_sub(then).as_secs_f64() / wall;
        (cores(self.server, earlier.server), cores(self.generator, earlier.generator))
    }
}

/// Times appending 4 KiB and one fdatasync in `folder`, each after a rest of `pause`.
///
/// A processor and a disk that rested need time to get going again, several times what one
/// `fdatasync` takes right after another: who waits at a steady rate waits for that, too.
///
/// # Errors
/// When the folder cannot be written.
pub(super) async fn syncs(
    folder: &Path,
    pause: Duration,
    clock: &dyn Clock,
) -> io::Result<Vec<Duration>> {
    let path = folder.join("sync-yardstick");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        if !pause.is_zero() {
            clock.sleep(pause).await;
        }
        let begun = clock.monotonic();
        file.write_all(&[0x5a; 4_096])?;
        file.sync_data()?;
        times.push(clock.monotonic().duration_since(begun));
    }
    drop(file);
    fs::remove_file(path)?;
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn this_process_uses_memory_and_processor_time() {
        let pid = std::process::id();
        let resident = resident_bytes(pid).unwrap();
        assert!(resident > 1 << 20 && peak_bytes(pid).unwrap() > 1 << 20);
        let begun = processor_time(pid).unwrap();
        let mut sum = 0_u64;
        while processor_time(pid).unwrap() == begun {
            sum = (0..100_000).fold(sum, |sum, next| sum.wrapping_mul(31).wrapping_add(next));
        }
        assert!(processor_time(pid).unwrap() > begun, "{sum}");
    }

    #[tokio::test]
    async fn syncs_are_timed_and_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let times = syncs(folder.path(), Duration::ZERO, &SystemClock).await.unwrap();
        assert_eq!(times.len(), SYNCS);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
