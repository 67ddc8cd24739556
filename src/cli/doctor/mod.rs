//! `doctor`: looks over configuration, store, GitLab, hooks, numbers and Prometheus, and changes
//! nothing.

mod address;
mod finding;
mod gitlab;
mod hooks;
mod kept;
mod numbers;
mod probing;
mod prometheus;
mod serving;
mod store;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::Args;
use tokio::runtime::Runtime;

use self::finding::{Area, Findings, Level};
use self::serving::Serving;
use super::exit::{Exit, Failure};
use super::output;
use super::settings::SettingsArgs;
use crate::config::{self, Environment, Inputs, Loaded, Mistake, Prometheus, Purpose, Settings};
use crate::words::Language;
use crate::words::diagnoses::here::{
    CONFIGURATION_EXPOSED, CONFIGURATION_USABLE, SETTING_DOUBTFUL, SETTING_WRONG,
};
use crate::words::diagnoses::{Diagnosis, Told};

/// The permission of everybody else to read.
const OTHERS_READ: u32 = 0o004;

/// How to look.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct DoctorArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// End with a failure for warnings too
    #[arg(long)]
    strict: bool,
    /// Look at this alone; may be repeated
    #[arg(long, value_enum, value_name = "AREA")]
    only: Vec<Area>,
    /// Language of the findings, fr or en [default: that of the terminal, else the page's first]
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    language: Option<Language>,
    /// Send probes through the public address, as GitLab would send deliveries
    #[arg(long)]
    e2e: bool,
    /// Ask this Prometheus, instead of the one of the configuration
    #[arg(long, value_name = "URL", value_parser = web_address)]
    prometheus: Option<String>,
    /// Check the whole database for damage, however large it is
    #[arg(long)]
    deep: bool,
    /// Ask the running exporter whether it is ready, and nothing else: for health checks
    #[arg(long, conflicts_with_all = ["only", "e2e", "prometheus", "deep", "json", "strict"])]
    ready: bool,
}

/// Looks at everything and prints what was found, each finding with what to do about it. An
/// exporter may run meanwhile.
///
/// # Errors
/// - [`Exit::Failed`] when something does not work; with `--strict` when something may not.
/// - [`Exit::Configuration`], [`Exit::StoreUnavailable`], [`Exit::GitLabRefused`] when that is what
///   does not work, the first of them that applies.
pub fn run(args: &DoctorArgs, environment: Environment) -> Result<(), Failure> {
    let terminal = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| environment.get(name));
    let terminal = terminal.into_iter().flatten().find_map(Language::from_tag);
    let inputs = args.settings.inputs(environment);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, error))?;
    if args.ready {
        let settings = config::load(&inputs, Purpose::Other).settings?;
        return runtime.block_on(serving::ready(&settings));
    }
    let mut findings = Findings::of(args.only.clone());
    let settings = configuration(&inputs, &mut findings);
    let preferred = settings.as_ref().and_then(|own| own.page.languages.first().copied());
    let language = args.language.or(terminal).or(preferred).unwrap_or_default();
    if let Some(settings) = settings {
        examine(args, &settings, &runtime, &mut findings);
    }
    output::result(if args.json { findings.json(language) } else { findings.text(language) })?;
    findings.end(if args.strict { Level::Warning } else { Level::Failure }, language)
}

/// The settings, when they can be used.
fn configuration(inputs: &Inputs, findings: &mut Findings) -> Option<Settings> {
    let Loaded { settings, warnings, .. } = config::load(inputs, Purpose::Serve);
    for warning in &warnings {
        findings.warn(Area::Configuration, mistake(SETTING_DOUBTFUL, warning));
    }
    if let Some(file) = &inputs.file
        && holds_secrets_for_all(file)
    {
        let file = file.display().to_string();
        findings.warn(Area::Configuration, CONFIGURATION_EXPOSED.of([&file]));
    }
    match settings {
        Ok(settings) => {
            findings.ok(Area::Configuration, CONFIGURATION_USABLE.of([]));
            Some(settings)
        }
        Err(error) => {
            for wrong in &error.mistakes {
                let told = mistake(SETTING_WRONG, wrong);
                findings.fail(Exit::Configuration, Area::Configuration, told);
            }
            None
        }
    }
}

/// Whether a secret stands in a file itself that every user of this machine may read.
fn holds_secrets_for_all(file: &Path) -> bool {
    let open = file.metadata().is_ok_and(|found| found.permissions().mode() & OTHERS_READ != 0);
    open && config::holds_secrets(file)
}

fn examine(args: &DoctorArgs, settings: &Settings, runtime: &Runtime, findings: &mut Findings) {
    let serving = runtime.block_on(Serving::look(settings, findings));
    let kept = store::look(settings, &serving, args.deep, findings);
    if let Some(kept) = &kept {
        numbers::look(settings, kept, &serving, findings);
    }
    let kept = kept.unwrap_or_default();
    runtime.block_on(async {
        if findings.want(Area::Address) {
            address::look(settings, findings).await;
            if args.e2e {
                probing::look(settings, findings).await;
            }
        }
        if findings.want(Area::Gitlab) || findings.want(Area::Hooks) {
            gitlab::look(settings, &kept, findings).await;
        }
        let named = args.prometheus.clone().map(Prometheus::open);
        if let Some(prometheus) = named.or_else(|| settings.prometheus.clone())
            && findings.want(Area::Prometheus)
        {
            prometheus::look(&prometheus, &serving, findings).await;
        }
    });
}

/// What the configuration says of a setting, in its own words, and what it advises.
fn mistake(diagnosis: Diagnosis<1>, mistake: &Mistake) -> Told {
    let told = diagnosis.of([&format!("{} {}", mistake.key, mistake.what)]);
    match mistake.suggestion.as_ref().or(mistake.allowed.as_ref()) {
        Some(advice) => told.advising(|_| advice.clone()),
        None => told,
    }
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_tag(text).ok_or_else(|| "wanted fr or en".to_owned())
}

fn web_address(text: &str) -> Result<String, String> {
    config::web_address(text)
        .ok_or_else(|| "wanted an address like https://prometheus.example.com".to_owned())
}
