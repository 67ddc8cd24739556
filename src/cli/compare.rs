//! `compare`: GitLab's own DORA numbers beside ours, on stdout.

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::Args;

use super::exit::{Exit, Failure};
use super::output;
use super::settings::SettingsArgs;
use crate::app::Past;
use crate::clock::{Clock, SystemClock};
use crate::config::{Environment, Purpose, Settings};
use crate::delivery::EnvironmentTier;
use crate::dora::explain::Subject;
use crate::dora::gitlab_parity::{
    Comparison, DayRange, Days, GitlabMetric, GitlabQuery, Interval, Point, compare,
};
use crate::dora::window::utc_day;
use crate::gitlab::resource::dora_points;
use crate::instruments::Instruments;
use crate::report::{ComparisonReport, date_of, day};
use crate::rest::{Client, RestError};

/// What is compared when no first day is named: the last 30 whole days.
const DAYS: i32 = 30;

/// What to compare.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: gitlab-dora-exporter compare --project group/app --from 2026-03-01"
)]
pub struct CompareArgs {
    #[command(flatten)]
    settings: SettingsArgs,
    /// A project, by path
    #[arg(long, value_name = "PATH", required_unless_present = "group", conflicts_with = "group")]
    project: Option<String>,
    /// A group, by path
    #[arg(long, value_name = "PATH")]
    group: Option<String>,
    /// The GitLab, where several have a token
    #[arg(long, value_name = "NAME")]
    gitlab: Option<String>,
    /// First day, of UTC, as 2026-03-01 [default: 30 days ago]
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<i32>,
    /// Last day, included [default: yesterday]
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<i32>,
    /// GitLab's word for the tier
    #[arg(long, value_name = "TIER", default_value = "production", value_parser = tier)]
    tier: EnvironmentTier,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks GitLab's own DORA API, which is part of GitLab Ultimate, and lays its four numbers beside what
/// its arithmetic makes of our facts, day by day with the reason of each difference, and beside ours.
/// The store is only read, so an exporter may run meanwhile.
///
/// # Errors
/// - [`Exit::Failed`] when GitLab and its arithmetic on our facts differ on some day; the report is
///   printed all the same.
/// - [`Exit::Usage`] when the project or group is not known.
/// - [`Exit::Configuration`] when the settings are wrong, or no GitLab has a token.
/// - [`Exit::GitLabRefused`] when GitLab does not answer.
/// - [`Exit::StoreUnavailable`] when there is no store, or none that can be read.
pub fn run(args: &CompareArgs, environment: Environment) -> Result<(), Failure> {
    let settings = args.settings.load(environment, Purpose::Other).settings?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (name, client) = client(args, &settings, &clock)?;
    let past = Past::open(&settings)?;
    let today = utc_day(clock.now());
    let range = DayRange {
        from: args.from.unwrap_or_else(|| today.saturating_sub(DAYS)),
        to: args.to.unwrap_or_else(|| today.saturating_sub(1)),
    };
    if range.from >= range.to {
        return Err(Failure::new(Exit::Usage, "the first day must be before the last one"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, error))?;
    let subject = subject(args, &past, &name);
    let asking = Asking { args, client, past, subject, range };
    let report = runtime.block_on(asking.report(&*clock))?;
    if args.json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|error| Failure::new(Exit::Failed, error))?;
        output::result(text + "\n")?;
    } else {
        output::result(report.to_string())?;
    }
    if report.agrees() {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, "GitLab's numbers differ from its arithmetic on our facts")
        .suggesting("see the reason beside each day"))
}

/// What the question needs.
struct Asking<'a> {
    args: &'a CompareArgs,
    client: Client,
    past: Past,
    subject: Subject,
    range: DayRange,
}

