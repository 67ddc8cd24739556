//! The whole program in this process, on a port and in a folder of its own, at a time of the
//! test's choosing.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gitlab_dora_exporter::app::{App, RunError};
use gitlab_dora_exporter::clock::{Clock, FixedClock, SystemClock};
use gitlab_dora_exporter::config::{self, Flag, Inputs, Purpose};
use gitlab_dora_exporter::delivery::Timestamp;
use gitlab_dora_exporter::rest::unencrypted;
use gitlab_dora_exporter::store::{Store, StoreSettings};
use reqwest::header::HeaderMap;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::delivery::{Delivery, SECRET_TOKEN, SIGNING_TOKEN};
use super::samples::Samples;

/// 2026-06-01T12:00:00Z: when every test program starts.
pub(crate) const NOON: Timestamp = Timestamp::from_second(1_780_315_200);

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The grid of the instants of measure, in seconds.
const GRID_SECONDS: u64 = 15;

/// A running program.
pub(crate) struct TestApp {
    plan: Plan,
    address: SocketAddr,
    admin: SocketAddr,
    client: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), RunError>>,
}

/// How a program is to be started, again and again in the same folder.
pub(crate) struct Plan {
    folder: TempDir,
    clock: Arc<FixedClock>,
    flags: Vec<Flag>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// A header as text, `None` when it is absent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("visible ASCII"))
    }
}

impl Plan {
    /// A new folder whose configuration ends with `extra`, TOML of whole tables besides
    /// `[server]`, `[store]` and one `[[gitlab]]`.
    pub(crate) fn new(extra: &str) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let plan = Self { folder, clock: Arc::new(FixedClock::at(NOON)), flags: Vec::new() };
        plan.configure(SECRET_TOKEN, extra);
        plan
    }

    /// The same with one setting by its path and a text: `("ingest.deadline", "1s")`.
    pub(crate) fn set(mut self, key: &'static str, value: &str) -> Self {
        self.flags.push(Flag { name: "--test", key, value: value.to_owned() });
        self
    }

    /// Writes the configuration file anew; a running program sees it when it reloads.
    pub(crate) fn configure(&self, secret_token: &str, extra: &str) {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\ndrain_delay = \"0s\"\nstop_timeout = \"5s\"\n\
             [store]\ndirectory = '{}'\n\
             [[gitlab]]\nname = \"main\"\nsigning_tokens = [\"{SIGNING_TOKEN}\"]\n\
             secret_tokens = [\"{secret_token}\"]\n{extra}",
            self.store().display()
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// Starts the program and waits until it is ready.
    pub(crate) async fn start(self) -> TestApp {
        let inputs =
            Inputs { file: Some(self.file()), flags: self.flags.clone(), ..Inputs::default() };
        let reread = move || config::load(&inputs, Purpose::Serve).settings;
        let settings = reread().unwrap();
        let clock: Arc<dyn Clock> = self.clock.clone();
        let app = App::start_rereading(settings, Box::new(reread), clock).await.unwrap();
        let (address, admin) = (app.address(), app.admin_address());
        let (stop, stopped) = oneshot::channel::<()>();
        // A test that forgets its program stops it too.
        let running = tokio::spawn(app.run_until(async { drop(stopped.await) }));
        let client = unencrypted()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        let app = TestApp { plan: self, address, admin, client, stop, running };
        wait_until("the program is ready", async || app.get("/-/ready").await.status == 200).await;
        // Its maintenance sleeps until it looks, copies and remembers next, so that whoever sleeps
        // besides can be counted.
        wait_until("it is at rest", async || app.clock().sleepers() >= 3).await;
        app
    }

    /// Where the store is kept.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The program's clock, to be moved.
    pub(crate) fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }
}

impl TestApp {
    /// Starts a program with default settings.
    pub(crate) async fn start() -> Self {
        Plan::new("").start().await
    }

