//! The commands, one file each.
//!
//! A new command is a file, a variant of `Command` and a line of `Command::run`.

pub mod backfill;
pub mod bench;
pub mod compare;
pub mod config;
pub mod demo;
pub mod doctor;
mod exit;
pub mod explain;
pub mod export;
mod gitlabs;
pub mod hooks;
mod local;
mod notify;
mod output;
mod progress;
pub mod replay;
pub mod serve;
mod settings;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};
pub use settings::SettingsArgs;

use crate::config::Environment;

/// What stands below every help text.
const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 GitLab refused, 5 store unavailable.";

/// GitLab hooks in, DORA's delivery metrics out.
#[derive(Debug, Parser)]
#[command(name = "gitlab-dora-exporter", version, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Receive deliveries and serve the numbers, until asked to stop
    Serve(serve::ServeArgs),
    /// Print the numbers of an instant or of a span of time, past or present
    Export(export::ExportArgs),
    /// Show what stands behind one value: what counts, what was left out and why
    Explain(explain::ExplainArgs),
    /// Look over everything, and say of each finding what to do
    Doctor(doctor::DoctorArgs),
    /// List, set up or take away the webhooks in GitLab that point to this exporter
    Hooks(hooks::HooksArgs),
    /// Lay GitLab Ultimate's own DORA numbers beside ours, with why they differ
    Compare(compare::CompareArgs),
    /// Read the past from GitLab's API into the store of a stopped exporter
    Backfill(backfill::BackfillArgs),
    /// Read the journal again by the rules of this version
    Replay(replay::ReplayArgs),
    /// Check or print the configuration.
    Config(config::ConfigArgs),
    /// Show page and metrics of an invented company, without any GitLab
    Demo(demo::DemoArgs),
    /// Measure how fast this machine takes deliveries in and gives scrapes out
    Bench(bench::BenchArgs),
    /// Serve one side of a measurement; `bench` starts it
    #[command(hide = true)]
    BenchServer(bench::ServerArgs),
}

impl Command {
    fn run(self, environment: Environment) -> Result<(), Failure> {
        match self {
            Self::Serve(args) => serve::run(&args, &environment),
            Self::Export(args) => export::run(&args, environment),
            Self::Explain(args) => explain::run(&args, environment),
            Self::Doctor(args) => doctor::run(&args, environment),
            Self::Hooks(args) => hooks::run(&args, environment),
            Self::Compare(args) => compare::run(&args, environment),
            Self::Backfill(args) => backfill::run(&args, environment),
            Self::Replay(args) => replay::run(&args, environment),
            Self::Config(args) => config::run(&args, environment),
            Self::Demo(args) => demo::run(&args),
            Self::Bench(args) => bench::run(&args),
            Self::BenchServer(args) => bench::serve(&args),
        }
    }
}

/// Does what the arguments say, the program's name first; results go to stdout, all else to stderr.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let exit = match Cli::try_parse_from(arguments) {
        Ok(cli) => match cli.command.run(Environment::capture()) {
            Ok(()) => Exit::Done,
            Err(failure) => {
                failure.report();
                failure.exit()
            }
        },
        Err(error) => {
            // Nobody is left to tell when even this cannot be written.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Done }
        }
    };
    exit.into()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn no_command_and_no_flag_contradicts_another() {
        Cli::command().debug_assert();
    }
}
