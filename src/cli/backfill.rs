//! `backfill`: GitLab's API read into a stopped exporter's store.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::exit::{Exit, Failure};
use super::output;
use super::progress::Progress;
use super::settings::SettingsArgs;
use crate::app::{Backfilling, StartError};
use crate::backfill::{self, Report, Scope, Stopped, Unread};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Environment, Purpose};
use crate::store::StoreError;

/// How far back is read when neither the command nor the configuration says.
const SINCE_SECONDS: u64 = 180 * 86_400;

/// What to read.
#[derive(Debug, Args)]
pub struct BackfillArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// How far back to read, as 90d [default: its `backfill_since`, else 180d]
    #[arg(long, value_name = "DURATION", value_parser = since)]
    since: Option<Duration>,
    /// Only the projects of this group and its subgroups, by path or number
    #[arg(long, value_name = "GROUP", conflicts_with = "project")]
    group: Option<String>,
    /// Only this project, by path or number
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Only the GitLab of this name [default: every one that has a token]
    #[arg(long, value_name = "NAME")]
    gitlab: Option<String>,
    /// Read nothing, and tell what would be read
    #[arg(long)]
    dry_run: bool,
}

/// Reads deployments, merge requests with their commits and comments, commits, milestones, issues
/// with what happened to them as far as the policy wants to know it, and Releases back from GitLab's
/// API into the store, for as far back as is asked. What was read before is not asked for again, so
/// it goes on where it was stopped. `serve` does the same by itself; this does it while no exporter
/// runs.
///
/// # Errors
/// - [`Exit::Configuration`] when the settings are wrong, or no GitLab has a token.
/// - [`Exit::GitLabRefused`] when GitLab gives nothing to the token, or does not answer.
/// - [`Exit::StoreUnavailable`] when the store cannot be opened, or an exporter has it open.
pub fn run(args: &BackfillArgs, environment: Environment) -> Result<(), Failure> {
    let settings = args.settings.load(environment, Purpose::Other).settings?;
    if settings.senders.iter().all(|sender| sender.api.is_none()) {
        let failure = Failure::new(Exit::Configuration, "no GitLab has a token for its API");
        return Err(failure.suggesting("add url and token_env to a [[gitlab]] block"));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, error))?;
    runtime.block_on(read(args, &settings))
}

async fn read(args: &BackfillArgs, settings: &config::Settings) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let opened = Backfilling::open(settings, Arc::clone(&clock)).await.map_err(in_use)?;
    let all: Vec<(String, Option<u64>)> =
        opened.gitlabs().map(|(name, since)| (name.to_owned(), since)).collect();
    let wanted = |(name, _): &&(String, _)| args.gitlab.as_ref().is_none_or(|own| own == name);
    let chosen: Vec<_> = all.iter().filter(wanted).collect();
    let mut ended = Ok(());
    if chosen.is_empty() {
        let named = args.gitlab.as_deref().unwrap_or_default();
        let why = format!("no GitLab that has a token is named {named:?}");
        ended = Err(Failure::new(Exit::Usage, why));
    }
    for (name, configured) in chosen {
        let given = args.since.map(|since| since.as_secs());
        let since_seconds = given.or(*configured).unwrap_or(SINCE_SECONDS);
        let done = if args.dry_run {
            tell(&opened, args, name, since_seconds).await
        } else {
            read_one(&opened, args, (name, since_seconds), &clock).await
        };
        // The others are read all the same.
        ended = ended.and(done);
    }
    opened.close().await?;
    ended
}

async fn read_one(
    opened: &Backfilling,
    args: &BackfillArgs,
    (name, since_seconds): (&str, u64),
    clock: &Arc<dyn Clock>,
) -> Result<(), Failure> {
    let mut progress = Progress::begin("reading GitLab", 0, clock);
    let mut on = |step| match step {
        backfill::Progress::Planned(lists) => progress.more(lists),
        backfill::Progress::More => progress.more(1),
        backfill::Progress::Asked => progress.step(),
    };
    let done = opened.run(name, &scope(args), since_seconds, &mut on).await;
    progress.end();
    match done {
        Some(Ok(report)) => {
            complain(name, &report);
            output::result(summary(name, &report))
        }
        Some(Err(stopped)) => Err(stopped.into()),
        None => Ok(()),
    }
}

async fn tell(
    opened: &Backfilling,
    args: &BackfillArgs,
    name: &str,
    since_seconds: u64,
) -> Result<(), Failure> {
    let Some(planned) = opened.plan(name, &scope(args), since_seconds).await else { return Ok(()) };
    let (projects, spans) = planned?;
    let mut text = format!(
        "{name}: {} lists of {} projects are left, a request each at least\n",
        spans.len(),
        projects.len()
    );
    for span in spans {
        let path = projects.iter().find(|project| project.id == span.project);
        let path = path.map_or("", |project| project.path.as_str());
        let days = span.until.seconds_since(span.from).div_ceil(86_400);
        text.extend([path, " ", &span.list.name(), ": ", &days.to_string(), " days\n"]);
    }
    output::result(text)
}

fn scope(args: &BackfillArgs) -> Scope {
    match (&args.group, &args.project) {
        (Some(group), _) => Scope::Group(group.clone()),
        (None, Some(project)) => Scope::Project(project.clone()),
        (None, None) => Scope::All,
    }
}

fn summary(name: &str, report: &Report) -> String {
    let Report { projects, requests, rows, new, failures, .. } = report;
    format!(
        "{name}: {projects} projects, {requests} requests, {rows} rows read, {new} new, {failures} \
         lists not given\n"
    )
}

/// Says on stderr what was not read, and why.
fn complain(name: &str, report: &Report) {
    for Unread { project, list, why } in &report.unread {
        let of = project.as_ref().map_or_else(String::new, |path| format!("{path}: "));
        output::complain(&format!("warning: {name}: {of}{list} not read: {why}\n"));
        if let Some(advice) = why.advice() {
            output::complain(&format!("try: {advice}\n"));
        }
    }
    if report.outside > 0 {
        let rows = report.outside;
        let what = "rows were outside of what was asked for: this GitLab does not know a filter";
        output::complain(&format!("warning: {name}: {rows} {what}\n"));
    }
    if report.odd_rows > 0 {
        let rows = report.odd_rows;
        output::complain(&format!("warning: {name}: {rows} rows could not be read\n"));
    }
}

/// The usual reason why the store cannot be opened, in the words of this command.
fn in_use(error: StartError) -> Failure {
    match error {
        StartError::Store(error @ StoreError::Locked { .. }) => {
            Failure::new(Exit::StoreUnavailable, error).suggesting(
                "stop the exporter first, or let it read GitLab's API by itself: set \
                 backfill_since in its [[gitlab]] block",
            )
        }
        error => error.into(),
    }
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        let exit = match &stopped {
            Stopped::Refused(_) | Stopped::Unreachable(_) => Exit::GitLabRefused,
            _ => Exit::StoreUnavailable,
        };
        let advice = "run the same command again: what was read is kept, and it goes on from there";
        Self::new(exit, stopped).suggesting(advice)
    }
}

fn since(text: &str) -> Result<Duration, &'static str> {
    let days = |duration: &Duration| !duration.is_zero();
    config::duration(text).filter(days).ok_or("a duration like 90d or 72h")
}