impl Asking<'_> {
    async fn report(&self, clock: &dyn Clock) -> Result<ComparisonReport, Failure> {
        let unknown = || {
            Failure::new(Exit::Usage, format!("{} is not known here", self.path()))
                .suggesting("read it from GitLab with backfill, or wait for a delivery")
        };
        let (figures, since) = self.past.over(&self.subject, self.range).ok_or_else(unknown)?;
        let tier = figures.tiers.iter().find(|own| own.tier == self.args.tier);
        let window = tier.and_then(|own| own.windows.first());
        let mut days = Days {
            data_since: since.map(utc_day),
            today: utc_day(clock.now()),
            deployments_differ: BTreeSet::new(),
        };
        let mut report = ComparisonReport::new(self.path(), self.args.tier.as_str(), self.range);
        // Deployments come first: what is made of them may differ because they do.
        for metric in GitlabMetric::ALL {
            let (compared, whole) = self.metric(metric, &days, clock).await?;
            if metric == GitlabMetric::DeploymentFrequency {
                days.deployments_differ = compared.differences.iter().map(|own| own.day).collect();
            }
            report.add(metric, whole, &compared, (&figures, window));
        }
        Ok(report)
    }

    /// Both sides of one metric, by day and over the whole range.
    async fn metric(
        &self,
        metric: GitlabMetric,
        days: &Days,
        clock: &dyn Clock,
    ) -> Result<(Comparison, (Option<f64>, Option<f64>)), Failure> {
        let theirs = self.theirs(metric, Interval::Daily).await?;
        let ours = self.ours(metric, Interval::Daily, clock)?;
        let whole = |points: Vec<Point>| points.first().and_then(|point| point.value);
        let whole = (
            whole(self.theirs(metric, Interval::All).await?),
            whole(self.ours(metric, Interval::All, clock)?),
        );
        Ok((compare(metric, &theirs, &ours, days), whole))
    }

    /// What GitLab says.
    async fn theirs(
        &self,
        metric: GitlabMetric,
        interval: Interval,
    ) -> Result<Vec<Point>, Failure> {
        let kind = if self.args.group.is_some() { "groups" } else { "projects" };
        let [from, to] = [self.range.from, self.range.to].map(date_of);
        let query = [
            ("metric", metric.as_str()),
            ("interval", interval.as_str()),
            ("start_date", from.as_str()),
            ("end_date", to.as_str()),
            ("environment_tiers[]", self.args.tier.as_str()),
        ];
        let answer = self.client.get(&[kind, self.path(), "dora", "metrics"], &query).await;
        let answer = answer.map_err(refused)?;
        let points = dora_points(answer.body()).map_err(|error| {
            Failure::new(Exit::GitLabRefused, error)
                .suggesting("GitLab answered something else than numbers; see its version")
        })?;
        let point = |day: Option<i32>, value| Point { day, value };
        Ok(points
            .into_iter()
            .map(|own| point(own.date.as_deref().and_then(day), own.value))
            .collect())
    }

    /// What its arithmetic makes of our facts.
    fn ours(
        &self,
        metric: GitlabMetric,
        interval: Interval,
        clock: &dyn Clock,
    ) -> Result<Vec<Point>, Failure> {
        let tiers = vec![self.args.tier.clone()];
        let query = GitlabQuery { metric, tiers, range: self.range, interval };
        let points = self.past.gitlab_points(&self.subject, &query, clock.now());
        points.map_err(|error| Failure::new(Exit::Usage, error.to_string()))
    }

    fn path(&self) -> &str {
        self.args.group.as_deref().or(self.args.project.as_deref()).unwrap_or_default()
    }
}

/// Why GitLab did not answer, and what to try.
fn refused(error: RestError) -> Failure {
    let advice = match &error {
        RestError::Unauthorized | RestError::Forbidden { .. } => {
            "DORA metrics are part of GitLab Ultimate, for Reporters and above: see the token's \
             scope read_api, its user's role and the licence"
        }
        RestError::NotFound => "see whether the path is right, and the token's user a member",
        _ => "see whether GitLab can be reached from here",
    };
    Failure::new(Exit::GitLabRefused, error).suggesting(advice)
}

/// A client of the GitLab that was named, or of the only one with a token.
fn client(
    args: &CompareArgs,
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Result<(String, Client), Failure> {
    let wrong = |exit, why: &str, advice: &str| Failure::new(exit, why).suggesting(advice);
    let able = settings.senders.iter().filter_map(|own| Some((&own.name, own.api.as_ref()?)));
    let mut named =
        able.filter(|(name, _)| args.gitlab.as_ref().is_none_or(|asked| asked == *name));
    let Some((name, api)) = named.next() else {
        let why = "no GitLab of that name has a token for its API";
        let advice = "add url and token_env to a [[gitlab]] block";
        return Err(wrong(Exit::Configuration, why, advice));
    };
    if named.next().is_some() {
        let why = "several GitLabs have a token";
        return Err(wrong(Exit::Usage, why, "name one of them with --gitlab"));
    }
    let instruments = Arc::new(Instruments::new());
    let client = Client::new(api.clone(), Arc::clone(clock), instruments);
    Ok((name.clone(), client.map_err(|error| Failure::new(Exit::Failed, error))?))
}

fn subject(args: &CompareArgs, past: &Past, gitlab: &str) -> Subject {
    match (&args.project, &args.group) {
        (Some(path), _) => {
            Subject::Project { path: path.clone(), instance: past.gitlabs().named(gitlab) }
        }
        (None, group) => Subject::Group(group.clone().unwrap_or_default()),
    }
}

fn date(text: &str) -> Result<i32, &'static str> {
    day(text).ok_or("a day like 2026-03-01")
}

fn tier(text: &str) -> Result<EnvironmentTier, &'static str> {
    EnvironmentTier::from_gitlab(text)
        .ok_or("one of production, staging, testing, development, other")
}
