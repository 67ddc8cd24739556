//! The two ways out: results on stdout, everything else on stderr.

use std::io::{ErrorKind, Write as _};

use super::exit::{Exit, Failure};

/// Writes a result to stdout. A reader who has seen enough and went away is no failure.
///
/// # Errors
/// [`Exit::Failed`] when stdout cannot be written, for any other reason.
pub(super) fn result(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_ref()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failed, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes to stderr; nobody is left to tell when that fails.
pub(super) fn complain(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
}
