//! The disk below the store: where it may be, how much room it has, and a reserve for its end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, StatFs, StatVfsMountFlags, fallocate, statfs, statvfs};

use crate::store::StoreError;
use crate::store::batch::Room;

/// The files of a store, all in one directory.
#[derive(Debug, Clone)]
pub(in crate::store) struct Files {
    pub(in crate::store) directory: PathBuf,
    pub(in crate::store) database: PathBuf,
    pub(in crate::store) wal: PathBuf,
    pub(in crate::store) lock: PathBuf,
    pub(in crate::store) ballast: PathBuf,
    pub(in crate::store) pseudonym_key: PathBuf,
}

impl Files {
    pub(in crate::store) fn in_directory(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            database: directory.join("store.sqlite3"),
            wal: directory.join("store.sqlite3-wal"),
            lock: directory.join("store.lock"),
            ballast: directory.join("store.ballast"),
            pseudonym_key: directory.join("pseudonym.key"),
        }
    }
}

/// When room counts as short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserve {
    /// Below this many free bytes nothing is accepted any more: well before a write would fail.
    pub exhausted_below_bytes: u64,
    /// Below this many free bytes the store purges early and says so.
    pub low_below_bytes: u64,
    /// Size of the file that is deleted when a write failed all the same: a full disk blocks even
    /// deleting and checkpointing. 0 keeps none.
    pub ballast_bytes: u64,
}

impl Default for Reserve {
    /// 64 MiB, 256 MiB, 64 MiB.
    fn default() -> Self {
        Self {
            exhausted_below_bytes: 64 << 20,
            low_below_bytes: 256 << 20,
            ballast_bytes: 64 << 20,
        }
    }
}

/// Free room and mount state of a file system.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Space {
    pub(in crate::store) free_bytes: u64,
    pub(in crate::store) read_only: bool,
}

impl Space {
    pub(in crate::store) fn of(directory: &Path) -> io::Result<Self> {
        let state = statvfs(directory)?;
        Ok(Self {
            free_bytes: state.f_bavail.saturating_mul(state.f_frsize),
            read_only: state.f_flag.contains(StatVfsMountFlags::RDONLY),
        })
    }

    pub(in crate::store) fn room(self, reserve: &Reserve, wal_bytes: u64) -> Room {
        if self.free_bytes < reserve.exhausted_below_bytes {
            Room::Exhausted
        } else if self.free_bytes < reserve.low_below_bytes.max(2 * wal_bytes) {
            Room::Low
        } else {
            Room::Ample
        }
    }
}

/// File systems on which SQLite's shared memory and locks do not hold, by `statfs` magic number.
const REMOTE: [(u32, &str); 5] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x0102_1997, "9P"),
];

/// Local file systems that need a word: what they promise depends on what lies beneath.
const DOUBTFUL: [(u32, &str); 2] = [
    (0x6573_5546, "FUSE may not pass an fsync on to the disk"),
    (0x794c_7630, "an overlay is usually thrown away with its container"),
];

/// Refuses network file systems; gives back what to warn of on others.
pub(in crate::store) fn refuse_remote(
    directory: &Path,
) -> Result<Option<&'static str>, StoreError> {
    let misplaced = |why: String| StoreError::Misplaced { path: directory.to_owned(), why };
    let state = statfs(directory).map_err(|error| misplaced(error.to_string()))?;
    let magic = magic(&state);
    match remote_name(magic) {
        Some(name) => {
            Err(misplaced(format!("{name} does not keep the locks that SQLite relies on")))
        }
        None => Ok(DOUBTFUL.iter().find(|(number, _)| *number == magic).map(|(_, why)| *why)),
    }
}

/// The name of the file system below a directory; `unknown` for a rare one.
pub(in crate::store) fn file_system(directory: &Path) -> &'static str {
    const NAMES: [(u32, &str); 9] = [
        (0xef53, "ext4"),
        (0x5846_5342, "xfs"),
        (0x9123_683e, "btrfs"),
        (0x2fc1_2fc1, "zfs"),
        (0xf2f5_2010, "f2fs"),
        (0xca45_1a4e, "bcachefs"),
        (0x0102_1994, MEMORY),
        (0x794c_7630, "overlay"),
        (0x6573_5546, "fuse"),
    ];
    let magic = statfs(directory).map_or(0, |state| magic(&state));
    NAMES.iter().find(|(number, _)| *number == magic).map_or("unknown", |(_, name)| name)
}

