//! `config`: check the configuration without starting anything, or print the commented defaults.

use clap::{Args, Subcommand};

use super::exit::Failure;
use super::output;
use super::settings::SettingsArgs;
use crate::config::{DEFAULTS, Environment, Purpose};

/// What to do with the configuration.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say what is wrong, all at once; "ok" when `serve` would start with it
    Check(CheckArgs),
    /// Print every setting with its default and its meaning: a file to start from
    Default,
}

#[derive(Debug, Args)]
struct CheckArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print every value in force and where it comes from, secrets masked
    #[arg(long)]
    effective: bool,
}

/// Does it.
///
/// # Errors
/// [`Exit::Configuration`](super::Exit::Configuration) when `serve` would not start with it.
pub fn run(args: &ConfigArgs, environment: Environment) -> Result<(), Failure> {
    match &args.action {
        Action::Default => output::result(DEFAULTS),
        Action::Check(args) => check(args, environment),
    }
}

fn check(args: &CheckArgs, environment: Environment) -> Result<(), Failure> {
    let loaded = args.settings.load(environment, Purpose::Serve);
    if args.effective {
        output::result(&loaded.effective)?;
    }
    loaded.settings?;
    if args.effective { Ok(()) } else { output::result("ok\n") }
}
