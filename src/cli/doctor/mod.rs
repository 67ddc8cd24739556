//! `doctor`: looks over configuration, store, GitLab, hooks and numbers, and changes nothing.

mod address;
mod finding;
mod gitlab;
mod hooks;
mod kept;
mod numbers;

use clap::Args;

use self::finding::{Findings, Level};
use super::exit::{Exit, Failure};
use super::output;
use super::settings::SettingsArgs;
use crate::config::{self, Environment, Loaded, Mistake, Purpose, Settings};

/// How to look.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// End with a failure for warnings too
    #[arg(long)]
    strict: bool,
}

/// Looks at everything and prints what was found, each finding with what to do about it. An
/// exporter may run meanwhile.
///
/// # Errors
/// - [`Exit::Failed`] when something does not work; with `--strict` when something may not.
/// - [`Exit::Configuration`], [`Exit::StoreUnavailable`], [`Exit::GitLabRefused`] when that is what
///   does not work, the first of them that applies.
pub fn run(args: &DoctorArgs, environment: Environment) -> Result<(), Failure> {
    let mut findings = Findings::default();
    let Loaded { settings, warnings, .. } =
        config::load(&args.settings.inputs(environment), Purpose::Serve);
    for warning in &warnings {
        findings.warn("configuration", said(warning), advice(warning));
    }
    match settings {
        Ok(settings) => {
            findings.ok("configuration", "every setting can be used");
            examine(&settings, &mut findings)?;
        }
        Err(error) => {
            for mistake in &error.mistakes {
                let (what, advice) = (said(mistake), advice(mistake));
                findings.fail(Exit::Configuration, "configuration", what, Some(advice));
            }
        }
    }
    output::result(if args.json { findings.json() } else { findings.text() })?;
    findings.end(if args.strict { Level::Warning } else { Level::Failure })
}

fn examine(settings: &Settings, findings: &mut Findings) -> Result<(), Failure> {
    let kept = kept::look(settings, findings);
    if let Some(kept) = &kept {
        numbers::look(settings, kept, findings);
    }
    let kept = kept.unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, error))?;
    runtime.block_on(async {
        address::look(settings, findings).await;
        gitlab::look(settings, &kept, findings).await;
    });
    Ok(())
}

fn said(mistake: &Mistake) -> String {
    format!("{} {}", mistake.key, mistake.what)
}

fn advice(mistake: &Mistake) -> &str {
    let told = mistake.suggestion.as_deref().or(mistake.allowed.as_deref());
    told.unwrap_or("`config default` prints every setting with its meaning")
}