    /// Sends a delivery and gives the status of the answer.
    pub(crate) async fn deliver(&self, delivery: &Delivery) -> u16 {
        self.send(delivery).await.status
    }

    /// Sends a delivery.
    pub(crate) async fn send(&self, delivery: &Delivery) -> Answer {
        let mut request = self.client.post(self.url("/webhooks/gitlab"));
        for (name, value) in delivery.headers(self.now()) {
            request = request.header(name, value);
        }
        self.ask(request.body(delivery.body().to_vec())).await
    }

    /// Gets a page.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(self.client.get(self.admin_url(path))).await
    }

    /// Asks for anything, by a request that [`client`](Self::client) made.
    pub(crate) async fn ask(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.expect("a whole body").to_vec() }
    }

    /// What the program exposes now.
    pub(crate) async fn scrape(&self) -> Samples {
        Samples::parse(self.get("/metrics").await.text())
    }

    /// Lets the next instant of measure come, and gives what is exposed then. Whatever was
    /// acknowledged before is part of it.
    pub(crate) async fn measure(&self) -> Samples {
        self.pass(Duration::from_secs(GRID_SECONDS));
        let grid = i64::try_from(GRID_SECONDS).unwrap();
        let due = self.now().as_second().div_euclid(grid) * grid;
        let name = "gitlab_dora_exporter_snapshot_timestamp_seconds";
        let started = SystemClock.monotonic();
        loop {
            let samples = self.scrape().await;
            #[expect(clippy::cast_precision_loss, reason = "seconds need 53 bits in 2255")]
            if samples.value(name) == Some(due as f64) {
                return samples;
            }
            assert!(started.elapsed() < PATIENCE, "no snapshot of {due}");
            a_moment().await;
        }
    }

    /// Lets time pass for the program.
    pub(crate) fn pass(&self, duration: Duration) {
        self.plan.clock.advance(duration);
    }

    /// What time it is for the program.
    pub(crate) fn now(&self) -> Timestamp {
        self.plan.clock.now()
    }

    /// The program's clock.
    pub(crate) fn clock(&self) -> &FixedClock {
        &self.plan.clock
    }

    /// Where the configuration can be changed.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Makes requests.
    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// An address at which deliveries arrive.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// An address of everything else.
    pub(crate) fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// A bare connection, for requests that no client would make.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Stops the program as a signal would, and waits for its end.
    pub(crate) async fn stop(self) -> Stopped {
        // An ended program hears nothing.
        let _ = self.stop.send(());
        let result = tokio::time::timeout(PATIENCE, self.running).await;
        Stopped { result: result.expect("the program ends").unwrap(), plan: self.plan }
    }
}

/// A program that has ended.
pub(crate) struct Stopped {
    pub(crate) result: Result<(), RunError>,
    plan: Plan,
}

impl Stopped {
    /// What it left in the store.
    pub(crate) fn store(&self) -> Store {
        Store::open(&StoreSettings::new(self.plan.store())).unwrap()
    }

    /// Where it left its store.
    pub(crate) fn directory(&self) -> PathBuf {
        self.plan.store()
    }

    /// Starts it again.
    pub(crate) async fn restart(self) -> TestApp {
        self.plan.start().await
    }
}

/// Waits until `condition` holds.
pub(crate) async fn wait_until(what: &str, condition: impl AsyncFn() -> bool) {
    let started = SystemClock.monotonic();
    while !condition().await {
        assert!(started.elapsed() < PATIENCE, "waited in vain until {what}");
        a_moment().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "conditions come true in real time")]
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

/// Sends bytes as they are and reads what comes back until the connection ends or `PATIENCE` does.
pub(crate) async fn exchange(connection: &mut TcpStream, bytes: &[u8]) -> String {
    connection.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is an end as well.
    let read = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut answer)).await;
    let _ = read.expect("the connection ends");
    String::from_utf8_lossy(&answer).into_owned()
}
