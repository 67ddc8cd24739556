//! The real binary as a child process, on a port and in a folder of its own.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use gitlab_dora_exporter::clock::{Clock as _, SystemClock};
use gitlab_dora_exporter::proof::SigningToken;
use gitlab_dora_exporter::store::{Store, StoreSettings};

use super::fake_gitlab::API_TOKEN;

/// The token that every child accepts: the one of GitLab's own test vectors.
pub(crate) const TOKEN: &str = "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q=";

/// How long anything may take that a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with a configuration, where the binary may be started again and again.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    address: SocketAddr,
}

impl Place {
    /// A new place; `policy` is TOML that follows the shared settings.
    pub(crate) fn new(policy: &str) -> Self {
        Self::of("", policy)
    }

    /// The same, with a GitLab at `url` whose API is read when asked to.
    pub(crate) fn with_api(policy: &str, url: &str) -> Self {
        Self::of(&format!("{}backfill_since = \"off\"\n", api(url)), policy)
    }

    /// The same; `serve` looks after the hooks that point to it.
    pub(crate) fn looking_after_hooks(policy: &str, url: &str) -> Self {
        let place = Self::with_api(policy, url);
        place.know_own_address();
        place
    }

    /// Tells the program by which address GitLab reaches it.
    pub(crate) fn know_own_address(&self) {
        self.is_reached_by(&self.url(""));
    }

    /// Tells it that GitLab reaches it by another address, without a path.
    pub(crate) fn is_reached_by(&self, url: &str) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        let told = format!("[server]\nexternal_url = \"{url}\"\n");
        std::fs::write(self.config(), text.replacen("[server]\n", &told, 1)).unwrap();
    }

    /// The same; `serve` reads the API by itself.
    pub(crate) fn reading_api(policy: &str, url: &str) -> Self {
        Self::of(&api(url), policy)
    }

    fn of(api: &str, policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free a moment ago: nobody else on this machine is handed the same port so soon.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut text = String::new();
        writeln!(text, "[server]\nlisten = \"{address}\"\ndrain_delay = \"0s\"").unwrap();
        writeln!(text, "[[gitlab]]\nname = \"main\"\nsigning_tokens = [\"{TOKEN}\"]").unwrap();
        text.push_str(api);
        let store = folder.path().join("store");
        writeln!(text, "[store]\ndirectory = '{}'", store.display()).unwrap();
        text.push_str(policy);
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        Self { folder, address }
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    fn directory(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The same, making the pseudonyms of another place: what both store can be compared then.
    pub(crate) fn with_key_of(self, other: &Self) -> Self {
        let key = "pseudonym.key";
        std::fs::DirBuilder::new().mode(0o700).create(self.directory()).unwrap();
        std::fs::copy(other.directory().join(key), self.directory().join(key)).unwrap();
        self
    }

    /// What the store holds; nothing else may have it open.
    pub(crate) fn store(&self) -> Store {
        Store::open(&StoreSettings::new(self.directory())).unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        command(&self.config()).args(arguments).output().unwrap()
    }

    /// The same, beside what else is to be done meanwhile: a GitLab in this process answers it.
    pub(crate) async fn run_async(&self, arguments: &[&str]) -> Output {
        let mut command = command(&self.config());
        command.args(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// Starts a command that is left to run.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Served {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = command(&self.config());
        let child = command.args(arguments).stdout(Stdio::null()).stderr(log).spawn();
        Served { child: child.expect("the binary starts") }
    }

    /// Starts `serve` and waits until it answers.
    pub(crate) async fn serve(&self) -> Served {
        self.serve_with(&[]).await
    }

    /// The same with these variables in its environment.
    #[expect(clippy::disallowed_methods, reason = "a child process has no clock but the real one")]
    pub(crate) async fn serve_with(&self, variables: &[(&str, &str)]) -> Served {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let child = command(&self.config())
            .arg("serve")
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let (mut served, client) = (Served { child }, http_client());
        let started = Instant::now();
        while client.get(self.url("/-/healthy")).send().await.is_err() {
            let exit = served.child.try_wait().unwrap();
            assert!(exit.is_none(), "the binary ended at once: {}", self.log());
            assert!(started.elapsed() < PATIENCE, "no answer: {}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        served
    }

    /// What the child wrote last.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

fn command(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitlab-dora-exporter"));
    command.env_clear().env("GITLAB_DORA_CONFIG", config);
    command
}

/// A client for programs on this machine, which speak no TLS.
pub(crate) fn http_client() -> reqwest::Client {
    gitlab_dora_exporter::rest::unencrypted().timeout(PATIENCE).build().unwrap()
}

/// The settings of a GitLab whose API can be asked as fast as a test likes.
fn api(url: &str) -> String {
    format!("url = \"{url}\"\ntoken = \"{API_TOKEN}\"\nrequests_per_minute = 6000\n")
}

/// A running child; killed when dropped.
pub(crate) struct Served {
    child: Child,
}

impl Served {
    /// Kills it as a power cut would, as far as a process can be: no handler runs.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and gives its exit code.
    pub(crate) fn terminate(self) -> Option<i32> {
        self.signal("-TERM");
        self.wait()
    }

    /// Sends it a signal, by the option that `kill` takes.
    pub(crate) fn signal(&self, option: &str) {
        let id = self.child.id().to_string();
        Command::new("kill").args([option, &id]).status().unwrap();
    }

    /// Waits for its end, and gives its exit code.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has usually ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A signed request of one delivery to the binary.
pub(crate) fn signed(
    client: &reqwest::Client,
    url: &str,
    id: &str,
    (event, body): (&str, Vec<u8>),
) -> reqwest::RequestBuilder {
    let now = SystemClock.now().to_string();
    let token = SigningToken::parse(TOKEN).unwrap();
    let signature = token.sign(id.as_bytes(), now.as_bytes(), &body);
    client
        .post(url)
        .header("content-type", "application/json")
        .header("x-gitlab-event", event)
        .header("webhook-id", id)
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature)
        .body(body)
}
