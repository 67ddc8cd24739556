//! `bench`: how fast this machine takes deliveries in and gives scrapes out, beside a yardstick.
//!
//! Absolute figures drift between runs and machines; ratios taken in one run, the two sides in
//! turn, do not. Method and bars: `docs/performance.md`.

mod backfill;
mod figures;
mod gitlab;
mod load;
mod machine;
mod prepared;
mod server;
mod stages;
mod start;
mod wire;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::sync::Arc;

use self::figures::Figure;
use self::gitlab::Town;
use self::prepared::Press;
pub use self::server::ServerArgs;
use self::server::{Served, Serving};
use super::exit::{Exit, Failure};
use super::{local, output};
use crate::clock::{Clock, SystemClock};
use crate::proof::SigningToken;

/// Limit of series: far above what twenty thousand projects make, so that none is left out.
const MAX_SERIES: u64 = 2_000_000;

/// What to measure, and how long.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gitlab-dora-exporter bench --quick")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct BenchArgs {
    /// Take about twenty seconds: fewer and shorter rounds, figures that move more.
    #[arg(long)]
    quick: bool,
    /// One round of everything with a few deliveries: whether it works at all.
    #[arg(long, hide = true)]
    smoke: bool,
    /// Measure a start with a long past only: time until ready, and memory.
    #[arg(long, conflicts_with = "url")]
    start: bool,
    /// Measure a backfill of two thousand projects and half a million deployments only: requests,
    /// memory, facts per second. Not part of the rest: it takes minutes.
    #[arg(long, conflicts_with_all = ["url", "start"])]
    backfill: bool,
    /// How many projects the deliveries are about; 1000 make some hundred thousand series.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=20_000))]
    projects: u64,
    /// Drive a server that already runs, by the address of its hook, such as
    /// `http://127.0.0.1:13672/webhooks/gitlab`. Its store keeps what is sent.
    #[arg(long, requires = "token_file")]
    url: Option<String>,
    /// The file with a signing token (whsec_…) that server accepts.
    #[arg(long, requires = "url")]
    token_file: Option<PathBuf>,
}

/// Why no figures came out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// A socket, a process or a file failed.
    #[error("measure {stage}")]
    Io {
        /// What was being measured.
        stage: &'static str,
        /// What went wrong.
        #[source]
        cause: io::Error,
    },
    /// The address given is none, or not on this machine.
    #[error("use `{0}`: give http://127.0.0.1:<port>/<path>, a server on this machine")]
    Url(String),
    /// The token file holds no signing token.
    #[error("read the signing token")]
    Token(#[source] crate::proof::InvalidSigningToken),
    /// A receiver refused what it must accept.
    #[error(
        "deliver: {refused} deliveries refused and {broken} unanswered while measuring {stage}"
    )]
    Refused {
        /// What was being measured.
        stage: &'static str,
        /// Answers other than 2xx.
        refused: u64,
        /// Requests without an answer.
        broken: u64,
    },
}

impl BenchError {
    fn io(stage: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { stage, cause }
    }
}

/// How much is sent; bounded in count, and by that in time.
#[derive(Debug, Clone, Copy)]
struct Plan {
    rounds: usize,
    deployments: u64,
    pipelines: u64,
    steady_seconds: u32,
    burst: u64,
    scrapes: usize,
    past: start::Length,
    town: Town,
}

impl Plan {
    const FULL: Self = Self {
        rounds: 5,
        deployments: 20_000,
        pipelines: 6_000,
        steady_seconds: 15,
        burst: 5_000,
        scrapes: 200,
        past: start::Length { projects: 10_400, deployments: 4, has_bars: true },
        town: Town { projects: 2_000, deployments: 250 },
    };
    const QUICK: Self = Self {
        rounds: 3,
        deployments: 4_000,
        pipelines: 1_000,
        steady_seconds: 3,
        burst: 5_000,
        scrapes: 60,
        past: start::Length { projects: 1_000, deployments: 4, has_bars: false },
        town: Town { projects: 200, deployments: 250 },
    };
    const SMOKE: Self = Self {
        rounds: 1,
        deployments: 200,
        pipelines: 50,
        steady_seconds: 1,
        burst: 300,
        scrapes: 3,
        past: start::Length { projects: 20, deployments: 4, has_bars: false },
        town: Town { projects: 100, deployments: 250 },
    };
}

/// The side that is measured.
#[derive(Debug)]
struct Product {
    address: SocketAddr,
    /// Absent when it was not started by us.
    served: Option<Served>,
    folder: Option<tempfile::TempDir>,
}

/// One run.
#[derive(Debug)]
struct Bench {
    clock: Arc<dyn Clock>,
    plan: Plan,
    press: Press,
    product: Product,
    /// The yardstick; absent beside a server that is not ours.
    bare: Option<Served>,
}

