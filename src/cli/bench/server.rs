//! The servers that are driven, each a process of its own so that its processor time is its own.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::{App as Actix, HttpResponse, HttpServer, web};

use super::gitlab::Town;

/// Largest body the bare handler takes; the product's own limit.
const BODY_BYTES: usize = 25 << 20;
/// Any free port, reachable from this machine only.
pub(super) const LOOPBACK: &str = "127.0.0.1:0";
/// The generator wants a core too; more workers than cores gain nothing.
const WORKERS: usize = 2;

/// What a child serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Serving {
    /// A handler that reads the body and answers 200: the yardstick.
    Bare,
    /// The product, with its store in a folder.
    Product,
    /// The bytes of a file, from memory.
    Static,
    /// GitLab's API, by arithmetic.
    Gitlab,
}

/// `bench-server`: what `bench` starts; ends when its stdin is closed.
#[derive(Debug, clap::Args)]
pub struct ServerArgs {
    /// What to serve.
    #[arg(value_enum)]
    pub(super) serving: Serving,
    /// The folder of the store, or the file with the bytes.
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) town: Town,
}

/// A child that serves, and is stopped when this is dropped.
#[derive(Debug)]
pub(super) struct Served {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Served {
    /// Starts this very program as a server and waits until it listens.
    ///
    /// # Errors
    /// When it does not start, or says something else than where it listens.
    pub(super) fn start(serving: &str, path: Option<&Path>) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bench-server").arg(serving).args(path);
        Self::listening(command, serving)
    }

    /// Starts a GitLab of this size.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(super) fn gitlab(town: Town) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench-server", "gitlab", "--town-projects"]);
        command.arg(town.projects.to_string());
        command.arg("--town-deployments").arg(town.deployments.to_string());
        Self::listening(command, "gitlab")
    }

    fn listening(mut command: Command, serving: &str) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let Ok(address) = line.trim().parse() else {
            let _ = child.kill();
            let _ = child.wait();
            return Err(io::Error::other(format!("the server `{serving}` did not start")));
        };
        Ok(Self { child, address })
    }

    /// The process that serves.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Closing its stdin asks it to end in order.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Says where this child listens.
///
/// # Errors
/// When nobody reads it.
pub(super) fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{address}")?;
    out.flush()
}

/// Ends when stdin is closed: the parent is done, or gone.
pub(super) async fn parent_gone() {
    let (gone, wait) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = io::stdin().lock().take(1 << 10).read_to_end(&mut rest);
        let _ = gone.send(());
    });
    let _ = wait.await;
}

/// Serves a handler that reads the body and answers 200.
///
/// # Errors
/// When it cannot listen.
pub(super) async fn bare() -> io::Result<()> {
    let server = HttpServer::new(|| {
        Actix::new().app_data(web::PayloadConfig::new(BODY_BYTES)).default_service(web::to(
            |body: web::Bytes| async move {
                // The length keeps the body from being optimised away.
                HttpResponse::Ok().insert_header(("x-read", body.len())).finish()
            },
        ))
    });
    let server = server.workers(WORKERS).disable_signals().bind(LOOPBACK)?;
    listen(server.addrs(), server.run()).await
}

/// Serves the bytes of a file from memory.
///
/// # Errors
/// When it cannot be read, or it cannot listen.
pub(super) async fn static_file(path: &Path) -> io::Result<()> {
    let bytes = web::Bytes::from(std::fs::read(path)?);
    let server = HttpServer::new(move || {
        let bytes = bytes.clone();
        Actix::new().default_service(web::to(move || {
            let answer =
                HttpResponse::Ok().insert_header(ContentType::plaintext()).body(bytes.clone());
            std::future::ready(answer)
        }))
    });
    let server = server.workers(WORKERS).disable_signals().bind(LOOPBACK)?;
    listen(server.addrs(), server.run()).await
}

/// Serves on one listener until the parent is gone.
pub(super) async fn listen(addresses: Vec<SocketAddr>, server: Server) -> io::Result<()> {
    let handle = server.handle();
    let running = tokio::spawn(server);
    if let [address] = addresses.as_slice() {
        announce(*address)?;
    }
    parent_gone().await;
    handle.stop(false).await;
    running.await.map_err(io::Error::other)?
}
