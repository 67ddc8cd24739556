//! The key file of pseudonyms: beside the database, never in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;

use super::error::{Cause, StoreError};
use super::sqlite::{Files, sync_directory};

/// Reads the key, or makes one: written beside its place and renamed, so that no half key is found.
pub(super) fn read_or_make(files: &Files) -> Result<[u8; 32], StoreError> {
    let path = &files.pseudonym_key;
    let unwritable =
        |error: io::Error| StoreError::Unwritable { path: path.clone(), source: Cause::new(error) };
    match fs::read(path) {
        Ok(bytes) => bytes.try_into().map_err(|bytes: Vec<u8>| StoreError::Unreadable {
            path: path.clone(),
            why: format!("a key has 32 bytes, this has {}", bytes.len()),
            source: None,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(files).map_err(unwritable),
        Err(error) => Err(unwritable(error)),
    }
}

fn make(files: &Files) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    let new = files.directory.join("pseudonym.key.new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&new, &files.pseudonym_key)?;
    sync_directory(&files.directory)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn files() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_directory(folder.path());
        (folder, files)
    }

    #[test]
    fn a_key_is_made_once_private_and_kept() {
        let (_folder, files) = files();
        let key = read_or_make(&files).unwrap();
        assert_ne!(key, [0; 32]);
        assert_eq!(read_or_make(&files).unwrap(), key);
        let mode = fs::metadata(&files.pseudonym_key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_of_another_length_is_refused_and_kept() {
        let (_folder, files) = files();
        fs::write(&files.pseudonym_key, [7; 31]).unwrap();
        assert!(matches!(read_or_make(&files), Err(StoreError::Unreadable { .. })));
        assert_eq!(fs::read(&files.pseudonym_key).unwrap(), [7; 31]);
    }
}