/// The kernel's word is wider on some machines; magic numbers fit 32 bits.
fn magic(state: &StatFs) -> u32 {
    u32::try_from(i128::from(state.f_type) & 0xffff_ffff).unwrap_or(0)
}

fn remote_name(magic: u32) -> Option<&'static str> {
    REMOTE.iter().find(|(number, _)| *number == magic).map(|(_, name)| *name)
}

/// Free bytes below the files, and why the disk may not be durable.
pub(in crate::store) fn ground(files: &Files) -> Result<(u64, Option<&'static str>), StoreError> {
    let caution = refuse_remote(&files.directory)?;
    let space = Space::of(&files.directory).map_err(|error| StoreError::Misplaced {
        path: files.directory.clone(),
        why: error.to_string(),
    })?;
    Ok((space.free_bytes, caution))
}

/// The name of a file system that is gone when the machine stops.
pub(in crate::store) const MEMORY: &str = "tmpfs";

/// A small file beside the store, to see what a flush of its disk takes; gone when dropped.
#[derive(Debug)]
pub struct Trial {
    file: File,
    path: PathBuf,
}

impl Trial {
    /// Makes the file in the directory of a store.
    ///
    /// # Errors
    /// When it cannot be written, or another trial is under way.
    pub fn begin(directory: &Path) -> io::Result<Self> {
        let path = directory.join("store.trial");
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Self { file, path })
    }

    /// Writes a page and flushes it to the disk, as a commit does.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&[0x5a; 4_096])?;
        self.file.sync_data()
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // A file of some pages that stays harms nobody, and the next trial says that it is there.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes entries of a directory survive a power cut.
pub(in crate::store) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Puts the reserve in place where there is room for it; `false` when there is none.
pub(in crate::store) fn lay_ballast(files: &Files, reserve: &Reserve) -> io::Result<bool> {
    let present = fs::metadata(&files.ballast).map_or(0, |file| file.len());
    if reserve.ballast_bytes == 0 || present == reserve.ballast_bytes {
        return Ok(present > 0);
    }
    let needed = reserve.ballast_bytes.saturating_add(reserve.low_below_bytes);
    if Space::of(&files.directory)?.free_bytes < needed {
        return Ok(false);
    }
    let file = OpenOptions::new().create(true).write(true).truncate(true).open(&files.ballast)?;
    if let Err(error) = fallocate(&file, FallocateFlags::empty(), 0, reserve.ballast_bytes) {
        // A file system that cannot reserve gets none; a file of zeros might be a hole.
        drop_ballast(files)?;
        return if error == rustix::io::Errno::OPNOTSUPP { Ok(false) } else { Err(error.into()) };
    }
    file.sync_all()?;
    Ok(true)
}

/// Gives the reserve back to the disk.
pub(in crate::store) fn drop_ballast(files: &Files) -> io::Result<()> {
    match fs::remove_file(&files.ballast) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync_directory(&files.directory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_name_and_local_ones_are_not_refused() {
        assert_eq!(remote_name(0x6969), Some("NFS"));
        assert_eq!(remote_name(0xff53_4d42), Some("CIFS"));
        // ext4 and tmpfs
        assert_eq!(remote_name(0xef53), None);
        assert_eq!(remote_name(0x0102_1994), None);
        let folder = tempfile::tempdir().unwrap();
        assert!(refuse_remote(folder.path()).is_ok());
    }

    #[test]
    fn room_is_judged_by_free_bytes_and_by_the_log_that_may_still_grow() {
        let reserve = Reserve::default();
        let room = |free_bytes, wal| Space { free_bytes, read_only: false }.room(&reserve, wal);
        assert_eq!(room((64 << 20) - 1, 0), Room::Exhausted);
        assert_eq!(room(64 << 20, 0), Room::Low);
        assert_eq!(room(256 << 20, 0), Room::Ample);
        assert_eq!(room(256 << 20, 200 << 20), Room::Low);
    }

    #[test]
    fn the_ballast_takes_real_room_and_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_directory(folder.path());
        let reserve =
            Reserve { exhausted_below_bytes: 0, low_below_bytes: 0, ballast_bytes: 1 << 20 };
        assert!(lay_ballast(&files, &reserve).unwrap());
        assert_eq!(fs::metadata(&files.ballast).unwrap().len(), 1 << 20);
        drop_ballast(&files).unwrap();
        assert!(!files.ballast.exists());
        drop_ballast(&files).unwrap();
    }
}
