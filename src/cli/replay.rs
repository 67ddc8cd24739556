//! `replay`: the journal read again by the rules of this version.

use std::sync::Arc;

use clap::Args;

use super::exit::Failure;
use super::output;
use super::progress::Progress;
use super::settings::SettingsArgs;
use crate::app::kept_jobs;
use crate::clock::{Clock, SystemClock};
use crate::config::{Environment, Purpose};
use crate::ingest::{Replay, ReplayScope, ReplayStep};
use crate::store::{Store, StoreSettings};

/// What to read again.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Read all entries, not only those that an older version read
    #[arg(long)]
    all: bool,
    /// Change nothing, and tell what would change
    #[arg(long)]
    dry_run: bool,
}

/// Projects the entries of the journal again and merges what they say into the facts. `serve` does
/// so by itself after an upgrade; this does it while no exporter runs, or shows that nothing would
/// change. Stopped in the middle, it goes on where it was.
///
/// # Errors
/// - [`Configuration`](super::exit::Exit::Configuration) when the settings are wrong.
/// - [`StoreUnavailable`](super::exit::Exit::StoreUnavailable) when the store cannot be opened, or
///   an exporter has it open.
pub fn run(args: &ReplayArgs, environment: Environment) -> Result<(), Failure> {
    let settings = args.settings.load(environment, Purpose::Other).settings?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open_existing(&StoreSettings::new(&settings.storage.directory))?;
    let scope = if args.all { ReplayScope::Everything } else { ReplayScope::Behind };
    let mut replay = Replay::new(scope, args.dry_run, kept_jobs(&settings));
    let mut progress = Progress::begin("reading the journal", store.journal_length()?, &clock);
    let mut seen = 0;
    while let ReplayStep::Changed(_) = replay.step(&store)? {
        let entries = replay.done().entries;
        progress.steps(entries - seen);
        seen = entries;
    }
    progress.end();
    let done = replay.done();
    store.close()?;
    let verb = if args.dry_run { "would change" } else { "changed" };
    output::result(format!(
        "{} entries, {} read again, {} facts {verb}, {} damaged rows passed over\n",
        done.entries, done.projected, done.changed, done.damaged
    ))
}
