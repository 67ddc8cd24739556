//! How fast entries become durable, and why delivery keys are remembered the way they are.
//!
//! `cargo bench --bench store [-- DIRECTORY]` prints three tables: the disk's own limit, the ways
//! to recognise a duplicate on the same bare journal, and the store itself. A directory in memory
//! (`/dev/shm`) shows the work without the disk. Every figure comes from one run.
#![expect(clippy::print_stdout, reason = "a table is what a benchmark is for")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]
#![expect(clippy::indexing_slicing, reason = "a benchmark that misses its data should stop")]

mod once;
mod whole;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Entries per commit: a lone event, light load, the usual group, the writer's largest.
const BATCHES: [usize; 4] = [1, 16, 64, 256];

/// Bytes of one scrubbed deployment record.
const RECORD_BYTES: usize = 700;

/// Time spent on one cell of a table.
const PER_CELL: Duration = Duration::from_millis(1_500);

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let directory = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    println!("directory {}, SQLite {}", directory.display(), rusqlite::version());
    yardstick(&directory);
    once::table(&directory);
    whole::table(&directory);
    whole::loads(&directory);
}

/// Appends as many bytes as a batch has records, and waits for the disk.
fn yardstick(directory: &Path) {
    heading("append and fdatasync", "entries/s");
    let folder = tempfile::tempdir_in(directory).unwrap();
    let mut file = File::create(folder.path().join("log")).unwrap();
    row("file, no database", |size| {
        let bytes = vec![7; size * RECORD_BYTES];
        measure(size, || {
            file.write_all(&bytes).unwrap();
            file.sync_data().unwrap();
        })
    });
}

/// Seconds that `work` takes.
fn timed(work: impl FnOnce()) -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a benchmark asks the time")]
    let start = std::time::Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Entries per second of `step`, which commits `size` of them.
fn measure(size: usize, mut step: impl FnMut()) -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a benchmark asks the time")]
    let now = std::time::Instant::now;
    let start = now();
    let mut steps = 0_u32;
    while start.elapsed() < PER_CELL {
        step();
        steps += 1;
    }
    let entries = f64::from(steps) * f64::from(u32::try_from(size).unwrap());
    entries / start.elapsed().as_secs_f64()
}

fn heading(title: &str, unit: &str) {
    print!("\n{title:<44}");
    for size in BATCHES {
        print!("{:>12}", format!("batch {size}"));
    }
    println!("   {unit}");
}

/// Prints one line: a figure for each batch size.
fn row(name: &str, mut figure: impl FnMut(usize) -> f64) {
    print!("{name:<44}");
    for size in BATCHES {
        print!("{:>12.0}", figure(size));
        std::io::stdout().flush().unwrap();
    }
    println!();
}

/// Random keys and bytes, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A key as long as GitLab's, 36 bytes.
    fn key(&mut self) -> [u8; 36] {
        let mut key = [0; 36];
        for chunk in key.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        key
    }
}
