//! The real exporter on this machine alone, with everything it keeps in one folder: what `demo`
//! and `bench` drive.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use tokio::runtime::Runtime;

use super::exit::{Exit, Failure};
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::{self, ConfigError, Inputs, Purpose};
use crate::proof::{InvalidSigningToken, SigningToken};

/// Where hooks are delivered.
pub(super) const HOOK_PATH: &str = crate::http::WEBHOOK_PATH;
/// Where, in the folder, the store is.
pub(super) const STORE: &str = "store";
/// The name of its one GitLab.
pub(super) const GITLAB: &str = "demo";
const TOKEN_FILE: &str = "signing-token";
const CONFIG_FILE: &str = "gitlab-dora-exporter.toml";

/// Why the exporter did not start.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The folder cannot be used.
    #[error("prepare the folder {path}")]
    Folder {
        /// Which.
        path: String,
        /// What went wrong.
        #[source]
        cause: io::Error,
    },
    /// The settings made for it are refused.
    #[error("read the settings made for it")]
    Settings(#[source] ConfigError),
    /// The token made for it is refused.
    #[error("read the signing token made for it")]
    Token(#[source] InvalidSigningToken),
    /// It did not start.
    #[error("start the exporter")]
    Start(#[source] StartError),
}

/// Makes `folder` ready: a signing token that only this run knows, readable by its owner alone, and
/// a configuration that uses it and shows at most `max_series`, with `choices` of the policy besides
/// its own, TOML of whole lines.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn prepare(
    folder: &Path,
    listen: SocketAddr,
    max_series: u64,
    choices: &str,
) -> Result<SigningToken, LocalError> {
    let failed = |cause| LocalError::Folder { path: folder.display().to_string(), cause };
    let mut key = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut key))
        .map_err(failed)?;
    let token = format!("whsec_{}", STANDARD.encode(key));
    write_private(&folder.join(TOKEN_FILE), &token).map_err(failed)?;
    let inside = |name: &str| folder.join(name).display().to_string();
    let settings = format!(
        "[server]\nlisten = \"{listen}\"\ndrain_delay = \"0s\"\n\n\
         [[gitlab]]\nname = \"{GITLAB}\"\nurl = \"https://gitlab.example\"\n\
         signing_tokens_file = ['{}']\nstrict = true\n\n\
         [store]\ndirectory = '{}'\n\n\
         [policy]\nneed = {{ validated_labels = [\"validated\"] }}\n\
         feedback = {{ labels = [\"feedback\"], period = \"14d\" }}\n{choices}\n\
         [exposition]\nmax_series = {max_series}\n\n\
         [[team]]\nname = \"guichets\"\nprojects = [\"horizon/**\"]\n\n\
         [[team]]\nname = \"territoires\"\nprojects = [\"atlas/**\", \"boreal/statistiques\"]\n",
        inside(TOKEN_FILE),
        inside(STORE),
    );
    write_private(&folder.join(CONFIG_FILE), &settings).map_err(failed)?;
    SigningToken::parse(&token).map_err(LocalError::Token)
}

/// Starts the exporter on what [`prepare`] made.
///
/// # Errors
/// When its settings are refused or it cannot start.
pub(super) async fn start(folder: &Path, clock: Arc<dyn Clock>) -> Result<App, LocalError> {
    let inputs = Inputs { file: Some(folder.join(CONFIG_FILE)), ..Inputs::default() };
    let settings = config::load(&inputs, Purpose::Serve).settings.map_err(LocalError::Settings)?;
    App::start(settings, clock).await.map_err(LocalError::Start)
}

/// Threads for the program that drives; the exporter's handlers have threads of their own.
///
/// # Errors
/// When the system gives none.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(Exit::Failed, error))
}

/// The token that [`prepare`] made.
///
/// # Errors
/// When it is not there.
pub(super) fn token(folder: &Path) -> io::Result<String> {
    fs::read_to_string(folder.join(TOKEN_FILE))
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
