//! Files that are committed and must say what the program says.

use std::fs;
use std::path::Path;

/// Compares `written` with the committed file at `path`; writes it instead when the variable
/// `UPDATE_DOCS` is set.
pub(crate) fn assert_committed(path: &str, written: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests decides")]
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, written).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let line = committed.lines().zip(written.lines()).position(|(a, b)| a != b);
    assert!(
        committed == written,
        "{path} is out of step (first at line {:?}): look at what changed, then run the test again \
         with UPDATE_DOCS=1 and commit the file",
        line.map(|line| line + 1)
    );
}
