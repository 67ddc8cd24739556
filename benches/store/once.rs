//! Ways to recognise a delivery that was heard before, each on the same bare journal.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{RECORD_BYTES, Random, heading, measure, row};

/// Entries in the journal before the measurement: 50 days at 20,000 a day.
const BEFORE: usize = 1_000_000;

const SETTINGS: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
    PRAGMA cache_size = -16384; PRAGMA secure_delete = ON;
    CREATE TABLE journal (entry_id INTEGER PRIMARY KEY, delivery_key BLOB, body BLOB) STRICT;";

/// How a key is looked up and remembered.
trait Once {
    const NAME: &'static str;
    const SCHEMA: &'static str;
    fn new() -> Self;
    /// Fills what is in memory with a key that the database knows.
    fn recall(&mut self, print: i64);
    /// Looks a key up and remembers it; the journal row is written by the caller.
    fn remember(&mut self, conn: &Connection, key: &[u8], print: i64, entry: i64);
    /// The end of a batch.
    fn finish(&mut self, _conn: &Connection) {}
}

/// No de-duplication at all: the limit.
struct Nothing;

impl Once for Nothing {
    const NAME: &'static str = "none (the limit)";
    const SCHEMA: &'static str = "";
    fn new() -> Self {
        Self
    }
    fn recall(&mut self, _: i64) {}
    fn remember(&mut self, _: &Connection, _: &[u8], _: i64, _: i64) {}
}

/// What one would write first.
struct UniqueIndex;

impl Once for UniqueIndex {
    const NAME: &'static str = "unique index on the key";
    const SCHEMA: &'static str = "CREATE UNIQUE INDEX once ON journal (delivery_key)";
    fn new() -> Self {
        Self
    }
    fn recall(&mut self, _: i64) {}
    fn remember(&mut self, conn: &Connection, key: &[u8], _: i64, _: i64) {
        let mut find =
            conn.prepare_cached("SELECT entry_id FROM journal WHERE delivery_key = ?1").unwrap();
        assert!(find.query_row([key], |row| row.get::<_, i64>(0)).optional().unwrap().is_none());
    }
}

/// A compact table in the order of 64-bit fingerprints.
struct Fingerprints;

const SEEN: &str = "CREATE TABLE seen (print INTEGER, entry INTEGER, PRIMARY KEY (print, entry))
    STRICT, WITHOUT ROWID";
const FIND: &str = "SELECT entry FROM seen WHERE print = ?1";
const ADD: &str = "INSERT INTO seen (print, entry) VALUES (?1, ?2)";

fn is_seen(conn: &Connection, print: i64) -> bool {
    let mut find = conn.prepare_cached(FIND).unwrap();
    find.query_row([print], |row| row.get::<_, i64>(0)).optional().unwrap().is_some()
}

impl Once for Fingerprints {
    const NAME: &'static str = "table by fingerprint";
    const SCHEMA: &'static str = SEEN;
    fn new() -> Self {
        Self
    }
    fn recall(&mut self, _: i64) {}
    fn remember(&mut self, conn: &Connection, _: &[u8], print: i64, entry: i64) {
        assert!(!is_seen(conn, print));
        conn.prepare_cached(ADD).unwrap().execute([print, entry]).unwrap();
    }
}

/// All fingerprints in memory, none in a table: read again from the journal at start.
struct Memory(HashSet<i64>);

impl Once for Memory {
    const NAME: &'static str = "all in memory (grows without bound)";
    const SCHEMA: &'static str = "";
    fn new() -> Self {
        Self(HashSet::new())
    }
    fn recall(&mut self, print: i64) {
        self.0.insert(print);
    }
    fn remember(&mut self, _: &Connection, _: &[u8], print: i64, _: i64) {
        assert!(self.0.insert(print));
    }
}

/// The newest in memory, moved into the table in sorted runs.
struct Runs<const LENGTH: usize>(BTreeSet<(i64, i64)>);

impl<const LENGTH: usize> Once for Runs<LENGTH> {
    const NAME: &'static str = match LENGTH {
        16_384 => "table by fingerprint, runs of 16,384",
        65_536 => "table by fingerprint, runs of 65,536",
        _ => "table by fingerprint, runs",
    };
    const SCHEMA: &'static str = SEEN;
    fn new() -> Self {
        Self(BTreeSet::new())
    }
    fn recall(&mut self, _: i64) {}
    fn remember(&mut self, conn: &Connection, _: &[u8], print: i64, entry: i64) {
        assert!(self.0.range((print, i64::MIN)..=(print, i64::MAX)).next().is_none());
        assert!(!is_seen(conn, print));
        self.0.insert((print, entry));
    }
    fn finish(&mut self, conn: &Connection) {
        if self.0.len() >= LENGTH {
            let mut add = conn.prepare_cached(ADD).unwrap();
            for (print, entry) in std::mem::take(&mut self.0) {
                add.execute([print, entry]).unwrap();
            }
        }
    }
}

/// Prints one line per way.
pub(crate) fn table(directory: &Path) {
    heading("recognising duplicates, 1,000,000 known", "entries/s");
    line::<Nothing>(directory);
    line::<UniqueIndex>(directory);
    line::<Fingerprints>(directory);
    line::<Runs<16_384>>(directory);
    line::<Runs<65_536>>(directory);
    line::<Memory>(directory);
}

fn line<W: Once>(directory: &Path) {
    let folder = tempfile::tempdir_in(directory).unwrap();
    let mut conn = Connection::open(folder.path().join("db")).unwrap();
    conn.execute_batch(SETTINGS).unwrap();
    let (mut way, mut random, mut entry) = (W::new(), Random(1), 0);
    fill(&mut conn, &mut way, &mut random, &mut entry);
    let body = vec![7_u8; RECORD_BYTES];
    row(W::NAME, |size| {
        measure(size, || {
            let step = conn.transaction().unwrap();
            for _ in 0..size {
                let key = random.key();
                entry += 1;
                way.remember(&step, &key, print_of(&key), entry);
                insert(&step, entry, &key, &body);
            }
            way.finish(&step);
            step.commit().unwrap();
        })
    });
}

/// Known keys, with records too small to fill the disk; the index is built afterwards, in order.
fn fill<W: Once>(conn: &mut Connection, way: &mut W, random: &mut Random, entry: &mut i64) {
    let step = conn.transaction().unwrap();
    let mut prints = Vec::with_capacity(BEFORE);
    for _ in 0..BEFORE {
        let key = random.key();
        *entry += 1;
        insert(&step, *entry, &key, &[7]);
        way.recall(print_of(&key));
        prints.push((print_of(&key), *entry));
    }
    step.execute_batch(W::SCHEMA).unwrap();
    if W::SCHEMA == SEEN {
        prints.sort_unstable();
        for (print, entry) in prints {
            step.prepare_cached(ADD).unwrap().execute([print, entry]).unwrap();
        }
    }
    step.commit().unwrap();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

fn insert(conn: &Connection, entry: i64, key: &[u8], body: &[u8]) {
    conn.prepare_cached("INSERT INTO journal (entry_id, delivery_key, body) VALUES (?1, ?2, ?3)")
        .unwrap()
        .execute(params![entry, key, body])
        .unwrap();
}

fn print_of(key: &[u8; 36]) -> i64 {
    i64::from_le_bytes(key.first_chunk::<8>().copied().unwrap())
}