/// Measures, and prints the table of figures. A bar that is not met is no error: the table says so.
///
/// # Errors
/// [`Exit::Failed`] when something could not be measured.
pub fn run(args: &BenchArgs) -> Result<(), Failure> {
    let measured = local::runtime()?.block_on(measure(args, Arc::new(SystemClock)));
    output::result(&measured.map_err(|error| Failure::new(Exit::Failed, error))?)
}

/// `bench-server`: serves until stdin is closed.
///
/// # Errors
/// [`Exit::Failed`] when it cannot listen or start.
pub fn serve(args: &ServerArgs) -> Result<(), Failure> {
    let served = local::runtime()?.block_on(serve_until_done(args, Arc::new(SystemClock)));
    served.map_err(|error| Failure::new(Exit::Failed, error))
}

async fn measure(args: &BenchArgs, clock: Arc<dyn Clock>) -> Result<String, BenchError> {
    let plan = match (args.smoke, args.quick) {
        (true, _) => Plan::SMOKE,
        (false, true) => Plan::QUICK,
        (false, false) => Plan::FULL,
    };
    if args.backfill {
        return Ok(figures::table(&backfill::figures(plan.town, &clock).await?));
    }
    let (product, bare, path, token) =
        if let Some((url, file)) = args.url.as_ref().zip(args.token_file.as_ref()) {
            let (address, path) = split(url).ok_or_else(|| BenchError::Url(url.clone()))?;
            let token = std::fs::read_to_string(file).map_err(BenchError::io("the token file"))?;
            (Product { address, served: None, folder: None }, None, path, token)
        } else {
            let (product, bare, token) =
                start().map_err(BenchError::io("the start of both servers"))?;
            (product, Some(bare), String::from(local::HOOK_PATH), token)
        };
    let token = SigningToken::parse(token.trim()).map_err(BenchError::Token)?;
    let press = Press::new(token, Arc::clone(&clock), path, args.projects);
    let mut bench = Bench { clock, plan, press, product, bare };
    if args.start {
        return Ok(figures::table(&start::figures(&bench).await?));
    }
    let mut figures = stages::all(&mut bench).await?;
    figures.extend(start::figures(&bench).await?);
    if bench.bare.is_some() {
        figures.extend(binary());
    }
    Ok(figures::table(&figures))
}

/// Starts both sides.
fn start() -> io::Result<(Product, Served, String)> {
    let folder = tempfile::Builder::new().prefix("gitlab-dora-bench-").tempdir()?;
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    local::prepare(folder.path(), anywhere, MAX_SERIES, "").map_err(io::Error::other)?;
    let token = local::token(folder.path())?;
    let served = Served::start("product", Some(folder.path()))?;
    let bare = Served::start("bare", None)?;
    let product = Product { address: served.address, served: Some(served), folder: Some(folder) };
    Ok((product, bare, token))
}

async fn serve_until_done(args: &ServerArgs, clock: Arc<dyn Clock>) -> Result<(), BenchError> {
    let served = match (args.serving, &args.path) {
        (Serving::Bare, _) => server::bare().await,
        (Serving::Static, Some(path)) => server::static_file(path).await,
        (Serving::Product, Some(path)) => product(path, clock).await,
        (Serving::Gitlab, _) => gitlab::serve(args.town, clock).await,
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "a path is missing")),
    };
    served.map_err(BenchError::io("a server"))
}

async fn product(folder: &std::path::Path, clock: Arc<dyn Clock>) -> io::Result<()> {
    let app = local::start(folder, clock).await.map_err(io::Error::other)?;
    server::announce(app.address())?;
    app.run_until(server::parent_gone()).await.map_err(io::Error::other)
}

/// The address and the path of a URL on this machine.
fn split(url: &str) -> Option<(SocketAddr, String)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_once('/')?;
    let address = host.to_socket_addrs().ok()?.find(|address| address.ip().is_loopback())?;
    Some((address, format!("/{path}")))
}

/// The size of this program.
fn binary() -> Option<Figure> {
    let bytes = std::fs::metadata(std::env::current_exe().ok()?).ok()?.len();
    Some(figures::mebibytes("binary", bytes, 25.0, "this program on disk"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_on_this_machine_are_driven() {
        let (address, path) = split("http://127.0.0.1:13672/webhooks/gitlab").unwrap();
        assert_eq!((address.port(), path.as_str()), (13_672, "/webhooks/gitlab"));
        for url in ["http://192.0.2.7:80/webhooks/gitlab", "https://127.0.0.1/x", "127.0.0.1:80"] {
            assert_eq!(split(url), None, "{url}");
        }
    }
}
