//! Real programs that tests start and talk to: found on the machine, or missing with a notice.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long one answer of a peer on this machine may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two looks at a condition that a peer has to bring about.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Finds a program on the search path.
///
/// `None`, with a notice, when it is missing; where `GITLAB_DORA_TESTS_REQUIRE_PEERS` is set, as
/// `tests/run` does, its absence fails the test.
pub(crate) fn find(program: &str, package: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(program)).find(|p| p.exists());
    if found.is_none() {
        let required = std::env::var_os("GITLAB_DORA_TESTS_REQUIRE_PEERS").is_some();
        assert!(!required, "{program} is missing: install the Debian package {package}");
        let notice = format!("NOTICE: {program} is missing (Debian package {package}); left out\n");
        // Not by a macro: its output would be kept back.
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
    }
    found
}

/// A process that ends when the test does.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first, so that it removes what it left on the disk.
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        if asked.is_ok_and(|status| status.success()) {
            let ended = || self.0.try_wait().is_ok_and(|status| status.is_some());
            if try_until(Duration::from_secs(30), ended) {
                return;
            }
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts Prometheus on the configuration `prometheus.yml` of a folder and waits until it is ready.
pub(crate) fn prometheus(
    program: &Path,
    folder: &Path,
    besides: &[&str],
    limit: Duration,
) -> (SocketAddr, Running) {
    let address = free_address();
    let mut command = Command::new(program);
    command.current_dir(folder).args(besides).args([
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        &format!("--web.listen-address={address}"),
        "--log.level=error",
    ]);
    let running = Running(command.spawn().unwrap());
    let ready = || get(address, "/-/ready").is_ok_and(|(code, _)| code == 200);
    wait_until("Prometheus is ready", limit, ready);
    (address, running)
}

/// An address of this machine that nobody listened on a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Looks until the condition holds; the test fails when it does not within the limit.
pub(crate) fn wait_until(what: &str, limit: Duration, condition: impl FnMut() -> bool) {
    assert!(try_until(limit, condition), "not within {limit:?}: {what}");
}

/// Whether the condition came to hold within the limit.
#[expect(clippy::disallowed_methods, reason = "another process is waited for, on the real clock")]
pub(crate) fn try_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::sleep(LOOK_AGAIN_AFTER);
    }
}

/// Asks for a path and returns status and body; an error when nobody answers.
pub(crate) fn get(address: SocketAddr, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    // HTTP/1.0, so that the body ends with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok((status, body.to_owned()))
}
